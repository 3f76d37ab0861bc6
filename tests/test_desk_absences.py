"""Everybody looks after their own absences: nobody turns away mail that is not theirs, nor acts in it."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.accounts import Role
from tests import settings_rig
from tests.desk_rig import PASSWORD, Clicks
from tests.rig import NOON, Rig
from tests.settings_rig import (
    MINE,
    PERSON,
    audit,
    fields,
    known_as,
    lists,
    look,
    made,
    mate,
    settings_of,
    soup_of,
)

kept, rig, olga = settings_rig.kept, settings_rig.rig, settings_rig.olga


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


# --- whose mails ----------------------------------------------------------------------------------------------


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


def test_an_owner_gives_nobodys_login_another_address_to_act_under_it(rig: Rig, olga: Clicks) -> None:
    """The buttons of a mail act under the name that the settings give to its address."""
    root = mate(olga, "root", Role.ADMINISTRATOR)
    known_as(root, "root@example.ru")
    forged: dict[str, Any] = {"email": "olga@example.ru", "away-from": [""], "away-to": [""]}
    for name in ("root", "Root"):
        refused = olga.post(PERSON, name=name, **forged)
        assert refused.status_code == 400
        assert "У учётной записи root другой адрес" in soup_of(refused).select_one("#email-error").text
    assert settings_of(rig) == []
    assert olga.post(PERSON, **(forged | {"name": "root", "email": "Root@example.ru"})).status_code == 303
    sent = fields(look(olga, f"{PERSON}?name=root"), f'form[action="{PERSON}"]')
    assert olga.post(PERSON, **(sent | {"email": "olga@example.ru"})).status_code == 400
    assert olga.post(PERSON, **(sent | {"away-from": ["2026-12-01"], "away-to": [""]})).status_code == 303
    sent = fields(look(root, f"{PERSON}?name=root"), f'form[action="{PERSON}"]')
    assert root.post(PERSON, **(sent | {"email": "new@example.ru"})).status_code == 303, "an administrator may say so"
