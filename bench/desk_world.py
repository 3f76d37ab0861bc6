"""What stands around the operators of `bench/desk_load.py`: the programs, people with passwords, guests who write."""

import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from monitor import passwords
from monitor.accounts import Role
from monitor.assemble import Application
from monitor.clock import SystemClock
from monitor.config import load
from monitor.standin.load import load_rows
from monitor.standin.reviews import SiteCard
from monitor.standin.world import World
from tests.rig import HEAD, places_yaml, sources_yaml

PASSWORD = "осенний дождь за окном"

GUESTS, PATIENCE = 3.0, 20.0
"""Seconds between two reviews, posted replies appear on the sites as often; until a site must have answered."""

POSTED = """
SELECT l.source, l.external_id AS card, r.external_id AS review,
    (SELECT d.text FROM draft d WHERE d.ticket_id = t.id ORDER BY d.number DESC LIMIT 1) AS text
FROM ticket t JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id WHERE t.state = 'submitted'"""


def program(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """`otklik …`; what it says goes into a file."""
    run = "from monitor.cli.main import main; main()"
    with (folder / f"{command[0]}.log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-c", run, *command], cwd=folder, stdout=log, stderr=log)


@contextmanager
def running(folder: Path, *command: str) -> Iterator[None]:
    process = program(folder, *command)
    try:
        yield
        assert process.poll() is None, f"otklik {command[0]} has ended by itself"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def furnish(folder: Path, base_url: str, world: World, operators: int) -> Path:
    """The database with what guests had written before, read by passes, and people with passwords."""
    config = folder / "config.yaml"
    head = HEAD.replace("enforce_from: 2d", "enforce_from: 1y")  # all of it has a deadline
    config.write_text(head + sources_yaml(base_url) + places_yaml(world), encoding="utf-8")
    assert program(folder, "run").wait() == 0, (folder / "run.log").read_text(encoding="utf-8")
    app = Application(load(config), SystemClock())
    hashed, now = passwords.hashed(PASSWORD), app.clock.now()
    with app.store.write():
        for number in range(operators):
            login, name = f"op{number}", f"Анна {number}"
            made = app.store.accounts.add(login, name=name, role=Role.OPERATOR, places=None, now=now)
            app.store.accounts.set_password(made.id, hashed)
    app.close()
    return app.config.database


class Guests(threading.Thread):
    """Write reviews until told to stop; and replies that were submitted stand on the sites."""

    def __init__(self, base_url: str, cards: tuple[SiteCard, ...], database: Path) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.wrote = 0
        self._sites = httpx.Client(base_url=base_url, timeout=PATIENCE, trust_env=False)
        self._cards, self._database = cards, database

    def run(self) -> None:
        replied: set[str] = set()
        for number, row in enumerate(load_rows(100_000, seed=7)):
            if self.stop.wait(GUESTS):
                return
            card = self._cards[number % len(self._cards)]
            said = {name: row[name] for name in ("text", "stars", "author", "title")}
            self._tell("add", {"source": card.source, "card": card.id, **said})
            self.wrote += 1
            for post in rows(self._database, POSTED):
                if post["review"] not in replied:
                    replied.add(str(post["review"]))
                    card_id = str(post["card"]).rpartition("/")[2]
                    self._tell("reply", {**post, "card": card_id})

    def _tell(self, what: str, values: Mapping[str, object]) -> None:
        self._sites.post(f"/standin/{what}", json=values).raise_for_status()


def rows(database: Path, sql: str, *values: object) -> list[dict[str, object]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


def address(folder: Path) -> str:
    """Where the desk listens, once it does."""
    for _ in range(600):
        log = (folder / "desk.log").read_text(encoding="utf-8")
        if found := re.search(r"http://127\.0\.0\.1:\d+", log):
            return found[0]
        time.sleep(0.1)
    raise AssertionError("the desk did not start")
