"""Accounts at the desk: who there is, letting people in, changing what they may do, shutting them out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from monitor.accounts import Role
from monitor.alerts import AlertKind
from monitor.desk.app import create_app
from monitor.store.notifications import Sending
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.entrance_rig import NEW, PUBLIC, SECRET, audit, complaint, fill, opened, read, soup, words
from tests.rig import NOON, Rig

pytest_plugins = ["tests.entrance_fixtures"]

MIRA = """
  - {id: mira, title: На Мира, timezone: Europe/Moscow, listings: [{source: yandex_maps, id: "5"}]}
"""
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def house(empty: Path, tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Two places, behind a proxy with TLS."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    yield from opened(empty, tmp_path, MIRA.lstrip("\n") + PUBLIC)


@pytest.fixture
def app(house: Rig) -> Starlette:
    return create_app(house.app)


@pytest.fixture
def boss(house: Rig, app: Starlette) -> Clicks:
    return Clicks(house, "boss", Role.ADMINISTRATOR, app=app)


def add(boss: Clicks, login: str = "anna", **fields: Any) -> httpx.Response:
    usual: dict[str, Any] = {
        "login": login,
        "name": "Анна",
        "email": "anna@example.ru",
        "role": "operator",
        "everywhere": "1",
    }
    return boss.post("/people/add", **{**usual, **fields})


def link(answer: httpx.Response) -> str:
    assert answer.status_code == 200, complaint(answer)
    (code,) = soup(answer).select(".handed code")
    return "/setup/" + code.get_text().rpartition("/setup/")[2]


def number(rig: Rig, login: str = "anna") -> int:
    return rig.app.store.accounts.of(login).id


def save(boss: Clicks, login: str = "anna", **fields: Any) -> httpx.Response:
    """What the form holds but for these fields."""
    page = boss.soup(f"/people/{number(boss.rig, login)}")
    (form,) = page.select("form[action$='/save']")
    filled: dict[str, Any] = {str(one["name"]): one.get("value", "") for one in form.select("input[type=hidden]")}
    filled |= {str(one["name"]): one.get("value", "") for one in form.select("p > input")}
    filled["role"] = form.select("option[selected]")[0]["value"]
    filled |= {str(one["name"]): one["value"] for one in form.select("input[type=radio][checked]")}
    filled["place"] = [one["value"] for one in form.select("input[type=checkbox][checked]")]
    return boss.post(f"/people/{number(boss.rig, login)}/save", **{**filled, **fields})


# --- letting people in -------------------------------------------------------------------------


def test_somebody_new_gets_a_link_that_lets_them_in(house: Rig, boss: Clicks, app: Starlette) -> None:
    answer = add(boss, "anna", role="lead", everywhere="0", place=["mira"])
    anna = Browser(house, app=app)
    assert fill(anna, link(answer)).status_code == 303
    made = house.app.store.accounts.of("anna")
    assert (made.name, made.email, made.role, made.places) == (
        "Анна",
        "anna@example.ru",
        Role.LEAD,
        frozenset({"mira"}),
    )
    assert anna.get("/me").status_code == 200
    assert ("boss", "account added", "anna: старший смены") in audit(house)
    assert link(answer).rpartition("/")[2] not in boss.get("/people").text


def handed(answer: httpx.Response) -> str:
    (code,) = soup(answer).select(".handed code")
    return code.get_text()


def test_the_link_is_a_whole_address_to_copy(boss: Clicks) -> None:
    answer = add(boss)
    assert handed(answer) == f"https://otklik.example.ru{link(answer)}"
    (button,) = soup(answer).select("button[data-copies]")
    (copied,) = soup(answer).select(f"#{button['data-copies']}")
    assert copied.get_text() == handed(answer)
    assert "только на этом компьютере" not in answer.text


def test_without_a_public_address_it_is_the_one_that_the_browser_asked_on_this_machine_alone(
    empty: Path, tmp_path: Path, secrets: None
) -> None:
    for rig in opened(empty, tmp_path, ""):
        boss = Clicks(rig, "boss", Role.ADMINISTRATOR)
        here = add(boss)
        assert handed(here) == f"http://127.0.0.1:8766{link(here)}"
        assert "только на этом компьютере" in here.text
        fields = {"login": "vera", "role": "operator", "everywhere": "1", "csrf": boss.csrf}
        stranger = boss.ask("POST", "/people/add", fields=fields, headers={"host": "evil.example"})
        assert handed(stranger) == link(stranger)
        assert "evil.example" not in stranger.text


@pytest.mark.parametrize("login", ["z z", "ВЕРА", "верa", "1anna", ".anna", "anna@example.ru", "an/na", "ａnna"])
def test_a_login_is_made_of_plain_letters(house: Rig, boss: Clicks, login: str) -> None:
    answer = add(boss, login)
    assert answer.status_code == 400
    assert "Логин не подходит. Годятся латинские буквы" in complaint(answer)
    (field,) = soup(answer).select("#login")
    assert field["value"] == login
    assert house.app.store.accounts.find(login) is None


def test_an_older_login_goes_on_working_and_capitals_make_no_other_one(house: Rig, boss: Clicks) -> None:
    account(house, "вера п.")
    assert Clicks(house, "вера п.").get("/me").status_code == 200
    assert save(boss, "вера п.", name="Вера").status_code == 303
    assert add(boss, "Anna.P-1_2").status_code == 200
    assert "уже занят" in complaint(add(boss, "anna.p-1_2"))


def test_the_link_that_was_shown_can_go_by_mail_and_is_the_same(house: Rig, boss: Clicks, app: Starlette) -> None:
    shown = link(add(boss))
    answer = boss.post(f"/people/{number(house)}/mail", follow=True)
    assert "уйдёт в ближайший проход, обычно в течение нескольких минут" in answer.text
    house.app.notify().run()
    (mail,) = house.mails()
    assert shown.rpartition("/")[2] in words(read(mail))
    assert "Логин: anna." in words(read(mail))
    assert ("boss", "link mailed", "anna: anna@example.ru") in audit(house)
    twice = boss.post(f"/people/{number(house)}/mail")
    assert (twice.status_code, "уже есть в разделе" in complaint(twice)) == (409, True)
    assert fill(Browser(house, app=app), shown).status_code == 303


def test_a_link_by_mail_is_new_where_none_is_out(house: Rig, boss: Clicks, app: Starlette) -> None:
    account(house)
    house.app.people("root").set_email("anna", "anna@example.ru")
    house.app.notify().run()
    boss.post(f"/people/{number(house)}/mail")
    house.app.notify().run()
    found = [re.findall(r"/setup/[\w-]{43}", words(read(mail))) for mail in house.mails()]
    (address,) = {one for mail in found for one in mail}
    assert fill(Browser(house, app=app), address).status_code == 303


def test_a_mailed_link_dies_when_the_address_was_wrong(house: Rig, boss: Clicks, app: Starlette) -> None:
    shown = link(add(boss, email="wrong@example.ru"))
    boss.post(f"/people/{number(house)}/mail")
    house.app.notify().run()
    assert save(boss, email="anna@example.ru").status_code == 303
    assert fill(Browser(house, app=app), shown).status_code == 404


def test_without_an_address_no_mail_is_offered(house: Rig, boss: Clicks) -> None:
    answer = add(boss, email="")
    assert not soup(answer).select("form[action$='/mail']")
    assert boss.post(f"/people/{number(house)}/mail").status_code == 400


def test_at_a_desk_of_this_machine_a_link_is_handed_over_and_no_mail_is_offered(rig: Rig) -> None:
    boss = Clicks(rig, "boss", Role.ADMINISTRATOR)
    answer = add(boss)
    assert not soup(answer).select("form[action$='/mail']")
    assert boss.post(f"/people/{number(rig)}/mail").status_code == 400
    assert fill(Browser(rig), link(answer)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"login": ""}, 400, "не может быть пустым"),
        ({"login": "BOSS"}, 409, "логин boss уже занят"),
        ({"login": "a\u202eb"}, 400, "невидимых знаков"),
        ({"name": "x" * 101}, 400, "длиннее 100"),
        ({"email": "anna"}, 400, "не адрес почты"),
        ({"email": "a@example.ru\r\nBcc: b@example.ru"}, 400, "не адрес почты"),
        ({"role": "boss"}, 400, "Выберите роль"),
        ({"everywhere": "0"}, 400, "Выберите хотя бы одну точку"),
        ({"everywhere": "0", "place": ["nowhere"]}, 400, "точки 'nowhere' нет"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_filled_in_is_still_there(
    house: Rig, boss: Clicks, fields: dict[str, Any], status: int, says: str
) -> None:
    before = house.app.store.accounts.all()
    answer = add(boss, **{"name": "Анна Петрова", **fields})
    assert (answer.status_code, says.lower() in complaint(answer).lower()) == (status, True)
    if "name" not in fields:
        assert soup(answer).select("input[name=name]")[0]["value"] == "Анна Петрова"
    assert house.app.store.accounts.all() == before
    assert [entry for entry in audit(house) if entry[1] == "account added"] == []


# --- who there is ------------------------------------------------------------------------------


def test_the_list_tells_of_everybody_what_matters(house: Rig, boss: Clicks) -> None:
    add(boss, "anna", everywhere="0", place=["mira"])
    account(house, "oleg", Role.OWNER)
    boss.post(f"/people/{number(house, 'oleg')}/disable")
    rows = {row.select("td")[1].get_text(): row for row in boss.soup("/people").select("tbody tr")}
    told = {login: row.get_text(" ", strip=True).replace("\u00a0", " ") for login, row in rows.items()}
    assert list(told) == ["anna", "boss", "oleg"]
    for login, named in {
        "anna": ("Анна", "anna@example.ru", "оператор", "На Мира", "пароль ещё не задан", "входов не было"),
        "boss": ("администратор", "все", "по паролю", "сегодня в 15:00"),
        "oleg": ("владелец", "выключена"),
    }.items():
        for word in named:
            assert word in told[login]
    titles = [cell["data-label"] for cell in rows["anna"].select("td")]
    assert titles == ["Кто", "Логин", "Почта", "Роль", "Точки", "Вход", "Последний раз"]


def test_a_name_is_shown_and_never_obeyed(house: Rig, boss: Clicks) -> None:
    add(boss, "anna", name=HOSTILE)
    for path in ("/people", f"/people/{number(house)}"):
        page = boss.soup(path)
        assert not page.select("main script, main img")
        assert HOSTILE in page.get_text()


@pytest.mark.parametrize("path", ["/people/999999", "/people/" + "9" * 19, "/people/0", "/people/x"])
def test_an_account_that_is_not_there_is_a_page_that_is_not_there(boss: Clicks, path: str) -> None:
    assert boss.get(path).status_code == 404


# --- changing ----------------------------------------------------------------------------------


def test_name_address_role_and_places_are_changed_at_once_and_told_in_the_audit_log(
    house: Rig, boss: Clicks, app: Starlette
) -> None:
    anna = Clicks(house, app=app)
    answer = save(
        boss, name="Анна Петрова", email="a@example.ru", role="lead", everywhere="0", place=["lenina", "mira"]
    )
    assert answer.headers["location"].endswith("?done=saved")
    made = house.app.store.accounts.of("anna")
    assert (made.name, made.email, made.role, made.places) == (
        "Анна Петрова",
        "a@example.ru",
        Role.LEAD,
        frozenset({"lenina", "mira"}),
    )
    assert [what for _, kind, what in audit(house)[:4]] == [
        "anna: точки: lenina, mira",
        "anna: оператор → старший смены",
        "anna: не указан → a@example.ru",
        "anna: Anna → Анна Петрова",
    ]
    assert "старший смены" in anna.get("/me").text
    assert save(boss).headers["location"].endswith("?done=same")
    (told,) = [one for one in house.app.store.notifications.page(10) if one.kind is AlertKind.ACCOUNT]
    assert (told.level, told.recipient, told.state) == ("email", "a@example.ru", Sending.PENDING)


def test_hundreds_of_places_can_be_chosen(house: Rig, boss: Clicks) -> None:
    add(boss)
    answer = save(boss, everywhere="0", place=["mira", *(f"place-{number}" for number in range(500))])
    refused = (answer.status_code, "place-0" in complaint(answer))
    assert refused == (400, True), "they were read, and there are none such"


def test_what_is_wrong_in_one_field_changes_none(house: Rig, boss: Clicks) -> None:
    account(house)
    before = house.app.store.accounts.of("anna"), audit(house)
    answer = save(boss, name="Другое имя", email="nobody")
    assert (answer.status_code, "не адрес почты" in complaint(answer)) == (400, True)
    assert soup(answer).select("input[name=name]")[0]["value"] == "Другое имя"
    assert (house.app.store.accounts.of("anna"), audit(house)) == before


def test_two_who_change_the_same_account_do_not_undo_one_another(house: Rig, boss: Clicks, app: Starlette) -> None:
    account(house)
    other = Clicks(house, "olga", Role.ADMINISTRATOR, app=app)
    page = boss.soup(f"/people/{number(house)}")
    mark = page.select("input[name=mark]")[0]["value"]
    assert save(other, role="owner").status_code == 303
    late = boss.post(f"/people/{number(house)}/save", mark=mark, name="Анна", role="operator", everywhere="1")
    assert (late.status_code, "изменили" in complaint(late)) == (409, True)
    assert house.app.store.accounts.of("anna").role is Role.OWNER
    mark = soup(late).select("input[name=mark]")[0]["value"]
    again = boss.post(f"/people/{number(house)}/save", mark=mark, name="Анна", role="operator", everywhere="1")
    assert again.status_code == 303


@pytest.mark.parametrize("act", ["disable", "save"])
def test_the_last_administrator_stays_one(house: Rig, boss: Clicks, act: str) -> None:
    def take_away() -> httpx.Response:
        return save(boss, "boss", role="owner") if act == "save" else boss.post(f"/people/{boss.account.id}/disable")

    refused = take_away()
    assert (refused.status_code, "единственный администратор" in complaint(refused)) == (400, True)
    assert "otklik" not in complaint(refused)
    assert boss.get("/people").status_code == 200
    account(house, "olga", Role.ADMINISTRATOR)
    assert take_away().status_code == 303
    assert boss.get("/people").status_code in (401, 403)


@pytest.mark.parametrize("act", ["disable", "role", "places"])
def test_the_last_administrator_of_all_places_stays_one(house: Rig, boss: Clicks, app: Starlette, act: str) -> None:
    """An administrator of one place could not look after the people of the others."""

    def take_away() -> httpx.Response:
        if act == "disable":
            return boss.post(f"/people/{boss.account.id}/disable")
        changed: dict[str, Any] = {"role": "owner"} if act == "role" else {"everywhere": "0", "place": ["mira"]}
        return save(boss, "boss", **changed)

    account(house, "local", Role.ADMINISTRATOR, ["mira"])
    refused = take_away()
    assert (refused.status_code, "единственный администратор всех точек" in complaint(refused)) == (400, True)
    assert house.app.store.accounts.of("boss").places is None
    account(house, "olga", Role.ADMINISTRATOR)
    assert take_away().status_code == 303


def test_whoever_is_shut_out_is_out_at_once_and_can_be_let_in_again(house: Rig, boss: Clicks, app: Starlette) -> None:
    anna = Clicks(house, app=app)
    handed = link(boss.post(f"/people/{anna.account.id}/link"))
    assert "выключена, сеансы завершены" in boss.post(f"/people/{anna.account.id}/disable", follow=True).text
    assert anna.get("/me").status_code == 401
    assert anna.log_in("anna").status_code == 401
    refused = boss.post(f"/people/{anna.account.id}/link")
    assert (refused.status_code, "выключена" in complaint(refused)) == (400, True)
    boss.post(f"/people/{anna.account.id}/enable")
    assert fill(Browser(house, app=app), handed).status_code == 404
    assert anna.log_in("anna").status_code == 303


def test_a_new_link_takes_the_place_of_the_first(house: Rig, boss: Clicks, app: Starlette) -> None:
    first = link(add(boss))
    second = link(boss.post(f"/people/{number(house)}/link"))
    assert fill(Browser(house, app=app), first).status_code == 404
    assert fill(Browser(house, app=app), second).status_code == 303
    assert ("boss", "link made", "anna") in audit(house)


def test_sessions_are_ended_one_by_one_or_all(house: Rig, boss: Clicks, app: Starlette) -> None:
    anna, phone, laptop = (Clicks(house, app=app) for _ in range(3))
    keys = [str(field["value"]) for field in boss.soup(f"/people/{number(house)}").select("input[name=session]")]
    assert len(keys) == 3
    boss.post(f"/people/{number(house)}/revoke", session=keys[0])
    assert sorted(each.get("/me").status_code for each in (anna, phone, laptop)) == [200, 200, 401]
    boss.post(f"/people/{number(house)}/revoke")
    assert [each.get("/me").status_code for each in (anna, phone, laptop, boss)] == [401, 401, 401, 200]


def test_a_session_of_another_account_is_not_ended_by_the_way(house: Rig, boss: Clicks, app: Starlette) -> None:
    Clicks(house, app=app)
    oleg = Clicks(house, "oleg", app=app)
    (session,) = house.app.store.sessions.of_account(oleg.account.id, NOON)
    answer = boss.post(f"/people/{number(house)}/revoke", session=session.key, follow=True)
    assert "Сеанса уже не было." in answer.text
    assert oleg.get("/me").status_code == 200


# --- an administrator of few places ------------------------------------------------------------


@pytest.fixture
def local(house: Rig, app: Starlette) -> Clicks:
    return Clicks(house, "local", Role.ADMINISTRATOR, ["mira"], app=app)


def test_whoever_has_few_places_gives_nobody_more(house: Rig, local: Clicks) -> None:
    assert add(local, everywhere="1").status_code == 400
    assert add(local, everywhere="0", place=["mira", "lenina"]).status_code == 400
    assert add(local, everywhere="0", place=["mira"]).status_code == 200
    assert save(local, everywhere="1").status_code == 400
    assert save(local, "local", everywhere="0", place=["lenina", "mira"]).status_code == 400
    assert "lenina" not in local.get("/people").text


@pytest.mark.parametrize("act", ["save", "disable", "enable", "link", "mail", "revoke", "reset"])
def test_whoever_has_few_places_does_nothing_to_those_who_have_more(
    house: Rig, boss: Clicks, local: Clicks, act: str
) -> None:
    lenina = account(house, "lenina", Role.OPERATOR, ["mira", "lenina"])
    before = audit(house)
    for one in (lenina, boss.account):
        assert local.get(f"/people/{one.id}").status_code == 404
        assert local.post(f"/people/{one.id}/{act}", name="x", role="operator", everywhere="0").status_code == 404
    assert boss.account.login not in [cell.get_text() for cell in local.soup("/people").select("tbody td")]
    assert audit(house) == before


def test_whoever_has_few_places_reads_in_the_audit_log_of_those_who_have_no_others(
    house: Rig, boss: Clicks, local: Clicks, app: Starlette
) -> None:
    add(boss, "olga", email="olga@example.ru")
    mila = Clicks(house, "mila", Role.OPERATOR, ["mira"], app=app)
    both = Clicks(house, "both", Role.OPERATOR, ["mira", "lenina"], app=app)
    for each in (mila, both, boss):
        Browser(house, app=app).log_in(each.account.login, "wrong")
    boss.post(f"/people/{number(house, 'olga')}/mail")
    page = local.soup("/audit")
    told = {tuple(cell.get_text() for cell in row.select("td")[1:4]) for row in page.select("tbody tr")}
    assert told == {("local", "Вход", "—"), ("mila", "Вход", "—"), ("неизвестно", "Неудачный вход", "mila")}
    assert "Ваших точек" in page.text
    assert "olga@example.ru" in boss.get("/audit").text


# --- one's own page ----------------------------------------------------------------------------


def test_ones_own_address_is_changed_with_the_password_and_both_addresses_hear_of_it(
    house: Rig, app: Starlette
) -> None:
    account(house)
    house.app.people("root").set_email("anna", "old@example.ru")
    house.app.notify().run()
    anna = Clicks(house, app=app)
    refused = anna.post("/me/email", email="new@example.ru", current="wrong")
    assert (refused.status_code, complaint(refused)) == (400, "Нынешний пароль не подходит.")
    assert soup(refused).select("input[name=email]")[0]["value"] == "new@example.ru"
    assert "не адрес почты" in complaint(anna.post("/me/email", email="new", current=PASSWORD))
    assert "Адрес почты изменён." in anna.post("/me/email", email="new@example.ru", current=PASSWORD, follow=True).text
    assert house.app.store.accounts.of("anna").email == "new@example.ru"
    told = [one.recipient for one in house.app.store.notifications.page(2)]
    assert sorted(told) == ["new@example.ru", "old@example.ru"]
    assert audit(house)[0] == ("anna", "email changed", "anna: old@example.ru → new@example.ru")
    assert "ничего не изменилось" in anna.post("/me/email", email="new@example.ru", current=PASSWORD, follow=True).text


def test_the_login_before_this_one_is_told(house: Rig, app: Starlette) -> None:
    first = Clicks(house, app=app)
    assert "Прошлый вход" not in first.get("/me").text
    house.clock.advance(NOON - NOON.replace(hour=11))
    again = Clicks(house, app=app)
    assert "Прошлый вход: сегодня в 15:00 с адреса 127.0.0.1" in (
        again.soup("/me").get_text(" ", strip=True).replace("\u00a0", " ")
    )


def test_after_a_new_password_the_owner_hears_of_it(house: Rig, app: Starlette) -> None:
    account(house)
    house.app.people("root").set_email("anna", "anna@example.ru")
    Clicks(house, app=app).post("/me/password", current=PASSWORD, password=NEW, again=NEW)
    assert [one.level for one in house.app.store.notifications.page(10)] == ["password", "email"]
