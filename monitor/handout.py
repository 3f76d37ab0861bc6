"""Everything that is kept about one author, as it is handed out to them: complete for programs, in words for people.

What is kept is read table by table from the store's own list (`store.kept`), so that no table is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor import wording
from monitor.clock import to_iso
from monitor.config import Config
from monitor.errors import NotFound
from monitor.samples import FOLDER, Samples
from monitor.store.connection import Row
from monitor.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Handout:
    """`author`: the name as it stands there, "" where nobody signed. `reviews`: rows of `Authors.found` with what
    is kept of each, table by table. `samples`, `mails`: files that hold the name or the words."""

    author: str
    business: str
    made_at: datetime
    reviews: tuple[tuple[Row, Mapping[str, list[Row]]], ...]
    same_words: tuple[Row, ...]
    samples: tuple[str, ...]
    mails: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for row, _ in self.reviews]

    @property
    def ids(self) -> list[int]:
        return [row["id"] for row in self.rows]


def handout(
    store: Store,
    config: Config,
    samples: Samples,
    review_ids: Iterable[int],
    *,
    author: str,
    now: datetime,
    places: frozenset[str] | None = None,
) -> Handout:
    """All about these reviews. Raises NotFound where none of them is there."""
    from monitor.notify.file import present

    found = store.authors.found(review_ids, places)
    if not found:
        raise NotFound("таких отзывов нет: выгружать нечего")
    ids = [row["id"] for row in found]
    kept = store.kept.rows(ids)
    same = store.authors.found(store.authors.same_words(found, places), places)
    return Handout(
        author=found[0]["author"] or author,
        business=config.business.name,
        made_at=now,
        reviews=tuple((row, kept[row["id"]]) for row in found),
        same_words=tuple(same),
        samples=tuple(samples.holding(store.privacy.authors(ids))),
        mails=tuple(present(config.outbox, store.privacy.messages(ids))),
    )


def as_json(found: Handout, titles: Mapping[str, str]) -> dict[str, Any]:
    """One object. Rows stand under the names of their tables, in the words of the database; `titles` of places;
    `number` of the ticket, null where the review never stood in the queue."""
    return {
        "author": found.author,
        "business": found.business,
        "made_at": to_iso(found.made_at),
        "reviews": [
            {
                "number": row["ticket"],
                "place": titles.get(row["place"], row["place"]),
                "source": row["source"],
                **{table: rows[0] if table == "review" else rows for table, rows in kept.items()},
            }
            for row, kept in found.reviews
        ],
        "same_words_elsewhere": [
            {"number": row["ticket"], "source": row["source"], "url": row["url"]} for row in found.same_words
        ],
        "samples": [f"{FOLDER}/{name}" for name in found.samples],
        "outbox": list(found.mails),
    }


def as_file(found: Handout, titles: Mapping[str, str]) -> bytes:
    """`as_json` for a file, readable line by line."""
    return (wording.safe_json(as_json(found, titles), indent=2) + "\n").encode()
