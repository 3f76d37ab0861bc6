"""Whether the reply that a site shows is one of ours. Pure.

What counts is the words: sites and people at a cabinet's form change case, spaces, signs, quotes and emoji, mend a word
or two, drop the signature or add their own, and a list may cut a long reply with «…».
"""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

NEARLY = 0.85
"""From which share of common letters on one reply is the other with small edits: the letters of words that both have,
in the same order, of the letters of both. Measured over our own drafts: of 3,766 pairs of drafts for one and the same
review 0.3 % are as alike (they differ in their last sentence), of 10,236 pairs for two reviews in the same frame
0.02 %. A sentence of ten words more or less in one of forty leaves 0.89."""

SIGNATURE = 8
"""Words of a last line at most that it may be a signature."""

FEWEST_LEFT = 3
"""Words at least that a reply has without its signature."""

FEWEST_SHOWN = 8
"""Words at least that a cut reply must show: many begin with the same thanks."""

_MOST_LETTERS, _MOST_WORDS = 20_000, 1_000
"""Where two replies go on alike for so long, the rest may differ."""

_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Accents and marks inside of words."""

_WORD = re.compile(r"[^\W_]+")

Words = tuple[str, ...]


def same_reply(ours: str, seen: str) -> bool:
    """Whether `seen`, as the site shows it, is what stands in `ours`, but for small edits."""
    written, shown = _words(ours), _words(seen)
    if not written or not shown:
        return "".join(ours.split()) == "".join(seen.split()) != ""
    if _alike(written, shown) or (_is_cut(seen) and _begins(written, shown)):
        return True
    unsigned = ((_words(rest), shown) for rest in _unsigned(ours))
    signed = ((written, _words(rest)) for rest in _unsigned(seen))
    return any(len(left) >= FEWEST_LEFT and _alike(left, right) for left, right in (*unsigned, *signed))


def _words(text: str) -> Words:
    plain = unicodedata.normalize("NFKC", text[:_MOST_LETTERS]).casefold().replace("ё", "е")
    return tuple(_WORD.findall(_UNSEEN.sub("", plain))[:_MOST_WORDS])


def _alike(one: Words, other: Words) -> bool:
    if one == other:
        return True
    letters = [sum(map(len, words)) for words in (one, other)]
    if 2 * min(letters) < NEARLY * sum(letters):
        return False
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    common = sum(len(word) for block in blocks for word in one[block.a : block.a + block.size])
    return 2 * common >= NEARLY * sum(letters)


def _is_cut(text: str) -> bool:
    return text.rstrip().endswith(("…", "..."))


def _begins(whole: Words, shown: Words) -> bool:
    """Whether `shown` is the beginning of `whole`; its last word may be half a one."""
    kept = len(shown) - 1
    return FEWEST_SHOWN <= kept < len(whole) and _alike(whole[:kept], shown[:kept])


def _unsigned(text: str) -> Iterator[str]:
    """The text without its last line, where that may be a signature."""
    rest, _, last = text.rstrip().rpartition("\n")
    if rest and len(_WORD.findall(last)) <= SIGNATURE:
        yield rest
