"""The words by which people are known, and those beside them: `data/people`, every form worked out at the first review.

First names and jobs are declined by `declension`, so that the dictionary is not needed for them.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from sentiment.declension import NameForm, NounForm, decline, forms_of
from sentiment.text import normalise

CASES_AFTER = {
    "thanks_datv": "datv", "thanks_accs": "accs", "owned": "gent", "gent": "gent", "datv": "datv", "accs": "accs",
    "ablt": "ablt", "loct": "loct",
}  # fmt: skip
"""List of words → the case they demand of a name behind them."""
STEMS = frozenset(["of_people", "of_things", "tastes", "story", "says"])
"""Lists that hold the beginnings of words."""
SEXES = ("masc", "femn")
HERS_FIRST = ("femn", "masc")
"""Of the likelier meaning of a name that both have."""


class PeopleWords:
    """`lists`: those of `words.toml` by name; `stems`: those of beginnings. The others: form → what it may mean."""

    def __init__(self) -> None:
        names, words = _read("names"), _read("words")
        self.lists: Mapping[str, frozenset[str]] = {name: frozenset(row) for name, row in words.items()}
        self.stems: Mapping[str, tuple[str, ...]] = {name: tuple(words[name]) for name in sorted(STEMS)}
        self.names = _names((name, gender) for gender in HERS_FIRST for name in (*names[gender], *names["either"]))
        self.patronymics = frozenset(names["patronymics"])
        self.yo: Mapping[str, str] = {normalise(name): name for name in names["yo"]}
        """Nominative → with ё."""
        self.everyday = self._forms_of_names(frozenset(names["everyday"]))
        self.titles = _names((word, gender) for gender in SEXES for word in words[f"titles_{gender}"])
        self.jobs = _misspelt(
            _nouns(
                [(word, gender) for gender in SEXES for word in words[f"roles_{gender}"]],
                [(word, gender) for gender in SEXES for word in words[f"adjective_{gender}"]],
            )
        )
        self.anyone = _nouns([(word, gender) for gender in SEXES for word in words[f"anyone_{gender}"]])
        self.attributes = _nouns((), [pair for word in words["adjectives_before"] for pair in _both_genders(word)])
        self.case_after = {word: case for name, case in CASES_AFTER.items() for word in words[name]}
        self.cues = frozenset({*self.names, *self.jobs, *self.anyone, *words["named"]})
        """Without one of these, and without an unknown word with a capital, a text names nobody."""
        self.openings = frozenset({*self.cues, *self.attributes, *self.titles})
        """With which somebody's job or name may begin."""

    def _forms_of_names(self, nominatives: frozenset[str]) -> frozenset[str]:
        return frozenset(
            form for form, found in self.names.items() if any(item.nominative in nominatives for item in found)
        )


@lru_cache(maxsize=1)
def people_words() -> PeopleWords:
    return PeopleWords()


def _read(name: str) -> dict[str, list[str]]:
    text = files("sentiment").joinpath("data", "people", f"{name}.toml").read_text(encoding="utf-8")
    return {key: value.split() for key, value in tomllib.loads(text).items()}


def _both_genders(adjective: str) -> Iterator[tuple[str, str]]:
    yield adjective, "masc"
    yield adjective[:-2] + "ая", "femn"


def _names(words: Iterable[tuple[str, str]]) -> Mapping[str, tuple[NameForm, ...]]:
    found: dict[str, dict[NameForm, None]] = {}
    for word, gender in words:
        for form, meaning in forms_of(word, gender):
            found.setdefault(form, {})[meaning] = None
    return {form: tuple(meanings) for form, meanings in found.items()}


def _nouns(
    nouns: Iterable[tuple[str, str]], adjectives: Iterable[tuple[str, str]] = ()
) -> Mapping[str, tuple[NounForm, ...]]:
    found: dict[str, dict[NounForm, None]] = {}
    for adjective, words in ((False, nouns), (True, adjectives)):
        for word, gender in words:
            dative = decline(word, gender, adjective=adjective)["datv"]
            for form, meaning in forms_of(word, gender, adjective=adjective):
                found.setdefault(form, {})[NounForm(word, dative, gender, meaning.case)] = None
    return {form: tuple(meanings) for form, meanings in found.items()}


def _misspelt(forms: Mapping[str, tuple[NounForm, ...]]) -> Mapping[str, tuple[NounForm, ...]]:
    """Also with «ъ» for «ь»: «куръер»."""
    return {form.replace("ь", "ъ"): found for form, found in forms.items()} | dict(forms)
