"""Links the reviews that are one person's words on several sites; due because of a row, like every stage."""

from monitor.log import Event, Log
from monitor.store.sqlite import Store

BATCH = 200


class Link:
    def __init__(self, *, store: Store, log: Log) -> None:
        self._store = store
        self._log = log

    def run(self) -> bool:
        """One batch; whether there was work."""
        linked = self._store.links.link(BATCH)
        if linked is None:
            return False
        for review in linked.stumbled:
            self._log.say(Event.JOB_FAILED, job="link", review=review)
        return True
