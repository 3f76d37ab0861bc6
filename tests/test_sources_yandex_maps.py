"""Yandex Maps: the embedded state of the organisation's page, and the captcha that comes instead."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clock import from_iso
from monitor.model import Blocked, FetchedReview, Gone, LayoutChanged, Parsed, Precision, Reply, Unavailable
from tests.source_pages import CARDS, fixture, page, parse, parsed, source

NAME = "yandex_maps"
CARD_URL = "https://yandex.ru/maps/org/1000000001/reviews/"


def state(reviews: list[object], **params: object) -> str:
    results = {"reviews": reviews, "params": {"offset": 0, "limit": 50, "count": len(reviews)} | params}
    return wrap({"stack": [{"results": {"items": [{"id": "1", "reviewResults": results}]}}]})


def wrap(value: object) -> str:
    return f'<html><body><script class="state-view" type="application/json">{json.dumps(value)}</script></body></html>'


def row(number: int = 1, **changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "reviewId": f"r{number}",
        "rating": 5,
        "text": "Ладно",
        "author": {"name": "Зоя"},
        "updatedTime": "2026-01-01T00:00:00.000Z",
    }
    return whole | changes


def test_a_page_is_read_to_its_last_field() -> None:
    link = (
        "https://yandex.ru/maps/org/1000000001/reviews?reviews%5BpublicId%5D=test0public0id0000000001&utm_source=review"
    )
    assert parsed(NAME, fixture(NAME)) == Parsed(
        reviews=(
            FetchedReview(
                external_id="TestYandexReview_0001-aaaa",
                stars=1,
                text="Суп пересолен. \nОфициант пожал плечами и сказал «AdvancedCaptcha </script>».",
                author="Раиса Н.",
                posted_at=datetime(2026, 2, 3, 9, 8, 7, 6000, UTC),
                posted_precision=Precision.EXACT,
                url=link,
                reply=Reply("Раиса, разберёмся и перезвоним.", datetime(2026, 2, 3, 12, 0, 0, 500000, UTC)),
            ),
            FetchedReview(
                external_id="TestYandexReview_0002-bbbb",
                stars=None,
                text="Заходим сюда каждую субботу 🥐",
                author="",
                posted_at=datetime(2026, 2, 1, tzinfo=UTC),
                posted_precision=Precision.EXACT,
                url=CARD_URL,
            ),
            FetchedReview(
                external_id="TestYandexReview_0003-cccc",
                stars=4,
                text="",
                author="Аноним",
                posted_at=datetime(2025, 11, 30, 20, 59, 59, 999000, UTC),
                posted_precision=Precision.EXACT,
                url=CARD_URL,
            ),
        ),
        next="2",
        declared_total=104,
        shown=3,
    )


def test_the_captured_reviews_are_read_to_their_last_field(shared: Path) -> None:
    body = (shared / "captures" / NAME / "org_reviews_page_composed.html").read_text()
    raw = json.loads(body.partition('class="state-view">')[2].partition("</script>")[0])
    rows = raw["stack"][0]["results"]["items"][0]["reviewResults"]["reviews"]
    found = parsed(NAME, body)
    assert len(found.reviews) == len(rows) == found.declared_total == 25
    assert found.next is None
    for review, given in zip(found.reviews, rows, strict=True):
        answer = given.get("businessComment")
        public_id = given["author"].get("publicId")
        assert review == FetchedReview(
            external_id=given["reviewId"],
            stars=given["rating"],
            text=given["text"].strip(),
            author=given["author"]["name"],
            posted_at=from_iso(given["updatedTime"]),
            posted_precision=Precision.EXACT,
            url=f"{CARD_URL[:-1]}?reviews%5BpublicId%5D={public_id}&utm_source=review" if public_id else CARD_URL,
            reply=Reply(answer["text"].strip(), from_iso(answer["updatedTime"])) if answer else None,
        )


def test_a_real_page_of_another_kind_is_no_empty_list(shared: Path) -> None:
    body = (shared / "captures" / NAME / "search_page_state_view_trimmed_real.html").read_bytes()
    assert isinstance(parse(NAME, body), LayoutChanged)


@pytest.mark.parametrize("status", [200, 403, 429])
def test_a_captcha_page_is_a_block(status: int) -> None:
    answer = parse(NAME, page(fixture(NAME, "captcha.html"), status))
    assert isinstance(answer, Blocked)


def test_the_real_captcha_page_is_a_block(shared: Path) -> None:
    answer = parse(NAME, (shared / "captures" / NAME / "showcaptcha_page_trimmed_real.html").read_bytes())
    assert isinstance(answer, Blocked)
    assert "пройти капчу" in answer.reason


def test_a_captcha_is_known_by_header_address_and_redirect() -> None:
    good = fixture(NAME)
    for asked in (
        page(good, x_yandex_captcha="captcha"),
        page(good, url="https://ya.ru/showcaptcha?cc=1&retpath=x"),
        page(good, url="https://yandex.ru/showcaptchafast?t=1"),
        page("", 302, location="https://ya.ru/showcaptcha?cc=1"),
    ):
        assert isinstance(parse(NAME, asked), Blocked)


def test_the_word_captcha_on_a_good_page_means_nothing() -> None:
    assert b"captchapgrd" in fixture(NAME)
    assert b"AdvancedCaptcha" in fixture(NAME)
    assert isinstance(parse(NAME, fixture(NAME)), Parsed)


def test_the_reviews_are_found_where_the_place_moved() -> None:
    moved = wrap({"deep": [{"er": {"reviews": [row()], "params": {"count": 1}}}]})
    assert [review.external_id for review in parsed(NAME, moved).reviews] == ["r1"]


@pytest.mark.parametrize(
    "body",
    [
        wrap({"stack": []}),
        wrap({"stack": [{"results": {"items": []}}]}),
        wrap({"stack": [{"results": {"items": [{"id": "1"}]}}]}),
        wrap({"stack": [{"results": {"items": [{"reviewResults": {"reviews": [], "params": {}}}]}}]}),
        '<html><script class="state-view">{"stack": [</script></html>',
        "<html><body>Отзывов нет</body></html>",
        state([row(rating="пять")]),
        state([row(text=["нет"])]),
        state([row(updatedTime="вчера")]),
        state([row(reviewId="")]),
        state([row(author=["Олег"])]),
        state([row(businessComment="да")]),
        state([row(1), "отзыв"]),
        state([{"reviewId": "r1", "rating": 5, "updatedTime": "2026-01-01T00:00:00.000Z"}]),
    ],
)
def test_a_page_of_another_shape_is_a_changed_layout(body: str) -> None:
    assert isinstance(parse(NAME, body), LayoutChanged)


def test_no_reviews_where_none_are_counted_means_none() -> None:
    assert parsed(NAME, state([])) == Parsed((), declared_total=0)


def test_ratings_without_words_may_be_counted_though_they_are_not_listed() -> None:
    found = parsed(NAME, state([row(number) for number in range(3)], count=40, totalPages=1))
    assert (len(found.reviews), found.declared_total, found.next) == (3, 40, None)


def test_an_empty_page_that_should_not_be_empty_is_an_ill_site() -> None:
    assert isinstance(parse(NAME, state([], count=7)), Unavailable)
    assert isinstance(parse(NAME, state([], count=170, offset=50, totalPages=4), "2"), Unavailable)


def test_an_empty_page_behind_the_last_ends_the_list() -> None:
    assert parsed(NAME, state([], count=100, offset=100, totalPages=2), "3").next is None


def test_the_first_page_again_instead_of_the_second_is_not_read_twice() -> None:
    assert isinstance(parse(NAME, state([row()], totalPages=3), "2"), LayoutChanged)


def test_twelve_pages_are_all_the_site_shows() -> None:
    eleventh = parsed(NAME, state([row()], count=900, offset=500, limit=1, totalPages=18), "11")
    twelfth = parsed(NAME, state([row()], count=900, offset=550, limit=1, totalPages=18), "12")
    assert (eleventh.next, eleventh.ceiling) == ("12", False)
    assert (twelfth.next, twelfth.ceiling) == (None, True)


def test_the_twelfth_page_may_be_the_real_end() -> None:
    assert not parsed(NAME, state([row()], count=600, offset=550, limit=1, totalPages=12), "12").ceiling


def test_without_a_page_count_a_full_page_has_a_next_one() -> None:
    assert parsed(NAME, state([row(number) for number in range(50)])).next == "2"
    assert parsed(NAME, state([row(number) for number in range(49)])).next is None


def test_a_rating_that_is_missing_is_none() -> None:
    given = row()
    del given["rating"]
    assert parsed(NAME, state([given])).reviews[0].stars is None


def test_a_missing_card_is_gone_and_a_broken_site_is_not() -> None:
    assert isinstance(parse(NAME, page("<html></html>", 404)), Gone)
    assert isinstance(parse(NAME, page("oops", 500)), Unavailable)


def test_requests_ask_for_the_newest_first() -> None:
    first = source(NAME).request(CARDS[NAME], None)
    assert first.url == "https://yandex.ru/maps/org/1000000001/reviews/?page=1&ranking=by_time"
    assert first.headers["Accept-Language"].startswith("ru-RU")
    second = source(NAME, "http://127.0.0.1:1").request(CARDS[NAME], "2")
    assert second.url == "http://127.0.0.1:1/maps/org/1000000001/reviews/?page=2&ranking=by_time"


def test_a_person_replies_in_the_cabinet() -> None:
    assert (
        source(NAME, "http://127.0.0.1:1").reply_url(CARDS[NAME], "r1")
        == "https://yandex.ru/sprav/1000000001/p/edit/reviews/"
    )
