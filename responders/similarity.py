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


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """0 (nothing shared) to 1 (the same); two empty sets share nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
