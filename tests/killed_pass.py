"""A pass in a process of its own that kills itself with SIGKILL at the n-th crossing between two lines of ours.

    python -m tests.killed_pass FOLDER N      N = 0: runs to the end and prints how many crossings there were

Time stands still, so that runs can be compared; the stand-in's renderers answer instead of sockets.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.rig import NOON, Rig

OURS = ("/monitor/store/", "/monitor/jobs/", "/monitor/runners/", "/monitor/engine.py", "/monitor/notify/file.py")


def world() -> World:
    """The demo's café, a day later: an edit, a reply, a disappearance, late tickets and a new danger to tell of."""
    return World.demo(NOON)


def changed(world: World) -> None:
    """What happens between the first pass and the one that is killed."""
    yandex, google = world.card("yandex_maps"), world.card("google_business")
    ids = [review.external_id for review in world.all_reviews(yandex)]
    world.edit(yandex, ids[-1], text="Отравились супом, вызывали скорую. Ужас.", stars=1)
    world.hide(yandex, ids[-2])
    world.reply(google, world.all_reviews(google)[-1].external_id, "Нам очень жаль.", at=NOON + timedelta(hours=1))
    for number in range(3):
        world.add(google, text=f"Ждали {number + 2} часа, никто не подошёл. Ужас.", stars=1, author="Олег")


def second_pass(folder: Path) -> Rig:
    """The rig a day after its first pass, the world changed."""
    truth = world()
    changed(truth)
    rig = Rig(folder, truth)
    rig.clock.advance(timedelta(hours=26))
    return rig


def die_at(crossing: int) -> Callable[[], int]:
    """Counts every line of ours that is about to run; at `crossing` the process is gone. Returns the counter."""
    seen = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal seen
        if event == "call" and not any(part in frame.f_code.co_filename for part in OURS):
            return None
        if event == "line":
            seen += 1
            if seen == crossing:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    import threading

    threading.settrace(trace)
    sys.settrace(trace)
    return lambda: seen


def main() -> None:
    folder, crossing = Path(sys.argv[1]), int(sys.argv[2])
    os.environ |= STAND_IN_ENV
    rig = second_pass(folder)
    count = die_at(crossing)
    rig.run()
    sys.settrace(None)
    sys.stdout.write(f"{count()}\n")
    rig.app.close()


if __name__ == "__main__":
    main()
