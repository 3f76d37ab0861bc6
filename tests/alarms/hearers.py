"""Who hears of what: roles, substitutes, the ladder of a place."""

from datetime import date

from tests.alarms.cases import NOTICE, OTHER, Ring
from tests.alarms.settings import Settings


def hearers(settings: Settings, ring: Ring, day: date) -> list[str]:
    """Whoever missed the breach hears of the first later level with the others."""
    place, level = ring.case.place, ring.level
    if level == NOTICE:
        return role(settings, place, "support", day)
    promise = "other" if ring.case.target == OTHER else "negative"
    names = list(settings.rung(place, promise, level))
    if level in ("+1x", "+2x") and ring.before not in ("breach", "+1x", "+2x"):
        names += settings.rung(place, promise, "breach")
    found: set[str] = set()
    for name in names:
        assignee = ring.case.assignee if name == "assignee" else None
        person = stand_in(settings, assignee, day) if assignee else None
        found |= {settings.people[person].email} if person else set(role(settings, place, name, day))
    return sorted(found)


def role(settings: Settings, place: str, name: str, day: date) -> list[str]:
    """Its addresses, an absent person's taken over by the substitute; nobody stays unheard. Where nobody took a review,
    support did."""
    name = "support" if name == "assignee" else name
    addresses = settings.role(place, name) or settings.role(place, "owner")
    people = {person.email: called for called, person in settings.people.items()}
    found = set()
    for address in addresses:
        person = stand_in(settings, people[address], day) if address in people else None
        found.add(settings.people[person].email if person else address)
    return sorted(found)


def stand_in(settings: Settings, name: str, day: date) -> str | None:
    """The person, or the first of the substitutes who is there; None where nobody is, or nobody is called so."""
    for _ in settings.people:
        person = settings.people.get(name)
        if person is None:
            return None
        if not any(first <= day <= last for first, last in person.away):
            return name
        name = person.substitute
    return None
