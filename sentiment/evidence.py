"""Why: the phrases of a review that pulled the score, as they stand in it."""

from collections.abc import Sequence

from sentiment.lexicon import NEGATORS
from sentiment.model import Reading
from sentiment.text import Clause, Token
from sentiment.types import Evidence

MOST = 5
SHORT_CLAUSE = 7
"""Up to so many tokens a clause is quoted whole; of a longer one, its strongest stretch."""
LOOSE_ENDS = frozenset({"и", "а", "но", "что", "как", "в", "на", "с", "у", "к", "по", "из", "за", "от", "до", "это"})
"""Words a quote should not end with."""
LEAST_SHARE = 0.15
"""Of the strongest phrase's weight; weaker ones explain nothing."""


def find(
    text: str, tokens: Sequence[Token], clauses: Sequence[Clause], reading: Reading, *, negative: bool
) -> tuple[Evidence, ...]:
    """Up to five phrases, strongest first. `negative`: only what speaks against the review, if anything does.

    A text with words always has at least one.
    """
    stretches = [(*_stretch(reading.pull, clause, sign), sign, clause) for clause in clauses for sign in (1, -1)]
    stretches = [item for item in stretches if item[2] > 0]
    if negative:
        stretches = [item for item in stretches if item[3] > 0] or stretches
    stretches.sort(key=lambda item: -item[2])
    found = []
    for first, last, weight, sign, clause in stretches[: 2 * MOST]:
        begin, end = _widen(tokens, clause, first, last)
        found.append(Evidence(text[tokens[begin].start : tokens[end - 1].end], round(sign * weight, 3)))
    if not found:
        return tuple(Evidence(text[clause.start : clause.end], 0.0) for clause in clauses[:1])
    least = abs(found[0].weight) * LEAST_SHARE
    return tuple(_distinct([item for item in found if abs(item.weight) >= least])[:MOST])


def _stretch(pull: Sequence[float], clause: Clause, sign: int) -> tuple[int, int, float]:
    """(first, last, weight) of the run of tokens within the clause with the greatest sum of sign * pull."""
    best = (clause.first, clause.first, 0.0)
    begin, total = clause.first, 0.0
    for index in range(clause.first, clause.last):
        if total <= 0:
            begin, total = index, 0.0
        total += sign * pull[index]
        if total > best[2]:
            best = (begin, index + 1, total)
    return best


def _widen(tokens: Sequence[Token], clause: Clause, first: int, last: int) -> tuple[int, int]:
    """The stretch as a phrase that reads: a short clause whole, else with its negation and a word around."""
    if clause.last - clause.first <= SHORT_CLAUSE:
        first, last = clause.first, clause.last
    elif last - first < 3:
        first, last = max(clause.first, first - 1), min(clause.last, last + 1)
    if first > clause.first and tokens[first - 1].key in NEGATORS:
        first -= 1
    while last < clause.last and tokens[last - 1].key in NEGATORS:
        last += 1
    while last - first > 1 and tokens[last - 1].key in LOOSE_ENDS:
        last -= 1
    return first, last


def _distinct(found: Sequence[Evidence]) -> list[Evidence]:
    kept: dict[str, Evidence] = {}
    for item in found:
        kept.setdefault(item.phrase, item)
    return list(kept.values())
