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
from monitor.desk.pages import unbroken
from monitor.errors import StoreError, Unreachable
from monitor.jobs.publish import Publish
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


def standing(cafe: Cafe, who: Clicks) -> str:
    """What the ticket's page says of the reply first."""
    return " ".join(told(one) for one in cafe.page(DANGER, who).select("#reply > .notice"))


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


def test_a_second_click_sends_the_same_once_more_and_nothing_else(cafe: Cafe, anna: Clicks) -> None:
    seen = base(anna.soup(cafe.path(DANGER)))
    words = [text for _, text in cafe.drafts(DANGER)]
    for _ in range(2):
        assert anna.post(cafe.path(DANGER, "/publish"), base=seen).status_code == 303
    reply = on_site(cafe)
    assert reply is not None
    assert [reply.text] == words
    assert len(cafe.events(DANGER, "submitted")) == 1
    assert [author for author, _ in cafe.drafts(DANGER)] == ["anna", None]


def test_a_reply_that_went_out_before_it_could_be_noted_is_called_so_and_may_be_sent_again(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("monitor.jobs.publish.Publish._accepted", dies)
        assert publish(cafe, anna).status_code == 503
    sent = on_site(cafe)
    assert sent is not None
    assert cafe.view(DANGER).state is TicketState.OPEN
    assert "чем он кончился, неизвестно. Повторите: двух ответов не будет · Вы, сегодня" in standing(cafe, anna)
    assert publish(cafe, anna).status_code == 303
    after = on_site(cafe)
    assert after is not None
    assert (after.text, cafe.view(DANGER).state) == (sent.text, TicketState.SUBMITTED)
    assert "Ответ отправлен" in standing(cafe, anna)


def test_or_the_next_read_finds_it(cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("monitor.jobs.publish.Publish._accepted", lambda *_: None)
        publish(cafe, anna)
    cafe.rig.run(after=20 * MINUTE)
    assert cafe.view(DANGER).state in (TicketState.SUBMITTED, TicketState.ANSWERED)
    assert "неизвестно" not in standing(cafe, anna)
    assert on_site(cafe) is not None


def test_a_colleague_sees_that_the_site_did_not_answer(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unreachable("Google не ответил за 20 с")

    with monkeypatch.context() as patch:
        patch.setattr("monitor.jobs.keys.Keys.send", silent)
        answer = publish(cafe, anna)
    assert (answer.status_code, "Google не ответил за 20 с. Повторите: двух ответов" in alert(answer)) == (502, True)
    told_of = "Запрос к площадке не удался: Google не ответил за 20 с. Повторите: двух ответов не будет · Anna"
    boris = cafe.person("boris")
    assert told_of in standing(cafe, boris)
    boris.post(cafe.path(DANGER, "/save"), text=KIND, base=base(cafe.page(DANGER)))
    assert "не удался" not in standing(cafe, boris)
    assert publish(cafe, anna).status_code == 303


def test_what_is_saved_while_it_is_being_sent_is_not_sent_unread(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, offer = base(cafe.page(DANGER)), Publish.offer

    def late(self: Publish, ticket: int, *, force: bool = False) -> str:
        if not cafe.drafts(DANGER)[0][0]:
            cafe.rig.app.actions("boris").edit(ticket, KIND)
        return offer(self, ticket, force=force)

    monkeypatch.setattr("monitor.jobs.publish.Publish.offer", late)
    assert anna.post(cafe.path(DANGER, "/publish"), base=seen).status_code == 409
    assert on_site(cafe) is None


def test_afterwards_comes_the_next_of_the_queue(cafe: Cafe, anna: Clicks) -> None:
    asked = {"from": ""}
    answer = publish(cafe, anna, **asked)
    parts = urlsplit(answer.headers["location"])
    assert parts.path != cafe.path(DANGER)
    assert parse_qs(parts.query)["of"] == [str(cafe.number(DANGER))]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Звоните: +7 (843) 000-00-00.", ["+7 (843) 000-00-00"]),
        ("8-800-000-00-00 или +78430000000", ["8-800-000-00-00", "+78430000000"]),
        ("Ждали 40 минут, заплатили 2 500 ₽ <b>зря</b> 21.11.2026", []),
    ],
)
def test_a_phone_number_stays_in_one_line_and_is_copied_as_it_stands(text: str, whole: list[str]) -> None:
    shown = BeautifulSoup(unbroken(text), "lxml")
    assert [number.get_text() for number in shown.select(".whole")] == whole
    assert (shown.get_text(), shown.select("b")) == (text, [])


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


def test_it_is_taken_back_once(cafe: Cafe, anna: Clicks) -> None:
    publish(cafe, anna)
    cafe.rig.run(after=2 * MINUTE)
    first, again = (anna.post(cafe.path(DANGER, "/retract")) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 409)
    assert "снимать нечего" in alert(again)
    assert [kind for _, kind, *_ in cafe.events(DANGER, "retracting", "publish_failed")] == ["retracting"]


def test_where_nothing_can_be_taken_back_it_says_why(cafe: Cafe, anna: Clicks) -> None:
    answer = anna.post(cafe.path(ANGRY, "/retract"))
    assert answer.status_code == 409
    assert "Снимите ответ здесь" in alert(answer)
    assert "queue" not in alert(answer)
