"""2ГИС: the reviews endpoint of the web client, `/2.0/branches/{id}/reviews`."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import md5
from typing import Any
from urllib.parse import urlencode

from monitor.clock import from_iso
from monitor.model import Reply
from monitor.standin.reviews import TWOGIS, SiteCard, SiteReview, number
from monitor.standin.site import Request, Response, Site, html_response, json_response, whole
from monitor.standin.world import Order, World

PAGE_LIMIT = 50
_NOVOSIBIRSK = timezone(timedelta(hours=7))
_SIZES = ("1920x", "320x", "640x", "64x64", "url")
_PATH = re.compile(r"/2\.0/branches/(?P<branch>[^/]+)/reviews/?")

_FAILURES = {
    400: ("badRequest", "Branch is unknown or closed"),
    403: ("apiKeyIsInvalid", "Authorization error"),
    404: ("notFound", "Not found"),
    429: ("tooManyRequests", "Too many requests"),
    500: ("internalError", "Internal server error"),
}


def provider(review: SiteReview) -> str:
    """Every eighth review came through Flamp; only Foursquare gives none of the stars."""
    if review.stars is None:
        return "4sq"
    return "flamp" if number("provider", review.external_id) % 8 == 0 else "2gis"


def created_at(review: SiteReview) -> datetime:
    """Flamp keeps whole seconds."""
    return review.posted_at.replace(microsecond=0) if provider(review) == "flamp" else review.posted_at


def _is_rated(review: SiteReview) -> bool:
    """Some reviews do not count towards the rating, and stay visible."""
    return review.stars is not None and number("rated", review.external_id) % 14 != 0


def _is_unrated(review: SiteReview) -> bool:
    return not _is_rated(review)


def _by_created(review: SiteReview) -> tuple[bool, datetime, int]:
    return review.pinned, created_at(review), review.number


def _by_edited(review: SiteReview) -> tuple[bool, datetime, int]:
    return review.pinned, review.updated_at, review.number


def _everything(_review: SiteReview) -> bool:
    return True


_SORTS: Mapping[str, Callable[[SiteReview], Any]] = {"date_created": _by_created, "date_edited": _by_edited}
_RATED: Mapping[str | None, Callable[[SiteReview], bool]] = {
    None: _everything,
    "true": _is_rated,
    "false": _is_unrated,
}
_ORDERS = {
    (sort, rated): Order(key, reverse=True, shown=shown)
    for sort, key in _SORTS.items()
    for rated, shown in _RATED.items()
}


def respond(world: World, request: Request) -> Response:
    match = _PATH.fullmatch(request.path)
    card = world.find_card(TWOGIS, match["branch"]) if match else None
    limit = whole(request.query.get("limit"), PAGE_LIMIT)
    order = _ORDERS.get((request.query.get("sort_by", "date_created"), request.query.get("rated")))
    if request.query.get("key") != world.credentials["TWOGIS_KEY"]:
        return failure(403)
    if match is None:
        return failure(404)
    if card is None or not limit or order is None:
        return failure(400)
    listed = world.listed(card, order)
    start = _start(request, listed)
    if start is None:
        return failure(400)
    page = listed[start : start + min(limit, PAGE_LIMIT)]
    fields = frozenset(request.query.get("fields", "").split(","))
    end = start + len(page)
    following = _next_link(request, card, len(page), end) if end < len(listed) else None
    meta = _meta(world, card, fields, len(listed), following, only=start == 0)
    return json_response({"meta": meta, "reviews": [_review(card, review, fields) for review in page]})


def _start(request: Request, listed: tuple[SiteReview, ...]) -> int | None:
    """Where the page begins: at `offset`, or at the first review strictly older than `offset_date`."""
    if "offset_date" not in request.query:
        return whole(request.query.get("offset"), 0)
    try:
        moment = from_iso(request.query["offset_date"])
    except ValueError:
        return None
    pinned = sum(review.pinned for review in listed)  # they stand first, whatever their date
    return bisect_right(listed, -moment.timestamp(), lo=pinned, key=lambda review: -created_at(review).timestamp())


def _next_link(request: Request, card: SiteCard, limit: int, offset: int) -> str:
    query = {name: value for name, value in request.query.items() if name != "offset_date"}
    query |= {"limit": str(limit), "offset": str(offset)}
    return f"{request.base_url}/2.0/branches/{card.id}/reviews?{urlencode(query)}"


def _meta(
    world: World, card: SiteCard, fields: frozenset[str], total: int, following: str | None, *, only: bool
) -> dict[str, Any]:
    """The numbers come only when asked for; on the last page `next_link` is null, on an only page absent."""
    figures = world.figures(card)
    meta: dict[str, Any] = {}
    if "meta.branch_rating" in fields:
        meta["branch_rating"] = round(figures.average or 0, 1)
        meta["branch_rating_is_confirmed"] = False
    if "meta.branch_reviews_count" in fields:
        meta["branch_reviews_count"] = figures.count
    meta["code"] = 200
    if following is not None or not only:
        meta["next_link"] = following
    if "meta.total_count" in fields:
        meta["total_count"] = total
    return meta


def _review(card: SiteCard, review: SiteReview, fields: frozenset[str]) -> dict[str, Any]:
    origin = provider(review)
    foreign_id = str(7_000_000 + review.number)
    value: dict[str, Any] = {
        "id": review.external_id,
        "region_id": 4,
        "text": review.text,
        "rating": review.stars,
        "provider": origin,
        "source": None,
        "is_hidden": False,
        "hiding_type": None if _is_rated(review) else "unrated_manual",
        "hiding_reason": None,
        "url": f"https://flamp.ru/r/{card.id}/{foreign_id}" if origin == "flamp" else "",
        "likes_count": review.likes,
        "comments_count": 1 if review.public_reply else 0,
        "date_created": _moment(created_at(review)),
        "date_edited": _moment(review.edited_at) if review.edited_at else None,
        "object": {"id": card.id, "type": "branch"},
        "user": _user(review, origin),
        "official_answer": _answer(card, review.public_reply, origin),
        "photos": [],
        "additional_data": {
            "status_history": [],
            "has_unresolved_complaints": False,
            "pin_status": "pinned" if review.pinned else "none",
            "ip": "",
            "user_agent": "",
            "external_id": None if origin == "2gis" else foreign_id,
            "filtered_facts": None,
            "is_unrated_permanently": None,
            "is_liked": None,
        },
        "on_moderation": False,
        "is_rated": _is_rated(review),
    }
    if "reviews.is_verified" in fields:
        value["is_verified"] = False
    if origin == "flamp":
        value["provider_data"] = {
            "icon_url": "https://cachizer1.2gis.com/reviews-logos/stand-in.png",
            "caption": "Flamp",
        }
    return value


def _user(review: SiteReview, origin: str) -> dict[str, Any]:
    seed = number("user", review.author)
    token = md5(str(seed).encode(), usedforsecurity=False).hexdigest()
    return {
        "id": str(30_000_000 + seed % 50_000_000),
        "reviews_count": 1 + seed % 40,
        "first_name": review.author,
        "last_name": None,
        "name": review.author,
        "provider": origin,
        "photo_preview_urls": _pictures(token if origin == "flamp" else ""),
        "url": f"http://flamp.ru/user{seed % 5_000_000}" if origin == "flamp" else "",
        "additional_data": {"email": None},
        "public_id": token if origin == "2gis" else None,
    }


def _pictures(token: str) -> dict[str, str]:
    if not token:
        return dict.fromkeys(_SIZES, "")
    suffixes = ("_1920", "_320", "_640", "_64_64", "")
    return {size: f"https://cdn1.flamp.ru/{token}{suffix}.jpg" for size, suffix in zip(_SIZES, suffixes, strict=True)}


def _answer(card: SiteCard, reply: Reply | None, origin: str) -> dict[str, Any] | None:
    if reply is None:
        return None
    token = md5(card.id.encode(), usedforsecurity=False).hexdigest()
    return {
        "id": str(9_000_000 + number("answer", card.id, reply.text, reply.at) % 30_000_000),
        "org_name": card.title,
        "text": reply.text,
        "date_created": _moment(reply.at) if reply.at else None,
        "logo_preview_urls": _pictures(token) if origin == "flamp" else {},
    }


def _moment(moment: datetime) -> str:
    """`2024-11-27T01:22:01.91129+07:00`: Novosibirsk time whatever the city, 1 to 6 fraction digits."""
    local = moment.astimezone(_NOVOSIBIRSK)
    fraction = f"{local.microsecond:06}".rstrip("0") or "0"
    return f"{local:%Y-%m-%dT%H:%M:%S}.{fraction}+07:00"


def captcha(_request: Request) -> Response:
    """Not seen on this host; what a protection in front of it would send instead of JSON."""
    return html_response("<html><head><title>403 Forbidden</title></head><body>Access denied</body></html>", 403)


def failure(status: int) -> Response:
    kind, message = _FAILURES[status]
    return json_response({"meta": {"code": status, "error": {"type": kind, "message": message}}}, status)


SITE = Site(
    TWOGIS,
    re.compile(r"/[23]\.0/.*"),
    respond,
    captcha,
    captcha,
    failure,
    renames=((b'"reviews":', b'"items":'), (b'"date_created":', b'"created":')),
)
