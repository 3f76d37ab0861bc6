"""Question 3: does a review count as removed when two complete reads in a row missed it, neither sooner nor later?"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from tests.history.beliefs import Beliefs
from tests.history.differences import Unknowable
from tests.history.evidence import Complete, Evidence
from tests.history.holdings import Held, Snapshot
from tests.history.sites import Key, listed


class Removals:
    """`absences`: when we took a review for removed, and when for returned, by the ends of the passes."""

    def __init__(self, evidence: Evidence, beliefs: Beliefs) -> None:
        self._evidence = evidence
        self._beliefs = beliefs
        self.absences: defaultdict[Key, list[tuple[datetime, datetime | None]]] = defaultdict(list)

    def check(self, source: str, after: Snapshot) -> None:
        """After a pass that asked the card. Raises Mismatch."""
        for key in self._evidence.truth.of(source):
            held = after.held.get(key)
            if held is not None:
                self._turned(key, held)
                self._not_overdue(key, held)

    def _turned(self, key: Key, held: Held) -> None:
        belief, removed = self._beliefs.of(key), held.removed_at is not None
        if removed and not belief.removed:
            self._proven(key, held)
        elif belief.removed and not removed:
            self.absences[key][-1] = (self.absences[key][-1][0], self._evidence.now)
            self._evidence.seen["returns"] += 1
            self._told(key, held, "returned")
        if held.removed_at is not None and belief.shown_at is not None and belief.shown_at > held.removed_at:
            why = f"removed since {held.removed_at}, though a page showed it at {belief.shown_at}"
            self._evidence.fail(key, why)
        belief.removed = removed

    def _not_overdue(self, key: Key, held: Held) -> None:
        if held.removed_at is not None:
            return
        since = self._beliefs.of(key).perhaps_at or self._evidence.begins
        newest = reversed(self._evidence.completes[key[0]])
        proofs = self.proofs(key, takewhile(lambda read: read.start > since, newest))
        if proofs >= 2:
            why = f"{proofs} complete reads in a row did not show it, and it does not count as removed"
            self._evidence.fail(key, why)

    def _proven(self, key: Key, held: Held) -> None:
        evidence, truth = self._evidence, self._evidence.truth
        since = self._beliefs.of(key).shown_at or evidence.begins
        missed = [read for read in evidence.completes[key[0]] if read.end > since and key[1] not in read.exposed]
        if len(missed) < 2:
            evidence.fail(key, f"counts as removed after {len(missed)} complete read(s) without it")
        review = truth.at(key, missed[-1].end)
        if review is not None and listed(key[0], review):
            # Each of the two reads needs an excuse: it was hidden then, or slid onto a page already read.
            if any(read.calm and truth.listed_throughout(key, read.start, read.end) for read in missed[-2:]):
                evidence.fail(key, "counts as removed, and the site shows it")
            evidence.unknowable(Unknowable.TAKEN_FOR_REMOVED)
        evidence.seen["removals"] += 1
        self.absences[key].append((evidence.now, None))
        self._told(key, held, "removed", "vanished")

    def _told(self, key: Key, held: Held, *kinds: str) -> None:
        """Whether the change stands in the review's history as well."""
        before = self._evidence.before.held.get(key)
        lines = held.events[len(before.events) if before else 0 :]
        if not any(kind in kinds for kind, _ in lines):
            self._evidence.fail(key, f"{' or '.join(kinds)}, and its history says nothing of it: {lines}")

    def proofs(self, key: Key, completes: Iterable[Complete]) -> int:
        """How many of these complete reads certainly proved that the review is not there: at rest, with no wider gap
        to the site's own count than the one before; the first one with none at all."""
        return sum(
            key[1] not in read.exposed
            and self._evidence.truth.absent_throughout(key, read.start, read.end)
            and read.calm
            and not read.wider
            for read in completes
        )
