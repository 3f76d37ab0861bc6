"""A review that came with a file, found on the site: one review, not two."""

from datetime import datetime

from monitor.clock import optional_iso, to_iso
from monitor.dates import is_finer
from monitor.model import FetchedReview, Origin, Precision
from monitor.store.connection import Connection, Row
from monitor.store.matching import Told, same_review, words_key

_ANY = "SELECT 1 FROM review WHERE listing_id = ? AND origin = 'file' LIMIT 1"
# One without an id of its own first: the other may stand on a page that is read later.
_ALIKE = """SELECT * FROM review WHERE listing_id = ? AND origin = 'file' AND words = ?
ORDER BY external_id NOT LIKE 'file:%', id"""


def adopt(db: Connection, listing_id: int, review: FetchedReview, now: datetime, *, seen: bool) -> int | None:
    """Gives the file's review that is this one the site's id, address, words and date, inside a `write`; its row,
    None where no file told of it. `seen`: a read of the card shows it, so that from now on reads answer for it.

    An erased review is recognised, too, and stays erased."""
    if db.row(_ANY, [listing_id]) is None:
        return None
    told = Told.by(review)
    rows = db.rows(_ALIKE, [listing_id, words_key(review.text, review.author)])
    found = next((row for row in rows if row["words"] and same_review(_telling(row, told), told)), None)
    if found is None:
        return None
    note_alias(db, listing_id, found["external_id"], found["id"])
    changes: Row = {"external_id": review.external_id}
    if seen:
        changes |= {"origin": Origin.SITE.value, "last_seen_at": to_iso(now)}
    if found["forgotten_at"] is None:
        changes |= _site_form(found, review)
    db.update("review", found["id"], changes)
    if "reply_at" in changes:
        db.execute("UPDATE reply SET at = ? WHERE review_id = ? AND at IS NULL", [changes["reply_at"], found["id"]])
    return int(found["id"])


def note_alias(db: Connection, listing_id: int, external_id: str, review_id: int) -> None:
    """From now on a file's row with this id is known to be that review."""
    db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", [listing_id, external_id, review_id])


def _telling(row: Row, told: Told) -> Told:
    """What the file said. Of erased words only that they were the same is known."""
    return Told.stored(row | {"text": told.text} if row["forgotten_at"] else row)


def _site_form(row: Row, review: FetchedReview) -> Row:
    changes: Row = {"url": review.url, "text": review.text, "mark": review.mark, "author": review.author}
    if not review.author:
        del changes["author"]
    if review.posted_at is not None and not is_finer(Precision(row["posted_precision"]), review.posted_precision):
        changes |= {"posted_at": optional_iso(review.posted_at), "posted_precision": review.posted_precision.value}
    rated = review.stars is not None and row["stars"] is None
    if rated or review.text != row["text"] or changes.get("author", row["author"]) != row["author"]:
        changes["analysed_with"] = ""  # quotes are the site's own words, and the author is none of the staff
    if review.stars is not None or row["stars"] is None:
        changes |= {"stars": review.stars, "digest": review.digest}
    else:
        changes["digest"] = review.digest  # the next read compares with what the site shows
    reply, known = review.reply, row["reply_text"]
    if reply and reply.at and known and row["reply_at"] is None and words_key(known, "") == words_key(reply.text, ""):
        changes["reply_at"] = to_iso(reply.at)  # tables rarely tell when we answered
    return changes
