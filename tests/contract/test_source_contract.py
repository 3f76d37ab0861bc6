"""What every source promises, whatever the site sends."""

import json
import subprocess
import sys
import time
from datetime import UTC, timedelta
from html import escape
from types import FrameType
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import (
    Blocked,
    Card,
    FetchedReview,
    Gone,
    LayoutChanged,
    Outcome,
    Parsed,
    Published,
    PublishOutcome,
    Refused,
    SourceSettings,
    Token,
    Unauthorised,
    Unavailable,
)
from monitor.sources import REGISTRY
from monitor.standin.world import World
from tests.fakes import FrozenClock
from tests.rig import NOON, DirectSession
from tests.source_pages import CARDS, KEY, NOW, WIDE, detail, fixture, page, parse, parsed, source

EVERY = pytest.mark.parametrize("name", sorted(REGISTRY))
WITH_PAGES = pytest.mark.parametrize("name", ["otzovik", "irecommend"])
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FAILURES = (LayoutChanged, Blocked, Unavailable)
WORDS = {  # a piece of text in each list to put a stranger's words in the place of
    "google_business": "Ждали полчаса.",
    "yandex_maps": "Суп пересолен.",
    "twogis": "Отличный хлеб.",
    "otzovik": "Без восторга, но съедобно.",
    "irecommend": "Уютно, как у бабушки",
    "schema_org": "Ждали сорок минут, суп остыл.",
    "feed": "Ждали сорок минут, суп остыл.",
}


ROWS = ("google_business", "yandex_maps", "twogis")
RENAMES = {  # what a site may rename: the field it empties, the piece of the page, what it becomes
    "google_business": [
        ("date", '"createTime"', '"createdAt"'),
        ("date", '"2026-03-04T09:15', '"March 4th'),
        ("stars", '"starRating"', '"stars"'),
        ("stars", '"TWO"', '"2_STARS"'),
        ("author", '"reviewer"', '"person"'),
        ("text", '"comment"', '"words"'),
    ],
    "yandex_maps": [
        ("date", '"updatedTime"', '"time"'),
        ("date", '"2026-02-03T09:08:07.006Z"', '"3 февраля"'),
        ("stars", '"rating"', '"mark"'),
        ("stars", '"rating": 1', '"rating": 0'),
        ("author", '"author"', '"person"'),
        ("text", '"text"', '"words"'),
        ("text", '"text": "Суп', '"text": "", "words": "Суп'),
        ("cards", '"limit": 50', '"limit": 120'),
    ],
    "twogis": [
        ("date", '"date_created"', '"created"'),
        ("date", '"2026-04-02T01:02:03.91129+07:00"', '"2 апреля"'),
        ("stars", '"rating"', '"mark"'),
        ("stars", '"rating": 2', '"rating": null'),
        ("author", '"user"', '"person"'),
        ("author", 'name": "Тимур', 'title": "Тимур'),
        ("text", '"text"', '"words"'),
        ("cards", '50, "next_link": null', '500, "next_link": "https://x.example/?limit=120&offset=120"'),
    ],
    "otzovik": [
        ("date", "date", "when"),
        ("stars", "ratingValue", "mark"),
        ("author", "Марфа &amp; Ко", ""),
        ("text", "review-teaser", "lead"),
        ("cards", 'itemprop="review">', 'data-kind="review">'),
    ],
    "irecommend": [
        ("date", "-created", "-when"),
        ("stars", 'class="on"', 'class="lit"'),
        ("author", "authorName", "person"),
        ("text", "reviewTeaserText", "lead"),
        ("cards", "reviews-list-item", "feed-item"),
    ],
    "schema_org": [("text", "reviewBody", "words")],
    "feed": [("text", "description", "words")],
}
DETAIL_RENAMES = [
    ("otzovik", "date", "date", "when"),
    ("otzovik", "text", "review-body", "words"),
    ("irecommend", "date", "datePublished", "when"),
    ("irecommend", "text", "reviewBody", "words"),
]
CALLS = 300_000
"""Of Python for a page of 50 reviews: today's dearest takes 200,000, which are 70 ms of a slow machine."""


def renamed(whole: str, field: str, old: str, new: str) -> str:
    """The page with `old` renamed everywhere, or, where whole cards go, in all but the first ten."""
    if field != "cards" or whole.count(old) == 1:
        assert old in whole
        return whole.replace(old, new)
    kept = old.join(whole.split(old)[:11])
    return kept + old + new.join(whole.split(old)[11:])


def hostile_page(name: str, words: str) -> str:
    whole = fixture(name).decode()
    assert WORDS[name] in whole
    return whole.replace(WORDS[name], ESCAPES.get(name, as_json)(words))


def as_json(words: str) -> str:
    return json.dumps(words)[1:-1].replace("<", "\\u003c")


ESCAPES = {"otzovik": escape, "irecommend": escape, "feed": lambda words: escape(escape(words))}
"""How words stand in a page: as JSON, as HTML, as HTML inside of XML."""


def test_the_registry_holds_the_five_sites_and_pages_of_ones_own_under_their_names() -> None:
    sites = {"google_business", "yandex_maps", "twogis", "otzovik", "irecommend"}
    assert set(REGISTRY) == sites | {"schema_org", "feed"}
    for name, make in REGISTRY.items():
        assert make(SourceSettings()).name == name


def test_importing_the_registry_loads_no_parser_of_html() -> None:
    code = (
        "import sys; from monitor.sources import REGISTRY; from monitor.model import SourceSettings\n"
        "all(make(SourceSettings()).every for make in REGISTRY.values())\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('lxml', 'bs4', 'httpx', 'sqlite3')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@EVERY
def test_a_source_describes_itself(name: str) -> None:
    site = source(name)
    assert site.title
    assert site.base_url.startswith("https://") or site.card_is_address
    assert timedelta(minutes=10) <= site.every <= timedelta(hours=6)
    assert timedelta(0) < site.pace < timedelta(minutes=1)
    assert all(option.endswith("_env") for option in site.env_options)
    assert site.card_fields
    assert (site.token_request() is None) == (name != "google_business")


@EVERY
def test_a_person_is_sent_to_the_real_site_and_requests_to_the_given_base(name: str) -> None:
    site = source(name, "http://127.0.0.1:8765")
    card = CARDS[name]
    for link in (
        site.review_url(card, "1"),
        site.reply_url(card, "1"),
        *(r.url for r in parsed(name, fixture(name)).reviews),
    ):
        assert link.startswith("https://")
    outcome = site.parse(page(fixture(name)), card, None)
    assert isinstance(outcome, Parsed)
    asked = [
        site.request(card, None),
        site.request(card, outcome.next),
        *filter(None, (r.detail for r in outcome.reviews)),
    ]
    assert all(request.url.startswith("http://127.0.0.1:8765/") for request in asked)


@EVERY
def test_a_reply_is_sent_to_the_given_base_or_refused_in_words(name: str) -> None:
    site, card = source(name, "http://127.0.0.1:8765"), CARDS[name]
    if not site.publishes:
        with pytest.raises(UsageError, match="отвечает человек"):
            site.publish_request(card, "1", "Спасибо!")
        with pytest.raises(UsageError, match="отвечает человек"):
            site.retract_request(card, "1")
        assert isinstance(site.parse_published(page(b"{}")), Refused)
        return
    post, retract = site.publish_request(card, "1", "Спасибо!"), site.retract_request(card, "1")
    assert site.edits_a_minute > 0
    assert (post.verb, retract.verb) == ("PUT", "DELETE")
    assert post == site.publish_request(card, "1", "Спасибо!")
    for request in (post, retract):
        assert request.url.startswith("http://127.0.0.1:8765/")
        assert "Спасибо" not in repr(request) + request.label
        assert request.label.startswith(card.name)


@EVERY
@QUICK
@given(status=st.integers(200, 599), body=st.binary(max_size=200) | st.text(max_size=99).map(str.encode))
def test_no_answer_to_a_reply_makes_a_source_stumble(name: str, status: int, body: bytes) -> None:
    outcome = source(name).parse_published(page(body, status))
    assert isinstance(outcome, get_args(PublishOutcome))
    if isinstance(outcome, Published):
        assert status in (200, 204)
    else:
        assert outcome.reason


@EVERY
def test_a_good_page_has_unique_ids_and_aware_utc_times(name: str) -> None:
    found = parsed(name, fixture(name))
    assert len({review.external_id for review in found.reviews}) == len(found.reviews) >= 2
    for review in found.reviews:
        moments = [review.posted_at, review.reply.at if review.reply else None]
        assert all(at.tzinfo is UTC and at <= NOW for at in moments if at is not None)
        assert review.reply is None or review.reply_known


@EVERY
def test_reading_twice_says_the_same(name: str) -> None:
    site = source(name)
    first, second = (site.parse(page(fixture(name)), CARDS[name], None) for _ in range(2))
    assert first == second == parse(name, fixture(name))


@EVERY
@QUICK
@given(data=st.data())
def test_a_page_cut_anywhere_is_never_read_in_part(name: str, data: st.DataObject) -> None:
    whole = fixture(name).rstrip()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    outcome = parse(name, cut)
    assert isinstance(outcome, FAILURES) or outcome == parse(name, whole)


@WITH_PAGES
@QUICK
@given(data=st.data())
def test_a_reviews_page_cut_anywhere_is_never_read_in_part(name: str, data: st.DataObject) -> None:
    whole = fixture(name, "review.html").rstrip()
    listed = parsed(name, fixture(name)).reviews[0]
    outcome = detail(name, whole[: data.draw(st.integers(0, len(whole) - 1))], listed)
    assert isinstance(outcome, FAILURES) or outcome == detail(name, whole, listed)


@EVERY
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, Unavailable),
        (403, Blocked),
        (404, Gone),
        (410, Gone),
        (429, Blocked),
        (451, Blocked),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (507, Blocked),
        (521, Blocked),
        (204, Unavailable),
        (301, LayoutChanged),
        (418, LayoutChanged),
    ],
)
def test_every_status_has_one_meaning(name: str, status: int, kind: type[Outcome]) -> None:
    expected = Unauthorised if (name, status) == ("google_business", 403) else kind
    assert isinstance(parse(name, page("<html><body>nginx</body></html>", status)), expected)
    assert isinstance(parse(name, page("", status)), expected)


@EVERY
@pytest.mark.parametrize("body", [b"", b"   \n", b"\xef\xbb\xbf"])
def test_nothing_is_not_none(name: str, body: bytes) -> None:
    assert isinstance(parse(name, body), FAILURES)
    assert isinstance(parse(name, b""), Unavailable)


@EVERY
@pytest.mark.parametrize(("status", "kind"), [(429, Blocked), (503, Unavailable)])
def test_the_wait_a_site_asks_for_is_kept(name: str, status: int, kind: type[Blocked | Unavailable]) -> None:
    outcome = parse(name, page("", status, retry_after="90"))
    assert isinstance(outcome, kind)
    assert outcome.retry_after == timedelta(seconds=90)


@EVERY
def test_no_secret_shows(name: str) -> None:
    site = source(name)
    outcome = site.parse(page(fixture(name)), CARDS[name], None)
    assert isinstance(outcome, Parsed)
    requests = [site.request(CARDS[name], None), site.request(CARDS[name], outcome.next), site.token_request()]
    failures = [site.parse(page(KEY, status), CARDS[name], None) for status in (200, 400, 401, 403, 404, 429, 500)]
    assert KEY not in repr([site, outcome, requests, outcome.next, failures])


@EVERY
@QUICK
@given(words=st.text(alphabet=st.characters(exclude_categories=()), min_size=1, max_size=60))
def test_a_strangers_words_never_break_a_page(name: str, words: str) -> None:
    outcome = parsed(name, hostile_page(name, words).encode("utf-8", "surrogatepass"))
    assert len(outcome.reviews) == len(parsed(name, fixture(name)).reviews)
    for review in outcome.reviews:
        assert "\0" not in review.text
        review.text.encode()


@EVERY
@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script> {{ 7*7 }} {% raw %}",
        "'; DROP TABLE review; --",
        "\u202eотзыв наоборот\u202c 👨‍👩‍👧‍👦",
        "capt4a= временно запрещен </html> checkcaptcha AdvancedCaptcha audio.js",
        "очень длинно " * 8000,
    ],
)
def test_hostile_words_survive_as_they_are(name: str, words: str) -> None:
    texts = [review.text for review in parsed(name, hostile_page(name, words)).reviews]
    assert any(words.strip() in text for text in texts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("5"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def replaced(value: object, data: st.DataObject) -> object:
    """The same JSON with one thing, somewhere, replaced by anything or taken away."""
    if not isinstance(value, (dict, list)) or not value or data.draw(st.integers(0, 5)) == 0:
        return data.draw(JSON)
    if isinstance(value, dict):
        key = data.draw(st.sampled_from(sorted(value)))
        rest = {name: kept for name, kept in value.items() if name != key}
        return rest if data.draw(st.integers(0, 9)) == 0 else {**rest, key: replaced(value[key], data)}
    place = data.draw(st.integers(0, len(value) - 1))
    return [*value[:place], replaced(value[place], data), *value[place + 1 :]]


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_json_of_any_shape_is_read_or_refused(name: str, data: st.DataObject) -> None:
    whole = fixture(name).decode()
    before, after = "", ""
    if name == "yandex_maps":
        before, _, rest = whole.partition('class="state-view">')
        whole, _, after = rest.partition("</script>")
        before, after = before + 'class="state-view">', "</script>" + after
    mutated = json.dumps(replaced(json.loads(whole), data)).replace("<", "\\u003c")
    outcome = parse(name, before + mutated + after)
    assert isinstance(outcome, get_args(Outcome))
    for review in outcome.reviews if isinstance(outcome, Parsed) else ():
        assert review.stars is None or 1 <= review.stars <= 5
        assert review.external_id
        assert review.posted_at is not None


@EVERY
@QUICK
@given(data=st.data())
def test_no_bytes_make_a_source_stumble(name: str, data: st.DataObject) -> None:
    whole = fixture(name)
    place = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(place, min(len(whole), place + 400)))
    mutated = whole[:place] + data.draw(st.binary(max_size=20)) + whole[end:]
    assert isinstance(parse(name, mutated), get_args(Outcome))


@EVERY
@given(cursor=st.text(max_size=30))
def test_no_cursor_makes_a_source_stumble(name: str, cursor: str) -> None:
    assert isinstance(source(name).parse(page(fixture(name)), CARDS[name], cursor), get_args(Outcome))


@EVERY
@pytest.mark.parametrize("piece", [b"<p>", b"<div class=item></div>", b"<b>", b"<", b'{"a":[', b"</p>", b"&amp"])
def test_eight_megabytes_of_hostile_markup_is_refused_in_bounded_time(name: str, piece: bytes) -> None:
    started = time.monotonic()
    assert isinstance(parse(name, b"<html>" + piece * (2**23 // len(piece)) + b"</html>"), FAILURES)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", sorted(WIDE))
def test_a_page_of_fifty_reviews_costs_a_bounded_number_of_steps(name: str) -> None:
    small, large = (steps(name, WIDE[name](count)) for count in (50, 100))
    assert small < CALLS
    assert large < 2.2 * small, "twice the reviews, twice the work"


def steps(name: str, whole: str) -> int:
    """How many Python functions are called to read a page: unlike its time, that does not depend on the machine."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    site, read = source(name), page(whole)
    site.parse(read, CARDS[name], None)  # loads what is loaded once
    sys.setprofile(count)
    try:
        outcome = site.parse(read, CARDS[name], None)
    finally:
        sys.setprofile(None)
    assert isinstance(outcome, Parsed)
    return counted


@pytest.mark.parametrize(("name", "rename"), [(name, rename) for name in sorted(RENAMES) for rename in RENAMES[name]])
def test_a_page_whose_field_is_called_otherwise_is_not_read_in_part(name: str, rename: tuple[str, str, str]) -> None:
    whole = WIDE[name](50)
    outcome, found = source(name).inspect(page(whole), CARDS[name], None)
    assert isinstance(outcome, Parsed), outcome
    assert rename[0] in {finding.field for finding in found}
    assert all(finding.ok for finding in found)
    assert isinstance(parse(name, renamed(whole, *rename)), LayoutChanged)


@pytest.mark.parametrize("name", sorted(RENAMES))
def test_every_field_a_source_watches_is_renamed_above(name: str) -> None:
    _, found = source(name).inspect(page(WIDE[name](50)), CARDS[name], None)
    assert {finding.field for finding in found} == {field for field, _, _ in RENAMES[name]}


@pytest.mark.parametrize(("name", "field", "old", "new"), DETAIL_RENAMES)
def test_a_reviews_own_page_without_its_date_or_words_is_a_changed_layout(
    name: str, field: str, old: str, new: str
) -> None:
    listed = parsed(name, fixture(name)).reviews[0]
    whole = fixture(name, "review.html").decode()
    assert isinstance(detail(name, whole, listed), FetchedReview)
    assert isinstance(detail(name, renamed(whole, field, old, new), listed), LayoutChanged)


@pytest.mark.parametrize("world", [World.demo(NOON), World.sized(NOON, places=1, reviews=600)], ids=["demo", "sized"])
def test_the_stand_ins_pages_are_healthy(world: World) -> None:
    session = DirectSession(world, FrozenClock(NOON))
    for card in world.cards():
        site = REGISTRY[card.source](SourceSettings("http://127.0.0.1:8765", {"key": world.credentials["TWOGIS_KEY"]}))
        here = Card(card.place, card.source, card.id, "Europe/Moscow", dict(card.listing))
        token = Token(world.issue_token(), NOON + timedelta(hours=1))
        cursor: str | None = None
        while True:
            read = session.send(site.request(here, cursor), source=card.source, token=token)
            outcome, found = site.inspect(read, here, cursor)
            assert isinstance(outcome, Parsed), (outcome, found)
            if outcome.next is None:
                break
            cursor = outcome.next


@WITH_PAGES
def test_a_reviews_own_page_keeps_what_identifies_it(name: str) -> None:
    listed = parsed(name, fixture(name)).reviews[0]
    whole = detail(name, fixture(name, "review.html"), listed)
    assert isinstance(whole, FetchedReview)
    assert (whole.external_id, whole.url, whole.mark) == (listed.external_id, listed.url, listed.mark)
    assert whole.detail is None
    assert whole.reply_known
    assert listed.mark
    assert isinstance(detail(name, page("", 404), listed), Gone)
