"""Whether a code is right that an account asks for after the password. Whoever tries codes knows the password already:
failures are counted until a success, and no right password makes up for them.
"""

from datetime import timedelta

from monitor import second_factor
from monitor.accounts import Account, Deed, folded
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import neighbourhood
from monitor.desk.throttle import FREE_PER_ACCOUNT, wait, wait_at_address
from monitor.desk.visit import Visit
from monitor.store.accounts import digest
from monitor.store.factors import Factor

LONGEST = 60
"""Characters of what is typed for a code."""


def check(desk: Desk, visit: Visit, account: Account, written: str) -> bool | timedelta:
    """Takes a code of the app or a recovery code, each once; how long to wait before the next attempt."""
    factors, accounts = desk.store.factors, desk.store.accounts
    with desk.store.write():
        factor = factors.of(account.id)
        if factor is None:
            return False
        left = max(wait(factor.failures, FREE_PER_ACCOUNT, visit.now), wait_at_address(desk, visit))
        if left:
            return left
        if _is_right(desk, visit, account, factor, second_factor.typed(written[:LONGEST])):
            factors.succeeded(account.id)
            return True
        factors.failed(account.id, visit.now)
        counted_as = digest(f"code of {folded(account.login)}")  # apart from passwords: a right one forgives those
        desk.store.sessions.attempt(counted_as, neighbourhood(visit.address), visit.now)
        accounts.record(Deed.CODE_FAILED, actor="", what=account.login, now=visit.now, address=visit.address)
        return False


def _is_right(desk: Desk, visit: Visit, account: Account, factor: Factor, code: str) -> bool:
    factors = desk.store.factors
    if second_factor.is_of_app(code):
        secret = desk.application.seals.secret(factor.seed, factor.sealed_by)
        step = None if secret is None else second_factor.step_of(secret, code, visit.now)
        return step is not None and factors.take_step(account.id, step)
    if not factors.use_code(account.id, second_factor.recovery_digest(code)):
        return False
    desk.store.accounts.record(
        Deed.RECOVERY_CODE_USED, actor=account.login, what=account.login, now=visit.now, address=visit.address
    )
    return True


def is_lost(desk: Desk, factor: Factor) -> bool:
    """The desk's secret is another one by now: of the app nothing is right any more, recovery codes are."""
    return desk.application.seals.secret(factor.seed, factor.sealed_by) is None
