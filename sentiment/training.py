"""Builds the model from labelled reviews. scikit-learn is imported here and in `evaluation`, nowhere else.

The same data, seed and library versions give the same bytes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment import corpus, lexicon
from sentiment.corpus import CorpusError, Example
from sentiment.features import LEXICON_FEATURES, lexicon_features, terms
from sentiment.model import ARRAYS_FILE, CLASSES, FORMAT, META_FILE, digest

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SEED = 20
FOLDS = 5
RAREST_TERM = 3
"""Texts a term must occur in: rarer ones are noise, and are where personal data would hide."""
MOST_TERMS = 50_000
"""The most frequent terms are kept: the files stay under 2 MB with any amount of data."""
IN_DOMAIN_WEIGHT = 8.0
"""Reviews of places are few and are what the model is for."""
STRENGTH = 2.0
"""Inverse regularisation (scikit-learn's C)."""
LICENCES = {
    "rureviews": "RuReviews (Smetanin & Komarov 2019), Apache-2.0",
    "geo": "yandex/geo-reviews-dataset-2023, MIT, (c) 2023 YANDEX LLC",
}

IsPersonal = Callable[[str], bool]
Floats = NDArray[np.float64]


def lexicon_rows(texts: Sequence[Sequence[str]]) -> Floats:
    """(texts, 5)"""
    rows = []
    for words in texts:
        marks = lexicon.mark(words)
        rows.append(lexicon_features(marks.count(1), marks.count(-1), len(words)))
    return np.array(rows, dtype=np.float64).reshape(len(texts), LEXICON_FEATURES)


def pipeline(
    *, rarest: int = RAREST_TERM, banned: frozenset[str] = frozenset(), with_lexicon: bool = True
) -> "Pipeline":
    """The model as scikit-learn knows it: from lists of normalised tokens to three probabilities.

    `banned`: words that get no weight, alone or in pairs.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.preprocessing import FunctionTransformer

    def analyse(words: Sequence[str]) -> list[str]:
        return [term for term in terms(words) if not any(word in banned for word in term.split(" "))]

    parts: list[tuple[str, Any]] = [
        ("terms", TfidfVectorizer(analyzer=analyse, min_df=rarest, max_features=MOST_TERMS, sublinear_tf=True))
    ]
    if with_lexicon:
        parts.append(("lexicon", FunctionTransformer(lexicon_rows)))
    regression = LogisticRegression(C=STRENGTH, max_iter=1000, random_state=SEED)
    return Pipeline([("features", FeatureUnion(parts)), ("regression", regression)])


def fit(model: "Pipeline", examples: Sequence[Example]) -> "Pipeline":
    """Fits a pipeline with reviews of places weighted up."""
    weights = [IN_DOMAIN_WEIGHT if example.in_domain else 1.0 for example in examples]
    model.fit(
        [example.words for example in examples],
        np.array([example.label for example in examples]),
        regression__sample_weight=np.array(weights),
    )
    return model


def out_of_fold(examples: Sequence[Example], make: Callable[[], "Pipeline"], seed: int = SEED) -> Floats:
    """(examples, 3) logits, each from a model that did not see the text: nor did its vocabulary."""
    from sklearn.model_selection import StratifiedKFold

    strata = [f"{example.label} {example.source}" for example in examples]
    logits = np.zeros((len(examples), 3))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(strata, strata):
        model = fit(make(), [examples[index] for index in seen])
        logits[unseen] = model.decision_function([examples[index].words for index in unseen])
    return logits


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def choose_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """The divisor of the logits with the least log loss on texts unseen in training."""
    candidates = np.round(np.geomspace(0.4, 4.0, 60), 4)
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / candidate)[rows, labels] + 1e-12).mean() for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def choose_thresholds(probabilities: Floats, labels: NDArray[np.int64]) -> dict[str, float]:
    """From out-of-fold probabilities of reviews of places; see `model.Thresholds` for the words.

    3 % of the positive texts are more negative than `negative` and at least 8 % more than `unclear`, which is below
    95 % of the negative texts; 5 % of those look more positive than `positive`.
    """
    negativity = probabilities[:, 0] + probabilities[:, 1] / 2
    negative = float(np.quantile(negativity[labels == 2], 0.97))
    unclear = min(float(np.quantile(negativity[labels == 0], 0.05)), float(np.quantile(negativity[labels == 2], 0.92)))
    positive = max(float(np.quantile(probabilities[labels == 0, 2], 0.95)), 0.5)
    chosen = {"negative": negative, "unclear": unclear, "positive": positive}
    return {name: round(value, 4) for name, value in chosen.items()}


@dataclass(frozen=True, slots=True)
class Trained:
    """`arrays` and `meta` are what `model.Model` takes; `reference` is the scikit-learn pipeline they came from."""

    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]
    reference: "Pipeline"


def train(
    examples: Sequence[Example], *, is_personal: IsPersonal, rarest: int = RAREST_TERM, seed: int = SEED
) -> Trained:
    """Fits, calibrates and describes a model. `is_personal` tells words that name a person: they get no weight.

    Raises CorpusError when there are too few texts to learn from.
    """
    labels = np.array([example.label for example in examples], dtype=np.int64)
    if len(set(labels.tolist())) < 3 or np.bincount(labels).min() < FOLDS:
        raise CorpusError(f"at least {FOLDS} texts of each of {', '.join(CLASSES)} are needed")
    banned = frozenset(word for word in {word for example in examples for word in example.words} if is_personal(word))
    logits = out_of_fold(examples, lambda: pipeline(rarest=rarest, banned=banned), seed)
    judged = _places(examples, labels)
    temperature = choose_temperature(logits[judged], labels[judged])
    reference = fit(pipeline(rarest=rarest, banned=banned), examples)
    arrays = _arrays(reference)
    meta: dict[str, Any] = {
        "format": FORMAT,
        "temperature": temperature,
        "thresholds": choose_thresholds(softmax(logits[judged] / temperature), labels[judged]),
        "trained_on": _counts(examples),
        "licences": sorted(
            notice for prefix, notice in LICENCES.items() if any(item.source.startswith(prefix) for item in examples)
        ),
        "terms": len(arrays["idf"]),
        "seed": seed,
    }
    return Trained(arrays, meta | {"version": digest(arrays, meta)}, reference)


def train_from(data: Path, *, limit: int | None = None) -> Trained:
    """Trains on a folder of data files or on one file, at most `limit` texts of each. Raises CorpusError."""
    from sentiment.morph import is_personal

    return train(corpus.read(corpus.find(data), limit), is_personal=is_personal)


def _places(examples: Sequence[Example], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which texts to calibrate on: reviews of places when there are enough of all classes, else all."""
    places = np.array([example.in_domain for example in examples])
    enough = places.any() and np.bincount(labels[places], minlength=3).min() >= FOLDS
    return places if enough else np.ones(len(examples), dtype=np.bool_)


def _arrays(reference: "Pipeline") -> dict[str, NDArray[Any]]:
    vectorizer = reference.named_steps["features"].transformer_list[0][1]
    regression = reference.named_steps["regression"]
    vocabulary = "\n".join(vectorizer.get_feature_names_out()).encode("utf-8")
    return {
        "vocabulary": np.frombuffer(vocabulary, dtype=np.uint8),
        "idf": vectorizer.idf_.astype(np.float32),
        "weights": regression.coef_.T.astype(np.float32),
        "bias": regression.intercept_.astype(np.float32),
    }


def _counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for example in examples:
        of_source = counts.setdefault(example.source, dict.fromkeys(CLASSES, 0))
        of_source[CLASSES[example.label]] += 1
    return counts


def save(trained: Trained, folder: Path) -> None:
    """Writes `model.npz` and `model.json`; each is complete or not there at all."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(trained.arrays))
    _replace(folder / ARRAYS_FILE, buffer.getvalue())
    text = json.dumps(trained.meta, ensure_ascii=False, indent=1, sort_keys=True)
    _replace(folder / META_FILE, (text + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(content)
    draft.replace(path)
