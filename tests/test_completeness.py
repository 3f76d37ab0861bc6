"""When failures, missing reviews or silence are out of the ordinary."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import AlarmKind
from monitor.completeness import (
    ENOUGH,
    PATIENCE,
    SETTLED,
    SHORTEST,
    SITE_WIDE,
    WIDE_READS,
    Gap,
    Shortfall,
    failure_alarm,
    gap,
    shown,
    silent_at,
    tolerance,
)
from monitor.jobs.fetch import KINDS
from monitor.model import ListingState

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

CARD = ListingState(
    id=1,
    place="lenina",
    source="yandex_maps",
    external_id="1",
    next_check_at=NOON,
    first_success_at=NOON,
    enforce_from=NOON,
    imported_at=NOON,
    cursor=None,
    read_started_at=None,
    read_seen=0,
    last_good_at=NOON,
    last_complete_at=NOON,
    complete_seen=None,
    complete_declared=None,
    declared_total=None,
    suspects=0,
    error_count=0,
    error_message=None,
)


def after(reads: Sequence[tuple[int, int | None, bool]], card: ListingState = CARD) -> tuple[ListingState, Gap]:
    """The card after complete reads of (seen, declared, ceiling), and what the last of them said."""
    found = Gap(card.usual_gap, card.wide_gaps, alarm=False)
    for seen, declared, ceiling in reads:
        found = gap(card, seen, declared, ceiling)
        card = replace(
            card, usual_gap=found.usual, wide_gaps=found.wide, complete_seen=seen, complete_declared=declared
        )
    return card, found


# --- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "errors", "lasting", "alarm"),
    [
        ("blocked", 1, timedelta(), AlarmKind.BLOCKED),
        ("robots_denied", 1, timedelta(), AlarmKind.BLOCKED),
        ("unauthorised", 1, timedelta(), AlarmKind.UNAUTHORISED),
        ("layout_changed", 1, timedelta(), AlarmKind.LAYOUT_CHANGED),
        ("emptied", 1, DAY, None),
        ("emptied", 2, timedelta(), AlarmKind.EMPTIED),
        ("gone", 2, DAY, None),
        ("gone", 3, timedelta(), AlarmKind.GONE),
        ("unreachable", 30, 5 * HOUR, None),
        ("unreachable", 2, 7 * HOUR, None),
        ("unreachable", 3, 6 * HOUR, AlarmKind.UNREACHABLE),
        ("unavailable", 3, 6 * HOUR, AlarmKind.UNREACHABLE),
        ("something new", 1, timedelta(), None),
        ("something new", 3, 6 * HOUR, AlarmKind.UNREACHABLE),
    ],
)
def test_a_failure_becomes_an_alarm_when_it_is_time(
    kind: str, errors: int, lasting: timedelta, alarm: AlarmKind | None
) -> None:
    assert failure_alarm(kind, errors, lasting) is alarm


def test_every_way_a_read_can_fail_has_its_patience() -> None:
    assert set(KINDS.values()) <= set(PATIENCE)


@given(
    kind=st.sampled_from([*PATIENCE, "?"]),
    errors=st.integers(1, 100),
    lasting=st.timedeltas(timedelta(), 30 * DAY),
    more=st.integers(0, 10),
)
def test_an_alarm_does_not_go_away_while_a_failure_lasts(kind: str, errors: int, lasting: timedelta, more: int) -> None:
    first = failure_alarm(kind, errors, lasting)
    later = failure_alarm(kind, errors + more, lasting + more * HOUR)
    assert later is first or first is None


def test_what_is_wrong_with_a_site_is_told_once_for_all_its_cards() -> None:
    own = {AlarmKind.GONE, AlarmKind.EMPTIED, AlarmKind.GAP, AlarmKind.SILENT}
    assert set(AlarmKind) - SITE_WIDE == own


# --- gaps --------------------------------------------------------------------------------------


def test_the_first_complete_read_says_what_is_usual() -> None:
    assert gap(CARD, 100, 460, ceiling=False) == Gap(360, 0, alarm=False)


def test_a_card_that_always_declares_ratings_without_text_never_alarms() -> None:
    card, found = after([(100, 460, False)] * 50)
    assert found == Gap(360, 0, alarm=False)
    assert shown(card).why is Shortfall.USUAL


def test_new_ratings_without_text_are_as_usual_as_the_old_ones() -> None:
    reads = [(100 + day, 460 + 5 * day, False) for day in range(200)]  # four of five new ratings have no text
    assert not any(after(reads[:count])[1].alarm for count in range(1, len(reads)))


def test_one_rating_without_text_now_and_then_is_no_alarm_on_a_card_that_had_none() -> None:
    reads = [(20 + month, 20 + 2 * month, False) for month in range(24)]
    assert not any(after(reads[:count])[1].alarm for count in range(1, len(reads)))


def test_the_ceiling_explains_any_gap() -> None:
    card, found = after([(600, 4_000, True)] * 3)
    assert found == Gap(None, 0, alarm=False)
    assert shown(card) == shown(replace(card, usual_gap=5))
    assert shown(card).why is Shortfall.CEILING


def test_reviews_that_disappear_from_the_pages_alone_are_an_alarm_at_the_second_read() -> None:
    card, found = after([(100, 110, False), (90, 110, False)])
    assert (found.wide, found.alarm) == (1, False)
    card, found = after([(90, 110, False)], card)
    assert (found.wide, found.alarm) == (2, True)
    assert shown(card) == shown(card).__class__(20, Shortfall.WIDE)


def test_a_counter_that_lags_for_one_read_is_no_alarm() -> None:
    _, found = after([(100, 100, False), (100, 110, False), (110, 110, False), (110, 120, False)])
    assert not found.alarm


def test_a_slow_loss_is_found_as_well() -> None:
    """One review less a week while the total stays: nothing explains that, however slowly it goes."""
    card, alarms = CARD, 0
    for week in range(10):
        card, found = after([(60 - week, 60, False)] * 7, card)
        alarms += found.alarm
    assert alarms


def test_a_site_that_stops_declaring_teaches_nothing() -> None:
    card, _ = after([(100, 110, False), (90, 110, False)])
    _, found = after([(90, None, False)], card)
    assert found == Gap(10, 1, alarm=False)


def test_a_gap_that_stays_becomes_what_the_card_is_like() -> None:
    card, found = after([(100, 110, False), *([(80, 110, False)] * (SETTLED - 1))])
    assert found.alarm
    card, found = after([(80, 110, False)], card)
    assert found == Gap(30, 0, alarm=False)
    _, found = after([(60, 110, False)] * WIDE_READS, card)
    assert found.alarm


reads_of_a_card = st.lists(st.tuples(st.integers(0, 3_000), st.none() | st.integers(0, 3_000), st.booleans()))


@given(reads_of_a_card)
def test_a_gap_is_judged_soundly_whatever_a_site_declares(reads: list[tuple[int, int | None, bool]]) -> None:
    card = CARD
    for read in reads:
        seen, declared, ceiling = read
        before = card
        card, found = after([read], card)
        assert 0 <= found.wide < SETTLED
        assert found.alarm == (found.wide >= WIDE_READS)
        assert found.usual is None or found.usual >= 0
        shown(card)
        if declared is None or ceiling:
            assert found.usual == before.usual_gap
            continue
        missing = max(declared - seen, 0)
        assert found.usual is not None
        assert found.usual <= missing
        if before.usual_gap is not None and missing <= before.usual_gap:
            assert found == Gap(missing, 0, alarm=False)  # it shrinks at once
        if missing - found.usual <= tolerance(declared):
            assert found.wide == 0


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(1, 40))
def test_a_constant_gap_never_alarms(seen: int, declared: int, times: int) -> None:
    assert not after([(seen, declared, False)] * times)[1].alarm


@given(usual=st.integers(0, 500), seen=st.integers(0, 500), lost=st.integers(0, 500))
def test_a_loss_beyond_the_tolerance_is_always_told(usual: int, seen: int, lost: int) -> None:
    declared = usual + seen
    _, found = after([(seen, declared, False), *([(max(seen - lost, 0), declared, False)] * WIDE_READS)])
    assert found.alarm == (min(lost, seen) > tolerance(declared))


# --- silence -----------------------------------------------------------------------------------


def every(gap_: timedelta, count: int, newest: datetime = NOON) -> list[datetime]:
    return [newest - gap_ * number for number in range(count)]


def test_a_card_with_a_review_a_day_is_silent_after_eight_days() -> None:
    assert silent_at(every(DAY, 200), NOON) == NOON + 8 * DAY


def test_a_busy_card_has_three_days() -> None:
    assert silent_at(every(HOUR / 2, 200), NOON) == NOON + SHORTEST


def test_a_card_that_was_on_holiday_may_go_on_holiday_again() -> None:
    moments = [*every(DAY, 50), *every(DAY, 50, NOON - 70 * DAY)]  # three weeks without a review between them
    assert silent_at(moments, NOON) == NOON + 42 * DAY


def test_an_old_burst_does_not_alarm_a_card_that_has_been_quiet_since() -> None:
    moments = [*every(60 * DAY, 9), *every(HOUR, 150, NOON - 720 * DAY)]
    at = silent_at(moments, NOON)
    assert at is not None
    assert at >= NOON + 120 * DAY


def test_few_reviews_tell_nothing() -> None:
    assert silent_at(every(DAY, ENOUGH - 1), NOON) is None
    assert silent_at([], NOON) is None


def test_a_silence_that_began_before_we_looked_is_none_of_ours() -> None:
    assert silent_at(every(DAY, 100, NOON - 8 * DAY), NOON) is None
    assert silent_at(every(DAY, 100, NOON - 7 * DAY), NOON) == NOON + DAY


moments_of_a_card = st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))


@given(moments_of_a_card)
def test_silence_is_ahead_and_longer_than_any_before(moments: list[datetime]) -> None:
    at = silent_at(moments, NOON)
    known = sorted(moment for moment in moments if moment <= NOON)
    assert at == silent_at(known[::-1], NOON)
    if at is None:
        return
    longest = max(later - earlier for earlier, later in itertools.pairwise(known))
    assert at > NOON
    assert at - known[-1] >= max(SHORTEST, 2 * longest)


@given(st.lists(st.integers(1, 60), min_size=ENOUGH, max_size=200))
def test_a_card_that_goes_on_as_before_never_rings(gaps: list[int]) -> None:
    """Replayed review by review: as long as no pause is twice the longest one before, the moment is never reached."""
    moments, at = [NOON], NOON
    longest = max(gaps)
    for days in [longest, *gaps]:
        at += timedelta(days=days)
        due = silent_at(moments, moments[-1])
        assert due is None or due > at or len(moments) < ENOUGH
        moments.append(at)
