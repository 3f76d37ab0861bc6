"""Erasing: what `forget` and `retention` do. A skeleton without text or name stays, so that counts hold and the
next read of the card does not bring the review back."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote_plus

from monitor.clock import to_iso
from monitor.errors import Unfolded
from monitor.store.authors import names, tells_apart
from monitor.store.connection import Connection, Row
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
    # A person's own words about the case, a site's about a reply.
    f"""UPDATE event SET why = '' WHERE kind IN ('retagged', 'themed', 'endangered', 'fault', 'publish_failed')
        AND review_id {_OF_REVIEWS}""",
    f"UPDATE ticket SET measure = '' WHERE review_id {_OF_REVIEWS}",
    f"""UPDATE gesture SET state = 'withdrawn', withdrawn_by = :actor, withdrawn_at = :now WHERE state = 'proposed'
        AND ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})""",
    f"UPDATE gesture SET what = '' WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"DELETE FROM note WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"UPDATE dispute SET why = '' WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"UPDATE measure SET what = '' WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
    f"""DELETE FROM draft WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})""",
    f"UPDATE answer SET body = NULL WHERE ticket_id IN (SELECT id FROM ticket WHERE review_id {_OF_REVIEWS})",
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

CLOSED_BY_ERASING = """(r.forgotten_at IS NOT NULL AND EXISTS (SELECT 1 FROM event e WHERE e.review_id = r.id
    AND e.kind = 'forgotten' AND e.was <> e.became))"""
"""Whether the ticket of a review `r` waited until it was erased."""

LEFT: Mapping[str, tuple[str, ...]] = {
    "note": ("text",),
    "dispute": ("why",),
    "gesture": ("what",),
    "ticket": ("measure",),
    "measure": ("what",),
    "saved_view": ("name", "query"),
    "account": ("login", "name", "email"),
    "setting": ("name", "value"),
    "audit": ("what",),
    "token": ("name",),
}
"""Table → columns in which people write what they like, and so may have written somebody's name anywhere."""

_TICKET_OF = {"note": "ticket_id", "dispute": "ticket_id", "gesture": "ticket_id", "ticket": "id"}
"""Of those tables about tickets, the column with its number."""


# Of accounts that see none but these places: whoever sees more may look for somebody else of that name.
_VIEWS = """SELECT v.id, v.name, v.query, a.login FROM saved_view v JOIN account a ON a.id = v.account_id
WHERE :places IS NULL OR (a.everywhere = 0 AND NOT EXISTS (SELECT 1 FROM account_place p
    WHERE p.account_id = a.id AND p.place NOT IN (SELECT value FROM json_each(:places)))) ORDER BY v.id"""


class KeptView(NamedTuple):
    """A view of the queue that `login` keeps."""

    id: int
    name: str
    login: str


class Privacy:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

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

    def being_sent(self, review_ids: Iterable[int], now: datetime) -> bool:
        """Whether a mail about one of them is on its way: what holds its words already would come after the erasing."""
        row = self._db.row(
            """SELECT 1 AS there FROM json_each(:ids) g CROSS JOIN ticket t ON t.review_id = g.value
            CROSS JOIN notification_ticket n ON n.ticket_id = t.id CROSS JOIN notification o ON o.id = n.notification_id
            WHERE o.state = 'pending' AND o.leased = 1 AND o.next_try_at > :now LIMIT 1""",
            {"ids": json.dumps(list(review_ids)), "now": to_iso(now)},
        )
        return row is not None

    def delivered(self, review_ids: Iterable[int]) -> int:
        """How many mails that spoke of them have gone out."""
        (row,) = self._db.rows(
            """SELECT count(DISTINCT o.id) AS n FROM json_each(:ids) g CROSS JOIN ticket t ON t.review_id = g.value
            CROSS JOIN notification_ticket n ON n.ticket_id = t.id CROSS JOIN notification o ON o.id = n.notification_id
            WHERE o.state = 'sent'""",
            {"ids": json.dumps(list(review_ids))},
        )
        return int(row["n"])

    def left(self, name: str) -> dict[str, list[int]]:
        """Where else that name stands that no erasing of a review reaches: table of `LEFT` → numbers of tickets, or of
        rows where the table is not about tickets."""
        found = {table: list(dict.fromkeys(self._holding(table, name))) for table in LEFT}
        return {table: numbers for table, numbers in found.items() if numbers}

    def views(self, authors: Iterable[str], places: Collection[str] | None = None) -> list[KeptView]:
        """Views of the queue that people kept to find one of these authors, of whoever sees no other than these places.
        A name that does not tell people apart is nobody's: «Гость», a first name alone."""
        wanted = [author for author in authors if tells_apart(author)]
        rows = self._db.rows(_VIEWS, {"places": None if places is None else json.dumps(sorted(places))})
        return [
            KeptView(row["id"], row["name"], row["login"])
            for row in rows
            if any(_named(row, "saved_view", author) for author in wanted)
        ]

    def drop_views(self, authors: Iterable[str], places: Collection[str] | None = None) -> int:
        """Deletes those; how many. Inside a `write`."""
        views = json.dumps([view.id for view in self.views(authors, places)])
        return self._db.execute("DELETE FROM saved_view WHERE id IN (SELECT value FROM json_each(?))", [views])

    def _holding(self, table: str, name: str) -> Iterator[int]:
        columns, number = LEFT[table], _TICKET_OF.get(table, "id")
        some = " OR ".join(f"{column} <> ''" for column in columns)
        rows = self._db.iterate(f"SELECT {number} AS number, {', '.join(columns)} FROM {table} WHERE {some}")
        return (row["number"] for row in rows if _named(row, table, name))

    def erase(self, review_ids: Iterable[int], now: datetime, actor: str = "") -> int:
        """Erases text, name and links from every table; how many reviews it was. Raises Unfolded when they are out
        of the tables but, because another process is reading, not yet out of the file."""
        ids = list(review_ids)
        with self._db.write():
            self.take_out(ids, now, actor)
        if ids:
            self.fold()
        return len(ids)

    def take_out(self, review_ids: Iterable[int], now: datetime, actor: str = "") -> None:
        """Erases them from every table, inside a `write`. `fold` has to follow."""
        ids = list(review_ids)
        if not ids:
            return
        values = {"ids": json.dumps(ids), "now": to_iso(now), "actor": actor}
        release(self._db, ids)
        self._note_words(ids)
        Search(self._db).erase(ids)
        for statement in _ERASE:
            self._db.execute(statement, values)

    def fold(self) -> None:
        """Takes what was erased out of the write-ahead log, which still holds the old pages. Raises Unfolded while
        another process is reading them."""
        folded = self._db.row("PRAGMA wal_checkpoint(TRUNCATE)")
        if folded is None or folded["busy"]:
            raise Unfolded(
                f"{self._db.path}: erased from every table, but another process is reading the file, so that the old "
                "pages are still in it. Run the same command again when it has finished"
            )

    def _note_words(self, review_ids: list[int]) -> None:
        """A digest of the words stays, so that a table without ids does not bring back what was erased."""
        rows = self._db.rows(
            """SELECT id, text FROM review WHERE text <> '' AND words = ''
            AND id IN (SELECT value FROM json_each(?))""",
            [json.dumps(review_ids)],
        )
        for row in rows:
            self._db.update("review", row["id"], {"words": words_key(row["text"], "")})


def _named(row: Row, table: str, name: str) -> bool:
    return any(names(_plain(table, row[column]), name) for column in LEFT[table])


def _plain(table: str, value: str | None) -> str:
    """A view of the queue is kept as it stands in an address."""
    return unquote_plus(value or "") if table == "saved_view" else value or ""
