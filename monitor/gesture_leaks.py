"""Whether a public reply tells of a private gesture: its amount, its code, its words. Pure; apart from
`monitor.gestures`, because it needs the linter, which most commands do not load."""

import re
from collections.abc import Iterable, Iterator

from monitor import wording
from monitor.gestures import LIVE, Gesture
from responders.lint.rule import ERROR, WARNING, Hit, Remark, lowered, quoted, stems
from responders.platforms import ContactsInReply, platform
from responders.types import Finding

RULE = "gesture_public"

_SENTENCE = re.compile(r"[^.!?\n]+")
_TOKEN = re.compile(r"\w[\w-]{3,}")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3})\s?%")
_WHY = "Google отклоняет ответы с предложениями, а другие читатели захотят того же."
_ADVICE = "Уберите: жест обсуждают лично."
_ENOUGH = 0.75
"""This share of a gesture's words in one sentence is the gesture."""


def leaks(reply: str, held: Iterable[Gesture], *, source: str, review: str) -> tuple[Finding, ...]:
    """Where a public reply on that site tells of a gesture: its amount, its code, its words. What the author's own
    `review` says is no secret."""
    return tuple(remark.finding for remark in remarks(reply, held, source=source, review=review))


def remarks(reply: str, held: Iterable[Gesture], *, source: str, review: str) -> tuple[Remark, ...]:
    """The same, in parts."""
    severity = ERROR if platform(source).contacts is ContactsInReply.FORBIDDEN else WARNING
    hits = dict.fromkeys(hit for gesture in held if gesture.state in LIVE for hit in _told(reply, gesture, review))
    return tuple(Remark(RULE, severity, what, _WHY, _ADVICE, span) for what, span in hits)


def _told(reply: str, gesture: Gesture, review: str) -> Iterator[Hit]:
    for expression in (_amount(gesture.amount), *_percents(gesture.what)):
        if not expression.search(lowered(review)):
            for found in expression.finditer(lowered(reply)):
                yield f"Размер жеста назван при всех: {quoted(reply[slice(*found.span())])}", found.span()
    for expression in _codes(gesture.what):
        for found in expression.finditer(reply):
            yield f"Код из жеста назван при всех: {quoted(found[0])}", found.span()
    wanted = stems(gesture.what) - stems(review)
    for sentence in _SENTENCE.finditer(reply):
        if wanted and len(wanted & stems(sentence[0])) >= _ENOUGH * len(wanted):
            yield f"Жест назван при всех: {quoted(sentence[0].strip())}", sentence.span()


def _amount(amount: int) -> re.Pattern[str]:
    """«300 ₽», «1 400 рублей», «2 тыс. руб.», «500 баллов», in `lowered` text."""
    written = [r"[\s.,]?".join(wording.thousands(amount).split(wording.GLUE))]
    if amount % 1000 == 0:
        written.append(rf"{amount // 1000}\s?(?:тыс\w{{0,4}}\.?|к)")
    unit = r"(?:[.,]00)?[\s-]{0,2}(?:₽|руб|р\b|балл|бонус)"
    return re.compile(rf"(?<!\d)(?<!\d[\s.,])(?:{'|'.join(written)}){unit}\w{{0,8}}")


def _percents(what: str) -> Iterator[re.Pattern[str]]:
    for number in dict.fromkeys(_PERCENT.findall(what)):
        yield re.compile(rf"(?<!\d)(?<!\d[.,]){number}\s?(?:%|процент\w{{0,4}})")


def _codes(what: str) -> Iterator[re.Pattern[str]]:
    """Words that look like a code: letters with digits in any case, capitals as they stand, long numbers."""
    for token in dict.fromkeys(_TOKEN.findall(what)):
        digits = sum(map(str.isdigit, token))
        mixed = digits > 0 and any(map(str.isalpha, token))
        if mixed or token.isupper() or digits > 4:
            yield re.compile(rf"(?<!\w){re.escape(token)}(?!\w)", re.IGNORECASE if mixed else 0)
