"""A ticket's history for the terminal: every event a line."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor import history, wording


def history_text(events: Iterable[Mapping[str, str]], zone: str, now: datetime) -> list[str]:
    """A ticket's events, one line each."""
    lines = []
    for event in history.told(events, zone, now):
        when, who = wording.moment(event.at, zone, now), event.who and f"({event.who})"
        about = " ".join(filter(None, (event.about, who)))
        lines.append(f"  {when:<24} {event.what:<22} {about}".rstrip())
    return lines
