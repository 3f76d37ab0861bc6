"""`otklik queue …`: the queue and what a person does to a ticket."""

from datetime import datetime
from pathlib import Path

import click

from monitor import wording
from monitor.actions import DISMISS_REASONS, LONGEST_MEASURE, Actions, DraftFate
from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.cli import gesture_views, publish, queue_talk, views
from monitor.cli.common import (
    NUMBER,
    actor_option,
    application,
    config_option,
    input_lines,
    json_option,
    note,
    print_json,
    say,
    ticket_options,
    utf8,
)
from monitor.cli.ticket import perform, print_ticket
from monitor.config_values import shown
from monitor.contract.tickets import ticket_json
from monitor.errors import UsageError
from monitor.model import WAITING_STATES, TicketState
from monitor.search import NOT_SOUGHT, NOTHING_ASKED
from monitor.sources import REGISTRY
from monitor.store.tickets import Filters
from responders.types import Fault
from sentiment.types import Theme

STATES = ("all", *(state.value for state in TicketState))


@click.group()
def queue() -> None:
    """What waits for an answer, and what you do to it.

    Example:  otklik queue list
    """


@queue.command("list")
@click.option("--state", type=click.Choice(STATES), help="Default: open and approved.")
@click.option("--place", callback=utf8, help="Only this place (id from the config).")
@click.option("--source", type=click.Choice(list(REGISTRY)), help="Only this site.")
@click.option("--tone", type=click.Choice(["negative", "neutral", "positive"]))
@click.option("--theme", type=click.Choice([theme.value for theme in Theme]), help="Only what speaks of it.")
@click.option("--search", callback=utf8, help="Only where all these words occur, in any form; names of authors, too.")
@click.option("--overdue", is_flag=True, help="Only what is late.")
@click.option("--dangerous", is_flag=True, help="Only what holds a danger.")
@click.option("--assignee", callback=utf8, help="Only what this person has taken.")
@click.option("--unassigned", is_flag=True, help="Only what nobody has taken.")
@click.option("--limit", type=NUMBER, help="At most so many; the same review on several sites stays together.")
@json_option
@config_option
def list_(
    state: str | None,
    place: str | None,
    source: str | None,
    tone: str | None,
    theme: str | None,
    search: str | None,
    overdue: bool,
    dangerous: bool,
    assignee: str | None,
    unassigned: bool,
    limit: int | None,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Open tickets, earliest deadline first, the backlog after them.

    Example:  otklik queue list --source yandex_maps --tone negative --search "ждали час"
    """
    filters = Filters(
        _states(state),
        place,
        source,
        tone,
        assignee,
        limit,
        theme=theme,
        overdue=overdue,
        dangerous=dangerous or None,
        unassigned=unassigned,
    )
    with application(config_path) as app:
        if place is not None and place not in app.titles:
            raise UsageError(f"--place: there is no place {shown(place)}; known: {', '.join(app.titles)}")
        if search is not None:
            filters = filters._replace(lemmas=app.searching.lemmas(search))
            if not filters.lemmas:
                note(f"--search: {NOTHING_ASKED[0].lower()}{NOTHING_ASKED[1:]} {NOT_SOUGHT}")
                return
        now = app.clock.now()
        tickets = app.reports.queue(filters, now)
        if as_json:
            for view in tickets:
                print_json(ticket_json(view))
            return
        for line in views.queue_text(tickets, now, narrowed=filters != Filters()):
            say(line)
        if state is None and (hidden := _unanswerable(app, filters, now)):
            say(
                f"\nЕщё {wording.counted(hidden, 'отзыв', 'отзыва', 'отзывов')}: площадка не даёт на них ответить "
                "(otklik queue list --state unanswerable)"
            )


def _unanswerable(app: Application, filters: Filters, now: datetime) -> int:
    """How many would be listed if the site let anybody answer them."""
    those = filters._replace(states=(TicketState.UNANSWERABLE,), limit=None, now=now)
    return len(app.store.tickets.page(those).tickets)


def _states(name: str | None) -> tuple[TicketState, ...]:
    if name is None:
        return WAITING_STATES
    return tuple(TicketState) if name == "all" else (TicketState(name),)


@queue.command()
@click.argument("ticket", type=NUMBER)
@json_option
@config_option
def show(ticket: int, as_json: bool, config_path: Path | None) -> None:
    """One ticket with its history.

    Example:  otklik queue show 12
    """
    with application(config_path) as app:
        print_ticket(app, ticket, as_json)


@queue.command()
@click.option("--over", callback=utf8, metavar="NAME", help="Out of the hands of this colleague, who has it now.")
@ticket_options
def take(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, over: str | None) -> None:
    """Put your name on a ticket.

    Example:  otklik queue take 12 --as anna
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.take(ticket, over))


@queue.command()
@ticket_options
def ack(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Say that you know: no more alarms about a ticket until its deadline moves.

    The clock runs on, and the ticket stays where it is. Anybody may say it, also of what another person has.

    Example:  otklik queue ack 12
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.acknowledge(ticket), told=views.known_text)


@queue.command()
@click.option("--force", is_flag=True, help="Also when another person has it.")
@ticket_options
def release(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, force: bool) -> None:
    """Take the name off a ticket again.

    Example:  otklik queue release 12
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.release(ticket, force=force))


@queue.command()
@click.option("--text", callback=utf8, help="The reply. Default: standard input.")
@click.option("--file", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file with the reply, UTF-8.")
@ticket_options
def edit(
    ticket: int, config_path: Path | None, actor: str | None, as_json: bool, text: str | None, file: Path | None
) -> None:
    """Replace the draft by your words; what the linter says of them goes to stderr.

    Example:  echo "Анна, спасибо, что рассказали." | otklik queue edit 12
    """
    words = text if text is not None else "\n".join(line for _, line in input_lines(file))

    def act(actions: Actions) -> None:
        for finding in actions.edit(ticket, words):
            note(f"{wording.SEVERITIES[finding.severity]}: {finding.rule}: {finding.message}")

    perform(config_path, actor, ticket, as_json, act)


@queue.command()
@ticket_options
def draft(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Have the draft written anew; it is yours from then on, and edits of the review mark it stale.

    Example:  otklik queue draft 12
    """
    perform(
        config_path,
        actor,
        ticket,
        as_json,
        lambda actions: actions.draft(ticket),
        told=lambda view, _now: views.new_draft_text(view),
    )


@queue.command()
@click.argument("ticket", type=NUMBER)
@click.argument("fault", type=click.Choice([fault.value for fault in Fault]))
@click.option(
    "--measure",
    callback=utf8,
    default="",
    help=f"What was done about a confirmed fault, for the reply: a sentence of at most {LONGEST_MEASURE} characters. "
    "Default: nothing that could be told.",
)
@json_option
@actor_option
@config_option
def fault(ticket: int, fault: str, config_path: Path | None, actor: str | None, as_json: bool, measure: str) -> None:
    """Say whether you are to blame: an apology, a regret, or a calm correction.

    The draft is written anew at once and stays ours; an approval of it is void. Words that a person wrote are left
    alone. What you say replaces what was said before, and its measure, which stays in the history until the review is
    erased.

    Example:  otklik queue fault 12 confirmed --measure "Заменили поставщика рыбы."
    """
    fates: list[DraftFate] = []
    perform(
        config_path,
        actor,
        ticket,
        as_json,
        lambda actions: fates.append(actions.fault(ticket, Fault(fault), measure)),
        told=lambda view, _now: views.fate_text(fates[0], view),
    )
    if as_json and fates[0] is DraftFate.KEPT:
        note("otklik: a person wrote the reply; it was left as it is")


@queue.command()
@click.option("--what", callback=utf8, help="What the author is offered, without any mention of the review.")
@click.option("--amount", type=click.IntRange(1, 10**9), help="What it costs you, whole roubles.")
@click.option("--agree", "step", flag_value="agree", help="An owner agrees to what waits.")
@click.option("--decline", "step", flag_value="decline", help="An owner declines what waits.")
@click.option("--withdraw", "step", flag_value="withdraw", help="Take the latest gesture back; it stays in the ledger.")
@ticket_options
def gesture(
    ticket: int,
    config_path: Path | None,
    actor: str | None,
    as_json: bool,
    what: str | None,
    amount: int | None,
    step: str | None,
) -> None:
    """Offer something in private: a discount, a gift; never in the reply, never for an edit.

    Up to `gestures.operator_limit` it is agreed at once, above it waits for one of `gestures.owners`, and more than the
    share of the margin that the config names is refused; all gestures for a review count together.

    Example:  otklik queue gesture 12 --what "десерт за счёт кафе" --amount 300
    """
    reasons: list[str] = []

    def act(actions: Actions) -> None:
        match step, what, amount:
            case "agree" | "decline", None, None:
                actions.gesture_decide(ticket, step == "agree")
            case "withdraw", None, None:
                actions.gesture_withdraw(ticket)
            case None, str(), int():
                reasons.append(actions.gesture(ticket, what, amount).reason)
            case _:
                raise UsageError("say --what and --amount, or one of --agree, --decline, --withdraw")

    def told(view: TicketView, _now: datetime) -> list[str]:
        return [*gesture_views.of_ticket(view), *(f"Почему так: {reason}" for reason in reasons)]

    perform(config_path, actor, ticket, as_json, act, told=told)


@queue.command()
@click.option("--force", is_flag=True, help="Also when the linter finds an error.")
@ticket_options
def approve(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, force: bool) -> None:
    """The draft may be posted as it stands.

    Example:  otklik queue approve 12
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.approve(ticket, force=force))


@queue.command()
@ticket_options
def submitted(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """You have posted the reply: the clock stops.

    Example:  otklik queue submitted 12
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.submitted(ticket))


@queue.command()
@click.option("--reason", type=click.Choice(DISMISS_REASONS), required=True, help="Why no answer is needed.")
@ticket_options
def dismiss(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, reason: str) -> None:
    """Close a ticket without an answer.

    Example:  otklik queue dismiss 12 --reason spam
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.dismiss(ticket, reason))


@queue.command()
@ticket_options
def reopen(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Back into the queue: with an hour from now, or by its old deadline where it was dismissed.

    Example:  otklik queue reopen 12
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.reopen(ticket))


for command in (publish.post, publish.retract, publish.copy):
    queue.add_command(command)
for command in (queue_talk.assign, queue_talk.note, queue_talk.dispute, queue_talk.retag):
    queue.add_command(command)
