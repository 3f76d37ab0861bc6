"""The queue: what part of it somebody wants, in which order it stands, page by page, counted.

    what waits: earliest deadline first · what waits without one (backlog): newest first ·
    what nobody can answer: newest first · what is closed: closed last, first

Each of these parts is the walk of one index, from where the last page ended. Reviews of the same words stand together,
where the first of them belongs. `schema_queue` keeps in the ticket itself what it is filtered by.
"""

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import NamedTuple

from monitor.clock import to_iso
from monitor.model import WAITING_STATES, TicketState
from monitor.store.connection import Connection, Row
from monitor.store.filters import LONGEST_CURSOR, SOON, Came, Counts, Cursor, Filters, Group, Slice
from monitor.store.search import Search

__all__ = ["LONGEST_CURSOR", "SOON", "Came", "Counts", "Cursor", "Filters", "Group", "Queue", "Slice"]


FEW = 2_000
"""So many reviews that hold rare words are looked at one by one."""

GLANCE = 150
DANGERS = 600
"""Tickets of a part, and of one of dangers, that are looked at together before all reviews that hold the words are
asked for: dangers are few, and then that is not needed for them alone."""

COMMON = 0.02
"""While such a share of those holds the words, more of them are looked at: of a million reviews twenty thousand would
be listed otherwise, to show fifty."""


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
_ROW = """t.id, t.review_id, t.state, t.danger, coalesce(r.same_as, r.id) AS leader,
    EXISTS (SELECT 1 FROM review m WHERE m.same_as = coalesce(r.same_as, r.id)) AS linked"""
# Of any ticket, whatever part it stands in.
_MOMENTS = f"""
    CASE WHEN {_CLOSED} THEN t.closed_at WHEN {_WAITING} AND t.due_at IS NOT NULL THEN t.due_at ELSE '' END AS first,
    CASE WHEN {_CLOSED} THEN '' ELSE t.posted_at END AS second"""
_IN_STATES = "t.state IN (SELECT value FROM json_each(:states))"
_GROUP = f"""
SELECT t.id, t.review_id, t.state, t.danger, {_MOMENTS} FROM ticket t
WHERE t.review_id IN (SELECT :leader UNION ALL SELECT id FROM review WHERE same_as = :leader)"""
_CARDS = "SELECT id, place, source, active FROM listing"
_MOST_NAMED = 8
"""Cards that a statement names itself: to look a number up in a list takes as long as everything else."""

_RANGES = {
    "backlog": "t.due_at IS NULL",
    "overdue": "t.due_at <= :now",
    "soon": "t.due_at > :now AND t.due_at <= :soon",
    "later": "t.due_at > :soon",
}
_COUNTS = " UNION ALL ".join(
    f"""SELECT '{name}' AS part, count(*) AS many, coalesce(sum(t.danger), 0) AS dangers,
    coalesce(sum(t.assignee IS :account), 0) AS mine, coalesce(sum(t.assignee IS NULL), 0) AS unassigned,
    coalesce(sum(t.state = 'approved'), 0) AS approved
    FROM ticket t INDEXED BY ticket_due WHERE {_WAITING} AND {reach} AND {{where}}"""
    for name, reach in _RANGES.items()
)
# What waits with a deadline; the backlog is for quiet hours. What has the deadline of a negative review stands among
# these, however kind its words: the target is no part of the index, and looked up for those that came since alone.
# So is whether the stars contradict the words: such are no thanks, unless a person has said what they are.
_CONFLICT = """EXISTS (SELECT 1 FROM verdict v JOIN review r ON r.id = v.review_id AND r.revision = v.revision
    WHERE v.review_id = t.review_id AND v.conflict = 1
    AND NOT EXISTS (SELECT 1 FROM label b WHERE b.review_id = v.review_id AND b.revision = v.revision))"""
_MORNING = f"""
SELECT t.id, CASE WHEN t.danger THEN 'danger' WHEN t.due_at <= :now THEN 'late' WHEN t.started_at < :since THEN NULL
    WHEN t.flagged OR t.tone = 'negative' OR (SELECT x.target FROM ticket x WHERE x.id = t.id) <> 'other'
    THEN 'negative' WHEN t.asks THEN 'question' WHEN t.wordless THEN 'wordless'
    WHEN t.tone = 'positive' AND NOT {_CONFLICT} THEN 'praise' ELSE 'other' END AS kind
FROM ticket t INDEXED BY ticket_due WHERE {_WAITING} AND t.due_at IS NOT NULL AND kind IS NOT NULL AND """
_MORNING_REST = f"""
SELECT t.id, 'unanswerable' AS kind, t.started_at AS at FROM ticket t INDEXED BY ticket_unanswerable
WHERE t.state = 'unanswerable' AND t.started_at >= :since AND {{where}}
UNION ALL
SELECT t.id, 'answered', t.closed_at FROM ticket t INDEXED BY ticket_closed
WHERE {_CLOSED} AND t.state IN ('submitted', 'answered') AND t.closed_at >= :since AND {{where}}
ORDER BY at DESC"""


class _Asked(NamedTuple):
    """Filters as SQL of named values: all of them but states and words."""

    where: str
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
        """Read as far as the caller looks; nothing is sorted but the few that hold rare words."""
        after, lemmas = filters.after, filters.lemmas
        found = None if lemmas is None else self._search.all(lemmas, FEW)
        if found is not None:
            yield from self._few(found, filters, asked)
            return
        for part in _parts(filters):
            if after is not None and part.number < after.part:
                continue
            beyond = after if after is not None and part.number == after.part else None
            streams = [self._stream(part, where, beyond, filters, asked) for where in part.streams]
            yield from merge(*streams, key=lambda row: _standing(row, filters))

    def _stream(
        self, part: _Part, where: str, after: Cursor | None, filters: Filters, asked: _Asked
    ) -> Generator[Row, None, None]:
        """One index from there on. Of common words enough is found among the first tickets; only where those have
        become rare it pays to ask for all reviews that hold them."""
        walk = self._walk(part, where, after, asked)
        if filters.lemmas is None:
            yield from walk
            return
        glance = DANGERS if part.by == "ticket_danger" else GLANCE
        while True:
            looked_at = list(islice(walk, glance))
            told = self._search.among(filters.lemmas, [row["review_id"] for row in looked_at])
            yield from (row for row in looked_at if row["review_id"] in told)
            if len(looked_at) < glance:
                return
            if len(told) < COMMON * glance:
                break
        walk.close()
        words, values = self._search.condition(filters.lemmas, "t.review_id")
        among = _Asked(f"{asked.where} AND {words}", asked.values | values)
        yield from self._walk(part, where, _cursor(looked_at[-1], filters), among)

    def _walk(self, part: _Part, where: str, after: Cursor | None, asked: _Asked) -> Generator[Row, None, None]:
        walk, values = part.walk, dict(asked.values)
        if after is not None:
            again = bool(after.shown)  # the ticket of the cursor itself once more
            where += f" AND {walk.beyond}"
            values |= dict(zip(("first", "second"), after.keys, strict=True))
            values["last"] = after.last + again if walk.down else after.last - again
        yield from self._db.iterate(
            f"""SELECT {_ROW}, {walk.first} AS first, {walk.second} AS second
            FROM ticket t INDEXED BY {part.by} CROSS JOIN review r ON r.id = t.review_id
            WHERE {where} AND {asked.where} ORDER BY {walk.order}""",
            values,
        )

    def _few(self, review_ids: Iterable[int], filters: Filters, asked: _Asked) -> Iterable[Row]:
        """The tickets of these reviews, from the cursor on."""
        values = asked.values | {"found": json.dumps(list(review_ids)), "states": json.dumps(filters.states)}
        waits = f"{_WAITING} AND t.due_at IS NOT NULL" if filters.overdue or filters.soon else "1"
        rows = self._db.rows(
            f"""SELECT {_ROW}, {_MOMENTS} FROM json_each(:found) f CROSS JOIN ticket t ON t.review_id = f.value
            CROSS JOIN review r ON r.id = t.review_id WHERE {asked.where} AND {waits} AND {_IN_STATES}""",
            values,
        )
        after = filters.after
        begin = None if after is None else _place(after.part, *after.keys, after.last)
        for row in sorted(rows, key=lambda row: _standing(row, filters)):
            place = _standing(row, filters)
            if after is None or begin is None or place > begin or (after.shown and place == begin):
                yield row

    def _group(self, leader: int, filters: Filters, asked: _Asked) -> list[int]:
        """The tickets of one group that the filters let through, in the order of the queue."""
        values = asked.values | {"leader": leader, "states": json.dumps(filters.states)}
        rows = self._db.rows(f"{_GROUP} AND {asked.where} AND {_IN_STATES}", values)
        if filters.lemmas is not None:
            told = self._search.among(filters.lemmas, [row["review_id"] for row in rows])
            rows = [row for row in rows if row["review_id"] in told]
        return [row["id"] for row in sorted(rows, key=lambda row: _standing(row, filters))]

    def counts(self, filters: Filters, account: str, now: datetime) -> Counts:
        """Of everything that waits and that the filters let through, whatever states and words they name."""
        asked = self._asked(filters)
        moments = {"now": to_iso(now), "soon": to_iso(now + SOON), "account": account}
        rows = self._db.rows(_COUNTS.format(where=asked.where), asked.values | moments)
        many = {row["part"]: row["many"] for row in rows}
        return Counts(
            open=sum(many.values()) - many["backlog"],
            overdue=many["overdue"],
            soon=many["soon"],
            dangers=sum(row["dangers"] for row in rows),
            mine=sum(row["mine"] for row in rows),
            unassigned=sum(row["unassigned"] for row in rows if row["part"] != "backlog"),
            backlog=many["backlog"],
            approved=sum(row["approved"] for row in rows),
        )

    def morning(self, filters: Filters, since: datetime, now: datetime, limit: int) -> dict[Group, Came]:
        """What somebody looks at first, each ticket in one group: dangers and what is late however old, the rest by
        what their clock has begun for since then; answered since then. At most `limit` tickets of each are named."""
        asked = self._asked(filters)
        values = asked.values | {"since": to_iso(since), "now": to_iso(now)}
        where = asked.where
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
        where, values = self._of_cards(filters)
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
        return _Asked(" AND ".join(where), values)

    def _of_cards(self, filters: Filters) -> tuple[list[str], Row]:
        """Of which cards tickets are shown: of those that did not leave the config, the hidden one of the trial alarm
        aside."""
        cards = self._db.rows(_CARDS)
        wanted = [
            card["id"]
            for card in cards
            if card["active"]
            and filters.place in (None, card["place"])
            and filters.source in (None, card["source"])
            and (filters.places is None or card["place"] in filters.places)
        ]
        others = sorted({card["id"] for card in cards} - set(wanted))
        if len(others) <= _MOST_NAMED:
            return [f"t.listing_id NOT IN ({', '.join(map(str, others))})"], {}
        return ["t.listing_id IN (SELECT value FROM json_each(:cards))"], {"cards": json.dumps(wanted)}


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
    return _place(_part_of(row, filters), row["first"], row["second"], row["id"])


def _place(part: int, first: str, second: str, ticket: int) -> tuple[int, int, int, int]:
    if part == _OVER:
        return part, -_number(first), 0, -ticket
    return part, _number(first), -_number(second), ticket


def _number(moment: str) -> int:
    """The digits of a moment, which all have the same number of them; 0 for none."""
    return int("".join(filter(str.isdigit, moment)) or 0)


def _cursor(row: Row, filters: Filters, shown: int = 0) -> Cursor:
    return Cursor(_part_of(row, filters), (row["first"], row["second"]), row["id"], shown)
