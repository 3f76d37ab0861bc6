"""Deadlines and levels: the clock rules of the design page, one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import sla
from monitor.alerts import Standing
from monitor.calendar import Always
from monitor.model import Answerable, Target
from monitor.sla import Level, Policy

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POLICY = Policy(HOUR, 24 * HOUR, Always())

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
spans = st.timedeltas(timedelta(), timedelta(days=3))
targets = st.sampled_from(list(Target))


def test_a_negative_is_due_in_an_hour_and_anything_else_in_a_day() -> None:
    assert POLICY.due(Target.NEGATIVE, NOON) == NOON + HOUR
    assert POLICY.due(Target.OTHER, NOON) == NOON + 24 * HOUR


def test_what_is_not_classified_yet_may_be_negative() -> None:
    assert POLICY.due(Target.UNCLASSIFIED, NOON) == NOON + HOUR


def test_the_hour_rings_at_half_at_80_percent_at_the_deadline_and_twice_after_it() -> None:
    assert POLICY.levels(Target.NEGATIVE, NOON, NOON + HOUR) == [
        (Level.HALF, NOON + 30 * MINUTE),
        (Level.MOST, NOON + 48 * MINUTE),
        (Level.BREACH, NOON + HOUR),
        (Level.PLUS_1X, NOON + 2 * HOUR),
        (Level.PLUS_2X, NOON + 3 * HOUR),
    ]


def test_the_day_has_one_warning_only() -> None:
    levels = [level for level, _ in POLICY.levels(Target.OTHER, NOON, NOON + 24 * HOUR)]
    assert levels == [Level.MOST, Level.BREACH, Level.PLUS_1X, Level.PLUS_2X]


def test_found_negative_early_a_review_keeps_the_hour_since_it_was_seen() -> None:
    due = NOON + 24 * HOUR
    assert POLICY.tightened(due, NOON, NOON + 10 * MINUTE) == NOON + HOUR


def test_found_negative_late_a_review_leaves_a_quarter_of_an_hour() -> None:
    due = NOON + 24 * HOUR
    assert POLICY.tightened(due, NOON, NOON + 5 * HOUR) == NOON + 5 * HOUR + 15 * MINUTE


@given(moments, spans, spans)
def test_nothing_but_a_person_loosens_a_deadline(start: datetime, until_due: timedelta, until_now: timedelta) -> None:
    due = start + until_due
    assert POLICY.tightened(due, start, start + until_now) <= due


@given(targets, moments, spans)
def test_levels_are_climbed_upwards_and_the_breach_is_the_deadline(
    target: Target, armed: datetime, given_time: timedelta
) -> None:
    due = armed + given_time
    levels = POLICY.levels(target, armed, due)
    assert [at for _, at in levels] == sorted(at for _, at in levels)
    assert dict(levels)[Level.BREACH] == due


@given(targets, moments, spans, st.lists(spans, min_size=1, max_size=8))
def test_however_rarely_we_look_no_level_is_told_twice_and_the_gravest_is_told(
    target: Target, armed: datetime, given_time: timedelta, looks: list[timedelta]
) -> None:
    levels = POLICY.levels(target, armed, armed + given_time)
    told: list[Level] = []
    last = ""
    for now in sorted(armed + look for look in looks):
        step = sla.advance(levels, last, now)
        if step.level is not None:
            told.append(step.level)
            last = step.level
        passed = [level for level, at in levels if at <= now]
        assert last == (passed[-1] if passed else "")
        assert step.next_change_at == min((at for _, at in levels if at > now), default=None)
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        (timedelta(), Standing.OK),
        (29 * MINUTE, Standing.OK),
        (30 * MINUTE, Standing.WARNED),
        (59 * MINUTE, Standing.WARNED),
        (HOUR, Standing.BREACHED),
        (5 * HOUR, Standing.BREACHED),
    ],
)
def test_a_ticket_is_ok_then_warned_then_breached(after: timedelta, standing: Standing) -> None:
    levels = POLICY.levels(Target.NEGATIVE, NOON, NOON + HOUR)
    assert sla.standing(levels, NOON + HOUR, NOON + after) is standing


def test_without_a_deadline_there_is_no_standing() -> None:
    assert sla.standing([], None, NOON) is None


def test_an_answer_at_the_deadline_itself_is_in_time_and_a_moment_later_is_not() -> None:
    assert sla.met(NOON, NOON) is True
    assert sla.met(NOON, NOON + timedelta(microseconds=1)) is False
    assert sla.met(None, NOON) is None


def test_the_promise_begins_at_a_moment_at_an_age_or_at_the_first_pass() -> None:
    assert sla.enforce_from(timedelta(days=2), NOON) == NOON - timedelta(days=2)
    assert sla.enforce_from(NOON - HOUR, NOON) == NOON - HOUR
    assert sla.enforce_from(None, NOON) == NOON


@pytest.mark.parametrize(
    ("initial", "posted_at", "backlog"),
    [
        (True, NOON - HOUR, True),
        (True, None, True),
        (True, NOON, False),
        (False, NOON - HOUR, False),
        (False, None, False),
    ],
)
def test_backlog_is_what_the_first_import_finds_older_than_the_promise_or_undated(
    initial: bool, posted_at: datetime | None, backlog: bool
) -> None:
    assert sla.is_backlog(initial, posted_at, NOON) is backlog


@pytest.mark.parametrize(
    ("answerable", "text", "representative", "possible"),
    [
        (Answerable.ALL, "", False, True),
        (Answerable.TEXT, "Вкусно", False, True),
        (Answerable.TEXT, " \n", False, False),
        (Answerable.REPRESENTATIVE, "Вкусно", False, False),
        (Answerable.REPRESENTATIVE, "Вкусно", True, True),
        (Answerable.NO, "Вкусно", True, False),
    ],
)
def test_what_a_site_lets_a_company_answer(
    answerable: Answerable, text: str, representative: bool, possible: bool
) -> None:
    assert sla.can_answer(answerable, text, representative) is possible
