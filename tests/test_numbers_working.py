"""Working time of many lengths at once is what the calendar tells of each, and numbers tell it of the team's clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.calendar import Always, AtPlaces, Calendar, Unfailing
from monitor.numbers import Dimension, Of, Period, Scope, Selection, Spread, Step
from monitor.store.facts_rows import number_of
from monitor.store.numbers_working import worked
from tests.numbers_rig import HOUR, MINUTE, Book, Event, Story
from tests.test_calendar import LUNCH, OFFICE, every_day, roster, week

CALENDARS: dict[str, Calendar] = {
    "office": OFFICE,
    "lunch": Unfailing(LUNCH),
    "nights": roster(every_day("00:00-06:00", "22:00-24:00"), "Europe/Berlin"),
    "far": roster(every_day("00:30-03:30", "23:00-23:59"), "America/Santiago"),
    "always": Always(),
    "never": roster(week({})),
}
NAMES = [*CALENDARS, "unknown"]
MOMENTS = st.datetimes(datetime(2025, 12, 25), datetime(2027, 1, 10), timezones=st.just(UTC))
LENGTHS = st.one_of(st.timedeltas(timedelta(), 3 * HOUR), st.timedeltas(timedelta(), timedelta(days=400)))


@given(st.lists(st.tuples(st.sampled_from(NAMES), MOMENTS, LENGTHS), min_size=1, max_size=20))
def test_of_many_lengths_the_working_time_is_that_of_each(asked: list[tuple[str, datetime, timedelta]]) -> None:
    """Through nights in which clocks change, over the turn of years."""
    working = AtPlaces(CALENDARS)
    places = np.array([NAMES.index(name) for name, _, _ in asked])
    starts = np.array([number_of(start) for _, start, _ in asked])
    ends = np.array([number_of(start + length) for _, start, length in asked])
    found = worked(working, NAMES, places, starts, ends)
    told = [round(working(name, start, start + length) / timedelta(milliseconds=1)) for name, start, length in asked]
    assert found.tolist() == told
    assert worked(working.__call__, NAMES, places, starts, ends).tolist() == told


def test_of_nothing_there_is_no_working_time() -> None:
    nothing = np.zeros(0, np.int64)
    for working in (AtPlaces(CALENDARS), lambda *_: HOUR):
        assert len(worked(working, NAMES, nothing, nothing, nothing)) == 0


def test_each_place_has_its_own_hours(tmp_path: Path) -> None:
    book = Book(tmp_path)
    friday = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # half an hour before the office closes
    for place in ("office", "always"):
        book.play(Story(place, "otzovik", friday, events=[Event("submitted", friday + 2 * HOUR)]))
    period = Period(friday - HOUR, friday + 3 * HOUR, "UTC")
    working = AtPlaces(CALENDARS)
    numbers, now = book.store.numbers, friday + 3 * HOUR
    places = numbers.over(Scope(period), now, working=working, compare=False).places
    assert places["office"].answers.working == Spread(1, 30 * MINUTE, 30 * MINUTE)
    assert places["always"].answers.working == places["always"].answers.team == Spread(1, 2 * HOUR, 2 * HOUR)
    series = numbers.series(Scope(period), now, Step.DAY, by=Dimension.PLACE, working=working)
    assert series["office"][0].answers.working == Spread(1, 30 * MINUTE, 30 * MINUTE)
    assert numbers.reviews(Selection(Scope(period), Of.ANSWERED, timed="team"), now).total == 2
    book.store.close()


@pytest.mark.parametrize("calendar", CALENDARS.values(), ids=CALENDARS)
def test_shifts_are_the_working_time_piece_by_piece(calendar: Calendar) -> None:
    start, end = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    pieces = [(max(begin, start), min(over, end)) for begin, over in calendar.shifts(start, end)]
    assert sum((max(over - begin, timedelta()) for begin, over in pieces), timedelta()) == calendar.between(start, end)
