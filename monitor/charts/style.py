"""How pictures look: colours, sizes, and how each colour shows where the page is dark.

What colours tell, lightness, hatching, dashes and markers tell as well. The light ones are those of the desk.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

WIDE, NARROW = 720, 320
"""Widths in points, which a page shows as pixels: on a desk, on a phone."""

SIZE, SMALL = 13, 12
"""Of letters, in points."""

GROUND, INK, QUIET, FAINT = "#ffffff", "#1c2330", "#566070", "#c9ced6"
BLUE, AMBER, PALE = "#1a4f8b", "#f0b24d", "#cfe0f3"
RED, MINT = "#b3261e", "#7fbf95"
RUST, GREEN, VIOLET = "#a35a00", "#1b6b3a", "#7a3e9d"

DARK: Mapping[str, str] = MappingProxyType(
    {
        GROUND: "#1d222a",
        INK: "#e6e9ee",
        QUIET: "#a7b0bd",
        FAINT: "#454e5c",
        BLUE: "#8fbcf6",
        AMBER: "#8a5f1c",
        PALE: "#2f4867",
        RED: "#ff9a91",
        MINT: "#4f8a63",
        RUST: "#ffbe6b",
        GREEN: "#7fd19b",
        VIOLET: "#d3a9f0",
    }
)
"""Colour → the same where the page is dark. What is dark there stays apart from what is light, the other way round."""

HATCH = "////"

SHORT = 3
"""Letters of a month's name where there is no room for all."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How one of several lines is drawn. `dashes`: lengths of strokes and gaps in points, () for a solid line;
    `marker` "": none; a `hollow` one shows the ground."""

    colour: str
    dashes: tuple[float, ...]
    marker: str
    hollow: bool = False
    width: float = 2


STROKES = (
    Stroke(BLUE, (), "o"),
    Stroke(RUST, (6, 2.5), "s"),
    Stroke(GREEN, (1.5, 2), "^"),
    Stroke(VIOLET, (8, 2, 1.5, 2), "D"),
    Stroke(QUIET, (12, 3), "v"),
    Stroke(RED, (4, 1.5, 1.5, 1.5, 1.5, 1.5), "o", hollow=True),
)
"""In the order of the series."""

GRID, BASE = Stroke(FAINT, (), "", width=0.8), Stroke(INK, (), "", width=1)
"""Lines of the background: across at a value, under all."""

CHANGE = Stroke(INK, (1, 2), "", width=1)
"""Where something became different."""

AIM = Stroke(INK, (3, 3), "", width=1)
"""Of a target."""


def _dark() -> str:
    rules = (f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in DARK.items())
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


SHEET = _dark()
"""The style sheet of every SVG, always the same."""

POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(SHEET.encode()).digest()).decode()}'"
"""The Content-Security-Policy for an SVG: its style sheet works, and nothing else."""
