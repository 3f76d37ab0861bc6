"""Erasing: what `forget` and `retention` do. A skeleton without text or name stays, so that counts hold and the
next read of the card does not bring the review back."""

import json
from collections.abc import Iterable
from datetime import datetime

from monitor.clock import to_iso
from monitor.errors import NotFound, StoreError
from monitor.store.connection import Connection
from monitor.store.links import release
from monitor.store.matching import words_key
from monitor.store.search import Search

_OF_REVIEWS = "IN (SELECT value FROM json_each(:ids))"

# Every column that may hold a person's words, name or the way to them.
_ERASE = (
    f"""UPDATE review SET text = '', author = '', url = '', digest = '', mark = '', reply_text = NULL, reply_at = NULL,
        reply_state = NULL, forgotten_at = :now WHERE id {_OF_REVIEWS}""",
    f"DELETE FROM sketch WHERE review_id {_OF_REVIEWS}",
    f"UPDATE revision SET text = '' WHERE review_id {_OF_REVIEWS}",
    f"UPDATE reply SET text = '' WHERE text IS NOT NULL AND review_id {_OF_REVIEWS}",
    f"""UPDATE verdict SET themes = '[]', risks = '[]', evidence = '[]', people = '[]', intents = '[]'
        WHERE review_id {_OF_REVIEWS}""",
    # A person's own words about the case.
    f"""UPDATE event SET why = '' WHERE kind IN ('retagged', 'themed', 'endangered', 'fault')
        AND review_id {_OF_REVIEWS}""",
    f"UPDATE ticket SET measure = '' WHERE review_id {_OF_REVIEWS}",
    f"""UPDATE gesture SET state = 'withdrawn', withdrawn_by = :actor, withdrawn_at = :now WHERE state = 'proposed'
        AND ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})""",
    f"UPDATE gesture SET what = '' WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"DELETE FROM note WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"UPDATE dispute SET why = '' WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"""DELETE FROM draft WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})""",
    f"""UPDATE notification SET state = 'cancelled' WHERE state = 'pending' AND id IN (
        SELECT n.notification_id FROM notification_ticket n JOIN ticket t ON t.id = n.ticket_id
        WHERE t.review_id {_OF_REVIEWS})
        AND NOT EXISTS (SELECT 1 FROM notification_ticket n JOIN ticket t ON t.id = n.ticket_id
        WHERE n.notification_id = notification.id AND t.review_id NOT {_OF_REVIEWS})""",
    f"""INSERT INTO event (review_id, ticket_id, kind, at, actor, was, became)
        SELECT r.id, t.id, 'forgotten', :now, :actor, coalesce(t.state, ''),
            CASE WHEN t.state IN ('open', 'approved', 'unanswerable') THEN 'dismissed' ELSE coalesce(t.state, '') END
        FROM review r LEFT JOIN ticket t ON t.review_id = r.id WHERE r.id {_OF_REVIEWS}""",
    f"""UPDATE ticket SET state = 'dismissed', next_change_at = NULL, closed_at = :now
        WHERE state IN ('open', 'approved', 'unanswerable') AND review_id {_OF_REVIEWS}""",
)


class Privacy:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def by_author(self, name: str) -> list[int]:
        """Reviews under that name, whatever its case and spaces."""
        wanted = _same_name(name)
        authors = self._db.rows("SELECT DISTINCT author FROM review WHERE forgotten_at IS NULL")
        named = [row["author"] for row in authors if _same_name(row["author"]) == wanted]
        rows = self._db.rows(
            """SELECT id FROM review WHERE author IN (SELECT value FROM json_each(?)) AND forgotten_at IS NULL
            ORDER BY id""",
            [json.dumps(named)],
        )
        return [row["id"] for row in rows]

    def check(self, review_id: int) -> None:
        if self._db.row("SELECT 1 AS known FROM review WHERE id = ?", [review_id]) is None:
            raise NotFound(f"отзыва с номером {review_id} нет")

    def is_erased(self, review_id: int) -> bool:
        row = self._db.row("SELECT 1 AS gone FROM review WHERE id = ? AND forgotten_at IS NOT NULL", [review_id])
        return row is not None

    def outdated(self, before: datetime) -> list[int]:
        """Reviews seen first before that moment whose ticket has been closed since before it, or is one that nobody
        waits for (backlog, unanswerable)."""
        rows = self._db.rows(
            """SELECT r.id FROM review r LEFT JOIN ticket t ON t.review_id = r.id
            WHERE r.forgotten_at IS NULL AND r.first_seen_at < :before
            AND (t.id IS NULL OR t.state = 'unanswerable' OR t.backlog = 1 OR t.closed_at < :before) ORDER BY r.id""",
            {"before": to_iso(before)},
        )
        return [row["id"] for row in rows]

    def authors(self, review_ids: Iterable[int]) -> list[str]:
        """Whose reviews they are, as far as it is known."""
        rows = self._db.rows(
            "SELECT DISTINCT author FROM review WHERE author <> '' AND id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(review_ids))],
        )
        return [row["author"] for row in rows]

    def messages(self, review_ids: Iterable[int]) -> list[str]:
        """Message-IDs of every alert that spoke of these reviews."""
        rows = self._db.rows(
            """SELECT DISTINCT o.message_id FROM notification o JOIN notification_ticket n ON n.notification_id = o.id
            JOIN ticket t ON t.id = n.ticket_id WHERE t.review_id IN (SELECT value FROM json_each(?))""",
            [json.dumps(list(review_ids))],
        )
        return [row["message_id"] for row in rows]

    def erase(self, review_ids: Iterable[int], now: datetime, actor: str = "") -> int:
        """Erases text, name and links from every table; how many reviews it was. Raises StoreError when they are out
        of the tables but, because another process is reading, not yet out of the file."""
        ids = list(review_ids)
        if not ids:
            return 0
        values = {"ids": json.dumps(ids), "now": to_iso(now), "actor": actor}
        with self._db.write():
            release(self._db, ids)
            self._note_words(ids)
            Search(self._db).erase(ids)
            for statement in _ERASE:
                self._db.execute(statement, values)
        # The write-ahead log still holds the old pages until it is folded in.
        folded = self._db.row("PRAGMA wal_checkpoint(TRUNCATE)")
        if folded is None or folded["busy"]:
            raise StoreError(
                f"{self._db.path}: erased from every table, but another process is reading the file, so that the old "
                "pages are still in it. Run the same command again when it has finished"
            )
        return len(ids)

    def _note_words(self, review_ids: list[int]) -> None:
        """A digest of the words stays, so that a table without ids does not bring back what was erased."""
        rows = self._db.rows(
            """SELECT id, text FROM review WHERE text <> '' AND words = ''
            AND id IN (SELECT value FROM json_each(?))""",
            [json.dumps(review_ids)],
        )
        for row in rows:
            self._db.update("review", row["id"], {"words": words_key(row["text"], "")})


def _same_name(name: str) -> str:
    return " ".join(name.split()).casefold()
