"""Reviews with their verdicts: for `export`, and for programs that copy them by number or in the order of changes."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.canary import SOURCE as CANARY
from monitor.clock import optional_iso
from monitor.store.connection import Connection, Row

# `first_place`: where the review stands that `same_as` names.
_REVIEWS = """SELECT r.id, l.place, l.source, l.external_id AS card_id, r.external_id, r.stars, r.author, r.text,
    r.posted_at, r.posted_precision, r.first_seen_at, r.revision, r.removed_at, r.reply_text, r.reply_at,
    r.reply_state, r.url, r.same_as, r.forgotten_at, c.number, v.tone, v.probabilities, v.flagged, v.uncertain,
    v.conflict, v.themes, v.risks, v.evidence, v.people, v.intents,
    (SELECT f.place FROM review s JOIN listing f ON f.id = s.listing_id WHERE s.id = r.same_as) AS first_place
    FROM {first} CROSS JOIN listing l ON l.id = r.listing_id
    LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision WHERE l.source <> :canary """
# CROSS: in that order, page by page, whatever the planner thinks of it.
_BY_NUMBER = _REVIEWS.format(first="review r CROSS JOIN changed c ON c.review_id = r.id")
_BY_CHANGE = _REVIEWS.format(first="changed c CROSS JOIN review r ON r.id = c.review_id")

_WANTED = """AND +r.listing_id IN (SELECT id FROM listing WHERE (:place IS NULL OR place = :place)
        AND (:source IS NULL OR source = :source)
        AND (:places IS NULL OR place IN (SELECT value FROM json_each(:places))))
    AND (:since IS NULL OR r.first_seen_at >= :since) AND (:until IS NULL OR r.first_seen_at < :until) """


class Wanted(NamedTuple):
    """Which reviews; None means any. `since` and `until` (not with it): when we first saw them. `places`: of these
    alone, whoever asks."""

    place: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    places: frozenset[str] | None = None


class Leaf(NamedTuple):
    """A page of them. `erased`: numbers of reviews of which nothing may be kept, told in the order of changes alone;
    `after`: where the next page begins, None where nothing follows."""

    reviews: Sequence[Row]
    erased: Sequence[int]
    after: int | None


class Feed:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def every(self) -> Iterator[Row]:
        """Oldest first; no erased ones, no trial alarms."""
        query = f"{_BY_NUMBER} AND r.forgotten_at IS NULL ORDER BY r.id"
        yield from self._db.iterate(query, {"canary": CANARY})

    def of(self, review_id: int) -> Row | None:
        """Also an erased one, whose `forgotten_at` tells it."""
        return self._db.row(f"{_BY_NUMBER} AND r.id = :id", {"canary": CANARY, "id": review_id})

    def by_number(self, wanted: Wanted, after: int, limit: int) -> Leaf:
        """Those after that number; no erased ones. What comes later stands at the end."""
        query = f"{_BY_NUMBER} {_WANTED} AND r.forgotten_at IS NULL AND r.id > :after ORDER BY r.id LIMIT :limit"
        return self._leaf(query, wanted, after, limit, "id")

    def by_change(self, wanted: Wanted, after: int, limit: int) -> Leaf:
        """Those that changed after that state, each as it is now. What changes meanwhile stands at the end."""
        query = f"{_BY_CHANGE} {_WANTED} AND c.number > :after ORDER BY c.number LIMIT :limit"
        return self._leaf(query, wanted, after, limit, "number")

    def state(self) -> int:
        """Where the changes are now: whatever changes later comes after it."""
        (row,) = self._db.rows("SELECT coalesce(max(number), 0) AS number FROM changed")
        return int(row["number"])

    def _leaf(self, query: str, wanted: Wanted, after: int, limit: int, key: str) -> Leaf:
        values = {
            "canary": CANARY,
            "place": wanted.place,
            "source": wanted.source,
            "since": optional_iso(wanted.since),
            "until": optional_iso(wanted.until),
            "places": None if wanted.places is None else json.dumps(sorted(wanted.places)),
            "after": after,
            "limit": limit + 1,
        }
        found = self._db.rows(query, values)
        shown = found[:limit]
        return Leaf(
            [row for row in shown if row["forgotten_at"] is None],
            [row["id"] for row in shown if row["forgotten_at"] is not None],
            shown[-1][key] if len(found) > limit else None,
        )
