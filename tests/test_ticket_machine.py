"""Whatever people, sites, settings, the mail server and the clock do, in any order: no ticket is lost, no miss becomes
a hit without the site's word, and no mail goes out without an event, nor an alarm without a mail.

The store and the jobs are the real ones; the site, the analysis and the mail server are played. OTKLIK_STEPS=N tries N
times as much.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor import sla
from monitor import tickets as life
from monitor.alerts import Alert, AlertKind, Delivery, Message
from monitor.assemble import Application
from monitor.cli.explain import story, story_json
from monitor.config import load
from monitor.decide import decide_page
from monitor.errors import Conflict, UsageError
from monitor.log import Event, Log
from monitor.model import (
    WAITING_STATES,
    Answerable,
    FetchedReview,
    Precision,
    Reply,
    ReplyState,
    Target,
    Ticket,
    TicketState,
)
from monitor.sla import Level, Policy
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters
from monitor.talk import DisputeState
from responders.types import Draft, Situation
from sentiment.types import Risk, RiskMention, Tone, Verdict
from tests.fakes import FrozenClock

FACTOR = int(os.environ.get("OTKLIK_STEPS", "1"))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZONES = {"lenina": "Europe/Moscow", "gogolya": "Asia/Vladivostok"}
ANSWERABLE = {"lenina": Answerable.ALL, "gogolya": Answerable.TEXT}
DUTY = (AlertKind.DEADLINE, AlertKind.WARNINGS, AlertKind.OVERDUE)
CLOSED = (TicketState.SUBMITTED, TicketState.ANSWERED, TicketState.DISMISSED, TicketState.REMOVED)
REPLIED = (TicketState.SUBMITTED, TicketState.ANSWERED)


HEAD = """
business: {name: Кафе «Ромашка», sector: food, brands: [%s]}
database: otklik.db
mail: {transport: file, from: otklik@example.ru}
calendars: {office: {timezone: UTC, week: {mon-fri: ["09:00-13:00", "14:00-18:00"]}}}
sources: {google_business: {}, twogis: {}}
escalation:
  support: [support@example.ru]
  lead: [lead@example.ru]
  owner: [owner@example.ru]
  people: {anna: {email: anna@example.ru}}
  collapse_over: 1
"""
GOGOLYA = "- {id: gogolya, title: На Гоголя, timezone: Asia/Vladivostok, listings: [{source: twogis, id: '2'}]"
PLACES = """
places:
  - id: lenina
    title: На Ленина
    listings: [{source: google_business, account: a, location: "1"}]
"""
OFFICE = "sla: {other: 8h, reopened: 2h, calendar: {other: office, reopened: office}}"
SETTINGS = {
    "usual": f"sla: {{enforce_from: 2d}}\n{PLACES}  {GOGOLYA}}}\n",
    "longer": f"sla: {{negative: 3h, other: 2d, reopened: 2h, enforce_from: 2d}}\n{PLACES}  {GOGOLYA}}}\n",
    "shorter": f"sla: {{negative: 30m, other: 6h, reopened: 20m, enforce_from: 2d}}\n{PLACES}  {GOGOLYA}, {OFFICE}}}\n",
    "quiet": f"  quiet_hours: '16:00-12:00'\nsla: {{enforce_from: 2d}}\n{PLACES}  {GOGOLYA}, {OFFICE}}}\n",
}
TEXTS = ("", "Вкусно", "Нормально", "Плохо", "Непонятно", "Отравились", "Сломайся")
ACTIONS = ("take", "release", "submitted", "dismiss", "reopen", "edit", "approve", "assign", "note", "dispute")
REPLIES = ("Спасибо, Анна, приходите ещё.", "Позвоните нам, мы всё исправим.")


class Judge:
    """By words; `severe`: «нормально» is no praise."""

    def __init__(self, severe: bool) -> None:
        self._severe = severe

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        if text == "Сломайся":
            raise ValueError(text)
        bad = text in ("Плохо", "Отравились") or (not text and (stars or 5) < 3)
        bad = bad or (text == "Нормально" and self._severe)
        risks = (RiskMention(Risk.POISONING, text),) if text == "Отравились" else ()
        tone = Tone.NEGATIVE if bad else Tone.POSITIVE
        return Verdict(tone, None, bad, text == "Непонятно", False, (), risks, ())


class Silence(Log):
    """Mail servers that do not answer are said loudly."""

    def say(self, event: Event, **fields: object) -> None: ...


class Writer:
    def draft(self, situation: Situation) -> Draft:
        return Draft(REPLIES[0], "thanks", ())


class Post:
    """Renders and delivers; `down`: the mail server does not answer."""

    def __init__(self) -> None:
        self.down = False
        self.alerts: list[Alert] = []
        self.arrived: list[str] = []

    def render(self, alert: Alert, *, now: datetime) -> Message:
        self.alerts.append(alert)
        return Message(alert.message_id, alert.recipient, "Отзыв", "", "", now)

    def deliver(self, messages: Sequence[Message]) -> list[Delivery]:
        if not self.down:
            self.arrived += [message.message_id for message in messages]
        return [Delivery(message.message_id, "сервер не отвечает" if self.down else None) for message in messages]

    def describe(self) -> str:
        return "в никуда"


@dataclass
class Shown:
    """A review as its site has it. `silent`: reads in a row that showed it without a valid reply."""

    place: str
    review: FetchedReview
    hidden: bool = False
    silent: int = 0


_EMPTY: list[bytes] = []


def _new_database(path: Path) -> None:
    """Migrated once, copied for every example."""
    if not _EMPTY:
        Store.open(path).close()
        _EMPTY.append(path.read_bytes())
    path.write_bytes(_EMPTY[0])


numbers = st.integers(0, 5)
texts, places = st.sampled_from(TEXTS), st.sampled_from(list(ZONES))
stars = st.sampled_from([1, 5])
ages = st.sampled_from([timedelta(), HOUR, 5 * DAY])
answers = st.sampled_from([None, None, None, *ReplyState])


RULE = cast("Callable[..., Callable[[Callable[..., None]], Callable[..., None]]]", rule)


def happens(**given: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule ahead of which some time passes, and which a pass follows, usually."""

    def made(act: Callable[..., None]) -> Callable[..., None]:
        def run(machine: "Tickets", minutes: int, seen: bool, **drawn: object) -> None:
            machine.clock.advance(minutes * MINUTE)
            act(machine, **drawn)
            if seen:
                machine.a_pass_runs()

        run.__name__ = act.__name__
        waits = st.sampled_from([0, 0, 0, 0, 1, 6, 10, 20, 20, 31, 61, 200, 600, 1500, 6000])
        return RULE(minutes=waits, seen=st.sampled_from([True, True, False]), **given)(run)

    return made


@settings(
    max_examples=40 * FACTOR,
    stateful_step_count=40,
    deadline=None,
    derandomize=FACTOR == 1,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
class Tickets(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # where there is one: every step of ours is synced to the disk
        self.folder = Path(mkdtemp(dir=memory if memory.is_dir() else None))
        self.path = self.folder / "otklik.db"
        _new_database(self.path)
        self.clock, self.post = FrozenClock(NOON), Post()
        self.site: dict[str, Shown] = {}
        self.told: dict[tuple[int, str, datetime, str], str] = {}
        self.last_event = self.last_mail = 0
        self.before: dict[int, Ticket] = {}
        self.person_acted = False
        self.closed: set[int] = set()
        """By a person in this step: an edit that the pass reads then begins a clock of its own."""
        self.judged: set[int] = set()
        """Who was told of a deadline that both promises had missed is not told again when a person loosens it."""
        for name, written in SETTINGS.items():
            severe = name in ("shorter", "quiet")  # another name of the business is another analysis
            (self.folder / f"{name}.yaml").write_text(HEAD % ("Лютик" if severe else "Пион") + written)
        self.settings = "usual"
        self.start()

    @initialize(
        name=st.sampled_from(list(SETTINGS)),
        old=st.lists(st.tuples(places, texts, stars, ages, answers), max_size=2),
        new=st.lists(st.tuples(places, texts, stars, ages, answers), min_size=1, max_size=3),
    )
    def begin(
        self,
        name: str,
        old: list[tuple[str, str, int, timedelta, ReplyState | None]],
        new: list[tuple[str, str, int, timedelta, ReplyState | None]],
    ) -> None:
        """A first import, and what is written afterwards."""
        self.settings = name
        self._start_anew()
        for reviews in (old, new):
            for one in reviews:
                self._written(*one)
            self.a_pass_runs()

    def start(self) -> None:
        """A new process."""
        app = Application(load(self.folder / f"{self.settings}.yaml"), self.clock)
        app.log = Silence()
        judge = Judge(severe=self.settings in ("shorter", "quiet"))
        vars(app).update(analyser=judge, responder=Writer(), shipped_responder=Writer())
        vars(app).update(renderer=self.post, channel=self.post, _lint=lambda ticket, reply: ())
        self.app, self.store, self.db = app, app.store, app.store._db
        self.engine = app.engine()

    def teardown(self) -> None:
        self.app.close()
        shutil.rmtree(self.folder)

    # --- what happens -----------------------------------------------------------------------------

    @happens()
    def nothing(self) -> None: ...

    @precondition(lambda self: len(self.site) < 6)
    @happens(place=places, text=texts, number=stars, age=ages, replied=answers)
    def a_review_is_written(
        self, place: str, text: str, number: int, age: timedelta, replied: ReplyState | None
    ) -> None:
        self._written(place, text, number, age, replied)

    def _written(self, place: str, text: str, number: int, age: timedelta, replied: ReplyState | None) -> None:
        name, posted = f"r{len(self.site)}", self.clock.now() - age
        reply = None if replied is None else Reply(REPLIES[0], posted, replied)
        url = f"https://example.ru/{name}"
        review = FetchedReview(name, number, text, f"Автор {name}", posted, Precision.EXACT, url, reply)
        self.site[name] = Shown(place, review)

    @happens(number=numbers, text=texts)
    def its_author_edits_it(self, number: int, text: str) -> None:
        shown = self._shown(number)
        shown.review = replace(shown.review, text=text)

    @happens(
        number=numbers,
        text=st.sampled_from(REPLIES),
        state=st.sampled_from(list(ReplyState)),
        ago=st.sampled_from([None, timedelta(), 10 * MINUTE, 40 * MINUTE, 3 * HOUR, 2 * DAY]),
    )
    def a_reply_stands_there(self, number: int, text: str, state: ReplyState, ago: timedelta | None) -> None:
        shown = self._shown(number)
        at = None if ago is None else self.clock.now() - ago
        shown.review = replace(shown.review, reply=Reply(text, at, state))

    @happens(number=numbers)
    def a_reply_disappears(self, number: int) -> None:
        shown = self._shown(number)
        shown.review = replace(shown.review, reply=None)

    @happens(number=numbers)
    def a_review_disappears_or_comes_back(self, number: int) -> None:
        shown = self._shown(number)
        shown.hidden = not shown.hidden

    @happens()
    def the_mail_server_goes_down_or_comes_back(self) -> None:
        self.post.down = not self.post.down

    @happens(name=st.sampled_from(list(SETTINGS)))
    def the_settings_change(self, name: str) -> None:
        closed = {ticket.id: ticket for ticket in self._tickets() if ticket.state in CLOSED}
        self.settings = name
        self._start_anew()
        self._recount()
        assert {ticket.id: ticket for ticket in self._tickets() if ticket.id in closed} == closed
        self.person_acted = True

    @happens()
    def the_worker_is_restarted(self) -> None:
        self._start_anew()

    def _start_anew(self) -> None:
        self.app.close()
        self.start()

    @happens(number=numbers, who=st.sampled_from(["anna", "boris"]), what=st.sampled_from(ACTIONS))
    def a_person_acts(self, number: int, who: str, what: str) -> None:
        actions = self.app.actions(who)
        said = {"note": "Звоню", "dispute": DisputeState.FILED, "assign": "boris"}
        more = {"edit": (REPLIES[0],), "dismiss": ("spam",)} | {name: (one,) for name, one in said.items()}
        for ticket in self._ticket(number):
            with suppress(Conflict):
                getattr(actions, what)(ticket.id, *more.get(what, ()))
                if what in ("submitted", "dismiss"):
                    self.closed.add(ticket.id)

    @happens(number=numbers, who=st.sampled_from(["anna", "boris"]))
    def a_person_says_that_they_know(self, number: int, who: str) -> None:
        for ticket in self._ticket(number):
            with suppress(Conflict):
                self.app.actions(who).acknowledge(ticket.id)

    @happens(number=numbers, ago=st.sampled_from([None, timedelta(), 20 * MINUTE, 3 * HOUR]), dated=st.booleans())
    def a_person_posts_a_reply(self, number: int, ago: timedelta | None, dated: bool) -> None:
        """…some time before they say so, or only say so."""
        for ticket in self._ticket(number):
            with suppress(Conflict):
                self.app.actions("boris").submitted(ticket.id)
                self.closed.add(ticket.id)
                if ago is not None:
                    shown = self.site[self._names()[ticket.id]]
                    reply = Reply(REPLIES[0], self.clock.now() - ago if dated else None)
                    shown.review = replace(shown.review, reply=reply)

    @happens(number=numbers, tone=st.sampled_from(list(Tone)), complaint=st.sampled_from([None, True, False]))
    def a_person_judges(self, number: int, tone: Tone, complaint: bool | None) -> None:
        for ticket in self._ticket(number):
            with suppress(Conflict, UsageError):
                self.app.actions("anna").retag(ticket.id, tone=tone, complaint=complaint)
                self.judged.add(ticket.id)
                self.person_acted = True

    def a_pass_runs(self) -> None:
        self.store.outbox.release(self.clock.now())
        self._recount()
        self._alarm(self.engine.alarm)
        for place in ZONES:
            self._read(place)
        self._alarm(self.engine.alarm)
        self._alarm(self.engine.settle)

    # --- the steps of a pass ------------------------------------------------------------------------

    def _recount(self) -> None:
        self.engine.prepare()
        fingerprint = self.app.policies.fingerprint
        for ticket in self._tickets():
            if ticket.state in WAITING_STATES and ticket.due_at is not None:
                assert ticket.policy == fingerprint
                promised = self._policy(ticket).due(ticket.target, ticket.started_at, ticket.reopened)
                assert ticket.due_at == max(promised, ticket.floor_at or promised)

    def _alarm(self, step: Callable[[], object]) -> None:
        self.post.alerts.clear()
        step()
        self._account()
        now = self.clock.now()
        for ticket in self._tickets():
            assert ticket.next_change_at is None or ticket.next_change_at > now, "something was not looked at"
            if ticket.state in WAITING_STATES:
                assert self._knows_the_gravest(ticket, now), "a level that nobody was told of"
        for alert in self.post.alerts:
            if alert.kind in DUTY:
                assert all(view.state in WAITING_STATES and view.acknowledged_by is None for view in alert.tickets)
        assert len(self.post.arrived) == len(set(self.post.arrived)), "a mail went out twice"

    def _knows_the_gravest(self, ticket: Ticket, now: datetime) -> bool:
        """Whether somebody was told of the gravest level reached of this deadline, or of a graver one."""
        moments = life.rings(ticket, self._policy(ticket))
        reached = [number for number, (_, at) in enumerate(moments) if at <= now]
        if not reached or ticket.acknowledged_by is not None or ticket.id in self.judged:
            return True
        return any(
            (ticket.id, level) == told[:2] and ticket.due_at == told[2]
            for level, _ in moments[max(reached) :]
            for told in self.told
        )

    def _account(self) -> None:
        """What was written since the last look: each mail has its event, each alarm its mails."""
        now = self.clock.now()
        events = self.db.rows("SELECT * FROM event WHERE id > ? ORDER BY id", [self.last_event])
        rang = {event["ticket_id"]: event for event in events if event["kind"] == "level"}
        assert all(self.store.tickets.get(ticket).state not in CLOSED for ticket in rang)
        endangered = {event["ticket_id"] for event in events if event["kind"] == "danger"}
        for mail in self.db.rows("SELECT * FROM notification WHERE id > ? ORDER BY id", [self.last_mail]):
            self.last_mail = mail["id"]
            about = self._about(mail["id"])
            assert about
            if mail["kind"] == AlertKind.DANGER:
                assert set(about) <= endangered
                continue
            for ticket_id in about:
                level, ticket = rang[ticket_id]["became"], self.store.tickets.get(ticket_id)
                if level == sla.NOTICE:
                    assert mail["kind"] == AlertKind.UNANSWERABLE
                    continue
                assert ticket.due_at is not None
                key = (ticket_id, level, ticket.due_at, mail["recipient"])
                assert not self._told(key), "the same alarm by another Message-ID"
                self.told[key] = mail["message_id"]
                warning = level in sla.WARNINGS
                assert mail["kind"] in (
                    (AlertKind.DEADLINE, AlertKind.WARNINGS) if warning else (AlertKind.DEADLINE, AlertKind.OVERDUE)
                )
                assert len(about) == 1 if mail["kind"] == AlertKind.DEADLINE else True
                assert ticket.acknowledged_by is None
        for ticket_id, event in rang.items():
            ticket = self.store.tickets.get(ticket_id)
            if event["became"] == sla.NOTICE or ticket.acknowledged_by is not None or ticket.due_at is None:
                continue
            place = self.store.tickets.place_of(ticket_id)
            today = now.astimezone(ZoneInfo(ZONES[place])).date()
            for recipient in self.app.ladder.recipients(
                event["became"],
                ticket.target,
                place=place,
                assignee=ticket.assignee,
                today=today,
                told=event["was"],
            ):
                key = (ticket_id, event["became"], ticket.due_at, recipient)
                assert self._told(key), "an alarm that somebody does not hear"
        self.last_event = events[-1]["id"] if events else self.last_event

    def _told(self, key: tuple[int, str, datetime, str]) -> bool:
        """Whether a mail that was not called back speaks of it."""
        rows = self.db.rows(
            """SELECT 1 FROM notification n JOIN notification_ticket x ON x.notification_id = n.id
            WHERE n.message_id = ? AND x.ticket_id = ? AND n.state <> 'cancelled'""",
            [self.told.get(key, ""), key[0]],
        )
        return bool(rows)

    def _read(self, place: str) -> None:
        shown = [one for one in self.site.values() if one.place == place and not one.hidden]
        waited = {name for name, state in self._states().items() if state in REPLIED}
        listing = next(listing for listing in self.store.listings.all() if listing.place == place)
        now, names = self.clock.now(), tuple(one.review.external_id for one in shown)
        policies = self.app.policies
        rules = Rules(policies.default, ANSWERABLE[place], False, self.app.config.sla.enforce_from, policies.places)
        intents = decide_page(self.store.intake.known(listing.id, names), [one.review for one in shown])
        progress = Progress(seen=names, started=now, ended=True, complete=True)
        self.store.intake.apply(listing.id, intents, progress, rules, now)
        after = self._states()
        for one in shown:
            name, reply = one.review.external_id, one.review.reply
            nothing = reply is None or reply.state is ReplyState.REJECTED
            one.silent = one.silent + 1 if name in waited and nothing else 0
            if name in after and after[name] not in REPLIED:
                one.silent = 0
            assert one.silent < 2, "closed for good by a reply that nobody sees"

    # --- what always holds --------------------------------------------------------------------------

    @invariant()
    def no_miss_becomes_a_hit_and_no_deadline_moves_away_by_itself(self) -> None:
        tickets = {ticket.id: ticket for ticket in self._tickets()}
        names = self._names()
        for number, was in self.before.items():
            now, shown = tickets[number], self.site[names[number]]
            same_clock = was.started_at == now.started_at
            if (same_clock and (was.met, now.met) == (False, True)) or (was.answered_met, now.answered_met) == (
                False,
                True,
            ):
                reply = shown.review.reply
                assert reply is not None
                assert reply.at is not None
                assert was.due_at is not None
                assert was.started_at <= reply.at <= was.due_at
            assert (was.answered_met, now.answered_met) != (True, False)
            if was.answered_at is not None and now.answered_at != was.answered_at:
                assert now.answered_at is not None
                assert now.answered_at < was.answered_at
            if was.due_at is not None and now.due_at is not None and now.due_at > was.due_at:
                closed = was.state not in WAITING_STATES or (not same_clock and (now.reopened or number in self.closed))
                assert self.person_acted or closed or was.target is Target.UNCLASSIFIED, "more time that nobody gave"
            if was.acknowledged_by is not None and None is not now.due_at != was.due_at and number not in self.judged:
                assert now.acknowledged_by is None, "silent about a deadline that nobody has seen"
            if was.state not in WAITING_STATES and now.state in WAITING_STATES and now.due_at is not None:
                assert now.due_at >= self.clock.now() + 15 * MINUTE, "no time to act"
        self.before, self.person_acted = tickets, False
        self.closed.clear()

    @invariant()
    def no_ticket_is_lost(self) -> None:
        for row in self.db.rows("SELECT * FROM review"):
            ticket = self.store.tickets.of_review(row["id"])
            if ticket is None:
                assert row["reply_state"] in ("published", "pending"), "an unanswered review without a ticket"
                continue
            if ticket.state in WAITING_STATES:
                assert (ticket.due_at is None) is ticket.backlog
                if ticket.due_at is not None:
                    assert ticket.next_change_at is not None or ticket.level == Level.PLUS_2X
            elif ticket.state in CLOSED:
                assert ticket.next_change_at is None
            if ticket.state is TicketState.UNANSWERABLE:
                assert ticket.due_at is None
            assert (ticket.state is TicketState.REMOVED) <= (row["removed_at"] is not None)

    @invariant()
    def the_queue_holds_what_waits_in_the_order_of_its_deadlines(self) -> None:
        queue = self.app.reports.queue(Filters(), self.clock.now())
        waiting = [ticket.id for ticket in self._tickets() if ticket.state in WAITING_STATES]
        assert sorted(view.ticket for view in queue) == sorted(waiting)
        order = [(view.due_at is None, view.due_at or NOON) for view in queue]
        assert order == sorted(order)

    @invariant()
    def every_deadline_can_be_explained(self) -> None:
        now = self.clock.now()
        for ticket in self._tickets():
            view, events = self.app.reports.ticket(ticket.id, now), self.store.tickets.events(ticket.id)
            terms = self.store.tickets.terms(ticket.policy, view.place)
            lines = list(story(view, ticket, self._policy(ticket), terms, events, now))
            assert len(lines) > len(events)
            told = story_json(ticket, self._policy(ticket), terms, events, now)
            assert told["due_at"] is None or ticket.due_at is not None

    # --- looking things up --------------------------------------------------------------------------

    def _shown(self, number: int) -> Shown:
        return list(self.site.values())[number % len(self.site)]

    def _tickets(self) -> list[Ticket]:
        return [self.store.tickets.get(row["id"]) for row in self.db.rows("SELECT id FROM ticket ORDER BY id")]

    def _ticket(self, number: int) -> list[Ticket]:
        """One of them, if there are any."""
        tickets = self._tickets()
        return [tickets[number % len(tickets)]] if tickets else []

    def _policy(self, ticket: Ticket) -> Policy:
        return self.app.policies.of(self.store.tickets.place_of(ticket.id))

    def _about(self, mail: int) -> list[int]:
        rows = self.db.rows("SELECT ticket_id FROM notification_ticket WHERE notification_id = ?", [mail])
        return [row["ticket_id"] for row in rows]

    def _names(self) -> dict[int, str]:
        return {ticket.id: name for name, ticket in self._by_name().items()}

    def _by_name(self) -> dict[str, Ticket]:
        rows = self.db.rows("SELECT r.external_id, t.id FROM ticket t JOIN review r ON r.id = t.review_id")
        return {row["external_id"]: self.store.tickets.get(row["id"]) for row in rows}

    def _states(self) -> dict[str, TicketState]:
        return {name: ticket.state for name, ticket in self._by_name().items()}


TestTickets = Tickets.TestCase
