"""Who works at the desk and what each may do there. Pure.

A role is a set of permissions; a scope says at which places they hold. A table in `ALLOWED`, asked in one function.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NAME = 100
"""Characters of a login and of a name: they stand in histories, mails and terminals."""

_LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
LOGIN_LETTERS = "латинские буквы, цифры, точка, дефис и подчёркивание; первой идёт буква, пробелов нет"
"""Of what a new login is made."""

PROGRAM = "api:"
"""How the names begin under which programs act."""


class Role(StrEnum):
    """Each may do what the one before it may, and more."""

    OPERATOR = "operator"
    LEAD = "lead"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a page asks for. SELF: anybody who is logged in. READ and ACT: tickets of one's own places. ASSIGN: to give
    a ticket to somebody else. FORCE: to approve what the linter holds for wrong. Taking what a colleague has needs no
    more than ACT: an hour may run out while they are away. GESTURES: to decide on gestures above the operators' limit.
    OPERATE: outbox and sources.

    NUMBERS: how the work goes, and how guests speak of the staff. WORDINGS: the phrases of replies. CALENDARS: working
    hours, who hears of what and who stands in for whom. AUDIT: who did what at the desk. ACCOUNTS: people, their roles
    and places, tokens of programs. PRIVACY: what is kept of people, erasing it and handing it out."""

    SELF = "self"
    READ = "read"
    ACT = "act"
    ASSIGN = "assign"
    FORCE = "force"
    GESTURES = "gestures"
    OPERATE = "operate"
    NUMBERS = "numbers"
    WORDINGS = "wordings"
    CALENDARS = "calendars"
    AUDIT = "audit"
    ACCOUNTS = "accounts"
    PRIVACY = "privacy"


_OPERATOR = frozenset({Permission.SELF, Permission.READ, Permission.ACT})
_LEAD = _OPERATOR | {
    Permission.ASSIGN,
    Permission.FORCE,
    Permission.OPERATE,
    Permission.NUMBERS,
    Permission.WORDINGS,
}
_OWNER = _LEAD | {Permission.GESTURES, Permission.CALENDARS}

ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: _OPERATOR,
    Role.LEAD: _LEAD,
    Role.OWNER: _OWNER,
    Role.ADMINISTRATOR: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in. `login` is the name under which they act, in histories and with `--as`; `name` is for
    people. `places`: ids from config.yaml, None for all of them, those to come included."""

    id: int
    login: str
    name: str
    email: str
    role: Role
    places: frozenset[str] | None
    active: bool
    created_at: datetime

    def may(self, permission: Permission, place: str | None = None) -> bool:
        """Whether the role allows it, at that place where one is named."""
        if not self.active or permission not in ALLOWED[self.role]:
            return False
        return reaches(self.places, place)


def reaches(places: frozenset[str] | None, place: str | None) -> bool:
    """Whether somebody of those places (None: of all) may go there; None is nowhere in particular."""
    return place is None or places is None or place in places


class Deed(StrEnum):
    """What the audit log tells of: everything done at the desk, or to its accounts, that is no event of a ticket."""

    LOGGED_IN = "logged in"
    LOGIN_FAILED = "login failed"
    LOGGED_OUT = "logged out"
    SESSION_REVOKED = "session revoked"
    PASSWORD_SET = "password set"  # noqa: S105 - a name, no password
    LINK_MADE = "link made"
    ACCOUNT_ADDED = "account added"
    ROLE_CHANGED = "role changed"
    PLACES_CHANGED = "places changed"
    DISABLED = "disabled"
    ENABLED = "enabled"
    NAME_CHANGED = "name changed"
    EMAIL_CHANGED = "email changed"
    LINK_MAILED = "link mailed"
    RESET_ASKED = "reset asked"
    CODE_FAILED = "code failed"
    RECOVERY_CODE_USED = "recovery code used"
    RECOVERY_CODES_MADE = "recovery codes made"
    FACTOR_ON = "second factor on"
    FACTOR_OFF = "second factor off"
    FACTOR_RESET = "second factor reset"
    CARD_HASTENED = "card hastened"
    NOTIFICATION_RETRIED = "notification retried"
    NOTIFICATION_HURRIED = "notification hurried"
    MEASURE_NOTED = "measure noted"
    MEASURE_WITHDRAWN = "measure withdrawn"
    FORGOTTEN = "forgotten"
    HANDED_OUT = "handed out"
    REVIEWS_EXPORTED = "reviews exported"
    SETTING_CHANGED = "setting changed"
    SETTING_UNDONE = "setting undone"
    PHRASES_CHANGED = "phrases changed"
    PHRASES_RETURNED = "phrases returned"
    TOKEN_ADDED = "token added"  # noqa: S105 - a name, no token
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - a name, no token


class Purpose(StrEnum):
    """What a link sets a password for. ENTRY: an administrator handed it out. RESET: somebody asked for it by mail."""

    ENTRY = "entry"
    RESET = "reset"


class Invited(StrEnum):
    """Why a mail holds a link. FIRST: there is no password yet. NEW: an administrator sends another. RESET: somebody
    said that they had forgotten theirs."""

    FIRST = "first"
    NEW = "new"
    RESET = "reset"


class Notice(StrEnum):
    """What the owner of an account is told that was done to it: else nobody would hear of it who did not do it."""

    PASSWORD = "password"  # noqa: S105 - a name, no password
    EMAIL = "email"
    FACTOR_ON = "factor on"
    FACTOR_OFF = "factor off"
    FACTOR_RESET = "factor reset"


def folded(login: str) -> str:
    """What two logins must not have in common: they would be taken for one another."""
    return unicodedata.normalize("NFKC", login).casefold()


def check_login(login: str) -> str:
    """What is wrong with the login of a new account, as `check_name` tells it. It is typed at the desk and in terminals
    and cannot be changed: nobody should have to guess its alphabet, nor take two for one. Older ones go on as they
    are."""
    if wrong := check_name(login):
        return wrong
    return "" if _LOGIN.fullmatch(login) else f"Логин не подходит. Годятся {LOGIN_LETTERS}. Например, anna."


def check_name(name: str) -> str:
    """What is wrong with a login or a name, as a Russian sentence; "" when it will do."""
    if not name.strip():
        return "Имя не может быть пустым."
    if folded(name).startswith(PROGRAM):
        return f"С «{PROGRAM}» начинаются имена программ. Выберите другое имя."
    if name != name.strip() or not name.isprintable():
        return "В имени не должно быть пробелов по краям, переносов строк и невидимых знаков."
    return f"Имя длиннее {LONGEST_NAME} знаков." if len(name) > LONGEST_NAME else ""
