"""The section `sla`, everywhere and at a place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config_sla import PlaceSla, Sla
from tests.test_config import SMALL, complaint, loaded

HOUR = timedelta(hours=1)
OFFICE = 'calendars: {office: {timezone: UTC, week: {mon-fri: ["09:00-18:00"]}}}\n'
LINE = SMALL.count("\n") + 1
"""Where what a test adds begins."""

OF_PLACE = SMALL.count("\n") + 1
"""The line of what `at_the_place` adds."""


def at_the_place(folder: Path, sla: str, extra: str = OFFICE) -> PlaceSla:
    return loaded(folder, f"    sla: {sla}\n{extra}").places[0].sla


def test_without_the_section_the_usual_promises_hold(tmp_path: Path) -> None:
    assert loaded(tmp_path).sla == Sla(HOUR, 24 * HOUR, HOUR, {}, None)
    assert loaded(tmp_path).places[0].sla == PlaceSla(None, None, None, {})
    assert loaded(tmp_path, "sla: \n").sla == Sla()


def test_every_promise_has_its_own_time(tmp_path: Path) -> None:
    found = loaded(tmp_path, "sla: {negative: 30m, other: 2d, reopened: 90m, enforce_from: 3d}\n").sla
    assert found == Sla(HOUR / 2, 48 * HOUR, 1.5 * HOUR, {}, timedelta(days=3))


@pytest.mark.parametrize(
    ("written", "calendars"),
    [
        ("calendar: always", {"negative": "always", "other": "always", "reopened": "always"}),
        ("calendar: office", {"negative": "office", "other": "office", "reopened": "office"}),
        ("calendar: {other: office}", {"other": "office"}),
        ("calendar: {negative: always, reopened: office}", {"negative": "always", "reopened": "office"}),
        ("calendar: {}", {}),
    ],
)
def test_a_calendar_holds_for_all_promises_or_for_each_its_own(
    tmp_path: Path, written: str, calendars: dict[str, str]
) -> None:
    assert loaded(tmp_path, f"sla: {{{written}}}\n{OFFICE}").sla.calendars == calendars
    assert at_the_place(tmp_path, f"{{{written}}}").calendars == calendars


def test_a_place_promises_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    assert at_the_place(tmp_path, "{negative: 2h}") == PlaceSla(2 * HOUR)
    assert at_the_place(tmp_path, "{other: 8h, reopened: 15m}") == PlaceSla(None, 8 * HOUR, HOUR / 4)


def test_a_day_is_one_of_the_first_place(tmp_path: Path) -> None:
    zone = SMALL.replace("title: На Ленина", "title: На Ленина\n    timezone: Asia/Vladivostok")
    found = loaded(tmp_path, "sla: {enforce_from: 2026-11-21}\n", zone).sla.enforce_from
    assert found == datetime(2026, 11, 20, 14, tzinfo=UTC)


ERRORS = [
    ("sla: 1h", "sla", "must hold keys"),
    ("sla: [1h]", "sla", "must hold keys"),
    ("sla: {negativ: 1h}", "sla.negativ", "did you mean `negative`?"),
    ("sla: {negative: }", "sla.negative", "is empty"),
    ("sla: {negative: 0h}", "sla.negative", "longer than nothing"),
    ("sla: {other: soon}", "sla.other", "must be a duration"),
    ("sla: {other: [1h]}", "sla.other", "must be one value"),
    ("sla: {reopened: -1h}", "sla.reopened", "must be a duration"),
    ("sla: {reopened: 1h 30m}", "sla.reopened", "one whole number, one unit"),
    ("sla: {calendar: offise}", "sla.calendar", "did you mean `office`?"),
    ("sla: {calendar: round-the-clock}", "sla.calendar", "known: always, office"),
    ("sla: {calendar: }", "sla.calendar", "is empty"),
    ("sla: {calendar: [office]}", "sla.calendar", "must be one value, not a list"),
    ("sla: {calendar: {neutral: office}}", "sla.calendar.neutral", "known: negative, other, reopened"),
    ("sla: {calendar: {other: offise}}", "sla.calendar.other", "did you mean `office`?"),
    ("sla: {calendar: {other: }}", "sla.calendar.other", "is empty"),
    ("sla: {calendar: {other: {a: b}}}", "sla.calendar.other", "must be one value, not a group of keys"),
    ("sla: {enforce_from: yesterday}", "sla.enforce_from", "an age (2d)"),
]


@pytest.mark.parametrize(("written", "path", "message"), ERRORS)
def test_what_is_wrong_is_told_with_its_path_and_line(tmp_path: Path, written: str, path: str, message: str) -> None:
    found = complaint(tmp_path, f"{OFFICE}{written}\n")
    assert (found.path, found.line) == (path, LINE + 1)
    assert message in found.message


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [(written, path, message) for written, path, message in ERRORS if "enforce_from" not in path],
)
def test_what_is_wrong_at_a_place_is_told_there(tmp_path: Path, written: str, path: str, message: str) -> None:
    found = complaint(tmp_path, f"    {written}\n{OFFICE}")
    assert (found.path, found.line) == (f"places.0.{path}", OF_PLACE)
    assert message in found.message


def test_when_promises_begin_is_no_matter_of_one_place(tmp_path: Path) -> None:
    found = complaint(tmp_path, "    sla: {enforce_from: 2d}\n")
    assert (found.path, found.line) == ("places.0.sla.enforce_from", OF_PLACE)
    assert "unknown key" in found.message
