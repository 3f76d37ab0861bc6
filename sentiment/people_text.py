"""How the words of a review are written, where names are read: capitals, ё, and what parts a word from the next."""

import re

from sentiment.rules import Review

SENTENCE_END = re.compile(r"[.!?;\n]")
"""Between two words."""
LOOK_BACK = 6
"""Characters before a word that tell whether it begins a sentence."""
OPENING = ' «"“„(-–—*\t\xa0'
SPACES = " \xa0"


def written(review: Review, place: int) -> str:
    """The token as the author wrote it."""
    token = review.tokens[place]
    return review.text[token.start : token.end]


def key(review: Review, place: int) -> str:
    """The token's key, "" where the text has none there."""
    return review.tokens[place].key if 0 <= place < len(review.tokens) else ""


def gap(review: Review, place: int) -> str:
    """What stands between a token and the next one."""
    end = review.tokens[place].end
    return review.text[end : review.tokens[place + 1].start if place + 1 < len(review.tokens) else len(review.text)]


def adjacent(review: Review, place: int) -> bool:
    """Whether only a space parts the token from the next."""
    return place + 1 < len(review.tokens) and not gap(review, place).strip(SPACES)


def capital(review: Review, place: int) -> bool:
    """Whether the word begins with a capital, and is not all of them («НЕ»)."""
    word = written(review, place)
    return word[0].isupper() and (len(word) == 1 or not word[1].isupper())


def begins_sentence(review: Review, place: int) -> bool:
    """Whether a mark, a smiley or nothing stands before the word, so that its capital says nothing."""
    start = review.tokens[place].start
    before = review.text[max(start - LOOK_BACK, 0) : start].rstrip(OPENING)
    return not before or not (before[-1].isalnum() or before[-1] in ",;:»\"'%")


def restore_yo(word: str, nominative: str, shown: str) -> str:
    """`word`, a form of `nominative`, with ё wherever the stem of `shown`, another form of it, has one."""
    if "ё" not in shown.lower():
        return word
    letters = list(word)
    for place, (letter, plain) in enumerate(zip(shown.lower(), nominative, strict=False)):
        if letter.replace("ё", "е") != plain:
            break
        if letter == "ё" and word[place : place + 1] == "е":
            letters[place] = letter
    return "".join(letters)
