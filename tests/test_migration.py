"""A database of an earlier version goes on as if it had always been one of this."""

import sqlite3
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import pytest

from monitor.accounts import Invited, Role
from monitor.alerts import AlarmKind, AlertKind
from monitor.clock import to_iso
from monitor.errors import StoreError
from monitor.model import Label
from monitor.store import migrations, schema, sqlite
from monitor.store.rows import draft_from, verdict_from
from monitor.store.sqlite import Store
from responders.types import Fault
from sentiment.types import Theme, ThemeMention, Tone

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = to_iso(NOON)


def taken(path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """The database after these steps and no more."""
    with monkeypatch.context() as then:
        steps = {name: schema.STEPS[name] for name in names}
        then.setattr(migrations, "STEPS", steps)
        then.setattr(sqlite, "STEPS", steps)
        Store.open(path).close()


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database as the step "first" left it: two reviews with tickets, mails sent, failing and waiting."""
    path = tmp_path / "otklik.db"
    taken(path, monkeypatch, "first")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO listing (place, source, external_id, next_check_at) VALUES ('lenina', 'twogis', '1', ?)", [AT]
        )
        for review, author in ((1, "Анна"), (2, "Пётр")):
            connection.execute(
                """INSERT INTO review (listing_id, external_id, stars, text, author, posted_precision, url, digest,
                first_seen_at, last_seen_at, initial) VALUES (1, ?, 1, 'Плохо', ?, 'exact', '', 'd', ?, ?, 0)""",
                [str(review), author, AT, AT],
            )
            connection.execute(
                """INSERT INTO ticket (review_id, state, backlog, target, started_at, armed_at)
                VALUES (?, 'open', 0, 'negative', ?, ?)""",
                [review, AT, AT],
            )
        for name, kind, state, error in (
            ("<a@x>", "danger", "sent", None),
            ("<b@x>", "overdue", "pending", "сервер не отвечает"),
            ("<c@x>", "deadline", "cancelled", None),
        ):
            connection.execute(
                """INSERT INTO notification (message_id, kind, level, recipient, state, created_at, next_try_at,
                attempts, error) VALUES (?, ?, 'breach', 'a@example.ru', ?, ?, ?, 3, ?)""",
                [name, kind, state, AT, AT, error],
            )
        connection.executemany("INSERT INTO notification_ticket VALUES (?, ?)", [(1, 1), (2, 1), (2, 2)])
    connection.close()
    return path


@pytest.fixture
def intake(first: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same database as the step "intake" left it, both reviews with their revision and a verdict."""
    taken(first, monkeypatch, "first", "intake")
    connection = sqlite3.connect(first)
    with connection:
        connection.execute("INSERT INTO revision SELECT id, 1, stars, text, first_seen_at FROM review")
        connection.execute(
            """INSERT INTO verdict (review_id, revision, version, tone, flagged, uncertain, conflict, themes, risks,
            evidence) SELECT id, 1, 'v1', 'negative', 1, 0, 0, '[]', '[]', '[]' FROM review"""
        )
    connection.close()
    return first


def test_reviews_that_were_judged_before_people_could_correct_take_a_correction_now(intake: Path) -> None:
    before = rows(intake, "SELECT * FROM verdict")
    store = Store.open(intake)
    assert intake.with_name("otklik.db.before-corrections").is_file()
    assert rows(intake, "SELECT * FROM verdict") == [(*row, "[]", "[]") for row in before]
    assert [store.tickets.view(ticket)["label_tone_by"] for ticket in (1, 2)] == [None, None]
    with store.write():
        store.labels.put(2, 1, Label(Tone.POSITIVE, None, "anna", None, NOON))
    assert [found.text for found in store.labels.corrections()] == ["Плохо"]
    assert store.problems() == []
    with pytest.raises(StoreError, match="CHECK"), store.write():
        store.labels.put(1, 1, Label(None, None, None, None, NOON))
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.write():
        store.labels.put(1, 2, Label(Tone.POSITIVE, None, "anna", None, NOON))
    store.close()


def test_reviews_that_were_judged_before_people_were_sought_name_nobody_and_are_judged_anew(
    intake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(intake, monkeypatch, "first", "intake", "corrections")
    with sqlite3.connect(intake) as connection:
        connection.execute("""UPDATE verdict SET themes = '[["waiting","negative","ждали час"]]'""")
        connection.execute("UPDATE review SET analysed_with = 'v1'")
    connection.close()
    store = Store.open(intake)
    assert intake.with_name("otklik.db.before-people").is_file()
    for row in store.reviews():
        verdict = verdict_from(row)
        assert verdict is not None
        assert verdict.themes == (ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали час"),)
        assert (verdict.people, verdict.intents) == ((), ())
    store.links.link(100)
    assert [row["id"] for row in store.analysis.due("v2", 10)] == [1, 2]
    assert store.problems() == []
    store.close()


def test_drafts_and_tickets_of_before_are_nobodys_fault_and_go_on(
    intake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(intake, monkeypatch, "first", "intake", "corrections", "people")
    with sqlite3.connect(intake) as connection:
        connection.execute("INSERT INTO draft VALUES (1, 1, 1, 'Нам жаль', 'regret#1', '[]', NULL, ?)", [AT])
    connection.close()
    store = Store.open(intake)
    assert intake.with_name("otklik.db.before-drafts").is_file()
    assert [store.tickets.get(ticket).fault for ticket in (1, 2)] == [Fault.UNCONFIRMED] * 2
    draft = draft_from(store.tickets.view(1))
    assert draft is not None
    assert (draft.text, draft.reason, draft.similarity) == ("Нам жаль", "", 0)
    assert store.authors.under(" анна ") == [1]
    assert store.problems() == []
    store.close()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    found = list(connection.execute(query))
    connection.close()
    return found


def test_mails_of_an_older_database_are_kept_with_their_tickets(first: Path) -> None:
    queries = (
        """SELECT id, message_id, kind, level, recipient, state, created_at, next_try_at, attempts, sent_at, error
        FROM notification ORDER BY id""",
        "SELECT notification_id, ticket_id FROM notification_ticket ORDER BY notification_id, ticket_id",
        "SELECT id, author, text FROM review ORDER BY id",
    )
    before = [rows(first, query) for query in queries]
    assert [len(found) for found in before] == [3, 3, 2]
    store = Store.open(first)
    assert [rows(first, query) for query in queries] == before
    assert store.problems() == []
    (pending,) = store.outbox.due(NOON)
    assert (pending.message_id, pending.kind, pending.tickets, pending.alarms) == ("<b@x>", "overdue", (1, 2), ())
    store.close()
    assert first.with_name("otklik.db.before-intake").is_file()


def test_a_migrated_database_takes_alarms_and_still_refuses_what_it_refused(first: Path) -> None:
    store = Store.open(first)
    with store.write():
        store.alarms.raise_alarm(AlarmKind.BLOCKED, source="twogis", listing_id=None, message="Нет", now=NOON)
        store.outbox.queue_alarms(["a@example.ru"], [1], now=NOON)
        store.outbox.queue(AlertKind.DANGER, "", ["a@example.ru"], [1], moment="1", now=NOON)
        assert store.outbox.queue(AlertKind.DANGER, "", ["a@example.ru"], [1], moment="1", now=NOON) == 0
    assert [pending.kind for pending in store.outbox.due(NOON)] == ["danger", "overdue", "intake"]
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.write():
        store._db.execute("INSERT INTO notification_ticket (notification_id, ticket_id) VALUES (1, 99)")
    with pytest.raises(StoreError, match="CHECK"), store.write():
        store._db.execute("UPDATE notification SET kind = 'gossip' WHERE id = 1")
    store.close()


def test_a_migrated_database_has_the_schema_of_a_new_one(first: Path, tmp_path: Path) -> None:
    Store.open(first).close()
    Store.open(tmp_path / "new.db").close()
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
    assert rows(first, query) == rows(tmp_path / "new.db", query)


def test_what_was_told_at_which_deadline_of_which_card_and_who_has_it_outlives_mails_about_accounts(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = list(takewhile(lambda name: name != "numbers", schema.STEPS))
    taken(first, monkeypatch, *earlier)
    with sqlite3.connect(first) as connection:
        connection.execute("UPDATE notification SET leased = 1 WHERE id = 2")
        connection.execute("UPDATE notification_ticket SET moment = 'm' || ticket_id")
        connection.execute("UPDATE review SET text = text || '!' WHERE id = 1")
    connection.close()
    queries = ("SELECT * FROM notification ORDER BY id", "SELECT * FROM notification_ticket ORDER BY 1, 2")
    before = [rows(first, query) for query in queries]
    store = Store.open(first)
    assert [rows(first, query) for query in queries] == before
    with store.write():
        store._db.execute("UPDATE ticket SET listing_id = 7 WHERE id = 1")
        store.outbox.queue(AlertKind.DANGER, "", ["b@example.ru"], [1], moment="2", now=NOON)
        anna = store.accounts.add("anna", name="Анна", role=Role.LEAD, places=None, email="anna@example.ru", now=NOON)
        assert store.letters.invite(Invited.RESET, anna, "digest", now=NOON)
        assert not store.letters.invite(Invited.RESET, anna, "digest", now=NOON)
    assert {row["listing_id"] for row in store._db.rows("SELECT * FROM notification_ticket WHERE ticket_id = 1")} == {7}
    assert store.problems() == []
    store.close()
