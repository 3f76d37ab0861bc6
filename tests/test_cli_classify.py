"""`otklik classify`: explanations, and large input."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from monitor.cli import classify as module
from monitor.cli.classify import BrokenHelper, Review, Style, answer, in_parallel
from sentiment import corpus, rules
from sentiment.analyse import load
from sentiment.evidence import Explanation
from sentiment.types import Intent, IntentMention, Person, Risk, RiskMention, Theme, ThemeMention, Tone, Verdict
from tests.conftest import Otklik

KEYS = {
    "tone", "probabilities", "flagged", "uncertain", "conflict", "themes", "risks", "evidence", "people", "intents"
}  # fmt: skip
FOUND = ("тема: ", "опасность: ", "человек: ", "намерение: ")
TEXTS = ["Вкусно, но ждали час", "Ужас, хамят", "Спасибо!", "", "{не объект", "Официант нахамил. Еда отличная"]


def weighed(shown: str) -> list[str]:
    """Of one explained review all lines but those that tell what the rules found."""
    return [line for line in shown.splitlines() if not line.strip().startswith(FOUND)]


def lines(count: int) -> str:
    """`count` different reviews, every other with stars."""
    rows = []
    for number in range(count):
        text = f"{TEXTS[number % len(TEXTS)]} {number}"
        rows.append(json.dumps({"text": text, "stars": 1 + number % 5}, ensure_ascii=False) if number % 2 else text)
    return "\n".join(rows) + "\n"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten reviews are many already, and no machine is so slow that its input looks written by hand."""
    monkeypatch.setattr(module, "FEW", 10)
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(module, "LIVE", 1e9)


# --- why -----------------------------------------------------------------------------------------


def test_the_explanation_names_the_phrase_how_far_it_pulled_and_its_words(otklik: Otklik) -> None:
    shown = weighed(otklik("classify", "--explain", stdin="Официант нахамил и ушёл\n").out)
    assert "Официант нахамил и ушёл" in shown[0]
    assert shown[1].strip().startswith("отмечен: оценки нет, негатив ")
    assert re.search(
        r"^ +\+\d+\.\d\d против  «Официант нахамил и ушёл»  .*нахамил \+\d\.\d\d \(словарь −\d\.\d\)", shown[2]
    )
    assert shown[-1].strip().startswith("счёт негатива: до слов ")


@pytest.mark.parametrize(
    ("text", "stars", "scale", "towards"),
    [
        ("Дороговато", 5, "счёт жалобы и негатива", "complaint"),
        ("Хамят", None, "счёт негатива", "negative"),
        ("Спасибо", 1, "счёт негатива", "negative"),
    ],
)
def test_the_phrases_and_the_score_below_them_are_of_one_scale_which_is_named(
    otklik: Otklik, text: str, stars: int | None, scale: str, towards: str
) -> None:
    """The only phrase of a text pulls as far as all words."""
    line = json.dumps({"text": text, "stars": stars})
    *_, phrase, score = weighed(otklik("classify", "--explain", stdin=line).out)
    assert f"{scale}: до слов " in score
    assert f"все слова {phrase.split()[0]}," in score
    explanation = otklik("classify", "--explain", "--json", stdin=line).objects()[0]["explanation"]
    assert explanation["towards"] == towards
    assert [item["weight"] for item in explanation["phrases"]] == [explanation["pull"]]


def test_the_threshold_that_is_shown_is_the_one_that_decided() -> None:
    """On synthetic texts whose stars praise: reached if something must be done, and else not."""
    analyser = load()
    told: Counter[str] = Counter()
    for example in corpus.read(corpus.own()):
        if example.stars not in (4, 5):
            continue
        review = Review(example.text, example.stars)
        decision = answer(analyser, review, Style(as_json=False, explain=True)).splitlines()[1].strip()
        if (
            limit := re.search(r"негатив (0\.\d\d|1\.00) при пороге (0\.\d\d)", decision)
        ) and "опасность" not in decision:
            decided = decision.partition(":")[0]
            told[decided] += 1
            reached, left = limit[1] >= limit[2], limit[1] <= limit[2]
            assert left if decided == "не отмечен" else reached, decision
    assert min(told[decided] for decided in ("отмечен", "неясно", "не отмечен")) > 10


def test_phrases_stand_below_each_other(otklik: Otklik) -> None:
    text = "Очень вкусно, спасибо! Но официант нахамил и обсчитал, хотя интерьер красивый\n"
    phrases = [line for line in weighed(otklik("classify", "--explain", stdin=text).out) if "«" in line][1:]
    assert len({line.index("«") for line in phrases}) <= 1


@pytest.mark.parametrize(
    ("text", "stars", "said"),
    [
        ("Вкусно, но дороговато", 5, "оценка спорит с текстом: жалоба «но дороговато»"),
        ("Всё отлично, спасибо", 1, "отмечен: оценка 1 из 5; оценка спорит с текстом: похвала «Всё отлично, спасибо»"),
        ("Ужасно", 2, "отмечен: оценка 2 из 5"),
        ("Очень вкусно, спасибо", 5, "не отмечен: оценка 5 из 5, жалоба 0."),
        ("абырвалг", None, "неясно: оценки нет, слова модели незнакомы"),
        ("", 4, "не отмечен: оценка 4 из 5, слов нет"),
        ("", None, "неясно: оценки нет, слов нет"),
        ("Отравились роллами", None, "опасность: отравление"),
    ],
)
def test_the_decision_is_told_in_one_sentence(otklik: Otklik, text: str, stars: int | None, said: str) -> None:
    line = json.dumps({"text": text, "stars": stars})
    assert said in otklik("classify", "--explain", stdin=line).out.splitlines()[1]
    assert said in otklik("classify", "--explain", "--json", stdin=line).objects()[0]["explanation"]["decision"]


def test_json_gains_a_key_only_when_asked(otklik: Otklik) -> None:
    text = "Вкусно, но ждали час\n\n"
    plain = otklik("classify", "--json", stdin=text).objects()
    explained = otklik("classify", "--json", "--explain", stdin=text).objects()
    assert all(row.keys() == KEYS for row in plain)
    explanations = [row.pop("explanation") for row in explained]
    assert explained == plain
    for row, explanation in zip(plain, explanations, strict=True):
        assert [item["phrase"] for item in explanation["phrases"]] == [item["phrase"] for item in row["evidence"]]
        for phrase in explanation["phrases"]:
            assert sum(word["pull"] for word in phrase["words"]) == pytest.approx(phrase["weight"], abs=0.01)


VERDICT = Verdict(
    tone=Tone.NEGATIVE,
    probabilities=None,
    flagged=True,
    uncertain=False,
    conflict=False,
    themes=(
        ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали час", rule="waiting.hours"),
        ThemeMention(Theme.QUALITY, Tone.POSITIVE, "еда отличная", "food", "quality.words"),
    ),
    risks=(RiskMention(Risk.FRAUD, "списали дважды", "fraud.twice"),),
    evidence=(),
    people=(Person("мастер", "Марина", "мастеру Марине", "femn", Tone.POSITIVE, "спасибо мастеру Марине"),),
    intents=(IntentMention(Intent.CONTACT, "перезвоните", "contact.call"),),
)


class Finder:
    """An analysis that finds the same in every text, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int | None, str]] = []

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        self.asked.append((text, stars, author))
        return VERDICT

    def explain(self, text: str, stars: int | None, author: str = "") -> tuple[Verdict, Explanation | None]:
        return VERDICT, load().explain(text, stars)[1]


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> Finder:
    finder = Finder()
    monkeypatch.setattr(module, "load_analyser", lambda business: finder)
    return finder


def test_the_explanation_names_the_rule_and_the_quote_of_all_that_was_found(otklik: Otklik, finder: Finder) -> None:
    shown = otklik("classify", "--explain", stdin="Текст\n").out.splitlines()
    assert [line.strip() for line in shown[-5:]] == [
        "тема: ожидание −, правило waiting.hours, «ждали час»",
        "тема: качество еды +, правило quality.words, «еда отличная»",
        "опасность: мошенничество, правило fraud.twice, «списали дважды»",
        "человек: мастер Марина +, «спасибо мастеру Марине»",
        "намерение: просит связаться, правило contact.call, «перезвоните»",
    ]
    explanation = otklik("classify", "--explain", "--json", stdin="Текст\n").objects()[0]["explanation"]
    assert [item["rule"] for item in explanation["themes"]] == ["waiting.hours", "quality.words"]
    assert explanation["risks"] == [{"risk": "fraud", "quote": "списали дважды", "rule": "fraud.twice"}]
    assert explanation["intents"] == [{"intent": "contact", "quote": "перезвоните", "rule": "contact.call"}]


def test_json_tells_people_intents_and_what_the_quality_is_of(otklik: Otklik, finder: Finder) -> None:
    (row,) = otklik("classify", "--json", stdin="Текст\n").objects()
    assert row["themes"] == [
        {"theme": "waiting", "tone": "negative", "quote": "ждали час"},
        {"theme": "quality", "tone": "positive", "quote": "еда отличная", "of": "food"},
    ]
    assert row["people"] == [
        {
            "role": "мастер",
            "name": "Марина",
            "dative": "мастеру Марине",
            "tone": "positive",
            "quote": "спасибо мастеру Марине",
        }
    ]
    assert row["intents"] == [{"intent": "contact", "quote": "перезвоните"}]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("Вкусно", ("Вкусно", None, "")),
        ('{"text": "Вкусно", "stars": 5, "author": "Анна"}', ("Вкусно", 5, "Анна")),
        ('{"text": "Вкусно", "author": null}', ("Вкусно", None, "")),
    ],
)
def test_the_analysis_hears_who_signed(
    otklik: Otklik, finder: Finder, line: str, asked: tuple[str, int | None, str]
) -> None:
    assert otklik("classify", "--json", stdin=line).code == 0
    assert finder.asked == [asked]


def test_an_author_that_is_no_text_is_refused(otklik: Otklik) -> None:
    result = otklik("classify", stdin='{"text": "Вкусно", "author": 5}')
    assert result.code == 2
    assert 'stdin:1: needs "author" as a string' in result.err


def test_every_rule_that_is_named_is_one_of_the_shipped(otklik: Otklik) -> None:
    explanation = otklik(
        "classify", "--explain", "--json", stdin="Еда вкусная, но ждали час, официант хамил. Отравились суши!\n"
    ).objects()[0]["explanation"]
    themes = {f"{rule.says}: {rule.name}" for rule in rules.load("themes", Theme)}
    dangers = {f"{rule.says}: {rule.name}" for rule in rules.load("dangers", Risk)}
    assert {f"{item['theme']}: {item['rule']}" for item in explanation["themes"]} <= themes
    assert {f"{item['risk']}: {item['rule']}" for item in explanation["risks"]} <= dangers
    assert len(explanation["themes"]) >= 2
    assert explanation["risks"]


def test_a_hostile_text_stays_on_its_lines(otklik: Otklik) -> None:
    text = "Ужас\x9b2J\u202e\ud800 хамят\nгрязь {{ 7*7 }} " + "а" * 5000
    shown = otklik("classify", "--explain", stdin=json.dumps({"text": text, "stars": 5})).out
    assert not {"\x9b", "\u202e"} & set(shown)
    assert max(map(len, shown.splitlines())) < 400


# --- many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [["--json"], ["--explain"]])
def test_several_processes_answer_as_one_does_and_in_order(otklik: Otklik, soon: None, options: list[str]) -> None:
    many = lines(60)
    alone = otklik("classify", *options, "--jobs", 1, stdin=many)
    together = otklik("classify", *options, "--jobs", 2, stdin=many)
    assert together == alone
    assert alone.code == 0
    assert alone.err.count("begins like a JSON object but is none") == alone.err.count("\n") == 10


def test_an_unusable_line_far_below_is_refused_after_all_before_it_are_answered(otklik: Otklik, soon: None) -> None:
    result = otklik("classify", "--json", "--jobs", 2, stdin=lines(33) + '{"stars": 5}\n' + lines(30))
    assert result.code == 2
    assert "stdin:34" in result.err
    assert len(result.objects()) == 33


def never(*arguments: object) -> Iterator[list[str]]:
    raise AssertionError("no other process is needed")


def test_a_small_input_starts_no_other_process(otklik: Otklik, monkeypatch: pytest.MonkeyPatch, soon: None) -> None:
    monkeypatch.setattr(module, "in_parallel", never)
    assert len(otklik("classify", "--json", "--jobs", 2, stdin=lines(9)).objects()) == 9


def test_a_slow_input_is_answered_line_by_line_however_long(
    otklik: Otklik, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    monkeypatch.setattr(module, "LIVE", 0.0)
    monkeypatch.setattr(module, "in_parallel", never)
    assert len(otklik("classify", "--json", "--jobs", 2, stdin=lines(40)).objects()) == 40


def test_only_a_few_chunks_are_read_ahead(soon: None) -> None:
    read = 0

    def endless() -> Iterator[Review]:
        nonlocal read
        while True:
            read += 1
            yield Review("вкусно", None)

    answered = in_parallel(endless(), Style(as_json=True, explain=False), 2)
    try:
        told = 0
        for _ in range(20):
            told += len(next(answered))
            assert read - told <= module.CHUNK * 6
    finally:
        answered.close()
    assert not multiprocessing.active_children()


def test_a_helping_process_that_dies_is_told(otklik: Otklik, monkeypatch: pytest.MonkeyPatch, soon: None) -> None:
    def deadly() -> Iterator[Review]:
        yield from [Review("вкусно", None)] * 50
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
        yield from [Review("вкусно", None)] * 500

    with pytest.raises(BrokenHelper):
        list(in_parallel(deadly(), Style(as_json=True, explain=False), 2))
    monkeypatch.setattr(module, "_reviews", deadly)
    result = otklik("classify", "--json", "--jobs", 2)
    assert result.code == 1
    assert "a helping process died" in result.err
    assert "--jobs 1" in result.err
    assert len(result.objects()) >= 10


PLAIN = "".join(f"Вкусно {number}\n" for number in range(40_000))


def program(*arguments: str) -> list[str]:
    """As started from a terminal: whoever runs the tests in the background has told its children to ignore Ctrl-C."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    return [sys.executable, "-c", code + "from monitor.cli.main import main; main()", *arguments]


def test_ctrl_c_amid_many_ends_them_all_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "many").write_text(PLAIN, encoding="utf-8")
    with (tmp_path / "many").open() as many:
        process = subprocess.Popen(
            program("classify", "--json", "--jobs", "2"), stdin=many, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", start_new_session=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
    assert process.stdout is not None
    for _ in range(module.FEW + 1):
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(r"otklik: interrupted; \d+ reviews were answered\n", said)


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "many").write_text(PLAIN, encoding="utf-8")
    with (tmp_path / "many").open() as many:
        process = subprocess.Popen(
            program("classify", "--json", "--jobs", "2"), stdin=many, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", cwd=Path(__file__).parents[1],
        )  # fmt: skip
    assert process.stdout is not None
    for _ in range(module.FEW + 1):
        process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    otklik: Otklik, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    quiet = otklik("classify", "--json", "--jobs", 1, stdin=lines(30))
    assert "Отзывы" not in quiet.err
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    shown = otklik("classify", "--json", "--jobs", 1, stdin=lines(30))
    assert shown.out == quiet.out
    assert "Отзывы" in screen.getvalue()
