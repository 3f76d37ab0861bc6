"""People of the desk: accounts and their places, links that let somebody in once, the audit log."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from secrets import token_urlsafe

from monitor.accounts import Account, Deed, Purpose, Role, folded
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.errors import Conflict, NotFound
from monitor.store.connection import Connection, Row

LINK_LIFE = timedelta(hours=24)
LIVES: Mapping[Purpose, timedelta] = {Purpose.ENTRY: LINK_LIFE, Purpose.RESET: timedelta(hours=1)}
"""How long a link works. Whoever asks for one by mail reads it now; a mailbox may be somebody else's tomorrow."""

LINK_MEMORY = timedelta(days=30)
"""For how long a link that works no more is still told from one that never was."""

PROOF_LIFE = timedelta(days=3 * 365 + 1)
"""For how long a line stays that tells who erased what: Roskomnadzor's order № 179 wants the act of a destruction kept
for three years (as remembered, not looked up)."""

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
    """`account` None: the link makes the first administrator. `nonce`: what its token was made of, "" for chance;
    `until`: None of one that is not known."""

    state: LinkState
    account: Account | None = None
    purpose: Purpose = Purpose.ENTRY
    nonce: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """That somebody logged in: when and from where."""

    at: datetime
    address: str


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

    def get(self, account_id: int) -> Account:
        """Raises NotFound."""
        row = self._db.row(_ACCOUNTS + "WHERE a.id = ?", [account_id])
        if row is None:
            raise NotFound(f"учётной записи № {account_id} нет")
        return account_from(row)

    def behind(self, address: str, name: str) -> list[Account]:
        """Of whoever a mail to that address goes to: the one whose login is `name`, for the settings say so; else those
        whose address it is. An address that somebody wrote into their own account says nothing until a link that was
        mailed to it has been opened: or whoever types an owner's would act in the owner's mails, or their own account
        beside the owner's would take the owner's login from the buttons. To refuse such an address instead would tell
        strangers who has it, and would not help against one that an owner is given later."""
        if (named := self.find(name)) is not None:
            return [named]
        return [account for account in self.vouched() if account.email.casefold() == address.casefold()]

    def vouched(self) -> list[Account]:
        """Those of whose address somebody knows that it is theirs, as `behind` tells; or who have none."""
        return [account_from(row) for row in self._db.rows(_ACCOUNTS + "WHERE a.email_vouched = 1 ORDER BY a.folded")]

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

    def set_name(self, account_id: int, name: str) -> None:
        self._db.update("account", account_id, {"name": name})

    def set_email(self, account_id: int, email: str, *, vouched: bool = True) -> None:
        """Links that went to the address of before are over: it may be a stranger's. `vouched`: somebody says so who
        looks after accounts; see `behind`."""
        self._db.execute(
            """DELETE FROM entry_link WHERE account_id = :account AND used_at IS NULL AND (purpose = 'reset'
            OR token IN (SELECT link FROM notification_account WHERE account_id = :account))""",
            {"account": account_id},
        )
        self._db.update("account", account_id, {"email": email, "email_vouched": int(vouched)})

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
            self._withdraw(account_id)
        self._db.update("account", account_id, {"active": int(active)})

    def password(self, account_id: int) -> str | None:
        """The hash; None where there is none yet."""
        row = self._db.row("SELECT password FROM account WHERE id = ?", [account_id])
        return None if row is None else row["password"]

    def set_password(self, account_id: int, hashed: str) -> None:
        """Links that would set another are over, and so is logging in with the one before. Inside a `write`."""
        self._withdraw(account_id)
        self._db.update("account", account_id, {"password": hashed})

    def somebody_can_log_in(self) -> bool:
        return self._db.row("SELECT 1 AS there FROM account WHERE password IS NOT NULL AND active = 1") is not None

    def last_seen(self) -> Mapping[int, datetime]:
        """When each account was used last, by its id; those that never were are not in it."""
        rows = self._db.rows(
            """SELECT a.id, max(coalesce(a.last_login_at, ''), coalesce(max(s.seen_at), '')) AS at
            FROM account a LEFT JOIN session s ON s.account_id = a.id GROUP BY a.id"""
        )
        return {row["id"]: from_iso(row["at"]) for row in rows if row["at"]}

    def former_login(self, account_id: int) -> LoggedIn | None:
        """The one before the last: whoever looks has just logged in. None where there was none."""
        row = self._db.rows("SELECT former_login_at, former_login_from FROM account WHERE id = ?", [account_id])[0]
        at = optional_moment(row["former_login_at"])
        return None if at is None else LoggedIn(at, row["former_login_from"])

    # --- links

    def make_link(
        self,
        account_id: int | None,
        now: datetime,
        *,
        purpose: Purpose = Purpose.ENTRY,
        token_of: Callable[[str], str] | None = None,
    ) -> str:
        """The token of a new link. From now on it is the only one for that account; one that was asked for by mail
        takes the place of such ones alone, or strangers could undo what an administrator handed out. `account_id` None:
        for the first administrator. `token_of`: makes the token of a number, as often as it is needed."""
        nonce = new_token()
        token = nonce if token_of is None else token_of(nonce)
        self._db.execute("DELETE FROM entry_link WHERE expires_at <= ?", [to_iso(now - LINK_MEMORY)])
        self._withdraw_links(account_id, Purpose.RESET if purpose is Purpose.RESET else None)
        row: Row = {
            "token": digest(token),
            "account_id": account_id,
            "expires_at": to_iso(now + LIVES[purpose]),
            "purpose": purpose.value,
            "nonce": None if token_of is None else nonce,
        }
        self._db.insert("entry_link", row)
        return token

    def _withdraw(self, account_id: int) -> None:
        self._withdraw_links(account_id)
        self._db.execute("DELETE FROM pending_login WHERE account_id = ?", [account_id])

    def _withdraw_links(self, account_id: int | None, purpose: Purpose | None = None) -> None:
        self._db.execute(
            """DELETE FROM entry_link WHERE account_id IS :account AND used_at IS NULL
            AND purpose = coalesce(:purpose, purpose)""",
            {"account": account_id, "purpose": None if purpose is None else purpose.value},
        )

    def link(self, token: str, now: datetime) -> Link:
        """What a link is good for now. The first administrator's is used up as soon as anybody can log in."""
        return self.link_kept(digest(token), now)

    def link_kept(self, key: str, now: datetime) -> Link:
        """The same, by the SHA-256 of its token."""
        row = self._db.row("SELECT * FROM entry_link WHERE token = ?", [key])
        if row is None:
            return Link(LinkState.UNKNOWN)
        account = None if row["account_id"] is None else self.get(row["account_id"])
        state = LinkState.GOOD
        if row["used_at"] is not None or (account is None and self.somebody_can_log_in()):
            state = LinkState.USED
        elif row["expires_at"] <= to_iso(now):
            state = LinkState.EXPIRED
        return Link(state, account, Purpose(row["purpose"]), row["nonce"] or "", from_iso(row["expires_at"]))

    def link_to_mail(self, account_id: int, now: datetime) -> str:
        """SHA-256 of the token of the link that an administrator handed out, where a mail can hold it; "" for none."""
        row = self._db.row(
            """SELECT token FROM entry_link WHERE account_id = ? AND used_at IS NULL AND expires_at > ?
            AND purpose = 'entry' AND nonce IS NOT NULL""",
            [account_id, to_iso(now)],
        )
        return "" if row is None else str(row["token"])

    def use_link(self, token: str, now: datetime) -> bool:
        """False when somebody was faster. Whoever opens one that went to their address by mail alone has that address:
        one for another address is over (`set_email`)."""
        used = "UPDATE entry_link SET used_at = ? WHERE token = ? AND used_at IS NULL"
        if self._db.execute(used, [to_iso(now), digest(token)]) != 1:
            return False
        self._db.execute(
            """UPDATE account SET email_vouched = 1
            WHERE id = (SELECT account_id FROM entry_link WHERE token = ? AND purpose = 'reset')""",
            [digest(token)],
        )
        return True

    # --- the audit log

    def record(self, deed: Deed | str, *, actor: str, now: datetime, what: str = "", address: str = "") -> None:
        self._db.insert(
            "audit", {"at": to_iso(now), "actor": actor, "kind": str(deed), "what": what, "address": address}
        )

    def purge(self, before: datetime, now: datetime) -> None:
        """What was done before that moment is told no more; that something was erased stays for PROOF_LIFE at least."""
        self._db.execute(
            "DELETE FROM audit WHERE at < :before AND (kind <> :proof OR at < :proofs_before)",
            {"before": to_iso(before), "proof": Deed.FORGOTTEN.value, "proofs_before": to_iso(now - PROOF_LIFE)},
        )

    def audit(self, limit: int, *, before: int | None = None, of: Iterable[str] | None = None) -> list[Entry]:
        """Newest first, those older than the entry `before`. `of`: what these did alone, or somebody unknown tried
        under their logins; None for everybody."""
        rows = self._db.rows(
            """SELECT * FROM audit WHERE id < coalesce(:before, 9e18) AND (:of IS NULL
            OR CASE actor WHEN '' THEN what ELSE actor END IN (SELECT value FROM json_each(:of)))
            ORDER BY id DESC LIMIT :limit""",
            {"before": before, "limit": limit, "of": None if of is None else json.dumps(list(of))},
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
