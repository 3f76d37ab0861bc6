"""What the author wants: what the rules' own lines (`rules/intents`) do not tell, as it depends on the whole review."""

from functools import cache
from time import perf_counter

import pytest

from sentiment import analyse, intents, model
from sentiment.analyse import Analyser
from sentiment.rules import Review
from sentiment.text import clauses, tokens
from sentiment.types import Intent, IntentMention


@cache
def analyser() -> Analyser:
    return analyse.load()


def found(text: str, stars: int | None = None) -> dict[Intent, IntentMention]:
    return {mention.intent: mention for mention in analyser().analyse(text, stars).intents}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Подскажите, есть ли у вас парковка?", {Intent.QUESTION}),
        ("А пуделей стрижёте?", {Intent.QUESTION}),
        ("Верните деньги и свяжитесь со мной, почту писала три раза!", {Intent.REFUND, Intent.CONTACT}),
        ("Не туда поставил метку, отзыв про шиномонтаж, как удалить?", {Intent.WRONG_PLACE, Intent.QUESTION}),
        ("Займы без отказа, звоните прямо сейчас", {Intent.SPAM}),
        ("С наступающим Новым годом всех!", {Intent.OFF_TOPIC}),
    ],
)
def test_every_intent_of_a_review_is_found(text: str, wanted: set[Intent]) -> None:
    assert set(found(text)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Сколько можно ждать? За что такие деньги?",
        "Вы серьёзно? Ну как так?",
        "Кто вас учил так разговаривать с людьми?",
        "Вернусь ли? Не знаю.",
        "На вопрос, где заказ?, ответили, что не знают.",
        "Спросила, можно ли перенести запись? Отказали.",
        "Администратор встретила словами: «А вы записаны? Есть ли у вас полис?» Мы развернулись и ушли.",
        "Кто-нибудь знает, есть ли там парковка?",
        "",
    ],
)
def test_what_wants_no_answer_of_the_business_is_no_question(text: str) -> None:
    assert Intent.QUESTION not in found(text)


def test_what_others_said_is_none_of_the_authors_wishes() -> None:
    text = "Трубку бросили со словами «верните деньги и перезвоните мне», хамят всем подряд, никому не советую."
    assert Intent.REFUND not in found(text)
    assert Intent.CONTACT not in found(text)


def test_a_review_that_stands_in_quotation_marks_is_the_authors_own() -> None:
    assert Intent.REFUND in found("«Верните деньги за отменённый концерт»")


@pytest.mark.parametrize("text", ["Спасибо!", "Огромное спасибо мастеру Ирине, очень довольна стрижкой!"])
def test_a_text_that_only_praises_thanks_and_is_quoted_whole(text: str) -> None:
    assert {Intent.THANKS: text} == {intent: mention.quote for intent, mention in found(text, 5).items()}


@pytest.mark.parametrize(
    "text",
    [
        "Очень вкусно, спасибо! Подскажите, есть ли доставка?",
        "Очень вкусно, спасибо, но дорого и официант нахамил.",
        "Ужасно, деньги на ветер.",
        "Вкусно, правда, порции маленькие.",
    ],
)
def test_whoever_wants_or_misses_something_does_not_only_thank(text: str) -> None:
    assert Intent.THANKS not in found(text)


def test_a_review_with_a_blamed_theme_is_not_off_topic() -> None:
    assert Intent.OFF_TOPIC not in found("С Новым годом! А официант нахамил и суп холодный.", 1)


def test_an_old_story_of_another_business_demands_nothing() -> None:
    assert Intent.REFUND not in found("В соседнем салоне деньги не вернули, а здесь всё сделали отлично.")


def test_the_quote_is_the_sentence_that_says_it() -> None:
    text = "Торт чудо, дети в восторге. Подскажите, можно ли заказать двадцать к субботе? Заранее благодарны."
    assert found(text)[Intent.QUESTION].quote == "Подскажите, можно ли заказать двадцать к субботе?"


def test_of_a_text_without_punctuation_only_a_clause_is_quoted() -> None:
    text = "верните деньги " + "ждали и ждали пока наконец хоть кто нибудь выйдет к нам " * 20
    quote = found(text)[Intent.REFUND].quote
    assert quote in text
    assert len(quote) <= intents.LONGEST_QUOTE


@pytest.mark.parametrize("text", ["«" * 50_000 + " верните деньги", "верните деньги " * 500, "можно " * 10_000 + "?"])
def test_hostile_texts_are_read_in_time_in_proportion_to_their_length(text: str) -> None:
    parts = tokens(text)
    review = Review(text, parts, clauses(text, parts))
    reading = model.load().read([token.key for token in parts])
    begin = perf_counter()
    intents.find(review, intents.hits(review), reading, (), (), content=False)
    assert perf_counter() - begin < 10
