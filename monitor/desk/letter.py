"""What a mail of the outbox says, worded anew by what the worker words it with. The links in mails act in the name of
whoever got them: none stands on a page.

Notification → Alert → Renderer → subject and text
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock

from monitor.alerts import AccountView, AlarmView, Alert, AlertKind, DigestView, TicketView
from monitor.desk.context import Desk
from monitor.desk.visit import Visit
from monitor.errors import TemplateError
from monitor.invitations import SHORTEST_SECRET, Invitations
from monitor.jobs.digest import KINDS as DIGESTS
from monitor.ladder import own_addresses
from monitor.store.notifications import Notification

IN_THE_MAIL = "(ссылка есть только в самом письме)"

_ONE_BY_ONE = Lock()
"""Digests remember the last one that they gathered, for the worker, which is one thread."""


@dataclass(frozen=True, slots=True)
class Worded:
    subject: str
    text: str


class Concealed(Invitations):
    """Offers the same buttons, without what they lead to."""

    def address(self, *_: object, **__: object) -> str:
        return IN_THE_MAIL


def worded(desk: Desk, visit: Visit, one: Notification) -> Worded | None:
    """None where nothing is left to tell, or the template fails."""
    application, now = desk.application, visit.now
    tickets = tuple(_visible(visit, view) for view in desk.reports.tickets([ticket for ticket, _ in one.tickets], now))
    alarms, account = tuple(_alarms(desk, one)), _account(desk, one)
    if not tickets and not alarms and account is None and one.kind not in DIGESTS:
        return None
    alert = Alert(
        kind=one.kind,
        level=one.level,
        recipient=one.recipient,
        message_id="<shown@otklik>",
        tickets=tickets,
        alarms=alarms,
        created_at=one.created_at,
        role=application.why(one.recipient, tickets[0], now) if tickets else "",
        digest=_digest(desk, one, now),
        account=account,
    )
    from monitor.notify.render import Renderer

    try:
        config = application.config
        renderer = Renderer(config.templates_dir, config.business.name, _concealed(desk), application.name_of)
        made = renderer.render(alert, now=now)
    except TemplateError:
        return None
    return Worded(made.subject, made.text.strip())


def _visible(visit: Visit, view: TicketView) -> TicketView:
    """The same words elsewhere are told where the visitor may look."""
    may = tuple(other for other in view.same_as if visit.account.places is None or other.place in visit.account.places)
    return replace(view, same_as=may)


def _concealed(desk: Desk) -> Invitations | None:
    """None where mails have no buttons."""
    if desk.invitations is None:
        return None
    people = desk.application.config.escalation.people
    return Concealed(
        "x" * SHORTEST_SECRET,
        public_url="",
        lifetime=timedelta(),
        names=own_addresses(people),
        login=desk.application.login,
    )


def _alarms(desk: Desk, one: Notification) -> Iterable[AlarmView]:
    """Of what is wrong now, what such a mail told of."""
    if one.kind is not AlertKind.INTAKE:
        return ()
    wrong = desk.reports.wrong(None)
    return (view for view in wrong if view.alarm.source in one.sources and view.alarm.raised_at <= one.created_at)


def _account(desk: Desk, one: Notification) -> AccountView | None:
    """Whoever reads this page must not get in by it."""
    about = desk.store.letters.about(one.id)
    if about is None:
        return None
    account, is_link = desk.store.accounts.get(about.account_id), one.kind is AlertKind.ENTRY
    until = desk.store.accounts.link_kept(about.link, one.created_at).until or one.created_at
    return AccountView(
        login=account.login,
        name=account.name,
        timezone=desk.application.config.places[0].timezone,
        link=IN_THE_MAIL if is_link else "",
        until=until if is_link else None,
        address=about.address,
        detail=about.detail,
    )


def _digest(desk: Desk, one: Notification, now: datetime) -> DigestView | None:
    if one.kind not in DIGESTS:
        return None
    with _ONE_BY_ONE:
        return desk.application.digests.view(one.kind, date.fromisoformat(one.level), now)
