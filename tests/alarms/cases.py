"""The clock rules of DESIGN.md, a second time and naively: one review's duty to be answered.

Where the rules leave doubt:

- Nobody has looked at the words yet: the stricter promise holds, and rings.
- "Time to act" is a quarter of an hour of working time, by the calendar of the promise that holds. It is left after
  a late finding (rule 5), an edit that brings a new clock, a text that arrives for a rating nobody could answer, and a
  return. What a person was left with is not taken away by a change of settings.
- A review that comes back has the deadline of its promise, and never less than time to act. What a verdict found while
  it was away counts; its words are looked at anew, for nobody was told of a danger in them. What a person had closed
  without an answer and opens again has its old deadline likewise.
- What may be negative is never due later than what is not: where another calendar brings the longer promise's deadline
  sooner, that one holds, and its calendar counts the shares of the time given.
- A deadline that was missed by the old promise and by a loosened one stays missed: whoever was told is not told twice.
- A review that had its answer before us needs none; when that answer disappears, or the author edits, it is new.
- A notice has a moment, too: that of the verdict, which a clock that was set back has to reach again.
- What becomes answerable by a change of settings joins the backlog. Of its dangers the owners hear all the same; they
  do not hear of what was written before the promise began, unless its author has brought the danger in since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.alarms.hours import Hours, Span, quiet_ends

LEVELS = ("50%", "80%", "breach", "+1x", "+2x")
WARNINGS = LEVELS[:2]
NOTICE = "notice"
GRACE = timedelta(minutes=15)
FOREVER = timedelta(days=1000)

WAITING, ANSWERED, SUBMITTED, DISMISSED, REMOVED, LOCKED = (
    "waiting", "answered", "submitted", "dismissed", "removed", "locked",
)  # fmt: skip
"""Where a review stands. LOCKED: the site lets nobody answer it."""

UNKNOWN, NEGATIVE, OTHER = "unknown", "negative", "other"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised at a place: promise → how long and by which hours; when warnings wait."""

    promises: Mapping[str, tuple[timedelta, Hours]]
    quiet: Span | None
    zone: str

    def binding(self, promise: str, start: datetime) -> str:
        """The promise that sets the deadline: what may be negative is never due later than anything else, however the
        calendars lie."""
        names = ("negative", "other") if promise == "negative" else (promise,)
        return min(names, key=lambda name: self.promises[name][1].after(start, self.promises[name][0]))

    def due(self, promise: str, start: datetime) -> datetime:
        length, hours = self.promises[self.binding(promise, start)]
        return hours.after(start, length)

    def grace(self, promise: str, now: datetime) -> datetime:
        return self.promises[promise][1].after(now, GRACE)


@dataclass(frozen=True, slots=True)
class Rung:
    """A level: when it is reached, and when it is told."""

    level: str
    reached: datetime
    told: datetime


@dataclass(frozen=True, slots=True)
class Ring:
    """A level that a look found. `before`: the one told last; `held`: it waited for the end of the quiet hours."""

    case: "Case"
    level: str
    before: str
    held: bool


@dataclass(slots=True)
class Case:
    """`place` and `source` say where it stands. `state` None: it never had to be answered. `arming` counts deadlines;
    `judged`: the words as they stand were looked at, and are `urgent` or not (None: that failed). `reply`: as it
    was seen last, missed by so many reads since. `dangers_told`: the revision whose dangers were told last; `risks`: of
    each revision that was judged. `old`: written before the promise began. `rungs` and `quiet_until` (no look finds
    anything before) are worked out when they are asked for."""

    key: str
    place: str
    source: str
    start: datetime
    state: str | None = None
    backlog: bool = False
    old: bool = False
    target: str = UNKNOWN
    reopened: bool = False
    due: datetime | None = None
    armed: datetime | None = None
    floor: datetime | None = None
    arming: int = 0
    told: str = ""
    known_by: str | None = None
    notice_at: datetime | None = None
    assignee: str | None = None
    revision: int = 1
    judged: bool = False
    urgent: bool | None = None
    label: bool | None = None
    reply: tuple[str, str] | None = None
    misses: int = 0
    dangers_told: int = 0
    risks: dict[int, frozenset[str]] = field(default_factory=dict)
    rungs: list[Rung] = field(default_factory=list)
    quiet_until: datetime | None = None

    @property
    def promise(self) -> str:
        if self.reopened:
            return "reopened"
        return "other" if self.target == OTHER else "negative"

    def promised(self, terms: Terms) -> datetime:
        due = terms.due(self.promise, self.start)
        return due if self.floor is None else max(due, self.floor)

    def arm(self, due: datetime, armed: datetime) -> None:
        """A new deadline: every level rings anew, for everybody."""
        self.due, self.armed, self.told, self.known_by = due, armed, "", None
        self.arming += 1
        self.rungs = []

    def begin(self, now: datetime, terms: Terms, *, answerable: bool, backlog: bool = False) -> None:
        self.state, self.start, self.backlog = WAITING if answerable else LOCKED, now, backlog
        self.target = UNKNOWN
        if answerable and not backlog:
            self.arm(self.promised(terms), now)
        if self.urgent is not None:
            self.judge(self.urgent, now, terms)

    # --- what becomes known of the words --------------------------------------------------------------

    def judge(self, urgent: bool, now: datetime, terms: Terms) -> None:
        """Rule 5; the first verdict settles the deadline."""
        self.urgent = urgent
        target = NEGATIVE if urgent else OTHER
        if self.state == LOCKED:
            if target != self.target:
                self.target = target
                self._owe_notice(now)
            return
        before = self.target
        if before == target or (before == NEGATIVE and self.due is not None):
            return
        self.target, self.rungs = target, []
        if self.state != WAITING or self.due is None or self.armed is None:
            return
        if before == UNKNOWN:
            due = self.promised(terms)
            if due != self.due:
                self.arm(due, self.armed)
            return
        grace = terms.grace("negative", now)
        due = min(self.due, max(terms.due("negative", self.start), grace))
        if due == self.due:
            self.floor = due
        else:
            self.floor = grace
            self.arm(due, now)

    def _lock(self, now: datetime) -> None:
        """Nobody can answer it any more: the duty is gone with its deadline."""
        self.state, self.due, self.floor = LOCKED, None, None
        self._owe_notice(now)

    def _owe_notice(self, now: datetime) -> None:
        """Rule 9: one, of what is negative."""
        owed = self.target == NEGATIVE and not self.backlog and self.told != NOTICE
        self.notice_at = now if owed else None

    def retag(self, urgent: bool, now: datetime, terms: Terms) -> None:
        """A person says it, and may also loosen."""
        self.urgent = urgent
        if self.state not in (WAITING, LOCKED):
            return
        if urgent or self.target != NEGATIVE or self.due is None:
            self.judge(urgent, now, terms)
            return
        due = max(self.due, terms.due("other", self.start))
        self.target, self.reopened, self.floor, self.rungs = OTHER, False, self.due, []
        if now < due != self.due:
            self.arm(due, now)
        self.due = due

    # --- what the site shows ----------------------------------------------------------------------------

    def edit(self, now: datetime, terms: Terms, *, answerable: bool) -> None:
        """Rule 4."""
        self.revision, self.judged, self.label, self.urgent = self.revision + 1, False, None, None
        if self.state is None:
            self.begin(now, terms, answerable=answerable)
        elif self.state == REMOVED or (self.state == WAITING and answerable):
            return
        elif not answerable:
            self.target = UNKNOWN
            if self.state == WAITING:
                self._lock(now)
        else:
            later = self.state != LOCKED
            self.state, self.target, self.reopened, self.notice_at = WAITING, UNKNOWN, False, None
            self.start = now if later else self.start
            self.floor = terms.grace("negative", now)
            if later or not self.backlog:
                self.backlog = False
                self.arm(self.promised(terms), now)

    def reopen(self, now: datetime, terms: Terms, *, answerable: bool) -> None:
        """Rule 3; what cannot be answered has no deadline (rule 9)."""
        if not answerable:
            self._lock(now)
            return
        self.state, self.start, self.backlog, self.target, self.reopened = WAITING, now, False, NEGATIVE, True
        self.floor = None
        self.arm(self.promised(terms), now)

    def reply_read(
        self, reply: tuple[str, str] | None, dated: datetime | None, now: datetime, terms: Terms, *, answerable: bool
    ) -> None:
        """Rules 2 and 3: a read shows this reply, or none. One that was refused before, or is older than the clock, is
        not what somebody has posted since."""
        before = self.reply
        refused = reply is not None and reply[1] == "rejected"
        old = self.state == SUBMITTED and dated is not None and dated < self.start
        if (reply is None or (refused and (reply == before or old))) and (
            before is not None or self.state == SUBMITTED
        ):
            if refused and self.state != SUBMITTED:
                self.misses = 0
                return
            self.misses += 1
            if self.misses == 2:
                self.reply, self.misses = reply, 0
                self._lost(now, terms, answerable=answerable)
        elif reply is not None:
            self.reply, self.misses = reply, 0
            if refused and reply != before:
                self._lost(now, terms, answerable=answerable)
            elif reply != before and self.state is not None and self.state != ANSWERED:
                self.state = SUBMITTED if reply[1] == "pending" else ANSWERED

    def _lost(self, now: datetime, terms: Terms, *, answerable: bool) -> None:
        if self.state is None:
            self.begin(now, terms, answerable=answerable)
        elif self.state in (SUBMITTED, ANSWERED):
            self.reopen(now, terms, answerable=answerable)

    def vanish(self) -> None:
        if self.state in (WAITING, LOCKED):
            self.state = REMOVED

    def come_back(self, now: datetime, terms: Terms, *, answerable: bool) -> None:
        if not answerable:
            self._lock(now)
            return
        self.state = WAITING
        if self.due is None:
            self.backlog = True
        else:
            promised, left = terms.due(self.promise, self.start), terms.grace(self.promise, now)
            left = left if self.floor is None else max(left, self.floor)
            if promised < left:
                self.floor = left
            if max(promised, left) != self.due:
                self.arm(max(promised, left), now)

    def unlock(self) -> None:
        self.state, self.backlog = WAITING, True

    # --- the settings and the clock ---------------------------------------------------------------------

    def recount(self, terms: Terms) -> None:
        """The promises changed: a running deadline follows."""
        self.rungs = []
        if self.state == WAITING and self.due is not None and self.armed is not None:
            due = self.promised(terms)
            if due != self.due:
                self.arm(due, min(due, self.armed))

    def look(self, now: datetime, terms: Terms) -> Ring | None:
        """Rule 7: the gravest level reached and not told."""
        if self.state == LOCKED and self.notice_at is not None and self.notice_at <= now:
            self.notice_at, self.told = None, NOTICE
            return Ring(self, NOTICE, "", False)
        if self.state != WAITING or self.due is None:
            return None
        if self.rungs and self.quiet_until is not None and now < self.quiet_until:
            return None
        rank = LEVELS.index(self.told) if self.told in LEVELS else -1
        ahead = [rung for rung in self._rungs(terms) if LEVELS.index(rung.level) > rank]
        self.quiet_until = min((rung.told for rung in ahead), default=now + FOREVER)
        reached = [rung for rung in ahead if rung.told <= now]
        if not reached:
            return None
        rung, before, self.quiet_until = reached[-1], self.told, None
        self.told = rung.level
        return Ring(self, rung.level, before, rung.told != rung.reached)

    def _rungs(self, terms: Terms) -> list[Rung]:
        if not self.rungs and self.due is not None and self.armed is not None:
            length, hours = terms.promises[self.promise]
            counting = terms.promises[terms.binding(self.promise, self.start)][1]
            given = counting.between(self.armed, self.due)
            moments = {
                "50%": counting.after(self.armed, given / 2),
                "80%": counting.after(self.armed, given * 4 / 5),
                "breach": self.due,
                "+1x": hours.after(self.due, length),
                "+2x": hours.after(self.due, length * 2),
            }
            self.rungs = [
                Rung(level, at, quiet_ends(at, terms.quiet, terms.zone) if terms.quiet and level in WARNINGS else at)
                for level, at in moments.items()
                if level != "50%" or self.promise != "other"
            ]
        return self.rungs
