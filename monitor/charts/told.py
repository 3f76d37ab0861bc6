"""What a picture shows, in words: values, days, how it goes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

from monitor import wording
from monitor.numbers import Step
from monitor.wording import GLUE

EMPTY = "Пока нечего показать"

LONGEST = 400
"""Characters of a text alternative: it is read aloud in one go."""


class Unit(StrEnum):
    """Of values: how many; a share, 0 to 1, told in whole per cent or in tenths; stars, 1 to 5; a length in seconds."""

    COUNT = "count"
    SHARE = "share"
    FINE_SHARE = "fine share"
    STARS = "stars"
    TIME = "time"


_TOLD: Mapping[Unit, Callable[[float], str]] = {
    Unit.COUNT: lambda number: wording.thousands(round(number)),
    Unit.SHARE: wording.percent,
    Unit.FINE_SHARE: wording.fine_percent,
    Unit.STARS: wording.decimal,
    Unit.TIME: lambda seconds: wording.duration(timedelta(seconds=seconds)),
}

STEADY: Mapping[Unit, tuple[float, float]] = {
    Unit.COUNT: (1.0, 0.15),
    Unit.SHARE: (0.03, 0.0),
    Unit.FINE_SHARE: (0.003, 0.0),
    Unit.STARS: (0.1, 0.0),
    Unit.TIME: (60.0, 0.15),
}
"""Unit → by how much, and by which part of itself, a value must change before anybody calls it a change."""

ENDS: Mapping[Unit, tuple[str, str]] = {
    Unit.COUNT: ("больше всего", "меньше всего"),
    Unit.SHARE: ("больше всего", "меньше всего"),
    Unit.FINE_SHARE: ("больше всего", "меньше всего"),
    Unit.STARS: ("выше всего", "ниже всего"),
    Unit.TIME: ("дольше всего", "быстрее всего"),
}
"""What the highest and the lowest value are called."""

UNKNOWN = "нет данных"

LEAST = 4
"""Values from which on a direction is told."""


def value(unit: Unit, number: float | None) -> str:
    return wording.NOTHING if number is None else _TOLD[unit](number)


def span(days: Sequence[date], step: Step, until: date | None = None) -> str:
    """`по дням, 1–14 ноября`; `until`: the last day, where the last week is cut short."""
    kind = "по дням" if step is Step.DAY else "по неделям"
    last = until or days[-1] + timedelta(days=0 if step is Step.DAY else 6)
    return f"{kind}, {wording.between(days[0], last, last)}"


def day(at: date, last: date) -> str:
    return wording.date_told(at, last)


def course(unit: Unit, values: Sequence[float]) -> str:
    """`растёт`, `снижается`, `почти не меняется`: the last third against the first; "" of too few to tell."""
    if len(values) < LEAST:
        return ""
    third = -(-len(values) // 3)
    before, after = sum(values[:third]) / third, sum(values[-third:]) / third
    least, part = STEADY[unit]
    if abs(after - before) < max(least, part * max(abs(before), abs(after))):
        return "почти не меняется"
    return "растёт" if after > before else "снижается"


def series(unit: Unit, days: Sequence[date], values: Sequence[float | None]) -> str:
    """`сначала 4,6, в конце 4,2, выше всего 4,7 (8 сентября), ниже всего 4,1 (10 ноября), снижается`"""
    there = [(at, number) for at, number in zip(days, values, strict=True) if number is not None]
    if not there:
        return UNKNOWN
    (_, first), (_, last) = there[0], there[-1]
    if len(there) == 1:
        return f"{value(unit, first)} ({day(there[0][0], days[-1])})"
    parts = [f"сначала{GLUE}{value(unit, first)}", f"в{GLUE}конце{GLUE}{value(unit, last)}"]
    high, low = max(there, key=lambda pair: pair[1]), min(there, key=lambda pair: pair[1])
    if value(unit, high[1]) != value(unit, low[1]):
        for name, (at, number) in zip(ENDS[unit], (high, low), strict=True):
            parts.append(f"{name} {value(unit, number)} ({day(at, days[-1])})")
    parts.append(course(unit, [number for _, number in there]))
    return ", ".join(filter(None, parts))


def brief(unit: Unit, values: Sequence[float | None]) -> str:
    """The same of one of several: `с 4,6 до 4,2, снижается`"""
    there = [number for number in values if number is not None]
    if not there:
        return UNKNOWN
    ends = (
        value(unit, there[0]) if len(there) == 1 else f"с{GLUE}{value(unit, there[0])} до{GLUE}{value(unit, there[-1])}"
    )
    return ", ".join(filter(None, (ends, course(unit, there))))


def alternative(*parts: str) -> str:
    """Sentences as one text that is not too long."""
    return wording.one_line(" ".join(f"{part[:1].upper()}{part[1:]}" for part in parts if part), LONGEST)
