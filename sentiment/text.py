"""A review's text as tokens and clauses that still know where they stand.

Offsets are code-point positions in the text as given, so `text[start:end]` is a verbatim quote.
Any `str` is accepted: NUL, lone surrogates and 100 kB without a space are only text.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST_WORD = 40
"""Letters of a word that are looked at: no Russian word is longer, and caches stay small."""

TOKEN = re.compile(
    r"(?P<word>[^\W\d_]+(?:-[^\W\d_]+)*)"
    r"|(?P<number>\d+)"
    r"|(?P<smile>[:;=]-?[()]|\)\)+|\(\(+)"
    r"|(?P<shout>[!?]+|\.\.\.+|…)"
    r"|(?P<sign>[\u2600-\u27bf\U0001f300-\U0001faff])"
)
"""Words, numbers, smileys, shouting and pictographs; everything else only separates."""

CONTRASTS = frozenset({"но", "зато", "однако", "хотя"})
LONGEST_CLAUSE = 24
"""Tokens after which a text without punctuation is cut: a quote should fit on a line or two."""

REPEATED = re.compile(r"(.)\1\1+")
DASHES = (" - ", "—", "–")


class Token(NamedTuple):
    """`key` is the normalised form; `start` and `end` are offsets in the text."""

    key: str
    start: int
    end: int
    is_word: bool


class Clause(NamedTuple):
    """One thought: `text[start:end]`, made of `tokens[first:last]`."""

    start: int
    end: int
    first: int
    last: int


@lru_cache(maxsize=65_536)
def normalise(word: str) -> str:
    """Lower case, ё → е, drawn-out letters shortened («ооочень» → «очень»)."""
    return REPEATED.sub(r"\1", word.lower().replace("ё", "е"))


def tokens(text: str) -> list[Token]:
    """The text's tokens in order."""
    found = []
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if match.lastgroup == "word":
            found.append(Token(normalise(text[start : min(end, start + LONGEST_WORD)]), start, end, True))
        else:
            found.append(Token(_sign_key(match.lastgroup, match.group()), start, end, False))
    return found


def _sign_key(kind: str | None, raw: str) -> str:
    match kind:
        case "number":
            return raw if len(raw) == 1 else "00"  # prices and phones teach nothing
        case "smile":
            return ":(" if raw[-1] == "(" else ":)"
        case "shout":
            return "..." if raw[0] in ".…" else raw[:2]
    return raw


def keys(text: str) -> list[str]:
    """Only the normalised forms."""
    return [token.key for token in tokens(text)]


def clauses(text: str, found: Sequence[Token]) -> list[Clause]:
    """The clauses of `text`, whose tokens are `found`: in order, without overlap, covering every token.

    They end at sentence marks and line breaks, before «но» and «зато», and at commas and dashes
    that have at least two words on both sides.
    """
    if not found:
        return []
    cuts = [0, *(index for index in range(1, len(found)) if _strong(text, found[index - 1], found[index])), len(found)]
    result = []
    for first, last in pairwise(cuts):
        for begin, end in _softly(text, found, first, last):
            result.append(Clause(found[begin].start, found[end - 1].end, begin, end))
    return result


def _strong(text: str, before: Token, after: Token) -> bool:
    if not after.is_word:
        return False
    if after.key in CONTRASTS or before.key in ("!", "!!", "!?", "?", "??", "?!", "..."):
        return True
    gap = text[before.end : after.start]
    if "." in gap:  # not inside «т.е.» or «10.50»
        return before.end - before.start > 2 or not text[after.start].islower()
    return ";" in gap or "\n" in gap or "\r" in gap


def _softly(text: str, found: Sequence[Token], first: int, last: int) -> list[tuple[int, int]]:
    """Cuts the sentence `found[first:last]` at commas, dashes and, lacking these, by length."""
    pieces = []
    begin = first
    for index in range(first + 1, last):
        gap = text[found[index - 1].end : found[index].start]
        comma = "," in gap or any(dash in gap for dash in DASHES)
        if (comma and index - begin >= 2 and last - index >= 2) or index - begin >= LONGEST_CLAUSE:
            pieces.append((begin, index))
            begin = index
    pieces.append((begin, last))
    return pieces
