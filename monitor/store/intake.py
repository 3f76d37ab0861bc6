"""Applies what a page meant, in one transaction: its intents, one by one, and the progress of the read."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import sla
from monitor import tickets as life
from monitor.clock import optional_iso, to_iso
from monitor.decide import Absent, Intent, proves_removal, unseen
from monitor.model import Changes, ListingState, StoredReview
from monitor.store.connection import Connection, Row
from monitor.store.intents import Intents, Rules, known
from monitor.store.listings import Listings
from monitor.store.rows import STORED_REVIEWS, review_from
from monitor.store.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a read stands once this page is stored. `started`: this is the first page of a read that began then, and
    `etag` and `last_modified` are that page's. `cursor` None: the read is over; `ended`: it reached the card's last
    page. `complete`: what was not seen since the read began is not there. `declared_total`: the site's own count."""

    seen: tuple[str, ...] = ()
    started: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    cursor: str | None = None
    ended: bool = False
    complete: bool = False
    declared_total: int | None = None


_HELD = "r.listing_id = ? AND r.removed_at IS NULL AND r.origin = 'site'"
"""The reviews that reads have shown: one known only from a file may never have stood on the card."""

_IN_DOUBT = """
SELECT 1 FROM review r LEFT JOIN ticket t ON t.review_id = r.id
WHERE r.listing_id = ? AND r.removed_at IS NULL AND (r.reply_misses > 0 OR r.absences > 0 OR t.state = 'submitted')
LIMIT 1
"""

_LOCKED = """
SELECT r.text FROM review r JOIN ticket t ON t.review_id = r.id AND t.state = 'unanswerable'
WHERE r.listing_id = ? AND r.removed_at IS NULL
"""


class Intake:
    def __init__(self, connection: Connection, listings: Listings, tickets: Tickets) -> None:
        self._db = connection
        self._listings = listings
        self._intents = Intents(connection, tickets)

    def known(self, listing_id: int, external_ids: Iterable[str]) -> dict[str, StoredReview]:
        return known(self._db, listing_id, external_ids)

    def looked(self, listing_id: int, external_id: str, now: datetime) -> None:
        """The review's own page was read."""
        with self._db.write():
            self._db.execute(
                "UPDATE review SET looked_at = ? WHERE listing_id = ? AND external_id = ?",
                [to_iso(now), listing_id, external_id],
            )

    def held(self, listing_id: int) -> int:
        """How many reviews the card had when we last looked."""
        row = self._db.row(f"SELECT count(*) AS n FROM review r WHERE {_HELD}", [listing_id])
        return int(row["n"]) if row else 0

    def in_doubt(self, listing_id: int, rules: Rules) -> bool:
        """Whether some review of the card must be looked at although its page did not change: a reply is awaited or
        was missing, the review itself was, or it can be answered by today's settings and could not before."""
        if self._db.row(_IN_DOUBT, [listing_id]) is not None:
            return True
        locked = self._db.rows(_LOCKED, [listing_id]) if rules.can_answer("любые слова") else []
        return any(rules.can_answer(row["text"]) for row in locked)

    def apply(
        self, listing_id: int, intents: Sequence[Intent], progress: Progress | None, rules: Rules, now: datetime
    ) -> Changes:
        """One page, or one review of it (`progress` None: the page is not done yet). All or nothing."""
        with self._db.write():
            listing = self._settled(listing_id, rules, now)
            rules = rules.at(listing.place)
            if progress is not None:
                # First: a review that a file told of by the site's own id is not to be taken for its look-alike.
                self._db.execute(
                    """UPDATE review SET origin = 'site' WHERE listing_id = ? AND origin = 'file'
                    AND external_id IN (SELECT value FROM json_each(?))""",
                    [listing_id, json.dumps(progress.seen)],
                )
            changes = sum((self._intents.apply(listing, intent, rules, now) for intent in intents), Changes())
            return changes if progress is None else changes + self._advance(listing, progress, rules, now)

    def bring(
        self, listing_id: int, intents: Sequence[Intent], rules: Rules, now: datetime, *, written_at: datetime
    ) -> Changes:
        """What a file of `written_at` tells of a card. All or nothing, and no read: neither the beginning of the
        card's promise nor the progress of reading is touched."""
        with self._db.write():
            listing = self._listings.get(listing_id)
            rules = rules.at(listing.place)
            if listing.enforce_from is None:
                listing = replace(listing, enforce_from=sla.enforce_from(rules.enforce_from, now))
            return sum((self._intents.apply(listing, intent, rules, now, written_at) for intent in intents), Changes())

    def _settled(self, listing_id: int, rules: Rules, now: datetime) -> ListingState:
        """The listing, with the beginning of its promise resolved once and for all."""
        listing = self._listings.get(listing_id)
        if listing.first_success_at is None:
            begins = sla.enforce_from(rules.enforce_from, now)
            self._db.update("listing", listing_id, {"first_success_at": to_iso(now), "enforce_from": to_iso(begins)})
            listing = self._listings.get(listing_id)
        return listing

    def _advance(self, listing: ListingState, progress: Progress, rules: Rules, now: datetime) -> Changes:
        started = progress.started or listing.read_started_at or now
        self._db.execute(
            """UPDATE review SET last_seen_at = ?, absences = 0
            WHERE listing_id = ? AND external_id IN (SELECT value FROM json_each(?))""",
            [to_iso(now), listing.id, json.dumps(progress.seen)],
        )
        changes = self._unlock(listing, progress.seen, rules, now)
        seen = len(set(progress.seen)) + (listing.read_seen if progress.started is None else 0)
        if progress.ended:
            # One that slid onto the next page while we read was counted on both.
            seen = min(seen, self._seen_since(listing.id, started))
        row: Row = {"cursor": progress.cursor, "read_seen": seen}
        if progress.started is not None:
            row |= {
                "read_started_at": to_iso(started),
                "etag": progress.etag,
                "last_modified": progress.last_modified,
            }
        declared = listing.declared_total if progress.declared_total is None else progress.declared_total
        row["declared_total"] = declared
        if progress.complete and proves_removal(seen, declared, listing.complete_seen, listing.complete_declared):
            swept, row["suspects"] = self._sweep(listing, started, rules, now)
            changes += swept
        if progress.ended:
            row |= {
                "last_complete_at": to_iso(now),
                "complete_seen": seen,
                "complete_declared": declared,
                "imported_at": optional_iso(listing.imported_at or now),
            }
        self._db.update("listing", listing.id, row)
        return changes

    def _seen_since(self, listing_id: int, started: datetime) -> int:
        """How many different reviews the card has shown since then."""
        row = self._db.row(
            "SELECT count(*) AS n FROM review WHERE listing_id = ? AND last_seen_at >= ?", [listing_id, to_iso(started)]
        )
        return int(row["n"]) if row else 0

    def _sweep(self, listing: ListingState, started: datetime, rules: Rules, now: datetime) -> tuple[Changes, int]:
        """Takes for removed what complete reads do not show; also how many reviews are only suspected to be."""
        missing = self._db.rows(
            STORED_REVIEWS + f"WHERE {_HELD} AND r.last_seen_at < ?",
            [listing.id, to_iso(started)],
        )
        intents = unseen(review_from(row) for row in missing)
        changes = sum((self._intents.apply(listing, intent, rules, now) for intent in intents), Changes())
        return changes, sum(isinstance(intent, Absent) for intent in intents)

    def _unlock(self, listing: ListingState, seen: Sequence[str], rules: Rules, now: datetime) -> Changes:
        """Tickets that could not be answered and, by today's settings, can."""
        rows = self._db.rows(
            """SELECT r.id, r.text FROM review r JOIN ticket t ON t.review_id = r.id AND t.state = 'unanswerable'
            WHERE r.listing_id = ? AND r.external_id IN (SELECT value FROM json_each(?))""",
            [listing.id, json.dumps(seen)],
        )
        steps = (
            self._intents.step(row["id"], now, "unlocked", lambda ticket: life.unlocked(ticket, now))
            for row in rows
            if rules.can_answer(row["text"])
        )
        return sum(steps, Changes())
