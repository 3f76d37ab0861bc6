"""Finds the tickets whose next level is reached and puts what must be told into the outbox: one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor import sla
from monitor import tickets as life
from monitor.alerts import AlertKind
from monitor.clock import to_iso
from monitor.ladder import Ladder
from monitor.log import Event, Log
from monitor.model import Target, Ticket
from monitor.seams import Clock
from monitor.store.sqlite import Store
from monitor.store.tickets import Placed


@dataclass(frozen=True, slots=True)
class _Ring:
    """A ticket whose level has just been told by the clock; `before`: the level told last. `held`: it waited for the
    end of the quiet hours."""

    ticket: Ticket
    place: str
    before: str
    held: bool


@dataclass(slots=True)
class _Mails:
    """Rings by recipient, before they become mails: what is told alone, and what may share one."""

    late: dict[str, list[Ticket]] = field(default_factory=dict)
    alone: dict[str, list[Ticket]] = field(default_factory=dict)
    together: dict[str, list[Ticket]] = field(default_factory=dict)
    notices: dict[str, list[Ticket]] = field(default_factory=dict)

    def add(self, ring: _Ring, recipients: list[str]) -> None:
        for recipient in recipients:
            self._pile(ring).setdefault(recipient, []).append(ring.ticket)

    def _pile(self, ring: _Ring) -> dict[str, list[Ticket]]:
        if ring.ticket.level == sla.NOTICE:
            return self.notices
        if ring.ticket.level not in sla.WARNINGS:
            return self.late
        return self.together if ring.held or ring.ticket.target is Target.OTHER else self.alone


class Watch:
    """`zones`: a place's id → its time zone, for whose day it is."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        policies: sla.Policies,
        ladder: Ladder,
        zones: Callable[[str], ZoneInfo],
        log: Log,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._ladder = ladder
        self._zones = zones
        self._log = log

    def run(self) -> bool:
        """One look at the clock; whether a ticket moved."""
        now = self._clock.now()
        if not self._store.tickets.changing(now):
            return False
        rings: list[_Ring] = []
        with self._store.write():
            for placed in self._store.tickets.changing(now):
                rings += self._look(placed, now)
            mails = _Mails()
            for ring in rings:
                if ring.ticket.acknowledged_by is None:
                    mails.add(ring, self._recipients(ring, now))
            self._tell(mails, now)
        for ring in rings:
            if ring.ticket.level not in (*sla.WARNINGS, sla.NOTICE):
                self._log.say(Event.TICKET_BREACHED, ticket=ring.ticket.id, level=ring.ticket.level)
        return True

    def _look(self, placed: Placed, now: datetime) -> list[_Ring]:
        """Moves the ticket on; its ring where there is something to tell."""
        before, policy = placed.ticket, self._policies.of(placed.place)
        step = life.level_reached(before, policy, now)
        after = self._store.tickets.save(before, step)
        if not step.events:
            return []
        reached = dict(life.levels(after, policy))
        held = any(reached[level] != at for level, at in life.rings(after, policy) if level == after.level)
        return [_Ring(after, placed.place, before.level, held)]

    def _recipients(self, ring: _Ring, now: datetime) -> list[str]:
        return self._ladder.recipients(
            ring.ticket.level,
            ring.ticket.target,
            place=ring.place,
            assignee=ring.ticket.assignee,
            today=now.astimezone(self._zones(ring.place)).date(),
            told=ring.before,
        )

    def _tell(self, mails: _Mails, now: datetime) -> None:
        for recipient, late in mails.late.items():
            if len(late) > self._ladder.collapse_over:
                self._together(AlertKind.OVERDUE, sla.Level.BREACH, recipient, late, now)
            else:
                self._alone(recipient, late, now)
        for recipient, warned in mails.alone.items():
            self._alone(recipient, warned, now)
        kinds: Mapping[AlertKind, tuple[str, dict[str, list[Ticket]]]] = {
            AlertKind.WARNINGS: (sla.Level.MOST, mails.together),
            AlertKind.UNANSWERABLE: (sla.NOTICE, mails.notices),
        }
        for kind, (level, piles) in kinds.items():
            for recipient, tickets in piles.items():
                self._together(kind, level, recipient, tickets, now)

    def _alone(self, recipient: str, tickets: list[Ticket], now: datetime) -> None:
        for ticket in tickets:
            self._store.outbox.ring(AlertKind.DEADLINE, ticket.level, recipient, {ticket.id: _moment(ticket)}, now=now)

    def _together(self, kind: AlertKind, level: str, recipient: str, tickets: list[Ticket], now: datetime) -> None:
        """One mail about many tickets."""
        moments = {ticket.id: _moment(ticket) for ticket in tickets}
        self._store.outbox.ring(kind, level, recipient, moments, now=now)


def _moment(ticket: Ticket) -> str:
    """What is told of it: which level of which deadline."""
    return (to_iso(ticket.due_at) if ticket.due_at else "") + ticket.level
