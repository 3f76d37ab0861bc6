"""A page and a feed of one's own, watched over real sockets from the first look to the ticket."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.assemble import Application
from monitor.config import load, problems
from monitor.errors import ConfigError
from monitor.model import TicketState
from monitor.runners.once import run_pass
from monitor.store.tickets import Filters
from tests.fakes import FrozenClock
from tests.rig import HEAD, NOON
from tests.session_rig import Site, serving


def page(*reviews: tuple[str, int, str]) -> bytes:
    said = [
        {"@type": "Review", "@id": f"#{author}", "author": author, "reviewBody": text, "datePublished": "2026-11-21",
         "reviewRating": {"ratingValue": stars}}
        for author, stars, text in reviews
    ]  # fmt: skip
    place = json.dumps({"@type": "CafeOrCoffeeShop", "name": "Ромашка", "review": said}, ensure_ascii=False)
    return f'<html><body><script type="application/ld+json">{place}</script></body></html>'.encode()


def feed(text: str) -> bytes:
    item = f"<item><guid>1</guid><author>Пётр</author><title>{text}</title></item>"
    return f"<rss><channel>{item}</channel></rss>".encode()


def config(folder: Path, site: Site) -> Path:
    path = folder / "config.yaml"
    listings = f"[{{source: schema_org, id: '{site.url('/otzyvy')}'}}, {{source: feed, id: '{site.url('/rss')}'}}]"
    sources = "sources: {schema_org: {pace: 0s, representative: true}, feed: {pace: 0s}}\n"
    path.write_text(f"{HEAD}{sources}places: [{{id: lenina, title: На Ленина, listings: {listings}}}]\n", "utf-8")
    return path


class Watcher:
    def __init__(self, path: Path) -> None:
        self.clock = FrozenClock(NOON)
        self.app = Application(load(path), self.clock)

    def look(self, after: timedelta = timedelta()) -> None:
        self.clock.advance(after)
        report = run_pass(self.app.engine(), timedelta(minutes=4))
        assert not report.failures, report.failures

    def states(self) -> dict[str, TicketState]:
        queue = self.app.reports.queue(Filters(tuple(TicketState)), self.clock.now())
        return {view.author: view.state for view in queue}

    def due(self, author: str) -> datetime | None:
        queue = self.app.reports.queue(Filters(tuple(TicketState)), self.clock.now())
        return next(view.due_at for view in queue if view.author == author)


def test_reviews_of_an_own_page_and_feed_get_their_tickets_and_nothing_vanishes(tmp_path: Path) -> None:
    with serving() as site:
        site.page("/otzyvy", page(("Анна", 1, "Суп холодный, ждали час."), ("Олег", 5, "Очень вкусно!")))
        site.page("/rss", feed("Хамят и обсчитывают, ужас"))
        watcher = Watcher(config(tmp_path, site))
        watcher.look()
        assert watcher.states() == {
            "Анна": TicketState.OPEN,
            "Олег": TicketState.OPEN,
            "Пётр": TicketState.UNANSWERABLE,  # not said that we can answer there
        }
        assert watcher.due("Анна") == NOON + timedelta(hours=1)
        site.page("/otzyvy", page(("Зоя", 4, "Хорошо, но тесно.")))
        for _ in range(4):
            watcher.look(after=timedelta(days=2))
        assert watcher.states()["Анна"] is TicketState.OPEN, (
            "the page shows the newest only: nobody took his words back"
        )
        assert "Зоя" in watcher.states()
        watcher.app.close()


def test_an_address_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{HEAD}places:\n  - id: lenina\n    title: На Ленина\n    listings:\n"
                    "      - {source: schema_org, id: romashka.example}\n", encoding="utf-8")  # fmt: skip
    from monitor.assemble import wiring_problems

    (problem,) = problems(path, also=wiring_problems)
    assert "must be the whole address" in str(problem)
    assert problem.line == len(HEAD.splitlines()) + 5
    with pytest.raises(ConfigError):
        Application(load(path))
