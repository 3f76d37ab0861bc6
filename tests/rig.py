"""A whole Отклик around the stand-in sites, with time standing still: what tests of the engine drive.

Pages come straight from the stand-in's renderers; `test_whole_path.py` runs the same over real sockets.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.config import load
from monitor.model import Page, PageRequest, TicketState, Token, Traffic
from monitor.runners.once import PassReport, run_pass
from monitor.seams import Clock
from monitor.standin import sites
from monitor.standin.site import Request
from monitor.standin.world import World
from monitor.store.tickets import Filters
from tests.fakes import FrozenClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "http://127.0.0.1:8765"
HEAD = """
business: {name: Кафе «Ромашка», sector: food, signature: Команда «Ромашки»}
database: otklik.db
sla: {enforce_from: 2d}
escalation: {support: [support@example.ru], owner: [owner@example.ru], collapse_over: 10}
mail: {transport: file, from: otklik@example.ru}
http: {allow_loopback: true, contact: admin@example.ru}
"""


class DirectSession:
    """A Session that asks the stand-in without a socket. `before` runs ahead of every request, for tests that
    let time pass or change the world in the middle of a read."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.requests: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self._clock = clock

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        self.before()
        headers = {name.lower(): value for name, value in request.headers.items()} | {"host": "127.0.0.1:8765"}
        if request.bearer and token is not None:
            headers["authorization"] = f"Bearer {token.value}"
        body = request.content or b""
        if request.form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(request.form).encode()
        page = self._ask(request.verb, request.url, headers, body)
        while "location" in page.headers:
            page = self._ask(request.verb, urljoin(page.url, page.headers["location"]), headers, body)
        self.requests.append(f"{source} {urlsplit(page.url).path}")
        return page

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Page:
        request = Request.of(method, url, headers, body, at=self._clock.now(), host="127.0.0.1:8765")
        answer = sites.respond(self.world, request)
        answered = {name.lower(): value for name, value in answer.headers.items()}
        return Page(answer.status, answered, answer.body, url, self._clock.now())

    def traffic(self) -> Mapping[str, Traffic]:
        return {}

    def close(self) -> None:
        """Nothing is open."""


class Rig:
    """`world` is the truth of the sites, `clock` the time; `run()` is one pass."""

    def __init__(self, folder: Path, world: World, *, extra: str = "", head: str = HEAD) -> None:
        self.folder = folder
        self.world = world
        self.clock = FrozenClock(world.now)
        self.session = DirectSession(world, self.clock)
        self.config_path = folder / "config.yaml"
        self.config_path.write_text(head + sources_yaml(BASE) + places_yaml(world) + extra, encoding="utf-8")
        self.app = Application(load(self.config_path), self.clock, self.session)

    def run(self, after: timedelta = timedelta()) -> PassReport:
        """One pass, `after` so much time."""
        self.clock.advance(after)
        return run_pass(self.app.current().engine(), self.app.config.http.pass_budget)

    def restart(self) -> None:
        """Forgets everything but the files, as a new process would."""
        self.app.close()
        self.app = Application(load(self.config_path), self.clock, self.session)

    def queue(self, filters: Filters | None = None) -> list[TicketView]:
        return self.app.reports.queue(filters or Filters(), self.clock.now())

    def everything(self) -> list[TicketView]:
        return self.queue(Filters(tuple(TicketState)))

    def ticket_of(self, external_id: str) -> TicketView:
        return next(view for view in self.everything() if view.external_id == external_id)

    def mails(self) -> list[Path]:
        return sorted(self.app.config.outbox.glob("*.eml"))

    def digest(self) -> str:
        return self.app.store.content_digest()


def sources_yaml(base_url: str) -> str:
    own: Mapping[str, str] = {
        "google_business": "client_id_env: GOOGLE_CLIENT_ID, client_secret_env: GOOGLE_CLIENT_SECRET, "
        "refresh_token_env: GOOGLE_REFRESH_TOKEN",
        "twogis": "key_env: TWOGIS_KEY",
        "otzovik": "representative: true",
        "yandex_maps": "",
        "irecommend": "",
    }
    common = f'base_url: "{base_url}", pace: 0s, every: 1m'
    lines = [f"  {name}: {{{', '.join(filter(None, [common, options]))}}}" for name, options in own.items()]
    return "\n".join(["sources:", *lines, ""])


def places_yaml(world: World) -> str:
    lines = ["places:"]
    for place in dict.fromkeys(card.place for card in world.cards()):
        lines += [f"  - id: {place}", "    title: «Ромашка»", "    timezone: Europe/Moscow", "    listings:"]
        lines += [
            "      - {" + ", ".join(f'{key}: "{value}"' for key, value in card.listing.items()) + "}"
            for card in world.cards()
            if card.place == place
        ]
    return "\n".join([*lines, ""])
