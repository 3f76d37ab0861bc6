"""Empties the outbox: takes a row, renders it, hands it to the channel, records what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.alerts import Alert, AlertKind, Delivery, Message, Standing, TicketView
from monitor.clock import to_iso
from monitor.config_channels import channel_of
from monitor.errors import OtklikError
from monitor.jobs.digest import KINDS as DIGESTS
from monitor.jobs.digest import Digests
from monitor.jobs.letters import KINDS as LETTERS
from monitor.jobs.letters import Letters
from monitor.log import Event, Log
from monitor.model import WAITING_STATES
from monitor.reports import Reports
from monitor.seams import Channel, Clock, Renderer
from monitor.store.outbox import Pending
from monitor.store.sqlite import Store

LEASE = timedelta(minutes=5)
"""How long a row belongs to the process that took it, should that process die."""

PATIENCE = timedelta(minutes=1)
"""How long a channel that failed is left alone: a hanging mail server must not hold up every step of a pass."""

BATCH = 50


@dataclass(frozen=True, slots=True)
class Sent:
    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.sent + other.sent, self.failed + other.failed)


class Notify:
    """`renderer` and `channel` are made when there is something to send. `why` tells by which role a recipient hears
    of a ticket."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        reports: Reports,
        digests: Digests,
        letters: Letters,
        renderer: Callable[[], Renderer],
        channel: Callable[[], Channel],
        per_hour: int,
        why: Callable[[str, TicketView, datetime], str],
        log: Log,
    ) -> None:
        self._store = store
        self._clock = clock
        self._reports = reports
        self._digests = digests
        self._letters = letters
        self._renderer = renderer
        self._channel = channel
        self._log = log
        self._per_hour = per_hour
        self._why = why
        self._down_until: dict[str, datetime] = {}
        self._held_up = False

    def run(self) -> Sent | None:
        """One batch; None when the outbox had nothing to send, but for recipients who had enough for an hour and for
        channels that are down and left alone for a while."""
        now = self._clock.now()
        self._letters.run()
        self._down_until = {name: at for name, at in self._down_until.items() if now < at <= now + PATIENCE}
        due = self._store.outbox.due(now, BATCH, per_hour=self._per_hour, without=self._down_until)
        if not due:
            self._say_who_waits(now)
            return None
        total = Sent()
        ready: list[tuple[Pending, Message]] = []
        for pending in due:
            if not self._store.outbox.lease(pending, now + LEASE):
                continue
            try:
                message = self._message(pending, now)
            except Exception as error:  # noqa: BLE001 - one alert that does not render must not stop the others
                reason = str(error) if isinstance(error, OtklikError) else f"письмо не собрать: {type(error).__name__}"
                total += self._record(pending, Delivery(pending.message_id, reason), now)
                continue
            if message is None:
                self._store.outbox.cancel(pending.id)
            else:
                ready.append((pending, message))
        ready.sort(key=lambda made: channel_of(made[0].recipient))  # "" first: no channel keeps the mails waiting
        if ready:
            deliveries = self._channel().deliver([message for _, message in ready])
            for (pending, _), delivery in zip(ready, deliveries, strict=True):
                total += self._record(pending, delivery, self._clock.now())
                self._judge(channel_of(pending.recipient), delivery)
        return total

    def _judge(self, channel: str, delivery: Delivery) -> None:
        """A channel is down when the last message of a batch met nobody: one that refuses a single recipient for now,
        and takes what comes after, keeps nobody else waiting."""
        if delivery.error is not None and not delivery.permanent:
            self._down_until[channel] = self._clock.now() + PATIENCE
        else:
            self._down_until.pop(channel, None)

    def _say_who_waits(self, now: datetime) -> None:
        """Once, until nobody waits."""
        waiting = self._store.outbox.waiting(now, self._per_hour, self._down_until)
        if waiting and not self._held_up:
            self._log.say(Event.NOTIFICATIONS_WAIT, waiting=waiting, per_hour=self._per_hour)
        self._held_up = waiting > 0

    def _of_interest(self, pending: Pending, now: datetime) -> tuple[TicketView, ...]:
        """The tickets the mail still has to speak of: a deadline that has been met since needs no alarm, nor does one
        that a person loosened or knows of."""
        tickets = self._reports.tickets(pending.tickets, now)
        if pending.kind in (AlertKind.DANGER, AlertKind.UNANSWERABLE):
            return tickets
        return tuple(
            ticket
            for ticket in tickets
            if ticket.state in WAITING_STATES and ticket.acknowledged_by is None and _stands(pending, ticket)
        )

    def _message(self, pending: Pending, now: datetime) -> Message | None:
        """None when there is nothing left to tell."""
        tickets = self._of_interest(pending, now)
        alarms = self._reports.alarms(pending.alarms) if pending.alarms else ()
        account = self._letters.view(pending) if pending.kind in LETTERS else None
        timely = pending.kind in DIGESTS and self._digests.is_timely(pending.kind, pending.created_at, now)
        if not tickets and not alarms and not timely and account is None:
            return None
        if dropped := set(pending.tickets) - {ticket.ticket for ticket in tickets}:
            self._store.outbox.drop(pending.id, dropped)
        alert = Alert(
            kind=pending.kind,
            level=pending.level,
            recipient=pending.recipient,
            message_id=pending.message_id,
            tickets=tickets,
            alarms=alarms,
            created_at=pending.created_at,
            thread=pending.thread,
            references=pending.references,
            role=self._why(pending.recipient, tickets[0], now) if tickets else "",
            digest=self._digests.view(pending.kind, date.fromisoformat(pending.level), now)
            if pending.kind in DIGESTS
            else None,
            account=account,
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


def _stands(pending: Pending, ticket: TicketView) -> bool:
    """Whether the deadline that is told of is the ticket's still; a clock set back behind it does not unsay it."""
    moment = pending.moments.get(ticket.ticket, "")
    if not moment:  # queued by an earlier version
        return ticket.standing is not Standing.OK
    return ticket.due_at is not None and moment.startswith(to_iso(ticket.due_at))
