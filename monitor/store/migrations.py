"""Takes the steps of `schema.STEPS` through sqlite-utils.

sqlite-utils takes a fifth of a second to import (with numpy and dateutil behind it), so this module is imported
only when a step is pending: `Store.migrate` reads the table of taken steps by itself.
"""

import sqlite3

import sqlite_utils
from sqlite_utils.migrations import Migrations

from monitor.store.schema import STEPS

SET = "otklik"


def apply(connection: sqlite3.Connection) -> None:
    """Takes every pending step; the caller holds the write transaction."""
    migrations = Migrations(SET)
    for name, script in STEPS.items():
        migrations(name=name)(_Step(script))
    migrations.apply(sqlite_utils.Database(connection, execute_plugins=False))


class _Step:
    """A migration function with its own name, as sqlite-utils wants it."""

    __name__ = "step"

    def __init__(self, script: str) -> None:
        self._statements = _statements(script)

    def __call__(self, db: sqlite_utils.Database, /) -> None:
        for statement in self._statements:
            db.execute(statement)


def _statements(script: str) -> list[str]:
    """The script's statements; `executescript` would commit the transaction a migration runs in."""
    statements, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            statements.append(rest)
            rest = ""
    return statements
