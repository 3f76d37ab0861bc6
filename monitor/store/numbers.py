"""Counts the numbers about the work: few queries, each over one index; the rest is arithmetic."""

import json
import sqlite3
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
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
from monitor.store.tally import Answer, Tally, together

_Tallies = defaultdict[tuple[int, str | None], Tally]
"""By (listing id, assignee): what every number is counted by before it is summed."""

DAYS_UP_TO = timedelta(days=62)
"""Periods longer than that are told by weeks, unless somebody asks for days."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A scope in the words of the database. `cards`: the listings it asks of, also those that left the config, id →
    (place, source); `imported`: id → when the first import was over."""

    cards: Mapping[int, tuple[str, str]]
    imported: Mapping[int, str]
    assignee: str | None
    now: datetime
    working: Working | None

    def __call__(self, listing: int, assignee: str | None) -> bool:
        """Whether a row of that listing and assignee is asked for."""
        return listing in self.cards and (self.assignee is None or self.assignee == assignee)


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
        return _Asked(
            cards={row["id"]: (row["place"], row["source"]) for row in rows},
            imported={row["id"]: row["imported_at"] for row in rows if row["imported_at"] is not None},
            assignee=scope.assignee,
            now=now,
            working=working,
        )

    # --- a period -----------------------------------------------------------------------------------

    def _counted(self, period: Period, step: Step, asked: _Asked) -> tuple[_Tallies, tuple[Cohort, ...]]:
        """What came, what was answered and what came due in the period; its cohorts."""
        bounds: Row = {"since": to_iso(period.since), "until": to_iso(period.until), "now": to_iso(asked.now)}
        tallies: _Tallies = defaultdict(Tally)
        answered = {ticket for (ticket,) in self._tuples(sql.ANSWERED, bounds)}
        cohorts = self._came(bounds, period.buckets(step), asked, tallies, answered)
        for row in self._tuples(sql.ANSWERS, {"tickets": json.dumps(list(answered))}):
            _, listing, assignee, _, _, _, _, _, *answer = row
            if asked(listing, assignee):
                _answer(tallies, asked, listing, assignee, Answer(*answer))
        for listing, assignee, outcome in self._tuples(sql.MISSES, bounds):
            if asked(listing, assignee):
                tallies[listing, assignee].settled[outcome] += 1
        return tallies, cohorts

    def _came(
        self, bounds: Row, buckets: tuple[Period, ...], asked: _Asked, tallies: _Tallies, answered: set[int]
    ) -> tuple[Cohort, ...]:
        """The reviews of the period, with the answers that they had in it; takes these out of `answered`."""
        starts = [to_iso(bucket.since) for bucket in buckets]
        kinds: Counter[tuple[int, str | None, str, str | None, int | None]] = Counter()
        cohorts: Counter[tuple[int, str, str | None, int | None]] = Counter()
        for seen, listing, assignee, ticket, fate, tone, stars, lag, *answer in self._tuples(sql.COHORT, bounds):
            given = ticket in answered
            answered.discard(ticket)
            if not asked(listing, assignee):
                continue
            kinds[listing, assignee, fate, tone, stars] += 1
            cohorts[bisect_right(starts, seen) - 1, fate, tone, stars] += 1
            if lag is not None:
                tallies[listing, assignee].lag.append(lag)
            if given:
                _answer(tallies, asked, listing, assignee, Answer(*answer))
            elif ticket is None and fate == "in_time":
                tallies[listing, assignee].foreseen(Answer(*answer))
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
        watched = [listing for listing, imported_at in asked.imported.items() if imported_at <= base]
        if not watched:
            return None
        bounds = {"base": base, "since": to_iso(period.since), "until": to_iso(period.until)}
        now: defaultdict[str, dict[int, int | None]] = defaultdict(dict)  # theme → review → ticket
        earlier: defaultdict[str, set[int]] = defaultdict(set)
        spoken = self._tuples(sql.THEMES, {**bounds, "listings": json.dumps(watched)})
        for theme, review, ticket, assignee, inside in spoken:
            if asked.assignee not in (None, assignee):
                continue
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
        for row in self._db.iterate(sql.STANDING, {"now": to_iso(asked.now)}):
            if asked(row["listing_id"], row["assignee"]):
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
        for row in self._db.iterate(sql.STANDING, {"now": to_iso(now)}):
            if row["listing_id"] in of and not (row["backlog"] or row["unanswerable"]):
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


def _answer(tallies: _Tallies, asked: _Asked, listing: int, assignee: str | None, answer: Answer) -> None:
    """An answer of the period, if it was given after we first saw the review."""
    if answer.at is None:
        return
    working = None
    if asked.working is not None and answer.team is not None:
        end = from_iso(answer.at)
        start = end - timedelta(seconds=answer.team)
        working = asked.working(asked.cards[listing][0], start, end).total_seconds()
    tallies[listing, assignee].answered(answer, working)
