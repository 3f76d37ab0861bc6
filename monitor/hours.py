"""When a promise that runs round the clock cannot be kept, by a calendar of the settings: the hours, and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor import promises, wording
from monitor.calendar import HOUR, Always, build
from monitor.config import Config
from monitor.config_sla import PROMISES
from monitor.coverage import AHEAD, MONDAY, WEEK, covered, longest_gap, usual

DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


@dataclass(frozen=True, slots=True)
class Picture:
    """`week`: the hours of a usual week from Monday 0:00, local. `ahead`: those from `start`, holidays counted.
    `promises`: the keys of what is counted by it, at some place."""

    name: str
    promises: tuple[str, ...]
    timezone: str
    week: tuple[bool, ...]
    ahead: tuple[bool, ...]
    start: datetime

    def local(self, hours: int) -> datetime:
        return (self.start + hours * HOUR).astimezone(ZoneInfo(self.timezone))


def draw(config: Config, name: str, target: timedelta, now: datetime) -> Picture:
    settings = config.calendars.get(name)
    calendar, plain = (build(settings), usual(settings)) if settings else (Always(), Always())
    timezone = settings.timezone if settings else "UTC"
    start = now.astimezone(ZoneInfo(timezone)).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    week, ahead = covered(plain, MONDAY, WEEK, target), covered(calendar, start, AHEAD, target)
    return Picture(name, counted_by(config, name), timezone, week, ahead, start)


def counted_by(config: Config, name: str) -> tuple[str, ...]:
    """What is counted by it, everywhere or at a place."""
    policies = promises.policies(config)
    there = [policies.of(place.id) for place in config.places]
    return tuple(key for key in PROMISES if any(getattr(policy, key).roster == name for policy in there))


def share(hours: Sequence[bool]) -> str:
    percent = f"{100 * sum(hours) / len(hours):.1f}".removesuffix(".0").replace(".", ",")
    return f"охвачено {sum(hours)} из {len(hours)} часов ({percent}{wording.GLUE}%)."


def week_gap(week: Sequence[bool]) -> str:
    first, length = longest_gap(week, circular=True)
    if length in (0, WEEK):
        return "Перерыв — вся неделя." if length else "Перерывов нет."
    begins, ends = divmod(first, 24), divmod((first + length) % WEEK, 24)
    since = f"{_since(begins[0])} {begins[1]}:00"
    return f"Самый долгий перерыв — {length}{wording.GLUE}ч: {since} до {DAYS[ends[0]]} {ends[1]}:00."


def gap_ahead(picture: Picture) -> str:
    first, length = longest_gap(picture.ahead, circular=False)
    if length in (0, AHEAD):
        return "Перерыв — все 8 недель." if length else "Перерывов нет."
    begins, ends = picture.local(first), picture.local(first + length)
    since, until = f"{_since(begins.weekday())} {_dated(begins)}", f"{DAYS[ends.weekday()]} {_dated(ends)}"
    return f"Самый долгий перерыв — {length}{wording.GLUE}ч: {since} до {until}."


def _since(weekday: int) -> str:
    """«с пятницы», but «со вторника» and «со среды»."""
    return f"{'со' if weekday in (1, 2) else 'с'} {DAYS[weekday]}"


def _dated(local: datetime) -> str:
    return f"{local:%d.%m} {local.hour}:{local:%M}"
