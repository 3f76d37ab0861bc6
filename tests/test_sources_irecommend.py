"""iRecommend: cards that always cut, neighbours of other objects, and a site that seldom lets programs in."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import Blocked, FetchedReview, Gone, LayoutChanged, PageRequest, Parsed, Precision, Unavailable
from tests.source_pages import CARDS, detail, fixture, page, parse, parsed, source

NAME = "irecommend"
LIST = fixture(NAME).decode()
FULL = fixture(NAME, "review.html").decode()


def listed() -> FetchedReview:
    return parsed(NAME, LIST).reviews[0]


def test_a_list_is_read_to_its_last_field() -> None:
    found = parsed(NAME, LIST)
    assert (found.next, found.declared_total) == ("1", None)
    assert [replace(review, mark="") for review in found.reviews] == [
        FetchedReview(
            external_id="7001",
            stars=1,
            text="Волос в супе\n\nНачалось всё с того, что столик не вытерли...",
            author="Дуня_Т",
            posted_at=datetime(2026, 8, 16, 21, 0, tzinfo=UTC),
            posted_precision=Precision.DAY,
            url="https://irecommend.ru/content/volos-v-supe-0",
            detail=PageRequest("https://irecommend.ru/content/volos-v-supe-0", "lenina/irecommend: отзыв 7001"),
        ),
        FetchedReview(
            external_id="7002",
            stars=None,
            text="Уютно, как у бабушки...",
            author="zz",
            posted_at=datetime(2018, 5, 4, 21, 0, tzinfo=UTC),
            posted_precision=Precision.DAY,
            url="https://irecommend.ru/content/uyutno",
            detail=PageRequest("https://irecommend.ru/content/uyutno", "lenina/irecommend: отзыв 7002"),
        ),
    ]


def test_a_reviews_page_gives_the_whole_text_and_the_exact_moment() -> None:
    assert detail(NAME, FULL, listed()) == replace(
        listed(),
        text="Волос в супе\n\nНачалось всё с того, что столик не вытерли.\n\nА в супе — волос! Отравились вдвоём.\n\n"
        "Достоинства: музыка\nНедостатки: грязно, хамят",
        posted_at=datetime(2026, 8, 17, 19, 13, 18, tzinfo=UTC),
        posted_precision=Precision.EXACT,
        detail=None,
    )


def test_the_reconstructed_pages_are_read_to_their_last_field(shared: Path) -> None:
    folder = shared / "captures" / NAME
    first, second = parsed(NAME, (folder / "product_page_reconstructed.html").read_bytes()).reviews
    assert parsed(NAME, (folder / "product_page_reconstructed.html").read_bytes()).next == "1"
    assert second == FetchedReview(
        external_id="5024725",
        stars=5,
        text="Всё понравилось!\n\nРекомендую...",
        author="Primer_2",
        posted_at=datetime(2018, 9, 21, 21, 0, tzinfo=UTC),
        posted_precision=Precision.DAY,
        url="https://irecommend.ru/content/vse-ponravilos",
        mark=second.mark,
        detail=PageRequest("https://irecommend.ru/content/vse-ponravilos", "lenina/irecommend: отзыв 5024725"),
    )
    assert (first.external_id, first.stars, first.posted_at) == ("9140838", 2, datetime(2026, 1, 11, 21, 0, tzinfo=UTC))
    assert detail(NAME, (folder / "review_page_reconstructed.html").read_bytes(), first) == FetchedReview(
        external_id="9140838",
        stars=2,
        text="Долго ждал ответа\n\nПришёл в назначенное время, администратор попросил подождать.\n\n"
        "Прождал сорок минут.\n\nДостоинства: расположение\nНедостатки: очередь, не перезвонили",
        author="Primer_1",
        posted_at=datetime(2026, 1, 12, 19, 13, 18, tzinfo=UTC),
        posted_precision=Precision.EXACT,
        url="https://irecommend.ru/content/dolgo-zhdal-otveta",
        mark=first.mark,
    )


def test_the_reconstructed_refusals_are_told_apart(shared: Path) -> None:
    folder = shared / "captures" / NAME
    blocked, missing = (folder / f"{name}_reconstructed.html" for name in ("blocked_521", "not_found"))
    for status in (200, 521):
        assert isinstance(parse(NAME, page(blocked.read_bytes(), status)), Blocked)
    for status in (200, 404):
        assert isinstance(parse(NAME, page(missing.read_bytes(), status)), Gone)


@pytest.mark.parametrize(
    "body",
    [
        fixture(NAME, "interstitial.html").decode(),
        '<html><body><h1 class="largestHeader">Доступ запрещён</h1></body></html>',
        "<html><body>Checking your browser</body></html>",
    ],
)
def test_a_checking_page_is_a_block(body: str) -> None:
    assert isinstance(parse(NAME, body), Blocked)
    assert isinstance(detail(NAME, body, listed()), Blocked)


def test_a_page_of_the_site_without_the_card_is_a_changed_layout() -> None:
    assert isinstance(parse(NAME, LIST.replace("site-product-header-content-wrapper", "new-header")), LayoutChanged)
    assert isinstance(parse(NAME, LIST.replace("reviews-list-item", "review-tile")), LayoutChanged)
    assert isinstance(parse(NAME, LIST.replace("reviewTeaserText", "lead")), LayoutChanged)
    assert isinstance(parse(NAME, LIST.replace("starsRating", "rating")), LayoutChanged)
    assert isinstance(parse(NAME, FULL), LayoutChanged)


def test_an_object_nobody_rated_has_really_none() -> None:
    bare = LIST[: LIST.index("<ul class=")] + "<ul class='list-comments'></ul></div></div></body></html>"
    assert parsed(NAME, bare.replace('<span class="count">1 204</span>', "")) == Parsed((), shown=0)
    assert isinstance(parse(NAME, bare), LayoutChanged)


def test_cards_of_other_objects_are_not_ours() -> None:
    assert {"66", "111"}.isdisjoint(review.external_id for review in parsed(NAME, LIST).reviews)


def test_the_pager_leads_from_page_to_page_and_ends() -> None:
    assert [parsed(NAME, LIST, cursor).next for cursor in (None, "1", "2", "7")] == ["1", "2", None, None]


@pytest.mark.parametrize(
    "change",
    [
        (
            'rel="canonical" href="https://irecommend.ru/content/volos-v-supe-0"',
            'rel="canonical" href="/content/drugoy"',
        ),
        ("7001", "7002"),
        ("reviewBody", "body"),
        ("reviewBlock", "block"),
    ],
)
def test_another_page_is_not_taken_for_the_review(change: tuple[str, str]) -> None:
    assert isinstance(detail(NAME, FULL.replace(*change), listed()), LayoutChanged)


def test_a_link_to_another_host_is_asked_at_ours() -> None:
    site = source(NAME, "http://127.0.0.1:1")
    hostile = LIST.replace("/content/volos-v-supe-0", "https://evil.example/content/volos-v-supe-0")
    outcome = site.parse(page(hostile), CARDS[NAME], None)
    assert isinstance(outcome, Parsed)
    assert outcome.reviews[0].detail is not None
    assert outcome.reviews[0].detail.url == "http://127.0.0.1:1/content/volos-v-supe-0"
    assert outcome.reviews[0].url == "https://irecommend.ru/content/volos-v-supe-0"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "/users/x", "//[", "/content/../../x y"])
def test_a_card_without_a_usable_link_is_a_changed_layout(link: str) -> None:
    assert isinstance(parse(NAME, LIST.replace("/content/volos-v-supe-0", link)), LayoutChanged)


def test_a_page_that_breaks_off_is_an_ill_site() -> None:
    assert isinstance(parse(NAME, LIST[: LIST.index("7002")]), Unavailable)
    assert isinstance(detail(NAME, FULL[: FULL.index("Отравились")], listed()), Unavailable)


def test_requests_count_pages_from_zero() -> None:
    assert source(NAME).request(CARDS[NAME], None).url == "https://irecommend.ru/content/kafe-vydumka?new=1&page=0"
    assert source(NAME).request(CARDS[NAME], "1").url == "https://irecommend.ru/content/kafe-vydumka?new=1&page=1"
    assert source(NAME).reply_url(CARDS[NAME], "7001") == "https://irecommend.ru/content/kafe-vydumka"


def test_a_day_is_read_where_the_place_is_and_the_reviews_page_knows_the_moment() -> None:
    far = replace(CARDS[NAME], timezone="Asia/Vladivostok")
    outcome = source(NAME).parse(page(LIST), far, None)
    assert isinstance(outcome, Parsed)
    assert outcome.reviews[0].posted_at == datetime(2026, 8, 16, 14, tzinfo=UTC)
    assert (outcome.shown, len(outcome.reviews)) == (2, 2)
    dayless = FULL.replace('content="2026-08-17T21:13:18+02:00"', 'content="17.08.2026"')
    whole = source(NAME).parse_detail(page(dayless), far, outcome.reviews[0])
    assert isinstance(whole, FetchedReview)
    assert (whole.posted_at, whole.posted_precision) == (datetime(2026, 8, 16, 14, tzinfo=UTC), Precision.DAY)
