"""Who hears of what: lists and people at the desk; nobody is left without mail."""

import json
from typing import Any

import pytest

from monitor.accounts import Role
from monitor.config_escalation import Rungs
from monitor.desk.hearers import hears
from monitor.store.sessions import IDLE
from tests import settings_rig
from tests.desk_rig import Clicks
from tests.rig import Rig
from tests.settings_rig import (
    LISTS,
    MINE,
    PERSON,
    audit,
    fields,
    known_as,
    lists,
    look,
    mate,
    settings_of,
    soup_of,
)

kept, rig, olga, still = settings_rig.kept, settings_rig.rig, settings_rig.olga, settings_rig.still


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


def test_beside_each_list_stands_of_which_levels_it_hears(rig: Rig, olga: Clicks) -> None:
    def hint(role: str) -> str:
        return str(look(olga, "/settings/notifications").select_one(f"#{role} + .hint").text)

    assert (
        "Узнают, когда прошла половина срока (только негатив, если отзыв никто не взял), осталась пятая часть срока и "
        "срок вышел."
    ) in hint("support")
    assert "Узнают, когда срок вышел и просрочено на целый срок. Если никого нет, узнаёт владелец." in hint("lead")
    assert "ещё — когда срок вышел, просрочено на целый срок и на два срока." in hint("owner")
    lists(olga, lead="lena@example.ru")
    assert "Об опасных отзывах узнают сразу; ещё — когда просрочено на целый срок и на два срока." in hint("owner")


def test_a_ladder_of_ones_own_is_told_as_it_is() -> None:
    rungs: Rungs = {
        "negative": {"50%": ("support",), "80%": ("assignee",), "breach": ("owner",)},
        "other": {"80%": ("support",), "breach": ("support", "owner")},
    }
    assert hears("support", rungs, leaderless=False) == (
        "прошла половина срока (только негатив), осталась пятая часть срока (только негатив, если отзыв никто не "
        "взял), осталась пятая часть срока (только остальные отзывы) и срок вышел (только остальные отзывы)"
    )
    assert hears("owner", rungs, leaderless=True) == "срок вышел"
    assert hears("lead", rungs, leaderless=True) == ""


def test_the_same_addresses_laid_out_otherwise_change_nothing(rig: Rig, olga: Clicks) -> None:
    """Else what config.yaml says of the list later would not hold, nor would the owners go on to be the admins."""
    answer = lists(olga, owner=" owner@example.ru,\n", admin="owner@example.ru;", support="support@example.ru\n,")
    assert answer.headers["location"].endswith("done=same")
    assert settings_of(rig) == []


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
    said = "Об опасном отзыве («Ромашка») 5\xa0января 2027\xa0г. никто не узнал бы"
    assert told.select_one(".notice.late").text.startswith(said)
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


def test_whoever_changes_nothing_about_it_is_not_refused_because_nobody_was_there_before(
    rig: Rig, olga: Clicks
) -> None:
    gone = json.dumps({"email": "anna@example.ru", "away": ["2026-11-01..2027-02-01"]})
    with rig.app.store.write():
        rig.app.store.settings.put("person", "anna", gone, seen=0, actor="cron", now=rig.clock.now())
        rig.app.store.settings.put("hears", "owner", '["anna@example.ru"]', seen=0, actor="cron", now=rig.clock.now())
    away: dict[str, Any] = {"away-from": ["2026-12-28"], "away-to": ["2027-01-11"]}
    boris = fields(look(olga, f"{PERSON}?name=boris"), f'form[action="{PERSON}"]')
    assert olga.post(PERSON, **(boris | away)).status_code == 303
    refused = lists(olga, support="boris")
    assert refused.status_code == 400
    told = soup_of(refused).select_one(".notice.late").text
    assert told.startswith("О просроченном отзыве («Ромашка») 28\xa0декабря никто не узнал бы"), "they answer, too"


def test_the_night_of_a_sunday_is_told_level_by_level(rig: Rig, olga: Clicks) -> None:
    page = look(olga, "/settings/notifications")
    nights = {table.select_one("caption").text: table for table in page.select(".nights table")}
    (own,) = [table for caption, table in nights.items() if caption.startswith("На Баумана: 22\xa0ноября в 3:00")]
    rows = {row.select_one("th").text: row.select_one("td").get_text(" ") for row in own.select("tbody tr")}
    assert rows["Опасный отзыв"] == "bauman@example.ru"
    assert rows["Срок вышел"] == "support@example.ru bauman@example.ru"
    assert rows["Осталась пятая часть срока"] == "support@example.ru подождёт до 08:00"
    assert rows["Негатив: прошла половина срока"] == "support@example.ru подождёт до 08:00"


def test_a_list_that_the_file_has_is_not_said_to_be_empty_when_it_would_hold_again(rig: Rig, olga: Clicks) -> None:
    refused = lists(olga, "bauman", owner="")
    assert refused.status_code == 400
    told = soup_of(refused).select_one("#owner-error").text
    assert told.startswith("Пустым этот список здесь не сделать: в config.yaml записано bauman@example.ru.")
    assert lists(olga, "bauman", owner="far@example.ru").status_code == 303
    assert lists(olga, "bauman", owner="").status_code == 400
    assert lists(olga, admin="root@example.ru").status_code == 303
    assert lists(olga, admin="").status_code == 303, "the file leaves it to the owners"
    assert rig.app.current().config.escalation.admin == ("owner@example.ru",)


def test_lists_that_were_typed_come_along_when_the_session_has_ended(rig: Rig, olga: Clicks) -> None:
    sent = fields(look(olga, "/settings/notifications"), 'form[action*="lists#"]') | {"lead": ["typed@example.ru"]}
    rig.clock.advance(IDLE)
    headers = {"origin": olga.base, "sec-fetch-site": "same-origin"}
    answer = olga.ask("POST", LISTS, fields={"csrf": "old", **sent}, headers=headers)
    assert answer.status_code == 401
    assert "typed@example.ru" in soup_of(answer).select_one("textarea[name=text]").text
    assert settings_of(rig) == []


# --- people ---------------------------------------------------------------------------------------------------


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


def test_the_history_of_somebody_whose_substitute_only_the_desk_knows_says_what_was_set(rig: Rig, olga: Clicks) -> None:
    new: dict[str, Any] = {"name": "vera", "email": "vera@example.ru", "away-from": [""], "away-to": [""]}
    assert olga.post(PERSON, **new).status_code == 303
    sent = fields(look(olga, f"{PERSON}?name=anna"), f'form[action="{PERSON}"]')
    assert olga.post(PERSON, **(sent | {"substitute": "vera"})).status_code == 303
    assert "замещающий: vera" in look(olga, f"{PERSON}?name=anna").select_one(".states li").text


def test_more_absences_than_are_kept_are_refused_and_none_is_left_out_unsaid(still: Clicks) -> None:
    days = [f"2027-01-{day:02}" for day in range(1, 32)]
    sent: dict[str, Any] = {"person": "anna", "email": "anna@example.ru", "away-from": days, "away-to": [""] * 31}
    answer = still.post(PERSON, seen="0", **sent)
    assert answer.status_code == 400
    page = soup_of(answer)
    assert "Отсутствий больше 30" in page.select_one("#away-error").text
    assert [field["value"] for field in page.select('[name="away-from"]')] == [*days, ""]


def test_somebody_new_is_taken_from_the_accounts_with_login_and_address(rig: Rig, olga: Clicks) -> None:
    for login, email in (("vera", "vera@example.ru"), ("lev", ""), ("anna", "anna@example.ru")):
        known_as(mate(olga, login, Role.OPERATOR), email)
    gone, own = mate(olga, "gone", Role.OPERATOR), mate(olga, "own", Role.OPERATOR)
    known_as(gone, "gone@example.ru")
    with rig.app.store.write():
        rig.app.store.accounts.set_active(gone.account.id, active=False)
        # Nobody but the account's owner says that this address is theirs.
        rig.app.store.accounts.set_email(own.account.id, "owner@example.ru", vouched=False)
    page = look(olga, PERSON)
    assert [option.text for option in page.select("#account option")] == ["Vera (vera), vera@example.ru"]
    chosen = look(olga, f"{PERSON}?account=vera")
    assert (chosen.select_one("#name")["value"], chosen.select_one("#email")["value"]) == ("vera", "vera@example.ru")
    sent = fields(chosen, f'form[action="{PERSON}"][method="post"]')
    assert olga.post(PERSON, **sent).status_code == 303
    assert rig.app.current().config.escalation.people["vera"].email == "vera@example.ru"
    assert not look(olga, PERSON).select("#account")
    for login in ("own", "gone", "nobody"):
        assert look(olga, f"{PERSON}?account={login}").select_one("#email")["value"] == ""


def test_whoever_may_change_it_is_not_sent_to_themselves(rig: Rig, olga: Clicks) -> None:
    admin, oleg = mate(olga, "root", Role.ADMINISTRATOR), mate(olga, "oleg", Role.OPERATOR)
    assert look(admin, MINE).select_one(f'a[href="/people/{admin.account.id}"]').text == "Впишите адрес"
    assert look(oleg, MINE).select_one('.notice a[href="/me"]')
    known_as(olga, "olga@example.ru")
    known_as(oleg, "oleg@example.ru")
    hers, his = look(olga, MINE), look(oleg, MINE)
    assert hers.select_one('main a[href="/settings/notifications"]:not(nav a)').text == "Изменить списки"
    assert hers.select_one(f'a[href="{PERSON}?account=olga"]')
    assert look(olga, f"{PERSON}?account=olga").select_one("#email")["value"] == "olga@example.ru"
    assert "владелец" not in hers.select_one("main").text
    assert his.select_one("main").text.count("владелец") == 2
    assert not his.select(f'a[href^="{PERSON}"]')
