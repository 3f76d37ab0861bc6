"""Who hears of what: from whoever took a review up to the owner (rule 7). Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor import canary
from monitor.config_escalation import USUAL, Escalation, Person, PlaceEscalation, Rungs, box
from monitor.model import Target
from monitor.sla import NOTICE, Level

LATER = (Level.PLUS_1X, Level.PLUS_2X)


@dataclass(frozen=True, slots=True)
class Roles:
    """Who answers for a place, as addresses or `channel:NAME`. Nobody stays unheard: without a lead the owner is it."""

    support: Sequence[str]
    owner: Sequence[str]
    lead: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """`rungs` and `roles` hold where a place has none of its own. More than `collapse_over` late reviews at once are
    one mail to whoever hears of them. `called`: what `people` calls somebody who acts under another name."""

    roles: Roles
    rungs: Rungs
    collapse_over: int
    people: Mapping[str, Person] = field(default_factory=dict)
    of_places: Mapping[str, Roles] = field(default_factory=dict)
    rungs_of_places: Mapping[str, Rungs] = field(default_factory=dict)
    called: Callable[[str], str] = str

    def recipients(
        self, level: str, target: Target, *, place: str, assignee: str | None, today: date, told: str = ""
    ) -> list[str]:
        """Who hears of `level` when `told` was the last one told: after an outage, also those who missed the breach."""
        if level == NOTICE:
            return self._present(self._roles(place).support, today)
        assignee = assignee and self.called(assignee)
        rungs = self._rungs(place)["other" if target is Target.OTHER else "negative"]
        missed = level in LATER and told not in (Level.BREACH, *LATER)
        roles = [*(rungs.get(Level.BREACH, ()) if missed else ()), *rungs.get(level, ())]
        return _each_once(recipient for role in roles for recipient in self._holding(role, place, assignee, today))

    def owners(self, place: str, today: date) -> list[str]:
        """Who hears of a danger at once."""
        return self._present(self._roles(place).owner, today)

    def why(self, recipient: str, *, place: str, assignee: str | None, today: date) -> str:
        """By which role a recipient hears of a place's reviews, or for whom (`for NAME`); "" where no setting says."""
        assignee = assignee and self.called(assignee)
        if assignee is not None and assignee in self.people and box(self.people[assignee].email) == box(recipient):
            return "assignee"
        roles = self._roles(place)
        held = {"owner": roles.owner, "lead": roles.lead, "support": roles.support}
        for role, holders in held.items():
            if holds(holders, recipient):
                return role
        for name, person in self.people.items():
            stands_in = self._standing_in(name, today)
            named = any(holds(holders, person.email) for holders in held.values())
            asked = name == assignee or (named and is_away(self.people, person.email, today))
            if asked and stands_in is not None and stands_in is not person and box(stands_in.email) == box(recipient):
                return f"for {name}"
        return ""

    def _roles(self, place: str) -> Roles:
        return self.of_places.get(place, self.roles)

    def _rungs(self, place: str) -> Rungs:
        return self.rungs_of_places.get(place, self.rungs)

    def _holding(self, role: str, place: str, assignee: str | None, today: date) -> list[str]:
        roles = self._roles(place)
        if role == "assignee":
            person = None if assignee is None else self._standing_in(assignee, today)
            return self._present(roles.support, today) if person is None else [person.email]
        if role == "lead":
            return self._present(roles.lead or roles.owner, today)
        return self._present(roles.owner if role == "owner" else roles.support, today)

    def _present(self, recipients: Sequence[str], today: date) -> list[str]:
        """Each, or who stands in for them."""
        return _each_once(one for recipient in recipients for one in self._reached(recipient, today))

    def _reached(self, recipient: str, today: date) -> list[str]:
        """Whoever stands in, once all who read that address are away: one of them who leaves takes no mail from the
        others. An absence without a substitute is no reason to tell nobody."""
        if not is_away(self.people, recipient, today):
            return [recipient]
        standing_in = (self._standing_in(name, today) for name in readers(self.people, recipient))
        return [person.email for person in standing_in if person is not None] or [recipient]

    def _standing_in(self, name: str, today: date) -> Person | None:
        """Whoever of this person and their substitutes is there; None where nobody is, or the name is unknown."""
        asked: set[str] = set()
        while name in self.people and name not in asked:
            person = self.people[name]
            if not person.is_away(today):
                return person
            asked.add(name)
            name = person.substitute
        return None


def readers(people: Mapping[str, Person], recipient: str) -> dict[str, Person]:
    """Whoever has that address, by name."""
    return {name: person for name, person in people.items() if box(person.email) == box(recipient)}


def is_away(people: Mapping[str, Person], recipient: str, day: date) -> bool:
    """Whether everybody who reads that address is away; of an address nobody is known to have, nothing is known."""
    known = readers(people, recipient).values()
    return bool(known) and all(person.is_away(day) for person in known)


def holds(recipients: Iterable[str], recipient: str) -> bool:
    """Whether it stands in a list, however it is spelled there."""
    return box(recipient) in (box(one) for one in recipients)


def own_addresses(people: Mapping[str, Person]) -> dict[str, str]:
    """Address → name, where one person alone has it: who of several reads a mail, nobody knows."""
    return {person.email: name for name, person in people.items() if len(readers(people, person.email)) == 1}


def _each_once(recipients: Iterable[str]) -> list[str]:
    """In their order, as they are spelled first."""
    found: dict[str, str] = {}
    for one in recipients:
        found.setdefault(box(one), one)
    return list(found.values())


def roles_at(everywhere: Escalation, place: PlaceEscalation) -> Roles:
    """Who answers for a place, its own people before those of all places."""
    return Roles(
        everywhere.support if place.support is None else place.support,
        everywhere.owner if place.owner is None else place.owner,
        everywhere.lead if place.lead is None else place.lead,
    )


def ladder_of(
    everywhere: Escalation,
    places: Mapping[str, PlaceEscalation],
    trial: Sequence[str],
    called: Callable[[str], str],
) -> Ladder:
    """The ladder of the settings; `trial`: who hears of a trial alarm, and of nothing else by it."""
    return Ladder(
        Roles(everywhere.support, everywhere.owner, everywhere.lead),
        everywhere.ladder,
        everywhere.collapse_over,
        everywhere.people,
        {name: roles_at(everywhere, place) for name, place in places.items()} | {canary.PLACE: Roles(trial, trial)},
        {name: rungs_at(everywhere, place) for name, place in places.items()} | {canary.PLACE: USUAL},
        called,
    )


def rungs_at(everywhere: Escalation, place: PlaceEscalation) -> Rungs:
    """Who hears of which level at a place: its own rungs over those of all places."""
    own = place.ladder or {}
    return {promise: {**rungs, **own.get(promise, {})} for promise, rungs in everywhere.ladder.items()}
