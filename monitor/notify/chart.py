"""The picture of a digest: what became of each day's reviews, and the share that was answered, as PNG.

Drawn for a phone: 400 points wide at twice the resolution, on a light ground of its own that stays readable in a dark
mail program. What the colours tell, lightness and hatching tell as well. The same days always give the same bytes.
"""

import logging
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from monitor import wording
from monitor.alerts import Bar
from monitor.notify.digest_tables import per_cent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 400, 300
"""In points, which a mail shows as pixels; the picture has twice as many."""

SCALE = 2

GROUND, INK, FAINT = "#ffffff", "#1c2330", "#c9ced6"
BLUE, AMBER = "#1a4f8b", "#f0b24d"

COLOURS = 48

CROWDED = 1000
"""Reviews of a day, from which on the sums would touch each other and are left to the axis."""

SIZE = 13
"""Of letters, in points: some 10 pixels high on the narrowest phone."""


@lru_cache(maxsize=2)
def draw(bars: tuple[Bar, ...]) -> bytes:
    """PNG of at least one day, oldest first. Raises whatever matplotlib raises, ImportError where it is missing. Every
    recipient gets the same picture: it is drawn once."""
    # It warns where it has no folder for its cache, as in a service without a home: nobody needs to do anything.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()  # nobody's matplotlibrc decides how our mails look
        mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": SIZE, "hatch.linewidth": 1.2})
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72 * SCALE, facecolor=GROUND)
        FigureCanvasAgg(figure)
        share, days = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 5), "hspace": 0.58, "left": 0.09, "right": 0.99,
                                            "top": 0.89, "bottom": 0.12},
        )  # fmt: skip
        _share(share, bars)
        _days(days, bars)
        drawn = BytesIO()
        figure.savefig(drawn, format="png", metadata={"Software": None})
    return _smaller(drawn)


def _smaller(png: BytesIO) -> bytes:
    """With a palette: a third of the size, and nothing to tell from the original."""
    from PIL import Image

    written = BytesIO()
    with Image.open(png) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(written, format="PNG", optimize=True)
    return written.getvalue()


def _share(axes: "Axes", bars: Sequence[Bar]) -> None:
    """The line of the answered share; a day without one interrupts it."""
    values = [float("nan") if bar.rate is None else per_cent(bar.rate) for bar in bars]
    _title(axes, "Отвечено за 7 дней, %", 12)
    axes.set_xlim(-0.7, len(bars) + 0.3)  # shared; room for the last number
    axes.plot(values, color=INK, linewidth=2, marker="o", markersize=4, clip_on=False)
    axes.set_ylim(0, 100)
    axes.set_yticks((0, 50, 100))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    last = next((place for place in reversed(range(len(bars))) if bars[place].rate is not None), None)
    if last is not None:
        axes.annotate(
            str(values[last]), (last, values[last]), (6, 0), textcoords="offset points", va="center",
            fontweight="bold", color=INK,
        )  # fmt: skip
    _bare(axes)


def _days(axes: "Axes", bars: Sequence[Bar]) -> None:
    """Stacked bars with their sums above them."""
    from matplotlib.ticker import MaxNLocator

    kinds = (
        ("в срок", [bar.in_time for bar in bars], BLUE, ""),
        ("поздно", [bar.late for bar in bars], AMBER, "////"),
        ("ждут", [bar.waiting for bar in bars], GROUND, ""),
    )
    places = range(len(bars))
    below = [0] * len(bars)
    for label, counts, colour, hatch in kinds:
        axes.bar(
            places, counts, bottom=below, width=0.72, label=label, facecolor=colour, hatch=hatch, edgecolor=INK,
            linewidth=1,
        )  # fmt: skip
        below = [under + count for under, count in zip(below, counts, strict=True)]
    for place, total in zip(places, below, strict=True):
        if 0 < total < CROWDED:
            axes.annotate(
                str(total), (place, total), (0, 2), textcoords="offset points", ha="center", va="bottom",
                fontsize=SIZE - 2,
            )  # fmt: skip
    axes.set_ylim(0, max(*below, 4) * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_xticks(places, [_label(bars, place) for place in places], color=INK)
    _title(axes, "Из пришедших:", 10)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.01, 1.0), ncols=3, frameon=False, borderpad=0, handlelength=1.2,
        handletextpad=0.4, columnspacing=1,
    )  # fmt: skip
    _bare(axes)


def _title(axes: "Axes", words: str, pad: int) -> None:
    axes.set_title(words, loc="left", x=-0.085, pad=pad, fontsize=SIZE, color=INK)


def _bare(axes: "Axes") -> None:
    axes.tick_params(length=0, colors=INK, labelsize=SIZE - 1)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)


def _label(bars: Sequence[Bar], place: int) -> str:
    """The day of the month, below the first one and below the first of a month the month; two lines in any case, so
    that all stand at one height."""
    day = bars[place].day
    return f"{day.day}\n{wording.MONTHS[day.month - 1][:3] if place == 0 or day.day == 1 else ' '}"
