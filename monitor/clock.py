"""Time: the only module that asks what time it is. Everything else is told.

In memory times are aware datetimes in UTC; in the database and in JSON they are
`2026-11-21T19:00:00.000000Z`, fixed width, so that they sort as text.
"""

from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """Fixed-width UTC text. A naive datetime is a bug of the caller and refused."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_iso(text: str) -> datetime:
    """Any ISO 8601 moment with an offset (`Z`, `+07:00`; 0 to 9 fraction digits) as aware UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the calendar") from None


def optional_iso(moment: datetime | None) -> str | None:
    return None if moment is None else to_iso(moment)


def optional_moment(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)
