"""What a page means for what we hold: intents, never actions. Pure.

Only an author's words and stars make a new revision. Likes, photos, order, an author's new
name or avatar and a moved "updated" time are not edits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import FetchedReview, Reply, StoredReview

REPLY_MISSES = 2
"""In how many consecutive good reads a reply must be missing before it counts as gone (rule 3)."""


@dataclass(frozen=True, slots=True)
class Insert:
    review: FetchedReview


@dataclass(frozen=True, slots=True)
class Revise:
    """The author changed text or stars."""

    review_id: int
    review: FetchedReview


@dataclass(frozen=True, slots=True)
class ReplySeen:
    """The owner's reply is there for the first time, or is worded or moderated differently now."""

    review_id: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class ReplyMisses:
    """A reply that should be there was not shown in `count` consecutive good reads, too few to believe it; 0: it is
    back."""

    review_id: int
    count: int


@dataclass(frozen=True, slots=True)
class ReplyGone:
    review_id: int


@dataclass(frozen=True, slots=True)
class Vanish:
    """Complete good reads do not show the review any more."""

    review_id: int


@dataclass(frozen=True, slots=True)
class Absent:
    """A complete good read did not show the review; `count` in a row, too few to believe it."""

    review_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Return:
    """A review that had vanished is there again."""

    review_id: int


@dataclass(frozen=True, slots=True)
class Touch:
    """Bookkeeping that is no change of the review: the list page shows it differently now (`FetchedReview.mark`)."""

    review_id: int
    mark: str


Intent = Insert | Revise | ReplySeen | ReplyMisses | ReplyGone | Vanish | Absent | Return | Touch


def decide(stored: StoredReview | None, fetched: FetchedReview) -> tuple[Intent, ...]:
    """What one fetched review means; () is nothing. Applying the intents and deciding again gives ()
    (except that a missing reply is counted)."""
    if stored is None:
        return (Insert(fetched),)
    if stored.forgotten:
        return ()
    intents: list[Intent] = []
    if stored.removed:
        intents.append(Return(stored.id))
    if fetched.digest != stored.digest:
        intents.append(Revise(stored.id, fetched))
    elif fetched.mark != stored.mark:
        intents.append(Touch(stored.id, fetched.mark))
    intents.extend(_about_reply(stored, fetched))
    return tuple(intents)


def _about_reply(stored: StoredReview, fetched: FetchedReview) -> tuple[Intent, ...]:
    if not fetched.reply_known:
        return ()
    if fetched.reply is not None:
        if stored.reply is None or _differs(stored.reply, fetched.reply):
            return (ReplySeen(stored.id, fetched.reply),)
        return (ReplyMisses(stored.id, 0),) if stored.reply_misses else ()
    if stored.reply is None and not stored.awaited:
        return ()
    misses = stored.reply_misses + 1
    return (ReplyGone(stored.id),) if misses >= REPLY_MISSES else (ReplyMisses(stored.id, misses),)


def _differs(known: Reply, seen: Reply) -> bool:
    return (known.text, known.state) != (seen.text, seen.state)


def decide_page(stored: Mapping[str, StoredReview], fetched: Iterable[FetchedReview]) -> tuple[Intent, ...]:
    """All intents of a page. A review shown twice on one page counts once, as first shown."""
    first: dict[str, FetchedReview] = {}
    for review in fetched:
        first.setdefault(review.external_id, review)
    return tuple(intent for external_id, review in first.items() for intent in decide(stored.get(external_id), review))


ABSENCES = 2
"""How many consecutive complete reads must miss a review before it counts as removed, where one is not proof."""

FEW = 3
"""So many reviews may disappear from a card at once without looking like the site's own trouble."""


def unseen(missing: Iterable[StoredReview], held: int, *, one_page: bool) -> tuple[Vanish | Absent, ...]:
    """What a complete good read means for the reviews it did not show.

    A read of one page is a snapshot: what is not there is gone. A read of several pages can step over a review
    when another one is taken down meanwhile, and many missing at once are rather the site's mistake than their
    authors': those are believed at the second complete read. `held` is how many reviews the card had.
    """
    gone = [review for review in missing if not review.removed and not review.forgotten]
    proof = one_page and len(gone) <= max(FEW, held // 3)
    return tuple(
        Vanish(review.id) if proof or review.absences + 1 >= ABSENCES else Absent(review.id, review.absences + 1)
        for review in gone
    )


def sudden_zero(seen: int, held: int) -> bool:
    """Whether a card that had reviews shows none at all: an empty answer, not a lot of changed minds."""
    return seen == 0 and held > FEW


def proves_removal(seen: int, declared: int | None, last_seen: int | None, last_declared: int | None) -> bool:
    """Whether a read to the end may be trusted to show every review.

    A site that declares more reviews than it showed us has perhaps hidden some from this read.
    Some always declare more (ratings without text), so what counts is a gap wider than at the
    last complete read.
    """
    if declared is None or seen >= declared:
        return True
    if last_seen is None or last_declared is None:
        return False
    return declared - seen <= last_declared - last_seen


HICCUP = timedelta(minutes=5)
"""A site that did not answer is asked again soon; it may have been our own network."""


def retry_pause(errors: int, every: timedelta, *, hiccup: bool = False) -> timedelta:
    """How long to leave a card alone after `errors` failures in a row: doubling, at most a day. A site that refuses
    is left alone for at least its usual interval, after a mere `hiccup` it is asked again sooner."""
    usual = max(every, timedelta(minutes=1))
    first = min(HICCUP, usual) if hiccup else usual
    return min(first * (1 << min(errors - 1, 12)), timedelta(days=1))


def next_check(now: datetime, pause: timedelta, asked_for: timedelta | None) -> datetime:
    """When to try again; never sooner than the site itself asked for."""
    return now + max(pause, asked_for or timedelta())
