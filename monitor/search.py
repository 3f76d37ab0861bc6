"""What a search goes by: words as their dictionary forms, so that «ждать» finds «ждали» and «хамство» «хамством».

A form may be of several words: a text is found under all of them, and a question asks for any of the likely ones. Words
that the dictionary does not hold lose their ending instead.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from unicodedata import normalize

from sentiment import morph

VERSION = "1"
"""Of these rules: with another one every review is indexed anew."""

LONGEST_WORD = 40
MOST_WORDS = 3_000
"""Of one review; nobody writes more."""

MOST_ASKED = 8
"""Words of a question that tell something; the rest of a longer one narrows nothing."""

MOST_READ = 64
"""Words of a question that are looked at."""

SHORTEST_BEGINNING = 3
"""Letters by which words are found that begin so."""

POSSIBLE = 0.02
"""From this share of a form's uses on, a text is found under that word: «стали» under «сталь», too."""

LIKELY = 0.1
"""From this share on, a question asks for that word."""

NAMES = frozenset({"Name", "Surn", "Patr"})
"""A name is always meant as well: «Света» is no rare word in reviews."""

EMPTY = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ", "Apro"})
MOSTLY = 0.7
"""A form that is so often one of these parts of speech tells nothing: nobody looks for «и», «который»."""

NOTHING_ASKED = "В запросе нет слов, по которым можно искать."
NOT_SOUGHT = "Предлоги, союзы, частицы, местоимения и знаки не ищем: напишите слово из отзыва или имя автора."
"""Why nothing is found where `lemmas` are ()."""

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]+")
_ENDINGS = (
    "ами", "ями", "ого", "его", "ому", "ему", "ыми", "ими", "ая", "яя", "ое", "ее", "ые", "ие", "ый", "ий", "ой", "ей",
    "ом", "ем", "ым", "им", "ах", "ях", "ов", "ев", "ую", "юю", "ам", "ям", "ых", "их",
    "а", "е", "и", "о", "у", "ы", "ь", "ю", "я",
)  # fmt: skip
_SHORTEST_STEM = 4


def words(text: str) -> Iterator[str]:
    """In order, lower case, «ё» as «е»."""
    plain = normalize("NFC", text).lower().replace("ё", "е")
    return (word[:LONGEST_WORD] for word in _WORD.findall(plain))


def indexed(text: str, author: str) -> str:
    """Under which lemmas a review is found, with spaces between."""
    found: set[str] = set()
    for word in _first(words(f"{author}\n{text}"), MOST_WORDS):
        found |= _meanings(word, POSSIBLE)
    return " ".join(sorted(found))


def lemmas(query: str) -> tuple[str, ...]:
    """What somebody asks for, whatever they typed: each must occur. One is a lemma, or several with spaces between of
    which any will do; one that ends in `*` is the beginning of a word. () where there is nothing to look for."""
    asked = _first(words(query), MOST_READ)
    found = {word: meanings for word in asked if (meanings := _meanings(word, LIKELY))}
    last = asked[-1] if asked else ""
    if last in found and not morph.readings(last) and len(last) >= SHORTEST_BEGINNING:
        found[last] = found[last] - {last} | {f"{last}*"}  # they may still be typing
    return tuple(dict.fromkeys(" ".join(sorted(each)) for each in islice(found.values(), MOST_ASKED)))


class Searching:
    """What people search with. The dictionary loads at the first question."""

    def lemmas(self, query: str) -> tuple[str, ...]:
        return lemmas(query)


def _first(found: Iterable[str], most: int) -> list[str]:
    """So many different ones."""
    different: dict[str, None] = {}
    for word in found:
        different[word] = None
        if len(different) == most:
            break
    return list(different)


@lru_cache(maxsize=32_768)
def _meanings(word: str, least: float) -> frozenset[str]:
    """The words that a form may be of, with at least this share of its uses; none for one that tells nothing."""
    readings = morph.readings(word)
    if not readings:
        return frozenset({word, _stem(word)})
    share: dict[str, float] = defaultdict(float)
    for reading in readings:
        share[reading.lemma] += reading.score
    chosen = {reading.lemma for reading in readings if share[reading.lemma] >= least or reading.tags & NAMES}
    tells_nothing = sum(reading.score for reading in readings if reading.tags & EMPTY) >= MOSTLY
    return frozenset() if tells_nothing else frozenset(chosen)


def _stem(word: str) -> str:
    """A word that is in no dictionary without its ending, roughly: «хамлом», «хамла» → «хамл»."""
    if not _CYRILLIC.fullmatch(word):
        return word
    fitting = (word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM)
    return next(fitting, word)
