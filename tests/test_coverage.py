"""When nobody would see a review in time: the hours of a week, the gaps, the picture."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.calendar import Always, build
from monitor.clock import SystemClock
from monitor.config_calendar import USUAL_WEEK, CalendarSettings
from monitor.config_values import Interval, interval
from monitor.coverage import AHEAD, MONDAY, WEEK, covered, longest_gap, usual
from tests.conftest import Otklik, Result
from tests.test_config import SMALL

HOUR = timedelta(hours=1)
NOW = datetime(2026, 12, 25, 9, 42, 30, tzinfo=UTC)  # a Friday
CALENDARS = """calendars:
  office: {base: russia}
  night: {timezone: Europe/Moscow, week: {mon-sun: ["22:00-24:00"]}}
  whole: {timezone: Asia/Yekaterinburg, week: {mon-sun: ["00:00-24:00"]}}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """config.yaml with three calendars; it is NOW."""
    (tmp_path / "config.yaml").write_text(SMALL + CALENDARS, encoding="utf-8")
    monkeypatch.setattr(SystemClock, "now", lambda self: NOW)


def pictures(result: Result) -> list[dict[str, Any]]:
    (found,) = result.objects()
    calendars: list[dict[str, Any]] = found["calendars"]
    return calendars


def every_day(*written: str) -> dict[int, tuple[Interval, ...]]:
    return dict.fromkeys(range(7), tuple(interval(one) for one in written))


def monday(days: Mapping[int, tuple[Interval, ...]], target: timedelta) -> list[int]:
    """The covered hours of the first day."""
    hours = covered(usual(CalendarSettings("Europe/Moscow", days)), MONDAY, 24, target)
    return [number for number, held in enumerate(hours) if held]


@pytest.mark.parametrize(
    ("written", "target", "expected"),
    [
        (["09:00-18:00"], HOUR, range(9, 18)),
        (["09:00-18:00"], HOUR + timedelta(minutes=1), range(8, 18)),
        (["09:00-18:00"], 3 * HOUR, range(7, 18)),
        (["09:00-18:00"], HOUR / 2, range(9, 18)),
        (["09:00-13:00", "14:00-18:00"], HOUR, [9, 10, 11, 12, 14, 15, 16, 17]),
        (["09:00-13:00", "13:59-18:00"], HOUR, range(9, 18)),
        (["09:30-17:30"], HOUR, range(9, 17)),
        (["09:30-17:30"], HOUR / 2, range(10, 17)),
        (["09:00-17:59"], HOUR, range(9, 17)),
        (["22:00-24:00"], HOUR, [22, 23]),
        (["00:00-00:30"], 2 * HOUR, [23]),
        (["00:00-24:00"], HOUR, range(24)),
        ([], 24 * HOUR, []),
    ],
)
def test_an_hour_is_covered_when_whatever_is_seen_in_it_meets_working_time(
    written: list[str], target: timedelta, expected: Sequence[int]
) -> None:
    assert monday(every_day(*written), target) == list(expected)


def test_a_usual_week_knows_no_holidays_and_no_change_of_the_clock() -> None:
    settings = CalendarSettings(
        "Europe/Berlin", USUAL_WEEK, frozenset({date(2001, 1, 1)}), {date(2001, 1, 6): None}, {}, "russia"
    )
    hours = covered(usual(settings), MONDAY, WEEK, HOUR)
    assert [number for number, held in enumerate(hours) if held] == [
        number for number in range(120) if 9 <= number % 24 < 18
    ]
    assert not covered(build(settings), MONDAY, 24, HOUR)[12]


def test_a_target_of_a_lifetime_is_looked_for_no_farther_than_the_horizon() -> None:
    settings = CalendarSettings("UTC", every_day(), working_days={date(2002, 1, 2): every_day("00:00-01:00")[0]})
    hours = covered(build(settings), MONDAY, 26, timedelta(days=36500))
    assert hours == (False,) * 1 + (True,) * 25


def test_round_the_clock_every_hour_is_covered() -> None:
    assert covered(Always(), NOW, AHEAD, timedelta(minutes=1)) == (True,) * AHEAD


@pytest.mark.parametrize(
    ("hours", "circular", "gap"),
    [
        ("", False, (0, 0)),
        ("+++", True, (0, 0)),
        ("---", True, (0, 3)),
        ("---", False, (0, 3)),
        ("+-+--+", False, (3, 2)),
        ("-+--+-", False, (2, 2)),
        ("-+--+-", True, (2, 2)),
        ("-+-+--", True, (4, 3)),
        ("--+-+-", True, (5, 3)),
        ("--+-", False, (0, 2)),
        ("++--", True, (2, 2)),
    ],
)
def test_the_longest_gap(hours: str, circular: bool, gap: tuple[int, int]) -> None:
    assert longest_gap([hour == "+" for hour in hours], circular=circular) == gap


# --- the command -------------------------------------------------------------------------------------


def test_the_picture_of_a_week(otklik: Otklik, config: None) -> None:
    result = otklik("sla", "coverage", "--calendar", "office")
    assert (result.code, result.err) == (0, "")
    office = "·· " * 9 + "██ " * 9 + "·· " * 5 + "··"
    for day in ("пн", "вт", "ср", "чт", "пт"):
        assert f"{day} {office}\n" in result.out
    for day in ("сб", "вс"):
        assert f"{day} {'·· ' * 23}··\n" in result.out
    assert "Календарь office (Europe/Moscow), срок 1 ч\n" in result.out
    assert "██  в срок кто-то работает" in result.out
    assert "охвачено 45 из 168 часов (26,8 %). Самый долгий перерыв — 63 ч: с пт 18:00 до пн 9:00.\n" in result.out
    assert "праздниками: охвачено 297 из 1344 часов (22,1 %). " in result.out
    assert "Самый долгий перерыв — 279 ч: со ср 30.12 18:00 до пн 11.01 9:00.\n" in result.out
    assert max(map(len, result.out.splitlines())) <= 140


def test_every_calendar_is_shown_unless_one_is_named(otklik: Otklik, config: None) -> None:
    out = otklik("sla", "coverage", "--target", "2h").out
    assert [line for line in out.splitlines() if line.startswith("Календарь")] == [
        "Календарь office (Europe/Moscow), срок 2 ч",
        "Календарь night (Europe/Moscow), срок 2 ч",
        "Календарь whole (Asia/Yekaterinburg), срок 2 ч",
    ]
    assert "охвачено 21 из 168 часов (12,5 %). Самый долгий перерыв — 21 ч: с пн 0:00 до пн 21:00." in out
    assert "охвачено 168 из 168 часов (100 %). Перерывов нет." in out
    assert "охвачено 1344 из 1344 часов (100 %). Перерывов нет." in out


def test_a_calendar_tells_which_deadlines_are_counted_by_it(otklik: Otklik, config: None, tmp_path: Path) -> None:
    idle = "Сроки по нему не считаются"
    assert otklik("sla", "coverage").out.count(idle) == 3
    (tmp_path / "config.yaml").write_text(
        f"{SMALL}{CALENDARS}sla: {{calendar: {{negative: always, other: office}}}}\n", encoding="utf-8"
    )
    office, night, whole = otklik("sla", "coverage").out.split("Календарь ")[1:]
    assert "По нему считаются сроки: остальное." in office
    assert idle in night
    assert idle in whole
    by_name = {one["calendar"]: one["promises"] for one in pictures(otklik("sla", "coverage", "--json"))}
    assert by_name == {"office": ["other"], "night": [], "whole": []}
    (always,) = pictures(otklik("sla", "coverage", "--calendar", "always", "--json"))
    assert always["promises"] == ["negative", "reopened"]


def test_numbers_for_programs(otklik: Otklik, config: None) -> None:
    (found,) = otklik("sla", "coverage", "--calendar", "office", "--json").objects()
    assert found["target_s"] == 3600
    (office,) = found["calendars"]
    missed = office["week"].pop("uncovered")
    assert list(missed) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert missed["fri"] == [*range(9), *range(18, 24)]
    assert missed["sun"] == list(range(24))
    assert office == {
        "calendar": "office",
        "promises": [],
        "timezone": "Europe/Moscow",
        "week": {
            "hours": 168,
            "covered": 45,
            "share": 0.2679,
            "longest_gap": {"from": "fri 18:00", "to": "mon 09:00", "hours": 63},
        },
        "ahead": {
            "from": "2026-12-25T09:00:00.000000Z",
            "to": "2027-02-19T09:00:00.000000Z",
            "hours": 1344,
            "covered": 297,
            "share": 0.221,
            "longest_gap": {
                "from": "2026-12-30T15:00:00.000000Z",
                "to": "2027-01-11T06:00:00.000000Z",
                "hours": 279,
            },
        },
    }


def test_round_the_clock_has_no_gap(otklik: Otklik, config: None) -> None:
    (found,) = otklik("sla", "coverage", "--calendar", "always", "--json").objects()
    (always,) = found["calendars"]
    assert always["week"]["share"] == always["ahead"]["share"] == 1
    assert always["week"]["longest_gap"] is always["ahead"]["longest_gap"] is None
    assert not any(always["week"]["uncovered"].values())
    assert "Календарь always (круглосуточно)" in otklik("sla", "coverage", "--calendar", "always").out


def test_a_config_without_calendars_works_round_the_clock(otklik: Otklik, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SMALL, encoding="utf-8")
    assert "Календарь always" in otklik("sla", "coverage").out


def test_a_target_that_no_hour_meets_has_one_gap(otklik: Otklik, config: None, tmp_path: Path) -> None:
    rare = 'calendars: {rare: {timezone: Europe/Moscow, week: {tue: ["09:00-09:30"]}}}\n'
    (tmp_path / "config.yaml").write_text(SMALL + rare, encoding="utf-8")
    out = otklik("sla", "coverage", "--target", "1m").out
    assert "охвачено 0 из 168 часов (0 %). Перерыв — вся неделя.\n" in out
    assert "охвачено 0 из 1344 часов (0 %). Перерыв — все 8 недель.\n" in out
    assert "— 167 ч: со вт 9:00 до вт 8:00." in otklik("sla", "coverage", "--target", "91m").out


def test_years_without_a_decree_are_named(
    otklik: Otklik, config: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda self: datetime(2089, 12, 25, tzinfo=UTC))
    result = otklik("sla", "coverage")
    assert result.code == 0
    assert result.err.splitlines() == [
        "Переносы выходных на 2089 год ещё не известны: учтены только сами праздники.",
        "Переносы выходных на 2090 год ещё не известны: учтены только сами праздники.",
    ]
    assert otklik("sla", "coverage", "--calendar", "night").err == ""


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (datetime(2026, 12, 25, tzinfo=UTC), []),
        (datetime(2089, 11, 1, tzinfo=UTC), [2089]),
        (datetime(2089, 12, 25, tzinfo=UTC), [2089, 2090]),
    ],
)
def test_check_tells_of_years_whose_transfers_nobody_knows(
    otklik: Otklik, config: None, monkeypatch: pytest.MonkeyPatch, today: datetime, years: list[int]
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda self: today)
    result = otklik("check", "--offline")
    assert result.code == 0, "a doubt is no mistake"
    told = [line for line in result.err.splitlines() if "зависит календарь office:" in line]
    assert [line.split()[3] for line in told] == [str(year) for year in years]
    assert otklik("check", "--offline", "--json").objects()[0]["doubts"] == told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--calendar", "offise"], "did you mean `office`"),
        (["--target", "soon"], "--target must be a duration"),
        (["--target", "0s"], "--target must be longer than nothing"),
    ],
)
def test_a_wrong_question_is_refused(otklik: Otklik, config: None, arguments: list[str], says: str) -> None:
    result = otklik("sla", "coverage", *arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
