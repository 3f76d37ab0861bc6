"""Second factors: codes that accounts ask for after the password, and logins that wait for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.accounts import Account
from monitor.clock import optional_moment, to_iso
from monitor.store.accounts import account_from, digest, new_token
from monitor.store.connection import Connection, Row
from monitor.store.sessions import Failures

PENDING_LIFE = timedelta(minutes=10)
"""For how long a right password waits for its code."""

SETUP_LIFE = timedelta(minutes=30)
"""For how long a factor that is being set up can be confirmed: its secret has been shown on a screen."""


@dataclass(frozen=True, slots=True)
class Factor:
    """`seed` and `sealed_by` as `second_factor.Seals` takes them. `failures`: since the last success, however long ago:
    whoever tries codes knows the password. `codes`: recovery codes that are left."""

    account_id: int
    seed: str
    sealed_by: str
    failures: Failures
    codes: int
    confirmed_at: datetime | None


_FACTORS = """SELECT f.*, (SELECT count(*) FROM recovery_code c WHERE c.account_id = f.account_id) AS codes
    FROM second_factor f WHERE f.account_id = ? """


class Factors:
    """Everything that changes something runs inside a `write`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def of(self, account_id: int) -> Factor | None:
        """The one that is switched on."""
        row = self._db.row(_FACTORS + "AND f.confirmed_at IS NOT NULL", [account_id])
        return None if row is None else _factor_from(row)

    def switched_on(self) -> frozenset[int]:
        """The ids of the accounts that ask for a code."""
        rows = self._db.rows("SELECT account_id FROM second_factor WHERE confirmed_at IS NOT NULL")
        return frozenset(row["account_id"] for row in rows)

    # --- switching on and off

    def prepare(self, account_id: int, seed: str, sealed_by: str, now: datetime) -> bool:
        """Begins to set one up, anew where that was begun; False when one is switched on already."""
        if self.of(account_id) is not None:
            return False
        self._db.execute("DELETE FROM second_factor WHERE account_id = ?", [account_id])
        row: Row = {"account_id": account_id, "seed": seed, "sealed_by": sealed_by, "made_at": to_iso(now)}
        self._db.insert("second_factor", row)
        return True

    def prepared(self, account_id: int, now: datetime) -> Factor | None:
        """The one that is being set up; None when none is, or it took too long."""
        row = self._db.row(
            _FACTORS + "AND f.confirmed_at IS NULL AND f.made_at > ?", [account_id, to_iso(now - SETUP_LIFE)]
        )
        return None if row is None else _factor_from(row)

    def confirm(self, account_id: int, seed: str, step: int, now: datetime) -> bool:
        """Switches on what was set up, with the step of its first code; False when somebody began anew meanwhile."""
        return (
            self._db.execute(
                """UPDATE second_factor SET confirmed_at = ?, last_step = ?
                WHERE account_id = ? AND seed = ? AND confirmed_at IS NULL""",
                [to_iso(now), step, account_id, seed],
            )
            == 1
        )

    def remove(self, account_id: int) -> bool:
        """With its recovery codes, and with logins that wait for a code; False when there was none."""
        for table in ("recovery_code", "pending_login"):
            self._db.execute(f"DELETE FROM {table} WHERE account_id = ?", [account_id])
        removed = "DELETE FROM second_factor WHERE account_id = ? RETURNING confirmed_at IS NOT NULL AS was_on"
        return any(row["was_on"] for row in self._db.rows(removed, [account_id]))

    # --- codes

    def take_step(self, account_id: int, step: int) -> bool:
        """False when a code of that step, or of a later one, was taken before."""
        taken = "UPDATE second_factor SET last_step = :step WHERE account_id = :account AND last_step < :step"
        return self._db.execute(taken, {"step": step, "account": account_id}) == 1

    def replace_codes(self, account_id: int, digests: Iterable[str]) -> None:
        self._db.execute("DELETE FROM recovery_code WHERE account_id = ?", [account_id])
        for code in digests:
            self._db.insert("recovery_code", {"account_id": account_id, "code": code})

    def use_code(self, account_id: int, code: str) -> bool:
        """A recovery code by its digest; False when there is none such, or no more."""
        used = "DELETE FROM recovery_code WHERE account_id = ? AND code = ?"
        return self._db.execute(used, [account_id, code]) == 1

    def failed(self, account_id: int, now: datetime) -> None:
        self._db.execute(
            "UPDATE second_factor SET failures = failures + 1, failed_at = ? WHERE account_id = ?",
            [to_iso(now), account_id],
        )

    def succeeded(self, account_id: int) -> None:
        self._db.execute("UPDATE second_factor SET failures = 0, failed_at = NULL WHERE account_id = ?", [account_id])

    # --- logins that wait for a code

    def begin(self, account_id: int, now: datetime) -> str:
        """The token of a login whose password was right; it is no session and opens no page."""
        token = new_token()
        self._db.execute("DELETE FROM pending_login WHERE expires_at <= ?", [to_iso(now)])
        row: Row = {"token": digest(token), "account_id": account_id, "expires_at": to_iso(now + PENDING_LIFE)}
        self._db.insert("pending_login", row)
        return token

    def pending(self, token: str, now: datetime) -> Account | None:
        """Whose password was right; None when that was too long ago, is over, or the account is disabled."""
        row = self._db.row(
            """SELECT a.*, (SELECT json_group_array(place) FROM account_place p WHERE p.account_id = a.id) AS places
            FROM pending_login l JOIN account a ON a.id = l.account_id
            WHERE l.token = ? AND l.expires_at > ? AND a.active = 1""",
            [digest(token), to_iso(now)],
        )
        return None if row is None else account_from(row)

    def finish(self, token: str) -> bool:
        """False when somebody was faster."""
        return self._db.execute("DELETE FROM pending_login WHERE token = ?", [digest(token)]) == 1


def _factor_from(row: Row) -> Factor:
    return Factor(
        account_id=row["account_id"],
        seed=row["seed"],
        sealed_by=row["sealed_by"],
        failures=Failures(row["failures"], optional_moment(row["failed_at"])),
        codes=row["codes"],
        confirmed_at=optional_moment(row["confirmed_at"]),
    )
