"""Pages travel packed where the browser takes it, and nobody learns from their length what stands in them."""

import asyncio
import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from monitor.desk.packed import CHANCE, Packed, pack

PAGE = "<p>Ждали суп сорок минут.</p>" * 100


def asked(response: Response, accepts: str = "gzip, deflate, br") -> httpx.Response:
    async def answer(_: object) -> Response:
        return response

    app: ASGIApp = Packed(Starlette(routes=[Route("/", answer)]))

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://desk") as client:
            return await client.get("/", headers={"accept-encoding": accepts})

    return asyncio.run(go())


def test_a_page_is_packed_for_browsers_that_take_it() -> None:
    answer = asked(HTMLResponse(PAGE))
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(PAGE) / 5
    assert answer.text == PAGE


@pytest.mark.parametrize(
    ("response", "accepts"),
    [
        (HTMLResponse(PAGE), "identity"),
        (HTMLResponse("<p>Коротко.</p>"), "gzip"),
        (Response(bytes(5000), media_type="application/octet-stream"), "gzip"),
        (Response(gzip.compress(PAGE.encode()), media_type="text/html", headers={"content-encoding": "gzip"}), "gzip"),
        (Response(status_code=304), "gzip"),
    ],
)
def test_what_would_not_gain_or_is_packed_already_stays_as_it_is(response: Response, accepts: str) -> None:
    answer = asked(response, accepts)
    assert answer.headers.get("content-length", "0") == str(len(response.body))


def test_the_same_page_is_of_another_length_each_time() -> None:
    lengths = {len(pack(PAGE.encode())) for _ in range(200)}
    assert len(lengths) > CHANCE / 3
    assert all(gzip.decompress(pack(PAGE.encode())) == PAGE.encode() for _ in range(10))


def test_packing_writes_nothing_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pack(PAGE.encode())
    assert list(tmp_path.iterdir()) == []
