"""How a review calls people: jobs and names in whatever case they stand, and the forms that a reply needs.

    доктору Ивановой → доктор Иванова    у Екатерины Викторовны → Екатерина Викторовна    гене → Гена

First names and jobs are known from `data/people`, all their forms worked out by `morph.decline` at the first review;
the dictionary is asked only about other words with a capital.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from sentiment import morph
from sentiment.morph import NameForm
from sentiment.rules import Review
from sentiment.text import normalise

ALL_CASES = ("nomn", "datv", "gent", "accs", "ablt", "loct")
"""The likeliest first."""
SHORT_OF_PATRONYMICS = frozenset(["саныч", "палыч", "михалыч", "иваныч", "петрович", "кузьмич", "степаныч", "николаич"])
"""By which people are called without a first name."""
ALWAYS_YO = {
    "алена": "алёна", "аленка": "алёнка", "аленушка": "алёнушка", "алеша": "алёша", "артем": "артём",
    "лева": "лёва", "леня": "лёня", "леха": "лёха", "леша": "лёша", "петр": "пётр", "сема": "сёма",
    "семен": "семён", "серега": "серёга", "сережа": "серёжа", "тема": "тёма", "федор": "фёдор",
    "фекла": "фёкла",
}  # fmt: skip
"""How these are spelt where the author's own form or his small letters do not tell."""
MOST_WORDS = 3
"""A name has at most first name, patronymic and surname."""


class Called(NamedTuple):
    """Somebody as a reply may call him: `name` and `role` in the nominative, "" for none; tokens `first` to `last`;
    `case` in which he stands. `keys`: the words of the name in the nominative, by which he is known again."""

    first: int
    last: int
    role: str
    role_dative: str
    name: str
    name_dative: str
    gender: str
    case: str
    keys: tuple[str, ...]

    @property
    def dative(self) -> str:
        return f"{self.role_dative} {self.name_dative}".strip()


class Part(NamedTuple):
    """A word of a name, as written, and what it may mean; an initial means nothing."""

    raw: str
    forms: tuple[NameForm, ...]
    surname: bool = False


class Tables:
    """`data/people`, with every form worked out."""

    def __init__(self) -> None:
        folder = files("sentiment") / "data" / "people"
        names = _read(folder.joinpath("names.toml").read_text(encoding="utf-8"))
        self.words = words = _read(folder.joinpath("words.toml").read_text(encoding="utf-8"))
        either = names["either"]
        self.names = _by_form((name, gender) for gender in ("femn", "masc") for name in (*names[gender], *either))
        everyday = set(names["everyday"])
        self.everyday = frozenset(
            form for form, found in self.names.items() if any(item.nominative in everyday for item in found)
        )
        self.roles = _by_form(
            ((role, gender) for gender in ("masc", "femn") for role in words[f"roles_{gender}"]),
            ((role, gender) for gender in ("masc", "femn") for role in words[f"adjective_{gender}"]),
        )
        self.anyone = _by_form((word, gender) for gender in ("masc", "femn") for word in words[f"anyone_{gender}"])
        self.attributes = _by_form((), _both_genders(words["adjectives_before"]))
        self.titles = _by_form(
            (word, "femn" if word[-1] in "ая" and word != "дядя" else "masc") for word in words["kin_titles"]
        )
        self.keys = frozenset({*self.names, *self.roles, *self.anyone, *words["named"]})
        self.telling = frozenset({*self.keys, *self.attributes, *self.titles})
        self.hints = {
            word: case
            for kind, case in (
                ("thanks_datv", "datv"), ("thanks_accs", "accs"), ("owned", "gent"), ("gent", "gent"), ("datv", "datv"),
                ("accs", "accs"), ("ablt", "ablt"), ("loct", "loct"),
            )
            for word in words[kind]
        }  # fmt: skip


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Worked out at the first review."""
    return Tables()


def _read(text: str) -> dict[str, frozenset[str]]:
    return {key: frozenset(value.split()) for key, value in tomllib.loads(text).items()}


def _both_genders(adjectives: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in adjectives:
        yield word, "masc"
        yield word[:-2] + "ая", "femn"


def _by_form(
    nouns: Iterable[tuple[str, str]], adjectives: Iterable[tuple[str, str]] = ()
) -> dict[str, tuple[NameForm, ...]]:
    found: dict[str, dict[NameForm, None]] = {}
    for adjective, words in ((False, nouns), (True, adjectives)):
        for word, gender in words:
            for form, meaning in morph.forms_of(word, gender, adjective=adjective):
                found.setdefault(form, {})[meaning] = None
    return {form: tuple(meanings) for form, meanings in found.items()}


# --- words of a review -----------------------------------------------------------------------------------


def raw(review: Review, position: int) -> str:
    token = review.tokens[position]
    return review.text[token.start : token.end]


def gap(review: Review, position: int) -> str:
    """What stands between a token and the next one."""
    if position + 1 >= len(review.tokens):
        return review.text[review.tokens[-1].end :]
    return review.text[review.tokens[position].end : review.tokens[position + 1].start]


def capital(review: Review, position: int) -> bool:
    """Whether the word begins with a capital, and is not all of them («НЕ»)."""
    word = raw(review, position)
    return word[0].isupper() and (len(word) == 1 or not word[1].isupper())


def begins_sentence(review: Review, position: int) -> bool:
    start = review.tokens[position].start
    before = review.text[max(start - 6, 0) : start].rstrip(' «"“„(-–—*\t\xa0')
    return not before or before[-1] in ".!?…\n\r)😊❤" or not (before[-1].isalnum() or before[-1] in ",;:»\"'%")


def adjacent(review: Review, position: int) -> bool:
    """Whether only a space parts the token from the next."""
    return position + 1 < len(review.tokens) and not gap(review, position).strip(" \xa0")


# --- jobs ------------------------------------------------------------------------------------------------


class Role(NamedTuple):
    """A job that stands in tokens `first` to `last`; one nominative and dative per way to understand it."""

    first: int
    last: int
    forms: tuple[NameForm, ...]
    datives: tuple[str, ...]


def role_at(review: Review, position: int) -> Role | None:
    """The job that begins at the token: «врач», «обувному мастеру», «врач-терапевт», «девушка на кассе»."""
    known, tokens = tables(), review.tokens
    key = tokens[position].key
    if key in known.attributes and adjacent(review, position):
        head = _simple_role(review, position + 1)
        if head is not None:
            return _joined(head, position, known.attributes[key])
    return _simple_role(review, position)


def _simple_role(review: Review, position: int) -> Role | None:
    known, tokens = tables(), review.tokens
    key = tokens[position].key
    shown = raw(review, position)
    if found := known.roles.get(key.replace("ъ", "ь")):
        role = Role(position, position + 1, found, tuple(_dative(item) for item in found))
        following = position + 1
        if adjacent(review, position) and tokens[following].key in known.roles and not capital(review, following):
            second = known.roles[tokens[following].key]
            both = _matching(found, second, " ")
            if both.forms:
                return Role(position, position + 2, both.forms, both.datives)
        return _spelt(role, shown)
    if "-" in key:
        one, _, other = key.partition("-")
        heads, tails = known.roles.get(one) or known.anyone.get(one), known.roles.get(other)
        if heads and tails:
            both = _matching(heads, tails, "-")
            return Role(position, position + 1, both.forms, both.datives) if both.forms else None
        if one in known.roles and not other.startswith("класс"):
            return Role(position, position + 1, known.roles[one], tuple(map(_dative, known.roles[one])))
    if (
        (found := known.anyone.get(key))
        and position + 2 < len(tokens)
        and tokens[position + 1].key in ("на", "за", "в")
    ):
        post = tokens[position + 2].key
        if post in known.words["posts"] and adjacent(review, position) and adjacent(review, position + 1):
            tail = review.text[tokens[position].end : tokens[position + 2].end].lower()
            forms = tuple(item._replace(nominative=item.nominative + tail) for item in found)
            return Role(position, position + 3, forms, tuple(_dative(item) + tail for item in found))
    return None


def _dative(form: NameForm) -> str:
    known = tables().words
    adjective = form.nominative in known["adjective_masc"] or form.nominative in known["adjective_femn"]
    return morph.decline(form.nominative, form.gender, adjective=adjective)["datv"]


class _Pairs(NamedTuple):
    forms: tuple[NameForm, ...]
    datives: tuple[str, ...]


def _matching(first: Sequence[NameForm], second: Sequence[NameForm], between: str) -> _Pairs:
    """Two jobs in one, in the same case: «врач-терапевт», «девушка-администратор»."""
    found = {
        NameForm(one.nominative + between + other.nominative, one.gender, one.case): (
            _dative(one) + between + _dative(other)
        )
        for one, other in product(first, second)
        if one.case == other.case
    }
    return _Pairs(tuple(found), tuple(found.values()))


def _joined(head: Role, position: int, attributes: Sequence[NameForm]) -> Role | None:
    found = {}
    for form, dative in zip(head.forms, head.datives, strict=True):
        for attribute in attributes:
            if attribute.case == form.case and attribute.gender == form.gender:
                also = morph.decline(attribute.nominative, attribute.gender, adjective=True)["datv"]
                found[form._replace(nominative=f"{attribute.nominative} {form.nominative}")] = f"{also} {dative}"
    return Role(position, head.last, tuple(found), tuple(found.values())) if found else head


def _spelt(role: Role, shown: str) -> Role:
    """With the author's ё."""
    if "ё" not in shown:
        return role
    forms = tuple(item._replace(nominative=_with_yo(item.nominative, shown)) for item in role.forms)
    return Role(role.first, role.last, forms, tuple(_with_yo(item, shown) for item in role.datives))


# --- names -----------------------------------------------------------------------------------------------


def name_parts(review: Review, position: int, *, trusted: bool = False) -> tuple[list[Part], int]:
    """The words of the name that begins at the token, and where it ends. `trusted`: something before says that here
    stands a name, so that small letters and words nobody knows will do."""
    parts: list[Part] = []
    place = position
    while place < len(review.tokens) and len(parts) < MOST_WORDS and review.tokens[place].is_word:
        if parts and not adjacent(review, place - 1) and not _initial(review, place - 1):
            break
        part = _part(review, place, parts, trusted=trusted)
        if part is None:
            break
        parts.append(part)
        place += 1
    while place < len(review.tokens) and any(part.surname for part in parts) and _initial(review, place):
        parts.append(Part(raw(review, place).upper() + ".", ()))
        place += 1
    return (parts, place) if any(part.forms for part in parts) else ([], position)


def _initial(review: Review, position: int) -> bool:
    token = review.tokens[position]
    return token.end - token.start == 1 and capital(review, position) and gap(review, position)[:1] == "."


def _part(review: Review, place: int, before: Sequence[Part], *, trusted: bool) -> Part | None:
    known = tables()
    key, shown = review.tokens[place].key, raw(review, place)
    big = shown[0].isupper()
    first_known = not any(part.surname is False and part.forms for part in before)
    if not before and key in known.titles and place + 1 < len(review.tokens) and adjacent(review, place):
        return Part(shown.lower(), known.titles[key]) if review.tokens[place + 1].key in known.names else None
    titled = len(before) == 1 and normalise(before[0].raw) in known.titles
    if (first_known or titled) and key in known.names and (big or trusted or titled):
        return Part(shown, known.names[key])
    if before or (key in SHORT_OF_PATRONYMICS and (big or trusted)):
        found = morph.patronymic_forms(key)
        if found and (big or not capital_text(before)):
            return Part(shown, found)
    if not before and trusted and not big:
        return None
    if not big or len(shown) < 3 or key in known.words["things"] or key in known.roles:
        return None
    return _by_dictionary(key, shown, before, trusted=trusted)


def capital_text(parts: Iterable[Part]) -> bool:
    return any(part.raw[:1].isupper() for part in parts)


def _by_dictionary(key: str, shown: str, before: Sequence[Part], *, trusted: bool) -> Part | None:
    """A word with a capital that is none of the known first names."""
    if "-" in key:
        return None
    if not before or before[-1].surname:
        found = morph.dictionary_names(key)
        if found and (trusted or morph.is_personal(key)):
            return Part(shown, found)
    if any(part.surname for part in before):
        return None
    if before or trusted:
        found = morph.surname_forms(key)
        if found:
            return Part(shown, found, surname=True)
        if before and not morph.is_known(key):
            return Part(shown, morph.guessed_forms(key, surname=True), surname=True)
    if trusted and not before and not morph.is_known(key):
        return Part(shown, morph.guessed_forms(key))
    return None


def resolve(
    parts: Sequence[Part], hints: Collection[str], gender: str = ""
) -> tuple[str, str, str, str, tuple[str, ...]]:
    """(nominative, dative, gender, case, keys) of a name, by what its words allow together and the cases in which it
    may stand (`hints`, the likeliest first)."""
    best: tuple[int, str, str] = (-1, "", "")
    worded = [part for part in parts if part.forms]
    for of, case in product(("femn", "masc"), ALL_CASES):
        fitting = sum(any(form.gender == of and form.case == case for form in part.forms) for part in worded)
        if not any(form.gender == of and form.case == case for form in worded[0].forms):
            continue
        score = 100 * fitting + (40 if case in hints else 0) + (20 if of == gender else 0)
        score += 6 - ALL_CASES.index(case)
        first = next(form for form in worded[0].forms if form.gender == of and form.case == case)
        score -= worded[0].forms.index(first)
        if score > best[0]:
            best = (score, of, case)
    _, of, case = best
    nominative, dative, keys = [], [], []
    for part in parts:
        form = next((item for item in part.forms if item.gender == of and item.case == case), None)
        if form is None:
            nominative.append(part.raw)
            dative.append(part.raw)
            continue
        kept = part.raw[:1].islower() and normalise(part.raw) in tables().titles
        also = morph.decline(form.nominative, of, surname=part.surname)["datv"]
        if normalise(part.raw) == form.nominative == also or (case == "datv"):
            also = normalise(part.raw)
        nominative.append(_shown(form.nominative, form.nominative, part.raw, small=kept))
        dative.append(_shown(also, form.nominative, part.raw, small=kept))
        keys.append(form.nominative)
    return _line(nominative), _line(dative), of, case, tuple(keys)


def _line(words: Sequence[str]) -> str:
    return " ".join(words)


def _shown(word: str, nominative: str, shown: str, *, small: bool) -> str:
    spelt = _with_yo(word, shown)
    usual = ALWAYS_YO.get(nominative)
    if nominative == "петр":
        spelt = "пётр" if word == nominative and shown != "Петр" else word
    elif usual and "ё" not in shown.lower() and shown[:1].islower():
        spelt = _with_yo(word, usual)
    return spelt if small else "-".join(part.capitalize() for part in spelt.split("-"))


def _with_yo(word: str, shown: str) -> str:
    """`word` with ё wherever `shown`, another form of it, has one."""
    if "ё" not in shown.lower():
        return word
    return "".join(
        "ё" if letter == "е" and place < len(shown) and shown[place].lower() == "ё" else letter
        for place, letter in enumerate(word)
    )
