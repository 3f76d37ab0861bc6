"""A desk that can be clicked: the demo's morning, time standing still, served over a real socket."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.cli.desk import listening
from monitor.cli.playing import StoryClock, add_places, play, publish
from monitor.cli.setup import write_example
from monitor.config import load
from monitor.desk.app import create_app
from monitor.model import TicketState
from monitor.runners.once import run_pass
from monitor.standin.morning import Morning
from monitor.store.filters import Filters
from tests.fakes import FrozenClock
from tests.rig import DirectSession

NOW = datetime(2026, 11, 20, 6, 50, 20, tzinfo=UTC)
"""A Friday, ten to ten in Kazan."""

DESK = 'desk: {{public_url: "{address}", secret_env: DESK_SECRET}}\n'


def build(folder: Path) -> None:
    """Leaves the database and config.yaml of the demo's morning there, as `otklik demo` would; takes seconds."""
    morning = Morning(NOW)
    clock = StoryClock(morning.began)
    write_example(folder / "config.yaml")
    add_places(folder / "config.yaml")
    app = Application(load(folder / "config.yaml"), clock, DirectSession(morning.world, clock))
    try:
        play(app, morning, clock)
    finally:
        app.close()


@dataclass
class Shop:
    """`morning.world` is the truth of the sites, `clock` the time of the desk, `address` where it is served."""

    app: Application
    clock: FrozenClock
    morning: Morning
    address: str

    def arrive(self, text: str, stars: int, author: str, *, place: str = "bauman", source: str = "yandex_maps") -> None:
        """A new review, read by a pass two minutes later."""
        world = self.morning.world
        card = next(card for card in world.cards() if (card.place, card.source) == (place, source))
        world.now = self.clock.now()
        world.add(card, text=text, stars=stars, author=author)
        self.work()

    def work(self, after: timedelta = timedelta(minutes=2)) -> None:
        """A pass of the worker."""
        self.clock.advance(after)
        run_pass(self.app.current().engine(), self.app.config.http.pass_budget)

    def of(self, author: str) -> TicketView:
        """The ticket of the latest review of somebody."""
        return max((view for view in self.everything() if view.author == author), key=lambda view: view.ticket)

    def everything(self) -> list[TicketView]:
        return self.app.reports.queue(Filters(tuple(TicketState)), self.clock.now())


class Served:
    """A shop in a folder that `build` has filled, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self._sock = listening("127.0.0.1", 0)
        address = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        with (folder / "config.yaml").open("a", encoding="utf-8") as file:
            file.write(DESK.format(address=address))
        morning, clock = Morning(NOW), FrozenClock(NOW)
        for _ in morning.tell(NOW):
            pass  # people's part of it is in the database
        app = Application(load(folder / "config.yaml"), clock, DirectSession(morning.world, clock))
        publish(app, morning.world, (TicketState.SUBMITTED, TicketState.ANSWERED))
        self.shop = Shop(app, clock, morning, address)
        settings = uvicorn.Config(
            create_app(app), loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._sock]}, name="desk")

    def __enter__(self) -> Shop:
        self._thread.start()
        return self.shop

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._sock.close()
        self.shop.app.close()
