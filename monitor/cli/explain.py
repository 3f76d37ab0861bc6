"""The story of a deadline for the terminal: what was promised, when alarms ring, what moved it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from monitor import sla, wording
from monitor.alerts import TicketView
from monitor.cli.history import history_text
from monitor.clock import optional_iso, to_iso
from monitor.history import LEVELS
from monitor.model import Ticket
from monitor.store.connection import Row
from monitor.story import deadline, rings


def story_json(ticket: Ticket, policy: sla.Policy, terms: str, events: Sequence[Row], now: datetime) -> Row:
    """Everything a program needs to count the deadline again."""
    return {
        "ticket": ticket.id,
        "state": ticket.state,
        "due_at": optional_iso(ticket.due_at),
        "started_at": to_iso(ticket.started_at),
        "target": ticket.target,
        "reopened": ticket.reopened,
        "not_before": optional_iso(ticket.floor_at),
        "promise": terms,
        "met": ticket.met,
        "acknowledged_by": ticket.acknowledged_by,
        "levels": [{"level": level, "at": to_iso(at), "passed": at <= now} for level, at in rings(ticket, policy)],
        "events": list(events),
    }


def story(
    view: TicketView, ticket: Ticket, policy: sla.Policy, terms: str, events: Sequence[Row], now: datetime
) -> Iterator[str]:
    """The same for a person."""

    def moment(at: datetime) -> str:
        return wording.moment(at, view.timezone, now)

    yield f"Отзыв № {view.ticket} ({view.told}) впервые увиден {moment(view.first_seen_at)}."
    yield from deadline(view, ticket, policy, terms, now)
    if moments := rings(ticket, policy):
        yield "Когда напоминаем:"
        for level, at in moments:
            yield f"  {moment(at):<24} {LEVELS[level]}" + (" — уже прошло" if at <= now else "")
        if ticket.acknowledged_by:
            who = wording.one_line(ticket.acknowledged_by, 60)
            yield f"  …но молчим: об отзыве знает {who}. Новый срок снова включит напоминания."
    yield "Что было:"
    yield from history_text(events, view.timezone, now)
