"""What is erased, in words: how reviews are called, what goes with them, whether it is still what somebody was shown.

People know a review by the number of its ticket, «№ 61»; one that never stood in the queue has none and is called by
its site, place and day. The id that the database gives it stands in JSON alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.clock import from_iso

Found = Mapping[str, Any]
"""A row of `Authors.found`."""

WORD = "стереть"
"""Whoever erases types it: nothing does by accident what nobody can undo."""

MOST_CALLED = 100
"""Reviews that a line of the audit log calls."""

Forms = Mapping[str, tuple[str, str, str]]

COUNTED: Forms = {
    "revision": ("прежний текст", "прежних текста", "прежних текстов"),
    "reply": ("ответ на площадке", "ответа на площадке", "ответов на площадке"),
    "draft": ("черновик", "черновика", "черновиков"),
    "note": ("заметка", "заметки", "заметок"),
    "dispute": ("шаг жалобы", "шага жалобы", "шагов жалобы"),
    "gesture": ("жест", "жеста", "жестов"),
    "measure": ("мера", "меры", "мер"),
    "notification": ("письмо", "письма", "писем"),
}
"""Table → its word, of what is told beside a review, and what must not change unseen."""

GOING: Forms = {
    **{table: COUNTED[table] for table in ("revision", "reply", "draft", "note")},
    "dispute": ("пояснение к жалобе", "пояснения к жалобе", "пояснений к жалобе"),
    "gesture": ("описание жеста", "описания жестов", "описаний жестов"),
}
"""The same of what is erased with it."""


class Forgotten(NamedTuple):
    """What was erased: reviews, mails in the outbox folder, samples of pages, kept views of the queue."""

    reviews: int
    mails: int
    samples: int
    views: int


@dataclass(frozen=True, slots=True)
class Names:
    """How places are called, by their ids, and sites, by those of their sources; `zone` of a place."""

    titles: Mapping[str, str]
    sites: Mapping[str, str]
    zone: Callable[[str], ZoneInfo]

    def site(self, source: str) -> str:
        return self.sites.get(source, source)

    def title(self, row: Found) -> str:
        """`2ГИС, «Ромашка» на Баумана`"""
        return f"{self.site(row['source'])}, {self.titles.get(row['place'], row['place'])}"

    def where(self, row: Found) -> str:
        """`2ГИС, «Ромашка» на Баумана, 21.11.2026`: without the day where nobody knows it."""
        if row["posted_at"] is None:
            return self.title(row)
        return f"{self.title(row)}, {from_iso(row['posted_at']).astimezone(self.zone(row['place'])):%d.%m.%Y}"

    def called(self, row: Found) -> str:
        return self.where(row) if row["ticket"] is None else f"№{wording.GLUE}{row['ticket']}"


def called(rows: Sequence[Found], names: Names, most: int = MOST_CALLED) -> str:
    """`№ 12, 15; без номера: 2ГИС, «Ромашка» на Баумана, 21.11.2026; и ещё 3`. No name of a person stands there."""
    shown, more = rows[:most], len(rows) - most
    numbers = ", ".join(str(row["ticket"]) for row in shown if row["ticket"] is not None)
    others = "; ".join(names.where(row) for row in shown if row["ticket"] is None)
    parts = (
        numbers and f"№{wording.GLUE}{numbers}",
        others and f"без номера: {others}",
        f"и ещё {more}" if more > 0 else "",
    )
    return "; ".join(filter(None, parts))


def told(forgotten: Forgotten, rows: Sequence[Found], names: Names) -> str:
    """For the audit log: how much, and which reviews."""
    counts = {
        "отзывов": forgotten.reviews,
        "писем в папке": forgotten.mails,
        "образцов страниц": forgotten.samples,
        "видов очереди": forgotten.views,
    }
    said = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
    return "; ".join(filter(None, (said or "ничего", called(rows, names))))


def beside(count: Counter[str]) -> list[str]:
    """`3 черновика`, `1 заметка`: of rows by table."""
    return _said(_others(count), COUNTED)


def total(rows: Sequence[Found], counts: Mapping[int, Counter[str]], forms: Forms = COUNTED) -> list[str]:
    """`2 отзыва`, `3 черновика` … of all of them together; `counts`: review → table → rows."""
    sums = sum((_others(counts[row["id"]]) for row in rows), Counter[str]())
    return [wording.counted(len(rows), "отзыв", "отзыва", "отзывов"), *_said(sums, forms)]


def _others(count: Counter[str]) -> Counter[str]:
    """Without the text that stands there now."""
    return Counter(count) - Counter(revision=1)


def _said(count: Counter[str], forms: Forms) -> list[str]:
    return [wording.counted(count[table], *words) for table, words in forms.items() if count[table]]


def stamp(rows: Iterable[Found], counts: Mapping[int, Counter[str]], views: Sequence[object]) -> str:
    """Changes with everything that is shown of them; `views` of the queue go, too."""
    shown = [
        (row["id"], row["revision"], row["state"], [counts[row["id"]][table] for table in COUNTED]) for row in rows
    ]
    return sha256(repr((shown, views)).encode()).hexdigest()[:32]
