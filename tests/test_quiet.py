"""Quiet hours: warnings wait for their end, which is always ahead and never inside of them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.quiet import Quiet

MINUTE = timedelta(minutes=1)
NIGHT = Quiet(time(22), time(8), "Europe/Moscow")
NAP = Quiet(time(13), time(14, 30), "Europe/Moscow")

zones = st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "Europe/Berlin", "America/St_Johns", "UTC"])
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1])
quiets = st.builds(lambda pair, zone: Quiet(pair[0], pair[1], zone), hours, zones)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


def in_moscow(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+03:00").astimezone(UTC)


def silent(quiet: Quiet, moment: datetime) -> bool:
    """What the clock on the wall says, minute by minute."""
    clock = moment.astimezone(ZoneInfo(quiet.timezone)).time()
    if quiet.start < quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


@pytest.mark.parametrize(
    ("quiet", "moment", "over"),
    [
        (NIGHT, "2026-11-21T21:59:59", "2026-11-21T21:59:59"),
        (NIGHT, "2026-11-21T22:00:00", "2026-11-22T08:00:00"),
        (NIGHT, "2026-11-21T23:59:59", "2026-11-22T08:00:00"),
        (NIGHT, "2026-11-22T00:00:00", "2026-11-22T08:00:00"),
        (NIGHT, "2026-11-22T07:59:59", "2026-11-22T08:00:00"),
        (NIGHT, "2026-11-22T08:00:00", "2026-11-22T08:00:00"),
        (NIGHT, "2026-12-31T23:00:00", "2027-01-01T08:00:00"),
        (NAP, "2026-11-21T12:59:59", "2026-11-21T12:59:59"),
        (NAP, "2026-11-21T13:00:00", "2026-11-21T14:30:00"),
        (NAP, "2026-11-21T14:29:59", "2026-11-21T14:30:00"),
        (NAP, "2026-11-21T14:30:00", "2026-11-21T14:30:00"),
        (Quiet(time(22), time(), "Europe/Moscow"), "2026-11-21T23:00:00", "2026-11-22T00:00:00"),
        (Quiet(time(22), time(), "Europe/Moscow"), "2026-11-22T00:00:00", "2026-11-22T00:00:00"),
    ],
)
def test_a_moment_in_the_quiet_hours_waits_for_their_end(quiet: Quiet, moment: str, over: str) -> None:
    assert quiet.over(in_moscow(moment)) == in_moscow(over)


def test_quiet_hours_are_those_of_the_place() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert Quiet(time(22), time(8), "Asia/Vladivostok").over(noon) == datetime(2026, 11, 21, 22, tzinfo=UTC)
    assert Quiet(time(22), time(8), "Europe/Moscow").over(noon) == noon


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        ("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T00:45:00Z", "2026-10-25T00:45:00Z"),
        ("2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"),
    ],
)
def test_where_clocks_are_set_back_an_end_that_comes_twice_counts_twice(moment: str, over: str) -> None:
    berlin = Quiet(time(22), time(2, 30), "Europe/Berlin")
    assert berlin.over(datetime.fromisoformat(moment)) == datetime.fromisoformat(over)


@given(quiets, moments)
def test_whatever_waits_rings_later_within_a_day_and_outside_the_quiet_hours(quiet: Quiet, moment: datetime) -> None:
    over = quiet.over(moment)
    assert moment <= over < moment + timedelta(hours=25)
    assert not silent(quiet, over)
    assert quiet.over(over) == over
    assert (over == moment) is not silent(quiet, moment)


@given(quiets, moments.map(lambda moment: moment.replace(second=0, microsecond=0)))
def test_nothing_waits_longer_than_the_wall_clock_says(quiet: Quiet, moment: datetime) -> None:
    """But for an end that the clock skips in spring: it counts as if the clock had not."""
    first = moment
    while silent(quiet, first):
        first += MINUTE
    late = quiet.over(moment) - first
    local = quiet.over(moment).astimezone(ZoneInfo(quiet.timezone)).time()
    assert late == timedelta() or (local != quiet.end and timedelta() < late < timedelta(hours=1))
