"""Why something was not done, as RFC 9457 has it: `type` and `code` never change, the texts may."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from pydantic import BaseModel, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

TYPE = "urn:otklik:problem:"

RETRY_AFTER = 5
"""Seconds, after which whoever was busy is asked again."""

LATER = {"Retry-After": str(RETRY_AFTER)}

MOST_MISTAKES = 20
LONGEST_NAME = 100
LONGEST_MISTAKE = 300
"""Of what somebody sent, as far as it is told back."""


class Kind(NamedTuple):
    status: int
    detail: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The body could not be read as JSON."),
    "unauthorised": Kind(401, "Send a token that works: `Authorization: Bearer otk_…`."),
    "forbidden": Kind(403, "The token is not good for that; an administrator of the desk can make another one."),
    "not-found": Kind(404, "There is nothing of that number or address that this token may see."),
    "method-not-allowed": Kind(405, "This address does not answer that method."),
    "wrong-state": Kind(409, "The ticket is in a state in which this makes no sense; `possible_in` tells the others."),
    "held": Kind(409, "A colleague, `holder`, has taken the ticket."),
    "faulty": Kind(409, "The reply breaks `rules` of the linter; the draft's `warnings` tell what to mend."),
    "conflict": Kind(409, "The ticket was changed meanwhile, or its history speaks against this; read it once more."),
    "erased": Kind(410, "The review was erased: nothing is kept of it, and nothing may be written about it."),
    "changed": Kind(412, "The draft or the review has other words by now than those of If-Match; read the ticket."),
    "too-large": Kind(413, "A body has at most 256 KiB."),
    "invalid": Kind(422, "The request does not say what this operation needs; `errors` tells where."),
    "refused": Kind(422, "What the request asks for cannot be done."),
    "key-reused": Kind(422, "This Idempotency-Key belongs to another request; take a new one."),
    "too-many-attempts": Kind(429, "Too many tokens that are none came from this address; wait."),
    "broken": Kind(500, "Something broke here; the log of the desk tells what. It may have been done or not."),
    "busy": Kind(503, "The database does not answer; try again, with the same Idempotency-Key."),
}


class Mistake(BaseModel):
    """A part of the request that is wrong."""

    where: str = Field(description="Its place: `query.limit`, `body.text`, `header.Idempotency-Key`.")
    message: str
    code: str = Field(description="What kind of mistake, in a word.")


class Problem(BaseModel):
    """RFC 9457. `code` is the end of `type`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Mistake] | None = Field(None, description="Of `invalid`.")
    holder: str | None = Field(None, description="Of `held`: who has the ticket.")
    state: str | None = Field(None, description="Of `wrong-state`: the state of the ticket.")
    possible_in: list[str] | None = Field(None, description="Of `wrong-state`: where it would make sense.")
    rules: list[str] | None = Field(None, description="Of `faulty`: the rules that the reply breaks.")


class Refusal(Exception):
    """Stops a request with the problem of that code. `more`: members of Problem beside the five first."""

    def __init__(
        self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response:
        return problem(self.code, self.detail, headers=self.headers, **self.more)


def problem(code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    kind = KINDS[code]
    told: dict[str, object] = {
        "type": TYPE + code,
        "title": HTTPStatus(kind.status).phrase,
        "status": kind.status,
        "detail": detail or kind.detail,
        "code": code,
        **more,
    }
    # ASCII: what somebody sent may hold what UTF-8 cannot write.
    return Response(json.dumps(told), kind.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def short(name: object) -> str:
    text = str(name)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
