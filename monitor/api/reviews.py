"""GET: reviews, oldest first; or what became of them since a program asked last, so that its copy stays true."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from monitor.accounts import Permission, reaches
from monitor.api.asked import ReviewQuery
from monitor.api.calls import HIGHEST, Call, reading
from monitor.api.problems import Refusal
from monitor.api.tags import dumped, shown, tag_of
from monitor.api.tickets import Number
from monitor.contract.reviews import review_json
from monitor.errors import NotFound
from monitor.store.connection import Row
from monitor.store.feed import Wanted


async def list_reviews(request: Request, query: Annotated[ReviewQuery, Query()]) -> Response:
    """Every review that we hold, oldest first; with `changed_since` those that became others since, and the numbers of
    those that were `erased`: of them a program may keep nothing either. What leaves the places that the token sees, or
    that `place` asks for, is told by its number there, too.

    To keep a copy: page to the end, and remember `sync` of the first page. Next time ask with that as `changed_since`,
    page to the end, and remember `sync` of that first page. What changes while you page is told again."""
    return await reading(request, lambda call: _page(call, query))


def _page(call: Call, query: ReviewQuery) -> Response:
    feed = call.store.feed
    state = feed.state()  # before anything is read: what changes from here on comes after it
    wanted = Wanted(query.place, query.source, query.since, query.until, call.token.places)
    if query.changed_since is None:
        leaf = feed.by_number(wanted, int(query.cursor or 0), query.limit)
    else:
        leaf = feed.by_change(wanted, int(query.cursor or query.changed_since), query.limit)
    body = dumped(
        {
            "reviews": [_told(call, row) for row in leaf.reviews],
            "erased": leaf.erased,
            "next": None if leaf.after is None else str(leaf.after),
            "sync": str(state),
        }
    )
    return shown(call.request, body, tag_of(body))


async def get_review(request: Request, review: Number) -> Response:
    """One review."""
    return await reading(request, lambda call: _review(call, review))


def _review(call: Call, review: int) -> Response:
    row = call.store.feed.of(review) if 0 < review <= HIGHEST else None
    if row is None or not call.token.permits(Permission.READ, row["place"]):
        raise NotFound("of another place")
    if row["forgotten_at"] is not None:
        raise Refusal("erased")
    body = dumped(_told(call, row))
    return shown(call.request, body, tag_of(body))


def _told(call: Call, row: Row) -> dict[str, object]:
    """Without the number of a review at another place: a card may have moved since the two were found to be one."""
    told = review_json(row)
    return told if reaches(call.token.places, row["first_place"]) else told | {"same_as": None}
