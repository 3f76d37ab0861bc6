"""How names and jobs are declined by their endings, and what their forms may mean."""

import pytest

from sentiment.declension import NameForm, decline, forms_of, guessed_forms, patronymic_forms, surname_forms


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


@pytest.mark.parametrize(("word", "case", "first"), [("шохиде", "datv", "шохида"), ("шохруху", "datv", "шохрух")])
def test_names_are_guessed_by_their_ending(word: str, case: str, first: str) -> None:
    assert next(form.nominative for form in guessed_forms(word) if form.case == case) == first


def test_surnames_are_told_by_their_ending() -> None:
    assert NameForm("хайрутдинова", "femn", "datv") in surname_forms("хайрутдиновой")
    assert surname_forms("вкусно") == ()


@pytest.mark.parametrize(("name", "form"), [("врач", "врачем"), ("слесарь", "слесарем"), ("кузьмич", "кузьмичом")])
def test_other_spellings_of_a_form_are_known(name: str, form: str) -> None:
    assert dict(forms_of(name, "masc"))[form] == NameForm(name, "masc", "ablt")
