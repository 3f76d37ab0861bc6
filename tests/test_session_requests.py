"""What the session sends, over real sockets: who we are, and nothing that was not asked for."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import PageRequest, Token
from monitor.session import HttpSession
from monitor.session.client import user_agent
from tests.session_rig import NOW, SECRET, Site, get

pytest_plugins = ["tests.session_fixtures"]


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


def test_importing_the_session_loads_no_http_library() -> None:
    code = (
        "import monitor.session, sys; print([m for m in ('httpx', 'httpcore', 'protego', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
