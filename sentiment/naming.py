"""How a review calls people by name: in whatever case it stands, and the forms that a reply needs.

    Ивановой → Иванова    у Екатерины Викторовны → Екатерина Викторовна    гене → Гена

First names are known from `data/people`; the dictionary is asked only about other words with a capital.
"""

from collections.abc import Collection, Sequence
from enum import Enum, auto
from typing import NamedTuple

from sentiment import morph
from sentiment.declension import NameForm, NounForm, decline, guessed_forms, patronymic_forms
from sentiment.people_text import adjacent, capital, gap, key, restore_yo, written
from sentiment.people_words import people_words
from sentiment.rules import Review
from sentiment.text import normalise

ALL_CASES = ("nomn", "datv", "gent", "accs", "ablt", "loct")
"""The likeliest first."""
MOST_WORDS = 3
"""A name has at most first name, patronymic and surname."""
SHORTEST_UNKNOWN = 3
"""Letters of a word that is taken for a name though no list holds it."""


class Kind(Enum):
    """What a word of a name is; NAME also for patronymics."""

    NAME = auto()
    SURNAME = auto()
    INITIAL = auto()
    TITLE = auto()


class Part(NamedTuple):
    """A word of a name, as written, and what it may mean; an initial means nothing."""

    written: str
    kind: Kind
    forms: tuple[NameForm, ...] = ()


class Name(NamedTuple):
    """As a reply may write it, in the nominative and the dative; `case`: in which it stands in the text. `keys`: its
    words in the nominative and in small letters, by which somebody is known again."""

    nominative: str
    dative: str
    gender: str
    case: str
    keys: tuple[str, ...]


class Called(NamedTuple):
    """Somebody as tokens `first` to `last` call him: by his job, his name, or both."""

    first: int
    last: int
    job: NounForm | None
    name: Name | None

    @property
    def role(self) -> str:
        return self.job.nominative if self.job else ""

    @property
    def dative(self) -> str:
        return " ".join(item.dative for item in (self.job, self.name) if item)

    @property
    def gender(self) -> str:
        return self.name.gender if self.name else self.job.gender if self.job else ""

    @property
    def case(self) -> str:
        """In which he stands in the text."""
        return self.name.case if self.name else self.job.case if self.job else ""

    @property
    def keys(self) -> tuple[str, ...]:
        return self.name.keys if self.name else ()


# --- reading ---------------------------------------------------------------------------------------------


def name_parts(review: Review, place: int, *, trusted: bool = False) -> tuple[list[Part], int]:
    """The words of the name that begins at the token, none where none does, and where it ends. `trusted`: something
    before says that here stands a name, so that small letters and words nobody knows will do."""
    parts: list[Part] = []
    while place < len(review.tokens) and len(parts) < MOST_WORDS and review.tokens[place].is_word:
        if parts and not adjacent(review, place - 1):
            break
        part = _part(review, place, parts, trusted=trusted)
        if part is None:
            break
        parts.append(part)
        place += 1
    while _has(Kind.SURNAME, parts) and place < len(review.tokens) and _is_initial(review, place):
        parts.append(Part(written(review, place).upper() + ".", Kind.INITIAL))
        place += 1
    return parts, place


def unknown_name(review: Review, place: int) -> list[Part]:
    """A word of which the text says that it is a name."""
    shown = written(review, place)
    return [Part(shown, Kind.NAME, guessed_forms(normalise(shown)))]


def _is_initial(review: Review, place: int) -> bool:
    token = review.tokens[place]
    return token.end - token.start == 1 and capital(review, place) and gap(review, place)[:1] == "."


def _has(kind: Kind, parts: Sequence[Part]) -> bool:
    return any(part.kind is kind for part in parts)


def _part(review: Review, place: int, before: Sequence[Part], *, trusted: bool) -> Part | None:
    words = people_words()
    word, shown = review.tokens[place].key, written(review, place)
    big = shown[0].isupper()
    if not before and word in words.titles and adjacent(review, place):
        named = key(review, place + 1) in words.names
        return Part(shown.lower(), Kind.TITLE, words.titles[word]) if named else None
    titled = bool(before) and before[-1].kind is Kind.TITLE
    if word in words.names and not _has(Kind.NAME, before) and (big or trusted or titled):
        return Part(shown, Kind.NAME, words.names[word])
    if found := patronymic_forms(word):
        allowed = big or not any(part.written[0].isupper() for part in before)
        alone = (big or trusted) and found[0].nominative in words.patronymics
        if allowed and (before or alone):
            return Part(shown, Kind.NAME, found)
    if not big or len(shown) < SHORTEST_UNKNOWN or word in words.lists["things"] or word in words.jobs or "-" in word:
        return None
    return _by_dictionary(word, shown, before, trusted=trusted)


def _by_dictionary(word: str, shown: str, before: Sequence[Part], *, trusted: bool) -> Part | None:
    """A word with a capital that is none of the known first names."""
    if not before or before[-1].kind is Kind.SURNAME:
        found = morph.dictionary_names(word)
        if found and (trusted or morph.is_personal(word)):
            return Part(shown, Kind.NAME, found)
    if _has(Kind.SURNAME, before) or not (before or trusted):
        return None
    if found := morph.surname_forms(word):
        return Part(shown, Kind.SURNAME, found)
    if morph.is_known(word):
        return None
    kind = Kind.SURNAME if before else Kind.NAME
    return Part(shown, kind, guessed_forms(word, surname=kind is Kind.SURNAME))


# --- understanding ---------------------------------------------------------------------------------------


def resolve(parts: Sequence[Part], cases: Collection[str], gender: str = "") -> Name | None:
    """The name, by what its words allow together and the cases in which it may stand; None where no form fits.
    `gender`: what the words behind it tell, "" for nothing."""
    meaning = next((part.forms for part in parts if part.forms), ())
    if not meaning:
        return None

    def likelihood(number: int) -> tuple[int, bool]:
        form = meaning[number]
        fitting = sum(_form_of(part, form.gender, form.case) is not None for part in parts)
        agreeing = 40 * (form.case in cases) + 20 * (form.gender == gender)
        return 100 * fitting + agreeing - ALL_CASES.index(form.case) - number, form.gender == "femn"

    form = meaning[max(range(len(meaning)), key=likelihood)]
    return _name(parts, form.gender, form.case)


def _form_of(part: Part, gender: str, case: str) -> NameForm | None:
    return next((form for form in part.forms if form.gender == gender and form.case == case), None)


def _name(parts: Sequence[Part], gender: str, case: str) -> Name:
    nominative, dative, keys = [], [], []
    for part in parts:
        form = _form_of(part, gender, case)
        if form is None:
            nominative.append(part.written)
            dative.append(part.written)
            continue
        also = normalise(part.written)
        if case != "datv":
            also = decline(form.nominative, gender, surname=part.kind is Kind.SURNAME)["datv"]
        nominative.append(_spelt(form.nominative, form.nominative, part))
        dative.append(_spelt(also, form.nominative, part))
        keys.append(form.nominative)
    return Name(" ".join(nominative), " ".join(dative), gender, case, tuple(keys))


def _spelt(word: str, nominative: str, part: Part) -> str:
    """With ё and capitals."""
    shown = part.written
    if nominative == "петр":  # his ё is there in the nominative only
        word = "пётр" if word == nominative and shown != "Петр" else word
    else:
        spelling = people_words().yo.get(nominative, shown) if shown[0].islower() else shown
        word = restore_yo(word, nominative, spelling)
    return word if part.kind is Kind.TITLE else "-".join(piece.capitalize() for piece in word.split("-"))
