"""Notes for colleagues and complaints to the site: a track of their own beside the ticket, erased with the review."""

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import wording
from monitor.errors import Conflict, UsageError
from monitor.model import TicketState
from monitor.talk import FOLLOWS, LONGEST_NOTE, LONGEST_WHY, Dispute, DisputeState, Note
from tests.actions_rig import Office, office_at
from tests.test_retag import NOON

FILED, REJECTED, REMOVED = DisputeState.FILED, DisputeState.REJECTED, DisputeState.REMOVED
HOUR = timedelta(hours=1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path) as office:
        yield office


# --- notes --------------------------------------------------------------------------------------


def test_anybody_leaves_a_note_on_a_colleagues_ticket(office: Office) -> None:
    office.person("boris").take(1)
    before = office.ticket()
    office.person("anna").note(1, "  Звонила ей.\r\nЖдёт возврата.  ")
    office.clock.advance(HOUR)
    office.person("boris").note(1, "Спасибо")
    assert office.store.talk.notes(1) == [
        Note(1, "anna", NOON, "Звонила ей.\nЖдёт возврата."),
        Note(2, "boris", NOON + HOUR, "Спасибо"),
    ]
    assert office.ticket() == before
    assert office.events("noted") == [("anna", "noted", "", "", ""), ("boris", "noted", "", "", "")]
    assert office.store.talk.notes(2) == []


def test_a_note_sent_twice_is_kept_once_and_said_again_later_is_kept_again(office: Office) -> None:
    for name, text in (("anna", "Звоню"), ("anna", " Звоню"), ("boris", "Звоню"), ("anna", "Звоню")):
        office.person(name).note(1, text)
    assert [note.author for note in office.store.talk.notes(1)] == ["anna", "boris", "anna"]


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "\x1b[2J", "я" * (LONGEST_NOTE + 1)])
def test_a_note_of_nothing_or_too_much_is_refused(office: Office, text: str) -> None:
    with pytest.raises(UsageError, match="заметка"):
        office.person().note(1, text)
    assert office.store.talk.notes(1) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_whatever_stands_in_a_note_obeys_nobody(office: Office, text: str) -> None:
    notes = len(office.store.talk.notes(1))
    try:
        office.person(f"{notes}").note(1, text)
    except UsageError:
        assert not wording.visible(text).strip()
    else:
        kept = office.store.talk.notes(1)[-1].text
        assert kept == wording.visible(text).strip() == wording.visible(kept).strip()


# --- complaints ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("was", "state"), list(itertools.product([None, *DisputeState], DisputeState)))
def test_a_complaint_is_filed_before_it_has_an_outcome(
    office: Office, was: DisputeState | None, state: DisputeState
) -> None:
    anna = office.person()
    for step in (FILED, was) if was in (REJECTED, REMOVED) else (was,):
        if step is not None:
            anna.dispute(1, step)
    if state is was:
        before = office.store.content_digest()
        anna.dispute(1, state)
        assert office.store.content_digest() == before
    elif state in FOLLOWS[was]:
        anna.dispute(1, state)
        assert office.view()["dispute"] == state
        assert office.events("dispute")[-1][1:4] == ("dispute", was or "", state)
    else:
        with pytest.raises(Conflict, match="сначала отметьте, что она подана"):
            anna.dispute(1, state)
        assert office.view()["dispute"] == was


def test_every_step_stays_with_its_words_and_the_history_tells_none_of_them(office: Office) -> None:
    office.person("boris").take(1)
    office.person("anna").dispute(1, FILED, " обращение\n4711 ")
    office.clock.advance(HOUR)
    office.person("boris").dispute(1, REJECTED, "«это мнение»")
    office.person("boris").dispute(1, FILED)
    office.person("boris").dispute(1, REMOVED)
    assert office.store.talk.disputes(1)[:2] == [
        Dispute(1, FILED, "anna", NOON, "обращение 4711"),
        Dispute(2, REJECTED, "boris", NOON + HOUR, "«это мнение»"),
    ]
    assert [event[2:] for event in office.events("dispute")] == [
        ("", "filed", ""),
        ("filed", "rejected", ""),
        ("rejected", "filed", ""),
        ("filed", "removed", ""),
    ]


def test_a_complaint_keeps_the_deadline_and_the_ticket_as_it_is(office: Office) -> None:
    before = office.ticket()
    for state in (FILED, REMOVED):
        office.person().dispute(1, state)
    assert office.ticket() == before
    office.person().submitted(1)
    assert office.ticket().met is True


def test_words_that_a_colleague_was_faster_with_are_not_dropped_in_silence(office: Office) -> None:
    office.person("boris").dispute(1, FILED, "обращение 4711")
    with pytest.raises(Conflict, match="boris") as refused:
        office.person().dispute(1, FILED, "обращение 4712")
    assert "queue note" in str(refused.value)
    assert "queue" not in refused.value.message
    office.person().dispute(1, FILED, "обращение 4711")
    assert len(office.store.talk.disputes(1)) == 1


def test_too_many_words_are_refused(office: Office) -> None:
    with pytest.raises(UsageError, match=str(LONGEST_WHY)):
        office.person().dispute(1, FILED, "я" * (LONGEST_WHY + 1))


def test_of_many_who_file_at_once_one_does(office: Office) -> None:
    start, refused = threading.Barrier(6), []

    def file(name: str) -> None:
        anybody = office.person(name)
        start.wait()
        try:
            anybody.dispute(1, FILED, f"обращение {name}")
        except Conflict:
            refused.append(name)

    threads = [threading.Thread(target=file, args=(f"person{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (step,) = office.store.talk.disputes(1)
    assert sorted([step.actor, *refused]) == [f"person{number}" for number in range(6)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(DisputeState), st.sampled_from(["", "почему"])), max_size=10))
def test_whatever_is_said_the_order_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[DisputeState, str]]
) -> None:
    with office_at(tmp_path_factory.mktemp("steps")) as office:
        anna = office.person()
        for state, why in steps:
            try:
                anna.dispute(1, state, why)
            except Conflict:
                continue
            assert office.store.talk.disputes(1)[-1].state is state
        states = [step.state for step in office.store.talk.disputes(1)]
        assert all(then in FOLLOWS[was] for was, then in itertools.pairwise([None, *states]))
        assert [event[3] for event in office.events("dispute")] == states


# --- erasing ------------------------------------------------------------------------------------


def test_erasing_takes_notes_and_words_and_leaves_that_there_was_a_complaint(office: Office) -> None:
    anna = office.person()
    anna.note(1, "Пётр просил перезвонить")
    anna.note(2, "остаётся")
    anna.dispute(1, FILED, "Пётр не был гостем")
    office.store.privacy.erase([1], NOON)
    assert office.store.talk.notes(1) == []
    assert [note.text for note in office.store.talk.notes(2)] == ["остаётся"]
    assert [(step.state, step.actor, step.why) for step in office.store.talk.disputes(1)] == [(FILED, "anna", "")]
    for path in office.path.parent.glob("otklik.db*"):
        assert "перезвонить".encode() not in path.read_bytes()
        assert "не был гостем".encode() not in path.read_bytes()


def test_of_what_was_erased_nothing_new_is_written(office: Office) -> None:
    office.store.privacy.erase([1], NOON)
    with pytest.raises(Conflict, match="стёрты"):
        office.person().note(1, "Пётр просил перезвонить")
    with pytest.raises(Conflict, match="стёрты"):
        office.person().dispute(1, FILED)


def test_the_content_digest_covers_notes_and_complaints(office: Office) -> None:
    digests = {office.store.content_digest()}
    office.person().note(1, "Звонила")
    digests.add(office.store.content_digest())
    for statement in ("UPDATE note SET text = 'нет'", "UPDATE note SET author = 'boris'"):
        with office.store.write():
            office.store._db.execute(statement)
        digests.add(office.store.content_digest())
    office.person().dispute(1, FILED)
    digests.add(office.store.content_digest())
    with office.store.write():
        office.store._db.execute("UPDATE dispute SET why = 'да'")
    digests.add(office.store.content_digest())
    assert len(digests) == 6


def test_a_closed_ticket_may_be_spoken_of(office: Office) -> None:
    office.person().dismiss(1, "spam")
    office.person().note(1, "Спам, подали жалобу")
    office.person().dispute(1, FILED)
    assert (office.ticket().state, office.view()["dispute"]) == (TicketState.DISMISSED, "filed")
