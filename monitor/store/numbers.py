"""Counts the numbers about the work: few queries, each over one index; the rest is arithmetic."""

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.canary import SOURCE as CANARY
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.errors import StoreError
from monitor.model import Target
from monitor.numbers import (
    BASELINE,
    Cohort,
    Figures,
    Gauges,
    Period,
    Scope,
    Step,
    Summary,
    Trend,
    Working,
    trend,
)
from monitor.store import numbers_sql as sql
from monitor.store.connection import Connection, Row
from monitor.store.tally import Tally, together

_Tallies = defaultdict[tuple[int, str | None], Tally]
"""By (listing id, assignee): what every number is counted by before it is summed."""

DAYS_UP_TO = timedelta(days=62)
"""Periods longer than that are told by weeks, unless somebody asks for days."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A scope as the queries want it. `cards`: its listings, also those that left the config, id → (place, source);
    `imported`: when their first imports were over; `values`: of every query."""

    cards: Mapping[int, tuple[str, str]]
    imported: Collection[str]
    values: Row
    working: Working | None

    def length(self, listing: int, answered_at: str, team: float | None) -> float | None:
        """In working time, what took `team` seconds until that moment."""
        if self.working is None or team is None:
            return None
        end = from_iso(answered_at)
        return self.working(self.cards[listing][0], end - timedelta(seconds=team), end).total_seconds()


class Numbers:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def over(
        self,
        scope: Scope,
        now: datetime,
        *,
        step: Step | None = None,
        working: Working | None = None,
        compare: bool = True,
        trends: bool = True,
    ) -> Summary:
        """The numbers of a scope as they stand at `now`. `step` None: days, but weeks of a period longer than two
        months. `working` makes the team's clock tell working time, too. Without `compare` there is no `previous`, and
        without `trends` there are none."""
        period, asked = scope.period, self._asked(scope, now, working)
        chosen = step or (Step.WEEK if period.length > DAYS_UP_TO else Step.DAY)
        tallies, cohorts = self._counted(period, chosen, asked)
        self._stand(tallies, asked)
        told = working is not None
        previous = None
        if compare:
            earlier = period.before()
            previous = together(self._counted(earlier, chosen, asked)[0].values()).figures(earlier, working=told)

        def by(name: Callable[[int, str | None], str]) -> dict[str, Figures]:
            groups = defaultdict(list)
            for key, tally in tallies.items():
                groups[name(*key)].append(tally)
            return {group: together(groups[group]).figures(period, working=told) for group in sorted(groups)}

        return Summary(
            scope=scope,
            at=now,
            step=chosen,
            total=together(tallies.values()).figures(period, working=told),
            cohorts=cohorts,
            previous=previous,
            trends=self._trends(period, asked) if trends else None,
            places=by(lambda listing, _: asked.cards[listing][0]),
            sources=by(lambda listing, _: asked.cards[listing][1]),
            assignees=by(lambda _, assignee: assignee or ""),
        )

    def _asked(self, scope: Scope, now: datetime, working: Working | None) -> _Asked:
        rows = [
            row
            for row in self._db.rows("SELECT id, place, source, imported_at FROM listing")
            if row["source"] != CANARY and scope.place in (None, row["place"]) and scope.source in (None, row["source"])
        ]
        cards = {row["id"]: (row["place"], row["source"]) for row in rows}
        imported = [row["imported_at"] for row in rows if row["imported_at"] is not None]
        values = _values(now) | {"place": scope.place, "source": scope.source, "assignee": scope.assignee}
        return _Asked(cards, imported, values, working)

    # --- a period -----------------------------------------------------------------------------------

    def _counted(self, period: Period, step: Step, asked: _Asked) -> tuple[_Tallies, tuple[Cohort, ...]]:
        """What came, what was answered and what came due in the period; its cohorts."""
        values = asked.values | {"since": to_iso(period.since), "until": to_iso(period.until)}
        tallies: _Tallies = defaultdict(Tally)
        answered = {ticket for (ticket,) in self._tuples(sql.ANSWERED, values)}
        cohorts = self._came(values, period.buckets(step), asked, tallies, answered)
        of_others = self._tuples(sql.ANSWERS, values | {"tickets": json.dumps(list(answered))})
        for _, listing, assignee, _, _, _, _, _, met, at, team, customer, by_day in of_others:
            if at is not None:
                tallies[listing, assignee].answered(met, team, asked.length(listing, at, team), customer, by_day)
        for listing, assignee, outcome in self._tuples(sql.MISSES, values):
            tallies[listing, assignee].settled[outcome] += 1
        return tallies, cohorts

    def _came(
        self, values: Row, buckets: tuple[Period, ...], asked: _Asked, tallies: _Tallies, answered: set[int]
    ) -> tuple[Cohort, ...]:
        """The reviews of the period, with the answers that they had in it; takes these out of `answered`."""
        starts = [to_iso(bucket.since) for bucket in buckets]
        kinds: defaultdict[tuple[int, str | None, str, str | None, int | None], int] = defaultdict(int)
        cohorts: defaultdict[tuple[int, str, str | None, int | None], int] = defaultdict(int)
        for row in self._tuples(sql.COHORT, values):
            seen, listing, assignee, ticket, fate, tone, stars, lag, met, at, team, customer, by_day = row
            kinds[listing, assignee, fate, tone, stars] += 1
            cohorts[bisect_right(starts, seen) - 1, fate, tone, stars] += 1
            if lag is not None:
                tallies[listing, assignee].lag.append(lag)
            if ticket in answered:
                answered.remove(ticket)
                if at is not None:
                    tallies[listing, assignee].answered(met, team, asked.length(listing, at, team), customer, by_day)
            elif ticket is None and fate == "in_time":  # it had its answer when we first saw it
                tallies[listing, assignee].answered(1, None, None, customer, by_day)
        for (listing, assignee, fate, tone, stars), count in kinds.items():
            tallies[listing, assignee].came(count, fate, tone, stars)
        counted = [Tally() for _ in buckets]
        for (bucket, fate, tone, stars), count in cohorts.items():
            counted[bucket].came(count, fate, tone, stars)
        return tuple(tally.cohort(bucket) for tally, bucket in zip(counted, buckets, strict=True))

    def _trends(self, period: Period, asked: _Asked) -> tuple[Trend, ...] | None:
        """Only of cards whose first import was over before the first of the periods compared: one that we did not
        watch yet had no reviews, and everything would rise."""
        base = to_iso(period.before(BASELINE).since)
        if not any(imported_at <= base for imported_at in asked.imported):
            return None
        values = asked.values | {"base": base, "since": to_iso(period.since), "until": to_iso(period.until)}
        now: defaultdict[str, dict[int, int | None]] = defaultdict(dict)  # theme → review → ticket
        earlier: defaultdict[str, set[int]] = defaultdict(set)
        for theme, review, ticket, inside in self._tuples(sql.THEMES, values):
            if inside:
                now[theme][review] = ticket
            else:
                earlier[theme].add(review)
        found = [
            trend(theme, len(reviews), len(earlier[theme]), [ticket for ticket in reviews.values() if ticket])
            for theme, reviews in now.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.chance, -each.count, each.theme)))

    # --- now ----------------------------------------------------------------------------------------

    def _stand(self, tallies: _Tallies, asked: _Asked) -> None:
        for row in self._db.iterate(sql.STANDING, asked.values):
            tallies[row["listing_id"], row["assignee"]].stands(row)

    def names(self) -> tuple[set[str], set[str]]:
        """The places and the sources that there is something to tell of, also those that left the config."""
        rows = [row for row in self._db.rows("SELECT place, source FROM listing") if row["source"] != CANARY]
        return {row["place"] for row in rows}, {row["source"] for row in rows}

    def gauges(self, now: datetime) -> Gauges:
        """What a monitoring system is told."""
        cards = self._db.rows(sql.READ_CARDS, {"canary": CANARY})
        of = {row["id"]: (row["place"], row["source"]) for row in cards}
        waiting = {(*card, target.value): (0, 0) for card in of.values() for target in Target}
        for row in self._db.iterate(sql.STANDING, _values(now)):
            if not (row["backlog"] or row["unanswerable"]):
                key = (*of[row["listing_id"]], row["target"])
                waiting[key] = (waiting[key][0] + row["count"], waiting[key][1] + row["overdue"])
        last_good: dict[tuple[str, str], str] = {}  # "" is earlier than every moment
        for row in cards:
            read_at = row["last_good_at"] or ""
            last_good[of[row["id"]]] = min(last_good.get(of[row["id"]], read_at), read_at)
        finished = self._db.row(sql.FINISHED)
        return Gauges(
            waiting=waiting,
            answers=sum(row["count"] for row in self._db.rows(sql.ANSWERS_EVER, {"canary": CANARY})),
            outbox={row["state"]: row["count"] for row in self._db.rows(sql.OUTBOX, {"canary": CANARY})},
            last_good={card: optional_moment(read_at or None) for card, read_at in last_good.items()},
            alarms={row["kind"]: row["count"] for row in self._db.rows(sql.ALARMS, {"canary": CANARY})},
            last_pass=optional_moment(finished["finished_at"]) if finished else None,
        )

    def _tuples(self, query: str, values: Row) -> Iterator[tuple[Any, ...]]:
        """As `Connection.iterate`, without a name for each value: a year has hundreds of thousands of rows."""
        try:
            yield from self._db.sqlite.execute(query, values)
        except sqlite3.Error as error:
            told = f"{self._db.path}: {error}. If it is damaged, restore a backup (otklik db backup)"
            raise StoreError(told) from error


def _values(now: datetime) -> Row:
    """Of queries that ask of everything."""
    return {"now": to_iso(now), "canary": CANARY, "place": None, "source": None, "assignee": None}
