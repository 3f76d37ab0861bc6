"""What manners toward a host need to remember between passes: `monitor.seams.HostBook` on the table `host`."""

import json

from monitor.clock import from_iso, optional_iso, optional_moment, to_iso
from monitor.model import HostMemory
from monitor.store.connection import Connection

MOST_HOSTS = 500
"""A page may redirect us to hosts without end; those not asked for longest are forgotten beyond this many."""

_UPDATE = """
UPDATE host SET robots = :robots, robots_until = :robots_until, asked_at = :asked_at, waits = :waits WHERE name = :name
"""

_FORGET = """
DELETE FROM host WHERE name NOT IN (SELECT name FROM host WHERE name <> :name ORDER BY asked_at DESC LIMIT :others)
AND name <> :name
"""


class Hosts:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def recall(self, host: str) -> HostMemory | None:
        row = self._db.row("SELECT robots, robots_until, asked_at, waits FROM host WHERE name = ?", [host])
        if row is None:
            return None
        return HostMemory(
            robots=row["robots"],
            robots_until=optional_moment(row["robots_until"]),
            asked_at=optional_moment(row["asked_at"]),
            waits={source: from_iso(until) for source, until in json.loads(row["waits"]).items()},
        )

    def remember(self, host: str, memory: HostMemory) -> None:
        row = {
            "name": host,
            "robots": memory.robots,
            "robots_until": optional_iso(memory.robots_until),
            "asked_at": optional_iso(memory.asked_at),
            "waits": json.dumps({source: to_iso(until) for source, until in memory.waits.items()}, ensure_ascii=False),
        }
        with self._db.write():
            if not self._db.execute(_UPDATE, row):
                self._db.insert("host", row)
                self._db.execute(_FORGET, {"name": host, "others": MOST_HOSTS - 1})
