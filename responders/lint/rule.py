"""What a rule of the linter is: what it finds, in which situations, why that matters and what to do about it.

Patterns are linear: bounded repeats, no nested ones, so that 100 kB of anything is read quickly.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from responders.choose import is_complaint
from responders.platforms import ContactsInReply, platform
from responders.similarity import normal
from responders.types import Fault, Finding, Situation

ERROR, WARNING, HINT = "error", "warning", "hint"
"""Must not be posted; a person should look; may be better."""

Span = tuple[int, int]
Hit = tuple[str, Span | None]
Find = Callable[[str, Situation], Iterable[Hit]]
Applies = Callable[[Situation], bool]
Excuse = Callable[[str, Situation], bool]

_LONGEST_QUOTE = 60
_FOLD = str.maketrans("ёЁ\u00a0\u202f", "еЕ  ")


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` yields what is wrong, without a full stop, and where; `why` names the source, `advice` what to do."""

    rule: str
    severity: str
    find: Find
    why: str
    advice: str
    applies: Applies = lambda _: True

    def check(self, reply: str, situation: Situation) -> Iterator["Remark"]:
        if self.applies(situation):
            for what, span in self.find(reply, situation):
                yield Remark(self.rule, self.severity, what, self.why, self.advice, span)


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding in its parts: `what` is wrong, without a full stop, `why` the rule exists and the `advice`, both whole
    sentences."""

    rule: str
    severity: str
    what: str
    why: str
    advice: str
    span: Span | None

    @property
    def finding(self) -> Finding:
        return Finding(self.rule, self.severity, f"{self.what}. {self.why} {self.advice}", self.span)


@lru_cache(maxsize=64)
def folded(text: str) -> str:
    """The same length, «е» for «ё» and plain spaces."""
    return text.translate(_FOLD)


@lru_cache(maxsize=64)
def lowered(text: str) -> str:
    """`folded`, in small letters: patterns that know no case are several times faster than those that ignore it."""
    small = folded(text).lower()
    if len(small) == len(text):
        return small
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in folded(text))


def phrases(*alternatives: str) -> re.Pattern[str]:
    """Any of these at the start of a word, for `lowered` text. A space is one to three of any kind, " … " up to forty
    characters of the same sentence."""
    joined = "|".join(alternatives).replace(" … ", r"[^.!?\n]{0,40}?\b").replace(" ", r"\s{1,3}")
    return re.compile(rf"\b(?:{joined})")


def quoted(words: str) -> str:
    """As a message shows them."""
    short = " ".join(words.split())
    return f"«{short[: _LONGEST_QUOTE - 1]}…»" if len(short) > _LONGEST_QUOTE else f"«{short}»"


def has_any(text: str, needs: Collection[str]) -> bool:
    """Also where nothing is needed."""
    return not needs or any(need in text for need in needs)


def matches(
    expression: re.Pattern[str], what: str, *, unless: Excuse = lambda _, __: False, needs: Collection[str] = ()
) -> Find:
    """Every match in the `lowered` reply is a finding, unless its words are excused. A reply without any of the
    strings `needs` is not searched, which is faster."""

    def find(reply: str, situation: Situation) -> Iterator[Hit]:
        if not has_any(lowered(reply), needs):
            return
        for match in expression.finditer(lowered(reply)):
            if not unless(match.group(), situation):
                yield f"{what}: {quoted(reply[slice(*match.span())])}", match.span()

    return find


def stems(text: str) -> frozenset[str]:
    """The first five letters of the longer words: a crude lemma."""
    return frozenset(word[:5] for word in normal(text).split() if len(word) >= 4)


def recorded(words: str, situation: Situation) -> bool:
    """Whether the measure that a person recorded speaks of it."""
    return bool(situation.measure) and bool(stems(words) & stems(situation.measure))


def in_review(words: str, situation: Situation) -> bool:
    """Whether the author used one of the words."""
    return bool(stems(words) & stems(situation.text))


def is_clinic(situation: Situation) -> bool:
    return situation.brand.sector == "clinic"


def contacts_forbidden(situation: Situation) -> bool:
    return platform(situation.source).contacts is ContactsInReply.FORBIDDEN


def complaint_from(stars: int) -> Applies:
    """A complaint with at least so many stars and no danger: praise as well, or the analysis errs."""
    return lambda about: is_complaint(about) and not about.verdict.risks and (about.stars or 0) >= stars


def complaint_below(stars: int) -> Applies:
    """Every other complaint, also one without stars."""
    mild = complaint_from(stars)
    return lambda about: is_complaint(about) and not mild(about)


def is_unproven_complaint(situation: Situation) -> bool:
    return is_complaint(situation) and situation.fault is not Fault.CONFIRMED
