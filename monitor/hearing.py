"""Who would hear of what, before anything happens: so that nobody finds out by a breach that all were away. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from monitor.ladder import Ladder, is_away
from monitor.model import Target
from monitor.sla import Level

DANGER = "danger"


@dataclass(frozen=True, slots=True, order=True)
class Unheard:
    """On that day, and maybe on those after it, nobody is there of whom are told: of a breach, or of a danger."""

    day: date
    place: str
    what: str


def heard(
    ladder: Ladder, place: str, target: Target, level: str, *, day: date, assignee: str | None = None
) -> list[str]:
    """Recipients of one level."""
    return ladder.recipients(level, target, place=place, assignee=assignee, today=day, told=Level.BREACH)


def unheard(ladder: Ladder, today: Mapping[str, date]) -> set[Unheard]:
    """`today`: of each place. Mails go out all the same; nobody is there to read them."""
    return {found for place, day in today.items() for found in _unheard(ladder, place, day)}


def _unheard(ladder: Ladder, place: str, today: date) -> Iterator[Unheard]:
    # Who is there can only grow fewer on a day on which somebody leaves.
    leaving = {first for person in ladder.people.values() for first, _ in person.away if first > today}
    for day in sorted({today, *leaving}):
        told = {
            DANGER: [ladder.owners(place, day)],
            Level.BREACH: [
                heard(ladder, place, target, Level.BREACH, day=day) for target in (Target.NEGATIVE, Target.OTHER)
            ],
        }
        for what, lists in told.items():
            if any(all(is_away(ladder.people, one, day) for one in recipients) for recipients in lists):
                yield Unheard(day, place, str(what))
