"""`otklik sla coverage`: when nobody would see a review in time."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from monitor import production, promises, wording
from monitor.calendar import HOUR
from monitor.cli.common import config_option, json_option, load_config, note, print_json, say, utf8
from monitor.clock import SystemClock, to_iso
from monitor.config import Config
from monitor.config_calendar import ALWAYS
from monitor.config_values import WEEKDAYS, hint, positive_duration, shown
from monitor.coverage import AHEAD, WEEK, longest_gap
from monitor.errors import UsageError
from monitor.hours import DAYS, Picture, draw, gap_ahead, share, week_gap

LEGEND = """██  в срок кто-то работает, в какую бы минуту часа ни заметили отзыв
··  срок может выйти раньше, чем кто-то начнёт работать"""


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
    pictures = [draw(config, wanted, promised, now) for wanted in _wanted(config, name)]
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
    yield f"Обычная неделя: {share(picture.week)} {week_gap(picture.week)}"
    yield f"Ближайшие 8 недель с праздниками: {share(picture.ahead)} {gap_ahead(picture)}"
    yield ""


def _use(picture: Picture) -> str:
    if not picture.promises:
        return "Сроки по нему не считаются (sla.calendar). Картина: что было бы, работай люди только в эти часы."
    counted = f"По нему считаются сроки: {', '.join(promises.NAMES[key] for key in picture.promises)}."
    return (
        counted if picture.name == ALWAYS else f"{counted} Вне его часов они стоят; картина — для срока без перерыва."
    )


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
