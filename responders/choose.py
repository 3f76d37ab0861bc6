"""Which kind of answer a review needs, and why: rows read from top to bottom, the first that fits wins.

Fault is never established by a program: an apology needs a person's word (`Fault`), everything
else that is a complaint gets regret and a promise to find out.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from responders.certainty import certain, plain, weight
from responders.types import Fault, Situation
from sentiment.types import Intent, Tone


class Frame(StrEnum):
    """The kinds of reply; each is a file of wordings in `templates/replies/`."""

    DANGER = "danger"
    APOLOGY = "apology"
    CORRECTION = "correction"
    MISTAKEN = "mistaken"
    REGRET = "regret"
    GENTLE_REGRET = "gentle_regret"
    REGRET_STARS_ONLY = "regret_stars_only"
    THANKS_WITH_REGRET = "thanks_with_regret"
    THANKS_UNSURE = "thanks_unsure"
    THANKS_OPEN = "thanks_open"
    THANKS = "thanks"
    THANKS_QUIET = "thanks_quiet"
    STARS_ONLY = "stars_only"


COMPLAINT_FRAMES = frozenset(Frame) - {Frame.THANKS, Frame.THANKS_OPEN, Frame.THANKS_QUIET, Frame.STARS_ONLY}
"""Frames that say regret and never cheer."""


_ELSEWHERE = r"(?![^.!?\n]{0,30}\bдруг(?:ие|ое|ом|их|ой|ую)\b)"
_RESERVATION = re.compile(
    r"\bснял\w{0,2} (?:одну )?зв[её]зд|минус (?:одна )?зв[её]зд|(?:почему|поэтому) не (?:пять|5)|не пят[её]рк|"
    rf"больше (?:никогда|ни ногой|не\b){_ELSEWHERE}|\bне (?:понрав|рекоменд|совет){_ELSEWHERE}|"
    r"(?:четв[её]рк\w|четыре|4) (?:из-за|за то)|из минусов|"
    r"(?<!один )(?<!одна )(?<!одно )единственн\w{2,3}(?:,| минус| что| но)|"
    # The sites that ask for shortcomings: one was named.
    r"^недостатки:(?!\s*(?:нет\b|их нет|не\s|отсутств|никак|пока не|без |-|—|0|\.|.{0,60}\)\s*$))",
    re.IGNORECASE | re.MULTILINE,
)
"""The words in which people say why praise is not quite praise."""

_CONTRAST = re.compile(r"(?:но|а(?! не\b)|однако|только|жаль|увы)\b", re.IGNORECASE)
_CLEAR_PULL = 0.5
"""A phrase of evidence that pulls less is no remark."""
_STRONG_PULL = 1.0
"""The same where the analysis hears no complaint: «но жене об этом не говорите» is a joke; and at five stars."""

_HARDLY = 0.03
"""A flagged text that is praise with a smaller probability complains, whatever its words."""

_LOSS = re.compile(
    r"\b(?:поминк|поминал|похорон|хоронил|скончал|умер(?:л[аи]|ш\w{2,3})?\b(?! (?:от|со|как|бы)\b)|соболезнован|"
    r"не стало (?:мамы|папы|отца|матери|мужа|жены|сына|дочери|бабушки|дедушки|брата|сестры|близк\w{2,4}|подруги|друга)|"
    r"сорок дней\b|(?:на|отмечали|справляли) 40 дней\b)",
    re.IGNORECASE,
)
"""A review told in mourning; not «умер от вкуса», «не стало очередей»."""


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
    stars: int | None
    text: bool

    def says(self, fault: Fault) -> bool:
        return self.situation.fault is fault

    @property
    def danger(self) -> bool:
        return bool(self.situation.verdict.risks)

    @property
    def elsewhere(self) -> bool:
        """Whether the author means another business or branch."""
        return any(item.intent is Intent.WRONG_PLACE for item in self.situation.verdict.intents)

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
        heard = verdict.flagged or verdict.conflict or self.stars is None
        least = _CLEAR_PULL if heard else _STRONG_PULL
        if any(_CONTRAST.match(item.phrase) and item.weight >= least for item in verdict.evidence):
            return True
        if verdict.flagged and (verdict.probabilities is None or verdict.probabilities.positive < _HARDLY):
            return True
        # At five stars a calm text that only mentions a queue or a price complains of nothing.
        return self.finds_fault if verdict.flagged or self.stars != 5 else verdict.conflict and self.finds_clear_fault

    @property
    def finds_fault(self) -> bool:
        """Whether something is surely blamed."""
        verdict = self.situation.verdict
        return any(mention.tone is Tone.NEGATIVE for mention in certain(verdict, self.stars))

    @property
    def finds_clear_fault(self) -> bool:
        """Whether something is blamed in so many words, that weighed much."""
        verdict = self.situation.verdict
        blamed = [item for item in certain(verdict, self.stars) if item.tone is Tone.NEGATIVE]
        return any(plain(item) and weight(item, verdict) >= _STRONG_PULL for item in blamed)

    @property
    def loss(self) -> bool:
        return _LOSS.search(self.situation.text) is not None

    @property
    def praised(self) -> bool:
        """Whether a text without stars is clearly kind."""
        return self.situation.verdict.tone is Tone.POSITIVE and self.text and not self.uncertain

    @property
    def content(self) -> bool:
        """Whether it is praise on the whole: at five stars also a calm text that rather praises."""
        verdict = self.situation.verdict
        of = verdict.probabilities
        calm = self.stars == 5 and verdict.tone is Tone.NEUTRAL and of is not None and of.positive > of.negative
        return (verdict.tone is Tone.POSITIVE or calm) and not verdict.flagged

    @property
    def names_good(self) -> bool:
        """Whether somebody or something is praised, and nothing blamed."""
        verdict = self.situation.verdict
        tones = {item.tone for item in verdict.people} | {item.tone for item in verdict.themes}
        return Tone.POSITIVE in tones and Tone.NEGATIVE not in tones

    @property
    def conflict(self) -> bool:
        return self.situation.verdict.conflict

    @property
    def uncertain(self) -> bool:
        return self.situation.verdict.uncertain


class Choice(NamedTuple):
    """`why` is for the operator, in Russian."""

    frame: Frame
    why: str


_ROWS: tuple[tuple[Callable[[_Look], bool], Frame, str], ...] = (
    (lambda look: look.danger, Frame.DANGER, "в отзыве названа опасность: ничего не признаём и сразу зовём поговорить"),
    (lambda look: look.says(Fault.CONFIRMED), Frame.APOLOGY, "вина подтверждена: извиняемся"),
    (lambda look: look.says(Fault.DENIED), Frame.CORRECTION, "проверено, вины нет: спокойно поправляем"),
    (lambda look: look.elsewhere, Frame.MISTAKEN, "похоже, речь о другом месте: просим сверить адрес"),
    (
        lambda look: (look.low or look.middling) and not look.text,
        Frame.REGRET_STARS_ONLY,
        "низкая оценка без слов: сожалеем и спрашиваем",
    ),
    # Few stars beside kind words: a slip of the finger, or irony.
    (
        lambda look: (
            look.conflict
            and (look.low or (look.middling and not look.situation.verdict.flagged))
            and not look.finds_fault
        ),
        Frame.GENTLE_REGRET,
        "слова добрые, а оценка низкая: сожалеем и спрашиваем, чего не хватило",
    ),
    (lambda look: look.low or look.middling, Frame.REGRET, "жалоба, вина не подтверждена: сожалеем и разбираемся"),
    (lambda look: look.high and not look.text and not look.negative, Frame.STARS_ONLY, "высокая оценка без слов"),
    (lambda look: look.high and look.remark, Frame.THANKS_WITH_REGRET, "оценка высокая, но есть замечание"),
    # The model hears a complaint that nothing in the text names. Under clear praise it is at most a wish.
    (
        lambda look: look.high and look.content and (look.conflict or (look.uncertain and not look.names_good)),
        Frame.THANKS_OPEN,
        "похвала, похоже, с пожеланием",
    ),
    # Else it is asked, not claimed.
    (
        lambda look: look.high and (look.negative or look.conflict or (look.uncertain and not look.names_good)),
        Frame.THANKS_UNSURE,
        "оценка высокая, но доволен ли автор, по словам не понять",
    ),
    (lambda look: look.high and look.loss, Frame.THANKS_QUIET, "похвала в отзыве об утрате: благодарим тихо"),
    (lambda look: look.high, Frame.THANKS, "похвала"),
    # No stars: the text alone tells.
    (lambda look: look.negative, Frame.REGRET, "жалоба, вина не подтверждена: сожалеем и разбираемся"),
    (lambda look: look.text and look.finds_fault, Frame.THANKS_WITH_REGRET, "отзыв с замечанием"),
    (lambda look: not look.praised, Frame.THANKS_UNSURE, "доволен ли автор, по словам не понять"),
    (lambda look: look.remark, Frame.THANKS_WITH_REGRET, "похвала с замечанием"),
    (lambda look: look.loss, Frame.THANKS_QUIET, "похвала в отзыве об утрате: благодарим тихо"),
    (lambda _: True, Frame.THANKS, "похвала"),
)


def choose(situation: Situation) -> Choice:
    """A danger stays a danger even where the fault is confirmed: who is to blame for an injury is not settled in
    public."""
    look = _Look(situation, situation.stars, has_text(situation.text))
    return next(Choice(frame, why) for fits, frame, why in _ROWS if fits(look))
