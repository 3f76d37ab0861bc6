"""Why a deadline is what it is, in words: what was promised, from when it counts. For the terminal and the desk."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from monitor import sla, wording
from monitor import tickets as life
from monitor.alerts import TicketView
from monitor.model import WAITING_STATES, Target, Ticket, TicketState
from monitor.promises import in_words

TARGETS = {
    Target.UNCLASSIFIED: "ещё не разобран, поэтому срок как у негативного",
    Target.NEGATIVE: "негативный или непонятный",
    Target.OTHER: "без негатива",
}


def rings(ticket: Ticket, policy: sla.Policy) -> Sequence[tuple[sla.Level, datetime]]:
    """When alarms ring; of a closed ticket none does."""
    return life.rings(ticket, policy) if ticket.state in WAITING_STATES else ()


def deadline(view: TicketView, ticket: Ticket, policy: sla.Policy, terms: str, now: datetime) -> Iterator[str]:
    """The deadline in sentences; `terms`: what was promised when it was counted."""
    if ticket.due_at is None:
        yield _without(view)
        return

    def moment(at: datetime) -> str:
        return wording.moment(at, view.timezone, now)

    running = ticket.state in WAITING_STATES
    left = f", {wording.time_left(ticket.due_at, now)}" if running else f" — {_outcome(view, ticket)}"
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


def _outcome(view: TicketView, ticket: Ticket) -> str:
    if ticket.met is not None:
        return "ответили вовремя" if ticket.met else "ответили с опозданием"
    if ticket.state is TicketState.ANSWERED:
        return "ответ появился, когда отзыв был уже закрыт"
    return view.told
