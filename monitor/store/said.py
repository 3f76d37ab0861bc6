"""What we said last on each card, for a process that is asked for it at every key an operator strikes: all drafts of a
card are sorted once in a while, in between only what was written since is read. Several threads may ask at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.store.connection import Connection
from monitor.store.tickets import Tickets

AGE = timedelta(minutes=1)
"""After it, what was erased is remembered no longer."""
MOST_CARDS = 100

_LAST = "SELECT rowid AS place, ticket_id, number FROM draft ORDER BY rowid DESC LIMIT 1"
_AT = "SELECT rowid AS place, ticket_id, number FROM draft WHERE rowid = ?"
_SINCE = """
SELECT d.ticket_id, d.text FROM draft d
CROSS JOIN ticket t ON t.id = d.ticket_id
CROSS JOIN review r ON r.id = t.review_id
CROSS JOIN listing l ON l.id = r.listing_id
WHERE d.rowid > :place AND l.source = :source AND l.external_id = :card ORDER BY d.rowid"""


class _Mark(NamedTuple):
    """A draft and its place in the table, which another one may take when it is erased."""

    place: int
    ticket: int
    number: int


@dataclass(frozen=True, slots=True)
class _Remembered:
    """`texts`: ticket → its newest wording, the last of them last, as of when `mark` was the last draft."""

    read_at: datetime
    mark: _Mark | None
    texts: Mapping[int, str]


class Said:
    def __init__(self, connection: Connection, tickets: Tickets) -> None:
        self._db = connection
        self._tickets = tickets
        self._cards: dict[tuple[str, str, int], _Remembered] = {}

    def on(self, source: str, card_id: str, limit: int, *, without: int, now: datetime) -> tuple[str, ...]:
        """The newest wordings of the tickets of a card, at most `limit`, the last of them last; without that ticket's
        own."""
        card = source, card_id, limit + 1  # somebody's own does not count
        known, last = self._cards.get(card), self._mark(_LAST)
        if known is None or now - known.read_at > AGE or not self._stands(known):
            known = _Remembered(now, last, self._tickets.recent_drafts(*card))
        elif known.mark != last:
            known = _Remembered(known.read_at, last, self._followed(known, *card))
        if card not in self._cards and len(self._cards) >= MOST_CARDS:
            self._cards.clear()
        self._cards[card] = known
        return tuple(text for ticket, text in known.texts.items() if ticket != without)[-limit:]

    def _stands(self, known: _Remembered) -> bool:
        """Whether the last draft of then is still there: what was written since, stands behind it."""
        return known.mark is not None and self._mark(_AT, known.mark.place) == known.mark

    def _followed(self, known: _Remembered, source: str, card_id: str, most: int) -> dict[int, str]:
        texts, place = dict(known.texts), known.mark.place if known.mark else 0
        for row in self._db.rows(_SINCE, {"place": place, "source": source, "card": card_id}):
            texts.pop(row["ticket_id"], None)
            texts[row["ticket_id"]] = row["text"]
        return dict(list(texts.items())[-most:])

    def _mark(self, sql: str, *values: int) -> _Mark | None:
        row = self._db.row(sql, values)
        return None if row is None else _Mark(row["place"], row["ticket_id"], row["number"])
