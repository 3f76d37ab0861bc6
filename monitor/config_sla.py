"""The promises of config.yaml: how fast a person answers, by which roster, and where it is otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor import config_values as values
from monitor.config_calendar import ALWAYS, CalendarSettings
from monitor.config_file import Section

PROMISES = ("negative", "other", "reopened")
"""The keys of a promise: negative or not judged, any other, a reply that was refused or lost."""

Rosters = Mapping[str, str]
"""Promise → the name of its calendar; where it is left out, round the clock."""


@dataclass(frozen=True, slots=True)
class Sla:
    """`reopened`: for a ticket whose reply was refused or disappeared. `enforce_from`: a moment, an age before the
    first successful pass, or None (that moment itself)."""

    negative: timedelta = timedelta(hours=1)
    other: timedelta = timedelta(hours=24)
    reopened: timedelta = timedelta(hours=1)
    calendars: Rosters = field(default_factory=dict)
    enforce_from: datetime | timedelta | None = None


@dataclass(frozen=True, slots=True)
class PlaceSla:
    """What a place promises otherwise; None, and a calendar left out: as everywhere."""

    negative: timedelta | None = None
    other: timedelta | None = None
    reopened: timedelta | None = None
    calendars: Rosters = field(default_factory=dict)


def read_sla(section: Section, calendars: Mapping[str, CalendarSettings], zone: ZoneInfo) -> Sla:
    """A day or a moment without an offset is in the first place's time zone."""
    section.allow(*PROMISES, "calendar", "enforce_from")
    default = Sla()
    return Sla(
        negative=section.read("negative", values.positive_duration, default.negative),
        other=section.read("other", values.positive_duration, default.other),
        reopened=section.read("reopened", values.positive_duration, default.reopened),
        calendars=_rosters(section, calendars),
        enforce_from=section.read("enforce_from", lambda written: values.moment_or_age(written, zone), None),
    )


def read_place_sla(section: Section, calendars: Mapping[str, CalendarSettings]) -> PlaceSla:
    section.allow(*PROMISES, "calendar")
    return PlaceSla(
        negative=section.read("negative", values.positive_duration, None),
        other=section.read("other", values.positive_duration, None),
        reopened=section.read("reopened", values.positive_duration, None),
        calendars=_rosters(section, calendars),
    )


def _rosters(section: Section, calendars: Mapping[str, CalendarSettings]) -> Rosters:
    """`calendar: office` for every promise, or `calendar: {negative: always, other: office}`."""

    def name(written: str) -> str:
        if written not in (ALWAYS, *calendars):
            known = values.hint(written, [ALWAYS, *calendars])
            raise ValueError(f"there is no calendar {values.shown(written)} under `calendars:`; {known}")
        return written

    entry = section.entries.get("calendar")
    if entry is not None and entry.is_section:
        by_promise = entry.section()
        by_promise.allow(*PROMISES)
        return {
            promise: by_promise.read(promise, name, ALWAYS) for promise in PROMISES if promise in by_promise.entries
        }
    return {} if entry is None else dict.fromkeys(PROMISES, entry.value(name, ALWAYS))
