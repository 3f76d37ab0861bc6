"""How names and jobs are declined, by their endings alone, so that those in no dictionary are too.

    марина → марины марине марину мариной марине        шохруху → шохрух in the dative

All words are in small letters, ё as е; genders are "masc" and "femn"; cases are called as in OpenCorpora.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class NameForm(NamedTuple):
    """One way to understand a form of a name."""

    nominative: str
    gender: str
    case: str


class NounForm(NamedTuple):
    """One way to understand a form of a word for somebody, such as a job."""

    nominative: str
    dative: str
    gender: str
    case: str


OBLIQUE = ("gent", "datv", "accs", "ablt", "loct")
VOWELS = frozenset("аеиоуыэюя")
HUSHING = frozenset("жшчщ")
HISSING = HUSHING | {"ц"}
SOFT_I = frozenset("жшчщгкх")
"""After these letters «ы» is written «и»."""
STEMS = {
    "лев": "льв", "павел": "павл", "санек": "саньк", "игорек": "игорьк", "витек": "витьк", "юрец": "юрц", "юрок": "юрк",
    "димок": "димк", "олежек": "олежк", "владелец": "владельц", "продавец": "продавц",
}  # fmt: skip
"""Of words that lose a vowel before an ending."""
STRESSED_END = frozenset(["врач", "главврач", "ветврач", "продавец", "юрец"])
"""Words in a hissing letter with the stress on the ending: «врачом»."""
STRESSED_IYA = frozenset(
    [
        "алия",
        "альфия",
        "асия",
        "гулия",
        "гульфия",
        "дания",
        "зульфия",
        "нурия",
        "рамзия",
        "румия",
        "сания",
        "сулея",
        "фания",
    ],
)
"""Women's names with the stress on the last letter: «Алие», not «Алии»."""
INDECLINABLE = frozenset(["бариста", "лор", "хостес"])
MOSTLY_LEFT = frozenset(["айгуль", "айгюль", "асель", "гузель", "гюзель", "мишель", "николь"])
"""Women's names in «-ь» that most people do not decline, though some do."""
OLD_INSTRUMENTAL = (("ой", "ою"), ("ей", "ею"), ("ем", "ом"), ("ом", "ем"))
"""«Ольгою», «врачем»."""
LONGEST_ENDING = 3

_PATRONYMIC = re.compile(
    r"(?P<masc>[а-я]+(?:ович|евич|[ьмткеш]ич|ыч))(?:|а|у|ем|е)|(?P<femn>[а-я]+(?:ов|ев|ер|ал|ич)н)(?:а|ы|е|у|ой|ою)"
)
_HER_SURNAME = re.compile(r"[а-я]+(?:[ое]в|[иы]н)а")
_HIS_SURNAME = re.compile(r"[а-я]+(?:[ое]в|[иы]н)")
_HER_ADJECTIVE = re.compile(r"[а-я]{2,}ая")
_HIS_ADJECTIVE = re.compile(r"[а-я]{2,}(?:[сц]кий|[нлртвщч]ий|[а-я]ый|[нлтсвк]ой)")
_SURNAME = re.compile(
    r"[а-я]{2,}(?:[ое]в|[иы]н|[сц]кий)(?:а|у|ым|е|ой|ою|)|[а-я]{3,}[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую)"
    r"|[а-я]{3,}(?:енко|ко|чук|щук|юк|ян|янц|дзе|швили|ия|ян[ау]|яном|ых|их)"
)


# --- from the nominative ---------------------------------------------------------------------------------


def decline(word: str, gender: str, *, surname: bool = False, adjective: bool = False) -> dict[str, str]:
    """A name or a job in all cases. `surname`: «иванова» → «ивановой»; `adjective`: «горничная» → «горничной»."""
    if word in INDECLINABLE or len(word) < 2:
        stem, endings = word, ""
    elif gender == "femn":
        stem, endings = _hers(word, surname=surname, adjective=adjective)
    else:
        stem, endings = _his(word, surname=surname, adjective=adjective)
    if not endings:
        return dict.fromkeys(("nomn", *OBLIQUE), word)
    return {"nomn": word, **{case: stem + ending for case, ending in zip(OBLIQUE, endings.split(), strict=True)}}


def _hers(word: str, *, surname: bool, adjective: bool) -> tuple[str, str]:
    """(what the endings follow, the genitive's to the prepositional's); no endings where the word has but one form."""
    if adjective or (surname and _HER_ADJECTIVE.fullmatch(word)):
        soft = word[-3] in HUSHING or word.endswith("яя")
        return word[:-2], "ей ей ую ей ей" if soft else "ой ой ую ой ой"
    if surname and _HER_SURNAME.fullmatch(word):
        return word[:-1], "ой ой у ой ой"
    if word[-1] == "ь":
        return word[:-1], "" if word in MOSTLY_LEFT else "и и ь ью и"
    return _first_declension(word) if word[-1] in "ая" else (word, "")


def _his(word: str, *, surname: bool, adjective: bool) -> tuple[str, str]:
    """As `_hers`."""
    last = word[-1]
    if adjective or (surname and _HIS_ADJECTIVE.fullmatch(word)):
        if word[-3] in HUSHING:
            return word[:-2], "его ему его им ем"
        return word[:-2], "ого ому ого им ом" if word.endswith("ий") else "ого ому ого ым ом"
    if surname and _HIS_SURNAME.fullmatch(word):
        return word, "а у а ым е"
    if last in "ая":
        return _first_declension(word)
    if last in "йь":
        return word[:-1], "я ю я ем и" if word.endswith("ий") else "я ю я ем е"
    if last in "еиоуыэю" or (surname and word.endswith(("ых", "их"))):
        return word, ""
    soft = last in HISSING and word not in STRESSED_END
    return STEMS.get(word, word), "а у а ем е" if soft else "а у а ом е"


def _first_declension(word: str) -> tuple[str, str]:
    stem, before = word[:-1], word[-2]
    if word[-1] == "а":
        return stem, f"{'и' if before in SOFT_I else 'ы'} е у {'ей' if before in HISSING else 'ой'} е"
    if before == "и" and word not in STRESSED_IYA:
        return stem, "и и ю ей и"
    return stem, "и е ю ей е"


def forms_of(
    word: str, gender: str, *, surname: bool = False, adjective: bool = False
) -> Iterator[tuple[str, NameForm]]:
    """Every form with what it means, spellings side by side («врачем», «Ольгою»)."""
    for case, form in decline(word, gender, surname=surname, adjective=adjective).items():
        meaning = NameForm(word, gender, case)
        yield form, meaning
        if case == "ablt" and form != word:
            for one, other in OLD_INSTRUMENTAL:
                if form.endswith(one):
                    yield form.removesuffix(one) + other, meaning
    if word in MOSTLY_LEFT:
        for case, ending in zip(OBLIQUE, ("и", "и", "ь", "ью", "и"), strict=True):
            yield word[:-1] + ending, NameForm(word, gender, case)


# --- back to the nominative ------------------------------------------------------------------------------


def patronymic_forms(word: str) -> tuple[NameForm, ...]:
    """What a patronymic may mean: «сергеевне» → «сергеевна» in the dative or the prepositional."""
    match = _PATRONYMIC.fullmatch(word)
    if match is None:
        return ()
    gender = "masc" if match["masc"] else "femn"
    nominative = match["masc"] or match["femn"] + "а"
    return tuple(meaning for form, meaning in forms_of(nominative, gender) if form == word)


def surname_forms(word: str) -> tuple[NameForm, ...]:
    """What a word that ends as surnames do may mean; nothing for others."""
    return guessed_forms(word, surname=True) if _SURNAME.fullmatch(word) else ()


@lru_cache(maxsize=4096)
def guessed_forms(word: str, *, surname: bool = False) -> tuple[NameForm, ...]:
    """What any word may mean as a name, the plainest first: «шохиде» → «шохида», «шохид»."""
    found: dict[NameForm, None] = {}
    for nominative in _nominatives(word):
        for gender in _likely_genders(nominative, surname=surname):
            for form, meaning in forms_of(nominative, gender, surname=surname):
                if form == word:
                    found[meaning] = None
    # A name that never changes fits every case, so those that do are preferred.
    return tuple(sorted(found, key=lambda item: _unchanging(item, surname=surname)))


def _nominatives(word: str) -> Iterator[str]:
    for cut in range(min(LONGEST_ENDING, len(word) - 2) + 1):
        stem = word[: len(word) - cut]
        for ending in ("", "а", "я", "й", "ь", "ий", "ая"):
            if (ending == "й" and stem[-1] not in VOWELS) or (ending in ("ь", "я") and stem[-1] not in "лнриь"):
                continue
            yield stem + ending


def _unchanging(form: NameForm, *, surname: bool) -> bool:
    return decline(form.nominative, form.gender, surname=surname)["datv"] == form.nominative


def _likely_genders(nominative: str, *, surname: bool) -> tuple[str, ...]:
    last = nominative[-1]
    if surname:
        if _HER_SURNAME.fullmatch(nominative) or _HER_ADJECTIVE.fullmatch(nominative):
            return ("femn",)
        if _HIS_SURNAME.fullmatch(nominative) or _HIS_ADJECTIVE.fullmatch(nominative):
            return ("masc",)
        return () if last in "ья" else ("masc", "femn")
    if last in VOWELS:
        return ("femn",)
    return ("masc",) if last == "й" else ("masc", "femn")
