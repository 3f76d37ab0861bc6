"""How fast reviews come in from the stand-in sites over real sockets, and what a look at cards without news costs.

python bench/intake.py [--reviews 1000] [--places 2]
python bench/intake.py --reviews 100000 --places 200      1,000 cards; takes minutes
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.assemble import Application
from monitor.clock import SystemClock
from monitor.config import load
from monitor.runners.once import PassReport, run_pass
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.rig import HEAD, places_yaml, sources_yaml

EVERY = timedelta(minutes=10)


class AdvancedClock:
    """The system's time, and what was added to it so that cards are due again."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() + self.ahead


@contextmanager
def sites(places: int, reviews: int) -> Iterator[str]:
    """The stand-in sites in a process of their own, so that memory and processor time below are the worker's alone."""
    command = [sys.executable, "-m", "monitor.standin", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--places", str(places), "--reviews", str(reviews)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def timed(spent: dict[str, float], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += time.perf_counter() - started

    return wrapper


def watch_steps(app: Application) -> dict[str, float]:
    """Seconds by step, filled while the engine works."""
    spent: dict[str, float] = defaultdict(float)
    engine = app.engine()
    steps: list[tuple[str, object, str]] = [
        ("network and sites", app.session, "send"),
        ("store", app.store.intake, "apply"),
        ("analyse", engine._analyse, "run"),
        ("link", engine._link, "run"),
        ("draft", engine._drafts, "run"),
        ("watch", engine._watch, "run"),
    ]
    for entry in engine._watched.values():
        steps += [("parse", entry.source, method) for method in ("parse", "parse_detail")]
    for name, owner, method in steps:
        setattr(owner, method, timed(spent, name, getattr(owner, method)))
    app.engine = lambda: engine  # type: ignore[method-assign]  # the one whose steps are timed
    return spent


def resident() -> float:
    """MiB this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def intake(app: Application) -> None:
    spent = watch_steps(app)
    held: list[tuple[int, float]] = []
    apply = app.store.intake.apply
    came = 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal came
        changes = apply(*args, **kwargs)
        before, came = came, came + changes.new
        if before // 1000 != came // 1000:
            held.append((came, resident()))
        return changes

    app.store.intake.apply = counted  # type: ignore[method-assign]
    started, processor = time.perf_counter(), time.process_time()
    total = left = 0
    while True:
        report = one_pass(app)
        total, left = total + report.changes.new, report.left
        if not left:
            break
    wall, processor = time.perf_counter() - started, time.process_time() - processor
    print(f"{total} new reviews in {wall:.1f} s: {total / wall:.0f}/s ({processor / wall:.0%} of one processor)")
    marks = [held[int(len(held) * share)] for share in (0, 0.25, 0.5, 0.75)] + held[-1:] if held else []
    print("memory: " + ", ".join(f"{mib:.0f} MiB after {number}" for number, mib in dict(marks).items()))
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print("(one thread reads while another settles, so the times below add up to more than the wall time)")
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {name:<22} {seconds:6.2f} s")


def no_change(app: Application, clock: AdvancedClock) -> None:
    """The everyday look at every card when nobody wrote anything."""
    clock.ahead += 2 * EVERY
    started, processor = time.perf_counter(), time.process_time()
    report = one_pass(app)
    wall, processor = time.perf_counter() - started, time.process_time() - processor
    assert report.changes.new == 0, "somebody wrote something"
    traffic = app.store.traffic.rows(datetime.min.replace(tzinfo=UTC))
    unchanged = sum(row["unchanged"] for row in traffic)
    print(
        f"no change: {report.ok} cards in {wall:.1f} s, {processor / report.ok * 1000:.1f} ms of processor time a card "
        f"({unchanged} answered «not modified»)"
    )


def one_pass(app: Application) -> PassReport:
    report = run_pass(app.engine(), timedelta(hours=3))
    assert not report.failures, report.failures
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--places", type=int, default=2)
    options = parser.parse_args()
    os.environ |= STAND_IN_ENV
    clock = AdvancedClock()
    with tempfile.TemporaryDirectory() as folder, sites(options.places, options.reviews) as base_url:
        world = World.sized(clock.now(), places=options.places, reviews=0)
        config = Path(folder) / "config.yaml"
        sources = sources_yaml(base_url).replace("every: 1m", f"every: {EVERY.seconds}s")
        config.write_text(HEAD + sources + places_yaml(world), encoding="utf-8")
        app = Application(load(config), clock)
        intake(app)
        no_change(app, clock)
        app.close()


if __name__ == "__main__":
    main()
