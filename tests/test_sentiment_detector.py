"""The detector learns dangers, hears them without a rule, doubts rules, and refuses what is damaged."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sentiment import detecting, detector, risks
from sentiment.corpus import CorpusError
from sentiment.detecting import Lesson
from sentiment.detector import Detector, Limits
from sentiment.model import ModelError
from sentiment.rules import Review
from sentiment.text import clauses, keys, tokens
from sentiment.types import Probabilities, Risk


def lesson(text: str, *dangers: Risk, real: bool = False, pleased: bool = False) -> Lesson:
    terms = detector.beginnings(keys(text))
    return Lesson(terms, [terms], frozenset(dangers), real=real, pleased=pleased)


def lessons() -> list[Lesson]:
    """Few texts of two dangers and of none, each in variations that share the telling word, which no rule knows."""
    names = ["вечером", "утром", "вчера", "в зале", "в кафе", "на кухне", "снова", "опять"]
    found = [lesson(f"{name} кукожило всех гостей", Risk.POISONING) for name in names]
    found += [lesson(f"{name} бегали шуршики", Risk.PESTS) for name in names]
    found += [lesson(f"{name} подали вкусный обед") for name in names]
    return found + [lesson(f"{name} отличный сервис", real=True) for name in names]


@pytest.fixture(scope="module")
def small() -> Detector:
    return Detector(detecting.train(lessons()))


def listened(text: str, ear: Detector | None) -> list[tuple[Risk, str]]:
    parts = tokens(text)
    return [(item.risk, item.rule) for item in risks.find(Review(text, parts, clauses(text, parts)), ear)]


def test_it_tells_a_danger_from_none_and_which_it_is(small: Detector) -> None:
    sick, mice, fine = (small.hear(keys(text)) for text in ("Кукожило двоих", "Шуршики на складе", "Вкусный обед"))
    assert min(sick.score(0, 2), mice.score(0, 3)) > fine.score(0, 2)
    assert (sick.risk(0, 2), mice.risk(0, 3)) == (Risk.POISONING, Risk.PESTS)


def test_other_forms_of_a_word_are_the_same_word() -> None:
    assert detector.beginnings(["отравились"]) == detector.beginnings(["отравившийся"])


def test_the_same_lessons_give_the_same_detector() -> None:
    assert detecting.packed(detecting.train(lessons())) == detecting.packed(detecting.train(lessons()))


def test_words_of_real_reviews_are_no_terms() -> None:
    taught = detecting.train([*lessons(), lesson("Гульназ Гульназ", real=True), lesson("Гульназ", real=True)])
    assert "гульна" not in bytes(taught["terms"]).decode()


@pytest.mark.parametrize("kept", [lambda item: not item.real, lambda item: not item.risks])
def test_without_dangers_or_real_praise_nothing_is_learned(kept: object) -> None:
    with pytest.raises(CorpusError, match="texts with some and real praise without any"):
        detecting.train([item for item in lessons() if kept(item)])  # type: ignore[operator]  # a predicate


def raised(of: Detector, alarm: float, doubt: float) -> Detector:
    of.limits = (Limits(alarm, doubt), Limits(alarm, doubt))
    return of


def test_of_who_sounds_pleased_a_danger_must_sound_louder(small: Detector) -> None:
    text = "Потом кукожило всех."
    small.limits = Limits(-100.0, -200.0), Limits(100.0, 50.0)
    parts = Review(text, tokens(text), clauses(text, tokens(text)))
    assert risks.find(parts, small, pleased=False)
    assert not risks.find(parts, small, pleased=True)


@pytest.mark.parametrize(
    ("negative", "positive", "stars", "is_pleased"),
    [(0.1, 0.8, None, True), (0.3, 0.4, None, False), (0.9, 0.05, 4, True), (0.9, 0.05, 3, False), (0.1, 0.8, 1, True)],
)
def test_who_is_pleased_says_so_by_stars_or_by_words(
    negative: float, positive: float, stars: int | None, is_pleased: bool
) -> None:
    assert detector.pleased(Probabilities(negative, 1 - negative - positive, positive), stars) is is_pleased


def test_the_limits_are_learned_apart_for_who_sounds_pleased() -> None:
    glad = [lesson(" ".join(item.terms), real=True, pleased=True) for item in lessons() if item.real]
    otherwise, pleased = Detector(detecting.train([*lessons(), *glad])).limits
    assert otherwise.alarm != pleased.alarm


def test_what_alarms_it_needs_no_rule_and_is_quoted(small: Detector) -> None:
    text = "Пришли вдесятером, отмечали юбилей. Потом кукожило всех."
    ear = raised(small, -100.0, -200.0)
    (found,) = risks.find(Review(text, tokens(text), clauses(text, tokens(text))), ear)
    assert (found.risk, found.rule, found.quote) == (Risk.POISONING, "poisoning.heard", "Потом кукожило всех")


@pytest.mark.parametrize(
    "danger", ["В супе нашли таракана.", "Пахло газом на кухне.", "Дочь упала с горки и сломала руку."]
)
@pytest.mark.parametrize("sentences", [0, 1, 4, 12])
def test_praise_around_a_danger_does_not_hide_it(danger: str, sentences: int) -> None:
    praise = "Очень красивый зал. Вкусные десерты и кофе. Приветливый персонал. Цены приятные. "
    text = (praise * 3).split(". ")[:sentences]
    assert listened(". ".join([*text, danger]), detector.load())


def test_a_rule_that_it_doubts_does_not_count(small: Detector) -> None:
    assert listened("По залу бегали тараканы", None)
    assert listened("По залу бегали тараканы", raised(small, 200.0, 100.0)) == []


def test_a_rule_that_it_does_not_doubt_names_the_danger(small: Detector) -> None:
    (found,) = listened("По залу бегали тараканы", raised(small, -100.0, -200.0))
    assert found[0] is Risk.PESTS
    assert not found[1].endswith(risks.HEARD)


@pytest.mark.parametrize("text", ["", "!!!", "👍", "x" * 100_000])
def test_any_text_can_be_listened_to(small: Detector, text: str) -> None:
    listened(text, raised(small, -100.0, -200.0))


def test_the_shipped_one_leaves_the_issues_false_friends_alone() -> None:
    shipped = detector.load()
    texts: Sequence[str] = (
        "Просто бомба!", "Убийственно вкусно", "Умираю от восторга", "Отравлен любовью к вашим десертам",
        "Детям понравилось", "Никто не отравился", "Прокуратура по соседству",
    )  # fmt: skip
    assert [text for text in texts if listened(text, shipped)] == []


@pytest.mark.parametrize(
    "text", ["Всю ночь не отходили от туалета", "Списали дважды и не возвращают", "Подам на вас в суд"]
)
def test_the_shipped_one_hears_what_the_issue_asks_for(text: str) -> None:
    assert listened(text, detector.load())


@pytest.mark.parametrize("spoil", ["missing", "cut", "incomplete"])
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, spoil: str) -> None:
    content = detecting.packed(detecting.train(lessons()))
    if spoil == "cut":
        (tmp_path / detector.FILE).write_bytes(content[:500])
    if spoil == "incomplete":
        with (tmp_path / detector.FILE).open("wb") as file:
            np.savez(file, idf=np.zeros(1))
    with pytest.raises(ModelError, match="otklik train --dangers"):
        detector.load(tmp_path)
