"""The phrase book as people change it: which books there are, what a change does, what speaks against it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.editing import form
from monitor.editing.books import KINDS, Book, Group, slots
from monitor.editing.rehearsal import EXAMPLES, Change, examples
from monitor.editing.shelf import Origin, Shelf, differences
from monitor.editing.trial import Trial
from monitor.editing.troubles import Trouble, troubles
from responders.amend import Lists, Row
from responders.draft import Responder
from responders.files import SHIPPED
from responders.phrasebook import VARIABLES
from responders.types import Brand, Contact, Register
from responders.untrusted import MOST_ROWS
from sentiment.business import Business
from sentiment.types import Theme
from tests.test_responders_overlay import overlay

BRAND = Brand(
    "Кафе «Ромашка»",
    "food",
    "Команда «Ромашки»",
    Contact("+7 (843) 000-00-00", "help@example.ru"),
    places=("«Ромашка» на Ленина",),
)
SHIPPED_RESPONDER = Responder()


def shelf(stored: dict[str, str] | None = None, folder: Path | None = None, sector: str = "food") -> Shelf:
    return Shelf(Responder(folder, stored or {}), sector, stored or {})


def book(books: Shelf, book_id: str) -> Book:
    found = books.find(book_id)
    assert found is not None
    return found


def changed(book_id: str, name: str, number: int | None, row: Row, sector: str = "food") -> tuple[Change, str]:
    """The change of one row of what is shipped, and the text that would be set."""
    books = shelf(sector=sector)
    one = book(books, book_id)
    text = books.amended(one, None, name, number, row)
    after = Responder(None, {one.name: text})
    return Change(books.responder, after, one, replace(BRAND, sector=sector), "«Ромашка» на Ленина"), text


def found(change: tuple[Change, str]) -> list[Trouble]:
    return list(troubles(*change, Business(), None))


# --- the books ----------------------------------------------------------------------------------------------


def test_every_shipped_book_of_the_sector_is_there_once() -> None:
    for sector in ("food", "clinic", "bank"):
        books = shelf(sector=sector).books
        names = {one.name.removeprefix(f"{sector}/") for one in books}
        assert names == {
            file.relative_to(SHIPPED).as_posix() for file in SHIPPED.rglob("*.*") if "clinic" not in file.parts
        }
        assert len({one.id for one in books}) == len(books) == len(names)
        assert {one.group for one in books} == set(Group)
    clinic = {one.name for one in shelf(sector="clinic").books}
    assert {"clinic/thanks.yaml", "clinic/themes/staff.yaml", "shared.yaml", "topics.yaml"} <= clinic


def test_every_list_and_every_kind_that_is_shipped_has_a_name() -> None:
    books = shelf()
    for one in books.books:
        lists = books.lists(one, None)
        assert set(lists) <= one.lists.keys()
        if one.name.startswith("themes/"):
            kinds = {kind for rows in lists.values() for row in rows for kind in row.get("kinds", ())}
            assert kinds <= KINDS[one.theme].keys()
    assert set(KINDS) == set(Theme)


def test_every_slot_that_is_offered_exists_and_has_an_example() -> None:
    books = shelf()
    brand = Brand("Кафе", "food", "Мы", Contact("1", "2"), emoji="☺")
    for one in books.books:
        for name in one.lists:
            offered = slots(one, name, brand, "на Ленина")
            assert {slot.name for slot in offered} <= VARIABLES
            assert all(slot.example and slot.meaning for slot in offered)
            assert len({slot.name for slot in offered}) == len(offered)


def test_whose_a_wording_is_is_known_book_by_book_and_list_by_list(tmp_path: Path) -> None:
    folder = overlay(
        tmp_path, {"themes/staff.yaml": "praise: ['Из файла.']\n", "thanks.yaml": "openings: ['Спасибо.']\n"}
    )
    books = shelf({"themes/staff.yaml": "complaint: ['Отсюда.']\n"}, folder)
    staff = book(books, "themes.staff")
    origins = [books.origin(staff, name) for name in ("praise", "complaint", "apology")]
    assert origins == [Origin.OWN, Origin.DESK, Origin.SHIPPED]
    assert books.origin(staff) is Origin.DESK
    assert books.beneath(staff) is Origin.OWN
    assert [books.origin(book(books, name)) for name in ("thanks", "regret")] == [Origin.OWN, Origin.SHIPPED]


def test_what_does_not_hold_is_named_and_what_holds_is_shown() -> None:
    books = shelf({"thanks.yaml": "openings: ['{{ review }}']\n", "regret.yaml": "openings: ['Жаль.']\n"})
    broken = books.broken(book(books, "thanks"))
    assert broken is not None
    assert broken.line == 1
    assert books.sound(book(books, "thanks")) is None
    assert books.lists(book(books, "thanks"), None) == shelf().lists(book(books, "thanks"), None)
    assert books.broken(book(books, "regret")) is None


# --- changing one -------------------------------------------------------------------------------------------


def test_of_a_theme_only_the_changed_list_is_set() -> None:
    books = shelf()
    waiting = book(books, "themes.waiting")
    value = books.amended(waiting, None, "praise", 1, {"text": "Быстро."})
    changed_lists = books.lists(waiting, value)
    assert set(Shelf(Responder(), "food", {}).lists(waiting, value)) == {"praise", "complaint", "apology"}
    assert value.count("\n\n") <= 1
    assert "complaint:" not in value
    assert changed_lists["praise"][0] == {"text": "Быстро."}
    again = books.amended(waiting, value, "complaint", 2, {"text": "Долго."})
    assert books.lists(waiting, again)["praise"] == changed_lists["praise"]
    assert books.lists(waiting, again)["complaint"][1] == {"text": "Долго."}


def test_of_a_kind_of_reply_the_whole_file_is_set_and_its_comments_stay() -> None:
    books = shelf()
    thanks = book(books, "thanks")
    value = books.amended(thanks, None, "openings", None, {"text": "Спасибо-спасибо."})
    assert value.startswith("# Похвала: тепло и каждый раз по-новому.\ngreetings: warm\n")
    (one,) = differences(books.lists(thanks, None), books.lists(thanks, value))
    assert (one.list, one.before, one.after) == ("openings", None, {"text": "Спасибо-спасибо."})


def listed(words: Sequence[str]) -> Lists:
    return {"praise": tuple({"text": word} for word in words)}


@given(st.lists(st.sampled_from("абвг"), max_size=12), st.lists(st.sampled_from("абвг"), max_size=12), st.booleans())
def test_what_two_states_differ_in_leaves_the_same_rows_in_the_same_order(
    old: list[str], new: list[str], long: bool
) -> None:
    if long:
        old, new = [*old, *map(str, range(MOST_ROWS)), "а"], [*new, *map(str, range(1, MOST_ROWS + 1)), "б"]
    found = differences(listed(old), listed(new))
    gone, come = {one.at for one in found}, {one.number for one in found}
    kept = [word for at, word in enumerate(old, 1) if at not in gone]
    assert kept == [word for at, word in enumerate(new, 1) if at not in come]
    assert all(one.before != one.after for one in found)


ALIKE = ["а"] * 9_000


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        (ALIKE, [*ALIKE[:4_500], "б", *ALIKE[4_500:]], 1),
        (["б", *ALIKE], [*ALIKE, "б"], 2),
        ([*ALIKE, "б"], ["в", *ALIKE], 2),
        (ALIKE[:MOST_ROWS], ["б", *(["а", "б"] * (MOST_ROWS // 2 - 1))], MOST_ROWS),
    ],
)
def test_many_equal_rows_are_compared_at_once(old: list[str], new: list[str], number: int) -> None:
    started = process_time()
    found = differences(listed(old), listed(new))
    assert process_time() - started < 1
    assert len(found) == number


def test_a_clinic_changes_its_own_book() -> None:
    books = shelf(sector="clinic")
    staff = book(books, "clinic.themes.staff")
    value = books.amended(staff, None, "praise", 1, {"text": "Передадим коллегам тёплые слова."})
    after = Responder(None, {staff.name: value})
    assert after.problems("clinic") == ()
    assert [one.number for one in differences(books.lists(staff, None), books.lists(staff, value))] == [1]


def test_changes_of_different_phrases_go_together_and_of_the_same_do_not() -> None:
    books = shelf()
    thanks = book(books, "thanks")
    theirs = books.amended(thanks, None, "openings", 1, {"text": "Их слова."})
    mine = books.amended(thanks, None, "openings", 2, {"text": "Мои слова."})
    both = books.rebased(thanks, None, mine, theirs)
    assert both is not None
    assert [row["text"] for row in books.lists(thanks, both)["openings"][:2]] == ["Их слова.", "Мои слова."]
    assert books.rebased(thanks, None, books.amended(thanks, None, "openings", 1, {"text": "Мои."}), theirs) is None
    added = books.amended(thanks, None, "openings", None, {"text": "Ещё."})
    assert books.rebased(thanks, None, added, theirs) is not None
    assert books.rebased(thanks, theirs, None, mine) is None
    assert books.rebased(thanks, None, mine.replace("greetings: warm", "greetings: calm"), theirs) is None


# --- what a change does -------------------------------------------------------------------------------------

SAID: dict[str, tuple[str, str, int | None, Row, str]] = {
    "opening": ("thanks", "openings", 3, {"text": "Спасибище Вам."}, "Спасибище Вам."),
    "with a name": ("thanks", "openings", None, {"text": "{{ name }}, нам приятно."}, "нам приятно."),
    "middle": ("thanks", "middles", 2, {"text": "Нам очень приятно."}, "Нам очень приятно."),
    "contact": ("regret", "contacts", 1, {"text": "Ждём Вас: {{ reach }}."}, "Ждём Вас: "),
    "kind": ("themes.waiting", "complaint", 1, {"text": "Очередь разберём.", "kinds": ("queue",)}, "Очередь разберём."),
    "thing": ("themes.waiting", "complaint", None, {"text": "Разберём слова {{ about }}."}, "Разберём слова о"),
    "liked": ("themes.quality", "praise", 1, {"text": "Рады, что {{ liked }} {{ topic }}."}, "Рады, что понрав"),
    "person": ("themes.staff", "praise", 1, {"text": "Привет {{ person }}!"}, "Привет мастеру Марине"),
    "danger": ("risks", "pests", 1, {"text": "Помещение осмотрим сегодня же."}, "осмотрим сегодня же."),
    "ask": ("asks", "refund", 1, {"text": "О деньгах лучше лично: {{ reach }}."}, "О деньгах лучше лично"),
    "again": ("asks", "again", 1, {"text": "Снова Вы, и мы рады."}, "Снова Вы, и мы рады."),
    "way": ("shared", "reach", 1, {"text": "наберите {{ phone }}"}, "наберите +7"),
    "farewell": ("shared", "farewell", 1, {"text": "До скорого."}, "До скорого."),
    "measure": ("apology", "measures", 1, {"text": "Сделали так: {{ measure }}."}, "Сделали так: поставили"),
    "place": ("thanks", "openings", 1, {"text": "{{ place }} благодарит Вас."}, "«Ромашка» на Ленина благодарит Вас."),
}


@pytest.mark.parametrize("case", SAID)
def test_replies_are_shown_that_say_the_changed_phrase_in_every_register(case: str) -> None:
    book_id, name, number, row, said = SAID[case]
    change, text = changed(book_id, name, number, row)
    books = shelf()
    (one,) = differences(books.lists(change.book, None), books.lists(change.book, text))
    shown = examples(change, one)
    for register in Register:
        of_register = [example for example in shown if example.register is register]
        assert len(of_register) == EXAMPLES
        assert len({example.after.text for example in of_register}) == EXAMPLES
        assert all(said in example.after.text for example in of_register)
        assert not any(said in example.before.text for example in of_register)
        assert all(example.situation.brand.register is register for example in of_register)


def test_a_phrase_for_one_register_is_shown_in_that_alone_and_one_for_another_sector_nowhere() -> None:
    books = shelf()
    rows: tuple[tuple[Row, set[Register]], ...] = (
        ({"text": "Ура, спасибо!", "registers": ("warm",)}, {Register.WARM}),
        ({"text": "Ура, спасибо!", "sectors": ("bank",)}, set()),
    )
    for row, registers in rows:
        change, text = changed("thanks", "openings", None, row)
        (one,) = differences(books.lists(change.book, None), books.lists(change.book, text))
        assert {example.register for example in examples(change, one)} == registers


def test_a_phrase_switched_off_is_shown_before_and_not_after() -> None:
    books = shelf()
    row = books.lists(book(books, "thanks"), None)["openings"][2]
    change, text = changed("thanks", "openings", 3, {**row, "off": "true"})
    (one,) = differences(books.lists(change.book, None), books.lists(change.book, text))
    shown = examples(change, one)
    assert {example.register for example in shown} == set(Register)
    assert all(str(row["text"]) in example.before.text for example in shown)
    assert not any(str(row["text"]) in example.after.text for example in shown)


def test_a_new_thing_is_shown_in_replies_that_name_it() -> None:
    names = {"words": "штрудел*", "topic": "штрудели", "about": "о штруделях", "number": "plural"}
    change, text = changed("topics", "topics", None, {**names, "themes": ("quality",), "kinds": ("food",)})
    books = shelf()
    (one,) = differences(books.lists(change.book, None), books.lists(change.book, text))
    shown = examples(change, one)
    assert {example.register for example in shown} == set(Register)
    assert all("штрудел" in example.after.text and "штрудел" not in example.before.text for example in shown)


# --- what speaks against it ---------------------------------------------------------------------------------


def test_nothing_speaks_against_what_is_shipped() -> None:
    for book_id, name in (
        ("thanks", "openings"),
        ("themes.waiting", "complaint"),
        ("shared", "farewell"),
        ("risks", "pests"),
    ):
        books = shelf()
        row = books.lists(book(books, book_id), None)[name][0]
        assert found(changed(book_id, name, 1, row)) == []


def test_an_unknown_word_is_named_with_its_place() -> None:
    (trouble,) = found(changed("thanks", "openings", 4, {"text": "Спасибо, {{ client }}!"}))
    assert (trouble.severity, trouble.list, trouble.number, trouble.line) == ("error", "openings", 4, 10)
    assert "client" in trouble.message


@pytest.mark.parametrize(
    ("book_id", "name", "text"),
    [
        ("thanks", "openings", "Спасибо, {{ nmae }}!"),
        ("thanks", "openings", "Спасибо за слова {{ about }}."),
        ("themes.waiting", "complaint", "Жаль, {{ nmae }}."),
        ("themes.waiting", "complaint", "Жаль, {{ person }}."),
    ],
)
def test_what_may_be_put_there_is_told_as_beside_the_form(book_id: str, name: str, text: str) -> None:
    (trouble,) = found(changed(book_id, name, None, {"text": text}))
    offered = [slot.name for slot in slots(book(shelf(), book_id), name, BRAND, "«Ромашка» на Ленина")]
    assert trouble.message.partition("можно: ")[2].rstrip(".").split(", ") == [*offered, "stars"]


def test_of_the_order_of_parts_the_parts_are_told() -> None:
    books = shelf()
    layout = book(books, "reply")
    text = "{{ oppening }} {{ middle }} {{ opening }}\n"
    change = Change(books.responder, Responder(None, {layout.name: text}), layout, BRAND, "")
    (trouble,) = troubles(change, text, Business(), None)
    assert trouble.message.endswith("oppening; можно: greeting, opening, middle, contact, closing, signature")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("спасибо Вам.", "начинается с маленькой буквы"),
        ("Спасибо Вам", "в конце нет точки"),
        ("Спасибо Вам , друзья.", "лишний пробел в «Вам ,»"),
        ("Спасибо Вам .", "лишний пробел в «Вам .»"),
        ("Спасибо вам за вашу похвалу.", "«вам» с маленькой буквы"),
        (
            "спасибо вам , приходите снова",
            "начинается с маленькой буквы; в конце нет точки; лишний пробел в «вам ,»; «вам» с маленькой буквы",
        ),
    ],
)
def test_a_phrase_that_is_no_sentence_is_questioned(text: str, said: str) -> None:
    (trouble,) = found(changed("thanks", "openings", 1, {"text": text}))
    assert (trouble.severity, trouble.list, trouble.number) == ("warning", "openings", 1)
    assert trouble.message == f"Проверьте, как написано: {said}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ name }}, спасибо Вам!",
        "Спасибо Вам 🙂",
        "Спасибо Вам! 🙂",
        "Спасибо за отзыв «о десертах»!",
        "Спасибо Вам…",
        "Спасибо, вызывайте нас и вываливайте всё, что думаете!",
        "Спасибо Вам за слова{% if stars %} и оценку{% endif %}.",
    ],
)
def test_a_sentence_is_not(text: str) -> None:
    assert [one for one in found(changed("thanks", "openings", 1, {"text": text})) if "Вам" in one.text] == []


def test_how_to_reach_us_is_part_of_a_sentence() -> None:
    assert found(changed("shared", "reach", None, {"text": "позвоните нам по телефону"})) == []


@pytest.mark.parametrize("sector", ["food", "clinic", "beauty"])
def test_every_shipped_phrase_is_a_sentence(sector: str) -> None:
    brand = Brand("ромашка", sector, "", Contact("+7 (843) 000-00-00", "help@example.ru"), emoji="🙂")
    trial = Trial(Responder(), None, brand, Business())
    assert [(row.file.name, row.text) for row in trial.of_phrases() if row.finding.rule == form.RULE] == []
    assert trial.phrases > 500


def test_what_the_linter_finds_in_the_phrase_is_said_with_its_reason() -> None:
    (trouble,) = found(changed("regret", "middles", 1, {"text": "Вы сами виноваты."}))
    assert (trouble.severity, trouble.list, trouble.number) == ("warning", "middles", 1)
    assert "виноваты" in trouble.message
    assert trouble.why
    assert trouble.why not in trouble.message


def test_a_phone_in_a_phrase_must_not_be_posted_everywhere() -> None:
    assert "error" in {
        one.severity for one in found(changed("thanks", "openings", 1, {"text": "Звоните: +7 999 123-45-67."}))
    }


def test_a_danger_answered_without_regret_is_found_in_whole_replies() -> None:
    books = shelf()
    danger = book(books, "danger")
    text = "greetings: calm\nopenings: ['Спасибо, что написали.']\ncontacts: ['Пожалуйста, {{ reach }}.']\n"
    after = Responder(None, {danger.name: text})
    change = Change(books.responder, after, danger, BRAND, "")
    severe = [one for one in troubles(change, text, Business(), None) if one.severity == "error"]
    assert severe
    assert all(one.review and one.text for one in severe)


def test_a_phrase_that_could_never_be_said_is_a_warning() -> None:
    (trouble,) = found(changed("thanks", "openings", None, {"text": "Сделали: {{ measure }}."}))
    assert trouble.severity == "warning"
    assert "measure" in trouble.message


def test_the_last_general_phrase_of_a_register_stays() -> None:
    books = shelf()
    one = book(books, "themes.staff")
    text = "praise: [{text: 'Ура!', registers: [warm]}]\n"
    change = Change(books.responder, Responder(None, {one.name: text}), one, BRAND, "")
    (trouble,) = troubles(change, text, Business(), None)
    assert trouble.severity == "error"
    assert "neutral" in trouble.message


def test_what_another_file_has_wrong_does_not_keep_anybody_from_saving(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"regret.yaml": "openings: ['{{']\n"})
    books = Shelf(Responder(folder, {}), "food", {})
    one = book(books, "thanks")
    text = books.amended(one, None, "openings", 1, {"text": "Спасибо Вам за отзыв и время."})
    change = Change(books.responder, Responder(folder, {one.name: text}), one, BRAND, "")
    assert troubles(change, text, Business(), folder) == ()
