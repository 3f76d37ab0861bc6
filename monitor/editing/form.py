"""How a phrase is written: as a sentence, for others stand beside it in the reply.

What is found depends on the phrase alone; how whole replies read is the linter's.
"""

import re
import unicodedata
from collections.abc import Iterator

from responders.lint.rule import WARNING, quoted
from responders.phrasebook import Phrase
from responders.types import Finding

RULE = "phrase_form"

_SMALL_YOU = re.compile(r"\b(?:вы|вас|вам|вами|ваш(?:а|е|и|его|ему|им|ем|ей|у|их|ими)?)\b")
_SPACE_BEFORE = re.compile(r"\w*[^\S\n]+[,.;!?…]+(?=\s|$)")
_LAST_WORD = re.compile(r".*\w", re.DOTALL)
_OPENING = "«„“\"'( \u00a0"
_CLOSING = frozenset(".!?…")


def slips(phrase: Phrase, text: str) -> Iterator[Finding]:
    """What is wrong with the form of a phrase that reads as `text` in a reply, in one sentence."""
    if found := list(_slips(phrase, text)):
        yield Finding(RULE, WARNING, f"Проверьте, как написано: {'; '.join(found)}")


def _slips(phrase: Phrase, text: str) -> Iterator[str]:
    if _beginning(phrase, text).lstrip(_OPENING)[:1].islower():
        yield "начинается с маленькой буквы"
    end = _LAST_WORD.sub("", text, count=1)
    if not any(char in _CLOSING or unicodedata.category(char) == "So" for char in end):
        yield "в конце нет точки"
    if found := _SPACE_BEFORE.search(text):
        yield f"лишний пробел в {quoted(found.group())}"
    if found := _SMALL_YOU.search(text):
        yield f"{quoted(found.group())} с маленькой буквы"


def _beginning(phrase: Phrase, text: str) -> str:
    """Its own first words: what stands in the place of a slot is not the phrase's."""
    if isinstance(phrase.template, str):
        return phrase.template
    return phrase.template[0] if isinstance(phrase.template, tuple) else text
