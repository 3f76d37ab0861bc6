"""Drift: what makes a page healthy, and how it is told that one is not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import FetchedReview, Finding, LayoutChanged, Parsed, Precision
from monitor.sources.healthy import CARDS, Expected, Healthy, complaint, detail_findings, findings
from tests.source_pages import CARDS as PLACES
from tests.source_pages import fixture, page, parse, source

AT = datetime(2026, 11, 1, tzinfo=UTC)
HEALTHY = Healthy(
    {"date": Expected(0.9), "stars": Expected(0.5, spare=3), "author": Expected(0.5), "text": Expected(0.02, spare=25)},
    detail={"date": Expected(1), "text": Expected(1)},
)


def review(number: int, *, at: datetime | None = AT, stars: int | None = 5, text: str = "Да") -> FetchedReview:
    precision = Precision.EXACT if at else Precision.UNKNOWN
    return FetchedReview(str(number), stars, text, "Зоя", at, precision, "https://example.ru")


def told(parsed: Parsed) -> str:
    return complaint(findings(parsed, HEALTHY)).replace("\u00a0", " ")


def test_a_healthy_page_is_told_field_by_field_and_without_a_complaint() -> None:
    parsed = Parsed((review(1), review(2, stars=None)), shown=2)
    assert findings(parsed, HEALTHY) == (
        Finding(CARDS, 2, 2, 0.9, ok=True),
        Finding("date", 2, 2, 0.9, ok=True),
        Finding("stars", 1, 2, 0.5, ok=True),
        Finding("author", 2, 2, 0.5, ok=True),
        Finding("text", 2, 2, 0.02, ok=True),
    )
    assert told(parsed) == ""


def test_a_complaint_names_the_field_and_the_numbers() -> None:
    assert told(Parsed(tuple(review(n, at=None) for n in range(50)))) == "у 50 отзывов из 50 нет даты"
    assert told(Parsed((review(1, at=None),))) == "у 1 отзыва из 1 нет даты"
    assert told(Parsed(tuple(review(n, stars=None) for n in range(21)))) == "у 21 отзыва из 21 нет оценки"
    assert told(Parsed((review(1),), shown=50)) == "удалось прочитать 1 отзыв, а на ней их 50"
    both = Parsed(tuple(review(n, at=None, text="") for n in range(40)))
    assert told(both) == "у 40 отзывов из 40 нет даты; у 40 отзывов из 40 нет текста"


def test_a_few_odd_reviews_prove_nothing_about_a_page() -> None:
    assert told(Parsed(tuple(review(n, stars=None) for n in range(3)))) == ""
    assert told(Parsed(tuple(review(n, text="") for n in range(25)))) == ""
    assert told(Parsed(tuple(review(n, at=AT if n else None) for n in range(10)))) == ""


def test_reviews_that_come_without_stars_by_their_nature_are_not_counted() -> None:
    foreign = tuple(review(n, stars=None) for n in range(50))
    assert told(Parsed(foreign, unrated=50)) == ""
    assert told(Parsed((*foreign, *(review(n, stars=None) for n in range(50, 54))), unrated=50)) != ""


def test_no_reviews_lack_nothing_unless_the_page_says_there_are_some() -> None:
    assert told(Parsed(())) == ""
    assert told(Parsed((), shown=0)) == ""
    assert told(Parsed((), shown=9)) != ""


def test_a_reviews_own_page_tells_what_only_it_can_tell() -> None:
    assert all(finding.ok for finding in detail_findings(review(1), HEALTHY))
    assert (
        complaint(detail_findings(review(1, text=""), HEALTHY)).replace("\u00a0", " ") == "у 1 отзыва из 1 нет текста"
    )


@given(found=st.integers(0, 60), of=st.integers(0, 60), share=st.floats(0, 1), spare=st.integers(0, 60))
def test_more_found_is_never_worse(found: int, of: int, share: float, spare: int) -> None:
    expected = Expected(share, spare)
    assert not expected.allows(found, of) or expected.allows(found + 1, of)
    assert expected.allows(of, of)
    assert expected.allows(0, spare)


@pytest.mark.parametrize("name", ["yandex_maps", "otzovik"])
def test_a_source_tells_what_it_found_also_when_that_is_too_little(name: str) -> None:
    site = source(name)
    outcome, found = site.inspect(page(fixture(name)), PLACES[name], None)
    assert isinstance(outcome, Parsed)
    assert all(finding.ok for finding in found)
    assert [finding.field for finding in found] == ["cards", "date", "stars", "author", "text"]
    dateless = fixture(name).decode().replace("datePublished", "dp").replace("review-postdate", "rp")
    dateless = dateless.replace("2026-0", "26-0").replace("2025-1", "25-1")
    outcome, found = site.inspect(page(dateless), PLACES[name], None)
    assert isinstance(outcome, LayoutChanged)
    assert outcome == parse(name, dateless)
    assert "нет даты" in outcome.reason
    assert [finding.field for finding in found if not finding.ok] == ["date"]


def test_a_page_that_could_not_be_read_tells_nothing_of_its_fields() -> None:
    outcome, found = source("yandex_maps").inspect(page("<html></html>"), PLACES["yandex_maps"], None)
    assert isinstance(outcome, LayoutChanged)
    assert found == ()
