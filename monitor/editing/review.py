"""Why a review is here: its text with what was noticed in it, the reason in a sentence, the sentence that tells most.

A verdict quotes the review; the quotes are looked up in the text as people see it (`wording.visible`).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from monitor import wording
from monitor.alerts import TicketView
from sentiment.types import Evidence, ThemeMention, Tone, Verdict

KEY_WIDTH = 160
QUOTE_WIDTH = 80
MOST_REASONS = 3
ENOUGH_REASONS = 2
"""Phrases that tell of nothing particular are quoted up to so many."""
SHORT = 20
"""Characters; a sentence this short tells little without the next one."""
DANGEROUS, TELLING = 100.0, 0.5
"""Weights of quotes beside those of the evidence, for the sentence that tells most."""
ENOUGH, PLAINLY, ABOUT_A_THEME = 0.3, 0.5, 0.15
"""So much a phrase must weigh to be shown as blame or praise: in general, where the tone is not negative, and where a
theme is spoken of in the same tone."""
FEW_STARS = 3
"""Up to here stars alone ask for haste."""

Span = tuple[int, int]

_SENTENCE = re.compile(r"\S(?:[^\n]*?[.!?…]+(?=\s|\Z)|[^\n]*)")
_WORD = re.compile(r"\w+")
_INNER = str.maketrans("«»", "„“")
_CLOSING = {"«": "»", "„": "“", "“": "”", '"': '"'}
_YO = str.maketrans("ёЁ", "еЕ")
_JOINERS = "\u200d\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""Parts of an emoji: what joins two, what colours one."""


class Mark(StrEnum):
    """Why words are marked: they name a danger, blame or praise (what the tone rests on), speak of a theme."""

    DANGER = "danger"
    BLAME = "blame"
    PRAISE = "praise"
    THEME_NEGATIVE = "theme-negative"
    THEME_NEUTRAL = "theme-neutral"
    THEME_POSITIVE = "theme-positive"


_OF_THEME = {
    Tone.NEGATIVE: (Mark.THEME_NEGATIVE, "недовольство"),
    Tone.NEUTRAL: (Mark.THEME_NEUTRAL, "упоминание"),
    Tone.POSITIVE: (Mark.THEME_POSITIVE, "похвала"),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the review. `kinds`, the gravest first, and `titles` (Russian) tell why it is marked, () where it is
    not."""

    text: str
    kinds: tuple[Mark, ...] = ()
    titles: tuple[str, ...] = ()


class _Marked(NamedTuple):
    span: Span
    kind: Mark
    title: str


# --- the marked text ---------------------------------------------------------------------------------------


def marks(view: TicketView) -> tuple[Segment, ...]:
    """The text in pieces that together are the text as people see it; () of one without words."""
    text = wording.visible(view.text)
    marked = list(_marked(text, view.verdict)) if view.verdict is not None else []
    cuts = sorted({0, len(text), *(at for item in marked for at in item.span)})
    found: list[Segment] = []
    for start, end in pairwise(cuts):
        over = sorted(
            (item for item in marked if item.span[0] <= start and end <= item.span[1]),
            key=lambda item: list(Mark).index(item.kind),
        )
        piece = Segment(
            text[start:end],
            tuple(dict.fromkeys(item.kind for item in over)),
            tuple(dict.fromkeys(item.title for item in over)),
        )
        if found and (found[-1].kinds, found[-1].titles) == (piece.kinds, piece.titles):
            piece = Segment(found.pop().text + piece.text, piece.kinds, piece.titles)
        found.append(piece)
    return tuple(found)


def _marked(text: str, verdict: Verdict) -> Iterator[_Marked]:
    for risk in verdict.risks:
        if span := locate(text, risk.quote):
            yield _Marked(span, Mark.DANGER, f"опасность: {wording.RISKS.get(risk.risk, risk.risk)}")
    for phrase in verdict.evidence:
        span = locate(text, phrase.phrase)
        if span is not None and _tells(text, verdict, phrase, span):
            blame = phrase.weight > 0
            yield _Marked(span, *((Mark.BLAME, "слова недовольства") if blame else (Mark.PRAISE, "слова похвалы")))
    for mention in verdict.themes:
        if span := locate(text, mention.quote):
            kind, said = _OF_THEME[mention.tone]
            yield _Marked(span, kind, f"{theme_title(mention)}: {said}")


def _tells(text: str, verdict: Verdict, phrase: Evidence, span: Span) -> bool:
    """Whether it says so itself, or a theme that is spoken of there; not where a theme says only the opposite."""
    if phrase.weight > 0 and verdict.tone is Tone.POSITIVE and not verdict.urgent:
        return False
    own, opposite = (Tone.NEGATIVE, Tone.POSITIVE) if phrase.weight > 0 else (Tone.POSITIVE, Tone.NEGATIVE)
    spoken = {mention.tone for mention in verdict.themes if (at := locate(text, mention.quote)) and _overlap(span, at)}
    if own in spoken:
        return abs(phrase.weight) >= ABOUT_A_THEME
    plain = phrase.weight < 0 or verdict.tone is Tone.NEGATIVE
    return opposite not in spoken and abs(phrase.weight) >= (ENOUGH if plain else PLAINLY)


def theme_title(mention: ThemeMention) -> str:
    """`персонал`, `качество еды`."""
    return wording.QUALITY_OF.get(mention.of) or wording.THEMES.get(mention.theme, mention.theme)


def locate(text: str, quote: str) -> Span | None:
    """Where a quote stands first, as whole words if it does anywhere; else where its words do, whatever stands between
    them. A letter keeps its accent, an emoji its parts."""
    sought = wording.visible(quote).strip()
    if not sought:
        return None
    found = next(_occurrences(text, sought), None)
    at = text.find(sought)
    if found is None and at >= 0:
        found = at, at + len(sought)
    if found is None and (words := _WORD.findall(sought.translate(_YO))):
        loosely = re.search(r"\W+".join(map(re.escape, words)), text.translate(_YO), re.IGNORECASE)
        found = loosely.span() if loosely else None
    return None if found is None else _whole(text, *found)


def _occurrences(text: str, sought: str) -> Iterator[Span]:
    """Those that begin and end where words do."""
    at = text.find(sought)
    while at >= 0:
        end = at + len(sought)
        begins = not (text[at - 1 : at].isalnum() and sought[0].isalnum())
        ends = not (text[end : end + 1].isalnum() and sought[-1].isalnum())
        if begins and ends:
            yield at, end
        at = text.find(sought, at + 1)


def _whole(text: str, start: int, end: int) -> Span:
    while start > 0 and _joins(text, start):
        start -= 1
    while end < len(text) and _joins(text, end):
        end += 1
    return start, end


def _joins(text: str, at: int) -> bool:
    """Whether the character belongs to the one before it."""
    return unicodedata.category(text[at]).startswith("M") or text[at] in _JOINERS or text[at - 1] == "\u200d"


# --- the reason in a sentence ------------------------------------------------------------------------------


def why(view: TicketView) -> str:
    """«Отмечен как негативный: 2 звезды; «хамят» — персонал.»; "" of a review that may wait."""
    verdict = view.verdict
    if verdict is None:
        return "Отзыв ещё не разобран, поэтому срок короткий."
    text = wording.visible(view.text)
    sentences = [_dangers(verdict)]
    if verdict.urgent:
        few = view.stars is not None and view.stars <= FEW_STARS
        sentences.append(_reason(view, verdict, _complaints(text, verdict, few=few), few=few))
    return " ".join(filter(None, sentences))


def _dangers(verdict: Verdict) -> str:
    found: dict[str, str] = {}
    for item in verdict.risks:
        found.setdefault(wording.RISKS.get(item.risk, item.risk), item.quote)
    told = "; ".join(f"{name} ({_quoted(quote)})" if quote else name for name, quote in found.items())
    return told and f"В отзыве названа опасность: {told}."


def _reason(view: TicketView, verdict: Verdict, complaints: str, *, few: bool) -> str:
    """`complaints` names what was complained of, or is ""."""
    stars = "" if view.stars is None else wording.counted(view.stars, "звезда", "звезды", "звёзд")
    said = complaints and f": {complaints}"
    if by := _by_hand(view):
        return f"{by}{said}."
    if verdict.flagged and few:
        kind = _quoted(strongest) if verdict.conflict and (strongest := _praise(verdict)) else ""
        if kind:
            return f"Отмечен как негативный: {stars}, хотя слова добрые ({kind})."
        return f"Отмечен как негативный: {'; '.join(filter(None, (stars, complaints)))}."
    if verdict.flagged:
        return f"Отмечен как негативный{f', хотя в оценке {stars}' if stars else ''}{said}."
    if verdict.risks:
        return "Поэтому срок короткий."
    if stars:
        return f"В оценке {stars}, но есть и недовольство{said}. Поэтому срок короткий."
    return "Оценки нет, а по словам не понять, доволен ли автор. Поэтому срок короткий."


def _by_hand(view: TicketView) -> str:
    """«Отмечен как негативный вручную (Анна)», where a person's word decided."""
    label, verdict = view.label, view.verdict
    if label is None or verdict is None or not verdict.flagged:
        return ""
    blames = label.tone is Tone.NEGATIVE or bool(label.complaint)
    names = dict.fromkeys(name for name in (label.tone_by, label.complaint_by) if name)
    people = ", ".join(wording.one_line(name, QUOTE_WIDTH) for name in names)
    return f"Отмечен как негативный вручную ({people})" if blames else ""


def _praise(verdict: Verdict) -> str:
    pulls = [item for item in verdict.evidence if item.weight < 0]
    return min(pulls, key=lambda item: item.weight).phrase if pulls else ""


class _Complaint(NamedTuple):
    quote: str
    themes: tuple[str, ...]
    shouted: bool


def _complaints(text: str, verdict: Verdict, *, few: bool) -> str:
    """`«хамят» — персонал; «ждали час» — ожидание`. Under `few` stars those first that tell of something, and
    of these what the author shouts; else those that weigh most: it is them that contradict the stars."""
    found = _complained(text, verdict)
    if few:
        telling = sorted((item for item in found if item.themes), key=lambda item: not item.shouted)
        found = telling + [item for item in found if not item.themes][: max(0, ENOUGH_REASONS - len(telling))]
    named: set[str] = set()
    told = []
    for item in found[:MOST_REASONS]:
        fresh = [theme for theme in item.themes if theme not in named]
        named.update(fresh)
        told.append(f"{_quoted(item.quote)}{' — ' + ', '.join(fresh) if fresh else ''}")
    return "; ".join(told)


def _complained(text: str, verdict: Verdict) -> list[_Complaint]:
    """What was complained of, the strongest first, without what is told as a danger. A phrase is quoted as far as the
    clause goes that speaks of a theme."""
    taken = [span for item in verdict.risks if (span := locate(text, item.quote))]
    blamed = [
        (span, item) for item in verdict.themes if item.tone is Tone.NEGATIVE and (span := locate(text, item.quote))
    ]
    pulling = sorted((item for item in verdict.evidence if item.weight > 0), key=lambda item: -item.weight)
    plain = [item for item in pulling if (at := locate(text, item.phrase)) and _tells(text, verdict, item, at)]
    told = plain or ([] if blamed else pulling[:1])
    found: list[_Complaint] = []
    for quote in (*(item.phrase for item in told), *(item.quote for _, item in blamed)):
        span = locate(text, quote)
        if span is None or any(_overlap(span, other) for other in taken):
            continue
        about = [(at, item) for at, item in blamed if _overlap(span, at)]
        wider = [at for at, _ in about if at[0] <= span[0] and span[1] <= at[1] and at[1] - at[0] <= QUOTE_WIDTH]
        whole = max(wider, key=lambda at: at[1] - at[0], default=span)
        taken.append(whole)
        themes = tuple(dict.fromkeys(theme_title(item) for _, item in about))
        shouted = "!!" in text[whole[0] : whole[1] + 2]
        found.append(_Complaint(text[slice(*whole)], themes, shouted))
    return found


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _quoted(words: str) -> str:
    """In quotation marks; those within, as the second ones of Russian."""
    line = _paired(wording.one_line(words, QUOTE_WIDTH)).strip(" .,;:")
    while line[:1] in _CLOSING and line.endswith(_CLOSING[line[0]]) and line[0] not in line[1:-1]:
        line = line[1:-1].strip(" .,;:")
    return f"«{line.translate(_INNER)}»"


def _paired(line: str) -> str:
    """Without the quotation marks that have lost their partners."""
    alone: list[int] = []
    for at, mark in enumerate(line):
        if alone and mark == _CLOSING.get(line[alone[-1]]):
            alone.pop()
        elif mark in _CLOSING or mark in _CLOSING.values():
            alone.append(at)
    return "".join(mark for at, mark in enumerate(line) if at not in alone)


# --- the sentence that tells most --------------------------------------------------------------------------


def key_sentence(view: TicketView) -> str:
    """The sentence that caused the flag, where there is one, else the one that speaks the loudest: one line of at most
    KEY_WIDTH characters, cut at words around its strongest quote; "" of a review without words."""
    text = wording.visible(view.text)
    found = list(_sentences(text))
    loud = [] if view.verdict is None else _loud(text, view.verdict)
    said = [[(weight, at) for at, weight in loud if start <= at[0] < end] for start, end in found]
    best = max(range(len(found)), key=lambda number: sum(weight for weight, _ in said[number]), default=None)
    if best is None:
        return ""
    start, end = found[best]
    if end - start < SHORT and best + 1 < len(found) and "\n" not in text[end : found[best + 1][0]]:
        end = found[best + 1][1]
    _, quote = max(said[best], key=lambda item: item[0], default=(0.0, (start, start)))
    return _around(text[start:end], (quote[0] - start, min(quote[1], end) - start))


def _loud(text: str, verdict: Verdict) -> list[tuple[Span, float]]:
    """The quotes and how much each matters: dangers most, then what the tone rests on, then what is blamed."""
    blame = verdict.urgent and any(item.weight > 0 for item in verdict.evidence)
    quotes = [
        *((item.quote, DANGEROUS) for item in verdict.risks),
        *((item.phrase, item.weight if blame else abs(item.weight)) for item in verdict.evidence),
        *((item.quote, TELLING) for item in verdict.themes if item.tone is Tone.NEGATIVE),
    ]
    return [(span, weight) for quote, weight in quotes if weight > 0 and (span := locate(text, quote))]


def _sentences(text: str) -> Iterator[Span]:
    """One that trails off goes on in small letters."""
    before: Span | None = None
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        if before is not None:
            trails_off = text.endswith(("...", "…"), before[0], before[1]) and "\n" not in text[before[1] : start]
            if trails_off and match[0][0].islower():
                start = before[0]
            else:
                yield before
        before = start, end
    if before is not None:
        yield before


def _around(sentence: str, quote: Span) -> str:
    """The sentence in one line; of a long one the part with the quote."""
    line = " ".join(sentence.split())
    if len(line) <= KEY_WIDTH:
        return line
    begins = len(" ".join(sentence[: quote[0]].split()))
    length = min(len(" ".join(sentence[slice(*quote)].split())), KEY_WIDTH - 2)
    if begins + length < KEY_WIDTH - 1:
        return wording.one_line(line, KEY_WIDTH)
    left = begins - (KEY_WIDTH - 2 - length) // 2
    space = line.find(" ", left, begins)
    return "…" + wording.one_line(line[begins if space < 0 else space + 1 :], KEY_WIDTH - 1)
