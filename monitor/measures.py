"""Whether a measure helped: what was complained of before it and since. Pure.

Compared are two windows of the same length, in whole days: those before the day of the measure, and those from it on
until today. In each the reviews that complain of the theme are a share of all that are judged, so that a busy month is
no bad one. How far chance alone would go is told by Fisher's exact test: given how many of all these reviews complain,
each split of them between the windows has a known probability, and the chance is that of all splits no more probable
than ours, in either direction. It holds however few the reviews are. (`numbers.chance` compares counts of equal spans
and knows nothing of how many reviews came in each.)
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from math import exp, lgamma

from monitor.numbers import share

LEAST, MOST = 7, 56
"""Days of a window: with fewer a weekend decides, with more the season does."""

CERTAIN = 0.05
"""A change counts as one when chance alone would show one like it less often."""

ODDS = (1000, 500, 200, 100, 50, 20)
"""How rare something is, as people say it: one case of so many."""

_SAME = 1 + 1e-7
"""Probabilities that differ by less are equal: they are sums of rounded logarithms."""


class Effect(StrEnum):
    """EARLY: there are not enough days yet. UNKNOWN: one of the windows has no review. UNCLEAR: what changed, if
    anything, may be chance."""

    EARLY = "early"
    UNKNOWN = "unknown"
    HELPED = "helped"
    WORSE = "worse"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Windows:
    """Two spans of `days` whole days: from `before` until the day of the measure, and from that day on."""

    before: date
    day: date
    days: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one window: the reviews that complain of the theme, all that are judged, the average of the stars."""

    complaints: int
    judged: int
    stars: float | None = None

    @property
    def share(self) -> float | None:
        return share(self.complaints, self.judged)


def windows(day: date, today: date) -> Windows | None:
    """None while it is too early. Today is not over, so it is in none of them."""
    days = min((today - day).days, MOST)
    return None if days < LEAST else Windows(day - timedelta(days=days), day, days)


def effect(before: Counted, after: Counted) -> Effect:
    """Of windows that are long enough."""
    if before.share is None or after.share is None:
        return Effect.UNKNOWN
    if chance(before, after) >= CERTAIN:
        return Effect.UNCLEAR
    return Effect.HELPED if after.share < before.share else Effect.WORSE


@lru_cache(maxsize=64)
def chance(before: Counted, after: Counted) -> float:
    """How probable a change like this or a less probable one is if nothing has changed (Fisher's exact test, both
    sides). 1 where there is nothing to compare."""
    whole, complaints, part = before.judged + after.judged, before.complaints + after.complaints, after.judged
    least, most = max(0, complaints + part - whole), min(complaints, part)
    ours = _ways(complaints, after.complaints) + _ways(whole - complaints, part - after.complaints)
    all_ways = _ways(whole, part)
    found = 0.0
    for split in range(least, most + 1):
        ways = _ways(complaints, split) + _ways(whole - complaints, part - split)
        if exp(ways - ours) <= _SAME:
            found += exp(ways - all_ways)
    return min(found, 1.0)


def _ways(many: int, chosen: int) -> float:
    """The logarithm of in how many ways so many can be chosen."""
    return lgamma(many + 1) - lgamma(chosen + 1) - lgamma(many - chosen + 1)


def odds(chance: float) -> int:
    """The largest of ODDS than which something is rarer; 0 when it is less rare than any."""
    return next((odds for odds in ODDS if chance < 1 / odds), 0)
