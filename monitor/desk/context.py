"""What every page has at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.actions import Actions
from monitor.assemble import Application
from monitor.desk.pages import Pages
from monitor.desk.visit import Gate, Visit
from monitor.invitations import Invitations
from monitor.reports import Reports
from monitor.store.filters import Counts, Filters
from monitor.store.sqlite import Store

FRESH = 5
"""Seconds for which counts are remembered at most: so much later they tell what has become late meanwhile."""

MOST_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """`invitations` is None where the config has no `desk`: then no link in a mail is ours. `gate` knows who asks;
    `welcome` answers those who must log in first."""

    application: Application
    store: Store
    reports: Reports
    invitations: Invitations | None
    pages: Pages
    gate: Gate
    welcome: Callable[["Desk", Visit], Response]
    _counts: dict[object, Counts] = field(default_factory=dict)

    def current(self) -> "Desk":
        """The desk by the settings of this moment: a request sees the same ones from its beginning to its end."""
        application = self.application.current()
        if application is self.application:
            return self
        return replace(
            self,
            application=application,
            reports=application.reports,
            invitations=application.invitations,
            _counts={},
        )

    def actions(self, visit: Visit) -> Actions:
        """What whoever is logged in may do to a ticket at one of their places."""
        account = visit.account
        return self.application.actions(account.login, decides_gestures=account.may(Permission.GESTURES))

    def counts(self, visit: Visit) -> Counts:
        """Of what waits at the visitor's places. Everybody's page asks, again and again: counted anew when anything has
        changed."""
        account = visit.account
        key = (self.store.tickets.version(), account.places, account.login, int(visit.now.timestamp()) // FRESH)
        found = self._counts.get(key)
        if found is None:
            found = self.store.tickets.counts(Filters(places=account.places), account.login, visit.now)
            if len(self._counts) >= MOST_REMEMBERED:
                self._counts.clear()
            self._counts[key] = found
        return found
