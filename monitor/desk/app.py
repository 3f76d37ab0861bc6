"""The desk as an ASGI application: every page in one table.

    request → Guard (size, headers, log) → ROUTES → a handler in one of a few threads → page

A handler is a plain function: SQLite blocks. The threads are ours and few, because each keeps a connection of its own
to the database. Any `Host` is answered, since a proxy may stand in front, and no address is ever built from it.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.assemble import Application
from monitor.desk import confirm
from monitor.desk.context import Desk
from monitor.desk.guard import Guard
from monitor.desk.pages import Pages
from monitor.errors import StoreError
from monitor.log import Event

THREADS = 4

FAILED = "Действие могло не выполниться. Откройте ссылку ещё раз: она покажет, что есть сейчас."

Handler = Callable[[Desk, Request], Response]


def create_app(application: Application) -> Starlette:
    """Raises ConfigError when the config has a desk without its secret, StoreError without a database."""
    pages = Pages()
    # Made here, by one thread: their making is no matter for several at once.
    desk = Desk(application, application.store, application.reports, application.invitations, pages)
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(
                Guard,
                log=application.log,
                too_large=lambda: _too_large(pages),
                failed=lambda: pages.problem(500, "Что-то сломалось", FAILED, "Что именно, записано в журнале."),
            )
        ],
        exception_handlers={HTTPException: _refused, StoreError: _troubled},
    )
    app.router.redirect_slashes = False  # it would send people to whatever host the request named
    app.state.desk = desk
    app.state.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="desk")
    return app


def page(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler as Starlette wants it."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        state = request.app.state
        return await get_running_loop().run_in_executor(state.threads, handler, state.desk, request)

    return endpoint


def home(desk: Desk, _request: Request) -> Response:
    return desk.pages.show("home", has_links=desk.invitations is not None)


def style(desk: Desk, _request: Request) -> Response:
    return desk.pages.style()


ROUTES = (
    Route("/", page(home)),
    Route("/desk.css", page(style)),
    Route("/a/{token}", page(confirm.invitation), methods=["GET", "POST"]),
)


def _too_large(pages: Pages) -> Response:
    answer = pages.problem(413, "Слишком большой запрос", "Такого эта страница не принимает.")
    answer.headers["Connection"] = "close"  # the rest of it is not read
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    """No such page, or no such method."""
    pages: Pages = request.app.state.desk.pages
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return confirm.unknown(pages)
    answer = pages.problem(405, "Так эту страницу не открыть", "Откройте ссылку из письма в браузере.")
    answer.headers.update(error.headers or {})
    return answer


async def _troubled(request: Request, error: Exception) -> Response:
    """The database is locked or damaged: nothing was done, and it may be different in a minute."""
    desk: Desk = request.app.state.desk
    desk.application.log.say(Event.DESK_FAILED, error=error)
    return desk.pages.problem(
        503, "База данных не отвечает", "Ничего не изменилось. Подождите минуту и откройте ссылку ещё раз."
    )
