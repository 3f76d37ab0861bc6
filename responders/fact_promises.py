"""What a rewriting says that we shall do, or have done, and its original did not."""

import re
from collections.abc import Iterator

from responders import fact_words as words
from responders.fact_text import Case, Hit, Text, Word, ahead
from responders.lint.rule import quoted

_THANKED = re.compile(r"\b(?:спасибо|благодар\w+|признател\w+|приятно|рады|здорово|хорошо|ценим|ценно)\b[^.!?\n]*$")
_SELF = re.compile(r"\b(?:мы|нами|уже|нам\s+удалось)\b")
_THEIRS = re.compile(r"\b(?:вы|чтобы|бы)\b")
_SENTENCE_MARKS = frozenset(".!?\n")
_NEAR = 4
"""Words from «будем» to its infinitive."""


def promises(case: Case) -> Iterator[Hit]:
    known = case.was.ours | case.measure.lemmas
    told = case.was.promised | case.measure.lemmas
    for at, word in enumerate(case.now.words):
        ours = word.found("futr", "1per")
        if "быть" in ours:
            if not _harmless_will(case, at):
                yield f"Новое обещание: {case.shown((word.start, _after(case.now, at)))}", word.span
        elif ours and not _weighs_no_more(ours, known, complaint=case.complains):
            yield f"Новое обещание: {quoted(word.text)}", word.span
        theirs = (word.found("futr", "3per") | _received(word)) - words.NEVER_PROMISED
        if theirs and not theirs & told:
            yield f"Новое обещание: {quoted(word.text)}", word.span


def _received(word: Word) -> frozenset[str]:
    """«Получите»: what the author will have of us."""
    return word.found("futr", "2per") & {"получить", "забрать", "вернуть"}


def _weighs_no_more(lemmas: frozenset[str], known: frozenset[str], *, complaint: bool) -> bool:
    if lemmas & known:
        return True
    meeting = {"увидеться", "встретиться", "увидеть", "встретить", "порадовать"}
    if not complaint and lemmas & meeting:
        return True
    return any(group & known for group in words.SYNONYMS if lemmas & group)


def _harmless_will(case: Case, at: int) -> bool:
    """«Будем рады», «будем ждать»; what else we shall do must have been said."""
    known = case.was.ours | case.measure.lemmas
    for word in case.now.words[at + 1 : at + 1 + _NEAR]:
        verbs = word.found("INFN")
        if verbs:
            return _weighs_no_more(verbs, known, complaint=case.complains) or bool(
                word.found("INFN", "impf") & {"ждать", "рад", "благодарить"}
            )
        if word.plain[:5] in ("рады", "рад", "рада", "благо", "призн"):
            return True
    return "быть" in known


def _after(text: Text, at: int) -> int:
    last = min(at + 2, len(text.words) - 1)
    return text.words[last].end


def measures(case: Case) -> Iterator[Hit]:
    done = case.was.done | case.measure.lemmas
    told = case.was.promised | case.was.ours | case.measure.lemmas
    for word in case.now.words:
        past = word.found("past")
        if past:
            if not past & done and _is_claim(case.now, word, past):
                yield f"Новая мера: {quoted(word.text)}", word.span
        elif (verbs := ahead(word) & words.MEASURES) and not word.found("impr") and not verbs & told:
            if not word.found("futr") and not _weighs_no_more(verbs, told, complaint=True):
                yield f"Новое обещание: {quoted(word.text)}", word.span
        elif word.lemmas & words.MEASURE_NOUNS and not case.was.holds(word) and not case.measure.holds(word):
            yield f"Новая мера: {quoted(word.text)}", word.span


def _is_claim(text: Text, word: Word, lemmas: frozenset[str]) -> bool:
    """Whether a form of the past says what we did, and not what the author did or felt."""
    clause = text.clause(word)
    if word.found("PRTS"):
        return not lemmas & words.HARMLESS_PARTICIPLES
    if word.found("PRTF"):
        return bool(lemmas & words.MEASURES)
    if _SELF.search(clause):
        return not lemmas & words.HARMLESS_PAST
    if _THEIRS.search(clause):
        return False
    if clause.startswith("что ") and _THANKED.search(text.before(word, _SENTENCE_MARKS)):
        return False
    return bool(lemmas & words.MEASURES)
