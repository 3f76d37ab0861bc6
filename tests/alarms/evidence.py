"""The story of every review, and how a mismatch tells it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NoReturn

MOST = 4
"""Stories are told of so many reviews."""

FIRST, LAST = 2, 40
"""Lines of a story: how it began, and what came before the mismatch."""


class Mismatch(AssertionError):
    """The program told something else than the rules demand."""


class Evidence:
    """`counts`: what happened, so that a run that proves nothing is noticed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self._stories: defaultdict[str, list[str]] = defaultdict(list)
        self._passes: list[str] = []

    def note(self, key: str, at: datetime, what: str) -> None:
        self._stories[key].append(f"{at:%m-%d %H:%M:%S} {what}")

    def passed(self, at: datetime, what: str) -> None:
        self._passes.append(f"{at:%m-%d %H:%M:%S} {what}")

    def fail(self, at: datetime, why: str, keys: Iterable[str] = ()) -> NoReturn:
        """Raises Mismatch with what is known of these reviews."""
        lines = [f"seed {self.seed}, {at:%Y-%m-%d %H:%M:%S}: {why}"]
        for key in sorted(keys)[:MOST]:
            story = self._stories[key]
            told = story if len(story) <= FIRST + LAST else [*story[:FIRST], "…", *story[-LAST:]]
            lines += [f"  {key}:", *(f"    {line}" for line in told)]
        lines += ["  the last passes:", *(f"    {line}" for line in self._passes[-8:])]
        raise Mismatch("\n".join(lines))
