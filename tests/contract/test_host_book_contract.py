"""What every book of hosts promises, so that the fake is as good as the table."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import HostMemory
from monitor.seams import HostBook
from monitor.store import hosts
from monitor.store.sqlite import Store
from tests.fakes import MemoryBook

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FULL = HostMemory(
    robots="User-agent: *\nDisallow: /private\n",
    robots_until=NOON + timedelta(days=1),
    asked_at=NOON,
    waits={"yandex_maps": NOON + timedelta(minutes=2)},
)
HOSTILE = st.text(max_size=20) | st.sampled_from(["\0", "\u202e{{ 7*7 }}", "'; DROP TABLE host; --", "x" * 100_000])
MOMENTS = st.datetimes(timezones=st.just(UTC))


def in_memory(_folder: Path) -> Iterator[HostBook]:
    yield MemoryBook()


def in_the_store(folder: Path) -> Iterator[HostBook]:
    store = Store.open(folder / "otklik.db")
    yield store.hosts
    store.close()


@pytest.fixture(params=[in_memory, in_the_store])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostBook]:
    make: Callable[[Path], Iterator[HostBook]] = request.param
    yield from make(tmp_path)


def test_a_host_nobody_asked_is_not_known(book: HostBook) -> None:
    assert book.recall("example.ru") is None


@pytest.mark.parametrize("memory", [FULL, HostMemory(), HostMemory(robots=""), HostMemory(asked_at=NOON)])
def test_what_was_remembered_is_recalled(book: HostBook, memory: HostMemory) -> None:
    book.remember("example.ru", memory)
    assert book.recall("example.ru") == memory


def test_the_last_word_replaces_all_before_it(book: HostBook) -> None:
    book.remember("example.ru", FULL)
    book.remember("example.ru", HostMemory(asked_at=NOON))
    assert book.recall("example.ru") == HostMemory(asked_at=NOON)


def test_hosts_are_told_apart_by_name_and_port(book: HostBook) -> None:
    book.remember("example.ru", FULL)
    book.remember("example.ru:8080", HostMemory(robots=""))
    assert book.recall("example.ru") == FULL
    assert book.recall("example.ru:8080") == HostMemory(robots="")
    assert book.recall("Example.ru:80") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(HOSTILE, HOSTILE, st.dictionaries(HOSTILE, MOMENTS, max_size=3), MOMENTS)
def test_strangers_words_come_back_as_they_were(
    book: HostBook, host: str, robots: str, waits: dict[str, datetime], moment: datetime
) -> None:
    memory = HostMemory(robots, moment, moment, waits)
    book.remember(host, memory)
    assert book.recall(host) == memory


def test_threads_may_write_side_by_side(book: HostBook) -> None:
    names = [f"host-{number}.example" for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: book.remember(name, FULL), names))
    assert [book.recall(name) for name in names] == [FULL] * 20


# --- what only the table can promise --------------------------------------------------------------


def test_another_process_reads_what_was_remembered(tmp_path: Path) -> None:
    first, second = (Store.open(tmp_path / "otklik.db") for _ in range(2))
    first.hosts.remember("example.ru", FULL)
    assert second.hosts.recall("example.ru") == FULL
    first.close()
    second.close()


def test_hosts_without_end_do_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST_HOSTS", 5)
    store = Store.open(tmp_path / "otklik.db")
    for number in range(9):
        asked = NOON + timedelta(minutes=(number * 7) % 9)
        store.hosts.remember(f"{number}.example", HostMemory(asked_at=asked))
    left = [store.hosts.recall(f"{number}.example") for number in range(9)]
    moments = [memory.asked_at for memory in left if memory is not None]
    assert len(moments) == 5
    assert left[8] is not None  # the one just asked, whatever its moment
    store.close()
