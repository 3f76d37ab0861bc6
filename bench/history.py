"""The randomised history proof, longer than CI has time for: see `tests/history/`.

python bench/history.py [--days 300] [--seed 1] [--reviews 12] [--slow 1.0]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from monitor.standin.credentials import STAND_IN_ENV
from tests.history import Mismatch, Run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reviews", type=int, default=12, help="on each card in the beginning; 60 makes several pages")
    parser.add_argument("--slow", type=float, default=1.0, help="so many times longer gaps between passes")
    options = parser.parse_args()
    os.environ |= STAND_IN_ENV
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            summary = Run(Path(folder), options.seed, options.days, options.reviews, slow=options.slow).go()
        except Mismatch as mismatch:
            sys.exit(f"MISMATCH: {mismatch}")
    seconds = time.perf_counter() - started
    print(f"seed {options.seed}, {options.days} days in {seconds:.0f} s")
    print(summary)


if __name__ == "__main__":
    main()
