"""Reviews of one place that are the same words on several sites: groups, each named by its oldest review.

`review.same_as` is the oldest review of the group, NULL for itself and for a review that stands alone. Within a group
every two reviews are alike, so that no chain of small differences can tie strangers together. Only reviews of one
place are compared; when config.yaml moves a card to another place, what was linked before stays as it was.
"""

import json
import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from monitor.clock import optional_moment
from monitor.likeness import VERSION, Kinship, Said, alike, kinship, sketch
from monitor.model import Precision
from monitor.store.connection import Connection, Row

MOST_CANDIDATES = 50
"""How many reviews that share numbers are looked at, those with most in common first."""

CROWD = 20
"""A group this large is a campaign, no person with accounts on several maps: it takes no more."""

SHARED_NUMBERS = 2
"""Numbers two sketches must share to be worth a look; common turns of phrase share one."""

COMMONPLACE = 200
"""What so many reviews of a place say are nobody's own words: such numbers lead nowhere."""

_REVIEW = """
SELECT r.id, r.listing_id, r.text, r.author, r.posted_at, r.posted_precision, r.stars, r.same_as, l.place
FROM review r JOIN listing l ON l.id = r.listing_id
"""
# "Not this version" as two ranges, each of which the index can walk.
DUE = """
SELECT id FROM review WHERE forgotten_at IS NULL AND linked_with < :version
UNION ALL
SELECT id FROM review WHERE forgotten_at IS NULL AND linked_with > :version
LIMIT :limit
"""
_OWN_WORDS = """
SELECT n.value AS number FROM json_each(:numbers) n
WHERE (SELECT 1 FROM sketch WHERE hash = n.value LIMIT 1 OFFSET :many) IS NULL"""
CANDIDATES = """
SELECT coalesce(r.same_as, r.id) AS leader, c.shared, r.listing_id, r.text, r.author, r.posted_at, r.posted_precision,
    r.stars
FROM (SELECT s.review_id, count(*) AS shared FROM sketch s
    WHERE s.hash IN (SELECT value FROM json_each(:numbers)) AND s.review_id <> :id
    GROUP BY s.review_id HAVING shared >= :enough ORDER BY shared DESC, s.review_id LIMIT :limit) c
CROSS JOIN review r ON r.id = c.review_id JOIN listing l ON l.id = r.listing_id AND l.place = :place"""
_GROUP = f"{_REVIEW} WHERE r.id = :leader UNION ALL {_REVIEW} WHERE r.same_as = :leader"
# The reviews of the groups with these leaders, each with its leader; a review that stands alone is no group.
_MEMBERS = """
SELECT g.value AS leader, r.id AS review_id, r.listing_id, r.reply_text
FROM json_each(:leaders) g JOIN review r ON r.same_as = g.value
UNION ALL
SELECT g.value, r.id, r.listing_id, r.reply_text FROM json_each(:leaders) g JOIN review r ON r.id = g.value
WHERE EXISTS (SELECT 1 FROM review other WHERE other.same_as = r.id)
"""
TICKETS = f"""
SELECT m.leader, t.id, t.state, l.source, l.place FROM ({_MEMBERS}) m
JOIN ticket t ON t.review_id = m.review_id JOIN listing l ON l.id = m.listing_id ORDER BY t.id"""
SAID = f"""
SELECT m.leader, m.review_id, m.reply_text, d.text AS draft_text FROM ({_MEMBERS}) m
LEFT JOIN ticket t ON t.review_id = m.review_id
LEFT JOIN draft d ON d.ticket_id = t.id AND d.number = (SELECT max(number) FROM draft WHERE ticket_id = t.id)
ORDER BY m.review_id"""


class Linked(NamedTuple):
    """One batch: how many reviews, and which of them our rules failed on; those stay alone."""

    reviews: int
    stumbled: tuple[int, ...] = ()


class Links:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def link(self, limit: int) -> Linked | None:
        """Compares so many of the reviews that are due, in one transaction; None when none is."""
        values = {"version": VERSION, "limit": limit}
        if not self._db.rows(DUE, values | {"limit": 1}):
            return None
        stumbled: list[int] = []
        with self._db.write():
            due = [row["id"] for row in self._db.rows(DUE, values)]
            for review_id in due:
                try:
                    self._compare(review_id)
                except sqlite3.Error:
                    raise
                except Exception:  # noqa: BLE001 - one review that breaks a rule must not stop the line
                    stumbled.append(review_id)
                self._db.update("review", review_id, {"linked_with": VERSION})
        return Linked(len(due), tuple(stumbled))

    def tickets(self, leaders: Iterable[int]) -> dict[int, list[Row]]:
        """Leader of a group → the tickets (`id`, `state`, `source`, `place`) of its reviews. `leader` of a review is
        its `same_as` or itself; one that stands alone is left out."""
        return self._by_leader(TICKETS, leaders)

    def said(self, leaders: Iterable[int]) -> dict[int, dict[int, tuple[str, ...]]]:
        """Leader of a group → each of its reviews → what we say to it: the newest draft, the reply on the site."""
        return {
            leader: {row["review_id"]: tuple(filter(None, (row["reply_text"], row["draft_text"]))) for row in rows}
            for leader, rows in self._by_leader(SAID, leaders).items()
        }

    def _by_leader(self, query: str, leaders: Iterable[int]) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {}
        for row in self._db.rows(query, {"leaders": json.dumps(list(dict.fromkeys(leaders)))}):
            found.setdefault(row["leader"], []).append(row)
        return found

    # --- one review ---------------------------------------------------------------------------------

    def _compare(self, review_id: int) -> None:
        """Finds the review's group. Where it has new company, its draft is due again: no two of the same words."""
        (row,) = self._db.rows(f"{_REVIEW} WHERE r.id = ?", [review_id])
        before = {member["id"] for member in self._db.rows(_GROUP, {"leader": row["same_as"] or review_id})}
        if len(before) > 1:
            release(self._db, [review_id])
        numbers = self._keep_sketch(row)
        group = self._group_for(row, numbers)
        if group:
            everyone = [review_id, *(member["id"] for member in group)]
            self._db.execute(
                "UPDATE review SET same_as = nullif(:head, id) WHERE id IN (SELECT value FROM json_each(:ids))",
                {"head": min(everyone), "ids": json.dumps(everyone)},
            )
            if not before.issuperset(everyone):
                self._db.execute("UPDATE ticket SET drafted_with = '' WHERE review_id = ?", [review_id])

    def _keep_sketch(self, row: Row) -> list[int]:
        """The numbers of the text, mixed with the place's own: other places' reviews never share them."""
        place = int.from_bytes(blake2b(row["place"].encode(), digest_size=8).digest(), "big", signed=True)
        numbers = [number ^ place for number in sketch(row["text"])]
        self._db.execute("DELETE FROM sketch WHERE review_id = ?", [row["id"]])
        self._db.execute(
            "INSERT INTO sketch (hash, review_id) SELECT value, :id FROM json_each(:numbers)",
            {"id": row["id"], "numbers": json.dumps(numbers)},
        )
        return numbers

    def _group_for(self, row: Row, numbers: list[int]) -> list[Row]:
        """The oldest group all of whose reviews are like this one; [] when there is none."""
        said = _said(row)
        own = [
            found["number"]
            for found in self._db.rows(_OWN_WORDS, {"numbers": json.dumps(numbers), "many": COMMONPLACE})
        ]
        candidates = self._db.rows(
            CANDIDATES,
            {
                "numbers": json.dumps(own),
                "id": row["id"],
                "enough": min(SHARED_NUMBERS, len(own)),
                "place": row["place"],
                "limit": MOST_CANDIDATES,
            },
        )
        # Equal words share every number: where they do not, other names settle it without a look at the words.
        worth = (
            each
            for each in candidates
            if each["shared"] == len(own) or kinship(row["author"], each["author"]) is not Kinship.DIFFERENT
        )
        for leader in sorted({each["leader"] for each in worth if alike(said, _said(each))}):
            group = self._db.rows(_GROUP, {"leader": leader})
            if len(group) < CROWD and all(alike(said, _said(member)) for member in group):
                return group
        return []


def _said(row: Row) -> Said:
    return Said(
        card=row["listing_id"],
        text=row["text"],
        author=row["author"],
        posted_at=optional_moment(row["posted_at"]),
        posted_precision=Precision(row["posted_precision"]),
        stars=row["stars"],
    )


def release(connection: Connection, review_ids: Iterable[int]) -> None:
    """Takes reviews out of their groups, inside a `write`. A group that loses its oldest is named by the next one,
    and is compared again, as are these reviews."""
    ids = json.dumps(list(review_ids))
    orphaned = connection.rows(
        """SELECT same_as AS head, min(id) AS heir FROM review WHERE same_as IN (SELECT value FROM json_each(:ids))
        AND id NOT IN (SELECT value FROM json_each(:ids)) GROUP BY same_as""",
        {"ids": ids},
    )
    connection.execute(
        "UPDATE review SET linked_with = '', same_as = NULL WHERE id IN (SELECT value FROM json_each(?))", [ids]
    )
    for group in orphaned:
        connection.execute(
            """UPDATE review SET linked_with = '', same_as = nullif(:heir, id)
            WHERE same_as = :head AND id NOT IN (SELECT value FROM json_each(:ids))""",
            {**group, "ids": ids},
        )
