"""Working time against an oracle that looks at the wall clock every minute, over random rosters, zones and moments."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.calendar import HORIZON, Roster, trial
from monitor.config_calendar import CalendarSettings
from monitor.config_values import Interval
from monitor.errors import NoWorkingTime

MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
NONE = timedelta()

# zone, and days around which its clock, the year or the month does something
PLACES = (
    ("Europe/Berlin", (date(2024, 3, 31), date(2024, 10, 27), date(2024, 2, 29))),
    ("America/New_York", (date(2024, 3, 10), date(2024, 11, 3), date(2027, 12, 31))),
    ("Australia/Lord_Howe", (date(2024, 4, 7), date(2024, 10, 6), date(2025, 1, 1))),
    ("Europe/Moscow", (date(2011, 3, 27), date(2014, 10, 26), date(2028, 2, 29), date(2026, 12, 31))),
    ("Asia/Kathmandu", (date(2024, 2, 29), date(2025, 12, 31))),
    ("America/Sao_Paulo", (date(2018, 2, 18), date(2018, 11, 4))),  # the day itself begins late, or twice
    ("Atlantic/Azores", (date(2024, 3, 31), date(2024, 10, 27))),
    ("Pacific/Apia", (date(2011, 12, 30),)),  # a day that never was
    ("Europe/Chisinau", (date(2024, 3, 31), date(2024, 10, 27))),  # at midnight in UTC
    ("Africa/Sao_Tome", (date(2019, 1, 1),)),
    ("Pacific/Kiritimati", (date(2024, 1, 1),)),
    ("UTC", (date(2023, 12, 31), date(2024, 2, 29))),
)
WINDOW = 4 * 24 * 60
"""Minutes that the oracle looks at."""

# --- the oracle ---------------------------------------------------------------------------------


def is_open(settings: CalendarSettings, moment: datetime) -> bool:
    """What the clock on the wall says, at a whole minute."""
    shown = moment.astimezone(ZoneInfo(settings.timezone))
    minute = shown.hour * 60 + shown.minute
    for opens, closes in day_hours(settings, shown.date()):
        until = closes.hour * 60 + closes.minute or 24 * 60
        if opens.hour * 60 + opens.minute <= minute < until:
            return True
    return False


def day_hours(settings: CalendarSettings, day: date) -> tuple[Interval, ...]:
    week = [settings.week[number] for number in range(7)]
    if day in settings.holidays:
        return ()
    if day in settings.short_days:
        return (settings.short_days[day],)
    if day not in settings.working_days:
        return week[day.weekday()]
    filled = [one for one in week if one]
    return settings.working_days[day] or week[day.weekday()] or week[0] or (filled[0] if filled else ())


# --- random rosters -------------------------------------------------------------------------------

clocks = st.integers(0, 24 * 60 // 5 - 1).map(lambda number: time(number * 5 // 60, number * 5 % 60))


@st.composite
def day_intervals(draw: st.DrawFn, least: int = 0) -> tuple[Interval, ...]:
    """Up to three intervals in order and apart; the last may end at midnight."""
    count = 2 * draw(st.integers(least, 3))
    edges = sorted(draw(st.lists(clocks, min_size=count, max_size=count, unique=True)))
    to_midnight: bool = draw(st.booleans())
    if edges and to_midnight:
        edges = [*edges[:-1], time()] if edges[-2] else [time(), time()]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


@st.composite
def rosters(draw: st.DrawFn) -> tuple[CalendarSettings, datetime]:
    """Settings, and a whole minute at which something may happen within the window."""
    zone, days = draw(st.sampled_from(PLACES))
    around = draw(st.sampled_from(days))
    start = datetime.combine(around, time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(days=2)
    near = [around + timedelta(days=number) for number in range(-3, 4)]
    kinds = draw(
        st.lists(st.sampled_from(["", "", "holiday", "listed", "taken over", "short"]), min_size=7, max_size=7)
    )
    listed: dict[date, tuple[Interval, ...] | None] = {}
    for day, kind in zip(near, kinds, strict=True):
        if kind in ("listed", "taken over"):
            listed[day] = draw(day_intervals(1)) if kind == "listed" else None
    settings = CalendarSettings(
        zone,
        {number: draw(day_intervals()) for number in range(7)},
        frozenset(day for day, kind in zip(near, kinds, strict=True) if kind == "holiday"),
        listed,
        {day: draw(day_intervals(1))[0] for day, kind in zip(near, kinds, strict=True) if kind == "short"},
    )
    return settings, start + draw(st.integers(0, 24 * 60)) * MINUTE


@given(rosters(), st.data())
def test_every_minute_is_as_the_wall_clock_has_it(
    drawn: tuple[CalendarSettings, datetime], data: st.DataObject
) -> None:
    settings, start = drawn
    roster = Roster(settings)
    minutes = [start + number * MINUTE for number in range(WINDOW)]
    working = [is_open(settings, minute) for minute in minutes]
    passed = [NONE, *accumulate(MINUTE if held else NONE for held in working)]
    turns = [number for number in range(1, WINDOW) if working[number] != working[number - 1]]
    for number in [*range(0, WINDOW, 7), *turns, *(turn - 1 for turn in turns)]:
        for begins in (minutes[number], minutes[number] + MINUTE - INSTANT):
            assert bool(roster.between(begins, begins + INSTANT)) == working[number], minutes[number]
        assert roster.between(start, minutes[number]) == passed[number], minutes[number]
    ends = [minute + MINUTE for minute, held in zip(minutes, working, strict=True) if held]
    counts = data.draw(st.lists(st.integers(1, len(ends)), max_size=8), label="minutes") if ends else []
    for count in {*counts, *((1, len(ends)) if ends else ())}:
        assert roster.after(start, count * MINUTE) == ends[count - 1], count


# --- what holds for every moment ---------------------------------------------------------------

moments = st.datetimes(datetime(2023, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
lengths = st.timedeltas(INSTANT, timedelta(days=40))


@given(rosters(), moments, lengths)
@example(
    (CalendarSettings("UTC", dict.fromkeys(range(7), ())), datetime(2024, 1, 1, tzinfo=UTC)),
    datetime(2024, 1, 1, tzinfo=UTC),
    MINUTE,
)
def test_a_deadline_is_the_first_moment_at_which_the_time_has_passed(
    drawn: tuple[CalendarSettings, datetime], start: datetime, working: timedelta
) -> None:
    roster = Roster(drawn[0])
    try:
        due = roster.after(start, working)
    except NoWorkingTime:
        assert roster.between(start, start + HORIZON) < working
        assert trial(roster, start, working)
        return
    assert trial(roster, start, working) is None
    assert start < due <= start + HORIZON
    assert roster.between(start, due) == working
    assert roster.between(start, due - INSTANT) == working - INSTANT


@given(rosters(), st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up_and_never_exceeds_the_time_that_passes(
    drawn: tuple[CalendarSettings, datetime], three: list[datetime]
) -> None:
    roster = Roster(drawn[0])
    first, middle, last = three
    assert roster.between(first, last) == roster.between(first, middle) + roster.between(middle, last)
    assert NONE <= roster.between(first, middle) <= middle - first
    assert roster.between(middle, first) == NONE


@given(rosters(), moments, lengths, lengths, st.timedeltas(NONE, timedelta(days=40)))
def test_who_starts_later_or_has_more_time_is_due_no_earlier(
    drawn: tuple[CalendarSettings, datetime], start: datetime, working: timedelta, more: timedelta, later: timedelta
) -> None:
    roster = Roster(drawn[0])
    if trial(roster, start, working + more) or trial(roster, start + later, working):
        return
    due = roster.after(start, working)
    assert due <= roster.after(start + later, working)
    assert due < roster.after(start, working + more) == roster.after(due, more)


@pytest.mark.parametrize(("zone", "days"), PLACES)
def test_a_roster_without_a_break_is_the_clock_itself(zone: str, days: tuple[date, ...]) -> None:
    roster = Roster(CalendarSettings(zone, dict.fromkeys(range(7), ((time(), time()),))))
    for day in days:
        start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(days=1, minutes=7)
        assert roster.after(start, timedelta(days=3)) == start + timedelta(days=3)
        assert roster.between(start, start + timedelta(days=900)) == timedelta(days=900)
