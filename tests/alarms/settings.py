"""What config.yaml says, as the oracle reads it and as text for the program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tests.alarms.hours import Roster, Span

PROMISES = ("negative", "other", "reopened")
LATE = {"breach": ("assignee", "support", "lead"), "+1x": ("lead", "owner"), "+2x": ("owner",)}
LADDER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "negative": {"50%": ("assignee",), "80%": ("assignee", "support"), **LATE},
    "other": {"80%": ("assignee", "support"), **LATE},
}
"""Promise → level → who hears of it, where nothing else is written."""

Rungs = Mapping[str, Mapping[str, tuple[str, ...]]]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    substitute: str = ""
    away: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """`cards`: source → id. What a place does not say holds as everywhere."""

    id: str
    zone: str
    cards: Mapping[str, str]
    promises: Mapping[str, timedelta] = field(default_factory=dict)
    rosters: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ladder: Rungs = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """`rosters`: promise → the name of its calendar, "always" where there is none. `brand` is a word that the analysis
    depends on."""

    places: Mapping[str, Place]
    promises: Mapping[str, timedelta]
    calendars: Mapping[str, Roster]
    roles: Mapping[str, tuple[str, ...]]
    people: Mapping[str, Person]
    rosters: Mapping[str, str] = field(default_factory=dict)
    ladder: Rungs = field(default_factory=dict)
    quiet: Span | None = None
    collapse_over: int = 10
    per_hour: int = 60
    representative: bool = False
    brand: str = "Ромашка"

    def promise(self, place: str, name: str) -> tuple[timedelta, str]:
        """How long, and by which calendar."""
        own = self.places[place]
        roster = own.rosters.get(name) or self.rosters.get(name) or "always"
        return own.promises.get(name) or self.promises[name], roster

    def role(self, place: str, name: str) -> tuple[str, ...]:
        return self.places[place].roles.get(name) or self.roles.get(name) or ()

    def rung(self, place: str, promise: str, level: str) -> tuple[str, ...]:
        """Who hears of a level."""
        for rungs in (self.places[place].ladder, self.ladder, LADDER):
            if level in rungs.get(promise, {}):
                return rungs[promise][level]
        return ()

    @property
    def promised(self) -> object:
        """Changes with everything that may move a deadline."""
        own = {place.id: (place.promises, place.rosters) for place in self.places.values()}
        return self.promises, self.rosters, self.calendars, own

    def with_place(self, place: Place) -> "Settings":
        return replace(self, places={**self.places, place.id: place})

    def text(self) -> str:
        """For config.yaml: JSON is YAML."""
        escalation = {
            **{name: list(to) for name, to in self.roles.items() if to},
            "collapse_over": self.collapse_over,
            "ladder": _rungs(self.ladder),
            "people": {name: _person(person) for name, person in self.people.items()},
        }
        if self.quiet is not None:
            escalation["quiet_hours"] = _hours(self.quiet)
        return json.dumps(
            {
                "business": {"name": "Кафе", "brands": [self.brand]},
                "database": "otklik.db",
                "sla": {**_promises(self.promises), "calendar": dict(self.rosters), "enforce_from": "2d"},
                "calendars": {name: _calendar(roster) for name, roster in self.calendars.items()},
                "escalation": escalation,
                "mail": {"transport": "file", "from": "otklik@example.ru", "per_hour": self.per_hour},
                "sources": {"otzovik": {"representative": self.representative}},
                "places": [_place(place) for place in self.places.values()],
            },
            ensure_ascii=False,
        )


def _place(place: Place) -> dict[str, object]:
    return {
        "id": place.id,
        "title": f"«Ромашка» {place.id}",
        "timezone": place.zone,
        "listings": [
            {"source": source, "account": "1", "location": card}
            if source == "google_business"
            else {"source": source, "id": card}
            for source, card in place.cards.items()
        ],
        "sla": {**_promises(place.promises), "calendar": dict(place.rosters)},
        "escalation": {**{name: list(to) for name, to in place.roles.items()}, "ladder": _rungs(place.ladder)},
    }


def _person(person: Person) -> dict[str, object]:
    told: dict[str, object] = {"email": person.email, "away": [f"{first}..{last}" for first, last in person.away]}
    return told | ({"substitute": person.substitute} if person.substitute else {})


def _promises(promises: Mapping[str, timedelta]) -> dict[str, str]:
    return {name: f"{int(length / timedelta(minutes=1))}m" for name, length in promises.items()}


def _rungs(rungs: Rungs) -> dict[str, dict[str, list[str]]]:
    return {promise: {level: list(to) for level, to in levels.items()} for promise, levels in rungs.items()}


def _calendar(roster: Roster) -> dict[str, object]:
    return {
        "timezone": roster.zone,
        "week": {DAYS[day]: [_hours(span) for span in spans] for day, spans in roster.week.items()},
        "holidays": [str(day) for day in sorted(roster.holidays)],
        "working_days": {
            str(day): None if spans is None else [_hours(span) for span in spans]
            for day, spans in roster.working.items()
        },
        "short_days": {str(day): _hours(span) for day, span in roster.short.items()},
    }


def _hours(span: Span) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
