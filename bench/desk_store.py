"""What the desk asks of the store, among a million reviews of which fifty thousand wait: how long each question takes,
at p50 and p95, beside a scan of the texts. `core` is the time on one core, `wall` by the clock on the wall.

python bench/desk_store.py --folder DIR [--reviews 1000000] [--open 50000] [--runs 40]

The database is made once in DIR and used again. Texts are put together from the invented reviews of
`sentiment/data`, so that words are as common as in reviews; rows are written by SQL, not read from sites.
"""

import argparse
import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from monitor import search
from monitor.assemble import Application
from monitor.clock import to_iso
from monitor.config import load
from monitor.store.search import SHARD
from monitor.store.sqlite import Store
from monitor.store.tickets import Cursor, Filters
from sentiment.types import Risk, Theme
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = 50
PLACES = 200
SITES = ("yandex_maps", "twogis", "google_business")
SCOPE = frozenset(f"p{place}" for place in range(20))
LINKED = 0.03
RARE = "гиппопотам"
"""In one review of fifty thousand."""


def _words(text: str) -> list[str]:
    return text.split()


SURNAMES = _words("Иванова Петров Сидоренко Ахметов Гульназова Кузнецов Смирнова Волков Орлова Галиев Ким Беляева")
NAMES = _words("Анна Пётр Ольга Айгуль Марина Тимур Елена Сергей Света Дмитрий Наталья Ринат Юлия Алексей Зухра")

Values = tuple[object, ...]
Made = tuple[int, str, str, str, datetime, random.Random]
"""Number, text, author, lemmas, when it was seen, dice."""

COLUMNS = {
    "review": "id, listing_id, external_id, stars, text, author, posted_at, posted_precision, url, digest, "
    "first_seen_at, last_seen_at, initial, analysed_with, linked_with, same_as, searched_with",
    "revision": "review_id, number, stars, text, seen_at",
    "verdict": "review_id, revision, version, tone, probabilities, flagged, uncertain, conflict, themes, risks, "
    "evidence, intents",
    "ticket": "id, review_id, state, backlog, target, started_at, armed_at, due_at, assignee, closed_at, met, "
    "drafted_with, policy",
    "draft": "ticket_id, number, revision, text, template, findings, author, at, reason, similarity",
    "event": "review_id, ticket_id, kind, at, actor, was, became, why",
}
"""In an order that keeps what refers behind what it refers to."""


class Said(NamedTuple):
    """A sentence and its lemmas."""

    text: str
    lemmas: frozenset[str]


def sentences() -> list[Said]:
    """Of the invented reviews, each once."""
    found: dict[str, None] = {}
    for folder in ("gold", "synthetic"):
        for path in sorted((files("sentiment") / "data" / folder).iterdir(), key=lambda path: path.name):
            if path.name.endswith(".tsv"):
                for line in path.read_text(encoding="utf-8").splitlines()[1:]:
                    found |= dict.fromkeys(part.strip() + "." for part in line.split("\t")[-1].split(". ") if part)
    return [Said(text, frozenset(search.indexed(text, "").split())) for text in found]


@cache
def _of_name(name: str) -> frozenset[str]:
    return frozenset(search.indexed("", name).split())


class Reviews:
    """Review `number` of `count`, always the same; the newest last."""

    def __init__(self, count: int, waiting: int) -> None:
        self.count = count
        self.waiting = waiting
        self._pool = sentences()

    def __iter__(self) -> Iterator[Made]:
        pool, lengths = self._pool, (1, 2, 2, 3, 3, 4, 5, 6, 9)
        for number in range(1, self.count + 1):
            dice = random.Random(number)
            said = [] if dice.random() < 0.1 else [dice.choice(pool) for _ in range(dice.choice(lengths))]
            author = f"{dice.choice(NAMES)} {dice.choice(SURNAMES)}"
            text = " ".join(each.text for each in said)
            lemmas = _of_name(author).union(*(each.lemmas for each in said))
            if number % 50_000 == 7:
                text, lemmas = f"{text} Видели {RARE}а.", lemmas | {RARE}
            yield number, text, author, " ".join(sorted(lemmas)), NOW - timedelta(minutes=self.count - number), dice

    def waits(self, number: int, dice: random.Random) -> bool:
        """Half of what waits is new, half a backlog of all ages."""
        fresh = number > self.count - self.waiting // 2
        return fresh or dice.random() < self.waiting / 2 / (self.count - self.waiting / 2)


def fill(store: Path, reviews: Reviews, policy: str) -> None:
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    (version,) = connection.execute("SELECT max(id) FROM listing").fetchone()
    assert version == PLACES * len(SITES)
    rows = iter(reviews)
    while batch := list(islice(rows, 20_000)):
        with connection:
            for table, values in tables(batch, reviews, policy).items():
                marks = ", ".join("?" * len(COLUMNS[table].split(",")))
                connection.executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", values)
        print(f"\r{batch[-1][0]:,}", end="", flush=True)
    connection.execute("ANALYZE")
    connection.close()
    print("\r", end="")


def tables(batch: Iterable[Made], reviews: Reviews, policy: str) -> dict[str, list[Values]]:
    """Rows of every table of COLUMNS."""
    rows: dict[str, list[Values]] = {table: [] for table in COLUMNS}
    for number, text, author, _, seen, dice in batch:
        at, card = to_iso(seen), dice.randrange(PLACES * len(SITES)) + 1
        stars = dice.choices((5, 4, 3, 2, 1), (78, 8, 4, 3, 7))[0]
        same_as = number - 7 if number > 7 and dice.random() < LINKED else None
        posted, url = to_iso(seen - timedelta(hours=dice.randrange(100))), f"https://site.example/review/{number}"
        about = (number, card, f"r{number}", stars, text, author, posted, "exact", url, f"{number:064x}")
        rows["review"].append((*about, at, at, 0, "v1", "1", same_as, search.VERSION))
        rows["revision"].append((number, 1, stars, text, at))
        bad = stars < 4
        found = (
            [[theme, "negative" if bad else "positive", text[:80], ""] for theme in dice.sample(list(Theme), 2)],
            [[dice.choice(list(Risk)), text[:60]]] if bad and dice.random() < 0.08 else [],
            [[text[:40], 0.4]],
            [["question", text[:60]]] if dice.random() < 0.03 else [],
        )
        tone = "negative" if bad else "positive" if stars == 5 else "neutral"
        told = (json.dumps(value, ensure_ascii=False) for value in found)
        rows["verdict"].append((number, 1, "v1", tone, "[0.1, 0.2, 0.7]", int(bad), 0, 0, *told))
        waits = reviews.waits(number, dice)
        backlog = waits and number <= reviews.count - reviews.waiting // 2
        due = None if backlog else to_iso(seen + timedelta(hours=1 if bad else 400))
        state = dice.choice(("open",) * 9 + ("approved",)) if waits else dice.choices(_OVER, _SHARES)[0]
        over = None if waits else to_iso(seen + timedelta(minutes=40))
        taken = dice.choice(LOGINS) if dice.random() < 0.2 else None
        promise = (int(backlog), "negative" if bad else "other", at, at, due, taken, over, None if waits else 1)
        rows["ticket"].append((number, number, state, *promise, "digest", policy))
        rows["event"].append((number, number, "opened", at, "", "", "open", ""))
        if waits or number % 10 == 0:
            words = f"{author.split()[0]}, спасибо за отзыв! Нам важно, что Вы об этом написали. Команда «Ромашки»."
            rows["draft"].append((number, 1, 1, words * 2, "thanks", "[]", None, at, "", 0))
            rows["event"].append((number, number, "edited", at, "anna", "open", "open", ""))
    return rows


LOGINS = ("anna", "boris", "vera", "gleb", "darya")
_OVER = ("answered", "submitted", "dismissed", "removed", "unanswerable")
_SHARES = (90, 1, 5, 2, 2)


def index(store: Store, reviews: Reviews) -> float:
    """Puts every review into the search; seconds for each, without finding its lemmas."""
    started = time.perf_counter()
    rows = iter(reviews)
    while batch := list(islice(rows, 5_000)):
        store.search.put({number: lemmas for number, _, _, lemmas, _, _ in batch}, search.VERSION)
        print(f"\r{batch[-1][0]:,} indexed", end="", flush=True)
    print("\r", end="")
    return (time.perf_counter() - started) / reviews.count


def config() -> str:
    places = "\n".join(
        f"  - {{id: p{place}, title: «Ромашка» {place}, timezone: Europe/Moscow, listings: ["
        + ", ".join(_card(place, site) for site in SITES)
        + "]}"
        for place in range(PLACES)
    )
    return f"""
business: {{name: Кафе «Ромашка»}}
database: otklik.db
escalation: {{support: [support@example.ru], owner: [owner@example.ru]}}
mail: {{transport: file, from: otklik@example.ru}}
sources:
  google_business: {{client_id_env: G_ID, client_secret_env: G_SECRET, refresh_token_env: G_TOKEN}}
  twogis: {{key_env: TWOGIS_KEY}}
places:
{places}
"""


def _card(place: int, site: str) -> str:
    if site == "google_business":
        return f'{{source: {site}, account: "1", location: "{place + 1}"}}'
    return f'{{source: {site}, id: "{10_000 + place}"}}'


def times(work: Callable[[int], object], runs: int) -> list[float]:
    """Milliseconds: on the core at p50 and p95, on the wall likewise. `work` gets the number of the run; a warm-up
    aside."""
    took = []
    for number in range(runs + 1):
        begun, started = time.thread_time(), time.perf_counter()
        work(number)
        took.append((1000 * (time.thread_time() - begun), 1000 * (time.perf_counter() - started)))
    sorts = [sorted(kind) for kind in zip(*took[1:], strict=True)]
    return [sort[int(len(sort) * share)] for sort in sorts for share in (0.5, 0.95)]


class Questions:
    """What is asked, each with its name."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._store = app.store
        self._reports = app.reports

    def __iter__(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        yield from self._pages()
        yield from self._searches()
        yield from self._rest()

    def _page(self, filters: Filters) -> Cursor | None:
        found = self._store.tickets.page(filters._replace(limit=PAGE, now=NOW, dangers_first=True))
        self._reports.tickets(found.tickets, NOW)
        return found.after

    def _asked(self, **filters: object) -> Callable[[int], object]:
        return lambda _: self._page(Filters(**filters))  # type: ignore[arg-type]  # the names stand below

    def _searched(self, *queries: str, **filters: object) -> Callable[[int], object]:
        lemmas = [self._app.searching.lemmas(query) for query in queries]
        return lambda run: self._page(Filters(lemmas=lemmas[run % len(lemmas)], **filters))  # type: ignore[arg-type]

    def _pages(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        yield "first page", self._asked()
        yield "second page", self._asked(after=self._page(Filters()))
        yield "backlog", self._asked(backlog=True)
        yield "one place of 200", lambda run: self._page(Filters(place=f"p{run % PLACES}"))
        yield "scope of 20 places", self._asked(places=SCOPE)
        yield "one site", self._asked(source="twogis")
        yield "tone", self._asked(tone="neutral")
        yield "theme", lambda run: self._page(Filters(theme=list(Theme)[run % len(Theme)].value))
        yield "theme and place", self._asked(theme="waiting", place="p7")
        yield "mine", self._asked(assignee="anna")
        yield "mine, of nobody", self._asked(assignee="nobody")
        yield "unassigned", self._asked(unassigned=True)
        yield "overdue", self._asked(overdue=True)
        yield "due soon", self._asked(soon=True)
        yield "dangers", self._asked(dangerous=True)
        for state in ("approved", "answered", "dismissed", "unanswerable"):
            yield state, self._asked(states=(state,))

    def _searches(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        yield "search: rare word", self._searched(RARE, "жемчуг")
        yield "search: usual words", self._searched("ждать", "хамство", "официантка", "холодный", "парковка")
        yield "search: common word", self._searched("спасибо", "хороший", "очень")
        yield "search: two words", self._searched("официантка хамить", "ждать час", "холодный суп")
        yield "search: two common words", self._searched("хороший место", "очень спасибо")
        yield "search: a beginning", self._searched("официант", "хамст", "парков")
        yield "search: three letters", self._searched("прк", "хам", "выз")
        yield "search: an author", self._searched("Гульназова", "Света Ким")
        yield "search: nothing", self._searched("абракадабра", "гиппопотам жемчуг")
        yield "search: among the answered", self._searched("официантка хамить", "очень", states=("answered",))

    def _rest(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        tickets, reports = self._store.tickets, self._reports
        yield "counts", lambda _: tickets.counts(Filters(), "anna", NOW)
        yield "counts of 20 places", lambda _: tickets.counts(Filters(places=SCOPE), "anna", NOW)
        yield "version", lambda _: tickets.version()
        yield "today", lambda _: reports.today(Filters(), None, NOW)
        newest = tickets.page(Filters(limit=1000)).tickets

        def ticket(run: int) -> None:
            view = reports.ticket(newest[run * 17 % len(newest)], NOW)
            tickets.events(view.ticket)
            tickets.wordings(view.review)

        yield "a ticket with its history", ticket
        scan, rows = "SELECT id FROM review WHERE text LIKE '%хамств%'", self._store._db.rows
        yield "text LIKE, first 50", lambda _: rows(f"{scan} LIMIT 50")
        yield "text LIKE, nothing", lambda run: run < 4 and rows("SELECT id FROM review WHERE text LIKE '%абракадабр%'")


def built(folder: Path, count: int, waiting: int) -> Application:
    """With its database, made now if it is not there."""
    home = folder / f"desk-{count}-{waiting}"
    home.mkdir(parents=True, exist_ok=True)
    done = home / "done"
    (home / "config.yaml").write_text(config(), encoding="utf-8")
    if not done.exists():
        (home / "otklik.db").unlink(missing_ok=True)
    app = Application(load(home / "config.yaml"), FrozenClock(NOW))
    if not done.exists():
        assert app.store is not None  # opened: the tables are there
        reviews = Reviews(count, waiting)
        started = time.perf_counter()
        fill(app.config.database, reviews, app.policies.fingerprint)
        print(f"rows: {time.perf_counter() - started:.0f} s")
        print(f"index: {1000 * index(app.store, reviews):.3f} ms a review")
        done.touch()
    return app


def erasing(app: Application) -> None:
    """What forgetting costs in a full table of the search; undone at the end."""
    connection = app.store._db.sqlite
    connection.execute("BEGIN IMMEDIATE")
    try:
        for many in (1, 1000):
            started = time.perf_counter()
            app.store.search.erase(range(SHARD, SHARD + many))
            print(f"erase {many} from the search{'':<20} {1000 * (time.perf_counter() - started):9.1f} ms")
    finally:
        connection.rollback()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--reviews", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--only", default="", help="a part of the name of what is asked")
    options = parser.parse_args()
    app = built(options.folder, options.reviews, options.open)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"{options.reviews:,} reviews, {options.open:,} open; ms on the core and the wall, p50 and p95")
    try:
        for name, work in Questions(app):
            if options.only in name:
                print(f"{name:<30}", *(f"{told:9.1f}" for told in times(work, options.runs)), flush=True)
        erasing(app)
    finally:
        app.close()


if __name__ == "__main__":
    main()
