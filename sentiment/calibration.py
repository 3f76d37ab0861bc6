"""From scores to probabilities and thresholds, chosen on texts that the scoring model had not seen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEAST_PRECISION = 0.6
"""Of the texts of four and five stars that are said to hold a complaint, so many shall."""
RECALL = 0.95
"""The share of negative texts that the text alone shall find."""
PRAISE_FLAGGED = 0.03
PRAISE_OVERRULED = 0.01
"""The share of contented texts that may be flagged against their four or five stars."""
CLEARLY = 0.7
"""The text must be clearly more likely negative than not to overrule four or five stars, which are seldom given so."""
COMPLAINTS_IN_PRAISE = 0.08
"""The share of 4-5 star reviews that hold a complaint on the maps (6.7 % of the reviews known to this project)."""


class Scaling(NamedTuple):
    """Logits are divided by `temperature`, then `shift` (classes,) is added."""

    temperature: float
    shift: tuple[float, ...]

    def apply(self, logits: Floats) -> Floats:
        return np.asarray(logits / self.temperature + np.array(self.shift))


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def fit_scaling(logits: Floats, labels: Labels, weights: Floats) -> Scaling:
    """The scaling with the least weighted log loss; `logits` (texts, classes). Small corrections are preferred."""
    from scipy.optimize import minimize

    classes = logits.shape[1]
    rows = np.arange(len(labels))
    share = weights / weights.sum()

    def loss(parameters: Floats) -> float:
        scaled = softmax(logits / np.exp(parameters[0]) + np.append(parameters[1:], 0.0))
        return float(-(share * np.log(scaled[rows, labels] + 1e-12)).sum() + 1e-3 * (parameters**2).sum())

    found = minimize(loss, np.zeros(classes), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-8}).x
    shift = np.append(found[1:], 0.0)
    return Scaling(round(float(np.exp(found[0])), 4), tuple(round(float(item), 4) for item in shift))


def choose_thresholds(probabilities: Floats, labels: Labels) -> dict[str, float]:
    """From the tone's probabilities (texts, 3); see `model.Thresholds` for the words.

    `negative` finds 95 % of the negative texts, unless that would take more than 3 % of the positive ones along.
    """
    angry, contented = probabilities[labels == 0, 0], probabilities[labels == 2, 0]
    chosen = {
        "negative": max(float(np.quantile(angry, 1 - RECALL)), float(np.quantile(contented, 1 - PRAISE_FLAGGED))),
        "overrule": max(float(np.quantile(contented, 1 - PRAISE_OVERRULED)), CLEARLY),
    }
    return {name: round(value, 4) for name, value in chosen.items()}


def choose_complaint(probabilities: Floats, complaints: NDArray[np.bool_]) -> float:
    """The lowest threshold of the complaint head at which, in praise, at least `LEAST_PRECISION` of what it finds are
    complaints: where these are as rare as on the maps, however many the given texts hold."""
    found = float(complaints.mean())
    weights = np.where(complaints, COMPLAINTS_IN_PRAISE / found, (1 - COMPLAINTS_IN_PRAISE) / (1 - found))
    order = np.argsort(-probabilities, kind="stable")
    caught = np.cumsum((weights * complaints)[order])
    named = np.cumsum(weights[order])
    good = np.flatnonzero(caught / named >= LEAST_PRECISION)
    return round(float(probabilities[order][good[-1]]) if len(good) else 0.9, 4)


class Bin(NamedTuple):
    """Of a reliability curve: the texts whose probability fell into a tenth, their mean probability, and the share of
    them that it came true for."""

    texts: int
    expected: float
    observed: float


def reliability(probabilities: Floats, happened: NDArray[np.bool_], bins: int = 10) -> list[Bin]:
    """The curve of one probability; empty tenths are left out."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    return [
        Bin(int(mask.sum()), float(probabilities[mask].mean()), float(happened[mask].mean()))
        for mask in (places == place for place in range(bins))
        if mask.any()
    ]


def calibration_error(curve: Sequence[Bin]) -> float:
    """The expected calibration error: how far probability and share lie apart, on average over the texts."""
    texts = sum(item.texts for item in curve)
    return sum(item.texts * abs(item.expected - item.observed) for item in curve) / max(texts, 1)
