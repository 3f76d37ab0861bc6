"""Words on pictures: strangers' names are cleaned; what the font does not have is measured and drawn all the same."""

import logging
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from monitor import wording

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FAMILY = "DejaVu Sans"
"""It comes with matplotlib."""

BOX = "□"
"""Stands for what the font does not have."""

SLACK = 1.04
"""By how much a line may be wider than ours."""

NEARLY = 0.01
"""Points that nobody sees: sums of widths are not exact."""

LONGEST_NAME = 80
"""Characters: no picture has room for more."""

_MEASURING = Lock()
"""One font is set in type for one line at a time."""

_NEVER_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF))


def hush() -> None:
    """It warns where it has no folder for its cache, as in a service without a home: nobody needs to do anything."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def name(text: str) -> str:
    """A stranger's name in one line, without anything that XML or a browser would obey."""
    return wording.one_line(text.translate(_NEVER_IN_XML), LONGEST_NAME)


@cache
def _font(bold: bool) -> "FT2Font":
    """Of our own: those of `get_font` are set in type by whoever draws meanwhile."""
    hush()
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal"))))


@cache
def _known(bold: bool) -> frozenset[int]:
    return frozenset(_font(bold).get_charmap())


def familiar(text: str, bold: bool = False) -> str:
    """With a box for every character that the font does not have: matplotlib would complain of each."""
    known = _known(bold)
    return "".join(character if ord(character) in known else BOX for character in text)


@lru_cache(maxsize=2000)
def width(text: str, size: float, bold: bool = False) -> float:
    """Of a line, in points, rather too much than too little: the reader's system has letters of its own."""
    font, shown = _font(bold), familiar(text, bold)
    with _MEASURING:
        font.set_size(size, 72)
        font.set_text(shown, 0.0)
        return float(font.get_width_height()[0]) / 64 * SLACK


def fitted(text: str, room: float, size: float, bold: bool = False) -> str:
    """The beginning of a line that fits into so many points, cut with `…`."""
    room += NEARLY
    if width(text, size, bold) <= room:
        return text
    longest = max((end for end in range(len(text)) if width(f"{text[:end].rstrip()}…", size, bold) <= room), default=0)
    return wording.one_line(text, longest + 1) if longest else "…"
