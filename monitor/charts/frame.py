"""What stands around values over time: the title, the values at the left, the days below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from monitor.charts import letters, told
from monitor.charts.paper import Box, Fill, Paper
from monitor.charts.picture import Picture
from monitor.charts.scales import Scale, marks
from monitor.charts.style import BASE, FAINT, GRID, QUIET, SIZE, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = 15
"""Where the title stands."""

LINE = 20
"""From one line of words to the next."""

ABOVE, BELOW = 18, 38
"""Between the last line of words and the values; under them, for two lines of days."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values go: `pitch` points to a day or week, the values from `bottom` up to `top`."""

    left: float
    top: float
    right: float
    bottom: float
    pitch: float
    scale: Scale

    def x(self, index: float) -> float:
        """The middle of a bucket."""
        return self.left + (index + 0.5) * self.pitch

    def y(self, number: float) -> float:
        return self.bottom - self.scale.at(number) * (self.bottom - self.top)


def headed(paper: Paper, title: str, width: float) -> None:
    paper.words(0, TITLE, letters.fitted(letters.name(title), width, SIZE, bold=True), bold=True)


def framed(
    paper: Paper,
    title: str,
    days: Sequence[date],
    scale: Scale,
    size: tuple[float, float],
    *,
    top: int,
    right: float,
    ruled: bool = True,
) -> Frame:
    """Draws it. `size`: of the picture; `top`: points that something needs under the title; `right`: beside the
    values; `ruled`: with lines across."""
    width, height = size
    left = max(letters.width(words, SMALL) for _, words in scale.ticks) + 8
    room = width - right - left
    frame = Frame(left, TITLE + top + ABOVE, width - right, height - BELOW, room / max(len(days), 1), scale)
    headed(paper, title, width)
    for number, words in scale.ticks:
        paper.words(left - 8, frame.y(number) + SMALL * 0.36, words, size=SMALL, colour=QUIET, align="right")
        if ruled and number != scale.low:
            paper.line([(left, frame.y(number)), (frame.right, frame.y(number))], GRID)
    paper.line([(left, frame.bottom), (frame.right, frame.bottom)], BASE)
    for mark in marks(days, room):
        paper.words(frame.x(mark.index), frame.bottom + 16, mark.words, size=SMALL, align="center")
        paper.words(frame.x(mark.index), frame.bottom + 31, mark.below, size=SMALL, colour=QUIET, align="center")
    return frame


@dataclass(frozen=True, slots=True)
class Sample:
    """What a fill means."""

    fill: Fill
    words: str


SWATCH, BETWEEN = 14, 16
"""Points of a sample, and between two of them."""


def rows_of(samples: Sequence[Sample], width: float) -> list[list[Sample]]:
    """The lines that samples need beside each other."""
    rows: list[list[Sample]] = []
    left = 0.0
    for sample in samples:
        wide = SWATCH + 6 + letters.width(sample.words, SMALL) + BETWEEN
        if not rows or left + wide - BETWEEN > width:
            rows.append([])
            left = 0.0
        rows[-1].append(sample)
        left += wide
    return rows


def legend(paper: Paper, rows: Sequence[Sequence[Sample]], top: float) -> None:
    """`rows_of` samples, under `top`."""
    for number, row in enumerate(rows, start=1):
        left, y = 0.0, top + number * LINE
        for sample in row:
            paper.boxes([Box(left + 0.5, y - SMALL + 2, SWATCH - 1, SMALL - 2)], sample.fill)
            paper.words(left + SWATCH + 6, y, sample.words, size=SMALL)
            left += SWATCH + 6 + letters.width(sample.words, SMALL) + BETWEEN


def blank(title: str, width: int) -> Picture:
    """Where there is nothing to show yet."""
    height = 96

    def draw(figure: "Figure", vector: bool) -> None:
        paper = Paper(figure, height, vector=vector)
        headed(paper, title, width)
        paper.boxes([Box(0.5, TITLE + 11.5, width - 1, height - TITLE - 12)], Fill("none", edge=FAINT))
        paper.words(width / 2, (height + TITLE + 11) / 2 + 5, told.EMPTY, colour=QUIET, align="center")

    return Picture(f"{letters.name(title)}: {told.EMPTY.lower()}.", width, height, draw)
