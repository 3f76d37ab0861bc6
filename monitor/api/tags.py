"""What an answer was: an ETag, by which a program asks whether anything changed, and says what it has seen.

`"DRAFT.REVISION.HASH"` of a ticket, `W/"HASH"` of numbers, `"HASH"` of anything else. If-None-Match compares all of
it. If-Match, on what is done to a ticket, compares the number of the draft and the revision of the review: a note or
the clock are no reason not to approve what somebody has read.
"""

import json
import re
from collections.abc import Container, Mapping
from hashlib import sha256
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_SEEN = re.compile(r'"([0-9]{1,18})\.([0-9]{1,18})\.[0-9a-f]{32}"')

_DAY = len("2026-11-21")

CACHING = "private, no-cache"
"""Whoever asked may keep it, and asks whether it is still so."""


class Words(NamedTuple):
    """What of a ticket If-Match is about: the number of its draft, 0 for none, and the revision of the review."""

    draft: int
    revision: int


def dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(body: bytes, words: Words | None = None) -> str:
    seen = "" if words is None else f"{words.draft}.{words.revision}."
    return f'"{seen}{sha256(body).hexdigest()[:32]}"'


def weak_tag_of(value: object, moments: Container[str]) -> str:
    """Of an answer that tells the moment of asking, too: the same while all but those keys is, and they are of the same
    days."""

    def kept(part: object) -> object:
        if isinstance(part, Mapping):
            return {key: str(inner)[:_DAY] if key in moments else kept(inner) for key, inner in part.items()}
        return list(map(kept, part)) if isinstance(part, list) else part

    return f"W/{tag_of(dumped(kept(value)))}"


def shown(request: Request, body: bytes, tag: str) -> Response:
    """The answer to a GET: 304 for whoever has it already."""
    headers = {"ETag": tag, "Cache-Control": CACHING, "Vary": "Authorization"}
    if _is_had(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _is_had(request: Request, tag: str) -> bool:
    given = ",".join(request.headers.getlist("if-none-match")).strip()
    return given == "*" or any(found == tag.removeprefix("W/") for _, found in _TAG.findall(given))


def is_seen(given: str | None, words: Words) -> bool:
    """Whether If-Match lets that pass: None and `*` do, a weak tag never."""
    if given is None or given.strip() == "*":
        return True
    strong = (found for weak, found in _TAG.findall(given) if not weak)
    return any(seen is not None and (int(seen[1]), int(seen[2])) == words for seen in map(_SEEN.fullmatch, strong))


def words_of(view: Mapping[str, int | None]) -> Words:
    """Of a row of `Tickets.view`."""
    return Words(view["draft_number"] or 0, view["revision"] or 0)
