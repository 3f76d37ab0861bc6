"""What the words around a name tell of it: thanks, the case it must stand in, man or woman, a question."""

import re

from sentiment.people_text import SENTENCE_END, gap, key
from sentiment.people_words import people_words
from sentiment.rules import Review

THANKS_REACH = 8
"""Words before a name among which thanks are looked for."""
THANKS_BEHIND = 4
CASE_REACH = 3
GENDER_REACH = 3

_SHE_DID = re.compile(r"[а-я]{3,}(?:[аеиоуы]л|зл|сл)а(?:сь)?")
_SHE = re.compile(r"[а-я]{2,}(?:[аеиоуыя]л|зл|сл|гл)а(?:сь)?|[а-я]{3,}ая|сам[аы]")
_HE = re.compile(r"[а-я]{2,}(?:[аеиоуыя]л|ег|ог)(?:ся)?|[а-я]{3,}[ыи]й|сам")
CLAUSE_END = re.compile(r"[.!?;\n,]")
_CITED = re.compile(r"[:«]")
FARTHEST = 60
"""Words before its mark at which a question may begin: a text without a full stop must not take forever."""


def thanked_before(review: Review, place: int) -> bool:
    """«Спасибо мастеру Анне»."""
    lists = people_words().lists
    begin = max(review.sentence_tokens(place)[0], place - THANKS_REACH)
    return any(
        token.key in lists["thanks_datv"] or token.key in lists["thanks_accs"] for token in review.tokens[begin:place]
    )


def thanked_behind(review: Review, place: int) -> bool:
    """«Ивановой большое спасибо»; `place` is that after the name."""
    end = min(review.sentence_tokens(place - 1)[1], place + THANKS_BEHIND)
    return any(token.key in people_words().lists["thanks_datv"] for token in review.tokens[place:end])


def case_demanded(review: Review, place: int) -> str | None:
    """By the words before: «работой Ильнура», «спасибо большое Анне»."""
    words = people_words()
    for at in range(place - 1, max(place - 1 - CASE_REACH, -1), -1):
        between, before = gap(review, at), review.tokens[at].key
        if SENTENCE_END.search(between):
            return None
        if before in words.case_after:
            if "," not in between:
                return words.case_after[before]
            return "nomn" if before in words.lists["thanks_datv"] else None  # «спасибо, Анна»
        if not (before in words.lists["passed"] or before in words.names or before in words.jobs):
            return None
    return None


def gender_told(review: Review, place: int) -> str:
    """By the words behind a name, which end before `place`: «Саша подстригла»."""
    for token in review.tokens[place : place + GENDER_REACH]:
        if _SHE.fullmatch(token.key):
            return "femn"
        if _HE.fullmatch(token.key):
            return "masc"
    return ""


def she_did(review: Review, place: int) -> bool:
    """«Администратор нахамила»; `place` is that after the job."""
    for at in range(place, min(place + GENDER_REACH, len(review.tokens))):
        if CLAUSE_END.search(gap(review, at - 1)):
            return False
        if _SHE_DID.fullmatch(review.tokens[at].key):
            return True
    return False


def asked(review: Review, place: int) -> bool:
    """Whether the sentence is a question of the author's own."""
    number = review.sentence_tokens(place)[1] - 1
    last = review.tokens[number]
    if "?" not in last.key or number - place > FARTHEST:
        return False
    return not _CITED.search(review.text[review.tokens[place].end : last.start])


def called_upon(review: Review, place: int) -> bool:
    """«Владелец, обращайтесь»; `place` is that after the job."""
    return "," in gap(review, place - 1) and key(review, place).endswith(("те", "тесь"))
