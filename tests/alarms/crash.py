"""Ways to die in the middle of a pass, and two workers who take turns in the middle of each other's."""

import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.history.crash import Killed, killed_at

__all__ = ["Killed", "Turns", "busy", "killed_at"]


@contextmanager
def busy(database: Path) -> Iterator[None]:
    """Another program holds the write lock."""
    other = sqlite3.connect(database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


class Turns:
    """Of several workers one runs at a time; at each seam it may hand over to another."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._changed = threading.Condition()
        self._running: list[int] = []
        self._turn = -1
        self._mine = threading.local()
        self.handovers = 0

    def seam(self) -> None:
        """Called by the running worker."""
        number = getattr(self._mine, "number", None)
        if number is None or self._dice.random() < 0.5:
            return
        with self._changed:
            self._hand_over()
            self._changed.wait_for(lambda: self._turn == number)

    def _hand_over(self) -> None:
        before = self._turn
        if self._running:
            self._turn = self._dice.choice(self._running)
            self.handovers += self._turn != before
        self._changed.notify_all()

    def run(self, workers: Sequence[Callable[[], None]]) -> None:
        """Until all have done their work. Raises the first error."""
        errors: list[BaseException] = []
        self._running = list(range(len(workers)))

        def work(number: int) -> None:
            self._mine.number = number
            with self._changed:
                self._changed.wait_for(lambda: self._turn == number)
            try:
                workers[number]()
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                errors.append(error)
            with self._changed:
                self._running.remove(number)
                self._hand_over()

        threads = [threading.Thread(target=work, args=[number]) for number in self._running]
        for thread in threads:
            thread.start()
        with self._changed:
            self._hand_over()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
