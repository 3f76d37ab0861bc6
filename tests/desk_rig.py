"""A browser at the desk of a rig: logged in for real, cookies and all.

anna = Clicks(rig)
anna.get("/queue"); anna.post("/ticket/1/take", follow=True); anna.soup("/me").select("h1")
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import httpx
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from monitor import passwords
from monitor.accounts import Account, Role
from monitor.desk.app import create_app
from tests.rig import Rig

PASSWORD = "осенний дождь за окном"

passwords.MEMORY, passwords.ROUNDS = 64, 1
"""Tests log in a thousand times; what a guess costs in earnest is tested by `test_accounts.py` in another process."""

_HASHED: dict[str, str] = {}


def account(
    rig: Rig,
    login: str = "anna",
    role: Role = Role.OPERATOR,
    places: Collection[str] | None = None,
    password: str = PASSWORD,
) -> Account:
    """An account with a password; one that is there already as it is."""
    accounts = rig.app.store.accounts
    if (found := accounts.find(login)) is not None:
        return found
    if password not in _HASHED:
        _HASHED[password] = passwords.hashed(password)
    with rig.app.store.write():
        made = accounts.add(login, name=login.capitalize(), role=role, places=places, now=rig.clock.now())
        accounts.set_password(made.id, _HASHED[password])
    return made


class Browser:
    """Keeps cookies and sends what a browser sends. `app`: to share one with other browsers; `address`: where it
    sits."""

    def __init__(self, rig: Rig, *, app: Starlette | None = None, address: str = "127.0.0.1") -> None:
        desk = rig.app.config.desk
        self.rig = rig
        self.app = app or create_app(rig.app)
        self.base = desk.public_url if desk is not None else "http://127.0.0.1:8766"
        self.address = address
        self.cookies = httpx.Cookies()

    def ask(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
        **options: Any,
    ) -> httpx.Response:
        """`fields`: of a form; a list for one that is sent several times. `follow`: goes where it is sent to."""
        sent = {"user-agent": "Firefox", **(headers or {})}
        if method == "POST" and headers is None:
            sent |= {"origin": self.base, "sec-fetch-site": "same-origin"}

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.address, 40000))
            async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
                answer = await client.request(
                    method, path, data=fields, headers=sent, follow_redirects=follow, **options
                )
                self.cookies = client.cookies
                return answer

        return asyncio.run(go())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def soup(self, path: str, **options: Any) -> BeautifulSoup:
        """The page, which must be there."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "lxml")

    def log_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.ask("POST", "/login", fields={"login": login, "password": password, **fields})


class Clicks(Browser):
    """Somebody who is logged in; the account is made where there is none of that login."""

    def __init__(
        self,
        rig: Rig,
        login: str = "anna",
        role: Role = Role.OPERATOR,
        places: Collection[str] | None = None,
        *,
        app: Starlette | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        super().__init__(rig, app=app, address=address)
        self.account = account(rig, login, role, places)
        answer = self.log_in(login)
        assert answer.status_code == 303, answer.text
        self._csrf: dict[str, str] = {}

    @property
    def csrf(self) -> str:
        """What the forms of this session hold."""
        session = "".join(cookie.value or "" for cookie in self.cookies.jar)
        if session not in self._csrf:
            (field, *_) = self.soup("/me").select("form input[name=csrf]")
            self._csrf[session] = str(field["value"])
        return self._csrf[session]

    def post(
        self,
        path: str,
        *,
        follow: bool = False,
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> httpx.Response:
        """A form of ours; `csrf=` sends another one."""
        return self.ask("POST", path, fields={"csrf": self.csrf} | fields, follow=follow, headers=headers)
