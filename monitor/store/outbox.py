"""The outbox: what must be told, written with the event that calls for it, sent later, each alert once.

A Message-ID is derived from what the alert is about (reviews, level, deadline; sites, cards, since when; recipient),
never from a row number: the same alert has the same Message-ID on any machine, also after a restored backup, and
the UNIQUE column refuses it a second time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from monitor.alerts import AlertKind
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.config_channels import channel_of
from monitor.store.connection import Connection, Row

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
"""After the first, second, … failed attempt; the last one repeats for as long as it takes. It is short of the shortest
promise by far: whatever was down for hours, an alarm is told soon after it is up again."""

HOUR = timedelta(hours=1)

DUE = """
SELECT id, recipient, CASE WHEN kind = 'danger' THEN 0 WHEN kind = 'entry' THEN 1
    WHEN kind = 'overdue' OR level IN ('breach', '+1x', '+2x') THEN 2 WHEN kind IN ('digest', 'weekly') THEN 4
    ELSE 3 END AS turn
FROM notification WHERE state = 'pending' AND next_try_at <= ? ORDER BY turn, next_try_at, id"""
"""Dangers, links that somebody is waiting for, broken promises, everything else, digests."""
AT_ONCE = 1
"""Up to this turn nothing waits because its recipient has had enough."""

SENT = """
SELECT count(*) AS n FROM notification WHERE state = 'sent' AND recipient = ? AND sent_at > ? AND sent_at <= ?"""
"""A clock that went back must keep nobody waiting: what was sent after now does not count."""

PUT_OFF = """
SELECT id, error, attempts, leased, next_try_at FROM notification WHERE state = 'pending' AND next_try_at > ?"""

_FAILED = "SELECT id, kind, level, recipient, state, error, attempts FROM notification INDEXED BY"
# Left to itself SQLite reads them all: most have been sent.
FAILURES = f"""
{_FAILED} notification_due WHERE state = 'pending' AND error IS NOT NULL
UNION ALL {_FAILED} notification_failed WHERE state = 'failed' AND error IS NOT NULL AND next_try_at >= ? ORDER BY id"""
DELIVERED = "SELECT count(*) AS n FROM notification INDEXED BY notification_sent WHERE state = 'sent'"

LAST_ABOUT_ALARMS = "SELECT max(created_at) AS at FROM notification WHERE kind = 'intake'"

TOLD = """
SELECT 1 AS told FROM notification_ticket x JOIN notification n ON n.id = x.notification_id
WHERE x.ticket_id = ? AND x.moment = ? AND n.recipient = ? AND n.state <> 'cancelled'"""

EARLIER = """
SELECT n.message_id FROM notification_ticket x JOIN notification n ON n.id = x.notification_id
WHERE x.ticket_id = ? AND n.recipient = ? AND n.state = 'sent' ORDER BY n.sent_at, n.id"""


class Pending(NamedTuple):
    """A notification to send: `tickets` are its ticket ids, in the order of their deadlines, `alarms` the ids of
    the alarms of an INTAKE, longest first, `moments` what `Outbox.ring` was given. `thread` and
    `references` as in `alerts.Message`."""

    id: int
    kind: AlertKind
    level: str
    recipient: str
    message_id: str
    created_at: datetime
    attempts: int
    tickets: tuple[int, ...]
    alarms: tuple[int, ...]
    moments: Mapping[int, str]
    thread: str = ""
    references: tuple[str, ...] = ()


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
        added = [self.add(kind, recipient, names, now, level=level, moment=moment) for recipient in recipients]
        new = [notification for notification in added if notification is not None]
        for notification in new:
            for ticket in tickets:
                self._db.execute(
                    "INSERT OR IGNORE INTO notification_ticket (notification_id, ticket_id) VALUES (?, ?)",
                    [notification, ticket],
                )
        return len(new)

    def ring(self, kind: AlertKind, level: str, recipient: str, tickets: Mapping[int, str], *, now: datetime) -> bool:
        """Adds one mail about deadlines, inside a `write`; False when there is nothing new in it. `tickets` → which
        deadline and level each of them is told at: nobody is told that twice, in whatever company it comes."""
        fresh = {ticket: moment for ticket, moment in tickets.items() if not self._told(ticket, moment, recipient)}
        if not fresh:
            return False
        names = [self._name(ticket) for ticket in fresh]
        notification = self.add(kind, recipient, names, now, level=level, moment=",".join(sorted(fresh.values())))
        if notification is None:
            return False
        for ticket, moment in fresh.items():
            self._db.execute(
                "INSERT OR REPLACE INTO notification_ticket (notification_id, ticket_id, moment) VALUES (?, ?, ?)",
                [notification, ticket, moment],
            )
        return True

    def _told(self, ticket: int, moment: str, recipient: str) -> bool:
        return self._db.row(TOLD, [ticket, moment, recipient]) is not None

    def drop(self, notification_id: int, tickets: Iterable[int]) -> None:
        """The mail does not speak of these any more: what it would have told of them is not told."""
        with self._db.write():
            for ticket in tickets:
                self._db.execute(
                    "DELETE FROM notification_ticket WHERE notification_id = ? AND ticket_id = ?",
                    [notification_id, ticket],
                )

    def queue_alarms(self, recipients: Sequence[str], alarms: Sequence[int], *, now: datetime) -> int:
        """Adds one row per recipient about all these alarms, inside a `write`; how many were new."""
        names = [self._alarm_name(alarm) for alarm in alarms]
        added = [self.add(AlertKind.INTAKE, recipient, names, now) for recipient in recipients]
        new = [notification for notification in added if notification is not None]
        for notification in new:
            for alarm in alarms:
                self._db.insert("notification_alarm", {"notification_id": notification, "alarm_id": alarm})
        return len(new)

    def queue_digest(self, kind: AlertKind, day: date, recipients: Sequence[str], now: datetime) -> int:
        """Adds one row per recipient, inside a `write`; how many were new. `day`: the last one it tells of."""
        added = [self.add(kind, recipient, (), now, level=day.isoformat()) for recipient in recipients]
        return sum(notification is not None for notification in added)

    def revive_digest(self, kind: AlertKind, day: date, recipients: Sequence[str], now: datetime) -> None:
        """Those that were given up are to be sent after all, because somebody asks for them. Inside a `write`."""
        for recipient in recipients:
            self._db.execute(
                """UPDATE notification SET state = 'pending', created_at = :now, next_try_at = :now, error = NULL
                WHERE message_id = :id AND state IN ('cancelled', 'failed')""",
                {"now": to_iso(now), "id": self._message_id(kind, recipient, (), level=day.isoformat())},
            )

    def digests(
        self, kinds: Sequence[AlertKind], day: date, recipients: Sequence[str]
    ) -> dict[tuple[AlertKind, str], Row]:
        """What became of digests, by kind and recipient: state, sent_at, error. Those that were never queued are not
        in it."""
        asked = {
            self._message_id(kind, recipient, (), level=day.isoformat()): (kind, recipient)
            for kind in kinds
            for recipient in recipients
        }
        marks = ", ".join("?" * len(asked))
        rows = self._db.rows(
            f"SELECT message_id, state, sent_at, error FROM notification WHERE message_id IN ({marks})", list(asked)
        )
        return {asked[row["message_id"]]: row for row in rows}

    def told_of_alarms_at(self) -> datetime | None:
        """When the last mail about alarms was queued."""
        row = self._db.row(LAST_ABOUT_ALARMS)
        return None if row is None else optional_moment(row["at"])

    def add(
        self, kind: AlertKind, recipient: str, names: Sequence[str], now: datetime, *, level: str = "", moment: str = ""
    ) -> int | None:
        """The id of the new row, inside a `write`; None when this very alert is there already. One that was called off,
        because what it told was not so any more, is so again: it goes out after all."""
        message_id = self._message_id(kind, recipient, names, level=level, moment=moment)
        known = self._db.row("SELECT id, state FROM notification WHERE message_id = ?", [message_id])
        if known is not None and known["state"] == "cancelled":
            self._db.update("notification", known["id"], {"state": "pending", "next_try_at": to_iso(now)})
            return int(known["id"])
        if known is not None:
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

    def _message_id(
        self, kind: AlertKind, recipient: str, names: Sequence[str], *, level: str = "", moment: str = ""
    ) -> str:
        about = "\n".join(sorted(names))
        digest = sha256("\n".join((kind, level, moment, recipient, about)).encode()).hexdigest()[:32]
        return f"<{digest}@{self._domain}>"

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

    def due(
        self, now: datetime, limit: int = 100, *, per_hour: int | None = None, without: Collection[str] = ()
    ) -> list[Pending]:
        """The most urgent first. No recipient gets more than `per_hour` within an hour: the rest waits. A danger or
        a link never does, though it counts. `without` these channels ("" is e-mail)."""
        ready, _ = self._line(now, per_hour, without)
        found = (self._db.row("SELECT * FROM notification WHERE id = ?", [one]) for one in ready[:limit])
        return [self._pending(row) for row in found if row is not None]

    def waiting(self, now: datetime, per_hour: int, without: Collection[str] = ()) -> int:
        """How many are due and wait because their recipients had enough within the hour."""
        return self._line(now, per_hour, without)[1]

    def _line(self, now: datetime, per_hour: int | None, without: Collection[str]) -> tuple[list[int], int]:
        """Whose turn it is, and how many have to wait."""
        due = [row for row in self._db.rows(DUE, [to_iso(now)]) if channel_of(row["recipient"]) not in without]
        if per_hour is None:
            return [row["id"] for row in due], 0
        free: dict[str, int] = {}
        ready = []
        for row in due:
            recipient = row["recipient"]
            if recipient not in free:
                free[recipient] = per_hour - self._sent_to(recipient, now)
            free[recipient] -= 1
            if free[recipient] >= 0 or row["turn"] <= AT_ONCE:
                ready.append(row["id"])
        return ready, len(due) - len(ready)

    def _sent_to(self, recipient: str, now: datetime) -> int:
        (row,) = self._db.rows(SENT, [recipient, to_iso(now - HOUR), to_iso(now)])
        return int(row["n"])

    def _pending(self, row: Row) -> Pending:
        tickets = self._db.rows(
            """SELECT n.ticket_id, n.moment FROM notification_ticket n JOIN ticket t ON t.id = n.ticket_id
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
            moments={ticket["ticket_id"]: ticket["moment"] for ticket in tickets},
            alarms=tuple(alarm["alarm_id"] for alarm in alarms),
            **self._thread(row, tickets),
        )

    def _thread(self, row: Row, tickets: Sequence[Row]) -> Row:
        """A mail about one ticket belongs to that ticket's thread, after what the same recipient got of it before."""
        if len(tickets) != 1:
            return {}
        (ticket,) = tickets
        earlier = self._db.rows(EARLIER, [ticket["ticket_id"], row["recipient"]])
        digest = sha256(self._name(ticket["ticket_id"]).encode()).hexdigest()[:32]
        return {
            "thread": f"<ticket-{digest}@{self._domain}>",
            "references": tuple(mail["message_id"] for mail in earlier),
        }

    def lease(self, pending: Pending, until: datetime) -> bool:
        """Takes a row for sending; False when another sender has it. If we die, it is due again at `until`."""
        with self._db.write():
            taken = self._db.execute(
                """UPDATE notification SET attempts = attempts + 1, leased = 1, next_try_at = ?
                WHERE id = ? AND state = 'pending' AND attempts = ?""",
                [to_iso(until), pending.id, pending.attempts],
            )
        return taken == 1

    def release(self, now: datetime) -> None:
        """At the start of a pass, which holds the only lock: whatever is leased was leased by a dead process, and what
        waits for longer than any failure makes it wait was put off by a clock that was ahead."""
        ahead = [
            row["id"]
            for row in self._db.rows(PUT_OFF, [to_iso(now)])
            if row["leased"] or row["error"] is None or from_iso(row["next_try_at"]) > now + _pause(row["attempts"] - 1)
        ]
        if ahead:
            with self._db.write():
                for notification in ahead:
                    self._db.update("notification", notification, {"next_try_at": to_iso(now), "leased": 0})

    def sent(self, notification_id: int, now: datetime) -> None:
        with self._db.write():
            changes = {"state": "sent", "sent_at": to_iso(now), "error": None, "leased": 0}
            self._db.update("notification", notification_id, changes)

    def failed(self, pending: Pending, error: str, *, permanent: bool, now: datetime) -> None:
        """A permanent failure ends it; any other is tried again after a growing pause."""
        changes = {"error": error, "next_try_at": to_iso(now + _pause(pending.attempts)), "leased": 0}
        with self._db.write():
            self._db.update("notification", pending.id, changes | ({"state": "failed"} if permanent else {}))

    def cancel(self, notification_id: int) -> None:
        """What it would tell is not so any more."""
        with self._db.write():
            self._db.update("notification", notification_id, {"state": "cancelled", "leased": 0})

    def retry(self, notification_id: int, now: datetime) -> bool:
        """What was given up is to be tried again, under the Message-ID it has; False when it is not given up any more.
        Inside a `write`. A digest counts as asked for now: the news of a morning is else none after midnight."""
        retried = """UPDATE notification SET state = 'pending', next_try_at = :now, error = NULL,
            created_at = CASE kind WHEN 'digest' THEN :now ELSE created_at END WHERE id = :id AND state = 'failed'"""
        return self._db.execute(retried, {"id": notification_id, "now": to_iso(now)}) == 1

    def hurry(self, notification_id: int, now: datetime) -> bool:
        """What was put off after a failure is due now; False when it is not put off any more. Inside a `write`."""
        hurried = """UPDATE notification SET next_try_at = :now
            WHERE id = :id AND state = 'pending' AND error IS NOT NULL AND leased = 0 AND next_try_at > :now"""
        return self._db.execute(hurried, {"id": notification_id, "now": to_iso(now)}) == 1

    def had_enough(self, recipient: str, per_hour: int, now: datetime) -> bool:
        """Whether nothing but dangers and links goes to the recipient for a while."""
        return self._sent_to(recipient, now) >= per_hour

    def counts(self) -> dict[str, int]:
        rows = self._db.rows("SELECT state, count(*) AS n FROM notification GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def delivered(self) -> int:
        """How many were ever sent."""
        row = self._db.row(DELIVERED)
        return int(row["n"]) if row else 0

    def failures(self, since: datetime) -> list[Row]:
        """Notifications that do not arrive: failing still, or given up since that moment."""
        return self._db.rows(FAILURES, [to_iso(since)])


def _pause(attempts: int) -> timedelta:
    """After a failure that so many came before."""
    return PAUSES[min(max(attempts, 0), len(PAUSES) - 1)]
