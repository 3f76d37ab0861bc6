"""The reckoning: every line of the sites' log is in our history, or out of any reader's sight by a rule.

The log is cut into spells: the time during which a site listed a review with the same words, or the same reply. Each
spell was recorded, or `_reason` names the class of difference, or it fails. Absences are reckoned the same way. The
other direction too: nothing that we recorded was not there at that time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.standin.reviews import SiteReview
from tests.history.differences import REPLY, WORDS, Unknowable
from tests.history.evidence import HOUR, Evidence
from tests.history.holdings import Held, Snapshot
from tests.history.removals import Removals
from tests.history.sites import CUT, Key, Said, content, listed, said


class Reckoning:
    def __init__(self, evidence: Evidence, removals: Removals) -> None:
        self._evidence = evidence
        self._removals = removals

    def reckon(self, after: Snapshot) -> None:
        """After a calm of some days. Raises Mismatch."""
        truth = self._evidence.truth
        for key in truth.lives:
            held = after.held.get(key)
            if held is not None:
                self._nothing_invented(key, held)
            for start, end, shown in truth.spells(key, content):
                known = held is not None and _recorded(held.revisions, held.seen_at, shown, start, end)
                self._account(WORDS, key, start, end, recorded=known)
            for start, end, reply in truth.spells(key, self._says):
                if reply is not None:
                    known = held is not None and _recorded(_words(held), held.replied_at, reply[0], start, end)
                    self._account(REPLY, key, start, end, recorded=known)
            for start, end in truth.absences(key):
                self._account_absence(key, held, start, end or self._evidence.now)
            self._agree(key, held)

    # --- what we hold ---------------------------------------------------------------------------------

    def _agree(self, key: Key, held: Held | None) -> None:
        """After a calm of some days nothing may be left to say."""
        evidence, source = self._evidence, key[0]
        review = evidence.world.review(evidence.world.card(source), key[1])
        if not listed(source, review):
            if held is not None and held.removed_at is None:
                evidence.fail(key, "it is gone for days, and does not count as removed")
            return
        if held is None or held.removed_at is not None:
            evidence.fail(key, "it is there, and we do not know")
        told = content(source, review), self._says(source, review)
        if (held.revisions[-1], held.reply) != told and source not in CUT:
            evidence.fail(key, f"in the end we hold {held.revisions[-1]}, {held.reply}; the site shows {told}")

    def _nothing_invented(self, key: Key, held: Held) -> None:
        """Each revision stood on the site when we say we saw it, and so did each wording of the reply, or none."""
        truth = self._evidence.truth
        contents = list(truth.spells(key, content))
        for shown, at in zip(held.revisions, held.seen_at, strict=True):
            if not _stood(shown, at, contents):
                self._evidence.fail(key, f"revision {shown} of {at} never stood there then")
        words = [(start, end, reply and reply[0]) for start, end, reply in truth.spells(key, self._says)]
        for wording, at in zip(held.replies, held.replied_at, strict=True):
            if not _stood(wording and wording[0], at, words):
                self._evidence.fail(key, f"the reply was never {wording} at {at}")

    def _says(self, source: str, review: SiteReview) -> Said | None:
        return said(source, review, self._evidence.now, self._evidence.world.moderation)

    # --- what we do not -------------------------------------------------------------------------------

    def _account(self, what: str, key: Key, start: datetime, end: datetime | None, *, recorded: bool) -> None:
        if recorded:
            self._evidence.seen[f"{what} recorded"] += 1
            return
        reason = self._reason(what, key, start, end or self._evidence.now)
        if end is None and reason is not Unknowable.CUT:
            self._evidence.fail(key, f"its {what} since {start} are not in our history: {reason}")
        self._evidence.unknowable(reason, what=what)

    def _reason(self, what: str, key: Key, start: datetime, end: datetime) -> Unknowable:
        """Why nobody could know. Raises Mismatch where somebody could."""
        evidence, source = self._evidence, key[0]
        looks = [(look, sure) for look, sure in evidence.looks[key] if start <= look.at <= end]
        if any(sure and not look.unchanged for look, sure in looks):
            evidence.fail(key, f"a page showed its {what} between {start} and {end}, and we do not have them")
        if looks:
            return Unknowable.UNFINISHED
        passes = [entry for entry in evidence.passes if entry.end >= start and entry.start <= end]
        if not passes:
            return Unknowable.BETWEEN_PASSES
        if not any(source in entry.read for entry in passes):
            return Unknowable.NOT_ASKED
        whole = [read for read in evidence.completes[source] if start <= read.start and read.end <= end]
        if not whole:
            return Unknowable.BETWEEN_COMPLETE_READS
        if all(key[1] not in read.exposed for read in whole):
            return Unknowable.STEPPED_OVER
        if source in CUT:
            return Unknowable.CUT
        evidence.fail(key, f"its {what} between {start} and {end} are missing, and no rule explains it")

    def _account_absence(self, key: Key, held: Held | None, start: datetime, end: datetime) -> None:
        evidence, recorded = self._evidence, self._removals.absences[key]
        if held is None or held.first_seen_at > end:
            evidence.unknowable(Unknowable.REMOVED_BEFORE)
            return
        if any(since <= end + HOUR and (until is None or until >= start) for since, until in recorded):
            evidence.seen["absences recorded"] += 1
            return
        whole = [read for read in evidence.completes[key[0]] if start <= read.start and read.end <= end]
        if self._removals.proofs(key, whole) >= 2:
            why = f"absent from {start} to {end}, through {len(whole)} complete reads, and not in our history"
            evidence.fail(key, why)
        evidence.unknowable(Unknowable.REMOVED_SHORTLY)


def _words(held: Held) -> list[str | None]:
    """Of each wording of the reply; its state is moderation's."""
    return [wording and wording[0] for wording in held.replies]


def _recorded(
    values: Sequence[object], moments: Sequence[datetime], value: object, start: datetime, end: datetime | None
) -> bool:
    """Whether the value of that spell was recorded then, or was what we held already. What a page showed is stored up
    to a pass later."""
    for known, at, until in zip(values, moments, (*moments, None)[1:], strict=True):
        if known == value and (end is None or at <= end + HOUR) and (until is None or until > start):
            return True
    return False


def _stood(value: object, at: datetime, spells: Iterable[tuple[datetime, datetime | None, object]]) -> bool:
    """Whether the site showed the value then. A list page is stored when the own pages of its reviews have been read:
    up to a pass later."""
    return any(value == true and start <= at and (end is None or at <= end + HOUR) for start, end, true in spells)
