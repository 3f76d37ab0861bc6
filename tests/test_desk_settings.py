"""Settings at the desk: hours are tried before they are kept, nobody's words are lost, nobody is left without mail."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts import Role
from monitor.assemble.changes import Moved
from monitor.config_calendar import CalendarSettings, read_calendars
from monitor.config_file import compose, read_document
from monitor.desk.calendar_form import Draft, meant, week_told
from monitor.desk.settings import moved_told
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.store.sqlite import Store
from tests.desk_rig import PASSWORD, Clicks
from tests.rig import HEAD, NOON, Rig

HOUSE = HEAD.replace("sla: {enforce_from: 2d}", "sla: {enforce_from: 2d, calendar: office}").replace(
    "collapse_over: 10}",
    'collapse_over: 10, quiet_hours: "22:00-08:00", people: {anna: {email: anna@example.ru, substitute: boris}, '
    "boris: {email: boris@example.ru}}}",
)
OFFICE = """calendars:
  office: {timezone: Europe/Moscow, week: {mon-sat: ["09:00-18:00"]}}
  spare: {timezone: Europe/Moscow, week: {mon-fri: ["09:00-18:00"]}}
"""
OTHER_PLACE = """  - {id: bauman, title: На Баумана, escalation: {owner: [bauman@example.ru]}, sla: {calendar: spare}}
"""


def made(folder: Path, **people: str) -> Rig:
    """`people`: name → address, besides anna and boris."""
    more = "".join(f", {name}: {{email: {email}}}" for name, email in people.items())
    head = HOUSE.replace("boris@example.ru}}", f"boris@example.ru}}{more}}}")
    return Rig(folder, World.demo(NOON), extra=OTHER_PLACE + OFFICE, head=head)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A café one pass old, on a Saturday at three in the afternoon, and another place without cards."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = made(folder)
        rig.run()
        rig.app.close()
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = made(tmp_path / "cafe")
    yield rig
    rig.app.close()


@pytest.fixture(scope="module")
def still(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clicks]:
    """An owner at a desk where nothing is ever kept."""
    folder = tmp_path_factory.mktemp("still") / "cafe"
    shutil.copytree(kept, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = made(folder)
        yield Clicks(rig, "olga", Role.OWNER)
        assert settings_of(rig) == []
        rig.app.close()


@pytest.fixture
def olga(rig: Rig) -> Clicks:
    """An owner of all places."""
    return Clicks(rig, "olga", Role.OWNER)


def mate(olga: Clicks, login: str = "boss", role: Role = Role.OWNER, *places: str) -> Clicks:
    return Clicks(olga.rig, login, role, places or None, app=olga.app)


def fields(page: Any, form: str = "form#calendar") -> dict[str, Any]:
    """What a browser would send of a form, unchanged."""
    found: dict[str, Any] = {}
    (node,) = page.select(form)
    name = node.get("id")
    outside = page.select(f'input[form="{name}"]') if name else []
    for field in [*node.select("input, select, textarea"), *outside]:
        if field.name == "select":
            chosen = field.select("option[selected]") or field.select("option")
            value = chosen[0].get("value", "")
        elif field.name == "textarea":
            value = field.text
        elif field.get("type") == "checkbox":
            if not field.has_attr("checked"):
                continue
            value = field["value"]
        else:
            value = field.get("value", "")
        found.setdefault(field["name"], []).append(value)
    return {name: values for name, values in found.items() if name != "csrf"}


def hours(page: Any, **days: tuple[str, str]) -> dict[str, Any]:
    """The fields of a calendar with other hours on some days."""
    sent = fields(page)
    for day, (start, end) in days.items():
        sent[f"{day}-from"], sent[f"{day}-to"] = [start], [end]
    return sent


OFFICE_PAGE = "/settings/calendars/of/office"
OFF = {"mon": ("", ""), "sat": ("", "")}


def look(who: Clicks, path: str) -> Any:
    """A page that must be there."""
    return who.soup(path)


def soup_of(answer: Any) -> Any:
    from bs4 import BeautifulSoup

    return BeautifulSoup(answer.text, "lxml")


def settings_of(rig: Rig) -> list[tuple[str, str, object]]:
    found = rig.app.store.settings.recent(100)
    return [(one.kind, one.name, None if one.value is None else json.loads(one.value)) for one in reversed(found)]


def audit(rig: Rig) -> list[tuple[str, str, str]]:
    entries = rig.app.store.accounts.audit(100)
    return [(one.actor, one.kind, one.what) for one in entries if one.kind.startswith("setting")][::-1]


def due(rig: Rig) -> dict[int, Any]:
    return {view.ticket: view.due_at for view in rig.queue() if view.due_at is not None}


# --- hours -----------------------------------------------------------------------------------------------------


def test_hours_are_tried_first_kept_when_the_effect_was_seen_and_move_deadlines_at_once(rig: Rig, olga: Clicks) -> None:
    before = due(rig)
    sent = hours(look(olga, OFFICE_PAGE), **OFF)
    shown = olga.post(OFFICE_PAGE, **sent)
    assert shown.status_code == 200
    assert settings_of(rig) == [], "nothing is kept that nobody has seen the effect of"
    page = soup_of(shown)
    (moved,) = page.select("#trial strong")
    assert moved.text.startswith(f"Сроки сдвинутся у\xa0{len(before)}") or f"у {len(before)}\xa0отзыв" in moved.text
    again = fields(page)
    assert again["mon-from"][0] == ""
    answer = olga.post(OFFICE_PAGE, **again)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OFFICE_PAGE}?done=saved")
    after = due(rig)
    assert after.keys() == before.keys()
    assert all(after[ticket] > before[ticket] for ticket in before), "Monday is free now"
    ((kind, name, value),) = settings_of(rig)
    assert (kind, name) == ("calendar", "office")
    assert isinstance(value, dict)
    assert (value["week"]["mon"], value["week"]["tue"]) == ([], ["09:00-18:00"])
    assert audit(rig) == [("olga", "setting changed", "календарь «office»")]
    assert "Календарь сохранён" in olga.get(f"{OFFICE_PAGE}?done=saved").text


def test_the_mark_of_other_hours_keeps_nothing(rig: Rig, olga: Clicks) -> None:
    tried = fields(soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **OFF))))
    tried["tue-from"] = ["10:00"]
    assert olga.post(OFFICE_PAGE, **tried).status_code == 200
    assert settings_of(rig) == []


def test_while_somebody_types_the_trial_alone_is_answered_and_nothing_kept(rig: Rig, olga: Clicks) -> None:
    tried = fields(soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **OFF))))
    headers = {"x-otklik-fragment": "1", "origin": olga.base, "sec-fetch-site": "same-origin"}
    answer = olga.post(OFFICE_PAGE, headers=headers, **tried)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Что изменится" in answer.text
    wrong = olga.post(OFFICE_PAGE, headers=headers, **{**tried, "mon-from": ["9"], "mon-to": [""]})
    assert wrong.status_code == 400
    assert "Понедельник: впишите начало и конец" in wrong.text
    assert settings_of(rig) == []


def test_the_trial_says_when_reviews_would_be_due_and_who_is_concerned(olga: Clicks) -> None:
    page = soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **OFF)))
    text = page.select_one("#trial").text
    assert "негатив: «Ромашка»; остальное: «Ромашка»; повторно открытые: «Ромашка»" in text
    rows = [[cell.text for cell in row.select("th, td")] for row in page.select(".examples tbody tr")]
    assert rows == [
        ["Отзыв увидели Сегодня в\xa015:00", "вт, 24\xa0ноября в\xa010:00", "чт, 26\xa0ноября в\xa015:00"],
        ["Отзыв увидели Пт, 27\xa0ноября в\xa019:00", "вт, 1\xa0декабря в\xa010:00", "чт, 3\xa0декабря в\xa015:00"],
    ]
    (image,) = page.select("#trial img")
    assert "Срок может выйти раньше" in image["alt"]
    answer = olga.get(image["src"])
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content.startswith(b"<?xml") or b"<svg" in answer.content[:300]
    assert olga.get(image["src"].replace("covered=", "covered=z")).status_code == 404


def test_what_was_kept_is_told_undone_and_returned_to_the_file(rig: Rig, olga: Clicks) -> None:
    before = due(rig)
    for day in ("mon", "tue"):
        olga.post(
            OFFICE_PAGE, **fields(soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **{day: ("", "")}))))
        )
    page = look(olga, OFFICE_PAGE)
    assert [line.text.split("\n")[0] for line in page.select(".states li span")] == ["Olga, сегодня в\xa015:00"] * 2
    assert "вт–сб 9:00–18:00" in page.select(".states li")[1].text
    (seen,) = page.select('.states input[name="seen"]')
    answer = olga.post(f"{OFFICE_PAGE}/undo", seen=seen["value"])
    assert answer.headers["location"] == f"{OFFICE_PAGE}?done=undone"
    assert rig.app.current().config.calendars["office"].week[1]
    assert not rig.app.current().config.calendars["office"].week[0]
    (seen,) = look(olga, OFFICE_PAGE).select('.drop input[name="seen"]')
    assert olga.post(f"{OFFICE_PAGE}/drop", seen=seen["value"]).headers["location"].endswith("done=dropped")
    assert due(rig) == before
    assert [kind for _, kind, _ in audit(rig)] == ["setting changed"] * 2 + ["setting undone", "setting changed"]


def test_a_new_calendar_can_be_made_chosen_for_a_promise_and_is_not_removed_while_it_is(rig: Rig, olga: Clicks) -> None:
    new = "/settings/calendars/new"
    sent = fields(look(olga, new)) | {"name": "night", "mon-from": ["20:00"], "mon-to": ["0:00"]}
    tried = fields(soup_of(olga.post(new, **sent)))
    assert olga.post(new, **tried).headers["location"] == "/settings/calendars/of/night?done=saved"
    assert rig.app.current().config.calendars["night"].week[0] == ((time(20), time()),)
    chosen = fields(look(olga, "/settings/calendars?place=bauman"), 'form[method="post"][action*="promises"]') | {
        "other": ["night"]
    }
    page = soup_of(olga.post("/settings/calendars/promises", **chosen))
    assert "Ни у одного отзыва срок не сдвинется" in page.select_one("#promises").text
    sure = fields(page, 'form[method="post"][action*="promises"]')
    assert (
        olga.post("/settings/calendars/promises", **sure).headers["location"]
        == "/settings/calendars?place=bauman&done=chosen"
    )
    assert rig.app.current().config.places[1].sla.calendars == {
        "negative": "spare",
        "other": "night",
        "reopened": "spare",
    }
    assert settings_of(rig)[-1] == ("sla_calendar", "bauman/other", "night")
    (seen,) = look(olga, "/settings/calendars/of/night").select('.drop input[name="seen"]')
    refused = olga.post("/settings/calendars/of/night/drop", seen=seen["value"])
    assert refused.status_code == 400
    assert "перестала бы действовать другая настройка, календарь остальных отзывов (На Баумана)" in refused.text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("office", "Такой календарь уже есть"),
        ("always", "круглосуточный календарь"),
        ("ночь", "латинскими буквами"),
        ("", "латинскими буквами"),
        ("<b>", "латинскими буквами"),
    ],
)
def test_a_name_that_will_not_do_is_refused_and_what_was_typed_stays(still: Clicks, name: str, told: str) -> None:
    sent = fields(look(still, "/settings/calendars/new")) | {"name": name, "holidays": "01.01.2027"}
    answer = still.post("/settings/calendars/new", **sent)
    assert answer.status_code == 400
    page = soup_of(answer)
    assert told in page.select_one("#name-error").text
    assert page.select_one("#name")["value"] == name
    assert page.select_one("#holidays").text.strip() == "01.01.2027"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mon-from": ["18:00"], "mon-to": ["9:00"]}, "Понедельник: смена кончается раньше, чем начинается"),
        ({"mon-from": ["9:00", "12:00"], "mon-to": ["13:00", "14:00"]}, "Понедельник: часы накладываются"),
        ({"mon-from": ["25:00"], "mon-to": ["26:00"]}, "Понедельник: впишите начало и конец"),
        ({"mon-from": ["9:00"], "mon-to": [""]}, "Понедельник: впишите начало и конец"),
        ({"holidays": "31 декабря"}, "Не понимаем строку «31 декабря». Пишите так: 31.12.2026."),
        ({"holidays": "30.02.2027"}, "Не понимаем строку «30.02.2027»"),
        ({"holidays": "08.01.2027–01.01.2027"}, "Не понимаем строку"),
        ({"holidays": "<script>alert(1)</script>"}, "Не понимаем строку «<script>alert(1)</script>»"),
        ({"working_days": "20.02.2027 с утра"}, "Пишите так: 20.02.2027 9:00–16:00."),
        ({"short_days": "20.02.2027"}, "20.02.2027: впишите часы одним промежутком."),
        ({"holidays": "20.02.2027", "short_days": "20.02.2027 9:00-10:00"}, "20.02.2027 стоит в двух списках"),
        ({"timezone": "Mars"}, "в нём не хватает рабочего времени или в часах ошибка"),
        ({f"{day}-{end}": [""] for day in ("mon", "tue", "wed", "thu", "fri", "sat") for end in ("from", "to")},
         "В календаре нет ни одного рабочего часа"),
        ({"mon-from": ["9:00"], "mon-to": ["9:01"]} | {f"{day}-{end}": [""] for day in
         ("tue", "wed", "thu", "fri", "sat") for end in ("from", "to")}, "не хватает рабочего времени"),
    ],
    ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else None,
)  # fmt: skip
def test_hours_that_will_not_do_are_refused_in_words_and_stay_as_typed(
    still: Clicks, wrong: dict[str, Any], told: str
) -> None:
    answer = still.post(OFFICE_PAGE, **(fields(look(still, OFFICE_PAGE)) | wrong))
    assert answer.status_code == 400
    page = soup_of(answer)
    assert told in page.select_one("main").text
    assert not page.select("script:not([src])")
    for name, value in wrong.items():
        if isinstance(value, str) and name != "timezone":
            assert page.select_one(f"#{name}").text.strip() == value


def test_a_calendar_that_nobody_counts_by_needs_working_time_too(olga: Clicks) -> None:
    path = "/settings/calendars/of/spare"
    sent = fields(look(olga, path)) | {
        f"{day}-{end}": [""] for day in ("mon", "tue", "wed", "thu", "fri") for end in ("from", "to")
    }
    answer = olga.post(path, **(sent | {"working_days": "20.02.2020 9:00–10:00"}))
    assert answer.status_code == 400


# --- two at once ------------------------------------------------------------------------------------------------


def test_of_two_who_change_a_calendar_at_once_both_are_shown_and_nothing_is_lost(rig: Rig, olga: Clicks) -> None:
    boss = mate(olga)
    mine = fields(soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), tue=("7:00", "8:00")))))
    theirs = fields(soup_of(boss.post(OFFICE_PAGE, **hours(look(boss, OFFICE_PAGE), wed=("5:00", "6:00")))))
    assert boss.post(OFFICE_PAGE, **theirs).status_code == 303
    answer = olga.post(OFFICE_PAGE, **mine)
    assert answer.status_code == 409
    page = soup_of(answer)
    notice = page.select_one(".notice.soon").text
    assert "Boss, сегодня в\xa015:00" in notice
    assert "ср 5:00–6:00" in notice
    sent = fields(page)
    assert (sent["tue-from"][0], sent["wed-from"][0]) == ("7:00", "9:00"), "mine stands in the fields"
    assert len(settings_of(rig)) == 1
    sure = fields(soup_of(olga.post(OFFICE_PAGE, **sent)))
    assert olga.post(OFFICE_PAGE, **sure).status_code == 303
    week = rig.app.current().config.calendars["office"].week
    assert (week[1], week[2]) == (((time(7), time(8)),), ((time(9), time(18)),))
    assert len(settings_of(rig)) == 2


def test_an_undo_of_what_somebody_changed_meanwhile_is_refused(rig: Rig, olga: Clicks) -> None:
    boss = mate(olga)
    olga.post(
        OFFICE_PAGE, **fields(soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), tue=("7:00", "8:00")))))
    )
    (seen,) = look(olga, OFFICE_PAGE).select('.states input[name="seen"]')
    boss.post(
        OFFICE_PAGE, **fields(soup_of(boss.post(OFFICE_PAGE, **hours(look(boss, OFFICE_PAGE), wed=("7:00", "8:00")))))
    )
    answer = olga.post(f"{OFFICE_PAGE}/undo", seen=seen["value"])
    assert answer.status_code == 409
    assert "настройку изменили" in answer.text
    assert len(settings_of(rig)) == 2
    assert olga.post(f"{OFFICE_PAGE}/undo", seen="ля").status_code == 409


def test_of_two_who_change_lists_at_once_only_the_same_list_is_in_the_way(rig: Rig, olga: Clicks) -> None:
    page, lists = "/settings/notifications", "/settings/notifications/lists"
    boss = mate(olga)
    mine, theirs = (fields(look(who, page), 'form[action*="lists#"]') for who in (olga, boss))
    assert boss.post(lists, **(theirs | {"lead": "lead@example.ru", "support": "their@example.ru"})).status_code == 303
    assert olga.post(lists, **(mine | {"owner": "olga@example.ru"})).status_code == 303, "another list"
    answer = olga.post(lists, **(mine | {"support": "mine@example.ru"}))
    assert answer.status_code == 409
    shown = soup_of(answer)
    assert shown.select_one("#support").text.strip() == "mine@example.ru"
    assert "Сейчас там: their@example.ru" in shown.text
    assert olga.post(lists, **fields(shown, 'form[action*="lists#"]')).status_code == 303
    escalation = rig.app.current().config.escalation
    assert (escalation.support, escalation.lead, escalation.owner) == (
        ("mine@example.ru",), ("lead@example.ru",), ("olga@example.ru",),
    )  # fmt: skip


# --- who sees only some places -----------------------------------------------------------------------------------


def test_an_owner_of_one_place_sees_and_chooses_for_it_alone(rig: Rig, olga: Clicks) -> None:
    (here,) = [place.id for place in rig.app.config.places if place.id != "bauman"]
    vera = mate(olga, "vera", Role.OWNER, "bauman")
    page = look(vera, "/settings/calendars")
    assert [one.text for one in page.select("h3 a")] == ["spare"]
    assert "Ромашка" not in page.text
    assert vera.get(OFFICE_PAGE).status_code == 404
    assert not look(vera, "/settings/calendars/of/spare").select("form#calendar")
    for path in (
        OFFICE_PAGE,
        "/settings/calendars/of/spare",
        "/settings/calendars/new",
        "/settings/calendars/of/spare/undo",
    ):
        answer = vera.post(path, **fields(look(olga, OFFICE_PAGE)))
        assert answer.status_code == 400
        assert "видны все точки" in answer.text
    chosen: dict[str, Any] = {"place": "bauman", "other": "always", "other-was": "", "other-seen": "0"}
    tried = fields(
        soup_of(vera.post("/settings/calendars/promises", **chosen)), 'form[method="post"][action*="promises"]'
    )
    assert vera.post("/settings/calendars/promises", **tried).status_code == 303
    assert rig.app.current().config.places[1].sla.calendars["other"] == "always"
    for place, status in ((here, 404), ("", 400), ("gone", 404)):
        assert vera.post("/settings/calendars/promises", **{**chosen, "place": place}).status_code == status
        sent: dict[str, Any] = {"place": place, "owner": "vera@example.ru", "owner-was": "", "owner-seen": "0"}
        assert vera.post("/settings/notifications/lists", **sent).status_code == status
    notifications = vera.get("/settings/notifications").text
    assert "bauman@example.ru" in notifications
    assert "Ромашка" not in notifications
    assert "anna" not in notifications
    sent = {
        "place": "bauman",
        "owner": "vera@example.ru",
        "owner-was": "bauman@example.ru",
        "owner-seen": "0",
    }
    assert vera.post("/settings/notifications/lists", **sent).status_code == 303
    assert rig.app.current().config.places[1].escalation.owner == ("vera@example.ru",)


# --- who hears -----------------------------------------------------------------------------------------------------

LISTS = "/settings/notifications/lists"


def lists(olga: Clicks, place: str = "", **texts: str) -> Any:
    sent = fields(look(olga, f"/settings/notifications?place={place}"), 'form[action*="lists#"]')
    return olga.post(LISTS, **(sent | texts))


def test_lists_take_addresses_names_and_channels_and_tell_who_is_heard(rig: Rig, olga: Clicks) -> None:
    assert lists(olga, owner="anna, owner@example.ru\nanna@example.ru;").headers["location"].endswith("done=heard")
    assert rig.app.current().config.escalation.owner == ("anna@example.ru", "owner@example.ru")
    assert audit(rig) == [("olga", "setting changed", "список «владельцы»")]
    assert lists(olga).headers["location"].endswith("done=same")
    page = look(olga, "/settings/notifications")
    assert "anna (anna@example.ru)" in page.select_one(".nights").text
    (form,) = page.select('form[action$="undo"]')
    sent: dict[str, Any] = {field["name"]: field["value"] for field in form.select("input")}
    assert (
        olga.post(f"{LISTS}/undo", **{name: value for name, value in sent.items() if name != "csrf"}).status_code == 303
    )
    assert rig.app.current().config.escalation.owner == ("owner@example.ru",)


def test_an_empty_list_of_a_place_is_that_of_all_places(rig: Rig, olga: Clicks) -> None:
    assert lists(olga, "bauman", lead="lead@example.ru").status_code == 303
    assert rig.app.current().config.places[1].escalation.lead == ("lead@example.ru",)
    assert lists(olga, "bauman", lead="").status_code == 303
    assert rig.app.current().config.places[1].escalation.lead is None


@pytest.mark.parametrize(
    ("role", "text", "told"),
    [
        ("owner", " ", "Впишите хотя бы один адрес"),
        ("support", "", "Впишите хотя бы один адрес"),
        ("owner", "owner", "«owner» — не адрес почты и не имя"),
        ("owner", "channel:crm", "Канала «channel:crm» нет в config.yaml"),
        ("owner", "Otklik@example.ru", "С этого адреса мы сами пишем"),
        ("lead", "a@example.ru\nBcc: b@example.ru", "не адрес почты"),
        ("lead", '"><script>alert(1)</script>', "не адрес почты"),
        ("lead", "\n".join(f"a{number}@example.ru" for number in range(51)), "Адресов больше 50"),
    ],
)
def test_a_list_that_will_not_do_is_refused_and_stays_as_typed(still: Clicks, role: str, text: str, told: str) -> None:
    answer = lists(still, **{role: text})
    assert answer.status_code == 400
    page = soup_of(answer)
    assert told in page.select_one(f"#{role}-error").text
    assert page.select_one(f"#{role}").text.strip() == text.strip()


def test_nobody_is_left_who_hears_of_a_danger_or_a_breach(rig: Rig, olga: Clicks) -> None:
    """The last owner who is there cannot leave, whoever asks and whichever way."""
    assert lists(olga, owner="anna").status_code == 303
    boris = "/settings/notifications/person?name=boris"
    gone: dict[str, Any] = {"away-from": ["2026-12-28"], "away-to": ["2027-01-11"]}
    sent = fields(look(olga, boris), 'form[action="/settings/notifications/person"]')
    assert olga.post("/settings/notifications/person", **(sent | gone)).status_code == 303
    anna = fields(
        look(olga, "/settings/notifications/person?name=anna"), 'form[action="/settings/notifications/person"]'
    )
    refused = olga.post("/settings/notifications/person", **(anna | {"away-from": ["2027-01-05"], "away-to": [""]}))
    assert refused.status_code == 400
    told = soup_of(refused)
    assert "(«Ромашка») 5\xa0января 2027\xa0г. никто не узнал бы" in told.select_one(".notice.late").text
    assert told.select_one('[name="away-from"]')["value"] == "2027-01-05"
    assert (
        olga.post(
            "/settings/notifications/person", **(anna | {"away-from": ["2027-01-12"], "away-to": [""]})
        ).status_code
        == 303
    )
    assert [setting[:2] for setting in settings_of(rig)] == [
        ("hears", "owner"),
        ("person", "boris"),
        ("person", "anna"),
    ]


def test_the_night_of_a_sunday_is_told_level_by_level(rig: Rig, olga: Clicks) -> None:
    page = look(olga, "/settings/notifications")
    nights = {table.select_one("caption").text: table for table in page.select(".nights table")}
    (own,) = [table for caption, table in nights.items() if caption.startswith("На Баумана: 22\xa0ноября в 3:00")]
    rows = {row.select_one("th").text: row.select_one("td").get_text(" ") for row in own.select("tbody tr")}
    assert rows["Опасный отзыв"] == "bauman@example.ru"
    assert rows["Срок вышел"] == "support@example.ru bauman@example.ru"
    assert rows["Осталась пятая часть срока"] == "support@example.ru подождёт до 08:00"
    assert rows["Негатив: прошла половина срока"] == "support@example.ru подождёт до 08:00"


@pytest.mark.parametrize(
    "name",
    ['"><img src=x onerror=alert(1)>', "o'neill; DROP TABLE setting", "Ольга «Ромашка»", "a.b/c?d=e&f#g", "{{7*7}}"],
)
def test_whoever_is_called_what_is_shown_as_it_stands_and_harms_nothing(rig: Rig, olga: Clicks, name: str) -> None:
    sent: dict[str, Any] = {
        "name": name,
        "email": "strange@example.ru",
        "substitute": "",
        "away-from": ["2026-12-01"],
        "away-to": [""],
        "person": "",
    }
    answer = olga.post("/settings/notifications/person", **sent)
    assert answer.status_code == 303
    page = look(olga, answer.headers["location"])
    assert page.select_one("h1").text == name
    assert not page.select("img[onerror], script:not([src])")
    row = next(row for row in look(olga, "/settings/notifications").select("tbody tr") if "strange" in row.text)
    assert row.select_one("th").text == name
    assert olga.get(row.select_one("a")["href"]).status_code == 200
    assert name in rig.app.current().config.escalation.people
    assert audit(rig)[-1] == ("olga", "setting changed", f"запись о человеке «{name}»")
    (seen,) = page.select('.states input[name="seen"]')
    dropped = olga.post("/settings/notifications/person/drop", person=name, seen=seen["value"])
    assert dropped.headers["location"] == "/settings/notifications?done=removed"
    assert name not in rig.app.current().config.escalation.people


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"name": ""}, "name", "Имя не может быть пустым"),
        ({"name": "anna"}, "name", "Такой человек уже есть"),
        ({"name": "a\u202eb"}, "name", "невидимых знаков"),
        ({"email": "нет"}, "email", "Впишите адрес почты целиком"),
        ({"email": "a@example.ru\nBcc: b@example.ru"}, "email", "Впишите адрес почты целиком"),
        ({"away-from": [""], "away-to": ["soon"]}, "away", "первый и последний день"),
        ({"away-from": ["2027-01-02"], "away-to": ["2027-01-01"]}, "away", "кончается раньше"),
        ({"substitute": "<b>nobody</b>"}, "", "замещающего «<b>nobody</b>» среди людей нет"),
    ],
)
def test_a_person_who_will_not_do_is_refused(still: Clicks, changed: dict[str, Any], field: str, told: str) -> None:
    sent: dict[str, Any] = {
        "name": "vera",
        "email": "vera@example.ru",
        "substitute": "",
        "person": "",
        "away-from": [""],
        "away-to": [""],
    }
    answer = still.post("/settings/notifications/person", **(sent | changed))
    assert answer.status_code == 400
    assert told in soup_of(answer).select_one(f"#{field}-error" if field else ".notice.late").text


# --- oneself -----------------------------------------------------------------------------------------------------

MINE = "/settings/notifications/mine"


def known_as(who: Clicks, email: str) -> None:
    """An administrator gave the account an address."""
    store = who.rig.app.store
    with store.write():
        store._db.update("account", who.account.id, {"email": email})


def test_everybody_sees_what_comes_to_them_and_why(rig: Rig, olga: Clicks) -> None:
    anna = mate(olga, "anna", Role.OPERATOR)
    assert "нет адреса почты" in anna.get(MINE).text
    known_as(anna, "Anna@example.ru")
    assert "Вы взяли отзыв." in look(anna, MINE).text
    lists(olga, owner="anna@example.ru")
    page = look(anna, MINE)
    reasons = {card.select_one("strong").text: card.text for card in page.select("li.card")}
    assert "Вы в списке владельцев." in reasons
    assert "Опасный отзыв: сразу" in reasons["Вы в списке владельцев."]
    assert "«Ромашка»" in reasons["Вы в списке владельцев."]
    assert "На Баумана" not in reasons["Вы в списке владельцев."], "that place has an owner of its own"


def test_everybody_looks_after_their_own_absence_and_nothing_else(rig: Rig, olga: Clicks) -> None:
    lists(olga, owner="anna@example.ru, owner@example.ru")
    anna = mate(olga, "anna", Role.OWNER)
    known_as(anna, "anna@example.ru")
    sent = fields(look(anna, MINE), f'form[action="{MINE}"]')
    gone: dict[str, Any] = {
        "away-from": ["2026-11-21"],
        "away-to": ["2026-11-30"],
        "email": "thief@example.ru",
        "name": "boris",
        "person": "boris",
    }
    assert anna.post(MINE, **(sent | gone)).status_code == 303
    person = rig.app.current().config.escalation.people["anna"]
    assert (person.email, person.substitute) == ("anna@example.ru", "boris")
    assert person.away == ((date(2026, 11, 21), date(2026, 11, 30)),)
    assert rig.app.current().owners("lenina", NOON)[0] == "boris@example.ru"
    assert audit(rig)[-1] == ("anna", "setting changed", "запись о человеке «anna»")
    assert "замещает коллегу (anna)" in look(olga, "/settings/notifications").text
    stranger = anna.post(MINE, **(fields(look(anna, MINE), f'form[action="{MINE}"]') | {"substitute": "nobody"}))
    assert stranger.status_code == 400


@pytest.mark.parametrize("email", ["anna@example.ru", "ANNA@example.ru", "owner@example.ru", "thief@example.ru", ""])
def test_an_address_that_somebody_wrote_into_their_own_account_gives_them_nobodys_absences(
    rig: Rig, olga: Clicks, email: str
) -> None:
    """Else an operator could be away in the owner's stead, and the owner's alarms would go elsewhere."""
    thief = mate(olga, "thief", Role.OPERATOR)
    known_as(thief, email)
    page = look(thief, MINE)
    assert not page.select(f'form[action="{MINE}"]')
    assert "впишет владелец" in page.text
    gone: dict[str, Any] = {"away-from": ["2026-11-21"], "away-to": ["2026-12-31"], "substitute": "boris", "seen": "0"}
    assert thief.post(MINE, **gone, person="anna", name="anna").status_code == 400
    assert settings_of(rig) == []


def test_a_login_alone_is_not_enough_either(rig: Rig, olga: Clicks) -> None:
    anna = mate(olga, "anna", Role.OPERATOR)
    known_as(anna, "another@example.ru")
    assert anna.post(MINE, seen="0").status_code == 400
    assert settings_of(rig) == []


def test_who_sees_few_places_learns_of_no_other_by_being_away(rig: Rig, olga: Clicks) -> None:
    gone = json.dumps({"email": "boris@example.ru", "away": ["2026-12-01"]})
    with rig.app.store.write():
        rig.app.store.settings.put("person", "boris", gone, seen=0, actor="cron", now=rig.clock.now())
        rig.app.store.settings.put("hears", "owner", '["boris@example.ru"]', seen=0, actor="cron", now=rig.clock.now())
    lists(olga, support="anna@example.ru")
    anna = mate(olga, "anna", Role.OPERATOR, "bauman")
    known_as(anna, "anna@example.ru")
    page = look(anna, MINE)
    assert "Ромашка" not in page.text
    assert [one["value"] for one in page.select("#substitute option")] == ["", "boris"], "who stands in already"
    sent = fields(page, f'form[action="{MINE}"]') | {
        "away-from": ["2026-12-01"],
        "away-to": ["2026-12-02"],
        "substitute": "",
    }
    refused = anna.post(MINE, **sent)
    assert refused.status_code == 400
    assert "никто не узнал бы" in refused.text
    assert "Ромашка" not in refused.text


AWAY: dict[str, Any] = {"away-from": ["2026-11-21"], "away-to": ["2099-12-31"], "substitute": ["anna"]}


@pytest.mark.parametrize("people", [("boss", "clerk"), ("clerk", "boss"), ("clerk",)])
def test_whoever_reads_the_owners_mail_too_cannot_send_it_elsewhere(
    kept: Path, tmp_path: Path, secrets: None, people: tuple[str, ...]
) -> None:
    """By being away: neither beside the owner's own record nor as the only one with that address."""
    shutil.copytree(kept, tmp_path / "cafe")
    rig = made(tmp_path / "cafe", **dict.fromkeys(people, "owner@example.ru"))
    clerk = Clicks(rig, "clerk")
    known_as(clerk, "Owner@example.ru")
    page = look(clerk, MINE)
    assert not page.select(f'form[action="{MINE}"]')
    told = "Ваш адрес записан и за другими людьми" if len(people) > 1 else "Ваш адрес стоит в списке владельцев."
    assert told in page.text
    answer = clerk.post(MINE, seen="0", **AWAY)
    assert (answer.status_code, told.rstrip(".") in answer.text) == (400, True)
    assert rig.app.current().owners("lenina", NOON) == ["owner@example.ru"]
    olga = mate(clerk, "olga")
    person = "/settings/notifications/person"
    sent = fields(look(olga, f"{person}?name=clerk"), f'form[action="{person}"]')
    assert olga.post(person, **(sent | AWAY)).status_code == 303, "an owner may say so"
    wanted = "anna@example.ru" if len(people) == 1 else "owner@example.ru"
    assert rig.app.current().owners("lenina", NOON) == [wanted]
    rig.app.close()


@pytest.mark.parametrize(
    ("role", "places", "box", "may"),
    [
        (Role.OPERATOR, (), "support", True),
        (Role.OPERATOR, (), "lead", False),
        (Role.LEAD, (), "lead", True),
        (Role.LEAD, ("bauman",), "lead", False),
        (Role.LEAD, (), "owner", False),
        (Role.OWNER, ("bauman",), "owner", False),
        (Role.OWNER, (), "owner", True),
    ],
)
def test_the_mail_of_a_list_is_turned_away_by_those_alone_whose_place_is_in_it(
    rig: Rig, olga: Clicks, role: Role, places: tuple[str, ...], box: str, may: bool
) -> None:
    assert lists(olga, **{box: "boris@example.ru, other@example.ru"}).status_code == 303
    boris = mate(olga, "boris", role, *places)
    known_as(boris, "boris@example.ru")
    page = look(boris, MINE)
    assert bool(page.select(f'form[action="{MINE}"]')) is may
    assert boris.post(MINE, seen="0", **(AWAY | {"substitute": [""]})).status_code == (303 if may else 400)
    assert ("и на других точках" in page.text) is (bool(places) and not may)


# --- whose mails ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("boss_has_it", [False, True])
def test_whoever_writes_an_owners_address_into_their_account_does_not_act_in_the_owners_mails(
    kept: Path, tmp_path: Path, secrets: None, boss_has_it: bool
) -> None:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = made(tmp_path / "cafe", boss="owner@example.ru")
    boss = Clicks(rig, "boss", Role.OWNER)
    if boss_has_it:
        known_as(boss, "owner@example.ru")
    clerk = mate(boss, "clerk", Role.OPERATOR, "bauman")
    for address in ("owner@example.ru", "support@example.ru", "far@example.ru"):
        answer = clerk.post("/me/email", email=address, current=PASSWORD, follow=True)
        assert "Чтобы кнопки в письмах действовали от Вашего имени, подтвердите его" in answer.text
        assert rig.app.login("owner@example.ru", "boss") == "boss"
        assert rig.app.login(address, address) == ("boss" if boss_has_it and address.startswith("owner") else "")
    assert lists(boss, owner="far@example.ru").status_code == 303, "nor in those of an address that comes later"
    assert rig.app.current().login("far@example.ru", "far@example.ru") == ""
    rig.app.people("root").set_email("clerk", "clerk@example.ru")
    assert rig.app.login("clerk@example.ru", "clerk@example.ru") == "clerk", "an administrator says so"
    rig.app.close()


def test_nobody_acts_by_a_mail_to_an_address_that_two_people_read(kept: Path, tmp_path: Path, secrets: None) -> None:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = made(tmp_path / "cafe", boss="owner@example.ru", clerk="Owner@example.ru")
    clerk = Clicks(rig, "clerk")
    known_as(clerk, "owner@example.ru")
    assert rig.app.login("owner@example.ru", "clerk") == ""
    rig.app.close()


# --- forms that nobody was given -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", ["7", "-1", "ля", "99999999999999999999", None])
def test_a_form_made_of_no_state_that_ever_was_is_shown_anew(rig: Rig, olga: Clicks, seen: str | None) -> None:
    anna = mate(olga, "anna", Role.OPERATOR)
    known_as(anna, "anna@example.ru")
    person = "/settings/notifications/person"
    forms = (
        (olga, f"{person}?name=anna", person, f'form[action="{person}"]'),
        (olga, OFFICE_PAGE, OFFICE_PAGE, "form#calendar"),
        (anna, MINE, MINE, f'form[action="{MINE}"]'),
    )
    for who, page, path, form in forms:
        sent = fields(look(who, page), form) | {"away-from": ["2026-12-01"], "away-to": [""]}
        sent = {name: value for name, value in sent.items() if name != "seen"} | ({"seen": [seen]} if seen else {})
        answer = who.post(path, **sent)
        assert answer.status_code == 409, path
        assert "Проверьте поля и сохраните ещё раз" in answer.text
        assert settings_of(rig) == []
        again = fields(soup_of(answer), form)
        assert again["seen"] == ["0"]
        assert "away-from" not in again or again["away-from"][0] == "2026-12-01"
        if who is anna:
            assert who.post(path, **again).status_code == 303


# --- what a form does not tell ---------------------------------------------------------------------------------------


def test_an_owner_of_one_place_learns_nobodys_address_by_typing_a_name(rig: Rig, olga: Clicks) -> None:
    vera = mate(olga, "vera", Role.OWNER, "bauman")
    for name in ("boris", "anna", "nobody"):
        refused = lists(vera, "bauman", lead=name)
        assert refused.status_code == 400
        assert f"«{name}» — не адрес почты и не имя из списка людей" in refused.text
        assert "boris@" not in refused.text
    boris = mate(olga, "boris", Role.OPERATOR, "bauman")
    known_as(boris, "boris@example.ru")
    assert lists(vera, "bauman", lead="boris").status_code == 303, "a colleague at that place"
    assert rig.app.current().config.places[1].escalation.lead == ("boris@example.ru",)


def test_an_owner_of_one_place_is_offered_and_may_choose_its_calendars_alone(rig: Rig, olga: Clicks) -> None:
    vera = mate(olga, "vera", Role.OWNER, "bauman")
    page = look(vera, "/settings/calendars?place=bauman")
    assert {one["value"] for one in page.select("#other option")} == {"", "always", "spare"}
    chosen: dict[str, Any] = {"place": "bauman", "other-was": "", "other-seen": "0"}
    told = set()
    for name in ("office", "nowhere"):
        refused = vera.post("/settings/calendars/promises", **chosen, other=name)
        assert refused.status_code == 400
        told.add(soup_of(refused).select_one(".notice.late").text.replace(name, "X"))
    assert told == {"Календаря «X» нет: выберите из списка."}, "one that is hidden is refused as one that is not there"
    assert settings_of(rig) == []


def test_a_refusal_names_no_setting_of_a_place_that_the_visitor_does_not_see(rig: Rig, olga: Clicks) -> None:
    from monitor.assemble import changes
    from monitor.assemble.changes import Change
    from monitor.errors import UsageError

    def refusal(places: frozenset[str] | None, *wanted: Change) -> str:
        with pytest.raises(UsageError) as caught:
            changes.tried(rig.app.current(), wanted, actor="vera", now=rig.clock.now(), places=places)
        return str(caught.value)

    (here,) = [place.id for place in rig.app.config.places if place.id != "bauman"]
    now, night = rig.clock.now(), '{"timezone": "Europe/Moscow", "week": {"mon": ["9:00-18:00"]}}'
    with rig.app.store.write():
        rig.app.store.settings.put("calendar", "night", night, seen=0, actor="olga", now=now)
        rig.app.store.settings.put("sla_calendar", f"{here}/other", '"night"', seen=0, actor="olga", now=now)
    gone = Change("calendar", "night", None, 1)
    assert "календарь остальных отзывов («Ромашка»): календаря «night»" in refusal(None, gone)
    assert "календарь остальных отзывов («Ромашка»)" in refusal(frozenset({here}), gone)
    told = refusal(frozenset({"bauman"}), gone)
    assert "другая настройка, не Ваших точек" in told
    assert "Ромашка" not in told
    assert "night" not in told


# --- what is said ----------------------------------------------------------------------------------------------------


def test_who_stands_in_for_whom_is_said_the_same_way_everywhere(rig: Rig, olga: Clicks) -> None:
    """Anna's substitute is boris: he stands in for her, never she for him."""
    lists(olga, owner="anna@example.ru, owner@example.ru")
    person = "/settings/notifications/person"
    sent = fields(look(olga, f"{person}?name=anna"), f'form[action="{person}"]')
    assert olga.post(person, **(sent | {"away-from": ["2026-11-21"], "away-to": ["2026-11-30"]})).status_code == 303
    assert "; замещающий: boris" in look(olga, f"{person}?name=anna").select_one(".states").text
    page = look(olga, "/settings/notifications")
    heads = [head.text for head in page.select("#people-title ~ .table-box th[scope=col]")]
    (row,) = [row for row in page.select("tbody tr") if (row.select_one("th") or row).text == "anna"]
    assert heads[3] == row.select("td")[2]["data-label"] == "Кто замещает"
    assert row.select("td")[2].text == "boris"
    assert "boris (boris@example.ru), замещает коллегу (anna)" in page.select_one(".nights").text
    boris = mate(olga, "boris", Role.OPERATOR)
    known_as(boris, "boris@example.ru")
    assert "Вы замещаете коллегу (anna)." in look(boris, MINE).text


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (Moved(), "Ни у одного отзыва срок не сдвинется."),
        (
            Moved(more=True),
            "Среди первых 2000\xa0отзывов срок не сдвинется ни у одного. Остальные пересчитаем, когда Вы сохраните.",
        ),
        (Moved(earlier=1), "Сроки сдвинутся у 1\xa0отзыва: станут раньше."),
        (Moved(2, 1, 1, more=True), "Сроки сдвинутся не меньше чем у 3\xa0отзывов: раньше станут у 2, позже — у 1."
         " Сразу же 1\xa0отзыв станет просроченным."),
    ],
)  # fmt: skip
def test_what_moves_is_said_in_a_sentence(moved: Moved, told: str) -> None:
    assert moved_told(moved) == told


# --- a form says what the file would -----------------------------------------------------------------------------

MINUTES = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    ends = sorted(draw(st.lists(MINUTES, min_size=0, max_size=6, unique=True)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return tuple((time(*divmod(first, 60)), time(*divmod(last % 1440, 60))) for first, last in pairs)


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> CalendarSettings:
    week = {day: draw(shifts()) for day in range(7)} | {0: ((time(9), time(18)),)}
    days = draw(st.lists(DAYS, unique=True, max_size=12))
    third = len(days) // 3
    return CalendarSettings(
        draw(st.sampled_from(["Europe/Moscow", "Asia/Omsk", "America/Lima"])),
        week,
        frozenset(days[:third]),
        {day: draw(shifts()) or None for day in days[third : 2 * third]},
        {day: (time(9), time(17)) for day in days[2 * third :]},
        draw(st.sampled_from(["", "russia"])),
    )


def as_file(value: Mapping[str, object]) -> CalendarSettings:
    text = json.dumps({"calendars": {"office": value}}, ensure_ascii=False)
    document, root = read_document(compose(text, "config.yaml"), "config.yaml")
    found = read_calendars(root.section("calendars"))
    assert document.problems == []
    return found["office"]


@given(calendars())
def test_what_a_form_shows_of_a_calendar_means_the_same_calendar(settings: CalendarSettings) -> None:
    found = meant(Draft.of(settings))
    assert found.complaints == {}
    assert as_file(found.value) == settings
    assert week_told(settings)


@given(st.text(), st.text(), st.text(), st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=4))
def test_whatever_is_typed_means_a_calendar_or_is_complained_of(
    holidays: str, working: str, short: str, monday: list[tuple[str, str]]
) -> None:
    week = (tuple(monday), (("9:00", "18:00"),), *((),) * 5)
    found = meant(Draft(week=week, holidays=holidays, working_days=working, short_days=short))
    if not found.complaints:
        as_file(found.value)
    assert all("\n" not in told for told in found.complaints.values())


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9", "09:00"), ("900", "09:00"), ("9.30", "09:30"), ("0930", "09:30"), ("9-30", "09:30"), (" 09:00 ", "09:00")],
)
def test_times_are_read_as_people_type_them(typed: str, read: str) -> None:
    found = meant(Draft(week=(((typed, "18"),), *((),) * 6)))
    week = found.value["week"]
    assert isinstance(week, dict)
    assert week["mon"] == [f"{read}-18:00"]


def test_a_deadline_kept_by_a_calendar_of_before_is_moved_by_the_next_pass_when_there_are_too_many(
    rig: Rig, olga: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.assemble import changes

    monkeypatch.setattr(changes, "MOST_BATCHES", 0)
    monkeypatch.setattr(changes, "MOST_TRIED", 1)
    before = due(rig)
    page = soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **OFF)))
    assert "не меньше чем у 1\xa0отзыва" in page.select_one("#trial strong").text
    assert olga.post(OFFICE_PAGE, **fields(page)).status_code == 303
    assert due(rig) == before
    rig.run(after=timedelta(seconds=20))
    assert all(due(rig)[ticket] > moment for ticket, moment in before.items())


def test_an_owner_reads_the_settings_that_another_process_keeps(rig: Rig, olga: Clicks) -> None:
    with closing(Store.open(rig.app.config.database)) as store, store.write():
        store.settings.put("hears", "owner", '["far@example.ru"]', seen=0, actor="cron", now=rig.clock.now())
    page = look(olga, "/settings/notifications")
    assert page.select_one("#owner").text.strip() == "far@example.ru"
    assert "Задано здесь: cron" in page.text
    assert replace(rig.app.config, version=1).version == 1
