"""The loopback server around the stand-in sites."""

import gzip
import socket
import threading
from collections import Counter, deque
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Self, cast

from monitor.clock import SystemClock, to_iso
from monitor.seams import Clock
from monitor.standin import control, sites
from monitor.standin.site import Request, Response
from monitor.standin.world import World

HOST = "127.0.0.1"
_LARGEST_BODY = 1_000_000
_WORTH_PACKING = 1_000
_LOG_LENGTH = 1_000
_SECRET_PARAMETERS = frozenset({"key"})


class StandIn:
    """Serves `world` on 127.0.0.1, each connection in its own thread.

    `port` is the wished one; a free one is taken when it is 0 or in use. `requests` counts by path, without the query.

        with StandIn(World.demo(now)) as standin:
            httpx.get(standin.base_url + "/robots.txt")
    """

    def __init__(self, world: World, port: int = 0, clock: Clock | None = None) -> None:
        self.world = world
        self.requests: Counter[str] = Counter()
        self.log: deque[dict[str, Any]] = deque(maxlen=_LOG_LENGTH)
        self.stopping = threading.Event()
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        try:
            self._server = _Server(self, port)
        except OSError:
            self._server = _Server(self, 0)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="stand-in", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends open connections too; a stopped stand-in cannot be started again."""
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.hang_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """One request as the handler read it, answered and counted."""
        request = Request.of(method, target, headers, body, at=self._clock.now(), host=f"{HOST}:{self.port}")
        if request.path.startswith(control.PREFIX):
            with self._lock:
                log = list(self.log)
            return control.respond(self.world, request, log)
        response = sites.respond(self.world, request)
        self._note(request, response)
        return response

    def _note(self, request: Request, response: Response) -> None:
        entry = {
            "at": to_iso(request.at),
            "method": request.method,
            "path": request.path,
            "query": {name: "…" if name in _SECRET_PARAMETERS else value for name, value in request.query.items()},
            "user_agent": request.headers.get("user-agent", ""),
            "status": response.status,
        }
        with self._lock:
            self.requests[request.path] += 1
            self.log.append(entry)


class _Server(ThreadingMixIn, TCPServer):
    """TCPServer rather than HTTPServer, which asks the resolver for our name before it serves."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, standin: StandIn, port: int) -> None:
        self.standin = standin
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((HOST, port), cast("type[BaseRequestHandler]", _Handler))

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Wakes the threads that wait for the next request on a kept-alive connection."""
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: _Server

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # clients with a timeout hang up: that is their right

    def _serve(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY or "transfer-encoding" in self.headers:
            self.close_connection = True
            self._send(Response(413, {}, b""))
            return
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.standin.answer(self.command, self.path, headers, body)
        if response.delay and self.server.standin.stopping.wait(response.delay):
            self.close_connection = True
            return
        self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815  the names http.server asks for

    def _send(self, response: Response) -> None:
        headers, body = dict(response.headers), response.body
        if len(body) > _WORTH_PACKING and "gzip" in self.headers.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["content-encoding"] = "gzip"
            if tag := headers.get("etag"):
                headers["etag"] = f"W/{tag}"  # as nginx does: a strong one would promise the same bytes
        self.send_response_only(response.status, _phrase(response.status))
        self.send_header("date", self.date_time_string())
        for name, value in headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Quiet: `StandIn.log` keeps what happened."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"  # 521 is nobody's standard
