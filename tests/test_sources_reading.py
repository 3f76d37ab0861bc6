"""What every site file leans on: waits, charsets, clean text, pages as trees."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import LayoutChanged
from monitor.sources import markup, reading
from tests.source_pages import page


def test_retry_after_is_set_against_the_pages_own_time() -> None:
    assert reading.retry_after(page("", retry_after="Sat, 21 Nov 2026 19:30:00 -0000")) == timedelta(minutes=30)
    assert reading.retry_after(page("")) is None


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_clean_text_can_always_be_stored_and_is_clean_already(text: str) -> None:
    cleaned = reading.clean_text(text)
    assert "\0" not in cleaned
    assert reading.clean_text(cleaned.encode().decode()) == cleaned


def test_clean_text_keeps_what_people_write() -> None:
    text = "Первая\nвторая 👩‍🍳 \u200fעברית\u200e {{ x }} <b>"
    assert reading.clean_text(f" {text}\r\n") == text
    assert reading.clean_text("a\0b\ud800c\r\nd") == "a\ufffdb\ufffdc\nd"


@pytest.mark.parametrize(
    ("title", "body", "whole"),
    [
        ("Ужас", "Ждали час.", "Ужас\n\nЖдали час."),
        ("Ждали час!", "ждали  час и ушли", "ждали  час и ушли"),
        ("Хорош", "Хороший кофе", "Хорош\n\nХороший кофе"),
        ("", "Кофе", "Кофе"),
        ("Кофе", "", "Кофе"),
        ("", "", ""),
    ],
)
def test_a_title_that_only_repeats_the_beginning_is_left_out(title: str, body: str, whole: str) -> None:
    assert reading.compose(title, body) == whole


def test_complaints_in_boxes_belong_to_the_text() -> None:
    assert reading.compose("Т", "Б", "вид", "грязь") == "Т\n\nБ\n\nДостоинства: вид\nНедостатки: грязь"
    assert reading.compose("Т", "Б", cons="грязь") == "Т\n\nБ\n\nНедостатки: грязь"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Ёлка".encode("cp1251"), "text/html; charset=windows-1251"),
        (b'<meta charset="koi8-r">' + "Ёлка".encode("koi8-r"), ""),
        ("Ёлка".encode("utf-8-sig"), ""),
        ("Ёлка".encode(), "text/html; charset=no-such-thing"),
        ("Ёлка".encode(), "text/html; charset=base64"),
    ],
)
def test_a_page_is_read_in_its_own_charset(body: bytes, content_type: str) -> None:
    assert reading.decode(page(body, content_type=content_type)).endswith("Ёлка")


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '{"a": tru', "NaN!", ""])
def test_json_that_is_none_reads_as_nothing(text: str) -> None:
    assert reading.json_value(text) is None


def test_the_parts_of_an_element_are_the_first_of_each_class_and_itemprop() -> None:
    tree = markup.read_page('<div class="a  b"><p itemprop=t class=b>1</p><i itemprop=t>2<script>s</script></i></div>')
    found = markup.parts(tree)
    assert {name: markup.line(found[name]) for name in (".a", ".b", "t")} == {".a": "1 2", ".b": "1 2", "t": "1"}
    assert ".c" not in found
    assert markup.line(found.get(".c")) == markup.attribute(found.get(".c"), "id") == ""


def test_text_has_lines_where_the_page_has_them() -> None:
    tree = markup.read_page(
        "<p>а\n б<br>в<br/><br/>г</p>\n<ul><li>д<noscript>е</noscript></li><li>ж<i class='q'>з</i>и</li></ul>"
    )
    assert markup.text(tree, frozenset({"q"})) == "а б\nв\n\nг\n\nд\n\nжи"


def test_comments_and_declarations_are_no_words() -> None:
    page = "<!DOCTYPE html><?xml version='1.0'?><p>а<!-- б --><![CDATA[ в ]]>г</p>"
    assert markup.text(markup.read_page(page)) == "аг"


@pytest.mark.parametrize("start", ["<?xml version='1.0'?><feed>", "https://site.example/", "page.html", ""])
def test_what_is_no_web_page_is_read_without_a_warning(start: str) -> None:
    assert not markup.is_whole(markup.read_page(start), start)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("<html><p>а</p></html>", True),
        ("<html><p>а</p></HTML>\n<!-- cached -->", True),
        ("<p>а</p>", False),
        ("<html><p>а</p><script>'</html>'", False),
        ("<html><p class='а</html>", False),
        ("<html><!-- </html>", False),
    ],
)
def test_a_page_is_whole_when_nothing_swallows_its_end(text: str, whole: bool) -> None:
    assert markup.is_whole(markup.read_page(text), text) == whole
    assert markup.is_whole(markup.read_page(text, only="script"), text) == whole


@pytest.mark.parametrize("text", ["<b>" * 200, "<br>" * 30_001, "а" * 2_500_001])
def test_a_page_that_is_too_much_to_read_is_refused(text: str) -> None:
    with pytest.raises(reading.Stop) as stopped:
        markup.read_page(text)
    assert isinstance(stopped.value.outcome, LayoutChanged)


def test_a_page_within_the_bounds_is_read_whole() -> None:
    text = "<html>" + "<div>" * 100 + "<br>" * 20_000 + "слово " * 300_000 + "</div>" * 100 + "</html>"
    assert markup.is_whole(markup.read_page(text), text)
