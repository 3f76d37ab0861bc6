"""The rosters of config.yaml: when the team works. Counting with them is `monitor.calendar`'s job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from monitor import config_values as values
from monitor.config_file import Entry, Section
from monitor.config_values import Interval

ALWAYS = "always"
"""The calendar that needs no roster: round the clock."""

BASES = ("russia",)
"""Whose holidays a roster may build upon."""

USUAL_WEEK: Mapping[int, tuple[Interval, ...]] = {day: ((time(9), time(18)),) if day < 5 else () for day in range(7)}
"""Of a roster that names a base and no hours; its time zone is then Moscow's where none is written."""

EXAMPLE = '{mon-fri: ["09:00-18:00"]}'


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """A roster as written: local times, half-open intervals. Weekdays count from Monday = 0, all seven are there.

    The intervals of a day are in order and apart; one that ends at 00:00 lasts to the end of its day (24:00 in the
    file). A working day with None has no hours of its own: its weekday's hold, else Monday's, else those of the
    week's first day that has any.
    `base`: one of BASES, or "". What stands in the file about a day goes before what the base knows of it.
    """

    timezone: str
    week: Mapping[int, tuple[tuple[time, time], ...]]
    holidays: frozenset[date] = frozenset()
    working_days: Mapping[date, tuple[tuple[time, time], ...] | None] = field(default_factory=dict)
    short_days: Mapping[date, tuple[time, time]] = field(default_factory=dict)
    base: str = ""


def read_calendars(section: Section) -> dict[str, CalendarSettings]:
    found = {}
    for name, entry in section.entries.items():
        if name == ALWAYS:
            entry.refuse("`always` means round the clock and cannot be changed: choose another name")
            continue
        try:
            values.identifier(name)
        except ValueError as error:
            entry.refuse(str(error))
        found[name] = _calendar(entry.section())
    return found


def _calendar(section: Section) -> CalendarSettings:
    section.allow("base", "timezone", "week", "holidays", "working_days", "short_days")
    before = len(section.document.problems)
    base = section.read("base", values.one_of(*BASES), "")
    based = "base" in section.entries
    calendar = CalendarSettings(
        timezone=section.read("timezone", values.timezone, "Europe/Moscow", example="" if based else "Europe/Moscow"),
        week=USUAL_WEEK if based and "week" not in section.entries else _week(section.section("week", example=EXAMPLE)),
        holidays=frozenset(entry.value(values.day, date.min) for entry in section.items("holidays")),
        working_days=_working_days(section),
        short_days=_short_days(section.section("short_days")),
        base=base,
    )
    if len(section.document.problems) == before:
        _check_whole(section, calendar)
    return calendar


def _check_whole(section: Section, calendar: CalendarSettings) -> None:
    """What only shows when the parts are seen together; asked only when each part is right."""
    if not any((*calendar.week.values(), *calendar.working_days.values())):
        section.refuse("week", 'holds no working time: write at least one day, such as mon-fri: ["09:00-18:00"]')
    kinds = {
        "holidays": calendar.holidays,
        "working_days": frozenset(calendar.working_days),
        "short_days": frozenset(calendar.short_days),
    }
    for one, other in (("holidays", "working_days"), ("holidays", "short_days"), ("working_days", "short_days")):
        for day in sorted(kinds[one] & kinds[other]):
            section.refuse(other, f"{day} is also under {one}: keep it in one of them")


def _week(section: Section) -> dict[int, tuple[Interval, ...]]:
    week: dict[int, tuple[Interval, ...]] = {}
    for name, entry in section.entries.items():
        try:
            days = values.weekdays(name)
        except ValueError as error:
            entry.refuse(str(error))
            continue
        hours = _hours(entry)
        for day in days:
            if day in week:
                entry.refuse(f"{values.WEEKDAYS[day]} already has its hours above: name every day once")
            week.setdefault(day, hours)
    return {day: week.get(day, ()) for day in range(7)}


def _hours(entry: Entry) -> tuple[Interval, ...]:
    """The intervals of one day; none is a day off."""
    found = [item.value(values.interval, None) for item in entry.entries()]
    try:
        return values.check_apart(hours for hours in found if hours)
    except ValueError as error:
        entry.refuse(str(error))
        return ()


def _working_days(section: Section) -> dict[date, tuple[Interval, ...] | None]:
    """Extra working days: a list of days, or days with hours of their own."""
    entry = section.entries.get("working_days")
    if entry is None or not entry.is_section:
        return {item.value(values.day, date.min): None for item in section.items("working_days")}
    return {day: None if hours.empty else _given_hours(hours) for day, hours in _dated(entry.section())}


def _given_hours(entry: Entry) -> tuple[Interval, ...]:
    hours = _hours(entry)
    if not hours:
        entry.refuse('holds no hours: write ["09:00-18:00"], or nothing after the colon for the usual ones')
    return hours


def _short_days(section: Section) -> dict[date, Interval]:
    return {day: entry.value(values.interval, (time(), time())) for day, entry in _dated(section)}


def _dated(section: Section) -> list[tuple[date, Entry]]:
    found = []
    for name, entry in section.entries.items():
        try:
            found.append((values.day(name), entry))
        except ValueError as error:
            entry.refuse(str(error))
    return found
