"""Links that let somebody in once, to set a password."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.accounts import Role
from monitor.desk.app import create_app
from tests.desk_rig import Browser, Clicks, account
from tests.entrance_rig import FOREIGN, NEW, audit, complaint, fill, new_link
from tests.rig import NOON, Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- links to set a password -------------------------------------------------------------------


def test_the_first_administrator_is_made_by_a_link_and_is_logged_in(rig: Rig) -> None:
    link, boss = new_link(rig), Browser(rig)
    before = rig.app.store.accounts.all()
    assert [str(field["name"]) for field in boss.soup(link).select("input")] == ["login", "name", "password", "again"]
    assert rig.app.store.accounts.all() == before == []  # looking makes nobody
    answer = fill(boss, link, login=" olga ", name="Ольга")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    (olga,) = rig.app.store.accounts.all()
    assert (olga.login, olga.name, olga.role, olga.places) == ("olga", "Ольга", Role.ADMINISTRATOR, None)
    assert boss.get("/audit").status_code == 200
    assert audit(rig) == [("olga", "password set", "olga"), ("olga", "account added", "olga")]
    assert Browser(rig).log_in("olga", NEW).status_code == 303


def test_the_first_administrators_link_works_once(rig: Rig) -> None:
    link = new_link(rig)
    fill(Browser(rig), link, login="olga")
    for answer in (Browser(rig).get(link), fill(Browser(rig), link, login="eve")):
        assert answer.status_code == 410
        assert "Первый администратор уже есть" in answer.text
    assert len(rig.app.store.accounts.all()) == 1


def test_two_who_open_the_first_link_at_once_do_not_both_become_administrator(rig: Rig) -> None:
    link, app = new_link(rig), create_app(rig.app)
    with ThreadPoolExecutor(4) as threads:
        tries = [threads.submit(fill, Browser(rig, app=app), link, login=f"user{number}") for number in range(4)]
        statuses = sorted(each.result().status_code for each in tries)
    assert statuses == [303, 410, 410, 410]
    assert len(rig.app.store.accounts.all()) == 1


def test_a_link_sets_a_new_password_and_ends_all_sessions(rig: Rig) -> None:
    anna, elsewhere = Clicks(rig), Browser(rig)
    link = new_link(rig, "anna")
    page = elsewhere.soup(link)
    assert page.select_one("input[name=login]")["value"] == "anna"  # type: ignore[index]  # it is there
    assert not page.select("input[name=name]")
    assert fill(elsewhere, link, login="eve").status_code == 303
    assert elsewhere.get("/me").status_code == 200
    assert anna.get("/me").status_code == 401
    assert Browser(rig).log_in("anna").status_code == 401
    assert Browser(rig).log_in("anna", NEW).status_code == 303
    for answer in (elsewhere.get(link), fill(elsewhere, link)):
        assert answer.status_code == 410
        assert "уже использована" in answer.text
        assert "otklik user link anna" in answer.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"login": ""}, "Имя не может быть пустым"),
        ({"login": "a\u202eb"}, "невидимых знаков"),
        ({"login": "x" * 101}, "длиннее 100"),
        ({"password": "short", "again": "short"}, "короче 10"),
        ({"password": "olgaolga1234", "again": "olgaolga1234", "login": "olgaolga"}, "логином"),
        ({"again": NEW + "x"}, "не совпадают"),
        ({"login": "anna"}, "уже занят"),
    ],
)
def test_what_is_wrong_is_told_and_the_link_still_works(rig: Rig, fields: dict[str, str], says: str) -> None:
    with rig.app.store.write():
        rig.app.store.accounts.add("anna", name="Анна", role=Role.OPERATOR, places=None, now=NOON)
    link = new_link(rig)
    answer = fill(Browser(rig), link, **{"login": "olga", "name": "Ольга", **fields})
    assert answer.status_code == 400
    assert says in complaint(answer)
    assert NEW not in answer.text
    assert "Ольга" in answer.text
    assert fill(Browser(rig), link, login="olga").status_code == 303


def test_a_link_that_is_too_old_says_how_to_get_another(rig: Rig) -> None:
    first = new_link(rig)
    rig.clock.advance(timedelta(hours=24))
    answer = Browser(rig).get(first)
    assert (answer.status_code, "otklik desk" in answer.text) == (410, True)
    account(rig)
    annas = new_link(rig, "anna")
    rig.clock.advance(timedelta(hours=24))
    for answer in (Browser(rig).get(annas), fill(Browser(rig), annas)):
        assert (answer.status_code, "otklik user link anna" in answer.text) == (410, True)
    assert Browser(rig).log_in("anna").status_code == 303


def test_a_link_that_never_was_is_a_page_that_is_not_there(rig: Rig) -> None:
    assert Browser(rig).get("/setup/" + "x" * 43).status_code == 404
    assert fill(Browser(rig), "/setup/x").status_code == 404


def test_a_link_withdrawn_with_its_account_lets_nobody_in_when_the_account_is_back(rig: Rig) -> None:
    anna = account(rig)
    annas = new_link(rig, "anna")
    for active in (False, True):
        with rig.app.store.write():
            rig.app.store.accounts.set_active(anna.id, active)
        answer = fill(Browser(rig), annas)
        assert (answer.status_code, "её отозвали" in answer.text) == (404, True)
    assert Browser(rig).log_in("anna", NEW).status_code == 401


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_of_another_site_uses_a_link(public: Rig, headers: dict[str, str]) -> None:
    link = new_link(public)
    fields = {"login": "eve", "password": NEW, "again": NEW}
    assert Browser(public).ask("POST", link, fields=fields, headers=headers).status_code == 403
    assert not public.app.store.accounts.all()
