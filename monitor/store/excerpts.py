"""Reviews by their ids, as lists and files show them: words, stars, what became of them."""

import json
from collections.abc import Sequence

from monitor.store.connection import Connection, Row
from monitor.store.privacy import CLOSED_BY_ERASING

_EXCERPTS = f"""SELECT r.id, l.place, l.source, r.stars, r.author, r.text, r.posted_at, r.posted_precision,
    r.first_seen_at, r.url, r.reply_text, r.reply_at, r.removed_at, r.forgotten_at,
    {CLOSED_BY_ERASING} AS closed_by_erasing, t.id AS ticket, t.state,
    t.assignee, t.due_at, t.answered_at, t.answered_met, v.tone, v.themes, v.risks,
    v.people
FROM json_each(:ids) g CROSS JOIN review r ON r.id = g.value CROSS JOIN listing l ON l.id = r.listing_id
LEFT JOIN ticket t ON t.review_id = r.id LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
ORDER BY g.key"""


class Excerpts:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def of(self, reviews: Sequence[int]) -> list[Row]:
        """In that order; what is not there any more is left out. `themes`, `risks` and `people` are JSON;
        `closed_by_erasing`: its ticket waited until then."""
        return self._db.rows(_EXCERPTS, {"ids": json.dumps(list(reviews))})
