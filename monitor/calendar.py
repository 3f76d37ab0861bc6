"""Working time. So far there is one calendar: the team answers round the clock.

Rosters with weekly intervals, holidays and short days join here, behind the same two questions.
"""

from datetime import datetime, timedelta
from typing import Protocol


class Calendar(Protocol):
    def after(self, start: datetime, working: timedelta) -> datetime:
        """The moment at which `working` time has passed since `start`."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; zero when `end` is not later."""


class Always:
    """Every minute is working time. Aware moments in UTC make it immune to clock changes."""

    def after(self, start: datetime, working: timedelta) -> datetime:
        return start + working

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta())
