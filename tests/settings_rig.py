"""Settings at the desk: a café and another place without cards, an owner of both, and what a browser would send.

Fixtures are taken by name: `kept, rig, olga = settings_rig.kept, settings_rig.rig, settings_rig.olga`.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.accounts import Role
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.desk_rig import Clicks
from tests.rig import HEAD, NOON, Rig

HOUSE = HEAD.replace("sla: {enforce_from: 2d}", "sla: {enforce_from: 2d, calendar: office}").replace(
    "collapse_over: 10}",
    'collapse_over: 10, quiet_hours: "22:00-08:00", people: {anna: {email: anna@example.ru, substitute: boris}, '
    "boris: {email: boris@example.ru}}}",
)
OFFICE = """calendars:
  office: {timezone: Europe/Moscow, week: {mon-sat: ["09:00-18:00"]}}
  spare: {timezone: Europe/Moscow, week: {mon-fri: ["09:00-18:00"]}}
"""
OTHER_PLACE = """  - {id: bauman, title: На Баумана, escalation: {owner: [bauman@example.ru]}, sla: {calendar: spare}}
"""

OFFICE_PAGE = "/settings/calendars/of/office"
OFF = {"mon": ("", ""), "sat": ("", "")}
LISTS = "/settings/notifications/lists"
PERSON = "/settings/notifications/person"
MINE = "/settings/notifications/mine"


def made(folder: Path, **people: str) -> Rig:
    """`people`: name → address, besides anna and boris."""
    more = "".join(f", {name}: {{email: {email}}}" for name, email in people.items())
    head = HOUSE.replace("boris@example.ru}}", f"boris@example.ru}}{more}}}")
    return Rig(folder, World.demo(NOON), extra=OTHER_PLACE + OFFICE, head=head)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A café one pass old, on a Saturday at three in the afternoon, and another place without cards."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = made(folder)
        rig.run()
        rig.app.close()
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = made(tmp_path / "cafe")
    yield rig
    rig.app.close()


@pytest.fixture(scope="module")
def still(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clicks]:
    """An owner at a desk where nothing is ever kept."""
    folder = tmp_path_factory.mktemp("still") / "cafe"
    shutil.copytree(kept, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = made(folder)
        yield Clicks(rig, "olga", Role.OWNER)
        assert settings_of(rig) == []
        rig.app.close()


@pytest.fixture
def olga(rig: Rig) -> Clicks:
    """An owner of all places."""
    return Clicks(rig, "olga", Role.OWNER)


def mate(olga: Clicks, login: str = "boss", role: Role = Role.OWNER, *places: str) -> Clicks:
    return Clicks(olga.rig, login, role, places or None, app=olga.app)


def known_as(who: Clicks, email: str) -> None:
    """An administrator gave the account an address."""
    store = who.rig.app.store
    with store.write():
        store._db.update("account", who.account.id, {"email": email})


def fields(page: Any, form: str = "form#calendar") -> dict[str, Any]:
    """What a browser would send of a form, unchanged."""
    found: dict[str, Any] = {}
    (node,) = page.select(form)
    name = node.get("id")
    outside = page.select(f'input[form="{name}"]') if name else []
    for field in [*node.select("input, select, textarea"), *outside]:
        if field.name == "select":
            chosen = field.select("option[selected]") or field.select("option")
            value = chosen[0].get("value", "")
        elif field.name == "textarea":
            value = field.text
        elif field.get("type") == "checkbox":
            if not field.has_attr("checked"):
                continue
            value = field["value"]
        else:
            value = field.get("value", "")
        found.setdefault(field["name"], []).append(value)
    return {name: values for name, values in found.items() if name != "csrf"}


def hours(page: Any, **days: tuple[str, str]) -> dict[str, Any]:
    """The fields of a calendar with other hours on some days."""
    sent = fields(page)
    for day, (start, end) in days.items():
        sent[f"{day}-from"], sent[f"{day}-to"] = [start], [end]
    return sent


def look(who: Clicks, path: str) -> Any:
    """A page that must be there."""
    return who.soup(path)


def soup_of(answer: Any) -> Any:
    from bs4 import BeautifulSoup

    return BeautifulSoup(answer.text, "lxml")


def lists(olga: Clicks, place: str = "", **texts: str) -> Any:
    sent = fields(look(olga, f"/settings/notifications?place={place}"), 'form[action*="lists#"]')
    return olga.post(LISTS, **(sent | texts))


def settings_of(rig: Rig) -> list[tuple[str, str, object]]:
    found = rig.app.store.settings.recent(100)
    return [(one.kind, one.name, None if one.value is None else json.loads(one.value)) for one in reversed(found)]


def audit(rig: Rig) -> list[tuple[str, str, str]]:
    entries = rig.app.store.accounts.audit(100)
    return [(one.actor, one.kind, one.what) for one in entries if one.kind.startswith("setting")][::-1]


def due(rig: Rig) -> dict[int, Any]:
    return {view.ticket: view.due_at for view in rig.queue() if view.due_at is not None}
