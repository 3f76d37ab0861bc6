"""`otklik queue …`: the queue and what a person does to a ticket."""

from collections.abc import Callable
from pathlib import Path

import click

from monitor import wording
from monitor.actions import DISMISS_REASONS, Actions
from monitor.assemble import Application
from monitor.cli import views
from monitor.cli.common import (
    NUMBER,
    F,
    acting,
    actor_option,
    application,
    config_option,
    input_lines,
    json_option,
    note,
    print_json,
    say,
    utf8,
)
from monitor.config_values import shown
from monitor.errors import UsageError
from monitor.model import WAITING_STATES, TicketState
from monitor.sources import REGISTRY
from monitor.store.tickets import Filters
from sentiment.types import Tone

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
@click.option("--assignee", callback=utf8, help="Only what this person has taken.")
@click.option("--limit", type=NUMBER, help="At most so many; the same review on several sites stays together.")
@json_option
@config_option
def list_(
    state: str | None,
    place: str | None,
    source: str | None,
    tone: str | None,
    assignee: str | None,
    limit: int | None,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Open tickets, earliest deadline first, the backlog after them.

    Example:  otklik queue list --source yandex_maps --tone negative
    """
    filters = Filters(_states(state), place, source, tone, assignee, limit)
    with application(config_path) as app:
        if place is not None and place not in app.titles:
            raise UsageError(f"--place: there is no place {shown(place)}; known: {', '.join(app.titles)}")
        now = app.clock.now()
        tickets = app.reports.queue(filters, now)
        if as_json:
            for view in tickets:
                print_json(views.ticket_json(view))
            return
        for line in views.queue_text(tickets, now):
            say(line)
        hidden = app.store.tickets.count(TicketState.UNANSWERABLE) if state is None else 0
        if hidden:
            say(
                f"\nЕщё {wording.counted(hidden, 'отзыв', 'отзыва', 'отзывов')}: площадка не даёт на них ответить "
                "(otklik queue list --state unanswerable)"
            )


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
        _print(app, ticket, as_json)


def _print(app: Application, ticket: int, as_json: bool) -> None:
    """A ticket with its history."""
    now = app.clock.now()
    view = app.reports.ticket(ticket, now)
    events = app.store.tickets.events(ticket)
    wordings = app.store.tickets.wordings(view.review)
    if as_json:
        print_json(views.ticket_json(view) | wordings | {"events": events})
        return
    about = [] if view.verdict is None else views.people_text(view.verdict)
    for line in (*views.ticket_head(view, now), *about, *views.intents_text(view)):
        say(line)
    say(f"\n{views.wrapped(view.text) or '(оценка без текста)'}\n")
    if view.draft is not None:
        say(click.style("Черновик ответа", bold=True) + (" (отзыв с тех пор изменён)" if view.draft_stale else ""))
        say(views.wrapped(view.draft.text))
        for finding in view.draft.warnings:
            say(f"  ! {finding.rule}: {finding.message}")
        say()
    say(f"Отзыв: {view.url or '—'}")
    if view.state is not TicketState.UNANSWERABLE:
        say(f"Ответить: {view.reply_url or '—'}")
    say()
    for line in views.wordings_text(wordings, view.timezone, now):
        say(line)
    for line in views.history_text(events, view.timezone, now):
        say(line)


def ticket_options(command: F) -> F:
    """What every action on a ticket takes."""
    return click.argument("ticket", type=NUMBER)(json_option(actor_option(config_option(command))))


def _act(
    config_path: Path | None,
    actor: str | None,
    ticket: int,
    as_json: bool,
    act: Callable[[Actions], object],
    *,
    show_draft: bool = False,
    show_tone: bool = False,
) -> None:
    """Does something to a ticket and says how it stands; with `show_draft` also the wording it has now, with
    `show_tone` what a person says of it and until when it must be answered."""
    with application(config_path) as app:
        act(app.actions(acting(actor)))
        if as_json:
            _print(app, ticket, as_json)
            return
        now = app.clock.now()
        view = app.reports.ticket(ticket, now)
        who = f", взял(а) {wording.one_line(view.assignee, 40)}" if view.assignee else ""
        say(f"Отзыв № {view.ticket}: {wording.STATES[view.state]}{who}")
        for line in views.tone_text(view, now) if show_tone else ():
            say(line)
        if show_draft and view.draft is not None:
            say(f"\n{views.wrapped(view.draft.text)}")


@queue.command()
@ticket_options
def take(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Put your name on a ticket.

    Example:  otklik queue take 12 --as anna
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.take(ticket))


@queue.command()
@click.option("--force", is_flag=True, help="Also when another person has it.")
@ticket_options
def release(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, force: bool) -> None:
    """Take the name off a ticket again.

    Example:  otklik queue release 12
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.release(ticket, force=force))


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
            note(f"{finding.severity}: {finding.rule}: {finding.message}")

    _act(config_path, actor, ticket, as_json, act)


@queue.command()
@click.option("--fault", is_flag=True, help="You know that the company is to blame: an apology. Default: a regret.")
@ticket_options
def draft(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, fault: bool) -> None:
    """Have the draft written anew; it is yours from then on, and edits of the review mark it stale.

    Example:  otklik queue draft 12 --fault
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.draft(ticket, fault=fault), show_draft=True)


@queue.command()
@click.option("--force", is_flag=True, help="Also when the linter finds an error.")
@ticket_options
def approve(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, force: bool) -> None:
    """The draft may be posted as it stands.

    Example:  otklik queue approve 12
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.approve(ticket, force=force))


@queue.command()
@ticket_options
def submitted(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """You have posted the reply: the clock stops.

    Example:  otklik queue submitted 12
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.submitted(ticket))


@queue.command()
@click.option("--reason", type=click.Choice(DISMISS_REASONS), required=True, help="Why no answer is needed.")
@ticket_options
def dismiss(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, reason: str) -> None:
    """Close a ticket without an answer.

    Example:  otklik queue dismiss 12 --reason spam
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.dismiss(ticket, reason))


@queue.command()
@click.option("--tone", type=click.Choice([tone.value for tone in Tone]), help="What the words are, on the whole.")
@click.option("--complaint/--no-complaint", default=None, help="Whether they find fault with anything of yours.")
@click.option("--note", callback=utf8, default="", help="Why, for the history; erased with the review.")
@ticket_options
def retag(
    ticket: int,
    config_path: Path | None,
    actor: str | None,
    as_json: bool,
    tone: str | None,
    complaint: bool | None,
    note: str,
) -> None:
    """Correct what the analysis said of a review; draft and deadline follow.

    You are believed against model and stars, until the author edits the text. Negative or with a complaint: due an hour
    after it was first seen, or in 15 minutes if that is later. Neither: due 24 hours after it was first seen. An option
    left out stays as it was. The deadline of a closed ticket stays, too.

    Example:  otklik queue retag 12 --tone positive --note "шутка постоянного гостя"
    """
    said = None if tone is None else Tone(tone)

    def act(actions: Actions) -> None:
        actions.retag(ticket, tone=said, complaint=complaint, note=note)

    _act(config_path, actor, ticket, as_json, act, show_tone=True)


@queue.command()
@ticket_options
def reopen(ticket: int, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Back into the queue, with an hour from now.

    Example:  otklik queue reopen 12
    """
    _act(config_path, actor, ticket, as_json, lambda actions: actions.reopen(ticket))
