"""The log of passes: the proof that the worker lives."""

import json
from collections.abc import Mapping
from datetime import datetime

from monitor.clock import from_iso, to_iso
from monitor.store.connection import Connection, Row


class Passes:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def begin(self, now: datetime) -> int:
        """A new pass. One that never finished died: whoever holds the lock now may say so."""
        with self._db.write():
            self._db.execute("UPDATE pass SET outcome = 'crashed' WHERE outcome = 'running'")
            return self._db.insert("pass", {"started_at": to_iso(now)})

    def finish(self, pass_id: int, summary: Mapping[str, object], *, failures: bool, now: datetime) -> None:
        with self._db.write():
            self._db.update(
                "pass",
                pass_id,
                {
                    "finished_at": to_iso(now),
                    "outcome": "failures" if failures else "ok",
                    "summary": json.dumps(summary, ensure_ascii=False),
                },
            )

    def began_at(self) -> datetime | None:
        """When the very first pass started."""
        row = self._db.row("SELECT started_at FROM pass ORDER BY id LIMIT 1")
        return None if row is None else from_iso(row["started_at"])

    def last_finished(self) -> Row | None:
        return self._db.row("SELECT * FROM pass WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1")
