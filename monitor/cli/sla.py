"""`otklik sla …`."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from monitor import wording
from monitor.calendar import Always
from monitor.cli import views
from monitor.cli.common import (
    DEFAULT_CONFIG,
    NUMBER,
    application,
    config_option,
    find_config,
    json_option,
    print_json,
    say,
)
from monitor.clock import from_iso, to_iso
from monitor.config import Sla, load
from monitor.config_values import shown
from monitor.errors import UsageError
from monitor.model import Target
from monitor.sla import Policy

TARGETS = {
    "negative": Target.NEGATIVE,
    "uncertain": Target.NEGATIVE,
    "neutral": Target.OTHER,
    "positive": Target.OTHER,
    "other": Target.OTHER,
}


@click.group()
def sla() -> None:
    """Deadlines: when something is due, and why.

    Example:  otklik sla due --seen-at 2026-11-21T19:00:00Z --tone negative
    """


@sla.command()
@click.option("--seen-at", required=True, help="When the review was first seen, ISO 8601 with an offset.")
@click.option("--tone", required=True, type=click.Choice(list(TARGETS)), help="`uncertain` counts as negative.")
@click.option("--calendar", default="always", show_default=True, help="So far only `always`: round the clock.")
@json_option
@config_option
def due(seen_at: str, tone: str, calendar: str, as_json: bool, config_path: Path | None) -> None:
    """The deadline of a review and every moment at which somebody is told.

    Example:  otklik sla due --seen-at 2026-11-21T19:00:00+03:00 --tone negative --json
    """
    start, zone = _moment(seen_at)
    if calendar != "always":
        raise UsageError(f"--calendar {calendar}: this version counts round the clock only; say `always`")
    path = find_config(click.get_current_context(), config_path)
    settings = load(path).sla if config_path or path != DEFAULT_CONFIG or path.exists() else Sla()
    policy = Policy(settings.negative, settings.other, Always())
    target = TARGETS[tone]
    try:
        deadline = policy.due(target, start)
        levels = policy.levels(target, start, deadline)
        shown_levels = [(views.LEVELS[level], _local(at, zone)) for level, at in levels]
    except OverflowError:
        raise UsageError(f"--seen-at {seen_at}: the deadline lies outside the calendar") from None
    if as_json:
        rows = [{"level": level, "at": to_iso(at)} for level, at in levels]
        print_json({"due_at": to_iso(deadline), "levels": rows})
        return
    say(f"Ответить до {_local(deadline, zone)}")
    for level, at in shown_levels:
        say(f"  {level:<28} {at}")


def _moment(written: str) -> tuple[datetime, tzinfo]:
    """The moment in UTC, and the offset in which it was written."""
    try:
        zone = datetime.fromisoformat(written).tzinfo
        return from_iso(written), zone or UTC
    except ValueError:
        raise UsageError(f"--seen-at {shown(written)} is no moment; write it like 2026-11-21T19:00:00+03:00") from None


def _local(at: datetime, zone: tzinfo) -> str:
    """`21.11.2026 13:00 (+03:00)`; seconds only where there are any."""
    local = at.astimezone(zone)
    time = f"{local:%H:%M:%S}".removesuffix(":00")
    return f"{local:%d.%m}.{local.year:04} {time} ({str(zone).removeprefix('UTC') or 'UTC'})"


@sla.command()
@click.argument("ticket", type=NUMBER)
@json_option
@config_option
def explain(ticket: int, as_json: bool, config_path: Path | None) -> None:
    """Why this deadline, and which events moved it.

    Example:  otklik sla explain 12
    """
    with application(config_path) as app:
        now = app.clock.now()
        view = app.reports.ticket(ticket, now)
        events = app.store.tickets.events(ticket)
        if as_json:
            print_json({"due_at": to_iso(view.due_at) if view.due_at else None, "events": events})
            return
        seen = wording.moment(view.first_seen_at, view.timezone, now)
        say(f"Отзыв впервые увиден {seen}." + (" Накопился до подключения: срока нет." if view.backlog else ""))
        if view.due_at:
            say(f"Срок: {wording.moment(view.due_at, view.timezone, now)}, {wording.time_left(view.due_at, now)}.")
        for line in views.history_text(events, view.timezone, now):
            say(line)
