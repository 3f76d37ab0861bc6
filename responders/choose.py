"""Which kind of answer a review needs: rows read from top to bottom, the first that fits wins.

Fault is never established by a program: an apology needs a person's word (`fault`), everything
else that is a complaint gets regret and a promise to find out.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from responders.types import Situation
from sentiment.types import Tone


class Frame(StrEnum):
    """The kinds of reply; each is a file of wordings in `templates/replies/`."""

    DANGER = "danger"
    APOLOGY = "apology"
    REGRET = "regret"
    GENTLE_REGRET = "gentle_regret"
    REGRET_STARS_ONLY = "regret_stars_only"
    THANKS_WITH_REGRET = "thanks_with_regret"
    THANKS_UNSURE = "thanks_unsure"
    THANKS = "thanks"
    THANKS_QUIET = "thanks_quiet"
    STARS_ONLY = "stars_only"


COMPLAINT_FRAMES = frozenset(Frame) - {Frame.THANKS, Frame.THANKS_QUIET, Frame.STARS_ONLY}
"""Frames that say regret and never cheer."""


_RESERVATION = re.compile(
    r"\bснял\w{0,2} (?:одну )?зв[её]зд|минус (?:одна )?зв[её]зд|(?:почему|поэтому) не (?:пять|5)|не пят[её]рк|"
    r"больше (?:никогда|ни ногой|не\b)|не (?:понрав|рекоменд|совет)|"
    r"(?:четв[её]рк\w|четыре|4) (?:из-за|за то)|единственн\w{2,3}(?:,| минус| что| но)|из минусов|"
    # The sites that ask for shortcomings: one was named.
    r"^недостатки:(?!\s*(?:нет\b|их нет|не\s|отсутств|никак|пока не|без |-|—|0|\.|.{0,60}\)\s*$))",
    re.IGNORECASE | re.MULTILINE,
)
"""The words in which people say why praise is not quite praise."""

_CONTRAST = re.compile(r"(?:но|а(?! не\b)|однако|только|жаль|увы)\b", re.IGNORECASE)
_CLEAR_PULL = 0.5
"""A phrase of evidence that pulls less is no remark."""

_HARDLY = 0.03
"""A flagged text that is praise with a smaller probability complains, whatever its words."""

_LOSS = re.compile(r"\b(?:поминк|поминал|похорон|хоронил|скончал|соболезнован|(?:сорок|40) дней\b)", re.IGNORECASE)
"""A review told in mourning."""


def has_text(text: str) -> bool:
    """Whether a person would see anything: spaces, controls and invisible marks do not count."""
    return any(unicodedata.category(char)[0] not in "ZC" for char in text)


def is_complaint(situation: Situation) -> bool:
    """Whether any answer must hold regret: 1 or 2 stars, a flagged text or a danger."""
    low = situation.stars is not None and situation.stars <= 2
    return low or situation.verdict.flagged or bool(situation.verdict.risks)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the rows ask about: `stars` 1 to 5 or None."""

    situation: Situation
    fault: bool
    stars: int | None
    text: bool

    @property
    def low(self) -> bool:
        return self.stars is not None and self.stars <= 2

    @property
    def middling(self) -> bool:
        return self.stars == 3

    @property
    def high(self) -> bool:
        return self.stars is not None and self.stars >= 4

    @property
    def negative(self) -> bool:
        verdict = self.situation.verdict
        return verdict.flagged or verdict.tone is Tone.NEGATIVE

    @property
    def remark(self) -> bool:
        """Whether praise holds a complaint that can be pointed at."""
        verdict = self.situation.verdict
        if _RESERVATION.search(self.situation.text):
            return True
        if any(_CONTRAST.match(item.phrase) and item.weight >= _CLEAR_PULL for item in verdict.evidence):
            return True
        if verdict.flagged and (verdict.probabilities is None or verdict.probabilities.positive < _HARDLY):
            return True
        # At five stars a calm text that only mentions a queue or a price complains of nothing.
        sure = verdict.flagged or self.stars != 5
        return any(mention.tone is Tone.NEGATIVE and sure for mention in verdict.themes)

    @property
    def loss(self) -> bool:
        return _LOSS.search(self.situation.text) is not None

    @property
    def praised(self) -> bool:
        """Whether a text without stars is clearly kind."""
        return self.situation.verdict.tone is Tone.POSITIVE and self.text and not self.uncertain

    @property
    def conflict(self) -> bool:
        return self.situation.verdict.conflict

    @property
    def uncertain(self) -> bool:
        return self.situation.verdict.uncertain


_ROWS: tuple[tuple[Callable[[_Look], bool], Frame], ...] = (
    (lambda look: bool(look.situation.verdict.risks), Frame.DANGER),
    (lambda look: look.fault, Frame.APOLOGY),
    (lambda look: (look.low or look.middling) and not look.text, Frame.REGRET_STARS_ONLY),
    # Few stars beside kind words: a slip of the finger, or irony.
    (
        lambda look: look.conflict and (look.low or (look.middling and not look.situation.verdict.flagged)),
        Frame.GENTLE_REGRET,
    ),
    (lambda look: look.low or look.middling, Frame.REGRET),
    (lambda look: look.high and not look.text and not look.negative, Frame.STARS_ONLY),
    (lambda look: look.high and look.remark, Frame.THANKS_WITH_REGRET),
    # The model hears a complaint that nothing in the text names: asked, not claimed.
    (lambda look: look.high and (look.negative or look.conflict or look.uncertain), Frame.THANKS_UNSURE),
    (lambda look: look.high and look.loss, Frame.THANKS_QUIET),
    (lambda look: look.high, Frame.THANKS),
    # No stars: the text alone tells.
    (lambda look: look.negative, Frame.REGRET),
    (lambda look: not look.praised, Frame.THANKS_UNSURE),
    (lambda look: look.remark, Frame.THANKS_WITH_REGRET),
    (lambda look: look.loss, Frame.THANKS_QUIET),
    (lambda _: True, Frame.THANKS),
)


def choose(situation: Situation, *, fault: bool = False) -> Frame:
    """`fault`: a person has established that the company is to blame.

    A danger stays a danger even then: who is to blame for an injury is not settled in public.
    """
    look = _Look(situation, fault, situation.stars, has_text(situation.text))
    return next(frame for fits, frame in _ROWS if fits(look))
