"""What every page has at hand."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.actions import Actions
from monitor.assemble import Application
from monitor.desk.pages import Pages
from monitor.desk.visit import Gate, Visit
from monitor.invitations import Invitations
from monitor.reports import Reports
from monitor.store.sqlite import Store


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

    def actions(self, visit: Visit) -> Actions:
        """What whoever is logged in may do to a ticket at one of their places."""
        account = visit.account
        return self.application.actions(account.login, decides_gestures=account.may(Permission.GESTURES))
