"""What a stand-in site is: a pure function from the world and a request to a response, and its ways to fail."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from html import escape
from re import Pattern
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.standin.reviews import SiteCard, SiteReview
from monitor.standin.world import Figures, World

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is decoded, without the query; header names are lower case; `at` is when it came.

    `base_url` is the address the client used (`http://127.0.0.1:8765`): links of the pages start with it,
    so that nobody who follows one lands on the real site.
    """

    method: str
    path: str
    at: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, *, at: datetime, host: str) -> Self:
        """From a request line's target (path and query, or a whole address). `host` is what stands in the links
        unless the Host header says otherwise."""
        parts = urlsplit(target)
        return cls(
            method=method,
            path=unquote(parts.path),
            at=at,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=headers,
            body=body,
            base_url=f"http://{headers.get('host') or host}",
        )


@dataclass(frozen=True, slots=True)
class Response:
    """`delay` is how many seconds the server waits before it answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class ListPage:
    """What an HTML list page shows: `shown` of `total` reviews, on the page that the reader calls `page` of `pages`."""

    card: SiteCard
    figures: Figures
    shown: tuple[SiteReview, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Site:
    """`paths` matches the addresses that are this site's.

    `captcha` is how it stops robots, `captcha_page` what a robot ends up with. `failure` is its page for a
    status of 400 and more. `renames` is what changes markup: names that the layout is known by, and what
    replaces them.
    """

    source: str
    paths: Pattern[str]
    respond: Callable[[World, Request], Response]
    captcha: Callable[[Request], Response]
    captcha_page: Callable[[Request], Response]
    failure: Callable[[int], Response]
    renames: tuple[tuple[bytes, bytes], ...]


def conditional(request: Request, response: Response) -> Response:
    """A good answer to GET with a strong ETag, or 304 without a body where the client holds just that already.

    Tags are compared weakly (RFC 9110, 13.1.2): on its way through the server's gzip one becomes weak.
    """
    if response.status != 200 or request.method not in ("GET", "HEAD"):
        return response
    tag = f'"{sha256(response.body).hexdigest()[:32]}"'
    held = {name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")}
    if held & {tag, "*"}:
        return Response(304, {"etag": tag}, b"", response.delay)
    return replace(response, headers={**response.headers, "etag": tag})


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def json_response(value: Any, status: int = 200) -> Response:
    """Lone surrogates go out as JSON escapes, as a careless site sends them."""
    return Response(status, {"content-type": JSON}, json_text(value).encode("utf-8", "backslashreplace"))


def html_response(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Lone surrogates go out as character references: UTF-8 cannot hold them."""
    body = text.encode("utf-8", "xmlcharrefreplace")
    return Response(status, {"content-type": HTML} | dict(headers or {}), body)


def script_json(value: Any) -> str:
    """JSON that is safe inside `<script>`: no `</`, no `<!--`; lone surrogates as JSON escapes."""
    text = json_text(value).replace("<", "\\u003c")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def lines_as_html(text: str) -> str:
    """Escaped, with `<br>` for line ends."""
    return escape(text).replace("\n", "<br>")


def whole(text: str | None, default: int) -> int | None:
    """A query parameter as a number of 0 or more; None when it is none."""
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
