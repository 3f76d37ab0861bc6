"""The model's files: what comes back, what is refused, and what is shipped."""

import json
from pathlib import Path

import numpy as np
import pytest

from sentiment import learner, model, training
from sentiment.analyse import load
from sentiment.model import ModelError
from sentiment.morph import is_personal
from sentiment.text import keys
from sentiment.training import Trained
from tests.invented import LEXICON, examples

PEOPLE = """
айгуль алсу анна анны анне анной мария марии марию луиза сергеевич сергеевна иванова иванов петрова гульнара гульназ
ольга ольге ольгу сергей сергею елена елене наталья наталье екатерина екатерине ильдар рустам рустем тимур айрат ринат
татьяна татьяне дмитрий дмитрию александр александру ирина ирине светлана светлане юлия юлии анастасия анастасии
александровна владимировна николаевна викторовна кузнецова смирнова попова васильев резеда чулпан гузель камиль
"""
"""Independent of what filters them."""


@pytest.fixture(scope="module")
def trained() -> Trained:
    return training.train(learner.prepare(examples(90), LEXICON, is_personal=is_personal), rarest=2)


def test_a_telling_word_pulls_and_an_unknown_one_does_not(trained: Trained) -> None:
    reading = model.Model(trained.arrays, trained.meta).read(["официант", "хамят", "абвгд"])
    assert reading.pull[1] > 0.1
    assert reading.pull[2] == 0
    assert reading.known >= 1
    assert reading.understood


def test_the_model_remembers_what_it_learned_from(trained: Trained) -> None:
    plain = model.Model(trained.arrays, trained.meta)
    assert not plain.knows(["вкусно"])
    assert all(plain.knows(keys(example.text)) for example in examples(90))


def test_a_saved_model_comes_back_the_same(trained: Trained, tmp_path: Path) -> None:
    training.save(trained, tmp_path)
    loaded, given = model.load(tmp_path), model.Model(trained.arrays, trained.meta)
    assert loaded.version == given.version == trained.meta["version"]
    assert loaded.read(["вкусно"]).probabilities == given.read(["вкусно"]).probabilities
    assert load(tmp_path).version.endswith(loaded.version)


def test_the_version_follows_the_content(trained: Trained) -> None:
    other = dict(trained.arrays) | {"bias": trained.arrays["bias"] + 1}
    assert model.digest(other, trained.meta) != trained.meta["version"]
    assert model.digest(trained.arrays, dict(trained.meta) | {"terms": 9}) != trained.meta["version"]


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


def test_the_shipped_model_says_what_it_learned_from() -> None:
    meta = model.read_meta()
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
        terms, words, ours = (model.lines_of(archive[name]) for name in ("vocabulary", "words", "lexicon_forms"))
    found = {word for term in terms for word in term.split(" ")} | (set(words) - set(ours))  # our own list names nobody
    assert {word for word in found if is_personal(word)} == set()
    assert not {word for word in found if not set(PEOPLE.split()).isdisjoint(word.split("-"))}
