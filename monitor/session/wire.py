"""One exchange over a real socket, and every way it can fail, told in our words.

A transport and no httpx.Client: nothing follows redirects, keeps cookies, reads .netrc or proxies from the
environment behind our back. httpx times single reads; a server that drips a byte at a time outlives those, so the
backend below also holds a deadline for the whole exchange. It is the same place that
resolves the name and refuses addresses inside (`addresses.py`).
"""

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import httpcore
import httpx

from monitor.errors import AddressRefused, FetchError, PageTooLarge, Unreachable
from monitor.session.addresses import is_allowed

Resolve = Callable[[str, int], Sequence[str]]

DEADLINE_TIMEOUTS = 3
"""The whole exchange may take this many timeouts."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "ConnectTimeout": "не удалось соединиться за {seconds} с",
        "ReadTimeout": "не ответил за {seconds} с",
        "WriteTimeout": "не принял запрос за {seconds} с",
        "PoolTimeout": "не освободил соединение за {seconds} с",
        "TimeoutException": "не ответил за {seconds} с",
        "ConnectError": "не удалось соединиться",
        "ReadError": "соединение оборвалось посреди ответа",
        "WriteError": "соединение оборвалось посреди запроса",
        "RemoteProtocolError": "ответ оборван или не похож на HTTP",
        "LocalProtocolError": "запрос не составить: в ключе или адресе есть лишние пробелы или переводы строки",
        "UnicodeError": "запрос не составить: в ключе или адресе есть недопустимые символы",
        "DecodingError": "ответ сжат с ошибкой",
        "TooManyRedirects": "слишком много переадресаций",
        "ProxyError": "прокси не пропустил запрос",
        "OSError": "связь не удалась",
        "Exception": "запрос не удался",
    }
)
"""What happened, by the name of the exception's class (httpx and httpcore share the names) or of its nearest base."""

ADDRESS_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "InvalidURL": "адрес записан с ошибкой",
        "UnsupportedProtocol": "адрес начинается не с http и не с https",
    }
)

CAUGHT: tuple[type[Exception], ...] = (
    FetchError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    OSError,
    UnicodeError,
)


def translate(error: Exception, host: str, seconds: float) -> FetchError:
    """Our error for a lower-level one: names the host, holds nothing of the request or the answer."""
    if isinstance(error, FetchError):
        return type(error)(*error.args)
    for kind in type(error).__mro__:
        if kind.__name__ in ADDRESS_REASONS:
            return AddressRefused(f"{host}: {ADDRESS_REASONS[kind.__name__]}")
        if kind.__name__ in REASONS:
            return Unreachable(f"{host}: {REASONS[kind.__name__].format(seconds=f'{seconds:g}')}")
    raise AssertionError("every exception has Exception among its bases") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are lower case, the body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Connections to one host. Not thread-safe: its owner lets one request at a time through. `allow_inside`: any
    address will do, for a host that the owner named himself.

    Of the last exchange, also of one that failed: `sent` tells whether any of the request left us, `received` counts
    the bytes of the answer's body as they came, still packed.
    """

    def __init__(
        self,
        host: str,
        *,
        secure: bool,
        timeout: float,
        allow_loopback: bool,
        resolve: Resolve,
        monotonic: Callable[[], float],
        allow_inside: bool = False,
    ) -> None:
        self._host = host
        self._timeout = timeout
        self._backend = _Backend(
            host,
            timeout,
            allow_loopback=allow_loopback,
            allow_inside=allow_inside,
            resolve=resolve,
            monotonic=monotonic,
        )
        self._transport = _Transport(self._backend, secure)
        self.received = 0

    @property
    def sent(self) -> bool:
        return self._backend.written

    def exchange(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        limit: int,
        *,
        content: bytes | None = None,
        method: str = "",
    ) -> Answer | FetchError:
        """The answer, or why there is none: a value, so that no traceback drags the request along.

        A `form` or a `content` is posted, unless `method` says otherwise. `limit` is in bytes of the unpacked body.
        """
        self._backend.start()
        self.received = 0
        try:
            verb = method or ("GET" if form is None and content is None else "POST")
            data = None if form is None else dict(form)
            timing = {"timeout": httpx.Timeout(self._timeout).as_dict()}
            request = httpx.Request(verb, url, headers=headers, data=data, content=content, extensions=timing)
            response = self._transport.handle_request(request)
            try:
                return self._read(response, limit)
            finally:
                response.close()
        except CAUGHT as error:
            return translate(error, self._host, self._timeout)

    def _read(self, response: httpx.Response, limit: int) -> Answer:
        too_large = PageTooLarge(f"{self._host}: страница больше {_size(limit)} — читать не стали")
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
            raise too_large
        unpack = _unpacker(response.headers.get("content-encoding", ""), self._host)
        body = bytearray()
        for chunk in response.iter_raw():
            self.received += len(chunk)
            body += unpack.feed(chunk, limit + 1 - len(body))
            if len(body) > limit or self.received > limit:
                raise too_large
        unpack.finish()
        return Answer(response.status_code, dict(response.headers), bytes(body))

    def close(self) -> None:
        self._transport.close()


def _size(limit: int) -> str:
    return f"{limit >> 20} МиБ" if limit >> 20 else f"{limit >> 10} КиБ"


# --- unpacking, never more than asked for ------------------------------------------------------


class _Plain:
    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk[:room]

    def finish(self) -> None:
        pass


class _Gzip:
    """Unpacks at most `room` bytes, so that a bomb goes off at the cap and not in memory."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._begun = False

    def feed(self, chunk: bytes, room: int) -> bytes:
        unpacked = bytearray()
        while chunk and len(unpacked) < room:
            if self._member.eof:  # a gzip file may consist of several members; what else follows is padding
                if not chunk.startswith(b"\x1f\x8b"):
                    break
                self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            self._begun = True
            try:
                unpacked += self._member.decompress(chunk, room - len(unpacked))
            except zlib.error:
                raise httpx.DecodingError("gzip") from None
            chunk = self._member.unused_data
        return bytes(unpacked)

    def finish(self) -> None:
        if self._begun and not self._member.eof:
            raise Unreachable(f"{self._host}: сжатый ответ оборван")


def _unpacker(encoding: str, host: str) -> _Plain | _Gzip:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip(host)
        case _:
            raise Unreachable(f"{host}: ответ сжат способом, о котором мы не просили")


# --- the connection ----------------------------------------------------------------------------


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _Transport(httpx.BaseTransport):
    """One request over a connection pool that uses our backend."""

    def __init__(self, backend: "_Backend", secure: bool) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates() if secure else None,  # None: httpcore makes its own, verifying too, if needed
            network_backend=backend,
            max_connections=1,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        if not isinstance(answer.stream, Iterable):
            raise TypeError("a synchronous pool answers with a synchronous stream")
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream, answer.close))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, chunks: Iterable[bytes], close: Callable[[], None]) -> None:
        self._chunks = chunks
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self._close()


class _Backend(httpcore.NetworkBackend):
    """Connects to permitted addresses only and keeps the deadline of the exchange."""

    def __init__(
        self,
        host: str,
        timeout: float,
        *,
        allow_loopback: bool,
        allow_inside: bool,
        resolve: Resolve,
        monotonic: Callable[[], float],
    ) -> None:
        self._host = host
        self._whole = DEADLINE_TIMEOUTS * timeout
        self._allow_loopback = allow_loopback
        self._allow_inside = allow_inside
        self._resolve = resolve
        self._monotonic = monotonic
        self._deadline = 0.0
        self.written = False
        self._sockets = httpcore.SyncBackend()

    def start(self) -> None:
        self._deadline = self._monotonic() + self._whole
        self.written = False

    def left(self, timeout: float | None) -> float:
        """Seconds the next step may take."""
        left = self._deadline - self._monotonic()
        if left <= 0:
            raise self.too_slow()
        return left if timeout is None else min(timeout, left)

    def too_slow(self) -> Unreachable:
        return Unreachable(f"{self._host}: отвечал слишком медленно, за {self._whole:g} с не закончил")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception | None = None
        for address in self._permitted(host, port):
            try:
                stream = self._sockets.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
                return _Stream(stream, self, self._host)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError("no address")

    def _permitted(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(f"{self._host}: имя сайта не находится в DNS") from None
        for address in found:
            if not self._allow_inside and not is_allowed(address, allow_loopback=self._allow_loopback):
                raise AddressRefused(
                    f"{self._host}: адрес {address} — внутренний, туда не ходим "
                    "(для учебных сайтов на этой же машине: http.allow_loopback: true)"
                )
        return found


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend, host: str) -> None:
        self._stream = stream
        self._backend = backend
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._backend.left(timeout)
        try:
            return self._stream.read(max_bytes, left)
        except httpcore.ReadTimeout:
            if timeout is None or left < timeout:
                raise self._backend.too_slow() from None
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._backend.left(timeout)
        self._backend.written = True
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.left(timeout))
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
                raise Unreachable(
                    f"{self._host}: защищённое соединение не удалось, сертификат не прошёл проверку"
                ) from None
            raise
        return _Stream(stream, self._backend, self._host)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
