"""`/forgot`: somebody has forgotten a password. The page only notes what was typed, and says and does the same whoever
that is: who it is, the worker finds out, and sends a link. So nobody learns here which accounts there are.
"""

from datetime import datetime, timedelta

from starlette.responses import Response

from monitor import wording
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import neighbourhood
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.jobs.letters import asked_as
from monitor.store.letters import REMEMBERED

MOST_PER_ACCOUNT, MOST_PER_ADDRESS = 3, 10
"""Requests within REMEMBERED: of what was typed, and from one address."""

LONGEST = 300
"""Characters of a login or an address of mail."""


def forgot(desk: Desk, visit: Visit) -> Response:
    if desk.invitations is None or not visit.is_post:
        return _page(desk)
    if not desk.gate.is_ours(visit.request):
        return desk.pages.stale(visit)
    typed = visit.form["who"].strip()
    if not typed or len(typed) > LONGEST:
        return _page(desk, "Напишите логин или адрес почты.", 400)
    left = _ask(desk, visit, asked_as(typed))
    if left:
        return _page(desk, f"Слишком много запросов. Повторите {wording.from_now(left)}.", 429)
    return desk.pages.show("forgot_sent")


def _ask(desk: Desk, visit: Visit, who: str) -> timedelta:
    """Notes the request, unless there were too many: then how long to wait."""
    letters, network = desk.store.letters, neighbourhood(visit.address)
    with desk.store.write():
        left = _wait(letters.asked(MOST_PER_ACCOUNT, visit.now, who=who), visit)
        if network:
            left = max(left, _wait(letters.asked(MOST_PER_ADDRESS, visit.now, network=network), visit))
        if not left:
            letters.ask(who, address=visit.address, network=network, now=visit.now)
    return left


def _wait(full_since: datetime | None, visit: Visit) -> timedelta:
    return timedelta() if full_since is None else full_since + REMEMBERED - visit.now


def _page(desk: Desk, complaint: str = "", status: int = 200) -> Response:
    return desk.pages.show("forgot", status, complaint=complaint, possible=desk.invitations is not None)


PAGES = (Page("/forgot", forgot, None, ("GET", "POST")),)
