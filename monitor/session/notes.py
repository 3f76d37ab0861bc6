"""What we remember of one host from one process to the next: robots.txt, the last request, the waits asked for.

The book holds moments of the wall clock, which may have been wrong then or be wrong now: a moment it cannot hold
by its own rules makes nobody wait longer than those rules.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.dates import LONGEST_WAIT
from monitor.model import HostMemory
from monitor.seams import Clock, HostBook

ROBOTS_KEPT = timedelta(hours=24)
"""RFC 9309, 2.4: rules are not to be used for longer without asking again."""

ROBOTS_KEPT_IN_NEED = timedelta(days=7)
"""RFC 9309, 2.3.1.4: while robots.txt cannot be read, everything is forbidden, unless an older copy is at hand. A
week outlasts any repair; what a site wanted a month ago (as long as search engines go on) is no longer its word."""


class Notes:
    """One host's page in the book. Thread-safe; raises StoreError when the book cannot be read or written."""

    def __init__(self, host: str, book: HostBook, clock: Clock) -> None:
        self._host = host
        self._book = book
        self._clock = clock
        self._lock = threading.Lock()
        self._memory = HostMemory()
        self._heard: datetime | None = None  # the last request the book told us of, as it stands there
        self._unsaved = False

    def asked_by_others(self) -> timedelta | None:
        """How long ago an earlier or another process asked the host, if it did since we last looked."""
        with self._lock:
            held = self._look()
            if held is None or held.asked_at is None or held.asked_at == self._heard:
                return None
            self._heard = held.asked_at
            return max(self._clock.now() - held.asked_at, timedelta())

    def asked(self, *, save: bool) -> None:
        """A page is asked for now. Without `save` the book learns it with the next change, or at the end."""
        with self._lock:
            self._memory = replace(self._memory, asked_at=self._clock.now())
            self._unsaved = True
            if save:
                self._save()

    def wait_until(self, source: str) -> datetime | None:
        """Until when the site asked to be left alone; None when it did not, or when that is over."""
        with self._lock:
            return trusted(self._memory, self._clock.now()).waits.get(source)

    def wait_asked(self, source: str, until: datetime) -> None:
        with self._lock:
            self._memory = replace(self._memory, waits={**self._memory.waits, source: until})
            self._save()

    def robots(self) -> tuple[str, timedelta] | None:
        """robots.txt as it was read, and for how long it holds: less than nothing where it is only good in need."""
        with self._lock:
            self._look()
            now = self._clock.now()
            memory = trusted(self._memory, now)
        if memory.robots is None or memory.robots_until is None:
            return None
        left = memory.robots_until - now
        return None if left <= ROBOTS_KEPT - ROBOTS_KEPT_IN_NEED else (memory.robots, left)

    def robots_read(self, text: str) -> None:
        with self._lock:
            self._memory = replace(self._memory, robots=text, robots_until=self._clock.now() + ROBOTS_KEPT)
            self._save()

    def close(self) -> None:
        with self._lock:
            if self._unsaved:
                self._save()

    def _look(self) -> HostMemory | None:
        held = self._book.recall(self._host)
        if held is not None:
            self._memory = merged(self._memory, held, self._clock.now())
        return held

    def _save(self) -> None:
        """Adds what we know to what another process may have written meanwhile."""
        held = self._look()
        self._book.remember(self._host, self._memory)
        if held is None or held.asked_at in (None, self._heard):
            self._heard = self._memory.asked_at
        self._unsaved = False


def trusted(memory: HostMemory, now: datetime) -> HostMemory:
    """The memory as far as `now` can believe it: a clock that jumped back neither stretches a wait nor keeps rules."""
    asked, until = memory.asked_at, memory.robots_until
    return HostMemory(
        robots=memory.robots,
        robots_until=until if until is None or until <= now + ROBOTS_KEPT else now,
        asked_at=asked if asked is None else min(asked, now),
        waits={source: moment for source, moment in memory.waits.items() if now < moment <= now + LONGEST_WAIT},
    )


def merged(one: HostMemory, other: HostMemory, now: datetime) -> HostMemory:
    """Of two memories of a host the newer rules, the later request and the longer waits."""
    one, other = trusted(one, now), trusted(other, now)
    rules = other if _newer(other.robots_until, one.robots_until) else one
    return HostMemory(
        robots=rules.robots,
        robots_until=rules.robots_until,
        asked_at=other.asked_at if _newer(other.asked_at, one.asked_at) else one.asked_at,
        waits=_longest(one.waits, other.waits),
    )


def _newer(moment: datetime | None, than: datetime | None) -> bool:
    return moment is not None and (than is None or moment > than)


def _longest(one: Mapping[str, datetime], other: Mapping[str, datetime]) -> dict[str, datetime]:
    return {
        source: max(moments[source] for moments in (one, other) if source in moments)
        for source in sorted({*one, *other})
    }
