"""Deadlines and levels: the clock rules of the design page, one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import sla
from monitor.alerts import Standing
from monitor.calendar import Always, build
from monitor.config_calendar import CalendarSettings
from monitor.model import Answerable, Target
from monitor.quiet import Quiet
from monitor.sla import Level, Policies, Policy, Promise

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POLICY = Policy.of(HOUR, 24 * HOUR)

OFFICE = build(
    CalendarSettings(
        "Europe/Moscow",
        {day: ((time(9), time(13)), (time(14), time(18))) if day < 5 else () for day in range(7)},
        holidays=frozenset({date(2026, 12, 31), date(2027, 1, 1)}),
        short_days={date(2026, 12, 30): (time(9), time(13))},
    )
)
"""Over lunch, in Moscow (+03:00)."""

NIGHTS = build(CalendarSettings("Europe/Berlin", {day: ((time(), time(6)), (time(22), time())) for day in range(7)}))
"""Through midnight, where clocks change."""

WEEKENDS = build(
    CalendarSettings("Asia/Vladivostok", {day: ((time(10), time(20)),) if day > 4 else () for day in range(7)})
)

calendars = st.sampled_from([Always(), OFFICE, NIGHTS, WEEKENDS])
lengths = st.timedeltas(timedelta(minutes=1), timedelta(hours=30))
promises = st.builds(Promise, lengths, calendars)
nights = st.sampled_from([None, Quiet(time(22), time(8), "Europe/Moscow"), Quiet(time(12), time(15), "Europe/Berlin")])
policies = st.builds(Policy, promises, promises, promises, nights)

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


# --- calendars ----------------------------------------------------------------------------------


def moscow(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+03:00").astimezone(UTC)


def office(time: timedelta = HOUR, other: timedelta = 24 * HOUR) -> Policy:
    return Policy(Promise(time, OFFICE), Promise(other, OFFICE), Promise(time, OFFICE))


@pytest.mark.parametrize(
    ("seen", "due"),
    [
        ("2026-11-20T12:30:00", "2026-11-20T14:30:00"),  # over lunch
        ("2026-11-20T17:30:00", "2026-11-23T09:30:00"),  # over the weekend
        ("2026-11-21T12:00:00", "2026-11-23T10:00:00"),  # at the weekend
        ("2026-12-30T12:30:00", "2027-01-04T09:30:00"),  # a short day, holidays, a weekend
        ("2026-11-20T12:00:00", "2026-11-20T13:00:00"),  # to the end of a shift, not the beginning of the next
    ],
)
def test_an_hour_of_the_office_is_an_hour_of_work(seen: str, due: str) -> None:
    assert office().due(Target.NEGATIVE, moscow(seen)) == moscow(due)


def test_levels_are_counted_in_working_time() -> None:
    seen = moscow("2026-11-20T12:30:00")
    assert office().levels(Target.NEGATIVE, seen, office().due(Target.NEGATIVE, seen)) == [
        (Level.HALF, moscow("2026-11-20T13:00:00")),
        (Level.MOST, moscow("2026-11-20T14:18:00")),
        (Level.BREACH, moscow("2026-11-20T14:30:00")),
        (Level.PLUS_1X, moscow("2026-11-20T15:30:00")),
        (Level.PLUS_2X, moscow("2026-11-20T16:30:00")),
    ]


def test_a_quarter_of_an_hour_to_act_is_one_of_work() -> None:
    night = moscow("2026-11-20T23:00:00")
    assert office().grace(Target.NEGATIVE, night) == moscow("2026-11-23T09:15:00")
    mixed = Policy(Promise(HOUR), Promise(HOUR, OFFICE), Promise(HOUR))
    assert mixed.grace(Target.OTHER, night) == moscow("2026-11-23T09:15:00")
    assert mixed.grace(Target.UNCLASSIFIED, night) == night + 15 * MINUTE
    due = moscow("2026-11-25T12:00:00")
    assert office().tightened(due, moscow("2026-11-18T10:00:00"), night) == moscow("2026-11-23T09:15:00")


def test_each_target_has_the_promise_of_its_kind_and_a_reopened_ticket_its_own() -> None:
    policy = Policy(Promise(HOUR), Promise(24 * HOUR), Promise(2 * HOUR, OFFICE))
    assert policy.promise(Target.NEGATIVE) == policy.promise(Target.UNCLASSIFIED) == Promise(HOUR)
    assert policy.promise(Target.OTHER) == Promise(24 * HOUR)
    assert all(policy.promise(target, reopened=True) == Promise(2 * HOUR, OFFICE) for target in Target)
    assert policy.grace(Target.OTHER, NOON) == NOON + 15 * MINUTE


def test_after_the_deadline_a_reopened_ticket_climbs_by_its_own_promise() -> None:
    policy = replace(POLICY, reopened=Promise(30 * MINUTE))
    levels = policy.levels(Target.NEGATIVE, NOON, NOON + 30 * MINUTE, reopened=True)
    assert levels == [
        (Level.HALF, NOON + 15 * MINUTE),
        (Level.MOST, NOON + 24 * MINUTE),
        (Level.BREACH, NOON + 30 * MINUTE),
        (Level.PLUS_1X, NOON + HOUR),
        (Level.PLUS_2X, NOON + 90 * MINUTE),
    ]


def test_round_the_clock_an_ordinary_promise_gives_an_hour_after_a_refusal() -> None:
    assert Policy.of(2 * HOUR, 24 * HOUR).reopened == Promise(HOUR, Always(), "always")
    assert Policy.of(2 * HOUR, 3 * HOUR, 4 * HOUR) == Policy(Promise(2 * HOUR), Promise(3 * HOUR), Promise(4 * HOUR))
    assert (POLICY.quiet, POLICY.fingerprint, POLICY.terms) == (None, "", "")


def test_a_place_that_left_the_config_is_promised_what_all_are() -> None:
    everywhere, own = replace(POLICY, fingerprint="a"), replace(POLICY, terms="b")
    found = Policies(everywhere, {"lenina": own})
    assert found.of("lenina") is own
    assert found.of("gogolya") is everywhere
    assert found.fingerprint == "a"
    assert Policies(everywhere).of("lenina") is everywhere


@given(policies, targets, moments, st.booleans())
def test_a_deadline_gives_the_promised_working_time_and_not_a_moment_more(
    policy: Policy, target: Target, start: datetime, reopened: bool
) -> None:
    promise = policy.promise(target, reopened)
    due = promise.due(start)
    assert promise.calendar.between(start, due) == promise.time
    assert promise.calendar.between(start, due - MINUTE) < promise.time
    if reopened or target is Target.OTHER:
        assert policy.due(target, start, reopened) == due


@given(policies, moments, st.sampled_from([Target.NEGATIVE, Target.UNCLASSIFIED]))
def test_what_may_be_negative_is_never_due_later_than_the_rest(policy: Policy, start: datetime, target: Target) -> None:
    assert policy.due(target, start) == min(policy.negative.due(start), policy.other.due(start))


@given(policies, moments, spans, spans)
def test_on_no_calendar_a_verdict_loosens_a_deadline_or_leaves_no_time_to_act(
    policy: Policy, start: datetime, until_due: timedelta, until_now: timedelta
) -> None:
    now, due = start + until_now, start + until_due
    found = policy.tightened(due, start, now)
    assert found <= due
    assert found == due or found >= policy.grace(Target.NEGATIVE, now)
    assert found in (due, policy.due(Target.NEGATIVE, start), policy.grace(Target.NEGATIVE, now))
    assert policy.negative.calendar.between(now, policy.grace(Target.NEGATIVE, now)) == 15 * MINUTE


@given(policies, targets, moments, st.booleans())
def test_on_any_calendar_levels_stand_where_their_share_of_working_time_has_passed(
    policy: Policy, target: Target, armed: datetime, reopened: bool
) -> None:
    own, promise = policy.promise(target, reopened), policy.binding(target, armed, reopened)
    due = policy.due(target, armed, reopened)
    levels = policy.levels(target, armed, due, reopened)
    assert [at for _, at in levels] == sorted(at for _, at in levels)
    shares = {Level.HALF: 0.5, Level.MOST: 0.8, Level.BREACH: 1.0, Level.PLUS_1X: 2.0, Level.PLUS_2X: 3.0}
    for level, at in levels:
        if shares[level] <= 1:
            assert promise.calendar.between(armed, at) == promise.time * shares[level]
        else:
            assert own.calendar.between(due, at) == own.time * (shares[level] - 1)


def test_shares_are_counted_by_the_promise_that_set_the_deadline() -> None:
    """At night the office promises 45 minutes of tomorrow, and anything else has eight hours round the clock."""
    policy = Policy(Promise(45 * MINUTE, OFFICE), Promise(8 * HOUR), Promise(HOUR))
    night, noon = moscow("2026-11-20T20:00:00"), moscow("2026-11-20T12:00:00")
    assert policy.binding(Target.NEGATIVE, night) == policy.binding(Target.OTHER, night) == policy.other
    assert policy.binding(Target.NEGATIVE, night, reopened=True) == policy.reopened
    assert policy.binding(Target.UNCLASSIFIED, noon) == policy.negative
    due = policy.due(Target.NEGATIVE, night)
    assert policy.levels(Target.NEGATIVE, night, due) == policy.levels(Target.NEGATIVE, night, due, start=night)
    # Armed anew when the office is open, it still is the deadline of a clock that began at night.
    late = policy.levels(Target.NEGATIVE, moscow("2026-11-23T12:00:00"), moscow("2026-11-23T14:00:00"), start=night)
    assert [at for _, at in late] == [
        moscow("2026-11-23T13:00:00"),
        moscow("2026-11-23T13:36:00"),
        moscow("2026-11-23T14:00:00"),
        moscow("2026-11-23T14:45:00"),
        moscow("2026-11-23T15:30:00"),
    ]


@given(policies, targets, moments, spans)
def test_the_breach_is_the_deadline_be_it_working_time_or_not(
    policy: Policy, target: Target, armed: datetime, given_time: timedelta
) -> None:
    assert dict(policy.levels(target, armed, armed + given_time))[Level.BREACH] == armed + given_time


@given(policies, targets, moments, spans)
def test_quiet_hours_hold_back_warnings_and_nothing_else(
    policy: Policy, target: Target, armed: datetime, given_time: timedelta
) -> None:
    levels = policy.levels(target, armed, armed + given_time)
    rings = policy.rings(levels)
    assert [level for level, _ in rings] == [level for level, _ in levels]
    for (level, at), (_, told_at) in zip(levels, rings, strict=True):
        if level in sla.WARNINGS and policy.quiet is not None:
            assert told_at == policy.quiet.over(at)
        else:
            assert told_at == at


@given(policies, targets, moments, spans, st.lists(spans, min_size=1, max_size=8))
def test_with_quiet_hours_too_nothing_is_told_twice_and_the_gravest_is_told_in_time(
    policy: Policy, target: Target, armed: datetime, given_time: timedelta, looks: list[timedelta]
) -> None:
    rings = policy.rings(policy.levels(target, armed, armed + given_time))
    order = [level.value for level, _ in rings]
    told: list[str] = []
    following = min(at for _, at in rings)
    for now in sorted({*(armed + look for look in looks), *(at for _, at in rings)}):
        if now < following:
            continue
        step = sla.advance(rings, told[-1] if told else "", now)
        if step.level is not None:
            told.append(step.level)
        reached = [order.index(level) for level, at in rings if at <= now]
        assert order.index(told[-1]) == max(reached), "the gravest that was due is told, and none before its time"
        following = step.next_change_at or datetime.max.replace(tzinfo=UTC)
    assert told == sorted(set(told), key=order.index)
    assert told[-1] == Level.PLUS_2X


def test_a_breach_in_the_quiet_hours_rings_and_the_warnings_before_it_are_silent_for_good() -> None:
    quiet = replace(POLICY, quiet=Quiet(time(12, 20), time(14), "UTC"))
    rings = quiet.rings(quiet.levels(Target.NEGATIVE, NOON, NOON + HOUR))
    assert sla.advance(rings, "", NOON + 59 * MINUTE) == sla.Advance(None, NOON + HOUR)
    step = sla.advance(rings, "", NOON + HOUR)
    assert (step.level, step.next_change_at) == (Level.BREACH, NOON + 2 * HOUR)
    assert sla.advance(rings, Level.BREACH, NOON + 2 * HOUR).level is Level.PLUS_1X


def test_a_warning_held_back_is_the_gravest_of_them() -> None:
    quiet = replace(POLICY, quiet=Quiet(time(12, 20), time(12, 55), "UTC"))
    rings = quiet.rings(quiet.levels(Target.NEGATIVE, NOON, NOON + HOUR))
    assert sla.advance(rings, "", NOON + 55 * MINUTE) == sla.Advance(Level.MOST, NOON + HOUR)


def test_what_was_told_of_another_ladder_counts_for_nothing() -> None:
    levels = POLICY.levels(Target.OTHER, NOON, NOON + 24 * HOUR)
    assert sla.advance(levels, Level.HALF, NOON + 20 * HOUR).level is Level.MOST
    assert sla.advance(levels, Level.PLUS_2X, NOON + 99 * HOUR) == sla.Advance(None, None)
