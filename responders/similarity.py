"""How alike two replies are: Jaccard over shingles of three lemmas."""

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TypeVar

from sentiment.morph import lemma

_WORD = re.compile(r"\w+")
_SHINGLE = 3
Item = TypeVar("Item", bound=Hashable)


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Lower-case words with single spaces: what survives a site's own spacing and quotes."""
    return " ".join(_WORD.findall(text.lower().replace("ё", "е")))


@lru_cache(maxsize=8192)
def shingles(text: str, signature: str = "") -> frozenset[int]:
    """Runs of three lemmas, by their hashes; the closing `signature` left out: every reply of ours carries it."""
    words = list(map(lemma, normal(text).removesuffix(normal(signature)).split()))
    if len(words) < _SHINGLE:
        return frozenset((hash(tuple(words)),)) if words else frozenset()
    return frozenset(map(hash, zip(words, words[1:], words[2:], strict=False)))


_FORMULA = 3
"""Words; a greeting or a short thanks may come again."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@lru_cache(maxsize=4096)
def sentences(text: str, signature: str = "") -> frozenset[str]:
    """The sentences longer than a formula, without case and punctuation; not the `signature`."""
    found = map(normal, _SENTENCE_END.split(text))
    return frozenset(each for each in found if len(each.split()) > _FORMULA and each != normal(signature))


def jaccard(one: frozenset[Item], other: frozenset[Item]) -> float:
    """0 (nothing shared) to 1 (the same); two empty sets share nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
