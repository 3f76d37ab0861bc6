"""What a reply speaks about: of each theme how it was spoken of, the thing named, whom to thank.

A complaint is answered on at most three themes, the gravest first; praise is thanked for in the author's order. A theme
whose tone does not suit the frame is left alone: nothing is regretted that was praised.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from responders.choose import Frame
from responders.phrasebook import Topic, Topics
from responders.types import Situation
from sentiment.types import Evidence, Intent, Theme, ThemeMention, Tone

LISTS: Mapping[Frame, tuple[Tone, str]] = {
    Frame.THANKS: (Tone.POSITIVE, "praise"),
    Frame.THANKS_OPEN: (Tone.POSITIVE, "praise"),
    Frame.THANKS_WITH_REGRET: (Tone.NEGATIVE, "complaint"),
    Frame.REGRET: (Tone.NEGATIVE, "complaint"),
    Frame.APOLOGY: (Tone.NEGATIVE, "apology"),
}
"""Of the frames that speak of themes: of which ones, and in which words."""

MIXED = frozenset({Frame.THANKS_WITH_REGRET, Frame.THANKS_UNSURE, Frame.REGRET})
"""Frames that also say that the good words were read."""

ABOUT: Mapping[Theme, str] = {
    Theme.STAFF: "о сотрудниках", Theme.WAITING: "о скорости", Theme.QUALITY: "о нашей работе",
    Theme.CLEANLINESS: "о чистоте", Theme.PRICE: "о ценах", Theme.ATMOSPHERE: "об атмосфере",
    Theme.DELIVERY: "о доставке", Theme.ASSORTMENT: "об ассортименте", Theme.LOCATION: "о расположении",
}  # fmt: skip
"""Of what good words are, where no thing is named; other themes are passed over."""
OF_FOOD = frozenset({"food", "taste", "dish", "cold-dish", "freshness"})
"""Kinds of quality that only food has."""
SERVE_FOOD = frozenset({"food", "hotel", "shop", "delivery"})
"""Sectors where what tastes is food."""
OF_WHAT = {"food": "о кухне", "goods": "о качестве"}
"""The same of the quality of food and goods."""

GRAVITY = (
    Theme.SAFETY, Theme.DECEIT, Theme.CLEANLINESS, Theme.STAFF, Theme.QUALITY, Theme.PAYMENT, Theme.DELIVERY,
    Theme.WAITING, Theme.BOOKING, Theme.PRICE, Theme.ASSORTMENT, Theme.ATMOSPHERE, Theme.LOCATION,
)  # fmt: skip
"""What of a complaint is answered first."""

LENGTHS = ((8, 1), (40, 2))
MOST = 3
"""A review of up to so many words is answered on so many themes; a longer one on MOST."""
CLEAR = 0.3
"""Weight of a phrase whose thing is named although no theme was found."""
MOST_TOPICS = 2
MOST_PEOPLE = 3

_MARKUP = re.compile(r"[<>{}]")
"""Code in a quote: an attack or a joke, no complaint about anything."""


@dataclass(frozen=True, slots=True)
class Point:
    """`list`: praise, complaint or apology; `kinds`: what finer things were said; `facts`: `phrasebook.FACTS`."""

    theme: Theme
    list: str
    kinds: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)


def find(situation: Situation, frame: Frame, topics: Topics) -> tuple[Point, ...]:
    """The points of a reply in this frame, in its order."""
    if frame not in LISTS:
        return ()
    tone, name = LISTS[frame]
    told: dict[Theme, list[ThemeMention]] = {}
    for mention in _suitable(situation, tone):
        told.setdefault(mention.theme, []).append(mention)
    person = _thanked(situation) if name == "praise" else ""
    if person:
        told.setdefault(Theme.STAFF, [])
    order = list(told) if name == "praise" else sorted(told, key=GRAVITY.index)
    if person:  # whoever is thanked by name comes first
        order.sort(key=lambda theme: theme is not Theme.STAFF)
    sector = situation.brand.sector
    points = []
    for theme in order[: most(situation.text)]:
        kinds = _kinds(told[theme], sector, topics)
        facts = _facts(list(_named(theme, kinds, told[theme], sector, topics))[:MOST_TOPICS])
        if name == "praise" and not _pleased(told[theme], situation.verdict.evidence):
            facts.pop("liked", None)  # named, but perhaps not what was liked: «пролила на себя вино»
        if person and theme is Theme.STAFF:
            facts["person"] = person
        points.append(Point(theme, name, kinds, facts))
    return tuple(points) or _by_topic(situation, name, topics)


def _by_topic(situation: Situation, name: str, topics: Topics) -> tuple[Point, ...]:
    """Where no theme was found: the thing named in the phrases that weighed most, if it is a known one. A phrase of
    praise has to name that alone: of «пролили вино, но суши понравились» one cannot tell which was meant."""
    sign = -1 if name == "praise" else 1
    weighty = sorted(situation.verdict.evidence, key=lambda item: -sign * item.weight)
    for item in weighty:
        if sign * item.weight < CLEAR or _MARKUP.search(item.phrase):
            continue
        named = topics.named(item.phrase)
        for topic in named if name != "praise" or len(named) == 1 else ():
            if not topic.sectors or situation.brand.sector in topic.sectors:
                theme = min(map(Theme, topic.themes), key=GRAVITY.index)
                return (Point(theme, name, topic.kinds, {"about": topic.about}),)
    return ()


def praised(situation: Situation, frame: Frame, topics: Topics) -> str:
    """What of a mixed review was praised, in the prepositional case («о десертах», «о сотрудниках»); "" for nothing,
    and under one or two stars: there, thanks for a kind word sound like mockery."""
    if frame not in MIXED or (situation.stars is not None and situation.stars <= 2):
        return ""
    blamed = {item.theme for item in situation.verdict.themes if item.tone is Tone.NEGATIVE}
    for item in _suitable(situation, Tone.POSITIVE):
        if item.theme in ABOUT and item.theme not in blamed:
            sector = situation.brand.sector
            kinds = _kinds((item,), sector, topics)
            named = next(_named(item.theme, kinds, (item,), sector, topics), None)
            of_what = next((OF_WHAT[kind] for kind in OF_WHAT if kind in kinds), ABOUT[item.theme])
            return named.about if named else of_what
    return ""


def most(text: str) -> int:
    """On how many themes a reply to a review of this length speaks."""
    words = len(text.split())
    return next((count for longest, count in LENGTHS if words <= longest), MOST)


def _suitable(situation: Situation, tone: Tone) -> list[ThemeMention]:
    """Mentions of that tone, outside of what the author asks or proposes; of a low rating also what is merely told,
    where nothing is blamed outright."""
    verdict = situation.verdict
    wanted = [item.quote for item in verdict.intents if item.intent in (Intent.QUESTION, Intent.SUGGESTION)]
    mentions = [
        item
        for item in verdict.themes
        if not _MARKUP.search(item.quote) and (tone is Tone.NEGATIVE or not any(item.quote in said for said in wanted))
    ]
    found = [item for item in mentions if item.tone is tone]
    if not found and tone is Tone.NEGATIVE and situation.stars is not None and situation.stars <= 2:
        found = [item for item in mentions if item.tone is Tone.NEUTRAL]
    return found


def _thanked(situation: Situation) -> str:
    """The praised people with a name, in the dative: «Марине и мастеру Олегу»; "" for none."""
    people = situation.verdict.people
    named = list(dict.fromkeys(item.dative for item in people if item.tone is Tone.POSITIVE and item.name))
    return _joined(named[:MOST_PEOPLE])


def _kinds(mentions: Sequence[ThemeMention], sector: str, topics: Topics) -> frozenset[str]:
    """What finer things were said. Of food only where it is served or sold, or something to eat is named: elsewhere
    «кот наплакал» is no cat and «аппетит» no dish."""
    found = {kind for item in mentions for kind in (item.of, item.rule.partition(".")[2]) if kind}
    if "food" in found and sector not in SERVE_FOOD:
        named = topics.named(" ".join(item.quote for item in mentions))
        if not any("food" in topic.kinds for topic in named):
            found -= OF_FOOD
    return frozenset(found)


def _pleased(mentions: Sequence[ThemeMention], evidence: Sequence[Evidence]) -> bool:
    """Whether one of the phrases that praise most stands where the theme was found."""
    phrases = [item.phrase for item in evidence if item.weight <= -CLEAR]
    return any(phrase in item.quote or item.quote in phrase for item in mentions for phrase in phrases)


def _joined(words: Sequence[str]) -> str:
    return " и ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _facts(named: Sequence[Topic]) -> dict[str, str]:
    if not named:
        return {}
    return {
        "topic": _joined([item.topic for item in named]),
        "about": _joined([item.about for item in named]),
        "liked": named[0].liked if len(named) == 1 else "понравились",
    }


def _named(
    theme: Theme, kinds: frozenset[str], mentions: Sequence[ThemeMention], sector: str, topics: Topics
) -> Iterator[Topic]:
    """The things that the author names, in the order of the table, each once."""
    seen: set[str] = set()
    for topic in topics.named(" ".join(item.quote for item in mentions)):
        if theme not in topic.themes or topic.topic in seen:
            continue
        if (topic.kinds and kinds and not kinds & topic.kinds) or (topic.sectors and sector not in topic.sectors):
            continue
        seen.add(topic.topic)
        yield topic
