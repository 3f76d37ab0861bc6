"""What a config tells of the business, so that the analysis knows its own words and names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from sentiment import morph
from sentiment.rules import LONGEST_STEM, Rule, RuleError, check_phrases
from sentiment.text import tokens
from sentiment.types import Theme

SHORTEST_STEM = 3
"""Letters before a `*`: fewer begin words of every kind."""
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class OwnTheme:
    """More words of a theme. `words` stand for all their forms, with `*` at the end for every word that begins so;
    `phrases` are as in `rules`, their words as they stand. `of` as in ThemeMention."""

    theme: Theme
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True)
class Business:
    """`names` are its own, `competitors` those of others. `of`: what its quality is of, where a review leaves it open:
    "food", "goods", "work" or ""."""

    names: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    of: str = ""
    themes: tuple[OwnTheme, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Changes with everything here; "" where there is nothing, so that the shipped analysis keeps its version."""
        return "" if self == Business() else sha256(repr(self).encode()).hexdigest()[:8]

    def rules(self) -> Iterator[Rule[Theme]]:
        """The themes' own words as rules, named `staff.own` and so on."""
        for own in self.themes:
            words = {form for word in own.words for form in _forms(word)}
            phrases = "; ".join(map(_as_read, own.phrases))
            if words or phrases:
                yield Rule(f"{own.theme}.own", own.theme, " ".join(sorted(words)), phrases, of=own.of)


def check_word(word: str) -> None:
    """Raises RuleError where it is no word of `OwnTheme`."""
    bare = word.removesuffix("*")
    if len(bare.split()) > 1:
        raise RuleError("holds several words: it belongs under `phrases`")
    if not _is_word(bare):
        raise RuleError("must be one word, or the beginning of words with * behind it, such as «парковк*»")
    if bare != word and not SHORTEST_STEM <= len(bare) <= LONGEST_STEM:
        raise RuleError(f"must have {SHORTEST_STEM} to {LONGEST_STEM} letters before the *")


def check_phrase(phrase: str) -> None:
    """Raises RuleError where it is no phrase of `OwnTheme`."""
    if ";" in phrase:
        raise RuleError("holds a `;`: write two phrases")
    check_phrases(phrase)
    for element in phrase.split():
        words = element.removesuffix("?").split("|")
        if element not in ("..", ",") and not all(map(_is_part, words)):
            raise RuleError(f"«{element}» is no word: leave punctuation out (signs of a phrase: word* a|b may? * .. ,)")


def _is_part(word: str) -> bool:
    """A word, the beginning of words, a number, or any word at all."""
    bare = word.removesuffix("*")
    return word == "*" or word.isdecimal() or (_is_word(bare) and (bare == word or len(bare) <= LONGEST_STEM))


def _is_word(text: str) -> bool:
    found = tokens(text)
    return len(found) == 1 and found[0].is_word and found[0].end - found[0].start == len(text) and "*" not in text


def _as_read(phrase: str) -> str:
    """Words and numbers as the rules' lines have them."""
    return " ".join(_WORD.sub(lambda found: tokens(found[0])[0].key, phrase).split())


def _forms(word: str) -> list[str]:
    plain = _as_read(word)
    return [plain] if plain.endswith("*") else [plain, *morph.forms(plain)]
