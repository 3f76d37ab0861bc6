"""`otklik user …`: letting people in, saying what they may do, shutting them out; all of it in the audit log."""

from contextlib import closing
from pathlib import Path

import pytest

from monitor.accounts import Role
from monitor.clock import SystemClock
from monitor.config import load
from monitor.standin.world import World
from monitor.store.sqlite import Store
from tests.conftest import Otklik, Result
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.rig import BASE, HEAD, NOON, Rig, places_yaml, sources_yaml

PLACES = """
  - {id: mira, title: На Мира, timezone: Europe/Moscow, listings: [{source: yandex_maps, id: "5"}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config with two places; nobody may come in yet."""
    config = HEAD + sources_yaml(BASE) + places_yaml(World.demo(NOON)).rstrip() + PLACES
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    return tmp_path


def audit(folder: Path) -> list[tuple[str, str, str]]:
    """Newest first: who, what, about whom."""
    with closing(Store.open(load(folder / "config.yaml").database)) as store:
        return [(entry.actor, entry.kind, entry.what) for entry in store.accounts.audit(100)]


def catch_up(rig: Rig) -> None:
    """To the time of commands, which run in their own."""
    rig.clock.advance(SystemClock().now() - rig.clock.now())


def token(result: Result) -> str:
    (address,) = result.out.splitlines()
    assert address.startswith("http://127.0.0.1:8766/setup/")
    return address.rpartition("/")[2]


def test_somebody_new_gets_a_link_to_set_a_password(otklik: Otklik, folder: Path) -> None:
    added = otklik("user", "add", "olga", "--name", "Ольга", "--role", "administrator", "--as", "root")
    assert added.code == 0
    assert "администратор, все точки" in added.err
    with closing(Store.open(folder / "otklik.db")) as store:
        link = store.accounts.link(token(added), NOON.replace(year=2020))
        assert link.account is not None
        assert (link.account.login, link.account.name) == ("olga", "Ольга")
    assert audit(folder) == [("root", "account added", "olga: администратор")]
    assert token(added) not in added.err


def test_the_link_opens_the_desk(otklik: Otklik, cafe: Rig) -> None:
    link = otklik("user", "add", "olga")
    anna = Browser(cafe)
    catch_up(cafe)
    answer = anna.ask("POST", f"/setup/{token(link)}", fields={"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 303
    assert anna.get("/me").status_code == 200


def test_a_password_can_come_from_a_pipe(otklik: Otklik, cafe: Rig) -> None:
    added = otklik("user", "add", "olga", "--password-stdin", stdin=f"{PASSWORD}\r\nmore\n")
    assert (added.code, added.out) == (0, "")
    assert Browser(cafe).log_in("olga").status_code == 303
    assert PASSWORD not in added.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["add", "olga", "--password-stdin"], "qwerty12345\n", "подбирают первым"),
        (["add", "olga", "--password-stdin"], "", "Введите пароль"),
        (["add", "olga", "--password-stdin"], None, "standard input is closed"),
        (["add", ""], "", "Имя не может быть пустым"),
        (["add", "olga", "--name", "a\u202eb"], "", "невидимых знаков"),
        (["add", " olga"], "", "по краям"),
        (["add", "olga", "--place", "nowhere"], "", "точки 'nowhere' нет в config.yaml; известны: lenina, mira"),
        (["add", "olga", "--email", "olga"], "", "не адрес почты"),
        (["email", "anna", "anna@"], "", "не адрес почты"),
        (["name", "anna", " "], "", "Имя не может быть пустым"),
        (["add", "olga", "--role", "boss"], "", "'boss' is not one of"),
        (["add", "olga", "--as", ""], "", "--as is empty"),
        (["places", "anna"], "", "name the places with --place"),
        (["places", "anna", "--all", "--place", "mira"], "", "name the places with --place"),
    ],
)
def test_what_cannot_be_done_is_told_and_not_done(
    otklik: Otklik, folder: Path, arguments: list[str], stdin: str | None, says: str
) -> None:
    otklik("user", "add", "anna")
    before = audit(folder)
    result = otklik("user", *arguments, stdin=stdin)
    assert result.code == 2
    assert says in result.err
    assert "qwerty" not in result.err
    assert audit(folder) == before
    assert [one["login"] for one in otklik("user", "list", "--json").objects()] == ["anna"]


@pytest.mark.parametrize("login", ["z z", "ВЕРА"])
def test_a_login_that_nobody_could_type_is_refused(otklik: Otklik, folder: Path, login: str) -> None:
    refused = otklik("user", "add", login)
    assert (refused.code, "Годятся латинские буквы" in refused.err) == (2, True)
    assert otklik("user", "list", "--json").objects() == []


def test_a_login_that_is_taken_is_said_to_be(otklik: Otklik, folder: Path) -> None:
    otklik("user", "add", "anna")
    result = otklik("user", "add", "ANNA")
    assert (result.code, result.out) == (1, "")
    assert "логин anna уже занят" in result.err


@pytest.mark.parametrize(
    "command",
    [
        ["link"],
        ["name", "Анна"],
        ["email", "anna@example.ru"],
        ["role", "lead"],
        ["places", "--all"],
        ["disable"],
        ["enable"],
        ["sessions"],
        ["revoke"],
        ["reset-totp"],
    ],
)
def test_whoever_is_not_there_is_named_with_those_who_are(otklik: Otklik, folder: Path, command: list[str]) -> None:
    otklik("user", "add", "oleg")
    result = otklik("user", command[0], "anna", *command[1:])
    assert (result.code, result.out) == (1, "")
    assert "пользователя 'anna' нет; известны: oleg" in result.err


def test_the_list_tells_what_everybody_may(otklik: Otklik, folder: Path) -> None:
    empty = otklik("user", "list")
    assert (empty.code, empty.out) == (0, "")
    assert "otklik user add" in empty.err
    otklik("user", "add", "anna", "--name", "Анна", "--place", "mira", "--email", "anna@example.ru")
    otklik("user", "add", "oleg", "--role", "owner", "--password-stdin", stdin=PASSWORD)
    otklik("user", "disable", "oleg")
    anna, oleg = otklik("user", "list").out.splitlines()
    assert anna == "anna  Анна  оператор  точки: mira  anna@example.ru  пароль ещё не задан"
    assert oleg == "oleg  oleg  владелец  все точки  выключена"
    anna_json, oleg_json = otklik("user", "list", "--json").objects()
    assert anna_json.pop("created_at")
    assert anna_json == {
        "login": "anna",
        "name": "Анна",
        "email": "anna@example.ru",
        "role": "operator",
        "places": ["mira"],
        "active": True,
        "has_password": False,
        "second_factor": False,
    }
    assert (oleg_json["places"], oleg_json["active"], oleg_json["has_password"]) == (None, False, True)


def test_a_new_link_takes_the_place_of_the_first(otklik: Otklik, folder: Path) -> None:
    first = otklik("user", "add", "anna")
    second = otklik("user", "link", "Anna")
    assert token(first) != token(second)
    assert "24 часов" in second.err
    assert audit(folder)[0] == ("anna", "link made", "anna")  # $OTKLIK_USER of the tests
    otklik("user", "disable", "anna")
    refused = otklik("user", "link", "anna")
    assert (refused.code, refused.out) == (2, "")
    assert "otklik user enable anna" in refused.err


def test_behind_a_proxy_the_link_is_the_public_one(otklik: Otklik, folder: Path) -> None:
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write('desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET}\n')
    assert otklik("user", "add", "anna").out.startswith("https://otklik.example.ru/setup/")


@pytest.mark.parametrize("command", [["add", "olga"], ["link", "anna"]])
def test_a_link_leads_to_the_port_that_is_named_and_says_what_must_run_there(
    otklik: Otklik, folder: Path, command: list[str]
) -> None:
    otklik("user", "add", "anna")
    usual = otklik("user", *command)
    assert usual.out.startswith("http://127.0.0.1:8766/setup/")
    assert "работает otklik desk." in usual.err
    command[1] = command[1] if command[0] == "link" else "vera"
    other = otklik("user", *command, "--port", "8767")
    assert other.out.startswith("http://127.0.0.1:8767/setup/")
    assert "otklik desk --port 8767" in other.err


@pytest.mark.parametrize(
    "taken_away", [["role", "anna", "lead"], ["disable", "anna"], ["places", "anna", "--place", "lenina"]]
)
def test_the_last_administrator_stays_one(otklik: Otklik, folder: Path, taken_away: list[str]) -> None:
    otklik("user", "add", "anna", "--role", "administrator")
    otklik("user", "add", "boris", "--role", "owner")
    refused = otklik("user", *taken_away)
    assert refused.code == 2
    assert "anna — единственный администратор" in refused.err
    assert "user role ЛОГИН administrator" in refused.err
    (anna, _) = otklik("user", "list", "--json").objects()
    assert (anna["role"], anna["active"]) == ("administrator", True)
    assert otklik("user", "role", "anna", "administrator").code == 0
    otklik("user", "role", "boris", "administrator")
    assert otklik("user", *taken_away).code == 0
    otklik("user", "disable", "anna")
    assert otklik("user", "disable", "boris").code == 2


def test_role_and_places_hold_from_the_next_click(otklik: Otklik, cafe: Rig) -> None:
    anna = Clicks(cafe)
    account(cafe, "root", Role.ADMINISTRATOR)
    assert anna.get("/audit").status_code == 403
    assert otklik("user", "role", "anna", "administrator").code == 0
    assert anna.get("/audit").status_code == 200
    assert otklik("user", "places", "anna", "--place", "lenina").code == 0
    assert "«Ромашка»" in anna.soup("/me").get_text()
    assert otklik("user", "places", "anna", "--all").code == 0
    assert "все точки" in anna.soup("/me").get_text()
    assert [entry.what for entry in reversed(cafe.app.store.accounts.audit(3))] == [
        "anna: оператор → администратор",
        "anna: точки: lenina",
        "anna: все точки",
    ]


def test_whoever_is_shut_out_is_out_at_once_and_can_be_let_in_again(otklik: Otklik, cafe: Rig) -> None:
    catch_up(cafe)
    anna = Clicks(cafe)
    shown = otklik("user", "sessions", "anna")
    assert "127.0.0.1  Firefox" in shown.out
    assert [one["browser"] for one in otklik("user", "sessions", "anna", "--json").objects()] == ["Firefox"]
    assert "завершён 1 сеанс" in otklik("user", "disable", "anna").err
    assert anna.get("/me").status_code == 401
    assert anna.log_in("anna").status_code == 401
    otklik("user", "enable", "anna")
    assert anna.log_in("anna").status_code == 303
    assert "завершён 1 сеанс" in otklik("user", "revoke", "anna").err
    assert anna.get("/me").status_code == 401
    assert "никто не вошёл" in otklik("user", "sessions", "anna").err
    assert "сеансов не было" in otklik("user", "revoke", "anna").err
    kinds = [entry.kind for entry in reversed(cafe.app.store.accounts.audit(100))]
    assert kinds == ["logged in", "disabled", "login failed", "enabled", "logged in", *["session revoked"] * 2]


def test_what_a_browser_says_of_itself_does_not_reach_the_terminal(otklik: Otklik, cafe: Rig) -> None:
    catch_up(cafe)
    anna = Clicks(cafe)
    with cafe.app.store.write():
        cafe.app.store.sessions.start(
            anna.account.id, cafe.clock.now(), address="192.0.2.1", browser="\x1b]0;evil\x07\nline\u202e" + "x" * 500
        )
    shown = otklik("user", "sessions", "anna").out
    assert len(shown.splitlines()) == 2
    assert not set(shown) & set("\x1b\x07\u202e")


def test_name_and_address_of_mail_can_change_and_the_login_stays(otklik: Otklik, folder: Path) -> None:
    otklik("user", "add", "anna")
    assert "anna: anna → Анна Петрова" in otklik("user", "name", "anna", "Анна Петрова").err
    assert "не указан → anna@example.ru" in otklik("user", "email", "anna", "anna@example.ru").err
    (one,) = otklik("user", "list", "--json").objects()
    assert (one["login"], one["name"], one["email"]) == ("anna", "Анна Петрова", "anna@example.ru")
    assert [kind for _, kind, _ in audit(folder)] == ["email changed", "name changed", "account added"]
    for command in (["name", "anna", "Анна Петрова"], ["email", "anna", "anna@example.ru"]):
        assert "ничего не изменилось" in otklik("user", *command).err
    assert "anna@example.ru → не указан" in otklik("user", "email", "anna", "").err
    assert len(audit(folder)) == 4


def test_a_lost_telephone_is_no_reason_to_stay_outside(otklik: Otklik, cafe: Rig) -> None:
    catch_up(cafe)
    anna, factors = Clicks(cafe), cafe.app.store.factors
    assert "ничего не изменилось" in otklik("user", "reset-totp", "anna").err
    with cafe.app.store.write():
        factors.prepare(anna.account.id, "seed", "", cafe.clock.now())
        factors.confirm(anna.account.id, "seed", 1, cafe.clock.now())
        factors.replace_codes(anna.account.id, ["code"])
    assert "с подтверждением входа" in otklik("user", "list").out
    assert otklik("user", "list", "--json").objects()[0]["second_factor"] is True
    assert Browser(cafe).log_in("anna").status_code == 200
    assert "достаточно пароля" in otklik("user", "reset-totp", "anna", "--as", "root").err
    assert Browser(cafe).log_in("anna").status_code == 303
    assert ("root", "second factor reset", "anna") in audit(cafe.folder)
