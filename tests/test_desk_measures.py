"""The page of measures: noting and withdrawing, what it says of each, what others may not see."""

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.charts import POLICY
from monitor.desk.app import create_app
from tests.desk_rig import Clicks, account
from tests.numbers_desk import Chain, built

PAGE = "/numbers/measures"
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
EVIL = '<script>alert(1)</script>" onmouseover="alert(2) $x$'


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    chain = built(folder, 1_000, 130)
    for login, role, places in (("olga", Role.OWNER, None), ("lena", Role.LEAD, ("p0",)), ("mira", Role.LEAD, ("p1",))):
        account(chain, login, role, places)
    chain.app.close()
    return folder


@pytest.fixture
def chain(template: Path, tmp_path: Path) -> Iterator[Chain]:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    made = Chain(tmp_path)
    yield made
    made.app.close()


@pytest.fixture
def olga(chain: Chain) -> Clicks:
    return Clicks(chain, "olga", Role.OWNER)


def other(olga: Clicks, login: str) -> Clicks:
    return Clicks(olga.rig, login, Role.LEAD, app=olga.app)


def noted(who: Clicks, what: str = "Вторая касса", *, day: date = TODAY - 40 * DAY, **fields: str) -> BeautifulSoup:
    filled: dict[str, Any] = {"what": what, "theme": "waiting", "day": day.isoformat(), **fields}
    answer = who.post(PAGE, follow=True, **filled)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def cards(soup: BeautifulSoup) -> dict[str, str]:
    """What was done → all that is said of it."""
    return {
        article.select_one("h2").get_text(): " ".join(article.get_text(" ").split())  # type: ignore[union-attr]  # each has one
        for article in soup.select("article.measure")
    }


def confirmed(chain: Chain, place: str, what: str) -> int:
    """A ticket of that place whose fault was confirmed, with what was done."""
    store = chain.app.store
    with store.write():
        (row,) = store._db.rows(
            """SELECT t.id, t.review_id FROM ticket t JOIN review r ON r.id = t.review_id
            JOIN listing l ON l.id = r.listing_id WHERE l.place = ? ORDER BY t.id DESC LIMIT 1""",
            [place],
        )
        store._db.update("ticket", row["id"], {"fault": "confirmed", "measure": what})
        event = {"review_id": row["review_id"], "ticket_id": row["id"], "kind": "fault", "actor": "olga"}
        at = "2026-11-10T09:00:00.000000Z"
        store._db.insert("event", {**event, "at": at, "was": "unconfirmed", "became": "confirmed", "why": what})
    return int(row["id"])


def audited(chain: Chain) -> list[tuple[str, str, str]]:
    found = chain.app.store.accounts.audit(10)
    return [(entry.kind, entry.actor, entry.what) for entry in found if entry.kind.startswith("measure")]


# --- noting ---------------------------------------------------------------------------------------


def test_a_measure_is_noted_told_and_written_down(chain: Chain, olga: Clicks) -> None:
    soup = noted(olga, day=TODAY - 40 * DAY)
    (card,) = cards(soup).values()
    assert "Все точки, с 12 октября, записали Вы" in card.replace("\u00a0", " ")
    assert re.search(r"Жалоб на ожидание: было \d+ % из \d+ отзыв\w+, стало \d+ % из", card.replace("\u00a0", " "))
    assert "Мера записана." in soup.get_text()
    assert audited(chain) == [("measure noted", "olga", "№ 1")]


def test_what_is_young_is_not_judged(olga: Clicks) -> None:
    soup = noted(olga, day=TODAY - 3 * DAY)
    (card,) = cards(soup).values()
    assert "рано судить" in card
    assert soup.select("article img") == []


def test_every_count_leads_to_as_many_reviews(olga: Clicks) -> None:
    soup = noted(olga, theme="staff", place="p0")
    links = soup.select("article .behind a")
    assert len(links) == 8
    for link in links:
        (total,) = olga.soup(str(link["href"])).select(".total")
        assert total.get_text().split()[0] == link.get_text().split()[0]
    assert all("place=p0" in str(link["href"]) for link in links)
    assert "theme=staff&theme_tone=negative" in str(links[0]["href"])


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"what": "  "}, "Напишите, что сделали."),
        ({"what": "ж" * 301}, "Слов слишком много"),
        ({"what": "Касса\nвторая"}, "в одну строку"),
        ({"what": "Касса\u202e"}, "в одну строку"),
        ({"theme": ""}, "Выберите, на что жаловались."),
        ({"theme": "weather"}, "Выберите, на что жаловались."),
        ({"place": "nowhere"}, "Выберите точку."),
        ({"day": ""}, "Укажите день"),
        ({"day": "вчера"}, "Укажите день"),
        ({"day": "1999-12-31"}, "Укажите день"),
        ({"day": "20261101"}, "Укажите день"),
        ({"day": "2026-11-22"}, "ещё не настал"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_written(
    chain: Chain, olga: Clicks, fields: dict[str, str], complaint: str
) -> None:
    filled: dict[str, Any] = {"what": "Вторая касса", "theme": "waiting", "day": "2026-11-01", **fields}
    answer = olga.post(PAGE, **filled)
    assert answer.status_code == 400
    soup = BeautifulSoup(answer.text, "lxml")
    (told,) = soup.select("[role=alert]")
    assert complaint in told.get_text()
    (what,) = soup.select("input[name=what]")
    assert what["value"] == filled["what"].strip()
    assert soup.select("details#note[open]")
    assert chain.app.store.measures.held(1) == ()
    assert audited(chain) == []


def test_sent_twice_it_is_noted_once(chain: Chain, olga: Clicks) -> None:
    noted(olga)
    answer = olga.post(PAGE, what="Вторая касса", theme="waiting", day=(TODAY - 40 * DAY).isoformat())
    assert answer.status_code == 409
    assert "Эта мера уже записана." in answer.text
    assert len(chain.app.store.measures.held(10)) == 1
    assert len(audited(chain)) == 1


def test_hostile_words_are_words(olga: Clicks) -> None:
    soup = noted(olga, EVIL)
    assert list(cards(soup)) == [EVIL]
    assert soup.select("main script, [onmouseover]") == []


# --- withdrawing ----------------------------------------------------------------------------------


def test_a_measure_that_was_withdrawn_is_gone_and_that_is_written_down_once(chain: Chain, olga: Clicks) -> None:
    noted(olga)
    first = olga.post(f"{PAGE}/1/withdraw", follow=True)
    assert "Мера снята" in first.text
    assert cards(BeautifulSoup(first.text, "lxml")) == {}
    second = olga.post(f"{PAGE}/1/withdraw", follow=True)
    assert "Эту меру уже сняли." in second.text
    assert audited(chain) == [("measure withdrawn", "olga", "№ 1"), ("measure noted", "olga", "№ 1")]


def test_a_number_that_nothing_has_is_not_there(olga: Clicks) -> None:
    assert olga.post(f"{PAGE}/99/withdraw").status_code == 404
    assert olga.get(f"{PAGE}/99/pair.svg").status_code == 404


# --- pictures ---------------------------------------------------------------------------------------


def test_pictures_come_in_both_widths_with_their_words_and_a_policy_of_their_own(olga: Clicks) -> None:
    soup = noted(olga)
    images = soup.select("article img")
    assert [str(image["src"]).rpartition("/")[2] for image in images] == ["pair.svg", "course.svg"]
    for image in images:
        assert "жалоб на ожидание" in str(image["alt"])
        answer = olga.get(str(image["src"]))
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert ElementTree.fromstring(answer.content).get("width") == image["width"]
    for source in soup.select("article source"):
        assert ElementTree.fromstring(olga.get(str(source["srcset"])).content).get("width") == source["width"] == "320"
    assert olga.get(f"{PAGE}/1/other.svg").status_code == 404


def test_what_is_too_young_has_no_picture(olga: Clicks) -> None:
    noted(olga, day=TODAY)
    assert olga.get(f"{PAGE}/1/pair.svg").status_code == 404


# --- suggestions --------------------------------------------------------------------------------------


def test_what_was_said_about_a_review_is_noted_with_a_click(chain: Chain, olga: Clicks) -> None:
    ticket = confirmed(chain, "p0", "Поставили вторую кассу")
    soup = olga.soup(PAGE)
    (hint,) = soup.select(".hints li")
    assert "Поставили вторую кассу" in hint.get_text()
    (link,) = hint.select("a.button")
    form = olga.soup(str(link["href"])).select("details#note[open] form")[0]
    filled = {str(field["name"]): str(field.get("value", "")) for field in form.select("input")}
    assert (filled["what"], filled["day"], filled["ticket"]) == ("Поставили вторую кассу", "2026-11-10", str(ticket))
    assert form.select("select[name=place] option[selected]")[0]["value"] == "p0"
    soup = noted(olga, "Вторая касса в обед", place="p0", day=date(2026, 11, 10), ticket=str(ticket))
    assert soup.select(".hints") == []
    assert f"отзыв № {ticket}" in cards(soup)["Вторая касса в обед"].replace("\u00a0", " ")


@pytest.mark.parametrize("ticket", ["", "0", "999999", "x", "9" * 30, "-1", "²"])
def test_an_address_with_any_ticket_opens_the_form(olga: Clicks, ticket: str) -> None:
    assert olga.get(f"{PAGE}?ticket={ticket}").status_code == 200
    assert olga.get(f"{PAGE}?before={ticket}").status_code == 200


# --- other places ---------------------------------------------------------------------------------------


def test_nobody_sees_or_touches_what_is_of_another_place(chain: Chain, olga: Clicks) -> None:
    noted(olga, "Только на Мира", place="p1")
    confirmed(chain, "p1", "Сказано на Мира")
    lena = other(olga, "lena")
    before = chain.app.store.content_digest()
    text = lena.get(PAGE).text
    for told in ("Только на Мира", "Сказано на Мира", "«Ромашка» на Мира"):
        assert told not in text
    assert lena.get(f"{PAGE}/1/pair.svg").status_code == 404
    assert lena.post(f"{PAGE}/1/withdraw").status_code == 404
    day = (TODAY - 9 * DAY).isoformat()
    assert lena.post(PAGE, what="Чужое", theme="waiting", place="p1", day=day).status_code == 400
    assert lena.post(PAGE, what="Всё", theme="waiting", place="", day=day).status_code == 400
    assert chain.app.store.content_digest() == before


def test_what_was_done_everywhere_is_counted_at_the_places_of_whoever_looks(chain: Chain, olga: Clicks) -> None:
    whole = noted(olga, theme="staff")
    lena = other(olga, "lena")
    part = lena.soup(PAGE)
    own = noted(olga, "То же на Ленина", theme="staff", place="p0")

    def total(soup: BeautifulSoup, card: str) -> list[int]:
        behind = soup.select(f"article#{card} .behind li")
        return [sum(int(a.get_text().replace("\u00a0", "")) for a in li.select("a")[1:]) for li in behind]

    assert total(part, "m1") == total(own, "m2")
    assert total(part, "m1") < total(whole, "m1")
    assert part.select("article#m1 form") == []
    assert lena.post(f"{PAGE}/1/withdraw").status_code == 403
    assert len(chain.app.store.measures.held(10)) == 2


def test_a_ticket_of_another_place_is_not_named(chain: Chain, olga: Clicks) -> None:
    ticket = confirmed(chain, "p1", "Везде так сделали")
    noted(olga, "Везде так сделали", ticket=str(ticket))
    assert f"/t/{ticket}" in olga.get(PAGE).text
    assert f"/t/{ticket}" not in other(olga, "lena").get(PAGE).text


# --- pages of it ----------------------------------------------------------------------------------------


def test_there_are_ten_to_a_page_and_the_way_to_the_others(olga: Clicks) -> None:
    for number in range(12):
        noted(olga, f"Мера {number}", day=TODAY - number * DAY)
    first = olga.soup(PAGE)
    assert len(cards(first)) == 10
    (older,) = [a for a in first.select(".links a") if a.get_text() == "Раньше"]
    second = olga.soup(str(older["href"]))
    assert list(cards(second)) == ["Мера 10", "Мера 11"]
    assert [a.get_text() for a in second.select(".links a")] == ["К последним"]


def test_the_page_is_one_of_the_rooms_of_numbers(olga: Clicks) -> None:
    (here,) = olga.soup(PAGE).select(".subrooms [aria-current=page]")
    assert here.get_text() == "Что помогло"


def test_an_operator_is_not_shown_it(olga: Clicks) -> None:
    anna = Clicks(olga.rig, "anna", Role.OPERATOR, app=create_app(olga.rig.app))
    assert anna.get(PAGE).status_code == 403
