"""Figures as SVG: small, without scripts and links, readable on light and dark ground.

Every look is an attribute, because a strict Content-Security-Policy lets no `style="…"` pass. The one style sheet
inside is always the same, so that its digest can stand in the policy of the answer: it turns the colours over where the
page is dark, and a reader that refuses it shows the light picture.

Imports matplotlib: only what draws may import this module.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex

from monitor.charts.letters import FAMILY, familiar
from monitor.charts.style import INK, SHEET, SIZE

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

SHOWN_FAMILY = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
"""As on the pages of the desk."""

BOLD = 600

ANCHORS = {"left": ("start", 0.0), "center": ("middle", 0.5), "right": ("end", 1.0)}
"""Alignment → where text is held, and which share of it lies before that."""

_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r' style="([^"]*)"')
_GEOMETRY = re.compile(r' (?:d|x|y|width|height|transform)="[^"]*"')
_FRACTION = re.compile(r"\d+\.\d+")
_BODY = re.compile(r"</metadata>\s*<defs>\s*<style.*?</style>\s*</defs>(.*)</svg>", re.DOTALL)


@contextmanager
def settings() -> Iterator[None]:
    """Nobody's matplotlibrc decides how our pictures look."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": FAMILY,
                "font.size": SIZE,
                "hatch.linewidth": 1.2,
                "svg.hashsalt": "otklik",
                "text.parse_math": False,
            }
        )
        yield


def written(figure: "Figure", wide: int, high: int) -> bytes:
    """What stands on the figure, inside `settings`."""
    drawn, make = StringIO(), cast(Callable[..., Any], _Renderer)  # it has no types
    renderer = make(wide, high, drawn, metadata={"Date": None})
    figure.draw(renderer)
    renderer.finalize()
    body = _BODY.search(drawn.getvalue())
    assert body is not None, "matplotlib writes its metadata and its style sheet first"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{wide}" '
        f'height="{high}" viewBox="0 0 {wide} {high}" font-family="{SHOWN_FAMILY}" fill="{INK}" '
        f'stroke-linejoin="round"><style>{SHEET}</style>'
    )
    return f"{head}{_small(body[1])}</svg>\n".encode()


def _small(body: str) -> str:
    """Looks as attributes, lengths to a hundredth of a point, no indents. Words are left alone: in them every bracket
    is escaped, so that nobody's name can look like a tag."""
    tags = _TAG.sub(lambda found: _GEOMETRY.sub(_shortened, _STYLE.sub(_spelt_out, found[0])), body)
    return re.sub(r">\s*\n\s*<", "><", tags.strip())


def _spelt_out(found: "re.Match[str]") -> str:
    pairs = (pair.partition(":") for pair in found[1].split(";") if pair.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, _, value in pairs)


def _shortened(found: "re.Match[str]") -> str:
    return _FRACTION.sub(_rounded, found[0])


def _rounded(found: "re.Match[str]") -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


class _Renderer(RendererSVG):
    """Text stays text, held where it is aligned: the reader's letters are narrower than those it was laid out with."""

    writer: Any

    def draw_text(  # matplotlib passes the rest by position, some by name
        self, gc: "GraphicsContextBase", x: float, y: float, s: str, *rest: Any, mtext: "Text | None" = None, **_: Any
    ) -> None:
        prop: FontProperties = rest[0]
        # One of several lines comes without its Text: ours are centred.
        anchor, before = ANCHORS["center" if mtext is None else str(mtext.get_horizontalalignment())]
        colour = to_hex(gc.get_rgb())
        attributes = {
            "x": f"{x + self.get_text_width_height_descent(s, prop, False)[0] * before:.2f}",
            "y": f"{y:.2f}",
            "font-size": f"{float(prop.get_size_in_points()):g}",
            "fill": INK if colour == "#000000" else colour,
        }
        if anchor != "start":
            attributes["text-anchor"] = anchor
        if _is_bold(prop):
            attributes["font-weight"] = str(BOLD)
        self.writer.element("text", s, attrib=attributes)

    def get_text_width_height_descent(self, s: str, prop: "FontProperties", ismath: Any) -> tuple[float, float, float]:
        measure = cast(Callable[..., tuple[float, float, float]], super().get_text_width_height_descent)
        return measure(familiar(s, _is_bold(prop)), prop, ismath)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Groups tell nobody anything here."""

    def close_group(self, s: str) -> None:
        """As above."""


def _is_bold(prop: "FontProperties") -> bool:
    return prop.get_weight() in ("bold", "semibold", 600, 700)
