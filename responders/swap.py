"""Other wordings of a reply, sentence by sentence, from its text and the situation alone.

A sentence is recognised by its words, as this situation renders the phrases of the book; one that somebody changed is
theirs and has no other wording. What may stand in its place are the other phrases of its list that say as much, as far
as they suit the rest of the reply and our recent ones. A phrase of two sentences is exchanged as a whole; of a half
whose rest was changed, with the halves of other phrases that do the same: thank, or regret.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice, pairwise
from typing import NamedTuple

from responders.compose import CHOICE, History, repeats, typeset
from responders.files import ReplyTemplateError
from responders.kit import Kit
from responders.lint.rule import HINT
from responders.phrasebook import Phrase
from responders.points import Point
from responders.pools import Pool, fitting, known, places, ways
from responders.similarity import normal
from responders.types import Finding, Situation, Swap

MOST = 5
"""Alternatives of a sentence; from CHOICE on none that names less than the sentence did."""
LONGEST, MOST_SENTENCES = 4000, 20
"""Characters and sentences of a reply that are looked at; a longer one is none of ours."""

_SENTENCE = re.compile(r"\S(?:[^\r\n]*?[.!?…](?=\s|\Z)|[^\r\n]*)")
_BEGINS = re.compile(r"[\w«\"„“(]")
"""What stands before is a bullet or an emoji, and nobody's to exchange."""
_THANKS = re.compile(r"\b(?:спасибо|благодар|признател)")
_REGRET = re.compile(r"\b(?:жаль|сожале|извин|простите|прощени)")
_LOOKS_BACK = re.compile(r"\b(?:он[аои]?|не(?:го|е|й|м)|ни(?:м|х|ми)|е(?:го|е)|их|эт(?:о|ого|ом|им|у|ой)|тоже)\b")
"""Half a phrase with such a word wants its other half."""

Span = tuple[int, int]
Lint = Callable[[str], Sequence[Finding]]


def swaps(text: str, wordings: "Wordings", lint: Lint) -> tuple[Swap, ...]:
    """The sentences of the reply that have other wordings, in their order. `lint` finds what is wrong with a reply: an
    alternative adds nothing to its errors and warnings."""
    if len(text) > LONGEST:
        return ()
    found: list[Swap] = []
    before: Sequence[Finding] | None = None
    for sentence in _recognised(text, wordings):
        start, end = sentence.span
        fit: list[str] = []
        for other in _ranked(text, sentence, wordings):
            if len(fit) == MOST or (len(fit) >= CHOICE and other.leaves_out(sentence.said)):
                break
            before = lint(text) if before is None else before
            if _no_worse(before, lint(text[:start] + other.text + text[end:]), (start, start + len(other.text))):
                fit.append(other.text)
        if fit:
            found.append(Swap(start, end, text[start:end], tuple(fit)))
    return tuple(found)


def spans(text: str) -> Iterator[Span]:
    """Of the sentences: from mark to mark or to the end of the line, without what stands around them."""
    for match in _SENTENCE.finditer(text):
        if begins := _BEGINS.search(text, *match.span()):
            yield begins.start(), match.start() + len(match.group().rstrip())


# --- the phrase book, as a situation renders it --------------------------------------------------------------


class _Wording(NamedTuple):
    """A phrase rendered, or one of the sentences of such a phrase. `place` numbers the places of the reply; `facts` and
    `kinds` are those of the phrase, `way` tells how to reach us, where it does. `does`: for a sentence alone, what it
    is for; nothing where that is not clear, or where it needs the others."""

    place: int
    text: str
    words: tuple[str, ...]
    facts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    way: str = ""
    does: frozenset[str] = frozenset()

    def says_as_much_as(self, other: "_Wording") -> bool:
        """Whether it may stand for the other: in its place, to the same effect, of nothing else."""
        return (
            (self.place, self.way, self.does) == (other.place, other.way, other.does)
            and self.words != other.words
            and not (self.kinds and other.kinds and self.kinds.isdisjoint(other.kinds))
        )

    def leaves_out(self, other: "_Wording") -> int:
        """How much that the other names it does not."""
        return len(other.facts - self.facts)


class Wordings:
    """Every phrase that may stand in the reply to one review; `facts` as `compose` takes them."""

    def __init__(self, kit: Kit, situation: Situation, facts: Mapping[str, str], points: Sequence[Point]) -> None:
        self.situation = situation
        self.history = History(situation)
        values = known(situation, facts)
        reach = [_render(phrase, values) for group in ways(kit, situation, facts.keys()) for phrase in group]
        self.phrases: dict[tuple[str, ...], list[_Wording]] = {}
        """By the words of their sentences."""
        self.halves: dict[tuple[str, ...], list[_Wording]] = {}
        """Single sentences of the phrases that have several, of those that thank or regret."""
        for number, place in enumerate(places(kit, situation, facts, points)):
            for group in fitting(place, facts.keys(), situation):
                for phrase in group:
                    for wording in _wordings(number, place, phrase, values, reach):
                        self._keep(wording)
        self.longest = max(map(len, self.phrases), default=0)
        """Sentences of a phrase."""

    def _keep(self, wording: _Wording) -> None:
        self.phrases.setdefault(wording.words, []).append(wording)
        for (start, end), words in zip(spans(wording.text), wording.words, strict=True):
            if len(wording.words) > 1 and (does := _does(words)):
                half = _Wording(wording.place, wording.text[start:end], (words,), does=does)
                self.halves.setdefault(half.words, []).append(half)


def _wordings(
    number: int, place: Pool, phrase: Phrase, values: Mapping[str, object], reach: Sequence[str]
) -> Iterator[_Wording]:
    """A phrase, once for each way to reach us that it may tell."""
    before = None
    for way in reach or [""]:
        said = _render(phrase, {**values, **place.facts, "reach": way})
        if said == before:
            break
        before = said
        words = _words(said)
        if words and all(words):
            yield _Wording(number, said, words, phrase.facts, phrase.kinds, way if way and way in said else "")


def _render(phrase: Phrase, values: Mapping[str, object]) -> str:
    """Nothing where it fails: drafts report that."""
    try:
        return typeset(phrase.render(values))
    except ReplyTemplateError:
        return ""


def _words(text: str) -> tuple[str, ...]:
    """Of each sentence."""
    return tuple(_plain(text[start:end]) for start, end in spans(text))


def _plain(sentence: str) -> str:
    return normal(unicodedata.normalize("NFC", sentence))


def _does(words: str) -> frozenset[str]:
    if _LOOKS_BACK.search(words):
        return frozenset()
    found = {"thanks": _THANKS, "regret": _REGRET}
    return frozenset(name for name, expression in found.items() if expression.search(words))


# --- what suits a reply --------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A sentence of the text that is of the book, and what may say the same."""

    span: Span
    said: _Wording
    others: list[_Wording]


def _recognised(text: str, wordings: Wordings) -> Iterator[_Found]:
    found = list(islice(spans(text), MOST_SENTENCES))
    words = [_plain(text[start:end]) for start, end in found]
    told: set[int] = set()
    at = 0
    while at < len(found):
        size, known_as = _longest_match(text, found[at:], words[at:], wordings)
        if known_as:
            # Two places may share a phrase: it stands for the one that was not heard of before.
            said = next((each for each in known_as if each.place not in told), known_as[0])
            told.add(said.place)
            book = wordings.halves if said.does else wordings.phrases
            others = [each for same in book.values() for each in same if each.says_as_much_as(said)]
            yield _Found((found[at][0], found[at + size - 1][1]), said, others)
        at += size


def _longest_match(
    text: str, found: Sequence[Span], words: Sequence[str], wordings: Wordings
) -> tuple[int, Sequence[_Wording]]:
    """How many of the sentences make a phrase, or a half of one, and which it may be."""
    for size in range(min(wordings.longest, len(found)), 0, -1):
        joined = all(text[one[1] : other[0]].isspace() for one, other in pairwise(found[:size]))
        if joined and (known_as := wordings.phrases.get(tuple(words[:size]))):
            return size, known_as
    return 1, wordings.halves.get((words[0],), ())


def _ranked(text: str, found: _Found, wordings: Wordings) -> Sequence[_Wording]:
    """Those that say nothing twice and were not said a short while ago, the most fitting first, then in an order that
    differs from review to review."""
    start, end = found.span
    situation, history = wordings.situation, wordings.history
    signature = situation.brand.signature or situation.brand.name
    there = {*_words(text[:start]), *_words(text[end:])}
    now = repeats(text, signature)

    def rank(other: _Wording) -> tuple[object, ...]:
        tautology = max(0, repeats(text[:start] + other.text + text[end:], signature) - now)
        drawn = sha256(f"{situation.key}\0{other.text}".encode("utf-8", "surrogatepass")).digest()
        general = bool(found.said.kinds - other.kinds)
        return other.leaves_out(found.said), tautology, general, history.last_said(other.text), drawn

    fresh = (each for each in found.others if not history.fresh(history.last_said(each.text)))
    distinct = {each.words: each for each in fresh if there.isdisjoint(each.words)}
    return sorted(distinct.values(), key=rank)


def _no_worse(before: Sequence[Finding], after: Sequence[Finding], inserted: Span) -> bool:
    """Whether no rule finds more than before, and none anything in what was `inserted`."""
    graver = [finding for finding in after if finding.severity != HINT]
    start, end = inserted
    if any(finding.span and finding.span[0] < end and start < finding.span[1] for finding in graver):
        return False
    return Counter(finding.rule for finding in graver) <= Counter(
        finding.rule for finding in before if finding.severity != HINT
    )
