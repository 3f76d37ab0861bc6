"""One pass: alarms, reading, everything that follows, alarms again. For cron.

Hosts are read side by side, the cards of one host one after another; while they are being read, this thread
settles what has come in.
"""

import fcntl
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from monitor.clock import to_iso
from monitor.engine import Due, Engine, Job
from monitor.errors import PassRunning, StoreError
from monitor.jobs.fetch import FailedRead, Read
from monitor.jobs.notify import Sent
from monitor.log import Event
from monitor.model import Changes
from monitor.runners.turns import take_turns

MOST_HOSTS = 8

HEARTBEAT = timedelta(seconds=2)
"""How long alarms wait for a card that is being read."""

Results = queue.SimpleQueue[Read | BaseException | None]
"""What the host threads report: a card's turn, the error that ended a thread, None at its end."""


@dataclass(slots=True)
class PassReport:
    """What a pass did; `left` cards are due still because time ran out or their site refuses; `keyless` cannot be read
    at all, for their site's key is missing."""

    pass_id: int
    keyless: int = 0
    due: int = 0
    ok: int = 0
    changes: Changes = field(default_factory=Changes)
    sent: Sent = field(default_factory=Sent)
    failures: list[FailedRead] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something went wrong that will be retried."""
        return bool(self.failures or self.sent.failed)

    @property
    def left(self) -> int:
        return self.due - self.ok - len(self.failures)

    def add(self, read: Read) -> None:
        """A card's turn; one that is not done with it may get another."""
        self.changes += read.changes
        if read.failure is not None:
            self.failures.append(read.failure)
        elif not read.left:
            self.ok += 1


@contextmanager
def pass_lock(database: Path) -> Iterator[None]:
    """Only one pass at a time per database. The lock dies with its process, also with `kill -9`."""
    path = database.with_name(database.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w")
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; the pass needs to write there") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PassRunning(f"another pass is running on {database}; this one did nothing") from None
        yield


def run_pass(engine: Engine, budget: timedelta) -> PassReport:
    """One whole pass. The caller holds the lock."""
    started = engine.clock.now()
    report = PassReport(engine.store.passes.begin(started), engine.keyless)
    log = engine.log.bind(pass_id=report.pass_id)
    log.say(Event.PASS_STARTED)
    engine.store.outbox.release(started)
    engine.store.listings.wake(started)
    engine.prepare()
    report.sent += engine.alarm()
    due = engine.due(budget)
    report.due = due.waiting.total()
    _read_all(engine, due, started + budget, report)
    report.sent += engine.settle()
    engine.purge()
    engine.store.passes.finish(report.pass_id, summary(report), failures=report.failed, now=engine.clock.now())
    log.say(Event.PASS_FINISHED, ok=report.ok, failed=len(report.failures), left=report.left)
    return report


def summary(report: PassReport) -> dict[str, object]:
    """The report as `otklik run --json` prints it."""
    changes = report.changes
    return {
        "pass": report.pass_id,
        "listings": {
            "due": report.due,
            "ok": report.ok,
            "failed": len(report.failures),
            "left": report.left,
            "keyless": report.keyless,
        },
        "reviews": {"new": changes.new, "edited": changes.edited, "vanished": changes.vanished},
        "tickets": {"opened": changes.opened, "closed": changes.closed},
        "notifications": {"sent": report.sent.sent, "failed": report.sent.failed},
        "failures": [
            {
                "listing": failure.listing,
                "error": failure.error,
                "message": failure.message,
                "retry_at": to_iso(failure.retry_at),
            }
            for failure in report.failures
        ],
    }


def _read_all(engine: Engine, due: Due, until: datetime, report: PassReport) -> None:
    by_host: dict[str, list[Job]] = {}
    for job in due.jobs:
        by_host.setdefault(job.host, []).append(job)
    if not by_host:
        return
    done: Results = queue.SimpleQueue()
    stop = threading.Event()
    with ThreadPoolExecutor(min(len(by_host), MOST_HOSTS), thread_name_prefix="host") as pool:
        for host_jobs in by_host.values():
            pool.submit(_read_host, engine, host_jobs, due.waiting, until, done=done, stop=stop)
        running = len(by_host)
        try:
            while running:
                try:
                    result = done.get(timeout=HEARTBEAT.total_seconds())
                except queue.Empty:
                    # A card that takes minutes must not hold up an alarm, nor a danger found on its first page.
                    report.sent += engine.settle()
                    continue
                if result is None:
                    running -= 1
                elif isinstance(result, BaseException):
                    raise result
                else:
                    report.add(result)
                    report.sent += engine.settle()
        finally:
            stop.set()


def _read_host(
    engine: Engine,
    jobs: list[Job],
    waiting: Mapping[str, int],
    until: datetime,
    *,
    done: Results,
    stop: threading.Event,
) -> None:
    """One host's cards in turn, in a thread of its own."""
    try:
        take_turns(engine, jobs, waiting, until, say=done.put, stopped=stop.is_set)
    except BaseException as error:  # noqa: BLE001 - handed to the pass's own thread, which raises it
        done.put(error)
    finally:
        done.put(None)
