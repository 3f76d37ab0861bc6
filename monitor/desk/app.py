"""The desk as an ASGI application: every page in one table.

    request → Guard (size, headers, log) → PAGES → may they? → a handler in one of a few threads → page

A handler is a plain function: SQLite blocks. The threads are ours and few, because each keeps a connection of its own
to the database; those that only read are apart, so that nobody waits for a page while others wait to write. Any `Host`
is answered, since a proxy may stand in front, and no address is ever built from it.
"""

from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from monitor.assemble import Application
from monitor.desk import (
    confirm,
    doing,
    entrance,
    outbox,
    people,
    posting,
    queue,
    samples,
    setup,
    sources,
    ticket,
    today,
    views,
)
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import Doorkeeper
from monitor.desk.guard import Guard
from monitor.desk.packed import Packed
from monitor.desk.page import Page
from monitor.desk.pages import Pages
from monitor.desk.visit import Form, Gate, Visit

READERS, WRITERS = 4, 4
"""Threads. Of those who change something each may be waiting for the database, or for a site that is sent a reply."""

FAILED = "Действие могло не выполниться. Откройте страницу ещё раз: она покажет, что есть сейчас."


def create_app(application: Application, gate: Gate | None = None) -> Starlette:
    """Raises ConfigError when the config has a desk without its secret, StoreError without a database. `gate`: who
    knows the visitors, a Doorkeeper unless a test brings its own."""
    pages, doorkeeper = Pages(), Doorkeeper(application)
    # Made here, by one thread: their making is no matter for several at once.
    desk = Desk(
        application,
        application.store,
        application.reports,
        application.invitations,
        pages,
        gate or doorkeeper,
        entrance.welcome,
    )
    app = Starlette(
        routes=[page.route() for page in PAGES],
        middleware=[
            Middleware(
                Guard,
                log=application.log,
                too_large=lambda: _too_large(pages),
                turned_away=lambda scope: _detour(pages, application) if doorkeeper.is_detour(Request(scope)) else None,
                failed=lambda body: _failed(pages, body),
            ),
            Middleware(Packed),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False  # it would send people to whatever host the request named
    app.state.desk = desk
    app.state.readers = ThreadPoolExecutor(READERS, thread_name_prefix="desk-reader")
    app.state.writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="desk-writer")
    return app


def static(desk: Desk, visit: Visit) -> Response:
    return desk.pages.static(visit.request.url.path) or desk.pages.unknown()


PAGES: tuple[Page, ...] = (
    Page("/static/{name}", static, None),
    *confirm.PAGES,
    *entrance.PAGES,
    *setup.PAGES,
    *people.PAGES,
    *queue.PAGES,
    *views.PAGES,
    *today.PAGES,
    *ticket.PAGES,
    *doing.PAGES,
    *posting.PAGES,
    *sources.PAGES,
    *samples.PAGES,
    *outbox.PAGES,
)
"""In the order in which addresses are tried; `tests/test_desk_access.py` asks each as each role."""


def _detour(pages: Pages, application: Application) -> Response:
    settings = application.config.desk
    assert settings is not None  # it names the proxy
    return pages.problem(
        403, "Здесь входа нет", f"Соединение не зашифровано. Откройте {settings.public_url}, этот адрес защищён."
    )


def _failed(pages: Pages, body: bytes) -> Response:
    lines = (FAILED, "Что именно, записано в журнале.")
    return pages.problem(500, "Что-то сломалось", *lines, words=Form.read(body).words)


def _too_large(pages: Pages) -> Response:
    answer = pages.problem(413, "Слишком большой запрос", "Такого эта страница не принимает.")
    answer.headers["Connection"] = "close"  # the rest of it is not read
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    """No such page, or no such method."""
    pages: Pages = request.app.state.desk.pages
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return pages.unknown()
    answer = pages.problem(405, "Так эту страницу не открыть", "Откройте ссылку из письма в браузере.")
    answer.headers.update(error.headers or {})
    return answer
