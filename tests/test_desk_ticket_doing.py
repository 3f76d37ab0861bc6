"""What is done on the page of a ticket: each action, who may, what the page says, where it leads."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.alerts import Standing
from monitor.desk.doing import DEEDS
from monitor.desk.told import DONE
from monitor.gestures import GestureState
from monitor.model import TicketState
from monitor.standin.reviews import YANDEX
from monitor.talk import DisputeState
from responders.types import Fault
from sentiment.types import Tone
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, CLOSED, DANGER, MINUTE, PRAISE, Cafe, base, furnish, told, words

KIND = "Олег, здравствуйте. Нам очень жаль, что Вам пришлось ждать. Разберёмся и ответим Вам лично."
NEWER = "Ждали суп час, и он остыл. Управляющий извинился, но осадок остался."
WRONG = "Сам дурак. Звоните: +7 900 000-00-00, https://example.ru, скидка 50%."


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


@pytest.fixture
def olga(cafe: Cafe) -> Clicks:
    return cafe.person("olga", Role.OWNER)


def notice(answer: httpx.Response, section: str) -> str:
    """What this part of the page tells of what was done or refused."""
    found = BeautifulSoup(answer.text, "lxml").select_one(f"#{section} .notice[role]")
    return told(found)


def goes_to(answer: httpx.Response) -> tuple[str, str]:
    """The path of a redirect, and what it says was done."""
    assert answer.status_code == 303, notice_of_any(answer)
    parts = urlsplit(answer.headers["location"])
    return parts.path, parse_qs(parts.query)["done"][0]


def notice_of_any(answer: httpx.Response) -> str:
    return " ".join(told(one) for one in BeautifulSoup(answer.text, "lxml").select(".notice"))


def post(who: Clicks, cafe: Cafe, review: str, end: str, **fields: Any) -> httpx.Response:
    return who.post(cafe.path(review, f"/{end}"), follow=True, **fields)


# --- the table ------------------------------------------------------------------------------------------------


def test_everything_that_can_be_done_is_told_somewhere_on_the_page(cafe: Cafe, olga: Clicks) -> None:
    pages = [cafe.page(text, olga) for text in (ANGRY, DANGER)]
    cafe.person().post(cafe.path(PRAISE, "/submitted"), text="", base="1")
    ids = {tag["id"] for page in (*pages, cafe.page(PRAISE, olga)) for tag in page.select("[id]")}
    assert {done.section for done in DONE.values()} <= ids
    assert {deed.section for deed in DEEDS} <= ids | {"swaps"}


# --- whose it is ----------------------------------------------------------------------------------------------


def test_somebody_takes_it_and_gives_it_back(cafe: Cafe, anna: Clicks) -> None:
    assert "записан на Вас" in notice(post(anna, cafe, ANGRY, "take"), "hand")
    assert cafe.view(ANGRY).assignee == "anna"
    assert "его может взять любой" in notice(post(anna, cafe, ANGRY, "release"), "hand")
    assert cafe.view(ANGRY).assignee is None


def test_whoever_takes_it_over_must_have_seen_whose_it_is(cafe: Cafe, anna: Clicks) -> None:
    boris, vera = cafe.person("boris"), cafe.person("vera")
    boris.post(cafe.path(ANGRY, "/take"))
    assert "Отзывом занимается Boris" in notice(post(anna, cafe, ANGRY, "take"), "hand")
    vera.post(cafe.path(ANGRY, "/take"), over="boris")
    late = post(anna, cafe, ANGRY, "take", over="boris")
    assert late.status_code == 409
    assert "не Boris, а Vera" in notice(late, "hand")
    assert cafe.view(ANGRY).assignee == "vera"


def test_an_operator_steps_in_even_for_a_lead_who_is_told_of_it(cafe: Cafe, anna: Clicks) -> None:
    lena = cafe.person("lena", Role.LEAD)
    post(lena, cafe, ANGRY, "take")
    assert "В истории останется, кто забрал отзыв." in told(cafe.page(ANGRY, anna).select_one("#now .panel"))
    assert "записан на Вас" in notice(post(anna, cafe, ANGRY, "take", over="lena"), "hand")
    hers = cafe.page(ANGRY, lena)
    assert "Взят в работу: раньше занимались Вы — Anna" in told(hers.select_one("#history"))
    assert "Занимается Anna" in told(hers.select_one("#now"))


def test_a_lead_gives_it_to_a_colleague_who_works_at_that_place(cafe: Cafe) -> None:
    lena, far = cafe.person("lena", Role.LEAD), cafe.person("far", places=("mira",))
    cafe.person("boris")
    post(lena, cafe, ANGRY, "assign", to="boris")
    assert cafe.view(ANGRY).assignee == "boris"
    refused = post(lena, cafe, ANGRY, "assign", to=far.account.login)
    assert refused.status_code == 409
    assert "Far не работает с отзывами этой точки" in notice(refused, "hand")
    assert cafe.person().post(cafe.path(ANGRY, "/assign"), to="boris").status_code == 403


def test_whoever_knows_is_not_reminded(cafe: Cafe, anna: Clicks) -> None:
    assert "Вы знаете об отзыве" in notice(post(anna, cafe, ANGRY, "acknowledge"), "hand")
    assert cafe.view(ANGRY).acknowledged_by == "anna"
    page = cafe.page(ANGRY)
    assert "Вы знаете об отзыве" in told(page.select_one("#now"))
    assert "Вы знаете об отзыве, поэтому напоминаний нет" in told(page.select_one(".more"))
    assert "Об отзыве знает Anna" in told(cafe.page(ANGRY, cafe.person("boris")).select_one("#now"))


# --- the reply ------------------------------------------------------------------------------------------------


def test_the_words_are_saved(cafe: Cafe, anna: Clicks) -> None:
    answer = post(anna, cafe, ANGRY, "save", text=f"  {KIND}\r\n", base="1")
    assert notice(answer, "reply") == "Ответ сохранён."
    assert cafe.drafts(ANGRY)[0] == ("anna", KIND)
    assert words(cafe.page(ANGRY)) == KIND


def test_saving_what_is_saved_changes_nothing(cafe: Cafe, anna: Clicks) -> None:
    page, before = cafe.page(ANGRY), cafe.drafts(ANGRY)
    answer = post(anna, cafe, ANGRY, "save", text=words(page), base=base(page))
    assert "сохранять нечего" in notice(answer, "reply")
    assert cafe.drafts(ANGRY) == before


def test_an_approval_takes_the_words_of_the_editor_along(cafe: Cafe, anna: Clicks) -> None:
    assert "Ответ одобрен" in notice(post(anna, cafe, ANGRY, "approve", text=KIND, base="1"), "reply")
    view = cafe.view(ANGRY)
    assert view.draft is not None
    assert (view.state, view.draft.text) == (TicketState.APPROVED, KIND)


def test_what_the_linter_holds_for_wrong_is_approved_by_leads_alone_and_knowingly(cafe: Cafe, anna: Clicks) -> None:
    refused = post(anna, cafe, DANGER, "approve", text=WRONG, base="1", force="1")
    assert refused.status_code == 409
    assert "Ответ не одобрен" in notice(refused, "reply")
    assert "--force" not in refused.text
    page = BeautifulSoup(refused.text, "lxml")
    assert (words(page), page.select("#force")) == (WRONG, [])
    lena = cafe.person("lena", Role.LEAD)
    offered = cafe.page(DANGER, lena)
    assert (words(offered), len(offered.select("#force:not([hidden])"))) == (WRONG, 1)
    assert post(lena, cafe, DANGER, "approve", text=WRONG, base=base(offered)).status_code == 409
    assert post(lena, cafe, DANGER, "approve", text=WRONG, base=base(offered), force="1").status_code == 200
    assert cafe.view(DANGER).state is TicketState.APPROVED


def test_a_published_reply_stops_the_clock_and_is_what_the_editor_held(cafe: Cafe, anna: Clicks) -> None:
    assert "срок остановлен" in notice(post(anna, cafe, ANGRY, "submitted", text=KIND, base="1"), "reply")
    view = cafe.view(ANGRY)
    assert view.draft is not None
    assert (view.state, view.draft.text) == (TicketState.SUBMITTED, KIND)
    assert "Ответ отправлен, ждём его на площадке" in told(cafe.page(ANGRY))


def test_a_reply_is_written_anew_and_the_words_of_before_stay_at_hand(cafe: Cafe, anna: Clicks) -> None:
    answer = post(anna, cafe, ANGRY, "draft", text=KIND, base="1")
    assert "написан заново" in notice(answer, "reply")
    page = cafe.page(ANGRY)
    assert words(page) != KIND
    (version, *_) = page.select(".version")
    assert KIND in told(version)
    fields = {str(field["name"]): str(field["value"]) for field in version.select("input")}
    post(anna, cafe, ANGRY, "save", **fields)
    assert words(cafe.page(ANGRY)) == KIND


def test_a_reply_written_anew_is_none_of_those_before_not_even_behind_an_edit(cafe: Cafe, anna: Clicks) -> None:
    said = [words(cafe.page(ANGRY))]
    for number in range(1, 9, 2):
        post(anna, cafe, ANGRY, "save", text=f"{KIND} {number}", base=str(number))
        post(anna, cafe, ANGRY, "draft", text=f"{KIND} {number}", base=str(number + 1))
        said.append(words(cafe.page(ANGRY)))
    assert len(set(said)) == 5


def test_why_a_reply_is_so_stays_told_when_it_was_written_anew_or_approved(cafe: Cafe, anna: Clicks) -> None:
    reason = "Почему ответ такой"
    assert reason in told(cafe.page(ANGRY))
    post(anna, cafe, ANGRY, "draft", base="1")
    assert reason in told(cafe.page(ANGRY))
    anna.post(cafe.path(ANGRY, "/approve"), text=words(cafe.page(ANGRY)), base="2")
    assert cafe.view(ANGRY).state is TicketState.APPROVED
    assert reason in told(cafe.page(ANGRY))
    post(anna, cafe, ANGRY, "save", text=KIND, base="2")
    assert reason not in told(cafe.page(ANGRY))


def test_it_is_opened_again(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/submitted"), text=KIND, base="1")
    assert "снова ждёт ответа" in notice(post(anna, cafe, ANGRY, "reopen"), "reply")
    assert cafe.view(ANGRY).state is TicketState.OPEN


# --- fault and gestures ---------------------------------------------------------------------------------------


def test_a_confirmed_fault_and_its_measure_rewrite_our_draft(cafe: Cafe, anna: Clicks) -> None:
    before = words(cafe.page(ANGRY))
    answer = post(anna, cafe, ANGRY, "fault", fault="confirmed", measure="Вывели второго официанта.")
    assert "написан заново" in notice(answer, "fault")
    view = cafe.view(ANGRY)
    assert (view.fault, view.measure) == (Fault.CONFIRMED, "Вывели второго официанта.")
    assert words(cafe.page(ANGRY)) != before


def test_a_persons_words_stay_whatever_is_said_of_the_fault(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/save"), text=KIND, base="1")
    assert "остался как был" in notice(post(anna, cafe, ANGRY, "fault", fault="confirmed"), "fault")
    assert words(cafe.page(ANGRY)) == KIND


def test_a_measure_that_was_typed_counts_for_a_confirmed_fault_alone(cafe: Cafe, anna: Clicks) -> None:
    post(anna, cafe, ANGRY, "fault", fault="denied", measure="Уволили всех.")
    assert (cafe.view(ANGRY).fault, cafe.view(ANGRY).measure) == (Fault.DENIED, "")


def test_a_measure_that_will_not_do_stands_in_its_field_again(cafe: Cafe, anna: Clicks) -> None:
    refused = post(anna, cafe, ANGRY, "fault", fault="confirmed", measure="мера " * 80)
    assert (refused.status_code, "сократите" in notice(refused, "fault")) == (400, True)
    page = BeautifulSoup(refused.text, "lxml")
    assert page.select("#measure")[0]["value"] == "мера " * 80
    assert page.select("[name=fault][checked]")[0]["value"] == "confirmed"


def test_a_small_gesture_is_agreed_at_once_and_a_big_one_waits_for_an_owner(
    cafe: Cafe, anna: Clicks, olga: Clicks
) -> None:
    shown = told(cafe.page(ANGRY).select_one("#gesture"))
    assert "не больше 1 400 ₽ на отзыв" in shown
    assert "До 500 ₽ на отзыв Вы решаете сами" in shown
    assert "согласован" in notice(post(anna, cafe, ANGRY, "gesture", what="Десерт", amount="300"), "gesture")
    answer = post(anna, cafe, ANGRY, "gesture", what="Ужин", amount="1\u202f000 ")
    assert "ждёт решения владельца" in notice(answer, "gesture")
    assert "Согласовать" not in told(cafe.page(ANGRY).select_one("#gesture"))
    assert "Согласовать" in told(cafe.page(ANGRY, olga).select_one("#gesture"))
    post(olga, cafe, ANGRY, "gesture/agree")
    assert [gesture.state for gesture in cafe.view(ANGRY).gestures] == [GestureState.AGREED] * 2


def fields_of(page: BeautifulSoup, form: str) -> dict[str, Any]:
    """What a form sends along by itself."""
    (found,) = page.select(f"form[action$='{form}']")
    return {str(field["name"]): str(field["value"]) for field in found.select("input[type=hidden]")}


def test_a_second_click_gives_and_takes_no_second_gesture(cafe: Cafe, anna: Clicks) -> None:
    for what in ("Десерт", "Кофе"):
        held = fields_of(cafe.page(ANGRY), "/gesture#gesture")
        for _ in range(2):
            assert anna.post(cafe.path(ANGRY, "/gesture"), **held, what=what, amount="100").status_code == 303
    held = fields_of(cafe.page(ANGRY), "/withdraw#gesture")
    first, again = (anna.post(cafe.path(ANGRY, "/gesture/withdraw"), **held) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 409)
    assert [(one.what, one.state) for one in cafe.view(ANGRY).gestures] == [
        ("Десерт", GestureState.AGREED),
        ("Кофе", GestureState.WITHDRAWN),
    ]


def test_an_owner_by_role_gives_above_the_operators_limit_at_once(cafe: Cafe, olga: Clicks) -> None:
    post(olga, cafe, ANGRY, "gesture", what="Ужин", amount="1000")
    assert [one.state for one in cafe.view(ANGRY).gestures] == [GestureState.AGREED]


@pytest.mark.parametrize("end", ["agree", "decline"])
def test_an_operator_decides_on_no_big_gesture(cafe: Cafe, anna: Clicks, end: str) -> None:
    anna.post(cafe.path(ANGRY, "/gesture"), what="Ужин", amount="1000")
    refused = post(anna, cafe, ANGRY, f"gesture/{end}")
    assert refused.status_code == 409
    assert "только владелец" in notice(refused, "gesture")
    assert "config" not in notice(refused, "gesture")


def test_a_gesture_is_declined_or_withdrawn(cafe: Cafe, anna: Clicks, olga: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/gesture"), what="Ужин", amount="1000")
    assert "отклонён" in notice(post(olga, cafe, ANGRY, "gesture/decline"), "gesture")
    anna.post(cafe.path(ANGRY, "/gesture"), what="Десерт", amount="300")
    assert "отозван" in notice(post(anna, cafe, ANGRY, "gesture/withdraw"), "gesture")
    states = [gesture.state for gesture in cafe.view(ANGRY).gestures]
    assert states == [GestureState.DECLINED, GestureState.WITHDRAWN]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"what": "Десерт", "amount": "много"}, "Нужно целое число"),
        ({"what": "Десерт", "amount": "-5"}, "Нужно целое число"),
        ({"what": "Десерт", "amount": "9" * 40}, "Нужно целое число"),
        ({"what": "Десерт", "amount": "2000"}, "больше, чем позволяет маржа"),
        ({"what": "Скидка за пять звёзд", "amount": "100"}, "не может зависеть от отзыва"),
        ({"what": "", "amount": "100"}, "не сказано, что именно предложить"),
    ],
)
def test_a_gesture_that_will_not_do_is_told_beside_its_form(
    cafe: Cafe, anna: Clicks, fields: Mapping[str, str], why: str
) -> None:
    refused = post(anna, cafe, ANGRY, "gesture", **fields)
    assert refused.status_code == 400
    assert why.lower() in notice(refused, "gesture").lower()
    page = BeautifulSoup(refused.text, "lxml")
    assert {name: page.select(f"#{name}")[0]["value"] for name in fields} == fields
    assert page.select("#gesture[open]")


# --- talk -----------------------------------------------------------------------------------------------------


def test_a_note_is_for_colleagues(cafe: Cafe, anna: Clicks) -> None:
    assert "записана" in notice(post(anna, cafe, ANGRY, "note", text="Звонила.\nЖдёт до пятницы."), "notes")
    (note,) = cafe.page(ANGRY, cafe.person("boris")).select(".note")
    assert told(note) == "Anna, сегодня в 15:00 Звонила. Ждёт до пятницы."


def test_a_note_that_is_too_long_is_not_lost(cafe: Cafe, anna: Clicks) -> None:
    long = "слово " * 400
    refused = post(anna, cafe, ANGRY, "note", text=long)
    assert (refused.status_code, "сократите" in notice(refused, "notes")) == (400, True)
    assert BeautifulSoup(refused.text, "lxml").select("#note")[0].get_text() == long


def test_a_complaint_has_its_steps_and_keeps_the_deadline(cafe: Cafe, anna: Clicks) -> None:
    due = cafe.view(ANGRY).due_at

    def steps() -> list[str]:
        return [str(button["value"]) for button in cafe.page(ANGRY).select("#dispute button")]

    assert steps() == ["filed"]
    answer = post(anna, cafe, ANGRY, "dispute", state="filed", why="обращение 4711")
    assert "Срок ответа остаётся" in notice(answer, "dispute")
    assert "обращение 4711" in told(cafe.page(ANGRY).select_one("#dispute"))
    assert steps() == ["rejected", "removed"]
    post(anna, cafe, ANGRY, "dispute", state="removed")
    assert (cafe.view(ANGRY).dispute, cafe.view(ANGRY).due_at) == (DisputeState.REMOVED, due)
    late = post(cafe.person("boris"), cafe, ANGRY, "dispute", state="rejected", why="отказали")
    assert late.status_code == 409
    assert BeautifulSoup(late.text, "lxml").select("#why")[0]["value"] == "отказали"


# --- corrections ----------------------------------------------------------------------------------------------


def test_a_corrected_tone_moves_the_deadline_and_says_so(cafe: Cafe, anna: Clicks) -> None:
    before = cafe.view(ANGRY).due_at
    assert before is not None
    answer = post(anna, cafe, ANGRY, "retag", tone="positive", complaint="no_complaint", note="шутка", theme="waiting")
    assert notice(answer, "verdict") == "Исправлено, ответ написан заново."
    assert cafe.view(ANGRY).draft_author is None
    assert "Тон указал человек: позитивный, жалоб нет (Вы)." in told(cafe.page(ANGRY))
    assert "anna" not in told(cafe.page(ANGRY).select_one(".sheet")).lower()
    view = cafe.view(ANGRY)
    assert view.verdict is not None
    assert (view.verdict.tone, view.due_at) == (Tone.POSITIVE, before + timedelta(hours=23))
    assert ("anna", "retagged", "positive,no_complaint", "шутка") in cafe.events(ANGRY, "retagged")


def test_of_the_themes_only_what_was_changed_is_said(cafe: Cafe, anna: Clicks) -> None:
    page = cafe.page(ANGRY)
    had = [str(field["value"]) for field in page.select("#verdict [name=had]")]
    assert had == [str(field["value"]) for field in page.select("#verdict [name=theme][checked]")]
    assert "staff" in had
    chosen = [theme for theme in had if theme != "staff"] + ["price"]
    anna.post(cafe.path(ANGRY, "/retag"), had=had, theme=chosen)
    assert dict(cafe.view(ANGRY).themes_by_hand) == {"staff": False, "price": True}


def tones(cafe: Cafe) -> dict[str, list[tuple[str, str, bool]]]:
    """Theme → how it may be said to be spoken of: value, sign, whether that holds now."""
    return {
        str(box["name"])[5:]: [(str(o["value"]), told(o), "selected" in o.attrs) for o in box.select("option")]
        for box in cafe.page(ANGRY).select("#verdict .topic select")
    }


def test_a_theme_is_spoken_of_as_a_person_says_whatever_the_tone_of_the_whole(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/retag"), tone="positive")
    offered = tones(cafe)
    assert offered["price"] == [("negative", "−", False), ("neutral", "без оценки", False), ("positive", "+", True)]
    assert offered["staff"][0] == ("", "−", True), "it was found, and may stay as it is"
    fields: dict[str, Any] = {
        "theme": ["price", "staff"],
        "had": ["staff"],
        "tone-price": "negative",
        "tone-staff": "positive",
    }
    anna.post(cafe.path(ANGRY, "/retag"), **fields)
    for _ in range(2):
        verdict = cafe.view(ANGRY).verdict
        assert verdict is not None
        said = {(item.theme, item.tone) for item in verdict.themes if item.theme in ("price", "staff")}
        assert said == {("price", Tone.NEGATIVE), ("staff", Tone.POSITIVE)}
        with cafe.rig.app.store.write():
            cafe.rig.app.store.analysis.again(cafe.view(ANGRY).review)
        cafe.rig.run(after=MINUTE)
    lines = [told(line) for line in cafe.page(ANGRY).select("#history li")]
    assert any("Темы указаны вручную: " in line and "цены (−)" in line and "персонал (+)" in line for line in lines)


def test_a_danger_that_is_none_is_taken_off(cafe: Cafe, anna: Clicks) -> None:
    page = cafe.page(DANGER)
    found = [str(box["value"]) for box in page.select("#verdict [name=no_danger]")]
    assert "poisoning" in found
    assert "Отравление — это не так" in told(page.select_one("#verdict"))
    assert page.select_one('.review a[href="#verdict"]')
    assert not {option["value"] for option in page.select("#danger option")} & set(found)
    answer = post(anna, cafe, DANGER, "retag", no_danger=found)
    assert notice(answer, "verdict") == "Исправлено, ответ написан заново."
    view = cafe.view(DANGER)
    assert view.verdict is not None
    assert (view.verdict.risks, dict(view.dangers_by_hand)) == ((), dict.fromkeys(found, False))
    page = cafe.page(DANGER)
    assert not page.select('.review mark.danger, .review .late, #verdict [name="no_danger"]')
    assert "названа опасность" not in told(page.select_one(".review"))
    assert "Опасности указаны вручную: нет: " in told(cafe.page(DANGER).select_one("#history"))


def test_of_a_danger_that_a_person_finds_the_owner_hears_at_once(cafe: Cafe, anna: Clicks) -> None:
    post(anna, cafe, PRAISE, "retag", danger="injury")
    assert [became for _, kind, became, _ in cafe.events(PRAISE, "danger")] == ["injury"]
    page = told(cafe.page(PRAISE).select_one(".review"))
    assert "Травма." in page
    assert "«»" not in page


def test_a_correction_sent_twice_is_one_line_of_history(cafe: Cafe, anna: Clicks) -> None:
    fields: dict[str, Any] = {"tone": "neutral", "had": ["staff"], "note": "шутит"}
    for _ in range(2):
        assert anna.post(cafe.path(ANGRY, "/retag"), **fields).status_code == 303
    assert [kind for _, kind, *_ in cafe.events(ANGRY, "retagged", "themed")] == ["retagged", "themed"]
    lines = [told(line) for line in cafe.page(ANGRY).select("#history li")]
    assert any("Указано вручную: нейтральный (было: негативный); шутит — Вы" in line for line in lines)
    assert any("Темы указаны вручную: нет: персонал — Вы" in line for line in lines)


def test_what_was_said_of_words_that_the_author_has_changed_is_refused(cafe: Cafe, anna: Clicks) -> None:
    held = {**fields_of(cafe.page(ANGRY), "/retag#verdict"), "had": []}
    after = cafe.rig.clock.now() + MINUTE
    cafe.rig.world.edit(cafe.rig.world.card(YANDEX), cafe.view(ANGRY).external_id, text=NEWER, at=after)
    cafe.rig.run(after=2 * MINUTE)
    refused = post(anna, cafe, NEWER, "retag", **held, tone="positive")
    assert (refused.status_code, "прочитайте его ещё раз" in notice(refused, "verdict")) == (409, True)
    assert cafe.view(NEWER).label is None


def test_a_theme_that_was_denied_is_marked_no_more_even_by_a_later_analysis(cafe: Cafe, anna: Clicks) -> None:
    def marked() -> set[str]:
        return {title for mark in cafe.page(ANGRY).select("#said mark") for title in str(mark["title"]).split("; ")}

    def named() -> set[str]:
        return {told(theme) for theme in cafe.page(ANGRY).select(".themes li")}

    assert any("ерсонал: " in title for title in marked())
    anna.post(cafe.path(ANGRY, "/retag"), had=["staff"], theme=["price"])
    for _ in range(2):
        assert not any("ерсонал" in title for title in marked())
        assert "цены − недовольство" in named()
        assert not any("персонал" in theme for theme in named())
        assert "«»" not in str(cafe.page(ANGRY))
        with cafe.rig.app.store.write():
            cafe.rig.app.store.analysis.again(cafe.view(ANGRY).review)
        cafe.rig.run(after=MINUTE)


def test_a_correction_without_words_of_it_is_refused_beside_the_form(cafe: Cafe, anna: Clicks) -> None:
    refused = post(anna, cafe, ANGRY, "retag", note="просто так")
    assert (refused.status_code, notice(refused, "verdict")) == (400, "Не сказано, что исправить.")
    assert BeautifulSoup(refused.text, "lxml").select("#why-so")[0]["value"] == "просто так"


# --- closing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ANGRY, CLOSED])
def test_it_is_closed_for_a_reason(cafe: Cafe, anna: Clicks, text: str) -> None:
    path, done = goes_to(anna.post(cafe.path(text, "/dismiss"), reason="spam"))
    assert (path, done, cafe.view(text).state) == (cafe.path(text), "dismissed", TicketState.DISMISSED)
    assert "Закрыт без ответа: спам · Вы, сегодня в 15:00" in told(cafe.page(text))


def test_what_was_closed_by_mistake_is_opened_again_by_the_same_page(cafe: Cafe, anna: Clicks) -> None:
    due = cafe.view(ANGRY).due_at
    post(anna, cafe, ANGRY, "dismiss", reason="other")
    cafe.rig.clock.advance(MINUTE)
    opened = post(anna, cafe, ANGRY, "reopen")
    assert "снова ждёт ответа. Срок прежний" in notice(opened, "reply")
    assert (cafe.view(ANGRY).state, cafe.view(ANGRY).standing) == (TicketState.OPEN, Standing.OK)
    assert cafe.view(ANGRY).due_at == due
    assert "Срок прежний" in notice(post(anna, cafe, ANGRY, "reopen"), "reply"), "a second click"
    assert post(cafe.person("boris"), cafe, ANGRY, "reopen").status_code == 409
    lines = [told(line) for line in cafe.page(ANGRY).select("#history li")]
    assert any("Закрыт без ответа: другое — Вы" in line for line in lines)
    assert len(cafe.events(ANGRY, "reopened")) == 1


@pytest.mark.parametrize(
    ("end", "fields", "other"),
    [
        ("approve", {"text": KIND, "base": "1"}, {"text": KIND + " Ещё раз.", "base": "1"}),
        ("submitted", {"text": KIND, "base": "1"}, {}),
        ("dismiss", {"reason": "spam"}, {"reason": "other"}),
    ],
)
def test_a_second_click_is_done_already_and_no_refusal(
    cafe: Cafe, anna: Clicks, end: str, fields: dict[str, Any], other: dict[str, Any]
) -> None:
    first = goes_to(anna.post(cafe.path(ANGRY, f"/{end}"), **fields))
    events = len(cafe.rig.app.store.tickets.events(cafe.view(ANGRY).ticket))
    assert goes_to(anna.post(cafe.path(ANGRY, f"/{end}"), **fields)) == first
    assert len(cafe.rig.app.store.tickets.events(cafe.view(ANGRY).ticket)) == events
    boris = cafe.person("boris")
    assert boris.post(cafe.path(ANGRY, f"/{end}"), **fields).status_code == 409, "somebody else did it"
    if other:
        assert anna.post(cafe.path(ANGRY, f"/{end}"), **other).status_code == 409, "that is something else"


def test_what_was_done_and_how_it_stands_is_said_once(cafe: Cafe, anna: Clicks) -> None:
    for end in ("approve", "submitted"):
        answer = post(anna, cafe, ANGRY, end, text=KIND, base=base(cafe.page(ANGRY)))
        assert len(BeautifulSoup(answer.text, "lxml").select("#reply .notice.good")) == 1
        assert len(cafe.page(ANGRY).select("#reply .notice.good")) == 1, "and it stays told"


def test_a_refused_approval_leaves_the_reasons_to_the_list_below(cafe: Cafe, anna: Clicks) -> None:
    refused = post(anna, cafe, ANGRY, "approve", text=WRONG, base="1")
    assert notice(refused, "reply") == "Ответ не одобрен: в нём есть ошибки, они названы под текстом."
    assert BeautifulSoup(refused.text, "lxml").select("#lint .error")


@pytest.mark.parametrize("reason", ["", "просто", "spam\nother"])
def test_it_is_not_closed_without_one(cafe: Cafe, anna: Clicks, reason: str) -> None:
    assert anna.post(cafe.path(ANGRY, "/dismiss"), reason=reason).status_code == 400
    assert cafe.view(ANGRY).state is TicketState.OPEN


@pytest.mark.parametrize(
    ("end", "fields"), [("submitted", {"text": KIND, "base": "1"}), ("dismiss", {"reason": "spam"})]
)
def test_after_it_comes_the_next_of_the_queue(cafe: Cafe, anna: Clicks, end: str, fields: Mapping[str, str]) -> None:
    rows = [str(link["href"]) for link in anna.soup("/queue?source=yandex_maps").select("a.say")]
    here = cafe.path(ANGRY)
    after = rows[rows.index(f"{here}?from=source%3Dyandex_maps") + 1]
    sent: dict[str, Any] = {"from": "source=yandex_maps", **fields}
    answer = anna.post(f"{here}/{end}", **sent)
    path, done = goes_to(answer)
    assert path == urlsplit(after).path
    page = anna.soup(answer.headers["location"])
    news = page.select("main > .notice")[0]
    assert told(news).startswith(f"№ {cafe.number(ANGRY)}: {DONE[done].onward}.")
    assert news.select("a")[0]["href"] == f"{here}?from=source%3Dyandex_maps"


def test_the_last_of_the_queue_stays_where_it_is(cafe: Cafe, anna: Clicks) -> None:
    fields: dict[str, Any] = {"from": "source=google_business", "text": KIND, "base": "1"}
    path, done = goes_to(anna.post(cafe.path(DANGER, "/submitted"), **fields))
    assert (path, done) == (cafe.path(DANGER), "submitted")


def test_what_no_longer_makes_sense_is_told_with_the_words_kept(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/dismiss"), reason="spam")
    for end in ("save", "approve", "submitted", "draft", "swap"):
        refused = post(anna, cafe, ANGRY, end, text=KIND, base="1", swap="x")
        assert refused.status_code in (400, 409), end
        assert words(BeautifulSoup(refused.text, "lxml")) == KIND
