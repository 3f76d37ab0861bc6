"""What the oracle has gathered so far, shared by its questions, and how it tells the story of a mismatch."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from monitor.standin.reviews import YANDEX
from monitor.standin.world import World
from tests.history.differences import Unknowable, of_spell
from tests.history.holdings import Snapshot
from tests.history.pages import Look
from tests.history.sites import Key, listed
from tests.history.truth import Truth

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Mismatch(AssertionError):
    """Our history is not the sites', and no rule explains it."""


@dataclass(frozen=True, slots=True)
class Complete:
    """A read to the end of a card, from its first page to its last. `exposed`: the reviews it showed; `calm`: nothing
    moved meanwhile; `gap`: how many more the site declared than it showed; `wider`: more than at the read before."""

    start: datetime
    end: datetime
    exposed: frozenset[str]
    calm: bool
    gap: int
    wider: bool


@dataclass(frozen=True, slots=True)
class PassLog:
    """What became of one pass. `read`: the sources whose card was read without a failure; `looked`: those asked."""

    start: datetime
    end: datetime
    killed: bool
    read: frozenset[str]
    looked: frozenset[str]


class Evidence:
    """Facts only: what happened, what was shown, what we held before this pass. Judgement is elsewhere."""

    def __init__(self, world: World, seed: int, begins: datetime) -> None:
        self.world = world
        self.truth = Truth(world)
        self.begins = begins
        self.now = begins
        self.before = Snapshot({}, {})
        self.passes: list[PassLog] = []
        self.completes: defaultdict[str, list[Complete]] = defaultdict(list)
        self.looks: defaultdict[Key, list[tuple[Look, bool]]] = defaultdict(list)
        """Pages that showed a review whole, and whether we certainly kept them."""
        self.seen: Counter[str] = Counter()
        """What really happened: so that a run that proves nothing is noticed."""
        self.differences: Counter[str] = Counter()
        """What a reader could not know, by the names in `differences.meanings`."""
        self._seed = seed

    def moved(self, column: str, source: str, after: Snapshot) -> bool:
        """Whether this pass set that column of the card."""
        before = self.before.listings.get(source, {}).get(column)
        now: str | None = after.listings.get(source, {}).get(column)
        return now is not None and now != before

    def unknowable(self, why: Unknowable, count: int = 1, *, what: str = "") -> None:
        """Counts differences that no reader can know. `what`: words or reply, of a spell."""
        if count:
            self.differences[of_spell(what, why) if what else why.value] += count

    def declared(self, source: str, at: datetime) -> int:
        """The site's own count at that moment."""
        states = [self.truth.at(key, at) for key in self.truth.of(source)]
        everything = source == YANDEX and self.world.counts_ratings
        return sum(
            review is not None and (not review.hidden if everything else listed(source, review)) for review in states
        )

    def fail(self, key: Key, why: str) -> NoReturn:
        """Raises Mismatch with all that is known of the review."""
        day = (self.now - self.begins) / DAY
        lines = [f"seed {self._seed}, day {day:.2f}, {key[0]} {key[1]}: {why}"]
        for title, story in self._story(key).items():
            lines += [f"{title}:", *(f"  {line}" for line in story)]
        raise Mismatch("\n".join(lines))

    def _story(self, key: Key) -> Mapping[str, list[str]]:
        return {
            "the site": self._life(key),
            "pages that showed it whole (* = certainly kept)": [
                f"{look.at:%m-%d %H:%M:%S} read {look.read}{' own page' if look.own else ''}{' *' if sure else ''}"
                for look, sure in self.looks[key][-12:]
            ],
            "complete reads of the card": [
                f"{read.start:%m-%d %H:%M:%S}–{read.end:%H:%M:%S} {'calm' if read.calm else 'moved'} gap {read.gap}"
                f" {'with' if key[1] in read.exposed else 'without'} it"
                for read in self.completes[key[0]][-6:]
            ],
            "before this pass we held": [str(self.before.held.get(key))],
            "passes": [
                f"{entry.start:%m-%d %H:%M:%S}–{entry.end:%H:%M:%S}{' killed' if entry.killed else ''}"
                f"{' asked' if key[0] in entry.looked else ''}{' read' if key[0] in entry.read else ''}"
                for entry in self.passes[-8:]
            ],
        }

    def _life(self, key: Key) -> list[str]:
        lines = []
        for entry in self.truth.lives.get(key, ()):
            assert entry.new is not None
            reply = entry.new.reply
            shown = f"{entry.new.stars}* {entry.new.text[:70]!r}" + (f" reply {reply.text[:40]!r}" if reply else "")
            lines.append(f"{entry.at:%m-%d %H:%M:%S} {entry.what:<14} {shown}")
        return lines
