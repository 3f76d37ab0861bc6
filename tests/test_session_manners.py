"""Pace and patience, also between processes."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import LONGEST_WAIT
from monitor.errors import Unreachable
from monitor.model import HostMemory, PageRequest
from monitor.session import HttpSession
from monitor.session.notes import ROBOTS_KEPT, merged
from tests.fakes import FrozenClock, MemoryBook
from tests.session_rig import NOW, OpenSession, Pause, Site, get, names

pytest_plugins = ["tests.session_fixtures"]


def test_requests_to_one_host_keep_their_distance(open_session: OpenSession, site: Site, pause: Pause) -> None:
    session = open_session(pace=2)
    site.page("/card")
    for _ in range(3):
        get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(2.2), pytest.approx(2.2)]  # 2 s and 0.4 of a quarter more


def test_time_already_passed_counts_towards_the_pace(open_session: OpenSession, site: Site, pause: Pause) -> None:
    session = open_session(pace=2)
    site.page("/card")
    get(session, site.url("/card"))
    pause.at += 1.5
    get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(0.7)]


def test_hosts_do_not_wait_for_each_other(open_session: OpenSession, site: Site, pause: Pause) -> None:
    session = open_session(pace=2, resolve=names(a_example="127.0.0.1", b_example="127.0.0.1"))
    site.page("/card")
    get(session, site.url("/card", host="a.example"))
    get(session, site.url("/card", host="b.example"))
    assert pause.slept == []


def test_one_host_gets_one_request_at_a_time_while_another_is_served(open_session: OpenSession, site: Site) -> None:
    session = open_session(resolve=names(a_example="127.0.0.1", b_example="127.0.0.1"))
    inside, release = threading.Semaphore(0), threading.Event()
    at_once: list[int] = []

    def slow(request: BaseHTTPRequestHandler) -> None:
        at_once.append(1)
        inside.release()
        release.wait(5)
        at_once.append(-1)
        request.send_response(204)
        request.end_headers()

    site.pages["/slow"] = slow
    site.page("/quick", b"quick")
    threads = [threading.Thread(target=get, args=(session, site.url("/slow", host="a.example"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    inside.acquire(timeout=5)
    assert get(session, site.url("/quick", host="b.example")).body == b"quick"
    assert at_once == [1]
    release.set()
    for thread in threads:
        thread.join(5)
    assert at_once == [1, -1] * 3


def test_a_site_that_asks_for_patience_is_left_alone(session: HttpSession, site: Site, clock: FrozenClock) -> None:
    site.page("/card", status=429, Retry_After="120")
    assert get(session, site.url("/card")).status == 429
    with pytest.raises(Unreachable, match="просил подождать"):
        get(session, site.url("/card"))
    assert session.send(PageRequest(site.url("/card"), "проба"), source="another").status == 429
    clock.advance(timedelta(seconds=120))
    assert get(session, site.url("/card")).status == 429
    assert len(site.seen) == 3


def test_two_sources_of_one_host_never_ask_it_at_once(session: HttpSession, site: Site) -> None:
    counting = threading.Lock()
    inside, most = 0, 0

    def counted(request: BaseHTTPRequestHandler) -> None:
        nonlocal inside, most
        with counting:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.01)
        with counting:
            inside -= 1
        request.send_response(204)
        request.end_headers()

    site.pages["/card"] = counted
    start = threading.Barrier(2)

    def read(source: str) -> None:
        start.wait(5)
        for _ in range(3):
            get(session, site.url("/card"), source)

    threads = [threading.Thread(target=read, args=(source,)) for source in ("cards", "another")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (most, len(site.seen)) == (1, 6)


# --- from one process to the next ---------------------------------------------------------------


@pytest.mark.parametrize("ending", [HttpSession.close, lambda session: None], ids=["closed", "killed"])
def test_the_next_process_keeps_the_pace(
    open_session: OpenSession, site: Site, pause: Pause, ending: Callable[[HttpSession], None]
) -> None:
    site.page("/card")
    first = open_session(pace=2)
    get(first, site.url("/card"))
    ending(first)
    pause.pass_by(0.5)
    get(open_session(pace=2), site.url("/card"))
    assert pause.slept == [pytest.approx(1.7)]


def test_a_killed_process_loses_less_than_a_second_of_pace(open_session: OpenSession, site: Site, pause: Pause) -> None:
    site.page("/card")
    get(open_session(pace=0.9), site.url("/card"))
    second = open_session(pace=0.9)
    get(second, site.url("/card"))
    assert pause.slept == []
    second.close()
    get(open_session(pace=0.9), site.url("/card"))
    assert pause.slept == [pytest.approx(0.99)]


@pytest.mark.parametrize(("jump", "wait"), [(-timedelta(days=400), [2.2]), (timedelta(days=400), [])])
def test_a_clock_that_jumps_makes_nobody_wait_longer_than_the_pace(
    open_session: OpenSession, site: Site, pause: Pause, clock: FrozenClock, jump: timedelta, wait: list[float]
) -> None:
    site.page("/card")
    get(open_session(pace=2), site.url("/card"))
    clock.advance(jump)
    session = open_session(pace=2)
    get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(seconds) for seconds in wait]
    get(session, site.url("/card"))
    assert len(pause.slept) == len(wait) + 1


def test_processes_side_by_side_share_one_pace(open_session: OpenSession, site: Site, pause: Pause) -> None:
    site.page("/card")
    worker, check = open_session(pace=2), open_session(pace=2)
    for session in (worker, check, worker, worker, check):
        get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(2.2)] * 4


def test_who_was_overtaken_while_waiting_waits_again(
    open_session: OpenSession, site: Site, pause: Pause, book: MemoryBook, clock: FrozenClock
) -> None:
    site.page("/card")
    session = open_session(pace=2)
    get(session, site.url("/card"))

    def somebody_else_asks() -> None:
        pause.meanwhile = lambda: None
        book.remember(f"127.0.0.1:{site.port}", HostMemory(asked_at=clock.now()))

    pause.meanwhile = somebody_else_asks
    get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(2.2)] * 2


def test_what_others_asked_earlier_does_not_shorten_our_own_pace(
    open_session: OpenSession, site: Site, pause: Pause, book: MemoryBook
) -> None:
    def robots(request: BaseHTTPRequestHandler) -> None:
        book.remember(f"127.0.0.1:{site.port}", HostMemory(asked_at=NOW - timedelta(seconds=1.5)))
        request.send_error(404)

    site.pages["/robots.txt"] = robots
    site.page("/card")
    get(open_session(pace=2, obey=True), site.url("/card"))
    assert pause.slept == [pytest.approx(2.2)]  # since we asked for robots.txt


def test_patience_outlives_the_process(open_session: OpenSession, site: Site, pause: Pause) -> None:
    site.page("/card", status=429, Retry_After="120")
    get(open_session(), site.url("/card"))
    for _ in range(2):
        with pytest.raises(Unreachable, match="просил подождать"):
            get(open_session(), site.url("/card"))
    get(open_session(), site.url("/card"), "another")  # what one site asked for is not another's business
    pause.pass_by(120)
    site.page("/card", b"here")
    assert get(open_session(), site.url("/card")).body == b"here"


def test_a_clock_that_jumps_back_stretches_no_wait_beyond_a_day(
    open_session: OpenSession, site: Site, clock: FrozenClock
) -> None:
    site.page("/card", status=503, Retry_After="120")
    get(open_session(), site.url("/card"))
    clock.advance(-timedelta(days=400))
    assert get(open_session(), site.url("/card")).status == 503


def test_the_book_is_written_seldom(open_session: OpenSession, site: Site, book: MemoryBook) -> None:
    site.page("/robots.txt")
    site.page("/card")
    session = open_session(obey=True)
    for _ in range(50):
        get(session, site.url("/card"))
    assert book.written == 1
    session.close()
    session.close()
    assert book.written == 2


def test_what_another_process_wrote_meanwhile_is_kept(open_session: OpenSession, site: Site, book: MemoryBook) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /private")
    site.page("/card")
    site.page("/busy", status=429, Retry_After="60")
    first = open_session()
    get(first, site.url("/card"))
    get(open_session(obey=True), site.url("/card"))
    get(open_session(), site.url("/busy"), "another")
    first.close()
    (memory,) = book.pages.values()
    assert memory.robots == "User-agent: *\nDisallow: /private"
    assert memory.waits == {"another": NOW + timedelta(seconds=60)}


MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
MEMORIES = st.builds(
    HostMemory,
    robots=st.none() | st.text(max_size=3),
    robots_until=MOMENTS,
    asked_at=MOMENTS,
    waits=st.dictionaries(st.sampled_from("abc"), MOMENTS.filter(bool)),
)


@given(MEMORIES, MEMORIES)
def test_whatever_the_book_says_nobody_waits_longer_than_the_rules(one: HostMemory, other: HostMemory) -> None:
    both = merged(one, other, NOW)
    assert both == merged(both, other, NOW) == merged(one, both, NOW)
    assert both.asked_at is None or both.asked_at <= NOW
    assert both.robots_until is None or both.robots_until <= NOW + ROBOTS_KEPT
    assert all(NOW < until <= NOW + LONGEST_WAIT for until in both.waits.values())
    for source in {*one.waits, *other.waits}:
        believed = [
            memory.waits[source]
            for memory in (one, other)
            if source in memory.waits and NOW < memory.waits[source] <= NOW + LONGEST_WAIT
        ]
        assert both.waits.get(source) == max(believed, default=None)
