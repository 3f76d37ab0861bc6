"""Tokens of programs, of which the database knows the SHA-256 alone."""

import json
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from monitor.clock import from_iso, optional_iso, optional_moment, to_iso
from monitor.errors import Conflict, NotFound, StoreError
from monitor.store.accounts import digest, new_token
from monitor.store.connection import Connection, Row
from monitor.tokens import AccessToken, Grant

PREFIX = "otk_"
"""By it whoever finds one in a log or a repository knows what it is."""

NOTED = timedelta(minutes=1)
"""So much may pass before it is written down that a token is in use."""

_COLUMNS = {Grant.READ: "reads", Grant.NUMBERS: "numbers", Grant.ACT: "acts"}

_TOKENS = """SELECT t.*, (SELECT json_group_array(place) FROM token_place p WHERE p.token_id = t.id) AS places
    FROM token t """


class Tokens:
    """What changes something runs inside a `write`; `used` is a transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def all(self) -> list[AccessToken]:
        """Those that nobody revoked first, each the newest first."""
        return [_token_from(row) for row in self._db.rows(_TOKENS + "ORDER BY t.revoked_at IS NOT NULL, t.id DESC")]

    def add(
        self,
        name: str,
        may: Collection[Grant],
        *,
        places: Iterable[str] | None,
        expires_at: datetime | None,
        by: str,
        now: datetime,
    ) -> str:
        """What the program is to send; nobody sees it again. `places` None: all. Raises Conflict when another token of
        that name was not revoked."""
        if self._db.row("SELECT 1 AS there FROM token WHERE name = ? AND revoked_at IS NULL", [name]):
            raise Conflict(f"токен {name} уже есть; отзовите его или выберите другое имя")
        secret = PREFIX + new_token()
        row: Row = {
            "name": name,
            "digest": digest(secret),
            "everywhere": int(places is None),
            "created_at": to_iso(now),
            "created_by": by,
            "expires_at": optional_iso(expires_at),
            **{column: int(grant in may) for grant, column in _COLUMNS.items()},
        }
        token_id = self._db.insert("token", row)
        for place in sorted(set(places or ())):
            self._db.insert("token_place", {"token_id": token_id, "place": place})
        return secret

    def known(self, secret: str) -> AccessToken | None:
        """Whose it is, also of one that works no more; None where it never was one."""
        row = self._db.row(_TOKENS + "WHERE t.digest = ?", [digest(secret)])
        return None if row is None else _token_from(row)

    def get(self, token_id: int) -> AccessToken:
        row = self._db.row(_TOKENS + "WHERE t.id = ?", [token_id])
        if row is None:
            raise NotFound(f"токена № {token_id} нет")
        return _token_from(row)

    def named(self, name: str) -> AccessToken:
        """The one of that name which nobody revoked."""
        row = self._db.row(_TOKENS + "WHERE t.name = ? AND t.revoked_at IS NULL", [name])
        if row is None:
            known = ", ".join(token.name for token in self.all() if token.revoked_at is None) or "пока ни одного"
            raise NotFound(f"токена {name!r} нет; действуют: {known}")
        return _token_from(row)

    def revoke(self, token_id: int, now: datetime) -> bool:
        """False when it was revoked already. What was remembered for it goes: nobody can ask for it any more."""
        self._db.execute("DELETE FROM answer WHERE token_id = ?", [token_id])
        return (
            self._db.execute(
                "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", [to_iso(now), token_id]
            )
            == 1
        )

    def used(self, token: AccessToken, now: datetime) -> None:
        """That it is in use, at most once a minute, and never so that a request has to wait for it."""
        if token.used_at is not None and now - token.used_at < NOTED:
            return
        # Where a pass is writing, the next request says it.
        with suppress(StoreError), self._db.waiting(0), self._db.write():
            self._db.execute("UPDATE token SET used_at = ? WHERE id = ?", [to_iso(now), token.id])


def _token_from(row: Row) -> AccessToken:
    return AccessToken(
        id=row["id"],
        name=row["name"],
        may=frozenset(grant for grant, column in _COLUMNS.items() if row[column]),
        places=None if row["everywhere"] else frozenset(json.loads(row["places"])),
        created_at=from_iso(row["created_at"]),
        created_by=row["created_by"],
        expires_at=optional_moment(row["expires_at"]),
        revoked_at=optional_moment(row["revoked_at"]),
        used_at=optional_moment(row["used_at"]),
    )
