"""Which job stands in a text: «врач», «обувному мастеру», «врач-терапевт», «девушка на кассе»."""

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from sentiment.declension import NounForm
from sentiment.people_text import adjacent, capital, key, restore_yo, written
from sentiment.people_words import people_words
from sentiment.rules import Review

NO_JOB = re.compile(r"мастер\w* (?:своего|на|класс)|управляющ\w* компан|ведущ\w* [а-я]+(?:ых|их|ий)\b")
"""«мастер своего дела», «управляющая компания», «ведущий из специалистов»."""
NO_JOB_BEHIND_HYPHEN = "класс"
AT = frozenset(["на", "за", "в"])


class Job(NamedTuple):
    """A job in tokens `first` to `last`, and each way to understand it: never none."""

    first: int
    last: int
    forms: tuple[NounForm, ...]

    @property
    def cases(self) -> list[str]:
        return [form.case for form in self.forms]

    @property
    def gender(self) -> str:
        """ "femn" where it is a woman's; "" where it may be anybody's."""
        return "femn" if all(form.gender == "femn" for form in self.forms) else ""

    def form(self, case: str, gender: str = "") -> NounForm:
        """In the case and of the gender, as far as there is one."""
        for wanted in (case, "nomn"):
            fitting = [form for form in self.forms if form.case == wanted]
            if fitting:
                return next((form for form in fitting if form.gender == gender), fitting[0])
        return self.forms[0]


def job_at(review: Review, place: int) -> Job | None:
    """The job that begins at the token."""
    attributes = people_words().attributes.get(review.tokens[place].key)
    if attributes and adjacent(review, place) and (head := _bare_job(review, place + 1)) is not None:
        both = _agreeing(attributes, head.forms)
        return Job(place, head.last, both) if both else head
    return _bare_job(review, place)


def is_no_job(review: Review, job: Job) -> bool:
    """Whether the words only look like a job."""
    return NO_JOB.match(f"{review.tokens[job.first].key} {key(review, job.last)}") is not None


def _bare_job(review: Review, place: int) -> Job | None:
    found = people_words().jobs.get(review.tokens[place].key)
    if found is None:
        return _hyphenated(review, place) or _at_post(review, place)
    following = place + 1
    if adjacent(review, place) and not capital(review, following):
        second = people_words().jobs.get(review.tokens[following].key, ())
        if both := _in_one_case(found, second, " "):
            return Job(place, place + 2, both)
    return Job(place, place + 1, tuple(_with_yo(found, written(review, place))))


def _hyphenated(review: Review, place: int) -> Job | None:
    """«врач-терапевт», «девушка-администратор», «официантка-практикантка»."""
    one, hyphen, other = review.tokens[place].key.partition("-")
    if not hyphen:
        return None
    words = people_words()
    head, tail = words.jobs.get(one) or words.anyone.get(one), words.jobs.get(other)
    if head and tail:
        forms = _in_one_case(head, tail, "-")
    else:
        forms = () if other.startswith(NO_JOB_BEHIND_HYPHEN) else words.jobs.get(one, ())
    return Job(place, place + 1, forms) if forms else None


def _at_post(review: Review, place: int) -> Job | None:
    """«девушка на кассе»."""
    tokens, words = review.tokens, people_words()
    found = words.anyone.get(tokens[place].key)
    if found is None or key(review, place + 1) not in AT or key(review, place + 2) not in words.lists["posts"]:
        return None
    if not (adjacent(review, place) and adjacent(review, place + 1)):
        return None
    post = review.text[tokens[place].end : tokens[place + 2].end].lower()
    forms = (form._replace(nominative=form.nominative + post, dative=form.dative + post) for form in found)
    return Job(place, place + 3, tuple(forms))


def _in_one_case(first: Sequence[NounForm], second: Sequence[NounForm], between: str) -> tuple[NounForm, ...]:
    """Two words that stand for one job."""
    found = {
        (one.nominative + between + other.nominative, one.gender, one.case): one.dative + between + other.dative
        for one, other in product(first, second)
        if one.case == other.case
    }
    return tuple(NounForm(nominative, dative, gender, case) for (nominative, gender, case), dative in found.items())


def _agreeing(attributes: Sequence[NounForm], head: Sequence[NounForm]) -> tuple[NounForm, ...]:
    """The same where the first is an adjective, and of one gender with the other."""
    return tuple(
        found
        for form in head
        for found in _in_one_case([one for one in attributes if one.gender == form.gender], [form], " ")
    )


def _with_yo(forms: Sequence[NounForm], shown: str) -> Iterable[NounForm]:
    """With the author's ё."""
    for form in forms:
        nominative = restore_yo(form.nominative, form.nominative, shown)
        yield form._replace(nominative=nominative, dative=restore_yo(form.dative, form.nominative, shown))
