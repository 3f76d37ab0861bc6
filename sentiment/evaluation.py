"""How good the model is: every published figure of it comes from here, beside those of its baselines.

`cross_validate` splits labelled texts into five folds, stratified by label and file: vocabulary and weights come from
the other four folds, calibration and thresholds from what the models of the four other folds said of their unseen
texts. Beside them it trains a model without any review of a place and judges all of those, with calibration and
thresholds from five folds of the other texts. If asked to, it does so without each trade of the synthetic texts, too,
but there calibration and thresholds are those of the common folds, which know the trade: its own would take hours.
`judge_file` lets the shipped model judge anybody's labelled reviews, as it does in production; texts it learned from
are left out.

The score of stars alone is their number. That of both is the text's, those of at most three stars before the others.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources.abc import Traversable
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment import baselines, calibration, corpus, metrics, risks, text, training
from sentiment.baselines import Said
from sentiment.calibration import Bin, Floats, Labels, softmax
from sentiment.corpus import CorpusError, Example
from sentiment.decision import CRITICAL_STARS, Judged, decide
from sentiment.features import terms
from sentiment.learner import Learner, Material, Rows, complaint_probability
from sentiment.metrics import Figures, Flags, Judgement
from sentiment.model import ARRAYS_FILE, CLASSES, META_FILE, Model, Thresholds, data_folder
from sentiment.rules import Review
from sentiment.training import Choices, Unseen
from sentiment.types import Probabilities

Progress = Callable[[str], None]

OURS, FEW_STARS, LEXICON, MAJORITY = "otklik", "stars <= 3", "lexicon alone", "majority"
STARS, TEXT, BOTH = "stars", "text", "both"
PLACES, PLACES_UNSEEN = "places", "places, unseen"
SYNTHETIC, TRADE_UNSEEN = corpus.SYNTHETIC, "synthetic, trade unseen"


class HelperDied(Exception):
    """A process that trained models is no more."""


class Row(NamedTuple):
    """What is known of a text and what the model says of it, as numbers: tones are labels, `stars` 0 and `complaint`
    -1 where unknown; decisions by text, by stars, by both. Urgent is what is flagged or uncertain."""

    label: int
    stars: int
    complaint: int
    negative: float
    neutral: float
    positive: float
    complaint_probability: float
    complains: bool
    text_tone: int
    text_flagged: bool
    text_urgent: bool
    stars_tone: int
    stars_flagged: bool
    stars_urgent: bool
    both_tone: int
    both_flagged: bool
    both_urgent: bool
    balance: float


@dataclass(frozen=True)
class Texts:
    """`rows` (texts, fields of Row); `rivals`: what each that learned says."""

    rows: Floats
    rivals: Mapping[str, Said]

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, mask: Flags) -> "Texts":
        return Texts(self.rows[mask], {name: said.where(mask) for name, said in self.rivals.items()})

    def numbers(self, name: str) -> Floats:
        return np.asarray(self.rows[:, Row._fields.index(name)])

    def labels(self, name: str) -> Labels:
        return self.numbers(name).astype(np.int64)

    def flags(self, name: str) -> Flags:
        return self.numbers(name) > 0


class Complaints(NamedTuple):
    """Of the texts of 4 and 5 stars (without stars: with a positive label) of which it is known."""

    texts: int
    complaints: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Score:
    """One model's figures on one data set, by one kind of information. `confusion`: texts by true and told tone.
    `labels_from_stars`: every label says what the stars say, so that figures by stars mean nothing."""

    data: str
    information: str
    model: str
    texts: int
    negatives: int
    labels_from_stars: bool
    figures: Figures
    confusion: Sequence[Sequence[int]]
    reliability: Sequence[Bin]
    complaints: Complaints | None


def scores(data: str, texts: Texts, *, rivals: bool = True) -> Iterator[Score]:
    """Every figure of a data set: ours, and with `rivals` theirs."""
    drawn: dict[int, metrics.Counts] = {}

    def score(information: str, model: str, judgement: Judgement, complaints: Complaints | None = None) -> Score:
        size = len(judgement.labels)
        if size not in drawn:
            drawn[size] = metrics.draws(size)
        return Score(
            data, information, model, size, int((judgement.labels == 0).sum()), from_stars,
            metrics.figures(judgement, drawn[size]), metrics.confusion(judgement.labels, judgement.tones),
            metrics.reliability(judgement), complaints,
        )  # fmt: skip

    starred = texts.where(texts.flags("stars"))
    expected = [corpus.by_stars(stars) for stars in starred.numbers("stars").tolist()]
    from_stars = bool(expected) and starred.labels("label").tolist() == expected
    if not len(texts):
        return
    yield score(TEXT, OURS, _by_text(texts), _complaints(texts))
    if rivals:
        for name, judgement in _rivals(texts):
            yield score(TEXT, name, judgement)
    if len(starred):
        yield score(STARS, OURS, _by(STARS, starred, -starred.numbers("stars")))
        if rivals:
            few = baselines.few_stars(starred.labels("label"), starred.labels("stars"))
            yield score(STARS, FEW_STARS, few)
        critical = starred.numbers("stars") <= CRITICAL_STARS
        yield score(BOTH, OURS, _by(BOTH, starred, critical + starred.numbers("negative")))


def _by(information: str, texts: Texts, ranked: Floats) -> Judgement:
    tones, flagged = texts.labels(f"{information}_tone"), texts.flags(f"{information}_flagged")
    return Judgement(texts.labels("label"), ranked, tones, flagged, urgent=texts.flags(f"{information}_urgent"))


def _by_text(texts: Texts) -> Judgement:
    likeliest = np.stack([texts.numbers(name) for name in CLASSES], axis=1).argmax(axis=1)
    return replace(_by(TEXT, texts, texts.numbers("negative")), calibrated=True, likeliest=likeliest)


def _rivals(texts: Texts) -> Iterator[tuple[str, Judgement]]:
    labels = texts.labels("label")
    for name, said in texts.rivals.items():
        yield name, baselines.judged(labels, said)
    yield LEXICON, baselines.lexicon_alone(labels, texts.numbers("balance"))
    yield MAJORITY, baselines.majority(labels)


def _complaints(texts: Texts) -> Complaints | None:
    stars = texts.numbers("stars")
    praise = np.where(stars > 0, stars > CRITICAL_STARS, texts.labels("label") == 2)
    judged = texts.where(praise & (texts.numbers("complaint") >= 0))
    complaints = judged.flags("complaint")
    if not complaints.any() or complaints.all():
        return None
    found = metrics.complaint_figures(
        judged.numbers("complaint_probability"), judged.flags("complains"), complaints, metrics.draws(len(judged))
    )
    return Complaints(len(judged), int(complaints.sum()), found)


def _row(
    example: Example,
    judged: Judged,
    complaint: float,
    thresholds: Thresholds,
    weights: Sequence[float],
    *,
    danger: bool,
) -> Row:
    by_text = decide(None, judged, thresholds, danger=danger)
    by_stars = decide(example.stars, None, thresholds)
    by_both = decide(example.stars, judged, thresholds, complaint=complaint, danger=danger)
    of = judged.probabilities
    return Row(
        example.label, example.stars or 0, -1 if example.complaint is None else int(example.complaint),
        of.negative, of.neutral, of.positive, complaint, complaint >= thresholds.complaint,
        CLASSES.index(by_text.tone), by_text.flagged, by_text.flagged or by_text.uncertain,
        CLASSES.index(by_stars.tone), by_stars.flagged, by_stars.flagged or by_stars.uncertain,
        CLASSES.index(by_both.tone), by_both.flagged, by_both.flagged or by_both.uncertain, sum(weights),
    )  # fmt: skip


# --- the shipped model, on anybody's reviews -------------------------------------------------------------


class Heard(NamedTuple):
    """A file as the model judges it; left out were texts it learned from, and those without a word."""

    texts: Texts
    known: int
    wordless: int


def judge_file(model: Model, path: Path) -> Heard:
    """Streams the file: of each text, only numbers are kept. Raises CorpusError."""
    numbers = array("d")
    known = wordless = 0
    for example in corpus.stream(path):
        tokens = text.tokens(example.text)
        words = [token.key for token in tokens]
        if not words:
            wordless += 1
        elif model.knows(words):
            known += 1
        else:
            reading = model.read(words)
            clauses = text.clauses(example.text, tokens)
            danger = bool(risks.find(Review(example.text, tokens, clauses)))
            complaint = reading.complaint(clauses)
            numbers.extend(_row(example, reading, complaint, model.thresholds, reading.weights, danger=danger))
    return Heard(Texts(np.array(numbers).reshape(-1, len(Row._fields)), {}), known, wordless)


def shipped_bytes(folder: Traversable | None = None) -> int:
    place = folder or data_folder()
    return sum(len((place / name).read_bytes()) for name in (ARRAYS_FILE, META_FILE))


# --- cross-validation ------------------------------------------------------------------------------------


class Split(NamedTuple):
    """What a model learns from and what it judges; `name` is that of the data set, none of a fold. One that `helps` is
    only asked so that calibration and thresholds can be chosen for the others of its name."""

    name: str
    seen: Rows
    unseen: Rows
    helps: bool = False


class Answers(NamedTuple):
    """What models say of texts they have not seen: logits of ours, whether it knew any of a text's words, the
    probabilities of the rivals."""

    tones: Floats
    complaints: Floats
    understood: Flags
    rivals: Mapping[str, Floats]


class OutOfFold(NamedTuple):
    """A text as `decision.decide` wants it."""

    probabilities: Probabilities
    understood: bool


def cross_validate(
    material: Material, *, rivals: bool = True, by_trade: bool = False, jobs: int = 1, progress: Progress | None = None
) -> Iterator[Score]:
    """The scores of every file, of `places` and of the synthetic texts, judged by models that had not seen them.

    `jobs`: processes; the figures do not depend on their number. Raises CorpusError when there are too few texts,
    HelperDied when a process was killed.
    """
    counts = np.bincount(material.labels, minlength=len(CLASSES))
    if counts.min() < training.FOLDS:
        raise CorpusError(f"at least {training.FOLDS} texts of each of {', '.join(CLASSES)} are needed")
    splits = _splits(material, by_trade=by_trade)
    answers = []
    for number, answer in enumerate(_answers(material, splits, rivals, jobs), 1):
        answers.append(answer)
        if progress is not None:
            progress(f"{number} of {len(splits)} models trained and asked")
    asked = list(zip(splits, answers, strict=True))
    in_folds = [(split, answer) for split, answer in asked if not split.name]
    unseen = _together(material, in_folds)
    texts = _texts(material, in_folds, unseen)
    for name, mask in _data_sets(material.examples):
        yield from scores(name, texts.where(mask), rivals=rivals)
    for name in dict.fromkeys(split.name for split in splits if split.name):
        of_name = [(split, answer) for split, answer in asked if split.name == name and not split.helps]
        helpers = [(split, answer) for split, answer in asked if split.name == name and split.helps]
        texts = _texts(material, of_name, _together(material, helpers) if helpers else unseen)
        judged = np.zeros(len(material.examples), dtype=np.bool_)
        judged[np.concatenate([split.unseen for split, _ in of_name])] = True
        yield from scores(name, texts.where(judged), rivals=rivals)


def _data_sets(examples: Sequence[Example]) -> Iterator[tuple[str, Flags]]:
    sources = np.array([example.source for example in examples])
    places = np.array([example.in_domain for example in examples])
    synthetic = np.array([example.synthetic for example in examples])
    real = [str(source) for source in dict.fromkeys(sources[~synthetic].tolist())]
    for source in real:
        yield source, sources == source
    if len(set(sources[places].tolist())) > 1:
        yield PLACES, places
    if synthetic.any():
        yield SYNTHETIC, synthetic


def _splits(material: Material, *, by_trade: bool) -> list[Split]:
    """The folds, then the others; an unseen data set only where enough of each label is left without it."""
    splits = [Split("", seen, unseen) for seen, unseen in training.folds(material.examples)]
    kept_apart = [(PLACES_UNSEEN, np.array([example.in_domain for example in material.examples]))]
    if by_trade:
        sources = np.array([example.source for example in material.examples])
        trades = dict.fromkeys(example.source for example in material.examples if example.synthetic)
        kept_apart += [(TRADE_UNSEEN, sources == trade) for trade in trades]
    for name, apart in kept_apart:
        left = np.flatnonzero(~apart)
        if not apart.any() or np.bincount(material.labels[left], minlength=len(CLASSES)).min() < training.FOLDS:
            continue
        splits.append(Split(name, left, np.flatnonzero(apart)))
        if name == PLACES_UNSEEN:
            inner = training.folds(material.take(left).examples)
            splits += [Split(name, left[seen], left[unseen], helps=True) for seen, unseen in inner]
    return splits


def _answers(material: Material, splits: Sequence[Split], rivals: bool, jobs: int) -> Iterator[Answers]:
    answer = partial(_answer, material, rivals)
    if jobs == 1:
        yield from map(answer, splits)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(answer, splits)
        except BrokenExecutor as error:
            raise HelperDied from error


def _answer(material: Material, rivals: bool, split: Split) -> Answers:
    learner = Learner(material).fit(material, split.seen)
    documents = [material.documents[row] for row in split.unseen]
    tones, complaints = learner.logits(documents)
    vocabulary = dict(learner.features.transformer_list)["terms"].vocabulary_
    understood = [any(item.weights) or not vocabulary.keys().isdisjoint(terms(item.words)) for item in documents]
    learned = baselines.learned() if rivals else {}
    said = {name: rival(material, split.seen, split.unseen) for name, rival in learned.items()}
    return Answers(tones, complaints, np.array(understood), said)


Asked = Sequence[tuple[Split, Answers]]


def _together(material: Material, asked: Asked) -> Answers:
    """What was said of every text; no number where nobody was asked about it."""
    count = len(material.examples)
    _, first = asked[0]
    tones, complaints = np.full((count, len(CLASSES)), np.nan), np.full(count, np.nan)
    understood = np.zeros(count, dtype=np.bool_)
    rivals = {name: np.full((count, len(CLASSES)), np.nan) for name in first.rivals}
    for split, answer in asked:
        tones[split.unseen], complaints[split.unseen] = answer.tones, answer.complaints
        understood[split.unseen] = answer.understood
        for name, probabilities in answer.rivals.items():
            rivals[name][split.unseen] = probabilities
    return Answers(tones, complaints, understood, rivals)


def _texts(material: Material, asked: Asked, unseen: Answers) -> Texts:
    """Everything said in the splits, by text; zeros for texts that none of them judged. Calibration and thresholds of
    a split are chosen on its seen texts, from what `unseen` holds of them."""
    rows = np.zeros((len(material.examples), len(Row._fields)))
    said = _together(material, asked)
    flagged = {name: np.zeros(len(rows), dtype=np.bool_) for name in said.rivals}
    for split, answer in asked:
        seen = material.take(split.seen)
        chosen = training.choose(seen, Unseen(unseen.tones[split.seen], unseen.complaints[split.seen]))
        rows[split.unseen] = list(_rows(material, split, answer, chosen))
        chosen_on = split.seen[training.calibrating(seen)]
        for name, probabilities in answer.rivals.items():
            least = calibration.choose_thresholds(unseen.rivals[name][chosen_on], material.labels[chosen_on])
            flagged[name][split.unseen] = probabilities[:, 0] >= least["negative"]
    return Texts(rows, {name: Said(values, flagged[name]) for name, values in said.rivals.items()})


def _rows(material: Material, split: Split, answer: Answers, chosen: Choices) -> Iterator[Row]:
    thresholds = Thresholds(**chosen.thresholds)
    tones = softmax(chosen.tone.apply(answer.tones)).tolist()
    complaints = complaint_probability(chosen.complaint, answer.complaints).tolist()
    for row, tone, complaint, understood in zip(
        split.unseen.tolist(), tones, complaints, answer.understood.tolist(), strict=True
    ):
        example, prepared = material.examples[row], material.documents[row]
        judged = OutOfFold(Probabilities(*tone), understood)
        danger = bool(risks.find(Review(example.text, text.tokens(example.text), prepared.clauses)))
        yield _row(example, judged, complaint, thresholds, prepared.weights, danger=danger)
