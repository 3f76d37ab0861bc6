"""The numbers about the work. What numpy is needed for stands in `numbers_told`, which a pass never imports."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.canary import SOURCE as CANARY
from monitor.clock import optional_moment, to_iso
from monitor.model import Target
from monitor.numbers import (
    Behind,
    Cohort,
    Dimension,
    Figures,
    Gauges,
    Mentioned,
    Mentions,
    Scope,
    Selection,
    Step,
    Summary,
    Trend,
    Working,
)
from monitor.store import numbers_sql as sql
from monitor.store.connection import Connection

if TYPE_CHECKING:
    from monitor.store.numbers_told import Told


class Numbers:
    """`now` matters for what is settled and what stands open, and for nothing else."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    @cached_property
    def _told(self) -> "Told":
        from monitor.store.numbers_told import Told

        return Told(self._db)

    def at_once(self) -> AbstractContextManager[None]:
        """Within it, whatever this thread asks of one selection is told from one reading, as things stood when it was
        first asked: faster, and all of one moment."""
        return self._told.at_once()

    # --- of a period --------------------------------------------------------------------------------

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
        return self._told.over(scope, now, step=step, working=working, compare=compare, trends=trends)

    def figures(self, scope: Scope, now: datetime, *, working: Working | None = None) -> Figures:
        """Of the whole period; what stands open now is not in them."""
        return self._told.figures(scope, now, working=working)

    def trends(self, scope: Scope) -> tuple[Trend, ...] | None:
        """As in a Summary, and those of the themes that fell silent: spoken of in the periods before alone."""
        return self._told.trends(scope)

    def watched(self, scope: Scope) -> bool:
        """Whether anything of these cards was known when the period began; else its numbers are too few."""
        return self._told.watched(scope)

    def series(
        self, scope: Scope, now: datetime, step: Step, *, by: Dimension | None = None, working: Working | None = None
    ) -> Mapping[str, tuple[Figures, ...]]:
        """Figures without `now` of each day or week of the period, for each group of which there is anything to tell;
        without `by` for all together, under ""."""
        return self._told.series(scope, now, step, by=by, working=working)

    def cohorts(self, scope: Scope, now: datetime, step: Step) -> tuple[Cohort, ...]:
        """What came on each day or in each week of the period; cheaper than `series`."""
        return self._told.cohorts(scope, now, step)

    def stars(self, scope: Scope) -> Mapping[int, int]:
        """1 to 5 → how many reviews gave so many; the backlog is left out, here and below."""
        return self._told.stars(scope)

    def themes(self, scope: Scope, step: Step | None = None) -> Mapping[str, tuple[Mentions, ...]]:
        """Theme that anybody speaks of → how, in each day or week, or in all without `step`."""
        return self._told.themes(scope, step)

    def risks(self, scope: Scope) -> Mapping[str, int]:
        """Danger that anybody speaks of → in how many reviews."""
        return self._told.risks(scope)

    def people(self, scope: Scope) -> tuple[Mentioned, ...]:
        """Whoever is praised or blamed, most mentioned first. A review that does both with somebody blames them."""
        return self._told.people(scope)

    def reviews(self, selection: Selection, now: datetime, *, after: str = "", limit: int = 50) -> Behind:
        """The reviews behind a number. `after`: where a page before ended."""
        return self._told.reviews(selection, now, after=after, limit=limit)

    def fill(self, stop: Callable[[], bool]) -> None:
        """Gets ready what makes the numbers quick, newest first, in short transactions: asks before each whether to
        stop, and may be held up there. Raises StoreError."""
        self._told.fill(stop)

    # --- now ----------------------------------------------------------------------------------------

    def names(self) -> tuple[set[str], set[str]]:
        """The places and the sources that there is something to tell of, also those that left the config."""
        rows = [row for row in self._db.rows("SELECT place, source FROM listing") if row["source"] != CANARY]
        return {row["place"] for row in rows}, {row["source"] for row in rows}

    def gauges(self, now: datetime) -> Gauges:
        """What a monitoring system is told."""
        cards = self._db.rows(sql.READ_CARDS, {"canary": CANARY})
        of = {row["id"]: (row["place"], row["source"]) for row in cards}
        waiting = {(*card, target.value): (0, 0) for card in of.values() for target in Target}
        for row in self._db.iterate(sql.WAITING, {"now": to_iso(now)}):
            if row["listing_id"] in of:
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
