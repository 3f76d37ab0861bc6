"""Otzovik: list pages of 40, whose texts are cut, and the review's own page with the comments below it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import escape
from urllib.parse import quote_plus

from monitor.standin.reviews import OTZOVIK, SiteCard, SiteReview, number
from monitor.standin.site import ListPage, Request, Response, Site, html_response, lines_as_html
from monitor.standin.world import Order, World

PAGE_SIZE = 40
TEASER_LIMIT = 287
MOSCOW = timezone(timedelta(hours=3))
_LIST = re.compile(r"/reviews/(?P<slug>[^/]+)/(?:(?P<page>[1-9]\d{0,6})/)?")
_REVIEW = re.compile(r"/review_(?P<id>\d+)\.html")
_MONTHS = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")


def _by_date(review: SiteReview) -> tuple[datetime, int]:
    return review.posted_at, review.number


def _by_popularity(review: SiteReview) -> tuple[int, int]:
    return review.likes, number("popularity", review.external_id)


def _orders(stars: int | None) -> dict[tuple[str, str], Order]:
    """Both orders of the list, all of it (`ratio` empty) or only the reviews with these stars."""

    def shown(review: SiteReview) -> bool:
        return stars is None or review.stars == stars

    ratio = "" if stars is None else str(stars)
    return {
        ("date_desc", ratio): Order(_by_date, reverse=True, shown=shown),
        ("", ratio): Order(_by_popularity, reverse=True, shown=shown),
    }


_ORDERS = {name: order for stars in (None, 1, 2, 3, 4, 5) for name, order in _orders(stars).items()}


@dataclass(frozen=True, slots=True)
class _Comment:
    author: str
    text: str
    at: datetime
    official: bool = False


def comments(review: SiteReview, now: datetime) -> Iterator[_Comment]:
    """The company's answer, and other visitors' remarks below some reviews."""
    if (reply := review.public_reply) and reply.at:
        yield _Comment("romashka_official", reply.text, reply.at, official=True)
    remark_at = review.posted_at + timedelta(hours=5)
    if number("remark", review.external_id) % 4 == 0 and remark_at <= now:
        yield _Comment("sosed_po_stoliku", "Спасибо за подробности, учту.", remark_at)


def respond(world: World, request: Request) -> Response:
    if match := _REVIEW.fullmatch(request.path):
        found = world.find_review(OTZOVIK, match["id"])
        return html_response(_review_page(request, *found)) if found else failure(404)
    match = _LIST.fullmatch(request.path)
    card = world.find_card(OTZOVIK, match["slug"]) if match else None
    if match is None or card is None:
        return failure(404)
    known = _ORDERS.get((request.query.get("order", ""), request.query.get("ratio", "")), _ORDERS["", ""])
    listed = world.listed(card, known)
    page = int(match["page"] or 1)
    pages = max(1, -(-len(listed) // PAGE_SIZE))
    if page > pages:
        return failure(404)
    shown = listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    view = ListPage(card, world.figures(card), shown, total=len(listed), page=page, pages=pages)
    return html_response(_list_page(request, view))


def _head(title: str, canonical: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<link rel="canonical" href="{canonical}"></head><body>\n'
    )


def _list_page(request: Request, view: ListPage) -> str:
    card, figures = view.card, view.figures
    title = escape(card.title)
    address = f"{request.base_url}/reviews/{card.id}/"
    average = f"{figures.average or 0:.1f}"
    rating = (
        f'<meta itemprop="ratingValue" content="{average}"><meta itemprop="reviewCount" content="{figures.count}">'
        '<meta itemprop="bestRating" content="5"><meta itemprop="worstRating" content="1">'
    )
    return (
        _head(f"{title} - отзывы", address)
        + '<div id="content" class="main_content content">\n'
        + '<div class="product-contents hreview-aggregate full" itemscope="" itemtype="http://schema.org/Product" '
        + f'data-pid="{_object_id(card)}">\n <meta itemprop="url" content="{address}">\n'
        + ' <div class="product-header item hproduct hover">\n'
        + f'  <h1 class="product-name"><span class="fn" itemprop="name">{title}</span> - отзывы</h1>\n'
        + f'  <div class="product-header-left"><abbr class="rating" title="{average}"></abbr>'
        + f'<span itemprop="aggregateRating" itemscope="" itemtype="http://schema.org/AggregateRating">{rating}</span>\n'
        + f'   <span class="product-rating tooltip-right rating" title="Общий рейтинг: {average}"></span>\n'
        + f'   <span class="reviews-counter"><span>Всего отзывов: <span class="votes">{figures.count}</span></span>'
        + '</span></div></div>\n <div class="product-reviews-left"><div class="review-list-2 review-list-chunk">\n'
        + "".join(_item(request, review) for review in view.shown)
        + f" </div>\n{_pager(request, view)}</div></div>\n"
        + '<div class="glory-box similar"><h2>Отзывы на аналоги:</h2>'
        + '<a class="review-title" href="/review_1.html">Чужой отзыв</a></div>\n</div></body></html>\n'
    )


def _item(request: Request, review: SiteReview) -> str:
    """One card of the list. Which status class it has depends on nothing a reader should care about."""
    path = f"/review_{review.external_id}.html"
    local = review.posted_at.astimezone(MOSCOW)
    remarks = sum(1 for _ in comments(review, request.at))
    return (
        f'  <div class="item status{(4, 10)[review.number % 2]} mshow0" itemprop="review" itemscope="" '
        'itemtype="http://schema.org/Review">\n'
        f'   <meta itemprop="url" content="{request.base_url}{path}">\n'
        '   <div class="item-left glory-box" itemprop="author" itemscope="" itemtype="http://schema.org/Person">'
        f'<div class="user-info"><div class="login-line">{_login(review)}</div><div>Россия, Казань</div></div></div>\n'
        f'   <div class="item-right"><h3><a class="review-title" itemprop="name" href="{path}">{escape(review.title)}'
        "</a></h3>\n"
        f'    <div class="review-postdate" itemprop="datePublished" content="{_moment(local)}">'
        f'<span class="tooltip-right" title="Дата публикации отзыва: {local:%d.%m.%Y}">'
        f"{local.day} {_MONTHS[local.month - 1]} {local.year}</span></div>\n"
        f"    {_rating(review)}{_score(review)}\n    {_pros_and_cons(review)}"
        f'<div class="review-teaser" itemprop="description">{escape(teaser(review))}</div>\n'
        f'    <div class="review-bar"><a class="review-btn review-read-link" href="{path}">Читать весь отзыв</a>'
        '<span class="review-bar-right">'
        f'<a class="review-btn review-yes" title="Отзыв понравился {review.likes} пользователям">'
        f"<span>{review.likes}</span></a>"
        f'<a class="review-btn review-comments tooltip-top hover-brace" href="{path}#comments" '
        f'title="Комментарии к отзыву: {remarks}"><span itemprop="commentCount">{remarks}</span></a>'
        "</span></div></div></div>\n"
    )


def teaser(review: SiteReview) -> str:
    """One line, cut between words somewhere before `TEASER_LIMIT`, then `...`; a short text is whole."""
    line = " ".join(review.text.split())
    limit = TEASER_LIMIT - 3 - number("teaser", review.external_id) % 80
    if len(line) <= limit:
        return line
    cut = line[:limit]
    return (cut.rpartition(" ")[0] or cut) + "..."


def _login(review: SiteReview) -> str:
    address = quote_plus(review.author.encode("utf-8", "replace"))
    return f'<a class="user-login" href="/profile/{address}"><span itemprop="name">{escape(review.author)}</span></a>'


def _rating(review: SiteReview) -> str:
    if review.stars is None:
        return ""
    return (
        '<span itemprop="reviewRating" itemscope="" itemtype="http://schema.org/Rating">'
        f'<meta itemprop="ratingValue" content="{review.stars}"><meta itemprop="bestRating" content="5">'
        '<meta itemprop="worstRating" content="1"></span>'
    )


def _score(review: SiteReview) -> str:
    if review.stars is None:
        return ""
    title = f"Общий рейтинг: {review.stars}"
    return f'<div class="rating-score tooltip-right" title="{title}"><span>{review.stars}</span></div>'


def _pros_and_cons(review: SiteReview) -> str:
    points = (("review-plus", review.pros), ("review-minus", review.cons))
    return "".join(f'<div class="{kind}">{escape(", ".join(text.splitlines()))}</div>' for kind, text in points if text)


def _pager(request: Request, view: ListPage) -> str:
    """Links keep the order; an only page has no pager, the last no `next`."""
    page, pages = view.page, view.pages
    if pages == 1:
        return ""
    order = request.query.get("order")
    query = f"?order={quote_plus(order)}" if order else ""

    def link(target: int, classes: str, text: str) -> str:
        number_part = f"{target}/" if target > 1 else ""
        return f'<a class="pager-item {classes}" href="/reviews/{view.card.id}/{number_part}{query}">{text}</a>'

    near = [target for target in range(page - 2, page + 3) if 1 <= target <= pages and target != page]
    links = "".join(link(target, "nth", str(target)) for target in near)
    if page < pages:
        links += link(page + 1, "next tooltip-top", "") + link(pages, "last tooltip-top", "")
    return f' <div class="pager">{links}</div>'


def _review_page(request: Request, card: SiteCard, review: SiteReview) -> str:
    path = f"/review_{review.external_id}.html"
    local = review.posted_at.astimezone(MOSCOW)
    title = f"Отзыв: {escape(card.title)} - {escape(review.title)}"
    threads = "".join(_thread(comment) for comment in comments(review, request.at))
    remarks = sum(1 for _ in comments(review, request.at))
    return (
        _head(title, request.base_url + path)
        + '<div id="content">\n<div class="product-header"><h1 class="product-name">'
        + f'<a class="product-name" href="/reviews/{card.id}/"><span itemprop="name">{escape(card.title)}</span></a>'
        + '</h1></div>\n<div class="review-contents" itemprop="review" itemscope="" '
        + f'itemtype="http://schema.org/Review" data-rid="{review.external_id}" data-pid="{_object_id(card)}">\n'
        + f" <h1>{title}</h1>\n"
        + ' <div class="review-header" itemprop="author" itemscope="" itemtype="http://schema.org/Person">'
        + f'<div class="login-col">{_login(review)}</div></div>\n <div class="item-right">\n'
        + ' <div class="postdate-line"><span class="review-postdate dtreviewed" itemprop="datePublished" '
        + f'content="{_moment(local)}"><abbr class="value" title="{local:%Y-%m-%d}"></abbr>'
        + f'<span class="tooltip-right">{local:%d.%m.%Y}</span></span></div>\n '
        + f"{_rating(review)}\n {_pros_and_cons(review)}"
        + f'<div class="review-body description" itemprop="description">{lines_as_html(review.text)}'
        + "<script>(adsbygoogle = window.adsbygoogle || []).push({});</script>"
        + '<div class="otz_panel_inpage">реклама</div></div>\n'
        + _properties(review, local)
        + f' <div class="review-bar"><span class="review-btn review-yes"><b>Отзыв рекомендуют:</b>{review.likes}</span>'
        + f'<a class="review-btn review-comments tooltip-left hover-brace" href="{path}#comments">{remarks}</a></div>'
        + f'</div></div>\n<div id="comments-container">{threads}</div>\n</div></body></html>\n'
    )


def _properties(review: SiteReview, local: datetime) -> str:
    """The two tables below the text; without stars no rating is shown."""
    rating = verdict = ""
    if review.stars is not None:
        recommends = review.stars > 3
        rating = f'<tr><td>Моя оценка:</td><td><abbr class="rating" title="{review.stars}"></abbr></td></tr>'
        verdict = (
            f'<tr><td>Рекомендую друзьям:</td><td class="recommend-ratio {"yes" if recommends else "no"}">'
            f"{'ДА' if recommends else 'НЕТ'}</td></tr>"
        )
    return (
        f' <table class="product-props"><tbody><tr><td>Год посещения:</td><td>{local.year}</td></tr></tbody></table>\n'
        ' <table class="product-props"><tbody><tr><td>Общее впечатление:</td>'
        f'<td><i class="summary">{escape(review.title)}</i></td></tr>{rating}{verdict}</tbody></table>\n'
    )


def _thread(comment: _Comment) -> str:
    seal = '<span class="product-official">Официальный представитель</span>' if comment.official else ""
    shown = f"{comment.at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"
    return (
        '<div class="comment-thread"><div class="comment"><div class="comment-right"><div class="comment-author-wrap">'
        f'<a class="user-login" href="/profile/{comment.author}">{comment.author}</a>{seal}'
        f'<div class="comment-postdate ts" data-ts="{int(comment.at.timestamp())}">{shown}</div></div>'
        f'<div class="comment-body">{lines_as_html(comment.text)}</div></div></div></div>'
    )


def _object_id(card: SiteCard) -> int:
    return 2_000_000 + number("object", card.id) % 900_000


def _moment(local: datetime) -> str:
    return f"{local:%Y-%m-%dT%H:%M:%S}+03:00"


def captcha(request: Request) -> Response:
    back = escape(f"{request.path}?&capt4a=3431660990111734")
    text = (
        "<html><head><title>Вы робот?</title></head><body><center>Вы робот?</center>"
        f'<form method="post"><input type="hidden" name="captcha_url" value="{back}">'
        '<table><tr><td align="left">'
        '<img id="captcha-img" src="/scripts/captcha/index.php?rand=2822125"></td></tr></table>'
        '<input type="text" name="llllllllllllllll">'
        '<input type="submit" name="action_capcha_ban" value="     Я не робот!     "></form></body></html>'
    )
    return html_response(text, 507)


_PAGES: Mapping[int, str] = {
    403: (
        "<html><body><center>Доступ к сайту с вашего IP-адреса временно запрещен, попробуйте позже</center>"
        "</body></html>"
    ),
    404: (
        "<html><head><title>Ошибка: Страница не найдена!</title></head><body>"
        '<div class="page-caption">Ошибка: Страница не найдена!</div></body></html>'
    ),
}


def failure(status: int) -> Response:
    return html_response(_PAGES.get(status, f"<html><body><center>{status}</center></body></html>"), status)


SITE = Site(
    OTZOVIK,
    re.compile(r"/reviews/.*|/review_.*|/profile/.*"),
    respond,
    captcha,
    captcha,
    failure,
    renames=(
        (b"review-list-chunk", b"feed-block"),
        (b'itemprop="review"', b'data-kind="entry"'),
        (b"review-contents", b"entry-full"),
        (b"review-body", b"entry-body"),
    ),
)
