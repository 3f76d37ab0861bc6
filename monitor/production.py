"""The Russian production calendar: which days are worked, and for how long. Pure.

Holidays and the government's transfers come from the `holidays` package; the rest is the Labour Code:

- article 112: a day off that meets a holiday is moved. It can only be moved for whom it was a day off, so what a
  Saturday gave away is no day off for a team that works on Saturdays;
- order 588n: a day off that became a working day is as long as the working day it was exchanged for;
- article 95: the working day before a holiday is an hour shorter.

For a year whose transfers the package does not know yet (`known_years`) only the holidays themselves count: a team is
then told too early rather than too late. Regional holidays belong into the file's own `holidays`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from monitor.config_values import Interval

DAY = timedelta(days=1)
CUT = timedelta(hours=1)

_MOVED_FROM = re.compile(r"перенесено с (\d\d)\.(\d\d)\.(\d{4})")

Week = Mapping[int, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True)
class Year:
    """`holidays`: by law. `off`: day off by transfer → the day off or holiday it comes from.
    `worked`: former day off that is worked → the day whose place it takes."""

    holidays: frozenset[date]
    off: Mapping[date, date]
    worked: Mapping[date, date]


def known_years() -> frozenset[int]:
    """The years whose transfers are known."""
    from holidays import country_holidays

    return frozenset(country_holidays("RU").special_public_holidays)


def hours(day: date, week: Week) -> tuple[Interval, ...]:
    """The working hours of a day, for a team with this usual week; none is a day off."""
    year = _year(day.year)
    moved_from = year.off.get(day)
    if day in year.holidays or (moved_from and not week[moved_from.weekday()]):
        return ()
    own = week[day.weekday()]
    like = day if own else year.worked.get(day, day)
    usual = own or week[like.weekday()]
    return an_hour_less(usual) if _is_holiday(like + DAY) else usual


def an_hour_less(usual: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The same hours without the last working hour."""
    kept = []
    cut = CUT
    for start, end in reversed(usual):
        begins = datetime.combine(date.min, start)
        ends = datetime.combine(date.min if end > start else date.min + DAY, end)
        taken = min(cut, ends - begins)
        cut -= taken
        if ends - taken > begins:
            kept.append((start, (ends - taken).time()))
    return tuple(reversed(kept))


def _is_holiday(day: date) -> bool:
    return day in _year(day.year).holidays


@cache
def _year(number: int) -> Year:
    from holidays import country_holidays

    by_law = country_holidays("RU", years=number, observed=False, language="ru")
    decreed = {day: _origin(found) for day, name in by_law.items() if (found := _MOVED_FROM.search(name))}
    fixed = frozenset(by_law) - decreed.keys()
    weekends = [day for day in fixed if day.weekday() >= 5]
    following = country_holidays("RU", years=number, observed=True, language="ru").keys() - by_law.keys()
    moved = {day: max(holiday for holiday in weekends if holiday < day) for day in following}
    return Year(fixed, moved | decreed, {origin: day for day, origin in decreed.items() if origin not in fixed})


def _origin(found: re.Match[str]) -> date:
    day, month, year = map(int, found.groups())
    return date(year, month, day)
