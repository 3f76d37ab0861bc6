"""The view of the morning: what came since yesterday, grouped, and the pleasure of nothing left."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from monitor.alerts import TicketView
from monitor.desk import today
from monitor.desk.visit import FRAGMENT
from monitor.store.filters import Filters
from sentiment.types import Tone
from tests.desk_morning import EVIL, POISONED, at_noon, morning
from tests.desk_rig import Browser, Clicks
from tests.rig import Rig
from tests.test_desk_queue import check_markup, of, row, shown, told


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("today")
    morning(folder)
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = at_noon(tmp_path / "cafe")
    yield rig
    rig.app.close()


@pytest.fixture
def anna(rig: Rig) -> Clicks:
    return Clicks(rig)


def groups(page: BeautifulSoup) -> dict[str, list[int]]:
    return {str(part["id"]).removeprefix("list-"): shown(part) for part in page.select("section.list")}


def running(rig: Rig) -> list[TicketView]:
    return [view for view in rig.queue() if view.due_at is not None]


def test_everything_of_the_morning_stands_in_one_group(rig: Rig, anna: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "SHOWN", 100)
    found = groups(anna.soup("/today"))
    listed = [ticket for group, tickets in found.items() if group != "unanswerable" for ticket in tickets]
    assert sorted(listed) == sorted(view.ticket for view in running(rig))
    assert of(rig, POISONED).ticket in found["danger"]
    assert of(rig, EVIL).ticket in found["negative"]


def test_dangers_come_first_and_what_hurts_before_what_pleases(anna: Clicks) -> None:
    order = list(groups(anna.soup("/today")))
    assert order[0] == "danger"
    assert order.index("negative") < order.index("praise")


def test_what_is_late_by_now_moves_to_the_late(rig: Rig, anna: Clicks) -> None:
    rig.clock.advance(timedelta(minutes=21))
    assert of(rig, EVIL).ticket in groups(anna.soup("/today"))["late"]


def test_a_long_group_is_cut_and_leads_to_all_of_it(rig: Rig, anna: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(groups(anna.soup("/today"))["praise"])
    monkeypatch.setattr(today, "SHOWN", 2)
    page = anna.soup("/today")
    assert len(groups(page)["praise"]) == 2
    (more,) = page.select("#list-praise .more a")
    assert told(more) == f"Показать все {whole} : Благодарности"
    all_of_it = anna.soup(str(more["href"]))
    assert list(groups(all_of_it)) == ["praise"]
    assert len(groups(all_of_it)["praise"]) == whole
    assert set(groups(page)["praise"]) < set(groups(all_of_it)["praise"])
    (way_back,) = all_of_it.select("#whole a")
    assert way_back["href"] == "/today"


def test_what_colleagues_answered_and_what_they_sent_stand_in_one_list(
    rig: Rig, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today, "SHOWN", 1)
    for view in running(rig)[:3]:
        rig.app.actions("oleg").submitted(view.ticket)
    (more,) = anna.soup("/today").select("#list-answered .more a")
    listed = anna.soup(str(more["href"]))
    assert told(more).startswith("Показать все 3")
    assert len(groups(listed)["answered"]) == 3
    assert not listed.select("#list-answered details")


def test_a_group_goes_on_page_by_page_and_work_on_it_leads_back_there(
    rig: Rig, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = groups(anna.soup("/today?group=negative"))["negative"]
    monkeypatch.setattr(today, "PAGE", 2)
    listed: list[int] = []
    address = "/today?group=negative"
    while address:
        page = anna.soup(address)
        listed += groups(page)["negative"]
        (back,) = page.select("#act input[name=back]")
        assert back["value"] == address
        address = "".join(str(link["href"]) for link in page.select("#pager [rel=next]"))
    assert listed == whole
    assert len(whole) > 2
    answer = anna.post(f"/queue/{whole[-1]}/take", back="/today?group=negative&page=2")
    assert answer.headers["location"] == f"/today?group=negative&page=2&done=taken#t{whole[-1]}"
    draft = anna.soup(f"/queue/{whole[0]}/draft?back=/today?group=negative")
    assert draft.select_one("input[name=back]")["value"] == "/today?group=negative"  # type: ignore[index]  # it is there


@pytest.mark.parametrize("address", ["/today?group=<b>", "/today?group=&page=9", "/today?page=2", "/today?%ff=1"])
def test_a_group_that_is_none_is_the_whole_day(anna: Clicks, address: str) -> None:
    assert groups(anna.soup(address)) == groups(anna.soup("/today"))


def test_a_group_where_nothing_is_left_says_so(anna: Clicks) -> None:
    (empty,) = anna.soup("/today?group=late&page=7").select("#empty")
    assert "здесь ничего не осталось" in told(empty)


def test_what_has_the_deadline_of_a_complaint_is_no_praise_however_kind_its_words(rig: Rig, anna: Clicks) -> None:
    view = next(view for view in running(rig) if view.ticket in groups(anna.soup("/today"))["praise"])
    with rig.app.store.write():
        rig.app.store._db.execute("UPDATE ticket SET target = 'negative' WHERE id = ?", [view.ticket])
    found = groups(anna.soup("/today"))
    assert view.ticket in found["negative"]
    assert view.ticket not in found.get("praise", [])


def test_what_the_stars_contradict_is_no_praise_until_a_person_says_so(rig: Rig, anna: Clicks) -> None:
    view = next(view for view in running(rig) if view.ticket in groups(anna.soup("/today"))["praise"])
    with rig.app.store.write():
        rig.app.store._db.execute("UPDATE verdict SET conflict = 1 WHERE review_id = ?", [view.review])
    page = anna.soup("/today")
    found = groups(page)
    assert view.ticket in found["other"]
    assert view.ticket not in found.get("praise", [])
    assert "оценка и слова расходятся" in told(page.select(f"#t{view.ticket}")[0])
    rig.app.actions("anna").retag(view.ticket, tone=Tone.POSITIVE)
    assert view.ticket in groups(anna.soup("/today"))["praise"]


def test_what_colleagues_answered_is_told(rig: Rig, anna: Clicks) -> None:
    view = of(rig, POISONED)
    oleg = rig.app.actions("oleg")
    oleg.take(view.ticket)
    oleg.submitted(view.ticket)
    page = anna.soup("/today")
    assert groups(page)["answered"] == [view.ticket]
    assert "ответ отправлен" in told(row(page, view.ticket))
    assert "oleg" in told(row(page, view.ticket))
    assert page.select("#list-answered details:not([open])")


def test_nothing_left_is_a_pleasant_state(rig: Rig, anna: Clicks) -> None:
    left = running(rig)
    for view in left:
        rig.app.actions("oleg").submitted(view.ticket)
    (empty,) = anna.soup("/today").select("#empty")
    assert "Ничего не осталось" in told(empty)
    assert f"Отвечено {len(left)} отзывов со вчерашнего дня." in told(empty)
    assert "Площадки проверили" in told(empty)


def test_taking_leads_back_to_the_morning(rig: Rig, anna: Clicks) -> None:
    ticket = of(rig, POISONED).ticket
    page = anna.soup("/today")
    (back,) = page.select("#act input[name=back]")
    answer = anna.post(f"/queue/{ticket}/take", back=str(back["value"]))
    assert answer.headers["location"] == f"/today?done=taken#t{ticket}"
    page = anna.soup("/today?done=taken")
    assert "Отзыв записан на Вас." in told(page.select(".notice")[0])
    assert "Вы" in told(row(page, ticket))


def test_a_script_is_told_when_nothing_is_new(rig: Rig, anna: Clicks) -> None:
    first = anna.get("/today", headers={FRAGMENT: "1"})
    asked = {FRAGMENT: "1", "if-none-match": first.headers["etag"]}
    rig.clock.advance(timedelta(minutes=5))
    assert anna.get("/today", headers=asked).status_code == 304
    rig.app.actions("oleg").take(of(rig, EVIL).ticket)
    news = anna.get("/today", headers=asked)
    assert news.status_code == 200
    assert "<html" not in news.text


def test_nobody_sees_the_morning_of_other_places(rig: Rig) -> None:
    page = Clicks(rig, "boris", places=["elsewhere"]).soup("/today")
    assert not shown(page)
    assert "Ничего не осталось" in told(page.select("#empty")[0])


def test_nor_does_who_is_not_logged_in(rig: Rig) -> None:
    assert POISONED[:20] not in Browser(rig).get("/today").text


def test_strangers_words_stay_words_and_every_control_has_a_name(rig: Rig, anna: Clicks) -> None:
    rig.app.actions("oleg").submitted(of(rig, POISONED).ticket)
    html = anna.get("/today").text
    page = BeautifulSoup(html, "lxml")
    assert "alert(1)</script>" not in html
    assert not page.select("img, iframe, [onmouseover], [onerror], [style]")
    check_markup(page)


def test_the_page_weighs_less_than_a_hundred_kilobytes(rig: Rig, anna: Clicks) -> None:
    html = anna.get("/today").content
    heaviest = max(len(str(one).encode()) for one in BeautifulSoup(html, "lxml").select(".ticket"))
    rows = len(BeautifulSoup(html, "lxml").select(".ticket"))
    assert rows > 10
    assert len(html) < 100_000
    assert heaviest < 2_500


def test_the_backlog_is_for_quiet_hours(rig: Rig, anna: Clicks) -> None:
    backlog = {view.ticket for view in rig.queue(Filters(backlog=True)) if not view.verdict or not view.verdict.risks}
    assert not backlog & set(shown(anna.soup("/today")))
