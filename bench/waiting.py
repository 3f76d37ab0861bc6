"""What a look at the clock and the first page of the queue cost among a million tickets, and among a hundredth of them:
closed tickets must cost nothing.

python bench/waiting.py [--tickets 1000000] [--open 50000] [--runs 30]

Rows are written by SQL, not read from sites. Beside it the scan that a program without an index of what waits would
do.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.assemble import Application
from monitor.clock import to_iso
from monitor.config import load
from monitor.jobs.watch import Watch
from monitor.model import WAITING_STATES
from monitor.store.connection import Connection
from monitor.store.tickets import Filters
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = 50
TEXT = "Ждали заказ сорок минут, принесли холодное, официант не извинился. " * 6
CONFIG = """
business: {name: Кафе «Ромашка»}
database: otklik.db
escalation: {support: [support@example.ru], owner: [owner@example.ru]}
mail: {transport: file, from: otklik@example.ru}
places: [{id: lenina, title: «Ромашка», listings: [{source: yandex_maps, id: "1"}]}]
"""
SCAN = """
SELECT t.id FROM ticket t NOT INDEXED JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id
WHERE +t.state IN ('open', 'approved') AND l.active = 1 AND +t.due_at IS NOT NULL ORDER BY +t.due_at LIMIT 50"""

Row = tuple[object, ...]


def reviews(count: int) -> Iterator[Row]:
    for number in range(1, count + 1):
        at = to_iso(NOW - timedelta(minutes=count - number))
        yield (number, 1, f"r{number}", number % 5 + 1, TEXT, f"Автор {number}", at, "exact", "", "", at, at, 0, "v1")


def tickets(count: int, waiting: int, policy: str) -> Iterator[Row]:
    """The newest are open; every hundredth of these was told at 80 %."""
    for number in range(1, count + 1):
        seen = NOW - timedelta(minutes=count - number)
        is_open = number > count - waiting
        due = NOW + timedelta(minutes=count - number + 5) if is_open else seen + timedelta(hours=1)
        yield (
            number,
            number,
            "open" if is_open else "answered",
            0,
            "negative",
            to_iso(seen),
            to_iso(seen),
            to_iso(due),
            to_iso(due) if is_open else None,
            None if is_open else 1,
            None if is_open else to_iso(seen + timedelta(minutes=40)),
            "digest",
            policy,
        )


def fill(app: Application, count: int, waiting: int) -> None:
    assert app.store is not None  # opened: the tables are there
    connection = Connection(app.config.database).sqlite
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        """INSERT INTO review (id, listing_id, external_id, stars, text, author, posted_at, posted_precision, url,
        digest, first_seen_at, last_seen_at, initial, analysed_with) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
        reviews(count),
    )
    connection.executemany(
        """INSERT INTO ticket (id, review_id, state, backlog, target, started_at, armed_at, due_at, next_change_at, met,
        closed_at, drafted_with, policy) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)""",
        tickets(count, waiting, app.policies.fingerprint),
    )
    connection.execute("COMMIT")
    connection.execute("ANALYZE")


def median(work: Callable[[], object], runs: int) -> float:
    """Milliseconds, a warm-up aside."""
    took = []
    for number in range(runs + 1):
        started = time.perf_counter()
        work()
        if number:
            took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def measure(folder: Path, count: int, waiting: int, runs: int) -> None:
    path = folder / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    clock = FrozenClock(NOW)
    app = Application(load(path), clock)
    try:
        fill(app, count, waiting)
        direct = Connection(app.config.database)
        watch = Watch(
            store=app.store, clock=clock, policies=app.policies, ladder=app.ladder, zones=app.zone, log=app.log
        )
        first = Filters(limit=PAGE)
        figures = {
            "look at the clock, nothing due": median(watch.run, runs),
            f"first page of the queue ({PAGE})": median(lambda: app.reports.queue(first, NOW), runs),
            "the same of one place": median(
                lambda: app.reports.queue(Filters(WAITING_STATES, place="lenina", limit=PAGE), NOW), runs
            ),
            "the same ids by a scan": median(lambda: direct.rows(SCAN), max(runs // 10, 1)),
        }
        clock.advance(timedelta(minutes=15))
        started = time.perf_counter()
        watch.run()
        figures["look at the clock, 11 deadlines pass"] = 1000 * (time.perf_counter() - started)
    finally:
        app.close()
    for name, milliseconds in figures.items():
        print(f"{count:>9,} tickets, {waiting:>6,} open   {name:<38} {milliseconds:8.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    for count in (max(options.tickets // 10, options.open), options.tickets):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), count, options.open, options.runs)


if __name__ == "__main__":
    main()
