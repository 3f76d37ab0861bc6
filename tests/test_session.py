"""The network session, against real sockets on loopback."""

import gzip
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import AddressRefused, FetchError, PageTooLarge, RobotsDenied, Unreachable
from monitor.model import Page, PageRequest, Token
from monitor.session import HttpSession
from monitor.session import wire as wire_module
from monitor.session.addresses import is_allowed, resolve
from monitor.session.client import PAGE_LIMIT, retry_after, user_agent
from monitor.session.wire import CAUGHT, translate
from tests.conftest import missing
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "sekret-klyuch-42"

Handle = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Site:
    """A real server in a thread: answers from `pages`, remembers what it was asked."""

    pages: dict[str, Handle] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        def handle(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = handle

    def raw(self, path: str, *parts: bytes, every: float = 0.0) -> None:
        """Sends `parts` as they are, `every` seconds apart, and closes."""

        def handle(request: BaseHTTPRequestHandler) -> None:
            request.close_connection = True
            for part in parts:
                try:
                    request.wfile.write(part)
                except OSError:
                    return
                if STOP.wait(every):
                    return

        self.pages[path] = handle

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]


STOP = threading.Event()
"""Never set: `wait` on it is how the slow server takes its time."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


class serving:  # noqa: N801 - reads as a verb: `with serving() as site`
    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.site = Site()
        site = self.site

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                site.seen.append(Seen(self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
                missing_page: Handle = lambda request: request.send_error(404)  # noqa: E731
                site.pages.get(self.path.partition("?")[0], missing_page)(self)

            def do_POST(self) -> None:
                self.do_GET()

            def log_request(self, code: object = "-", size: object = "-") -> None:
                pass

            def log_error(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        site.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Site:
        self.thread.start()
        return self.site

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Pause:
    """A clock for waiting: sleeping moves it, so nothing waits."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def __call__(self) -> float:
        return self.at


def names(**hosts: str) -> Callable[[str, int], Sequence[str]]:
    """A DNS that knows these hosts (`a_example` is a.example), and numbers as they are."""
    known = {name.replace("_", "."): address for name, address in hosts.items()}
    return lambda host, port: [known[host]] if host in known else resolve(host, port)


@pytest.fixture
def pause() -> Pause:
    return Pause()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def open_session(pause: Pause, clock: FrozenClock) -> Iterator[Callable[..., HttpSession]]:
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
            paces={"cards": timedelta(seconds=pace)},
            robots={"cards": obey, "another": False},
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
def session(open_session: Callable[..., HttpSession]) -> HttpSession:
    return open_session()


def get(session: HttpSession, url: str, **more: object) -> Page:
    return session.send(PageRequest(url, "проба"), source="cards")


# --- an ordinary day ---------------------------------------------------------------------------


def test_a_page_comes_with_lower_case_headers_its_address_and_its_moment(session: HttpSession, site: Site) -> None:
    site.page("/card", b"privet", ETag='"1"')
    page = get(session, site.url("/card"))
    assert (page.status, page.body, page.url, page.at) == (200, b"privet", site.url("/card"), NOW)
    assert page.headers["etag"] == '"1"'


@pytest.mark.parametrize("status", [304, 403, 404, 429, 500, 507, 521])
def test_any_status_is_a_page(session: HttpSession, site: Site, status: int) -> None:
    site.page("/card", status=status)
    assert get(session, site.url("/card")).status == status


def test_we_say_who_we_are(session: HttpSession, site: Site) -> None:
    site.page("/card")
    get(session, site.url("/card"))
    headers = site.seen[0].headers
    assert re.fullmatch(r"otklik/\S+ \(\+admin@example\.ru\)", headers["User-Agent"])
    assert headers["Accept-Encoding"] == "gzip"


def test_a_source_cannot_disguise_us(session: HttpSession, site: Site) -> None:
    site.page("/card")
    disguise = {"user-agent": "Mozilla/5.0", "COOKIE": "session=1", "Accept": "text/html"}
    session.send(PageRequest(site.url("/card"), "проба", headers=disguise), source="cards")
    headers = site.seen[0].headers
    assert headers["User-Agent"].startswith("otklik/")
    assert "Mozilla" not in str(headers)
    assert "session=1" not in str(headers)
    assert headers["Accept"] == "text/html"


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("", ""),
        ("\r\n", ""),
        ("a@example.ru\r\nX-Bad: 1", " (+a@example.ruX-Bad: 1)"),
        ("https://example.ru/бот", " (+https://example.ru/%D0%B1%D0%BE%D1%82)"),
        ("a) evil (", " (+a%29 evil %28)"),
    ],
)
def test_the_contact_cannot_break_the_header(contact: str, told: str) -> None:
    assert user_agent(contact).partition(" ")[1:] == (" " if told else "", told.strip())


@given(st.text())
def test_the_user_agent_is_one_printable_ascii_line(contact: str) -> None:
    assert user_agent(contact).isascii()
    assert user_agent(contact).isprintable()


def test_cookies_are_not_kept(session: HttpSession, site: Site) -> None:
    site.page("/card", Set_Cookie="id=1; Path=/")
    get(session, site.url("/card"))
    get(session, site.url("/card"))
    assert "Cookie" not in site.seen[1].headers


def test_conditional_headers_pass_through(session: HttpSession, site: Site) -> None:
    site.page("/card", status=304)
    request = PageRequest(site.url("/card"), "проба", headers={"If-None-Match": '"1"'})
    session.send(request, source="cards")
    assert site.seen[0].headers["If-None-Match"] == '"1"'


def test_a_form_is_posted_and_the_token_sent_where_asked(session: HttpSession, site: Site) -> None:
    site.page("/token")
    request = PageRequest(site.url("/token"), "ключ", form={"grant": "обновить"}, bearer=True)
    session.send(request, source="cards", token=Token(SECRET, NOW))
    seen = site.seen[0]
    assert (seen.method, seen.body) == ("POST", b"grant=%D0%BE%D0%B1%D0%BD%D0%BE%D0%B2%D0%B8%D1%82%D1%8C")
    assert seen.headers["Authorization"] == f"Bearer {SECRET}"


def test_a_token_is_not_sent_where_nobody_asked_for_it(session: HttpSession, site: Site) -> None:
    site.page("/card")
    session.send(PageRequest(site.url("/card"), "проба"), source="cards", token=Token(SECRET, NOW))
    assert "Authorization" not in site.seen[0].headers


def test_gzip_is_unpacked_also_when_it_has_several_members(session: HttpSession, site: Site) -> None:
    site.page("/card", gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0", Content_Encoding="gzip")
    assert get(session, site.url("/card")).body == b"one two"


def test_importing_the_session_loads_no_http_library() -> None:
    code = (
        "import monitor.session, sys; print([m for m in ('httpx', 'httpcore', 'protego', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- bad days ----------------------------------------------------------------------------------


def test_a_silent_server_is_left_after_the_timeout(open_session: Callable[..., HttpSession], site: Site) -> None:
    site.raw("/card", b"", b"", every=1)
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1:\d+: не ответил за 0\.1 с$"):
        get(open_session(timeout=0.1, real_time=True), site.url("/card"))


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["body", "headers"],
)
def test_a_dripping_server_cannot_hold_us(open_session: Callable[..., HttpSession], site: Site, head: bytes) -> None:
    site.raw("/card", head, *[b"x"] * 1000, every=0.02)
    with pytest.raises(Unreachable, match=r"слишком медленно, за 0\.3 с"):
        get(open_session(timeout=0.1, real_time=True), site.url("/card"))


def test_a_truncated_body_is_no_page(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    with pytest.raises(Unreachable, match="оборван"):
        get(session, site.url("/card"))


def test_a_truncated_gzip_is_no_page(session: HttpSession, site: Site) -> None:
    site.page("/card", gzip.compress(b"review " * 1000)[:-9], Content_Encoding="gzip")
    with pytest.raises(Unreachable, match="сжатый ответ оборван"):
        get(session, site.url("/card"))


def test_broken_gzip_is_no_page(session: HttpSession, site: Site) -> None:
    site.page("/card", b"not gzip at all", Content_Encoding="gzip")
    with pytest.raises(Unreachable, match="сжат с ошибкой"):
        get(session, site.url("/card"))


def test_an_encoding_nobody_asked_for_is_no_page(session: HttpSession, site: Site) -> None:
    site.page("/card", b"...", Content_Encoding="br")
    with pytest.raises(Unreachable, match="о котором мы не просили"):
        get(session, site.url("/card"))


def test_a_page_at_the_cap_is_read_and_one_byte_more_is_not(session: HttpSession, site: Site) -> None:
    site.page("/fits", bytes(PAGE_LIMIT))
    site.page("/large", bytes(PAGE_LIMIT + 1))
    assert len(get(session, site.url("/fits")).body) == PAGE_LIMIT
    with pytest.raises(PageTooLarge, match="больше 8 МиБ"):
        get(session, site.url("/large"))


def test_a_page_that_does_not_say_its_size_is_capped_too(session: HttpSession, site: Site) -> None:
    site.raw("/large", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *[bytes(1 << 20)] * 9)
    with pytest.raises(PageTooLarge):
        get(session, site.url("/large"))


@pytest.mark.parametrize("size", [PAGE_LIMIT, PAGE_LIMIT + 1])
def test_a_gzip_bomb_goes_off_at_the_cap(session: HttpSession, site: Site, size: int) -> None:
    site.page("/bomb", gzip.compress(bytes(size)), Content_Encoding="gzip")
    if size > PAGE_LIMIT:
        with pytest.raises(PageTooLarge):
            get(session, site.url("/bomb"))
    else:
        assert len(get(session, site.url("/bomb")).body) == size


def test_unpacking_never_holds_more_than_the_room_left() -> None:
    unpack = wire_module._unpacker("gzip", "host")
    assert len(unpack.feed(gzip.compress(bytes(100 << 20)), 1000)) == 1000


def test_nobody_at_home_is_unreachable(session: HttpSession) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"не удалось соединиться$"):
            get(session, f"http://127.0.0.1:{closed.getsockname()[1]}/")


def test_an_unknown_name_is_unreachable(open_session: Callable[..., HttpSession]) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match=r"^cards\.example: имя сайта не находится в DNS"):
        get(open_session(resolve=unknown), "http://cards.example/")


def test_a_self_signed_certificate_is_refused(session: HttpSession, tmp_path: Path) -> None:
    with serving(self_signed(tmp_path)) as site, pytest.raises(Unreachable, match="сертификат не прошёл проверку"):
        get(session, f"https://localhost:{site.port}/card")
    assert site.seen == []


def self_signed(folder: Path) -> ssl.SSLContext:
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl", "there is no openssl to make a certificate with")
        raise AssertionError
    made = folder / "both.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names_inside = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(made), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names_inside, *files], check=True, capture_output=True)
    made.write_text(made.read_text() + (folder / "cert.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    return context


# --- whom we do not talk to --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),
        *("::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"),
        *("255.255.255.255", "no address", ""),
    ],
)
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_inner_addresses_are_refused_always(address: str, allow_loopback: bool) -> None:
    assert not is_allowed(address, allow_loopback=allow_loopback)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_loopback_needs_permission(address: str, allow_loopback: bool) -> None:
    assert is_allowed(address, allow_loopback=allow_loopback) is allow_loopback


@pytest.mark.parametrize("address", ["77.88.55.88", "2a02:6b8::2:242", "8.8.8.8"])
def test_the_world_is_open(address: str) -> None:
    assert is_allowed(address, allow_loopback=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]"])
def test_loopback_in_any_disguise_is_refused(open_session: Callable[..., HttpSession], site: Site, host: str) -> None:
    with pytest.raises((AddressRefused, Unreachable)):
        get(open_session(allow_loopback=False), site.url("/", host=host))
    assert site.seen == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.ru/", "нужен http или https"),
        ("file:///etc/passwd", "нужен http или https"),
        ("http://", "нет имени"),
        ("/relative", "нужен http или https"),
        (f"http://user:{SECRET}@example.ru/", "имя или пароль"),
        ("http://example.ru:0/", "порта 0 не бывает"),
        (f"http://exa mple.ru/?key={SECRET}", "записан с ошибкой"),
        (f"http://example.ru:port/?key={SECRET}", "записан с ошибкой"),
        (f"http://example.ru/\n?key={SECRET}", "записан с ошибкой"),
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(session: HttpSession, url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason) as refused:
        get(session, url)
    assert SECRET not in everything(refused.value)


# --- redirects ---------------------------------------------------------------------------------


def test_redirects_are_followed_to_the_final_address(session: HttpSession, site: Site) -> None:
    site.page("/old", status=301, Location="/new?page=1#top")
    site.page("/new", b"here")
    page = get(session, site.url("/old"))
    assert (page.body, page.url) == (b"here", site.url("/new?page=1"))


def test_five_redirects_are_followed_and_a_sixth_is_not(session: HttpSession, site: Site) -> None:
    for step in range(6):
        site.page(f"/{step}", status=302, Location=f"/{step + 1}")
    site.page("/6", b"end")
    assert get(session, site.url("/1")).body == b"end"
    with pytest.raises(AddressRefused, match="больше 5 переадресаций"):
        get(session, site.url("/0"))


def test_the_key_stays_with_its_host(open_session: Callable[..., HttpSession], site: Site) -> None:
    session = open_session(resolve=names(a_example="127.0.0.1", b_example="127.0.0.1"))
    site.page("/start", status=302, Location=site.url("/same", host="a.example"))
    site.page("/same", status=302, Location=site.url("/other", host="b.example"))
    site.page("/other", status=302, Location=site.url("/back", host="a.example"))
    site.page("/back")
    request = PageRequest(site.url("/start", "a.example"), "проба", headers={"X-Key": SECRET}, bearer=True)
    session.send(request, source="cards", token=Token(SECRET, NOW))
    assert [seen.path for seen in site.seen if SECRET in str(seen.headers)] == ["/start", "/same"]
    assert len(site.seen) == 4


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "нужен http или https"),
        ("http://169.254.169.254/latest/meta-data", "внутренний"),
        ("http://10.0.0.1/", "внутренний"),
        ("http://user:pass@a.example/", "имя или пароль"),
        ("http://a b/", "с ошибкой"),
        ("http://[::1", "с ошибкой"),
    ],
)
def test_a_redirect_astray_is_refused(session: HttpSession, site: Site, location: str, reason: str) -> None:
    site.page("/start", status=302, Location=location)
    with pytest.raises(AddressRefused, match=reason):
        get(session, site.url("/start"))


def test_a_redirect_never_leaves_tls() -> None:
    from monitor.session.redirects import target

    https = httpx.URL("https://cards.example/")
    with pytest.raises(AddressRefused, match="с https на http"):
        target(302, {"location": "http://cards.example/"}, https, posted=False)
    assert target(302, {"location": "https://other.example/"}, https, posted=False) is not None
    assert target(302, {}, https, posted=False) is None


def test_a_form_is_not_carried_elsewhere(session: HttpSession, site: Site) -> None:
    site.page("/token", status=307, Location="/elsewhere")
    with pytest.raises(AddressRefused, match="форму") as refused:
        session.send(PageRequest(site.url("/token"), "ключ", form={"secret": SECRET}), source="cards")
    assert site.paths == ["/token"]
    assert SECRET not in everything(refused.value)


# --- robots.txt --------------------------------------------------------------------------------


@pytest.fixture
def polite(open_session: Callable[..., HttpSession]) -> HttpSession:
    return open_session(obey=True)


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
    with pytest.raises(Unreachable, match="не больше одного запроса за 86400 с"):
        get(polite, site.url("/card"))
    assert pause.slept == []


def test_rules_of_another_host_are_asked_for_when_a_redirect_leads_there(
    open_session: Callable[..., HttpSession], site: Site
) -> None:
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


# --- pace --------------------------------------------------------------------------------------


def test_requests_to_one_host_keep_their_distance(
    open_session: Callable[..., HttpSession], site: Site, pause: Pause
) -> None:
    session = open_session(pace=2)
    site.page("/card")
    for _ in range(3):
        get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(2.2), pytest.approx(2.2)]  # 2 s and 0.4 of a quarter more


def test_time_already_passed_counts_towards_the_pace(
    open_session: Callable[..., HttpSession], site: Site, pause: Pause
) -> None:
    session = open_session(pace=2)
    site.page("/card")
    get(session, site.url("/card"))
    pause.at += 1.5
    get(session, site.url("/card"))
    assert pause.slept == [pytest.approx(0.7)]


def test_hosts_do_not_wait_for_each_other(open_session: Callable[..., HttpSession], site: Site, pause: Pause) -> None:
    session = open_session(pace=2, resolve=names(a_example="127.0.0.1", b_example="127.0.0.1"))
    site.page("/card")
    get(session, site.url("/card", host="a.example"))
    get(session, site.url("/card", host="b.example"))
    assert pause.slept == []


def test_one_host_gets_one_request_at_a_time_while_another_is_served(
    open_session: Callable[..., HttpSession], site: Site
) -> None:
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


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Sat, 21 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Fri, 31 Dec 9999 23:59:59 -0500", None),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == (None if wait is None else NOW + wait)


# --- what errors say ---------------------------------------------------------------------------


def descendants(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


LIBRARY_ERRORS = sorted(
    {
        kind
        for root in (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
        for kind in (root, *descendants(root))
    }
    | {kind for kind in vars(httpcore).values() if isinstance(kind, type) and issubclass(kind, Exception)},
    key=lambda kind: (kind.__module__, kind.__name__),
)


def made(kind: type[Exception]) -> Exception:
    """An instance that holds a secret, however the class is built."""
    error = kind.__new__(kind)
    error.args = (SECRET,)
    return error


@pytest.mark.parametrize("kind", LIBRARY_ERRORS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_of_the_library_becomes_ours_and_tells_no_secret(
    session: HttpSession, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def failing(self: object, request: httpx.Request) -> httpx.Response:
        raise made(kind)

    monkeypatch.setattr(wire_module._Transport, "handle_request", failing)
    request = PageRequest(f"http://127.0.0.1/?key={SECRET}", "проба", headers={"X-Key": SECRET}, form={"key": SECRET})
    with pytest.raises(FetchError, match=r"^127\.0\.0\.1: [а-я]") as failed:
        session.send(request, source="cards")
    assert SECRET not in everything(failed.value)


def test_the_library_has_no_error_we_do_not_know() -> None:
    assert all(issubclass(kind, CAUGHT) for kind in LIBRARY_ERRORS)


@pytest.mark.parametrize("token", [f"{SECRET}\r\nX-Evil: 1", f"{SECRET}ключ"])
def test_a_key_that_fits_no_header_is_not_shown(session: HttpSession, site: Site, token: str) -> None:
    with pytest.raises(Unreachable, match="запрос не составить") as failed:
        session.send(PageRequest(site.url("/card"), "проба", bearer=True), source="cards", token=Token(token, NOW))
    assert SECRET not in everything(failed.value)
    assert site.seen == []


@given(st.sampled_from([OSError, UnicodeError, httpx.ReadTimeout]), st.floats(0.1, 100))
def test_translation_answers_one_short_sentence(kind: type[Exception], seconds: float) -> None:
    error = translate(made(kind), "host", seconds)
    assert len(str(error)) < 120
    assert "\n" not in str(error)


def everything(error: BaseException) -> str:
    """All that a log could show of an error: itself, what led to it, the whole traceback."""
    seen, parts = set(), []
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        parts += [str(current), repr(current), *map(repr, current.args)]
        pending += [current.__cause__, current.__context__]
    return "\n".join([*parts, *traceback.format_exception(error)])


def test_every_page_of_a_real_site_may_end_the_connection(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"HTTP/1.0 200 OK\r\n\r\nold server")
    assert get(session, site.url("/card")).body == b"old server"
    assert get(session, site.url("/card")).status == http.client.OK
