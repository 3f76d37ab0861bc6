"""What numbers are counted from is kept ready, and is always what the tables say: whatever changes, whoever writes."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from monitor.numbers import Period, Scope, Step
from monitor.store import facts as kept
from monitor.store import numbers_sql as sql
from monitor.store.facts import Facts
from monitor.store.facts_rows import BLOCK, Rows, pack
from monitor.store.sqlite import Store
from tests.numbers_rig import DAY, HOUR, Book, Event, Story
from tests.test_ticket_machine import FACTOR, Tickets

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), "UTC")
COLUMNS = [name for name in BLOCK.names or () if name not in ("review", "assignee")]

Told = dict[int, tuple[object, ...]]


def told(rows: Rows) -> Told:
    """Review → everything that is told of it, whatever numbers its words have there."""
    names = ["", *rows.assignees]
    found: dict[int, list[object]] = {
        review: [names[number], *values]
        for review, number, *values in zip(
            rows["review"].tolist(), rows["assignee"].tolist(), *(rows[name].tolist() for name in COLUMNS), strict=True
        )
    }
    assert len(found) == len(rows), "a review is told of twice"
    who, places, people, tones = rows.mentions()
    for place, person, tone in zip(places.tolist(), people.tolist(), tones.tolist(), strict=True):
        found[int(rows["review"][place])].append((who[person], tone))
    return {review: tuple(values) for review, values in found.items()}


def in_tables(store: Store) -> Told:
    """Asked of the tables alone."""
    found = store._db.sqlite.execute(sql.FACTS_OF_BLOCK, {"first": 0, "last": 1 << 40}).fetchall()
    return told(Rows([], [pack([row]) for row in found], ()))


def ready(store: Store) -> Told:
    return told(Facts(store._db).read(EVER))


def blocks(store: Store) -> int:
    return len(store._db.rows("SELECT block FROM fact_block"))


def noted(store: Store) -> list[int]:
    return [row["review_id"] for row in store._db.rows("SELECT review_id FROM fact_stale ORDER BY 1")]


def fill(store: Store) -> None:
    store.numbers.fill(lambda: False)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path)
    yield book
    book.store.close()


@pytest.fixture
def other(book: Book) -> Iterator[sqlite3.Connection]:
    """Another process, which does not wait."""
    with closing(sqlite3.connect(book.store._db.path, timeout=0, isolation_level=None)) as connection:
        yield connection


def story(hours: int, *events: Event, **more: object) -> Story:
    return Story("lenina", "yandex_maps", NOW - hours * HOUR, events=events, **more)  # type: ignore[arg-type]  # as Story has them


def busy(book: Book) -> None:
    """Some of everything."""
    at, again = NOW - 90 * HOUR, (Event("dismissed", NOW - 85 * HOUR), Event("revised", NOW - 50 * HOUR))
    late = Event("seen", at + 40 * HOUR, site_at=at + 39 * HOUR)
    stories = (
        story(90, Event("submitted", at + HOUR), posted_at=at - HOUR, assignee="anna"),
        story(90, late, tone="negative", stars=1, assignee="boris", posted_at=at - HOUR),
        story(90, late, Event("reopened", NOW - HOUR), tone="negative", posted_at=at - DAY, precision="day"),
        story(90, *again, Event("seen", NOW - 49 * HOUR), Event("reopened", NOW - 2 * HOUR), themes=("staff",)),
        story(60, answered=True, posted_at=NOW - 61 * HOUR),
        story(50, initial=True, posted_at=at - 400 * DAY),
        story(50, initial=True, posted_at=NOW - 100 * HOUR, answered=True),
        story(40, answerable=False),
        story(35, Event("removed", NOW), answerable=False),
        story(30, Event("dismissed", NOW - 29 * HOUR, reason="spam")),
        story(30, Event("removed", NOW)),
        replace(story(31), place="gagarina"),
        replace(story(31), place="gone"),
    )
    book.card("gone", "yandex_maps", active=False)
    for each in stories:
        book.play(each)
    book.ring_until(stories, NOW)


# --- kept -----------------------------------------------------------------------------------------


def test_what_is_kept_is_what_the_tables_say(book: Book) -> None:
    busy(book)
    assert blocks(book.store) == 0
    assert ready(book.store) == in_tables(book.store)
    fill(book.store)
    assert (blocks(book.store), noted(book.store)) == (1, [])
    assert ready(book.store) == in_tables(book.store)


def test_a_review_that_came_since_is_told_of_and_kept_the_next_time(book: Book) -> None:
    busy(book)
    fill(book.store)
    book.play(story(1))
    assert noted(book.store) == [14]
    assert ready(book.store) == in_tables(book.store)
    fill(book.store)
    assert noted(book.store) == []


def test_where_nothing_is_kept_nothing_is_noted(book: Book) -> None:
    busy(book)
    assert noted(book.store) == []


def test_what_other_rules_made_says_nothing(book: Book) -> None:
    busy(book)
    fill(book.store)
    with book.store.write():
        book.store._db.execute("UPDATE fact_block SET rules = 'of before', reviews = x'00'")
    assert ready(book.store) == in_tables(book.store)
    fill(book.store)
    assert ready(book.store) == in_tables(book.store)
    assert blocks(book.store) == 1


def test_filling_begins_with_the_newest_and_stops_when_it_is_told_to(book: Book) -> None:
    many(book, 1300)
    turns = iter((False, False, True))
    book.store.numbers.fill(lambda: next(turns))
    assert [row["block"] for row in book.store._db.rows("SELECT block FROM fact_block")] == [1, 2]
    assert ready(book.store) == in_tables(book.store)


def many(book: Book, reviews: int) -> None:
    """Of no interest, an hour apart."""
    listing = book.card("lenina", "yandex_maps")
    with book.store.write():
        book.store._db.sqlite.executemany(
            """INSERT INTO review (listing_id, external_id, stars, text, author, posted_precision, url, digest,
            first_seen_at, last_seen_at, initial) VALUES (?, ?, ?, '', '', 'unknown', '', '', ?, '', 0)""",
            [
                (listing, f"m{number}", number % 5 + 1, f"{NOW - number * HOUR:%Y-%m-%dT%H:%M:%S}.000000Z")
                for number in reversed(range(reviews))
            ],
        )


def test_whoever_reads_keeps_what_they_had_to_count(book: Book) -> None:
    many(book, 1300)
    ready(book.store)
    assert blocks(book.store) == 3
    with book.store.write():
        book.store._db.execute("UPDATE review SET stars = 1")
    assert len(noted(book.store)) == 1300
    for _ in range(5):  # a moment each
        assert ready(book.store) == in_tables(book.store)
    assert noted(book.store) == []


def test_a_short_period_does_not_count_all_that_ever_was(book: Book) -> None:
    many(book, 1300)
    week = book.store.numbers.over(Scope(Period(NOW - 7 * DAY, NOW, "UTC")), NOW, compare=False, trends=False)
    assert week.total.cohort.came == 7 * 24
    assert blocks(book.store) == 1


def test_what_is_asked_at_once_is_of_one_moment(book: Book, other: sqlite3.Connection) -> None:
    busy(book)
    fill(book.store)
    numbers, scope = book.store.numbers, Scope(EVER)
    with numbers.at_once():
        before = numbers.over(scope, NOW, trends=False).total.cohort
        other.execute("UPDATE review SET stars = 2")
        assert numbers.stars(scope)[2] == 0
        assert numbers.series(scope, NOW, Step.WEEK)[""] != ()
    assert before.starred == sum(numbers.stars(scope).values()) == numbers.stars(scope)[2]


def test_who_only_reads_and_writes_reviews_needs_no_numpy(book: Book) -> None:
    """It takes a pass as long to import as all the rest."""
    busy(book)
    program = (
        "import sys, pathlib, datetime; from monitor.store.sqlite import Store; "
        "store = Store.open(pathlib.Path(sys.argv[1])); store.numbers.names(); "
        "store.numbers.gauges(datetime.datetime.now(datetime.UTC)); print('numpy' in sys.modules)"
    )
    asked = [sys.executable, "-c", program, str(book.store._db.path)]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split() == ["False"]


# --- whoever writes meanwhile ---------------------------------------------------------------------


CHANGE = "UPDATE ticket SET assignee = 'vera' || id"


def test_nobody_changes_anything_between_the_counting_and_the_keeping(
    book: Book, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(book)
    refused = []

    def meanwhile(found: Sequence[tuple[Any, ...]]) -> object:
        try:
            other.execute(CHANGE)
        except sqlite3.OperationalError as error:
            refused.append(str(error))
        return pack(found)

    monkeypatch.setattr(kept, "pack", meanwhile)
    fill(book.store)
    monkeypatch.undo()
    assert refused == ["database is locked"]
    other.execute(CHANGE)
    assert ready(book.store) == in_tables(book.store)
    assert {values[0] for values in ready(book.store).values()} >= {"vera1", "vera2"}


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("moment", range(9))
def test_whoever_reads_sees_one_state_and_the_next_one_sees_the_next(
    book: Book, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, moment: int, filled: bool
) -> None:
    """A change between any two of the questions that reading asks."""
    busy(book)
    if filled:
        fill(book.store)
        book.play(story(2))
    before, questions, ask = in_tables(book.store), count(), Facts._tuples

    def asked(facts: Facts, *question: Any) -> Iterator[tuple[Any, ...]]:
        found = list(ask(facts, *question))
        if next(questions) == moment:
            other.execute(CHANGE)
        return iter(found)

    monkeypatch.setattr(Facts, "_tuples", asked)
    seen = ready(book.store)
    monkeypatch.undo()
    assert seen in (before, in_tables(book.store))
    for _ in range(2):
        assert ready(book.store) == in_tables(book.store)
        fill(book.store)


def test_a_reader_waits_for_nobody_and_keeps_nothing_then(book: Book, other: sqlite3.Connection) -> None:
    many(book, 600)
    other.execute("BEGIN IMMEDIATE")
    assert len(ready(book.store)) == 600  # without the ten seconds that a writer would wait
    assert blocks(book.store) == 0
    other.execute("ROLLBACK")
    (timeout,) = book.store._db.sqlite.execute("PRAGMA busy_timeout").fetchone()
    assert timeout == 10_000


def test_inside_a_transaction_its_own_changes_are_counted_and_nothing_is_kept(book: Book) -> None:
    many(book, 600)
    with suppress(ZeroDivisionError), book.store.write():
        book.store._db.execute("UPDATE review SET stars = 3")
        stars = book.store.numbers.stars(Scope(EVER))
        raise ZeroDivisionError
    assert stars == {1: 0, 2: 0, 3: 600, 4: 0, 5: 0}
    assert blocks(book.store) == 0


# --- what is forgotten ----------------------------------------------------------------------------

MASTER = "Пелагея"


def test_of_a_forgotten_review_nothing_is_left_but_counts(book: Book) -> None:
    busy(book)
    people = f'[["мастер", "{MASTER}", "", "", "positive", "слова"]]'
    with book.store.write():
        book.store._db.execute("UPDATE verdict SET people = ? WHERE review_id = 1", [people])
    fill(book.store)
    scope = Scope(EVER)
    assert [person.name for person in book.store.numbers.people(scope)] == [MASTER]
    before = book.store.numbers.over(scope, NOW, compare=False).total
    book.store.privacy.erase([1], NOW)
    files = [path.read_bytes() for path in book.store._db.path.parent.glob("otklik.db*")]
    assert not any(MASTER.encode() in written for written in files)
    fill(book.store)
    assert book.store.numbers.people(scope) == ()
    assert book.store.numbers.over(scope, NOW, compare=False).total == before
    assert ready(book.store) == in_tables(book.store)


# --- whatever is changed --------------------------------------------------------------------------

VALUES = {
    "reply.state": ("published", "pending", "rejected", None),
    "state": ("open", "approved", "submitted", "answered", "dismissed", "removed", "unanswerable"),
    "level": ("", "50%", "breach", "+2x"),
    "kind": ("opened", "reopened", "revised", "level", "dismissed", "removed", "forgotten", "assigned"),
    "was": ("open", "answered", "unanswerable"),
    "became": ("open", "dismissed", "removed", "breach", "answered"),
    "why": ("spam", "other", ""),
    "posted_precision": ("exact", "day", "approximate", "unknown"),
    "assignee": ("anna", "boris", None),
    "stars": (1, 5, None),
    "tone": ("negative", "neutral", "positive"),
    "themes": ("[]", '[["staff", "negative", ""]]', '[["price", "positive", ""], ["staff", "neutral", ""]]'),
    "risks": ("[]", '[["legal", ""]]'),
    "people": ("[]", f'[["", "{MASTER}", "", "", "negative", ""]]'),
    "intents": ("[]", '[["question", ""]]'),
    "revision": (1, 2),
    "listing_id": (1, 2, 3),
    "target": ("negative", "other"),
}
"""What a column may hold, of any table or of one; else moments, or 0 and 1."""

MOMENTS = [f"{NOW - hours * HOUR:%Y-%m-%dT%H:%M:%S}.000000Z" for hours in (0, 5, 25, 31, 45, 79, 200)]
TABLES = ("review", "ticket", "event", "verdict", "reply", "listing")
NAMES = ("id", "review_id", "ticket_id", "external_id", "place", "source")
"""Columns that say what a row is about."""

ANEW = {
    "review": {"external_id": "hex(randomblob(8))"},
    "listing": {"external_id": "hex(randomblob(8))", "place": "place", "source": "source"},
    "ticket": {"review_id": "(SELECT id FROM review WHERE id NOT IN (SELECT review_id FROM ticket) LIMIT 1)"},
    "event": {"review_id": "review_id", "ticket_id": "ticket_id"},
    "reply": {"review_id": "review_id"},
    "verdict": {"review_id": "review_id"},
}
"""Of a copy of a row."""


def columns(store: Store, table: str) -> Mapping[str, Sequence[object]]:
    """Column → what it may hold."""
    return {
        name: VALUES.get(f"{table}.{name}", VALUES.get(name, (0, 1) if kind == "INTEGER" else (*MOMENTS, None)))
        for _, name, kind, *_ in store._db.sqlite.execute(f"PRAGMA table_info({table})")
        if name not in NAMES
    }


@contextmanager
def undone(store: Store) -> Iterator[None]:
    store._db.sqlite.execute("SAVEPOINT before")
    try:
        yield
    finally:
        store._db.sqlite.execute("ROLLBACK TO before")
        store._db.sqlite.execute("RELEASE before")


def run(store: Store, statement: str, *values: object) -> None:
    """Unless the tables refuse it."""
    with suppress(sqlite3.IntegrityError):
        store._db.sqlite.execute(statement, values)


MATTER = {
    "review": {"listing_id", "revision", "stars", "posted_at", "posted_precision", "first_seen_at", "initial"},
    "ticket": {
        "state", "backlog", "started_at", "due_at", "level", "assignee", "closed_at", "answered_at", "answered_met",
    },
    "event": {"kind", "at", "was", "became", "why"},
    "verdict": {"revision", "tone", "themes", "risks", "people"},
    "reply": {"text", "at", "state", "seen_at"},
    "listing": {"active", "enforce_from"},
}  # fmt: skip
"""What numbers are counted from."""


@pytest.mark.parametrize("table", TABLES)
def test_whatever_column_is_changed_what_is_kept_follows(shelf: Store, table: str) -> None:
    """Also by somebody who knows nothing of what is kept."""
    matters = set()
    before = in_tables(shelf)
    for column, values in columns(shelf, table).items():
        for value in values:
            with undone(shelf):
                run(shelf, f"UPDATE {table} SET {column} = ?", value)
                now = in_tables(shelf)
                assert ready(shelf) == now, (column, value)
                matters |= {column} if now != before else set()
    assert matters == MATTER[table]


@pytest.mark.parametrize("table", ["event", "verdict", "reply"])
def test_whatever_row_goes_or_comes_what_is_kept_follows(shelf: Store, table: str) -> None:
    matters = 0
    for (row,) in shelf._db.sqlite.execute(f"SELECT rowid FROM {table}").fetchall():
        with undone(shelf):
            before = in_tables(shelf)
            run(shelf, f"CREATE TEMP TABLE gone AS SELECT * FROM {table} WHERE rowid = ?", row)
            run(shelf, f"DELETE FROM {table} WHERE rowid = ?", row)
            assert ready(shelf) == in_tables(shelf)
            matters += in_tables(shelf) != before
            fill(shelf)
            run(shelf, f"INSERT INTO {table} SELECT * FROM gone")
            assert ready(shelf) == in_tables(shelf) == before
    assert matters > 3


def change(data: st.DataObject, store: Store) -> None:
    """One column of one row of one table, or a new row, or one less."""
    table = data.draw(st.sampled_from(TABLES))
    rows = [row["number"] for row in store._db.rows(f"SELECT rowid AS number FROM {table} ORDER BY rowid")]
    row, of_table = data.draw(st.sampled_from(rows or [0])), columns(store, table)
    match data.draw(st.sampled_from(("change",) * 8 + ("copy", "remove"))):
        case "change":
            column = data.draw(st.sampled_from(list(of_table)))
            value = data.draw(st.sampled_from(of_table[column]))
            run(store, f"UPDATE {table} SET {column} = ? WHERE rowid = ?", value, row)
        case "copy":
            about = ANEW[table]
            taken = ", ".join([*of_table, *about]), ", ".join([*of_table, *about.values()])
            run(
                store,
                f"INSERT OR REPLACE INTO {table} ({taken[0]}) SELECT {taken[1]} FROM {table} WHERE rowid = ?",
                row,
            )
        case _:
            run(store, f"DELETE FROM {table} WHERE rowid = ?", row)


@given(st.data())
@settings(max_examples=60 * FACTOR, suppress_health_check=list(HealthCheck), derandomize=FACTOR == 1, database=None)
def test_whatever_is_changed_one_after_the_other_what_is_kept_follows(shelf: Store, data: st.DataObject) -> None:
    with undone(shelf):
        for _ in range(12):
            change(data, shelf)
            if not data.draw(st.integers(0, 9)):
                fill(shelf)
            assert ready(shelf) == in_tables(shelf)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    book = Book(tmp_path_factory.mktemp("shelf"))
    busy(book)
    fill(book.store)
    with book.store.write():  # of a colleague's time: ids are not moved then
        yield book.store
    book.store.close()


class Lives(Tickets):
    """As tickets live, with people, sites, settings and clocks; and now and then somebody looks at numbers."""

    @rule()
    def somebody_looks(self) -> None:
        fill(self.store)

    @invariant()
    def what_is_kept_is_what_the_tables_say(self) -> None:
        assert ready(self.store) == in_tables(self.store)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=8 * FACTOR,
    stateful_step_count=30,
    deadline=None,
    derandomize=FACTOR == 1,
    database=None,
    suppress_health_check=list(HealthCheck),
)
