"""What counts for here and now, a line each, and the language of the rules."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment import scope
from sentiment.phrases import Phrases
from sentiment.rules import Review, Rule, RuleError, Rules, load
from sentiment.text import clauses, tokens
from sentiment.types import Theme


def review(text: str) -> Review:
    parts = tokens(text)
    return Review(text, parts, clauses(text, parts))


def place(of: Review, word: str) -> int:
    return next(number for number, token in enumerate(of.tokens) if token.key.startswith(word))


def fires(text: str, **row: object) -> bool:
    return any(Rules([Rule("staff.it", Theme.STAFF, **row)]).find(review(text)))  # type: ignore[arg-type]  # rows as in TOML


# --- the language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("ждал*", "Ждали долго"),
        ("час|два ждать", "Пришлось два ждать"),
        ("ждали * часа", "Ждали почти часа три"),
        ("ждали .. часа", "Ждали часа три"),
        ("ждали .. часа", "Ждали мы там целых часа три"),
        ("ждали очень? долго", "Ждали долго"),
        ("ждали очень? долго", "Ждали очень долго"),
        ("жаль , что", "Жаль, что закрыто"),
        ("жаль , что", "Жаль что закрыто"),
        ("елка", "Ёлка стоит"),
        ("00 минут*", "Ждали 40 минут"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert fires(text, phrases=phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("ждали долго", "Ждали. Долго ехали"),
        ("ждали долго", "Ждали, долго ехали"),
        ("ждали долго", "Ждали (долго ехали)"),
        ("ждали * часа", "Ждали часа три"),
        ("ждали .. часа", "Ждали мы там вдвоём целых часа три"),
        ("ждали .. часа", "Ждали. Часа три"),
        ("ждать", "Ожидать нечего"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert not fires(text, phrases=phrase)


def test_a_word_can_be_kept_out_of_its_stem() -> None:
    assert fires("Часто жду", words="ча* -час")
    assert not fires("Час", words="ча* -час")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Нашли волос в супе", True),
        ("Волос до пояса, ем суп", True),
        ("Нашли волос. Суп вкусный", False),
        ("Волос в один два три четыре пять шесть семь восемь суп", False),
    ],
)
def test_what_has_to_stand_near_stands_in_the_same_sentence_within_reach(text: str, found: bool) -> None:
    assert fires(text, words="волос", near="суп*") is found


def test_what_forbids_a_rule_does_not_where_it_is_denied() -> None:
    row = {"words": "сломал*", "unless": "помог*"}
    assert not fires("Сломала руку, тут помогли", **row)
    assert fires("Сломала руку, тут не помогли", **row)


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_its_tokens_found_again(text: str) -> None:
    found = review(text)
    assert [found.token_before(place + 1) for place in found.places] == list(range(len(found.tokens)))
    for number, token in enumerate(found.tokens):
        begin, end = found.sentence(number)
        assert begin <= found.places[number] < end
        first, last = found.sentence_tokens(number)
        assert first <= number < last
        clause = found.clauses[found.clause_of(number)]
        assert clause.first <= number < clause.last
        assert token.start >= clause.start


def test_no_phrases_are_found_nowhere() -> None:
    assert Phrases(" ; ").within(["да", "."], 0, 2) is None


class Odd(StrEnum):
    STAFF = "staff"


def test_a_file_about_something_unknown_is_refused() -> None:
    with pytest.raises(RuleError, match=r"assortment is none of staff"):
        load("themes", Odd)


# --- here and now ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Никто не отравился", "Без отравлений", "Не отравились", "Чтобы мы отравились", "Против отравления средство"],
)
def test_a_negation_governs_the_word(text: str) -> None:
    found = review(text)
    assert scope.negated(found, place(found, "отрав"))


@pytest.mark.parametrize(
    "text",
    ["Не только отравились, но и ждали", "Не вкусно, отравились", "Не советую отравитесь", "Мы там отравились"],
)
def test_another_negation_leaves_the_word_alone(text: str) -> None:
    found = review(text)
    assert not scope.negated(found, place(found, "отрав"))


@pytest.mark.parametrize("text", ["Боялась, что отравимся", "Надеюсь, не отравимся", "Думали, сейчас отравимся"])
def test_what_is_feared_has_not_happened(text: str) -> None:
    found = review(text)
    assert scope.unreal(found, place(found, "отрав"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("В соседнем кафе хамят", "хам"),
        ("В отличие от других салонов, где хамят", "хам"),
        ("Раньше было грязно, теперь чисто", "гряз"),
        ("До ремонта тут было грязно. Сейчас всё сияет", "гряз"),
    ],
)
def test_what_others_do_and_what_is_over_does_not_count(text: str, word: str) -> None:
    found = review(text)
    assert scope.elsewhere(found, place(found, word))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("В соседнем кафе хамят, но здесь грязно", "гряз"),
        ("Раньше было грязно, теперь чисто", "чист"),
        ("Раньше было вкусно", "вкус"),
        ("Тут хамят", "хам"),
    ],
)
def test_what_happens_here_counts(text: str, word: str) -> None:
    found = review(text)
    assert not scope.elsewhere(found, place(found, word))
