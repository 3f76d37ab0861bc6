"""The mail about reading: what is wrong, since when, what it means, what to do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import AlarmCard, AlarmKind, AlarmView, Alert, AlertKind, Message
from monitor.notify.render import SIZE_LIMIT, SUBJECT_LIMIT, TROUBLES, Renderer
from monitor.notify.sample import alarm
from monitor.notify.troubles import CARDS_LIMIT, refusal
from tests.test_notify_render import HOSTILE, NOW, Tags, is_one_line, spaced

RENDERER = Renderer(None, "Кафе «Ромашка»")


def render(*views: AlarmView, renderer: Renderer = RENDERER) -> Message:
    return renderer.render(
        Alert(AlertKind.INTAKE, "", "owner@example.ru", "<a1@otklik.example>", (), NOW, views), now=NOW
    )


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (AlarmKind.BLOCKED, "Отзывы на Яндекс Картах не читаются: капча"),
        (AlarmKind.UNAUTHORISED, "Отзывы в 2ГИС не читаются: ключ не принят"),
        (AlarmKind.LAYOUT_CHANGED, "Отзывы на Отзовике не читаются: сайт изменился"),
        (AlarmKind.UNREACHABLE, "Отзывы на iRecommend не читаются: сайт долго не отвечает"),
        (AlarmKind.GONE, "Карточка не находится в Google Картах: «Ромашка» на Ленина"),
        (AlarmKind.EMPTIED, "Вдруг ни одного отзыва в 2ГИС: «Ромашка» на Ленина"),
        (AlarmKind.GAP, "Видны не все отзывы в 2ГИС: «Ромашка» на Ленина"),
        (AlarmKind.SILENT, "Давно нет новых отзывов в 2ГИС: «Ромашка» на Ленина"),
    ],
)
def test_the_subject_says_what_is_wrong_and_where(kind: AlarmKind, subject: str) -> None:
    assert render(alarm(kind, NOW)).subject == subject


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_each_mail_says_since_when_what_it_means_what_to_do_and_when_we_try_again(kind: AlarmKind) -> None:
    view = alarm(kind, NOW)
    message = render(view)
    for part in (spaced(message.text), spaced(Tags(message.html).words)):
        for needed in (
            view.alarm.message,
            "Началось: сегодня в 14:25 (35 мин назад)",
            "Следующее чтение: сегодня в 15:25 (через 25 мин)",
            "Что это значит",
            "Что делать",
            "«Ромашка» на Ленина: последний раз прочитана сегодня в 13:55",
            "otklik source list",
            "owner@example.ru указан в config.yaml",
            "Пишем, когда отзывы не читаются",
        ):
            assert needed in part
        assert "None" not in part
    assert "{" not in message.text


def test_a_whole_site_lists_its_cards_also_those_never_read() -> None:
    assert "«Ромашка» на Мира: ещё ни разу не прочитана" in render(alarm(AlarmKind.BLOCKED, NOW)).text


def test_a_wrong_key_names_the_variables_that_hold_it() -> None:
    view = alarm(AlarmKind.UNAUTHORISED, NOW)
    assert "TWOGIS_KEY" in render(view).text
    assert "otklik check" in render(replace(view, variables=())).text


def test_a_refusal_by_robots_txt_has_advice_of_its_own() -> None:
    view = alarm(AlarmKind.BLOCKED, NOW)
    said = replace(view, alarm=replace(view.alarm, message="otzovik.com: robots.txt не разрешает читать этот адрес"))
    message = render(said)
    assert message.subject.endswith("запрет в robots.txt")
    assert "robots: own-card" in message.text
    assert "капчу" not in message.text.lower()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Яндекс просит пройти капчу", "капча"),
        ("Сайт просит обращаться реже (HTTP 429)", "сайт просит обращаться реже"),
        ("Сайт закрыл доступ по требованию закона (HTTP 451)", "доступ закрыт по требованию закона"),
        ("Сайт отказал в доступе (HTTP 403)", "сайт отказывает в доступе"),
        ("", "сайт отказывает в доступе"),
    ],
)
def test_the_reason_of_a_refusal_is_told_in_a_few_words(message: str, words: str) -> None:
    assert refusal(message) == words


def test_several_troubles_come_in_one_mail_the_worst_first() -> None:
    message = render(alarm(AlarmKind.SILENT, NOW), alarm(AlarmKind.BLOCKED, NOW), alarm(AlarmKind.GAP, NOW))
    assert message.subject == "Отзывы на Яндекс Картах не читаются: капча (и ещё 2)"
    assert message.text.index("капча\n") < message.text.index("Видны не все") < message.text.index("Давно нет")


def test_a_card_that_is_planned_no_more_promises_no_next_read() -> None:
    assert "Следующее чтение" not in render(replace(alarm(AlarmKind.GAP, NOW), retry_at=None)).text


def test_a_read_that_is_overdue_is_not_promised_for_the_past() -> None:
    view = replace(alarm(AlarmKind.GAP, NOW), retry_at=NOW - timedelta(hours=3))
    assert "Следующее чтение: сегодня в 15:00 (меньше чем через минуту)" in spaced(render(view).text)


def test_many_cards_and_many_alarms_are_counted() -> None:
    view = alarm(AlarmKind.BLOCKED, NOW)
    crowd = replace(view, cards=tuple(AlarmCard(f"p{n}/x", f"Точка {n}", None) for n in range(300)))
    text = render(crowd).text
    assert text.count("ещё ни разу не прочитана") == CARDS_LIMIT
    assert f"и ещё {300 - CARDS_LIMIT}" in text
    message = render(*[crowd] * 40)
    assert f"…и ещё {40 - TROUBLES}. Весь список: otklik source list" in message.text
    assert f"и ещё {40 - TROUBLES}" in message.html
    assert len(message.html.encode()) <= SIZE_LIMIT


def test_a_card_that_left_the_config_meanwhile_still_gives_a_mail() -> None:
    assert render(replace(alarm(AlarmKind.GAP, NOW), cards=(), retry_at=None)).subject == (
        "Видны не все отзывы в 2ГИС: lenina/twogis"
    )


@pytest.mark.parametrize("kind", list(AlarmKind))
@settings(max_examples=20)
@given(text=st.just(HOSTILE) | st.text(st.characters(), max_size=300) | st.just("ж" * 100_000))
def test_any_words_of_a_site_give_a_harmless_mail(kind: AlarmKind, text: str) -> None:
    view = alarm(kind, NOW)
    hostile = replace(
        view,
        alarm=replace(view.alarm, source="x", message=text),
        source_title=text,
        cards=tuple(AlarmCard(text, text, None) for _ in range(20)),
        variables=(text,),
    )
    message = render(hostile)
    assert is_one_line(message.subject)
    assert 0 < len(message.subject) <= SUBJECT_LIMIT
    message.text.encode()
    assert len(message.html.encode()) <= SIZE_LIMIT
    assert {tag for tag, _ in Tags(message.html).tags} <= {tag for tag, _ in Tags(render(view).html).tags}


def test_an_owner_may_word_this_mail_himself(tmp_path: Path) -> None:
    (tmp_path / "emails").mkdir()
    template = "{% block subject %}{{ letter.business }}: {{ letter.troubles[0].title }}{% endblock %}"
    (tmp_path / "emails" / "intake.txt").write_text(template)
    message = render(alarm(AlarmKind.GONE, NOW), renderer=Renderer(tmp_path, "Кафе"))
    assert message.subject == "Кафе: Карточка не находится в Google Картах: «Ромашка» на Ленина"
