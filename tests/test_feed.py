"""What programs page through and what erasing looks for: the same however it is found, and never by a walk through
everything."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from string import capwords

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.likeness import Kinship, kinship, words
from monitor.store import feed
from monitor.store.authors import UNDER, Spelling, same_name, tells_apart
from monitor.store.feed import Leaf, Wanted
from monitor.store.sqlite import Store

AT = "2026-11-21T12:00:00.000000Z"
LATER = "2026-11-22T12:00:00.000000Z"
EARLY, NEXT = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
MANY = 3000

_REVIEWS = f"""
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
INSERT INTO review (listing_id, external_id, text, author, posted_precision, url, digest, first_seen_at, last_seen_at,
    initial)
SELECT CASE WHEN i % 1000 = 7 THEN 2 WHEN i % 50 = 3 THEN 3 ELSE 1 END, i, 'Вкусно', 'Анна К' || i, 'unknown', '', '',
    CASE WHEN i > 2900 THEN '{LATER}' ELSE '{AT}' END, '{AT}', 0 FROM n"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A big card, one of three reviews, one of sixty; at three places."""
    made = Store.open(tmp_path_factory.mktemp("feed") / "otklik.db")
    with made.write():
        for place, source in (("big", "twogis"), ("small", "twogis"), ("middle", "otzovik")):
            card = {"place": place, "source": source, "external_id": place, "next_check_at": AT}
            made._db.insert("listing", card)
        made._db.execute(_REVIEWS, {"many": MANY})
        made._db.execute("UPDATE review SET stars = 5 WHERE id % 2 = 0")
        made._db.execute(f"UPDATE review SET text = '', author = '', forgotten_at = '{AT}' WHERE id % 7 = 0")
    yield made
    made.close()


def told(leaf: Leaf) -> tuple[list[int], list[int], int | None]:
    return [row["id"] for row in leaf.reviews], list(leaf.erased), leaf.after


def pages(ask: Callable[[int], Leaf]) -> list[tuple[list[int], list[int], int | None]]:
    found = [told(ask(0))]
    while (after := found[-1][2]) is not None:
        found.append(told(ask(after)))
    return found


def effort(store: Store, work: Callable[[], object]) -> int:
    """Steps of SQLite's machine, in tens."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    store._db.sqlite.set_progress_handler(step, 10)
    try:
        work()
    finally:
        store._db.sqlite.set_progress_handler(None, 0)
    return count


ASKED = [
    Wanted(place, source, since, until, places)
    for place, source, places in product(
        (None, "small", "middle", "nowhere"), (None, "twogis"), (None, frozenset({"small", "big"}), frozenset({"x"}))
    )
    for since, until in ((None, None), (NEXT, None))
]


def test_card_by_card_the_same_is_found_as_by_a_walk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted in ASKED:
        if wanted.place is None and wanted.since is None:
            continue  # pages of the big card: below
        for list_ in (store.feed.by_number, store.feed.by_change):
            monkeypatch.setattr(feed, "FEW", 300)
            by_card = pages(partial(list_, wanted, limit=7))
            monkeypatch.setattr(feed, "FEW", -1)
            assert pages(partial(list_, wanted, limit=7)) == by_card, wanted


def test_pages_are_everything_in_order(store: Store) -> None:
    rows = store._db.rows("SELECT id, forgotten_at IS NOT NULL AS gone FROM review ORDER BY id")
    found = pages(lambda after: store.feed.by_number(Wanted(), after, 200))
    assert [review for page in found for review in page[0]] == [row["id"] for row in rows if not row["gone"]]
    assert all(page[1] == [] for page in found)
    changes = pages(lambda after: store.feed.by_change(Wanted(), after, 200))
    assert {review for page in changes for review in page[1]} == {row["id"] for row in rows if row["gone"]}
    assert len([review for page in changes for review in page[0]]) == sum(not row["gone"] for row in rows)


@pytest.mark.parametrize(
    "wanted", [Wanted("small"), Wanted("nowhere"), Wanted(places=frozenset({"small"})), Wanted(source="irecommend")]
)
def test_a_page_of_a_small_place_costs_little_beside_a_big_one(store: Store, wanted: Wanted) -> None:
    """3000 reviews cannot be walked in 2000 steps."""
    for list_ in (store.feed.by_number, store.feed.by_change):
        assert effort(store, partial(list_, wanted, 0, 50)) < 200


@pytest.mark.parametrize("few", [-1, 300])
@pytest.mark.parametrize("wanted", [Wanted(since=NEXT), Wanted(until=EARLY), Wanted(since=NEXT, until=NEXT)])
def test_what_came_lately_costs_little_beside_all_that_came_before(
    store: Store, wanted: Wanted, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FEW", few)
    assert effort(store, partial(store.feed.by_number, wanted, 0, 20)) < 600


@pytest.mark.parametrize("some", [20, 50_000])
def test_of_a_time_all_is_found_also_where_numbers_and_moments_go_their_own_ways(
    store: Store, some: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes may write in another order than they looked at their clocks."""
    monkeypatch.setattr(feed, "SOME", some)
    swapped = [(LATER, 100), (AT, 2950)]
    try:
        with store.write():
            for at, review in swapped:
                store._db.update("review", review, {"first_seen_at": at})
        for wanted, condition in (
            (Wanted(since=NEXT), f"first_seen_at = '{LATER}'"),
            (Wanted(until=NEXT), f"first_seen_at = '{AT}'"),
            (Wanted(since=NEXT, until=NEXT), "0"),
        ):
            rows = store._db.rows(f"SELECT id FROM review WHERE forgotten_at IS NULL AND {condition} ORDER BY id")
            found = pages(partial(store.feed.by_number, wanted, limit=60))
            assert [review for page in found for review in page[0]] == [row["id"] for row in rows]
    finally:
        with store.write():
            for (_, review), at in zip(swapped, (AT, LATER), strict=True):
                store._db.update("review", review, {"first_seen_at": at})


# --- by name ------------------------------------------------------------------------------------------------------


def test_a_name_is_found_without_a_look_at_all_of_them(store: Store) -> None:
    assert store.authors.under(" анна   к8 ") == [8]
    assert effort(store, lambda: store.authors.under("Анна К8")) < 50
    plan = [str(row["detail"]) for row in store._db.rows(f"EXPLAIN QUERY PLAN {UNDER}", {"folded": "", "places": None})]
    assert any("review_by_folded (<expr>=?)" in step for step in plan), plan


SPELT = st.text(alphabet="аАёЁяЯпПрРzZ Kkßẞſ\u212a\u00a0\t.-'👍іІïÏ]^", max_size=6)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store.open(Path(tmp_path_factory.mktemp("named")) / "otklik.db")
    with made.write():
        made._db.insert("listing", {"place": "p", "source": "s", "external_id": "1", "next_check_at": AT})
        for number in ("2", "3"):
            made._db.insert("listing", {"place": "p", "source": "s", "external_id": number, "next_check_at": AT})
        made._db.execute(_REVIEWS, {"many": 3})
    yield made
    made.close()


@given(one=SPELT, other=SPELT)
def test_two_spellings_are_one_name_in_sql_as_in_python(named: Store, one: str, other: str) -> None:
    with named.write():
        named._db.execute("UPDATE review SET author = ? WHERE id = 1", [one])
        named._db.execute("UPDATE review SET author = ? WHERE id = 2", [one.swapcase()])
        named._db.execute("UPDATE review SET author = ? WHERE id = 3", [other])
    for asked in (one, other, one.upper(), f" {other.lower()} "):
        names = {1: one, 2: one.swapcase(), 3: other}
        expected = [review for review, name in names.items() if same_name(name) == same_name(asked)]
        assert named.authors.under(asked) == expected


PARTS = st.sampled_from(
    ["Анна", "анна", "АННА", "Анна-Мария", "К.", "к", "Ковалёва", "Ковалева", "Мария", "Ёлкин", "Елкин", "Е.",
     "Зефирка", "89", "John", "J.", "★", "«", "(", ")", "[^а]*", "%"]
)  # fmt: skip
SIGNED = st.lists(PARTS, min_size=1, max_size=4).map(" ".join)


@given(one=SIGNED, other=SIGNED)
def test_another_spelling_is_found_where_it_begins_as_the_name_does(named: Store, one: str, other: str) -> None:
    with named.write():
        for review, author in ((1, one), (2, other), (3, "Пётр")):
            named._db.execute("UPDATE review SET author = ? WHERE id = ?", [author, review])
    asked, spelt = words(one), (one, capwords(one))
    is_other = same_name(one) != same_name(other) and any(kinship(other, name) is Kinship.SAME for name in spelt)
    begins = bool(words(other)) and words(other)[0][0] in {word[0] for word in asked}
    found = {spelling.author: spelling.reviews for spelling in named.authors.alike(one, 10)}
    if tells_apart(one) and is_other and begins:
        assert found == {other: 1}
    else:
        assert found in ({}, {other: 1} if tells_apart(one) and is_other else {})


def test_other_spellings_and_addresses_are_found_without_a_look_at_all_reviews(store: Store) -> None:
    with store.write():
        store._db.update("review", 50, {"author": "Петрова О.", "url": "https://example.ru/r/50/"})
    try:
        assert store.authors.alike("Ольга Петрова", 10) == [Spelling("Петрова О.", 1)]
        assert store.authors.alike("Ольга Петрова", 10, frozenset({"small"})) == []
        assert effort(store, lambda: store.authors.alike("Ольга Петрова", 10)) < 100
        for hostile in ("Анна " + "ё" * 20_000, "ё1" * 10_000, "А. " * 60_000, "* ? [а", "Анна [^а]*"):
            assert store.authors.alike(hostile, 10) == []
        assert store.authors.at("https://example.ru/r/50") == [50]
        assert effort(store, lambda: store.authors.at("https://example.ru/r/50")) < 50
    finally:
        with store.write():
            store._db.update("review", 50, {"author": "Анна К50", "url": ""})
