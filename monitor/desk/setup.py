"""`/setup/TOKEN`: a link that lets somebody in once, to set a password. GET shows the form, POST does it.

Without an account of its own the link makes the first administrator, and is over as soon as anybody can log in. Where
the account asks for a code, it asks for it after this, too: whoever reads somebody's mail does not have their phone.
"""

from starlette.responses import Response

from monitor import passwords
from monitor.accounts import LOGIN_LETTERS, Account, Deed, Purpose, Role, check_login, check_name
from monitor.desk.context import Desk
from monitor.desk.entrance import Entered, enter, led_in
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.errors import Conflict
from monitor.store.accounts import Link, LinkState

ASK_AGAIN = "Новую выдаёт администратор: в разделе «Люди» или командой на сервере:"
FORGOTTEN = "Новую можно запросить на странице входа: «Забыли пароль?»."


def setup(desk: Desk, visit: Visit) -> Response:
    link = desk.store.accounts.link(_token(visit), visit.now)
    if link.state is not LinkState.GOOD:
        return _useless(desk, link)
    if not visit.is_post:
        return _form(desk, visit, link)
    if not desk.gate.is_ours(visit.request):
        return desk.pages.stale(visit)
    if complaint := _wrong(visit, link):
        return _form(desk, visit, link, complaint)
    try:
        entered = _settle(desk, visit, passwords.hashed(visit.form["password"]))
    except Conflict:
        return _form(desk, visit, link, "Такой логин уже занят. Выберите другой.")
    if entered is None:  # somebody was faster
        return _useless(desk, desk.store.accounts.link(_token(visit), visit.now))
    return led_in(desk, entered)


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _wrong(visit: Visit, link: Link) -> str:
    """What is wrong with what was filled in; "" when nothing is."""
    login = _login(visit) if link.account is None else link.account.login
    password = visit.form["password"]
    called = _name(visit) if link.account is None else link.account.name
    name = check_login(login) or check_name(called) if link.account is None else ""
    repeated = "" if visit.form["again"] == password else "Пароли не совпадают. Введите один и тот же дважды."
    return name or passwords.check_password(password, login, called) or repeated


def _login(visit: Visit) -> str:
    return visit.form["login"].strip()


def _name(visit: Visit) -> str:
    return visit.form["name"].strip() or _login(visit)


def _settle(desk: Desk, visit: Visit, hashed: str) -> Entered | None:
    """Uses the link up; None when it was used up already. Raises Conflict when the login is taken."""
    accounts = desk.store.accounts
    with desk.store.write():
        link = accounts.link(_token(visit), visit.now)
        if link.state is not LinkState.GOOD or not accounts.use_link(_token(visit), visit.now):
            return None
        account = link.account or _first(desk, visit)
        desk.application.people(account.login, address=visit.address).set_password(account, hashed)
        return enter(desk, visit, account)


def _first(desk: Desk, visit: Visit) -> Account:
    """The first administrator."""
    accounts, login = desk.store.accounts, _login(visit)
    made = accounts.add(login, name=_name(visit), role=Role.ADMINISTRATOR, places=None, now=visit.now)
    accounts.record(Deed.ACCOUNT_ADDED, actor=login, what=login, now=visit.now, address=visit.address)
    return made


def _form(desk: Desk, visit: Visit, link: Link, complaint: str = "") -> Response:
    return desk.pages.show(
        "setup",
        400 if complaint else 200,
        account=link.account,
        login=_login(visit) if link.account is None else link.account.login,
        letters=LOGIN_LETTERS,
        called=visit.form["name"].strip(),
        complaint=complaint,
        shortest=passwords.SHORTEST,
    )


def _useless(desk: Desk, link: Link) -> Response:
    """Why the link does nothing."""
    if link.state is LinkState.UNKNOWN:
        return desk.pages.problem(
            404, "Ссылка не работает", "Она скопировалась не целиком, её отозвали, или вместо неё уже выдана другая."
        )
    if link.account is None:
        return _first_no_more(desk, link)
    asked = link.purpose is Purpose.RESET
    again, command = (FORGOTTEN, "") if asked else (ASK_AGAIN, f"otklik user link {link.account.login}")
    if link.state is LinkState.USED:
        return desk.pages.problem(
            410,
            "Ссылка уже использована",
            "Она работает один раз. Если пароль задали Вы, войдите с ним на первой странице.",
            f"Если не Вы, сразу скажите об этом администратору. {again}",
            command=command,
        )
    life = "час" if asked else "сутки"
    return desk.pages.problem(410, "Ссылка устарела", f"Она работает {life}. {again}", command=command)


def _first_no_more(desk: Desk, link: Link) -> Response:
    if link.state is LinkState.USED:
        return desk.pages.problem(
            410,
            "Ссылка больше не нужна",
            "Первый администратор уже есть. Если это не Вы, попросите его завести Вам учётную запись.",
        )
    return desk.pages.problem(
        410, "Ссылка устарела", "Она работает сутки. Запустите ещё раз, и покажется новая:", command="otklik desk"
    )


PAGES = (Page("/setup/{token}", setup, None, ("GET", "POST")),)
