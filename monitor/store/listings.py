"""Cards: when each is looked at next, and how reading it went."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.clock import from_iso, optional_iso, to_iso
from monitor.completeness import Gap
from monitor.model import Card, ListingState
from monitor.store.connection import Connection, Row
from monitor.store.rows import listing_from

DUE = """
SELECT * FROM listing WHERE active = 1 AND source = ? AND next_check_at <= ? ORDER BY next_check_at, id LIMIT ?
"""
COUNT_DUE = "SELECT count(*) AS n FROM listing WHERE active = 1 AND source = ? AND next_check_at <= ?"
FAILING = """
SELECT error_kind, error_count, failing_since FROM listing
WHERE active = 1 AND error_count > 0 AND source = ? AND failing_since < ?
"""
MOMENTS = """
SELECT coalesce(posted_at, CASE initial WHEN 0 THEN first_seen_at END) AS at FROM review
WHERE listing_id = ? ORDER BY coalesce(posted_at, first_seen_at) DESC LIMIT ?
"""

HELD = """
SELECT g.value AS listing_id,
    (SELECT count(*) FROM review WHERE listing_id = g.value AND origin = 'site' AND removed_at IS NULL) AS shown,
    (SELECT count(*) FROM review WHERE listing_id = g.value AND origin = 'file') AS brought
FROM json_each(?) g"""

AHEAD = "SELECT id FROM listing WHERE active = 1 AND next_check_at > :now AND (last_good_at > :now OR error_at > :now)"

_WELL: Row = {"error_count": 0, "error_kind": None, "error_message": None, "error_at": None, "failing_since": None}


@dataclass(frozen=True, slots=True)
class Failing:
    """A card that cannot be read: the kind of its last failure, how many there were in a row, since when."""

    kind: str
    errors: int
    since: datetime


class Held(NamedTuple):
    """How many reviews of a card we hold: those that it showed when we last looked, and those that only files told
    of."""

    shown: int
    brought: int


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

    def due(self, source: str, now: datetime, limit: int | None = None) -> list[ListingState]:
        """The source's cards to look at now, longest waiting first; no more than `limit`."""
        return [listing_from(row) for row in self._db.rows(DUE, [source, to_iso(now), -1 if limit is None else limit])]

    def wake(self, now: datetime) -> int:
        """After the clock was set back: what was planned by a clock that was ahead is due now; how many cards. The
        sites that turned us away by that clock may be asked, too."""
        late = self._db.rows(AHEAD, {"now": to_iso(now)})
        if late:
            with self._db.write():
                for row in late:
                    self._db.update("listing", row["id"], {"next_check_at": to_iso(now)})
                self._db.execute("UPDATE site SET closed_until = ? WHERE closed_until > ?", [to_iso(now), to_iso(now)])
        return len(late)

    def count_due(self, source: str, now: datetime) -> int:
        row = self._db.row(COUNT_DUE, [source, to_iso(now)])
        return int(row["n"]) if row else 0

    def failing(self, source: str, since: datetime) -> list[Failing]:
        """The source's cards that have not been read well since before that moment."""
        rows = self._db.rows(FAILING, [source, to_iso(since)])
        return [Failing(row["error_kind"], row["error_count"], from_iso(row["failing_since"])) for row in rows]

    def moments(self, listing_id: int, limit: int) -> list[datetime]:
        """When the newest reviews were written; when first seen, where that tells it (not of the first import)."""
        return [from_iso(row["at"]) for row in self._db.rows(MOMENTS, [listing_id, limit]) if row["at"] is not None]

    def all(self) -> list[ListingState]:
        rows = self._db.rows("SELECT * FROM listing WHERE active = 1 ORDER BY place, source, external_id")
        return [listing_from(row) for row in rows]

    def troubled(self) -> list[ListingState]:
        """Cards whose last read failed: a few of many."""
        query = "SELECT * FROM listing INDEXED BY listing_failing WHERE active = 1 AND error_count > 0 ORDER BY id"
        return [listing_from(row) for row in self._db.rows(query)]

    def held(self, listing_ids: Iterable[int]) -> dict[int, Held]:
        """How many reviews we hold of each of these cards."""
        rows = self._db.rows(HELD, [json.dumps(list(listing_ids))])
        return {row["listing_id"]: Held(row["shown"], row["brought"]) for row in rows}

    def get(self, listing_id: int) -> ListingState:
        row = self._db.row("SELECT * FROM listing WHERE id = ?", [listing_id])
        assert row is not None, "listings are never deleted"
        return listing_from(row)

    def find(self, listing_id: int) -> ListingState | None:
        """A card of today's config."""
        row = self._db.row("SELECT * FROM listing WHERE id = ? AND active = 1", [listing_id])
        return None if row is None else listing_from(row)

    def succeeded(self, listing_id: int, now: datetime, next_check_at: datetime) -> None:
        """A read came to its end, and every page was good."""
        row = {"last_good_at": to_iso(now), "next_check_at": to_iso(next_check_at), **_WELL}
        with self._db.write():
            self._db.update("listing", listing_id, row)

    def paused(self, listing_id: int, now: datetime) -> None:
        """The card's turn is over before its end is reached: it goes to the end of the line."""
        with self._db.write():
            self._db.update("listing", listing_id, {"next_check_at": to_iso(now), **_WELL})

    def failed(self, listing_id: int, *, kind: str, message: str, now: datetime, retry_at: datetime) -> None:
        """A read failed; what was stored before stays, the cursor too."""
        with self._db.write():
            self._db.execute(
                """UPDATE listing SET error_count = error_count + 1, error_kind = :kind, error_message = :message,
                error_at = :now, failing_since = coalesce(failing_since, :now), next_check_at = :retry_at
                WHERE id = :id""",
                {"kind": kind, "message": message, "now": to_iso(now), "retry_at": to_iso(retry_at), "id": listing_id},
            )

    def hasten(self, listing_id: int, now: datetime) -> None:
        """The card is due now, if it was not yet; inside a `write`."""
        hastened = "UPDATE listing SET next_check_at = :now WHERE id = :id AND next_check_at > :now"
        self._db.execute(hastened, {"id": listing_id, "now": to_iso(now)})

    def set_gap(self, listing_id: int, gap: Gap) -> None:
        """How far the read that has just reached the end fell short of what the site declares."""
        with self._db.write():
            self._db.update("listing", listing_id, {"usual_gap": gap.usual, "wide_gaps": gap.wide})

    def set_silent_at(self, listing_id: int, moment: datetime | None) -> None:
        """Until when having no new review is ordinary."""
        with self._db.write():
            self._db.update("listing", listing_id, {"silent_at": optional_iso(moment)})
