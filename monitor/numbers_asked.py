"""What numbers about the work are asked of: a period, a scope, the reviews behind a number. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo


class Step(StrEnum):
    """How long the buckets of a period are, in the period's zone. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until), both aware. `zone` is the one whose midnights part its days, whatever zones the places have.
    Raises ValueError when it is empty or a moment has no zone."""

    since: datetime
    until: datetime
    zone: str

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise ValueError("a naive datetime has no place here")
        # Two moments of one zone would be subtracted by their clock faces, an hour wrong when the clocks change.
        object.__setattr__(self, "since", self.since.astimezone(UTC))
        object.__setattr__(self, "until", self.until.astimezone(UTC))
        if self.since >= self.until:
            raise ValueError("a period must end after it begins")

    @classmethod
    def of_days(cls, first: date, days: int, zone: str) -> Self:
        """So many whole days from `first` on, by the calendar of `zone`."""
        return cls(midnight(first, zone), midnight(first + timedelta(days=days), zone), zone)

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def before(self, count: int = 1) -> "Period":
        """The period of the same length that lies `count` lengths earlier."""
        return Period(self.since - count * self.length, self.until - count * self.length, self.zone)

    def buckets(self, step: Step) -> tuple["Period", ...]:
        """Its days or weeks, oldest first; the first and the last may be cut short by the period."""
        length = 1 if step is Step.DAY else 7
        day = self.since.astimezone(ZoneInfo(self.zone)).date()
        day -= timedelta(days=day.weekday() if step is Step.WEEK else 0)
        found, start = [], self.since
        while start < self.until:
            day += timedelta(days=length)
            end = min(midnight(day, self.zone), self.until)
            if end > start:
                found.append(Period(start, end, self.zone))
                start = end
        return tuple(found)


def midnight(day: date, zone: str) -> datetime:
    """When that day begins where `zone` is; the first moment of it where clocks skip midnight."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which reviews numbers are asked; None means any. `assignee` leaves out reviews without a ticket, "" is
    nobody's, with them. `places`: of these alone, since who asks may see no others."""

    period: Period
    place: str | None = None
    source: str | None = None
    assignee: str | None = None
    places: frozenset[str] | None = None


class Of(StrEnum):
    """Which moment of a review lies in the period: first seen, first answered, its first deadline settled."""

    CAME = "came"
    ANSWERED = "answered"
    SETTLED = "settled"


class Dimension(StrEnum):
    """By what numbers are broken down."""

    PLACE = "place"
    SOURCE = "source"
    ASSIGNEE = "assignee"


@dataclass(frozen=True, slots=True)
class Selection:
    """The reviews behind a number; None and () mean any, a word that nobody knows finds none. Whoever asks for stars, a
    tone, a theme, a danger or a person gets no backlog, as in Cohort.

    `fates`: names of Cohort's first eight counts. `theme_tone`: in which the review speaks of `theme`. `person`:
    `Mentioned.key`; `person_tone`: "positive" of those who praise, "negative" of those who blame. `outcome`: of
    ANSWERED one of Answers' counts, of SETTLED one of Compliance's. `timed`: of ANSWERED "team" or "customer", of CAME
    "lag": those whose length by that clock is known. `compared`: those alone that a Trend of the period counts.
    """

    scope: Scope
    of: Of = Of.CAME
    fates: tuple[str, ...] = ()
    stars: int | None = None
    tone: str | None = None
    theme: str | None = None
    theme_tone: str | None = None
    risk: str | None = None
    person: str | None = None
    outcome: str | None = None
    timed: str | None = None
    person_tone: str | None = None
    compared: bool = False
