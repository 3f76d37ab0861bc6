"""What stands beside a ticket on its page: earlier wordings of the reply, other reviews of the author."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from monitor.clock import from_iso, optional_moment
from monitor.likeness import Kinship, kinship
from monitor.model import Precision, TicketState
from monitor.store.connection import Connection

TEXT_LIMIT = 400
"""Characters of another review: enough for a line."""

_DRAFTS = "SELECT number, author, at, text FROM draft WHERE ticket_id = ? ORDER BY number DESC LIMIT ?"

# The same words on another site are no other review.
OF_AUTHOR = """
SELECT t.id AS ticket, t.state, l.place, l.source, r.stars, substr(r.text, 1, :length) AS text, r.posted_at,
    r.posted_precision
FROM review r JOIN listing l ON l.id = r.listing_id LEFT JOIN ticket t ON t.review_id = r.id
WHERE r.author = :author AND r.forgotten_at IS NULL AND r.id <> :review
AND coalesce(r.same_as, r.id) <> (SELECT coalesce(same_as, id) FROM review WHERE id = :review)
AND (:places IS NULL OR l.place IN (SELECT value FROM json_each(:places)))
ORDER BY r.posted_at DESC, r.id DESC LIMIT :most"""


class Wording(NamedTuple):
    """One of the drafts of a ticket; `author` None: ours."""

    number: int
    author: str | None
    at: datetime
    text: str


class Other(NamedTuple):
    """Another review; `ticket` and `state` None where it was answered before we came. `text` may be cut."""

    ticket: int | None
    state: TicketState | None
    place: str
    source: str
    stars: int | None
    text: str
    posted_at: datetime | None
    posted_precision: Precision


class Dossier:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def drafts(self, ticket_id: int, limit: int) -> list[Wording]:
        """The latest, the newest first."""
        rows = self._db.rows(_DRAFTS, [ticket_id, limit])
        return [Wording(row["number"], row["author"], from_iso(row["at"]), row["text"]) for row in rows]

    def of_author(self, review_id: int, author: str, places: Collection[str] | None, limit: int) -> list[Other]:
        """Other reviews under that name at these places (None: at all), the newest first; none where the name does not
        tell people apart («Гость», a first name alone)."""
        if kinship(author, author) is not Kinship.SAME:
            return []
        values = {
            "review": review_id,
            "author": author,
            "places": None if places is None else json.dumps(sorted(places)),
            "length": TEXT_LIMIT,
            "most": limit,
        }
        return [
            Other(
                row["ticket"],
                None if row["state"] is None else TicketState(row["state"]),
                row["place"],
                row["source"],
                row["stars"],
                row["text"],
                optional_moment(row["posted_at"]),
                Precision(row["posted_precision"]),
            )
            for row in self._db.rows(OF_AUTHOR, values)
        ]
