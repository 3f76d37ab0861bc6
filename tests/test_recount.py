"""Changed promises: what waits follows them, what is closed does not, and the old ones stay explained."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import tickets as life
from monitor.jobs import recount
from monitor.jobs.recount import Recount
from monitor.log import Log
from monitor.model import Target, Ticket, TicketState
from monitor.sla import Policies, Policy
from monitor.store.tickets import OUTDATED
from tests.test_watch import HOUR, MINUTE, NOON, SUPPORT, Duty, alone


def promised(name: str, negative: timedelta = HOUR, other: timedelta = 24 * HOUR) -> Policies:
    policy = replace(Policy.of(negative, other), fingerprint=name, terms=f"обещания {name}")
    return Policies(policy, {"lenina": policy, "gogolya": replace(policy, terms=f"обещания {name} на Гоголя")})


OLD, LONGER, SHORTER = promised("m"), promised("z", 2 * HOUR), promised("a", 30 * MINUTE, 12 * HOUR)
"""Fingerprints are compared as texts: one before and one after the old."""


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    duty = Duty(tmp_path / "otklik.db")
    duty.policies = OLD
    yield duty
    duty.store.close()


def settle(duty: Duty, policies: Policies) -> int:
    """The settings changed; how many batches it took."""
    duty.policies = policies
    job = Recount(store=duty.store, clock=duty.clock, policies=policies, log=Log())
    batches = 0
    while job.run():
        batches += 1
    return batches


def moved(duty: Duty, ticket_id: int = 1) -> list[dict[str, Any]]:
    return [event for event in duty.store.tickets.events(ticket_id) if event["kind"] == "deadline"]


@pytest.mark.parametrize(("policies", "due"), [(LONGER, NOON + 2 * HOUR), (SHORTER, NOON + 30 * MINUTE)])
def test_a_running_deadline_follows_the_settings_and_its_history_tells(
    duty: Duty, policies: Policies, due: datetime
) -> None:
    duty.seen("a")
    assert settle(duty, policies) == 1
    (ticket,) = duty.tickets()
    assert (ticket.due_at, ticket.policy) == (due, policies.fingerprint)
    (event,) = moved(duty)
    assert (event["was"], event["became"]) == ((NOON + HOUR).isoformat(), due.isoformat())
    assert event["actor"] == ""


def test_nothing_happens_while_the_settings_stay(duty: Duty) -> None:
    duty.seen("a")
    settle(duty, OLD)
    before = duty.store.content_digest()
    assert settle(duty, OLD) == 0
    assert duty.store.content_digest() == before


def test_a_deadline_that_stays_where_it_is_has_no_event(duty: Duty) -> None:
    duty.seen("a")
    assert settle(duty, promised("the same")) == 1
    assert moved(duty) == []
    assert settle(duty, promised("the same")) == 0


def closed(ticket: Ticket, state: TicketState) -> life.Step:
    match state:
        case TicketState.SUBMITTED:
            return life.submitted(ticket, NOON)
        case TicketState.REMOVED:
            return life.removed(ticket, NOON)
        case _:
            return life.dismissed(ticket, NOON, "spam")


@pytest.mark.parametrize("state", [TicketState.SUBMITTED, TicketState.REMOVED, TicketState.DISMISSED])
def test_what_is_closed_keeps_the_promise_of_its_time(duty: Duty, state: TicketState) -> None:
    duty.seen("a")
    duty.save(duty.tickets()[0], closed(duty.tickets()[0], state))
    before = duty.tickets()
    assert settle(duty, SHORTER) == 0
    assert duty.tickets() == before
    assert before[0].policy == OLD.fingerprint


def test_the_backlog_and_what_cannot_be_answered_are_left_alone(duty: Duty) -> None:
    duty.seen("a", answer=False)
    (ticket,) = duty.tickets()
    duty.change(ticket, backlog=True, state=TicketState.OPEN)
    before = duty.tickets()
    assert settle(duty, SHORTER) == 0
    assert duty.tickets() == before


def test_many_tickets_are_counted_in_batches(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount, "BATCH", 2)
    duty.seen("a", "b", "c", "d", "e")
    assert settle(duty, LONGER) == 3
    assert {ticket.due_at for ticket in duty.tickets()} == {NOON + 2 * HOUR}


def test_every_place_is_counted_by_its_own_promise(duty: Duty) -> None:
    duty.seen("here")
    duty.seen("there", place="gogolya")
    own = replace(LONGER, places={"gogolya": replace(LONGER.default, negative=SHORTER.default.negative)})
    settle(duty, own)
    assert [ticket.due_at for ticket in duty.tickets()] == [NOON + 2 * HOUR, NOON + 30 * MINUTE]


def test_a_card_that_left_the_config_is_counted_too(duty: Duty) -> None:
    duty.seen("a")
    duty.store.listings.sync([], NOON)
    assert settle(duty, LONGER) == 1


def test_a_shorter_promise_that_is_over_already_rings_at_once(duty: Duty) -> None:
    duty.seen("a", target=Target.OTHER)
    duty.clock.advance(13 * HOUR)
    settle(duty, SHORTER)
    assert duty.look() == alone("breach", SUPPORT, "lead@example.ru")


def test_a_longer_promise_takes_the_next_alarm_away_and_rings_anew(duty: Duty) -> None:
    duty.seen("a")
    assert duty.look(30 * MINUTE) == alone("50%", SUPPORT)
    settle(duty, LONGER)
    assert duty.look(20 * MINUTE) == []
    assert duty.look(10 * MINUTE) == alone("50%", SUPPORT)


def test_old_promises_stay_explained(duty: Duty) -> None:
    settle(duty, OLD)
    settle(duty, LONGER)
    terms = duty.store.tickets.terms
    assert terms("m", "lenina") == "обещания m"
    assert terms("z", "gogolya") == "обещания z на Гоголя"
    assert terms("m", "nowhere") == ""
    assert terms("unknown", "lenina") == ""


def test_what_was_promised_is_noted_once_and_never_rewritten(duty: Duty) -> None:
    settle(duty, OLD)
    duty.clock.advance(HOUR)
    with duty.store.write():
        duty.store.tickets.note_policy("m", {"lenina": "другое"}, duty.clock.now())
    assert duty.store.tickets.terms("m", "lenina") == "обещания m"


def test_a_batch_is_whole_or_did_not_happen(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    duty.seen("a", "b")
    settle(duty, OLD)
    before = duty.store.content_digest()
    real, calls = life.recounted, []

    def stumbling(*arguments: Any) -> life.Step:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError("диск полон")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(life, "recounted", stumbling)
        with pytest.raises(OSError, match="диск"):
            settle(duty, LONGER)
    assert duty.store.content_digest() == before
    assert settle(duty, LONGER) == 1


@pytest.mark.parametrize("policies", [LONGER, SHORTER])
def test_looking_for_deadlines_of_old_promises_walks_an_index(duty: Duty, policies: Policies) -> None:
    values = {"policy": policies.fingerprint, "limit": 1}
    plan = [row["detail"] for row in duty.store._db.rows(f"EXPLAIN QUERY PLAN {OUTDATED}", values)]
    assert sum("USING INDEX ticket_policy (policy" in line for line in plan) == 2, plan
    assert not any(line.startswith("SCAN") for line in plan), plan
