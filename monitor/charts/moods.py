"""How many reviews of each tone came, day by day or week by week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor import wording
from monitor.charts import letters, told
from monitor.charts.frame import LINE, TITLE, Frame, Sample, blank, framed, legend, rows_of
from monitor.charts.paper import Box, Fill, Paper
from monitor.charts.picture import REMEMBERED, Picture
from monitor.charts.scales import scale
from monitor.charts.style import GROUND, MINT, RED, SMALL, WIDE
from monitor.charts.told import Unit
from monitor.numbers import Step, share
from monitor.wording import GLUE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT = 230

FILLS = (Fill(RED), Fill(GROUND), Fill(MINT))
"""From the ground up: dark, light, between."""

NAMES = ("негатив", "нейтрально", "позитив")

COLUMN = 0.72
"""Of what a day has; narrow ones need no gap that one could see."""

BESIDE = 40
"""Points of the values at the left, about."""

NARROWEST, THINNEST = 8, 4
"""Points of a day below which its column has a thin rim, and below which weeks are shown."""


FEW = 14
"""Days, of which shares can be told one by one: of more they tell more of chance than of anything else."""


@dataclass(frozen=True, slots=True)
class Tones:
    """`days`: the first day of each bucket, `until`: the last of all, None where the last bucket is a whole one. How
    many reviews of each had which tone."""

    title: str
    days: tuple[date, ...]
    step: Step
    negative: tuple[int, ...]
    neutral: tuple[int, ...]
    positive: tuple[int, ...]
    until: date | None = field(default=None, kw_only=True)

    @property
    def stacks(self) -> tuple[tuple[int, ...], ...]:
        return self.negative, self.neutral, self.positive

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(counts) for counts in zip(*self.stacks, strict=True))


def by_weeks(chart: Tones) -> Tones:
    """The same, each week in one."""
    mondays = [day - timedelta(days=day.weekday()) for day in chart.days]
    weeks = tuple(dict.fromkeys(mondays))
    sums = []
    for counts in chart.stacks:
        found = dict.fromkeys(weeks, 0)
        for monday, count in zip(mondays, counts, strict=True):
            found[monday] += count
        sums.append(tuple(found.values()))
    until = chart.days[-1] if chart.step is Step.DAY else chart.until
    return Tones(chart.title, weeks, Step.WEEK, *sums, until=until)


@lru_cache(maxsize=REMEMBERED)
def tones(chart: Tones, width: int = WIDE) -> Picture:
    """Weeks are shown where days would be too narrow. Raises ValueError when there is not a count of each tone for each
    day."""
    if {len(counts) for counts in chart.stacks} != {len(chart.days)}:
        raise ValueError("there is a count of each tone for each day")
    if not any(chart.totals):
        return blank(chart.title, width)
    if chart.step is Step.DAY and len(chart.days) * THINNEST > width:
        chart = by_weeks(chart)
    rows = rows_of(_samples(chart), width)
    height = PLOT + LINE * len(rows)

    def draw(figure: "Figure", vector: bool) -> None:
        paper = Paper(figure, height, vector=vector)
        legend(paper, rows, TITLE)
        frame = framed(
            paper,
            chart.title,
            chart.days,
            scale(Unit.COUNT, chart.totals),
            (width, height),
            top=LINE * len(rows),
            right=2,
            ruled=not _is_summed(chart, width),
        )
        _columns(paper, frame, chart, summed=_is_summed(chart, width))

    return Picture(_alt(chart), width, height, draw)


def _samples(chart: Tones) -> list[Sample]:
    return [
        Sample(fill, f"{name}{GLUE}{wording.thousands(sum(counts))}")
        for fill, name, counts in zip(FILLS, NAMES, chart.stacks, strict=True)
    ]


def _is_summed(chart: Tones, width: int) -> bool:
    """Whether the sums have room above the columns."""
    widest = max(letters.width(wording.thousands(total), SMALL) for total in chart.totals)
    return widest < (width - BESIDE) / len(chart.days) - 2


def _columns(paper: Paper, frame: Frame, chart: Tones, *, summed: bool) -> None:
    wide = frame.pitch * (COLUMN if frame.pitch >= NARROWEST else 0.9)
    below = [0] * len(chart.days)
    for counts, fill in zip(chart.stacks, FILLS, strict=True):
        above = [under + count for under, count in zip(below, counts, strict=True)]
        paper.boxes(_boxes(frame, below, above, wide), fill, rim=1 if frame.pitch >= NARROWEST else 0.4)
        below = above
    for index, total in enumerate(chart.totals if summed else ()):
        if total:
            told_of = wording.thousands(total)
            paper.words(frame.x(index), frame.y(total) - 4, told_of, size=SMALL, align="center")


def _boxes(frame: Frame, below: Sequence[int], above: Sequence[int], wide: float) -> Iterator[Box]:
    for index, (low, high) in enumerate(zip(below, above, strict=True)):
        if high > low:
            top = frame.y(high)
            yield Box(frame.x(index) - wide / 2, top, wide, frame.y(low) - top)


def _alt(chart: Tones) -> str:
    whole = sum(chart.totals)
    parts = [
        f"{name} {wording.thousands(sum(counts))} ({wording.percent(share(sum(counts), whole))})"
        for name, counts in zip(("негативных", "нейтральных", "позитивных"), chart.stacks, strict=True)
    ]
    head = f"{letters.name(chart.title)} {told.span(chart.days, chart.step, chart.until)}: {', '.join(parts)}."
    if chart.step is Step.DAY and len(chart.days) > FEW:
        chart, by = by_weeks(chart), " по неделям"
    else:
        by = ""
    shares = [share(bad, total) for bad, total in zip(chart.negative, chart.totals, strict=True)]
    return told.alternative(head, f"Доля негативных{by}: {told.series(Unit.SHARE, chart.days, shares)}.")
