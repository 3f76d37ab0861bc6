"""Builds the model from labelled reviews: reads them, learns, calibrates, and writes the files that `model` loads.

The same data, seed and library versions on the same machine give the same bytes.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment import calibration, corpus
from sentiment.calibration import Floats, Scaling, softmax
from sentiment.corpus import CorpusError, Example
from sentiment.features import CLAUSE_FEATURES, LEXICON_FEATURES
from sentiment.learner import (
    DEAF,
    RAREST_TERM,
    SEED,
    Learner,
    Material,
    Rows,
    complaint_probability,
    prepare,
)
from sentiment.model import ARRAYS_FILE, CLASSES, FORMAT, META_FILE, blob, digest, fingerprint, lexicon_arrays

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FOLDS = 5
LICENCES = {
    "rureviews": "RuReviews (Smetanin & Komarov 2019), Apache-2.0",
    "geo": "yandex/geo-reviews-dataset-2023, MIT, (c) 2023 YANDEX LLC",
    "synthetic": "reviews written for this project (synthetic), MIT",
}
"""By what the names of their sources begin with."""
EMBEDDING = "navec news vectors (natasha), MIT"
DICTIONARY = "word forms of OpenCorpora (pymorphy2-dicts-ru), CC BY-SA 3.0"

Note = Callable[[str], None]
"""Is told how far training has come."""


def silent(_: str) -> None:
    """A `Note` nobody reads."""


def material_from(
    data: Sequence[Path],
    *,
    most: int = corpus.MOST_OF_A_LABEL,
    own: bool = True,
    corrections: Sequence[Example] = (),
    note: Note = silent,
) -> Material:
    """Reads the data files and, unless told not to, the reviews written for this project; `corrections` go last.

    Raises CorpusError, LexiconError.
    """
    from sentiment import lexicon, morph

    examples = corpus.read([*data, *(corpus.own() if own else [])], most)
    note(f"{len(examples):,} texts read; weighing their words")
    return prepare([*examples, *corrections], lexicon.compiled(morph.forms), is_personal=morph.is_personal)


# --- out of fold -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unseen:
    """Logits of every text from a model that had not seen it: nor had its vocabulary. (Which words get a vector, and
    the directions of these, do come from all texts, without their labels.) `tones` (texts, 3), `complaints`
    (texts,)."""

    tones: Floats
    complaints: Floats


def folds(examples: Sequence[Example], seed: int = SEED) -> Iterator[tuple[Rows, Rows]]:
    """(seen, unseen) rows of each fold: texts of each label and source are dealt out in turn, after shuffling."""
    shuffled = np.random.default_rng(seed).permutation(len(examples)).tolist()
    dealt = sorted(shuffled, key=lambda row: (examples[row].label, examples[row].source))
    fold = np.empty(len(examples), dtype=np.intp)
    fold[dealt] = np.arange(len(examples)) % FOLDS
    for number in range(FOLDS):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def out_of_fold(material: Material, *, rarest: int = RAREST_TERM, seed: int = SEED, note: Note = silent) -> Unseen:
    tones = np.zeros((len(material.examples), len(CLASSES)))
    complaints = np.zeros(len(material.examples))
    for number, (seen, unseen) in enumerate(folds(material.examples, seed), 1):
        note(f"fold {number} of {FOLDS}")
        learner = Learner(material, rarest=rarest).fit(material, seen)
        tones[unseen], complaints[unseen] = learner.logits([material.documents[row] for row in unseen])
    return Unseen(tones, complaints)


class Choices(NamedTuple):
    """What is chosen on unseen texts: both scalings and the thresholds."""

    tone: Scaling
    complaint: Scaling
    thresholds: dict[str, float]


def choose(material: Material, unseen: Unseen) -> Choices:
    """Calibrates on real reviews of places where there are enough of all classes, else on all texts; never on
    corrections, which are the model's mistakes."""
    labels, complaints = material.labels, material.complaints
    judged = calibrating(material)
    # As many of each label as stood in the files, not as were kept of them: else praise is taken for rarer than it is.
    standing = np.array([example.stands_for for example in material.examples])
    tone = calibration.fit_scaling(unseen.tones[judged], labels[judged], standing[judged])
    thresholds = calibration.choose_thresholds(softmax(tone.apply(unseen.tones[judged])), labels[judged])
    fair = ~np.array([example.corrected for example in material.examples])
    praise = fair & (complaints >= 0) & (labels == 2)
    scaling, least = Scaling(1.0, (0.0, 0.0)), 1.0
    if len(set(complaints[praise].tolist())) == 2:
        both = np.stack([-unseen.complaints / 2, unseen.complaints / 2], axis=1)[praise]
        answers = complaints[praise]
        share = answers.mean()
        rare = calibration.COMPLAINTS_IN_PRAISE
        scaling = calibration.fit_scaling(both, answers, np.where(answers == 1, rare / share, (1 - rare) / (1 - share)))
        least = calibration.choose_complaint(
            complaint_probability(scaling, unseen.complaints[praise]), answers.astype(np.bool_)
        )
    return Choices(tone, scaling, thresholds | {"complaint": least})


def calibrating(material: Material) -> NDArray[np.bool_]:
    """The texts that calibration and thresholds are chosen on."""
    places = np.array([example.in_domain for example in material.examples])
    enough = places.any() and np.bincount(material.labels[places], minlength=len(CLASSES)).min() >= FOLDS
    return places if enough else ~np.array([example.corrected for example in material.examples])


# --- the shipped form ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trained:
    """`arrays` and `meta` are what `model.Model` takes; `reference` is the scikit-learn model they came from."""

    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]
    reference: Learner


def train(
    material: Material,
    *,
    rarest: int = RAREST_TERM,
    seed: int = SEED,
    remarks: Mapping[str, Any] | None = None,
    note: Note = silent,
) -> Trained:
    """Fits, calibrates and describes a model; `remarks` are added to its description.

    Raises CorpusError when there are too few texts to learn from.
    """
    counts = Counter(example.label for example in material.examples if not example.corrected)
    if min(counts[label] for label in range(len(CLASSES))) < FOLDS:
        raise CorpusError(f"at least {FOLDS} texts of each of {', '.join(CLASSES)} are needed")
    chosen = choose(material, out_of_fold(material, rarest=rarest, seed=seed, note=note))
    note(f"learning from all {len(material.examples):,} texts")
    reference = Learner(material, rarest=rarest).fit(material, np.arange(len(material.examples)))
    reference.tone_scaling, reference.complaint_scaling = chosen.tone, chosen.complaint
    arrays = _arrays(reference, material)
    sources = {item.source for item in material.examples}
    meta: dict[str, Any] = {
        "format": FORMAT,
        "thresholds": chosen.thresholds,
        "trained_on": trained_on(material.examples),
        "licences": sorted(
            [notice for name, notice in LICENCES.items() if any(source.startswith(name) for source in sources)]
            + ([EMBEDDING] if material.vectors.words else [])
            + ([DICTIONARY] if material.lexicon.forms else [])
        ),
        "terms": len(arrays["idf"]),
        "words": len(material.vectors.words),
        "lexicon": len(material.lexicon.forms),
        "seed": seed,
        **(remarks or {}),
    }
    return Trained(arrays, meta | {"version": digest(arrays, meta)}, reference)


def _arrays(reference: Learner, material: Material) -> dict[str, NDArray[Any]]:
    """Both heads side by side, with calibration and standardisation multiplied into their weights."""
    parts = dict(reference.features.transformer_list)
    count = len(parts["terms"].idf_)
    tone, complaint = reference.tone_scaling, reference.complaint_scaling
    columns = [reference.tone.coef_ / tone.temperature]
    heads = [reference.tone.intercept_ / tone.temperature + np.array(tone.shift)]
    width = columns[0].shape[1]
    clauses = np.zeros(len(CLAUSE_FEATURES))
    clause_bias = DEAF
    if reference.hears_complaints:
        weights = reference.complaint.coef_ / complaint.temperature
        columns.append(weights[:, :width])
        clauses, shift = _raw(reference.clauses, weights[:, width:].T)
        clauses = clauses[:, 0]
        intercept = float(reference.complaint.intercept_[0]) / complaint.temperature
        clause_bias = intercept + complaint.shift[1] - complaint.shift[0] + float(shift[0])
    else:
        columns.append(np.zeros((1, width)))
    together = np.concatenate(columns).T
    bias = np.append(np.concatenate(heads), clause_bias)
    middle = count + len(LEXICON_FEATURES)
    lexicon, of_lexicon = _raw(parts["lexicon"], together[count:middle])
    dimensions, of_vectors = _raw(parts["vectors"], together[middle:])
    meanings = material.vectors.values * material.vectors.scale @ dimensions
    return {
        "vocabulary": blob(parts["terms"].get_feature_names_out().tolist()),
        "idf": parts["terms"].idf_.astype(np.float32),
        "weights": together[:count].astype(np.float32),
        "lexicon": lexicon,
        "clauses": clauses,
        "bias": bias + of_lexicon + of_vectors,
        "words": blob(material.vectors.words),
        "vectors": meanings.astype(np.float32),
        "seen": np.array(sorted({fingerprint(item.words) for item in material.documents}), dtype=np.uint32),
        **lexicon_arrays(material.lexicon),
    }


def _raw(pipeline: "Pipeline", weights: Floats) -> tuple[Floats, Floats]:
    """(features, heads) weights of standardised features as those of the raw ones, and what the bias gains."""
    scaler = pipeline.named_steps["scaler"]
    raw = weights * pipeline.named_steps["share"].kw_args["factor"] / scaler.scale_[:, None]
    return raw, -(scaler.mean_ @ raw)


def trained_on(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Texts of each source by their label; corrections of the complaint alone count as `complaint`."""
    counts: dict[str, dict[str, int]] = {}
    for example in examples:
        of_source = counts.setdefault(example.source, dict.fromkeys(CLASSES, 0))
        name = "complaint" if example.label == corpus.UNJUDGED else CLASSES[example.label]
        of_source[name] = of_source.get(name, 0) + 1
    return counts


# --- the files -------------------------------------------------------------------------------------------


def check_writable(folder: Path) -> None:
    """Before minutes of work: whether `save` can write there. Makes the folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = _draft(folder / ARRAYS_FILE)
    draft.write_bytes(b"")
    draft.unlink()


def save(trained: Trained, folder: Path) -> None:
    """Writes `model.npz` and `model.json`. Whoever is stopped between the two leaves a pair that `model.load` refuses,
    saying what to do. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(trained.arrays))
    written = json.dumps(trained.meta, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write({folder / ARRAYS_FILE: buffer.getvalue(), folder / META_FILE: written.encode()})


def write(files: Mapping[Path, bytes]) -> None:
    """All lie complete on the disk before the first takes its name. Raises OSError."""
    try:
        for path, content in files.items():
            with _draft(path).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            _draft(path).replace(path)
    finally:
        for path in files:
            _draft(path).unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    """Not `model.…`: such files make the version of the analysis."""
    return path.with_name(f".new-{path.name}")
