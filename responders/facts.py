"""What a rewriting says that its original did not, and what it no longer says.

    added(original, rewritten, situation) → findings

A rewriting may change words, never facts. Every rule compares with the original: an identical text has no findings,
whatever it says. Numbers, terms and sums may also come from the review, except into a sentence that promises; names
also from the brand, and from a review that is no complaint. What is doubtful is a finding: the original is at hand.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from responders import fact_words as words
from responders.fact_promises import measures, promises
from responders.fact_text import (
    LATIN,
    MOSTLY,
    SENTENCE_END,
    STEM,
    Case,
    Hit,
    Rule,
    Text,
    Word,
    nominatives,
    predicates,
    stem,
)
from responders.lint.rule import quoted
from responders.names import first_name
from responders.platforms import ContactsInReply, platform
from responders.similarity import normal
from responders.types import Finding, Situation
from sentiment import morph

_POLITE = re.compile(r"[Вв](?:ы|ас|ам|ами|аш[а-я]{0,3})")
_INFORMAL = re.compile(r"\b(?:ты|тебя|тебе|тобою?|тво(?:й|я|е|и|его|ей|ему|им|их|ими|ю|ем))\b")
_ORDINARY = frozenset(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ0123456789 \n\u00a0.,!?:;—–-«»()…"
)

_LONGEST, _SHORTEST, _ROOM = 1.6, 0.4, 120
"""Of the original's length; a short one may grow by so many characters more."""
_FAR, _FAR_ROOM = 2, 400
"""The same, beyond which nothing else is looked at: an answer may have hundreds of kilobytes."""


def added(original: str, rewritten: str, situation: Situation) -> tuple[Finding, ...]:
    """Findings of severity "error", in the order of `RULES`; spans are character offsets in the rewriting."""
    if found := overlong(original, rewritten):
        return (found,)
    case = Case(Text(original), Text(rewritten), situation)
    return tuple(Finding(rule, "error", message, span) for rule, check in RULES for message, span in check(case))


def overlong(original: str, rewritten: str) -> Finding | None:
    """Of a text far too long to be the same in other words."""
    was, now = len(original), len(rewritten)
    return Finding("length", "error", _lengths(was, now)) if now > was * _FAR + _FAR_ROOM else None


# --- what is new -----------------------------------------------------------------------------------------


def _numbers(case: Case) -> Iterator[Hit]:
    for value, span in case.now.numbers.items():
        if value in case.was.numbers or value in case.ours.numbers:
            continue
        if value not in case.review.numbers or case.now.is_promised(span):
            yield f"Новое число: {case.shown(span)}", span


def _terms(case: Case) -> Iterator[Hit]:
    for at, word in enumerate(case.now.words):
        term = word.means(words.TERMS) or (word.means(words.TIMES_OF_DAY) and not _wished(case.now, at))
        if term and not case.told(word):
            yield f"Новый срок: {quoted(word.text)}", word.span
    known = {stem(match.group()) for match in words.TERM_PHRASES.finditer(case.was.low)}
    for match in words.TERM_PHRASES.finditer(case.now.low):
        if stem(match.group()) not in known:
            yield f"Новый срок: {case.shown(match.span())}", match.span()


def _wished(text: Text, at: int) -> bool:
    before = text.words[at - 1].start if at else 0
    return bool(words.WISH.search(text.low[before : text.words[at].start]))


def _money(case: Case) -> Iterator[Hit]:
    for word in case.now.words:
        if word.means(words.OFFERS) and not case.was.holds(word) and not case.measure.holds(word):
            yield f"Подарок или деньги, о которых речи не было: {quoted(word.text)}", word.span
        elif word.means(words.MONEY) and not case.told(word):
            yield f"Деньги, о которых речи не было: {quoted(word.text)}", word.span
    for match in words.MONEY_SIGNS.finditer(case.now.low):
        if match.group() not in case.was.low and match.group() not in case.review.low:
            yield f"Деньги, о которых речи не было: {case.shown(match.span())}", match.span()


def _contacts(case: Case) -> Iterator[Hit]:
    known = set(case.was.contacts)
    if platform(case.situation.source).contacts is ContactsInReply.ALLOWED:
        contact = case.situation.brand.contact
        known |= set(Text(f"{contact.phone} {contact.email}").contacts)
    for contact_, span in case.now.contacts.items():
        if contact_ not in known:
            yield f"Новый контакт: {case.shown(span)}", span
    for word in case.now.words:
        if word.lemmas & words.MESSENGERS and not case.was.holds(word):
            yield f"Новый способ связи: {quoted(word.text)}", word.span


def _names(case: Case) -> Iterator[Hit]:
    called = Text(first_name(case.situation.author) or "")
    sources = [case.was, case.ours, called] + ([] if case.complains else [case.review])
    for word in case.now.words:
        if _names_somebody(word) and not any(_same_name(word, source) for source in sources):
            yield f"Новое имя или название: {quoted(word.text)}", word.span


def _names_somebody(word: Word) -> bool:
    if _POLITE.fullmatch(word.text) or len(word.text) == 1:
        return False
    capital = word.text[0].isupper() and not word.first
    return capital or morph.is_personal(word.plain)


def _same_name(word: Word, source: Text) -> bool:
    return source.holds(word) or not nominatives(word).isdisjoint(source.names)


def _signs(case: Case) -> Iterator[Hit]:
    """Emoji, markup, other alphabets, invisible characters."""
    known = _ORDINARY | set(case.was.text) | set(case.ours.text)
    for at, char in enumerate(case.now.text):
        if char not in known:
            yield f"Знак, которого не было: {char!r}", (at, at + 1)
    latin = {word.plain for word in chain(case.was.words, case.ours.words)}
    for word in case.now.words:
        if LATIN.search(word.plain) and word.plain not in latin:
            yield f"Слово латиницей, которого не было: {quoted(word.text)}", word.span


# --- tone ------------------------------------------------------------------------------------------------


def _new_matches(expression: re.Pattern[str], what: str) -> Rule:
    def check(case: Case) -> Iterator[Hit]:
        known = {match.group()[:STEM] for match in expression.finditer(case.was.low)}
        for match in expression.finditer(case.now.low):
            if match.group()[:STEM] not in known:
                yield f"{what}: {case.shown(match.span())}", match.span()

    return check


def _apology(case: Case) -> Iterator[Hit]:
    if not words.APOLOGY.search(case.was.low):
        for match in words.APOLOGY.finditer(case.now.low):
            yield f"Извинение, которого не было: {case.shown(match.span())}", match.span()


def _regret(case: Case) -> Iterator[Hit]:
    was, now = (words.REGRET.search(text.low) for text in (case.was, case.now))
    if was and not now:
        yield "Пропало сожаление", None
    elif now and not was:
        yield f"Сожаление, которого не было: {case.shown(now.span())}", now.span()


_generalises = _new_matches(words.EXCUSE, "Обобщение или оправдание, которого не было")


def _excuses(case: Case) -> Iterator[Hit]:
    """«Гости бывают разные»: under a complaint, what things or people are like at all."""
    if not case.complains:
        return
    yield from _generalises(case)
    if words.GUESTS.isdisjoint(case.was.lemmas):
        for word in case.now.words:
            if word.means(words.GUESTS) and word.found("plur"):
                yield f"Другие люди, о которых речи не было: {quoted(word.text)}", word.span


def _informal(case: Case) -> Iterator[Hit]:
    if not _INFORMAL.search(case.was.low):
        for match in _INFORMAL.finditer(case.now.low):
            yield f"Обращение на «ты»: {case.shown(match.span())}", match.span()
    for word in case.now.words:
        verbs = word.found("2per", "sing", share=MOSTLY) | word.found("impr", "sing", "excl", share=MOSTLY)
        if verbs and not case.was.holds(word):
            yield f"Обращение на «ты»: {quoted(word.text)}", word.span


def _negations(case: Case) -> Iterator[Hit]:
    """«Не нашли» that became «нашли», and the other way round."""
    for at, word in enumerate(case.now.words):
        negated = at > 0 and case.now.words[at - 1].plain == "не"
        known = [case.was.denied[lemma] for lemma in predicates(word) if lemma in case.was.denied]
        if known and not any(negated in each for each in known):
            yield f"Отрицание изменилось: {quoted(word.text)}", word.span


# --- details ---------------------------------------------------------------------------------------------


def _details(case: Case) -> Iterator[Hit]:
    spoken = [words.THEMES[mention.theme] for mention in case.situation.verdict.themes]
    theme = re.compile("|".join(spoken)) if spoken else None
    for word in case.now.words:
        # «нет» and «всё» are nouns to the dictionary, too.
        if word.readings and not word.found("NOUN", share=MOSTLY):
            continue
        if word.lemmas & words.PLAIN or _POLITE.fullmatch(word.text) or len(word.plain) < 3:
            continue
        of_theme = theme is not None and theme.match(word.plain)
        if not of_theme and not any(source.holds(word) for source in (case.was, case.ours, case.review)):
            yield f"Подробность, о которой речи не было: {quoted(word.text)}", word.span


# --- what is lost ----------------------------------------------------------------------------------------


def _signature(case: Case) -> Iterator[Hit]:
    brand = case.situation.brand
    own = normal(brand.signature or brand.name)
    if own and _last_line(case.was.text).endswith(own) and not _last_line(case.now.text).endswith(own):
        yield "Пропала подпись", None


def _last_line(text: str) -> str:
    return normal(text.strip().rpartition("\n")[2])


def _ways(case: Case) -> Iterator[Hit]:
    for contact, span in case.was.contacts.items():
        if contact not in case.now.contacts:
            yield f"Пропал контакт: {quoted(case.was.text[slice(*span)])}", None
    if "карточк" in case.was.low and "карточк" not in case.now.low:
        yield "Пропало, где искать контакты: карточка", None
    # A contact that is still there invites by itself.
    if not case.was.contacts and words.INVITES.search(case.was.low) and not words.INVITES.search(case.now.low):
        yield "Пропало приглашение связаться", None


def _themes(case: Case) -> Iterator[Hit]:
    for theme in dict.fromkeys(mention.theme for mention in case.situation.verdict.themes):
        expression = re.compile(rf"\b(?:{words.THEMES[theme]})")
        spoken = expression.search(case.was.low)
        if spoken and not expression.search(case.now.low):
            yield f"Пропало, о чём был отзыв: {quoted(case.was.text[slice(*spoken.span())])}…", None
    for sentence in SENTENCE_END.split(case.was.text):
        things = [word for word in Text(sentence).words if _is_thing(case, word)]
        if things and not any(case.now.holds(word) for word in things):
            yield f"Пропало, о чём был отзыв: {quoted(things[0].text)}", None


def _is_thing(case: Case, word: Word) -> bool:
    """A noun that both the original and the review have."""
    noun = bool(word.readings) and "NOUN" in word.readings[0].tags
    return noun and not word.lemmas & words.PLAIN and case.review.holds(word) and not case.ours.holds(word)


def _people(case: Case) -> Iterator[Hit]:
    """Whoever is thanked by name; the author may go without."""
    people = Text(" ".join(person.name for person in case.situation.verdict.people))
    for word in case.was.words:
        thanked = morph.is_personal(word.plain) and _same_name(word, people)
        if thanked and not _same_name(word, case.now):
            yield f"Пропало имя: {quoted(word.text)}", None


def _measure(case: Case) -> Iterator[Hit]:
    told = [word for word in case.measure.words if len(word.plain) >= 4 and case.was.holds(word)]
    if told and 2 * sum(case.now.holds(word) for word in told) < len(told):
        yield "Пропало, что сделано", None


def _length(case: Case) -> Iterator[Hit]:
    was, now = len(case.was.text), len(case.now.text)
    if now > max(was * _LONGEST, was + _ROOM) or now < was * _SHORTEST:
        yield _lengths(was, now), None


def _lengths(was: int, now: int) -> str:
    return f"Длина: было {was} знаков, стало {now}"


RULES: tuple[tuple[str, Rule], ...] = (
    ("added_number", _numbers),
    ("added_term", _terms),
    ("added_money", _money),
    ("added_contact", _contacts),
    ("added_name", _names),
    ("added_promise", promises),
    ("added_measure", measures),
    ("added_measure", _new_matches(words.NO_LONGER, "Новая мера")),
    ("added_apology", _apology),
    ("added_admission", _new_matches(words.ADMISSION, "Признание, которого не было")),
    ("added_denial", _new_matches(words.DENIAL, "Отрицание, которого не было")),
    ("added_excuse", _excuses),
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
