"""Who is logged in, and which attempts to log in failed."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.accounts import Account
from monitor.clock import from_iso, optional_moment, to_iso
from monitor.errors import StoreError
from monitor.store.accounts import account_from, digest, new_token
from monitor.store.connection import Connection, Row

IDLE = timedelta(hours=12)
"""After so long without a request a session is over."""

LONGEST = timedelta(days=30)

NOTED = timedelta(minutes=1)
"""So much may pass before it is written down that a session is in use: pages ask every few seconds."""

MEMORY = timedelta(minutes=15)
"""Of failures to log in."""

LONGEST_BROWSER = 200
"""Characters of what a browser says of itself."""

_SESSIONS = """SELECT s.*, a.*,
    (SELECT json_group_array(place) FROM account_place p WHERE p.account_id = a.id) AS places
    FROM session s JOIN account a ON a.id = s.account_id WHERE s.expires_at > :now AND s.seen_at > :idle """


@dataclass(frozen=True, slots=True)
class Session:
    """`key` is the SHA-256 of what the cookie holds; `browser` what the browser says of itself: a stranger's words."""

    key: str
    account: Account
    started_at: datetime
    seen_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Failures:
    """Of late: how many, and when the last one was."""

    count: int
    last_at: datetime | None


class Sessions:
    """What changes something runs inside a `write`; `seen` is a transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def start(self, account_id: int, now: datetime, *, address: str, browser: str) -> str:
        """The token of a new session; those that are over for good go. An idle one stays: where somebody worked
        yesterday, nobody else can keep them out today."""
        token = new_token()
        row: Row = {
            "token": digest(token),
            "account_id": account_id,
            "started_at": to_iso(now),
            "seen_at": to_iso(now),
            "expires_at": to_iso(now + LONGEST),
            "address": address,
            "browser": browser[:LONGEST_BROWSER],
        }
        self._db.execute("DELETE FROM session WHERE expires_at <= ?", [to_iso(now)])
        self._db.insert("session", row)
        self._db.execute(
            """UPDATE account SET former_login_at = last_login_at, former_login_from = last_login_from,
            last_login_at = ?, last_login_from = ? WHERE id = ?""",
            [to_iso(now), address, account_id],
        )
        return token

    def of(self, token: str, now: datetime) -> Session | None:
        """None when it never was, is over, or its account is disabled."""
        row = self._db.row(_SESSIONS + "AND s.token = :token AND a.active = 1", {"token": digest(token), **_at(now)})
        return None if row is None else _session_from(row)

    def of_account(self, account_id: int, now: datetime) -> list[Session]:
        """The one used last first."""
        rows = self._db.rows(
            _SESSIONS + "AND s.account_id = :account ORDER BY s.seen_at DESC, s.token",
            {"account": account_id, **_at(now)},
        )
        return [_session_from(row) for row in rows]

    def is_used_from(self, login: str, address: str, now: datetime) -> bool:
        """Whether somebody with that (folded) login has worked from that address of late."""
        found = self._db.row(
            """SELECT 1 AS there FROM session s JOIN account a ON a.id = s.account_id
            WHERE a.folded = ? AND s.address = ? AND s.expires_at > ?""",
            [login, address, to_iso(now)],
        )
        return found is not None

    def seen(self, session: Session, now: datetime) -> None:
        """That it is in use, at most once a minute, and never so that a page has to wait for it."""
        if now - session.seen_at < NOTED:
            return
        # Where a pass is writing, the next request says it.
        with suppress(StoreError), self._db.waiting(0), self._db.write():
            self._db.execute("UPDATE session SET seen_at = ? WHERE token = ?", [to_iso(now), session.key])

    def end(self, key: str, *, account_id: int | None = None) -> bool:
        """Whether there was such a session, of that account where one is named."""
        return (
            self._db.execute(
                "DELETE FROM session WHERE token = ? AND account_id = coalesce(?, account_id)", [key, account_id]
            )
            == 1
        )

    def end_all(self, account_id: int, *, but: str = "") -> int:
        """Every session of an account, but one; how many."""
        return self._db.execute("DELETE FROM session WHERE account_id = ? AND token <> ?", [account_id, but])

    def purge(self, before: datetime) -> None:
        """Sessions that were over, and attempts to log in that were made, before that moment: where nobody logs in any
        more, nothing else removes them."""
        self._db.execute("DELETE FROM session WHERE expires_at < ?", [to_iso(before)])
        self._db.execute("DELETE FROM login_failure WHERE at < ?", [to_iso(before)])
        self._db.execute("DELETE FROM pending_login WHERE expires_at < ?", [to_iso(before)])

    # --- attempts to log in

    def attempt(self, account: str, address: str, now: datetime) -> int:
        """Counts as a failure until it is forgiven, so that attempts at once do not slip through; its id. `account`:
        SHA-256 of the login as it was typed. Failures nobody asks about any more go."""
        self._db.execute("DELETE FROM login_failure WHERE at <= ?", [to_iso(now - MEMORY)])
        return self._db.insert("login_failure", {"account": account, "address": address, "at": to_iso(now)})

    def forgive(self, attempt: int, account: str) -> None:
        """It was no failure, and those before it at the same account are over."""
        self._db.execute("DELETE FROM login_failure WHERE id = ? OR account = ?", [attempt, account])

    def failures(self, now: datetime, *, account: str = "", address: str = "") -> Failures:
        """Within MEMORY; with both named, those at that account from that address."""
        row = self._db.rows(
            """SELECT count(*) AS count, max(at) AS last FROM login_failure WHERE at > :since
            AND (:account = '' OR account = :account) AND (:address = '' OR address = :address)""",
            {"since": to_iso(now - MEMORY), "account": account, "address": address},
        )[0]
        return Failures(row["count"], optional_moment(row["last"]))


def _at(now: datetime) -> Row:
    return {"now": to_iso(now), "idle": to_iso(now - IDLE)}


def _session_from(row: Row) -> Session:
    return Session(
        key=row["token"],
        account=account_from(row),
        started_at=from_iso(row["started_at"]),
        seen_at=from_iso(row["seen_at"]),
        address=row["address"],
        browser=row["browser"],
    )
