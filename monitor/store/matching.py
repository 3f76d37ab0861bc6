"""Whether two tellings of a review on one card, a file's and a site's, are one review. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import optional_moment
from monitor.likeness import LONG, SLACK, Kinship, kinship, words
from monitor.model import FetchedReview, Precision
from monitor.store.connection import Row

APART = timedelta(days=2)
"""How far two dates of one review may lie apart: zones, and files that round to days."""

_SPOILT = re.compile(r"\w\?|\?\w")
"""A name of which a spreadsheet has lost letters: it tells nobody from anybody."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one telling says of a review; `author` "" where nobody signed, or the name is spoilt."""

    stars: int | None
    text: str
    author: str
    posted_at: datetime | None
    posted_precision: Precision

    @classmethod
    def by(cls, review: FetchedReview) -> "Told":
        author = "" if _SPOILT.search(review.author) else review.author
        return cls(review.stars, review.text, author, review.posted_at, review.posted_precision)

    @classmethod
    def stored(cls, row: Row) -> "Told":
        precision = Precision(row["posted_precision"])
        author = "" if _SPOILT.search(row["author"]) else row["author"]
        return cls(row["stars"], row["text"], author, optional_moment(row["posted_at"]), precision)


def words_key(text: str, author: str) -> str:
    """The same for every telling of a text, whatever a site or a spreadsheet did to case, spaces and signs, and to the
    letters that Excel's Russian CSV does not know. A rating without words has only its author; "" where there is not
    even that."""
    said = _surviving(text)
    told = said or f"\0{text.strip()}\0{_surviving(author)}".rstrip("\0")
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32] if told else ""


def _surviving(text: str) -> str:
    """The letters and digits without what stands between them: «рәхмәт», saved as cp1251, comes back as «р?хм?т»."""
    said = "".join(words(text))
    return said.encode("cp1251", "ignore").decode("cp1251") or said


def tells_part(piece: str, whole: str) -> bool:
    """Whether a text is a coherent piece of another: a file without the title tells no edit."""
    inside = " ".join(words(piece))
    return bool(inside) and f" {inside} " in f" {' '.join(words(whole))} "


def same_review(one: Told, other: Told) -> bool:
    """Of two with the same `words_key`. The fewer the words, the more names and dates have to say."""
    kin = kinship(one.author, other.author)
    signed = all(kinship(name, name) is not Kinship.UNKNOWN for name in (one.author, other.author))
    if signed and kin < Kinship.FIRST_NAME:
        return False
    if one.stars is not None and other.stars is not None and one.stars != other.stars:
        return False
    if different_days(one, other):
        return False
    dated = one.posted_at is not None and other.posted_at is not None
    said = len(words(one.text))
    if not said:
        return signed and dated and one.stars == other.stars
    return signed or dated or said >= LONG


def same_rating(one: Told, other: Told) -> bool:
    """Whether two ratings without words, of the same `words_key`, agree in author and stars: one review, where the card
    holds no other such rating."""
    signed = all(kinship(name, name) is not Kinship.UNKNOWN for name in (one.author, other.author))
    return signed and one.stars == other.stars


def different_people(one: str, other: str) -> bool:
    """Whether both signed, and nothing in the two names is the same."""
    if _SPOILT.search(one) or _SPOILT.search(other):
        return False
    signed = all(kinship(name, name) is not Kinship.UNKNOWN for name in (one, other))
    return signed and kinship(one, other) < Kinship.FIRST_NAME


def different_days(one: Told, other: Told) -> bool:
    """Whether both are dated, and the dates cannot be one."""
    slack = [SLACK.get(told.posted_precision) for told in (one, other)]
    if one.posted_at is None or other.posted_at is None:
        return False
    known = [span for span in slack if span is not None]
    return len(known) == len(slack) and abs(one.posted_at - other.posted_at) > APART + sum(known, timedelta())
