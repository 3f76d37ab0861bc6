"""What all settings of the desk share: who sees only some places, forms that nobody was given, other processes."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from monitor.accounts import Role
from monitor.desk import calendars, persons
from monitor.desk.pages import PARTS
from monitor.store.sqlite import Store
from tests import settings_rig
from tests.desk_rig import Clicks
from tests.rig import Rig
from tests.settings_rig import (
    MINE,
    OFFICE_PAGE,
    PERSON,
    fields,
    known_as,
    lists,
    look,
    mate,
    settings_of,
    soup_of,
)

kept, rig, olga = settings_rig.kept, settings_rig.rig, settings_rig.olga


# --- who sees only some places --------------------------------------------------------------------------------


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


def test_an_owner_of_one_place_learns_nobodys_address_by_typing_a_name(rig: Rig, olga: Clicks) -> None:
    vera = mate(olga, "vera", Role.OWNER, "bauman")
    for name in ("boris", "anna", "nobody"):
        refused = lists(vera, "bauman", lead=name)
        assert refused.status_code == 400
        assert f"«{name}» — не адрес почты и не имя из раздела «Личные письма и замещения»" in refused.text
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


# --- forms that nobody was given, settings that another process keeps -----------------------------------------


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


def test_an_owner_reads_the_settings_that_another_process_keeps(rig: Rig, olga: Clicks) -> None:
    with closing(Store.open(rig.app.config.database)) as store, store.write():
        store.settings.put("hears", "owner", '["far@example.ru"]', seen=0, actor="cron", now=rig.clock.now())
    page = look(olga, "/settings/notifications")
    assert page.select_one("#owner").text.strip() == "far@example.ru"
    assert "Задано здесь: cron" in page.text
    assert replace(rig.app.config, version=1).version == 1


@pytest.mark.parametrize("kind", ["person", "calendar"])
def test_of_two_who_make_one_of_the_same_name_at_once_the_second_is_told(
    rig: Rig, olga: Clicks, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The first is kept after the second has looked whether the name is free."""
    theirs = {
        "person": {"email": "their@example.ru"},
        "calendar": {"timezone": "Asia/Omsk", "week": {"mon": ["9:00-18:00"]}},
    }

    def meanwhile(*_: object) -> str:
        with closing(Store.open(rig.app.config.database)) as store, store.write():
            if store.settings.latest(kind, "vera") is None:
                value = json.dumps(theirs[kind])
                store.settings.put(kind, "vera", value, seen=0, actor="boss", now=rig.clock.now())
        return ""

    monkeypatch.setattr(persons, "wrong_name", meanwhile)
    monkeypatch.setattr(calendars, "_wrong_name", meanwhile)
    path = PERSON if kind == "person" else "/settings/calendars/new"
    form = fields(look(olga, path), f'form[action="{path}"]') | {"name": "vera", "email": "mine@example.ru"}
    answer = olga.post(path, **form)
    assert answer.status_code == 409
    assert "boss, сегодня" in soup_of(answer).text
    assert settings_of(rig) == [(kind, "vera", theirs[kind])]


def test_a_form_that_is_sent_as_it_was_keeps_nothing(rig: Rig, olga: Clicks) -> None:
    """Else config.yaml could say what it likes from then on."""
    tried = fields(soup_of(olga.post(OFFICE_PAGE, **fields(look(olga, OFFICE_PAGE)))))
    answer = olga.post(OFFICE_PAGE, **tried)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OFFICE_PAGE}?done=same")
    anna = fields(look(olga, f"{PERSON}?name=anna"), f'form[action="{PERSON}"]')
    assert olga.post(PERSON, **anna).status_code == 303
    assert settings_of(rig) == []


def test_what_is_set_on_the_machine_is_told_to_whoever_runs_it(olga: Clicks) -> None:
    assert "otklik config show" in look(mate(olga, "root", Role.ADMINISTRATOR), "/settings").text
    for who in (olga, mate(olga, "oleg", Role.OPERATOR)):
        assert "config.yaml" not in look(who, "/settings").text


# --- the way between them ---------------------------------------------------------------------------------------


def test_the_parts_of_the_settings_stand_above_each_page_of_theirs_and_nowhere_else(rig: Rig, olga: Clicks) -> None:
    root = mate(olga, "root", Role.ADMINISTRATOR)
    below = (OFFICE_PAGE, f"{PERSON}?name=anna", "/settings/phrases/thanks", "/settings/phrases/thanks/history")
    for path in (*(address for address, *_ in PARTS), *below):
        nav, *others = look(root, path).select("main nav, main h1")
        assert (nav.name, nav.get("aria-label"), [one.name for one in others]) == ("nav", "Настройки", ["h1"]), path
        (here,) = nav.select("[aria-current]")
        assert path.startswith(here["href"])
    assert not look(root, "/settings").select("main nav")
    assert not look(root, "/queue").select('nav[aria-label="Настройки"]')
