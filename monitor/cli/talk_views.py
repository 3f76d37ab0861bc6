"""Notes, complaints to the site and themes named by hand, for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import click

from monitor import wording
from monitor.alerts import TicketView
from monitor.cli.views import wrapped
from monitor.talk import Dispute, Note
from sentiment.types import Risk, Theme

Id = TypeVar("Id", Theme, Risk)

WHY_WIDTH = 500
NAME_WIDTH = 40


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


def by_hand_text(view: TicketView) -> Iterator[str]:
    """What a person said of the review's themes and dangers; nothing where nobody did."""
    yield from _told("Темы", view.themes_by_hand, wording.THEMES)
    yield from _told("Опасности", view.dangers_by_hand, wording.RISKS)


def _told(name: str, said: Mapping[Id, bool], titles: Mapping[str, str]) -> Iterator[str]:
    parts = []
    for word, holds in (("есть", True), ("нет", False)):
        if ones := [titles[one] for one in said if said[one] is holds]:
            parts.append(f"{word}: {', '.join(ones)}")
    if parts:
        yield f"      {name} указаны вручную: {'; '.join(parts)}"
