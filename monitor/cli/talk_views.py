"""Notes, complaints to the site and themes named by hand, for JSON and for the terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from monitor import wording
from monitor.alerts import TicketView
from monitor.cli.views import wrapped
from monitor.clock import to_iso
from monitor.talk import Dispute, Note

WHY_WIDTH = 500
NAME_WIDTH = 40


def talk_json(notes: Sequence[Note], disputes: Sequence[Dispute]) -> dict[str, object]:
    return {
        "notes": [{"author": note.author, "at": to_iso(note.at), "text": note.text} for note in notes],
        "disputes": [
            {"state": step.state, "by": step.actor, "at": to_iso(step.at), "why": step.why} for step in disputes
        ],
    }


def talk_text(notes: Sequence[Note], disputes: Sequence[Dispute], zone: str, now: datetime) -> Iterator[str]:
    """What colleagues wrote, and every step of a complaint; an empty line behind each, nothing where there is none."""
    if disputes:
        yield click.style("Жалоба площадке", bold=True)
        for step in disputes:
            why = f": {wording.one_line(step.why, WHY_WIDTH)}" if step.why else ""
            yield f"  {_signed(step.at, step.actor, zone, now)}  {wording.DISPUTES[step.state]}{why}"
        yield ""
    if notes:
        yield click.style("Заметки для коллег", bold=True)
        for note in notes:
            yield f"  {_signed(note.at, note.author, zone, now)}"
            yield from (f"    {line}" for line in wrapped(note.text).split("\n"))
        yield ""


def _signed(at: datetime, who: str, zone: str, now: datetime) -> str:
    return f"{wording.moment(at, zone, now)} ({wording.one_line(who, NAME_WIDTH)})"


def themes_text(view: TicketView) -> list[str]:
    """What a person said of the review's themes; nothing where nobody did."""
    told = [
        f"{word}: {', '.join(wording.THEMES[theme] for theme in themes)}"
        for word, themes in (
            ("есть", [theme for theme, holds in view.themes_by_hand.items() if holds]),
            ("нет", [theme for theme, holds in view.themes_by_hand.items() if not holds]),
        )
        if themes
    ]
    return [f"      Темы указаны вручную: {'; '.join(told)}"] if told else []
