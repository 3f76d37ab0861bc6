"""What the config promises, place by place, and the fingerprint that tells one set of promises from another."""

import importlib.metadata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import promises, sla
from monitor.calendar import Always
from monitor.config import Config
from monitor.model import Target
from monitor.quiet import Quiet
from tests.test_config import SMALL, loaded

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
OFFICE = 'office: {timezone: UTC, week: {mon-fri: ["09:00-18:00"]}}'
SECOND = "  - {id: gogolya, title: На Гоголя, timezone: Asia/Vladivostok, listings: []}\n"


def config(folder: Path, extra: str = "", *, calendars: str = OFFICE, escalation: str = "") -> Config:
    """`extra` stands right after the place."""
    text = SMALL.replace("owner: [owner@example.ru]}", f"owner: [owner@example.ru]{escalation}}}")
    return loaded(folder, f"{extra}calendars: {{{calendars}}}\n", text)


def fingerprint(folder: Path, extra: str = "", *, calendars: str = OFFICE, escalation: str = "") -> str:
    return promises.policies(config(folder, extra, calendars=calendars, escalation=escalation)).fingerprint


def test_without_a_calendar_every_promise_runs_round_the_clock(tmp_path: Path) -> None:
    policy = promises.policies(config(tmp_path)).of("lenina")
    assert policy.negative == sla.Promise(HOUR, Always(), "always")
    assert policy.other == sla.Promise(24 * HOUR, Always(), "always")
    assert policy.reopened == sla.Promise(HOUR, Always(), "always")
    assert policy.quiet is None


def test_a_promise_is_counted_by_its_calendar(tmp_path: Path) -> None:
    policy = promises.policies(config(tmp_path, "sla: {other: 4h, calendar: {other: office}}\n")).default
    assert policy.due(Target.OTHER, FRIDAY_EVENING) == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert policy.due(Target.NEGATIVE, FRIDAY_EVENING) == FRIDAY_EVENING + HOUR


def test_a_place_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    own = "    sla: {negative: 30m, calendar: {other: always}}\n" + SECOND
    found = promises.policies(config(tmp_path, f"{own}sla: {{other: 4h, calendar: office}}\n"))
    here, there = found.of("lenina"), found.of("gogolya")
    assert (here.negative.time, here.negative.roster) == (HOUR / 2, "office")
    assert (here.other.time, here.other.roster) == (4 * HOUR, "always")
    assert (there.negative.time, there.negative.roster) == (HOUR, "office")
    assert (there.other.time, there.other.roster) == (4 * HOUR, "office")
    assert found.of("left the config") == found.default
    assert found.default.negative == there.negative


def test_quiet_hours_are_in_the_time_zone_of_each_place(tmp_path: Path) -> None:
    found = promises.policies(config(tmp_path, SECOND, escalation=', quiet_hours: "22:00-08:00"'))
    zones = {name: quiet.timezone for name in ("lenina", "gogolya") if (quiet := found.of(name).quiet)}
    assert zones == {"lenina": "Europe/Moscow", "gogolya": "Asia/Vladivostok"}
    assert isinstance(found.default.quiet, Quiet)
    assert found.default.quiet.timezone == "Europe/Moscow"


@pytest.mark.parametrize(
    ("time", "roster", "words"),
    [
        (HOUR, "always", "1\u00a0ч круглосуточно"),
        (24 * HOUR, "office", "24\u00a0ч по календарю office"),
        (1.5 * HOUR, "always", "1\u00a0ч 30\u00a0мин круглосуточно"),
        (HOUR / 4, "office", "15\u00a0мин по календарю office"),
        (timedelta(seconds=59), "always", "меньше минуты круглосуточно"),
    ],
)
def test_a_promise_is_told_in_words(time: timedelta, roster: str, words: str) -> None:
    assert promises.in_words(sla.Promise(time, roster=roster)) == words


def test_the_terms_of_a_place_name_every_promise(tmp_path: Path) -> None:
    policy = promises.policies(config(tmp_path, "sla: {calendar: {other: office}}\n")).of("lenina")
    assert policy.terms.replace("\u00a0", " ") == (
        "негатив: 1 ч круглосуточно; остальное: 24 ч по календарю office; повторно открытые: 1 ч круглосуточно"
    )


# --- the fingerprint ----------------------------------------------------------------------------


def test_all_places_have_the_same_fingerprint_and_it_is_no_secret_of_one_process(tmp_path: Path) -> None:
    found = promises.policies(config(tmp_path, f"{SECOND}sla: {{calendar: office}}\n"))
    assert {policy.fingerprint for policy in (found.default, *found.places.values())} == {found.fingerprint}
    assert found.fingerprint
    again = promises.policies(config(tmp_path, f"{SECOND}sla: {{calendar: office}}\n"))
    assert again.fingerprint == found.fingerprint


BOUND = "sla: {calendar: {other: office}}\n"


@pytest.mark.parametrize(
    ("extra", "calendars", "escalation"),
    [
        ("sla: {negative: 2h, calendar: {other: office}}\n", OFFICE, ""),
        ("sla: {other: 23h, calendar: {other: office}}\n", OFFICE, ""),
        ("sla: {reopened: 2h, calendar: {other: office}}\n", OFFICE, ""),
        ("sla: {calendar: office}\n", OFFICE, ""),
        ("sla: {calendar: {reopened: office}}\n", OFFICE, ""),
        ("", OFFICE, ""),
        (f"    sla: {{negative: 2h}}\n{BOUND}", OFFICE, ""),
        (f"    sla: {{calendar: office}}\n{BOUND}", OFFICE, ""),
        (f"    timezone: Asia/Omsk\n{BOUND}", OFFICE, ""),
        (BOUND, 'office: {timezone: UTC, week: {mon-fri: ["09:00-17:00"]}}', ""),
        (BOUND, 'office: {timezone: Asia/Omsk, week: {mon-fri: ["09:00-18:00"]}}', ""),
        (BOUND, 'office: {timezone: UTC, week: {mon-fri: ["09:00-18:00"]}, holidays: [2027-01-01]}', ""),
        (BOUND, 'office: {timezone: UTC, week: {mon-fri: ["09:00-18:00"]}, working_days: [2027-02-20]}', ""),
        (
            BOUND,
            'office: {timezone: UTC, week: {mon-fri: ["09:00-18:00"]}, short_days: {2027-01-02: "09:00-10:00"}}',
            "",
        ),
        (BOUND, 'office: {base: russia, timezone: UTC, week: {mon-fri: ["09:00-18:00"]}}', ""),
        (BOUND, OFFICE, ', quiet_hours: "22:00-08:00"'),
    ],
)
def test_whatever_moves_a_deadline_or_an_alarm_changes_the_fingerprint(
    tmp_path: Path, extra: str, calendars: str, escalation: str
) -> None:
    changed = fingerprint(tmp_path, extra, calendars=calendars, escalation=escalation)
    assert changed != fingerprint(tmp_path, BOUND)


@pytest.mark.parametrize(
    ("extra", "calendars", "escalation"),
    [
        (BOUND, OFFICE + ', spare: {timezone: UTC, week: {sun: ["09:00-10:00"]}}', ""),
        (BOUND.replace("{calendar", "{enforce_from: 3d, calendar"), OFFICE, ""),
        (BOUND, OFFICE, ", lead: [lead@example.ru], collapse_over: 2"),
        (BOUND.replace("{calendar", "{negative: 60m, other: 1d, calendar"), OFFICE, ""),
        (BOUND + "retention: 1y\n", OFFICE, ""),
    ],
)
def test_nothing_else_does(tmp_path: Path, extra: str, calendars: str, escalation: str) -> None:
    assert fingerprint(tmp_path, extra, calendars=calendars, escalation=escalation) == fingerprint(tmp_path, BOUND)


def test_the_order_in_which_days_are_written_does_not_matter(tmp_path: Path) -> None:
    days = [f"20{year}-0{month}-0{day}" for year in (27, 28) for month in range(1, 10) for day in range(1, 10)]
    one, other = (
        f'office: {{timezone: UTC, week: {{mon: ["09:00-18:00"]}}, holidays: [{", ".join(order)}]}}'
        for order in (days, days[::-1])
    )
    assert fingerprint(tmp_path, BOUND, calendars=one) == fingerprint(tmp_path, BOUND, calendars=other)


def test_another_edition_of_the_production_calendar_is_another_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    russia = "office: {base: russia}"
    before, unbound = fingerprint(tmp_path, BOUND, calendars=russia), fingerprint(tmp_path, calendars=russia)
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"holidays": "999"}[name])
    assert fingerprint(tmp_path, BOUND, calendars=russia) != before
    assert fingerprint(tmp_path, calendars=russia) == unbound


# --- the trial ----------------------------------------------------------------------------------

PAST = 'office: {timezone: UTC, week: {mon: []}, working_days: {2026-01-05: ["09:00-18:00"]}}'


def test_a_calendar_without_working_time_ahead_is_refused_with_its_line(tmp_path: Path) -> None:
    settings = config(tmp_path, "sla: {calendar: office}\n", calendars=PAST)
    (found,) = promises.problems(settings, MONDAY)
    assert (found.path, found.line) == ("calendars.office", SMALL.count("\n") + 2)
    assert "working time" in found.message


def test_the_trial_goes_to_the_last_alarm(tmp_path: Path) -> None:
    """Two targets after the deadline somebody has to be told still."""
    week = 'office: {timezone: UTC, week: {mon: ["09:00-10:00"]}}'
    enough = config(tmp_path, "sla: {other: 17h, calendar: {other: office}}\n", calendars=week)
    assert promises.problems(enough, MONDAY) == []
    short = config(tmp_path, "sla: {other: 18h, calendar: {other: office}}\n", calendars=week)
    assert [error.path for error in promises.problems(short, MONDAY)] == ["calendars.office"]


@pytest.mark.parametrize("extra", ["", "sla: {calendar: always}\n"])
def test_a_calendar_that_no_promise_uses_may_be_what_it_is(tmp_path: Path, extra: str) -> None:
    assert promises.problems(config(tmp_path, extra, calendars=PAST), MONDAY) == []


def test_the_trial_asks_every_place(tmp_path: Path) -> None:
    settings = config(tmp_path, "    sla: {calendar: {reopened: office}}\n", calendars=PAST)
    assert [error.path for error in promises.problems(settings, MONDAY)] == ["calendars.office"]
