"""Phrases changed at the desk: seen before they are saved, one at a time, without YAML."""

import re
from time import process_time
from typing import Any

import pytest

from monitor.accounts import Deed, Role
from tests import phrases_rig
from tests.desk_rig import Clicks
from tests.phrases_rig import HERS, HOSTILE, NEW, ROOM, asked, change, fields, saved, soup, stored, told
from tests.rig import Rig

guests, kept, rig = phrases_rig.guests, phrases_rig.kept, phrases_rig.rig
olga, vera = phrases_rig.olga, phrases_rig.vera

# --- reading ------------------------------------------------------------------------------------------------


def test_all_books_stand_in_one_list_and_every_one_opens(olga: Clicks) -> None:
    page = olga.soup(ROOM)
    links = [str(link["href"]) for link in page.select(".spines a:first-child")]
    assert len(links) == 31
    for link in links:
        assert len(olga.soup(link).select(".chapter")) >= 1
    assert "изменено здесь" not in page.get_text()


def test_a_phrase_stands_in_its_row_with_what_it_is_for(olga: Clicks) -> None:
    page = olga.soup(f"{ROOM}/themes.waiting")
    row = next(line for line in page.select(".lines li") if "сколько касс" in line.get_text())
    assert [badge.get_text() for badge in row.select(".badge")] == ["очередь", "сферы: магазины"]
    slot = next(line for line in page.select(".lines li") if line.select("code"))
    assert slot.select("code")[0].get_text() == "{{ about }}"
    warm = olga.soup(f"{ROOM}/thanks")
    assert any("тёплая речь" in line.get_text() for line in warm.select(".lines li"))
    assert warm.select_one("#greetings a")["href"] == f"{ROOM}/shared#warm"  # type: ignore[index]  # it is there


def test_the_form_explains_the_slots_with_examples_and_offers_what_the_theme_knows(olga: Clicks) -> None:
    page = olga.soup(f"{ROOM}/themes.waiting/phrase?list=praise&number=1")
    hints = page.select(".hints")[0].get_text()
    assert "{{ about }} → о десертах" in hints
    assert "Кафе «Ромашка»" in hints
    labels = {label.get_text(strip=True) for label in page.select(".phrase-form .check")}
    assert {"тёплая", "нейтральная", "официальная", "очередь", "быстро", "магазины"} <= labels


def test_operators_read_nothing_here(rig: Rig, olga: Clicks) -> None:
    boris = Clicks(rig, "boris", Role.OPERATOR, app=olga.app)
    for path in (ROOM, f"{ROOM}/thanks", f"{ROOM}/thanks/text", f"{ROOM}/thanks/history"):
        assert boris.get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["nothing", "thanks/phrase?list=endings", "thanks/phrase?list=openings&number=999", "../config", "reply.txt"],
)
def test_what_is_not_there_is_not_there(olga: Clicks, path: str) -> None:
    assert olga.get(f"{ROOM}/{path}").status_code == 404


# --- changing -----------------------------------------------------------------------------------------------


def test_a_change_is_shown_with_replies_before_and_after_and_how_many_drafts_it_concerns(olga: Clicks) -> None:
    answer = asked(olga, "thanks", "openings", 1, text=NEW)
    page, words = soup(answer), told(answer)
    assert answer.status_code == 200
    assert "12 черновиков" in words.replace("\u00a0", " ")
    speeches = page.select(".speech")
    assert [len(speech.select(".trial")) for speech in speeches] == [3, 3, 3]
    assert speeches[0].select("summary")[0].get_text().startswith("Нейтральная речь, так отвечаете Вы")
    for trial in page.select(".trial"):
        before, after = (side.get_text() for side in trial.select("blockquote"))
        assert NEW in after
        assert NEW not in before


def test_a_saved_phrase_is_said_in_the_next_drafts_and_what_people_wrote_stays(rig: Rig, olga: Clicks) -> None:
    anna = Clicks(rig, "anna", Role.LEAD, app=olga.app)
    ticket = rig.everything()[0].ticket
    anna.post(f"/t/{ticket}/save", text=HERS, base="1")
    text = "".join(
        ["greetings: warm\nopenings:\n", *(f"  - 'Спасибо Вам {n} раз.'\n" for n in ("пять", "шесть", "семь"))]
    )
    preview = olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text)
    saved(olga, "thanks", preview)
    rig.run()
    texts = {view.ticket: view.draft.text for view in rig.everything() if view.draft is not None}
    assert texts.pop(ticket) == HERS
    assert all(re.search(r"Спасибо Вам (пять|шесть|семь) раз\.", text) for text in texts.values())


def test_the_desk_itself_writes_by_the_new_phrases_at_once(rig: Rig, olga: Clicks) -> None:
    ticket = rig.everything()[0].ticket
    text = "openings: ['Спасибо Вам три раза.']\n"
    saved(olga, "thanks", olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text))
    olga.post(f"/t/{ticket}/take")
    olga.post(f"/t/{ticket}/draft", base="1", text=rig.everything()[0].draft.text)  # type: ignore[union-attr]  # one pass old
    drafts = rig.app.store.dossier.drafts(ticket, 1)
    assert "Спасибо Вам три раза." in drafts[0].text
    swaps = told(olga.post(f"/t/{ticket}/swaps", text="Спасибо Вам три раза."))
    assert "Других формулировок нет" in swaps


def test_who_changed_what_stands_in_the_audit_log_and_in_the_list(rig: Rig, olga: Clicks) -> None:
    change(olga)
    (entry,) = [one for one in rig.app.store.accounts.audit(20) if one.kind == Deed.PHRASES_CHANGED]
    assert (entry.actor, entry.what) == ("olga", "Похвала (thanks.yaml)")
    words = olga.soup(ROOM).get_text(" ", strip=True)
    assert "изменено здесь" in words
    assert "Olga" in words


def test_of_a_theme_nothing_but_the_changed_list_is_set(rig: Rig, olga: Clicks) -> None:
    change(olga, "themes.waiting", "praise", 1, "Хорошо, что всё вышло скоро.")
    text = stored(rig, "themes/waiting.yaml")
    assert text is not None
    assert "complaint" not in text
    assert "Хорошо, что всё вышло скоро." in text


def test_a_phrase_is_added_restricted_and_switched_off_without_yaml(rig: Rig, olga: Clicks) -> None:
    preview = asked(
        olga,
        "themes.waiting",
        "praise",
        None,
        text="Скорость — наше всё.",
        registers=["warm"],
        kinds=["quick", "queue"],
    )
    assert saved(olga, "themes.waiting", preview).status_code == 303
    assert '- {text: "Скорость — наше всё.", kinds: [queue, quick], registers: [warm]}' in (
        stored(rig, "themes/waiting.yaml") or ""
    ) or '- {text: "Скорость — наше всё.", kinds: [quick, queue], registers: [warm]}' in (
        stored(rig, "themes/waiting.yaml") or ""
    )
    page = olga.soup(f"{ROOM}/themes.waiting")
    row = next(one for one in page.select(".lines li") if "наше всё" in one.get_text())
    assert "тёплая речь" in row.get_text()
    off = olga.post(f"{ROOM}/themes.waiting/preview", row=row.select("button")[0]["value"], **fields(page, "#switch"))
    assert "выключена" in told(off)
    assert saved(olga, "themes.waiting", off).status_code == 303
    page = olga.soup(f"{ROOM}/themes.waiting")
    row = next(one for one in page.select(".lines li") if "наше всё" in one.get_text())
    assert row.select("button")[0].get_text().startswith("Включить")
    on = olga.post(f"{ROOM}/themes.waiting/preview", row=row.select("button")[0]["value"], **fields(page, "#switch"))
    assert saved(olga, "themes.waiting", on).status_code == 303
    assert "off" not in (stored(rig, "themes/waiting.yaml") or "")


def test_every_box_ticked_is_no_restriction(rig: Rig, olga: Clicks) -> None:
    preview = asked(olga, "thanks", "openings", 1, text=NEW, registers=["warm", "neutral", "formal"])
    saved(olga, "thanks", preview)
    assert f'  - "{NEW}"\n' in (stored(rig) or "")


def test_a_new_thing_is_named_in_the_form_of_things(rig: Rig, olga: Clicks) -> None:
    thing = {
        "words": "штрудел*",
        "topic": "штрудели",
        "about": "о штруделях",
        "agrees": "plural",
        "themes": ["quality"],
    }
    missing = asked(olga, "topics", "topics", None, **{**thing, "about": ""})
    assert (missing.status_code, "Заполните все поля" in told(missing)) == (400, True)
    assert "штрудели" in missing.text
    preview = asked(olga, "topics", "topics", None, **thing, kinds=["food"])
    assert "штрудел" in told(preview)
    assert saved(olga, "topics", preview).status_code == 303
    assert (
        '{words: "штрудел*", topic: "штрудели", about: "о штруделях", number: plural, themes: [quality], kinds: [food]}'
        in (stored(rig, "topics.yaml") or "")
    )


# --- nothing unseen, nothing broken -------------------------------------------------------------------------


def test_nothing_is_saved_that_was_not_shown(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    form = fields(soup(asked(olga, "thanks", "openings", 1, text=NEW)), ".save")
    other = form["text"].replace(NEW, "Спасибо, Вы лучшие.")
    for changes in (
        {"text": other},
        {"shown": ""},
        {"shown": "0" * 64},
        {"nothing": "1"},
        {"seen": "7"},
        {"shown": "é"},
    ):
        answer = olga.post(f"{ROOM}/thanks/save", **{**form, **changes})
        assert answer.status_code in (400, 409)
    assert vera.post(f"{ROOM}/thanks/save", **form).status_code == 400  # it was not she who saw it
    assert olga.post(f"{ROOM}/regret/save", **form).status_code == 400
    assert stored(rig) is None
    assert "Спасибо, Вы лучшие." in olga.post(f"{ROOM}/thanks/save", **{**form, "text": other}).text


def test_an_error_keeps_a_book_from_being_saved_and_names_the_place(rig: Rig, olga: Clicks) -> None:
    answer = asked(olga, "thanks", "openings", 4, text="Спасибо, {{ client }}!")
    words = told(answer)
    assert "Сохранить нельзя" in words
    assert "Начало ответа, строка 4" in words
    assert "client" in words
    assert soup(answer).select(".save") == []
    assert fields(soup(answer), ".phrase-form")["text"] == "Спасибо, {{ client }}!"
    assert stored(rig) is None


def test_a_warning_may_be_overruled_and_only_on_purpose(rig: Rig, olga: Clicks) -> None:
    preview = asked(olga, "regret", "middles", 1, text="Вы сами виноваты.")
    assert "Вина переложена на автора" in told(preview)
    again = saved(olga, "regret", preview)
    assert (again.status_code, stored(rig, "regret.yaml")) == (400, None)
    assert "несмотря на замечания" in told(again)
    assert saved(olga, "regret", preview, anyway="1").status_code == 303
    assert "Вы сами виноваты." in (stored(rig, "regret.yaml") or "")


def test_an_empty_phrase_and_the_last_of_its_kind_are_refused(olga: Clicks) -> None:
    empty = asked(olga, "thanks", "openings", 1, text=" \n ")
    assert (empty.status_code, "Впишите фразу" in told(empty)) == (400, True)
    text = "openings: [{text: 'Ура!', registers: [warm]}]\n"
    words = told(olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text))
    assert "не остаётся ни одной общей фразы для нейтральной речи" in words


BOMBS = {
    "a loop": "openings: ['{% for i in range(10 ** 9) %}а{% endfor %}']",
    "a power": "openings: ['{{ 10 ** 9 ** 9 }}']",
    "an attribute": "openings: ['{{ business.__class__ }}']",
    "a pit": "openings: " + "[" * 50_000,
    "a circle": "openings: &a [*a]",
    "no book": "просто слова",
    "nothing": "",
    "a heap": "openings:\n" + "- а\n" * 14_000,
    "hostile words": f"openings: ['{HOSTILE} {{{{ review }}}}']",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_whatever_the_text_brings_a_page_comes_back_quickly_and_nothing_is_saved(
    rig: Rig, olga: Clicks, bomb: str
) -> None:
    olga.get(ROOM)
    started = process_time()
    answer = olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=BOMBS[bomb])
    assert process_time() - started < 3
    assert answer.status_code == 200
    assert "Сохранить нельзя" in told(answer)
    assert soup(answer).select("script:not([src]), img, main [onmouseover]") == []
    assert soup(answer).select(".save") == []
    value = BOMBS[bomb].strip("\n") + "\n"
    assert olga.post(f"{ROOM}/thanks/save", seen="0", text=value, shown="").status_code == 400
    assert stored(rig) is None


def test_hostile_words_are_words(olga: Clicks) -> None:
    answer = asked(olga, "thanks", "openings", None, text=HOSTILE, registers=["warm", HOSTILE, "a b"], sectors=["'];"])
    page = soup(answer)
    assert page.select("script:not([src]), img, [onmouseover]") == []
    assert HOSTILE[:20] in page.get_text()


def test_a_form_may_say_anything_and_the_page_stays_up(olga: Clicks) -> None:
    forms: tuple[dict[str, Any], ...] = (
        {},
        {"kind": "phrase"},
        {"kind": "phrase", "list": "openings", "number": "9" * 30, "text": "а", "stamp": "", "seen": "x"},
        {"kind": "phrase", "list": "openings", "number": "99", "text": "а", "stamp": "", "seen": "0"},
        {"kind": "switch", "row": "openings 0"},
        {"kind": "switch", "row": "\x00"},
        {"kind": "back", "state": "77"},
        {"kind": "back", "state": "-1"},
        {"kind": "text", "seen": "9" * 40, "text": "а: б"},
    )
    for sent in forms:
        assert olga.post(f"{ROOM}/thanks/preview", **sent).status_code in (200, 400, 404, 409)


def test_a_preview_takes_less_than_a_second(olga: Clicks) -> None:
    asked(olga, "thanks", "openings", 1, text=NEW)  # what is shipped has been read
    for book, name in (
        ("thanks", "openings"),
        ("themes.quality", "praise"),
        ("shared", "farewell"),
        ("asks", "refund"),
    ):
        form = fields(olga.soup(f"{ROOM}/{book}/phrase?list={name}&number=1"), ".phrase-form")
        took = []
        for turn in range(3):  # tests share the machine
            started = process_time()
            olga.post(f"{ROOM}/{book}/preview", **{**form, "text": f"Спасибо Вам, {'правда ' * turn}приятно."})
            took.append(process_time() - started)
        assert min(took) < 1


# --- who sees only some places ------------------------------------------------------------------------------


def test_a_lead_of_one_place_reads_what_all_places_say_and_changes_nothing(rig: Rig, olga: Clicks) -> None:
    change(olga)
    was = stored(rig)
    seen = str(rig.app.store.settings.history("phrases", "thanks.yaml")[0].id)
    lena = Clicks(rig, "lena", Role.LEAD, (rig.app.config.places[0].id,), app=olga.app)
    for path in (ROOM, f"{ROOM}/thanks", f"{ROOM}/thanks/text", f"{ROOM}/thanks/history"):
        page = lena.soup(path)
        assert page.select("main form, main button, main .acts") == []
        assert "Менять их может тот, кому видны все точки" in page.get_text()
    assert NEW in lena.soup(f"{ROOM}/thanks/text").select("textarea[readonly]")[0].get_text()
    hers = fields(soup(asked(olga, "thanks", "openings", 2, text="Спасибо от Лены.")), ".save")
    answers = [
        lena.get(f"{ROOM}/thanks/phrase?list=openings&number=1"),
        lena.post(f"{ROOM}/thanks/save", **hers),
        lena.post(f"{ROOM}/thanks/save", seen=seen, nothing="1", shown=""),
    ]
    forms: tuple[dict[str, Any], ...] = (
        {"kind": "text", "text": hers["text"]},
        {"kind": "switch", "row": "openings 1", "stamp": ""},
        {"kind": "back", "state": "files"},
        {"kind": "back", "state": seen},
    )
    answers += [lena.post(f"{ROOM}/thanks/preview", seen=seen, **form) for form in forms]
    for answer in answers:
        assert answer.status_code == 400
        assert "видны все точки" in answer.text
        assert "черновик" not in told(answer)
    assert stored(rig) == was
