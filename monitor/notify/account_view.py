"""What a mail about somebody's own account says: a link that sets a password, or what was done to the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor import wording
from monitor.accounts import Invited, Notice
from monitor.alerts import Alert
from monitor.notify.views import NAME_LIMIT

ADDRESS_LIMIT = 600
"""Characters of what became what: two addresses of mail."""


@dataclass(frozen=True, slots=True)
class Said:
    """`lines` with `{login}`, `{asked}`, `{done}` and `{detail}` to fill in; `button`: what the link is called."""

    subject: str
    lead: str
    lines: tuple[str, ...]
    warning: str
    button: str = ""


NOT_EXPECTED = "Если Вы не ждали этого письма, не открывайте ссылку и скажите администратору."
NOT_YOU = "Если это были не Вы, сразу скажите администратору"
BY_YOURSELF = " и задайте новый пароль: на странице входа есть «Забыли пароль?»."
BY_OTHERS = ": новую ссылку для пароля выдаст он."
"""What follows, where links for a new password are mailed and where they are not."""

SAID: Mapping[str, Said] = {
    Invited.FIRST: Said(
        "Задайте пароль для входа",
        "Задайте пароль для входа",
        ("для Вас завели учётную запись. Логин: {login}.", "По ссылке Вы зададите пароль и войдёте."),
        NOT_EXPECTED,
        "Задать пароль",
    ),
    Invited.NEW: Said(
        "Задайте новый пароль",
        "Задайте новый пароль",
        ("администратор прислал Вам ссылку. Логин: {login}.", "По ней Вы зададите новый пароль вместо прежнего."),
        NOT_EXPECTED,
        "Задать новый пароль",
    ),
    Invited.RESET: Said(
        "Ссылка для нового пароля",
        "Забыли пароль?",
        ("на странице входа попросили прислать ссылку для нового пароля. Логин: {login}.{asked}",),
        "Если просили не Вы, ничего не делайте: прежний пароль действует, и без этой ссылки его не сменить.",
        "Задать новый пароль",
    ),
    Notice.PASSWORD: Said(
        "Пароль изменён",
        "Пароль изменён",
        ("пароль учётной записи {login} изменён, остальные сеансы завершены.{done}",),
        NOT_YOU,
    ),
    Notice.EMAIL: Said(
        "Изменён адрес почты",
        "Изменён адрес почты",
        ("в учётной записи {login} изменён адрес почты: {detail}.{done}",),
        NOT_YOU + BY_OTHERS,  # a link would go to the new address
    ),
    Notice.FACTOR_ON: Said(
        "Включено подтверждение входа",
        "Включено подтверждение входа",
        ("теперь, чтобы войти как {login}, кроме пароля нужен код из приложения.{done}",),
        NOT_YOU,
    ),
    Notice.FACTOR_OFF: Said(
        "Подтверждение входа выключено",
        "Подтверждение входа выключено",
        ("теперь, чтобы войти как {login}, достаточно пароля.{done}",),
        NOT_YOU,
    ),
    Notice.FACTOR_RESET: Said(
        "Подтверждение входа сброшено",
        "Подтверждение входа сброшено",
        (
            "администратор сбросил подтверждение входа. Теперь, чтобы войти как {login}, достаточно пароля.",
            "Включить подтверждение снова можно на странице с Вашим именем.",
        ),
        "Если Вы об этом не просили, сразу скажите администратору.",
    ),
}
"""By the level of the alert."""


@dataclass(frozen=True, slots=True)
class AccountLetter:
    """What the templates `entry` and `account` see. `lines`: what it is about, to be read after the name; `url` and
    `until` are "" in an ACCOUNT. `more` and `whole_list`: of lists alone."""

    business: str
    recipient: str
    why: str
    raised: str
    subject: str
    lead: str
    name: str
    lines: tuple[str, ...]
    warning: str
    button: str
    url: str
    until: str
    more: int = 0
    whole_list: str = ""


def account_letter(alert: Alert, business: str, now: datetime, *, links: bool) -> AccountLetter:
    """`links`: whoever forgot their password is mailed one."""
    view, said = alert.account, SAID[alert.level]
    assert view is not None
    address = wording.one_line(view.address, NAME_LIMIT)
    words = {
        "login": wording.one_line(view.login, NAME_LIMIT),
        "asked": f" Запрос пришёл с адреса {address}." if address else "",
        "done": f" Это сделали с адреса {address}." if address else "",
        "detail": wording.one_line(view.detail, ADDRESS_LIMIT),
    }
    called = wording.one_line(business, NAME_LIMIT)
    return AccountLetter(
        business=called,
        recipient=wording.one_line(alert.recipient, NAME_LIMIT * 2),
        why=f"этот адрес указан в учётной записи {words['login']}{' или был в ней указан' if view.detail else ''}",
        raised=wording.moment(alert.created_at, view.timezone, now),
        subject=f"{called}: {said.subject[0].lower()}{said.subject[1:]}",
        lead=said.lead,
        name=wording.one_line(view.name, NAME_LIMIT),
        lines=tuple(line.format(**words) for line in said.lines),
        warning=said.warning + (BY_YOURSELF if links else BY_OTHERS) if said.warning is NOT_YOU else said.warning,
        button=said.button,
        url=view.link,
        until="" if view.until is None else wording.moment(view.until, view.timezone, now),
    )
