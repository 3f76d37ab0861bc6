"""JSON: a line per review, a list of them, or an object that holds such a list."""

import json
from collections.abc import Iterator
from typing import Any

NESTED = "."
"""Stands between the name of an object and those of what it holds: `reply.text`."""

_MOST_KEYS = 500


class Broken(Exception):
    """Why a line is no row; Russian."""


def records(text: str) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    """(line or number from 1, the object with its own objects laid flat) of a file; what is no object is Broken.
    Nothing at all where the file is no JSON."""
    whole = _value(text)
    listed = _listed(whole)
    if listed is not None:
        yield from ((number, _flat(item)) for number, item in enumerate(listed, start=1))
        return
    if isinstance(whole, dict):
        yield 1, _flat(whole)
    elif isinstance(whole, Broken):
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                value = _value(line)
                yield number, value if isinstance(value, Broken) else _flat(value)


def is_json(text: str) -> bool:
    """Whether the file begins as JSON does: whole, or in its first line."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return False
    return not isinstance(_value(start.split("\n", 1)[0]), Broken) or not isinstance(_value(text), Broken)


def _value(text: str) -> Any:
    try:
        # Thousands of digits cost nothing as a float, and no number of ours is that long.
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else float(digits))
    except (ValueError, RecursionError):
        return Broken("это не JSON: нужен один объект в строке")


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        lists = [inside for inside in value.values() if isinstance(inside, list) and inside]
        tables = [inside for inside in lists if all(isinstance(item, dict) for item in inside)]
        # A review may hold lists, too: an object that has plain values of its own is a row.
        if len(tables) == 1 and not any(isinstance(inside, str) and inside for inside in value.values()):
            return tables[0]
    return None


def _flat(value: Any) -> dict[str, Any] | Broken:
    if not isinstance(value, dict):
        return Broken("это не объект JSON")
    flat: dict[str, Any] = {}
    for key, inside in list(value.items())[:_MOST_KEYS]:
        if isinstance(inside, dict):
            flat |= {f"{key}{NESTED}{name}": deeper for name, deeper in list(inside.items())[:_MOST_KEYS]}
        else:
            flat[key] = inside
    return flat
