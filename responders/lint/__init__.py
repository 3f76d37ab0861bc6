"""What is wrong with a reply: a flat table of rules, each naming itself, its reason and the remedy.

`site` holds what the platforms accept, `privacy` and `promises` what must not be said, `manners` how the author is
spoken to, `identity` who speaks, `language` the Russian.
"""

from collections.abc import Iterator
from itertools import chain, islice

from responders.lint import identity, language, manners, privacy, promises, site
from responders.lint.rule import ERROR, HINT, WARNING, Remark, Rule
from responders.lint.site import SAME, reply_size
from responders.types import Finding, Situation

__all__ = ["ERROR", "HINT", "RULES", "SAME", "WARNING", "Remark", "lint", "remarks", "reply_size"]

_PER_RULE = 5
_SEVERITIES = (ERROR, WARNING, HINT)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*site.RULES, *privacy.RULES, *promises.RULES, *manners.RULES, *identity.RULES, *language.RULES),
        key=lambda rule: _SEVERITIES.index(rule.severity),
    )
)
"""The gravest first. One name may stand for several rows."""


def lint(reply: str, situation: Situation) -> tuple[Finding, ...]:
    """Everything wrong with a reply to this review, the gravest first, at most five findings a rule; spans are
    character offsets."""
    return tuple(remark.finding for remark in remarks(reply, situation))


def remarks(reply: str, situation: Situation) -> Iterator[Remark]:
    """The same, in parts."""
    return chain.from_iterable(islice(rule.check(reply, situation), _PER_RULE) for rule in RULES)
