"""A site made for tests of reading: one list per card, newest first, cut into pages, that fails when told to.

Reviews come as they are (`FetchedReview`), so that a test says what is on the page and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from monitor import sla
from monitor.engine import Engine
from monitor.jobs.fetch import Fetch, Read, Turn, Watched
from monitor.log import Log
from monitor.model import (
    Answerable,
    Card,
    Failure,
    FetchedReview,
    Gone,
    ListingState,
    Outcome,
    Page,
    PageRequest,
    Parsed,
    Precision,
    Token,
    Traffic,
)
from monitor.runners.turns import take_turns
from monitor.sources.site import Site
from monitor.store.intents import Rules
from monitor.store.sqlite import Store
from tests.fakes import FrozenClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def review(name: str, text: str = "Вкусно", **changes: Any) -> FetchedReview:
    base = FetchedReview(name, 5, text, "Анна", NOON, Precision.EXACT, f"https://example.ru/{name}")
    return replace(base, **changes)


@dataclass
class Shelf:
    """What one card shows. `failures`: cursor ("" the first page) → what comes instead of that page. `sends_etag`:
    whether the site tells pages apart and answers 304. `detailed`: texts stand on pages of their own."""

    reviews: list[FetchedReview] = field(default_factory=list)
    page_size: int = 3
    declared: int | None = None
    ceiling: bool = False
    sends_etag: bool = False
    detailed: bool = False
    failures: dict[str, Failure | BaseException] = field(default_factory=dict)


class ShelfSource(Site):
    """How such a site speaks. `scattered`: each card is a site of its own."""

    title = "Полка"
    answerable = Answerable.ALL
    every = timedelta(minutes=30)
    pace = timedelta()
    obeys_robots = False
    env_options: tuple[str, ...] = ()
    card_fields: tuple[str, ...] = ("id",)

    def __init__(self, name: str, shelves: Mapping[str, Shelf], *, scattered: bool = False) -> None:
        self.name = name
        self.card_is_address = scattered
        self.base_url = f"https://{name}.example.ru"
        self._shelves = shelves

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        base_url = f"https://{card.id}.example.ru" if self.card_is_address else self.base_url
        return PageRequest(f"{base_url}/{card.id}?from={cursor or ''}", card.name)

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        raise AssertionError("`parse` answers")

    def parse(self, page: Page, card: Card, cursor: str | None) -> Outcome:
        shelf = self._shelves[card.id]
        failure = shelf.failures.get(cursor or "")
        if failure is not None and not isinstance(failure, BaseException):
            return failure
        start = int(cursor or 0)
        shown, end = shelf.reviews[start : start + shelf.page_size], start + shelf.page_size
        if shelf.detailed:
            own = [PageRequest(f"{self.base_url}/{card.id}/{seen.external_id}", card.name) for seen in shown]
            shown = [
                replace(seen, text="", mark=seen.digest, detail=request)
                for seen, request in zip(shown, own, strict=True)
            ]
        following = str(end) if end < len(shelf.reviews) else None
        return Parsed(tuple(shown), following, shelf.declared, ceiling=shelf.ceiling and following is None)

    def parse_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview | Outcome:
        found = [seen for seen in self._shelves[card.id].reviews if seen.external_id == listed.external_id]
        return found[0] if found else Gone("нет такого отзыва")

    def review_url(self, card: Card, external_id: str) -> str:
        return f"{self.base_url}/{card.id}/{external_id}"

    def reply_url(self, card: Card, external_id: str) -> str:
        return self.review_url(card, external_id)


class ShelfSession:
    """Answers without a network; `asked` is every request, `cost` how long each takes."""

    def __init__(self, shelves: Mapping[str, Shelf], clock: FrozenClock) -> None:
        self.asked: list[PageRequest] = []
        self.cost = timedelta()
        self.before: Callable[[], None] = lambda: None
        self._shelves = shelves
        self._clock = clock
        self._traffic: dict[str, Traffic] = {}

    @property
    def paths(self) -> list[str]:
        """`card?from=cursor` or `card/review` of every request."""
        return [request.url.split("/", 3)[3].removesuffix("?from=") for request in self.asked]

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        self.before()
        self.asked.append(request)
        self._clock.advance(self.cost)
        parts = urlsplit(request.url)
        shelf = self._shelves[parts.path.split("/")[1]]
        cursor = dict(parse_qsl(parts.query)).get("from", "")
        failure = shelf.failures.get(cursor)
        etag = f'"{sha256(repr((cursor, shelf.reviews)).encode()).hexdigest()}"'
        unchanged = shelf.sends_etag and request.headers.get("If-None-Match") == etag and failure is None
        body = b"" if unchanged else b"page"
        cost = Traffic(requests=1, bytes=len(body), unchanged=int(unchanged))
        self._traffic[source] = self._traffic.get(source, Traffic()) + cost
        if isinstance(failure, BaseException):
            raise failure
        headers = {"etag": etag} if shelf.sends_etag else {}
        return Page(304 if unchanged else 200, headers, body, request.url, self._clock.now())

    def traffic(self) -> Mapping[str, Traffic]:
        counted, self._traffic = self._traffic, {}
        return counted

    def close(self) -> None:
        """Nothing is open."""


class Samples:
    """Remembers whose pages were kept."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def keep(self, source: str, page: Page) -> str:
        self.kept.append(source)
        return f"samples/{source}-{len(self.kept)}"


class Reader:
    """An engine that reads and does nothing else, over `shelves` by source and card. `turn()` reads one card,
    `run()` what is due, host by host."""

    def __init__(
        self,
        folder: Path,
        shelves: Mapping[str, Mapping[str, Shelf]],
        *,
        every: timedelta = 30 * MINUTE,
        scattered: bool = False,
    ) -> None:
        self.clock = FrozenClock(NOON)
        self.shelves = shelves
        self.store = Store.open(folder / "otklik.db")
        cards = [Card(f"place-{card}", name, card, "Europe/Moscow") for name, own in shelves.items() for card in own]
        self.store.listings.sync(cards, NOON)
        everything = {card: shelf for own in shelves.values() for card, shelf in own.items()}
        self.session = ShelfSession(everything, self.clock)
        self.samples = Samples()
        self.policy = sla.Policy.of(HOUR, 24 * HOUR)
        rules = Rules(self.policy, Answerable.ALL, representative=False, enforce_from=timedelta(days=2))
        self.watched = {
            name: Watched(ShelfSource(name, own, scattered=scattered), rules, every, timedelta())
            for name, own in shelves.items()
        }
        self.cards = {(card.source, card.id): card for card in cards}
        idle = cast("Any", None)
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            watched=self.watched,
            cards=self.cards,
            fetch=self.fetch,
            link=idle,
            analyse=idle,
            drafts=idle,
            canary=idle,
            recount=idle,
            watch=idle,
            supervise=idle,
            digests=idle,
            notify=idle,
            index=idle,
            retention=None,
            forget=idle,
            log=Log(),
        )

    def fetch(self) -> Fetch:
        return Fetch(
            store=self.store,
            session=self.session,
            clock=self.clock,
            watched=self.watched,
            cards=self.cards,
            full_read=timedelta(days=1),
            samples=self.samples,
        )

    def listing(self, card: str = "1") -> ListingState:
        return next(listing for listing in self.store.listings.all() if listing.external_id == card)

    def turn(self, card: str = "1", *, after: timedelta = timedelta(), lasting: timedelta = HOUR) -> Read:
        """Reads the card, due or not, by a process of its own."""
        self.clock.advance(after)
        until = self.clock.now() + lasting
        listing = self.listing(card)
        return self.fetch().run(listing.id, listing.source, Turn(until, until))

    def run(self, *, after: timedelta = timedelta(), budget: timedelta = 4 * MINUTE) -> list[Read]:
        """A pass over what is due."""
        self.clock.advance(after)
        until = self.clock.now() + budget
        due = self.engine.due(budget)
        reads: list[Read] = []
        for host in dict.fromkeys(job.host for job in due.jobs):
            jobs = [job for job in due.jobs if job.host == host]
            take_turns(self.engine, jobs, due.waiting, until, say=reads.append, stopped=lambda: False)
        return reads

    def held(self) -> list[str]:
        """External ids of the reviews we hold, not the removed ones."""
        return sorted(row["external_id"] for row in self.store.reviews() if row["removed_at"] is None)

    def alarms(self) -> list[tuple[str, str | None]]:
        """(kind, card) of what is wrong now."""
        return [(alarm.kind.value, alarm.listing) for alarm in self.store.alarms.open()]
