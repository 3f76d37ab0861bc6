"""What a reply is about, and the reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sentiment.types import Verdict


class Fault(StrEnum):
    """Whether the company is to blame, as a person has said; no program establishes it."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    DENIED = "denied"


class Register(StrEnum):
    """How the business speaks."""

    WARM = "warm"
    NEUTRAL = "neutral"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class Contact:
    """`site`: where the business is on the web, `example.ru` or an address; drafts never name it."""

    phone: str = ""
    email: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """Who answers: the business as config.yaml names it. `also`: what else it is called, `places`: the titles of its
    places, for telling a foreign name from an own one. `emoji`: what may stand under thanks, "" for none."""

    name: str
    sector: str
    signature: str
    contact: Contact = field(default_factory=Contact)
    also: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    register: Register = Register.NEUTRAL
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a draft may depend on. `key` identifies the review for good
    (source + external id): the same situation always gets the same draft.

    `source` is the site's id (`google_business`, `yandex_maps`, `twogis`, `otzovik`, `irecommend`), `place` the
    title of the place or "". `recent` holds our latest replies on the same card, newest last, `elsewhere` what we say
    to the same words of the same author on other cards: no sentence of it is said again. `measure`: what was done
    about a confirmed fault, in a person's words, or "". `earlier`: reviews that the author wrote on our cards before.
    """

    key: str
    source: str
    place: str
    brand: Brand
    stars: int | None
    text: str
    author: str
    verdict: Verdict
    recent: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    fault: Fault = Fault.UNCONFIRMED
    measure: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the linter: `rule` is its stable name, `severity` "error" (must not be posted), "warning"
    or "hint", `message` Russian for the operator, `span` the character offsets in the reply it is about."""

    rule: str
    severity: str
    message: str
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """`template` names the frame and the numbers of its phrases, from greeting to closing (`apology#3.1.2.5.1`).
    `reason`: why this frame and these themes, for the operator. `similarity` to the most alike of our recent replies
    on the card, 0 to 1."""

    text: str
    template: str
    warnings: tuple[Finding, ...]
    reason: str = ""
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Swap:
    """Other wordings of a part of a reply: `text[start:end]` is the `sentence`, or the sentences of one phrase; each of
    the `alternatives`, the best first, may stand there."""

    start: int
    end: int
    sentence: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyLimit:
    """`hard`: the site refuses more. `soft`: nobody published a limit; warn above. `unit`: "bytes" or "characters"."""

    unit: str
    hard: int | None = None
    soft: int | None = None


Limits = Mapping[str, ReplyLimit]
