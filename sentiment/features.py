"""What the model looks at: words and word pairs (TF-IDF), and the balance of praise and blame."""

import math
from collections.abc import Sequence
from itertools import pairwise

LEXICON_FEATURES = 5
"""praise rate, blame rate, balance, log praise, log blame."""


def terms(words: Sequence[str]) -> list[str]:
    """Every word and every pair of neighbours («не понравилось»), in order of their first word."""
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def lexicon_features(praise: int, blame: int, words: int) -> tuple[float, float, float, float, float]:
    """The lexicon's features from the number of praising and blaming marks in a text of `words` tokens."""
    length = (words + 5) / 4  # so that rates of usual reviews reach from 0 to 1
    return (
        praise / length,
        blame / length,
        (praise - blame) / (praise + blame + 1),
        math.log1p(praise),
        math.log1p(blame),
    )
