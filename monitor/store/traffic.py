"""What reading costs: requests, bytes, refusals, by day (UTC) and source."""

from collections.abc import Mapping
from datetime import datetime

from monitor.clock import to_iso
from monitor.model import Traffic
from monitor.store.connection import Connection, Row

_ADD = """
INSERT INTO traffic (day, source, reads, requests, bytes, unchanged, blocks, failures)
VALUES (:day, :source, :reads, :requests, :bytes, :unchanged, :blocks, :failures)
ON CONFLICT (day, source) DO UPDATE SET reads = reads + :reads, requests = requests + :requests,
    bytes = bytes + :bytes, unchanged = unchanged + :unchanged, blocks = blocks + :blocks,
    failures = failures + :failures
"""

_COUNTS = "reads, requests, bytes, unchanged, blocks, failures"
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in _COUNTS.split(", "))


class TrafficBook:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(
        self,
        sent: Mapping[str, Traffic],
        now: datetime,
        *,
        source: str,
        reads: int = 0,
        blocks: int = 0,
        failures: int = 0,
    ) -> None:
        """After a card's turn, inside a `write`: what was `sent` since the last call, by source (other hosts are read
        meanwhile), and how it went for the card of `source`: `reads` 1 when it came to its end."""
        for name in sent.keys() | {source}:
            cost = sent.get(name, Traffic())
            mine = name == source
            row: Row = {
                "day": _day(now),
                "source": name,
                "reads": reads * mine,
                "requests": cost.requests,
                "bytes": cost.bytes,
                "unchanged": cost.unchanged,
                "blocks": blocks * mine,
                "failures": failures * mine,
            }
            self._db.execute(_ADD, row)

    def rows(self, since: datetime) -> list[Row]:
        """`day`, `source` and the counts, from that day on, by day and source."""
        return self._db.rows(
            f"SELECT day, source, {_COUNTS} FROM traffic WHERE day >= ? ORDER BY day, source", [_day(since)]
        )

    def by_source(self, since: datetime) -> dict[str, Row]:
        """The counts of each source, summed from that day on."""
        rows = self._db.rows(f"SELECT source, {_SUMS} FROM traffic WHERE day >= ? GROUP BY source", [_day(since)])
        return {row["source"]: row for row in rows}

    def requests_per_read(self, since: datetime) -> dict[str, float]:
        """How many requests a card's read took on average, by source; those without a read yet are left out."""
        return {name: row["requests"] / row["reads"] for name, row in self.by_source(since).items() if row["reads"]}


def _day(moment: datetime) -> str:
    return to_iso(moment)[:10]
