"""Full-text search: which reviews hold which lemmas, in FTS5 tables of SHARD reviews each.

In FTS5, what is deleted stays in the file until the segments that hold it are merged. So `erase` merges them, and
there are several tables, lest it be all of them: the words of one shard are a few megabytes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from monitor.store.connection import Connection, Row

SHARD = 2**16
"""Reviews to a table, by their ids."""

_MAKE = """
CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5 (words, detail = none, columnsize = 0, tokenize = 'ascii')"""
_TABLES = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' AND name GLOB 'search_[0-9]*'"
# "Not this version" as two ranges, each of which the index can walk.
_UNSEARCHED = "SELECT id FROM review WHERE forgotten_at IS NULL AND searched_with"
DUE = f"""
SELECT r.id, r.text, r.author FROM ({_UNSEARCHED} < :version UNION ALL {_UNSEARCHED} > :version LIMIT :limit) d
CROSS JOIN review r ON r.id = d.id"""


class Search:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def due(self, version: str, limit: int) -> list[Row]:
        """Reviews (`id`, `text`, `author`) that are not in the index, or by other rules."""
        return self._db.rows(DUE, {"version": version, "limit": limit})

    def put(self, lemmas: Mapping[int, str], version: str) -> None:
        """Review → its lemmas with spaces between; one transaction. What was erased since they were read stays out."""
        with self._db.write():
            there = self._db.rows(
                "SELECT id FROM review WHERE forgotten_at IS NULL AND id IN (SELECT value FROM json_each(?))",
                [json.dumps(list(lemmas))],
            )
            for shard, ids in _sharded(row["id"] for row in there).items():
                table = f"search_{shard}"
                self._db.execute(_MAKE.format(table=table))
                self._db.execute(
                    f"DELETE FROM {table} WHERE rowid IN (SELECT value FROM json_each(?))", [json.dumps(ids)]
                )
                for review_id in ids:
                    self._db.execute(
                        f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", [review_id, lemmas[review_id]]
                    )
            self._db.execute(
                "UPDATE review SET searched_with = ? WHERE id IN (SELECT value FROM json_each(?))",
                [version, json.dumps(list(lemmas))],
            )

    def all(self, lemmas: Sequence[str], most: int) -> list[int] | None:
        """The reviews that hold all of these; None where there are more than so many. A lemma is one as
        `monitor.search` makes them: alternatives with spaces between, of which one is enough; what ends in `*` is a
        beginning."""
        if not lemmas or not (found := self._found()):
            return []
        rows = self._db.rows(f"{found} LIMIT :most", {"words": _expression(lemmas), "most": most + 1})
        return None if len(rows) > most else [row["rowid"] for row in rows]

    def condition(self, lemmas: Sequence[str], column: str) -> tuple[str, Row]:
        """That the review in that column holds all of these (at least one), as SQL with its values."""
        return f"{column} IN ({self._found()})", {"words": _expression(lemmas)}

    def among(self, lemmas: Sequence[str], review_ids: Iterable[int]) -> set[int]:
        """Which of these reviews hold all of the lemmas. For few of them quicker than to ask the index."""
        return {review for review, words in self.words(review_ids).items() if _holds(words, lemmas)}

    def words(self, review_ids: Iterable[int]) -> dict[int, str]:
        """Review → the lemmas under which it is found; those that are not in the index are left out."""
        known, found = set(self._tables()), dict[int, str]()
        for shard, ids in _sharded(review_ids).items():
            if (table := f"search_{shard}") in known:
                query = f"SELECT rowid, words FROM {table} WHERE rowid IN (SELECT value FROM json_each(?))"
                found |= {row["rowid"]: row["words"] for row in self._db.rows(query, [json.dumps(ids)])}
        return found

    def _found(self) -> str:
        """The statement that lists the reviews that hold `:words`, "" where nothing is indexed yet."""
        return " UNION ALL ".join(f"SELECT rowid FROM {name} WHERE {name} MATCH :words" for name in self._tables())

    def erase(self, review_ids: Iterable[int]) -> None:
        """Takes reviews out of the index, down to the bytes. Inside a `write`."""
        known = set(self._tables())
        for shard, ids in _sharded(review_ids).items():
            if (table := f"search_{shard}") in known:
                self._db.execute(
                    f"DELETE FROM {table} WHERE rowid IN (SELECT value FROM json_each(?))", [json.dumps(ids)]
                )
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")

    def _tables(self) -> list[str]:
        return [row["name"] for row in self._db.rows(_TABLES)]


def _sharded(review_ids: Iterable[int]) -> dict[int, list[int]]:
    shards: dict[int, list[int]] = defaultdict(list)
    for review_id in review_ids:
        shards[review_id // SHARD].append(review_id)
    return shards


def _expression(lemmas: Sequence[str]) -> str:
    """What FTS5 is asked: every word as a string of its own, so that none is an operator."""
    return " AND ".join(f"({' OR '.join(map(_string, lemma.split()))})" for lemma in lemmas)


def _holds(words: str, lemmas: Sequence[str]) -> bool:
    """What FTS5 would say of a review with these words."""
    edged = f" {words} "
    return bool(lemmas) and all(
        any(f" {word[:-1]}" in edged if word.endswith("*") else f" {word} " in edged for word in lemma.split())
        for lemma in lemmas
    )


def _string(word: str) -> str:
    quoted = '"' + word.rstrip("*").replace('"', '""') + '"'
    return f"{quoted} *" if word.endswith("*") else quoted
