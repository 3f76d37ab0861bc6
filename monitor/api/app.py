"""The API as an application of its own, mounted by the desk: its operations in one table.

request → Guard of the desk → the token → what is asked for → a thread → the answer, or a problem
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Body, FastAPI, Header
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.api import asked, shapes
from monitor.api.calls import House, writing
from monitor.api.document import VERSION, document
from monitor.api.doing import DEEDS, Deed, Wish, perform
from monitor.api.numbers import get_numbers
from monitor.api.problems import LATER, LONGEST_MISTAKE, MOST_MISTAKES, Refusal, problem, short
from monitor.api.reviews import get_review, list_reviews
from monitor.api.route import Guarded, security
from monitor.api.tags import dumped, shown, tag_of
from monitor.api.tickets import Number, get_ticket, list_tickets
from monitor.errors import Conflict, NotFound, OtklikError, StoreError
from monitor.log import Event
from monitor.tokens import Grant

PREFIX = "/api/v1"

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=asked.LONGEST_KEY,
        pattern="^[!-~]+$",
        description="A word of the program's own for this very request, such as a UUID. For 24 hours whoever sends it "
        "again gets the first answer, and nothing is done twice.",
    ),
]
Seen = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="ETag of the ticket as the program read it: 412 where draft or review have other words by now.",
    ),
]


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    grant: Grant
    model: type[BaseModel]


def _endpoint(deed: Deed) -> Callable[..., Awaitable[Response]]:
    is_needed = any(field.is_required() for field in deed.body.model_fields.values())
    body_type: Any = deed.body if is_needed else deed.body | None
    usual: Any = Body() if is_needed else Body(None)

    async def endpoint(
        request: Request,
        ticket: Number,
        idempotency_key: Key,
        if_match: Seen = None,
        body: body_type = usual,
    ) -> Response:
        wish = Wish(deed, ticket, deed.body() if body is None else body, idempotency_key, if_match)
        return await writing(request, lambda call: perform(call, wish))

    endpoint.__name__ = f"{deed.name}_ticket"
    endpoint.__doc__ = deed.does
    return endpoint


OPERATIONS: Sequence[Operation] = (
    Operation("GET", "/tickets", list_tickets, Grant.READ, shapes.Tickets),
    Operation("GET", "/tickets/{ticket}", get_ticket, Grant.READ, shapes.WholeTicket),
    Operation("GET", "/reviews", list_reviews, Grant.READ, shapes.Reviews),
    Operation("GET", "/reviews/{review}", get_review, Grant.READ, shapes.Review),
    Operation("GET", "/numbers", get_numbers, Grant.NUMBERS, shapes.Numbers),
    *(
        Operation("POST", f"/tickets/{{ticket}}/actions/{deed.name}", _endpoint(deed), Grant.ACT, shapes.WholeTicket)
        for deed in DEEDS
    ),
)


def create_api(house: House) -> FastAPI:
    api = _application()

    async def openapi(request: Request) -> Response:
        return shown(request, *_description())

    api.add_api_route("/openapi.json", openapi, methods=["GET"], include_in_schema=False)
    api.state.house = house
    return api


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document. Made at the first question: it takes longer than everything else a desk begins with."""
    return document(_application(), PREFIX)


@cache
def _description() -> tuple[bytes, str]:
    """The same as it is sent, and its tag."""
    body = dumped(described())
    return body, tag_of(body)


def _application() -> FastAPI:
    api = FastAPI(
        title="Отклик",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        exception_handlers={
            Refusal: _refusal,
            RequestValidationError: _invalid,
            NotFound: _not_found,
            StoreError: _busy,
            OtklikError: _broken,
            HTTPException: _of_framework,
            Exception: _unforeseen,
        },
    )
    api.router.route_class = Guarded
    for operation in OPERATIONS:
        api.add_api_route(
            operation.path,
            operation.endpoint,
            methods=[operation.method],
            response_model=operation.model,
            operation_id=operation.endpoint.__name__,
            openapi_extra=security(operation.grant),
        )
    return api


# --- what went wrong -------------------------------------------------------------------------------


async def _refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error.response()


async def _invalid(_request: Request, error: Exception) -> Response:
    """Where the request is wrong; what stood there is not told back."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem("malformed")
    told = [
        {
            "where": short(".".join(map(str, one["loc"]))),
            "message": str(one["msg"])[:LONGEST_MISTAKE],
            "code": str(one["type"]),
        }
        for one in found[:MOST_MISTAKES]
    ]
    return problem("invalid", errors=told)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return problem("not-found")


async def _busy(request: Request, error: Exception) -> Response:
    _say(request, error)
    return problem("busy", headers=LATER)


async def _broken(request: Request, error: Exception) -> Response:
    """An error of ours that no action is meant to end with: a broken template, say."""
    if isinstance(error, Conflict):
        return problem("conflict")
    _say(request, error)
    return problem("broken")


async def _unforeseen(_request: Request, _error: Exception) -> Response:
    """The Guard of the desk puts it into the log."""
    return problem("broken")


async def _of_framework(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {400: "malformed", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(error.status_code)
    return problem(code or "broken", headers=error.headers)


def _say(request: Request, error: Exception) -> None:
    house: House = request.app.state.house
    house.application().log.say(Event.DESK_FAILED, error=error)
