"""One's own second factor: switched on with an app that makes codes, switched off, new recovery codes.

POST /me/second (password) → the secret as a picture and as text → POST /me/second/confirm (a code of it) → switched on,
with recovery codes that are shown this once.
"""

from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from monitor import second_factor, wording
from monitor.accounts import Deed, Notice, Permission
from monitor.desk import codes
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.people import Refusal, not_owner, refused
from monitor.desk.visit import Visit
from monitor.store.factors import Factor

TOO_LATE = "Включение начато слишком давно или в другом окне. Начните ещё раз."


def prepare(desk: Desk, visit: Visit) -> Response:
    if refusal := not_owner(desk, visit):
        return refused(desk, visit, refusal)
    seals, factors = desk.application.seals, desk.store.factors
    with desk.store.write():
        begun = factors.prepare(visit.account.id, second_factor.new_seed(), seals.mark, visit.now)
        factor = factors.prepared(visit.account.id, visit.now)
    if not begun or factor is None:
        return refused(desk, visit, Refusal("Подтверждение входа уже включено."))
    return _show_secret(desk, visit, factor)


def _show_secret(desk: Desk, visit: Visit, factor: Factor, complaint: str = "") -> Response:
    secret = desk.application.seals.secret(factor.seed, factor.sealed_by)
    if secret is None:  # the desk's secret was changed meanwhile
        return refused(desk, visit, Refusal(TOO_LATE))
    return desk.pages.show(
        "second",
        400 if complaint else 200,
        visit=visit,
        picture=second_factor.picture(secret, visit.account.login),
        address=second_factor.address(secret, visit.account.login),
        secret=second_factor.in_fours(secret),
        complaint=complaint,
    )


def confirm(desk: Desk, visit: Visit) -> Response:
    """Whoever types a code of it has it in their app."""
    factors, account = desk.store.factors, visit.account
    factor = factors.prepared(account.id, visit.now)
    secret = None if factor is None else desk.application.seals.secret(factor.seed, factor.sealed_by)
    if factor is None or secret is None:
        return refused(desk, visit, Refusal(TOO_LATE))
    step = second_factor.step_of(secret, second_factor.typed(visit.form["code"][: codes.LONGEST]), visit.now)
    if step is None:
        return _show_secret(
            desk, visit, factor, "Код не подходит. Проверьте, верно ли идут часы в телефоне, и введите новый."
        )
    with desk.store.write():
        if not factors.confirm(account.id, factor.seed, step, visit.now):
            return refused(desk, visit, Refusal(TOO_LATE))
        made = _new_codes(desk, visit)
        _note(desk, visit, Deed.FACTOR_ON, Notice.FACTOR_ON)
    return desk.pages.show("codes", visit=visit, codes=made, title="Подтверждение входа включено")


def switch_off(desk: Desk, visit: Visit) -> Response:
    if refusal := _not_owner_with_phone(desk, visit):
        return refused(desk, visit, refusal)
    with desk.store.write():
        if desk.store.factors.remove(visit.account.id):
            _note(desk, visit, Deed.FACTOR_OFF, Notice.FACTOR_OFF)
    return RedirectResponse("/me?done=off", 303)


def renew_codes(desk: Desk, visit: Visit) -> Response:
    """Those of before work no more."""
    if refusal := _not_owner_with_phone(desk, visit):
        return refused(desk, visit, refusal)
    with desk.store.write():
        if desk.store.factors.of(visit.account.id) is None:
            return RedirectResponse("/me", 303)
        made = _new_codes(desk, visit)
        _note(desk, visit, Deed.RECOVERY_CODES_MADE)
    return desk.pages.show("codes", visit=visit, codes=made, title="Новые запасные коды")


def _not_owner_with_phone(desk: Desk, visit: Visit) -> Refusal | None:
    """The password first: a wrong one uses up no code."""
    if refusal := not_owner(desk, visit):
        return refusal
    right = codes.check(desk, visit, visit.account, visit.form["code"])
    if isinstance(right, timedelta):
        return Refusal(f"Слишком много неверных кодов. Повторите {wording.from_now(right)}.", 429)
    return None if right else Refusal("Код не подходит. Дождитесь следующего и введите его.")


def _new_codes(desk: Desk, visit: Visit) -> list[str]:
    """As they are written down. Inside a `write`."""
    made = second_factor.new_recovery_codes()
    desk.store.factors.replace_codes(visit.account.id, map(second_factor.recovery_digest, made))
    return [second_factor.in_fours(code) for code in made]


def _note(desk: Desk, visit: Visit, deed: Deed, notice: Notice | None = None) -> None:
    """In the audit log, and to whoever reads the account's mail. Inside a `write`."""
    account = visit.account
    desk.store.accounts.record(deed, actor=account.login, what=account.login, now=visit.now, address=visit.address)
    if notice is not None:
        desk.store.letters.notify(notice, account, address=visit.address, now=visit.now)


PAGES = (
    Page("/me/second", prepare, Permission.SELF, ("POST",)),
    Page("/me/second/confirm", confirm, Permission.SELF, ("POST",)),
    Page("/me/second/off", switch_off, Permission.SELF, ("POST",)),
    Page("/me/second/codes", renew_codes, Permission.SELF, ("POST",)),
)
