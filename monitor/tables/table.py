"""A file as a table: its format found out, its columns recognised, every row with its line."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import PurePath
from typing import Any

from monitor import wording
from monitor.errors import UsageError
from monitor.tables import charset, delimited, objects, sheets
from monitor.tables.columns import Columns, Field, recognise

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
_MOST_KEYS = 2_000

Cell = str | int | float | bool | date | datetime | None
"""What a cell holds: text as a rule, more from JSON and XLSX. Naive datetimes are local to the place."""


class Unreadable(UsageError):
    """A file from which no review can be had; the message is Russian and does not name the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """`line` counts from 1 (the row's first line, the row of a sheet, the object's number)."""

    line: int
    cells: Mapping[Field, Cell]


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """`ignored`: headings of columns nobody uses; `headings`: of those that are used. `ten`: the heading says that
    stars are on a scale to 10. `unread`: what else of the file holds reviews and is not read; Russian, "" where there
    is nothing."""

    rows: Sequence[Row]
    bad: Sequence[BadRow]
    ignored: tuple[str, ...]
    headings: Mapping[Field, str]
    ten: bool
    unread: str = ""


def read_table(name: str, body: bytes) -> Table:
    """The rows of a file called `name`. Raises Unreadable."""
    if not body.strip():
        raise Unreadable("файл пуст")
    if len(body) > MOST_BYTES:
        raise Unreadable(f"файл больше {MOST_BYTES // 1024 // 1024} МБ: разделите его на части")
    if body.startswith(b"PK\x03\x04"):
        return _sheet(body)
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("это книга Excel старого формата (.xls) или под паролем: сохраните её как .xlsx или CSV")
    if charset.is_binary(body):
        raise Unreadable("это не таблица: нужен CSV, TSV, JSON, XLSX или сохранённая страница площадки")
    text = charset.decode(body)
    named_json = PurePath(name).suffix.casefold() in (".json", ".jsonl", ".ndjson")
    if objects.is_json(text) or (named_json and text.lstrip().startswith(("{", "["))):
        return _json(text)
    return _delimited(text)


# --- formats -----------------------------------------------------------------------------------


def _delimited(text: str) -> Table:
    delimiter, start = delimited.sniff(text)
    lines = ((line, cells) for line, cells in delimited.split(text, delimiter, start) if any(map(str.strip, cells)))
    rows: list[tuple[int, list[str]]] = []
    for row in lines:
        rows.append(row)
        if len(rows) > MOST_ROWS + 1:
            raise Unreadable(f"в файле больше {MOST_ROWS} строк: разделите его на части")
    found = delimited.heading([cells for _, cells in rows])
    if found is None:
        raise _no_columns(rows[0][1] if rows else ())
    index, columns = found
    good: list[Row] = []
    bad: list[BadRow] = []
    for line, cells in rows[index + 1 :]:
        reason = _misshapen(cells, columns)
        if reason:
            bad.append(BadRow(line, reason))
        else:
            good.append(_row(line, cells, columns))
    return Table(good, bad, columns.ignored, columns.headings, columns.ten)


_FREE = (Field.TEXT, Field.PROS, Field.CONS, Field.TITLE, Field.REPLY)
"""What a person wrote: a line break that nobody quoted breaks the row off in there."""


def _misshapen(cells: Sequence[str], columns: Columns) -> str:
    """Why the row cannot be laid over the columns; "" when it can."""
    width = len(columns.names)
    if len(cells) > width and any(map(str.strip, cells[width:])):
        found = wording.counted(len(cells), "столбец", "столбца", "столбцов")
        return f"в строке {found} вместо {width}: проверьте кавычки и разделители"
    last = len(cells) - 1
    if len(cells) < width and any(columns.places.get(field) == last for field in _FREE):
        return f"строка обрывается на столбце {len(cells)} из {width}: проверьте кавычки и переводы строк"
    return ""


def _sheet(body: bytes) -> Table:
    try:
        sheet = sheets.read(body, MOST_ROWS)
    except sheets.SheetRefused as refused:
        raise Unreadable(str(refused)) from refused
    columns = sheet.columns
    if columns is None:
        raise _no_columns(sheet.first)
    rows = [_row(line, cells, columns) for line, cells in sheet.rows]
    return Table(rows, (), columns.ignored, columns.headings, columns.ten, _unread(sheet))


def _unread(sheet: sheets.Sheet) -> str:
    if not sheet.others:
        return ""
    others = ", ".join(f"«{wording.one_line(title, 31)}»" for title in sheet.others[:12])
    title = wording.one_line(sheet.title, 31)
    return f"прочитан только лист «{title}», а отзывы есть и дальше ({others}): сохраните эти листы отдельными файлами"


def _json(text: str) -> Table:
    good: list[tuple[int, dict[str, Any]]] = []
    bad: list[BadRow] = []
    for line, record in objects.records(text):
        if isinstance(record, objects.Broken):
            bad.append(BadRow(line, str(record)))
        else:
            good.append((line, record))
        if len(good) + len(bad) > MOST_ROWS:
            raise Unreadable(f"в файле больше {MOST_ROWS} строк: разделите его на части")
    told = (key for _, record in good for key, value in record.items() if value is not None)
    names = tuple(islice(dict.fromkeys(told), _MOST_KEYS))
    if not names and bad:
        raise Unreadable(f"ни одной строки не прочитать: {bad[0].reason}")
    columns = recognise(names)
    if not columns.useful:
        raise _no_columns(names)
    keys = {field: names[index] for field, index in columns.places.items()}
    rows = [
        Row(line, dict(_useful(((field, record.get(key)) for field, key in keys.items()), rearm=False)))
        for line, record in good
    ]
    return Table(rows, bad, columns.ignored, columns.headings, columns.ten)


def _no_columns(found: Sequence[str]) -> Unreadable:
    shown = ", ".join(f"«{wording.one_line(name, 30)}»" for name in list(found)[:12] if name.strip())
    return Unreadable(
        f"не найден столбец с текстом или с оценкой. Прочитанные столбцы: {shown or 'нет'}. "
        "Назовите столбцы в первой строке, например: Дата; Оценка; Автор; Текст"
    )


# --- rows --------------------------------------------------------------------------------------


def _row(line: int, cells: Sequence[Any], columns: Columns) -> Row:
    told = ((field, cells[index]) for field, index in columns.places.items() if index < len(cells))
    return Row(line, dict(_useful(told, rearm=columns.exported)))


def _useful(told: Iterable[tuple[Field, Any]], *, rearm: bool) -> Iterator[tuple[Field, Cell]]:
    """What says something."""
    for field, cell in told:
        value = _rearmed(cell) if rearm and isinstance(cell, str) else cell
        if isinstance(value, str) and not value.strip():
            continue
        if isinstance(value, (str, int, float, date)):
            yield field, value


def _rearmed(value: str) -> str:
    """Takes back the apostrophe that `otklik export --csv` puts before what a spreadsheet would take for a formula:
    the first visible sign decides, full-width ones included."""
    if not value.startswith("'"):
        return value
    first = next((sign for sign in value[1:] if unicodedata.category(sign)[0] not in "CZM"), "")
    return value[1:] if first and unicodedata.normalize("NFKC", first) in "=+-@" else value
