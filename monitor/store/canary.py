"""The hidden card of the trial alarm: its reviews, and what became of their mails."""

from datetime import datetime
from typing import NamedTuple

from monitor.canary import PLACE, SOURCE
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.store.connection import Connection

# A trial alarm rings as a danger, once it is judged, and as an answer that is late, which needs no verdict. Both have
# to arrive, and the words have to be found angry: a review that nobody understood is as urgent.
_TICKETS = """
SELECT t.id, r.external_id, r.analysed_with <> '' AS judged, coalesce(v.flagged, 0) AS flagged FROM listing l
JOIN review r ON r.listing_id = l.id JOIN ticket t ON t.review_id = r.id
LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
WHERE l.source = :source ORDER BY t.id DESC LIMIT 1"""
# From the card on: left to itself SQLite walks every ticket of every card.
_OPEN = """
SELECT t.id FROM listing l CROSS JOIN review r ON r.listing_id = l.id CROSS JOIN ticket t ON t.review_id = r.id
WHERE l.source = :source AND t.state IN ('open', 'approved')"""
# After an outage many late answers are one mail, `overdue`.
_RUNG = "(n.kind = 'danger' OR n.kind IN ('deadline', 'overdue') AND n.level = 'breach')"
_MAILS = f"""
SELECT n.kind = 'danger' AS danger, n.state, n.sent_at, n.error FROM notification_ticket x
JOIN notification n ON n.id = x.notification_id WHERE x.ticket_id = :ticket AND {_RUNG}"""
_PROVEN = f"""
SELECT max(n.sent_at) AS at FROM listing l CROSS JOIN review r ON r.listing_id = l.id
CROSS JOIN ticket t ON t.review_id = r.id
JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision AND v.flagged = 1
JOIN notification_ticket x ON x.ticket_id = t.id JOIN notification n ON n.id = x.notification_id AND {_RUNG}
WHERE l.source = :source GROUP BY t.id HAVING count(DISTINCT n.kind = 'danger') = 2 AND min(n.state = 'sent') = 1
ORDER BY t.id DESC LIMIT 1"""

MISJUDGED = "разбор не узнал в её словах опасной жалобы; проверьте модель: otklik evaluate"


class Flight(NamedTuple):
    """A trial alarm: when it began, and when the last of its mails was accepted (None: some is still to come, or its
    words were not understood). `error`: what is wrong, or ""."""

    ticket: int
    began_at: datetime
    landed_at: datetime | None
    error: str


class Canary:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def listing(self, now: datetime) -> int:
        """The card's row, made when it is needed; inside a `write`. It is never read, and no list shows it."""
        row = self._db.row("SELECT id FROM listing WHERE source = ?", [SOURCE])
        if row is not None:
            return int(row["id"])
        return self._db.insert(
            "listing",
            {"place": PLACE, "source": SOURCE, "external_id": SOURCE, "next_check_at": to_iso(now), "active": 0},
        )

    def last(self) -> Flight | None:
        """The trial alarm that began last."""
        row = self._db.row(_TICKETS, {"source": SOURCE})
        if row is None:
            return None
        mails = self._db.rows(_MAILS, {"ticket": row["id"]})
        rung = {mail["danger"] for mail in mails}
        understood = row["flagged"] and 1 in rung
        arrived = understood and 0 in rung and all(mail["state"] == "sent" for mail in mails)
        errors = [mail["error"] for mail in mails if mail["error"]]
        if row["judged"] and not understood:
            errors.append(MISJUDGED)
        return Flight(
            ticket=row["id"],
            began_at=from_iso(row["external_id"].removeprefix(f"{SOURCE}-")),
            landed_at=from_iso(max(mail["sent_at"] for mail in mails)) if arrived else None,
            error=errors[0] if errors else "",
        )

    def proven_at(self) -> datetime | None:
        """When an alarm was last accepted by whoever carries it."""
        row = self._db.row(_PROVEN, {"source": SOURCE})
        return None if row is None else optional_moment(row["at"])

    def open(self) -> list[int]:
        """Its tickets that still ring."""
        return [row["id"] for row in self._db.rows(_OPEN, {"source": SOURCE})]
