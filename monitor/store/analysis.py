"""Reviews waiting for a verdict, and the verdicts."""

from collections.abc import Sequence
from datetime import datetime

from monitor import sla
from monitor import tickets as life
from monitor.clock import from_iso, optional_moment
from monitor.model import WAITING_STATES, AlertKind, Ticket, TicketState
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
            if ticket is not None:
                step = life.classified(ticket, urgent=verdict.urgent, now=now, policy=policy)
                ticket = self._tickets.save(ticket, step, redraft=True)
            if verdict.risks:
                self._danger(ticket, key, verdict, owners=owners, policy=policy, now=now)

    def give_up(self, review_id: int, *, version: str, now: datetime) -> None:
        """The analysis stumbled over this review: it is not tried again with this version, and its ticket keeps the
        stricter deadline that every unclassified ticket has."""
        with self._db.write():
            self._db.update("review", review_id, {"analysed_with": version})
            ticket = self._tickets.of_review(review_id)
            event = life.Happening("analysis_failed", now, why="разбор текста не удался")
            self._tickets.record(review_id, ticket.id if ticket else None, event)

    def _danger(
        self,
        ticket: Ticket | None,
        about: Row,
        verdict: Verdict,
        *,
        owners: Sequence[str],
        policy: sla.Policy,
        now: datetime,
    ) -> None:
        """Tells the owners, also of a review that had its answer before we saw it; not of the backlog."""
        if ticket is None:
            ticket = self._ticket_to_tell_of(about["review_id"], policy, now)
        told = (*WAITING_STATES, TicketState.UNANSWERABLE, TicketState.ANSWERED)
        if ticket is None or ticket.backlog or ticket.state not in told:
            return
        risks = ",".join(sorted({mention.risk.value for mention in verdict.risks}))
        moment = str(about["revision"])
        if self._outbox.queue(AlertKind.DANGER, risks, owners, [ticket.id], moment=moment, now=now):
            self._tickets.record(about["review_id"], ticket.id, life.Happening("danger", now, became=risks))

    def _ticket_to_tell_of(self, review_id: int, policy: sla.Policy, now: datetime) -> Ticket | None:
        """A closed ticket for a review that needed none, None when it belongs to the backlog."""
        row = self._db.row(
            """SELECT r.initial, r.posted_at, r.reply_at, l.enforce_from FROM review r JOIN listing l
            ON l.id = r.listing_id WHERE r.id = ?""",
            [review_id],
        )
        assert row is not None, "reviews are never deleted"
        posted_at = optional_moment(row["posted_at"])
        if sla.is_backlog(bool(row["initial"]), posted_at, from_iso(row["enforce_from"])):
            return None
        reply_at = optional_moment(row["reply_at"])
        step = life.answered_before(review_id=review_id, now=now, reply_at=reply_at, policy=policy)
        return self._tickets.save(None, step)
