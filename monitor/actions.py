"""Everything a person does to a ticket, for the command line and the desk alike.

Each action is one transaction with its event, and is refused when the ticket's state or
another person's hand forbids it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from monitor import gestures, sla, wording
from monitor import tickets as life
from monitor.config_gestures import EXAMPLE, GestureLimits
from monitor.corrections import corrected, in_words, merged
from monitor.errors import Conflict, UsageError
from monitor.gestures import Decision, Gesture, GestureState
from monitor.jobs.draft import BASIS, UNJUDGED
from monitor.model import Ticket, TicketState
from monitor.seams import Clock
from monitor.store.connection import Row
from monitor.store.rows import label_from, verdict_from
from monitor.store.sqlite import Store
from responders.types import Draft, Fault, Finding
from sentiment.types import Tone

LONGEST_NOTE = 500
"""Characters of a note on a correction: it stands in one line of the history."""

LONGEST_MEASURE = 300
"""Characters of what was done about a fault: it stands in a reply."""

ANEW = "написан заново"
"""Why a draft is another one, for the history."""

DISMISS_REASONS = ("spam", "duplicate", "wrong_place", "off_topic", "answered_elsewhere", "other")

# In which states an action makes sense.
_ALLOWED: dict[str, tuple[TicketState, ...]] = {
    "take": (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE),
    "release": tuple(TicketState),
    "draft": (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE),
    "fault": (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE),
    # A gift to somebody whose review is gone would look like its price.
    "gesture": tuple(state for state in TicketState if state not in (TicketState.DISMISSED, TicketState.REMOVED)),
    "ungesture": tuple(TicketState),
    # What stands on the site can be put in other words, and posted again.
    "edit": tuple(state for state in TicketState if state not in (TicketState.DISMISSED, TicketState.REMOVED)),
    "approve": (TicketState.OPEN,),
    "submitted": (TicketState.OPEN, TicketState.APPROVED),
    "acknowledge": (TicketState.OPEN, TicketState.APPROVED),
    "dismiss": (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE),
    "retag": tuple(TicketState),
    "reopen": (TicketState.SUBMITTED, TicketState.ANSWERED, TicketState.DISMISSED),
}

Lint = Callable[[int, str], Sequence[Finding]]
"""(ticket, reply) → what speaks against posting it."""

Write = Callable[[int, Fault, str], Draft]
"""(ticket, whose fault it is, what was done about it) → a draft."""


class DraftFate(StrEnum):
    """What became of a draft when somebody said whose fault it is: nothing new was said; written anew; a person's words
    stay as they are; there is none yet, and the next one follows."""

    UNCHANGED = "unchanged"
    REWRITTEN = "rewritten"
    KEPT = "kept"
    MISSING = "missing"


class Actions:
    """What `actor` may do. `lint` checks a reply as the linter does for drafts, `write` drafts one; without
    `gesture_limits` nothing may be given away. `answerable` tells whether a source lets a company answer a text."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        policies: sla.Policies,
        lint: Lint,
        write: Write,
        actor: str,
        gesture_limits: GestureLimits | None = None,
        answerable: Callable[[str, str], bool] = lambda _source, _text: True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._lint = lint
        self._write = write
        self._actor = named(actor)
        self._gesture_limits = gesture_limits
        self._answerable = answerable

    def take(self, ticket_id: int) -> None:
        """Puts the actor's name on the ticket."""

        def step(ticket: Ticket, now: datetime) -> life.Step:
            if ticket.assignee == self._actor:
                return life.Step(ticket, ())
            return self._assigned(ticket, self._actor, "taken", now)

        self._act("take", ticket_id, step)

    def release(self, ticket_id: int, *, force: bool = False) -> None:
        """Takes the name off again; another person's only with `force`."""
        self._act("release", ticket_id, lambda ticket, now: self._assigned(ticket, None, "released", now), force=force)

    def edit(self, ticket_id: int, text: str) -> Sequence[Finding]:
        """Replaces the draft by a person's words; what the linter says of them. An approval is void."""
        words = text.strip()
        if not words:
            raise UsageError("ответ пуст; закрыть отзыв без ответа можно командой `queue dismiss`")
        findings = tuple(self._lint(ticket_id, words))

        def step(ticket: Ticket, now: datetime) -> life.Step:
            template = self._store.tickets.view(ticket_id)["draft_template"] or ""
            return self._reworded(ticket, Draft(words, template, findings), now)

        self._act("edit", ticket_id, step)
        return findings

    def _reworded(self, ticket: Ticket, draft: Draft, now: datetime, why: str = "") -> life.Step:
        """The ticket with the actor's wording; an approval of other words is void."""
        revision = self._store.tickets.view(ticket.id)["revision"]
        self._store.tickets.add_draft(ticket.id, draft, revision=revision, author=self._actor, now=now)
        state = TicketState.OPEN if ticket.state is TicketState.APPROVED else ticket.state
        event = life.Happening("edited", now, was=ticket.state, became=state, why=why)
        return life.Step(replace(ticket, state=state), (event,))

    def draft(self, ticket_id: int) -> None:
        """Has the draft written anew, by what is known of the fault. It is theirs from now on, as if they had written
        it."""
        self._at_hand("draft", ticket_id)
        before = self._store.tickets.view(ticket_id)
        draft = self._write(ticket_id, Fault(before["fault"]), before["measure"])

        def step(ticket: Ticket, now: datetime) -> life.Step:
            self._must_be_as(before)
            return self._reworded(ticket, draft, now, why=ANEW)

        self._act("draft", ticket_id, step)

    def fault(self, ticket_id: int, fault: Fault, measure: str = "") -> DraftFate:
        """The actor says whether the company is to blame, and what was done about it: one line, "" for nothing. The
        draft that we wrote follows at once, and whoever had approved it looks again; a person's words stay."""
        done = measure.strip()
        if problem := _wrong_measure(fault, done):
            raise UsageError(problem)
        self._at_hand("fault", ticket_id)
        before = self._store.tickets.view(ticket_id)
        text, news = before["draft_text"], (before["fault"], before["measure"]) != (fault, done)
        ours = news and text is not None and self._store.tickets.is_ours(ticket_id, text)
        draft = self._write(ticket_id, fault, done) if ours else None
        with self._store.write():
            ticket, now = self._at_hand("fault", ticket_id), self._clock.now()
            self._must_be_as(before)
            if not news:
                return DraftFate.UNCHANGED
            events = [life.Happening("fault", now, was=ticket.fault, became=fault, why=done)]
            after = replace(ticket, fault=fault, measure=done)
            if draft is not None:
                self._store.tickets.add_draft(ticket_id, draft, revision=before["revision"], author=None, now=now)
                if ticket.state is TicketState.APPROVED:
                    after = replace(after, state=TicketState.OPEN)
                    events.append(life.Happening("edited", now, was=ticket.state, became=after.state, why=ANEW))
            step = life.Step(after, tuple(events))
            self._store.tickets.save(ticket, step, actor=self._actor, redraft=text is None)
        if draft is not None:
            return DraftFate.REWRITTEN
        return DraftFate.MISSING if text is None else DraftFate.KEPT

    def _must_be_as(self, before: Row) -> None:
        """Inside a `write`: what a draft was written from (a row of `view`) is still so. Raises Conflict."""
        current = self._store.tickets.view(before["id"])
        if any(current[name] != before[name] for name in (*BASIS, "draft_text")):
            raise Conflict(f"отзыв № {before['id']} только что изменился; посмотрите его ещё раз")

    def gesture(self, ticket_id: int, what: str, amount: int) -> Decision:
        """The actor wants to offer the author something in private that costs us `amount` roubles: agreed at once
        within the actor's limit, else it waits for an owner. Raises UsageError above what the margin allows."""
        limits, words = self._limits(), what.strip()
        if problem := gestures.wrong_words(words):
            raise UsageError(problem)
        if amount < 1:
            raise UsageError("во сколько рублей обойдётся жест? Нужно целое число больше нуля: --amount 300")
        with self._store.write():
            ticket, now = self._at_hand("gesture", ticket_id), self._clock.now()
            if self._store.privacy.is_erased(ticket.review_id):
                raise Conflict(f"данные отзыва № {ticket_id} стёрты: предложить жест некому")
            held = self._store.gestures.of(ticket_id)
            if any(earlier.state is GestureState.PROPOSED for earlier in held):
                raise Conflict(
                    f"у отзыва № {ticket_id} уже есть жест, который ждёт владельца; сначала решите о нём "
                    f"(`queue gesture {ticket_id} --agree` или `--decline`) или уберите его (`--withdraw`)"
                )
            decision = gestures.decide(limits, amount, self._actor, gestures.given(held))
            if decision.state is None:
                raise UsageError(f"отзыв № {ticket_id}: {decision.reason}")
            self._store.gestures.add(ticket_id, words, amount, decision.state, actor=self._actor, now=now)
            self._tell_of_gesture(ticket, "", decision.state, amount, now)
        return decision

    def gesture_decide(self, ticket_id: int, agree: bool) -> None:
        """An owner agrees to the gesture that waits, or declines it. The limits are those of today."""
        limits = self._limits()
        if self._actor not in limits.owners:
            names = ", ".join(limits.owners) or "никто: впишите логины в gestures.owners"
            raise Conflict(f"решать о жестах сверх лимита может только владелец ({names}), а не {self._actor}")
        with self._store.write():
            ticket = self._at_hand("gesture" if agree else "ungesture", ticket_id, force=True)
            held = self._store.gestures.of(ticket_id)
            waiting = next((one for one in held if one.state is GestureState.PROPOSED), None)
            if waiting is None:
                raise Conflict(f"у отзыва № {ticket_id} нет жеста, который ждёт решения")
            decision = gestures.decide(limits, waiting.amount, self._actor, gestures.given(held))
            if agree and decision.state is None:
                raise Conflict(f"отзыв № {ticket_id}: {decision.reason}")
            self._settle(ticket, waiting, GestureState.AGREED if agree else GestureState.DECLINED)

    def gesture_withdraw(self, ticket_id: int) -> None:
        """Whoever proposed it, or an owner, takes the latest gesture back; it no longer counts, but stays in the
        ledger."""
        limits = self._limits()
        with self._store.write():
            ticket = self._at_hand("ungesture", ticket_id, force=True)
            live = [one for one in self._store.gestures.of(ticket_id) if one.state in gestures.LIVE]
            if not live:
                raise Conflict(f"у отзыва № {ticket_id} нет жеста, который можно отозвать")
            if self._actor not in (live[-1].proposed_by, *limits.owners):
                author = live[-1].proposed_by
                raise Conflict(f"жест предложил(а) {author}: отозвать его может только {author} или владелец")
            self._settle(ticket, live[-1], GestureState.WITHDRAWN)

    def _limits(self) -> GestureLimits:
        if self._gesture_limits is None:
            raise UsageError(f"жесты не настроены: добавьте в config.yaml раздел `{EXAMPLE}` со своими числами")
        return self._gesture_limits

    def _settle(self, ticket: Ticket, gesture: Gesture, state: GestureState) -> None:
        now = self._clock.now()
        self._store.gestures.settle(gesture, state, actor=self._actor, now=now)
        self._tell_of_gesture(ticket, gesture.state, state, gesture.amount, now)

    def _tell_of_gesture(self, ticket: Ticket, was: str, became: str, amount: int, now: datetime) -> None:
        """The history holds the amount; the words stand in the ledger alone."""
        event = life.Happening("gesture", now, was=was, became=became, why=wording.roubles(amount))
        self._store.tickets.record(ticket.review_id, ticket.id, event, self._actor)

    def approve(self, ticket_id: int, *, force: bool = False) -> None:
        """The draft may be posted as it stands. What the site would refuse is approved only with `force`."""
        view = self._store.tickets.view(ticket_id)
        text = view["draft_text"]
        if not text:
            raise Conflict(f"у отзыва № {ticket_id} ещё нет черновика; напишите ответ: `queue edit {ticket_id}`")
        if (reasons := errors_in_words(self._lint(ticket_id, text))) and not force:
            raise Conflict(f"отзыв № {ticket_id}: {reasons}. Исправьте ответ или одобрите его с --force")

        def step(ticket: Ticket, now: datetime) -> life.Step:
            current = self._store.tickets.view(ticket_id)
            if current["draft_text"] != text:
                raise Conflict(f"черновик к отзыву № {ticket_id} только что изменился; посмотрите его ещё раз")
            if current["draft_author"] is None:
                claim(self._store, current, tuple(self._lint(ticket_id, text)), actor=self._actor, now=now)
            return life.approved(ticket, now)

        self._act("approve", ticket_id, step)

    def submitted(self, ticket_id: int) -> None:
        """The actor has posted the reply: the clock stops."""
        self._act("submitted", ticket_id, life.submitted)

    def dismiss(self, ticket_id: int, reason: str) -> None:
        """No answer is needed, for one of DISMISS_REASONS."""
        if reason not in DISMISS_REASONS:
            raise UsageError(f"{reason!r} — не причина; годятся: {', '.join(DISMISS_REASONS)}")
        self._act("dismiss", ticket_id, lambda ticket, now: life.dismissed(ticket, now, reason))

    def reopen(self, ticket_id: int) -> None:
        """Back into the queue, with a clock of its own (`sla.reopened`)."""
        policy = self._policy_of(ticket_id)
        view = self._store.tickets.view(ticket_id)
        answerable = self._answerable(view["source"], view["text"])

        def step(ticket: Ticket, now: datetime) -> life.Step:
            return life.reopened(ticket, now, policy, why="открыт вручную", answerable=answerable)

        self._act("reopen", ticket_id, step)

    def acknowledge(self, ticket_id: int) -> None:
        """The actor knows of it: no more alarms until the deadline moves. Anybody may say so, whoever has taken it."""
        self._act("acknowledge", ticket_id, lambda ticket, now: life.acknowledged(ticket, now, self._actor), force=True)

    def _policy_of(self, ticket_id: int) -> sla.Policy:
        return self._policies.of(self._store.tickets.place_of(ticket_id))

    def retag(self, ticket_id: int, *, tone: Tone | None = None, complaint: bool | None = None, note: str = "") -> None:
        """The actor says what the review's words are, and is believed against the analysis, now and later: the verdict
        follows, the draft nobody touched is due again, a running deadline moves (rule 5). An option left out stays as
        a person set it before, else as the analysis has it. Saying the same again changes nothing."""
        if tone is None and complaint is None:
            raise UsageError("что исправить? Укажите --tone, --complaint или --no-complaint")
        why = " ".join(wording.visible(note).split())
        if len(why) > LONGEST_NOTE:
            raise UsageError(f"пояснение длиннее {LONGEST_NOTE} знаков; сократите --note")
        with self._store.write():
            ticket = self._at_hand("retag", ticket_id)
            view = self._store.tickets.view(ticket_id)
            if not wording.visible(view["text"]).strip():
                raise Conflict(f"у отзыва № {ticket_id} нет текста (только оценка, или текст стёрт): исправлять нечего")
            self._relabel(ticket, view, tone, complaint, why)

    def _relabel(self, ticket: Ticket, view: Row, tone: Tone | None, complaint: bool | None, why: str) -> None:
        now, earlier = self._clock.now(), label_from(view)
        label = merged(earlier, tone, complaint, self._actor, now)
        if earlier is not None and (earlier.tone, earlier.complaint) == (label.tone, label.complaint) and not why:
            return
        before = verdict_from(view)
        after = corrected(before or UNJUDGED, label, view["stars"])
        self._store.labels.put(ticket.review_id, view["revision"], label)
        self._store.analysis.overrule(ticket.review_id, view["revision"], after)
        was = in_words(before.tone, earlier.complaint if earlier else None) if before else ""
        event = life.Happening("retagged", now, was=was, became=in_words(after.tone, label.complaint), why=why)
        step = life.retagged(ticket, urgent=after.urgent, now=now, policy=self._policy_of(ticket.id))
        step = replace(step, events=(event, *step.events))
        self._store.tickets.save(ticket, step, actor=self._actor, redraft=after != before)

    def _assigned(self, ticket: Ticket, name: str | None, kind: str, now: datetime) -> life.Step:
        event = life.Happening(kind, now, was=ticket.assignee or "", became=name or "")
        return life.Step(replace(ticket, assignee=name), (event,))

    def _act(
        self, action: str, ticket_id: int, step: Callable[[Ticket, datetime], life.Step], *, force: bool = False
    ) -> None:
        with self._store.write():
            ticket = self._at_hand(action, ticket_id, force=force)
            self._store.tickets.save(ticket, step(ticket, self._clock.now()), actor=self._actor)

    def _at_hand(self, action: str, ticket_id: int, *, force: bool = False) -> Ticket:
        """The ticket, inside a `write` where it is changed. Raises Conflict when its state or another person's hand
        forbids the action."""
        ticket = self._store.tickets.get(ticket_id)
        if ticket.state not in _ALLOWED[action]:
            raise Conflict(f"отзыв № {ticket_id}: {wording.STATES[ticket.state]}; действие {action} к нему не подходит")
        if not force:
            check_hand(ticket, self._actor)
        return ticket


def named(actor: str) -> str:
    """Who acts; raises UsageError where nobody does."""
    if not actor.strip():
        raise UsageError("кто действует? Укажите --as ИМЯ или переменную OTKLIK_USER")
    return actor


def check_hand(ticket: Ticket, actor: str) -> None:
    """Raises Conflict when another person has taken the ticket."""
    if ticket.assignee not in (None, actor):
        raise Conflict(
            f"отзыв № {ticket.id} взял(а) {ticket.assignee}; договоритесь или освободите его: "
            f"`queue release {ticket.id} --force`"
        )


def errors_in_words(findings: Iterable[Finding]) -> str:
    """Why a reply must not be posted, "" where the linter found no error."""
    errors = (finding for finding in findings if finding.severity == "error")
    return "; ".join(f"{finding.rule}: {finding.message.rstrip('.')}" for finding in errors)


def claim(store: Store, view: Row, findings: tuple[Finding, ...], *, actor: str, now: datetime) -> None:
    """From here on the newest draft of a ticket (a row of `view`) is the actor's: no new template or verdict rewrites
    it. Inside a `write`."""
    template, reason, likeness = view["draft_template"], view["draft_reason"], view["draft_similarity"]
    draft = Draft(view["draft_text"], template, findings, reason=reason, similarity=likeness)
    store.tickets.add_draft(view["id"], draft, revision=view["revision"], author=actor, now=now)


def _wrong_measure(fault: Fault, measure: str) -> str:
    """Why a reply cannot tell of this measure, "" when it can."""
    if measure and fault is not Fault.CONFIRMED:
        return "меры принимают по подтверждённой вине: скажите `confirmed` или уберите --measure"
    if len(measure) > LONGEST_MEASURE:
        return f"мера длиннее {LONGEST_MEASURE} знаков; сократите --measure"
    return "" if wording.is_plain(measure) else "мера встанет в ответ: одна строка, без невидимых знаков"
