"""The outbox for people to look at: what waits, what went out, what failed, page by page."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.alerts import AlertKind
from monitor.clock import from_iso, optional_moment
from monitor.store.connection import Connection, Row


class Sending(StrEnum):
    """What became of a notification. CANCELLED: what it would have told was not so any more."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one recipient. `tickets`: id and place's id of what it is about, soonest deadline first;
    `sources`: of the alarms it tells. `attempts` counts the one under way, too; `error` tells of the last that failed,
    or is ""."""

    id: int
    kind: AlertKind
    level: str
    recipient: str
    state: Sending
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str
    tickets: tuple[tuple[int, str], ...]
    sources: tuple[str, ...]


_TOLD = """
SELECT x.notification_id, x.ticket_id, l.place FROM json_each(?) g CROSS JOIN notification_ticket x
    ON x.notification_id = g.value
JOIN ticket t ON t.id = x.ticket_id JOIN listing l ON l.id = t.listing_id
ORDER BY t.due_at IS NULL, t.due_at, t.id"""
_ALARMED = """
SELECT DISTINCT x.notification_id, a.source FROM json_each(?) g CROSS JOIN notification_alarm x
    ON x.notification_id = g.value
JOIN alarm a ON a.id = x.alarm_id ORDER BY a.source"""

# Of a mail about tickets of several places only those see anything who see all of them.
_WITHIN = """
AND EXISTS (SELECT 1 FROM notification_ticket x WHERE x.notification_id = n.id)
AND NOT EXISTS (SELECT 1 FROM notification_ticket x JOIN ticket t ON t.id = x.ticket_id
    JOIN listing l ON l.id = t.listing_id
    WHERE x.notification_id = n.id AND l.place NOT IN (SELECT value FROM json_each(:places)))"""


class Notifications:
    """`places`: whose notifications, None for all of them, those about no place included."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def page(
        self,
        limit: int,
        *,
        state: Sending | None = None,
        places: Collection[str] | None = None,
        before: int | None = None,
    ) -> list[Notification]:
        """Newest first, those older than the one with the id `before`."""
        found = self._db.rows(
            f"""SELECT n.* FROM notification n WHERE n.id < coalesce(:before, 9e18)
            {"" if state is None else f"AND {_is(state)}"} {_scope(places)} ORDER BY n.id DESC LIMIT :limit""",
            {"before": before, "limit": limit, **_places(places)},
        )
        return self._whole(found)

    def get(self, notification_id: int, places: Collection[str] | None = None) -> Notification | None:
        found = self._db.rows(
            f"SELECT n.* FROM notification n WHERE n.id = :id {_scope(places)}",
            {"id": notification_id, **_places(places)},
        )
        return next(iter(self._whole(found)), None)

    def count(self, state: Sending, places: Collection[str] | None = None) -> int:
        row = self._db.row(
            f"SELECT count(*) AS n FROM notification n WHERE {_is(state)} {_scope(places)}", _places(places)
        )
        return int(row["n"]) if row else 0

    def _whole(self, rows: Sequence[Row]) -> list[Notification]:
        ids = _json(row["id"] for row in rows)
        tickets: dict[int, list[tuple[int, str]]] = {}
        for row in self._db.rows(_TOLD, [ids]):
            tickets.setdefault(row["notification_id"], []).append((row["ticket_id"], row["place"]))
        sources: dict[int, list[str]] = {}
        for row in self._db.rows(_ALARMED, [ids]):
            sources.setdefault(row["notification_id"], []).append(row["source"])
        return [_from(row, tickets.get(row["id"], ()), sources.get(row["id"], ())) for row in rows]


def _is(state: Sending) -> str:
    """Written out: the indexes are of one state each."""
    return f"n.state = '{state.value}'"


def _scope(places: Collection[str] | None) -> str:
    return "" if places is None else _WITHIN if places else "AND FALSE"


def _places(places: Collection[str] | None) -> Row:
    return {} if places is None else {"places": _json(sorted(places))}


def _json(values: Iterable[object]) -> str:
    return json.dumps(list(values))


def _from(row: Row, tickets: Sequence[tuple[int, str]], sources: Sequence[str]) -> Notification:
    return Notification(
        id=row["id"],
        kind=AlertKind(row["kind"]),
        level=row["level"],
        recipient=row["recipient"],
        state=Sending(row["state"]),
        created_at=from_iso(row["created_at"]),
        next_try_at=from_iso(row["next_try_at"]),
        sent_at=optional_moment(row["sent_at"]),
        attempts=row["attempts"],
        error=row["error"] or "",
        tickets=tuple(tickets),
        sources=tuple(sources),
    )
