"""robots.txt is asked for, obeyed and remembered."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.assemble import Application
from monitor.config import load
from monitor.errors import RobotsDenied, Unreachable
from monitor.model import PageRequest
from monitor.session import HttpSession
from monitor.standin.server import StandIn
from monitor.standin.world import World
from monitor.store.sqlite import Store
from tests.fakes import FrozenClock, MemoryBook
from tests.rig import HEAD, places_yaml, sources_yaml
from tests.session_rig import NOW, SECRET, OpenSession, Pause, Site, get, names
from tests.test_standin_server import LISTS

pytest_plugins = ["tests.session_fixtures"]


def test_robots_is_read_once_per_host(polite: HttpSession, site: Site) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /private")
    site.page("/card")
    get(polite, site.url("/card"))
    get(polite, site.url("/card?page=2"))
    assert site.paths == ["/robots.txt", "/card", "/card?page=2"]


@pytest.mark.parametrize("rules", ["User-agent: *\nDisallow: /card", "User-agent: Otklik\nDisallow: /"])
def test_what_robots_forbids_is_not_asked_for(polite: HttpSession, site: Site, rules: str) -> None:
    site.page("/robots.txt", rules.encode())
    with pytest.raises(RobotsDenied, match="robots: own-card"):
        get(polite, site.url(f"/card?key={SECRET}"))
    assert site.paths == ["/robots.txt"]


def test_an_owner_may_allow_reading_his_own_card(session: HttpSession, site: Site) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /")
    site.page("/card", b"mine")
    assert get(session, site.url("/card")).body == b"mine"
    assert site.paths == ["/card"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_rules_mean_no_prohibitions(polite: HttpSession, site: Site, status: int) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /", status=status)
    site.page("/card", b"ok")
    assert get(polite, site.url("/card")).body == b"ok"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_unreadable_rules_mean_later_and_are_asked_for_again(
    polite: HttpSession, site: Site, pause: Pause, status: int
) -> None:
    site.page("/robots.txt", status=status)
    for _ in range(2):
        with pytest.raises(Unreachable, match=f"robots.txt сейчас не прочитать .ответ {status}"):
            get(polite, site.url("/card"))
    assert site.paths == ["/robots.txt"]
    pause.at += 61
    site.page("/robots.txt")
    site.page("/card")
    assert get(polite, site.url("/card")).status == 200


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"#" * 600_000])
def test_a_broken_or_endless_robots_means_later(polite: HttpSession, site: Site, answer: bytes) -> None:
    site.raw("/robots.txt", answer)
    with pytest.raises(Unreachable, match=r"robots\.txt сейчас не прочитать"):
        get(polite, site.url("/card"))


@pytest.mark.parametrize("text", [b"<html><body>captcha", b"\xff\xfe\x00 Disallow", b"Disallow: /\nUser-agent"])
def test_rubbish_for_robots_forbids_nothing(polite: HttpSession, site: Site, text: bytes) -> None:
    site.page("/robots.txt", text)
    site.page("/card")
    assert get(polite, site.url("/card")).status == 200


def test_crawl_delay_is_the_least_pace(polite: HttpSession, site: Site, pause: Pause) -> None:
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 10")
    site.page("/card")
    get(polite, site.url("/card"))
    assert pause.slept == [pytest.approx(11)]


def test_an_absurd_crawl_delay_does_not_hold_the_worker(polite: HttpSession, site: Site, pause: Pause) -> None:
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 86400")
    site.page("/card")
    get(polite, site.url("/card"))
    with pytest.raises(Unreachable, match="не больше одного запроса за 86400 с"):
        get(polite, site.url("/card"))
    assert pause.slept == []


@pytest.mark.parametrize("ending", [HttpSession.close, lambda session: None], ids=["closed", "killed"])
def test_a_crawl_delay_of_a_day_lets_one_page_a_day_through_whatever_process_asks(
    open_session: OpenSession, site: Site, pause: Pause, ending: Callable[[HttpSession], None]
) -> None:
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 86400")
    site.page("/card")
    for _ in range(5 * 24):
        session = open_session(obey=True)
        with suppress(Unreachable):
            get(session, site.url("/card"))
        ending(session)
        pause.pass_by(3600)
    assert site.paths.count("/card") == 5  # at hours 0, 27, 54, 81 and 108: a day and the jitter
    assert site.paths.count("/robots.txt") == 5
    assert pause.slept == []


def test_rules_of_another_host_are_asked_for_when_a_redirect_leads_there(open_session: OpenSession, site: Site) -> None:
    session = open_session(obey=True, resolve=names(a_example="127.0.0.1"))
    site.page("/robots.txt", b"User-agent: *\nDisallow: /other")
    site.page("/card", status=302, Location=site.url("/other", host="a.example"))
    with pytest.raises(RobotsDenied, match=r"^a\.example"):
        get(session, site.url("/card"))
    assert site.paths == ["/robots.txt", "/card", "/robots.txt"]


def test_a_captcha_the_site_leads_to_is_a_page_and_no_ban(polite: HttpSession, site: Site) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /showcaptcha")
    site.page("/card", status=302, Location="/showcaptcha?ret=1")
    site.page("/showcaptcha", b"captcha")
    assert get(polite, site.url("/card")).body == b"captcha"


# --- from one process to the next ---------------------------------------------------------------


@pytest.mark.parametrize("answer", [200, 404])
@pytest.mark.parametrize("ending", [HttpSession.close, lambda session: None], ids=["closed", "killed"])
def test_the_next_process_need_not_ask_for_the_rules(
    open_session: OpenSession, site: Site, answer: int, ending: Callable[[HttpSession], None]
) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /private", status=answer)
    site.page("/card")
    for _ in range(3):
        session = open_session(obey=True)
        get(session, site.url("/card"))
        ending(session)
    assert site.paths == ["/robots.txt", "/card", "/card", "/card"]


def test_what_was_forbidden_stays_so_in_the_next_process(open_session: OpenSession, site: Site) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /card")
    for _ in range(2):
        with pytest.raises(RobotsDenied):
            get(open_session(obey=True), site.url("/card"))
    assert site.paths == ["/robots.txt"]


def test_rules_are_a_day_old_at_most(open_session: OpenSession, site: Site, pause: Pause) -> None:
    site.page("/robots.txt")
    site.page("/card")
    long_lived = open_session(obey=True)
    get(long_lived, site.url("/card"))
    pause.pass_by(24 * 3600 - 1)
    get(open_session(obey=True), site.url("/card"))
    get(long_lived, site.url("/card"))
    assert site.paths.count("/robots.txt") == 1
    pause.pass_by(1)
    site.page("/robots.txt", b"User-agent: *\nDisallow: /card")
    for session in (open_session(obey=True), long_lived):  # the second learns from the book what the first has read
        with pytest.raises(RobotsDenied):
            get(session, site.url("/card"))
    assert site.paths.count("/robots.txt") == 2


@pytest.mark.parametrize("trouble", ["500", "429", "gone"])
def test_while_the_rules_cannot_be_read_those_of_the_last_week_hold(
    open_session: OpenSession, site: Site, pause: Pause, trouble: str
) -> None:
    site.page("/robots.txt", b"User-agent: *\nDisallow: /private")
    site.page("/card", b"card")
    get(open_session(obey=True), site.url("/card"))
    if trouble == "gone":
        site.raw("/robots.txt", b"")
    else:
        site.page("/robots.txt", status=int(trouble))
    pause.pass_by(7 * 24 * 3600 - 1)
    session = open_session(obey=True)
    assert get(session, site.url("/card")).body == b"card"
    with pytest.raises(RobotsDenied):
        get(session, site.url("/private"))
    assert site.paths.count("/robots.txt") == 2
    pause.pass_by(61)
    with pytest.raises(Unreachable, match=r"robots\.txt сейчас не прочитать"):
        get(session, site.url("/card"))
    assert site.paths.count("/robots.txt") == 3


def test_rules_read_under_a_clock_that_ran_ahead_are_asked_for_anew(
    open_session: OpenSession, site: Site, clock: FrozenClock
) -> None:
    site.page("/robots.txt")
    site.page("/card")
    clock.advance(timedelta(days=400))
    get(open_session(obey=True), site.url("/card"))
    clock.advance(-timedelta(days=400))
    get(open_session(obey=True), site.url("/card"))
    get(open_session(obey=True), site.url("/card"))
    assert site.paths.count("/robots.txt") == 2


def test_rules_full_of_rubbish_are_remembered_as_they_are(
    open_session: OpenSession, site: Site, book: MemoryBook
) -> None:
    site.page("/robots.txt", b"\xff\x00\nUser-agent: *\nDisallow: /card\n\xed\xa0\x80")
    for _ in range(2):
        with pytest.raises(RobotsDenied):
            get(open_session(obey=True), site.url("/card"))
    (memory,) = book.pages.values()
    assert memory.robots is not None
    assert memory.robots.encode("utf-8").count("\N{REPLACEMENT CHARACTER}".encode()) == 4


@pytest.mark.usefixtures("secrets")
def test_cron_starts_process_after_process_and_robots_is_read_once_a_day(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    world = World.demo(NOW)
    path = tmp_path / "config.yaml"
    ended = NOW
    with StandIn(world, clock=clock) as standin:
        path.write_text(HEAD + sources_yaml(standin.base_url) + places_yaml(world), encoding="utf-8")
        for _ in range(25):
            app = Application(load(path), clock)
            page = PageRequest(standin.base_url + LISTS["otzovik"], "проба")
            assert app.session.send(page, source="otzovik").status == 200
            app.close()
            ended = clock.now()
            clock.advance(timedelta(hours=1))
        assert standin.requests["/robots.txt"] == 2
        store = Store.open(tmp_path / "otklik.db")
        memory = store.hosts.recall(f"127.0.0.1:{standin.port}")
        store.close()
    assert memory is not None
    assert memory.asked_at == ended  # noted when the process ended
