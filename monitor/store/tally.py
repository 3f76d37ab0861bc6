"""Sums what the rows of `monitor.store.numbers_sql` tell. No SQL, no time of its own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.clock import from_iso
from monitor.numbers import COUNTS, Answers, Cohort, Compliance, Figures, Now, Period, spread
from monitor.store.connection import Row


@dataclass(slots=True)
class Tally:
    """Counts under way. `counts` by the names of a cohort's fields, `answers` by whether they were in time (None: there
    was no deadline), `settled` and `standing` by the names of the fields of Compliance and Now; lists of seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    answers: Counter[int | None] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)
    oldest: tuple[str, int] | None = None
    lag: list[float] = field(default_factory=list)
    team: list[float] = field(default_factory=list)
    working: list[float] = field(default_factory=list)
    customer: list[float] = field(default_factory=list)
    by_day: int = 0

    def came(self, count: int, fate: str, tone: str | None, stars: int | None) -> None:
        """So many reviews of one kind."""
        self.counts[fate] += count
        if fate == "backlog":  # of before: it says nothing of the period's tone
            return
        if tone is not None:
            self.counts[tone] += count
        if stars is not None:
            self.counts["starred"] += count
            self.counts["stars"] += count * stars

    def answered(
        self, met: int | None, team: float | None, working: float | None, customer: float | None, by_day: int
    ) -> None:
        """A first answer of the period: whether it was in time (None: there was no deadline), and how many seconds it
        took, by each clock. `team` None: our clock never ran."""
        self.answers[met] += 1
        if met is None:
            return
        if team is not None:
            self.settled["met"] += met
            self.team.append(team)
        if working is not None:
            self.working.append(working)
        if customer is not None:
            self.customer.append(customer)
            self.by_day += by_day

    def stands(self, row: Row) -> None:
        """A row of STANDING."""
        if row["unanswerable"]:
            self.standing["unanswerable"] += row["count"]
            return
        self.standing["backlog" if row["backlog"] else "open"] += row["count"]
        if row["overdue"]:
            self.standing["overdue"] += row["overdue"]
            self._older((row["oldest"], row["id"]))

    def _older(self, found: tuple[str, int] | None) -> None:
        self.oldest = min((oldest for oldest in (self.oldest, found) if oldest), default=None)

    def cohort(self, period: Period) -> Cohort:
        return Cohort(period, **{name: self.counts[name] for name in COUNTS})

    def figures(self, period: Period, *, working: bool) -> Figures:
        since, ticket = self.oldest or (None, None)
        return Figures(
            cohort=self.cohort(period),
            answers=Answers(
                in_time=self.answers[1],
                late=self.answers[0],
                backlog=self.answers[None],
                team=spread(self.team),
                working=spread(self.working) if working else None,
                customer=spread(self.customer, self.by_day),
            ),
            compliance=Compliance(**self.settled),
            lag=spread(self.lag),
            now=Now(**self.standing, oldest_overdue=None if since is None else from_iso(since), oldest_ticket=ticket),
        )


def together(tallies: Iterable[Tally]) -> Tally:
    """One of all of them. Their lists are sorted on the way: sums of sorted lists are sorted quickly."""
    whole = Tally()
    for tally in tallies:
        whole.counts.update(tally.counts)
        whole.answers.update(tally.answers)
        whole.settled.update(tally.settled)
        whole.standing.update(tally.standing)
        whole._older(tally.oldest)
        for mine, theirs in (
            (whole.lag, tally.lag),
            (whole.team, tally.team),
            (whole.working, tally.working),
            (whole.customer, tally.customer),
        ):
            theirs.sort()
            mine.extend(theirs)
        whole.by_day += tally.by_day
    return whole
