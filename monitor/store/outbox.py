"""The outbox: what must be told, written with the event that calls for it, sent later, each alert once.

A Message-ID is derived from what the alert is about (reviews, level, deadline; sites, cards, since when; recipient),
never from a row number: the same alert has the same Message-ID on any machine, also after a restored backup, and
the UNIQUE column refuses it a second time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from monitor.alerts import AlertKind
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.store.connection import Connection, Row

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""After the first, second, … failed attempt; the last one repeats for as long as it takes."""

DUE = "SELECT * FROM notification WHERE state = 'pending' AND next_try_at <= ? ORDER BY next_try_at, id LIMIT ?"

LAST_ABOUT_ALARMS = "SELECT max(created_at) AS at FROM notification WHERE kind = 'intake'"


class Pending(NamedTuple):
    """A notification to send: `tickets` are its ticket ids, in the order of their deadlines, `alarms` the ids of
    the alarms of an INTAKE, longest first."""

    id: int
    kind: AlertKind
    level: str
    recipient: str
    message_id: str
    created_at: datetime
    attempts: int
    tickets: tuple[int, ...]
    alarms: tuple[int, ...]


class Outbox:
    def __init__(self, connection: Connection, domain: str) -> None:
        self._db = connection
        self._domain = domain

    def queue(
        self,
        kind: AlertKind,
        level: str,
        recipients: Sequence[str],
        tickets: Sequence[int],
        *,
        moment: str,
        now: datetime,
    ) -> int:
        """Adds one row per recipient, inside a `write`; how many were new. `moment` tells apart alerts about the same
        tickets at the same level: the deadline, or the review's revision."""
        names = [self._name(ticket) for ticket in tickets]
        added = [self._add(kind, recipient, names, now, level=level, moment=moment) for recipient in recipients]
        new = [notification for notification in added if notification is not None]
        for notification in new:
            for ticket in tickets:
                self._db.insert("notification_ticket", {"notification_id": notification, "ticket_id": ticket})
        return len(new)

    def queue_alarms(self, recipients: Sequence[str], alarms: Sequence[int], *, now: datetime) -> int:
        """Adds one row per recipient about all these alarms, inside a `write`; how many were new."""
        names = [self._alarm_name(alarm) for alarm in alarms]
        added = [self._add(AlertKind.INTAKE, recipient, names, now) for recipient in recipients]
        new = [notification for notification in added if notification is not None]
        for notification in new:
            for alarm in alarms:
                self._db.insert("notification_alarm", {"notification_id": notification, "alarm_id": alarm})
        return len(new)

    def told_of_alarms_at(self) -> datetime | None:
        """When the last mail about alarms was queued."""
        row = self._db.row(LAST_ABOUT_ALARMS)
        return None if row is None else optional_moment(row["at"])

    def _add(
        self, kind: AlertKind, recipient: str, names: Sequence[str], now: datetime, *, level: str = "", moment: str = ""
    ) -> int | None:
        """The id of the new row; None when this very alert is there already."""
        about = "\n".join(sorted(names))
        digest = sha256("\n".join((kind, level, moment, recipient, about)).encode()).hexdigest()[:32]
        message_id = f"<{digest}@{self._domain}>"
        if self._db.row("SELECT 1 AS known FROM notification WHERE message_id = ?", [message_id]):
            return None
        return self._db.insert(
            "notification",
            {
                "message_id": message_id,
                "kind": kind.value,
                "level": level,
                "recipient": recipient,
                "created_at": to_iso(now),
                "next_try_at": to_iso(now),
            },
        )

    def _name(self, ticket_id: int) -> str:
        """What a ticket is about, wherever and whenever its row was made."""
        row = self._db.row(
            """SELECT l.source || '/' || l.external_id || '/' || r.external_id AS name
            FROM ticket t JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id WHERE t.id = ?""",
            [ticket_id],
        )
        assert row is not None, "tickets are never deleted"
        return str(row["name"])

    def _alarm_name(self, alarm_id: int) -> str:
        """What an alarm is about, and since when: the next time the same goes wrong is another alarm."""
        row = self._db.row(
            """SELECT a.kind || '/' || a.source || '/' || coalesce(l.external_id, '') || '/' || a.raised_at AS name
            FROM alarm a LEFT JOIN listing l ON l.id = a.listing_id WHERE a.id = ?""",
            [alarm_id],
        )
        assert row is not None, "alarms are never deleted"
        return str(row["name"])

    def due(self, now: datetime, limit: int = 100) -> list[Pending]:
        return [self._pending(row) for row in self._db.rows(DUE, [to_iso(now), limit])]

    def _pending(self, row: Row) -> Pending:
        tickets = self._db.rows(
            """SELECT n.ticket_id FROM notification_ticket n JOIN ticket t ON t.id = n.ticket_id
            WHERE n.notification_id = ? ORDER BY t.due_at IS NULL, t.due_at, t.id""",
            [row["id"]],
        )
        alarms = self._db.rows(
            """SELECT x.alarm_id FROM notification_alarm x JOIN alarm a ON a.id = x.alarm_id
            WHERE x.notification_id = ? ORDER BY a.raised_at, a.id""",
            [row["id"]],
        )
        return Pending(
            id=row["id"],
            kind=AlertKind(row["kind"]),
            level=row["level"],
            recipient=row["recipient"],
            message_id=row["message_id"],
            created_at=from_iso(row["created_at"]),
            attempts=row["attempts"],
            tickets=tuple(ticket["ticket_id"] for ticket in tickets),
            alarms=tuple(alarm["alarm_id"] for alarm in alarms),
        )

    def lease(self, pending: Pending, until: datetime) -> bool:
        """Takes a row for sending; False when another sender has it. If we die, it is due again at `until`."""
        with self._db.write():
            taken = self._db.execute(
                """UPDATE notification SET attempts = attempts + 1, next_try_at = ?
                WHERE id = ? AND state = 'pending' AND attempts = ?""",
                [to_iso(until), pending.id, pending.attempts],
            )
        return taken == 1

    def release(self, now: datetime) -> None:
        """At the start of a pass, which holds the only lock: whatever is leased was leased by a dead process."""
        with self._db.write():
            self._db.execute(
                "UPDATE notification SET next_try_at = ? WHERE state = 'pending' AND error IS NULL AND next_try_at > ?",
                [to_iso(now), to_iso(now)],
            )

    def sent(self, notification_id: int, now: datetime) -> None:
        with self._db.write():
            self._db.update("notification", notification_id, {"state": "sent", "sent_at": to_iso(now), "error": None})

    def failed(self, pending: Pending, error: str, *, permanent: bool, now: datetime) -> None:
        """A permanent failure ends it; any other is tried again after a growing pause."""
        pause = PAUSES[min(pending.attempts, len(PAUSES) - 1)]
        changes = {"error": error, "next_try_at": to_iso(now + pause)} | ({"state": "failed"} if permanent else {})
        with self._db.write():
            self._db.update("notification", pending.id, changes)

    def cancel(self, notification_id: int) -> None:
        """What it would tell is not so any more."""
        with self._db.write():
            self._db.update("notification", notification_id, {"state": "cancelled"})

    def counts(self) -> dict[str, int]:
        rows = self._db.rows("SELECT state, count(*) AS n FROM notification GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def failures(self, since: datetime) -> list[Row]:
        """Notifications that do not arrive: failing still, or given up since that moment."""
        return self._db.rows(
            """SELECT kind, level, recipient, state, error, attempts FROM notification
            WHERE error IS NOT NULL AND (state = 'pending' OR state = 'failed' AND next_try_at >= ?) ORDER BY id""",
            [to_iso(since)],
        )
