"""What every page has at hand."""

from dataclasses import dataclass

from monitor.assemble import Application
from monitor.desk.pages import Pages
from monitor.invitations import Invitations
from monitor.reports import Reports
from monitor.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """`invitations` is None where the config has no `desk`: then no link is ours."""

    application: Application
    store: Store
    reports: Reports
    invitations: Invitations | None
    pages: Pages
