"""Training of the detector: from the gold set's develop part and from plain sentences (`data/plain_dangers.tsv`: the
lines that the rules are tested with), where dangers are known, and from texts without any.

Without any are our synthetic reviews, those left out that blame safety, honesty or cleanliness or in which a rule hears
something and that do not praise; and real praise. Its words are no terms: those are of invented texts alone, so that
nobody's name can be one. The detector listens to a few sentences at a time, so it learns harmless texts in such parts;
which part of a danger's text tells of it nobody knows. Ordinary reviews of places, real and invented, set the alarm of
what sounds pleased: hardly any of them may be alarmed. (Praise of goods is too short to alarm anybody.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment import corpus, gold, model, risks, text
from sentiment.corpus import CorpusError
from sentiment.detector import beginnings, pleased
from sentiment.model import blob
from sentiment.rules import Review
from sentiment.types import Risk, Theme, Tone

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 5
SEED = 20
STRENGTH = 10.0
"""Inverse regularisation (scikit-learn's C)."""
RAREST = 2
"""Texts a term must occur in."""
ORDINARY = "ordinary-"
"""How ids of invented ordinary reviews begin."""
ALARMED_PRAISE = 0.015
"""The share of pleased ordinary reviews that may be alarmed without a rule: half of the invented ones play with words
of dangers, so of real ones it is less."""
ALARMED_OTHERS = 0.035
"""The same of other texts without a danger: false friends and complaints, hard on purpose."""
DOUBTED_DANGERS = (0.06, 0.17)
"""The share of dangers that may be doubted, so that rules do not alarm: in texts that do not sound pleased, and in
those that do."""
LEAST = 5
"""Texts of a danger, to be learned."""
DELICATE = frozenset({Theme.SAFETY, Theme.DECEIT, Theme.CLEANLINESS})
"""Who blames these in a synthetic review may tell of a danger, which is not labelled there."""


class Lesson(NamedTuple):
    """A text as beginnings of words, each of its sentences with their neighbours likewise, its dangers, whether it is
    real praise, whether it sounds pleased, and whether it is an ordinary review of a place."""

    terms: Sequence[str]
    windows: Sequence[Sequence[str]]
    risks: frozenset[Risk]
    real: bool
    pleased: bool
    ordinary: bool = False


def lessons(data: Sequence[Path]) -> list[Lesson]:
    """`data`: labelled reviews as for training; of them the praise counts. How a text sounds says the shipped tone
    model. Raises CorpusError and ModelError."""
    texts = [*gold.shipped("develop"), *gold.read(Path(str(files("sentiment") / "data" / "plain_dangers.tsv")))]
    tone = model.load()
    found = [
        _lesson(item.text, tone, item.risks, ordinary=item.id.startswith(ORDINARY))
        for item in texts
        if item.risks is not None
    ]
    found += [_lesson(review, tone) for review in _harmless()]
    for path in data:
        for example in corpus.stream(path):
            if example.label == corpus.LABELS["positive"]:
                found.append(_lesson(example.text, tone, real=True, ordinary=example.in_domain))
    return found


def _lesson(
    review: str,
    tone: model.Model,
    dangers: frozenset[Risk] = frozenset(),
    *,
    real: bool = False,
    ordinary: bool = False,
) -> Lesson:
    parts = _read(review)
    words = [token.key for token in parts.tokens]
    windows = [beginnings(words[first:last]) for first, last in parts.windows]
    return Lesson(beginnings(words), windows, dangers, real, pleased(tone.read(words).probabilities), ordinary)


def _read(review: str) -> Review:
    tokens = text.tokens(review)
    return Review(review, tokens, text.clauses(review, tokens))


def _harmless() -> Iterator[str]:
    for path in corpus.own():
        for item in gold.read(path):
            blamed = {spoken.theme for spoken in item.themes or () if spoken.tone is Tone.NEGATIVE}
            praises = item.stars is not None and item.stars >= 4 and not blamed
            if DELICATE.isdisjoint(blamed) and (praises or not _alarmed(item.text)):
                yield item.text


def _alarmed(review: str) -> bool:
    return any(True for _ in risks.hits(_read(review)))


def train(lessons: Sequence[Lesson], note: Callable[[str], None] = lambda _: None) -> dict[str, NDArray[Any]]:
    """The arrays that `detector.Detector` takes; the same lessons give the same. Raises CorpusError."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import KFold

    def same(terms: Sequence[str]) -> Sequence[str]:
        return terms

    counts = {risk: sum(risk in lesson.risks for lesson in lessons) for risk in Risk}
    taught = [risk for risk in Risk if counts[risk] >= LEAST]
    real = np.array([lesson.real for lesson in lessons])
    if not taught or not real.any():
        raise CorpusError("to learn dangers, texts with some and real praise without any are needed")
    note(f"learning dangers from {len(lessons):,} texts")
    vectoriser = TfidfVectorizer(analyzer=same, min_df=RAREST, sublinear_tf=True)
    vectoriser.fit([lesson.terms for lesson in lessons if not lesson.real])
    values = vectoriser.transform([lesson.terms for lesson in lessons])
    parts = _Parts(lessons, vectoriser.transform([window for lesson in lessons for window in lesson.windows]))
    dangerous = np.array([bool(lesson.risks) for lesson in lessons])
    scores = np.zeros(len(lessons))
    for seen, unseen in KFold(FOLDS, shuffle=True, random_state=SEED).split(lessons):
        head = _listening(values, parts, dangerous, np.isin(np.arange(len(lessons)), seen))
        scores[unseen] = parts.loudest(*head)[unseen]
    limits = _limits(lessons, scores)
    note(_unseen(lessons, scores, limits))
    heads = [_listening(values, parts, dangerous, np.ones(len(lessons), bool))]
    heads += [_head(values, np.array([risk in lesson.risks for lesson in lessons])) for risk in taught]
    return {
        "terms": blob(vectoriser.get_feature_names_out().tolist()),
        "idf": vectoriser.idf_.astype(np.float32),
        "weights": np.stack([weights for weights, _ in heads], axis=1).astype(np.float16),
        "bias": np.array([bias for _, bias in heads]),
        "risks": blob([str(risk) for risk in taught]),
        "limits": limits,
    }


class _Parts:
    """Every sentence of the lessons with its neighbours: what the detector listens to."""

    def __init__(self, lessons: Sequence[Lesson], values: "csr_matrix") -> None:
        self.values = values
        self.owners = np.repeat(np.arange(len(lessons)), [len(lesson.windows) for lesson in lessons])
        self._many = len(lessons)

    def loudest(self, weights: NDArray[np.float64], bias: float) -> NDArray[np.float64]:
        """Of each lesson, the highest score of its parts; of one without a word, that of no known word."""
        found = np.full(self._many, -np.inf)
        np.maximum.at(found, self.owners, self.values @ weights + bias)
        found[np.isinf(found)] = bias
        return found


def _listening(
    values: "csr_matrix", parts: _Parts, dangerous: NDArray[np.bool_], of: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """The head that tells any danger from none: dangerous texts as a whole, harmless ones part by part."""
    from scipy.sparse import vstack

    harmless = parts.values[(of & ~dangerous)[parts.owners]]
    dangers = values[of & dangerous]
    happened = np.arange(dangers.shape[0] + harmless.shape[0]) < dangers.shape[0]
    return _head(vstack([dangers, harmless]).tocsr(), happened)


def _limits(lessons: Sequence[Lesson], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """See `detector.Limits`: of texts that do not sound pleased, and of those that do."""
    dangerous = np.array([bool(lesson.risks) for lesson in lessons])
    real = np.array([lesson.real for lesson in lessons])
    ordinary = np.array([lesson.ordinary for lesson in lessons]) if any(lesson.ordinary for lesson in lessons) else real
    sounds = np.array([lesson.pleased for lesson in lessons])

    def limit(share: float, of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        return float(np.quantile(scores[of & among if (of & among).any() else of], share))

    return np.array(
        [
            [limit(1 - ALARMED_OTHERS, ~dangerous & ~real, ~sounds), limit(DOUBTED_DANGERS[0], dangerous, ~sounds)],
            [limit(1 - ALARMED_PRAISE, ordinary, sounds), limit(DOUBTED_DANGERS[1], dangerous, sounds)],
        ]
    )


def _unseen(lessons: Sequence[Lesson], scores: NDArray[np.float64], limits: NDArray[np.float64]) -> str:
    """How much real praise of places is alarmed, each judged by a detector that had not seen it."""
    found = [
        score >= limits[int(lesson.pleased)][0]
        for lesson, score in zip(lessons, scores, strict=True)
        if lesson.real and lesson.ordinary
    ]
    return f"of {len(found):,} real praises of places, none seen before, {sum(found):,} are alarmed without a rule"


def _head(values: "csr_matrix", happened: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=SEED).fit(values, happened)
    return fitted.coef_[0], float(fitted.intercept_[0])


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """As `detector.load` reads it."""
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()
