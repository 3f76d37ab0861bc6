"""A reply goes to Google from the desk, and comes back: what is asked first, what is told when the site says no."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.model import Reply, TicketState
from monitor.standin.reviews import GOOGLE
from monitor.standin.world import Trouble
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, DANGER, MINUTE, Cafe, base, furnish, told

KIND = "Лейсан, здравствуйте. Нам очень жаль. Проверим кухню и позвоним Вам, если Вы свяжетесь с нами."
WRONG = "Сам дурак. Звоните: +7 900 000-00-00, https://example.ru"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ticket")
    furnish(folder)
    return folder


@pytest.fixture
def cafe(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Cafe]:
    shutil.copytree(kept, tmp_path / "cafe")
    cafe = Cafe(tmp_path / "cafe")
    yield cafe
    cafe.rig.app.close()


@pytest.fixture
def anna(cafe: Cafe) -> Clicks:
    return cafe.person()


def on_site(cafe: Cafe) -> Reply | None:
    return cafe.rig.world.review(cafe.rig.world.card(GOOGLE), cafe.view(DANGER).external_id).reply


def publish(cafe: Cafe, who: Clicks, **fields: Any) -> httpx.Response:
    """As whoever has just read the question."""
    page = who.soup(cafe.path(DANGER, "/publish"))
    held = {str(field["name"]): str(field["value"]) for field in page.select("main form input[type=hidden]")}
    return who.post(cafe.path(DANGER, "/publish"), **held | fields)


def alert(answer: httpx.Response) -> str:
    return told(BeautifulSoup(answer.text, "lxml").select_one("[role=alert]"))


def test_it_asks_first_and_shows_what_the_site_would_get(cafe: Cafe, anna: Clicks) -> None:
    answer = anna.post(cafe.path(DANGER, "/ready"), text=KIND, base=base(cafe.page(DANGER)))
    assert answer.headers["location"] == cafe.path(DANGER, "/publish#main")
    page = anna.soup(answer.headers["location"])
    assert "Опубликовать ответ в Google Картах?" in told(page.h1)
    assert [quote.get_text() for quote in page.select("blockquote")] == [DANGER, KIND]
    assert on_site(cafe) is None


def test_it_is_sent_when_the_question_is_answered(cafe: Cafe, anna: Clicks) -> None:
    answer = publish(cafe, anna)
    assert parse_qs(urlsplit(answer.headers["location"]).query)["done"] == ["pending"]
    reply, view = on_site(cafe), cafe.view(DANGER)
    assert view.draft is not None
    assert reply is not None
    assert (reply.text, view.state) == (view.draft.text, TicketState.SUBMITTED)
    assert "проверяет его" in told(anna.soup(answer.headers["location"]).select_one("#reply .notice"))


def test_afterwards_comes_the_next_of_the_queue(cafe: Cafe, anna: Clicks) -> None:
    asked = {"from": ""}
    answer = publish(cafe, anna, **asked)
    parts = urlsplit(answer.headers["location"])
    assert parts.path != cafe.path(DANGER)
    assert parse_qs(parts.query)["of"] == [str(cafe.number(DANGER))]


def test_words_that_changed_since_are_not_sent(cafe: Cafe, anna: Clicks) -> None:
    seen = base(cafe.page(DANGER))
    cafe.person("boris").post(cafe.path(DANGER, "/save"), text=KIND, base=seen)
    answer = anna.post(cafe.path(DANGER, "/publish"), base=seen)
    assert (answer.status_code, on_site(cafe)) == (409, None)
    assert "прочитайте его ещё раз" in alert(answer)
    assert KIND in answer.text


def test_what_google_would_refuse_is_sent_by_leads_alone_and_knowingly(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(DANGER, "/save"), text=WRONG, base="1")
    page = anna.soup(cafe.path(DANGER, "/publish"))
    assert "Исправьте ответ" in told(page.select_one("[role=alert]"))
    assert "--force" not in told(page)
    assert not page.select("main form")
    number = base(cafe.page(DANGER))
    assert anna.post(cafe.path(DANGER, "/publish"), base=number, force="1").status_code == 409
    lena = cafe.person("lena", Role.LEAD)
    assert cafe.person("lena").soup(cafe.path(DANGER, "/publish")).select("input[name=force][required]")
    assert publish(cafe, lena).status_code == 409
    assert on_site(cafe) is None
    assert publish(cafe, lena, force="1").status_code == 303


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.RATE_LIMITED, Trouble.FORBIDDEN])
def test_a_site_that_says_no_is_quoted_plainly(cafe: Cafe, anna: Clicks, trouble: Trouble) -> None:
    cafe.rig.world.trouble[GOOGLE] = trouble
    answer = publish(cafe, anna)
    assert answer.status_code == 502
    assert alert(answer).startswith("Не получилось. ")
    for term in ("otklik", "queue", "--", "Traceback"):
        assert term not in alert(answer)
    assert cafe.view(DANGER).state is TicketState.OPEN
    cafe.rig.world.trouble.clear()
    assert publish(cafe, anna).status_code == 303


def test_keys_that_are_missing_are_the_administrators_business(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_CLIENT_SECRET")
    answer = publish(cafe, anna)
    assert (answer.status_code, "Попросите администратора" in alert(answer)) == (400, True)


def test_what_a_colleague_has_is_not_sent(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(DANGER, "/take"))
    page = anna.soup(cafe.path(DANGER, "/publish"))
    assert "Отзывом занимается Boris" in told(page.select_one("[role=alert]"))
    assert not page.select("main form")
    assert anna.post(cafe.path(DANGER, "/publish"), base="1").status_code == 409


def test_other_sites_are_answered_by_hand(cafe: Cafe, anna: Clicks) -> None:
    page = anna.soup(cafe.path(ANGRY, "/publish"))
    assert "не принимает ответы от программ" in told(page.select_one("[role=alert]"))
    assert not page.select("main form")


def test_a_reply_is_taken_back(cafe: Cafe, anna: Clicks) -> None:
    publish(cafe, anna)
    cafe.rig.run(after=2 * MINUTE)
    (link,) = [link for link in cafe.page(DANGER).select("#reply a") if "Снять ответ" in told(link)]
    page = anna.soup(str(link["href"]))
    assert "Снять ответ в Google Картах?" in told(page.h1)
    assert on_site(cafe) is not None
    answer = anna.post(cafe.path(DANGER, "/retract"))
    assert (answer.status_code, on_site(cafe), cafe.view(DANGER).state) == (303, None, TicketState.OPEN)


def test_where_nothing_can_be_taken_back_it_says_why(cafe: Cafe, anna: Clicks) -> None:
    answer = anna.post(cafe.path(ANGRY, "/retract"))
    assert answer.status_code == 409
    assert "Снимите ответ здесь" in alert(answer)
    assert "queue" not in alert(answer)
