"""Who hears of what: from whoever took a review up to the owner (rule 7). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor import canary
from monitor.config_escalation import USUAL, Escalation, Person, PlaceEscalation, Rungs
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
        found = [recipient for role in roles for recipient in self._holding(role, place, assignee, today)]
        return list(dict.fromkeys(found))

    def owners(self, place: str, today: date) -> list[str]:
        """Who hears of a danger at once."""
        return self._present(self._roles(place).owner, today)

    def why(self, recipient: str, *, place: str, assignee: str | None, today: date) -> str:
        """By which role a recipient hears of a place's reviews, or for whom (`for NAME`); "" where no setting says."""
        assignee = assignee and self.called(assignee)
        if assignee is not None and assignee in self.people and self.people[assignee].email == recipient:
            return "assignee"
        roles = self._roles(place)
        held = {"owner": roles.owner, "lead": roles.lead, "support": roles.support}
        for role, holders in held.items():
            if recipient in holders:
                return role
        for name, person in self.people.items():
            stands_in = self._standing_in(name, today)
            asked = name == assignee or any(person.email in holders for holders in held.values())
            if asked and stands_in is not None and stands_in is not person and stands_in.email == recipient:
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
        """Each, or who stands in for them; an absence without a substitute is no reason to tell nobody."""
        names = {person.email: name for name, person in self.people.items()}
        found = []
        for recipient in recipients:
            person = self._standing_in(names[recipient], today) if recipient in names else None
            found.append(recipient if person is None else person.email)
        return list(dict.fromkeys(found))

    def _standing_in(self, name: str, today: date) -> Person | None:
        """Whoever of this person and their substitutes is there; None where nobody is, or the name is unknown."""
        asked: set[str] = set()
        while name in self.people and name not in asked:
            person = self.people[name]
            if not any(first <= today <= last for first, last in person.away):
                return person
            asked.add(name)
            name = person.substitute
        return None


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
