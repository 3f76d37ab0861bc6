"""What was done about complaints: noted, withdrawn, never changed; and what people said they did, to be noted."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import from_iso, optional_moment, to_iso
from monitor.errors import Conflict
from monitor.store.connection import Connection, Row

# `places`: JSON [id, …], NULL for all of them. What was done everywhere was done there, too.
_SEEN = "(:places IS NULL OR m.place IS NULL OR m.place IN (SELECT value FROM json_each(:places)))"

_SAID = """SELECT t.id AS ticket, t.measure AS what, l.place, v.themes, max(e.at) AS at
FROM ticket t
JOIN review r ON r.id = t.review_id
JOIN listing l ON l.id = r.listing_id
JOIN event e ON e.ticket_id = t.id AND e.kind = 'fault'
LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
WHERE t.measure <> '' AND t.fault = 'confirmed'
    AND (:places IS NULL OR l.place IN (SELECT value FROM json_each(:places)))"""

# The same words about several tickets of a place are one measure, from the day on which they were first said.
SUGGESTED = f"""SELECT min(ticket) AS ticket, what, place, themes, min(at) AS at FROM (
{_SAID} AND NOT EXISTS (SELECT 1 FROM measure m WHERE m.ticket_id = t.id)
    AND NOT EXISTS (SELECT 1 FROM measure m WHERE m.what = t.measure AND (m.place IS NULL OR m.place = l.place))
GROUP BY t.id) GROUP BY place, what ORDER BY at DESC, ticket DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that was done about complaints of `theme`. `what` is "" where the words were erased; `place` None:
    everywhere; `day`: from which on it works; `ticket`: about which it was first said, None where it was noted on its
    own."""

    id: int
    what: str
    place: str | None
    theme: str
    day: date
    ticket: int | None
    noted_by: str
    noted_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about a ticket that was done, and nobody has noted as a measure. `themes`: what its author
    complains of."""

    ticket: int
    what: str
    place: str
    themes: tuple[str, ...]
    at: datetime


class Measures:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def held(
        self, limit: int, *, places: Collection[str] | None = None, before: Measure | None = None
    ) -> tuple[Measure, ...]:
        """Those that were not withdrawn, of these places (None: all) and of all places, the latest day first; `before`:
        only those that come after it."""
        values = {**_of(places), "limit": limit, "day": None if before is None else before.day.isoformat()}
        rows = self._db.rows(
            f"""SELECT m.* FROM measure m WHERE m.withdrawn_at IS NULL AND {_SEEN}
            AND (:day IS NULL OR (m.day, m.id) < (:day, :id)) ORDER BY m.day DESC, m.id DESC LIMIT :limit""",
            {**values, "id": 0 if before is None else before.id},
        )
        return tuple(map(_measure, rows))

    def get(self, number: int, places: Collection[str] | None = None) -> Measure | None:
        """None where there is none, or it is none of theirs."""
        row = self._db.row(f"SELECT m.* FROM measure m WHERE m.id = :id AND {_SEEN}", {**_of(places), "id": number})
        return None if row is None else _measure(row)

    def note(
        self, what: str, theme: str, day: date, *, place: str | None, ticket: int | None, actor: str, now: datetime
    ) -> int:
        """Its number; inside a `write`. Raises Conflict when the same is noted already."""
        row: Row = {"what": what, "theme": theme, "day": day.isoformat(), "place": place}
        if self._db.row(
            """SELECT 1 AS there FROM measure WHERE withdrawn_at IS NULL AND what = :what AND theme = :theme
            AND day = :day AND place IS :place""",
            row,
        ):
            raise Conflict("эта мера уже записана")
        return self._db.insert("measure", {**row, "ticket_id": ticket, "noted_by": actor, "noted_at": to_iso(now)})

    def withdraw(self, number: int, *, actor: str, now: datetime) -> bool:
        """Whether it held until now; inside a `write`."""
        return bool(
            self._db.execute(
                "UPDATE measure SET withdrawn_by = ?, withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
                [actor, to_iso(now), number],
            )
        )

    def suggested(self, limit: int, places: Collection[str] | None = None) -> tuple[Said, ...]:
        """What was said about tickets of these places (None: all), what was said last first."""
        return tuple(map(_said, self._db.rows(SUGGESTED, {**_of(places), "limit": limit})))

    def said(self, ticket: int, places: Collection[str] | None = None) -> Said | None:
        """What was said about one ticket, noted or not; None where nothing was, or it is none of theirs."""
        rows = self._db.rows(f"{_SAID} AND t.id = :ticket GROUP BY t.id", {**_of(places), "ticket": ticket})
        return _said(rows[0]) if rows else None


def _of(places: Collection[str] | None) -> Row:
    return {"places": None if places is None else json.dumps(sorted(places))}


def _measure(row: Row) -> Measure:
    return Measure(
        row["id"],
        row["what"],
        row["place"],
        row["theme"],
        date.fromisoformat(row["day"]),
        row["ticket_id"],
        row["noted_by"],
        from_iso(row["noted_at"]),
        optional_moment(row["withdrawn_at"]),
    )


def _said(row: Row) -> Said:
    found = [theme for theme, tone, *_ in json.loads(row["themes"] or "[]") if tone == "negative"]
    return Said(row["ticket"], row["what"], row["place"], tuple(dict.fromkeys(found)), from_iso(row["at"]))
