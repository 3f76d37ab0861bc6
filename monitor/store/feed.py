"""Reviews with their verdicts: for `export`, and for programs that copy them by number or in the order of changes.

Whoever asks for few cards is answered card by card, by an index of each; else all reviews are walked in order.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.canary import SOURCE as CANARY
from monitor.clock import optional_iso
from monitor.store.connection import Connection, Row

# `ticket`: its number for people; `first_place`: where the review stands that `same_as` names.
_REVIEWS = """SELECT r.id, l.place, l.source, l.external_id AS card_id, r.external_id, r.stars, r.author, r.text,
    r.posted_at, r.posted_precision, r.first_seen_at, r.revision, r.removed_at, r.reply_text, r.reply_at,
    r.reply_state, r.url, r.same_as, r.forgotten_at, c.number, v.tone, v.probabilities, v.flagged, v.uncertain,
    v.conflict, v.themes, v.risks, v.evidence, v.people, v.intents,
    (SELECT t.id FROM ticket t WHERE t.review_id = r.id) AS ticket,
    (SELECT f.place FROM review s JOIN listing f ON f.id = s.listing_id WHERE s.id = r.same_as) AS first_place
    FROM {first} CROSS JOIN changed c ON c.review_id = r.id CROSS JOIN listing l ON l.id = r.listing_id
    LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision WHERE l.source <> :canary """
# CROSS: in that order, page by page, whatever the planner thinks of it.
_ALL = _REVIEWS.format(first="review r")
_THESE = _REVIEWS.format(first="json_each(:ids) g CROSS JOIN review r ON r.id = g.value")

_HERE = """SELECT id AS card FROM listing WHERE source <> :canary AND (:source IS NULL OR source = :source)
    AND (:place IS NULL OR place = :place)
    AND (:places IS NULL OR place IN (SELECT value FROM json_each(:places)))"""
_LEFT = """SELECT f.listing_id AS card, l.place, max(f.last_review) AS last FROM former_place f
    JOIN listing l ON l.id = f.listing_id WHERE l.source <> :canary AND (:source IS NULL OR l.source = :source)
    AND (:place IS NULL OR f.place = :place)
    AND (:places IS NULL OR f.place IN (SELECT value FROM json_each(:places))) GROUP BY 1"""

_SEEN = "(:since IS NULL OR r.first_seen_at >= :since) AND (:until IS NULL OR r.first_seen_at < :until)"

# What each page holds: `key` orders it.
_BY_NUMBER = f"""SELECT r.id AS key, r.id FROM review r {{index}} WHERE {{cards}} AND r.forgotten_at IS NULL
    AND r.id > :after AND r.id <= :last AND {_SEEN} ORDER BY r.id LIMIT :limit"""
_BY_CHANGE = f"""SELECT c.number AS key, r.id FROM changed c {{index}} CROSS JOIN review r ON r.id = c.review_id
    WHERE {{cards}} AND c.number > :after AND c.review_id <= :last AND {_SEEN} ORDER BY c.number LIMIT :limit"""
_OF_MANY = "IN (SELECT value FROM json_each(:cards))"

NUMBER_IN_CARD = _BY_NUMBER.format(index="INDEXED BY review_in_card", cards="r.listing_id = :card")
CHANGE_IN_CARD = _BY_CHANGE.format(index="INDEXED BY changed_in_card", cards="c.listing_id = :card")
_NUMBER_OF_MANY = _BY_NUMBER.format(index="NOT INDEXED", cards=f"r.listing_id {_OF_MANY}")
_CHANGE_OF_MANY = _BY_CHANGE.format(index="", cards=f"+c.listing_id {_OF_MANY}")

# Numbers grow with the moments: between the first and the last of them few are of another one.
BETWEEN = """SELECT count(*) AS many, min(id) AS first, max(id) AS last
    FROM (SELECT id FROM review INDEXED BY review_seen WHERE first_seen_at >= :since AND first_seen_at < :until
    LIMIT :most)"""

FEW = 300
"""Cards that are asked one by one: together they take less time than a long walk past what nobody wants."""

SOME = 50_000
"""Reviews of a time whose first and last number are looked for: among more the walk is soon there."""

_LAST = 2**63 - 1


class Wanted(NamedTuple):
    """Which reviews; None means any. `since` and `until` (not with it): when we first saw them. `places`: of these
    alone, whoever asks."""

    place: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    places: frozenset[str] | None = None

    def has(self, place: str) -> bool:
        return self.place in (None, place) and (self.places is None or place in self.places)


class Leaf(NamedTuple):
    """A page of them. `erased`: numbers of reviews of which nothing may be kept, told in the order of changes alone:
    they were erased, or have left the places that are asked for; `after`: where the next page begins, None where
    nothing follows."""

    reviews: Sequence[Row]
    erased: Sequence[int]
    after: int | None


class _Order(NamedTuple):
    """How a list is walked: of one card, and of many at once."""

    card: str
    many: str


_NUMBERS, _CHANGES = _Order(NUMBER_IN_CARD, _NUMBER_OF_MANY), _Order(CHANGE_IN_CARD, _CHANGE_OF_MANY)


class Feed:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def every(self) -> Iterator[Row]:
        """Oldest first; no erased ones, no trial alarms."""
        query = f"{_ALL} AND r.forgotten_at IS NULL ORDER BY r.id"
        yield from self._db.iterate(query, {"canary": CANARY})

    def of(self, review_id: int) -> Row | None:
        """Also an erased one, whose `forgotten_at` tells it."""
        return self._db.row(f"{_ALL} AND r.id = :id", {"canary": CANARY, "id": review_id})

    def by_number(self, wanted: Wanted, after: int, limit: int) -> Leaf:
        """Those after that number; no erased ones. What comes later stands at the end."""
        before, last = self._between(wanted)
        return self._leaf(_NUMBERS, wanted, {}, max(after, before), limit, last=last)._replace(erased=[])

    def by_change(self, wanted: Wanted, after: int, limit: int) -> Leaf:
        """Those that changed after that state, each as it is now. What changes meanwhile stands at the end."""
        left = self._db.rows(_LEFT, _asked(wanted))
        gone = {row["card"]: row["last"] for row in left if not wanted.has(row["place"])}
        return self._leaf(_CHANGES, wanted, gone, after, limit)

    def state(self) -> int:
        """Where the changes are now: whatever changes later comes after it."""
        (row,) = self._db.rows("SELECT coalesce(max(number), 0) AS number FROM changed")
        return int(row["number"])

    def _between(self, wanted: Wanted) -> tuple[int, int]:
        """Numbers after and up to which all reviews of that time are."""
        if wanted.since is None and wanted.until is None:
            return 0, _LAST
        values = {"since": optional_iso(wanted.since) or "", "until": optional_iso(wanted.until) or "~", "most": SOME}
        (row,) = self._db.rows(BETWEEN, values)
        if row["many"] == SOME:
            return 0, _LAST
        return (row["first"] - 1, row["last"]) if row["many"] else (_LAST, _LAST)

    def _leaf(
        self, order: _Order, wanted: Wanted, gone: Mapping[int, int], after: int, limit: int, *, last: int = _LAST
    ) -> Leaf:
        """`gone`: cards that were `wanted` once → the last review that is told of them; `last` of the others."""
        here = {row["card"]: last for row in self._db.rows(_HERE, _asked(wanted))}
        values = {"since": optional_iso(wanted.since), "until": optional_iso(wanted.until), "after": after}
        values |= {"limit": limit + 1, "last": last}
        keys: list[Row] = []
        if len(here) > FEW:
            keys = self._db.rows(order.many, {**values, "cards": json.dumps(list(here))})
        for card, to in {**(here if len(here) <= FEW else {}), **gone}.items():
            keys += self._db.rows(order.card, {**values, "card": card, "last": to})
        keys.sort(key=lambda row: int(row["key"]))
        shown = keys[:limit]
        told = {row["id"]: row for row in self._db.rows(_THESE, _ids(shown))}
        rows = [told[row["id"]] for row in shown if row["id"] in told]
        # Looked at once more: a card may have moved, a review may have been erased since the page was chosen.
        may = [row["forgotten_at"] is None and wanted.has(row["place"]) for row in rows]
        return Leaf(
            [row for row, kept in zip(rows, may, strict=True) if kept],
            [row["id"] for row, kept in zip(rows, may, strict=True) if not kept],
            shown[-1]["key"] if len(keys) > limit else None,
        )


def _asked(wanted: Wanted) -> Row:
    places = None if wanted.places is None else json.dumps(sorted(wanted.places))
    return {"canary": CANARY, "place": wanted.place, "source": wanted.source, "places": places}


def _ids(shown: Sequence[Row]) -> Row:
    return {"canary": CANARY, "ids": json.dumps([row["id"] for row in shown])}
