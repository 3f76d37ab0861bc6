"""Phrases that two change at once, every state of them, and the way back."""

from monitor.accounts import Deed, Role
from monitor.desk.app import create_app
from responders.files import SHIPPED
from tests import phrases_rig
from tests.desk_rig import Clicks
from tests.phrases_rig import NEW, ROOM, asked, change, fields, openings, saved, soup, stored, told
from tests.rig import Rig

guests, kept, rig = phrases_rig.guests, phrases_rig.kept, phrases_rig.rig
olga, vera = phrases_rig.olga, phrases_rig.vera

# --- two at once --------------------------------------------------------------------------------------------


def test_of_two_who_change_different_phrases_none_loses_a_word(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    mine = asked(olga, "thanks", "openings", 1, text=NEW)
    change(vera, "thanks", "middles", 2, "Нам очень приятно.")
    answer = saved(olga, "thanks", mine)
    assert answer.status_code == 409
    words = told(answer)
    assert NEW in words
    assert "Нам очень приятно." in words
    assert "Vera" in words
    both = olga.post(f"{ROOM}/thanks/preview", **fields(soup(answer), "main form"))
    assert saved(olga, "thanks", both).status_code == 303
    text = stored(rig) or ""
    assert NEW in text
    assert "Нам очень приятно." in text


def test_of_two_who_change_the_same_phrase_both_texts_are_shown(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    mine = asked(olga, "thanks", "openings", 1, text=NEW)
    change(vera, "thanks", "openings", 1, "Спасибо от Веры.")
    answer = saved(olga, "thanks", mine)
    assert answer.status_code == 409
    page = soup(answer)
    assert "Спасибо от Веры." in page.select("section")[0].get_text()
    assert NEW in page.select("section")[1].get_text()
    assert "одних и тех же фраз" in told(answer)
    whole = fields(page, "main form")
    assert NEW in whole["text"]
    assert stored(rig) is not None
    assert "Спасибо от Веры." in (stored(rig) or "")
    forced = olga.post(f"{ROOM}/thanks/preview", **whole)
    assert saved(olga, "thanks", forced).status_code == 303
    assert "Спасибо от Веры." not in (stored(rig) or "")


def test_a_form_that_was_opened_before_a_colleague_saved_is_laid_over_what_they_saved(
    rig: Rig, olga: Clicks, vera: Clicks
) -> None:
    form = fields(olga.soup(f"{ROOM}/thanks/phrase?list=openings&number=1"), ".phrase-form")
    change(vera, "thanks", "openings", 2, "Спасибо от Веры.")
    answer = olga.post(f"{ROOM}/thanks/preview", **{**form, "text": NEW})
    assert answer.status_code == 409
    both = olga.post(f"{ROOM}/thanks/preview", **fields(soup(answer), "main form"))
    assert saved(olga, "thanks", both).status_code == 303
    assert NEW in (stored(rig) or "")
    assert "Спасибо от Веры." in (stored(rig) or "")


def test_a_second_click_saves_nothing_twice(rig: Rig, olga: Clicks) -> None:
    preview = asked(olga, "thanks", "openings", 1, text=NEW)
    saved(olga, "thanks", preview)
    assert saved(olga, "thanks", preview).headers["location"].endswith("?done=same")
    assert len(rig.app.store.settings.history("phrases", "thanks.yaml")) == 1


# --- the way back -------------------------------------------------------------------------------------------


def test_every_state_is_kept_with_who_and_what_and_any_can_be_had_again(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    change(olga)
    change(vera, text="Спасибо от Веры.")
    first = rig.app.store.settings.history("phrases", "thanks.yaml")[-1]
    page = olga.soup(f"{ROOM}/thanks/history")
    states = page.select(".states > li")
    assert [state.select("strong")[0].get_text() for state in states] == ["Vera", "Olga"]
    assert "Спасибо от Веры." in states[0].get_text()
    assert NEW in states[0].get_text()
    back = olga.post(f"{ROOM}/thanks/preview", state=str(first.id), **fields(page, "#back"))
    assert NEW in told(back)
    assert saved(olga, "thanks", back).status_code == 303
    assert stored(rig) == first.value
    assert len(olga.soup(f"{ROOM}/thanks/history").select(".states > li")) == 3


def test_what_was_shipped_comes_back_and_drafts_follow(rig: Rig, olga: Clicks) -> None:
    before = openings(rig)
    text = "greetings: warm\nopenings: ['Спасибо Вам три раза.']\n"
    saved(olga, "thanks", olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text))
    rig.run()
    assert before.isdisjoint(openings(rig))
    page = olga.soup(f"{ROOM}/thanks/history")
    answer = saved(olga, "thanks", olga.post(f"{ROOM}/thanks/preview", state="files", **fields(page, "#back")))
    assert answer.headers["location"].endswith("?done=returned")
    assert stored(rig) is None
    rig.run()
    assert not any("три раза" in draft for draft in openings(rig))
    assert rig.app.store.accounts.audit(1)[0].kind == Deed.PHRASES_RETURNED
    assert "прежние фразы возвращены" in told(olga.get(f"{ROOM}/thanks/history"))


def test_with_a_file_of_ones_own_both_ways_back_are_open(rig: Rig) -> None:
    own = rig.folder / "own" / "replies"
    own.mkdir(parents=True)
    (own / "thanks.yaml").write_text("openings: ['Спасибо из файла.']\n", encoding="utf-8")
    with rig.config_path.open("a", encoding="utf-8") as config:
        config.write("templates_dir: own\n")
    rig.restart()
    olga = Clicks(rig, "olga", Role.LEAD, app=create_app(rig.app))
    assert "свой файл" in olga.soup(f"{ROOM}/thanks").get_text()
    change(olga, "thanks", "openings", 1, NEW)
    form = fields(olga.soup(f"{ROOM}/thanks/history"), "#back")
    shipped = olga.post(f"{ROOM}/thanks/preview", state="shipped", **form)
    assert saved(olga, "thanks", shipped).status_code == 303
    assert stored(rig) == (SHIPPED / "thanks.yaml").read_text(encoding="utf-8")
    form = fields(olga.soup(f"{ROOM}/thanks/history"), "#back")
    saved(olga, "thanks", olga.post(f"{ROOM}/thanks/preview", state="files", **form))
    assert stored(rig) is None
    assert "Спасибо из файла." in olga.get(f"{ROOM}/thanks").text


ANCHORED = """middles: &said
  - &thanks "Спасибо за добрые слова."  # чтобы не повторять
  - Очень рады.
openings: *said
closings: [*thanks, "Ждём Вас."]
"""


def test_a_file_of_ones_own_may_have_what_a_form_must_not(rig: Rig) -> None:
    """Anchors, and more words than a form may hold: it is shown as it holds, and a change is written without them."""
    own = rig.folder / "own" / "replies"
    (own / "themes").mkdir(parents=True)
    (own / "thanks.yaml").write_text(ANCHORED, encoding="utf-8")
    (own / "themes" / "waiting.yaml").write_text(
        "praise: &praise\n  - Рады, что ждать не пришлось.\ncomplaint: *praise\n", encoding="utf-8"
    )
    long = "Спасибо. " * 200
    (own / "shared.yaml").write_text(f"warm: ['{long.strip()}', 'Здравствуйте!']\n", encoding="utf-8")
    with rig.config_path.open("a", encoding="utf-8") as config:
        config.write("templates_dir: own\n")
    rig.restart()
    olga = Clicks(rig, "olga", Role.LEAD, app=create_app(rig.app))
    assert olga.soup(ROOM).get_text().count("свой файл") == 3
    for book in ("thanks", "themes.waiting", "shared"):
        for page in ("", "/text", "/history"):
            assert olga.get(f"{ROOM}/{book}{page}").status_code == 200, (book, page)
    said = [line.get_text(" ", strip=True) for line in olga.soup(f"{ROOM}/thanks").select("#closings .said")]
    assert said == ["Спасибо за добрые слова.", "Ждём Вас."]
    change(olga, "thanks", "openings", 2, NEW)
    change(olga, "themes.waiting", "praise", None, "Рады, что Вы не ждали.")
    assert stored(rig) == (
        'middles:\n  - "Спасибо за добрые слова."\n  - "Очень рады."\n\n'
        f'openings:\n  - "Спасибо за добрые слова."\n  - "{NEW}"\n\n'
        'closings:\n  - "Спасибо за добрые слова."\n  - "Ждём Вас."\n'
    )
    refused = asked(olga, "shared", "warm", 2, text="Добрый день!")
    assert "фраза длиннее 1000 знаков" in told(refused), "and nothing of it is lost"


# --- what does not hold any more ----------------------------------------------------------------------------


def test_a_stored_book_that_breaks_costs_no_draft_and_everybody_is_told(rig: Rig, olga: Clicks) -> None:
    with rig.app.store.write():
        rig.app.store.settings.put(
            "phrases", "thanks.yaml", "openings: ['{{ gone }}']\n", seen=0, actor="olga", now=rig.clock.now()
        )
    rig.run()
    view = rig.everything()[0]
    assert view.draft is not None
    assert any("изменённые в Отклике" in finding.message for finding in view.draft.warnings)
    assert "не годится" in olga.soup(ROOM).get_text()
    page = olga.get(f"{ROOM}/thanks")
    assert "строка 1: неизвестно: gone" in told(page)
    assert soup(page).select(".acts") == []
    text = fields(olga.soup(f"{ROOM}/thanks/text"), "main form")
    assert text["text"] == "openings: ['{{ gone }}']\n"
    mended = olga.post(f"{ROOM}/thanks/preview", **{**text, "text": "openings: ['Спасибо Вам.']\n"})
    assert saved(olga, "thanks", mended).status_code == 303
    rig.run()
    assert all("Спасибо Вам." in view.draft.text for view in rig.everything() if view.draft is not None)


def test_another_process_takes_the_change_up_in_its_next_pass(rig: Rig, olga: Clicks) -> None:
    change(olga)
    edition = rig.app._draft_edition()
    rig.restart()
    assert rig.app._draft_edition() == edition
    assert NEW in (rig.app.wordings.stored["thanks.yaml"])
