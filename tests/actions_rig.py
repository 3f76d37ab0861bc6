"""Several people at one database, each with a connection of their own: what tests of the actions stand on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from monitor import sla
from monitor.actions import Actions
from monitor.config_gestures import GestureLimits
from monitor.model import Card, Ticket
from monitor.store.connection import Row
from monitor.store.sqlite import Store
from responders.types import Draft, Fault, Finding
from sentiment.types import Verdict
from tests.fakes import FrozenClock
from tests.test_retag import NOON, POLICY, PRAISE, Bench, review


def nothing(_ticket: int, _reply: str) -> Sequence[Finding]:
    return ()


def thanks(_ticket: int, _fault: Fault, _measure: str) -> Draft:
    return Draft("Спасибо!", "thanks#2", ())


@dataclass
class Office:
    """Ticket 1 with a draft of ours, ticket 2 without; `store` is the worker's."""

    path: Path
    store: Store
    clock: FrozenClock
    opened: list[Store] = field(default_factory=list)

    def person(
        self,
        name: str = "anna",
        *,
        lint: Callable[[int, str], Sequence[Finding]] = nothing,
        write: Callable[[int, Fault, str], Draft] = thanks,
        gesture_limits: GestureLimits | None = None,
        decides_gestures: bool = False,
        colleagues: Sequence[str] = (),
        owners: Callable[[str, datetime], Sequence[str]] = lambda _place, _now: (),
    ) -> Actions:
        store = Store.open(self.path)
        self.opened.append(store)
        return Actions(
            store=store,
            clock=self.clock,
            policies=sla.Policies(POLICY),
            lint=lint,
            write=write,
            actor=name,
            gesture_limits=gesture_limits,
            decides_gestures=decides_gestures,
            colleagues=colleagues,
            owners=owners,
        )

    def analyse(self, verdict: Verdict, version: str = "v1") -> None:
        Bench(self.store, self.clock).analyse(verdict, version)

    def ticket(self, number: int = 1) -> Ticket:
        return self.store.tickets.get(number)

    def view(self, number: int = 1) -> Row:
        return self.store.tickets.view(number)

    def events(self, *kinds: str, number: int = 1) -> list[tuple[str, ...]]:
        """(who, what, before, after, why) of these kinds."""
        found = [event for event in self.store.tickets.events(number) if event["kind"] in kinds]
        return [(one["actor"], one["kind"], one["was"], one["became"], one["why"]) for one in found]


_READY: list[bytes] = []


def _furnish(path: Path) -> None:
    """Made once, copied for every test."""
    if not _READY:
        store = Store.open(path)
        store.listings.sync([Card("lenina", "yandex_maps", "1", "Europe/Moscow")], NOON)
        bench = Bench(store, FrozenClock(NOON))
        bench.read(review("a"), review("b", text="Суп холодный"))
        bench.analyse(PRAISE)
        with store.write():
            store.tickets.add_draft(1, Draft("Спасибо", "thanks#1", ()), revision=1, author=None, now=NOON)
            store.tickets.mark_drafted(1, "t")
        store.close()
        _READY.append(path.read_bytes())
    path.write_bytes(_READY[0])


@contextmanager
def office_at(folder: Path) -> Iterator[Office]:
    path = folder / "otklik.db"
    _furnish(path)
    office = Office(path, Store.open(path), FrozenClock(NOON))
    try:
        yield office
    finally:
        for one in (*office.opened, office.store):
            one.close()
