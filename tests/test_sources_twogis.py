"""2GIS: the reviews of a branch, whose key must never be seen."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clock import from_iso
from monitor.model import (
    Blocked,
    FetchedReview,
    Gone,
    LayoutChanged,
    Outcome,
    Parsed,
    Precision,
    Reply,
    Unauthorised,
    Unavailable,
)
from tests.source_pages import CARDS, KEY, fixture, page, parse, parsed, source

NAME = "twogis"
REVIEW = "https://2gis.ru/firm/70000000000000001/tab/reviews/review/"


def body(reviews: list[object], **meta: object) -> str:
    whole = {"code": 200, "branch_reviews_count": len(reviews), "total_count": len(reviews)}
    return json.dumps({"meta": whole | meta, "reviews": reviews})


def row(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "id": "1",
        "text": "Так себе",
        "rating": 3,
        "is_hidden": False,
        "url": "",
        "date_created": "2026-01-01T00:00:00.5+07:00",
        "user": {"name": "Зоя"},
        "official_answer": None,
    }
    return whole | changes


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in row().items() if name != key}


def test_a_page_is_read_to_its_last_field() -> None:
    assert parsed(NAME, fixture(NAME)) == Parsed(
        reviews=(
            FetchedReview(
                external_id="900000001",
                stars=2,
                text="Плов остыл, пока несли.\nБольше не закажем 😞",
                author="Тимур Придуманный",
                posted_at=datetime(2026, 4, 1, 18, 2, 3, 911290, UTC),
                posted_precision=Precision.EXACT,
                url=REVIEW + "900000001",
                reply=Reply("Тимур, вернём деньги.", datetime(2026, 4, 1, 20, 0, 0, 500000, UTC)),
            ),
            FetchedReview(
                external_id="900000003",
                stars=None,
                text="",
                author="Инна",
                posted_at=datetime(2026, 3, 1, 3, 0, tzinfo=UTC),
                posted_precision=Precision.EXACT,
                url=REVIEW + "900000003",
            ),
            FetchedReview(
                external_id="900000004",
                stars=5,
                text="Отличный хлеб.",
                author="",
                posted_at=datetime(2026, 2, 1, 3, 0, tzinfo=UTC),
                posted_precision=Precision.EXACT,
                url="https://flamp.ru/r/70000000000000001/11",
            ),
        ),
        next="limit=4&offset=4&sort_by=date_created&locale=ru_RU",
        declared_total=68,
        shown=3,
        unrated=1,
    )


def test_the_captured_reviews_are_read_to_their_last_field(shared: Path) -> None:
    rows = json.loads((shared / "captures" / NAME / "branch_reviews_objects.json").read_text())["reviews"]
    found = parsed(NAME, body(rows, total_count=472, branch_reviews_count=495))
    assert len(found.reviews) == len(rows) == 82
    assert found.declared_total == 472
    for review, given in zip(found.reviews, rows, strict=True):
        answer = given["official_answer"]
        assert review == FetchedReview(
            external_id=given["id"],
            stars=given["rating"],
            text=given["text"].strip(),
            author=" ".join(given["user"]["name"].split()),
            posted_at=from_iso(given["date_created"]),
            posted_precision=Precision.EXACT,
            url=given["url"] or REVIEW + given["id"],
            reply=Reply(answer["text"].strip(), from_iso(answer["date_created"])) if answer else None,
        )


def test_the_key_is_in_the_address_only() -> None:
    first = source(NAME).request(CARDS[NAME], None)
    cursor = parsed(NAME, fixture(NAME)).next
    second = source(NAME).request(CARDS[NAME], cursor)
    for request in (first, second):
        assert request.url.startswith("https://public-api.reviews.2gis.com/2.0/branches/70000000000000001/reviews?")
        assert request.url.count(KEY) == 1
        assert KEY not in request.label
    assert "offset=4" in second.url
    assert KEY not in str(cursor)


@pytest.mark.parametrize("name", ["key", "KEY", "api_key"])
def test_the_key_stays_out_of_the_cursor_whatever_it_is_called(name: str) -> None:
    link = f"https://x.example/2.0/branches/1/reviews?limit=50&offset=50&{name}={KEY}"
    assert parsed(NAME, body([row()], next_link=link)).next == "limit=50&offset=50"


def test_a_next_link_to_another_host_is_asked_at_ours() -> None:
    cursor = parsed(NAME, body([row()], next_link="http://evil.example/steal?limit=50&offset=50")).next
    asked = source(NAME, "http://127.0.0.1:1").request(CARDS[NAME], cursor)
    assert asked.url == f"http://127.0.0.1:1/2.0/branches/70000000000000001/reviews?limit=50&offset=50&key={KEY}"


@pytest.mark.parametrize(
    ("link", "cursor"),
    [
        ("https://x.example/?limit=50&offset=50&key=k", "limit=50&offset=50"),
        ("https://x.example/?offset=50&limit=50", "limit=50&offset=50"),
        ("https://x.example/?limit=50&offset=40", "limit=50&offset=50"),
        ("https://x.example/", None),
        (None, None),
        ("", None),
    ],
)
def test_a_link_that_leads_nowhere_new_ends_the_list(link: str | None, cursor: str | None) -> None:
    assert parsed(NAME, body([row()], next_link=link), cursor).next is None


def test_an_empty_later_page_ends_the_list() -> None:
    given = body([], total_count=50, branch_reviews_count=50, next_link="https://x.example/?offset=150")
    assert parsed(NAME, given, "limit=50&offset=50").next is None


def test_no_reviews_where_none_are_counted_means_none() -> None:
    assert parsed(NAME, body([])) == Parsed((), declared_total=0, shown=0)


def test_an_empty_first_page_of_a_branch_with_reviews_is_an_ill_site() -> None:
    assert isinstance(parse(NAME, body([], total_count=0, branch_reviews_count=495)), Unavailable)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Gone),
        (401, Unauthorised),
        (403, Blocked),
        (404, Gone),
        (429, Blocked),
        (500, Unavailable),
        (502, Unavailable),
    ],
)
def test_a_status_counts_in_the_header_and_in_the_body_alike(status: int, outcome: type[Outcome]) -> None:
    assert isinstance(parse(NAME, page("<html>Bad Gateway</html>", status)), outcome)
    assert isinstance(parse(NAME, json.dumps({"meta": {"code": status, "error": {"message": "no"}}})), outcome)


@pytest.mark.parametrize("key", ["id", "date_created", "user", "rating", "text"])
def test_a_review_without_a_needed_field_spoils_the_whole_page(key: str) -> None:
    assert isinstance(parse(NAME, body([row(), without(key)])), LayoutChanged)


@pytest.mark.parametrize(
    "changes",
    [
        {"rating": 7},
        {"rating": True},
        {"rating": {}},
        {"text": 5},
        {"user": "Зоя"},
        {"date_created": 5},
        {"id": ""},
        {"id": "a b"},
    ],
)
def test_a_value_of_a_wrong_type_is_a_changed_layout(changes: dict[str, object]) -> None:
    assert isinstance(parse(NAME, body([row(**changes)])), LayoutChanged)


def test_a_number_written_as_text_is_still_a_rating() -> None:
    assert parsed(NAME, body([row(rating="5", id=17)])).reviews[0].stars == 5


def test_html_instead_of_json_is_a_changed_layout() -> None:
    assert isinstance(parse(NAME, "<html>заглушка</html>"), LayoutChanged)
