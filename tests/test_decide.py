"""What a page means for what we hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import Dated
from monitor.decide import (
    Absent,
    Insert,
    ReplyGone,
    ReplyMisses,
    ReplySeen,
    Return,
    Revise,
    Touch,
    Vanish,
    decide,
    decide_page,
    proves_removal,
    retry_pause,
    sudden_zero,
    unseen,
)
from monitor.model import FetchedReview, Precision, Reply, ReplyState, StoredReview, content_digest

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

replies = st.none() | st.builds(
    Reply, text=st.text(max_size=20), at=st.just(NOW), state=st.sampled_from(list(ReplyState))
)
fetched_reviews = st.builds(
    FetchedReview,
    external_id=st.sampled_from(["a", "b", "c"]),
    stars=st.none() | st.integers(1, 5),
    text=st.text(max_size=20),
    author=st.text(max_size=10),
    posted_at=st.none() | st.just(NOW),
    posted_precision=st.just(Precision.EXACT),
    url=st.just("https://example.ru"),
    reply=replies,
    reply_known=st.booleans(),
    mark=st.sampled_from(["", "m1", "m2"]),
)


def review(**changes: Any) -> FetchedReview:
    base = FetchedReview("a", 5, "Вкусно", "Анна", NOW, Precision.EXACT, "https://example.ru")
    return replace(base, **changes)


def stored(seen: FetchedReview, **changes: Any) -> StoredReview:
    base = StoredReview(1, seen.external_id, seen.digest, seen.mark, 1, stars=seen.stars, reply=seen.reply)
    return replace(base, **changes)


def after(held: StoredReview | None, seen: FetchedReview) -> StoredReview:
    """What the store holds once the intents are applied: a model of the store in six lines."""
    if held is None:
        return stored(seen)
    for intent in decide(held, seen):
        match intent:
            case Revise(_, new):
                held = replace(held, digest=new.digest, stars=new.stars, mark=new.mark, revision=held.revision + 1)
            case ReplySeen(_, reply):
                held = replace(held, reply=reply, reply_misses=0)
            case ReplyMisses(_, count):
                held = replace(held, reply_misses=count)
            case ReplyGone():
                held = replace(held, reply=None, reply_misses=0)
            case Return():
                held = replace(held, removed=False)
            case Touch(_, mark):
                held = replace(held, mark=mark)
            case _:
                raise AssertionError(f"{intent} is no answer to a known review")
    return held


def test_an_unknown_review_is_inserted() -> None:
    assert decide(None, review()) == (Insert(review()),)


def test_the_same_review_again_is_nothing() -> None:
    assert decide(stored(review()), review()) == ()


def test_other_words_or_other_stars_are_an_edit() -> None:
    assert decide(stored(review()), review(text="Невкусно")) == (Revise(1, review(text="Невкусно")),)
    assert decide(stored(review()), review(stars=1)) == (Revise(1, review(stars=1)),)


def test_stars_that_a_site_stops_telling_are_not_taken_back() -> None:
    held = stored(review(stars=2))
    assert decide(held, review(stars=None)) == ()
    assert decide(held, review(stars=None, text="Иначе")) == (Revise(1, review(stars=2, text="Иначе")),)
    unrated = review(stars=None)
    assert decide(stored(unrated), review(stars=2)) == (Revise(1, review(stars=2)),)


def test_a_new_name_link_or_time_of_the_author_is_no_edit() -> None:
    seen = review(author="Анна К.", url="https://example.ru/2", posted_at=NOW + timedelta(days=1))
    assert decide(stored(review()), seen) == ()


@given(held=st.sampled_from(list(Precision)), seen=st.sampled_from(list(Precision)))
def test_a_stored_date_gives_way_to_a_more_exact_one_only_and_that_is_no_edit(held: Precision, seen: Precision) -> None:
    order = [Precision.UNKNOWN, Precision.APPROXIMATE, Precision.DAY, Precision.EXACT]
    moved = NOW - timedelta(days=3)
    intents = decide(stored(review(), posted_precision=held), review(posted_at=moved, posted_precision=seen))
    finer = order.index(seen) > order.index(held)
    assert intents == ((Touch(1, "", Dated(moved, seen)),) if finer else ())


def test_an_edit_may_come_with_a_more_exact_date() -> None:
    edited = review(text="Невкусно", mark="m")
    held = stored(review(), posted_precision=Precision.DAY)
    assert decide(held, edited) == (Revise(1, edited), Touch(1, "m", Dated(NOW, Precision.EXACT)))


def test_a_reply_is_seen_once() -> None:
    seen = review(reply=Reply("Спасибо!", NOW))
    assert decide(stored(review()), seen) == (ReplySeen(1, Reply("Спасибо!", NOW)),)
    assert decide(stored(seen), seen) == ()


def test_a_page_that_cannot_show_replies_says_nothing_about_them() -> None:
    held = stored(review(reply=Reply("Спасибо!")))
    assert decide(held, review(reply=None, reply_known=False)) == ()


def test_a_reply_is_gone_only_after_two_good_reads_without_it() -> None:
    held = stored(review(reply=Reply("Спасибо!")))
    first = decide(held, review())
    assert first == (ReplyMisses(1, 1),)
    assert decide(replace(held, reply_misses=1), review()) == (ReplyGone(1),)


def test_a_reply_that_flickers_is_not_gone() -> None:
    seen = review(reply=Reply("Спасибо!"))
    assert decide(stored(seen, reply_misses=1), seen) == (ReplyMisses(1, 0),)


def test_a_vanished_review_that_is_back_returns() -> None:
    assert decide(stored(review(), removed=True), review()) == (Return(1),)


def test_a_forgotten_review_stays_forgotten() -> None:
    assert decide(stored(review(), forgotten=True), review(text="Всё заново", reply=Reply("Да"))) == ()
    assert unseen([stored(review(), forgotten=True, absences=1)]) == ()


def test_a_reply_that_a_person_posted_and_the_site_never_shows_is_gone_after_two_good_reads() -> None:
    held = stored(review(), awaited=True)
    assert decide(held, review()) == (ReplyMisses(1, 1),)
    assert decide(replace(held, reply_misses=1), review()) == (ReplyGone(1),)
    assert decide(held, review(reply_known=False)) == ()


def test_only_what_was_there_can_vanish() -> None:
    missing = [stored(review(), absences=1), stored(review(), id=2, removed=True, absences=1)]
    assert unseen(missing) == (Vanish(1),)


def test_what_a_complete_read_does_not_show_is_suspected_and_at_the_second_one_gone() -> None:
    assert unseen([stored(review())]) == (Absent(1, 1),)
    assert unseen([stored(review(), absences=1)]) == (Vanish(1),)


def test_a_card_that_had_reviews_and_shows_none_is_not_believed_at_all() -> None:
    assert sudden_zero(0, 30)
    assert not sudden_zero(0, 2)
    assert not sudden_zero(1, 30)


def test_a_review_shown_twice_on_a_page_counts_once() -> None:
    assert decide_page({}, [review(), review(text="позже")]) == (Insert(review()),)


@given(fetched_reviews, st.lists(fetched_reviews, max_size=4))
def test_applying_what_was_decided_leaves_nothing_to_decide(first: FetchedReview, later: list[FetchedReview]) -> None:
    held = after(None, first)
    for seen in (first, *(replace(seen, external_id=first.external_id) for seen in later)):
        held = after(held, seen)
        again = decide(held, seen)
        assert again == () or all(isinstance(intent, ReplyMisses | ReplyGone) for intent in again)


@given(st.lists(fetched_reviews), st.lists(fetched_reviews))
def test_no_page_inserts_a_known_review_or_revises_an_unchanged_one(
    known: list[FetchedReview], page: list[FetchedReview]
) -> None:
    held = {seen.external_id: stored(seen) for seen in known}
    for intent in decide_page(held, page):
        if isinstance(intent, Insert):
            assert intent.review.external_id not in held
        if isinstance(intent, Revise):
            assert intent.review.digest != held[intent.review.external_id].digest


@given(st.none() | st.integers(1, 5), st.text(), st.none() | st.integers(1, 5), st.text())
def test_digests_differ_exactly_when_stars_or_words_do(
    stars: int | None, text: str, other_stars: int | None, other_text: str
) -> None:
    same = (stars, text) == (other_stars, other_text)
    assert (content_digest(stars, text) == content_digest(other_stars, other_text)) is same


def test_a_read_that_shows_less_than_the_site_declares_proves_no_removal() -> None:
    assert proves_removal(60, 60, None, None)
    assert proves_removal(60, None, None, None)
    assert not proves_removal(30, 60, 60, 60)
    assert not proves_removal(30, 60, None, None)


def test_a_gap_as_wide_as_ever_is_no_reason_for_distrust() -> None:
    assert proves_removal(59, 61, 60, 62)
    assert not proves_removal(50, 61, 60, 62)


@given(st.integers(1, 100), st.integers(0, 48), st.booleans())
def test_pauses_grow_with_every_failure_and_never_exceed_a_day(errors: int, hours: int, hiccup: bool) -> None:
    every = timedelta(hours=hours)
    pause = retry_pause(errors, every, hiccup=hiccup)
    assert timedelta(minutes=1) <= pause <= timedelta(days=1)
    assert retry_pause(errors + 1, every, hiccup=hiccup) >= pause


def test_a_hiccup_of_the_network_does_not_blind_a_rarely_read_site_for_hours() -> None:
    assert retry_pause(1, timedelta(hours=6), hiccup=True) == timedelta(minutes=5)
    assert retry_pause(1, timedelta(hours=6)) == timedelta(hours=6)
    assert retry_pause(1, timedelta(minutes=1), hiccup=True) == timedelta(minutes=1)


REFUSED = Reply("Спасибо!", NOW, ReplyState.REJECTED)
PUBLISHED = Reply("Спасибо!", NOW, ReplyState.PUBLISHED)


def test_a_refusal_that_stands_there_still_counts_as_no_answer_to_what_a_person_says_to_have_posted() -> None:
    seen = review(reply=REFUSED)
    held = stored(seen, awaited=True)
    assert decide(held, seen) == (ReplyMisses(1, 1),)
    assert decide(replace(held, reply_misses=1), seen) == (ReplySeen(1, REFUSED),)


def test_the_same_words_refused_again_are_a_new_refusal_at_once() -> None:
    again = replace(REFUSED, at=NOW + timedelta(minutes=5))
    assert decide(stored(review(reply=REFUSED), awaited=True), review(reply=again)) == (ReplySeen(1, again),)


def test_a_refusal_that_nobody_waits_behind_is_known_already() -> None:
    seen = review(reply=REFUSED)
    assert decide(stored(seen), seen) == ()


def test_an_old_answer_that_stands_there_still_answers_for_the_one_that_a_person_says_to_have_posted() -> None:
    seen = review(reply=PUBLISHED)
    assert decide(stored(seen, awaited=True), seen) == (ReplySeen(1, PUBLISHED),)
    assert decide(stored(seen), seen) == ()


def test_an_old_answer_does_not_answer_words_that_have_just_changed() -> None:
    held = stored(review(reply=PUBLISHED), awaited=True)
    edited = review(reply=PUBLISHED, text="Передумал: невкусно")
    assert decide(held, edited) == (Revise(1, edited),)
