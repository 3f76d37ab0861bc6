"""What a reply speaks about: of each theme how it was spoken of, the thing named, whom to thank.

A complaint is answered on at most three themes, the gravest first; praise is thanked for in the author's order. A theme
whose tone does not suit the frame is left alone: nothing is regretted that was praised. So is what is not certain
(`certainty`): a bland reply is better than an absurd one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from responders.certainty import borne_out, certain, plain
from responders.choose import Frame
from responders.phrasebook import Topic, Topics
from responders.types import Situation
from sentiment.types import Intent, Theme, ThemeMention, Tone

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
OF_WORK = frozenset({"work", "work-done", "work-badly", "work-trouble"})
SERVE_FOOD = frozenset({"food", "hotel", "shop", "delivery"})
"""Sectors where what tastes is food."""
MERE_THINGS = frozenset({"quality.dish", "quality.eating", "quality.goods", "quality.work"})
"""Rules that hear what is spoken of, and not what it is like: «торт потеряли» blames no cake."""
OF_WHAT = {"food": "о кухне", "goods": "о качестве"}
"""The same of the quality of food and goods."""

GRAVITY = (
    Theme.SAFETY, Theme.DECEIT, Theme.CLEANLINESS, Theme.STAFF, Theme.QUALITY, Theme.PAYMENT, Theme.DELIVERY,
    Theme.WAITING, Theme.BOOKING, Theme.PRICE, Theme.ASSORTMENT, Theme.ATMOSPHERE, Theme.LOCATION,
)  # fmt: skip
"""What of a complaint is answered first; what was said in so many words before what is only named."""

LENGTHS = {"praise": ((8, 1), (40, 2)), "complaint": ((8, 1), (20, 2)), "apology": ((8, 1), (20, 2))}
MOST = 3
"""A review of up to so many words is answered on so many themes; a longer one on MOST."""
ENOUGH = {"praise": 0.8, "complaint": 0.5, "apology": 0.5}
"""Weight of a phrase whose thing is named although no theme was found."""
MOST_TOPICS = 2
MOST_PEOPLE = 3

_MARKUP = re.compile(r"[<>{}]")
"""Code in a quote: an attack or a joke, no complaint about anything."""
_TIME = re.compile(r"\b(?:минут|час(?!т)|полчаса|полтора|сутки|день|дня|дней|недел)", re.IGNORECASE)
"""Whoever says how long, waited too long."""
_BESIDE = re.compile(
    r"\b(?:с|со|без|к|ко|под|из|после|до|перед|для|кроме|вместо|от)\s+(?:\w+(?:ым|им|ой|ей|ого|его|ых|их|ыми|ими)\s+)?\w+",
    re.IGNORECASE,
)
"""What to eat is not the subject there: «ушла без десерта», «пельмени с бульоном»."""
_SHORT = 6
"""Words; a clause of blame this short is about what it names."""
_TURN = re.compile(r"\b(?:а|но|зато|хотя|только|однако)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…\n]")


@dataclass(frozen=True, slots=True)
class Point:
    """`list`: praise, complaint or apology; `kinds`: what finer things were said; `facts`: `phrasebook.FACTS`.
    `only_named`: what is wrong with the thing is not known, and only phrases that name it will do."""

    theme: Theme
    list: str
    kinds: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    only_named: bool = False


def find(situation: Situation, frame: Frame, topics: Topics) -> tuple[Point, ...]:
    """The points of a reply in this frame, in its order."""
    if frame not in LISTS:
        return ()
    tone, name = LISTS[frame]
    told: dict[Theme, list[ThemeMention]] = {}
    for mention in _suitable(situation, tone):
        told.setdefault(mention.theme, []).append(mention)
    person = _thanked(situation, topics) if name == "praise" else ""
    if person:
        told.setdefault(Theme.STAFF, [])
    _leave_dishes_to_the_kitchen(told, topics)
    order = list(told) if name == "praise" else sorted(told, key=lambda theme: _gravity(situation, theme, told[theme]))
    if person:  # whoever is thanked by name comes first
        order.sort(key=lambda theme: theme is not Theme.STAFF)
    points = []
    for theme in order:
        point = _point(situation, theme, name, told[theme], topics)
        if point is not None and person and theme is Theme.STAFF:
            point = replace(point, facts={**point.facts, "person": person})
        if point is not None:
            points.append(point)
    return tuple(points[: most(situation.text, name)]) or _by_topic(situation, name, topics)


def _point(
    situation: Situation, theme: Theme, name: str, mentions: Sequence[ThemeMention], topics: Topics
) -> Point | None:
    """None where a complaint names neither what is wrong with a thing nor which it is."""
    sector = situation.brand.sector
    kinds = _kinds(mentions, sector, topics)
    short = [item for item in mentions if name != "praise" and plain(item) and len(item.quote.split()) <= _SHORT]
    clear = [item for item in mentions if item in short or _said_clearly(item, situation)]
    facts = _facts(list(_named(situation, theme, kinds, clear, topics))[:MOST_TOPICS])
    if name != "praise" and all(item.rule in MERE_THINGS for item in mentions):
        return Point(theme, name, facts=facts, only_named=True) if facts else None
    return Point(theme, name, kinds, facts)


def _gravity(situation: Situation, theme: Theme, mentions: Sequence[ThemeMention]) -> tuple[int, float]:
    """The smaller, the graver: how much speaks for it, then the theme."""
    doubts = (not any(map(plain, mentions)), not any(_said_clearly(item, situation) for item in mentions))
    if theme is Theme.WAITING and any(plain(item) and _TIME.search(item.quote) for item in mentions):
        return 0, GRAVITY.index(Theme.STAFF) + 0.5
    return sum(doubts), GRAVITY.index(theme)


def _said_clearly(mention: ThemeMention, situation: Situation) -> bool:
    """What a person said of a theme is clear without a phrase."""
    return not mention.quote or borne_out(mention, situation.verdict, situation.stars)


def _leave_dishes_to_the_kitchen(told: dict[Theme, list[ThemeMention]], topics: Topics) -> None:
    """Words for people that stand at a dish say nothing of people: «эклер чёрствый»."""
    dishes = [item.quote for item in told.get(Theme.QUALITY, ()) if item.quote]

    def of_a_dish(item: ThemeMention) -> bool:
        named = topics.named(item.quote) if item.quote in dishes else []
        return any("food" in topic.kinds for topic in named) and not any(Theme.STAFF in topic.themes for topic in named)

    if staff := told.get(Theme.STAFF):
        told[Theme.STAFF] = [item for item in staff if not of_a_dish(item)]
        if not told[Theme.STAFF]:
            del told[Theme.STAFF]


def _by_topic(situation: Situation, name: str, topics: Topics) -> tuple[Point, ...]:
    """Where no theme was found: the thing named in the phrases that weighed most, if it is a known one. A phrase has to
    name that alone: of «пролили вино, но суши понравились» one cannot tell which was meant."""
    sign = -1 if name == "praise" else 1
    weighty = sorted(situation.verdict.evidence, key=lambda item: -sign * item.weight)
    for item in weighty:
        if sign * item.weight < ENOUGH[name] or _MARKUP.search(item.phrase):
            continue
        named = _subjects(item.phrase, topics)
        for topic in named if len(named) == 1 else ():
            if not topic.sectors or situation.brand.sector in topic.sectors:
                theme = min(map(Theme, topic.themes), key=GRAVITY.index)
                kinds = topic.kinds if name == "praise" else frozenset[str]()
                return (Point(theme, name, kinds, {"about": topic.about}, only_named=name != "praise"),)
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
            clear = (item,) if _said_clearly(item, situation) else ()
            named = next(_named(situation, item.theme, kinds, clear, topics), None)
            of_what = next((OF_WHAT[kind] for kind in OF_WHAT if kind in kinds), ABOUT[item.theme])
            return named.about if named else of_what
    return ""


def most(text: str, name: str) -> int:
    """On how many themes a reply to a review of this length speaks, in that list."""
    words = len(text.split())
    return next((count for longest, count in LENGTHS[name] if words <= longest), MOST)


def _suitable(situation: Situation, tone: Tone) -> list[ThemeMention]:
    """Certain mentions of that tone, outside of what the author asks or proposes; of a low rating also what is merely
    told, where nothing is blamed outright."""
    verdict = situation.verdict
    wanted = [item.quote for item in verdict.intents if item.intent in (Intent.QUESTION, Intent.SUGGESTION)]
    mentions = [
        item
        for item in certain(verdict, situation.stars)
        if not _MARKUP.search(item.quote) and (tone is Tone.NEGATIVE or not _stands_in(item.quote, wanted))
    ]
    found = [item for item in mentions if item.tone is tone]
    if not found and tone is Tone.NEGATIVE and situation.stars is not None and situation.stars <= 2:
        found = [item for item in mentions if item.tone is Tone.NEUTRAL]
    return found


def _thanked(situation: Situation, topics: Topics) -> str:
    """The praised people with a name, in the dative: «Марине и мастеру Олегу»; "" for none. A bare name that is also
    the name of a thing is nobody's: «раф»."""
    sector = situation.brand.sector
    praised = [item for item in situation.verdict.people if item.tone is Tone.POSITIVE and item.name]
    named = [
        item.dative
        for item in praised
        if item.role or not any(not topic.sectors or sector in topic.sectors for topic in topics.named(item.name))
    ]
    return _joined(list(dict.fromkeys(named))[:MOST_PEOPLE])


def _kinds(mentions: Sequence[ThemeMention], sector: str, topics: Topics) -> frozenset[str]:
    """What finer things were said. Of food only where it is served or sold, or something to eat is named: elsewhere
    «кот наплакал» is no cat and «аппетит» no dish."""
    found = {kind for item in mentions for kind in (item.of, item.rule.partition(".")[2]) if kind}
    if "food" in found and sector not in SERVE_FOOD:
        named = topics.named(" ".join(item.quote for item in mentions))
        if not any("food" in topic.kinds for topic in named):
            found -= OF_FOOD
    if sector == "shop" or ("food" in found and sector in SERVE_FOOD):  # what was made there, is sold or eaten
        found -= OF_WORK
    return frozenset(found)


def _stands_in(quote: str, texts: Iterable[str]) -> bool:
    """Whether it is part of one of them. A theme that a person named has no quote, and stands nowhere."""
    return bool(quote) and any(quote in text for text in texts)


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
    situation: Situation, theme: Theme, kinds: frozenset[str], mentions: Sequence[ThemeMention], topics: Topics
) -> Iterator[Topic]:
    """The things that the author names there, in the order of the table, each once; none where the sentence has begun
    with another: in «эчпочмаки сочные, бульон горячий» the broth is not what it is about."""
    seen: set[str] = set()
    sector = situation.brand.sector

    def serves(topic: Topic) -> bool:
        wrong_kind = topic.kinds and kinds and not kinds & topic.kinds
        return theme in topic.themes and not wrong_kind and (not topic.sectors or sector in topic.sectors)

    for item in mentions:
        named = [topic for topic in _subjects(item.quote, topics) if serves(topic)]
        before = [topic for topic in topics.named(_before(item.quote, situation.text)) if serves(topic)]
        if any(topic not in named for topic in before):
            continue
        for topic in named:
            if topic.topic not in seen:
                seen.add(topic.topic)
                yield topic


def _subjects(clause: str, topics: Topics) -> list[Topic]:
    """The things that a clause names, without what to eat stands beside another thing."""
    rest = topics.named(_BESIDE.sub(" ", clause))
    return [topic for topic in topics.named(clause) if "food" not in topic.kinds or topic in rest]


def _before(quote: str, text: str) -> str:
    """What stands before it in its sentence, if it goes on in the same direction."""
    before = _SENTENCE_END.split(text[: max(text.find(quote), 0)])[-1]
    return "" if _TURN.match(quote) else _TURN.split(before)[-1]
