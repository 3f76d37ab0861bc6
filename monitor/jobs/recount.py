"""Counts running deadlines anew when the promises in the settings changed; closed tickets keep theirs."""

from monitor import sla
from monitor import tickets as life
from monitor.log import Event, Log
from monitor.seams import Clock
from monitor.store.sqlite import Store

BATCH = 500


class Recount:
    def __init__(self, *, store: Store, clock: Clock, policies: sla.Policies, log: Log) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._log = log

    def run(self) -> bool:
        """One batch; whether there was one."""
        fingerprint = self._policies.fingerprint
        self._note(fingerprint)
        if not self._store.tickets.outdated(fingerprint, 1):
            return False
        now, moved = self._clock.now(), 0
        with self._store.write():
            for ticket, place in self._store.tickets.outdated(fingerprint, BATCH):
                step = life.recounted(ticket, now, self._policies.of(place))
                self._store.tickets.save(ticket, step)
                moved += bool(step.events)
        if moved:
            self._log.say(Event.DEADLINES_MOVED, tickets=moved)
        return True

    def _note(self, fingerprint: str) -> None:
        """Keeps what is promised now, for whoever asks later why a deadline stood where it stood."""
        places = {place: policy.terms for place, policy in self._policies.places.items()}
        if self._store.tickets.has_policy(fingerprint):
            return
        with self._store.write():
            self._store.tickets.note_policy(fingerprint, places, self._clock.now())
