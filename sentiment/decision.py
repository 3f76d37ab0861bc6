"""From stars and text to a decision: stars first, text second.

Stars alone find nine of ten negative reviews; the text finds those hidden behind four or five
stars, and decides where there are no stars at all.
"""

from typing import NamedTuple, Protocol

from sentiment.model import Thresholds
from sentiment.types import Probabilities, Tone

CRITICAL_STARS = 3
"""Up to here a review is answered like a negative one, whatever its text."""


class Judged(Protocol):
    """What is looked at of a text: of a `model.Reading`, or of what evaluation has instead."""

    @property
    def probabilities(self) -> Probabilities: ...

    @property
    def understood(self) -> bool: ...


class Decision(NamedTuple):
    """Of the fields of `types.Verdict` those that stars and text decide together."""

    tone: Tone
    flagged: bool
    uncertain: bool
    conflict: bool

    @property
    def urgent(self) -> bool:
        """Whether the target for negatives holds."""
        return self.flagged or self.uncertain


def decide(
    stars: int | None, reading: Judged | None, thresholds: Thresholds, *, complaint: float = 0.0, danger: bool = False
) -> Decision:
    """`reading` is None where there is no text to judge. `complaint`: the probability that the text names something to
    mend. `danger`: it names a risk, so a person looks soon."""
    if stars is None:
        return _by_text(reading, thresholds, danger)
    text = None if reading is None else text_tone(reading, thresholds)
    negative = 0.0 if reading is None else reading.probabilities.negative
    # A text that is negative as a whole complains, whatever the head for single complaints says.
    complains = complaint >= thresholds.complaint or negative >= thresholds.overrule
    if stars <= CRITICAL_STARS:
        tone = Tone.NEGATIVE if stars < CRITICAL_STARS else text or Tone.NEUTRAL
        praised_yet_low = stars < CRITICAL_STARS and text is Tone.POSITIVE and not complains
        return Decision(tone, True, False, praised_yet_low)
    if reading is None:
        return Decision(Tone.POSITIVE, False, False, False)
    flagged = negative >= thresholds.overrule
    doubtful = complains and negative >= thresholds.negative
    tone = text if flagged and text is not None else Tone.POSITIVE
    return Decision(tone, flagged, not flagged and (doubtful or danger), complains)


def _by_text(reading: Judged | None, thresholds: Thresholds, danger: bool) -> Decision:
    if reading is None or not reading.understood:
        return Decision(Tone.NEUTRAL, False, True, False)
    tone = text_tone(reading, thresholds)
    flagged = reading.probabilities.negative >= thresholds.negative
    # Without stars only clear praise may wait for a day.
    return Decision(tone, flagged, not flagged and (danger or tone is not Tone.POSITIVE), False)


def text_tone(reading: Judged, thresholds: Thresholds) -> Tone:
    """What the text alone says: the likeliest tone, but never positive where it may well be negative."""
    of = reading.probabilities
    if of.negative >= max(of.neutral, of.positive):
        return Tone.NEGATIVE
    return Tone.POSITIVE if of.positive > of.neutral and of.negative < thresholds.negative else Tone.NEUTRAL
