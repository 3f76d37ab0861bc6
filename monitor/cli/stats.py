"""`otklik stats`: numbers about the work. So far: what reading the sites costs."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from monitor import wording
from monitor.alerts import Alarm
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say
from monitor.errors import UsageError
from monitor.store.connection import Row

COUNTS = ("reads", "requests", "unchanged", "blocks", "failures", "bytes")
LONGEST = 3660


@click.command()
@click.option("--source", "of_sources", is_flag=True, help="Requests, bytes, refusals and reads per site and day.")
@click.option(
    "--days", type=click.IntRange(1, LONGEST), default=7, show_default=True, help="How many days, today last."
)
@json_option
@config_option
def stats(of_sources: bool, days: int, as_json: bool, config_path: Path | None) -> None:
    """Numbers about the work, by UTC day.

    Example:  otklik stats --source --days 30
    """
    if not of_sources:
        raise UsageError("say which numbers: --source (what reading the sites costs) is all there is so far")
    with application(config_path) as app:
        since = app.clock.now() - timedelta(days=days - 1)
        rows = app.store.traffic.rows(since)
        if as_json:
            for row in rows:
                print_json(row)
        else:
            for line in report(app, rows, app.store.alarms.since(_midnight(since)), days):
                say(line)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


_COLUMNS = (
    ("День", 11), ("Сайт", 15), ("чтений", 8), ("запросов", 9), ("без перемен", 12), ("отказов", 8), ("сбоев", 6),
    ("получено", 11),
)  # fmt: skip


def report(app: Application, rows: Sequence[Row], alarms: Sequence[Alarm], days: int) -> Iterator[str]:
    """A line per day and site, the sums per site, how often each alarm rang."""
    period = wording.counted(days, "день", "дня", "дней")
    if not rows:
        yield f"За {period} к сайтам не было ни одного запроса."
        return
    yield click.style(_line([name for name, _ in _COLUMNS]), bold=True)
    for row in rows:
        day = date.fromisoformat(row["day"])
        yield _line([f"{day:%d.%m.%Y}", _title(app, row["source"]), *_counts(row)])
    yield ""
    names = sorted({row["source"] for row in rows})
    for name in names:
        of_source = [row for row in rows if row["source"] == name]
        sums = {count: sum(row[count] for row in of_source) for count in COUNTS}
        yield _line(["всего", _title(app, name), *_counts(sums)])
    if alarms:
        yield ""
        yield f"Тревоги за {period}:"
        for alarm in alarms:
            ended = "уже прошло" if alarm.resolved_at else "продолжается"
            about = alarm.listing or _title(app, alarm.source)
            yield f"  {alarm.raised_at:%d.%m.%Y %H:%M} UTC  {about}: {wording.ALARMS[alarm.kind]} ({ended})"


def _title(app: Application, name: str) -> str:
    source = app.sources.get(name)
    return source.title if source else name


def _counts(row: Row) -> list[str]:
    return [*(str(row[name]) for name in COUNTS[:-1]), wording.size(row["bytes"])]


def _line(words: Sequence[str]) -> str:
    """Names to the left, numbers to the right."""
    cells = [wording.one_line(word, width) for word, (_, width) in zip(words, _COLUMNS, strict=True)]
    widths = [width for _, width in _COLUMNS]
    aligned = [
        cell.ljust(width) if number < 2 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return " ".join(aligned).rstrip()
