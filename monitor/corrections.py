"""What a person's word makes of a verdict. Pure.

Who has read a review knows more of it than model and stars together: what they say stands, and what they leave open
is taken from what the analysis says.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from monitor.model import Label
from sentiment.decision import CRITICAL_STARS
from sentiment.types import Theme, ThemeMention, Tone, Verdict

BY_HAND = "by_hand"
"""The rule of a theme that nobody but a person found."""

NO = "no_"
"""Stands before what a person denies."""


def merged(earlier: Label | None, tone: Tone | None, complaint: bool | None, who: str, now: datetime) -> Label:
    """The label after one more correction: it takes the place of `earlier`, whose words stand where the new one says
    nothing."""
    tone_by, complaint_by = (None if tone is None else who), (None if complaint is None else who)
    if earlier is not None and tone is None:
        tone, tone_by = earlier.tone, earlier.tone_by
    if earlier is not None and complaint is None:
        complaint, complaint_by = earlier.complaint, earlier.complaint_by
    return Label(tone, complaint, tone_by, complaint_by, now)


def corrected(verdict: Verdict, label: Label, stars: int | None) -> Verdict:
    """`verdict` as `label` has it. Correcting it again, by the same label or by one merged from it, gives what that
    label alone would have given."""
    tone = label.tone or verdict.tone
    few, many = stars is not None and stars <= CRITICAL_STARS, stars is not None and stars > CRITICAL_STARS
    blames = tone is Tone.NEGATIVE or bool(label.complaint)
    return replace(
        verdict,
        tone=tone,
        # Nobody spoke of the tone: then few stars ask for haste as ever.
        flagged=blames or (label.tone is None and few),
        uncertain=False,
        conflict=(few and tone is Tone.POSITIVE) or (many and blames),
    )


def with_themes(verdict: Verdict, said: Mapping[Theme, bool]) -> Verdict:
    """`verdict` with the themes that a person names and without those that he denies. One that the analysis did not
    find has no sentence, and the tone of the whole. Doing it again, or with more that is said later, gives what all of
    it would have given at once."""
    found = [item for item in verdict.themes if item.rule != BY_HAND and said.get(item.theme, True)]
    known = {item.theme for item in found}
    missed = [theme for theme in Theme if said.get(theme) and theme not in known]
    added = [ThemeMention(theme, verdict.tone, "", rule=BY_HAND) for theme in missed]
    return replace(verdict, themes=(*found, *added))


def themes_in_words(said: Mapping[Theme, bool]) -> str:
    """For a line of history: `waiting,no_staff`."""
    return ",".join(theme if holds else f"{NO}{theme}" for theme, holds in said.items())


def in_words(tone: str, complaint: bool | None) -> str:
    """For a line of history: `negative`, `positive,complaint`, `neutral,no_complaint`."""
    said = {None: "", True: ",complaint", False: ",no_complaint"}
    return tone + said[complaint]
