"""What is wrong with reading a site or a card: raised once, open until it is resolved, told once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from monitor.alerts import Alarm, AlarmKind
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.model import ListingState
from monitor.store.connection import Connection, Row
from monitor.store.rows import listing_from

EPISODE = timedelta(hours=6)
"""What comes back so soon after it was resolved is the same trouble: it is not told again. A site that refuses every
other hour must not send a mail every other hour."""

_ALARMS = "SELECT a.*, l.place, l.source AS of_source FROM alarm a LEFT JOIN listing l ON l.id = a.listing_id "

_ABOUT = "kind = :kind AND source = :source AND listing_id IS :listing"

_TOLD = "EXISTS (SELECT 1 FROM notification_alarm n WHERE n.alarm_id = a.id)"

# Silence rings only when a good read has confirmed it: not after a pause of ours, nor while the card cannot be read.
SILENT = """SELECT * FROM listing WHERE active = 1 AND silent_at IS NOT NULL AND silent_at <= ?
    AND last_good_at >= silent_at AND error_count = 0 ORDER BY id"""

OVERTAKEN = """SELECT a.id FROM alarm a WHERE a.resolved_at IS NULL AND (
    a.kind = 'silent' AND EXISTS (SELECT 1 FROM review r WHERE r.listing_id = a.listing_id AND r.origin = 'site'
        AND r.first_seen_at > a.raised_at)
    OR a.listing_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM listing l WHERE l.id = a.listing_id AND l.active = 1)
    OR a.listing_id IS NULL AND NOT EXISTS (SELECT 1 FROM listing l WHERE l.source = a.source AND l.active = 1))"""


class Alarms:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def raise_alarm(
        self,
        kind: AlarmKind,
        *,
        source: str,
        listing_id: int | None,
        message: str,
        now: datetime,
        since: datetime | None = None,
    ) -> bool:
        """Opens an alarm, inside a `write`; `listing_id` None means the whole site, `message` is Russian. False when
        it is open already: then it only says the newest message. `since`: when the trouble began, if not now."""
        about: Row = {"kind": kind.value, "source": source, "listing": listing_id}
        said: Row = {**about, "message": message}
        if self._db.execute(f"UPDATE alarm SET message = :message WHERE {_ABOUT} AND resolved_at IS NULL", said):
            return False
        again = self._db.row(
            f"SELECT a.id FROM alarm a WHERE {_ABOUT} AND a.resolved_at > :recently AND {_TOLD} "
            "ORDER BY a.resolved_at DESC, a.id DESC",
            {**about, "recently": to_iso(now - EPISODE)},
        )
        if again is not None:
            began = to_iso(since or now)  # between the two all was well: nobody is to read that it never was
            self._db.update("alarm", again["id"], {"resolved_at": None, "message": message, "raised_at": began})
            return True
        if since is not None and self._db.row(
            f"SELECT 1 FROM alarm WHERE {_ABOUT} AND raised_at = :since", {**about, "since": to_iso(since)}
        ):
            since = None  # an alarm's mail is known by this moment: a second one needs a moment of its own
        self._db.insert(
            "alarm",
            {
                "kind": kind.value,
                "source": source,
                "listing_id": listing_id,
                "message": message,
                "raised_at": to_iso(since or now),
            },
        )
        return True

    def resolve(self, kinds: Collection[AlarmKind], *, source: str, listing_id: int | None, now: datetime) -> int:
        """Ends the open alarms of these kinds, inside a `write`; how many. `listing_id` None: those of the whole
        site."""
        rows = [
            row
            for kind in kinds
            for row in self._db.rows(
                f"SELECT id FROM alarm WHERE {_ABOUT} AND resolved_at IS NULL",
                {"kind": kind.value, "source": source, "listing": listing_id},
            )
        ]
        return self._end([row["id"] for row in rows], now)

    def end_overtaken(self, now: datetime) -> int:
        """Ends, inside a `write`, what has passed without a read that could say so: a silence broken by a review, the
        alarms of cards that left config.yaml."""
        return self._end(self._overtaken(), now)

    def _overtaken(self) -> list[int]:
        return [row["id"] for row in self._db.rows(OVERTAKEN)]

    def _end(self, alarm_ids: Iterable[int], now: datetime) -> int:
        """A mail that has not gone out yet does not speak of them any more."""
        ended = 0
        for alarm_id in alarm_ids:
            ended += self._db.update("alarm", alarm_id, {"resolved_at": to_iso(now)})
            self._db.execute(
                """DELETE FROM notification_alarm WHERE alarm_id = ?
                AND notification_id IN (SELECT id FROM notification WHERE state = 'pending')""",
                [alarm_id],
            )
        return ended

    def changing(self, now: datetime) -> bool:
        """Whether `fallen_silent` or `end_overtaken` have anything to do: two looks at small indexes."""
        return bool(self._db.row(SILENT, [to_iso(now)]) or self._overtaken())

    def fallen_silent(self, now: datetime) -> list[ListingState]:
        """Cards without a new review for longer than is ordinary for them; takes the moment away, inside a `write`,
        so that each silence rings once."""
        fallen = [listing_from(row) for row in self._db.rows(SILENT, [to_iso(now)])]
        for listing in fallen:
            self._db.update("listing", listing.id, {"silent_at": None})
        return fallen

    def newest_review(self, listing_id: int) -> datetime | None:
        """When the card's newest review was written, or first seen where the site does not say."""
        row = self._db.row(
            "SELECT max(coalesce(posted_at, first_seen_at)) AS at FROM review WHERE listing_id = ?", [listing_id]
        )
        return optional_moment(row["at"]) if row else None

    def open(self) -> list[Alarm]:
        """What is wrong now, longest first."""
        return self._found("WHERE a.resolved_at IS NULL ORDER BY a.raised_at, a.id")

    def untold(self) -> list[Alarm]:
        """What is wrong and no notification speaks of yet."""
        return self._found(f"WHERE a.resolved_at IS NULL AND NOT {_TOLD} ORDER BY a.raised_at, a.id")

    def since(self, moment: datetime) -> list[Alarm]:
        """What was raised since that moment, or was still wrong then."""
        return self._found(
            "WHERE a.raised_at >= :moment OR a.resolved_at >= :moment OR a.resolved_at IS NULL "
            "ORDER BY a.raised_at, a.id",
            {"moment": to_iso(moment)},
        )

    def _found(self, rest: str, values: Sequence[object] | Row = ()) -> list[Alarm]:
        return [_alarm_from(row) for row in self._db.rows(_ALARMS + rest, values)]


def _alarm_from(row: Row) -> Alarm:
    return Alarm(
        id=row["id"],
        kind=AlarmKind(row["kind"]),
        source=row["source"],
        listing=None if row["listing_id"] is None else f"{row['place']}/{row['of_source']}",
        listing_id=row["listing_id"],
        place=row["place"],
        message=row["message"],
        raised_at=from_iso(row["raised_at"]),
        resolved_at=optional_moment(row["resolved_at"]),
    )
