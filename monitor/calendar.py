"""Working time. Pure: moments come in as arguments, aware, and are compared in UTC.

A roster is what the clock on the team's wall shows: it is working time while that clock stands inside an interval
of its day, `09:00` included and `18:00` not. When clocks are changed this decides everything:

- a local time that does not exist is never shown, so a night shift in spring is an hour shorter;
- a local time that comes twice counts both times, so a night shift in autumn is an hour longer; where an interval
  begins or ends inside the repeated hour, it does so twice.

What counts is elapsed time, not the difference of clock readings.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor import production
from monitor.config_calendar import CalendarSettings
from monitor.config_values import Interval
from monitor.errors import NoWorkingTime

HORIZON = timedelta(days=366)
"""How far ahead working time is looked for."""

NONE = timedelta()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Calendar(Protocol):
    def after(self, start: datetime, working: timedelta) -> datetime:
        """The first moment at which `working` time has passed since `start`: the end of a shift, not the beginning
        of the next. No time at all has passed at `start` itself, be it working time or not.

        Raises NoWorkingTime when that moment is farther than HORIZON, OverflowError at the end of the calendar."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; zero when `end` is not later."""

    def shifts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working time from `start` to `end` at least, piece by piece, in order."""


@dataclass(frozen=True, slots=True)
class Always:
    """Every minute is working time. Aware moments in UTC make it immune to clock changes."""

    def after(self, start: datetime, working: timedelta) -> datetime:
        return start + working

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, NONE)

    def shifts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        yield start, end


@dataclass(frozen=True, slots=True)
class _Year:
    """The shifts of one UTC year, apart and in order. `before[n]`: the working time of the year before shift n;
    at the end that of the whole year."""

    starts: list[datetime]
    ends: list[datetime]
    before: list[timedelta]

    def until(self, moment: datetime) -> timedelta:
        """The working time from the beginning of the year."""
        begun = bisect_right(self.starts, moment)
        if not begun:
            return NONE
        return self.before[begun - 1] + min(moment, self.ends[begun - 1]) - self.starts[begun - 1]

    def when(self, working: timedelta) -> datetime:
        """The first moment at which this much (more than nothing, at most the whole) has passed of the year."""
        shift = bisect_left(self.before, working) - 1
        return self.starts[shift] + (working - self.before[shift])


@dataclass(frozen=True, slots=True)
class Roster:
    """Shifts by weekday, with holidays, extra working days and short days. A year is laid out once, when it is first
    asked for; then every answer is a binary search."""

    settings: CalendarSettings
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def after(self, start: datetime, working: timedelta) -> datetime:
        if working <= NONE:
            return start
        limit = start.astimezone(UTC) + HORIZON
        number = start.astimezone(UTC).year
        wanted = self._year(number).until(start) + working
        while number <= limit.year:
            year = self._year(number)
            if wanted <= year.before[-1]:
                found = year.when(wanted)
                if found <= limit:
                    return found
                break
            wanted -= year.before[-1]
            number += 1
        raise NoWorkingTime(
            f"there are no {working / HOUR:g} h of working time in the {HORIZON.days} days after {start:%Y-%m-%d}: "
            "give the calendar more hours, or fewer holidays"
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return NONE
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        whole = sum((self._year(number).before[-1] for number in range(first, last)), NONE)
        return whole + self._year(last).until(end) - self._year(first).until(start)

    def shifts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        for number in range(start.astimezone(UTC).year, end.astimezone(UTC).year + 1):
            year = self._year(number)
            yield from zip(year.starts, year.ends, strict=True)

    def hours(self, day: date) -> tuple[Interval, ...]:
        """The working hours of a day as the wall clock shows them; none is a day off."""
        settings = self.settings
        if day in settings.short_days:
            return (settings.short_days[day],)
        if day in settings.working_days:
            return settings.working_days[day] or self._borrowed(day.weekday())
        if day in settings.holidays:
            return ()
        return production.hours(day, settings.week) if settings.base else settings.week[day.weekday()]

    def _borrowed(self, weekday: int) -> tuple[Interval, ...]:
        """What an extra working day without hours of its own takes over."""
        week = self.settings.week
        return next((week[number] for number in (weekday, *range(7)) if week[number]), ())

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            starts, ends, before = [], [], [NONE]
            for start, end in self._shifts(number):
                starts.append(start)
                ends.append(end)
                before.append(before[-1] + (end - start))
            self._years[number] = _Year(starts, ends, before)
        return self._years[number]

    def _shifts(self, number: int) -> Iterator[tuple[datetime, datetime]]:
        for first, last, offset in _offsets(ZoneInfo(self.settings.timezone), number):
            day, final = (first + offset).date(), (last + offset).date()
            while day <= final:
                for opens, closes in self.hours(day):
                    start = max(datetime.combine(day, opens, UTC) - offset, first)
                    end = min(datetime.combine(day if closes > opens else day + DAY, closes, UTC) - offset, last)
                    if start < end:
                        yield start, end
                day += DAY


def _offsets(zone: ZoneInfo, number: int) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The parts of a UTC year with one offset each: from, to, offset. Two changes of the clock on one day do not
    happen. Raises OverflowError for the first and the last year, whose ends no local time may lie beyond."""
    if not MINYEAR < number < MAXYEAR:
        raise OverflowError(f"the year {number} lies at the edge of the calendar")
    day, end = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
    first, offset = day, _offset(zone, day)
    while day < end:
        if _offset(zone, day + DAY) != offset:
            change = day + timedelta(seconds=_seconds_until_change(zone, day, offset))
            yield first, change, offset
            first, offset = change, _offset(zone, change)
        day += DAY
    yield first, end, offset


def _seconds_until_change(zone: ZoneInfo, day: datetime, offset: timedelta) -> int:
    def changed(seconds: int) -> bool:
        return _offset(zone, day + timedelta(seconds=seconds)) != offset

    return bisect_left(range(24 * 60 * 60), True, key=changed)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def build(settings: CalendarSettings) -> Calendar:
    """The calendar of a roster as written."""
    return Roster(settings)


def trial(calendar: Calendar, start: datetime, working: timedelta) -> str | None:
    """Why a deadline cannot be counted from `start`, or None."""
    try:
        calendar.after(start, working)
    except NoWorkingTime as error:
        return str(error)
    return None


class Unfailing:
    """A roster that ends counts as round the clock from there: a deadline then comes too early instead of never, and
    no ticket holds up the others. `trial` finds such rosters beforehand."""

    def __init__(self, roster: Calendar) -> None:
        self._roster = roster

    def after(self, start: datetime, working: timedelta) -> datetime:
        try:
            return self._roster.after(start, working)
        except NoWorkingTime:
            return start + working

    def between(self, start: datetime, end: datetime) -> timedelta:
        return self._roster.between(start, end)

    def shifts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        return self._roster.shifts(start, end)


@dataclass(frozen=True, slots=True)
class AtPlaces:
    """The working time at each place; round the clock where nothing else is known."""

    calendars: Mapping[str, Calendar]

    def of(self, place: str) -> Calendar:
        return self.calendars.get(place, Always())

    def __call__(self, place: str, start: datetime, end: datetime) -> timedelta:
        return self.of(place).between(start, end)
