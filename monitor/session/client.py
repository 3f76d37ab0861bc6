"""HttpSession: manners toward sites, over `wire.py`."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.dates import read_wait
from monitor.errors import AddressRefused, FetchError, Unreachable
from monitor.model import Page, PageRequest, Token, Traffic
from monitor.seams import Clock, HostBook
from monitor.session.addresses import resolve as resolve_by_dns
from monitor.session.notes import ROBOTS_KEPT, Notes
from monitor.session.robots import ROBOT, Rules

if TYPE_CHECKING:
    import httpx

    from monitor.session.wire import Answer, Resolve, Wire

PAGE_LIMIT = 8 << 20
ROBOTS_LIMIT = 512 << 10
"""Bytes of an unpacked page and of a robots.txt (RFC 9309 asks for at least 500 KiB)."""

ROBOTS_PATH = b"/robots.txt"

OURS = ("user-agent", "accept-encoding", "cookie")
"""Headers a source does not decide about."""

CONDITIONS = ("if-none-match", "if-modified-since")
LONGEST_CONDITION = 512
"""Characters. A condition repeats what the site once said: what fits no header asks nothing rather than fail."""

REDIRECT_LIMIT = 5
JITTER_SHARE = 0.25
LONGEST_CRAWL_DELAY = 60.0
FAILURE_KEPT = 60.0
"""Seconds. A longer Crawl-delay is honoured by leaving the rest to the next pass; an unreadable robots.txt is asked
for again after a minute."""

PACE_WORTH_NOTING = 1.0
"""Seconds. Where a host is owed that much between requests, each one is noted in the book at once: a write is small
beside the wait, and `otklik check` beside a running pass sees it. Elsewhere the last one is noted at the end."""


@dataclass(slots=True)
class _Host:
    """`lock` is held for a whole exchange, waiting included; `rules_lock` while robots.txt is read.

    `started` and `paged`, by the monotonic clock: when the last request went out, and the last one for a page.
    """

    name: str
    wire: "Wire"
    notes: Notes
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float | None = None
    paged: float | None = None
    rules_lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Rules | None = None


class HttpSession:
    """Fetches pages as a guest should. Safe to use from several threads.

    `paces` and `robots` (whether robots.txt is obeyed) go by source; a source they do not name has
    no pace of its own and obeys. `book` keeps what the next process must know of hosts.
    `timeout` holds for connecting and for each silence; a whole exchange may take three.
    `jitter` answers 0 to 1.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        contact: str,
        allow_loopback: bool,
        timeout: timedelta,
        paces: Mapping[str, timedelta],
        robots: Mapping[str, bool],
        book: HostBook,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        resolve: "Resolve" = resolve_by_dns,
    ) -> None:
        self._clock = clock
        self._contact = contact
        self._allow_loopback = allow_loopback
        self._timeout = timeout.total_seconds()
        self._paces = paces
        self._robots = robots
        self._book = book
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._resolve = resolve
        self._hosts: dict[str, _Host] = {}
        self._traffic: dict[str, Traffic] = {}
        self._lock = threading.Lock()

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        """One page, redirects followed. Raises FetchError (Unreachable, PageTooLarge, RobotsDenied, AddressRefused)."""
        headers = dict(request.headers)
        if request.bearer and token is not None:
            headers["Authorization"] = f"Bearer {token.value}"
        from monitor.session.redirects import parsed

        url = parsed(request.url)
        if url is None:
            raise AddressRefused(f"{request.label}: адрес записан с ошибкой, проверьте base_url и id в config.yaml")
        return self._follow(url, replace(request, headers=headers), source, obey=self._robots.get(source, True))

    def traffic(self) -> Mapping[str, Traffic]:
        with self._lock:
            counted, self._traffic = self._traffic, {}
        return counted

    def close(self) -> None:
        """Ends the connections and notes the last requests in the book. Raises StoreError when it cannot."""
        with self._lock:
            hosts, self._hosts = list(self._hosts.values()), {}
        for host in hosts:
            host.wire.close()
        for host in hosts:
            host.notes.close()

    # --- one page, several exchanges ---

    def _follow(
        self,
        url: "httpx.URL",
        request: PageRequest,
        source: str,
        *,
        obey: bool,
        limit: int = PAGE_LIMIT,
    ) -> Page:
        from monitor.session.redirects import check, host_of, target

        check(url)
        asked, crawl_delay = "", 0.0
        for _ in range(REDIRECT_LIMIT + 1):
            host = self._host(url)
            if host.name != asked:
                # A redirect within the host is part of the site's answer to a permitted address:
                # a captcha page is recognised as such and not taken for a ban by robots.txt.
                crawl_delay = self._rules(host, url, source).crawl_delay(host.name, str(url)) if obey else 0.0
                asked = host.name
            answer = self._exchange(host, url, request, source, crawl_delay=crawl_delay, limit=limit)
            following = target(answer.status, answer.headers, url, posted=request.verb != "GET")
            if following is None:
                return Page(answer.status, answer.headers, answer.body, str(url), self._clock.now())
            if host_of(following) != host.name:
                request = replace(request, headers={})  # a key or an ETag is for the host it was meant for
            url = following
        raise AddressRefused(f"{host_of(url)}: больше {REDIRECT_LIMIT} переадресаций подряд")

    def _exchange(
        self,
        host: _Host,
        url: "httpx.URL",
        request: PageRequest,
        source: str,
        *,
        crawl_delay: float,
        limit: int,
    ) -> "Answer":
        with host.lock:
            self._wait(host, source, crawl_delay)
            self._mark(host, source, crawl_delay, page=url.raw_path != ROBOTS_PATH)
            answer = host.wire.exchange(
                url,
                self._dressed(request.headers),
                request.form,
                limit,
                content=request.content,
                method=request.verb,
            )
            self._count(source, host.wire, answer)
            if isinstance(answer, FetchError):
                raise answer
            if answer.status in (429, 503):
                now = self._clock.now()
                wait = read_wait(answer.headers.get("retry-after", ""), now=now)
                if wait is not None:
                    host.notes.wait_asked(source, now + wait)
        return answer

    def _dressed(self, headers: Mapping[str, str]) -> dict[str, str]:
        """A source may say what it accepts, not who we are or how we unpack."""
        kept = {
            name.title(): value
            for name, value in headers.items()
            if name.lower() not in OURS and (name.lower() not in CONDITIONS or _is_header(value))
        }
        return {"Accept": "*/*", **kept, "User-Agent": user_agent(self._contact), "Accept-Encoding": "gzip"}

    # --- pace ---

    def _owed(self, source: str, crawl_delay: float) -> float:
        return max(self._paces.get(source, timedelta()).total_seconds(), crawl_delay)

    def _wait(self, host: _Host, source: str, crawl_delay: float) -> None:
        """Sleeps until the host may be asked again; raises Unreachable where that is for another pass."""
        owed = self._owed(source, crawl_delay)
        if owed:
            self._hear(host)
        if host.notes.wait_until(source) is not None:
            raise Unreachable(f"{host.name}: сайт просил подождать (Retry-After), раньше не спрашиваем")
        # A delay that outlasts the pass holds between pages only: were robots.txt to count, which is read anew every
        # day, a delay of a day would never let a page through.
        long = crawl_delay > LONGEST_CRAWL_DELAY
        owed *= 1 + JITTER_SHARE * self._jitter()
        while True:
            since = host.paged if long else host.started
            wait = 0.0 if since is None else since + owed - self._monotonic()
            if wait <= 0:
                return
            if long:
                raise Unreachable(
                    f"{host.name}: robots.txt просит не больше одного запроса за {crawl_delay:g} с, "
                    "остальное — в следующие проходы"
                )
            self._sleep(wait)
            if not self._hear(host):
                return

    def _hear(self, host: _Host) -> bool:
        """Whether an earlier or another process has asked the host since we last looked; the pace counts from there."""
        ago = host.notes.asked_by_others()
        if ago is None:
            return False
        then = self._monotonic() - ago.total_seconds()
        host.started = then if host.started is None else max(host.started, then)
        host.paged = then if host.paged is None else max(host.paged, then)
        return True

    def _mark(self, host: _Host, source: str, crawl_delay: float, *, page: bool) -> None:
        """A request goes out now."""
        host.started = self._monotonic()
        if page:
            host.paged = host.started
            host.notes.asked(save=self._owed(source, crawl_delay) >= PACE_WORTH_NOTING)

    # --- robots.txt ---

    def _rules(self, host: _Host, url: "httpx.URL", source: str) -> Rules:
        with host.rules_lock:
            if host.rules is None or host.rules.until <= self._monotonic():
                host.rules = self._kept_rules(host) or self._read_rules(host, url, source)
            return host.rules

    def _kept_rules(self, host: _Host) -> Rules | None:
        """What this or another process read within the last day."""
        text, left = host.notes.robots() or ("", timedelta())
        return Rules.of(text, self._monotonic() + left.total_seconds()) if left > timedelta() else None

    def _read_rules(self, host: _Host, url: "httpx.URL", source: str) -> Rules:
        address = url.copy_with(raw_path=ROBOTS_PATH, fragment=None)
        try:
            request = PageRequest(url=str(address), label="robots.txt")
            page = self._follow(address, request, source, obey=False, limit=ROBOTS_LIMIT)
        except FetchError as error:
            reason = str(error).removeprefix(f"{host.name}: ")
            return self._unreadable(host, f"robots.txt сейчас не прочитать ({reason})")
        if page.status >= 500 or page.status == 429:
            return self._unreadable(host, f"robots.txt сейчас не прочитать (ответ {page.status})")
        # RFC 9309: any other refusal means there are no rules; if the site does not want us, the page itself says so.
        text = page.body.decode("utf-8-sig", "replace") if page.status == 200 else ""
        host.notes.robots_read(text)
        return Rules.of(text, self._monotonic() + ROBOTS_KEPT.total_seconds())

    def _unreadable(self, host: _Host, failure: str) -> Rules:
        """For a while: the rules of the last days, where there are any, else none that let us in."""
        until = self._monotonic() + FAILURE_KEPT
        kept = host.notes.robots()
        return Rules.unreadable(failure, until) if kept is None else Rules.of(kept[0], until)

    # --- bookkeeping ---

    def _host(self, url: "httpx.URL") -> _Host:
        from monitor.session.redirects import host_of
        from monitor.session.wire import Wire

        name = host_of(url)
        with self._lock:
            if name not in self._hosts:
                wire = Wire(
                    name,
                    secure=url.scheme == "https",
                    timeout=self._timeout,
                    allow_loopback=self._allow_loopback,
                    resolve=self._resolve,
                    monotonic=self._monotonic,
                )
                self._hosts[name] = host = _Host(name, wire, Notes(name, self._book, self._clock))
                self._hear(host)
            return self._hosts[name]

    def _count(self, source: str, wire: "Wire", answer: "Answer | FetchError") -> None:
        unchanged = not isinstance(answer, FetchError) and answer.status == 304
        cost = Traffic(requests=int(wire.sent), bytes=wire.received, unchanged=int(unchanged))
        with self._lock:
            self._traffic[source] = self._traffic.get(source, Traffic()) + cost


def _is_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and len(value) <= LONGEST_CONDITION


def user_agent(contact: str) -> str:
    """`otklik/0.1.0 (+admin@example.ru)`: ASCII, whatever the contact is made of."""
    from monitor import VERSION

    cleaned = "".join(character for character in contact if character.isprintable()).strip()
    ours = f"{ROBOT}/{VERSION}"
    return f"{ours} (+{quote(cleaned, safe='@:/+.-_~?=&%#, ', errors='replace')})" if cleaned else ours
