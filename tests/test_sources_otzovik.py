"""Otzovik: a list that cuts, a review's page that tells the rest, and blocks in many clothes."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import (
    Blocked,
    FetchedReview,
    Gone,
    LayoutChanged,
    PageRequest,
    Parsed,
    Precision,
    Reply,
    Unavailable,
)
from tests.source_pages import CARDS, detail, fixture, page, parse, parsed, source

NAME = "otzovik"
LIST = fixture(NAME).decode()
FULL = fixture(NAME, "review.html").decode()


def listed() -> FetchedReview:
    return parsed(NAME, LIST).reviews[0]


def card(
    title: str, day: str, stars: int, teaser: str, comments: str = "", identity: int = 1, author: str = "zoya"
) -> str:
    return (
        f'<div class="item status9" itemprop="review"><a class="user-login" href="/profile/x">{author}</a>'
        f'<a class="review-title" href="/review_{identity}.html">{title}</a>'
        f'<div class="review-postdate">{day}</div><div class="rating-score"><span>{stars}</span></div>'
        f'<div class="review-teaser">{teaser}</div>{comments}</div>'
    )


def listing(*cards: str, votes: str = "42") -> str:
    return (
        f'<html><body><div class="reviews-counter"><span class="votes">{votes}</span></div>'
        f'<div class="review-list-chunk">{"".join(cards)}</div></body></html>'
    )


def test_a_list_is_read_to_its_last_field() -> None:
    found = parsed(NAME, LIST)
    assert (found.next, found.declared_total, found.ceiling) == ("2", 1041, False)
    assert [replace(review, mark="") for review in found.reviews] == [
        FetchedReview(
            external_id="500001",
            stars=2,
            text="Капучино - как вода\n\nПришли вчетвером, и с нами никто не поздоровался. "
            "Потом принесли чужой заказ и...\n\nДостоинства: красивая веранда\nНедостатки: холодно, долго несли счёт",
            author="Марфа & Ко",
            posted_at=datetime(2026, 5, 6, 4, 8, 9, tzinfo=UTC),
            posted_precision=Precision.EXACT,
            url="https://otzovik.com/review_500001.html",
            reply_known=False,
            detail=PageRequest("https://otzovik.com/review_500001.html", "lenina/otzovik: отзыв 500001"),
        ),
        FetchedReview(
            external_id="500002",
            stars=5,
            text="Хорошо сидим тут по пятницам, «Вы робот?» никто не спрашивает.",
            author="lev_y",
            posted_at=datetime(2022, 4, 27, 21, 0, tzinfo=UTC),
            posted_precision=Precision.DAY,
            url="https://otzovik.com/review_500002.html",
        ),
        FetchedReview(
            external_id="500003",
            stars=3,
            text="Ровно\n\nБез восторга, но съедобно.",
            author="",
            posted_at=None,
            posted_precision=Precision.UNKNOWN,
            url="https://otzovik.com/review_500003.html",
            reply_known=False,
            detail=PageRequest("https://otzovik.com/review_500003.html", "lenina/otzovik: отзыв 500003"),
        ),
    ]


def test_a_reviews_page_gives_the_whole_text_and_the_companys_first_answer() -> None:
    assert detail(NAME, FULL, listed()) == replace(
        listed(),
        text="Капучино - как вода\n\nПришли вчетвером, и с нами никто не поздоровался. Потом принесли чужой заказ и\n\n"
        "спорили <b>громко</b> 😡\nБольше ни ногой.\n\n"
        "Достоинства: красивая веранда\nНедостатки: холодно, долго несли счёт",
        reply=Reply("Марфа, простите нас.\nПозвоните нам.", datetime(2026, 5, 6, 18, 0, tzinfo=UTC)),
        reply_known=True,
        detail=None,
    )


def test_the_reconstructed_pages_are_read_to_their_last_field(shared: Path) -> None:
    folder = shared / "captures" / NAME
    found = parsed(NAME, (folder / "list_page_reconstructed.html").read_bytes())
    assert (found.next, found.declared_total) == ("2", 42)
    first, second = found.reviews
    assert second == FetchedReview(
        external_id="17990002",
        stars=5,
        text="Хорошо\n\nКороткий отзыв целиком, без многоточия.",
        author="СПБ Пример",
        posted_at=datetime(2025, 12, 24, 18, 3, 11, tzinfo=UTC),
        posted_precision=Precision.EXACT,
        url="https://otzovik.com/review_17990002.html",
        mark=second.mark,
    )
    assert detail(NAME, (folder / "review_page_reconstructed.html").read_bytes(), first) == FetchedReview(
        external_id="18015001",
        stars=2,
        text="Долго ждал ответа\n\nПришёл в назначенное время, администратор попросил подождать. Прождал сорок минут, "
        "никто не подошёл.\n\nОбещали перезвонить — не перезвонили.\n\nДостоинства: удобное расположение\n"
        "Недостатки: очередь, не перезвонили",
        author="Nik-Primer",
        posted_at=datetime(2026, 1, 12, 7, 45, 4, tzinfo=UTC),
        posted_precision=Precision.EXACT,
        url="https://otzovik.com/review_18015001.html",
        reply=Reply(
            "Николай, добрый день! Приносим извинения, мы связались с вами.",
            datetime(2026, 1, 13, 10, 26, 40, tzinfo=UTC),
        ),
        mark=first.mark,
    )


def test_a_hundred_real_rows_are_read(shared: Path) -> None:
    rows = [
        json.loads(line)
        for line in (shared / "captures" / NAME / "list_rows_real_sample.jsonl").read_text().splitlines()
    ]
    cards = [
        card(row["title"], row["date_text"], row["rating"], row["teaser"], identity=number, author=row["author"])
        for number, row in enumerate(rows, 1)
    ]
    found = parsed(NAME, listing(*cards)).reviews
    assert len(found) == 100
    for review, row in zip(found, rows, strict=True):
        assert review.stars == row["rating"]
        assert (review.posted_precision, review.author) == (Precision.DAY, row["author"])
        assert " ".join(row["teaser"].split()) in " ".join(review.text.split())
        assert (review.detail is not None) == row["teaser"].endswith("...")


@pytest.mark.parametrize("status", [200, 403, 507])
@pytest.mark.parametrize(
    "body",
    [
        fixture(NAME, "captcha.html").decode(),
        "<html><body><script>location.href='/reviews/x/?&capt4a=1';</script></body></html>",
        "<html><body><center>Доступ к сайту временно запрещен, ...</center></body></html>",
        "<html><body><center>Технический перерыв 1 час</center></body></html>",
        "<html><form><input name='action_capcha_ban'></form></html>",
    ],
)
def test_a_block_is_known_by_its_body_whatever_the_status(status: int, body: str) -> None:
    assert isinstance(parse(NAME, page(body, status)), Blocked)
    assert isinstance(detail(NAME, page(body, status), listed()), Blocked)


@pytest.mark.parametrize("file", ["captcha", "captcha_js_redirect", "ip_ban", "fake_maintenance"])
def test_the_reconstructed_blocks_are_blocks(shared: Path, file: str) -> None:
    body = (shared / "captures" / NAME / f"{file}_reconstructed.html").read_bytes()
    assert isinstance(parse(NAME, page(body, 507)), Blocked)
    assert isinstance(parse(NAME, page(body, 200)), Blocked)


def test_a_day_is_read_where_the_place_is() -> None:
    far = replace(CARDS[NAME], timezone="Asia/Vladivostok")
    outcome = source(NAME).parse(page(listing(card("Ок", "28 апр 2022", 4, "Ну."))), far, None)
    assert isinstance(outcome, Parsed)
    assert outcome.reviews[0].posted_at == datetime(2022, 4, 27, 14, tzinfo=UTC)


def test_an_old_reviews_page_tells_the_day_and_the_list_may_know_better() -> None:
    moment = 'itemprop="datePublished" content="2026-05-06T07:08:09+03:00"'
    old = FULL.replace(moment + ">", '><abbr class="value" title="2026-05-06"></abbr>')
    assert old != FULL
    bare = replace(listed(), posted_at=None, posted_precision=Precision.UNKNOWN)
    exact, undated = detail(NAME, old, listed()), detail(NAME, old, bare)
    assert isinstance(exact, FetchedReview)
    assert isinstance(undated, FetchedReview)
    assert (exact.posted_at, exact.posted_precision) == (listed().posted_at, Precision.EXACT)
    assert (undated.posted_at, undated.posted_precision) == (datetime(2026, 5, 5, 21, tzinfo=UTC), Precision.DAY)


def test_a_block_without_a_word_is_known_by_its_status() -> None:
    assert isinstance(parse(NAME, page("<html></html>", 507)), Blocked)


def test_a_renamed_card_is_gone_also_under_200(shared: Path) -> None:
    body = (shared / "captures" / NAME / "not_found_reconstructed.html").read_bytes()
    assert isinstance(parse(NAME, page(body, 200)), Gone)
    assert isinstance(parse(NAME, page("<html></html>", 404)), Gone)


def test_a_review_that_speaks_of_robots_is_no_block() -> None:
    words = "Вы робот? временно запрещен, Технический перерыв capt4a= captcha_url"
    assert parsed(NAME, listing(card(words, "1 мая 2025", 1, words + "."))).reviews[0].stars == 1


def test_no_cards_means_none_only_where_none_are_counted() -> None:
    assert parsed(NAME, listing(votes="0")) == Parsed((), declared_total=0, shown=0)
    assert isinstance(parse(NAME, listing(votes="42")), LayoutChanged)
    assert isinstance(parse(NAME, "<html><body>Отзывы</body></html>"), LayoutChanged)


@pytest.mark.parametrize("missing", ["review-title", "review-teaser", "rating-score"])
def test_a_card_without_a_needed_part_spoils_the_whole_page(missing: str) -> None:
    good = card("Ок", "1 мая 2025", 4, "Ну.", identity=2)
    assert isinstance(parse(NAME, listing(good, good.replace(missing, "other"))), LayoutChanged)


def test_the_mark_moves_with_what_the_list_shows_and_only_with_that() -> None:
    before = listed().mark
    assert parsed(NAME, LIST.replace("чужой заказ", "чужое блюдо")).reviews[0].mark != before
    assert (
        parsed(NAME, LIST.replace('itemprop="commentCount">2<', 'itemprop="commentCount">3<')).reviews[0].mark != before
    )
    assert parsed(NAME, LIST.replace("status4", "status10")).reviews[0].mark == before


def test_a_short_review_reads_the_same_on_both_pages() -> None:
    short = card("Ну и ну", "1 мая 2025", 2, "Раз. Два.", '<span itemprop="commentCount">1</span>', identity=500001)
    shown = parsed(NAME, listing(short)).reviews[0]
    body = FULL[FULL.index("Пришли вчетвером") : FULL.index("</div>\n<table")]
    whole = FULL.replace(body, "Раз.<br><br>Два.").replace("Капучино - как вода", "Ну и ну")
    for box in ("красивая веранда", "холодно, долго несли счёт"):
        whole = whole.replace(box, "")
    read = detail(NAME, whole, shown)
    assert isinstance(read, FetchedReview)
    assert read.text == shown.text == "Ну и ну\n\nРаз. Два."
    assert read.digest == shown.digest


def test_an_answer_below_another_comment_is_not_the_answer() -> None:
    nested = FULL.replace("1778090400", "x")
    read = detail(NAME, nested, listed())
    assert isinstance(read, FetchedReview)
    assert read.reply == Reply("Марфа, простите нас.\nПозвоните нам.", None)


def test_a_comment_that_holds_the_companys_answer_to_it_is_not_the_answer() -> None:
    inside = FULL.replace(
        '<div class="comment-body">Официальный представитель, где вы?</div></div></div>',
        '<div class="comment-body">Официальный представитель, где вы?</div></div>',
    ).replace('<div class="comment-body">Мы здесь, гость.</div>', '<div class="comment-body">Мы здесь.</div></div>')
    assert inside != FULL
    read = detail(NAME, inside, listed())
    assert isinstance(read, FetchedReview)
    assert read.reply == Reply("Марфа, простите нас.\nПозвоните нам.", datetime(2026, 5, 6, 18, 0, tzinfo=UTC))


def test_a_page_without_the_companys_answer_says_so() -> None:
    read = detail(NAME, FULL.replace("product-official", "user-badge"), listed())
    assert isinstance(read, FetchedReview)
    assert (read.reply, read.reply_known) == (None, True)


@pytest.mark.parametrize("change", [("/review_500001.html", "/review_9.html"), ('data-rid="500001"', 'data-rid="9"')])
def test_another_reviews_page_is_not_taken_for_this_one(change: tuple[str, str]) -> None:
    assert isinstance(detail(NAME, FULL.replace(*change), listed()), LayoutChanged)


def test_an_old_list_in_cp1251_is_read() -> None:
    body = listing(card("Ёлки", "28 апр 2022", 4, "Съедобно."))
    assert parsed(NAME, page(body.encode("cp1251"), content_type="text/html; charset=windows-1251")).reviews[
        0
    ].text == ("Ёлки\n\nСъедобно.")


def test_a_page_that_breaks_off_is_an_ill_site() -> None:
    assert isinstance(parse(NAME, LIST[: LIST.index("500002") - 40]), Unavailable)


def test_markup_too_deep_to_read_is_not_read_in_part() -> None:
    deep = listing(card("Ок", "1 мая 2025", 4, "Ну."), "<div>" * 5000, card("Нет", "1 мая 2025", 1, "Ой.", identity=2))
    assert isinstance(parse(NAME, deep), LayoutChanged)


def test_requests_and_links() -> None:
    site = source(NAME, "http://127.0.0.1:1")
    assert site.request(CARDS[NAME], None).url == "http://127.0.0.1:1/reviews/kafe_vydumka/?order=date_desc"
    assert site.request(CARDS[NAME], "3").url == "http://127.0.0.1:1/reviews/kafe_vydumka/3/?order=date_desc"
    assert site.reply_url(CARDS[NAME], "5") == "https://otzovik.com/review_5.html#comments"
    local = site.parse(page(LIST), CARDS[NAME], None)
    assert isinstance(local, Parsed)
    assert local.reviews[0].detail is not None
    assert local.reviews[0].detail.url == "http://127.0.0.1:1/review_500001.html"


def test_a_next_link_that_leads_back_ends_the_list() -> None:
    assert parsed(NAME, LIST, "2").next is None
