"""A picture: drawn when its bytes are first asked for, by matplotlib, which is imported then and not before.

The same data always give the same bytes. No two threads draw at once: matplotlib's settings are everybody's.
"""

from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from monitor.charts.letters import hush
from monitor.charts.style import GROUND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCALE = 2
"""Pixels of a PNG to a point."""

COLOURS = 48
"""Of a PNG."""

REMEMBERED = 64
"""Pictures of a kind: whoever asks for the same data again gets the one that was drawn."""

_DRAWING = Lock()


class Picture:
    """`alt` says in Russian what it shows; `width` and `height` are points. `draw` puts it on an empty figure, and is
    told whether the letters stay letters, as in an SVG. What matplotlib raises comes out of `svg` and `png`,
    ImportError where it is missing."""

    def __init__(self, alt: str, width: int, height: int, draw: "Callable[[Figure, bool], None]") -> None:
        self.alt = alt
        self.width = width
        self.height = height
        self._draw = draw

    @cached_property
    def svg(self) -> bytes:
        """Light or dark as the page around it, in the letters of the reader's system."""
        with _DRAWING:
            hush()
            from monitor.charts import vector

            with vector.settings():
                return vector.written(self._drawn(1, letters=True), self.width, self.height)

    @cached_property
    def png(self) -> bytes:
        """On a light ground of its own, at twice the resolution."""
        with _DRAWING:
            hush()
            from monitor.charts import vector

            with vector.settings():
                found = BytesIO()
                self._drawn(SCALE, letters=False).savefig(found, format="png", metadata={"Software": None})
            return _smaller(found)

    def _drawn(self, scale: int, *, letters: bool) -> "Figure":
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72 * scale, facecolor=GROUND)
        FigureCanvasAgg(figure)
        self._draw(figure, letters)
        return figure


def _smaller(png: BytesIO) -> bytes:
    """With a palette: a third of the size, and nothing to tell from the original."""
    from PIL import Image

    written = BytesIO()
    with Image.open(png) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(written, format="PNG", optimize=True)
    return written.getvalue()
