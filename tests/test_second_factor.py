"""Codes of an app after the password: set up, asked for, each taken once, guessed by nobody; recovery codes."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP
from starlette.applications import Starlette

from monitor import second_factor
from monitor.accounts import Role
from monitor.alerts import AlertKind
from monitor.desk.app import create_app
from monitor.desk.throttle import FREE_PER_ACCOUNT, FREE_PER_ADDRESS
from monitor.second_factor import RECOVERY_CODES, STEP, Seals, new_seed, step_of, typed
from monitor.store.factors import PENDING_LIFE, SETUP_LIFE
from monitor.store.sessions import MEMORY
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.entrance_rig import FOREIGN, MINUTE, NEW, SECRET, audit, complaint, is_login_page, soup
from tests.rig import NOON, Rig

pytest_plugins = ["tests.entrance_fixtures"]

TICK = timedelta(seconds=STEP)
SEALS = Seals(SECRET)


class Phone:
    """An app that makes codes of the secret that a page showed."""

    def __init__(self, rig: Rig, page: BeautifulSoup) -> None:
        (secret,) = page.select("code.secret")
        self.totp = TOTP(secret.get_text().replace(" ", ""))
        self.rig = rig

    def code(self, later: timedelta = timedelta()) -> str:
        return self.totp.at(self.rig.clock.now() + later)

    def wrong(self) -> str:
        shown = {self.code(number * TICK) for number in range(-2, 3)}
        return next(code for number in range(10) if (code := f"{number:06}") not in shown)


def switched_on(rig: Rig, anna: Clicks) -> tuple[Phone, list[str]]:
    """The phone and the recovery codes."""
    answer = anna.post("/me/second", current=PASSWORD)
    assert answer.status_code == 200, answer.text
    phone = Phone(rig, soup(answer))
    answer = anna.post("/me/second/confirm", code=phone.code())
    assert answer.status_code == 200, answer.text
    found = [code.get_text() for code in soup(answer).select(".codes code")]
    rig.clock.advance(TICK)  # a code is taken once
    return phone, found


class Asked:
    """Somebody whose password was right, before the page that asks for a code."""

    def __init__(
        self, rig: Rig, *, app: Starlette, address: str = "127.0.0.1", password: str = PASSWORD, **fields: str
    ):
        self.browser = Browser(rig, app=app, address=address)
        answer = self.browser.log_in("anna", password, **fields)
        assert answer.status_code == 200, answer.text
        self.page = soup(answer)
        (field,) = self.page.select("form[action='/login/code'] input[name=pending]")
        self.pending = str(field["value"])

    def type(self, code: str, **fields: str) -> httpx.Response:
        return self.browser.ask("POST", "/login/code", fields={"pending": self.pending, "code": code, **fields})


@pytest.fixture
def app(rig: Rig) -> Starlette:
    return create_app(rig.app)


@pytest.fixture
def anna(rig: Rig, app: Starlette) -> Clicks:
    return Clicks(rig, app=app, address="192.0.2.1")


@pytest.fixture
def phone(rig: Rig, anna: Clicks) -> Phone:
    made, _ = switched_on(rig, anna)
    return made


# --- setting it up -----------------------------------------------------------------------------


def test_the_picture_tells_an_app_what_the_text_says(rig: Rig, anna: Clicks) -> None:
    page = soup(anna.post("/me/second", current=PASSWORD))
    (link,) = page.select("a[href^='otpauth:']")
    parts = urlsplit(str(link["href"]))
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Отклик:anna")
    (secret,) = page.select("code.secret")
    assert parse_qs(parts.query)["secret"] == [secret.get_text().replace(" ", "")]
    (svg,) = page.select("svg")
    assert not [tag for tag in svg.find_all(True) if tag.name not in ("g", "path")]
    assert not [name for tag in (svg, *svg.find_all(True)) for name in tag.attrs if name in ("style", "onload", "href")]


def test_nobody_is_asked_for_a_code_before_one_was_typed(rig: Rig, anna: Clicks, app: Starlette) -> None:
    phone = Phone(rig, soup(anna.post("/me/second", current=PASSWORD)))
    wrong = anna.post("/me/second/confirm", code=phone.wrong())
    assert (wrong.status_code, "Код не подходит" in complaint(wrong)) == (400, True)
    assert soup(wrong).select("svg")
    assert Browser(rig, app=app).log_in("anna").status_code == 303
    assert anna.post("/me/second/confirm", code=phone.code()).status_code == 200
    assert Browser(rig, app=app).log_in("anna").status_code == 200


def test_ten_recovery_codes_are_shown_once(rig: Rig, anna: Clicks) -> None:
    _, codes = switched_on(rig, anna)
    assert len(set(codes)) == RECOVERY_CODES
    assert all(re.fullmatch("[A-Z2-7]{4}( [A-Z2-7]{4}){3}", code) for code in codes)
    assert not any(code in anna.get("/me").text for code in codes)
    assert anna.post("/me/second/confirm", code="000000").status_code == 400


def test_setting_up_needs_the_password_and_is_over_after_a_while(rig: Rig, anna: Clicks) -> None:
    refused = anna.post("/me/second", current="wrong")
    assert (refused.status_code, complaint(refused)) == (400, "Нынешний пароль не подходит.")
    assert not soup(refused).select("svg")
    phone = Phone(rig, soup(anna.post("/me/second", current=PASSWORD)))
    rig.clock.advance(SETUP_LIFE)
    late = anna.post("/me/second/confirm", code=phone.code())
    assert (late.status_code, "Начните ещё раз" in complaint(late)) == (400, True)


def test_who_begins_anew_has_another_secret_and_the_first_is_worth_nothing(rig: Rig, anna: Clicks) -> None:
    first, second = (Phone(rig, soup(anna.post("/me/second", current=PASSWORD))) for _ in range(2))
    assert first.code() != second.code()
    assert anna.post("/me/second/confirm", code=first.code()).status_code == 400
    assert anna.post("/me/second/confirm", code=second.code()).status_code == 200


def test_one_that_is_on_is_not_replaced_by_whoever_sits_at_the_desk(
    rig: Rig, anna: Clicks, app: Starlette, phone: Phone
) -> None:
    refused = anna.post("/me/second", current=PASSWORD)
    assert (refused.status_code, complaint(refused)) == (400, "Подтверждение входа уже включено.")
    assert Asked(rig, app=app).type(phone.code()).status_code == 303


# --- logging in --------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(rig: Rig, app: Starlette, phone: Phone) -> None:
    asked = Asked(rig, app=app)
    assert not list(asked.browser.cookies.jar)
    for page in ("/me", "/queue", "/people"):
        assert asked.browser.get(page).status_code == 401
    stolen = Browser(rig, app=app)
    stolen.cookies.set("otklik", asked.pending)
    assert stolen.get("/me").status_code == 401
    assert ("anna", "logged in", "") not in audit(rig)[:1]


def test_the_code_opens_and_leads_to_where_somebody_wanted_to_go(rig: Rig, app: Starlette, phone: Phone) -> None:
    asked = Asked(rig, app=app, next="/today")
    (goal,) = asked.page.select("input[name=next]")
    answer = asked.type(phone.code(), next=str(goal["value"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert asked.browser.get("/me").status_code == 200
    assert audit(rig)[0] == ("anna", "logged in", "")


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_after_the_code_nobody_is_sent_elsewhere(rig: Rig, app: Starlette, phone: Phone, goal: str) -> None:
    answer = Asked(rig, app=app).type(phone.code(), next=goal)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


def test_words_that_were_being_written_come_along_through_both_steps(rig: Rig, app: Starlette, phone: Phone) -> None:
    asked = Asked(rig, app=app, text="Мои <слова>", next="/me")
    (area,) = asked.page.select("textarea[name=text]")
    kept = area.get_text().removeprefix("\n")
    wrong = asked.type(phone.wrong(), text=kept, next="/me")
    assert soup(wrong).select("textarea")[0].get_text().removeprefix("\n") == "Мои <слова>"
    answer = asked.type(phone.code(), text=kept, next="/me")
    assert answer.status_code == 200
    assert soup(answer).select("textarea")[0].get_text().removeprefix("\n") == "Мои <слова>"
    assert asked.browser.get("/me").status_code == 200


def test_a_session_is_never_one_that_was_there(rig: Rig, app: Starlette, phone: Phone) -> None:
    asked = Asked(rig, app=app)
    asked.browser.cookies.set("otklik", "planted")
    asked.type(phone.code())
    assert "planted" not in [cookie.value for cookie in asked.browser.cookies.jar if cookie.domain]


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_half_a_minute_wrong(rig: Rig, app: Starlette, phone: Phone, steps: int, status: int) -> None:
    rig.clock.advance(10 * TICK)
    assert Asked(rig, app=app).type(phone.code(steps * TICK)).status_code == status


def test_a_code_is_taken_once(rig: Rig, app: Starlette, phone: Phone) -> None:
    code = phone.code()
    assert Asked(rig, app=app).type(code).status_code == 303
    assert Asked(rig, app=app).type(code).status_code == 401
    rig.clock.advance(TICK)
    assert Asked(rig, app=app).type(code).status_code == 401
    assert Asked(rig, app=app).type(phone.code(-TICK)).status_code == 401  # nor one before it
    assert Asked(rig, app=app).type(phone.code()).status_code == 303


def test_the_code_that_switched_it_on_opens_nothing(rig: Rig, anna: Clicks, app: Starlette) -> None:
    phone = Phone(rig, soup(anna.post("/me/second", current=PASSWORD)))
    code = phone.code()
    anna.post("/me/second/confirm", code=code)
    assert Asked(rig, app=app).type(code).status_code == 401


def test_two_at_once_with_one_code_do_not_both_get_in(rig: Rig, app: Starlette, phone: Phone) -> None:
    both, code = [Asked(rig, app=app) for _ in range(2)], phone.code()
    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(each.status_code for each in threads.map(lambda asked: asked.type(code), both))
    assert statuses == [303, 401]


def test_a_login_that_waits_is_over_soon_is_used_once_and_dies_with_its_password(
    rig: Rig, anna: Clicks, app: Starlette, phone: Phone
) -> None:
    slow = Asked(rig, app=app)
    rig.clock.advance(PENDING_LIFE)
    late = slow.type(phone.code())
    assert (late.status_code, is_login_page(late)) == (401, True)
    used = Asked(rig, app=app)
    assert used.type(phone.code()).status_code == 303
    rig.clock.advance(TICK)
    assert used.type(phone.code()).status_code == 401
    waiting = Asked(rig, app=app)
    anna.post("/me/password", current=PASSWORD, password=NEW, again=NEW)
    assert waiting.type(phone.code()).status_code == 401
    again = Asked(rig, app=app, password=NEW)
    with rig.app.store.write():
        rig.app.store.accounts.set_active(anna.account.id, False)
    assert again.type(phone.code()).status_code == 401


@pytest.mark.parametrize("pending", ["", "x" * 43, "'", "\ud800"])
def test_a_login_that_never_was_is_begun_anew(rig: Rig, app: Starlette, phone: Phone, pending: str) -> None:
    fields = {"pending": pending.encode("utf-8", "replace").decode(), "code": phone.code()}
    answer = Browser(rig, app=app).ask("POST", "/login/code", fields=fields)
    assert (answer.status_code, is_login_page(answer)) == (401, True)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_of_another_site_types_a_code(rig: Rig, app: Starlette, phone: Phone, headers: dict[str, str]) -> None:
    asked = Asked(rig, app=app)
    fields = {"pending": asked.pending, "code": phone.code()}
    assert asked.browser.ask("POST", "/login/code", fields=fields, headers=headers).status_code == 403


# --- guessing ----------------------------------------------------------------------------------


def test_whoever_guesses_codes_waits_and_a_right_password_does_not_make_up_for_it(
    rig: Rig, app: Starlette, phone: Phone
) -> None:
    statuses = [Asked(rig, app=app).type(phone.wrong()).status_code for _ in range(FREE_PER_ACCOUNT + 1)]
    assert statuses == [401] * FREE_PER_ACCOUNT + [429]
    refused = Asked(rig, app=app, address="203.0.113.9").type(phone.code())
    assert (refused.status_code, "Слишком много неверных кодов" in complaint(refused)) == (429, True)
    assert audit(rig)[0] == ("", "code failed", "anna")


def test_failures_are_counted_until_a_success_however_long_it_takes(rig: Rig, app: Starlette, phone: Phone) -> None:
    for _ in range(FREE_PER_ACCOUNT):
        Asked(rig, app=app).type(phone.wrong())
    for _ in range(5):
        rig.clock.advance(2 * MEMORY)
        assert Asked(rig, app=app).type(phone.wrong()).status_code == 401
        assert Asked(rig, app=app).type(phone.code()).status_code == 429
    rig.clock.advance(2 * MEMORY)
    assert Asked(rig, app=app).type(phone.code()).status_code == 303
    rig.clock.advance(TICK)
    assert Asked(rig, app=app).type(phone.wrong()).status_code == 401
    assert Asked(rig, app=app).type(phone.code()).status_code == 303


def test_guesses_at_once_do_not_slip_through(rig: Rig, app: Starlette, phone: Phone) -> None:
    asked, wrong = Asked(rig, app=app), phone.wrong()
    with ThreadPoolExecutor(8) as threads:
        tries = [threads.submit(asked.type, wrong) for _ in range(12)]
        statuses = sorted(each.result().status_code for each in tries)
    assert statuses == [401] * FREE_PER_ACCOUNT + [429] * (12 - FREE_PER_ACCOUNT)


def test_wrong_codes_count_at_the_address_too(rig: Rig, app: Starlette, phone: Phone) -> None:
    guesser = Browser(rig, app=app, address="203.0.113.9")
    for number in range(FREE_PER_ADDRESS):
        guesser.log_in(f"user{number}", "wrong")
    asked = Asked(rig, app=app)
    fields = {"pending": asked.pending, "code": phone.code()}
    assert guesser.ask("POST", "/login/code", fields=fields).status_code == 429


@pytest.mark.parametrize(
    "code", ["", "1", "12345", "1234567", "０００００００", "٠٠٠٠٠٠", "-12345", "1e5", "x" * 10_000]
)
def test_what_is_no_code_is_none(rig: Rig, app: Starlette, phone: Phone, code: str) -> None:
    assert Asked(rig, app=app).type(code).status_code == 401


# --- recovery codes ----------------------------------------------------------------------------


def test_a_recovery_code_opens_once_however_it_is_typed(rig: Rig, anna: Clicks, app: Starlette) -> None:
    _, codes = switched_on(rig, anna)
    first = codes[0].lower().replace(" ", "-")
    assert Asked(rig, app=app).type(f" {first} ").status_code == 303
    assert Asked(rig, app=app).type(codes[0]).status_code == 401
    assert Asked(rig, app=app).type(codes[1].replace(" ", "")).status_code == 303
    assert f"осталось: {RECOVERY_CODES - 2}" in anna.get("/me").text
    assert ("anna", "recovery code used", "anna") in audit(rig)


def test_one_recovery_code_lets_one_in(rig: Rig, anna: Clicks, app: Starlette) -> None:
    _, codes = switched_on(rig, anna)
    both = [Asked(rig, app=app) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(each.status_code for each in threads.map(lambda asked: asked.type(codes[0]), both))
    assert statuses == [303, 401]


def test_new_recovery_codes_take_the_place_of_the_old_ones(rig: Rig, anna: Clicks, app: Starlette) -> None:
    phone, old = switched_on(rig, anna)
    answer = anna.post("/me/second/codes", current=PASSWORD, code=phone.code())
    new = [code.get_text() for code in soup(answer).select(".codes code")]
    assert (len(new), set(new) & set(old)) == (RECOVERY_CODES, set())
    assert Asked(rig, app=app).type(old[0]).status_code == 401
    assert Asked(rig, app=app).type(new[0]).status_code == 303


# --- switching it off --------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["off", "codes"])
def test_without_the_password_and_a_code_it_stays_on(
    rig: Rig, anna: Clicks, app: Starlette, phone: Phone, act: str
) -> None:
    for password, code in (("wrong", phone.code()), (PASSWORD, phone.wrong())):
        assert anna.post(f"/me/second/{act}", current=password, code=code).status_code == 400
    assert Asked(rig, app=app).type(phone.code()).status_code == 303


def test_switched_off_the_password_is_enough(rig: Rig, anna: Clicks, app: Starlette, phone: Phone) -> None:
    answer = anna.post("/me/second/off", current=PASSWORD, code=phone.code(), follow=True)
    assert "Подтверждение входа выключено." in answer.text
    assert Browser(rig, app=app).log_in("anna").status_code == 303
    assert [what for what in audit(rig) if "factor" in what[1]] == [
        ("anna", "second factor off", "anna"),
        ("anna", "second factor on", "anna"),
    ]


def test_codes_are_not_guessed_at_a_desk_left_open(rig: Rig, anna: Clicks, phone: Phone) -> None:
    statuses = [
        anna.post("/me/second/off", current=PASSWORD, code=phone.wrong()).status_code
        for _ in range(FREE_PER_ACCOUNT + 1)
    ]
    assert statuses == [400] * FREE_PER_ACCOUNT + [429]


def test_the_owner_hears_by_mail_that_it_was_switched(rig: Rig, app: Starlette) -> None:
    account(rig)
    rig.app.people("root").set_email("anna", "anna@example.ru")
    anna = Clicks(rig, app=app)
    phone, _ = switched_on(rig, anna)
    anna.post("/me/second/off", current=PASSWORD, code=phone.code())
    told = [one.level for one in rig.app.store.notifications.page(10) if one.kind is AlertKind.ACCOUNT]
    assert told == ["factor off", "factor on", "email"]


# --- what a thief of the file gets -------------------------------------------------------------


def test_neither_the_secret_nor_a_code_stands_in_the_file_of_a_desk_with_a_secret(public: Rig) -> None:
    anna = Clicks(public)
    phone, codes = switched_on(public, anna)
    factor = public.app.store.factors.of(anna.account.id)
    assert factor is not None
    assert Seals("").secret(factor.seed, factor.sealed_by) is None
    secret = phone.totp.secret
    public.app.close()
    kept = b"".join(path.read_bytes() for path in public.folder.glob("otklik.db*"))
    public.restart()
    for told in (secret, *codes, *(code.replace(" ", "") for code in codes)):
        assert told.encode() not in kept


def test_with_another_secret_of_the_desk_recovery_codes_still_open(
    public: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, codes = switched_on(public, Clicks(public))
    monkeypatch.setenv("DESK_SECRET", SECRET[::-1])
    public.restart()
    app = create_app(public.app)
    asked = Asked(public, app=app)
    assert "коды из приложения больше не подходят" in asked.page.get_text()
    assert asked.type(phone.code()).status_code == 401
    assert asked.type(codes[0]).status_code == 303
    answer = asked.browser.get("/me")
    assert "Секрет рабочего места сменился" in answer.text


def test_a_factor_of_a_desk_without_a_secret_goes_on_when_it_gets_one(rig: Rig, anna: Clicks) -> None:
    phone, _ = switched_on(rig, anna)
    factor = rig.app.store.factors.of(anna.account.id)
    assert factor is not None
    assert SEALS.secret(factor.seed, factor.sealed_by) == phone.totp.secret


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), st.integers(-5, 5))
def test_a_code_is_of_the_step_it_was_made_in(naive: datetime, off: int) -> None:
    now = naive.replace(tzinfo=UTC)
    secret = SEALS.secret("seed", SEALS.mark)
    assert secret is not None
    step = int(now.timestamp()) // STEP + off
    found = step_of(secret, TOTP(secret).generate_otp(step), now)
    assert found == step if abs(off) <= 1 else found != step


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    secret = SEALS.secret("seed", SEALS.mark)
    assert secret is not None
    assert step_of(secret, typed(text), NOON) is None or re.fullmatch(r"\d{6}", typed(text))


def test_every_seed_makes_another_secret() -> None:
    made = {SEALS.secret(new_seed(), SEALS.mark) for _ in range(50)}
    assert len(made) == 50
    assert all(secret is not None and len(secret) == 32 for secret in made)
    assert len({code for _ in range(5) for code in second_factor.new_recovery_codes()}) == 5 * RECOVERY_CODES


# --- an administrator helps --------------------------------------------------------------------


def test_an_administrator_resets_it_for_whoever_lost_the_phone(
    rig: Rig, anna: Clicks, app: Starlette, phone: Phone
) -> None:
    waiting, boss = Asked(rig, app=app), Clicks(rig, "boss", Role.ADMINISTRATOR, app=app)
    answer = boss.post(f"/people/{anna.account.id}/reset", follow=True)
    assert "Подтверждение входа сброшено" in answer.text
    assert waiting.type(phone.code()).status_code == 401  # what began before is begun anew
    assert Browser(rig, app=app).log_in("anna").status_code == 303
    assert ("boss", "second factor reset", "anna") in audit(rig)
    rig.clock.advance(MINUTE)
    switched_on(rig, anna)
