"""Mails about accounts: puts links that were asked for into the outbox, and knows what such a mail says.

Whoever asks for a link at the desk is told the same, in the same time, whether there is such an account or not: the
page notes the request and looks for nobody. That is done here, in the next pass.
"""

from collections.abc import Callable, Iterator

from monitor.accounts import Account, Deed, Invited, Purpose, folded
from monitor.alerts import AccountView, AlertKind
from monitor.entry_links import EntryLinks
from monitor.errors import ConfigError, TransportError
from monitor.seams import Clock
from monitor.store.accounts import Link, LinkState, digest
from monitor.store.letters import REMEMBERED, About, Request
from monitor.store.outbox import Pending
from monitor.store.sqlite import Store

MOST_LINKS = 5
"""Mails with a link that an account gets within an hour, whatever was typed to ask for them."""

KINDS = (AlertKind.ENTRY, AlertKind.ACCOUNT)


class Letters:
    """`links` raises ConfigError when the desk's secret is missing, None without a desk. `zone`: where it is when."""

    def __init__(self, *, store: Store, clock: Clock, links: Callable[[], EntryLinks | None], zone: str) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._zone = zone

    def run(self) -> None:
        """Makes a link and a mail for everybody who asked. Without the secret the requests wait, and are forgotten in
        time: `check` tells what is missing."""
        waiting = self._store.letters.waiting()
        if not waiting:
            return
        try:
            links = self._links()
        except ConfigError:
            return
        for request in waiting:
            with self._store.write():
                if self._store.letters.handled(request.id) and links is not None:
                    self._answer(request, links)

    def _answer(self, request: Request, links: EntryLinks) -> None:
        now = self._clock.now()
        for account in self._meant(request):
            if self._store.letters.invited(account.id, now - REMEMBERED) >= MOST_LINKS:
                continue
            token = self._store.accounts.make_link(account.id, now, purpose=Purpose.RESET, token_of=links.token)
            self._store.letters.invite(Invited.RESET, account, digest(token), address=request.address, now=now)
            self._store.accounts.record(
                Deed.RESET_ASKED, actor="", what=account.login, address=request.address, now=request.at
            )

    def _meant(self, request: Request) -> Iterator[Account]:
        """Whose login or address was typed. Several may share a mailbox: each gets a mail that names their login."""
        for account in self._store.accounts.all():
            if account.active and account.email and request.who in (asked_as(account.login), asked_as(account.email)):
                yield account

    def view(self, pending: Pending) -> AccountView | None:
        """What a mail says; None when nobody needs it any more. Raises TransportError when the secret is missing."""
        about = self._store.letters.about(pending.id)
        if about is None:
            return None
        account = self._store.accounts.get(about.account_id)
        if pending.kind is AlertKind.ACCOUNT:
            return self._told(account, about)
        link = self._store.accounts.link_kept(about.link, self._clock.now())
        # A link never goes to an address that is the account's no more.
        if link.state is not LinkState.GOOD or not account.active or account.email != pending.recipient:
            return None
        address = self._address(link, about)
        return self._told(account, about, link, address) if address else None

    def _told(self, account: Account, about: About, link: Link | None = None, address: str = "") -> AccountView:
        return AccountView(
            login=account.login,
            name=account.name,
            timezone=self._zone,
            link=address,
            until=None if link is None else link.until,
            address=about.address,
            detail=about.detail,
        )

    def _address(self, link: Link, about: About) -> str:
        """Of the link; "" where another secret made it: it would not open anything."""
        try:
            links = self._links()
        except ConfigError as error:
            problem = f"ссылку не собрать: нет секрета, который называет {error.path}; проверьте: otklik check"
            raise TransportError(problem, permanent=False) from None
        known = links is not None and link.nonce and digest(links.token(link.nonce)) == about.link
        return links.address(link.nonce) if links is not None and known else ""


def asked_as(typed: str) -> str:
    """What is kept of a login or an address that somebody typed: it may be a password."""
    return digest(folded(typed.strip()))
