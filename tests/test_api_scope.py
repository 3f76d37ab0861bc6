"""To each program what its token is good for, at its places, and no more."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from monitor.desk.app import create_app
from monitor.standin.credentials import STAND_IN_ENV
from monitor.tokens import PERMITTED, Grant
from tests import api_fixtures
from tests.api_rig import PATHS, Program, code, numbers, token, worse
from tests.desk_places import POISONED
from tests.rig import Rig

cafe, rig, own = api_fixtures.cafe, api_fixtures.rig, api_fixtures.own
crm, lenina = api_fixtures.crm, api_fixtures.lenina


def path_of(template: str, ticket: int, review: int) -> str:
    return template.replace("{ticket}", str(ticket)).replace("{review}", str(review))


def kept(rig: Rig) -> list[object]:
    """All that is stored but for tokens, which tests make, and the log of that."""
    with closing(sqlite3.connect(rig.app.config.database)) as database:
        tables = database.execute(
            """SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
            AND name NOT IN ('token', 'token_place', 'audit')"""
        ).fetchall()
        return [(name, database.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in tables]


@dataclass
class Doors:
    """A café that programs come to: `of` each one grant or all, everywhere or at one place."""

    rig: Rig
    app: Starlette
    secrets: dict[str, str] = field(default_factory=dict)

    def program(self, name: str, *may: Grant, places: Collection[str] | None = None, address: str = "") -> Program:
        if may and name not in self.secrets:
            self.secrets[name] = token(self.rig, name, may, places)
        return Program(self.rig, secret=self.secrets.get(name, ""), app=self.app, address=address)


@pytest.fixture(scope="module")
def doors(cafe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        made = worse(cafe, tmp_path_factory.mktemp("doors"))
        yield Doors(made, create_app(made.app))
        made.app.close()


def test_every_route_of_the_api_asks_for_a_grant(crm: Program) -> None:
    """The table of operations is all there is, but for the document."""
    (mounted,) = [route.app for route in crm.app.routes if isinstance(route, Mount)]
    found = {(method, route.path) for route in mounted.routes for method in route.methods}  # type: ignore[attr-defined]
    assert found == {(method, path) for method, path, _ in PATHS} | {("GET", "/openapi.json")}


@pytest.mark.parametrize(("method", "template", "needed"), PATHS)
def test_a_token_is_good_for_what_it_was_made_for(doors: Doors, method: str, template: str, needed: Grant) -> None:
    view = doors.rig.queue()[0]
    path, before, headers = path_of(template, view.ticket, view.review), kept(doors.rig), {"idempotency-key": "1"}
    for grant in Grant:
        if PERMITTED[needed] <= PERMITTED[grant]:
            continue
        answer = doors.program(f"only-{grant}", grant).ask(method, path, headers=headers)
        assert code(answer) == "forbidden"
        assert f'scope="{needed}"' in answer.headers["www-authenticate"]
    for secret in ("", "otk_", "otk_" + "a" * 43, "otk_" + "a" * 5000, "%D1%91"):
        sent = {**headers, "authorization": f"Bearer {secret}"}
        answer = doors.program("").ask(method, path, headers=sent)
        assert code(answer) == "unauthorised"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert kept(doors.rig) == before
    answer = doors.program(f"only-{needed}", needed).ask(method, path, headers={"idempotency-key": template})
    assert answer.status_code in (200, 409, 422)


@pytest.mark.parametrize(("method", "template", "needed"), [one for one in PATHS if "{" in one[1]])
def test_what_belongs_to_another_place_is_not_there(doors: Doors, method: str, template: str, needed: Grant) -> None:
    view = next(view for view in doors.rig.queue() if view.place == "mira")
    lenina = doors.program("lenina", *Grant, places=["lenina"])
    before, headers = kept(doors.rig), {"idempotency-key": "1"}
    bodies: list[dict[str, Any]] = [{}, {"json": {}}, {"json": {"text": "x"}}, {"json": {"reason": "spam"}}]
    for options in bodies if method == "POST" else bodies[:1]:
        answer = lenina.ask(method, path_of(template, view.ticket, view.review), headers=headers, **options)
        never = lenina.ask(method, path_of(template, 10**6, 10**6), headers=headers, **options)
        assert (answer.status_code, answer.text) == (never.status_code, never.text)
        assert answer.status_code in (404, 422)
    assert kept(doors.rig) == before


def test_no_list_and_no_number_tells_of_another_place(rig: Rig, crm: Program, lenina: Program) -> None:
    of_mira = [view for view in rig.everything() if view.place == "mira"]
    assert of_mira
    assert set(numbers(lenina)) == set(numbers(crm)) - {view.ticket for view in of_mira}
    for path in (
        "/tickets?state=all&limit=200",
        "/reviews?limit=200",
        "/reviews?changed_since=0",
        "/numbers?since=30d",
    ):
        told = lenina.get(path).text
        assert "mira" not in told
        assert POISONED not in told
        assert "mira" in crm.get(path).text
    assert numbers(lenina, "/tickets?place=mira") == []
    assert code(lenina.get("/numbers?place=mira")) == "refused"
    assert "mira" not in lenina.get("/numbers?place=nowhere").text
    together, alone = crm.told("/numbers?since=30d"), lenina.told("/numbers?since=30d")
    assert alone["total"]["reviews"] == together["places"]["lenina"]["reviews"]


def test_the_same_words_elsewhere_are_told_by_number_to_those_who_see_them(own: Rig) -> None:
    """Reviews of one place are linked, and then one of the cards moves."""
    crm = Program(own)
    lenina = Program(own, "lenina", places=["lenina"], app=crm.app)
    with own.app.store.write():
        own.app.store._db.execute("UPDATE listing SET place = 'mira' WHERE place = 'lenina' AND source = 'twogis'")
    told = crm.told("/tickets?q=торт помят")["tickets"]
    (here,) = [one for one in told if one["place"] == "lenina"]
    assert all({one["ticket"], *one["same_as"]} == {other["ticket"] for other in told} for one in told)
    (seen,) = lenina.told("/tickets?q=торт помят")["tickets"]
    assert (seen["ticket"], seen["same_as"]) == (here["ticket"], [])
    assert lenina.told(f"/tickets/{here['ticket']}")["same_as"] == []
    linked = [one for one in crm.told("/reviews?limit=200")["reviews"] if one["same_as"]]
    assert len(linked) == 1
    assert not [one for one in lenina.told("/reviews?limit=200")["reviews"] if one["same_as"]]
    assert not lenina.told(f"/reviews/{here['review']}")["same_as"]
