"""Plays a morning at the desk, as if Отклик had run since the day before yesterday: what guests wrote is read, judged
and drafted when they wrote it, and colleagues do what the story says.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor import passwords
from monitor.accounts import Role
from monitor.actions import Actions
from monitor.alerts import TicketView
from monitor.assemble import Application
from monitor.clock import SystemClock
from monitor.model import TicketState
from monitor.runners.once import run_pass
from monitor.standin.morning import Does, Moment, Morning, Person
from monitor.standin.world import World
from monitor.store.filters import Filters
from monitor.talk import DisputeState
from responders.types import Fault

PASSWORD = "romashka-demo"  # noqa: S105 - it is printed for whoever starts the demo, and opens invented reviews
"""Of everybody at the demo's desk."""


GESTURES = "{price: 2500, cost: 900, acquisition: 300, share: 0.35, operator_limit: 300, owners: [olga]}"


class StoryClock:
    """Stands at `at` until the story goes on; None: it is over, and time is what it is."""

    def __init__(self, at: datetime | None) -> None:
        self.at = at
        self._own = SystemClock()

    def now(self) -> datetime:
        return self.at or self._own.now()


def add_places(path: Path) -> None:
    """The story's other places, and gestures within limits, at the end of the example config, which ends with its
    place."""
    morning, lines = Morning(StoryClock(None).now()), []
    for place, title in morning.titles.items():
        lines += [f"  - id: {place}", f"    title: {title}", "    timezone: Europe/Moscow", "    listings:"]
        for card in morning.world.cards():
            if card.place == place:
                pairs = ", ".join(f'{name}: "{value}"' for name, value in card.listing.items())
                lines.append(f"      - {{{pairs}}}")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join([*lines, "", f"gestures: {GESTURES}", ""]))


def play(app: Application, morning: Morning, clock: StoryClock) -> None:
    """Fills the application's empty database up to the moment the desk is opened. `clock` is its own and that of the
    sites, which must be served already."""
    hire(app, morning.people)
    _pass(app)
    for moment in morning.tell(morning.now):
        clock.at = moment.at
        if moment.by:
            _act(app, morning, moment)
            publish(app, morning.world)
        else:
            _pass(app)
    clock.at = morning.now
    _pass(app)


def hire(app: Application, people: tuple[Person, ...]) -> None:
    """Accounts for everybody at the desk."""
    accounts, now = app.store.accounts, app.clock.now()
    hashed = passwords.hashed(PASSWORD)
    with app.store.write():
        for person in people:
            made = accounts.add(person.login, name=person.name, role=Role(person.role), places=None, now=now)
            accounts.set_password(made.id, hashed)


def publish(app: Application, world: World, states: tuple[TicketState, ...] = (TicketState.SUBMITTED,)) -> None:
    """Whoever says that they posted a reply has done so: it stands on the site from now on."""
    for view in app.reports.queue(Filters(states), app.clock.now()):
        found = world.find_review(view.source, view.external_id)
        if found is None or view.draft is None:
            continue
        card, review = found
        if review.reply is None or review.reply.text != view.draft.text:
            world.reply(card, review.external_id, view.draft.text, at=app.clock.now())


def _pass(app: Application) -> None:
    run_pass(app.engine(), app.config.http.pass_budget)


def _act(app: Application, morning: Morning, moment: Moment) -> None:
    identity = morning.review(moment).external_id
    found = [view for view in _everything(app) if view.external_id == identity]
    for view in found:  # none where the config does not watch that card
        _DEEDS[moment.does](app.actions(moment.by), view.ticket, moment.said)


def _everything(app: Application) -> list[TicketView]:
    return app.reports.queue(Filters(tuple(TicketState)), app.clock.now())


_DEEDS: Mapping[Does, Callable[[Actions, int, Mapping[str, Any]], object]] = {
    Does.TAKE: lambda do, ticket, said: do.take(ticket),
    Does.NOTE: lambda do, ticket, said: do.note(ticket, said["text"]),
    Does.FAULT: lambda do, ticket, said: do.fault(ticket, Fault.CONFIRMED, said["text"]),
    Does.APPROVE: lambda do, ticket, said: do.approve(ticket),
    Does.SUBMITTED: lambda do, ticket, said: do.submitted(ticket),
    Does.DISMISS: lambda do, ticket, said: do.dismiss(ticket, said["reason"]),
    Does.GESTURE: lambda do, ticket, said: do.gesture(ticket, said["text"], said["amount"]),
    Does.DISPUTE: lambda do, ticket, said: do.dispute(ticket, DisputeState.FILED, said["text"]),
}
