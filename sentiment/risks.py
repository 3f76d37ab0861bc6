"""Dangers a person must hear of at once: rules over words, the rows are `data/rules/dangers/*.toml`."""

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache

from sentiment import rules, scope
from sentiment.detector import Detector
from sentiment.rules import Hit, Review, Rules
from sentiment.types import Risk, RiskMention

ALONE = 1.0
"""A sentence must sound so much more dangerous alone than amid its neighbours: these may tell how well it ended."""
HEARD = "heard"
"""The name of what no rule found, in explanations: `poisoning.heard`."""


@lru_cache(maxsize=1)
def shipped() -> Rules[Risk]:
    """Read and compiled at the first review."""
    return Rules(rules.load("dangers", Risk))


@lru_cache(maxsize=1)
def sure() -> Rules[Risk]:
    """Those that no detector may doubt."""
    return Rules(rule for rule in shipped().rules if rule.sure)


def find(review: Review, detector: Detector | None = None, *, pleased: bool = False) -> tuple[RiskMention, ...]:
    """Every danger the text names, once each, with the clause that names it first, verbatim.

    Where a `detector` listens, it hears each sentence between its neighbours: what alarms it counts without any rule,
    with the clause that alarms most; and only sure rules count where it doubts that and the sentence alone. `pleased`:
    how the whole text sounds (`detector.pleased`).
    """
    told: dict[Risk, RiskMention] = {}
    if detector is None or not review.tokens:
        _tell(told, review, hits(review, told=told))
        return tuple(told.values())
    alarm, doubt = detector.limits[pleased]
    heard = detector.hear([token.key for token in review.tokens])
    amid = [heard.score(*window) for window in review.windows]
    alone = [heard.score(*sentence) for sentence in review.sentences]
    believed = [
        score >= doubt or (len(amid) > 1 and itself >= doubt + ALONE) for score, itself in zip(amid, alone, strict=True)
    ]
    for trusted, sentence in zip(believed, review.sentences, strict=True):
        _tell(told, review, hits(review, None if trusted else sure(), *sentence, told=told))
    loudest = max(range(len(amid)), key=amid.__getitem__)
    if told or amid[loudest] < alarm:
        return tuple(told.values())
    first, last = review.windows[loudest]
    clauses = range(review.clause_of(first), review.clause_of(last - 1) + 1)
    quoted = max(clauses, key=lambda number: heard.pull(*review.clauses[number][2:]))
    risk = heard.risk(first, last)
    return (RiskMention(risk, review.quote(quoted), f"{risk}.{HEARD}"),)


def _tell(told: dict[Risk, RiskMention], review: Review, found: Iterable[Hit[Risk]]) -> None:
    """Adds the first hit of every danger not told yet."""
    for hit in found:
        if hit.rule.says not in told:
            quote = review.quote(review.clause_of(hit.first))
            told[hit.rule.says] = RiskMention(hit.rule.says, quote, hit.rule.name)


def hits(
    review: Review, of: Rules[Risk] | None = None, first: int = 0, last: int | None = None, told: Container[Risk] = ()
) -> Iterator[Hit[Risk]]:
    """Every rule (`of` some) that finds a danger not in `told` among the tokens `first` to `last`, in the order of the
    text."""
    return (hit for hit in (of or shipped()).find(review, first, last, told) if _holds(review, hit))


HARM = frozenset(
    {Risk.POISONING, Risk.INJURY, Risk.MEDICAL_HARM, Risk.CHILD_HARM, Risk.ANIMAL_HARM, Risk.PESTS, Risk.FIRE_GAS}
    | {Risk.FRAUD, Risk.THREAT}
)
"""What may have happened somewhere else, and what a business may make good."""


def _holds(review: Review, hit: Hit[Risk]) -> bool:
    rule, first = hit.rule, hit.first
    if rule.negated == "silent" and (scope.negated(review, first) or scope.none_after(review, first)):
        return False
    if rule.says in HARM and (scope.not_here(review, first) or scope.made_good(review, first)):
        return False
    return rule.unreal == "fires" or not (scope.unreal(review, first) or scope.elsewhere(review, first))
