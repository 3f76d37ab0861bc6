"""XLSX workbooks: the first sheet whose first rows name columns we know. What else holds reviews is named: a sheet
per place would end up on one card."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from monitor.tables.columns import Columns
from monitor.tables.delimited import heading

MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes a workbook may unfold to; a million full rows take about as much."""

_MOST_PARTS = 5_000
_MOST_COLUMNS = 200
_FIRST_ROWS = 20
_ESCAPED = re.compile(r"_x((?!D[89A-F])[0-9A-F]{4})_", re.IGNORECASE)
_CHUNK = 1 << 20


class SheetRefused(Exception):
    """Why a workbook is not read; Russian."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` None: no sheet names any, and `first` is the first row's texts. `rows` below them as (row number,
    values): text, numbers, dates, as openpyxl makes them. `title` of the sheet, `others` those of sheets like it."""

    columns: Columns | None
    rows: list[tuple[int, tuple[Any, ...]]]
    first: tuple[str, ...] = ()
    title: str = ""
    others: tuple[str, ...] = ()


def read(body: bytes, most_rows: int) -> Sheet:
    """The first sheet that holds reviews. Raises SheetRefused."""
    _check(body)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions it does not know
        try:
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            try:
                return _first_known(book, most_rows)
            finally:
                book.close()
        except SheetRefused:
            raise
        except Exception as error:  # a broken workbook makes openpyxl fail in any way there is
            raise SheetRefused(
                "книга Excel повреждена: откройте её и сохраните заново, или сохраните как CSV"
            ) from error


def _check(body: bytes) -> None:
    """Refuses what would unfold to too much, and XML that defines entities of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise SheetRefused("книга Excel слишком велика: разделите её или сохраните лист как CSV")
            if not any(part.filename == "[Content_Types].xml" for part in parts):
                raise SheetRefused("это архив ZIP, а не книга Excel: распакуйте его")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _defines(archive, part):
                    raise SheetRefused("в книге Excel есть недопустимые определения XML: сохраните лист как CSV")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SheetRefused("книга Excel повреждена или закрыта паролем: сохраните лист как CSV") from error
    except zlib.error as error:
        raise SheetRefused("книга Excel повреждена: сохраните лист как CSV") from error


def _defines(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
                return True
            tail = chunk[-16:]
    return False


def _first_known(book: Any, most_rows: int) -> Sheet:
    known: Sheet | None = None
    first: tuple[str, ...] = ()
    others: list[str] = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
        rows = _rows(sheet, most_rows)
        top = list(islice(rows, _FIRST_ROWS))
        texts = [["" if value is None else str(value) for value in row] for _, row in top]
        found = heading(texts)
        if found is None:
            first = first or (tuple(texts[0]) if texts else ())
        elif known is None:
            index, columns = found
            known = Sheet(columns, [*top[index + 1 :], *rows], title=sheet.title)
        elif len(top) > found[0] + 1 and sheet.sheet_state == "visible":
            others.append(sheet.title)
    return replace(known, others=tuple(others)) if known else Sheet(None, [], first)


def _rows(sheet: Any, most_rows: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that hold something, with their numbers."""
    limit = most_rows + _FIRST_ROWS
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=limit, max_col=_MOST_COLUMNS), start=1):
        if any(value not in (None, "") for value in row):
            if number >= limit:
                raise SheetRefused(f"на листе больше {most_rows} строк: разделите его на части")
            yield number, tuple(_unescaped(value) if isinstance(value, str) else value for value in row)


def _unescaped(text: str) -> str:
    """`_x000D_`: Excel's way to write what XML cannot carry, such as the first half of a line break from Windows."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
