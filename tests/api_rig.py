"""A program at the API of a rig: its token is made for real, its requests go through the whole desk.

crm = Program(rig, may=[Grant.ACT])
crm.get("/tickets"); crm.do(12, "take"); crm.do(12, "note", {"text": "Позвонила."}, key="once")
"""

import asyncio
import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from monitor.actions.programs import Programs
from monitor.api.app import OPERATIONS
from monitor.desk.app import create_app
from monitor.tokens import Grant
from tests.desk_places import MINUTE, POISONED, opened
from tests.rig import NOON, Rig

PREFIX = "/api/v1"
PATHS = sorted({(operation.method, operation.path, operation.grant) for operation in OPERATIONS})
TWICE = "Заказывали доставку: привезли на час позже, торт помят. Менеджер обещал перезвонить и пропал."


def worse(cafe: Path, folder: Path) -> Rig:
    """The café of two places in a folder of its own: at one of them somebody was poisoned, and somebody complains on
    two of its cards in the same words."""
    shutil.copytree(cafe, folder, dirs_exist_ok=True)
    rig = opened(folder)
    world = rig.world
    world.add(world.card("yandex_maps", "11111111111"), text=POISONED, stars=1, author="Ольга П.", posted_at=NOON)
    for card in (world.card("yandex_maps"), world.card("twogis")):
        world.add(card, text=TWICE, stars=1, author="Екатерина Белова", posted_at=NOON)
    rig.run(after=2 * MINUTE)
    return rig


def token(
    rig: Rig, name: str, may: Collection[Grant], places: Collection[str] | None = None, days: int | None = None
) -> str:
    """What a program sends. `places` may be of no config."""
    known = {*rig.app.titles, *(places or ())}
    programs = Programs(store=rig.app.store, places=known, actor="anna", now=rig.clock.now())
    return programs.add(name, may, places=None if places is None else sorted(places), days=days)


class Program:
    """`secret`: what it sends, "" for nothing; made where it is not given. `app`: to share one with others."""

    _keys = count()

    def __init__(
        self,
        rig: Rig,
        name: str = "crm",
        may: Collection[Grant] = tuple(Grant),
        places: Collection[str] | None = None,
        *,
        secret: str | None = None,
        app: Starlette | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.rig = rig
        self.app = app or create_app(rig.app)
        self.secret = token(rig, name, may, places) if secret is None else secret
        self.address = address

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, whole: bool = False, **options: Any
    ) -> httpx.Response:
        """`path` stands under PREFIX unless it is `whole`."""
        sent = {"authorization": f"Bearer {self.secret}"} if self.secret else {}

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.address, 40000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8766") as client:
                address = path if whole else PREFIX + path
                return await client.request(method, address, headers={**sent, **(headers or {})}, **options)

        return asyncio.run(go())

    def get(self, path: str, **headers: str) -> httpx.Response:
        """`if_none_match="…"` is a header."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def told(self, path: str) -> dict[str, Any]:
        """What stands there, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def do(
        self,
        ticket: int,
        action: str,
        body: object = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
    ) -> httpx.Response:
        """Under a key of its own unless one is given."""
        headers = {"idempotency-key": f"key-{next(self._keys)}" if key is None else key}
        if if_match is not None:
            headers["if-match"] = if_match
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = "application/json"
        return self.ask("POST", f"/tickets/{ticket}/actions/{action}", headers=headers, content=content)


def code(answer: httpx.Response) -> str:
    """Of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"] == f"urn:otklik:problem:{told['code']}"
    return str(told["code"])


def pages(program: Program, path: str) -> Iterator[dict[str, Any]]:
    """One after another, to the end; `path` holds a query."""
    cursor = ""
    while True:
        told = program.told(path + cursor)
        yield told
        if told["next"] is None:
            return
        cursor = f"&cursor={told['next']}"


def numbers(program: Program, path: str = "/tickets?state=all&limit=200") -> list[int]:
    return [ticket["ticket"] for ticket in program.told(path)["tickets"]]


def plain(value: object) -> Any:
    """As JSON brings it back."""
    return json.loads(json.dumps(value))
