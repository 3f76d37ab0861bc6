"""Quotes that make sense alone: whole clauses, with what they hang on, and with both of their quotation marks.

A quote is verbatim, `text[start:end]`. A clause that begins with «чтобы» or «которая» is quoted with the one before it,
one that ends with «вместо того» with what follows. A quotation mark inside whose partner stands outside draws that in;
where it stands too far off, the quote ends at the mark. One that the author himself left alone stays.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from sentiment.text import Clause, Token

LONGEST = 130
"""Characters of a quote that is drawn wider."""
HANGING = frozenset(
    """
    чтобы чтоб который которая которое которые которого которой которую которым которых которому что будто словно потому
    поскольку
    """.split()  # noqa: SIM905 - a list of words reads better
)
"""With these a clause begins that hangs on the one before it."""
AWAITING = frozenset(
    """
    того тому тем том то та тот те так такой такая такое такие столько настолько тогда
    """.split()  # noqa: SIM905 - a list of words reads better
)
"""With these a clause ends that waits for the next one."""
VERB = re.compile(r"(?:[аеиоуыя]л|гл|ег|шел|шл)(?:а|о|и)?(?:ся|сь)?$|[а-я]{2,}(?:ет|ют|ит|ят|ут|ют)(?:ся)?$")
_STOP = re.compile(r"[.!?…;\n\r]")
_AROUND_NUMBER = re.compile(r"[:.,/-]\d+")
_BEFORE_NUMBER = re.compile(r"\d+[:.,/-]$")
_PAIRS = {"«": "»", "„": "“", "“": "”", '"': '"'}


def quote(text: str, tokens: Sequence[Token], first: int, last: int) -> str:
    """The tokens from `first` up to `last`, with both of their quotation marks."""
    return text[slice(*_span(text, tokens, first, last))]


def whole(text: str, tokens: Sequence[Token], clauses: Sequence[Clause], first: int, last: int) -> tuple[int, int]:
    """The tokens that `quote` is to show: of whole clauses, also of those without which they make no sense."""
    number, other = _number(clauses, first), _number(clauses, last - 1)
    if first == clauses[number].first and last == clauses[other].last:
        number, other = _joined(text, tokens, clauses, number, other)
        first, last = clauses[number].first, clauses[other].last
    start, end = _span(text, tokens, first, last)
    opening = bisect_left(tokens, start, key=lambda token: token.start)
    closing = bisect_right(tokens, end, key=lambda token: token.end)
    return (opening, closing) if opening < closing else (first, last)


def _span(text: str, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    return _paired(text, *_with_numbers(text, tokens[first].start, tokens[last - 1].end))


def _number(clauses: Sequence[Clause], position: int) -> int:
    return bisect_right(clauses, position, key=lambda clause: clause.first) - 1


def _joined(text: str, tokens: Sequence[Token], clauses: Sequence[Clause], first: int, last: int) -> tuple[int, int]:
    """The clauses from `first` to `last`, and those they need."""

    def fits(begin: int, end: int) -> bool:
        if begin < 0 or end >= len(clauses) or clauses[end].end - clauses[begin].start > LONGEST:
            return False
        return all(
            _STOP.search(text, clauses[number].end - 1, clauses[number + 1].start) is None
            for number in range(begin, end)
        )

    while tokens[clauses[first].first].key in HANGING and fits(first - 1, last):
        first -= 1
    for number in range(first, last + 1):
        if tokens[clauses[number].last - 1].key in AWAITING:
            told = any(VERB.search(token.key) for token in tokens[clauses[number].first : clauses[number].last])
            while last < number + (1 if told else 2) and fits(first, last + 1):
                last += 1
            break
    return first, last


def _with_numbers(text: str, start: int, end: int) -> tuple[int, int]:
    """«в 18:40» is not cut in two."""
    if text[end - 1].isdigit() and (match := _AROUND_NUMBER.match(text, end)):
        end = match.end()
    if text[start].isdigit() and (match := _BEFORE_NUMBER.search(text, max(start - 4, 0), start)):
        start = match.start()
    return start, end


def _paired(text: str, start: int, end: int) -> tuple[int, int]:
    """With the partners of the quotation marks inside."""
    for opened, closed in _pairs(text, max(start - LONGEST, 0), min(end + LONGEST, len(text))):
        if start <= opened < end <= closed:
            if closed + 1 - start <= LONGEST:
                end = closed + 1
            else:
                start, end = _longer(text, (start, opened), (opened + 1, end))
        elif opened < start <= closed < end:
            if end - opened <= LONGEST:
                start = opened
            else:
                start, end = _longer(text, (start, closed), (closed + 1, end))
    return start, end


def _longer(text: str, *parts: tuple[int, int]) -> tuple[int, int]:
    """The longer one, without the spaces and commas at its ends."""
    start, end = max(parts, key=lambda part: part[1] - part[0])
    while end > start and not text[end - 1].isalnum() and text[end - 1] not in ")!?…":
        end -= 1
    while start < end and not text[start].isalnum():
        start += 1
    return start, end


def _pairs(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where quotation marks open and close, the outer ones before those inside."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for at in range(begin, end):
        mark = text[at]
        if opened and mark == _PAIRS[text[opened[-1]]] and not (mark == '"' and _opens(text, at)):
            found.append((opened.pop(), at))
        elif mark in _PAIRS and _opens(text, at):
            opened.append(at)
        elif mark in "\n\r":
            opened.clear()
    yield from sorted(found)


def _opens(text: str, at: int) -> bool:
    """Whether a word begins behind the mark, and none ends before it."""
    return text[at + 1 : at + 2].isalnum() and not text[at - 1 : at].isalnum() if at else True
