"""Finds the tickets whose next level is reached and puts what must be told into the outbox: one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor import sla
from monitor import tickets as life
from monitor.alerts import AlertKind
from monitor.clock import to_iso
from monitor.log import Event, Log
from monitor.model import Target, Ticket
from monitor.seams import Clock
from monitor.store.sqlite import Store

LATER = (sla.Level.PLUS_1X, sla.Level.PLUS_2X)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who hears of what. Warnings go to those who answer; what is late also to the owner."""

    support: Sequence[str]
    owner: Sequence[str]
    collapse_over: int

    def recipients(self, level: str, told: str = "") -> list[str]:
        """Who hears of `level` when `told` was the last one told: after an outage, also those who missed the breach."""
        who: Mapping[str, Sequence[Sequence[str]]] = {
            sla.Level.HALF: [self.support],
            sla.Level.MOST: [self.support],
            sla.Level.BREACH: [self.support, self.owner],
            sla.Level.PLUS_1X: [self.owner],
            sla.Level.PLUS_2X: [self.owner],
            sla.NOTICE: [self.support],
        }
        missed = level in LATER and told not in (sla.Level.BREACH, *LATER)
        groups = [*(who[sla.Level.BREACH] if missed else ()), *who[level]]
        return list(dict.fromkeys(address for group in groups for address in group))


@dataclass(slots=True)
class _Told:
    """What one look at the clock found, before it is grouped into mails; where it counts, with the level told last."""

    alone: list[tuple[Ticket, str]] = field(default_factory=list)
    late: list[tuple[Ticket, str]] = field(default_factory=list)
    warned_together: list[Ticket] = field(default_factory=list)
    unanswerable: list[Ticket] = field(default_factory=list)

    def add(self, ticket: Ticket, before: str) -> None:
        if ticket.level == sla.NOTICE:
            self.unanswerable.append(ticket)
        elif ticket.level not in sla.WARNINGS:
            self.late.append((ticket, before))
        elif ticket.target is Target.OTHER:
            self.warned_together.append(ticket)
        else:
            self.alone.append((ticket, before))


class Watch:
    def __init__(self, *, store: Store, clock: Clock, policy: sla.Policy, ladder: Ladder, log: Log) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._ladder = ladder
        self._log = log

    def run(self) -> bool:
        """One look at the clock; whether a ticket moved."""
        now = self._clock.now()
        if not self._store.tickets.changing(now):
            return False
        told = _Told()
        with self._store.write():
            for ticket in self._store.tickets.changing(now):
                step = life.level_reached(ticket, self._policy, now)
                after = self._store.tickets.save(ticket, step)
                if step.events:
                    told.add(after, ticket.level)
            self._tell(told, now)
        for ticket, _ in told.late:
            self._log.say(Event.TICKET_BREACHED, ticket=ticket.id, level=ticket.level)
        return True

    def _tell(self, told: _Told, now: datetime) -> None:
        if len(told.late) > self._ladder.collapse_over:
            self._together(AlertKind.OVERDUE, sla.Level.BREACH, [ticket for ticket, _ in told.late], now)
        else:
            told.alone.extend(told.late)
        for ticket, before in told.alone:
            recipients = self._ladder.recipients(ticket.level, before)
            self._store.outbox.queue(
                AlertKind.DEADLINE, ticket.level, recipients, [ticket.id], moment=_due(ticket), now=now
            )
        self._together(AlertKind.WARNINGS, sla.Level.MOST, told.warned_together, now)
        self._together(AlertKind.UNANSWERABLE, sla.NOTICE, told.unanswerable, now)

    def _together(self, kind: AlertKind, level: str, tickets: Sequence[Ticket], now: datetime) -> None:
        """One mail about many tickets; the deadlines in its name keep it apart from the next one."""
        if tickets:
            moment = ",".join(sorted(_due(ticket) + ticket.level for ticket in tickets))
            recipients = self._ladder.recipients(level)
            self._store.outbox.queue(kind, level, recipients, [ticket.id for ticket in tickets], moment=moment, now=now)


def _due(ticket: Ticket) -> str:
    return to_iso(ticket.due_at) if ticket.due_at else ""
