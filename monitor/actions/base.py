"""What every action rests on: who acts, and whether it may be done to this ticket now."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from monitor import sla, wording
from monitor import tickets as life
from monitor.config_gestures import GestureLimits
from monitor.errors import Conflict, UsageError
from monitor.model import Ticket, TicketState
from monitor.seams import Clock
from monitor.store.connection import Row
from monitor.store.sqlite import Store
from responders.types import Draft, Fault, Finding

Lint = Callable[[int, str], Sequence[Finding]]
"""(ticket, reply) → what speaks against posting it."""

Write = Callable[[int, Fault, str], Draft]
"""(ticket, whose fault it is, what was done about it) → a draft."""

Transaction = Callable[[], AbstractContextManager[None]]
"""Around everything that an action writes: as `Store.write`, and what belongs to it for whoever asked."""

LONGEST_NAME = 100
"""Characters of the name under which somebody acts."""

_UNANSWERED = (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE)
_NOT_GIVEN_UP = tuple(state for state in TicketState if state not in (TicketState.DISMISSED, TicketState.REMOVED))

ALLOWED: Mapping[str, Sequence[TicketState]] = {
    "take": _UNANSWERED,
    "assign": _UNANSWERED,
    "release": tuple(TicketState),
    "acknowledge": (TicketState.OPEN, TicketState.APPROVED),
    "draft": _UNANSWERED,
    "fault": _UNANSWERED,
    # A gift to somebody whose review is gone would look like its price.
    "gesture": _NOT_GIVEN_UP,
    "ungesture": tuple(TicketState),
    # What stands on the site can be put in other words, and posted again.
    "edit": _NOT_GIVEN_UP,
    "approve": (TicketState.OPEN,),
    "submitted": (TicketState.OPEN, TicketState.APPROVED),
    "dismiss": _UNANSWERED,
    "reopen": (TicketState.SUBMITTED, TicketState.ANSWERED, TicketState.DISMISSED),
    "retag": tuple(TicketState),
    "note": tuple(TicketState),
    # A track of its own: a site may be asked to remove what was answered, and what was closed as spam.
    "dispute": tuple(TicketState),
}
"""Action → in which states it makes sense."""

WRITTEN = ("draft", "fault", "edit", "note", "dispute")
"""Actions that keep words about a review: of one that was erased nothing new is written."""


class Personal(Conflict):
    """A refusal that names people: `words` with a `{}` for each login of `people`."""

    def __init__(self, words: str, *people: str, hint: str = "") -> None:
        super().__init__(words.format(*people), hint=hint)
        self._words = words
        self._people = people

    def told(self, name: Callable[[str], str]) -> str:
        """With the names of those people in the place of their logins."""
        return self._words.format(*map(name, self._people))


class Held(Conflict):
    """Another person, `holder`, has taken the ticket."""

    def __init__(self, holder: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.holder = holder


class Faulty(Conflict):
    """The linter finds errors in a reply, by these `rules`; their `messages` tell them."""

    def __init__(self, message: str, findings: Iterable[Finding], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        errors = [finding for finding in findings if finding.severity == "error"]
        self.messages = tuple(finding.message for finding in errors)
        self.rules = tuple(finding.rule for finding in errors)


class Base:
    """What `actor` may do. `lint` checks a reply as the linter does for drafts, `write` drafts one; without
    `gesture_limits` nothing may be given away; `decides_gestures`: the actor's role makes them one of its owners.
    `answerable` tells whether a source lets a company answer a text. `colleagues` may be given a ticket although they
    have no account. `owners` tells who hears of a danger at a place at that moment."""

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
        decides_gestures: bool = False,
        answerable: Callable[[str, str], bool] = lambda _source, _text: True,
        colleagues: Collection[str] = (),
        owners: Callable[[str, datetime], Sequence[str]] = lambda _place, _now: (),
        transaction: Transaction | None = None,
    ) -> None:
        self._store = store
        self._transaction = transaction or store.write
        self._clock = clock
        self._policies = policies
        self._lint = lint
        self._write = write
        self._actor = named(actor)
        self._gesture_limits = gesture_limits
        self._decides_gestures = decides_gestures
        self._answerable = answerable
        self._colleagues = colleagues
        self._owners_of = owners

    def _act(
        self, action: str, ticket_id: int, step: Callable[[Ticket, datetime], life.Step], *, force: bool = False
    ) -> None:
        with self._transaction():
            ticket = self._at_hand(action, ticket_id, force=force)
            self._store.tickets.save(ticket, step(ticket, self._clock.now()), actor=self._actor)

    def _at_hand(self, action: str, ticket_id: int, *, force: bool = False) -> Ticket:
        """The ticket, inside a `write` where it is changed. Raises Conflict when its state, another person's hand or an
        erasure forbids the action."""
        ticket = self._store.tickets.get(ticket_id)
        if ticket.state not in ALLOWED[action]:
            raise Conflict(
                f"отзыв № {ticket_id}: {wording.STATES[ticket.state]}; это действие к нему не подходит",
                hint=f" ({action})",
            )
        if action in WRITTEN and self._store.privacy.is_erased(ticket.review_id):
            raise Conflict(f"данные отзыва № {ticket_id} стёрты: записать о нём больше ничего нельзя")
        if not force:
            check_hand(ticket, self._actor)
        return ticket

    def _policy_of(self, ticket_id: int) -> sla.Policy:
        return self._policies.of(self._store.tickets.place_of(ticket_id))

    def _tell(self, ticket: Ticket, event: life.Happening) -> None:
        """Of what happened beside the ticket, which stays as it is. Inside a `write`."""
        self._store.tickets.record(ticket.review_id, ticket.id, event, self._actor)


def named(actor: str) -> str:
    """Who acts; raises UsageError where nobody does."""
    if not actor.strip():
        raise UsageError("не сказано, кто действует", hint=": укажите --as ИМЯ или переменную OTKLIK_USER")
    return actor


def check_hand(ticket: Ticket, actor: str) -> None:
    """Raises Conflict when another person has taken the ticket."""
    if ticket.assignee is not None and ticket.assignee != actor:
        raise Held(
            ticket.assignee,
            f"отзывом № {ticket.id} занимается {ticket.assignee}; договоритесь или освободите его",
            hint=f": `queue release {ticket.id} --force`",
        )


def must_be_read(view: Row, revision: int | None) -> None:
    """Raises Conflict when the review (of a row of `view`) has other words by now than the actor read; None asks
    nothing."""
    if revision is not None and revision != view["revision"]:
        raise Conflict(f"автор только что изменил отзыв № {view['id']}; прочитайте его ещё раз")


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
