"""From stars and text to a decision: stars first, text second.

Stars alone find nine of ten negative reviews; the text finds those hidden behind four or five
stars, and decides where there are no stars at all.
"""

from typing import NamedTuple

from sentiment.model import Reading, Thresholds
from sentiment.types import Tone

CRITICAL_STARS = 3
"""Up to here a review is answered like a negative one, whatever its text."""
LIKELIER_THAN_NOT = 0.5
"""Negativity that overrules four or five stars; below it they leave the text `uncertain` at most."""
LEAST_KNOWN = 1
"""Terms the model must know before its opinion of a text without stars counts."""


class Decision(NamedTuple):
    """Of the fields of `types.Verdict` those that stars and text decide together."""

    tone: Tone
    flagged: bool
    uncertain: bool
    conflict: bool


def decide(stars: int | None, reading: Reading | None, thresholds: Thresholds, *, danger: bool = False) -> Decision:
    """`reading` is None where there is no text to judge. `danger`: the text names a risk, so a person looks soon."""
    if stars is None:
        return _by_text(reading, thresholds, danger)
    text = None if reading is None else text_tone(reading, thresholds)
    if stars <= CRITICAL_STARS:
        tone = Tone.NEGATIVE if stars < CRITICAL_STARS else text or Tone.NEUTRAL
        return Decision(tone, True, False, stars < CRITICAL_STARS and text is Tone.POSITIVE)
    if reading is None:
        return Decision(Tone.POSITIVE, False, False, False)
    # Praise told as a story looks half-negative to the model; a complaint names what was wrong.
    blamed = reading.blames and reading.negativity >= thresholds.negative
    flagged = blamed and reading.negativity >= LIKELIER_THAN_NOT
    tone = text if flagged and text is not None else Tone.POSITIVE
    return Decision(tone, flagged, not flagged and (blamed or danger), blamed and text is Tone.NEGATIVE)


def _by_text(reading: Reading | None, thresholds: Thresholds, danger: bool) -> Decision:
    if reading is None or reading.known < LEAST_KNOWN:
        return Decision(Tone.NEUTRAL, False, True, False)
    flagged = reading.negativity >= thresholds.negative
    uncertain = not flagged and (danger or reading.negativity >= thresholds.unclear)
    return Decision(text_tone(reading, thresholds), flagged, uncertain, False)


def text_tone(reading: Reading, thresholds: Thresholds) -> Tone:
    """What the text alone says: positive or negative only where it is clear."""
    of = reading.probabilities
    if reading.negativity >= thresholds.negative:
        return Tone.NEGATIVE if of.negative >= of.neutral / 2 else Tone.NEUTRAL
    return Tone.POSITIVE if of.positive >= thresholds.positive else Tone.NEUTRAL
