"""A ticket's history for the terminal: every event a line."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor import history, wording

WIDTH = 22
"""Characters of what happened, where more of it follows in a column of its own."""


def history_text(events: Iterable[Mapping[str, str]], zone: str, now: datetime) -> list[str]:
    """A ticket's events, one line each."""
    lines = []
    for event in history.told(events, zone, now):
        when, who = wording.moment(event.at, zone, now), event.who and f"({event.who})"
        about = " ".join(filter(None, (event.about, who)))
        # What leaves its column would run into what follows.
        what = f"{event.what}:" if event.about and len(event.what) > WIDTH else event.what
        lines.append(f"  {when:<24} {what:<{WIDTH}} {about}".rstrip())
    return lines
