"""Delimited text: CSV, TSV and their like. Our own splitter, because a stray quotation mark must cost one row and not
everything up to the next one, and because a cell may be of any length."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, zip_longest

from monitor.tables.columns import Columns, is_heading, most_useful, recognise

DELIMITERS = ";,\t|"
_FIRST_ROWS = 20
_SAMPLE = 200_000
_MOST_CELLS = 500
_SEPARATOR_LINE = re.compile(r"sep=([;,\t|])\n", re.IGNORECASE)


def split(text: str, delimiter: str, start: int = 0) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each row from `start` on. `text` has `\\n` as its only line end.

    A cell in quotation marks may hold line breaks and doubled marks; where the closing mark is not followed by
    a delimiter, the marks are words of the cell. What stands behind the 500th cell of a line is dropped.
    """
    sign = re.escape(delimiter)
    quoted = re.compile(rf'"((?:[^"]+|"")*+)"(?=[{sign}\n]|\Z)')
    plain = re.compile(rf"[^{sign}\n]*")
    position, line = start, 1 + text.count("\n", 0, start)
    while position < len(text):
        begun, cells, going = line, list[str](), True
        while going:
            found = quoted.match(text, position) if text.startswith('"', position) else None
            if found is not None:
                cell = found[1].replace('""', '"')
                line += cell.count("\n")
            else:
                found = plain.match(text, position)
                assert found is not None, "it matches the empty text"
                cell = found[0]
            cells.append(cell)
            position = found.end()
            if len(cells) == _MOST_CELLS:
                rest = text.find("\n", position)
                position = len(text) if rest < 0 else rest
            going = text.startswith(delimiter, position)
            line += not going
            position += 1
        yield begun, cells


def sniff(text: str) -> tuple[str, int]:
    """(delimiter, where the rows begin): the delimiter with which the first rows name most columns we know."""
    said = _SEPARATOR_LINE.match(text)
    if said:
        return said[1], said.end()
    return max(DELIMITERS, key=lambda sign: _quality(text, sign)), 0


def _quality(text: str, delimiter: str) -> tuple[int, int]:
    rows = [cells for _, cells in islice(split(text[:_SAMPLE], delimiter), _FIRST_ROWS)]
    found = heading([row for row in rows if any(row)])
    widths = [len(row) for row in rows]
    return len(found[1].places) if found else 0, widths[0] if widths else 0


def heading(rows: Sequence[Sequence[str]]) -> tuple[int, Columns] | None:
    """Which of the first rows names the columns; of a heading in two rows the lower one, with all its names."""
    top = rows[:_FIRST_ROWS]
    single = ((index, recognise(row)) for index, row in enumerate(top))
    double = (
        (index, recognise(_under(upper, lower)))
        for index, (upper, lower) in enumerate(pairwise(top), start=1)
        if is_heading(lower)
    )
    return most_useful((*single, *double))


def _under(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """«Отзыв» above «Автор» and «Текст» names a group; «Дата» above nothing is a column."""
    return [below if below.strip() else above for above, below in zip_longest(upper, lower, fillvalue="")]
