"""A text as the rules of `facts` read it, and what they compare."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

from responders import fact_words as words
from responders.choose import is_complaint
from responders.lint.rule import folded, lowered, quoted
from responders.lint.site import EMAIL, PHONE
from responders.types import Situation
from sentiment import morph

Span = tuple[int, int]
Hit = tuple[str, Span | None]

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_CLAUSE_END = re.compile(r"[,.;:!?…()—–\n]")
_BEGINS = frozenset(".!?…:;—–-\n")
_OPENING = frozenset(" \t\u00a0\u202f\"'(")
_CONTACT = re.compile(
    rf"{EMAIL}|{PHONE}|https?://\S+|\bwww\.\S+|(?<!\w)@[a-z_]\w{{2,31}}"
    r"|(?<![\w.@-])[\w-]{1,63}\.(?:ru|рф|com|net|org|me|su|io|by|kz|info|biz|shop|online|site|app)\b(?:/\S*)?"
)
_OUR_WISH = re.compile(r"\b(?:мы|нам|готовы|рады|хочется|хотелось|\w+(?:им|ем|ём)(?:ся)?)\b")
LATIN = re.compile(r"[a-z]", re.IGNORECASE)

_LIKELY = 0.2
MOSTLY = 0.6
"""Of a form's uses: a reading with a smaller share than the first is not what the word means, than the second may be
something else."""
STEM = 5
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Word:
    """`plain` in small letters with «е» for «ё»; `first`: a capital says nothing here."""

    text: str
    plain: str
    start: int
    end: int
    first: bool
    readings: tuple[morph.Reading, ...]

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def lemmas(self) -> frozenset[str]:
        return frozenset(item.lemma for item in self.readings) | {self.plain}

    def found(self, *tags: str, share: float = _LIKELY) -> frozenset[str]:
        """The lemmas that the word has with all these grammemes in such a share of its uses."""
        need = set(tags)
        shares: dict[str, float] = {}
        for item in self.readings:
            if need <= item.tags:
                shares[item.lemma] = shares.get(item.lemma, 0.0) + item.score
        return frozenset(lemma for lemma, part in shares.items() if part >= share)

    def means(self, lemmas: frozenset[str]) -> bool:
        """Whether it likely is a form of one of these; a word that no dictionary has, as it stands."""
        return self.plain in lemmas if not self.readings else not lemmas.isdisjoint(self.found())


@dataclass(frozen=True)
class Text:
    text: str

    @cached_property
    def low(self) -> str:
        return lowered(self.text)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        found = []
        for match in _WORD.finditer(self.text):
            plain = folded(match.group()).lower()
            found.append(Word(match.group(), plain, *match.span(), self._begins(match.start()), _readings(plain)))
        return tuple(found)

    def _begins(self, at: int) -> bool:
        """Whether a sentence begins here, quotes and brackets aside."""
        while at and self.text[at - 1] in _OPENING:
            at -= 1
        return not at or self.text[at - 1] in _BEGINS

    @cached_property
    def lemmas(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(word.lemmas for word in self.words))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Beginnings of the words that no dictionary has."""
        return frozenset(stem(word.plain) for word in self.words)

    def holds(self, word: Word) -> bool:
        return bool(word.lemmas & self.lemmas) or (not word.readings and stem(word.plain) in self.stems)

    @cached_property
    def promised(self) -> frozenset[str]:
        """Lemmas of the verbs in any form but of the past."""
        return frozenset(chain.from_iterable(ahead(word) for word in self.words))

    @cached_property
    def ours(self) -> frozenset[str]:
        """Lemmas of what we ourselves do or want to do, and what goes without saying beside it."""
        said = [word.found("VERB", "1per") | self._wanted(word) for word in self.words]
        return frozenset(chain(*said, words.LISTENING if words.INVITES.search(self.low) else ()))

    def _wanted(self, word: Word) -> frozenset[str]:
        """«Хотим разобраться», but not «если хотите добавить»; to win back trust is not to give anything back."""
        verbs = word.found("INFN")
        if not verbs or not _OUR_WISH.search(clause := self.clause(word)):
            return frozenset()
        return verbs - {"вернуть"} if "довери" in clause else verbs

    @cached_property
    def done(self) -> frozenset[str]:
        """Lemmas of the verbs in forms of the past."""
        return frozenset(chain.from_iterable(word.found("past") for word in self.words))

    @cached_property
    def denied(self) -> dict[str, set[bool]]:
        """Lemmas of the verbs and short adjectives, and whether «не» stands before them."""
        found: dict[str, set[bool]] = {}
        for at, word in enumerate(self.words):
            for lemma in predicates(word):
                found.setdefault(lemma, set()).add(at > 0 and self.words[at - 1].plain == "не")
        return found

    @cached_property
    def contacts(self) -> dict[str, Span]:
        return {_contact(match.group()): match.span() for match in _CONTACT.finditer(self.low)}

    @cached_property
    def without_contacts(self) -> str:
        return _CONTACT.sub(lambda match: " " * len(match.group()), self.low)

    @cached_property
    def numbers(self) -> dict[str, Span]:
        found = {_value(match.group()): match.span() for match in _NUMBER.finditer(self.without_contacts)}
        for word in self.words:
            values = [words.NUMBERS[item.lemma] for item in word.readings if item.lemma in words.NUMBERS]
            if values:
                found[values[0]] = word.span
            elif words.COMPOUND.fullmatch(word.plain):
                found[word.plain[:STEM]] = word.span
        return found

    @cached_property
    def promising(self) -> tuple[Span, ...]:
        """The sentences in which something is promised."""
        ends = [0, *(match.end() for match in SENTENCE_END.finditer(self.text)), len(self.text)]
        sentences = [span for span in pairwise(ends) if span[0] < span[1]]
        promises = [word.start for word in self.words if word.found("futr") or word.lemmas & words.MEASURES]
        return tuple(span for span in sentences if bisect_left(promises, span[0]) < bisect_left(promises, span[1]))

    def is_promised(self, at: Span) -> bool:
        after = bisect_right(self.promising, at[0], key=lambda span: span[0])
        return after > 0 and at[0] < self.promising[after - 1][1]

    @cached_property
    def _marks(self) -> tuple[int, ...]:
        return tuple(match.start() for match in _CLAUSE_END.finditer(self.low))

    def clause(self, word: Word) -> str:
        """What stands between the marks around a word, in small letters."""
        after = bisect_left(self._marks, word.start)
        start = self._marks[after - 1] + 1 if after else 0
        return self.low[start : self._marks[after] if after < len(self._marks) else None].strip()

    def before(self, word: Word, marks: frozenset[str]) -> str:
        """What stands between the last of these marks and a word, in small letters."""
        start = word.start
        while start and self.low[start - 1] not in marks:
            start -= 1
        return self.low[start : word.start]

    @cached_property
    def names(self) -> frozenset[str]:
        """The nominatives of all its words that may be names."""
        return frozenset(chain.from_iterable(nominatives(word) for word in self.words))


def _readings(word: str) -> tuple[morph.Reading, ...]:
    """Of a word with hyphens that no dictionary has, those of its parts: «что-то»."""
    return morph.readings(word) or tuple(chain.from_iterable(map(morph.readings, word.split("-")[:_PARTS])))


def stem(word: str) -> str:
    return word[: max(4, len(word) - 3)]


def _value(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _contact(written: str) -> str:
    """A phone number as its last ten digits, anything else as it stands."""
    digits = re.sub(r"\D", "", written)
    return digits[-10:] if "@" not in written and not LATIN.search(written) and digits else written.rstrip(".,!?;:/")


def predicates(word: Word) -> frozenset[str]:
    return frozenset().union(*(word.found(tag) for tag in ("VERB", "INFN", "PRTS", "ADJS", "PRED")))


def nominatives(word: Word) -> frozenset[str]:
    """Of a word that may be a name."""
    return frozenset(form.nominative for form in morph.dictionary_names(word.plain))


def ahead(word: Word) -> frozenset[str]:
    verbs = word.found("VERB") | word.found("INFN")
    return verbs - (word.found("past") - word.found("INFN"))


@dataclass(frozen=True)
class Case:
    """The original, the rewriting, and what else is known. `ours`: of the brand and of the recorded measure."""

    was: Text
    now: Text
    situation: Situation
    review: Text = field(init=False)
    ours: Text = field(init=False)

    def __post_init__(self) -> None:
        brand = self.situation.brand
        ours = (brand.name, brand.signature, self.situation.place, *brand.also, *brand.places)
        object.__setattr__(self, "review", Text(self.situation.text))
        object.__setattr__(self, "ours", Text("\n".join((*ours, self.situation.measure))))

    @cached_property
    def measure(self) -> Text:
        return Text(self.situation.measure)

    @cached_property
    def complains(self) -> bool:
        return is_complaint(self.situation) or bool(words.REGRET.search(self.was.low))

    def told(self, word: Word) -> bool:
        """Whether the original or the measure has the word, or the review and the sentence promises nothing."""
        known = self.was.holds(word) or self.measure.holds(word)
        return known or (self.review.holds(word) and not self.now.is_promised(word.span))

    def shown(self, span: Span) -> str:
        """A piece of the rewriting, for a message."""
        return quoted(self.now.text[slice(*span)])


Rule = Callable[[Case], Iterator[Hit]]
