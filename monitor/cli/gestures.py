"""`otklik gestures`: the ledger of what was offered in private."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from monitor.cli import gesture_views
from monitor.cli.common import application, config_option, json_option, print_json, say, utf8
from monitor.config import Place
from monitor.config_values import moment_or_age
from monitor.errors import UsageError


@click.command()
@click.option(
    "--since", callback=utf8, help="Only what was proposed since a day (2026-11-20), a moment or an age (30d)."
)
@json_option
@config_option
def gestures(since: str | None, as_json: bool, config_path: Path | None) -> None:
    """Every private gesture, oldest first, and the sums per place and person.

    Nothing ever leaves this ledger; of an erased review the amounts stay.

    Example:  otklik gestures --since 30d
    """
    with application(config_path) as app:
        now = app.clock.now()
        zones = {place.id: place.timezone for place in app.config.places}
        usual = next(iter(zones.values()), Place("", "").timezone)
        start = None if since is None else _start(since, ZoneInfo(usual), now)
        entries = app.store.gestures.ledger(start)
        if as_json:
            print_json(gesture_views.ledger_json(entries, start))
            return
        for line in gesture_views.ledger_text(entries, app.titles, lambda place: zones.get(place, usual), now):
            say(line)


def _start(written: str, zone: ZoneInfo, now: datetime) -> datetime:
    """A day or a moment without an offset is in the first place's time zone."""
    try:
        found = moment_or_age(written, zone)
        return found if isinstance(found, datetime) else now - found
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--since: {error}") from None
