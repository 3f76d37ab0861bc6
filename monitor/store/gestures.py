"""The ledger of gestures: what was offered to whom in private, by whom, at what cost. No row is ever deleted, no amount
changed: the database itself refuses that."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from monitor.clock import from_iso, optional_moment, to_iso
from monitor.gestures import Gesture, GestureState
from monitor.store.connection import Connection, Row


class Entry(NamedTuple):
    """A gesture with the place (id) and the site whose review it answers."""

    gesture: Gesture
    place: str
    source: str


class Gestures:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def of(self, ticket_id: int) -> tuple[Gesture, ...]:
        """A ticket's gestures, oldest first."""
        return self.of_tickets([ticket_id]).get(ticket_id, ())

    def of_tickets(self, ticket_ids: Iterable[int]) -> dict[int, tuple[Gesture, ...]]:
        """Ticket → its gestures, oldest first; tickets without any are left out."""
        rows = self._db.rows(
            "SELECT * FROM gesture WHERE ticket_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            [json.dumps(list(ticket_ids))],
        )
        found: dict[int, tuple[Gesture, ...]] = {}
        for row in rows:
            found[row["ticket_id"]] = (*found.get(row["ticket_id"], ()), _gesture_from(row))
        return found

    def ledger(self, since: datetime | None = None) -> list[Entry]:
        """Everything proposed since then, oldest first."""
        rows = self._db.rows(
            """SELECT g.*, l.place, l.source FROM gesture g JOIN ticket t ON t.id = g.ticket_id
            JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id
            WHERE g.proposed_at >= ? ORDER BY g.proposed_at, g.id""",
            ["" if since is None else to_iso(since)],
        )
        return [Entry(_gesture_from(row), row["place"], row["source"]) for row in rows]

    def add(self, ticket_id: int, what: str, amount: int, state: GestureState, *, actor: str, now: datetime) -> None:
        """PROPOSED, or AGREED at once by whoever proposes it. Inside a `write`."""
        row: Row = {
            "ticket_id": ticket_id,
            "what": what,
            "amount": amount,
            "state": state.value,
            "proposed_by": actor,
            "proposed_at": to_iso(now),
        }
        if state is GestureState.AGREED:
            row |= {"decided_by": actor, "decided_at": to_iso(now)}
        self._db.insert("gesture", row)

    def settle(self, gesture: Gesture, state: GestureState, *, actor: str, now: datetime) -> None:
        """What became of it: AGREED or DECLINED, or WITHDRAWN. Inside a `write`."""
        step = "withdrawn" if state is GestureState.WITHDRAWN else "decided"
        self._db.update("gesture", gesture.id, {"state": state.value, f"{step}_by": actor, f"{step}_at": to_iso(now)})


def _gesture_from(row: Row) -> Gesture:
    return Gesture(
        id=row["id"],
        ticket=row["ticket_id"],
        what=row["what"],
        amount=row["amount"],
        state=GestureState(row["state"]),
        proposed_by=row["proposed_by"],
        proposed_at=from_iso(row["proposed_at"]),
        decided_by=row["decided_by"],
        decided_at=optional_moment(row["decided_at"]),
        withdrawn_by=row["withdrawn_by"],
        withdrawn_at=optional_moment(row["withdrawn_at"]),
    )
