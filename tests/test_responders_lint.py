"""Every rule with what it must catch and what it must let pass: the tables of `tests/lint/`."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.lint import RULES, lint
from responders.types import Brand, Contact, Fault, Finding, Situation
from sentiment.types import Theme, ThemeMention, Tone
from tests.test_responders_choose import CAFE, COMPLAINT, NEGATIVE, PRAISE, situation

LAST = "Спасибо за отзыв! Передадим Ваши слова поварам и всей команде зала. Ждём Вас снова!\n\nКоманда «Сирени»"
CLINIC = Brand("Клиника «Липа»", "clinic", "Клиника «Липа»")
PRAISED = situation()
COMPLAINED = situation(1, COMPLAINT, NEGATIVE)
ON_GOOGLE = situation(source="google_business")
ON_2GIS = situation(source="twogis")
AT_CLINIC = situation(brand=CLINIC)
BRANCHES = replace(CAFE, places=("«Сирень» на Мира", "«Сирень» на Баумана"))

ABOUT: dict[str, Situation] = {
    "praised": PRAISED,
    "complained": COMPLAINED,
    "flagged_praise": situation(5, COMPLAINT, NEGATIVE),
    "at_fault": replace(COMPLAINED, fault=Fault.CONFIRMED),
    "measured": replace(COMPLAINED, measure="Официанта отстранили от зала, провели беседу со сменой"),
    "refunded": replace(COMPLAINED, measure="Возвращаем стоимость заказа на карту"),
    "order_told": situation(1, "Заказ 45821 не привезли", NEGATIVE),
    "discount_told": situation(4, "Скидка не сработала"),
    "staff_told": situation(text="Марина Волкова — чудо!", author="Ольга"),
    "on_google": ON_GOOGLE,
    "on_2gis": ON_2GIS,
    "on_otzovik": situation(source="otzovik"),
    "on_own_page": situation(source="schema_org"),
    "with_site": situation(source="twogis", brand=replace(CAFE, contact=Contact(site="https://siren.ru/"))),
    "site_told": situation(text="Бронировали через booking.com"),
    "mailbox": situation(brand=replace(CAFE, contact=Contact(email="siren@yandex.ru"))),
    "after_last": situation(recent=(LAST,)),
    "signed": situation(recent=(LAST, "Рады Вам!\n\nКоманда «Сирени»", "Спасибо, Анна!\n\nКоманда «Сирени»")),
    "anna": situation(author="Анна К."),
    "full_name": situation(author="Николай Морозов"),
    "patronymic": situation(author="Виктор Степанович"),
    "nickname": situation(author="vkusno_77"),
    "guest": situation(author="Гость14"),
    "at_clinic": AT_CLINIC,
    "at_clinic_anna": situation(brand=CLINIC, author="Анна К."),
    "capitals": situation(brand=Brand("ООО «СИРЕНЬ ПЛЮС»", "food", "")),
    "also_named": situation(brand=replace(CAFE, also=("Лилак",))),
    "at_branch": situation(brand=BRANCHES),
    "branch_told": situation(text="На Мира уютнее, чем в «Сирень» на Баумана", brand=BRANCHES),
    "late_delivery": situation(
        1,
        "Доставка полтора часа вместо обещанных сорока минут, роллы тёплые, лапша ледяная, палочки одни на троих, "
        "трубку никто не берёт",
        replace(NEGATIVE, themes=(ThemeMention(Theme.DELIVERY, Tone.NEGATIVE, "Доставка полтора часа"),)),
    ),
    "long_praise": situation(
        text="Летом брали окрошку и суп, сидели на террасе до вечера, официант принёс плед, а детям раскраски и сок"
    ),
}


def tables() -> dict[str, dict[str, Any]]:
    """Rule → its table."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((Path(__file__).parent / "lint").glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        assert not found.keys() & table.keys()
        found |= table
    return found


TABLES = tables()


def examples(kind: str) -> list[Any]:
    """(rule, situation, reply, span or None) of every example of that kind."""
    rows = []
    for rule, table in TABLES.items():
        for number, example in enumerate(table[kind]):
            row: dict[str, Any] = {"reply": example} if isinstance(example, str) else example
            before, opened, rest = row["reply"].partition("⟨")
            marked, _, after = rest.partition("⟩")
            span = (len(before), len(before) + len(marked)) if opened else None
            reply = (before + marked + after) * row.get("repeat", 1)
            about = ABOUT[row.get("about", table["about"])]
            rows.append(pytest.param(rule, about, reply, span, id=f"{rule}-{number}"))
    return rows


def of_rule(rule: str, reply: str, about: Situation) -> list[Finding]:
    return [finding for finding in lint(reply, about) if finding.rule == rule]


@pytest.mark.parametrize(("rule", "about", "reply", "span"), examples("bad"))
def test_a_bad_reply_is_named_by_its_rule_at_its_place(
    rule: str, about: Situation, reply: str, span: tuple[int, int] | None
) -> None:
    assert span in [finding.span for finding in of_rule(rule, reply, about)]


@pytest.mark.parametrize(("rule", "about", "reply", "span"), examples("good"))
def test_a_near_miss_passes_the_rule(rule: str, about: Situation, reply: str, span: None) -> None:
    assert of_rule(rule, reply, about) == []


def test_every_rule_has_three_bad_replies_and_three_near_misses() -> None:
    assert TABLES.keys() == {rule.rule for rule in RULES}
    assert [rule for rule, table in TABLES.items() if len(table["bad"]) < 3 or len(table["good"]) < 3] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
def test_every_rule_tells_why_and_what_to_do_in_whole_sentences(rule: Any) -> None:
    for said in (rule.why, rule.advice):
        assert said[0].isupper() or said[0] == "«"
        assert said.endswith(".")


def test_a_finding_says_what_is_wrong_why_and_what_to_do() -> None:
    (finding,) = of_rule("contacts_forbidden", "Пишите на help@example.ru", ON_GOOGLE)
    assert finding.message == (
        "Контакт в ответе: «help@example.ru». Google отклоняет ответы с телефонами, адресами почты и ссылками. "
        "Уберите его и позовите связаться по контактам из карточки."
    )


def test_the_gravest_comes_first() -> None:
    severities = [finding.severity for finding in lint('Ты "гость", звоните 200-00-00!!!', ON_GOOGLE)]
    assert severities == sorted(severities, key=["error", "warning", "hint"].index)
    assert set(severities) == {"error", "warning", "hint"}


@pytest.mark.parametrize(
    ("about", "reply"),
    [
        (PRAISED, "Анна, спасибо! Пирог печёт Марина, она уже читает Ваш отзыв. Ждём всей семьёй."),
        (PRAISED, "Спасибо за отзыв"),
        (
            COMPLAINED,
            "Здравствуйте. Сорок минут при заказанном столике — это долго, нам очень жаль. Напишите, пожалуйста, в "
            "какой день это было: поднимем запись и разберёмся. Позвоните нам: +7 (843) 000-00-00.\n\nКоманда «Сирени»",
        ),
        (
            AT_CLINIC,
            "Здравствуйте! Спасибо за добрые слова, покажем их коллегам. Вопросы можно задать по телефону из карточки.",
        ),
    ],
)
def test_a_good_persons_reply_passes_whole(about: Situation, reply: str) -> None:
    assert lint(reply, about) == ()


def test_a_published_limit_blocks_and_an_unpublished_one_warns() -> None:
    (hard,) = of_rule("too_long", "я" * 2049, ON_GOOGLE)
    (soft,) = of_rule("too_long", "я" * 2001, ON_2GIS)
    assert (hard.severity, soft.severity) == ("error", "warning")
    assert "4096 байт" in hard.message
    assert "4098" in hard.message
    assert "2000 знаков" in soft.message


def test_a_rule_that_hits_everywhere_is_told_five_times() -> None:
    assert len(lint("ты " * 500, situation(source="otzovik"))) == 5


def test_a_site_nobody_described_gets_the_careful_soft_limit() -> None:
    (finding,) = lint("я" * 2001, situation(source="flamp"))
    assert finding.severity == "warning"


REPEATED = (
    *(
        "a",
        "1",
        "(",
        "@",
        "-",
        "<",
        " ",
        "!",
        ".",
        "«",
        "\ud800",
        "İ",
        "ваш ",
        "дарим ",
        "https://",
        "1-",
        "Анна ",
        "заказ ",
    ),
    *("вы ", "на самом деле ", "а. ", "вернём ", "никто ", "Здравствуйте, ", "вкусно "),
)


@pytest.mark.parametrize("char", REPEATED)
def test_a_hundred_kilobytes_of_one_thing_do_not_stall_a_rule(char: str) -> None:
    reply = char * (100_000 // len(char))
    for source in ("google_business", "otzovik"):
        lint(reply, situation(1, PRAISE, NEGATIVE, source=source, author="Анна К.", brand=Brand("К", "clinic", "")))


@given(st.text(max_size=400))
def test_spans_stay_inside_the_reply(reply: str) -> None:
    for about in (COMPLAINED, AT_CLINIC, ON_GOOGLE):
        for finding in lint(reply, about):
            assert finding.span is None or 0 <= finding.span[0] < finding.span[1] <= len(reply)
