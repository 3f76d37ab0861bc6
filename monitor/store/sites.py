"""Sites that refused us: until when each is left alone, and how gently it is asked again.

A site goes by its source's name; sources whose cards are pages of many sites add the host
(`feed/example.ru`). A site without a row is trusted.
"""

from datetime import datetime, timedelta

from monitor import decide
from monitor.clock import from_iso, to_iso
from monitor.decide import Circuit
from monitor.store.connection import Connection, Row


class Sites:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def circuits(self) -> dict[str, Circuit]:
        """Every site that is not trusted."""
        return {row["source"]: _circuit_from(row) for row in self._db.rows("SELECT * FROM site ORDER BY source")}

    def circuit(self, site: str) -> Circuit | None:
        row = self._db.row("SELECT * FROM site WHERE source = ?", [site])
        return None if row is None else _circuit_from(row)

    def refused(self, site: str, now: datetime, every: timedelta, asked_for: timedelta | None) -> Circuit:
        """Closes the site for a time that grows with the refusals in a row."""
        with self._db.write():
            circuit = decide.refused(self.circuit(site), now, every, asked_for)
            self._keep(site, circuit)
        return circuit

    def passed(self, site: str, due: int, now: datetime) -> bool:
        """A pass has read cards of the site, `due` of which had waited, and none was refused. Whether the site is
        trusted again from now on."""
        with self._db.write():
            circuit = self.circuit(site)
            if circuit is None or circuit.is_closed(now):
                return False
            opened = decide.passed(circuit, due)
            if opened is None:
                self._db.execute("DELETE FROM site WHERE source = ?", [site])
            else:
                self._keep(site, opened)
        return opened is None

    def _keep(self, site: str, circuit: Circuit) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO site (source, refusals, closed_until, allowance) VALUES (?, ?, ?, ?)",
            [site, circuit.refusals, to_iso(circuit.closed_until), circuit.allowance],
        )


def _circuit_from(row: Row) -> Circuit:
    return Circuit(row["refusals"], from_iso(row["closed_until"]), row["allowance"])
