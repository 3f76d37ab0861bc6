"""One reply out of many possible: which wordings, in a fixed way per review, unlike our recent replies.

A hash of the review's key draws compositions; the first that is new, opens otherwise than the
last reply, says nothing twice and is little like the recent ones is taken, else the best of those drawn. Where the
same author's same words stand on other cards, no sentence of our replies there comes first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, product
from math import prod

from responders.files import ReplyTemplateError
from responders.kit import Kit
from responders.phrasebook import PARTS, Phrase
from responders.similarity import jaccard, normal, sentences, shingles
from responders.types import Situation

CANDIDATES = 16

CLOSE_ENOUGH = 0.35
"""A composition at most this similar to every recent reply is taken without looking further."""

RECENT = 50
"""How many of the latest replies similarity looks at; being identical is checked against all."""

SHORT_REVIEW = 3
"""Words; a review this short gets a reply without the lists its frame names in `short_without`."""

_STEM = re.compile(r"\b[а-яё]{5}")
_MAY_REPEAT = frozenset({"спаси", "пожал"})
"""Of «спасибо» and «пожалуйста»: thanking and asking twice is no tautology."""

Score = tuple[bool, int, bool, int, float]
"""Smaller is better: said before, sentences said to the same words elsewhere, opens like the last reply, words
repeated, highest similarity to a recent one."""

_VALUE_OF_PART = dict(zip(PARTS, ("greeting", "opening", "middle", "contact", "closing"), strict=True))


@dataclass(frozen=True, slots=True)
class Composition:
    """`variant` are the numbers of the phrases in their lists (`3.1.2.5.1`)."""

    text: str
    variant: str
    opening: str


def compose(kit: Kit, situation: Situation, facts: Mapping[str, str], about: str) -> Composition:
    """`facts` are the known ones of `phrasebook.FACTS`; `about` names the list of themes.yaml to speak of.

    Raises ReplyTemplateError.
    """
    pools = _pools(kit, situation, frozenset(facts), about)
    values: dict[str, object] = {
        **facts,
        "business": situation.brand.name,
        "place": situation.place,
        "sector": situation.brand.sector,
        "stars": situation.stars,
        "signature": situation.brand.signature or situation.brand.name,
    }
    names, sizes = list(pools), [len(pool) for pool in pools.values()]
    history = _History(situation)
    best: tuple[Score, Composition] | None = None
    enough = CANDIDATES * (1 + len(situation.elsewhere))  # each reply elsewhere takes phrases away
    for attempt, numbers in enumerate(_draws(situation.key, sizes, enough, spare=len(history.said) + 1)):
        if attempt >= enough and best is not None and not best[0][0]:
            break
        chosen = {name: pools[name][number] for name, number in zip(names, numbers, strict=True)}
        composition = _render(kit, chosen, values)
        score = history.score(composition)
        if best is None or score < best[0]:
            best = (score, composition)
        if score <= (False, 0, False, 0, CLOSE_ENOUGH):
            break
    if best is None:
        raise ReplyTemplateError(kit.frame.file, None, "не из чего составить ответ")
    return best[1]


def _pools(kit: Kit, situation: Situation, known: frozenset[str], about: str) -> dict[str, tuple[Phrase, ...]]:
    """List name → the phrases that fit, in the order in which they are rendered; empty lists are left out."""
    sector = situation.brand.sector
    left_out = kit.frame.short_without if _is_short(situation.text) else frozenset[str]()
    pools = {"about": _fitting(kit.themes.get(about, ()), known, sector)}
    if pools["about"]:
        known |= {"about"}
    if kit.phrases("contacts"):
        pools["reach"] = _fitting(kit.shared.get("reach", ()), known, sector)
    for part in PARTS:
        if part not in left_out:
            pools[part] = _fitting(kit.phrases(part), known, sector)
    return {name: pool for name, pool in pools.items() if pool}


def _fitting(phrases: Sequence[Phrase], known: frozenset[str], sector: str) -> tuple[Phrase, ...]:
    """Those whose facts are known and whose sectors fit; of them the ones that say most."""
    fitting = [
        phrase for phrase in phrases if phrase.facts <= known and (not phrase.sectors or sector in phrase.sectors)
    ]
    most = max((len(phrase.facts) for phrase in fitting), default=0)
    return tuple(phrase for phrase in fitting if len(phrase.facts) == most)


def _is_short(text: str) -> bool:
    return len(text.split(maxsplit=SHORT_REVIEW)) <= SHORT_REVIEW


def _draws(key: str, sizes: Sequence[int], enough: int, spare: int) -> Iterator[tuple[int, ...]]:
    """`enough` compositions drawn by the hash of `key`; then `spare` more in order, for when all were said."""
    total = prod(sizes)
    for attempt in range(enough):
        seed = f"{key}\0{attempt}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(sha256(seed).digest(), "big") % total
        numbers = []
        for size in sizes:
            number, remainder = divmod(number, size)
            numbers.append(remainder)
        yield tuple(numbers)
    yield from islice(product(*map(range, sizes)), spare)


def _render(kit: Kit, chosen: Mapping[str, Phrase], values: Mapping[str, object]) -> Composition:
    values = dict(values)
    for name in ("about", "reach"):
        if name in chosen:
            values[name] = chosen[name].render(values)
    parts = {value: chosen[part].render(values) if part in chosen else "" for part, value in _VALUE_OF_PART.items()}
    text = _typeset(kit.layout.render({**values, **parts}))
    if not text:
        raise ReplyTemplateError(kit.layout.file, None, "ответ получился пустым")
    variant = ".".join(str(chosen[part].number) for part in PARTS if part in chosen)
    return Composition(text, variant, parts["opening"])


def _typeset(text: str) -> str:
    """Single spaces, no blank ends, and a dash that never starts a line."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace(" —", "\u00a0—")


def _repeats(text: str, signature: str) -> int:
    """Words that come back in other forms: «понять, что за этой оценкой» after «спасибо за оценку»."""
    stems = Counter(match.group() for match in _STEM.finditer(text.removesuffix(signature).lower()))
    return sum(count - 1 for stem, count in stems.items() if stem not in _MAY_REPEAT)


class _History:
    """Our recent replies on the card and those to the same words on other cards, to be unlike."""

    def __init__(self, situation: Situation) -> None:
        self._signature = situation.brand.signature or situation.brand.name
        self.said = frozenset(map(normal, (*situation.recent, *situation.elsewhere)))
        self._last = normal(situation.recent[-1]) if situation.recent else ""
        near = (*situation.recent[-RECENT:], *situation.elsewhere)
        self._shingles = [shingles(text, self._signature) for text in near]
        self._elsewhere = frozenset[str]().union(*(sentences(text, self._signature) for text in situation.elsewhere))

    def score(self, composition: Composition) -> Score:
        own = shingles(composition.text, self._signature)
        return (
            normal(composition.text) in self.said,
            len(sentences(composition.text, self._signature) & self._elsewhere),
            normal(composition.opening) in self._last,
            _repeats(composition.text, self._signature),
            max((jaccard(own, other) for other in self._shingles), default=0.0),
        )
