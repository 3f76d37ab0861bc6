"""A calendar as a form: what somebody typed, what it means, and what of it cannot be meant. Pure.

config.calendars → Draft.of → the fields → Draft.read → meant → (the value as under `calendars:`, complaints)
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import pairwise

from monitor import wording
from monitor.config_calendar import CalendarSettings
from monitor.config_values import WEEKDAYS, Interval
from monitor.desk.visit import Form
from monitor.hours import DAYS

NAMES = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье")

MOST_DATES = 1000
MOST_SHIFTS = 6
"""Of a day, that the form offers room for."""

LONGEST_LINE = 60
"""Characters of a line that a complaint repeats."""

ZONES: Mapping[str, str] = {
    "Europe/Kaliningrad": "Калининград (МСК−1)",
    "Europe/Moscow": "Москва",
    "Europe/Samara": "Самара (МСК+1)",
    "Asia/Yekaterinburg": "Екатеринбург (МСК+2)",
    "Asia/Omsk": "Омск (МСК+3)",
    "Asia/Krasnoyarsk": "Красноярск, Новосибирск (МСК+4)",
    "Asia/Irkutsk": "Иркутск (МСК+5)",
    "Asia/Yakutsk": "Якутск (МСК+6)",
    "Asia/Vladivostok": "Владивосток (МСК+7)",
    "Asia/Magadan": "Магадан (МСК+8)",
    "Asia/Kamchatka": "Камчатка (МСК+9)",
}

_DATE = r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}"
_DAYS = re.compile(rf"({_DATE})(?:\s*(?:\.\.|[–—-])\s*({_DATE}))?")
_DAY_AND_HOURS = re.compile(rf"({_DATE})\s*[:,]?\s*(.*)")
_SHIFT = re.compile(r"(\d{1,2}):(\d\d)\s*(?:\.\.|[–—-])\s*(\d{1,2}):(\d\d)")
_TIME = re.compile(r"(\d{1,2})(?:[:. -]?(\d\d))?")

TOO_MANY = f"Дней больше {MOST_DATES}: столько не сохранить."
MIDNIGHT = 24 * 60
NIGHT = "Ночную смену разделите: до 24:00 в этот день и с 0:00 в следующий."


@dataclass(frozen=True, slots=True)
class Draft:
    """As typed. `week`: per day from Monday pairs of from and to, ""s for nothing."""

    base: bool = False
    timezone: str = "Europe/Moscow"
    week: tuple[tuple[tuple[str, str], ...], ...] = ((),) * 7
    holidays: str = ""
    working_days: str = ""
    short_days: str = ""

    @classmethod
    def of(cls, settings: CalendarSettings) -> "Draft":
        return cls(
            base=bool(settings.base),
            timezone=settings.timezone,
            week=tuple(tuple(_ends(shift) for shift in settings.week[day]) for day in range(7)),
            holidays="\n".join(_holiday_lines(sorted(settings.holidays))),
            working_days="\n".join(
                f"{dated(day)} {hours_told(hours)}".strip() if hours else dated(day)
                for day, hours in sorted(settings.working_days.items())
            ),
            short_days="\n".join(
                f"{dated(day)} {hours_told([hours])}" for day, hours in sorted(settings.short_days.items())
            ),
        )

    @classmethod
    def read(cls, form: Form) -> "Draft":
        return cls(
            base=bool(form["base"]),
            timezone=form["timezone"],
            week=tuple(tuple(zip(form.all(f"{day}-from"), form.all(f"{day}-to"), strict=False)) for day in WEEKDAYS),
            holidays=form["holidays"],
            working_days=form["working_days"],
            short_days=form["short_days"],
        )

    def rows(self) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
        """Per day: its key, its name, its shifts and room for one more."""
        for key, name, shifts in zip(WEEKDAYS, NAMES, self.week, strict=True):
            filled = tuple(shift for shift in shifts if any(shift))
            yield key, name, filled if len(filled) >= MOST_SHIFTS else (*filled, ("", ""))


@dataclass(slots=True)
class Meant:
    """`value` as it stands under `calendars:`; complaints by field, in sentences."""

    value: dict[str, object] = field(default_factory=dict)
    complaints: dict[str, str] = field(default_factory=dict)

    def complain(self, where: str, what: str) -> None:
        self.complaints.setdefault(where, what)


def meant(draft: Draft) -> Meant:
    found = Meant()
    week = {
        key: _shifts(found, "week", name, [shift for shift in shifts if any(shift)])
        for key, name, shifts in zip(WEEKDAYS, NAMES, draft.week, strict=True)
    }
    holidays = [day.isoformat() for day in _dates(found, draft.holidays)]
    working = _with_hours(found, "working_days", draft.working_days)
    short = _with_hours(found, "short_days", draft.short_days)
    for day, hours in short.items():
        if not hours or len(hours) != 1:
            found.complain("short_days", f"{dated(date.fromisoformat(day))}: впишите часы одним промежутком.")
    _check_apart(found, holidays, working, short)
    found.value = {
        **({"base": "russia"} if draft.base else {}),
        "timezone": draft.timezone,
        "week": week,
        "holidays": holidays,
        "working_days": working,
        "short_days": {day: hours[0] for day, hours in short.items() if hours},
    }
    if not any((*week.values(), *working.values())):
        found.complain("week", "В календаре нет ни одного рабочего часа. Впишите часы хотя бы для одного дня.")
    return found


def _check_apart(found: Meant, *kinds: Sequence[str] | Mapping[str, object]) -> None:
    seen: set[str] = set()
    for where, days in zip(("holidays", "working_days", "short_days"), kinds, strict=True):
        for day in days:
            if day in seen:
                found.complain(where, f"{dated(date.fromisoformat(day))} стоит в двух списках: оставьте в одном.")
        seen.update(days)


# --- hours ------------------------------------------------------------------------------------------


def _shifts(found: Meant, where: str, day: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """`["09:00-18:00"]`; an end at midnight is the end of the day."""
    minutes = []
    for start, end in pairs:
        first, last = _minutes(start), _minutes(end)
        if first is None or last is None:
            found.complain(where, f"{day}: впишите начало и конец, например 9:00 и 18:00.")
            continue
        last = last or MIDNIGHT  # whoever writes 0:00 as an end means it so
        if last <= first:
            found.complain(where, f"{day}: смена кончается раньше, чем начинается. {NIGHT}")
            continue
        minutes.append((first, last))
    minutes.sort()
    if any(end > start for (_, end), (start, _) in pairwise(minutes)):
        found.complain(where, f"{day}: часы накладываются друг на друга.")
    return [f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}" for first, last in minutes]


def _minutes(written: str) -> int | None:
    """`9:00`, and as people type it on a telephone: `9`, `9.00`, `900`."""
    found = _TIME.fullmatch(written.strip())
    if not found or int(found[2] or 0) > 59:
        return None
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    return minutes if minutes <= MIDNIGHT else None


# --- dates ------------------------------------------------------------------------------------------


def _dates(found: Meant, text: str) -> list[date]:
    days: set[date] = set()
    for line in _lines(text):
        matched = _DAYS.fullmatch(line)
        first = _date(matched[1]) if matched else None
        last = _date(matched[2]) if matched and matched[2] else first
        if first is None or last is None or last < first or (last - first).days > 366:
            found.complain("holidays", f"Не понимаем строку «{_quoted(line)}». {_example('31.12.2026')}")
            continue
        days.update(first + timedelta(days=step) for step in range((last - first).days + 1))
    if len(days) > MOST_DATES:
        found.complain("holidays", TOO_MANY)
        return []
    return sorted(days)


def _with_hours(found: Meant, where: str, text: str) -> dict[str, list[str] | None]:
    """Day → its hours, None where none are written."""
    days: dict[str, list[str] | None] = {}
    lines = list(_lines(text))
    if len(lines) > MOST_DATES:
        found.complain(where, TOO_MANY)
    for line in lines[:MOST_DATES]:
        matched = _DAY_AND_HOURS.fullmatch(line)
        day = _date(matched[1]) if matched else None
        parts = [part.strip() for part in matched[2].split(",")] if matched and matched[2] else []
        shifts = [_SHIFT.fullmatch(part) for part in parts]
        if day is None or not all(shifts):
            found.complain(where, f"Не понимаем строку «{_quoted(line)}». {_example('20.02.2027 9:00–16:00')}")
            continue
        pairs = [(f"{shift[1]}:{shift[2]}", f"{shift[3]}:{shift[4]}") for shift in shifts if shift]
        if day.isoformat() in days:
            found.complain(where, f"{dated(day)} стоит в списке дважды: оставьте одну строку.")
        days[day.isoformat()] = _shifts(found, where, dated(day), pairs) if pairs else None
    return days


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _date(written: str) -> date | None:
    try:
        if "." in written:
            day, month, year = (int(part) for part in written.split("."))
            found = date(year, month, day)
        else:
            found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _quoted(line: str) -> str:
    return wording.one_line(line, LONGEST_LINE)


def _example(line: str) -> str:
    return f"Пишите так: {line}."


# --- in words -----------------------------------------------------------------------------------------


def dated(day: date) -> str:
    """`31.12.2026`"""
    return f"{day:%d.%m}.{day.year}"


def _holiday_lines(days: Sequence[date]) -> Iterator[str]:
    """Days that follow one another in one line."""
    for first, last in runs(days):
        yield dated(first) if first == last else f"{dated(first)}–{dated(last)}"


def runs(days: Sequence[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _ends(shift: Interval) -> tuple[str, str]:
    return _clock(shift[0]), _end(shift[1])


def hours_told(shifts: Sequence[Interval]) -> str:
    """`9:00–13:00, 14:00–18:00`"""
    return ", ".join(f"{_clock(start)}–{_end(end)}" for start, end in shifts)


def _end(at: time) -> str:
    return _clock(at) if at != time() else "24:00"


def _clock(at: time) -> str:
    return f"{at.hour}:{at:%M}"


def week_told(settings: CalendarSettings) -> str:
    """`пн–пт 9:00–18:00; сб, вс выходные`: neighbours with the same hours are one part."""
    groups: list[tuple[int, int]] = []
    for day in range(7):
        if groups and settings.week[day] == settings.week[groups[-1][0]]:
            groups[-1] = (groups[-1][0], day)
        else:
            groups.append((day, day))
    parts = []
    for first, last in groups:
        days = (
            DAYS[first]
            if first == last
            else f"{DAYS[first]}–{DAYS[last]}"
            if last - first > 1
            else f"{DAYS[first]}, {DAYS[last]}"
        )
        free = "выходной" if first == last else "выходные"
        hours = settings.week[first]
        whole = hours == ((time(), time()),)
        parts.append(f"{days} {'круглые сутки' if whole else hours_told(hours) if hours else free}")
    return "; ".join(parts)


def exceptions_told(settings: CalendarSettings) -> list[str]:
    """What is otherwise than in a usual week, in short."""
    numbers = (
        (len(settings.holidays), ("выходной день", "выходных дня", "выходных дней")),
        (len(settings.working_days), ("рабочий день", "рабочих дня", "рабочих дней")),
        (len(settings.short_days), ("короткий день", "коротких дня", "коротких дней")),
    )
    told = ["производственный календарь России"] if settings.base else []
    return [*told, *(f"ещё {wording.counted(many, *words)}" for many, words in numbers if many)]
