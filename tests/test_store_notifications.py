"""The outbox of the store for people to look at, against a plain one in Python, and never read as a whole."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.clock import to_iso
from monitor.model import Card
from monitor.store import notifications
from monitor.store.notifications import Sending
from monitor.store.sqlite import Store
from tests.test_store import NOON

PLACES = ("lenina", "mira", "mira", "far")
CARDS = [Card(place, "yandex_maps", str(number), "Europe/Moscow") for number, place in enumerate(PLACES)]


@dataclass(frozen=True)
class Mail:
    """`cards`: of its tickets, by their index; none where it tells of reading."""

    state: Sending
    cards: frozenset[int]


mails = st.lists(st.builds(Mail, st.sampled_from(Sending), st.frozensets(st.integers(0, 3), max_size=2)), max_size=14)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Sequence[Mail]], Store]]:
    """Makes the outbox hold these mails, numbered from 1; every card has one ticket."""
    store = Store.open(tmp_path_factory.mktemp("outbox") / "otklik.db")
    stock(store)

    def write(held: Sequence[Mail]) -> Store:
        with store.write():
            store._db.execute("DELETE FROM notification_ticket")
            store._db.execute("DELETE FROM notification")
            for number, mail in enumerate(held, 1):
                keep(store, number, mail)
        return store

    yield write
    store.close()


def stock(store: Store) -> None:
    """Every card has one ticket, whose number is one more than the card's."""
    store.listings.sync(CARDS, NOON)
    with store.write():
        for number in range(1, len(CARDS) + 1):
            store._db.insert(
                "review",
                {
                    "id": number, "listing_id": number, "external_id": str(number), "stars": 1, "text": "Слова",
                    "author": "Анна", "posted_precision": "exact", "url": "", "digest": "", "initial": 0,
                    "first_seen_at": to_iso(NOON), "last_seen_at": to_iso(NOON),
                },
            )  # fmt: skip
            store._db.insert(
                "ticket",
                {
                    "id": number, "review_id": number, "state": "open", "backlog": 1, "target": "other",
                    "started_at": to_iso(NOON), "armed_at": to_iso(NOON),
                },
            )  # fmt: skip


def keep(store: Store, number: int, mail: Mail) -> None:
    store._db.insert(
        "notification",
        {
            "id": number, "message_id": f"<{number}@x>", "kind": "warnings", "recipient": "a@example.ru",
            "state": mail.state.value, "created_at": to_iso(NOON), "next_try_at": to_iso(NOON),
        },
    )  # fmt: skip
    for card in mail.cards:
        store._db.insert("notification_ticket", {"notification_id": number, "ticket_id": card + 1})


def seen(mail: Mail, places: Collection[str] | None) -> bool:
    return places is None or (bool(mail.cards) and {PLACES[card] for card in mail.cards} <= set(places))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=80)
@given(
    mails,
    st.sampled_from([None, (), ("mira",), ("lenina", "mira"), ("nowhere",), ("far", "nowhere")]),
    st.sampled_from([None, *Sending]),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_page_after_page_is_all_of_what_somebody_may_see_newest_first(
    written: Callable[[Sequence[Mail]], Store],
    held: list[Mail],
    places: Collection[str] | None,
    state: Sending | None,
    limit: int,
    at_a_time: int,
) -> None:
    store, found, before = written(held).notifications, list[int](), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notifications, "LOOKED_AT", at_a_time)
        while page := store.page(limit, state=state, places=places, before=before):
            found += [one.id for one in page]
            before = page[-1].id
    theirs = {number: mail for number, mail in enumerate(held, 1) if seen(mail, places)}
    assert found == sorted((number for number, mail in theirs.items() if state in (None, mail.state)), reverse=True)
    if state is not None:
        assert store.count(state, places) == len(found)
    for number in range(1, len(held) + 1):
        assert (store.get(number, places) is not None) == (number in theirs)


def test_a_card_that_moved_to_another_place_takes_its_mails_along(
    written: Callable[[Sequence[Mail]], Store],
) -> None:
    store = written([Mail(Sending.SENT, frozenset({0})), Mail(Sending.SENT, frozenset({1}))])
    moved = [Card("mira", "yandex_maps", "0", "Europe/Moscow"), *CARDS[1:]]
    store.listings.sync(moved, NOON)
    assert [one.id for one in store.notifications.page(9, places=["mira"])] == [2, 1]
    store.listings.sync(CARDS, NOON)
    assert [one.id for one in store.notifications.page(9, places=["mira"])] == [2]


def test_a_review_that_moved_to_another_card_takes_its_mails_along(
    written: Callable[[Sequence[Mail]], Store],
) -> None:
    store = written([Mail(Sending.SENT, frozenset({0}))])
    with store.write():
        store._db.execute("UPDATE review SET listing_id = 2 WHERE id = 1")
    assert [one.id for one in store.notifications.page(9, places=["mira"])] == [1]
    with store.write():
        store._db.execute("UPDATE review SET listing_id = 1 WHERE id = 1")
    assert store.notifications.page(9, places=["mira"]) == []


def test_no_page_of_the_outbox_reads_all_of_it(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "otklik.db")
    stock(store)
    with store.write():
        for number, state in enumerate(Sending, 1):
            keep(store, number, Mail(state, frozenset({0})))
    asked: list[str] = []
    store._db.sqlite.set_trace_callback(asked.append)
    for places in (["lenina"], ["lenina", "mira"], None):
        store.notifications.get(1, places)
        for state in (None, *Sending):
            assert store.notifications.page(50, state=state, places=places)
            assert store.notifications.page(50, state=state, places=places, before=9)
        for state in (Sending.FAILED, Sending.PENDING):
            store.notifications.count(state, places)
    store._db.sqlite.set_trace_callback(None)
    plans = {
        str(step["detail"]): sql
        for sql in asked
        if "notification" in sql
        for step in store._db.rows(f"EXPLAIN QUERY PLAN {sql}")
    }
    scans = [(step, sql) for step, sql in plans.items() if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    whole = [(step, sql) for step, sql in scans if "INDEX notification_" not in step]
    assert whole == []
    walks = [step for step in plans if "notification_of_card" in step]
    assert walks
    assert all("COVERING" in step and "listing_id=? AND notification_id<?" in step for step in walks)
    store.close()
