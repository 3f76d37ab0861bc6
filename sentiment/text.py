"""A review's text as tokens and clauses that still know where they stand.

Offsets are code-point positions in the text as given, so `text[start:end]` is a verbatim quote.
Any `str` is accepted: NUL, lone surrogates and 100 kB without a space are only text.
"""

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from sys import intern
from typing import NamedTuple

LONGEST_WORD = 40
"""Letters of a word that are looked at: no Russian word is longer, and caches stay small."""

LETTERS = r"[^\W\d_]+(?:(?:-|\*+)[^\W\d_]+)*"
WORD = rf"(?<!\*){LETTERS}(?:\*\*+(?!\w))?"
EMPHASISED = rf"(?<=(?<!\*)\*\*){LETTERS}(?:\*{{4,}}(?!\w))?|(?<=\*){LETTERS}"
"""A word with stars in front is emphasised, as Markdown does (`**не** вкусно`): as many stars behind it belong to that
and hide no letters. Only more than the usual two on each side still do: `**бл****`."""
SMILEY = r"[:;=]'?-?[()]|[:;=]-?[D\]](?!\w)|[:=]-?/(?!/)|\^_*\^|-_+-|<3+(?!\d)|\)\)+|\(\(+"
PICTOGRAPH = r"[\u203c\u2049\u231a-\u23ff\u2600-\u27bf\u2b50\u2b55\U0001f191-\U0001f19a\U0001f300-\U0001faff]"
TOKEN = re.compile(rf"{WORD}|\d+|{SMILEY}|[!?]+|\.\.\.+|…|{PICTOGRAPH}|{EMPHASISED}")
"""Words, also with stars for letters (`г***о`), numbers, smileys, shouting and pictographs; everything else only
separates."""
HEART = "❤"

CONTRASTS = frozenset({"но", "зато", "однако", "хотя"})
LONGEST_CLAUSE = 24
"""Tokens after which a text without punctuation is cut: a quote should fit on a line or two."""

REPEATED = re.compile(r"([^*])\1\1+")
STARS = re.compile(r"\*+")
MASKED = 3
"""A word with stars at its end and no more letters than this hides the others; a longer one is emphasised."""
MOST_REMEMBERED = 65_536
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


class _Keys(dict[str, str]):
    """Raw token → normalised form, remembered."""

    def __missing__(self, raw: str) -> str:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        key = intern(_key(raw))  # equal words are one object: whoever looks them up compares no letters
        if len(raw) <= LONGEST_WORD:
            self[raw] = key
        return key


_KEYS = _Keys()


def normalise(word: str) -> str:
    """Lower case, ё → е, drawn-out letters shortened («ооочень» → «очень»), any number of stars for letters one."""
    word = REPEATED.sub(r"\1", word.lower().replace("ё", "е"))
    if "*" not in word:
        return word
    bare = word.rstrip("*")
    return STARS.sub("*", word if len(bare) <= MASKED else bare)


def _key(raw: str) -> str:
    first = raw[0]
    if first.isalpha():
        return normalise(raw[:LONGEST_WORD])
    if first.isdigit():
        return raw if len(raw) == 1 else "00"  # prices and phones teach nothing
    if first == "<":
        return HEART
    if raw[-1] in ")D]^":
        return ":)"
    if raw[-1] in "(/-":
        return ":("
    if first in ".…":
        return "..."
    return raw[:2]


def tokens(text: str) -> list[Token]:
    """The text's tokens in order."""
    found = []
    for match in TOKEN.finditer(text):
        raw = match[0]
        start, end = match.span()
        found.append(Token(_KEYS[raw], start, end, raw[0].isalpha()))
    return found


class _Chunks(dict[str, tuple[str, ...]]):
    """What stands between two spaces → the normalised forms of its tokens, remembered: no token contains a space."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        found = tuple(_KEYS[raw] for raw in TOKEN.findall(chunk))
        if len(chunk) <= LONGEST_WORD:
            self[chunk] = found
        return found


_CHUNKS = _Chunks()


def keys(text: str) -> list[str]:
    """Only the normalised forms; several times faster than `tokens`."""
    return list(chain.from_iterable(map(_CHUNKS.__getitem__, text.split())))


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
