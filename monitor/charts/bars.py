"""Places or themes compared: a bar for each, or two, for what was before and what is now."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.charts import letters, told
from monitor.charts.frame import LINE, TITLE, Sample, blank, headed, legend, rows_of
from monitor.charts.paper import Box, Fill, Paper
from monitor.charts.picture import REMEMBERED, Picture
from monitor.charts.style import BASE, BLUE, HATCH, NARROW, PALE, QUIET, SIZE, SMALL, WIDE
from monitor.charts.told import Unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 15
"""Rows: what is left out is counted below them."""

NAMED = 0.4
"""Of the width, at most so much is for names that stand beside their bars."""

THICK, THIN, APART = 16, 14, 12
"""Points of a bar, of one of two, and between rows."""

NOW, WAS = Fill(BLUE), Fill(PALE, HATCH)

LISTED = 6
"""Rows whose values are told to those who do not see them."""


@dataclass(frozen=True, slots=True)
class Row:
    """`value` None: nothing was counted. `was`: before."""

    name: str
    value: float | None
    was: float | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """In the order in which they stand here. `now` and `was`: what the two bars of a row are called."""

    title: str
    unit: Unit
    rows: tuple[Row, ...]
    now: str = "стало"
    was: str = "было"

    @property
    def are_pairs(self) -> bool:
        return any(row.was is not None for row in self.rows)


@lru_cache(maxsize=REMEMBERED)
def rows(chart: Rows, width: int = WIDE) -> Picture:
    counted = [number for row in chart.rows for number in (row.value, row.was) if number is not None]
    if not counted:
        return blank(chart.title, width)
    sheet = _Sheet(chart, width, max(5.0 if chart.unit is Unit.STARS else 0.0, *counted) or 1.0)
    return Picture(_alt(chart), width, sheet.height, sheet.draw)


class _Sheet:
    """Names stand beside the bars, on a phone above them."""

    def __init__(self, chart: Rows, width: int, longest: float) -> None:
        self._chart = chart
        self._width = width
        self._longest = longest
        self._shown = chart.rows[:MOST]
        self._above = width < (WIDE + NARROW) / 2
        self._samples = (
            rows_of([Sample(WAS, letters.name(chart.was)), Sample(NOW, letters.name(chart.now))], width)
            if chart.are_pairs
            else []
        )
        names = [letters.name(row.name) for row in self._shown]
        widest = max(letters.width(name, SIZE) for name in names)
        self._left = 0.0 if self._above else min(widest, NAMED * width) + 8
        self._names = [letters.fitted(name, width if self._above else NAMED * width, SIZE) for name in names]
        bars = 2 * THIN if chart.are_pairs else THICK
        self._row = bars + APART + (LINE if self._above else 0)
        self._top = TITLE + LINE * len(self._samples) + (8 if self._above else 14)
        self._more = len(chart.rows) - len(self._shown)
        self.height = round(self._top + self._row * len(self._shown) + (LINE if self._more else 2))

    def draw(self, figure: "Figure", vector: bool) -> None:
        paper = Paper(figure, self.height, vector=vector)
        headed(paper, self._chart.title, self._width)
        legend(paper, self._samples, TITLE)
        top = self._top
        for row, name in zip(self._shown, self._names, strict=True):
            self._draw(paper, row, name, top)
            top += self._row
        if self._more:
            paper.words(self._left, self.height - 5, f"и ещё {self._more}", size=SMALL, colour=QUIET)

    def _draw(self, paper: Paper, row: Row, name: str, top: float) -> None:
        high = self._row - APART - (LINE if self._above else 0)
        if self._above:
            paper.words(0, top + 15, name)
            top += LINE
        else:
            paper.words(self._left - 8, top + high / 2 + SIZE * 0.35, name, align="right")
        bars = ((row.was, WAS, False), (row.value, NOW, True)) if self._chart.are_pairs else ((row.value, NOW, True),)
        thick = high / len(bars)
        for place, (number, fill, bold) in enumerate(bars):
            self._bar(paper, number, fill, top + place * thick, thick, bold=bold)
        paper.line([(self._left, top - 3), (self._left, top + high + 3)], BASE)

    def _bar(self, paper: Paper, number: float | None, fill: Fill, top: float, thick: float, *, bold: bool) -> None:
        room = self._width - self._left - 8 - self._widest()
        long = 0 if number is None else max(number, 0) / self._longest * room
        if long > 0:
            paper.boxes([Box(self._left, top + 0.5, long, thick - 1)], fill, rim=0.8)
        said = told.value(self._chart.unit, number)
        size = SMALL if thick < THICK else SIZE
        paper.words(self._left + long + 6, top + thick / 2 + size * 0.36, said, size=size, bold=bold)

    def _widest(self) -> float:
        """Of the values."""
        numbers = [number for row in self._shown for number in (row.value, row.was)]
        return max(letters.width(told.value(self._chart.unit, number), SIZE, bold=True) for number in numbers)


# --- in words -------------------------------------------------------------------------------------


def _alt(chart: Rows) -> str:
    head, listed = f"{letters.name(chart.title)}.", f"{'; '.join(_listed(chart))}."
    there = [(row.value, row.name) for row in chart.rows if row.value is not None]
    if len(chart.rows) <= LISTED or not there:
        return told.alternative(head, listed)
    ends = (max(there), min(there))
    extremes = ", ".join(
        f"{word} {told.value(chart.unit, number)} ({letters.name(name)})"
        for word, (number, name) in zip(told.ENDS[chart.unit], ends, strict=True)
    )
    return told.alternative(head, f"{extremes}.", listed)


def _listed(chart: Rows) -> Iterator[str]:
    before, after = letters.name(chart.was), letters.name(chart.now)
    for row in chart.rows[:LISTED]:
        now, was = (
            told.UNKNOWN if number is None else told.value(chart.unit, number) for number in (row.value, row.was)
        )
        yield f"{letters.name(row.name)}: {f'{before} {was}, {after} {now}' if chart.are_pairs else now}"
    if len(chart.rows) > LISTED:
        yield f"и ещё {len(chart.rows) - LISTED}"
