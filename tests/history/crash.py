"""`kill -9` in the middle of our own code."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


_OURS = ("/monitor/store/", "/monitor/jobs/", "/monitor/engine.py", "/monitor/decide.py", "/monitor/notify/file.py")


@contextmanager
def killed_at(crossing: int, *, reader: bool) -> Iterator[Callable[[], bool]]:
    """Ends whatever runs inside at the `crossing`-th line of ours that the reading thread (or the main one) is about
    to run, and the other threads at their next line: files are then as after `kill -9`. Yields whether it has."""
    left, dead = crossing, False

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left, dead
        if event == "call" and not any(part in frame.f_code.co_filename for part in _OURS):
            return None
        if event == "line":
            if (threading.current_thread() is not threading.main_thread()) == reader:
                left -= 1
            if dead or left == 0:
                dead = True
                raise Killed
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield lambda: dead
    finally:
        sys.settrace(before)
        threading.settrace(before)
