"""The page of a ticket: what it tells of the review, of the reply, of what happened."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.routing import Match

from monitor.accounts import Role
from monitor.alerts import Standing
from monitor.desk.app import PAGES
from monitor.desk.visit import FRAGMENT
from monitor.model import TicketState
from monitor.standin.reviews import GOOGLE, IRECOMMEND, TWOGIS, YANDEX
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import (
    ANGRY,
    CLOSED,
    DANGER,
    EVIL,
    FAR,
    HERS,
    MINUTE,
    NAME,
    PRAISE,
    TWICE,
    Cafe,
    base,
    furnish,
    told,
    words,
)

SCRIPT = {FRAGMENT: "1"}


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


def said(page: BeautifulSoup) -> str:
    """The review as people see it."""
    for hidden in page.select(".said .visually-hidden"):
        hidden.extract()
    return page.select(".said")[0].get_text()


# --- the review -----------------------------------------------------------------------------------------------


def test_it_shows_the_whole_review_with_what_was_noticed_in_it(cafe: Cafe) -> None:
    page = cafe.page(ANGRY)
    assert said(page) == ANGRY
    assert any("хамила" in mark.get_text() for mark in page.select("#said mark.blame"))


def test_colour_is_not_all_that_tells_why_words_are_marked(cafe: Cafe) -> None:
    page = cafe.page(DANGER)
    for mark in page.select("#said mark"):
        assert mark["title"]
        assert told(mark.select_one(".visually-hidden"))
    kinds = {mark["class"][0] for mark in page.select("#said mark")}
    assert kinds == {mark["class"][0] for mark in page.select(".legend mark")}
    assert all(told(mark) for mark in page.select(".legend mark"))


def test_it_says_why_a_review_is_urgent_and_names_a_danger(cafe: Cafe) -> None:
    assert "Отмечен как негативный: 1 звезда" in told(cafe.page(ANGRY).select_one(".why"))
    assert "Отравление" in told(cafe.page(DANGER).select_one(".review .notice.late"))
    assert cafe.page(PRAISE).select_one(".why") is None


def test_themes_are_told_with_their_sign(cafe: Cafe) -> None:
    themes = [told(theme) for theme in cafe.page(ANGRY).select(".themes li")]
    assert "ожидание − недовольство" in themes


def test_stars_are_told_in_words_too(cafe: Cafe) -> None:
    (stars,) = cafe.page(ANGRY).select("h1 .stars")
    assert (stars["aria-label"], stars.get_text()) == ("оценка 1 из 5", "★☆☆☆☆")


def test_an_edited_review_shows_what_it_was(cafe: Cafe, anna: Clicks) -> None:
    card, before = cafe.rig.world.card(YANDEX), cafe.view(PRAISE)
    cafe.rig.clock.advance(MINUTE)
    cafe.rig.world.edit(card, before.external_id, text="Пироги испортились.", stars=3, at=cafe.rig.clock.now())
    cafe.rig.run(after=MINUTE)
    page = anna.soup(f"/t/{before.ticket}")
    assert PRAISE in told(page)
    assert "Каким отзыв был раньше 1 прежний текст" in told(page)
    assert "Автор изменил отзыв" not in told(page.select_one("#reply"))  # ours follows


def test_a_persons_words_for_an_older_text_are_called_so(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(PRAISE, "/save"), text="Спасибо!", base="1")
    before = cafe.view(PRAISE)
    cafe.rig.world.edit(
        cafe.rig.world.card(YANDEX), before.external_id, text="Пироги испортились.", at=cafe.rig.clock.now() + MINUTE
    )
    cafe.rig.run(after=2 * MINUTE)
    page = anna.soup(f"/t/{before.ticket}")
    assert "Автор изменил отзыв после того, как написан этот ответ" in told(page.select_one("#reply"))
    assert words(page) == "Спасибо!"


def test_the_authors_other_reviews_are_linked_as_far_as_one_may_see_them(cafe: Cafe) -> None:
    everywhere = cafe.page(EVIL, cafe.person("olga"))
    here = cafe.page(EVIL, cafe.person("vera", places=("lenina",)))
    linked = {link["href"] for link in everywhere.select(".known a")}
    assert linked == {cafe.path(HERS), cafe.path(FAR)}
    assert {link["href"] for link in here.select(".known a")} == {cafe.path(HERS)}
    assert FAR[:20] not in told(here)


def test_a_first_name_alone_is_nobody_in_particular(cafe: Cafe) -> None:
    assert "Ещё от этого автора" not in told(cafe.page(PRAISE))


def test_the_same_review_on_another_site_is_linked(cafe: Cafe) -> None:
    one, other = cafe.view(TWICE, YANDEX), cafe.view(TWICE, TWOGIS)
    (link,) = cafe.person().soup(f"/t/{one.ticket}").select(".known a")
    assert link["href"] == f"/t/{other.ticket}"
    assert "2ГИС" in told(link)


# --- the deadline and the history -----------------------------------------------------------------------------


def test_the_deadline_is_told_as_on_the_command_line(cafe: Cafe) -> None:
    page = told(cafe.page(ANGRY).select_one(".more"))
    assert "на ответ даётся 1 ч" in page
    assert "прошла половина срока" in page


def test_how_much_time_is_left_stands_on_top(cafe: Cafe) -> None:
    assert cafe.view(ANGRY).standing is Standing.OK
    assert "осталось 1 ч" in told(cafe.page(ANGRY).select_one("#now"))
    cafe.rig.clock.advance(timedelta(hours=2))
    assert "просрочено на 1 ч" in told(cafe.page(ANGRY).select_one("#now"))


def test_the_history_names_people_and_is_newest_first(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/take"))
    cafe.rig.clock.advance(MINUTE)
    cafe.person("boris").post(cafe.path(ANGRY, "/take"), over="anna")
    lines = [told(line) for line in cafe.page(ANGRY).select("#history li")]
    assert "Взят в работу: раньше занимались Вы — Boris" in lines[0]
    assert "Взят в работу — Вы" in lines[1]


def test_the_history_tells_to_whom_a_reminder_went(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/take"))
    cafe.rig.run(after=timedelta(minutes=31))
    sent = cafe.rig.app.store.notifications.of_ticket(cafe.number(ANGRY))[-1].recipient
    lines = [told(line) for line in cafe.page(ANGRY).select("#history li")]
    (reminder,) = [line for line in lines if "Напоминание: прошла половина срока" in line]
    assert reminder.endswith(f"прошла половина срока; кому: {sent}")


# --- what can be done -----------------------------------------------------------------------------------------


def buttons(page: BeautifulSoup) -> set[str]:
    return {told(button) for button in page.select("main button, main summary.button")}


def test_what_cannot_be_answered_offers_no_way_to_the_site(cafe: Cafe) -> None:
    page = cafe.page(CLOSED)
    assert "Площадка не даёт ответить" in told(page)
    assert not {"Одобрить", "Опубликовано"} & buttons(page)
    assert {"Сохранить", "Закрыть без ответа", "Взять"} <= buttons(page)


def test_a_ticket_that_a_colleague_has_offers_to_take_it_over_by_name(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/take"))
    page = cafe.page(ANGRY)
    assert "Занимается Boris" in told(page.select_one("#now"))
    assert not {"Одобрить", "Опубликовано", "Закрыть без ответа"} & buttons(page)
    (over,) = page.select("#now input[name=over]")
    assert over["value"] == "boris"


def test_only_leads_and_owners_give_a_ticket_to_others(cafe: Cafe) -> None:
    cafe.person("boris", places=("mira",))
    cafe.person("vera")
    assert "Передать" not in buttons(cafe.page(ANGRY, cafe.person("anna")))
    page = cafe.page(ANGRY, cafe.person("lena", Role.LEAD))
    assert {option["value"] for option in page.select("#to option")} == {"", "anna", "vera"}


def test_google_is_answered_from_here_the_others_in_their_cabinets(cafe: Cafe) -> None:
    assert "Опубликовать в Google Картах…" in buttons(cafe.page(DANGER))
    page = cafe.page(ANGRY)
    assert "Опубликовать" not in " ".join(buttons(page))
    (cabinet,) = page.select("#cabinet")
    assert (cabinet["rel"], cabinet["target"]) == (["noreferrer"], "_blank")
    assert str(cabinet["href"]).startswith("https://yandex.ru/sprav/")


def test_a_stranger_cannot_lead_the_cabinet_link_elsewhere(cafe: Cafe) -> None:
    store, review = cafe.rig.app.store, cafe.view(CLOSED).review
    with store.write():
        store._db.update("review", review, {"url": "javascript:alert(1)"})
    links = cafe.page(CLOSED).select("a")
    assert all(str(link["href"]).startswith(("/", "#", "http")) for link in links)


# --- the way through the queue --------------------------------------------------------------------------------


def test_it_leads_to_the_next_ticket_of_what_was_asked_for(cafe: Cafe, anna: Clicks) -> None:
    rows = [str(link["href"]) for link in anna.soup("/queue?source=yandex_maps").select("a.say")]
    for before, here, after in zip([None, *rows], rows, [*rows[1:], None], strict=False):
        page = anna.soup(here)
        assert [link["href"] for link in page.select("[rel=prev]")] == [before] * (before is not None)
        assert [link["href"] for link in page.select("[rel=next]")] == [after] * (after is not None)
        (back,) = page.select(".way a[data-key=q]")
        assert back["href"] == "/queue?source=yandex_maps"


def test_behind_the_last_of_a_page_comes_the_first_of_the_next(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [str(link["href"]) for link in anna.soup("/queue").select("a.say")]
    monkeypatch.setattr("monitor.desk.views.PAGE", 2)
    last = anna.soup("/queue").select("a.say")[-1]["href"]
    (following,) = anna.soup(str(last)).select("[rel=next]")
    assert following["href"] == whole[whole.index(str(last)) + 1]


# --- strangers' words -----------------------------------------------------------------------------------------


def elements(page: BeautifulSoup) -> set[str]:
    return {tag.name for tag in page.find_all()}


def harmless(page: BeautifulSoup) -> None:
    assert len(page.select("script")) == 1
    assert page.select("script")[0].has_attr("src")
    assert not {"img", "b", "style", "iframe", "svg"} & elements(page)
    for tag in page.find_all():
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("end", ["", "/publish", "?done=saved&of=1&from=%3Cscript%3E"])
def test_a_strangers_words_are_never_markup(cafe: Cafe, anna: Clicks, end: str) -> None:
    page = anna.soup(cafe.path(EVIL, end))
    harmless(page)
    assert said(page) == EVIL


def test_nor_are_those_of_colleagues(cafe: Cafe) -> None:
    evil = cafe.person('e"><img src=x>')
    path = cafe.path(EVIL)
    forms: dict[str, dict[str, Any]] = {
        "/note": {"text": EVIL},
        "/gesture": {"what": "<b>десерт</b>", "amount": "900"},
        "/dispute": {"state": "filed", "why": EVIL},
        "/retag": {"tone": "negative", "note": EVIL},
        "/fault": {"fault": "confirmed", "measure": EVIL[:200]},
        "/save": {"text": EVIL, "base": "1"},
        "/take": {},
    }
    for end, fields in forms.items():
        answer = evil.post(path + end, **fields)
        assert answer.status_code in (303, 409), end
    for who in (evil, cafe.person("olga", Role.OWNER)):
        page = who.soup(path)
        harmless(page)
        assert EVIL in page.select("#notes .words")[0].get_text()
    sent: dict[str, Any] = {"text": "</textarea><script>1</script>", "base": "0", "over": evil.account.login}
    clash = cafe.person("vera").post(f"{path}/save", **sent)
    assert clash.status_code == 409
    harmless(BeautifulSoup(clash.text, "lxml"))


def test_what_was_erased_is_not_there_and_nothing_can_be_added(cafe: Cafe, anna: Clicks) -> None:
    path, view = cafe.path(ANGRY), cafe.view(ANGRY)
    anna.post(f"{path}/note", text="Звонила Олегу.")
    cafe.rig.app.forget([view.review], cafe.rig.clock.now(), "olga")
    page = anna.soup(path)
    assert "Данные этого отзыва стёрты" in told(page)
    for gone in ("хамила", "Серов", "Звонила", "суп"):
        assert gone not in told(page)
    assert {form["action"] for form in page.select("form")} == {"/logout"}
    refused = anna.post(f"{path}/note", text="Ещё заметка.")
    assert refused.status_code == 409
    assert "стёрты" in refused.text


# --- the page itself ------------------------------------------------------------------------------------------


ROUTES = [page.route() for page in PAGES]


def is_answered(address: str) -> bool:
    path = re.split(r"[?#]", address)[0]
    scope: dict[str, Any] = {"type": "http", "path": path, "method": "POST", "headers": [], "root_path": ""}
    return any(route.matches(scope)[0] is Match.FULL for route in ROUTES)


@pytest.mark.parametrize("text", [ANGRY, DANGER, PRAISE, CLOSED])
def test_every_form_works_without_a_script(cafe: Cafe, text: str) -> None:
    for who in (cafe.person(), cafe.person("olga", Role.OWNER)):
        page = cafe.page(text, who, "?from=")
        for form in page.select("main form"):
            assert form["method"] == "post"
            assert [field["value"] for field in form.select("input[name=csrf]")] == [who.csrf]
            assert [field["value"] for field in form.select("input[name=from]")] == [""]
            assert is_answered(str(form["action"]))
        for button in page.select("[formaction]"):
            assert is_answered(str(button["formaction"]))
            assert button.find_parent("form") or page.select(f"#{button['form']}")
        for dead in page.select("button[type=button]"):
            assert dead.has_attr("hidden")


def test_everything_that_is_filled_in_has_a_name_for_people(cafe: Cafe) -> None:
    page = cafe.page(DANGER, cafe.person("olga", Role.OWNER))
    labelled = {label["for"] for label in page.select("label[for]")}
    for field in page.select("main input:not([type=hidden]), main select, main textarea"):
        assert field.find_parent("label") or field.get("id") in labelled
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_the_script_is_told_the_changing_line_alone(cafe: Cafe, anna: Clicks) -> None:
    before = anna.get(cafe.path(ANGRY), headers=SCRIPT).text
    cafe.person("boris").post(cafe.path(ANGRY, "/take"))
    after = anna.get(cafe.path(ANGRY), headers=SCRIPT).text
    assert "<html" not in before
    assert ('data-hand=""' in before, 'data-hand="boris"' in after) == (True, True)
    stamp = re.search(r'data-stamp="([^"]*)"', before)
    assert stamp is not None
    assert stamp[0] in after
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text="Здравствуйте.", base="1")
    assert stamp[0] not in anna.get(cafe.path(ANGRY), headers=SCRIPT).text


def test_a_page_is_light(cafe: Cafe, anna: Clicks) -> None:
    assert len(anna.get(cafe.path(DANGER)).content) < 40_000


def test_another_places_ticket_is_not_there(cafe: Cafe) -> None:
    vera = cafe.person("vera", places=("lenina",))
    assert vera.get(cafe.path(FAR)).status_code == 404
    assert vera.get("/t/99999999999999999999999").status_code == 404


def test_a_page_of_every_state_opens(cafe: Cafe, anna: Clicks) -> None:
    store = cafe.rig.app.store
    ticket = cafe.number(ANGRY)
    for state in TicketState:
        with store.write():
            store._db.update("ticket", ticket, {"state": state.value})
        assert anna.get(f"/t/{ticket}").status_code == 200


def test_every_site_has_a_page(cafe: Cafe, anna: Clicks) -> None:
    for view in cafe.rig.everything():
        assert anna.get(f"/t/{view.ticket}").status_code == 200
    assert {GOOGLE, IRECOMMEND, TWOGIS, YANDEX} == {view.source for view in cafe.rig.everything()}


def test_the_editor_holds_the_draft_and_its_number(cafe: Cafe) -> None:
    page, view = cafe.page(ANGRY), cafe.view(ANGRY)
    assert view.draft is not None
    assert (words(page), base(page)) == (view.draft.text, str(view.draft_number))


def test_the_name_of_the_author_is_shown_as_it_was_written(cafe: Cafe) -> None:
    assert NAME in cafe.page(EVIL).select("h1")[0].get_text()
