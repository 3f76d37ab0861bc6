"""The queue: what part of it somebody wants, in which order it stands, page by page, counted.

    what waits: earliest deadline first · what waits without one (backlog): newest first ·
    what nobody can answer: newest first · what is closed: closed last, first

Each of these parts is the walk of one index, from where the last page ended. Reviews of the same words stand together,
where the first of them belongs. `schema_queue` keeps in the ticket itself what it is filtered by.
"""

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import NamedTuple

from monitor.clock import to_iso
from monitor.model import WAITING_STATES, TicketState
from monitor.store.connection import Connection, Row
from monitor.store.filters import LONGEST_CURSOR, SOON, Came, Counts, Cursor, Filters, Group, Slice
from monitor.store.search import Search

__all__ = ["LONGEST_CURSOR", "SOON", "Came", "Counts", "Cursor", "Filters", "Group", "Queue", "Slice"]


class _Walk(NamedTuple):
    """An order: the two moments that a ticket stands at ('' where it has none), the ORDER BY, and what comes after
    `:first`, `:second` and ticket `:last`. `down`: tickets of equal moments stand highest number first."""

    first: str
    second: str
    order: str
    beyond: str
    down: bool = False


_BY_DEADLINE = _Walk(
    "t.due_at",
    "t.posted_at",
    "t.due_at, t.posted_at DESC, t.id",
    "t.due_at >= :first AND (t.due_at > :first OR t.posted_at < :second OR t.posted_at = :second AND t.id > :last)",
)
_BY_AGE = _Walk(
    "''",
    "t.posted_at",
    "t.posted_at DESC, t.id",
    "t.posted_at <= :second AND (t.posted_at < :second OR t.id > :last)",
)
_BY_END = _Walk(
    "t.closed_at",
    "''",
    "t.closed_at DESC, t.id DESC",
    "t.closed_at <= :first AND (t.closed_at < :first OR t.id < :last)",
    down=True,
)

_WAITING = "t.state IN ('open', 'approved')"
_CLOSED = "t.state IN ('submitted', 'answered', 'dismissed', 'removed')"


class _Part(NamedTuple):
    """Tickets that stand together, by one index; `streams`: conditions whose tickets are merged."""

    number: int
    walk: _Walk
    by: str
    streams: Sequence[str]


_DANGEROUS, _DUE, _DANGEROUS_BACKLOG, _BACKLOG, _UNANSWERABLE, _OVER = range(6)

# `leader` names the group of reviews that are the same words; `linked`: there are others in it.
_ROW = """t.id, t.state, t.danger, coalesce(r.same_as, r.id) AS leader,
    EXISTS (SELECT 1 FROM review m WHERE m.same_as = coalesce(r.same_as, r.id)) AS linked"""
_GROUP = f"""
SELECT t.id, t.review_id, t.state, t.danger,
    CASE WHEN {_CLOSED} THEN t.closed_at WHEN {_WAITING} AND t.due_at IS NOT NULL THEN t.due_at ELSE '' END AS first,
    CASE WHEN {_CLOSED} THEN '' ELSE t.posted_at END AS second
FROM ticket t WHERE t.review_id IN (SELECT :leader UNION ALL SELECT id FROM review WHERE same_as = :leader) AND """
_COUNTS = f"""
SELECT coalesce(sum(t.due_at IS NOT NULL), 0) AS open, coalesce(sum(t.due_at <= :now), 0) AS overdue,
    coalesce(sum(t.due_at > :now AND t.due_at <= :soon), 0) AS soon, coalesce(sum(t.danger), 0) AS dangers,
    coalesce(sum(t.assignee IS :account), 0) AS mine,
    coalesce(sum(t.assignee IS NULL AND t.due_at IS NOT NULL), 0) AS unassigned,
    coalesce(sum(t.due_at IS NULL), 0) AS backlog, coalesce(sum(t.state = 'approved'), 0) AS approved
FROM ticket t INDEXED BY ticket_due WHERE {_WAITING} AND """
_CARDS = "SELECT id, place, source FROM listing WHERE active = 1"


# What waits with a deadline; the backlog is for quiet hours.
_MORNING = f"""
SELECT t.id, CASE WHEN t.danger THEN 'danger' WHEN t.due_at <= :now THEN 'late' WHEN t.started_at < :since THEN NULL
    WHEN t.flagged OR t.tone = 'negative' THEN 'negative' WHEN t.asks THEN 'question' WHEN t.wordless THEN 'wordless'
    WHEN t.tone = 'positive' THEN 'praise' ELSE 'other' END AS kind
FROM ticket t INDEXED BY ticket_due WHERE {_WAITING} AND t.due_at IS NOT NULL AND kind IS NOT NULL AND """
_MORNING_REST = f"""
SELECT t.id, 'unanswerable' AS kind, t.started_at AS at FROM ticket t INDEXED BY ticket_unanswerable
WHERE t.state = 'unanswerable' AND t.started_at >= :since AND {{where}}
UNION ALL
SELECT t.id, 'answered', t.closed_at FROM ticket t INDEXED BY ticket_closed
WHERE {_CLOSED} AND t.state IN ('submitted', 'answered') AND t.closed_at >= :since AND {{where}}
ORDER BY at DESC"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Filters as SQL of named values: `where` all of them but the words, `words` these."""

    where: str
    words: str
    values: Row


class Queue:
    def __init__(self, connection: Connection, search: Search) -> None:
        self._db = connection
        self._search = search

    def page(self, filters: Filters) -> Slice:
        """A group that the limit would cut ends the page, unless it begins it."""
        asked = self._asked(filters)
        after, limit = filters.after, filters.limit
        shown: list[int] = []
        end: Cursor | None = None
        with closing(self._in_order(filters, asked)) as rows:
            for row in rows:
                group = self._group(row["leader"], filters, asked) if row["linked"] else [row["id"]]
                if group[:1] != [row["id"]]:
                    continue  # stands with the first of its words
                begun = after.shown if after is not None and after.last == row["id"] else 0
                room = len(group) if limit is None else limit - len(shown)
                cut = len(group) - begun > room
                if cut and shown:
                    return Slice(shown, end)
                shown += group[begun : begun + room]
                if cut:
                    return Slice(shown, _cursor(row, filters, begun + room))
                end = _cursor(row, filters)
        return Slice(shown, None)

    def _in_order(self, filters: Filters, asked: _Asked) -> Generator[Row, None, None]:
        """Read as far as the caller looks; nothing is sorted."""
        after = filters.after
        for part in _parts(filters):
            if after is not None and part.number < after.part:
                continue
            beyond = after if after is not None and part.number == after.part else None
            streams = [self._stream(part, where, beyond, asked) for where in part.streams]
            yield from merge(*streams, key=lambda row: _standing(row, filters))

    def _stream(self, part: _Part, where: str, after: Cursor | None, asked: _Asked) -> Generator[Row, None, None]:
        """One index from there on."""
        walk, values = part.walk, dict(asked.values)
        if after is not None:
            again = bool(after.shown)  # the ticket of the cursor itself once more
            where += f" AND {walk.beyond}"
            values |= dict(zip(("first", "second"), after.keys, strict=True))
            values["last"] = after.last + again if walk.down else after.last - again
        yield from self._db.iterate(
            f"""SELECT {_ROW}, {walk.first} AS first, {walk.second} AS second
            FROM ticket t INDEXED BY {part.by} CROSS JOIN review r ON r.id = t.review_id
            WHERE {where} AND {asked.where} AND {asked.words} ORDER BY {walk.order}""",
            values,
        )

    def _group(self, leader: int, filters: Filters, asked: _Asked) -> list[int]:
        """The tickets of one group that the filters let through, in the order of the queue."""
        states = json.dumps(filters.states)
        rows = self._db.rows(
            f"{_GROUP} {asked.where} AND t.state IN (SELECT value FROM json_each(:states))",
            asked.values | {"leader": leader, "states": states},
        )
        if filters.lemmas is not None:
            told = self._search.among(filters.lemmas, [row["review_id"] for row in rows])
            rows = [row for row in rows if row["review_id"] in told]
        return [row["id"] for row in sorted(rows, key=lambda row: _standing(row, filters))]

    def counts(self, filters: Filters, account: str, now: datetime) -> Counts:
        """Of everything that waits and that the filters let through, whatever states they name."""
        asked = self._asked(filters)
        moments = {"now": to_iso(now), "soon": to_iso(now + SOON), "account": account}
        (row,) = self._db.rows(f"{_COUNTS} {asked.where} AND {asked.words}", asked.values | moments)
        return Counts(**row)

    def total(self, filters: Filters) -> int:
        """How many tickets the whole list has, all pages of it."""
        asked, total = self._asked(filters), 0
        for part in _parts(filters):
            for where in part.streams:
                (row,) = self._db.rows(
                    f"""SELECT count(*) AS n FROM ticket t INDEXED BY {part.by}
                    WHERE {where} AND {asked.where} AND {asked.words}""",
                    asked.values,
                )
                total += row["n"]
        return total

    def morning(self, filters: Filters, since: datetime, now: datetime, limit: int) -> dict[Group, Came]:
        """What somebody looks at first, each ticket in one group: dangers and what is late however old, the rest by
        what their clock has begun for since then; answered since then. At most `limit` tickets of each are named."""
        asked = self._asked(filters)
        values = asked.values | {"since": to_iso(since), "now": to_iso(now)}
        where = f"{asked.where} AND {asked.words}"
        found: dict[Group, list[int]] = {group: [] for group in Group}
        ordered = f"{_MORNING} {where} ORDER BY t.due_at, t.posted_at DESC, t.id"
        for query in (ordered, _MORNING_REST.format(where=where)):
            for row in self._db.iterate(query, values):
                found[Group(row["kind"])].append(row["id"])
        return {group: Came(len(tickets), tickets[:limit]) for group, tickets in found.items() if tickets}

    def version(self) -> str:
        """Changes with everything that a page of the queue could show."""
        (row,) = self._db.rows("SELECT version FROM shown")
        return str(row["version"])

    def _asked(self, filters: Filters) -> _Asked:
        cards = [
            row["id"]
            for row in self._db.rows(_CARDS)
            if filters.place in (None, row["place"])
            and filters.source in (None, row["source"])
            and (filters.places is None or row["place"] in filters.places)
        ]
        where = ["t.listing_id IN (SELECT value FROM json_each(:cards))"]
        values: Row = {"cards": json.dumps(cards)}
        for condition, name, value in (
            ("t.tone = :tone", "tone", filters.tone),
            ("t.assignee = :assignee", "assignee", filters.assignee),
            ("instr(t.topics, :theme)", "theme", filters.theme and f",{filters.theme},"),
            ("t.danger = :danger", "danger", filters.dangerous),
            ("t.flagged = :flagged", "flagged", filters.flagged),
            ("t.backlog = :backlog", "backlog", filters.backlog),
            ("t.started_at >= :since", "since", filters.since and to_iso(filters.since)),
        ):
            if value is not None:
                where.append(condition)
                values[name] = value
        if filters.unassigned:
            where.append("t.assignee IS NULL")
        if filters.overdue:
            if filters.now is None:
                raise ValueError("overdue at which moment? Filters.now says")
            where.append("t.due_at <= :late")
            values["late"] = to_iso(filters.now)
        if filters.soon:
            if filters.now is None:
                raise ValueError("soon from which moment? Filters.now says")
            where.append("t.due_at > :now AND t.due_at <= :soon")
            values |= {"now": to_iso(filters.now), "soon": to_iso(filters.now + SOON)}
        words = "1"
        said: Row = {}
        if filters.lemmas is not None:
            words, said = self._search.condition(filters.lemmas, "t.review_id")
        return _Asked(" AND ".join(where), words, values | said)


def _parts(filters: Filters) -> Iterable[_Part]:
    by_deadline = filters.overdue or filters.soon
    waiting = [state for state in filters.states if state in WAITING_STATES]
    if waiting:
        states = _WAITING if len(set(waiting)) == len(WAITING_STATES) else f"{_WAITING} AND t.state = '{waiting[0]}'"
        for walk, due, numbers in (
            (_BY_DEADLINE, "t.due_at IS NOT NULL", (_DANGEROUS, _DUE)),
            (_BY_AGE, "t.due_at IS NULL", (_DANGEROUS_BACKLOG, _BACKLOG)),
        ):
            if by_deadline and walk is not _BY_DEADLINE:
                continue
            where = f"{states} AND {due}"
            if filters.dangers_first or filters.dangerous:
                yield _Part(numbers[not filters.dangers_first], walk, "ticket_danger", [f"{where} AND t.danger = 1"])
            if filters.dangers_first and not filters.dangerous:
                yield _Part(numbers[1], walk, "ticket_due", [f"{where} AND t.danger = 0"])
            elif not filters.dangerous:
                yield _Part(numbers[1], walk, "ticket_due", [where])
    if by_deadline:
        return
    if TicketState.UNANSWERABLE in filters.states:
        yield _Part(_UNANSWERABLE, _BY_AGE, "ticket_unanswerable", ["t.state = 'unanswerable'"])
    over = [state for state in dict.fromkeys(filters.states) if state not in _OPEN_ENDED]
    if over:
        yield _Part(_OVER, _BY_END, "ticket_closed", [f"{_CLOSED} AND t.state = '{state}'" for state in over])


_OPEN_ENDED = (*WAITING_STATES, TicketState.UNANSWERABLE)


def _part_of(row: Row, filters: Filters) -> int:
    if row["state"] == TicketState.UNANSWERABLE:
        return _UNANSWERABLE
    if row["state"] not in WAITING_STATES:
        return _OVER
    on_top = filters.dangers_first and row["danger"]
    if row["first"]:
        return _DANGEROUS if on_top else _DUE
    return _DANGEROUS_BACKLOG if on_top else _BACKLOG


def _standing(row: Row, filters: Filters) -> tuple[int, int, int, int]:
    """Where a ticket stands in the queue, the least first."""
    part, first, second = _part_of(row, filters), _number(row["first"]), _number(row["second"])
    return (part, -first, 0, -row["id"]) if part == _OVER else (part, first, -second, row["id"])


def _number(moment: str) -> int:
    """The digits of a moment, which all have the same number of them; 0 for none."""
    return int("".join(filter(str.isdigit, moment)) or 0)


def _cursor(row: Row, filters: Filters, shown: int = 0) -> Cursor:
    return Cursor(_part_of(row, filters), (row["first"], row["second"]), row["id"], shown)
