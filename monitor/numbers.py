"""Numbers about the work, and the arithmetic that makes them. Pure; `monitor.store.numbers` counts them.

Nothing to count is None or an empty count, never a share of 0. A period is half-open, [since, until). Rows of the
hidden listing that tests the alarm (source `canary`) count nowhere.

What may be answered: a review is *answerable* unless it was backlog (rule 6: written before the promise began),
cannot be answered on its site, was put aside as spam, a duplicate or meant for somebody else, or nobody could or had to
answer it any more before its deadline came (removed, erased, its card left the config).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from math import exp, lgamma, log

from monitor.numbers_asked import Dimension, Of, Period, Scope, Selection, Step, midnight

__all__ = [
    "BASELINE",
    "CERTAIN",
    "COUNTS",
    "Answers",
    "Behind",
    "Cohort",
    "Compliance",
    "Dimension",
    "Figures",
    "Gauges",
    "Mentioned",
    "Mentions",
    "Now",
    "Of",
    "Period",
    "Scope",
    "Selection",
    "Spread",
    "Step",
    "Summary",
    "Trend",
    "Working",
    "chance",
    "midnight",
    "share",
    "spread",
    "spread_of",
    "together",
    "trend",
]

BASELINE = 4
"""How many periods of the same length a theme is compared with."""

CERTAIN = 0.01
"""A theme rises when chance alone would show so many, or more, at most this often."""

Working = Callable[[str, datetime, datetime], timedelta]
"""(place id, start, end) → the working time between, as the place's calendar tells it."""


# --- what is told -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: `p90` is the least length that nine of ten do not exceed. None when `count` is 0.
    `by_day`: how many of them are known to the day only, which makes them up to a day too long."""

    count: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None
    by_day: int = 0


@dataclass(frozen=True, slots=True)
class Cohort:
    """The reviews first seen in `period`, and what has become of them until now. Each review is in exactly one of:
    `in_time`, `late` (its first answer), `beforehand` (an answer was there when we first saw the review), `waiting`,
    `dropped` (closed without an answer) - these are answerable - and `backlog`, `unanswerable`, `needless` (spam, a
    duplicate, somebody else's), `withdrawn` (gone before its deadline came).

    `negative`, `neutral`, `positive`: tones of those that are judged; `starred` of them have stars, `stars` in sum. The
    backlog is in none of these: it was written at another time.
    """

    period: Period
    in_time: int = 0
    late: int = 0
    beforehand: int = 0
    waiting: int = 0
    dropped: int = 0
    backlog: int = 0
    unanswerable: int = 0
    needless: int = 0
    withdrawn: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    starred: int = 0
    stars: int = 0

    @property
    def answered(self) -> int:
        return self.in_time + self.late + self.beforehand

    @property
    def answerable(self) -> int:
        return self.answered + self.waiting + self.dropped

    @property
    def came(self) -> int:
        return self.answerable + self.backlog + self.unanswerable + self.needless + self.withdrawn

    @property
    def rate(self) -> float | None:
        """The answer rate, 0 to 1; None when nothing could be answered."""
        return share(self.answered, self.answerable)

    @property
    def average(self) -> float | None:
        """Of the stars; None when nobody gave any."""
        return share(self.stars, self.starred)


COUNTS = tuple(item.name for item in fields(Cohort) if item.name != "period")
"""The names of what a cohort counts."""


def together(cohorts: Iterable[Cohort], period: Period) -> Cohort:
    """One cohort of all of them: the last seven days, say."""
    listed = list(cohorts)
    return Cohort(period, **{name: sum(getattr(cohort, name) for cohort in listed) for name in COUNTS})


@dataclass(frozen=True, slots=True)
class Answers:
    """The first answers that were given in the period, whenever the reviews came: `in_time` and `late` where there was
    a deadline, `backlog` where there was none, `beforehand` (counted when we first saw the review) where it was there
    already. A ticket that is opened again has its first answer behind it.

    The clocks run for those of new reviews. `team`: from the start of our clock (as a rule: first seen) to the answer;
    `working` the same in working time (None when no calendar was given). `customer`: from the writing of the review,
    where its site tells the moment or the day, to the first reply that the site showed, at the site's own time of it,
    else when we saw it; an answer that does not show yet is not in it.
    """

    in_time: int = 0
    late: int = 0
    backlog: int = 0
    beforehand: int = 0
    team: Spread = Spread()
    working: Spread | None = None
    customer: Spread = Spread()

    @property
    def count(self) -> int:
        return self.in_time + self.late + self.backlog + self.beforehand


@dataclass(frozen=True, slots=True)
class Compliance:
    """In target ÷ answerable that came due. A ticket is settled once, by its first deadline: when it is answered in
    time (`met`, at the answer), else when the deadline passes (`late` if an answer came since, `missed` if none did).
    Counted are the tickets that were settled in the period and until now, with or without a later reopening, each in
    one period only. Misses stay misses; only a site's own earlier time of the reply makes one a hit (rule 2)."""

    met: int = 0
    late: int = 0
    missed: int = 0

    @property
    def due(self) -> int:
        return self.met + self.late + self.missed

    @property
    def share(self) -> float | None:
        """0 to 1; None when nothing came due."""
        return share(self.met, self.due)


@dataclass(frozen=True, slots=True)
class Now:
    """What stands open at this moment on cards of the config, whatever the period. `open`: waiting with a deadline,
    `overdue` of them past it; `oldest_overdue` is the earliest of these deadlines, `oldest_ticket` its ticket.
    `backlog`: waiting without a deadline. `unanswerable`: negative or not, nobody can answer them."""

    open: int = 0
    overdue: int = 0
    oldest_overdue: datetime | None = None
    oldest_ticket: int | None = None
    backlog: int = 0
    unanswerable: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is told of one selection of reviews. `lag`: from the writing of a review to our first sight of
    it, of those first seen in the period, but for first imports and where the site does not tell the exact moment."""

    cohort: Cohort
    answers: Answers = Answers()
    compliance: Compliance = Compliance()
    lag: Spread = Spread()
    now: Now = Now()


@dataclass(frozen=True, slots=True)
class Trend:
    """Of one theme, spoken of negatively: in how many reviews of the period, and in how many on average of each of the
    BASELINE periods before it. `chance`: how probable so many or more are if nothing has changed. `tickets`: those of
    the period, newest first (a review that was answered before we saw it has none)."""

    theme: str
    count: int
    before: float
    chance: float
    tickets: tuple[int, ...] = field(default=(), repr=False)

    @property
    def rises(self) -> bool:
        return self.chance <= CERTAIN


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a scope as they stood `at`. `cohorts`: the period's days or weeks, each of them, also the empty
    ones. `previous`: the same of the period before (its `now` is empty), None when it was not asked for or nobody
    watched then. `trends`: the themes of the period, the most improbable first; first imports aside, and only of cards
    that were watched through all the periods compared and still are: None when there is no such card.

    `places`, `sources`, `assignees`: the whole broken down, by id, in the order of the alphabet; "" is nobody's.
    """

    scope: Scope
    at: datetime
    step: Step
    total: Figures
    cohorts: tuple[Cohort, ...]
    previous: Figures | None
    trends: tuple[Trend, ...] | None
    places: Mapping[str, Figures]
    sources: Mapping[str, Figures]
    assignees: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Reviews that speak of a theme, by the tone in which. One may speak of it in several."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody of the staff, praised in so many reviews and blamed in so many. `key` goes into an address; `name` and
    `job` in the nominative, one of them may be "". `places`: where reviews speak of such a person, most often first."""

    key: str
    name: str
    job: str
    places: tuple[str, ...]
    praised: int
    blamed: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the reviews behind a number: `total` of them, ids with the newest moment first. `after`: where the next
    page begins, None when nothing follows."""

    total: int
    reviews: tuple[int, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Gauges:
    """What a monitoring system asks every minute. `waiting`: (place, source, target) → how many wait with a deadline,
    and how many of them are past it, of every card of the config, also when there are none. `answers`: first answers
    ever given. `outbox`: state → mails. `last_good`: (place, source) → when its card was last read well, None: never;
    of several such cards the one that is worst off. `alarms`: kind → how many are open. `last_pass`: its end."""

    waiting: Mapping[tuple[str, str, str], tuple[int, int]]
    answers: int
    outbox: Mapping[str, int]
    last_good: Mapping[tuple[str, str], datetime | None]
    alarms: Mapping[str, int]
    last_pass: datetime | None


# --- arithmetic -------------------------------------------------------------------------------


def share(part: float, whole: float) -> float | None:
    """None when there is no whole."""
    return part / whole if whole else None


def spread(seconds: Iterable[float], by_day: int = 0) -> Spread:
    """Of lengths in seconds."""
    ordered = sorted(1000 * length for length in seconds)
    return spread_of(ordered, 0, len(ordered), by_day)


def spread_of(ordered: Sequence[float], first: int, count: int, by_day: int = 0) -> Spread:
    """Of `count` milliseconds that stand there from place `first` on, the least first. The median of an even number is
    the middle of the two in the middle."""
    if not count:
        return Spread()
    median = (ordered[first + (count - 1) // 2] + ordered[first + count // 2]) / 2
    p90 = ordered[first - (-count * 9 // 10) - 1]
    return Spread(count, timedelta(milliseconds=round(median)), timedelta(milliseconds=round(p90)), by_day)


def chance(count: int, before: int, periods: float = BASELINE) -> float:
    """How probable `count` or more in a period are after `before` in the `periods` before it together, if both come
    from one Poisson process: then each of all of them falls into this period with probability 1 / (periods + 1), so
    that it is the tail of a binomial distribution (the exact test of Przyborowski and Wilenski)."""
    total, odds = count + before, 1 / (periods + 1)
    if count == 0:
        return 1.0
    found = 0.0
    for hits in range(count, total + 1):
        ways = lgamma(total + 1) - lgamma(hits + 1) - lgamma(total - hits + 1)
        term = exp(ways + hits * log(odds) + (total - hits) * log(1 - odds))
        found += term
        if hits > total * odds and term < found * 1e-12:  # from the middle on, terms only shrink
            break
    return min(found, 1.0)


def trend(theme: str, count: int, before: int, tickets: Sequence[int] = ()) -> Trend:
    """`before`: in all the BASELINE periods together."""
    return Trend(theme, count, before / BASELINE, chance(count, before), tuple(tickets))
