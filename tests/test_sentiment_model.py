"""The model's files, its training and its figures."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from sentiment import corpus, evaluation, lexicon, model, training
from sentiment.analyse import load
from sentiment.corpus import CorpusError, Example
from sentiment.model import ModelError
from sentiment.morph import is_personal
from sentiment.text import keys
from sentiment.training import Trained

GOOD = [
    "вкусно",
    "уютно",
    "спасибо",
    "отлично",
    "быстро",
    "вежливо",
    "рекомендую",
    "супер",
    "красиво",
    "свежее",
    "Ольге",
]
BAD = [
    "ужасно",
    "хамят",
    "холодное",
    "долго",
    "обман",
    "грязно",
    "невкусно",
    "никогда",
    "дорого",
    "испортили",
    "Сергеевичу",
]
MIDDLE = ["нормально", "средне", "пойдет", "сойдет", "иногда", "обычное", "терпимо", "вроде", "местами", "неплохо"]
COMMON = ["в", "кафе", "суп", "кофе", "официант", "зал", "были", "вчера", "заказ", "не", "но", "и"]


def invented(count: int = 60) -> list[Example]:
    """Reviews of invented words, a third of each class, with clear words and some noise."""
    dice = random.Random(7)
    examples = []
    for index in range(count):
        label = index % 3
        words = (
            dice.choices((BAD, MIDDLE, GOOD)[label], k=4)
            + ["Ольге", "Сергеевичу"][: index % 3]
            + dice.choices(COMMON, k=6)
        )
        dice.shuffle(words)
        examples.append(Example(tuple(keys(" ".join(words))), label, "geo_invented"))
    return examples


@pytest.fixture(scope="module")
def trained() -> Trained:
    return training.train(invented(), is_personal=is_personal, rarest=2)


def test_plain_numpy_judges_as_scikit_learn_does(trained: Trained) -> None:
    plain = model.Model(trained.arrays, trained.meta)
    texts = [example.words for example in invented(90)] + [
        (),
        ("вкусно",),
        ("слово",),
        ("не", "вкусно", "не", "вкусно"),
    ]
    logits = trained.reference.decision_function(texts) / trained.meta["temperature"]
    for words, expected in zip(texts, training.softmax(logits), strict=True):
        of = plain.read(words).probabilities
        assert [of.negative, of.neutral, of.positive] == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_telling_word_pulls_and_an_unknown_one_does_not(trained: Trained) -> None:
    plain = model.Model(trained.arrays, trained.meta)
    words = ("официант", "хамят", "слово")
    reading = plain.read(words)
    assert reading.pull[1] > 0.1
    assert reading.pull[2] == 0
    assert reading.known >= 1


def test_training_is_deterministic(trained: Trained) -> None:
    again = training.train(invented(), is_personal=is_personal, rarest=2)
    assert again.meta == trained.meta
    assert all(np.array_equal(again.arrays[name], array) for name, array in trained.arrays.items())


def test_names_of_people_get_no_weight(trained: Trained) -> None:
    vocabulary = trained.arrays["vocabulary"].tobytes().decode()
    assert "вкусно" in vocabulary
    assert "ольге" not in vocabulary
    assert "сергеевичу" not in vocabulary


def test_a_saved_model_comes_back_the_same(trained: Trained, tmp_path: Path) -> None:
    training.save(trained, tmp_path)
    loaded = model.load(tmp_path)
    assert loaded.version == trained.meta["version"]
    assert loaded.read(["вкусно"]) == model.Model(trained.arrays, trained.meta).read(["вкусно"])
    assert load(tmp_path).version.endswith(loaded.version)


def test_the_version_follows_the_content(trained: Trained) -> None:
    other = dict(trained.arrays) | {"bias": trained.arrays["bias"] + 1}
    assert model.digest(other, trained.meta) != trained.meta["version"]
    assert model.digest(trained.arrays, dict(trained.meta) | {"temperature": 9.0}) != trained.meta["version"]


def damage(folder: Path, how: str) -> None:
    arrays, meta = folder / model.ARRAYS_FILE, folder / model.META_FILE
    match how:
        case "no arrays":
            arrays.unlink()
        case "no meta":
            meta.unlink()
        case "cut arrays":
            arrays.write_bytes(arrays.read_bytes()[:-200])
        case "empty arrays":
            arrays.write_bytes(b"")
        case "flipped byte":
            content = bytearray(arrays.read_bytes())
            content[len(content) // 2] ^= 0xFF
            arrays.write_bytes(content)
        case "meta is no JSON":
            meta.write_text("{", encoding="utf-8")
        case "meta of another model":
            meta.write_text(json.dumps(json.loads(meta.read_text()) | {"seed": 1}), encoding="utf-8")
        case "another format":
            meta.write_text(json.dumps(json.loads(meta.read_text()) | {"format": 99}), encoding="utf-8")
        case "pickled":
            np.savez(arrays, vocabulary=np.array([object()], dtype=object))


@pytest.mark.parametrize(
    "how",
    ["no arrays", "no meta", "cut arrays", "empty arrays", "flipped byte", "meta is no JSON", "meta of another model",
     "another format", "pickled"],
)  # fmt: skip
def test_a_damaged_model_is_refused_with_what_to_do(trained: Trained, tmp_path: Path, how: str) -> None:
    training.save(trained, tmp_path)
    damage(tmp_path, how)
    with pytest.raises(ModelError, match="otklik train"):
        model.load(tmp_path)


def test_content_that_does_not_fit_is_refused(trained: Trained) -> None:
    with pytest.raises(ModelError, match="incomplete"):
        model.Model({}, trained.meta)
    with pytest.raises(ModelError, match="do not fit"):
        model.Model(dict(trained.arrays) | {"idf": trained.arrays["idf"][1:]}, trained.meta)


# --- the shipped model


def test_the_shipped_model_is_small_and_says_what_it_learned_from() -> None:
    meta = model.read_meta()
    assert evaluation.shipped_bytes() < 2_000_000
    assert any("Apache-2.0" in notice for notice in meta["licences"])
    assert any("YANDEX" in notice for notice in meta["licences"])
    assert sum(sum(counts.values()) for counts in meta["trained_on"].values()) > 5_000


def test_the_notices_stand_beside_the_shipped_model() -> None:
    notices = (model.data_folder() / "NOTICES.md").read_text(encoding="utf-8")
    assert "Copyright (c) 2023 YANDEX LLC" in notices
    assert "Permission is hereby granted" in notices
    assert "Smetanin" in notices
    licence = (model.data_folder() / "LICENSE-APACHE-2.0.txt").read_text(encoding="utf-8")
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_shipped_vocabulary_names_nobody() -> None:
    with (model.data_folder() / model.ARRAYS_FILE).open("rb") as file, np.load(file, allow_pickle=False) as archive:
        terms = archive["vocabulary"].tobytes().decode().split("\n")
    named = {word for term in terms for word in term.split(" ") if is_personal(word)}
    assert named == set()


def test_the_figures_on_labelled_reviews_are_sane(shared: Path) -> None:
    examples = corpus.read(corpus.find(shared / "data"))
    scores = {score.data: score for score in evaluation.evaluate(examples, baselines=False).scores}
    assert scores["places"].auc > 0.95
    assert scores["places"].flagged < 0.35
    assert scores["goods"].auc > 0.85


def test_baselines_stand_beside_the_model() -> None:
    scores = evaluation.evaluate(invented()).scores
    assert {score.model for score in scores} == {"ours", "tf-idf", "majority"}
    majority = next(score for score in scores if score.model == "majority")
    assert (majority.auc, majority.flagged) == (0.5, 1.0)


# --- the corpus


def test_compressed_tables_are_read_each_text_once(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "geo_a.tsv.gz", "wt", encoding="utf-8") as file:
        file.write('id\ttext\tlabel\n1\t"Суп ""дня"" вкусный"\tpositive\n2\tСУП дня вкусный!\tnegative\n3\t\tneutral\n')
    examples = corpus.read(corpus.find(tmp_path))
    assert [example.words for example in examples] == [("суп", "дня", "вкусный"), ("суп", "дня", "вкусный", "!")]
    assert examples[0].in_domain


def test_geo_reviews_are_read_as_published(tmp_path: Path) -> None:
    path = tmp_path / "geo-reviews-dataset-2023.tskv"
    rows = [("1.", "Плохо\\nочень"), ("3.", "Средне"), ("5.", "Супер"), ("0.", "Без оценки")]
    path.write_text(
        "".join(
            f"address=Город\tname_ru=Кафе\trubrics=Кафе;Бар\trating={stars}\ttext={text}\n" for stars, text in rows
        ),
        encoding="utf-8",
    )
    examples = corpus.read(corpus.find(path))
    assert [(example.words, example.label) for example in examples] == [
        (("плохо", "очень"), 0), (("средне",), 1), (("супер",), 2),
    ]  # fmt: skip
    assert all(example.in_domain for example in examples)
    assert len(corpus.read([path], limit=2)) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "text\tlabel\nсуп\tgood\n", "a.tsv:2: label"),
        ("a.tsv", "foo\tbar\n", "a.tsv:1: the columns"),
        ("a.tskv", "rating=5.\ttext=да\nмусор\n", "a.tskv:2: rating"),
        ("a.tsv.gz", "не gzip", "cannot be read"),
    ],
)
def test_a_bad_data_file_is_named_with_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        corpus.read(corpus.find(tmp_path))


def test_an_empty_folder_and_too_few_texts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no \.tsv\.gz"):
        corpus.find(tmp_path)
    with pytest.raises(CorpusError, match="at least"):
        training.train(invented(9), is_personal=is_personal)


# --- the lexicon


@pytest.mark.parametrize(
    ("text", "praise", "blame"),
    [
        ("вкусно", 1, 0),
        ("не вкусно", 0, 1),
        ("не очень вкусно", 0, 1),
        ("без обмана", 1, 0),
        ("больше ни ногой", 0, 1),
        ("убийственно вкусно", 1, 0),
        ("сыр спортивный фигура дорога", 0, 0),
        ("рекомендую", 1, 0),
        ("никому не советую", 0, 1),
    ],
)
def test_polarity_sees_negation_and_phrases(text: str, praise: int, blame: int) -> None:
    marks = lexicon.mark(keys(text))
    assert (marks.count(1) > 0, marks.count(-1) > 0) == (bool(praise), bool(blame))


def test_no_word_is_praise_and_blame_at_once() -> None:
    both = set(lexicon.PRAISE.split()) & set(lexicon.BLAME.split())
    assert both == set()
