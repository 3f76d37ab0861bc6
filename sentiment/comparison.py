"""Whether a model that also learns from people's corrections is as good as one that does not.

Both learn from the same texts but a fifth, chosen by their words and thus always the same; corrections of the texts in
this fifth are kept from them. Both are then asked about the fifth, and about the corrections themselves (the one that
learns from corrections about each fold of these after learning from the other folds). The new one is worse if

- AUC (negative against the rest) may have fallen by more than `AUC_LEEWAY`, or the complaint head's average precision
  by more than `COMPLAINT_LEEWAY`: in a tenth of the draws of a paired bootstrap it has;
- it gets clearly fewer corrections right (McNemar's test, one-sided, a tenth).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment import metrics
from sentiment.calibration import Floats, softmax
from sentiment.corpus import CorpusError, Example
from sentiment.learner import RAREST_TERM, Learner, Material, Rows
from sentiment.metrics import Flags
from sentiment.model import fingerprint
from sentiment.text import keys
from sentiment.training import FOLDS, Note, silent

KEPT_APART = 5
"""One in so many texts."""
AUC_LEEWAY = 0.005
COMPLAINT_LEEWAY = 0.02
DOUBT = 10
"""Percent of the draws."""
DOUBT_DEVIATIONS = 1.28
"""Standard deviations beyond which a tenth of a normal distribution lies."""
FEWEST = 10
"""Texts of either kind without which a figure says nothing."""

Learns = Callable[[Rows], Learner]


class Agreement(NamedTuple):
    """How many corrections speak of the tone and of the complaint, and in how many the model says the same."""

    tones: int
    right_tones: int
    complaints: int
    right_complaints: int


@dataclass(frozen=True, slots=True)
class Figures:
    """On the fifth kept apart: `auc` negative against the rest; `flagged`: the share of texts one looks at to see 95 %
    of the negative ones; `complaint_precision`: the average precision of complaints, None if too few are known."""

    auc: float
    flagged: float
    complaint_precision: float | None
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Comparison:
    """`without` and `with_corrections` on `texts` texts kept apart; `worse`: what got worse, nothing if it may ship."""

    texts: int
    negatives: int
    without: Figures
    with_corrections: Figures
    worse: Sequence[str]


class Right(NamedTuple):
    """Per correction: whether its tone, and whether its complaint is told right; False where it says nothing of it."""

    tones: Flags
    complaints: Flags


def usable(corrections: Iterable[Example]) -> tuple[list[Example], int]:
    """(what can be learned from, how many were ignored): those without a word are, and of those with the same words
    all but the last."""
    by_words: dict[tuple[str, ...], Example] = {}
    count = 0
    for example in corrections:
        count += 1
        words = _plain_words(keys(example.text))
        if words:
            by_words.pop(words, None)
            by_words[words] = example
    return list(by_words.values()), count - len(by_words)


def without_overruled(material: Material) -> Material:
    """Where a labelled text has the words of a correction, what the person said of it counts."""
    return material.take(np.flatnonzero(~_overruled(material)))


def compare(material: Material, *, rarest: int = RAREST_TERM, note: Note = silent) -> Comparison:
    """`material` with usable corrections. Raises CorpusError when there are too few texts to compare on."""
    marks, corrected = _marks(material), _corrected(material)
    apart = ~corrected & (marks % KEPT_APART == 0)
    labelled = ~corrected & ~apart
    agreeing = np.flatnonzero(labelled & ~_overruled(material))
    corrections = np.flatnonzero(corrected)
    taught = np.flatnonzero(corrected & ~np.isin(marks, marks[apart]))
    judged = _judged(material, apart)

    def learned(rows: Rows) -> Learner:
        return Learner(material, rarest=rarest).fit(material, rows)

    note("learning without corrections")
    plain = learned(np.flatnonzero(labelled))
    note("learning with corrections")
    taught_too = learned(np.concatenate([agreeing, taught]))
    right = [_right(material, plain, corrections), _cross_validated(material, agreeing, corrections, learned, note)]
    tones, complaints = _rankings(material, (plain, taught_too), judged)
    figures = [
        Figures(
            _value(tones[side], "auc"),
            _value(tones[side], "share_at_95"),
            _value(complaints[side], "average_precision") if complaints else None,
            _agreement(material, corrections, right[side]),
        )
        for side in (0, 1)
    ]
    worse = [
        *_fallen("AUC", AUC_LEEWAY, [side["auc"] for side in tones]),
        *_fallen("complaints", COMPLAINT_LEEWAY, [side["average_precision"] for side in complaints]),
        *_fewer("tones", right[0].tones, right[1].tones),
        *_fewer("complaints", right[0].complaints, right[1].complaints),
    ]
    negatives = int((material.labels[judged] == 0).sum())
    return Comparison(len(judged), negatives, figures[0], figures[1], worse)


# --- who is asked what -----------------------------------------------------------------------------------


def _judged(material: Material, apart: Flags) -> Rows:
    """Of the texts kept apart those of places, real or written for this project; all where these are too few."""
    places = np.array([example.in_domain or example.synthetic for example in material.examples])
    for rows in (np.flatnonzero(apart & places), np.flatnonzero(apart)):
        if _enough(material.labels[rows] == 0):
            return rows
    raise CorpusError(f"too few labelled texts to compare on: of a fifth, {FEWEST} must be negative and {FEWEST} not")


def _cross_validated(material: Material, known: Rows, corrections: Rows, learned: Learns, note: Note) -> Right:
    """As `_right`, each fold of the corrections by a learner that knows the other folds only."""
    right = Right(np.zeros(len(corrections), dtype=np.bool_), np.zeros(len(corrections), dtype=np.bool_))
    folds = np.arange(len(corrections)) % FOLDS
    count = min(FOLDS, len(corrections))
    for fold in range(count):
        note(f"corrections: fold {fold + 1} of {count}")
        unseen = folds == fold
        learner = learned(np.concatenate([known, corrections[~unseen]]))
        right.tones[unseen], right.complaints[unseen] = _right(material, learner, corrections[unseen])
    return right


def _right(material: Material, learner: Learner, rows: Rows) -> Right:
    tones, logits = learner.logits([material.documents[row] for row in rows])
    complaints = _complaint_known(material)[rows] & ((logits > 0) == (material.complaints[rows] == 1))
    return Right(tones.argmax(axis=1) == material.labels[rows], complaints)


def _complaint_known(material: Material) -> Flags:
    """Where the complaint head has something to say: it is for texts that are not negative as a whole."""
    return np.asarray((material.complaints >= 0) & (material.labels != 0))


def _overruled(material: Material) -> Flags:
    marks, corrected = _marks(material), _corrected(material)
    return ~corrected & np.isin(marks, marks[corrected])


def _corrected(material: Material) -> Flags:
    return np.array([example.corrected for example in material.examples], dtype=np.bool_)


def _marks(material: Material) -> NDArray[np.int64]:
    """A number for the words of each text; punctuation and smileys do not make another text."""
    return np.array([fingerprint(_plain_words(item.words)) for item in material.documents], dtype=np.int64)


def _plain_words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word[0].isalnum())


def _enough(happened: Flags) -> bool:
    return bool(min(happened.sum(), (~happened).sum()) >= FEWEST)


# --- figures ---------------------------------------------------------------------------------------------


def _rankings(
    material: Material, learners: Sequence[Learner], judged: Rows
) -> tuple[list[dict[str, Floats]], list[dict[str, Floats]]]:
    """`metrics.ranking` of each learner's tones, and of its complaints, if there are enough; on the same draws."""
    logits = [learner.logits([material.documents[row] for row in judged]) for learner in learners]
    negative = material.labels[judged] == 0
    counts = metrics.draws(len(judged))
    of_tones = [metrics.ranking(softmax(tones)[:, 0], negative, counts) for tones, _ in logits]
    known = _complaint_known(material)[judged]
    complains = material.complaints[judged][known] == 1
    if not _enough(complains):
        return of_tones, []
    counts = metrics.draws(len(complains))
    return of_tones, [metrics.ranking(complaints[known], complains, counts) for _, complaints in logits]


def _value(ranking: dict[str, Floats], name: str) -> float:
    """Of the texts themselves, which are the first draw."""
    return round(float(ranking[name][0]), 4)


def _agreement(material: Material, corrections: Rows, right: Right) -> Agreement:
    tones, complaints = material.labels[corrections] >= 0, _complaint_known(material)[corrections]
    return Agreement(int(tones.sum()), int(right.tones.sum()), int(complaints.sum()), int(right.complaints.sum()))


def _fallen(name: str, leeway: float, sides: Sequence[Floats]) -> list[str]:
    if not sides:
        return []
    without, with_corrections = sides
    lowest = float(np.nanpercentile((with_corrections - without)[1:], DOUBT))
    if lowest >= -leeway:
        return []
    return [f"{name} on other texts: {without[0]:.4f} → {with_corrections[0]:.4f}, perhaps {lowest:+.4f}"]


def _fewer(name: str, without: Flags, with_corrections: Flags) -> list[str]:
    lost, won = int((without & ~with_corrections).sum()), int((~without & with_corrections).sum())
    if lost - won - 1 <= DOUBT_DEVIATIONS * (lost + won) ** 0.5:  # 1: the correction for few
        return []
    return [f"corrected {name} told right: {without.sum()} → {with_corrections.sum()} of {len(without)}"]
