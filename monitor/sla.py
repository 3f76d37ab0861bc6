"""Deadlines and the moments at which somebody must be told. Pure: time comes in as arguments.

The rules are DESIGN's "Clock rules"; each function names the one it keeps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.alerts import Standing
from monitor.calendar import Always, Calendar
from monitor.model import Answerable, Target
from monitor.quiet import Quiet


class Level(StrEnum):
    """Rungs of the ladder, in the order in which they are passed (rule 7)."""

    HALF = "50%"
    MOST = "80%"
    BREACH = "breach"
    PLUS_1X = "+1x"
    PLUS_2X = "+2x"


NOTICE = "notice"
"""The only thing ever told about a review that cannot be answered (rule 9)."""

GRACE = timedelta(minutes=15)
"""What a person is left with when a review turns out negative late (rule 5)."""

WARNINGS = (Level.HALF, Level.MOST)

# Which levels a target has, and where each lies: a share of the time given, or targets past the deadline.
LADDER: dict[Target, tuple[tuple[Level, float], ...]] = {
    Target.NEGATIVE: (
        (Level.HALF, 0.5),
        (Level.MOST, 0.8),
        (Level.BREACH, 1.0),
        (Level.PLUS_1X, 2.0),
        (Level.PLUS_2X, 3.0),
    ),
    Target.OTHER: ((Level.MOST, 0.8), (Level.BREACH, 1.0), (Level.PLUS_1X, 2.0), (Level.PLUS_2X, 3.0)),
}
LADDER[Target.UNCLASSIFIED] = LADDER[Target.NEGATIVE]


ROUND_THE_CLOCK = "always"
"""The name of the calendar that has no roster."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How long a person has, in working time of `calendar`; `roster` is its name in the config."""

    time: timedelta
    calendar: Calendar = field(default_factory=Always)
    roster: str = ROUND_THE_CLOCK

    def due(self, start: datetime) -> datetime:
        return self.calendar.after(start, self.time)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised at one place. `reopened` holds after a reply was refused or lost (rule 3). `quiet` holds back
    warnings. `fingerprint` names the promises of all places together, `terms` says those of this one in words."""

    negative: Promise
    other: Promise
    reopened: Promise
    quiet: Quiet | None = None
    fingerprint: str = ""
    terms: str = ""

    @classmethod
    def of(cls, negative: timedelta, other: timedelta, reopened: timedelta = timedelta(hours=1)) -> "Policy":
        """Round the clock."""
        return cls(Promise(negative), Promise(other), Promise(reopened))

    def promise(self, target: Target, reopened: bool = False) -> Promise:
        """What is not classified yet may be negative, so it gets the stricter time."""
        if reopened:
            return self.reopened
        return self.other if target is Target.OTHER else self.negative

    def binding(self, target: Target, start: datetime, reopened: bool = False) -> Promise:
        """The promise that sets the deadline of a clock that starts at `start`: what may be negative is never due later
        than the rest, however the two calendars lie."""
        own = self.promise(target, reopened)
        if reopened or target is Target.OTHER:
            return own
        return min(own, self.other, key=lambda promise: promise.due(start))

    def due(self, target: Target, start: datetime, reopened: bool = False) -> datetime:
        """Rule 1: the deadline of a clock that starts at `start`."""
        return self.binding(target, start, reopened).due(start)

    def grace(self, target: Target, now: datetime, reopened: bool = False) -> datetime:
        """The least that a person is left with at `now`."""
        return self.promise(target, reopened).calendar.after(now, GRACE)

    def tightened(self, due: datetime, start: datetime, now: datetime) -> datetime:
        """Rule 5: found negative later. Never later than `due`, never without time to act."""
        return min(due, max(self.due(Target.NEGATIVE, start), self.grace(Target.NEGATIVE, now)))

    def levels(
        self,
        target: Target,
        armed: datetime,
        due: datetime,
        reopened: bool = False,
        *,
        start: datetime | None = None,
    ) -> list[tuple[Level, datetime]]:
        """Rule 7: when each level is reached, in the order of the ladder. `armed` is when `due` was set, `start` when
        the clock began (left out: then). Shares of the time given are counted by the calendar that set the deadline,
        what comes after it by the target's own."""
        promise = self.promise(target, reopened)
        calendar = self.binding(target, start or armed, reopened).calendar
        given = calendar.between(armed, due)
        return [
            (
                level,
                calendar.after(armed, given * share)
                if share < 1
                else due
                if share == 1
                else promise.calendar.after(due, promise.time * (share - 1)),
            )
            for level, share in LADDER[target]
        ]

    def rings(self, levels: Sequence[tuple[Level, datetime]]) -> list[tuple[Level, datetime]]:
        """When each level is told: warnings wait for the end of the quiet hours (rule 8), nothing else does."""
        quiet = self.quiet
        if quiet is None:
            return list(levels)
        return [(level, quiet.over(at) if level in WARNINGS else at) for level, at in levels]


@dataclass(frozen=True, slots=True)
class Policies:
    """Which promises hold at which place; `default` at places that left the config."""

    default: Policy
    places: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, place: str) -> Policy:
        return self.places.get(place, self.default)

    @property
    def fingerprint(self) -> str:
        return self.default.fingerprint


@dataclass(frozen=True, slots=True)
class Advance:
    """`level` is the gravest level reached and not yet told (None: nothing new); `next_change_at` the next one."""

    level: Level | None
    next_change_at: datetime | None


def advance(levels: Sequence[tuple[Level, datetime]], told: str, now: datetime) -> Advance:
    """What to tell at `now` when `told` was the last level told.

    After an outage several levels may have been passed; only the gravest is told.
    """
    order = [level.value for level, _ in levels]
    behind = order.index(told) + 1 if told in order else 0
    ahead = levels[behind:]
    reached = [level for level, at in ahead if at <= now]
    future = [at for _, at in ahead if at > now]
    return Advance(reached[-1] if reached else None, min(future, default=None))


def standing(levels: Sequence[tuple[Level, datetime]], due: datetime | None, now: datetime) -> Standing | None:
    """How a running ticket stands; None without a deadline."""
    if due is None:
        return None
    if now >= due:
        return Standing.BREACHED
    warned = any(level in WARNINGS and at <= now for level, at in levels)
    return Standing.WARNED if warned else Standing.OK


def met(due: datetime | None, answered_at: datetime) -> bool | None:
    """Rule 2: whether an answer at that moment was in time; at the deadline itself it is."""
    return None if due is None else answered_at <= due


def is_backlog(initial: bool, posted_at: datetime | None, enforce_from: datetime) -> bool:
    """Rule 6: seen in the first import, and posted before the promise began or at an unknown time."""
    return initial and (posted_at is None or posted_at < enforce_from)


def enforce_from(setting: datetime | timedelta | None, first_success: datetime) -> datetime:
    """Rule 6: where the promise begins for a listing, given its first successful pass."""
    if isinstance(setting, timedelta):
        return first_success - setting
    return setting or first_success


def can_answer(answerable: Answerable, text: str, representative: bool) -> bool:
    """Rule 9: whether a company can answer this review on its site."""
    match answerable:
        case Answerable.ALL:
            return True
        case Answerable.TEXT:
            return bool(text.strip())
        case Answerable.REPRESENTATIVE:
            return representative
        case Answerable.NO:
            return False
