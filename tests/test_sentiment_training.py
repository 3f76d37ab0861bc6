"""Training: the same data gives the same model, numpy judges as scikit-learn does, and corrections make nothing worse
unseen."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import calibration, comparison, learner, model, text, training
from sentiment.corpus import CORRECTED, UNJUDGED, CorpusError, Example
from sentiment.learner import Material
from sentiment.model import Model, ModelError
from sentiment.morph import is_personal
from sentiment.training import Trained
from tests.invented import BAD, COMMON, GOOD, LEXICON, MIDDLE, examples, word_of

WORDS = [*GOOD, *BAD, *MIDDLE, *COMMON, "незнакомец", "вкустно", "отвратная", "!", "?!", "...", "😡", "1990", "х**ня"]


@pytest.fixture(scope="module")
def material() -> Material:
    return learner.prepare(examples(150), LEXICON, is_personal=is_personal)


@pytest.fixture(scope="module")
def trained(material: Material) -> Trained:
    return training.train(material, rarest=2)


@pytest.fixture(scope="module")
def plain(trained: Trained) -> Model:
    return Model(trained.arrays, trained.meta)


# --- numpy and scikit-learn


def check_same(plain: Model, trained: Trained, review: str) -> None:
    tokens = text.tokens(review)
    reading = plain.read([token.key for token in tokens])
    of = reading.probabilities
    (tones,), (complaint,) = trained.reference.probabilities([learner.document(review, plain.lexicon)])
    assert [of.negative, of.neutral, of.positive] == pytest.approx(tones.tolist(), abs=1e-5)
    assert reading.complaint(text.clauses(review, tokens)) == pytest.approx(complaint, abs=1e-5)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", ", ", ". ", "\n", " — "])), max_size=40))
def test_plain_numpy_judges_as_scikit_learn_does(plain: Model, trained: Trained, pieces: list[tuple[str, str]]) -> None:
    check_same(plain, trained, "".join(word + end for word, end in pieces))


@pytest.mark.parametrize(
    "review",
    [
        "",
        "   ",
        "!!!",
        "абракадабра",
        "вкусно",
        "вкусно " * 50,
        "не вкусно " * 20,
        "\0\ud800 вкусно",
        "ужасно, но вкусно",
    ],
)
def test_odd_texts_are_judged_alike_too(plain: Model, trained: Trained, review: str) -> None:
    check_same(plain, trained, review)


def test_a_text_of_100_kb_is_judged_alike_too(plain: Model, trained: Trained) -> None:
    dice = random.Random(3)
    check_same(plain, trained, " ".join(dice.choices(WORDS, k=9000)) + "." + "а" * 50_000)


def test_a_head_without_anything_to_learn_from_hears_no_complaints() -> None:
    rows = [replace(example, complaint=True) for example in examples(60)]
    alone = training.train(learner.prepare(rows, LEXICON, is_personal=is_personal), rarest=2)
    plain = Model(alone.arrays, alone.meta)
    check_same(plain, alone, "ужасно, но вкусно")
    assert plain.thresholds.complaint == 1.0


# --- determinism, privacy, description


def test_training_is_deterministic_to_the_byte(trained: Trained, tmp_path: Path) -> None:
    again = training.train(learner.prepare(examples(150), LEXICON, is_personal=is_personal), rarest=2)
    for name, one in {"a": trained, "b": again}.items():
        training.save(one, tmp_path / name)
    for file in (model.ARRAYS_FILE, model.META_FILE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_another_seed_gives_another_version(material: Material, trained: Trained) -> None:
    assert training.train(material, rarest=2, seed=1).meta["version"] != trained.meta["version"]


def test_names_of_people_get_no_weight(trained: Trained) -> None:
    terms = model.lines_of(trained.arrays["vocabulary"])
    words = {word for term in [*terms, *model.lines_of(trained.arrays["words"])] for word in term.split(" ")}
    assert "вкусно" in words
    assert "ольге" not in words
    assert "сергеевичу" not in words
    assert not any(map(is_personal, words))


NAMED = ["айгуль", "алсу", "анна", "мария-луиза", "сергеевич", "иванова", "гульнара"]


def test_no_name_of_a_fixed_list_gets_a_weight_or_a_vector(material: Material) -> None:
    named = [Example(f"суп вкусно {' '.join(NAMED)} {word}", 2, None, None, "geo_x") for word in GOOD[:9]]
    arrays = training.train(learner.prepare([*material.examples, *named], LEXICON, is_personal=is_personal)).arrays
    terms = model.lines_of(arrays["vocabulary"])
    words = {word for term in [*terms, *model.lines_of(arrays["words"])] for word in term.split(" ")}
    assert "вкусно" in words
    assert words.isdisjoint(NAMED)


def test_a_word_gets_a_vector_from_its_third_text_on_however_often_one_repeats_it() -> None:
    rows = ["ананас", "ананас манго манго манго", "ананас манго", "вафли", "вафли", "Вафли"]
    prepared = learner.prepare([Example(row, 2, None, None, "geo_x") for row in rows], LEXICON, is_personal=is_personal)
    assert {"ананас", "манго", "вафли"} & set(prepared.vectors.words) == {"ананас"}
    assert "вкусно" in prepared.vectors.words  # the lexicon knows it


def test_a_term_of_few_texts_is_not_kept(material: Material) -> None:
    rare = [Example("вкусно Зюзюка-17 шмопс", 2, None, None, "geo_x")] * 2
    taught = learner.prepare([*material.examples, *rare], LEXICON, is_personal=is_personal)
    terms = model.lines_of(training.train(taught).arrays["vocabulary"])
    assert not any("шмопс" in term for term in terms)


def test_the_description_counts_what_was_learned_from(material: Material, trained: Trained) -> None:
    assert trained.meta["trained_on"] == {"geo_invented": {"negative": 50, "neutral": 50, "positive": 50}}
    assert any("YANDEX" in notice for notice in trained.meta["licences"])
    assert not any("RuReviews" in notice for notice in trained.meta["licences"])
    assert any("OpenCorpora" in notice and "CC BY-SA 3.0" in notice for notice in trained.meta["licences"])


def test_too_few_texts_are_refused() -> None:
    few = learner.prepare(examples(9), LEXICON, is_personal=is_personal)
    with pytest.raises(CorpusError, match="at least"):
        training.train(few)


def test_texts_that_share_no_words_are_refused() -> None:
    rows = [Example(f"слово{word_of(number)}", number % 3, None, None, "geo_x") for number in range(30)]
    with pytest.raises(CorpusError, match="too few words in common"):
        training.train(learner.prepare(rows, LEXICON, is_personal=is_personal))


def test_calibration_knows_how_many_texts_stood_in_the_file(material: Material) -> None:
    noise = np.random.default_rng(1).normal(size=(len(material.examples), 3))
    unseen = training.Unseen(noise + np.eye(3)[material.labels], noise[:, 0])
    standing = [replace(item, stands_for=(9.0, 4.0, 86.0)[item.label]) for item in material.examples]
    negative = []
    for known in (material, replace(material, examples=standing)):
        probabilities = calibration.softmax(training.choose(known, unseen).tone.apply(unseen.tones))
        weights = [item.stands_for for item in known.examples]
        negative.append(np.average(probabilities[:, 0], weights=weights))
    assert negative == pytest.approx([1 / 3, 9 / 99], abs=0.02)


def test_every_text_is_unseen_once_and_labels_are_spread(material: Material) -> None:
    mixed = [*examples(97), *examples(7, "synthetic_small", seed=3)]
    folds = list(training.folds(mixed))
    assert sorted(np.concatenate([unseen for _, unseen in folds]).tolist()) == list(range(len(mixed)))
    for seen, unseen in folds:
        assert not set(seen.tolist()) & set(unseen.tolist())
        counts = np.bincount([mixed[row].label for row in unseen], minlength=3)
        assert counts.max() - counts.min() <= 2


# --- writing


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The power fails between the two files."""
    replace_file = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == model.META_FILE:
            raise KeyboardInterrupt
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", failing)


def test_stopped_between_the_files_the_model_is_refused_and_the_cure_is_named(
    material: Material,
    trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    training.save(trained, tmp_path)
    other = training.train(material, rarest=2, seed=1)
    request.getfixturevalue("stopped")
    with pytest.raises(KeyboardInterrupt):
        training.save(other, tmp_path)
    monkeypatch.undo()
    with pytest.raises(ModelError, match="otklik train"):
        model.load(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {model.ARRAYS_FILE, model.META_FILE}
    training.save(other, tmp_path)
    assert model.load(tmp_path).version == other.meta["version"]


def test_a_full_disk_leaves_the_old_model(trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training.save(trained, tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        training.save(replace(trained, meta={"version": "x"}), tmp_path)
    assert model.load(tmp_path).version == trained.meta["version"]
    assert len(list(tmp_path.iterdir())) == 2


def test_whether_the_folder_can_be_written_is_known_beforehand(tmp_path: Path) -> None:
    training.check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="folder"):
        training.check_writable(tmp_path / "file" / "folder")


# --- corrections


def correction(words: str, label: int, complaint: bool | None = None) -> Example:
    return Example(words, label, complaint, 5, f"{CORRECTED}_yandex_maps", corrected=True)


def taught(base: list[Example], *corrections: Example) -> Material:
    return learner.prepare([*base, *corrections], LEXICON, is_personal=is_personal)


def test_corrections_without_words_and_all_but_the_last_of_the_same_words_are_ignored() -> None:
    found, ignored = comparison.usable(
        [
            correction("", 0),
            correction("🤡🤡 !!!\0", 0),
            correction("Всё отлично!", 0),
            correction("Суп холодный", 2, True),
            correction("всё ОТЛИЧНО", 2),
        ]
    )
    assert [(item.text, item.label) for item in found] == [("Суп холодный", 2), ("всё ОТЛИЧНО", 2)]
    assert ignored == 3
    assert comparison.usable([]) == ([], 0)


def test_what_a_person_said_of_a_labelled_text_counts() -> None:
    base = [Example("суп вкусно", 0, None, None, "geo_a"), Example("кофе", 2, None, None, "geo_a")]
    kept = comparison.without_overruled(taught(base, correction("Суп? Вкусно!", 2)))
    assert [(item.text, item.label) for item in kept.examples] == [("кофе", 2), ("Суп? Вкусно!", 2)]


def new_words(count: int, lie: bool = False) -> list[Example]:
    """Corrections of reviews whose words nobody knew; or, with `lie`, of plain ones, turned around."""
    dice = random.Random(5)
    found = []
    for number in range(count):
        label = 0 if number % 2 else 2
        words = (
            (BAD, MIDDLE, GOOD)[label] if lie else (["тухлятина", "криворукие"], [], ["годнота", "душевненько"])[label]
        )
        review = " ".join([*dice.choices(words, k=4), *dice.choices(COMMON, k=5)])
        found.append(correction(f"{review} {number % 10}", 2 - label if lie else label))
    return found


def test_good_corrections_are_learned_and_make_nothing_worse() -> None:
    compared = comparison.compare(taught(examples(300), *new_words(20)), rarest=2)
    assert compared.worse == []
    assert compared.with_corrections.agreement.right_tones > compared.without.agreement.right_tones
    assert compared.without.agreement.tones == 20


def test_false_corrections_are_noticed_and_named() -> None:
    compared = comparison.compare(taught(examples(300), *new_words(150, lie=True)), rarest=2)
    assert any("AUC" in reason for reason in compared.worse)
    assert compared.with_corrections.auc < compared.without.auc


def test_corrections_of_texts_kept_apart_do_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    base = examples(150)
    leaking = taught(base, *(correction(example.text.upper(), example.label) for example in base))
    learned: list[list[str]] = []
    fit = learner.Learner.fit

    def watched(self: learner.Learner, material: Material, chosen: learner.Rows) -> learner.Learner:
        learned.append([material.examples[row].text.lower() for row in chosen])
        return fit(self, material, chosen)

    monkeypatch.setattr(learner.Learner, "fit", watched)
    compared = comparison.compare(leaking, rarest=2)
    without, with_corrections = learned[:2]
    everything = {example.text.lower() for example in base}
    apart = everything - set(without)
    assert len(apart) >= compared.texts > 0
    assert not apart & set(with_corrections)
    assert set(with_corrections) == everything - apart


def test_the_fifth_kept_apart_is_always_the_same() -> None:
    one = comparison.compare(taught(examples(150), *new_words(1)), rarest=2)
    two = comparison.compare(taught(examples(150)[::-1], *new_words(3)), rarest=2)
    assert (one.texts, one.negatives) == (two.texts, two.negatives)
    assert one.without.auc == pytest.approx(two.without.auc, abs=0.02)


def test_a_correction_of_the_complaint_alone_teaches_only_the_complaint() -> None:
    alone = [correction(f"суп, но ждали долго {number}", UNJUDGED, True) for number in range(9)]
    material = taught(examples(150), *alone)
    compared = comparison.compare(material, rarest=2)
    assert compared.without.agreement.tones == 0
    assert compared.without.agreement.complaints == 9
    trained = training.train(material, rarest=2)
    assert trained.meta["trained_on"][f"{CORRECTED}_yandex_maps"]["complaint"] == 9
    check_same(Model(trained.arrays, trained.meta), trained, "суп, но ждали долго")


def test_corrections_do_not_move_the_thresholds_by_themselves(material: Material) -> None:
    unseen = training.out_of_fold(material, rarest=2)
    more = taught(list(material.examples), *new_words(10, lie=True))
    padded = training.Unseen(
        np.concatenate([unseen.tones, np.zeros((10, 3))]), np.concatenate([unseen.complaints, np.zeros(10)])
    )
    assert training.choose(more, padded) == training.choose(material, unseen)


def test_too_few_labelled_texts_to_compare_on_are_said_so() -> None:
    with pytest.raises(CorpusError, match="too few labelled texts"):
        comparison.compare(taught(examples(30), *new_words(2)), rarest=2)


# --- calibration


def test_calibration_finds_the_temperature_that_was_lost() -> None:
    dice = np.random.default_rng(1)
    logits = dice.normal(size=(4000, 3))
    labels = np.array([dice.choice(3, p=row) for row in calibration.softmax(logits)])
    scaling = calibration.fit_scaling(logits * 3 + np.array([0.0, 1.0, 0.0]), labels, np.ones(4000))
    assert scaling.temperature == pytest.approx(3, rel=0.1)
    assert scaling.shift[1] == pytest.approx(-1 / 3, abs=0.1)


def test_a_calibrated_probability_lies_on_its_curve() -> None:
    dice = np.random.default_rng(1)
    chances = dice.random(20_000)
    curve = calibration.reliability(chances, dice.random(20_000) < chances)
    assert sum(item.texts for item in curve) == 20_000
    assert calibration.calibration_error(curve) < 0.02
    overconfident = calibration.reliability(np.where(chances > 0.5, 0.99, 0.01), dice.random(20_000) < chances)
    assert calibration.calibration_error(overconfident) > 0.2
    assert calibration.calibration_error([]) == 0
