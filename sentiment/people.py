"""Who of the business is praised or blamed: names and jobs, with the forms that a reply needs.

A name counts where nothing says that it is somebody else's: the author's own, of the family, of another guest, of a
street, a dish or the business itself. A job without a name counts where something is said of the one who does it.
First names, jobs and the words around them decide; natasha's network is asked only about words with a capital that
nobody knows. Names are personal data: nothing here is logged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from sentiment import morph, naming, scope
from sentiment.business import Business
from sentiment.model import Reading
from sentiment.naming import Called, Role, adjacent, begins_sentence, capital, gap, raw, tables
from sentiment.rules import Review
from sentiment.text import normalise
from sentiment.types import Person, Tone

CLEAR_PULL = 0.35
"""As in `themes`: clauses that pull less say nothing."""
CLEAR = 1.5
"""What the lexicon must find in somebody's own clause to be believed against the stars."""
VERY_CLEAR = 2.5
"""The same behind that clause, where something else may be meant."""
SURE = 0.6
"""From this probability on, a text without stars is taken for praise or blame of those it names."""
FARTHEST = 10
"""Tokens between a job and its name, at most, where they stand apart."""
UNKNOWN_CAPITAL = re.compile(r"[а-яё,;:] [А-ЯЁ][а-яё]{2,}")
"""A capital inside a sentence."""
QUOTES = {"«": "»", "“": "”", "„": "“", '"': '"'}
LONGEST_TITLE = 40
"""Characters between quotation marks that still make a title."""
LONGEST_QUOTE = 160
MOST_MENTIONS = 500
FARTHEST_HEARD = 80
"""Tokens after a name that may still speak of him."""
MOST_CONTEXT = 150
"""Characters on either side that the network sees."""

NO_JOB = re.compile(r"мастер\w* (?:своего|на|класс)|управляющ\w* компан|ведущ\w* [а-я]+(?:ых|их|ий)\b")
"""«мастер своего дела», «управляющая компания», «ведущий из специалистов»."""
MEETS = frozenset(["у", "к", "ко", "от"])
"""Before those one comes to, and what one has of them."""
PLACES = frozenset(["в", "во", "до", "из"])
"""What follows is a place."""
SELF = frozenset(["я", "мне", "меня"])
OF_THE_PERSON = re.compile(
    r"умниц|умнич|красав|молод[ец]|внимательн|вежлив|добр|мастер|профессионал|волшебн|золот|наха|груб|хам|помог|сделал"
    r"|обслуж|постриг|подстриг|встретил|подобрал|подсказал|объяснил|посоветовал|отзывчив|приветлив|мил|супер|лучш|чудо"
    r"|талант|крут|прекрасн|отличн|замечательн|приятн|ответил|принял|обалден|спас|зай|топ|лапоч|солнышк|терпел|строг"
    r"|рекоменд|навязал|накрич|орал|кричал|сказал|перепутал|испорт"
)
"""What is said of people, not of things."""
ADJECTIVAL = ("ого", "его", "ому", "ыми", "ый", "ий", "ая", "ое", "ее", "ые", "ие", "ых", "их", "ую")
STORY = re.compile(r"(?:при|у|под|вы|за|от|раз)?н[её]с(?:л[аи])?$|подош|взял|дал|сказал[аи]? прямо|поблагодар")
"""What anybody with the job does: it says nothing of him."""
SAYS = re.compile(r"сказал|ответил|постав|назнач|сообщил")
"""Nor is this praise."""


@dataclass(slots=True)
class _Found:
    """Somebody called so in the text. `sure`: something beside the name speaks for one of the business. `thanked`: so
    plainly that no other word is needed. `said`: his tone is that of words about him; `quoted_to`: where they end."""

    called: Called
    sure: bool
    thanked: bool
    tone: Tone | None = None
    loudness: float = 0.0
    said: bool = False
    quoted_to: int = 0


def find(
    review: Review, reading: Reading, stars: int | None, *, author: str = "", business: Business | None = None
) -> tuple[Person, ...]:
    """Everybody once, in the order of the text."""
    known = tables()
    words = reading.words
    if (
        known.keys.isdisjoint(words)
        and UNKNOWN_CAPITAL.search(review.text) is None
        and not _joined_words(words, review)
    ):
        return ()
    found = list(islice(_Search(review, author, business or Business()).everybody(), MOST_MENTIONS))
    for number in range(len(found)):
        _judge(number, found, review, reading, stars)
    return tuple(_person(item, review) for item in _once(found, review))


def _joined_words(words: Sequence[str], review: Review) -> bool:
    """Whether a job stands with a hyphen: «девушка-администратор»."""
    return "-" in review.text and any("-" in word and not tables().keys.isdisjoint(word.split("-")) for word in words)


# --- who is called ---------------------------------------------------------------------------------------


class _Search:
    def __init__(self, review: Review, author: str, business: Business) -> None:
        self.review = review
        self.known = tables()
        self.words = self.known.words
        self.author = frozenset(normalise(word) for word in re.findall(r"\w+", author))
        self.brands = _brands(business.names) | _brands(business.competitors)
        self.others: set[str] = set()
        """Names that were found to be somebody else's."""

    def everybody(self) -> Iterator[_Found]:
        after = 0
        text, telling = self.review.text, self.known.telling
        for place, token in enumerate(self.review.tokens):
            if place < after or not token.is_word:
                continue
            key = token.key
            if key in telling:
                item = self._job(place) or self._named(place) or self._name(place)
            elif "-" in key:
                item = self._hyphenated(place) or self._job(place)
            elif text[token.start].isupper():
                item = self._unknown(place)
            else:
                continue
            if item is not None:
                after = max(item.called.last, place + 1)
                yield item

    # --- «мастер Анна» ---

    def _job(self, place: int) -> _Found | None:
        role = naming.role_at(self.review, place)
        if role is None:
            return None
        begin = self._name_after(role)
        parts, end = naming.name_parts(self.review, begin, trusted=True) if begin else ([], 0)
        if parts and self._small_and_doubtful(begin, role):
            parts = []
        if not parts:
            return self._job_alone(role)
        cases = [form.case for form in role.forms] if begin == role.last else list(naming.ALL_CASES[:1])
        name, dative, gender, case, keys = naming.resolve(parts, cases, _only_gender(role))
        shown = _role_in(role, case, gender) or _role_in(role, "nomn", gender) or (role.forms[0], role.datives[0])
        called = Called(role.first, end, shown[0].nominative, shown[1], name, dative, gender, case, keys)
        if self._elsewhere(place) or not self.others.isdisjoint(keys):
            return None
        return _Found(called, True, self._thanked(place))

    def _name_after(self, role: Role) -> int:
        """Where the name may begin that belongs to the job: right behind it, behind «зала», «по имени», a dash."""
        review, place = self.review, role.last
        tokens = review.tokens
        skipped = 0
        while place < len(tokens) and skipped < 4:
            between = gap(review, place - 1)
            if re.search(r"[.!?;\n]", between):
                return 0
            key = tokens[place].key
            if key in self.words["named"] or (
                key == "по" and place + 1 < len(tokens) and tokens[place + 1].key == "имени"
            ):
                return min(place + (2 if key == "по" else 1), len(tokens) - 1)
            if capital(review, place) or (
                (key in self.known.names or key in self.known.titles) and (not between.strip() or "-" in between)
            ):
                return place
            if key not in self.words["modifiers"] or between.strip(" \xa0"):
                return 0
            if key == "по":
                place += 1
            place += 1
            skipped += 1
        return 0

    def _small_and_doubtful(self, place: int, role: Role) -> bool:
        """«мастер рада помочь»: small letters make names of words that are none."""
        token = self.review.tokens[place]
        shown = raw(self.review, place)
        between = gap(self.review, place - 1)
        if shown[0].isupper():
            return "," in between and token.key not in self.known.names
        return token.key in self.known.everyday and place == role.last and not morph.is_personal(token.key)

    # --- «официант нахамил» ---

    def _job_alone(self, role: Role) -> _Found | None:
        review, place = self.review, role.first
        before = []
        for at in range(place - 1, max(place - 3, -1), -1):
            if not adjacent(review, at):
                break
            before.append(review.tokens[at].key)
        if (
            not self.words["nobody"].isdisjoint(before)
            or self._elsewhere(place)
            or self._called_upon(role.last)
            or self._asked(place)
            or NO_JOB.match(" ".join([review.tokens[place].key, *self._key(role.last)]))
        ):
            return None
        hint = self._hint(place)
        cases = {form.case for form in role.forms} - {"loct"}
        case = "nomn" if "nomn" in cases and hint in (None, "nomn", "loct", "accs") else hint if hint in cases else None
        if case is None and hint == "loct" and "accs" in cases:
            case = "accs"  # «пожаловалась на менеджера»
        if case is None:
            return None
        thanked = self._thanked(place) and case in ("datv", "accs")
        chosen = _role_in(role, case, "") or (role.forms[0], role.datives[0])
        if chosen[0].nominative in self.words["outsiders"] and not thanked:
            return None
        gender = self._verb_gender(role) or chosen[0].gender
        called = Called(place, role.last, chosen[0].nominative, chosen[1], "", "", gender, case, ())
        return _Found(called, True, thanked)

    def _key(self, place: int) -> list[str]:
        """The word at the place, if there is one."""
        return [self.review.tokens[place].key] if place < len(self.review.tokens) else []

    def _called_upon(self, place: int) -> bool:
        """«Владелец, обращайтесь»."""
        tokens = self.review.tokens
        return place < len(tokens) and "," in gap(self.review, place - 1) and tokens[place].key.endswith(("те", "тесь"))

    def _asked(self, place: int) -> bool:
        """Whether the sentence is a question."""
        review = self.review
        end = review.sentence(place)[1]
        if review.cells[end - 1] != "?":
            return False
        offset = review.tokens[place].end
        asked = review.text.find("?", offset, offset + LONGEST_QUOTE)
        return not re.search(r"[:«]", review.text[offset : max(asked, offset)])

    def _verb_gender(self, role: Role) -> str:
        for at in range(role.last, min(role.last + 3, len(self.review.tokens))):
            if "," in gap(self.review, at - 1):
                break
            key = self.review.tokens[at].key
            if re.fullmatch(r"[а-я]{3,}(?:[аеиоуы]л|зл|сл)а(?:сь)?", key):
                return "femn"
        return ""

    # --- «зовут Шохрух» ---

    def _named(self, place: int) -> _Found | None:
        review, key = self.review, self.review.tokens[place].key
        if key not in self.words["named"] or place + 1 >= len(review.tokens):
            return None
        before = review.tokens[place - 1].key if place else ""
        if before in SELF or (key in ("имени", "имя", "имен") and before != "по"):
            return None
        begin = place + 1
        if not (capital(review, begin) or review.tokens[begin].key in self.known.names):
            return None
        parts, end = naming.name_parts(review, begin, trusted=True)
        if not parts and capital(review, begin):
            shown = raw(review, begin)
            parts, end = [naming.Part(shown, morph.guessed_forms(normalise(shown)))], begin + 1
        if not parts or not parts[0].forms or self._of_family(place):
            return None
        name, dative, gender, case, keys = naming.resolve(parts, ("ablt",) if key.endswith(("ся", "сь")) else ("nomn",))
        return self._counted(Called(begin, end, "", "", name, dative, gender, case, keys), True, False)

    # --- «Марина супер» ---

    def _name(self, place: int, *, trusted: bool = False) -> _Found | None:
        review = self.review
        big = capital(review, place) or raw(review, place).isupper()
        hint = self._hint(place)
        parts, end = naming.name_parts(review, place, trusted=trusted or not big)
        if not parts:
            return None
        hints = [hint] if hint else ["nomn"]
        role = self._job_after(end)
        if role is not None and not hint:
            hints = [form.case for form in role.forms]
        name, dative, gender, case, keys = naming.resolve(parts, hints, self._gender_after(end))
        thanked = self._thanked(place) or (case == "datv" and self._thanked_after(end))
        called = Called(place, end, "", "", name, dative, gender, case, keys)
        cued = thanked or role is not None or hint in ("gent", "datv")
        if self._somebody_else(called, cued=cued, thanked=thanked):
            self.others.update(keys[:1])
            return None
        if not trusted and len(parts) == 1 and not self._plausible(called, big=big, cued=cued):
            return None
        if role is None:
            called = self._with_noun(called)
        if role is not None:
            shown = _role_in(role, case, gender) or _role_in(role, "nomn", gender) or (role.forms[0], role.datives[0])
            called = called._replace(role=shown[0].nominative, role_dative=shown[1], last=role.last)
        return self._counted(called, cued, thanked)

    def _counted(self, called: Called, sure: bool, thanked: bool) -> _Found | None:
        if called.case == "nomn" and not thanked and self._asked(called.first):
            return None
        if self._elsewhere(called.first) or not self.others.isdisjoint(called.keys[:1]):
            return None
        return _Found(called, sure, thanked)

    def _plausible(self, called: Called, *, big: bool, cued: bool) -> bool:
        review, place = self.review, called.first
        key = review.tokens[place].key
        starts = begins_sentence(review, place)
        if key in self.words["kin"]:
            return cued and big and not starts  # «Жене понравилось»
        if key in self.known.everyday or (morph.is_known(key) and not morph.is_personal(key)):
            return big and ((cued and not starts) or self._speaks_of_a_person(called))
        return big or ((cued or starts) and morph.is_personal(key))

    def _speaks_of_a_person(self, called: Called) -> bool:
        review = self.review
        clause = review.clauses[review.clause_of(called.first)]
        after = review.tokens[called.last : max(clause.last, called.last + 3)]
        return any(OF_THE_PERSON.match(token.key) or token.key in self.known.roles for token in after)

    def _job_after(self, place: int) -> Role | None:
        """«Майкл, преподаватель», «гене обувному мастеру», «Алсу Маратовна, наш репетитор», «Марина, мастер»."""
        review, tokens = self.review, self.review.tokens
        if place >= len(tokens) or re.search(r"[.!?;\n]", gap(review, place - 1)):
            return None
        if tokens[place].key in self.words["before_job"] and adjacent(review, place) and place + 1 < len(tokens):
            place += 1
        role = naming.role_at(review, place)
        if role is None or capital(review, place):
            return None
        return None if NO_JOB.match(" ".join([tokens[role.first].key, *self._key(role.last)])) else role

    # --- «Гюльчатай», «Ивановой» ---

    def _unknown(self, place: int) -> _Found | None:
        """A word with a capital that is no known first name."""
        review = self.review
        key = review.tokens[place].key
        if "ъ" in key and naming.role_at(review, place) is not None:
            return self._job(place)
        if len(key) < 3 or not capital(review, place) or not _may_be_a_name(key):
            return None
        if key in self.words["things"] or key in self.words["famous"] or self._quoted(place):
            return None
        following = place + 1
        if adjacent(review, place) and capital(review, following):
            next_key = review.tokens[following].key
            if morph.patronymic_forms(next_key) or (next_key in self.known.names and morph.surname_forms(key)):
                return self._name(place, trusted=True)
        if begins_sentence(review, place):
            after = [token.key for token in review.tokens[following : following + 2]]
            if key[-1] not in "оеиуыэю" and (self._job_after(following) is not None or after[-1:] in (["его"], ["ее"])):
                return self._name(place, trusted=True)
            return None
        if morph.dictionary_names(key) and morph.is_personal(key):
            return self._name(place)
        return self._by_network(place)

    def _by_network(self, place: int) -> _Found | None:
        """A word that nobody knows, where its surroundings speak for a person: the network decides."""
        token = self.review.tokens[place]
        before = self.review.tokens[place - 1].key if place else ""
        met = before in MEETS or (self._thanked(place) and before not in self.words["gent"])
        if not (met or self._thanked_after(place + 1)):
            return None
        begin, end = self._sentence(token.start, token.end)
        if not any(start <= token.start - begin < stop for start, stop in _persons(self.review.text[begin:end])):
            return None
        return self._name(place, trusted=True)

    def _hyphenated(self, place: int) -> _Found | None:
        """«Юленька-консультант»."""
        one, _, other = self.review.tokens[place].key.partition("-")
        if one not in self.known.names or other not in self.known.roles:
            return None
        shown = raw(self.review, place).partition("-")[0]
        jobs = self.known.roles[other]
        parts = [naming.Part(shown, self.known.names[one])]
        name, dative, gender, case, keys = naming.resolve(parts, [form.case for form in jobs])
        job = next((form for form in jobs if form.case == case), jobs[0])
        also = morph.decline(job.nominative, job.gender)["datv"]
        return _Found(
            Called(place, place + 1, job.nominative, also, name, dative, gender, case, keys), True, self._thanked(place)
        )

    def _sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence begins and ends, near enough for the network, whose time grows with the text."""
        text = self.review.text
        begin = max(start - MOST_CONTEXT, max(text.rfind(mark, 0, start) for mark in ".!?\n") + 1)
        ends = [place for mark in ".!?\n" if (place := text.find(mark, end)) >= 0]
        return begin, min([end + MOST_CONTEXT, *(place + 1 for place in ends)])

    # --- whose name ---

    def _somebody_else(self, called: Called, *, cued: bool, thanked: bool) -> bool:
        review, words, place = self.review, self.words, called.first
        tokens = review.tokens
        before = [tokens[at].key for at in range(max(place - 2, 0), place)]
        if before and re.search(r"[.!?\n]", gap(review, place - 1)):
            before = []
        close, farther = (["", "", *before])[-1], (["", "", *before])[-2]
        following = "".join(self._key(called.last))
        return (
            (close in words["ours"] and not cued)
            or (called.case in ("datv", "accs") and not cued and following.endswith("ли"))  # «Жене отказали»
            or (not self.brands.isdisjoint(called.keys) and not thanked)
            or close in words["things"]
            or close in SELF
            or close in PLACES
            or (close in words["named"] and farther in SELF)
            or (close == "и" and self._is_others(farther))
            or called.keys[-1] in words["famous"]
            or (close in ("с", "со") and (farther in words["company"] or farther in words["kin"]))
            or (following in words["kin"] and "," in gap(review, called.last - 1))
            or self._of_family(place)
            or self._quoted(place)
            or self._signature(called)
        )

    def _is_others(self, key: str) -> bool:
        return any(form.nominative in self.others for form in self.known.names.get(key, ()))

    def _of_family(self, place: int) -> bool:
        """«мой муж Сергей», «сынок наш Мирон», «моя Катюша»."""
        review, kin, mine = self.review, self.words["kin"], self.words["mine"]
        for at in range(place - 1, max(place - 4, -1), -1):
            between = gap(review, at)
            if re.search(r"[.!?;\n]", between) or (at < place - 1 and between.strip()):
                return False
            key = review.tokens[at].key
            if key in kin and (at == place - 1 or key not in self.known.anyone):
                return True
            if key in mine and at == place - 1:
                return True
        return False

    def _quoted(self, place: int) -> bool:
        """Inside the quotation marks of a title: «Анна Павлова»."""
        text, start = self.review.text, self.review.tokens[place].start
        for mark, closing in QUOTES.items():
            opened = text.rfind(mark, max(start - LONGEST_TITLE, 0), start)
            if opened < 0 or closing in text[opened + 1 : start]:
                continue
            closed = text.find(closing, start, start + LONGEST_TITLE)
            title = text[opened + 1 : closed]
            if closed > 0 and len(title) <= LONGEST_TITLE and not re.search(r"[,.!?]", title):
                return True
        return False

    def _signature(self, called: Called) -> bool:
        """«С уважением, Ольга», «… Ольга, Казань» at the end of the text; anywhere alone for the author's own name."""
        review = self.review
        tokens, place = review.tokens, called.first
        if called.case != "nomn":
            return False
        before = tokens[place - 1].key if place else ""
        rest = len(tokens) - called.last
        alone = place > 0 and rest <= 2 and begins_sentence(review, place)
        own = not self.author.isdisjoint(called.keys) and before not in self.words["thanks_datv"]
        if before in self.words["signed"] or (rest <= 2 and own):
            return True
        return alone and all(
            capital(review, at) or tokens[at].key == "и" or not tokens[at].is_word
            for at in range(called.last, len(tokens))
        )

    # --- what stands before ---

    def _hint(self, place: int) -> str | None:
        """The case that the words before demand."""
        review = self.review
        for at in range(place - 1, max(place - 4, -1), -1):
            between = gap(review, at)
            if re.search(r"[.!?;\n]", between):
                return None
            key = review.tokens[at].key
            if key in self.known.hints:
                if "," in between and key in self.words["thanks_datv"]:
                    return "nomn"
                return self.known.hints[key] if "," not in between else None
            if key in self.known.names and (key == "и" or "," in between):
                continue
            if not (key in self.words["passed"] or key in self.known.names or key in self.known.roles):
                return None
        return None

    def _thanked(self, place: int) -> bool:
        begin = max(place - 8, 0)
        start = self.review.sentence(place)[0]
        return any(
            self.review.tokens[at].key in self.words["thanks_datv"]
            or self.review.tokens[at].key in self.words["thanks_accs"]
            for at in range(begin, place)
            if self.review.places[at] >= start
        )

    def _with_noun(self, called: Called) -> Called:
        """«садовница Вера»: any noun for a person right before the name, in the same case, is what he does."""
        place = called.first - 1
        if place < 0 or not adjacent(self.review, place):
            return called
        key = self.review.tokens[place].key
        if len(key) < 4 or key in self.words["no_roles"] or key in self.words["kin"] or key in self.known.titles:
            return called
        for nominative, dative, case, gender in morph.person_nouns(key):
            if case == called.case and gender in (called.gender, "masc"):
                return called._replace(first=place, role=nominative, role_dative=dative)
        return called

    def _thanked_after(self, place: int) -> bool:
        """«Ивановой большое спасибо»."""
        end = self.review.sentence(place - 1)[1]
        return any(
            self.review.tokens[at].key in self.words["thanks_datv"]
            for at in range(place, min(place + 4, len(self.review.tokens)))
            if self.review.places[at] < end
        )

    def _gender_after(self, place: int) -> str:
        for at in range(place, min(place + 3, len(self.review.tokens))):
            key = self.review.tokens[at].key
            if re.fullmatch(r"[а-я]{2,}(?:[аеиоуыя]л|зл|сл|гл)а(?:сь)?|[а-я]{3,}ая|сам[аы]", key):
                return "femn"
            if re.fullmatch(r"[а-я]{2,}(?:[аеиоуыя]л|[её]г|ог)(?:ся)?|[а-я]{3,}[ыи]й|сам", key):
                return "masc"
        return ""

    def _elsewhere(self, place: int) -> bool:
        return scope.elsewhere(self.review, place)


@lru_cache(maxsize=8)
def _persons(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(morph.persons(text))


@lru_cache(maxsize=8192)
def _may_be_a_name(key: str) -> bool:
    """Not what people write with a capital out of politeness or by habit, nor what the dictionary knows as a word."""
    return key.isalpha() and not key.endswith(ADJECTIVAL) and (not morph.is_known(key) or morph.is_personal(key))


@lru_cache(maxsize=64)
def _brands(names: tuple[str, ...]) -> frozenset[str]:
    """The words of the names that may be taken for a person's."""
    return frozenset(
        form.nominative
        for name in names
        for word in re.findall(r"\w+", name)
        for form in (tables().names.get(normalise(word)) or (morph.NameForm(normalise(word), "", ""),))
    )


def _only_gender(role: Role) -> str:
    genders = {form.gender for form in role.forms}
    return "femn" if genders == {"femn"} else ""


def _role_in(role: Role, case: str, gender: str) -> tuple[morph.NameForm, str] | None:
    fitting = [pair for pair in zip(role.forms, role.datives, strict=True) if pair[0].case == case]
    return next((pair for pair in fitting if pair[0].gender == gender), fitting[0] if fitting else None)


# --- how they are spoken of ------------------------------------------------------------------------------


def _judge(number: int, found: Sequence[_Found], review: Review, reading: Reading, stars: int | None) -> None:
    """By the words from this name to the next; where these say nothing, by those before it in its clause; then by the
    stars."""
    item = found[number]
    called = item.called
    begin, end = _about(number, found, review)
    whole = sum(reading.weights[begin:end])
    for nearest, (first, last) in enumerate(_stretches(called, begin, end, review)):
        balance = sum(reading.weights[first:last])
        needed = CLEAR if nearest == 0 else VERY_CLEAR
        if balance and (not _against(balance, stars) or min(abs(balance), whole if balance > 0 else -whole) >= needed):
            item.tone = Tone.POSITIVE if balance > 0 else Tone.NEGATIVE
            item.loudness, item.said = abs(balance), True
            if nearest == 1:
                item.quoted_to = _end_of_judgement(first, last, review, reading)
            break
    if item.thanked and not (item.said and item.tone is Tone.NEGATIVE):
        item.tone, item.said = Tone.POSITIVE, True
    if item.tone is None and (called.name or called.case == "nomn"):
        last = review.clauses[review.clause_of(called.first)].last
        item.tone = _by_the_whole(reading, stars, range(begin, max(min(last, end), called.last)))


def _end_of_judgement(first: int, last: int, review: Review, reading: Reading) -> int:
    """Where the clause ends that judges, among those after the name in its sentence."""
    telling = next(place for place in range(first, last) if reading.weights[place])
    return review.clauses[review.clause_of(telling)].end


def _against(balance: float, stars: int | None) -> bool:
    """Whether the words say the opposite of the stars."""
    return stars is not None and stars != 3 and (balance > 0) != (stars > 3)


def _about(number: int, found: Sequence[_Found], review: Review) -> tuple[int, int]:
    """The tokens that may speak of somebody: from the clause of his name, or the name before it there, to the next."""
    called = found[number].called
    clause = review.clauses[review.clause_of(called.first)]
    begin = clause.first
    if number and found[number - 1].called.last > begin:
        begin = called.first
    end = min(len(review.tokens), called.last + FARTHEST_HEARD)
    if number + 1 < len(found):
        following = found[number + 1].called.first
        before = max(review.clauses[review.clause_of(following)].first, called.last)
        end = min(end, before if before > called.last else following)
    return begin, end


def _stretches(called: Called, begin: int, end: int, review: Review) -> Iterator[tuple[int, int]]:
    """Where to look, the nearest first: the clause, the rest of the sentence, the next sentence."""
    number = review.clause_of(called.first)
    clause = review.clauses[number]
    yield begin, max(min(clause.last, end), called.last)
    sentence_end = review.sentence(called.first)[1]
    place = clause.last
    while place < end and review.places[place] < sentence_end:
        place += 1
    if place > clause.last:
        yield clause.last, place
    if place < end:
        following = review.sentence(place)[1]
        last = place
        while last < end and review.places[last] < following:
            last += 1
        if any(
            token.key in tables().words["goes_on"] or OF_THE_PERSON.match(token.key)
            for token in review.tokens[place : place + 2]
        ):
            yield place, last


def _by_the_whole(reading: Reading, stars: int | None, clause: range) -> Tone | None:
    if stars is not None and stars != 3:
        return Tone.POSITIVE if stars > 3 else Tone.NEGATIVE
    pull = sum(reading.pull[clause.start : clause.stop])
    if abs(pull) >= CLEAR_PULL:
        return Tone.POSITIVE if pull < 0 else Tone.NEGATIVE
    if reading.probabilities.positive >= SURE:
        return Tone.POSITIVE
    return Tone.NEGATIVE if reading.probabilities.negative >= SURE else None


# --- everybody once --------------------------------------------------------------------------------------


def _once(found: Sequence[_Found], review: Review) -> list[_Found]:
    kept: list[_Found] = []
    for number, item in enumerate(found):
        if number and _predicate(found[number - 1], item, review):
            continue
        same = next((other for other in kept if _same(other, item)), None)
        if same is None:
            kept.append(item)
            continue
        kept[kept.index(same)] = _merged(same, item)
    return [item for item in _united(kept) if (item.called.name and (item.tone or item.sure)) or _worth(item, review)]


def _united(kept: list[_Found]) -> list[_Found]:
    """«Хозяйка сама вышла, Тамара Вахтанговна», «Фарход … Бригадир»: one job without a name, one name without a job,
    close together."""
    jobs = [item for item in kept if not item.called.name]
    names = [item for item in kept if not item.called.role]
    if len(jobs) != 1 or len(names) != 1 or len(kept) != 2:
        return kept
    job, name = jobs[0], names[0]
    apart = max(job.called.first, name.called.first) - min(job.called.last, name.called.last)
    fits = job.called.gender in (name.called.gender, "masc")
    agree = name.tone == job.tone or not (name.said and job.said)
    if apart > FARTHEST or not fits or not agree:
        return kept
    first, second = sorted((job, name), key=lambda item: item.called.first)
    return [_merged(first, second)]


def _predicate(before: _Found, item: _Found, review: Review) -> bool:
    """«Педиатр Кузнецова — внимательнейший врач»: said of her, not of somebody else."""
    if item.called.name or not before.called.role or not before.called.name or item.called.case != "nomn":
        return False
    between = review.text[review.tokens[before.called.last - 1].end : review.tokens[item.called.first].start]
    return re.search(r"[—–]| - ", between) is not None and re.search(r"[.!?\n]", between) is None


def _same(one: _Found, other: _Found) -> bool:
    mine, others = one.called, other.called
    if mine.name and others.name:
        return not set(mine.keys).isdisjoint(others.keys)
    if not mine.name and not others.name:
        return mine.role == others.role
    return mine.role == others.role


def _merged(one: _Found, other: _Found) -> _Found:
    first, second = one.called, other.called
    called = first
    if not first.name or (len(second.keys) > len(first.keys)):
        called = called._replace(
            name=second.name, name_dative=second.name_dative, gender=second.gender, keys=second.keys
        )
    if not called.role:
        called = called._replace(role=second.role, role_dative=second.role_dative)
    tone = one.tone
    if other.said and (not one.said or other.loudness > one.loudness):
        tone = other.tone
    return replace(
        one, called=called, tone=tone, said=one.said or other.said, loudness=max(one.loudness, other.loudness)
    )


def _worth(item: _Found, review: Review) -> bool:
    """Whether something is said of somebody who is called by his job alone."""
    called = item.called
    if item.thanked or item.said:
        return True
    if item.tone is None or called.role in tables().words["weak_roles"]:
        return False
    after = review.tokens[called.last : called.last + 3]
    if called.case != "nomn" or any(STORY.match(token.key) for token in after):
        return False
    if item.tone is Tone.NEGATIVE:
        return True
    return begins_sentence(review, called.first) and not any(SAYS.match(token.key) for token in after)


def _person(item: _Found, review: Review) -> Person:
    called = item.called
    clause = review.clauses[review.clause_of(called.first)]
    end = max(clause.end, item.quoted_to)
    quote = review.text[clause.start : end if end - clause.start <= LONGEST_QUOTE else clause.end]
    return Person(called.role, called.name, called.dative, called.gender, item.tone or Tone.NEUTRAL, quote)
