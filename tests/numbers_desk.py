"""A desk over a generated chain: places of `tests/numbers_year.py`, three named in the config; the fourth left it."""

from collections.abc import Collection
from pathlib import Path

from monitor.assemble import Application
from monitor.config import load
from tests import numbers_year
from tests.fakes import FrozenClock
from tests.rig import HEAD, Rig

TITLES = {"p0": "«Ромашка» на Ленина", "p1": "«Ромашка» на Мира", "p2": "Пекарня"}


class Chain(Rig):
    """What tests of the desk need of a rig; no sites stand behind it. `clock` stands where the chain ends."""

    def __init__(self, folder: Path, *, titles: Collection[str] = tuple(TITLES), extra: str = "") -> None:
        path = folder / "config.yaml"
        path.write_text(HEAD + _places(titles) + extra, encoding="utf-8")
        self.clock = FrozenClock(numbers_year.NOW)
        self.folder, self.config_path = folder, path
        self.app = Application(load(path), self.clock)


def built(folder: Path, reviews: int, days: int, places: int = 4, *, extra: str = "") -> Chain:
    """The database is made where there is none yet."""
    folder.mkdir(exist_ok=True)
    if not (folder / "otklik.db").exists():
        numbers_year.make(folder / "otklik.db", reviews, days, places)
    return Chain(folder, extra=extra)


def _places(places: Collection[str]) -> str:
    """As the chain has them."""
    lines = ["places:"]
    for place in places:
        title = TITLES.get(place, f"Точка {place}")
        lines += [f"  - id: {place}", f"    title: {title}", "    timezone: Europe/Moscow", "    listings:"]
        for source in ("yandex_maps", "twogis"):
            lines.append(f'      - {{source: {source}, id: "{numbers_year.card_id(place)}"}}')
    return "\n".join([*lines, ""])
