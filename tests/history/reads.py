"""Question 2: did the reader look at enough?

A read that counts as complete must be: from the first page to the last, and whoever it did not show must have moved.
An everyday read may stop only on a whole page of known, unchanged reviews, and only for a day. Whoever wrote before a
good read began must be known after it. And where a site gave good answers only, reading must not fail.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.history.beliefs import Beliefs
from tests.history.differences import Unknowable
from tests.history.evidence import DAY, HOUR, Complete, Evidence
from tests.history.holdings import Snapshot
from tests.history.pages import Look

FULL_READ = DAY
"""The default of `http.full_read`: a card is read to its end at least so often."""


@dataclass(slots=True)
class _Taken:
    """What one pass took in of a card: its last good list page, and whether that page or a review's own page after
    it had news."""

    last: Look | None = None
    news: bool = False


class Reads:
    """`follow` takes in what one pass asked of one card."""

    def __init__(self, evidence: Evidence, beliefs: Beliefs) -> None:
        self._evidence = evidence
        self._beliefs = beliefs
        self._chain: defaultdict[str, list[Look]] = defaultdict(list)
        """The list pages of the read under way that we certainly kept; a read may go on in the next pass."""
        self._good: Counter[str] = Counter()

    def follow(self, source: str, looks: Sequence[Look], after: Snapshot, *, succeeded: bool) -> None:
        """`succeeded`: we say that the card was read without a failure. Raises Mismatch."""
        seen = self._evidence.seen
        complete = self._evidence.moved("last_complete_at", source, after)
        taken = self._take_in(source, looks, after, ended=succeeded or complete)
        if complete:
            self._completed(source)
        elif succeeded:
            self._stopped_rightly(source, taken, after)
        if complete or succeeded:
            self._newcomers(source, after)
            self._good[source] += 1
        if after.listings[source]["cursor"] is not None:
            seen["interrupted reads"] += 1
        elif (succeeded or complete) and looks and looks[0].own is None and not looks[0].first:
            seen["resumed reads"] += 1

    def not_in_vain(self, source: str, looks: Sequence[Look], after: Snapshot) -> None:
        """A reader that fails on good pages would miss everything, and could be excused for all of it."""
        if all(look.intact for look in looks) and self._evidence.moved("error_at", source, after):
            trouble = after.listings[source]["error_message"]
            self._evidence.fail((source, ""), f"it gave good answers only, and reading it failed: {trouble}")

    # --- what was taken in ----------------------------------------------------------------------------

    def _take_in(self, source: str, looks: Sequence[Look], after: Snapshot, *, ended: bool) -> _Taken:
        taken = _Taken()
        for number, look in enumerate(looks):
            if look.first:
                self._chain[source].clear()
            if not look.intact:
                self._evidence.seen["bad answers"] += 1
                continue
            rest = looks[number + 1 :]
            again = any(later.url == look.url for later in rest)  # its turn was over before the page was done
            sure = not again and (ended or _was_kept(look, rest, after))
            news = self._beliefs.expose(look, _own_pages(looks, number), self._good[source], sure=sure)
            if look.own is None:
                taken.last, taken.news = look, news
                self._evidence.seen["later pages"] += not look.first
                if sure:
                    self._chain[source].append(look)
            else:
                taken.news |= news
        return taken

    # --- was it enough? ---------------------------------------------------------------------------------

    def _completed(self, source: str) -> None:
        """We say that the card was read to its end: was it, and from its first page on?"""
        evidence, chain = self._evidence, self._chain[source]
        if not chain or not chain[0].first or not chain[-1].last:
            evidence.fail((source, ""), "a read is called complete that did not go from the first page to the last")
        start, end = chain[0].at, chain[-1].at
        exposed = frozenset(identity for look in chain for identity in look.shown)
        moves = evidence.truth.moves(source, start, end)
        there = [key for key in evidence.truth.of(source) if evidence.truth.listed_throughout(key, start, end)]
        missed = [key for key in there if key[1] not in exposed]
        if len(missed) > moves:
            evidence.fail(missed[0], f"a complete read from {start} stepped over it, though {moves} reviews moved")
        evidence.unknowable(Unknowable.STEPPED_OVER, len(missed))
        gap = evidence.declared(source, end) - len(exposed)
        before = evidence.completes[source]
        wider = gap > (before[-1].gap if before else 0)
        evidence.completes[source].append(Complete(start, end, exposed, calm=not moves, gap=gap, wider=wider))
        evidence.seen["complete reads"] += 1
        evidence.seen["complete reads of several pages"] += len(chain) > 1

    def _stopped_rightly(self, source: str, taken: _Taken, after: Snapshot) -> None:
        """An everyday read stops only on a whole page of known, unchanged reviews, and only for a day."""
        evidence, last = self._evidence, taken.last
        if last is None:
            evidence.fail((source, ""), "a card counts as read, and no list page was asked for")
        if after.listings[source]["cursor"] is not None:
            evidence.fail((source, ""), "a card counts as read, and its read is not at its end")
        completes = evidence.completes[source]
        if not completes or last.at - completes[-1].end > FULL_READ + HOUR:
            evidence.fail((source, ""), "no complete read for more than a day, and an everyday read was thought enough")
        if taken.news and not last.last:
            evidence.fail((source, ""), "an everyday read stopped on a page that had news")
        evidence.seen["everyday reads"] += 1
        evidence.seen["pages that had not changed"] += last.unchanged

    def _newcomers(self, source: str, after: Snapshot) -> None:
        """Whoever wrote before a good read began stands near the top, and was seen."""
        evidence, truth = self._evidence, self._evidence.truth
        start, end = self._chain[source][0].at, self._chain[source][-1].at
        for key in truth.of(source):
            written = truth.lives[key][0].at
            if key in after.held or written >= start or not truth.listed_throughout(key, written, end):
                continue
            exposed = any(key[1] in read.exposed for read in evidence.completes[source])
            if exposed or not truth.moves(source, start, end):
                evidence.fail(key, f"written before the good read of {start}, and we do not know it")
            evidence.unknowable(Unknowable.NEW_STEPPED_OVER)


def _was_kept(look: Look, rest: Sequence[Look], after: Snapshot) -> bool:
    """Whether a page of a read that did not end well was certainly stored: another one was asked for after it, or
    we say so ourselves."""
    if look.own is not None:
        return any(later.own != look.own for later in rest)
    if any(later.own is None and later.url != look.url for later in rest):
        return True
    rows = [after.held.get((look.source, identity)) for identity in look.shown]
    return bool(rows) and all(row is not None and row.last_seen_at >= look.at for row in rows)


def _own_pages(looks: Sequence[Look], number: int) -> set[str]:
    """Reviews whose own pages were asked for on behalf of a list page: before the next one, and since it was first
    shown. A page whose turn was over before it was done has another one, and asks for what was left only."""
    first = number
    for before in range(number - 1, -1, -1):
        if looks[before].own is None and looks[before].url != looks[number].url:
            break
        first = before if looks[before].own is None else first
    pages = set()
    for look in looks[first + 1 :]:
        if look.own is not None:
            pages.add(look.own)
        elif look.url != looks[number].url:
            break
    return pages
