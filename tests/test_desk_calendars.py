"""Working hours at the desk: tried before they are kept, nobody's words are lost, deadlines move at once."""

from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.config_sla import PROMISES
from monitor.desk.calendar_trial import uses
from tests import settings_rig
from tests.desk_rig import Clicks
from tests.rig import Rig
from tests.settings_rig import (
    OFF,
    OFFICE_PAGE,
    audit,
    due,
    fields,
    hours,
    look,
    mate,
    settings_of,
    soup_of,
)

kept, rig, olga, still = settings_rig.kept, settings_rig.rig, settings_rig.olga, settings_rig.still


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


@pytest.mark.parametrize(
    ("rosters", "told"),
    [
        ({"lenina": ("office",) * 3, "mira": ("office",) * 3}, "все сроки на всех точках"),
        ({"lenina": ("office",) * 3, "mira": ("", "", "")}, "все сроки на точке: На lenina"),
        (
            {"lenina": ("office", "office", ""), "mira": ("", "office", "")},
            "сроки негативных отзывов на точке: На lenina; сроки остальных отзывов на всех точках",
        ),
        (
            {"lenina": ("", "office", "office"), "mira": ("", "office", "office"), "far": ("", "", "")},
            "сроки остальных и повторно открытых отзывов на точках: На lenina, На mira",
        ),
        ({"lenina": ("", "", ""), "mira": ("", "", "")}, ""),
    ],
)
def test_what_is_counted_by_a_calendar_is_a_sentence(rosters: dict[str, tuple[str, ...]], told: str) -> None:
    def promised(place: str) -> Any:
        both = zip(PROMISES, rosters[place], strict=True)
        return SimpleNamespace(**{key: SimpleNamespace(roster=name) for key, name in both})

    app: Any = SimpleNamespace(
        config=SimpleNamespace(places=[SimpleNamespace(id=place, title=f"На {place}") for place in rosters]),
        policies=SimpleNamespace(of=promised),
    )
    everybody: Any = SimpleNamespace(may=lambda *_: True)
    assert uses(app, "office", everybody) == told


def test_the_trial_says_when_reviews_would_be_due_and_who_is_concerned(olga: Clicks) -> None:
    page = soup_of(olga.post(OFFICE_PAGE, **hours(look(olga, OFFICE_PAGE), **OFF)))
    text = page.select_one("#trial").text
    assert "По этому календарю считаются все сроки на точке: «Ромашка»." in text
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
    (seen,) = look(olga, OFFICE_PAGE).select('.states input[name="seen"]')
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
    (seen,) = look(olga, "/settings/calendars/of/night").select('.states input[name="seen"]')
    refused = olga.post("/settings/calendars/of/night/drop", seen=seen["value"])
    assert refused.status_code == 400
    assert "перестала бы действовать другая настройка, календарь остальных отзывов (На Баумана)" in refused.text


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


# --- what will not do -----------------------------------------------------------------------------------------


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
        ({"working_days": "20.02.2027 9:00–13:00\n20.02.2027"}, "20.02.2027 стоит в списке дважды"),
        ({"short_days": "20.02.2027 9:00–13:00\n20.02.2027 9:00–14:00"}, "20.02.2027 стоит в списке дважды"),
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


# --- two at once ----------------------------------------------------------------------------------------------


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
