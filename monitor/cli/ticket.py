"""One ticket at a terminal: how it stands with all that was said of it, and doing something to it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import click

from monitor import wording
from monitor.actions import Actions
from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.cli import gesture_views, history, talk_views, views
from monitor.cli.common import acting, application, print_json, say
from monitor.contract.tickets import whole_ticket_json
from monitor.model import TicketState


def print_ticket(app: Application, ticket: int, as_json: bool) -> None:
    """A ticket with its history."""
    now = app.clock.now()
    view = app.reports.ticket(ticket, now)
    if as_json:
        print_json(whole_ticket_json(app.store, view))
        return
    events = app.store.tickets.events(ticket)
    wordings = app.store.tickets.wordings(view.review)
    notes, disputes = app.store.talk.notes(ticket), app.store.talk.disputes(ticket)
    about = [] if view.verdict is None else views.people_text(view.verdict)
    about += [*views.intents_text(view), *views.fault_text(view), *talk_views.by_hand_text(view)]
    for line in (*views.ticket_head(view, now), *about):
        say(line)
    nothing = "(данные стёрты)" if view.erased else "(оценка без текста)"
    say(f"\n{views.wrapped(view.text) or nothing}\n")
    if view.draft is not None:
        say(click.style("Черновик ответа", bold=True) + (" (отзыв с тех пор изменён)" if view.draft_stale else ""))
        say(views.wrapped(view.draft.text))
        for line in views.origin_text(view.draft):
            say(line)
        for finding in view.draft.warnings:
            say(f"  ! {finding.rule}: {finding.message}")
        say()
    if view.gestures:
        for line in gesture_views.of_ticket(view):
            say(line)
        say()
    for line in talk_views.talk_text(notes, disputes, view.timezone, now):
        say(line)
    say(f"Отзыв: {view.url or '—'}")
    if view.state is not TicketState.UNANSWERABLE:
        say(f"Ответить: {view.reply_url or '—'}")
    say()
    for line in views.wordings_text(wordings, view.timezone, now):
        say(line)
    for line in history.history_text(events, view.timezone, now):
        say(line)


def perform(
    config_path: Path | None,
    actor: str | None,
    ticket: int,
    as_json: bool,
    act: Callable[[Actions], object],
    *,
    told: Callable[[TicketView, datetime], Iterable[str]] = lambda _view, _now: (),
) -> None:
    """Does something to a ticket and says how it stands, and what else is `told`."""
    with application(config_path) as app:
        act(app.actions(acting(actor)))
        if as_json:
            print_ticket(app, ticket, as_json)
            return
        now = app.clock.now()
        view = app.reports.ticket(ticket, now)
        who = f", занимается {wording.one_line(view.assignee, 40)}" if view.assignee else ""
        say(f"Отзыв № {view.ticket}: {wording.STATES[view.state]}{who}")
        for line in told(view, now):
            say(line)
