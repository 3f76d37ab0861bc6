"""How alike two replies are: Jaccard over shingles of three lemmas."""

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TypeVar

from sentiment.morph import lemma

_WORD = re.compile(r"\w+")
_SHINGLE = 3
MOST_REMEMBERED = 8192
Item = TypeVar("Item", bound=Hashable)


def normalised(text: str) -> str:
    """Lower-case words with single spaces: what survives a site's own spacing and quotes."""
    return " ".join(_WORD.findall(text.lower().replace("ё", "е")))


def shingled(text: str, signature: str = "") -> frozenset[int]:
    """Runs of three lemmas, by their hashes; the closing `signature` left out: every reply of ours carries it."""
    words = list(map(lemma, normalised(text).removesuffix(normal(signature)).split()))
    if len(words) < _SHINGLE:
        return frozenset((hash(tuple(words)),)) if words else frozenset()
    return frozenset(map(hash, zip(words, words[1:], words[2:], strict=False)))


normal = lru_cache(maxsize=MOST_REMEMBERED)(normalised)
shingles = lru_cache(maxsize=MOST_REMEMBERED)(shingled)
"""The same, remembered: for replies of before and phrases, which are looked at again and again."""


_FORMULA = 3
"""Words; a greeting or a short thanks may come again."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@lru_cache(maxsize=MOST_REMEMBERED)
def sentences(text: str, signature: str = "") -> frozenset[str]:
    """The sentences longer than a formula, without case and punctuation; not the `signature`."""
    found = map(normal, _SENTENCE_END.split(text))
    return frozenset(each for each in found if len(each.split()) > _FORMULA and each != normal(signature))


def jaccard(one: frozenset[Item], other: frozenset[Item]) -> float:
    """0 (nothing shared) to 1 (the same); two empty sets share nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
