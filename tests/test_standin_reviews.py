"""The invented reviews of the demo café are as varied as real ones, and spread as the demo needs them."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest
import yaml

Review = dict[str, Any]

SPREAD = {"yandex_maps": 18, "twogis": 14, "google_business": 14, "otzovik": 9, "irecommend": 7}
TITLED = {"otzovik", "irecommend"}
REQUIRED_KEYS = {"source", "author", "stars", "age", "text"}
OPTIONAL_KEYS = {"title", "pros", "cons", "reply", "likes"}
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
FRESH = timedelta(hours=36)
DANGER = re.compile(
    r"отрав|травм|рвот|тошн|ожог|скорой|скорую|\bсуд(?:а|е|у|ом)?\b|роспотреб|прокур|полици|таракан|мыш[иь]\b|угро[жз]"
    r"|мошенн|пожар|аллерг",
    re.IGNORECASE,
)


def age_of(written: str) -> timedelta:
    match = re.fullmatch(r"([1-9]\d*)(mo|m|h|d|w|y)", written)
    assert match, f"{written!r} is no age: write a whole number and one of {', '.join(UNITS)}"
    return int(match[1]) * UNITS[match[2]]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("ё", "е"))


def trigrams(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return set(zip(found, found[1:], found[2:], strict=False))


def likeness(one: str, other: str) -> float:
    """Jaccard index of the word 3-grams: 0 nothing shared, 1 the same."""
    left, right = trigrams(one), trigrams(other)
    return len(left & right) / len(left | right) if left | right else 0.0


def having(test: Callable[[Review], bool]) -> list[Review]:
    return [review for review in REVIEWS if test(review)]


def is_fresh(review: Review) -> bool:
    return age_of(review["age"]) <= FRESH


REVIEWS: list[Review] = yaml.safe_load(
    (files("monitor.standin") / "data" / "reviews.yaml").read_text(encoding="utf-8"),
)
TEXTS = [review["text"] for review in REVIEWS if review["text"]]
REPLIES = [review["reply"]["text"] for review in REVIEWS if "reply" in review]


def test_each_site_has_its_share() -> None:
    assert Counter(review["source"] for review in REVIEWS) == SPREAD


@pytest.mark.parametrize("review", REVIEWS, ids=lambda review: f"{review['source']}-{review['author']}")
def test_a_review_holds_what_its_site_shows(review: Review) -> None:
    assert REQUIRED_KEYS <= review.keys() <= REQUIRED_KEYS | OPTIONAL_KEYS
    assert review["stars"] in (None, 1, 2, 3, 4, 5)
    assert all(isinstance(review.get(key, ""), str) for key in ("author", "age", "text", "title", "pros", "cons"))
    assert review["author"] == review["author"].strip() != ""
    assert ("title" in review) == (review["source"] in TITLED)
    assert review["source"] in TITLED or not review.keys() & {"pros", "cons"}
    assert isinstance(review.get("likes", 1), int)
    assert review.get("likes", 1) > 0


@pytest.mark.parametrize(
    "review", having(lambda review: "reply" in review), ids=lambda review: f"{review['source']}-{review['author']}"
)
def test_an_owner_answers_after_the_review_and_before_now(review: Review) -> None:
    assert review["reply"].keys() == {"text", "after"}
    assert review["reply"]["text"].strip()
    assert timedelta() < age_of(review["reply"]["after"]) < age_of(review["age"])


def test_no_one_answers_where_a_company_cannot() -> None:
    assert not having(lambda review: review["source"] == "irecommend" and "reply" in review)
    assert not having(lambda review: review["source"] == "twogis" and not review["text"] and "reply" in review)


def test_an_answer_on_google_holds_no_contacts() -> None:
    answered = having(lambda review: review["source"] == "google_business" and "reply" in review)
    assert answered
    assert not [review for review in answered if re.search(r"@|https?:|\d{3}", review["reply"]["text"])]


def test_twenty_old_reviews_and_one_fresh_good_one_are_answered() -> None:
    answered = having(lambda review: "reply" in review)
    fresh = [review for review in answered if is_fresh(review)]
    assert len(answered) - len(fresh) == 20
    assert [review["stars"] for review in fresh] == [5]
    assert {age_of(review["reply"]["after"]) < timedelta(days=1) for review in answered} == {True, False}


def test_people_are_mostly_content_and_often_not() -> None:
    stars = Counter(review["stars"] for review in REVIEWS)
    assert 0.50 <= (stars[4] + stars[5]) / len(REVIEWS) <= 0.60
    assert 0.10 <= (stars[3] + stars[None]) / len(REVIEWS) <= 0.20
    assert 0.25 <= (stars[1] + stars[2]) / len(REVIEWS) <= 0.35


def test_fresh_reviews_run_a_clock_on_every_site() -> None:
    fresh = having(is_fresh)
    assert len(fresh) == 14
    assert {review["source"] for review in fresh} == SPREAD.keys()
    assert {review["stars"] for review in fresh} == {1, 2, 3, 4, 5}
    assert len([review for review in fresh if review["stars"] <= 2]) >= 5
    newest = [review for review in fresh if age_of(review["age"]) <= timedelta(minutes=50)]
    assert len(newest) == 3
    assert all(review["stars"] <= 2 for review in newest)


def test_the_rest_are_between_three_days_and_fourteen_months_old() -> None:
    old = [age_of(review["age"]) for review in REVIEWS if not is_fresh(review)]
    assert timedelta(days=3) <= min(old)
    assert max(old) <= 14 * UNITS["mo"]


def test_exactly_one_recent_review_holds_a_danger() -> None:
    recent = having(lambda review: age_of(review["age"]) <= timedelta(days=2))
    [review] = [review for review in recent if DANGER.search(review["text"])]
    assert review["source"] in {"yandex_maps", "twogis"}
    assert "отравление" in review["text"]


def test_one_old_review_threatens_with_the_authority_and_waits_for_an_answer() -> None:
    [review] = having(lambda review: "Роспотребнадзор" in review["text"])
    assert not is_fresh(review)
    assert "reply" not in review


def test_ratings_without_words_stand_only_where_sites_show_them() -> None:
    silent = having(lambda review: not review["text"])
    assert Counter(review["source"] for review in silent) == {"google_business": 2, "twogis": 1}


def test_one_author_on_yandex_gave_no_stars() -> None:
    assert [review["source"] for review in REVIEWS if review["stars"] is None] == ["yandex_maps"]


def test_a_prank_tries_templates_scripts_and_sql() -> None:
    [prank] = having(lambda review: "{{ 7*7 }}" in review["text"])
    assert "<script>" in prank["text"]
    assert "DROP TABLE" in prank["text"]


def test_most_reviews_are_a_few_sentences_and_some_tell_a_story() -> None:
    lengths = [len(words(text)) for text in TEXTS]
    assert len([length for length in lengths if length <= 8]) >= 2
    assert len([length for length in lengths if 15 <= length <= 80]) >= 40
    stories = [review for review in REVIEWS if len(words(review["text"])) > 100]
    assert len(stories) >= 3
    assert {review["source"] for review in stories} == TITLED


def test_no_two_people_share_a_name_or_a_title() -> None:
    assert max(Counter(review["author"] for review in REVIEWS).values()) == 1
    assert max(Counter(review["title"] for review in REVIEWS if "title" in review).values()) == 1


@pytest.mark.parametrize("texts", [TEXTS, REPLIES], ids=["reviews", "replies"])
def test_no_two_texts_are_alike(texts: list[str]) -> None:
    assert max(Counter(tuple(words(text)[:3]) for text in texts).values()) == 1
    alike = [(one, other) for one, other in combinations(texts, 2) if likeness(one, other) >= 0.3]
    assert alike == []


@pytest.mark.parametrize("written", ["", "0h", "3 h", "1.5d", "-2d", "1d2h", "5min", "h", "٣h"])
def test_an_age_that_is_no_single_unit_is_refused(written: str) -> None:
    with pytest.raises(AssertionError, match="is no age"):
        age_of(written)
