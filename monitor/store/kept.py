"""What is kept of a review, table by table: read for whoever asks what is known of them, counted before it is erased.

A table that holds anything of a review, or of what people did with it, stands in `PATHS`; `tests/test_privacy.py` looks
through the schema for one that does not.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from monitor.clock import optional_moment
from monitor.store.connection import Connection, Row
from monitor.store.search import Search


class Path(NamedTuple):
    """How to get from a review (`g.value`) to its rows, `x`; `order` of them; `json`: columns that hold JSON."""

    joins: str
    order: str
    json: tuple[str, ...] = ()


class Amount(NamedTuple):
    """How many rows, since when."""

    rows: int
    oldest: datetime | None


_TICKET = "CROSS JOIN ticket t ON t.review_id = g.value"


def _of_review(table: str, order: str, *columns: str) -> Path:
    return Path(f"CROSS JOIN {table} x ON x.review_id = g.value", order, columns)


def _of_ticket(table: str, order: str, *columns: str) -> Path:
    return Path(f"{_TICKET} CROSS JOIN {table} x ON x.ticket_id = t.id", order, columns)


PATHS: Mapping[str, Path] = {
    "review": Path("CROSS JOIN review x ON x.id = g.value", "x.id"),
    "alias": _of_review("alias", "x.external_id"),
    "revision": _of_review("revision", "x.number"),
    "reply": _of_review("reply", "x.id"),
    "verdict": _of_review("verdict", "x.revision", "probabilities", "themes", "risks", "evidence", "people", "intents"),
    "label": _of_review("label", "x.revision"),
    "theme_label": _of_review("theme_label", "x.revision, x.theme"),
    "danger_label": _of_review("danger_label", "x.revision, x.danger"),
    "sketch": _of_review("sketch", "x.hash"),
    "ticket": _of_review("ticket", "x.id"),
    "draft": _of_ticket("draft", "x.number", "findings"),
    "note": _of_ticket("note", "x.id"),
    "dispute": _of_ticket("dispute", "x.id"),
    "gesture": _of_ticket("gesture", "x.id"),
    "measure": _of_ticket("measure", "x.id"),
    "event": _of_review("event", "x.at, x.id"),
    "notification": Path(
        f"{_TICKET} CROSS JOIN notification_ticket n ON n.ticket_id = t.id "
        "CROSS JOIN notification x ON x.id = n.notification_id",
        "x.id",
    ),
    "notification_ticket": _of_ticket("notification_ticket", "x.notification_id"),
    "answer": _of_ticket("answer", "x.id"),
    "changed": _of_review("changed", "x.number"),
    "fact_stale": _of_review("fact_stale", "x.review_id"),
}
"""Table → the way to its rows. The index of the search, `search_0` and so on, is no table that can be joined: `Search`
tells its words."""

SEARCH = "search"
"""Under that name stands what the search knows."""

BATCH = 500
"""Reviews that are asked about at a time."""


class Kept:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def rows(self, review_ids: Iterable[int]) -> dict[int, dict[str, list[Row]]]:
        """Review → table → its rows, JSON read; tables without any are left out."""
        found: dict[int, dict[str, list[Row]]] = {review: {} for review in review_ids}
        for some in _batches(found):
            for table, path in PATHS.items():
                query = f"SELECT g.value AS _review, x.* FROM json_each(:ids) g {path.joins} ORDER BY {path.order}"
                for row in self._db.rows(query, {"ids": json.dumps(some)}):
                    kept = {name: _read(value, name in path.json) for name, value in row.items() if name != "_review"}
                    found[row["_review"]].setdefault(table, []).append(kept)
            for review, words in Search(self._db).words(some).items():
                found[review][SEARCH] = [{"words": words}]
        return found

    def counts(self, review_ids: Iterable[int]) -> dict[int, Counter[str]]:
        """Review → table → how many rows."""
        found: dict[int, Counter[str]] = {review: Counter() for review in review_ids}
        for some in _batches(found):
            for table, path in PATHS.items():
                query = f"SELECT g.value AS _review, count(*) AS n FROM json_each(:ids) g {path.joins} GROUP BY 1"
                for row in self._db.rows(query, {"ids": json.dumps(some)}):
                    found[row["_review"]][table] = row["n"]
        return found

    def amount(self, table: str, where: str = "", age: str = "") -> Amount:
        """How much there is; `where` and `age`, a condition and the column of a moment, come from our code only."""
        only = f" WHERE {where}" if where else ""
        (row,) = self._db.rows(f"SELECT count(*) AS n, {f'min({age})' if age else 'NULL'} AS at FROM {table}{only}")
        return Amount(row["n"], optional_moment(row["at"]))


def _batches(review_ids: Iterable[int]) -> Iterable[list[int]]:
    ids = list(review_ids)
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _read(value: object, is_json: bool) -> object:
    return json.loads(value) if is_json and isinstance(value, str) else value
