# A method of the Source protocol gets the same arguments on every site, needed there or not.
"""iRecommend: the object's list, which always cuts the text, and each review's own page.

Selectors and marks of proof: formats/irecommend.md. The list tells a day without a zone (read as Moscow's), the
review's page an ISO moment with an offset. No company can answer here, so "no answer" is certain.
"""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, urlsplit

from monitor.model import (
    Answerable,
    Blocked,
    Card,
    FetchedReview,
    Gone,
    Page,
    PageRequest,
    Parsed,
    Precision,
    SourceSettings,
    Unavailable,
)
from monitor.sources import reading
from monitor.sources.markup import Node, is_whole, read_page
from monitor.sources.reading import Stop, layout_changed
from monitor.sources.site import Site

_SITE = "https://irecommend.ru"
_PRODUCT = "div.site-product-header-content-wrapper"
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

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _SITE

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        number = _number(cursor)
        return PageRequest(
            url=f"{self.base_url}/content/{quote(card.id, safe='')}?new=1&page={number}",
            label=f"{card.name}: страница {number + 1}",
        )

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        tree = _open(page, _PRODUCT)
        product = _product(tree)
        # «Смотрите также» shows cards of other objects with the same markup.
        cards = [item for item in tree.all(_CARDS) if item.get("data-product-id") == product]
        if not cards and _votes(tree):
            layout_changed("на ней нет ни одного отзыва")
        reviews = [self._listed(item, card, f"отзыва {place}") for place, item in enumerate(cards, 1)]
        return Parsed(reading.unique(reviews), next=_following(tree, _number(cursor)))

    def _read_detail(self, page: Page, listed: FetchedReview) -> FetchedReview:
        tree = _open(page, _REVIEW)
        root = tree.first(_REVIEW) or layout_changed("на ней нет отзыва")
        _check_identity(tree, root, listed.external_id)
        body = root.first("[itemprop=reviewBody]") or layout_changed("на ней нет текста отзыва")
        rated, dated = root.first("meta[itemprop=ratingValue]"), root.first("meta[itemprop=datePublished]")
        exact = reading.moment(dated.get("content")) if dated else None
        return replace(
            listed,
            stars=reading.as_stars(rated.get("content"), "оценка") if rated else listed.stars,
            text=reading.compose(
                _line(root, ".reviewTitle"),
                body.text(_QUOTING),
                _joined(root, ".ratio .plus li"),
                _joined(root, ".ratio .minus li"),
            ),
            author=_line(root, "[itemprop=author]") or listed.author,
            posted_at=exact or listed.posted_at,
            posted_precision=Precision.EXACT if exact else listed.posted_precision,
            detail=None,
        )

    def review_url(self, card: Card, external_id: str) -> str:
        """The object's page: a review's address is made of words that only the list tells (`FetchedReview.url`)."""
        return f"{_SITE}/content/{quote(card.id, safe='')}"

    def reply_url(self, card: Card, external_id: str) -> str:
        return self.review_url(card, external_id)

    def _listed(self, item: Node, card: Card, what: str) -> FetchedReview:
        identity = item.get("data-nid")
        if not re.fullmatch(r"[0-9]{1,18}", identity):
            layout_changed(f"у {what} нет номера")
        path = _content_path(item) or layout_changed(f"у {what} нет ссылки")
        teaser = item.first(".reviewTeaserText") or layout_changed(f"у {what} нет текста")
        rating = item.first(".starsRating") or layout_changed(f"у {what} нет оценки")
        title, body, stars = _line(item, ".reviewTitle"), teaser.text(), len(rating.all("div.on"))
        # The hour stands glued to the day and has no zone.
        day = reading.moscow_day(_line(item, ".date-created") or _line(item, ".created"))
        return FetchedReview(
            external_id=identity,
            stars=reading.as_stars(stars, f"оценка {what}"),
            text=reading.compose(title, body),
            author=_line(item, ".authorName"),
            posted_at=day,
            posted_precision=Precision.DAY if day else Precision.UNKNOWN,
            url=f"{_SITE}{path}",
            mark=reading.mark(title, body, stars),
            detail=PageRequest(f"{self.base_url}{path}", f"{card.name}: отзыв {identity}"),
        )


def _open(page: Page, content: str) -> Node:
    """The whole page as a tree; stops at a block, a missing page, an ill or a cut one."""
    text = reading.decode(page)
    if page.status == 200 and text.strip():
        tree = read_page(text)
        whole = is_whole(tree, text)
        if not tree.has(content):
            _stop_at_refusal(page, tree, whole)
        if not whole:
            raise Stop(Unavailable("Страница iRecommend оборвана на середине: повторим позже."))
        return tree
    reading.check_status(page)
    layout_changed("она пуста")


def _stop_at_refusal(page: Page, tree: Node, whole: bool) -> None:
    if tree.has("h1.not-found-title"):
        raise Stop(Gone("iRecommend не нашёл такую страницу: проверьте id карточки в config.yaml."))
    checked = any("audio.js" in script.get("src") + script.raw() for script in tree.all("script"))
    # Every page of the site's own names its address; the checking pages do not.
    nameless = whole and not tree.has("link[rel=canonical]")
    if checked or nameless or tree.has("h1.largestHeader"):
        raise Stop(Blocked(_BLOCKED, reading.retry_after(page)))


def _number(cursor: str | None) -> int:
    return int(cursor) if cursor and re.fullmatch(r"[0-9]{1,6}", cursor) else 0


def _line(node: Node, selector: str) -> str:
    found = node.first(selector)
    return found.line() if found else ""


def _joined(node: Node, selector: str) -> str:
    return ", ".join(filter(None, (found.line() for found in node.all(selector))))


def _product(tree: Node) -> str:
    header = tree.first(_PRODUCT)
    found = re.fullmatch(r"product-([0-9]{1,18})", header.get("id")) if header else None
    return found.group(1) if found else layout_changed("на ней нет карточки объекта")


def _votes(tree: Node) -> int:
    """How many rated the object; 0 where the page does not say."""
    found = re.search(r"[0-9]{1,7}", _line(tree, ".total-votes").replace(" ", ""))
    return int(found.group()) if found else 0


def _content_path(item: Node) -> str | None:
    links = [link.get("href") for link in (*item.all("a.reviewTextSnippet"), *item.all(".reviewTextSnippet a"))]
    return next(filter(None, map(_path, links)), None)


def _path(link: str) -> str | None:
    """`/content/<slug>` of a link: whose host it names does not matter, ours is asked."""
    try:
        path = urlsplit(link).path
    except ValueError:
        return None
    return path if re.fullmatch(r"/content/[\w%.~-]{1,300}", path, re.ASCII) else None


def _following(tree: Node, current: int) -> str | None:
    """Pages count from 0; the pager links the last one, so a greater number than ours means there is more."""
    links = [link.get("href") for link in tree.all("ul.pager a")]
    numbers = [
        int(found.group(1)) for found in (re.search(r"[?&]page=([0-9]{1,6})(?![0-9])", link) for link in links) if found
    ]
    return str(current + 1) if max(numbers, default=0) > current else None


def _check_identity(tree: Node, root: Node, identity: str) -> None:
    canonical, own = tree.first("link[rel=canonical]"), root.first(".reviewTitle a")
    paths = {_path(node.get("href")) for node in (canonical, own) if node}
    node = tree.first("div.review-node")
    named = node.get("id") if node else ""
    if len(paths) != 1 or None in paths or not (named.endswith(f"-{identity}") or _site_nid(tree) == identity):
        layout_changed("открылся не тот отзыв")


def _site_nid(tree: Node) -> str:
    found = (re.search(r'"nid"\s*:\s*"?([0-9]{1,18})', script.raw()) for script in tree.all("script"))
    return next((match.group(1) for match in found if match), "")
