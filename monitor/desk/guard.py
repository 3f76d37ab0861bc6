"""What holds for every request: headers, a limit of size, a page for every failure, one line in the log.

The line names the page and never the address, because that may hold a token.
"""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.desk.visit import number_in
from monitor.log import Event, Log

LARGEST_BODY = 256 * 1024
"""Bytes: a reply of 20,000 characters, each of them in percent signs."""

DISCARDED = 1024 * 1024
"""Bytes that are read of a larger one all the same: most browsers hear no answer while they are still sending."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
"""Of every answer, whatever went wrong."""

OWN = ("Cache-Control", "Content-Security-Policy")
"""Those that an answer may bring itself: what never changes says so, a picture names its style sheet."""


class Guard:
    """`too_large`, `turned_away` and `failed` make the answers to what this middleware stops itself; `turned_away` None
    for whoever may come in, `failed` of what was sent."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        log: Log,
        too_large: Callable[[Scope], Response],
        turned_away: Callable[[Scope], Response | None],
        failed: Callable[[Scope, bytes], Response],
    ) -> None:
        self._app = app
        self._log = log
        self._too_large = too_large
        self._turned_away = turned_away
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"  # neither lifespan nor websockets are served
        status = 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name not in OWN or name not in headers:
                        headers[name] = value
            await send(message)

        body: bytes | None = b""
        try:
            body = await _body(scope, receive)
            app = self._turned_away(scope) or (self._too_large(scope) if body is None else self._app)
            await app(scope, _replayed(body or b"", receive), guarded)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - nobody is shown a stack trace, and the next request is served
            self._log.say(Event.DESK_FAILED, page=_page(scope), error=error)
            if not status:
                await self._failed(scope, body or b"")(scope, receive, guarded)
        self._log.say(Event.DESK_ANSWERED, method=scope["method"], page=_page(scope), status=status)


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """What came with the request; None when that is more than LARGEST_BODY. Raises ClientDisconnect when it was cut."""
    told = Headers(scope=scope).get("content-length", "0")
    if number_in(told, DISCARDED) is None:
        return None
    body, size, more = b"", 0, True
    while more and size <= DISCARDED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        body = body + part if size <= LARGEST_BODY else b""
        more = message.get("more_body", False)
    return body if size <= LARGEST_BODY else None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` with the body that has been read already."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _page(scope: Scope) -> str:
    """The name of whoever answers it."""
    return getattr(scope.get("endpoint"), "__name__", "none")
