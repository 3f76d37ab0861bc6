"""A year of 200,000 reviews, told by the numbers and by one short statement of SQL that knows nothing of them."""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from statistics import median
from typing import Any, NamedTuple

import pytest

from monitor.clock import from_iso, to_iso
from monitor.numbers import (
    BASELINE,
    COUNTS,
    Answers,
    Cohort,
    Compliance,
    Dimension,
    Figures,
    Mentions,
    Now,
    Of,
    Period,
    Scope,
    Selection,
    Spread,
    Step,
    together,
)
from monitor.store.sqlite import Store
from tests.numbers_year import CLOSED, NOW, make

DAY = timedelta(days=1)
YEAR = Period(NOW - 365 * DAY, NOW, "Europe/Moscow")
MONTH = Period(
    datetime(2026, 10, 20, 7, 30, 1, tzinfo=UTC), datetime(2026, 11, 19, 3, 0, 2, tzinfo=UTC), "Europe/Berlin"
)
FEW = frozenset({"p1", "p2", CLOSED})

SCOPES = {
    "year": Scope(YEAR),
    "year of a place": Scope(YEAR, place="p7"),
    "month": Scope(MONTH),
    "source": Scope(MONTH, source="twogis"),
    "assignee": Scope(MONTH, assignee="vera"),
    "nobody": Scope(MONTH, assignee=""),
    "closed place": Scope(MONTH, place=CLOSED),
    "few places": Scope(MONTH, source="twogis", places=FEW),
    "no place": Scope(YEAR, places=frozenset()),
    "a place that is not theirs": Scope(MONTH, place="p7", places=FEW),
}

# --- told by SQL ----------------------------------------------------------------------------------

_FATE = """CASE WHEN r.initial = 1 THEN 'backlog' WHEN t.id IS NULL THEN 'beforehand'
    WHEN t.answered_met = 1 THEN 'in_time' WHEN t.answered_met = 0 THEN 'late'
    WHEN t.state = 'unanswerable' THEN 'unanswerable'
    WHEN t.state = 'open' AND l.active THEN 'waiting' WHEN t.state = 'open' THEN 'withdrawn'
    WHEN (SELECT why FROM event e WHERE e.ticket_id = t.id) = 'spam' THEN 'needless'
    WHEN t.state = 'dismissed' OR t.closed_at >= t.due_at THEN 'dropped' ELSE 'withdrawn' END"""

_ALL = f"""SELECT r.id, l.place, l.source, coalesce(t.assignee, '') AS assignee, r.first_seen_at AS came,
    {_FATE} AS fate, v.tone, r.stars, v.themes, v.risks, v.people,
    CASE WHEN r.initial = 0 AND r.posted_precision = 'exact'
        THEN unixepoch(r.first_seen_at) - unixepoch(r.posted_at) END AS lag,
    iif(t.id IS NULL, r.first_seen_at, t.answered_at) AS answered,
    CASE WHEN t.id IS NULL THEN 'beforehand' WHEN t.answered_met = 1 THEN 'in_time' WHEN t.answered_met = 0 THEN 'late'
        ELSE 'backlog' END AS met,
    unixepoch(t.answered_at) - unixepoch(t.started_at) AS team,
    CASE WHEN r.posted_precision <> 'unknown' THEN unixepoch(coalesce(p.at, p.seen_at)) - unixepoch(r.posted_at) END
        AS customer,
    r.posted_precision = 'day' AS by_day,
    iif(t.answered_met = 1, t.answered_at, t.due_at) AS settled,
    CASE WHEN t.answered_met = 1 THEN 'met' WHEN t.answered_met = 0 THEN 'late'
        WHEN t.state = 'open' AND l.active THEN 'missed'
        WHEN {_FATE} = 'dropped' AND t.closed_at >= t.due_at THEN 'missed' END AS outcome,
    iif(l.active, t.state, '') AS state, coalesce(t.due_at, '') AS due, t.id
FROM review r JOIN listing l ON l.id = r.listing_id AND l.source <> 'canary' JOIN verdict v ON v.review_id = r.id
LEFT JOIN ticket t ON t.review_id = r.id LEFT JOIN reply p ON p.review_id = r.id"""


class Told(NamedTuple):
    """A row of that."""

    id: int
    place: str
    source: str
    assignee: str
    came: str
    fate: str
    tone: str
    stars: int | None
    themes: str
    risks: str
    people: str
    lag: int | None
    answered: str | None
    met: str
    team: int | None
    customer: int | None
    by_day: int
    settled: str | None
    outcome: str | None
    state: str
    due: str
    ticket: int | None

    def at(self, of: Of) -> str:
        """ "" where it never was."""
        return getattr(self, of.value) or ""

    def lies_in(self, scope: Scope) -> bool:
        return (
            scope.place in (None, self.place)
            and scope.source in (None, self.source)
            and scope.assignee in (None, self.assignee)
            and (scope.places is None or self.place in scope.places)
        )


class Year:
    """The store, and what is told of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told = [Told(*row) for row in store._db.sqlite.execute(_ALL)]
        self.standing = [row for row in self.told if row.state in ("open", "unanswerable")]
        self._by: dict[str, tuple[list[str], list[Told]]] = {}
        for of in Of:
            rows = sorted((row for row in self.told if row.at(of)), key=lambda row: (row.at(of), row.id))
            self._by[of] = [row.at(of) for row in rows], rows

    def rows(self, scope: Scope, of: Of = Of.CAME) -> list[Told]:
        """The reviews with that moment in the period, in its order."""
        moments, rows = self._by[of]
        first, last = (bisect_left(moments, to_iso(edge)) for edge in (scope.period.since, scope.period.until))
        return [row for row in rows[first:last] if row.lies_in(scope)]

    def new(self, scope: Scope) -> list[Told]:
        return [row for row in self.rows(scope) if row.fate != "backlog"]


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    path = tmp_path_factory.mktemp("year") / "otklik.db"
    make(path)
    store = Store.open(path)
    store.numbers.fill(lambda: False)
    yield Year(store)
    store.close()


def lasting(seconds: Iterable[int | None], by_day: int = 0) -> Spread:
    known = sorted(length for length in seconds if length is not None)
    if not known:
        return Spread()
    ninth = known[ceil(len(known) * 0.9) - 1]
    return Spread(len(known), timedelta(seconds=median(known)), timedelta(seconds=ninth), by_day)


def cohort(year: Year, scope: Scope) -> Cohort:
    counts = Counter(row.fate for row in year.rows(scope))
    fresh = year.new(scope)
    counts.update(row.tone for row in fresh)
    stars = [row.stars for row in fresh if row.stars is not None]
    counts.update(starred=len(stars), stars=sum(stars))
    return Cohort(scope.period, **{name: counts[name] for name in COUNTS})


def figures(year: Year, scope: Scope) -> Figures:
    given = year.rows(scope, Of.ANSWERED)
    due = [row for row in given if row.met != "backlog"]
    met = Counter(row.met for row in given)
    settled = Counter(
        row.outcome for row in year.rows(scope, Of.SETTLED) if row.outcome and row.at(Of.SETTLED) <= to_iso(NOW)
    )
    return Figures(
        cohort(year, scope),
        Answers(
            met["in_time"],
            met["late"],
            met["backlog"],
            met["beforehand"],
            team=lasting(row.team for row in due),
            customer=lasting((row.customer for row in due), sum(row.by_day for row in due if row.customer is not None)),
        ),
        Compliance(settled["met"], settled["late"], settled["missed"]),
        lasting(row.lag for row in year.rows(scope)),
    )


def waiting(year: Year, scope: Scope) -> Now:
    """What stands open, whenever it came."""
    there = [row for row in year.standing if row.lies_in(scope)]
    due = [row for row in there if row.state == "open" and row.due]
    late = sorted((row.due, row.id) for row in due if row.due <= to_iso(NOW))
    return Now(
        open=len(due),
        overdue=len(late),
        oldest_overdue=from_iso(late[0][0]) if late else None,
        oldest_ticket=late[0][1] if late else None,
        backlog=sum(row.state == "open" and not row.due for row in there),
        unanswerable=sum(row.state == "unanswerable" for row in there),
    )


# --- the same -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCOPES)
def test_a_scope_is_told_as_sql_tells_it(year: Year, name: str) -> None:
    scope = SCOPES[name]
    found = year.store.numbers.over(scope, NOW, compare=False, trends=False)
    assert found.total == replace(figures(year, scope), now=waiting(year, scope))
    assert together(found.cohorts, scope.period) == found.total.cohort
    assert (found.total.cohort.came > 100) is not name.startswith(("no place", "a place"))


@pytest.mark.parametrize("name", ["month", "few places", "source"])
def test_the_groups_of_a_scope_and_the_period_before_are_told_as_sql_tells_them(year: Year, name: str) -> None:
    scope = SCOPES[name]
    found = year.store.numbers.over(scope, NOW, trends=False)
    assert found.previous == figures(year, replace(scope, period=MONTH.before()))
    for by, told in ((by, getattr(found, f"{by.value}s")) for by in Dimension):
        assert list(told) == groups(year, scope, by)
        for group, told_of in told.items():
            of_group = narrowed(scope, by, group)
            assert told_of == replace(figures(year, of_group), now=waiting(year, of_group)), group
    days = MONTH.buckets(Step.DAY)
    assert found.cohorts == tuple(cohort(year, replace(scope, period=day)) for day in days)


def groups(year: Year, scope: Scope, by: Dimension) -> list[str]:
    return sorted({getattr(row, by.value) for of in Of for row in year.rows(scope, of)})


def narrowed(scope: Scope, by: Dimension, group: str) -> Scope:
    match by:
        case Dimension.PLACE:
            return replace(scope, place=group)
        case Dimension.SOURCE:
            return replace(scope, source=group)
        case Dimension.ASSIGNEE:
            return replace(scope, assignee=group)


@pytest.mark.parametrize("by", [None, *Dimension])
@pytest.mark.parametrize("step", Step)
def test_a_series_is_told_as_sql_tells_it(year: Year, step: Step, by: Dimension | None) -> None:
    """Through the night in which Berlin's clocks go back."""
    scope = Scope(MONTH)
    found = year.store.numbers.series(scope, NOW, step, by=by)
    assert sorted(found) == ([""] if by is None else groups(year, scope, by))
    for name in sorted(found)[:4]:
        of_group = scope if by is None else narrowed(scope, by, name)
        assert found[name] == tuple(figures(year, replace(of_group, period=each)) for each in MONTH.buckets(step)), name


@pytest.mark.parametrize("by", [None, *Dimension])
def test_the_buckets_of_a_year_add_up_to_it(year: Year, by: Dimension | None) -> None:
    series = year.store.numbers.series(Scope(YEAR), NOW, Step.WEEK, by=by)
    told = year.store.numbers.over(Scope(YEAR), NOW, compare=False, trends=False)
    whole: Mapping[str, Figures] = {"": told.total} if by is None else getattr(told, f"{by.value}s")
    assert series.keys() == whole.keys()
    for name, buckets in series.items():
        assert together([each.cohort for each in buckets], YEAR) == whole[name].cohort
        for count in ("in_time", "late", "backlog", "beforehand"):
            assert sum(getattr(each.answers, count) for each in buckets) == getattr(whole[name].answers, count)
        for clock in ("team", "customer"):
            counts = [getattr(each.answers, clock).count for each in buckets]
            assert sum(counts) == getattr(whole[name].answers, clock).count
        assert [sum(getattr(each.compliance, count) for each in buckets) for count in ("met", "late", "missed")] == [
            whole[name].compliance.met,
            whole[name].compliance.late,
            whole[name].compliance.missed,
        ]


@pytest.mark.parametrize("name", SCOPES)
def test_stars_themes_dangers_and_people_are_told_as_the_verdicts_tell_them(year: Year, name: str) -> None:
    scope, numbers = SCOPES[name], year.store.numbers
    rows = year.new(scope)
    stars = Counter(row.stars for row in rows)
    assert numbers.stars(scope) == {number: stars[number] for number in range(1, 6)}
    risks = Counter(risk for row in rows for risk in {risk for risk, _ in json.loads(row.risks)})
    assert numbers.risks(scope) == risks
    assert numbers.themes(scope) == {theme: (of,) for theme, of in mentions(rows).items()}
    praised: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    blamed = praised.copy()
    for row in rows:
        for job, who, _, _, tone, _ in json.loads(row.people):
            (praised if tone == "positive" else blamed)[job, who] += 1
            places[job, who][row.place] += 1
    found = numbers.people(scope)
    assert {(each.job, each.name): (each.praised, each.blamed) for each in found} == {
        who: (praised[who], blamed[who]) for who in praised | blamed
    }
    assert {(each.job, each.name): each.places for each in found} == {
        who: tuple(sorted(where, key=lambda place: (-where[place], place))) for who, where in places.items()
    }
    many = [each.praised + each.blamed for each in found]
    assert many == sorted(many, reverse=True)


def mentions(rows: Iterable[Told]) -> dict[str, Mentions]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for theme, tone in {(theme, tone) for theme, tone, _ in json.loads(row.themes)}:
            found[theme][tone] += 1
    return {theme: Mentions(**tones) for theme, tones in found.items()}


def test_themes_are_told_bucket_by_bucket(year: Year) -> None:
    found = year.store.numbers.themes(Scope(MONTH), Step.WEEK)
    of_weeks = [mentions(year.new(Scope(week))) for week in MONTH.buckets(Step.WEEK)]
    spoken = mentions(year.new(Scope(MONTH)))
    assert found == {theme: tuple(week.get(theme, Mentions()) for week in of_weeks) for theme in spoken}


def test_trends_are_told_as_the_verdicts_tell_them(year: Year) -> None:
    week = Period(NOW - 7 * DAY, NOW, "UTC")
    found = year.store.numbers.over(Scope(week), NOW, compare=False).trends
    assert found is not None
    weeks = [year.new(Scope(week.before(number))) for number in range(BASELINE + 1)]
    counts = [mentions([row for row in rows if row.place != CLOSED]) for rows in weeks]
    assert {each.theme: (each.count, each.before) for each in found} == {
        theme: (told.negative, sum(of[theme].negative for of in counts[1:]) / BASELINE)
        for theme, told in counts[0].items()
    }
    spoken = [row for row in weeks[0] if f'"{found[0].theme}", "negative"' in row.themes and row.place != CLOSED]
    assert found[0].tickets == tuple(row.id for row in reversed(spoken) if row.ticket)
    for each in found:
        asked = partial(behind, year, Scope(week), theme=each.theme, theme_tone="negative")
        assert asked(compared=True) == each.count < asked()


# --- the reviews behind ---------------------------------------------------------------------------


def behind(year: Year, scope: Scope, of: Of = Of.CAME, **asked: Any) -> int:
    return year.store.numbers.reviews(Selection(scope, of, **asked), NOW, limit=1).total


@pytest.mark.parametrize("name", SCOPES)
def test_every_number_is_that_of_the_reviews_behind_it(year: Year, name: str) -> None:
    scope, numbers = SCOPES[name], year.store.numbers
    told = numbers.over(scope, NOW, compare=False, trends=False).total
    came, answers = told.cohort, told.answers
    for fate in COUNTS[:9]:
        assert behind(year, scope, fates=(fate,)) == getattr(came, fate)
    assert behind(year, scope) == came.came
    assert behind(year, scope, fates=("in_time", "late", "beforehand")) == came.answered
    assert behind(year, scope, fates=("in_time", "late", "beforehand", "waiting", "dropped")) == came.answerable
    for tone in ("negative", "neutral", "positive"):
        assert behind(year, scope, tone=tone) == getattr(came, tone)
    assert sum(behind(year, scope, stars=number) for number in range(1, 6)) == came.starred
    assert behind(year, scope, timed="lag") == told.lag.count
    for outcome in ("in_time", "late", "backlog", "beforehand"):
        assert behind(year, scope, Of.ANSWERED, outcome=outcome) == getattr(answers, outcome)
    for clock in ("team", "customer"):
        assert behind(year, scope, Of.ANSWERED, timed=clock) == getattr(answers, clock).count
    for outcome in ("met", "late", "missed"):
        assert behind(year, scope, Of.SETTLED, outcome=outcome) == getattr(told.compliance, outcome)
    assert behind(year, scope, Of.SETTLED) == told.compliance.due
    for number, count in numbers.stars(scope).items():
        assert behind(year, scope, stars=number) == count
    for risk, count in numbers.risks(scope).items():
        assert behind(year, scope, risk=risk) == count
    for theme, (mentioned,) in numbers.themes(scope).items():
        for tone in ("negative", "neutral", "positive"):
            assert behind(year, scope, theme=theme, theme_tone=tone) == getattr(mentioned, tone)
    for person in numbers.people(scope):
        assert behind(year, scope, person=person.key) == person.praised + person.blamed
        assert behind(year, scope, person=person.key, person_tone="positive") == person.praised
        assert behind(year, scope, person=person.key, person_tone="negative") == person.blamed


def test_a_group_is_a_scope_of_its_own(year: Year) -> None:
    numbers = year.store.numbers
    told = numbers.over(Scope(MONTH), NOW, compare=False, trends=False)
    for by in Dimension:
        for group, of_group in getattr(told, f"{by.value}s").items():
            scope = narrowed(Scope(MONTH), by, group)
            assert numbers.over(scope, NOW, compare=False, trends=False).total == of_group
            assert behind(year, scope) == of_group.cohort.came


@pytest.mark.parametrize("of", Of)
def test_pages_show_each_review_once_the_newest_first(year: Year, of: Of) -> None:
    scope = Scope(MONTH, place="p7", source="twogis")
    wanted = [row.id for row in reversed(year.rows(scope, of)) if of is not Of.SETTLED or row.outcome]
    found: list[int] = []
    page = year.store.numbers.reviews(Selection(scope, of), NOW, limit=7)
    while page.after is not None:
        assert (len(page.reviews), page.total) == (7, len(wanted))
        found += page.reviews
        page = year.store.numbers.reviews(Selection(scope, of), NOW, after=page.after, limit=7)
    assert found + list(page.reviews) == wanted


@pytest.mark.parametrize(
    "asked",
    [
        {"fates": ("nobody",)},
        {"tone": "x"},
        {"theme": "x"},
        {"theme": "staff", "theme_tone": "x"},
        {"risk": "' OR 1"},
        {"person": "x"},
        {"stars": 0},
        {"stars": 900},
        {"outcome": "in_time"},
        {"of": Of.ANSWERED, "outcome": "met"},
        {"of": Of.ANSWERED, "timed": "review"},
        {"timed": "team"},
    ],
)
def test_a_word_that_nobody_knows_finds_nothing(year: Year, asked: dict[str, Any]) -> None:
    assert year.store.numbers.reviews(Selection(Scope(MONTH), **asked), NOW).total == 0


@pytest.mark.parametrize("after", ["", "x", "1.", "1.2.3", "-1", "٣.٤", "9" * 40 + ".1", "1\n.2"])
def test_what_is_no_cursor_begins_anew(year: Year, after: str) -> None:
    asked = Selection(Scope(MONTH))
    assert year.store.numbers.reviews(asked, NOW, after=after) == year.store.numbers.reviews(asked, NOW)
