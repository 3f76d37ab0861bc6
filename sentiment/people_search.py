"""Where a review calls somebody of the business: by a job and a name, by either, by a word that nobody knows.

A name counts where nothing says that it is somebody else's (`people_others`); one that is an everyday word as well, or
stands in small letters, only where something beside it speaks for a person. A job alone counts where it means one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from sentiment import morph, scope
from sentiment.business import Business
from sentiment.declension import patronymic_forms
from sentiment.naming import Called, Kind, Part, name_parts, resolve, unknown_name
from sentiment.people_cues import (
    asked,
    called_upon,
    case_demanded,
    gender_told,
    she_did,
    thanked_before,
    thanked_behind,
)
from sentiment.people_jobs import Job, is_no_job, job_at
from sentiment.people_others import Others
from sentiment.people_text import SENTENCE_END, SPACES, adjacent, begins_sentence, capital, gap, key, written
from sentiment.people_words import people_words
from sentiment.rules import Review

UNKNOWN_CAPITAL = re.compile(r"[а-яё,;:] [А-ЯЁ][а-яё]{2,}")
"""A capital inside a sentence."""
KEY = attrgetter("key")
NAME_REACH = 5
"""Words between a job and its name, at most."""
PERSON_REACH = 3
"""Words behind a name, where its clause is shorter, among which something is said of a person."""
SHORTEST_UNKNOWN = 3
SHORTEST_NOUN = 4
VOWELS_OF_NO_NAME = "оеиуыэю"
ADJECTIVAL = ("ого", "его", "ому", "ыми", "ый", "ий", "ая", "ое", "ее", "ые", "ие", "ых", "их", "ую")


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody called so. `sure`: something beside the name speaks for one of the business. `thanked`: so plainly that
    no other word is needed."""

    called: Called
    sure: bool
    thanked: bool


def mentions(review: Review, author: str, business: Business) -> Iterator[Mention]:
    """In the order of the text, everybody as often as he is called."""
    if _may_call_somebody(review):
        yield from _Search(review, author, business).everybody()


def _may_call_somebody(review: Review) -> bool:
    """A quick look, by which most texts need no more."""
    cues = people_words().cues
    if not cues.isdisjoint(map(KEY, review.tokens)) or UNKNOWN_CAPITAL.search(review.text):
        return True
    return "-" in review.text and any(not cues.isdisjoint(token.key.split("-")) for token in review.tokens)


class _Search:
    def __init__(self, review: Review, author: str, business: Business) -> None:
        self.review = review
        self.words = people_words()
        self.lists = self.words.lists
        self.others = Others(review, author, business)

    def everybody(self) -> Iterator[Mention]:
        after = 0
        for place, token in enumerate(self.review.tokens):
            if place < after or not token.is_word:
                continue
            found = self._at(place)
            if found is not None and not scope.elsewhere(self.review, found.called.first):
                after = max(found.called.last, place + 1)
                yield found

    def _at(self, place: int) -> Mention | None:
        token = self.review.tokens[place]
        if token.key in self.words.openings:
            return self._by_job(place) or self._introduced(place) or self._by_name(place)
        if "-" in token.key:
            return self._joined(place) or self._by_job(place)
        return self._by_unknown_word(place) if self.review.text[token.start].isupper() else None

    # --- «мастер Анна» ---

    def _by_job(self, place: int) -> Mention | None:
        review = self.review
        job = job_at(review, place)
        if job is None:
            return None
        begin = self._name_behind(job)
        if begin is None:
            return self._by_job_alone(job)
        parts, end = name_parts(review, begin, trusted=True)
        name = resolve(parts, job.cases if begin == job.last else ("nomn",), job.gender)
        if name is None:
            return self._by_job_alone(job)
        called = Called(job.first, end, job.form(name.case, name.gender), name)
        return None if self.others.holds(called) else Mention(called, True, thanked_before(review, place))

    def _name_behind(self, job: Job) -> int | None:
        """Where the name may begin that belongs to the job: right behind it, behind «зала», «по имени», a dash."""
        review, tokens = self.review, self.review.tokens
        for place in range(job.last, min(job.last + NAME_REACH, len(tokens))):
            between, word = gap(review, place - 1), tokens[place].key
            if SENTENCE_END.search(between):
                return None
            if word in self.lists["named"]:
                return place + 1 if place + 1 < len(tokens) else None
            if place > job.last and tokens[place - 1].key == "по":
                continue  # «мастер по маникюру Анна»
            close = not between.strip(SPACES)
            named = (close or "-" in between) and (word in self.words.names or word in self.words.titles)
            if capital(review, place) or named:
                return None if self._doubtful(place, job) else place
            if not close or word not in self.lists["modifiers"]:
                return None
        return None

    def _doubtful(self, place: int, job: Job) -> bool:
        """«мастер рада помочь», «мастер, Хочу отметить»: words that are mostly no names."""
        word = self.review.tokens[place].key
        if written(self.review, place)[0].isupper():
            return "," in gap(self.review, place - 1) and word not in self.words.names
        return place == job.last and word in self.words.everyday and not morph.is_personal(word)

    def _joined(self, place: int) -> Mention | None:
        """«Юленька-консультант»."""
        one, _, other = self.review.tokens[place].key.partition("-")
        forms = self.words.jobs.get(other)
        if one not in self.words.names or not forms:
            return None
        shown = written(self.review, place).partition("-")[0]
        job = Job(place, place + 1, forms)
        name = resolve([Part(shown, Kind.NAME, self.words.names[one])], job.cases)
        if name is None:
            return None
        called = Called(place, place + 1, job.form(name.case), name)
        return Mention(called, True, thanked_before(self.review, place))

    # --- «официант нахамил» ---

    def _by_job_alone(self, job: Job) -> Mention | None:
        review = self.review
        case = self._case_alone(job)
        if case is None or self._means_nobody(job):
            return None
        form = job.form(case)
        thanked = case in ("datv", "accs") and thanked_before(review, job.first)
        if form.nominative in self.lists["outsiders"] and not thanked:
            return None
        if she_did(review, job.last):
            form = form._replace(gender="femn")
        return Mention(Called(job.first, job.last, form, None), True, thanked)

    def _means_nobody(self, job: Job) -> bool:
        review = self.review
        for at in (job.first - 1, job.first - 2):
            if at < 0 or not adjacent(review, at):
                break
            if review.tokens[at].key in self.lists["nobody"]:
                return True
        return (
            is_no_job(review, job)
            or called_upon(review, job.last)
            or asked(review, job.first)
            or self._of_ambulance(job)
        )

    def _of_ambulance(self, job: Job) -> bool:
        """«врач скорой», «в травмпункте хирург сказал»: who saw what had happened, and is none of the business."""
        review, lists = self.review, self.lists
        if key(review, job.last) in lists["ambulance"]:
            return True
        begin = review.sentence_tokens(job.first)[0]
        taken = any(token.key in lists["away"] for token in review.tokens[begin : job.first])
        doctor = any(form.nominative in lists["doctors"] for form in job.forms)
        return taken and doctor

    def _case_alone(self, job: Job) -> str | None:
        """In which it stands, None where the words before do not go with any in which one is judged."""
        cases = frozenset(job.cases) - {"loct"}
        demanded = case_demanded(self.review, job.first)
        if "nomn" in cases and demanded in (None, "nomn", "loct", "accs"):
            return "nomn"
        if demanded == "loct" and "accs" in cases:
            return "accs"  # «пожаловалась на менеджера»
        return demanded if demanded in cases else None

    # --- «зовут Шохрух» ---

    def _introduced(self, place: int) -> Mention | None:
        review, begin = self.review, place + 1
        word, before = review.tokens[place].key, key(review, place - 1)
        if word not in self.lists["named"] or begin >= len(review.tokens) or self.others.of_family(place):
            return None
        if before in self.lists["self"] or (word in self.lists["word_for_name"] and before != "по"):
            return None
        parts, end = name_parts(review, begin, trusted=True)
        if not parts and capital(review, begin):
            parts, end = unknown_name(review, begin), begin + 1
        name = resolve(parts, ("ablt",) if word.endswith(("ся", "сь")) else ("nomn",))
        return self._unless_refused(Mention(Called(begin, end, None, name), True, False)) if name else None

    # --- «Марина супер» ---

    def _by_name(self, place: int, *, trusted: bool = False) -> Mention | None:
        review = self.review
        big = written(review, place)[0].isupper()
        demanded = case_demanded(review, place)
        parts, end = name_parts(review, place, trusted=trusted or not big)
        if not parts:
            return None
        job = self._job_behind(end)
        cases = [demanded] if demanded else job.cases if job else ["nomn"]
        name = resolve(parts, cases, gender_told(review, end))
        if name is None:
            return None
        called = Called(place, end, None, name)
        thanked = thanked_before(review, place) or (name.case == "datv" and thanked_behind(review, end))
        cued = thanked or job is not None or demanded in ("gent", "datv")
        if self.others.takes(called, cued=cued, thanked=thanked):
            return None
        if not trusted and len(parts) == 1 and not self._plausible(called, big=big, cued=cued):
            return None
        if job is not None:
            called = Called(place, job.last, job.form(name.case, name.gender), name)
        else:
            called = self._with_noun_before(called)
        return self._unless_refused(Mention(called, cued, thanked))

    def _unless_refused(self, mention: Mention) -> Mention | None:
        called = mention.called
        if called.case == "nomn" and not mention.thanked and asked(self.review, called.first):
            return None
        return None if self.others.holds(called) else mention

    def _plausible(self, called: Called, *, big: bool, cued: bool) -> bool:
        word = self.review.tokens[called.first].key
        starts = begins_sentence(self.review, called.first)
        if not cued and self._is_eaten(called):
            return False
        personal = morph.is_personal(word)
        if word in self.lists["kin"]:
            return cued and big and not starts  # «Жене понравилось»
        if word in self.words.everyday or (morph.is_known(word) and not personal):
            return big and ((cued and not starts) or self._speaks_of_a_person(called))
        return big or ((cued or starts) and personal)

    def _speaks_of_a_person(self, called: Called) -> bool:
        stems = self.words.stems
        dish = self.review.tokens[called.first].key in self.lists["dishes"]
        return any(
            word in self.words.jobs
            or (word.startswith(stems["of_people"]) and not (dish and word.startswith(stems["of_things"])))
            for word in self._behind(called)
        )

    def _is_eaten(self, called: Called) -> bool:
        """«Маргарита с базиликом», «Раф сладкий»."""
        behind, lists = self._behind(called), self.lists
        made = (
            self.review.tokens[called.first].key in lists["dishes"] and behind[:1] and behind[0] in lists["made_with"]
        )
        return bool(made) or any(word.startswith(self.words.stems["tastes"]) for word in behind[:PERSON_REACH])

    def _behind(self, called: Called) -> list[str]:
        """The words of the clause behind the name, in a short clause those of the next."""
        review = self.review
        clause = review.clauses[review.clause_of(called.first)]
        return [token.key for token in review.tokens[called.last : max(clause.last, called.last + PERSON_REACH)]]

    def _job_behind(self, place: int) -> Job | None:
        """«Майкл, преподаватель», «гене обувному мастеру», «Алсу Маратовна, наш репетитор»."""
        review = self.review
        if place >= len(review.tokens) or SENTENCE_END.search(gap(review, place - 1)):
            return None
        if review.tokens[place].key in self.lists["before_job"] and adjacent(review, place):
            place += 1
        job = job_at(review, place)
        return None if job is None or capital(review, place) or is_no_job(review, job) else job

    def _with_noun_before(self, called: Called) -> Called:
        """«садовница Вера»: any noun for a person right before the name, in the same case, is what he does."""
        place = called.first - 1
        if place < 0 or not adjacent(self.review, place):
            return called
        word = self.review.tokens[place].key
        none = word in self.lists["no_roles"] or word in self.lists["kin"] or word in self.words.titles
        if len(word) < SHORTEST_NOUN or none:
            return called
        for noun in morph.person_nouns(word):
            if noun.case == called.case and noun.gender in (called.gender, "masc"):
                return called._replace(first=place, job=noun)
        return called

    # --- «Гюльчатай», «Ивановой» ---

    def _by_unknown_word(self, place: int) -> Mention | None:
        """A word with a capital that is no known first name."""
        review, word = self.review, self.review.tokens[place].key
        if not capital(review, place) or not _may_be_a_name(word) or self.others.in_title(place):
            return None
        if word in self.lists["things"] or word in self.lists["famous"]:
            return None
        if self._goes_on_as_name(place) or (begins_sentence(review, place) and self._goes_on_as_person(place)):
            return self._by_name(place, trusted=True)
        if begins_sentence(review, place):
            return None
        if self._greeted(place) and morph.surname_forms(word):
            return self._by_name(place, trusted=True)
        return self._by_name(place) if morph.is_personal(word) and morph.dictionary_names(word) else None

    def _goes_on_as_name(self, place: int) -> bool:
        """«Гюльшат Маратовна», «Кочубей Ольга»."""
        if not adjacent(self.review, place) or not capital(self.review, place + 1):
            return False
        word, following = self.review.tokens[place].key, self.review.tokens[place + 1].key
        return bool(patronymic_forms(following) or (following in self.words.names and morph.surname_forms(word)))

    def _goes_on_as_person(self, place: int) -> bool:
        """«Майкл, преподаватель, …», «Гюльчатай зовут её»."""
        if self.review.tokens[place].key.endswith(tuple(VOWELS_OF_NO_NAME)):
            return False
        return self._job_behind(place + 1) is not None or key(self.review, place + 2) in ("его", "ее")

    def _greeted(self, place: int) -> bool:
        """«была у Ивановой», «спасибо Петренко»."""
        before = key(self.review, place - 1)
        if before in self.lists["met"] or thanked_behind(self.review, place + 1):
            return True
        return before not in self.lists["gent"] and thanked_before(self.review, place)


@lru_cache(maxsize=8192)
def _may_be_a_name(word: str) -> bool:
    """Not what people write with a capital out of politeness or by habit, nor what the dictionary knows as a word."""
    if len(word) < SHORTEST_UNKNOWN or not word.isalpha() or word.endswith(ADJECTIVAL):
        return False
    return morph.is_personal(word) or not morph.is_known(word)
