"""A real site on loopback for the session to talk to, and a time that passes without waiting."""

import ssl
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from monitor.model import Page, PageRequest
from monitor.session import HttpSession
from monitor.session.addresses import resolve
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "sekret-klyuch-42"

Handle = Callable[[BaseHTTPRequestHandler], None]
OpenSession = Callable[..., HttpSession]


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

    def keep_alive(self, path: str, answer: bytes) -> None:
        """Sends the answer as it is and waits for the next request."""

        def handle(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(answer)

        self.pages[path] = handle

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]


STOP = threading.Event()
"""Never set: `wait` on it is how the slow server takes its time."""


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
    """A time for waiting: sleeping moves it, so nothing waits. The clock on the wall moves along.

    `meanwhile` is what happens while we sleep.
    """

    def __init__(self, clock: FrozenClock) -> None:
        self.at = 1000.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._clock = clock

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)
        self.meanwhile()

    def pass_by(self, seconds: float) -> None:
        """Time passes while nobody waits for us."""
        self.at += seconds
        self._clock.advance(timedelta(seconds=seconds))

    def __call__(self) -> float:
        return self.at


def names(**hosts: str) -> Callable[[str, int], Sequence[str]]:
    """A DNS that knows these hosts (`a_example` is a.example), and numbers as they are."""
    known = {name.replace("_", "."): address for name, address in hosts.items()}
    return lambda host, port: [known[host]] if host in known else resolve(host, port)


def get(session: HttpSession, url: str, source: str = "cards", **headers: str) -> Page:
    """One page; `If_None_Match` is the header If-None-Match."""
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return session.send(PageRequest(url, "проба", headers=dashed), source=source)


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


def descendants(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)
