"""Reviews as an RSS or Atom feed, read by feedparser. Stars stand where the usual extensions put them."""

import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.dates import UNKNOWN, Dated, read_date
from monitor.model import Card, FetchedReview, LayoutChanged, Page, Unavailable
from monitor.sources import reading
from monitor.sources.own_page import OwnPage, plain, stars, told_apart
from monitor.sources.reading import Stop

_LONGEST = 2_500_000
_MOST_BRACKETS = 60_000
_ROOTS = re.compile(r"<(rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']")
_RATINGS = ("im_rating", "review_rating", "rating", "g_rating", "ratingvalue")
"""What feedparser makes of `im:rating` (App Store), `review:rating`, `rating`…"""
_MAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,200}")
_DRAWN = re.compile(r"(?<![★☆])([★]{1,5})[☆]{0,4}(?![★☆])")
_SPELLED = re.compile(
    r"(?:оценка|рейтинг|rating)\s*[:—-]?\s*([1-5](?:[.,]\d)?)(?!\d|[.,]\d)(?!\s*(?:из|/|of)\s*(?!\s|5\b))",
    re.IGNORECASE,
)
"""«Оценка: 4», «Рейтинг 4,5 из 5», not «8 из 10» nor «4 из 10»."""


class Feed(OwnPage):
    name = "feed"
    title = "Лента отзывов"
    place = "в этой ленте"

    def _found(self, page: Page, card: Card) -> tuple[list[FetchedReview], int | None]:
        text = _decoded(page)
        root = _ROOTS.search(text[:4096])
        if root is None:
            raise Stop(LayoutChanged("По этому адресу не лента RSS или Atom: проверьте адрес в config.yaml."))
        if f"</{root.group(1).casefold()}>" not in text[-4096:].casefold():
            raise Stop(Unavailable("Лента оборвана на середине: повторим позже."))
        if len(text) > _LONGEST or text.count("<") > _MOST_BRACKETS:
            reading.layout_changed("в ней слишком много разметки")
        import feedparser

        # As UTF-8 bytes of its own: what the declaration says of the encoding was obeyed by `decode`.
        bare = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text)
        # Not sanitised by feedparser: its words become plain text, never markup.
        read = feedparser.parse(bare.encode("utf-8", "replace"), sanitize_html=False, resolve_relative_uris=False)
        # As plain dicts: feedparser's own guess at keys that are not there, and warn of it.
        entries = [_review(dict(entry), page, card) for entry in read.entries]
        return told_apart(entries, card.id), None


def _decoded(page: Page) -> str:
    """By the header's charset, else by that of the XML declaration."""
    declared = _DECLARED.match(page.body)
    said = page.headers.get("content-type", "")
    if declared and "charset" not in said.casefold():
        page = replace(page, headers={**page.headers, "content-type": f"{said}; charset={declared[1].decode('ascii')}"})
    return reading.decode(page)


def _review(entry: Mapping[str, Any], page: Page, card: Card) -> tuple[str, FetchedReview]:
    """(own id, review) of an entry."""
    bodies = [part.get("value", "") for part in entry.get("content") or ()] or [entry.get("summary", "")]
    title, body = reading.clean_line(plain(entry.get("title", ""))), plain(max(bodies, key=len))
    dated = _posted(entry, page, card)
    review = FetchedReview(
        external_id="",
        stars=_stars(entry, title, body),
        text=reading.compose(_DRAWN.sub("", title).strip(" :—-"), body),
        author=_author(entry),
        posted_at=dated.at,
        posted_precision=dated.precision,
        url=_link(entry.get("link", ""), card),
        reply_known=False,
    )
    return str(entry.get("id") or entry.get("link") or ""), review


def _author(entry: Mapping[str, Any]) -> str:
    """The name alone: RSS wants «anna@example.ru (Анна)», and an address without a name is nobody's signature."""
    named = (entry.get("author_detail") or {}).get("name")
    name = reading.clean_line(plain(named or entry.get("author", "")))
    return "" if _MAIL.fullmatch(name) else name


def _posted(entry: Mapping[str, Any], page: Page, card: Card) -> Dated:
    """Read like any other date, where the place is when no zone stands there; feedparser, which takes such dates for
    UTC, knows more names of zones and months."""
    for name in ("published", "updated"):
        written, known = entry.get(name) or "", entry.get(f"{name}_parsed")
        iso = datetime.fromtimestamp(timegm(known), UTC).isoformat() if known and ":" in written else ""
        for said in (written, iso):
            dated = read_date(said, zone=card.timezone, now=page.at)
            if dated.at is not None:
                return dated
    return UNKNOWN


def _link(link: str, card: Card) -> str:
    return link if re.fullmatch(r"https?://[^\s\"'<>]{1,1000}", link) else card.id


def _stars(entry: Mapping[str, Any], title: str, body: str) -> int | None:
    """From an extension, else drawn or spelled out in the title, else at the beginning of the text."""
    for key in _RATINGS:
        if (found := stars(entry.get(key))) is not None:
            return found
    for words in (title, body[:80]):
        if drawn := _DRAWN.search(words):
            return len(drawn.group(1))
        if spelled := _SPELLED.search(words):
            return stars(spelled.group(1))
    return None
