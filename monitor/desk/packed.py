"""Sends pages packed to browsers that take it: a queue of fifty reviews is a tenth as long then.

Whoever sees encrypted answers go by sees how long they are, and from the length of many packed answers that repeat his
own words could guess others beside them. So each is longer by a chance of its own.
"""

import gzip
import io
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WORTH_IT = 1_000
"""Bytes: less fits into one packet anyway."""

LEVEL = 5

CHANCE = 100
"""Up to so many bytes longer."""


class Packed:
    """What is sent in one piece, as all pages are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self._app(scope, receive, send)
            return
        start: Message = {}

        async def packing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start:
                message = _packed(start, message)
                await send(start)
                start = {}
            await send(message)

        await self._app(scope, receive, packing)


def _packed(start: Message, body: Message) -> Message:
    """The body to send, its headers changed to fit."""
    headers = MutableHeaders(scope=start)
    plain = body.get("body", b"")
    is_text = headers.get("content-type", "").startswith(("text/", "image/svg+xml"))
    if not is_text or body.get("more_body") or len(plain) < WORTH_IT or "content-encoding" in headers:
        return body
    packed = pack(plain)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    headers.add_vary_header("Accept-Encoding")
    return {**body, "body": packed}


def pack(plain: bytes) -> bytes:
    """Gzip, with a file name of any length in its head, which nobody reads."""
    buffer = io.BytesIO()
    name = secrets.token_hex(CHANCE)[: secrets.randbelow(CHANCE)]
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=LEVEL, fileobj=buffer, mtime=0) as file:
        file.write(plain)
    return buffer.getvalue()
