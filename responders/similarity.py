"""How alike two replies are: Jaccard over shingles of three words."""

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_SHINGLE = 3


@lru_cache(maxsize=1024)
def normal(text: str) -> str:
    """Lower-case words with single spaces: what survives a site's own spacing and quotes."""
    return " ".join(_WORD.findall(text.lower().replace("ё", "е")))


@lru_cache(maxsize=1024)
def shingles(text: str, signature: str = "") -> frozenset[str]:
    """Runs of three words, the closing `signature` left out: every reply of ours carries it."""
    words = normal(text).removesuffix(normal(signature)).split()
    if len(words) < _SHINGLE:
        return frozenset((" ".join(words),)) if words else frozenset()
    return frozenset(" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))


_FORMULA = 3
"""Words; a greeting or a short thanks may come again."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@lru_cache(maxsize=1024)
def sentences(text: str, signature: str = "") -> frozenset[str]:
    """The sentences longer than a formula, without case and punctuation; not the `signature`."""
    found = map(normal, _SENTENCE_END.split(text))
    return frozenset(each for each in found if len(each.split()) > _FORMULA and each != normal(signature))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """0 (nothing shared) to 1 (the same); two empty sets share nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
