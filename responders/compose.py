"""One reply out of many possible: which wordings, in a fixed way per review, unlike our recent replies.

Every list offers a few phrases drawn by a hash of the review's key; of these the one that was said longest ago on the
card is taken. Of several compositions made so, the first that is new, opens otherwise than the last reply, says nothing
twice and is little like the recent ones is kept, else the best. Where the same author's same words stand on other
cards, no sentence of our replies there comes first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate, chain, islice, product
from typing import NamedTuple

from responders.choose import COMPLAINT_FRAMES, Frame
from responders.files import ReplyTemplateError
from responders.kit import Kit
from responders.phrasebook import Phrase
from responders.points import Point, praised
from responders.similarity import jaccard, normal, normalised, sentences, shingled, shingles
from responders.types import Situation
from sentiment.morph import is_personal
from sentiment.types import Intent

ATTEMPTS = 4
WINDOW = 4
"""Phrases of a list that an attempt looks at."""

CLOSE_ENOUGH = 0.3
"""A composition at most this similar to every recent reply is taken without looking further."""

RECENT = 50
"""How many of the latest replies similarity looks at; being identical is checked against all."""

SHORT_REVIEW = 3
"""Words; a review this short gets a reply without the lists its frame names in `short_without`."""

CHOICE = 3
"""Phrases of a theme there should be at least to choose from: then the less fitting ones come second."""

FRESH = 12
"""Replies; a fitting phrase that was said within so many gives way to a less fitting one."""

ALWAYS_MIDDLES = frozenset({Frame.CORRECTION, Frame.MISTAKEN, Frame.THANKS_UNSURE, Frame.THANKS_OPEN})
"""Frames whose message stands in `middles`, whatever else is said."""

_ASKED = (Intent.CONTACT, Intent.REFUND, Intent.QUESTION, Intent.SUGGESTION)
"""What the author wants, the first that holds is answered."""

_STEM = re.compile(r"\b[а-яё]{5}")
_MAY_REPEAT = frozenset({"спаси", "пожал"})
"""Of «спасибо» and «пожалуйста»: thanking and asking twice is no tautology."""


class _Judged(NamedTuple):
    """The smaller, the better: said before, sentences said to the same words elsewhere, opens like the last reply,
    words repeated, highest similarity to a recent one."""

    said: bool
    elsewhere: int
    opens_alike: bool
    repeats: int
    similarity: float
    composition: "Composition"

    @property
    def good_enough(self) -> bool:
        return self[:5] <= (False, 0, False, 0, CLOSE_ENOUGH)


@dataclass(frozen=True, slots=True)
class Composition:
    """`variant` are the numbers of the phrases in their lists (`3.1.staff:2.5.1`). `similarity` to the most alike of
    our recent replies."""

    text: str
    variant: str
    similarity: float


@dataclass(frozen=True, slots=True)
class _Pool:
    """A place in the reply and what may stand there. `part`: the layout's name for it; several of a part stand behind
    each other. `label` tells its phrases apart in `Composition.variant`. The `first` of them fit best."""

    part: str
    phrases: tuple[Phrase, ...]
    label: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    first: int = 0


def compose(kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> Composition:
    """`facts` are the known ones of `phrasebook.FACTS`. Raises ReplyTemplateError."""
    brand = situation.brand
    values: dict[str, object] = {
        **facts,
        "business": brand.name,
        "place": situation.place,
        "sector": brand.sector,
        "stars": situation.stars,
        "signature": brand.signature or brand.name,
    }
    work = _Work(kit, situation, values, list(_pools(kit, situation, facts, points)))
    best = work.best(work.drawn())
    return (work.best(work.every(), best) if best.said else best).composition


# --- what may stand where --------------------------------------------------------------------------------


def _pools(kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> Iterator[_Pool]:
    """The places of the reply in their order; those without a phrase are left out."""
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
    places = (
        *(_Pool(name.removesuffix("s"), kit.phrases(name), facts=facts) for name in ("greetings", "openings")),
        *middle,
        *(_Pool(name.removesuffix("s"), kit.phrases(name), facts=facts) for name in ("middles", "contacts", "closings")
          if name not in left_out),
    )  # fmt: skip
    for place in places:
        groups = _fitting(place, facts.keys() | place.facts.keys(), situation)
        if place.part != "middle":
            groups = groups[:1]
        phrases = tuple(chain.from_iterable(groups))
        if phrases:
            sizes = accumulate(map(len, groups))
            first = next((size for size in sizes if size >= CHOICE), len(phrases))
            yield _Pool(place.part, phrases, place.label, place.facts, first)


def _middle(
    kit: Kit, situation: Situation, frame: Frame, points: Sequence[Point], asked: tuple[str, bool] | None
) -> Iterator[_Pool]:
    """What the reply says beyond its frame: that the author wrote before, of dangers and themes, what was done, what
    was asked."""
    common = kit.common
    if situation.earlier and frame is not Frame.DANGER:
        name = "again_complaint" if frame in COMPLAINT_FRAMES else "again"
        yield _Pool("middle", common.asks.get(name, ()), f"{name}:")
    if frame is Frame.DANGER:
        for mention in situation.verdict.risks[:1]:
            yield _Pool("middle", common.risks.get(mention.risk, ()), f"{mention.risk}:")
    if about := praised(situation, frame, common.topics):
        yield _Pool("middle", common.asks.get("praised", ()), "praised:", {"about": about})
    for point in points:
        phrases = _of_kinds(common.themes[point.theme].get(point.list, ()), point.kinds)
        yield _Pool("middle", phrases, f"{point.theme}:", point.facts)
    if situation.measure and frame is Frame.APOLOGY:
        yield _Pool("middle", kit.phrases("measures"), "measure:", {"measure": _clause(situation.measure)})
    if asked is not None:
        yield _Pool("middle", common.asks[asked[0]], f"{asked[0]}:")


def _ask(situation: Situation, kit: Kit) -> tuple[str, bool] | None:
    """The list of asks.yaml for what the author wants, and whether its phrases say how to reach us."""
    wanted = {item.intent for item in situation.verdict.intents}
    for intent in _ASKED:
        if intent in wanted and kit.common.asks.get(intent):
            return intent, intent is not Intent.SUGGESTION
    return None


def _of_kinds(phrases: Sequence[Phrase], kinds: frozenset[str]) -> tuple[Phrase, ...]:
    return tuple(phrase for phrase in phrases if not phrase.kinds or phrase.kinds & kinds)


def _fitting(place: _Pool, known: "frozenset[str] | set[str]", situation: Situation) -> list[list[Phrase]]:
    """Those whose facts are known and whose sectors and register fit, the ones that say most first."""
    sector, register = situation.brand.sector, situation.brand.register
    known = known | {"reach"}
    by_detail: dict[int, list[Phrase]] = {}
    for phrase in place.phrases:
        if (
            phrase.facts <= known
            and (not phrase.sectors or sector in phrase.sectors)
            and (not phrase.registers or register in phrase.registers)
        ):
            by_detail.setdefault(len(phrase.facts) + bool(phrase.kinds), []).append(phrase)
    return [by_detail[detail] for detail in sorted(by_detail, reverse=True)]


def _clause(measure: str) -> str:
    """An operator's sentence as a clause: «Сменили поставщика.» → «сменили поставщика»; names keep their capital."""
    words = " ".join(measure.split()).rstrip(".!")
    first = words.partition(" ")[0].strip(",:")
    return words if words[1:2].isupper() or is_personal(first) else words[:1].lower() + words[1:]


# --- one composition after another -----------------------------------------------------------------------


class _Work:
    """The compositions of one reply: rendered where needed, judged beside our history."""

    def __init__(self, kit: Kit, situation: Situation, values: Mapping[str, object], pools: Sequence[_Pool]) -> None:
        self._kit = kit
        self._key = situation.key
        self._pools = pools
        self._history = _History(situation)
        self._rendered: dict[tuple[int, int], str] = {}
        self._ages: dict[tuple[int, int], int] = {}
        reach = _Pool("reach", kit.common.shared.get("reach", ()))
        ways = _fitting(reach, set(values), situation)
        self._values = dict(values)
        if ways:
            self._values["reach"] = ways[0][self._number("reach", 0) % len(ways[0])].render(values)

    def drawn(self) -> Iterator[tuple[int, ...]]:
        """Numbers of phrases, one of each pool, by the hash of the review's key."""
        enough = ATTEMPTS * (1 + self._history.groups)
        for attempt in range(enough):
            yield tuple(self._longest_ago(at, attempt) for at in range(len(self._pools)))

    def every(self) -> Iterator[tuple[int, ...]]:
        """In order, one more than were ever said: for when all that was drawn had been."""
        sizes = (range(len(pool.phrases)) for pool in self._pools)
        return islice(product(*sizes), len(self._history.said) + 1)

    def best(self, many: Iterable[tuple[int, ...]], best: _Judged | None = None) -> _Judged:
        """The best of these compositions (of one at least) and of the `best` before, or the first that is good enough.
        Raises ReplyTemplateError."""
        for numbers in many:
            text, opening = self._composed(numbers)
            flaws = self._history.flaws(text, opening)
            if best is not None and flaws > best[:4]:
                continue
            similarity = self._history.similarity(text)
            if best is None or (*flaws, similarity) < best[:5]:
                best = _Judged(*flaws, similarity, Composition(text, self._variant(numbers), similarity))
                if best.good_enough:
                    break
        assert best is not None  # an attempt is made for every reply
        return best

    def _composed(self, numbers: Sequence[int]) -> tuple[str, str]:
        """The whole reply and its opening."""
        parts: dict[str, list[str]] = {}
        for at, number in enumerate(numbers):
            parts.setdefault(self._pools[at].part, []).append(self._render(at, number))
        layout = self._kit.common.layout
        names = ("greeting", "opening", "middle", "contact", "closing")
        values = {name: " ".join(parts.get(name, ())) for name in names}
        text = _typeset(layout.render({**self._values, **values}))
        if not text:
            raise ReplyTemplateError(layout.file, None, "ответ получился пустым")
        return text, values["opening"]

    def _variant(self, numbers: Sequence[int]) -> str:
        return ".".join(
            f"{pool.label}{pool.phrases[number].number}" for pool, number in zip(self._pools, numbers, strict=True)
        )

    def _longest_ago(self, at: int, attempt: int) -> int:
        """Of a few phrases of the pool, drawn by the hash, the one that was said longest ago; a better fitting one,
        unless it was said a short while ago."""
        pool = self._pools[at]
        draw = self._number(f"{at}", attempt)
        numbers = []
        for begin, end in ((0, pool.first), (pool.first, len(pool.phrases))):
            for _ in range(min(WINDOW, end - begin)):
                draw, number = divmod(draw, end - begin)
                numbers.append(begin + number)
            if any(not self._history.fresh(self._said(at, number)) for number in numbers):
                break
        return min(numbers, key=lambda number: self._said(at, number))

    def _said(self, at: int, number: int) -> int:
        """See `_History.last_said`."""
        age = self._ages.get((at, number))
        if age is None:
            age = self._ages[at, number] = self._history.last_said(self._render(at, number))
        return age

    def _number(self, what: str, attempt: int) -> int:
        seed = f"{self._key}\0{what}\0{attempt}".encode("utf-8", "surrogatepass")
        return int.from_bytes(sha256(seed).digest(), "big")

    def _render(self, at: int, number: int) -> str:
        found = self._rendered.get((at, number))
        if found is None:
            pool = self._pools[at]
            phrase = pool.phrases[number]
            found = phrase.render({**self._values, **pool.facts})
            if not found.strip():
                raise ReplyTemplateError(phrase.file, phrase.line, "фраза вышла пустой")
            self._rendered[at, number] = found
        return found


class _History:
    """Our recent replies on the card and those to the same words on other cards, to be unlike."""

    def __init__(self, situation: Situation) -> None:
        self._signature = _typeset(situation.brand.signature or situation.brand.name)
        self.said = frozenset(map(normal, (*situation.recent, *situation.elsewhere)))
        self.groups = len(situation.elsewhere)
        self._last = normal(situation.recent[-1]) if situation.recent else ""
        recent = situation.recent[-RECENT:]
        self._count = len(recent)
        self._shingles = [shingles(text, self._signature) for text in (*recent, *situation.elsewhere)]
        self._elsewhere = frozenset[str]().union(*(sentences(text, self._signature) for text in situation.elsewhere))
        self._when = {
            sentence: number for number, text in enumerate(recent, 1) for sentence in sentences(text, self._signature)
        }
        self._when |= dict.fromkeys(self._elsewhere, len(recent) + 1)

    def last_said(self, phrase: str) -> int:
        """A number that grows with the time a sentence of the phrase was said last; 0 for never."""
        return max((self._when.get(sentence, 0) for sentence in sentences(phrase)), default=0)

    def fresh(self, said: int) -> bool:
        """Whether that number of `last_said` is of the last few replies."""
        return said > max(self._count - FRESH, 0)

    def flaws(self, text: str, opening: str) -> tuple[bool, int, bool, int]:
        """The first four of `_Judged`."""
        return (
            normalised(text) in self.said,
            len(sentences(text, self._signature) & self._elsewhere) if self._elsewhere else 0,
            normalised(opening) in self._last,
            _repeats(text, self._signature),
        )

    def similarity(self, text: str) -> float:
        """To the most alike of the recent replies."""
        own = shingled(text, self._signature)
        return max((jaccard(own, other) for other in self._shingles), default=0.0)


def _typeset(text: str) -> str:
    """Single spaces, no blank ends, a dash that never starts a line and numbers that keep their unit."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines())
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace(" —", "\u00a0—")
    return re.sub(r"(?<=\d) (?=[₽%а-яё])", "\u00a0", joined)


def _repeats(text: str, signature: str) -> int:
    """Words that come back in other forms: «понять, что за этой оценкой» after «спасибо за оценку»."""
    stems = Counter(match.group() for match in _STEM.finditer(text.removesuffix(signature).lower()))
    return sum(count - 1 for stem, count in stems.items() if stem not in _MAY_REPEAT)
