"""Dangers: one line each, and their false friends."""

import pytest

from sentiment import risks
from sentiment.text import clauses, tokens
from sentiment.types import Risk


def found(text: str) -> dict[Risk, str]:
    parts = tokens(text)
    return {mention.risk: mention.quote for mention in risks.find(text, parts, clauses(text, parts))}


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("Всей семьёй отравились роллами", Risk.POISONING),
        ("Было пищевое отравление", Risk.POISONING),
        ("После салата всю ночь рвало", Risk.POISONING),
        ("Съел шаурму и тошнит второй день", Risk.POISONING),
        ("Ночью прихватило живот после устриц", Risk.POISONING),
        ("Лежим в инфекционке с сальмонеллой", Risk.POISONING),
        ("Дочь получила травму на горке", Risk.INJURY),
        ("Мастер обожгла мне ухо", Risk.INJURY),
        ("Поскользнулась на мокром полу", Risk.INJURY),
        ("Сломал зуб о косточку", Risk.INJURY),
        ("В салате нашли осколок стекла: осколок в салате!", Risk.INJURY),
        ("Пришлось вызывать скорую", Risk.INJURY),
        ("Подам на вас в суд", Risk.LEGAL),
        ("Увидимся в суде", Risk.LEGAL),
        ("Пишу жалобу в Роспотребнадзор", Risk.LEGAL),
        ("Буду жаловаться в прокуратуру", Risk.LEGAL),
        ("Вызвали полицию", Risk.LEGAL),
        ("Написал жалобу в головной офис", Risk.LEGAL),
        ("Мой юрист уже готовит бумаги, обращусь с иском", Risk.LEGAL),
        ("Не пустили из-за национальности", Risk.DISCRIMINATION),
        ("Охранник угрожал нам расправой", Risk.THREAT),
        ("Мошенники, не ведитесь", Risk.FRAUD),
        ("Из номера украли деньги", Risk.FRAUD),
        ("Обсчитали на кассе", Risk.FRAUD),
        ("Воспитатель наорала на ребёнка", Risk.CHILD_HARM),
        ("Собаку на стрижке порезали", Risk.ANIMAL_HARM),
        ("Врач поставил неправильный диагноз", Risk.MEDICAL_HARM),
        ("После укола начались осложнения", Risk.MEDICAL_HARM),
        ("По столу полз таракан", Risk.PESTS),
        ("Видели мышь на кухне", Risk.PESTS),
        ("В зале пахнет газом, утечка газа", Risk.FIRE_GAS),
        ("Розетка загорелась", Risk.FIRE_GAS),
        ("Расскажу о вас во всех соцсетях", Risk.PUBLICITY),
    ],
)
def test_a_danger_is_found(text: str, risk: Risk) -> None:
    quote = found(text).get(risk)
    assert quote
    assert quote in text


@pytest.mark.parametrize(
    "text",
    [
        "Десерт — просто бомба",
        "Убийственно вкусно",
        "Отравлен любовью к этой кофейне",
        "Никто не отравился",
        "Ели устриц и не отравились",
        "Прокуратура по соседству, нас легко найти",
        "Рядом с судом, удобно зайти в обед",
        "Суд через дорогу",
        "Полиция рядом, спокойно",
        "Трудно рассудить, кто прав",
        "Красивая посуда",
        "Вкусный суп",
        "Не мне вас осудить",
        "Судак в сливках великолепен",
        "Судя по меню, тут недорого",
        "Искали кафе с верандой",
        "Тараканов нет, чисто",
        "У повара свои тараканы в голове",
        "Купила средство от тараканов",
        "Беспроводная мышь работает отлично",
        "Катались без травм",
        "Восстановился здесь после травмы, спасибо",
        "Украли моё сердце",
        "Живот болел от смеха",
        "Готовят как на пожар",
        "Глаза у детей загорелись",
        "Под угрозой сорваться была свадьба, но всё успели",
        "Жалоб нет",
        "Добро пожаловать",
        "Ребёнок в восторге",
        "Можно с собакой, собаке дали воды",
        "Напишу отзыв позже",
    ],
)
def test_a_false_friend_is_no_danger(text: str) -> None:
    assert found(text) == {}


def test_the_quote_is_the_clause_and_each_danger_is_told_once() -> None:
    text = "Пришли в гости, заказали суши. После них ВСЮ НОЧЬ РВАЛО, отравились все! Отравление серьёзное."
    assert found(text) == {Risk.POISONING: "После них ВСЮ НОЧЬ РВАЛО"}


def test_every_danger_has_a_rule() -> None:
    assert {rule.risk for rule in risks.RULES} == set(Risk)
