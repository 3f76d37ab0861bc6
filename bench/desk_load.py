"""Operators at the desk for some minutes, on loopback, beside a worker that reads what guests write meanwhile: what
they were answered, how fast, and whether everything that was answered with success is in the database, once.

python bench/desk_load.py [--operators 50] [--minutes 5] [--reviews 1500]

The stand-in sites, `otklik worker` and `otklik desk` are processes of their own. Each operator logs in, leaves the
queue open, which asks for news as its script does, and works: takes a ticket, writes, has it checked, approves,
submits, dismisses, leaves notes, once in six to ten seconds. They compete for the same tickets: to be refused (409) is
no error. Ends with 1 where something failed, was lost or doubled, where the worker did not bring every review, or a
kind of request took 300 ms at p95, logging in aside: a password is checked slowly on purpose.
"""

import argparse
import asyncio
import html
import os
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.desk_world import PASSWORD, Guests, address, furnish, rows, running
from bench.intake import sites
from monitor.clock import SystemClock, to_iso
from monitor.desk.visit import FRAGMENT
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World

SLOWEST = 300.0
"""Milliseconds at p95."""

PLACES = 6
LOG_IN = "log in"
POLL, PATIENCE = 20.0, 20.0
COMING, THINKING, TYPING = 20.0, (6.0, 10.0), 0.3
"""Seconds: everybody has come by then; between two actions; between two checks of a text."""

PAUSE = 5
"""Seconds between two passes of the worker."""

CATCHING_UP = 150
"""Seconds that the worker has for the last reviews: cards are read every minute."""

VIEWS = ("", "", "", "free=1", "danger=1", "tone=negative", "q=ждать", "place=place-2")
EVENTS = {
    "take": "taken",
    "save": "edited",
    "approve": "approved",
    "submit": "submitted",
    "dismiss": "dismissed",
    "note": "noted",
}
"""What an operator does, and the event that tells of it."""

WORK = """
SELECT count(*) AS passes, coalesce(sum(outcome NOT IN ('ok', 'running')), 0) AS failed,
    (SELECT count(*) FROM review WHERE first_seen_at >= ?1) AS brought FROM pass WHERE started_at >= ?1"""


Fields = Mapping[str, str] | None


class Work(NamedTuple):
    """Of the worker: passes, how many of them failed or died, reviews they brought."""

    passes: int
    failed: int
    brought: int


class Refused(Exception):
    """Somebody else was faster."""


class Evening(Exception):
    """Time to go home."""


class Tally:
    """What the operators were answered. `done`: (login, ticket, event) → how often it succeeded; `written`: what they
    saved and noted; `refusals`: kind of request, why."""

    def __init__(self) -> None:
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.done: Counter[tuple[str, int, str]] = Counter()
        self.written: Counter[tuple[str, str, str]] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.errors: list[str] = []


class Operator:
    """One browser of one person, until `over` (of `time.monotonic`)."""

    def __init__(self, login: str, address: str, tally: Tally, over: float) -> None:
        self.login, self._tally, self._over = login, tally, over
        self._client = httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False)
        self._dice = random.Random(login)
        self._csrf = self._etag = ""

    async def run(self) -> None:
        await asyncio.sleep(self._dice.uniform(0, COMING))
        try:
            fields = {"login": self.login, "password": PASSWORD}
            await self._ask(LOG_IN, "POST", "/login", fields)
            await self._look("")
            await asyncio.gather(self._poll(), self._work())
        except ConnectionError:
            return  # it is in the tally
        finally:
            await self._client.aclose()

    # --- asking

    async def _ask(
        self, kind: str, method: str, path: str, fields: Fields = None, headers: Fields = None
    ) -> httpx.Response:
        """Raises Refused for 409, ConnectionError for anything else that is no success; both are counted."""
        started = time.perf_counter()
        try:
            answer = await self._client.request(method, path, data=fields, headers=headers)
        except httpx.HTTPError as error:
            self._tally.errors.append(f"{kind} {path}: {error!r}")
            raise ConnectionError from error
        self._tally.times[kind].append(1000 * (time.perf_counter() - started))
        if answer.status_code == 409:
            self._tally.refusals[kind, _why(answer.text)] += 1
            raise Refused
        if answer.status_code not in (200, 303, 304):
            self._tally.errors.append(f"{kind} {path}: {answer.status_code}")
            raise ConnectionError
        return answer

    async def _do(self, what: str, path: str, ticket: int, fields: Mapping[str, str], headers: Fields = None) -> str:
        """An action, a while after the one before; the page that it leads to."""
        if not await self._rest(self._dice.uniform(*THINKING)):
            raise Evening
        answer = await self._ask(what, "POST", path, {"csrf": self._csrf, **fields}, headers=headers)
        assert answer.status_code == 303, f"{what}: {answer.text}"
        self._tally.done[self.login, ticket, EVENTS[what]] += 1
        if words := fields.get("text") if what in ("save", "note") else None:
            self._tally.written[what, self.login, words] += 1
        following = answer.headers["location"].partition("#")[0]
        return (await self._ask("queue, news" if headers else "ticket", "GET", following, headers=headers)).text

    async def _look(self, query: str) -> str:
        answer = await self._ask("queue", "GET", f"/queue?{query}" if query else "/queue")
        self._csrf = _found(r'name="csrf" value="([^"]+)"', answer.text)
        if not query:
            self._etag = answer.headers["etag"]
        return answer.text

    # --- what a browser does by itself

    async def _poll(self) -> None:
        while await self._rest(POLL * self._dice.uniform(0.8, 1.2)):
            try:
                headers = {FRAGMENT: "1", "if-none-match": self._etag}
                answer = await self._ask("queue, news or none", "GET", "/queue", headers=headers)
            except ConnectionError:
                continue
            self._etag = answer.headers["etag"]

    async def _rest(self, seconds: float) -> bool:
        """Whether there is time left after it."""
        await asyncio.sleep(min(seconds, max(self._over - time.monotonic(), 0)))
        return time.monotonic() < self._over

    # --- what a person does

    async def _work(self) -> None:
        while await self._rest(0):
            try:
                free = await self._free(self._dice.choice(VIEWS)) or await self._free("free=1")
                if not free:
                    await self._rest(self._dice.uniform(*THINKING))
                    continue
                ticket = int(self._dice.choice(free))
                await (self._in_list(ticket) if self._dice.random() < 0.3 else self._on_page(ticket))
            except (Refused, ConnectionError):
                continue
            except Evening:
                return

    async def _free(self, query: str) -> list[str]:
        """Tickets there that nobody has taken."""
        return re.findall(r'formaction="/queue/(\d+)/take"', await self._look(query))

    async def _in_list(self, ticket: int) -> None:
        """Without opening it."""
        fields, headers = {"back": ""}, {FRAGMENT: "1"}
        draft = (await self._ask("draft in the list", "GET", f"/queue/{ticket}/draft", headers=headers)).text
        await self._do("take", f"/queue/{ticket}/take", ticket, fields, headers=headers)
        if self._dice.random() < 0.3:
            fields["reason"] = self._dice.choice(("spam", "duplicate", "off_topic"))
            await self._do("dismiss", f"/queue/{ticket}/dismiss", ticket, fields, headers=headers)
        elif base := re.search(r'name="base" value="(\d+)"', draft):
            fields["base"] = base[1]
            await self._do("approve", f"/queue/{ticket}/approve", ticket, fields, headers=headers)

    async def _on_page(self, ticket: int) -> None:
        way = {"from": ""}
        await self._ask("ticket", "GET", f"/t/{ticket}?from=")
        page = await self._do("take", f"/t/{ticket}/take", ticket, way)
        if self._dice.random() < 0.5:
            note = f"Заметка {self._number()}: говорили с гостем по телефону."
            page = await self._do("note", f"/t/{ticket}/note", ticket, way | {"text": note})
        if self._dice.random() < 0.15:
            await self._do("dismiss", f"/t/{ticket}/dismiss", ticket, way | {"reason": "other"})
            return
        text = html.unescape(_found(r'<textarea id="text"[^>]*>\n?(.*?)</textarea>', page))
        text = f"{text}\nВаше обращение у нас под номером {self._number()}.".strip()
        for _ in range(2):
            fields = {"csrf": self._csrf, "text": text}
            await self._ask("lint", "POST", f"/t/{ticket}/lint", fields, {FRAGMENT: "1"})
            await asyncio.sleep(TYPING)
        page = await self._do("save", f"/t/{ticket}/save", ticket, way | _editor(page) | {"text": text})
        words = way | _editor(page) | {"text": text}
        page = await self._do("approve", f"/t/{ticket}/approve", ticket, words)
        await self._do("submit", f"/t/{ticket}/submitted", ticket, words | _editor(page))

    def _number(self) -> str:
        return str(self._dice.randrange(10**9))


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, f"no {pattern} on a page"
    return found[1]


def _why(page: str) -> str:
    """The reason for a refusal, without numbers."""
    found = re.search(r'id="refused">(.*?)<', page)
    return re.sub(r"\d+", "…", found[1] if found else page[:200])


def _editor(page: str) -> dict[str, str]:
    return {"base": _found(r'<form id="editor"[^>]* data-base="(\d+)"', page)}


# --- what came of it ------------------------------------------------------------------------------------


def differences(database: Path, tally: Tally) -> Iterator[str]:
    """What is in the database and was not answered, or the other way round, or twice."""
    marks = ", ".join(f"'{event}'" for event in EVENTS.values())
    kept: Counter[tuple[str, int, str]] = Counter()
    for row in rows(database, f"SELECT actor, ticket_id, kind FROM event WHERE actor <> '' AND kind IN ({marks})"):
        kept[str(row["actor"]), int(str(row["ticket_id"])), str(row["kind"])] += 1
    for key in tally.done.keys() | kept.keys():
        if tally.done[key] != kept[key]:
            yield f"{key}: answered {tally.done[key]}, kept {kept[key]}"
    drafts = rows(database, "SELECT 'save' AS what, author, text FROM draft WHERE author IS NOT NULL")
    notes = rows(database, "SELECT 'note' AS what, author, text FROM note")
    words = Counter((row["what"], row["author"], row["text"]) for row in [*drafts, *notes])
    for what, login, text in tally.written:
        if words[what, login, text] != 1:
            yield f"{what} of {login}: {words[what, login, text]} times"


def caught_up(database: Path, began: str, wrote: int) -> Work:
    """What the worker did since, when it has brought what guests wrote, or should have."""
    over = time.monotonic() + CATCHING_UP
    while True:
        (found,) = rows(database, WORK, began)
        work = Work(*(int(str(found[name])) for name in Work._fields))
        if work.brought >= wrote or time.monotonic() > over:
            return work
        time.sleep(1)


def shares(times: list[float]) -> tuple[float, float, float]:
    """p50, p95, p99."""
    sort = sorted(times)
    half, most, nearly = (sort[int(len(sort) * share)] for share in (0.5, 0.95, 0.99))
    return half, most, nearly


def table(tally: Tally) -> Iterator[str]:
    yield f"{'ms':<22}{'many':>7}{'p50':>8}{'p95':>8}{'p99':>8}"
    for kind, times in sorted(tally.times.items()):
        half, most, nearly = shares(times)
        yield f"{kind:<22}{len(times):>7,}{half:8.0f}{most:8.0f}{nearly:8.0f}"
    for (kind, why), many in tally.refusals.most_common(10):
        yield f"refused {many}: {kind}: {why}"


def summary(tally: Tally, work: Work, seconds: float, *, operators: int, wrote: int, wrong: int) -> str:
    every = [taken for times in tally.times.values() for taken in times]
    half, most, nearly = shares(every)
    acted, refused = tally.done.total(), tally.refusals.total()
    return (
        f"{operators} operators for {seconds / 60:.1f} minutes beside a worker: {len(every):,} requests "
        f"({len(every) / seconds:.0f}/s), {half:.0f} ms at p50, {most:.0f} at p95, {nearly:.0f} at p99; {acted:,} "
        f"actions ({acted / seconds:.1f}/s), {wrong} of them lost or doubled; {refused} more were refused (409); "
        f"{len(tally.errors)} errors; the worker made {work.passes} passes, {work.failed} of them with failures, and "
        f"brought {work.brought} of {wrote} new reviews"
    )


async def shift(base: str, operators: int, minutes: float, tally: Tally) -> None:
    over = time.monotonic() + minutes * 60
    await asyncio.gather(*(Operator(f"op{number}", base, tally, over).run() for number in range(operators)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operators", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--reviews", type=int, default=1500)
    options = parser.parse_args()
    os.environ |= STAND_IN_ENV
    tally, clock = Tally(), SystemClock()
    with tempfile.TemporaryDirectory() as name, sites(PLACES, options.reviews) as base_url, ExitStack() as stack:
        folder, world = Path(name), World.sized(clock.now(), places=PLACES, reviews=0)
        database = furnish(folder, base_url, world, options.operators)
        guests, began = Guests(base_url, world.cards(), database), to_iso(clock.now())
        stack.enter_context(running(folder, "worker", "--pause", str(PAUSE)))
        stack.enter_context(running(folder, "desk", "--port", "0"))
        base, started = address(folder), time.monotonic()
        print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
        guests.start()
        asyncio.run(shift(base, options.operators, options.minutes, tally))
        seconds = time.monotonic() - started
        assert guests.is_alive(), "nobody wrote reviews any more"
        guests.stop.set()
        guests.join()
        print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
        work, wrong = caught_up(database, began, guests.wrote), list(differences(database, tally))
    print(*table(tally), *tally.errors[:20], *wrong[:20], sep="\n")
    told = {"operators": options.operators, "wrote": guests.wrote, "wrong": len(wrong)}
    print(summary(tally, work, seconds, **told))
    slow = [kind for kind, times in tally.times.items() if kind != LOG_IN and shares(times)[1] >= SLOWEST]
    if tally.errors or wrong or slow or work.failed or work.brought < guests.wrote:
        raise SystemExit(f"not as it should be{': slow: ' + ', '.join(slow) if slow else ''}")


if __name__ == "__main__":
    main()
