"""When a promise that runs round the clock cannot be kept, because nobody works until it is due. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.calendar import HORIZON, HOUR, Calendar, build
from monitor.config_calendar import CalendarSettings

MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
"""Where a usual week begins: in UTC no clock is ever changed."""

WEEK = 7 * 24
AHEAD = 8 * WEEK

_MINUTE = timedelta(minutes=1)


def usual(settings: CalendarSettings) -> Calendar:
    """Every week as the roster means it: no holidays, no exceptions, local time laid over UTC."""
    plain = replace(settings, timezone="UTC", base="", holidays=frozenset(), working_days={}, short_days={})
    return build(plain)


def covered(calendar: Calendar, start: datetime, hours: int, target: timedelta) -> tuple[bool, ...]:
    """Of each hour from `start`: whether a review first seen in any of its minutes meets working time before `target`
    has passed (looked for as far as HORIZON)."""
    target = min(target, HORIZON)
    return tuple(
        all(
            calendar.between(seen, seen + target)
            for seen in (start + hour * HOUR + minute * _MINUTE for minute in range(60))
        )
        for hour in range(hours)
    )


def longest_gap(hours: Sequence[bool], *, circular: bool) -> tuple[int, int]:
    """The longest run of hours that are not covered: its first hour and its length; (0, 0) when there is none.
    `circular`: after the last hour comes the first again."""
    best, begun = (0, 0), 0
    for index, held in enumerate([*hours, *hours] if circular else hours):
        if held:
            begun = index + 1
        elif index + 1 - begun > best[1]:
            best = (begun, index + 1 - begun)
    return best[0], min(best[1], len(hours))
