"""The program, whole and real but for its sites, its model, its printer and its mail server; time stands still."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

from monitor import promises
from monitor.assemble import Application
from monitor.config import Config, load
from monitor.decide import Vanish, decide_page
from monitor.model import Page, PageRequest, Token, Traffic
from monitor.runners.once import pass_lock, run_pass
from monitor.sla import Policies
from monitor.store.connection import Connection
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from responders.editions import edition
from responders.types import Draft, Situation
from sentiment.types import Tone
from tests.alarms.crash import Killed, killed_at
from tests.alarms.oracle import Facts
from tests.alarms.post import Post
from tests.alarms.settings import Settings
from tests.alarms.sites import MarkReader, Shown
from tests.fakes import FrozenClock

FAR = timedelta(days=1000)


class SeamClock(FrozenClock):
    """Whoever asks the time passes a seam."""

    def __init__(self, now: datetime, seam: Callable[[str], None]) -> None:
        super().__init__(now)
        self._seam = seam

    def now(self) -> datetime:
        self._seam("clock")
        return super().now()


class NoSession:
    """No card is due; nobody asks."""

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        raise AssertionError(f"{source} was asked")

    def traffic(self) -> dict[str, Traffic]:
        return {}

    def close(self) -> None:
        """Nothing is open."""


class OneLiner:
    """A responder."""

    def draft(self, situation: Situation) -> Draft:
        return Draft("Спасибо!", "thanks", ())


@contextmanager
def hurried() -> Iterator[None]:
    """No power is cut here, only processes die: nothing waits for the disk. A busy file is given up at once; templates
    that do not change are read once, and settings that are right are not examined again at every start."""

    connect = Connection._connect

    def connected(self: Connection) -> sqlite3.Connection:
        connection = connect(self)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    with (
        patch.object(Connection, "_connect", connected),
        patch("monitor.store.connection.BUSY_TIMEOUT_SECONDS", 0.02),
        patch.object(logging.getLogger("otklik"), "disabled", True),
        patch("monitor.promises.problems", lambda config, now: []),
        patch("monitor.promises.policies", by_identity(promises.policies)),
        patch("responders.editions.edition", _edition),
    ):
        yield


def _edition(basis: str, folder: Path | None = None, _stored: object = None) -> str:
    """Nobody changes a wording here."""
    return _edition_of_files(basis, folder)


_edition_of_files = cache(edition)


def by_identity(function: Callable[[Config], Policies]) -> Callable[[Config], Policies]:
    """The same settings promise the same: a new process need not work it out again."""
    known: dict[int, tuple[Config, Policies]] = {}

    def remembered(config: Config) -> Policies:
        if id(config) not in known:
            known[id(config)] = config, function(config)
        return known[id(config)][1]

    return remembered


class Office:
    """One process of the program on the files in `folder`. `seam` is called with "analyse" before words are judged."""

    def __init__(
        self, folder: Path, settings: Settings, clock: SeamClock, post: Post, seam: Callable[[str], None]
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.post = post
        self.analyser = MarkReader(seam)
        self._listings: dict[tuple[str, str], int] = {}
        self._config = self._load(settings)
        self.app = self._open()

    def _load(self, settings: Settings) -> Config:
        path = self.folder / "config.yaml"
        path.write_text(settings.text(), encoding="utf-8")
        return load(path)

    def _open(self) -> Application:
        app = Application(self._config, self.clock, NoSession())
        vars(app).update(analyser=self.analyser, responder=OneLiner(), renderer=self.post, channel=self.post)
        return app

    @property
    def database(self) -> Path:
        return self._config.database

    def second(self) -> "Application":
        """Another process on the same files."""
        return self._open()

    def begin(self) -> None:
        """No card is ever due: reviews are brought in by hand."""
        now = self.clock.now()
        for listing in self.app.store.listings.all():
            self.app.store.listings.succeeded(listing.id, now, now + FAR)
            self._listings[listing.place, listing.source] = listing.id

    def restart(self, settings: Settings | None = None) -> None:
        """Everything in memory is thrown away, and the file opened again."""
        self.app.close()
        if settings is not None:
            self._config = self._load(settings)
        self.app = self._open()

    def attempt(self, work: Callable[[], None], dies_at: int = 0) -> bool:
        """Does one thing, or dies on the way at that line of ours: then whether it was done all the same."""
        if not dies_at:
            work()
            return True
        with closing(sqlite3.connect(self.database)) as observer:

            def version() -> int:
                return int(observer.execute("PRAGMA data_version").fetchone()[0])

            before = version()
            try:
                with killed_at(dies_at, reader=False):
                    work()
            except Killed:
                done = version() != before
                self.restart()
                return done
        return True

    # --- what comes in ----------------------------------------------------------------------------------

    def read(self, shown: Sequence[Shown], *, ended: bool = False) -> None:
        """A read of one card shows these reviews. Raises StoreError."""
        now, store = self.clock.now(), self.app.store
        card = shown[0].place, shown[0].source
        listing = self._listings[card]
        known = store.intake.known(listing, [review.key for review in shown])
        progress = Progress(tuple(review.key for review in shown), now, ended=ended)
        intents = decide_page(known, [review.fetched() for review in shown])
        store.intake.apply(listing, intents, progress, self._rules(card[1]), now)

    def vanish(self, shown: Shown) -> None:
        """Complete reads do not show it any more. Raises StoreError."""
        now, store = self.clock.now(), self.app.store
        listing = self._listings[shown.place, shown.source]
        review = store.intake.known(listing, [shown.key])[shown.key]
        store.intake.apply(listing, [Vanish(review.id)], None, self._rules(shown.source), now)

    def _rules(self, source: str) -> Rules:
        policies, config = self.app.policies, self._config
        return Rules(
            policies.default,
            self.app.sources[source].answerable,
            config.sources[source].representative if source in config.sources else False,
            config.sla.enforce_from,
            policies.places,
        )

    def act(self, who: str, action: str, key: str, *, urgent: bool = False) -> None:
        """Raises Conflict and StoreError."""
        actions, ticket = self.app.actions(who), self._ticket(key)
        match action:
            case "dismiss":
                actions.dismiss(ticket, "other")
            case "retag":
                actions.retag(ticket, tone=Tone.NEGATIVE if urgent else Tone.POSITIVE)
            case _:
                getattr(actions, action)(ticket)

    def _ticket(self, key: str) -> int:
        with closing(sqlite3.connect(self.database)) as file:
            (found,) = file.execute(
                "SELECT t.id FROM ticket t JOIN review r ON r.id = t.review_id WHERE r.external_id = ?", [key]
            ).fetchone()
        return int(found)

    # --- passes -----------------------------------------------------------------------------------------

    def run(self) -> None:
        """One pass as `otklik run` does it."""
        with pass_lock(self.database):
            run_pass(self.app.engine(), self._config.http.pass_budget)

    def facts(self) -> Facts:
        """Read from the file, by nobody of ours."""
        with closing(sqlite3.connect(self.database)) as file:

            def number(query: str) -> int:
                return int(file.execute(query).fetchone()[0])

            return Facts(
                recounted=not self.app.store.tickets.outdated(self.app.policies.fingerprint, 1),
                levels=number("SELECT count(*) FROM event WHERE kind = 'level'"),
                unjudged=number("SELECT count(*) FROM review WHERE analysed_with = ''"),
                settled=frozenset(
                    name
                    for (name,) in file.execute("SELECT message_id FROM notification WHERE state IN ('sent', 'failed')")
                ),
            )
