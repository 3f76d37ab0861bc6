"""Rules over the words of a review, as rows of data: `data/rules/<kind>/<id>.toml` and what a config adds.

A rule fires on a word of `words` or on a phrase of `phrases`. Where it has `near`, one of those phrases must stand
within `reach` words on either side, in the same sentence; none of `unless` may («не» before such a phrase lifts the
ban). Unless `negated = "fires"`, a rule is silent where a negation governs its word («никто не отравился»), and unless
`unreal = "fires"` where the sentence only fears or supposes it (`scope`).

The language of words and phrases is that of `phrases`; besides, `-вкусов*` in `words` means: not this one, and `<еда>`
stands for a list of `data/rules/words.toml`. A line may end after a `|`.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from sentiment import quoting
from sentiment.phrases import LONGEST_GAP, MOST_REMEMBERED, Phrase, Phrases, Table, ahead, end_of, first_words, parse
from sentiment.text import Clause, Token
from sentiment.types import Tone

What = TypeVar("What", bound=StrEnum)

LONGEST_STEM = 16
MOST_OPEN = 6
"""Elements of a phrase that may be missing or stand for several words: the time it takes grows with each."""
LIST = re.compile(r"<[^>]*>")
CLAUSE_END = re.compile(r"[,:—–()-]")
SENTENCE_END = re.compile(r"[.;\n\r]")


class RuleError(ValueError):
    """A rule that cannot be read: which one, and why."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[What]):
    """`tone`: what the rule says by itself, None where its surroundings decide. `of`: of what kind the quality is.
    `opinion`: fires only where something good or bad is said around it. `across`: `near` may stand in another sentence.
    `sure`: no detector may doubt it. `burden`: who speaks of it without praise complains, however pleased otherwise."""

    name: str
    says: What
    words: str = ""
    phrases: str = ""
    near: str = ""
    unless: str = ""
    reach: int = 7
    negated: str = "silent"
    unreal: str = "silent"
    tone: Tone | None = None
    of: str = ""
    opinion: bool = False
    sure: bool = False
    across: bool = False
    burden: bool = False


class Hit(NamedTuple, Generic[What]):
    """The rule fired on the tokens `first` to `last`."""

    rule: Rule[What]
    first: int
    last: int


# --- the text, as rules read it --------------------------------------------------------------------------


class Review:
    """A review's text with its tokens and clauses; how rules read it is worked out when a rule asks."""

    def __init__(self, text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
        self.text = text
        self.tokens = tokens
        self.clauses = clauses

    @property
    def cells(self) -> Sequence[str]:
        """The words; a mark as a word of its own where a clause (`,`), a sentence (`.`) or a question (`?`) ends."""
        return self._laid[0]

    @property
    def places(self) -> Sequence[int]:
        """Where each token stands in `cells`."""
        return self._laid[1]

    def token_before(self, cell: int) -> int:
        """The last token that stands before a cell."""
        return bisect_left(self.places, cell) - 1

    def clause_of(self, position: int) -> int:
        """The number of the clause that holds the token."""
        return bisect_right(self._firsts, position) - 1

    def quote(self, number: int) -> str:
        """The clause, verbatim; see `quoting`."""
        clause = self.clauses[number]
        span = quoting.whole(self.text, self.tokens, self.clauses, clause.first, clause.last)
        return quoting.quote(self.text, self.tokens, *span)

    def sentence(self, position: int) -> tuple[int, int]:
        """The first cell of the token's sentence, and the one after its last."""
        ends = self._ends
        place = bisect_right(ends, self.places[position])
        return (ends[place - 1] if place else 0), ends[place] if place < len(ends) else len(self.cells)

    def sentence_tokens(self, position: int) -> tuple[int, int]:
        """The first token of the token's sentence, and the one after its last."""
        begin, end = self.sentence(position)
        return self.token_before(begin) + 1, self.token_before(end) + 1

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """(the first token, the one after the last) of every sentence."""
        edges = sorted({0, *(self.token_before(end) + 1 for end in self._ends), len(self.tokens)})
        return list(pairwise(edges))

    @property
    def windows(self) -> list[tuple[int, int]]:
        """The same of every sentence with its neighbours."""
        every = self.sentences
        return [
            (every[max(number - 1, 0)][0], every[min(number + 1, len(every) - 1)][1]) for number in range(len(every))
        ]

    def sentence_of(self, position: int) -> int:
        """The number of the token's sentence."""
        return bisect_right(self.sentences, (position, len(self.tokens))) - 1

    @cached_property
    def _firsts(self) -> list[int]:
        return [clause.first for clause in self.clauses]

    @cached_property
    def _ends(self) -> list[int]:
        """The cells after the last of each sentence."""
        return [place + 1 for place, cell in enumerate(self.cells) if cell in (".", "?")]

    @cached_property
    def _laid(self) -> tuple[list[str], list[int]]:
        cells: list[str] = []
        places: list[int] = []
        end = None
        for token in self.tokens:
            if end is not None and (mark := _mark(self.text[end : token.start])):
                cells.append(mark)
            places.append(len(cells))
            key = token.key
            cells.append(key if token.is_word or key[0].isdigit() else "?" if "?" in key else ".")
            end = token.end
        return cells, places


def _mark(gap: str) -> str:
    if gap in (" ", ""):
        return ""
    if SENTENCE_END.search(gap):
        return "."
    return "," if CLAUSE_END.search(gap) else ""


# --- rules together --------------------------------------------------------------------------------------


class _Trigger(NamedTuple):
    """What of a rule begins with a word: its number, the phrase that has to follow, if it is one, and of that what a
    look at the words behind the first tells: which may be `second`, and of which one comes `soon`."""

    number: int
    phrase: Phrase | None
    second: Mapping[str, bool] | None
    soon: Mapping[str, bool] | None


class _Openings(dict[str, tuple[_Trigger, ...]]):
    """Of the triggers of one word: the next word → those that may go on with it, remembered."""

    def __init__(self, triggers: Sequence[_Trigger]) -> None:
        self._triggers = triggers

    def __missing__(self, following: str) -> tuple[_Trigger, ...]:
        found = tuple(item for item in self._triggers if item.second is None or item.second[following])
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[following] = found
        return found


class Rules(Generic[What]):
    """Rules of one kind. What stands around a rule's words is read when the rule first asks for it."""

    def __init__(self, rules: Iterable[Rule[What]]) -> None:
        self.rules = tuple(rules)
        self._table = Table[_Trigger]()
        self._never: dict[int, Phrases] = {}
        self._openings: dict[str, _Openings | None] = {}
        self._around: dict[int, tuple[Phrases | None, Phrases | None]] = {}
        for number, rule in enumerate(self.rules):
            words = rule.words.split()
            for word in words:
                if not word.startswith("-"):
                    self._table.add(word, _Trigger(number, None, None, None))
            if never := [word[1:] for word in words if word.startswith("-")]:
                self._never[number] = Phrases(";".join(never))
            for phrase in parse(rule.phrases):
                for word in dict.fromkeys(first_words(phrase) or ()):
                    self._table.add(word, _Trigger(number, phrase, *ahead(phrase)))

    def find(
        self, review: Review, first: int = 0, last: int | None = None, told: Container[What] = ()
    ) -> Iterator[Hit[What]]:
        """Every rule that fires on a token from `first` up to `last`, in the order of the text; whether it is negated
        or unreal is not looked at. Rules that say what is in `told` when their turn comes are left out."""
        tokens = review.tokens
        for position in range(first, len(tokens) if last is None else last):
            openings = self._opened(tokens[position].key)
            if openings is None:
                continue
            cells, place = review.cells, review.places[position]
            seen: set[int] = set()
            for number, phrase, _, soon in openings[cells[place + 1] if place + 1 < len(cells) else ""]:
                if number in seen or not (soon is None or _comes(soon, cells, place)):
                    continue
                if told and self.rules[number].says in told:
                    continue
                end = place + 1 if phrase is None else end_of(phrase, cells, place, len(cells))
                if end < 0:
                    continue
                after = review.token_before(end) + 1
                if self._surrounded(review, number, position, after):
                    seen.add(number)
                    yield Hit(self.rules[number], position, after)

    def _opened(self, word: str) -> _Openings | None:
        """What begins with the word."""
        try:
            return self._openings[word]
        except KeyError:
            pass
        never = self._never
        kept = [
            item
            for item in self._table[word]
            if item.phrase or item.number not in never or not never[item.number].within([word], 0, 1)
        ]
        if len(self._openings) >= MOST_REMEMBERED:
            self._openings.clear()
        self._openings[word] = found = _Openings(kept) if kept else None
        return found

    def _surrounded(self, review: Review, number: int, first: int, last: int) -> bool:
        if number not in self._around:
            rule = self.rules[number]
            self._around[number] = (
                Phrases(rule.near) if rule.near else None,
                Phrases(rule.unless, unless_after="не") if rule.unless else None,
            )
        near, unless = self._around[number]
        if near is None and unless is None:
            return True
        reach, places = self.rules[number].reach, review.places
        begin = places[max(first - reach, 0)]
        end = places[last + reach] if last + reach < len(places) else len(review.cells)
        opened, closed = review.sentence(first)
        inside = max(begin, opened), min(end, closed)
        where = (begin, end) if self.rules[number].across else inside
        cells = review.cells
        return (near is None or near.within(cells, *where) is not None) and (
            unless is None or unless.within(cells, *inside) is None
        )


def _comes(soon: Mapping[str, bool], cells: Sequence[str], place: int) -> bool:
    for cell in cells[place + 1 : place + 2 + LONGEST_GAP]:  # noqa: SIM110 - `any` takes three times as long
        if soon[cell]:
            return True
    return False


# --- from files ------------------------------------------------------------------------------------------

_KEYS = frozenset(item.name for item in fields(Rule)) - {"name", "says"}


@lru_cache(maxsize=1)
def lists() -> Mapping[str, str]:
    """What `<name>` stands for in phrases: words between `|`."""
    text = files("sentiment").joinpath("data", "rules", "words.toml").read_text(encoding="utf-8")
    return {f"<{name}>": "|".join(row.split()) for name, row in tomllib.loads(text).items()}


def load(kind: str, says: type[What]) -> list[Rule[What]]:
    """The rules of `data/rules/<kind>/<id>.toml`, a table each, named `<id>.<table>`. Raises RuleError."""
    found = []
    folder = files("sentiment") / "data" / "rules" / kind
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        topic = file.name.removesuffix(".toml")
        if topic not in set(says):
            raise RuleError(f"{kind}/{file.name}: {topic} is none of {', '.join(says)}")
        for key, row in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found.append(_rule(f"{topic}.{key}", says(topic), row))
    return found


def _rule(name: str, says: What, row: Mapping[str, Any]) -> Rule[What]:
    if unknown := row.keys() - _KEYS:
        raise RuleError(f"{name}: unknown {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {
        key: " ".join(value.split()).replace("| ", "|") if isinstance(value, str) else value
        for key, value in row.items()
    }
    for key in ("phrases", "near", "unless"):
        if key in values:
            values[key] = LIST.sub(lambda match: _list(name, match[0]), values[key])
    if "tone" in values:
        values["tone"] = Tone(values["tone"])
    if not (values.get("words") or values.get("phrases")):
        raise RuleError(f"{name}: neither words nor phrases")
    try:
        check_phrases(values.get("phrases", ""))
    except RuleError as error:
        raise RuleError(f"{name}: {error}") from None
    return Rule(name, says, **values)


def _list(rule: str, name: str) -> str:
    found = lists().get(name)
    if found is None:
        raise RuleError(f"{rule}: no list {name}")
    return found


def check_phrases(phrases: str) -> None:
    """Raises RuleError where one begins with what would have to be looked for at every word, or leaves much open."""
    for words in filter(str.split, phrases.split(";")):
        for phrase in parse(words):
            if any(word.strip("*") in ("", ",", ".") for word in first_words(phrase) or [""]):
                raise RuleError(f"the phrase «{' '.join(words.split())}» must begin with a word")
        if sum(element == ".." or element.endswith("?") for element in words.split()) > MOST_OPEN:
            raise RuleError(
                f"the phrase «{' '.join(words.split())}» leaves too much open: at most {MOST_OPEN} `..` and `?`"
            )
