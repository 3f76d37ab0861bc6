"""Names and their forms."""

import pytest

from sentiment.morph import gender, inflect, is_first_name, is_personal

NAMES = """
Анна Саша Катя Настя Лёша Ваня Айгуль Ильдар Рустем Гузель Алия Чулпан Лев Роман Вера Анна-Мария АННА саша
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


@pytest.mark.parametrize(
    ("word", "case", "expected"),
    [("Анна", "datv", "Анне"), ("Лев", "ablt", "Львом"), ("кофейня", "loct", "кофейне"), ("Zoom", "gent", None)],
)
def test_words_are_put_into_another_case(word: str, case: str, expected: str | None) -> None:
    assert inflect(word, case) == expected


def test_an_unknown_case_is_named() -> None:
    with pytest.raises(ValueError, match="дательный"):
        inflect("Анна", "дательный")


@pytest.mark.parametrize("word", ["ольге", "сергеевна", "иванову", "рустемом"])
def test_words_that_name_a_person_are_personal(word: str) -> None:
    assert is_personal(word)


@pytest.mark.parametrize("word", ["вкусно", "обслуживание", "хороший", "не"])
def test_everyday_words_are_not(word: str) -> None:
    assert not is_personal(word)
