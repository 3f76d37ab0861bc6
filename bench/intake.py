"""A pass over 1,000 new reviews from the stand-in sites, over real sockets: how fast, and where time goes.

python bench/intake.py [--reviews 1000] [--places 2]
"""

import argparse
import os
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor.assemble import Application
from monitor.clock import SystemClock
from monitor.config import load
from monitor.runners.once import run_pass
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.server import StandIn
from monitor.standin.world import World
from tests.rig import HEAD, places_yaml, sources_yaml


def timed(spent: dict[str, float], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += time.perf_counter() - started

    return wrapper


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--places", type=int, default=2)
    options = parser.parse_args()
    os.environ |= STAND_IN_ENV
    clock = SystemClock()
    world = World.sized(clock.now(), places=options.places, reviews=options.reviews)
    with tempfile.TemporaryDirectory() as folder, StandIn(world) as sites:
        config = Path(folder) / "config.yaml"
        config.write_text(HEAD + sources_yaml(sites.base_url) + places_yaml(world), encoding="utf-8")
        app = Application(load(config), clock)
        engine = app.engine()
        spent: dict[str, float] = defaultdict(float)
        steps: list[tuple[str, object, str]] = [
            ("network and stand-in", app.session, "send"),
            ("store", app.store.intake, "apply"),
        ]
        steps += [
            ("analyse", engine._analyse, "run"),
            ("draft", engine._drafts, "run"),
            ("watch", engine._watch, "run"),
        ]
        steps += [
            ("parse", entry.source, method)
            for entry in engine._watched.values()
            for method in ("parse", "parse_detail")
        ]
        for name, owner, method in steps:
            setattr(owner, method, timed(spent, name, getattr(owner, method)))
        started = time.perf_counter()
        report = run_pass(engine, app.config.http.pass_budget)
        wall = time.perf_counter() - started
        app.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.changes.new} new reviews in {wall:.1f} s: {report.changes.new / wall:.0f}/s; peak {peak:.0f} MiB")
    print("(stand-in sites and worker in one process, so the peak holds both; one thread reads while another settles,")
    print(" so the times below add up to more than the wall time)")
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {name:<22} {seconds:6.2f} s")


if __name__ == "__main__":
    main()
