"""The words of a reply: checked while they are written, never lost, whoever writes at the same time."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from monitor.desk.answer import LONGEST, LONGEST_SWAPPED, units
from monitor.desk.compare import compare
from monitor.desk.context import Desk
from monitor.desk.ticket import page
from monitor.desk.visit import FRAGMENT, Visit
from monitor.errors import StoreError
from monitor.model import TicketState
from monitor.standin.reviews import YANDEX
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, DANGER, MINUTE, Cafe, base, furnish, told, words

SCRIPT = {FRAGMENT: "1"}
MINE = "Олег, здравствуйте. Нам очень жаль, что суп остыл. Разберёмся и ответим Вам лично."
NEWER = "Ждали суп час, и он остыл. Управляющий извинился, но осадок остался."
THEIRS = "Олег, добрый день. Нам жаль, что суп остыл. Разберёмся и позвоним Вам."


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


def headers(who: Clicks) -> dict[str, str]:
    return {"origin": who.base, "sec-fetch-site": "same-origin", **SCRIPT}


def hidden_of(page: BeautifulSoup) -> dict[str, Any]:
    """What the editor sends along by itself."""
    return {str(field["name"]): str(field["value"]) for field in page.select("#editor input[type=hidden]")}


# --- two people -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["save", "approve", "submitted", "draft", "ready"])
def test_when_two_write_at_once_both_texts_are_shown_and_nothing_is_written(cafe: Cafe, anna: Clicks, end: str) -> None:
    seen = base(cafe.page(ANGRY))
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text=THEIRS, base=seen)
    before = cafe.drafts(ANGRY)
    answer = anna.post(cafe.path(ANGRY, f"/{end}"), text=MINE, base=seen)
    assert answer.status_code == 409
    assert cafe.drafts(ANGRY) == before
    page = BeautifulSoup(answer.text, "lxml")
    theirs, mine = page.select(".clash blockquote")
    assert (theirs.get_text(), mine.get_text()) == (THEIRS, MINE)
    assert "Boris" in told(page.select_one(".clash h3"))
    assert "добрый день" in " ".join(part.get_text() for part in theirs.select("del"))
    assert "здравствуйте" in " ".join(part.get_text() for part in mine.select("ins"))
    assert words(page) == MINE
    assert cafe.view(ANGRY).state is TicketState.OPEN
    anna.post(cafe.path(ANGRY, "/save"), text=words(page), base=base(page))
    assert [text for _, text in cafe.drafts(ANGRY)][:2] == [MINE, THEIRS]


def test_words_that_have_nothing_in_common_are_shown_without_marks(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text="Извините нас.", base="1")
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1").text, "lxml")
    assert not page.select(".clash ins, .clash del")
    assert "Зачёркнуто" not in told(page)


def test_the_same_words_from_two_people_are_no_conflict(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text=MINE, base="1")
    assert anna.post(cafe.path(ANGRY, "/approve"), text=MINE, base="1").status_code == 303
    assert cafe.view(ANGRY).state is TicketState.APPROVED


def test_a_button_pressed_twice_saves_once(cafe: Cafe, anna: Clicks) -> None:
    for _ in range(2):
        assert anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1").status_code == 303
    assert [text for _, text in cafe.drafts(ANGRY)].count(MINE) == 1


def test_a_draft_that_was_rewritten_meanwhile_does_not_bury_ones_words(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/fault"), fault="confirmed")
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1").text, "lxml")
    assert "Отклик" in told(page.select_one(".clash h3"))
    assert words(page) == MINE


def test_whoever_takes_it_over_brings_their_words_along(cafe: Cafe, anna: Clicks) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/take"))
    refused = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1")
    assert refused.status_code == 409
    page = BeautifulSoup(refused.text, "lxml")
    assert "Отзывом занимается Boris" in told(page.select_one("#reply .notice"))
    assert "Забрать себе и сохранить" in told(page.select_one("#editor"))
    fields = hidden_of(page)
    assert (fields["over"], words(page)) == ("boris", MINE)
    anna.post(cafe.path(ANGRY, "/save"), **fields | {"text": words(page)})
    assert (cafe.view(ANGRY).assignee, cafe.drafts(ANGRY)[0]) == ("anna", ("anna", MINE))


@pytest.mark.parametrize("end", ["lint", "swaps"])
def test_words_that_were_only_checked_do_not_bury_what_a_colleague_saved(cafe: Cafe, anna: Clicks, end: str) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text=THEIRS, base="1")
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, f"/{end}"), text=MINE, base="1").text, "lxml")
    assert (words(page), base(page)) == (MINE, "1")
    answer = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base=base(page))
    assert (answer.status_code, cafe.drafts(ANGRY)[0]) == (409, ("boris", THEIRS))
    assert THEIRS in told(BeautifulSoup(answer.text, "lxml").select_one(".clash"))


def test_whoever_takes_it_over_sees_first_what_the_colleague_saved(cafe: Cafe, anna: Clicks) -> None:
    boris = cafe.person("boris")
    boris.post(cafe.path(ANGRY, "/take"))
    boris.post(cafe.path(ANGRY, "/save"), text=THEIRS, base="1")
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1").text, "lxml")
    answer = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base=base(page), over="boris")
    assert (answer.status_code, cafe.drafts(ANGRY)[0]) == (409, ("boris", THEIRS))
    page = BeautifulSoup(answer.text, "lxml")
    assert anna.post(cafe.path(ANGRY, "/save"), text=MINE, base=base(page)).status_code == 303


def test_what_a_third_person_saves_meanwhile_is_no_less_seen(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, "/save"), text=THEIRS, base="1")

    def late(desk: Desk, visit: Visit, **options: Any) -> Response:
        desk.application.actions("vera").edit(cafe.number(ANGRY), "Извините нас.")
        return page(desk, visit, **options)

    with monkeypatch.context() as patch:
        patch.setattr("monitor.desk.doing.page", late)
        shown = BeautifulSoup(anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1").text, "lxml")
    assert THEIRS in told(shown.select_one(".clash"))
    assert anna.post(cafe.path(ANGRY, "/save"), text=MINE, base=base(shown)).status_code == 409
    assert cafe.drafts(ANGRY)[0] == ("vera", "Извините нас.")


def test_the_other_text_may_be_ones_own_from_another_window(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/save"), text=THEIRS, base="1")
    answer = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1")
    assert answer.status_code == 409
    assert "в другом окне сохранён другой Ваш ответ" in told(BeautifulSoup(answer.text, "lxml").select_one("#refused"))


@pytest.mark.parametrize("end", ["approve", "submitted"])
def test_what_was_sent_twice_is_done_once(cafe: Cafe, anna: Clicks, end: str) -> None:
    first, again = (anna.post(cafe.path(ANGRY, f"/{end}"), text=MINE, base="1") for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert len(cafe.events(ANGRY, {"approve": "approved"}.get(end, end))) == 1
    assert [text for _, text in cafe.drafts(ANGRY)].count(MINE) == 1


# --- an author who writes at the same time --------------------------------------------------------------------


@pytest.fixture
def changed(cafe: Cafe, anna: Clicks) -> BeautifulSoup:
    """The page as it was opened before the author changed the review."""
    page, view = cafe.page(ANGRY), cafe.view(ANGRY)
    after = cafe.rig.clock.now() + MINUTE
    cafe.rig.world.edit(cafe.rig.world.card(YANDEX), view.external_id, text=NEWER, at=after)
    cafe.rig.run(after=2 * MINUTE)
    return page


def test_words_for_the_older_text_are_kept_but_not_approved(cafe: Cafe, anna: Clicks, changed: BeautifulSoup) -> None:
    fields = hidden_of(changed)
    number = base(cafe.page(NEWER))
    answer = anna.post(cafe.path(NEWER, "/approve"), **fields | {"text": MINE, "base": number})
    page = BeautifulSoup(answer.text, "lxml")
    assert (answer.status_code, words(page), cafe.view(NEWER).state) == (409, MINE, TicketState.OPEN)
    assert "прочитайте его ещё раз" in told(page.select_one("#refused"))
    assert "Автор изменил отзыв после того" in told(page.select_one("#reply"))


def test_the_same_words_are_saved_again_for_the_newer_text(cafe: Cafe, anna: Clicks, changed: BeautifulSoup) -> None:
    revision = str(changed.select("#editor [name=revision]")[0]["value"])
    anna.post(cafe.path(NEWER, "/save"), text=MINE, base=base(cafe.page(NEWER)), revision=revision)
    assert cafe.view(NEWER).draft_stale
    page = cafe.page(NEWER)
    fields = hidden_of(page)
    for _ in range(2):
        anna.post(cafe.path(NEWER, "/save"), **fields | {"text": words(page)})
    assert not cafe.view(NEWER).draft_stale
    assert [text for _, text in cafe.drafts(NEWER)].count(MINE) == 2
    assert not cafe.page(NEWER).select(".version blockquote:-soup-contains('остыл')")


# --- nothing is lost ------------------------------------------------------------------------------------------


def test_words_outlive_the_session(cafe: Cafe, anna: Clicks) -> None:
    csrf = anna.csrf
    anna.cookies.clear()
    answer = anna.ask("POST", cafe.path(ANGRY, "/save"), fields={"csrf": csrf, "text": MINE, "base": "1"})
    assert answer.status_code == 401
    assert MINE in answer.text


def test_words_outlive_a_stale_page(cafe: Cafe, anna: Clicks) -> None:
    answer = anna.post(cafe.path(ANGRY, "/save"), csrf="of yesterday", text=MINE, base="1")
    assert (answer.status_code, MINE in answer.text) == (403, True)


@pytest.mark.parametrize("to", ["/dismiss", "/submitted"])
def test_words_outlive_that_the_ticket_was_closed_meanwhile(cafe: Cafe, anna: Clicks, to: str) -> None:
    cafe.person("boris").post(cafe.path(ANGRY, to), reason="spam", text=words(cafe.page(ANGRY)), base="1")
    answer = anna.post(cafe.path(ANGRY, "/approve"), text=MINE, base="1")
    assert answer.status_code == 409
    assert words(BeautifulSoup(answer.text, "lxml")) == MINE


def test_words_outlive_a_database_that_does_not_answer(
    cafe: Cafe, anna: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_options: object) -> None:
        raise StoreError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("monitor.actions.Actions.edit", locked)
        answer = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base="1")
    assert (answer.status_code, MINE in answer.text) == (503, True)


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_an_empty_reply_is_not_saved(cafe: Cafe, anna: Clicks, text: str) -> None:
    before = cafe.drafts(ANGRY)
    answer = anna.post(cafe.path(ANGRY, "/save"), text=text, base="1")
    assert (answer.status_code, "Ответ пуст" in answer.text, cafe.drafts(ANGRY)) == (400, True, before)


def test_a_reply_that_nobody_would_read_is_not_saved_and_not_lost(cafe: Cafe, anna: Clicks) -> None:
    text = "ы" * (LONGEST + 1)
    answer = anna.post(cafe.path(ANGRY, "/save"), text=text, base="1")
    assert answer.status_code == 400
    assert words(BeautifulSoup(answer.text, "lxml")) == text
    longest = anna.post(cafe.path(ANGRY, "/save"), text="ы" * LONGEST, base="1")
    assert longest.status_code == 303


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30])
def test_a_form_must_tell_which_draft_it_is_about(cafe: Cafe, anna: Clicks, number: str) -> None:
    answer = anna.post(cafe.path(ANGRY, "/save"), text=MINE, base=number)
    assert (answer.status_code, words(BeautifulSoup(answer.text, "lxml"))) == (400, MINE)


def test_unseen_characters_do_not_go_into_a_reply(cafe: Cafe, anna: Clicks) -> None:
    anna.post(cafe.path(ANGRY, "/save"), text="Здрав\u200bствуйте\u202e.", base="1")
    assert cafe.drafts(ANGRY)[0] == ("anna", "Здравствуйте.")


# --- while they are written -----------------------------------------------------------------------------------


def test_the_linter_tells_what_is_wrong_where_and_why(cafe: Cafe, anna: Clicks) -> None:
    text = " \n😀 Лейсан, звоните: https://example.ru"
    answer = anna.post(cafe.path(DANGER, "/lint"), text=text, headers=headers(anna))
    page = BeautifulSoup(answer.text, "lxml")
    assert (answer.status_code, "<html" in answer.text) == (200, False)
    found = next(one for one in page.select(".found .error") if "example.ru" in one.get_text())
    (spot,) = found.select(".spot")
    encoded = text.encode("utf-16-le")
    start, end = (2 * int(str(spot[name])) for name in ("data-start", "data-end"))
    assert encoded[start:end].decode("utf-16-le") == "https://example.ru"
    assert told(found.select("p")[1])
    assert int(str(page.select("#checked")[0]["data-errors"])) >= 1


def test_the_counter_counts_in_the_units_of_the_site(cafe: Cafe, anna: Clicks) -> None:
    def counter(review: str) -> str:
        answer = anna.post(cafe.path(review, "/lint"), text="ыы", headers=headers(anna))
        return told(BeautifulSoup(answer.text, "lxml").select_one("#counter"))

    assert counter(ANGRY) == "2 из 2 000 знаков"
    assert counter(DANGER) == "2 знака · 4 из 4 096 байт"


@pytest.mark.parametrize(
    ("review", "text", "over"),
    [
        (DANGER, "ы" * 2048, False),
        (DANGER, "ы" * 2048 + "!", True),
        (DANGER, "😀" * 1024, False),
        (DANGER, "😀" * 1024 + ".", True),
        (DANGER, "ы" * 2047 + "\r\n.", False),
        (ANGRY, "😀" * 2000, False),
        (ANGRY, "😀" * 2000 + ".", True),
        (ANGRY, "  " + "ы\r\n" * 999 + "ы. \r\n", False),
    ],
)
def test_a_reply_may_be_as_long_as_the_site_takes_and_no_longer(
    cafe: Cafe, anna: Clicks, review: str, text: str, over: bool
) -> None:
    answer = anna.post(cafe.path(review, "/lint"), text=text, headers=headers(anna))
    page = BeautifulSoup(answer.text, "lxml")
    assert bool(page.select("#counter.late")) is over
    assert any("длиннее" in found.get_text() for found in page.select(".found p")) is over


def test_without_a_script_a_check_shows_the_page_with_the_words_unsaved(cafe: Cafe, anna: Clicks) -> None:
    before = cafe.drafts(ANGRY)
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/lint"), text=MINE).text, "lxml")
    assert (words(page), cafe.drafts(ANGRY)) == (MINE, before)
    assert "ещё не сохранён" in told(page.select_one("#reply"))


@pytest.mark.parametrize(("end", "most"), [("lint", LONGEST), ("swaps", LONGEST_SWAPPED)])
def test_more_than_a_reply_is_not_read(cafe: Cafe, anna: Clicks, end: str, most: int) -> None:
    path = cafe.path(ANGRY, f"/{end}")
    assert anna.post(path, text="ы" * most, headers=headers(anna)).status_code == 200
    refused = anna.post(path, text="ы" * (most + 1), headers=headers(anna))
    assert refused.status_code == 413
    assert "сократите" in refused.text
    assert words(BeautifulSoup(anna.post(path, text="ы" * (most + 1)).text, "lxml")) == "ы" * (most + 1)


def test_a_sentence_is_exchanged_by_one_press_without_a_script(cafe: Cafe, anna: Clicks) -> None:
    before = words(cafe.page(ANGRY))
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/swaps"), text=before).text, "lxml")
    (first, *_) = page.select(".swap")
    sentence, other = told(first.summary), first.select(".other")[0]
    answer = anna.post(str(other["formaction"]), text=before, base=base(page), swap=str(other["value"]))
    assert answer.status_code == 303
    after = words(cafe.page(ANGRY))
    assert after == before.replace(sentence, other.get_text())
    assert after != before


def test_an_exchange_leaves_a_persons_own_words_around_it_alone(cafe: Cafe, anna: Clicks) -> None:
    ours = words(cafe.page(ANGRY))
    text = f"😀 Лично от меня: простите.\r\n{ours}\r\nАнна, управляющая"
    page = BeautifulSoup(anna.post(cafe.path(ANGRY, "/swaps"), text=text, base="1").text, "lxml")
    for swap in page.select(".swap"):
        sentence, other = swap.select("summary")[0].get_text(), swap.select(".other")[0]
        anna.post(str(other["formaction"]), text=text, base=base(cafe.page(ANGRY)), swap=str(other["value"]))
        whole = text.replace("\r\n", "\n").replace(sentence, other.get_text())
        assert words(cafe.page(ANGRY)) == whole
    assert len(page.select(".swap")) > 1


def test_the_script_gets_the_sentences_and_where_they_stand(cafe: Cafe, anna: Clicks) -> None:
    text = "😀 " + words(cafe.page(ANGRY))
    answer = anna.post(cafe.path(ANGRY, "/swaps"), text=text, headers=headers(anna))
    encoded = text.encode("utf-16-le")
    found = BeautifulSoup(answer.text, "lxml").select(".swap")
    assert found
    for swap in found:
        start, end = (2 * int(str(swap[name])) for name in ("data-start", "data-end"))
        assert encoded[start:end].decode("utf-16-le") == swap.select("summary")[0].get_text()


def test_an_exchange_that_does_not_fit_any_more_keeps_the_words(cafe: Cafe, anna: Clicks) -> None:
    answer = anna.post(cafe.path(ANGRY, "/swap"), text=MINE, base="1", swap="0123456789abcdef")
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "lxml")
    assert words(page) == MINE
    assert "с тех пор изменился" in told(page.select_one("#other-words"))


def test_looking_changes_nothing(cafe: Cafe, anna: Clicks) -> None:
    before = cafe.rig.digest()
    for end in ("lint", "swaps"):
        anna.post(cafe.path(ANGRY, f"/{end}"), text=MINE)
    anna.get(cafe.path(ANGRY))
    anna.get(cafe.path(DANGER, "/publish"))
    assert cafe.rig.digest() == before


# --- pure -----------------------------------------------------------------------------------------------------


TEXTS = st.text(alphabet="абв .,!😀\n", max_size=60)


@given(TEXTS, TEXTS)
def test_the_parts_of_two_texts_are_the_texts(one: str, other: str) -> None:
    compared = compare(one, other)
    if compared is not None:
        assert tuple("".join(part.text for part in parts) for parts in compared) == (one, other)
        shared = ["".join(part.text for part in parts if not part.own) for parts in compared]
        assert shared[0].split() == shared[1].split()


def test_a_text_is_like_itself_and_long_ones_are_not_compared() -> None:
    compared = compare(MINE, MINE)
    assert compared is not None
    assert not any(part.own for parts in compared for part in parts)
    assert compare("слово " * 2000, "слово " * 2000) is None


@settings(max_examples=50)
@given(st.text(max_size=20), st.data())
def test_offsets_are_those_of_browsers(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert units(text, at) == sum(1 + (ord(character) > 0xFFFF) for character in text[:at])
