"""What somebody tried who wanted to break the desk: odd numbers, odd headers, other processes beside it."""

import asyncio
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts import Role
from monitor.config_overlay import HEARERS
from monitor.desk import pages
from monitor.desk.app import WRITERS
from monitor.desk.compare import compare
from monitor.desk.page import PATIENCE
from monitor.desk.pages import SHIPPED
from monitor.desk.visit import HIGHEST, WRITTEN, Form, number_in
from monitor.errors import StoreError
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.store.connection import BUSY_TIMEOUT_SECONDS, Connection
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.rig import NOON, Rig

LIMITS = "gestures: {price: 10000, cost: 4000, acquisition: 2000, share: 0.35, operator_limit: 500}\n"
ENDLESS = "9" * 5000
"""Python refuses to read a number of so many digits."""

# --- other processes, other threads --------------------------------------------------------------------------

OTHER_PROCESS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO said VALUES ('they')")
db.commit()
print(*[row[0] for row in db.execute("SELECT who FROM said")])
db.close()
"""


def beside(path: Path) -> list[str]:
    """What another process finds that writes a row, too, and ends."""
    ran = subprocess.run([sys.executable, "-c", OTHER_PROCESS, str(path)], capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_a_process_that_ends_takes_nothing_from_threads_that_go_on(tmp_path: Path) -> None:
    path = tmp_path / "otklik.db"
    ours = Connection(path)
    with ours.write():
        ours.execute("CREATE TABLE said (who TEXT)")

    def another_thread() -> None:
        assert ours.rows("SELECT * FROM said") == []

    thread = threading.Thread(target=another_thread)
    thread.start()
    thread.join()

    assert beside(path) == ["they"]
    with ours.write():
        ours.execute("INSERT INTO said VALUES ('we')")
    assert beside(path) == ["they", "we", "they"]
    assert [row["who"] for row in ours.rows("SELECT who FROM said")] == ["they", "we", "they"]
    ours.close()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM said").fetchone() == (3,)
    file.close()


def test_threads_that_are_gone_leave_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "otklik.db"
    ours = Connection(path)
    with ours.write():
        ours.execute("CREATE TABLE said (who TEXT)")

    def opened() -> int:
        """Files of the database that this process holds open."""
        links = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
        return sum(str(link.readlink()).startswith(str(path)) for link in links)

    before = opened()
    for _ in range(20):
        thread = threading.Thread(target=lambda: ours.rows("SELECT * FROM said"))
        thread.start()
        thread.join()
    assert opened() <= 2 * before
    ours.close()
    assert opened() == 0


# --- odd numbers, odd headers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(tmp_path_factory.mktemp("attack"), World.demo(NOON), extra=LIMITS)
        rig.run()
        yield rig
        rig.app.close()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), (str(HIGHEST), HIGHEST), (str(HIGHEST + 1), None), (ENDLESS, None),
        (f"{0:020}", None), ("", None), ("-1", None), ("+1", None), ("1.0", None), ("1e3", None), ("1_0", None),
        (" 1", None), ("1\n", None), ("²", None), ("٣", None), ("один", None), ("\x00", None),
    ],
)  # fmt: skip
def test_a_number_is_digits_that_the_database_can_hold(written: str, number: int | None) -> None:
    assert number_in(written) == number


def test_a_number_may_have_a_lower_end() -> None:
    assert [number_in(written, 99) for written in ("0", "99", "100", "99999999999999999999")] == [0, 99, None, None]


@given(st.text(max_size=30) | st.integers().map(str))
def test_whatever_is_written_is_a_number_or_none(written: str) -> None:
    found = number_in(written)
    assert found is None or (0 <= found <= HIGHEST and str(found) == (written.lstrip("0") or "0"))


@pytest.mark.parametrize("number", [ENDLESS, "9" * 20, str(HIGHEST + 1), str(HIGHEST)])
@pytest.mark.parametrize("path", ["/t/{}", "/t/{}/publish", "/queue/{}/draft"])
def test_no_number_is_too_long_for_a_page_that_is_not_there(rig: Rig, path: str, number: str) -> None:
    assert Clicks(rig).get(path.format(number)).status_code == 404


@pytest.mark.parametrize(
    ("end", "fields"),
    [
        ("/queue/{}/approve", {"base": ENDLESS}),
        ("/t/{}/approve", {"base": ENDLESS, "text": "слова"}),
        ("/t/{}/gesture", {"what": "кофе", "amount": ENDLESS}),
        ("/t/{}/gesture", {"what": "кофе", "amount": f"{1:020}{ENDLESS}"}),
        ("/t/{}/gesture", {"what": "кофе", "amount": f"{1:020}{10**30}"}),
    ],
)
def test_a_number_that_nobody_can_mean_is_a_mistake_that_is_told(rig: Rig, end: str, fields: dict[str, Any]) -> None:
    ticket = next(view.ticket for view in rig.queue() if view.draft is not None)
    answer = Clicks(rig, "olga", Role.OWNER).post(end.format(ticket), **fields)
    assert answer.status_code == 400


@pytest.mark.parametrize("referer", ["http://[", "http://[::1", "//[", "\\", "javascript:alert(1)"])
def test_a_page_that_cannot_be_come_from_loses_nobodys_words(rig: Rig, referer: str) -> None:
    headers = {"referer": referer, "origin": "http://127.0.0.1:8766"}
    answer = Browser(rig).ask("POST", "/t/1/save", fields={"text": "Мои слова"}, headers=headers)
    assert answer.status_code == 401
    assert "Мои слова" in answer.text


# --- a database that is busy for long ------------------------------------------------------------------------

WORDS = "Единственные <слова>"
SHOWN = "Единственные &lt;слова&gt;"


def locked(*_args: object, **_options: object) -> None:
    raise StoreError("database is locked")


@pytest.mark.parametrize(
    ("end", "fields"),
    [
        ("save", {"text": WORDS, "base": "1"}),
        ("note", {"text": WORDS}),
        ("fault", {"fault": "confirmed", "measure": WORDS}),
        ("dispute", {"state": "filed", "why": WORDS}),
        ("retag", {"tone": "positive", "note": WORDS}),
        ("gesture", {"what": WORDS, "amount": "100", "seen": "0"}),
    ],
)
def test_whatever_was_written_outlives_a_busy_database(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, end: str, fields: dict[str, Any]
) -> None:
    boris = Clicks(rig, "boris", Role.OWNER)
    address = f"/t/{next(view.ticket for view in rig.queue() if view.draft is not None)}/{end}"
    boris.post("/t/1/lint")  # reads what is read once
    with monkeypatch.context() as patch:
        patch.setattr("monitor.store.sqlite.Store.write", locked)
        answer = boris.post(address, **fields)
    assert (answer.status_code, SHOWN in answer.text) == (503, True)
    assert "Подождите минуту и откройте страницу ещё раз: она покажет, что сохранилось" in answer.text
    stale = boris.post(address, **fields, csrf="of yesterday")
    assert (stale.status_code, SHOWN in stale.text) == (403, True)
    unknown = Browser(rig).ask("POST", address, fields=fields)
    assert (unknown.status_code, SHOWN in unknown.text) == (401, True)


def test_whoever_logs_in_again_does_not_lose_their_words_to_a_busy_database(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(rig, "boris", Role.OWNER)
    with monkeypatch.context() as patch:
        patch.setattr("monitor.store.sqlite.Store.write", locked)
        answer = Browser(rig).log_in("boris", text=WORDS)
    assert (answer.status_code, SHOWN in answer.text) == (503, True)
    assert PASSWORD not in answer.text


def test_whoever_is_asked_about_when_the_database_is_busy_keeps_their_words_too(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Clicks(rig)
    assert anna.csrf
    with monkeypatch.context() as patch:
        patch.setattr("monitor.store.sessions.Sessions.of", locked)
        answer = anna.post("/t/1/note", text=WORDS)
    assert (answer.status_code, SHOWN in answer.text) == (503, True)


def test_a_reply_that_was_saved_before_the_database_stopped_answering_is_not_said_to_be_lost(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    boris, view = Clicks(rig, "boris", Role.OWNER), next(view for view in rig.queue() if view.draft is not None)
    with monkeypatch.context() as patch:
        patch.setattr("monitor.actions.Actions.approve", locked)
        answer = boris.post(f"/t/{view.ticket}/approve", text=WORDS, base=str(view.draft_number))
    assert answer.status_code == 503
    assert "Ничего не изменилось" not in answer.text
    draft = rig.app.reports.ticket(view.ticket, NOON).draft
    assert draft is not None
    assert draft.text == WORDS


def test_a_mistake_of_ours_loses_nobodys_words(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ticket = Clicks(rig), rig.queue()[0].ticket

    def broken(*_args: object) -> None:
        raise RuntimeError("a mistake")

    with monkeypatch.context() as patch:
        patch.setattr("monitor.actions.Actions.note", broken)
        answer = anna.post(f"/t/{ticket}/note", text=WORDS)
    assert (answer.status_code, SHOWN in answer.text) == (500, True)


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("/t/{}/note", 404, {"text": WORDS}),  # of another place by now
        ("/t/{}/fault", 404, {"fault": "confirmed", "measure": WORDS}),
        ("/views", 403, {"name": WORDS, "query": "mine=1", "csrf": "of yesterday"}),
    ],
)
def test_whoever_is_turned_away_with_a_form_gets_their_words_back(
    rig: Rig, path: str, status: int, fields: dict[str, Any]
) -> None:
    far = Clicks(rig, "far", places=["nowhere"])
    answer = far.post(path.format(rig.queue()[0].ticket), **fields)
    assert (answer.status_code, SHOWN in answer.text) == (status, True)


def test_all_that_was_written_in_one_form_comes_back() -> None:
    assert Form({"text": ["одно"], "why": ["другое"], "password": ["тайна"]}).words == "одно\n\nдругое"


SMALL = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*)\b")
TOLD = sorted(file for folder in (SHIPPED, Path(pages.__file__).parent) for file in folder.glob("*.*"))


@pytest.mark.parametrize("file", TOLD, ids=lambda file: file.name)
def test_a_visitor_is_addressed_with_a_capital_letter(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if SMALL.search(line)] == []


NOT_WORDS = {"q", "login", "amount", "who", "code", "word"}
"""Fields to type in whose content is quickly typed again."""


def test_every_field_in_which_people_write_is_among_those_that_are_kept() -> None:
    fields = set()
    for path in SHIPPED.glob("*.html"):
        for tag, attributes in re.findall(r"<(input|textarea)\b([^>]*)", path.read_text(encoding="utf-8")):
            kind = re.search(r'type="(\w+)"', attributes)
            name = re.search(r'name="([\w-]+)"', attributes)
            if name and (tag == "textarea" or kind is None or kind[1] in ("text", "search")):
                fields.add(name[1])
            elif tag == "textarea" and "readonly" not in attributes:
                assert 'name="{{ box.role }}"' in attributes, "a name that this test cannot read"
                fields.update(HEARERS)
    assert fields - NOT_WORDS == set(WRITTEN)


# --- others who write --------------------------------------------------------------------------------


def test_who_only_looks_does_not_wait_for_those_who_cannot_write(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, free, ticket = Clicks(rig), threading.Event(), rig.queue()[0].ticket
    headers = {"origin": anna.base, "cookie": "; ".join(f"{one.name}={one.value}" for one in anna.cookies.jar)}
    form = {"csrf": anna.csrf, "text": WORDS}
    waited = []

    def note(*_args: object) -> None:
        waited.append(free.wait(30))

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=anna.app)
        async with httpx.AsyncClient(transport=transport, base_url=anna.base, headers=headers) as client:
            writing = [asyncio.create_task(client.post(f"/t/{ticket}/note", data=form)) for _ in range(2 * WRITERS)]
            looking = [client.get("/queue"), client.get(f"/t/{ticket}"), client.post(f"/t/{ticket}/lint", data=form)]
            seen = await asyncio.gather(*looking)
            assert not any(task.done() for task in writing)
            free.set()
            return [*seen, *await asyncio.gather(*writing)]

    with monkeypatch.context() as patch:
        patch.setattr("monitor.actions.Actions.note", note)
        answers = asyncio.run(go())
    assert [answer.status_code for answer in answers] == [200] * 3 + [303] * 2 * WRITERS
    assert waited == [True] * 2 * WRITERS


def test_a_request_does_not_wait_for_ever_and_the_thread_is_as_patient_as_before(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, other = Clicks(rig), sqlite3.connect(rig.app.config.database)
    assert anna.csrf
    begun = time.monotonic()
    with closing(other), monkeypatch.context() as patch:
        patch.setattr("monitor.desk.page.PATIENCE", 0.01)
        other.execute("BEGIN IMMEDIATE")
        answer = anna.post(f"/t/{rig.queue()[0].ticket}/note", text=WORDS)
    assert (answer.status_code, SHOWN in answer.text) == (503, True)
    assert time.monotonic() - begun < BUSY_TIMEOUT_SECONDS / 2
    store = rig.app.store
    for seconds in (PATIENCE, 0):
        with store.waiting(seconds):
            assert store._db.row("PRAGMA busy_timeout") == {"timeout": seconds * 1000}
    assert store._db.row("PRAGMA busy_timeout") == {"timeout": BUSY_TIMEOUT_SECONDS * 1000}


# --- what takes long -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["а б ", "да, ", "! "])
def test_two_texts_that_only_repeat_themselves_are_shown_and_not_compared(word: str) -> None:
    assert compare(word * 300, f"{word * 290}и ещё") is None


def test_two_long_replies_are_compared() -> None:
    """Every fourth word is «и», every twelfth has a comma: people repeat themselves less."""
    ours = " ".join(("и" if not number % 4 else f"слово{number}") + "," * (not number % 12) for number in range(800))
    compared = compare(ours, f"Здравствуйте! {ours}")
    assert compared is not None
    assert [part.text.strip() for part in compared[1] if part.own] == ["Здравствуйте!"]
