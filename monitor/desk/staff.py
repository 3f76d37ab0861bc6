"""`/people`: who may log in, and what an administrator does to accounts. The rules are `monitor.actions.people`'s."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import LOGIN_LETTERS, Account, Permission, Role
from monitor.actions.people import Handed, People, is_within
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import own_origin
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.people import Login, login_view
from monitor.desk.visit import Form, Visit
from monitor.errors import Conflict, NotFound, OtklikError, UsageError

PEOPLE = "/people"

DONE: Mapping[str, str] = {
    "saved": "Изменения сохранены.",
    "same": "Так и было: ничего не изменилось.",
    "disabled": "Учётная запись выключена, сеансы завершены.",
    "enabled": "Учётная запись включена.",
    "mailed": "Письмо со ссылкой подготовлено и уйдёт в ближайший проход, обычно в течение нескольких минут.",
    "revoked": "Сеансы завершены.",
    "over": "Сеанса уже не было.",
    "reset": "Подтверждение входа сброшено: теперь достаточно пароля.",
}
"""What was done, by the word in the address."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the list shows it. `state`: why they cannot log in, "" where they can; `seen` None: never."""

    id: int
    login: str
    name: str
    email: str
    role: str
    places: str
    state: str
    active: bool
    factor: bool
    seen: Moment | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form of an account holds. `mark`: of what its reader saw; "" of an account that is not there yet."""

    login: str = ""
    name: str = ""
    email: str = ""
    role: str = Role.OPERATOR.value
    everywhere: bool = True
    places: frozenset[str] = frozenset()
    mark: str = ""


# --- the list ----------------------------------------------------------------------------------


def people(desk: Desk, visit: Visit) -> Response:
    return _people(desk, visit, Filled(everywhere=visit.account.places is None))


def _people(desk: Desk, visit: Visit, filled: Filled, error: OtklikError | None = None) -> Response:
    accounts = desk.store.accounts
    seen, factors = accounts.last_seen(), desk.store.factors.switched_on()
    rows = []
    for account in accounts.all():
        if not is_within(account, visit.account.places):
            continue
        at = seen.get(account.id)
        rows.append(
            Person(
                id=account.id,
                login=account.login,
                name=account.name,
                email=account.email,
                role=wording.ROLES[account.role],
                places=_places_text(desk, account),
                state=_state(desk, account),
                active=account.active,
                factor=account.id in factors,
                seen=None if at is None else moment(desk, visit, at),
            )
        )
    return desk.pages.show(
        "people",
        200 if error is None else _status(error),
        visit=visit,
        people=rows,
        filled=filled,
        choices=_choices(desk, visit),
        everywhere=visit.account.places is None,
        roles=wording.ROLES,
        letters=LOGIN_LETTERS,
        complaint="" if error is None else desk.pages.sentence(error),
    )


def _state(desk: Desk, account: Account) -> str:
    if not account.active:
        return "выключена"
    return "" if desk.store.accounts.password(account.id) is not None else "пароль ещё не задан"


def _places_text(desk: Desk, account: Account) -> str:
    if account.places is None:
        return "все"
    titles = desk.application.titles
    return ", ".join(sorted(titles.get(place, place) for place in account.places)) or "ни одной"


def _choices(desk: Desk, visit: Visit, account: Account | None = None) -> Sequence[tuple[str, str]]:
    """(id, title) of places to choose from: those of the config that the visitor has, and those that the account has
    from before."""
    own = visit.account.places
    titles = {place: title for place, title in desk.application.titles.items() if own is None or place in own}
    had = () if account is None or account.places is None else account.places
    return [*titles.items(), *((place, f"{place} (нет в настройках)") for place in sorted(had) if place not in titles)]


def add(desk: Desk, visit: Visit) -> Response:
    filled = _filled(visit.form)
    try:
        with desk.store.write():
            account = _actions(desk, visit).add(
                filled.login,
                name=filled.name,
                email=filled.email,
                role=_role(filled),
                places=_chosen(filled),
            )
            handed = _actions(desk, visit).first_link(account)
    except (UsageError, Conflict) as error:
        return _people(desk, visit, filled, error)
    return _hand(desk, visit, account, handed, is_new=True)


def _hand(desk: Desk, visit: Visit, account: Account, handed: Handed, *, is_new: bool = False) -> Response:
    """The link, this once: nothing that is kept could show it again."""
    settings = desk.application.config.desk
    return desk.pages.show(
        "people_link",
        visit=visit,
        account=account,
        link=f"{settings.public_url if settings else own_origin(visit.request)}/setup/{handed.token}",
        is_public=settings is not None,
        can_be_mailed=handed.can_be_mailed,
        is_new=is_new,
    )


# --- one account -------------------------------------------------------------------------------


def person(desk: Desk, visit: Visit) -> Response:
    return _person(desk, visit, _account(desk, visit))


def _person(
    desk: Desk, visit: Visit, account: Account, filled: Filled | None = None, error: OtklikError | None = None
) -> Response:
    """With what was filled in, else as it is; `error`: why nothing was done."""
    store = desk.store
    at = store.accounts.last_seen().get(account.id)
    logins: list[Login] = [login_view(desk, visit, one) for one in store.sessions.of_account(account.id, visit.now)]
    return desk.pages.show(
        "person",
        200 if error is None else _status(error),
        visit=visit,
        account=account,
        filled=filled or _as_it_is(account),
        choices=_choices(desk, visit, account),
        everywhere=visit.account.places is None,
        roles=wording.ROLES,
        state=_state(desk, account),
        made=moment(desk, visit, account.created_at),
        seen=None if at is None else moment(desk, visit, at),
        logins=logins,
        factor=store.factors.of(account.id),
        can_be_mailed=bool(account.email) and desk.invitations is not None,
        complaint="" if error is None else desk.pages.sentence(error),
        done=DONE.get(visit.query("done"), ""),
    )


def save(desk: Desk, visit: Visit) -> Response:
    """Name, address, role and places, all or nothing."""
    account, filled = _account(desk, visit), _filled(visit.form)
    try:
        with desk.store.write():
            if _mark(_account(desk, visit)) != filled.mark:
                raise Conflict("пока Вы заполняли, учётную запись изменили. Сравните с тем, что теперь, и повторите")
            acts = _actions(desk, visit)
            changed = [
                acts.rename(account.login, filled.name),
                acts.set_email(account.login, filled.email),
                acts.set_role(account.login, _role(filled)),
                acts.set_places(account.login, _chosen(filled)),
            ]
    except (UsageError, Conflict) as error:
        now = _account(desk, visit)
        return _person(desk, visit, now, _filled(visit.form, mark=_mark(now)), error)
    return _done(account, "saved" if any(changed) else "same")


def _acting(act: Callable[[People, Account, Visit], str]) -> Callable[[Desk, Visit], Response]:
    """A handler that does one thing to an account; `act` answers with the word of DONE."""

    def handler(desk: Desk, visit: Visit) -> Response:
        account = _account(desk, visit)
        try:
            return _done(account, act(_actions(desk, visit), account, visit))
        except (UsageError, Conflict) as error:
            return _person(desk, visit, account, error=error)

    handler.__name__ = act.__name__.lstrip("_")
    return handler


def _disable(acts: People, account: Account, _: Visit) -> str:
    acts.disable(account.login)
    return "disabled"


def _enable(acts: People, account: Account, _: Visit) -> str:
    acts.enable(account.login)
    return "enabled"


def _mail(acts: People, account: Account, _: Visit) -> str:
    acts.mail_link(account.login)
    return "mailed"


def _revoke(acts: People, account: Account, visit: Visit) -> str:
    return "revoked" if acts.revoke(account.login, visit.form["session"]) else "over"


def _reset(acts: People, account: Account, _: Visit) -> str:
    return "reset" if acts.reset_factor(account.login) else "same"


def link(desk: Desk, visit: Visit) -> Response:
    account = _account(desk, visit)
    try:
        return _hand(desk, visit, account, _actions(desk, visit).link(account.login))
    except UsageError as error:
        return _person(desk, visit, account, error=error)


# --- what they share ---------------------------------------------------------------------------


def _actions(desk: Desk, visit: Visit) -> People:
    links = None if desk.invitations is None else desk.application.entry_links
    account = visit.account
    return desk.application.people(account.login, address=visit.address, within=account.places, links=links)


def _account(desk: Desk, visit: Visit) -> Account:
    """As it is now. Raises NotFound, also for one of other places."""
    account = desk.store.accounts.get(visit.number("account"))
    if not is_within(account, visit.account.places):
        raise NotFound("of another place")
    return account


def _done(account: Account, word: str) -> Response:
    return RedirectResponse(f"{PEOPLE}/{account.id}?done={word}", 303)


def _status(error: OtklikError) -> int:
    return 409 if isinstance(error, Conflict) else 400


def _filled(form: Form, *, mark: str = "") -> Filled:
    return Filled(
        login=form["login"].strip(),
        name=form["name"].strip(),
        email=form["email"].strip(),
        role=form["role"],
        everywhere=form["everywhere"] == "1",
        places=frozenset(form.all("place")),
        mark=mark or form["mark"],
    )


def _as_it_is(account: Account) -> Filled:
    return Filled(
        login=account.login,
        name=account.name,
        email=account.email,
        role=account.role.value,
        everywhere=account.places is None,
        places=account.places or frozenset(),
        mark=_mark(account),
    )


def _mark(account: Account) -> str:
    """Of what the form shows: whoever saves has seen it."""
    places = None if account.places is None else sorted(account.places)
    told = repr((account.name, account.email, account.role.value, places))
    return sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]


def _role(filled: Filled) -> Role:
    try:
        return Role(filled.role)
    except ValueError:
        raise UsageError("выберите роль") from None


def _chosen(filled: Filled) -> Sequence[str] | None:
    """None for all of them. Raises UsageError for none at all: nobody means that."""
    if not filled.everywhere and not filled.places:
        raise UsageError("выберите хотя бы одну точку или все")
    return None if filled.everywhere else sorted(filled.places)


_POST = ("POST",)

PAGES = (
    Page(PEOPLE, people, Permission.ACCOUNTS),
    Page(f"{PEOPLE}/add", add, Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}", person, Permission.ACCOUNTS),
    Page(f"{PEOPLE}/{{account:int}}/save", save, Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/disable", _acting(_disable), Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/enable", _acting(_enable), Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/link", link, Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/mail", _acting(_mail), Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/revoke", _acting(_revoke), Permission.ACCOUNTS, _POST),
    Page(f"{PEOPLE}/{{account:int}}/reset", _acting(_reset), Permission.ACCOUNTS, _POST),
)
