"""Figures of a judgement, each with a 95 % interval.

Shares of texts have Wilson's, which claims no certainty where all or none of a few texts are found. For everything else
the texts are drawn again, with replacement, a thousand times; all draws are worked out at once from how often each text
was drawn, so a figure with its interval costs about a thousandth of what a thousand figures would.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment import calibration
from sentiment.calibration import Bin, Floats, Labels

Flags = NDArray[np.bool_]
Counts = NDArray[np.uint8]

SEED = 20
CLASSES = 3
RECALLS = (0.95, 0.97)
MOST_RESAMPLES, LEAST_RESAMPLES = 1000, 100
MOST_DRAWN = 10_000_000
"""Draws of a text, in all: of half a million texts a hundred resamples are enough, their intervals are narrow."""
CELLS = 2_000_000
"""Numbers that are worked on at once: 16 MB."""
NEARLY = 1e-9
DEVIATIONS = 1.959964
"""Standard deviations around its mean that hold 95 % of a normal distribution."""


class Interval(NamedTuple):
    """A figure, and the ends of its 95 % interval, which always holds it."""

    value: float
    low: float
    high: float

    def outward(self, digits: int) -> tuple[float, float]:
        """Both ends with so many digits, the low one rounded down and the high one up: rounding never claims more."""
        factor = 10**digits
        return math.floor(self.low * factor + NEARLY) / factor, math.ceil(self.high * factor - NEARLY) / factor


Figures = Mapping[str, Interval | None]
"""None where a figure cannot be had: the precision of nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody says of texts; arrays over them. `labels` are true and `tones` told: 0 negative, 1 neutral,
    2 positive. `scores`: the higher, the likelier negative; `calibrated` if they are probabilities. `likeliest`: the
    tones that count for macro-F1, where they are not those told. `urgent`: what is answered within the hour, where that
    is more than what is flagged."""

    labels: Labels
    scores: Floats
    tones: Labels
    flagged: Flags
    calibrated: bool = False
    likeliest: Labels | None = None
    urgent: Flags | None = None


def draws(texts: int, seed: int = SEED) -> Counts:
    """(1 + resamples, texts): how often each text is drawn; the first row is the texts themselves."""
    dice = np.random.default_rng(seed)
    resamples = int(np.clip(MOST_DRAWN // max(texts, 1), LEAST_RESAMPLES, MOST_RESAMPLES))
    counts = np.ones((1 + resamples, texts), dtype=np.uint8)
    for row in counts[1:]:
        row[:] = np.bincount(dice.integers(texts, size=texts), minlength=texts)
    return counts


def figures(judgement: Judgement, counts: Counts) -> Figures:
    """Of the negative texts against the rest: `auc`, `average_precision`, `precision_at_95` and `share_at_95` (the
    precision, and the share of texts to look at, where 95 % of the negative ones are found), the same at 97,
    `flagged_recall`, `flagged_precision` and `flagged_share` of what is flagged, `urgent_recall` and `urgent_share` of
    what is urgent; `macro_f1` over the tones that occur; `calibration_error` of probabilities."""
    negative = judgement.labels == 0
    found = ranking(judgement.scores, negative, counts)
    tones = judgement.tones if judgement.likeliest is None else judgement.likeliest
    found["macro_f1"] = macro_f1(judgement.labels, tones, counts)
    if judgement.calibrated:
        found["calibration_error"] = _calibration_error(judgement.scores, negative, counts)
    flagged = detection(judgement.flagged, negative)
    shares = {f"flagged_{name}": flagged[name] for name in ("recall", "precision", "share")}
    if judgement.urgent is not None:
        urgent = detection(judgement.urgent, negative)
        shares |= {f"urgent_{name}": urgent[name] for name in ("recall", "share")}
    return {name: interval(values) for name, values in found.items()} | shares


def complaint_figures(scores: Floats, named: Flags, complaints: Flags, counts: Counts) -> Figures:
    """Of the complaint head: `auc`, `average_precision`; `recall` and `precision` of what is `named` a complaint; and
    `precision_when_rare`, if complaints were as rare as in praise on the maps (`calibration.COMPLAINTS_IN_PRAISE`)."""
    found = ranking(scores, complaints, counts)
    at_threshold = detection(named, complaints)
    return {
        "auc": interval(found["auc"]),
        "average_precision": interval(found["average_precision"]),
        "recall": at_threshold["recall"],
        "precision": at_threshold["precision"],
        "precision_when_rare": _when_rare(at_threshold["recall"], at_threshold["false_alarms"]),
    }


def _when_rare(recall: Interval | None, false_alarms: Interval | None) -> Interval | None:
    """The interval is rather too wide: its ends are those of both others at their worst and at their best."""
    if recall is None or false_alarms is None or recall.value == false_alarms.value == 0:
        return None
    rare = calibration.COMPLAINTS_IN_PRAISE

    def precision(found: float, wrong: float) -> float:
        return rare * found / (rare * found + (1 - rare) * wrong)

    return Interval(
        precision(recall.value, false_alarms.value),
        precision(recall.low, false_alarms.high),
        precision(recall.high, false_alarms.low),
    )


def proportion(hits: int, texts: int) -> Interval | None:
    """Wilson's interval (E. B. Wilson 1927) of a share of texts; None of no text."""
    if not texts:
        return None
    share, square = hits / texts, DEVIATIONS**2 / texts
    middle = (share + square / 2) / (1 + square)
    half = DEVIATIONS * math.sqrt(share * (1 - share) / texts + square / (4 * texts)) / (1 + square)
    return Interval(share, max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0))


def interval(values: Floats) -> Interval | None:
    """From the figure of the texts themselves, then those of the draws, some of which may be undefined (nan).

    An error has no sign, so those of the draws are larger than that of the texts: an end may have to be moved to it."""
    value, drawn = float(values[0]), values[1:]
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value):
        return None
    low, high = np.percentile(drawn, (2.5, 97.5)).tolist() if drawn.size else (value, value)
    return Interval(value, min(low, value), max(high, value))


def ranking(scores: Floats, happened: Flags, counts: Counts) -> dict[str, Floats]:
    """Per draw: `auc`, `average_precision`, and per recall of `RECALLS` precision and share. Equal scores count as one
    step, as in scikit-learn."""
    order = np.argsort(-scores, kind="stable")
    ranked, true = scores[order], happened[order]
    steps = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(order) else order
    parts = [_ranking(counts[rows][:, order].astype(np.float64), true, steps) for rows in _chunks(counts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ranking(drawn: Floats, true: Flags, steps: NDArray[np.intp]) -> dict[str, Floats]:
    texts = np.add.reduceat(drawn, steps, axis=1)
    hits = np.add.reduceat(drawn * true, steps, axis=1)
    caught, named = hits.cumsum(axis=1), texts.cumsum(axis=1)
    all_hits = caught[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = caught / np.maximum(named, 1)
        misses = texts - hits
        found = {
            "auc": (misses * (caught - hits / 2)).sum(axis=1) / (all_hits * misses.sum(axis=1)),
            "average_precision": (hits * precision).sum(axis=1) / all_hits,
        }
    rows = np.arange(len(drawn))
    for recall in RECALLS:
        place = (caught >= recall * all_hits[:, None] - NEARLY).argmax(axis=1)
        percent = round(100 * recall)
        found[f"precision_at_{percent}"] = np.where(all_hits > 0, precision[rows, place], np.nan)
        found[f"share_at_{percent}"] = np.where(all_hits > 0, named[rows, place] / named[:, -1], np.nan)
    return found


def detection(named: Flags, happened: Flags) -> dict[str, Interval | None]:
    """`recall` and `precision` of what is named, its `share` of all, and `false_alarms`: its share of what did not
    happen."""
    both, of_named, true, every = int((named & happened).sum()), int(named.sum()), int(happened.sum()), len(named)
    return {
        "recall": proportion(both, true),
        "precision": proportion(both, of_named),
        "share": proportion(of_named, every),
        "false_alarms": proportion(of_named - both, every - true),
    }


def confusion(labels: Labels, tones: Labels) -> list[list[int]]:
    """Texts by true (rows) and told tone (columns)."""
    matrix: list[list[int]] = np.bincount(labels * CLASSES + tones, minlength=CLASSES**2).reshape(-1, CLASSES).tolist()
    return matrix


def macro_f1(labels: Labels, tones: Labels, counts: Counts) -> Floats:
    """Per draw; classes that no text of the draw has are left out of the mean."""
    cells = labels * CLASSES + tones
    matrix = _tally(counts, [cells == cell for cell in range(CLASSES**2)]).reshape(-1, CLASSES, CLASSES)
    right = matrix.diagonal(axis1=1, axis2=2)
    occurs, told = matrix.sum(axis=2), matrix.sum(axis=1)
    scores = 2 * right / np.maximum(occurs + told, 1)
    return np.asarray((scores * (occurs > 0)).sum(axis=1) / np.maximum((occurs > 0).sum(axis=1), 1))


def f1(known: Labels, told: Labels, both: Labels, counts: Counts) -> Floats:
    """Per draw, of how many items of each text are known, told, and both; nan where a draw has none at all."""
    sums = _tally(counts, [known + told, both])
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * sums[:, 1] / sums[:, 0])


def reliability(judgement: Judgement) -> list[Bin]:
    """How often what is called negative with a probability is negative; nothing where there are no probabilities."""
    return calibration.reliability(judgement.scores, judgement.labels == 0) if judgement.calibrated else []


def _calibration_error(probabilities: Floats, happened: Flags, counts: Counts, bins: int = 10) -> Floats:
    """`calibration.calibration_error` per draw: texts stay in their tenth."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = _tally(counts, [(places == place) * (probabilities - happened) for place in range(bins)])
    return np.asarray(np.abs(gaps).sum(axis=1) / counts.shape[1])


def _tally(counts: Counts, columns: Sequence[NDArray[np.generic]]) -> Floats:
    """(draws, columns): the sums of each column over the texts of each draw."""
    together = np.stack(columns, axis=1).astype(np.float64)
    return np.concatenate([counts[rows].astype(np.float64) @ together for rows in _chunks(counts)])


def _chunks(counts: Counts) -> Iterator[slice]:
    step = max(1, CELLS // max(counts.shape[1], 1))
    for first in range(0, len(counts), step):
        yield slice(first, first + step)
