"""What somebody asks numbers of, by the words they use for it."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor import config_values as values
from monitor.config import Config
from monitor.errors import UsageError
from monitor.numbers import Period, Scope, midnight

USUAL = "7d"


class Known(NamedTuple):
    """`zone`: whose midnights part the days. `places` and `sources`: all that whoever asks may name, those included
    that left the config."""

    zone: str
    places: AbstractSet[str]
    sources: AbstractSet[str]


def scope_of(
    known: Known,
    now: datetime,
    *,
    since: str | None = None,
    until: str | None = None,
    place: str | None = None,
    source: str | None = None,
    assignee: str | None = None,
    places: frozenset[str] | None = None,
    name: Callable[[str], str] = str,
) -> Scope:
    """`since` and `until`: a day, a moment, or an age as of the command line; by default the last seven days. `places`:
    of these alone, whoever asks. `name`: how whoever asks writes the name of a value. Raises UsageError, in English,
    for a place or a site that there never was, and for a period that cannot be."""
    _check(name("place"), place, known.places)
    _check(name("source"), source, known.sources)
    begin = _moment(name("since"), since or USUAL, known.zone, now)
    end = now if until is None else min(_moment(name("until"), until, known.zone, now), now)
    if begin >= end:
        raise UsageError(f"{name('since')} {since or USUAL} must lie before {name('until')} and before now")
    return Scope(Period(begin, end, known.zone), place, source, assignee, places=places)


def zone_of(config: Config) -> str:
    """Whose midnights part the days of numbers, whatever zones the places have: the digest's, else the first place's.
    At the desk, on the command line, for programs and in mails a day is the same."""
    return config.places[0].timezone if config.digest is None else config.digest.timezone


def _check(option: str, given: str | None, known: AbstractSet[str]) -> None:
    if given is not None and given not in known:
        raise UsageError(f"{option}: there is no {values.shown(given)}; known: {', '.join(sorted(known))}")


def _moment(option: str, written: str, zone: str, now: datetime) -> datetime:
    """An age of whole days goes back to the beginning of a day: 1d is today."""
    try:
        found = values.moment_or_age(written, ZoneInfo(zone))
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if isinstance(found, datetime):
        return found
    whole, rest = divmod(found, timedelta(days=1))
    if rest or not whole:
        return now - found
    return midnight(now.astimezone(ZoneInfo(zone)).date() - timedelta(days=whole - 1), zone)
