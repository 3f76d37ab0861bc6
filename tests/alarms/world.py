"""What happens to twenty places: authors write, edit and take back, people act or do not, settings change.

Everything happens to the program first; what it took is told to the oracle.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from monitor.errors import Conflict, StoreError
from sentiment.types import Risk
from tests.alarms import invent
from tests.alarms.cases import ANSWERED, DISMISSED, LOCKED, SUBMITTED, WAITING, Case
from tests.alarms.office import Office
from tests.alarms.oracle import Oracle
from tests.alarms.sites import GOOGLE, IRECOMMEND, TWOGIS, Shown

LETTERS = "абвгдеиклмнопрстуя"
PEOPLE = ("anna", "anna", "boris", "vera", "gleb", "petya")

HAPPENINGS = {
    "write": 30, "burst": 1, "twin": 3, "edit": 7, "reply": 6, "moderate": 3, "lose": 4, "hide": 4, "restore": 4,
    "again": 4, "act": 45, "settings": 0.6,
}  # fmt: skip
"""What may happen, and how often beside the others."""

ACTIONS: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "submitted": (45, (WAITING,)),
    "acknowledge": (8, (WAITING,)),
    "take": (12, (WAITING, LOCKED)),
    "release": (4, (WAITING,)),
    "dismiss": (6, (WAITING, LOCKED)),
    "retag": (8, (WAITING, WAITING, LOCKED, ANSWERED)),
    "reopen": (3, (SUBMITTED, ANSWERED, DISMISSED)),
}
"""What people do, how often, and where it makes sense."""


class World:
    def __init__(self, dice: random.Random, office: Office, oracle: Oracle) -> None:
        self.dice = dice
        self.office = office
        self.oracle = oracle
        self.there: dict[str, Shown] = {}
        """Every review as its site shows it now, or showed it last."""
        self._hidden: set[str] = set()
        self._unread: set[str] = set()
        """What a busy database kept from being read."""

    @property
    def counts(self) -> Counter[str]:
        return self.oracle.evidence.counts

    # --- beginning --------------------------------------------------------------------------------------

    def first_import(self) -> None:
        """What stands on the cards when the program sees them first: mostly old, some answered, some undated."""
        now = self.office.clock.now()
        for place in self.oracle.settings.places.values():
            for source in place.cards:
                shown = []
                for _ in range(2):
                    age = timedelta(hours=self.dice.choice((5, 30, 300, 3000)))
                    posted = None if self.dice.random() < 0.2 else now - age
                    reply = ("Спасибо", "published") if self.dice.random() < 0.3 and source != IRECOMMEND else None
                    review = replace(self._invented(place.id, source), posted_at=posted, reply=reply)
                    shown.append(review)
                    self.there[review.key] = review
                self.office.read(shown, ended=True)
                for review in shown:
                    self.oracle.read(review, now, initial=True)
        self.counts["reviews of the first import"] += len(self.there)

    def _invented(self, place: str, source: str) -> Shown:
        now = self.office.clock.now()
        marks = self._marks()
        text = "" if source == TWOGIS and self.dice.random() < 0.4 else self._words(marks)
        stars = self.dice.randint(1, 3) if marks[0] == "neg" else self.dice.randint(3, 5)
        return Shown(
            place, source, f"r{len(self.there)}-{self.dice.randrange(1 << 40)}", text, stars, self._word().title(), now
        )

    def _marks(self) -> list[str]:
        kind = self.dice.choices(("neg", "pos", "unc", "stumble"), (40, 50, 8, 2))[0]
        risks = [risk.value for risk in self.dice.sample(list(Risk), self.dice.randint(1, 2))]
        return [kind, *(risks if kind == "neg" and self.dice.random() < 0.25 else ())]

    def _words(self, marks: list[str]) -> str:
        return " ".join([*(self._word() for _ in range(13)), *(f"#{mark}" for mark in marks)])

    def _word(self) -> str:
        return "".join(self.dice.choice(LETTERS) for _ in range(7))

    # --- one thing happens ------------------------------------------------------------------------------

    def happen(self) -> None:
        (what,) = self.dice.choices(tuple(HAPPENINGS), tuple(HAPPENINGS.values()))
        getattr(self, f"_{what}")()

    def catch_up(self) -> None:
        """Reads what could not be read before."""
        for key in sorted(self._unread):
            self._look(key)

    def _look(self, key: str) -> None:
        """The program reads the review as its site shows it, unless the database is busy or it dies."""
        now, shown, gone = self.office.clock.now(), self.there[key], key in self._hidden
        if gone and key not in self.oracle.cases:
            self._unread.discard(key)
            return
        work = partial(self.office.vanish, shown) if gone else partial(self.office.read, [shown])
        try:
            done = self.office.attempt(work, self._dies("killed while reading"))
        except StoreError:
            self.counts["reads refused by a busy database"] += 1
            done = False
        if not done:
            self._unread.add(key)
            return
        self._unread.discard(key)
        if gone:
            self.oracle.vanished(key, now)
        else:
            self.oracle.read(shown, now)

    def _dies(self, how: str) -> int:
        """Mostly not; else at which line."""
        if self.dice.random() > 0.01:
            return 0
        self.counts[how] += 1
        return int(10 ** self.dice.uniform(1, 2.7))

    def _show(self, shown: Shown) -> None:
        self.there[shown.key] = shown
        self._look(shown.key)

    def _some(self, *states: str | None) -> Case | None:
        """A case that the program has read, not hidden, in one of these states."""
        found = [
            case
            for key, case in self.oracle.cases.items()
            if case.state in states and key not in self._hidden and key not in self._unread
        ]
        return self.dice.choice(found) if found else None

    # --- authors and sites ------------------------------------------------------------------------------

    def _write(self) -> None:
        place = self.dice.choice(list(self.oracle.settings.places.values()))
        review = self._invented(place.id, self.dice.choice(list(place.cards)))
        if self.dice.random() < 0.04 and review.source != IRECOMMEND:
            review = replace(review, reply=("Ответили сразу", self.dice.choice(("published", "pending"))))
        self.counts["reviews"] += 1
        self._show(review)

    def _burst(self) -> None:
        """A bad evening: many are served late at once."""
        for _ in range(self.dice.randint(4, 12)):
            self._write()
        self.counts["bursts"] += 1

    def _twin(self) -> None:
        """The same person says the same on another card."""
        case = self._some(WAITING, LOCKED, ANSWERED, SUBMITTED)
        if case is None:
            return
        shown = self.there[case.key]
        others = [source for source in self.oracle.settings.places[case.place].cards if source != shown.source]
        alone = sum(one.text == shown.text for one in self.there.values()) == 1
        lately = shown.posted_at is None or self.office.clock.now() - shown.posted_at < timedelta(days=30)
        if shown.text and others and alone and lately:
            self.counts["twins"] += 1
            own = self._invented(shown.place, self.dice.choice(others))
            self._show(replace(own, text=shown.text, author=shown.author, stars=shown.stars))

    def _edit(self) -> None:
        """Mostly words, sometimes the first words of a rating."""
        case = self._some(WAITING, LOCKED, ANSWERED, SUBMITTED, DISMISSED, None)
        if case is not None:
            self.counts["edits"] += 1
            shown = self.there[case.key]
            self._show(replace(shown, text=self._words(self._marks())))

    def _reply(self) -> None:
        """An answer is seen that nobody here announced."""
        case = self._some(WAITING, WAITING, SUBMITTED)
        if case is not None:
            self.counts["answers seen on a site"] += 1
            dated = self.dice.choice((None, self.office.clock.now()))
            self._show(replace(self.there[case.key], reply=(self._word(), "published"), replied_at=dated))

    def _moderate(self) -> None:
        """Google refuses an answer, or lets one through."""
        case = self._some(ANSWERED, SUBMITTED, None)
        reply = self.there[case.key].reply if case else None
        if case is not None and case.source == GOOGLE and reply is not None:
            state = self.dice.choice(("rejected", "published", "pending"))
            self.counts[f"answers {state}"] += 1
            self._show(replace(self.there[case.key], reply=(reply[0], state)))

    def _lose(self) -> None:
        """An answer disappears: two reads in a row miss it."""
        case = self._some(ANSWERED, SUBMITTED, None)
        if case is not None and (case.reply or case.state == SUBMITTED):
            self.counts["answers lost"] += 1
            self.there[case.key] = replace(self.there[case.key], reply=None)
            self._look(case.key)
            self._look(case.key)

    def _hide(self) -> None:
        case = self._some(WAITING, WAITING, LOCKED, ANSWERED, SUBMITTED, DISMISSED)
        if case is not None:
            self.counts["reviews taken off"] += 1
            self._hidden.add(case.key)
            self._look(case.key)

    def _restore(self) -> None:
        if self._hidden:
            key = self.dice.choice(sorted(self._hidden))
            self.counts["reviews back"] += 1
            self._hidden.discard(key)
            self._look(key)

    def _again(self) -> None:
        """A read that brings nothing new: an answer that somebody announced is missed once more."""
        case = self._some(SUBMITTED, WAITING, LOCKED, ANSWERED)
        if case is not None:
            self._look(case.key)

    # --- people -----------------------------------------------------------------------------------------

    def _act(self) -> None:
        (action,) = self.dice.choices(tuple(ACTIONS), [often for often, _ in ACTIONS.values()])
        case = self._some(*ACTIONS[action][1])
        if case is None or (case.known_by and action == "acknowledge"):
            return
        if action == "retag" and not self.oracle.shown[case.key].text:
            return
        self._do(self.dice.choice(PEOPLE), action, case)

    def _do(self, who: str, action: str, case: Case) -> None:
        urgent = self.dice.random() < 0.5
        work = partial(self.office.act, who, action, case.key, urgent=urgent)
        try:
            done = self.office.attempt(work, self._dies("killed while a person acts"))
        except Conflict:
            self.counts["actions refused"] += 1
            return
        except StoreError:
            self.counts["actions refused by a busy database"] += 1
            return
        if not done:
            return
        self.counts[f"people: {action}"] += 1
        self.oracle.acted(action, case.key, who, self.office.clock.now(), urgent=urgent)
        if action == "submitted" and self.dice.random() < 0.85:
            shown = self.there[case.key]
            self.there[case.key] = replace(shown, reply=(self._word(), "published"))

    def _settings(self) -> None:
        """Somebody edits config.yaml; the program starts anew with it."""
        today = self.office.clock.now().date()
        what, settings = invent.changed(self.dice, self.oracle.settings, today)
        self.counts[f"settings: {what}"] += 1
        self.office.restart(settings)
        self.oracle.configured(settings)
