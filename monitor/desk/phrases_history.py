"""Every state that a book of phrases ever had: who made it, when, what it changed, and the way back."""

from dataclasses import dataclass
from itertools import zip_longest

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.config_overlay import PHRASES
from monitor.desk.context import Desk
from monitor.desk.moments import Moment
from monitor.desk.page import Page
from monitor.desk.phrases import ROOM, Opened, opened, when
from monitor.desk.phrases_told import Changed, changed
from monitor.desk.visit import Visit
from monitor.editing.shelf import Origin, differences
from monitor.store.settings import Setting
from responders.files import ReplyTemplateError

PAGE, MOST = 20, 100
"""States at first, and in all."""

MOST_CHANGES = 8
"""Of a state that are listed."""


@dataclass(frozen=True, slots=True)
class State:
    """`number` names it in forms; `here`: it holds now; `files`: what stands beneath holds. `unread`: its text cannot
    be taken apart."""

    number: int
    who: str
    at: Moment
    here: bool
    files: bool
    changes: tuple[Changed, ...]
    more: int
    unread: bool


def history(desk: Desk, visit: Visit) -> Response:
    """Newest first; `?all=1` goes back further."""
    at = opened(desk, visit)
    most = MOST if visit.query("all") else PAGE
    states = desk.store.settings.history(PHRASES, at.book.name, most + 1)
    return at.show(
        "phrases_history",
        states=[_state(at, *pair) for pair in zip_longest(states[:most], states[1 : most + 1])],
        more=len(states) > most == PAGE,
        mine=at.latest is not None and at.latest.value is not None,
        own=at.shelf.beneath(at.book) is Origin.OWN,
    )


def _state(at: Opened, state: Setting, before: Setting | None) -> State:
    who, moment = when(at.desk, at.visit, state)
    former = None if before is None else before.value
    try:
        found, unread = differences(at.shelf.lists(at.book, former), at.shelf.lists(at.book, state.value)), False
    except ReplyTemplateError:
        found, unread = (), True
    return State(
        number=state.id,
        who=who,
        at=moment,
        here=state.id == at.state,
        files=state.value is None,
        changes=changed(at.book, found[:MOST_CHANGES]),
        more=max(len(found) - MOST_CHANGES, 0),
        unread=unread,
    )


PAGES = (Page(f"{ROOM}/{{book}}/history", history, Permission.WORDINGS),)
