"""Empties the outbox: takes a row, renders it, hands it to the channel, records what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.errors import OtklikError
from monitor.log import Event, Log
from monitor.model import Alert, Delivery, Message
from monitor.reports import Reports
from monitor.seams import Channel, Clock
from monitor.store.outbox import Pending
from monitor.store.sqlite import Store

LEASE = timedelta(minutes=5)
"""How long a row belongs to the process that took it, should that process die."""

BATCH = 50


class Renderer(Protocol):
    def render(self, alert: Alert, *, now: datetime) -> Message: ...


@dataclass(frozen=True, slots=True)
class Sent:
    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.sent + other.sent, self.failed + other.failed)


class Notify:
    """`renderer` and `channel` are made when there is something to send."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        reports: Reports,
        renderer: Callable[[], Renderer],
        channel: Callable[[], Channel],
        log: Log,
    ) -> None:
        self._store = store
        self._clock = clock
        self._reports = reports
        self._renderer = renderer
        self._channel = channel
        self._log = log

    def run(self) -> Sent | None:
        """One batch; None when the outbox had nothing to send."""
        now = self._clock.now()
        due = self._store.outbox.due(now, BATCH)
        if not due:
            return None
        leased = [pending for pending in due if self._store.outbox.lease(pending, now + LEASE)]
        ready: list[tuple[Pending, Message]] = []
        total = Sent()
        for pending in leased:
            try:
                ready.append((pending, self._render(pending, now)))
            except OtklikError as error:
                total += self._record(pending, Delivery(pending.message_id, str(error)), now)
        if ready:
            deliveries = self._channel().deliver([message for _, message in ready])
            for (pending, _), delivery in zip(ready, deliveries, strict=True):
                total += self._record(pending, delivery, self._clock.now())
        return total

    def _render(self, pending: Pending, now: datetime) -> Message:
        alert = Alert(
            kind=pending.kind,
            level=pending.level,
            recipient=pending.recipient,
            message_id=pending.message_id,
            tickets=self._reports.tickets(pending.tickets, now),
            created_at=pending.created_at,
        )
        return self._renderer().render(alert, now=now)

    def _record(self, pending: Pending, delivery: Delivery, now: datetime) -> Sent:
        if delivery.error is None:
            self._store.outbox.sent(pending.id, now)
            self._log.say(Event.NOTIFICATION_SENT, kind=pending.kind, level=pending.level, id=pending.id)
            return Sent(sent=1)
        self._store.outbox.failed(pending, delivery.error, permanent=delivery.permanent, now=now)
        self._log.say(Event.NOTIFICATION_FAILED, kind=pending.kind, id=pending.id, error=delivery.error)
        return Sent(failed=1)
