"""How good the model is, by cross-validation beside its baselines: every published figure of it comes from here.

Five folds, stratified by label and file; vocabulary and weights come from the other four folds only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sentiment import training
from sentiment.corpus import Example
from sentiment.model import ARRAYS_FILE, META_FILE, data_folder
from sentiment.training import Floats, softmax

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

RECALL = 0.95


@dataclass(frozen=True, slots=True)
class Score:
    """One model on one data set. `auc`: negative against the rest; `flagged`: the share of all texts above the
    threshold that catches 95 % of the negative ones; `macro_f1` over three classes."""

    model: str
    data: str
    texts: int
    negatives: int
    auc: float
    flagged: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`model_bytes` is the size of the shipped files."""

    model_bytes: int
    scores: tuple[Score, ...]


def evaluate(examples: Sequence[Example], *, baselines: bool = True, seed: int = training.SEED) -> Evaluation:
    """Scores our model, and with `baselines` a plain TF-IDF regression and the majority class, per data set."""
    labels = np.array([example.label for example in examples], dtype=np.int64)
    places = np.array([example.in_domain for example in examples])
    results = [("ours", softmax(_logits(examples, training.pipeline, seed)))]
    if baselines:
        results.append(("tf-idf", softmax(_logits(examples, _plain, seed))))
        results.append(("majority", _majority(labels, places)))
    scores = []
    for name, probabilities in results:
        for data, mask in (("places", places), ("goods", ~places)):
            if len(set(labels[mask].tolist())) == 3:
                scores.append(_score(name, data, probabilities[mask], labels[mask]))
    return Evaluation(shipped_bytes(), tuple(scores))


def shipped_bytes(folder: Traversable | None = None) -> int:
    place = folder or data_folder()
    return sum(len((place / name).read_bytes()) for name in (ARRAYS_FILE, META_FILE))


def _plain() -> "Pipeline":
    return training.pipeline(with_lexicon=False)


def _logits(examples: Sequence[Example], make: "Callable[[], Pipeline]", seed: int) -> Floats:
    return training.out_of_fold(examples, make, seed)


def _majority(labels: NDArray[np.int64], places: NDArray[np.bool_]) -> Floats:
    """The most frequent class of each data set, for everybody."""
    probabilities = np.zeros((len(labels), 3))
    for mask in (places, ~places):
        if mask.any():
            probabilities[mask, np.bincount(labels[mask], minlength=3).argmax()] = 1.0
    return probabilities


def _score(model: str, data: str, probabilities: Floats, labels: NDArray[np.int64]) -> Score:
    from sklearn.metrics import f1_score, roc_auc_score

    negative = labels == 0
    score = probabilities[:, 0]
    caught = np.sort(score[negative])
    threshold = caught[int(np.floor((1 - RECALL) * len(caught)))]
    return Score(
        model=model,
        data=data,
        texts=len(labels),
        negatives=int(negative.sum()),
        auc=round(float(roc_auc_score(negative, score)), 4),
        flagged=round(float((score >= threshold).mean()), 4),
        macro_f1=round(float(f1_score(labels, probabilities.argmax(axis=1), average="macro", zero_division=0)), 4),
    )
