"""Fixtures of the tests about personal data, of which a module takes those it needs by name: `cafe = privacy_rig.cafe`;
and the pages about them, as a browser reads and sends them."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote_plus

import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.standin.credentials import STAND_IN_ENV
from monitor.store.accounts import Entry
from monitor.store.answers import Kept as Answer
from monitor.talk import DisputeState
from monitor.tokens import Grant
from responders.types import Fault
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import MIRA, Cafe, furnish

NAME = "Аристарх Неповторимов"
WORDS = "Кракозябру подали ледяной, официантка Ульяна хамила, после ваших шушпанчиков ребёнка рвало всю ночь."
EARLIER = "Барабулька была пересолена, ждали целый час."
FILLING = timedelta(minutes=42)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cafe")
    furnish(folder)
    return folder


@pytest.fixture
def cafe(furnished: Path, tmp_path: Path, secrets: None) -> Iterator[Cafe]:
    shutil.copytree(furnished, tmp_path / "cafe")
    made = Cafe(tmp_path / "cafe")
    yield made
    made.rig.app.close()


@pytest.fixture
def boss(cafe: Cafe) -> Clicks:
    return cafe.person("boss", Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def filled(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The café with everything that can be kept of a review; that review's number."""
    folder = tmp_path_factory.mktemp("full") / "cafe"
    shutil.copytree(furnished, folder)
    with mock.patch.dict(os.environ, STAND_IN_ENV):
        made = Cafe(folder)
        review = fill(made)
        made.rig.app.close()
    return folder, review


class Full(Cafe):
    """`review`: the number of the one."""

    review = 0


@pytest.fixture
def full(filled: tuple[Path, int], tmp_path: Path, secrets: None) -> Iterator[Full]:
    """That café, time standing still where it was left."""
    shutil.copytree(filled[0], tmp_path / "full")
    made = Full(tmp_path / "full")
    made.review = filled[1]
    made.rig.clock.advance(FILLING)
    yield made
    made.rig.app.close()


def fill(cafe: Cafe) -> int:
    """A review with everything that can be kept of one; its number."""
    rig, anna = cafe.rig, cafe.person()
    card = next(card for card in rig.world.cards() if card.source == "google_business")
    posted = rig.clock.now()
    made = rig.world.add(card, text=EARLIER, stars=1, author=NAME, posted_at=posted)
    rig.world.add(MIRA, text=WORDS, stars=1, author="А. Н.", posted_at=posted)
    rig.run(after=timedelta(minutes=20))
    rig.world.edit(card, made.external_id, text=WORDS)
    rig.run(after=timedelta(minutes=20))
    view = next(view for view in rig.everything() if view.author == NAME)
    assert view.text == WORDS
    path, ticket = f"/t/{view.ticket}", view.ticket
    anna.post(f"{path}/note", text=f"{NAME} просил сыграть по жмуркам.")
    actions = rig.app.actions("anna")
    actions.dispute(ticket, DisputeState.FILED, "не был по подковыркам")
    actions.gesture(ticket, "десерт по ватрушкам", 300)
    actions.fault(ticket, Fault.CONFIRMED, "поговорили по закорючкам")
    actions.retag(ticket, themes={"waiting": True}, note="о загогулинам")
    draft = rig.app.reports.ticket(ticket, rig.clock.now()).draft_number
    actions.edit(ticket, f"{NAME}, нам жаль, что кракозябра остыла по жмуркам.", base=draft)
    anna.post("/views", name=f"О {NAME}", query=f"q={quote_plus(NAME)}")
    store = rig.app.store
    with store.write():
        store._db.insert("saved_view", {"account_id": 1, "name": "ищу", "query": f"q={quote_plus(NAME)}"})
        token = store.tokens.add("crm", [Grant.READ, Grant.ACT], places=None, expires_at=None, by="anna", now=posted)
        number = store.tokens.known(token)
        assert number is not None
        body = json.dumps({"author": NAME, "text": WORDS}, ensure_ascii=False).encode()
        store.answers.keep(number.id, "key", Answer("0" * 64, "tag", body), ticket_id=ticket, now=rig.clock.now())
        happened = {
            "review_id": view.review,
            "ticket_id": ticket,
            "kind": "publish_failed",
            "at": "2026-11-21T12:00:00Z",
        }
        store._db.insert("event", {**happened, "actor": "anna", "why": f"Google: «{NAME}» не подходит"})
    folder = rig.folder / "samples"
    folder.mkdir(exist_ok=True)
    (folder / "otzovik-old.html").write_text(f"<p>{NAME.upper()}</p>")
    (folder / "google-old.json").write_text(json.dumps({"name": NAME}))
    (folder / "yandex-old.html").write_text(f'<a href="/user?{quote_plus(NAME)}">x</a>')
    (folder / "twogis-old.html").write_bytes(f"<p>{NAME}</p>".encode("cp1251"))
    rig.run(after=timedelta(minutes=2))
    return view.review


# --- the pages ------------------------------------------------------------------------------------------------


def page(answer: httpx.Response, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "lxml")


def find(who: Clicks, words: str, status: int = 200) -> BeautifulSoup:
    return page(who.post("/privacy/find", who=words), status)


def fields(found: BeautifulSoup, action: str = "/privacy/forget") -> dict[str, Any]:
    """What a browser sends with that form."""
    sent: dict[str, Any] = {}
    for one in found.select(f"main form[action='{action}'] input[name]"):
        if one.get("type") != "checkbox" or one.has_attr("checked"):
            sent.setdefault(str(one["name"]), []).append(str(one["value"] if one.has_attr("value") else ""))
    return sent


def boxes(found: BeautifulSoup) -> list[bool]:
    return [one.has_attr("checked") for one in found.select("input[name=review]")]


def sure(who: Clicks, found: BeautifulSoup, **more: Any) -> BeautifulSoup:
    return page(who.post("/privacy/forget", **{**fields(found), **more}))


def erase(who: Clicks, asked: BeautifulSoup, word: str = "стереть") -> httpx.Response:
    return who.post("/privacy/erase", **{**fields(asked, "/privacy/erase"), "word": word})


def audit(cafe: Cafe) -> Entry:
    return cafe.rig.app.store.accounts.audit(1)[0]


def texts(cafe: Cafe) -> list[str]:
    return [view.text for view in cafe.rig.everything()]
