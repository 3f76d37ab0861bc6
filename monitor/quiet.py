"""Quiet hours: when warnings wait. Pure; local wall-clock times of one zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` to `end` of every day, half-open; past midnight where `end` is not later than `start`."""

    start: time
    end: time
    timezone: str

    def over(self, moment: datetime) -> datetime:
        """`moment` itself outside the quiet hours, else their end."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        clock = local.time()
        if self.start < self.end:
            inside, tomorrow = self.start <= clock < self.end, False
        else:
            inside, tomorrow = clock >= self.start or clock < self.end, clock >= self.start
        if not inside:
            return moment
        day = local.date() + timedelta(days=tomorrow)
        ends = datetime.combine(day, self.end, local.tzinfo).astimezone(UTC)
        # Where clocks are set back the end may come twice; it counts once it is ahead.
        return ends if ends > moment else ends.astimezone(local.tzinfo).replace(fold=1).astimezone(UTC)
