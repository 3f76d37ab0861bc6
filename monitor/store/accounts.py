"""People of the desk: accounts and their places, links that let somebody in once, the audit log."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from secrets import token_urlsafe

from monitor.accounts import Account, Deed, Role, folded
from monitor.clock import from_iso, to_iso
from monitor.errors import Conflict, NotFound
from monitor.store.connection import Connection, Row

LINK_LIFE = timedelta(hours=24)
LINK_MEMORY = timedelta(days=30)
"""For how long a link that works no more is still told from one that never was."""

_TOKEN_BYTES = 32

_ACCOUNTS = """SELECT a.*, (SELECT json_group_array(place) FROM account_place p WHERE p.account_id = a.id) AS places
    FROM account a """


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit log. `actor` "" where nobody was logged in; `what`: about whom or what."""

    id: int
    at: datetime
    actor: str
    kind: str
    what: str
    address: str


class LinkState(Enum):
    """UNKNOWN: never was, or too long ago."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """`account` None: the link makes the first administrator."""

    state: LinkState
    account: Account | None = None


def new_token() -> str:
    """256 bits nobody can guess, fit for a cookie and an address."""
    return token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> str:
    """All that is kept of a token: whoever reads the database cannot use it."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


class Accounts:
    """Everything that changes something runs inside a `write`, together with its line in the audit log."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    # --- people

    def all(self) -> list[Account]:
        """By login, the disabled ones too."""
        return [account_from(row) for row in self._db.rows(_ACCOUNTS + "ORDER BY a.folded")]

    def find(self, login: str) -> Account | None:
        """Capitals and small letters are the same."""
        row = self._db.row(_ACCOUNTS + "WHERE a.folded = ?", [folded(login)])
        return None if row is None else account_from(row)

    def behind(self, address: str, name: str) -> list[Account]:
        """Of whoever a mail to that address goes to: those with that address, else the one whose login is `name`."""
        found = [account for account in self.all() if account.email.casefold() == address.casefold()]
        named = self.find(name)
        return found or ([] if named is None else [named])

    def of(self, login: str) -> Account:
        found = self.find(login)
        if found is None:
            known = ", ".join(account.login for account in self.all()) or "пока ни одного"
            raise NotFound(f"пользователя {login!r} нет; известны: {known}")
        return found

    def add(
        self, login: str, *, name: str, role: Role, places: Iterable[str] | None, email: str = "", now: datetime
    ) -> Account:
        """Somebody without a password yet. `places` None: all of them. Raises Conflict when the login is taken."""
        if (taken := self.find(login)) is not None:
            raise Conflict(f"логин {taken.login} уже занят")
        row: Row = {
            "login": login,
            "folded": folded(login),
            "name": name,
            "email": email,
            "role": role.value,
            "created_at": to_iso(now),
        }
        self.set_places(self._db.insert("account", row), places)
        return self.of(login)

    def set_role(self, account_id: int, role: Role) -> None:
        self._db.update("account", account_id, {"role": role.value})

    def set_places(self, account_id: int, places: Iterable[str] | None) -> None:
        self._db.execute("DELETE FROM account_place WHERE account_id = ?", [account_id])
        self._db.update("account", account_id, {"everywhere": int(places is None)})
        for place in sorted(set(places or ())):
            self._db.insert("account_place", {"account_id": account_id, "place": place})

    def set_active(self, account_id: int, active: bool) -> None:
        """Whoever is shut out loses the links that would let them in, also for the time after."""
        if not active:
            self._withdraw_links(account_id)
        self._db.update("account", account_id, {"active": int(active)})

    def password(self, account_id: int) -> str | None:
        """The hash; None where there is none yet."""
        row = self._db.row("SELECT password FROM account WHERE id = ?", [account_id])
        return None if row is None else row["password"]

    def set_password(self, account_id: int, hashed: str) -> None:
        """Links that would set another are over. Inside a `write`."""
        self._withdraw_links(account_id)
        self._db.update("account", account_id, {"password": hashed})

    def somebody_can_log_in(self) -> bool:
        return self._db.row("SELECT 1 AS there FROM account WHERE password IS NOT NULL AND active = 1") is not None

    # --- links

    def make_link(self, account_id: int | None, now: datetime) -> str:
        """The token of a new link, the only one for that account from now on. `account_id` None: for the first
        administrator."""
        token = new_token()
        self._db.execute("DELETE FROM entry_link WHERE expires_at <= ?", [to_iso(now - LINK_MEMORY)])
        self._withdraw_links(account_id)
        expires = to_iso(now + LINK_LIFE)
        self._db.insert("entry_link", {"token": digest(token), "account_id": account_id, "expires_at": expires})
        return token

    def _withdraw_links(self, account_id: int | None) -> None:
        self._db.execute("DELETE FROM entry_link WHERE account_id IS ? AND used_at IS NULL", [account_id])

    def link(self, token: str, now: datetime) -> Link:
        """What a link is good for now. The first administrator's is used up as soon as anybody can log in."""
        row = self._db.row("SELECT * FROM entry_link WHERE token = ?", [digest(token)])
        if row is None:
            return Link(LinkState.UNKNOWN)
        account = None
        if row["account_id"] is not None:
            account = account_from(self._db.rows(_ACCOUNTS + "WHERE a.id = ?", [row["account_id"]])[0])
        if row["used_at"] is not None or (account is None and self.somebody_can_log_in()):
            return Link(LinkState.USED, account)
        if row["expires_at"] <= to_iso(now):
            return Link(LinkState.EXPIRED, account)
        return Link(LinkState.GOOD, account)

    def use_link(self, token: str, now: datetime) -> bool:
        """False when somebody was faster."""
        used = "UPDATE entry_link SET used_at = ? WHERE token = ? AND used_at IS NULL"
        return self._db.execute(used, [to_iso(now), digest(token)]) == 1

    # --- the audit log

    def record(self, deed: Deed | str, *, actor: str, now: datetime, what: str = "", address: str = "") -> None:
        self._db.insert(
            "audit", {"at": to_iso(now), "actor": actor, "kind": str(deed), "what": what, "address": address}
        )

    def purge(self, before: datetime) -> None:
        """What was done before that moment is told no more."""
        self._db.execute("DELETE FROM audit WHERE at < ?", [to_iso(before)])

    def audit(self, limit: int, *, before: int | None = None) -> list[Entry]:
        """Newest first, those older than the entry `before`."""
        rows = self._db.rows(
            "SELECT * FROM audit WHERE id < coalesce(?, 9e18) ORDER BY id DESC LIMIT ?", [before, limit]
        )
        return [
            Entry(row["id"], from_iso(row["at"]), row["actor"], row["kind"], row["what"], row["address"])
            for row in rows
        ]


def account_from(row: Row) -> Account:
    """Of a row of `account` with its `places` as a JSON list."""
    return Account(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        email=row["email"],
        role=Role(row["role"]),
        places=None if row["everywhere"] else frozenset(json.loads(row["places"])),
        active=bool(row["active"]),
        created_at=from_iso(row["created_at"]),
    )
