"""The order of a reply's parts, changed at the desk like the phrases: as a text, seen before it is saved, undone."""

from typing import Any

import pytest

from monitor.accounts import Role
from responders.files import SHIPPED
from tests import phrases_rig
from tests.desk_rig import Clicks
from tests.phrases_rig import ROOM, change, fields, openings, saved, soup, stored, told
from tests.rig import Rig

guests, kept, rig = phrases_rig.guests, phrases_rig.kept, phrases_rig.rig
olga, vera = phrases_rig.olga, phrases_rig.vera

LAYOUT = f"{ROOM}/reply"
FILE = "reply.txt.j2"
WAS = (SHIPPED / FILE).read_text(encoding="utf-8")
SHORTER = WAS.replace("contact, closing", "contact")
assert SHORTER != WAS


def sent(who: Clicks, text: str) -> dict[str, Any]:
    return {**fields(who.soup(f"{LAYOUT}/text"), ".card form"), "text": text}


def test_the_layout_is_a_book_that_is_changed_as_a_text_alone(olga: Clicks) -> None:
    page = olga.soup(LAYOUT)
    assert "Порядок частей ответа" in page.get_text()
    assert [code.get_text() for code in page.select(".lines code")] == [
        '{{ [greeting, opening, middle, contact, closing] | select | join(" ") }}',
        "{{ signature }}",
    ]
    assert not page.select(".acts, #switch")
    assert olga.get(f"{LAYOUT}/phrase?list=layout&number=1").status_code == 404
    row: dict[str, Any] = {"seen": "0", "text": "x", "row": "layout 1", "list": "layout", "number": "1"}
    assert olga.post(f"{LAYOUT}/preview", kind="phrase", **row).status_code == 404
    assert olga.post(f"{LAYOUT}/preview", kind="switch", **row).status_code == 404
    words = olga.soup(f"{LAYOUT}/text").get_text(" ", strip=True)
    assert "формате Jinja" in words
    assert "приглашение связаться" in words
    assert "registers" not in words


def test_whole_replies_are_shown_before_and_after_in_every_register(olga: Clicks) -> None:
    answer = olga.post(f"{LAYOUT}/preview", **sent(olga, SHORTER))
    page = soup(answer)
    assert len(page.select(".speech")) == 3
    for speech in page.select(".speech"):
        assert len(speech.select(".trial")) == 3
        for trial in speech.select(".trial"):
            before, after = (side.get_text(" ", strip=True) for side in trial.select("blockquote"))
            assert len(after) < len(before)
    assert ", closing" in page.select(".changes del")[0].get_text()
    assert "Порядок" in told(answer)


def length(rig: Rig) -> int:
    """Letters of all drafts."""
    rig.run()
    drafts = [view.draft for view in rig.everything()]
    return sum(len(draft.text) for draft in drafts if draft is not None)


def test_a_saved_layout_holds_in_the_next_drafts_and_can_be_taken_back(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    before = length(rig)
    preview = olga.post(f"{LAYOUT}/preview", **sent(olga, SHORTER))
    assert saved(olga, "reply", preview).headers["location"] == f"{LAYOUT}?done=saved"
    assert stored(rig, FILE) == SHORTER
    short = length(rig)
    assert short < 0.9 * before
    spines = [spine.get_text(" ", strip=True) for spine in vera.soup(ROOM).select(".spines li")]
    (ours,) = [spine for spine in spines if spine.startswith("Порядок")]
    assert "изменено здесь" in ours
    history = vera.soup(f"{LAYOUT}/history")
    assert ", closing" in history.select("del")[0].get_text()
    back = vera.post(f"{LAYOUT}/preview", **{**fields(history, "#back"), "state": "files"})
    assert saved(vera, "reply", back).headers["location"] == f"{LAYOUT}?done=returned"
    assert stored(rig, FILE) is None
    assert length(rig) > short / 0.9


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ opening }}\n{{ nobody }}\n", "nobody"),
        ("{{ opening.__class__ }}\n", "только части"),
        ("{% for x in opening %}{{ x }}{% endfor %}\n", "только части"),
        ('{{ [opening] | map("upper") | join }}\n', "только части"),
        ("{{ opening\n", "Сохранить нельзя"),
        ("\n", "нет частей middle, opening"),
        ('{{ [greeting, middle] | select | join(" ") }}\n', "нет частей opening"),
    ],
)
def test_what_is_no_layout_is_refused_with_the_reason_and_the_text_stays(
    rig: Rig, olga: Clicks, text: str, why: str
) -> None:
    answer = olga.post(f"{LAYOUT}/preview", **sent(olga, text))
    assert answer.status_code == 200
    assert "Сохранить нельзя" in told(answer)
    assert why in told(answer)
    assert text.strip() in soup(answer).select("textarea")[0].get_text()
    assert not soup(answer).select(".save")
    assert stored(rig, FILE) is None


def test_of_two_layouts_both_are_shown_and_none_is_lost(rig: Rig, olga: Clicks, vera: Clicks) -> None:
    mine = olga.post(f"{LAYOUT}/preview", **sent(olga, SHORTER))
    other = WAS.replace("greeting, ", "")
    saved(vera, "reply", vera.post(f"{LAYOUT}/preview", **sent(vera, other)), anyway="1")
    answer = saved(olga, "reply", mine)
    assert answer.status_code == 409
    assert "Vera" in told(answer)
    assert SHORTER.strip() in soup(answer).get_text()
    assert stored(rig, FILE) == other


def test_phrases_changed_before_go_on_sounding_in_a_new_order(rig: Rig, olga: Clicks) -> None:
    change(olga, "thanks", "openings", 1, "Спасибище Вам за слова.")
    saved(olga, "reply", olga.post(f"{LAYOUT}/preview", **sent(olga, SHORTER)))
    assert stored(rig) is not None
    assert stored(rig, FILE) == SHORTER
    rig.run()
    assert openings(rig)


def test_a_lead_of_one_place_reads_it_and_changes_nothing(rig: Rig, olga: Clicks) -> None:
    nina = Clicks(rig, "nina", Role.LEAD, app=olga.app, places=["lenina"])
    assert nina.get(LAYOUT).status_code == 200
    assert nina.soup(f"{LAYOUT}/text").select("textarea[readonly]")
    assert nina.post(f"{LAYOUT}/preview", kind="text", seen="0", text=SHORTER).status_code >= 400
    assert stored(rig, FILE) is None
