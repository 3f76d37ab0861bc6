"""How an exchange fails, over real sockets, and what the error says."""

import gzip
import http.client
import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FetchError, PageTooLarge, Unreachable
from monitor.model import PageRequest, Token
from monitor.session import HttpSession
from monitor.session import wire as wire_module
from monitor.session.client import PAGE_LIMIT
from monitor.session.wire import CAUGHT, translate
from tests.conftest import missing
from tests.session_rig import NOW, SECRET, OpenSession, Site, descendants, everything, get, serving

pytest_plugins = ["tests.session_fixtures"]


def test_gzip_is_unpacked_also_when_it_has_several_members(session: HttpSession, site: Site) -> None:
    site.page("/card", gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0", Content_Encoding="gzip")
    assert get(session, site.url("/card")).body == b"one two"


def test_every_page_of_a_real_site_may_end_the_connection(session: HttpSession, site: Site) -> None:
    site.raw("/card", b"HTTP/1.0 200 OK\r\n\r\nold server")
    assert get(session, site.url("/card")).body == b"old server"
    assert get(session, site.url("/card")).status == http.client.OK


def test_a_silent_server_is_left_after_the_timeout(open_session: OpenSession, site: Site) -> None:
    site.raw("/card", b"", b"", every=1)
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1:\d+: не ответил за 0\.1 с$"):
        get(open_session(timeout=0.1, real_time=True), site.url("/card"))


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["body", "headers"],
)
def test_a_dripping_server_cannot_hold_us(open_session: OpenSession, site: Site, head: bytes) -> None:
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


def test_an_unknown_name_is_unreachable(open_session: OpenSession) -> None:
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


# --- what errors say -------------------------------------------------------------------------


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
