"""What one run did, met and proved."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.history.differences import meanings


@dataclass(slots=True)
class Summary:
    """`done`: what happened on the sites and in the office; `seen`: what the reading met, and what of the sites' log
    was found in our history; `differences`: what nobody could know, by the names in `differences.meanings`."""

    done: Counter[str]
    seen: Counter[str]
    differences: Counter[str]
    days: int
    reviews: int
    passes: int
    killed: int

    def __str__(self) -> str:
        return "\n".join((*_table("on the sites", self.done), *_table("while reading", self.seen), "", *self._proved()))

    def _proved(self) -> Iterator[str]:
        recorded = ", ".join(f"{self.seen[f'{what} recorded']} of {what}" for what in ("words", "reply"))
        yield (
            f"Proved: {self.days} days, {self.passes} passes, {self.killed} killed passes, {self.reviews} reviews, "
            f"{self.done.total()} happenings."
        )
        yield f"In our history, as it was: {recorded}, {self.seen['absences recorded']} absences."
        yield "Out of any reader's sight, each case by a rule that was checked for it, and none other:"
        for name, meaning in meanings().items():
            yield f"  {self.differences[name]:6}  {name}"
            yield f"{'':10}({meaning})"


def _table(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield f"{title}:"
    for name, count in sorted(counts.items()):
        if count:
            yield f"  {count:6}  {name}"
