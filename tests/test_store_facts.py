"""What the queue is filtered by follows the review, whoever writes; the version moves with everything a page shows; the
morning as people see it; the views that they keep."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clock import to_iso
from monitor.corrections import ByHand
from monitor.errors import StoreError
from monitor.gestures import GestureState
from monitor.model import TicketState
from monitor.store.queue import Filters, Group
from monitor.store.sqlite import Store
from monitor.tickets import Happening
from responders.types import Draft
from sentiment.types import Theme
from tests.rig import Rig
from tests.test_migration import taken
from tests.test_store import CARD, HOUR, NOON, POLICY, VERDICT, judge, listing_id, read, review

# --- the facts of a ticket --------------------------------------------------------------------------------


def facts(store: Store) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store._db.rows(
        "SELECT danger, flagged, asks, wordless, tone, topics <> '', posted_at, listing_id FROM ticket ORDER BY id"
    )]  # fmt: skip


def recomputed(store: Store) -> list[tuple[object, ...]]:
    """The same, from the reviews and their verdicts, in Python."""
    found: list[tuple[object, ...]] = []
    for row in store._db.rows(
        """SELECT r.*, v.tone AS judged, v.flagged, v.risks, v.themes, v.intents FROM ticket t
        JOIN review r ON r.id = t.review_id
        LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision ORDER BY t.id"""
    ):
        bare = row["judged"] is None
        danger, topics = not bare and row["risks"] != "[]", not bare and row["themes"] != "[]"
        asks = not bare and '"question"' in row["intents"]
        found.append(
            (int(danger), 0 if bare else row["flagged"], int(asks), int(not row["text"].strip()), row["judged"] or "",
             int(topics), row["posted_at"] or "", row["listing_id"])
        )  # fmt: skip
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync([CARD], NOON)
    read(store, review("a"), review("b", text="Отлично", stars=5), review("c", text=""))
    judge(store)
    yield store
    store.close()


def revise(store: Store) -> None:
    read(store, review("a", text="Ждали два часа"), review("b", text="Отлично", stars=5), review("c"))


def overrule(store: Store) -> None:
    with store.write():
        store.analysis.overrule(1, 1, replace(VERDICT, themes=()))


def vanish_and_return(store: Store) -> None:
    for hour in range(1, 5):
        read(store, review("b"), review("c"), now=NOON + hour * HOUR)
    assert store.tickets.get(1).state is TicketState.REMOVED
    read(store, review("a"), review("b"), review("c"), now=NOON + 5 * HOUR)


def analyse_anew(store: Store) -> None:
    bare = replace(VERDICT, risks=(), intents=(), flagged=False)
    store.analysis.save(1, 1, bare, version="v2", policy=POLICY, owners=(), now=NOON)


def forget(store: Store) -> None:
    store.privacy.erase([1, 2], NOON)


@pytest.mark.parametrize("write", [revise, overrule, vanish_and_return, analyse_anew, forget], ids=lambda f: f.__name__)
def test_what_the_queue_is_filtered_by_follows_whoever_writes(store: Store, write: Callable[[Store], None]) -> None:
    before = facts(store)
    assert before == recomputed(store)
    assert before[0][0] == 1, "its verdict holds a danger"
    write(store)
    assert facts(store) == recomputed(store) != before


def test_tickets_of_an_earlier_version_are_filtered_as_if_they_had_always_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "otklik.db"
    taken(path, monkeypatch, "first", "intake", "corrections", "people", "drafts", "gestures", "deadlines")
    iso = to_iso(NOON)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO listing (place, source, external_id, next_check_at) VALUES ('lenina', 'twogis', '1', ?)", [iso]
        )
        for number, risks, themes in ((1, '[["injury", "x"]]', '[["price", "negative", "x", ""]]'), (2, "[]", "[]")):
            connection.execute(
                """INSERT INTO review (listing_id, external_id, stars, text, author, posted_precision, url, digest,
                first_seen_at, last_seen_at, initial) VALUES (1, ?, 1, 'Плохо', 'Анна', 'exact', '', 'd', ?, ?, 0)""",
                [number, iso, iso],
            )
            connection.execute(
                """INSERT INTO verdict (review_id, revision, version, tone, flagged, uncertain, conflict, themes, risks,
                evidence) VALUES (?, 1, 'v1', 'negative', 1, 0, 0, ?, ?, '[]')""",
                [number, themes, risks],
            )
            connection.execute(
                """INSERT INTO ticket (review_id, state, backlog, target, started_at, armed_at, due_at)
                VALUES (?, 'open', 0, 'negative', ?, ?, ?)""",
                [number, iso, iso, iso],
            )
    connection.close()
    store = Store.open(path)
    assert facts(store) == recomputed(store)
    assert store.tickets.page(Filters(dangerous=True)).tickets == [1]
    assert store.tickets.page(Filters(theme="price")).tickets == [1]
    assert store.tickets.page(Filters(flagged=True)).tickets == [1, 2]
    store.close()


# --- the version ------------------------------------------------------------------------------------------


def draft(store: Store) -> None:
    store.tickets.add_draft(1, Draft("Спасибо", "t", ()), revision=1, author=None, now=NOON)


def note(store: Store) -> None:
    store._db.insert("note", {"ticket_id": 1, "author": "anna", "at": to_iso(NOON), "text": "Звонила"})


def dispute(store: Store) -> None:
    store._db.insert("dispute", {"ticket_id": 1, "state": "filed", "at": to_iso(NOON), "actor": "anna"})


def theme(store: Store) -> None:
    store.labels.put_by_hand(1, 1, ByHand({Theme.PRICE: True}, {}, {}), by="anna", now=NOON)


def gesture(store: Store) -> None:
    store.gestures.add(1, "кофе", 300, GestureState.AGREED, actor="anna", now=NOON)


def assign(store: Store) -> None:
    store._db.update("ticket", 1, {"assignee": "anna"})


def link(store: Store) -> None:
    store._db.update("review", 2, {"same_as": 1})


@pytest.mark.parametrize(
    "write",
    [revise, overrule, analyse_anew, forget, draft, note, dispute, theme, gesture, assign, link],
    ids=lambda f: f.__name__,
)
def test_the_version_moves_with_everything_a_page_shows(store: Store, write: Callable[[Store], None]) -> None:
    before = store.tickets.version()
    if write in (revise, analyse_anew, forget):
        write(store)
    else:
        with store.write():
            write(store)
    assert store.tickets.version() != before


def test_the_version_stands_still_while_nothing_happens(store: Store) -> None:
    before = store.tickets.version()
    read(store, review("a"), review("b", text="Отлично", stars=5), review("c", text=""), now=NOON + HOUR)
    store.listings.succeeded(listing_id(store), NOON + HOUR, NOON + 2 * HOUR)
    store.search.put({1: "ждать"}, "v1")
    assert store.tickets.version() == before


def test_the_version_of_what_was_not_kept_is_the_old_one(store: Store) -> None:
    before = store.tickets.version()
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.write():
        store.tickets.record(1, 999, Happening("noted", NOON))
    assert store.tickets.version() == before


# --- the morning ------------------------------------------------------------------------------------------


def test_the_morning_begins_with_yesterday_at_the_place(cafe: Rig) -> None:
    reports = cafe.app.reports
    assert reports.yesterday(Filters(), NOON) == datetime(2026, 11, 19, 21, tzinfo=UTC)
    late = datetime(2026, 11, 21, 22, tzinfo=UTC)  # the 22nd in Moscow
    assert reports.yesterday(Filters(), late) == datetime(2026, 11, 20, 21, tzinfo=UTC)


def test_the_morning_tells_each_ticket_once_and_its_groups_in_order(cafe: Rig) -> None:
    groups = cafe.app.reports.today(Filters(), NOON - 1000 * HOUR, NOON, limit=100)
    told = [view.ticket for group in groups for view in group.tickets]
    assert len(told) == len(set(told)) == sum(group.many for group in groups)
    waiting = {view.ticket for view in cafe.queue() if view.due_at is not None}
    assert waiting <= set(told)
    assert [group.group for group in groups] == [kind for kind in Group if kind in {one.group for one in groups}]
    assert all(view.verdict and view.verdict.risks for group in groups if group.group is Group.DANGER
               for view in group.tickets)  # fmt: skip
    limited = cafe.app.reports.today(Filters(), NOON - 1000 * HOUR, NOON, limit=1)
    assert [(group.group, group.many) for group in limited] == [(group.group, group.many) for group in groups]
    assert all(len(group.tickets) == 1 for group in limited)


def test_nobody_sees_the_morning_of_other_places(cafe: Rig) -> None:
    assert cafe.app.reports.today(Filters(places=frozenset({"elsewhere"})), None, NOON) == ()


# --- views that people keep -------------------------------------------------------------------------------


def test_a_kept_view_is_its_owners_and_is_replaced_by_its_name(store: Store) -> None:
    with store.write():
        for login in ("anna", "boris"):
            store._db.insert(
                "account",
                {"login": login, "name": login, "role": "operator", "created_at": to_iso(NOON), "folded": login},
            )
    store.views.save(1, "Утро", "overdue=1")
    store.views.save(1, "Ленина", "place=lenina")
    store.views.save(1, "Утро", "danger=1")
    store.views.save(2, "Утро", "mine=1")
    assert [view[1:] for view in store.views.list(1)] == [("Утро", "danger=1"), ("Ленина", "place=lenina")]
    (theirs,) = store.views.list(2)
    assert not store.views.delete(1, theirs.id)
    assert store.views.delete(2, theirs.id)
    assert store.views.list(2) == ()
