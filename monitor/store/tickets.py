"""Tickets, their drafts and their history."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from monitor import tickets as life
from monitor.clock import to_iso
from monitor.errors import Conflict, NotFound
from monitor.likeness import Kinship, kinship
from monitor.model import Ticket, TicketState
from monitor.store.connection import Connection, Row
from monitor.store.labels import by_hand
from monitor.store.privacy import CLOSED_BY_ERASING
from monitor.store.queue import Came, Counts, Cursor, Filters, Group, Queue, Slice
from monitor.store.replies import replies_of
from monitor.store.rows import findings_json, ticket_from, ticket_row
from monitor.store.search import Search
from responders.types import Draft

__all__ = ["Came", "Counts", "Cursor", "Filters", "Group", "Placed", "Slice", "Tickets"]

_VIEW = f"""
SELECT t.*, l.place, l.source, l.external_id AS card_id,
       r.external_id, r.stars, r.author, r.text, r.url, r.posted_at, r.posted_precision, r.first_seen_at,
       r.revision, r.reply_text, r.reply_at, r.reply_state, r.forgotten_at, {CLOSED_BY_ERASING} AS closed_by_erasing,
       coalesce(r.same_as, r.id) AS leader,
       v.tone, v.probabilities, v.flagged, v.uncertain, v.conflict, v.themes, v.risks, v.evidence, v.people, v.intents,
       d.text AS draft_text, d.template AS draft_template, d.findings AS draft_findings, d.author AS draft_author,
       d.revision AS draft_revision, d.reason AS draft_reason, d.similarity AS draft_similarity,
       d.number AS draft_number,
       b.tone AS label_tone, b.complaint AS label_complaint, b.tone_by AS label_tone_by,
       b.complaint_by AS label_complaint_by, b.made_at AS label_made_at,
       {by_hand("r.id", "r.revision")},
       (SELECT p.state FROM dispute p WHERE p.ticket_id = t.id ORDER BY p.id DESC LIMIT 1) AS dispute
FROM ticket t
JOIN review r ON r.id = t.review_id
JOIN listing l ON l.id = r.listing_id
LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
LEFT JOIN label b ON b.review_id = r.id AND b.revision = r.revision
LEFT JOIN draft d ON d.ticket_id = t.id
    AND d.number = (SELECT max(number) FROM draft WHERE ticket_id = t.id)
"""
# A card that left the config asks nobody for anything; the hidden one of the trial alarm does.
CHANGING = """
SELECT t.*, l.place FROM ticket t JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id
    AND (l.active = 1 OR l.source = 'canary')
WHERE t.next_change_at <= ? ORDER BY t.next_change_at, t.id"""
_UNDRAFTED = """
SELECT t.id FROM ticket t JOIN review r ON r.id = t.review_id
JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
WHERE t.state IN ('open', 'unanswerable') AND t.drafted_with"""
# "Not this edition" as two ranges, each of which the index can walk. What somebody works at is not written anew under
# their hands, unless the review changed.
_HELD = "t.assignee IS NOT NULL AND t.drafted_with <> ''"
DUE_FOR_DRAFT = f"""
{_UNDRAFTED} < :edition AND NOT ({_HELD}) UNION ALL {_UNDRAFTED} > :edition AND NOT ({_HELD}) LIMIT :limit"""
UNTOUCHED = """
SELECT d.template, count(*) AS count FROM ticket t JOIN review r ON r.id = t.review_id
JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
JOIN draft d ON d.ticket_id = t.id AND d.number = (SELECT max(number) FROM draft WHERE ticket_id = t.id)
WHERE t.state IN ('open', 'unanswerable') AND t.assignee IS NULL AND d.author IS NULL
AND (t.state = 'open' OR v.flagged = 1 OR v.uncertain = 1) GROUP BY d.template"""
# Sorted without the texts: all drafts of a card are.
RECENT_DRAFTS = """
WITH latest AS (
    SELECT d.rowid AS place FROM listing l
    JOIN review r ON r.listing_id = l.id
    JOIN ticket t ON t.review_id = r.id
    JOIN draft d ON d.ticket_id = t.id AND d.number = (SELECT max(number) FROM draft WHERE ticket_id = t.id)
    WHERE l.source = :source AND l.external_id = :card AND t.id IS NOT :without
    ORDER BY d.at DESC, d.rowid DESC LIMIT :limit)
SELECT d.ticket_id, d.text FROM latest CROSS JOIN draft d ON d.rowid = latest.place ORDER BY d.at, d.rowid"""
# The same words again are no other review.
EARLIER = """
SELECT r.id AS review_id, (SELECT count(*) FROM (SELECT 1 FROM review o
    JOIN listing c ON c.id = o.listing_id AND c.source = l.source
    WHERE o.author = r.author AND o.posted_at < r.posted_at AND o.forgotten_at IS NULL AND o.removed_at IS NULL
    AND coalesce(o.same_as, o.id) <> coalesce(r.same_as, r.id) LIMIT :most)) AS earlier
FROM json_each(:ids) g CROSS JOIN review r ON r.id = g.value JOIN listing l ON l.id = r.listing_id"""
MOST_EARLIER = 20
_VIEWS_BY_ID = _VIEW + "WHERE t.id IN (SELECT value FROM json_each(?))"


# "Not by these promises" as two ranges, each of which the index can walk.
_RECKONED = """
SELECT t.*, l.place FROM ticket t JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id
WHERE t.state IN ('open', 'approved') AND t.due_at IS NOT NULL AND t.policy"""
OUTDATED = f"{_RECKONED} < :policy UNION ALL {_RECKONED} > :policy LIMIT :limit"


class Placed(NamedTuple):
    """A ticket and its place's id."""

    ticket: Ticket
    place: str


class Tickets:
    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._queue = Queue(connection, Search(connection))

    def of_review(self, review_id: int) -> Ticket | None:
        row = self._db.row("SELECT * FROM ticket WHERE review_id = ?", [review_id])
        return None if row is None else ticket_from(row)

    def get(self, ticket_id: int) -> Ticket:
        row = self._db.row("SELECT * FROM ticket WHERE id = ?", [ticket_id])
        if row is None:
            raise NotFound(f"отзыва № {ticket_id} нет")
        return ticket_from(row)

    def save(self, before: Ticket | None, step: life.Step, *, actor: str = "", redraft: bool = False) -> Ticket:
        """Writes the ticket and its events, inside a `write`; refused when it is not `before` any more."""
        ticket = step.ticket
        if before is None:
            ticket_id = self._db.insert("ticket", ticket_row(ticket))
        else:
            ticket_id = before.id
            changes = ticket_row(ticket) | ({"drafted_with": ""} if redraft else {})
            if self.get(ticket_id) != before:
                raise Conflict(f"отзыв № {ticket_id} только что изменился; посмотрите его ещё раз")
            self._db.update("ticket", ticket_id, changes)
        for event in step.events:
            self.record(ticket.review_id, ticket_id, event, actor)
        if ticket.state is TicketState.SUBMITTED and (before is None or before.state is not ticket.state):
            # From here on the reply is awaited, and every good read without it counts.
            self._db.update("review", ticket.review_id, {"reply_misses": 0})
        return self.get(ticket_id)

    def record(self, review_id: int, ticket_id: int | None, event: life.Happening, actor: str = "") -> None:
        self._db.insert(
            "event",
            {
                "review_id": review_id,
                "ticket_id": ticket_id,
                "kind": event.kind,
                "at": to_iso(event.at),
                "actor": actor,
                "was": str(event.was),
                "became": str(event.became),
                "why": event.why,
            },
        )

    def events(self, ticket_id: int) -> list[Row]:
        """A ticket's history, oldest first."""
        return self._db.rows(
            "SELECT kind, at, actor, was, became, why FROM event WHERE ticket_id = ? ORDER BY at, id", [ticket_id]
        )

    def wordings(self, review_id: int) -> dict[str, list[Row]]:
        """What the review and the owner's answer have been, oldest first: `revisions` with `revision`, `stars`, `text`,
        `seen_at`; `replies` as `replies_of` tells them."""
        revisions = self._db.rows(
            "SELECT number AS revision, stars, text, seen_at FROM revision WHERE review_id = ? ORDER BY number",
            [review_id],
        )
        return {"revisions": revisions, "replies": replies_of(self._db, review_id)}

    def view(self, ticket_id: int) -> Row:
        row = self._db.row(f"{_VIEW} WHERE t.id = ?", [ticket_id])
        if row is None:
            raise NotFound(f"отзыва № {ticket_id} нет")
        return row

    def views(self, ticket_ids: Iterable[int]) -> list[Row]:
        """In the order of the ids."""
        ids = list(ticket_ids)
        by_id = {row["id"]: row for row in self._db.rows(_VIEWS_BY_ID, [json.dumps(ids)])}
        return [by_id[ticket_id] for ticket_id in ids if ticket_id in by_id]

    def queue(self, filters: Filters) -> list[Row]:
        """Earliest deadline first, what has none after it, newest first. Reviews of the same words stand together,
        where the first of them belongs. A group that the limit would cut ends the list, unless it begins it."""
        return self.views(self._queue.page(filters).tickets)

    def page(self, filters: Filters) -> Slice:
        """As `queue`, with where the next page begins."""
        return self._queue.page(filters)

    def counts(self, filters: Filters, account: str, now: datetime) -> Counts:
        """Of what waits and the filters let through; their `states`, `limit` and `after` do not matter. `account`: the
        login of whoever asks."""
        return self._queue.counts(filters, account, now)

    def morning(self, filters: Filters, since: datetime, now: datetime, limit: int) -> dict[Group, Came]:
        """What came since then and what is late, by groups; of the filters, places and the like count, no states."""
        return self._queue.morning(filters, since, now, limit)

    def version(self) -> str:
        """Changes with everything that a page of the desk could show, whoever changed it; cheap."""
        return self._queue.version()

    # --- the watch ------------------------------------------------------------------------------

    def changing(self, now: datetime) -> list[Placed]:
        """Tickets whose next level is reached, longest waiting first."""
        return [Placed(ticket_from(row), row["place"]) for row in self._db.rows(CHANGING, [to_iso(now)])]

    # --- the promises ---------------------------------------------------------------------------

    def outdated(self, policy: str, limit: int) -> list[Placed]:
        """Running tickets whose deadline was counted by other promises."""
        rows = self._db.rows(OUTDATED, {"policy": policy, "limit": limit})
        return [Placed(ticket_from(row), row["place"]) for row in rows]

    def note_policy(self, fingerprint: str, terms: Mapping[str, str], now: datetime) -> None:
        """Keeps what these promises say, place by place, so that old deadlines stay explained. Inside a `write`."""
        self._db.execute(
            "INSERT OR IGNORE INTO policy (fingerprint, seen_at, terms) VALUES (?, ?, ?)",
            [fingerprint, to_iso(now), json.dumps(terms, ensure_ascii=False)],
        )

    def has_policy(self, fingerprint: str) -> bool:
        return self._db.row("SELECT 1 AS known FROM policy WHERE fingerprint = ?", [fingerprint]) is not None

    def terms(self, fingerprint: str, place: str) -> str:
        """What was promised at that place then, in words; "" where nobody noted it."""
        row = self._db.row("SELECT terms FROM policy WHERE fingerprint = ?", [fingerprint])
        return "" if row is None else str(json.loads(row["terms"]).get(place, ""))

    def place_of(self, ticket_id: int) -> str:
        row = self._db.row(
            """SELECT l.place FROM ticket t JOIN review r ON r.id = t.review_id
            JOIN listing l ON l.id = r.listing_id WHERE t.id = ?""",
            [ticket_id],
        )
        if row is None:
            raise NotFound(f"отзыва № {ticket_id} нет")
        return str(row["place"])

    # --- drafts -----------------------------------------------------------------------------------

    def due_for_draft(self, edition: str, limit: int, *, without: Collection[int] = ()) -> list[Row]:
        """Tickets with a verdict whose draft is missing or older than review or verdict, or was not written in that
        edition of the wordings; of the latter those that nobody has taken."""
        rows = self._db.rows(DUE_FOR_DRAFT, {"edition": edition, "limit": limit + len(without)})
        return self.views([row["id"] for row in rows if row["id"] not in without][:limit])

    def untouched(self) -> dict[str, int]:
        """How many tickets that nobody has taken wait with a draft of ours, by the name of its template: other
        wordings that concern it, and it is written anew."""
        return {row["template"]: row["count"] for row in self._db.rows(UNTOUCHED)}

    def recent_drafts(self, source: str, card_id: str, limit: int, *, without: int | None = None) -> dict[int, str]:
        """Ticket → its newest wording, of those on one card that were written last, the last of them last; without
        that ticket's own."""
        values = {"source": source, "card": card_id, "limit": limit, "without": without}
        return {row["ticket_id"]: row["text"] for row in self._db.rows(RECENT_DRAFTS, values)}

    def is_ours(self, ticket_id: int, text: str) -> bool:
        """Whether this wording is, letter by letter, one that we wrote, whoever has approved it since."""
        row = self._db.row(
            "SELECT 1 AS ours FROM draft WHERE ticket_id = ? AND author IS NULL AND text = ?", [ticket_id, text]
        )
        return row is not None

    def earlier(self, rows: Iterable[Row]) -> dict[int, int]:
        """Review id → how many other reviews of its author its site showed before it, at most MOST_EARLIER; of rows of
        `view`. No site tells who an author is, so it is the name that counts, and only one that tells people apart: not
        «Гость», not a first name alone."""
        signed = [
            row["review_id"]
            for row in rows
            if row["posted_at"] is not None and kinship(row["author"], row["author"]) is Kinship.SAME
        ]
        found = self._db.rows(EARLIER, {"ids": json.dumps(signed), "most": MOST_EARLIER}) if signed else []
        return {row["review_id"]: row["earlier"] for row in found}

    def add_draft(self, ticket_id: int, draft: Draft, *, revision: int, author: str | None, now: datetime) -> None:
        """The newest wording; older ones stay. Inside a `write`."""
        row = self._db.row("SELECT max(number) AS n FROM draft WHERE ticket_id = ?", [ticket_id])
        self._db.insert(
            "draft",
            {
                "ticket_id": ticket_id,
                "number": (row["n"] or 0) + 1 if row else 1,
                "revision": revision,
                "text": draft.text,
                "template": draft.template,
                "findings": findings_json(draft.warnings),
                "author": author,
                "at": to_iso(now),
                "reason": draft.reason,
                "similarity": draft.similarity,
            },
        )

    def review_draft(self, ticket_id: int, draft: Draft) -> None:
        """The newest wording came out the same: what is said of it may have changed. Inside a `write`."""
        self._db.execute(
            """UPDATE draft SET template = ?, findings = ?, reason = ?, similarity = ? WHERE ticket_id = ?
            AND number = (SELECT max(number) FROM draft WHERE ticket_id = ?)""",
            [draft.template, findings_json(draft.warnings), draft.reason, draft.similarity, ticket_id, ticket_id],
        )

    def mark_drafted(self, ticket_id: int, edition: str) -> None:
        """Its draft is up to date in that edition of the wordings."""
        self._db.update("ticket", ticket_id, {"drafted_with": edition})
