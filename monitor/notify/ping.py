"""A dead man's switch: a watcher outside hears when a pass begins and how it ends, and rings when it hears nothing.

As healthchecks has it, and many others: POST to the address + `/start`, to the address itself after a success, to the
address + `/fail` after a failure. Whatever happens on that way, no pass fails or waits because of it.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from monitor.config_channels import PING
from monitor.errors import FetchError
from monitor.log import Event, Log
from monitor.model import HostMemory, PageRequest
from monitor.seams import Session

TIMEOUT = timedelta(seconds=5)
"""For connecting and for each silence."""

PATIENCE = timedelta(seconds=10)
"""How long the end of the process waits for what was not yet sent."""

WAITING = 8
"""Signals that may wait while one hangs; more are dropped."""


@dataclass(slots=True)
class Outcome:
    """How a pass ended: one line without personal data, and whether somebody should come."""

    said: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Signal:
    suffix: str
    said: str
    done: threading.Event = field(default_factory=threading.Event)


class Ping:
    """`address` is a secret; "" pings nobody. Signals go out from a thread of their own, in order."""

    def __init__(self, address: str, session: Callable[[], Session], log: Log) -> None:
        self._address = address
        self._session = session
        self._log = log
        self._line: queue.Queue[_Signal] = queue.Queue(WAITING)
        self._last: _Signal | None = None
        self._thread: threading.Thread | None = None
        self._failing = False
        self._open: Session | None = None

    @contextmanager
    def around(self) -> Iterator[Outcome]:
        """Tells that a pass begins, and how it ended: the caller fills the outcome in."""
        self._tell("/start", "")
        outcome = Outcome()
        try:
            yield outcome
        except BaseException as error:
            self._tell("/fail", f"Проход прерван: {type(error).__name__}")
            raise
        self._tell("/fail" if outcome.failed else "", outcome.said)

    def close(self, patience: timedelta = PATIENCE) -> None:
        """Waits for the last signal to be out, for so long at most."""
        if self._last is not None and self._last.done.wait(patience.total_seconds()) and self._open is not None:
            self._open.close()

    def _tell(self, suffix: str, said: str) -> None:
        if not self._address:
            return
        signal = _Signal(suffix, said)
        try:
            self._line.put_nowait(signal)
        except queue.Full:
            return
        self._last = signal
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ping", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            signal = self._line.get()
            try:
                self._note(self._send(signal))
            finally:
                signal.done.set()

    def _send(self, signal: _Signal) -> str:
        """What went wrong, or ""."""
        parts = urlsplit(self._address)
        address = urlunsplit(parts._replace(path=parts.path.rstrip("/") + signal.suffix))
        request = PageRequest(address, "ping", method="POST", content=signal.said.encode("utf-8", "replace"))
        try:
            self._open = self._open or self._session()
            status = self._open.send(request, source=PING).status
        except FetchError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a switch that is broken must not break what it watches
            return type(error).__name__
        return "" if 200 <= status < 300 else f"{parts.hostname}: ответ {status}"

    def _note(self, problem: str) -> None:
        """Once, until it works again."""
        if problem and not self._failing:
            self._log.say(Event.PING_FAILED, reason=problem)
        self._failing = bool(problem)


class Forgetful:
    """A book of hosts for a session that only pings: there is nothing to remember, and no database is needed to tell
    that the database is gone."""

    def recall(self, host: str) -> HostMemory | None:  # noqa: ARG002 - the seam hands it over
        return None

    def remember(self, host: str, memory: HostMemory) -> None:
        """Nothing."""
