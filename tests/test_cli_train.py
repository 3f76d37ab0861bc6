"""`otklik train`: from labelled reviews and corrections to the model's files, and never to a worse model unsaid."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.standin.world import World
from monitor.store.labels import Correction
from sentiment import comparison, corpus, lexicon, model
from sentiment.comparison import Agreement, Comparison, Figures
from sentiment.types import Tone
from tests.conftest import Otklik
from tests.invented import examples, word_of, write_lexicon, write_table
from tests.rig import NOON, Rig

FIGURES = Figures(0.95, 0.2, 0.7, Agreement(2, 1, 1, 1))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Few labelled reviews, few of our own, and a small lexicon: everything is learned in a moment."""
    folder = tmp_path / "data"
    folder.mkdir()
    write_table(folder / "geo_some.tsv", examples(150))
    own = tmp_path / "own.tsv"
    rows = examples(30, seed=2)
    own.write_text(
        "tone\tcomplaint\tkind\ttext\n" + "".join(f"{model.CLASSES[row.label]}\t\tplain\t{row.text}\n" for row in rows),
        encoding="utf-8",
    )
    write_lexicon(tmp_path / "lexicon")
    monkeypatch.setattr(corpus, "own", lambda: [own])
    monkeypatch.setattr(lexicon, "_folder", lambda: tmp_path / "lexicon")
    return folder


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the shipped model would lie."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(model, "data_folder", lambda: folder)
    return folder


@pytest.fixture
def said(tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> list[Correction]:
    """What people corrected in the database that `config.yaml` names; a test fills it."""
    Rig(tmp_path, World.demo(NOON)).app.close()
    corrections: list[Correction] = []
    monkeypatch.setattr("monitor.store.labels.Labels.corrections", lambda self: iter(corrections))
    return corrections


def fix_comparison(monkeypatch: pytest.MonkeyPatch, worse: Sequence[str]) -> None:
    found = Comparison(60, 20, FIGURES, FIGURES, list(worse))
    monkeypatch.setattr(comparison, "compare", lambda material, note: found)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


CORRECTION = Correction("Ждали час, еда как в поезде", 5, Tone.NEGATIVE, True, "yandex_maps")


def test_labelled_reviews_become_a_model_that_loads(data: Path, tmp_path: Path, otklik: Otklik) -> None:
    done = otklik("train", "--data", data, "--out", tmp_path / "model")
    assert done.code == 0
    trained = model.load(tmp_path / "model")
    assert f"model {trained.version} written to" in done.out
    assert "geo_some: negative 50, neutral 50, positive 50" in done.out
    assert "synthetic_own: negative 10, neutral 10, positive 10" in done.out
    assert "fold 5 of 5" in done.err
    assert set(content(tmp_path / "model")) == {"model.npz", "model.json"}


def test_json_tells_the_same_and_the_same_data_gives_the_same_files(data: Path, tmp_path: Path, otklik: Otklik) -> None:
    (first,) = otklik("train", "--data", data, "--out", tmp_path / "a", "--json").objects()
    (second,) = otklik("train", "--data", data, "--out", tmp_path / "b", "--json").objects()
    assert first["written"] is True
    assert first["version"] == second["version"] == model.read_meta(tmp_path / "a")["version"]
    assert first["trained_on"]["synthetic_own"]["negative"] == 10
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_our_own_reviews_can_be_left_out_and_a_limit_holds_for_each_label(
    data: Path, tmp_path: Path, otklik: Otklik
) -> None:
    (told,) = otklik(
        "train", "--data", data, "--out", tmp_path / "m", "--limit", 40, "--without-own", "--json"
    ).objects()
    assert told["trained_on"] == {"geo_some": {"negative": 40, "neutral": 40, "positive": 40}}


def test_a_limited_model_does_not_replace_the_shipped_one(data: Path, shipped: Path, otklik: Otklik) -> None:
    done = otklik("train", "--data", data, "--limit", 40)
    assert done.code == 2
    assert "--out" in done.err
    assert not shipped.exists()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_learned(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(model, "data_folder", lambda: tmp_path / "file" / "data")
    done = otklik("train", "--data", data)
    assert done.code == 2
    assert "cannot be written" in done.err
    assert "--out" in done.err
    assert "learning" not in done.err


@pytest.mark.parametrize(("rows", "message"), [(None, "--data"), ("text\tlabel\nсуп\tвкусный\n", "geo.tsv:2")])
def test_data_that_cannot_be_used_is_named(tmp_path: Path, otklik: Otklik, rows: str | None, message: str) -> None:
    path = tmp_path / "geo.tsv"
    if rows is not None:
        path.write_text(rows, encoding="utf-8")
    done = otklik("train", "--data", path, "--out", tmp_path / "m")
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err


def test_texts_without_words_in_common_are_said_to_be_too_few(tmp_path: Path, data: Path, otklik: Otklik) -> None:
    path = tmp_path / "geo.tsv"
    path.write_text("text\tstars\n" + "".join(f"слово{word_of(n)}\t{1 + n % 3 * 2}\n" for n in range(30)))
    done = otklik("train", "--data", path, "--out", tmp_path / "m", "--without-own")
    assert done.code == 1
    assert "too few words in common" in done.err
    assert "Traceback" not in done.err


def test_forgetting_what_the_model_in_place_learned_from_is_said(data: Path, shipped: Path, otklik: Otklik) -> None:
    write_table(data / "rureviews_some.tsv", examples(60, seed=9))
    assert otklik("train", "--data", data).code == 0
    (data / "rureviews_some.tsv").unlink()
    done = otklik("train", "--data", data)
    assert done.code == 0
    assert "careful: the model in place learned from 60 texts of rureviews, this one from 0" in done.err


# --- corrections


def test_corrections_are_learned_compared_and_counted(
    data: Path, shipped: Path, said: list[Correction], otklik: Otklik
) -> None:
    said += [CORRECTION, Correction("🤡", 1, Tone.NEGATIVE, None, "twogis"), CORRECTION]
    said += [Correction("Суп, но ждали долго", 4, None, True, "twogis")]
    done = otklik("train", "--data", data, "--with-corrections")
    assert done.code == 0, done.err
    assert "2 corrections, 2 more" in done.err
    assert "with corrections" in done.out
    assert "of 1, complaint" in done.out
    meta = model.read_meta(shipped)
    assert meta["trained_on"]["corrections_yandex_maps"]["negative"] == 1
    assert meta["trained_on"]["corrections_twogis"]["complaint"] == 1
    assert (meta["corrections"], meta["ignored"]) == (2, 2)
    assert "accepted_worse" not in meta
    assert model.load(shipped).version == meta["version"]


def test_a_worse_model_is_not_written_and_the_old_one_stays(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    said.append(CORRECTION)
    assert otklik("train", "--data", data).code == 0
    before = content(shipped)
    fix_comparison(monkeypatch, ["AUC on other texts: 0.9500 → 0.9000"])
    done = otklik("train", "--data", data, "--with-corrections")
    assert done.code == 1
    assert "worse: AUC on other texts: 0.9500 → 0.9000" in done.err
    assert "left as it was" in done.err
    assert "--accept-worse" in done.err
    assert content(shipped) == before


def test_a_worse_model_is_told_in_json_too(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    said.append(CORRECTION)
    fix_comparison(monkeypatch, ["AUC"])
    done = otklik("train", "--data", data, "--with-corrections", "--json")
    assert done.code == 1
    (told,) = done.objects()
    assert told["written"] is False
    assert told["comparison"]["worse"] == ["AUC"]
    assert told["comparison"]["without"]["auc"] == 0.95
    assert list(shipped.iterdir()) == []


def test_a_worse_model_that_was_accepted_says_so_itself(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    said.append(CORRECTION)
    fix_comparison(monkeypatch, ["AUC"])
    done = otklik("train", "--data", data, "--with-corrections", "--accept-worse")
    assert done.code == 0
    assert "worse: AUC" in done.err
    assert json.loads((shipped / "model.json").read_text(encoding="utf-8"))["accepted_worse"] == ["AUC"]
    assert model.load(shipped)


def test_corrections_do_not_excuse_forgetting_the_published_reviews(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    said.append(CORRECTION)
    fix_comparison(monkeypatch, [])
    write_table(data / "rureviews_some.tsv", examples(60, seed=9))
    assert otklik("train", "--data", data).code == 0
    (data / "rureviews_some.tsv").unlink()
    done = otklik("train", "--data", data, "--with-corrections")
    assert done.code == 1
    assert "60 texts of rureviews" in done.err
    assert "data is missing" in done.err
    assert "both public data sets" in done.err
    assert "NOTICES.md" in done.err
    assert "corrections themselves make nothing worse" in done.err
    assert "look at them again" not in done.err


def test_missing_data_and_bad_corrections_are_both_said(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    said.append(CORRECTION)
    fix_comparison(monkeypatch, ["AUC"])
    write_table(data / "rureviews_some.tsv", examples(60, seed=9))
    assert otklik("train", "--data", data).code == 0
    (data / "rureviews_some.tsv").unlink()
    done = otklik("train", "--data", data, "--with-corrections")
    assert done.code == 1
    assert "both public data sets" in done.err
    assert "look at them again" in done.err


def test_labelled_reviews_in_a_file_called_corrections_are_learned_from(
    data: Path, tmp_path: Path, otklik: Otklik
) -> None:
    done = otklik("train", "--data", (data / "geo_some.tsv").rename(data / "corrections.tsv"), "--out", tmp_path / "m",
                  "--without-own")  # fmt: skip
    assert done.code == 0, done.err


def test_after_a_review_was_forgotten_fewer_corrections_are_no_fault_but_none_at_all_is_said(
    data: Path, shipped: Path, said: list[Correction], monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    fix_comparison(monkeypatch, [])
    said += [CORRECTION, CORRECTION._replace(text="Ждали два часа")]
    assert otklik("train", "--data", data, "--with-corrections").code == 0
    said.pop()
    assert otklik("train", "--data", data, "--with-corrections").code == 0
    done = otklik("train", "--data", data)
    assert done.code == 0
    assert "learned from 1 texts of corrections, this one from 0" in done.err


def test_without_a_correction_there_is_nothing_to_do(
    data: Path, shipped: Path, said: list[Correction], otklik: Otklik
) -> None:
    said.append(Correction("...", 1, Tone.NEGATIVE, None, "twogis"))
    done = otklik("train", "--data", data, "--with-corrections")
    assert done.code == 2
    assert "queue retag" in done.err
    assert list(shipped.iterdir()) == []


def test_corrections_come_from_the_database_of_the_config(
    cafe: Rig, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, otklik: Otklik
) -> None:
    fix_comparison(monkeypatch, [])
    ticket = otklik("queue", "list", "--json").objects()[0]["ticket"]
    assert otklik("queue", "retag", ticket, "--tone", "neutral").code == 0
    done = otklik("train", "--data", data, "--with-corrections", "--out", tmp_path / "m", "--json")
    assert done.code == 0, done.err
    (told,) = done.objects()
    assert told["corrections"] == 1
    assert sum(sum(counts.values()) for name, counts in told["trained_on"].items() if "corrections" in name) == 1


def test_to_accept_a_worse_model_something_must_be_compared(data: Path, shipped: Path, otklik: Otklik) -> None:
    done = otklik("train", "--data", data, "--accept-worse")
    assert done.code == 2
    assert "--with-corrections" in done.err
