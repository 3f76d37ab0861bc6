"""Of which reviews numbers are asked: as the address of a page, as the store's scope, in words.

A period ends now, or with the last day that was chosen. Days are those of the digest's time zone, whatever zones the
places have: a number must be the same on every page, and no day is counted twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.accounts import Account
from monitor.clock import from_iso
from monitor.contract import asked as asked_of
from monitor.desk.context import Desk
from monitor.desk.visit import Visit
from monitor.errors import UsageError
from monitor.numbers import Period, Scope, Step, midnight

NUMBERS = "/numbers"

CHOICES: Mapping[int, str] = {7: "7 дней", 28: "28 дней", 90: "90 дней", 365: "Год"}
"""Periods to choose from: days, today is the last of them."""

USUAL = 28

LONGEST = 3660
"""Days of a period."""

YEARS = range(2000, 2100)

LONGEST_ID = 100
MOST_PARAMETERS = 50

LEFT = "больше не следим"

MINUTE = timedelta(minutes=1)

Given = Mapping[str, str]
"""What an address asks, by name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the visitor may ask of: id → title of places and of sites. Colleagues: login → name."""

    places: Mapping[str, str]
    sources: Mapping[str, str]
    colleagues: Mapping[str, str]

    @classmethod
    def to(cls, desk: Desk, account: Account) -> Self:
        """Those of config.yaml in its order, then those that left it."""
        application = desk.application
        had, sites = desk.store.numbers.names()
        titles = {
            **application.titles,
            **{place: f"{place} ({LEFT})" for place in sorted(had - application.titles.keys())},
        }
        seen = {place: title for place, title in titles.items() if account.places is None or place in account.places}
        used = [listing.source for place in application.config.places if place.id in seen for listing in place.listings]
        known = application.sources
        return cls(
            {place: wording.one_line(title, LONGEST_ID) or place for place, title in seen.items()},
            {name: known[name].title if name in known else name for name in dict.fromkeys([*used, *sorted(sites)])},
            {one.login: wording.one_line(one.name or one.login, LONGEST_ID) for one in desk.store.accounts.all()},
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """`days`: a key of CHOICES, 0 for a period of one's own. "" means any place, any site."""

    days: int
    period: Period
    place: str = ""
    source: str = ""

    @classmethod
    def read(cls, given: Given, known: Known, zone: str, now: datetime) -> Self:
        """Of an address, whoever wrote it. Raises UsageError for what nobody can answer."""
        place, source = chosen_place(given, known), chosen_source(given, known)
        if given.get("since") or given.get("until"):
            end, until = ending(now), given.get("until", "")
            end = min(edge(until, zone, last=True), end) if until else end
            return cls(0, period_from(given.get("since", ""), end, zone), place, source)
        written = given.get("days", "")
        days = next((choice for choice in CHOICES if str(choice) == written), USUAL)
        return cls(days, Period(_days_before(ending(now), days, zone), ending(now), zone), place, source)

    def scope(self, account: Account) -> Scope:
        return Scope(self.period, self.place or None, self.source or None, None, account.places)

    def query(self, **more: str) -> str:
        """As it stands in an address; "" for what is asked unless somebody asks for something else."""
        period = {"days": str(self.days) if self.days != USUAL else ""} if self.days else dict(edges(self.period))
        pairs = {**period, "place": self.place, "source": self.source, **more}
        return urlencode([(name, value) for name, value in pairs.items() if value])

    def address(self, path: str = NUMBERS, **more: str) -> str:
        query = self.query(**more)
        return f"{path}?{query}" if query else path

    @property
    def step(self) -> Step:
        """How long what is shown side by side lasts: up to two months days, then weeks."""
        return Step.DAY if self.period.length <= timedelta(days=62) else Step.WEEK


def given(query: str) -> dict[str, str]:
    """What an address asks, whoever wrote it; of a name that stands there twice the first value."""
    return dict(reversed(pairs(query)))


def pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="replace")
    except ValueError:
        raise UsageError("в адресе слишком много условий: откройте «Показатели» заново") from None


def zone_of(desk: Desk) -> str:
    """Whose midnights part the days: the digest's, where the config has one; else the first place's."""
    return asked_of.zone_of(desk.application.config)


def asked(desk: Desk, visit: Visit, known: Known) -> Ask:
    """What the visitor asks. Raises UsageError."""
    return Ask.read(given(visit.request.url.query), known, zone_of(desk), visit.now)


def chosen_place(given: Given, known: Known) -> str:
    """Raises UsageError for a place that the visitor may not see, as for one that there never was."""
    place = given.get("place", "")
    if place and place not in known.places:
        raise UsageError("такой точки среди Ваших нет: выберите другую")
    return place


def chosen_source(given: Given, known: Known) -> str:
    source = given.get("source", "")
    if source and source not in known.sources:
        raise UsageError("такой площадки нет: выберите другую")
    return source


# --- periods ----------------------------------------------------------------------------------


def ending(now: datetime) -> datetime:
    """What has happened up to now lies before it; whole minutes stand better in an address."""
    return now.replace(second=0, microsecond=0) + MINUTE


def _days_before(end: datetime, days: int, zone: str) -> datetime:
    """The beginning of so many days of which the end lies in the last."""
    last = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return midnight(last - timedelta(days=days - 1), zone)


def period_from(since: str, end: datetime, zone: str) -> Period:
    """Without a beginning of as many days as usual. Raises UsageError for one that is empty or endless."""
    begin = edge(since, zone) if since else _days_before(end, USUAL, zone)
    if begin >= end:
        raise UsageError("первый день периода ещё не настал или стоит после последнего: поправьте даты")
    if end - begin > timedelta(days=LONGEST):
        raise UsageError("период длиннее десяти лет: выберите короче")
    return Period(begin, end, zone)


def edge(written: str, zone: str, *, last: bool = False) -> datetime:
    """`2026-11-01`, the day's beginning; of the `last` day its end. Or a moment, `2026-11-01T09:30:00Z`. Raises
    UsageError."""
    try:
        if len(written) == len("2026-11-01"):
            day = date.fromisoformat(written)
            moment = midnight(day + timedelta(days=last), zone)
        else:
            moment = from_iso(written[:40]).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise UsageError("дата не читается: нужна такая, как 2026-11-01") from None
    if moment.year not in YEARS:
        raise UsageError(f"дата должна быть между {YEARS[0]} и {YEARS[-1]} годом")
    return moment


def edges(period: Period) -> tuple[tuple[str, str], tuple[str, str]]:
    """Of an address: whole days by their dates, the last one included."""
    return ("since", _edge(period.since, period.zone)), ("until", _edge(period.until, period.zone, last=True))


def _edge(moment: datetime, zone: str, *, last: bool = False) -> str:
    day = moment.astimezone(ZoneInfo(zone)).date()
    if midnight(day, zone) == moment:
        return (day - timedelta(days=last)).isoformat()
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def days(period: Period) -> tuple[date, date]:
    """The first and the last that it touches."""
    zone = ZoneInfo(period.zone)
    return period.since.astimezone(zone).date(), (period.until - timedelta(microseconds=1)).astimezone(zone).date()


def told(period: Period, now: datetime) -> str:
    """`1–21 ноября`."""
    return wording.between(*days(period), now.astimezone(ZoneInfo(period.zone)).date())
