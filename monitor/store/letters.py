"""Mails about accounts: who asked for a link, and which account a mail of the outbox is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.accounts import Account, Invited, Notice
from monitor.alerts import AlertKind
from monitor.clock import from_iso, to_iso
from monitor.store.connection import Connection, Row
from monitor.store.outbox import Outbox

REMEMBERED = timedelta(hours=1)
"""Requests for a link; and as long as such a link works."""

PATIENCE = timedelta(days=1)
"""So long a request waits for a worker that is down; later nobody waits for its mail."""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody has forgotten a password. `who`: SHA-256 of the login or address as it was typed, folded."""

    id: int
    who: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """What a mail about an account holds: `link` is the SHA-256 of its token, "" for none; the rest as in
    `alerts.AccountView`."""

    account_id: int
    link: str
    address: str
    detail: str


class Letters:
    """Everything that changes something runs inside a `write`."""

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._db = connection
        self._outbox = outbox

    # --- who asked for a link

    def ask(self, who: str, *, address: str, network: str, now: datetime) -> None:
        """Notes it, whoever that is or is not: the same work for all. What nobody counts any more goes."""
        self._db.execute(
            "DELETE FROM reset_request WHERE at <= CASE handled WHEN 1 THEN ? ELSE ? END",
            [to_iso(now - REMEMBERED), to_iso(now - PATIENCE)],
        )
        self._db.insert("reset_request", {"who": who, "address": address, "network": network, "at": to_iso(now)})

    def asked(self, most: int, now: datetime, *, who: str = "", network: str = "") -> datetime | None:
        """When, counted back from now, so many requests had been made within REMEMBERED; None for fewer."""
        row = self._db.row(
            """SELECT at FROM reset_request WHERE at > :since AND (:who = '' OR who = :who)
            AND (:network = '' OR network = :network) ORDER BY at DESC LIMIT 1 OFFSET :most - 1""",
            {"since": to_iso(now - REMEMBERED), "who": who, "network": network, "most": most},
        )
        return None if row is None else from_iso(row["at"])

    def waiting(self) -> list[Request]:
        """Nobody has looked at these, the oldest first."""
        rows = self._db.rows("SELECT id, who, address, at FROM reset_request WHERE handled = 0 ORDER BY id")
        return [Request(row["id"], row["who"], row["address"], from_iso(row["at"])) for row in rows]

    def handled(self, request_id: int) -> bool:
        """False when somebody else was faster."""
        return self._db.execute("UPDATE reset_request SET handled = 1 WHERE id = ? AND handled = 0", [request_id]) == 1

    def purge(self, before: datetime) -> None:
        """Requests of before that moment: where nobody forgets a password any more, nothing else removes them."""
        self._db.execute("DELETE FROM reset_request WHERE at < ?", [to_iso(before)])

    # --- the mails

    def invite(self, why: Invited, account: Account, link: str, *, address: str = "", now: datetime) -> bool:
        """Puts a mail with that link into the outbox; False when there is one with it already, to that address."""
        about: Row = {"account_id": account.id, "link": link, "address": address}
        return self._queue(AlertKind.ENTRY, why.value, account.email, about, moment=link, now=now)

    def notify(
        self, notice: Notice, account: Account, *, to: str = "", address: str = "", detail: str = "", now: datetime
    ) -> None:
        """Tells what was done to an account, to its own address or another one. Whoever has no address hears
        nothing."""
        recipient = to or account.email
        if recipient:
            about: Row = {"account_id": account.id, "address": address, "detail": detail}
            moment = f"{account.login} {to_iso(now)} {detail}"
            self._queue(AlertKind.ACCOUNT, notice.value, recipient, about, moment=moment, now=now)

    def _queue(self, kind: AlertKind, level: str, recipient: str, about: Row, *, moment: str, now: datetime) -> bool:
        notification = self._outbox.add(kind, recipient, (), now, level=level, moment=moment)
        if notification is None:
            return False
        self._db.execute("DELETE FROM notification_account WHERE notification_id = ?", [notification])
        self._db.insert("notification_account", {"notification_id": notification, **about})
        return True

    def about(self, notification_id: int) -> About | None:
        row = self._db.row("SELECT * FROM notification_account WHERE notification_id = ?", [notification_id])
        return None if row is None else About(row["account_id"], row["link"] or "", row["address"], row["detail"])

    def invited(self, account_id: int, since: datetime) -> int:
        """How many mails with a link that was asked for by mail were made for an account since then."""
        row = self._db.rows(
            """SELECT count(*) AS n FROM notification_account x JOIN notification n ON n.id = x.notification_id
            WHERE x.account_id = ? AND n.kind = 'entry' AND n.level = 'reset' AND n.created_at > ?""",
            [account_id, to_iso(since)],
        )[0]
        return int(row["n"])
