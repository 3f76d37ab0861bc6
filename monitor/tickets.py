"""The life of a ticket. Pure: what happened and when goes in, the ticket as it is now and its events come out.

    open ⇄ approved → submitted → answered        a person's way, confirmed by the site
      ↘ dismissed   ↘ removed                     nothing to answer (any more)
    submitted, answered, dismissed → open         refused, edited, reply gone, or a person reopened it
    unanswerable                                  the site gives a company no way to reply

The team's clock runs in `open` and `approved` only (rule 2).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor import sla
from monitor.model import WAITING_STATES, Reply, ReplyState, Target, Ticket, TicketState


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a ticket's history: `at` is when it became true, not when we learned it."""

    kind: str
    at: datetime
    was: str = ""
    became: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    ticket: Ticket
    events: tuple[Happening, ...]


def opened(
    *, review_id: int, now: datetime, policy: sla.Policy, answerable: bool, backlog: bool, why: str = ""
) -> Step:
    """A new ticket. Until the verdict is in, the stricter promise holds, so that a broken analysis rings too."""
    ticket = Ticket(
        id=0,
        review_id=review_id,
        state=TicketState.OPEN if answerable else TicketState.UNANSWERABLE,
        backlog=backlog,
        target=Target.UNCLASSIFIED,
        started_at=now,
        armed_at=now,
        due_at=None,
        level="",
        next_change_at=None,
        assignee=None,
        met=None,
        closed_at=None,
    )
    if answerable and not backlog:
        ticket = armed(ticket, policy, policy.due(ticket.target, now), now)
    return Step(ticket, (Happening("opened", now, became=ticket.state, why=why),))


def armed(ticket: Ticket, policy: sla.Policy, due: datetime, now: datetime) -> Ticket:
    """The ticket with a new deadline: every level rings anew, also for whoever had said "I know" (rule 7)."""
    after = replace(
        ticket,
        due_at=due,
        armed_at=now,
        level="",
        acknowledged_by=None,
        acknowledged_at=None,
        policy=policy.fingerprint,
    )
    return replace(after, next_change_at=min(at for _, at in rings(after, policy)))


def rings(ticket: Ticket, policy: sla.Policy) -> list[tuple[sla.Level, datetime]]:
    """When each level of the ticket's deadline is told; nothing without a deadline."""
    return policy.rings(levels(ticket, policy))


def levels(ticket: Ticket, policy: sla.Policy) -> list[tuple[sla.Level, datetime]]:
    """When each level of the ticket's deadline is reached; nothing without a deadline."""
    if ticket.due_at is None:
        return []
    return policy.levels(ticket.target, ticket.armed_at, ticket.due_at, ticket.reopened, start=ticket.started_at)


def _promised(ticket: Ticket, policy: sla.Policy) -> datetime:
    """The deadline by the promise, never before the time a person was left with."""
    due = policy.due(ticket.target, ticket.started_at, ticket.reopened)
    return due if ticket.floor_at is None else max(due, ticket.floor_at)


def classified(ticket: Ticket, *, urgent: bool, now: datetime, policy: sla.Policy) -> Step:
    """A verdict is in. The first one settles the deadline; a later one only tightens it (rule 5)."""
    target = Target.NEGATIVE if urgent else Target.OTHER
    if ticket.target is target or (ticket.target is Target.NEGATIVE and ticket.due_at is not None):
        return Step(ticket, ())
    after = replace(ticket, target=target)
    events = [Happening("classified", now, was=ticket.target, became=target)]
    if ticket.state is TicketState.UNANSWERABLE:
        # One notice about a negative review that nobody can answer; the watch tells it.
        due_notice = urgent and not ticket.backlog and ticket.level != sla.NOTICE
        return Step(replace(after, next_change_at=now if due_notice else None), tuple(events))
    if ticket.due_at is None or ticket.state not in WAITING_STATES:
        return Step(after, tuple(events))
    if ticket.target is Target.UNCLASSIFIED:
        due = _promised(after, policy)
        unmoved = due == ticket.due_at
        after = _running_on(after, due, policy, now) if unmoved else armed(after, policy, due, ticket.armed_at)
        return Step(after, tuple(events))
    due = policy.tightened(ticket.due_at, ticket.started_at, now)
    after = replace(after, floor_at=min(due, policy.grace(target, now)))
    if due == ticket.due_at:
        return Step(_running_on(after, due, policy, now), tuple(events))
    after = armed(after, policy, due, now)
    events.append(_deadline_moved(ticket, after, now, "стал срочным"))
    return Step(after, tuple(events))


def retagged(ticket: Ticket, *, urgent: bool, now: datetime, policy: sla.Policy) -> Step:
    """A person judged the text. As a later verdict does, this tightens the deadline; a person may also loosen it
    (rule 5). A closed ticket stays as it is."""
    if ticket.state not in (*WAITING_STATES, TicketState.UNANSWERABLE):
        return Step(ticket, ())
    if urgent or ticket.target is not Target.NEGATIVE or ticket.due_at is None:
        return classified(ticket, urgent=urgent, now=now, policy=policy)
    return _loosened(ticket, ticket.due_at, now, policy)


def _loosened(ticket: Ticket, due_at: datetime, now: datetime, policy: sla.Policy) -> Step:
    """The longer promise, counted from where the clock began, never earlier than `due_at`. So a deadline that was
    missed only by the short promise is open again, while one missed by both stays missed, and whoever was told of
    that is not told twice."""
    due = max(due_at, policy.due(Target.OTHER, ticket.started_at))
    after = replace(ticket, target=Target.OTHER, due_at=due, floor_at=due_at, reopened=False)
    events = [Happening("classified", now, was=ticket.target, became=after.target)]
    if due != due_at:
        events.append(_deadline_moved(ticket, after, now, "стал обычным"))
    after = armed(after, policy, due, now) if now < due != due_at else _running_on(after, due, policy, now)
    return Step(after, tuple(events))


def _running_on(ticket: Ticket, due: datetime, policy: sla.Policy, now: datetime) -> Ticket:
    """The same deadline goes on: what was told of it is not told again."""
    after = replace(ticket, due_at=due)
    following = sla.advance(rings(after, policy), ticket.level, now)
    return replace(after, next_change_at=now if following.level else following.next_change_at)


def _deadline_moved(before: Ticket, after: Ticket, now: datetime, why: str) -> Happening:
    was, became = (moment.isoformat() if moment else "" for moment in (before.due_at, after.due_at))
    return Happening("deadline", now, was=was, became=became, why=why)


def recounted(ticket: Ticket, now: datetime, policy: sla.Policy) -> Step:
    """The promises in the settings changed. A running deadline follows; one that is over keeps what it was."""
    if ticket.due_at is None or ticket.state not in WAITING_STATES:
        return Step(replace(ticket, policy=policy.fingerprint), ())
    due = _promised(ticket, policy)
    if due == ticket.due_at:
        return Step(replace(_running_on(ticket, due, policy, now), policy=policy.fingerprint), ())
    after = armed(ticket, policy, due, min(ticket.armed_at, due))
    return Step(after, (_deadline_moved(ticket, after, now, "сроки в настройках изменились"),))


def acknowledged(ticket: Ticket, now: datetime, who: str) -> Step:
    """Somebody knows: silent until the deadline moves (rule 7). The clock runs on."""
    if ticket.acknowledged_by == who:
        return Step(ticket, ())
    after = replace(ticket, acknowledged_by=who, acknowledged_at=now)
    return Step(after, (Happening("acknowledged", now, was=ticket.acknowledged_by or "", became=who),))


def _closed(ticket: Ticket, state: TicketState, at: datetime, *, met: bool | None) -> Ticket:
    return replace(ticket, state=state, closed_at=at, met=met, next_change_at=None)


def _answered(ticket: Ticket, state: TicketState, at: datetime, *, met: bool | None) -> Ticket:
    """Closed by an answer. The first one counts, whatever becomes of it."""
    after = _closed(ticket, state, at, met=met)
    return after if ticket.answered_at is not None else replace(after, answered_at=at, answered_met=met)


def reply_seen(
    ticket: Ticket, reply: Reply, now: datetime, policy: sla.Policy, *, ours: bool, answerable: bool = True
) -> Step:
    """The site shows (or holds, or refused) an answer: rules 2 and 3. `ours`: it is what was written here."""
    if reply.state is ReplyState.REJECTED:
        if ticket.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
            return reopened(ticket, now, policy, why="площадка отклонила ответ", answerable=answerable)
        return Step(ticket, ())
    state = TicketState.SUBMITTED if reply.state is ReplyState.PENDING else TicketState.ANSWERED
    if ticket.state in (state, TicketState.ANSWERED):
        return Step(ticket, ())
    # A time the site gives is trusted only as far as it makes sense: after the clock began, not in the future.
    at = reply.at if reply.at is not None and ticket.started_at <= reply.at <= now else now
    if ticket.state is TicketState.SUBMITTED:
        # The site may know better than the person who marked it late when the reply was posted (rule 2).
        posted = min(at, ticket.closed_at or at)
        met = None if ticket.met is None else sla.met(ticket.due_at, posted)
        after = _closed(ticket, state, posted, met=met)
        if (ticket.answered_at, ticket.answered_met) == (ticket.closed_at, ticket.met):  # it was the first
            after = replace(after, answered_at=posted, answered_met=met)
        kind = "confirmed"
    else:
        met = sla.met(ticket.due_at, at) if ticket.state in WAITING_STATES else ticket.met
        after = _answered(ticket, state, at, met=met)
        kind = "answered"
    why = "ответ виден на площадке" if ours else "на площадке виден ответ, который отправляли не отсюда"
    event = Happening(kind if ours else "answered_elsewhere", at, was=ticket.state, became=state, why=why)
    return Step(after, (event,))


def reply_gone(ticket: Ticket, now: datetime, policy: sla.Policy, *, answerable: bool = True) -> Step:
    """Good reads do not show the answer, or not any more (rule 3)."""
    if ticket.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
        return reopened(ticket, now, policy, why="ответ пропал с площадки", answerable=answerable)
    return Step(ticket, ())


def reopened(ticket: Ticket, now: datetime, policy: sla.Policy, *, why: str, answerable: bool = True) -> Step:
    """Open again with its own clock, whatever the tone (rule 3). The first outcome stays in the history. Where nobody
    can answer there is no clock (rule 9)."""
    if not answerable:
        back = _without_clock(replace(ticket, closed_at=None, met=None), now)
        return Step(back, (Happening("reopened", now, was=ticket.state, became=back.state, why=why),))
    after = replace(
        ticket,
        state=TicketState.OPEN,
        backlog=False,
        started_at=now,
        floor_at=None,
        reopened=True,
        met=None,
        closed_at=None,
        target=Target.NEGATIVE,
    )
    after = armed(after, policy, policy.reopened.due(now), now)
    return Step(after, (Happening("reopened", now, was=ticket.state, became=after.state, why=why),))


def _without_clock(ticket: Ticket, now: datetime) -> Ticket:
    """Nobody can answer it: no deadline, and one notice where the review is negative (rule 9)."""
    owed = ticket.target is Target.NEGATIVE and not ticket.backlog and ticket.level != sla.NOTICE
    return replace(
        ticket,
        state=TicketState.UNANSWERABLE,
        due_at=None,
        floor_at=None,
        next_change_at=now if owed else None,
    )


def revised(ticket: Ticket, now: datetime, policy: sla.Policy, *, answerable: bool) -> Step:
    """The author changed the review: rule 4."""
    edited = Happening("revised", now, was=ticket.state, became=ticket.state, why="автор изменил отзыв")
    if ticket.state in WAITING_STATES and not answerable:
        # Rule 9: what a company could answer is gone, and the duty with it.
        after = _without_clock(replace(ticket, target=Target.UNCLASSIFIED), now)
        return Step(after, (replace(edited, became=after.state),))
    if ticket.state in WAITING_STATES:
        # Approved words answered the old text: a person has to look again. The clock runs on.
        return Step(replace(ticket, state=TicketState.OPEN), (replace(edited, became=TicketState.OPEN),))
    if ticket.state is TicketState.REMOVED:
        return Step(ticket, (edited,))
    if not answerable:
        return Step(replace(ticket, target=Target.UNCLASSIFIED), (edited,))
    base = replace(
        ticket,
        state=TicketState.OPEN,
        target=Target.UNCLASSIFIED,
        met=None,
        closed_at=None,
        started_at=ticket.started_at if ticket.state is TicketState.UNANSWERABLE else now,
        floor_at=policy.grace(Target.UNCLASSIFIED, now),
        reopened=False,
    )
    if ticket.backlog and ticket.state is TicketState.UNANSWERABLE:
        return Step(base, (replace(edited, became=base.state),))
    after = armed(replace(base, backlog=False), policy, _promised(base, policy), now)
    return Step(after, (replace(edited, became=after.state),))


def unlocked(ticket: Ticket, now: datetime) -> Step:
    """A site that gave no way to answer gives one now (the company became a representative): into the backlog, so
    that a changed setting does not ring for every old review at once."""
    after = replace(ticket, state=TicketState.OPEN, backlog=True, next_change_at=None)
    return Step(after, (Happening("unlocked", now, was=ticket.state, became=after.state, why="теперь можно ответить"),))


def answered_before(
    *, review_id: int, now: datetime, reply_at: datetime | None, policy: sla.Policy, urgent: bool
) -> Step:
    """The ticket of a review that had its answer when we first saw it: made only where it must be told of."""
    ticket = opened(review_id=review_id, now=now, policy=policy, answerable=True, backlog=True).ticket
    after = replace(
        ticket,
        state=TicketState.ANSWERED,
        backlog=False,
        closed_at=reply_at or now,
        target=Target.NEGATIVE if urgent else Target.OTHER,
    )
    return Step(after, (Happening("opened", now, became=after.state, why="ответ был до нас"),))


def removed(ticket: Ticket, now: datetime) -> Step:
    """The review is not there any more; an answer to it stays one."""
    if ticket.state not in (*WAITING_STATES, TicketState.UNANSWERABLE):
        return Step(ticket, ())
    after = _closed(ticket, TicketState.REMOVED, now, met=None)
    return Step(after, (Happening("removed", now, was=ticket.state, became=after.state, why="отзыв исчез с площадки"),))


def returned(ticket: Ticket, now: datetime, policy: sla.Policy, *, answerable: bool) -> Step:
    """A vanished review is back: the old deadline holds, but a person gets time to act."""
    if ticket.state is not TicketState.REMOVED:
        return Step(ticket, ())
    return _resumed(ticket, "returned", now, policy, why="отзыв снова на площадке", answerable=answerable)


def undismissed(ticket: Ticket, now: datetime, policy: sla.Policy, *, answerable: bool) -> Step:
    """A person takes back that it needs no answer: the old deadline holds, as if it had never been closed, but they get
    time to act."""
    return _resumed(ticket, "reopened", now, policy, why="открыт вручную", answerable=answerable)


def _resumed(ticket: Ticket, kind: str, now: datetime, policy: sla.Policy, *, why: str, answerable: bool) -> Step:
    """Waits again. One that could not be answered and now can is backlog, as in `unlocked`."""
    state = TicketState.OPEN if answerable else TicketState.UNANSWERABLE
    after = replace(ticket, state=state, closed_at=None)
    if not answerable:
        after = _without_clock(after, now)
    elif ticket.due_at is None:
        after = replace(after, backlog=True)
    else:
        floor = max(policy.grace(ticket.target, now, ticket.reopened), ticket.floor_at or now)
        promised = _promised(replace(after, floor_at=None), policy)
        due = max(promised, floor)
        after = replace(after, floor_at=ticket.floor_at if due == promised else floor)
        after = _running_on(after, due, policy, now) if due == ticket.due_at else armed(after, policy, due, now)
    return Step(after, (Happening(kind, now, was=ticket.state, became=state, why=why),))


def submitted(ticket: Ticket, now: datetime) -> Step:
    """A person has posted the reply: the clock stops (rule 2)."""
    after = _answered(ticket, TicketState.SUBMITTED, now, met=sla.met(ticket.due_at, now))
    return Step(after, (Happening("submitted", now, was=ticket.state, became=after.state),))


def dismissed(ticket: Ticket, now: datetime, reason: str) -> Step:
    """A person says that it needs no answer: neither hit nor miss."""
    after = _closed(ticket, TicketState.DISMISSED, now, met=None)
    return Step(after, (Happening("dismissed", now, was=ticket.state, became=after.state, why=reason),))


def approved(ticket: Ticket, now: datetime) -> Step:
    """The draft may be posted; the clock runs on (rule 2)."""
    after = replace(ticket, state=TicketState.APPROVED)
    return Step(after, (Happening("approved", now, was=ticket.state, became=after.state),))


def level_reached(ticket: Ticket, policy: sla.Policy, now: datetime) -> Step:
    """What the watch finds at `next_change_at`; no event when there is nothing to tell."""
    if ticket.state is TicketState.UNANSWERABLE:
        after = replace(ticket, level=sla.NOTICE, next_change_at=None)
        return Step(after, (Happening("level", now, became=sla.NOTICE),))
    if ticket.due_at is None or ticket.state not in WAITING_STATES:
        return Step(replace(ticket, next_change_at=None), ())
    moments = rings(ticket, policy)
    advance = sla.advance(moments, ticket.level, now)
    after = replace(ticket, next_change_at=advance.next_change_at)
    if advance.level is None:
        return Step(after, ())
    at = dict(moments)[advance.level]
    return Step(replace(after, level=advance.level), (Happening("level", at, was=ticket.level, became=advance.level),))
