"""What a rewriting says that its original did not, and what it no longer says.

    added(original, rewritten, situation) → findings

A rewriting may change words, never facts. Every rule compares with the original: an identical text has no findings,
whatever it says. Numbers, terms and sums may also come from the review, except into a sentence that promises; names
also from the brand, and from a review that is no complaint. What is doubtful is a finding: the original is at hand.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

from responders import fact_words as words
from responders.choose import is_complaint
from responders.lint.rule import folded, lowered, quoted
from responders.lint.site import EMAIL, PHONE
from responders.names import first_name
from responders.platforms import ContactsInReply, platform
from responders.similarity import normal
from responders.types import Finding, Situation
from sentiment import morph

Span = tuple[int, int]
Hit = tuple[str, Span | None]

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_CLAUSE_END = re.compile(r"[,.;:!?…()—–\n]")
_BEGINS = frozenset(".!?…:;—–-\n")
_CONTACT = re.compile(
    rf"{EMAIL}|{PHONE}|https?://\S+|\bwww\.\S+|(?<!\w)@[a-z_]\w{{2,31}}"
    r"|(?<![\w.@-])[\w-]{1,63}\.(?:ru|рф|com|net|org|me|su|io|by|kz|info|biz|shop|online|site|app)\b(?:/\S*)?"
)
_POLITE = re.compile(r"[Вв](?:ы|ас|ам|ами|аш[а-я]{0,3})")
_INFORMAL = re.compile(r"\b(?:ты|тебя|тебе|тобою?|тво(?:й|я|е|и|его|ей|ему|им|их|ими|ю|ем))\b")
_ORDINARY = frozenset(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ0123456789 \n\u00a0.,!?:;—–-«»()…"
)
_THANKED = re.compile(r"\b(?:спасибо|благодар\w+|признател\w+|приятно|рады|здорово|хорошо|ценим|ценно)\b[^.!?\n]*$")
_SELF = re.compile(r"\b(?:мы|нами|уже|нам\s+удалось)\b")
_OUR_WISH = re.compile(r"\b(?:мы|нам|готовы|рады|хочется|хотелось|\w+(?:им|ем|ём)(?:ся)?)\b")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)

_LIKELY = 0.2
_MOSTLY = 0.6
"""Of a form's uses: a reading with a smaller share than the first is not what the word means, than the second may be
something else."""
_STEM = 5
_PARTS = 3
_NEAR = 4
"""Words from «будем» to its infinitive."""
_LONGEST, _SHORTEST, _ROOM = 1.6, 0.4, 120
"""Of the original's length; a short one may grow by so many characters more."""


# --- a text as the rules read it -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """`plain` in small letters with «е» for «ё»; `first`: a capital says nothing here."""

    text: str
    plain: str
    start: int
    end: int
    first: bool
    readings: tuple[morph.Reading, ...]

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def lemmas(self) -> frozenset[str]:
        return frozenset(item.lemma for item in self.readings) | {self.plain}

    def found(self, *tags: str, share: float = _LIKELY) -> frozenset[str]:
        """The lemmas that the word has with all these grammemes in such a share of its uses."""
        need = set(tags)
        shares: dict[str, float] = {}
        for item in self.readings:
            if need <= item.tags:
                shares[item.lemma] = shares.get(item.lemma, 0.0) + item.score
        return frozenset(lemma for lemma, part in shares.items() if part >= share)

    def means(self, lemmas: frozenset[str]) -> bool:
        """Whether it likely is a form of one of these; a word that no dictionary has, as it stands."""
        return self.plain in lemmas if not self.readings else not lemmas.isdisjoint(self.found())


@dataclass(frozen=True)
class _Text:
    text: str

    @cached_property
    def low(self) -> str:
        return lowered(self.text)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        found = []
        for match in _WORD.finditer(self.text):
            plain = folded(match.group()).lower()
            before = self.text[: match.start()].rstrip(" \t\u00a0\u202f\"'(")
            first = not before or before[-1] in _BEGINS
            found.append(Word(match.group(), plain, *match.span(), first, _readings(plain)))
        return tuple(found)

    @cached_property
    def lemmas(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(word.lemmas for word in self.words))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Beginnings of the words that no dictionary has."""
        return frozenset(_stem(word.plain) for word in self.words)

    def holds(self, word: Word) -> bool:
        return bool(word.lemmas & self.lemmas) or (not word.readings and _stem(word.plain) in self.stems)

    @cached_property
    def promised(self) -> frozenset[str]:
        """Lemmas of the verbs in any form but of the past."""
        return frozenset(chain.from_iterable(_ahead(word) for word in self.words))

    @cached_property
    def ours(self) -> frozenset[str]:
        """Lemmas of what we ourselves do or want to do, and what goes without saying beside it."""
        said = [word.found("VERB", "1per") | self._wanted(word) for word in self.words]
        return frozenset(chain(*said, words.LISTENING if words.INVITES.search(self.low) else ()))

    def _wanted(self, word: Word) -> frozenset[str]:
        """«Хотим разобраться», but not «если хотите добавить»."""
        verbs = word.found("INFN")
        return verbs if verbs and _OUR_WISH.search(self.clause(word)) else frozenset()

    @cached_property
    def done(self) -> frozenset[str]:
        """Lemmas of the verbs in forms of the past."""
        return frozenset(chain.from_iterable(word.found("past") for word in self.words))

    @cached_property
    def denied(self) -> dict[str, set[bool]]:
        """Lemmas of the verbs and short adjectives, and whether «не» stands before them."""
        found: dict[str, set[bool]] = {}
        for at, word in enumerate(self.words):
            for lemma in _predicates(word):
                found.setdefault(lemma, set()).add(at > 0 and self.words[at - 1].plain == "не")
        return found

    @cached_property
    def contacts(self) -> dict[str, Span]:
        return {_contact(match.group()): match.span() for match in _CONTACT.finditer(self.low)}

    @cached_property
    def without_contacts(self) -> str:
        return _CONTACT.sub(lambda match: " " * len(match.group()), self.low)

    @cached_property
    def numbers(self) -> dict[str, Span]:
        found = {_value(match.group()): match.span() for match in _NUMBER.finditer(self.without_contacts)}
        for word in self.words:
            values = [words.NUMBERS[item.lemma] for item in word.readings if item.lemma in words.NUMBERS]
            if values:
                found[values[0]] = word.span
            elif words.COMPOUND.fullmatch(word.plain):
                found[word.plain[:_STEM]] = word.span
        return found

    @cached_property
    def promising(self) -> tuple[Span, ...]:
        """The sentences in which something is promised."""
        ends = [0, *(match.end() for match in _SENTENCE_END.finditer(self.text)), len(self.text)]
        sentences = [span for span in pairwise(ends) if span[0] < span[1]]
        promises = [word.start for word in self.words if word.found("futr") or word.lemmas & words.MEASURES]
        return tuple(span for span in sentences if any(span[0] <= at < span[1] for at in promises))

    def is_promised(self, at: Span) -> bool:
        return any(start <= at[0] < end for start, end in self.promising)

    def clause(self, word: Word) -> str:
        """What stands between the marks around a word, in small letters."""
        before = max((match.end() for match in _CLAUSE_END.finditer(self.low, 0, word.start)), default=0)
        after = _CLAUSE_END.search(self.low, word.end)
        return self.low[before : after.start() if after else None].strip()


def _readings(word: str) -> tuple[morph.Reading, ...]:
    """Of a word with hyphens that no dictionary has, those of its parts: «что-то»."""
    return morph.readings(word) or tuple(chain.from_iterable(map(morph.readings, word.split("-")[:_PARTS])))


def _stem(word: str) -> str:
    return word[: max(4, len(word) - 3)]


def _value(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _contact(written: str) -> str:
    """A phone number as its last ten digits, anything else as it stands."""
    digits = re.sub(r"\D", "", written)
    return digits[-10:] if "@" not in written and not _LATIN.search(written) and digits else written.rstrip(".,!?;:/")


def _predicates(word: Word) -> frozenset[str]:
    return frozenset().union(*(word.found(tag) for tag in ("VERB", "INFN", "PRTS", "ADJS", "PRED")))


def _ahead(word: Word) -> frozenset[str]:
    verbs = word.found("VERB") | word.found("INFN")
    return verbs - (word.found("past") - word.found("INFN"))


@dataclass(frozen=True)
class _Case:
    """The original, the rewriting, and what else is known. `ours`: of the brand and of the recorded measure."""

    was: _Text
    now: _Text
    situation: Situation
    review: _Text = field(init=False)
    ours: _Text = field(init=False)

    def __post_init__(self) -> None:
        brand = self.situation.brand
        ours = (brand.name, brand.signature, self.situation.place, *brand.also, *brand.places)
        object.__setattr__(self, "review", _Text(self.situation.text))
        object.__setattr__(self, "ours", _Text("\n".join((*ours, self.situation.measure))))

    @cached_property
    def measure(self) -> _Text:
        return _Text(self.situation.measure)

    @cached_property
    def complains(self) -> bool:
        return is_complaint(self.situation) or bool(words.REGRET.search(self.was.low))

    def told(self, word: Word) -> bool:
        """Whether the original or the measure has the word, or the review and the sentence promises nothing."""
        known = self.was.holds(word) or self.measure.holds(word)
        return known or (self.review.holds(word) and not self.now.is_promised(word.span))


Rule = Callable[[_Case], Iterator[Hit]]


def added(original: str, rewritten: str, situation: Situation) -> tuple[Finding, ...]:
    """Findings of severity "error", in the order of `RULES`; spans are character offsets in the rewriting."""
    case = _Case(_Text(original), _Text(rewritten), situation)
    return tuple(Finding(rule, "error", message, span) for rule, check in RULES for message, span in check(case))


# --- what is new -----------------------------------------------------------------------------------------


def _numbers(case: _Case) -> Iterator[Hit]:
    for value, span in case.now.numbers.items():
        if value in case.was.numbers or value in case.ours.numbers:
            continue
        if value not in case.review.numbers or case.now.is_promised(span):
            yield f"Новое число: {_shown(case, span)}", span


def _terms(case: _Case) -> Iterator[Hit]:
    for word in case.now.words:
        wished = words.WISH.search(case.now.low[: word.start])
        term = word.means(words.TERMS) or (word.means(words.TIMES_OF_DAY) and not wished)
        if term and not case.told(word):
            yield f"Новый срок: {quoted(word.text)}", word.span
    known = {_stem(match.group()) for match in words.TERM_PHRASES.finditer(case.was.low)}
    for match in words.TERM_PHRASES.finditer(case.now.low):
        if _stem(match.group()) not in known:
            yield f"Новый срок: {_shown(case, match.span())}", match.span()


def _money(case: _Case) -> Iterator[Hit]:
    for word in case.now.words:
        if word.means(words.OFFERS) and not case.was.holds(word) and not case.measure.holds(word):
            yield f"Подарок или деньги, о которых речи не было: {quoted(word.text)}", word.span
        elif word.means(words.MONEY) and not case.told(word):
            yield f"Деньги, о которых речи не было: {quoted(word.text)}", word.span
    for match in words.MONEY_SIGNS.finditer(case.now.low):
        if match.group() not in case.was.low and match.group() not in case.review.low:
            yield f"Деньги, о которых речи не было: {_shown(case, match.span())}", match.span()


def _contacts(case: _Case) -> Iterator[Hit]:
    known = set(case.was.contacts)
    if platform(case.situation.source).contacts is ContactsInReply.ALLOWED:
        contact = case.situation.brand.contact
        known |= set(_Text(f"{contact.phone} {contact.email}").contacts)
    for contact_, span in case.now.contacts.items():
        if contact_ not in known:
            yield f"Новый контакт: {_shown(case, span)}", span
    for word in case.now.words:
        if word.lemmas & words.MESSENGERS and not case.was.holds(word):
            yield f"Новый способ связи: {quoted(word.text)}", word.span


def _names(case: _Case) -> Iterator[Hit]:
    called = _Text(first_name(case.situation.author) or "")
    sources = [case.was, case.ours, called] + ([] if case.complains else [case.review])
    for word in case.now.words:
        if _names_somebody(word) and not any(_same_name(word, source) for source in sources):
            yield f"Новое имя или название: {quoted(word.text)}", word.span


def _names_somebody(word: Word) -> bool:
    if _POLITE.fullmatch(word.text) or len(word.text) == 1:
        return False
    capital = word.text[0].isupper() and not word.first
    return capital or morph.is_personal(word.plain)


def _same_name(word: Word, source: _Text) -> bool:
    if source.holds(word):
        return True
    named = {form.nominative for form in morph.dictionary_names(word.plain)}
    return bool(named) and any(
        named & {form.nominative for form in morph.dictionary_names(other.plain)} for other in source.words
    )


def _signs(case: _Case) -> Iterator[Hit]:
    """Emoji, markup, other alphabets, invisible characters."""
    known = _ORDINARY | set(case.was.text) | set(case.ours.text)
    for at, char in enumerate(case.now.text):
        if char not in known:
            yield f"Знак, которого не было: {char!r}", (at, at + 1)
    latin = {word.plain for word in chain(case.was.words, case.ours.words)}
    for word in case.now.words:
        if _LATIN.search(word.plain) and word.plain not in latin:
            yield f"Слово латиницей, которого не было: {quoted(word.text)}", word.span


# --- promises and measures -------------------------------------------------------------------------------


def _promises(case: _Case) -> Iterator[Hit]:
    known = case.was.ours | case.measure.lemmas
    told = case.was.promised | case.measure.lemmas
    for at, word in enumerate(case.now.words):
        ours = word.found("futr", "1per")
        if "быть" in ours:
            if not _harmless_will(case, at):
                yield f"Новое обещание: {_shown(case, (word.start, _after(case.now, at)))}", word.span
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


def _harmless_will(case: _Case, at: int) -> bool:
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


def _after(text: _Text, at: int) -> int:
    last = min(at + 2, len(text.words) - 1)
    return text.words[last].end


def _measures(case: _Case) -> Iterator[Hit]:
    done = case.was.done | case.measure.lemmas
    ahead = case.was.promised | case.was.ours | case.measure.lemmas
    for word in case.now.words:
        past = word.found("past")
        if past:
            if not past & done and _is_claim(case.now, word, past):
                yield f"Новая мера: {quoted(word.text)}", word.span
        elif (verbs := _ahead(word) & words.MEASURES) and not word.found("impr") and not verbs & ahead:
            if not word.found("futr") and not _weighs_no_more(verbs, ahead, complaint=True):
                yield f"Новое обещание: {quoted(word.text)}", word.span
        elif word.lemmas & words.MEASURE_NOUNS and not case.was.holds(word) and not case.measure.holds(word):
            yield f"Новая мера: {quoted(word.text)}", word.span


def _is_claim(text: _Text, word: Word, lemmas: frozenset[str]) -> bool:
    """Whether a form of the past says what we did, and not what the author did or felt."""
    clause = text.clause(word)
    if word.found("PRTS"):
        return not lemmas & words.HARMLESS_PARTICIPLES
    if word.found("PRTF"):
        return bool(lemmas & words.MEASURES)
    if _SELF.search(clause):
        return not lemmas & words.HARMLESS_PAST
    if re.search(r"\b(?:вы|чтобы|бы)\b", clause):
        return False
    if clause.startswith("что ") and _THANKED.search(text.low[: word.start]):
        return False
    return bool(lemmas & words.MEASURES)


# --- tone ------------------------------------------------------------------------------------------------


def _new_matches(expression: re.Pattern[str], what: str) -> Rule:
    def check(case: _Case) -> Iterator[Hit]:
        known = {match.group()[:_STEM] for match in expression.finditer(case.was.low)}
        for match in expression.finditer(case.now.low):
            if match.group()[:_STEM] not in known:
                yield f"{what}: {_shown(case, match.span())}", match.span()

    return check


def _apology(case: _Case) -> Iterator[Hit]:
    if not words.APOLOGY.search(case.was.low):
        for match in words.APOLOGY.finditer(case.now.low):
            yield f"Извинение, которого не было: {_shown(case, match.span())}", match.span()


def _regret(case: _Case) -> Iterator[Hit]:
    was, now = (words.REGRET.search(text.low) for text in (case.was, case.now))
    if was and not now:
        yield "Пропало сожаление", None
    elif now and not was:
        yield f"Сожаление, которого не было: {_shown(case, now.span())}", now.span()


def _informal(case: _Case) -> Iterator[Hit]:
    if not _INFORMAL.search(case.was.low):
        for match in _INFORMAL.finditer(case.now.low):
            yield f"Обращение на «ты»: {_shown(case, match.span())}", match.span()
    for word in case.now.words:
        verbs = word.found("2per", "sing", share=_MOSTLY) | word.found("impr", "sing", "excl", share=_MOSTLY)
        if verbs and not case.was.holds(word):
            yield f"Обращение на «ты»: {quoted(word.text)}", word.span


def _negations(case: _Case) -> Iterator[Hit]:
    """«Не нашли» that became «нашли», and the other way round."""
    for at, word in enumerate(case.now.words):
        negated = at > 0 and case.now.words[at - 1].plain == "не"
        known = [case.was.denied[lemma] for lemma in _predicates(word) if lemma in case.was.denied]
        if known and not any(negated in each for each in known):
            yield f"Отрицание изменилось: {quoted(word.text)}", word.span


# --- details ---------------------------------------------------------------------------------------------


def _details(case: _Case) -> Iterator[Hit]:
    spoken = [words.THEMES[mention.theme] for mention in case.situation.verdict.themes]
    theme = re.compile("|".join(spoken)) if spoken else None
    for word in case.now.words:
        # «нет» and «всё» are nouns to the dictionary, too.
        if word.readings and not word.found("NOUN", share=_MOSTLY):
            continue
        if word.lemmas & words.PLAIN or _POLITE.fullmatch(word.text) or len(word.plain) < 3:
            continue
        of_theme = theme is not None and theme.match(word.plain)
        if not of_theme and not any(source.holds(word) for source in (case.was, case.ours, case.review)):
            yield f"Подробность, о которой речи не было: {quoted(word.text)}", word.span


# --- what is lost ----------------------------------------------------------------------------------------


def _signature(case: _Case) -> Iterator[Hit]:
    brand = case.situation.brand
    own = normal(brand.signature or brand.name)
    if own and _last_line(case.was.text).endswith(own) and not _last_line(case.now.text).endswith(own):
        yield "Пропала подпись", None


def _last_line(text: str) -> str:
    return normal(text.strip().rpartition("\n")[2])


def _ways(case: _Case) -> Iterator[Hit]:
    for contact, span in case.was.contacts.items():
        if contact not in case.now.contacts:
            yield f"Пропал контакт: {quoted(case.was.text[slice(*span)])}", None
    if "карточк" in case.was.low and "карточк" not in case.now.low:
        yield "Пропало, где искать контакты: карточка", None
    # A contact that is still there invites by itself.
    if not case.was.contacts and words.INVITES.search(case.was.low) and not words.INVITES.search(case.now.low):
        yield "Пропало приглашение связаться", None


def _themes(case: _Case) -> Iterator[Hit]:
    for theme in dict.fromkeys(mention.theme for mention in case.situation.verdict.themes):
        expression = re.compile(rf"\b(?:{words.THEMES[theme]})")
        spoken = expression.search(case.was.low)
        if spoken and not expression.search(case.now.low):
            yield f"Пропало, о чём был отзыв: {quoted(case.was.text[slice(*spoken.span())])}…", None
    for sentence in _SENTENCE_END.split(case.was.text):
        things = [word for word in _Text(sentence).words if _is_thing(case, word)]
        if things and not any(case.now.holds(word) for word in things):
            yield f"Пропало, о чём был отзыв: {quoted(things[0].text)}", None


def _is_thing(case: _Case, word: Word) -> bool:
    """A noun that both the original and the review have."""
    noun = bool(word.readings) and "NOUN" in word.readings[0].tags
    return noun and not word.lemmas & words.PLAIN and case.review.holds(word) and not case.ours.holds(word)


def _people(case: _Case) -> Iterator[Hit]:
    """Whoever is thanked by name; the author may go without."""
    people = _Text(" ".join(person.name for person in case.situation.verdict.people))
    for word in case.was.words:
        thanked = morph.is_personal(word.plain) and _same_name(word, people)
        if thanked and not _same_name(word, case.now):
            yield f"Пропало имя: {quoted(word.text)}", None


def _measure(case: _Case) -> Iterator[Hit]:
    told = [word for word in case.measure.words if len(word.plain) >= 4 and case.was.holds(word)]
    if told and 2 * sum(case.now.holds(word) for word in told) < len(told):
        yield "Пропало, что сделано", None


def _length(case: _Case) -> Iterator[Hit]:
    was, now = len(case.was.text), len(case.now.text)
    if now > max(was * _LONGEST, was + _ROOM) or now < was * _SHORTEST:
        yield f"Длина: было {was} знаков, стало {now}", None


def _shown(case: _Case, span: Span) -> str:
    return quoted(case.now.text[slice(*span)])


RULES: tuple[tuple[str, Rule], ...] = (
    ("added_number", _numbers),
    ("added_term", _terms),
    ("added_money", _money),
    ("added_contact", _contacts),
    ("added_name", _names),
    ("added_promise", _promises),
    ("added_measure", _measures),
    ("added_measure", _new_matches(words.NO_LONGER, "Новая мера")),
    ("added_apology", _apology),
    ("added_admission", _new_matches(words.ADMISSION, "Признание, которого не было")),
    ("added_denial", _new_matches(words.DENIAL, "Отрицание, которого не было")),
    ("changed_negation", _negations),
    ("changed_regret", _regret),
    ("informal_ty", _informal),
    ("added_sign", _signs),
    ("added_meta", _new_matches(words.META, "Слова не к автору отзыва")),
    ("added_detail", _details),
    ("lost_signature", _signature),
    ("lost_contact", _ways),
    ("lost_theme", _themes),
    ("lost_name", _people),
    ("lost_measure", _measure),
    ("length", _length),
)


def rules(findings: Iterable[Finding]) -> frozenset[str]:
    """The names of the rules that found something."""
    return frozenset(finding.rule for finding in findings)
