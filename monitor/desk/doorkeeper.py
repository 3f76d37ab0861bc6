"""Who asks, from where, and whether from a page of ours: the cookie of a session, the proxy, the Origin.

The cookie holds 256 random bits; the database only their SHA-256. What proves that a form is ours (csrf) is made of the
cookie, so nobody who reads the database can make it either.
"""

import hmac
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from monitor.assemble import Application
from monitor.config_desk import DeskConfig
from monitor.config_values import is_loopback
from monitor.desk.visit import FRAGMENT, Visitor
from monitor.store.sessions import LONGEST

_CSRF = b"otklik: forms of the desk, 1"


class Doorkeeper:
    """Knows who asks, by the cookie of a session."""

    def __init__(self, application: Application) -> None:
        self._sessions = application.store.sessions
        self._config = application.config.desk
        proxy = self._config.trusted_proxy if self._config else ""
        self._proxy = ip_network(proxy) if proxy else None

    def visitor(self, request: Request, now: datetime) -> Visitor | None:
        token = request.cookies.get(cookie_name(self._config), "")
        session = self._sessions.of(token, now) if token else None
        if session is None:
            return None
        if request.method == "POST" or FRAGMENT not in request.headers:  # a page left open asks by itself
            self._sessions.seen(session, now)
        return Visitor(session.account, csrf_of(token), session.key)

    def address(self, request: Request) -> str:
        """The peer's; behind the proxy that the config names, the one that this proxy saw."""
        peer = _ip(request.client.host if request.client else "")
        if peer is None or self._proxy is None or peer not in self._proxy:
            return str(peer or "")
        hops = ",".join(request.headers.getlist("x-forwarded-for"))
        return str(_ip(hops.rpartition(",")[2].strip()) or peer)

    def is_detour(self, request: Request) -> bool:
        """Whether somebody comes past the proxy that encrypts: what they send can be read on its way."""
        peer = _ip(request.client.host if request.client else "")
        return self._proxy is not None and peer is not None and peer not in self._proxy and not peer.is_loopback

    def is_ours(self, request: Request) -> bool:
        """By Sec-Fetch-Site and Origin, where the browser sends them."""
        site = request.headers.get("sec-fetch-site")
        if site not in (None, "same-origin", "none"):
            return False
        origin = request.headers.get("origin")
        return origin is None or (origin == "null" and site == "same-origin") or origin in self._origins(request)

    def _origins(self, request: Request) -> set[str]:
        """Of our pages. The request's own Host is believed on this machine only: elsewhere a stranger chooses it."""
        ours = {_origin(self._config.public_url)} if self._config else set()
        if own := own_origin(request):
            ours.add(own)
        return ours


def own_origin(request: Request) -> str:
    """Where the browser found this desk, by the Host it names: `http://127.0.0.1:8766`; "" unless that is this machine,
    for elsewhere a stranger chooses it."""
    host = request.headers.get("host", "")
    return f"http://{host}" if _is_this_machine(host) else ""


def cookie_name(config: DeskConfig | None) -> str:
    """A browser takes `__Host-` from the very host alone, encrypted: no neighbouring site can set it."""
    return "__Host-otklik" if _is_encrypted(config) else "otklik"


def let_in(answer: Response, token: str, config: DeskConfig | None) -> Response:
    """The browser is to hold the session from now on."""
    answer.set_cookie(
        cookie_name(config),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=_is_encrypted(config),
        httponly=True,
        samesite="lax",
    )
    return answer


def let_out(answer: Response, config: DeskConfig | None) -> Response:
    """The browser is to forget the session."""
    answer.delete_cookie(cookie_name(config), path="/", secure=_is_encrypted(config), httponly=True, samesite="lax")
    return answer


def csrf_of(token: str) -> str:
    """What must come back with every form of the session."""
    return hmac.digest(token.encode(errors="surrogatepass"), _CSRF, "sha256").hex()


def neighbourhood(address: str) -> str:
    """Whoever has one address of IPv6 has a whole network of them; "" where no address is known."""
    found = _ip(address)
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found or "")


def _is_encrypted(config: DeskConfig | None) -> bool:
    return config is not None and config.is_encrypted


def _ip(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_this_machine(host: str) -> bool:
    try:
        return is_loopback(f"http://{host}")
    except ValueError:
        return False


def _origin(address: str) -> str:
    """As a browser writes it: without the port that goes without saying."""
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")
