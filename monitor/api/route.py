"""An address of the API: the token is looked at before the request is understood, so that nobody unknown learns what it
would have to say."""

from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from monitor.api.calls import House, in_thread
from monitor.api.entry import admit
from monitor.api.problems import MOST_MISTAKES, Refusal, short
from monitor.tokens import Grant

SCHEME = "token"


def security(grant: Grant) -> dict[str, Any]:
    """What an operation asks for, as the document tells it and `Guarded` checks it."""
    return {"security": [{SCHEME: [grant.value]}]}


def _check_once(request: Request) -> None:
    """Of two values of a filter one would be passed over in silence: nobody knows which was meant."""
    asked = Counter(name for name, _ in request.query_params.multi_items())
    twice = [name for name, count in asked.items() if count > 1][:MOST_MISTAKES]
    if twice:
        told = [
            {"where": short(f"query.{name}"), "message": "stands there twice", "code": "repeated"} for name in twice
        ]
        raise Refusal("invalid", errors=told)


class Guarded(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        extra = self.openapi_extra or {}
        grants = [Grant(name) for wanted in extra.get("security", ()) for name in wanted[SCHEME]]

        async def guarded(request: Request) -> Response:
            house: House = request.app.state.house
            for grant in grants:
                request.state.token = await in_thread(house.readers, partial(admit, house, request, grant))
            _check_once(request)
            return await answer(request)

        return guarded
