"""The loop: time passes, people work, a pass reads (some are killed), the oracle compares; in the end a calm."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from monitor.errors import Conflict
from monitor.standin.reviews import IRECOMMEND
from monitor.standin.world import World
from tests.history.crash import Killed, killed_at
from tests.history.evidence import DAY, HOUR
from tests.history.holdings import Snapshot, snapshot
from tests.history.life import Life
from tests.history.oracle import Oracle
from tests.history.pages import Recorder
from tests.history.summary import Summary
from tests.rig import NOON, Rig

_GAPS = tuple(HOUR * hours for hours in (0.3, 3, 7, 10, 14, 19))
"""Between two passes: irregular, so that some everyday reads are due and some whole ones."""
_LOADED = frozenset(("analyser", "responder", "renderer"))


@dataclass(slots=True)
class Run:
    """`days` of virtual time from `seed` in `folder`. `reviews`: how many each card begins with; `pace`: changes a day
    on all cards together; `slow`: so many times longer gaps between passes."""

    folder: Path
    seed: int
    days: int
    reviews: int = 12
    pace: float = 14.0
    slow: float = 1.0
    rig: Rig = field(init=False)
    life: Life = field(init=False)
    oracle: Oracle = field(init=False)
    _dice: random.Random = field(init=False)
    _recorder: Recorder = field(init=False)
    _killed: int = 0

    def go(self) -> Summary:
        """Raises Mismatch."""
        self._prepare()
        try:
            self._live()
            self._calm()
            self._mails()
            problems = self.rig.app.store.problems()
            assert problems == [], problems
        finally:
            self.rig.app.close()
        evidence = self.oracle.evidence
        return Summary(
            self.life.done,
            evidence.seen,
            evidence.differences,
            self.days,
            len(self._snapshot().held),
            len(evidence.passes),
            self._killed,
        )

    def _live(self) -> None:
        clock = self.rig.clock
        ends = clock.now() + self.days * DAY
        while clock.now() < ends:
            self._wait(self.slow * self._dice.choice(_GAPS))
            self._pass()
            if self._dice.random() < 0.3:
                self._people()
            if self._dice.random() < 0.1:
                self._restart()

    def _prepare(self) -> None:
        self._dice = random.Random(self.seed)
        world = World(NOON)
        world.counts_ratings = True
        self.rig = Rig(self.folder, world)
        clock = self.rig.clock
        self.life = Life(world, self._dice, clock.now, self.seed)
        self.life.begin(self.reviews)
        self.oracle = Oracle(world, self.seed, clock.now())
        self._recorder = Recorder(self.rig.session, world, clock.now)
        self.rig.session = self._recorder  # type: ignore[assignment]  # a Session too, and all that a rig asks of it
        self.rig.restart()

    def _restart(self) -> None:
        """A new process with the same files. What only reads files that never change is not loaded anew: it is most of
        the time, and holds nothing of ours."""
        loaded = {name: value for name, value in vars(self.rig.app).items() if name in _LOADED}
        self.rig.restart()
        vars(self.rig.app).update(loaded)

    def _snapshot(self) -> Snapshot:
        return snapshot(self.rig.app.config.database)

    def _wait(self, gap: timedelta) -> None:
        """Time passes, and things happen in it."""
        clock = self.rig.clock
        until = clock.now() + gap
        while True:
            step = DAY * self._dice.expovariate(self.pace)
            if clock.now() + step >= until:
                clock.advance(until - clock.now())
                break
            clock.advance(step)
            self.life.happen(self._dice.choice(self.life.world.cards()))
        self.life.weather(gap / (8 * DAY))

    def _between_pages(self) -> None:
        """Ahead of every request: it took some seconds, and the world did not wait."""
        self.rig.clock.advance(timedelta(seconds=self._dice.uniform(1, 12)))
        if self._dice.random() < 0.06:
            cards = self.life.world.cards()
            own = self.life.world.card(self._recorder.asking)
            self.life.happen(own if self._dice.random() < 0.7 else self._dice.choice(cards))
            self.rig.clock.advance(timedelta(seconds=1))
        if self._dice.random() < 0.02:
            self.life.weather(0.15)

    def _pass(self) -> None:
        start = self.rig.clock.now()
        self._recorder.forget()
        self._recorder.before = self._between_pages
        kill = self._dice.random()
        killed = False
        try:
            if kill < 0.12:
                with killed_at(int(10 ** self._dice.uniform(1, 3.7)), reader=self._dice.random() < 0.7) as dead:
                    self.rig.run()
                    killed = dead()
            elif kill < 0.17:
                self._die_asking(self._dice.randint(1, 12))
                self.rig.run()
            else:
                self.rig.run()
        except Killed:
            killed = True
        if killed:
            self._killed += 1
            self._restart()
        now = self.rig.clock.now()
        self.oracle.check(start, now, self._recorder, self._snapshot(), killed=killed)

    def _die_asking(self, requests: int) -> None:
        """Killed while waiting for an answer."""

        def before() -> None:
            nonlocal requests
            requests -= 1
            if requests <= 0:
                raise Killed
            self._between_pages()

        self._recorder.before = before

    def _people(self) -> None:
        """What the team does between two passes."""
        queue = self.rig.queue()
        actions = self.rig.app.actions("anna")
        for view in self._dice.sample(queue, min(len(queue), 3)):
            choice = self._dice.random()
            card = self.life.world.card(view.source)
            try:
                if choice < 0.5:
                    if choice < 0.35 and view.source != IRECOMMEND:  # the others only say that they have posted it
                        self.life.world.now = self.rig.clock.now()
                        self.life.world.reply(card, view.external_id, f"Отвечаем: {view.ticket}")
                    actions.submitted(view.ticket)
                    self.oracle.submitted((view.source, view.external_id))
                    self.life.done["submitted by a person"] += 1
                elif choice < 0.7:
                    actions.dismiss(view.ticket, "other")
                else:
                    actions.take(view.ticket)
            except Conflict:
                continue

    def _calm(self) -> None:
        """Some days without any change: whatever can be known is known after them."""
        self.life.calm()
        for _ in range(10):
            self.rig.clock.advance(13 * HOUR)
            self._recorder.forget()
            self._recorder.before = lambda: self.rig.clock.advance(timedelta(seconds=2))
            start = self.rig.clock.now()
            self.rig.run()
            now = self.rig.clock.now()
            self.oracle.check(start, now, self._recorder, self._snapshot(), killed=False)
        self.oracle.reckon(self._snapshot())

    def _mails(self) -> None:
        """Each alert went out once: as many names as mails, and as many mails as the outbox says."""
        names = [str(message_from_bytes(path.read_bytes())["message-id"]) for path in self.rig.mails()]
        assert len(names) == len(set(names)), "a Message-ID stands on two mails"
        with closing(sqlite3.connect(self.rig.app.config.database)) as connection:
            sent = {name for (name,) in connection.execute("SELECT message_id FROM notification WHERE state = 'sent'")}
        assert set(names) >= sent, "a mail counts as sent and is not there"
