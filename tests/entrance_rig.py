"""What tests of getting into the desk share: pages read, links made, forms that are none of ours."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from weakref import WeakKeyDictionary

import httpx
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from monitor.assemble import Application
from monitor.desk.app import create_app
from monitor.standin.world import World
from tests.desk_rig import Browser
from tests.rig import NOON, Rig

SECRET = "a secret that is long enough to sign"
PUBLIC = 'desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET, trusted_proxy: 127.0.0.1}\n'
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NEW = "весенний гром над рекой"

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://otklik.example.ru.evil.example"},
    {"origin": "https://sub.otklik.example.ru"},
    {"origin": "https://otklik.example.ru:444"},
    {"origin": "https://evil.example", "host": "evil.example"},
    {"origin": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://otklik.example.ru", "sec-fetch-site": "cross-site"},
]


def opened(empty: Path, tmp_path: Path, extra: str = "") -> Iterator[Rig]:
    folder = tmp_path / "cafe"
    shutil.copytree(empty, folder)
    rig = Rig(folder, World.demo(NOON), extra=extra)
    yield rig
    rig.app.close()


_MADE: WeakKeyDictionary[Application, Starlette] = WeakKeyDictionary()


def somebody(rig: Rig, address: str = "127.0.0.1") -> Browser:
    """Another browser at the same desk: to make one takes longer than to ask it."""
    if rig.app not in _MADE:
        _MADE[rig.app] = create_app(rig.app)
    return Browser(rig, app=_MADE[rig.app], address=address)


def soup(answer: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "lxml")


def is_login_page(answer: httpx.Response) -> bool:
    return bool(soup(answer).select("form[action='/login'] input[type=password]"))


def complaint(answer: httpx.Response) -> str:
    return " ".join(found.get_text(" ", strip=True) for found in soup(answer).select("[role=alert]")).replace(
        "\u00a0", " "
    )


def audit(rig: Rig) -> list[tuple[str, str, str]]:
    """Newest first: who, what, about whom."""
    return [(entry.actor, entry.kind, entry.what) for entry in rig.app.store.accounts.audit(100)]


def new_link(rig: Rig, login: str | None = None) -> str:
    accounts = rig.app.store.accounts
    with rig.app.store.write():
        token = accounts.make_link(None if login is None else accounts.of(login).id, rig.clock.now())
    return f"/setup/{token}"


def fill(visitor: Browser, link: str, **fields: str) -> httpx.Response:
    return visitor.ask("POST", link, fields={"password": NEW, "again": NEW, **fields})


def read(mail: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(mail.read_bytes())


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\u00a0", " ")
