"""Every action in every state of a ticket, in one's own hand and in a colleague's: done with its event, or refused with
nothing changed."""

import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.actions import ALLOWED, Actions
from monitor.config_gestures import GestureLimits
from monitor.errors import Conflict, OtklikError
from monitor.model import TicketState
from monitor.talk import DisputeState
from responders.types import Fault
from sentiment.types import Tone
from tests.actions_rig import office_at

LIMITS = GestureLimits(10_000, 4_000, 2_000, Decimal("0.35"), 500, ("olga",))
OPEN, APPROVED, SUBMITTED, ANSWERED, DISMISSED, REMOVED, UNANSWERABLE = TicketState

DO: Mapping[str, tuple[str, Callable[[Actions], object]]] = {
    "take": ("take", lambda anna: anna.take(1)),
    "take over": ("take", lambda anna: anna.take(1, over="boris")),
    "assign": ("assign", lambda anna: anna.assign(1, "vera")),
    "release": ("release", lambda anna: anna.release(1)),
    "release --force": ("release", lambda anna: anna.release(1, force=True)),
    "acknowledge": ("acknowledge", lambda anna: anna.acknowledge(1)),
    "edit": ("edit", lambda anna: anna.edit(1, "Разберёмся.", base=1)),
    "draft": ("draft", lambda anna: anna.draft(1)),
    "fault": ("fault", lambda anna: anna.fault(1, Fault.CONFIRMED)),
    "approve": ("approve", lambda anna: anna.approve(1, base=1)),
    "submitted": ("submitted", lambda anna: anna.submitted(1)),
    "dismiss": ("dismiss", lambda anna: anna.dismiss(1, "other")),
    "reopen": ("reopen", lambda anna: anna.reopen(1)),
    "gesture": ("gesture", lambda anna: anna.gesture(1, "десерт", 100)),
    "retag": ("retag", lambda anna: anna.retag(1, tone=Tone.NEGATIVE)),
    "retag themes": ("retag", lambda anna: anna.retag(1, themes={"waiting": True})),
    "note": ("note", lambda anna: anna.note(1, "Звоню")),
    "dispute": ("dispute", lambda anna: anna.dispute(1, DisputeState.FILED)),
}

LOST: Mapping[str, tuple[TicketState, ...]] = {
    "take": (SUBMITTED, ANSWERED, DISMISSED, REMOVED),
    "assign": (SUBMITTED, ANSWERED, DISMISSED, REMOVED),
    "release": (),
    "acknowledge": (SUBMITTED, ANSWERED, DISMISSED, REMOVED, UNANSWERABLE),
    "edit": (DISMISSED, REMOVED),
    "draft": (SUBMITTED, ANSWERED, DISMISSED, REMOVED),
    "fault": (SUBMITTED, ANSWERED, DISMISSED, REMOVED),
    "approve": (APPROVED, SUBMITTED, ANSWERED, DISMISSED, REMOVED, UNANSWERABLE),
    "submitted": (SUBMITTED, ANSWERED, DISMISSED, REMOVED, UNANSWERABLE),
    "dismiss": (SUBMITTED, ANSWERED, DISMISSED, REMOVED),
    "reopen": (OPEN, APPROVED, REMOVED, UNANSWERABLE),
    "gesture": (DISMISSED, REMOVED),
    "retag": (),
    "note": (),
    "dispute": (),
}
"""Action → in which states it is refused."""

ANYBODY = ("take over", "assign", "release --force", "acknowledge", "note", "dispute")
"""What may be done whoever has taken the ticket."""


@pytest.mark.parametrize("holder", [None, "anna", "boris"])
@pytest.mark.parametrize("what", DO)
def test_every_action_in_every_state_is_done_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, what: str, holder: str | None
) -> None:
    action, do = DO[what]
    for state in TicketState:
        with office_at(tmp_path_factory.mktemp("table")) as office:
            with office.store.write():
                row = {"state": state.value, "assignee": holder}
                if state not in (OPEN, APPROVED):
                    row |= {"next_change_at": None}
                office.store._db.update("ticket", 1, row)
            before, events = office.store.content_digest(), len(office.store.tickets.events(1))
            anna = office.person(gesture_limits=LIMITS)
            refused = state in LOST[action] or (holder == "boris" and what not in ANYBODY)
            if not refused:
                do(anna)
                same = (action == "take" and holder == "anna") or (action == "release" and holder is None)
                assert (len(office.store.tickets.events(1)) == events) is same, (what, state, holder)
                continue
            with pytest.raises(Conflict) as conflict:
                do(anna)
            assert office.store.content_digest() == before, (what, state, holder)
            _is_for_the_desk(conflict.value)


def _is_for_the_desk(error: OtklikError) -> None:
    """Commands and options stand in the hint alone."""
    assert str(error).startswith(error.message)
    assert not any(sign in error.message for sign in ("`", "--", "queue ")), error.message


def test_the_table_names_every_action_there_is() -> None:
    of_gestures = {"ungesture"}  # settled in tests of their own
    assert set(ALLOWED) - of_gestures == set(LOST) == {action for action, _ in DO.values()}
    for action, state in itertools.product(LOST, TicketState):
        assert (state in ALLOWED[action]) is (state not in LOST[action]), (action, state)


@pytest.mark.parametrize(
    "act",
    [
        lambda anna: anna.edit(1, " "),
        lambda anna: anna.approve(2),
        lambda anna: anna.dismiss(1, "никакая"),
        lambda anna: anna.fault(1, Fault.DENIED, "Уволили всех."),
        lambda anna: anna.fault(1, Fault.CONFIRMED, "я" * 301),
        lambda anna: anna.fault(1, Fault.CONFIRMED, "две\nстроки"),
        lambda anna: anna.gesture(1, "", 100),
        lambda anna: anna.gesture(1, "я" * 201, 100),
        lambda anna: anna.gesture(1, "десерт", 0),
        lambda anna: anna.gesture(1, "десерт", 10_000),
        lambda anna: anna.gesture_decide(1, True),
        lambda anna: anna.gesture_withdraw(1),
        lambda anna: anna.retag(1),
        lambda anna: anna.retag(1, themes={"погода": True}),
        lambda anna: anna.retag(1, tone=Tone.NEGATIVE, note="я" * 501),
        lambda anna: anna.note(1, ""),
        lambda anna: anna.dispute(1, DisputeState.REMOVED),
        lambda anna: anna.assign(1, ""),
    ],
)
def test_what_is_refused_is_told_without_commands_at_the_desk(tmp_path: Path, act: Callable[[Actions], object]) -> None:
    with office_at(tmp_path) as office:
        with pytest.raises(OtklikError) as refused:
            act(office.person(gesture_limits=LIMITS))
        _is_for_the_desk(refused.value)
