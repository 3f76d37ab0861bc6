"""Where people find what they may set, and what all these pages share."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Account, Permission
from monitor.assemble import changes as trials
from monitor.assemble.changes import Change, Moved
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.pages import parts
from monitor.desk.visit import Visit
from monitor.errors import UsageError
from monitor.notify.render import capitalised
from monitor.store.settings import Setting

SETTINGS = "/settings"

MOST_STATES = 20
"""Of a history that a page shows."""

NAME_LIMIT = 60

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
    return desk.pages.show("settings", visit=visit, cards=parts(visit.account), unfit=unfit(desk, visit))


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


def number(written: str) -> int:
    """Of a hidden field; one that somebody has tampered with is no state at all."""
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else -1


# --- nothing is kept that nobody has seen the effect of ----------------------------------------------------


def mark(changes: Sequence[Change]) -> str:
    """Of what was tried: it comes back with the button that keeps it."""
    said = [[change.kind, change.name, change.value] for change in changes]
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def is_sure(visit: Visit, changes: Sequence[Change]) -> bool:
    return hmac.compare_digest(visit.form["sure"].encode(), mark(changes).encode())


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
