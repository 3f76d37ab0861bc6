"""Watches over reading itself: hears silence, and puts what is wrong with sites and cards into the outbox.

Reading raises and ends most alarms in its own transactions (`Store.alarms`); this job finds them as rows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor import wording
from monitor.alerts import Alarm, AlarmKind
from monitor.log import Event, Log
from monitor.model import ListingState
from monitor.seams import Clock
from monitor.store.sqlite import Store

PAUSE = timedelta(minutes=15)
"""Between two mails about reading. When our own network is down, every site fails within minutes: the first alarm is
told at once, all the others together."""


class Supervise:
    """`admins`: the addresses that hear of trouble with reading."""

    def __init__(self, *, store: Store, clock: Clock, admins: Sequence[str], log: Log) -> None:
        self._store = store
        self._clock = clock
        self._admins = admins
        self._log = log
        self._known: dict[int, Alarm] | None = None

    def run(self) -> bool:
        """One look; whether something had to be told or ended."""
        now = self._clock.now()
        if self._known is None:
            untold = {alarm.id for alarm in self._store.alarms.untold()}
            self._known = {alarm.id: alarm for alarm in self._store.alarms.open() if alarm.id not in untold}
        changed = self._look(now)
        told = self._tell(now)
        self._say_changes(self._known)
        return changed or told

    def _look(self, now: datetime) -> bool:
        alarms = self._store.alarms
        if not alarms.changing(now):
            return False
        with self._store.write():
            alarms.end_overtaken(now)
            for listing in alarms.fallen_silent(now):
                self._raise_silence(listing, now)
        return True

    def _tell(self, now: datetime) -> bool:
        """All new alarms in one mail per recipient: the rows that say so are written with it."""
        alarms, outbox = self._store.alarms, self._store.outbox
        if not alarms.untold():
            return False
        last = outbox.told_of_alarms_at()
        if last is not None and now - PAUSE < last <= now:
            return False
        with self._store.write():
            return outbox.queue_alarms(self._admins, [alarm.id for alarm in alarms.untold()], now=now) > 0

    def _raise_silence(self, listing: ListingState, now: datetime) -> None:
        newest = self._store.alarms.newest_review(listing.id)
        since = f" уже {wording.duration(now - newest)}" if newest else ""
        self._store.alarms.raise_alarm(
            AlarmKind.SILENT,
            source=listing.source,
            listing_id=listing.id,
            message=f"Новых отзывов нет{since}: таких долгих перерывов на этой карточке ещё не было. "
            "Откройте её на сайте и сравните, что там видно, с тем, что видим мы.",
            now=now,
        )

    def _say_changes(self, known: dict[int, Alarm]) -> None:
        """Logs what began and what ended since the last look."""
        wrong = {alarm.id: alarm for alarm in self._store.alarms.open()}
        for event, before, after in ((Event.ALARM_RAISED, known, wrong), (Event.ALARM_RESOLVED, wrong, known)):
            for alarm in after.values():
                if alarm.id not in before:
                    self._log.say(event, kind=alarm.kind, source=alarm.source, listing=alarm.listing)
        self._known = wrong
