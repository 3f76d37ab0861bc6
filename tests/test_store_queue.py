"""The queue of the store against a plain one in Python: filters, order, pages, counts, the morning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.accounts import Account, Role
from monitor.clock import optional_iso, to_iso
from monitor.desk import queue as desk_queue
from monitor.desk.context import Desk
from monitor.desk.views import Ask
from monitor.model import WAITING_STATES, Card, Target, TicketState
from monitor.store import queue
from monitor.store.queue import LONGEST_CURSOR, SOON, Counts, Cursor, Filters, Group
from monitor.store.sqlite import Store
from tests.test_store import HOUR, NOON, read, review

CARDS = [
    Card("lenina", "yandex_maps", "1", "Europe/Moscow"),
    Card("lenina", "twogis", "2", "Europe/Moscow"),
    Card("mira", "yandex_maps", "3", "Asia/Vladivostok"),
    Card("mira", "twogis", "4", "Asia/Vladivostok"),
]
ASLEEP = 4
"""The number of a card that left the config."""

WORDS = ("ждать", "суп", "хамство")
OVER = tuple(state for state in TicketState if state not in (*WAITING_STATES, TicketState.UNANSWERABLE))


@dataclass(frozen=True)
class Duty:
    """A ticket as the plain queue knows it. Moments are hours from NOON; `group`: whose words it holds, by number."""

    number: int
    card: int
    state: TicketState
    due: int | None
    posted: int | None
    closed: int
    started: int
    backlog: bool
    assignee: str | None
    tone: str
    flagged: bool
    target: str
    dangerous: bool
    themes: frozenset[str]
    words: frozenset[str]
    group: int


few = st.integers(-3, 3)


@st.composite
def duties(draw: st.DrawFn) -> list[Duty]:
    found: list[Duty] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        leaders = [duty.number for duty in found if duty.group == duty.number]
        state = draw(st.sampled_from([*TicketState, TicketState.OPEN, TicketState.OPEN]))
        waits = state in WAITING_STATES
        found.append(
            Duty(
                number=number,
                card=draw(st.sampled_from([0, 0, 1, 2, 3, ASLEEP])),
                state=state,
                due=draw(st.none() | few) if waits else None,
                posted=draw(st.none() | few),
                closed=draw(few),
                started=draw(few),
                backlog=draw(st.booleans()),
                assignee=draw(st.sampled_from([None, None, "anna", "boris"])),
                tone=draw(st.sampled_from(["", "negative", "neutral", "positive"])),
                flagged=draw(st.booleans()),
                target=draw(st.sampled_from(list(Target))),
                dangerous=draw(st.integers(0, 3)) == 0,
                themes=draw(st.frozensets(st.sampled_from(["staff", "waiting", "price"]), max_size=2)),
                words=draw(st.frozensets(st.sampled_from(WORDS))),
                group=draw(st.sampled_from([number, number, *leaders])),
            )
        )
    return found


filters = st.builds(
    Filters,
    states=st.sampled_from(
        [WAITING_STATES, WAITING_STATES, tuple(TicketState), OVER, *((state,) for state in TicketState)]
    ),
    place=st.sampled_from([None, None, "lenina", "nowhere"]),
    source=st.sampled_from([None, None, "twogis"]),
    tone=st.sampled_from([None, None, "negative", "positive"]),
    assignee=st.sampled_from([None, None, "anna"]),
    places=st.sampled_from([None, None, frozenset({"mira"}), frozenset({"lenina", "mira"}), frozenset()]),
    theme=st.sampled_from([None, None, "waiting"]),
    overdue=st.sampled_from([False, False, False, True]),
    soon=st.sampled_from([False, False, False, True]),
    dangerous=st.sampled_from([None, None, True, False]),
    flagged=st.sampled_from([None, None, True, False]),
    backlog=st.sampled_from([None, None, True, False]),
    unassigned=st.sampled_from([False, False, True]),
    lemmas=st.sampled_from([None, None, (), ("ждать",), ("ждать", "суп"), ("хамство ждать",), ("хам*",)]),
    since=st.sampled_from([None, None, NOON - HOUR]),
    now=st.just(NOON),
    dangers_first=st.booleans(),
    limit=st.none(),
    after=st.none(),
)


def at(hours: int) -> datetime:
    return NOON + hours * HOUR


def fits(duty: Duty, asked: Filters) -> bool:
    """Whether the filters let a ticket through."""
    if duty.card == ASLEEP:
        return False
    card = CARDS[duty.card]
    late = duty.due is not None and at(duty.due) <= NOON
    soon = duty.due is not None and NOON < at(duty.due) <= NOON + SOON
    return all(
        (
            duty.state in asked.states,
            asked.place in (None, card.place),
            asked.source in (None, card.source),
            asked.places is None or card.place in asked.places,
            asked.tone in (None, duty.tone),
            asked.assignee in (None, duty.assignee),
            asked.theme is None or asked.theme in duty.themes,
            not asked.overdue or late,
            not asked.soon or soon,
            asked.dangerous in (None, duty.dangerous),
            asked.flagged in (None, duty.flagged),
            asked.backlog in (None, duty.backlog),
            not asked.unassigned or duty.assignee is None,
            asked.since is None or at(duty.started) >= asked.since,
            asked.lemmas is None or (asked.lemmas and all(says(duty, lemma) for lemma in asked.lemmas)),
        )
    )


def says(duty: Duty, lemma: str) -> bool:
    return any(
        word.startswith(each[:-1]) if each.endswith("*") else word == each
        for each in lemma.split()
        for word in duty.words
    )


def place(duty: Duty, asked: Filters) -> tuple[int, ...]:
    """Where a ticket stands, the least first."""
    posted = 99 if duty.posted is None else -duty.posted  # whose day is not known is older than any
    if duty.state is TicketState.UNANSWERABLE:
        return 2, posted, duty.number
    if duty.state not in WAITING_STATES:
        return 3, -duty.closed, -duty.number
    top = 0 if asked.dangers_first and duty.dangerous else 1
    if duty.due is None:
        return 1, top, posted, duty.number
    return 0, top, duty.due, posted, duty.number


def plain(duties: Sequence[Duty], asked: Filters) -> list[list[int]]:
    """The whole queue, group by group."""
    held = sorted((duty for duty in duties if fits(duty, asked)), key=lambda duty: place(duty, asked))
    groups: dict[int, list[int]] = {}
    for duty in held:
        groups.setdefault(duty.group, []).append(duty.number)
    return list(groups.values())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Sequence[Duty]], Store]]:
    """Makes the store hold these tickets and nothing else."""
    store = Store.open(tmp_path_factory.mktemp("queue") / "otklik.db")
    asleep = Card("lenina", "google_business", "5", "Europe/Moscow")
    store.listings.sync([*CARDS, asleep], NOON)
    store.listings.sync(CARDS, NOON)
    ids = {row["external_id"]: row["id"] for row in store._db.rows("SELECT id, external_id FROM listing")}

    def write(duties: Sequence[Duty]) -> Store:
        with store.write():
            store.search.erase(range(1, 13))
            for table in ("draft", "event", "ticket", "verdict", "changed", "review"):
                store._db.execute(f"DELETE FROM {table}")
            for duty in duties:
                keep(store, duty, ids[str(duty.card + 1)])
        store.search.put({duty.number: " ".join(sorted(duty.words)) for duty in duties}, "v")
        return store

    yield write
    store.close()


def keep(store: Store, duty: Duty, card: int) -> None:
    store._db.insert(
        "review",
        {
            "id": duty.number, "listing_id": card, "external_id": str(duty.number), "stars": 1, "text": "Слова",
            "author": "Анна", "posted_at": optional_iso(None if duty.posted is None else at(duty.posted)),
            "posted_precision": "exact", "url": "", "digest": "", "first_seen_at": to_iso(at(duty.started)),
            "last_seen_at": to_iso(NOON), "initial": 0, "same_as": None if duty.group == duty.number else duty.group,
        },
    )  # fmt: skip
    if duty.tone:
        themes = "[" + ",".join(f'["{theme}", "negative", "слова", ""]' for theme in sorted(duty.themes)) + "]"
        store._db.insert(
            "verdict",
            {
                "review_id": duty.number, "revision": 1, "version": "v1", "tone": duty.tone, "probabilities": None,
                "flagged": int(duty.flagged), "uncertain": 0, "conflict": 0, "themes": themes,
                "risks": '[["injury", "слова"]]' if duty.dangerous else "[]", "evidence": "[]",
            },
        )  # fmt: skip
    store._db.insert(
        "ticket",
        {
            "id": duty.number, "review_id": duty.number, "state": duty.state.value, "backlog": int(duty.backlog),
            "target": duty.target, "started_at": to_iso(at(duty.started)), "armed_at": to_iso(NOON),
            "due_at": optional_iso(None if duty.due is None else at(duty.due)), "assignee": duty.assignee,
            "closed_at": to_iso(at(duty.closed)) if duty.state in OVER else None,
        },
    )  # fmt: skip


def judged(duties: Sequence[Duty]) -> list[Duty]:
    """Without a verdict there is nothing in it."""
    bare = {"flagged": False, "dangerous": False, "themes": frozenset[str]()}
    return [duty if duty.tone else replace(duty, **bare) for duty in duties]  # type: ignore[arg-type]  # fits


PROVEN = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=80)


@PROVEN
@given(
    duties().map(judged),
    filters,
    st.lists(st.integers(1, 5), min_size=1),
    st.sampled_from([(queue.FEW, queue.GLANCE), (0, 1), (0, 3), (1, 2)]),
)
def test_page_after_page_is_the_whole_queue(
    written: Callable[[Sequence[Duty]], Store],
    held: list[Duty],
    asked: Filters,
    limits: list[int],
    ways: tuple[int, int],
) -> None:
    with pytest.MonkeyPatch.context() as patch:  # rare words and common ones are looked for in different ways
        patch.setattr(queue, "FEW", ways[0])
        patch.setattr(queue, "GLANCE", ways[1])
        patch.setattr(queue, "DANGERS", ways[1])
        pages_are_the_whole(written(held), plain(held, asked), asked, limits)


def pages_are_the_whole(store: Store, whole: list[list[int]], asked: Filters, limits: list[int]) -> None:
    flat = [number for group in whole for number in group]
    assert store.tickets.page(asked) == (flat, None)
    read, after = list[int](), None
    for number in range(100):
        limit = limits[number % len(limits)]
        page = store.tickets.page(asked._replace(limit=limit, after=after))
        assert len(page.tickets) <= limit
        read += page.tickets
        cut = [group for group in whole if set(group) & set(page.tickets) and not set(group) <= set(read)]
        assert all(group[-limit:] and page.tickets[0] in group for group in cut), "only one that begins the page is cut"
        if page.after is None:
            break
        assert page.tickets
        after = Cursor.read(str(page.after))
        assert after == page.after
    assert read == flat


@PROVEN
@given(duties().map(judged), filters)
def test_the_counts_are_those_of_what_waits(
    written: Callable[[Sequence[Duty]], Store], held: list[Duty], asked: Filters
) -> None:
    store, asked = written(held), asked._replace(states=WAITING_STATES, lemmas=None)
    waits = [duty for duty in held if fits(duty, asked)]
    with_deadline = [duty for duty in waits if duty.due is not None]
    assert store.tickets.counts(asked, "anna", NOON) == Counts(
        open=len(with_deadline),
        overdue=sum(fits(duty, asked._replace(overdue=True)) for duty in waits),
        soon=sum(fits(duty, asked._replace(soon=True)) for duty in waits),
        dangers=sum(duty.dangerous for duty in waits),
        mine=sum(duty.assignee == "anna" for duty in waits),
        unassigned=sum(duty.assignee is None for duty in with_deadline),
        backlog=len(waits) - len(with_deadline),
        approved=sum(duty.state is TicketState.APPROVED for duty in waits),
    )


def settled(duties: Sequence[Duty]) -> list[Duty]:
    """As tickets are: what waits has a deadline, or is backlog."""
    return [replace(duty, backlog=duty.due is None) if duty.state in WAITING_STATES else duty for duty in duties]


@PROVEN
@given(
    duties().map(judged).map(settled),
    st.sampled_from(
        [None, frozenset({"mira"}), frozenset({"lenina"}), frozenset({"lenina", "mira"}), frozenset[str]()]
    ),
)
def test_each_count_of_the_desk_is_that_of_the_list_it_leads_to_whatever_somebody_may_see(
    written: Callable[[Sequence[Duty]], Store], held: list[Duty], places: frozenset[str] | None
) -> None:
    store = written(held)
    account = Account(1, "anna", "Анна", "", Role.OPERATOR, places, active=True, created_at=NOON)
    counts = store.tickets.counts(Filters(places=places), account.login, NOON)
    desk = cast(Desk, None)  # needed for words alone
    for count in desk_queue.counted(Ask(), counts):
        asked = Ask.read(urlsplit(count.address).query).filters(desk, account, NOON)
        assert len(store.tickets.page(asked._replace(limit=None)).tickets) == count.number, count.name


@PROVEN
@given(duties().map(judged), st.integers(-3, 3), st.integers(1, 3))
def test_the_morning_puts_every_ticket_that_matters_in_one_group(
    written: Callable[[Sequence[Duty]], Store], held: list[Duty], since: int, limit: int
) -> None:
    store = written(held)
    found = store.tickets.morning(Filters(), at(since), NOON, limit)
    expected: dict[Group, int] = {}
    for duty in held:
        if duty.card != ASLEEP and (group := group_of(duty, since)) is not None:
            expected[group] = expected.get(group, 0) + 1
    assert {group: came.many for group, came in found.items()} == expected
    assert all(len(came.tickets) == min(came.many, limit) for came in found.values())
    assert [group for group in Group if group in found] == list(found)


def group_of(duty: Duty, since: int) -> Group | None:
    if duty.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
        return Group.ANSWERED if duty.closed >= since else None
    if duty.state is TicketState.UNANSWERABLE:
        return Group.UNANSWERABLE if duty.started >= since else None
    if duty.state not in WAITING_STATES or duty.due is None:
        return None
    if duty.dangerous:
        return Group.DANGER
    if duty.due <= 0:
        return Group.LATE
    if duty.started < since:
        return None
    if duty.flagged or duty.tone == "negative" or duty.target != Target.OTHER:
        return Group.NEGATIVE
    return Group.PRAISE if duty.tone == "positive" else Group.OTHER


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()) | st.just("x" * (LONGEST_CURSOR + 1)))
def test_a_cursor_that_is_not_ours_is_the_beginning(text: str) -> None:
    cursor = Cursor.read(text)
    assert cursor is None or Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "W10", "e30", "bnVsbA", "WzEsIjEiLCIyIiwzXQ", "WzEuNSwiMSIsIjIiLDMsMF0", "////"])
def test_a_broken_cursor_is_none(text: str) -> None:
    assert Cursor.read(text) is None


# --- in one walk ------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync(CARDS[:1], NOON)
    read(store, review("a"), review("b", text="Отлично", stars=5), review("c", text=""))
    yield store
    store.close()


def test_every_question_walks_an_index_that_holds_all_it_asks(store: Store) -> None:
    asked: list[str] = []
    everything = Filters(
        states=tuple(TicketState), tone="negative", theme="waiting", assignee="anna", flagged=True, backlog=False,
        since=NOON, now=NOON, places=frozenset({"lenina"}),
    )  # fmt: skip
    store._db.sqlite.set_trace_callback(asked.append)
    for filters in (Filters(), Filters(dangers_first=True), everything, everything._replace(overdue=True, limit=5)):
        store.tickets.page(filters)
        store.tickets.counts(filters, "anna", NOON)
        store.tickets.morning(filters._replace(overdue=False), NOON, NOON, 5)
    store._db.sqlite.set_trace_callback(None)
    walks: set[str] = set()
    for sql in {sql for sql in asked if "INDEXED BY" in sql}:
        plan = [str(row["detail"]) for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
        sorts = [step for step in plan if "TEMP B-TREE" in step]
        assert not sorts or "'answered', t.closed_at" in sql, sql  # the morning sorts what was closed since yesterday
        walks |= {step for step in plan if "INDEX ticket_" in step}
    assert all("COVERING" in walk for walk in walks if "ticket_closed" not in walk), walks
    for index in ("ticket_due", "ticket_danger", "ticket_unanswerable", "ticket_closed"):
        assert any(index in walk for walk in walks), index
