"""How long whoever guesses has to wait: longer with every failure, by account and by address."""

from datetime import datetime, timedelta

from monitor.desk.context import Desk
from monitor.desk.doorkeeper import neighbourhood
from monitor.desk.visit import Visit
from monitor.store.sessions import MEMORY, Failures

FREE_PER_ACCOUNT, FREE_PER_ADDRESS = 5, 20
"""Failures before anybody has to wait."""

FIRST_WAIT = timedelta(seconds=30)


def wait(failures: Failures, free: int, now: datetime) -> timedelta:
    """How long from now until the next attempt: twice as long with every failure, up to MEMORY."""
    if failures.last_at is None or failures.count < free:
        return timedelta()
    length = min(FIRST_WAIT * (1 << min(failures.count - free, 16)), MEMORY)
    return max(failures.last_at + length - now, timedelta())


def wait_at_address(desk: Desk, visit: Visit) -> timedelta:
    """For whatever failed there, at whichever account."""
    near = neighbourhood(visit.address)
    return (
        wait(desk.store.sessions.failures(visit.now, address=near), FREE_PER_ADDRESS, visit.now)
        if near
        else (timedelta())
    )
