"""The promises of config.yaml as policies: per place, each target on its calendar. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from monitor import calendar, canary, sla, wording
from monitor.config import Config
from monitor.config_calendar import ALWAYS, CalendarSettings
from monitor.config_sla import PROMISES, PlaceSla
from monitor.errors import ConfigError
from monitor.quiet import Quiet

NAMES: Mapping[str, str] = {"negative": "негатив", "other": "остальное", "reopened": "повторно открытые"}
"""The promises, for people."""

LONGEST = 3
"""Targets from a start to the last level that is told (`+2x`)."""


def policies(config: Config) -> sla.Policies:
    """What every place promises. `Policies.fingerprint` changes with anything that moves a deadline or an alert."""
    calendars: dict[str, calendar.Calendar] = {ALWAYS: calendar.Always()}
    calendars |= {name: calendar.Unfailing(calendar.build(settings)) for name, settings in config.calendars.items()}
    fingerprint = _fingerprint(config)
    everywhere = _policy(config, PlaceSla(), calendars, fingerprint, config.places[0].timezone)
    trial = sla.Policy.of(canary.PROMISE, canary.PROMISE, canary.PROMISE)
    places = {canary.PLACE: replace(trial, fingerprint=fingerprint)}
    for place in config.places:
        places[place.id] = _policy(config, place.sla, calendars, fingerprint, place.timezone)
    return sla.Policies(everywhere, places)


def problems(config: Config, now: datetime) -> list[ConfigError]:
    """Calendars by which some promise cannot be kept track of, because they hold no working time."""
    longest: dict[str, timedelta] = {}
    for own in (PlaceSla(), *(place.sla for place in config.places)):
        for length, roster in _promised(config, own).values():
            longest[roster] = max(longest.get(roster, length), length)
    found = []
    for name, settings in config.calendars.items():
        if name in longest:
            reason = calendar.trial(calendar.build(settings), now, longest[name] * LONGEST)
            found += [] if reason is None else [config.error(f"calendars.{name}", reason)]
    return found


def _policy(
    config: Config,
    own: PlaceSla,
    calendars: Mapping[str, calendar.Calendar],
    fingerprint: str,
    timezone: str,
) -> sla.Policy:
    promised = {
        name: sla.Promise(length, calendars[roster], roster)
        for name, (length, roster) in _promised(config, own).items()
    }
    quiet = config.escalation.quiet
    return sla.Policy(
        **promised,
        quiet=None if quiet is None else Quiet(*quiet, timezone),
        fingerprint=fingerprint,
        terms="; ".join(f"{NAMES[name]}: {in_words(promise)}" for name, promise in promised.items()),
    )


def _promised(config: Config, own: PlaceSla) -> dict[str, tuple[timedelta, str]]:
    """Promise → how long, and the name of its calendar."""
    rosters = {**config.sla.calendars, **own.calendars}
    return {name: (getattr(own, name) or getattr(config.sla, name), rosters.get(name, ALWAYS)) for name in PROMISES}


def in_words(promise: sla.Promise) -> str:
    """`1 ч круглосуточно`, `24 ч по календарю office`."""
    hours, minutes = divmod(int(promise.time / timedelta(minutes=1)), 60)
    parts = [(hours, "ч"), (minutes, "мин")]
    length = " ".join(f"{number}{wording.GLUE}{unit}" for number, unit in parts if number) or "меньше минуты"
    return f"{length} " + ("круглосуточно" if promise.roster == ALWAYS else f"по календарю {promise.roster}")


def _fingerprint(config: Config) -> str:
    """The same settings give the same text in every process; a calendar counts only where a promise is bound to it."""
    rosters = [config.sla.calendars, *(place.sla.calendars for place in config.places)]
    used = {roster for bound in rosters for roster in bound.values()}
    told: dict[str, object] = {
        "sla": [getattr(config.sla, name) for name in PROMISES] + [config.sla.calendars],
        "places": {place.id: [place.sla, place.timezone] for place in config.places},
        "quiet": config.escalation.quiet,
        "calendars": {name: _resolved(config.calendars[name]) for name in sorted(used - {ALWAYS})},
    }
    return sha256(json.dumps(_plain(told), sort_keys=True).encode()).hexdigest()[:16]


def _resolved(settings: CalendarSettings) -> object:
    """A production calendar changes with the package that knows it, not with the file."""
    if not settings.base:
        return settings
    from importlib.metadata import version

    return [settings, version("holidays")]


def _plain(value: object) -> object:
    """For JSON: the same for equal settings, whatever order sets and mappings happen to have."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(_plain(item)) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, date | time | timedelta) else value
