"""Cards: when each is looked at next, and how reading it went."""

from collections.abc import Iterable
from datetime import datetime

from monitor.clock import to_iso
from monitor.model import Card, ListingState
from monitor.store.connection import Connection
from monitor.store.rows import listing_from

DUE = "SELECT * FROM listing WHERE active = 1 AND next_check_at <= ? ORDER BY next_check_at, id"


class Listings:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def sync(self, cards: Iterable[Card], now: datetime) -> None:
        """Makes the table follow config.yaml: new cards are due at once, dropped ones sleep and keep their reviews."""
        wanted = {(card.source, card.id): card.place for card in cards}
        held = {
            (row["source"], row["external_id"]): row
            for row in self._db.rows("SELECT id, place, source, external_id, active FROM listing")
        }
        new = [key for key in wanted if key not in held]
        changed = [
            (row["id"], wanted.get(key, row["place"]), int(key in wanted))
            for key, row in held.items()
            if (wanted.get(key, row["place"]), int(key in wanted)) != (row["place"], row["active"])
        ]
        if not new and not changed:
            return
        with self._db.write():
            for source, external_id in new:
                self._db.execute(
                    "INSERT OR IGNORE INTO listing (place, source, external_id, next_check_at) VALUES (?, ?, ?, ?)",
                    [wanted[source, external_id], source, external_id, to_iso(now)],
                )
            for listing_id, place, active in changed:
                self._db.update("listing", listing_id, {"place": place, "active": active})

    def due(self, now: datetime) -> list[ListingState]:
        """Cards to look at now, longest waiting first."""
        return [listing_from(row) for row in self._db.rows(DUE, [to_iso(now)])]

    def all(self) -> list[ListingState]:
        rows = self._db.rows("SELECT * FROM listing WHERE active = 1 ORDER BY place, source, external_id")
        return [listing_from(row) for row in rows]

    def get(self, listing_id: int) -> ListingState:
        row = self._db.row("SELECT * FROM listing WHERE id = ?", [listing_id])
        assert row is not None, "listings are never deleted"
        return listing_from(row)

    def succeeded(self, listing_id: int, now: datetime, next_check_at: datetime) -> None:
        """A read came to its end, and every page was good."""
        with self._db.write():
            self._db.update(
                "listing",
                listing_id,
                {
                    "last_good_at": to_iso(now),
                    "next_check_at": to_iso(next_check_at),
                    "error_count": 0,
                    "error_kind": None,
                    "error_message": None,
                    "error_at": None,
                },
            )

    def failed(self, listing_id: int, *, kind: str, message: str, now: datetime, retry_at: datetime) -> None:
        """A read failed; what was stored before stays, the cursor too."""
        with self._db.write():
            self._db.execute(
                """UPDATE listing SET error_count = error_count + 1, error_kind = ?, error_message = ?, error_at = ?,
                next_check_at = ? WHERE id = ?""",
                [kind, message, to_iso(now), to_iso(retry_at), listing_id],
            )

    def postpone(self, source: str, until: datetime) -> None:
        """Leaves alone every card of a site that refused one of them."""
        with self._db.write():
            self._db.execute(
                "UPDATE listing SET next_check_at = :until WHERE source = :source AND next_check_at < :until",
                {"source": source, "until": to_iso(until)},
            )
