"""What somebody asks of the queue, and what they get: filters, where a page ended, counts, groups of the morning."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.model import WAITING_STATES, TicketState

SOON = timedelta(minutes=30)
"""A deadline that close is told apart in the counts."""

LONGEST_CURSOR = 400
"""Characters; ours have a quarter of that."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the queue ended: after the ticket `last`, which stands in `part` at the moments `keys`; where a
    group of the same words was cut, after so many `shown` of it. `str()` of it goes into an address, `read` takes it
    back."""

    part: int
    keys: tuple[str, str]
    last: int
    shown: int = 0

    def __str__(self) -> str:
        plain = json.dumps([self.part, *self.keys, self.last, self.shown], separators=(",", ":"))
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None for what is not ours: then the queue begins at its beginning."""
        if not 0 < len(text) <= LONGEST_CURSOR:
            return None
        try:
            found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            part, first, second, last, shown = found
        except (ValueError, TypeError, RecursionError):
            return None
        numbers = all(type(number) is int and 0 <= number < 2**62 for number in (part, last, shown))
        return cls(part, (first, second), last, shown) if numbers and all(map(_is_text, (first, second))) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isascii()


class Filters(NamedTuple):
    """What part of the queue somebody wants to see; None means any.

    `places`: of these alone, whoever asks. `theme` is one of `sentiment.types.Theme`. `overdue`: waiting and late at
    `now`, `soon`: not yet, but within SOON. `dangerous`: its words as they are now hold a danger, or none. `flagged`: a
    negative review. `backlog`: only it, or all but it. `lemmas`: all of them occur in text or author, each as
    `monitor.search` makes them; () finds nothing. `since`: their clock began no earlier. `dangers_first`: they stand
    before everything else that waits. `after`: from there on.
    """

    states: tuple[TicketState, ...] = WAITING_STATES
    place: str | None = None
    source: str | None = None
    tone: str | None = None
    assignee: str | None = None
    limit: int | None = None
    places: frozenset[str] | None = None
    theme: str | None = None
    overdue: bool = False
    soon: bool = False
    dangerous: bool | None = None
    flagged: bool | None = None
    backlog: bool | None = None
    unassigned: bool = False
    lemmas: tuple[str, ...] | None = None
    since: datetime | None = None
    after: Cursor | None = None
    now: datetime | None = None
    dangers_first: bool = False


class Slice(NamedTuple):
    """Tickets of one page, in order; `after`: where the next begins, None where nothing follows."""

    tickets: list[int]
    after: Cursor | None


class Counts(NamedTuple):
    """What waits: `open` with a deadline, and of that `overdue`, due `soon`, `unassigned`; `backlog` without. Of both:
    `dangers`, `mine`, `approved`."""

    open: int
    overdue: int
    soon: int
    dangers: int
    mine: int
    unassigned: int
    backlog: int
    approved: int


class Group(StrEnum):
    """What a ticket is for whoever comes in the morning: the first of these that holds. ANSWERED: by somebody, since
    then."""

    DANGER = "danger"
    LATE = "late"
    NEGATIVE = "negative"
    QUESTION = "question"
    PRAISE = "praise"
    WORDLESS = "wordless"
    OTHER = "other"
    UNANSWERABLE = "unanswerable"
    ANSWERED = "answered"


class Came(NamedTuple):
    """A group of the morning: how many, and the first of them in the order of the queue."""

    many: int
    tickets: list[int]
