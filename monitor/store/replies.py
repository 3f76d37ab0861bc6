"""What the owner's answer was, wording by wording: the review itself holds the last one only."""

from datetime import datetime

from monitor.clock import optional_iso, to_iso
from monitor.model import Reply
from monitor.store.connection import Connection, Row


def write_reply(db: Connection, review_id: int, reply: Reply, now: datetime) -> None:
    """The answer as a good read shows it now, inside a `write`."""
    before = db.row("SELECT reply_text AS text, reply_state AS state FROM review WHERE id = ?", [review_id])
    values: Row = {"text": reply.text, "at": optional_iso(reply.at), "state": reply.state.value}
    shown = {f"reply_{name}": value for name, value in values.items()}
    db.update("review", review_id, shown | {"reply_seen_at": to_iso(now), "reply_misses": 0})
    if before != {"text": values["text"], "state": values["state"]}:
        db.insert("reply", {"review_id": review_id, "seen_at": to_iso(now), **values})


def write_reply_gone(db: Connection, review_id: int, now: datetime) -> None:
    """Good reads do not show the answer any more, or never showed the one we had posted. Inside a `write`."""
    before = db.row("SELECT reply_text FROM review WHERE id = ?", [review_id])
    db.update("review", review_id, {"reply_text": None, "reply_at": None, "reply_state": None, "reply_misses": 0})
    if before is not None and before["reply_text"] is not None:
        db.insert("reply", {"review_id": review_id, "text": None, "at": None, "state": None, "seen_at": to_iso(now)})


def replies_of(db: Connection, review_id: int) -> list[Row]:
    """`text`, `at`, `state`, `seen_at` of each wording, oldest first; the first three are None where it was gone."""
    return db.rows("SELECT text, at, state, seen_at FROM reply WHERE review_id = ? ORDER BY id", [review_id])
