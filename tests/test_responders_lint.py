"""Every rule with what it must catch and what it must let pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.lint import RULES, lint
from responders.types import Brand, Situation
from tests.test_responders_choose import COMPLAINT, NEGATIVE, situation

PRAISED = situation(source="yandex_maps")
ON_GOOGLE = situation(source="google_business")
ON_2GIS = situation(source="twogis")
COMPLAINED = situation(1, COMPLAINT, NEGATIVE)
AT_CLINIC = situation(brand=Brand("Клиника «Липа»", "clinic", "Клиника «Липа»"))
LAST = "Спасибо за отзыв! Передадим Ваши слова поварам и всей команде зала. Ждём Вас снова!\n\nКоманда «Сирени»"
AFTER_LAST = situation(recent=(LAST,))

BAD = [
    ("empty", PRAISED, ""),
    ("empty", PRAISED, " \u200b\n"),
    ("too_long", ON_GOOGLE, "я" * 2049),
    ("too_long", ON_2GIS, "я" * 2001),
    ("contacts_forbidden", ON_GOOGLE, "Звоните: +7 (843) 000-00-00"),
    ("contacts_forbidden", ON_GOOGLE, "Звоните: 8 800 000 00 00"),
    ("contacts_forbidden", ON_GOOGLE, "Наш номер (843) 200-00-00"),
    ("contacts_forbidden", ON_GOOGLE, "Наш номер 200-00-00"),
    ("contacts_forbidden", ON_GOOGLE, "Пишите на help@example.ru"),
    ("contacts_forbidden", ON_GOOGLE, "Все ответы на сайте siren-cafe.ru"),
    ("contacts_forbidden", ON_GOOGLE, "Подробности: https://example.org/a"),
    ("contacts_forbidden", ON_GOOGLE, "Мы в телеграме: @siren_cafe"),
    ("leftover_markup", PRAISED, "Здравствуйте, {{ name }}!"),
    ("leftover_markup", PRAISED, "Спасибо{% if x %}!"),
    ("leftover_markup", PRAISED, "<b>Спасибо</b>"),
    ("leftover_markup", PRAISED, "None, здравствуйте!"),
    ("leftover_markup", PRAISED, "Спасибо&nbsp;Вам"),
    ("leftover_markup", PRAISED, "Здравствуйте, [имя]!"),
    ("no_regret_under_complaint", COMPLAINED, "Спасибо за отзыв, разберёмся."),
    ("no_regret_under_complaint", COMPLAINED, "Нам не жаль."),
    ("no_regret_under_complaint", situation(5, COMPLAINT, NEGATIVE), "Спасибо за оценку!"),
    ("informal_ty", PRAISED, "Спасибо тебе!"),
    ("informal_ty", PRAISED, "Твой отзыв нам дорог"),
    ("informal_ty", PRAISED, "Заходи ещё"),
    ("shouting", PRAISED, "СПАСИБО ОГРОМНОЕ за отзыв"),
    ("shouting", PRAISED, "Спасибо!!!"),
    ("officialese", COMPLAINED, "Жаль. Исправим в кратчайшие сроки"),
    ("officialese", COMPLAINED, "Сожалеем о данной ситуации. Доводим до Вашего сведения"),
    ("officialese", COMPLAINED, "Сожалеем, меры будут приняты надлежащие"),
    ("officialese", PRAISED, "Уважаемый клиент, спасибо"),
    ("promo_code_public", PRAISED, "Ваш промокод СИРЕНЬ"),
    ("promo_code_public", PRAISED, "Дарим Вам скидку на следующий раз"),
    ("promo_code_public", PRAISED, "Ждём Вас, скидка 10 %"),
    ("promo_code_public", PRAISED, "Получите у администратора небольшой подарок"),
    ("asks_to_change_review", PRAISED, "Удалите, пожалуйста, отзыв"),
    ("asks_to_change_review", PRAISED, "Просим изменить Вашу оценку"),
    ("asks_to_change_review", PRAISED, "Поставьте нам пять звёзд"),
    ("asks_to_change_review", PRAISED, "Будем благодарны, если сможете повысить оценку"),
    ("same_as_recent", AFTER_LAST, LAST),
    ("same_as_recent", AFTER_LAST, LAST.replace("Ждём Вас снова", "Ждём Вас опять")),
    ("clinic_confirms_visit", AT_CLINIC, "Спасибо за Ваш визит"),
    ("clinic_confirms_visit", AT_CLINIC, "Жаль, что Вы были у нас не в лучший день"),
    ("clinic_confirms_visit", AT_CLINIC, "Доктор Липова передаёт Вам привет"),
    ("clinic_confirms_visit", AT_CLINIC, "Посмотрели запись за 12 марта"),
    ("clinic_confirms_visit", AT_CLINIC, "Как прошло восстановление после операции?"),
    ("clinic_confirms_visit", AT_CLINIC, "Будем рады видеть Вас снова"),
    ("cheer_under_complaint", COMPLAINED, "Жаль, но мы рады Вашему отзыву"),
    ("cheer_under_complaint", COMPLAINED, "Жаль, что так вышло 🌸"),
]

GOOD = [
    ("empty", PRAISED, "Спасибо."),
    ("too_long", ON_GOOGLE, "я" * 2048),
    ("too_long", ON_2GIS, "я" * 2000),
    ("contacts_forbidden", PRAISED, "Пишите на help@example.ru или звоните +7 (843) 000-00-00"),
    ("contacts_forbidden", ON_GOOGLE, "Позвоните нам по телефону из карточки. Заказ № 1234567 нашли, с 10:00 до 22:00"),
    ("contacts_forbidden", ON_GOOGLE, "Нам жаль.Разберёмся. Сегодня 21.11.2026, чек на 12 345 678 ₽"),
    ("leftover_markup", PRAISED, "Спасибо за 5 < 6 и {скобки}; имя [Анна]"),
    ("no_regret_under_complaint", COMPLAINED, "Нам искренне жаль."),
    ("no_regret_under_complaint", COMPLAINED, "Приносим извинения."),
    ("no_regret_under_complaint", COMPLAINED, "Простите нас."),
    ("no_regret_under_complaint", PRAISED, "Спасибо!"),
    ("informal_ty", PRAISED, "Творог и тыква — вы угадали; выходили Вы или заходили"),
    ("shouting", PRAISED, "Спасибо! Справку для ГИБДД дадим! Ждём!!"),
    ("shouting", situation(brand=Brand("ООО «СИРЕНЬ ПЛЮС»", "food", "")), "Команда «СИРЕНЬ ПЛЮС»"),
    ("officialese", PRAISED, "Ваши данные мы не храним, скоро ответим"),
    ("promo_code_public", PRAISED, "Выясним, почему на кассе не сработала скидка"),
    ("asks_to_change_review", PRAISED, "Мы уже изменили меню: помог Ваш отзыв"),
    ("asks_to_change_review", PRAISED, "Хотим исправить ситуацию, спасибо за отзыв"),
    ("same_as_recent", AFTER_LAST, "Здравствуйте! Как приятно это читать. До встречи!\n\nКоманда «Сирени»"),
    ("clinic_confirms_visit", AT_CLINIC, "Спасибо за отзыв. Врачебная тайна не позволяет обсуждать такое публично"),
    ("clinic_confirms_visit", PRAISED, "Спасибо за Ваш визит, ждём снова!"),
    ("cheer_under_complaint", PRAISED, "Рады Вам 🌸"),
    ("cheer_under_complaint", COMPLAINED, "Здравствуйте. Нам жаль, вопрос с парадной решим"),
]


def rules_of(reply: str, about: Situation) -> set[str]:
    return {finding.rule for finding in lint(reply, about)}


@pytest.mark.parametrize(("rule", "about", "reply"), BAD)
def test_a_bad_reply_is_named_by_its_rule(rule: str, about: Situation, reply: str) -> None:
    assert rule in rules_of(reply, about)


@pytest.mark.parametrize(("rule", "about", "reply"), GOOD)
def test_a_good_reply_passes_the_rule(rule: str, about: Situation, reply: str) -> None:
    assert rule not in rules_of(reply, about)


def test_every_rule_has_a_bad_and_a_good_example() -> None:
    names = {rule.rule for rule in RULES}
    assert {row[0] for row in BAD} == {row[0] for row in GOOD} == names


def test_a_published_limit_blocks_and_an_unpublished_one_warns() -> None:
    (hard,) = lint("я" * 2049, ON_GOOGLE)
    (soft,) = lint("я" * 2001, ON_2GIS)
    assert (hard.severity, soft.severity) == ("error", "warning")
    assert "4096 байт" in hard.message
    assert "4098" in hard.message
    assert "2000 знаков" in soft.message


def test_the_span_points_at_the_offending_words() -> None:
    reply = "Спасибо. Пишите на help@example.ru."
    (finding,) = lint(reply, ON_GOOGLE)
    assert finding.span is not None
    assert reply[slice(*finding.span)] == "help@example.ru"


def test_a_rule_that_hits_everywhere_is_told_five_times() -> None:
    assert len(lint("ты " * 500, situation(source="otzovik"))) == 5


def test_a_site_nobody_described_gets_the_careful_soft_limit() -> None:
    (finding,) = lint("я" * 2001, situation(source="flamp"))
    assert finding.severity == "warning"


@pytest.mark.parametrize("char", ["a", "1", "(", "@", "-", "<", " ", "ваш ", "дарим ", "https://", "1-", "\ud800"])
def test_a_hundred_kilobytes_of_one_thing_do_not_stall_a_rule(char: str) -> None:
    reply = char * (100_000 // len(char))
    for source in ("google_business", "otzovik"):
        lint(reply, situation(1, COMPLAINT, NEGATIVE, source=source, brand=Brand("К", "clinic", "")))


@given(st.text(max_size=400))
def test_spans_stay_inside_the_reply(reply: str) -> None:
    for about in (COMPLAINED, AT_CLINIC, ON_GOOGLE):
        for finding in lint(reply, about):
            assert finding.span is None or 0 <= finding.span[0] < finding.span[1] <= len(reply)
