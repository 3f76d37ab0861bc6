"""Everything a person does to a ticket, for the command line and the desk alike.

Each action is one transaction with its event, and is refused when the ticket's state or
another person's hand forbids it.

    base         who acts, in which states what may be done, whose hand is on it
    hand         taking, assigning, releasing, "I know"
    replying     the words, the fault, approval, closing
    gestures     what is offered in private
    corrections  what the words are, against the analysis
    talk         notes for colleagues, complaints to the site
"""

from monitor.actions.base import (
    ALLOWED,
    Faulty,
    Held,
    Lint,
    Personal,
    Transaction,
    Write,
    check_hand,
    claim,
    errors_in_words,
    named,
)
from monitor.actions.corrections import LONGEST_NOTE, Corrections
from monitor.actions.gestures import Gestures
from monitor.actions.hand import Hand
from monitor.actions.replying import (
    DISMISS_REASONS,
    LONGEST_MEASURE,
    LONGEST_REPLY,
    DraftFate,
    EditConflict,
    Replying,
)
from monitor.actions.talk import Talk

__all__ = [
    "ALLOWED",
    "DISMISS_REASONS",
    "LONGEST_MEASURE",
    "LONGEST_NOTE",
    "LONGEST_REPLY",
    "Actions",
    "DraftFate",
    "EditConflict",
    "Faulty",
    "Held",
    "Lint",
    "Personal",
    "Transaction",
    "Write",
    "check_hand",
    "claim",
    "errors_in_words",
    "named",
]


class Actions(Hand, Replying, Gestures, Corrections, Talk):
    """What one person may do."""
