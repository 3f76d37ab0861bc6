"""A review as JSON, with its verdict."""

from typing import Any

from monitor.contract.tickets import verdict_json
from monitor.store.connection import Row
from monitor.store.rows import verdict_from

_TOLD = (
    "place", "source", "external_id", "stars", "author", "text", "posted_at", "posted_precision", "first_seen_at",
    "revision", "removed_at",
)  # fmt: skip


def review_json(row: Row) -> dict[str, Any]:
    """Of a row of `store.feed`."""
    verdict = verdict_json(verdict_from(row))
    return {
        "review": row["id"],
        **{key: row[key] for key in _TOLD},
        "reply": None if row["reply_text"] is None else {"text": row["reply_text"], "at": row["reply_at"]},
        **{key: verdict[key] for key in ("tone", "themes", "risks")},
        "url": row["url"],
        "same_as": row["same_as"],
    }
