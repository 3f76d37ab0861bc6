"""The Russian production calendar, against tables written by hand from the decrees and the Labour Code."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import date, time, timedelta

import pytest

from monitor import production
from monitor.config_calendar import USUAL_WEEK
from monitor.config_values import Interval, interval

WHOLE = ((time(9), time(18)),)
SHORT = ((time(9), time(17)),)

Week = Mapping[int, tuple[Interval, ...]]

# Weekdays off; Saturdays worked; days that are an hour shorter. In brackets what was moved where to.
YEARS = {
    2025: (  # decree 1335 of 2024-10-04: 4.1 → 2.5, 23.2 → 8.5, 8.3 → 13.6, 1.11 → 3.11, 5.1 → 31.12
        "01-01 01-02 01-03 01-06 01-07 01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31",
        "11-01",
        "03-07 04-30 06-11 11-01",
    ),
    2026: (  # decree 1466 of 2025-09-24: 3.1 → 9.1, 4.1 → 31.12; by law: 8.3 → 9.3, 9.5 → 11.5
        "01-01 01-02 01-05 01-06 01-07 01-08 01-09 02-23 03-09 05-01 05-11 06-12 11-04 12-31",
        "",
        "04-30 05-08 06-11 11-03",
    ),
    2027: (  # decreed: 2.1 → 5.11, 3.1 → 31.12, 20.2 → 22.2; by law: 1.5 → 3.5, 9.5 → 10.5, 12.6 → 14.6
        "01-01 01-04 01-05 01-06 01-07 01-08 02-22 02-23 03-08 05-03 05-10 06-14 11-04 11-05 12-31",
        "02-20",
        "02-20 04-30 06-11 11-03",
    ),
}


def days(year: int, written: str = "") -> list[date]:
    """The days written as `month-day`."""
    return [date.fromisoformat(f"{year}-{one}") for one in written.split()]


def whole_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


def hours(*written: str) -> tuple[Interval, ...]:
    return tuple(interval(one) for one in written)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_decreed_year_is_as_the_tables_have_it(year: int) -> None:
    off, saturdays, short = (days(year, written) for written in YEARS[year])
    for day in whole_year(year):
        worked = day in saturdays or (day.weekday() < 5 and day not in off)
        expected = () if not worked else SHORT if day in short else WHOLE
        assert production.hours(day, USUAL_WEEK) == expected, day


@pytest.mark.parametrize(
    ("year", "worked", "hours_"), [(2024, 248, 1979), (2025, 247, 1972), (2026, 247, 1972), (2027, 247, 1972)]
)
def test_a_forty_hour_week_has_the_hours_that_the_state_counts(year: int, worked: int, hours_: int) -> None:
    week = {number: hours("09:00-13:00", "14:00-18:00") if number < 5 else () for number in range(7)}
    lengths = [
        sum(closes.hour - opens.hour for opens, closes in production.hours(day, week)) for day in whole_year(year)
    ]
    assert sum(1 for length in lengths if length) == worked
    assert sum(lengths) == hours_


@pytest.mark.parametrize(
    ("year", "short"),
    [
        (2018, "02-22 03-07 04-28 05-08 06-09 12-29"),
        (2021, "02-20 04-30 06-11 11-03"),
        (2024, "02-22 03-07 05-08 06-11 11-02"),
    ],
)
def test_a_saturday_that_is_worked_is_as_long_as_the_day_it_was_exchanged_for(year: int, short: str) -> None:
    assert [day for day in whole_year(year) if production.hours(day, USUAL_WEEK) == SHORT] == days(year, short)


# --- teams with weeks of their own ------------------------------------------------------------------

SIX_DAYS: Week = {number: hours("10:00-19:00") if number < 6 else () for number in range(7)}
ALL_DAYS: Week = dict.fromkeys(range(7), hours("10:00-22:00"))
FROM_TUESDAY: Week = {**SIX_DAYS, 0: ()}
VARIED: Week = {0: hours("08:00-16:00"), 1: hours("10:00-20:00"), 2: (), 3: hours("09:00-18:00"), 4: (), 5: (), 6: ()}


@pytest.mark.parametrize(
    ("week", "day", "expected"),
    [
        # who works on Saturdays was given no Saturday to move
        (SIX_DAYS, "2025-11-03", hours("10:00-18:00")),
        (SIX_DAYS, "2025-11-01", hours("10:00-19:00")),
        (SIX_DAYS, "2026-01-09", hours("10:00-19:00")),
        (SIX_DAYS, "2026-05-11", hours("10:00-19:00")),
        (SIX_DAYS, "2026-03-09", ()),  # moved from a Sunday
        (SIX_DAYS, "2026-12-31", ()),
        (SIX_DAYS, "2026-03-07", hours("10:00-18:00")),  # a Saturday before a holiday
        (SIX_DAYS, "2026-05-09", ()),
        (ALL_DAYS, "2026-12-31", hours("10:00-21:00")),
        (ALL_DAYS, "2026-03-09", hours("10:00-22:00")),
        (ALL_DAYS, "2026-01-08", ()),
        (ALL_DAYS, "2026-01-07", ()),
        # of a Monday that was free anyway nothing is owed
        (FROM_TUESDAY, "2025-11-03", ()),
        (FROM_TUESDAY, "2025-11-01", hours("10:00-19:00")),
        ({**USUAL_WEEK, 0: ()}, "2025-11-01", ()),
        # the exchanged day's hours, not Monday's: 2 November for Tuesday 30 April
        (VARIED, "2024-11-02", hours("10:00-19:00")),
        (VARIED, "2024-04-27", hours("08:00-16:00")),
        (VARIED, "2024-12-28", hours("08:00-16:00")),
        (VARIED, "2024-04-30", ()),
        (VARIED, "2024-11-04", ()),
    ],
)
def test_only_who_was_free_on_the_day_that_was_moved_gets_it_elsewhere(
    week: Week, day: str, expected: tuple[Interval, ...]
) -> None:
    assert production.hours(date.fromisoformat(day), week) == expected


@pytest.mark.parametrize(
    ("usual", "left"),
    [
        (("09:00-18:00",), ("09:00-17:00",)),
        (("09:00-13:00", "14:00-18:00"), ("09:00-13:00", "14:00-17:00")),
        (("09:00-13:00", "14:00-15:01"), ("09:00-13:00", "14:00-14:01")),
        (("09:00-13:00", "14:00-15:00"), ("09:00-13:00",)),
        (("09:00-13:00", "14:00-14:30"), ("09:00-12:30",)),
        (("09:00-09:20", "10:00-10:20", "11:00-11:30"), ("09:00-09:10",)),
        (("09:00-10:00",), ()),
        (("09:00-09:30",), ()),
        (("00:00-24:00",), ("00:00-23:00",)),
        (("18:00-24:00",), ("18:00-23:00",)),
        (("23:00-24:00",), ()),
        ((), ()),
    ],
)
def test_a_short_day_lacks_its_last_working_hour(usual: tuple[str, ...], left: tuple[str, ...]) -> None:
    assert production.an_hour_less(hours(*usual)) == hours(*left)


# --- years ------------------------------------------------------------------------------------------


def test_it_can_tell_which_years_it_knows() -> None:
    known = production.known_years()
    assert set(range(2013, 2028)) <= known
    assert not known & {2090, 2100}


def test_of_a_year_without_a_decree_only_the_holidays_count() -> None:
    off = [day for day in whole_year(2090) if not production.hours(day, ALL_DAYS)]
    january = " ".join(f"01-0{number}" for number in range(1, 9))
    assert off == days(2090, f"{january} 02-23 03-08 05-01 05-09 06-12 11-04")
    short = [day for day in whole_year(2090) if production.hours(day, ALL_DAYS) == hours("10:00-21:00")]
    assert short == days(2090, "02-22 03-07 04-30 05-08 06-11 11-03 12-31")


def test_every_year_that_anybody_asks_for_has_an_answer() -> None:
    for year in (1950, 1991, 1995, 2004, 2012, 2150):
        assert production.hours(date(year, 1, 1), USUAL_WEEK) in (WHOLE, SHORT, ())
        assert production.hours(date(year, 7, 15), ALL_DAYS) == hours("10:00-22:00")


def test_the_package_of_holidays_is_loaded_only_when_a_day_is_asked_for() -> None:
    program = """
import sys
from monitor.calendar import build
from monitor.config_calendar import USUAL_WEEK, CalendarSettings
build(CalendarSettings("Europe/Moscow", USUAL_WEEK, base="russia"))
assert "holidays" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
