"""Every page of the desk asked as nobody and as each role, at places of theirs and at others: who gets in is written
down here once more, page by page, so that a page nobody thought about fails.

A new page needs a line in TABLE: what it asks for, and what somebody who may see it gets.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from monitor.accounts import Permission, Role
from monitor.desk.app import PAGES, create_app
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.rig import NOON, Rig

SECRET = "a secret that is long enough to sign"
PUBLIC = 'desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET}\n'

OPERATOR, LEAD, OWNER, ADMINISTRATOR = Role
MAY: Mapping[Permission, tuple[Role, ...]] = {
    Permission.SELF: (OPERATOR, LEAD, OWNER, ADMINISTRATOR),
    Permission.READ: (OPERATOR, LEAD, OWNER, ADMINISTRATOR),
    Permission.ACT: (OPERATOR, LEAD, OWNER, ADMINISTRATOR),
    Permission.ASSIGN: (LEAD, OWNER, ADMINISTRATOR),
    Permission.FORCE: (LEAD, OWNER, ADMINISTRATOR),
    Permission.OPERATE: (LEAD, OWNER, ADMINISTRATOR),
    Permission.NUMBERS: (LEAD, OWNER, ADMINISTRATOR),
    Permission.WORDINGS: (LEAD, OWNER, ADMINISTRATOR),
    Permission.GESTURES: (OWNER, ADMINISTRATOR),
    Permission.CALENDARS: (OWNER, ADMINISTRATOR),
    Permission.AUDIT: (ADMINISTRATOR,),
    Permission.ACCOUNTS: (ADMINISTRATOR,),
    Permission.PRIVACY: (ADMINISTRATOR,),
}


@dataclass(frozen=True)
class Asked:
    """What a page asks for (None: nothing), and which answers are right for whoever may come in."""

    permission: Permission | None
    right: tuple[int, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


def seen(permission: Permission, *right: int) -> Asked:
    return Asked(permission, right or (200,))


def done(permission: Permission, **fields: Any) -> Asked:
    """It was done, or what was filled in or the ticket's state stands against it."""
    return Asked(permission, (200, 303, 400, 409), fields)


def open_to_all(*right: int) -> Asked:
    return Asked(None, right)


TABLE: Mapping[str, Asked] = {
    "GET /static/{name}": open_to_all(404),  # of that name there is none
    "GET /favicon.ico": open_to_all(200),
    "GET /a/{token}": open_to_all(404),
    "POST /a/{token}": open_to_all(404),
    "GET /": open_to_all(200, 303),
    "GET /login": open_to_all(200, 303),
    "POST /login": open_to_all(401),
    "POST /login/code": open_to_all(401),
    "GET /forgot": open_to_all(200),
    "POST /forgot": open_to_all(400),
    "GET /setup/{token}": open_to_all(404),
    "POST /setup/{token}": open_to_all(404),
    "POST /logout": done(Permission.SELF),
    "GET /me": seen(Permission.SELF),
    "POST /me/password": done(Permission.SELF),
    "POST /me/revoke": done(Permission.SELF),
    "POST /me/email": done(Permission.SELF, email="me@example.ru", current=PASSWORD),
    "POST /me/second": done(Permission.SELF, current=PASSWORD),
    "POST /me/second/confirm": done(Permission.SELF, code="000000"),
    "POST /me/second/off": done(Permission.SELF, current=PASSWORD, code="000000"),
    "POST /me/second/codes": done(Permission.SELF, current=PASSWORD, code="000000"),
    "GET /people": seen(Permission.ACCOUNTS),
    "POST /people/add": done(Permission.ACCOUNTS, login="somebody", everywhere="1", role="operator"),
    "GET /people/{account:int}": seen(Permission.ACCOUNTS),
    "POST /people/{account:int}/save": done(Permission.ACCOUNTS, name="Никто", everywhere="1", role="lead"),
    "POST /people/{account:int}/disable": done(Permission.ACCOUNTS),
    "POST /people/{account:int}/enable": done(Permission.ACCOUNTS),
    "POST /people/{account:int}/link": done(Permission.ACCOUNTS),
    "POST /people/{account:int}/mail": done(Permission.ACCOUNTS),
    "POST /people/{account:int}/revoke": done(Permission.ACCOUNTS),
    "POST /people/{account:int}/reset": done(Permission.ACCOUNTS),
    "GET /audit": seen(Permission.AUDIT),
    "GET /queue": seen(Permission.READ),
    "GET /today": seen(Permission.READ),
    "GET /queue/{ticket:int}/draft": seen(Permission.READ),
    "POST /queue/{ticket:int}/take": done(Permission.ACT),
    "POST /queue/{ticket:int}/approve": done(Permission.ACT),
    "POST /queue/{ticket:int}/dismiss": done(Permission.ACT, reason="spam"),
    "POST /views": done(Permission.SELF, name="Мои"),
    "POST /views/{view:int}/delete": Asked(Permission.SELF, (303, 404)),
    "GET /t/{ticket:int}": seen(Permission.READ),
    "POST /t/{ticket:int}/lint": done(Permission.READ, text="Спасибо!"),
    "POST /t/{ticket:int}/swaps": done(Permission.READ, text="Спасибо!"),
    "POST /t/{ticket:int}/save": done(Permission.ACT, text="Спасибо!", base="1"),
    "POST /t/{ticket:int}/approve": done(Permission.ACT, text="Спасибо!", base="1"),
    "POST /t/{ticket:int}/submitted": done(Permission.ACT),
    "POST /t/{ticket:int}/draft": done(Permission.ACT),
    "POST /t/{ticket:int}/swap": done(Permission.ACT),
    "POST /t/{ticket:int}/ready": done(Permission.ACT),
    "POST /t/{ticket:int}/take": done(Permission.ACT),
    "POST /t/{ticket:int}/release": done(Permission.ACT),
    "POST /t/{ticket:int}/assign": done(Permission.ASSIGN, to="near-operator"),
    "POST /t/{ticket:int}/acknowledge": done(Permission.ACT),
    "POST /t/{ticket:int}/fault": done(Permission.ACT, fault="confirmed"),
    "POST /t/{ticket:int}/gesture": done(Permission.ACT),
    "POST /t/{ticket:int}/gesture/agree": done(Permission.ACT),
    "POST /t/{ticket:int}/gesture/decline": done(Permission.ACT),
    "POST /t/{ticket:int}/gesture/withdraw": done(Permission.ACT),
    "POST /t/{ticket:int}/note": done(Permission.ACT, text="Позвонила."),
    "POST /t/{ticket:int}/dispute": done(Permission.ACT, state="filed"),
    "POST /t/{ticket:int}/retag": done(Permission.ACT, tone="neutral"),
    "POST /t/{ticket:int}/dismiss": done(Permission.ACT, reason="spam"),
    "POST /t/{ticket:int}/reopen": done(Permission.ACT),
    "GET /t/{ticket:int}/publish": seen(Permission.ACT, 200, 303, 400, 409),
    "POST /t/{ticket:int}/publish": done(Permission.ACT),
    "GET /t/{ticket:int}/retract": seen(Permission.ACT, 200, 303, 400, 409),
    "POST /t/{ticket:int}/retract": done(Permission.ACT),
    "GET /sources": seen(Permission.READ),
    "POST /sources/{listing:int}/check": done(Permission.OPERATE),
    "GET /sources/samples/{name}": seen(Permission.OPERATE, 404),  # of that name there is none
    "GET /sources/samples/{name}/file": seen(Permission.OPERATE, 404),
    "GET /outbox": seen(Permission.OPERATE),
    "GET /outbox/{notification:int}": seen(Permission.OPERATE),
    "POST /outbox/{notification:int}/retry": done(Permission.OPERATE),
    "POST /outbox/{notification:int}/send": done(Permission.OPERATE),
    "GET /numbers": seen(Permission.NUMBERS),
    "GET /numbers/places": seen(Permission.NUMBERS),
    "GET /numbers/themes": seen(Permission.NUMBERS),
    "GET /numbers/staff": seen(Permission.NUMBERS),
    "GET /numbers/reviews": seen(Permission.NUMBERS),
    "GET /numbers/reviews.csv": seen(Permission.NUMBERS),
    "GET /numbers/reviews.xlsx": seen(Permission.NUMBERS),
    "GET /numbers/table/{name}": seen(Permission.NUMBERS, 404),  # of that name there is none
    "GET /numbers/chart/{name}.svg": seen(Permission.NUMBERS, 404),
    "GET /numbers/measures": seen(Permission.NUMBERS),
    "POST /numbers/measures": done(Permission.NUMBERS, what="Вторая касса", theme="waiting", day="2026-11-01"),
    "GET /numbers/measures/{measure:int}/{name}.svg": seen(Permission.NUMBERS, 404),  # of that name there is none
    "POST /numbers/measures/{measure:int}/withdraw": Asked(Permission.NUMBERS, (303, 403, 404)),
    "GET /settings/phrases": seen(Permission.WORDINGS),
    "GET /settings/phrases/{book}": seen(Permission.WORDINGS, 404),  # of that name there is none
    "GET /settings/phrases/{book}/phrase": seen(Permission.WORDINGS, 404),
    "GET /settings/phrases/{book}/text": seen(Permission.WORDINGS, 404),
    "GET /settings/phrases/{book}/history": seen(Permission.WORDINGS, 404),
    "POST /settings/phrases/{book}/preview": Asked(Permission.WORDINGS, (404,), {"kind": "text"}),
    "POST /settings/phrases/{book}/save": Asked(Permission.WORDINGS, (404,), {"text": "openings: []"}),
    "GET /privacy": seen(Permission.PRIVACY),
    "POST /privacy/find": Asked(Permission.PRIVACY, (404,), {"who": "Никто Никогда"}),
    "POST /privacy/export": done(Permission.PRIVACY),
    "POST /privacy/forget": done(Permission.PRIVACY, review="1"),
    "POST /privacy/erase": done(Permission.PRIVACY, review="1"),
    "POST /privacy/fold": done(Permission.PRIVACY),
    "GET /t/{ticket:int}/forget": seen(Permission.PRIVACY),
    "GET /tokens": seen(Permission.ACCOUNTS),
    "POST /tokens/add": done(Permission.ACCOUNTS, name="crm", may="read", place="lenina", life="30"),
    "POST /tokens/{token:int}/revoke": Asked(Permission.ACCOUNTS, (303, 404)),
    "GET /api": open_to_all(200),
    "GET /settings": seen(Permission.SELF),
    "GET /settings/calendars": seen(Permission.CALENDARS),
    "POST /settings/calendars/promises": done(Permission.CALENDARS, place="lenina", negative="office"),
    "GET /settings/calendars/new": seen(Permission.CALENDARS, 400),  # not for those who see a single place
    "POST /settings/calendars/new": done(Permission.CALENDARS, name="night"),
    "GET /settings/calendars/of/{name}": seen(Permission.CALENDARS, 404),
    "POST /settings/calendars/of/{name}": done(Permission.CALENDARS),
    "POST /settings/calendars/of/{name}/undo": done(Permission.CALENDARS),
    "POST /settings/calendars/of/{name}/drop": done(Permission.CALENDARS),
    "GET /settings/calendars/week.svg": seen(Permission.CALENDARS, 404),  # which week, the address does not say
    "GET /settings/notifications": seen(Permission.CALENDARS),
    "POST /settings/notifications/lists": done(Permission.CALENDARS, place="lenina", owner="me@example.ru"),
    "POST /settings/notifications/lists/undo": Asked(
        Permission.CALENDARS, (303, 404), {"place": "lenina", "role": "lead"}
    ),
    "GET /settings/notifications/mine": seen(Permission.SELF),
    "POST /settings/notifications/mine": done(Permission.SELF),
    "GET /settings/notifications/person": seen(Permission.CALENDARS, 400),
    "POST /settings/notifications/person": done(Permission.CALENDARS, name="vera", email="vera@example.ru"),
    "POST /settings/notifications/person/undo": done(Permission.CALENDARS),
    "POST /settings/notifications/person/drop": done(Permission.CALENDARS),
}

GUARDED = [key for key, asked in TABLE.items() if asked.permission is not None]
POSTED = [key for key in GUARDED if key.startswith("POST")]
READ = [key for key in GUARDED if key.startswith("GET")]


@dataclass
class House:
    """A café one pass old, and everybody who works there. `numbers`: what stands in an address for a ticket of its
    place, a card, a mail. `near` sees that place, `far` another one; `doers` work there too, and nothing else is tried
    with their sessions."""

    rig: Rig
    numbers: Mapping[str, int]
    nobody: Browser
    near: dict[Role, Clicks]
    far: dict[Role, Clicks]
    doers: dict[Role, Clicks]

    def path(self, key: str, **numbers: int) -> str:
        """The address to ask, with the numbers of this house unless others are given."""
        path = key.partition(" ")[2]
        for name, number in {**self.numbers, **numbers}.items():
            path = path.replace(f"{{{name}:int}}", str(number))
        return re.sub(r"{\w+}", "x" * 43, path)

    def ask(self, who: Browser, key: str) -> httpx.Response:
        """As a browser would that has the page before it."""
        method, path = key.partition(" ")[0], self.path(key)
        if method == "POST" and isinstance(who, Clicks):
            return who.post(path, **TABLE[key].fields)
        return who.ask(method, path, fields=TABLE[key].fields if method == "POST" else None)

    def content(self) -> list[object]:
        """All that is stored; time stands still, so looking writes nothing."""
        with closing(sqlite3.connect(self.rig.app.config.database)) as database:
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            )
            return [(name, database.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in tables.fetchall()]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**STAND_IN_ENV, "DESK_SECRET": SECRET}.items():
            patch.setenv(name, value)
        rig = Rig(tmp_path_factory.mktemp("access"), World.demo(NOON), extra=PUBLIC)
        rig.run()
        app = create_app(rig.app)
        (place,) = rig.app.titles

        def clicks(kind: str, *places: str) -> dict[Role, Clicks]:
            return {role: Clicks(rig, f"{kind}-{role}", role, places, app=app) for role in Role}

        yield House(
            rig,
            {**numbers(rig), "account": account(rig, "somebody-here", places=[place]).id},
            Browser(rig, app=app),
            near=clicks("near", place),
            far=clicks("far", "elsewhere"),
            doers=clicks("doer", place),
        )
        rig.app.close()


def numbers(rig: Rig) -> Mapping[str, int]:
    """Of a ticket that is late, of its card, of a mail about it."""
    with closing(sqlite3.connect(rig.app.config.database)) as database:
        found = database.execute(
            """SELECT t.id, r.listing_id, n.notification_id FROM ticket t JOIN review r ON r.id = t.review_id
            JOIN notification_ticket n ON n.ticket_id = t.id WHERE t.due_at IS NOT NULL ORDER BY t.due_at LIMIT 1"""
        ).fetchone()
    return dict(zip(("ticket", "listing", "notification", "view", "measure", "token"), (*found, 1, 1, 1), strict=True))


def is_of_a_place(key: str) -> bool:
    """Whether the address names something that belongs to one."""
    return any(f"{{{name}:int}}" in key for name in ("ticket", "listing", "notification", "account"))


# --- the table ---------------------------------------------------------------------------------


def test_every_page_has_its_line_here_and_asks_for_what_stands_there() -> None:
    declared = {f"{method} {page.path}": page.permission for page in PAGES for method in page.methods}
    assert declared == {key: asked.permission for key, asked in TABLE.items()}


# --- who gets in -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", GUARDED)
def test_nobody_unknown_gets_in(house: House, key: str) -> None:
    before = house.content()
    answer = house.ask(house.nobody, key)
    assert answer.status_code == 401
    assert 'type="password"' in answer.text
    assert house.content() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", GUARDED)
def test_a_role_gets_in_where_it_may_and_nowhere_else(house: House, key: str, role: Role) -> None:
    asked = TABLE[key]
    assert asked.permission is not None
    if role in MAY[asked.permission]:
        assert house.ask(house.doers[role], key).status_code in asked.right
        if key.startswith("POST"):
            house.doers[role].log_in(house.doers[role].account.login)
        return
    before = house.content()
    assert house.ask(house.near[role], key).status_code == 403
    assert house.content() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", [key for key in GUARDED if is_of_a_place(key)])
def test_a_ticket_a_card_a_mail_of_another_place_is_not_there(house: House, key: str, role: Role) -> None:
    """Whatever the role may do there: it looks as if the number had never been given out."""
    asked = TABLE[key]
    assert asked.permission is not None
    before, who = house.content(), house.far[role]
    answer = house.ask(who, key)
    never = who.ask(
        key.partition(" ")[0],
        house.path(key, ticket=10**6, listing=10**6, notification=10**6, account=10**6),
        fields={"csrf": who.csrf, **asked.fields} if key in POSTED else None,
    )
    assert answer.status_code == (404 if "{ticket" in key or role in MAY[asked.permission] else 403)
    assert (answer.status_code, answer.text) == (never.status_code, never.text)
    assert house.content() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", READ)
def test_no_list_tells_of_another_place(house: House, key: str, role: Role) -> None:
    view = house.rig.app.reports.ticket(house.numbers["ticket"], house.rig.clock.now())
    answer = house.ask(house.far[role], key)
    for told in (view.text[:30], view.author, view.place_title):
        assert not told or told not in answer.text


@pytest.mark.parametrize("key", [key for key, asked in TABLE.items() if asked.permission is None])
def test_what_is_open_to_all_gives_all_the_same(house: House, key: str) -> None:
    for who in (house.nobody, *house.far.values()):
        assert house.ask(who, key).status_code in TABLE[key].right


@pytest.mark.parametrize("path", sorted({page.path for page in PAGES}))
def test_no_page_answers_a_method_it_was_not_made_for(house: House, path: str) -> None:
    before, boss = house.content(), house.near[ADMINISTRATOR]
    known = {method for page in PAGES if page.path == path for method in page.methods}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - known:
        assert boss.ask(method, house.path(f"{method} {path}")).status_code == 405
    assert house.content() == before


# --- forms that are none of ours ---------------------------------------------------------------


@pytest.mark.parametrize("key", POSTED)
def test_a_form_without_the_right_csrf_does_nothing(house: House, key: str) -> None:
    before, boss = house.content(), house.near[ADMINISTRATOR]
    for csrf in ("", "wrong", boss.csrf[:-1], boss.csrf.upper(), house.near[OWNER].csrf, "é"):
        answer = boss.ask("POST", house.path(key), fields={**TABLE[key].fields, "csrf": csrf, "text": "мои слова"})
        assert answer.status_code == 403
        assert "мои слова" in answer.text
    missing = boss.ask("POST", house.path(key), fields=TABLE[key].fields)
    assert missing.status_code == 403
    assert house.content() == before


@pytest.mark.parametrize("key", POSTED)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://evil.example", "host": "evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://sub.otklik.example.ru"},
    ],
    ids=str,
)
def test_a_form_that_another_site_sends_does_nothing(house: House, key: str, headers: dict[str, str]) -> None:
    before, boss = house.content(), house.near[ADMINISTRATOR]
    fields = {**TABLE[key].fields, "csrf": boss.csrf}
    assert boss.ask("POST", house.path(key), fields=fields, headers=headers).status_code == 403
    assert house.content() == before


@pytest.mark.parametrize("key", POSTED)
def test_a_form_in_another_encoding_is_none(house: House, key: str) -> None:
    """A page of another site could send text/plain that reads like a form."""
    before, boss = house.content(), house.near[ADMINISTRATOR]
    answer = boss.ask(
        "POST", house.path(key), content=f"csrf={boss.csrf}".encode(), headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 403
    assert house.content() == before


@pytest.mark.parametrize("key", READ)
def test_no_address_is_built_from_the_host_that_a_request_names(house: House, key: str) -> None:
    answer = house.near[ADMINISTRATOR].ask("GET", house.path(key), headers={"host": "evil.example"})
    assert "evil.example" not in answer.text + str(answer.headers)
