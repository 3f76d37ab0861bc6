"""Views of the queue that people keep: a name and what stands in the address."""

from typing import NamedTuple

from monitor.store.connection import Connection


class SavedView(NamedTuple):
    id: int
    name: str
    query: str


class Views:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def list(self, account_id: int) -> tuple[SavedView, ...]:
        """In the order in which they were first kept."""
        rows = self._db.rows("SELECT id, name, query FROM saved_view WHERE account_id = ? ORDER BY id", [account_id])
        return tuple(SavedView(**row) for row in rows)

    def save(self, account_id: int, name: str, query: str) -> None:
        """A view of the same name is replaced, and keeps its place."""
        with self._db.write():
            self._db.execute(
                """INSERT INTO saved_view (account_id, name, query) VALUES (?, ?, ?)
                ON CONFLICT (account_id, name) DO UPDATE SET query = excluded.query""",
                [account_id, name, query],
            )

    def delete(self, account_id: int, view_id: int) -> bool:
        """Whether there was such a view of theirs."""
        with self._db.write():
            return bool(
                self._db.execute("DELETE FROM saved_view WHERE id = ? AND account_id = ?", [view_id, account_id])
            )
