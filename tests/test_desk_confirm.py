"""The pages that buttons in mails open: looking changes nothing, pressing acts once, and nothing leaks."""

import asyncio
import logging
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.accounts import Role
from monitor.alerts import Alert, AlertKind, TicketView
from monitor.desk.app import create_app
from monitor.desk.guard import HEADERS, LARGEST_BODY
from monitor.errors import Conflict, StoreError
from monitor.invitations import LABELS, Action, Invitations
from monitor.model import Target, TicketState
from monitor.notify.views import buttons
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.desk_rig import account
from tests.rig import HEAD, NOON, Rig
from tests.test_notify_render import HOSTILE, Tags

ANNA, OLEG = "anna@example.ru", "oleg@example.ru"
SECRET = "a secret that is long enough to sign"
PEOPLE = "people: {Анна: {email: anna@example.ru}, Олег: {email: oleg@example.ru}}"
CONFIG = HEAD.replace("collapse_over: 10", f"collapse_over: 10, {PEOPLE}")
DESK = 'desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET}\n'


@pytest.fixture(scope="module")
def day_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a café after its first pass: mails with buttons are in its outbox."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        patch.setenv("DESK_SECRET", SECRET)
        rig = Rig(folder, World.demo(NOON), head=CONFIG, extra=DESK)
        rig.run()
        rig.app.close()
    return folder


@pytest.fixture
def rig(day_one: Path, tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """The café's database of that morning, time standing still at noon."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    folder = tmp_path / "cafe"
    shutil.copytree(day_one, folder)
    rig = Rig(folder, World.demo(NOON), head=CONFIG, extra=DESK)
    yield rig
    rig.app.close()


class Browser:
    """Asks the desk; `link` makes what a mail to somebody would hold."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.app = create_app(rig.app)
        self.ticket = next(view for view in rig.queue() if view.due_at is not None)

    @property
    def invitations(self) -> Invitations:
        assert self.rig.app.invitations is not None
        return self.rig.app.invitations

    def link(self, action: Action, to: str = ANNA, view: TicketView | None = None) -> str:
        return self.invitations.address(action, view or self.ticket, to, self.rig.clock.now())

    def now(self) -> TicketView:
        return self.rig.app.reports.ticket(self.ticket.ticket, self.rig.clock.now())

    def events(self) -> list[tuple[str, str]]:
        """Kind and actor of what happened to the ticket."""
        rows = self.rig.app.store.tickets.events(self.ticket.ticket)
        return [(row["kind"], row["actor"]) for row in rows]

    def ask(self, method: str, address: str, **options: Any) -> httpx.Response:
        return self.together((method, address), **options)[0]

    def get(self, address: str) -> httpx.Response:
        return self.ask("GET", address)

    def press(self, address: str) -> httpx.Response:
        return self.ask("POST", address)

    def together(self, *requests: tuple[str, str], **options: Any) -> list[httpx.Response]:
        """All of them at once."""

        async def go() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://evil.example") as client:
                return await asyncio.gather(*(client.request(*request, **options) for request in requests))

        return asyncio.run(go())


@pytest.fixture
def browser(rig: Rig) -> Browser:
    return Browser(rig)


def heading(answer: httpx.Response) -> str:
    return answer.text.partition("<h1>")[2].partition("</h1>")[0].replace("\u00a0", " ")


def sql(rig: Rig, statement: str, *values: object) -> None:
    connection = sqlite3.connect(rig.app.config.database)
    with connection:
        connection.execute(statement, values)
    connection.close()


# --- looking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", Action)
def test_looking_shows_what_would_happen_and_changes_nothing(browser: Browser, action: Action) -> None:
    before = browser.rig.digest()
    head, answer = browser.ask("HEAD", browser.link(action)), browser.get(browser.link(action))
    assert (head.status_code, head.content, answer.status_code) == (200, b"", 200)
    page = Tags(answer.text)
    assert [attributes.get("method") for tag, attributes in page.tags if tag == "form"] == ["post"]
    for shown in (LABELS[action], browser.ticket.place_title, "★", browser.ticket.text.split()[0], "срок ответа"):
        assert shown in page.words
    assert "Анна" in page.words
    assert browser.rig.digest() == before


def test_the_page_says_how_much_time_is_left(browser: Browser) -> None:
    browser.rig.clock.advance(timedelta(minutes=20))
    assert "Осталось 40 мин" in browser.get(browser.link(Action.TAKE)).text.replace("\u00a0", " ")
    browser.rig.clock.advance(timedelta(hours=1))
    assert "Просрочено на 20 мин" in browser.get(browser.link(Action.TAKE)).text.replace("\u00a0", " ")


# --- pressing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "event", "title"),
    [
        (Action.ACKNOWLEDGE, "acknowledged", "Отмечено: Вы знаете об отзыве"),
        (Action.TAKE, "taken", "Отзыв записан на Вас"),
        (Action.SUBMITTED, "submitted", "Ответ отмечен как отправленный"),
    ],
)
def test_pressing_acts_in_the_name_of_whom_the_mail_went_to(
    browser: Browser, action: Action, event: str, title: str
) -> None:
    answer = browser.press(browser.link(action))
    assert (answer.status_code, heading(answer)) == (200, title)
    assert browser.events()[-1] == (event, "Анна")
    after = browser.now()
    assert after.assignee == ("Анна" if action is Action.TAKE else None)
    assert after.acknowledged_by == ("Анна" if action is Action.ACKNOWLEDGE else None)
    assert (after.state is TicketState.SUBMITTED) is (action is Action.SUBMITTED)


@pytest.mark.parametrize(
    ("to", "actor"), [("support@example.ru", "support@example.ru"), ("channel:telegram", "telegram")]
)
def test_a_shared_mailbox_and_a_channel_act_under_their_own_name(browser: Browser, to: str, actor: str) -> None:
    assert actor in browser.get(browser.link(Action.TAKE, to)).text
    browser.press(browser.link(Action.TAKE, to))
    assert browser.now().assignee == actor


@pytest.mark.parametrize(
    ("action", "title"),
    [
        (Action.ACKNOWLEDGE, "Уже отмечено"),
        (Action.TAKE, "Отзыв уже записан на Вас"),
        (Action.SUBMITTED, "Уже отмечено"),
    ],
)
def test_pressing_twice_is_said_calmly_and_done_once(browser: Browser, action: Action, title: str) -> None:
    browser.press(browser.link(action))
    after = browser.rig.digest()
    for answer in (browser.press(browser.link(action)), browser.get(browser.link(action))):
        assert (answer.status_code, heading(answer)) == (200, title)
        assert "<form" not in answer.text
    assert browser.rig.digest() == after


def test_what_a_colleague_has_said_is_calmly_told(browser: Browser) -> None:
    browser.press(browser.link(Action.ACKNOWLEDGE, OLEG))
    answer = browser.press(browser.link(Action.ACKNOWLEDGE))
    assert answer.status_code == 200
    assert "Об отзыве знает Олег" in answer.text
    assert browser.now().acknowledged_by == "Олег"


def test_a_colleague_is_called_by_the_name_of_their_account_on_pages_and_in_mails(browser: Browser) -> None:
    rig = browser.rig
    account(rig, "vera")
    rig.app.actions("vera").take(browser.ticket.ticket)
    assert heading(browser.press(browser.link(Action.TAKE))) == "Отзывом занимается Vera"
    alert = Alert(AlertKind.DEADLINE, "", "owner@example.ru", "<a1@otklik.example>", (browser.now(),), NOON)
    assert "Занимается: Vera\n" in rig.app.renderer.render(alert, now=NOON).text


@pytest.mark.parametrize("action", [Action.TAKE, Action.SUBMITTED])
def test_a_ticket_in_another_hand_is_left_there(browser: Browser, action: Action) -> None:
    browser.rig.app.actions("Олег").take(browser.ticket.ticket)
    before = browser.rig.digest()
    for answer in (browser.get(browser.link(action)), browser.press(browser.link(action))):
        assert (answer.status_code, heading(answer)) == (409, "Отзывом занимается Олег")
        assert "<form" not in answer.text
        assert "Ответить на сайте" not in answer.text
    assert browser.rig.digest() == before


def test_knowing_of_a_ticket_in_another_hand_is_no_conflict(browser: Browser) -> None:
    browser.rig.app.actions("Олег").take(browser.ticket.ticket)
    assert browser.press(browser.link(Action.ACKNOWLEDGE)).status_code == 200
    assert browser.now().acknowledged_by == "Анна"


def test_whoever_took_it_may_say_that_the_reply_is_sent(browser: Browser) -> None:
    browser.press(browser.link(Action.TAKE))
    assert browser.press(browser.link(Action.SUBMITTED)).status_code == 200


@pytest.mark.parametrize(
    ("action", "state", "status"),
    [
        *((action, state, 409) for action in Action for state in ("dismissed", "removed")),
        *((action, state, 409) for action in (Action.TAKE, Action.ACKNOWLEDGE) for state in ("submitted", "answered")),
        *((Action.SUBMITTED, state, 200) for state in ("submitted", "answered")),
        (Action.ACKNOWLEDGE, "unanswerable", 409),
        (Action.SUBMITTED, "unanswerable", 409),
    ],
)
def test_a_ticket_that_was_closed_meanwhile_says_how_it_stands(
    browser: Browser, action: Action, state: str, status: int
) -> None:
    sql(browser.rig, "UPDATE ticket SET state = ?, next_change_at = NULL WHERE id = ?", state, browser.ticket.ticket)
    before = browser.rig.digest()
    for answer in (browser.get(browser.link(action)), browser.press(browser.link(action))):
        assert answer.status_code == status
        assert "Сейчас: " in answer.text
        assert "<form" not in answer.text
    assert browser.rig.digest() == before


def test_two_people_who_press_at_once_do_not_get_the_same_ticket(browser: Browser) -> None:
    answers = browser.together(("POST", browser.link(Action.TAKE, ANNA)), ("POST", browser.link(Action.TAKE, OLEG)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    owner = "Анна" if answers[0].status_code == 200 else "Олег"
    assert browser.now().assignee == owner
    assert heading(answers[owner == "Анна"]) == f"Отзывом занимается {owner}"
    assert [event for event in browser.events() if event[0] == "taken"] == [("taken", owner)]


def test_one_button_pressed_many_times_at_once_acts_once(browser: Browser) -> None:
    answers = browser.together(*[("POST", browser.link(Action.SUBMITTED))] * 8)
    assert {answer.status_code for answer in answers} == {200}
    assert [kind for kind, _ in browser.events()].count("submitted") == 1


def test_whoever_loses_by_a_moment_is_told_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody takes it between our look and our pressing."""
    actions = browser.rig.app.actions

    def slow(actor: str) -> object:
        actions("Олег").take(browser.ticket.ticket)
        return actions(actor)

    monkeypatch.setattr(browser.rig.app, "actions", slow)
    answer = browser.press(browser.link(Action.TAKE))
    assert (answer.status_code, heading(answer)) == (409, "Отзывом занимается Олег")


def test_a_conflict_that_the_page_does_not_know_is_told_in_its_own_words(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.tickets.Tickets.save", raises(Conflict("отзыв № 1 кто-то изменил")))
    answer = browser.press(browser.link(Action.TAKE))
    assert answer.status_code == 409
    assert "Отзыв № 1 кто-то изменил" in answer.text


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


# --- links that do not work --------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("action", Action)
def test_an_expired_link_names_the_command_and_does_nothing(browser: Browser, method: str, action: Action) -> None:
    link = browser.link(action)
    browser.rig.clock.advance(timedelta(days=7))
    before = browser.rig.digest()
    answer = browser.ask(method, link)
    assert (answer.status_code, heading(answer)) == (410, "Ссылка устарела")
    command = {Action.ACKNOWLEDGE: "ack", Action.TAKE: "take", Action.SUBMITTED: "submitted"}[action]
    assert f"otklik queue {command} {browser.ticket.ticket}" in answer.text
    assert "7\u00a0дней" in answer.text
    assert browser.rig.digest() == before


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(browser: Browser) -> None:
    link = browser.link(Action.TAKE)
    address, _, token = link.rpartition("/")
    foreign = Invitations("z" * 40, public_url=address[:-2], lifetime=timedelta(days=7), names={})
    wrong = [
        f"{address}/{token[:-1]}",
        f"{address}/{token}A",
        f"{address}/{token[:40]}{'A' if token[40] != 'A' else 'B'}{token[41:]}",
        f"{address}/{token}/",
        f"{address}/{token}%00",
        f"{address}/%D0%B0",
        f"{address}/{'A' * 5000}",
        f"{address}/..%2f..%2fetc",
        foreign.address(Action.TAKE, browser.ticket, ANNA, NOON),
        browser.link(Action.TAKE, view=replace(browser.ticket, ticket=10**6)),
        browser.link(Action.TAKE, view=replace(browser.ticket, external_id="another")),
        "https://otklik.example.ru/a/",
        "https://otklik.example.ru/nothing",
    ]
    before = browser.rig.digest()
    bodies = set()
    for address in wrong:
        for method in ("GET", "POST"):
            answer = browser.ask(method, address)
            assert answer.status_code == 404, address
            bodies.add(answer.text)
    assert len(bodies) == 1
    assert "Ромашка" not in bodies.pop()
    assert browser.rig.digest() == before


@pytest.mark.parametrize(
    ("login", "email", "to", "status"),
    [("Анна", "", ANNA, 403), ("anna", "ANNA@example.ru", ANNA, 403), ("anna", "", ANNA, 200), ("Анна", "", OLEG, 200)],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_links_of_whoever_was_shut_out_do_nothing(
    browser: Browser, method: str, login: str, email: str, to: str, status: int
) -> None:
    store, link = browser.rig.app.store, browser.link(Action.ACKNOWLEDGE, to)
    with store.write():
        made = store.accounts.add(
            login, name=login, role=Role.OPERATOR, places=None, email=email, now=browser.rig.clock.now()
        )
        store.accounts.set_active(made.id, False)
    before = browser.events()
    answer = browser.ask(method, link)
    assert answer.status_code == status
    assert (browser.events() == before) is (status == 403 or method == "GET")


def has_account(rig: Rig, login: str, email: str = ANNA, places: Sequence[str] | None = None) -> None:
    accounts = rig.app.store.accounts
    with rig.app.store.write():
        accounts.add(login, name=login, role=Role.OPERATOR, places=places, email=email, now=rig.clock.now())


@pytest.mark.parametrize(("login", "email"), [("anna", ANNA.upper()), ("анна", "")])
def test_whoever_has_an_account_acts_under_its_login(browser: Browser, login: str, email: str) -> None:
    has_account(browser.rig, login, email)
    link = browser.link(Action.TAKE)
    assert f"останется: {login}" in browser.get(link).text
    assert browser.press(link).status_code == 200
    assert browser.events()[-1] == ("taken", login)
    assert browser.now().assignee == login
    assert browser.press(browser.link(Action.SUBMITTED)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_does_nothing_at_places_that_are_not_of_whoever_got_it(browser: Browser, method: str) -> None:
    has_account(browser.rig, "anna", places=["another"])
    before = browser.rig.digest()
    answer = browser.ask(method, browser.link(Action.TAKE))
    assert answer.status_code == 403
    assert "не работает с отзывами этой точки" in answer.text
    assert browser.ticket.text[:20] not in answer.text
    assert browser.rig.digest() == before


def test_of_several_who_share_a_mailbox_nobody_is_said_to_have_acted(browser: Browser) -> None:
    has_account(browser.rig, "vera", "support@example.ru")
    has_account(browser.rig, "zoya", "support@example.ru", places=["another"])
    assert browser.press(browser.link(Action.TAKE, "support@example.ru")).status_code == 200
    assert browser.now().assignee == "support@example.ru"


def test_who_took_a_review_under_their_login_still_hears_of_it_by_their_address(browser: Browser) -> None:
    app, place = browser.rig.app, browser.ticket.place
    has_account(browser.rig, "anna")
    browser.press(browser.link(Action.TAKE))
    heard = app.ladder.recipients(
        "80%", Target.NEGATIVE, place=place, assignee=browser.now().assignee, today=NOON.date()
    )
    assert ANNA in heard
    assert app.why(ANNA, browser.now(), NOON) == "assignee"
    offered = {button.label for button in buttons(browser.now(), ANNA, app.invitations, NOON)}
    assert LABELS[Action.SUBMITTED] in offered


def test_a_forged_link_does_not_reach_the_database(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.connection.Connection.iterate", raises(AssertionError("asked the database")))
    link = browser.link(Action.TAKE)
    assert browser.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404


def test_after_a_backup_was_restored_a_number_of_another_review_is_not_touched(browser: Browser) -> None:
    link = browser.link(Action.TAKE)
    sql(
        browser.rig,
        "UPDATE review SET external_id = 'another' WHERE id = (SELECT review_id FROM ticket WHERE id = ?)",
        browser.ticket.ticket,
    )
    assert browser.press(link).status_code == 404
    assert browser.now().assignee is None


# --- what an attacker would try ----------------------------------------------------------------


def hostile(browser: Browser) -> str:
    """The link to a ticket whose review, author and addresses want to be obeyed."""
    text = HOSTILE.replace("\ud800", "")  # SQLite would not have taken that
    sql(
        browser.rig,
        "UPDATE review SET text = ?, author = ?, url = ? WHERE id = (SELECT review_id FROM ticket WHERE id = ?)",
        text,
        text,
        "javascript:alert(1)",
        browser.ticket.ticket,
    )
    sql(
        browser.rig,
        "INSERT INTO draft (ticket_id, number, revision, text, template, findings, at) VALUES (?, 99, 1, ?, '', '[]', "
        "'2026-11-21T12:00:00.000000Z')",
        browser.ticket.ticket,
        text,
    )
    return browser.link(Action.TAKE)


def test_a_hostile_review_stays_text(browser: Browser) -> None:
    link = hostile(browser)
    for answer in (browser.get(link), browser.press(link)):
        page = Tags(answer.text)
        assert not {"script", "img", "iframe", "style"} & {tag for tag, _ in page.tags}
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
        assert "<script>alert(1)</script>" in page.words
        assert "{{ 7 * 7 }}" in page.words
        assert "javascript" not in "".join(filter(None, page.links))
        assert not set(answer.text) & set("\0\x1b\u202e")


@pytest.mark.parametrize("action", Action)
def test_nothing_is_loaded_from_elsewhere_and_nothing_is_built_from_the_host(browser: Browser, action: Action) -> None:
    for answer in (browser.get(browser.link(action)), browser.press(browser.link(action)), browser.get("/")):
        page = Tags(answer.text)
        loaded = [attributes.get("href") for tag, attributes in page.tags if tag == "link"]
        assert loaded == [icon(browser), style(browser)]
        assert not [name for _, attributes in page.tags for name in attributes if name in ("src", "style")]
        actions = [attributes["action"] for _, attributes in page.tags if "action" in attributes]
        assert actions in ([], ["/login"])
        assert "evil.example" not in answer.text + str(answer.headers)


def icon(browser: Browser) -> str:
    address = re.search(r'href="(/static/[0-9a-f]{16}\.svg)"', browser.get("/").text)
    assert address
    assert browser.get(address[1]).headers["content-type"] == "image/svg+xml"
    return address[1]


def style(browser: Browser) -> str:
    """Where the style is: its address changes with what is in it."""
    address = re.search(r'href="(/static/[0-9a-f]{16}\.css)"', browser.get("/").text)
    assert address
    return address[1]


def every_kind_of_answer(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, httpx.Response]]:
    """(status that it must have, the answer)."""
    link, old = browser.link(Action.TAKE), browser.link(Action.SUBMITTED)
    got = [
        (200, browser.get("/")),
        (404, browser.get("/static/0123456789abcdef.css")),
        (200, browser.get(link)),
        (200, browser.ask("HEAD", link)),
        (200, browser.press(link)),
        (409, browser.press(browser.link(Action.TAKE, OLEG))),
        (200, browser.get("/favicon.ico")),
        (404, browser.get("/favicon.png")),
        (404, browser.get(link[:-1])),
        (405, browser.ask("PUT", link)),
        (405, browser.ask("OPTIONS", link)),
        (413, browser.ask("POST", link, content=b"x" * (LARGEST_BODY + 1))),
        (413, browser.ask("POST", link, headers={"content-length": "-1"})),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(browser.rig.app.reports, "ticket", raises(StoreError("locked")))
        got.append((503, browser.get(link)))
        patch.setattr(browser.rig.app.reports, "ticket", raises(RuntimeError("a mistake of ours: " + link)))
        got.append((500, browser.press(link)))
    browser.rig.clock.advance(timedelta(days=8))
    return [*got, (410, browser.get(old))]


def test_every_answer_carries_the_headers_that_protect_it(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for status, answer in every_kind_of_answer(browser, monkeypatch):
        assert answer.status_code == status, answer.text
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "set-cookie" not in answer.headers
        assert "Traceback" not in answer.text
        assert "a mistake of ours" not in answer.text
    policy = HEADERS["Content-Security-Policy"]
    asked_of_us = ("style-src", "script-src", "connect-src", "img-src")
    assert policy.startswith("; ".join(["default-src 'none'", *(f"{kind} 'self'" for kind in asked_of_us)]) + "; ")
    assert "unsafe" not in policy


def test_the_style_may_be_kept_for_ever_and_carries_all_other_headers(browser: Browser) -> None:
    answer = browser.get(style(browser))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    others = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}
    assert {name: answer.headers.get(name) for name in others} == others


def test_no_token_and_nobodys_words_are_logged(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, logger="otklik")  # whatever level the commands of other tests have left it at
    token = browser.link(Action.TAKE).rpartition("/")[2]
    every_kind_of_answer(browser, monkeypatch)
    told = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")  # that is the browser
    assert "desk.answered method=GET page=invitation status=200" in told
    assert f"desk.acted action=take ticket={browser.ticket.ticket} outcome=done" in told
    assert "desk.failed page=invitation error=RuntimeError" in told
    for secret in (token, token[:40], token[-40:], SECRET, ANNA, "Анна", browser.ticket.text[:20], "a mistake of ours"):
        assert secret not in told


def test_a_body_of_unknown_length_is_not_read_to_its_end(browser: Browser) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * LARGEST_BODY
        raise AssertionError("read to the end")

    answer = browser.ask("POST", browser.link(Action.TAKE), content=endless())
    assert answer.status_code == 413
    assert browser.now().assignee is None


def test_a_form_that_somebody_added_fields_to_is_pressed_all_the_same(browser: Browser) -> None:
    answer = browser.ask("POST", browser.link(Action.TAKE), data={"action": "submitted", "actor": "Олег"})
    assert answer.status_code == 200
    assert browser.now().assignee == "Анна"


# --- around it ---------------------------------------------------------------------------------


def test_the_front_page_says_that_the_buttons_work_without_logging_in(browser: Browser) -> None:
    assert "Кнопки в письмах работают и без входа" in browser.get("/").text


def test_without_a_desk_in_the_config_no_link_is_ours(day_one: Path, tmp_path: Path, secrets: None) -> None:
    shutil.copytree(day_one, tmp_path / "cafe")
    rig = Rig(tmp_path / "cafe", World.demo(NOON), head=CONFIG)
    rig.app.config = replace(rig.app.config, desk=None)
    app = create_app(rig.app)
    view = rig.queue()[0]
    link = Invitations(SECRET, public_url="https://x.ru", lifetime=timedelta(days=7), names={}).address(
        Action.TAKE, view, ANNA, NOON
    )

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [await client.get("/"), await client.get(link)]

    front, page = asyncio.run(go())
    assert front.status_code == 200
    assert "Кнопки в письмах" not in front.text
    assert page.status_code == 404
    rig.app.close()


def test_threads_of_the_desk_keep_few_connections(browser: Browser) -> None:
    for _ in range(3):
        browser.together(*[("GET", browser.link(Action.TAKE))] * 20)
    assert len(browser.rig.app.store._db._opened) <= 5


# --- the mail itself ---------------------------------------------------------------------------


def plain(path: Path) -> tuple[Message, str]:
    found = message_from_bytes(path.read_bytes())
    part = next(part for part in found.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return found, payload.decode()


def test_the_button_of_a_mail_that_was_sent_works(browser: Browser) -> None:
    mails = [plain(path) for path in browser.rig.mails()]
    found, text = next((mail, text) for mail, text in mails if "\nБеру себе: " in text)
    link = text.partition("\nБеру себе: ")[2].partition("\n")[0].strip()
    assert browser.press(link).status_code == 200
    taken = [view for view in browser.rig.everything() if view.assignee is not None]
    assert [view.assignee for view in taken] == [str(found["to"])]


def test_without_the_secret_mails_go_out_with_commands_and_the_lack_is_named(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_SECRET", raising=False)
    rig = Rig(tmp_path, World.demo(NOON), head=CONFIG, extra=DESK)
    rig.run()
    texts = [plain(path)[1] for path in rig.mails()]
    assert any("otklik queue take" in text for text in texts)
    assert not any("/a/" in text for text in texts)
    (error,) = rig.app.missing_secrets
    assert error.path == "desk.secret_env"
    assert "DESK_SECRET" in error.message
    rig.app.close()


def test_a_pass_does_not_load_the_web() -> None:
    probe = "import sys, monitor.cli.run, monitor.notify.render; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "uvicorn", "monitor.desk.app"} & set(loaded)
