"""Two texts side by side, word by word: what each has that the other has not. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter

MOST_WORDS = 2000
"""Of both texts together."""

MOST_PAIRS = 50_000
"""Of equal words, one in each text: so many are looked at again and again. Where people repeat themselves no more than
they do, texts of that length have fewer."""

ALIKE = 0.35
"""This share of the words in common makes differences worth a look."""

_WORD = re.compile(r"[^\W_]+\s*|[\W_]\s*")
"""With the space behind it."""


@dataclass(frozen=True, slots=True)
class Part:
    """`own`: the other text has it not, or elsewhere."""

    text: str
    own: bool


Parts = tuple[Part, ...]


def compare(one: str, other: str) -> tuple[Parts, Parts] | None:
    """Both in parts that together are the texts; None where they are too long or have too little in common."""
    words, others = _WORD.findall(one), _WORD.findall(other)
    if len(words) + len(others) > MOST_WORDS or _pairs(words, others) > MOST_PAIRS:
        return None
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    kept: list[bool] = [False] * len(words)
    others_kept: list[bool] = [False] * len(others)
    for block in matcher.get_matching_blocks():
        kept[block.a : block.a + block.size] = [True] * block.size
        others_kept[block.b : block.b + block.size] = [True] * block.size
    return _parts(words, kept), _parts(others, others_kept)


def _pairs(words: Sequence[str], others: Sequence[str]) -> int:
    many = Counter(others)
    return sum(number * many[word] for word, number in Counter(words).items())


def _parts(words: Sequence[str], kept: Sequence[bool]) -> Parts:
    grouped = groupby(zip(kept, words, strict=True), key=itemgetter(0))
    return tuple(Part("".join(word for _, word in group), not both) for both, group in grouped)
