"""What training on the published geo-reviews costs: time and peak memory, on an invented file of that size and shape.

python bench/training.py [--rows 500000]
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from sentiment import corpus, training
from sentiment.corpus import MOST_OF_A_LABEL
from sentiment.text import keys
from tests.invented import write_tskv


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--most", type=int, default=MOST_OF_A_LABEL, help="texts of a label that are kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "geo-reviews-dataset-2023.tskv"
        write_tskv(path, options.rows, fillers=_words())
        print(f"{options.rows:,} reviews, {path.stat().st_size / 2**20:.0f} MiB")
        started = time.perf_counter()

        def note(text: str) -> None:
            print(f"{time.perf_counter() - started:5.0f} s, {_peak():5.0f} MiB  {text}", file=sys.stderr)

        material = training.material_from([path], most=options.most, note=note)
        trained = training.train(material, note=note)
        training.save(trained, Path(folder) / "model")
        seconds = time.perf_counter() - started
        size = sum(file.stat().st_size for file in (Path(folder) / "model").iterdir())
    print(f"{len(material.examples):,} texts kept; {seconds:.0f} s, {_peak():.0f} MiB at the most")
    print(f"model: {trained.meta['terms']:,} terms, {trained.meta['words']:,} words, {size / 2**20:.1f} MiB")


def _words() -> list[str]:
    """Of the reviews written for this project, each as often as it occurs there."""
    return [word for example in corpus.read(corpus.own()) for word in keys(example.text) if word[0].isalpha()]


def _peak() -> float:
    """MiB; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
