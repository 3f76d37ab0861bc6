"""Reviews waiting for a verdict, and the verdicts."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor import sla
from monitor import tickets as life
from monitor.alerts import AlertKind
from monitor.clock import optional_moment, to_iso
from monitor.corrections import corrected, overruled
from monitor.model import WAITING_STATES, Ticket, TicketState
from monitor.store.connection import Connection, Row
from monitor.store.labels import Labels
from monitor.store.outbox import Outbox
from monitor.store.rows import verdict_row
from monitor.store.tickets import Tickets
from sentiment.types import Verdict

# "Not this version" as two ranges, each of which the index can walk. What was not compared with the reviews of other
# sites yet has to wait: a danger in it may have been told.
_REVIEWS = """
SELECT r.id, r.revision, r.text, r.stars, r.author, l.place FROM review r CROSS JOIN listing l ON l.id = r.listing_id
WHERE r.forgotten_at IS NULL AND r.linked_with <> '' AND r.analysed_with"""
DUE = f"{_REVIEWS} < :version UNION ALL {_REVIEWS} > :version LIMIT :limit"


ONE_TELLING = timedelta(days=7)
"""The same words on another site are no news to an owner who was told of their danger so lately."""

# Of whom the owners were told, among the other reviews of the same words.
_TOLD = """
SELECT n.recipient, n.level, t.id AS ticket FROM review r
JOIN ticket t ON t.review_id = r.id
JOIN notification_ticket x ON x.ticket_id = t.id
JOIN notification n ON n.id = x.notification_id AND n.kind = 'danger' AND n.state IN ('pending', 'sent')
WHERE r.id IN (SELECT :leader UNION ALL SELECT id FROM review WHERE same_as = :leader)
AND r.id <> :review_id AND n.created_at >= :since ORDER BY n.id
"""
_KNOWN = """
SELECT 1 AS known FROM event e JOIN revision v ON v.review_id = e.review_id AND v.number = :revision
WHERE e.review_id = :review_id AND e.kind IN ('danger', 'danger_known') AND e.became = :risks AND e.at >= v.seen_at
"""


class Analysis:
    def __init__(self, connection: Connection, tickets: Tickets, outbox: Outbox, labels: Labels) -> None:
        self._db = connection
        self._tickets = tickets
        self._outbox = outbox
        self._labels = labels

    def due(self, version: str, limit: int) -> list[Row]:
        """Reviews (`id`, `revision`, `text`, `stars`, `author`, `place`) whose verdict is missing or of another one;
        those that `Links` has not seen yet come later."""
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
        one transaction. A verdict about an older revision is dropped: the newer one is due. What a person said of
        these words stands, whatever the analysis finds."""
        with self._db.write():
            review = self._db.row("SELECT revision, stars, forgotten_at FROM review WHERE id = ?", [review_id])
            if review is None or review["revision"] != revision or review["forgotten_at"]:
                return
            label = self._labels.of(review_id, revision)
            if label is not None:
                verdict = corrected(verdict, label, review["stars"])
            verdict = overruled(verdict, self._labels.by_hand(review_id, revision))
            key: Row = {"review_id": review_id, "revision": revision}
            known = self._risks(key)
            self._db.execute("DELETE FROM verdict WHERE review_id = :review_id AND revision = :revision", key)
            self._db.insert("verdict", key | {"version": version} | verdict_row(verdict))
            self._db.update("review", review_id, {"analysed_with": version})
            ticket = self._tickets.of_review(review_id)
            if ticket is not None:
                step = life.classified(ticket, urgent=verdict.urgent, now=now, policy=policy)
                ticket = self._tickets.save(ticket, step, redraft=True)
            if {mention.risk.value for mention in verdict.risks} - known:  # the same found again is no news
                self._danger(ticket, key, verdict, owners=owners, policy=policy, now=now)

    def _risks(self, about: Row) -> set[str]:
        """The dangers that an earlier analysis found in these very words."""
        row = self._db.row("SELECT risks FROM verdict WHERE review_id = :review_id AND revision = :revision", about)
        return set() if row is None else _names(row)

    def overrule(self, review_id: int, revision: int, verdict: Verdict) -> None:
        """Keeps a verdict as a person corrected it, inside a `write`; also where there was none yet. Whether the
        analysis is due does not change."""
        key: Row = {"review_id": review_id, "revision": revision}
        judged = self._db.execute(
            """UPDATE verdict SET tone = :tone, flagged = :flagged, uncertain = :uncertain, conflict = :conflict,
            themes = :themes, risks = :risks WHERE review_id = :review_id AND revision = :revision""",
            key | verdict_row(verdict),
        )
        if not judged:
            self._db.insert("verdict", key | {"version": ""} | verdict_row(verdict))

    def endangered(
        self,
        ticket: Ticket,
        revision: int,
        verdict: Verdict,
        *,
        owners: Sequence[str],
        policy: sla.Policy,
        now: datetime,
    ) -> None:
        """A person found a danger in these words: the owners hear of it as of any other, however old the review. Inside
        a `write`."""
        about: Row = {"review_id": ticket.review_id, "revision": revision}
        self._danger(ticket, about, verdict, owners=owners, policy=policy, now=now, by_hand=True)

    def again(self, review_id: int) -> None:
        """The next pass analyses it once more. Inside a `write`."""
        self._db.update("review", review_id, {"analysed_with": ""})

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
        by_hand: bool = False,
    ) -> None:
        """Tells the owners, also of a review that had its answer before we saw it; not of what was written before the
        promise began, unless its author has brought the danger in since, or a person found it (`by_hand`). What is
        backlog only because its site let nobody answer it is told of."""
        if ticket is None:
            ticket = self._ticket_to_tell_of(about["review_id"], policy, now, urgent=verdict.urgent)
        told = (*WAITING_STATES, TicketState.UNANSWERABLE, TicketState.SUBMITTED, TicketState.ANSWERED)
        if ticket is None or ticket.state not in told:
            return
        found = {mention.risk.value for mention in verdict.risks}
        old = ticket.backlog and self._is_old(self._origin(ticket.review_id))
        if old and not by_hand and not self._brought_in(found, about):
            return
        risks = ",".join(sorted(found))
        if self._db.row(_KNOWN, {**about, "risks": risks}):
            return
        moment, aware = str(about["revision"]), self._told_elsewhere(about["review_id"], risks, now)
        unaware = [owner for owner in owners if owner not in aware]
        if self._outbox.queue(AlertKind.DANGER, risks, unaware, [ticket.id], moment=moment, now=now):
            self._tickets.record(about["review_id"], ticket.id, life.Happening("danger", now, became=risks))
        elif aware:
            why = f"тот же отзыв: № {min(aware.values())}"
            event = life.Happening("danger_known", now, became=risks, why=why)
            self._tickets.record(about["review_id"], ticket.id, event)

    def _brought_in(self, risks: set[str], about: Row) -> bool:
        """Whether the analysis has seen these words without the danger."""
        before = self._db.row(
            """SELECT risks FROM verdict WHERE review_id = :review_id AND revision < :revision
            ORDER BY revision DESC LIMIT 1""",
            about,
        )
        return before is not None and not risks <= _names(before)

    def _told_elsewhere(self, review_id: int, risks: str, now: datetime) -> dict[str, int]:
        """Recipient who was told lately of all these risks in the same words on another card → that ticket."""
        (review,) = self._db.rows("SELECT coalesce(same_as, id) AS leader FROM review WHERE id = ?", [review_id])
        rows = self._db.rows(_TOLD, {**review, "review_id": review_id, "since": to_iso(now - ONE_TELLING)})
        wanted = set(risks.split(","))
        return {row["recipient"]: row["ticket"] for row in rows if wanted <= set(row["level"].split(","))}

    def _ticket_to_tell_of(self, review_id: int, policy: sla.Policy, now: datetime, *, urgent: bool) -> Ticket | None:
        """A closed ticket for a review that needed none, None when it belongs to the backlog."""
        row = self._origin(review_id)
        if self._is_old(row):
            return None
        reply_at = optional_moment(row["reply_at"])
        step = life.answered_before(review_id=review_id, now=now, reply_at=reply_at, policy=policy, urgent=urgent)
        return self._tickets.save(None, step)

    def _origin(self, review_id: int) -> Row:
        (row,) = self._db.rows(
            """SELECT r.initial, r.posted_at, r.reply_at, l.enforce_from FROM review r JOIN listing l
            ON l.id = r.listing_id WHERE r.id = ?""",
            [review_id],
        )
        return row

    @staticmethod
    def _is_old(row: Row) -> bool:
        """Rule 6, of a row of `_origin`; until the first read of a card only files told of it."""
        begins = optional_moment(row["enforce_from"])
        return begins is None or sla.is_backlog(bool(row["initial"]), optional_moment(row["posted_at"]), begins)


def _names(row: Row) -> set[str]:
    """Of the dangers in a verdict."""
    return {risk for risk, _ in json.loads(row["risks"])}
