"""What programs are told: the queue, the reviews, the numbers; to each what its token is good for, and no more."""

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Mount

from monitor.api import shapes
from monitor.api.app import OPERATIONS
from monitor.api.problems import KINDS, RETRY_AFTER
from monitor.clock import to_iso
from monitor.contract.numbers import summary_json
from monitor.contract.reviews import review_json
from monitor.contract.tickets import ticket_json, whole_ticket_json
from monitor.desk import numbers_ask
from monitor.desk.app import READERS, create_app
from monitor.model import TicketState
from monitor.notify import webhook
from monitor.notify.payload import payload
from monitor.notify.sample import samples
from monitor.numbers import Period, Scope, midnight
from monitor.reports import Reports
from monitor.standin.credentials import STAND_IN_ENV
from monitor.store.feed import Feed
from monitor.store.filters import Cursor, Filters
from monitor.tokens import PERMITTED, Grant
from tests.api_rig import PREFIX, Program, code, token
from tests.desk_places import HOUR, KIND, MINUTE, POISONED, opened, two_places
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig
from tests.test_notify_mime import MESSAGE

TWICE = "Заказывали доставку: привезли на час позже, торт помят. Менеджер обещал перезвонить и пропал."


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two places; at one of them somebody was poisoned, and complains of both in the same words."""
    folder = tmp_path_factory.mktemp("cafe")
    two_places(folder)
    return folder


def again(cafe: Path, folder: Path) -> Rig:
    """The café with its bad news, in a folder of its own."""
    shutil.copytree(cafe, folder, dirs_exist_ok=True)
    rig = opened(folder)
    world = rig.world
    world.add(world.card("yandex_maps", "11111111111"), text=POISONED, stars=1, author="Ольга П.", posted_at=NOON)
    for card in (world.card("yandex_maps"), world.card("twogis")):
        world.add(card, text=TWICE, stars=1, author="Екатерина Белова", posted_at=NOON)
    rig.run(after=2 * MINUTE)
    return rig


@pytest.fixture(scope="module")
def rig(cafe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """For tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        made = again(cafe, tmp_path_factory.mktemp("looked-at"))
        yield made
        made.app.close()


@pytest.fixture
def own(cafe: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """For tests that change something."""
    made = again(cafe, tmp_path)
    yield made
    made.app.close()


@pytest.fixture(scope="module")
def crm(rig: Rig) -> Program:
    """May everything everywhere."""
    return Program(rig)


@pytest.fixture(scope="module")
def lenina(rig: Rig, crm: Program) -> Program:
    return Program(rig, "lenina", places=["lenina"], app=crm.app)


def plain(value: object) -> Any:
    return json.loads(json.dumps(value))


def numbers(program: Program, path: str = "/tickets?state=all&limit=200") -> list[int]:
    return [ticket["ticket"] for ticket in program.told(path)["tickets"]]


# --- the contract ------------------------------------------------------------------------------


def test_tickets_are_the_queue_as_the_command_line_tells_it(rig: Rig, crm: Program) -> None:
    told = crm.told("/tickets?limit=200")
    assert told["tickets"] == plain([ticket_json(view) for view in rig.queue()])
    assert len(told["tickets"]) > 5
    assert told["next"] is None


def test_a_ticket_is_all_that_queue_show_tells(rig: Rig, crm: Program) -> None:
    for view in rig.everything():
        told = crm.told(f"/tickets/{view.ticket}")
        assert told == plain(whole_ticket_json(rig.app.store, view))
        assert told["events"]


def test_reviews_are_what_export_tells(rig: Rig, crm: Program) -> None:
    told = crm.told("/reviews?limit=200")
    assert told["reviews"] == plain(list(map(review_json, rig.app.store.reviews())))
    for review in told["reviews"]:
        assert crm.told(f"/reviews/{review['review']}") == review


def test_numbers_are_those_of_stats(rig: Rig, crm: Program) -> None:
    now = rig.clock.now()
    since = midnight(now.date() - timedelta(days=6), "Europe/Moscow")
    summary = rig.app.store.numbers.over(Scope(Period(since, now, "Europe/Moscow")), now, working=rig.app.working)
    assert crm.told("/numbers") == plain(summary_json(summary))
    assert crm.told("/numbers?place=mira&since=30d&source=twogis")["total"]["reviews"]["came"] == 1


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/tickets?state=all", shapes.Tickets),
        ("/tickets/1", shapes.WholeTicket),
        ("/reviews", shapes.Reviews),
        ("/reviews/1", shapes.Review),
        ("/numbers?since=30d", shapes.Numbers),
    ],
)
def test_the_document_names_every_key_of_an_answer_and_no_other(
    crm: Program, path: str, shape: type[BaseModel]
) -> None:
    shape.model_validate(crm.told(path), extra="forbid")


def test_a_ticket_that_much_was_said_of_is_of_the_shape_that_is_told(own: Rig) -> None:
    crm, ticket = Program(own), own.ticket_of(own.queue()[0].external_id).ticket
    for action, body in (
        ("take", None),
        ("edit", {"text": "Нам жаль. Звоните +7 900 000-00-00."}),
        ("note", {"text": "Позвонила."}),
        ("dispute", {"state": "filed", "why": "№ 5"}),
        ("retag", {"tone": "neutral", "themes": {"price": True}, "dangers": {"fraud": True}, "note": "Так"}),
        ("fault", {"fault": "confirmed", "measure": "Заменили поставщика."}),
        ("acknowledge", None),
    ):
        answer = crm.do(ticket, action, body)
        assert answer.status_code == 200, answer.text
        shapes.WholeTicket.model_validate(answer.json(), extra="forbid")


# --- filters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("state=all", {"states": tuple(TicketState)}),
        ("state=unanswerable", {"states": (TicketState.UNANSWERABLE,)}),
        ("place=mira", {"place": "mira"}),
        ("source=twogis", {"source": "twogis"}),
        ("tone=positive", {"tone": "positive"}),
        ("theme=delivery", {"theme": "delivery"}),
        ("dangerous=true", {"dangerous": True}),
        ("dangerous=false", {"dangerous": False}),
        ("unassigned=true&overdue=false", {"unassigned": True}),
        ("overdue=true", {"overdue": True}),
        ("place=nowhere", {"place": "nowhere"}),
    ],
)
def test_a_filter_means_what_it_means_in_the_queue(rig: Rig, crm: Program, query: str, filters: Any) -> None:
    assert numbers(crm, f"/tickets?{query}") == [view.ticket for view in rig.queue(Filters()._replace(**filters))]


def test_words_are_found_in_any_form(crm: Program) -> None:
    found = crm.told("/tickets?q=отравился салат")["tickets"]
    assert [ticket["text"] for ticket in found] == [POISONED]
    assert crm.told("/tickets?q=белова")["tickets"][0]["author"] == "Екатерина Белова"
    assert crm.told("/tickets?q=и")["tickets"] == []


def test_reviews_are_told_by_place_site_and_moment(rig: Rig, crm: Program) -> None:
    first = to_iso(NOON + MINUTE)
    tried: list[tuple[str, Callable[[Any], bool]]] = [
        ("place=mira", lambda row: row["place"] == "mira"),
        ("source=twogis", lambda row: row["source"] == "twogis"),
        (f"since={first}", lambda row: row["first_seen_at"] >= first),
        (f"until={first}", lambda row: row["first_seen_at"] < first),
    ]
    for query, holds in tried:
        wanted = [row["id"] for row in rig.app.store.reviews() if holds(row)]
        assert wanted, query
        assert [one["review"] for one in crm.told(f"/reviews?{query}")["reviews"]] == wanted


@pytest.mark.parametrize(
    "path",
    [
        "/tickets?limt=2",
        "/tickets?limit=0",
        "/tickets?limit=201",
        "/tickets?limit=1_0",
        "/tickets?state=closed",
        "/tickets?overdue=1",
        "/tickets?cursor=abc",
        "/tickets?cursor=",
        f"/tickets?cursor={'a' * 500}",
        "/reviews?since=2026-11-21",
        "/reviews?since=0001-01-01T00:00:00%2B14:00",
        "/reviews?cursor=-1",
        "/reviews?changed_since=abc",
        "/numbers?since=gestern",
        "/numbers?place=nowhere",
        "/numbers?since=2026-12-31",
        "/tickets/abc",
    ],
)
def test_what_cannot_be_meant_is_refused_and_told_where(crm: Program, path: str) -> None:
    answer = crm.get(path)
    assert answer.status_code == 422
    assert code(answer) in ("invalid", "refused")
    assert not re.search("[а-яё]", answer.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "evil",
    [
        "' OR 1=1 --",
        '"; DROP TABLE review; --',
        "%' UNION SELECT password FROM account --",
        "\x00",
        "a" * 100,
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A1",
        "../../etc/passwd",
        "ё\u202e\u2028",
    ],
)
def test_no_value_is_more_than_a_value(rig: Rig, crm: Program, evil: str) -> None:
    before = rig.digest()
    for path, name in (
        ("/tickets", "place"),
        ("/tickets", "source"),
        ("/tickets", "assignee"),
        ("/tickets", "q"),
        ("/reviews", "place"),
        ("/numbers", "assignee"),
    ):
        answer = crm.ask("GET", path, params={name: evil})
        assert answer.status_code == 200, answer.text
        if path == "/tickets":
            assert answer.json()["tickets"] == []
    for name in ("cursor", "state", "since", "limit", evil):
        assert crm.ask("GET", "/tickets", params={name: evil}).status_code == 422
    assert rig.digest() == before


# --- who sees what -----------------------------------------------------------------------------

PATHS = sorted({(operation.method, operation.path, operation.grant) for operation in OPERATIONS})


def path_of(template: str, ticket: int, review: int) -> str:
    return template.replace("{ticket}", str(ticket)).replace("{review}", str(review))


def kept(rig: Rig) -> list[object]:
    """All that is stored but for tokens, which tests make, and the log of that."""
    with closing(sqlite3.connect(rig.app.config.database)) as database:
        tables = database.execute(
            """SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
            AND name NOT IN ('token', 'token_place', 'audit')"""
        ).fetchall()
        return [(name, database.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in tables]


@dataclass
class Doors:
    """A café that programs come to: `of` each one grant or all, everywhere or at one place."""

    rig: Rig
    app: Starlette
    secrets: dict[str, str] = field(default_factory=dict)

    def program(self, name: str, *may: Grant, places: Collection[str] | None = None, address: str = "") -> Program:
        if may and name not in self.secrets:
            self.secrets[name] = token(self.rig, name, may, places)
        return Program(self.rig, secret=self.secrets.get(name, ""), app=self.app, address=address)


@pytest.fixture(scope="module")
def doors(cafe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        made = again(cafe, tmp_path_factory.mktemp("doors"))
        yield Doors(made, create_app(made.app))
        made.app.close()


def test_every_route_of_the_api_asks_for_a_grant(crm: Program) -> None:
    """The table of operations is all there is, but for the document."""
    (mounted,) = [route.app for route in crm.app.routes if isinstance(route, Mount)]
    found = {(method, route.path) for route in mounted.routes for method in route.methods}  # type: ignore[attr-defined]
    assert found == {(method, path) for method, path, _ in PATHS} | {("GET", "/openapi.json")}


@pytest.mark.parametrize(("method", "template", "needed"), PATHS)
def test_a_token_is_good_for_what_it_was_made_for(doors: Doors, method: str, template: str, needed: Grant) -> None:
    view = doors.rig.queue()[0]
    path, before, headers = path_of(template, view.ticket, view.review), kept(doors.rig), {"idempotency-key": "1"}
    for grant in Grant:
        if PERMITTED[needed] <= PERMITTED[grant]:
            continue
        answer = doors.program(f"only-{grant}", grant).ask(method, path, headers=headers)
        assert code(answer) == "forbidden"
        assert f'scope="{needed}"' in answer.headers["www-authenticate"]
    for secret in ("", "otk_", "otk_" + "a" * 43, "otk_" + "a" * 5000, "%D1%91"):
        sent = {**headers, "authorization": f"Bearer {secret}"}
        answer = doors.program("").ask(method, path, headers=sent)
        assert code(answer) == "unauthorised"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert kept(doors.rig) == before
    answer = doors.program(f"only-{needed}", needed).ask(method, path, headers={"idempotency-key": template})
    assert answer.status_code in (200, 409, 422)


@pytest.mark.parametrize(("method", "template", "needed"), [one for one in PATHS if "{" in one[1]])
def test_what_belongs_to_another_place_is_not_there(doors: Doors, method: str, template: str, needed: Grant) -> None:
    view = next(view for view in doors.rig.queue() if view.place == "mira")
    lenina = doors.program("lenina", *Grant, places=["lenina"])
    before, headers = kept(doors.rig), {"idempotency-key": "1"}
    bodies: list[dict[str, Any]] = [{}, {"json": {}}, {"json": {"text": "x"}}, {"json": {"reason": "spam"}}]
    for options in bodies if method == "POST" else bodies[:1]:
        answer = lenina.ask(method, path_of(template, view.ticket, view.review), headers=headers, **options)
        never = lenina.ask(method, path_of(template, 10**6, 10**6), headers=headers, **options)
        assert (answer.status_code, answer.text) == (never.status_code, never.text)
        assert answer.status_code in (404, 422)
    assert kept(doors.rig) == before


def test_no_list_and_no_number_tells_of_another_place(rig: Rig, crm: Program, lenina: Program) -> None:
    of_mira = [view for view in rig.everything() if view.place == "mira"]
    assert of_mira
    assert set(numbers(lenina)) == set(numbers(crm)) - {view.ticket for view in of_mira}
    for path in (
        "/tickets?state=all&limit=200",
        "/reviews?limit=200",
        "/reviews?changed_since=0",
        "/numbers?since=30d",
    ):
        told = lenina.get(path).text
        assert "mira" not in told
        assert POISONED not in told
        assert "mira" in crm.get(path).text
    assert numbers(lenina, "/tickets?place=mira") == []
    assert code(lenina.get("/numbers?place=mira")) == "refused"
    assert "mira" not in lenina.get("/numbers?place=nowhere").text
    together, alone = crm.told("/numbers?since=30d"), lenina.told("/numbers?since=30d")
    assert alone["total"]["reviews"] == together["places"]["lenina"]["reviews"]


def test_the_same_words_elsewhere_are_told_by_number_to_those_who_see_them(own: Rig) -> None:
    """Reviews of one place are linked, and then one of the cards moves."""
    crm = Program(own)
    lenina = Program(own, "lenina", places=["lenina"], app=crm.app)
    with own.app.store.write():
        own.app.store._db.execute("UPDATE listing SET place = 'mira' WHERE place = 'lenina' AND source = 'twogis'")
    told = crm.told("/tickets?q=торт помят")["tickets"]
    (here,) = [one for one in told if one["place"] == "lenina"]
    assert all({one["ticket"], *one["same_as"]} == {other["ticket"] for other in told} for one in told)
    (seen,) = lenina.told("/tickets?q=торт помят")["tickets"]
    assert (seen["ticket"], seen["same_as"]) == (here["ticket"], [])
    assert lenina.told(f"/tickets/{here['ticket']}")["same_as"] == []
    linked = [one for one in crm.told("/reviews?limit=200")["reviews"] if one["same_as"]]
    assert len(linked) == 1
    assert not [one for one in lenina.told("/reviews?limit=200")["reviews"] if one["same_as"]]
    assert not lenina.told(f"/reviews/{here['review']}")["same_as"]


# --- paging ------------------------------------------------------------------------------------


def pages(program: Program, path: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        told = program.told(path + cursor)
        yield told
        if told["next"] is None:
            return
        cursor = f"&cursor={told['next']}"


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("query", ["state=all", "place=lenina", "q=спасибо"])
def test_pages_together_are_the_whole_list(crm: Program, limit: int, query: str) -> None:
    found = [one["ticket"] for page in pages(crm, f"/tickets?{query}&limit={limit}") for one in page["tickets"]]
    assert found == numbers(crm, f"/tickets?{query}&limit=200")
    assert all(len(page["tickets"]) <= limit for page in pages(crm, f"/tickets?{query}&limit={limit}"))


def test_each_ticket_is_visited_once_while_others_come_go_and_change(own: Rig) -> None:
    crm = Program(own)
    before, visited = numbers(crm, "/tickets?limit=200"), []
    gone: set[int] = set()
    for page in pages(crm, "/tickets?limit=2"):
        visited += [one["ticket"] for one in page["tickets"]]
        left = [ticket for ticket in before if ticket not in visited]
        crm.do(visited[-1], "note", {"text": f"Видели {len(visited)}"})
        crm.do(visited[0], "take")
        if len(visited) == 4:
            crm.do(visited[1], "submitted")
            assert crm.do(left[-1], "dismiss", {"reason": "spam"}).status_code == 200
            gone.add(left[-1])
            own.world.add(own.world.card("twogis"), text=KIND, stars=5, author="Новый", posted_at=own.clock.now())
            own.run(after=2 * MINUTE)
    assert len(visited) == len(set(visited))
    assert set(before) - gone <= set(visited)


def test_each_review_is_visited_once_and_new_ones_come_last(own: Rig) -> None:
    crm, visited = Program(own), list[tuple[int, str]]()
    for page in pages(crm, "/reviews?limit=3"):
        if not visited:
            own.world.add(own.world.card("twogis"), text=KIND, stars=5, author="Новый", posted_at=own.clock.now())
            own.run(after=2 * MINUTE)
        visited += [(one["review"], one["author"]) for one in page["reviews"]]
    assert len(visited) == len(set(visited)) == len(list(own.app.store.reviews()))
    assert visited[-1][1] == "Новый"


def test_a_cursor_of_ours_with_other_filters_is_a_place_in_the_list(crm: Program) -> None:
    cursor = crm.told("/tickets?limit=2")["next"]
    assert Cursor.read(cursor) is not None
    assert set(numbers(crm, f"/tickets?place=mira&cursor={cursor}")) <= set(numbers(crm, "/tickets?place=mira"))


# --- a copy that stays true ----------------------------------------------------------------------


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
        return list(copy.values()) == plain(list(map(review_json, own.app.store.reviews()))) or sorted(
            copy.items()
        ) == sorted((row["id"], plain(review_json(row))) for row in own.app.store.reviews())

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


def test_days_of_numbers_are_those_of_the_desk(own: Rig) -> None:
    """The digest's, whatever zones the places have; without a digest those of the first place."""
    config = own.config_path.read_text(encoding="utf-8")
    for text, zone in (
        (config.replace("timezone: Europe/Moscow", "timezone: Asia/Omsk", 1), "Asia/Omsk"),
        (config + "\ndigest: {to: [owner@example.ru], timezone: Asia/Yakutsk}\n", "Asia/Yakutsk"),
    ):
        own.config_path.write_text(text, encoding="utf-8")
        own.restart()
        crm = Program(own, f"at-{zone.rpartition('/')[2].lower()}")
        for path in ("/numbers", "/numbers?place=lenina", "/numbers?place=mira"):
            assert crm.told(path)["zone"] == zone, path
        assert numbers_ask.zone_of(crm.app.state.desk) == zone
        assert own.app.digests._settings.timezone == zone


def test_reading_a_card_again_changes_nothing_for_whoever_copies(own: Rig) -> None:
    crm = Program(own)
    sync = crm.told("/reviews")["sync"]
    own.run(after=HOUR)
    assert crm.told(f"/reviews?changed_since={sync}")["reviews"] == []


# --- ETag ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/tickets", "/tickets/1", "/reviews", "/reviews/1", "/numbers", "/openapi.json"])
def test_what_is_still_the_same_is_not_sent_again(crm: Program, path: str) -> None:
    first = crm.get(path)
    tag = first.headers["etag"]
    for given in (tag, f'"x", {tag}', f"W/{tag.removeprefix('W/')}", "*"):
        answer = crm.get(path, if_none_match=given)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    for given in ('"x"', tag[:-2] + '"', "", tag.strip('"')):
        assert crm.get(path, if_none_match=given).status_code == 200
    assert "no-store" not in first.headers["cache-control"]
    assert "private" in first.headers["cache-control"]


def test_a_change_makes_another_tag(own: Rig) -> None:
    crm, ticket = Program(own), own.queue()[0].ticket
    paths = ("/tickets", f"/tickets/{ticket}", "/numbers")
    own.clock.advance(timedelta(seconds=1))
    before = [crm.get(path).headers["etag"] for path in paths]
    own.clock.advance(timedelta(seconds=1))
    assert [crm.get(path, if_none_match=tag).status_code for path, tag in zip(paths, before, strict=True)] == [304] * 3
    assert crm.do(ticket, "submitted").status_code == 200
    assert [crm.get(path, if_none_match=tag).status_code for path, tag in zip(paths, before, strict=True)] == [200] * 3


# --- what goes wrong -----------------------------------------------------------------------------


def test_only_a_token_lets_a_program_in_and_no_other_site_may_ask(rig: Rig, crm: Program) -> None:
    anna = Clicks(rig, app=crm.app)
    answer = anna.get(f"{PREFIX}/tickets")
    assert code(answer) == "unauthorised"
    preflight = crm.ask("OPTIONS", "/tickets", headers={"origin": "https://evil.example"})
    assert code(preflight) == "method-not-allowed"
    answer = crm.ask("GET", "/tickets", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "set-cookie" not in answer.headers


def test_no_token_in_an_address_or_of_another_kind_is_believed(crm: Program) -> None:
    nobody = Program(crm.rig, secret="", app=crm.app, address="")
    assert nobody.get(f"/tickets?access_token={crm.secret}").status_code == 401
    for header in (f"Basic {crm.secret}", crm.secret, f"Bearer{crm.secret}", "Bearer", f"Token {crm.secret}"):
        assert nobody.get("/tickets", authorization=header).status_code == 401
    assert nobody.get("/tickets", authorization=f"bearer  {crm.secret} ").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/tickets/", 404),
        ("GET", "", 404),
        ("POST", "/tickets", 405),
        ("DELETE", "/tickets/1", 405),
        ("GET", "/tickets/1/actions/take", 405),
        ("POST", "/tickets/1/actions/publish", 404),
        ("GET", "/../v2/tickets", 404),
    ],
)
def test_an_address_or_a_method_that_is_none_is_a_problem_for_programs(
    crm: Program, method: str, path: str, status: int
) -> None:
    answer = crm.ask(method, path)
    assert (answer.status_code, code(answer)) == (status, {404: "not-found", 405: "method-not-allowed"}[status])
    assert status != 405 or answer.headers["allow"] in ("GET", "POST")


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 4000, "1e3", "１"])
def test_no_number_is_too_long(crm: Program, number: str) -> None:
    for path in (f"/tickets/{number}", f"/reviews/{number}"):
        assert crm.get(path).status_code in (404, 422)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"text": ' + b"9" * 5000 + b"}", 400),
        (b"\xff", 400),
        (b'{"text": "\\ud800"}', 422),
        (b'{"text": 1}', 422),
        (b'{"text": null}', 422),
        (b'{"text": ""}', 422),
        (b'{"text": "x", "more": 1}', 422),
        (b'"text"', 422),
        (b"", 422),
        (json.dumps({"text": "x" * 2001}).encode(), 422),
        (b'{"text": "x", "text\\ud800": 1}', 422),
        (b" " * 300_000, 413),
    ],
)
def test_a_body_that_is_none_does_nothing(rig: Rig, crm: Program, content: bytes, status: int) -> None:
    before = rig.digest()
    headers = {"idempotency-key": "1", "content-type": "application/json"}
    answer = crm.ask("POST", "/tickets/1/actions/note", headers=headers, content=content)
    assert answer.status_code == status
    assert code(answer) in ("malformed", "invalid", "too-large")
    assert rig.digest() == before


def test_a_form_is_no_json(crm: Program) -> None:
    headers = {"idempotency-key": "1"}
    answer = crm.ask("POST", "/tickets/1/actions/note", headers=headers, data={"text": "x"})
    assert code(answer) == "invalid"


def test_a_database_that_others_hold_is_asked_again_later(own: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.desk.app.PATIENCE", 0.05)
    crm, ticket = Program(own), own.queue()[0].ticket
    with closing(sqlite3.connect(own.app.config.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = crm.do(ticket, "note", {"text": "Позвонила."}, key="once")
        assert code(answer) == "busy"
        assert answer.headers["retry-after"] == str(RETRY_AFTER)
        assert "otklik" not in answer.text.replace("urn:otklik", "")
        assert crm.get(f"/tickets/{ticket}").status_code == 200  # reading goes on
        other.execute("ROLLBACK")
    assert crm.do(ticket, "note", {"text": "Позвонила."}, key="once").status_code == 200


def test_what_breaks_tells_nothing_of_its_inside(rig: Rig, crm: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("секрет в /etc/passwd")

    monkeypatch.setattr(Reports, "tickets", broken)
    answer = crm.get("/tickets")
    assert code(answer) == "broken"
    assert "passwd" not in answer.text
    assert "Traceback" not in answer.text


# --- the document --------------------------------------------------------------------------------


def test_the_document_is_open_to_all_and_true(rig: Rig, crm: Program) -> None:
    nobody = Program(rig, secret="", app=crm.app)
    told = nobody.told("/openapi.json")
    assert told["openapi"].startswith("3.1")
    assert told["servers"] == [{"url": PREFIX}]
    found = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert found == {(method, path) for method, path, _ in PATHS}
    for method, path, grant in PATHS:
        assert told["paths"][path][method.lower()]["security"] == [{"token": [grant]}]
    documented = {
        code for answer in told["components"]["responses"].values()
        for code in answer["content"]["application/problem+json"]["examples"]
    }  # fmt: skip
    assert documented == set(KINDS)


def test_a_webhook_posts_what_the_document_says() -> None:
    for alert in samples(NOON):
        told = json.loads(webhook.body(replace(MESSAGE, data=payload(alert))))
        shapes.WebhookMessage.model_validate(told, extra="forbid")


def test_the_page_for_those_who_write_programs_needs_nothing_from_elsewhere(rig: Rig, crm: Program) -> None:
    page = Program(rig, secret="", app=crm.app).ask("GET", "/api", whole=True)
    assert page.status_code == 200
    for method, path, _ in PATHS:
        assert f"{method} {PREFIX}{path}" in page.text
    for found in (*KINDS, "Idempotency-Key", "If-Match", "changed_since", "otk_"):
        assert found in page.text
    assert not re.search(r"(src|href)=\"(?!/|#)", page.text)
    assert "<script" not in page.text
