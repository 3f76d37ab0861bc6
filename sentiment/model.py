"""The shipped model: logistic regression over TF-IDF terms and lexicon features, in plain numpy.

`data/model.npz` holds the arrays, `data/model.json` what a person or a program wants to know of
them (version, thresholds, licences, counts). Nothing is pickled, scikit-learn is not needed.
numpy itself is imported by the first `load`: a pass with nothing to classify must not pay for it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from sentiment import lexicon
from sentiment.features import LEXICON_FEATURES, lexicon_features, terms
from sentiment.types import Probabilities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

ARRAYS_FILE = "model.npz"
META_FILE = "model.json"
FORMAT = 1
CLASSES = ("negative", "neutral", "positive")


class ModelError(ValueError):
    """The model's files are missing, damaged or of another format."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where decisions change, chosen on out-of-fold texts (`training.choose_thresholds`).

    In negativity: a text is clearly negative from `negative` on, and not to be trusted without stars from `unclear`
    on. In probability: clearly positive from `positive` on.
    """

    negative: float
    unclear: float
    positive: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the model sees it. `pull` holds, per token, how far it draws towards negative (> 0) or positive (< 0);
    `marks` the lexicon's polarity per token; `known` how many terms the model had weights for."""

    probabilities: Probabilities
    pull: Sequence[float]
    marks: Sequence[int]
    known: int

    @property
    def blames(self) -> bool:
        """Whether some word or phrase of the lexicon finds fault."""
        return -1 in self.marks

    @property
    def negativity(self) -> float:
        """0 to 1. A neutral text counts half: reviews at three stars are mostly half-complaints."""
        return self.probabilities.negative + self.probabilities.neutral / 2


def digest(arrays: "Arrays", meta: Mapping[str, Any]) -> str:
    """The model's version: changes with any number in it and with everything `meta` says but the version itself."""
    hasher = sha256()
    for name in sorted(arrays):
        array = arrays[name]
        hasher.update(f"{name}{array.dtype.str}{array.shape}".encode())
        hasher.update(array.tobytes())
    kept = {key: value for key, value in meta.items() if key != "version"}
    hasher.update(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())
    return hasher.hexdigest()[:12]


def data_folder() -> Traversable:
    """Where the shipped model lies."""
    return files("sentiment") / "data"


def read_meta(folder: Traversable | None = None) -> dict[str, Any]:
    """What `model.json` says; cheap, without numpy. Raises ModelError."""
    place = (folder or data_folder()) / META_FILE
    try:
        meta = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{META_FILE} cannot be read ({error}): reinstall, or rebuild it with `otklik train`"
        ) from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT or not isinstance(meta.get("version"), str):
        raise ModelError(f"{META_FILE} is not of format {FORMAT}: rebuild it with `otklik train`")
    return meta


class Model:
    """Reads texts. `version` digests the model's content."""

    def __init__(self, arrays: "Arrays", meta: Mapping[str, Any]) -> None:
        """`arrays`: vocabulary (UTF-8 bytes, one term a line), idf (terms,), weights (terms + 5, 3), bias (3,)."""
        import numpy

        self._numpy = numpy
        try:
            vocabulary = arrays["vocabulary"].tobytes().decode("utf-8").split("\n")
            self._idf: NDArray[np.float32] = arrays["idf"]
            weights, bias = arrays["weights"], arrays["bias"]
            self.version = str(meta["version"])
            self.thresholds = Thresholds(**meta["thresholds"])
            temperature = float(meta["temperature"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the model's content is incomplete ({error}): rebuild it with `otklik train`") from error
        if weights.shape != (len(vocabulary) + LEXICON_FEATURES, 3) or self._idf.shape != (len(vocabulary),):
            raise ModelError("the model's arrays do not fit each other: rebuild it with `otklik train`")
        self._terms = {term: index for index, term in enumerate(vocabulary)}
        self._weights = (weights[: len(vocabulary)] / temperature).astype(numpy.float32)
        self._lexicon_weights: list[list[float]] = (weights[len(vocabulary) :] / temperature).tolist()
        self._bias: list[float] = (bias / temperature).tolist()

    def read(self, words: Sequence[str]) -> Reading:
        """Judges a text given as its normalised tokens."""
        marks = lexicon.mark(words)
        praise, blame = marks.count(1), marks.count(-1)
        logits = list(self._bias)
        self._add_lexicon(logits, praise, blame, len(words))
        pull = self._lexicon_pull(marks, praise, blame)
        known = self._add_terms(logits, words, pull)
        return Reading(_softmax(logits), pull, marks, known)

    def _add_lexicon(self, logits: list[float], praise: int, blame: int, words: int) -> None:
        for value, weights in zip(lexicon_features(praise, blame, words), self._lexicon_weights, strict=True):
            for index in range(3):
                logits[index] += value * weights[index]

    def _lexicon_pull(self, marks: Sequence[int], praise: int, blame: int) -> list[float]:
        """Per token: what the score would lose without the marks of its kind, shared among them."""
        whole = self._balance(praise, blame, len(marks))
        share = {
            0: 0.0,
            1: (whole - self._balance(0, blame, len(marks))) / max(praise, 1),
            -1: (whole - self._balance(praise, 0, len(marks))) / max(blame, 1),
        }
        return [share[mark] for mark in marks]

    def _balance(self, praise: int, blame: int, words: int) -> float:
        logits = [0.0, 0.0, 0.0]
        self._add_lexicon(logits, praise, blame, words)
        return (logits[0] - logits[2]) / 2

    def _add_terms(self, logits: list[float], words: Sequence[str], pull: list[float]) -> int:
        """Adds the TF-IDF part to `logits` and to each token's `pull`; returns how many terms are known."""
        places: dict[int, list[int]] = {}
        find = self._terms.get
        for position, term in enumerate(terms(words)):
            index = find(term)
            if index is not None:
                places.setdefault(index, []).append(position)
        if not places:
            return 0
        rows = self._numpy.fromiter(places, dtype=self._numpy.intp, count=len(places))
        counts = self._numpy.array([len(where) for where in places.values()], dtype=self._numpy.float64)
        values = (1 + self._numpy.log(counts)) * self._idf[rows]
        values /= math.sqrt(float(values @ values))
        parts = values[:, None] * self._weights[rows]
        for index, part in enumerate(parts.sum(axis=0).tolist()):
            logits[index] += part
        pulls = ((parts[:, 0] - parts[:, 2]) / (2 * counts)).tolist()
        for where, share in zip(places.values(), pulls, strict=True):
            for position in where:
                if position < len(words):
                    pull[position] += share
                else:  # a pair: half to each of its words
                    pull[position - len(words)] += share / 2
                    pull[position - len(words) + 1] += share / 2
        return len(places)


def _softmax(logits: Sequence[float]) -> Probabilities:
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    whole = sum(powers)
    negative, neutral, positive = (power / whole for power in powers)
    return Probabilities(negative, neutral, positive)


def load(folder: Traversable | None = None) -> Model:
    """The model in `folder` (by default the shipped one). Raises ModelError when it is missing or damaged."""
    import numpy

    place = folder or data_folder()
    meta = read_meta(place)
    try:
        with (place / ARRAYS_FILE).open("rb") as file, numpy.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # zipfile, zlib, numpy and the file system each raise their own
        raise ModelError(f"{ARRAYS_FILE} cannot be read ({error}): reinstall, or run `otklik train`") from error
    if digest(arrays, meta) != meta["version"]:
        raise ModelError(f"{ARRAYS_FILE} and {META_FILE} do not belong together: reinstall, or run `otklik train`")
    return Model(arrays, meta)
