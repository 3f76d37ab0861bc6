"""What is done to a ticket: a row of `DEEDS` each, and `monitor.actions` decides.

the key → done before? → as it was seen? → the action, in one transaction with its answer → the ticket as it is now
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.actions import ALLOWED, Actions, Faulty, Held
from monitor.api import asked
from monitor.api.calls import Call
from monitor.api.once import Answer, Done, Once
from monitor.api.problems import LATER, Refusal
from monitor.api.tags import CACHING, dumped, is_seen, tag_of, words_of
from monitor.contract.tickets import whole_ticket_json
from monitor.errors import ConfigError, Conflict, UsageError
from monitor.log import Event

REPLAYED = "Idempotency-Replayed"
"""The header of an answer that was given before."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`refused`: what may be wrong with what was asked, where its shape is right; `clashes`: what may stand against it
    at the ticket, where its state and whose hand it is in do not."""

    name: str
    body: type[asked.Strict]
    act: Callable[[Actions, int, Any], object]
    does: str
    refused: str = ""
    clashes: str = ""


def _edit(actions: Actions, ticket: int, body: asked.Edit) -> None:
    actions.edit(ticket, body.text)


def _fault(actions: Actions, ticket: int, body: asked.FaultBody) -> None:
    actions.fault(ticket, body.fault, body.measure)


def _retag(actions: Actions, ticket: int, body: asked.Retag) -> None:
    actions.retag(
        ticket,
        tone=body.tone,
        complaint=body.complaint,
        themes={theme.value: holds for theme, holds in body.themes.items()},
        theme_tones={theme.value: tone for theme, tone in body.theme_tones.items()},
        dangers={danger.value: holds for danger, holds in body.dangers.items()},
        note=body.note,
    )


DEEDS = (
    Deed(
        "take",
        asked.Take,
        lambda actions, ticket, body: actions.take(ticket, body.over),
        "Put its name on a ticket.",
        clashes="Somebody else than `over` has the ticket by now.",
    ),
    Deed("release", asked.Nothing, lambda actions, ticket, _: actions.release(ticket), "Take its name off again."),
    Deed(
        "assign",
        asked.Assign,
        lambda actions, ticket, body: actions.assign(ticket, body.to),
        "Give a ticket to a colleague, whoever has it.",
        "`to` is nobody who could take it: there is no such login, and no such name in the config.",
        "The colleague does not work with tickets of this place.",
    ),
    Deed(
        "acknowledge",
        asked.Nothing,
        lambda actions, ticket, _: actions.acknowledge(ticket),
        "Say that it is known: no more alarms until the deadline moves. The clock runs on.",
    ),
    Deed(
        "edit",
        asked.Edit,
        _edit,
        "Replace the draft. What the linter says of it stands in `draft.warnings`; an approval is void.",
        "The reply is empty.",
    ),
    Deed(
        "draft",
        asked.Nothing,
        lambda actions, ticket, _: actions.draft(ticket),
        "Have the draft written anew. It is the program's own from then on.",
    ),
    Deed(
        "fault",
        asked.FaultBody,
        _fault,
        "Say whether the company is to blame. A draft that we wrote follows at once; a person's words stay.",
        "A measure is one plain line, and goes with `confirmed` only.",
        "The ticket was changed meanwhile; read it once more.",
    ),
    Deed(
        "approve",
        asked.Nothing,
        lambda actions, ticket, _: actions.approve(ticket),
        "The draft may be posted as it stands. What the site would refuse is not approved.",
        clashes="There is no draft yet, or it was changed meanwhile.",
    ),
    Deed(
        "submitted",
        asked.Nothing,
        lambda actions, ticket, _: actions.submitted(ticket),
        "The reply was posted: the clock stops.",
    ),
    Deed(
        "dismiss",
        asked.Dismiss,
        lambda actions, ticket, body: actions.dismiss(ticket, body.reason),
        "Close a ticket without an answer.",
    ),
    Deed(
        "reopen",
        asked.Nothing,
        lambda actions, ticket, _: actions.reopen(ticket),
        "Back into the queue: with an hour from now, or by its old deadline where it was dismissed.",
    ),
    Deed(
        "note",
        asked.NoteBody,
        lambda actions, ticket, body: actions.note(ticket, body.text),
        "Leave a note for colleagues.",
        "The note is empty.",
    ),
    Deed(
        "dispute",
        asked.DisputeBody,
        lambda actions, ticket, body: actions.dispute(ticket, body.state, body.why),
        "Tell what became of a complaint about the review to its site.",
        "`why` is too long.",
        "A complaint is filed first, then rejected or followed by the removal; or this was said already.",
    ),
    Deed(
        "retag",
        asked.Retag,
        _retag,
        "Say what the words of the review are, against the analysis or with it.",
        "Nothing is said that could be corrected, or the note is too long.",
        "The review has no words that could be judged.",
    ),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: to do that to this ticket, once by its `key`, if it is still as `if_match` saw it."""

    deed: Deed
    ticket: int
    body: asked.Strict
    key: str
    if_match: str | None


def perform(call: Call, wish: Wish) -> Response:
    """The ticket after it was done, now or the first time. What is sent once more meanwhile waits for that: a draft may
    be written by somebody who is paid for it."""
    number = call.check_ticket(wish.ticket, Permission.ACT)
    with call.house.turns.of((call.token.id, wish.key), call.house.patience) as mine:
        if not mine:
            raise Refusal("busy", "The same request is still being done; ask again.", headers=LATER)
        return _perform(call, wish, number)


def _perform(call: Call, wish: Wish, number: int) -> Response:
    deed = wish.deed

    def check() -> None:
        if not is_seen(wish.if_match, words_of(call.store.tickets.view(number))):
            raise Refusal("changed")

    once = Once(
        call,
        wish.key,
        [deed.name, number, wish.body.model_dump(mode="json")],
        number,
        check=check,
        answer=lambda: ticket_answer(call, number),
    )
    try:
        once.look()
        deed.act(call.application.actions(call.token.actor, transaction=once.transaction), number, wish.body)
        if once.kept is None:  # it had nothing to write
            with once.transaction():
                pass
    except Done as before:
        return _told(before.answer, replayed=True)
    except (Conflict, UsageError) as error:
        if isinstance(error, ConfigError):
            raise
        return _refused(call, deed, number, once, error)
    assert once.kept is not None
    call.application.log.say(Event.DESK_ACTED, action=deed.name, ticket=number, outcome="done")
    return _told(once.kept)


def _refused(call: Call, deed: Deed, ticket: int, once: Once, error: Conflict | UsageError) -> Response:
    """Why; where another request of the same key was faster, its answer."""
    try:
        once.look()
    except Done as before:
        return _told(before.answer, replayed=True)
    call.application.log.say(Event.DESK_ACTED, action=deed.name, ticket=ticket, outcome="refused")
    raise _why(call, deed, ticket, error) from error


def _why(call: Call, deed: Deed, ticket: int, error: Conflict | UsageError) -> Refusal:
    if isinstance(error, UsageError):
        return Refusal("refused", deed.refused)
    if isinstance(error, Held):
        return Refusal("held", holder=error.holder)
    if isinstance(error, Faulty):
        return Refusal("faulty", rules=list(dict.fromkeys(error.rules)))
    current, possible = call.store.tickets.get(ticket), ALLOWED[deed.name]
    if call.store.privacy.is_erased(current.review_id):
        return Refusal("erased")
    if current.state not in possible:
        return Refusal("wrong-state", state=current.state.value, possible_in=[state.value for state in possible])
    return Refusal("conflict", deed.clashes)


def ticket_answer(call: Call, ticket: int) -> Answer:
    """All of a ticket, as far as the token sees."""
    view = call.seen(call.application.reports.ticket(ticket, call.now))
    body = dumped(whole_ticket_json(call.store, view))
    return Answer(body, tag_of(body, words_of(call.store.tickets.view(ticket))))


def _told(answer: Answer, *, replayed: bool = False) -> Response:
    headers = {"ETag": answer.tag, "Cache-Control": CACHING, "Vary": "Authorization"}
    return Response(
        answer.body, headers=headers | ({REPLAYED: "true"} if replayed else {}), media_type="application/json"
    )
