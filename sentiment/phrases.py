"""A small language for words and phrases, and finding them among the words of a text.

    вкус*      any word that begins so             суд|иск*   either
    *          any one word                        не_дают    two words as one of `either`
    очень?     may stand there                     ..         up to three words
    ,          may be a comma, a dash, a bracket   ;          between two phrases
    .          here the sentence ends              ?          here it ends and asks

Words are written as `text.normalise` makes them. A text is a list of its words in which marks stand as words of their
own: `.` and `?` where a sentence ends, `,` where a clause does; only what is said above runs across a mark.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

MARKS = frozenset(".,?")
LONGEST_GAP = 3
"""Words that `..` stands for, at most."""
MOST_REMEMBERED = 65_536

Cells = Sequence[str]


class _Fits(dict[str, bool]):
    """Word → whether it is one of `words`, remembered."""

    def __init__(self, words: Iterable[str]) -> None:
        every = list(words)
        self.words = frozenset(word for word in every if not word.endswith("*"))
        self.stems = tuple(word[:-1] for word in every if word.endswith("*"))

    def __missing__(self, word: str) -> bool:
        found = word in self.words or word.startswith(self.stems)
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[word] = found
        return found


class _Several(dict[str, tuple[tuple[_Fits, ...], ...]]):
    """First word → what may follow it in choices of more than one word, remembered."""

    def __init__(self, choices: Iterable[str]) -> None:
        self._choices = [tuple(_Fits((word,)) for word in item.split("_")) for item in choices]

    def __missing__(self, word: str) -> tuple[tuple[_Fits, ...], ...]:
        found = tuple(words[1:] for words in self._choices if words[0][word])
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[word] = found
        return found


class _Kind(IntEnum):
    WORD = 0
    CHOICE = 1
    ANY = 2
    GAP = 3
    COMMA = 4
    END = 5
    ASK = 6


WORD, CHOICE, ANY, GAP, COMMA, END, ASK = _Kind
_SPECIAL = {"*": _Kind.ANY, "..": _Kind.GAP, ",": _Kind.COMMA, ".": _Kind.END, "?": _Kind.ASK}


class _Step(NamedTuple):
    """One element of a phrase. `begins`: what its first word may be, of a gap the first word behind it, None where that
    may be anything; `several`: what of a choice is more than one word."""

    kind: _Kind
    fits: _Fits
    begins: _Fits | None
    several: _Several | None = None
    optional: bool = False


Phrase = tuple[_Step, ...]

_NOTHING = _Fits(())


def parse(phrases: str) -> Iterator[Phrase]:
    """The phrases between `;`."""
    for phrase in phrases.split(";"):
        if elements := phrase.split():
            steps = list(map(_step, elements))
            for number in range(len(steps) - 1):
                if steps[number].kind is GAP:
                    steps[number] = steps[number]._replace(begins=_beginning(steps[number + 1]))
            yield tuple(steps)


def _beginning(step: _Step) -> _Fits | None:
    """What the first word of the element may be; None where that may be anything."""
    return None if step.optional or step.kind not in (WORD, CHOICE) else step.begins


@lru_cache(maxsize=4096)
def _step(element: str) -> _Step:
    if kind := _SPECIAL.get(element):
        return _Step(kind, _NOTHING, None)
    optional = element.endswith("?")
    choices = element.removesuffix("?").split("|")
    single = _Fits(word for word in choices if "_" not in word)
    longer = [item for item in choices if "_" in item]
    if not longer and not optional:
        return _Step(WORD, single, single)
    several = _Several(longer) if longer else None
    return _Step(CHOICE, single, _Fits(item.partition("_")[0] for item in choices), several, optional)


def first_words(phrase: Phrase) -> Iterable[str] | None:
    """What the phrase may begin with, stems with their `*`; None where that may be any word, a mark, or missing."""
    begins = _beginning(phrase[0])
    return None if begins is None else (*begins.words, *(stem + "*" for stem in begins.stems))


def ahead(phrase: Phrase) -> tuple[Mapping[str, bool] | None, Mapping[str, bool] | None]:
    """(word → whether it may stand second, word → whether it may end the gap behind the first); None where a look at
    these words tells nothing."""
    if len(phrase) < 2 or phrase[0].kind is not WORD:
        return None, None
    begins = _beginning(phrase[1])
    return begins, phrase[1].begins if phrase[1].kind is GAP else None


def end_of(phrase: Phrase, cells: Cells, place: int, stop: int, number: int = 0) -> int:
    """Where the phrase, from its element `number` on, ends that begins at `place` of `cells`, before `stop`; -1 where
    it is not there."""
    for step in phrase[number:] if number else phrase:
        number += 1
        kind = step.kind
        if kind is WORD:
            if place >= stop or not step.fits[cells[place]]:
                return -1
            place += 1
        elif kind is GAP or kind is COMMA or kind is CHOICE:
            for after in _afters(step, cells, place, stop):
                end = end_of(phrase, cells, after, stop, number)
                if end >= 0:
                    return end
            return -1
        elif kind is END:
            if place < stop and cells[place] != "." and cells[place] != "?":
                return -1
            place = min(place + 1, stop)
        elif place >= stop or (cells[place] in MARKS) is (kind is ANY) or (kind is ASK and cells[place] != "?"):
            return -1
        else:
            place += 1
    return place


def _afters(step: _Step, cells: Cells, place: int, stop: int) -> Iterable[int]:
    """Where the phrase may go on after an element that leaves a choice, the longest first."""
    if step.kind is GAP:
        last, stop = place, min(place + LONGEST_GAP, stop)
        while last < stop and cells[last] not in MARKS:
            last += 1
        every = range(last, place - 1, -1)
        begins = step.begins
        return every if begins is None else [after for after in every if after < len(cells) and begins[cells[after]]]
    if step.kind is COMMA:
        return (place + 1, place) if place < stop and cells[place] == "," else (place,)
    found: list[int] = []
    if place < stop:
        word = cells[place]
        if step.several is not None:
            for rest in step.several[word]:
                after = place + 1 + len(rest)
                if after <= stop and all(fits[cells[place + at]] for at, fits in enumerate(rest, 1)):
                    found.append(after)
        if step.fits[word]:
            found.append(place + 1)
    if step.optional:
        found.append(place)
    return found


class Table(dict[str, tuple[Value, ...]], Generic[Value]):
    """Word → the values of every word and stem that fits it, in the order they were added; remembered."""

    def __init__(self) -> None:
        self._words: dict[str, list[tuple[int, Value]]] = {}
        self._stems: dict[str, list[tuple[int, Value]]] = {}
        self._longest = 0
        self._count = 0

    def add(self, word: str, value: Value) -> None:
        self._count += 1
        if word.endswith("*"):
            self._stems.setdefault(word[:-1], []).append((self._count, value))
            self._longest = max(self._longest, len(word) - 1)
        else:
            self._words.setdefault(word, []).append((self._count, value))

    def __missing__(self, word: str) -> tuple[Value, ...]:
        found = list(self._words.get(word, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            found += self._stems.get(word[:length], ())
        kept = tuple(value for _, value in sorted(found, key=lambda item: item[0]))
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[word] = kept
        return kept


class Phrases:
    """Some phrases, to be looked for together; one that follows the word `unless_after` does not count."""

    def __init__(self, phrases: str, *, unless_after: str = "") -> None:
        self._unless_after = unless_after
        self._table = Table[Phrase]()
        self._anywhere: list[Phrase] = []
        for phrase in parse(phrases):
            if (words := first_words(phrase)) is None:
                self._anywhere.append(phrase)
            else:
                for word in dict.fromkeys(words):
                    self._table.add(word, phrase)

    def within(self, cells: Cells, begin: int, end: int) -> tuple[int, int] | None:
        """Where the first one stands that lies between `begin` and `end` of the cells: (its first, after its last)."""
        return next(self.all(cells, begin, end), None)

    def all(self, cells: Cells, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """One for each place where any begins."""
        table, anywhere = self._table, self._anywhere
        for place in range(begin, end):
            candidates = table[cells[place]]
            if not candidates and not anywhere:
                continue
            if self._unless_after and place and cells[place - 1] == self._unless_after:
                continue
            for phrase in (*candidates, *anywhere):
                last = end_of(phrase, cells, place, end)
                if last > place:
                    yield place, last
                    break
