"""A café with two places and a review of every kind, for tests of a ticket's page."""

import os
import re
from datetime import timedelta
from pathlib import Path
from unittest import mock

from bs4 import BeautifulSoup, Tag

from monitor.accounts import Role
from monitor.alerts import TicketView
from monitor.desk.app import create_app
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.reviews import GOOGLE, IRECOMMEND, TWOGIS, YANDEX, SiteCard
from monitor.standin.world import LENINA, World
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig

MINUTE = timedelta(minutes=1)
MIRA = SiteCard("mira", "«Ромашка» на Мира", YANDEX, "11111111111")

ANGRY = "Ждали суп час, принесли холодным. Официантка хамила. Больше не придём."
DANGER = "После вашего салата всю ночь рвало, врач сказал отравление. Напишу в Роспотребнадзор."
PRAISE = "Очень вкусные пироги, уютно, бариста Тимур умница! Придём ещё."
TWICE = "Заказывали доставку: привезли на час позже, торт помят. Менеджер обещал перезвонить и пропал."
FAR = "Долго ждала заказ, официанты хмурые, скатерть грязная."
CLOSED = "Пришли всей семьёй, а еда пересолена и остыла, ждали долго."
EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)\' {{ 7*7 }} Ужасно грязно!'
NAME = 'Мария <b onclick="alert(4)">Кузнецова</b>'
HERS = "Была второй раз: суп опять холодный, ждала сорок минут."

LIMITS = "gestures: {price: 10000, cost: 4000, acquisition: 2000, share: 0.35, operator_limit: 500}\n"

REVIEWS = (
    (YANDEX, ANGRY, 1, "Олег Серов", 40),
    (GOOGLE, DANGER, 1, "Лейсан Галеева", 30),
    (YANDEX, PRAISE, 5, "Ильнур Хабибуллин", 50),
    (YANDEX, TWICE, 1, "Екатерина Белова", 20),
    (TWOGIS, TWICE, 1, "Екатерина Белова", 20),
    (TWOGIS, "", 5, "Гость", 60),
    (IRECOMMEND, CLOSED, 2, "Зефирка 89", 45),
    (YANDEX, EVIL, 1, NAME, 15),
    (TWOGIS, HERS, 2, NAME, 300),
)
"""Site, words, stars, author, how many minutes ago; all of one place."""


def world() -> World:
    made = World(NOON, (*LENINA, MIRA))
    for source, text, stars, author, ago in REVIEWS:
        made.add(made.card(source), text=text, stars=stars, author=author, posted_at=NOON - ago * MINUTE)
    made.add(MIRA, text=FAR, stars=2, author=NAME, posted_at=NOON - 35 * MINUTE)
    return made


def furnish(folder: Path) -> None:
    """Leaves the database and config.yaml of that café in the folder, one pass old."""
    with mock.patch.dict(os.environ, STAND_IN_ENV):
        rig = Rig(folder, world(), extra=LIMITS)
        rig.run()
        rig.app.close()


class Cafe:
    """The café, time standing still at noon; several people at one desk."""

    def __init__(self, folder: Path) -> None:
        self.rig = Rig(folder, world(), extra=LIMITS)
        self.app = create_app(self.rig.app)
        self._people: dict[str, Clicks] = {}

    def person(self, login: str = "anna", role: Role = Role.OPERATOR, places: tuple[str, ...] | None = None) -> Clicks:
        if login not in self._people:
            self._people[login] = Clicks(self.rig, login, role, places, app=self.app)
        return self._people[login]

    def view(self, text: str, source: str = "") -> TicketView:
        return next(view for view in self.rig.everything() if view.text == text and source in ("", view.source))

    def number(self, text: str, source: str = "") -> int:
        return self.view(text, source).ticket

    def path(self, text: str, end: str = "", source: str = "") -> str:
        return f"/t/{self.number(text, source)}{end}"

    def page(self, text: str, who: Clicks | None = None, query: str = "") -> BeautifulSoup:
        return (who or self.person()).soup(self.path(text, query))

    def drafts(self, text: str) -> list[tuple[str | None, str]]:
        """Who wrote which wording of the reply, the newest first."""
        found = self.rig.app.store.dossier.drafts(self.number(text), 50)
        return [(draft.author, draft.text) for draft in found]

    def events(self, text: str, *kinds: str) -> list[tuple[str, str, str, str]]:
        """(who, what, after, why) of these kinds."""
        rows = self.rig.app.store.tickets.events(self.number(text))
        return [(row["actor"], row["kind"], row["became"], row["why"]) for row in rows if row["kind"] in kinds]


def told(tag: Tag | BeautifulSoup | None) -> str:
    """Its words with plain spaces."""
    assert tag is not None
    return re.sub(r" ([.,:;])", r"\1", " ".join(tag.get_text(" ").split()))


def words(page: BeautifulSoup) -> str:
    """What stands in the editor."""
    field = page.select_one("#text")
    assert field is not None
    return field.get_text().removeprefix("\n")


def base(page: BeautifulSoup) -> str:
    return str(page.select("#editor input[name=base]")[0]["value"])
