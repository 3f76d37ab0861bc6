"""Logging in and out at the desk: who gets in, and who has to wait."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import passwords
from monitor.accounts import Role
from monitor.desk.app import create_app
from monitor.desk.throttle import FREE_PER_ACCOUNT, FREE_PER_ADDRESS, wait
from monitor.store.sessions import MEMORY, Failures
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.entrance_rig import audit, complaint, is_login_page
from tests.rig import NOON, Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- the front door ----------------------------------------------------------------------------


def test_the_front_page_asks_for_a_password_also_while_there_is_nobody(rig: Rig) -> None:
    front = Browser(rig)
    for answer in (front.get("/"), front.get("/login")):
        assert answer.status_code == 200
        assert is_login_page(answer)
        assert "otklik user add" in answer.text
        assert "otklik desk" in answer.text
    account(rig)
    answer = front.get("/")
    assert is_login_page(answer)
    assert "otklik user add" not in answer.text


def test_whoever_is_logged_in_is_led_to_the_queue(rig: Rig) -> None:
    anna = Clicks(rig)
    for path in ("/", "/login"):
        answer = anna.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


def test_the_right_password_opens_and_is_told_in_the_audit_log(rig: Rig) -> None:
    account(rig)
    anna = Browser(rig)
    answer = anna.log_in("Anna")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert anna.get("/me").status_code == 200
    assert audit(rig) == [("anna", "logged in", "")]


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("anna", PASSWORD + "x"),
        ("anna", ""),
        ("", ""),
        ("nobody", PASSWORD),
        ("oleg", PASSWORD),
        ("new", ""),
        ("a\0", "bbbbbbbbbb"),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(rig: Rig, login: str, password: str) -> None:
    anna, oleg = account(rig), account(rig, "oleg")
    with rig.app.store.write():
        rig.app.store.accounts.set_active(oleg.id, False)
        rig.app.store.accounts.add("new", name="new", role=Role.OWNER, places=None, now=NOON)
    answer = Browser(rig).log_in(login, password)
    assert answer.status_code == 401
    assert complaint(answer) == "Логин или пароль не подходит."
    assert is_login_page(answer)
    assert "set-cookie" not in answer.headers
    assert password not in answer.text or not password
    (entry,) = audit(rig)
    assert entry == ("", "login failed", login if login in (anna.login, "oleg", "new") else "")


def test_a_wrong_login_costs_as_much_as_a_wrong_password(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the clock: by how often a password is hashed."""
    account(rig)
    hashed: list[str | None] = []

    def is_right(password: str, stored: str | None) -> bool:
        hashed.append(stored)
        return False

    monkeypatch.setattr("monitor.passwords.is_right", is_right)
    Browser(rig).log_in("nobody")
    Browser(rig).log_in("anna")
    assert len(hashed) == 2
    assert hashed[0] is None


def test_a_password_hashed_at_another_cost_is_hashed_anew_when_it_is_typed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = account(rig)
    before = rig.app.store.accounts.password(anna.id)
    monkeypatch.setattr("monitor.passwords.ROUNDS", 2)
    assert Browser(rig).log_in("anna").status_code == 303
    after = rig.app.store.accounts.password(anna.id)
    assert after != before
    assert after is not None
    assert ",t=2," in after
    assert Browser(rig).log_in("anna").status_code == 303
    assert rig.app.store.accounts.password(anna.id) == after


@pytest.mark.parametrize("meanwhile", ["another password", "disabled"])
def test_a_password_that_is_one_no_more_when_it_has_been_compared_opens_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """All sessions have ended by then: one that begins after that would go on. And the password of before, hashed anew,
    must not take the other one's place."""
    anna, compare = account(rig), passwords.is_right
    changed = passwords.hashed("другой дождь за другим окном")

    def slowly(password: str, stored: str | None) -> bool:
        right = compare(password, stored)
        if meanwhile == "disabled":
            rig.app.people("root").disable("anna")
        else:
            rig.app.people("root").set_password(anna, changed)
        return right

    monkeypatch.setattr(passwords, "is_right", slowly)
    monkeypatch.setattr(passwords, "is_outdated", lambda _: True)
    answer = Browser(rig).log_in("anna")
    assert (answer.status_code, complaint(answer)) == (401, "Логин или пароль не подходит.")
    assert rig.app.store.sessions.of_account(anna.id, rig.clock.now()) == []
    if meanwhile == "another password":
        assert rig.app.store.accounts.password(anna.id) == changed
    assert ("", "login failed", "anna") in audit(rig)


def test_two_logins_at_once_get_in_although_the_first_hashes_the_password_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(rig)
    app, both, compare = create_app(rig.app), Barrier(2, timeout=10), passwords.is_right
    monkeypatch.setattr("monitor.passwords.ROUNDS", 2)

    def at_once(password: str, stored: str | None) -> bool:
        if stored is not None and ",t=1," in stored:
            both.wait()
        return compare(password, stored)

    monkeypatch.setattr(passwords, "is_right", at_once)
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(Browser(rig, app=app).log_in, "anna") for _ in range(2)]
        assert [answer.result().status_code for answer in answers] == [303, 303]


# --- guessing ----------------------------------------------------------------------------------


def test_whoever_guesses_waits_longer_and_longer_and_then_even_the_right_password_waits(rig: Rig) -> None:
    account(rig)
    guesser = Browser(rig, address="203.0.113.9")
    for _ in range(FREE_PER_ACCOUNT):
        assert guesser.log_in("anna", "wrong").status_code == 401
    told = []
    for _ in range(3):
        answer = guesser.log_in("anna")
        assert answer.status_code == 429
        told.append(complaint(answer).partition("войти можно будет ".capitalize())[2] or complaint(answer))
        rig.clock.advance(timedelta(minutes=3))
        assert guesser.log_in("anna", "wrong").status_code == 401
    assert len(set(told)) > 1
    rig.clock.advance(MEMORY)
    assert guesser.log_in("anna").status_code == 303


def test_a_login_that_does_not_exist_waits_as_one_that_does(rig: Rig) -> None:
    account(rig)
    answers = {
        login: [Browser(rig, address=f"203.0.113.{number}").log_in(login, "wrong") for number in range(7)]
        for login in ("anna", "nobody")
    }
    assert [answer.status_code for answer in answers["anna"]] == [401] * 5 + [429] * 2
    assert [complaint(answer) for answer in answers["anna"]] == [complaint(answer) for answer in answers["nobody"]]


def test_guesses_at_once_do_not_slip_through(rig: Rig) -> None:
    account(rig)
    app = create_app(rig.app)
    with ThreadPoolExecutor(12) as threads:
        guesses = [threads.submit(Browser(rig, app=app).log_in, "anna", f"wrong {number}") for number in range(12)]
        statuses = sorted(guess.result().status_code for guess in guesses)
    assert statuses == [401] * FREE_PER_ACCOUNT + [429] * (12 - FREE_PER_ACCOUNT)


def test_one_address_that_tries_many_logins_has_to_wait_and_others_need_not(rig: Rig) -> None:
    account(rig)
    guesser = Browser(rig, address="203.0.113.9")
    statuses = [guesser.log_in(f"user{number}", "wrong").status_code for number in range(FREE_PER_ADDRESS + 1)]
    assert statuses == [401] * FREE_PER_ADDRESS + [429]
    assert guesser.log_in("anna").status_code == 429
    assert Browser(rig, address="203.0.113.10").log_in("anna").status_code == 303


def test_a_whole_network_of_ipv6_is_one_address(rig: Rig) -> None:
    account(rig)
    statuses = [
        Browser(rig, address=f"2001:db8::{number:x}").log_in(f"user{number}", "wrong").status_code
        for number in range(FREE_PER_ADDRESS + 1)
    ]
    assert statuses == [401] * FREE_PER_ADDRESS + [429]
    assert Browser(rig, address="2001:db8:0:1::1").log_in("anna").status_code == 303


def test_nobody_can_keep_out_whoever_works_here_already(rig: Rig) -> None:
    Clicks(rig, address="192.0.2.1")
    rig.clock.advance(timedelta(days=3))  # a long weekend
    stranger = Browser(rig, address="203.0.113.9")
    while stranger.log_in("anna", "wrong").status_code != 429:
        pass
    assert Browser(rig, address="192.0.2.1").log_in("anna").status_code == 303
    assert Browser(rig, address="192.0.2.2").log_in("anna").status_code == 303  # whoever is in again starts afresh


def test_whoever_gets_in_starts_afresh(rig: Rig) -> None:
    account(rig)
    anna = Browser(rig)
    for _ in range(3):
        for _ in range(FREE_PER_ACCOUNT - 1):
            assert anna.log_in("anna", "wrong").status_code == 401
        assert anna.log_in("anna").status_code == 303


def test_an_account_of_ones_own_does_not_buy_more_guesses_at_others(rig: Rig) -> None:
    account(rig)
    account(rig, "eve")
    eve = Browser(rig, address="203.0.113.9")
    statuses = []
    for number in range(FREE_PER_ADDRESS + 2):
        statuses.append(eve.log_in(f"user{number}", "wrong").status_code)
        eve.log_in("eve")
    assert 429 in statuses


@given(st.integers(0, 10_000), st.integers(0, 3600), st.integers(1, 30))
def test_the_wait_never_exceeds_what_is_remembered_and_grows(count: int, seconds: int, free: int) -> None:
    now = NOON + timedelta(seconds=seconds)
    left = wait(Failures(count, NOON), free, now)
    assert timedelta() <= left <= MEMORY
    assert left <= wait(Failures(count + 1, NOON), free, now)
    assert count >= free or not left


def test_without_a_failure_nobody_waits() -> None:
    assert wait(Failures(0, None), 0, NOON) == timedelta()
