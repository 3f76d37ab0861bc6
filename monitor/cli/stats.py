"""`otklik stats`: numbers about the work: reviews, answers, deadlines; what reading the sites costs."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from click.core import ParameterSource

from monitor import wording
from monitor.alerts import Alarm
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say, utf8
from monitor.cli.stats_prometheus import exposition, write
from monitor.cli.stats_text import Names
from monitor.cli.stats_text import report as numbers_report
from monitor.contract.asked import Known, scope_of, zone_of
from monitor.contract.numbers import summary_json
from monitor.errors import UsageError
from monitor.numbers import Period, Scope
from monitor.store.connection import Row

COUNTS = ("reads", "requests", "unchanged", "blocks", "failures", "bytes")
LONGEST = 3660

RECENT = 7
"""Days that the shares and times of --prometheus tell of."""

_KINDS = {
    "--source": ("of_sources", "days", "as_json"),
    "--prometheus": ("prometheus", "output"),
    "the numbers about the work": ("since", "until", "place", "source_id", "assignee", "as_json"),
}
"""What goes with what: kind of numbers → its options."""


@click.command()
@click.option("--since", metavar="DAY|AGE", help="From that day, or so many days with today: 2026-11-01, 30d.  [7d]")
@click.option("--until", metavar="DAY|AGE", help="Up to the beginning of that day; 1d is today's.  [now]")
@click.option("--place", callback=utf8, help="Only this place (id from the config).")
@click.option("--source-id", "source_id", callback=utf8, help="Only this site, such as yandex_maps.")
@click.option("--assignee", callback=utf8, help="Only tickets that this person took.")
@click.option("--prometheus", is_flag=True, help="For node_exporter's textfile collector.")
@click.option("--output", type=click.Path(path_type=Path), help="Write --prometheus there, whole or not at all.")
@click.option("--source", "of_sources", is_flag=True, help="Requests, bytes, refusals and reads per site and day.")
@click.option(
    "--days", type=click.IntRange(1, LONGEST), default=7, show_default=True, help="Of --source: today is the last."
)
@json_option
@config_option
@click.pass_context
def stats(
    context: click.Context,
    since: str | None,
    until: str | None,
    place: str | None,
    source_id: str | None,
    assignee: str | None,
    prometheus: bool,
    output: Path | None,
    of_sources: bool,
    days: int,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Reviews, answers and deadlines of a period: by day or week of the review, by place, site and person, against the
    period before. Days are those of the digest's time zone, or of the first place's where the config has none.

    Example:  otklik stats --since 30d --place lenina
    """
    kind = "--source" if of_sources else "--prometheus" if prometheus else "the numbers about the work"
    _only(context, kind)
    with application(config_path) as app:
        if of_sources:
            _sources(app, days, as_json)
        elif prometheus:
            _prometheus(app, output)
        else:
            _numbers(app, _scope(app, since, until, place, source_id, assignee), as_json)


def _only(context: click.Context, kind: str) -> None:
    """Refuses options of another kind of numbers."""
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is not ParameterSource.DEFAULT
        others = [other for other, options in _KINDS.items() if name in options]
        if given and others and kind not in others:
            raise UsageError(f"{parameter.opts[0]} goes with {' or '.join(others)}, not with {kind}")


# --- the numbers ----------------------------------------------------------------------------------


def _numbers(app: Application, scope: Scope, as_json: bool) -> None:
    summary = app.store.numbers.over(scope, app.clock.now(), working=app.working)
    if as_json:
        print_json(summary_json(summary))
        return
    for line in numbers_report(summary, Names(app.titles, {name: _title(app, name) for name in app.sources})):
        say(line)


def _scope(
    app: Application, since: str | None, until: str | None, place: str | None, source: str | None, assignee: str | None
) -> Scope:
    places, sources = app.store.numbers.names()
    known = Known(zone_of(app.config), places | app.titles.keys(), sources | app.sources.keys())
    return scope_of(
        known,
        app.clock.now(),
        since=since,
        until=until,
        place=place,
        source=source,
        assignee=assignee,
        name=lambda word: "--source-id" if word == "source" else f"--{word}",
    )


def _prometheus(app: Application, output: Path | None) -> None:
    now = app.clock.now()
    recent = Scope(Period(now - timedelta(days=RECENT), now, "UTC"))
    figures = app.store.numbers.over(recent, now, compare=False, trends=False).total
    proven_at = app.store.canary.proven_at()
    text = exposition(app.store.numbers.gauges(now), figures, RECENT, proven_at)
    if output is None:
        click.echo(text, nl=False)
    else:
        write(text, output)


# --- what reading costs ---------------------------------------------------------------------------


def _sources(app: Application, days: int, as_json: bool) -> None:
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
