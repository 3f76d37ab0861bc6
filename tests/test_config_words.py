"""The business's own words and names: from config.yaml to the analysis and to every stored verdict."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import own_words
from monitor.assemble import Application, wiring_problems
from monitor.config import Config, ThemeWords, load, problems
from monitor.errors import ConfigError
from monitor.standin.world import World
from sentiment.business import OwnTheme
from sentiment.types import Theme
from tests.conftest import Otklik
from tests.rig import NOON, Rig
from tests.test_config import ROOT, SMALL, complaint, loaded, written

THEMES = """
themes:
  atmosphere: {words: [фонтан*, веранда], phrases: [ни холодно .. ни жарко]}
  quality: {of: goods, words: самовар}
competitors: [Лютик, Кафе «Василёк»]
"""


def named(folder: Path, name: str, extra: str = "") -> Config:
    return loaded(folder, extra, SMALL.replace("Кафе «Ромашка»", f"{name}, sector: food"))


# --- what is read ---------------------------------------------------------------------------------


def test_words_and_names_are_read_as_they_stand(tmp_path: Path) -> None:
    config = loaded(tmp_path, THEMES)
    assert config.themes == {
        "atmosphere": ThemeWords(("фонтан*", "веранда"), ("ни холодно .. ни жарко",)),
        "quality": ThemeWords(("самовар",), (), "goods"),
    }
    assert config.competitors == ("Лютик", "Кафе «Василёк»")


def test_the_analysis_gets_all_of_it(tmp_path: Path) -> None:
    business = own_words.business(loaded(tmp_path, THEMES))
    assert business.competitors == ("Лютик", "Василёк")
    assert business.themes == (
        OwnTheme(Theme.ATMOSPHERE, ("фонтан*", "веранда"), ("ни холодно .. ни жарко",)),
        OwnTheme(Theme.QUALITY, ("самовар",), (), "goods"),
    )


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Кафе «Ромашка»", ["Ромашка"]),
        ("«Ромашка»", ["Ромашка"]),
        ('Кафе "Ромашка"', ["Ромашка"]),
        ("Салон красоты Роза", ["Роза"]),
        ("Барсук", ["Барсук"]),
        ("Клиника", ["Клиника"]),
        ("Додо Пицца", ["Додо Пицца"]),
    ],
)
def test_a_business_is_called_without_the_word_for_its_kind(tmp_path: Path, name: str, names: list[str]) -> None:
    config = loaded(tmp_path)
    config = replace(config, business=replace(config.business, name=name))
    assert list(own_words.business(config).names) == names


def test_brands_are_names_too_each_once(tmp_path: Path) -> None:
    config = named(tmp_path, "Кафе «Ромашка», brands: [Ромашка, Ромашка Экспресс]")
    assert own_words.business(config).names == ("Ромашка", "Ромашка Экспресс")


@pytest.mark.parametrize(
    ("sector", "of"), [("food", "food"), ("shop", "goods"), ("clinic", "work"), ("cars", "work"), ("other", "")]
)
def test_the_sector_says_what_the_quality_is_of(tmp_path: Path, sector: str, of: str) -> None:
    config = loaded(tmp_path, text=SMALL.replace("«Ромашка»}", f"«Ромашка», sector: {sector}}}"))
    assert own_words.business(config).of == of


def test_the_example_in_the_comments_of_the_shipped_config_is_right(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    start = text.index("# themes:")
    shown = "".join(
        line.removeprefix("# ") if line[2:].startswith(("themes", " ", "competitors")) else line
        for line in text[start:].splitlines(keepends=True)
    )
    path = written(tmp_path, text[:start].replace("  # brands", "  brands") + shown)
    assert problems(path, also=wiring_problems) == []
    assert load(path).themes.keys() == {"atmosphere", "quality"}
    assert load(path).competitors == ("Лютик", "Кафе «Василёк»")
    assert load(path).business.brands == ("Ромашка Экспресс",)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "path", "line", "says"),
    [
        ("themes:\n  stuff: {words: [а]}\n", "themes.stuff", 10, "did you mean `staff`"),
        ("themes:\n  еда: {words: [а]}\n", "themes.еда", 10, "known: staff, waiting"),
        ("themes: [staff]\n", "themes", 9, "must hold keys"),
        ("themes: {staff: [хостес]}\n", "themes.staff", 9, "must hold keys"),
        ("themes:\n  staff:\n", "themes.staff", 10, "neither `words` nor `phrases`"),
        ("themes: {quality: {of: food}}\n", "themes.quality", 9, "neither `words` nor `phrases`"),
        ("themes: {staff: {word: [хостес], words: [а]}}\n", "themes.staff.word", 9, "did you mean `words`"),
        ("themes: {staff: {of: food, words: [а]}}\n", "themes.staff.of", 9, "unknown key"),
        ("themes: {quality: {of: foot, words: [а]}}\n", "themes.quality.of", 9, "did you mean `food`"),
        ("themes: {staff: {words: []}}\n", "themes.staff.words", 9, "at least one"),
        ("themes:\n  staff:\n    words:\n      - хостес\n      - ''\n", "themes.staff.words.1", 13, "is empty"),
        ("themes:\n  staff:\n    words:\n      - хостес\n      -\n", "themes.staff.words.1", 13, "is empty"),
        ("themes: {staff: {words: [хостес, хостес]}}\n", "themes.staff.words.1", 9, "twice"),
        ("themes: {staff: {words: [{a: b}]}}\n", "themes.staff.words.0", 9, "must be one value"),
        ("competitors: ['']\n", "competitors.0", 9, "is empty"),
        ("competitors: {a: b}\n", "competitors", 9, "must be a list"),
    ],
)
def test_what_the_file_alone_tells_wrong_is_named_with_its_line(
    tmp_path: Path, extra: str, path: str, line: int, says: str
) -> None:
    found = complaint(tmp_path, extra)
    assert (found.path, found.line) == (path, line)
    assert says in found.message


@pytest.mark.parametrize(
    ("extra", "path", "line", "says"),
    [
        ("themes:\n  staff:\n    words: [хостес, книга жалоб]\n", "themes.staff.words.1", 11, "under `phrases`"),
        ("themes:\n  staff:\n    words: ['*']\n", "themes.staff.words.0", 11, "one word"),
        ("themes:\n  staff:\n    phrases: ['* жалоб']\n", "themes.staff.phrases.0", 11, "must begin with a word"),
        ("themes:\n  staff:\n    phrases: [.. жалоб]\n", "themes.staff.phrases.0", 11, "must begin with a word"),
        ("themes:\n  staff:\n    phrases: [', жалоб']\n", "themes.staff.phrases.0", 11, "must begin with a word"),
        ("themes:\n  staff:\n    phrases: [а, книга? жалоб]\n", "themes.staff.phrases.1", 11, "must begin with a word"),
        ("themes:\n  staff:\n    phrases: [книга; жалоб]\n", "themes.staff.phrases.0", 11, "two phrases"),
    ],
)
def test_what_the_analysis_could_not_look_for_is_named_with_its_line_before_anything_runs(
    tmp_path: Path, extra: str, path: str, line: int, says: str
) -> None:
    config_path = written(tmp_path, SMALL + extra)
    (found,) = problems(config_path, also=wiring_problems)
    assert (found.path, found.line) == (path, line)
    assert says in found.message
    with pytest.raises(ConfigError, match=r"config\.yaml:11"):
        Application(load(config_path))


def test_a_file_with_both_kinds_of_mistakes_is_told_them_all(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL + "themes:\n  stuff: {words: ['*']}\n  staff: {words: ['', '*']}\n")
    found = [problem.path for problem in problems(path, also=wiring_problems)]
    assert found == ["themes.stuff", "themes.stuff.words.0", "themes.staff.words.0", "themes.staff.words.1"]


def test_check_reports_the_words(otklik: Otklik, tmp_path: Path) -> None:
    path = written(tmp_path, SMALL + "themes:\n  waitng: {words: [час]}\n  staff: {phrases: ['* б']}\n")
    result = otklik("check", "--offline", "--json", "-c", path)
    assert result.code == 2
    found = [(problem["path"], problem["line"]) for problem in result.objects()[0]["problems"]]
    assert found == [("themes.waitng", 10), ("themes.staff.phrases.0", 11)]


# --- what it does ---------------------------------------------------------------------------------


def themes(rig: Rig, identity: str) -> dict[Theme, str]:
    verdict = rig.ticket_of(identity).verdict
    assert verdict is not None
    return {mention.theme: mention.of for mention in verdict.themes}


def test_changed_words_judge_every_stored_review_anew_at_the_next_pass(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World(NOON))
    identity = rig.world.add(rig.world.card("google_business"), text="Бзынгыр ужасный!", stars=2).external_id
    rig.run()
    assert Theme.BOOKING not in themes(rig, identity)
    plain = rig.config_path.read_text(encoding="utf-8")

    rig.config_path.write_text(plain + "themes: {booking: {words: [бзынгыр]}}\n", encoding="utf-8")
    rig.restart()
    rig.run()  # nothing is read, for no card is due
    assert Theme.BOOKING in themes(rig, identity)

    judged = rig.digest()
    rig.restart()
    rig.run()
    assert rig.digest() == judged

    rig.config_path.write_text(plain, encoding="utf-8")
    rig.restart()
    rig.run(after=timedelta(seconds=1))
    assert Theme.BOOKING not in themes(rig, identity)


TEXT = "Бзынгыр ужасный!\n"


@pytest.mark.parametrize("place", ["here", "named", "in the environment"])
def test_classify_knows_the_words_where_there_is_a_config(
    otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    name = "config.yaml" if place == "here" else "other.yaml"
    path = written(tmp_path, SMALL + "themes: {booking: {words: [бзынгыр]}}\n", name)
    if place == "in the environment":
        monkeypatch.setenv("OTKLIK_CONFIG", str(path))
    result = otklik("classify", "--json", *(["-c", path] if place == "named" else []), stdin=TEXT)
    assert "booking" in {item["theme"] for item in result.objects()[0]["themes"]}
    assert result.err == ""


def test_classify_needs_no_config_and_is_not_stopped_by_a_strangers(otklik: Otklik, tmp_path: Path) -> None:
    alone = otklik("classify", "--json", stdin=TEXT)
    assert (alone.code, alone.err) == (0, "")
    written(tmp_path, "themes: {booking: {words: [бзынгыр]}}\n")
    beside = otklik("classify", "--json", stdin=TEXT)
    assert (beside.code, beside.out) == (0, alone.out)
    assert "going on without the words of your business" in beside.err
    assert beside.err.count("\n") == 1


@pytest.mark.parametrize("text", ["themes: {}\n", SMALL + "themes: {staff: {words: ['*']}}\n"])
def test_a_config_that_was_named_must_be_right(otklik: Otklik, tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    result = otklik("classify", "-c", path, stdin=TEXT)
    assert (result.code, result.out) == (2, "")
    assert "config.yaml" in result.err
    assert otklik("classify", "-c", tmp_path / "none.yaml", stdin=TEXT).code == 2


def test_helping_processes_know_the_words_too(otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.cli import classify

    monkeypatch.setattr(classify, "FEW", 3)
    monkeypatch.setattr(classify, "LIVE", 1e9)
    written(tmp_path, SMALL + "themes: {booking: {words: [бзынгыр]}}\n")
    rows = otklik("classify", "--json", "--jobs", 2, stdin=TEXT * 8).objects()
    assert [json.dumps(row) for row in rows] == [json.dumps(rows[0])] * 8
    assert "booking" in {item["theme"] for item in rows[0]["themes"]}
