"""A sheet to draw on: lines, boxes and words in points, counted from its upper left corner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.charts import letters
from monitor.charts.style import GROUND, INK, SIZE, Stroke

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its left and upper edge, its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Fill:
    """How boxes look; `edge` "" for none. The hatch has the colour of the edge."""

    colour: str
    hatch: str = ""
    edge: str = INK


class Paper:
    """`vector`: the reader's system draws the letters, and has more of them than our font."""

    def __init__(self, figure: "Figure", height: float, *, vector: bool) -> None:
        from matplotlib.transforms import Affine2D

        scale = figure.dpi / 72
        self._figure = figure
        self._place: Affine2D = Affine2D().scale(scale, -scale).translate(0, height * scale)
        self._vector = vector
        self._above = 0

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SIZE,
        colour: str = INK,
        align: str = "left",
        bold: bool = False,
    ) -> None:
        """One line that stands on `y`."""
        self._figure.text(
            x,
            y,
            text if self._vector else letters.familiar(text, bold),
            transform=self._place,
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            fontweight="bold" if bold else "normal",
            zorder=self._next(),
        )

    def line(self, points: Sequence[Point], stroke: Stroke) -> None:
        look = {"color": stroke.colour, "linewidth": stroke.width}
        self._add(points, linestyle=(0, stroke.dashes) if stroke.dashes else "-", **look)

    def markers(self, points: Sequence[Point], stroke: Stroke, size: float = 5) -> None:
        """A full one has a rim of the ground's colour, which parts it from other lines."""
        self._add(
            points if stroke.marker else (),
            color=stroke.colour,
            linestyle="none",
            marker=stroke.marker,
            markersize=size,
            markerfacecolor=GROUND if stroke.hollow else stroke.colour,
            markeredgecolor=stroke.colour if stroke.hollow else GROUND,
            markeredgewidth=1.4 if stroke.hollow else 0.6,
        )

    def _add(self, points: Sequence[Point], **look: object) -> None:
        from matplotlib.lines import Line2D

        if not points:
            return
        xs, ys = zip(*points, strict=True)
        look |= {"transform": self._place, "solid_capstyle": "round", "dash_capstyle": "butt", "zorder": self._next()}
        drawn = Line2D(xs, ys, **look)  # type: ignore[arg-type]  # looks are a table of ours
        self._figure.add_artist(drawn)

    def boxes(self, boxes: Iterable[Box], fill: Fill, *, rim: float = 1) -> None:
        """All of one look at once: as many as there are weigh little then. `rim`: how thick an edge is."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        vertices: list[Point] = []
        codes: list[np.uint8] = []
        for box in boxes:
            right, below = box.x + box.width, box.y + box.height
            vertices += [(box.x, box.y), (right, box.y), (right, below), (box.x, below), (box.x, box.y)]
            codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        if not vertices:
            return
        patch = PathPatch(
            Path(vertices, codes),
            transform=self._place,
            facecolor=fill.colour,
            edgecolor=fill.edge or "none",
            hatch=fill.hatch or None,
            hatch_linewidth=1.2,
            linewidth=rim if fill.edge else 0,
            joinstyle="miter",
            zorder=self._next(),
        )
        self._figure.add_artist(patch)

    def _next(self) -> int:
        """What is drawn later lies above."""
        self._above += 1
        return self._above
