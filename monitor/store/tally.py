"""Sums columns of `facts_rows` into figures, by buckets of a period and by groups. No SQL, no time of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np

from monitor.numbers import COUNTS, Answers, Cohort, Compliance, Figures, Period, Spread, spread_of
from monitor.store.facts_rows import ANSWERS, FATES, NONE, OUTCOMES, TONES, Column, Mask, Rows, number_of

BACKLOG = FATES.index("backlog")
NO_DEADLINE = ANSWERS.index("backlog")


class Groups(NamedTuple):
    """Of each row the number of its group, below `many`."""

    numbers: Column
    many: int


class Found(NamedTuple):
    """Rows (`at`) of which a moment lies in a bucket, and the numbers of the buckets; None: there is one alone."""

    at: Column
    numbers: Column | None

    @property
    def bucket(self) -> Column:
        return np.zeros(len(self.at), np.int64) if self.numbers is None else self.numbers

    def where(self, which: Mask | Column) -> "Found":
        return Found(self.at[which], None if self.numbers is None else self.numbers[which])


class Lengths(NamedTuple):
    """Rows of which a length is known, and the milliseconds, the least first. `inexact`: which are known to the day
    only; None: that is not told."""

    found: Found
    values: Column
    inexact: Mask | None = None

    @classmethod
    def of(cls, found: Found, values: Column, order: Column) -> "Lengths":
        """`values`: of these rows; `order`: theirs, see `ordered`."""
        return cls(found.where(order), values[order])


def ordered(values: Column) -> Column:
    """Their places, the least first, without those of which nobody knows (NONE, the least of all)."""
    return np.argsort(values)[np.count_nonzero(values == NONE) :]


def find(moments: Column, buckets: Sequence[Period]) -> Found:
    """The rows whose moment lies in a bucket; the buckets follow upon each other."""
    edges = np.array([*(number_of(bucket.since) for bucket in buckets), number_of(buckets[-1].until)])
    at = np.flatnonzero((moments >= edges[0]) & (moments < edges[-1]))
    if len(buckets) == 1:
        return Found(at, None)
    return Found(at, np.searchsorted(edges, moments[at], side="right") - 1)


class Tally:
    """What came, was answered and settled in each of the `buckets`. `worked`: rows → milliseconds of working time that
    the team took, NONE where nobody knows; None: that is not told."""

    def __init__(
        self, rows: Rows, buckets: Sequence[Period], now: datetime, worked: Callable[[Column], Column] | None = None
    ) -> None:
        self._rows = rows
        self._buckets = tuple(buckets)
        self._now = number_of(now)
        self._worked = worked
        self._known: dict[str, Column] = {}

    @cached_property
    def came(self) -> Found:
        return find(self._rows["seen"], self._buckets)

    @cached_property
    def _new(self) -> Found:
        """The backlog has a fate and nothing else: it says nothing of the period's tone."""
        return self.came.where(self._of("fate", self.came) != BACKLOG)

    @cached_property
    def _judged(self) -> Found:
        return self._new.where(self._rows["tone"][self._new.at] > 0)

    @cached_property
    def answered(self) -> Found:
        return find(self._rows["answered"], self._buckets)

    @cached_property
    def settled(self) -> Found:
        """Until now: what stands open is missed when its deadline has passed."""
        found = find(self._rows["settled"], self._buckets)
        return found.where(self._rows["settled"][found.at] <= self._now)

    @cached_property
    def _lag(self) -> Lengths:
        return self._lengths("lag", self.came)

    @cached_property
    def _due(self) -> Found:
        """The clocks run for answers that had a deadline."""
        return self.answered.where(self._of("answer", self.answered) != NO_DEADLINE)

    @cached_property
    def _team(self) -> Lengths:
        return self._lengths("team", self._due)

    @cached_property
    def _customer(self) -> Lengths:
        lengths = self._lengths("customer", self._due)
        return lengths._replace(inexact=self._rows["by_day"][lengths.found.at] > 0)

    @cached_property
    def _working(self) -> Lengths | None:
        if self._worked is None:
            return None
        values = self._worked(self._due.at)
        return Lengths.of(self._due, values, ordered(values))

    def _lengths(self, column: str, found: Found) -> Lengths:
        """To sort is half the work: done once for all who ask of these days, whatever buckets they make of them."""
        key = (column, self._buckets[0].since, self._buckets[-1].until)
        values, orders = self._rows[column][found.at], self._rows.orders
        if key not in orders:
            orders[key] = ordered(values)
        return Lengths.of(found, values, orders[key])

    # --- told ---------------------------------------------------------------------------------------

    def whole(self) -> tuple[Figures, ...]:
        """All in one group, bucket by bucket."""
        return self.by(self._one)[0]

    def cohorts(self) -> tuple[Cohort, ...]:
        """Of all, bucket by bucket."""
        return tuple(self._cohorts(self._one))

    def by(self, groups: Groups) -> list[tuple[Figures, ...]]:
        """Group by group, bucket by bucket."""
        cohorts = self._cohorts(groups)
        answers = self._answers(groups)
        settled = self._counted(groups, self.settled, "outcome", len(OUTCOMES))
        lags = self._spreads(groups, self._lag)
        figures = [
            Figures(cohort, given, Compliance(*outcomes), lag)
            for cohort, given, outcomes, lag in zip(cohorts, answers, settled, lags, strict=True)
        ]
        many = len(self._buckets)
        return [tuple(figures[first : first + many]) for first in range(0, len(figures), many)]

    def there(self, groups: Groups) -> list[int]:
        """The groups of which there is anything to tell."""
        founds = (self.came, self.answered, self.settled)
        counts = sum(np.bincount(groups.numbers[found.at], minlength=groups.many) for found in founds)
        numbers: list[int] = np.flatnonzero(counts).tolist()
        return numbers

    @property
    def _one(self) -> Groups:
        return Groups(np.zeros(len(self._rows), np.int64), 1)

    # --- summed -------------------------------------------------------------------------------------

    def _keys(self, groups: Groups, found: Found) -> Column:
        """Group and bucket in one."""
        if groups.many == 1:
            return found.bucket
        if len(self._buckets) == 1:
            return groups.numbers[found.at]
        return groups.numbers[found.at] * len(self._buckets) + found.bucket

    def _of(self, column: str, found: Found) -> Column:
        """What a column says of these rows; it is asked of the same ones each time."""
        if column not in self._known:
            self._known[column] = self._rows[column][found.at].astype(np.int64)
        return self._known[column]

    def _counted(self, groups: Groups, found: Found, column: str, many: int) -> list[list[int]]:
        """Of each key, how many of its rows have which value of a column."""
        keys = self._keys(groups, found) * many + self._of(column, found)
        counts = np.bincount(keys, minlength=groups.many * len(self._buckets) * many)
        told: list[list[int]] = counts.reshape(-1, many).tolist()
        return told

    def _cohorts(self, groups: Groups) -> list[Cohort]:
        fates = self._counted(groups, self.came, "fate", len(FATES))
        tones = self._counted(groups, self._judged, "tone", len(TONES) + 1)
        starred = self._counted(groups, self._new, "stars", 6)
        buckets = self._buckets * groups.many
        told = (
            (*of_fates, *of_tones[1:], sum(given[1:]), sum(stars * many for stars, many in enumerate(given)))
            for of_fates, of_tones, given in zip(fates, tones, starred, strict=True)
        )
        return [
            Cohort(bucket, **dict(zip(COUNTS, counts, strict=True)))
            for bucket, counts in zip(buckets, told, strict=True)
        ]

    def _answers(self, groups: Groups) -> list[Answers]:
        counts = self._counted(groups, self.answered, "answer", len(ANSWERS))
        teams, customers = self._spreads(groups, self._team), self._spreads(groups, self._customer)
        told: Sequence[Spread | None] = [None] * len(counts)
        if self._working is not None:
            told = self._spreads(groups, self._working)
        return [
            Answers(in_time, late, backlog, found, team, working, customer)
            for (late, in_time, backlog, found), team, working, customer in zip(
                counts, teams, told, customers, strict=True
            )
        ]

    def _spreads(self, groups: Groups, lengths: Lengths) -> list[Spread]:
        """Sorted once by length, then by key without disturbing that."""
        keys, values = self._keys(groups, lengths.found), lengths.values
        many = groups.many * len(self._buckets)
        if many > 1:
            values = values[np.argsort(keys.astype(np.min_scalar_type(many)), kind="stable")]
        counts = np.bincount(keys, minlength=many)
        firsts = np.cumsum(counts) - counts
        days = np.bincount(keys[:0] if lengths.inexact is None else keys[lengths.inexact], minlength=many)
        ordered = values.data
        return [
            spread_of(ordered, first, count, inexact)
            for first, count, inexact in zip(firsts.tolist(), counts.tolist(), days.tolist(), strict=True)
        ]
