"""Dangers a person must hear of at once: rules over words, the rows are `data/rules/dangers/*.toml`."""

from collections.abc import Iterator
from functools import lru_cache

from sentiment import rules, scope
from sentiment.detector import Detector
from sentiment.rules import Hit, Review, Rules
from sentiment.types import Risk, RiskMention

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


def find(review: Review, detector: Detector | None = None) -> tuple[RiskMention, ...]:
    """Every danger the text names, once each, with the clause that names it first, verbatim.

    Where a `detector` listens, only sure rules count in a text that it doubts, and what alarms it counts without any
    rule, with the clause that alarms most.
    """
    if detector is None or not review.tokens:
        return _by_rules(review, shipped())
    heard = detector.hear([token.key for token in review.tokens])
    found = _by_rules(review, sure() if heard.score < detector.doubt else shipped())
    if found or heard.score < detector.alarm:
        return found
    loudest = max(range(len(review.clauses)), key=lambda number: heard.pull(*review.clauses[number][2:]))
    return (RiskMention(heard.risk, review.quote(loudest), f"{heard.risk}.{HEARD}"),)


def _by_rules(review: Review, of: Rules[Risk]) -> tuple[RiskMention, ...]:
    found: dict[Risk, RiskMention] = {}
    for hit in hits(review, of):
        if hit.rule.says not in found:
            quote = review.quote(review.clause_of(hit.first))
            found[hit.rule.says] = RiskMention(hit.rule.says, quote, hit.rule.name)
    return tuple(found.values())


def hits(review: Review, of: Rules[Risk] | None = None) -> Iterator[Hit[Risk]]:
    """Every rule (`of` some) that finds a danger, in the order of the text."""
    return (hit for hit in (of or shipped()).find(review) if _holds(review, hit))


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
