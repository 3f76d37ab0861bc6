"""One SQLite file, one connection per thread, writes in BEGIN IMMEDIATE."""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.errors import StoreError

Row = dict[str, Any]
BUSY_TIMEOUT_SECONDS = 10.0


class Connection:
    """Hands every thread its own connection to the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: dict[threading.Thread, sqlite3.Connection] = {}
        self._opening = threading.Lock()

    @property
    def sqlite(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        try:
            _make(self.path)
            # `check_same_thread` is off only so that `close` may close every thread's connection.
            connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an alert recorded as sent must stay so after a power cut
            connection.execute("PRAGMA secure_delete = ON")  # what `forget` erases must not linger in free pages
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror}. The folder must exist and be ours to write") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}. Is it a database of ours, and may we write there?") from error
        with self._opening:
            # A worker reads every site in a thread of its own, pass after pass: whoever is gone leaves nothing open.
            for thread in [thread for thread in self._opened if not thread.is_alive()]:
                self._opened.pop(thread).close()
            self._opened[threading.current_thread()] = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[None]:
        """A transaction that takes the write lock first, so that what it reads cannot change under it.

        Inside another `write` it joins that one.
        """
        connection = self.sqlite
        if connection.in_transaction:
            yield
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            connection.rollback()
            raise StoreError(f"{self.path}: {error}. Nothing of this step was written; it will be retried.") from error
        except BaseException:
            connection.rollback()
            raise

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """This thread waits so long, and no longer, while others write."""
        connection = self.sqlite
        (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA busy_timeout = {usual}")

    def rows(self, sql: str, values: Sequence[object] | Row = ()) -> list[Row]:
        return list(self.iterate(sql, values))

    def iterate(self, sql: str, values: Sequence[object] | Row = ()) -> Iterator[Row]:
        """Rows as they come, for results too large to hold. Raises StoreError for a damaged or locked file."""
        try:
            cursor = self.sqlite.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}. If it is damaged, restore a backup (otklik db backup)") from error

    def row(self, sql: str, values: Sequence[object] | Row = ()) -> Row | None:
        return next(iter(self.rows(sql, values)), None)

    def execute(self, sql: str, values: Sequence[object] | Row = ()) -> int:
        """Runs one statement inside a `write` block; the number of rows it changed."""
        return self._inside().execute(sql, values).rowcount

    def insert(self, table: str, row: Row) -> int:
        """Adds a row; its id. Column names come from our code only."""
        columns = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join(f":{column}" for column in row)
        cursor = self._inside().execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, changes: Row) -> int:
        assignments = ", ".join(f'"{column}" = :{column}' for column in changes)
        return self.execute(f"UPDATE {table} SET {assignments} WHERE id = :_id", {**changes, "_id": row_id})

    def _inside(self) -> sqlite3.Connection:
        connection = self.sqlite
        if not connection.in_transaction:
            raise StoreError("a change outside a transaction: a mistake in the program, nothing was written")
        return connection

    def close(self) -> None:
        for connection in self._opened.values():
            connection.close()
        self._opened.clear()
        self._local = threading.local()


_making = threading.Lock()


def _make(path: Path) -> None:
    """A database that is not there yet, empty. One that is there is not touched: to close any file of a database takes
    from every connection of this process its locks on it, and the next process to end would delete the log with what
    they have yet to write. Raises OSError where nothing may be written."""
    with _making:  # nobody connects between the two
        try:
            # Names and words of people: readable by nobody but the owner. SQLite gives its log files the same mode.
            os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if not os.access(path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from None
