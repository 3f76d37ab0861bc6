"""A year of a chain: 200,000 reviews with everything that numbers are counted from, written by SQL in seconds.

What became of each review is the plain case of its kind, so that a short statement can tell it; the crooked ones stand
in `tests/test_numbers.py`. Always the same for the same arguments.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.canary import SOURCE as CANARY
from monitor.clock import to_iso
from monitor.store.sqlite import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCES = ("yandex_maps", "twogis", "google_business")
PEOPLE = ("anna", "boris", "vera", "gleb")
CLOSED = "p3"
"""A place that left the config."""

HOUR, DAY = 3600, 86400
BATCH = 50_000

FATES = {
    "in_time": 62, "late": 9, "waiting": 6, "foreseen": 4, "backlog": 4, "unanswerable": 3, "needless": 3,
    "dismissed": 5, "removed": 4,
}  # fmt: skip
"""What happens to a review → to how many of a hundred. `foreseen`: its answer was there when we first saw it."""

IN_TIME, LATE, WAITING, FORESEEN, BACKLOG, UNANSWERABLE, NEEDLESS, DISMISSED, REMOVED = range(len(FATES))
STATES = ("answered", "answered", "open", "", "open", "unanswerable", "dismissed", "dismissed", "removed")
WHY = ("", "", "", "", "", "", "spam", "other", "")

TONES = ("negative", "neutral", "positive")
THEMES = ("staff", "waiting", "quality", "price", "cleanliness", "delivery")
RISKS = ("poisoning", "legal", "fraud")
STAFF = (("мастер", "Марина"), ("", "Олег"), ("администратор", ""), ("врач", "Анна Сергеевна"))
KINDS = 924
"""Of what a review of one tone may speak."""

Whole = npt.NDArray[np.int64]
Rows = Iterable[tuple[Any, ...]]


def make(path: Path, reviews: int = 200_000, days: int = 365, places: int = 20) -> None:
    """A database with them, all seen before NOW."""
    Store.open(path).close()
    connection = sqlite3.connect(path)
    for pragma in ("synchronous = OFF", "cache_size = -100000", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    chain = _Chain(reviews, days, places)
    with _put_aside(connection):
        _insert(connection, "listing", LISTING, chain.cards())
        for first in range(0, reviews, BATCH):
            _Part(chain, np.arange(first, min(first + BATCH, reviews))).write(connection)
    connection.execute("ANALYZE")
    connection.close()


TABLES = ("review", "verdict", "ticket", "event", "reply", "listing")


@contextmanager
def _put_aside(connection: sqlite3.Connection) -> Iterator[None]:
    """Without triggers and indexes meanwhile: what triggers would write stands in the rows."""
    there = connection.execute(
        f"""SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL
        AND tbl_name IN ({", ".join("?" * len(TABLES))})""",
        TABLES,
    ).fetchall()
    with connection:
        for kind, name, _ in there:
            connection.execute(f"DROP {kind} {name}")
        yield
        for _, _, made in there:
            connection.execute(made)


def _insert(connection: sqlite3.Connection, table: str, columns: str, rows: Rows) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def card_id(place: str) -> str:
    """On every site."""
    return f"{place.removeprefix('p')}1234567"


LISTING = "place, source, external_id, active, next_check_at, first_success_at, enforce_from, imported_at"
REVIEW = (
    "id, listing_id, external_id, stars, text, author, posted_at, posted_precision, url, digest, first_seen_at, "
    "last_seen_at, initial, analysed_with, linked_with, searched_with"
)
VERDICT = "review_id, revision, version, tone, flagged, uncertain, conflict, themes, risks, evidence, people"
TICKET = (
    "id, review_id, state, backlog, target, started_at, armed_at, due_at, assignee, closed_at, answered_at, "
    "answered_met, drafted_with, listing_id, posted_at, danger, flagged, tone, topics"
)
EVENT = "review_id, ticket_id, kind, at, actor, was, became, why"
REPLY = "review_id, text, at, state, seen_at"


class _Chain:
    """Columns of everything, one entry per review; moments are seconds since 1970."""

    def __init__(self, reviews: int, days: int, places: int) -> None:
        dice = np.random.default_rng(days)
        self._places = places
        now = int(NOW.timestamp())
        self.began = now - days * DAY
        self.seen = self.began + np.sort(dice.integers(0, days * DAY, reviews))
        cards = places * len(SOURCES)
        busy = dice.random(cards) + 0.1
        self.card = 1 + dice.choice(cards, reviews, p=busy / busy.sum())
        self.card[dice.random(reviews) < 0.001] = cards + 1  # trial alarms
        self.stars = dice.choice(6, reviews, p=(0.1, 0.12, 0.05, 0.06, 0.1, 0.57))
        self.tone = np.select([self.stars == 0, self.stars < 3, self.stars < 5], [1, 0, 1], 2)
        self.any = dice.integers(0, 1 << 30, reviews)
        self.written = self.seen - dice.integers(1, 5 * HOUR, reviews)
        self.due = self.seen + np.where(self.tone == 0, HOUR, DAY)
        self.fate = dice.choice(len(FATES), reviews, p=np.array(list(FATES.values())) / 100)
        self.ended = np.where(self.fate == LATE, self.due, self.seen) + 1 + dice.exponential(HOUR, reviews).astype(int)
        self.ended = np.where(self.fate == IN_TIME, np.minimum(self.ended, self.due), self.ended)
        self.fate[self.ended > now] = WAITING

    def cards(self) -> Rows:
        names = [(f"p{place}", source) for place in range(self._places) for source in SOURCES]
        at = to_iso(datetime.fromtimestamp(self.began - DAY, UTC))
        for place, source in [*names, (CANARY, CANARY)]:
            yield place, source, card_id(place), int(place not in (CLOSED, CANARY)), at, at, at, at


class _Part:
    """Some of the reviews."""

    def __init__(self, chain: _Chain, at: Whole) -> None:
        self._number, self._began = at + 1, chain.began
        self._card, self._stars, self._tone, self._any = chain.card[at], chain.stars[at], chain.tone[at], chain.any[at]
        self._fate, self._seen, self._due, self._ended = chain.fate[at], chain.seen[at], chain.due[at], chain.ended[at]
        self._old = self._fate == BACKLOG
        self._posted = np.where(self._old, chain.began - 2 * DAY, chain.written[at])
        self._said = self._any % KINDS * len(TONES) + self._tone
        self._answered = (self._fate == IN_TIME) | (self._fate == LATE) | (self._old & (self._any % 2 > 0))

    def write(self, connection: sqlite3.Connection) -> None:
        _insert(connection, "review", REVIEW, self._reviews())
        _insert(connection, "verdict", VERDICT, self._verdicts())
        _insert(connection, "ticket", TICKET, self._tickets(np.flatnonzero(self._fate != FORESEEN)))
        _insert(connection, "event", EVENT, self._events(np.flatnonzero(self._fate >= NEEDLESS)))
        _insert(connection, "reply", REPLY, self._replies(np.flatnonzero(self._answered | (self._fate == FORESEEN))))

    def _reviews(self) -> Rows:
        seen, known = _texts(self._seen), np.select([self._old | (self._any % 10 < 8), self._any % 10 < 9], [0, 1], 2)
        told = zip(
            self._number.tolist(), self._card.tolist(), self._stars.tolist(), _texts(self._posted), known.tolist(),
            seen, self._old.tolist(), strict=True,
        )  # fmt: skip
        words = ("exact", "day", "unknown")
        for number, card, stars, posted, how, at, old in told:
            about = (f"r{number}", stars or None, "Отзыв", "Гость", posted, words[how], "", "")
            yield number, card, *about, at, at, int(old), "v", "1", "1"

    def _verdicts(self) -> Rows:
        for number, said, tone in zip(self._number.tolist(), self._said.tolist(), self._tone.tolist(), strict=True):
            themes, risks, people, _ = SAID[said]
            yield number, 1, "v", TONES[tone], int(tone == 0), 0, 0, themes, risks, "[]", people

    def _tickets(self, at: Whole) -> Rows:
        fate, closed = self._fate[at], (self._fate[at] >= NEEDLESS) | self._answered[at]
        told = zip(
            self._number[at].tolist(), fate.tolist(), self._old[at].tolist(), _texts(self._seen[at]),
            _texts(self._due[at]), _texts(self._ended[at]), closed.tolist(), self._answered[at].tolist(),
            (self._any[at] % 6).tolist(), self._card[at].tolist(), _texts(self._posted[at]), self._tone[at].tolist(),
            self._said[at].tolist(), strict=True,
        )  # fmt: skip
        people = (*PEOPLE, None, None)
        for number, kind, old, seen, due, ended, over, answered, who, card, posted, tone, said in told:
            state = "answered" if answered else STATES[kind]
            due_at = None if old or kind == UNANSWERABLE else due
            met = {IN_TIME: 1, LATE: 0}.get(kind)
            end = (ended if over else None, ended if answered else None, met)
            _, risks, _, topics = SAID[said]
            shown = (card, posted, int(risks != "[]"), int(tone == 0), TONES[tone], topics)
            target = "other" if tone else "negative"
            yield number, number, state, int(old), target, seen, seen, due_at, people[who], *end, "d", *shown

    def _events(self, at: Whole) -> Rows:
        told = zip(self._number[at].tolist(), self._fate[at].tolist(), _texts(self._ended[at]), strict=True)
        for number, kind, ended in told:
            yield number, number, STATES[kind], ended, "", "open", STATES[kind], WHY[kind]

    def _replies(self, at: Whole) -> Rows:
        there = self._fate[at] == FORESEEN
        shown = np.where(there, np.minimum(self._posted[at] + HOUR, self._seen[at]), self._ended[at])
        seen = np.where(there, self._seen[at], self._ended[at] + self._any[at] % HOUR)
        dated = (there | (self._any[at] % 3 > 0)).tolist()
        for number, known, on, found in zip(self._number[at].tolist(), dated, _texts(shown), _texts(seen), strict=True):
            yield number, "Спасибо!", on if known else None, "published", found


def _texts(seconds: Whole) -> list[str]:
    return [f"{text}.000000Z" for text in np.datetime_as_string(seconds.astype("M8[s]"), unit="s").tolist()]


def _saying(said: int) -> tuple[str, str, str, str]:
    """Themes, dangers, people and topics of a verdict."""
    number, tone = divmod(said, len(TONES))
    themes = [[THEMES[number % 6], TONES[tone], "слова"], [THEMES[number % 7 % 6], TONES[number % 3], "слова"]]
    themes = themes[: number % 4]
    risks = [[RISKS[number % 3], "слова"]] if tone == 0 and number % 11 == 0 else []
    people = [[*STAFF[number % 4], "", "", TONES[2 if tone else 0], "слова"]] if number % 7 == 0 else []
    topics = f",{','.join(dict.fromkeys(theme for theme, *_ in themes))}," if themes else ""
    return _json(themes), _json(risks), _json(people), topics


def _json(value: Sequence[object]) -> str:
    return json.dumps(value, ensure_ascii=False)


SAID = [_saying(said) for said in range(KINDS * len(TONES))]
