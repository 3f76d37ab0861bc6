"""Numbers as pages show them, each with the way to the reviews that it counts; and tables of them, for pages and files.

A share is never shown without what it is a share of, and not at all where that is nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from monitor import wording
from monitor.desk import numbers_selection as selections
from monitor.numbers import Selection, Spread, share
from monitor.tables.spreadsheet import Value
from monitor.wording import NOTHING

COUNTED = ("share", "length", "decimal")
"""Kinds of cells that are "—" where nothing was counted."""

FEW = 10
"""Of fewer a share says less than the two numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """How many reviews, and the address of all of them."""

    value: int
    href: str
    kind: Literal["number"] = "number"

    @property
    def order(self) -> float | None:
        return self.value

    @property
    def text(self) -> str:
        return wording.thousands(self.value)

    @property
    def exported(self) -> tuple[Value, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Share:
    """`92 % (311 из 338)`; `percent` "" where there are few, or nothing at all."""

    part: Number
    whole: Number
    kind: Literal["share"] = "share"

    @property
    def order(self) -> float | None:
        return share(self.part.value, self.whole.value)

    @property
    def percent(self) -> str:
        return wording.percent(self.order) if self.whole.value >= FEW else ""

    @property
    def exported(self) -> tuple[Value, ...]:
        rate = self.order
        return (self.part.value, self.whole.value, None if rate is None else round(100 * rate, 1))


@dataclass(frozen=True, slots=True)
class Length:
    """How long something took; None where there was nothing."""

    length: timedelta | None
    kind: Literal["length"] = "length"

    @property
    def order(self) -> float | None:
        return None if self.length is None else self.length.total_seconds()

    @property
    def text(self) -> str:
        return NOTHING if self.length is None else wording.duration(self.length)

    @property
    def exported(self) -> tuple[Value, ...]:
        return (None if self.length is None else round(self.length / timedelta(minutes=1), 1),)


@dataclass(frozen=True, slots=True)
class Decimal:
    """Stars on average; None where nobody gave any."""

    value: float | None
    kind: Literal["decimal"] = "decimal"

    @property
    def order(self) -> float | None:
        return self.value

    @property
    def text(self) -> str:
        return wording.decimal(self.value)

    @property
    def exported(self) -> tuple[Value, ...]:
        return (None if self.value is None else round(self.value, 2),)


@dataclass(frozen=True, slots=True)
class Words:
    """`address` "" where there is nowhere to go; `order`: by what a column of words is sorted beside its letters;
    `more`: what a file has and the page does not."""

    text: str
    address: str = ""
    order: float | None = None
    kind: Literal["words"] = "words"
    more: tuple[str, ...] = ()

    @property
    def exported(self) -> tuple[Value, ...]:
        return (", ".join((self.text, *self.more)),)


@dataclass(frozen=True, slots=True)
class Bars:
    """Small bars side by side, as heights of 0 to 20; `told` says what they are."""

    heights: tuple[int, ...]
    told: str
    order: float | None = None
    kind: Literal["bars"] = "bars"

    @property
    def exported(self) -> tuple[Value, ...]:
        return ()

    @property
    def width(self) -> int:
        return 6 * len(self.heights)


Cell = Number | Share | Length | Decimal | Words | Bars


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column. `exported`: what its values are called in a file. `name`: of what the table may be sorted by.
    `words`: no numbers stand below it."""

    title: str
    exported: tuple[str, ...]
    name: str = ""
    why: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`name` as in `Words`."""

    name: Words
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `name`: of its file; `first`: what its rows are; `empty`: what stands there when there are none."""

    name: str
    title: str
    first: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    empty: str = ""

    def sorted(self, by: str) -> "Grid":
        """By a column: the highest first, with `-` before its name the lowest; "" as it is. Nothing comes last."""
        name = by.removeprefix("-")
        column = next((place for place, head in enumerate(self.heads) if head.name == name and name), None)
        if column is None:
            return self
        known = [row for row in self.rows if row.cells[column].order is not None]
        unknown = [row for row in self.rows if row.cells[column].order is None]
        ordered = sorted(known, key=_order(column), reverse=not by.startswith("-"))
        return replace(self, rows=(*ordered, *unknown))

    @property
    def has_gaps(self) -> bool:
        """Whether there is a cell of which nothing was counted."""
        cells = (cell for row in self.rows for cell in row.cells)
        return any(cell.kind in COUNTED and cell.order is None for cell in cells)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.first, *(name for head in self.heads for name in head.exported))

    @property
    def values(self) -> list[tuple[Value, ...]]:
        return [(row.name.text, *(value for cell in row.cells for value in cell.exported)) for row in self.rows]


def _order(column: int) -> Callable[[Row], float]:
    def order(row: Row) -> float:
        found = row.cells[column].order
        return 0.0 if found is None else found

    return order


@dataclass(frozen=True, slots=True)
class Timing:
    """How long answers take: usually, nine of ten, of how many known; `was`: the same of the period before."""

    median: Length
    p90: Length
    of: Number
    was_median: Length
    was_p90: Length


def number(value: int, selection: Selection) -> Number:
    return Number(value, selections.address(selection))


def timing(spread: Spread, before: Spread | None, selection: Selection) -> Timing:
    earlier = before or Spread()
    return Timing(
        Length(spread.median),
        Length(spread.p90),
        number(spread.count, selection),
        Length(earlier.median),
        Length(earlier.p90),
    )


def bars(counts: Sequence[int], told: str) -> Bars:
    highest = max(counts, default=0)
    heights = tuple(0 if not count else max(round(20 * count / highest), 2) for count in counts)
    return Bars(heights, told, order=None)
