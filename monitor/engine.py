"""The only orchestrator: what is due, and doing it.

    listing.next_check_at passes
      | due()       → Job(fetch, listing)
      | run(job)    → source.request | session.send | source.parse | decide | store.apply      per page
      | settle()    → analyse | draft | watch | notify                                         until nothing is due

Every stage finds its work as rows, never as messages from the stage before: whatever a killed process left
undone is found again by the next pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.jobs.analyse import Analyse
from monitor.jobs.draft import WriteDrafts
from monitor.jobs.fetch import Fetch, Read, Watched
from monitor.jobs.notify import Notify, Sent
from monitor.jobs.watch import Watch
from monitor.log import Event, Log
from monitor.model import ListingState
from monitor.seams import Clock
from monitor.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Job:
    """A card to read. `host` is whom it bothers: jobs of one host run one after another."""

    listing: ListingState
    host: str


class Engine:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        watched: dict[str, Watched],
        fetch: Callable[[], Fetch],
        analyse: Analyse,
        drafts: WriteDrafts,
        watch: Watch,
        notify: Notify,
        retention: timedelta | None,
        forget: Callable[[Sequence[int], datetime], int],
        log: Log,
    ) -> None:
        self.store = store
        self.clock = clock
        self.log = log
        self._watched = watched
        self._make_fetch = fetch
        self._fetch: Fetch | None = None
        self._analyse = analyse
        self._drafts = drafts
        self._watch = watch
        self._notify = notify
        self._retention = retention
        self._forget = forget

    def due(self) -> list[Job]:
        """Cards to read now, longest waiting first."""
        return [
            Job(listing, urlsplit(self._watched[listing.source].source.base_url).netloc)
            for listing in self.store.listings.due(self.clock.now())
            if listing.source in self._watched
        ]

    def run(self, job: Job, until: datetime) -> Read:
        """Reads one card; what it brought is settled by `settle`."""
        if self._fetch is None:
            self._fetch = self._make_fetch()
        read = self._fetch.run(job.listing, until)
        self._say(job.listing, read)
        return read

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

    def alarm(self) -> Sent:
        """Tells what must be told: first and last in a pass, and between cards, so that no slow site delays it."""
        self._watch.run()
        total = Sent()
        while (sent := self._notify.run()) is not None:
            total += sent
        return total

    def settle(self) -> Sent:
        """Everything that follows from what was read, until nothing is due."""
        while self._analyse.run():
            pass
        while self._drafts.run():
            pass
        return self.alarm()

    def purge(self) -> int:
        """Retention: erases what is too old; how many reviews it was."""
        if self._retention is None:
            return 0
        now = self.clock.now()
        erased = self._forget(self.store.privacy.outdated(now - self._retention), now)
        if erased:
            self.log.say(Event.RETENTION_PURGED, reviews=erased)
        return erased
