"""What an analysis says about one review."""

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Theme(StrEnum):
    STAFF = "staff"
    WAITING = "waiting"
    QUALITY = "quality"
    CLEANLINESS = "cleanliness"
    PRICE = "price"
    ATMOSPHERE = "atmosphere"
    DELIVERY = "delivery"
    BOOKING = "booking"
    PAYMENT = "payment"
    DECEIT = "deceit"
    SAFETY = "safety"
    ASSORTMENT = "assortment"
    LOCATION = "location"


class Risk(StrEnum):
    POISONING = "poisoning"
    INJURY = "injury"
    MEDICAL_HARM = "medical_harm"
    LEGAL = "legal"
    DISCRIMINATION = "discrimination"
    THREAT = "threat"
    FRAUD = "fraud"
    CHILD_HARM = "child_harm"
    ANIMAL_HARM = "animal_harm"
    PESTS = "pests"
    FIRE_GAS = "fire_gas"
    PUBLICITY = "publicity"


class Intent(StrEnum):
    """What the author wants of the reader, or why there is nothing to answer."""

    QUESTION = "question"
    CONTACT = "contact"
    REFUND = "refund"
    THANKS = "thanks"
    SUGGESTION = "suggestion"
    WRONG_PLACE = "wrong_place"
    SPAM = "spam"
    OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of the text alone, stars unseen; they sum to 1."""

    negative: float
    neutral: float
    positive: float


@dataclass(frozen=True, slots=True)
class ThemeMention:
    """`of`: of what the quality is, "food", "goods" or "work"; "" for other themes and where it is not known. `rule`
    names what found it: for explanations, and for the words of a reply."""

    theme: Theme
    tone: Tone
    quote: str
    of: str = ""
    rule: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RiskMention:
    """`rule` as in ThemeMention."""

    risk: Risk
    quote: str
    rule: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class IntentMention:
    """`quote` is the sentence that says it, the whole text for `thanks` and `off_topic`. `rule` as in ThemeMention."""

    intent: Intent
    quote: str
    rule: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the business, praised or blamed. `role` («мастер») and `name` («Анна Сергеевна») in the nominative,
    either may be "". `dative`: both, as after «спасибо»: «мастеру Анне Сергеевне». `gender`: "masc", "femn" or "" where
    it is not known."""

    role: str
    name: str
    dative: str
    gender: str
    tone: Tone
    quote: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A phrase of the review, as it stands there, and how far it pulled the score.

    `weight` > 0 pulls towards negative, < 0 towards positive.
    """

    phrase: str
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`flagged`: a negative review, to be answered within the hour. `uncertain`: the analysis cannot
    know, so the same hour holds. `conflict`: stars and text disagree. `probabilities` is None
    where there is no text to judge."""

    tone: Tone
    probabilities: Probabilities | None
    flagged: bool
    uncertain: bool
    conflict: bool
    themes: tuple[ThemeMention, ...]
    risks: tuple[RiskMention, ...]
    evidence: tuple[Evidence, ...]
    people: tuple[Person, ...] = ()
    intents: tuple[IntentMention, ...] = ()

    @property
    def urgent(self) -> bool:
        """Whether the target for negatives holds."""
        return self.flagged or self.uncertain
