"""Tokens: made and revoked at the desk and on the command line, kept as SHA-256 alone, looked at on every request."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts import Deed, Permission, Role, check_name
from monitor.api.entry import FREE
from monitor.clock import from_iso
from monitor.desk.app import create_app
from monitor.store.sessions import MEMORY
from monitor.store.tokens import NOTED, PREFIX
from monitor.tokens import PERMITTED, AccessToken, Grant, check_token_name
from tests import api_fixtures
from tests.api_rig import Program, code, token
from tests.conftest import Otklik
from tests.desk_places import opened
from tests.desk_rig import Browser, Clicks, account
from tests.rig import NOON, Rig

cafe, rig = api_fixtures.cafe, api_fixtures.fresh


def stored(rig: Rig) -> str:
    """Every value of every table."""
    with closing(sqlite3.connect(rig.app.config.database)) as database:
        return "\n".join(database.iterdump())


def deeds(rig: Rig) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.kind, entry.what) for entry in rig.app.store.accounts.audit(10)]


# --- what one is good for ----------------------------------------------------------------------

TOKEN = AccessToken(1, "crm", frozenset({Grant.READ}), None, NOON, "anna")


@given(
    may=st.frozensets(st.sampled_from(list(Grant)), min_size=1),
    places=st.none() | st.frozensets(st.sampled_from("ab"), min_size=1),
    permission=st.sampled_from(list(Permission)),
    place=st.none() | st.sampled_from("abc"),
)
def test_a_token_is_good_for_what_one_of_its_grants_is_and_at_its_places_alone(
    may: frozenset[Grant], places: frozenset[str] | None, permission: Permission, place: str | None
) -> None:
    made = AccessToken(1, "crm", may, places, NOON, "anna")
    expected = permission in frozenset().union(*(PERMITTED[grant] for grant in may))
    assert made.permits(permission, place) is (expected and (places is None or place is None or place in places))


def test_no_token_overrules_the_linter_gives_gifts_or_looks_after_people() -> None:
    for grant in Grant:
        assert not PERMITTED[grant] & {
            Permission.FORCE, Permission.GESTURES, Permission.ACCOUNTS, Permission.PRIVACY, Permission.AUDIT,
            Permission.OPERATE, Permission.WORDINGS, Permission.CALENDARS, Permission.SELF,
        }  # fmt: skip


@pytest.mark.parametrize("name", ["crm", "crm-2", "1c", "a.b_c", "a" * 40])
def test_a_name_is_a_short_word(name: str) -> None:
    assert check_token_name(name) == ""


@pytest.mark.parametrize("name", ["", "CRM", "срм", "-crm", "c rm", "a" * 41, "crm\n", "api:crm", "<b>"])
def test_what_could_be_taken_for_something_else_is_no_name(name: str) -> None:
    assert check_token_name(name).startswith("Имя токена")


@pytest.mark.parametrize("login", ["api:crm", "API:crm", "\uff41pi:crm"])
def test_nobody_is_called_as_a_program_is(login: str) -> None:
    assert "программ" in check_name(login)


# --- the lock ------------------------------------------------------------------------------------


def test_only_its_sha_256_is_kept(rig: Rig) -> None:
    secret = token(rig, "crm", [Grant.READ])
    assert secret.startswith(PREFIX)
    assert len(secret) > 40
    kept = stored(rig)
    assert secret not in kept
    assert secret.removeprefix(PREFIX) not in kept
    assert sha256(secret.encode()).hexdigest() in kept


def test_a_token_works_until_its_day_or_until_it_is_revoked(rig: Rig) -> None:
    short = Program(rig, secret=token(rig, "short", [Grant.READ], days=1))
    long = Program(rig, secret=token(rig, "long", [Grant.READ]), app=short.app)
    rig.clock.advance(timedelta(days=1, microseconds=-1))
    assert short.get("/tickets").status_code == 200
    rig.clock.advance(timedelta(microseconds=1))
    assert code(short.get("/tickets")) == "unauthorised"
    assert long.get("/tickets").status_code == 200
    with rig.app.store.write():
        rig.app.store.tokens.revoke(rig.app.store.tokens.named("long").id, rig.clock.now())
    assert code(long.get("/tickets")) == "unauthorised"


def test_whoever_tries_tokens_waits_and_keeps_nobody_else_out(rig: Rig) -> None:
    app = create_app(rig.app)
    good = Program(rig, app=app, address="203.0.113.5")
    guessing = Program(rig, secret="otk_" + "x" * 43, app=app, address="203.0.113.5")
    assert {guessing.get("/tickets").status_code for _ in range(FREE)} == {401}
    waits = guessing.get("/tickets")
    assert (waits.status_code, code(waits)) == (429, "too-many-attempts")
    assert 0 < int(waits.headers["retry-after"]) <= MEMORY.total_seconds()
    assert good.get("/tickets").status_code == 200
    assert Program(rig, secret="otk_y", app=app, address="203.0.113.6").get("/tickets").status_code == 401
    rig.clock.advance(MEMORY + timedelta(seconds=1))
    assert guessing.get("/tickets").status_code == 401


def test_programs_that_guess_do_not_keep_people_from_logging_in(rig: Rig) -> None:
    account(rig)
    app = create_app(rig.app)
    guessing = Program(rig, secret="otk_" + "x" * 43, app=app, address="203.0.113.5")
    for _ in range(2 * FREE):
        guessing.get("/tickets")
    assert Browser(rig, app=app, address="203.0.113.5").log_in("anna").status_code == 303


def test_without_a_token_nobody_has_tried_anything(rig: Rig) -> None:
    nobody = Program(rig, secret="", address="203.0.113.5")
    assert {nobody.get("/tickets").status_code for _ in range(FREE + 5)} == {401}


def test_its_last_use_is_noted_once_a_minute(rig: Rig) -> None:
    crm, tokens = Program(rig), rig.app.store.tokens
    seen = []
    for step in (timedelta(), NOTED / 2, NOTED / 2, timedelta(seconds=1)):
        rig.clock.advance(step)
        crm.get("/tickets")
        seen.append(tokens.named("crm").used_at)
    assert seen == [NOON, NOON, NOON + NOTED, NOON + NOTED]


def test_nothing_in_the_log_tells_a_token(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    crm = Program(rig)
    with caplog.at_level("INFO"), caplog.at_level("INFO", "otklik"):
        crm.get("/tickets")
        crm.do(1, "note", {"text": "Позвонила."})
        crm.get(f"/tickets?token={crm.secret}")
    assert "desk.answered" in caplog.text
    assert "page=list_tickets" in caplog.text
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "otklik")
    assert crm.secret not in ours
    assert "Позвонила" not in ours


# --- at the desk -----------------------------------------------------------------------------------


@pytest.fixture
def boss(rig: Rig) -> Clicks:
    return Clicks(rig, "olga", Role.ADMINISTRATOR)


def made(boss: Clicks, **fields: Any) -> str:
    """The token that the page shows."""
    usual: dict[str, Any] = {"name": "crm", "may": ["read"], "everywhere": "1", "life": "365"}
    answer = boss.post("/tokens/add", **(usual | fields))
    assert answer.status_code == 200, answer.text
    secret = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert secret.startswith(PREFIX)
    return secret


def test_an_administrator_makes_a_token_that_is_shown_once(rig: Rig, boss: Clicks) -> None:
    secret = made(boss, may=["read", "act"], everywhere="0", place=["mira"], life="30")
    crm = Program(rig, secret=secret, app=boss.app)
    assert {one["place"] for one in crm.told("/tickets?state=all")["tickets"]} == {"mira"}
    page = boss.get("/tokens")
    assert secret not in page.text
    assert "crm" in page.text
    assert "api:crm" in page.text
    assert "На Мира" in page.text
    assert deeds(rig)[0] == ("olga", Deed.TOKEN_ADDED, "crm: читать отзывы, отвечать на отзывы; mira")
    assert secret not in boss.get("/audit").text
    assert rig.app.store.tokens.named("crm").expires_at == NOON + timedelta(days=30)


def test_a_token_is_revoked_with_a_click(rig: Rig, boss: Clicks) -> None:
    crm = Program(rig, secret=made(boss), app=boss.app)
    number = rig.app.store.tokens.named("crm").id
    assert boss.post(f"/tokens/{number}/revoke").headers["location"] == "/tokens?done=revoked"
    assert code(crm.get("/tickets")) == "unauthorised"
    assert "отозван" in boss.get("/tokens").text
    assert boss.post(f"/tokens/{number}/revoke").headers["location"] == "/tokens?done=over"
    assert [deed[1] for deed in deeds(rig)[:2]] == [Deed.TOKEN_REVOKED, Deed.TOKEN_ADDED]
    assert made(boss) != crm.secret  # the name is free again


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "Мой"}, "Имя токена"),
        ({"name": "<script>"}, "Имя токена"),
        ({"may": []}, "выберите, что токену можно"),
        ({"may": ["force"]}, "токену можно разрешить"),
        ({"everywhere": "0"}, "выберите хотя бы одну точку"),
        ({"everywhere": "0", "place": ["nowhere"]}, "nowhere"),
        ({"life": "99999"}, "выберите, сколько"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    rig: Rig, boss: Clicks, fields: dict[str, Any], says: str
) -> None:
    answer = boss.post("/tokens/add", **({"name": "crm", "may": ["read"], "everywhere": "1", "life": "30"} | fields))
    assert answer.status_code == 400
    assert says.lower() in answer.text.lower()
    assert "<script>" not in answer.text
    assert 'value="30" selected' in answer.text or fields.get("life")
    assert rig.app.store.tokens.all() == []


def test_two_tokens_of_one_name_do_not_work_at_once(boss: Clicks) -> None:
    made(boss)
    answer = boss.post("/tokens/add", name="crm", may="read", everywhere="1", life="")
    assert answer.status_code == 409
    assert "crm уже есть" in answer.text


def test_an_administrator_of_one_place_gives_no_more_and_sees_no_others(rig: Rig, boss: Clicks) -> None:
    made(boss, name="shop")
    local = Clicks(rig, "ivan", Role.ADMINISTRATOR, places=["mira"], app=boss.app)
    assert "api:shop" not in local.get("/tokens").text
    number = rig.app.store.tokens.named("shop").id
    assert local.post(f"/tokens/{number}/revoke").status_code == 404
    attempts: list[dict[str, Any]] = [{"everywhere": "1"}, {"place": ["lenina"]}]
    for fields in attempts:
        assert local.post("/tokens/add", name="own", may="read", life="", **fields).status_code == 400
    assert "На Ленина" not in local.get("/tokens").text
    secret = made(local, name="own", everywhere="", place=["mira"])
    assert Program(rig, secret=secret, app=boss.app).get("/tickets").status_code == 200


# --- on the command line ---------------------------------------------------------------------------


def test_the_command_line_makes_lists_and_revokes(otklik: Otklik, rig: Rig) -> None:
    rig.app.close()
    result = otklik("token", "add", "crm", "--may", "act", "--may", "numbers", "--place", "mira", "--days", "30")
    assert result.code == 0, result.err
    secret = result.out.strip()
    assert secret.startswith(PREFIX)
    assert secret not in result.err
    (listed,) = otklik("token", "list", "--json").objects()
    assert (listed["name"], listed["may"], listed["places"]) == ("crm", ["act", "numbers"], ["mira"])
    assert listed["works"] is True
    assert listed["created_by"] == "anna"
    text = otklik("token", "list").out
    assert "crm" in text
    assert secret not in text
    assert otklik("token", "add", "crm").code == 1
    assert otklik("token", "revoke", "crm").code == 0
    assert otklik("token", "list", "--json").objects()[0]["works"] is False
    assert "crm" in otklik("token", "revoke", "crm").err
    opened_again = opened(rig.folder)
    assert [deed[1] for deed in deeds(opened_again)] == [Deed.TOKEN_REVOKED, Deed.TOKEN_ADDED]
    assert code(Program(opened_again, secret=secret).get("/tickets")) == "unauthorised"
    opened_again.app.close()


def test_on_the_command_line_as_at_the_desk_a_token_works_for_a_year_unless_it_is_said_to_have_no_end(
    otklik: Otklik, rig: Rig
) -> None:
    rig.app.close()
    assert "на 365 дней" in otklik("token", "add", "crm").err
    assert "бессрочно" in otklik("token", "add", "bot", "--days", "0").err
    tokens = {one["name"]: one for one in otklik("token", "list", "--json").objects()}
    made, end = (from_iso(tokens["crm"][name]) for name in ("created_at", "expires_at"))
    assert end - made == timedelta(days=365)
    assert tokens["bot"]["expires_at"] is None
    lines = {line.split()[0]: line for line in otklik("token", "list").out.splitlines()}
    assert "  до " in lines["crm"]
    assert "  бессрочно" in lines["bot"]


@pytest.mark.parametrize(
    "options",
    [("CRM",), ("crm", "--place", "nowhere"), ("crm", "--may", "force"), ("crm", "--days", "-1"), ("crm", "--as", "")],
)
def test_the_command_line_refuses_what_cannot_be(otklik: Otklik, rig: Rig, options: tuple[str, ...]) -> None:
    rig.app.close()
    assert otklik("token", "add", *options).code == 2
    assert "Токенов нет" in otklik("token", "list").err
