"""Which calendar counts which promise, everywhere or at one place: a choice for each, tried before it is kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from monitor import promises
from monitor.accounts import Account
from monitor.assemble import Application
from monitor.assemble.changes import Change
from monitor.config_calendar import ALWAYS
from monitor.config_overlay import SLA_CALENDAR, at_place
from monitor.config_sla import PROMISES
from monitor.desk import settings as shared
from monitor.desk.calendar_trial import is_used_at
from monitor.desk.context import Desk
from monitor.desk.settings import State, is_whole, number, set_by
from monitor.desk.visit import Visit

HOME = "/settings/calendars"

MOST_TOLD = 20
"""Places whose calendars are told in the table; any can be chosen."""


@dataclass(frozen=True, slots=True)
class Line:
    """One promise. `chosen`: the calendar that is to be set at the desk, "" for none; `was`: when the form was made;
    `holds`: what counts it now."""

    key: str
    title: str
    chosen: str
    was: str
    seen: int
    holds: str
    set_by: State | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Of one place, "" for everywhere. `moved`, `mark`: what it would do, once it has been tried."""

    place: str
    title: str
    lines: tuple[Line, ...]
    calendars: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    moved: str = ""
    mark: str = ""
    complaint: str = ""

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calendars]

    @property
    def home(self) -> str:
        return f"{HOME}?place={self.place}"

    @classmethod
    def of(cls, desk: Desk, visit: Visit, place: str) -> Self:
        """Of the asked place; of the first that may be chosen where that is none of the visitor's."""
        known, place = shared.places(desk, visit), shared.place_shown(desk, visit, place)
        lines = tuple(_line(desk, visit, place, key) for key in PROMISES) if known else ()
        app = desk.application
        names = [name for name in app.config.calendars if is_seen(app, name, visit.account)]
        seen = [(ALWAYS, "круглосуточно"), *((name, name) for name in names)]
        return cls(place, known.get(place, ""), lines, tuple(seen), tuple(known.items()))

    @classmethod
    def read(cls, desk: Desk, visit: Visit) -> Self:
        """What was chosen. Raises as `settings.place_meant` does."""
        made = cls.of(desk, visit, shared.place_meant(desk, visit))
        lines = [
            replace(
                line,
                chosen=visit.form[line.key],
                was=visit.form[f"{line.key}-was"],
                seen=number(visit.form[f"{line.key}-seen"]),
            )
            for line in made.lines
        ]
        return replace(made, lines=tuple(lines))

    def strange(self) -> str:
        """A chosen calendar that was not among those to choose from; "". Of a hidden one nobody learns that it is
        there."""
        found = (line.chosen for line in self.lines if line.chosen != line.was)
        return next((name for name in found if name and name not in self.names), "")

    def changes(self) -> list[Change]:
        """Of what differs from what the form showed."""
        found = []
        for line in self.lines:
            name = at_place(self.place, line.key)
            if line.chosen == line.was:
                continue
            if line.chosen:
                found.append(Change.to(SLA_CALENDAR, name, line.chosen, line.seen))
            else:
                found.append(Change(SLA_CALENDAR, name, None, line.seen))
        return found

    def anew(self, desk: Desk, visit: Visit, complaint: str) -> Self:
        """The same choice over what stands there now."""
        fresh = type(self).of(desk, visit, self.place)
        both = zip(fresh.lines, self.lines, strict=True)
        lines = [now if mine.chosen == mine.was else replace(now, chosen=mine.chosen) for now, mine in both]
        return replace(fresh, lines=tuple(lines), complaint=complaint)


def is_seen(app: Application, name: str, account: Account) -> bool:
    """Whoever does not see all places sees what their own ones are counted by."""
    own = account.places
    return own is None or any(is_used_at(app, name, place.id) for place in app.config.places if place.id in own)


def _line(desk: Desk, visit: Visit, place: str, key: str) -> Line:
    name = at_place(place, key)
    latest = desk.store.settings.latest(SLA_CALENDAR, name)
    chosen = "" if latest is None else _text(latest.value)
    policies = desk.application.policies
    holds = getattr(policies.of(place) if place else policies.default, key)
    return Line(
        key=key,
        title=promises.NAMES[key],
        chosen=chosen,
        was=chosen,
        seen=0 if latest is None else latest.id,
        holds=promises.in_words(holds),
        set_by=set_by(desk, visit, SLA_CALENDAR, name),
    )


def _text(value: str | None) -> str:
    """Of a JSON string; anything else counts as none."""
    try:
        found = json.loads(value or "null")
    except (ValueError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def choices(desk: Desk, visit: Visit) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Place → what is promised there, in words: everywhere, and the places where it is otherwise."""
    policies = desk.application.policies
    usual = tuple(promises.in_words(getattr(policies.default, key)) for key in PROMISES)
    if is_whole(visit.account):
        yield "Все точки", usual
    told = 0
    for place, title in shared.places(desk, visit).items():
        if not place:
            continue
        here = tuple(promises.in_words(getattr(policies.of(place), key)) for key in PROMISES)
        if (here != usual or not is_whole(visit.account)) and told < MOST_TOLD:
            told += 1
            yield title, here
