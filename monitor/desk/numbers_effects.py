"""Whether a measure helped, as its card tells it: two windows counted, a sentence, pictures."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor import charts, measures, wording
from monitor.charts import Lines, Picture, Row, Rows, Series, Unit
from monitor.desk.numbers_cells import FEW, Number, number
from monitor.measures import LEAST, Counted, Effect, Windows
from monitor.notify.render import capitalised
from monitor.numbers import Cohort, Mentions, Period, Scope, Selection, Step, share, together
from monitor.store.measures import Measure
from monitor.wording import GLUE

ABOUT: Mapping[str, str] = {
    "staff": "персонал",
    "waiting": "ожидание",
    "quality": "качество",
    "cleanliness": "чистоту",
    "price": "цены",
    "atmosphere": "атмосферу",
    "delivery": "доставку",
    "booking": "запись и бронирование",
    "payment": "оплату",
    "deceit": "обман",
    "safety": "безопасность",
    "assortment": "ассортимент",
    "location": "расположение",
}
"""Theme → what people complain of, in the accusative."""

WORDS: Mapping[Effect, tuple[str, str]] = {
    Effect.HELPED: ("помогло", "good"),
    Effect.WORSE: ("стало хуже", "late"),
    Effect.UNCLEAR: ("пока неясно", ""),
    Effect.EARLY: ("рано судить", "info"),
    Effect.UNKNOWN: ("сравнить не с чем", ""),
}
"""What it is called, and a class of style."""

TONES: Mapping[str, str] = {"negative": "негативных", "neutral": "нейтральных", "positive": "позитивных"}

OFTEN = 0.5
"""A chance from which on a change is nothing to talk about."""

DAILY = 14
"""Days of a window up to which its picture shows single days."""


class Counts(Protocol):
    """What is asked of `store.numbers.Numbers`."""

    def at_once(self) -> AbstractContextManager[None]: ...

    def cohorts(self, scope: Scope, now: datetime, step: Step) -> tuple[Cohort, ...]: ...

    def themes(self, scope: Scope, step: Step | None = None) -> Mapping[str, tuple[Mentions, ...]]: ...


@dataclass(frozen=True, slots=True)
class Days:
    """What came on each day of both windows, oldest first, and in how many reviews of it the theme was complained
    of."""

    theme: str
    windows: Windows
    scope: Scope
    cohorts: tuple[Cohort, ...]
    complaints: tuple[int, ...]

    @property
    def sides(self) -> tuple["Side", "Side"]:
        days = self.windows.days
        before, after = self._side(self.windows.before, 0, days), self._side(self.windows.day, days, 2 * days)
        unit = _unit(before.counted.share, after.counted.share)
        return replace(before, unit=unit), replace(after, unit=unit)

    def _side(self, first: date, begin: int, end: int) -> "Side":
        period = Period.of_days(first, self.windows.days, self.scope.period.zone)
        whole = together(self.cohorts[begin:end], period)
        counted = Counted(sum(self.complaints[begin:end]), _judged(whole), whole.average)
        return Side(self.theme, replace(self.scope, period=period), whole, counted)

    def course(self) -> tuple[tuple[date, ...], Step, tuple[float | None, ...]]:
        """The share of complaints in days, or in weeks that begin on the weekday of the measure."""
        length = 1 if self.windows.days <= DAILY else 7
        cut = -(-self.windows.days // length)
        days, shares = [], []
        for place in range(-cut, cut):
            begin = max(self.windows.days + place * length, 0)
            end = min(self.windows.days + (place + 1) * length, len(self.cohorts))
            whole = sum(map(_judged, self.cohorts[begin:end]))
            days.append(max(self.windows.day + timedelta(days=place * length), self.windows.before))
            shares.append(share(sum(self.complaints[begin:end]), whole))
        return tuple(days), Step.DAY if length == 1 else Step.WEEK, tuple(shares)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the windows. `unit`: in which its share is told."""

    theme: str
    scope: Scope
    cohort: Cohort
    counted: Counted
    unit: Unit = Unit.SHARE

    @property
    def selections(self) -> tuple[Selection, ...]:
        """The complaints, then all that are judged, tone by tone."""
        complaints = Selection(self.scope, theme=self.theme, theme_tone="negative")
        return complaints, *(Selection(self.scope, tone=tone) for tone in TONES)

    @property
    def complaints(self) -> Number:
        return number(self.counted.complaints, self.selections[0])

    @property
    def percent(self) -> str:
        """ "" of so few reviews that their numbers say more."""
        return charts.value(self.unit, self.counted.share) if self.counted.judged >= FEW else ""

    @property
    def whole(self) -> str:
        judged = self.counted.judged
        return f"{wording.thousands(judged)}{GLUE}{wording.plural(judged, 'отзыва', 'отзывов', 'отзывов')}"

    @property
    def tones(self) -> tuple[tuple[str, Number], ...]:
        counts = (getattr(self.cohort, tone) for tone in TONES)
        return tuple(
            (word, number(count, selection))
            for word, count, selection in zip(TONES.values(), counts, self.selections[1:], strict=True)
        )


def _unit(before: float | None, after: float | None) -> Unit:
    """Tenths where whole per cent would call different shares the same."""
    if before is None or after is None or before == after:
        return Unit.SHARE
    return Unit.FINE_SHARE if wording.per_cent(before) == wording.per_cent(after) else Unit.SHARE


def _judged(cohort: Cohort) -> int:
    return cohort.negative + cohort.neutral + cohort.positive


def counted(numbers: Counts, measure: Measure, places: frozenset[str] | None, zone: str, now: datetime) -> Days | None:
    """Of the places that the visitor may see, in days of that zone; None while it is too early."""
    windows = measures.windows(measure.day, now.astimezone(ZoneInfo(zone)).date())
    if windows is None:
        return None
    period = Period.of_days(windows.before, 2 * windows.days, zone)
    scope = Scope(period, measure.place, None, None, places)
    with numbers.at_once():
        cohorts = numbers.cohorts(scope, now, Step.DAY)
        mentions = numbers.themes(scope, Step.DAY).get(measure.theme, ())
    return Days(
        measure.theme,
        windows,
        scope,
        cohorts,
        tuple(each.negative for each in mentions) or (0,) * (2 * windows.days),
    )


# --- in words -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """`word` and `tone` for a badge; `said`: what follows the numbers, or stands instead of them; `sides` () where
    there is nothing to compare."""

    word: str
    tone: str
    said: str
    sides: tuple[Side, ...] = ()
    stars: str = ""


def told(days: Days | None, measure: Measure, today: date) -> Told:
    if days is None:
        return Told(*WORDS[Effect.EARLY], _early(measure, today))
    sides = before, after = days.sides
    effect = measures.effect(before.counted, after.counted)
    if effect is Effect.UNKNOWN:
        said = "С этого дня отзывов не было." if before.counted.judged else "До этого дня мы отзывов не видели."
        return Told(*WORDS[effect], said)
    return Told(*WORDS[effect], _chance(before.counted, after.counted), sides, _stars(before.counted, after.counted))


def _early(measure: Measure, today: date) -> str:
    since = measure.day + timedelta(days=LEAST)
    return f"Нужна хотя бы неделя: сравнение появится {wording.date_told(since, today)}."


def _chance(before: Counted, after: Counted) -> str:
    """`Случайно так бывает реже чем в одном случае из 50.`"""
    chance = measures.chance(before, after)
    if odds := measures.odds(chance):
        return f"Случайно так бывает реже чем в одном случае из{GLUE}{wording.thousands(odds)}."
    if before.share == after.share:
        return "Ничего не изменилось."
    if chance >= OFTEN:
        return "На столько доля меняется и сама собой."
    return f"Но это может быть и случайность: так бывает в одном случае из{GLUE}{round(1 / chance)}."


def _stars(before: Counted, after: Counted) -> str:
    if before.stars is None or after.stars is None:
        return ""
    return f"Средняя оценка: была {wording.decimal(before.stars)}, стала {wording.decimal(after.stars)}."


# --- pictures -----------------------------------------------------------------------------------


def pair(days: Days, width: int) -> Picture:
    """Before and after."""
    before, after = days.sides
    row = Row(capitalised(wording.THEMES[days.theme]), after.counted.share, before.counted.share)
    return charts.rows(Rows(f"Доля жалоб на {ABOUT[days.theme]}", after.unit, (row,)), width)


def course(days: Days, width: int) -> Picture:
    """Week by week."""
    first, step, shares = days.course()
    line = Series("жалобы", shares)
    title = f"Доля жалоб на {ABOUT[days.theme]}"
    since, until = days.windows.day, days.windows.day + timedelta(days=days.windows.days - 1)
    chart = Lines(title, first, step, Unit.SHARE, (line,), since=since, change="мера", until=until)
    return charts.lines(chart, width)
