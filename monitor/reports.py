"""What is in the store, in words: the queue as people and mails see it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor import sla
from monitor.clock import from_iso, optional_moment
from monitor.model import (
    WAITING_STATES,
    Card,
    Precision,
    Standing,
    Ticket,
    TicketView,
)
from monitor.seams import Source
from monitor.store.connection import Row
from monitor.store.rows import draft_from, ticket_from, verdict_from
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters


class Reports:
    """`titles` maps a place's id to its name for people."""

    def __init__(
        self,
        *,
        store: Store,
        policy: sla.Policy,
        sources: Mapping[str, Source],
        cards: Mapping[tuple[str, str], Card],
        titles: Mapping[str, str],
    ) -> None:
        self._store = store
        self._policy = policy
        self._sources = sources
        self._cards = cards
        self._titles = titles

    def queue(self, filters: Filters, now: datetime) -> list[TicketView]:
        return [self.view(row, now) for row in self._store.tickets.queue(filters)]

    def ticket(self, ticket_id: int, now: datetime) -> TicketView:
        return self.view(self._store.tickets.view(ticket_id), now)

    def tickets(self, ticket_ids: Iterable[int], now: datetime) -> tuple[TicketView, ...]:
        return tuple(self.view(row, now) for row in self._store.tickets.views(list(ticket_ids)))

    def view(self, row: Row, now: datetime) -> TicketView:
        """One row of the queue. A card that left config.yaml is still shown, with what is known of it."""
        ticket = ticket_from(row)
        source = self._sources.get(row["source"])
        card = self._cards.get((row["source"], row["card_id"]))
        return TicketView(
            ticket=ticket.id,
            review=ticket.review_id,
            state=ticket.state,
            standing=self.standing(ticket, now),
            due_at=ticket.due_at,
            backlog=ticket.backlog,
            place=row["place"],
            place_title=self._titles.get(row["place"], row["place"]),
            timezone=card.timezone if card else "Europe/Moscow",
            source=row["source"],
            source_title=source.title if source else row["source"],
            external_id=row["external_id"],
            stars=row["stars"],
            author=row["author"],
            text=row["text"],
            posted_at=optional_moment(row["posted_at"]),
            posted_precision=Precision(row["posted_precision"]),
            first_seen_at=from_iso(row["first_seen_at"]),
            revision=row["revision"],
            verdict=verdict_from(row),
            draft=draft_from(row),
            draft_author=row["draft_author"],
            draft_stale=row["draft_revision"] is not None and row["draft_revision"] != row["revision"],
            assignee=ticket.assignee,
            url=row["url"],
            reply_url=source.reply_url(card, row["external_id"]) if source and card else row["url"],
        )

    def standing(self, ticket: Ticket, now: datetime) -> Standing | None:
        """How a ticket stands now; once it is closed, whether its answer came in time."""
        if ticket.due_at is None:
            return None
        if ticket.state not in WAITING_STATES:
            return {None: None, True: Standing.OK, False: Standing.BREACHED}[ticket.met]
        levels = self._policy.levels(ticket.target, ticket.armed_at, ticket.due_at)
        return sla.standing(levels, ticket.due_at, now)
