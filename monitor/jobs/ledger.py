"""What a card's turn came to, written down in one transaction: next check, failures, circuits, alarms, traffic."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import completeness
from monitor.alerts import AlarmKind
from monitor.completeness import SITE_WIDE, Gap, failure_alarm
from monitor.decide import next_check, retry_pause
from monitor.model import ListingState
from monitor.seams import Session, Source
from monitor.store.intents import Rules
from monitor.store.sqlite import Store

BLOCKED, UNAVAILABLE, UNREACHABLE, EMPTIED = "blocked", "unavailable", "unreachable", "emptied"
"""Kinds of failure that matter for when to ask again; all of them are `monitor.jobs.fetch.KINDS`."""

HICCUPS = (UNREACHABLE, UNAVAILABLE, EMPTIED)
"""Failures that may pass by themselves: the card is asked again soon."""

OWN_ALARMS = frozenset((AlarmKind.GONE, AlarmKind.EMPTIED))
"""What a good read of the card itself puts an end to."""

NEWEST = 200
"""So many reviews tell how often a card gets one."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as configured: how it speaks, what its reviews are owed, how often its cards are read, and the least
    time between two requests to its host."""

    source: Source
    rules: Rules
    every: timedelta
    pace: timedelta


@dataclass(frozen=True, slots=True)
class Ended:
    """A read that reached the card's last page. `ceiling`: the site shows no more than it did."""

    ceiling: bool


class Ledger:
    """`listing` is always the card as it was before its turn; `site` what a refusal of it closes."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session

    def succeeded(
        self,
        listing: ListingState,
        watched: Watched,
        now: datetime,
        *,
        resumed: bool = False,
        news: bool = False,
        ended: Ended | None = None,
    ) -> None:
        """The read is over and was good. `news`: it brought new reviews. `resumed`: it did not begin with the first
        page, where more may stand by now, so that the card is due again at once."""
        with self._store.write():
            self._store.listings.succeeded(listing.id, now, now if resumed else now + watched.every)
            self._end_alarms(listing, watched, now)
            if ended is not None:
                self._compare(listing, ended, now)
            self._listen(listing, now, news=news)
            self._count(listing, now, reads=1)

    def paused(self, listing: ListingState, now: datetime, *, news: bool) -> None:
        """Time ran out; every page so far was good."""
        with self._store.write():
            self._store.listings.paused(listing.id, now)
            self._listen(listing, now, news=news)
            self._count(listing, now)

    def failed(
        self,
        listing: ListingState,
        watched: Watched,
        site: str,
        now: datetime,
        *,
        kind: str,
        message: str,
        asked_for: timedelta | None,
    ) -> datetime:
        """The read failed; when the card is asked again. A refusal closes the whole `site` until then."""
        errors = listing.error_count + 1
        with self._store.write():
            if kind == BLOCKED:
                retry_at = self._store.sites.refused(site, now, watched.every, asked_for).closed_until
            else:
                retry_at = next_check(now, retry_pause(errors, watched.every, hiccup=kind in HICCUPS), asked_for)
            self._store.listings.failed(listing.id, kind=kind, message=message, now=now, retry_at=retry_at)
            alarm = failure_alarm(kind, errors, now - (listing.failing_since or now))
            if alarm is not None:
                whole_site = alarm in SITE_WIDE and not watched.source.card_is_address
                # What is an alarm only when it lasts began with the first failure.
                since = listing.failing_since if failure_alarm(kind, 1, timedelta()) is None else None
                self._raise(alarm, listing, message, now, whole_site=whole_site, since=since)
            self._count(listing, now, blocks=int(kind == BLOCKED), failures=1)
        return retry_at

    # --- parts ----------------------------------------------------------------------------------------

    def _end_alarms(self, listing: ListingState, watched: Watched, now: datetime) -> None:
        """Ends what a good read disproves.

        Of the whole site: unless it refused us and is not trusted yet, and unless another card goes on failing while
        this one was read well before, too; then the trouble is that card's own, and would be told anew each time.
        """
        store = self._store
        if watched.source.card_is_address:  # each card is a site of its own
            store.alarms.resolve(OWN_ALARMS | SITE_WIDE, source=listing.source, listing_id=listing.id, now=now)
            return
        store.alarms.resolve(OWN_ALARMS, source=listing.source, listing_id=listing.id, now=now)
        others = store.listings.failing(listing.source, listing.last_good_at) if listing.last_good_at else []
        standing = {failure_alarm(other.kind, other.errors, now - other.since) for other in others}
        if store.sites.circuit(listing.source) is not None:
            standing.add(AlarmKind.BLOCKED)
        store.alarms.resolve(SITE_WIDE - standing, source=listing.source, listing_id=None, now=now)

    def _compare(self, before: ListingState, ended: Ended, now: datetime) -> None:
        """Sets what the card showed against what its site declares."""
        after = self._store.listings.get(before.id)
        gap = completeness.gap(before, after.read_seen, after.complete_declared, ended.ceiling)
        self._store.listings.set_gap(before.id, gap)
        if gap.alarm and after.complete_declared is not None:
            message = _gap_message(after.read_seen, after.complete_declared, gap)
            self._raise(AlarmKind.GAP, before, message, now, whole_site=False)
        elif not gap.alarm:
            self._store.alarms.resolve({AlarmKind.GAP}, source=before.source, listing_id=before.id, now=now)

    def _listen(self, listing: ListingState, now: datetime, *, news: bool) -> None:
        """Sets the moment from which silence is out of the ordinary."""
        if news:
            self._store.alarms.resolve({AlarmKind.SILENT}, source=listing.source, listing_id=listing.id, now=now)
        if news or listing.silent_at is None:
            moment = completeness.silent_at(self._store.listings.moments(listing.id, NEWEST), now)
            if moment != listing.silent_at:
                self._store.listings.set_silent_at(listing.id, moment)

    def _raise(
        self,
        kind: AlarmKind,
        listing: ListingState,
        message: str,
        now: datetime,
        *,
        whole_site: bool,
        since: datetime | None = None,
    ) -> None:
        listing_id = None if whole_site else listing.id
        self._store.alarms.raise_alarm(
            kind, source=listing.source, listing_id=listing_id, message=message, now=now, since=since
        )

    def _count(
        self, listing: ListingState, now: datetime, *, reads: int = 0, blocks: int = 0, failures: int = 0
    ) -> None:
        sent = self._session.traffic()
        self._store.traffic.add(sent, now, source=listing.source, reads=reads, blocks=blocks, failures=failures)


def trust(store: Store, source: str, site: str, due: int, now: datetime) -> None:
    """A pass read cards of the site, `due` of which had waited, and was not refused."""
    if store.sites.circuit(site) is None:
        return
    with store.write():
        if store.sites.passed(site, due, now):
            store.alarms.resolve({AlarmKind.BLOCKED}, source=source, listing_id=None, now=now)


def _gap_message(seen: int, declared: int, gap: Gap) -> str:
    usual = f"обычно — {gap.usual}" if gap.usual else "обычно видны все"
    return (
        f"Сайт заявляет отзывов: {declared}, а показывает {seen}; не хватает {declared - seen}, {usual}. "
        "Откройте карточку: если на сайте видно больше, чем у нас, добавьте недостающее командой otklik import "
        "и сообщите нам."
    )
