"""`/tokens`: the programs that may ask through the API. The rules are `monitor.actions.programs`'s."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Permission, reaches
from monitor.actions.programs import Programs, grants_text
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.visit import Form, Visit
from monitor.errors import Conflict, UsageError
from monitor.tokens import USUAL_LIFE, AccessToken, Grant

TOKENS = "/tokens"

DONE: Mapping[str, str] = {
    "revoked": "Токен отозван: программа больше не войдёт.",
    "over": "Этот токен уже был отозван.",
}
"""What was done, by the word in the address."""

LIVES: Mapping[str, str] = {"": "бессрочно", "30": "30 дней", "90": "90 дней", "365": "год"}
"""For how many days a token may be made."""


@dataclass(frozen=True, slots=True)
class Line:
    """A token as the list shows it. `state`: why it does not work, "" where it does; `until` None: no end is set;
    `used` None: never."""

    id: int
    name: str
    actor: str
    may: str
    places: str
    state: str
    revoked: bool
    made: Moment
    by: str
    until: Moment | None
    used: Moment | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form of a new token holds."""

    name: str = ""
    may: frozenset[str] = frozenset({Grant.READ.value})
    everywhere: bool = True
    places: frozenset[str] = frozenset()
    life: str = str(USUAL_LIFE)


def tokens(desk: Desk, visit: Visit) -> Response:
    return _tokens(desk, visit, Filled(everywhere=visit.account.places is None))


def _tokens(desk: Desk, visit: Visit, filled: Filled, complaint: str = "", status: int = 200) -> Response:
    own = visit.account.places
    return desk.pages.show(
        "tokens",
        status,
        visit=visit,
        tokens=[_line(desk, visit, token) for token in _programs(desk, visit).all()],
        filled=filled,
        grants=wording.GRANTS,
        lives=LIVES,
        choices=[(place, title) for place, title in desk.application.titles.items() if reaches(own, place)],
        everywhere=own is None,
        complaint=complaint,
        done=DONE.get(visit.query("done"), ""),
    )


def _line(desk: Desk, visit: Visit, token: AccessToken) -> Line:
    titles = desk.application.titles
    places = None if token.places is None else sorted(titles.get(place, place) for place in token.places)
    return Line(
        id=token.id,
        name=token.name,
        actor=token.actor,
        may=grants_text(token.may),
        places="все" if places is None else ", ".join(places),
        state="отозван" if token.revoked_at else "" if token.works(visit.now) else "истёк",
        revoked=token.revoked_at is not None,
        made=moment(desk, visit, token.created_at),
        by=token.created_by,
        until=None if token.expires_at is None else moment(desk, visit, token.expires_at),
        used=None if token.used_at is None else moment(desk, visit, token.used_at),
    )


def add(desk: Desk, visit: Visit) -> Response:
    """The token is shown this once: nothing that is kept could show it again."""
    filled = _filled(visit.form)
    try:
        secret = _programs(desk, visit).add(
            filled.name,
            filled.may,
            places=None if filled.everywhere else sorted(filled.places),
            days=_days(filled.life),
        )
    except (UsageError, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 400
        return _tokens(desk, visit, filled, desk.pages.sentence(error), status)
    return desk.pages.show("tokens_made", visit=visit, token=filled.name, secret=secret)


def revoke(desk: Desk, visit: Visit) -> Response:
    programs = _programs(desk, visit)
    try:
        programs.revoke(programs.get(visit.number("token")))
    except Conflict:
        return RedirectResponse(f"{TOKENS}?done=over", 303)
    return RedirectResponse(f"{TOKENS}?done=revoked", 303)


def _programs(desk: Desk, visit: Visit) -> Programs:
    return Programs(
        store=desk.store,
        places=desk.application.titles,
        actor=visit.account.login,
        now=visit.now,
        address=visit.address,
        within=visit.account.places,
    )


def _filled(form: Form) -> Filled:
    return Filled(
        name=form["name"].strip(),
        may=frozenset(form.all("may")),
        everywhere=form["everywhere"] == "1",
        places=frozenset(form.all("place")),
        life=form["life"],
    )


def _days(life: str) -> int | None:
    if life not in LIVES:
        raise UsageError("выберите, сколько токену действовать")
    return int(life) if life else None


PAGES = (
    Page(TOKENS, tokens, Permission.ACCOUNTS),
    Page(f"{TOKENS}/add", add, Permission.ACCOUNTS, ("POST",)),
    Page(f"{TOKENS}/{{token:int}}/revoke", revoke, Permission.ACCOUNTS, ("POST",)),
)
