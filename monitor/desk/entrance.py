"""Logging in and out. A password is asked for on every page that somebody unknown opens, and here:

GET / → POST /login → [a code → POST /login/code →] a session → where they wanted to go
GET /setup/TOKEN → POST: sets a password by a link that works once → the same

Whoever guesses waits longer and longer. A wrong login, a wrong password and a disabled account look and last alike.
Between the password and the code there is no session: the page of the code holds a token that is good for that alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from monitor import passwords, wording
from monitor.accounts import Account, Deed, Permission, folded
from monitor.desk import codes
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import let_in, let_out, neighbourhood
from monitor.desk.page import Page
from monitor.desk.throttle import FREE_PER_ACCOUNT, wait, wait_at_address
from monitor.desk.visit import Visit
from monitor.store.accounts import digest

HOME = "/queue"
"""Where somebody goes who wanted nothing else."""

LONGEST_ADDRESS = 2000
"""Characters of an address to go to after logging in."""

DEEPEST = 4
"""Parts of an address of ours, at most: `/t/12/gesture/agree`."""


# --- logging in --------------------------------------------------------------------------------


def home(desk: Desk, visit: Visit) -> Response:
    """Leads to the queue, or to a page with a password field."""
    return _doors(desk, visit) if visit.visitor is None else RedirectResponse(HOME, 303)


def welcome(desk: Desk, visit: Visit) -> Response:
    """Of somebody who must log in first: nothing was done, and what they wrote is kept for them."""
    return _doors(desk, visit, 401, goal=_goal(desk, visit), words=visit.form.words, must=True)


def login(desk: Desk, visit: Visit) -> Response:
    if not visit.is_post:
        return home(desk, visit)
    if not desk.gate.is_ours(visit.request):
        return desk.pages.stale(visit)
    goal, words = local(visit.form["next"]), visit.form["text"]
    knocked = _knock(desk, visit, _typed(visit), visit.form["password"])
    if isinstance(knocked, timedelta):
        complaint = f"Слишком много неудачных попыток. Войти можно будет {wording.from_now(knocked)}."
        return _doors(desk, visit, 429, goal=goal, words=words, complaint=complaint)
    with desk.store.write():
        account = _admit(desk, visit, knocked, visit.form["password"])
        entered = None if account is None else enter(desk, visit, account)
        if entered is not None and entered.session:
            _note(desk, visit, entered.account)
    if entered is None:
        return _doors(desk, visit, 401, goal=goal, words=words, complaint="Логин или пароль не подходит.")
    return led_in(desk, entered, goal, words)


@dataclass(frozen=True, slots=True)
class Entered:
    """Whose password was right, or whose link: the token of their `session`, or, where the account asks for a code
    first, of the login that is `pending`."""

    account: Account
    session: str = ""
    pending: str = ""


def enter(desk: Desk, visit: Visit, account: Account) -> Entered:
    """Inside a `write`."""
    if desk.store.factors.of(account.id) is not None:
        return Entered(account, pending=desk.store.factors.begin(account.id, visit.now))
    return Entered(account, session=start_session(desk, visit, account))


def _note(desk: Desk, visit: Visit, account: Account) -> None:
    desk.store.accounts.record(Deed.LOGGED_IN, actor=account.login, now=visit.now, address=visit.address)


def led_in(desk: Desk, entered: Entered, goal: str = "", words: str = "") -> Response:
    """To where they wanted to go; or the page that asks for a code."""
    if entered.pending:
        return _ask_code(desk, entered, goal, words)
    going = RedirectResponse(goal or HOME, 303)
    answer = desk.pages.show("kept", words=words, goal=goal or HOME) if words else going
    return let_in(answer, entered.session, desk.application.config.desk)


def _ask_code(
    desk: Desk, entered: Entered, goal: str, words: str, *, complaint: str = "", status: int = 200
) -> Response:
    factor = desk.store.factors.of(entered.account.id)
    return desk.pages.show(
        "code",
        status,
        pending=entered.pending,
        goal=goal,
        words=words,
        complaint=complaint,
        lost=factor is not None and codes.is_lost(desk, factor),
    )


def login_code(desk: Desk, visit: Visit) -> Response:
    """The second step: the password was right before."""
    if not desk.gate.is_ours(visit.request):
        return desk.pages.stale(visit)
    goal, words, pending = local(visit.form["next"]), visit.form["text"], visit.form["pending"]
    account = desk.store.factors.pending(pending, visit.now)
    if account is None:
        return _begin_anew(desk, visit, goal, words)
    right = codes.check(desk, visit, account, visit.form["code"])
    entered = Entered(account, pending=pending)
    if isinstance(right, timedelta):
        complaint = f"Слишком много неверных кодов. Повторите {wording.from_now(right)}."
        return _ask_code(desk, entered, goal, words, complaint=complaint, status=429)
    if not right:
        complaint = "Код не подходит. Дождитесь следующего и введите его."
        return _ask_code(desk, entered, goal, words, complaint=complaint, status=401)
    with desk.store.write():
        if not desk.store.factors.finish(pending):  # somebody was faster, or has reset it
            return _begin_anew(desk, visit, goal, words)
        entered = Entered(account, session=start_session(desk, visit, account))
        _note(desk, visit, account)
    return led_in(desk, entered, goal, words)


def _begin_anew(desk: Desk, visit: Visit, goal: str, words: str) -> Response:
    complaint = "Время на ввод кода вышло. Введите логин и пароль ещё раз."
    return _doors(desk, visit, 401, goal=goal, words=words, complaint=complaint)


def attempt(desk: Desk, visit: Visit, login: str, password: str) -> Account | timedelta | None:
    """Whose login and password these are; None when they are nobody's; how long to wait before asking again."""
    knocked = _knock(desk, visit, login, password)
    if isinstance(knocked, timedelta):
        return knocked
    with desk.store.write():
        return _admit(desk, visit, knocked, password)


@dataclass(frozen=True, slots=True)
class _Knock:
    """A login and a password, compared outside of any transaction: that takes long. `number`: the attempt, counted as a
    failure so far; `stored`: what the password was compared with; `anew`: it as it is kept now, "" where it is so."""

    login: str
    number: int
    account: Account | None
    stored: str | None
    right: bool
    anew: str


def _knock(desk: Desk, visit: Visit, login: str, password: str) -> _Knock | timedelta:
    """How long to wait before asking again, where there were too many failures."""
    accounts, near = desk.store.accounts, neighbourhood(visit.address)
    with desk.store.write():
        left = _wait(desk, visit, login)
        if left:
            return left
        number = desk.store.sessions.attempt(digest(folded(login)), near, visit.now)
    account = accounts.find(login)
    stored = accounts.password(account.id) if account is not None and account.active else None
    right = passwords.is_right(password, stored)
    anew = passwords.hashed(password) if right and stored and passwords.is_outdated(stored) else ""
    return _Knock(login, number, account, stored, right, anew)


def _admit(desk: Desk, visit: Visit, knocked: _Knock, password: str) -> Account | None:
    """Whose login and password these are now, inside a `write`: an account that was disabled while they were compared,
    or has another password since, is not entered by the one of before. Its sessions have ended, and this would be one
    that nobody ends."""
    accounts = desk.store.accounts
    account = None if knocked.account is None else accounts.get(knocked.account.id)
    held = None if account is None or not account.active else accounts.password(account.id)
    stays = held == knocked.stored or passwords.is_right(password, held)  # who was faster may have hashed it anew
    if account is None or not (knocked.right and stays):
        # What was typed is not repeated where there is no such login: it may be a password.
        tried = "" if account is None else account.login
        accounts.record(Deed.LOGIN_FAILED, actor="", what=tried, now=visit.now, address=visit.address)
        return None
    desk.store.sessions.forgive(knocked.number, digest(folded(knocked.login)))
    if knocked.anew and held == knocked.stored:
        accounts.set_password(account.id, knocked.anew)
    return account


def _wait(desk: Desk, visit: Visit, login: str) -> timedelta:
    sessions, near = desk.store.sessions, neighbourhood(visit.address)
    # Whoever works from there already is not kept out by what strangers try elsewhere.
    known = sessions.is_used_from(folded(login), visit.address, visit.now)
    at_account = sessions.failures(visit.now, account=digest(folded(login)), address=near if known else "")
    return max(wait(at_account, FREE_PER_ACCOUNT, visit.now), wait_at_address(desk, visit))


def start_session(desk: Desk, visit: Visit, account: Account) -> str:
    """The token of a new session in the place of the one that the browser had, inside a `write`."""
    if visit.visitor is not None:
        desk.store.sessions.end(visit.visitor.session)
    browser = visit.request.headers.get("user-agent", "")
    return desk.store.sessions.start(account.id, visit.now, address=visit.address, browser=browser)


def _typed(visit: Visit) -> str:
    return visit.form["login"].strip()


def _doors(
    desk: Desk,
    visit: Visit,
    status: int = 200,
    *,
    goal: str = "",
    words: str = "",
    complaint: str = "",
    must: bool = False,
) -> Response:
    """The page with the password field. `must`: the visitor wanted to go somewhere else."""
    return desk.pages.show(
        "login",
        status,
        login=_typed(visit) if complaint else "",
        goal=goal,
        words=words,
        complaint=complaint,
        must=must,
        nothing_done=must and visit.is_post,
        nobody=not desk.store.accounts.somebody_can_log_in(),
        has_links=desk.invitations is not None,
    )


def local(address: str) -> str:
    """An address of ours to go to; "" for any other, however it is disguised: browsers read a backslash as a slash and
    skip what does not show."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and len(address) <= LONGEST_ADDRESS
    return address if plain and address.startswith("/") and not address.startswith("//") else ""


def _goal(desk: Desk, visit: Visit) -> str:
    """Where they wanted to go: the page they asked for, or the one whose form they sent."""
    if not visit.is_post:
        query = visit.request.url.query
        return local(visit.request.url.path + (f"?{query}" if query else ""))
    if not desk.gate.is_ours(visit.request):
        return ""
    try:
        parts = urlsplit(visit.request.headers.get("referer", ""))
    except ValueError:
        return ""
    path = _opening(visit, parts.path)
    return local(path + (f"?{parts.query}" if parts.query and path == parts.path else ""))


def _opening(visit: Visit, path: str) -> str:
    """The address, else the nearest above it, that opens a page: a form that was refused stands where it was sent to,
    and there nothing is to be seen. "" where none is near."""
    for _ in range(DEEPEST):
        asked = {"type": "http", "method": "GET", "path": path}
        if any(route.matches(asked)[0] is Match.FULL for route in visit.request.app.routes):
            return path
        path = path.rpartition("/")[0]
    return ""


def logout(desk: Desk, visit: Visit) -> Response:
    assert visit.visitor is not None
    with desk.store.write():
        desk.store.sessions.end(visit.visitor.session)
        desk.store.accounts.record(Deed.LOGGED_OUT, actor=visit.account.login, now=visit.now, address=visit.address)
    return let_out(RedirectResponse("/", 303), desk.application.config.desk)


PAGES = (
    Page("/", home, None),
    Page("/login", login, None, ("GET", "POST")),
    Page("/login/code", login_code, None, ("POST",)),
    Page("/logout", logout, Permission.SELF, ("POST",)),
)
