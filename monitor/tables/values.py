"""Cells as values: stars on a scale to 5, ids as the sites write them, moments as text. What cannot be is refused."""

import math
import re
from datetime import date, datetime

from monitor.tables.table import Cell

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
    if said in _WORDS:
        return _WORDS[said]
    drawn = _DRAWN.fullmatch(said.replace(" ", ""))
    if drawn and len(drawn[0]) <= 5:
        return len(drawn[1])
    number = _NUMBER.fullmatch(said)
    if number is None:
        raise Refused("оценка не читается: нужно число от 1 до 5")
    whole, fraction, scale = number.groups()
    return _scaled(float(f"{whole}.{fraction or 0}"), int(scale) if scale else 10 if ten else 5)


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


def moment_of(cell: Cell) -> str:
    """A date as text for whoever reads dates; "" without one. A midnight of a spreadsheet is a day."""
    if isinstance(cell, datetime):
        if cell.tzinfo is None and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.strftime("%d.%m.%Y")
        return cell.isoformat(sep=" ", timespec="seconds")
    return text_of(cell).strip()
