"""What reading costs: what was sent is counted, and a page that did not change need not come again."""

import gzip
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from monitor.errors import AddressRefused, FetchError, PageTooLarge, Unreachable
from monitor.model import PageRequest, Token, Traffic
from monitor.session import HttpSession
from monitor.session.client import PAGE_LIMIT
from monitor.standin.server import StandIn
from monitor.standin.world import Trouble, World
from tests.fakes import FrozenClock
from tests.session_rig import NOW, OpenSession, Site, get, names
from tests.test_standin_server import LISTS

pytest_plugins = ["tests.session_fixtures"]


# --- what is counted ----------------------------------------------------------------------------


def test_robots_redirects_and_pages_are_counted_by_source(open_session: OpenSession, site: Site) -> None:
    session = open_session(obey=True)
    site.page("/robots.txt", b"User-agent: *\nDisallow:")
    site.page("/old", b"moved", status=301, Location="/card")
    site.page("/card", b"0123456789")
    get(session, site.url("/old"))
    get(session, site.url("/card"), "another")
    assert session.traffic() == {"cards": Traffic(3, 23 + 5 + 10), "another": Traffic(1, 10)}


def test_a_token_is_counted_like_a_page(session: HttpSession, site: Site) -> None:
    site.page("/token", b"{}")
    session.send(PageRequest(site.url("/token"), "ключ", form={"grant": "refresh"}), source="cards")
    assert session.traffic() == {"cards": Traffic(1, 2)}


def test_counting_starts_anew_with_every_look(session: HttpSession, site: Site) -> None:
    site.page("/card", b"card")
    assert session.traffic() == {}
    get(session, site.url("/card"))
    assert session.traffic() == {"cards": Traffic(1, 4)}
    assert session.traffic() == {}


def test_what_was_counted_outlives_the_connections(session: HttpSession, site: Site) -> None:
    site.page("/card", b"card")
    get(session, site.url("/card"))
    session.close()
    assert session.traffic() == {"cards": Traffic(1, 4)}


def test_bytes_are_those_that_came_over_the_wire(session: HttpSession, site: Site) -> None:
    packed = gzip.compress(b"review " * 10_000)
    site.page("/card", packed, Content_Encoding="gzip")
    assert len(get(session, site.url("/card")).body) == 70_000
    assert session.traffic() == {"cards": Traffic(1, len(packed))}


def test_a_page_that_broke_off_cost_what_had_come(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    with pytest.raises(Unreachable):
        get(session, site.url("/card"))
    assert session.traffic() == {"cards": Traffic(1, 9)}


def test_a_page_beyond_the_cap_cost_no_more_than_the_cap_and_a_little(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *[bytes(1 << 20)] * 9)
    with pytest.raises(PageTooLarge):
        get(session, site.url("/card"))
    (traffic,) = session.traffic().values()
    assert PAGE_LIMIT < traffic.bytes <= PAGE_LIMIT + (1 << 20)


def test_what_never_left_us_is_no_request(open_session: OpenSession, site: Site) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(Unreachable):
        get(session := open_session(resolve=unknown), "http://cards.example/")
    assert session.traffic().get("cards", Traffic()) == Traffic()
    with pytest.raises(AddressRefused):
        get(session := open_session(allow_loopback=False), site.url("/card"))
    assert session.traffic().get("cards", Traffic()) == Traffic()


def test_no_request_is_lost_between_threads(open_session: OpenSession, site: Site) -> None:
    session = open_session(resolve=names(a_example="127.0.0.1", b_example="127.0.0.1", c_example="127.0.0.1"))
    site.page("/card", b"card")
    counted: list[Traffic] = []
    start = threading.Barrier(4)

    def read(host: str) -> None:
        start.wait(5)
        for _ in range(20):
            get(session, site.url("/card", host=host))

    threads = [threading.Thread(target=read, args=(f"{letter}.example",)) for letter in "abc"]
    for thread in threads:
        thread.start()
    start.wait(5)
    while any(thread.is_alive() for thread in threads):
        counted += session.traffic().values()
    counted += session.traffic().values()
    assert sum(counted, Traffic()) == Traffic(60, 240)


# --- asking whether a page has changed ----------------------------------------------------------


def test_conditional_headers_pass_through(session: HttpSession, site: Site) -> None:
    site.page("/card", status=304)
    request = PageRequest(site.url("/card"), "проба", headers={"If-None-Match": '"1"'})
    session.send(request, source="cards")
    assert site.seen[0].headers["If-None-Match"] == '"1"'


@pytest.mark.parametrize("tag", ['"abc"', '"abc-gzip"', 'W/"abc"', 'W/"abc--gzip"', '""', '"a,b", W/"c"', "*", "bare"])
def test_a_tag_goes_out_and_comes_back_untouched(session: HttpSession, site: Site, tag: str) -> None:
    day = "Sat, 21 Nov 2026 10:00:00 GMT"
    site.page("/card", status=304, ETag=tag, Last_Modified=day)
    page = get(session, site.url("/card"), If_None_Match=tag, If_Modified_Since=day)
    sent = site.seen[0].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (tag, day)
    assert (page.status, page.body) == (304, b"")
    assert (page.headers["etag"], page.headers["last-modified"]) == (tag, day)
    assert session.traffic() == {"cards": Traffic(1, 0, unchanged=1)}


def test_unchanged_pages_that_tell_of_the_whole_one_leave_the_connection_in_order(
    session: HttpSession, site: Site
) -> None:
    head = b'HTTP/1.1 304 Not Modified\r\nETag: W/"1"\r\nContent-Encoding: gzip\r\nContent-Length: 70000\r\n\r\n'
    site.keep_alive("/card", head)
    site.page("/next", b"next")
    assert get(session, site.url("/card")).status == 304
    assert get(session, site.url("/next")).body == b"next"


def test_the_condition_goes_along_within_the_host_and_no_further(open_session: OpenSession, site: Site) -> None:
    session = open_session(resolve=names(a_example="127.0.0.1", b_example="127.0.0.1"))
    site.page("/old", status=301, Location="/card")
    site.page("/card", status=304, ETag='"1"')
    page = get(session, site.url("/old", host="a.example"), If_None_Match='"1"', If_Modified_Since="then")
    assert (page.status, page.url, page.headers["etag"]) == (304, site.url("/card", host="a.example"), '"1"')
    site.page("/old", status=301, Location=site.url("/card", host="b.example"))
    get(session, site.url("/old", host="a.example"), If_None_Match='"1"', If_Modified_Since="then")
    asked = [{"If-None-Match", "If-Modified-Since"} & set(seen.headers) for seen in site.seen]
    assert [len(conditions) for conditions in asked] == [2, 2, 2, 0]


@pytest.mark.parametrize("tag", ['"ключ"', '"\xe9"', '"1"\r\nX-Evil: 1', '"\x00"', '"' + "x" * 100_000 + '"'])
def test_a_tag_that_fits_no_header_is_not_asked_with(session: HttpSession, site: Site, tag: str) -> None:
    site.page("/card", b"whole")
    assert get(session, site.url("/card"), If_None_Match=tag).body == b"whole"
    assert {"If-None-Match", "X-Evil"}.isdisjoint(site.seen[0].headers)


def test_robots_is_never_asked_for_on_a_condition(polite: HttpSession, site: Site) -> None:
    site.page("/robots.txt")
    site.page("/card")
    get(polite, site.url("/card"), If_None_Match='"1"')
    assert [("If-None-Match" in seen.headers) for seen in site.seen] == [False, True]


# --- the stand-in answers as sites do -----------------------------------------------------------


@pytest.fixture
def world() -> World:
    return World.demo(NOW)


@pytest.fixture
def standin(world: World, clock: FrozenClock) -> Iterator[StandIn]:
    with StandIn(world, clock=clock) as standin:
        yield standin


def ask(session: HttpSession, standin: StandIn, world: World, source: str, tag: str = "") -> tuple[int, str]:
    """Status and ETag of the source's list page."""
    headers = {"If-None-Match": tag} if tag else {}
    request = PageRequest(standin.base_url + LISTS[source], "проба", headers=headers, bearer=True)
    page = session.send(request, source=source, token=Token(world.issue_token(), NOW))
    return page.status, page.headers["etag"]


@pytest.fixture
def free(open_session: OpenSession) -> HttpSession:
    """Whatever the source, it obeys robots.txt, and there is no pace."""
    return open_session()


QUIET = [source for source in LISTS if source != "yandex_maps"]


@pytest.mark.parametrize("source", QUIET)
def test_a_list_that_did_not_change_is_not_sent_again(
    free: HttpSession, standin: StandIn, world: World, clock: FrozenClock, source: str
) -> None:
    status, tag = ask(free, standin, world, source)
    assert (status, tag[:3]) == (200, 'W/"')  # it was packed
    free.traffic()
    clock.advance(timedelta(minutes=5))
    again, same = ask(free, standin, world, source, tag)
    assert (again, same) == (304, tag.removeprefix("W/"))
    assert ask(free, standin, world, source, same)[0] == 304
    assert free.traffic() == {source: Traffic(2, 0, unchanged=2)}


@pytest.mark.parametrize("source", QUIET)
def test_a_new_review_or_a_site_in_trouble_is_a_page_of_its_own(
    free: HttpSession, standin: StandIn, world: World, source: str
) -> None:
    _, tag = ask(free, standin, world, source)
    world.trouble[source] = Trouble.CHANGED_MARKUP
    status, other = ask(free, standin, world, source, tag)
    assert (status, other == tag) == (200, False)
    world.trouble.clear()
    assert ask(free, standin, world, source, tag)[0] == 304
    world.add(world.card(source), text="Новый отзыв, которого не было", stars=5, title="Новый", posted_at=NOW)
    assert ask(free, standin, world, source, tag)[0] == 200


def test_no_two_pages_of_yandex_are_the_same(
    free: HttpSession, standin: StandIn, world: World, clock: FrozenClock
) -> None:
    _, tag = ask(free, standin, world, "yandex_maps")
    clock.advance(timedelta(seconds=1))
    assert ask(free, standin, world, "yandex_maps", tag)[0] == 200


def test_robots_of_the_stand_in_can_be_asked_for_on_a_condition(session: HttpSession, standin: StandIn) -> None:
    url = standin.base_url + "/robots.txt"
    first = get(session, url)
    assert get(session, url, If_None_Match=f'"old", {first.headers["etag"]}').status == 304
    assert get(session, url, If_None_Match="*").status == 304
    assert get(session, url, If_None_Match='"old"').body == first.body


def test_failures_and_tokens_carry_no_tag(session: HttpSession, standin: StandIn, world: World) -> None:
    world.trouble["otzovik"] = Trouble.FORBIDDEN
    assert "etag" not in get(session, standin.base_url + LISTS["otzovik"], If_None_Match="*").headers
    token = PageRequest(standin.base_url + "/token", "ключ", form={"grant_type": "refresh_token"})
    assert "etag" not in session.send(token, source="google_business").headers


def test_every_fetch_error_is_counted_or_never_sent(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"rubbish\r\n\r\n")
    with pytest.raises(FetchError):
        get(session, site.url("/card"))
    assert session.traffic() == {"cards": Traffic(1, 0)}
