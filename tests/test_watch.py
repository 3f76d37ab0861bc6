"""The watch: which alarm goes to whom, alone or with others, and what is written with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor import sla
from monitor import tickets as life
from monitor.alerts import AlertKind
from monitor.config_escalation import USUAL, Person
from monitor.decide import decide_page
from monitor.errors import Conflict
from monitor.jobs.watch import Watch
from monitor.ladder import Ladder, Roles
from monitor.log import Log
from monitor.model import Answerable, Card, FetchedReview, Precision, Target, Ticket, TicketState
from monitor.quiet import Quiet
from monitor.sla import Level, Policies, Policy
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.sqlite import Store
from tests.fakes import FrozenClock
from tests.rig import Rig

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CARDS = {
    "lenina": Card("lenina", "google_business", "1", "Europe/Moscow"),
    "gogolya": Card("gogolya", "twogis", "2", "Asia/Vladivostok"),
}
ANNA, SUPPORT, LEAD, OWNER = (f"{name}@example.ru" for name in ("anna", "support", "lead", "owner"))
POLICY = Policy.of(HOUR, 24 * HOUR)
LADDER = Ladder(Roles([SUPPORT], [OWNER], [LEAD]), USUAL, collapse_over=2, people={"anna": Person(ANNA)})

Mail = tuple[str, str, str, int]
"""Kind, level, recipient, how many tickets."""


class Duty:
    """A store with tickets; `look()` is one look at the clock, and what it wrote."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path)
        self.store.listings.sync(CARDS.values(), NOON)
        self.clock = FrozenClock(NOON)
        self.ladder = LADDER
        self.policies = Policies(POLICY)
        self._seen = 0

    def seen(self, *names: str, target: Target = Target.NEGATIVE, place: str = "lenina", answer: bool = True) -> None:
        """New reviews, first seen now and judged."""
        listing = next(listing for listing in self.store.listings.all() if listing.place == place)
        now = self.clock.now()
        reviews = [
            FetchedReview(name, 1, "Ждали час", name, now, Precision.EXACT, f"https://example.ru/{name}")
            for name in names
        ]
        rules = Rules(self.policies.of(place), Answerable.ALL if answer else Answerable.NO, False, timedelta(days=2))
        progress = Progress(seen=names, started=now, ended=True)
        self.store.intake.apply(listing.id, decide_page({}, reviews), progress, rules, now)
        with self.store.write():
            for ticket in self.tickets():
                if ticket.target is Target.UNCLASSIFIED:
                    urgent, policy = target is Target.NEGATIVE, self.policies.of(place)
                    self.save(ticket, life.classified(ticket, urgent=urgent, now=now, policy=policy))

    def save(self, before: Ticket, step: life.Step) -> None:
        with self.store.write():
            self.store.tickets.save(before, step)

    def change(self, ticket: Ticket, **changes: Any) -> None:
        self.save(ticket, life.Step(replace(ticket, **changes), ()))

    def tickets(self) -> list[Ticket]:
        rows = self.store._db.rows("SELECT id FROM ticket ORDER BY id")
        return [self.store.tickets.get(row["id"]) for row in rows]

    def look(self, after: timedelta = timedelta()) -> list[Mail]:
        self.clock.advance(after)
        watch = Watch(
            store=self.store,
            clock=self.clock,
            policies=self.policies,
            ladder=self.ladder,
            zones=lambda place: ZoneInfo(CARDS[place].timezone),
            log=Log(),
        )
        watch.run()
        rows = self.store._db.rows(
            """SELECT n.id, n.kind, n.level, n.recipient, count(x.ticket_id) AS tickets FROM notification n
            JOIN notification_ticket x ON x.notification_id = n.id WHERE n.id > ? GROUP BY n.id ORDER BY n.id""",
            [self._seen],
        )
        self._seen = max([self._seen, *(row["id"] for row in rows)])
        return sorted((row["kind"], row["level"], row["recipient"], row["tickets"]) for row in rows)

    def levels(self, ticket_id: int) -> list[str]:
        return [event["became"] for event in self.store.tickets.events(ticket_id) if event["kind"] == "level"]


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    duty = Duty(tmp_path / "otklik.db")
    yield duty
    duty.store.close()


def alone(level: str, *recipients: str) -> list[Mail]:
    return sorted((AlertKind.DEADLINE, level, recipient, 1) for recipient in recipients)


def test_a_negative_review_climbs_the_ladder_one_mail_each(duty: Duty) -> None:
    duty.seen("a")
    assert duty.look(29 * MINUTE) == []
    assert duty.look(MINUTE) == alone("50%", SUPPORT)
    assert duty.look() == []
    assert duty.look(18 * MINUTE) == alone("80%", SUPPORT)
    assert duty.look(12 * MINUTE) == alone("breach", SUPPORT, LEAD)
    assert duty.look(HOUR) == alone("+1x", LEAD, OWNER)
    assert duty.look(HOUR) == alone("+2x", OWNER)
    assert duty.look(99 * HOUR) == []
    assert duty.levels(1) == ["50%", "80%", "breach", "+1x", "+2x"]


def test_an_event_tells_when_its_level_was_reached_not_when_we_looked(duty: Duty) -> None:
    duty.seen("a")
    duty.look(90 * MINUTE)
    (event,) = [event for event in duty.store.tickets.events(1) if event["kind"] == "level"]
    assert (event["at"], event["was"], event["became"]) == ("2026-11-20T13:00:00.000000Z", "", "breach")


def test_whoever_took_it_hears_first(duty: Duty) -> None:
    duty.seen("a")
    duty.change(duty.tickets()[0], assignee="anna")
    assert duty.look(30 * MINUTE) == alone("50%", ANNA)
    assert duty.look(30 * MINUTE) == alone("breach", ANNA, SUPPORT, LEAD)


def test_after_an_outage_the_gravest_level_is_told_and_who_missed_the_breach_hears_too(duty: Duty) -> None:
    duty.seen("a")
    assert duty.look(3 * HOUR) == alone("+2x", SUPPORT, LEAD, OWNER)
    assert duty.levels(1) == ["+2x"]


def test_the_warnings_of_a_day_are_one_mail_and_breaches_are_not(duty: Duty) -> None:
    duty.seen("a", "b", target=Target.OTHER)
    assert duty.look(20 * HOUR) == [(AlertKind.WARNINGS, "80%", SUPPORT, 2)]
    assert duty.look(4 * HOUR) == sorted(alone("breach", SUPPORT, LEAD) * 2)


def test_more_breaches_at_once_than_allowed_are_one_mail_for_each_who_hears(duty: Duty) -> None:
    duty.seen("a", "b")
    assert duty.look(HOUR) == sorted(alone("breach", SUPPORT, LEAD) * 2)
    duty.seen("c", "d", "e")
    assert duty.look(HOUR) == sorted(
        [
            *alone("+1x", OWNER) * 2,
            (AlertKind.OVERDUE, "breach", SUPPORT, 3),
            (AlertKind.OVERDUE, "breach", LEAD, 5),
        ]
    )


def test_warnings_are_never_collapsed(duty: Duty) -> None:
    duty.seen("a", "b", "c")
    assert duty.look(30 * MINUTE) == sorted(alone("50%", SUPPORT) * 3)


def test_what_waited_for_the_end_of_the_quiet_hours_is_one_mail(duty: Duty) -> None:
    duty.policies = Policies(replace(POLICY, quiet=Quiet(time(12), time(12, 50), "UTC")))
    duty.seen("a", "b")
    assert duty.look(49 * MINUTE) == []
    assert duty.look(MINUTE) == [(AlertKind.WARNINGS, "80%", SUPPORT, 2)]
    assert duty.look(10 * MINUTE) == sorted(alone("breach", SUPPORT, LEAD) * 2)


def test_quiet_hours_hold_no_breach_back_nor_tell_its_warnings_afterwards(duty: Duty) -> None:
    duty.policies = Policies(replace(POLICY, quiet=Quiet(time(12), time(14, 30), "UTC")))
    duty.seen("a")
    assert duty.look(HOUR) == alone("breach", SUPPORT, LEAD)
    assert duty.look(HOUR) == alone("+1x", LEAD, OWNER)
    assert duty.look(30 * MINUTE) == []
    assert duty.look(30 * MINUTE) == alone("+2x", OWNER)
    assert duty.look(9 * HOUR) == []


def test_whoever_says_that_they_know_is_left_alone_until_the_deadline_moves(duty: Duty) -> None:
    duty.seen("a")
    (ticket,) = duty.tickets()
    duty.save(ticket, life.acknowledged(ticket, NOON, "anna"))
    assert duty.look(HOUR) == []
    assert duty.levels(1) == ["breach"]
    (ticket,) = duty.tickets()
    moved = life.recounted(ticket, duty.clock.now(), replace(POLICY, negative=sla.Promise(2 * HOUR)))
    duty.policies = Policies(replace(POLICY, negative=sla.Promise(2 * HOUR)))
    duty.save(ticket, moved)
    assert duty.look() == alone("50%", SUPPORT)


def test_one_who_knows_does_not_silence_the_others(duty: Duty) -> None:
    duty.seen("a", "b")
    ticket, _ = duty.tickets()
    duty.save(ticket, life.acknowledged(ticket, NOON, "anna"))
    assert duty.look(HOUR) == alone("breach", SUPPORT, LEAD)


def test_reviews_that_cannot_be_answered_are_told_once_in_one_mail(duty: Duty) -> None:
    duty.seen("a", "b", answer=False)
    assert duty.look() == [(AlertKind.UNANSWERABLE, sla.NOTICE, SUPPORT, 2)]
    assert duty.look(99 * HOUR) == []
    assert [ticket.state for ticket in duty.tickets()] == [TicketState.UNANSWERABLE] * 2


def test_it_is_the_day_of_the_place_that_somebody_is_away(duty: Duty) -> None:
    """At 14:30 UTC it is tomorrow in Vladivostok, and today in Moscow."""
    tomorrow = (date(2026, 11, 21), date(2026, 11, 21))
    people = {"sup": Person(SUPPORT, "anna", (tomorrow,)), "anna": Person(ANNA)}
    duty.ladder = replace(LADDER, people=people)
    duty.clock.advance(2 * HOUR)
    duty.seen("here")
    assert duty.look(30 * MINUTE) == alone("50%", SUPPORT)
    duty.seen("there", place="gogolya")
    assert duty.look(30 * MINUTE) == sorted([*alone("breach", SUPPORT, LEAD), *alone("50%", ANNA)])


def test_every_place_has_its_own_promise_and_people(duty: Duty) -> None:
    duty.policies = Policies(POLICY, {"gogolya": Policy.of(2 * HOUR, 24 * HOUR)})
    duty.ladder = replace(LADDER, of_places={"gogolya": Roles([ANNA], [OWNER])})
    duty.seen("here")
    duty.seen("there", place="gogolya")
    assert duty.look(HOUR) == sorted([*alone("breach", SUPPORT, LEAD), *alone("50%", ANNA)])
    assert duty.look(HOUR) == sorted([*alone("+1x", LEAD, OWNER), *alone("breach", ANNA, OWNER)])


def test_a_level_that_nobody_stands_on_is_passed_in_silence(duty: Duty) -> None:
    duty.ladder = replace(LADDER, rungs={**USUAL, "negative": {**USUAL["negative"], "50%": (), "80%": ()}})
    duty.seen("a")
    assert duty.look(30 * MINUTE) == duty.look(18 * MINUTE) == []
    assert duty.levels(1) == ["50%", "80%"]
    assert duty.look(12 * MINUTE) == alone("breach", SUPPORT, LEAD)


def test_a_card_that_left_the_config_asks_nobody_for_anything(duty: Duty) -> None:
    duty.seen("a")
    duty.store.listings.sync([CARDS["gogolya"]], NOON)
    assert duty.look(9 * HOUR) == []
    duty.store.listings.sync(CARDS.values(), NOON)
    assert duty.look() == alone("+2x", SUPPORT, LEAD, OWNER)


def test_a_closed_ticket_rings_no_more(duty: Duty) -> None:
    duty.seen("a", "b", "c")
    submitted, dismissed, removed = duty.tickets()
    duty.save(submitted, life.submitted(submitted, NOON))
    duty.save(dismissed, life.dismissed(dismissed, NOON, "spam"))
    duty.save(removed, life.removed(removed, NOON))
    assert duty.look(99 * HOUR) == []


def test_nothing_is_written_when_something_goes_wrong_on_the_way(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    duty.seen("a", "b")
    before = duty.store.content_digest()

    def broken(*_: object, **__: object) -> int:
        raise OSError("диск полон")

    with monkeypatch.context() as patch:
        patch.setattr(duty.store.outbox, "ring", broken)
        with pytest.raises(OSError, match="диск"):
            duty.look(HOUR)
    assert duty.store.content_digest() == before
    assert duty.look() == sorted(alone("breach", SUPPORT, LEAD) * 2)


def test_the_same_alarm_is_told_once_however_often_its_deadline_comes_back(duty: Duty) -> None:
    """A setting that is changed and changed back; another ticket was answered meanwhile, so the pile is another."""
    duty.seen("a", "b", target=Target.OTHER)
    assert duty.look(20 * HOUR) == [(AlertKind.WARNINGS, "80%", SUPPORT, 2)]
    for policy in (Policy.of(HOUR, 30 * HOUR), POLICY):
        for ticket in duty.tickets():
            duty.save(ticket, life.recounted(ticket, duty.clock.now(), policy))
    answered = duty.tickets()[1]
    duty.save(answered, life.submitted(answered, duty.clock.now()))
    assert duty.look(MINUTE) == []
    assert duty.look(4 * HOUR) == alone(Level.BREACH, SUPPORT, LEAD)


# --- "I know" -------------------------------------------------------------------------------------


def test_anybody_may_say_that_they_know_whoever_has_taken_it(cafe: Rig) -> None:
    waiting = next(one for one in cafe.queue() if one.due_at is not None)
    cafe.app.actions("anna").take(waiting.ticket)
    for _ in range(2):
        cafe.app.actions("boris").acknowledge(waiting.ticket)
    after = cafe.app.reports.ticket(waiting.ticket, cafe.clock.now())
    assert (after.acknowledged_by, after.assignee, after.due_at) == ("boris", "anna", waiting.due_at)
    events = cafe.app.store.tickets.events(waiting.ticket)
    assert [(event["actor"], event["became"]) for event in events if event["kind"] == "acknowledged"] == [
        ("boris", "boris")
    ]


def test_of_what_is_closed_there_is_nothing_to_know(cafe: Rig) -> None:
    waiting = next(one for one in cafe.queue() if one.due_at is not None)
    cafe.app.actions("anna").submitted(waiting.ticket)
    with pytest.raises(Conflict):
        cafe.app.actions("anna").acknowledge(waiting.ticket)
