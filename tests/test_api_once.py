"""What a program does, it does once: whatever it repeats, whoever is faster, wherever the process dies."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.problems import RETRY_AFTER
from monitor.api.turns import Turns
from monitor.assemble import Application
from monitor.errors import StoreError
from monitor.model import TicketState
from monitor.store.answers import MEMORY, Answers
from monitor.tokens import Grant
from responders.types import Draft
from tests import api_fixtures
from tests.api_rig import Program, code
from tests.killed_request import KEY, NOTE, secret_of
from tests.rig import Rig

REPLAYED = "idempotency-replayed"

cafe, rig = api_fixtures.cafe, api_fixtures.fresh


@pytest.fixture
def crm(rig: Rig) -> Program:
    return Program(rig)


def first(rig: Rig) -> int:
    return rig.queue()[0].ticket


def notes(rig: Rig, ticket: int) -> list[str]:
    return [note.text for note in rig.app.store.talk.notes(ticket)]


def events(rig: Rig, ticket: int, kind: str) -> int:
    return sum(event["kind"] == kind for event in rig.app.store.tickets.events(ticket))


# --- the same key ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "body", "kind"),
    [
        ("take", None, "taken"),
        ("assign", {"to": "boris"}, "assigned"),
        ("acknowledge", None, "acknowledged"),
        ("edit", {"text": "Спасибо, ждём Вас."}, "edited"),
        ("draft", None, "edited"),
        ("fault", {"fault": "denied"}, "fault"),
        ("submitted", None, "submitted"),
        ("dismiss", {"reason": "spam"}, "dismissed"),
        ("note", {"text": "Позвонила."}, "noted"),
        ("dispute", {"state": "filed"}, "dispute"),
        ("retag", {"tone": "neutral"}, "retagged"),
    ],
)
def test_a_request_that_is_repeated_is_answered_the_same_and_done_once(
    rig: Rig, crm: Program, action: str, body: object, kind: str
) -> None:
    ticket = first(rig)
    answers = [crm.do(ticket, action, body, key="once") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.content, answer.headers["etag"]) for answer in answers}) == 1
    assert [answer.headers.get(REPLAYED) for answer in answers] == [None, "true", "true"]
    assert events(rig, ticket, kind) == 1
    assert answers[0].json() == crm.told(f"/tickets/{ticket}")
    assert answers[0].headers["etag"] == crm.get(f"/tickets/{ticket}").headers["etag"]
    assert rig.app.store.tickets.events(ticket)[-1]["actor"] == "api:crm"


def test_the_first_answer_is_told_again_whatever_became_of_the_ticket(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    answer = crm.do(ticket, "approve", key="once")
    assert answer.json()["state"] == "approved"
    assert crm.do(ticket, "edit", {"text": "Другие слова, спасибо."}).json()["state"] == "open"
    assert crm.do(ticket, "approve", key="once").content == answer.content
    assert rig.app.store.tickets.get(ticket).state is TicketState.OPEN


def test_a_key_belongs_to_one_request(rig: Rig, crm: Program) -> None:
    ticket, other = (view.ticket for view in rig.queue()[:2])
    crm.do(ticket, "note", {"text": "Позвонила."}, key="once")
    for number, action, body in (
        (ticket, "note", {"text": "Позвонила ещё раз."}),
        (other, "note", {"text": "Позвонила."}),
        (ticket, "edit", {"text": "Позвонила."}),
    ):
        assert code(crm.do(number, action, body, key="once")) == "key-reused"
    assert (notes(rig, ticket), notes(rig, other)) == (["Позвонила."], [])


def test_the_same_request_in_other_bytes_is_the_same(rig: Rig, crm: Program) -> None:
    ticket, themes = first(rig), {"price": True, "staff": False}
    crm.do(ticket, "retag", {"themes": themes, "note": "Так"}, key="once")
    again = crm.do(ticket, "retag", {"note": "Так", "themes": dict(reversed(themes.items()))}, key="once")
    assert again.headers[REPLAYED] == "true"


def test_programs_do_not_share_their_keys(rig: Rig, crm: Program) -> None:
    other, ticket = Program(rig, "other", app=crm.app), first(rig)
    crm.do(ticket, "note", {"text": "Раз."}, key="once")
    assert REPLAYED not in other.do(ticket, "note", {"text": "Два."}, key="once").headers
    assert notes(rig, ticket) == ["Раз.", "Два."]


def test_what_was_refused_may_be_tried_again_under_the_same_key(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    with rig.app.store.write():
        rig.app.actions("anna").take(ticket)
    refused = crm.do(ticket, "submitted", key="once")
    assert (code(refused), refused.json()["holder"]) == ("held", "anna")
    rig.app.actions("anna").release(ticket)
    assert crm.do(ticket, "submitted", key="once").json()["state"] == "submitted"


def test_after_a_day_a_key_is_forgotten(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    crm.do(ticket, "note", {"text": "Раз."}, key="once")
    rig.clock.advance(MEMORY - timedelta(seconds=1))
    assert REPLAYED in crm.do(ticket, "note", {"text": "Раз."}, key="once").headers
    rig.clock.advance(timedelta(seconds=1))
    assert REPLAYED not in crm.do(ticket, "note", {"text": "Два."}, key="once").headers
    rig.clock.advance(MEMORY)
    rig.app.engine().purge()
    assert rig.app.store._db.rows("SELECT * FROM answer") == []


@pytest.mark.parametrize("key", ["", "a" * 256, "two words", "ключ".encode(), None])
def test_without_a_key_nothing_is_done(rig: Rig, crm: Program, key: str | bytes | None) -> None:
    ticket = first(rig)
    headers: Any = {} if key is None else {"idempotency-key": key}
    answer = crm.ask("POST", f"/tickets/{ticket}/actions/note", headers=headers, json={"text": "Раз."})
    assert code(answer) == "invalid"
    assert answer.json()["errors"][0]["where"].lower() == "header.idempotency-key"
    assert notes(rig, ticket) == []


# --- two at once, and what dies ------------------------------------------------------------------


@pytest.mark.parametrize(("action", "body"), [("note", {"text": "Раз."}), ("approve", None), ("submitted", None)])
def test_of_two_at_once_one_does_it_and_both_are_told_the_same(
    rig: Rig, crm: Program, action: str, body: object
) -> None:
    ticket, together = first(rig), threading.Barrier(4)
    answers: list[httpx.Response] = []

    def ask() -> None:
        together.wait()
        answers.append(crm.do(ticket, action, body, key="once"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    assert len({answer.content for answer in answers}) == 1
    assert sorted(REPLAYED in answer.headers for answer in answers) == [False, True, True, True]
    kind = {"note": "noted", "approve": "approved"}.get(action, action)
    assert events(rig, ticket, kind) == 1


@pytest.mark.parametrize(("action", "body"), [("draft", None), ("fault", {"fault": "denied"})])
def test_nobody_is_paid_twice_for_a_draft_that_is_asked_for_twice(
    rig: Rig, crm: Program, monkeypatch: pytest.MonkeyPatch, action: str, body: object
) -> None:
    ticket, written, both = first(rig), list[int](), threading.Barrier(2)
    write = Application._write

    def slow(app: Application, number: int, *arguments: Any) -> Draft:
        written.append(number)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # for another that is written at the same time
        return write(app, number, *arguments)

    monkeypatch.setattr(Application, "_write", slow)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: crm.do(ticket, action, body, key="once"), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert written == [ticket]


def test_whoever_asks_for_too_long_under_one_key_is_asked_to_come_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.desk.app.PATIENCE", 0.05)
    crm, ticket, begun, go = Program(rig), first(rig), threading.Event(), threading.Event()
    write = Application._write

    def slow(app: Application, number: int, *arguments: Any) -> Draft:
        begun.set()
        go.wait(20)
        return write(app, number, *arguments)

    monkeypatch.setattr(Application, "_write", slow)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(crm.do, ticket, "draft", key="once")
        try:
            assert begun.wait(20)
            late = crm.do(ticket, "draft", key="once")
            assert (code(late), late.headers["retry-after"]) == ("busy", str(RETRY_AFTER))
            assert crm.do(ticket, "note", {"text": "Раз."}, key="another").status_code == 200
        finally:
            go.set()
        assert asked.result().status_code == 200
    assert REPLAYED in crm.do(ticket, "draft", key="once").headers


def test_whose_turn_is_over_is_forgotten() -> None:
    turns = Turns()
    with turns.of("a", 0) as first_, turns.of("b", 0) as second, turns.of("a", 0) as third:
        assert (first_, second, third, len(turns)) == (True, True, False, 2)
    with suppress(KeyError), turns.of("a", 0) as mine:
        assert mine
        raise KeyError
    assert len(turns) == 0


def test_an_answer_that_cannot_be_kept_takes_what_was_done_along(
    rig: Rig, crm: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = first(rig)

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as then:
        then.setattr(Answers, "keep", full)
        assert code(crm.do(ticket, "note", {"text": "Раз."}, key="once")) == "busy"
    assert notes(rig, ticket) == []
    assert crm.do(ticket, "note", {"text": "Раз."}, key="once").status_code == 200
    assert notes(rig, ticket) == ["Раз."]


@pytest.mark.parametrize(("point", "was_done"), [("doing", False), ("kept", False), ("done", True)])
def test_a_request_killed_anywhere_and_sent_again_is_done_once(rig: Rig, point: str, was_done: bool) -> None:
    ticket, folder = first(rig), rig.folder
    (folder / "secret").write_text(Program(rig, "killed", [Grant.ACT]).secret, encoding="utf-8")
    command = [sys.executable, "-m", "tests.killed_request", str(folder), str(ticket), point]
    root = Path(__file__).resolve().parents[1]
    killed = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert notes(rig, ticket) == [NOTE] * was_done
    answer = Program(rig, secret=secret_of(folder)).do(ticket, "note", {"text": NOTE}, key=KEY)
    assert answer.status_code == 200, answer.text
    assert (REPLAYED in answer.headers) is was_done
    assert [note["text"] for note in answer.json()["notes"]] == [NOTE]
    assert (notes(rig, ticket), events(rig, ticket, "noted")) == ([NOTE], 1)
    assert rig.app.store.problems() == []


def test_a_token_that_is_revoked_while_it_asks_does_nothing_more(
    rig: Rig, crm: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, store = first(rig), rig.app.store
    real = Answers.find

    def revoked_meanwhile(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(Answers, "find", real)
        with store.write():
            store.tokens.revoke(store.tokens.named("crm").id, rig.clock.now())
        return None

    monkeypatch.setattr(Answers, "find", revoked_meanwhile)
    assert code(crm.do(ticket, "note", {"text": "Раз."})) == "unauthorised"
    assert notes(rig, ticket) == []


# --- what is kept ----------------------------------------------------------------------------------


def test_what_is_erased_is_erased_from_what_was_answered_too(rig: Rig, crm: Program) -> None:
    view = rig.queue()[0]
    crm.do(view.ticket, "note", {"text": "Раз."}, key="once")
    assert view.text in str(rig.app.store._db.rows("SELECT * FROM answer"))
    rig.app.forget([view.review], rig.clock.now(), "anna")
    assert view.text not in str(rig.app.store._db.rows("SELECT * FROM answer"))
    for key in ("once", "another"):
        answer = crm.do(view.ticket, "note", {"text": "Раз."}, key=key)
        assert (answer.status_code, code(answer)) == (410, "erased")
    assert notes(rig, view.ticket) == []


# --- as it was seen --------------------------------------------------------------------------------


def test_words_that_were_changed_meanwhile_are_not_approved_unseen(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    seen = crm.get(f"/tickets/{ticket}").headers["etag"]
    rig.app.actions("anna").edit(ticket, "Совсем другие слова, спасибо.")
    for action, body in (("approve", None), ("edit", {"text": "Мои слова."}), ("draft", {}), ("note", {"text": "!"})):
        answer = crm.do(ticket, action, body, if_match=seen)
        assert (answer.status_code, code(answer)) == (412, "changed")
    assert rig.app.store.tickets.view(ticket)["draft_text"] == "Совсем другие слова, спасибо."
    now = crm.get(f"/tickets/{ticket}").headers["etag"]
    assert crm.do(ticket, "edit", {"text": "Мои слова, спасибо."}, if_match=now).status_code == 200


def test_a_review_that_was_edited_meanwhile_counts_too(rig: Rig, crm: Program) -> None:
    view = rig.ticket_of(rig.world.all_reviews(rig.world.card("yandex_maps"))[0].external_id)
    seen = crm.get(f"/tickets/{view.ticket}").headers["etag"]
    rig.world.edit(rig.world.card("yandex_maps"), view.external_id, text="Передумал, было плохо.", stars=1)
    rig.run(after=timedelta(hours=1))
    assert code(crm.do(view.ticket, "approve", if_match=seen)) == "changed"


@pytest.mark.parametrize(
    ("given", "passes"),
    [("{}", True), ("*", True), ('"x", {}', True), ("W/{}", False), ('"x"', False), ("x", False), ("", False)],
)
def test_what_has_nothing_to_do_with_the_words_is_no_change(rig: Rig, crm: Program, given: str, passes: bool) -> None:
    ticket = first(rig)
    seen = crm.get(f"/tickets/{ticket}").headers["etag"]
    rig.app.actions("anna").note(ticket, "Позвонила.")
    rig.clock.advance(timedelta(hours=30))
    assert crm.get(f"/tickets/{ticket}").headers["etag"] != seen
    answer = crm.do(ticket, "approve", if_match=given.replace("{}", seen))
    assert (answer.status_code == 200) is passes


def test_a_replay_does_not_ask_what_was_seen(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    seen = crm.get(f"/tickets/{ticket}").headers["etag"]
    answers = [crm.do(ticket, "edit", {"text": "Мои слова."}, key="once", if_match=seen) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


# --- why not ---------------------------------------------------------------------------------------


def test_a_refusal_says_what_stands_against_it(rig: Rig, crm: Program) -> None:
    ticket, other, third = (view.ticket for view in rig.queue()[:3])
    crm.do(ticket, "dismiss", {"reason": "spam"})
    wrong = crm.do(ticket, "approve").json()
    assert (wrong["code"], wrong["state"], wrong["possible_in"]) == ("wrong-state", "dismissed", ["open"])
    crm.do(other, "edit", {"text": "Ужасный отзыв, Вы всё врёте! Звоните: +7 900 000-00-00 http://example.ru"})
    faulty = crm.do(other, "approve").json()
    assert faulty["code"] == "faulty"
    assert faulty["rules"]
    assert code(crm.do(third, "dispute", {"state": "removed"})) == "conflict"
    assert code(crm.do(third, "fault", {"fault": "denied", "measure": "Уволили."})) == "refused"
    assert code(crm.do(third, "retag", {})) == "refused"
    assert code(crm.do(third, "note", {"text": " \u200b "})) == "refused"
    for answer in (wrong, faulty):
        assert not any("а" <= letter <= "я" for letter in answer["detail"].lower())


def test_a_program_takes_a_ticket_from_whom_it_saw_and_nobody_else(rig: Rig, crm: Program) -> None:
    ticket = first(rig)
    rig.app.actions("anna").take(ticket)
    assert crm.do(ticket, "take").json()["holder"] == "anna"
    assert code(crm.do(ticket, "take", {"over": "boris"})) == "conflict"
    assert crm.do(ticket, "take", {"over": "anna"}).json()["assignee"] == "api:crm"
    assert crm.do(ticket, "release").json()["assignee"] is None
