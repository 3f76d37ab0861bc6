"""What we hold: reviews, their revisions, replies, tickets and events, read from the database file itself."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.clock import from_iso
from tests.history.sites import Content, Key, Said, plain


@dataclass(frozen=True, slots=True)
class Held:
    """One review of ours, as the database tells it. `seen_at`: when each of `revisions` was seen; `replied_at`: when
    each of `replies` was, None among them where there was no reply any more."""

    id: int
    first_seen_at: datetime
    last_seen_at: datetime
    removed_at: datetime | None
    reply: Said | None
    replies: tuple[Said | None, ...]
    replied_at: tuple[datetime, ...]
    revisions: tuple[Content, ...]
    seen_at: tuple[datetime, ...]
    ticket: str | None
    events: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything we hold between two passes; `listings`: source → the row of its card."""

    held: Mapping[Key, Held]
    listings: Mapping[str, Mapping[str, Any]]


def snapshot(database: Path) -> Snapshot:
    """Reads the file as any SQLite client would: nothing of ours is asked."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        parts = tuple(_by_review(connection.execute(query)) for query in _PARTS)
        query = """SELECT r.*, l.source, t.state AS ticket FROM review r JOIN listing l ON l.id = r.listing_id
            LEFT JOIN ticket t ON t.review_id = r.id"""
        held = {
            (row["source"], row["external_id"]): _held(row, *(part[row["id"]] for part in parts))
            for row in connection.execute(query)
        }
        listings = {row["source"]: dict(row) for row in connection.execute("SELECT * FROM listing")}
    return Snapshot(held, listings)


_PARTS = (
    "SELECT * FROM revision ORDER BY review_id, number",
    "SELECT * FROM reply ORDER BY id",
    "SELECT * FROM event ORDER BY id",
)


def _by_review(rows: Iterable[sqlite3.Row]) -> Mapping[int, Sequence[sqlite3.Row]]:
    found: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        found[row["review_id"]].append(row)
    return found


def _said(text: str | None, state: str | None) -> Said | None:
    return None if text is None or state is None else (plain(text), state)


def _held(
    row: sqlite3.Row, revisions: Sequence[sqlite3.Row], replies: Sequence[sqlite3.Row], events: Sequence[sqlite3.Row]
) -> Held:
    name = f"{row['source']} {row['external_id']}"
    numbers = [each["number"] for each in revisions]
    assert numbers == list(range(1, len(revisions) + 1)), f"{name}: revisions count from 1"
    last = revisions[-1]
    assert (last["text"], last["stars"]) == (row["text"], row["stars"]), f"{name}: the last revision is the review"
    reply = _said(row["reply_text"], row["reply_state"])
    wordings = tuple(_said(each["text"], each["state"]) for each in replies)
    assert (*wordings, None)[max(len(wordings) - 1, 0)] == reply, f"{name}: the last wording is the review's reply"
    return Held(
        id=row["id"],
        first_seen_at=from_iso(row["first_seen_at"]),
        last_seen_at=from_iso(row["last_seen_at"]),
        removed_at=None if row["removed_at"] is None else from_iso(row["removed_at"]),
        reply=reply,
        replies=wordings,
        replied_at=tuple(from_iso(each["seen_at"]) for each in replies),
        revisions=tuple((plain(each["text"]), each["stars"]) for each in revisions),
        seen_at=tuple(from_iso(each["seen_at"]) for each in revisions),
        ticket=row["ticket"],
        events=tuple((each["kind"], from_iso(each["at"])) for each in events),
    )
