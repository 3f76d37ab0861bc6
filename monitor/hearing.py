"""Who would hear of what, before anything happens: so that nobody finds out by a breach that all were away. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.ladder import LATER, Ladder, is_away
from monitor.model import Target
from monitor.sla import Level

DANGER, LONG_LATE = "danger", "long late"

TARGETS = (Target.NEGATIVE, Target.OTHER)


@dataclass(frozen=True, slots=True, order=True)
class Unheard:
    """On that day, and maybe on those after it, nobody is there of whom are told: of a breach, of one that lasts, or of
    a danger."""

    day: date
    place: str
    what: str


def heard(
    ladder: Ladder, place: str, target: Target, level: str, *, day: date, assignee: str | None = None
) -> list[str]:
    """Recipients of one level."""
    return ladder.recipients(level, target, place=place, assignee=assignee, today=day, told=Level.BREACH)


def unheard(ladder: Ladder, today: Mapping[str, date], days: Collection[date] = ()) -> set[Unheard]:
    """`today`: of each place; `days`: to be looked at besides. Mails go out all the same; nobody is there to read
    them."""
    return {found for place, day in today.items() for found in _unheard(ladder, place, day, days)}


def _unheard(ladder: Ladder, place: str, today: date, days: Collection[date]) -> Iterator[Unheard]:
    # Who is there can only grow fewer on a day on which somebody leaves.
    leaving = {first for person in ladder.people.values() for first, _ in person.away}
    for day in sorted({today, *(day for day in (*leaving, *days) if day > today)}):
        if _nobody(ladder, ladder.owners(place, day), day):
            yield Unheard(day, place, DANGER)
        for what, levels in ((str(Level.BREACH), (Level.BREACH,)), (LONG_LATE, LATER)):
            told = (heard(ladder, place, target, level, day=day) for level in levels for target in TARGETS)
            if any(_nobody(ladder, recipients, day) for recipients in told):
                yield Unheard(day, place, what)


def _nobody(ladder: Ladder, recipients: Sequence[str], day: date) -> bool:
    """Whether they are all away. A level that the settings give to nobody is meant so."""
    return bool(recipients) and all(is_away(ladder.people, one, day) for one in recipients)
