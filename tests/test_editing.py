"""The reply editor: what it says of a text while somebody writes, for a ticket in a real database, to many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.config import load
from monitor.editing.reply import Case, counters, findings, notes
from monitor.errors import NotFound
from monitor.gestures import Gesture, GestureState
from monitor.standin.world import World
from responders.draft import Responder
from responders.files import Source
from responders.lint import RULES
from responders.phrasebook import Book, read_frame
from responders.types import Draft
from sentiment import morph
from tests.rig import NOON, Rig
from tests.test_responders_choose import COMPLAINT, NEGATIVE, situation

COMPLAINED = situation(1, COMPLAINT, NEGATIVE, source="google_business")
GIFT = Gesture(1, 1, "десерт по коду LENTA7", 350, GestureState.AGREED, "anna", NOON, "anna", NOON)
REPLY = "Здравствуйте. Спасибо за отзыв, нам жаль, что так вышло."


# --- what the linter says ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule", "severity", "words", "message", "explanation"),
    [
        (f"{REPLY} Звоните: +7 843 000-00-00.", "contacts_forbidden", "error", "+7 843 000-00-00",
         "Контакт в ответе: «+7 843 000-00-00». Уберите его и позовите связаться по контактам из карточки.",
         "Google отклоняет ответы с телефонами, адресами почты и ссылками."),
        (f"{REPLY} 👩\u200d🍳\r\nРешим в кратчайшие сроки.", "officialese", "warning", "в кратчайшие сроки",
         "Канцелярит: «в кратчайшие сроки». Скажите проще.",
         "Так отвечает ведомство, и читатель видит отписку."),
        ("Спасибо за отзыв.", "no_regret_under_complaint", "error", None,
         "Автор недоволен, а в ответе нет ни сожаления, ни извинения. Скажите, что Вам жаль, или извинитесь, если вина "
         "установлена.",
         "Благодарность под жалобой без сожаления читается как отписка."),
        (f"{REPLY} Ваш код LENTA7.", "gesture_public", "error", "LENTA7",
         "Код из жеста назван при всех: «LENTA7». Уберите: жест обсуждают лично.",
         "Google отклоняет ответы с предложениями, а другие читатели захотят того же."),
        (f"{REPLY} Остаемся \"на связи\"", "straight_quotes", "hint", "\"на связи\"",
         "Прямые кавычки: «\"на связи\"». Замените их.",
         "В русском тексте кавычки — «ёлочки»."),
    ],
)  # fmt: skip
def test_a_note_says_what_where_what_to_do_and_why(
    text: str, rule: str, severity: str, words: str | None, message: str, explanation: str
) -> None:
    (note,) = (note for note in notes(text, Case(COMPLAINED, (GIFT,))) if note.rule == rule)
    assert (note.severity, note.message, note.explanation) == (severity, message, explanation)
    assert (text[slice(*note.span)] if note.span else None) == words


def test_every_rule_explains_itself_and_advises_in_whole_sentences() -> None:
    for rule in RULES:
        for sentence in (rule.why, rule.advice):
            assert sentence[0].isupper(), sentence
            assert sentence.endswith("."), sentence


def test_the_gravest_comes_first_and_nothing_is_lost() -> None:
    text = 'Данный отзыв "принят". Звоните +7 843 000-00-00, код LENTA7'
    case = Case(COMPLAINED, (GIFT,))
    order = [note.severity for note in notes(text, case)]
    assert order == sorted(order, key=["error", "warning", "hint"].index)
    assert {note.rule for note in notes(text, case)} == {found.rule for found in findings(text, case)}
    assert {"gesture_public", "contacts_forbidden", "officialese", "straight_quotes"} <= {
        note.rule for note in notes(text, case)
    }


PIECES = st.sampled_from(
    ["Спасибо", " ", "\r\n", "+7 843 000-00-00", "ВНИМАНИЕ КРИК", "о\u0301чень", "👍🏽", "İ", "LENTA7", "<b>", "\ud800"]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join))
@settings(deadline=None)
def test_spans_lie_in_any_text(text: str) -> None:
    for note in notes(text, Case(COMPLAINED, (GIFT,))):
        if note.span is not None:
            start, end = note.span
            assert 0 <= start < end <= len(text)


# --- counters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "label", "used", "over", "hard"),
    [
        ("yandex_maps", "а" * 1204, "1 204 из 2 000 знаков", 1204, False, False),
        ("twogis", "", "0 из 2 000 знаков", 0, False, False),
        ("otzovik", "а" * 2000, "2 000 из 2 000 знаков", 2000, False, False),
        ("irecommend", "а" * 2001, "2 001 из 2 000 знаков", 2001, True, False),
        ("google_business", "а" * 602, "602 знака · 1 204 из 4 096 байт", 1204, False, True),
        ("google_business", "👍", "1 знак · 4 из 4 096 байт", 4, False, True),
        ("google_business", "а" * 2049, "2 049 знаков · 4 098 из 4 096 байт", 4098, True, True),
        ("flamp", "а\r\nб", "4 из 2 000 знаков", 4, False, False),
        ("google_business", "\ud800", "1 знак · 3 из 4 096 байт", 3, False, True),
    ],
)  # fmt: skip
def test_a_counter_counts_as_the_site_does(
    source: str, text: str, label: str, used: int, over: bool, hard: bool
) -> None:
    found = counters(source, text)
    assert (found.label.replace("\u00a0", " "), found.used, found.over, found.hard) == (label, used, over, hard)
    assert found.characters == len(text)
    assert found.unit == ("байт" if source == "google_business" else "знаков")


# --- of a ticket -------------------------------------------------------------------------------------------


def drafted(rig: Rig) -> list[tuple[TicketView, Draft]]:
    return [(view, view.draft) for view in rig.everything() if view.draft is not None]


def test_a_draft_of_ours_has_no_errors_and_other_wordings(cafe: Rig) -> None:
    editing = cafe.app.editing
    for view, draft in drafted(cafe):
        assert not [note for note in editing.lint(view.ticket, draft.text) if note.severity == "error"]
        found = editing.swaps(view.ticket, draft.text)
        assert len(found) >= 2
        assert all(draft.text[swap.start : swap.end] == swap.sentence for swap in found)


def test_it_works_after_a_restart_as_before(cafe: Rig) -> None:
    view, draft = drafted(cafe)[0]
    before = cafe.app.editing.swaps(view.ticket, draft.text)
    cafe.restart()
    assert cafe.app.editing.swaps(view.ticket, draft.text) == before


def test_what_a_colleague_just_wrote_on_the_card_counts_at_once(cafe: Rig) -> None:
    editing, store = cafe.app.editing, cafe.app.store
    (one, draft), other = (
        drafted(cafe)[0],
        next(view for view, _ in drafted(cafe)[1:] if view.source == drafted(cafe)[0][0].source),
    )
    words = "Здравствуйте. Спасибо, что рассказали о супе и о лапше с грибами. Нам жаль, что порция мала."
    assert "same_as_recent" not in {note.rule for note in editing.lint(one.ticket, words)}
    with store.write():
        store.tickets.add_draft(
            other.ticket, replace(draft, text=words), revision=1, author="anna", now=cafe.clock.now()
        )
    assert "same_as_recent" in {note.rule for note in editing.lint(one.ticket, words)}
    assert "same_as_recent" not in {note.rule for note in editing.lint(other.ticket, words)}


def test_nothing_is_written(cafe: Rig) -> None:
    before = cafe.digest()
    for view, draft in drafted(cafe)[:3]:
        cafe.app.editing.lint(view.ticket, draft.text)
        cafe.app.editing.swaps(view.ticket, draft.text)
        cafe.app.editing.marks(view)
    assert cafe.digest() == before


def test_a_ticket_that_is_not_there_is_said_so(cafe: Rig) -> None:
    with pytest.raises(NotFound):
        cafe.app.editing.lint(10_000, "Спасибо")
    with pytest.raises(NotFound):
        cafe.app.editing.swaps(10_000, "Спасибо")


@given(st.integers(0, 30), st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_alternative_passes_as_the_sentence_did(cafe: Rig, number: int, data: st.DataObject) -> None:
    found = drafted(cafe)
    view, draft = found[number % len(found)]
    swap = data.draw(st.sampled_from(cafe.app.editing.swaps(view.ticket, draft.text)))
    text = draft.text[: swap.start] + data.draw(st.sampled_from(swap.alternatives)) + draft.text[swap.end :]
    assert not [note for note in cafe.app.editing.lint(view.ticket, text) if note.severity == "error"]


# --- several at once ---------------------------------------------------------------------------------------


def test_four_threads_that_ask_at_once_get_what_one_gets(cafe: Rig) -> None:
    asked = [(view, draft) for view, draft in drafted(cafe)][:12]
    alone = [_everything(cafe.app, view, draft) for view, draft in asked]
    cafe.restart()
    together = Barrier(4)

    def work(part: int) -> list[object]:
        together.wait()
        return [_everything(cafe.app, view, draft) for view, draft in asked[part::4]]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(work, range(4)))
    assert found == [alone[part::4] for part in range(4)]


def _everything(app: Application, view: TicketView, draft: Draft) -> object:
    editing = app.editing
    return (
        editing.lint(view.ticket, draft.text),
        editing.swaps(view.ticket, draft.text),
        editing.marks(view),
        editing.why(view),
        editing.key_sentence(view),
        app.responder.draft(replace(COMPLAINED, key=str(view.ticket))),
    )


def test_templates_are_read_once_however_many_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "regret.yaml").write_text("openings:\n  - Жаль, что так вышло.\n", encoding="utf-8")
    read: list[Path] = []

    def counting(source: Source) -> Book:
        read.append(source.file)
        return read_frame(source)

    monkeypatch.setattr("responders.kit.read_frame", counting)
    responder, together = Responder(tmp_path), Barrier(4)

    def work(_: int) -> str:
        together.wait()
        return responder.draft(COMPLAINED).text

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(work, range(4)))) == 1
    assert read == [folder / "regret.yaml"]


def test_the_dictionary_is_loaded_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, together = [], Barrier(4)
    whole = import_module("pymorphy2").MorphAnalyzer

    def counting() -> object:
        loaded.append(1)
        return whole()

    monkeypatch.setattr("pymorphy2.MorphAnalyzer", counting)
    morph._loaded.cache_clear()
    words = ["переобслуживанием", "недосоленному", "перепечённого", "недожаренными"]

    def work(word: str) -> str:
        together.wait()
        return morph.lemma(word)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, words))[1:] == ["недосолить", "перепечь", "недожаренный"]
    assert loaded == [1]


def test_warming_up_loads_what_the_first_visitor_would_wait_for(cafe: Rig) -> None:
    cafe.app.editing.warm()
    assert not cafe.app.responder.problems(cafe.app.brand.sector)


# --- what was said on a card -------------------------------------------------------------------------------


@pytest.fixture
def said(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    world = World(NOON)
    card = world.card("yandex_maps")
    for number in range(6):
        world.add(card, text=f"Суп номер {number} холодный", stars=1, posted_at=NOON - timedelta(hours=number))
    rig = Rig(tmp_path, world)
    rig.run()
    yield rig
    rig.app.close()


@given(
    st.lists(st.tuples(st.sampled_from(["write", "erase", "later", "other process"]), st.integers(0, 5)), max_size=12)
)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_remembered_of_a_card_is_what_stands_in_the_database(said: Rig, steps: list[tuple[str, int]]) -> None:
    store, tickets = said.app.store, [view.ticket for view in said.everything()]
    (card,) = (listing for listing in store.listings.all() if listing.source == "yandex_maps")
    elsewhere = Application(load(said.config_path), said.clock)
    for number, (what, which) in enumerate(steps):
        ticket = tickets[which % len(tickets)]
        writer = elsewhere.store if what == "other process" else store
        if what in ("write", "other process"):
            said.clock.advance(timedelta(seconds=1))
            with writer.write():
                draft = Draft(f"Ответ {number}", "", ())
                writer.tickets.add_draft(ticket, draft, revision=1, author="anna", now=said.clock.now())
        elif what == "erase":
            with store.write():
                store._db.execute("DELETE FROM draft WHERE ticket_id = ? AND author IS NOT NULL", [ticket])
            said.clock.advance(timedelta(minutes=2))  # until then it may be remembered
        else:
            said.clock.advance(timedelta(minutes=2))
        now = said.clock.now()
        found = store.said.on(card.source, card.external_id, 3, without=tickets[0], now=now)
        wanted = store.tickets.recent_drafts(card.source, card.external_id, 3, without=tickets[0])
        assert found == tuple(wanted.values())
    elsewhere.close()
