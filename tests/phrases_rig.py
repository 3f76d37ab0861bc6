"""A café whose phrases are changed at the desk, and what its forms send. A module takes the fixtures by name:
`rig = phrases_rig.rig`."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.reviews import YANDEX
from monitor.standin.world import LENINA, World
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig

ROOM = "/settings/phrases"
PRAISE = "Всё супер"
HERS = "Ирина, спасибо Вам!"
NEW = "Спасибище Вам за слова."
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)'


def world() -> World:
    made = World(NOON, LENINA)
    card = made.card(YANDEX)
    for number in range(12):
        made.add(card, text=f"{PRAISE} {'!' * number}", stars=5, author=f"Ирина {'АБВГДЕЖЗИКЛМ'[number]}.")
    return made


@pytest.fixture(scope="module")
def guests() -> Callable[[], World]:
    """What makes the sites: a module with guests of its own has a fixture of this name."""
    return world


@pytest.fixture(scope="module")
def kept(guests: Callable[[], World], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phrases")
    with mock.patch.dict(os.environ, STAND_IN_ENV):
        rig = Rig(folder, guests())
        rig.run()
        rig.app.close()
    return folder


@pytest.fixture
def rig(guests: Callable[[], World], kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    for name, value in STAND_IN_ENV.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(kept, tmp_path / "cafe")
    rig = Rig(tmp_path / "cafe", guests())
    yield rig
    rig.app.close()


@pytest.fixture
def olga(rig: Rig) -> Clicks:
    return Clicks(rig, "olga", Role.LEAD)


@pytest.fixture
def vera(rig: Rig, olga: Clicks) -> Clicks:
    return Clicks(rig, "vera", Role.OWNER, app=olga.app)


def fields(page: BeautifulSoup, form: str) -> dict[str, Any]:
    """What the form of that class or id sends by itself, but for what protects it."""
    found = page.select_one(form)
    assert found is not None, page.get_text(" ", strip=True)[:400]
    sent: dict[str, Any] = {}
    for field in found.select("input, textarea"):
        kind, name = field.get("type"), str(field.get("name"))
        if name == "csrf" or (kind in ("checkbox", "radio") and not field.has_attr("checked")):
            continue
        value = field.get_text().removeprefix("\n") if field.name == "textarea" else str(field.get("value", ""))
        sent[name] = (
            [*sent[name], value] if kind == "checkbox" and name in sent else [value] if kind == "checkbox" else value
        )
    return sent


def soup(answer: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "lxml")


def told(answer: httpx.Response) -> str:
    """What the page says."""
    main = soup(answer).select_one("main")
    assert main is not None
    return re.sub(r"\s+", " ", main.get_text(" "))


def asked(who: Clicks, book: str, name: str, number: int | None, **changes: Any) -> httpx.Response:
    """The preview of one changed row, by the form."""
    query = f"list={name}" + (f"&number={number}" if number else "")
    form = fields(who.soup(f"{ROOM}/{book}/phrase?{query}"), ".phrase-form")
    return who.post(f"{ROOM}/{book}/preview", **{**form, **changes})


def saved(who: Clicks, book: str, preview: httpx.Response, **changes: Any) -> httpx.Response:
    return who.post(f"{ROOM}/{book}/save", **{**fields(soup(preview), ".save"), **changes})


def change(who: Clicks, book: str = "thanks", name: str = "openings", number: int | None = 1, text: str = NEW) -> None:
    answer = saved(who, book, asked(who, book, name, number, text=text))
    assert answer.headers.get("location") == f"{ROOM}/{book}?done=saved", told(answer)[:500]


def stored(rig: Rig, name: str = "thanks.yaml") -> str | None:
    latest = rig.app.store.settings.latest("phrases", name)
    return None if latest is None else latest.value


def openings(rig: Rig) -> set[str]:
    """How the drafts for the café's guests go on after the greeting."""
    return {view.draft.text.partition("! ")[2] for view in rig.everything() if view.draft is not None}
