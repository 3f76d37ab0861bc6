"""Keeps what every number is counted from, block by block, and reads it for a period.

A block is right but for the reviews that triggers have noted since it was made (`schema_facts`); these, and those of
blocks that are not there, are asked of the tables themselves. Whoever reads sees one state of the database. Blocks are
made inside one write transaction, so that no change slips between.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from monitor.clock import to_iso
from monitor.errors import StoreError
from monitor.numbers import Period
from monitor.store import numbers_sql as sql
from monitor.store.connection import Connection, Row
from monitor.store.facts_rows import RULES, SIZE, Packed, Rows, number_of, pack

WORTH = 64
"""Reviews of one block, asked of the tables: with so many, to keep the whole block is little more work."""

MOST_STALE = 256
"""Beyond that, blocks are made anew by whoever comes next, for a moment only."""

MOMENT, WHILE = 0.05, 1.0
"""Seconds that a reader gives to what is stale, and to what is missing; then it lets others write."""

_OVERLAPPING = """SELECT first_at, last_at, assignees, people, said, reviews FROM fact_block
WHERE block IN (SELECT block FROM fact_block WHERE rules = ? AND last_at >= ? AND first_at < ?) ORDER BY block"""

_STALE_BLOCKS = "SELECT review_id / ? AS block, count(*) AS count FROM fact_stale GROUP BY 1"


class Facts:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    # --- reading ------------------------------------------------------------------------------------

    def read(self, period: Period) -> Rows:
        """Every review that has a moment in the period, and others that stand beside them."""
        self._keep(period)
        with self._snapshot():
            since, until = number_of(period.since), number_of(period.until)
            stored = [Packed(*row) for row in self._tuples(_OVERLAPPING, [RULES, since, until])]
            stale = [review for (review,) in self._tuples("SELECT review_id FROM fact_stale")]
            asked = {*stale, *(review for _, reviews in self._untold(period) for review in reviews)}
            fresh = self._fresh(sorted(asked))
        return Rows(stored, fresh, stale)

    def _fresh(self, reviews: Sequence[int]) -> list[Packed]:
        """Of these reviews, asked of the tables."""
        found = list(self._tuples(sql.FACTS_OF_REVIEWS, {"reviews": json.dumps(reviews)})) if reviews else []
        return [pack(found[first : first + SIZE]) for first in range(0, len(found), SIZE)]

    def _untold(self, period: Period) -> list[tuple[int, list[int]]]:
        """Blocks that are not there, newest first, with their reviews that may have a moment in the period."""
        missing = set(self._missing())
        found: dict[int, list[int]] = {}
        if missing:
            for (review,) in self._tuples(sql.TOUCHED, {"since": to_iso(period.since), "until": to_iso(period.until)}):
                if review // SIZE in missing:
                    found.setdefault(review // SIZE, []).append(review)
        return sorted(found.items(), reverse=True)

    def _missing(self) -> list[int]:
        """Blocks that have reviews and are not there, newest first."""
        there = {block for (block,) in self._tuples("SELECT block FROM fact_block WHERE rules = ?", [RULES])}
        ((newest,),) = self._tuples("SELECT max(id) FROM review")
        return [] if newest is None else [block for block in range(newest // SIZE, -1, -1) if block not in there]

    # --- keeping ------------------------------------------------------------------------------------

    def fill(self, stop: Callable[[], bool]) -> None:
        """Makes every block that is missing or not quite right, newest first; asks before each whether to stop, and
        may be held up there. Raises StoreError."""
        stale = [block for block, _ in self._tuples(_STALE_BLOCKS, [SIZE])]
        for block in sorted({*self._missing(), *stale}, reverse=True):
            if stop():
                return
            self._make(block)

    def _keep(self, period: Period) -> None:
        """Makes blocks that cost a reader the most, as long as nobody else writes."""
        if self._db.sqlite.in_transaction:
            return
        with suppress(StoreError), self._db.waiting(0):
            stale = Counter(dict(self._tuples(_STALE_BLOCKS, [SIZE])))
            much = stale.total() > MOST_STALE
            self._make_some([block for block, count in stale.most_common() if much or count >= WORTH], MOMENT)
            self._make_some([block for block, reviews in self._untold(period) if len(reviews) >= WORTH], WHILE)

    def _make_some(self, blocks: Sequence[int], seconds: float) -> None:
        started = time.monotonic()
        for block in blocks:
            self._make(block)
            if time.monotonic() - started > seconds:
                return

    def _make(self, block: int) -> None:
        values = {"first": block * SIZE, "last": block * SIZE + SIZE - 1}
        with self._db.write():
            facts = list(self._tuples(sql.FACTS_OF_BLOCK, values))
            self._db.execute("DELETE FROM fact_block WHERE block = ?", [block])
            self._db.execute("DELETE FROM fact_stale WHERE review_id BETWEEN :first AND :last", values)
            if facts:
                self._db.insert("fact_block", {"block": block, "rules": RULES, **pack(facts)._asdict()})

    # --- SQLite -------------------------------------------------------------------------------------

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """One state of the database, whoever writes meanwhile."""
        if self._db.sqlite.in_transaction:
            yield
            return
        self._db.sqlite.execute("BEGIN")
        try:
            yield
        finally:
            self._db.sqlite.rollback()

    def _tuples(self, query: str, values: Sequence[object] | Row = ()) -> Iterator[tuple[Any, ...]]:
        """As `Connection.iterate`, without a name for each value: a year has hundreds of thousands of rows."""
        try:
            yield from self._db.sqlite.execute(query, values)
        except sqlite3.Error as error:
            told = f"{self._db.path}: {error}. If it is damaged, restore a backup (otklik db backup)"
            raise StoreError(told) from error
