"""Whoever wants the same waits until it was done; nobody else does."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock


class _Turn:
    """`waiting`: how many want it, whoever has it included."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting = 0


class Turns:
    """For several threads. What nobody wants any more is forgotten."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._turns: dict[Hashable, _Turn] = {}

    def __len__(self) -> int:
        """How many things are wanted now."""
        return len(self._turns)

    @contextmanager
    def of(self, what: Hashable, patience: float) -> Iterator[bool]:
        """Whether it is the caller's turn within so many seconds. Around all that they do."""
        with self._guard:
            turn = self._turns.setdefault(what, _Turn())
            turn.waiting += 1
        try:
            mine = turn.lock.acquire(timeout=patience)
            try:
                yield mine
            finally:
                if mine:
                    turn.lock.release()
        finally:
            with self._guard:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[what]
