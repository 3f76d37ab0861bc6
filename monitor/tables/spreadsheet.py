"""Rows for whoever opens them in a spreadsheet program: CSV as Russian Excel wants it, and XLSX.

What strangers wrote stays text: never a formula, and without what no program should obey.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

from monitor import wording

Value = str | int | float | date | datetime | None
"""Of a cell. A moment is naive: as the clock at the place shows it."""

MARK = "\ufeff"
"""Before the first line of CSV: programs take it for UTF-8 then."""

WIDEST = 60
"""Characters of a column; longer texts run over the next one, or are cut by it."""

MOST_ROWS = 1_048_576
"""Of a sheet, its head with it."""

_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


def safe(value: Any) -> Any:
    """A stranger's text without control characters, and disarmed when its first visible character would begin a
    formula: spreadsheets look through what cannot be seen and know full-width signs, too."""
    if not isinstance(value, str):
        return value
    text = wording.visible(value)
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "CZM"), "")
    return "'" + text if first and unicodedata.normalize("NFKC", first) in "=+-@" else text


def csv_line(values: Iterable[Any]) -> str:
    return csv_lines([values])


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """`;` between columns, every value in quotation marks, formulas disarmed."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(map(safe, row) for row in rows)
    return lines.getvalue()


def told(value: Value) -> Any:
    """As CSV for people says it: with a decimal comma, a moment to the minute."""
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value


def csv_pieces(heads: Sequence[str], parts: Iterable[Sequence[Sequence[Value]]]) -> Iterator[bytes]:
    """A file, part by part of its rows."""
    yield (MARK + csv_line(heads)).encode()
    for rows in parts:
        yield csv_lines([told(value) for value in row] for row in rows).encode()


def write_xlsx(
    file: IO[bytes], title: str, heads: Sequence[str], parts: Iterable[Sequence[Sequence[Value]]]
) -> Generator[None, None, None]:
    """Writes a workbook of one sheet; yields after each part of the rows, so that others get their turn. A sheet is
    kept on disk until the end, not in memory. Rows beyond what a sheet can hold are left out."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, name in enumerate(heads, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(max(len(name) + 2, 12), WIDEST)
    bold = Font(bold=True)

    def cell(value: Value) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value=_text(value))
        made.data_type = "s"  # it would take `=…` for a formula
        return made

    head = [cell(name) for name in heads]
    for named in head:
        named.font = bold
    sheet.append(head)
    left = MOST_ROWS - 1
    try:
        for rows in parts:
            for row in rows[:left]:
                sheet.append([cell(value) for value in row])
            left = max(left - len(rows), 0)
            yield
        book.save(file)
    finally:
        if not sheet.closed:  # nobody waits for it any more: what strangers wrote stays on no disk
            sheet.close()
            sheet._writer.cleanup()


def _text(value: str) -> str:
    """What XML can hold; `_x0041_` is a letter there, and no text."""
    return _ESCAPED.sub("_x005F_", _NO_CHARACTER.sub("\ufffd", wording.visible(value)))
