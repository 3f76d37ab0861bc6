"""Is reading complete? When failures, missing reviews or silence are out of the ordinary for a card. Pure.

What is normal stays normal: Яндекс declares ratings without text, a site shows no more than 600 reviews, a quiet
card is quiet. An alarm is what differs from the card's own history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from monitor.alerts import AlarmKind
from monitor.model import ListingState

SITE_WIDE: frozenset[AlarmKind] = frozenset(
    (AlarmKind.BLOCKED, AlarmKind.UNAUTHORISED, AlarmKind.LAYOUT_CHANGED, AlarmKind.UNREACHABLE)
)
"""Told once per site, not once per card: such an alarm has no listing."""

# --- failures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Patience:
    """After how many failures in a row, and how long after the first of them, a kind of failure is an alarm."""

    alarm: AlarmKind
    errors: int = 1
    lasting: timedelta = timedelta()


_LASTING = _Patience(AlarmKind.UNREACHABLE, errors=3, lasting=timedelta(hours=6))

PATIENCE: Mapping[str, _Patience] = {
    "blocked": _Patience(AlarmKind.BLOCKED),
    "robots_denied": _Patience(AlarmKind.BLOCKED),  # the site refuses us in its own words; only a person can allow it
    "unauthorised": _Patience(AlarmKind.UNAUTHORISED),
    "layout_changed": _Patience(AlarmKind.LAYOUT_CHANGED),
    "emptied": _Patience(AlarmKind.EMPTIED, errors=2),
    "gone": _Patience(AlarmKind.GONE, errors=3),  # Google answers 404 now and then although the card is there
    "address_refused": _Patience(AlarmKind.UNREACHABLE, errors=3),  # a wrong base_url, or DNS that lies for a while
    "unavailable": _LASTING,
    "unreachable": _LASTING,
    "page_too_large": _LASTING,
    "internal": _LASTING,
}
"""Kind of failure (`monitor.jobs.fetch.KINDS`, `internal`, `emptied`) → when it becomes which alarm."""


def failure_alarm(kind: str, errors: int, failing_for: timedelta) -> AlarmKind | None:
    """What a failure is an alarm of: `errors` in a row including this one, the first of them `failing_for` ago.

    A kind that is not in the table is treated as trouble that may pass.
    """
    patience = PATIENCE.get(kind, _LASTING)
    return patience.alarm if errors >= patience.errors and failing_for >= patience.lasting else None


# --- reviews that the site declares and does not show -------------------------------------------

WIDE_READS = 2
"""So many complete reads in a row must show a gap before it is an alarm: a site's counter lags behind its pages."""

SETTLED = 30
"""After so many such reads the gap is what the card is like now: it was told, and would else be told for ever."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What a complete read says about the reviews it did not show: the columns `usual_gap` and `wide_gaps`, and
    whether an alarm is to be open now."""

    usual: int | None
    wide: int
    alarm: bool


def tolerance(declared: int) -> int:
    """How many reviews more than usual may be missing without a word."""
    return max(3, declared // 20)


def gap(listing: ListingState, seen: int, declared: int | None, ceiling: bool) -> Gap:
    """After a complete read that showed `seen` of `declared` reviews; `listing` as it was before that read.

    The first complete read says what is usual. Later the usual gap shrinks at once, and grows only as far as new
    ratings without text explain: no more than the declared total grew, and of that one review a read, or the share
    that was missing so far if that is more. A review that disappears while the total stays is never explained.
    A read that met the site's ceiling, or a site that declares nothing, teaches nothing.
    """
    if declared is None or ceiling:
        wide = listing.wide_gaps if declared is None else 0
        return Gap(listing.usual_gap, wide, wide >= WIDE_READS)
    missing = max(declared - seen, 0)
    usual = listing.usual_gap
    if usual is None or missing <= usual:
        return Gap(missing, 0, alarm=False)
    usual = min(missing, usual + _explained(usual, listing.complete_declared, declared))
    if missing - usual <= tolerance(declared):
        return Gap(usual, 0, alarm=False)
    wide = listing.wide_gaps + 1
    if wide >= SETTLED:
        return Gap(missing, 0, alarm=False)
    return Gap(usual, wide, wide >= WIDE_READS)


def _explained(usual: int, declared_before: int | None, declared: int) -> int:
    """By how much the usual gap may have grown since the last complete read."""
    if not declared_before or declared <= declared_before:
        return 0
    grown = declared - declared_before
    return min(grown, max(1, -(-grown * usual // declared_before)))


class Shortfall(StrEnum):
    """Why a card shows fewer reviews than its site declares."""

    NONE = "none"
    USUAL = "usual"
    SMALL = "small"
    CEILING = "ceiling"
    WIDE = "wide"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the last complete read showed: `missing` of the declared reviews (None: the site declares nothing, or no
    read was complete yet), and why."""

    missing: int | None
    why: Shortfall


def shown(listing: ListingState) -> Shown:
    """What `gap` made of the last complete read."""
    if listing.complete_seen is None or listing.complete_declared is None:
        return Shown(None, Shortfall.NONE)
    missing = max(listing.complete_declared - listing.complete_seen, 0)
    usual = listing.usual_gap
    if missing == 0:
        return Shown(0, Shortfall.NONE)
    if listing.wide_gaps:
        return Shown(missing, Shortfall.WIDE)
    if usual is not None and missing <= usual:
        return Shown(missing, Shortfall.USUAL)
    # Nothing else leaves a gap this wide uncounted.
    ceiling = usual is None or missing - usual > tolerance(listing.complete_declared)
    return Shown(missing, Shortfall.CEILING if ceiling else Shortfall.SMALL)


# --- silence ------------------------------------------------------------------------------------

ENOUGH = 8
"""Fewer reviews tell nothing about how often a card gets one."""

SHORTEST = timedelta(days=3)


def silent_at(moments: Sequence[datetime], now: datetime) -> datetime | None:
    """From when on having no new review is out of the ordinary: when the card has been silent twice as long as ever
    before, eight times as long as on average, and at least three days.

    `moments`: of the newest 200 reviews or so, in any order. None when that cannot be known: fewer than eight
    reviews, or a silence that is as long already, because then it began before we looked.

    To be asked when a read has brought a *new* review (the end of the first import counts), and only then: the
    stored moment stays until it rings or a new review comes.
    """
    known = sorted(moment for moment in moments if moment <= now)
    if len(known) < ENOUGH:
        return None
    longest = max(later - earlier for earlier, later in pairwise(known))
    mean = (known[-1] - known[0]) / (len(known) - 1)
    at = known[-1] + max(SHORTEST, 2 * longest, 8 * mean)
    return at if at > now else None
