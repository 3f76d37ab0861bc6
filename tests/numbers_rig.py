"""Stories of reviews, put into a store as the worker would put them, for tests of the numbers.

Promises are round the clock: an hour for negative reviews, a day for others, an hour for what is opened again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import sla
from monitor import tickets as life
from monitor.canary import SOURCE as CANARY
from monitor.clock import optional_iso, to_iso
from monitor.model import WAITING_STATES, Reply, Ticket
from monitor.store.replies import write_reply, write_reply_gone
from monitor.store.sqlite import Store

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLICY = sla.Policy.of(HOUR, DAY, HOUR)
BEGINNING = datetime(2026, 9, 1, tzinfo=UTC)
"""When every card's first import was over, and the promise began."""

SECRET = "Иван Тайный"
WORDS = "Совсем не вкусно было"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a review: `kind` is one of the methods of `Book` that tell of it. `site_at`: the site's own time
    of a reply; `reason` of a dismissal."""

    kind: str
    at: datetime
    site_at: datetime | None = None
    reason: str = "other"


@dataclass(frozen=True, slots=True)
class Story:
    """A review and everything that happened to it. `answered`: its reply was there when we first saw it. `watched`:
    alarms rang for it."""

    place: str
    source: str
    seen_at: datetime
    posted_at: datetime | None = None
    precision: str = "exact"
    tone: str = "positive"
    stars: int | None = 5
    themes: tuple[str, ...] = ()
    initial: bool = False
    answerable: bool = True
    answered: bool = False
    assignee: str | None = None
    watched: bool = True
    events: Sequence[Event] = field(default=())

    @property
    def old(self) -> bool:
        return self.initial and (self.posted_at is None or self.posted_at < BEGINNING)


class Book:
    """A store in a folder. Stories are played one after the other; their order in time does not matter."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "otklik.db")
        self._db = self.store._db
        self._listings: dict[tuple[str, str], int] = {}
        self._reviews = 0

    def card(self, place: str, source: str, *, active: bool = True, imported_at: datetime = BEGINNING) -> int:
        """The listing's row, made when it is needed."""
        if (place, source) not in self._listings:
            row = {
                "place": place, "source": source, "external_id": f"{place}-{source}", "active": int(active),
                "next_check_at": to_iso(BEGINNING), "first_success_at": to_iso(BEGINNING),
                "enforce_from": to_iso(BEGINNING), "imported_at": to_iso(imported_at),
            }  # fmt: skip
            with self.store.write():
                self._listings[place, source] = self._db.insert("listing", row)
        return self._listings[place, source]

    def play(self, story: Story) -> int | None:
        """Lets it happen; the id of the ticket, if there is one."""
        review = self._insert(story)
        with self.store.write():
            if story.answered:
                write_reply(self._db, review, Reply("Спасибо!"), story.seen_at)
            else:
                self._open(review, story, story.seen_at)
            for event in story.events:
                self._ring(review, story, event.at)
                getattr(self, f"_{event.kind}")(review, story, event)
        erased = [event.at for event in story.events if event.kind == "forgotten"]
        if erased:
            self.store.privacy.erase([review], erased[0])
        ticket = self.store.tickets.of_review(review)
        return ticket.id if ticket else None

    def ring_until(self, stories: Sequence[Story], now: datetime) -> None:
        """Alarms ring for what is late at `now`, in the order in which the stories were played."""
        with self.store.write():
            for number, story in enumerate(stories, start=1):
                self._ring(number, story, now)

    def _insert(self, story: Story) -> int:
        self._reviews += 1
        row = {
            "listing_id": self.card(story.place, story.source), "external_id": str(self._reviews),
            "stars": story.stars, "text": WORDS, "author": SECRET, "posted_at": optional_iso(story.posted_at),
            "posted_precision": story.precision if story.posted_at else "unknown", "url": "https://example.ru/1",
            "digest": "", "first_seen_at": to_iso(story.seen_at), "last_seen_at": to_iso(story.seen_at),
            "initial": int(story.initial),
        }  # fmt: skip
        themes = [[theme, "negative", WORDS] for theme in story.themes] + [["price", "positive", WORDS]]
        verdict = {
            "revision": 1, "version": "v", "tone": story.tone, "flagged": 0, "uncertain": 0, "conflict": 0,
            "themes": json.dumps(themes), "risks": "[]", "evidence": "[]",
        }  # fmt: skip
        with self.store.write():
            review = self._db.insert("review", row)
            self._db.insert("verdict", {"review_id": review, **verdict})
        return review

    def _open(self, review: int, story: Story, now: datetime) -> None:
        backlog = story.old and now == story.seen_at
        opened = life.opened(review_id=review, now=now, policy=POLICY, answerable=story.answerable, backlog=backlog)
        ticket = self.store.tickets.save(None, opened)
        urgent = story.tone == "negative"
        ticket = self.store.tickets.save(ticket, life.classified(ticket, urgent=urgent, now=now, policy=POLICY))
        self._db.update("ticket", ticket.id, {"assignee": story.assignee})

    def _ring(self, review: int, story: Story, now: datetime) -> None:
        """The deadline alone: what rings before and after it changes no number."""
        ticket = self.store.tickets.of_review(review)
        if ticket is None or not story.watched or ticket.state not in WAITING_STATES or ticket.level:
            return
        if ticket.due_at is not None and ticket.due_at <= now:
            self.store.tickets.save(ticket, life.level_reached(ticket, POLICY, ticket.due_at))

    def _move(self, review: int, step: life.Step) -> None:
        self.store.tickets.save(self._ticket(review), step)

    def _ticket(self, review: int) -> Ticket:
        ticket = self.store.tickets.of_review(review)
        assert ticket is not None
        return ticket

    # --- what may happen ----------------------------------------------------------------------------

    def _submitted(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.submitted(self._ticket(review), event.at))

    def _seen(self, review: int, story: Story, event: Event) -> None:
        reply = Reply("Спасибо!", event.site_at)
        write_reply(self._db, review, reply, event.at)
        self._move(review, life.reply_seen(self._ticket(review), reply, event.at, POLICY, ours=True))

    def _gone(self, review: int, story: Story, event: Event) -> None:
        write_reply_gone(self._db, review, event.at)
        if self.store.tickets.of_review(review) is None:
            self._open(review, story, event.at)
        else:
            self._move(review, life.reply_gone(self._ticket(review), event.at, POLICY))

    def _dismissed(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.dismissed(self._ticket(review), event.at, event.reason))

    def _reopened(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.reopened(self._ticket(review), event.at, POLICY, why="открыт вручную"))

    def _revised(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.revised(self._ticket(review), event.at, POLICY, answerable=story.answerable))

    def _removed(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.removed(self._ticket(review), event.at))

    def _returned(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.returned(self._ticket(review), event.at, POLICY, answerable=story.answerable))

    def _unlocked(self, review: int, story: Story, event: Event) -> None:
        self._move(review, life.unlocked(self._ticket(review), event.at))

    def _forgotten(self, review: int, story: Story, event: Event) -> None:
        """Done when the story is over: it is the last thing that can happen."""


def canary(seen_at: datetime) -> Story:
    """A trial alarm, which no number counts."""
    return Story(CANARY, CANARY, seen_at, seen_at - HOUR, tone="negative", stars=1, themes=("staff",), assignee="anna")
