"""Words and names in the dictionary."""

import pytest

from sentiment.declension import NameForm, NounForm
from sentiment.morph import (
    dictionary_names,
    forms,
    gender,
    is_first_name,
    is_known,
    is_personal,
    person_nouns,
    surname_forms,
)

NAMES = """
Анна Саша Катя Настя Лёша Ваня Айгуль Ильдар Рустем Гузель Алия Чулпан Лев Роман Вера Анна-Мария АННА саша
"""

PEOPLE = """
айгуль айгулью алсу гульнара гульнаре гульнару гульназ анна мария-луиза анне-марии сергеевич сергеевичу иванова ивановой
петрова-водкина рамиля рамилем айратом булату серегу лехе ксюше резеду
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_first_names_are_known(name: str) -> None:
    assert is_first_name(name)


@pytest.mark.parametrize(
    "word",
    ["Ольге", "Кафе", "Гость", "Ромашка", "Вкусно", "Иванов", "Сергеевич", "Anna", "", "-", "Ы" * 500, "\ud800", "77"],
)
def test_other_words_are_no_first_names(word: str) -> None:
    assert not is_first_name(word)


@pytest.mark.parametrize(
    ("name", "expected"), [("Анна", "femn"), ("Ильдар", "masc"), ("Саша", None), ("Кафе", None), ("", None)]
)
def test_the_gender_of_a_name(name: str, expected: str | None) -> None:
    assert gender(name) == expected


@pytest.mark.parametrize("word", ["ольге", "сергеевна", "иванову", "рустемом"])
def test_words_that_name_a_person_are_personal(word: str) -> None:
    assert is_personal(word)


@pytest.mark.parametrize("word", PEOPLE.split())
def test_names_the_dictionary_lacks_and_parts_of_double_ones_are_personal(word: str) -> None:
    assert is_personal(word)


@pytest.mark.parametrize(
    "word", ["вкусно", "обслуживание", "хороший", "не", "кто-то", "из-за", "так-себе", "по-моему", "-", ""]
)
def test_everyday_words_are_not(word: str) -> None:
    assert not is_personal(word)


@pytest.mark.parametrize(
    ("lemma", "some", "none"),
    [
        ("вкусный", {"вкусный", "вкусных", "вкусно", "вкуснее"}, {"вкусною", "вкус"}),
        ("хамить", {"хамить", "хамит", "хамили", "хамил"}, {"хам", "хамящий"}),
        ("теплый", {"теплый", "тепло"}, {"тёплый"}),
        ("грязь", {"грязь", "грязи", "грязью"}, {"грязный"}),
    ],
)
def test_the_forms_of_a_lemma_are_the_usual_ones(lemma: str, some: set[str], none: set[str]) -> None:
    found = set(forms(lemma))
    assert some <= found
    assert not none & found


@pytest.mark.parametrize("lemma", ["мастерский", "деть"])
def test_forms_that_mostly_mean_another_word_are_left_out(lemma: str) -> None:
    assert not {"мастерской", "дела", "дети", "детей"} & set(forms(lemma))


@pytest.mark.parametrize("word", ["", "ыыыыы", "zoom", "\ud800", "ы" * 500, "не знаю"])
def test_a_word_the_dictionary_does_not_know_has_no_forms(word: str) -> None:
    assert forms(word) == []


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("ивановой", ("иванова", "femn", "datv")),
        ("петренко", ("петренко", "masc", "nomn")),
        ("хайрутдиновой", ("хайрутдинова", "femn", "datv")),
    ],
)
def test_surnames_are_read_by_the_dictionary_or_their_ending(word: str, meaning: tuple[str, str, str]) -> None:
    assert NameForm(*meaning) in surname_forms(word)


def test_the_dictionary_tells_names_people_and_mere_words() -> None:
    assert NameForm("екатерина", "femn", "gent") in dictionary_names("екатерины")
    assert dictionary_names("вкусно") == ()
    assert NounForm("садовница", "садовнице", "femn", "nomn") in person_nouns("садовница")
    assert not list(person_nouns("стол"))
    assert is_known("стол")
    assert not is_known("шохрух")
