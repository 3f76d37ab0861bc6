"""The outbox for people to look at: what waits, what went out, what failed, page by page."""

import json
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

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
    """One message to one recipient. `tickets`: id and place's id of what it is about, soonest deadline first; `stars`
    and `author`: of the first one's review. `sources`: of the alarms it tells. `attempts` counts the one under way,
    too; `error` tells of the last that failed, or is ""."""

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
    stars: int | None
    author: str
    sources: tuple[str, ...]


class Heard(NamedTuple):
    """Somebody was told of a ticket: `moment` ends with the level of the deadline, "" where it is about none."""

    at: datetime
    kind: AlertKind
    moment: str
    recipient: str
    state: Sending


_TOLD = """
SELECT x.notification_id, x.ticket_id, l.place, r.stars, r.author FROM json_each(?) g
CROSS JOIN notification_ticket x ON x.notification_id = g.value
JOIN ticket t ON t.id = x.ticket_id JOIN listing l ON l.id = t.listing_id JOIN review r ON r.id = t.review_id
ORDER BY t.due_at IS NULL, t.due_at, t.id"""
_ALARMED = """
SELECT DISTINCT x.notification_id, a.source FROM json_each(?) g CROSS JOIN notification_alarm x
    ON x.notification_id = g.value
JOIN alarm a ON a.id = x.alarm_id ORDER BY a.source"""

_OF_TICKET = """
SELECT n.created_at, n.kind, x.moment, n.recipient, n.state FROM notification_ticket x
JOIN notification n ON n.id = x.notification_id WHERE x.ticket_id = ? ORDER BY n.id"""

# Of a mail about tickets of several places only those see anything who see all of them.
_WITHIN = """EXISTS (SELECT 1 FROM notification_ticket x WHERE x.notification_id = n.id)
AND NOT EXISTS (SELECT 1 FROM notification_ticket x WHERE x.notification_id = n.id
    AND x.listing_id NOT IN (SELECT value FROM json_each(:cards)))"""

_CARDS = "SELECT id FROM listing WHERE place IN (SELECT value FROM json_each(?))"
_OF_CARD = """
SELECT notification_id AS id FROM notification_ticket WHERE listing_id = :card AND notification_id < :before
ORDER BY notification_id DESC"""

_BY = {
    Sending.SENT: "NOT INDEXED",
    Sending.PENDING: "INDEXED BY notification_due",
    Sending.FAILED: "INDEXED BY notification_failed",
    Sending.CANCELLED: "INDEXED BY notification_cancelled",
}
"""Left to itself SQLite walks them all to find the few of a state; most have been sent, and they are walked by id."""

_NEWEST = 2**63 - 1

LOOKED_AT = 200
"""Notifications about somebody's cards that are read at a time, until a page is full."""


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
        before = _NEWEST if before is None else before
        if places is None:
            return self._whole(self._listed("n.id < :before", state, limit, {"before": before}))
        cards = self._cards(places)
        within = {"cards": _json(cards)}
        if state not in (None, Sending.SENT):  # few, and all of them in one index
            return self._whole(self._listed(f"n.id < :before AND {_WITHIN}", state, limit, within | {"before": before}))
        shown: list[Row] = []
        with closing(self._about(cards, before)) as about:
            while len(shown) < limit and (some := list(islice(about, LOOKED_AT))):
                among = f"n.id IN (SELECT value FROM json_each(:some)) AND {_WITHIN}"
                shown += self._listed(among, state, limit - len(shown), within | {"some": _json(some)})
        return self._whole(shown)

    def _listed(self, where: str, state: Sending | None, limit: int, values: Row) -> list[Row]:
        by, of_state = ("NOT INDEXED", "") if state is None else (_BY[state], f"AND {_is(state)}")
        return self._db.rows(
            f"SELECT n.* FROM notification n {by} WHERE {where} {of_state} ORDER BY n.id DESC LIMIT :limit",
            values | {"limit": limit},
        )

    def _about(self, cards: Iterable[int], before: int) -> Generator[int, None, None]:
        """Those that tell of any of these cards, newest first: a walk of one index for each card."""
        walks = [self._db.iterate(_OF_CARD, {"card": card, "before": before}) for card in cards]
        for number, _ in groupby(merge(*walks, key=itemgetter("id"), reverse=True), key=itemgetter("id")):
            yield number

    def _cards(self, places: Collection[str]) -> list[int]:
        return [row["id"] for row in self._db.rows(_CARDS, [_json(sorted(places))])]

    def get(self, notification_id: int, places: Collection[str] | None = None) -> Notification | None:
        found = self._db.rows(
            f"SELECT n.* FROM notification n WHERE n.id = :id {_scope(places)}",
            {"id": notification_id, **self._scoped(places)},
        )
        return next(iter(self._whole(found)), None)

    def of_ticket(self, ticket: int) -> list[Heard]:
        """What was told of a ticket, the first first."""
        rows = self._db.rows(_OF_TICKET, [ticket])
        return [
            Heard(from_iso(row["created_at"]), AlertKind(row["kind"]), row["moment"], row["recipient"],
                  Sending(row["state"]))
            for row in rows
        ]  # fmt: skip

    def count(self, state: Sending, places: Collection[str] | None = None) -> int:
        row = self._db.row(
            f"SELECT count(*) AS n FROM notification n {_BY[state]} WHERE {_is(state)} {_scope(places)}",
            self._scoped(places),
        )
        return int(row["n"]) if row else 0

    def _scoped(self, places: Collection[str] | None) -> Row:
        return {} if places is None else {"cards": _json(self._cards(places))}

    def _whole(self, rows: Sequence[Row]) -> list[Notification]:
        ids = _json(row["id"] for row in rows)
        tickets: dict[int, list[Row]] = {}
        for row in self._db.rows(_TOLD, [ids]):
            tickets.setdefault(row["notification_id"], []).append(row)
        sources: dict[int, list[str]] = {}
        for row in self._db.rows(_ALARMED, [ids]):
            sources.setdefault(row["notification_id"], []).append(row["source"])
        return [_from(row, tickets.get(row["id"], ()), sources.get(row["id"], ())) for row in rows]


def _is(state: Sending) -> str:
    """Written out: the indexes are of one state each."""
    return f"n.state = '{state.value}'"


def _scope(places: Collection[str] | None) -> str:
    return "" if places is None else f"AND {_WITHIN}"


def _json(values: Iterable[object]) -> str:
    return json.dumps(list(values))


def _from(row: Row, tickets: Sequence[Row], sources: Sequence[str]) -> Notification:
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
        tickets=tuple((each["ticket_id"], each["place"]) for each in tickets),
        stars=tickets[0]["stars"] if tickets else None,
        author=tickets[0]["author"] if tickets else "",
        sources=tuple(sources),
    )
