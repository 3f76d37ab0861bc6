"""Applies what a file says of reviews. A file is no read: nothing vanishes by it, no read moves on, and what a later
read of the site saw is never reverted."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.clock import from_iso, to_iso
from monitor.decide import Insert, Intent, ReplySeen, Revise, Vanish, decide
from monitor.likeness import words
from monitor.model import FetchedReview, Origin
from monitor.store.adoption import note_alias
from monitor.store.connection import Connection, Row
from monitor.store.intake import Intake
from monitor.store.intents import Rules
from monitor.store.listings import Listings
from monitor.store.matching import (
    Told,
    different_days,
    different_people,
    same_rating,
    same_review,
    tells_part,
    words_key,
)
from monitor.store.rows import STORED_REVIEWS, review_from

_BY_ID = f"{STORED_REVIEWS} WHERE r.listing_id = :listing AND r.external_id = :id"
_BY_ALIAS = f"{STORED_REVIEWS} JOIN alias a ON a.review_id = r.id WHERE a.listing_id = :listing AND a.external_id = :id"


_COUNTED = re.compile("[0-9]{1,6}")
"""What may be a row's number: sites have longer ids."""

FILE_ID = "file:"
"""How the id of a review begins that has none on its site, as far as we know."""


class Fate(StrEnum):
    """What became of a row. CLASH: its id is that of other words by somebody else. CUT: its text is cut, and the whole
    one is not known."""

    NEW = "new"
    EDITED = "edited"
    KNOWN = "known"
    CLASH = "clash"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Brought:
    """A review as a file tells it. `listing` is the row of its card, `source` the card's. `site`: it stands on a page
    of the site itself, so that its id is the site's own. `removed`: the file says that it is gone. `cut`: only the
    beginning of its text is there: it can be recognised, not stored."""

    listing: int
    source: str
    review: FetchedReview
    site: bool = False
    removed: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """`opened`: tickets that wait for an answer since. `replied`: a review without an answer got it from the file."""

    fate: Fate
    opened: int = 0
    replied: bool = False


class Imports:
    """Reviews from files. Between `begin` and the end of the import nobody else may read cards: the caller holds the
    lock of a pass."""

    def __init__(self, connection: Connection, listings: Listings, intake: Intake) -> None:
        self._db = connection
        self._listings = listings
        self._intake = intake
        self._words: dict[int, dict[str, list[int]]] = {}

    def begin(self) -> Mapping[tuple[str, str], int]:
        """(source, external id) → row of every card; what an earlier import learned of them is forgotten."""
        self._words = {}
        return {(listing.source, listing.external_id): listing.id for listing in self._listings.all()}

    def apply(
        self, rows: Sequence[Brought], rules: Mapping[str, Rules], *, written_at: datetime, now: datetime
    ) -> list[Effect]:
        """What rows of one file mean, all or nothing. `rules` by source; `written_at` is when the file was, not later
        than `now`."""
        with self._db.write():
            return [self._one(row, rules[row.source], written_at, now) for row in rows]

    def _one(self, brought: Brought, rules: Rules, written_at: datetime, now: datetime) -> Effect:
        stored = self._found(brought)
        if stored is None:
            return Effect(Fate.CUT) if brought.cut else self._insert(brought, rules, written_at, now)
        if brought.cut:
            return Effect(Fate.KNOWN)
        if not brought.site and self._clashes(stored, brought.review):
            return Effect(Fate.CLASH)
        intents = self._meaning(stored, brought, written_at)
        changes = self._intake.bring(brought.listing, intents, rules, now, written_at=written_at)
        if changes.edited:
            self._restate(stored["id"], brought, written_at)
        answered = stored["reply_text"] is None and any(isinstance(intent, ReplySeen) for intent in intents)
        return Effect(Fate.EDITED if changes.edited else Fate.KNOWN, changes.opened, answered)

    def _insert(self, brought: Brought, rules: Rules, written_at: datetime, now: datetime) -> Effect:
        review = replace(brought.review, reply_known=brought.review.reply is not None)  # no answer in a file is no miss
        intents = [Insert(review)]
        changes = self._intake.bring(brought.listing, intents, rules, now, written_at=written_at)
        row = self._db.row(_BY_ID, {"listing": brought.listing, "id": brought.review.external_id})
        assert row is not None, "it was just stored"
        self._remember(brought, row["id"])
        if brought.removed and changes.new:
            gone = self._intake.bring(brought.listing, [Vanish(row["id"])], rules, now, written_at=written_at)
            return Effect(Fate.NEW, changes.opened - gone.closed)
        answered = not changes.new and brought.review.reply is not None
        return Effect(Fate.NEW if changes.new else Fate.KNOWN, changes.opened, answered)

    # --- which review it is ------------------------------------------------------------------------

    def _found(self, brought: Brought) -> Row | None:
        """The review of this id, the one that an earlier file brought under it, else the one of the same words. A page
        of the site names its reviews; the same words under another id are another review there."""
        named = {"listing": brought.listing, "id": brought.review.external_id}
        found = self._db.row(_BY_ID, named)
        if found is None and not brought.site:
            found = self._db.row(_BY_ALIAS, named) or self._by_words(brought)
        return found

    def _by_words(self, brought: Brought) -> Row | None:
        told = Told.by(brought.review)
        key = words_key(told.text, told.author)
        alike = self._known_words(brought.listing).get(key, []) if key else []
        found = next((row for row in map(self._review, alike) if same_review(_told(row, told), told)), None)
        if found is None and told.posted_at is None:
            found = _only_rating(map(self._review, alike), told)
        if found is not None:
            note_alias(self._db, brought.listing, brought.review.external_id, found["id"])
        return found

    def _review(self, review_id: int) -> Row:
        row = self._db.row(f"{STORED_REVIEWS} WHERE r.id = ?", [review_id])
        assert row is not None, "reviews are never deleted"
        return row

    def _known_words(self, listing_id: int) -> dict[str, list[int]]:
        """`words_key` → reviews of the card, read once per import."""
        known = self._words.get(listing_id)
        if known is None:
            known = self._words[listing_id] = {}
            query = "SELECT id, text, author, words, forgotten_at FROM review WHERE listing_id = ? ORDER BY id"
            for row in self._db.iterate(query, [listing_id]):
                key = row["words"] if row["forgotten_at"] else words_key(row["text"], row["author"])
                known.setdefault(key, []).append(row["id"])
        return known

    def _remember(self, brought: Brought, review_id: int) -> None:
        if brought.listing in self._words:
            key = words_key(brought.review.text, brought.review.author)
            self._words[brought.listing].setdefault(key, []).append(review_id)

    # --- what it means -----------------------------------------------------------------------------

    def _clashes(self, stored: Row, review: FetchedReview) -> bool:
        """Two files may count their rows from 1: one id, two texts, and two people or, of nobody, two days."""
        if stored["forgotten_at"] or words_key(stored["text"], "") == words_key(review.text, ""):
            return False
        if different_people(stored["author"], review.author):
            return True
        counted = _COUNTED.fullmatch(review.external_id) is not None
        return counted and not stored["author"] and different_days(Told.stored(stored), Told.by(review))

    def _meaning(self, stored: Row, brought: Brought, written_at: datetime) -> tuple[Intent, ...]:
        """Nothing where the site was read after the file was written. What a file leaves out says nothing, and what
        the review once was is no edit."""
        if written_at <= self._seen_at(stored, brought) or (stored["removed_at"] and not brought.site):
            return ()
        review = brought.review
        unsaid = not review.text.strip() or tells_part(review.text, stored["text"])
        reply = review.reply
        if reply is not None and words_key(reply.text, "") == words_key(stored["reply_text"] or "", ""):
            reply = None
        told = replace(
            review,
            text=stored["text"] if unsaid else review.text,
            stars=stored["stars"] if review.stars is None else review.stars,
            mark=stored["mark"],
            url=stored["url"] if not review.url else review.url,
            reply=reply,
            reply_known=reply is not None,
        )
        intents = decide(review_from(stored), told)
        was = any(isinstance(intent, Revise) for intent in intents) and self._was(stored["id"], told)
        return tuple(intent for intent in intents if not (was and isinstance(intent, Revise)))

    def _seen_at(self, stored: Row, brought: Brought) -> datetime:
        """When the site, or a newer file, last told of the review; a page is as old as the last good read of its card
        at least."""
        seen = from_iso(stored["last_seen_at"])
        read = self._listings.get(brought.listing).last_good_at if brought.site else None
        return seen if read is None else max(seen, read)

    def _was(self, review_id: int, told: FetchedReview) -> bool:
        rows = self._db.rows("SELECT stars, text FROM revision WHERE review_id = ?", [review_id])
        key = words_key(told.text, "")
        return any(row["stars"] == told.stars and words_key(row["text"], "") == key for row in rows)

    def _restate(self, review_id: int, brought: Brought, written_at: datetime) -> None:
        """A review that only files tell of is as new as the newest of them, and recognised by its new words."""
        key = words_key(brought.review.text, brought.review.author)
        self._db.execute(
            "UPDATE review SET words = ?, last_seen_at = ? WHERE id = ? AND origin = 'file'",
            [key, to_iso(written_at), review_id],
        )
        self._remember(brought, review_id)


def _told(row: Row, told: Told) -> Told:
    """What the stored review says; of an erased one its words, which are the same by their key."""
    return Told.stored(row | {"text": told.text} if row["forgotten_at"] else row)


def _only_rating(rows: Iterable[Row], told: Told) -> Row | None:
    """The rating without words that an undated row tells of: the only one of that author and those stars, known from
    the site. Two of a file are told apart by their ids already."""
    if words(told.text):
        return None
    alike = [row for row in rows if same_rating(_told(row, told), told)]
    return alike[0] if len(alike) == 1 and alike[0]["origin"] == Origin.SITE else None
