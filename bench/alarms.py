"""The randomised proof of the alarms with more seeds than CI has time for: see `tests/alarms/`.

python bench/alarms.py [--seeds 200] [--first 1] [--days 60] [--jobs 2]
python bench/alarms.py --seed 17        one seed, with all its figures
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.alarms import Mismatch, Run, Summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--days", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    options = parser.parse_args()
    started = time.perf_counter()
    if options.seed is not None:
        proved = proof(options.seed, options.days)
        print(proved)
        sys.exit(isinstance(proved, str))
    seeds = range(options.first, options.first + options.seeds)
    agreed: list[Summary] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in pool.map(partial(proof, days=options.days), seeds):
            if isinstance(found, Summary):
                agreed.append(found)
            else:
                print(found, flush=True)  # at once: a long run may be stopped before its end
    report(agreed, time.perf_counter() - started)
    sys.exit(len(agreed) < len(seeds))


def proof(seed: int, days: float) -> Summary | str:
    """What the run of a seed proved, or why it did not."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Run(Path(folder), seed, days).go()
        except Mismatch as mismatch:
            return f"MISMATCH: {mismatch}"


def report(summaries: list[Summary], seconds: float) -> None:
    """All runs together, for the README too."""
    counts = sum((summary.counts for summary in summaries), Counter[str]())
    passes = sum(summary.passes for summary in summaries)
    days = sum(summary.days for summary in summaries)
    print(Summary(len(summaries), days, passes, counts).table())
    mails, repeats = (sum(summary.total(kind) for summary in summaries) for kind in ("mail: ", "repeats: "))
    print(
        f"{len(summaries)} seeds, {days:g} days of 20 places in {seconds / 60:.0f} min: {passes} passes, of which "
        f"{counts['passes broken: killed']} were killed and {counts['passes broken: database busy']} found the "
        f"database busy; {mails} mails, none missing, late, uncalled for or told twice; {repeats} repeats under the "
        f"same name, {counts['repeats: killed before our commit']} after a death between acceptance and commit."
    )
    lacking = [f"{summary.seed}: {summary.lacks()}" for summary in summaries if summary.lacks()]
    if lacking:
        print("Quieter than they should be:", *lacking, sep="\n  ")


if __name__ == "__main__":
    main()
