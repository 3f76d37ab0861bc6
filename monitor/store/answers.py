"""What programs were told of what they did: asked once more, they are told the same, and nothing is done twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import to_iso
from monitor.store.accounts import digest
from monitor.store.connection import Connection, Row

MEMORY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """`request` is the SHA-256 of what was asked for; `body` None: the review was erased since. `tag`: its ETag."""

    request: str
    tag: str
    body: bytes | None


class Answers:
    """By token and the program's own key, for MEMORY."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def find(self, token_id: int, key: str, now: datetime) -> Kept | None:
        row = self._db.row(
            "SELECT request, tag, body FROM answer WHERE token_id = ? AND key = ? AND at > ?",
            [token_id, digest(key), to_iso(now - MEMORY)],
        )
        if row is None:
            return None
        return Kept(row["request"], row["tag"], None if row["body"] is None else row["body"].encode())

    def keep(self, token_id: int, key: str, kept: Kept, *, ticket_id: int, now: datetime) -> None:
        """In the transaction of what was done; an earlier one under that key is replaced, those too old go."""
        self._db.execute("DELETE FROM answer WHERE at <= ?", [to_iso(now - MEMORY)])
        self._db.execute("DELETE FROM answer WHERE token_id = ? AND key = ?", [token_id, digest(key)])
        row: Row = {
            "token_id": token_id,
            "key": digest(key),
            "request": kept.request,
            "ticket_id": ticket_id,
            "at": to_iso(now),
            "tag": kept.tag,
            "body": None if kept.body is None else kept.body.decode(),
        }
        self._db.insert("answer", row)

    def purge(self, now: datetime) -> None:
        """Where no program asks any more, nothing else removes them. A transaction of its own, where any are due."""
        before = [to_iso(now - MEMORY)]
        if self._db.row("SELECT 1 AS due FROM answer WHERE at <= ? LIMIT 1", before) is not None:
            with self._db.write():
                self._db.execute("DELETE FROM answer WHERE at <= ?", before)
