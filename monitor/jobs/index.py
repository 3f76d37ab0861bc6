"""Puts every review into the index of the search; due because of a row, like every stage."""

from monitor import search
from monitor.log import Event, Log
from monitor.store.connection import Row
from monitor.store.sqlite import Store

BATCH = 500

MOST_BATCHES = 100
"""In a row: after an update every review is indexed anew, and a pass has other things to do."""


class Index:
    def __init__(self, *, store: Store, log: Log) -> None:
        self._store = store
        self._log = log

    def run(self) -> bool:
        """One batch; whether there was work."""
        due = self._store.search.due(search.VERSION, BATCH)
        if not due:
            return False
        self._store.search.put({row["id"]: self._lemmas(row) for row in due}, search.VERSION)
        return True

    def _lemmas(self, row: Row) -> str:
        try:
            return search.indexed(row["text"], row["author"])
        except Exception as error:  # noqa: BLE001 - one review that a rule stumbles over must not stop the line
            self._log.say(Event.JOB_FAILED, job="index", review=row["id"], error=type(error).__name__)
            return ""
