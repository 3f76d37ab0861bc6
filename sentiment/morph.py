"""Russian word forms by the dictionary: the only module that knows natasha's morphology, pymorphy2.

The dictionary (pymorphy2-dicts-ru, from OpenCorpora, CC BY-SA 3.0) loads at the first question, in about
a quarter of a second; answers are remembered. What goes by endings alone (`declension`) does without.
"""

import warnings
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple

from sentiment import declension
from sentiment.declension import NameForm, NounForm

LONGEST_WORD = 40
LIKELY = 0.25
"""From this share of a form's uses on, a reading counts as what the word means."""
MOSTLY = 0.5
"""From this share on, all readings as a name together do."""

# Everyday forms the dictionary does not know as names.
MORE_NAMES = {
    "анютка": "femn", "настенька": "femn", "катюша": "femn", "танюша": "femn", "иришка": "femn", "маришка": "femn",
    "леночка": "femn", "оленька": "femn", "наташка": "femn", "светик": "femn", "ксю": "femn", "ксюша": "femn",
    "гульназ": "femn", "айгуль": "femn", "гузель": "femn", "чулпан": "femn", "зухра": "femn", "лейсан": "femn",
    "ляйсан": "femn", "алсу": "femn", "резеда": "femn", "зиля": "femn", "рамиля": "femn", "аделя": "femn",
    "ильнара": "femn", "гульнара": "femn", "майя": "femn", "ася": "femn", "тася": "femn", "стася": "femn",
    "ника": "femn",
    "димон": "masc", "санек": "masc", "серега": "masc", "колян": "masc", "леха": "masc", "макс": "masc", "жека": "masc",
    "айрат": "masc", "ильнур": "masc", "ильназ": "masc", "айдар": "masc", "булат": "masc", "фанис": "masc",
    "рамиль": "masc", "данияр": "masc", "инсаф": "masc", "раиль": "masc", "динар": "masc", "ринат": "masc",
    "эмиль": "masc", "амир": "masc", "карим": "masc", "камиль": "masc", "тимур": "masc", "марсель": "masc",
}  # fmt: skip


NAME_ENDINGS = {
    ("femn", "а"): ("ы", "и", "е", "у", "ой", "ою", "ей"), ("femn", "я"): ("и", "е", "ю", "ей", "ею"),
    ("femn", "ь"): ("и", "ью"), ("femn", ""): (),
    ("masc", "а"): ("ы", "и", "е", "у", "ой", "ей"), ("masc", "я"): ("и", "е", "ю", "ей", "ею"),
    ("masc", "ь"): ("я", "ю", "ем", "е"),
    ("masc", ""): ("а", "у", "ом", "ем", "е"),
}  # fmt: skip
"""By gender and last letter, in all cases: the forms of `MORE_NAMES`."""

ADJECTIVAL = ("ый", "ий", "ой")
RARE_FORMS = (
    {"actv"}, {"pssv", "pres"}, {"incl"}, {"V-sh"}, {"V-oy"}, {"V-ey"}, {"Infr"}
)  # fmt: skip
"""Grammemes of forms that reviews hardly know: «хамящий», «испортимте», «вкусною»."""

CASES = frozenset({"nomn", "gent", "datv", "accs", "ablt", "loct"})
"""Nominative, genitive, dative, accusative, instrumental, prepositional, as OpenCorpora calls them."""


_LOADING = Lock()


def _analyser() -> Any:
    """Loaded once, whichever threads ask first; asking it is safe for several at once."""
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Any:
    with warnings.catch_warnings():
        # pymorphy2 finds its dictionary through pkg_resources, which announces its own end on every import.
        warnings.simplefilter("ignore")
        # natasha's yargy mends pymorphy2 for Python 3.11 when imported; all of natasha would cost numpy and its models.
        import_module("yargy.morph")
        from pymorphy2 import MorphAnalyzer

        return MorphAnalyzer()


@lru_cache(maxsize=16_384)
def _parses(word: str) -> tuple[Any, ...]:
    """The dictionary's readings of a word, the likeliest first; none for words it does not hold."""
    if not word or len(word) > LONGEST_WORD or not word.isalpha():
        return ()
    analyser = _analyser()
    return tuple(analyser.parse(word)) if analyser.word_is_known(word) else ()


def _plain(word: str) -> str:
    return word.strip().lower()


class Reading(NamedTuple):
    """One way to understand a form: `lemma` with «ё» as «е», grammemes as OpenCorpora calls them, `score` its share of
    the form's uses."""

    lemma: str
    tags: frozenset[str]
    score: float


@lru_cache(maxsize=16_384)
def readings(word: str) -> tuple[Reading, ...]:
    """All ways to understand a word, the likeliest first; none for words the dictionary does not hold."""
    return tuple(
        Reading(_plain_spelling(parse.normal_form), frozenset(parse.tag.grammemes), parse.score)
        for parse in _parses(_plain(word))
    )


@lru_cache(maxsize=16_384)
def lemma(word: str) -> str:
    """The dictionary's form of a word, «ё» as «е»; a word that it does not hold stays as it is."""
    found = _parses(_plain(word))
    return str(found[0].normal_form).replace("ё", "е") if found else word


def is_first_name(word: str) -> bool:
    """Whether `word` is a first name in the nominative: «Саша», «Айгуль», «Анна-Мария»; not «Ольге», «Кафе»."""
    parts = _plain(word).split("-")
    return all(part in MORE_NAMES or _nominative_name(part) is not None for part in parts)


def _nominative_name(word: str) -> Any | None:
    for parse in _parses(word):
        if {"Name", "sing", "nomn"} in parse.tag:
            return parse
    return None


def gender(name: str) -> str | None:
    """ "masc" or "femn" of a first name; None where it may be either («Саша») or is no name."""
    word = _plain(name).split("-")[0]
    if word in MORE_NAMES:
        return MORE_NAMES[word]
    found = {str(parse.tag.gender) for parse in _parses(word) if {"Name", "sing", "nomn"} in parse.tag}
    return found.pop() if len(found) == 1 and found <= {"masc", "femn"} else None


def is_personal(word: str) -> bool:
    """Whether a word, or a part of it between hyphens, most likely names a person: a first name, surname or patronymic
    of the dictionary in any form, or a form of `MORE_NAMES`."""
    return any(part in _more_names() or _names_somebody(part) for part in _plain(word).split("-"))


def _names_somebody(word: str) -> bool:
    names = [parse for parse in _parses(word) if any(kind in parse.tag for kind in ("Name", "Surn", "Patr"))]
    # «Ивановой» stands for four cases, so these count together; but not the twelve of the indeclinable surname «Ли».
    declined = sum(parse.score for parse in names if "Fixd" not in parse.tag)
    return declined >= MOSTLY or any(parse.score >= LIKELY for parse in names)


@lru_cache(maxsize=1)
def _more_names() -> frozenset[str]:
    """The forms of `MORE_NAMES`, and a few that nobody uses."""
    found = set(MORE_NAMES)
    for name, gender_of in MORE_NAMES.items():
        stem = name.rstrip("аяь")
        last = "" if stem == name else name[-1]
        found |= {stem + ending for ending in NAME_ENDINGS[gender_of, last]}
    return frozenset(found)


def forms(lemma: str) -> list[str]:
    """The usual forms of a word, ё as е, in order, but those that mostly mean another word («мастерской», «дела»).

    Of an adjective also the adverb that looks like its short form («вкусно»). Empty for words the dictionary does not
    know.
    """
    analyser = _analyser()
    found = set()
    for parse in _parses(lemma):
        if _plain_spelling(parse.normal_form) == lemma:
            found |= {
                _plain_spelling(item.word)
                for item in parse.lexeme
                if not any(rare <= set(item.tag.grammemes) for rare in RARE_FORMS)
            }
    return sorted(form for form in found if form == lemma or not analyser.word_is_known(form) or _means(form, lemma))


def _means(form: str, lemma: str) -> bool:
    share = sum(
        parse.score
        for parse in _parses(form)
        if _plain_spelling(parse.normal_form) == lemma or ("ADVB" in parse.tag and lemma.endswith(ADJECTIVAL))
    )
    return bool(share >= LIKELY)


def _plain_spelling(word: str) -> str:
    return str(word).replace("ё", "е")


def embedding_file() -> str:
    """Where the word vectors lie that ship inside natasha: navec's, trained on news, MIT."""
    return str(import_module("natasha.data").NEWS_EMBEDDING)


# --- people in the dictionary ----------------------------------------------------------------------------


def is_known(word: str) -> bool:
    """Whether the dictionary holds the word in any meaning."""
    return bool(_parses(_plain(word)))


def dictionary_names(word: str) -> tuple[NameForm, ...]:
    """What a form of a first name may mean, by the dictionary."""
    return _named(word, "Name")


def surname_forms(word: str) -> tuple[NameForm, ...]:
    """What a surname may mean, by the dictionary or, for one not in it, by its ending."""
    return _named(word, "Surn") or declension.surname_forms(word)


def _named(word: str, kind: str) -> tuple[NameForm, ...]:
    found: dict[NameForm, None] = {}
    for parse in _parses(word):
        tag = parse.tag
        if kind not in tag or "plur" in tag or tag.case not in CASES:
            continue
        nominative = parse.inflect({"nomn", "sing"})
        if nominative is not None:
            genders = ("masc", "femn") if "ms-f" in tag or tag.gender is None else (str(tag.gender),)
            plain = _plain_spelling(nominative.word)
            found |= dict.fromkeys(NameForm(plain, gender, str(tag.case)) for gender in genders)
    return tuple(found)


def person_nouns(word: str) -> Iterator[NounForm]:
    """What a noun in the singular may mean that stands for people or animals, and is no name."""
    for parse in _parses(word):
        tag = parse.tag
        if {"NOUN", "anim", "sing"} in tag and not {"Name", "Surn", "Patr"} & set(tag.grammemes) and tag.case in CASES:
            nominative, dative = parse.inflect({"nomn"}), parse.inflect({"datv"})
            if nominative and dative:
                spelt = _plain_spelling(nominative.word), _plain_spelling(dative.word)
                yield NounForm(*spelt, str(tag.gender), str(tag.case))
