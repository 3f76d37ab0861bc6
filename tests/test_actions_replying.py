"""Two people write at the same reply: nobody's words are lost, and nobody approves what they did not see."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.actions import Actions, EditConflict
from monitor.errors import Conflict, UsageError
from monitor.model import TicketState
from responders.types import Draft, Fault
from tests.actions_rig import Office, office_at

MINE, THEIRS = "Пётр, разберёмся.", "Пётр, спасибо за отзыв."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path) as office:
        yield office


def newest(office: Office, number: int = 1) -> tuple[int | None, str | None, str | None]:
    view = office.view(number)
    return view["draft_number"], view["draft_text"], view["draft_author"]


def test_what_was_written_over_is_shown_and_nothing_is_lost(office: Office) -> None:
    office.person("boris").edit(1, THEIRS, base=1)
    before = office.store.content_digest()
    with pytest.raises(EditConflict, match="boris") as refused:
        office.person().edit(1, MINE, base=1)
    conflict = refused.value
    assert (conflict.theirs.text, conflict.author, conflict.number) == (THEIRS, "boris", 2)
    assert isinstance(conflict, Conflict)
    assert office.store.content_digest() == before
    office.person().edit(1, MINE, base=conflict.number)
    assert newest(office) == (3, MINE, "anna")


def test_a_draft_that_we_wrote_anew_is_another_one_too(office: Office) -> None:
    office.person("boris").fault(1, Fault.CONFIRMED)
    with pytest.raises(EditConflict, match="написали заново") as refused:
        office.person().edit(1, MINE, base=1)
    assert (refused.value.theirs.text, refused.value.author) == ("Спасибо!", None)


def test_where_there_was_no_draft_the_first_one_counts_as_another(office: Office) -> None:
    office.person("boris").edit(2, THEIRS, base=0)
    with pytest.raises(EditConflict):
        office.person().edit(2, MINE, base=0)
    assert newest(office, 2) == (1, THEIRS, "boris")


def test_without_a_base_the_last_word_counts(office: Office) -> None:
    office.person("boris").edit(1, THEIRS)
    office.person().edit(1, MINE)
    assert newest(office) == (3, MINE, "anna")


def test_a_form_sent_twice_is_no_conflict(office: Office) -> None:
    anna = office.person()
    anna.edit(1, MINE, base=1)
    anna.approve(1, base=2)
    before = office.store.content_digest()
    anna.edit(1, f" {MINE}\n", base=1)
    assert office.store.content_digest() == before
    assert office.ticket().state is TicketState.APPROVED


def test_what_nobody_sees_is_neither_kept_nor_hidden_from_the_linter(office: Office) -> None:
    """Whoever writes: the desk, the command line, a program."""
    linted = []

    def lint(_ticket: int, reply: str) -> tuple[()]:
        linted.append(reply)
        return ()

    anna = office.person(lint=lint)
    anna.edit(1, "\ufeffПётр,\tмы \u202eразбе\u200bрёмся\u202c\x00.\r\nЖдём Вас 👨\u200d🍳\u200b \n", base=1)
    assert newest(office) == (2, "Пётр, мы разберёмся.\nЖдём Вас 👨\u200d🍳", "anna")
    assert linted == ["Пётр, мы разберёмся.\nЖдём Вас 👨\u200d🍳"]
    with pytest.raises(UsageError, match="пуст"):
        anna.edit(1, " \u200b\u202e\x00")


def test_a_base_of_nowhere_is_a_conflict(office: Office) -> None:
    for act in (lambda: office.person().edit(1, MINE, base=7), lambda: office.person().approve(1, base=7)):
        with pytest.raises(EditConflict):
            act()
    with pytest.raises(Conflict, match="больше нет"):
        office.person().edit(2, MINE, base=7)


LATE: dict[str, Callable[[Actions], object]] = {
    "approve": lambda anna: anna.approve(1, base=1),
    "approve --force": lambda anna: anna.approve(1, base=1, force=True),
    "draft": lambda anna: anna.draft(1, base=1),
}


@pytest.mark.parametrize("act", LATE.values(), ids=LATE)
def test_nobody_approves_or_drops_what_they_did_not_see(office: Office, act: Callable[[Actions], object]) -> None:
    office.person("boris").edit(1, THEIRS)
    before = office.store.content_digest()
    with pytest.raises(EditConflict) as refused:
        act(office.person())
    assert refused.value.theirs.text == THEIRS
    assert office.store.content_digest() == before


def test_what_is_edited_while_it_is_linted_is_not_approved(office: Office) -> None:
    boris = office.person("boris")

    def slow(_ticket: int, reply: str) -> tuple[()]:
        if reply == "Спасибо":
            boris.edit(1, "Спасибо ")  # the same words, another draft
        return ()

    with pytest.raises(EditConflict):
        office.person(lint=slow).approve(1, base=1)
    assert office.ticket().state is TicketState.OPEN


def test_the_approved_draft_is_the_one_that_was_seen(office: Office) -> None:
    office.person().approve(1, base=1)
    assert newest(office) == (2, "Спасибо", "anna")
    assert office.ticket().state is TicketState.APPROVED


def test_whoever_has_the_ticket_is_named_before_any_words_are_compared(office: Office) -> None:
    boris = office.person("boris")
    boris.take(1)
    boris.edit(1, THEIRS)
    with pytest.raises(Conflict, match="boris") as refused:
        office.person().edit(1, MINE, base=1)
    assert not isinstance(refused.value, EditConflict)
    assert "queue release" in str(refused.value)
    assert "queue" not in refused.value.message


def test_of_many_who_save_at_once_one_does_and_the_others_see_its_words(office: Office) -> None:
    start, saved, seen = threading.Barrier(6), [], []

    def write(name: str) -> None:
        anybody = office.person(name)
        start.wait()
        try:
            anybody.edit(1, f"Слова {name}", base=1)
            saved.append(name)
        except EditConflict as conflict:
            seen.append(conflict.theirs.text)

    threads = [threading.Thread(target=write, args=(f"person{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) == 1
    assert seen == [f"Слова {saved[0]}"] * 5
    assert newest(office) == (2, f"Слова {saved[0]}", saved[0])


MOVES = st.lists(
    st.tuples(st.sampled_from(["anna", "boris"]), st.sampled_from(["look", "save", "approve", "anew", "pass"])),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_two_people_and_a_pass_do_nobody_replaces_words_unseen(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, str]]
) -> None:
    with office_at(tmp_path_factory.mktemp("moves")) as office:
        people = {name: office.person(name) for name in ("anna", "boris")}
        seen: dict[str, Any] = {name: office.view()["draft_number"] for name in people}
        for step, (name, move) in enumerate(moves):
            newest_before = office.view()["draft_number"]
            if move == "look":
                seen[name] = newest_before
                continue
            if move == "pass":
                with office.store.write():
                    draft = Draft(f"Черновик {step}", "thanks#1", ())
                    office.store.tickets.add_draft(1, draft, revision=1, author=None, now=office.clock.now())
                continue
            before = office.store.content_digest()
            if move == "approve" and office.ticket().state is TicketState.APPROVED:
                with pytest.raises(Conflict, match="одобрен"):
                    people[name].approve(1, base=seen[name])
            elif seen[name] != newest_before:
                with pytest.raises(EditConflict) as refused:
                    _do(people[name], move, f"{name} {step}", seen[name])
                assert refused.value.number == newest_before
                seen[name] = refused.value.number
            else:
                _do(people[name], move, f"{name} {step}", seen[name])
                seen[name] = office.view()["draft_number"]
                continue
            assert office.store.content_digest() == before


def _do(person: Actions, move: str, words: str, base: int) -> None:
    match move:
        case "save":
            person.edit(1, words, base=base)
        case "approve":
            person.approve(1, base=base)
        case _:
            person.draft(1, base=base)
