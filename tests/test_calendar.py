"""Working time by example: every boundary of a day, a week, a year, a clock change and the horizon."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from monitor.calendar import HORIZON, Always, Calendar, Roster, Unfailing, build, trial
from monitor.config_calendar import USUAL_WEEK, CalendarSettings
from monitor.config_values import Interval, interval
from monitor.errors import NoWorkingTime

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
NONE = timedelta()


def hours(*written: str) -> tuple[Interval, ...]:
    return tuple(interval(one) for one in written)


def week(days: Mapping[int, tuple[Interval, ...]]) -> dict[int, tuple[Interval, ...]]:
    return {number: days.get(number, ()) for number in range(7)}


def every_day(*written: str) -> dict[int, tuple[Interval, ...]]:
    return dict.fromkeys(range(7), hours(*written))


def roster(
    days: Mapping[int, tuple[Interval, ...]] = USUAL_WEEK,
    zone: str = "Europe/Moscow",
    holidays: frozenset[date] = frozenset(),
    working_days: Mapping[date, tuple[Interval, ...] | None] | None = None,
    short_days: Mapping[date, Interval] | None = None,
    base: str = "",
) -> Roster:
    return Roster(CalendarSettings(zone, days, holidays, working_days or {}, short_days or {}, base))


def at(local: str, zone: str = "Europe/Moscow") -> datetime:
    """A local time, in UTC; a repeated one is the first."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local(moment: datetime, zone: str = "Europe/Moscow") -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether the very next instant is working time."""
    return calendar.between(moment, moment + INSTANT) == INSTANT


OFFICE = roster()
LUNCH = roster({number: hours("09:00-13:00", "14:00-18:00") if number < 5 else () for number in range(7)})

# --- round the clock ---------------------------------------------------------------------------


def test_round_the_clock_every_minute_counts() -> None:
    start = at("2026-11-21 19:00")
    assert Always().after(start, HOUR) == start + HOUR
    assert Always().between(start, start + HOUR) == HOUR
    assert Always().between(start, start) == Always().between(start, start - HOUR) == NONE


# --- after --------------------------------------------------------------------------------------
# 2026-11-20 is a Friday, 2026-11-23 the Monday after it.


@pytest.mark.parametrize(
    ("start", "working", "due"),
    [
        ("2026-11-20 10:00", HOUR, "2026-11-20 11:00"),
        ("2026-11-20 09:00", HOUR, "2026-11-20 10:00"),
        ("2026-11-20 08:59", HOUR, "2026-11-20 10:00"),
        ("2026-11-20 00:00", HOUR, "2026-11-20 10:00"),
        ("2026-11-20 17:00", HOUR, "2026-11-20 18:00"),
        ("2026-11-20 17:01", HOUR, "2026-11-23 09:01"),
        ("2026-11-20 18:00", HOUR, "2026-11-23 10:00"),
        ("2026-11-20 18:01", HOUR, "2026-11-23 10:00"),
        ("2026-11-21 12:00", HOUR, "2026-11-23 10:00"),
        ("2026-11-20 09:00", 9 * HOUR, "2026-11-20 18:00"),
        ("2026-11-19 18:00", 9 * HOUR, "2026-11-20 18:00"),
        ("2026-11-20 09:00", 9 * HOUR + MINUTE, "2026-11-23 09:01"),
        ("2026-11-20 17:30", 24 * HOUR, "2026-11-25 14:30"),
        ("2026-11-20 17:30", 45 * HOUR, "2026-11-27 17:30"),
        ("2026-12-31 17:30", HOUR, "2027-01-01 09:30"),
    ],
)
def test_only_office_hours_count(start: str, working: timedelta, due: str) -> None:
    assert local(OFFICE.after(at(start), working)) == due
    assert OFFICE.between(at(start), at(due)) == working


@pytest.mark.parametrize(
    ("start", "working", "due"),
    [
        ("2026-11-20 12:00", HOUR, "2026-11-20 13:00"),
        ("2026-11-20 12:30", HOUR, "2026-11-20 14:30"),
        ("2026-11-20 13:30", HOUR, "2026-11-20 15:00"),
        ("2026-11-20 13:00", 4 * HOUR, "2026-11-20 18:00"),
        ("2026-11-20 09:00", 8 * HOUR, "2026-11-20 18:00"),
    ],
)
def test_a_break_does_not_count(start: str, working: timedelta, due: str) -> None:
    assert local(LUNCH.after(at(start), working)) == due
    assert LUNCH.between(at(start), at(due)) == working


def test_intervals_that_touch_are_one() -> None:
    touching = roster(every_day("09:00-12:00", "12:00-18:00"))
    assert local(touching.after(at("2026-11-20 11:30"), HOUR)) == "2026-11-20 12:30"
    assert is_open(touching, at("2026-11-20 12:00"))


@pytest.mark.parametrize("working", [NONE, -INSTANT, -HOUR])
@pytest.mark.parametrize("start", ["2026-11-20 10:00", "2026-11-20 18:00", "2026-11-22 12:00"])
def test_no_working_time_has_passed_at_the_start_itself(start: str, working: timedelta) -> None:
    assert OFFICE.after(at(start), working) == at(start)


def test_the_smallest_time_counts() -> None:
    assert OFFICE.after(at("2026-11-20 18:00"), INSTANT) == at("2026-11-23 09:00") + INSTANT
    assert OFFICE.after(at("2026-11-20 18:00") - INSTANT, INSTANT) == at("2026-11-20 18:00")
    assert OFFICE.between(at("2026-11-20 18:00") - INSTANT, at("2026-11-23 09:00") + INSTANT) == 2 * INSTANT


def test_a_moment_may_come_in_any_offset() -> None:
    there = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-11)))  # 2027-01-01 13:30 in Moscow
    assert local(OFFICE.after(there, HOUR)) == "2027-01-01 14:30"
    assert OFFICE.between(there, there + HOUR) == HOUR
    assert is_open(OFFICE, there)


# --- between -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "working"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:00", NONE),
        ("2026-11-20 11:00", "2026-11-20 10:00", NONE),
        ("2026-11-20 18:00", "2026-11-23 09:00", NONE),
        ("2026-11-20 08:00", "2026-11-20 19:00", 9 * HOUR),
        ("2026-11-20 17:00", "2026-11-23 10:00", 2 * HOUR),
        ("2026-11-16 00:00", "2026-11-23 00:00", 45 * HOUR),
        ("2025-12-31 12:00", "2026-01-01 12:00", 9 * HOUR),
        ("2026-12-31 17:00", "2027-01-01 10:00", 2 * HOUR),
        ("2027-01-01 10:00", "2026-12-31 17:00", NONE),
        ("2024-01-01 00:00", "2027-01-01 00:00", 784 * 9 * HOUR),
        ("2024-02-28 12:00", "2024-03-01 12:00", 18 * HOUR),
    ],
)
def test_working_time_between_two_moments(start: str, end: str, working: timedelta) -> None:
    assert OFFICE.between(at(start), at(end)) == working


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20 08:59", False),
        ("2026-11-20 09:00", True),
        ("2026-11-20 12:59", True),
        ("2026-11-20 13:00", False),
        ("2026-11-20 13:59", False),
        ("2026-11-20 14:00", True),
        ("2026-11-20 17:59", True),
        ("2026-11-20 18:00", False),
        ("2026-11-21 12:00", False),
    ],
)
def test_an_interval_is_half_open(moment: str, open_: bool) -> None:
    assert is_open(LUNCH, at(moment)) is open_


def test_the_first_hours_of_a_year_come_before_its_first_shift() -> None:
    assert not is_open(OFFICE, datetime(2027, 1, 1, tzinfo=UTC))
    assert OFFICE.between(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC)) == NONE


# --- midnight --------------------------------------------------------------------------------------

NIGHT = roster(week({4: hours("20:00-24:00"), 5: hours("00:00-08:00")}))


def test_midnight_belongs_to_the_next_day_and_a_night_shift_goes_on() -> None:
    assert local(NIGHT.after(at("2026-11-20 23:30"), HOUR)) == "2026-11-21 00:30"
    assert local(NIGHT.after(at("2026-11-20 20:00"), 12 * HOUR)) == "2026-11-21 08:00"
    assert local(NIGHT.after(at("2026-11-20 20:00"), 4 * HOUR)) == "2026-11-21 00:00"
    assert is_open(NIGHT, at("2026-11-21 00:00"))
    assert not is_open(NIGHT, at("2026-11-21 08:00"))
    only_evening = roster(week({4: hours("20:00-24:00")}))
    assert is_open(only_evening, at("2026-11-20 23:59"))
    assert not is_open(only_evening, at("2026-11-21 00:00"))
    assert not is_open(only_evening, at("2026-11-20 00:00"))


@pytest.mark.parametrize("zone", ["Europe/Moscow", "America/New_York", "Pacific/Kiritimati", "UTC"])
def test_a_shift_over_new_years_night_is_not_cut(zone: str) -> None:
    always = roster(every_day("00:00-24:00"), zone)
    start = at("2026-12-31 12:00", zone)
    assert always.after(start, 24 * HOUR) == start + 24 * HOUR
    assert always.between(start - 400 * 24 * HOUR, start + 400 * 24 * HOUR) == 800 * 24 * HOUR
    assert all(is_open(always, start + number * HOUR) for number in range(48))


# --- days of their own --------------------------------------------------------------------------

SATURDAY, MONDAY = date(2026, 11, 21), date(2026, 11, 23)


def on_day(calendar: Calendar, day: date, zone: str = "Europe/Moscow") -> timedelta:
    start = datetime.combine(day, time(), ZoneInfo(zone))
    return calendar.between(start, start + timedelta(days=1))


def test_a_holiday_is_no_working_time() -> None:
    closed = roster(holidays=frozenset({MONDAY}))
    assert local(closed.after(at("2026-11-20 17:30"), HOUR)) == "2026-11-24 09:30"
    assert closed.hours(MONDAY) == ()
    assert closed.hours(date(2026, 11, 24)) == hours("09:00-18:00")


@pytest.mark.parametrize(
    ("days", "day", "listed", "expected"),
    [
        (USUAL_WEEK, SATURDAY, hours("10:00-12:00", "13:00-14:00"), hours("10:00-12:00", "13:00-14:00")),
        (USUAL_WEEK, MONDAY, hours("10:00-12:00"), hours("10:00-12:00")),
        (USUAL_WEEK, SATURDAY, None, hours("09:00-18:00")),
        (week({0: hours("08:00-17:00"), 5: hours("10:00-11:00")}), SATURDAY, None, hours("10:00-11:00")),
        (week({0: hours("08:00-17:00"), 4: hours("10:00-11:00")}), SATURDAY, None, hours("08:00-17:00")),
        (week({2: hours("08:00-16:00"), 4: hours("10:00-11:00")}), SATURDAY, None, hours("08:00-16:00")),
        (week({6: hours("08:00-16:00")}), MONDAY, None, hours("08:00-16:00")),
    ],
    ids=["listed", "listed on a weekday", "Monday's", "its weekday's", "Monday's first", "the first day's", "Sunday's"],
)
def test_an_added_working_day_has_its_hours(
    days: Mapping[int, tuple[Interval, ...]],
    day: date,
    listed: tuple[Interval, ...] | None,
    expected: tuple[Interval, ...],
) -> None:
    assert roster(days, working_days={day: listed}).hours(day) == expected


def test_an_added_day_without_any_week_to_take_from_has_no_hours() -> None:
    assert roster(week({}), working_days={MONDAY: None, SATURDAY: hours("09:00-10:00")}).hours(MONDAY) == ()


def test_a_short_day_has_the_interval_that_is_written() -> None:
    short = roster(LUNCH.settings.week, short_days={MONDAY: hours("09:00-12:00")[0]})
    assert on_day(short, MONDAY) == 3 * HOUR
    assert local(short.after(at("2026-11-20 18:00"), 4 * HOUR)) == "2026-11-24 10:00"


def test_a_leap_day_is_a_day() -> None:
    assert local(OFFICE.after(at("2028-02-28 17:30"), HOUR)) == "2028-02-29 09:30"
    assert local(roster(holidays=frozenset({date(2028, 2, 29)})).after(at("2028-02-28 17:30"), HOUR)) == (
        "2028-03-01 09:30"
    )


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 4), hours("12:00-14:00")),  # a holiday, here worked
        (date(2026, 11, 3), hours("09:00-18:00")),  # the day before it, here a whole one
        (date(2026, 6, 12), hours("09:00-10:00")),
        (date(2026, 6, 15), ()),
        (date(2026, 6, 11), hours("09:00-17:00")),  # left to the base
        (date(2026, 5, 1), ()),
        (date(2026, 5, 4), hours("09:00-18:00")),
    ],
)
def test_what_stands_in_the_file_goes_before_the_production_calendar(day: date, expected: object) -> None:
    mine = roster(
        base="russia",
        holidays=frozenset({date(2026, 6, 15)}),
        working_days={date(2026, 11, 4): hours("12:00-14:00"), date(2026, 11, 3): None},
        short_days={date(2026, 6, 12): hours("09:00-10:00")[0]},
    )
    assert mine.hours(day) == expected


# --- when clocks are changed -----------------------------------------------------------------------
# Berlin: 2024-03-31 02:00 → 03:00, 2024-10-27 03:00 → 02:00. Lord Howe: half an hour, 2024-04-07 and 2024-10-06.


@pytest.mark.parametrize(
    ("zone", "evening", "shift"),
    [
        ("Europe/Berlin", "2024-03-29", 8 * HOUR),
        ("Europe/Berlin", "2024-03-30", 7 * HOUR),
        ("Europe/Berlin", "2024-03-31", 8 * HOUR),
        ("Europe/Berlin", "2024-10-26", 9 * HOUR),
        ("Europe/Berlin", "2024-10-27", 8 * HOUR),
        ("America/New_York", "2024-03-09", 7 * HOUR),
        ("America/New_York", "2024-11-02", 9 * HOUR),
        ("Australia/Lord_Howe", "2024-04-06", 8.5 * HOUR),
        ("Australia/Lord_Howe", "2024-10-05", 7.5 * HOUR),
        ("America/Sao_Paulo", "2018-11-03", 7 * HOUR),  # from midnight to one
        ("America/Sao_Paulo", "2018-02-17", 9 * HOUR),  # from midnight back to eleven
        ("Europe/Chisinau", "2024-03-30", 7 * HOUR),  # at midnight in UTC
        ("Europe/Chisinau", "2024-10-26", 9 * HOUR),
        ("Africa/Sao_Tome", "2018-12-31", 9 * HOUR),  # on the first day of a year
        ("Asia/Kathmandu", "2024-03-30", 8 * HOUR),
        ("Europe/Moscow", "2024-03-30", 8 * HOUR),
        ("Europe/Moscow", "2014-10-25", 9 * HOUR),
    ],
)
def test_a_night_shift_lasts_as_long_as_it_really_does(zone: str, evening: str, shift: timedelta) -> None:
    night = roster(every_day("00:00-06:00", "22:00-24:00"), zone)
    start = at(f"{evening} 22:00", zone)
    assert night.between(start - HOUR, start + 10 * HOUR) == shift
    assert night.after(start - HOUR, shift) == start + shift
    assert local(start + shift, zone)[11:] == "06:00"


def test_hours_that_do_not_exist_do_not_count() -> None:
    lost = roster(every_day("02:00-03:00"), "Europe/Berlin")
    assert on_day(lost, date(2024, 3, 31), "Europe/Berlin") == NONE
    assert local(lost.after(at("2024-03-30 02:30", "Europe/Berlin"), HOUR), "Europe/Berlin") == "2024-04-01 02:30"
    half = roster(every_day("01:30-02:30"), "Europe/Berlin")
    assert on_day(half, date(2024, 3, 31), "Europe/Berlin") == HOUR / 2
    other = roster(every_day("02:30-03:30"), "Europe/Berlin")
    assert local(other.after(at("2024-03-31 00:00", "Europe/Berlin"), INSTANT), "Europe/Berlin") == "2024-03-31 03:00"
    assert on_day(other, date(2024, 3, 31), "Europe/Berlin") == HOUR / 2


@pytest.mark.parametrize(
    ("zone", "day", "written", "expected"),
    [
        ("Europe/Chisinau", date(2024, 3, 31), "01:30-02:00", HOUR / 2),  # 24:00 in UTC
        ("Europe/Chisinau", date(2024, 3, 31), "03:00-03:30", HOUR / 2),
        ("Europe/Chisinau", date(2024, 3, 31), "02:00-03:00", NONE),
        ("Europe/Moscow", date(2011, 3, 27), "01:30-02:00", HOUR / 2),  # 23:00
        ("Europe/Berlin", date(2024, 3, 31), "01:59-02:00", MINUTE),  # 01:00
        ("America/New_York", date(2024, 3, 10), "03:00-03:01", MINUTE),  # 07:00
        ("Africa/Sao_Tome", date(2019, 1, 1), "01:00-02:00", 2 * HOUR),  # 01:00 on the first day of a year
        ("Africa/Sao_Tome", date(2019, 1, 1), "00:30-01:30", 1.5 * HOUR),
        ("Africa/Sao_Tome", date(2019, 1, 1), "02:00-02:30", HOUR / 2),
    ],
)
def test_the_change_is_found_to_the_minute(zone: str, day: date, written: str, expected: timedelta) -> None:
    assert on_day(roster(every_day(written), zone), day, zone) == expected


def test_hours_that_come_twice_count_twice() -> None:
    twice = roster(every_day("02:00-03:00"), "Europe/Berlin")
    first = at("2024-10-27 02:00", "Europe/Berlin")
    assert twice.between(first, first + 3 * HOUR) == 2 * HOUR
    assert is_open(twice, first + HOUR)
    assert not is_open(twice, first + 2 * HOUR)
    cut = roster(every_day("01:00-02:30"), "Europe/Berlin")
    assert is_open(cut, first + HOUR / 2 - INSTANT)
    assert not is_open(cut, first + HOUR / 2)
    assert is_open(cut, first + HOUR)
    assert not is_open(cut, first + 1.5 * HOUR)
    assert cut.after(first, HOUR) == first + 1.5 * HOUR


def test_a_day_that_a_country_skips_has_no_hours() -> None:
    samoa = roster(every_day("09:00-18:00"), "Pacific/Apia")
    start = at("2011-12-29 17:00", "Pacific/Apia")
    assert samoa.between(start, start + 24 * HOUR) == 9 * HOUR
    assert local(samoa.after(start, 2 * HOUR), "Pacific/Apia") == "2011-12-31 10:00"


# --- horizon -------------------------------------------------------------------------------------

ONE_DAY = date(2027, 11, 22)  # 366 days after 2026-11-21


def once(written: str) -> Roster:
    return roster(week({}), "UTC", working_days={ONE_DAY: hours(written)})


def test_the_horizon_is_366_days() -> None:
    assert timedelta(days=366) == HORIZON
    start = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert once("11:00-12:00").after(start, HOUR) == start + HORIZON
    with pytest.raises(NoWorkingTime):
        once("11:01-12:01").after(start, HOUR)
    with pytest.raises(NoWorkingTime):
        once("11:00-13:00").after(start, HOUR + INSTANT)
    with pytest.raises(NoWorkingTime):
        once("10:00-11:00").after(start, HOUR + INSTANT)


def test_the_horizon_may_lie_two_years_on() -> None:
    start = datetime(2027, 12, 31, 12, tzinfo=UTC)
    late = roster(week({}), "UTC", working_days={date(2028, 12, 31): hours("09:00-10:00")})
    assert late.after(start, HOUR) == datetime(2028, 12, 31, 10, tzinfo=UTC)
    later = roster(week({}), "UTC", working_days={date(2029, 1, 1): hours("09:00-10:00")})
    with pytest.raises(NoWorkingTime):
        later.after(start, HOUR)


def test_the_error_says_what_is_missing_and_what_to_do() -> None:
    with pytest.raises(NoWorkingTime) as caught:
        once("09:00-10:00").after(datetime(2026, 11, 21, tzinfo=UTC), timedelta(hours=1, minutes=30))
    assert str(caught.value) == (
        "there are no 1.5 h of working time in the 366 days after 2026-11-21: "
        "give the calendar more hours, or fewer holidays"
    )
    assert caught.value.exit_code == 1


def test_a_trial_calculation_tells_why_a_calendar_cannot_be_used() -> None:
    start = at("2026-11-20 12:00")
    closed = frozenset(date(2026, 11, 1) + timedelta(days=number) for number in range(400))
    assert trial(OFFICE, start, 24 * HOUR) is None
    assert trial(Always(), start, 24 * HOUR) is None
    assert "working time in the 366 days" in (trial(roster(holidays=closed), start, HOUR) or "")
    assert "72 h of working time" in (trial(once("09:00-10:00"), start, 72 * HOUR) or "")


@pytest.mark.parametrize("moment", [datetime(1, 6, 1, tzinfo=UTC), datetime(9999, 6, 1, tzinfo=UTC)])
def test_time_ends_where_the_calendar_does(moment: datetime) -> None:
    for ask in (
        lambda: OFFICE.after(moment, HOUR),
        lambda: OFFICE.between(moment, moment + HOUR),
    ):
        with pytest.raises(OverflowError):
            ask()


@pytest.mark.parametrize("year", [2, 9998])
def test_time_counts_up_to_the_edges(year: int) -> None:
    start = datetime(year, 6, 1, tzinfo=UTC)
    assert roster(every_day("00:00-24:00"), "UTC").after(start, HOUR) == start + HOUR


def test_a_roster_that_ends_goes_on_round_the_clock() -> None:
    start = datetime(2026, 11, 21, 12, tzinfo=UTC)
    unfailing = Unfailing(once("11:00-12:00"))
    assert unfailing.after(start, HOUR) == start + HORIZON
    assert unfailing.after(start, 2 * HOUR) == start + 2 * HOUR
    assert unfailing.between(start, start + HORIZON) == HOUR
    assert is_open(unfailing, start + HORIZON - MINUTE)
    assert not is_open(unfailing, start)


# --- the object ---------------------------------------------------------------------------------


def test_rosters_with_the_same_settings_are_equal_whatever_they_were_asked() -> None:
    one, other = build(OFFICE.settings), build(OFFICE.settings)
    one.after(at("2026-11-20 12:00"), HOUR)
    assert one == other
    assert one != roster(every_day("09:00-18:00"))
    assert Always() == Always()


def test_a_year_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []

    def counting(day: date, usual: Mapping[int, tuple[Interval, ...]]) -> tuple[Interval, ...]:
        asked.append(day)
        return usual[day.weekday()]

    monkeypatch.setattr("monitor.production.hours", counting)
    calendar = roster(base="russia")
    for _ in range(3):
        calendar.after(at("2026-11-20 12:00"), HOUR)
    assert 365 <= len(asked) <= 367
