"""The mails that a look at the clock demands: one recipient each, told together where the rules say so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tests.alarms.cases import DISMISSED, LOCKED, NOTICE, OTHER, REMOVED, WAITING, WARNINGS, Case, Ring

DEADLINE, TOGETHER, OVERDUE, DANGER, LOCKED_NOTICE = "deadline", "warnings", "overdue", "danger", "unanswerable"

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
"""How long a mail may rest after so many refusals."""


class Reason(StrEnum):
    """Whether the reason to speak of a review still stands. STALE: its deadline has moved; KNOWN: somebody knows."""

    STANDS = "stands"
    STALE = "stale"
    KNOWN = "known"
    CLOSED = "closed"


@dataclass(eq=False, slots=True)
class About:
    """A review, and what tells this alert from the next one about it: deadline and level, of a danger the revision.
    `lapsed`: the reason was gone when a pass could have sent the mail; it need not speak of it any more. `perhaps`:
    nobody can tell whether the pass came so far."""

    case: Case
    arming: int
    moment: object
    lapsed: bool = False
    perhaps: bool = False

    def reason(self, kind: str) -> Reason:
        case = self.case
        if kind == DANGER:
            return Reason.CLOSED if case.state in (REMOVED, DISMISSED) else Reason.STANDS
        if kind == LOCKED_NOTICE:
            return Reason.STANDS if case.state == LOCKED else Reason.CLOSED
        if case.state != WAITING:
            return Reason.CLOSED
        if case.arming != self.arming:
            return Reason.STALE
        return Reason.KNOWN if case.known_by is not None else Reason.STANDS


@dataclass(eq=False, slots=True)
class Demand:
    """One mail to one recipient. `born`: when it was called for. `message_id`: its name, once it was seen. `told`: the
    reviews it spoke of when it was accepted. `deaths`: how many passes ended while it waited: each may have been an
    attempt. `held_back`: the server had refused another one a moment before."""

    kind: str
    level: str
    recipient: str
    about: list[About]
    born: datetime
    message_id: str = ""
    accepted: bool = False
    given_up: bool = False
    told: frozenset[str] = frozenset()
    refusals: int = 0
    refused_at: datetime | None = None
    deaths: int = 0
    held_back: bool = False

    @property
    def open(self) -> bool:
        return not self.accepted and not self.given_up

    @property
    def keys(self) -> set[str]:
        return {about.case.key for about in self.about}

    def must_name(self) -> set[str]:
        """The reviews whose reason still stands: a mail without one of them tells too little."""
        return {
            about.case.key
            for about in self.about
            if about.reason(self.kind) is Reason.STANDS and not about.lapsed and not about.perhaps
        }

    def may_name(self) -> set[str]:
        """Those that it may speak of: not what is closed."""
        always = self.kind in (DANGER, LOCKED_NOTICE)
        return {about.case.key for about in self.about if always or about.reason(self.kind) is not Reason.CLOSED}

    def lapse(self, *, surely: bool) -> None:
        """A pass could have sent it: what has no reason now may be left out from now on."""
        for about in self.about:
            reason = about.reason(self.kind)
            if reason is not Reason.STANDS:
                about.lapsed |= surely and reason is not Reason.STALE
                about.perhaps |= not about.lapsed

    def rests(self, now: datetime) -> bool:
        """Whether it was refused a short while ago. A clock that went back makes no pause longer."""
        if self.refused_at is None:
            return False
        return self.refused_at <= now < self.refused_at + PAUSES[min(self.refusals + self.deaths, len(PAUSES)) - 1]

    def __str__(self) -> str:
        reviews = ", ".join(sorted(self.keys))
        return f"{self.kind} {self.level} to {self.recipient} about {reviews}, called for at {self.born:%m-%d %H:%M:%S}"


@dataclass(slots=True)
class Piles:
    """What a look found, by recipient: breaches, warnings that are told alone, warnings that share a mail, notices."""

    late: defaultdict[str, list[Ring]] = field(default_factory=lambda: defaultdict(list))
    alone: defaultdict[str, list[Ring]] = field(default_factory=lambda: defaultdict(list))
    shared: defaultdict[str, list[Ring]] = field(default_factory=lambda: defaultdict(list))
    notices: defaultdict[str, list[Ring]] = field(default_factory=lambda: defaultdict(list))

    def add(self, ring: Ring, recipients: Iterable[str]) -> None:
        if ring.level == NOTICE:
            pile = self.notices
        elif ring.level not in WARNINGS:
            pile = self.late
        else:
            pile = self.shared if ring.held or ring.case.target == OTHER else self.alone
        for recipient in recipients:
            pile[recipient].append(ring)

    def demands(self, collapse_over: int, now: datetime) -> Iterator[Demand]:
        for recipient, rings in self.late.items():
            if len(rings) > collapse_over:
                yield _demand(OVERDUE, "breach", recipient, rings, now)
            else:
                yield from (_demand(DEADLINE, ring.level, recipient, [ring], now) for ring in rings)
        for recipient, rings in self.alone.items():
            yield from (_demand(DEADLINE, ring.level, recipient, [ring], now) for ring in rings)
        for recipient, rings in self.shared.items():
            yield _demand(TOGETHER, "80%", recipient, rings, now)
        for recipient, rings in self.notices.items():
            yield _demand(LOCKED_NOTICE, NOTICE, recipient, rings, now)


def _demand(kind: str, level: str, recipient: str, rings: list[Ring], now: datetime) -> Demand:
    about = [About(ring.case, ring.case.arming, (ring.case.due, ring.level)) for ring in rings]
    return Demand(kind, level, recipient, about, now)
