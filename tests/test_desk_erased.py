"""What the desk says of a review once it is erased, and what it calls one that never stood in the queue."""

import csv
import io
import json

import pytest
from bs4 import BeautifulSoup

from monitor.clock import from_iso
from monitor.desk.numbers_selection import FATES
from monitor.notify.render import capitalised
from tests import privacy_rig
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, PRAISE, TWICE, Cafe, told
from tests.privacy_rig import audit, erase, fields, find, page, sure

furnished, cafe, boss = privacy_rig.furnished, privacy_rig.cafe, privacy_rig.boss


def plain(soup: BeautifulSoup) -> str:
    return told(soup.main).replace("\u00a0", " ")


@pytest.fixture
def unqueued(cafe: Cafe) -> int:
    """A review that never stood in the queue."""
    review = cafe.view(PRAISE).review
    database = cafe.rig.app.store._db
    with cafe.rig.app.store.write():
        number = {"id": cafe.view(PRAISE).ticket}
        for table in ("draft", "notification_ticket", "gesture", "note", "dispute", "measure", "answer", "event"):
            database.execute(f"DELETE FROM {table} WHERE ticket_id = :id", number)
        database.execute("DELETE FROM ticket WHERE id = :id", number)
    return review


def test_the_page_of_what_was_erased_names_nobody_and_leads_nowhere(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(ANGRY)
    before = boss.soup(f"/t/{view.ticket}")
    assert before.select("a.out")
    page(erase(boss, sure(boss, find(boss, view.author))))
    seen = boss.soup(f"/t/{view.ticket}")
    assert "Имя автора стёрто" in told(seen.h1)
    assert "не назвался" not in plain(seen)
    assert not seen.select("main a[href^=http]")
    for path in (f"/t/{view.ticket}", "/queue?state=dismissed"):
        assert not boss.soup(path).select(f"main a.out[href*='{view.external_id}']")
    row = boss.soup("/queue?state=dismissed")
    assert "имя автора стёрто" in plain(row)
    assert "Текст стёрт" in plain(row)
    assert not row.select("main a.out")


def test_what_waited_when_it_was_erased_is_called_erased_everywhere(cafe: Cafe, boss: Clicks) -> None:
    """Nobody closed it without an answer; the numbers count it so, too."""
    view = cafe.view(TWICE)
    asked = sure(boss, find(boss, f"№ {view.ticket}"))
    assert f"«{capitalised(FATES['withdrawn'])}»" in plain(asked)
    assert f"«{capitalised(FATES['dropped'])}»" in plain(asked)
    page(erase(boss, asked))
    seen = plain(boss.soup(f"/t/{view.ticket}"))
    assert "стёрт" in seen
    assert "закрыт без ответа" not in seen
    listed = plain(boss.soup("/numbers/reviews?fate=withdrawn"))
    assert "имя автора стёрто" in listed
    assert "закрыт без ответа" not in listed


def test_what_was_closed_by_hand_before_it_was_erased_stays_closed_without_an_answer(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(ANGRY)
    cafe.rig.app.actions("anna").dismiss(view.ticket, "spam")
    page(erase(boss, sure(boss, find(boss, view.author))))
    assert "закрыт без ответа" in plain(boss.soup(f"/t/{view.ticket}"))


def test_one_without_a_number_is_called_by_its_site_place_and_day(cafe: Cafe, boss: Clicks, unqueued: int) -> None:
    app = cafe.rig.app
    (row,) = app.store.authors.found([unqueued])
    day = from_iso(row["posted_at"]).astimezone(app.zone(row["place"]))
    called = f"{app.sources[row['source']].title}, {app.titles[row['place']]}, {day:%d.%m.%Y}"
    found = find(boss, row["author"])
    assert "В очереди не стоял" in plain(found)
    answer = boss.post("/privacy/export", **{**fields(found), "as": "html"})
    assert f"Отзыв: {called}" in BeautifulSoup(answer.text, "lxml").get_text()
    assert answer.headers["content-disposition"] == 'attachment; filename="otklik-2026-11-21.html"'
    assert audit(cafe).what == f"без номера: {called}"
    (one,) = json.loads(boss.post("/privacy/export", **{**fields(found), "as": "json"}).text)["reviews"]
    assert (one["number"], one["review"]["id"]) == (None, unqueued)
    page(erase(boss, sure(boss, found)))
    assert audit(cafe).what.endswith(f"; без номера: {called}")


def test_a_mention_without_a_number_is_called_so_too(cafe: Cafe, boss: Clicks, unqueued: int) -> None:
    store = cafe.rig.app.store
    with store.write():
        store._db.execute(
            "UPDATE review SET text = 'Спасибо, Олег Серов!', searched_with = '' WHERE id = ?", [unqueued]
        )
    cafe.rig.run()
    (row,) = store.authors.found([unqueued])
    assert f"Имя упоминается ещё в 1 отзыве: {cafe.rig.app.names.where(row)}." in plain(find(boss, "Олег Серов"))


def test_a_file_of_reviews_has_the_number_by_which_people_know_them(cafe: Cafe, boss: Clicks, unqueued: int) -> None:
    """Whoever takes one from the file to the desk must not meet, and erase, somebody else."""
    text = boss.get("/numbers/reviews.csv").content.decode("utf-8-sig")
    numbers = {row["Текст"]: row["№"] for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")}
    assert (numbers[ANGRY], numbers[PRAISE]) == (str(cafe.view(ANGRY).ticket), "")


def test_what_is_handed_out_is_headed_by_the_number_at_the_desk(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(ANGRY)
    answer = boss.post("/privacy/export", **{**fields(find(boss, view.author)), "as": "html"})
    headings = [told(one).replace("\u00a0", " ") for one in BeautifulSoup(answer.text, "lxml").select("h2")]
    assert headings[0].startswith(f"Отзыв № {view.ticket}: ")
