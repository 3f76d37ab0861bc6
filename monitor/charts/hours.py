"""A usual week, hour by hour: when somebody works, and when a deadline may pass before anybody does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from monitor.charts import letters, told
from monitor.charts.frame import LINE, TITLE, Sample, headed, legend, rows_of
from monitor.charts.paper import Box, Fill, Paper
from monitor.charts.picture import REMEMBERED, Picture
from monitor.charts.style import AMBER, BASE, BLUE, HATCH, PALE, QUIET, SMALL, WIDE
from monitor.coverage import WEEK, longest_gap
from monitor.wording import GLUE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")

HIGH = 22
"""Points of a day."""

LEFT = 26
"""Of the days' names."""

SPARSE = 16
"""Points of an hour below which only every third one has its number."""


@dataclass(frozen=True, slots=True)
class Week:
    """168 hours each, from Monday 0:00: whether a review that is first seen in any minute of it meets working time
    before the target has passed, and whether somebody works all through it; () where that is no matter."""

    title: str
    covered: tuple[bool, ...]
    working: tuple[bool, ...] = ()


KINDS = (
    (Fill(BLUE), "работают"),
    (Fill(PALE), "начнут работать до срока"),
    (Fill(AMBER, HATCH), "срок выйдет раньше"),
)
"""Of hours, by their number."""


@lru_cache(maxsize=REMEMBERED)
def week(chart: Week, width: int = WIDE) -> Picture:
    """Raises ValueError when it has not the hours of a week."""
    if len(chart.covered) != WEEK or len(chart.working) not in (0, WEEK):
        raise ValueError(f"a week has {WEEK} hours")
    kinds = tuple(_kinds(chart))
    rows = rows_of([Sample(*KINDS[kind]) for kind in sorted(set(kinds))], width)
    top = TITLE + LINE * len(rows) + 28
    height = top + HIGH * len(DAYS) + 2

    def draw(figure: "Figure", vector: bool) -> None:
        paper = Paper(figure, height, vector=vector)
        headed(paper, chart.title, width)
        legend(paper, rows, TITLE)
        _hours(paper, kinds, top, (width - LEFT - 1) / 24)

    return Picture(_alt(chart), width, height, draw)


def _kinds(chart: Week) -> Iterator[int]:
    for hour, held in enumerate(chart.covered):
        yield 0 if chart.working and chart.working[hour] else 1 if held else 2


def _hours(paper: Paper, kinds: Sequence[int], top: float, wide: float) -> None:
    """Hours of a kind that follow one another are one box: hatching goes through."""
    for kind, (fill, _) in enumerate(KINDS):
        paper.boxes(_boxes(kinds, kind, top, wide), Fill(fill.colour, fill.hatch), rim=0.8)
    for hour in range(25):
        x = LEFT + hour * wide
        if hour % 6 == 0:
            paper.line([(x, top - 4), (x, top + HIGH * len(DAYS))], BASE)
        if hour < 24 and hour % (3 if wide < SPARSE else 1) == 0:
            paper.words(x, top - 9, str(hour), size=SMALL, colour=QUIET, align="center")
    for day, name in enumerate(DAYS):
        paper.words(0, top + HIGH * (day + 0.5) + SMALL * 0.36, name, size=SMALL)


def _boxes(kinds: Sequence[int], wanted: int, top: float, wide: float) -> Iterator[Box]:
    for day in range(len(DAYS)):
        hour = 0
        for kind, run in groupby(kinds[day * 24 : day * 24 + 24]):
            many = len(list(run))
            if kind == wanted:
                yield Box(LEFT + hour * wide, top + day * HIGH + 1, many * wide, HIGH - 2)
            hour += many


def _alt(chart: Week) -> str:
    title, missed = letters.name(chart.title), chart.covered.count(False)
    works = f"Рабочих часов {sum(chart.working)} из {WEEK}." if chart.working else ""
    if not missed:
        return told.alternative(f"{title}.", works, "В любой час недели кто-то начнёт работать до срока.")
    first, length = longest_gap(chart.covered, circular=True)
    gap = (
        f"Дольше всего подряд {length}{GLUE}ч: {_hour(first)}{GLUE}— {_hour(first + length)}." if length < WEEK else ""
    )
    told_of = f"Срок может выйти раньше, чем кто-то начнёт работать: таких часов {missed} из {WEEK}."
    return told.alternative(f"{title}.", works, told_of, gap)


def _hour(index: int) -> str:
    day, hour = divmod(index % WEEK, 24)
    return f"{DAYS[day]}{GLUE}{hour}:00"
