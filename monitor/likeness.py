"""Whether two reviews of a place are one person's words on two sites. Pure.

A wrong link hides a complaint behind another one, a missed link costs a second look: in doubt, two reviews are two.
Short praise is everybody's, so that the fewer the words, the more the names and the dates have to say.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from heapq import nsmallest

from monitor.model import Precision
from responders.similarity import jaccard

VERSION = "1"
"""Names the rules below: when they change, every review is compared anew."""

FEWEST = 6
"""Words below which a text could be anybody's and is compared with nothing."""

LONG = 12
"""Words from which on nobody says the same by chance."""

NEARLY = 0.8
"""Jaccard similarity of the shingles from which on two texts are the same with a slip mended."""

MOST_OF_IT = 2 / 3
"""How much of the longer text a short one must be to count as the same text without its title."""

SHINGLE = 3
KEPT = 8
"""How many numbers stand for a text: two texts with `NEARLY` everything in common share most of them."""

OPENING, KEPT_OF_OPENING = 10, 2
"""A site cuts the end: shingles of the beginning that are represented by numbers of their own, and how many."""

_MOST_LETTERS, _MOST_WORDS = 20_000, 1_000
"""Where two texts go on alike for so long, the rest may differ."""

TOGETHER = timedelta(days=60)
"""How far apart one person posts the same words."""

WEEK = timedelta(days=7)
"""The same for a few words under a bare first name."""

SLACK: Mapping[Precision, timedelta] = {
    Precision.EXACT: timedelta(),
    Precision.DAY: timedelta(days=1),
    Precision.APPROXIMATE: timedelta(days=45),
}
"""How wrong a date may be; a precision that is not here tells nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """One review. `card` is the id of its listing, `stars` 1 to 5 or None, `author` "" where nobody signed."""

    card: int
    text: str
    author: str
    posted_at: datetime | None
    posted_precision: Precision
    stars: int | None


# --- words ------------------------------------------------------------------------------------------------------

# No part of these patterns may run over the same blanks twice: a stranger can send any number of them.
_LABEL = re.compile(
    r"^[ \t]*+(?:достоинства|недостатки|плюсы|минусы|комментарий)[ \t]*+:", re.IGNORECASE | re.MULTILINE
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|[0-9#*]\ufe0f?\u20e3")
"""Marks inside words that nobody sees, and the digits that are emoji."""
_MORE = re.compile(
    r"(?:…|\.{3})\s*+(?:читать|показать)?+\s*+(?:далее|дальше|полностью|ещ[её]|подробнее)?+\s*+$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """What survives a site's own case, ё, punctuation, emoji, spacing, labels and «читать дальше»."""
    return _words(text[:_MOST_LETTERS])


@lru_cache(maxsize=512)
def _words(text: str) -> tuple[str, ...]:
    plain = _MORE.sub(" ", _LABEL.sub(" ", _UNSEEN.sub("", text)))
    plain = unicodedata.normalize("NFKC", plain).lower().replace("ё", "е")
    return tuple(_WORD.findall(plain)[:_MOST_WORDS])


def _runs(said: tuple[str, ...]) -> list[str]:
    return [" ".join(said[at : at + SHINGLE]) for at in range(len(said) - SHINGLE + 1)]


def _shingles(said: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_runs(said))


def _figures(said: tuple[str, ...]) -> list[str]:
    return [word for word in said if any(map(str.isdigit, word))]


def sketch(text: str) -> tuple[int, ...]:
    """At most 10 numbers (signed, 64 bits), the same in every process, most of which an alike text has too; () for
    a text too short to tell."""
    said = words(text)
    if len(said) < FEWEST:
        return ()
    numbers = [_number(run) for run in _runs(said)]
    opening = nsmallest(KEPT_OF_OPENING, set(numbers[:OPENING]))
    return tuple(sorted({*nsmallest(KEPT, set(numbers)), *opening}))


def _number(run: str) -> int:
    digest = blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _nearly(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """The same but for a slip, or one is a piece of the other: a site cut its end, or it has a title more. Other
    figures are no slip: an order's number, a sum, the minutes somebody waited."""
    shorter, longer = sorted((one, other), key=len)
    enough = len(shorter) >= LONG or len(shorter) >= MOST_OF_IT * len(longer)
    # No boundary at the end: a cut goes through words, too.
    if enough and f" {' '.join(shorter)}" in f" {' '.join(longer)}":
        return True
    return _figures(one) == _figures(other) and jaccard(_shingles(one), _shingles(other)) >= NEARLY


# --- authors ----------------------------------------------------------------------------------------------------


class Kinship(IntEnum):
    """What two signatures tell: two people; nothing (no name, a nickname); one first name; one full name."""

    DIFFERENT = 0
    UNKNOWN = 1
    FIRST_NAME = 2
    SAME = 3


_NOBODY = frozenset(
    {
        "гость", "аноним", "анонимно", "анонимный", "пользователь", "клиент", "покупатель", "посетитель", "автор",
        "имени", "без", "скрыт", "удален", "яндекса", "google", "user", "guest", "anonymous", "a", "2гис",
    }
)  # fmt: skip
"""Words that sites sign with when nobody did."""

_LONGEST_NAME = 100
_NAME = re.compile(r"(?:[А-ЯЁ][а-яёА-ЯЁ]*(?:-[А-ЯЁ][а-яё]+)?\.?\s*){1,3}")


@lru_cache(maxsize=4096)
def kinship(one: str, other: str) -> Kinship:
    """«Анна К.» and «Анна Кузнецова»: SAME; «Анна» and «Анна К.»: FIRST_NAME; «Анна П.» and «Анна К.»: DIFFERENT;
    «anna_77» and «Анна»: UNKNOWN."""
    first, second = _signature(one), _signature(other)
    if not first or not second:
        return Kinship.UNKNOWN
    if first == second:
        lone_name = len(first) == 1 and first[0].isalpha()
        return Kinship.FIRST_NAME if lone_name else Kinship.SAME
    if not (_is_name(one) and _is_name(other)):
        return Kinship.UNKNOWN
    return _compared(*sorted((first, second), key=len))


def _signature(author: str) -> tuple[str, ...]:
    """The words of a name; () for a name that is none."""
    said = words(author)
    return () if all(word in _NOBODY for word in said) else said


def _is_name(author: str) -> bool:
    return _NAME.fullmatch(unicodedata.normalize("NFKC", author[:_LONGEST_NAME]).strip()) is not None


def _compared(fewer: tuple[str, ...], more: tuple[str, ...]) -> Kinship:
    """Every word of the shorter name must stand in the longer one, whole or as an initial."""
    left, whole = list(more), 0
    for word in sorted(fewer, key=len, reverse=True):
        found = next((each for each in left if each == word), None) or next(
            (each for each in left if min(len(each), len(word)) == 1 and each[0] == word[0]), None
        )
        if found is None:
            return Kinship.DIFFERENT
        left.remove(found)
        whole += found == word and len(word) > 1
    if not whole:
        return Kinship.UNKNOWN  # initials alone
    return Kinship.SAME if len(fewer) > 1 else Kinship.FIRST_NAME


# --- the decision -----------------------------------------------------------------------------------------------


def alike(one: Said, other: Said) -> bool:
    """Whether it is the same person saying the same. Symmetric."""
    first, second = words(one.text), words(other.text)
    fewest = min(len(first), len(second))
    if fewest < FEWEST or not _within(one, other, TOGETHER, unknown=True):
        return False
    if one.card == other.card and (not _signature(one.author) or _signature(one.author) != _signature(other.author)):
        return False  # on one card, an account has one name: others under the same words are spam, or quote
    kin, long = kinship(one.author, other.author), fewest >= LONG
    if first == second:
        if long or kin is Kinship.SAME:
            return True
        return kin is Kinship.FIRST_NAME and _within(one, other, WEEK, unknown=False)
    known = kin >= (Kinship.UNKNOWN if long else Kinship.SAME)
    return known and _stars_agree(one.stars, other.stars) and _nearly(first, second)


def _stars_agree(one: int | None, other: int | None) -> bool:
    return one is None or other is None or abs(one - other) <= 1


def _within(one: Said, other: Said, span: timedelta, *, unknown: bool) -> bool:
    """Whether both were posted within `span`; `unknown` is the answer where a date is not known."""
    if one.posted_at is None or other.posted_at is None:
        return unknown
    slacks = [SLACK.get(said.posted_precision) for said in (one, other)]
    known = [slack for slack in slacks if slack is not None and (unknown or slack <= SLACK[Precision.DAY])]
    if len(known) < len(slacks):
        return unknown
    return abs(one.posted_at - other.posted_at) <= span + sum(known, timedelta())
