"""Names and their forms."""

import pytest

from sentiment.morph import (
    NameForm,
    decline,
    dictionary_names,
    forms,
    gender,
    guessed_forms,
    inflect,
    is_first_name,
    is_known,
    is_personal,
    patronymic_forms,
    person_nouns,
    persons,
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
    ("name", "of", "others"),
    [
        ("марина", "femn", "марины марине марину мариной марине"),
        ("ольга", "femn", "ольги ольге ольгу ольгой ольге"),
        ("маша", "femn", "маши маше машу машей маше"),
        ("мария", "femn", "марии марии марию марией марии"),
        ("алия", "femn", "алии алие алию алией алие"),
        ("любовь", "femn", "любови любови любовь любовью любови"),
        ("айгуль", "femn", "айгуль айгуль айгуль айгуль айгуль"),
        ("лейсан", "femn", "лейсан лейсан лейсан лейсан лейсан"),
        ("ильнур", "masc", "ильнура ильнуру ильнура ильнуром ильнуре"),
        ("никита", "masc", "никиты никите никиту никитой никите"),
        ("дмитрий", "masc", "дмитрия дмитрию дмитрия дмитрием дмитрии"),
        ("игорь", "masc", "игоря игорю игоря игорем игоре"),
        ("лев", "masc", "льва льву льва львом льве"),
        ("гиви", "masc", "гиви гиви гиви гиви гиви"),
        ("продавец", "masc", "продавца продавцу продавца продавцом продавце"),
    ],
)
def test_names_and_jobs_are_declined_by_their_endings(name: str, of: str, others: str) -> None:
    assert list(decline(name, of).values()) == [name, *others.split()]


@pytest.mark.parametrize(
    ("surname", "of", "dative"),
    [
        ("иванова", "femn", "ивановой"), ("иванов", "masc", "иванову"), ("петренко", "femn", "петренко"),
        ("шевчук", "femn", "шевчук"), ("шевчук", "masc", "шевчуку"), ("чайковская", "femn", "чайковской"),
        ("достоевский", "masc", "достоевскому"), ("белых", "masc", "белых"),
    ],
)  # fmt: skip
def test_surnames_are_declined_as_surnames(surname: str, of: str, dative: str) -> None:
    assert decline(surname, of, surname=True)["datv"] == dative


@pytest.mark.parametrize(
    ("job", "of", "dative"), [("горничная", "femn", "горничной"), ("управляющий", "masc", "управляющему")]
)
def test_jobs_that_are_adjectives_are_declined_as_such(job: str, of: str, dative: str) -> None:
    assert decline(job, of, adjective=True)["datv"] == dative


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("сергеевне", ("сергеевна", "femn", "datv")), ("ильича", ("ильич", "masc", "gent"))],
)
def test_patronymics_are_read_in_every_case(word: str, meaning: tuple[str, str, str]) -> None:
    assert NameForm(*meaning) in patronymic_forms(word)
    assert patronymic_forms("вкусно") == ()


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


@pytest.mark.parametrize(("word", "case", "first"), [("шохиде", "datv", "шохида"), ("шохруху", "datv", "шохрух")])
def test_names_in_no_dictionary_are_guessed_by_their_ending(word: str, case: str, first: str) -> None:
    assert next(form.nominative for form in guessed_forms(word) if form.case == case) == first


def test_the_dictionary_tells_names_people_and_mere_words() -> None:
    assert NameForm("екатерина", "femn", "gent") in dictionary_names("екатерины")
    assert dictionary_names("вкусно") == ()
    assert ("садовница", "садовнице", "nomn", "femn") in person_nouns("садовница")
    assert not list(person_nouns("стол"))
    assert is_known("стол")
    assert not is_known("шохрух")


def test_the_network_finds_people_in_a_text() -> None:
    text = "Вчера Иван Петров приехал в Москву."
    assert [text[start:end] for start, end in persons(text)] == ["Иван Петров"]
