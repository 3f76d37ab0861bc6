"""A calendar as a form says what the file would; what moves is said in a sentence."""

import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assemble.changes import Moved
from monitor.config_calendar import CalendarSettings, read_calendars
from monitor.config_file import compose, read_document
from monitor.desk.calendar_form import MOST_DATES, TOO_MANY, Draft, dated, meant, week_told
from monitor.desk.settings import moved_told
from monitor.desk.visit import Form

MINUTES = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    ends = sorted(draw(st.lists(MINUTES, min_size=0, max_size=6, unique=True)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return tuple((time(*divmod(first, 60)), time(*divmod(last % 1440, 60))) for first, last in pairs)


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> CalendarSettings:
    week = {day: draw(shifts()) for day in range(7)} | {0: ((time(9), time(18)),)}
    days = draw(st.lists(DAYS, unique=True, max_size=12))
    third = len(days) // 3
    return CalendarSettings(
        draw(st.sampled_from(["Europe/Moscow", "Asia/Omsk", "America/Lima"])),
        week,
        frozenset(days[:third]),
        {day: draw(shifts()) or None for day in days[third : 2 * third]},
        {day: (time(9), time(17)) for day in days[2 * third :]},
        draw(st.sampled_from(["", "russia"])),
    )


def as_file(value: Mapping[str, object]) -> CalendarSettings:
    text = json.dumps({"calendars": {"office": value}}, ensure_ascii=False)
    document, root = read_document(compose(text, "config.yaml"), "config.yaml")
    found = read_calendars(root.section("calendars"))
    assert document.problems == []
    return found["office"]


@given(calendars())
def test_what_a_form_shows_of_a_calendar_means_the_same_calendar(settings: CalendarSettings) -> None:
    found = meant(Draft.of(settings))
    assert found.complaints == {}
    assert as_file(found.value) == settings
    assert week_told(settings)


@given(st.text(), st.text(), st.text(), st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=4))
def test_whatever_is_typed_means_a_calendar_or_is_complained_of(
    holidays: str, working: str, short: str, monday: list[tuple[str, str]]
) -> None:
    week = (tuple(monday), (("9:00", "18:00"),), *((),) * 5)
    found = meant(Draft(week=week, holidays=holidays, working_days=working, short_days=short))
    if not found.complaints:
        as_file(found.value)
    assert all("\n" not in told for told in found.complaints.values())


def test_a_day_of_more_shifts_than_the_form_has_room_for_loses_none() -> None:
    day = tuple((time(hour), time(hour, 30)) for hour in range(9, 17))
    settings = CalendarSettings("Europe/Moscow", {0: day, **dict.fromkeys(range(1, 7), ())})
    sent = [("timezone", settings.timezone)]
    for key, _, shifts in Draft.of(settings).rows():
        sent += [(f"{key}-{end}", at) for shift in shifts for end, at in zip(("from", "to"), shift, strict=True)]
    assert as_file(meant(Draft.read(Form.read(urlencode(sent).encode()))).value) == settings


def test_more_days_than_are_kept_are_refused_and_none_is_left_out_unsaid() -> None:
    days = "\n".join(dated(date(2026, 1, 1) + timedelta(days=number)) for number in range(MOST_DATES + 1))
    assert meant(Draft(base=True, working_days=days)).complaints["working_days"] == TOO_MANY


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9", "09:00"), ("900", "09:00"), ("9.30", "09:30"), ("0930", "09:30"), ("9-30", "09:30"), (" 09:00 ", "09:00")],
)
def test_times_are_read_as_people_type_them(typed: str, read: str) -> None:
    found = meant(Draft(week=(((typed, "18"),), *((),) * 6)))
    week = found.value["week"]
    assert isinstance(week, dict)
    assert week["mon"] == [f"{read}-18:00"]


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (Moved(), "Ни у одного отзыва срок не сдвинется."),
        (
            Moved(more=True),
            "Среди первых 2000\xa0отзывов срок не сдвинется ни у одного. Остальные пересчитаем, когда Вы сохраните.",
        ),
        (Moved(earlier=1), "Сроки сдвинутся у 1\xa0отзыва: станут раньше."),
        (Moved(2, 1, 1, more=True), "Сроки сдвинутся не меньше чем у 3\xa0отзывов: раньше станут у 2, позже — у 1."
         " Сразу же 1\xa0отзыв станет просроченным."),
    ],
)  # fmt: skip
def test_what_moves_is_said_in_a_sentence(moved: Moved, told: str) -> None:
    assert moved_told(moved) == told
