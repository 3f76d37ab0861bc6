"""What a page means for what we hold, and when to ask again: intents, never actions. Pure.

Only an author's words and stars make a new revision. Likes, photos, order, an author's new
name or avatar and a moved "updated" time are not edits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.dates import Dated, is_finer
from monitor.model import FetchedReview, Reply, ReplyState, StoredReview

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
    """Bookkeeping that is no change of the review: the list page shows it differently now (`FetchedReview.mark`),
    or tells more exactly when it was `posted`."""

    review_id: int
    mark: str
    posted: Dated | None = None


Intent = Insert | Revise | ReplySeen | ReplyMisses | ReplyGone | Vanish | Absent | Return | Touch


def decide(stored: StoredReview | None, fetched: FetchedReview, since: datetime | None = None) -> tuple[Intent, ...]:
    """What one fetched review means; () is nothing. Applying the intents and deciding again gives ()
    (except that a missing reply is counted). `since`: when the last good read of the card ended, None where no read
    is under way."""
    if stored is None:
        return (Insert(fetched),)
    if stored.forgotten:
        return ()
    intents: list[Intent] = []
    if stored.removed:
        intents.append(Return(stored.id))
    if fetched.stars is None and stored.stars is not None:
        # No site lets an author take his stars back: it is the site that does not tell them any more.
        fetched = replace(fetched, stars=stored.stars)
    if fetched.digest != stored.digest:
        intents.append(Revise(stored.id, fetched))
    posted = _finer_date(stored, fetched)
    if posted or (fetched.mark != stored.mark and fetched.digest == stored.digest):
        intents.append(Touch(stored.id, fetched.mark, posted))
    intents.extend(_about_reply(stored, fetched, since))
    return tuple(intents)


def _finer_date(stored: StoredReview, fetched: FetchedReview) -> Dated | None:
    """A date once stored stands: «2 недели назад» moves with every read, and Яндекс dates the last edit. Only one that
    tells more takes its place."""
    finer = is_finer(fetched.posted_precision, stored.posted_precision)
    return Dated(fetched.posted_at, fetched.posted_precision) if finer else None


def _about_reply(stored: StoredReview, fetched: FetchedReview, since: datetime | None) -> tuple[Intent, ...]:
    if not fetched.reply_known:
        return ()
    if fetched.reply is not None and not (stored.awaited and fetched.reply.state is ReplyState.REJECTED):
        # A person says to have posted one, and the old one stands there still: that is an answer, too, though none to
        # words that have just changed.
        unchanged = fetched.digest == stored.digest
        stands = stored.awaited and unchanged and fetched.reply.state is ReplyState.PUBLISHED
        if stored.reply is None or stands or _differs(stored.reply, fetched.reply):
            return (ReplySeen(stored.id, fetched.reply),)
        return (ReplyMisses(stored.id, 0),) if stored.reply_misses else ()
    if fetched.reply is not None and fetched.reply != stored.reply and not _is_of_before(fetched.reply, stored):
        return (ReplySeen(stored.id, fetched.reply),)  # refused, or refused again: another time tells so
    if stored.reply is None and not stored.awaited:
        return ()
    if stored.reply_misses and since is not None and stored.last_seen_at is not None and stored.last_seen_at > since:
        return ()  # a review slides onto the next page, or a page is read again: that is one read still
    misses = stored.reply_misses + 1
    if misses < REPLY_MISSES:
        return (ReplyMisses(stored.id, misses),)
    # What was refused before still stands there: so was what a person says to have posted since, or nothing was.
    return (ReplyGone(stored.id) if fetched.reply is None else ReplySeen(stored.id, fetched.reply),)


def _is_of_before(refused: Reply, stored: StoredReview) -> bool:
    """Whether what was refused had been posted before the ticket was opened anew: what a person says to have posted
    since is another reply. Where a site dates none, nobody knows."""
    return refused.at is not None and stored.clock_began is not None and refused.at < stored.clock_began


def _differs(known: Reply, seen: Reply) -> bool:
    return (known.text, known.state) != (seen.text, seen.state)


def decide_page(
    stored: Mapping[str, StoredReview], fetched: Iterable[FetchedReview], since: datetime | None = None
) -> tuple[Intent, ...]:
    """All intents of a page. A review shown twice on one page counts once, as first shown. `since` as in `decide`."""
    first: dict[str, FetchedReview] = {}
    for review in fetched:
        first.setdefault(review.external_id, review)
    return tuple(intent for key, review in first.items() for intent in decide(stored.get(key), review, since))


ABSENCES = 2
"""How many consecutive complete reads must miss a review before it counts as removed."""

FEW = 3
"""So many reviews may disappear from a card at once without looking like the site's own trouble."""


def unseen(missing: Iterable[StoredReview]) -> tuple[Vanish | Absent, ...]:
    """What a complete good read means for the reviews it did not show.

    The first one is no proof: a read of several pages can step over a review when another one is taken down
    meanwhile, and a site may hide a review for an hour.
    """
    return tuple(
        Vanish(review.id) if review.absences + 1 >= ABSENCES else Absent(review.id, review.absences + 1)
        for review in missing
        if not review.removed and not review.forgotten
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


@dataclass(frozen=True, slots=True)
class Circuit:
    """A site that refused us, until it is trusted again: it is left alone until `closed_until`, then passes may read
    `allowance` of its cards. `refusals` counts those in a row, whichever card met them."""

    refusals: int
    closed_until: datetime
    allowance: int = 1

    def is_closed(self, now: datetime) -> bool:
        return now < self.closed_until


def refused(circuit: Circuit | None, now: datetime, every: timedelta, asked_for: timedelta | None) -> Circuit:
    """The site refused a card: it is left alone as a whole, each time longer, never less than it asked for. `every`:
    how often its cards are read."""
    refusals = circuit.refusals + 1 if circuit else 1
    return Circuit(refusals, next_check(now, retry_pause(refusals, every), asked_for))


def passed(circuit: Circuit, due: int) -> Circuit | None:
    """After a pass that read cards of the site without a refusal, `due` of them having waited: twice as many next
    time; None once the allowance covers them all, then the site is trusted as if nothing had been."""
    allowance = 2 * circuit.allowance
    return None if circuit.allowance >= due else replace(circuit, allowance=allowance)


TURN = 8
"""So many requests a card may make when its turn comes, however many others wait: enough for everyday news."""


def turn_ends(now: datetime, until: datetime, waiting: int) -> datetime:
    """Until when a card may be read at leisure while `waiting` others of its host wait behind it: an equal share of
    what is left of the pass."""
    return now + (until - now) / (waiting + 1)


MEAN_JITTER = 1.125
"""By how much the session lengthens pauses, on average."""

FASTEST = timedelta(milliseconds=10)
"""No page is read in less, whatever the pace."""


def reach(budget: timedelta, pace: timedelta) -> int:
    """How many cards of one host a pass can get to at most."""
    return int(budget / max(pace, FASTEST)) + 1


def capacity(cards: int, requests_per_read: float, pace: timedelta, duty: float) -> timedelta:
    """The time between two reads of a card that one host's pace allows: `cards` of it in turn, `pace` between two
    requests, passes running for a `duty` of the time (0 to 1; cron's pauses count as not running)."""
    return cards * requests_per_read * pace * MEAN_JITTER / duty
