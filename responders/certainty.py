"""How sure it is that a review praises or blames what it names.

A rule of the analysis that knows praise from blame by its own words («нахамили», «вежливый») is believed, unless the
phrases that weighed most say the opposite. One that hears only what is spoken of («кофе», «скидка») takes its tone from
the whole review: it is believed where one of those phrases says the same of its very clause.
"""

from collections.abc import Sequence

from sentiment.types import Evidence, Theme, ThemeMention, Tone, Verdict

CLEAR = 0.3
"""Weight of a phrase that says anything, for or against."""
CLEAR_WHEN_LOW = 0.2
"""The same of blame under one to three stars, where blame was to be expected."""
_FAR = 2
"""How much heavier has to weigh what opposes plain words."""

_PLAIN = {
    Theme.STAFF: "rude rude-in-manner rude-in-pictures indifferent nobody-cares had-to-do-it-oneself ignorant "
    "does-not-know pushed not-pushed praised-in-pictures thanks-by-name",
    Theme.WAITING: "long-wait-in-words sat-and-stood few-counters no-queue slow deadline time-lost",
    Theme.QUALITY: "eating-bad eating-badly eating-well cold-dish goods-worn goods-fails goods-well "
    "work-done work-badly",
    Theme.CLEANLINESS: "dirt dirty-thing smell vermin mould no-soap own-hands spotless hair-in-food crumbs",
    Theme.PRICE: "mismatch dear dear-thing high not-worth at-home fleeced at-the-neighbours cheap cheap-phrase worth "
    "free",
    Theme.ATMOSPHERE: "noise cannot-hear quiet air air-good crowd",
    Theme.DELIVERY: "delivery-late delivery-good",
    Theme.BOOKING: "nobody-answers reached-easily booking-lost",
    Theme.DECEIT: "deceived led-by-the-nose palmed-off cheated-of-money sold-stale honest counted-too-much",
    Theme.SAFETY: "danger fell hurt nearly ill-afterwards slippery unsafe-things thefts-and-threats safe",
    Theme.ASSORTMENT: "everything out-of-stock wish-range",
    Theme.LOCATION: "near parking-none far hard-to-find access",
}
PLAIN = frozenset(f"{theme}.{name}" for theme, names in _PLAIN.items() for name in names.split())
"""Rules whose words say good or bad themselves, and hardly ever anything else."""
KIND = frozenset(
    {
        "staff.polite", "staff.attentive", "staff.competent", "waiting.quick", "quality.taste", "quality.freshness",
        "cleanliness.clean", "atmosphere.cosy", "atmosphere.mood",
    }
)  # fmt: skip
"""Rules of words that praise, unless something is made of them («не чисто», «чисто обманули»)."""
UNKIND = frozenset({"waiting.late", "waiting.long"})
"""The same of words that blame."""


def plain(mention: ThemeMention) -> bool:
    """Whether it says good or bad in so many words; what a person or the business's own words named counts as said."""
    if not mention.quote or mention.rule in PLAIN or mention.rule in ("", f"{mention.theme}.own"):
        return True
    return mention.rule in {Tone.POSITIVE: KIND, Tone.NEGATIVE: UNKIND}.get(mention.tone, ())


def weight(mention: ThemeMention, verdict: Verdict) -> float:
    """Of the heaviest phrase in its clause that says the same; 0.0 for none."""
    return _pull(mention, verdict.evidence)[0]


def borne_out(mention: ThemeMention, verdict: Verdict, stars: int | None) -> bool:
    """Whether a phrase that weighed in its clause says the same. What is merely told counts as blame."""
    said, opposed = _pull(mention, verdict.evidence)
    blamed_anyway = mention.tone is not Tone.POSITIVE and stars is not None and stars <= 3
    return said >= (CLEAR_WHEN_LOW if blamed_anyway else CLEAR) and said >= opposed


def certain(verdict: Verdict, stars: int | None) -> tuple[ThemeMention, ...]:
    """The mentions that are meant as they were heard. In a clause that speaks of people or of time in so many words,
    what else it names is not judged: «официант не знал, есть ли мука в соусе» says nothing of the sauce."""
    found = [mention for mention in verdict.themes if _meant(mention, verdict, stars)]
    told = {
        mention.quote for mention in found if mention.rule in PLAIN and mention.theme in (Theme.STAFF, Theme.WAITING)
    }
    return tuple(mention for mention in found if plain(mention) or mention.quote not in told)


def _meant(mention: ThemeMention, verdict: Verdict, stars: int | None) -> bool:
    if plain(mention):
        said, opposed = _pull(mention, verdict.evidence)
        return opposed < CLEAR or opposed < _FAR * said
    return borne_out(mention, verdict, stars)


def _pull(mention: ThemeMention, evidence: Sequence[Evidence]) -> tuple[float, float]:
    """The heaviest phrase of its clause that says the same, and that says the opposite; 0.0 for none."""
    sign = -1 if mention.tone is Tone.POSITIVE else 1
    here = [sign * item.weight for item in evidence if _overlap(item.phrase, mention.quote)]
    return max((0.0, *here)), max((0.0, *(-weight for weight in here)))


def _overlap(phrase: str, quote: str) -> bool:
    return bool(quote) and (phrase in quote or quote in phrase)
