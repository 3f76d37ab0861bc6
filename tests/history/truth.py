"""The sites' own log, by review: what was listed when, with which words and which reply."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from monitor.standin.reviews import SiteReview
from monitor.standin.world import Happened, What, World
from tests.history.sites import MOVES, Key, listed

Value = TypeVar("Value")


class Truth:
    """The world's log, by review: `lives`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read = 0
        self.lives: defaultdict[Key, list[Happened]] = defaultdict(list)
        self._moves: defaultdict[str, list[datetime]] = defaultdict(list)

    def follow(self) -> None:
        """Takes in what was logged since the last time."""
        for entry in self._world.log[self._read :]:
            if entry.new is not None:
                self.lives[entry.source, entry.new.external_id].append(entry)
                if entry.what in MOVES[entry.source]:
                    self._moves[entry.source].append(entry.at)
        self._read = len(self._world.log)

    def moves(self, source: str, start: datetime, end: datetime) -> int:
        """How often the site's list shifted in that time."""
        return sum(start <= at <= end for at in self._moves[source])

    def at(self, key: Key, moment: datetime) -> SiteReview | None:
        """The review as it stood then; None: not written yet."""
        life = self.lives[key]
        place = bisect_right(life, moment, key=lambda entry: entry.at)
        return life[place - 1].new if place else None

    def listed_throughout(self, key: Key, start: datetime, end: datetime) -> bool:
        return all(review is not None and listed(key[0], review) for review in self._states(key, start, end))

    def absent_throughout(self, key: Key, start: datetime, end: datetime) -> bool:
        return all(review is None or not listed(key[0], review) for review in self._states(key, start, end))

    def _states(self, key: Key, start: datetime, end: datetime) -> list[SiteReview | None]:
        return [self.at(key, start)] + [entry.new for entry in self.lives[key] if start < entry.at <= end]

    def of(self, source: str) -> Iterator[Key]:
        """Every review that was ever on that site's card."""
        return (key for key in self.lives if key[0] == source)

    def spells(
        self, key: Key, value: Callable[[str, SiteReview], Value]
    ) -> Iterator[tuple[datetime, datetime | None, Value]]:
        """The times during which the site listed the review with the same value; the last one may have no end."""
        current: tuple[datetime, Value] | None = None
        for entry in self.lives[key]:
            assert entry.new is not None
            visible, new = listed(key[0], entry.new), value(key[0], entry.new)
            if current is not None and (not visible or new != current[1]):
                yield current[0], entry.at, current[1]
                current = None
            if visible and current is None:
                current = entry.at, new
        if current is not None:
            yield current[0], None, current[1]

    def absences(self, key: Key) -> Iterator[tuple[datetime, datetime | None]]:
        """The times during which the site did not list a review that it had; the last one may have no end."""
        gone: datetime | None = None
        for entry in self.lives[key]:
            assert entry.new is not None
            visible = listed(key[0], entry.new)
            if not visible and gone is None and entry.what is not What.ADDED:
                gone = entry.at
            elif visible and gone is not None:
                yield gone, entry.at
                gone = None
        if gone is not None:
            yield gone, None
