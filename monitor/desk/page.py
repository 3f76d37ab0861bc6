"""A page of the desk: its address, who may open it, who answers; and how a request gets there.

request → who asks? → may they? → is the form from a page of ours? → may they at this ticket's place? → handler
"""

import hmac
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.accounts import Permission
from monitor.desk.context import Desk
from monitor.desk.visit import Form, Visit
from monitor.errors import Conflict, NotFound, StoreError, UsageError
from monitor.log import Event

Handler = Callable[[Desk, Visit], Response]

FORM = "application/x-www-form-urlencoded"

CSRF = "csrf"
"""The field that every form of ours sends along."""

PATIENCE = 5.0
"""Seconds that a request waits each time it finds others writing to the database."""


@dataclass(frozen=True, slots=True)
class Page:
    """`permission` None: open to everybody, and whatever such a page changes it protects itself. A path with
    `{ticket:int}` asks for the permission at the place of that ticket."""

    path: str
    handler: Handler
    permission: Permission | None
    methods: Sequence[str] = ("GET",)

    def changes(self, method: str) -> bool:
        """Whether a request may change something, and so have to wait for others who do. Some forms only ask."""
        return method == "POST" and self.permission is not Permission.READ

    def route(self) -> Route:
        path = self.path.replace(":int}", ":number}")
        return Route(path, _endpoint(self), methods=list(self.methods), name=self.handler.__name__)


class _Number(IntegerConvertor):
    """No longer than those of the database: Python refuses to read a number of thousands of digits."""

    regex = "[0-9]{1,19}"


register_url_convertor("number", _Number())


def _endpoint(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body() if request.method == "POST" else b""
        state = request.app.state
        threads = state.writers if page.changes(request.method) else state.readers
        return await get_running_loop().run_in_executor(threads, answer, page, state.desk, request, body)

    endpoint.__name__ = page.handler.__name__  # what the log calls it
    return endpoint


def answer(page: Page, desk: Desk, request: Request, body: bytes) -> Response:
    """Runs in a thread: SQLite blocks."""
    now = desk.application.clock.now()
    is_form = request.headers.get("content-type", "").split(";")[0].strip().lower() == FORM
    visit = Visit(request, now, Form.read(body) if is_form else Form({}), address=desk.gate.address(request))
    try:
        with desk.store.waiting(PATIENCE):
            if page.permission is not None:  # what is open to strangers asks the database for nothing in vain
                desk = request.app.state.desk = desk.current()
            visit = replace(visit, visitor=desk.gate.visitor(request, now))
            if page.permission is not None and (refused := _stopped(page.permission, desk, visit)) is not None:
                return refused
            return page.handler(desk, visit)
    except NotFound:
        return desk.pages.unknown(visit)
    except Conflict as conflict:
        return desk.pages.problem(409, "Не получилось", desk.pages.sentence(conflict), visit=visit)
    except UsageError as error:
        return desk.pages.problem(400, "Так не получится", desk.pages.sentence(error), visit=visit)
    except StoreError as error:
        return _troubled(desk, error, visit)


def _troubled(desk: Desk, error: StoreError, visit: Visit) -> Response:
    """The database is locked or damaged, and it may be different in a minute. Whether anything was done is not known:
    some requests save what was written first, and then do something with it."""
    desk.application.log.say(Event.DESK_FAILED, error=error)
    again = "Подождите минуту и откройте страницу ещё раз"
    told = f"{again}: она покажет, что сохранилось. Чего на ней нет, отправьте снова." if visit.is_post else f"{again}."
    return desk.pages.problem(503, "База данных не отвечает", told, visit=visit)


def _stopped(permission: Permission, desk: Desk, visit: Visit) -> Response | None:
    """What they see instead of the page; None: they may."""
    visitor = visit.visitor
    if visitor is None:
        return desk.welcome(desk, visit)
    place = None
    if "ticket" in visit.request.path_params:
        place = desk.store.tickets.place_of(visit.number("ticket"))
        if not visitor.account.may(Permission.READ, place):
            raise NotFound("of another place")  # that it exists is none of their business
    if not visitor.account.may(permission, place):
        return desk.pages.problem(
            403, "Недостаточно прав", "Этого Ваши права не позволяют. Попросите администратора.", visit=visit
        )
    if visit.is_post:
        from_us = desk.gate.is_ours(visit.request)
        if not from_us or not hmac.compare_digest(visit.form[CSRF].encode(), visitor.csrf.encode()):
            return desk.pages.stale(visit)
    return None
