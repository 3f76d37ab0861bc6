"""What can be done on a ticket's page: a row of `DEEDS` each.

form → a deed → done: back to the page, or on to the next ticket · refused: the page again, with what was typed
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.responses import RedirectResponse, Response

from monitor.accounts import Permission
from monitor.actions import Actions, DraftFate, EditConflict, Faulty
from monitor.desk.along import Way, neighbours
from monitor.desk.answer import LONGEST, exchanged, seen, shown, too_long, words_of
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.ticket import page
from monitor.desk.told import DONE, Refused, why
from monitor.desk.visit import Visit, number_in
from monitor.errors import Conflict, UsageError
from monitor.gestures import GestureState
from monitor.model import TicketState
from monitor.talk import DisputeState
from responders.types import Fault
from sentiment.types import Tone

MOST_ROUBLES = 10**9

NOT_APPROVED = "Ответ не одобрен: в нём есть ошибки, они названы под текстом."

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Doing:
    """One form that was sent."""

    desk: Desk
    visit: Visit
    ticket: int
    actions: Actions

    def __getitem__(self, name: str) -> str:
        return self.visit.form[name]

    def may(self, permission: Permission) -> bool:
        return self.visit.account.may(permission, self.desk.store.tickets.place_of(self.ticket))

    @property
    def base(self) -> int:
        """The number of the draft that they saw. Raises UsageError where the form does not tell it."""
        told = seen(self.visit, "base")
        if told is None:
            raise UsageError("не сказано, какой ответ Вы правили: обновите страницу")
        return told

    @property
    def revision(self) -> int | None:
        """Of the review as they read it."""
        return seen(self.visit, "revision")

    @property
    def gesture(self) -> int | None:
        """The number of the one that they saw, 0 for none."""
        return seen(self.visit, "seen")


Act = Callable[[Doing], str]
"""Does it; a key of `told.DONE`."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`path`: the end of its address; `section`: the part of the page that tells why it was refused; `words`: its form
    is the editor, whose text must not get lost; `closes`: after it the next ticket comes; `leads_to`: the state that
    the ticket has then."""

    path: str
    permission: Permission
    section: str
    act: Act
    words: bool = False
    closes: bool = False
    leads_to: TicketState | None = None


# --- the words -------------------------------------------------------------------------------------------


def keep_words(doing: Doing, *, reread: bool = False) -> int:
    """Saves what stands in the editor, unless it is saved already; the number of the draft that holds it. `reread`:
    the same words are saved again where the review was changed since. Raises EditConflict where another draft was saved
    since they looked."""
    base, text = doing.base, shown(doing["text"])
    if over := doing["over"]:
        doing.actions.take(doing.ticket, over)
    view = doing.desk.reports.ticket(doing.ticket, doing.visit.now)
    if text == words_of(view) and not (reread and view.draft_stale):
        return view.draft_number or 0
    if len(text) > LONGEST:
        raise too_long(text)
    doing.actions.edit(doing.ticket, text, base=base, revision=doing.revision)
    latest = doing.desk.store.dossier.drafts(doing.ticket, 2)
    return next((draft.number for draft in latest if shown(draft.text) == text), base)


def save(doing: Doing) -> str:
    before = doing.base
    return "unchanged" if keep_words(doing, reread=True) == before and not doing["over"] else "saved"


def approve(doing: Doing) -> str:
    number = keep_words(doing)
    force = bool(doing["force"]) and doing.may(Permission.FORCE)
    doing.actions.approve(doing.ticket, base=number, revision=doing.revision, force=force)
    return "approved"


def submitted(doing: Doing) -> str:
    keep_words(doing)
    doing.actions.submitted(doing.ticket)
    return "submitted"


def redraft(doing: Doing) -> str:
    doing.actions.draft(doing.ticket, base=keep_words(doing))
    return "redrafted"


def exchange(doing: Doing) -> str:
    text = exchanged(doing.desk, doing.ticket, doing["text"], doing["swap"])
    doing.actions.edit(doing.ticket, text, base=doing.base, revision=doing.revision)
    return "exchanged"


def ready(doing: Doing) -> str:
    """On the way to the page that asks whether to publish."""
    keep_words(doing)
    return READY


READY = "ready"


# --- everything else -------------------------------------------------------------------------------------------


def take(doing: Doing) -> str:
    doing.actions.take(doing.ticket, doing["over"] or None)
    return "taken"


def release(doing: Doing) -> str:
    doing.actions.release(doing.ticket)
    return "released"


def assign(doing: Doing) -> str:
    doing.actions.assign(doing.ticket, doing["to"])
    return "assigned"


def acknowledge(doing: Doing) -> str:
    doing.actions.acknowledge(doing.ticket)
    return "acknowledged"


FATES: Mapping[DraftFate, str] = {
    DraftFate.UNCHANGED: "fault_unchanged",
    DraftFate.REWRITTEN: "fault_rewritten",
    DraftFate.KEPT: "fault_kept",
    DraftFate.MISSING: "fault_missing",
}


def fault(doing: Doing) -> str:
    """Whose it is; a measure stands in the form also where it does not matter."""
    said = _one_of(doing["fault"], Fault)
    measure = doing["measure"] if said is Fault.CONFIRMED else ""
    return FATES[doing.actions.fault(doing.ticket, said, measure)]


def gesture(doing: Doing) -> str:
    amount = number_in("".join(doing["amount"].split()), MOST_ROUBLES)
    if not amount:
        raise UsageError("во сколько рублей обойдётся жест? Нужно целое число больше нуля")
    decision = doing.actions.gesture(doing.ticket, doing["what"], amount, seen=doing.gesture)
    return "gesture_agreed" if decision.state is GestureState.AGREED else "gesture_proposed"


def agree(doing: Doing) -> str:
    doing.actions.gesture_decide(doing.ticket, True, seen=doing.gesture)
    return "gesture_agreed"


def decline(doing: Doing) -> str:
    doing.actions.gesture_decide(doing.ticket, False, seen=doing.gesture)
    return "gesture_declined"


def withdraw(doing: Doing) -> str:
    doing.actions.gesture_withdraw(doing.ticket, seen=doing.gesture)
    return "gesture_withdrawn"


def note(doing: Doing) -> str:
    doing.actions.note(doing.ticket, doing["text"])
    return "noted"


def dispute(doing: Doing) -> str:
    doing.actions.dispute(doing.ticket, _one_of(doing["state"], DisputeState), doing["why"])
    return "disputed"


RETAGGED: Mapping[DraftFate, str] = {
    DraftFate.UNCHANGED: "retagged_unchanged",
    DraftFate.REWRITTEN: "retagged_rewritten",
    DraftFate.KEPT: "retagged_kept",
    DraftFate.MISSING: "retagged_missing",
    DraftFate.NEEDLESS: "retagged",
}


def retag(doing: Doing) -> str:
    """Of the themes only what was changed is said: `had` are those that were ticked when they looked. Dangers that are
    none are ticked, one that was missed is chosen."""
    form = doing.visit.form
    had, has = set(form.all("had")), set(form.all("theme"))
    named = {theme: form[f"tone-{theme}"] for theme in has if form[f"tone-{theme}"]}
    fate = doing.actions.retag(
        doing.ticket,
        tone=_one_of(doing["tone"], Tone) if doing["tone"] else None,
        complaint={"complaint": True, "no_complaint": False}.get(doing["complaint"]),
        themes=dict.fromkeys(has - had, True) | dict.fromkeys(had - has, False),
        theme_tones={theme: _one_of(tone, Tone) for theme, tone in named.items()},
        dangers=dict.fromkeys(form.all("no_danger"), False) | dict.fromkeys(filter(None, [doing["danger"]]), True),
        note=doing["note"],
        revision=doing.revision,
    )
    return RETAGGED[fate]


def dismiss(doing: Doing) -> str:
    doing.actions.dismiss(doing.ticket, doing["reason"])
    return "dismissed"


def reopen(doing: Doing) -> str:
    before = doing.desk.store.tickets.get(doing.ticket).state
    doing.actions.reopen(doing.ticket)
    return "restored" if before is TicketState.DISMISSED else "reopened"


def _one_of(value: str, kind: type[Word]) -> Word:
    """Raises UsageError where nothing was chosen."""
    try:
        return kind(value)
    except ValueError:
        raise UsageError("ничего не выбрано: отметьте, что верно") from None


DEEDS = (
    Deed("save", Permission.ACT, "reply", save, words=True),
    Deed("approve", Permission.ACT, "reply", approve, words=True, leads_to=TicketState.APPROVED),
    Deed("submitted", Permission.ACT, "reply", submitted, words=True, closes=True, leads_to=TicketState.SUBMITTED),
    Deed("draft", Permission.ACT, "reply", redraft, words=True),
    Deed("swap", Permission.ACT, "swaps", exchange, words=True),
    Deed("ready", Permission.ACT, "reply", ready, words=True),
    Deed("take", Permission.ACT, "hand", take),
    Deed("release", Permission.ACT, "hand", release),
    Deed("assign", Permission.ASSIGN, "hand", assign),
    Deed("acknowledge", Permission.ACT, "hand", acknowledge),
    Deed("fault", Permission.ACT, "fault", fault),
    Deed("gesture", Permission.ACT, "gesture", gesture),
    Deed("gesture/agree", Permission.ACT, "gesture", agree),
    Deed("gesture/decline", Permission.ACT, "gesture", decline),
    Deed("gesture/withdraw", Permission.ACT, "gesture", withdraw),
    Deed("note", Permission.ACT, "notes", note),
    Deed("dispute", Permission.ACT, "dispute", dispute),
    Deed("retag", Permission.ACT, "verdict", retag),
    Deed("dismiss", Permission.ACT, "closing", dismiss, closes=True, leads_to=TicketState.DISMISSED),
    Deed("reopen", Permission.ACT, "reply", reopen, leads_to=TicketState.OPEN),
)


def perform(deed: Deed, desk: Desk, visit: Visit) -> Response:
    """Does it; where it is refused, the page tells why beside the form, and nothing typed is lost."""
    ticket, way = visit.number("ticket"), Way.of(visit)
    follows = deed.closes and way.ask is not None
    onward = neighbours(desk, visit, way, ticket).after if follows else None
    try:
        outcome = deed.act(Doing(desk, visit, ticket, desk.actions(visit)))
    except (Conflict, UsageError) as refusal:
        if (already := _done_already(deed, desk, visit)) is not None:
            return done(way, ticket, already, onward)
        conflict = refusal if isinstance(refusal, EditConflict) else None
        sentence = NOT_APPROVED if isinstance(refusal, Faulty) else why(desk, visit, refusal)
        told = Refused("reply" if conflict else deed.section, sentence, conflict)
        typed = visit.form["text"] if deed.words else None
        return page(desk, visit, typed=typed, refused=told, status=409 if isinstance(refusal, Conflict) else 400)
    if outcome == READY:
        return RedirectResponse(f"{way.to(ticket, end='publish')}#main", 303)
    return done(way, ticket, outcome, onward)


_OUTCOMES: Mapping[str, str] = {
    "approved": "approved", "submitted": "submitted", "dismissed": "dismissed", "reopened": "reopened",
}  # fmt: skip
"""Event that brings a ticket into a state → what is told of it."""


def _done_already(deed: Deed, desk: Desk, visit: Visit) -> str | None:
    """What to tell where the visitor did it a moment ago, and has clicked twice: the ticket stands as they want it by
    their own hand, with the words or the reason that they give."""
    number = visit.number("ticket")
    if deed.leads_to is None or desk.store.tickets.get(number).state is not deed.leads_to:
        return None
    events = reversed(desk.store.tickets.events(number))
    last = next((one for one in events if one["became"] == deed.leads_to and one["was"] != one["became"]), None)
    if last is None or last["actor"] != visit.account.login or last["kind"] not in _OUTCOMES:
        return None
    if deed.words and shown(visit.form["text"]) != words_of(desk.reports.ticket(number, visit.now)):
        return None
    if last["kind"] == "dismissed" and last["why"] != visit.form["reason"]:
        return None
    return "restored" if last["was"] == TicketState.DISMISSED else _OUTCOMES[last["kind"]]


def done(way: Way, ticket: int, outcome: str, onward: int | None = None) -> Response:
    """To the next ticket, or back to the part of the page that tells what was done. Without a fragment of its own a
    browser would look for the one of the form."""
    if onward is not None and onward != ticket:
        return RedirectResponse(f"{way.to(onward, done=outcome, of=ticket)}#main", 303)
    return RedirectResponse(f"{way.to(ticket, done=outcome)}#{DONE[outcome].section}", 303)


def _page(deed: Deed) -> Page:
    def handler(desk: Desk, visit: Visit) -> Response:
        return perform(deed, desk, visit)

    handler.__name__ = f"ticket_{deed.path.replace('/', '_')}"  # what the log calls it
    return Page(f"/t/{{ticket:int}}/{deed.path}", handler, deed.permission, ("POST",))


PAGES = tuple(map(_page, DEEDS))
