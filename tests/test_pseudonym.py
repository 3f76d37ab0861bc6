"""A masked page reads like the real one and says nothing of anybody."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Failure, FetchedReview, Parsed
from monitor.pseudonym import LONGEST, mask, pseudonymise
from tests.source_pages import CARDS, DATA, LISTS, detail, fixture, parse

SALT = b"salt of the tests"

# No invented word of ours has two consonants in a row, so none of these can come up by chance.
WORDS = ("Бржезинский", "Хвостикова", "СТРАННО", "подгорело", "Wolfgang", "McCartney", "вкуснейший", "тётяКатя")
PAGES = [(name, file) for name, file in LISTS.items()] + [
    (folder.name, file.name)
    for folder in sorted(DATA.iterdir())
    for file in sorted(folder.iterdir())
    if folder.name in CARDS and file.suffix in (".html", ".json") and not file.name.endswith(".expected.json")
]


def masked(text: str | bytes, content_type: str = "") -> str:
    body = text if isinstance(text, bytes) else text.encode()
    return pseudonymise(body, content_type, salt=SALT).decode("utf-8", "replace")


def survivors(page: str, words: tuple[str, ...] = WORDS) -> list[str]:
    shown = page.casefold()
    return [word for word in words if word.casefold() in shown]


def gist(review: FetchedReview) -> tuple[object, ...]:
    reply = review.reply and (len(review.reply.text), review.reply.at, review.reply.state)
    return (
        review.stars,
        review.posted_at,
        review.posted_precision,
        len(review.text),
        len(review.author),
        len(review.external_id),
        review.reply_known,
        reply,
        review.detail is None,
    )


def assert_reads_alike(name: str, body: bytes) -> None:
    before, after = parse(name, body), parse(name, pseudonymise(body, salt=SALT))
    assert type(before) is type(after), after
    if isinstance(before, Parsed) and isinstance(after, Parsed):
        assert [gist(review) for review in after.reviews] == [gist(review) for review in before.reviews]
        assert len({review.external_id for review in after.reviews}) == len(after.reviews)
        assert after.declared_total == before.declared_total
        assert (after.next is None) == (before.next is None)
        told = {
            word for review in before.reviews for word in re.findall(r"[^\W\d_]{5,}", f"{review.text} {review.author}")
        }
        assert not any(
            review.author and review.author in {r.author for r in before.reviews} for review in after.reviews
        )
        assert told
    elif isinstance(before, Failure) and isinstance(after, Failure):
        assert after.reason == before.reason


@pytest.mark.parametrize(("name", "file"), sorted(set(PAGES)))
def test_a_masked_page_reads_like_the_real_one(name: str, file: str) -> None:
    assert_reads_alike(name, fixture(name, file))


@pytest.mark.parametrize("name", ["otzovik", "irecommend"])
def test_a_masked_review_page_reads_like_the_real_one(name: str) -> None:
    lists = [parse(name, body) for body in (fixture(name), pseudonymise(fixture(name), salt=SALT))]
    pages = [fixture(name, "review.html"), pseudonymise(fixture(name, "review.html"), salt=SALT)]
    found = []
    for outcome, page in zip(lists, pages, strict=True):
        assert isinstance(outcome, Parsed)
        read = detail(name, page, outcome.reviews[0])
        assert isinstance(read, FetchedReview), read
        found.append(read)
    assert gist(found[0]) == gist(found[1])
    assert found[0].text != found[1].text


def test_captured_pages_read_alike_when_masked(shared: Path) -> None:
    folder = shared / "captures"
    read = 0
    for name in CARDS:
        for file in sorted((folder / name).glob("*")):
            if file.suffix == ".html" or file.name == "gbp_reviews_list_2021_plus_edited.json":
                assert_reads_alike(name, file.read_bytes())
                read += 1
    rows = json.loads((folder / "twogis/branch_reviews_objects.json").read_text())["reviews"]
    assert_reads_alike(
        "twogis", json.dumps({"meta": {"code": 200, "total_count": len(rows)}, "reviews": rows}).encode()
    )
    assert read > 10


def test_every_captured_file_is_masked_and_stays_what_it_is(shared: Path) -> None:
    for file in sorted((shared / "captures").glob("*/*")):
        body = file.read_bytes()
        after = mask(body, salt=SALT)
        text, shown = body.decode(), after.body.decode()
        assert len(shown) == pytest.approx(len(text), rel=0.02), file.name
        assert shown.count("<") == text.count("<"), file.name
        if file.suffix == ".json":
            json.loads(shown)


def test_names_of_the_layout_dates_numbers_and_site_words_stay() -> None:
    page = (
        '<div class="review-list__item js-x" itemprop="review" data-nid="123456789">'
        '<time datetime="2026-01-02T03:04:05+03:00">'
        "2 января 2026, 3 недели назад, вчера</time><b>4.5</b> (1 204 голоса) "
        '<span class="product-official">Официальный представитель</span></div>'
    )
    assert re.sub(r'(?<=data-nid=")\d{9}(?=")', "123456789", masked(page)) == page


def test_json_stays_json_with_its_keys_counts_and_times() -> None:
    before = {
        "reviewId": "aZ9-xY8_wV7u6t5s4",
        "rating": 4,
        "count": 123456,
        "created": 1778050000,
        "userId": 1778050001,
        "text": 'Бржезинский сказал: "ужас"\n\t\\ 😡 </script>',
        "starRating": "FIVE",
        "url": "https:\\/\\/otzovik.com\\/review_1234567.html",
    }
    for ascii_only in (True, False):
        text = masked(json.dumps(before, ensure_ascii=ascii_only))
        after = json.loads(text)
        assert list(after) == list(before)
        assert {key: after[key] for key in ("rating", "count", "created", "starRating")} == {
            key: before[key] for key in ("rating", "count", "created", "starRating")
        }
        assert len(after["reviewId"]) == len(str(before["reviewId"]))
        assert all(after[key] != before[key] for key in ("reviewId", "userId", "text", "url"))
        assert re.sub(r"\w", "", after["text"]) == re.sub(r"\w", "", str(before["text"]))


@pytest.mark.parametrize(
    "secret",
    [
        "+7 (843) 123-45-67",
        "89161234567",
        "8 916 123 45 67",
        "223-45-67",
        "petr.sidorov@mail-box.ru",
        "https://petrsidorov.net/about-me",
        "203.0.113.77",
        "f1c970de834130b4dd22c098b829b0f300170ed8:1779097843",
        "%D0%9F%D1%91%D1%82%D1%80",
        "&#1055;&#1105;&#1090;&#1088;",
        "&Pcy;&iocy;&tcy;&rcy;",
        "\\u041f\\u0451\\u0442\\u0440",
    ],
)
@pytest.mark.parametrize(
    "place", ["<p>{}</p>", '<a title="{}">', '{{"text": "{}"}}', "<script>x('{}')</script>", "<!-- {} -->"]
)
def test_what_leads_to_a_person_does_not_stay(secret: str, place: str) -> None:
    assert secret not in masked(place.format(secret))


def test_keys_in_addresses_do_not_stay() -> None:
    page = masked(
        '{"next_link": "https://public-api.reviews.2gis.com/2.0/branches/70001/reviews?key=abcdef12&limit=50"}'
    )
    assert "abcdef12" not in page
    assert "https://public-api.reviews.2gis.com/" in page
    assert page.endswith('&limit=50"}')


def test_equal_words_stay_equal_and_different_ones_different() -> None:
    said = masked("<p>Мария мария МАРИЯ Марина</p>")[3:-4].split()
    assert said[1].upper() == said[2]
    assert said[1].capitalize() == said[0]
    assert said[3] != said[0]


def test_without_the_salt_nothing_can_be_looked_up() -> None:
    assert pseudonymise("Мария Ивановна".encode()) != pseudonymise("Мария Ивановна".encode())


@pytest.mark.parametrize("charset", ["cp1251", "utf-8", "koi8-r", "utf-16", "cp866", "iso-8859-5"])
def test_pages_of_other_charsets_are_masked_in_theirs(charset: str) -> None:
    body = f'<meta charset="{charset}"><p>Бржезинский, "вчера"</p>'.encode(charset)
    read = pseudonymise(body, f"text/html; charset={charset}", salt=SALT).decode(charset)
    assert not survivors(read)
    assert read.startswith(f'<meta charset="{charset}"><p>')
    assert read.endswith('"вчера"</p>')


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-16-le", "utf-16-be", "cp866"])
@pytest.mark.parametrize(
    "told", ["", "text/html; charset=latin-1", "text/html; charset=utf-8", "text/html; charset=cp866"]
)
def test_a_charset_that_lies_saves_no_name(charset: str, told: str) -> None:
    body = ("<p>Бржезинский подгорело</p>" * 9).encode(charset)
    read = pseudonymise(body, told, salt=SALT)
    assert not survivors(read.decode(charset, "replace"))
    assert "Бржезинский".encode(charset) not in read


PLACES = (
    "<p>{}</p>",
    "<p title=\"{}\" data-about={} alt='{}'>",
    "<a href='/users/{}?name={}'>{}</a>",
    "<meta content='{}'><title>{}</title>",
    "<!-- {} --> <![CDATA[{}]]>",
    '<script>var name = "{}"; // {}</script>',
    '<script type="application/ld+json">{{"@type": "Person", "name": "{}", "review": [{{"text": "{}"}}]}}</script>',
    '<div data-state="{{&quot;name&quot;:&quot;{}&quot;}}">{}</div>',
    "<style>.x {{content: '{}'}}</style>",
    "&lt;b&gt;{}&lt;/b&gt;",
    "<unknown>{}</unknown> <textarea>{}",
    "<?php {} ?><!entity {}>",
)
STYLES: dict[str, Callable[[str], str]] = {
    "as it is": lambda word: word,
    "entities": lambda word: "".join(f"&#{ord(sign)};" for sign in word),
    "hexadecimal": lambda word: "".join(f"&#x{ord(sign):x};" for sign in word),
    "escapes": lambda word: json.dumps(word)[1:-1],
    "percent": quote,
    "upper": str.upper,
}


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(WORDS), st.sampled_from(sorted(STYLES))), max_size=12),
    st.integers(0, 2000),
    st.lists(
        st.tuples(
            st.integers(0, 2000), st.sampled_from(["", '"', "<", ">", "'", "\\", "&", "{", "-->", "\0", "</script>"])
        )
    ),
)
def test_no_planted_word_survives_whatever_the_page_looks_like(
    parts: list[tuple[str, str, str]], cut: int, damage: list[tuple[int, str]]
) -> None:
    page = "".join(place.format(*[STYLES[style](word)] * 3) for place, word, style in parts)
    for where, sign in damage:
        page = page[:where] + sign + page[where + 1 :]
    page = page[: len(page) - cut] if cut < len(page) else page
    shown = masked(page)
    assert not survivors(shown)
    assert not survivors(unescape(unquote(shown)))


@pytest.mark.parametrize(
    "page",
    [
        '<a name="{entities}"></a><p class="{entities} x" id="user-{percent}">',
        '<scriptvar name = "{plain}"; // the tag lost its end</script>',
        '<script>{{"@type": "Person" "name": "{plain}", "x": 1}}</script>',
    ],
)
def test_a_name_in_a_place_for_the_codes_own_names_does_not_survive(page: str) -> None:
    said = {"plain": "Wolfgang", "entities": STYLES["entities"]("Бржезинский"), "percent": quote("Бржезинский")}
    shown = masked(page.format(**said))
    assert not survivors(shown)
    assert not survivors(unescape(unquote(shown)))


def test_a_month_is_kept_in_a_date_and_not_as_somebodys_name() -> None:
    dates = "<p>15 Марта 2026, 3 мая, May 5, 2024; Fri, 20 Nov 2026; в марте и 1 Августа</p>"
    kept = masked(dates)
    assert [word for word in ("15 Марта 2026", "3 мая", "May 5, 2024", "20 Nov 2026", "1 Августа") if word in kept] == [
        "15 Марта 2026", "3 мая", "May 5, 2024", "20 Nov 2026", "1 Августа",
    ]  # fmt: skip
    shown = masked('<b>Марта</b> <i itemprop=\'author\'>April O.</i> {"name": "Август"} от Мая, июня')
    assert not survivors(shown, ("Марта", "April", "Август", "Мая"))
    assert "июня" in shown


@given(st.text(max_size=300) | st.text(alphabet="<>\"'&;#\\u041{}[]:,/=-! абвab01?.%", max_size=300))
def test_any_text_is_masked_without_an_error(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    assert len(pseudonymise(body, salt=SALT).decode()) <= 8 * len(body) + 8


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html; charset=utf-7", "application/json; charset=utf-16", "x/y"]),
)
def test_any_bytes_are_masked_without_an_error(body: bytes, told: str) -> None:
    assert isinstance(pseudonymise(body, told), bytes)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_stays_json(value: object) -> None:
    shown = masked(json.dumps([value]))
    json.loads(shown)


@pytest.mark.parametrize(
    "unit",
    [
        "<a>",
        "<",
        '<a b="',
        '["",',
        "&",
        "\\",
        "1",
        "1 ",
        "%41",
        "http://",
        "<!--",
        "&#1048;",
        "<script>",
        '"',
        '{"a":',
        "\\u0418",
        "charset=",
    ],
)
def test_a_hostile_page_takes_bounded_time_and_comes_back_cut(unit: str) -> None:
    body = unit.encode() * (8 * 2**20 // len(unit))
    began = time.process_time()
    shown = pseudonymise(body, salt=SALT)
    assert time.process_time() - began < 5
    assert len(shown) <= LONGEST + 10


@pytest.mark.parametrize("unit", ["1", "%41", "&#1048;", '{"a":'])
def test_a_hostile_page_takes_bounded_memory(unit: str) -> None:
    code = (
        "import re, sys; from monitor.pseudonym import pseudonymise; unit = sys.argv[1].encode(); "
        "pseudonymise(unit * (8 * 2**20 // len(unit))); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )  # not ru_maxrss: that of the tests' own process counts for its children, too
    told = subprocess.run([sys.executable, "-c", code, unit], capture_output=True, check=True, text=True)
    assert int(told.stdout) < 300_000, "KiB"


def test_different_words_beyond_the_free_ones_still_do_not_come_back() -> None:
    signs = "абвгдежз"
    words = [a + b + c + d for a in signs for b in signs for c in signs for d in signs]
    shown = masked(" ".join(words)).split()
    assert not set(shown) & set(words)


def test_the_outline_is_that_of_the_layout_not_of_the_people() -> None:
    def page(name: str, reviews: int, style: str = "item") -> str:
        row = f'<div class="{style}" data-id="{abs(hash(name))}"><b itemprop="author">{escape(name)}</b></div>'
        return mask(f"<html>{row * reviews}</html>".encode()).outline

    assert page("Иван Сидоров", 3) == page("Mary Smith", 50)
    assert page("Иван Сидоров", 3) != page("Иван Сидоров", 3, style="unit")


@pytest.mark.parametrize(
    "number",
    [
        "8 917 123&nbsp;45&nbsp;67",
        "8 917 — 123 — 45 — 67",
        "+7\u2009917\u2009123\u20094567",
        "8_917_123_45_67",
        "8*917*123*45*67",
        "+7…917…123…45…67",
        "8/917/123/45/67",
        "8/917/123-45-67",
        "8 / 917 / 123 45 67",
        "8,917,123,45,67",
        "8, 917, 123, 45, 67",
        "8,917,1234567",
        "+7/917/1234567",
        "917/123/45/67",
        "+375/29/123/45/67",
        "4276 5500 1234 5678",
    ],
)
def test_a_number_in_groups_keeps_none_of_them_whatever_stands_between(number: str) -> None:
    shown = pseudonymise(f"<p>Звоните: {number}</p>".encode(), "text/html", salt=b"1").decode()
    assert not {"917", "123", "4567", "5500", "5678"} & set(re.findall(r"\d+", shown))
    assert re.sub(r"\d", "0", number) in re.sub(r"\d", "0", shown)
