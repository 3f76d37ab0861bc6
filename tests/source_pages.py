"""Pages for the tests of the sources: bytes as a session hands them over."""

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
}
LISTS = {
    "google_business": "reviews.json",
    "yandex_maps": "org.html",
    "twogis": "reviews.json",
    "otzovik": "list.html",
    "irecommend": "product.html",
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
