"""The loop: time passes, things happen and go wrong, a pass runs or dies, the oracle compares; in the end a calm."""

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from monitor.engine import Engine
from monitor.errors import PassRunning, StoreError
from monitor.runners.once import pass_lock
from monitor.store.tickets import Filters
from tests.alarms import invent
from tests.alarms.cases import WAITING
from tests.alarms.crash import Killed, Turns, busy, killed_at
from tests.alarms.office import Office, SeamClock, hurried
from tests.alarms.oracle import Oracle
from tests.alarms.post import Post
from tests.alarms.summary import Summary
from tests.alarms.troubles import Troubles
from tests.alarms.world import World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTS = (datetime(2026, 10, 5, 6, tzinfo=UTC), datetime(2027, 3, 1, 6, tzinfo=UTC))
"""In both, clocks are changed somewhere within sixty days."""
TROUBLES = {
    "killed while a mail is printed": ("render", "die"),
    "killed before a mail is taken": ("deliver", "die"),
    "killed after a mail was taken": ("accepted", "die"),
    "killed while words are judged": ("analyse", "die"),
    "database busy after a mail was taken": ("accepted", "busy"),
    "database busy while words are judged": ("analyse", "busy"),
    "second pass refused": ("deliver", "lock"),
}
"""Seam and what happens there."""

SEAMS = (*TROUBLES, "killed after a mail was taken")

TWO_AT_ONCE = 0.03
"""The share of passes that two workers do at once."""

GAPS = (10, 10, 15, 25, 35, 45)
"""Minutes between two passes."""


@dataclass(slots=True)
class Run:
    """`days` of virtual time from `seed` in `folder`; `pace`: happenings a day; `kills`: the share of passes that are
    killed at some line."""

    folder: Path
    seed: int
    days: float = 60
    pace: float = 24
    kills: float = 0.05
    office: Office = field(init=False)
    oracle: Oracle = field(init=False)
    world: World = field(init=False)
    post: Post = field(init=False)
    _clock: SeamClock = field(init=False)
    _dice: random.Random = field(init=False)
    _troubles: Troubles = field(init=False)
    _armed: dict[str, int] = field(default_factory=dict)
    _turns: Turns | None = None
    _held: ExitStack = field(default_factory=ExitStack)
    _passes: int = 0
    _undisturbed: bool = False

    def go(self) -> Summary:
        """Raises Mismatch."""
        with hurried():
            self._prepare()
            try:
                self._live()
                self._calm()
                self._agree()
                problems = self.office.app.store.problems()
                assert problems == [], problems
            finally:
                self.office.app.close()
        return Summary(self.seed, self.days, self._passes, self.oracle.evidence.counts)

    def _prepare(self) -> None:
        self._dice = random.Random(self.seed)
        start = STARTS[self.seed % 2]
        settings = invent.begin(self._dice, start.date())
        self._clock = SeamClock(start, self._seam)
        self.post = Post(seam=self._seam)
        self.oracle = Oracle(self.seed, settings, start)
        self.office = Office(self.folder, settings, self._clock, self.post, self._seam)
        self.office.begin()
        self.world = World(self._dice, self.office, self.oracle)
        self._troubles = Troubles(self._dice, self.post, self.oracle.evidence)
        self.world.first_import()
        self._pass()

    # --- time -------------------------------------------------------------------------------------------

    def _live(self) -> None:
        ends = self._clock.now() + self.days * DAY
        while self._clock.now() < ends:
            gap = self._dice.choice(GAPS) * MINUTE + timedelta(seconds=self._dice.randrange(120))
            self._wait(gap)
            self._jump(gap)
            people = [person.email for person in self.oracle.settings.people.values()]
            self._troubles.weather(self._clock.now(), gap, people)
            if not self._troubles.on("worker down"):
                self._pass()

    def _wait(self, gap: timedelta) -> None:
        until = self._clock.now() + gap
        while True:
            step = timedelta(seconds=int(self._dice.expovariate(self.pace) * 86400))
            if self._clock.now() + step >= until:
                break
            self._clock.advance(step)
            with ExitStack() as stack:
                if self._troubles.on("database busy"):
                    stack.enter_context(busy(self.office.database))
                self.world.happen()
        self._clock.advance(until - self._clock.now())

    def _jump(self, gap: timedelta) -> None:
        by = self._troubles.jump(gap)
        if by and self._clock.now() + by > STARTS[self.seed % 2]:
            self.oracle.evidence.passed(self._clock.now(), f"the clock is set by {by}")
            self._clock.advance(by)
            self._undisturbed = False

    # --- passes -----------------------------------------------------------------------------------------

    def _pass(self) -> None:
        self._passes += 1
        why, workers = "", 1
        kill = self._dice.random()
        self.world.catch_up()
        try:
            with ExitStack() as stack:
                if self._troubles.on("database busy"):
                    stack.enter_context(busy(self.office.database))
                if kill < TWO_AT_ONCE and self._undisturbed:
                    workers = 2
                    self._two_at_once()
                elif kill < TWO_AT_ONCE + self.kills and self._passes > 1:
                    self._killed_anywhere()
                else:
                    self._arm(stack)
                    self.office.run()
        except Killed:
            why = "killed"
        except StoreError:
            why = "database busy"
        self._armed.clear()
        self._judge(why, workers)

    def _judge(self, why: str, workers: int = 1) -> None:
        now, tried = self._clock.now(), self.post.collected()
        self._undisturbed = not why
        if not why:
            self.oracle.evidence.counts["passes that came to their end"] += 1
            self.oracle.completed(now, tried, workers)
            return
        self.oracle.evidence.counts[f"passes broken: {why}"] += 1
        if why == "killed":
            self.office.restart()
        self.oracle.broken(now, tried, self.office.facts(), why, workers)

    def _killed_anywhere(self) -> None:
        """At any line of ours."""
        with killed_at(int(10 ** self._dice.uniform(1, 3.7)), reader=False):
            self.office.run()

    def _two_at_once(self) -> None:
        """Without the lock of a pass, in turns: an alert is told by one of them."""
        turns = Turns(self._dice)
        self._turns = turns
        apps = [self.office.app, self.office.second()]
        engines = [app.engine() for app in apps]

        def work(engine: Engine) -> None:
            engine.prepare()
            engine.alarm()
            engine.settle()

        try:
            turns.run([partial(work, engine) for engine in engines])
        finally:
            self._turns = None
            apps[1].close()
        self.oracle.evidence.counts["passes of two workers at once"] += 1
        self.oracle.evidence.counts["handovers between them"] += turns.handovers

    def _arm(self, stack: ExitStack) -> None:
        """Trouble at a seam, as soon as a pass comes there."""
        if self._dice.random() < 0.15 and self._passes > 1:
            self._armed[self._dice.choice(SEAMS)] = self._dice.randint(1, 3)
            self._held = stack

    def _seam(self, name: str) -> None:
        """Where the program asks the world: the time, the words, the mail server."""
        if self._turns is not None:
            self._turns.seam()
        for trouble, (seam, what) in TROUBLES.items():
            if seam != name or trouble not in self._armed:
                continue
            self._armed[trouble] -= 1
            if self._armed[trouble]:
                continue
            del self._armed[trouble]
            self.oracle.evidence.counts[trouble] += 1
            if what == "die":
                raise Killed
            if what == "busy" and not self._troubles.on("database busy"):
                self._held.enter_context(busy(self.office.database))
            if what == "lock":
                self._second_pass_is_refused()

    def _second_pass_is_refused(self) -> None:
        try:
            with pass_lock(self.office.database):
                self.oracle.evidence.fail(self._clock.now(), "two passes at once hold the lock")
        except PassRunning:
            pass

    # --- the end ----------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """All is well again, and nobody does anything: whatever was called for goes, unless its reason is gone."""
        self._troubles.over()
        for _ in range(8):
            self._clock.advance(4 * HOUR)
            self._passes += 1
            self.world.catch_up()
            self.office.run()
            self._judge("")
        left = [str(demand) for demand in self.oracle.ledger.waiting()]
        if left:
            self.oracle.evidence.fail(self._clock.now(), f"never told: {left}")
        if counts := self.office.app.store.outbox.counts().get("pending"):
            self.oracle.evidence.fail(self._clock.now(), f"{counts} mails are left in the outbox")

    def _agree(self) -> None:
        """In the end every deadline stands where the rules put it."""
        views = {view.external_id: view for view in self.office.app.reports.queue(Filters(), self._clock.now())}
        for key, case in self.oracle.cases.items():
            if case.state == WAITING and (key not in views or views[key].due_at != case.due):
                held = views[key].due_at if key in views else "nothing"
                self.oracle.evidence.fail(self._clock.now(), f"the deadline is {case.due}, we hold {held}", [key])
        strangers = [key for key in views if self.oracle.cases[key].state != WAITING]
        if strangers:
            self.oracle.evidence.fail(self._clock.now(), "in the queue, and nothing to answer", strangers)
