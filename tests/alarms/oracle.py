"""What is due, from the log of what truly happened, against what the mail server was given.

A pass has stages: the deadlines follow the settings, a look at the clock, the verdicts, another look. A pass that was
killed, or that found the database busy, ended after one of them; which one, three figures in the file tell (`Facts`):
the oracle takes stage after stage until its own figures are the same. Then every mail handed over must be one that was
called for, and after a pass that came to its end none may be left that could have gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.alarms.cases import ANSWERED, DISMISSED, LOCKED, REMOVED, SUBMITTED, WAITING, Case, Terms
from tests.alarms.demands import DANGER, About, Demand, Piles
from tests.alarms.evidence import Evidence
from tests.alarms.hearers import hearers, role
from tests.alarms.hours import Hours, Roster
from tests.alarms.ledger import Ledger, Tried
from tests.alarms.settings import PROMISES, Settings
from tests.alarms.sites import Shown, answerable

LATELY = timedelta(days=7)
"""How long the same words on another card are no news of a danger."""

BACKLOG = timedelta(days=2)
"""`sla.enforce_from` of the settings."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file says after a pass that did not come to its end: the running deadlines are counted by the present
    settings; how many levels were told so far; how many reviews nobody looked at; which mails are done with."""

    recounted: bool
    levels: int
    unjudged: int
    settled: frozenset[str]


class Oracle:
    """`read`, `vanished`, `acted` and `configured` tell it what happened, `completed` and `broken` what a pass did."""

    def __init__(self, seed: int, settings: Settings, begins: datetime) -> None:
        self.evidence = Evidence(seed)
        self.ledger = Ledger(self.evidence)
        self.cases: dict[str, Case] = {}
        self.shown: dict[str, Shown] = {}
        self.settings = settings
        self._begins = begins
        self._hours: dict[str, Hours] = {}
        self._live: dict[str, Case] = {}
        self._gone: set[str] = set()
        self._levels = 0
        self._recount = False
        self._dues_before: list[dict[str, datetime | None]] = []
        self._found: set[str] = set()
        self._terms = {place: self._terms_of(place) for place in settings.places}

    # --- the settings -----------------------------------------------------------------------------------

    def configured(self, settings: Settings) -> None:
        """From now on the file says this."""
        self._recount |= settings.promised != self.settings.promised
        self.settings = settings
        self._terms = {place: self._terms_of(place) for place in settings.places}
        for case in self.cases.values():
            case.rungs = []

    def _terms_of(self, place: str) -> Terms:
        promises = {}
        for name in PROMISES:
            length, roster = self.settings.promise(place, name)
            promises[name] = length, self._hours_of(self.settings.calendars.get(roster))
        return Terms(promises, self.settings.quiet, self.settings.places[place].zone)

    def _hours_of(self, roster: Roster | None) -> Hours:
        name = repr(roster)
        if name not in self._hours:
            self._hours[name] = Hours(roster, (self._begins - timedelta(days=7)).date(), 200)
        return self._hours[name]

    def _today(self, case: Case, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.settings.places[case.place].zone)).date()

    # --- what truly happened ----------------------------------------------------------------------------

    def read(self, shown: Shown, now: datetime, *, initial: bool = False) -> None:
        """The program was shown the review like this."""
        before, self.shown[shown.key] = self.shown.get(shown.key), shown
        self.evidence.note(shown.key, now, f"read: {shown}")
        can = answerable(shown, self.settings.representative)
        if before is None:
            self._first_read(shown, now, can, initial)
            return
        case, terms = self._changing(shown.key)
        if shown.key in self._gone:
            self._gone.discard(shown.key)
            case.judged = False
            case.risks.pop(case.revision, None)
            if case.state == REMOVED:
                case.come_back(now, terms, answerable=can)
        if (before.text, before.stars) != (shown.text, shown.stars):
            case.edit(now, terms, answerable=can)
        case.reply_read(shown.reply, shown.answered_at, now, terms, answerable=can)
        if case.state == LOCKED and can:
            case.unlock()

    def _first_read(self, shown: Shown, now: datetime, can: bool, initial: bool) -> None:
        self.cases[shown.key] = Case(shown.key, shown.place, shown.source, now, reply=shown.reply)
        case, terms = self._changing(shown.key)
        old = shown.posted_at is None or shown.posted_at < self._begins - BACKLOG
        case.backlog = case.old = initial and old
        if shown.reply is None or shown.reply[1] == "rejected":
            case.begin(now, terms, answerable=can, backlog=case.backlog)

    def vanished(self, key: str, now: datetime) -> None:
        self.evidence.note(key, now, "read: it is gone")
        self._gone.add(key)
        self._changing(key)[0].vanish()

    def acted(self, action: str, key: str, who: str, now: datetime, *, urgent: bool = False) -> None:
        """What a person did to a ticket. `urgent`: what they said of the words."""
        self.evidence.note(key, now, f"{who}: {action}{' urgent' if urgent else ''}")
        case, terms = self._changing(key)
        match action:
            case "submitted":
                case.state, case.misses = SUBMITTED, 0
            case "dismiss":
                case.state = DISMISSED
            case "acknowledge":
                case.known_by = who
            case "take":
                case.assignee = who
            case "release":
                case.assignee = None
            case "reopen":
                can = answerable(self.shown[key], self.settings.representative)
                (case.come_back if case.state == DISMISSED else case.reopen)(now, terms, answerable=can)
            case "retag" if case.label != urgent:
                case.label = urgent
                case.retag(urgent, now, terms)

    def _changing(self, key: str) -> tuple[Case, Terms]:
        """The next look looks at it."""
        case = self._live[key] = self.cases[key]
        return case, self._terms[case.place]

    # --- a pass -----------------------------------------------------------------------------------------

    def completed(self, now: datetime, tried: Tried, workers: int = 1) -> None:
        """It came to its end. Each of several workers without the lock of a pass keeps to the pace for itself."""
        self._begin_pass()
        pressing: dict[int, Demand] = {}
        for stage in self._stages(now):
            if stage == "look":
                self.ledger.lapse(now, surely=not pressing)
                pressing |= {id(demand): demand for demand in self.ledger.pressing(now)}
        per_hour = self.settings.per_hour
        self.ledger.handed_over(tried, now, dues=self._dues, per_hour=per_hour * workers)
        self.ledger.nothing_left(pressing.values(), tried, now, per_hour)
        if tried:
            self.evidence.passed(now, f"{len(tried)} mails")

    def broken(self, now: datetime, tried: Tried, facts: Facts, why: str, workers: int = 1) -> None:
        """It ended somewhere."""
        self._begin_pass()
        before, stages, reached = self._figures(), self._stages(now), "nothing"
        if facts.recounted and self._recount:
            reached = next(stages)
        while self._figures() != (facts.levels, facts.unjudged):
            done = next(stages, None)
            if done is None:
                told = f"the file has {(facts.levels, facts.unjudged)} levels and unread words after a pass ({why})"
                self.evidence.fail(now, f"{told}; possible from {before} to {self._figures()}", self._found)
            reached = done
        self.ledger.lapse(now, surely=False)
        self.evidence.passed(now, f"{len(tried)} mails, then {why}; got as far as: {reached}")
        per_hour = self.settings.per_hour * workers
        self.ledger.handed_over(tried, now, dues=self._dues, per_hour=per_hour, broken=why, settled=facts.settled)

    def _figures(self) -> tuple[int, int]:
        return self._levels, sum(not case.judged for case in self.cases.values())

    def _stages(self, now: datetime) -> Iterator[str]:
        """Each is done when its name comes."""
        if self._recount:
            for case in self._live.values():
                case.recount(self._terms[case.place])
            self._recount = False
            self._note_dues()
        yield "settings"
        self._look(now)
        yield "look"
        self._judge(now)
        yield "verdicts"
        self._look(now)
        yield "look"

    def _begin_pass(self) -> None:
        self._dues_before.clear()
        self._found.clear()
        self._note_dues()

    def _note_dues(self) -> None:
        self._dues_before.append({key: case.due for key, case in self._live.items()})

    def _dues(self, key: str) -> set[datetime | None]:
        """The deadlines that the review had while a pass ran."""
        now = self.cases[key].due if key in self.cases else None
        return {now, *(before.get(key, now) for before in self._dues_before)}

    def _look(self, now: datetime) -> None:
        """Rule 7."""
        piles = Piles()
        for key, case in list(self._live.items()):
            ring = case.look(now, self._terms[case.place])
            if ring is not None:
                self._levels += 1
                self._found.add(key)
                self.evidence.counts["levels silenced by an acknowledgement"] += case.known_by is not None
                self.evidence.counts["warnings held by quiet hours"] += ring.held
                self.evidence.note(key, now, f"look: {ring.level} (due {case.due}, known by {case.known_by})")
                if case.known_by is None:
                    day = self._today(case, now)
                    piles.add(ring, hearers(self.settings, ring, day))
            elif case.state == WAITING and case.due is not None:
                continue
            elif case.notice_at is None:
                del self._live[key]
        for demand in piles.demands(self.settings.collapse_over, now):
            self.ledger.demand(demand)

    def _judge(self, now: datetime) -> None:
        for key in [key for key, case in self.cases.items() if not case.judged]:
            case, terms = self._changing(key)
            case.judged = True
            self._found.add(key)
            urgent = self.shown[key].urgent
            if urgent is None:
                continue
            urgent = case.label if case.label is not None else urgent
            self.evidence.note(key, now, f"judged: {'urgent' if urgent else 'not urgent'}")
            case.judge(urgent, now, terms)
            self._danger(case, now)

    def _danger(self, case: Case, now: datetime) -> None:
        """The owners hear of it at once, unless they heard the same words of another card."""
        shown = self.shown[case.key]
        before = [risks for revision, risks in sorted(case.risks.items()) if revision < case.revision]
        case.risks[case.revision] = frozenset(shown.risks)
        silent = case.old and case.backlog and (not before or shown.risks <= before[-1])
        told = case.state in (None, WAITING, LOCKED, SUBMITTED, ANSWERED) and not silent
        if not (told and case.judged and shown.risks) or case.dangers_told == case.revision:
            return
        case.dangers_told = case.revision
        if case.state is None:
            case.state = ANSWERED
        level = ",".join(sorted(shown.risks))
        aware = {
            demand.recipient
            for demand in self.ledger.dangers(self._same_words(shown), now - LATELY)
            if shown.risks <= set(demand.level.split(","))
        }
        for owner in role(self.settings, case.place, "owner", self._today(case, now)):
            if owner in aware:
                self.evidence.counts["dangers known from another card"] += 1
            else:
                about = About(case, case.arming, (case.revision, level))
                self.ledger.demand(Demand(DANGER, level, owner, [about], now))

    def _same_words(self, shown: Shown) -> set[str]:
        return {
            other.key
            for other in self.shown.values()
            if other.text and (other.place, other.text) == (shown.place, shown.text) and other.source != shown.source
        }
