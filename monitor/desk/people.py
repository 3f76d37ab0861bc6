"""Where people look after themselves, and what was done at the desk: `/me` and `/audit`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from monitor import passwords, wording
from monitor.accounts import Deed, Permission
from monitor.actions.people import checked_email, is_within
from monitor.desk import codes
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import let_in, let_out
from monitor.desk.entrance import attempt, start_session
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.visit import Visit, number_in
from monitor.errors import UsageError
from monitor.store.accounts import Entry
from monitor.store.sessions import Session

DEEDS: Mapping[str, str] = {
    Deed.LOGGED_IN: "Вход",
    Deed.LOGIN_FAILED: "Неудачный вход",
    Deed.LOGGED_OUT: "Выход",
    Deed.SESSION_REVOKED: "Завершён сеанс",
    Deed.PASSWORD_SET: "Задан пароль",
    Deed.LINK_MADE: "Выдана ссылка для входа",
    Deed.ACCOUNT_ADDED: "Заведена учётная запись",
    Deed.ROLE_CHANGED: "Изменена роль",
    Deed.PLACES_CHANGED: "Изменены точки",
    Deed.DISABLED: "Учётная запись выключена",
    Deed.ENABLED: "Учётная запись включена",
    Deed.NAME_CHANGED: "Изменено имя",
    Deed.EMAIL_CHANGED: "Изменена почта",
    Deed.LINK_MAILED: "Ссылка для входа отправлена письмом",
    Deed.RESET_ASKED: "Запрошен новый пароль",
    Deed.CODE_FAILED: "Неверный код при входе",
    Deed.RECOVERY_CODE_USED: "Использован запасной код",
    Deed.RECOVERY_CODES_MADE: "Выданы запасные коды",
    Deed.FACTOR_ON: "Включено подтверждение входа",
    Deed.FACTOR_OFF: "Выключено подтверждение входа",
    Deed.FACTOR_RESET: "Сброшено подтверждение входа",
    Deed.CARD_HASTENED: "Внеочередная проверка карточки",
    Deed.NOTIFICATION_RETRIED: "Повтор отправки",
    Deed.NOTIFICATION_HURRIED: "Отправка без ожидания",
    Deed.MEASURE_NOTED: "Записана мера",
    Deed.MEASURE_WITHDRAWN: "Мера снята",
    Deed.FORGOTTEN: "Стёрты личные данные",
    Deed.HANDED_OUT: "Выгружены данные автора",
    Deed.REVIEWS_EXPORTED: "Выгружены отзывы",
    Deed.SETTING_CHANGED: "Изменена настройка",
    Deed.SETTING_UNDONE: "Отменено изменение настройки",
    Deed.PHRASES_CHANGED: "Изменены фразы",
    Deed.PHRASES_RETURNED: "Возвращены прежние фразы",
    Deed.TOKEN_ADDED: "Выдан токен для программы",
    Deed.TOKEN_REVOKED: "Отозван токен программы",
}

DONE: Mapping[str, str] = {
    "password": "Пароль изменён. Остальные сеансы завершены.",
    "revoked": "Сеанс завершён.",
    "others": "Остальные сеансы завершены.",
    "over": "Такого сеанса у Вас нет: наверное, он уже завершился.",
    "email": "Адрес почты изменён.",
    "unproved": "Адрес почты изменён. Чтобы кнопки в письмах действовали от Вашего имени, подтвердите его: запросите "
    "на странице входа новый пароль и откройте ссылку из письма.",
    "same": "Так и было: ничего не изменилось.",
    "off": "Подтверждение входа выключено.",
}
"""What was done, by the word in the address."""

AUDIT_PAGE = 100
"""Lines."""

LONGEST_BROWSER = 80
"""Characters."""

BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""A sign of each in what a browser says of itself, the telling ones first: everybody claims to be everybody."""


@dataclass(frozen=True, slots=True)
class Login:
    """A session as its owner sees it, and an administrator. `here`: the one that asks."""

    key: str
    here: bool
    browser: str
    address: str
    started: Moment
    seen: Moment


@dataclass(frozen=True, slots=True)
class Line:
    """Of the audit log."""

    at: Moment
    actor: str
    deed: str
    what: str
    address: str


# --- /me ---------------------------------------------------------------------------------------


def me(desk: Desk, visit: Visit) -> Response:
    return show_me(desk, visit)


def show_me(desk: Desk, visit: Visit, complaint: str = "", status: int = 200) -> Response:
    account, store = visit.account, desk.store
    titles = desk.application.titles
    places = None if account.places is None else sorted(titles.get(place, place) for place in account.places)
    former, factor = store.accounts.former_login(account.id), store.factors.of(account.id)
    return desk.pages.show(
        "me",
        status,
        visit=visit,
        role=wording.ROLES[account.role],
        places=places,
        former=None if former is None else moment(desk, visit, former.at),
        former_address="" if former is None else former.address,
        logins=[login_view(desk, visit, one) for one in store.sessions.of_account(account.id, visit.now)],
        factor=factor,
        lost=factor is not None and codes.is_lost(desk, factor),
        email=visit.form["email"] if complaint and "email" in visit.form else account.email,
        complaint=complaint,
        done=DONE.get(visit.query("done"), ""),
        shortest=passwords.SHORTEST,
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a form of one's own page, and the status that says so."""

    complaint: str
    status: int = 400


def not_owner(desk: Desk, visit: Visit) -> Refusal | None:
    """Whoever sits down at a desk left open must not be able to keep its owner out: the password in force is asked for,
    and a wrong one counts as a failure to log in."""
    owner = attempt(desk, visit, visit.account.login, visit.form["current"])
    if isinstance(owner, timedelta):
        return Refusal(f"Слишком много неудачных попыток. Повторите {wording.from_now(owner)}.", 429)
    return Refusal("Нынешний пароль не подходит.") if owner is None else None


def refused(desk: Desk, visit: Visit, refusal: Refusal) -> Response:
    """The page with what is wrong."""
    return show_me(desk, visit, refusal.complaint, refusal.status)


def change_password(desk: Desk, visit: Visit) -> Response:
    account, password = visit.account, visit.form["password"]
    if wrong := passwords.check_password(password, account.login, account.name):
        return refused(desk, visit, Refusal(wrong))
    if visit.form["again"] != password:
        return refused(desk, visit, Refusal("Новые пароли не совпадают. Введите один и тот же дважды."))
    if refusal := not_owner(desk, visit):
        return refused(desk, visit, refusal)
    hashed = passwords.hashed(password)
    with desk.store.write():
        desk.application.people(account.login, address=visit.address).set_password(account, hashed)
        token = start_session(desk, visit, account)
    return let_in(RedirectResponse("/me?done=password", 303), token, desk.application.config.desk)


def change_email(desk: Desk, visit: Visit) -> Response:
    """Links that set a password go to it: the password in force is asked for. Both addresses are told. That it is
    theirs is not taken from whoever does not look after accounts (`Accounts.behind`)."""
    email = visit.form["email"].strip()
    try:
        checked_email(email)
    except UsageError as error:
        return refused(desk, visit, Refusal(desk.pages.sentence(error)))
    if refusal := not_owner(desk, visit):
        return refused(desk, visit, refusal)
    account, vouched = visit.account, visit.account.may(Permission.ACCOUNTS)
    changed = desk.application.people(account.login, address=visit.address).set_email(
        account.login, email, vouched=vouched
    )
    done = "same" if not changed else "email" if vouched or not email else "unproved"
    return RedirectResponse(f"/me?done={done}", 303)


def revoke(desk: Desk, visit: Visit) -> Response:
    """Ends one session of one's own, or all but this one."""
    visitor, config = visit.visitor, desk.application.config.desk
    assert visitor is not None
    key = visit.form["session"]
    with desk.store.write():
        if key:
            ended = int(desk.store.sessions.end(key, account_id=visitor.account.id))
        else:
            ended = desk.store.sessions.end_all(visitor.account.id, but=visitor.session)
        if ended:
            _record(desk, visit, Deed.SESSION_REVOKED)
    if key == visitor.session:
        return let_out(RedirectResponse("/", 303), config)
    done = "others" if not key else "revoked" if ended else "over"
    return RedirectResponse(f"/me?done={done}", 303)


def _record(desk: Desk, visit: Visit, deed: Deed) -> None:
    """What somebody did to their own account."""
    login = visit.account.login
    desk.store.accounts.record(deed, actor=login, what=login, now=visit.now, address=visit.address)


def login_view(desk: Desk, visit: Visit, session: Session) -> Login:
    assert visit.visitor is not None
    return Login(
        key=session.key,
        here=session.key == visit.visitor.session,
        browser=browser(session.browser),
        address=session.address,
        started=moment(desk, visit, session.started_at),
        seen=moment(desk, visit, session.seen_at),
    )


def browser(told: str) -> str:
    """A browser by what it says of itself, in words people know."""
    name = next((title for sign, title in BROWSERS if sign in told), "")
    system = next((title for sign, title in SYSTEMS if sign in told), "")
    known = ", ".join(filter(None, (name, system)))
    return known or wording.one_line(told, LONGEST_BROWSER) or "неизвестный браузер"


# --- /audit ------------------------------------------------------------------------------------


def audit(desk: Desk, visit: Visit) -> Response:
    """A hundred lines, newest first; `?before=` the number of a line goes on. Whoever has few places sees what was done
    by those who have no others: the log names people, addresses and settings."""
    number, own = number_in(visit.query("before")), visit.account.places
    found = desk.store.accounts.audit(AUDIT_PAGE + 1, before=number, of=None if own is None else _near(desk, own))
    return desk.pages.show(
        "audit",
        visit=visit,
        lines=[_line(desk, visit, entry) for entry in found[:AUDIT_PAGE]],
        older=found[AUDIT_PAGE - 1].id if len(found) > AUDIT_PAGE else None,
        newest=number is None,
        whole=own is None,
    )


def _near(desk: Desk, places: frozenset[str]) -> Iterator[str]:
    """Under which names people and programs act all of whose places are among these."""
    yield from (account.login for account in desk.store.accounts.all() if is_within(account, places))
    tokens = desk.store.tokens.all()
    yield from (token.actor for token in tokens if token.places is not None and token.places <= places)


def _line(desk: Desk, visit: Visit, entry: Entry) -> Line:
    at = moment(desk, visit, entry.at)
    return Line(at, entry.actor, DEEDS.get(entry.kind, entry.kind), entry.what, entry.address)


PAGES = (
    Page("/me", me, Permission.SELF),
    Page("/me/password", change_password, Permission.SELF, ("POST",)),
    Page("/me/email", change_email, Permission.SELF, ("POST",)),
    Page("/me/revoke", revoke, Permission.SELF, ("POST",)),
    Page("/audit", audit, Permission.AUDIT),
)
