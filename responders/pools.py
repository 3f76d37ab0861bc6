"""What may stand where in a reply: its places in their order, of each the phrases that suit the situation.

places → all lists of phrases that this reply draws on
fitting → of one, the phrases whose facts are known and whose sector and register fit
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from responders.choose import COMPLAINT_FRAMES, Frame
from responders.kit import Kit
from responders.phrasebook import Phrase
from responders.points import Point, praised
from responders.types import Situation
from sentiment.morph import is_personal
from sentiment.types import Intent

SHORT_REVIEW = 3
"""Words; a review this short gets a reply without the lists its frame names in `short_without`."""

ALWAYS_MIDDLES = frozenset({Frame.CORRECTION, Frame.MISTAKEN, Frame.THANKS_UNSURE, Frame.THANKS_OPEN})
"""Frames whose message stands in `middles`, whatever else is said."""

_ASKED = (Intent.CONTACT, Intent.REFUND, Intent.QUESTION, Intent.SUGGESTION)
"""What the author wants, the first that holds is answered."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A place in the reply and what may stand there. `part`: the layout's name for it; several of a part stand behind
    each other. `label` tells its phrases apart in `Composition.variant`. The `first` of them fit best."""

    part: str
    phrases: tuple[Phrase, ...]
    label: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    first: int = 0


def known(situation: Situation, facts: Mapping[str, str]) -> dict[str, object]:
    """What any phrase of the reply may use, but for `reach`; `facts` are the known ones of `phrasebook.FACTS`."""
    brand = situation.brand
    return {
        **facts,
        "business": brand.name,
        "place": situation.place,
        "sector": brand.sector,
        "stars": situation.stars,
        "signature": brand.signature or brand.name,
    }


def places(kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> tuple[Pool, ...]:
    """The places of the reply in their order, each with all phrases of its list."""
    frame = kit.frame
    asked = _ask(situation, kit)
    short = len(situation.text.split(maxsplit=SHORT_REVIEW)) <= SHORT_REVIEW
    left_out = set(kit.book.short_without) if short else set()
    if short and points:
        left_out.add("closings")  # two words are thanked for in two sentences
    middle = list(_middle(kit, situation, frame, points, asked))
    if any(not place.label.startswith("praised") for place in middle) and frame not in ALWAYS_MIDDLES:
        left_out.add("middles")
    if asked is not None and asked[1]:
        left_out.add("contacts")
    return (
        *(Pool(name.removesuffix("s"), kit.phrases(name), facts=facts) for name in ("greetings", "openings")),
        *middle,
        *(Pool(name.removesuffix("s"), kit.phrases(name), facts=facts) for name in ("middles", "contacts", "closings")
          if name not in left_out),
    )  # fmt: skip


def fitting(place: Pool, facts: Set[str], situation: Situation) -> list[list[Phrase]]:
    """The phrases of the place whose facts are among the known `facts` and whose sectors and register fit, the ones
    that say most first."""
    sector, register = situation.brand.sector, situation.brand.register
    given = facts | place.facts.keys() | {"reach"}
    by_detail: dict[int, list[Phrase]] = {}
    for phrase in place.phrases:
        if (
            phrase.facts <= given
            and (not phrase.sectors or sector in phrase.sectors)
            and (not phrase.registers or register in phrase.registers)
        ):
            by_detail.setdefault(len(phrase.facts) + bool(phrase.kinds), []).append(phrase)
    return [by_detail[detail] for detail in sorted(by_detail, reverse=True)]


def ways(kit: Kit, situation: Situation, facts: Set[str]) -> list[list[Phrase]]:
    """How the author may reach us, as `fitting` sorts it."""
    return fitting(Pool("reach", kit.common.shared.get("reach", ())), facts, situation)


def _middle(
    kit: Kit, situation: Situation, frame: Frame, points: Sequence[Point], asked: tuple[str, bool] | None
) -> Iterator[Pool]:
    """What the reply says beyond its frame: that the author wrote before, of dangers and themes, what was done, what
    was asked."""
    common = kit.common
    if situation.earlier and frame is not Frame.DANGER:
        name = "again_complaint" if frame in COMPLAINT_FRAMES else "again"
        yield Pool("middle", common.asks.get(name, ()), f"{name}:")
    if frame is Frame.DANGER:
        for mention in situation.verdict.risks[:1]:
            yield Pool("middle", common.risks.get(mention.risk, ()), f"{mention.risk}:")
    if about := praised(situation, frame, common.topics):
        yield Pool("middle", common.asks.get("praised", ()), "praised:", {"about": about})
    for point in points:
        phrases = _of_kinds(common.themes[point.theme].get(point.list, ()), point.kinds)
        if point.only_named:
            phrases = tuple(phrase for phrase in phrases if phrase.facts)
        if phrases:
            yield Pool("middle", phrases, f"{point.theme}:", point.facts)
    if situation.measure and frame is Frame.APOLOGY:
        yield Pool("middle", kit.phrases("measures"), "measure:", {"measure": _clause(situation.measure)})
    if asked is not None:
        yield Pool("middle", common.asks[asked[0]], f"{asked[0]}:")


def _ask(situation: Situation, kit: Kit) -> tuple[str, bool] | None:
    """The list of asks.yaml for what the author wants, and whether its phrases say how to reach us."""
    wanted = {item.intent for item in situation.verdict.intents}
    for intent in _ASKED:
        if intent in wanted and kit.common.asks.get(intent):
            return intent, intent is not Intent.SUGGESTION
    return None


def _of_kinds(phrases: Sequence[Phrase], kinds: frozenset[str]) -> tuple[Phrase, ...]:
    return tuple(phrase for phrase in phrases if not phrase.kinds or phrase.kinds & kinds)


def _clause(measure: str) -> str:
    """An operator's sentence as a clause: «Сменили поставщика.» → «сменили поставщика»; names keep their capital."""
    words = " ".join(measure.split()).rstrip(".!")
    first = words.partition(" ")[0].strip(",:")
    return words if words[1:2].isupper() or is_personal(first) else words[:1].lower() + words[1:]
