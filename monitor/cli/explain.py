"""The story of a deadline in words: what was promised, from when it counts, when alarms ring, what moved it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from monitor import sla, wording
from monitor import tickets as life
from monitor.alerts import TicketView
from monitor.cli.history import LEVELS, history_text
from monitor.clock import optional_iso, to_iso
from monitor.model import WAITING_STATES, Target, Ticket, TicketState
from monitor.promises import in_words
from monitor.store.connection import Row

TARGETS = {
    Target.UNCLASSIFIED: "ещё не разобран, поэтому срок как у негативного",
    Target.NEGATIVE: "негативный или непонятный",
    Target.OTHER: "без негатива",
}


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
        "levels": [{"level": level, "at": to_iso(at), "passed": at <= now} for level, at in _rings(ticket, policy)],
        "events": list(events),
    }


def story(
    view: TicketView, ticket: Ticket, policy: sla.Policy, terms: str, events: Sequence[Row], now: datetime
) -> Iterator[str]:
    """The same for a person."""

    def moment(at: datetime) -> str:
        return wording.moment(at, view.timezone, now)

    yield f"Отзыв № {view.ticket} ({wording.STATES[view.state]}) впервые увиден {moment(view.first_seen_at)}."
    yield from _deadline(view, ticket, policy, terms, now)
    if moments := _rings(ticket, policy):
        yield "Когда напоминаем:"
        for level, at in moments:
            yield f"  {moment(at):<24} {LEVELS[level]}" + (" — уже прошло" if at <= now else "")
        if ticket.acknowledged_by:
            who = wording.one_line(ticket.acknowledged_by, 60)
            yield f"  …но молчим: об отзыве знает {who}. Новый срок снова включит напоминания."
    yield "Что было:"
    yield from history_text(events, view.timezone, now)


def _rings(ticket: Ticket, policy: sla.Policy) -> Sequence[tuple[sla.Level, datetime]]:
    """When alarms ring; of a closed ticket none does."""
    return life.rings(ticket, policy) if ticket.state in WAITING_STATES else ()


def _deadline(view: TicketView, ticket: Ticket, policy: sla.Policy, terms: str, now: datetime) -> Iterator[str]:
    if ticket.due_at is None:
        yield _without(view)
        return

    def moment(at: datetime) -> str:
        return wording.moment(at, view.timezone, now)

    running = ticket.state in WAITING_STATES
    left = f", {wording.time_left(ticket.due_at, now)}" if running else f" — {_outcome(ticket)}"
    yield f"Срок ответа: {moment(ticket.due_at)}{left}."
    if running and ticket.policy != policy.fingerprint:
        yield "Сроки в настройках с тех пор изменились; ближайший проход пересчитает и этот."
    elif running:
        own = policy.promise(ticket.target, ticket.reopened)
        promise = policy.binding(ticket.target, ticket.started_at, ticket.reopened)
        kind = "открыт повторно" if ticket.reopened else TARGETS[ticket.target]
        yield f"Почему такой: отзыв {kind}; на ответ даётся {in_words(promise)}, отсчёт — {moment(ticket.started_at)}."
        if promise is not own:
            later = moment(own.due(ticket.started_at))
            yield f"По обещанию для таких отзывов ({in_words(own)}) срок вышел бы позже: {later}."
        promised = promise.due(ticket.started_at)
        if ticket.floor_at is not None and promised < ticket.floor_at:
            yield (
                f"По обещанию срок вышел бы {moment(promised)}; он перенесён на {moment(ticket.floor_at)}, "
                "чтобы на ответ осталось время."
            )
    if terms:
        yield f"Обещания, по которым он посчитан: {terms}."


def _without(view: TicketView) -> str:
    if view.state is TicketState.UNANSWERABLE:
        return "Срока нет: площадка не даёт компании ответить."
    return "Срока нет: отзыв накопился до подключения." if view.backlog else "Срока нет."


def _outcome(ticket: Ticket) -> str:
    if ticket.met is not None:
        return "ответили вовремя" if ticket.met else "ответили с опозданием"
    if ticket.state is TicketState.ANSWERED:
        return "ответ появился, когда отзыв был уже закрыт"
    return wording.STATES[ticket.state]
