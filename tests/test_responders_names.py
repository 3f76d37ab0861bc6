"""Whom to address by first name, and whom rather not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.names import first_name

NAMES = frozenset({"Анна", "Марина", "Роза", "Иван", "Игорь", "Вера", "Илья", "Саша", "Сергей", "Анна-Мария", "Любовь"})


def is_first_name(word: str) -> bool:
    return word in NAMES


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Анна", "Анна"),
        ("АННА", "Анна"),
        ("анна", "Анна"),
        ("Анна К.", "Анна"),
        ("Анна К", "Анна"),
        ("  Анна   Иванова ", "Анна"),
        ("Иванова Анна", "Анна"),
        ("ИВАНОВА АННА", "Анна"),
        ("Иванова Марина", "Марина"),
        ("Иванова Анна Сергеевна", "Анна Сергеевна"),
        ("Анна Сергеевна", "Анна Сергеевна"),
        ("Анна-Мария", "Анна-Мария"),
        ("Анна ❤️", "Анна"),
        ("Илья Петров", "Илья"),
        ("Саша Петрова", "Саша"),
        ("Саша Петров", "Саша"),
        ("Игорь Коваленко", "Игорь"),
        ("Сергей Чайковский", "Сергей"),
        ("Вера", "Вера"),
    ],
)
def test_a_real_first_name_is_found(shown: str, name: str) -> None:
    assert first_name(shown, is_first_name=is_first_name) == name


@pytest.mark.parametrize(
    "shown",
    [
        "", "vkusno_77", "Котофей6", "Мама двоих", "Мама Анна", "Гость", "Кафе Роза", "Магазин Марина", "Anna",
        "Anna K.", "Анна77", "Анна_К", "Роза ветров", "вера", "любовь", "Иван Корова", "Анна Мария Роза",
        "Вера Надежда", "Анна и Иван", "<b>Анна</b>", "{{ Анна }}", "Анна\x00", "\u202eАнна", "Ан\ud800на",
        "Любовь к еде", "Знаток города 5 уровня", "Анна Иванова Сергеева Петрова", "А", "К. Анна", "А" * 100_000,
    ],
)  # fmt: skip
def test_anything_doubtful_is_not_addressed(shown: str) -> None:
    assert first_name(shown, is_first_name=is_first_name) is None


@given(st.text(max_size=80))
def test_whatever_the_display_name_the_address_is_russian_letters_only(shown: str) -> None:
    found = first_name(shown, is_first_name=lambda _: True)
    assert found is None or (found.replace("-", "").isalpha() and found[0].isupper() and len(found) <= 41)
