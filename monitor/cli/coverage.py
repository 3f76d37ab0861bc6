"""`otklik sla coverage`: when nobody would see a review in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from monitor import production, promises, wording
from monitor.calendar import HOUR, Always, build
from monitor.cli.common import config_option, json_option, load_config, note, print_json, say, utf8
from monitor.clock import SystemClock, to_iso
from monitor.config import Config
from monitor.config_calendar import ALWAYS
from monitor.config_sla import PROMISES
from monitor.config_values import WEEKDAYS, hint, positive_duration, shown
from monitor.coverage import AHEAD, MONDAY, WEEK, covered, longest_gap, usual
from monitor.errors import UsageError

DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
LEGEND = """██  в срок кто-то работает, в какую бы минуту часа ни заметили отзыв
··  срок может выйти раньше, чем кто-то начнёт работать"""


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


@click.command()
@click.option("--calendar", "name", callback=utf8, help="Only this one. Default: each of the config's.")
@click.option("--target", callback=utf8, help="Time to answer, round the clock, such as 1h. Default: sla.negative.")
@json_option
@config_option
def coverage(name: str | None, target: str | None, as_json: bool, config_path: Path | None) -> None:
    """In which hours of the week a promise cannot be kept, because nobody works until it is due.

    The picture shows a usual week; the eight weeks that begin now are counted with their holidays. A calendar by which
    no deadline is counted is shown, too: what would be if people worked in its hours alone.

    Example:  otklik sla coverage --calendar office --target 1h
    """
    config = load_config(config_path)
    try:
        promised = config.sla.negative if target is None else positive_duration(target)
    except ValueError as error:
        raise UsageError(f"--target {error}") from None
    now = SystemClock().now()
    pictures = [_picture(config, wanted, promised, now) for wanted in _wanted(config, name)]
    if as_json:
        print_json({"target_s": promised.total_seconds(), "calendars": [_json(picture) for picture in pictures]})
    else:
        for picture in pictures:
            for line in _text(picture, promised):
                say(line)
    _note_unknown_years(config, pictures)


def _wanted(config: Config, name: str | None) -> list[str]:
    known = [ALWAYS, *config.calendars]
    if name is None:
        return list(config.calendars) or known
    if name not in known:
        raise UsageError(
            f"--calendar {shown(name)}: there is none of that name under `calendars:`; {hint(name, known)}"
        )
    return [name]


def _picture(config: Config, name: str, target: timedelta, now: datetime) -> Picture:
    settings = config.calendars.get(name)
    calendar, plain = (build(settings), usual(settings)) if settings else (Always(), Always())
    timezone = settings.timezone if settings else "UTC"
    start = now.astimezone(ZoneInfo(timezone)).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    week, ahead = covered(plain, MONDAY, WEEK, target), covered(calendar, start, AHEAD, target)
    return Picture(name, _promises(config, name), timezone, week, ahead, start)


def _promises(config: Config, name: str) -> tuple[str, ...]:
    """What is counted by it, everywhere or at a place."""
    policies = promises.policies(config)
    there = [policies.of(place.id) for place in config.places]
    return tuple(key for key in PROMISES if any(getattr(policy, key).roster == name for policy in there))


def _note_unknown_years(config: Config, pictures: Sequence[Picture]) -> None:
    based = [picture for picture in pictures if picture.name != ALWAYS and config.calendars[picture.name].base]
    years = {year for picture in based for year in (picture.start.year, picture.local(AHEAD).year)}
    for year in sorted(years - production.known_years() if years else ()):
        note(f"Переносы выходных на {year} год ещё не известны: учтены только сами праздники.")


# --- for people -------------------------------------------------------------------------------


def _text(picture: Picture, target: timedelta) -> Iterator[str]:
    clock = "круглосуточно" if picture.name == ALWAYS else picture.timezone
    yield f"Календарь {picture.name} ({clock}), срок {wording.duration(target)}"
    yield _use(picture)
    yield ""
    yield "  " + "".join(f"{hour:>3}" for hour in range(24))
    for day, name in enumerate(DAYS):
        yield name + "".join(" ██" if held else " ··" for held in picture.week[day * 24 : day * 24 + 24])
    yield ""
    yield from LEGEND.splitlines()
    yield ""
    yield f"Обычная неделя: {_share(picture.week)} {_week_gap(picture.week)}"
    yield f"Ближайшие 8 недель с праздниками: {_share(picture.ahead)} {_gap_ahead(picture)}"
    yield ""


def _use(picture: Picture) -> str:
    if not picture.promises:
        return "Сроки по нему не считаются (sla.calendar). Картина: что было бы, работай люди только в эти часы."
    counted = f"По нему считаются сроки: {', '.join(promises.NAMES[key] for key in picture.promises)}."
    return (
        counted if picture.name == ALWAYS else f"{counted} Вне его часов они стоят; картина — для срока без перерыва."
    )


def _share(hours: Sequence[bool]) -> str:
    percent = f"{100 * sum(hours) / len(hours):.1f}".removesuffix(".0").replace(".", ",")
    return f"охвачено {sum(hours)} из {len(hours)} часов ({percent}{wording.GLUE}%)."


def _week_gap(week: Sequence[bool]) -> str:
    first, length = longest_gap(week, circular=True)
    if length in (0, WEEK):
        return "Перерыв — вся неделя." if length else "Перерывов нет."
    begins, ends = divmod(first, 24), divmod((first + length) % WEEK, 24)
    since = f"{_since(begins[0])} {begins[1]}:00"
    return f"Самый долгий перерыв — {length}{wording.GLUE}ч: {since} до {DAYS[ends[0]]} {ends[1]}:00."


def _gap_ahead(picture: Picture) -> str:
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


# --- for programs -----------------------------------------------------------------------------


def _json(picture: Picture) -> dict[str, Any]:
    week_first, week_length = longest_gap(picture.week, circular=True)
    first, length = longest_gap(picture.ahead, circular=False)
    gaps = {
        "week": (_hour_of_week(week_first), _hour_of_week(week_first + week_length), week_length),
        "ahead": (to_iso(picture.start + first * HOUR), to_iso(picture.start + (first + length) * HOUR), length),
    }
    missed = {
        day: [hour for hour in range(24) if not picture.week[row * 24 + hour]] for row, day in enumerate(WEEKDAYS)
    }
    period = {"from": to_iso(picture.start), "to": to_iso(picture.start + AHEAD * HOUR)}
    return {
        "calendar": picture.name,
        "timezone": picture.timezone,
        "promises": list(picture.promises),
        "week": {**_counts(picture.week, gaps["week"]), "uncovered": missed},
        "ahead": {**period, **_counts(picture.ahead, gaps["ahead"])},
    }


def _counts(hours: Sequence[bool], gap: tuple[str, str, int]) -> dict[str, Any]:
    return {
        "hours": len(hours),
        "covered": sum(hours),
        "share": round(sum(hours) / len(hours), 4),
        "longest_gap": {"from": gap[0], "to": gap[1], "hours": gap[2]} if gap[2] else None,
    }


def _hour_of_week(index: int) -> str:
    day, hour = divmod(index % WEEK, 24)
    return f"{WEEKDAYS[day]} {hour:02}:00"
