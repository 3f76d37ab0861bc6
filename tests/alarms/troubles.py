"""What goes wrong: the mail server, the database, the clock, the machine. Spells of hours, by seed."""

import random
from datetime import datetime, timedelta

from tests.alarms.evidence import Evidence
from tests.alarms.post import Post

HOUR = timedelta(hours=1)

SPELLS = {
    "mail server down": (0.35, 0.5, 9),
    "one mailbox full": (0.3, 1, 9),
    "one mailbox gone": (0.1, 2, 12),
    "worker down": (0.35, 1, 10),
    "database busy": (0.25, 0.3, 4),
}
"""How often a day, and for how many hours."""


class Troubles:
    """`now` of the virtual clock comes in; a clock that jumps makes spells longer or shorter, as in life."""

    def __init__(self, dice: random.Random, post: Post, evidence: Evidence) -> None:
        self._dice = dice
        self._post = post
        self._evidence = evidence
        self._until: dict[str, datetime] = {}
        self._whom = ""

    def weather(self, now: datetime, gap: timedelta, recipients: list[str]) -> None:
        """After a gap: some spells end, some begin."""
        for name, (daily, shortest, longest) in SPELLS.items():
            if self.on(name) and now >= self._until[name]:
                del self._until[name]
            if not self.on(name) and self._dice.random() < daily * (gap / (24 * HOUR)):
                self._until[name] = now + self._dice.uniform(shortest, longest) * HOUR
                self._evidence.counts[f"trouble: {name}"] += 1
                self._evidence.passed(now, f"{name} until {self._until[name]:%m-%d %H:%M}")
                self._whom = self._dice.choice(recipients)
        self._post.down = self.on("mail server down")
        self._post.later = {self._whom} if self.on("one mailbox full") else set()
        self._post.never = {self._whom} if self.on("one mailbox gone") else set()

    def on(self, name: str) -> bool:
        return name in self._until

    def over(self) -> None:
        """All is well from now on."""
        self._until.clear()
        self._post.down, self._post.later, self._post.never = False, set(), set()

    def jump(self, gap: timedelta) -> timedelta:
        """By how much the clock is set, mostly not at all; it never shows a time before the run began."""
        if self._dice.random() >= 0.15 * (gap / (24 * HOUR)):
            return timedelta()
        self._evidence.counts["clock jumps"] += 1
        return self._dice.choice((-1, 1)) * self._dice.uniform(0.05, 5) * HOUR
