from datetime import date, time
from pathlib import Path

import pytest

from monitor.config import CalendarSettings, load, problems
from monitor.errors import ConfigError
from tests.test_config import SMALL, written

HEAD = "calendars:\n  office:\n    timezone: Europe/Moscow\n"
LINE = SMALL.count("\n") + 4
"""Where the first key after the head stands."""

Day = tuple[tuple[time, time], ...]
DAY: Day = ((time(9), time(18)),)


def calendar(folder: Path, body: str) -> CalendarSettings:
    return load(written(folder, SMALL + HEAD + body)).calendars["office"]


def complaint(folder: Path, body: str) -> ConfigError:
    found = problems(written(folder, SMALL + HEAD + body))
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("{mon: '09:00-18:00'}", {0: DAY}),
        ("{mon-wed: ['9:00-18:00']}", {0: DAY, 1: DAY, 2: DAY}),
        ("{fri-mon: ['09:00–18:00']}", {4: DAY, 5: DAY, 6: DAY, 0: DAY}),
        ("{Sat: ['09:00 - 18:00'], sun: []}", {5: DAY}),
        ("{sun: ['18:00-24:00', '00:00-09:00']}", {6: ((time(0), time(9)), (time(18), time(0)))}),
        ("{mon: ['00:00-24:00'], tue: }", {0: ((time(0), time(0)),)}),
        ("{mon: [09:00-12:00, 12:00-18:00]}", {0: ((time(9), time(12)), (time(12), time(18)))}),
    ],
)
def test_a_week_is_read(tmp_path: Path, week: str, expected: dict[int, Day]) -> None:
    assert calendar(tmp_path, f"    week: {week}\n").week == {number: expected.get(number, ()) for number in range(7)}


def test_dates_may_be_quoted_or_not_and_working_days_may_be_a_list(tmp_path: Path) -> None:
    found = calendar(
        tmp_path,
        '    week: {mon: ["09:00-18:00"]}\n    holidays: ["2026-12-31", 2027-01-01]\n'
        '    working_days: [2027-02-20, "2027-02-27"]\n    short_days: {"2026-11-03": "09:00-17:00"}\n',
    )
    assert found.holidays == {date(2026, 12, 31), date(2027, 1, 1)}
    assert found.working_days == {date(2027, 2, 20): None, date(2027, 2, 27): None}
    assert found.short_days == {date(2026, 11, 3): (time(9), time(17))}


def test_a_working_day_may_leave_its_hours_to_the_week(tmp_path: Path) -> None:
    found = calendar(tmp_path, '    week: {mon: ["09:00-18:00"]}\n    working_days: {2027-02-20: }\n')
    assert found.working_days == {date(2027, 2, 20): None}


WEEK = '    week: {mon: ["09:00-18:00"]}\n'


@pytest.mark.parametrize(
    ("body", "path", "line", "says"),
    [
        ("    week: {mon: ['18:00-09:00']}\n", "week.mon.0", LINE, "split a night shift"),
        ("    week: {mon: ['09:00-00:00']}\n", "week.mon.0", LINE, "24:00"),
        ("    week: {mon: ['09:00-09:00']}\n", "week.mon.0", LINE, "ends before"),
        ("    week: {mon: ['09:00-25:00']}\n", "week.mon.0", LINE, "at most 24:00"),
        ("    week: {mon: ['09:60-10:00']}\n", "week.mon.0", LINE, "working hours"),
        ("    week: {mon: ['9-18']}\n", "week.mon.0", LINE, "09:00-18:00"),
        ("    week: {mon: ['09:00-13:00', '12:00-18:00']}\n", "week.mon", LINE, "overlapping"),
        ("    week: {mon: ['09:00-24:00', '10:00-18:00']}\n", "week.mon", LINE, "overlapping"),
        ("    week: {mon-fri: ['09:00-18:00'],\n           fri: []}\n", "week.fri", LINE + 1, "every day once"),
        ("    week: {monday: ['09:00-18:00']}\n", "week.monday", LINE, "mon-fri"),
        ("    week: {mon-: ['09:00-18:00']}\n", "week.mon-", LINE, "mon-fri"),
        ("    week: {mon: []}\n", "week", LINE, "no working time"),
        ("    week: {}\n    working_days: [2027-02-20]\n", "week", LINE, "no working time"),
        ("    holidays: []\n", "week", LINE - 2, "add `week"),
        (WEEK + "    holidays: [31.12.2026]\n", "holidays.0", LINE + 1, "2026-12-31"),
        (WEEK + "    holidays: [2026-02-30]\n", "holidays.0", LINE + 1, "2026-12-31"),
        (WEEK + "    working_days: {2027-02-20: []}\n", "working_days.2027-02-20", LINE + 1, "no hours"),
        (WEEK + "    short_days: {2027-02-20: []}\n", "short_days.2027-02-20", LINE + 1, "one value"),
        (WEEK + "    short_days: {soon: '09:00-10:00'}\n", "short_days.soon", LINE + 1, "2026-12-31"),
        (
            WEEK + "    holidays: [2027-02-20]\n    working_days: [2027-02-20]\n",
            "working_days",
            LINE + 2,
            "also under holidays",
        ),
        (WEEK + "    zone: UTC\n", "zone", LINE + 1, "did you mean `timezone`"),
        ("    base: rusia\n", "base", LINE, "did you mean `russia`"),
        ("    base: russia\n    week: {}\n", "week", LINE + 1, "no working time"),
        ("    base: russia\n    week: {mon: ['9-18']}\n", "week.mon.0", LINE + 1, "09:00-18:00"),
    ],
)
def test_a_wrong_roster_is_named_with_line_and_advice(
    tmp_path: Path, body: str, path: str, line: int, says: str
) -> None:
    found = complaint(tmp_path, body)
    assert (found.path, found.line) == (f"calendars.office.{path}", line)
    assert says in found.message


def test_upon_a_production_calendar_the_usual_week_needs_no_words(tmp_path: Path) -> None:
    found = load(written(tmp_path, SMALL + "calendars: {office: {base: russia}}\n")).calendars["office"]
    assert (found.base, found.timezone) == ("russia", "Europe/Moscow")
    assert found.week == {number: DAY if number < 5 else () for number in range(7)}
    assert (found.holidays, found.working_days, found.short_days) == (frozenset(), {}, {})


def test_what_stands_beside_a_production_calendar_is_read(tmp_path: Path) -> None:
    found = calendar(
        tmp_path,
        "    base: russia\n    week: {sat: '10:00-12:00'}\n    holidays: [2027-08-30]\n"
        "    working_days: {2027-01-04: }\n    short_days: {2027-12-30: '09:00-12:00'}\n",
    )
    assert found.week == {number: ((time(10), time(12)),) if number == 5 else () for number in range(7)}
    assert found.holidays == {date(2027, 8, 30)}
    assert found.working_days == {date(2027, 1, 4): None}
    assert found.short_days == {date(2027, 12, 30): (time(9), time(12))}


def test_a_production_calendar_may_be_kept_in_any_zone(tmp_path: Path) -> None:
    text = SMALL + "calendars: {office: {base: russia, timezone: Asia/Vladivostok}}\n"
    assert load(written(tmp_path, text)).calendars["office"].timezone == "Asia/Vladivostok"


def test_without_a_base_the_zone_must_be_written(tmp_path: Path) -> None:
    found = problems(written(tmp_path, SMALL + "calendars: {office: {week: {mon: ['9:00-18:00']}}}\n"))
    assert [problem.path for problem in found] == ["calendars.office.timezone"]


def test_without_a_base_nothing_is_taken_over(tmp_path: Path) -> None:
    assert calendar(tmp_path, WEEK).base == ""


def test_round_the_clock_cannot_be_redefined(tmp_path: Path) -> None:
    found = problems(written(tmp_path, SMALL + "calendars: {always: {timezone: UTC, week: {mon: ['09:00-18:00']}}}\n"))
    assert [problem.path for problem in found] == ["calendars.always"]
