"""The model as scikit-learn knows it: texts prepared for learning, their features, and two regressions over these.

scikit-learn is imported by what trains, compares and evaluates, never by what classifies.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment import polarity, text, vectors
from sentiment.calibration import Floats, Labels, Scaling, sigmoid, softmax
from sentiment.corpus import CorpusError, Example
from sentiment.features import CLAUSE_FEATURES, LEXICON_FEATURES, clause_features, lexicon_features, terms
from sentiment.lexicon import Compiled, Lexicon
from sentiment.model import CLASSES
from sentiment.text import Clause
from sentiment.vectors import Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.pipeline import FeatureUnion, Pipeline

SEED = 20
MOST_STEPS = 2000
RAREST_TERM = 3
"""Texts a term must occur in, and a word to get a vector: rarer ones are noise, and are where personal data would
hide. Words of the lexicon get a vector anyway."""
RAREST_WORD = 2
"""Texts a word must occur in to be asked about: half of all words occur in one, and asking the dictionary takes
long."""
MOST_TERMS = 50_000
"""The most frequent terms are kept: the files stay small with any amount of data."""
DENSE_SHARE = {"lexicon": 0.5, "vectors": 0.5}
"""How strongly standardised features count beside TF-IDF: the deviation of the lexicon's, and that of all vectors' at
once. Chosen on the texts of trades that were left out of training, and on real reviews when all were left out."""
STRENGTH, COMPLAINT_STRENGTH = 1.0, 0.5
"""Inverse regularisation (scikit-learn's C) of the two heads."""
DEAF = -20.0
"""The complaint head's logit where nothing was there to learn from."""

Rows = NDArray[np.intp]
IsPersonal = Callable[[str], bool]


class Weights(NamedTuple):
    """How much an example of each kind counts."""

    places: float
    synthetic: float
    others: float
    corrections: float

    def of(self, example: Example) -> float:
        if example.corrected:
            return self.corrections
        return self.places if example.in_domain else self.synthetic if example.synthetic else self.others


KIND_WEIGHTS = Weights(places=8.0, synthetic=3.0, others=1.0, corrections=6.0)
"""Real reviews of places are few and are what the model is for. Corrections are such, of the very business; but people
correct what the model got wrong, so these are no fair sample and count a little less."""
PRAISE_WEIGHT = 3.0
"""The complaint head is for texts that praise: they count more than neutral ones, and negative ones not at all (with
these it finds fewer complaints in praise: precision .6 is kept up to a recall of .60 instead of .70)."""


class Document(NamedTuple):
    """A text, prepared once for all folds."""

    words: Sequence[str]
    weights: Sequence[float]
    clauses: Sequence[Clause]


@dataclass(frozen=True, slots=True)
class Material:
    """What training and evaluation start from: examples, prepared, with the lexicon and the vectors that go with them.
    `banned`: words that name a person; they get no weight, alone or in pairs."""

    examples: Sequence[Example]
    documents: Sequence[Document]
    lexicon: Compiled
    vectors: Vectors
    banned: frozenset[str]

    @property
    def labels(self) -> Labels:
        """0 negative, 1 neutral, 2 positive; `corpus.UNJUDGED` for corrections of the complaint alone."""
        return np.array([example.label for example in self.examples], dtype=np.int64)

    @property
    def complaints(self) -> Labels:
        """1 and 0, -1 where nobody looked."""
        return np.array([-1 if item.complaint is None else int(item.complaint) for item in self.examples])

    def take(self, chosen: Rows) -> "Material":
        """The chosen examples."""
        examples = [self.examples[row] for row in chosen]
        return replace(self, examples=examples, documents=[self.documents[row] for row in chosen])


def prepare(examples: Sequence[Example], lexicon: Compiled, *, is_personal: IsPersonal) -> Material:
    """Reads every text once."""
    finder = Lexicon(lexicon)
    documents = [document(example.text, finder) for example in examples]
    counts = Counter(word for words in {tuple(item.words) for item in documents} for word in set(words))
    banned = frozenset(word for word, count in counts.items() if count >= RAREST_WORD and is_personal(word))
    wanted = {word for word, count in counts.items() if count >= RAREST_TERM}.union(lexicon.forms) - banned
    return Material(examples, documents, lexicon, vectors.pruned(wanted), banned)


def document(review: str, lexicon: Lexicon) -> Document:
    """Any text will do."""
    found = text.tokens(review)
    words = [token.key for token in found]
    return Document(words, polarity.weigh(words, lexicon), text.clauses(review, found))


class Learner:
    """The model as scikit-learn knows it: one set of features, a regression of three tones, one of complaints."""

    def __init__(self, material: Material, *, rarest: int = RAREST_TERM) -> None:
        """`rarest`: texts a term must occur in, at least `RAREST_WORD`."""
        from sklearn.linear_model import LogisticRegression

        self.rarest = max(rarest, RAREST_WORD)
        self.features = _union(material, self.rarest)
        self.clauses = _scaled(_clause_rows, DENSE_SHARE["lexicon"])
        self.tone = LogisticRegression(C=STRENGTH, max_iter=MOST_STEPS)
        self.complaint = LogisticRegression(C=COMPLAINT_STRENGTH, max_iter=MOST_STEPS)
        self.tone_scaling = Scaling(1.0, (0.0,) * len(CLASSES))
        self.complaint_scaling = Scaling(1.0, (0.0, 0.0))

    def fit(self, material: Material, chosen: Rows) -> "Learner":
        """Learns from the chosen examples. Raises CorpusError where these have too few words in common."""
        from threadpoolctl import threadpool_limits

        # Several threads are up to eight times slower: a step is too short, and they wait for each other busily.
        with threadpool_limits(1):
            self._fit(material.take(chosen))
        return self

    def _fit(self, material: Material) -> None:
        # Pairs are rarer than their words, so without a word nothing is left.
        counts = Counter(word for item in material.documents for word in set(item.words) - material.banned)
        if max(counts.values(), default=0) < self.rarest:
            raise CorpusError(
                f"the texts have too few words in common: no word stands in {self.rarest} of"
                f" {len(material.documents)} texts; more labelled reviews are needed"
            )
        features = self.features.fit_transform(material.documents)
        labels, complaints = material.labels, material.complaints
        judged = np.flatnonzero(labels >= 0)
        weights = np.array([KIND_WEIGHTS.of(example) for example in material.examples])
        self.tone.fit(features[judged], labels[judged], sample_weight=weights[judged])
        clauses = self.clauses.fit_transform(material.documents)
        known = np.flatnonzero((complaints >= 0) & (labels != 0))
        if len(set(complaints[known].tolist())) == 2:
            weights = weights * np.where(labels == 2, PRAISE_WEIGHT, 1.0)
            self.complaint.fit(_beside(features, clauses)[known], complaints[known], sample_weight=weights[known])

    @property
    def hears_complaints(self) -> bool:
        return hasattr(self.complaint, "coef_")

    def logits(self, documents: Sequence[Document]) -> tuple[Floats, Floats]:
        """(texts, 3) of the tones and (texts,) of the complaint, unscaled."""
        features = self.features.transform(documents)
        tones = self.tone.decision_function(features)
        if not self.hears_complaints:
            return tones, np.full(len(documents), DEAF)
        return tones, self.complaint.decision_function(_beside(features, self.clauses.transform(documents)))

    def probabilities(self, documents: Sequence[Document]) -> tuple[Floats, Floats]:
        """(texts, 3) of the tones and (texts,) of the complaint."""
        tones, complaints = self.logits(documents)
        return softmax(self.tone_scaling.apply(tones)), complaint_probability(self.complaint_scaling, complaints)


def _union(material: Material, rarest: int) -> "FeatureUnion":
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    def analyse(item: Document) -> list[str]:
        banned = material.banned
        return [term for term in terms(item.words) if banned.isdisjoint(term.split(" "))]

    rows = {word: row for row, word in enumerate(material.vectors.words)}
    share = DENSE_SHARE["vectors"] / np.sqrt(max(material.vectors.scale.size, 1))
    return FeatureUnion(
        [
            ("terms", TfidfVectorizer(analyzer=analyse, min_df=rarest, max_features=MOST_TERMS, sublinear_tf=True)),
            ("lexicon", _scaled(_lexicon_rows, DENSE_SHARE["lexicon"])),
            ("vectors", _scaled(lambda documents: _vector_rows(documents, rows, material.vectors), share)),
        ]
    )


def _scaled(rows: Callable[[Sequence[Document]], Floats], share: float) -> "Pipeline":
    """Dense features with mean 0 and standard deviation `share`."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return Pipeline(
        [
            ("rows", FunctionTransformer(rows)),
            ("scaler", StandardScaler()),
            ("share", FunctionTransformer(_times, kw_args={"factor": share})),
        ]
    )


def _times(values: Floats, factor: float) -> Floats:
    return values * factor


def _lexicon_rows(documents: Sequence[Document]) -> Floats:
    rows = [lexicon_features(item.words, item.weights) for item in documents]
    return np.array(rows, dtype=np.float64).reshape(len(documents), len(LEXICON_FEATURES))


def _clause_rows(documents: Sequence[Document]) -> Floats:
    nothing = [0.0] * len(CLAUSE_FEATURES)
    rows = [clause_features(item.words, item.weights, item.clauses) if item.clauses else nothing for item in documents]
    return np.array(rows, dtype=np.float64).reshape(len(documents), len(CLAUSE_FEATURES))


def _vector_rows(documents: Sequence[Document], rows: Mapping[str, int], known: Vectors) -> Floats:
    """The mean of each text's word vectors, zeros where none is known: (texts, dimensions)"""
    features = np.zeros((len(documents), known.scale.size))
    for number, item in enumerate(documents):
        found = [rows[word] for word in item.words if word in rows]
        if found:
            features[number] = known.values[found].mean(axis=0) * known.scale
    return features


def _beside(features: "csr_matrix", clauses: Floats) -> "csr_matrix":
    from scipy.sparse import csr_matrix, hstack

    return csr_matrix(hstack([features, csr_matrix(clauses)]))


def complaint_probability(scaling: Scaling, logits: Floats) -> Floats:
    """Of the complaint head's logits (texts,)."""
    return sigmoid(logits / scaling.temperature + scaling.shift[1] - scaling.shift[0])
