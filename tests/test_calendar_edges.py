"""Working time at the edges that other tests of the calendar do not reach."""

import time as clocks
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.calendar import build
from monitor.config_calendar import CalendarSettings

HOUR = timedelta(hours=1)
DAYS = CalendarSettings("Europe/Moscow", {day: ((time(9), time(18)),) for day in range(7)})


@pytest.fixture(params=["Pacific/Kiritimati", "Pacific/Niue"])
def somewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own clock is a day ahead of others, or behind them."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        clocks.tzset()
        yield
    clocks.tzset()


@pytest.mark.usefixtures("somewhere")
@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "Pacific/Kiritimati", "Pacific/Niue"])
def test_working_time_does_not_depend_on_where_the_machine_stands(zone: str) -> None:
    """Also at the turn of a year, which comes to some places a day earlier."""
    roster = build(DAYS)
    start = datetime(2026, 12, 31, 17, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    end = datetime(2027, 1, 1, 9, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    there, then = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    assert roster.after(there, HOUR) == end
    assert roster.between(there, then) == HOUR


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year_have_no_working_time_that_could_be_told(year: int) -> None:
    with pytest.raises(OverflowError, match=f"the year {year} lies at the edge of the calendar"):
        build(DAYS).between(datetime(year, 6, 1, tzinfo=UTC), datetime(year, 6, 2, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kamchatka"])
def test_the_horizon_is_as_far_wherever_the_moment_is_told(zone: str) -> None:
    """366 days after it the new year has begun, but not yet in New York."""
    hour = {date(2027, 1, 1): ((time(3), time(4)),)}
    roster = build(CalendarSettings("UTC", dict.fromkeys(range(7), ()), working_days=hour))
    there = datetime(2025, 12, 31, 4, 30, tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert roster.after(there, HOUR) == datetime(2027, 1, 1, 4, tzinfo=UTC)


def test_no_time_passes_between_a_moment_and_itself() -> None:
    roster = build(CalendarSettings("UTC", DAYS.week, holidays=frozenset({date(2026, 11, 21)})))
    for hour in range(24):
        moment = datetime(2026, 11, 20, hour, tzinfo=UTC)
        assert roster.between(moment, moment) == timedelta()
