"""One or some lines over time: average stars, shares, lengths. Where nothing was counted there is a gap."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.charts import letters, told
from monitor.charts.frame import LINE, TITLE, Frame, blank, framed
from monitor.charts.paper import Paper, Point
from monitor.charts.picture import REMEMBERED, Picture
from monitor.charts.scales import scale
from monitor.charts.style import AIM, CHANGE, NARROW, QUIET, SIZE, SMALL, STROKES, WIDE, Stroke
from monitor.charts.told import Unit
from monitor.numbers import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT = 230
"""Points of height, less what stands above."""

NAMED = 0.34
"""Of the width, at most so much is for the names at the lines' ends."""

SAMPLE = 26
"""Points of a line drawn beside its name."""

APART, CROWDED = 14, 28
"""Points between the markers of a line; of one with more than a value in every third point."""

BESIDE, SIGN, GAP = 9, 14, 6
"""Points from the last value to what stands there, of the sign of a line, from a value to a name."""

MIDDLE = SIZE * 0.35
"""From the middle of letters down to where they stand."""

LEADER = Stroke(QUIET, (), "", width=0.7)

AIM_NAME = "цель"


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each bucket; None: nothing was counted."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """`days`: the first day of each bucket; `until`: the last of all, None where the last bucket is a whole one. At
    most six series. `target`: a line across, which is called `aim`. `since`: the day on which something changed, which
    is called `change`."""

    title: str
    days: tuple[date, ...]
    step: Step
    unit: Unit
    series: tuple[Series, ...]
    target: float | None = None
    aim: str = ""
    since: date | None = None
    change: str = ""
    until: date | None = None

    @property
    def is_named(self) -> bool:
        """Whether there is more than one line to tell apart."""
        return len(self.series) > 1 or self.target is not None

    @property
    def counted(self) -> list[float]:
        return [number for each in self.series for number in each.values if number is not None]


@lru_cache(maxsize=REMEMBERED)
def lines(chart: Lines, width: int = WIDE) -> Picture:
    """Raises ValueError when there are more series than can be told apart, or one has not a value for each day."""
    if len(chart.series) > len(STROKES):
        raise ValueError(f"more than {len(STROKES)} lines cannot be told apart")
    if any(len(each.values) != len(chart.days) for each in chart.series):
        raise ValueError("a series has one value for each day")
    if not chart.counted:
        return blank(chart.title, width)
    height = PLOT + (LINE * len(tuple(_drawn(chart))) if _is_listed(chart, width) else 0)

    def draw(figure: "Figure", vector: bool) -> None:
        _draw(Paper(figure, height, vector=vector), chart, width, height)

    return Picture(_alt(chart), width, height, draw)


def _is_listed(chart: Lines, width: int) -> bool:
    """Whether the names stand above: a phone has no room for them beside the lines."""
    return chart.is_named and width < (WIDE + NARROW) / 2


def _alt(chart: Lines) -> str:
    head = f"{letters.name(chart.title)} {told.span(chart.days, chart.step, chart.until)}"
    if len(chart.series) == 1:
        said = told.series(chart.unit, chart.days, chart.series[0].values)
    else:
        said = "; ".join(f"{letters.name(each.name)}: {told.brief(chart.unit, each.values)}" for each in chart.series)
    aim = "" if chart.target is None else f"{_aim(chart)}."
    since = "" if chart.since is None else f"{_change(chart)}: {told.day(chart.since, chart.days[-1])}."
    return told.alternative(f"{head}: {said}.", aim, since)


def _aim(chart: Lines) -> str:
    return f"{letters.name(chart.aim) or AIM_NAME}: {told.value(chart.unit, chart.target)}"


def _change(chart: Lines) -> str:
    return letters.name(chart.change) or "перемена"


# --- drawing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A line that has a value somewhere, or the target: `last` is its last index and number. `name` is "" where there
    is but one."""

    name: str
    last: tuple[int, float]
    value: str
    runs: tuple[tuple[tuple[int, float], ...], ...]
    stroke: Stroke


def _draw(paper: Paper, chart: Lines, width: int, height: int) -> None:
    listed, drawn = _is_listed(chart, width), tuple(_drawn(chart))
    numbers = [*chart.counted, *(() if chart.target is None else (chart.target,))]
    frame = framed(
        paper,
        chart.title,
        chart.days,
        scale(chart.unit, numbers),
        (width, height),
        top=LINE * len(drawn) if listed else 0,
        right=6 if listed else min(max(_wide(each, _column(drawn)) for each in drawn), NAMED * width) + BESIDE,
    )
    if chart.since is not None and chart.days[0] <= chart.since:
        _change_at(paper, frame, chart, chart.since)
    for each in drawn:
        _line(paper, frame, each)
    if listed:
        for place, each in enumerate(drawn, start=1):
            _above(paper, TITLE + place * LINE, each, width)
    else:
        _beside(paper, frame, drawn, width)


def _drawn(chart: Lines) -> Iterator[_Drawn]:
    last = len(chart.days) - 1
    for each, stroke in zip(chart.series, STROKES, strict=False):
        runs = tuple(_runs(each.values))
        if runs:
            name = letters.name(each.name) if chart.is_named else ""
            yield _Drawn(name, runs[-1][-1], told.value(chart.unit, runs[-1][-1][1]), runs, stroke)
    if chart.target is not None:
        value = told.value(chart.unit, chart.target)
        yield _Drawn(letters.name(chart.aim) or AIM_NAME, (last, chart.target), value, (), AIM)


def _runs(values: Sequence[float | None]) -> Iterator[tuple[tuple[int, float], ...]]:
    """The values in a row, with their indexes, from gap to gap."""
    run: list[tuple[int, float]] = []
    for index, number in enumerate([*values, None]):
        if number is not None:
            run.append((index, number))
        elif run:
            yield tuple(run)
            run = []


def _change_at(paper: Paper, frame: Frame, chart: Lines, since: date) -> None:
    begun = bisect_right(chart.days, since) - 1
    part = (since - chart.days[begun]).days / (1 if chart.step is Step.DAY else 7)
    x = min(frame.left + (begun + part) * frame.pitch, frame.right)
    paper.line([(x, frame.top - 12), (x, frame.bottom)], CHANGE)
    after = frame.right - x > x - frame.left
    words = letters.fitted(_change(chart), (frame.right - x if after else x) - 6, SMALL)
    paper.words(x + 4 if after else x - 4, frame.top - 5, words, size=SMALL, align="left" if after else "right")


def _line(paper: Paper, frame: Frame, drawn: _Drawn) -> None:
    """Markers where a line begins and ends, and between where there is room for them."""
    if not drawn.runs:
        y = frame.y(drawn.last[1])
        paper.line([(frame.left, y), (frame.right, y)], drawn.stroke)
    each = max(round((CROWDED if frame.pitch < 3 else APART) / frame.pitch), 1)
    marked: list[Point] = []
    for run in drawn.runs:
        points = [(frame.x(index), frame.y(number)) for index, number in run]
        paper.line(points if len(points) > 1 else (), drawn.stroke)
        ends = (run[0][0], run[-1][0])
        marked += [point for point, (index, _) in zip(points, run, strict=True) if index in ends or index % each == 0]
    paper.markers(marked, drawn.stroke)


# --- names and last values ----------------------------------------------------------------------


def _column(drawn: Sequence[_Drawn]) -> float:
    """Of the last values."""
    return max(letters.width(each.value, SIZE, bold=True) for each in drawn)


def _wide(drawn: _Drawn, column: float) -> float:
    """What stands beside a line: its sign, its value, its name."""
    return SIGN + column + GAP + letters.width(drawn.name, SIZE) if drawn.name else column


def _beside(paper: Paper, frame: Frame, drawn: Sequence[_Drawn], width: int) -> None:
    """In the order of the lines' ends; where two would touch, they move apart, and a thin line leads to each."""
    placed = sorted(drawn, key=lambda each: frame.y(each.last[1]))
    heights = apart([frame.y(each.last[1]) for each in placed], SIZE + 4, frame.top - 6, frame.bottom)
    column, left = _column(drawn), frame.right + BESIDE
    for each, height in zip(placed, heights, strict=True):
        x, y = frame.x(each.last[0]), frame.y(each.last[1])
        if not each.name:
            paper.words(x + BESIDE, y + MIDDLE, each.value, bold=True)
            continue
        if each.runs and (abs(height - y) > 1 or each.last[0] < max(other.last[0] for other in drawn)):
            paper.line([(x + 5, y), (left - 4, height)], LEADER)
        _sign(paper, left, left + 9, height, each)
        paper.words(left + SIGN + column, height + MIDDLE, each.value, bold=True, align="right")
        room = width - left - SIGN - column - GAP
        paper.words(left + SIGN + column + GAP, height + MIDDLE, letters.fitted(each.name, room, SIZE))


def apart(heights: Sequence[float], least: float, top: float, bottom: float) -> list[float]:
    """Ascending heights, moved as little as it takes to lie so far from each other, within the bounds as far as they
    have room there."""
    groups: list[tuple[float, int]] = []  # those that would touch: the middle of what they wish, their number
    for height in heights:
        groups.append((height, 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < least * (groups[-1][1] + groups[-2][1]) / 2:
            (first, many), (second, more) = groups[-2:]
            groups[-2:] = [((first * many + second * more) / (many + more), many + more)]
    found = [middle + least * (place - (many - 1) / 2) for middle, many in groups for place in range(many)]
    for place in range(len(found)):
        found[place] = max(found[place], top + least * place)
    for place in reversed(range(len(found))):
        found[place] = min(found[place], bottom - least * (len(found) - 1 - place))
    return found


def _above(paper: Paper, y: float, drawn: _Drawn, width: int) -> None:
    """A line of the list: a sample, the name, the last value."""
    _sign(paper, 1, 1 + SAMPLE, y - MIDDLE, drawn)
    room = width - SAMPLE - 16 - letters.width(drawn.value, SIZE, bold=True)
    paper.words(SAMPLE + 8, y, letters.fitted(drawn.name, room, SIZE))
    paper.words(width, y, drawn.value, align="right", bold=True)


def _sign(paper: Paper, left: float, right: float, y: float, drawn: _Drawn) -> None:
    """What a line is known by: its dashes, its marker."""
    if right - left >= SAMPLE or not drawn.stroke.marker:
        paper.line([(left, y), (right, y)], drawn.stroke)
    paper.markers([((left + right) / 2, y)], drawn.stroke, size=6)
