"""Where people find what they may set, and what all these pages share."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Account, Deed, Permission, Role, reaches
from monitor.assemble import Application
from monitor.assemble import changes as trials
from monitor.assemble.changes import Change, Moved
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.pages import parts
from monitor.desk.visit import Visit, number_in
from monitor.errors import NotFound, UsageError
from monitor.notify.render import capitalised
from monitor.store.settings import Setting

SETTINGS = "/settings"

MOST_STATES = 20
"""Of a history that a page shows."""

NAME_LIMIT = 60

DONE: Mapping[str, str] = {
    "saved": "Сохранено.",
    "undone": "Вернули то, что было до последнего изменения.",
    "dropped": "Вернули то, что написано в config.yaml.",
    "same": "Ничего не изменилось.",
}
"""What was done, by the word in the address; each page has words of its own besides."""

OUTDATED = "Эта форма не годится: в ней не то, что стоит в настройках. Проверьте поля и сохраните ещё раз."

ONLY_WHOLE = "Это касается всех точек. Изменить может тот, кому видны все точки: попросите его."


@dataclass(frozen=True, slots=True)
class State:
    """One state of a setting, for people. `what`: what it says, "" where it was taken back."""

    by: str
    at: Moment
    what: str
    newest: bool


def settings(desk: Desk, visit: Visit) -> Response:
    """Each part that the visitor may open."""
    cards, wrong = parts(visit.account), unfit(desk, visit)
    return desk.pages.show("settings", visit=visit, cards=cards, unfit=wrong, runs_machine=_runs_machine(visit))


def _runs_machine(visit: Visit) -> bool:
    """Whether files and commands are theirs to know of."""
    return visit.account.role is Role.ADMINISTRATOR


def unfit(desk: Desk, visit: Visit) -> list[str]:
    """What was set and does not hold, in sentences, for those who can change that."""
    account = visit.account
    if not (is_whole(account) and account.may(Permission.CALENDARS)):
        return []
    return [f"{capitalised(line)}." for line in desk.application.left_out(visit.now)]


def is_whole(account: Account) -> bool:
    """Whether they see every place: what concerns all of them is theirs to change."""
    return account.places is None


def check_whole(account: Account) -> None:
    if not is_whole(account):
        raise UsageError(ONLY_WHOLE.rstrip("."))


def told(text: str) -> str:
    return wording.one_line(text, NAME_LIMIT)


def who(desk: Desk, login: str) -> str:
    """What people call whoever acts under that login."""
    account = desk.store.accounts.find(login)
    return told(account.name if account is not None else login)


def set_by(desk: Desk, visit: Visit, kind: str, name: str) -> State | None:
    """Who set last what holds now; None where the file says it."""
    latest = desk.store.settings.latest(kind, name)
    return None if latest is None or latest.value is None else state(desk, visit, latest)


def state(desk: Desk, visit: Visit, found: Setting, what: str = "", *, newest: bool = True) -> State:
    return State(who(desk, found.by), moment(desk, visit, found.at), what, newest)


def seen(desk: Desk, kind: str, name: str) -> int:
    """The number of the state that a form is made of."""
    latest = desk.store.settings.latest(kind, name)
    return 0 if latest is None else latest.id


def left_behind(desk: Desk, kind: str, name: str) -> int:
    """The number of the state that a namesake left which is gone: whoever makes a new one has not seen it. Of one that
    somebody made since the request began there is none, and keeping another in its place is a conflict."""
    found = seen(desk, kind, name)
    return found if found <= desk.application.config.version else 0


def number(written: str) -> int:
    """Of a hidden field; one that somebody has tampered with is no state at all."""
    found = number_in(written)
    return -1 if found is None else found


# --- everywhere or at one place ---------------------------------------------------------------------------


def places(desk: Desk, visit: Visit) -> dict[str, str]:
    """Where the visitor may set something: id → title, "" for everywhere."""
    account = visit.account
    own = {
        place.id: wording.one_line(place.title, NAME_LIMIT)
        for place in desk.application.config.places
        if reaches(account.places, place.id)
    }
    return {"": "Все точки", **own} if is_whole(account) else own


def place_shown(desk: Desk, visit: Visit, asked: str) -> str:
    """The asked place, else the first where the visitor may set something; "" also for nowhere."""
    known = places(desk, visit)
    return asked if asked in known else next(iter(known), "")


def place_meant(desk: Desk, visit: Visit) -> str:
    """Of a form. Raises NotFound for a place that the visitor does not see, UsageError where they see too few for
    everywhere."""
    place = visit.form["place"]
    if not place:
        check_whole(visit.account)
    if place not in places(desk, visit):
        raise NotFound("no such place")
    return place


# --- nothing is kept that nobody has seen the effect of ----------------------------------------------------


def mark(changes: Sequence[Change]) -> str:
    """Of what was tried: it comes back with the button that keeps it."""
    said = [[change.kind, change.name, change.value] for change in changes]
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def is_sure(visit: Visit, changes: Sequence[Change]) -> bool:
    return hmac.compare_digest(visit.form["sure"].encode(), mark(changes).encode())


def keep(desk: Desk, visit: Visit, wanted: Sequence[Change]) -> Application:
    """The application that holds from now on. Raises as `changes.save` does."""
    return trials.save(
        desk.application,
        wanted,
        Deed.SETTING_CHANGED,
        actor=visit.account.login,
        now=visit.now,
        address=visit.address,
        places=visit.account.places,
    )


def take_back(desk: Desk, visit: Visit, kind: str, name: str) -> Application:
    """The state before the latest one, which the form has `seen`, holds again. Raises as `changes.undo` does."""
    return trials.undo(
        desk.application,
        kind,
        name,
        seen=number(visit.form["seen"]),
        actor=visit.account.login,
        now=visit.now,
        address=visit.address,
        places=visit.account.places,
    )


def moved_told(moved: Moved) -> str:
    """What a change does to running deadlines, as sentences."""
    many = moved.earlier + moved.later
    if not many and moved.more:
        tried = wording.counted(trials.MOST_TRIED, "отзыва", "отзывов", "отзывов")
        return f"Среди первых {tried} срок не сдвинется ни у одного. Остальные пересчитаем, когда Вы сохраните."
    if not many:
        return "Ни у одного отзыва срок не сдвинется."
    at_least = "не меньше чем у " if moved.more else "у "
    first = f"Сроки сдвинутся {at_least}{wording.counted(many, 'отзыва', 'отзывов', 'отзывов')}"
    ways = [
        f"раньше станут у {moved.earlier}" if moved.earlier and moved.later else "",
        f"позже — у {moved.later}" if moved.earlier and moved.later else "",
    ]
    if not (moved.earlier and moved.later):
        ways = ["станут раньше" if moved.earlier else "станут позже"]
    late = wording.plural(
        moved.late, "отзыв станет просроченным", "отзыва станут просроченными", "отзывов станут просроченными"
    )
    at_once = f" Сразу же {moved.late}{wording.GLUE}{late}." if moved.late else ""
    return f"{first}: {', '.join(filter(None, ways))}.{at_once}"


PAGES = (Page(SETTINGS, settings, Permission.SELF),)
