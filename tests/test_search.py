"""The search: a word finds its forms, whatever people type is only words, what is forgotten leaves the file."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import engine, search
from monitor.jobs import index
from monitor.jobs.index import Index
from monitor.log import Log
from monitor.model import TicketState
from monitor.store.queue import Filters
from monitor.store.search import SHARD
from monitor.store.sqlite import Store
from tests.conftest import Otklik
from tests.rig import Rig
from tests.test_store import CARD, HOUR, NOON, read, review

SAID = {
    "hour": "Ждали заказ сорок минут, официантка Света хамила!",
    "rude": "Хамством встретили на входе, а суп подали холодным.",
    "wifi": "Пароль от Wi-Fi не подошёл, и счёт принесли чужой. Ёлка красивая",
    "boor": "Хозяин заведения хамло. Хинкальная №1 в Купчине",
    "praise": "Очень вкусно, спасибо шефу. Ножи из стали острые",
    "stars": "",
}
AUTHORS = {"hour": "Гульназ Ахметова", "stars": "Марина Петрова"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(tmp_path_factory.mktemp("search") / "otklik.db")
    store.listings.sync([CARD], NOON)
    read(store, *(review(name, text=text, author=AUTHORS.get(name, "Ким")) for name, text in SAID.items()))
    assert Index(store=store, log=Log()).run()
    yield store
    store.close()


def found(store: Store, query: str) -> set[str]:
    tickets = store.tickets.queue(Filters(lemmas=search.lemmas(query)))
    return {row["external_id"] for row in tickets}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ждать", {"hour"}),
        ("ждали", {"hour"}),
        ("ЖДАЛА", {"hour"}),
        ("хамство", {"rude"}),
        ("хамить", {"hour"}),
        ("минута заказ", {"hour"}),
        ("заказ суп", set()),
        ("елка", {"wifi"}),
        ("ёлки", {"wifi"}),
        ("счет", {"wifi"}),
        ("wi-fi", {"wifi"}),
        ("WIFI", set()),
        ("сталь", {"praise"}),
        ("вкусный", {"praise"}),
        ("хамлом", {"boor"}),
        ("хинкальной", {"boor"}),
        ("хинк", {"boor"}),
        ("суп холодн", {"rude"}),
        ("1", {"boor"}),
        ("Гульназ", {"hour"}),
        ("света", {"hour"}),
        ("Светой", {"hour"}),
        ("петров", {"stars"}),
        ("Марина Петрова", {"stars"}),
        ("Марина суп", set()),
        ("ким", {"rude", "wifi", "boor", "praise"}),
        ("на входе", {"rude"}),
        ("и", set()),
        ("не", set()),
        ("", set()),
        ("  \n\t ", set()),
        ("🍲", set()),
    ],
)
def test_a_word_finds_its_forms(shelf: Store, query: str, expected: set[str]) -> None:
    assert found(shelf, query) == expected


HOSTILE = (
    '"', "'", "*", "ждать*", '"ждать', "ждать OR суп", "ждать AND", "NOT ждать", "NEAR(ждать суп, 2)", "words:ждать",
    "^ждать", "ждать + суп", "-ждать", "(ждать", "ждать)", "{words}:ждать", "%", "_", "'; DROP TABLE review; --", "\\",
    "\0", "ждать\0суп", "\ud83d", "a" * 100_000, "ждать " * 10_000, "((((" * 5_000, "ё" * 10_000, "\u0301ждать", "ﬁ",
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: repr(query[:12]))
def test_whatever_is_typed_is_words(shelf: Store, query: str) -> None:
    assert found(shelf, query) <= set(SAID)


def test_operators_are_words_to_be_found(shelf: Store) -> None:
    assert found(shelf, "ждать OR суп") == set()
    assert found(shelf, '"ждали" *') == {"hour"}
    assert found(shelf, "NEAR(ждать заказ, 2)") == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(max_size=80) | st.lists(st.sampled_from([*HOSTILE[:20], "ждать", "заказ"])).map(" ".join))
def test_nothing_that_is_typed_is_an_error(shelf: Store, query: str) -> None:
    asked = search.lemmas(query)
    assert len(asked) <= search.MOST_ASKED
    ids = {row["id"] for row in shelf._db.rows("SELECT id FROM review")}
    among = shelf.search.among(asked, ids)
    rows = shelf.tickets.queue(Filters(lemmas=asked))
    assert {row["review_id"] for row in rows} == among


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(" ".join(SAID.values()).split()) | st.text(max_size=12), min_size=1, max_size=6))
def test_a_review_is_found_by_each_of_its_own_words(words: list[str]) -> None:
    """What is asked for is among what a text is found under: no index needed to tell."""
    held = set(search.indexed(" ".join(words), "").split())
    for word in words:
        for asked in search.lemmas(word):
            alternatives = [each.rstrip("*") for each in asked.split()]
            assert held & set(alternatives), (word, asked)


def test_words_that_tell_nothing_leave_room_for_those_that_do() -> None:
    assert search.lemmas("и в на с по за из от к у суп") == search.lemmas("суп") != ()


def test_a_short_question_costs_a_few_words_however_long_it_is() -> None:
    assert len(search.lemmas(" ".join(f"слово{number}" for number in range(1000)))) == search.MOST_ASKED
    assert search.lemmas("а" * 100) == search.lemmas("а" * 200)


# --- what is due ------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync([CARD], NOON)
    yield store
    store.close()


def settle(store: Store) -> None:
    job = Index(store=store, log=Log())
    while job.run():
        pass


def test_an_edited_review_is_found_by_its_new_words_alone(store: Store) -> None:
    read(store, review("a", text="Ждали час"), review("b", text="Холодный суп"))
    settle(store)
    read(store, review("a", text="Исправили, принесли десерт"), review("b", text="Холодный суп"), now=NOON + HOUR)
    assert [row["id"] for row in store.search.due(search.VERSION, 10)] == [1]
    settle(store)
    assert (found(store, "ждать"), found(store, "десерты"), found(store, "суп")) == (set(), {"a"}, {"b"})


def test_a_new_rule_indexes_every_review_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read(store, review("a", text="Ждали час"))
    settle(store)
    assert not Index(store=store, log=Log()).run()
    monkeypatch.setattr(search, "VERSION", "2")
    assert Index(store=store, log=Log()).run()
    assert not Index(store=store, log=Log()).run()
    assert found(store, "ждать") == {"a"}


def test_what_the_rules_stumble_over_is_left_out_and_stops_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = search.indexed

    def broken(text: str, author: str) -> str:
        return real(text, author) if "суп" in text else str(1 // 0)

    monkeypatch.setattr(search, "indexed", broken)
    read(store, review("a", text="Ждали час"), review("b", text="Холодный суп"))
    settle(store)
    assert (found(store, "ждать"), found(store, "суп")) == (set(), {"b"})


def test_a_pass_makes_every_review_searchable(cafe: Rig) -> None:
    assert cafe.app.store.search.due(search.VERSION, 10) == []
    for view in cafe.everything():
        for word in search.words(f"{view.text} {view.author}"):
            if asked := cafe.app.searching.lemmas(word):
                assert view.ticket in [seen.ticket for seen in cafe.queue(Filters((view.state,), lemmas=asked))]


def test_a_long_line_is_left_to_the_next_pass(cafe: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "VERSION", "2")
    monkeypatch.setattr(index, "BATCH", 1)
    monkeypatch.setattr(engine, "MOST_BATCHES", 2)
    before = len(cafe.app.store.search.due("2", 1000))
    cafe.app.engine().settle()
    assert len(cafe.app.store.search.due("2", 1000)) == before - 2 > 0


def test_a_pass_with_nothing_to_index_loads_no_dictionary() -> None:
    program = "import sys, monitor.jobs.index; print(*{'pymorphy2', 'natasha', 'yargy'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_reviews_of_many_tables_are_found_together(store: Store) -> None:
    read(store, *(review(str(number), text=f"Ждали {number} час") for number in range(4)))
    with store.write():
        store._db.execute("PRAGMA defer_foreign_keys = ON")
        for number in (2, 3, 4):
            far = number * SHARD
            for table in ("revision", "event", "ticket", "changed"):
                store._db.execute(f"UPDATE {table} SET review_id = ? WHERE review_id = ?", [far, number])
            store._db.execute("UPDATE review SET id = ? WHERE id = ?", [far, number])
    settle(store)
    assert found(store, "ждать") == {"0", "1", "2", "3"}
    assert found(store, "ждать 2") == {"2"}
    store.privacy.erase([3 * SHARD], NOON)
    assert found(store, "ждать") == {"0", "1", "3"}


def test_a_backup_can_be_searched(store: Store, tmp_path: Path) -> None:
    read(store, review("a", text="Ждали час"))
    settle(store)
    store.backup(tmp_path / "copy.db")
    copy = Store.open(tmp_path / "copy.db")
    assert found(copy, "ждать") == {"a"}
    copy.close()


# --- what is forgotten ------------------------------------------------------------------------------------


def raw(store: Store) -> bytes:
    """What lies in the files of the database."""
    store._db.row("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in store._db.path.parent.glob("otklik.db*"))


PLANTED = ("щукарь", "жозефина", "ятаган", "эчпочмак")
"""Lemmas that one review alone holds: of its author, of its text before it was edited and since."""


def test_forgetting_takes_the_lemmas_out_of_the_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BATCH", 1)  # every review a segment of its own
    others = [review(str(number), text=f"Ждали заказ {number} минут, яства и щи") for number in range(40)]
    read(store, *others, review("a", author="Жозефина Щукарь", text="Принесли ятаган"))
    settle(store)
    told = review("a", author="Жозефина Щукарь", text="Принесли эчпочмак")
    read(store, *others, told, now=NOON + HOUR)
    settle(store)
    assert all(lemma.encode() in raw(store) for lemma in PLANTED), "else there is nothing to prove"
    store.privacy.erase([41], NOON + HOUR)
    assert found(store, "эчпочмак") == set()
    assert len(found(store, "ждать яства")) == 40
    left = raw(store)
    for lemma in PLANTED:
        assert lemma.encode() not in left
        assert lemma[1:].encode() not in left, "FTS5 keeps what a word does not share with the one before it"
    with store.write():
        store._db.execute("INSERT INTO search_0 (search_0) VALUES ('integrity-check')")
    store.close()
    assert all(lemma.encode() not in store._db.path.read_bytes() for lemma in PLANTED)


def test_forgetting_what_was_never_indexed_is_fine(store: Store) -> None:
    read(store, review("a"))
    assert store.privacy.erase([1], NOON) == 1
    settle(store)
    assert store.search.due(search.VERSION, 10) == []


def test_what_was_forgotten_is_not_indexed_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read(store, review("a", text="Ждали час"))
    settle(store)
    store.privacy.erase([1], NOON)
    monkeypatch.setattr(search, "VERSION", "2")
    settle(store)
    assert found(store, "ждать") == set()


# --- on the command line ----------------------------------------------------------------------------------


def test_the_command_line_asks_for_what_it_is_told(cafe: Rig, otklik: Otklik) -> None:
    def listed(*options: str) -> list[object]:
        return [row["ticket"] for row in otklik("queue", "list", "--json", *options).objects()]

    whole = cafe.queue()
    said = next(view for view in whole if view.text)
    words = [word for word in search.words(said.text) if search.lemmas(word)][:3]
    assert said.ticket in listed("--search", " ".join(words))
    assert listed("--search", "абракадабра") == []
    assert listed("--dangerous") == [view.ticket for view in whole if view.verdict and view.verdict.risks]
    assert listed("--theme", "waiting") == [
        view.ticket for view in whole if view.verdict and any(found.theme == "waiting" for found in view.verdict.themes)
    ]
    cafe.app.actions("anna").take(said.ticket)
    assert listed("--unassigned") == [view.ticket for view in whole if view.ticket != said.ticket]
    late = listed("--overdue")
    assert late == listed()[: len(late)]


def test_a_question_without_words_is_told_so(cafe: Rig, otklik: Otklik) -> None:
    for query in ("!!! и", "не", "без", "…", "🍲", '"', "*", "^", "()"):
        asked = otklik("queue", "list", "--search", query)
        assert (asked.code, asked.out) == (0, ""), query
        assert "--search: в запросе нет слов, по которым можно искать." in asked.err
    assert otklik("queue", "list", "--search", "не", "--json").out == ""


def test_what_finds_nothing_does_not_say_that_nobody_waits(cafe: Rig, otklik: Otklik) -> None:
    for query in ("абракадабра", "NEAR("):
        assert otklik("queue", "list", "--search", query).out == "По этим условиям ничего нет.\n"


def test_what_a_question_narrows_it_narrows_in_every_number(cafe: Rig, otklik: Otklik) -> None:
    unanswerable = cafe.queue(Filters((TicketState.UNANSWERABLE,)))
    assert f"Ещё {len(unanswerable)} отзыв" in otklik("queue", "list").out.replace("\u00a0", " ")
    for source in {view.source for view in cafe.everything()}:
        told = otklik("queue", "list", "--source", source).out.replace("\u00a0", " ")
        hidden = sum(view.source == source for view in unanswerable)
        assert (f"Ещё {hidden} отзыв" in told) == (hidden > 0), source
        shown = sum(view.source == source for view in cafe.queue())
        assert told.startswith(f"Показано {shown} отзыв") or shown == 0
    assert "площадка не даёт" not in otklik("queue", "list", "--overdue").out.splitlines()[-1]
