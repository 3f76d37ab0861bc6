"""Which kind of answer a review needs, and why: rows read from top to bottom, the first that fits wins.

Fault is never established by a program: an apology needs a person's word (`fault`), everything
else that is a complaint gets regret and a promise to find out.
"""

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
    STARS_ONLY = "stars_only"


COMPLAINT_FRAMES = frozenset(Frame) - {Frame.THANKS, Frame.STARS_ONLY}
"""Frames that say regret and never cheer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`reason` is Russian, for the operator."""

    frame: Frame
    reason: str


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
    def negative_theme(self) -> bool:
        return any(mention.tone is Tone.NEGATIVE for mention in self.situation.verdict.themes)

    @property
    def conflict(self) -> bool:
        return self.situation.verdict.conflict

    @property
    def uncertain(self) -> bool:
        return self.situation.verdict.uncertain


# Reasons may use {stars} and {quote}, the first danger's words.
_ROWS: tuple[tuple[Callable[[_Look], bool], Frame, str], ...] = (
    (
        lambda look: bool(look.situation.verdict.risks),
        Frame.DANGER,
        "в отзыве опасность («{quote}»): коротко, без подтверждения, просим связаться сразу",
    ),
    (lambda look: look.fault, Frame.APOLOGY, "вина подтверждена сотрудником: извиняемся"),
    (
        lambda look: (look.low or look.middling) and not look.text,
        Frame.REGRET_STARS_ONLY,
        "{stars}★ без текста: сожалеем и спрашиваем, что не понравилось",
    ),
    (
        lambda look: look.conflict and (look.low or (look.middling and not look.situation.verdict.flagged)),
        Frame.GENTLE_REGRET,
        "{stars}★, но текст доброжелательный: мягко сожалеем и спрашиваем, в чём дело",
    ),
    (lambda look: look.low, Frame.REGRET, "{stars}★: сожалеем; вина не установлена, поэтому не извиняемся"),
    (lambda look: look.middling, Frame.REGRET, "{stars}★: сожалеем и спрашиваем подробности"),
    (
        lambda look: look.high and not look.text and not look.negative,
        Frame.STARS_ONLY,
        "{stars}★ без текста: благодарим за оценку",
    ),
    (
        lambda look: look.high and (look.negative or look.conflict or look.negative_theme),
        Frame.THANKS_WITH_REGRET,
        "{stars}★, но в тексте есть жалоба: благодарим и сожалеем",
    ),
    (
        lambda look: look.high and look.uncertain,
        Frame.THANKS_UNSURE,
        "{stars}★, а текст понять однозначно не удалось: благодарим и спрашиваем",
    ),
    (lambda look: look.high, Frame.THANKS, "{stars}★: благодарим"),
    (lambda look: look.negative, Frame.REGRET, "оценки нет, текст негативный: сожалеем; вина не установлена"),
    (
        lambda look: look.situation.verdict.tone is Tone.POSITIVE and look.text and not look.uncertain,
        Frame.THANKS,
        "оценки нет, текст доброжелательный: благодарим",
    ),
    (lambda _: True, Frame.THANKS_UNSURE, "по отзыву нельзя понять, всё ли понравилось: благодарим и спрашиваем"),
)

_QUOTE_LENGTH = 60


def choose(situation: Situation, *, fault: bool = False) -> Choice:
    """The frame and its reason. `fault`: a person has established that the company is to blame.

    A danger stays a danger even then: who is to blame for an injury is not settled in public.
    """
    look = _Look(situation, fault, situation.stars, has_text(situation.text))
    frame, reason = next((frame, reason) for fits, frame, reason in _ROWS if fits(look))
    risks = situation.verdict.risks
    quote = " ".join(risks[0].quote.split())[:_QUOTE_LENGTH] if risks else ""
    return Choice(frame, reason.format(stars=situation.stars, quote=quote))
