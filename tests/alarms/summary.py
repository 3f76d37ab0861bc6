"""What one run did, met and proved."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

LEAST: Mapping[str, int] = {
    "reviews": 300,
    "mail: deadline 50%": 15,
    "mail: deadline 80%": 15,
    "mail: deadline breach": 100,
    "mail: deadline +1x": 50,
    "mail: deadline +2x": 50,
    "mail: overdue breach": 5,
    "mail: warnings 80%": 25,
    "mail: danger": 20,
    "mail: unanswerable notice": 20,
    "passes that came to their end": 1500,
    "passes broken: killed": 50,
    "passes broken: database busy": 10,
    "passes of two workers at once": 30,
    "handovers between them": 100,
    "refused for a while": 50,
    "repeats: killed before our commit": 2,
    "trouble: mail server down": 4,
    "trouble: worker down": 4,
    "people: submitted": 100,
    "people: acknowledge": 15,
    "people: retag": 15,
    "edits": 30,
    "answers lost": 10,
    "reviews back": 10,
}
"""In sixty days. A quiet run would agree with anything."""


@dataclass(slots=True)
class Summary:
    """`counts`: what happened, by name."""

    seed: int
    days: float
    passes: int
    counts: Counter[str]

    @property
    def mails(self) -> int:
        return self.total("mail: ")

    def lacks(self) -> dict[str, int]:
        """What happened too seldom to prove anything, and how often it did."""
        return {name: self.counts[name] for name, least in LEAST.items() if self.counts[name] < least * self.days / 60}

    def total(self, beginning: str) -> int:
        """Of all figures whose names begin so."""
        return sum(count for name, count in self.counts.items() if name.startswith(beginning))

    def table(self) -> str:
        return "\n".join(f"  {count:8}  {name}" for name, count in sorted(self.counts.items()) if count)

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.days:g} days, {self.passes} passes, {self.mails} mails\n{self.table()}"
