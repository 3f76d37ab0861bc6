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
from starlette.routing import Mount
from starlette.types import Scope

from monitor.api.app import PREFIX, create_api
from monitor.api.calls import House
from monitor.api.problems import problem
from monitor.assemble import Application
from monitor.desk import (
    api_docs,
    calendars,
    confirm,
    doing,
    entrance,
    forgot,
    notifications,
    numbers,
    numbers_charts,
    numbers_export,
    numbers_measures,
    numbers_places,
    numbers_reviews,
    numbers_staff,
    numbers_themes,
    outbox,
    people,
    persons,
    phrases,
    phrases_change,
    phrases_history,
    posting,
    privacy,
    queue,
    samples,
    second,
    settings,
    setup,
    sources,
    staff,
    ticket,
    today,
    tokens,
    views,
)
from monitor.desk.context import Desk
from monitor.desk.doorkeeper import Doorkeeper, neighbourhood
from monitor.desk.guard import Guard
from monitor.desk.packed import Packed
from monitor.desk.page import PATIENCE, Page
from monitor.desk.pages import Pages
from monitor.desk.throttle import wait
from monitor.desk.visit import Form, Gate, Visit

READERS, WRITERS, PROGRAMS = 4, 4, 2
"""Threads. Of those who change something each may be waiting for the database, or for a site that is sent a reply.
PROGRAMS: for what the API only reads, apart; as many as WRITERS for what it does: no page waits for a program."""

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
                too_large=lambda scope: _too_large(pages, scope),
                turned_away=lambda scope: (
                    _detour(pages, application, scope) if doorkeeper.is_detour(Request(scope)) else None
                ),
                failed=lambda scope, body: _failed(pages, scope, body),
            ),
            Middleware(Packed),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False  # it would send people to whatever host the request named
    app.state.desk = desk
    app.state.readers = ThreadPoolExecutor(READERS, thread_name_prefix="desk-reader")
    app.state.writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="desk-writer")
    app.state.programs = ThreadPoolExecutor(PROGRAMS, thread_name_prefix="api-reader")
    app.state.robots = ThreadPoolExecutor(WRITERS, thread_name_prefix="api-writer")
    app.state.exporters = ThreadPoolExecutor(1, thread_name_prefix="desk-exporter")
    app.router.routes.append(Mount(PREFIX, create_api(_house(app))))
    return app


def _house(app: Starlette) -> House:
    """What the API shares with the pages."""

    def current() -> Application:
        app.state.desk = app.state.desk.current()
        application: Application = app.state.desk.application
        return application

    return House(
        application=current,
        readers=app.state.programs,
        writers=app.state.robots,
        address=lambda request: neighbourhood(app.state.desk.gate.address(request)),
        wait=wait,
        patience=PATIENCE,
    )


def static(desk: Desk, visit: Visit) -> Response:
    return desk.pages.static(visit.request.url.path) or desk.pages.unknown()


def icon(desk: Desk, _visit: Visit) -> Response:
    """Where browsers look for it on pages that name none, as those of files."""
    return Response(desk.pages.icon.body, media_type="image/svg+xml")


PAGES: tuple[Page, ...] = (
    Page("/static/{name}", static, None),
    Page("/favicon.ico", icon, None),
    *confirm.PAGES,
    *entrance.PAGES,
    *setup.PAGES,
    *forgot.PAGES,
    *people.PAGES,
    *second.PAGES,
    *staff.PAGES,
    *queue.PAGES,
    *views.PAGES,
    *today.PAGES,
    *ticket.PAGES,
    *doing.PAGES,
    *posting.PAGES,
    *sources.PAGES,
    *samples.PAGES,
    *outbox.PAGES,
    *phrases.PAGES,
    *phrases_change.PAGES,
    *phrases_history.PAGES,
    *settings.PAGES,
    *calendars.PAGES,
    *notifications.PAGES,
    *persons.PAGES,
    *privacy.PAGES,
    *tokens.PAGES,
    *api_docs.PAGES,
    *numbers.PAGES,
    *numbers_places.PAGES,
    *numbers_themes.PAGES,
    *numbers_staff.PAGES,
    *numbers_measures.PAGES,
    *numbers_reviews.PAGES,
    *numbers_export.PAGES,
    *numbers_charts.PAGES,
)
"""In the order in which addresses are tried; `tests/test_desk_access.py` asks each as each role."""


def _detour(pages: Pages, application: Application, scope: Scope) -> Response:
    settings = application.config.desk
    assert settings is not None  # it names the proxy
    if _is_for_programs(scope):
        return problem(
            "forbidden", f"The connection is not encrypted; ask {settings.public_url}, and change the token."
        )
    return pages.problem(
        403, "Здесь входа нет", f"Соединение не зашифровано. Откройте {settings.public_url}, этот адрес защищён."
    )


def _is_for_programs(scope: Scope) -> bool:
    """Whether whoever asks wants no page."""
    return str(scope["path"]).startswith("/api/v")


def _failed(pages: Pages, scope: Scope, body: bytes) -> Response:
    if _is_for_programs(scope):
        return problem("broken")
    lines = (FAILED, "Что именно, записано в журнале.")
    return pages.problem(500, "Что-то сломалось", *lines, words=Form.read(body).words)


def _too_large(pages: Pages, scope: Scope) -> Response:
    if _is_for_programs(scope):
        return problem("too-large", headers={"Connection": "close"})
    answer = pages.problem(413, "Слишком большой запрос", "Такого эта страница не принимает.")
    answer.headers["Connection"] = "close"  # the rest of it is not read
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    """No such page, or no such method."""
    pages: Pages = request.app.state.desk.pages
    assert isinstance(error, HTTPException)
    if _is_for_programs(request.scope):
        return problem("not-found")
    if error.status_code != 405:
        return pages.unknown()
    answer = pages.problem(405, "Так эту страницу не открыть", "Откройте ссылку из письма в браузере.")
    answer.headers.update(error.headers or {})
    return answer
