"""What all pages of numbers share: who asks of what, the head with period, place and site, the way to the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse, Response

from monitor.accounts import Account
from monitor.desk.context import Desk
from monitor.desk.numbers_ask import CHOICES, NUMBERS, Ask, Known, asked, days, given, told
from monitor.desk.numbers_figures import Linked
from monitor.desk.visit import Visit
from monitor.numbers import Dimension, Period, Scope
from monitor.promises import in_words
from monitor.sla import Policy
from monitor.store.numbers import Numbers

PLACES, THEMES, STAFF = f"{NUMBERS}/places", f"{NUMBERS}/themes", f"{NUMBERS}/staff"


@dataclass(frozen=True, slots=True)
class Way:
    """A link; `here`: it is where one is, or what is chosen."""

    title: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Room:
    """A page of numbers: who asks, and of what."""

    desk: Desk
    visit: Visit
    known: Known
    ask: Ask

    @classmethod
    def of(cls, desk: Desk, visit: Visit) -> Self:
        """Raises UsageError for what cannot be asked."""
        known = Known.to(desk, visit.account)
        return cls(desk, visit, known, asked(desk, visit, known))

    @property
    def account(self) -> Account:
        return self.visit.account

    @property
    def scope(self) -> Scope:
        return self.ask.scope(self.account)

    @property
    def numbers(self) -> Numbers:
        return self.desk.store.numbers

    @property
    def linked(self) -> Linked:
        return Linked(self.scope)

    @property
    def today(self) -> date:
        return self.visit.now.astimezone(ZoneInfo(self.ask.period.zone)).date()

    def told(self, period: Period) -> str:
        return told(period, self.visit.now)

    def show(self, name: str, **values: object) -> Response:
        """The page `name.html`, under the head of all of them."""
        return HTMLResponse(self.desk.pages.text(name, visit=self.visit, **self._head(), **values))

    def _head(self) -> Mapping[str, object]:
        path, period = self.visit.request.url.path, self.ask.period
        first, last = days(period)
        own, zone = self.ask.days == 0, period.zone
        zones = {self.desk.application.zone(place).key for place in self.known.places}
        query = self.ask.query()
        return {
            "period": f"?{query}" if query else "",
            "choices": [self._choice(path, choice) for choice in CHOICES],
            "path": path,
            "ask": self.ask,
            "since": first.isoformat() if own else "",
            "until": last.isoformat() if own else "",
            "latest": self.today.isoformat(),
            "places": list(self.known.places.items()),
            "sites": list(self.known.sources.items()),
            "told_period": self.told(period),
            "told_before": self.told(period.before()),
            "zone": "" if zones <= {zone} else zone,
        }

    def _choice(self, path: str, choice: int) -> Way:
        pairs = Ask(choice, self.ask.period, self.ask.place, self.ask.source)
        return Way(CHOICES[choice], pairs.address(path), self.ask.days == choice)

    # --- tables ---------------------------------------------------------------------------------

    def sorted_by(self, names: Iterable[str]) -> str:
        """By which column the visitor wants a table sorted, `-` before its name turns it round; "" for as it is."""
        sort = given(self.visit.request.url.query).get("sort", "")
        return sort if sort.removeprefix("-") in set(names) else ""

    def ways(self, names: Iterable[str], sort: str) -> Mapping[str, str]:
        """Name of a column → the address of the page sorted by it; the other way round if it is already."""
        path = self.visit.request.url.path
        return {name: self.ask.address(path, sort=f"-{name}" if sort == name else name) for name in names}

    def narrowed(self, dimension: Dimension, key: str) -> Scope:
        """What is asked, of one place, site or colleague alone."""
        if dimension is Dimension.PLACE:
            return replace(self.scope, place=key)
        return replace(self.scope, source=key) if dimension is Dimension.SOURCE else replace(self.scope, assignee=key)

    def focus(self, dimension: Dimension, key: str) -> str:
        """The address of the overview of one place or site; "" of a colleague, who has none."""
        if dimension is Dimension.PLACE:
            return replace(self.ask, place=key).address()
        return replace(self.ask, source=key).address() if dimension is Dimension.SOURCE else ""


def promises(room: Room) -> str:
    """`негатив — 1 ч круглосуточно, остальное — 24 ч круглосуточно`, where all places in question promise the same.
    Those that left the config promise nothing any more."""
    policies = room.desk.application.policies
    asked = [room.ask.place] if room.ask.place else room.known.places
    places = [place for place in asked if place in room.desk.application.titles]
    found = list(dict.fromkeys(_terms(policies.of(place)) for place in places))
    return found[0] if len(found) == 1 else "у точек они разные" if found else ""


def _terms(policy: Policy) -> str:
    return f"негатив — {in_words(policy.negative)}, остальное — {in_words(policy.other)}"
