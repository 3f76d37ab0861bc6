"""Logging in and out at the desk: who gets in, who has to wait, whose session ends when; no words are lost."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.accounts import Role
from monitor.desk.app import create_app
from monitor.desk.entrance import FREE_PER_ACCOUNT, FREE_PER_ADDRESS, local, wait
from monitor.desk.people import browser
from monitor.desk.visit import FRAGMENT
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.store.sessions import IDLE, LONGEST, MEMORY, Failures
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.rig import NOON, Rig

SECRET = "a secret that is long enough to sign"
PUBLIC = 'desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET, trusted_proxy: 127.0.0.1}\n'
MINUTE = timedelta(minutes=1)
NEW = "весенний гром над рекой"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a café before its first pass."""
    folder = tmp_path_factory.mktemp("entrance")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(folder, World.demo(NOON))
        assert rig.app.store.tickets
        rig.app.close()
    return folder


@pytest.fixture
def rig(empty: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """At 127.0.0.1, without a `desk:` in the config."""
    yield from opened(empty, tmp_path)


@pytest.fixture
def public(empty: Path, tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Behind a proxy with TLS."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    yield from opened(empty, tmp_path, PUBLIC)


def opened(empty: Path, tmp_path: Path, extra: str = "") -> Iterator[Rig]:
    folder = tmp_path / "cafe"
    shutil.copytree(empty, folder)
    rig = Rig(folder, World.demo(NOON), extra=extra)
    yield rig
    rig.app.close()


def soup(answer: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "lxml")


def is_login_page(answer: httpx.Response) -> bool:
    return bool(soup(answer).select("form[action='/login'] input[type=password]"))


def complaint(answer: httpx.Response) -> str:
    return " ".join(found.get_text(" ", strip=True) for found in soup(answer).select("[role=alert]")).replace(
        "\u00a0", " "
    )


def audit(rig: Rig) -> list[tuple[str, str, str]]:
    """Newest first: who, what, about whom."""
    return [(entry.actor, entry.kind, entry.what) for entry in rig.app.store.accounts.audit(100)]


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

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://otklik.example.ru.evil.example"},
    {"origin": "https://sub.otklik.example.ru"},
    {"origin": "https://otklik.example.ru:444"},
    {"origin": "https://evil.example", "host": "evil.example"},
    {"origin": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://otklik.example.ru", "sec-fetch-site": "cross-site"},
]


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


# --- where to go afterwards, and nobody's words are lost ---------------------------------------


def test_whoever_wanted_to_see_a_page_sees_it_after_logging_in(rig: Rig) -> None:
    account(rig, role=Role.ADMINISTRATOR)
    anna = Browser(rig)
    first = anna.get("/audit?before=5")
    assert first.status_code == 401
    assert is_login_page(first)
    (field,) = soup(first).select("input[name=next]")
    answer = anna.log_in("anna", next=str(field["value"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?before=5")


def test_the_words_of_somebody_whose_session_ended_come_along(rig: Rig) -> None:
    anna = Clicks(rig)
    words = "\nСпасибо за отзыв!\n<script>alert(1)</script> & «кавычки»"
    rig.clock.advance(IDLE)
    headers = {"origin": anna.base, "sec-fetch-site": "same-origin", "referer": f"{anna.base}/me?x=1"}
    answer = anna.ask("POST", "/me/password", fields={"csrf": "old", "text": words}, headers=headers)
    assert answer.status_code == 401
    assert "Ничего не изменилось" in answer.text
    for _ in range(2):  # a wrong password first
        page = soup(answer)
        assert not page.select("script")
        (area,) = page.select("form[action='/login'] textarea[name=text]")
        (goal,) = page.select("input[name=next]")
        kept, goes = area.get_text().removeprefix("\n"), str(goal["value"])
        assert (kept, goes) == (words, "/me?x=1")
        answer = anna.log_in("anna", "wrong", text=kept, next=goes)
        assert answer.status_code == 401
    answer = anna.log_in("anna", text=words, next="/me?x=1")
    assert answer.status_code == 200
    (area,) = soup(answer).select("textarea")
    assert area.get_text().removeprefix("\n") == words
    assert [str(link["href"]) for link in soup(answer).select("main a")] == ["/me?x=1"]
    assert anna.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("refused", "goal"),
    [
        ("/t/12/save", ["/t/12"]),
        ("/t/12/gesture/agree", ["/t/12"]),
        ("/queue/12/take", ["/queue"]),
        ("/t/12/publish?from=mine", ["/t/12/publish?from=mine"]),
        ("/views/3/delete", []),
        ("/nothing/of/ours/at/all", []),
        ("/" * 9000, []),
    ],
)
def test_whoever_sent_the_form_of_a_refusal_comes_back_to_a_page_that_opens(
    rig: Rig, refused: str, goal: list[str]
) -> None:
    headers = {"origin": "http://127.0.0.1:8766", "referer": f"http://127.0.0.1:8766{refused}"}
    answer = Browser(rig).ask("POST", "/t/12/save", fields={"text": "слова"}, headers=headers)
    assert answer.status_code == 401
    assert [field["value"] for field in soup(answer).select("input[name=next]")] == goal


def test_a_foreign_form_does_not_choose_where_somebody_goes(rig: Rig) -> None:
    account(rig)
    headers = {"origin": "https://evil.example", "referer": "https://evil.example/audit"}
    answer = Browser(rig).ask("POST", "/me/password", fields={"text": ""}, headers=headers)
    assert answer.status_code == 401
    assert not soup(answer).select("input[name=next]")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "\n//evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        " /queue",
        "/queue\r\nset-cookie: a=b",
        "/очередь",
        "/" + "a" * 2000,
    ],
)
def test_after_logging_in_nobody_is_sent_elsewhere(rig: Rig, address: str) -> None:
    account(rig)
    answer = Browser(rig).log_in("anna", next=address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


@given(st.text(st.sampled_from("/\\.:@?#%2f\t\n\r\0 aeЖ"), max_size=30))
@example("/queue?place=lenina&tone=negative#row-5")
def test_an_address_that_is_called_local_is_local(address: str) -> None:
    found = local(address)
    assert found in ("", address)
    if found:
        skipped = "".join(letter for letter in found if letter not in "\t\n\r").replace("\\", "/")
        assert urlsplit(urljoin("https://otklik.example.ru/x", skipped)).netloc == "otklik.example.ru"


# --- links to set a password -------------------------------------------------------------------


def new_link(rig: Rig, login: str | None = None) -> str:
    accounts = rig.app.store.accounts
    with rig.app.store.write():
        token = accounts.make_link(None if login is None else accounts.of(login).id, rig.clock.now())
    return f"/setup/{token}"


def fill(visitor: Browser, link: str, **fields: str) -> httpx.Response:
    return visitor.ask("POST", link, fields={"password": NEW, "again": NEW, **fields})


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


def test_every_cell_of_the_audit_log_is_named_where_a_phone_shows_it_as_lines(rig: Rig) -> None:
    page = Clicks(rig, "root", Role.ADMINISTRATOR).soup("/audit")
    (line, *_) = page.select("table.stacked tbody tr")
    assert [cell["data-label"] for cell in line.select("td")] == ["Когда", "Кто", "Что", "О ком, о чём", "Откуда"]


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


# --- the audit log -----------------------------------------------------------------------------


def test_the_audit_log_goes_back_page_by_page(rig: Rig) -> None:
    boss = Clicks(rig, role=Role.ADMINISTRATOR)
    with rig.app.store.write():
        for number in range(250):
            rig.app.store.accounts.record(f"made <up> {number}", actor="anna", now=rig.clock.now())
    seen: list[str] = []
    address: str | None = "/audit"
    while address is not None:
        page = boss.soup(address)
        assert not page.select("main up")
        seen += [cells[2].get_text() for row in page.select("tbody tr") if (cells := row.select("td"))]
        older = [str(link["href"]) for link in page.select("main a") if "before" in str(link["href"])]
        address = older[0] if older else None
    assert seen == [*(f"made <up> {number}" for number in reversed(range(250))), "Вход"]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²", "0", "1"])
def test_a_page_of_the_audit_log_that_is_not_there_is_empty_or_the_first(rig: Rig, before: str) -> None:
    boss = Clicks(rig, role=Role.ADMINISTRATOR)
    assert boss.get(f"/audit?before={before}").status_code == 200
