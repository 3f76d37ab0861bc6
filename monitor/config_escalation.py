"""Who hears of what: the roles of config.yaml, the ladder they stand on, people with their substitutes, quiet hours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from monitor import config_values as values
from monitor.config_file import Entry, Section

CHANNEL = "channel:"
"""Before the name of a channel where an address may stand."""

ROLES = ("assignee", "support", "lead", "owner")

LEVELS: Mapping[str, tuple[str, ...]] = {
    "negative": ("50%", "80%", "breach", "+1x", "+2x"),
    "other": ("80%", "breach", "+1x", "+2x"),
}
"""The rungs of each ladder, by promise; `sla.LADDER` says when they are reached."""

Rungs = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Promise → level → the roles that hear of it."""

_LATE: Mapping[str, tuple[str, ...]] = {
    "breach": ("assignee", "support", "lead"),
    "+1x": ("lead", "owner"),
    "+2x": ("owner",),
}
USUAL: Rungs = {
    "negative": {"50%": ("assignee",), "80%": ("assignee", "support"), **_LATE},
    "other": {"80%": ("assignee", "support"), **_LATE},
}
"""From whoever took it up to the owner. Where nobody took it, support stands in; without a lead, the owner does."""

_AWAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*\.\.\s*(\d{4}-\d\d-\d\d))?")
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts under a name. `away`: first and last days of absence; `substitute`: the name of who stands in
    then, or ""."""

    email: str
    substitute: str = ""
    away: tuple[tuple[date, date], ...] = ()

    def is_away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.away)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Recipients are addresses or `channel:NAME`. `admin`: who hears that reviews are not read; the owners where the
    file names nobody. `quiet`: from when to when warnings wait, in each place's own time."""

    support: tuple[str, ...]
    owner: tuple[str, ...]
    collapse_over: int = 10
    admin: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    ladder: Rungs = field(default_factory=lambda: USUAL)
    people: Mapping[str, Person] = field(default_factory=dict)
    quiet: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class PlaceEscalation:
    """Who hears of a place's reviews instead; None: as everywhere."""

    support: tuple[str, ...] | None = None
    lead: tuple[str, ...] | None = None
    owner: tuple[str, ...] | None = None
    ladder: Rungs | None = None


def read_escalation(section: Section) -> Escalation:
    section.allow("support", "lead", "owner", "admin", "collapse_over", "ladder", "people", "quiet_hours")
    owner = recipients(section, "owner", required=True)
    return Escalation(
        support=recipients(section, "support", required=True),
        owner=owner,
        collapse_over=section.read("collapse_over", values.whole(1, 100_000), Escalation((), ()).collapse_over),
        admin=recipients(section, "admin", required=True) if "admin" in section.entries else owner,
        lead=recipients(section, "lead"),
        ladder=_ladder(section, USUAL),
        people=_people(section.section("people")),
        quiet=section.read("quiet_hours", _quiet, None),
    )


def read_place_escalation(section: Section) -> PlaceEscalation:
    section.allow("support", "lead", "owner", "ladder")

    def own(key: str) -> tuple[str, ...] | None:
        return recipients(section, key, required=True) if key in section.entries else None

    return PlaceEscalation(
        support=own("support"),
        lead=own("lead"),
        owner=own("owner"),
        ladder=_ladder(section, {}) if "ladder" in section.entries else None,
    )


def box(recipient: str) -> str:
    """What the spellings of one address have in common: capitals are no matter to mail. Compare recipients by this
    alone; a channel's name is as it stands."""
    return recipient if recipient.startswith(CHANNEL) else recipient.casefold()


def recipients(section: Section, key: str, *, required: bool = False) -> tuple[str, ...]:
    """Addresses and channels, each once."""
    found: list[str] = []
    for entry in section.items(key, example=f"[{key}@example.ru]" if required else ""):
        recipient = entry.value(_recipient, "")
        if recipient in found:
            entry.refuse("stands twice: keep one")
        found.append(recipient)
    return tuple(found)


def _recipient(written: str) -> str:
    if written.startswith(CHANNEL):
        return CHANNEL + values.identifier(written.removeprefix(CHANNEL))
    return values.email(written)


def _ladder(section: Section, usual: Rungs) -> Rungs:
    """The given rungs over the usual ones."""
    written = section.section("ladder")
    written.allow(*LEVELS)
    return {
        promise: {**usual.get(promise, {}), **_rungs(entry.section(), levels)}
        if (entry := written.entries.get(promise))
        else usual.get(promise, {})
        for promise, levels in LEVELS.items()
    }


def _rungs(section: Section, levels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    section.allow(*levels)
    rungs = {}
    for level, entry in section.entries.items():
        rungs[level] = tuple(item.value(values.one_of(*ROLES), "support") for item in entry.entries())
        if level == "breach" and not rungs[level]:
            entry.refuse(f"is empty: somebody must hear of a broken promise; choose from {', '.join(ROLES)}")
    return rungs


def _people(section: Section) -> dict[str, Person]:
    people = {name: _person(entry.section()) for name, entry in section.entries.items()}
    for name, person in people.items():
        if person.substitute and person.substitute not in people:
            section.entries[name].section().refuse(
                "substitute", f"there is nobody called {values.shown(person.substitute)} under `people:`"
            )
    return people


def _person(section: Section) -> Person:
    section.allow("email", "substitute", "away")
    return Person(
        email=section.read("email", values.email, "", example="anna@example.ru"),
        substitute=section.read("substitute", values.text, ""),
        away=tuple(days for entry in section.items("away") if (days := _absence(entry)) is not None),
    )


def _absence(entry: Entry) -> tuple[date, date] | None:
    def days(written: str) -> tuple[date, date]:
        found = _AWAY.fullmatch(written.strip())
        if found is None:
            raise ValueError(f"must be a day or days such as 2026-12-28..2027-01-11, not {values.shown(written)}")
        first = values.day(found[1])
        last = values.day(found[2]) if found[2] else first
        if last < first:
            raise ValueError(f"ends before it begins: {values.shown(written)}")
        return first, last

    return entry.value(days, None)


def _quiet(written: str) -> tuple[time, time]:
    found = _HOURS.fullmatch(written.strip())
    try:
        if found is not None:
            start = time(int(found[1]), int(found[2]))
            end = time() if found[3] + found[4] == "2400" else time(int(found[3]), int(found[4]))
            if start != end:
                return start, end
    except ValueError:
        pass
    raise ValueError(f'must be hours such as "22:00-08:00", not {values.shown(written)}')
