"""Google Business Profile API v4: reviews of a location, the owner's replies, and the token endpoint."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from monitor.errors import NotFound
from monitor.model import Reply, ReplyState
from monitor.standin.reviews import GOOGLE, SiteCard, SiteReview, digest
from monitor.standin.site import Request, Response, Site, html_response, json_response, whole
from monitor.standin.world import Order, World

PAGE_LIMIT = 50
REPLY_LIMIT = 4096
"""Bytes of UTF-8."""

_PATH = re.compile(
    r"/v4/accounts/(?P<account>[^/]+)/locations/(?P<location>[^/]+)/reviews(?:/(?P<review>[^/]+)(?P<reply>/reply)?)?"
)
_STARS = ("STAR_RATING_UNSPECIFIED", "ONE", "TWO", "THREE", "FOUR", "FIVE")
_STATUS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: (
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    ),
    403: ("PERMISSION_DENIED", "Request had insufficient authentication scopes."),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: (
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service "
        "'mybusiness.googleapis.com' for consumer 'project_number:000000000000'.",
    ),
    500: ("INTERNAL", "Internal error encountered."),
}


def _by_update(review: SiteReview) -> tuple[datetime, int]:
    return review.updated_at, review.number


def _by_rating(review: SiteReview) -> tuple[int, int]:
    return review.stars or 0, review.number


_ORDERS: Mapping[str, Order] = {
    "updateTime desc": Order(_by_update, reverse=True),
    "rating": Order(_by_rating),
    "rating desc": Order(_by_rating, reverse=True),
}


def respond(world: World, request: Request) -> Response:
    if request.path == "/token":
        return _token(world, request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not world.accepts_token(token):
        return failure(401)
    match = _PATH.fullmatch(request.path)
    card = world.find_card(GOOGLE, match["location"]) if match else None
    if match is None or card is None or match["account"] not in (card.account, "-"):
        return failure(404)
    if match["review"] is None:
        return _list(world, request, card) if request.method == "GET" else failure(404)
    found = world.find_review(GOOGLE, match["review"])
    if found is None or found[0] != card:
        return failure(404)
    if match["reply"] is None:
        return json_response(_review(world, request, card, found[1])) if request.method == "GET" else failure(404)
    return _reply(world, request, card, found[1])


def _token(world: World, request: Request) -> Response:
    form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    known = world.credentials
    if request.method != "POST" or form.get("grant_type") != "refresh_token":
        return json_response({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
    client = (form.get("client_id"), form.get("client_secret"))
    if client != (known["GOOGLE_CLIENT_ID"], known["GOOGLE_CLIENT_SECRET"]):
        return json_response({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
    if form.get("refresh_token") != known["GOOGLE_REFRESH_TOKEN"]:
        description = "Token has been expired or revoked."
        return json_response({"error": "invalid_grant", "error_description": description}, 400)
    scope = "https://www.googleapis.com/auth/business.manage"
    answer = {"access_token": world.issue_token(), "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
    return json_response(answer)


def _list(world: World, request: Request, card: SiteCard) -> Response:
    order = request.query.get("orderBy", "updateTime desc")
    size = whole(request.query.get("pageSize"), PAGE_LIMIT)
    if order not in _ORDERS or size is None:
        return failure(400)
    start = _offset(request.query.get("pageToken"), card, order)
    if start is None:
        return failure(400)
    listed = world.listed(card, _ORDERS[order])
    if not listed:
        return json_response({})
    page = listed[start : start + min(size or PAGE_LIMIT, PAGE_LIMIT)]
    average = round(world.figures(card).average or 0, 1)
    answer: dict[str, Any] = {
        "reviews": [_review(world, request, card, review) for review in page],
        "averageRating": int(average) if average == int(average) else average,
        "totalReviewCount": len(listed),
    }
    end = start + len(page)
    if end < len(listed):
        answer["nextPageToken"] = _page_token(card, order, end)
    return json_response(answer)


def _page_token(card: SiteCard, order: str, offset: int) -> str:
    """Opaque to clients, and good only for the card and the order it was made for."""
    seal = digest("page", card.id, order, offset)[:8]
    return urlsafe_b64encode(seal + str(offset).encode()).decode()


def _offset(token: str | None, card: SiteCard, order: str) -> int | None:
    if not token:
        return 0
    try:
        offset = int(urlsafe_b64decode(token)[8:])
    except ValueError:
        return None
    return offset if token == _page_token(card, order, offset) else None


def _review(world: World, request: Request, card: SiteCard, review: SiteReview) -> dict[str, Any]:
    """In the site's order of keys; `comment` and `reviewReply` are absent where there is none."""
    value: dict[str, Any] = {
        "reviewId": review.external_id,
        "reviewer": _reviewer(review),
        "starRating": _STARS[review.stars or 0],
    }
    if review.text:
        value["comment"] = _comment(review)
    value["createTime"] = _moment(review.posted_at)
    value["updateTime"] = _moment(review.updated_at)
    if reply := review.shown_reply:
        value["reviewReply"] = _reply_value(world, request, reply, review)
    value["name"] = f"accounts/{card.account}/locations/{card.id}/reviews/{review.external_id}"
    return value


def _reviewer(review: SiteReview) -> dict[str, Any]:
    token = digest("reviewer", review.author).hex()[:44]
    reviewer: dict[str, Any] = {
        "profilePhotoUrl": f"https://lh3.googleusercontent.com/a-/{token}=c0x00000000-cc-rp",
        "displayName": review.author or "A Google user",
    }
    if not review.author:
        reviewer["isAnonymous"] = True
    return reviewer


def _comment(review: SiteReview) -> str:
    if not review.translation:
        return review.text
    return f"(Translated by Google) {review.translation}\n\n(Original)\n{review.text}"


_AGAINST_RULES = re.compile(r"(?:\d[\s()-]*){10}|[\w.+-]+@[\w-]+\.\w|https?://|www\.")
"""A phone number, an address, a link: what the moderators refuse."""


def _reply_value(world: World, request: Request, reply: Reply, review: SiteReview) -> dict[str, Any]:
    """Replies from before moderation carry no state; those made through the API wait for a while, and are refused then
    where they break the rules."""
    at = reply.at or review.updated_at
    value: dict[str, Any] = {"comment": reply.text, "updateTime": _moment(at)}
    if reply.state is ReplyState.PUBLISHED:
        return value
    if reply.state is ReplyState.PENDING and request.at < at + world.moderation:
        return value | {"reviewReplyState": "PENDING"}
    if reply.state is ReplyState.REJECTED or _AGAINST_RULES.search(reply.text):
        return value | {"reviewReplyState": "REJECTED", "policyViolation": "RESTRICTED_CONTENT"}
    return value | {"reviewReplyState": "APPROVED"}


def _reply(world: World, request: Request, card: SiteCard, review: SiteReview) -> Response:
    """PUT creates or replaces the reply, and changes nothing when the same text comes again."""
    if request.method in ("PUT", "DELETE") and not world.may_edit(card, request.at):
        return failure(429)
    try:
        if request.method == "DELETE":
            world.remove_reply(card, review.external_id)
            return json_response({})
        comment = _new_comment(request)
        if comment is None:
            return failure(400)
        if review.reply is None or review.reply.text != comment:
            review = world.reply(card, review.external_id, comment, request.at, ReplyState.PENDING)
    except NotFound:
        return failure(404)
    assert review.reply is not None
    return json_response(_reply_value(world, request, review.reply, review))


def _new_comment(request: Request) -> str | None:
    try:
        value = json.loads(request.body)
    except ValueError:
        return None
    comment = value.get("comment") if isinstance(value, dict) else None
    if request.method != "PUT" or not isinstance(comment, str) or not comment.strip():
        return None
    return comment if len(comment.encode("utf-8", "surrogatepass")) <= REPLY_LIMIT else None


def _moment(moment: datetime) -> str:
    """RFC 3339 in UTC with 0, 3 or 6 fraction digits: trailing groups of zeros are left out."""
    text = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    if moment.microsecond == 0:
        return text + "Z"
    if moment.microsecond % 1000 == 0:
        return f"{text}.{moment.microsecond // 1000:03}Z"
    return f"{text}.{moment.microsecond:06}Z"


def captcha(_request: Request) -> Response:
    """Not seen on this host; the page Google sends elsewhere when traffic looks automatic."""
    text = "<html><head><title>Sorry...</title></head><body>Our systems have detected unusual traffic</body></html>"
    return html_response(text, 403)


def failure(status: int) -> Response:
    name, message = _STATUS[status]
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    if status == 404:
        error["errors"] = [{"message": message, "domain": "global", "reason": "notFound"}]
    if status == 429:
        metadata = {"quota_limit_value": "300", "service": "mybusiness.googleapis.com"}
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        details = {"@type": kind, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata}
        error["details"] = [details]
    return json_response({"error": error}, status)


SITE = Site(
    GOOGLE,
    re.compile(r"/v4/.*|/token"),
    respond,
    captcha,
    captcha,
    failure,
    renames=((b'"reviews":', b'"feedback":'), (b'"starRating":', b'"stars":')),
)
