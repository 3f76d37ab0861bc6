"""Who asks at the desk: cookies and sessions, addresses behind a proxy, forms of other sites."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import httpx
import pytest

from monitor.desk.visit import FRAGMENT
from monitor.store.sessions import IDLE, LONGEST
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.entrance_rig import FOREIGN, MINUTE, audit
from tests.rig import Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- cookies -----------------------------------------------------------------------------------


def test_on_this_machine_the_cookie_is_for_this_host_and_for_no_script(rig: Rig) -> None:
    account(rig)
    cookie = Browser(rig).log_in("anna").headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "otklik"
    token, *flags = [part.strip() for part in rest.split(";")]
    assert len(token) == 43
    assert sorted(flags) == ["HttpOnly", f"Max-Age={30 * 24 * 3600}", "Path=/", "SameSite=lax"]


def test_behind_tls_no_neighbouring_site_can_set_the_cookie_and_it_travels_encrypted_alone(public: Rig) -> None:
    account(public)
    anna = Browser(public)
    cookie = anna.log_in("anna").headers["set-cookie"]
    assert cookie.startswith("__Host-otklik=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert anna.get("/me").status_code == 200
    tossed = Browser(public)
    tossed.cookies.set("otklik", token)
    assert tossed.get("/me").status_code == 401


def test_logging_in_never_takes_up_the_session_that_was_there(rig: Rig) -> None:
    """Or somebody could plant theirs."""
    anna = Clicks(rig)
    (before,) = [cookie.value for cookie in anna.cookies.jar]
    old = Browser(rig)
    old.cookies.set("otklik", before or "")
    anna.log_in("anna")
    (after,) = [cookie.value for cookie in anna.cookies.jar]
    assert after != before
    assert old.get("/me").status_code == 401
    planted = Browser(rig)
    planted.cookies.set("otklik", "planted")
    planted.log_in("anna")
    assert "planted" not in [cookie.value for cookie in planted.cookies.jar if cookie.domain]


def test_whoever_logs_out_is_out_for_good(rig: Rig) -> None:
    anna = Clicks(rig)
    kept = httpx.Cookies(anna.cookies)
    answer = anna.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not list(anna.cookies.jar)
    anna.cookies = kept
    assert anna.get("/me").status_code == 401
    assert audit(rig)[0] == ("anna", "logged out", "")


@pytest.mark.parametrize(("later", "status"), [(IDLE - MINUTE, 200), (IDLE, 401), (timedelta(days=40), 401)])
def test_a_session_ends_when_nobody_uses_it(rig: Rig, later: timedelta, status: int) -> None:
    anna = Clicks(rig)
    rig.clock.advance(later)
    assert anna.get("/me").status_code == status


def test_a_page_left_open_that_refreshes_itself_does_not_keep_a_session_alive(rig: Rig) -> None:
    anna, polls = Clicks(rig), {FRAGMENT: "1"}
    for _ in range(int(IDLE / timedelta(hours=1))):
        assert anna.get("/me", headers=polls).status_code == 200
        rig.clock.advance(timedelta(hours=1))
    assert anna.get("/me", headers=polls).status_code == 401


def test_a_session_ends_after_a_month_however_busy(rig: Rig) -> None:
    anna = Clicks(rig)
    for _ in range(int(LONGEST / timedelta(hours=10))):
        assert anna.get("/me").status_code == 200
        rig.clock.advance(timedelta(hours=10))
    assert anna.get("/me").status_code == 401


def test_a_disabled_account_is_out_with_its_next_click(rig: Rig) -> None:
    anna = Clicks(rig)
    with rig.app.store.write():
        rig.app.store.accounts.set_active(anna.account.id, False)
    assert anna.get("/me").status_code == 401


def test_a_page_is_served_while_a_pass_is_writing(rig: Rig) -> None:
    anna = Clicks(rig)
    rig.clock.advance(timedelta(minutes=5))
    with closing(sqlite3.connect(rig.app.config.database, isolation_level=None)) as worker:
        worker.execute("BEGIN IMMEDIATE")
        assert anna.get("/me").status_code == 200
        worker.execute("ROLLBACK")


# --- from where --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "hops", "address"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("127.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, unknown", "127.0.0.1"),
        ("127.0.0.2", "198.51.100.7", "127.0.0.2"),
    ],
)
def test_behind_the_proxy_an_address_is_what_the_proxy_saw(public: Rig, peer: str, hops: str, address: str) -> None:
    account(public)
    headers = {"x-forwarded-for": hops} if hops else {}
    Browser(public, address=peer).ask("POST", "/login", fields={"login": "anna", "password": PASSWORD}, headers=headers)
    assert public.app.store.accounts.audit(1)[0].address == address


def test_without_a_proxy_in_the_config_nobody_is_believed(rig: Rig) -> None:
    account(rig)
    Browser(rig).ask(
        "POST",
        "/login",
        fields={"login": "anna", "password": PASSWORD},
        headers={"x-forwarded-for": "198.51.100.7"},
    )
    assert rig.app.store.accounts.audit(1)[0].address == "127.0.0.1"


def test_whoever_comes_past_the_proxy_is_shown_the_way(public: Rig) -> None:
    account(public)
    outside = Browser(public, address="203.0.113.9")
    for answer in (outside.get("/"), outside.log_in("anna"), outside.get("/a/token")):
        assert answer.status_code == 403
        assert "https://otklik.example.ru" in answer.text
        assert "password" not in answer.text


# --- forms of other sites ----------------------------------------------------------------------


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_nobody_is_logged_in_by_a_form_of_another_site(public: Rig, headers: dict[str, str]) -> None:
    account(public)
    answer = Browser(public).ask("POST", "/login", fields={"login": "anna", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not audit(public)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://otklik.example.ru"},
        {"origin": "https://otklik.example.ru", "host": "127.0.0.1:8766"},
        {"origin": "https://otklik.example.ru", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:9000", "host": "127.0.0.1:9000"},
        {},
    ],
    ids=str,
)
def test_our_own_forms_are_known_by_what_browsers_tell(public: Rig, headers: dict[str, str]) -> None:
    account(public)
    answer = Browser(public).ask("POST", "/login", fields={"login": "anna", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::bad", "", "127.0.0.1@evil.example"])
def test_on_this_machine_a_host_that_means_another_one_is_not_believed(rig: Rig, host: str) -> None:
    """A name of somebody else's may lead to 127.0.0.1."""
    account(rig)
    fields = {"login": "anna", "password": PASSWORD}
    answer = Browser(rig).ask("POST", "/login", fields=fields, headers={"host": host, "origin": f"http://{host}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8766", "localhost:8766", "[::1]:8766"])
def test_on_this_machine_it_is_ours_by_whichever_name(rig: Rig, host: str) -> None:
    account(rig)
    fields = {"login": "anna", "password": PASSWORD}
    answer = Browser(rig).ask("POST", "/login", fields=fields, headers={"host": host, "origin": f"http://{host}"})
    assert answer.status_code == 303
