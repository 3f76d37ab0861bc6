"""Working time, counted by stepping through the quarters of an hour of some months: slow, short, and nobody else's."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=15)
NONE = timedelta()

Span = tuple[int, int]
"""Minutes of the local day, from and to; 1440 is its end."""


@dataclass(frozen=True, slots=True)
class Roster:
    """As config.yaml has it. Monday is 0. An extra working day with None has no hours of its own."""

    zone: str
    week: Mapping[int, tuple[Span, ...]]
    holidays: frozenset[date] = frozenset()
    working: Mapping[date, tuple[Span, ...] | None] = field(default_factory=dict)
    short: Mapping[date, Span] = field(default_factory=dict)

    def spans(self, day: date) -> tuple[Span, ...]:
        week = self.week
        if day in self.holidays:
            return ()
        if day in self.short:
            return (self.short[day],)
        if day in self.working:
            own, usual, monday = self.working[day], week[day.weekday()], week[0]
            return own or usual or monday or next(hours for hours in week.values() if hours)
        return week[day.weekday()]


class Hours:
    """The working time of a roster between two days; without a roster, every minute. Every roster begins and ends its
    hours at whole quarters."""

    def __init__(self, roster: Roster | None, first: date, days: int) -> None:
        self._roster = roster
        if roster is None:
            return
        self._first = datetime(first.year, first.month, first.day, tzinfo=UTC)
        zone, spans = ZoneInfo(roster.zone), {}
        self._open: list[bool] = []
        self._done = [NONE]
        for number in range(days * 96):
            local = (self._first + number * STEP).astimezone(zone)
            day, minute = local.date(), local.hour * 60 + local.minute
            if day not in spans:
                spans[day] = roster.spans(day)
            self._open.append(any(start <= minute < end for start, end in spans[day]))
            self._done.append(self._done[-1] + (STEP if self._open[-1] else NONE))

    def _until(self, moment: datetime) -> timedelta:
        number, rest = divmod(moment - self._first, STEP)
        return self._done[number] + (rest if self._open[number] else NONE)

    def after(self, start: datetime, working: timedelta) -> datetime:
        """When so much working time has passed."""
        if self._roster is None or working <= NONE:
            return start + working if working > NONE else start
        wanted = self._until(start) + working
        number = bisect_left(self._done, wanted) - 1
        return self._first + number * STEP + (wanted - self._done[number])

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return NONE
        return end - start if self._roster is None else self._until(end) - self._until(start)


def quiet_ends(moment: datetime, quiet: Span, zone: str) -> datetime:
    """The first moment from `moment` on that is not in the quiet hours; they begin and end at whole quarters."""
    start, end = quiet

    def inside(at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        return start <= minute < end if start < end else minute >= start or minute < end

    if not inside(moment):
        return moment
    at = datetime.min.replace(tzinfo=UTC) + (moment - datetime.min.replace(tzinfo=UTC)) // STEP * STEP
    while inside(at):
        at += STEP
    return at
