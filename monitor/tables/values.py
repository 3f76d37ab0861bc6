"""Cells as values: stars on a scale to 5, ids as the sites write them, moments as text. What cannot be is refused."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from monitor.tables.columns import Field
from monitor.tables.table import Cell, Row

LONGEST_TEXT = 200_000
_LONGEST_ID = 255


class Refused(ValueError):
    """Why a cell is no such value; Russian, without the cell's words."""


_NONE = frozenset({"-", "–", "—", "нет", "без оценки", "нет оценки", "не указано", "n/a", "na", "null", "none", "0"})
_WORDS = {
    **dict.fromkeys(("один", "одна", "единица", "one", "1 звезда"), 1),
    **dict.fromkeys(("два", "две", "двойка", "two"), 2),
    **dict.fromkeys(("три", "тройка", "three"), 3),
    **dict.fromkeys(("четыре", "четверка", "four"), 4),
    **dict.fromkeys(("пять", "пятерка", "five"), 5),
}
_NOTHING = _NONE | {"нет ответа", "без ответа", "не отвечено", "не было", "no", "false", "nan", "нету", "n", "н"}
_UNIT = r"(?:звезд[аы]?|балл(?:а|ов)?|stars?|★|⭐|\*)?"
_NUMBER = re.compile(
    rf"(?:оценка:?\s*)?(\d{{1,3}})(?:[.,](\d{{1,6}}))?\s*{_UNIT}"
    rf"(?:\s*(?:из|/|out of|of)\s*(5|10)(?:[.,]0+)?\s*{_UNIT})?"
)
_DRAWN = re.compile(r"([★⭐]+)([☆✩]*)")
_SPOILT_NUMBER = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")


def stars_of(cell: Cell, *, ten: bool) -> int | None:
    """1 to 5; None where the author gave none. `ten`: the column says that its scale ends at 10, as a cell may say
    itself («8/10»). Raises Refused."""
    if cell is None:
        return None
    if isinstance(cell, (bool, date)):
        raise Refused("в столбце оценки стоит не число")
    if isinstance(cell, (int, float)):
        if not math.isfinite(cell):
            raise Refused("в столбце оценки стоит не число")
        return _scaled(float(cell), 10 if ten else 5)
    said = " ".join(cell[:200].replace("\ufe0f", "").casefold().replace("ё", "е").split())
    if said in _NONE:
        return None
    counted = _WORDS.get(re.sub(r"\s?(?:звезд[аы]?|балл(?:а|ов)?|stars?)\Z", "", said))
    if counted is not None:
        return counted
    drawn = _DRAWN.fullmatch(said.replace(" ", ""))
    if drawn and len(drawn[0]) <= 5:
        return len(drawn[1])
    number = _NUMBER.fullmatch(said)
    if number is None:
        raise Refused("оценка не читается: нужно число от 1 до 5")
    whole, fraction, scale = number.groups()
    return _scaled(float(f"{whole}.{fraction or 0}"), int(scale) if scale else 10 if ten else 5)


_BEYOND_FIVE = 0.2


def is_ten(cells: Iterable[Cell]) -> bool:
    """Whether so many stars of a file lie beyond 5 that its 3 and 4 are not meant on a scale to 5 either."""
    numbers = [number for cell in cells if (number := _bare_number(cell)) is not None]
    beyond = sum(5 < number <= 10 for number in numbers)
    return beyond > 1 and beyond >= _BEYOND_FIVE * len(numbers)


def _bare_number(cell: Cell) -> float | None:
    """A number that does not tell its scale itself."""
    if isinstance(cell, (int, float)):
        return float(cell)
    said = cell.strip().replace(",", ".") if isinstance(cell, str) else ""
    return float(said) if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", said) else None


def is_said(cell: Cell) -> bool:
    """Whether a cell says something, and not that there is nothing: «нет», «—», false."""
    if cell is None or cell is False:
        return False
    return not isinstance(cell, str) or cell[:200].strip(" .").casefold() not in _NOTHING


def _scaled(value: float, scale: int) -> int | None:
    if value == 0:
        return None
    if not 1 <= value <= scale:
        hint = " (для шкалы до 10 назовите столбец «Оценка из 10»)" if scale == 5 and 5 < value <= 10 else ""
        raise Refused(f"оценка вне шкалы от 1 до {scale}{hint}")
    if value != int(value):
        raise Refused("дробная оценка: нужно целое число")
    return int(value) if scale == 5 else math.ceil(value / 2)


def text_of(cell: Cell) -> str:
    """What a cell says; numbers as a person would write them. Raises Refused when it is too long."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.strftime("%d.%m.%Y")
    said = str(cell)
    if len(said) > LONGEST_TEXT:
        raise Refused(f"текст длиннее {LONGEST_TEXT} знаков: похоже, в файле не закрыта кавычка")
    return said


def identifier_of(cell: Cell) -> str:
    """The row's own id; "" without one, and where a spreadsheet has spoilt a long number (1,4E+17). Raises Refused."""
    if isinstance(cell, float) and (not cell.is_integer() or abs(cell) >= 2**53):
        return ""
    said = "" if isinstance(cell, date) else text_of(cell).strip()
    if _SPOILT_NUMBER.fullmatch(said):
        return ""
    if len(said) > _LONGEST_ID or not said.isprintable():
        raise Refused("id отзыва не читается: нужна одна строка не длиннее 255 знаков")
    return said


_DATES = (Field.POSTED, Field.REPLY_AT)
_MONTH_AND_DAY = re.compile(r"\A\s*([0-9]{1,2})/([0-9]{1,2})/(?=(?:[0-9]{4}|[0-9]{2})(?![0-9]))")
_DAY_ZERO = datetime.fromisoformat("1899-12-30")  # local to the place, as spreadsheets count
_SPREADSHEET_DAYS = range(32_874, 109_575)  # 1990 to 2199


def days_first(rows: Sequence[Row]) -> list[Row]:
    """The rows with American dates turned round: where one date of a file can be nothing else, and none speaks
    against it, `3/4/2026` is the 4th of March throughout."""
    dates = [_MONTH_AND_DAY.match(cell) for row in rows for cell in map(row.cells.get, _DATES) if isinstance(cell, str)]
    pairs = [(int(found[1]), int(found[2])) for found in dates if found]
    if not any(second > 12 for _, second in pairs) or any(first > 12 for first, _ in pairs):
        return list(rows)
    return [
        Row(row.line, {name: _turned(cell) if name in _DATES else cell for name, cell in row.cells.items()})
        for row in rows
    ]


def _turned(cell: Cell) -> Cell:
    return _MONTH_AND_DAY.sub(r"\2/\1/", cell) if isinstance(cell, str) else cell


def moment_of(cell: Cell) -> str:
    """A date as text for whoever reads dates; "" without one. A midnight of a spreadsheet is a day."""
    if isinstance(cell, (int, float)) and math.isfinite(cell) and int(cell) in _SPREADSHEET_DAYS:
        cell = _DAY_ZERO + timedelta(seconds=round(cell * 86_400))  # a date that is not formatted as one
    if isinstance(cell, datetime):
        if cell.tzinfo is None and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.strftime("%d.%m.%Y")
        return cell.isoformat(sep=" ", timespec="seconds")
    return text_of(cell).strip()
