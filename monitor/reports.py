"""What is in the store, in words: the queue as people and mails see it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor import canary, sla
from monitor import tickets as life
from monitor.alerts import Alarm, AlarmCard, AlarmKind, AlarmView, SameReview, Standing, TicketView
from monitor.clock import from_iso, optional_moment
from monitor.gestures import Gesture
from monitor.model import WAITING_STATES, Card, ListingState, Precision, Ticket, TicketState
from monitor.seams import Source
from monitor.store.connection import Row
from monitor.store.imports import FILE_ID
from monitor.store.rows import by_hand_from, draft_from, label_from, ticket_from, verdict_from
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters, Group
from monitor.talk import DisputeState

DEFAULT_ZONE = "Europe/Moscow"

_ONLY_FAILING = (AlarmKind.LAYOUT_CHANGED, AlarmKind.UNREACHABLE)
"""A site that refuses, refuses all its cards; one that changed or does not answer may still show some."""


MORNING = 20
"""Tickets of each group that are shown."""


class MorningGroup(NamedTuple):
    """What has something in common in the morning: how many tickets, and the first of them."""

    group: Group
    many: int
    tickets: tuple[TicketView, ...]


class Reports:
    """`titles` maps a place's id to its name for people, `variables` a source to the environment variables of its
    secrets."""

    def __init__(
        self,
        *,
        store: Store,
        policies: sla.Policies,
        sources: Mapping[str, Source],
        cards: Mapping[tuple[str, str], Card],
        titles: Mapping[str, str],
        variables: Mapping[str, Sequence[str]],
    ) -> None:
        self._store = store
        self._policies = policies
        self._sources = sources
        self._cards = cards
        self._titles = titles
        self._variables = variables

    def queue(self, filters: Filters, now: datetime) -> list[TicketView]:
        return self._views(self._store.tickets.queue(filters._replace(now=filters.now or now)), now)

    def today(
        self, scope: Filters, since: datetime | None, now: datetime, limit: int = MORNING
    ) -> tuple[MorningGroup, ...]:
        """What came since then, and what is late: by default since yesterday began at the first place of the scope.
        Groups without tickets are left out."""
        begins = since or self.yesterday(scope, now)
        found = self._store.tickets.morning(scope, begins, now, limit)
        named = [ticket for came in found.values() for ticket in came.tickets]
        views = {view.ticket: view for view in self.tickets(named, now)}
        return tuple(
            MorningGroup(group, came.many, tuple(views[ticket] for ticket in came.tickets if ticket in views))
            for group, came in found.items()
        )

    def yesterday(self, scope: Filters, now: datetime) -> datetime:
        """When it began at the first place of the scope."""
        zones = (
            card.timezone
            for card in self._cards.values()
            if scope.place in (None, card.place) and (scope.places is None or card.place in scope.places)
        )
        there = now.astimezone(ZoneInfo(next(zones, DEFAULT_ZONE)))
        return datetime.combine(there.date() - timedelta(days=1), time(), there.tzinfo).astimezone(UTC)

    def ticket(self, ticket_id: int, now: datetime) -> TicketView:
        return self._views([self._store.tickets.view(ticket_id)], now)[0]

    def tickets(self, ticket_ids: Iterable[int], now: datetime) -> tuple[TicketView, ...]:
        return tuple(self._views(self._store.tickets.views(list(ticket_ids)), now))

    def _views(self, rows: Sequence[Row], now: datetime) -> list[TicketView]:
        groups = self._store.links.tickets(row["leader"] for row in rows)
        gestures = self._store.gestures.of_tickets(row["id"] for row in rows)
        return [self._view(row, groups.get(row["leader"], ()), gestures.get(row["id"], ()), now) for row in rows]

    def _title(self, source: str) -> str:
        if source == canary.SOURCE:
            return canary.SOURCE_TITLE
        return self._sources[source].title if source in self._sources else source

    def _place(self, place: str) -> str:
        return canary.PLACE_TITLE if place == canary.PLACE else self._titles.get(place, place)

    def _view(self, row: Row, group: Sequence[Row], gestures: tuple[Gesture, ...], now: datetime) -> TicketView:
        """One row of the queue; `group`: the tickets of the same words, its own too. A card that left config.yaml is
        still shown, with what is known of it."""
        ticket = ticket_from(row)
        source = self._sources.get(row["source"])
        card, by_hand = self._cards.get((row["source"], row["card_id"])), by_hand_from(row)
        return TicketView(
            ticket=ticket.id,
            review=ticket.review_id,
            state=ticket.state,
            standing=self.standing(ticket, row["place"], now),
            due_at=ticket.due_at,
            backlog=ticket.backlog,
            place=row["place"],
            place_title=self._place(row["place"]),
            timezone=card.timezone if card else DEFAULT_ZONE,
            source=row["source"],
            source_title=self._title(row["source"]),
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
            reply_url=_reply_url(source, card, row) if source and card and not row["forgotten_at"] else row["url"],
            same_as=tuple(
                SameReview(
                    other["id"],
                    TicketState(other["state"]),
                    other["source"],
                    self._title(other["source"]),
                    other["place"],
                )
                for other in group
                if other["id"] != ticket.id
            ),
            label=label_from(row),
            fault=ticket.fault,
            measure=ticket.measure,
            gestures=gestures,
            acknowledged_by=ticket.acknowledged_by,
            draft_number=row["draft_number"],
            dispute=None if row["dispute"] is None else DisputeState(row["dispute"]),
            themes_by_hand=by_hand.themes,
            dangers_by_hand=by_hand.dangers,
            erased=row["forgotten_at"] is not None,
            closed_by_erasing=bool(row["closed_by_erasing"]),
        )

    def standing(self, ticket: Ticket, place: str, now: datetime) -> Standing | None:
        """How a ticket stands now; once it is closed, whether its answer came in time."""
        if ticket.due_at is None:
            return None
        if ticket.state not in WAITING_STATES:
            return {None: None, True: Standing.OK, False: Standing.BREACHED}[ticket.met]
        return sla.standing(life.levels(ticket, self._policies.of(place)), ticket.due_at, now)

    # --- what is wrong with reading -----------------------------------------------------------------

    def alarms(self, alarm_ids: Iterable[int]) -> tuple[AlarmView, ...]:
        """Those of them that are still open, in their order."""
        wrong = {alarm.id: alarm for alarm in self._store.alarms.open()}
        wanted = [wrong[alarm_id] for alarm_id in alarm_ids if alarm_id in wrong]
        listings = self._store.listings.all() if wanted else []
        return tuple(self._alarm_view(alarm, listings) for alarm in wanted)

    def wrong(self, places: Collection[str] | None) -> tuple[AlarmView, ...]:
        """What is wrong now, longest first: with cards of these places, or with any."""
        listings = self._store.listings.all()
        seen = [listing for listing in listings if places is None or listing.place in places]
        views = (self._alarm_view(alarm, seen) for alarm in self._store.alarms.open())
        return tuple(view for view in views if view.cards or places is None)

    def _alarm_view(self, alarm: Alarm, listings: Sequence[ListingState]) -> AlarmView:
        concerned = _concerned(alarm, listings)
        source = self._sources.get(alarm.source)
        cards = [self._cards.get((listing.source, listing.external_id)) for listing in concerned]
        return AlarmView(
            alarm=alarm,
            source_title=source.title if source else alarm.source,
            timezone=next((card.timezone for card in cards if card), DEFAULT_ZONE),
            cards=tuple(
                AlarmCard(listing.name, self._titles.get(listing.place, listing.place), listing.last_good_at)
                for listing in concerned
            ),
            retry_at=self._retry_at(alarm, concerned),
            variables=tuple(self._variables.get(alarm.source, ())),
        )

    def _retry_at(self, alarm: Alarm, concerned: Sequence[ListingState]) -> datetime | None:
        """A site that refused us is not asked before its time, whichever card is due."""
        planned = [listing.next_check_at for listing in concerned]
        circuit = self._store.sites.circuit(alarm.source)
        if planned and circuit is not None:
            planned = [max(min(planned), circuit.closed_until)]
        return min(planned, default=None)


def _reply_url(source: Source, card: Card, row: Row) -> str:
    """Where to answer; of a review that only a file told of, no address can be built from its id."""
    built = source.reply_url(card, row["external_id"])
    needs_id = built != source.reply_url(card, "")
    return row["url"] if needs_id and row["external_id"].startswith(FILE_ID) else built


def _concerned(alarm: Alarm, listings: Sequence[ListingState]) -> list[ListingState]:
    """The cards that cannot be read, or not rightly, because of it."""
    if alarm.listing_id is not None:
        return [listing for listing in listings if listing.id == alarm.listing_id]
    of_site = [listing for listing in listings if listing.source == alarm.source]
    failing = [listing for listing in of_site if listing.error_count]
    return failing if failing and alarm.kind in _ONLY_FAILING else of_site
