"""The only orchestrator: what is due, and doing it.

    listing.next_check_at passes
      | due()       → Job(fetch, listing)
      | run(job)    → source.request | session.send | source.parse | decide | store.apply      per page
      | settle()    → link | analyse | draft | watch | notify | index                          until nothing is due

Every stage finds its work as rows, never as messages from the stage before: whatever a killed process left
undone is found again by the next pass.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.decide import reach
from monitor.jobs.analyse import Analyse
from monitor.jobs.canary import Canary
from monitor.jobs.digest import Digests
from monitor.jobs.draft import WriteDrafts
from monitor.jobs.fetch import Fetch, Read, Turn, Watched
from monitor.jobs.index import MOST_BATCHES, Index
from monitor.jobs.ledger import trust
from monitor.jobs.link import Link
from monitor.jobs.notify import Notify, Sent
from monitor.jobs.recount import Recount
from monitor.jobs.supervise import Supervise
from monitor.jobs.watch import Watch
from monitor.log import Event, Log
from monitor.model import Card, ListingState
from monitor.seams import Clock
from monitor.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Job:
    """A card to read. `host` is whom it bothers: jobs of one host run one after another. `site` is what a refusal
    closes (`store.sites`)."""

    listing: ListingState
    site: str
    host: str


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to read, longest waiting first: as many cards as a pass can get to, and none of a site that is
    closed. `waiting`: how many there are in all, by site."""

    jobs: list[Job] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)


class Engine:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        watched: Mapping[str, Watched],
        cards: Mapping[tuple[str, str], Card],
        fetch: Callable[[], Fetch],
        link: Link,
        analyse: Analyse,
        drafts: WriteDrafts,
        canary: Canary,
        recount: Recount,
        watch: Watch,
        supervise: Supervise,
        digests: Digests,
        notify: Notify,
        index: Index,
        retention: timedelta | None,
        forget: Callable[[Sequence[int], datetime], int],
        log: Log,
    ) -> None:
        self.store = store
        self.clock = clock
        self.log = log
        self._watched = watched
        self._cards = cards
        self._make_fetch = fetch
        self._fetch: Fetch | None = None
        self._link = link
        self._analyse = analyse
        self._drafts = drafts
        self._canary = canary
        self._recount = recount
        self._watch = watch
        self._supervise = supervise
        self._digests = digests
        self._notify = notify
        self._index = index
        self._retention = retention
        self._forget = forget

    @property
    def keyless(self) -> int:
        """Cards that nobody can read: a secret of their source is missing."""
        return sum(card.source not in self._watched for card in self._cards.values())

    def due(self, budget: timedelta) -> Due:
        """Cards to read in a pass that may read for so long."""
        now = self.clock.now()
        circuits = self.store.sites.circuits()
        due = Due()
        for name, watched in self._watched.items():
            for site, line in self._lines(name, watched, now, budget, due.waiting).items():
                circuit = circuits.get(site)
                if circuit is None:
                    due.jobs.extend(line)
                elif not circuit.is_closed(now):
                    due.jobs.extend(line[: circuit.allowance])
        due.jobs.sort(key=lambda job: (job.listing.next_check_at, job.listing.id))
        return due

    def _lines(
        self, name: str, watched: Watched, now: datetime, budget: timedelta, waiting: Counter[str]
    ) -> dict[str, list[Job]]:
        """A source's due cards by site: all of them are one, or, where each card is an address of its own, every host
        is."""
        if not watched.source.card_is_address:
            found = self.store.listings.due(name, now, reach(budget, watched.pace))
            if not found:
                return {}
            waiting[name] = self.store.listings.count_due(name, now)
            host = _host(watched, self._cards[name, found[0].external_id])
            return {name: [Job(listing, name, host) for listing in found]}
        lines: dict[str, list[Job]] = {}
        for listing in self.store.listings.due(name, now):
            host = _host(watched, self._cards[name, listing.external_id])
            site = f"{name}/{host}"
            waiting[site] += 1
            lines.setdefault(site, []).append(Job(listing, site, host))
        return lines

    def run(self, job: Job, turn: Turn) -> Read:
        """Reads one card; what it brought is settled by `settle`."""
        if self._fetch is None:
            self._fetch = self._make_fetch()
        read = self._fetch.run(job.listing.id, job.site, turn)
        self._say(job.listing, read)
        return read

    def trust(self, job: Job, waiting: int) -> None:
        """The job's site let a pass read and refused nothing; `waiting` of its cards had been due."""
        trust(self.store, job.listing.source, job.site, waiting, self.clock.now())

    def _say(self, listing: ListingState, read: Read) -> None:
        if read.failure is not None:
            self.log.say(
                Event.LISTING_FAILED,
                listing=listing.name,
                error=read.failure.error,
                message=read.failure.message,
                retry_at=read.failure.retry_at,
            )
            return
        changes = read.changes
        self.log.say(
            Event.LISTING_READ,
            listing=listing.name,
            new=changes.new,
            edited=changes.edited,
            vanished=changes.vanished,
            left=read.left,
        )

    def prepare(self) -> None:
        """Before anybody is told of anything: deadlines follow the settings, and a trial alarm is set free in time."""
        self._canary.run()
        while self._recount.run():
            pass

    def alarm(self) -> Sent:
        """Tells what must be told: first and last in a pass, and between cards, so that no slow site delays it."""
        self._watch.run()
        self._supervise.run()
        self._digests.run()
        total = Sent()
        while (sent := self._notify.run()) is not None:
            total += sent
        return total

    def settle(self) -> Sent:
        """Everything that follows from what was read, until nothing is due."""
        sent = Sent()
        # First: a danger on three sites is told once, and each of the three gets a draft of its own.
        while self._link.run():
            sent += self.alarm()  # after an update every review is compared anew: no alarm waits for that
        while self._analyse.run():
            pass
        while self._drafts.run():
            sent += self.alarm()  # a rewriter may take a minute for each
        sent += self.alarm()
        for _ in range(MOST_BATCHES):  # the rest of a long line waits for the next pass: it wakes nobody
            if not self._index.run():
                break
            sent += self.alarm()
        return sent

    def purge(self) -> int:
        """Retention: erases what is too old, of reviews and of who did what at the desk; how many reviews it was. Who
        erased something by hand is told for longer."""
        now = self.clock.now()
        self.store.answers.purge(now)
        if self._retention is None:
            return 0
        before = now - self._retention
        with self.store.write():
            self.store.accounts.purge(before, now)
            self.store.sessions.purge(before)
            self.store.letters.purge(before)
        erased = self._forget(self.store.privacy.outdated(before), now)
        if erased:
            self.log.say(Event.RETENTION_PURGED, reviews=erased)
        return erased


def _host(watched: Watched, card: Card) -> str:
    """Where the card's requests go; "" for an address no host can be told from (its read will say so)."""
    try:
        return urlsplit(watched.source.request(card, None).url).netloc
    except ValueError:
        return ""
