"""What every number is counted from, as columns: how reviews are packed into blocks, and blocks read back.

A block is one record of fixed size with room for SIZE reviews, column behind column, so that many of them are joined
without being looked at. Moments are microseconds since 1970 in UTC, lengths milliseconds; NONE where there is none.
Words stand as numbers: their place in the tuples below, or in lists that lie beside the block. No text of a review is
in it; the names of the staff go with the block when a review of it is forgotten.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.numbers import COUNTS
from monitor.store import numbers_sql as sql
from sentiment.types import Risk, Theme

Column = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]

SIZE = 512
NONE = int(np.iinfo(np.int64).min)

FATES = COUNTS[:9]
ANSWERS = ("late", "in_time", "backlog", "beforehand")
TONES = COUNTS[9:12]
OUTCOMES = ("met", "late", "missed")
THEMES = tuple(theme.value for theme in Theme)
RISKS = tuple(risk.value for risk in Risk)

_TYPES = {
    "review": "<i8",  # 0: room that nobody needed
    "ticket": "<i8",  # 0: none
    "listing": "<i4",
    "assignee": "<i2",  # 0: nobody, 1: the first of the block's list
    "seen": "<i8",
    "fate": "u1",  # place in FATES
    "tone": "u1",  # place in TONES + 1
    "stars": "u1",  # 0: none
    "initial": "u1",
    "lag": "<i8",
    "answered": "<i8",
    "answer": "u1",  # place in ANSWERS, where there is one
    "team": "<i8",
    "customer": "<i8",
    "by_day": "u1",
    "settled": "<i8",
    "outcome": "u1",  # place in OUTCOMES, where it is settled
    "themes": "<u8",  # bits, see `theme_bit`
    "risks": "<u4",  # bits by the place in RISKS
}
"""Column → its type, in the order of `numbers_sql.FACTS_OF_BLOCK`; behind them `people`, which lie beside the block."""

BLOCK = np.dtype([(name, kind, (SIZE,)) for name, kind in _TYPES.items()])

RULES = sha256(
    repr((BLOCK.descr, sql.FACTS_OF_BLOCK, FATES, ANSWERS, TONES, OUTCOMES, THEMES, RISKS)).encode()
).hexdigest()[:16]
"""Changes with whatever blocks are made by."""


class Packed(NamedTuple):
    """A block and what lies beside it. `first_at`, `last_at`: of all its moments. `assignees`: their names. `people`:
    JSON [[job, name], …]; `said`: of each mention the slot of the review, the place in `people`, the place in TONES."""

    first_at: int
    last_at: int
    assignees: str
    people: str
    said: bytes
    reviews: bytes


# --- into a block ---------------------------------------------------------------------------------


def pack(facts: Sequence[tuple[Any, ...]]) -> Packed:
    """Rows of `numbers_sql.FACTS_OF_BLOCK`, at least one and at most SIZE."""
    *columns, people = zip(*facts, strict=True)
    block = np.zeros((), BLOCK)
    assignees: dict[str, int] = {}
    for name, values in zip(_TYPES, columns, strict=True):
        numbered = _NUMBERED.get(name, _numbers)
        block[name][: len(facts)] = _named(values, assignees) if name == "assignee" else numbered(values)
    moments = np.concatenate([block[name][: len(facts)] for name in ("seen", "answered", "settled")])
    moments = moments[moments != NONE]
    who, said = _spoken(people)
    return Packed(int(moments.min()), int(moments.max()), _json(list(assignees)), _json(who), said, block.tobytes())


def _numbers(values: Iterable[int | None]) -> list[int]:
    return [value or 0 for value in values]


def _named(values: Iterable[str | None], names: dict[str, int]) -> list[int]:
    """A number for each name from 1 on; `names` keeps them."""
    return [0 if value is None else names.setdefault(value, len(names) + 1) for value in values]


def _moments(texts: Iterable[str | None]) -> Column:
    """Of moments as the database has them."""
    return np.array(["NaT" if text is None else text[:-1] for text in texts], "M8[us]").view(np.int64)


def _lengths(seconds: Iterable[float | None]) -> list[int]:
    return [NONE if length is None else round(length * 1000) for length in seconds]


def _places(words: Sequence[str | None]) -> Callable[[Iterable[str | None]], list[int]]:
    """Maps words to their places, what is none of them to 0."""
    places = {word: place for place, word in enumerate(words)}
    return lambda values: [places.get(value, 0) for value in values]


def _bits(bits: Mapping[Any, int], spoken: Callable[[list[str]], Any]) -> Callable[[Iterable[str | None]], list[int]]:
    """Of JSON lists of lists of words: the bits of what each of them speaks of."""

    def numbered(values: Iterable[str | None]) -> list[int]:
        return [_together(bits.get(spoken(item), 0) for item in json.loads(value)) if value else 0 for value in values]

    return numbered


def _together(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


def _spoken(values: Iterable[str | None]) -> tuple[list[tuple[str, str]], bytes]:
    """Who is mentioned, and each mention as three numbers of two bytes; of rows of `verdict.people`."""
    who: dict[tuple[str, str], int] = {}
    said = []
    for slot, value in enumerate(values):
        if value is not None and value != "[]":
            for job, name, _, _, tone, _ in json.loads(value):
                said.append((slot, who.setdefault((job, name), len(who)), TONES.index(tone)))
    return list(who), np.array(said, "<u2").tobytes()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def theme_bit(theme: str, tone: str) -> int:
    """0 for words that nobody knows."""
    return _THEME_BITS.get((theme, tone), 0)


def risk_bit(risk: str) -> int:
    return _RISK_BITS.get(risk, 0)


_THEME_BITS = {(theme, tone): 1 << n for n, (theme, tone) in enumerate((a, b) for a in THEMES for b in TONES)}
_ANSWERED: Mapping[int | str | None, int] = {0: 0, 1: 1, None: 2, "beforehand": 3}
_RISK_BITS = {risk: 1 << place for place, risk in enumerate(RISKS)}

_NUMBERED: Mapping[str, Callable[[Iterable[Any]], Sequence[int] | Column]] = {
    **dict.fromkeys(("seen", "answered", "settled"), _moments),
    **dict.fromkeys(("lag", "team", "customer"), _lengths),
    "fate": _places(FATES),
    "tone": _places((None, *TONES)),
    "answer": lambda mets: [_ANSWERED[met] for met in mets],
    "outcome": _places(OUTCOMES),
    "themes": _bits(_THEME_BITS, lambda item: (item[0], item[1])),
    "risks": _bits(_RISK_BITS, lambda item: item[0]),
}


# --- out of blocks --------------------------------------------------------------------------------


class Rows:
    """The reviews of blocks, column by column. `stored` of them lie in the database as they were; what `stale` names
    does not count there, since `fresh` blocks tell it anew."""

    def __init__(self, stored: Sequence[Packed], fresh: Sequence[Packed], stale: Collection[int]) -> None:
        joined = b"".join(packed.reviews for packed in (*stored, *fresh))
        self._packed = [packed._replace(reviews=b"") for packed in (*stored, *fresh)]  # once is enough to hold
        self._blocks = np.frombuffer(joined, BLOCK) if joined else np.zeros(0, BLOCK)
        reviews = self._blocks["review"]
        kept = reviews > 0
        if stale:
            kept[: len(stored)] &= ~np.isin(reviews[: len(stored)], np.array(list(stale)))
        self._at = np.flatnonzero(kept)
        self._columns: dict[str, Column] = {}
        self.orders: dict[object, Column] = {}  # what whoever counts has sorted already
        self.assignees = sorted({name for packed in self._packed for name in json.loads(packed.assignees)})

    def __len__(self) -> int:
        return len(self._at)

    def keep(self, mask: Mask) -> None:
        """Only these, from now on."""
        self._at = self._at[mask]
        self.orders = {}
        self._columns = {name: column[mask] for name, column in self._columns.items()}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._assignees() if name == "assignee" else self._blocks[name].ravel()[self._at]
        return self._columns[name]

    def _assignees(self) -> Column:
        """Numbers of one list for all blocks: 0 is nobody, 1 the first of `assignees`."""
        numbers = {name: number for number, name in enumerate(self.assignees, start=1)}
        starts, common = list[int](), list[int]()
        for packed in self._packed:
            starts.append(len(common))
            common += [0, *(numbers[name] for name in json.loads(packed.assignees))]
        if not common:
            return np.zeros(0, np.int64)
        own = self._blocks["assignee"] + np.array(starts)[:, np.newaxis]
        numbers_of: Column = np.array(common, np.int64)[own.ravel()[self._at]]
        return numbers_of

    def mentions(self) -> tuple[list[tuple[str, str]], Column, Column, Column]:
        """(job, name) of everybody who is mentioned; of each mention the row, the place among them, that in TONES."""
        who: dict[tuple[str, str], int] = {}
        found = [np.zeros((0, 3), np.int64)]
        for number, packed in enumerate(self._packed):
            if packed.said:
                places = [who.setdefault((job, name), len(who)) for job, name in json.loads(packed.people)]
                said = np.frombuffer(packed.said, "<u2").reshape(-1, 3).astype(np.int64)
                said[:, 0] += number * SIZE
                said[:, 1] = np.array(places)[said[:, 1]]
                found.append(said)
        slots, places_of, tones = np.concatenate(found).T
        rows = np.searchsorted(self._at, slots)
        there = rows < len(self._at)
        there[there] = self._at[rows[there]] == slots[there]
        return list(who), rows[there], places_of[there], tones[there]


# --- moments --------------------------------------------------------------------------------------

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _BEGINNING) // _MICROSECOND


def moment_of(number: int) -> datetime:
    return _BEGINNING + number * _MICROSECOND
