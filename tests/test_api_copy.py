"""Whoever keeps a copy of the reviews: it stays true, and keeps nobody else waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from monitor.assemble import Application
from monitor.contract.reviews import review_json
from monitor.desk.app import READERS, WRITERS
from monitor.store.feed import Feed
from responders.types import Draft
from tests import api_fixtures
from tests.api_rig import Program, code, numbers, pages, plain
from tests.desk_places import HOUR, KIND, POISONED
from tests.desk_rig import Clicks
from tests.rig import Rig

cafe, own = api_fixtures.cafe, api_fixtures.own


def test_a_copy_follows_edits_answers_analysis_new_reviews_and_erasure(own: Rig) -> None:
    crm = Program(own)
    copy, sync = {}, ""

    def follow() -> set[int]:
        """One round of what the document says; the reviews that were told of."""
        nonlocal sync
        seen: set[int] = set()
        query = f"/reviews?limit=2&changed_since={sync}" if sync else "/reviews?limit=2"
        for number, page in enumerate(pages(crm, query)):
            sync = page["sync"] if number == 0 else sync
            for one in page["reviews"]:
                copy[one["review"]] = one
            for erased in page["erased"]:
                copy.pop(erased, None)
            seen |= {one["review"] for one in page["reviews"]} | set(page["erased"])
        return seen

    def is_true() -> bool:
        return copy == {row["id"]: plain(review_json(row)) for row in own.app.store.reviews()}

    follow()
    assert is_true()
    assert follow() == set()
    world, card = own.world, own.world.card("yandex_maps")
    (edited, *_) = world.all_reviews(card)
    world.edit(card, edited.external_id, text="Передумал: было ужасно, ждали два часа.", stars=1)
    world.reply(card, world.all_reviews(card)[1].external_id, "Спасибо!", at=own.clock.now())
    world.add(card, text=KIND, stars=5, author="Новый", posted_at=own.clock.now())
    own.run(after=5 * HOUR)
    told = follow()
    assert own.ticket_of(edited.external_id).review in told
    assert len(told) == 3
    assert is_true()
    (ticket,) = [view for view in own.queue() if view.text == POISONED]
    assert crm.do(ticket.ticket, "retag", {"tone": "neutral"}).status_code == 200
    assert follow() == {ticket.review}
    own.app.forget([ticket.review], own.clock.now(), "anna")
    assert follow() == {ticket.review}
    assert ticket.review not in copy
    assert is_true()
    assert code(crm.get(f"/reviews/{ticket.review}")) == "erased"
    assert ticket.text not in crm.get("/reviews?limit=200").text
    own.run(after=HOUR)
    assert follow() <= {ticket.review}


def test_a_card_that_moves_to_another_place_takes_its_reviews_along(own: Rig) -> None:
    crm, sync = Program(own), Program(own, "first").told("/reviews")["sync"]
    moved = {row["id"] for row in own.app.store.reviews() if (row["place"], row["source"]) == ("mira", "twogis")}
    with own.app.store.write():
        own.app.store._db.execute("UPDATE listing SET place = 'lenina' WHERE place = 'mira' AND source = 'twogis'")
    told = crm.told(f"/reviews?changed_since={sync}")["reviews"]
    assert {(one["review"], one["place"]) for one in told} == {(review, "lenina") for review in moved}


def test_whoever_sees_the_place_that_a_card_leaves_is_told_that_its_reviews_are_gone(own: Rig) -> None:
    """And no more of them than the numbers, not even when they are erased at the other place."""
    crm = Program(own)
    mira = Program(own, "mira", places=["mira"], app=crm.app)
    store = own.app.store
    copied = {one["review"] for one in mira.told("/reviews?limit=200")["reviews"]}
    moved = {row["id"] for row in store.reviews() if (row["place"], row["source"]) == ("mira", "twogis")}
    sync = mira.told("/reviews")["sync"]
    assert moved
    assert moved < copied
    with store.write():
        store._db.execute("UPDATE listing SET place = 'lenina' WHERE place = 'mira' AND source = 'twogis'")
    told = mira.told(f"/reviews?changed_since={sync}")
    assert (set(told["erased"]), told["reviews"]) == (moved, [])
    for asked in (f"/reviews?changed_since={sync}&place=mira", f"/reviews?changed_since={sync}&place=mira&limit=1"):
        assert {gone for page in pages(crm, asked) for gone in page["erased"]} == moved
    whole = crm.told(f"/reviews?changed_since={sync}")
    assert (whole["erased"], {one["review"] for one in whole["reviews"]}) == ([], moved)
    later = told["sync"]
    own.app.forget(sorted(moved), own.clock.now(), "anna")
    for since in (sync, later):
        again_ = mira.told(f"/reviews?changed_since={since}")
        assert (set(again_["erased"]), again_["reviews"]) == (moved, [])
    assert mira.told(f"/reviews?changed_since={sync}&source=yandex_maps")["erased"] == []
    # What comes to the card at its new place was never theirs.
    with store.write():
        store._db.execute(
            """INSERT INTO review (listing_id, external_id, text, author, posted_precision, url, digest, first_seen_at,
            last_seen_at, initial) SELECT listing_id, 'new', 'Новый', 'Пётр', 'unknown', '', '', first_seen_at,
            last_seen_at, 0 FROM review WHERE id = ?""",
            [min(moved)],
        )
    assert set(mira.told(f"/reviews?changed_since={sync}")["erased"]) == moved
    # Back again it is told as it is.
    with store.write():
        store._db.execute("UPDATE listing SET place = 'mira' WHERE external_id = '22222222222222'")
    back = mira.told(f"/reviews?changed_since={sync}")
    assert (set(back["erased"]), [one["text"] for one in back["reviews"]]) == (moved, ["Новый"])


def test_reading_a_card_again_changes_nothing_for_whoever_copies(own: Rig) -> None:
    crm = Program(own)
    sync = crm.told("/reviews")["sync"]
    own.run(after=HOUR)
    assert crm.told(f"/reviews?changed_since={sync}")["reviews"] == []


def test_nobody_at_the_desk_waits_until_programs_have_done_what_takes_long(
    own: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft may be written by somebody who thinks for half a minute."""
    crm, begun, go, tickets = Program(own), threading.Semaphore(0), threading.Event(), numbers(Program(own, "a"))
    anna = Clicks(own, "anna", app=crm.app)
    assert anna.csrf
    write = Application._write

    def slow(app: Application, number: int, *arguments: Any) -> Draft:
        begun.release()
        go.wait(20)
        return write(app, number, *arguments)

    monkeypatch.setattr(Application, "_write", slow)
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        asked = [threads.submit(crm.do, ticket, "draft") for ticket in tickets[:WRITERS]]
        try:
            assert begun.acquire(timeout=20)
            while begun.acquire(timeout=0.5):
                pass  # until there is no thread left for another
            noted = threads.submit(anna.post, f"/t/{tickets[-1]}/note", text="Позвонила.")
            assert noted.result(timeout=10).status_code == 303
        finally:
            go.set()
        assert {one.result().status_code for one in asked} == {200}


def test_no_page_of_the_desk_waits_for_programs_that_read(own: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    crm, seen, go = Program(own), threading.Semaphore(0), threading.Event()
    anna = Clicks(own, "anna", app=crm.app)
    state = Feed.state

    def slow(feed: Feed) -> int:
        seen.release()
        go.wait(20)
        return state(feed)

    monkeypatch.setattr(Feed, "state", slow)
    with ThreadPoolExecutor(READERS + 1) as threads:
        asked = [threads.submit(crm.get, "/reviews") for _ in range(READERS)]
        try:
            assert seen.acquire(timeout=20)
            while seen.acquire(timeout=0.5):
                pass  # until there is no thread left for another
            page = threads.submit(anna.get, "/queue")
            assert page.result(timeout=10).status_code == 200
        finally:
            go.set()
        assert {one.result().status_code for one in asked} == {200}
