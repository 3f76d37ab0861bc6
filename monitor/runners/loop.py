"""Passes until told to stop."""

import threading
from collections.abc import Callable
from datetime import timedelta


def run_loop(one_pass: Callable[[], object], stop: threading.Event, pause: timedelta) -> None:
    """A pass, a pause, a pass…; a running pass is finished before stopping."""
    while not stop.is_set():
        one_pass()
        stop.wait(pause.total_seconds())
