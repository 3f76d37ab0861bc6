"""`otklik evaluate`, as people and scripts meet it."""

import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sentiment import learner, training
from tests.conftest import Otklik
from tests.test_sentiment_evaluation import LEXICON, invented

REVIEWS = """\
text\tlabel\tstars\tcomplaint
Ждали час, суп принесли холодный, больше сюда не придём\tnegative\t2\t1
Обсчитали на триста рублей и нахамили, ужасное место\tnegative\t5\t1
Прекрасное место, вкусно, недорого, ходим всей семьёй\tpositive\t5\t0
Вкусно и уютно, только кофе пришлось долго ждать\tpositive\t4\t1
Обычное кафе у вокзала, ничего особенного, на раз сойдёт\tneutral\t3\t
"""


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.tsv"
    path.write_text(REVIEWS, encoding="utf-8")
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training on a few invented texts, as if they were all there is."""

    def material_from(_paths: list[Path], **_options: Any) -> learner.Material:
        examples = [*invented("geo_a", 30, 1), *invented("synthetic_cafe", 30, 2, starred=True)]
        return learner.prepare(examples, LEXICON, is_personal=lambda _: False)

    monkeypatch.setattr(training, "material_from", material_from)


def test_anyones_reviews_are_judged_by_the_shipped_model(otklik: Otklik, reviews: Path) -> None:
    result = otklik("evaluate", "--data", reviews)
    assert result.code == 0, result.err
    assert "=== reviews.tsv: 5 texts, 2 negative" in result.out
    assert "text   otklik" in result.out
    assert "stars  stars <= 3" in result.out
    assert "both   otklik" in result.out
    assert "hour h.recl." in result.out
    assert "at 4-5 stars: 2 of 3 texts hold a complaint" in result.out
    assert "left out: 0 that it learned from, 0 without a word" in result.err
    assert all(len(line) <= 120 for line in result.out.splitlines())


def test_programs_get_one_object_per_data_set_information_and_model(otklik: Otklik, reviews: Path) -> None:
    result = otklik("evaluate", "--data", reviews, "--json", "--no-baselines")
    objects = result.objects()
    assert [(item["information"], item["model"]) for item in objects] == [
        ("text", "otklik"), ("stars", "otklik"), ("both", "otklik"),
    ]  # fmt: skip
    text = objects[0]
    assert (text["data"], text["texts"], text["negatives"]) == ("reviews.tsv", 5, 2)
    assert set(text["figures"]["auc"]) == {"value", "low", "high"}
    assert sum(text["confusion"]["negative"].values()) == 2
    assert sum(item["texts"] for item in text["reliability"]) == 5
    assert text["complaints"]["texts"] == 3
    assert objects[1]["figures"]["flagged_recall"] == {"value": 0.5, "low": 0.0945, "high": 0.9055}
    assert {"urgent_share", "urgent_recall"} <= set(text["figures"])
    assert objects[1]["complaints"] is None


def test_a_folder_is_judged_file_by_file(otklik: Otklik, reviews: Path, tmp_path: Path) -> None:
    row = {"text": "Невкусно и грязно, не советую никому", "stars": 1}
    (tmp_path / "other.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    objects = otklik("evaluate", "--data", tmp_path, "--json", "--no-baselines").objects()
    assert [item["data"] for item in objects if item["information"] == "text"] == ["other.jsonl", "reviews.tsv"]
    assert [item["labels_from_stars"] for item in objects if item["information"] == "both"] == [True, False]
    assert objects[0]["figures"]["auc"] is None  # nothing but negative ones


def test_texts_that_the_model_learned_from_are_not_asked(otklik: Otklik) -> None:
    from sentiment import corpus

    result = otklik("evaluate", "--data", corpus.own()[0], "--json", "--what", "tone")
    assert result.code == 0, result.err
    assert result.out == ""
    assert ": 0 texts judged" in result.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "text\tlabel\nсуп\tgood\n", "a.tsv:2: label"),
        ("a.tsv", "text\tlabel\tstars\nсуп\t\t7\n", "a.tsv:2: stars"),
        ("a.tsv", "foo\tbar\n", "a.tsv:1: "),
        ("a.jsonl", '{"text": "да", "stars": 5}\n[]\n', "a.jsonl:2: "),
        ("a.tskv", "rating=5.\ttext=да\nмусор\n", "a.tskv:2: rating"),
        ("a.tsv.gz", "не gzip", "a.tsv.gz: cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_its_line(
    otklik: Otklik, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = otklik("evaluate", "--data", tmp_path / name)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


def test_without_the_labelled_reviews_one_is_told_to_name_some(otklik: Otklik, tmp_path: Path) -> None:
    for command in (["evaluate"], ["evaluate", "--data", tmp_path / "nowhere.tsv"]):
        result = otklik(*command)
        assert result.code == 2
        assert "no such file or" in result.err.lower()
        assert "--data" in result.err
        assert result.out == ""


def test_trades_are_left_out_only_in_training(otklik: Otklik, reviews: Path) -> None:
    result = otklik("evaluate", "--data", reviews, "--by-trade")
    assert result.code == 2
    assert "--folds" in result.err


@pytest.mark.usefixtures("small")
def test_folds_cross_validate_and_tell_how_far_they_are(otklik: Otklik, reviews: Path) -> None:
    result = otklik("evaluate", "--data", reviews, "--folds", "--jobs", 1, "--no-baselines")
    assert result.code == 0, result.err
    assert "=== geo_a: 30 texts, 10 negative" in result.out
    assert "=== synthetic: written for this project, not by customers: 30 texts" in result.out
    assert "=== places, unseen: 30 texts" in result.out
    assert "11 of 11 models trained and asked" in result.err
    assert "fastText" not in result.err


@pytest.mark.usefixtures("small")
def test_a_killed_helping_process_is_one_line(otklik: Otklik, reviews: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(_: str) -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    monkeypatch.setattr("monitor.cli.evaluate.note", kill)
    result = otklik("evaluate", "--data", reviews, "--folds", "--jobs", 2, "--no-baselines")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "a process that trained models died" in result.err
    assert "--jobs 1" in result.err


@pytest.mark.usefixtures("small")
def test_a_missing_fast_text_is_named(otklik: Otklik, reviews: Path) -> None:
    from sentiment import baselines

    result = otklik("evaluate", "--data", reviews, "--folds", "--jobs", 1, "--json")
    assert ("fastText is left out" in result.err) != baselines.has_fast_text()
    assert {"TF-IDF + LR", "navec + LR", "lexicon alone", "majority"} <= {item["model"] for item in result.objects()}


# --- what is found in texts ------------------------------------------------------------------------------

FINDINGS = """\
text\tstars\tthemes\tdangers
Официант нахамил, зато борщ вкусный\t3\tstaff- quality.food+\t-
Всей семьёй отравились роллами\t1\tquality.food- safety-\tpoisoning
Никто не отравился, всё свежее\t5\tquality.food+\t-
"""


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.tsv"
    path.write_text(FINDINGS, encoding="utf-8")
    return path


def test_anyones_themes_and_dangers_are_judged_beside_a_list_of_keywords(otklik: Otklik, labelled: Path) -> None:
    result = otklik("evaluate", "--what", "findings", "--data", labelled)
    assert result.code == 0, result.err
    assert "=== labelled.tsv" in result.out
    assert "theme and tone, by both: 3 texts" in result.out
    (danger,) = [line.split() for line in result.out.splitlines() if line.startswith("  poisoning")]
    assert danger[1:6] == ["1", "1", "1.000", "1.000", "1.000"]
    assert float(danger[6]) < 1  # the keywords do not see the «не»
    assert all(len(line) <= 120 for line in result.out.splitlines())


def test_programs_get_one_object_per_finding(otklik: Otklik, labelled: Path) -> None:
    objects = otklik("evaluate", "--what", "findings", "--data", labelled, "--json").objects()
    assert {item["what"] for item in objects} == {"theme", "theme and tone", "quality of", "danger"}
    (alarm,) = [item for item in objects if (item["id"], item["model"]) == ("any", "otklik")]
    assert (alarm["texts"], alarm["known"], alarm["told"]) == (3, 1, 1)
    assert alarm["figures"]["false_alarms"]["value"] == 0


def test_texts_that_tell_of_nothing_found_are_refused_where_that_was_asked(otklik: Otklik, reviews: Path) -> None:
    result = otklik("evaluate", "--what", "findings", "--data", reviews)
    assert result.code == 2
    assert "none of the columns themes, dangers, intents, people, urgent" in result.err


def test_a_label_that_does_not_exist_is_named_with_its_line(otklik: Otklik, labelled: Path) -> None:
    labelled.write_text(FINDINGS.replace("poisoning", "plague"), encoding="utf-8")
    result = otklik("evaluate", "--what", "findings", "--data", labelled)
    assert result.code == 2
    assert "labelled.tsv:3: 'plague'" in result.err
