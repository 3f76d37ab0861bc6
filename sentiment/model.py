"""The shipped model: two logistic regressions over the same features, in plain numpy.

One says the tone of a text, the other whether it holds a complaint. They look at TF-IDF terms, at what the polarity
lexicon finds, and at the mean of the words' vectors; the second also at where in the text blame stands. A linear model
needs no vectors to be run: each word's vector, times the weights of its dimensions, is four numbers.

`data/model.npz` holds the arrays, `data/model.json` what a person or a program wants to know of them (version,
thresholds, licences, counts). Nothing is pickled, scikit-learn is not needed. numpy itself is imported by the first
`load`: a pass with nothing to classify must not pay for it.
"""

import json
import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from sentiment import polarity
from sentiment.features import CLAUSE_FEATURES, LEXICON_FEATURES, clause_features, lexicon_features
from sentiment.lexicon import STEP, Compiled, Lexicon
from sentiment.text import MOST_REMEMBERED, Clause
from sentiment.types import Probabilities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

ARRAYS_FILE = "model.npz"
META_FILE = "model.json"
FORMAT = 2
CLASSES = ("negative", "neutral", "positive")
HEADS = len(CLASSES) + 1
"""Columns of weights: the tones, then the complaint head."""
LARGEST_LOGIT = 500.0

Direction = tuple[float, ...]
"""Weights of the heads, by which their logits become one number."""
TOWARDS_NEGATIVE: Direction = (0.5, 0.0, -0.5, 0.0)
TOWARDS_COMPLAINT: Direction = (0.5, 0.0, -0.5, 1.0)
"""Both heads together: the complaint head alone also likes the praise that complaints hide in."""


class ModelError(ValueError):
    """The model's files are missing, damaged or of another format."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where decisions change, as probabilities, chosen on texts unseen in training (`calibration.choose_thresholds`).

    A text without stars is treated as negative from `negative` on; it overrules four or five stars from `overrule` on;
    it holds a complaint from `complaint` on.
    """

    negative: float
    overrule: float
    complaint: float


class Known(NamedTuple):
    """What the model knows of one word: its rows among terms and vectors, -1 for none, and the rows of the pairs it
    begins, by their second word."""

    term: int
    vector: int
    pairs: dict[str, int]


class _Vocabulary(dict[str, Known]):
    """Word → what is known of it, looked up at the first question and remembered. Both lists are sorted: searching
    them takes less time than a model's loading would gain by dictionaries of all there is."""

    def __init__(self, terms: Sequence[str], words: Sequence[str]) -> None:
        super().__init__()
        self._terms = terms
        self._words = words

    def __missing__(self, word: str) -> Known:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        known = Known(_place(self._terms, word), _place(self._words, word), self._pairs(word))
        found = self[word] = NOTHING if known == NOTHING else known
        return found

    def _pairs(self, word: str) -> dict[str, int]:
        beginning = word + " "
        first = bisect_left(self._terms, beginning)
        last = bisect_left(self._terms, word + "!", first)  # the character after the space
        return {self._terms[row][len(beginning) :]: row for row in range(first, last)} or NO_PAIRS


def _place(lines: Sequence[str], line: str) -> int:
    """Where the line stands among sorted ones, -1 for nowhere."""
    place = bisect_left(lines, line)
    return place if place < len(lines) and lines[place] == line else -1


NO_PAIRS: dict[str, int] = {}
NOTHING = Known(-1, -1, NO_PAIRS)


@dataclass(slots=True)
class Reading:
    """A text as the model sees it: `words` its normalised tokens, `weights` what the lexicon finds in each, `known` how
    many of its terms the model has weights for."""

    words: Sequence[str]
    weights: Sequence[float]
    probabilities: Probabilities
    known: int
    model: "Model"
    complaint_logit: float
    """Without what the clauses say."""
    _pull: Sequence[float] | None = None
    _complaint_pull: Sequence[float] | None = None

    @property
    def understood(self) -> bool:
        """Whether the model knows anything of the text."""
        return self.known > 0 or any(self.weights)

    @property
    def pull(self) -> Sequence[float]:
        """Per token, how far it draws towards negative (> 0) or positive (< 0): with `start`, they add up to half the
        logarithm of the odds of negative against positive."""
        if self._pull is None:
            self._pull = self.model.pull(self.words, self.weights, TOWARDS_NEGATIVE)
        return self._pull

    @property
    def complaint_pull(self) -> Sequence[float]:
        """Per token, how far it draws towards a complaint and towards negative (> 0), or away from both (< 0)."""
        if self._complaint_pull is None:
            self._complaint_pull = self.model.pull(self.words, self.weights, TOWARDS_COMPLAINT)
        return self._complaint_pull

    @property
    def start(self) -> float:
        """What the model presumes before it looks at a single word; see `pull`."""
        return self.model.start(self.words)

    def complaint(self, clauses: Sequence[Clause]) -> float:
        """The probability that the text names something the business could mend; `clauses` are the text's own."""
        return self.model.complaint(self, clauses)


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


def fingerprint(words: Sequence[str]) -> int:
    """By which the model remembers the texts it learned from, without keeping them."""
    return crc32(" ".join(words).encode("utf-8", "replace"))


def blob(lines: Sequence[str]) -> "NDArray[np.uint8]":
    """Words as an array that needs no pickling; `lines_of` reads it."""
    import numpy

    return numpy.frombuffer("\n".join(lines).encode("utf-8"), dtype=numpy.uint8)


def lines_of(array: "NDArray[np.uint8]") -> list[str]:
    return array.tobytes().decode("utf-8").split("\n") if array.size else []


def lexicon_arrays(compiled: Compiled) -> "dict[str, NDArray[Any]]":
    """The lexicon as the model's files carry it; `Model` reads it."""
    import numpy

    rest = {"beginnings": dict(compiled.beginnings), "phrases": list(compiled.phrases), "typos": dict(compiled.typos)}
    return {
        "lexicon_forms": blob(compiled.forms),
        "lexicon_weights": numpy.round(numpy.array(compiled.weights) / STEP).astype(numpy.int8),
        "lexicon_rest": blob([json.dumps(rest, ensure_ascii=False)]),
    }


def _lexicon(arrays: "Arrays") -> Lexicon:
    weights = (arrays["lexicon_weights"] * STEP).tolist()
    return Lexicon(Compiled(lines_of(arrays["lexicon_forms"]), weights, **json.loads(arrays["lexicon_rest"].tobytes())))


class Model:
    """Reads texts. `version` digests the model's content."""

    def __init__(self, arrays: "Arrays", meta: Mapping[str, Any]) -> None:
        """`arrays`: vocabulary, words and lexicon_forms (`blob`, sorted), lexicon_weights, lexicon_rest, idf (terms,),
        weights (terms, 4), vectors (words, 4), lexicon (lexicon features, 4), clauses (clause features,), bias (4,),
        seen (texts,) uint32; of the 4 columns the last is the complaint head's. Raises ModelError."""
        import numpy

        self._numpy = numpy
        try:
            vocabulary, words = lines_of(arrays["vocabulary"]), lines_of(arrays["words"])
            self._idf: NDArray[np.float64] = arrays["idf"].astype(numpy.float64)
            # Whole rows are read from everywhere: small numbers side by side, so that few caches miss.
            self._weights: NDArray[np.float32] = arrays["weights"].astype(numpy.float32, order="C")
            self._vectors: NDArray[np.float32] = arrays["vectors"].astype(numpy.float32, order="C")
            self._dense: NDArray[np.float64] = arrays["lexicon"]
            self._clauses: NDArray[np.float64] = arrays["clauses"]
            self._bias: NDArray[np.float64] = arrays["bias"]
            self._seen: NDArray[np.uint32] = arrays["seen"]
            self.lexicon = _lexicon(arrays)
            self.version = str(meta["version"])
            self.thresholds = Thresholds(**meta["thresholds"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the model's content is incomplete ({error}): rebuild it with `otklik train`") from error
        shapes = (
            (self._idf, (len(vocabulary),)),
            (self._weights, (len(vocabulary), HEADS)),
            (self._vectors, (len(words), HEADS)),
            (self._dense, (len(LEXICON_FEATURES), HEADS)),
            (self._clauses, (len(CLAUSE_FEATURES),)),
            (self._bias, (HEADS,)),
        )
        if any(array.shape != shape for array, shape in shapes):
            raise ModelError("the model's arrays do not fit each other: rebuild it with `otklik train`")
        self._known = _Vocabulary(vocabulary, words)

    def knows(self, words: Sequence[str]) -> bool:
        """Whether the model learned from this very text (or, once in a hundred thousand texts, from its double)."""
        return fingerprint(words) in self._seen

    def read(self, words: Sequence[str]) -> Reading:
        """Judges a text given as its normalised tokens."""
        weights = polarity.weigh(words, self.lexicon)
        logits = self._bias + self._numpy.array(lexicon_features(words, weights)).dot(self._dense)
        rows: list[int] = []
        if words:
            # One line a step rather than one loop: what runs inside the interpreter's own code is several times faster.
            of_terms, of_vectors, pairs = zip(*map(self._known.__getitem__, words), strict=True)
            rows = [row for row in of_terms if row >= 0]
            rows += [row for row in map(dict.get, pairs, words[1:]) if row is not None]
            vectors = [row for row in of_vectors if row >= 0]
            if rows:
                values, different = self._values(rows)
                logits += values.dot(self._weights.take(different, axis=0))
            if vectors:
                logits += self._numpy.add.reduce(self._vectors.take(vectors, axis=0), dtype=float) / len(vectors)
        negative, neutral, positive, complaint = logits.tolist()
        return Reading(words, weights, _softmax(negative, neutral, positive), len(rows), self, complaint)

    def _values(self, rows: Sequence[int]) -> "tuple[NDArray[np.float64], list[int]]":
        """(TF-IDF values of length 1, the rows of their terms), each term once; one that occurs more often counts 1 +
        log of how often."""
        counts = Counter(rows)
        different = list(counts)
        values = self._idf.take(different)
        if len(different) < len(rows):
            for place, count in enumerate(counts.values()):
                if count > 1:
                    values[place] *= 1 + math.log(count)
        values /= math.sqrt(values.dot(values))
        return values, different

    def complaint(self, reading: Reading, clauses: Sequence[Clause]) -> float:
        """See `Reading.complaint`."""
        logit = reading.complaint_logit
        if clauses:
            logit += float(self._numpy.dot(clause_features(reading.words, reading.weights, clauses), self._clauses))
        return 1 / (1 + math.exp(-logit)) if logit > -LARGEST_LOGIT else 0.0

    # --- why -----------------------------------------------------------------------------------------

    def pull(self, words: Sequence[str], weights: Sequence[float], towards: Direction) -> list[float]:
        """See `Reading.pull`: every feature's part of the score, shared among the tokens it comes from."""
        direction = self._numpy.array(towards)
        pull = self._lexicon_pull(words, weights, direction)
        found = [self._known[word] for word in words]
        places: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for row, first, last in _places(words, found):
            places[row].append((first, last))
        if places:
            values, different = self._values([row for row, where in places.items() for _ in where])
            shares = values * self._weights.take(different, axis=0).dot(direction)
            for where, share in zip(places.values(), shares.tolist(), strict=True):
                for first, last in where:
                    for position in range(first, last):
                        pull[position] += share / len(where) / (last - first)
        vectors = [(position, item.vector) for position, item in enumerate(found) if item.vector >= 0]
        if vectors:
            shares = self._vectors.take([row for _, row in vectors], axis=0).dot(direction) / len(vectors)
            for (position, _), share in zip(vectors, shares.tolist(), strict=True):
                pull[position] += share
        return pull

    def start(self, words: Sequence[str]) -> float:
        """See `Reading.start`: of these words only number and punctuation count."""
        direction = self._numpy.array(TOWARDS_NEGATIVE)
        silent = lexicon_features(words, [0.0] * len(words))
        return float(self._bias.dot(direction) + self._numpy.dot(silent, self._dense.dot(direction)))

    def _lexicon_pull(
        self, words: Sequence[str], weights: Sequence[float], direction: "NDArray[np.float64]"
    ) -> list[float]:
        """Per token: what the words of its kind, praise or blame, add to the score, shared among them by weight. As
        the features mix both, each kind gets the mean of what it adds alone and what it adds to the other."""
        dense = self._dense.dot(direction)

        def balance(weights: Sequence[float]) -> float:
            return float(self._numpy.dot(lexicon_features(words, weights), dense))

        praises, blames = [max(weight, 0.0) for weight in weights], [min(weight, 0.0) for weight in weights]
        praise, blame = sum(praises), sum(blames)
        if not praise and not blame:
            return [0.0] * len(words)
        whole, nothing = balance(weights), balance([0.0] * len(words))
        only_praise = balance(praises) if praise and blame else whole if praise else nothing
        only_blame = balance(blames) if praise and blame else whole if blame else nothing
        by_praise = (whole - only_blame + only_praise - nothing) / 2
        by_blame = (whole - only_praise + only_blame - nothing) / 2
        return [
            by_praise * weight / praise if weight > 0 else by_blame * weight / blame if weight < 0 else 0.0
            for weight in weights
        ]


def _places(words: Sequence[str], found: Sequence[Known]) -> Iterator[tuple[int, int, int]]:
    """(row, first, last) of every known word and pair."""
    for position, (term, _, pairs) in enumerate(found):
        if term >= 0:
            yield term, position, position + 1
        if pairs and position + 1 < len(words) and words[position + 1] in pairs:
            yield pairs[words[position + 1]], position, position + 2


def _softmax(negative: float, neutral: float, positive: float) -> Probabilities:
    highest = max(negative, neutral, positive)
    negative, neutral, positive = (
        math.exp(negative - highest),
        math.exp(neutral - highest),
        math.exp(positive - highest),
    )
    whole = negative + neutral + positive
    return Probabilities(negative / whole, neutral / whole, positive / whole)


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
