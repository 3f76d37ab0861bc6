"""Which values and which days stand beside a picture. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log

from monitor import wording
from monitor.charts.style import SHORT
from monitor.charts.told import Unit, value

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

_TIMES = (
    MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 120 * DAY, 360 * DAY,
)  # fmt: skip
_DECADES = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY)
"""Of lengths that people think in; on a logarithmic scale they stand about evenly."""

SPREAD = 10
"""How many times the shortest the longest length is, from which on the scale is logarithmic."""

MOST = 5
"""Values beside a picture."""

LABEL = 34
"""Points that the label of a day needs."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`; `ticks`: values and their words. `logarithmic`: equal ways are equal ratios."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def at(self, number: float) -> float:
        """How high a value stands, 0 to 1."""
        held = min(max(number, self.low), self.high)
        if self.logarithmic:
            return log(held / self.low) / log(self.high / self.low)
        return (held - self.low) / (self.high - self.low)


def scale(unit: Unit, values: Sequence[float]) -> Scale:
    """That has room for all of at least one value."""
    if unit is Unit.STARS:
        return _stars(values)
    if unit is Unit.TIME:
        return _times(values)
    if unit in (Unit.SHARE, Unit.FINE_SHARE):
        high = next((high for high in (0.1, 0.2, 0.5) if max(values) <= high), 1.0)
        return _even(unit, high, {0.1: 2, 0.2: 2, 0.5: 5, 1.0: 4}[high])
    return _counts(max(values))


def _counts(most: float) -> Scale:
    """In steps of 1, 2 or 5 and noughts."""
    for step in (kind * 10**noughts for noughts in range(16) for kind in (1, 2, 5)):
        if step * (MOST - 1) >= most:
            return _even(Unit.COUNT, step * max(ceil(most / step), 2), max(ceil(most / step), 2))
    return _even(Unit.COUNT, most, 1)


def _stars(values: Sequence[float]) -> Scale:
    """In halves where two stars are enough, and at least one star high; no value lies on the ground if it can."""
    held = [min(max(value, 1.0), 5.0) for value in values]
    low, high = floor(min(held) * 2 - 0.1) / 2, ceil(max(held) * 2) / 2
    if high - low > 2:
        low, high = floor(low), ceil(high)
    high = min(max(high, low + 1), 5.0)
    low = max(min(low, high - 1), 1.0)
    step = 0.5 if high - low <= 2 else 1.0
    ticks = [low + step * number for number in range(round((high - low) / step) + 1)]
    return Scale(low, high, tuple((tick, value(Unit.STARS, tick)) for tick in ticks))


def _times(values: Sequence[float]) -> Scale:
    shortest, longest = max(min(values), MINUTE), max(*values, MINUTE)
    if longest / shortest <= SPREAD:
        step = next((step for step in _TIMES if step * (MOST - 1) >= longest), _TIMES[-1])
        return _even(Unit.TIME, step * max(ceil(longest / step), 2), max(ceil(longest / step), 2))
    low = max(decade for decade in _DECADES if decade <= shortest)
    high = next((decade for decade in _DECADES if decade >= longest), longest)
    there = [decade for decade in _DECADES if low <= decade <= high]
    chosen = there[:: -(-len(there) // (MOST + 1))]
    return Scale(low, high, tuple((tick, value(Unit.TIME, tick)) for tick in chosen), logarithmic=True)


def _even(unit: Unit, high: float, parts: int) -> Scale:
    ticks = [high * number / parts for number in range(parts + 1)]
    told = ["0" if unit is Unit.TIME and not tick else value(unit, tick) for tick in ticks]
    return Scale(0, high, tuple(zip(ticks, told, strict=True)))


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands under a day: `below` is the month, and the year where it begins."""

    index: int
    words: str
    below: str


def marks(days: Sequence[date], room: float) -> tuple[Mark, ...]:
    """For days or weeks in a row that lie evenly over so many points; long ones are marked by months."""
    pitch = room / max(len(days), 1)
    each = max(ceil(LABEL / pitch), 1)
    span = (days[-1] - days[0]).days
    return tuple(_months(days, room, span) if span > 100 else _days(days, each))


def _days(days: Sequence[date], each: int) -> Iterator[Mark]:
    month = (0, 0)
    for index in range(0, len(days), each):
        at = days[index]
        fresh = (at.year, at.month) != month
        month = (at.year, at.month)
        yield Mark(index, str(at.day), _month(at) if fresh else "")


def _months(days: Sequence[date], room: float, span: int) -> Iterator[Mark]:
    """Where each begins; only so many as fit."""
    each = next(each for each in (1, 2, 3, 4, 6, 12, 24, 60, 1200) if room / (span / 30.4) * each >= LABEL)
    year = 0
    for index, at in enumerate(days):
        begins = index > 0 and days[index - 1].month != at.month
        if begins and (12 * at.year + at.month - 1) % each == 0:
            yield Mark(index, _month(at), str(at.year) if at.year != year else "")
            year = at.year


def _month(at: date) -> str:
    return wording.MONTHS[at.month - 1][:SHORT]
