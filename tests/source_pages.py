"""Pages for the tests of the sources: bytes as a session hands them over."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import Card, FetchedReview, Outcome, Page, Parsed, SourceSettings
from monitor.seams import Source
from monitor.sources import REGISTRY

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
KEY = "secret-key-of-the-test"
SECRETS = {"key": KEY, "client_id": "id-of-the-test", "client_secret": KEY, "refresh_token": "1//" + KEY}
CARDS = {
    "google_business": Card("lenina", "google_business", "7/42", "Europe/Moscow", {"account": "7", "location": "42"}),
    "yandex_maps": Card("lenina", "yandex_maps", "1000000001", "Europe/Moscow"),
    "twogis": Card("lenina", "twogis", "70000000000000001", "Europe/Moscow"),
    "otzovik": Card("lenina", "otzovik", "kafe_vydumka", "Europe/Moscow"),
    "irecommend": Card("lenina", "irecommend", "kafe-vydumka", "Europe/Moscow"),
    "schema_org": Card("lenina", "schema_org", "https://vydumka.example/otzyvy", "Europe/Moscow"),
    "feed": Card("lenina", "feed", "https://vydumka.example/otzyvy.rss", "Europe/Moscow"),
}
LISTS = {
    "google_business": "reviews.json",
    "yandex_maps": "org.html",
    "twogis": "reviews.json",
    "otzovik": "list.html",
    "irecommend": "product.html",
    "schema_org": "page.html",
    "feed": "reviews.rss",
}


def source(name: str, base_url: str = "") -> Source:
    return REGISTRY[name](SourceSettings(base_url=base_url, secrets=SECRETS))


def page(body: bytes | str, status: int = 200, url: str = "https://site.example/", **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(status, named, body.encode() if isinstance(body, str) else body, url, NOW)


def fixture(name: str, file: str = "") -> bytes:
    return (DATA / name / (file or LISTS[name])).read_bytes()


def parse(name: str, read: Page | bytes | str, cursor: str | None = None) -> Outcome:
    return source(name).parse(read if isinstance(read, Page) else page(read), CARDS[name], cursor)


def parsed(name: str, read: Page | bytes | str, cursor: str | None = None) -> Parsed:
    outcome = parse(name, read, cursor)
    assert isinstance(outcome, Parsed), outcome
    return outcome


def detail(name: str, read: Page | bytes | str, listed: FetchedReview) -> FetchedReview | Outcome:
    return source(name).parse_detail(read if isinstance(read, Page) else page(read), CARDS[name], listed)


# --- pages of a real size ---------------------------------------------------------------------------


def _google(count: int) -> str:
    whole = json.loads(fixture("google_business"))
    first = whole["reviews"][0]
    whole["reviews"] = [first | {"reviewId": f"r{number}"} for number in range(count)]
    return json.dumps(whole, ensure_ascii=False)


def _twogis(count: int) -> str:
    whole = json.loads(fixture("twogis"))
    whole["reviews"] = [whole["reviews"][0] | {"id": str(number)} for number in range(count)]
    whole["meta"] |= {"total_count": count, "next_link": None}
    return json.dumps(whole, ensure_ascii=False)


def _yandex(count: int) -> str:
    before, _, rest = fixture("yandex_maps").decode().partition('class="state-view">')
    state, _, after = rest.partition("</script>")
    whole = json.loads(state)
    results = whole["stack"][0]["results"]["items"][0]["reviewResults"]
    results["reviews"] = [results["reviews"][0] | {"reviewId": f"r{number}"} for number in range(count)]
    results["params"] |= {"limit": count, "totalPages": 3}
    written = json.dumps(whole, ensure_ascii=False).replace("<", "\\u003c")
    return f'{before}class="state-view">{written}</script>{after}'


def _repeated(name: str, start: str, end: str, own: str) -> Callable[[int], str]:
    """The page with its first card, from `start` to the next `start`, as often as asked; `end` stands behind the last
    one, `own` is the card's number."""
    whole = fixture(name).decode()
    first = whole.index(start)
    card, behind = whole[first : whole.index(start, first + 1)], whole[whole.index(end) :]
    return lambda count: whole[:first] + "".join(card.replace(own, str(90_000 + n)) for n in range(count)) + behind


def _numbered(name: str, start: str, end: str, between: str, own: str) -> Callable[[int], str]:
    """The page with what stands from `start` to `end` as often as asked, with another `own` each time."""
    whole = fixture(name).decode()
    first = whole.index(start)
    last = whole.index(end, first) + len(end)
    piece = whole[first:last]
    return lambda count: (
        whole[:first] + between.join(piece.replace(own, f"{own}{number}") for number in range(count)) + whole[last:]
    )


WIDE: Mapping[str, Callable[[int], str]] = {
    "google_business": _google,
    "twogis": _twogis,
    "yandex_maps": _yandex,
    "otzovik": _repeated("otzovik", '<div class="item status', '</div>\n<div class="pager"', "500001"),
    "irecommend": _repeated("irecommend", "<li><div class=", "</ul></div><ul class=", "7001"),
    "schema_org": _numbered(
        "schema_org", '{"@type": "Review", "author": {', '"bestRating": "5"}}', ",\n", "Марфа Выдумкина"
    ),
    "feed": _numbered("feed", "<item>", "</item>", "\n", "otzyv-1"),
}
"""A list page of so many reviews: the fixture's first one, again and again."""
