"""What replies we have sent, and when: for recognising them on the site, and for the site's own pace of edits."""

from datetime import datetime

from monitor.clock import from_iso, to_iso
from monitor.echo import same_reply
from monitor.store.connection import Connection
from monitor.store.replies import write_reply_gone

POSTING, RETRACTING = "posting", "retracting"
"""Events: a request that changes what stands on the site is about to be sent."""

# A person's words, what stands in the draft now, and what stood there whenever somebody said that it was posted.
_OURS = """
SELECT d.text FROM draft d WHERE d.ticket_id = :ticket AND (
    d.author IS NOT NULL
    OR d.number = (SELECT max(number) FROM draft WHERE ticket_id = :ticket)
    OR d.number IN (SELECT (SELECT max(n.number) FROM draft n WHERE n.ticket_id = :ticket AND n.at <= e.at)
        FROM event e WHERE e.ticket_id = :ticket AND e.kind = 'submitted'))
ORDER BY d.number DESC"""

# The joins are crossed so that the card comes first: events are by far the most.
EDITS = f"""
SELECT e.at FROM listing l CROSS JOIN review r ON r.listing_id = l.id CROSS JOIN event e ON e.review_id = r.id
WHERE l.source = :source AND l.external_id = :card AND e.kind IN ('{POSTING}', '{RETRACTING}')
AND e.at > :after AND e.at <= :until ORDER BY e.at"""


class Publishing:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def is_ours(self, ticket_id: int, seen: str) -> bool:
        """Whether the reply that the site shows is what was written here for this ticket."""
        return any(same_reply(row["text"], seen) for row in self._db.rows(_OURS, {"ticket": ticket_id}))

    def edits(self, source: str, card_id: str, after: datetime, until: datetime) -> list[datetime]:
        """When requests that change replies on that card were sent since `after`, whoever sent them; oldest first."""
        values = {"source": source, "card": card_id, "after": to_iso(after), "until": to_iso(until)}
        return [from_iso(row["at"]) for row in self._db.rows(EDITS, values)]

    def gone(self, review_id: int, now: datetime) -> None:
        """The site has deleted the reply. Inside a `write`."""
        write_reply_gone(self._db, review_id, now)
