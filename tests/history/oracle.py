"""What we hold against what the pages served: all questions after every pass, the reckoning in the end."""

from collections import defaultdict
from datetime import datetime

from monitor.model import ReplyState
from monitor.standin.reviews import SOURCES
from monitor.standin.world import World
from tests.history.beliefs import Beliefs
from tests.history.evidence import Evidence, PassLog
from tests.history.holdings import Held, Snapshot
from tests.history.pages import Look, Recorder
from tests.history.reads import Reads
from tests.history.reckoning import Reckoning
from tests.history.removals import Removals
from tests.history.sites import Key


class Oracle:
    """`check` after every pass, `submitted` when a person posts a reply, `reckon` at the end; `evidence` holds what
    they counted. Each raises Mismatch."""

    def __init__(self, world: World, seed: int, begins: datetime) -> None:
        self.evidence = Evidence(world, seed, begins)
        self._beliefs = Beliefs(self.evidence)
        self._reads = Reads(self.evidence, self._beliefs)
        self._removals = Removals(self.evidence, self._beliefs)

    def check(self, start: datetime, now: datetime, asked: Recorder, after: Snapshot, *, killed: bool) -> None:
        """Everything that can be said after one pass, from `start` to `now`, and the pages it `asked` for."""
        evidence = self.evidence
        evidence.truth.follow()
        evidence.now = now
        by_source: defaultdict[str, list[Look]] = defaultdict(list)
        for look in asked.looks:
            by_source[look.source].append(look)
        read = frozenset(source for source in SOURCES if evidence.moved("last_good_at", source, after))
        evidence.passes.append(PassLog(start, now, killed, read, frozenset(by_source)))
        for source, own in by_source.items():
            self._reads.follow(source, own, after, succeeded=source in read)
            if source not in asked.hindered:
                self._reads.not_in_vain(source, own, after)
        for key in after.held.keys() - evidence.truth.lives.keys():
            evidence.fail(key, "we hold a review that never existed")
        for key in evidence.truth.lives:
            self._beliefs.compare(key, after.held.get(key))
        for source in by_source:
            self._removals.check(source, after)
        for key, held in after.held.items():
            trouble = "" if killed else wrong_ticket(held)
            if trouble:
                evidence.fail(key, trouble)
        evidence.before = after

    def submitted(self, key: Key) -> None:
        self._beliefs.submitted(key)

    def reckon(self, after: Snapshot) -> None:
        Reckoning(self.evidence, self._removals).reckon(after)


_TURNS = ("opened", "reopened", "revised", "answered", "answered_elsewhere", "confirmed", "returned", "reply_gone")
"""Events after which a ticket waits for an answer, or has it."""


def wrong_ticket(held: Held) -> str:
    """Question 4: do tickets follow? What is wrong with the review's ticket; '' where nothing is."""
    waiting = held.ticket in ("open", "approved")
    there = held.removed_at is None
    published = held.reply is not None and held.reply[1] == ReplyState.PUBLISHED
    last = next((kind for kind, _ in reversed(held.events) if kind in _TURNS), "")
    rules = (
        (not there and (waiting or held.ticket == "unanswerable"), f"it is gone, and its ticket is {held.ticket}"),
        (there and held.ticket == "removed", "it is there, and its ticket is closed as removed"),
        (
            published and waiting and last in ("answered", "answered_elsewhere", "confirmed"),
            "its answer is known, and its ticket waits for one",
        ),
        (
            there and held.reply is None and held.ticket == "answered",
            "its answer is gone, and its ticket is closed as answered",
        ),
        (there and held.reply is None and held.ticket is None, "it has no answer and no ticket"),
    )
    return next((words for broken, words in rules if broken), "")
