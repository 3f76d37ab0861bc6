"""Whether two tellings of a review on one card, a file's and a site's, are one review. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import optional_moment
from monitor.likeness import LONG, SLACK, Kinship, kinship, words
from monitor.model import FetchedReview, Precision
from monitor.store.connection import Row

APART = timedelta(days=2)
"""How far two dates of one review may lie apart: zones, and files that round to days."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one telling says of a review."""

    stars: int | None
    text: str
    author: str
    posted_at: datetime | None
    posted_precision: Precision

    @classmethod
    def by(cls, review: FetchedReview) -> "Told":
        return cls(review.stars, review.text, review.author, review.posted_at, review.posted_precision)

    @classmethod
    def stored(cls, row: Row) -> "Told":
        precision = Precision(row["posted_precision"])
        return cls(row["stars"], row["text"], row["author"], optional_moment(row["posted_at"]), precision)


def words_key(text: str, author: str) -> str:
    """The same for every telling of a text, whatever a site or a spreadsheet did to case, spaces and signs. A rating
    without words has only its author; "" where there is not even that."""
    said = words(text)
    told = " ".join(said) if said else f"\0{text.strip()}\0{' '.join(words(author))}".rstrip("\0")
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32] if told else ""


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
    if _contradict(one, other):
        return False
    dated = one.posted_at is not None and other.posted_at is not None
    said = len(words(one.text))
    if not said:
        return signed and dated and one.stars == other.stars
    return signed or dated or said >= LONG


def different_people(one: str, other: str) -> bool:
    """Whether both signed, and nothing in the two names is the same."""
    signed = all(kinship(name, name) is not Kinship.UNKNOWN for name in (one, other))
    return signed and kinship(one, other) < Kinship.FIRST_NAME


def _contradict(one: Told, other: Told) -> bool:
    slack = [SLACK.get(told.posted_precision) for told in (one, other)]
    if one.posted_at is None or other.posted_at is None:
        return False
    known = [span for span in slack if span is not None]
    return len(known) == len(slack) and abs(one.posted_at - other.posted_at) > APART + sum(known, timedelta())
