"""iRecommend: the object's list, which always cuts the text, and each review's own page.

Selectors and marks of proof: formats/irecommend.md. The list tells a day without a zone (read as the place's), the
review's page an ISO moment with an offset. No company can answer here, so "no answer" is certain.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.dates import read_date
from monitor.model import (
    Answerable,
    Blocked,
    Card,
    FetchedReview,
    Gone,
    Page,
    PageRequest,
    Parsed,
    SourceSettings,
    Unavailable,
)
from monitor.sources import markup, reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.markup import attribute, line, parts
from monitor.sources.reading import Stop, layout_changed
from monitor.sources.site import Site

if TYPE_CHECKING:
    from bs4 import Tag

_SITE = "https://irecommend.ru"
_HEADER = ".site-product-header-content-wrapper"
_CARDS = ".view-referenced-nodes .reviews-list-item"
_REVIEW = "div.reviewBlock"
_QUOTING = frozenset({"quote-container-button-wrapper"})
_BLOCKED = (
    "iRecommend не пускает программу: сделаем перерыв; если повторится, загрузите отзывы из файла командой import."
)


class IRecommend(Site):
    name = "irecommend"
    title = "iRecommend"
    answerable = Answerable.NO
    every = timedelta(hours=6)
    pace = timedelta(seconds=25)
    obeys_robots = True
    env_options: tuple[str, ...] = ()
    card_fields: tuple[str, ...] = ("id",)
    healthy = Healthy(
        {
            "date": Expected(0.9, spare=1),
            "stars": Expected(0.5, spare=2),
            "author": Expected(0.5, spare=2),
            "text": Expected(0.9, spare=1),
        },
        detail={"date": Expected(1), "text": Expected(1)},
    )

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _SITE

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        number = _number(cursor)
        return PageRequest(
            url=f"{self.base_url}/content/{quote(card.id, safe='')}?new=1&page={number}",
            label=f"{card.name}: страница {number + 1}",
        )

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        tree = _open(page, _HEADER)
        product = _product(tree.select_one(_HEADER))
        # «Смотрите также» shows cards of other objects with the same markup.
        cards = [item for item in tree.select(_CARDS) if attribute(item, "data-product-id") == product]
        if not cards and _votes(tree.select_one(".total-votes")):
            layout_changed("на ней нет ни одного отзыва")
        reviews = [self._listed(item, card, f"отзыва {place}", page.at) for place, item in enumerate(cards, 1)]
        return Parsed(reading.unique(reviews), next=_following(tree, _number(cursor)), shown=_shown(tree, product))

    def _read_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview:
        tree = _open(page, _REVIEW)
        root = tree.select_one(_REVIEW) or layout_changed("на ней нет отзыва")
        _check_identity(tree, root, listed.external_id)
        found = parts(root)
        body = found.get("reviewBody") or layout_changed("на ней нет текста отзыва")
        rated = attribute(found.get("ratingValue"), "content")
        said = attribute(found.get("datePublished"), "content") or line(found.get(".dtreviewed"))
        posted = read_date(said, zone=card.timezone, now=page.at)
        return replace(
            listed,
            stars=reading.as_stars(rated, "оценка") if rated else None,
            text=reading.compose(
                line(found.get(".reviewTitle")),
                markup.text(body, _QUOTING) or layout_changed("текст отзыва на ней пуст"),
                _joined(root, ".ratio .plus li"),
                _joined(root, ".ratio .minus li"),
            ),
            author=line(found.get("author")),
            posted_at=posted.at,
            posted_precision=posted.precision,
        )

    def review_url(self, card: Card, external_id: str) -> str:
        """The object's page: a review's address is made of words that only the list tells (`FetchedReview.url`)."""
        return f"{_SITE}/content/{quote(card.id, safe='')}"

    def reply_url(self, card: Card, external_id: str) -> str:
        return self.review_url(card, external_id)

    def _listed(self, item: "Tag", card: Card, what: str, now: datetime) -> FetchedReview:
        identity = attribute(item, "data-nid")
        if not re.fullmatch(r"[0-9]{1,18}", identity):
            layout_changed(f"у {what} нет номера")
        found = parts(item)
        path = _content_path(found.get(".reviewTextSnippet")) or layout_changed(f"у {what} нет ссылки")
        teaser = found.get(".reviewTeaserText") or layout_changed(f"у {what} нет текста")
        rating = found.get(".starsRating") or layout_changed(f"у {what} нет оценки")
        title, body = line(found.get(".reviewTitle")), markup.text(teaser)
        stars = sum("on" in attribute(star, "class").split() for star in rating.find_all("div"))
        # The hour stands glued to the day and has no zone.
        day = line(found.get(".date-created") or found.get(".created"))
        posted = read_date(day, zone=card.timezone, now=now)
        return FetchedReview(
            external_id=identity,
            stars=reading.as_stars(stars, f"оценка {what}"),
            text=reading.compose(title, body),
            author=line(found.get(".authorName")),
            posted_at=posted.at,
            posted_precision=posted.precision,
            url=f"{_SITE}{path}",
            mark=reading.mark(title, body, stars),
            detail=PageRequest(f"{self.base_url}{path}", f"{card.name}: отзыв {identity}"),
        )


def _open(page: Page, content: str) -> "Tag":
    """The whole page as a tree; stops at a block, a missing page, an ill or a cut one."""
    reading.check_status(page)
    text = reading.decode(page)
    tree = markup.read_page(text)
    whole = markup.is_whole(tree, text)
    if not tree.select_one(content):
        _stop_at_refusal(page, tree, whole)
    if not whole:
        raise Stop(Unavailable("Страница iRecommend оборвана на середине: повторим позже."))
    return tree


def _stop_at_refusal(page: Page, tree: "Tag", whole: bool) -> None:
    if tree.select_one("h1.not-found-title"):
        raise Stop(Gone("iRecommend не нашёл такую страницу: проверьте id карточки в config.yaml."))
    checked = any("audio.js" in attribute(script, "src") + markup.script(script) for script in tree.select("script"))
    # Every page of the site's own names its address; the checking pages do not.
    nameless = whole and not tree.select_one("link[rel=canonical]")
    if checked or nameless or tree.select_one("h1.largestHeader"):
        raise Stop(Blocked(_BLOCKED, reading.retry_after(page)))


def _number(cursor: str | None) -> int:
    return int(cursor) if cursor and re.fullmatch(r"[0-9]{1,6}", cursor) else 0


def _shown(tree: "Tag", product: str) -> int:
    """How many reviews of this object the list names by number, whatever their cards are called."""
    lists = tree.select(".view-referenced-nodes")
    named = (item for one in lists for item in one.find_all(True, {"data-product-id": product}))
    return len({attribute(item, "data-nid") for item in named} - {""})


def _joined(root: "Tag", selector: str) -> str:
    return ", ".join(filter(None, map(markup.line, root.select(selector))))


def _product(header: "Tag | None") -> str:
    found = re.fullmatch(r"product-([0-9]{1,18})", attribute(header, "id"))
    return found.group(1) if found else layout_changed("на ней нет карточки объекта")


def _votes(shown: "Tag | None") -> int:
    """How many rated the object; 0 where the page does not say."""
    found = re.search(r"[0-9]{1,7}", line(shown).replace(" ", ""))
    return int(found.group()) if found else 0


def _content_path(snippet: "Tag | None") -> str | None:
    """The snippet is a link, or (older) holds one."""
    links = (snippet, *snippet.find_all("a")) if snippet else ()
    return next(filter(None, (_path(attribute(link, "href")) for link in links)), None)


def _path(link: str) -> str | None:
    """`/content/<slug>` of a link: whose host it names does not matter, ours is asked."""
    path = reading.url_path(link)
    return path if re.fullmatch(r"/content/[\w%.~-]{1,300}", path, re.ASCII) else None


def _following(tree: "Tag", current: int) -> str | None:
    """Pages count from 0; the pager links the last one, so a greater number than ours means there is more."""
    links = (attribute(link, "href") for pager in tree.select("ul.pager") for link in pager.find_all("a"))
    found = (re.search(r"[?&]page=([0-9]{1,6})(?![0-9])", link) for link in links)
    last = max((int(match.group(1)) for match in found if match), default=0)
    return str(current + 1) if last > current else None


def _check_identity(tree: "Tag", root: "Tag", identity: str) -> None:
    canonical, own = tree.select_one("link[rel=canonical]"), root.select_one(".reviewTitle a")
    paths = {_path(attribute(link, "href")) for link in (canonical, own) if link}
    named = attribute(tree.select_one("div.review-node"), "id")
    if len(paths) != 1 or None in paths or not (named.endswith(f"-{identity}") or _site_nid(tree) == identity):
        layout_changed("открылся не тот отзыв")


def _site_nid(tree: "Tag") -> str:
    found = (re.search(r'"nid"\s*:\s*"?([0-9]{1,18})', markup.script(script)) for script in tree.select("script"))
    return next((match.group(1) for match in found if match), "")
