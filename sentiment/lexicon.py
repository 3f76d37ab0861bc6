"""The polarity lexicon, written for this project: what praises and what blames in reviews of places.

`data/lexicon/*.tsv` hold its entries with weights from -3 (unmistakable blame) to +3; `typos.tsv` the usual
misspellings. An entry is a lemma («вкусный», for all its forms), a beginning (`вкуснятин*`), or a phrase whose words
are matched as they stand (`оставля* желать лучшего`). `\\*` is a star itself, as in masked obscenities. Public Russian
lexicons are non-commercial or unlicensed: nothing of them is in here.

Training brings it into a form that loads at once (`compiled`), and the model carries it along.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from sentiment.stems import fits

MOST_WEIGHT = 3.0
STEP = 0.5
"""Weights are multiples of it."""
MASKED_WEIGHT = -1.5
"""A word with stars for letters that the lexicon does not know."""
TYPOS = "typos.tsv"
MOST_REMEMBERED = 65_536
STARS = re.compile(r"\*+")

Inflect = Callable[[str], Sequence[str]]
"""A lemma's forms: `sentiment.morph.forms`."""


class LexiconError(ValueError):
    """A line of the lexicon that cannot be used; the message names file and line."""


class Phrase(NamedTuple):
    """What may follow its first word."""

    rest: tuple[str, ...]
    weight: float


class Following(dict[str, Sequence[Phrase]]):
    """Of the phrases that one word begins, those that may go on with the given word: the longest first, then those with
    the fewest stars."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        super().__init__()
        self._phrases = sorted(phrases, key=lambda phrase: (-len(phrase.rest), "".join(phrase.rest).count("*")))

    def __missing__(self, second: str) -> Sequence[Phrase]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        found = self[second] = tuple(phrase for phrase in self._phrases if fits(phrase.rest[0], second))
        return found


class Entry(NamedTuple):
    """What the lexicon knows of one word, and of the phrases it may begin."""

    weight: float
    following: Following | None


# --- as it is written ------------------------------------------------------------------------------------


def rows(folder: Traversable | None = None) -> Iterator[tuple[str, float]]:
    """Every entry with its weight, in order of the files. Raises LexiconError."""
    known: dict[str, str] = {}
    for file in sorted((folder or _folder()).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".tsv") or file.name == TYPOS:
            continue
        for number, entry, value in _lines(file):
            where = f"{file.name}:{number}"
            if entry in known:
                raise LexiconError(f"{where}: {entry!r} stands in {known[entry]} already")
            known[entry] = where
            yield entry, _weight(value, where)


def typos(folder: Traversable | None = None) -> dict[str, str]:
    """Misspelling → right spelling, one or two words."""
    return {wrong: right for _, wrong, right in _lines((folder or _folder()) / TYPOS)}


def is_lemma(entry: str) -> bool:
    """Whether the entry stands for all forms of a word."""
    return entry.replace("-", "").isalpha()


def _folder() -> Traversable:
    return files("sentiment") / "data" / "lexicon"


def _lines(file: Traversable) -> Iterator[tuple[int, str, str]]:
    """(line number, first column, second column)"""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry, tab, value = line.partition("\t")
        if not tab or not entry.strip() or not value.strip():
            raise LexiconError(f"{file.name}:{number}: an entry, a tab and a value are needed")
        yield number, entry.strip(), value.strip()


def _weight(value: str, where: str) -> float:
    try:
        weight = float(value)
    except ValueError:
        weight = 0.0
    if not 0 < abs(weight) <= MOST_WEIGHT or weight % STEP:
        raise LexiconError(
            f"{where}: the weight must be a multiple of {STEP:g} between -{MOST_WEIGHT:g} and {MOST_WEIGHT:g}, not 0"
        )
    return weight


# --- as it is loaded -------------------------------------------------------------------------------------


class Compiled(NamedTuple):
    """The lexicon ready to load. `forms` and `weights` stand side by side; `typos`: misspelling → right spelling."""

    forms: Sequence[str]
    weights: Sequence[float]
    beginnings: Mapping[str, float]
    phrases: Sequence[tuple[str, float]]
    typos: Mapping[str, str]


def compiled(inflect: Inflect, folder: Traversable | None = None) -> Compiled:
    """Reads the lexicon's files. Raises LexiconError."""
    forms: dict[str, float] = {}
    inflected: dict[str, float] = {}
    beginnings: dict[str, float] = {}
    phrases: list[tuple[str, float]] = []
    for entry, weight in rows(folder):
        if "\\" in entry:
            forms[_masked(entry)] = weight
        elif " " in entry:
            phrases.append((entry, weight))
        elif entry.endswith("*"):
            beginnings[entry[:-1]] = weight
        else:
            forms[entry] = weight
            if is_lemma(entry):
                for form in inflect(entry):
                    inflected.setdefault(form, weight)
    # What is written as a beginning means its words: «лучши*» is no form of «хороший».
    inflected = {form: weight for form, weight in inflected.items() if not _begins_with(form, beginnings)}
    forms = dict(sorted((inflected | forms).items()))
    return Compiled(list(forms), list(forms.values()), beginnings, phrases, typos(folder))


def _begins_with(form: str, beginnings: Mapping[str, float]) -> bool:
    return any(form[:length] in beginnings for length in range(len(form), 0, -1))


def _masked(word: str) -> str:
    r"""`п\*\*\*ц` as the tokens have it: `п*ц`."""
    return STARS.sub("*", word.replace("\\*", "*"))


class Lexicon(dict[str, Entry | None]):
    """The entry of every normalised word, None where nothing is known; looked up at the first question."""

    def __init__(self, content: Compiled) -> None:
        super().__init__()
        self._forms = dict(zip(content.forms, content.weights, strict=True))
        self._beginnings = content.beginnings
        self._phrase_rows = content.phrases
        self._typos = content.typos

    def __missing__(self, key: str) -> Entry | None:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        entry = self[key] = self._search(key)
        return entry

    @cached_property
    def _phrases(self) -> dict[str, list[Phrase]]:
        """By their first word as it is written."""
        phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
        for entry, weight in self._phrase_rows:
            first, *rest = entry.split(" ")
            phrases[first].append(Phrase(tuple(rest), weight))
        return dict(phrases)

    def _search(self, key: str) -> Entry | None:
        first, _, second = self._typos.get(key, key).partition(" ")
        if second:
            weight = self._two_in_one(first, second)
            return Entry(weight, None) if weight else None
        weight = self._weight(first)
        phrases = self._beginning_with(first)
        if not weight and not phrases:
            return None
        return Entry(weight, Following(phrases) if phrases else None)

    def _two_in_one(self, first: str, second: str) -> float:
        """Two words written as one: «неочень»."""
        for phrase in self._beginning_with(first):
            if len(phrase.rest) == 1 and fits(phrase.rest[0], second):
                return phrase.weight
        weight = self._weight(second)
        return -weight if first == "не" else weight

    def _weight(self, key: str) -> float:
        """0.0 where the lexicon knows nothing."""
        if key in self._forms:
            return self._forms[key]
        for length in range(len(key), 1, -1):
            if key[:length] in self._beginnings:
                return self._beginnings[key[:length]]
        return MASKED_WEIGHT if "*" in key else 0.0

    def _beginning_with(self, key: str) -> list[Phrase]:
        patterns = [key, *(f"{key[:length]}*" for length in range(1, len(key) + 1))]
        return [phrase for pattern in patterns for phrase in self._phrases.get(pattern, ())]
