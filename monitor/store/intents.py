"""Applies one intent: the review's row, its revisions, its ticket and their history."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor import sla
from monitor import tickets as life
from monitor.clock import optional_iso, to_iso
from monitor.dates import Dated
from monitor.decide import (
    Absent,
    Insert,
    Intent,
    ReplyGone,
    ReplyMisses,
    ReplySeen,
    Return,
    Revise,
    Touch,
    Vanish,
    decide,
)
from monitor.model import (
    WAITING_STATES,
    Answerable,
    Changes,
    FetchedReview,
    ListingState,
    Origin,
    ReplyState,
    StoredReview,
    Ticket,
    TicketState,
)
from monitor.store.adoption import adopt
from monitor.store.connection import Connection, Row
from monitor.store.links import release
from monitor.store.matching import words_key
from monitor.store.publishing import Publishing
from monitor.store.replies import write_reply, write_reply_gone
from monitor.store.rows import STORED_REVIEWS, review_from
from monitor.store.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Rules:
    """What the config and the source say about a card's reviews. `policy` holds where `places` has no other."""

    policy: sla.Policy
    answerable: Answerable
    representative: bool
    enforce_from: datetime | timedelta | None
    places: Mapping[str, sla.Policy] = field(default_factory=dict)

    def at(self, place: str) -> "Rules":
        """The rules of one place's cards."""
        policy = self.places.get(place, self.policy)
        return self if policy is self.policy else replace(self, policy=policy)

    def can_answer(self, text: str) -> bool:
        return sla.can_answer(self.answerable, text, self.representative)


_FORGET_VERDICT = """
DELETE FROM verdict WHERE review_id = ?1 AND revision = (SELECT revision FROM review WHERE id = ?1)"""

_CURRENT_VERDICT = """
SELECT v.flagged, v.uncertain FROM review r JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
WHERE r.id = ?
"""


def known(connection: Connection, listing_id: int, external_ids: Iterable[str]) -> dict[str, StoredReview]:
    """What is stored of these reviews of a card, by their ids there."""
    rows = connection.rows(
        STORED_REVIEWS + "WHERE r.listing_id = ? AND r.external_id IN (SELECT value FROM json_each(?))",
        [listing_id, json.dumps(list(external_ids))],
    )
    return {row["external_id"]: review_from(row) for row in rows}


class Intents:
    """All inside a `write`."""

    def __init__(self, connection: Connection, tickets: Tickets) -> None:
        self._db = connection
        self._tickets = tickets
        self._publishing = Publishing(connection)

    def apply(
        self, listing: ListingState, intent: Intent, rules: Rules, now: datetime, written_at: datetime | None = None
    ) -> Changes:
        """`written_at`: when the file was that told it; None where a read of the card did."""
        if isinstance(intent, Insert):
            return self._insert(listing, intent.review, rules, now, written_at)
        if self._forgotten(intent.review_id):
            return Changes()  # erased since the page was read
        match intent:
            case Revise(review_id, review):
                return self._revise(review_id, review, rules, now)
            case ReplySeen(review_id, reply):
                write_reply(self._db, review_id, reply, now)
                if reply.state is ReplyState.REJECTED and self._tickets.of_review(review_id) is None:
                    return self._open(
                        review_id, self._text(review_id), rules, now, why="площадка отклонила ответ, который был до нас"
                    )
                answerable = rules.can_answer(self._text(review_id))
                return self.step(
                    review_id,
                    now,
                    "reply_seen",
                    lambda t: life.reply_seen(
                        t,
                        reply,
                        now,
                        rules.policy,
                        ours=self._publishing.is_ours(t.id, reply.text),
                        answerable=answerable,
                    ),
                )
            case ReplyMisses(review_id, count):
                # The own page of a review is stored ahead of its list page: seen it was, and one miss counts once.
                self._db.update("review", review_id, {"reply_misses": count, "last_seen_at": to_iso(now)})
                return Changes()
            case ReplyGone(review_id):
                write_reply_gone(self._db, review_id, now)
                if self._tickets.of_review(review_id) is None:
                    return self._open(review_id, self._text(review_id), rules, now, why="ответ пропал с площадки")
                answerable = rules.can_answer(self._text(review_id))
                return self.step(
                    review_id,
                    now,
                    "reply_gone",
                    lambda t: life.reply_gone(t, now, rules.policy, answerable=answerable),
                )
            case Vanish(review_id):
                self._db.update("review", review_id, {"removed_at": to_iso(now)})
                return self.step(review_id, now, "vanished", lambda t: life.removed(t, now)) + Changes(vanished=1)
            case Absent(review_id, count):
                self._db.update("review", review_id, {"absences": count})
                return Changes()
            case Return(review_id):
                # Judged anew, as if never before: a danger that was found while it was gone has not been told.
                self._db.update("review", review_id, {"removed_at": None, "analysed_with": ""})
                self._db.execute(_FORGET_VERDICT, [review_id])
                answerable = rules.can_answer(self._text(review_id))
                return self.step(
                    review_id, now, "returned", lambda t: life.returned(t, now, rules.policy, answerable=answerable)
                )
            case Touch(review_id, mark, posted):
                self._db.update("review", review_id, {"mark": mark} | (_posted(posted) if posted else {}))
                return Changes()

    def _insert(
        self, listing: ListingState, review: FetchedReview, rules: Rules, now: datetime, written_at: datetime | None
    ) -> Changes:
        from_file = written_at is not None
        if adopt(self._db, listing.id, review, now, seen=not from_file) is not None:
            stored = known(self._db, listing.id, [review.external_id])[review.external_id]
            return sum((self.apply(listing, intent, rules, now) for intent in decide(stored, review)), Changes())
        initial = listing.imported_at is None or from_file
        reply = review.reply
        review_id = self._db.insert(
            "review",
            {
                "listing_id": listing.id,
                "external_id": review.external_id,
                "stars": review.stars,
                "text": review.text,
                "author": review.author,
                **_posted(Dated(review.posted_at, review.posted_precision)),
                "url": review.url,
                "digest": review.digest,
                "mark": review.mark,
                "first_seen_at": to_iso(now),
                "last_seen_at": to_iso(written_at or now),
                "initial": int(initial),
                "origin": (Origin.FILE if from_file else Origin.SITE).value,
                "words": words_key(review.text, review.author) if from_file else "",
            },
        )
        self._add_revision(review_id, 1, review, now)
        if reply is not None:
            write_reply(self._db, review_id, reply, now)
        if reply is not None and reply.state is not ReplyState.REJECTED:
            return Changes(new=1)
        assert listing.enforce_from is not None, "settled before the first intent"
        backlog = sla.is_backlog(initial, review.posted_at, listing.enforce_from)
        return Changes(new=1) + self._open(review_id, review.text, rules, now, backlog=backlog)

    def _open(
        self, review_id: int, text: str, rules: Rules, now: datetime, *, backlog: bool = False, why: str = ""
    ) -> Changes:
        step = life.opened(
            review_id=review_id,
            now=now,
            policy=rules.policy,
            answerable=rules.can_answer(text),
            backlog=backlog,
            why=why,
        )
        ticket = self._tickets.save(None, step)
        verdict = self._db.row(_CURRENT_VERDICT, [review_id])
        if verdict is not None:
            urgent = bool(verdict["flagged"] or verdict["uncertain"])
            self._tickets.save(ticket, life.classified(ticket, urgent=urgent, now=now, policy=rules.policy))
        return Changes(opened=int(ticket.state in WAITING_STATES))

    def _add_revision(self, review_id: int, number: int, review: FetchedReview, now: datetime) -> None:
        self._db.insert(
            "revision",
            {
                "review_id": review_id,
                "number": number,
                "stars": review.stars,
                "text": review.text,
                "seen_at": to_iso(now),
            },
        )

    def _revise(self, review_id: int, review: FetchedReview, rules: Rules, now: datetime) -> Changes:
        row = self._db.row("SELECT revision FROM review WHERE id = ?", [review_id])
        assert row is not None, "reviews are never deleted"
        number = row["revision"] + 1
        self._add_revision(review_id, number, review, now)
        self._db.update(
            "review",
            review_id,
            {
                "stars": review.stars,
                "text": review.text,
                "digest": review.digest,
                "mark": review.mark,
                "url": review.url,
                "revision": number,
                "analysed_with": "",
            },
        )
        release(self._db, [review_id])
        edited = Changes(edited=1)
        if self._tickets.of_review(review_id) is None:
            return edited + self._open(review_id, review.text, rules, now, why="автор изменил отзыв после ответа")
        answerable = rules.can_answer(review.text)
        return edited + self.step(
            review_id,
            now,
            "revised",
            lambda ticket: life.revised(ticket, now, rules.policy, answerable=answerable),
            redraft=True,
        )

    def step(
        self,
        review_id: int,
        now: datetime,
        kind: str,
        move: Callable[[Ticket], life.Step],
        *,
        redraft: bool = False,
    ) -> Changes:
        """Moves the review's ticket on; a review without one gets the line in its own history."""
        ticket = self._tickets.of_review(review_id)
        if ticket is None:
            self._tickets.record(review_id, None, life.Happening(kind, now))
            return Changes()
        step = move(ticket)
        if not step.events:  # the ticket stays as it is; the review's history tells of it all the same
            step = replace(step, events=(life.Happening(kind, now, was=ticket.state, became=ticket.state),))
        self._tickets.save(ticket, step, redraft=redraft)
        return _counted(ticket.state, step.ticket.state)

    def _forgotten(self, review_id: int) -> bool:
        return self._db.row("SELECT 1 FROM review WHERE id = ? AND forgotten_at IS NOT NULL", [review_id]) is not None

    def _text(self, review_id: int) -> str:
        row = self._db.row("SELECT text FROM review WHERE id = ?", [review_id])
        return row["text"] if row else ""


def _posted(dated: Dated) -> Row:
    return {"posted_at": optional_iso(dated.at), "posted_precision": dated.precision.value}


_OWED = (*WAITING_STATES, TicketState.UNANSWERABLE)


def _counted(before: TicketState, after: TicketState) -> Changes:
    return Changes(
        opened=int(before not in WAITING_STATES and after in WAITING_STATES),
        closed=int(before in _OWED and after not in _OWED),
    )
