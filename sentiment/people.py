"""Who of the business is praised or blamed: names and jobs, with the forms that a reply needs.

Everybody counts once, however often and however fully he is called: «мастер Анна … Анна Сергеевна … она». A job without
a name counts where something is said of the one who does it. Names are personal data: nothing here is logged.
"""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from sentiment.business import Business
from sentiment.model import Reading
from sentiment.naming import Called
from sentiment.people_search import Mention, mentions
from sentiment.people_text import begins_sentence
from sentiment.people_tone import Judge, Judgement
from sentiment.people_words import people_words
from sentiment.rules import Review
from sentiment.types import Person, Tone

MOST_MENTIONS = 500
FARTHEST = 10
"""Tokens between a job and its name, at most, where they stand apart."""
STORY_REACH = 3
"""Words behind a job that tell whether it only plays a part in a story."""
_DASH = re.compile(r"[—–]| - ")
_SENTENCE_END = re.compile(r"[.!?\n]")


class _Somebody(NamedTuple):
    called: Called
    sure: bool
    thanked: bool
    judged: Judgement


def find(
    review: Review, reading: Reading, stars: int | None, *, author: str = "", business: Business | None = None
) -> tuple[Person, ...]:
    """Everybody once, in the order of the text."""
    found = list(islice(mentions(review, author, business or Business()), MOST_MENTIONS))
    judge = Judge(review, reading, stars)
    everybody: list[_Somebody] = []
    for number, mention in enumerate(found):
        if not (number and _is_predicate(found[number - 1], mention, review)):
            judged = judge.judgement(number, found)
            _add(everybody, _Somebody(mention.called, mention.sure, mention.thanked, judged))
    return tuple(_person(item) for item in _united(everybody, review) if _counts(item, review))


def _is_predicate(before: Mention, mention: Mention, review: Review) -> bool:
    """«Педиатр Кузнецова — внимательнейший врач»: said of her, not of somebody else."""
    subject, called = before.called, mention.called
    if called.name or not subject.job or not subject.name or called.case != "nomn":
        return False
    between = review.text[review.tokens[subject.last - 1].end : review.tokens[called.first].start]
    return _DASH.search(between) is not None and _SENTENCE_END.search(between) is None


def _add(everybody: list[_Somebody], item: _Somebody) -> None:
    """Or merges him with himself, where he has been called before."""
    for number, other in enumerate(everybody):
        if _same(other.called, item.called):
            everybody[number] = _merged(other, item)
            return
    everybody.append(item)


def _same(one: Called, other: Called) -> bool:
    if one.name and other.name:
        return not set(one.keys).isdisjoint(other.keys)
    return one.role == other.role


def _merged(one: _Somebody, other: _Somebody) -> _Somebody:
    """By the fuller name and the louder words."""
    called = one.called
    if not called.name or len(other.called.keys) > len(called.keys):
        called = called._replace(name=other.called.name)
    job = called.job or other.called.job
    if job is not None and not called.name and other.called.gender == "femn":
        job = job._replace(gender="femn")  # «врач … врач сказала»
    called = called._replace(job=job)
    louder = other.judged.said and (not one.judged.said or other.judged.loudness > one.judged.loudness)
    return one._replace(called=called, judged=other.judged if louder else one.judged)


def _united(everybody: Sequence[_Somebody], review: Review) -> Sequence[_Somebody]:
    """«Хозяйка сама вышла, Тамара Вахтанговна», «Фарход … Бригадир»: one job without a name, one name without a job,
    close together."""
    if len(everybody) != 2:
        return everybody
    first, second = everybody
    job, name = (first, second) if second.called.name else (second, first)
    if job.called.name or not name.called.name or name.called.job:
        return everybody
    apart = second.called.first - first.called.last
    if any(token.key in ("и", "а") for token in review.tokens[first.called.last : second.called.first][:1]):
        return everybody  # «хирург и Анна»
    fits = job.called.gender in (name.called.gender, "masc")
    agree = name.judged.tone == job.judged.tone or not (name.judged.said and job.judged.said)
    return [_merged(first, second)] if apart <= FARTHEST and fits and agree else everybody


def _counts(item: _Somebody, review: Review) -> bool:
    """Whether something is said of him, for which stars do of one with a name."""
    called, tone = item.called, item.judged.tone
    if item.thanked or item.judged.said:
        return True
    if called.name:
        return item.sure or tone is not None
    words = people_words()
    if tone is None or called.case != "nomn" or called.role in words.lists["weak_roles"]:
        return False
    behind = [token.key for token in review.tokens[called.last : called.last + STORY_REACH]]
    if any(word.startswith(words.stems["story"]) for word in behind):
        return False
    if tone is Tone.NEGATIVE:
        return True
    return begins_sentence(review, called.first) and not any(word.startswith(words.stems["says"]) for word in behind)


def _person(item: _Somebody) -> Person:
    called, judged = item.called, item.judged
    name = called.name.nominative if called.name else ""
    return Person(called.role, name, called.dative, called.gender, judged.tone or Tone.NEUTRAL, judged.quote)
