"""What became of each day's reviews, and the share that was answered: the picture of a digest.

Drawn for a phone; a mail has it as PNG, on a light ground of its own that stays readable in a dark mail program.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor import wording
from monitor.alerts import Bar
from monitor.charts import told
from monitor.charts.picture import REMEMBERED, Picture
from monitor.charts.style import AMBER, BLUE, FAINT, GROUND, HATCH, INK, SHORT, SIZE
from monitor.wording import GLUE, between, per_cent, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 400, 300

BESIDE, RIGHT = 36, 0.99
"""Points at the left for the values; where the days end, of the width."""

TITLE = 5.4
"""Points from the left to the titles."""

CROWDED = 1000
"""Reviews of a day, from which on the sums would touch each other and are left to the axis."""


def alt(bars: Sequence[Bar]) -> str:
    """The picture in words; "" where there is nothing to draw."""
    in_time, late, waiting = sum(b.in_time for b in bars), sum(b.late for b in bars), sum(b.waiting for b in bars)
    if not in_time + late + waiting:
        return ""
    last = bars[-1]
    line = "" if last.rate is None else f" Доля отвеченных за последние 7{GLUE}дней: {percent(last.rate)}."
    return (
        f"Что стало с отзывами, пришедшими {between(bars[0].day, last.day, last.day)}: отвечено в срок {in_time}, "
        f"с опозданием {late}, ждут ответа {waiting}.{line}"
    )


@lru_cache(maxsize=REMEMBERED)
def days(bars: tuple[Bar, ...], width: int = WIDTH) -> Picture:
    """Of at least one day, oldest first. Every recipient of a mail gets the same picture: it is drawn once."""
    return Picture(alt(bars) or f"{told.EMPTY}.", width, HEIGHT, lambda figure, _: _draw(figure, bars, width))


def _draw(figure: "Figure", bars: Sequence[Bar], width: int) -> None:
    edges = {"left": BESIDE / width, "right": RIGHT, "top": 0.89, "bottom": 0.12}
    share, each = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 5), "hspace": 0.58, **edges})
    _share(share, bars, width)
    _days(each, bars, width)


def _share(axes: "Axes", bars: Sequence[Bar], width: int) -> None:
    """The line of the answered share; a day without one interrupts it."""
    values = [float("nan") if bar.rate is None else per_cent(bar.rate) for bar in bars]
    _title(axes, "Отвечено за 7 дней, %", 12, width)
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


def _days(axes: "Axes", bars: Sequence[Bar], width: int) -> None:
    """Stacked bars with their sums above them."""
    from matplotlib.ticker import MaxNLocator

    kinds = (
        ("в срок", [bar.in_time for bar in bars], BLUE, ""),
        ("поздно", [bar.late for bar in bars], AMBER, HATCH),
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
    _title(axes, "Из пришедших:" if width >= WIDTH else "Из них:", 10, width)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.01, 1.0), ncols=3, frameon=False, borderpad=0, handlelength=1.2,
        handletextpad=0.4, columnspacing=1,
    )  # fmt: skip
    _bare(axes)


def _title(axes: "Axes", words: str, pad: int, width: int) -> None:
    left = (TITLE - BESIDE) / (RIGHT * width - BESIDE)  # as the axes count
    axes.set_title(words, loc="left", x=left, pad=pad, fontsize=SIZE, color=INK)


def _bare(axes: "Axes") -> None:
    axes.tick_params(length=0, colors=INK, labelsize=SIZE - 1)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)


def _label(bars: Sequence[Bar], place: int) -> str:
    """The day of the month, below the first one and below the first of a month the month; two lines in any case, so
    that all stand at one height."""
    day = bars[place].day
    return f"{day.day}\n{wording.MONTHS[day.month - 1][:SHORT] if place == 0 or day.day == 1 else ' '}"
