"""The life of a ticket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor import sla
from monitor import tickets as life
from monitor.calendar import build
from monitor.config_calendar import CalendarSettings
from monitor.model import WAITING_STATES, Reply, ReplyState, Target, Ticket, TicketState
from monitor.quiet import Quiet

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POLICY = sla.Policy.of(HOUR, 24 * HOUR)
OFFICE_HOURS = build(
    CalendarSettings("UTC", {day: ((time(9), time(13)), (time(14), time(18))) if day < 5 else () for day in range(7)})
)


def opened(*, answerable: bool = True, backlog: bool = False) -> Ticket:
    step = life.opened(review_id=1, now=NOON, policy=POLICY, answerable=answerable, backlog=backlog)
    return replace(step.ticket, id=1)


def negative(**changes: bool) -> Ticket:
    return life.classified(opened(**changes), urgent=True, now=NOON, policy=POLICY).ticket


def other() -> Ticket:
    return life.classified(opened(), urgent=False, now=NOON, policy=POLICY).ticket


def test_a_ticket_that_nobody_classified_rings_within_the_hour() -> None:
    assert opened().due_at == NOON + HOUR


def test_the_first_verdict_settles_the_deadline() -> None:
    assert negative().due_at == NOON + HOUR
    assert other().due_at == NOON + 24 * HOUR


def test_a_second_look_never_loosens_a_deadline() -> None:
    step = life.classified(negative(), urgent=False, now=NOON + MINUTE, policy=POLICY)
    assert step.ticket.due_at == NOON + HOUR
    assert step.events == ()


def test_a_review_found_negative_later_leaves_time_to_act_and_rings_anew() -> None:
    told = replace(other(), level=sla.Level.MOST)
    step = life.classified(told, urgent=True, now=NOON + 20 * HOUR, policy=POLICY)
    assert step.ticket.due_at == NOON + 20 * HOUR + 15 * MINUTE
    assert step.ticket.level == ""
    assert [event.kind for event in step.events] == ["classified", "deadline"]


def test_the_backlog_has_no_deadline_and_never_rings() -> None:
    ticket = negative(backlog=True)
    assert ticket.due_at is None
    assert ticket.next_change_at is None


def test_an_unanswerable_negative_is_told_once_and_has_no_deadline() -> None:
    ticket = negative(answerable=False)
    assert ticket.due_at is None
    assert ticket.next_change_at == NOON
    told = life.level_reached(ticket, POLICY, NOON)
    assert [event.became for event in told.events] == [sla.NOTICE]
    assert told.ticket.next_change_at is None
    edited = life.revised(told.ticket, NOON + HOUR, POLICY, answerable=False).ticket
    again = life.classified(edited, urgent=True, now=NOON + HOUR, policy=POLICY).ticket
    assert again.next_change_at is None


def test_unanswerable_praise_is_not_told_at_all() -> None:
    ticket = life.classified(opened(answerable=False), urgent=False, now=NOON, policy=POLICY).ticket
    assert ticket.next_change_at is None


def test_drafting_and_approving_do_not_stop_the_clock() -> None:
    ticket = life.approved(negative(), NOON + MINUTE).ticket
    reached = life.level_reached(ticket, POLICY, NOON + 2 * HOUR)
    assert reached.ticket.level == sla.Level.PLUS_1X


def test_a_person_who_submits_in_time_meets_the_deadline() -> None:
    ticket = life.submitted(negative(), NOON + HOUR).ticket
    assert ticket.met is True
    assert ticket.next_change_at is None


def test_a_late_reply_stays_a_miss() -> None:
    ticket = life.submitted(negative(), NOON + HOUR + MINUTE).ticket
    assert ticket.met is False
    seen = life.reply_seen(ticket, Reply("Спасибо", NOON + 2 * HOUR), NOON + 3 * HOUR, POLICY, ours=True)
    assert seen.ticket.state is TicketState.ANSWERED
    assert seen.ticket.met is False


def test_a_reply_marked_late_counts_at_the_earlier_time_the_site_gives() -> None:
    ticket = life.submitted(negative(), NOON + 90 * MINUTE).ticket
    assert ticket.met is False
    seen = life.reply_seen(ticket, Reply("Спасибо", NOON + 20 * MINUTE), NOON + 2 * HOUR, POLICY, ours=True).ticket
    assert seen.met is True
    assert seen.closed_at == NOON + 20 * MINUTE


def test_a_reply_found_late_counts_at_the_time_the_site_gives() -> None:
    late = replace(negative(), level=sla.Level.BREACH)
    step = life.reply_seen(late, Reply("Спасибо", NOON + 30 * MINUTE), NOON + 2 * HOUR, POLICY, ours=True)
    assert step.ticket.met is True
    assert step.ticket.closed_at == NOON + 30 * MINUTE


def test_a_reply_without_a_time_counts_when_it_is_seen() -> None:
    step = life.reply_seen(negative(), Reply("Спасибо"), NOON + 2 * HOUR, POLICY, ours=True)
    assert step.ticket.met is False


def test_a_reply_dated_before_the_clock_or_in_the_future_counts_when_it_is_seen() -> None:
    for at in (NOON - HOUR, NOON + 9 * HOUR):
        step = life.reply_seen(negative(), Reply("Спасибо", at), NOON + 2 * HOUR, POLICY, ours=True)
        assert step.ticket.closed_at == NOON + 2 * HOUR


def test_a_reply_in_moderation_stops_the_clock_and_is_confirmed_later() -> None:
    waiting = Reply("Спасибо", NOON, ReplyState.PENDING)
    pending = life.reply_seen(negative(), waiting, NOON + MINUTE, POLICY, ours=True).ticket
    assert pending.state is TicketState.SUBMITTED
    shown = life.reply_seen(pending, Reply("Спасибо", NOON), NOON + 2 * HOUR, POLICY, ours=True)
    assert shown.ticket.state is TicketState.ANSWERED
    assert [event.kind for event in shown.events] == ["confirmed"]


def test_a_refused_reply_reopens_with_an_hour() -> None:
    ticket = life.submitted(other(), NOON + MINUTE).ticket
    step = life.reply_seen(ticket, Reply("Звоните", NOON, ReplyState.REJECTED), NOON + 5 * HOUR, POLICY, ours=True)
    assert step.ticket.state is TicketState.OPEN
    assert step.ticket.due_at == NOON + 6 * HOUR


def test_a_reply_that_is_gone_reopens_with_an_hour() -> None:
    ticket = life.reply_seen(other(), Reply("Спасибо", NOON), NOON + MINUTE, POLICY, ours=True).ticket
    step = life.reply_gone(ticket, NOON + 5 * HOUR, POLICY)
    assert step.ticket.due_at == NOON + 6 * HOUR


def test_an_edit_before_the_answer_keeps_the_clock_and_voids_the_approval() -> None:
    ticket = life.approved(negative(), NOON).ticket
    step = life.revised(ticket, NOON + 30 * MINUTE, POLICY, answerable=True)
    assert step.ticket.state is TicketState.OPEN
    assert step.ticket.due_at == NOON + HOUR


def test_an_edit_after_the_answer_starts_a_clock_of_its_own() -> None:
    ticket = life.submitted(negative(), NOON).ticket
    step = life.revised(ticket, NOON + 10 * HOUR, POLICY, answerable=True)
    assert step.ticket.started_at == NOON + 10 * HOUR
    assert step.ticket.due_at == NOON + 11 * HOUR
    settled = life.classified(step.ticket, urgent=False, now=NOON + 10 * HOUR, policy=POLICY)
    assert settled.ticket.due_at == NOON + 34 * HOUR


def test_a_text_that_makes_a_rating_answerable_leaves_time_to_act() -> None:
    step = life.revised(opened(answerable=False), NOON + 5 * HOUR, POLICY, answerable=True)
    assert step.ticket.state is TicketState.OPEN
    assert step.ticket.started_at == NOON
    assert step.ticket.due_at == NOON + 5 * HOUR + 15 * MINUTE
    settled = life.classified(step.ticket, urgent=True, now=NOON + 5 * HOUR, policy=POLICY).ticket
    assert settled.due_at == NOON + 5 * HOUR + 15 * MINUTE
    praised = life.classified(step.ticket, urgent=False, now=NOON + 5 * HOUR, policy=POLICY).ticket
    assert praised.due_at == NOON + 24 * HOUR


def test_a_setting_that_makes_old_reviews_answerable_rings_for_none_of_them() -> None:
    ticket = life.unlocked(negative(answerable=False), NOON + 5 * HOUR).ticket
    assert (ticket.state, ticket.due_at, ticket.next_change_at) == (TicketState.OPEN, None, None)


def test_a_reopened_ticket_has_the_time_the_policy_gives_it() -> None:
    policy = replace(POLICY, reopened=sla.Promise(30 * MINUTE))
    ticket = life.reopened(life.submitted(other(), NOON).ticket, NOON + HOUR, policy, why="").ticket
    assert ticket.due_at == NOON + HOUR + 30 * MINUTE


def test_a_vanished_review_needs_no_answer_until_it_returns() -> None:
    gone = life.removed(negative(), NOON + MINUTE).ticket
    assert gone.state is TicketState.REMOVED
    assert gone.next_change_at is None
    back = life.returned(gone, NOON + 5 * HOUR, POLICY, answerable=True).ticket
    assert back.state is TicketState.OPEN
    assert back.due_at == NOON + 5 * HOUR + 15 * MINUTE


def test_a_review_that_flickers_does_not_ring_the_same_level_twice() -> None:
    warned = life.level_reached(negative(), POLICY, NOON + 30 * MINUTE).ticket
    gone = life.removed(warned, NOON + 31 * MINUTE).ticket
    back = life.returned(gone, NOON + 32 * MINUTE, POLICY, answerable=True).ticket
    assert (back.level, back.next_change_at) == (sla.Level.HALF, NOON + 48 * MINUTE)


def test_an_answered_ticket_is_not_touched_when_its_review_vanishes() -> None:
    ticket = life.submitted(negative(), NOON).ticket
    assert life.removed(ticket, NOON + MINUTE).ticket is ticket


# --- changed settings ---------------------------------------------------------------------------

LONGER = replace(sla.Policy.of(2 * HOUR, 48 * HOUR), fingerprint="longer")
SHORTER = replace(sla.Policy.of(30 * MINUTE, 12 * HOUR, 20 * MINUTE), fingerprint="shorter")
AT_NIGHT = replace(POLICY, quiet=Quiet(time(20), time(8), "UTC"), fingerprint="night")
OFFICE = sla.Policy(
    sla.Promise(HOUR),
    sla.Promise(4 * HOUR, OFFICE_HOURS, "office"),
    sla.Promise(HOUR, OFFICE_HOURS, "office"),
    fingerprint="office",
)
POLICIES = [POLICY, LONGER, SHORTER, AT_NIGHT, OFFICE]
policies = st.sampled_from(POLICIES)


@given(policies, policies, st.booleans(), st.integers(0, 5000), st.integers(0, 5000))
def test_a_changed_promise_holds_as_if_the_review_had_been_seen_under_it(
    old: sla.Policy, new: sla.Policy, urgent: bool, judged: int, changed: int
) -> None:
    def seen(policy: sla.Policy) -> Ticket:
        ticket = life.opened(review_id=1, now=NOON, policy=policy, answerable=True, backlog=False).ticket
        return life.classified(ticket, urgent=urgent, now=NOON + judged * MINUTE, policy=policy).ticket

    now = NOON + (judged + changed) * MINUTE
    found = life.recounted(seen(old), now, new).ticket
    expected = life.recounted(seen(new), now, new).ticket
    assert found.due_at == expected.due_at
    assert life.rings(found, new) == life.rings(expected, new)
    assert found.policy == new.fingerprint
    again = life.recounted(found, now, new)
    assert again.events == ()
    assert again.ticket == replace(found, next_change_at=again.ticket.next_change_at)


def test_a_change_of_settings_tells_the_old_deadline_and_the_new_one() -> None:
    step = life.recounted(negative(), NOON + MINUTE, LONGER)
    (event,) = step.events
    assert (event.kind, event.at) == ("deadline", NOON + MINUTE)
    assert (event.was, event.became) == ((NOON + HOUR).isoformat(), (NOON + 2 * HOUR).isoformat())
    assert event.why == "сроки в настройках изменились"


def test_a_changed_deadline_rings_anew_and_an_unchanged_one_does_not() -> None:
    told = life.acknowledged(replace(negative(), level=sla.Level.HALF), NOON, "anna").ticket
    moved = life.recounted(told, NOON + 40 * MINUTE, LONGER).ticket
    assert (moved.level, moved.acknowledged_by, moved.acknowledged_at) == ("", None, None)
    assert moved.armed_at == NOON, "the share of the time that has passed counts from where the clock began"
    same = life.recounted(told, NOON + 40 * MINUTE, replace(POLICY, fingerprint="the same in other words"))
    assert same.events == ()
    assert (same.ticket.level, same.ticket.acknowledged_by) == (sla.Level.HALF, "anna")
    assert same.ticket.next_change_at == NOON + 48 * MINUTE


def test_a_level_that_new_quiet_hours_release_is_told_at_once() -> None:
    night = replace(POLICY, quiet=Quiet(time(12), time(12, 55), "UTC"), fingerprint="nap")
    held = life.recounted(negative(), NOON, night).ticket
    assert held.next_change_at == NOON + 55 * MINUTE
    released = life.recounted(held, NOON + 50 * MINUTE, POLICY)
    assert released.events == ()
    assert released.ticket.next_change_at == NOON + 50 * MINUTE


def test_a_deadline_that_is_over_keeps_what_it_was() -> None:
    for closed in (
        life.submitted(negative(), NOON).ticket,
        life.dismissed(other(), NOON, "spam").ticket,
        life.removed(other(), NOON).ticket,
    ):
        step = life.recounted(closed, NOON + MINUTE, SHORTER)
        assert step.events == ()
        assert replace(step.ticket, policy=closed.policy) == closed


def test_what_has_no_deadline_gets_none_by_a_change_of_settings() -> None:
    for ticket in (opened(backlog=True), negative(answerable=False)):
        assert life.recounted(ticket, NOON, SHORTER).ticket == replace(ticket, policy="shorter")


def test_time_that_a_person_was_left_with_outlasts_a_change_of_settings() -> None:
    late = life.classified(other(), urgent=True, now=NOON + 5 * HOUR, policy=POLICY).ticket
    assert late.floor_at == late.due_at == NOON + 5 * HOUR + 15 * MINUTE
    assert life.recounted(late, NOON + 5 * HOUR, SHORTER).ticket.due_at == late.due_at
    assert life.recounted(late, NOON + 5 * HOUR, replace(LONGER, negative=sla.Promise(9 * HOUR))).ticket.due_at == (
        NOON + 9 * HOUR
    )


def test_what_was_in_time_for_its_new_kind_follows_a_shorter_promise() -> None:
    """Nobody had to be left with time, so nothing keeps its deadline where it is."""
    alike = sla.Policy.of(24 * HOUR, 24 * HOUR)
    ticket = life.opened(review_id=1, now=NOON, policy=alike, answerable=True, backlog=False).ticket
    calm = life.classified(ticket, urgent=False, now=NOON, policy=alike).ticket
    found = life.classified(calm, urgent=True, now=NOON + HOUR, policy=alike).ticket
    assert found.due_at == NOON + 24 * HOUR
    assert life.recounted(found, NOON + HOUR, LONGER).ticket.due_at == NOON + 2 * HOUR
    late = life.classified(calm, urgent=True, now=NOON + 24 * HOUR, policy=alike).ticket
    assert life.recounted(late, NOON + 24 * HOUR, LONGER).ticket.due_at == NOON + 24 * HOUR


def test_settings_that_changed_while_a_review_was_gone_hold_when_it_is_back() -> None:
    gone = life.removed(other(), NOON + HOUR).ticket
    back = life.returned(gone, NOON + 2 * HOUR, SHORTER, answerable=True).ticket
    assert (back.due_at, back.policy) == (NOON + 12 * HOUR, "shorter")


@pytest.mark.parametrize(("urgent", "due"), [(False, NOON + 24 * HOUR), (True, NOON + 2 * HOUR + 15 * MINUTE)])
def test_a_review_judged_while_it_was_gone_has_the_deadline_of_its_kind(urgent: bool, due: datetime) -> None:
    gone = life.classified(life.removed(opened(), NOON).ticket, urgent=urgent, now=NOON, policy=POLICY).ticket
    assert life.returned(gone, NOON + 2 * HOUR, POLICY, answerable=True).ticket.due_at == due


def test_what_cannot_be_answered_any_more_has_no_deadline_when_it_is_back_and_is_told_once() -> None:
    back = life.returned(life.removed(negative(), NOON).ticket, NOON + HOUR, POLICY, answerable=False).ticket
    assert (back.state, back.due_at, back.next_change_at) == (TicketState.UNANSWERABLE, None, NOON + HOUR)
    told = life.level_reached(back, POLICY, NOON + HOUR).ticket
    again = life.returned(life.removed(told, NOON + HOUR).ticket, NOON + 2 * HOUR, POLICY, answerable=False).ticket
    assert (again.state, again.next_change_at) == (TicketState.UNANSWERABLE, None)
    unlocked = life.unlocked(back, NOON + 50 * HOUR).ticket
    assert (unlocked.due_at, unlocked.backlog, unlocked.next_change_at) == (None, True, None)


def test_what_became_answerable_while_it_was_gone_is_backlog_like_the_rest() -> None:
    gone = life.removed(negative(answerable=False), NOON).ticket
    back = life.returned(gone, NOON + HOUR, POLICY, answerable=True).ticket
    assert (back.state, back.due_at, back.backlog, back.next_change_at) == (TicketState.OPEN, None, True, None)


@pytest.mark.parametrize("ticket", [other(), opened(backlog=True), negative(backlog=True)])
def test_praise_and_backlog_that_come_back_where_nobody_can_answer_are_told_to_nobody(ticket: Ticket) -> None:
    back = life.returned(life.removed(ticket, NOON).ticket, NOON + HOUR, POLICY, answerable=False).ticket
    assert (back.due_at, back.next_change_at) == (None, None)


def test_an_edit_that_takes_away_what_could_be_answered_takes_the_duty_with_it() -> None:
    step = life.revised(life.approved(negative(), NOON).ticket, NOON + MINUTE, POLICY, answerable=False)
    assert (step.ticket.state, step.ticket.due_at, step.ticket.next_change_at) == (TicketState.UNANSWERABLE, None, None)
    assert [(event.was, event.became) for event in step.events] == [("approved", "unanswerable")]
    back = life.revised(step.ticket, NOON + 2 * HOUR, POLICY, answerable=True).ticket
    assert (back.state, back.started_at, back.due_at) == (TicketState.OPEN, NOON, NOON + 2 * HOUR + 15 * MINUTE)


def test_what_was_dismissed_by_mistake_has_its_old_deadline_again() -> None:
    before = negative()
    soon = life.undismissed(life.dismissed(before, NOON + 10 * MINUTE, "spam").ticket, NOON + 20 * MINUTE, POLICY,
                            answerable=True)  # fmt: skip
    assert soon.ticket == replace(before, next_change_at=soon.ticket.next_change_at)
    assert [event.kind for event in soon.events] == ["reopened"]
    closed = life.dismissed(before, NOON, "spam").ticket
    late = life.undismissed(closed, NOON + 3 * HOUR, POLICY, answerable=True).ticket
    assert (late.state, late.due_at) == (TicketState.OPEN, NOON + 3 * HOUR + 15 * MINUTE)
    gone = life.undismissed(closed, NOON + HOUR, POLICY, answerable=False).ticket
    assert (gone.state, gone.due_at) == (TicketState.UNANSWERABLE, None)
    old = life.dismissed(replace(before, due_at=None, backlog=True), NOON, "spam").ticket
    again = life.undismissed(old, NOON + HOUR, POLICY, answerable=True).ticket
    assert (again.state, again.due_at, again.backlog) == (TicketState.OPEN, None, True)


def test_what_nobody_can_answer_is_reopened_without_a_clock() -> None:
    for closed in (life.dismissed(negative(answerable=False), NOON, "spam"), life.submitted(negative(), NOON + HOUR)):
        back = life.reopened(closed.ticket, NOON + HOUR, POLICY, why="", answerable=False).ticket
        assert (back.state, back.due_at, back.floor_at, back.met, back.closed_at) == (
            TicketState.UNANSWERABLE,
            None,
            None,
            None,
            None,
        )


def test_reopening_starts_by_the_promise_for_it_on_its_own_calendar() -> None:
    friday_evening = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    ticket = life.reopened(life.submitted(negative(), NOON).ticket, friday_evening, OFFICE, why="").ticket
    assert ticket.due_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (ticket.reopened, ticket.floor_at) == (True, None)
    moved = life.recounted(ticket, friday_evening, SHORTER).ticket
    assert moved.due_at == friday_evening + 20 * MINUTE


def test_a_person_who_calls_it_harmless_gives_it_the_longer_promise_of_its_calendar() -> None:
    ticket = life.opened(review_id=1, now=NOON, policy=OFFICE, answerable=True, backlog=False).ticket  # a Saturday
    urgent = life.classified(ticket, urgent=True, now=NOON, policy=OFFICE).ticket
    calm = life.retagged(urgent, urgent=False, now=NOON + MINUTE, policy=OFFICE).ticket
    assert (urgent.due_at, calm.due_at) == (NOON + HOUR, datetime(2026, 11, 23, 13, tzinfo=UTC))
    reopened = life.reopened(life.submitted(calm, NOON).ticket, NOON, OFFICE, why="").ticket
    assert not life.retagged(reopened, urgent=False, now=NOON, policy=OFFICE).ticket.reopened


# --- somebody knows -----------------------------------------------------------------------------


def test_whoever_says_that_they_know_is_named_once() -> None:
    step = life.acknowledged(negative(), NOON, "anna")
    assert (step.ticket.acknowledged_by, step.ticket.acknowledged_at) == ("anna", NOON)
    assert [(event.kind, event.was, event.became) for event in step.events] == [("acknowledged", "", "anna")]
    assert life.acknowledged(step.ticket, NOON + MINUTE, "anna") == life.Step(step.ticket, ())
    other_one = life.acknowledged(step.ticket, NOON + MINUTE, "boris")
    assert [(event.was, event.became) for event in other_one.events] == [("anna", "boris")]
    assert other_one.ticket.acknowledged_at == NOON + MINUTE


def test_the_clock_of_an_acknowledged_ticket_runs_on() -> None:
    ticket = life.acknowledged(negative(), NOON, "anna").ticket
    assert ticket.next_change_at == NOON + 30 * MINUTE
    breached = life.level_reached(ticket, POLICY, NOON + HOUR).ticket
    assert (breached.level, breached.acknowledged_by) == (sla.Level.BREACH, "anna")
    assert life.submitted(breached, NOON + 2 * HOUR).ticket.met is False


@pytest.mark.parametrize(
    "move",
    [
        lambda ticket: life.classified(ticket, urgent=True, now=NOON + HOUR, policy=POLICY),
        lambda ticket: life.recounted(ticket, NOON + HOUR, SHORTER),
        lambda ticket: life.reopened(life.submitted(ticket, NOON).ticket, NOON + HOUR, POLICY, why=""),
        lambda ticket: life.revised(life.submitted(ticket, NOON).ticket, NOON + HOUR, POLICY, answerable=True),
    ],
)
def test_a_new_deadline_rings_for_whoever_knew_of_the_old_one(move: Callable[[Ticket], life.Step]) -> None:
    known = life.acknowledged(other(), NOON, "anna").ticket
    after = move(known).ticket
    assert after.due_at != known.due_at
    assert (after.acknowledged_by, after.acknowledged_at) == (None, None)


# --- the first answer ---------------------------------------------------------------------------


def test_the_first_answer_is_kept_whatever_becomes_of_it() -> None:
    first = life.submitted(negative(), NOON + 2 * HOUR).ticket
    assert (first.answered_at, first.answered_met) == (NOON + 2 * HOUR, False)
    again = life.reopened(first, NOON + 3 * HOUR, POLICY, why="").ticket
    second = life.submitted(again, NOON + 3 * HOUR + MINUTE).ticket
    assert second.met is True
    assert (second.answered_at, second.answered_met) == (NOON + 2 * HOUR, False)
    seen = life.reply_seen(second, Reply("Спасибо", NOON + 3 * HOUR), NOON + 9 * HOUR, POLICY, ours=True).ticket
    assert (seen.closed_at, seen.answered_at, seen.answered_met) == (NOON + 3 * HOUR, NOON + 2 * HOUR, False)


def test_late_evidence_of_the_first_answer_corrects_it() -> None:
    first = life.submitted(negative(), NOON + 2 * HOUR).ticket
    seen = life.reply_seen(first, Reply("Спасибо", NOON + MINUTE), NOON + 9 * HOUR, POLICY, ours=True).ticket
    assert (seen.answered_at, seen.answered_met, seen.met) == (NOON + MINUTE, True, True)


def test_a_later_time_on_the_site_makes_no_hit_a_miss() -> None:
    first = life.submitted(negative(), NOON + MINUTE).ticket
    seen = life.reply_seen(first, Reply("Спасибо", NOON + 2 * HOUR), NOON + 9 * HOUR, POLICY, ours=True).ticket
    assert (seen.closed_at, seen.answered_at, seen.met) == (NOON + MINUTE, NOON + MINUTE, True)


def test_an_answer_written_elsewhere_closes_at_the_time_of_the_site() -> None:
    step = life.reply_seen(negative(), Reply("Спасибо", NOON + MINUTE), NOON + 9 * HOUR, POLICY, ours=False)
    assert [event.kind for event in step.events] == ["answered_elsewhere"]
    assert (step.ticket.answered_at, step.ticket.answered_met) == (NOON + MINUTE, True)


def test_without_a_deadline_an_answer_is_neither_hit_nor_miss() -> None:
    answered = life.submitted(negative(backlog=True), NOON + 99 * HOUR).ticket
    assert (answered.answered_at, answered.answered_met) == (NOON + 99 * HOUR, None)
    dismissed = life.dismissed(negative(), NOON, "spam").ticket
    assert (dismissed.answered_at, dismissed.met) == (None, None)
    seen = life.reply_seen(dismissed, Reply("Спасибо", NOON), NOON + HOUR, POLICY, ours=True).ticket
    assert (seen.state, seen.answered_at, seen.met) == (TicketState.ANSWERED, NOON, None)


def test_a_second_answer_at_the_very_moment_of_the_first_does_not_make_a_hit_of_its_miss() -> None:
    at = NOON + HOUR + MINUTE
    late = life.reply_seen(negative(), Reply("Спасибо", at), at, POLICY, ours=False).ticket
    edited = life.revised(late, at, POLICY, answerable=True).ticket
    held = life.reply_seen(edited, Reply("Спасибо", at, ReplyState.PENDING), at, POLICY, ours=False).ticket
    shown = life.reply_seen(held, Reply("Спасибо", at), at, POLICY, ours=False).ticket
    assert (late.answered_met, held.answered_met, shown.answered_met) == (False, False, False)
    assert (held.met, shown.met) == (True, True)


@settings(stateful_step_count=30, max_examples=200)
class TicketLife(RuleBasedStateMachine):
    """Whatever people, sites, settings and the clock do, in any order."""

    @initialize(answerable=st.booleans(), backlog=st.booleans(), policy=policies)
    def begin(self, answerable: bool, backlog: bool, policy: sla.Policy) -> None:
        self.now = NOON
        self.answerable = answerable
        self.policy = policy
        step = life.opened(review_id=1, now=NOON, policy=policy, answerable=answerable, backlog=backlog)
        self.ticket = replace(step.ticket, id=1)
        self.told: list[tuple[str, datetime | None]] = []

    def move(self, step: life.Step, *, later: bool = False, evidence: datetime | None = None) -> None:
        """`later`: whether this may give more time; `evidence`: when the site says that an answer was written."""
        before, after = self.ticket, step.ticket
        changed = replace(after, next_change_at=None) != replace(before, next_change_at=None)
        assert bool(step.events) or not changed, "a change without an event"
        if after.state is not before.state:
            assert any((event.was, event.became) == (before.state, after.state) for event in step.events)
        if before.due_at is not None and after.due_at is not None and after.due_at > before.due_at:
            assert later, "more time that nobody gave"
        if before.answered_at is not None and after.answered_at != before.answered_at:
            assert evidence is not None
            assert after.answered_at == evidence < before.answered_at
        if (before.answered_met, after.answered_met) == (False, True) or (before.met, after.met) == (False, True):
            assert evidence is not None, "a hit out of a miss"
            assert before.due_at is not None
            assert evidence <= before.due_at
        assert (before.answered_met, after.answered_met) != (True, False)
        self.ticket = after

    @rule(minutes=st.integers(0, 3000))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(policy=policies)
    def settings_change(self, policy: sla.Policy) -> None:
        self.policy = policy

    @precondition(lambda self: self.ticket.policy != self.policy.fingerprint)
    @rule()
    def recount(self) -> None:
        before = self.ticket
        step = life.recounted(before, self.now, self.policy)
        running = before.state in WAITING_STATES and before.due_at is not None
        moved = step.ticket.due_at != before.due_at
        assert bool(step.events) is moved
        assert running or not moved
        assert life.recounted(step.ticket, self.now, self.policy).ticket.due_at == step.ticket.due_at
        if moved:
            self.told.clear()
        self.ticket = step.ticket

    @rule(urgent=st.booleans())
    def verdict(self, urgent: bool) -> None:
        step = life.classified(self.ticket, urgent=urgent, now=self.now, policy=self.policy)
        self.move(step, later=self.ticket.target is Target.UNCLASSIFIED)

    @rule(urgent=st.booleans())
    def person_judges(self, urgent: bool) -> None:
        before = self.ticket
        step = life.retagged(before, urgent=urgent, now=self.now, policy=self.policy)
        self.move(step, later=not urgent or before.target is Target.UNCLASSIFIED)
        if not urgent and before.due_at is not None and before.target is Target.NEGATIVE:
            assert self.ticket.due_at is not None
            assert self.ticket.due_at >= before.due_at
        if self.ticket.due_at != before.due_at:
            self.told.clear()  # an old deadline may come back; the outbox knows what was told of it

    @precondition(lambda self: self.ticket.state in WAITING_STATES)
    @rule(who=st.sampled_from(["anna", "boris"]))
    def person_acknowledges(self, who: str) -> None:
        before = self.ticket
        self.move(life.acknowledged(before, self.now, who))
        assert self.ticket.acknowledged_by == who
        assert replace(self.ticket, acknowledged_by=None, acknowledged_at=None) == replace(
            before, acknowledged_by=None, acknowledged_at=None
        )

    @precondition(lambda self: self.ticket.state in WAITING_STATES)
    @rule()
    def person_submits(self) -> None:
        self.move(life.submitted(self.ticket, self.now))
        if self.ticket.due_at is not None:
            assert self.ticket.met is (self.now <= self.ticket.due_at)
        assert self.ticket.answered_at is not None

    @precondition(lambda self: self.ticket.state is TicketState.OPEN)
    @rule()
    def person_approves(self) -> None:
        self.move(life.approved(self.ticket, self.now))

    @precondition(lambda self: self.ticket.state in (*WAITING_STATES, TicketState.UNANSWERABLE))
    @rule()
    def person_dismisses(self) -> None:
        self.move(life.dismissed(self.ticket, self.now, "spam"))

    @precondition(
        lambda self: (
            self.answerable
            and self.ticket.state in (TicketState.SUBMITTED, TicketState.ANSWERED, TicketState.DISMISSED)
        )
    )
    @rule()
    def person_reopens(self) -> None:
        self.move(life.reopened(self.ticket, self.now, self.policy, why=""), later=True)
        assert self.ticket.due_at == self.policy.reopened.due(self.now)

    @rule(state=st.sampled_from(list(ReplyState)), minutes=st.none() | st.integers(-3000, 3000), ours=st.booleans())
    def reply_appears(self, state: ReplyState, minutes: int | None, ours: bool) -> None:
        at = None if minutes is None else self.now + minutes * MINUTE
        reply = Reply("Спасибо", at, state)
        step = life.reply_seen(self.ticket, reply, self.now, self.policy, ours=ours)
        self.move(step, later=state is ReplyState.REJECTED, evidence=at)

    @rule()
    def reply_disappears(self) -> None:
        self.move(life.reply_gone(self.ticket, self.now, self.policy), later=True)

    @rule()
    def author_edits(self) -> None:
        waiting = self.ticket.state in WAITING_STATES
        step = life.revised(self.ticket, self.now, self.policy, answerable=self.answerable)
        self.move(step, later=not waiting)

    @rule()
    def review_vanishes(self) -> None:
        self.move(life.removed(self.ticket, self.now))

    @rule()
    def review_returns(self) -> None:
        step = life.returned(self.ticket, self.now, self.policy, answerable=self.answerable)
        self.move(step, later=True)
        if self.ticket.state in WAITING_STATES and step.events and self.ticket.due_at is not None:
            assert self.ticket.due_at >= self.policy.grace(self.ticket.target, self.now)

    @rule(answerable=st.booleans())
    def site_lets_answer(self, answerable: bool) -> None:
        self.answerable = answerable
        if answerable and self.ticket.state is TicketState.UNANSWERABLE:
            self.move(life.unlocked(self.ticket, self.now))

    @rule()
    def watch(self) -> None:
        if self.ticket.next_change_at is None or self.ticket.next_change_at > self.now:
            return
        step = life.level_reached(self.ticket, self.policy, self.now)
        for event in step.events:
            told = (event.became, self.ticket.due_at)
            assert event.became == sla.NOTICE or told not in self.told, "the same level of the same deadline twice"
            assert event.at <= self.now
            self.told.append(told)
        self.ticket = step.ticket

    @invariant()
    def a_running_clock_always_has_its_next_alarm(self) -> None:
        ticket = self.ticket
        if ticket.state in WAITING_STATES and ticket.due_at is not None:
            assert ticket.next_change_at is not None or ticket.level == sla.Level.PLUS_2X

    @invariant()
    def no_level_is_overlooked(self) -> None:
        ticket = self.ticket
        if ticket.policy != self.policy.fingerprint or ticket.state not in WAITING_STATES or ticket.due_at is None:
            return
        if ticket.next_change_at is None or ticket.next_change_at > self.now:
            moments = life.rings(ticket, self.policy)
            assert sla.advance(moments, ticket.level, self.now).level is None

    @invariant()
    def a_deadline_follows_from_its_promise_and_the_time_a_person_was_left_with(self) -> None:
        ticket = self.ticket
        if ticket.policy != self.policy.fingerprint or ticket.state not in WAITING_STATES or ticket.due_at is None:
            return
        promised = self.policy.due(ticket.target, ticket.started_at, ticket.reopened)
        assert ticket.due_at == max(promised, ticket.floor_at or promised)

    @invariant()
    def what_needs_no_answer_never_rings(self) -> None:
        if self.ticket.state not in (*WAITING_STATES, TicketState.UNANSWERABLE):
            assert self.ticket.next_change_at is None

    @invariant()
    def the_backlog_and_what_cannot_be_answered_have_no_deadline(self) -> None:
        if self.ticket.backlog or self.ticket.state is TicketState.UNANSWERABLE:
            assert self.ticket.due_at is None
        elif self.ticket.state in WAITING_STATES:
            assert self.ticket.due_at is not None, "nobody would ever be told of it"

    @invariant()
    def a_closed_ticket_says_when_and_an_open_one_does_not(self) -> None:
        waiting = self.ticket.state in (*WAITING_STATES, TicketState.UNANSWERABLE)
        assert (self.ticket.closed_at is None) is waiting


TestTicketLife = TicketLife.TestCase
