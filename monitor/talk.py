"""What colleagues say about a ticket among themselves, and what the site was asked about its review. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NOTE = 2000
"""Characters of a note for colleagues."""

LONGEST_WHY = 500
"""Characters of what is said of a complaint to the site: its number, the rule that was broken, the refusal."""


class DisputeState(StrEnum):
    """Of a complaint about a review to its site: FILED waits for the site's word."""

    FILED = "filed"
    REJECTED = "rejected"
    REMOVED = "removed"


FOLLOWS: Mapping[DisputeState | None, tuple[DisputeState, ...]] = {
    None: (DisputeState.FILED,),
    DisputeState.FILED: (DisputeState.REJECTED, DisputeState.REMOVED),
    DisputeState.REJECTED: (DisputeState.FILED,),
    DisputeState.REMOVED: (DisputeState.FILED,),
}
"""State → what may be said next. A refused complaint is filed anew, and so is one about a review that came back."""


@dataclass(frozen=True, slots=True)
class Note:
    """For colleagues, never for the author. `text` may have several lines."""

    id: int
    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A step of a complaint, the latest of which counts. `why` in a person's words, "" for none or when erased."""

    id: int
    state: DisputeState
    actor: str
    at: datetime
    why: str
