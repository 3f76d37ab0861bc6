"""Whom the session does not talk to, and where it follows a redirect."""

import httpx
import pytest

from monitor.errors import AddressRefused, Unreachable
from monitor.model import PageRequest, Token
from monitor.session import HttpSession
from monitor.session.addresses import is_allowed
from tests.session_rig import NOW, SECRET, OpenSession, Site, everything, get, names

pytest_plugins = ["tests.session_fixtures"]


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
def test_loopback_in_any_disguise_is_refused(open_session: OpenSession, site: Site, host: str) -> None:
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


# --- redirects -------------------------------------------------------------------------------


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


def test_the_key_stays_with_its_host(open_session: OpenSession, site: Site) -> None:
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
