"""Gives every review its verdict; the deadline and the owner's alarm follow in the same transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from monitor import sla
from monitor.log import Event, Log
from monitor.seams import Analyser, Clock
from monitor.store.connection import Row
from monitor.store.sqlite import Store
from sentiment.types import Verdict

BATCH = 200


class Analyse:
    """`version` names the analysis (model, rules, words of the config); `analyser` is loaded when the first review
    needs it; `owners` tells who hears of a danger at a place at that moment."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        version: str,
        analyser: Callable[[], Analyser],
        policies: sla.Policies,
        owners: Callable[[str, datetime], Sequence[str]],
        log: Log,
    ) -> None:
        self._store = store
        self._clock = clock
        self._version = version
        self._analyser = analyser
        self._policies = policies
        self._owners = owners
        self._log = log

    def run(self) -> bool:
        """One batch; whether there was work."""
        due = self._store.analysis.due(self._version, BATCH)
        if not due:
            return False
        analyser = self._analyser()
        verdicts = [(row, self._verdict(analyser, row)) for row in due]
        now = self._clock.now()
        with self._store.write():
            for row, verdict in verdicts:
                if verdict is None:
                    self._store.analysis.give_up(row["id"], version=self._version, now=now)
                    continue
                self._store.analysis.save(
                    row["id"],
                    row["revision"],
                    verdict,
                    version=self._version,
                    policy=self._policies.of(row["place"]),
                    owners=self._owners(row["place"], now),
                    now=now,
                )
        return True

    def _verdict(self, analyser: Analyser, row: Row) -> Verdict | None:
        try:
            return analyser.analyse(row["text"], row["stars"], row["author"])
        except Exception as error:  # noqa: BLE001 - one review that the analysis stumbles over must not stop the line
            self._log.say(Event.JOB_FAILED, job="analyse", review=row["id"], error=type(error).__name__)
            return None
