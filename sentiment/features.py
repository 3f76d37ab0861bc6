"""What the model looks at, as plain numbers: words and pairs, the lexicon's balance, and where in a text blame stands.

Terms are weighted by TF-IDF, of the word vectors the mean is taken; both in `learner` and `model`.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from sentiment.text import CONTRASTS, Clause

LEXICON_FEATURES = (
    "praise rate", "blame rate", "balance", "log praise", "log blame", "praising words rate", "blaming words rate",
    "strongest praise", "strongest blame", "balance of the last third", "balance of the first third",
    "balance after the last contrast", "log length", "exclamations", "questions", "numbers", "negations rate", "net",
)  # fmt: skip
CLAUSE_FEATURES = (
    "worst clause", "worst word", "blaming clauses", "share of blaming clauses", "blame in clauses",
    "blame around contrasts", "contrasts", "last clause", "first clause", "log clauses", "blaming words", "praise",
)  # fmt: skip
TURNS = frozenset({*CONTRASTS, "только", "правда", "единственное", "жаль", "минус", "минусы", "увы"})
"""Words at the beginning of a clause that often tells a complaint within praise."""
MOST_EXCLAMATIONS = 5


def terms(words: Sequence[str]) -> list[str]:
    """Every word and every pair of neighbours («не понравилось»), in order of their first word."""
    return [*words, *map(" ".join, pairwise(words))]


def lexicon_features(words: Sequence[str], weights: Sequence[float]) -> list[float]:
    """`LEXICON_FEATURES` of a text, from its words' weights (`polarity.weigh`)."""
    count = len(words)
    marks = list(filter(None, weights))
    praises = [weight for weight in marks if weight > 0]
    praise = sum(praises)
    blame = praise - sum(marks)
    praising, blaming = len(praises), len(marks) - len(praises)
    length = (count + 5) / 4  # so that rates of usual reviews reach from 0 to 1
    third = count // 3 + 1
    return [
        praise / length,
        blame / length,
        (praise - blame) / (praise + blame + 1),
        math.log1p(praise),
        math.log1p(blame),
        praising / length,
        blaming / length,
        max(praises) if praising else 0.0,
        -min(marks) if blaming else 0.0,
        _squeezed(sum(weights[-third:])),
        _squeezed(sum(weights[:third])),
        _squeezed(_after_contrast(words, weights)),
        math.log1p(count) / 4,
        min(words.count("!") + words.count("!!"), MOST_EXCLAMATIONS) / MOST_EXCLAMATIONS,
        float("?" in words),
        min(words.count("00"), MOST_EXCLAMATIONS) / MOST_EXCLAMATIONS,
        words.count("не") / length,
        (praise - blame) / 10,
    ]


def clause_features(words: Sequence[str], weights: Sequence[float], clauses: Sequence[Clause]) -> list[float]:
    """`CLAUSE_FEATURES` of a text that has at least one clause."""
    balances = [sum(weights[clause.first : clause.last]) for clause in clauses]
    blaming = [balance for balance in balances if balance < 0]
    turns = [
        number
        for number, clause in enumerate(clauses)
        if not TURNS.isdisjoint(words[clause.first : min(clause.first + 2, clause.last)])
    ]
    around = {number for turn in turns for number in (turn, turn + 1) if number < len(clauses)}
    marks = [weight for weight in weights if weight]
    return [
        min(balances),
        min(marks, default=0.0),
        len(blaming),
        len(blaming) / len(clauses),
        sum(blaming),
        sum(min(balances[number], 0.0) for number in around),
        len(turns),
        balances[-1],
        balances[0],
        math.log(len(clauses)),
        sum(weight < 0 for weight in marks),
        sum(weight for weight in marks if weight > 0),
    ]


def _after_contrast(words: Sequence[str], weights: Sequence[float]) -> float:
    """What the lexicon finds after the last «но»."""
    if CONTRASTS.isdisjoint(words):
        return 0.0
    last = max(index for index, word in enumerate(words) if word in CONTRASTS)
    return sum(weights[last:])


def _squeezed(balance: float) -> float:
    """-1 to 1."""
    return balance / (abs(balance) + 1)
