"""Pages that a person saved in a browser, read by the sources' own `parse`: the way in when a site refuses programs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.jobs.cards import Cards, Wanted
from monitor.model import Card, Failure, FetchedReview, LayoutChanged, Page, Parsed, Precision
from monitor.seams import Source
from monitor.sources import markup, reading
from monitor.sources.reading import Stop
from monitor.tables import Unreadable

if TYPE_CHECKING:
    from bs4 import Tag

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HEAD = 4_096
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{1,6}\)(\S{1,2000}) -->")
_CUT = ("...", "…")

_ADDRESSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "yandex_maps",
        re.compile(r"//(?:[\w-]+\.)*yandex\.[a-z.]{2,7}/(?:[^?#]*/)?maps/(?:[^?#]*/)?org/(?:[^/?#]+/)?(\d+)"),
    ),
    ("otzovik", re.compile(r"//(?:[\w-]+\.)*otzovik\.com/(?:reviews/([^/?#]+)|review_\d+\.html)")),
    ("irecommend", re.compile(r"//(?:[\w-]+\.)*irecommend\.ru/content/([^/?#]+)")),
    ("twogis", re.compile(r"//(?:[\w-]+\.)*2gis\.[a-z.]{2,7}/(?:[^?#]*/)?firm/(\d+)")),
)
"""Whose page it is by its address, and which card's where the address tells."""

_FAILURES: Mapping[str, str] = {"twogis": "meta", "google_business": "error"}

_ANSWERS_ONLY = ("twogis", "google_business")
"""Sites that are read by their programming interface: its answers can be imported, their pages cannot."""

_COMPANY = re.compile(r'"businessId"\s{0,9}:\s{0,9}"(\d{1,20})"')
"""Яндекс says of each review whose it is: a page saved as bare HTML may not tell its own address."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """What a page says: reviews in its order, each with whether its text is cut."""

    card: Card
    reviews: tuple[tuple[FetchedReview, bool], ...]


def is_page(body: bytes) -> bool:
    """Whether a file may be a saved page or answer: HTML, a web archive, a JSON object."""
    start = body[:_HEAD]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    start = start.replace(b"\0", b"").lstrip()  # UTF-16, near enough
    return start.startswith((b"<", b"{")) or _is_archive(start)


def _is_archive(start: bytes) -> bool:
    return re.match(rb"(?:From|MIME-Version|Content-Type|Snapshot-Content-Location): ", start) is not None


class Pages:
    def __init__(self, cards: Cards, sources: Mapping[str, Source]) -> None:
        self._cards = cards
        self._sources = sources

    def read(self, body: bytes, at: datetime, wanted: Wanted) -> SavedPage | None:
        """What the page says of one of our cards; None where a JSON file is no answer of a site. Raises UsageError
        (Unreadable) with what to do."""
        page = _opened(body, at)
        text = reading.decode(page)
        if not text.lstrip().startswith("<") and not isinstance(reading.json_value(text), dict):
            return None
        address = _address(page, text)
        named = self._cards.source(wanted.source)
        names = [named] if named else [address.source] if address.source else list(self._sources)
        found: list[SavedPage] = []
        reasons: list[str] = []
        for generic in (False, True):  # a site's own reader knows more than one for any page with reviews
            for name in names:
                if self._sources[name].card_is_address is not generic or (found and generic):
                    continue
                try:
                    found += self._by(name, page, text, address, wanted)
                except _NotThis as no:
                    reasons.append(no.reason)
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            raise Unreadable("страницу понимают несколько площадок: укажите нужную ключом --source")
        if not text.lstrip().startswith("<") and not _is_failure(named, text):
            return None
        if len(names) == 1:
            raise Unreadable(reasons[0] if reasons else "на странице нет отзывов")
        raise Unreadable(
            "ни одна площадка не узнаёт эту страницу: сохраните её целиком и укажите площадку ключом --source"
        )

    def _by(self, name: str, page: Page, text: str, address: "_Address", wanted: Wanted) -> list[SavedPage]:
        """What one source reads on the page. Raises _NotThis when it reads nothing, UsageError when it does and the
        card is not clear."""
        source = self._sources[name]
        of_source = Wanted(wanted.place, name, wanted.card)
        cards = self._cards.all(of_source)
        if not cards:
            raise _NotThis(f"{source.title}: в config.yaml нет такой карточки этой площадки")
        single = _SINGLE.get(name)
        tree = _tree(text) if single is not None else None
        if single is not None and tree is not None and tree.select_one(single.root):
            card = self._card(single.card(tree), of_source, source)
            return [SavedPage(card, ((_whole(source, single.listed(tree, source, card), page, card), False),))]
        if name in _ANSWERS_ONLY and text.lstrip().startswith("<"):
            raise _NotThis(
                f"{source.title}: в сохранённой из браузера странице отзывов не прочитать; загрузите их таблицей "
                "(CSV, XLSX)"
            )
        outcome = source.parse(page, cards[0], None)
        if not isinstance(outcome, Parsed):
            raise _NotThis(_reason(source, outcome))
        if not outcome.reviews:
            raise _NotThis(f"{source.title}: на странице нет ни одного отзыва")
        card = self._card(address.card if address.source == name else "", of_source, source)
        if card != cards[0]:
            outcome = source.parse(page, card, None)  # a review's address may be the card's
            if not isinstance(outcome, Parsed):  # in another time zone a date may lie ahead
                raise _NotThis(_reason(source, outcome))
        return [SavedPage(card, tuple((_unmarked(review), _is_cut(review)) for review in outcome.reviews))]

    def _card(self, told: str, wanted: Wanted, source: Source) -> Card:
        """The card whose page it is: as the page tells, unless the person named the card himself. Another company's
        page must not get into ours."""
        if wanted.card or not told:
            return self._cards.one(wanted)
        found = self._cards.all(Wanted(wanted.place, wanted.source, told))
        if not found:
            raise Unreadable(
                f"{source.title}: это страница карточки {told}, а в config.yaml её нет; если карточка всё же Ваша, "
                "укажите её ключом --card"
            )
        return self._cards.one(Wanted(wanted.place, wanted.source, told))


class _NotThis(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _reason(source: Source, failure: Failure) -> str:
    reason = failure.reason.rstrip(".")
    if isinstance(failure, LayoutChanged):
        maybe = "Может быть, это страница другого сайта или другого вида, или нужна новая"
        reason = reason.replace("Нужна новая", maybe)
    return f"{source.title}: {reason}"


def _unmarked(review: FetchedReview) -> FetchedReview:
    """Without the mark that tells a read that it knows the review's own page: nobody has looked at that one."""
    return replace(review, mark="") if review.detail is not None else review


def _is_cut(review: FetchedReview) -> bool:
    """Whether a list shows only the beginning. A list also sends to a review's own page for the answers, and says
    then that it does not know the reply."""
    if review.detail is None:
        return False
    ends = any(line.rstrip().endswith(_CUT) for line in review.text.splitlines())
    return review.reply_known or ends


def _whole(source: Source, listed: FetchedReview, page: Page, card: Card) -> FetchedReview:
    read = source.parse_detail(page, card, listed)
    if isinstance(read, FetchedReview):
        return read
    assert not isinstance(read, Parsed), "parse_detail never answers with a list"
    raise _NotThis(_reason(source, read))


# --- what kind of page -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Address:
    """`source` and `card` as far as the page's address tells, else ""."""

    source: str = ""
    card: str = ""


def _opened(body: bytes, at: datetime) -> Page:
    """The page as if it had just been fetched; a web archive's (.mht, .mhtml) first page."""
    if not _is_archive(body[:_HEAD].lstrip()):
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            body = body.decode("utf-16", "replace").encode()
        return Page(200, {}, body, "", at)
    from email import message_from_bytes, policy

    try:
        message = message_from_bytes(body, policy=policy.compat32)
        parts = list(message.walk())
    except RecursionError:
        raise Unreadable("веб-архив испорчен: сохраните страницу целиком как HTML") from None
    for part in parts:
        if part.get_content_type() in ("text/html", "application/json"):
            content = part.get_payload(decode=True)
            charset = str(part.get_param("charset") or "utf-8")
            address = str(part.get("Content-Location") or message.get("Snapshot-Content-Location") or "")
            headers = {"content-type": f"{part.get_content_type()}; charset={charset}"}
            return Page(200, headers, content if isinstance(content, bytes) else b"", address, at)
    raise Unreadable("в веб-архиве нет страницы: сохраните страницу целиком как HTML")


def _address(page: Page, text: str) -> _Address:
    """By the address it was saved from, else by the one the page gives itself, else by whose reviews it shows."""
    saved = _SAVED_FROM.search(text[:_HEAD])
    for link in (page.url, saved[1] if saved else "", *_canonical(text)):
        for name, pattern in _ADDRESSES:
            found = pattern.search(link[:2_000])
            if found:
                return _Address(name, (found[1] or "") if found.lastindex else "")
    companies = set(_COMPANY.findall(text))
    return _Address("yandex_maps", companies.pop()) if len(companies) == 1 else _Address()


def _is_failure(source: str, text: str) -> bool:
    """Whether a JSON object is what the API of that source says when it has no reviews for us, and no table."""
    value = reading.json_value(text)
    return isinstance(value, dict) and _FAILURES.get(source) in value


def _canonical(text: str) -> Sequence[str]:
    tags = re.findall(r"<(?:link|meta)\b[^<>]{0,2000}>", text[:200_000], re.IGNORECASE)
    own = (tag for tag in tags if re.search(r"""["']?(?:canonical|og:url)["'\s/>]""", tag, re.IGNORECASE))
    links = (
        re.search(r"""(?:href|content)\s*=\s*["']?(https?:[^"'\s<>]{1,2000})""", tag, re.IGNORECASE) for tag in own
    )
    return [found[1] for found in links if found]


def _tree(text: str) -> "Tag | None":
    try:
        return markup.read_page(text)
    except Stop:
        return None  # too much markup: the source will say so


# --- a review's own page -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Single:
    """How to tell, before its source reads it, which review a single page shows, and of which card. `root` selects
    the review, `anchors` the links to its card, whose paths are `slug`; `number` finds the id in the attribute `name`
    of `tag`. `site` stands before the page's own path where an address cannot be built from the id."""

    root: str
    anchors: str
    slug: str
    number: str
    tag: str
    name: str
    site: str = ""

    def card(self, tree: "Tag") -> str:
        """The id of the card under whose name the review stands; "" where the page does not link it."""
        paths = (reading.url_path(markup.attribute(link, "href")) for link in tree.select(self.anchors))
        return next((found[1] for path in paths if (found := re.fullmatch(self.slug, path))), "")

    def listed(self, tree: "Tag", source: Source, card: Card) -> FetchedReview:
        """What a list would have told of the review: its id and address."""
        found = re.search(self.number, markup.attribute(tree.select_one(self.tag), self.name))
        identity = found[1] if found else ""
        own = reading.url_path(markup.attribute(tree.select_one("link[rel=canonical]"), "href"))
        url = f"{self.site}{own}" if self.site else source.review_url(card, identity)
        return FetchedReview(identity, None, "", "", None, Precision.UNKNOWN, url)


_SINGLE: Mapping[str, _Single] = {
    "otzovik": _Single(
        root="div.review-contents",
        anchors="h1.product-name a, a.product-name",
        slug=r"/reviews/([^/]+)/?",
        number=r"/review_([0-9]{1,18})\.html",
        tag="link[rel=canonical]",
        name="href",
    ),
    "irecommend": _Single(
        root="div.review-node",
        anchors=".productInfo a",
        slug=r"/content/([^/]+)",
        number=r"-([0-9]{1,18})$",
        tag="div.review-node",
        name="id",
        site="https://irecommend.ru",
    ),
}
