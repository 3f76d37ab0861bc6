"""A request in a thread of its own kind, because SQLite blocks: who asks, by what, when.

Each part of it finds the settings as they are at its beginning.
"""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from monitor.accounts import Permission, reaches
from monitor.alerts import TicketView
from monitor.api.turns import Turns
from monitor.assemble import Application
from monitor.errors import NotFound
from monitor.store.sessions import Failures
from monitor.store.sqlite import Store
from monitor.tokens import AccessToken

Found = TypeVar("Found")

HIGHEST = 2**63 - 1
"""Of the numbers that the database gives."""


class Wait(Protocol):
    def __call__(self, failures: Failures, free: int, now: datetime) -> timedelta:
        """How long from now until the next attempt, after these failures of which so many are free."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """Where the API lives: what the desk lends it. `application`: by the settings of the moment. `address`: of whoever
    asks, "" where it is not known. `patience`: seconds that a request waits while others write. `turns`: of requests
    under one Idempotency-Key."""

    application: Callable[[], Application]
    readers: Executor
    writers: Executor
    address: Callable[[Request], str]
    wait: Wait
    patience: float
    turns: Turns = field(default_factory=Turns)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program that may ask."""

    application: Application
    token: AccessToken
    now: datetime
    request: Request
    house: House

    @property
    def store(self) -> Store:
        return self.application.store

    def check_ticket(self, ticket: int, permission: Permission) -> int:
        """Its number. Raises NotFound where the token does not see its place, as if there were no such ticket."""
        if not 0 < ticket <= HIGHEST or not self.token.permits(permission, self.store.tickets.place_of(ticket)):
            raise NotFound("of another place")
        return ticket

    def seen(self, view: TicketView) -> TicketView:
        """Without the numbers of tickets at other places."""
        return replace(view, same_as=tuple(other for other in view.same_as if reaches(self.token.places, other.place)))


async def in_thread(threads: Executor, work: Callable[[], Found]) -> Found:
    return await get_running_loop().run_in_executor(threads, work)


async def reading(request: Request, work: Callable[[Call], Response]) -> Response:
    house: House = request.app.state.house
    return await in_thread(house.readers, lambda: _answer(house, request, work))


async def writing(request: Request, work: Callable[[Call], Response]) -> Response:
    house: House = request.app.state.house
    return await in_thread(house.writers, lambda: _answer(house, request, work))


def _answer(house: House, request: Request, work: Callable[[Call], Response]) -> Response:
    application = house.application()
    with application.store.waiting(house.patience):
        return work(Call(application, request.state.token, application.clock.now(), request, house))
