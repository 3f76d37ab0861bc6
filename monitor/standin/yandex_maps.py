"""Яндекс Карты: the organisation's reviews page with its embedded state, and the captcha in front of it."""

import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from monitor.standin.reviews import YANDEX, SiteCard, SiteReview, digest, number
from monitor.standin.site import ListPage, Request, Response, Site, html_response, lines_as_html, script_json, whole
from monitor.standin.world import Order, World

PAGE_SIZE = 50
LAST_PAGE = 12
CAPTCHA_HEADERS = {"x-yandex-captcha": "captcha"}
_PATH = re.compile(r"/maps/org/(?:[^/]+/)?(?P<id>\d+)/reviews/?")
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
_SEONAME = "romashka"


def _has_text(review: SiteReview) -> bool:
    """Ratings without text count and are never listed."""
    return bool(review.text)


def _by_time(review: SiteReview) -> tuple[bool, datetime, int]:
    """What is pinned stands first. The rest is not strictly by time, as on the site: every ninth review stands where
    one three hours older would, and some stand elsewhere today."""
    late = timedelta(hours=3) if number("late", review.external_id) % 9 == 0 else timedelta()
    return review.pinned, review.updated_at - late - review.lag, review.number


def _by_relevance(review: SiteReview) -> int:
    return number("relevance", review.external_id)


def _by_rating(review: SiteReview) -> tuple[int, int]:
    return review.stars or 0, review.number


_ORDERS: Mapping[str, Order] = {
    "by_time": Order(_by_time, reverse=True, shown=_has_text),
    "by_relevance_org": Order(_by_relevance, shown=_has_text),
    "by_rating_asc": Order(_by_rating, shown=_has_text),
    "by_rating_desc": Order(_by_rating, reverse=True, shown=_has_text),
}


def respond(world: World, request: Request) -> Response:
    if request.path.startswith("/showcaptcha"):
        return captcha_page(request)
    match = _PATH.fullmatch(request.path)
    if match is None:
        return failure(404)
    if match["id"] in world.moved:
        address = f"{request.base_url}/maps/org/{_SEONAME}/{world.moved[match['id']]}/reviews/"
        query = f"?{urlencode(request.query)}" if request.query else ""
        return html_response("", 301, {"location": address + query})
    card = world.find_card(YANDEX, match["id"])
    page = whole(request.query.get("page"), 1)
    if card is None or not page:
        return failure(404)
    listed = world.listed(card, _ORDERS[_ranking(request)])
    offset = (page - 1) * PAGE_SIZE
    shown = listed[offset : offset + PAGE_SIZE] if page <= LAST_PAGE else ()
    pages = max(1, -(-len(listed) // PAGE_SIZE))
    figures = world.figures(card)
    total = figures.count if world.counts_ratings else len(listed)
    return html_response(_page(request, ListPage(card, figures, shown, total, page, pages)))


def _ranking(request: Request) -> str:
    asked = request.query.get("ranking", "")
    return asked if asked in _ORDERS else "by_relevance_org"


def _params(view: ListPage) -> dict[str, int]:
    """The site counts pages that it does not show: `totalPages` may be more than `LAST_PAGE`."""
    offset = (view.page - 1) * PAGE_SIZE
    return {
        "offset": offset,
        "limit": PAGE_SIZE,
        "count": view.total,
        "loadedReviewsCount": min(view.total, offset + len(view.shown)),
        "page": view.page,
        "totalPages": view.pages,
        "reviewsRemained": max(0, view.total - offset - len(view.shown)),
    }


def _page(request: Request, view: ListPage) -> str:
    state = _state(request, view)
    cards = "".join(_card_html(request, review) for review in view.shown)
    title = escape(view.card.title)
    return (
        f'<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><title>{title} — отзывы</title></head><body>'
        f'<div id="root"><h1 class="orgpage-header-view__header">{title}</h1>'
        f'<div class="business-reviews-card-view__reviews-container">{cards}</div></div>\n'
        f'<script type="application/json" class="state-view">{script_json(state)}</script>\n</body></html>\n'
    )


def _state(request: Request, view: ListPage) -> dict[str, Any]:
    card, figures = view.card, view.figures
    seconds = int(request.at.timestamp())
    request_id = f"{_request_number(request)}-balancer-l7leveler-kubr-yp-vla-76-BAL"
    organisation = {
        "type": "business",
        "id": card.id,
        "title": card.title,
        "shortTitle": card.title,
        "fullAddress": "Казань, улица Ленина, 1",
        "address": "улица Ленина, 1",
        "status": "open",
        "seoname": _SEONAME,
        "ratingData": {
            "ratingCount": figures.count,
            "ratingValue": _float32(round(figures.average or 0.0, 1)),
            "reviewCount": figures.with_text,
        },
        "reviewResults": {"reviews": [_review(card, review) for review in view.shown], "params": _params(view)},
    }
    results = {"requestId": f"{_request_number(request)}-addrs-upper-yp-67", "items": [organisation]}
    return {
        "config": {
            "csrfToken": f"{digest('csrf', seconds).hex()[:40]}:{seconds}",
            "locale": "ru_RU",
            "requestId": request_id,
            "counters": {"analytics": {"sessionId": request_id}},
            # A normal page of the real site also mentions the word: it alone proves nothing.
            "fingerprint": {"libUrl": "https://yandex.ru/captchapgrd"},
        },
        "stack": [{"mode": "orgpage", "results": results, "id": "panel"}],
        "reviews": {"businessReviews": {}, "ranking": _ranking(request)},
    }


def _float32(value: float) -> float:
    """4.7 → 4.699999809265137, as the site sends it."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _request_number(request: Request) -> str:
    return f"{int(request.at.timestamp() * 1_000_000)}-{number('request', request.at, request.path)}"


def _review(card: SiteCard, review: SiteReview) -> dict[str, Any]:
    """In the site's order of keys; `businessComment` and `author` are absent where there is none."""
    value: dict[str, Any] = {}
    if reply := review.public_reply:
        value["businessComment"] = {"text": reply.text, "updatedTime": _moment(reply.at or review.updated_at)}
    value |= {"reviewId": review.external_id, "businessId": card.id}
    if review.author:
        value["author"] = _author(review)
    value |= {
        "text": review.text,
        "textLanguage": "ru",
        "textTranslations": {"tr": ""},
        "rating": review.stars or 0,
        "updatedTime": _moment(review.updated_at),
        "reactions": {"likes": review.likes, "dislikes": 0, "userReaction": "NONE"},
        "photos": [],
        "videos": [],
    }
    if review.pinned:
        value["pinned"] = True
    return value


def _author(review: SiteReview) -> dict[str, Any]:
    seed = number("author", review.author)
    level = f"Знаток города {2 + seed % 9} уровня"
    return {
        "name": review.author,
        "avatarUrl": f"https://avatars.mds.yandex.net/get-yapic/{seed % 70_000}/stand-in-{seed % 9}/{{size}}",
        "professionLevel": level,
        "rtb": level,
        "rtbType": "PROFESSION",
        "publicId": _public_id(review),
        "achievements": [],
        "professions": [],
        "isSubscribed": False,
    }


def _public_id(review: SiteReview) -> str:
    return digest("author", review.author).hex()[:26]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _card_html(request: Request, review: SiteReview) -> str:
    """The review as visitors see it: without its id and without the reply's text."""
    day = review.updated_at.astimezone(UTC)
    link = f"{request.base_url}/maps/user/{_public_id(review)}"
    expand = "Посмотреть ответ организации"
    answer = f'<div class="business-review-view__comment-expand">{expand}</div>' if review.public_reply else ""
    return (
        '<div class="business-reviews-card-view__review">'
        '<div class="business-review-view" itemprop="review" itemscope="" itemtype="http://schema.org/Review">'
        '<div itemprop="author" itemscope="" itemtype="http://schema.org/Person">'
        f'<a class="business-review-view__link" href="{link}">'
        f'<span itemprop="name">{escape(review.author)}</span></a></div>'
        '<span itemprop="reviewRating" itemscope="" itemtype="http://schema.org/Rating">'
        f'<meta itemprop="ratingValue" content="{review.stars or 0}.0"></span>'
        f'<span class="business-review-view__date"><span>{day.day} {_MONTHS[day.month - 1]} {day.year}</span>'
        f'<meta itemprop="datePublished" content="{_moment(review.updated_at)}"></span>'
        '<div class="business-review-view__body" itemprop="reviewBody">'
        f'<span class="spoiler-view__text-container">{lines_as_html(review.text)}</span></div>{answer}</div></div>'
    )


def captcha(request: Request) -> Response:
    """The first step: a redirect that already carries the telling header."""
    seed = digest("captcha", request.at).hex()
    stamp = f"2/{int(request.at.timestamp())}/{seed[:8]}"
    back = quote(request.base_url + request.path, safe="")
    query = f"cc=1&mt={seed[:16].upper()}&retpath={back}&t={stamp}&u={seed[16:24]}&s={seed[24:40]}"
    return html_response("", 302, CAPTCHA_HEADERS | {"location": f"{request.base_url}/showcaptcha?{query}"})


def captcha_page(_request: Request) -> Response:
    """Where the redirect ends, or what the site sends instead of the page at once."""
    text = (
        '<!doctype html><html prefix="og: http://ogp.me/ns#"><meta charset="utf-8">\n'
        '<title data-react-helmet="true">Ой, Капча!</title><div id="root"><div class="Container">'
        '<form method="POST" action="/checkcaptcha?key=stand-in" id="checkbox-captcha-form">'
        '<span class="Text">Подтвердите, что запросы отправляли вы, а не робот</span>'
        '<div class="CheckboxCaptcha" data-testid="checkbox-captcha"><div class="CheckboxCaptcha-Inner">'
        '<input type="button" id="js-button" class="CheckboxCaptcha-Button" role="checkbox">'
        '<span id="checkbox-label">Я не робот</span></div></div></form></div></div></html>'
    )
    return html_response(text, headers=CAPTCHA_HEADERS)


def failure(status: int) -> Response:
    return html_response(
        f"<!DOCTYPE html><html><head><title>{status}</title></head><body>{status}</body></html>", status
    )


SITE = Site(
    YANDEX,
    re.compile(r"/(maps/.*|showcaptcha.*|checkcaptcha.*)"),
    respond,
    captcha,
    captcha_page,
    failure,
    renames=(
        (b'"reviewResults":', b'"feed":'),
        (b'"reviews": [', b'"entries": ['),
        (b"business-review", b"orgpage-feed"),
        (b'itemprop="review"', b'data-kind="entry"'),
    ),
)
