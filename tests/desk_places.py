"""A café with two places for tests of the desk's sources and outbox: «Ленина» on all five sites, «Мира» on three."""

import os
from datetime import timedelta
from pathlib import Path
from unittest import mock

from bs4 import BeautifulSoup, Tag

from monitor.accounts import Deed
from monitor.model import ListingState
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.reviews import GOOGLE, TWOGIS, YANDEX, SiteCard
from monitor.standin.world import LENINA, Trouble, World
from tests.rig import HEAD, NOON, Rig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MIRA = (
    SiteCard("mira", "«Ромашка» на Мира", YANDEX, "11111111111"),
    SiteCard("mira", "«Ромашка» на Мира", TWOGIS, "22222222222222"),
    SiteCard("mira", "«Ромашка» на Мира", GOOGLE, "3", account="1"),
)
KIND = "Очень вкусно, спасибо!"
POISONED = "Отравились салатом всей семьёй, ребёнку вызывали скорую. Подадим в суд."


def world() -> World:
    """A review on each card, an hour old."""
    made = World(NOON, (*LENINA, *MIRA))
    for card in made.cards():
        made.add(card, text=KIND, stars=5, author=f"Гость {card.source}", posted_at=NOON - HOUR)
    return made


def two_places(folder: Path, *, head: str = HEAD) -> None:
    """Leaves the database and config.yaml of that café in the folder, one pass old."""
    with mock.patch.dict(os.environ, STAND_IN_ENV):
        rig = opened(folder, head=head)
        rig.run()
        rig.app.close()


def opened(folder: Path, *, head: str = HEAD) -> Rig:
    """The café, time standing still at noon."""
    rig = Rig(folder, world(), head=head)
    text = rig.config_path.read_text(encoding="utf-8")
    for place, title in (("lenina", "На Ленина"), ("mira", "На Мира")):
        text = text.replace(f"id: {place}\n    title: «Ромашка»", f"id: {place}\n    title: {title}")
    rig.config_path.write_text(text, encoding="utf-8")
    rig.restart()
    return rig


def told(tag: Tag | BeautifulSoup) -> str:
    """Its words, with plain spaces."""
    return " ".join(tag.get_text(" ").split()).replace(" .", ".").replace(" ,", ",")


def listing(rig: Rig, place: str, source: str) -> ListingState:
    return next(one for one in rig.app.store.listings.all() if (one.place, one.source) == (place, source))


def deeds(rig: Rig) -> list[tuple[str, str, str]]:
    found = rig.app.store.accounts.audit(100)
    return [(entry.actor, entry.kind, entry.what) for entry in found if entry.kind != Deed.LOGGED_IN]


def changed_layout(rig: Rig, source: str = "otzovik") -> str:
    """A pass that met another layout; the name of the page that was kept."""
    rig.world.trouble[source] = Trouble.CHANGED_MARKUP
    rig.run(after=2 * MINUTE)
    return next(sample.name for sample in rig.app.samples.all() if sample.source == source)
