"""Fixtures of the session's tests, which name this module in `pytest_plugins`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

from monitor.session import HttpSession
from monitor.session.addresses import resolve
from tests.fakes import FrozenClock, MemoryBook
from tests.session_rig import NOW, OpenSession, Pause, Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def pause(clock: FrozenClock) -> Pause:
    return Pause(clock)


@pytest.fixture
def book() -> MemoryBook:
    return MemoryBook()


@pytest.fixture
def open_session(pause: Pause, clock: FrozenClock, book: MemoryBook) -> Iterator[OpenSession]:
    """Opens sessions of one book: each is what another process would have."""
    opened: list[HttpSession] = []

    def make(
        *,
        pace: float = 0,
        obey: bool = False,
        allow_loopback: bool = True,
        timeout: float = 5,
        resolve: Callable[[str, int], Sequence[str]] = resolve,
        real_time: bool = False,
    ) -> HttpSession:
        timing = {} if real_time else {"monotonic": pause}
        session = HttpSession(
            clock,
            contact="admin@example.ru",
            allow_loopback=allow_loopback,
            timeout=timedelta(seconds=timeout),
            paces={"cards": timedelta(seconds=pace), "another": timedelta(seconds=pace)},
            robots={"cards": obey, "another": False},
            book=book,
            sleep=pause.sleep,
            jitter=lambda: 0.4,
            resolve=resolve,
            **timing,
        )
        opened.append(session)
        return session

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: OpenSession) -> HttpSession:
    return open_session()


@pytest.fixture
def polite(open_session: OpenSession) -> HttpSession:
    return open_session(obey=True)
