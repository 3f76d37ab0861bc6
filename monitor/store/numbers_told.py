"""Tells numbers from the columns of `facts_rows`. Imported when somebody asks: numpy takes its time."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from monitor.canary import SOURCE as CANARY
from monitor.clock import from_iso, to_iso
from monitor.numbers import (
    BASELINE,
    Answers,
    Behind,
    Cohort,
    Dimension,
    Figures,
    Mentioned,
    Mentions,
    Now,
    Period,
    Scope,
    Selection,
    Spread,
    Step,
    Summary,
    Trend,
    Working,
    trend,
)
from monitor.store import numbers_sql as sql
from monitor.store.connection import Connection, Row
from monitor.store.facts import Facts
from monitor.store.facts_rows import RISKS, THEMES, TONES, Rows, number_of, risk_bit, theme_bit
from monitor.store.numbers_people import mentioned
from monitor.store.numbers_selected import page, selected
from monitor.store.numbers_view import NOBODY, View, in_scope, is_comparable
from monitor.store.tally import BACKLOG, Found, Tally, find

DAYS_UP_TO = timedelta(days=62)
"""Periods longer than that are told by weeks, unless somebody asks for days."""

ALL = ""
"""The group that is everything."""


class Told:
    """The methods are those of `Numbers`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._facts = Facts(connection)
        self._kept = threading.local()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        self._kept.views = {}
        try:
            yield
        finally:
            self._kept.views = None

    def fill(self, stop: Callable[[], bool]) -> None:
        self._facts.fill(stop)

    def over(
        self, scope: Scope, now: datetime, *, step: Step | None, working: Working | None, compare: bool, trends: bool
    ) -> Summary:
        period, base, before = scope.period, scope.period.before(BASELINE).since, scope.period.before()
        comparable = trends and self._is_comparable(scope)
        compared = compare and self.watched(replace(scope, period=before))
        since = base if comparable else before.since if compared else period.since
        view = self._view(replace(scope, period=Period(since, period.until, period.zone)))
        tally, waiting = _tally(view, [period], now, working), self._waiting(view, now)
        chosen = step or (Step.WEEK if period.length > DAYS_UP_TO else Step.DAY)

        def by(dimension: Dimension) -> dict[str, Figures]:
            """The groups of which there is anything to tell."""
            found = {name: figures for name, (figures,) in _by(view, tally, dimension).items()}
            waits = defaultdict(list)
            for row in waiting:
                waits[_name(row, dimension)].append(row)
            nothing = Figures(Cohort(period), Answers(working=None if working is None else Spread()))
            names = sorted({*found, *waits})
            return {name: replace(found.get(name, nothing), now=_standing(waits[name])) for name in names}

        return Summary(
            scope=scope,
            at=now,
            step=chosen,
            total=replace(tally.whole()[0], now=_standing(waiting)),
            cohorts=_tally(view, period.buckets(chosen), now).cohorts(),
            previous=_tally(view, [before], now, working).whole()[0] if compared else None,
            trends=tuple(each for each in _trends(view, period, base) if each.count) if comparable else None,
            places=by(Dimension.PLACE),
            sources=by(Dimension.SOURCE),
            assignees=by(Dimension.ASSIGNEE),
        )

    def figures(self, scope: Scope, now: datetime, *, working: Working | None) -> Figures:
        (figures,) = _tally(self._view(scope), [scope.period], now, working).whole()
        return figures

    def trends(self, scope: Scope) -> tuple[Trend, ...] | None:
        period = scope.period
        if not self._is_comparable(scope):
            return None
        base = period.before(BASELINE).since
        return _trends(self._view(replace(scope, period=Period(base, period.until, period.zone))), period, base)

    def series(
        self, scope: Scope, now: datetime, step: Step, *, by: Dimension | None, working: Working | None
    ) -> Mapping[str, tuple[Figures, ...]]:
        view = self._view(scope)
        tally = _tally(view, scope.period.buckets(step), now, working)
        return {ALL: tally.whole()} if by is None else _by(view, tally, by)

    def cohorts(self, scope: Scope, now: datetime, step: Step) -> tuple[Cohort, ...]:
        return _tally(self._view(scope), scope.period.buckets(step), now).cohorts()

    def stars(self, scope: Scope) -> Mapping[int, int]:
        rows, came = _new(self._view(scope), [scope.period])
        counts = np.bincount(rows["stars"][came.at], minlength=6).tolist()
        return {stars: counts[stars] for stars in range(1, 6)}

    def themes(self, scope: Scope, step: Step | None) -> Mapping[str, tuple[Mentions, ...]]:
        buckets = [scope.period] if step is None else scope.period.buckets(step)
        rows, came = _new(self._view(scope), buckets)
        themes = rows["themes"][came.at]

        def counted(theme: str, tone: str) -> list[int]:
            spoken = came.bucket[themes & theme_bit(theme, tone) > 0]
            counts: list[int] = np.bincount(spoken, minlength=len(buckets)).tolist()
            return counts

        told = {theme: [counted(theme, tone) for tone in TONES] for theme in THEMES}
        return {
            theme: tuple(Mentions(*counts) for counts in zip(*by_tone, strict=True))
            for theme, by_tone in told.items()
            if any(map(any, by_tone))
        }

    def risks(self, scope: Scope) -> Mapping[str, int]:
        rows, came = _new(self._view(scope), [scope.period])
        counts = {risk: int(np.count_nonzero(rows["risks"][came.at] & risk_bit(risk))) for risk in RISKS}
        return {risk: count for risk, count in counts.items() if count}

    def people(self, scope: Scope) -> tuple[Mentioned, ...]:
        view = self._view(scope)
        return mentioned(view, _new(view, [scope.period])[1].at)

    def reviews(self, selection: Selection, now: datetime, *, after: str, limit: int) -> Behind:
        view = self._view(selection.scope)
        return page(view, selected(view, selection, now), selection, after, limit)

    # --- what there is ------------------------------------------------------------------------------

    def _view(self, scope: Scope) -> View:
        """Asked at once, a longer period tells of a shorter one, too."""
        views: dict[Scope, View] | None = getattr(self._kept, "views", None)
        if views is None:
            return View(self._facts, self._cards(scope), scope, scope.period)
        for kept, view in views.items():
            if replace(kept, period=scope.period) == scope and _covers(kept.period, scope.period):
                return view
        return views.setdefault(scope, View(self._facts, self._cards(scope), scope, scope.period))

    def watched(self, scope: Scope) -> bool:
        """What a file brought was known then, too."""
        values = {"cards": json.dumps(list(self._cards(scope))), "since": to_iso(scope.period.since)}
        return self._db.row(sql.WATCHED, values) is not None

    def _is_comparable(self, scope: Scope) -> bool:
        return any(is_comparable(card, scope.period) for card in self._cards(scope).values())

    def _cards(self, scope: Scope) -> dict[int, Row]:
        """Those of the scope by id, also those that left the config."""
        rows = self._db.rows("SELECT id, place, source, active, imported_at FROM listing")
        return {row["id"]: row for row in rows if row["source"] != CANARY and in_scope(row, scope)}

    def _waiting(self, view: View, now: datetime) -> list[Row]:
        """Rows of `numbers_sql.STANDING` with their card's `place` and `source`."""
        assignee = view.scope.assignee
        return [
            row | view.cards[row["listing_id"]] | {"id": row["id"]}
            for row in self._db.iterate(sql.STANDING, {"now": to_iso(now)})
            if row["listing_id"] in view.cards
            and view.cards[row["listing_id"]]["active"]
            and assignee in (None, row["assignee"] or NOBODY)
        ]


def _covers(longer: Period, shorter: Period) -> bool:
    return longer.since <= shorter.since and shorter.until <= longer.until


def _tally(view: View, buckets: Sequence[Period], now: datetime, working: Working | None = None) -> Tally:
    return Tally(view.rows, buckets, now, None if working is None else lambda at: view.worked(working, at))


def _by(view: View, tally: Tally, dimension: Dimension) -> dict[str, tuple[Figures, ...]]:
    """The groups of which the columns tell anything."""
    names, groups = view.groups(dimension)
    told = tally.by(groups)
    return {names[number]: told[number] for number in tally.there(groups)}


def _name(row: Row, dimension: Dimension) -> str:
    return row[dimension.value] or NOBODY


def _standing(rows: Iterable[Row]) -> Now:
    """Of rows of STANDING."""
    found = {"open": 0, "overdue": 0, "backlog": 0, "unanswerable": 0}
    oldest: tuple[str, int] | None = None
    for row in rows:
        kind = "unanswerable" if row["unanswerable"] else "backlog" if row["backlog"] else "open"
        found[kind] += row["count"]
        if row["overdue"]:
            found["overdue"] += row["overdue"]
            this = (row["oldest"], row["id"])
            oldest = this if oldest is None else min(oldest, this)
    since, ticket = oldest or (None, None)
    return Now(**found, oldest_overdue=None if since is None else from_iso(since), oldest_ticket=ticket)


def _new(view: View, buckets: Sequence[Period]) -> tuple[Rows, Found]:
    """The rows, and those that came in the buckets; without the backlog, which was written at another time."""
    came = find(view.rows["seen"], buckets)
    return view.rows, came.where(view.rows["fate"][came.at] != BACKLOG)


def _trends(view: View, period: Period, base: datetime) -> tuple[Trend, ...]:
    """Of each theme that anybody complains of in the period, or did in those before it, from `base` on."""
    rows = view.rows
    since, until = number_of(base), number_of(period.until)
    at = np.flatnonzero(view.compared(period) & (rows["seen"] >= since) & (rows["seen"] < until))
    at = at[np.lexsort((-rows["review"][at], -rows["seen"][at]))]
    inside = rows["seen"][at] >= number_of(period.since)
    tickets = rows["ticket"][at]

    def told(theme: str) -> Trend | None:
        spoken = rows["themes"][at] & theme_bit(theme, "negative") > 0
        whole, count = int(np.count_nonzero(spoken)), int(np.count_nonzero(spoken & inside))
        numbers = tickets[spoken & inside & (tickets > 0)].tolist()
        return trend(theme, count, whole - count, numbers) if whole else None

    found = [each for each in map(told, THEMES) if each is not None]
    return tuple(sorted(found, key=lambda each: (each.chance, -each.count, each.theme)))
