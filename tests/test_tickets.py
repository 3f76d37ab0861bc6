"""The life of a ticket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor import sla
from monitor import tickets as life
from monitor.calendar import Always
from monitor.model import WAITING_STATES, Reply, ReplyState, Target, Ticket, TicketState

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POLICY = sla.Policy(HOUR, 24 * HOUR, Always())


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
    seen = life.reply_seen(ticket, Reply("Спасибо", NOON + 2 * HOUR), NOON + 3 * HOUR, POLICY)
    assert seen.ticket.state is TicketState.ANSWERED
    assert seen.ticket.met is False


def test_a_reply_marked_late_counts_at_the_earlier_time_the_site_gives() -> None:
    ticket = life.submitted(negative(), NOON + 90 * MINUTE).ticket
    assert ticket.met is False
    seen = life.reply_seen(ticket, Reply("Спасибо", NOON + 20 * MINUTE), NOON + 2 * HOUR, POLICY).ticket
    assert seen.met is True
    assert seen.closed_at == NOON + 20 * MINUTE


def test_a_reply_found_late_counts_at_the_time_the_site_gives() -> None:
    late = replace(negative(), level=sla.Level.BREACH)
    step = life.reply_seen(late, Reply("Спасибо", NOON + 30 * MINUTE), NOON + 2 * HOUR, POLICY)
    assert step.ticket.met is True
    assert step.ticket.closed_at == NOON + 30 * MINUTE


def test_a_reply_without_a_time_counts_when_it_is_seen() -> None:
    step = life.reply_seen(negative(), Reply("Спасибо"), NOON + 2 * HOUR, POLICY)
    assert step.ticket.met is False


def test_a_reply_dated_before_the_clock_or_in_the_future_counts_when_it_is_seen() -> None:
    for at in (NOON - HOUR, NOON + 9 * HOUR):
        step = life.reply_seen(negative(), Reply("Спасибо", at), NOON + 2 * HOUR, POLICY)
        assert step.ticket.closed_at == NOON + 2 * HOUR


def test_a_reply_in_moderation_stops_the_clock_and_is_confirmed_later() -> None:
    pending = life.reply_seen(negative(), Reply("Спасибо", NOON, ReplyState.PENDING), NOON + MINUTE, POLICY).ticket
    assert pending.state is TicketState.SUBMITTED
    shown = life.reply_seen(pending, Reply("Спасибо", NOON), NOON + 2 * HOUR, POLICY)
    assert shown.ticket.state is TicketState.ANSWERED
    assert [event.kind for event in shown.events] == ["confirmed"]


def test_a_refused_reply_reopens_with_an_hour() -> None:
    ticket = life.submitted(other(), NOON + MINUTE).ticket
    step = life.reply_seen(ticket, Reply("Звоните", NOON, ReplyState.REJECTED), NOON + 5 * HOUR, POLICY)
    assert step.ticket.state is TicketState.OPEN
    assert step.ticket.due_at == NOON + 6 * HOUR


def test_a_reply_that_is_gone_reopens_with_an_hour() -> None:
    ticket = life.reply_seen(other(), Reply("Спасибо", NOON), NOON + MINUTE, POLICY).ticket
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
    policy = replace(POLICY, reopened=30 * MINUTE)
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


@settings(stateful_step_count=30, max_examples=200)
class TicketLife(RuleBasedStateMachine):
    """Whatever people, sites and the clock do, in any order."""

    @initialize(answerable=st.booleans(), backlog=st.booleans())
    def begin(self, answerable: bool, backlog: bool) -> None:
        self.now = NOON
        self.answerable = answerable
        self.ticket = opened(answerable=answerable, backlog=backlog)
        self.told: list[tuple[str, datetime | None]] = []

    def move(self, step: life.Step) -> None:
        changed = replace(step.ticket, next_change_at=None) != replace(self.ticket, next_change_at=None)
        assert bool(step.events) or not changed, "a change without an event"
        if step.ticket.state is not self.ticket.state:
            assert any((event.was, event.became) == (self.ticket.state, step.ticket.state) for event in step.events)
        self.ticket = step.ticket

    @rule(minutes=st.integers(0, 3000))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(urgent=st.booleans())
    def verdict(self, urgent: bool) -> None:
        due = self.ticket.due_at
        was = self.ticket.target
        self.move(life.classified(self.ticket, urgent=urgent, now=self.now, policy=POLICY))
        if due is not None and was is not Target.UNCLASSIFIED:
            assert self.ticket.due_at is not None
            assert self.ticket.due_at <= due

    @rule(urgent=st.booleans())
    def person_judges(self, urgent: bool) -> None:
        before = self.ticket
        self.move(life.retagged(before, urgent=urgent, now=self.now, policy=POLICY))
        if before.due_at is not None and before.target is not Target.UNCLASSIFIED and before.state in WAITING_STATES:
            assert self.ticket.due_at is not None
            assert (self.ticket.due_at <= before.due_at) if urgent else (self.ticket.due_at >= before.due_at)
        if self.ticket.due_at != before.due_at:
            self.told.clear()  # an old deadline may come back; the outbox knows what was told of it

    @precondition(lambda self: self.ticket.state in WAITING_STATES)
    @rule()
    def person_submits(self) -> None:
        self.move(life.submitted(self.ticket, self.now))
        if self.ticket.due_at is not None:
            assert self.ticket.met is (self.now <= self.ticket.due_at)

    @precondition(lambda self: self.ticket.state is TicketState.OPEN)
    @rule()
    def person_approves(self) -> None:
        self.move(life.approved(self.ticket, self.now))

    @precondition(lambda self: self.ticket.state in (*WAITING_STATES, TicketState.UNANSWERABLE))
    @rule()
    def person_dismisses(self) -> None:
        self.move(life.dismissed(self.ticket, self.now, "spam"))

    @rule(state=st.sampled_from(list(ReplyState)), minutes=st.none() | st.integers(-3000, 3000))
    def reply_appears(self, state: ReplyState, minutes: int | None) -> None:
        was = self.ticket
        at = None if minutes is None else self.now + minutes * MINUTE
        self.move(life.reply_seen(self.ticket, Reply("Спасибо", at, state), self.now, POLICY))
        if was.state not in WAITING_STATES and self.ticket.state not in WAITING_STATES and self.ticket.met != was.met:
            assert (was.met, self.ticket.met) == (False, True), "only late evidence changes a settled outcome"
            assert at is not None

    @rule()
    def reply_disappears(self) -> None:
        self.move(life.reply_gone(self.ticket, self.now, POLICY))

    @rule()
    def author_edits(self) -> None:
        self.move(life.revised(self.ticket, self.now, POLICY, answerable=self.answerable))

    @rule()
    def review_vanishes(self) -> None:
        self.move(life.removed(self.ticket, self.now))

    @rule()
    def review_returns(self) -> None:
        self.move(life.returned(self.ticket, self.now, POLICY, answerable=self.answerable))

    @rule()
    def watch(self) -> None:
        if self.ticket.next_change_at is None or self.ticket.next_change_at > self.now:
            return
        step = life.level_reached(self.ticket, POLICY, self.now)
        for event in step.events:
            told = (event.became, self.ticket.due_at)
            assert event.became == sla.NOTICE or told not in self.told, "the same level of the same deadline twice"
            self.told.append(told)
        self.ticket = step.ticket

    @invariant()
    def a_running_clock_always_has_its_next_alarm(self) -> None:
        ticket = self.ticket
        if ticket.state in WAITING_STATES and ticket.due_at is not None:
            assert ticket.next_change_at is not None or ticket.level == sla.Level.PLUS_2X

    @invariant()
    def what_needs_no_answer_never_rings(self) -> None:
        if self.ticket.state not in (*WAITING_STATES, TicketState.UNANSWERABLE):
            assert self.ticket.next_change_at is None

    @invariant()
    def a_closed_ticket_says_when_and_an_open_one_does_not(self) -> None:
        waiting = self.ticket.state in (*WAITING_STATES, TicketState.UNANSWERABLE)
        assert (self.ticket.closed_at is None) is waiting


TestTicketLife = TicketLife.TestCase
