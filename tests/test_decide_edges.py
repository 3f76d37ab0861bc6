"""What a page means, at the edges: replies that are awaited, reads that overlap, pauses, circuits, turns."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.decide import (
    FASTEST,
    FEW,
    HICCUP,
    MEAN_JITTER,
    Circuit,
    ReplyGone,
    ReplyMisses,
    ReplySeen,
    Return,
    Revise,
    Touch,
    capacity,
    decide,
    decide_page,
    next_check,
    passed,
    proves_removal,
    reach,
    refused,
    retry_pause,
    sudden_zero,
    turn_ends,
)
from monitor.model import Reply, ReplyState
from tests.test_decide import NOW, review, stored

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OURS = Reply("Спасибо", NOW)
PENDING = Reply("Спасибо", NOW, ReplyState.PENDING)
REFUSED = Reply("Спасибо", NOW, ReplyState.REJECTED)
REFUSED_AGAIN = Reply("Спасибо", NOW + HOUR, ReplyState.REJECTED)


# --- replies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "shown", "meant"),
    [
        (OURS, OURS, ()),
        (OURS, Reply("Спасибо", NOW + HOUR), ()),
        (OURS, Reply("Спасибо!", NOW), (ReplySeen(1, Reply("Спасибо!", NOW)),)),
        (PENDING, OURS, (ReplySeen(1, OURS),)),
        (OURS, REFUSED, (ReplySeen(1, REFUSED),)),
        (REFUSED, REFUSED, ()),
        (REFUSED, REFUSED_AGAIN, ()),
        (None, REFUSED, (ReplySeen(1, REFUSED),)),
        (None, None, ()),
        (OURS, None, (ReplyMisses(1, 1),)),
    ],
)
def test_where_nobody_waits_only_other_words_or_another_state_are_news(
    known: Reply | None, shown: Reply | None, meant: tuple[object, ...]
) -> None:
    assert decide(stored(review(), reply=known), review(reply=shown)) == meant


@pytest.mark.parametrize(
    ("known", "shown", "meant"),
    [
        (None, OURS, (ReplySeen(1, OURS),)),
        (OURS, OURS, (ReplySeen(1, OURS),)),
        (PENDING, PENDING, ()),
        (None, PENDING, (ReplySeen(1, PENDING),)),
        (None, REFUSED, (ReplySeen(1, REFUSED),)),
        (OURS, REFUSED, (ReplySeen(1, REFUSED),)),
        (REFUSED, REFUSED_AGAIN, (ReplySeen(1, REFUSED_AGAIN),)),
        (REFUSED, REFUSED, (ReplyMisses(1, 1),)),
        (None, None, (ReplyMisses(1, 1),)),
    ],
)
def test_a_reply_that_a_person_says_to_have_posted_is_looked_for(
    known: Reply | None, shown: Reply | None, meant: tuple[object, ...]
) -> None:
    """What was refused before and stands there still is no sign of it, until it was refused at another time."""
    assert decide(stored(review(), reply=known, awaited=True), review(reply=shown)) == meant


@pytest.mark.parametrize("known", [None, OURS, PENDING])
def test_a_refusal_of_what_was_posted_before_the_clock_began_is_none_of_what_was_posted_since(
    known: Reply | None,
) -> None:
    held = stored(review(), reply=known, awaited=True, clock_began=NOW + MINUTE)
    assert decide(held, review(reply=REFUSED)) == (ReplyMisses(1, 1),)
    assert decide(replace(held, reply_misses=1), review(reply=REFUSED)) == (ReplySeen(1, REFUSED),)
    assert decide(held, review(reply=REFUSED_AGAIN)) == (ReplySeen(1, REFUSED_AGAIN),)
    assert decide(replace(held, clock_began=NOW), review(reply=REFUSED)) == (ReplySeen(1, REFUSED),)
    undated = replace(REFUSED, at=None)
    assert decide(held, review(reply=undated)) == (ReplySeen(1, undated),)


def test_two_reads_that_show_no_more_than_the_old_refusal_are_a_refusal() -> None:
    held = stored(review(), reply=REFUSED, awaited=True, reply_misses=1)
    assert decide(held, review(reply=REFUSED)) == (ReplySeen(1, REFUSED),)
    assert decide(held, review(reply=None)) == (ReplyGone(1),)
    assert decide(held, review(reply=PENDING)) == (ReplySeen(1, PENDING),)


def test_a_reply_that_is_back_is_missed_no_more() -> None:
    assert decide(stored(review(), reply=OURS, reply_misses=1), review(reply=OURS)) == (ReplyMisses(1, 0),)


@pytest.mark.parametrize(
    ("misses", "since", "last_seen", "meant"),
    [
        (1, NOW, NOW + MINUTE, ()),
        (1, NOW, NOW, (ReplyGone(1),)),
        (1, NOW, NOW - MINUTE, (ReplyGone(1),)),
        (1, NOW, None, (ReplyGone(1),)),
        (1, None, NOW + MINUTE, (ReplyGone(1),)),
        (0, NOW, NOW + MINUTE, (ReplyMisses(1, 1),)),
    ],
)
def test_within_one_read_a_reply_is_missed_once(
    misses: int, since: datetime | None, last_seen: datetime | None, meant: tuple[object, ...]
) -> None:
    held = stored(review(), reply=OURS, reply_misses=misses, last_seen_at=last_seen)
    assert decide(held, review(reply=None), since) == meant
    assert decide_page({"a": held}, [review(reply=None)], since) == meant


def test_a_page_that_cannot_tell_of_replies_says_nothing_of_them() -> None:
    assert decide(stored(review(), reply=OURS, awaited=True), review(reply=None, reply_known=False)) == ()


# --- words and marks ----------------------------------------------------------------------------


def test_a_mark_is_kept_where_the_words_are_the_same_and_with_them_where_they_are_not() -> None:
    assert decide(stored(review(mark="1")), review(mark="2")) == (Touch(1, "2"),)
    edited = review(text="Плохо", mark="2")
    assert decide(stored(review(mark="1")), edited) == (Revise(1, edited),)
    assert decide(stored(review(mark="1")), review(text="Плохо", mark="1")) == (
        Revise(1, review(text="Плохо", mark="1")),
    )


def test_what_had_vanished_is_back_first_of_all() -> None:
    edited = review(text="Плохо", reply=OURS)
    assert decide(stored(review(), removed=True), edited) == (Return(1), Revise(1, edited), ReplySeen(1, OURS))


# --- removal ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "held", "sudden"), [(0, FEW, False), (0, FEW + 1, True), (1, 99, False), (0, 0, False)]
)
def test_more_than_a_few_reviews_do_not_vanish_at_once(seen: int, held: int, sudden: bool) -> None:
    assert sudden_zero(seen, held) is sudden


@pytest.mark.parametrize(
    ("seen", "declared", "last_seen", "last_declared", "proof"),
    [
        (3, None, None, None, True),
        (3, 3, None, None, True),
        (4, 3, None, None, True),
        (3, 4, None, None, False),
        (3, 4, 3, None, False),
        (3, 4, None, 4, False),
        (3, 4, 3, 4, True),
        (3, 5, 3, 4, False),
        (3, 4, 3, 5, True),
    ],
)
def test_only_a_gap_wider_than_the_last_one_speaks_against_a_read(
    seen: int, declared: int | None, last_seen: int | None, last_declared: int | None, proof: bool
) -> None:
    assert proves_removal(seen, declared, last_seen, last_declared) is proof


# --- pauses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "every", "hiccup", "pause"),
    [
        (1, 30 * MINUTE, False, 30 * MINUTE),
        (2, 30 * MINUTE, False, HOUR),
        (3, 30 * MINUTE, False, 2 * HOUR),
        (99, 30 * MINUTE, False, 24 * HOUR),
        (1, timedelta(), False, MINUTE),
        (12, timedelta(), False, 24 * HOUR),
        (1, 30 * MINUTE, True, HICCUP),
        (2, 30 * MINUTE, True, 2 * HICCUP),
        (1, 2 * MINUTE, True, 2 * MINUTE),
        (1, timedelta(seconds=1), True, MINUTE),
    ],
)
def test_a_pause_doubles_up_to_a_day(errors: int, every: timedelta, hiccup: bool, pause: timedelta) -> None:
    assert retry_pause(errors, every, hiccup=hiccup) == pause


@pytest.mark.parametrize(
    ("asked_for", "pause"), [(None, HOUR), (timedelta(), HOUR), (MINUTE, HOUR), (2 * HOUR, 2 * HOUR)]
)
def test_a_site_is_never_asked_sooner_than_it_wants(asked_for: timedelta | None, pause: timedelta) -> None:
    assert next_check(NOW, HOUR, asked_for) == NOW + pause


def test_a_site_that_refused_is_closed_up_to_the_very_moment() -> None:
    circuit = Circuit(1, NOW)
    assert circuit.is_closed(NOW - MINUTE)
    assert not circuit.is_closed(NOW)
    assert circuit.allowance == 1


def test_each_refusal_in_a_row_closes_a_site_for_longer_and_trust_begins_anew() -> None:
    first = refused(None, NOW, 30 * MINUTE, None)
    assert first == Circuit(1, NOW + 30 * MINUTE, 1)
    trusted = Circuit(1, NOW, allowance=8)
    assert refused(trusted, NOW, 30 * MINUTE, None) == Circuit(2, NOW + HOUR, 1)
    assert refused(Circuit(2, NOW), NOW, 30 * MINUTE, 5 * HOUR) == Circuit(3, NOW + 5 * HOUR, 1)


@pytest.mark.parametrize(
    ("allowance", "due", "left"),
    [(1, 1, None), (1, 2, 2), (2, 3, 4), (4, 4, None), (4, 3, None), (4, 5, 8), (3, 9, 6)],
)
def test_trust_doubles_until_it_covers_every_card(allowance: int, due: int, left: int | None) -> None:
    after = passed(Circuit(3, NOW, allowance), due)
    assert after == (None if left is None else Circuit(3, NOW, left))


# --- turns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("waiting", "minutes"), [(0, 12), (1, 6), (2, 4), (11, 1)])
def test_those_who_wait_share_what_is_left_of_a_pass(waiting: int, minutes: int) -> None:
    assert turn_ends(NOW, NOW + 12 * MINUTE, waiting) == NOW + minutes * MINUTE


@pytest.mark.parametrize(
    ("pace", "cards"),
    [(MINUTE, 5), (2 * MINUTE, 3), (3 * MINUTE, 2), (9 * MINUTE, 1), (timedelta(), 24001), (FASTEST, 24001)],
)
def test_a_pass_reaches_as_many_cards_as_its_pace_allows(pace: timedelta, cards: int) -> None:
    assert reach(4 * MINUTE, pace) == cards


def test_a_host_is_read_round_at_the_pace_that_it_allows() -> None:
    assert capacity(10, 2, MINUTE, 1) == 20 * MINUTE * MEAN_JITTER
    assert capacity(10, 1, MINUTE, 0.5) == 20 * MINUTE * MEAN_JITTER
