"""What a changed phrase does to the drafts that wait: of whom, how many, and what the page says of it beforehand."""

import re
from collections.abc import Callable

import pytest

from monitor.accounts import Deed, Role
from monitor.assemble import changes
from monitor.standin.reviews import YANDEX
from monitor.standin.world import LENINA, World
from tests import phrases_rig
from tests.conftest import Otklik
from tests.desk_rig import Clicks
from tests.phrases_rig import NEW, ROOM, asked, change, saved, told
from tests.rig import NOON, Rig

kept, rig, olga = phrases_rig.kept, phrases_rig.rig, phrases_rig.olga

WORDS = (
    *((5, f"Всё супер {'!' * number}") for number in range(5)),
    *((1, f"Ждали столик {number} часа, ужасно долго.") for number in range(2, 6)),
    (1, "Отравились супом, вызывали скорую. Подам в суд."),
)


def world() -> World:
    made = World(NOON, LENINA)
    card = made.card(YANDEX)
    for number, (stars, text) in enumerate(WORDS):
        made.add(card, text=text, stars=stars, author=f"Ирина {'АБВГДЕЖЗИКЛМ'[number]}.")
    return made


@pytest.fixture(scope="module")
def guests() -> Callable[[], World]:
    return world


def wordings(rig: Rig) -> dict[int, list[str]]:
    """Of each ticket, the newest first."""
    return {
        view.ticket: [draft.text for draft in rig.app.store.dossier.drafts(view.ticket, 9)] for view in rig.everything()
    }


def of_kind(rig: Rig, kind: str) -> set[int]:
    """Tickets whose draft is of that kind of reply."""
    views = rig.everything()
    return {view.ticket for view in views if view.draft is not None and view.draft.template.startswith(f"{kind}#")}


def counted(preview: str) -> int:
    found = re.search(r"заново напишет (\d+) чернови", preview)
    return int(found[1]) if found else 0


def test_praise_in_other_words_leaves_complaints_and_dangers_as_they_are(rig: Rig, olga: Clicks) -> None:
    before, praise = wordings(rig), of_kind(rig, "thanks")
    assert len(praise) == 5
    assert of_kind(rig, "regret")
    assert of_kind(rig, "danger")
    preview = asked(olga, "thanks", "openings", 1, text=NEW)
    assert counted(told(preview)) == 5
    saved(olga, "thanks", preview)
    rig.run()
    assert {ticket for ticket, texts in wordings(rig).items() if texts != before[ticket]} <= praise
    assert rig.app.store.tickets.due_for_draft(rig.app._draft_edition(), 10) == []


def test_the_preview_counts_exactly_what_the_next_pass_writes(rig: Rig, olga: Clicks) -> None:
    taken, edited, approved, *rest = sorted(of_kind(rig, "thanks"))
    boris = rig.app.actions("boris")
    boris.take(taken)
    boris.edit(edited, "Ирина, спасибо Вам!")
    boris.approve(approved)
    text = "greetings: warm\nopenings: ['Спасибо Вам три раза.']\n"
    preview = olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text)
    assert counted(told(preview)) == len(rest) == 2
    assert "взяты в работу, исправлены или одобрены" in told(preview)
    before = wordings(rig)
    saved(olga, "thanks", preview, anyway="1")
    rig.run()
    assert {ticket for ticket, texts in wordings(rig).items() if texts != before[ticket]} == set(rest)


def test_a_shared_phrase_concerns_every_draft_and_a_theme_those_that_speak_of_it(rig: Rig, olga: Clicks) -> None:
    waiting = sum("waiting:" in view.draft.template for view in rig.everything() if view.draft is not None)
    assert 0 < waiting < len(WORDS)
    theme = asked(olga, "themes.waiting", "complaint", None, text="Ждать столько нельзя, разберёмся.")
    assert counted(told(theme)) == waiting
    assert counted(told(asked(olga, "shared", "calm", None, text="Здравствуйте, рады письму."))) == len(WORDS)


def test_the_history_of_a_ticket_tells_that_its_draft_followed_the_phrases(rig: Rig, olga: Clicks) -> None:
    text = "greetings: warm\nopenings: ['Спасибо Вам три раза.']\n"
    saved(olga, "thanks", olga.post(f"{ROOM}/thanks/preview", kind="text", seen="0", text=text), anyway="1")
    rig.run()
    praise, danger = min(of_kind(rig, "thanks")), min(of_kind(rig, "danger"))
    assert "черновик написан заново: изменились фразы ответов" in told(olga.get(f"/t/{praise}"))
    assert "написан заново" not in told(olga.get(f"/t/{danger}"))


def test_taking_phrases_back_from_the_terminal_rewords_nothing_that_a_colleague_holds(rig: Rig, olga: Clicks) -> None:
    change(olga)
    rig.run()
    ticket = min(of_kind(rig, "thanks"))
    rig.app.actions("boris").take(ticket)
    before = wordings(rig)[ticket]
    latest = rig.app.store.settings.latest("phrases", "thanks.yaml")
    assert latest is not None
    changes.undo(rig.app, "phrases", "thanks.yaml", seen=latest.id, actor="olga", now=rig.clock.now())
    rig.run()
    assert wordings(rig)[ticket] == before
    entry = next(one for one in rig.app.store.accounts.audit(20) if one.kind == Deed.SETTING_UNDONE)
    assert entry.what == "Похвала (thanks.yaml)", "as the desk tells it"


# --- phrases that do not hold ----------------------------------------------------------------------------------


def test_phrases_that_do_not_load_are_told_by_health_the_settings_and_the_check(
    rig: Rig, olga: Clicks, otklik: Otklik
) -> None:
    assert rig.app.left_out(rig.clock.now()) == []
    with rig.app.store.write():
        rig.app.store.settings.put(
            "phrases", "thanks.yaml", "openings: ['{{ gone }}']\n", seen=0, actor="olga", now=rig.clock.now()
        )
    (line,) = rig.app.left_out(rig.clock.now())
    assert line.startswith("не действует правка фраз «Похвала (thanks.yaml)» (olga, ")
    assert "строка 1: неизвестно: gone" in line
    assert "отвечаем прежними" in line
    vera = Clicks(rig, "vera", Role.OWNER, app=olga.app)
    assert "правка фраз «Похвала (thanks.yaml)»" in vera.soup("/settings").get_text()
    checked = otklik("check", "--offline", "-c", rig.config_path)
    assert checked.code == 2
    assert "otklik config undo phrases thanks.yaml" in checked.out
