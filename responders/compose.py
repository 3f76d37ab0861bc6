"""One reply out of many possible: which wordings, in a fixed way per review, unlike our recent replies.

Every list offers a few phrases drawn by a hash of the review's key; of these the one that was said longest ago on the
card is taken. Of several compositions made so, the first that is new, opens otherwise than the last reply, says nothing
twice and is little like the recent ones is kept, else the best. Where the same author's same words stand on other
cards, no sentence of our replies there comes first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, chain, islice, product
from typing import NamedTuple

from responders.files import ReplyTemplateError
from responders.kit import Kit
from responders.points import Point
from responders.pools import Pool, fitting, known, places, ways
from responders.similarity import jaccard, normal, normalised, sentences, shingled, shingles
from responders.types import Situation

ATTEMPTS = 4
WINDOW = 4
"""Phrases of a list that an attempt looks at."""

CLOSE_ENOUGH = 0.3
"""A composition at most this similar to every recent reply is taken without looking further."""

RECENT = 50
"""How many of the latest replies similarity looks at; being identical is checked against all."""

CHOICE = 3
"""Phrases of a theme there should be at least to choose from: then the less fitting ones come second."""

FRESH = 12
"""Replies; a fitting phrase that was said within so many gives way to a less fitting one."""

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


def compose(kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> Composition:
    """`facts` are the known ones of `phrasebook.FACTS`. Raises ReplyTemplateError."""
    work = _Work(kit, situation, known(situation, facts), list(_pools(kit, situation, facts, points)))
    best = work.best(work.drawn())
    return (work.best(work.every(), best) if best.said else best).composition


def _pools(kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> Iterator[Pool]:
    """The places of the reply in their order, each with the phrases that may be drawn; those without one are left
    out."""
    for place in places(kit, situation, facts, points):
        groups = fitting(place, facts.keys(), situation)
        if place.part != "middle":
            groups = groups[:1]
        phrases = tuple(chain.from_iterable(groups))
        if phrases:
            sizes = accumulate(map(len, groups))
            first = next((size for size in sizes if size >= CHOICE), len(phrases))
            yield Pool(place.part, phrases, place.label, place.facts, first)


# --- one composition after another -----------------------------------------------------------------------


class _Work:
    """The compositions of one reply: rendered where needed, judged beside our history."""

    def __init__(self, kit: Kit, situation: Situation, values: Mapping[str, object], pools: Sequence[Pool]) -> None:
        self._kit = kit
        self._key = situation.key
        self._pools = pools
        self._history = History(situation)
        self._rendered: dict[tuple[int, int], str] = {}
        self._ages: dict[tuple[int, int], int] = {}
        self._values = dict(values)
        if reach := ways(kit, situation, values.keys()):
            self._values["reach"] = reach[0][self._number("reach", 0) % len(reach[0])].render(values)

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
        text = typeset(layout.render({**self._values, **values}))
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
        """See `History.last_said`."""
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


class History:
    """Our recent replies on the card and those to the same words on other cards, to be unlike."""

    def __init__(self, situation: Situation) -> None:
        self._signature = typeset(situation.brand.signature or situation.brand.name)
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
            repeats(text, self._signature),
        )

    def similarity(self, text: str) -> float:
        """To the most alike of the recent replies."""
        own = shingled(text, self._signature)
        return max((jaccard(own, other) for other in self._shingles), default=0.0)


def typeset(text: str) -> str:
    """Single spaces, no blank ends, a dash that never starts a line and numbers that keep their unit."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines())
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace(" —", "\u00a0—")
    return re.sub(r"(?<=\d) (?=[₽%а-яё])", "\u00a0", joined)


def repeats(text: str, signature: str) -> int:
    """Words that come back in other forms: «понять, что за этой оценкой» after «спасибо за оценку»."""
    stems = Counter(match.group() for match in _STEM.finditer(text.removesuffix(signature).lower()))
    return sum(count - 1 for stem, count in stems.items() if stem not in _MAY_REPEAT)
