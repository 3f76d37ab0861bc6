"""Notes for colleagues, and the steps of complaints to the sites."""

from datetime import datetime

from monitor.clock import from_iso, to_iso
from monitor.store.connection import Connection
from monitor.talk import Dispute, DisputeState, Note


class Talk:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def notes(self, ticket_id: int) -> list[Note]:
        """Oldest first."""
        rows = self._db.rows("SELECT id, author, at, text FROM note WHERE ticket_id = ? ORDER BY id", [ticket_id])
        return [Note(row["id"], row["author"], from_iso(row["at"]), row["text"]) for row in rows]

    def add_note(self, ticket_id: int, text: str, *, author: str, now: datetime) -> None:
        """Inside a `write`."""
        self._db.insert("note", {"ticket_id": ticket_id, "author": author, "at": to_iso(now), "text": text})

    def disputes(self, ticket_id: int) -> list[Dispute]:
        """The steps of the complaints about a ticket's review, oldest first; the last one counts."""
        rows = self._db.rows("SELECT * FROM dispute WHERE ticket_id = ? ORDER BY id", [ticket_id])
        return [
            Dispute(row["id"], DisputeState(row["state"]), row["actor"], from_iso(row["at"]), row["why"])
            for row in rows
        ]

    def add_dispute(self, ticket_id: int, state: DisputeState, *, why: str, actor: str, now: datetime) -> None:
        """Inside a `write`."""
        row = {"ticket_id": ticket_id, "state": state.value, "at": to_iso(now), "actor": actor, "why": why}
        self._db.insert("dispute", row)
