"""`otklik sla …`."""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from monitor import promises
from monitor.assemble import held
from monitor.calendar import Always, build
from monitor.cli.common import (
    DEFAULT_CONFIG,
    NUMBER,
    application,
    config_option,
    find_config,
    json_option,
    print_json,
    say,
    utf8,
)
from monitor.cli.coverage import coverage
from monitor.cli.explain import story, story_json
from monitor.clock import SystemClock, from_iso, to_iso
from monitor.config import Sla
from monitor.config_calendar import ALWAYS
from monitor.config_sla import PROMISES
from monitor.config_values import shown
from monitor.errors import NoWorkingTime, UsageError
from monitor.history import LEVELS
from monitor.model import Target
from monitor.sla import Policies, Policy

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


sla.add_command(coverage)


@sla.command()
@click.option("--seen-at", required=True, help="When the review was first seen, ISO 8601 with an offset.")
@click.option("--tone", required=True, type=click.Choice(list(TARGETS)), help="`uncertain` counts as negative.")
@click.option("--calendar", callback=utf8, help="Count by this calendar of the config, or `always`.")
@click.option("--place", callback=utf8, help="By the promises of this place (id from the config).")
@json_option
@config_option
def due(
    seen_at: str, tone: str, calendar: str | None, place: str | None, as_json: bool, config_path: Path | None
) -> None:
    """The deadline of a review and every moment at which somebody is told.

    By the settings of config.yaml; where there is no such file, an hour and 24 hours round the clock.

    Example:  otklik sla due --seen-at 2026-11-21T19:00:00+03:00 --tone negative --json
    """
    start, zone = _moment(seen_at)
    target = TARGETS[tone]
    try:
        policy = _policy(config_path, calendar, place, start)
        deadline = policy.due(target, start)
        levels = policy.rings(policy.levels(target, start, deadline))
        shown_levels = [(LEVELS[level], _local(at, zone)) for level, at in levels]
    except OverflowError:
        raise UsageError(f"--seen-at {seen_at}: the deadline lies outside the calendar") from None
    except NoWorkingTime as error:
        raise UsageError(f"--calendar {calendar}: {error}") from None
    if as_json:
        rows = [{"level": level, "at": to_iso(at)} for level, at in levels]
        print_json({"due_at": to_iso(deadline), "levels": rows})
        return
    say(f"Ответить до {_local(deadline, zone)}")
    for level, at in shown_levels:
        say(f"  {level:<28} {at}")


def _policy(config_path: Path | None, calendar: str | None, place: str | None, start: datetime) -> Policy:
    """What is promised by the config, everywhere or at a place; `calendar` takes the place of its own ones."""
    path = find_config(click.get_current_context(), config_path)
    places: list[str] = []
    if not config_path and path == DEFAULT_CONFIG and not path.exists():
        policies, config = Policies(Policy.of(Sla().negative, Sla().other)), None
    else:
        config = held(path, SystemClock().now())
        if found := promises.problems(config, start):
            raise found[0]
        policies = promises.policies(config)
        places = [one.id for one in config.places]
    if place is not None and place not in places:
        raise UsageError(f"--place: there is no place {shown(place)}; known: {', '.join(places) or 'none'}")
    policy = policies.default if place is None else policies.of(place)
    if calendar is None:
        return policy
    known = dict(config.calendars) if config else {}
    if calendar != ALWAYS and calendar not in known:
        raise UsageError(f"--calendar: there is no calendar {shown(calendar)}; known: {', '.join([ALWAYS, *known])}")
    roster = Always() if calendar == ALWAYS else build(known[calendar])
    bound = {name: replace(getattr(policy, name), calendar=roster, roster=calendar) for name in PROMISES}
    return replace(policy, **bound)


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
        held, events = app.store.tickets.get(ticket), app.store.tickets.events(ticket)
        policy = app.policies.of(view.place)
        terms = app.store.tickets.terms(held.policy, view.place)
        if as_json:
            print_json(story_json(held, policy, terms, events, now))
            return
        for line in story(view, held, policy, terms, events, now):
            say(line)
