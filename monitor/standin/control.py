"""`/standin/…`: how a person or another process changes the world while it is served. JSON in, JSON out.

    POST /standin/trouble       {source, trouble | null}
    POST /standin/add           {source, card?, text, stars, author?, title?, pros?, cons?, likes?, posted_at?}
    POST /standin/edit          {source, card?, review, text?, stars?, title?}
    POST /standin/touch         {source, card?, review}              saved again, nothing changed
    POST /standin/like          {source, card?, review, likes}
    POST /standin/pin           {source, card?, review}
    POST /standin/unpin         {source, card?, review}
    POST /standin/hide          {source, card?, review}
    POST /standin/restore       {source, card?, review}
    POST /standin/reply         {source, card?, review, text, at?, state?}
    POST /standin/remove-reply  {source, card?, review}
    POST /standin/withhold      {source, card?, review}              pages come without the reply
    POST /standin/show          {source, card?, review}              and with it again
    GET  /standin/happened      the latest 1,000 changes of the world: who wrote, edited, answered, hid what
    GET  /standin/cards         the cards and how config.yaml lists them
    GET  /standin/reviews       ?source=…&card=…: what is on a card, hidden reviews too
    GET  /standin/log           the latest requests; the server's business

Without `card` the first card of that source is meant.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from monitor.clock import from_iso, optional_iso, to_iso
from monitor.errors import NotFound, UsageError
from monitor.model import ReplyState
from monitor.standin.reviews import SOURCES, SiteCard, SiteReview
from monitor.standin.site import Request, Response, json_response
from monitor.standin.world import Trouble, World

PREFIX = "/standin/"
_LATEST = 1_000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})

Values = dict[str, Any]
Answer = Values | list[Values]


def respond(world: World, request: Request, log: Iterable[Values]) -> Response:
    """Refuses what a web page of somebody else could send: another host name, or a form instead of JSON."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    if host not in _LOOPBACK:
        return json_response({"error": "the control surface answers on the loopback address only"}, 403)
    name = request.path.removeprefix(PREFIX)
    try:
        if request.method == "GET" and name == "log":
            return json_response(list(log))
        if request.method == "GET" and name in _QUESTIONS:
            return json_response(_QUESTIONS[name](world, request.query))
        if request.method == "POST" and name in _ACTIONS:
            return json_response(_ACTIONS[name](world, _body(request), request.at))
    except NotFound as error:
        return json_response({"error": str(error)}, 404)
    except UsageError as error:
        return json_response({"error": str(error)}, 400)
    return json_response({"error": f"no such action: {request.method} {name}"}, 404)


def _body(request: Request) -> Values:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise UsageError("send content-type: application/json")
    try:
        values = json.loads(request.body)
    except ValueError as error:
        raise UsageError(f"the body is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise UsageError("the body must be a JSON object")
    return values


def _text(values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = values.get(name, default)
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a text")
    return value


def _stars(value: Any) -> int | None:
    if value is not None and value not in (1, 2, 3, 4, 5):
        raise UsageError("stars must be 1 to 5 or null")
    return None if value is None else int(value)


def _moment(values: Mapping[str, Any], name: str, default: datetime) -> datetime:
    if name not in values:
        return default
    try:
        return from_iso(_text(values, name))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error


def _card(world: World, values: Mapping[str, Any]) -> SiteCard:
    card_id = _text(values, "card") if "card" in values else None
    return world.card(_text(values, "source"), card_id)


def _trouble(world: World, values: Values, at: datetime) -> Answer:
    source, trouble = _text(values, "source"), values.get("trouble")
    if source not in SOURCES:
        raise UsageError(f"source must be one of {', '.join(SOURCES)}")
    if trouble is not None and trouble not in list(Trouble):
        raise UsageError(f"trouble must be null or one of {', '.join(Trouble)}")
    world.afflict(source, None if trouble is None else Trouble(trouble), at)
    return {"source": source, "trouble": trouble}


def _likes(values: Mapping[str, Any]) -> int:
    likes = values.get("likes", 0)
    if not isinstance(likes, int):
        raise UsageError("likes must be a whole number")
    return likes


def _add(world: World, values: Values, at: datetime) -> Answer:
    review = world.add(
        _card(world, values),
        text=_text(values, "text"),
        stars=_stars(values.get("stars")),
        author=_text(values, "author", "Гость"),
        title=_text(values, "title", ""),
        pros=_text(values, "pros", ""),
        cons=_text(values, "cons", ""),
        likes=_likes(values),
        posted_at=_moment(values, "posted_at", at),
    )
    return _shown(review)


def _edit(world: World, values: Values, at: datetime) -> Answer:
    card = _card(world, values)
    review = _text(values, "review")
    changes: Values = {name: _text(values, name) for name in ("text", "title") if name in values}
    if "stars" in values:
        changes["stars"] = _stars(values["stars"])
    return _shown(world.edit(card, review, at=at, **changes))


def _reply(world: World, values: Values, at: datetime) -> Answer:
    state = _text(values, "state", ReplyState.PUBLISHED)
    if state not in list(ReplyState):
        raise UsageError(f"state must be one of {', '.join(ReplyState)}")
    moment = _moment(values, "at", at)
    card, review = _card(world, values), _text(values, "review")
    return _shown(world.reply(card, review, _text(values, "text"), moment, ReplyState(state)))


def _like(world: World, values: Values, at: datetime) -> Answer:
    return _shown(world.like(_card(world, values), _text(values, "review"), _likes(values), at))


def _simple(change: Callable[..., SiteReview], **how: bool) -> Callable[[World, Values, datetime], Answer]:
    """An action that needs no more than the review; `how` are the switches of `change`."""

    def action(world: World, values: Values, at: datetime) -> Answer:
        return _shown(change(world, _card(world, values), _text(values, "review"), at=at, **how))

    return action


_ACTIONS: Mapping[str, Callable[[World, Values, datetime], Answer]] = {
    "trouble": _trouble,
    "add": _add,
    "edit": _edit,
    "touch": _simple(World.touch),
    "like": _like,
    "pin": _simple(World.pin),
    "unpin": _simple(World.pin, pinned=False),
    "hide": _simple(World.hide),
    "restore": _simple(World.restore),
    "reply": _reply,
    "remove-reply": _simple(World.remove_reply),
    "withhold": _simple(World.withhold_reply),
    "show": _simple(World.withhold_reply, withheld=False),
}


def _cards(world: World, _query: Mapping[str, str]) -> Answer:
    return [
        {"place": card.place, "title": card.title, "card": card.id, "listing": card.listing} for card in world.cards()
    ]


def _reviews(world: World, query: Mapping[str, str]) -> Answer:
    return [_shown(review) for review in world.all_reviews(_card(world, query))]


def _happened(world: World, _query: Mapping[str, str]) -> Answer:
    return [
        {
            "at": to_iso(entry.at),
            "what": entry.what,
            "source": entry.source,
            "card": entry.card.id if entry.card else None,
            "review": entry.new.external_id if entry.new else None,
            "trouble": entry.trouble,
        }
        for entry in world.log[-_LATEST:]
    ]


_QUESTIONS: Mapping[str, Callable[[World, Mapping[str, str]], Answer]] = {
    "cards": _cards,
    "reviews": _reviews,
    "happened": _happened,
}


def _shown(review: SiteReview) -> Values:
    reply = review.reply
    return {
        "review": review.external_id,
        "stars": review.stars,
        "author": review.author,
        "title": review.title,
        "text": review.text,
        "posted_at": to_iso(review.posted_at),
        "edited_at": optional_iso(review.edited_at),
        "hidden": review.hidden,
        "pinned": review.pinned,
        "likes": review.likes,
        "reply": None if reply is None else {"text": reply.text, "at": optional_iso(reply.at), "state": reply.state},
    }
