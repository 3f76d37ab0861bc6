"""How fast drafts are written once reviews are judged, and how little they repeat.

python bench/drafts.py [--reviews 10000] [--cards 20]

The reviews are the synthetic ones of this project, over and over under new keys; every card has its own history.
"""

import argparse
import csv
import resource
import statistics
import time
from pathlib import Path

from responders.draft import Responder
from responders.similarity import jaccard, shingles
from responders.types import Brand, Contact, Situation
from sentiment import analyse

SYNTHETIC = Path(__file__).resolve().parent.parent / "sentiment" / "data" / "synthetic"
BRAND = Brand("Кафе «Сирень»", "food", "Команда «Сирени»", Contact("+7 (843) 000-00-00", "help@example.ru"))
HISTORY, NEAREST = 200, 50
ALIKE = 0.6


def reviews() -> list[tuple[int | None, str]]:
    """(stars, text) of the synthetic reviews of cafés and restaurants."""
    found: list[tuple[int | None, str]] = []
    for name in ("cafe.tsv", "restaurant.tsv"):
        with (SYNTHETIC / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                found.append((int(row["stars"]) if row["stars"].isdigit() else None, row["text"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=10_000)
    parser.add_argument("--cards", type=int, default=20)
    options = parser.parse_args()
    analyser, responder = analyse.load(), Responder()
    judged = [(stars, text, analyser.analyse(text, stars)) for stars, text in reviews()]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    histories: list[list[str]] = [[] for _ in range(options.cards)]
    began = time.process_time()
    for number in range(options.reviews):
        stars, text, verdict = judged[number % len(judged)]
        history = histories[number % options.cards]
        about = Situation(
            key=f"yandex_maps/{number}",
            source="yandex_maps",
            place="",
            brand=BRAND,
            stars=stars,
            text=text,
            author="Анна К.",
            verdict=verdict,
            recent=tuple(history[-HISTORY:]),
        )
        history.append(responder.draft(about).text)
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.reviews:,} drafts: {options.reviews / took:.0f}/s of processor time, {peak:.0f} MiB peak")
    print(f"of these {peak - before:.0f} MiB more than before the first draft")
    praises(responder, analyser)


def praises(responder: Responder, analyser: analyse.Analyser) -> None:
    """200 praises in a row on one card: how alike each draft is to the nearest of the last 50."""
    text = "Очень вкусно и уютно, персонал приветливый, обязательно придём ещё"
    verdict = analyser.analyse(text, 5)
    said: list[str] = []
    nearest: list[float] = []
    for number in range(200):
        about = Situation(f"twogis/{number}", "twogis", "", BRAND, 5, text, "", verdict, tuple(said[-HISTORY:]))
        draft = responder.draft(about).text
        own = shingles(draft, BRAND.signature)
        nearest.append(max((jaccard(own, shingles(old, BRAND.signature)) for old in said[-NEAREST:]), default=0.0))
        said.append(draft)
    over = sum(value > ALIKE for value in nearest)
    print(
        f"200 praises of the same words on one card: {len(set(said))} different drafts; similarity to the nearest of"
        f" the last {NEAREST}: median {statistics.median(nearest):.2f}, most {max(nearest):.2f}, {over} above {ALIKE}"
    )


if __name__ == "__main__":
    main()
