"""Reviews as RSS and Atom."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Card, LayoutChanged, Outcome, Page, Parsed, Precision, SourceSettings, Unavailable
from monitor.sources.feed import Feed

CARD = Card("lenina", "feed", "https://romashka.example/otzyvy.rss", "Europe/Moscow")
NOW = datetime(2026, 11, 21, 19, tzinfo=UTC)
ITEM = """<item><title>Отличный кофе</title><link>https://romashka.example/otzyvy/1</link>
<guid isPermaLink="false">otzyv-1</guid><author>Анна К.</author><pubDate>Fri, 20 Nov 2026 10:00:00 +0300</pubDate>
<description>&lt;p&gt;Пришли вдвоём.&lt;/p&gt;&lt;p&gt;Всё понравилось.&lt;/p&gt;</description></item>"""


def rss(*items: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    spaces = 'xmlns:im="http://itunes.apple.com/rss" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'{head}<rss version="2.0" {spaces}><channel><title>Отзывы</title>{"".join(items)}</channel></rss>'


def outcome(body: str | bytes, **headers: str) -> Outcome:
    sent = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Feed(SourceSettings()).parse(Page(200, named, sent, CARD.id, NOW), CARD, None)


def read(body: str | bytes, **headers: str) -> Parsed:
    found = outcome(body, **headers)
    assert isinstance(found, Parsed), found
    return found


def test_an_entry_becomes_a_review() -> None:
    found = read(rss(ITEM))
    (only,) = found.reviews
    assert only.text == "Отличный кофе\n\nПришли вдвоём.\n\nВсё понравилось."
    assert (only.author, only.stars, only.url) == ("Анна К.", None, "https://romashka.example/otzyvy/1")
    assert (only.posted_at, only.posted_precision) == (datetime(2026, 11, 20, 7, tzinfo=UTC), Precision.EXACT)
    assert found.ceiling, "a feed holds the newest only: nothing may be taken for removed"
    assert not only.reply_known


def test_atom_is_read_like_rss() -> None:
    (only,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:im="http://itunes.apple.com/rss"><title>Отзывы</title><entry>'
        "<id>tag:romashka.example,2026:7</id><title>Плохо</title><updated>2026-11-19T08:30:00+03:00</updated>"
        "<author><name>Олег</name></author><im:rating>2</im:rating><content type='html'>Долго &lt;b&gt;ждали&lt;/b&gt;."
        "</content></entry></feed>"
    ).reviews
    assert (only.stars, only.author, only.text) == (2, "Олег", "Плохо\n\nДолго ждали.")
    assert only.posted_at == datetime(2026, 11, 19, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("★★★★☆ Уютно", "", 4),
        ("Уютно", "Оценка: 5. Придём ещё.", 5),
        ("Рейтинг 3,5 из 5", "", 4),
        ("Оценка 4 из 10", "", None),
        ("Оценка 8/10", "", None),
        ("Уютно", "Взяли 3 кофе и 2 пирога", None),
        ("", "Кофе хорош. " * 20 + "Оценка: 1", None),
    ],
)
def test_stars_are_found_where_people_put_them(title: str, body: str, expected: int | None) -> None:
    item = f"<item><title>{title}</title><description>{body}</description><guid>1</guid></item>"
    assert read(rss(item)).reviews[0].stars == expected


def test_stars_drawn_in_the_title_are_no_part_of_the_text() -> None:
    item = "<item><title>★★☆☆☆ — Долго</title><description>Ждали час.</description><guid>1</guid></item>"
    assert read(rss(item)).reviews[0].text == "Долго\n\nЖдали час."


def test_an_edited_entry_keeps_its_id() -> None:
    before, after = read(rss(ITEM)), read(rss(ITEM.replace("понравилось", "разонравилось")))
    assert before.reviews[0].external_id == after.reviews[0].external_id
    assert before.reviews[0].digest != after.reviews[0].digest


def test_a_missing_date_stays_missing() -> None:
    (only,) = read(rss("<item><title>Хорошо</title><guid>1</guid></item>")).reviews
    assert (only.posted_at, only.posted_precision) == (None, Precision.UNKNOWN)


@pytest.mark.parametrize(
    ("written", "at", "precision"),
    [
        ("Thu, 19 Nov 2026 08:30:00 GMT", datetime(2026, 11, 19, 8, 30, tzinfo=UTC), Precision.EXACT),
        ("Thu, 19 Nov 2026 08:30:00 EST", datetime(2026, 11, 19, 13, 30, tzinfo=UTC), Precision.EXACT),
        ("Thu, 19 Nov 2026 08:30:00 MSK", datetime(2026, 11, 19, 5, 30, tzinfo=UTC), Precision.EXACT),
        ("Thu, 19 Nov 2026 08:30:00", datetime(2026, 11, 19, 5, 30, tzinfo=UTC), Precision.EXACT),
        ("2026-11-19T08:30:00", datetime(2026, 11, 19, 5, 30, tzinfo=UTC), Precision.EXACT),
        ("2026-11-19", datetime(2026, 11, 18, 21, tzinfo=UTC), Precision.DAY),
        ("Thu, 31 Dec 2099 08:30:00 EST", None, Precision.UNKNOWN),
    ],
)
def test_a_date_without_a_zone_is_that_of_the_place(written: str, at: datetime | None, precision: Precision) -> None:
    (only,) = read(rss(f"<item><title>Хорошо</title><guid>1</guid><pubDate>{written}</pubDate></item>")).reviews
    assert (only.posted_at, only.posted_precision) == (at, precision)


def test_a_windows_encoding_is_read() -> None:
    head = '<?xml version="1.0" encoding="windows-1251"?>'
    body = rss(ITEM, head=head).encode("cp1251")
    (only,) = read(body, content_type="application/rss+xml; charset=windows-1251").reviews
    assert only.author == "Анна К."
    assert read(body).reviews[0].author == "Анна К.", "by the declaration where the header says nothing"


def test_an_undeclared_entity_does_not_cost_the_feed() -> None:
    assert len(read(rss(ITEM.replace("Отличный", "Отличный&nbsp;"))).reviews) == 1


def test_an_empty_feed_really_has_none() -> None:
    assert read(rss()).reviews == ()


@pytest.mark.parametrize("body", ["<html><body>Отзывы</body></html>", '{"rss": 1}', "просто текст"])
def test_what_is_no_feed_is_told(body: str) -> None:
    found = outcome(body)
    assert found == LayoutChanged("По этому адресу не лента RSS или Atom: проверьте адрес в config.yaml.")


@given(st.data())
def test_a_feed_cut_anywhere_is_never_read_in_part(data: st.DataObject) -> None:
    whole = rss(ITEM, ITEM.replace("otzyv-1", "otzyv-2")).encode()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    found = outcome(cut)
    assert isinstance(found, LayoutChanged | Unavailable) or found == outcome(whole)


def test_entities_that_multiply_do_not() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ха">{levels}]>'
    found = outcome(rss("<item><title>&l8;</title><guid>1</guid></item>", head=bomb))
    assert isinstance(found, LayoutChanged | Unavailable | Parsed)
    assert not isinstance(found, Parsed) or all(len(review.text) < 1000 for review in found.reviews)


@pytest.mark.parametrize("nasty", ["javascript:alert(1)", "http://a\"onclick='x'", "ftp://x"])
def test_a_link_that_is_no_web_address_is_replaced_by_the_feed(nasty: str) -> None:
    from html import escape

    item = f"<item><title>Хорошо</title><link>{escape(nasty)}</link><guid>1</guid></item>"
    assert read(rss(item)).reviews[0].url == CARD.id


def test_markup_in_words_stays_words() -> None:
    item = "<item><title>{{ 7*7 }}</title><description><![CDATA[<script>alert(1)</script>Вкусно]]></description></item>"
    assert read(rss(item)).reviews[0].text == "{{ 7*7 }}\n\n<script>alert(1)</script>Вкусно"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<author>anna@example.ru (Анна К.)</author>", "Анна К."),
        ("<author>Анна К. &lt;anna@example.ru&gt;</author>", "Анна К."),
        ("<author>anna@example.ru</author>", ""),
        ("<author>@anna</author>", "@anna"),
        ("<author><name>Анна К.</name><email>anna@example.ru</email></author>", "Анна К."),
    ],
)
def test_nobody_is_called_by_an_address(author: str, name: str) -> None:
    assert read(rss(ITEM.replace("<author>Анна К.</author>", author))).reviews[0].author == name
