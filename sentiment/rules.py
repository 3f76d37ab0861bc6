"""Rules over the words of a review, as rows of data: `data/rules/<kind>/<id>.toml` and what a config adds.

A rule fires on a word of `words` or on a phrase of `phrases`. Where it has `near`, one of those phrases must stand
within `reach` words on either side, in the same sentence; none of `unless` may («не» before such a phrase lifts the
ban). Unless `negated = "fires"`, a rule is silent where a negation governs its word («никто не отравился»), and unless
`unreal = "fires"` where the sentence only fears or supposes it (`scope`).

    вкус*      any word that begins so            -вкусов*   in `words`: not this one
    суд|иск*   either                              *          any one word
    не_дают    two words as one of `either`
    очень?     may stand there                     ..         up to three words
    ,          may be a comma, a dash, a bracket   ;          between two phrases
    .          here the sentence ends               ?          here it ends and asks, by itself
    <еда>      one of a list in `words.toml`       в_пыли     two words where one could stand: в_пыли|пыльн*

Words are written as `text.normalise` makes them (small letters, ё as е), a number of several digits as 00, and the
words of a phrase follow each other without punctuation, but where a `,` allows it. A line may end after a `|`.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Generic, NamedTuple, TypeVar

from sentiment.phrases import Phrase, Phrases, Table, end_of, first_words, parse, second_word
from sentiment.text import Clause, Token
from sentiment.types import Tone

What = TypeVar("What", bound=StrEnum)

LONGEST_STEM = 16
MOST_REMEMBERED = 65_536
GAP = 3
"""Words that `..` stands for, at most."""
MARKS = ".,?"
"""Between words: the end of a sentence, of a clause, of a question."""
LIST = re.compile(r"<[^>]*>")
CLAUSE_END = re.compile(r"[,:—–()-]")
SENTENCE_END = re.compile(r"[.;\n\r]")


class RuleError(ValueError):
    """A rule that cannot be read: which one, and why."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[What]):
    """`tone`: what the rule says by itself, None where its surroundings decide. `of`: of what kind the quality is.
    `opinion`: fires only where something good or bad is said around it."""

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


class Hit(NamedTuple, Generic[What]):
    """The rule fired on the tokens `first` to `last`."""

    rule: Rule[What]
    first: int
    last: int


# --- the text, as rules read it --------------------------------------------------------------------------


class _Laid(NamedTuple):
    line: str
    starts: Sequence[int]


class Review:
    """A review's text with its tokens and clauses; how rules read it is worked out when a rule asks."""

    def __init__(self, text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
        self.text = text
        self.tokens = tokens
        self.clauses = clauses

    @property
    def line(self) -> str:
        """The words between single spaces, a mark as a word of its own where a clause, a sentence, a question ends."""
        return self._laid.line

    @property
    def starts(self) -> Sequence[int]:
        """Where each token stands in `line`."""
        return self._laid.starts

    def token_at(self, offset: int) -> int:
        """The last token that begins at or before `offset` of the line."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def clause_of(self, position: int) -> int:
        """The number of the clause that holds the token."""
        return bisect_right(self._firsts, position) - 1

    def quote(self, number: int) -> str:
        """The clause, verbatim."""
        clause = self.clauses[number]
        return self.text[clause.start : clause.end]

    @cached_property
    def _firsts(self) -> list[int]:
        return [clause.first for clause in self.clauses]

    def sentence(self, position: int) -> tuple[int, int]:
        """Where the sentence of a token begins and ends in the line."""
        ends = self._sentence_ends
        place = bisect_right(ends, self.starts[position])
        return (ends[place - 1] if place else 0), ends[place] if place < len(ends) else len(self.line)

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [match.end() for match in re.finditer(r"(?<= )[.?] ", self.line)]

    @cached_property
    def cells(self) -> Sequence[str]:
        """The words of `line`, marks among them."""
        return self.line.split()

    @cached_property
    def places(self) -> Sequence[int]:
        """Where each token stands in `cells`."""
        line = self.line
        return [line.count(" ", 1, start) for start in self.starts]

    def token_before(self, cell: int) -> int:
        """The last token that stands before a cell."""
        return bisect_left(self.places, cell) - 1

    def sentence_cells(self, position: int) -> tuple[int, int]:
        """The first cell of the token's sentence, and the one after its last."""
        ends = self._ends_of_sentences
        place = bisect_right(ends, self.places[position])
        return (ends[place - 1] if place else 0), ends[place] if place < len(ends) else len(self.cells)

    def sentence_tokens(self, position: int) -> tuple[int, int]:
        """The first token of the token's sentence, and the one after its last."""
        begin, end = self.sentence_cells(position)
        return self.token_before(begin) + 1, self.token_before(end) + 1

    @cached_property
    def _ends_of_sentences(self) -> list[int]:
        return [place + 1 for place, cell in enumerate(self.cells) if cell in (".", "?")]

    @cached_property
    def _laid(self) -> _Laid:
        parts, starts, offset, end = [" "], [], 1, None
        for token in self.tokens:
            gap = self.text[end : token.start] if end is not None else ""
            if mark := _mark(gap):
                parts.append(mark + " ")
                offset += 2
            starts.append(offset)
            word = token.key if token.is_word or token.key[0].isdigit() else "?" if "?" in token.key else "."
            parts.append(word + " ")
            offset += len(word) + 1
            end = token.end
        return _Laid("".join(parts), starts)


def _mark(gap: str) -> str:
    if gap in (" ", ""):
        return ""
    if SENTENCE_END.search(gap):
        return "."
    return "," if CLAUSE_END.search(gap) else ""


# --- patterns --------------------------------------------------------------------------------------------

_WORD = rf"[^ {MARKS}]+"


def pattern(phrases: str, *, unless_after: str = "") -> re.Pattern[str] | None:
    """Any of the phrases in a line; none that follows the word `unless_after`. None of no phrase."""
    found = dict.fromkeys(_phrase(item) for item in _split(phrases))
    if not found:
        return None
    guard = f"(?<! {unless_after} )" if unless_after else ""
    return re.compile(f"(?<= ){guard}(?:{'|'.join(found)})")


def _split(phrases: str) -> list[list[str]]:
    return [phrase.split() for phrase in phrases.split(";") if phrase.strip()]


def _phrase(elements: Sequence[str]) -> str:
    return "".join(map(_element, elements))


def _element(element: str) -> str:
    if element == "..":
        return f"(?:{_WORD} ){{0,{GAP}}}"
    if element == ",":
        return "(?:, )?"
    if element == ".":
        return r"(?:[.?] |$)"
    if element == "?":
        return r"\? "
    optional = element.endswith("?")
    words = "|".join(map(_word, element.removesuffix("?").split("|")))
    return f"(?:(?:{words}) )" + ("?" if optional else "")


def _word(word: str) -> str:
    return _WORD if word == "*" else re.escape(word).replace(r"\*", "[^ ]*").replace("_", " ")


# --- rules together --------------------------------------------------------------------------------------


class _Trigger(NamedTuple):
    """What of a rule begins with a word: its number, the phrase that has to follow, if it is one, and of that the
    second word, where a look at it tells most often that it does not."""

    number: int
    phrase: Phrase | None
    second: Mapping[str, bool] | None


class Rules(Generic[What]):
    """Rules of one kind. What stands around a rule's words is read when the rule first asks for it."""

    def __init__(self, rules: Iterable[Rule[What]]) -> None:
        self.rules = tuple(rules)
        self._table = Table[_Trigger]()
        self._never: dict[int, Phrases] = {}
        self._around: dict[int, tuple[Phrases | None, Phrases | None]] = {}
        for number, rule in enumerate(self.rules):
            words = rule.words.split()
            for word in words:
                if not word.startswith("-"):
                    self._table.add(word, _Trigger(number, None, None))
            if never := [word[1:] for word in words if word.startswith("-")]:
                self._never[number] = Phrases(";".join(never))
            for phrase in parse(rule.phrases):
                for word in dict.fromkeys(first_words(phrase) or ()):
                    self._table.add(word, _Trigger(number, phrase, second_word(phrase)))

    def find(self, review: Review) -> Iterator[Hit[What]]:
        """Every rule that fires, in the order of the text; whether it is negated or unreal is not looked at."""
        table = self._table
        for position, token in enumerate(review.tokens):
            triggers = table[token.key]
            if not triggers:
                continue
            cells, place = review.cells, review.places[position]
            following = cells[place + 1] if place + 1 < len(cells) else ""
            seen: set[int] = set()
            for number, phrase, second in triggers:
                if (second is not None and not second[following]) or number in seen:
                    continue
                last = place + 1
                if phrase is not None:
                    last = end_of(phrase, cells, place, len(cells))
                    if last < 0:
                        continue
                elif number in self._never and self._never[number].within(cells, place, place + 1):
                    continue
                after = review.token_before(last) + 1
                if self._surrounded(review, number, position, after):
                    seen.add(number)
                    yield Hit(self.rules[number], position, after)

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
        begin, end = review.sentence_cells(first)
        reach, places = self.rules[number].reach, review.places
        begin = max(begin, places[max(first - reach, 0)])
        if last + reach < len(places):
            end = min(end, places[last + reach])
        cells = review.cells
        return (near is None or near.within(cells, begin, end) is not None) and (
            unless is None or unless.within(cells, begin, end) is None
        )


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
    """Raises RuleError where one begins with what would have to be looked for at every word."""
    for elements in _split(phrases):
        if elements[0].endswith("?") or any(word[:1] in ("", "*", ".", ",") for word in elements[0].split("|")):
            raise RuleError(f"the phrase «{' '.join(elements)}» must begin with a word")
