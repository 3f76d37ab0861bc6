"""One's own page: where one is logged in, a new password."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.accounts import Role
from monitor.desk.people import browser
from monitor.desk.throttle import FREE_PER_ACCOUNT
from tests.desk_rig import PASSWORD, Browser, Clicks
from tests.entrance_rig import NEW, audit, complaint
from tests.rig import Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- one's own page ----------------------------------------------------------------------------


def test_ones_own_page_tells_role_places_and_where_one_is_logged_in(rig: Rig) -> None:
    anna = Clicks(rig, role=Role.LEAD, places=["lenina"])
    elsewhere = Clicks(rig, address="198.51.100.7")
    rig.clock.advance(timedelta(hours=1))
    told = anna.soup("/me").get_text(" ", strip=True).replace("\u00a0", " ")
    for words in ("anna", "старший смены", "«Ромашка»", "Firefox", "198.51.100.7", "этот сеанс", "сегодня в 15:00"):
        assert words in told
    assert elsewhere.account == anna.account


def test_a_keeper_of_passwords_learns_whose_the_new_one_is(rig: Rig) -> None:
    (field,) = Clicks(rig).soup("/me").select("form[action='/me/password'] input[autocomplete=username]")
    assert (field["type"], field["value"], field.has_attr("hidden")) == ("text", "anna", True)


def test_a_session_elsewhere_can_be_ended_alone(rig: Rig) -> None:
    anna, phone, laptop = Clicks(rig), Clicks(rig, address="192.0.2.2"), Clicks(rig, address="192.0.2.3")
    keys = [str(field["value"]) for field in anna.soup("/me").select("input[name=session]")]
    assert len(keys) == 2
    answer = anna.post("/me/revoke", session=keys[0], follow=True)
    assert "Сеанс завершён." in answer.text
    assert sorted(each.get("/me").status_code for each in (anna, phone, laptop)) == [200, 200, 401]
    assert audit(rig)[0] == ("anna", "session revoked", "anna")


def test_all_other_sessions_can_be_ended_at_once(rig: Rig) -> None:
    anna, phone, laptop, oleg = Clicks(rig), Clicks(rig), Clicks(rig), Clicks(rig, "oleg")
    answer = anna.post("/me/revoke", follow=True)
    assert "Остальные сеансы завершены." in answer.text
    assert [each.get("/me").status_code for each in (anna, phone, laptop, oleg)] == [200, 401, 401, 200]


def test_nobody_ends_the_session_of_another(rig: Rig) -> None:
    anna, oleg = Clicks(rig), Clicks(rig, "oleg")
    (session,) = rig.app.store.sessions.of_account(oleg.account.id, rig.clock.now())
    before = audit(rig)
    answer = anna.post("/me/revoke", session=session.key, follow=True)
    assert "Такого сеанса у Вас нет" in answer.text
    assert "Сеанс завершён" not in answer.text
    assert (oleg.get("/me").status_code, audit(rig)) == (200, before)


def test_a_new_password_ends_all_other_sessions_and_changes_the_cookie(rig: Rig) -> None:
    anna, phone = Clicks(rig), Clicks(rig)
    (before,) = [cookie.value for cookie in anna.cookies.jar]
    answer = anna.post("/me/password", current=PASSWORD, password=NEW, again=NEW, follow=True)
    assert "Пароль изменён" in answer.text
    assert [cookie.value for cookie in anna.cookies.jar] != [before]
    assert (anna.get("/me").status_code, phone.get("/me").status_code) == (200, 401)
    assert Browser(rig).log_in("anna").status_code == 401
    assert Browser(rig).log_in("anna", NEW).status_code == 303
    assert ("anna", "password set", "anna") in audit(rig)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"current": "wrong"}, "Нынешний пароль не подходит"),
        ({"again": NEW + "x"}, "не совпадают"),
        ({"password": "short", "again": "short"}, "короче 10"),
        ({"password": "anna123456", "again": "anna123456"}, "подбирают первым"),
        ({"password": "отклик-Anna1", "again": "отклик-Anna1"}, "с названием программы"),
        ({"password": "anna дождь за", "again": "anna дождь за"}, ""),
    ],
)
def test_a_new_password_must_be_good_and_the_old_one_known(rig: Rig, fields: dict[str, Any], says: str) -> None:
    anna = Clicks(rig)
    answer = anna.post("/me/password", **{"current": PASSWORD, "password": NEW, "again": NEW, **fields})
    if not says:
        assert answer.status_code == 303  # the login and enough besides
        return
    assert answer.status_code == 400
    assert says in complaint(answer)
    assert Browser(rig).log_in("anna").status_code == 303


def test_the_password_in_force_cannot_be_guessed_at_a_desk_left_open(rig: Rig) -> None:
    anna = Clicks(rig)
    fields: dict[str, Any] = {"password": NEW, "again": NEW}
    statuses = [anna.post("/me/password", current="wrong", **fields).status_code for _ in range(FREE_PER_ACCOUNT + 1)]
    assert statuses == [400] * FREE_PER_ACCOUNT + [429]
    assert anna.post("/me/password", current=PASSWORD, **fields).status_code == 429


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; x64) Chrome/140.0 YaBrowser/25.8 Safari/537.36", "Яндекс Браузер, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5\n<b>", "curl/8.5 <b>"),
        ("", "неизвестный браузер"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words_people_know(told: str, name: str) -> None:
    assert browser(told) == name
