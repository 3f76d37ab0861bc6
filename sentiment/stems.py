"""Words looked up by their beginnings: `вкусн*` stands for every word that begins so."""

from collections.abc import Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST_REMEMBERED = 65_536
LONGEST_STEM = 16


class StemTable(Generic[Value]):
    """Finds the value of a word: the whole word first, then its longest stem.

    A value of None stops the search, so that an exception can stand beside its rule: `суд*` and `судак*`: None.
    """

    def __init__(self, entries: Mapping[str, Value | None]) -> None:
        self._words = {entry: value for entry, value in entries.items() if not entry.endswith("*")}
        self._stems = {entry[:-1]: value for entry, value in entries.items() if entry.endswith("*")}
        self._shortest = min(map(len, self._stems), default=1)
        self._remembered: dict[str, Value | None] = {}

    def find(self, key: str) -> Value | None:
        """The value for a normalised word, or None."""
        try:
            return self._remembered[key]
        except KeyError:
            pass
        value = self._search(key)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = value
        return value

    def _search(self, key: str) -> Value | None:
        if key in self._words:
            return self._words[key]
        for length in range(min(len(key), LONGEST_STEM), self._shortest - 1, -1):
            if key[:length] in self._stems:
                return self._stems[key[:length]]
        return None


def fits(pattern: str, key: str) -> bool:
    """Whether one normalised word fits one entry."""
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern
