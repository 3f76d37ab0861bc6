"""What numbers cost with a year of 200,000 reviews, on one core: milliseconds at p50 and p95 of each question, when
what they are counted from lies ready, after the changes of a day, and when nothing does, as before a desk ever ran.

python bench/store_numbers.py --folder DIR [--reviews 200000] [--days 365] [--runs 40] [--only PART]

The database is that of `tests/numbers_year.py`, made in DIR where it is not there. Ends with 1 where a question takes a
fifth of a second at p95 although everything lies ready.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from monitor.calendar import AtPlaces, Roster
from monitor.config_calendar import USUAL_WEEK, CalendarSettings
from monitor.numbers import Dimension, Of, Period, Scope, Selection, Step
from monitor.store.numbers import Numbers
from monitor.store.sqlite import Store
from tests.numbers_year import NOW, make

SLOWEST = 200.0
"""Milliseconds at p95."""

DAY = timedelta(days=1)
COLD_RUNS = 3
CHANGED = 550
"""Reviews of a day."""


class Question(NamedTuple):
    name: str
    ask: Callable[[], object]


def questions(numbers: Numbers, days: int) -> Iterator[Question]:
    for title, length in (("year", days), ("month", 30), ("week", 7)):
        for name, ask in _of(numbers, Period(NOW - length * DAY, NOW, "Europe/Moscow")).items():
            yield Question(f"{title}: {name}", ask)


def _of(numbers: Numbers, period: Period) -> Mapping[str, Callable[[], object]]:
    whole, place, few = Scope(period), Scope(period, place="p7"), Scope(period, places=frozenset({"p1", "p2", "p4"}))
    step = Step.WEEK if period.length > 62 * DAY else Step.DAY
    office = Roster(CalendarSettings("Europe/Moscow", USUAL_WEEK))
    working = AtPlaces({f"p{number}": office for number in range(20)})
    return {
        "over": lambda: numbers.over(whole, NOW),
        "over, working time": lambda: numbers.over(whole, NOW, working=working),
        "over, one place": lambda: numbers.over(place, NOW),
        "over, three places": lambda: numbers.over(few, NOW),
        "series": lambda: numbers.series(whole, NOW, step),
        "series by place": lambda: numbers.series(whole, NOW, step, by=Dimension.PLACE),
        "stars": lambda: numbers.stars(whole),
        "themes": lambda: numbers.themes(whole, step),
        "dangers": lambda: numbers.risks(whole),
        "people": lambda: numbers.people(whole),
        "reviews behind": lambda: numbers.reviews(Selection(whole, Of.ANSWERED, outcome="late"), NOW),
    }


def times(ask: Callable[[], object], runs: int) -> tuple[float, float]:
    """Milliseconds on the core, p50 and p95."""
    took = []
    for _ in range(runs):
        started = time.thread_time()
        ask()
        took.append(1000 * (time.thread_time() - started))
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.95)]


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """Whatever is written within is taken back."""
    connection = store._db.sqlite
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()


def built(folder: Path, reviews: int, days: int) -> Store:
    path = folder / f"numbers-{reviews}-{days}.db"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        make(part, reviews, days)
        part.rename(path)
    store = Store.open(path)
    started = time.thread_time()
    store.numbers.fill(lambda: False)
    ready = store._db.rows("SELECT count(*) AS n, sum(length(reviews) + length(said)) AS size FROM fact_block")[0]
    print(f"{ready['n']} blocks of {ready['size'] / 1e6:.0f} MB, got ready in {time.thread_time() - started:.1f} s")
    return store


CHANGE = "UPDATE ticket SET assignee = 'daria' WHERE review_id > (SELECT max(id) FROM review) - ?"
INSERT = """INSERT INTO event (review_id, ticket_id, kind, at, actor, was, became)
    SELECT review_id, id, 'reopened', started_at, '', '', 'open' FROM ticket ORDER BY id DESC LIMIT ?"""


def writing(store: Store) -> None:
    """What noting a change costs whoever writes, beside the same without a word about numbers."""
    connection = store._db.sqlite
    names = [row["name"] for row in store._db.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    for name, statement in (("a ticket changes", CHANGE), ("an event is written", INSERT)):
        told = []
        for noted in (True, False):
            with undone(store):
                for trigger in names:
                    if trigger.startswith("fact_") and not noted:
                        connection.execute(f"DROP TRIGGER {trigger}")
                told.append(1000 * times(lambda: connection.execute(statement, [20_000]), 1)[0] / 20_000)  # noqa: B023
        print(f"{name:<30} {told[0]:7.1f} µs noted, {told[1]:7.1f} µs not")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--reviews", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--only", default="", help="a part of the name of what is asked")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    store = built(options.folder, options.reviews, options.days)
    print(
        f"{options.reviews:,} reviews in {options.days} days; ms on the core, p50 and p95: ready, changed since, cold"
    )
    slow = []
    for name, ask in questions(store.numbers, options.days):
        if options.only not in name:
            continue
        ask()
        ready = times(ask, options.runs)
        with undone(store):
            store._db.execute(CHANGE, [CHANGED])
            changed = times(ask, options.runs)
        with undone(store):
            store._db.execute("DELETE FROM fact_block")
            cold = times(ask, COLD_RUNS)
        print(f"{name:<30}", *(f"{told:9.1f}" for told in (*ready, *changed, *cold)), flush=True)
        slow += [name] if ready[1] >= SLOWEST else []
    writing(store)
    store.close()
    sys.exit(f"too slow: {', '.join(slow)}" if slow else 0)


if __name__ == "__main__":
    main()
