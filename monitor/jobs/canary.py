"""The trial alarm: sets an invented review free once in a while, and takes it out of the way when it has rung."""

from datetime import timedelta

from monitor import sla
from monitor import tickets as life
from monitor.canary import PLACE, PROMISE, review
from monitor.clock import to_iso
from monitor.decide import Insert
from monitor.log import Event, Log
from monitor.model import Answerable
from monitor.seams import Clock
from monitor.store.canary import Flight
from monitor.store.intents import Rules
from monitor.store.sqlite import Store

PATIENCE = timedelta(days=1)
"""How long a trial alarm may ring that nobody carries; then the next one takes over."""


class Canary:
    """`every` None: only when a person asks for it."""

    def __init__(
        self, *, store: Store, clock: Clock, policies: sla.Policies, every: timedelta | None, log: Log
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._every = every
        self._log = log

    def run(self) -> bool:
        """One look; whether something was begun or ended."""
        last, now = self._store.canary.last(), self._clock.now()
        if last is not None and (last.landed_at is not None or now - last.began_at > PATIENCE):
            ended = self._end()
        else:
            ended = False
        due = self._every is not None and (last is None or not last.began_at <= now < last.began_at + self._every)
        if due:
            self.release()
        return due or ended

    def release(self) -> Flight:
        """A new trial alarm, late from the start: whoever settles what is due next will ring."""
        now = self._clock.now()
        rules = Rules(self._policies.of(PLACE), Answerable.ALL, representative=False, enforce_from=PROMISE * 2)
        with self._store.write():
            listing = self._store.canary.listing(now)
            self._store.intake.apply(listing, [Insert(review(now))], None, rules, now - PROMISE)
        self._log.say(Event.CANARY_RELEASED, at=to_iso(now))
        flight = self._store.canary.last()
        assert flight is not None, "it was set free a moment ago"
        return flight

    def _end(self) -> bool:
        """Nobody answers it: without this it would ring again."""
        tickets = self._store.canary.open()
        for number in tickets:
            with self._store.write():
                ticket = self._store.tickets.get(number)
                self._store.tickets.save(ticket, life.dismissed(ticket, self._clock.now(), "учебная тревога"))
        return bool(tickets)
