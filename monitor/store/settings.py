"""What people set at the desk: it goes before the files, and every former state is kept."""

from dataclasses import dataclass
from datetime import datetime

from monitor.clock import from_iso, to_iso
from monitor.errors import Conflict
from monitor.store.connection import Connection, Row

_LATEST = "id = (SELECT max(n.id) FROM setting n WHERE n.kind = s.kind AND n.name = s.name)"


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
        (row,) = self._db.rows("SELECT coalesce(max(id), 0) AS version FROM setting")
        return int(row["version"])

    def current(self, kind: str) -> dict[str, Setting]:
        """What is set, by name, in its order; what was taken back is left out."""
        rows = self._db.rows(
            f"SELECT * FROM setting s WHERE kind = ? AND value IS NOT NULL AND {_LATEST} ORDER BY name", [kind]
        )
        return {row["name"]: _setting_from(row) for row in rows}

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


def _setting_from(row: Row) -> Setting:
    return Setting(row["id"], row["kind"], row["name"], row["value"], from_iso(row["at"]), row["by"])
