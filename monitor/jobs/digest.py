"""The morning mail and the weekly report: puts them into the outbox when their hour has come, gathers what they tell
when they are sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor import health, wording
from monitor.alerts import AlertKind, Bar, Concern, DigestView
from monitor.config_digest import DigestConfig
from monitor.numbers import CERTAIN, Cohort, Period, Scope, Step, Summary, Trend, Working, chance, midnight, together
from monitor.reports import Reports
from monitor.seams import Clock
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters

KINDS = (AlertKind.DIGEST, AlertKind.WEEKLY)

WEEK = 7
SHOWN = 14
"""Days of the chart."""

CHARTED = SHOWN + WEEK - 1
"""Days of which it tells something: each has the share of the seven that end with it."""

URGENT = 5

DAY = timedelta(days=1)


class Digests:
    """`by_itself` False: only when somebody asks. `places` and `sites`: names for people, by id. `intervals` and
    `canary_every` as in `health.examine`, `working` as in `store.numbers`; `left_out`: what was set at the desk and
    does not hold at that moment, in words."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        reports: Reports,
        settings: DigestConfig,
        by_itself: bool,
        places: Mapping[str, str],
        sites: Mapping[str, str],
        intervals: Mapping[str, timedelta],
        canary_every: timedelta | None = None,
        working: Working | None = None,
        left_out: Callable[[datetime], Sequence[str]] = lambda _: (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._reports = reports
        self._settings = settings
        self._by_itself = by_itself
        self._places = places
        self._sites = sites
        self._intervals = intervals
        self._canary_every = canary_every
        self._working = working
        self._left_out = left_out
        self._zone = ZoneInfo(settings.timezone)
        self._idle: tuple[datetime, datetime] | None = None
        self._told: tuple[tuple[AlertKind, date, datetime], DigestView] | None = None

    # --- when -----------------------------------------------------------------------------------------

    def run(self) -> int:
        """How many rows were queued. Almost always one comparison of times: until the next hour nothing can be due."""
        now = self._clock.now()
        if not self._by_itself or (self._idle and self._idle[0] <= now < self._idle[1]):
            return 0
        today = self._day(now)
        due_at = self._moment(today)
        if now < due_at:
            self._idle = (now, due_at)
            return 0
        queued = self._queue_of(today, now)
        self._idle = (due_at, self._moment(today + DAY))
        return queued

    def _queue_of(self, today: date, now: datetime) -> int:
        """What is told on that day and was not yet. A day that nobody watched has nothing to tell."""
        kinds = KINDS if today.weekday() == self._settings.weekly else KINDS[:1]
        told = today - DAY
        if len(self._store.outbox.digests(kinds, told, self._settings.to)) == len(kinds) * len(self._settings.to):
            return 0
        if not self._watched(told):
            return 0
        return sum(self.queue(kind, told, now) for kind in kinds)

    def _watched(self, day: date) -> bool:
        """Whether there was a pass before that day was over."""
        began_at = self._store.passes.began_at()
        return began_at is not None and began_at < midnight(day + DAY, self._settings.timezone)

    def queue(self, kind: AlertKind, day: date, now: datetime) -> int:
        """A row for each recipient who has none yet; how many. `day`: the last one it tells of."""
        with self._store.write():
            return self._store.outbox.queue_digest(kind, day, self._settings.to, now)

    def ask(self, kind: AlertKind, day: date, now: datetime) -> None:
        """Somebody wants it sent: also what was given up, but never twice."""
        with self._store.write():
            self._store.outbox.revive_digest(kind, day, self._settings.to, now)
            self._store.outbox.queue_digest(kind, day, self._settings.to, now)

    def is_timely(self, kind: AlertKind, queued_at: datetime, now: datetime) -> bool:
        """Whether it still should be sent: the news of a morning is none after midnight, a report lasts."""
        return kind is AlertKind.WEEKLY or self._day(now) <= self._day(queued_at)

    @property
    def recipients(self) -> tuple[str, ...]:
        return self._settings.to

    def yesterday(self, now: datetime) -> date:
        return self._day(now) - DAY

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _moment(self, day: date) -> datetime:
        """When the digests of a day are due. An hour that the clocks skip is the one after, one that comes twice the
        first of both."""
        return datetime.combine(day, self._settings.at, self._zone).astimezone(UTC)

    # --- what -----------------------------------------------------------------------------------------

    def view(self, kind: AlertKind, day: date, now: datetime) -> DigestView:
        """What a digest tells at this moment; `day`: the last one it tells of. Every recipient is told the same."""
        asked = (kind, day, now)
        if self._told is None or self._told[0] != asked:
            self._told = (asked, self._gather(kind is AlertKind.WEEKLY, day, now))
        return self._told[1]

    def _gather(self, weekly: bool, day: date, now: datetime) -> DigestView:
        week = self._numbers(day, WEEK, now)
        span = week if weekly else self._numbers(day, 1, now, trends=False)
        before = self._numbers(day - WEEK * DAY, WEEK, now) if weekly and self._watched(day - WEEK * DAY) else None
        cohorts = self._numbers(day, CHARTED, now, trends=False).cohorts
        overdue = self._reports.queue(Filters(limit=URGENT), now)
        return DigestView(
            first=day - (WEEK - 1) * DAY if weekly else day,
            last=day,
            span=span,
            before=before,
            recent=cohorts[-WEEK:],
            bars=bars(cohorts),
            rising=None if week.trends is None else tuple(trend for trend in week.trends if trend.rises),
            falling=fell(week.trends, before.trends) if before else (),
            places=self._places,
            sites=self._sites,
            alarms=self._reports.alarms([alarm.id for alarm in self._store.alarms.open()]),
            urgent=tuple(ticket for ticket in overdue if ticket.due_at is not None and ticket.due_at <= now),
            proven_at=self._store.canary.proven_at(),
            concerns=tuple(self._concerns(now)),
        )

    def _concerns(self, now: datetime) -> Iterator[Concern]:
        """What health says beside alarms, the worst first. Where no pass finishes, that no card is read goes without
        saying."""
        checks = health.examine(
            self._store,
            self._intervals,
            now,
            canary_every=self._canary_every,
            said=lambda at: wording.moment(at, self._settings.timezone, now),
            left_out=self._left_out(now),
        )
        names = {health.PASSES: "Проходы", health.OUTBOX: "Письма", health.CANARY: "Учебная тревога"}
        stopped = next(check for check in checks if check.name == health.PASSES).status != "ok"
        for check in sorted(checks, key=lambda check: -health.STATUS_CODES[check.status]):
            card = check.listing
            if check.status == "ok" or check.alarmed or (card is not None and stopped and not card.error_message):
                continue
            if card is not None:
                site, place = self._sites.get(card.source, card.source), self._places.get(card.place, card.place)
                yield Concern(f"{site}, {place}", check.word, check.gist)
            elif check.name in names:
                yield Concern(names[check.name], check.word, check.gist or check.message)
            elif check.name == health.SETTINGS:  # which they are, nobody tells in the same minute
                yield Concern("Настройки (otklik check)", "не всё действует", check.message)

    def _numbers(self, last: date, days: int, now: datetime, *, trends: bool = True) -> Summary:
        scope = Scope(Period.of_days(last - (days - 1) * DAY, days, self._settings.timezone))
        return self._store.numbers.over(scope, now, step=Step.DAY, working=self._working, compare=False, trends=trends)


def bars(cohorts: Sequence[Cohort]) -> tuple[Bar, ...]:
    """Of days in a row, the last SHOWN of them; those before are only in the rates. An answer that was there before us
    came in time for a picture."""
    return tuple(
        Bar(
            day=cohort.period.since.astimezone(ZoneInfo(cohort.period.zone)).date(),
            in_time=cohort.in_time + cohort.beforehand,
            late=cohort.late,
            waiting=cohort.waiting,
            rate=together(cohorts[max(place - WEEK + 1, 0) : place + 1], cohort.period).rate,
        )
        for place, cohort in enumerate(cohorts)
    )[-SHOWN:]


def fell(week: Sequence[Trend] | None, before: Sequence[Trend] | None) -> tuple[Trend, ...]:
    """The themes that were spoken of notably more the week before, the most improbable first; `Trend.before` is that
    week's count. Nothing where too little was watched to tell."""
    if week is None or before is None:
        return ()
    counts = {trend.theme: trend.count for trend in week}
    found = [
        Trend(was.theme, count, was.count, chance(was.count, count, periods=1))
        for was in before
        for count in (counts.get(was.theme, 0),)
    ]
    return tuple(sorted((trend for trend in found if trend.chance <= CERTAIN), key=lambda trend: trend.chance))
