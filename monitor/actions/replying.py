"""The reply: a person's words, whose fault it was, approval, and how a ticket is closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from monitor import tickets as life
from monitor import wording
from monitor.actions.base import Base, Faulty, claim, errors_in_words, must_be_read
from monitor.errors import Conflict, UsageError
from monitor.jobs.draft import BASIS
from monitor.model import Ticket, TicketState
from monitor.store.connection import Row
from monitor.store.rows import draft_from
from responders.types import Draft, Fault, Finding

LONGEST_REPLY = 20_000
"""Characters of a reply in the hands of whoever writes it: no site takes so many."""

LONGEST_MEASURE = 300
"""Characters of what was done about a fault: it stands in a reply."""

ANEW = "написан заново"
"""Why a draft is another one, for the history."""

DISMISS_REASONS = ("spam", "duplicate", "wrong_place", "off_topic", "answered_elsewhere", "other")


class DraftFate(StrEnum):
    """What became of a draft when somebody said whose fault it is, or what a review speaks of: nothing new was said;
    written anew; a person's words stay as they are; there is none yet, or not yet the new one, and the next pass writes
    it; none is due for that."""

    UNCHANGED = "unchanged"
    REWRITTEN = "rewritten"
    KEPT = "kept"
    MISSING = "missing"
    NEEDLESS = "needless"


class EditConflict(Conflict):
    """The newest draft is not the one that the actor saw, and nothing was written: `theirs`, number `number`, by
    `author` (None: ours)."""

    def __init__(self, ticket_id: int, theirs: Draft, author: str | None, number: int) -> None:
        whose = "его уже написали заново" if author is None else f"другие слова уже сохранены, их автор {author}"
        super().__init__(f"ответ на отзыв № {ticket_id} с тех пор изменился: {whose}. Сравните оба текста")
        self.theirs = theirs
        self.author = author
        self.number = number


class Replying(Base):
    """Where `base` is asked for: the number of the draft that the actor saw, 0 for none. Raises EditConflict when
    there is another one by now; None asks nothing. `revision`: of the review that they read, None for its latest."""

    def edit(
        self, ticket_id: int, text: str, *, base: int | None = None, revision: int | None = None
    ) -> Sequence[Finding]:
        """Replaces the draft by a person's words, without what nobody would see of them; what the linter says of them.
        An approval is void. Saved twice by mistake is saved once."""
        words = wording.visible(text).strip()
        if not words:
            raise UsageError("ответ пуст", hint="; закрыть отзыв без ответа можно командой `queue dismiss`")
        findings = tuple(self._lint(ticket_id, words))

        def step(ticket: Ticket, now: datetime) -> life.Step:
            view = self._store.tickets.view(ticket_id)
            if base is not None and base != view["draft_number"] and view["draft_text"] == words:
                return life.Step(ticket, ())
            _must_be_seen(view, base)
            read = view["revision"] if revision is None else min(revision, view["revision"])
            return self._reworded(ticket, Draft(words, view["draft_template"] or "", findings), read, now)

        self._act("edit", ticket_id, step)
        return findings

    def _reworded(self, ticket: Ticket, draft: Draft, revision: int, now: datetime, why: str = "") -> life.Step:
        """The ticket with the actor's wording of a reply to that revision; an approval of other words is void."""
        self._store.tickets.add_draft(ticket.id, draft, revision=revision, author=self._actor, now=now)
        state = TicketState.OPEN if ticket.state is TicketState.APPROVED else ticket.state
        event = life.Happening("edited", now, was=ticket.state, became=state, why=why)
        return life.Step(replace(ticket, state=state), (event,))

    def draft(self, ticket_id: int, *, base: int | None = None) -> None:
        """Has the draft written anew, by what is known of the fault. It is theirs from now on, as if they had written
        it."""
        self._at_hand("draft", ticket_id)
        before = self._store.tickets.view(ticket_id)
        _must_be_seen(before, base)
        draft = self._write(ticket_id, Fault(before["fault"]), before["measure"])

        def step(ticket: Ticket, now: datetime) -> life.Step:
            self._must_be_as(before)
            return self._reworded(ticket, draft, before["revision"], now, why=ANEW)

        self._act("draft", ticket_id, step)

    def fault(self, ticket_id: int, fault: Fault, measure: str = "") -> DraftFate:
        """The actor says whether the company is to blame, and what was done about it: one line, "" for nothing. The
        draft that we wrote follows at once, and whoever had approved it looks again; a person's words stay."""
        done = measure.strip()
        _check_measure(fault, done)
        self._at_hand("fault", ticket_id)
        before = self._store.tickets.view(ticket_id)
        text, news = before["draft_text"], (before["fault"], before["measure"]) != (fault, done)
        ours = news and text is not None and self._store.tickets.is_ours(ticket_id, text)
        draft = self._write(ticket_id, fault, done) if ours else None
        with self._transaction():
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

    def approve(
        self, ticket_id: int, *, base: int | None = None, revision: int | None = None, force: bool = False
    ) -> None:
        """The draft may be posted as it stands. What the site would refuse is approved only with `force`."""
        self._at_hand("approve", ticket_id)
        view = self._store.tickets.view(ticket_id)
        _must_be_seen(view, base)
        text = view["draft_text"]
        if not text:
            raise Conflict(
                f"у отзыва № {ticket_id} ещё нет черновика; напишите ответ", hint=f": `queue edit {ticket_id}`"
            )
        found = self._lint(ticket_id, text)
        if (reasons := errors_in_words(found)) and not force:
            told = f"отзыв № {ticket_id}: {reasons}. Исправьте ответ"
            raise Faulty(told, found, hint=" или одобрите его с --force")

        def step(ticket: Ticket, now: datetime) -> life.Step:
            current = self._store.tickets.view(ticket_id)
            _must_be_seen(current, base)
            must_be_read(current, revision)
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
        """Back into the queue: with a clock of its own (`sla.reopened`) where there was an answer, else by the old
        deadline."""
        policy = self._policy_of(ticket_id)
        view = self._store.tickets.view(ticket_id)
        answerable = self._answerable(view["source"], view["text"])

        def step(ticket: Ticket, now: datetime) -> life.Step:
            if ticket.state is TicketState.DISMISSED:
                return life.undismissed(ticket, now, policy, answerable=answerable)
            return life.reopened(ticket, now, policy, why="открыт вручную", answerable=answerable)

        self._act("reopen", ticket_id, step)


def _must_be_seen(view: Row, base: int | None) -> None:
    """Raises EditConflict when the newest draft (of a row of `view`) is not number `base`."""
    number = view["draft_number"] or 0
    if base is None or base == number:
        return
    theirs = draft_from(view)
    if theirs is None:
        raise Conflict(f"черновика к отзыву № {view['id']} больше нет; посмотрите его ещё раз")
    raise EditConflict(view["id"], theirs, view["draft_author"], number)


def _check_measure(fault: Fault, measure: str) -> None:
    """Raises UsageError when a reply cannot tell of this measure."""
    if measure and fault is not Fault.CONFIRMED:
        hint = ": скажите `confirmed` или уберите --measure"
        raise UsageError("меры принимают по подтверждённой вине", hint=hint)
    if len(measure) > LONGEST_MEASURE:
        raise UsageError(f"мера длиннее {LONGEST_MEASURE} знаков; сократите её", hint=" (--measure)")
    if not wording.is_plain(measure):
        raise UsageError("мера встанет в ответ: одна строка, без невидимых знаков")
