"""What the pages of the desk cost among a million reviews of which fifty thousand wait, on one core: milliseconds at
p50 and p95, kB of the page as browsers get it (packed) and unpacked.

python bench/desk_pages.py --folder DIR [--reviews 1000000] [--open 50000] [--runs 60] [--only PART]

The database is that of `bench/desk_store.py`, made in DIR where it is not there. On top of it come an outbox,
colleagues, cards that were read, drafts of ours, and a ticket with many versions and notes. `otklik desk` runs as a
process of its own on one core, with its clock at the day of the database, and is asked over loopback, one question
after another, by a client on another core: `core` is what the desk works for an answer, `wall` what the client waits
for it, which a busy machine makes longer. Ends with 1 where a page takes a tenth of a second on the wall or weighs
100 kB packed, or names another host but in a link that a person clicks.
"""

import argparse
import multiprocessing
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from bs4 import BeautifulSoup

from bench.desk_store import NOW, RARE, built
from monitor import passwords
from monitor.accounts import Role
from monitor.assemble import Application
from monitor.clock import SystemClock, to_iso
from monitor.desk.visit import FRAGMENT
from monitor.store.tickets import Filters

SLOWEST = 100.0
"""Milliseconds that a page may take at p95."""

HEAVIEST = 100.0
"""kB of a page."""

LOGIN, PASSWORD = "bench", "осенний дождь за окном"
MAILS, COLLEAGUES, VERSIONS, NOTES = 100_000, 50, 19, 30

LOADS = ("src", "srcset", "action", "formaction", "poster", "data", "background", "ping", "manifest", "style", "cite")
"""Attributes by which a page asks somebody by itself; `href` does in anything but a link."""

ELSEWHERE = re.compile(r"(?:https?:|wss?:)?//[\w.-]+", re.IGNORECASE)


class Question(NamedTuple):
    """`ask` gets the number of the run. `weighs`: it is a page, and not a part of one."""

    name: str
    ask: Callable[[int], httpx.Response]
    weighs: bool = True


class Told(NamedTuple):
    """`core` and `wall`: milliseconds at p50 and p95. `weight` on the way, `unpacked` in the browser: kB."""

    question: Question
    core: tuple[float, float]
    wall: tuple[float, float]
    weight: float
    unpacked: float

    @property
    def holds(self) -> bool:
        return self.wall[1] < SLOWEST and not (self.question.weighs and self.weight >= HEAVIEST)


# --- what the desk finds ---------------------------------------------------------------------------


class Furnished(NamedTuple):
    """Tickets: with a draft of ours, and the one with the most of everything."""

    drafted: list[int]
    heavy: int


def furnish(app: Application) -> Furnished:
    """What a desk has after years of work, once."""
    accounts = app.store.accounts
    if accounts.find(LOGIN) is None:
        with app.store.write():
            for number in range(COLLEAGUES):
                accounts.add(f"colleague{number}", name=f"Анна {number}", role=Role.OPERATOR, places=None, now=NOW)
            accounts.add(LOGIN, name="Ольга", role=Role.ADMINISTRATOR, places=None, now=NOW)
            _mails(app)
            _reads(app)
    with app.store.write():
        accounts.set_password(accounts.of(LOGIN).id, passwords.hashed(PASSWORD))
        app.store.passes.finish(app.store.passes.begin(NOW), {}, failures=False, now=NOW)
    urgent = list(app.store.tickets.page(Filters(limit=500, now=NOW, dangers_first=True)).tickets)
    return Furnished(_drafted(app, urgent[::17]), _heavy(app, urgent))


def _mails(app: Application) -> None:
    connection = app.store._db.sqlite
    at = [to_iso(NOW - timedelta(minutes=MAILS - number)) for number in range(MAILS)]
    states = ["failed" if number % 2_000 == 7 else "sent" for number in range(MAILS - 20)] + ["pending"] * 20
    connection.executemany(
        """INSERT INTO notification (id, message_id, kind, level, recipient, state, created_at, next_try_at, attempts,
        sent_at, error) VALUES (?, ?, 'deadline', 'breach', 'support@example.ru', ?, ?, ?, 1, ?, ?)""",
        (
            (number + 1, f"<{number}@example.ru>", state, made, made, made if state == "sent" else None, None)
            for number, (made, state) in enumerate(zip(at, states, strict=True))
        ),
    )
    (last,) = connection.execute("SELECT max(id) FROM ticket").fetchone()
    pairs = ((number + 1, last - number % last, "breach") for number in range(MAILS))
    connection.executemany(
        "INSERT INTO notification_ticket (notification_id, ticket_id, moment) VALUES (?, ?, ?)", pairs
    )


def _reads(app: Application) -> None:
    """Every card was read to its end five minutes ago; every tenth fails since."""
    read, soon = to_iso(NOW - timedelta(minutes=5)), to_iso(NOW + timedelta(minutes=25))
    app.store._db.execute(
        """UPDATE listing SET first_success_at = :read, enforce_from = :read, imported_at = :read, last_good_at = :read,
        last_complete_at = :read, complete_seen = 1200, complete_declared = 1210, declared_total = 1210,
        next_check_at = :soon, error_count = id % 10 = 3, error_kind = iif(id % 10 = 3, 'Unreachable', NULL),
        error_message = iif(id % 10 = 3, 'the site did not answer within 20 s', NULL),
        error_at = iif(id % 10 = 3, :read, NULL), failing_since = iif(id % 10 = 3, :read, NULL)""",
        {"read": read, "soon": soon},
    )


def _drafted(app: Application, tickets: list[int]) -> list[int]:
    actions = app.actions(LOGIN)
    for view in app.reports.tickets(tickets, NOW):
        if view.draft_author != LOGIN:
            actions.take(view.ticket, over=view.assignee)
            actions.draft(view.ticket)
    return tickets


def _heavy(app: Application, urgent: list[int]) -> int:
    """The one with the longest review, with many versions of its reply and notes."""
    view = max(app.reports.tickets(urgent, NOW), key=lambda view: (view.draft_number == VERSIONS + 1, len(view.text)))
    actions = app.actions(LOGIN)
    if view.draft_number != VERSIONS + 1:
        actions.take(view.ticket, over=view.assignee)
        for number in range(VERSIONS):
            words = f"Здравствуйте! Спасибо, что написали о визите {number + 1} ноября. "
            words += "Мы поговорили со сменой и разобрались, почему заказ задержали. " * 12
            actions.edit(view.ticket, words)
        for number in range(NOTES):
            actions.note(view.ticket, f"Заметка {number}: говорила с гостем, ждёт ответа до вечера, смена Марины.")
    return view.ticket


# --- the desk and whoever asks it -------------------------------------------------------------------


def serve(config: Path, port: int, core: int) -> None:
    """`otklik desk`, its clock at the day of the database, its log in a file."""
    from monitor.cli.desk import desk

    os.sched_setaffinity(0, {core})
    own, ahead = SystemClock.now, NOW - SystemClock().now()
    SystemClock.now = lambda self: own(self) + ahead  # type: ignore[method-assign]  # the command knows no other clock
    with config.with_name("desk.log").open("w", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
        desk.main(["--config", str(config), "--port", str(port)])


class Server(NamedTuple):
    address: str
    pid: int

    def worked(self) -> float:
        """Milliseconds that its threads have had a core; they live as long as it does."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e6


@contextmanager
def desk_process(config: Path, core: int) -> Iterator["Server"]:
    """A desk that answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(config, port, core))
    process.start()
    try:
        for _ in range(600):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert process.pid is not None
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.join()


class Browser:
    """Somebody who is logged in."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=120, trust_env=False)
        answer = self._client.post("/login", data={"login": LOGIN, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        self.csrf = self.soup("/me").select("form input[name=csrf]")[0]["value"]

    def get(self, path: str, *, fragment: bool = False, etag: str = "") -> httpx.Response:
        headers = {FRAGMENT: "1"} if fragment else {}
        return self._client.get(path, headers=headers | ({"if-none-match": etag} if etag else {}))

    def post(self, path: str, **fields: str) -> httpx.Response:
        """As our script sends it."""
        return self._client.post(path, data={"csrf": self.csrf, **fields}, headers={FRAGMENT: "1"})

    def soup(self, path: str) -> BeautifulSoup:
        return BeautifulSoup(self.get(path).text, "lxml")


# --- what is asked ---------------------------------------------------------------------------------------


def queue(browser: Browser) -> Iterator[Question]:
    """The list, its fragments, its filters, the search."""

    def pages(*queries: str) -> Callable[[int], httpx.Response]:
        return lambda run: browser.get(f"/queue?{queries[run % len(queries)]}" if queries[0] else "/queue")

    etag = browser.get("/queue").headers["etag"]
    yield Question("queue, first page", pages(""))
    yield Question("queue, nothing new (304)", lambda _: browser.get("/queue", fragment=True, etag=etag), weighs=False)
    yield Question("queue, news", lambda _: browser.get("/queue", fragment=True, etag='W/"0"'), weighs=False)
    following = str(browser.soup("/queue").select("#pager a[rel=next]")[0]["href"]).partition("?")[2]
    yield Question("queue, second page", pages(following))
    form = browser.soup("/queue").select(".filters form")[0]
    for select in form.select("select"):
        values = [str(option["value"]) for option in select.select("option") if option["value"]]
        yield Question(f"filter: {select['name']}", pages(*(f"{select['name']}={value}" for value in values)))
    for box in form.select("input[type=checkbox]"):
        yield Question(f"filter: {box['name']}", pages(f"{box['name']}=1"))
    yield Question("filter: place and theme", pages("place=p7&theme=waiting", "place=p9&theme=staff"))
    yield Question("filter: tone, unassigned", pages("tone=negative&free=1", "tone=positive&free=1"))
    for name, words in SEARCHES.items():
        yield Question(f"search: {name}", pages(*(f"q={word}" for word in words)))
    yield Question("search in all states", pages("q=официантка хамить&state=all", "q=холодный суп&state=all"))


SEARCHES = {
    "a rare word": (RARE, "жемчуг"),
    "usual words": ("ждать", "хамство", "официантка", "холодный", "парковка"),
    "a common word": ("спасибо", "хороший", "очень"),
    "two words": ("официантка хамить", "ждать час", "холодный суп"),
    "two common words": ("хороший место", "очень спасибо"),
    "a beginning": ("официант", "хамст", "парков"),
    "an author": ("Гульназова", "Света Ким"),
    "nothing": ("абракадабра", "гиппопотам жемчуг"),
}


def tickets(browser: Browser, some: list[int], furnished: Furnished) -> Iterator[Question]:
    """A ticket's page and what its script asks."""

    def text(ticket: int) -> str:
        return str(browser.soup(f"/t/{ticket}").select("#text")[0].get_text())

    written, heavy = furnished
    words = {ticket: text(ticket) for ticket in [*written, heavy]}

    def asked(end: str, *of: int) -> Callable[[int], httpx.Response]:
        return lambda run: browser.post(f"/t/{of[run % len(of)]}/{end}", text=words[of[run % len(of)]] + f" {run}")

    yield Question("ticket", lambda run: browser.get(f"/t/{some[run % len(some)]}"))
    yield Question("ticket, from the queue", lambda run: browser.get(f"/t/{some[run % len(some)]}?from="))
    yield Question("ticket, from a search", lambda run: browser.get(f"/t/{some[run % len(some)]}?from=q%3Dочень"))
    yield Question("ticket, the heaviest", lambda _: browser.get(f"/t/{heavy}?from="))
    yield Question("ticket, its state", lambda run: browser.get(f"/t/{some[run % len(some)]}", fragment=True), False)
    yield Question("ticket, lint", asked("lint", *written), weighs=False)
    yield Question("ticket, lint of the heaviest", asked("lint", heavy), weighs=False)
    yield Question("ticket, other wordings", asked("swaps", *written), weighs=False)
    yield Question("ticket, wordings of the heaviest", asked("swaps", heavy), weighs=False)
    yield Question(
        "draft in the list", lambda run: browser.get(f"/queue/{some[run % len(some)]}/draft", fragment=True), False
    )


def rooms(browser: Browser) -> Iterator[Question]:
    etag = browser.get("/today").headers["etag"]
    yield Question("today", lambda _: browser.get("/today"))
    yield Question("today, nothing new (304)", lambda _: browser.get("/today", fragment=True, etag=etag), weighs=False)
    for path in ("/sources", "/outbox", "/outbox?state=failed", "/audit", "/me"):
        yield Question(path.removeprefix("/"), lambda _, path=path: browser.get(path))  # type: ignore[misc]
    yield Question("sources, fragment", lambda _: browser.get("/sources", fragment=True), weighs=False)


# --- how it is judged -----------------------------------------------------------------------------------------


def measured(question: Question, runs: int, server: Server) -> Told:
    """A warm-up aside. Raises AssertionError for an answer that is none, or names another host."""
    took, weights, unpacked = [], [], []
    for run in range(runs + 1):
        worked, started = server.worked(), time.perf_counter()
        answer = question.ask(run)
        wall = 1000 * (time.perf_counter() - started)
        took.append((server.worked() - worked, wall))
        assert answer.status_code in (200, 304), f"{question.name}: {answer.status_code} {answer.url}"
        weights.append(answer.num_bytes_downloaded / 1000)
        unpacked.append(len(answer.content) / 1000)
        if run in (0, runs):
            strangers = set(named(answer.text, server.address))
            assert not strangers, f"{question.name}: {strangers}"
    core, wall_times = (sorted(kind) for kind in zip(*took[1:], strict=True))
    return Told(question, _shares(core), _shares(wall_times), max(weights), max(unpacked))


def _shares(sort: list[float]) -> tuple[float, float]:
    return sort[len(sort) // 2], sort[int(len(sort) * 0.95)]


def named(html: str, address: str) -> Iterator[str]:
    """What of other hosts a page would ask for by itself."""
    for tag in BeautifulSoup(html, "lxml").find_all(True):
        for name, value in tag.attrs.items():
            if name in LOADS or (name == "href" and tag.name != "a"):
                yield from (found for found in ELSEWHERE.findall(str(value)) if urlsplit(address).netloc not in found)


def bundles(browser: Browser) -> float:
    """kB of style and script, which browsers keep for good; neither names a host."""
    page, weight = browser.soup("/queue"), 0.0
    for path in (page.select("link[rel=stylesheet]")[0]["href"], page.select("script[src]")[0]["src"]):
        answer = browser.get(str(path))
        assert "immutable" in answer.headers["cache-control"]
        assert not ELSEWHERE.search(re.sub(r"/\*.*?\*/|(?<![:\"'])//.*", "", answer.text, flags=re.DOTALL)), path
        weight += len(answer.content) / 1000
    return weight


def questions(browser: Browser, some: list[int], furnished: Furnished) -> Iterator[Question]:
    yield from queue(browser)
    yield from tickets(browser, some, furnished)
    yield from rooms(browser)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--reviews", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--only", default="", help="a part of the name of what is asked")
    options = parser.parse_args()
    app = built(options.folder, options.reviews, options.open)
    config, furnished = app.config.database.with_name("config.yaml"), furnish(app)
    some = list(app.store.tickets.page(Filters(limit=1000, now=NOW, backlog=False)).tickets)[::7]
    app.close()
    mine, its = _cores()
    os.sched_setaffinity(0, {mine})
    with desk_process(config, its) as server:
        browser = Browser(server.address)
        print(f"{options.reviews:,} reviews, {options.open:,} open; load average {os.getloadavg()[0]:.1f}")
        print(f"style and script, kept by the browser: {bundles(browser):.0f} kB")
        print(f"{'ms':<34}{'core p50':>9}{'p95':>8}{'wall p50':>10}{'p95':>8}{'kB':>8}{'unpacked':>10}")
        told = []
        for question in questions(browser, some, furnished):
            if options.only in question.name:
                told.append(measured(question, options.runs, server))
                _print(told[-1])
        print(f"load average {os.getloadavg()[0]:.1f}")
    if wrong := [one.question.name for one in told if not one.holds]:
        raise SystemExit(f"too slow or too heavy: {', '.join(wrong)}")


def _cores() -> tuple[int, int]:
    """One for the client, one for the desk."""
    own = sorted(os.sched_getaffinity(0))
    return own[0], own[-1]


def _print(one: Told) -> None:
    core, wall = (f"{half:8.1f}{most:8.1f}" for half, most in (one.core, one.wall))
    weights = f"{one.weight:8.1f}{one.unpacked:10.1f}{'' if one.holds else '  !'}"
    print(f"{one.question.name:<34}{core:>17}{wall:>18}{weights}", flush=True)


if __name__ == "__main__":
    main()
