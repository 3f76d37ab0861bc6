"""Plain rivals of the model, so that its figures can be read against something, on the same texts and folds.

Some need no training: the most frequent tone, the stars, the lexicon's weights summed up. The others learn from the
same texts with the same weights as the model, and flag at a threshold that is chosen the same way: TF-IDF, mean word
vectors, and fastText if its package is installed.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment.calibration import Floats, Labels
from sentiment.decision import CRITICAL_STARS
from sentiment.features import terms
from sentiment.learner import KIND_WEIGHTS, MOST_TERMS, RAREST_TERM, SEED, Document, Material, Rows
from sentiment.metrics import CLASSES, Flags, Judgement

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Learns = Callable[[Material, Rows, Rows], Floats]
"""(material, seen rows, unseen rows) → probabilities (unseen, 3)."""

FASTTEXT = "fastText"
FASTTEXT_OPTIONS: Mapping[str, Any] = {
    "epoch": 10, "lr": 0.1, "wordNgrams": 2, "minCount": 2, "dim": 50, "bucket": 200_000, "thread": 1, "verbose": 0,
    "seed": SEED,
}  # fmt: skip
"""One thread: more of them, and no two runs are alike."""

# --- without training ------------------------------------------------------------------------------------


def majority(labels: Labels) -> Judgement:
    """The most frequent tone of these texts, for everybody."""
    tone = int(np.bincount(labels, minlength=CLASSES).argmax())
    tones = np.full(len(labels), tone, dtype=np.int64)
    return Judgement(labels, np.zeros(len(labels)), tones, tones == 0)


def few_stars(labels: Labels, stars: Labels) -> Judgement:
    """Up to three stars are negative, more are positive."""
    few: Flags = stars <= CRITICAL_STARS
    return Judgement(labels, few.astype(np.float64), np.where(few, 0, 2), few)


def lexicon_alone(labels: Labels, balances: Floats) -> Judgement:
    """Negative is what the lexicon blames more than it praises; `balances`: the sums of the weights."""
    tones = np.where(balances < 0, 0, np.where(balances > 0, 2, 1))
    return Judgement(labels, -balances, tones, balances < 0)


# --- with training ---------------------------------------------------------------------------------------


def learned() -> dict[str, Learns]:
    """The rivals that learn, by name; fastText only where its package is installed."""
    always: dict[str, Learns] = {"TF-IDF + LR": tf_idf, "navec + LR": navec}
    return always | ({FASTTEXT: fast_text} if has_fast_text() else {})


def has_fast_text() -> bool:
    return find_spec("fasttext") is not None


class Said(NamedTuple):
    """By one rival, of texts: probabilities (texts, 3), and what it flags (texts,) at a threshold that was chosen for
    it as the model's is."""

    probabilities: Floats
    flagged: Flags

    def where(self, mask: Flags) -> "Said":
        return Said(self.probabilities[mask], self.flagged[mask])


def judged(labels: Labels, said: Said) -> Judgement:
    return Judgement(labels, said.probabilities[:, 0], said.probabilities.argmax(axis=1), said.flagged, calibrated=True)


def tf_idf(material: Material, seen: Rows, unseen: Rows) -> Floats:
    """Words and pairs, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer=_terms, min_df=RAREST_TERM, max_features=MOST_TERMS, sublinear_tf=True)
    features = vectoriser.fit_transform(_documents(material, seen))
    return _regression(material, seen, features, vectoriser.transform(_documents(material, unseen)))


def navec(material: Material, seen: Rows, unseen: Rows) -> Floats:
    """The mean of the word vectors (the main directions of navec's, as the model takes them), logistic regression."""
    from sklearn.preprocessing import StandardScaler

    known = material.vectors.values * material.vectors.scale
    rows = {word: row for row, word in enumerate(material.vectors.words)}
    means = np.zeros((len(material.documents), known.shape[1]))
    for number in (*seen.tolist(), *unseen.tolist()):
        found = [rows[word] for word in material.documents[number].words if word in rows]
        if found:
            means[number] = known[found].mean(axis=0)
    scaler = StandardScaler().fit(means[seen])
    return _regression(material, seen, scaler.transform(means[seen]), scaler.transform(means[unseen]))


def fast_text(material: Material, seen: Rows, unseen: Rows) -> Floats:
    """fastText knows no weights: a text that counts three times stands there three times."""
    train_supervised: Callable[..., Any] = import_module("fasttext").train_supervised
    weights = _weights(material, seen).astype(int).tolist()
    lines = [
        f"__label__{material.labels[number]} {_line(material.documents[number])}\n" * weight
        for number, weight in zip(seen.tolist(), weights, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts"
        path.write_text("".join(lines), encoding="utf-8", errors="replace")
        model = train_supervised(str(path), **FASTTEXT_OPTIONS)
    probabilities = np.zeros((len(unseen), CLASSES))
    for number, item in enumerate(_documents(material, unseen)):
        # Its `predict` does not stand numpy 2, and gives a list of texts each the probability of one tone three times.
        for probability, name in model.f.predict(_line(item) + "\n", CLASSES, 0.0, "replace"):
            probabilities[number, int(name[-1])] = probability
    return np.asarray(probabilities / np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-9))


def _line(item: Document) -> str:
    return " ".join(item.words).encode("utf-8", "replace").decode()


def _terms(item: Document) -> list[str]:
    return terms(item.words)


def _documents(material: Material, rows: Rows) -> Sequence[Document]:
    return [material.documents[row] for row in rows]


def _weights(material: Material, rows: Rows) -> Floats:
    return np.array([KIND_WEIGHTS.of(material.examples[row]) for row in rows])


def _regression(
    material: Material, seen: Rows, features: "csr_matrix | Floats", unseen: "csr_matrix | Floats"
) -> Floats:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    regression = LogisticRegression(max_iter=2000, random_state=SEED)
    with threadpool_limits(1):  # more threads only wait for each other: see `learner`
        regression.fit(features, material.labels[seen], sample_weight=_weights(material, seen))
    return np.asarray(regression.predict_proba(unseen))
