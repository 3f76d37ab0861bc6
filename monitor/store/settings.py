"""What people set at the desk: it goes before the files, and every former state is kept."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from monitor.clock import from_iso, to_iso
from monitor.errors import Conflict, StoreError
from monitor.store.connection import BUSY_TIMEOUT_SECONDS, Connection, Row

_LATEST = "id = (SELECT max(n.id) FROM setting n WHERE n.kind = s.kind AND n.name = s.name)"

_VERSION = "SELECT coalesce(max(id), 0) AS version FROM setting"
_ALL = f"SELECT * FROM setting s WHERE value IS NOT NULL AND {_LATEST} ORDER BY kind, name"


@dataclass(frozen=True, slots=True)
class Setting:
    """One state of a setting. `kind`: what it is part of, such as "phrases"; `name`: which of that kind. `value` None:
    it was taken back, and what the files say holds."""

    id: int
    kind: str
    name: str
    value: str | None
    at: datetime
    by: str


class Settings:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def version(self) -> int:
        """Grows with every change of any setting; 0 while nothing was ever set."""
        (row,) = self._db.rows(_VERSION)
        return int(row["version"])

    def current(self, kind: str) -> dict[str, Setting]:
        """What is set, by name, in its order; what was taken back is left out."""
        rows = self._db.rows(
            f"SELECT * FROM setting s WHERE kind = ? AND value IS NOT NULL AND {_LATEST} ORDER BY name", [kind]
        )
        return {row["name"]: _setting_from(row) for row in rows}

    def all(self) -> list[Setting]:
        """What is set, of every kind; what was taken back is left out."""
        return [_setting_from(row) for row in self._db.rows(_ALL)]

    def recent(self, limit: int, kind: str | None = None, name: str | None = None) -> list[Setting]:
        """States, newest first: of everything, of a kind, of one setting."""
        rows = self._db.rows(
            """SELECT * FROM setting WHERE kind = coalesce(?, kind) AND name = coalesce(?, name)
            ORDER BY id DESC LIMIT ?""",
            [kind, name, limit],
        )
        return [_setting_from(row) for row in rows]

    def latest(self, kind: str, name: str) -> Setting | None:
        """None: never set."""
        return next(iter(self.history(kind, name, 1)), None)

    def history(self, kind: str, name: str, limit: int = 100) -> list[Setting]:
        """Newest first."""
        rows = self._db.rows(
            "SELECT * FROM setting WHERE kind = ? AND name = ? ORDER BY id DESC LIMIT ?", [kind, name, limit]
        )
        return [_setting_from(row) for row in rows]

    def put(self, kind: str, name: str, value: str | None, *, seen: int, actor: str, now: datetime) -> int:
        """The id of the new state; inside a `write`. `seen`: the state that whoever changes it has seen, 0 for none.
        Raises Conflict when somebody has changed it since."""
        latest = self.latest(kind, name)
        if (0 if latest is None else latest.id) != seen:
            raise Conflict("пока Вы правили, настройку изменили: посмотрите, что стоит там теперь")
        row: Row = {"kind": kind, "name": name, "value": value, "at": to_iso(now), "by": actor}
        return self._db.insert("setting", row)


def glimpse(path: Path) -> tuple[list[Setting], int]:
    """What is set in a database, and the version of that, without opening it as ours: it is neither made nor brought up
    to date. Nothing where there is none, or none of ours: whoever works with it will be told. Raises StoreError when
    others keep it locked."""
    if not path.exists():
        return [], 0
    try:
        address = f"file:{quote(str(path))}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as database:
            database.row_factory = sqlite3.Row
            (version,) = database.execute(_VERSION).fetchone()
            return [_setting_from(dict(row)) for row in database.execute(_ALL)] if version else [], version
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError(f"{path}: {error}") from error
        return [], 0


def _setting_from(row: Row) -> Setting:
    return Setting(row["id"], row["kind"], row["name"], row["value"], from_iso(row["at"]), row["by"])
