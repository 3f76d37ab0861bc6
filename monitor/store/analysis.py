"""Reviews waiting for a verdict, and the verdicts."""

from collections.abc import Sequence
from datetime import datetime

from monitor import sla
from monitor import tickets as life
from monitor.model import WAITING_STATES, AlertKind, TicketState
from monitor.store.connection import Connection, Row
from monitor.store.outbox import Outbox
from monitor.store.rows import verdict_row
from monitor.store.tickets import Tickets
from sentiment.types import Verdict

# "Not this version" as two ranges, each of which the index can walk.
DUE = """
SELECT id, revision, text, stars FROM review WHERE forgotten_at IS NULL AND analysed_with < :version
UNION ALL
SELECT id, revision, text, stars FROM review WHERE forgotten_at IS NULL AND analysed_with > :version
LIMIT :limit
"""


class Analysis:
    def __init__(self, connection: Connection, tickets: Tickets, outbox: Outbox) -> None:
        self._db = connection
        self._tickets = tickets
        self._outbox = outbox

    def due(self, version: str, limit: int) -> list[Row]:
        """Reviews (`id`, `revision`, `text`, `stars`) whose verdict is missing or of another version."""
        return self._db.rows(DUE, {"version": version, "limit": limit})

    def save(
        self,
        review_id: int,
        revision: int,
        verdict: Verdict,
        *,
        version: str,
        policy: sla.Policy,
        owners: Sequence[str],
        now: datetime,
    ) -> None:
        """Keeps the verdict, settles or tightens the ticket's deadline, and tells the owners of a danger at once:
        one transaction. A verdict about an older revision is dropped: the newer one is due."""
        with self._db.write():
            review = self._db.row("SELECT revision, forgotten_at FROM review WHERE id = ?", [review_id])
            if review is None or review["revision"] != revision or review["forgotten_at"]:
                return
            key: Row = {"review_id": review_id, "revision": revision}
            self._db.execute("DELETE FROM verdict WHERE review_id = :review_id AND revision = :revision", key)
            self._db.insert("verdict", key | {"version": version} | verdict_row(verdict))
            self._db.update("review", review_id, {"analysed_with": version})
            ticket = self._tickets.of_review(review_id)
            if ticket is None:
                return
            step = life.classified(ticket, urgent=verdict.urgent, now=now, policy=policy)
            ticket = self._tickets.save(ticket, step, redraft=True)
            alive = ticket.state in (*WAITING_STATES, TicketState.UNANSWERABLE)
            if verdict.risks and alive and not ticket.backlog:
                self._danger(ticket.id, key, verdict, owners, now)

    def give_up(self, review_id: int, *, version: str, now: datetime) -> None:
        """The analysis stumbled over this review: it is not tried again with this version, and its ticket keeps the
        stricter deadline that every unclassified ticket has."""
        with self._db.write():
            self._db.update("review", review_id, {"analysed_with": version})
            ticket = self._tickets.of_review(review_id)
            event = life.Happening("analysis_failed", now, why="разбор текста не удался")
            self._tickets.record(review_id, ticket.id if ticket else None, event)

    def _danger(self, ticket_id: int, about: Row, verdict: Verdict, owners: Sequence[str], now: datetime) -> None:
        risks = ",".join(sorted({mention.risk.value for mention in verdict.risks}))
        queued = self._outbox.queue(
            AlertKind.DANGER, risks, owners, [ticket_id], moment=str(about["revision"]), now=now
        )
        if queued:
            self._tickets.record(about["review_id"], ticket_id, life.Happening("danger", now, became=risks))
