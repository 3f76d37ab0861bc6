"""HttpSession: manners toward sites, over `wire.py`."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.errors import AddressRefused, FetchError, RobotsDenied, Unreachable
from monitor.model import Page, PageRequest, Token, Traffic
from monitor.seams import Clock
from monitor.session.addresses import resolve as resolve_by_dns

if TYPE_CHECKING:
    import httpx
    from protego import Protego

    from monitor.session.wire import Answer, Resolve, Wire

PAGE_LIMIT = 8 << 20
ROBOTS_LIMIT = 512 << 10
"""Bytes of an unpacked page and of a robots.txt (RFC 9309 asks for at least 500 KiB)."""

ROBOT = "otklik"
"""Our name in robots.txt."""

OURS = ("user-agent", "accept-encoding", "cookie")
"""Headers a source does not decide about."""

REDIRECT_LIMIT = 5
JITTER_SHARE = 0.25
LONGEST_CRAWL_DELAY = 60.0
ROBOTS_KEPT = 24 * 3600.0
FAILURE_KEPT = 60.0
"""Seconds. A longer Crawl-delay is honoured by leaving the rest to the next pass; rules are read anew after a day
(RFC 9309), an unreadable robots.txt is asked for again after a minute."""

LONGEST_RETRY_AFTER = timedelta(days=1)


@dataclass(slots=True)
class _Rules:
    """What robots.txt said, or why it could not be read; `until` by the monotonic clock."""

    parsed: "Protego | None"
    failure: str
    until: float


@dataclass(slots=True)
class _Host:
    """`lock` is held for a whole exchange, waiting included; `rules_lock` while robots.txt is read.

    `asked` tells until when the site asked to be left alone, by source: the stand-in serves several from one host.
    """

    name: str
    wire: "Wire"
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float | None = None
    rules_lock: threading.Lock = field(default_factory=threading.Lock)
    rules: _Rules | None = None
    asked: dict[str, datetime] = field(default_factory=dict)


class HttpSession:
    """Fetches pages as a guest should. Safe to use from several threads.

    `paces` and `robots` (whether robots.txt is obeyed) go by source; a source they do not name has
    no pace of its own and obeys. `timeout` holds for connecting and for each silence; a whole
    exchange may take three. `jitter` answers 0 to 1.
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
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._resolve = resolve
        self._hosts: dict[str, _Host] = {}
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
        return self._follow(url, headers, request.form, source, obey=self._robots.get(source, True))

    def traffic(self) -> Mapping[str, Traffic]:
        return {}

    def close(self) -> None:
        with self._lock:
            hosts, self._hosts = list(self._hosts.values()), {}
        for host in hosts:
            host.wire.close()

    # --- one page, several exchanges ---

    def _follow(
        self,
        url: "httpx.URL",
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
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
                crawl_delay = self._crawl_delay(host, url, source) if obey else 0.0
                asked = host.name
            answer = self._exchange(host, url, headers, form, source, crawl_delay=crawl_delay, limit=limit)
            following = target(answer.status, answer.headers, url, posted=form is not None)
            if following is None:
                return Page(answer.status, answer.headers, answer.body, str(url), self._clock.now())
            if host_of(following) != host.name:
                headers = {}  # a key or an ETag is for the host it was meant for
            url = following
        raise AddressRefused(f"{host_of(url)}: больше {REDIRECT_LIMIT} переадресаций подряд")

    def _exchange(
        self,
        host: _Host,
        url: "httpx.URL",
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        source: str,
        *,
        crawl_delay: float,
        limit: int,
    ) -> "Answer":
        with host.lock:
            self._wait(host, source, crawl_delay)
            host.started = self._monotonic()
            answer = host.wire.exchange(url, self._dressed(headers), form, limit)
        if isinstance(answer, FetchError):
            raise answer
        if answer.status in (429, 503):
            asked = retry_after(answer.headers.get("retry-after", ""), self._clock.now())
            if asked is not None:
                host.asked[source] = asked
        return answer

    def _dressed(self, headers: Mapping[str, str]) -> dict[str, str]:
        """A source may say what it accepts, not who we are or how we unpack."""
        kept = {name.title(): value for name, value in headers.items() if name.lower() not in OURS}
        return {"Accept": "*/*", **kept, "User-Agent": user_agent(self._contact), "Accept-Encoding": "gzip"}

    def _wait(self, host: _Host, source: str, crawl_delay: float) -> None:
        """Sleeps until the host may be asked again; raises Unreachable where that is for another pass."""
        until = host.asked.get(source)
        if until is not None and self._clock.now() < until:
            raise Unreachable(f"{host.name}: сайт просил подождать (Retry-After), раньше не спрашиваем")
        if host.started is None:
            return
        owed = max(self._paces.get(source, timedelta()).total_seconds(), crawl_delay)
        wait = host.started + owed * (1 + JITTER_SHARE * self._jitter()) - self._monotonic()
        if wait <= 0:
            return
        if crawl_delay > LONGEST_CRAWL_DELAY:
            raise Unreachable(
                f"{host.name}: robots.txt просит не больше одного запроса за {crawl_delay:g} с, "
                "остальное — в следующие проходы"
            )
        self._sleep(wait)

    # --- robots.txt ---

    def _crawl_delay(self, host: _Host, url: "httpx.URL", source: str) -> float:
        """Seconds robots.txt asks for between requests. Raises RobotsDenied, or Unreachable where it cannot be read."""
        with host.rules_lock:
            if host.rules is None or host.rules.until <= self._monotonic():
                host.rules = self._read_rules(host, url, source)
            rules = host.rules
        if rules.parsed is None:
            raise Unreachable(f"{host.name}: {rules.failure}")
        if not rules.parsed.can_fetch(str(url), ROBOT):
            raise RobotsDenied(
                f"{host.name}: robots.txt не разрешает читать этот адрес; "
                "владелец карточки может разрешить это сам: sources.<сайт>.robots: own-card"
            )
        delay = rules.parsed.crawl_delay(ROBOT)
        return float(delay) if delay is not None and isfinite(delay) and delay > 0 else 0.0

    def _read_rules(self, host: _Host, url: "httpx.URL", source: str) -> _Rules:
        from protego import Protego

        address = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        try:
            page = self._follow(address, {}, None, source, obey=False, limit=ROBOTS_LIMIT)
        except FetchError as error:
            reason = str(error).removeprefix(f"{host.name}: ")
            return self._unreadable(f"robots.txt сейчас не прочитать ({reason})")
        if page.status >= 500 or page.status == 429:
            return self._unreadable(f"robots.txt сейчас не прочитать (ответ {page.status})")
        # RFC 9309: any other refusal means there are no rules; if the site does not want us, the page itself says so.
        text = page.body.decode("utf-8-sig", "replace") if page.status == 200 else ""
        return _Rules(Protego.parse(text), "", self._monotonic() + ROBOTS_KEPT)

    def _unreadable(self, failure: str) -> _Rules:
        return _Rules(None, failure, self._monotonic() + FAILURE_KEPT)

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
                self._hosts[name] = _Host(name, wire)
            return self._hosts[name]


def user_agent(contact: str) -> str:
    """`otklik/0.1.0 (+admin@example.ru)`: ASCII, whatever the contact is made of."""
    from monitor import VERSION

    cleaned = "".join(character for character in contact if character.isprintable()).strip()
    ours = f"{ROBOT}/{VERSION}"
    return f"{ours} (+{quote(cleaned, safe='@:/+.-_~?=&%#, ', errors='replace')})" if cleaned else ours


def retry_after(value: str, now: datetime) -> datetime | None:
    """Until when the site asks to be left alone: seconds or an HTTP date, at most a day from `now`; None if unclear."""
    from email.utils import parsedate_to_datetime

    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return min(moment, now + LONGEST_RETRY_AFTER)
