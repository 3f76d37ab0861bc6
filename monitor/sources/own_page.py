"""What pages and feeds at an address of the owner's choice have in common: the card's id is that address.

They show the newest reviews only, so that nothing is ever taken for removed, and tell of no reply.
"""

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from html import unescape
from urllib.parse import urlsplit, urlunsplit

from monitor.model import (
    Answerable,
    Card,
    FetchedReview,
    LayoutChanged,
    Page,
    PageRequest,
    Parsed,
    Precision,
    SourceSettings,
)
from monitor.sources import markup, reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.site import Site

_TAG = re.compile(
    r"</?(?:a|b|br|div|em|h[1-6]|i|li|ol|p|span|strong|table|td|tr|u|ul)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_CONTENT_TYPES = "text/html, application/xhtml+xml, application/ld+json, application/rss+xml, application/atom+xml, */*"


class OwnPage(Site):
    """`base_url`, where the settings name one (a stand-in, a proxy), replaces the scheme and host of the address."""

    answerable = Answerable.REPRESENTATIVE
    every = timedelta(hours=1)
    pace = timedelta(seconds=5)
    obeys_robots = True
    env_options: tuple[str, ...] = ()
    card_fields: tuple[str, ...] = ("id",)
    card_is_address = True
    # Everybody marks up what he likes: only words are needed.
    healthy = Healthy({"text": Expected(0.5, spare=3)})

    place = "на этой странице"
    """Where the reviews should stand, in Russian."""

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        address = card.id
        if self.base_url:
            parts = urlsplit(address)
            address = self.base_url + urlunsplit(("", "", parts.path or "/", parts.query, ""))
        return PageRequest(url=address, label=f"{card.name}: отзывы", headers={"Accept": _CONTENT_TYPES})

    def review_url(self, card: Card, external_id: str) -> str:
        return card.id

    def reply_url(self, card: Card, external_id: str) -> str:
        return card.id

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        reading.check_status(page)
        found, declared = self._found(page, card)
        return Parsed(reading.unique(found), declared_total=declared, ceiling=True)

    def _unlike(self, what: str) -> LayoutChanged:
        """Perhaps nothing has changed and the page was never fit to be read; a newer program would not help."""
        return LayoutChanged(
            f"Отзывы {self.place} не читаются: {what}. Проверьте адрес в config.yaml или попросите владельца сайта "
            "исправить разметку."
        )

    @abstractmethod
    def _found(self, page: Page, card: Card) -> tuple[list[FetchedReview], int | None]:
        """The reviews in the page's order, and how many there are altogether if it says so; raises `Stop`."""


def identity(own: str, source: str, author: str, day: str, text: str, *, stars: int | None) -> str:
    """A review's id: digests the one the page gives it, else what it is known by. With the latter an edited review is
    a new one: nothing on the page says otherwise. `stars` only where nothing else tells one rating from another."""
    told = own or "\0".join((source, author, day, text[:200]))
    if not (own or author or text):
        told += f"\0{stars}"
    return sha256(told.encode("utf-8", "replace")).hexdigest()[:40]


def told_apart(reviews: Iterable[tuple[str, FetchedReview]], source: str) -> list[FetchedReview]:
    """Reviews with ids: `(own id or "", review)`. An id that several carry (the page's address, say) names none."""
    pairs = list(reviews)
    carried = Counter(own for own, _ in pairs)
    return [
        replace(
            review,
            external_id=identity(
                own if carried[own] == 1 else "",
                source,
                review.author,
                # An approximate date («неделю назад») is another one at every read.
                str(review.posted_at) if review.posted_precision in (Precision.DAY, Precision.EXACT) else "",
                review.text,
                stars=review.stars,
            ),
        )
        for own, review in pairs
    ]


def plain(value: str) -> str:
    """Words that may be marked up, or escaped once too often, as a reader sees them."""
    said = unescape(value)
    if not _TAG.search(said):
        return reading.clean_text(said)
    return markup.text(markup.read_page(f"<html><body>{said}</body></html>"))


def stars(value: object, best: object = None, worst: object = None) -> int | None:
    """1 to 5 of a value on the scale `worst` (1) to `best` (5), the nearest whole one; None where there is no value
    on that scale."""
    given, top, bottom = number(value), number(best), number(worst)
    top, bottom = 5.0 if top is None else top, 1.0 if bottom is None else bottom
    if given is None or not bottom <= given <= top or bottom >= top:
        return None
    return int(1.5 + 4 * (given - bottom) / (top - bottom))


def number(value: object) -> float | None:
    """«4,5», "4.5", 4.5; None for anything else, also for what JavaScript calls numbers and we do not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e6 else None
    written = value.strip().replace(",", ".") if isinstance(value, str) else ""
    return float(written) if re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,6})?", written) else None
