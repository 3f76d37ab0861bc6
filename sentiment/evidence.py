"""Why: the phrases of a review that pulled the score, as they stand in it, and what each of them is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from sentiment import quoting
from sentiment.model import Reading, Thresholds
from sentiment.polarity import NEGATORS
from sentiment.text import Clause, Token
from sentiment.types import Evidence

MOST = 5
SHORT_CLAUSE = 16
"""Up to so many tokens a clause is quoted whole; of a longer one, its strongest stretch."""
LOOSE_ENDS = frozenset({"и", "а", "но", "что", "как", "в", "на", "с", "у", "к", "по", "из", "за", "от", "до", "это"})
"""Words a quote should not end with."""
LEAST_SHARE = 0.15
"""Of the strongest phrase's weight; weaker ones explain nothing."""


HOLLOW = frozenset(
    """
    это этот эта эти этого как что кто где куда когда зачем почему какой какая какие вообще ну вот так же и а но да не
    ни то тут там у я мы вы он она они мне нам вам вас нас за с в на по ли бы уж все всего ? ! !! !? ?? ?! ...
    """.split()  # noqa: SIM905 - a list of words reads better
)
"""A phrase of nothing but these tells nothing by itself: «Это вообще как?»."""


class Sought(Enum):
    """Which phrases explain a decision."""

    BLAME = "blame"
    PRAISE = "praise"
    COMPLAINT = "complaint"
    """Something to mend, where the tone is praise: «дороговато» after «вкусно»."""
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it stands in the text, how far it pulls, and what the lexicon makes of it there (negated,
    strengthened; 0.0 for nothing)."""

    word: str
    pull: float
    lexicon: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quote, the stretch of words in it that pulls most, and `weight`: the sum of that stretch's pulls, as in the
    verdict's evidence. The quote may be wider than the stretch, so that it reads as a phrase; what the words around it
    pull, either way, is neither listed nor in the weight."""

    phrase: str
    weight: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`start`, `pull` (the sum over all words) and the phrases' weights are of one scale. The first two add up to half
    the logarithm of the odds of negative against positive; where a complaint is `sought`, to that plus the logarithm
    of the odds of a complaint, without what the complaint head makes of the clauses as such. `complaint`: the
    probability that the text names something to mend. `understood`: whether the model knows anything of the text."""

    phrases: tuple[Phrase, ...]
    sought: Sought
    start: float
    pull: float
    complaint: float
    understood: bool
    thresholds: Thresholds


class _Stretch(NamedTuple):
    """The tokens `first` to `last` together pull by `weight`, > 0 towards blame; `opening` to `closing` quote them."""

    first: int
    last: int
    weight: float
    opening: int
    closing: int

    def quote(self, text: str, tokens: Sequence[Token]) -> str:
        return quoting.quote(text, tokens, self.opening, self.closing)


def find(
    text: str, tokens: Sequence[Token], clauses: Sequence[Clause], reading: Reading, sought: Sought
) -> tuple[Evidence, ...]:
    """Up to five phrases, strongest first: only what is sought, if there is any of it.

    A text with words always has at least one.
    """
    found = _stretches(text, tokens, clauses, reading, sought)
    return tuple(Evidence(item.quote(text, tokens), round(item.weight, 3)) for item in found)


def explain(
    text: str,
    tokens: Sequence[Token],
    clauses: Sequence[Clause],
    reading: Reading,
    *,
    sought: Sought,
    thresholds: Thresholds,
) -> Explanation:
    """The phrases that `find` finds, word by word."""
    pull = _pull(reading, sought)
    phrases = []
    for item in _stretches(text, tokens, clauses, reading, sought):
        words = tuple(
            Word(text[tokens[index].start : tokens[index].end], pull[index], reading.weights[index])
            for index in range(item.first, item.last)
        )
        phrases.append(Phrase(item.quote(text, tokens), item.weight, words))
    whole, start = sum(pull), reading.start
    if sought is Sought.COMPLAINT:
        start += sum(reading.pull) + reading.complaint_logit - whole
    return Explanation(tuple(phrases), sought, start, whole, reading.complaint(clauses), reading.understood, thresholds)


def _pull(reading: Reading, sought: Sought) -> Sequence[float]:
    return reading.complaint_pull if sought is Sought.COMPLAINT else reading.pull


def _stretches(
    text: str, tokens: Sequence[Token], clauses: Sequence[Clause], reading: Reading, sought: Sought
) -> list[_Stretch]:
    """Of each clause what blames most and what praises most; of quotes within each other the strongest."""
    pull = _pull(reading, sought)
    blame, praise = (_telling(tokens, _of_each(tokens, clauses, pull, sign), reading.weights, sign) for sign in (1, -1))
    match sought:
        case Sought.PRAISE:
            found = praise or blame
        case Sought.BOTH:
            found = blame + praise
        case Sought.COMPLAINT:
            found = _without_praise(tokens, clauses, reading) or blame or praise
        case _:
            found = blame or praise
    if not found:  # not a word of it pulls
        first = clauses[0]
        return [_Stretch(first.first, first.last, 0.0, first.first, first.last)]
    found = [_whole(item, text, tokens, clauses) for item in found]
    if sought is Sought.COMPLAINT:
        found = [item for item in found if not _only_praises(item, reading.weights)] or found
    found.sort(key=lambda item: -abs(item.weight))
    least = abs(found[0].weight) * LEAST_SHARE
    distinct: dict[str, _Stretch] = {}
    for item in found:
        quote = item.quote(text, tokens)
        told = any(quote in stronger or stronger in quote for stronger in distinct)
        if abs(item.weight) >= least and not told:
            distinct[quote] = item
    return list(distinct.values())[:MOST]


def _whole(item: _Stretch, text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> _Stretch:
    """Quoted with what it needs to make sense."""
    opening, closing = quoting.whole(text, tokens, clauses, item.opening, item.closing)
    return item._replace(opening=opening, closing=closing)


def _only_praises(item: _Stretch, weights: Sequence[float]) -> bool:
    """By the lexicon, in the words of its quote."""
    said = [*filter(None, weights[item.opening : item.closing])]
    return bool(said) and min(said) > 0


def _telling(tokens: Sequence[Token], found: Sequence[_Stretch], weights: Sequence[float], sign: int) -> list[_Stretch]:
    """Without what the lexicon calls the very opposite and without hollow phrases; all, where there is nothing else."""

    def tells(item: _Stretch) -> bool:
        said = [sign * weight for weight in weights[item.opening : item.closing] if weight]
        opposite = bool(said) and min(said) > 0
        return not opposite and not all(token.key in HOLLOW for token in tokens[item.opening : item.closing])

    return [item for item in found if tells(item)] or list(found)


def _without_praise(tokens: Sequence[Token], clauses: Sequence[Clause], reading: Reading) -> list[_Stretch]:
    """Of each clause what complains most, as far as by the lexicon it is no praise: the complaint head also likes the
    praise that complaints hide in. What praises on the whole is searched for blame between its praising words; where
    nothing else is left, also for the strongest of what the lexicon does not know."""
    pull, weights = reading.complaint_pull, reading.weights
    found: list[_Stretch] = []
    unknown: list[_Stretch] = []
    for clause in clauses:
        item = _strongest(tokens, clause, pull, 1)
        if item is None:
            continue
        if sum(weights[item.opening : item.closing]) <= 0:
            found.append(item)
            continue
        between = _of_each(tokens, _between_praise(tokens, clause, weights), pull, 1)
        for part in between:
            blames = any(weights[part.opening : part.closing])
            (found if blames else unknown).append(part)
    return found or sorted(unknown, key=lambda item: -item.weight)[:1]


def _between_praise(tokens: Sequence[Token], clause: Clause, weights: Sequence[float]) -> list[Clause]:
    """What of the clause stands before, between and after the words that the lexicon finds praising."""
    praising = [index for index in range(clause.first, clause.last) if weights[index] > 0]
    edges = pairwise([clause.first - 1, *praising, clause.last])
    return [
        Clause(tokens[before + 1].start, tokens[after - 1].end, before + 1, after)
        for before, after in edges
        if after - before > 1
    ]


def _of_each(tokens: Sequence[Token], clauses: Sequence[Clause], pull: Sequence[float], sign: int) -> list[_Stretch]:
    return [item for clause in clauses if (item := _strongest(tokens, clause, pull, sign)) is not None]


def _strongest(tokens: Sequence[Token], clause: Clause, pull: Sequence[float], sign: int) -> _Stretch | None:
    """The run of tokens within the clause with the greatest sum of sign * pull, None if nothing pulls that way."""
    first, last, weight = clause.first, clause.first, 0.0
    begin, total = clause.first, 0.0
    for index in range(clause.first, clause.last):
        if total <= 0:
            begin, total = index, 0.0
        total += sign * pull[index]
        if total > weight:
            first, last, weight = begin, index + 1, total
    if not weight:
        return None
    return _Stretch(first, last, sign * weight, *_widened(tokens, clause, first, last))


def _widened(tokens: Sequence[Token], clause: Clause, first: int, last: int) -> tuple[int, int]:
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
