"""What a person's word makes of a verdict. Pure.

Who has read a review knows more of it than model and stars together: what they say stands, and what they leave open
is taken from what the analysis says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from monitor.model import Label
from sentiment.decision import CRITICAL_STARS
from sentiment.types import Risk, RiskMention, Theme, ThemeMention, Tone, Verdict

BY_HAND = "by_hand"
"""The rule of a theme or a danger that nobody but a person found."""

NO = "no_"
"""Stands before what a person denies."""

NO_TONES: Mapping[Theme, Tone] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ByHand:
    """What people said: of some themes whether they hold, of some of those in which tone, of some dangers whether they
    are any."""

    themes: Mapping[Theme, bool]
    tones: Mapping[Theme, Tone]
    dangers: Mapping[Risk, bool]

    def __bool__(self) -> bool:
        return bool(self.themes or self.dangers)

    def since(self, earlier: "ByHand") -> "ByHand":
        """What of it is news to whoever knows what was said before."""
        themes = {
            theme: holds
            for theme, holds in self.themes.items()
            if earlier.themes.get(theme) is not holds or self.tones.get(theme) not in (None, earlier.tones.get(theme))
        }
        tones = {theme: tone for theme, tone in self.tones.items() if theme in themes}
        dangers = {danger: holds for danger, holds in self.dangers.items() if earlier.dangers.get(danger) is not holds}
        return ByHand(themes, tones, dangers)

    def with_news(self, news: "ByHand") -> "ByHand":
        """All that holds after them. Who speaks of a theme anew says in which tone, or leaves it open again."""
        tones = {theme: tone for theme, tone in self.tones.items() if theme not in news.themes}
        return ByHand({**self.themes, **news.themes}, {**tones, **news.tones}, {**self.dangers, **news.dangers})


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


def overruled(verdict: Verdict, said: ByHand) -> Verdict:
    """`verdict` with the themes and dangers that people say it has."""
    return with_dangers(with_themes(verdict, said.themes, said.tones), said.dangers)


def with_themes(verdict: Verdict, said: Mapping[Theme, bool], tones: Mapping[Theme, Tone] = NO_TONES) -> Verdict:
    """`verdict` with the themes that a person names and without those that they deny; `tones`: as they say it is spoken
    of. A theme that the analysis did not find has no sentence and, where they leave that open, the tone of the whole.
    Doing it again, or with more that is said later, gives what all of it would have given at once."""
    found = [item for item in verdict.themes if item.rule != BY_HAND and said.get(item.theme, True)]
    known = {item.theme for item in found}
    missed = [theme for theme in Theme if said.get(theme) and theme not in known]
    added = [ThemeMention(theme, verdict.tone, "", rule=BY_HAND) for theme in missed]
    themes = (replace(item, tone=tones.get(item.theme, item.tone)) for item in (*found, *added))
    return replace(verdict, themes=tuple(themes))


def with_dangers(verdict: Verdict, said: Mapping[Risk, bool]) -> Verdict:
    """`verdict` with the dangers that a person names and without those that they deny. One that the analysis did not
    find has no sentence, and a person looks soon, as for any danger; that one is denied makes nothing less urgent."""
    found = [item for item in verdict.risks if item.quote and said.get(item.risk, True)]
    known = {item.risk for item in found}
    missed = [risk for risk in Risk if said.get(risk) and risk not in known]
    added = [RiskMention(risk, "", rule=BY_HAND) for risk in missed]
    uncertain = verdict.uncertain or (bool(added) and not verdict.flagged)
    return replace(verdict, risks=(*found, *added), uncertain=uncertain)


def themes_in_words(said: Mapping[Theme, bool], tones: Mapping[Theme, Tone] = NO_TONES) -> str:
    """For a line of history: `waiting,price:negative,no_staff`."""
    return ",".join(
        f"{theme}:{tones[theme]}" if theme in tones else theme if holds else f"{NO}{theme}"
        for theme, holds in said.items()
    )


def dangers_in_words(said: Mapping[Risk, bool]) -> str:
    """For a line of history: `injury,no_poisoning`."""
    return ",".join(risk if holds else f"{NO}{risk}" for risk, holds in said.items())


def in_words(tone: str, complaint: bool | None) -> str:
    """For a line of history: `negative`, `positive,complaint`, `neutral,no_complaint`."""
    said = {None: "", True: ",complaint", False: ",no_complaint"}
    return tone + said[complaint]
