"""The OpenAPI document: what FastAPI knows of the operations, and what it does not."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from monitor.api.problems import KINDS, MEDIA_TYPE, TYPE, Problem
from monitor.api.route import SCHEME
from monitor.api.shapes import WebhookMessage

VERSION = "1.0.0"

ABOUT = """\
Tickets, reviews and numbers of Отклик for a CRM, a task tracker, a robot.

**Tokens** are made by an administrator at the desk (`/tokens`) or with `otklik token add`. What a program does with
one stands in the histories under `api:` and the token's name.

**Times** are UTC. Keys may join an answer at any time; none changes its meaning.

**ETag**: every GET has one; send it back as `If-None-Match`, and an answer that is still the same is a 304. Send that
of a ticket as `If-Match` with what you do to it: where the draft or the review have other words by now, it is a 412.

**Idempotency-Key**: every POST needs one. Sent again within 24 hours, it gets the first answer (with
`Idempotency-Replayed: true`), and nothing is done twice, whatever died in between. What was refused was not done, and
may be tried again under the same key; another request under that key is refused.

**Problems** are `application/problem+json` (RFC 9457); `code` never changes, the texts may.

**Paging**: ask again with `cursor` set to `next`, everything else as it was.

**Webhooks** tell at once what the API would tell when asked: with `channels: {crm: {webhook: "https://…", secret_env:
CRM_SECRET}}` in config.yaml and `channel:crm` among the recipients of `escalation`, alarms are posted there as signed
JSON (`WebhookMessage`). Each of its `tickets` names a `ticket` to ask for here. `examples/crm_task.py` does both.
"""

ALWAYS = (400, 401, 403, 405, 422, 429, 500, 503)
OF_ONE = (404,)
OF_DEEDS = (404, 409, 410, 412, 413)

_LINKS: Mapping[str, tuple[str, str, str]] = {
    "list_tickets": ("get_ticket", "ticket", "$response.body#/tickets/0/ticket"),
    "list_reviews": ("get_review", "review", "$response.body#/reviews/0/review"),
}
"""Operation → the one that may follow it, its parameter and where that stands."""

_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag of an answer that the program has: 304 while it is still the same.",
    "schema": {"type": "string"},
}
_ETAG = {"description": "Names this answer.", "schema": {"type": "string"}}
_REPLAYED = {"description": "The first answer to this Idempotency-Key, told again.", "schema": {"const": "true"}}


_WEBHOOK: Mapping[str, Any] = {
    "operationId": "alarm",
    "summary": "An alarm, for whoever listens at the address of a channel.",
    "description": "The same message may come twice, under the same Idempotency-Key. `Otklik-Signature: t=SECONDS,"
    "v1=HMAC` is signed with the key of the channel: HMAC-SHA256 of `SECONDS.BODY` in hex.",
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("Otklik-Signature", "Idempotency-Key")
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookMessage"}}},
    },
    "responses": {
        "2XX": {"description": "It is taken."},
        "4XX": {"description": "401, 403, 404, 405, 408, 425 and 429: it is sent again; any other is final."},
        "5XX": {"description": "It is sent again."},
    },
}


def document(api: FastAPI, prefix: str) -> dict[str, Any]:
    told = get_openapi(
        title="Отклик",
        version=VERSION,
        description=ABOUT,
        routes=api.routes,
        servers=[{"url": prefix}],
        separate_input_output_schemas=False,
    )
    parts = told["components"]
    for of_framework in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(of_framework, None)
    more: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "validation"), (WebhookMessage, "validation")]
    _, found = models_json_schema(more, ref_template="#/components/schemas/{model}")
    parts["schemas"] |= found["$defs"]
    told["webhooks"] = {"alarm": {"post": _WEBHOOK}}
    parts["responses"] = {str(status): _response(status) for status in sorted({*ALWAYS, *OF_ONE, *OF_DEEDS})}
    parts["securitySchemes"] = {
        SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of the desk, `otk_…`. Grants: `read` (tickets and reviews), `numbers`, `act` "
            "(whatever is done to a ticket; reads, too).",
        }
    }
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, path)
    return told


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    statuses = [*ALWAYS, *(OF_DEEDS if method == "post" else ())]
    if method == "get" and "{" in path:
        statuses += [*OF_ONE, *([410] if "review" in path else [])]
    found: dict[str, Any] = {"200": operation["responses"]["200"]}
    found["200"]["headers"] = {"ETag": _ETAG} | ({"Idempotency-Replayed": _REPLAYED} if method == "post" else {})
    if method == "get":
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        found["304"] = {"description": "It is still the same.", "headers": {"ETag": _ETAG}}
    if link := _LINKS.get(operation["operationId"]):
        name, parameter, where = link
        found["200"]["links"] = {name: {"operationId": name, "parameters": {parameter: where}}}
    for status in sorted(set(statuses)):
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    operation["responses"] = found


def _response(status: int) -> dict[str, Any]:
    kinds = {code: kind for code, kind in KINDS.items() if kind.status == status}
    answer: dict[str, Any] = {
        "description": " ".join(f"`{code}`: {kind.detail}" for code, kind in kinds.items()),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": _example(code, status, kind.detail)} for code, kind in kinds.items()},
            }
        },
    }
    headers = _HEADERS.get(status, ())
    if headers:
        answer["headers"] = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers}
    return answer


_HEADERS: Mapping[int, Sequence[tuple[str, str]]] = {
    401: [("WWW-Authenticate", "How to come in: `Bearer`.")],
    403: [("WWW-Authenticate", "Which grant is missing.")],
    405: [("Allow", "The methods that the address answers.")],
    429: [("Retry-After", "Seconds to wait.")],
    503: [("Retry-After", "Seconds to wait.")],
}


def _example(code: str, status: int, detail: str) -> dict[str, Any]:
    more: Mapping[str, dict[str, Any]] = {
        "invalid": {"errors": [{"where": "query.limit", "message": "Input should be …", "code": "less_than_equal"}]},
        "held": {"holder": "anna"},
        "wrong-state": {"state": "dismissed", "possible_in": ["open"]},
        "faulty": {"rules": ["phone"]},
    }
    return {
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more.get(code, {}),
    }
