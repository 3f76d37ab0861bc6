"""Figures of the model and of its rivals, their intervals, and what they are computed on."""

import random
import signal
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import baselines, calibration, evaluation, learner, metrics, training
from sentiment.corpus import CorpusError, Example
from sentiment.evaluation import HelperDied, Score, cross_validate, judge_file, scores
from sentiment.learner import Material
from sentiment.lexicon import Compiled
from sentiment.metrics import Judgement
from sentiment.model import Model
from sentiment.training import Trained

GOOD = ["вкусно", "уютно", "спасибо", "отлично", "быстро", "вежливо", "рекомендую", "супер", "красиво", "свежее"]
BAD = ["ужасно", "хамят", "холодное", "долго", "обман", "грязно", "невкусно", "никогда", "дорого", "испортили"]
MIDDLE = ["нормально", "средне", "пойдет", "сойдет", "иногда", "обычное", "терпимо", "вроде", "местами", "неплохо"]
COMMON = ["в", "кафе", "суп", "кофе", "официант", "зал", "были", "вчера", "заказ", "и"]
LEXICON = Compiled(sorted([*GOOD, *BAD]), [2.0 if word in GOOD else -2.0 for word in sorted([*GOOD, *BAD])], {}, [], {})


def invented(source: str, count: int, seed: int, *, starred: bool = False) -> list[Example]:
    """Reviews of invented words, a third of each tone; of the praising ones, every second holds a complaint."""
    dice = random.Random(seed)
    examples = []
    for number in range(count):
        label = number % 3
        complains = label == 0 or number % 2 == 0
        words = dice.choices((BAD, MIDDLE, GOOD)[label], k=4) + dice.choices(COMMON, k=6)
        words += ["но", *dice.choices(BAD, k=2)] if label == 2 and complains else []
        stars = 2 * label + 1 if starred else None
        if starred and label == 0 and number % 4 == 0:
            stars = 5  # what only the text tells
        examples.append(Example(" ".join(words), label, complains, stars, source))
    return examples


@pytest.fixture(scope="module")
def material() -> Material:
    examples = [
        *invented("geo_a", 45, 1),
        *invented("geo_b", 45, 2),
        *invented("goods", 60, 3),
        *invented("synthetic_cafe", 60, 4, starred=True),
        *invented("synthetic_hotel", 60, 5, starred=True),
    ]
    return learner.prepare(examples, LEXICON, is_personal=lambda _: False)


@pytest.fixture(scope="module")
def found(material: Material) -> list[Score]:
    return list(cross_validate(material, by_trade=True))


@pytest.fixture(scope="module")
def trained(material: Material) -> Trained:
    return training.train(material)


def of(found: list[Score], data: str, information: str, model: str) -> Score:
    (score,) = [score for score in found if (score.data, score.information, score.model) == (data, information, model)]
    return score


def value(score: Score, name: str) -> float:
    interval = score.figures[name]
    assert interval is not None
    return interval.value


# --- figures


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)), min_size=2, max_size=60).filter(
        lambda rows: 0 < sum(label == 0 for label, _, _ in rows) < len(rows)
    )
)
@settings(max_examples=60)
def test_figures_are_those_of_scikit_learn_also_with_equal_scores(rows: list[tuple[int, int, int]]) -> None:
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

    labels, tones = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    ranks = np.array([row[2] / 4 for row in rows])
    negative = labels == 0
    one = np.ones((1, len(rows)), dtype=np.uint8)
    told = metrics.figures(Judgement(labels, ranks, tones, tones == 0, calibrated=True), one)
    expected = {
        "auc": roc_auc_score(negative, ranks),
        "average_precision": average_precision_score(negative, ranks),
        "macro_f1": f1_score(labels, tones, labels=sorted(set(labels.tolist())), average="macro", zero_division=0),
        "calibration_error": calibration.calibration_error(calibration.reliability(ranks, negative)),
        "flagged_recall": (negative & (tones == 0)).sum() / negative.sum(),
        "flagged_share": (tones == 0).mean(),
    }
    for name, number in expected.items():
        interval = told[name]
        assert interval is not None
        assert interval.value == pytest.approx(number), name
    caught = sorted(ranks[negative].tolist(), reverse=True)
    threshold = caught[int(np.ceil(0.95 * len(caught) - 1e-9)) - 1]
    share = told["share_at_95"]
    assert share is not None
    assert share.value == pytest.approx((ranks >= threshold).mean())


def test_a_resample_is_judged_as_if_its_texts_stood_there_that_often() -> None:
    dice = np.random.default_rng(3)
    labels, ranks = dice.integers(0, 3, size=40), dice.random(40).round(1)
    counts = metrics.draws(40)
    told = metrics.ranking(ranks, labels == 0, counts)
    for number in (1, 7, 500):
        again = np.repeat(np.arange(40), counts[number])
        alone = metrics.ranking(ranks[again], labels[again] == 0, np.ones((1, len(again)), dtype=np.uint8))
        for name, values in told.items():
            assert values[number] == pytest.approx(alone[name][0]), name


def test_draws_are_seeded_and_fewer_of_very_many_texts() -> None:
    assert np.array_equal(metrics.draws(50), metrics.draws(50))
    assert metrics.draws(50).sum(axis=1).tolist() == [50] * (1 + metrics.MOST_RESAMPLES)
    assert len(metrics.draws(200_000)) == 1 + metrics.LEAST_RESAMPLES


def test_an_interval_holds_its_figure_and_narrows_with_more_texts() -> None:
    dice = np.random.default_rng(5)

    def width(texts: int) -> float:
        labels = dice.integers(0, 3, size=texts)
        ranks = (labels == 0) + dice.normal(0, 1, size=texts)
        interval = metrics.figures(Judgement(labels, ranks, labels, labels == 0), metrics.draws(texts))["auc"]
        assert interval is not None
        assert interval.low < interval.value < interval.high
        return interval.high - interval.low

    assert width(2000) < width(50) / 3


@given(st.integers(1, 10_000), st.data())
def test_the_interval_of_a_share_holds_it_and_never_claims_certainty(texts: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, texts))
    found, turned = metrics.proportion(hits, texts), metrics.proportion(texts - hits, texts)
    assert found is not None
    assert turned is not None
    assert 0 <= found.low <= found.value == hits / texts <= found.high <= 1
    assert found.high - found.low > 0.0003
    assert (1 - turned.high, 1 - turned.low) == pytest.approx((found.low, found.high))


def test_the_interval_of_a_share_is_that_of_the_textbook() -> None:
    for hits, texts, expected in ((40, 40, (0.9124, 1.0)), (0, 10, (0.0, 0.2775)), (27, 40, (0.5202, 0.7992))):
        found = metrics.proportion(hits, texts)
        assert found is not None
        assert found[1:] == pytest.approx(expected, abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 1)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_every_interval_holds_its_figure_also_as_it_is_printed(rows: list[tuple[int, bool, float]]) -> None:
    labels, flagged = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    ranks = np.array([row[2] for row in rows])
    judgement = Judgement(labels, ranks, labels, flagged, calibrated=True, urgent=flagged)
    counts = metrics.draws(len(rows))[:50]
    told = [*metrics.figures(judgement, counts).values()]
    if 0 < (labels == 0).sum() < len(rows):
        told += metrics.complaint_figures(ranks, flagged, labels == 0, counts).values()
    for found in filter(None, told):
        assert found.low <= found.value <= found.high
        for digits in (2, 3, 4):
            low, high = found.outward(digits)
            assert low <= round(found.value, digits) <= high


def test_nothing_missed_and_nothing_wrong_among_few_texts_is_no_certainty() -> None:
    labels = np.array([0] * 5 + [2] * 5)
    flagged = labels == 0
    told = metrics.figures(Judgement(labels, -labels * 1.0, labels, flagged, urgent=flagged), metrics.draws(10))
    of_complaints = metrics.complaint_figures(flagged * 1.0, flagged, flagged, metrics.draws(10))
    for found in (
        *[told[name] for name in ("flagged_recall", "flagged_precision", "urgent_recall")],
        *[of_complaints[name] for name in ("recall", "precision", "precision_when_rare")],
    ):
        assert found is not None
        assert (found.value, found.high) == (1.0, 1.0)
        assert found.low < 0.6


def test_rounding_leaves_ends_that_need_none() -> None:
    assert metrics.Interval(0.5, 0.29, 0.58).outward(2) == (0.29, 0.58)  # 0.29 * 100 is a little less than 29
    assert metrics.Interval(0.9996, 0.9951, 0.9991).outward(2) == (0.99, 1.0)


def test_what_cannot_be_had_is_no_number() -> None:
    labels = np.array([2, 2, 1])
    told = metrics.figures(Judgement(labels, np.zeros(3), labels, labels == 0), metrics.draws(3))
    assert [told[name] for name in ("auc", "share_at_95", "flagged_recall", "flagged_precision")] == [None] * 4
    share = told["flagged_share"]
    assert share is not None
    assert share.value == 0


def test_precision_is_told_for_complaints_as_rare_as_on_the_maps() -> None:
    complaints = np.arange(100) < 50
    named = np.arange(100) % 50 < 40  # 80 % of both halves
    told = metrics.complaint_figures(named.astype(float), named, complaints, metrics.draws(100))
    plain, rare = told["precision"], told["precision_when_rare"]
    assert plain is not None
    assert rare is not None
    assert plain.value == pytest.approx(0.5)
    assert rare.value == pytest.approx(calibration.COMPLAINTS_IN_PRAISE)


# --- cross-validation


def test_every_real_file_stands_alone_and_synthetic_texts_apart(found: list[Score]) -> None:
    assert {score.data: score.texts for score in found if score.information == "text"} == {
        "geo_a": 45, "geo_b": 45, "goods": 60, "places": 90, "synthetic": 120, "places, unseen": 90,
        "synthetic, trade unseen": 120,
    }  # fmt: skip


def test_stars_are_judged_where_they_are_known(found: list[Score]) -> None:
    assert {score.data for score in found if score.information == "both"} == {"synthetic", "synthetic, trade unseen"}
    by_stars = of(found, "synthetic", "stars", evaluation.OURS)
    by_both = of(found, "synthetic", "both", evaluation.OURS)
    assert value(by_stars, "flagged_recall") < 0.8  # five stars above a text that blames
    assert value(by_both, "flagged_recall") > value(by_stars, "flagged_recall")
    assert not by_both.labels_from_stars


def test_the_model_learns_in_its_folds_and_beats_the_majority(found: list[Score]) -> None:
    ours = of(found, "places, unseen", "text", evaluation.OURS)
    nobody = of(found, "places, unseen", "text", evaluation.MAJORITY)
    assert value(ours, "auc") > 0.9
    assert (value(nobody, "auc"), value(nobody, "share_at_95")) == (0.5, 1.0)
    assert sum(item.texts for item in ours.reliability) == ours.texts
    assert sum(map(sum, ours.confusion)) == ours.texts


def test_complaints_are_looked_for_in_praise_only(found: list[Score]) -> None:
    complaints = of(found, "places", "text", evaluation.OURS).complaints
    assert complaints is not None
    assert complaints.texts == 30
    auc = complaints.figures["auc"]
    assert auc is not None
    assert auc.value > 0.9


def test_plain_rivals_stand_beside_the_model_on_the_same_texts(found: list[Score]) -> None:
    rivals = {score.model for score in found if score.data == "synthetic"} - {evaluation.OURS}
    expected = {"TF-IDF + LR", "navec + LR", "lexicon alone", "majority", "stars <= 3"}
    assert rivals - {baselines.FASTTEXT} == expected
    assert value(of(found, "synthetic", "text", "TF-IDF + LR"), "auc") > 0.8
    assert value(of(found, "synthetic", "text", "lexicon alone"), "auc") > 0.9


def test_the_figures_do_not_depend_on_the_number_of_processes(material: Material, found: list[Score]) -> None:
    said: list[str] = []
    again = list(cross_validate(material, rivals=False, jobs=2, progress=said.append))
    assert len(said) == 5 + 1 + 5  # folds, one without places, folds without places
    assert again == [
        score for score in found if score.model == evaluation.OURS and score.data != evaluation.TRADE_UNSEEN
    ]


def test_a_fold_is_judged_with_thresholds_that_its_own_labels_have_not_touched(material: Material) -> None:
    """Turning the labels of one fold around must not change a single decision in it."""
    _, unseen = next(iter(training.folds(material.examples)))
    chosen = training.choose(
        material.take(np.setdiff1d(np.arange(len(material.examples)), unseen)),
        training.Unseen(*_logits(len(material.examples) - len(unseen))),
    )
    turned = list(material.examples)
    for row in unseen:
        turned[row] = replace(turned[row], label=2 - turned[row].label)
    other = replace(material, examples=turned)
    again = training.choose(
        other.take(np.setdiff1d(np.arange(len(turned)), unseen)), training.Unseen(*_logits(len(turned) - len(unseen)))
    )
    assert again == chosen


@pytest.fixture(scope="module")
def small() -> Material:
    examples = [*invented("geo_a", 30, 1), *invented("goods", 60, 3)]
    return learner.prepare(examples, LEXICON, is_personal=lambda _: False)


def test_no_label_of_a_place_touches_what_is_decided_of_unseen_places(small: Material) -> None:
    """Turning the labels of all reviews of places around must not change a single decision on them."""
    turned = [replace(item, label=2 - item.label) if item.in_domain else item for item in small.examples]

    def decided(material: Material) -> dict[str, tuple[float, list[int]]]:
        unseen = [item for item in cross_validate(material) if item.data == evaluation.PLACES_UNSEEN]
        return {
            item.model: (value(item, "flagged_share"), np.array(item.confusion).sum(axis=0).tolist())
            for item in unseen
            if item.model in {evaluation.OURS, "TF-IDF + LR", "navec + LR"}
        }

    told = decided(small)
    assert len(told) == 3
    assert decided(replace(small, examples=turned)) == told


def test_where_too_little_is_left_without_places_these_are_not_judged_unseen() -> None:
    few = [*invented("geo_a", 30, 1), *invented("goods", 12, 3)]
    material = learner.prepare(few, LEXICON, is_personal=lambda _: False)
    assert {score.data for score in cross_validate(material, rivals=False)} == {"geo_a", "goods"}


def test_a_rival_flags_at_a_threshold_chosen_for_it(small: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ranks well and never says `negative` outright would flag nothing by its likeliest tone."""

    def shy(material: Material, _seen: learner.Rows, unseen: learner.Rows) -> calibration.Floats:
        return np.array([[0.3, 0.2, 0.5] if material.labels[row] == 0 else [0.1, 0.2, 0.7] for row in unseen])

    monkeypatch.setattr(baselines, "learned", lambda: {"shy": shy})
    told = list(cross_validate(small))
    for data in ("geo_a", "goods", evaluation.PLACES_UNSEEN):
        score = of(told, data, "text", "shy")
        assert (value(score, "flagged_recall"), value(score, "flagged_precision")) == (1.0, 1.0)
        assert score.confusion[0] == [0, 0, score.negatives]


def test_what_gets_the_hour_is_told_beside_what_is_flagged(found: list[Score]) -> None:
    ours = of(found, "places", "text", evaluation.OURS)
    assert value(ours, "urgent_share") > value(ours, "flagged_share")  # without stars neither praised nor flagged
    assert value(ours, "urgent_recall") >= value(ours, "flagged_recall")
    by_stars = of(found, "synthetic", "stars", evaluation.OURS)
    assert value(by_stars, "urgent_share") == value(by_stars, "flagged_share")  # stars are never uncertain
    assert all("urgent_share" not in score.figures for score in found if score.model != evaluation.OURS)


class Deadly(frozenset[str]):
    """Kills the process that unpickles it: the one that was to help."""

    def __reduce__(self) -> tuple[object, ...]:
        return signal.raise_signal, (signal.SIGKILL,)


def test_a_killed_process_is_told(small: Material) -> None:
    with pytest.raises(HelperDied):
        list(cross_validate(replace(small, banned=Deadly()), rivals=False, jobs=2))


def _logits(count: int) -> tuple[calibration.Floats, calibration.Floats]:
    dice = np.random.default_rng(1)
    return dice.normal(size=(count, 3)), dice.normal(size=count)


def test_too_few_texts_are_refused() -> None:
    few = learner.prepare(invented("geo_a", 9, 1), LEXICON, is_personal=lambda _: False)
    with pytest.raises(CorpusError, match="at least 5"):
        list(cross_validate(few))


class FakeFastText(ModuleType):
    """Remembers what it was trained on; takes everything for praise."""

    def __init__(self) -> None:
        super().__init__("fasttext")
        self.__spec__ = ModuleSpec("fasttext", None)
        self.lines: list[str] = []

    def train_supervised(self, path: str, **_options: object) -> "FakeFastText":
        self.lines = Path(path).read_text(encoding="utf-8").splitlines()
        return self

    @property
    def f(self) -> "FakeFastText":
        return self

    def predict(self, text: str, k: int, _threshold: float, _on_unicode_error: str) -> list[tuple[float, str]]:
        assert text.endswith("\n")
        return [(0.5, "__label__2"), (0.3, "__label__0"), (0.2, "__label__1")][:k]


def test_fast_text_joins_when_its_package_is_installed(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeFastText()
    monkeypatch.setitem(sys.modules, "fasttext", fake)
    rows = np.arange(len(material.examples))
    probabilities = baselines.learned()[baselines.FASTTEXT](material, rows, rows[:5])
    assert probabilities == pytest.approx(np.array([[0.3, 0.2, 0.5]] * 5))
    assert len(fake.lines) == 90 * 8 + 60 + 120 * 3  # it knows no weights, so texts are repeated
    assert all(line.startswith("__label__") for line in fake.lines)


def test_fast_text_is_left_out_when_its_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "find_spec", lambda _: None)
    assert set(baselines.learned()) == {"TF-IDF + LR", "navec + LR"}


# --- the shipped model on other people's reviews


def test_texts_that_the_model_learned_from_are_left_out_and_counted(
    trained: Trained, material: Material, tmp_path: Path
) -> None:
    path = tmp_path / "mine.tsv"
    known = material.examples[0].text
    path.write_text(
        f"text\tlabel\tstars\tcomplaint\n{known}\tnegative\t1\t1\nужасно хамят опять\tnegative\t5\t1\n"
        f"отлично уютно опять\tpositive\t5\t0\n)(\tpositive\t5\t\n---\tpositive\t5\t\n",
        encoding="utf-8",
    )
    heard = judge_file(Model(trained.arrays, trained.meta), path)
    assert (len(heard.texts), heard.known, heard.wordless) == (2, 1, 2)
    assert heard.texts.labels("stars").tolist() == [5, 5]
    told = list(scores("mine", heard.texts))
    assert [(score.information, score.model) for score in told] == [
        ("text", evaluation.OURS), ("text", "lexicon alone"), ("text", "majority"), ("stars", evaluation.OURS),
        ("stars", "stars <= 3"), ("both", evaluation.OURS),
    ]  # fmt: skip
    assert value(told[0], "auc") == 1.0


def test_a_danger_behind_five_stars_gets_the_hour_without_a_flag(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        "text\tlabel\tstars\nотлично уютно вкусно супер, отравились всей семьёй\tpositive\t5\n"
        "отлично уютно вкусно супер опять\tpositive\t5\n",
        encoding="utf-8",
    )
    heard = judge_file(Model(trained.arrays, trained.meta), path)
    assert heard.texts.flags("both_flagged").tolist() == [False, False]
    assert heard.texts.flags("both_urgent").tolist() == [True, False]


def test_labels_that_are_the_stars_are_marked_so(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "reviews.tskv"
    rows = [(1, "ужасно опять"), (3, "средне опять"), (5, "отлично опять")]
    path.write_text("".join(f"rating={stars}.\ttext={text}\n" for stars, text in rows), encoding="utf-8")
    heard = judge_file(Model(trained.arrays, trained.meta), path)
    assert all(score.labels_from_stars for score in scores("theirs", heard.texts, rivals=False))


def test_a_file_of_known_texts_has_no_figures(trained: Trained, material: Material, tmp_path: Path) -> None:
    path = tmp_path / "known.tsv"
    path.write_text(f"text\tlabel\n{material.examples[0].text}\tnegative\n", encoding="utf-8")
    heard = judge_file(Model(trained.arrays, trained.meta), path)
    assert list(scores("known", heard.texts)) == []


def test_the_shipped_files_are_small() -> None:
    assert evaluation.shipped_bytes() < 2_000_000
