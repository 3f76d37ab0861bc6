"""`otklik queue post/retract/copy`: the reply goes to the site, by its API or by hand; `queue.py` takes them in."""

import sys
from pathlib import Path

import click

from monitor import wording
from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.cli.common import NUMBER, acting, application, config_option, note, say, ticket_options
from monitor.cli.ticket import print_ticket
from monitor.config_values import is_web_address
from monitor.errors import Conflict, UsageError
from monitor.model import WAITING_STATES, ReplyState, TicketState

YES = click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal to ask at.")


@click.command()
@YES
@click.option("--force", is_flag=True, help="Also when the review changed meanwhile, or the linter finds an error.")
@ticket_options
def post(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, yes: bool, force: bool) -> None:
    """Post the draft through the site's API (Google): the clock stops when it is accepted.

    Again after `queue edit`, it replaces the reply. Where a site takes no replies from programs: `queue copy`.

    Example:  otklik queue post 12
    """
    with application(config_path) as app:
        publisher = app.publisher(acting(actor))
        text = publisher.offer(ticket, force=force)
        view = _view(app, ticket)
        if not yes:
            _ask(f"{_head(view)}\n\n{wording.visible(text)}\n", "Отправить этот ответ?")
        reply = publisher.post(ticket, text, force=force)
        told = "ответ принят"
        if reply.state is ReplyState.PENDING:
            told += " и ждёт проверки; чем она кончится, покажет следующее чтение"
        _tell(app, ticket, as_json, told)


@click.command()
@YES
@ticket_options
def retract(ticket: int, config_path: Path | None, actor: str | None, as_json: bool, yes: bool) -> None:
    """Delete the reply on the site (Google); the ticket waits again, with an hour from now.

    Example:  otklik queue retract 12
    """
    with application(config_path) as app:
        publisher = app.publisher(acting(actor))
        if not yes:
            _ask(_head(_view(app, ticket)), "Снять ответ с площадки?")
        publisher.retract(ticket)
        _tell(app, ticket, as_json, "ответ снят")


@click.command()
@click.argument("ticket", type=NUMBER)
@click.option("--open", "open_", is_flag=True, help="Open the page to paste it into.")
@config_option
def copy(ticket: int, config_path: Path | None, open_: bool) -> None:
    """Print the draft alone, for the clipboard; where to paste it and what comes next go to stderr.

    Example:  otklik queue copy 12 --open | xclip -selection clipboard
    """
    with application(config_path) as app:
        view = _view(app, ticket)
        if view.draft is None:
            raise Conflict(f"у отзыва № {ticket} ещё нет черновика; напишите ответ", hint=f": `queue edit {ticket}`")
        click.echo(wording.visible(view.draft.text))
        for line in _steps(app, view):
            note(line)
        if open_ and not (is_web_address(view.reply_url) and click.launch(view.reply_url) == 0):
            note("Открыть страницу в браузере не вышло: откройте её сами.")


def _view(app: Application, ticket: int) -> TicketView:
    return app.reports.ticket(ticket, app.clock.now())


def _head(view: TicketView) -> str:
    author = wording.one_line(view.author, 40) or "автор не назвался"
    return f"Отзыв № {view.ticket}, {view.source_title}, {author}, {wording.stars(view.stars)}"


def _ask(about: str, question: str) -> None:
    """Goes on only when a person at a terminal agrees. All of it on stderr: stdout is for what was done."""
    note(about)
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nothing was sent: there is no terminal to ask at; add --yes")
    if not click.confirm(question, err=True):
        note("Ничего не отправлено.")
        raise click.exceptions.Exit(1)


def _tell(app: Application, ticket: int, as_json: bool, told: str) -> None:
    if as_json:
        print_ticket(app, ticket, as_json)
        return
    view = _view(app, ticket)
    say(f"Отзыв № {view.ticket}: {wording.STATES[view.state]}")
    say(f"{view.source_title}: {told}")


def _steps(app: Application, view: TicketView) -> list[str]:
    """What a person does with the words now, and what speaks against it."""
    lines = []
    if view.draft_stale:
        lines.append("Осторожно: отзыв изменился после того, как написан этот ответ.")
    if view.assignee:
        lines.append(f"Отзывом занимается {wording.one_line(view.assignee, 40)}.")
    if view.state is TicketState.UNANSWERABLE:
        return [*lines, f"Площадка не даёт ответить на этот отзыв: {view.url or '—'}"]
    lines.append(f"Вставьте ответ здесь: {view.reply_url or '—'}")
    if view.state in WAITING_STATES:
        lines.append(f"Потом отметьте: otklik queue submitted {view.ticket}")
    source = app.sources.get(view.source)
    if source is not None and source.publishes:
        lines.append(f"Или отправьте без кабинета: otklik queue post {view.ticket}")
    return lines
