"""How fast the tone model loads and reads reviews one by one, beside its scikit-learn original and fastText.

python bench/tone.py [--data FILE_OR_FOLDER] [--runs 7]

The rivals learn on the spot from a sample of the reviews written for this project. fastText is measured where its
package is installed. Everything is measured in turns and in processor time, so that a busy machine disturbs all alike.
"""

import argparse
import importlib
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sentiment import corpus, model
from sentiment.analyse import Analyser
from sentiment.corpus import Example
from sentiment.text import keys

MOST_TEXTS = 2_000
SAMPLE = 1_500
SLOW = 100
"""Texts for what reads a few hundred a second."""

LOAD = """
import resource, time
import {imports}
began = time.perf_counter()
{action}
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
LOADS = {
    "bare interpreter": ("sys", "pass"),
    "numpy": ("sys", "import numpy"),
    "model, numpy there": ("numpy, sentiment.model", "sentiment.model.load()"),
    "model and numpy": ("sentiment.model", "sentiment.model.load()"),
    "scikit-learn": ("sys", "import sklearn.linear_model"),
}

Reader = Callable[[str], object]


def loads(runs: int) -> None:
    """Median seconds and the peak MiB of fresh processes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    print(f"{'loading':<24} {'seconds':>8} {'peak MiB':>9}")
    for name, (imports, action) in LOADS.items():
        code = LOAD.format(imports=imports, action=action)
        seconds, peaks = [], []
        for number in range(runs + 1):
            done = subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
            )
            if number:
                took, peak = map(float, done.stdout.split())
                seconds.append(took)
                peaks.append(peak)
        print(f"{name:<24} {statistics.median(seconds):>8.3f} {max(peaks):>9.0f}")


def speeds(readers: dict[str, Reader], texts: Sequence[str], runs: int) -> None:
    """Reviews a second, the best and the median of the runs, and how the first reader compares."""
    taken: dict[str, list[float]] = {name: [] for name in readers}
    counts = {name: min(len(texts), SLOW) if name.startswith("scikit") else len(texts) for name in readers}
    for number in range(runs + 1):
        for name, read in readers.items():
            began = time.process_time()
            for text in texts[: counts[name]]:
                read(text)
            if number:
                taken[name].append((time.process_time() - began) / counts[name])
    first = next(iter(taken))
    print(f"{'one by one':<24} {'best/s':>8} {'median/s':>9} {'ours to it':>11}")
    for name, each in taken.items():
        ratio = statistics.median(theirs / ours for ours, theirs in zip(taken[first], each, strict=True))
        print(f"{name:<24} {1 / min(each):>8.0f} {1 / statistics.median(each):>9.0f} {ratio:>11.2f}")


def reference(sample: Sequence[Example]) -> Reader:
    """The same features and regressions as scikit-learn runs them."""
    import numpy

    from sentiment import lexicon, morph
    from sentiment.learner import Learner, document, prepare

    material = prepare(sample, lexicon.compiled(morph.forms), is_personal=morph.is_personal)
    learner = Learner(material).fit(material, numpy.arange(len(sample)))
    finder = lexicon.Lexicon(material.lexicon)
    return lambda text: learner.probabilities([document(text, finder)])


def fasttext(sample: Sequence[Example]) -> Reader | None:
    """Word pairs and letters, as its makers advise for short texts; None where it is not installed."""
    try:
        library = importlib.import_module("fasttext")
    except ImportError:
        return None
    with TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("".join(f"__label__{item.label} {_split(item.text)}\n" for item in sample), encoding="utf-8")
        trained = library.train_supervised(
            str(file), epoch=10, wordNgrams=2, dim=100, minn=2, maxn=5, bucket=200_000, thread=1, verbose=0
        )
    # Its own `predict` asks numpy 2 for what that refuses; this is what it calls.
    return lambda text: trained.f.predict(_split(text) + "\n", 3, 0.0, "strict")


def _split(text: str) -> str:
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower().replace("ё", "е")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="labelled reviews; by default those written for this project")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    own = [example for path in corpus.own() for example in corpus.stream(path)]
    given = own if options.data is None else corpus.read(corpus.find(options.data))
    texts = [example.text for example in given[:: max(len(given) // MOST_TEXTS, 1)]][:MOST_TEXTS]
    words = [keys(text) for text in texts]
    print(f"{len(texts)} texts of {statistics.mean(map(len, words)):.0f} words on average\n")
    loads(options.runs)
    trained = model.load()
    whole = Analyser(trained)
    sample = own[:: max(len(own) // SAMPLE, 1)]
    readers: dict[str, Reader] = {
        "the model": lambda text: trained.read(keys(text)),
        "whole analysis": lambda text: whole.analyse(text, None),
        "scikit-learn original": reference(sample),
    }
    if rival := fasttext(sample):
        readers["fastText"] = rival
    else:
        print("\n(fastText is not installed)")
    print()
    speeds(readers, texts, options.runs)


if __name__ == "__main__":
    main()
