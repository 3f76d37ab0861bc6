"""What «Показатели» cost with a year of 200,000 reviews, on one core: milliseconds at p50 and p95 of every page, every
picture by itself, and how long the files of all reviews take, with the memory that they need.

python bench/desk_numbers.py --folder DIR [--reviews 200000] [--days 365] [--runs 60] [--only PART]

The database is that of `tests/numbers_year.py`, made in DIR where it is not there, its reviews given words. `otklik
desk` runs as in `bench/desk_pages.py`. Ends with 1 where a page or a picture takes a fifth of a second of the core's
work.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import httpx

from bench.desk_pages import LOGIN, PASSWORD, Browser, Question, Server, Told, desk_process, measured
from bench.desk_store import sentences
from monitor import passwords
from monitor.accounts import Role
from monitor.assemble import Application
from monitor.desk.numbers_measures import PAGE
from monitor.standin.credentials import STAND_IN_ENV
from tests.numbers_desk import built
from tests.numbers_year import NOW, THEMES

SLOWEST = 200.0
"""Milliseconds that a page or a picture may take at p95."""

PLACES = 20
WEEK, YEAR = "days=7", "days=365"


def furnish(app: Application) -> None:
    """Somebody who asks, words for the files, measures, and the numbers got ready, as a desk does by itself."""
    accounts, database = app.store.accounts, app.store._db
    if accounts.find(LOGIN) is None:
        pool = [said.text for said in sentences()]
        with app.store.write():
            accounts.add(LOGIN, name="Ольга", role=Role.ADMINISTRATOR, places=None, now=NOW)
            database.sqlite.executemany(
                "UPDATE review SET text = ? WHERE id % ? = ?",
                ((" ".join(pool[at : at + 4]), 50, at) for at in range(50)),
            )
    with app.store.write():
        accounts.set_password(accounts.of(LOGIN).id, passwords.hashed(PASSWORD))
        app.store.passes.finish(app.store.passes.begin(NOW), {}, failures=False, now=NOW)
        if not app.store.measures.held(1):
            _note_measures(app)
    app.store.numbers.fill(lambda: False)


def _note_measures(app: Application) -> None:
    """As many as a page shows, at places and everywhere, some of them while the windows are as long as can be."""
    for number in range(PAGE):
        app.store.measures.note(
            f"Мера {number}",
            THEMES[number % len(THEMES)],
            (NOW - timedelta(days=20 + 9 * number)).date(),
            place=None if number % 3 == 0 else f"p{4 + number}",
            ticket=None,
            actor=LOGIN,
            now=NOW,
        )


def questions(browser: Browser) -> Iterator[Question]:
    def asked(path: str) -> Question:
        return Question(path, lambda _: browser.get(path))

    for period in (WEEK, "days=28", YEAR):
        yield asked(f"/numbers?{period}")
    yield asked(f"/numbers?{YEAR}&place=p7")
    yield asked(f"/numbers?{YEAR}&source=twogis")
    for room in ("places", "themes", "staff"):
        yield asked(f"/numbers/{room}?{YEAR}")
    yield asked(f"/numbers/places?{YEAR}&sort=-kept")
    yield asked("/numbers/measures")
    yield asked(f"/numbers/themes?{YEAR}&theme=waiting")
    for name in ("daily", "stars", "tones", "answered", "time", "themes"):
        yield asked(f"/numbers/chart/{name}.svg?{YEAR}")
    yield asked(f"/numbers/chart/theme.svg?{YEAR}&theme=waiting")
    since = "since=2025-11-22"
    yield asked(f"/numbers/reviews?{since}")
    yield asked(f"/numbers/reviews?{since}&fate=late&place=p7")
    yield asked(f"/numbers/reviews?{since}&theme=waiting&theme_tone=negative")
    yield asked(f"/numbers/reviews?{since}&of=answered&timed=customer")
    following = str(browser.soup(f"/numbers/reviews?{since}").select(".pager a")[0]["href"])
    yield Question("/numbers/reviews, second page", lambda _: browser.get(following))
    for name in ("weeks", "places", "themes", "staff"):
        yield asked(f"/numbers/table/{name}.csv?{YEAR}")


class Streaming(Browser):
    """One that reads as it comes."""

    def stream(self, path: str) -> AbstractContextManager[httpx.Response]:
        return self._client.stream("GET", path, timeout=1200)


def files(browser: Streaming, server: Server) -> None:
    """All reviews of the year, and as many as a workbook may have."""
    for kind, since in (("csv", "2025-11-22"), ("xlsx", "2026-06-01")):
        worked, started, size, first = server.worked(), time.perf_counter(), 0, 0.0
        with browser.stream(f"/numbers/reviews.{kind}?since={since}") as answer:
            assert answer.status_code == 200
            for piece in answer.iter_raw():
                first = first or time.perf_counter() - started
                size += len(piece)
        wall, work = time.perf_counter() - started, (server.worked() - worked) / 1000
        print(
            f"{kind} since {since}: {size / 1e6:.0f} MB, core {work:.1f} s, wall {wall:.1f} s, first byte {first:.1f} s"
        )
        print(f"the desk has had {_memory(server):.0f} MB at most", flush=True)


def _memory(server: Server) -> float:
    """Megabytes that the desk has had at once, ever."""
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


def _print(one: Told) -> None:
    core, wall = (f"{half:8.1f}{most:8.1f}" for half, most in (one.core, one.wall))
    slow = "" if one.core[1] < SLOWEST else "  !"
    print(f"{one.question.name:<58}{core:>17}{wall:>18}{one.weight:8.1f}{one.unpacked:10.1f}{slow}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--reviews", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--only", default="", help="a part of what is asked; then no files are made")
    options = parser.parse_args()
    os.environ.update(STAND_IN_ENV)
    chain = built(options.folder, options.reviews, options.days, PLACES)
    furnish(chain.app)
    chain.app.close()
    own = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {own[0]})
    told: list[Told] = []
    with desk_process(chain.config_path, own[-1]) as server:
        browser = Streaming(server.address)
        print(f"{options.reviews:,} reviews of {options.days} days; load average {os.getloadavg()[0]:.1f}")
        print(f"{'ms':<58}{'core p50':>9}{'p95':>8}{'wall p50':>10}{'p95':>8}{'kB':>8}{'unpacked':>10}")
        for question in questions(browser):
            if options.only in question.name:
                told.append(measured(question, options.runs, server))
                _print(told[-1])
        if not options.only:
            files(browser, server)
        print(f"load average {os.getloadavg()[0]:.1f}")
    if slow := [one.question.name for one in told if one.core[1] >= SLOWEST]:
        raise SystemExit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
