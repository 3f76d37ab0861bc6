"""Every mail that was called for, and what became of it: nothing missing, nothing else, nothing twice, nothing late."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from tests.alarms.demands import DANGER, About, Demand
from tests.alarms.evidence import Evidence
from tests.alarms.post import Fate, Letter

HOUR = timedelta(hours=1)
BATCH = 50
"""So many mails are tried before it is known that a server is down: what comes after them is not offered."""

Tried = Sequence[tuple[Letter, Fate]]


class Ledger:
    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._carriers: dict[tuple[str, str, object], tuple[Demand, About]] = {}
        self._open: list[Demand] = []
        self._named: dict[str, Demand] = {}
        self._unrecorded: dict[str, str] = {}
        self._arrivals: defaultdict[str, list[datetime]] = defaultdict(list)

    def demand(self, wanted: Demand) -> None:
        """Nobody is told twice of one level of one deadline, in whatever company it comes. What was never told, because
        its reason was gone for a while, is wanted again when the reason is back."""
        wanted.about = [about for about in wanted.about if not self._is_carried(wanted.recipient, about)]
        if wanted.about:
            self._open.append(wanted)
        for about in wanted.about:
            self._carriers[wanted.recipient, about.case.key, about.moment] = wanted, about
            self._evidence.note(about.case.key, wanted.born, f"due: {wanted}")

    def _is_carried(self, recipient: str, about: About) -> bool:
        """Whether another mail has told it, or will."""
        carrier, earlier = self._carriers.get((recipient, about.case.key, about.moment), (None, about))
        if carrier is None:
            return False
        if not carrier.open:
            return carrier.given_up or about.case.key in carrier.told
        if earlier.lapsed:
            return False
        if earlier.perhaps:
            about.perhaps = True
            return False
        earlier.arming = about.arming
        return True

    def dangers(self, keys: Collection[str], since: datetime) -> list[Demand]:
        """Those called for lately about one of these reviews."""
        return [
            demand
            for demand, about in self._carriers.values()
            if demand.kind == DANGER and demand.born >= since and not demand.given_up and about.case.key in keys
        ]

    def pressing(self, now: datetime) -> list[Demand]:
        """What must go now, if the mail server takes it."""
        self._open = [demand for demand in self._open if demand.open]
        return [demand for demand in self._open if demand.must_name() and not demand.rests(now)]

    def lapse(self, now: datetime, *, surely: bool) -> None:
        """At a pass: the program may leave out what has no reason any more."""
        for demand in self._open:
            if demand.open:
                demand.lapse(surely=surely and not demand.rests(now))

    def waiting(self) -> list[Demand]:
        """Mails whose reason stands and that have not gone; counts the others, which have none any more."""
        left = [demand for demand in self._open if demand.open]
        self._evidence.counts["called off: answered, known or moved first"] += sum(not one.must_name() for one in left)
        return [demand for demand in left if demand.must_name()]

    # --- what the mail server was given -----------------------------------------------------------------

    def handed_over(
        self,
        tried: Tried,
        now: datetime,
        *,
        dues: Callable[[str], set[datetime | None]],
        per_hour: int,
        broken: str = "",
        settled: Collection[str] = (),
    ) -> None:
        """What a pass handed over. `dues`: the deadlines that a review had meanwhile. `broken`: why it did not come to
        its end; then `settled` are the mails that the file says are done with."""
        for demand in self._open if broken else ():
            demand.deaths += 1
        for letter, fate in tried:
            demand = self._demand_of(letter, now)
            self._says_what_is_so(letter, demand, now, dues)
            lost = broken if letter.message_id not in settled else ""
            self._note(letter, demand, fate, now, lost=lost)
            if fate is Fate.ACCEPTED and letter.kind != DANGER and self.recent(letter.recipient, now) > per_hour:
                self._fail(now, f"{letter.recipient} got more than {per_hour} mails within an hour", letter)

    def _demand_of(self, letter: Letter, now: datetime) -> Demand:
        known = self._named.get(letter.message_id)
        if known is not None and not known.open:
            if letter.message_id not in self._unrecorded:
                self._fail(now, f"told twice: {known}", letter)
            self._evidence.counts[f"repeats: {self._unrecorded[letter.message_id]} before our commit"] += known.accepted
            return known
        named = set(letter.reviews)
        alike = [
            demand
            for demand in self._open
            if (demand.kind, demand.level, demand.recipient) == (letter.kind, letter.level, letter.recipient)
            and demand.message_id in ("", letter.message_id)
            and demand.open
        ]
        fitting = [demand for demand in alike if demand.must_name() <= named <= demand.keys]
        if not fitting:
            near = [str(demand) for demand in alike if demand.keys & named] or ([f"once {known}"] if known else [])
            self._fail(now, f"nobody called for {letter}, but for {near}", letter)
        found = max(fitting, key=lambda demand: (bool(demand.must_name()), bool(demand.message_id)))
        found.message_id = letter.message_id
        self._named[letter.message_id] = found
        return found

    def _says_what_is_so(
        self, letter: Letter, demand: Demand, now: datetime, dues: Callable[[str], set[datetime | None]]
    ) -> None:
        named = set(letter.reviews)
        if not demand.must_name() <= named or not named:
            missing = demand.must_name() - named
            self._evidence.fail(now, f"{letter} leaves out {missing} of {demand}", missing)
        if not named <= demand.may_name():
            closed = named - demand.may_name()
            self._evidence.fail(now, f"{letter} speaks of what is closed: {closed}", closed)
        for key, due in letter.reviews.items():
            if demand.kind != DANGER and due not in dues(key):
                self._evidence.fail(now, f"{letter} names the deadline {due} of {key}; it is {dues(key)}", [key])

    def _note(self, letter: Letter, demand: Demand, fate: Fate, now: datetime, *, lost: str) -> None:
        """`lost`: why nobody recorded what became of it."""
        for key in letter.reviews:
            self._evidence.note(key, now, f"mail: {fate} {letter.kind} {letter.level} to {letter.recipient}")
        demand.held_back = False
        if fate is Fate.LATER:
            demand.refusals += 1
            demand.refused_at = now
            self._evidence.counts["refused for a while"] += 1
            return
        if lost:
            self._unrecorded[letter.message_id] = lost
        else:
            self._unrecorded.pop(letter.message_id, None)
            self._arrivals[letter.recipient] += [now] * (fate is Fate.ACCEPTED)
        if demand.open:
            self._evidence.counts[f"mail: {letter.kind} {letter.level if letter.kind != DANGER else ''}".strip()] += (
                fate is Fate.ACCEPTED
            )
            self._evidence.counts["refused for good"] += fate is Fate.NEVER
        demand.accepted |= fate is Fate.ACCEPTED
        demand.told = frozenset(letter.reviews)
        demand.given_up |= fate is Fate.NEVER

    # --- what it was not given --------------------------------------------------------------------------

    def nothing_left(self, pressing: Iterable[Demand], tried: Tried, now: datetime, per_hour: int) -> None:
        """After a pass that came to its end. A server that has just refused something is left alone for a minute: what
        it was not offered is offered by the next pass."""
        touched = {letter.message_id for letter, _ in tried}
        refused = sum(fate is Fate.LATER for _, fate in tried)
        put_off = Counter(letter.recipient for letter, fate in tried if fate is Fate.LATER)
        for demand in pressing:
            if not demand.open or demand.message_id in touched:
                continue
            # Nobody knows beforehand what will be refused: whatever is offered counts.
            offered = self.recent(demand.recipient, now) + put_off[demand.recipient]
            if demand.kind != DANGER and offered >= per_hour:
                self._evidence.counts["held back by the pace"] += 1
            elif refused and (refused >= BATCH or not demand.held_back):
                demand.held_back = True
                self._evidence.counts["held back by a refusal in the same pass"] += 1
            else:
                keys = [about.case.key for about in demand.about]
                self._evidence.fail(now, f"not told: {demand}", keys)

    def recent(self, recipient: str, now: datetime) -> int:
        """How many mails somebody got within the hour."""
        return sum(now - HOUR < at <= now for at in self._arrivals[recipient][-200:])

    def _fail(self, now: datetime, why: str, letter: Letter) -> None:
        self._evidence.fail(now, why, letter.reviews)
