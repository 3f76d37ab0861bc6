"""iRecommend: the object's page with cut texts, twenty a page, and each review's own page."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from html import escape

from monitor.standin.reviews import IRECOMMEND, SiteCard, SiteReview, number, transliterate
from monitor.standin.site import ListPage, Request, Response, Site, html_response, whole
from monitor.standin.world import Order, World

PAGE_SIZE = 20
TEASER_LIMIT = 200
MOSCOW = timezone(timedelta(hours=3))
_PATH = re.compile(r"/content/(?P<slug>[^/]+)/?")
_OLD = timedelta(days=365)
"""Older reviews show their day without the time."""


def _by_date(review: SiteReview) -> tuple[datetime, int]:
    return review.posted_at, review.number


def _by_popularity(review: SiteReview) -> tuple[int, int]:
    return review.likes, number("popularity", review.external_id)


_NEW_FIRST = Order(_by_date, reverse=True)
_POPULAR_FIRST = Order(_by_popularity, reverse=True)


def respond(world: World, request: Request) -> Response:
    """Objects and reviews share one namespace."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        return failure(404)
    card = world.find_card(IRECOMMEND, match["slug"])
    if card is None:
        found = world.find_slug(match["slug"])
        return html_response(_review_page(request, *found)) if found else failure(404)
    listed = world.listed(card, _NEW_FIRST if request.query.get("new") == "1" else _POPULAR_FIRST)
    page = whole(request.query.get("page"), 0)
    pages = max(1, -(-len(listed) // PAGE_SIZE))
    if page is None or page >= pages:
        return failure(404)
    shown = listed[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    view = ListPage(card, world.figures(card), shown, total=len(listed), page=page + 1, pages=pages)
    return html_response(_object_page(request, view))


def _head(canonical: str, node: str, kind: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><link rel="canonical" href="{canonical}">'
        f'<script>jQuery.extend(Drupal.settings, {{}}); Drupal.settings = {{"site":{{"nid":{node},"type":"{kind}"}}}};'
        "</script></head><body>\n"
    )


def _object_page(request: Request, view: ListPage) -> str:
    card, figures = view.card, view.figures
    node = _object_id(card)
    return (
        _head(f"{request.base_url}/content/{card.id}", str(node), "product")
        + f'<div class="site-product-header-content-wrapper" id="product-{node}"><h1 class="largeHeader">'
        + f'<span class="fn" id="product-ttl-{node}" itemprop="name">{escape(card.title)}</span></h1>\n'
        + ' <div itemprop="aggregateRating" itemscope itemtype="http://schema.org/AggregateRating">'
        + f'<span class="rating" itemprop="ratingValue">{figures.average or 0:.1f}</span> '
        + f'<span class="total-votes">(<span class="count">{figures.count}</span> голосов)</span></div></div>\n'
        + '<div id="block-quicktabs-3"><div class="view-referenced-nodes"><ul class="list-comments">\n'
        + "".join(_item(request, node, review) for review in view.shown)
        + f"</ul></div>\n{_pager(request, view)}</div>\n"
        + '<div class="seealso-block-content">Смотрите также<div class="smTeaser plate teaser-item" data-type="1" '
        + 'data-nid="111" data-product-id="156562"><a class="reviewTextSnippet" href="/content/chuzhoi">'
        + '<div class="reviewTitle">Чужой</div></a></div></div>\n</body></html>\n'
    )


def _item(request: Request, node: int, review: SiteReview) -> str:
    return (
        ' <li class="item"><div class="smTeaser plate reviews-list-item teaser-item" data-type="1" '
        f'data-nid="{review.external_id}" data-product-id="{node}" data-photos-count="0">\n'
        f'  <div class="authorAndPhoto"><div class="authorSpace"><div class="half1">{_stars(review)}\n'
        f'   <div class="authorName">{_author(review)}</div><div class="created">{_created(request, review)}</div>'
        '</div></div></div>\n  <div class="reviewImages"></div>\n'
        f'  <a class="reviewTextSnippet" href="/content/{review.slug}">'
        f'<div class="reviewTitle">{escape(review.title)}</div>'
        f'<span class="reviewTeaserText">{escape(teaser(review))}</span><span class="more">Читать отзыв</span></a>'
        "</div></li>\n"
    )


def teaser(review: SiteReview) -> str:
    """Always ends in `...`, however short the text is."""
    line = " ".join(review.text.split())
    if len(line) <= TEASER_LIMIT:
        return line.removesuffix(".") + "..."
    cut = line[:TEASER_LIMIT]
    return (cut.rpartition(" ")[0] or cut) + "..."


def _created(request: Request, review: SiteReview) -> str:
    local = review.posted_at.astimezone(MOSCOW)
    if request.at - review.posted_at > _OLD:
        return f"{local:%d.%m.%Y}"
    return f'<span class="date-created">{local:%d.%m.%Y}</span><span class="time-created">{local:%H:%M}</span>'


def _stars(review: SiteReview) -> str:
    """The class says how many there could be; the lit ones are the rating."""
    given = review.stars or 0
    lights = "".join(
        f'<div class="star"><div class="{"on" if star < given else "off"}"></div></div>' for star in range(5)
    )
    scale = "fivestarWidgetStatic fivestarWidgetStatic-vote fivestarWidgetStatic-5"
    return f'<div class="starsRating"><div class="{scale}">{lights}</div></div>'


def _author(review: SiteReview) -> str:
    login = transliterate(review.author)
    return f'<a href="/users/{login}" title="Информация о пользователе.">{escape(review.author)}</a>'


def _pager(request: Request, view: ListPage) -> str:
    """Addresses count pages from 0, texts from 1; an only page has no pager."""
    if view.pages == 1:
        return ""
    new = "new=1&amp;" if request.query.get("new") == "1" else ""

    def link(target: int) -> str:
        return f'<a href="/content/{view.card.id}?{new}page={target - 1}">{target}</a>'

    near = [
        target for target in range(view.page - 2, view.page + 3) if 1 <= target <= view.pages and target != view.page
    ]
    items = "".join(f'<li class="pager-item">{link(target)}</li>' for target in near)
    return f' <ul class="pager">{items}<li class="pager-last last">{link(view.pages)}</li></ul>'


def _review_page(request: Request, card: SiteCard, review: SiteReview) -> str:
    address = f"{request.base_url}/content/{review.slug}"
    local = review.posted_at.astimezone(MOSCOW)
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in review.text.split("\n") if line.strip())
    rating = f'<meta itemprop="ratingValue" content="{review.stars}">' if review.stars is not None else ""
    return (
        _head(address, review.external_id, "review")
        + f'<div id="content">\n<div class="review-node" id="node-myreview-{review.external_id}">'
        + f'<div class="productInfo"><h1 id="product-ttl-{_object_id(card)}"><a href="/content/{card.id}">'
        + f'<span itemprop="name">{escape(card.title)}</span></a></h1></div>\n'
        + ' <div class="reviewBlock" itemprop="review" itemscope itemtype="http://schema.org/Review">'
        + '<div class="reviewHeader"><div class="authorBlock"><div class="text">'
        + f'<strong class="reviewer" itemprop="author">{_author(review)}</strong>{_stars(review)}'
        + f'<span class="dtreviewed">{local:%d.%m.%Y}</span></div></div></div>\n'
        + f' <meta itemprop="datePublished" content="{local:%Y-%m-%dT%H:%M:%S}+03:00">'
        + f'<span itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating">{rating}</span>\n'
        + f' <h2 class="reviewTitle" itemprop="name"><a class="review-summary" href="{address}" itemprop="url">'
        + f"{escape(review.title)}</a></h2>\n"
        + ' <div class="item-list"><div class="item-title">Опыт использования:</div>'
        + '<div class="item-data">один раз</div></div>\n'
        + f' <div class="description hasinlineimage" itemprop="reviewBody">{paragraphs}'
        + f'<noscript>{paragraphs}</noscript></div>\n <div class="hasinlineimage"></div>'
        + f"{_ratio(review)}\n {_conclusion(review)}"
        + f"</div><!-- /#node-myreview-{review.external_id} --></div></div></body></html>\n"
    )


def _ratio(review: SiteReview) -> str:
    def points(kind: str, text: str) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in text.split("\n") if line.strip())
        return f'<div class="{kind}"><ul>{lines}</ul></div>' if lines else ""

    both = points("plus", review.pros) + points("minus", review.cons)
    return f'<div class="ratio">{both}</div>' if both else ""


def _conclusion(review: SiteReview) -> str:
    if review.stars is None:
        return ""
    verdict = "рекомендует" if review.stars > 3 else "не рекомендует"
    name = f'<span class="reviewer-name">{escape(review.author)}</span>'
    return f'<div class="conclusion">{name} <span class="verdict">{verdict}</span></div>'


def _object_id(card: SiteCard) -> int:
    return 4_000_000 + number("object", card.id) % 900_000


def captcha(_request: Request) -> Response:
    return html_response('<html><body><script src="/audio.js"></script></body></html>', 521)


_PAGES: Mapping[int, str] = {
    403: '<html><body><h1 class="largestHeader">Доступ запрещён</h1></body></html>',
    404: '<html><body><h1 class="not-found-title">Страница не найдена</h1></body></html>',
}


def failure(status: int) -> Response:
    return html_response(_PAGES.get(status, f"<html><body><h1>{status}</h1></body></html>"), status)


SITE = Site(
    IRECOMMEND,
    re.compile(r"/content/.*|/users/.*"),
    respond,
    captcha,
    captcha,
    failure,
    renames=(
        (b"smTeaser", b"feedCard"),
        (b"reviews-list-item", b"feed-item"),
        (b"list-comments", b"feed-list"),
        (b"reviewBlock", b"entryBlock"),
        (b"reviewBody", b"entryBody"),
        (b"review-node", b"entry-node"),
    ),
)
