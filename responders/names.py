"""Whom to address: the first name, where an author's display name really holds one.

A wrong name is worse than none, so everything doubtful (nicknames, Latin letters, digits, names of
companies, more than a full name) is left without an address.
"""

import re
import unicodedata
from collections.abc import Callable

IsFirstName = Callable[[str], bool]

_MAX_LENGTH = 60
_NAME = re.compile(r"[А-ЯЁа-яё]{2,20}(?:-[А-ЯЁа-яё]{2,20})?")
_INITIAL = re.compile(r"[А-ЯЁ]\.?(?:[А-ЯЁ]\.?)?")
_PATRONYMIC = re.compile(r"[а-яё]+(?:вич|ьич|мич|кич|тич|вна|ична|инична)")
_MALE_SURNAME = re.compile(r"[а-яё-]{2,}(?:[оеё]в|[иы]н|[сц]к[ио]й|[нлртмвб]ый|[нхж]ий)")
_FEMALE_SURNAME = re.compile(r"[а-яё-]{2,}(?:[оеё]ва|[иы]на|[сц]кая|[нлртмвбхж]ая)")
_COMMON_SURNAME = re.compile(
    r"[а-яё-]{2,}(?:ко|ук|юк|чук|як|ых|их|ян|янц|дзе|швили|ец|ман|берг|штейн|ович|евич|енок|ель|ник|аш|ай|ей|ер)"
)
# fmt: off
# Masculine although they end like feminine ones.
_MALE_IN_A = frozenset(
    {
        "никита", "илья", "кузьма", "лука", "фома", "савва", "данила", "добрыня", "миша", "саша", "паша",
        "лёша", "леша", "дима", "вова", "коля", "толя", "витя", "петя", "ваня", "женя", "валера", "серёжа",
        "сережа", "алёша", "алеша", "гоша", "гриша", "жора", "костя", "лёня", "леня", "федя", "юра", "яша",
        "слава"
    }
)
# Names of either sex: the surname proves nothing.
_EITHER = frozenset(
    {
        "саша", "женя", "валя", "слава", "паша", "шура"
    }
)
# First names that are everyday words when written small; the first words of a company's name.
_EVERYDAY = frozenset(
    {
        "вера", "надежда", "любовь", "роза", "лилия", "слава", "мир", "лев", "роман", "злата", "майя", "марс",
        "ника", "рада"
    }
)
_COMPANY = frozenset(
    {
        "кафе", "салон", "магазин", "студия", "ателье", "бар", "ресторан", "клиника", "аптека", "отель",
        "гостиница", "школа", "центр", "компания", "фирма", "ип", "ооо", "мама", "папа", "бабушка", "дедушка",
        "гость", "клиент", "пользователь", "аноним", "семья"
    }
)

# fmt: on


def known_to_morphology(word: str) -> bool:
    # natasha takes a while to load: only when there is a word to ask about.
    from sentiment.morph import is_first_name

    return is_first_name(word)


def first_name(display_name: str, *, is_first_name: IsFirstName = known_to_morphology) -> str | None:
    """«Анна К.» → Анна, «Иванова Анна» → Анна, «Виктор Степанович» → Виктор Степанович, «АННА» → Анна;
    «vkusno_77», «Мама двоих», «Кафе Роза» → None."""
    if len(display_name) > _MAX_LENGTH:
        return None
    words = _without_emoji(display_name).split()
    if not 1 <= len(words) <= 3 or any(word.lower() in _COMPANY for word in words):
        return None
    for at, word in enumerate(words):
        rest = [*words[:at], *words[at + 1 :]]
        if _NAME.fullmatch(word) and _completes(word, rest, after=words[at + 1 :]):
            name = "-".join(part.capitalize() for part in word.split("-"))
            if is_first_name(name):
                return " ".join([name, *_patronymic(words[at + 1 :])])
    return None


def _patronymic(after: list[str]) -> list[str]:
    """Who signs with a patronymic is addressed with it."""
    return [word.capitalize() for word in after[:1] if _PATRONYMIC.fullmatch(word.lower())]


def _without_emoji(text: str) -> str:
    """Hearts and flowers beside a name are decoration; any other symbol makes it a nickname."""
    return "".join(char for char in text if unicodedata.category(char) != "So" and char not in "\ufe0f\u200d")


def _completes(name: str, rest: list[str], after: list[str]) -> bool:
    """Whether the other words make this a person's name: an initial, a patronymic, a surname."""
    if not rest:
        return name[0].isupper() or name not in _EVERYDAY
    if not name[0].isupper() or not all(word[0].isupper() for word in rest):
        return False
    surnames = 0
    for word in rest:
        if word in after and (_INITIAL.fullmatch(word) or _PATRONYMIC.fullmatch(word.lower())):
            continue
        if not _is_surname(word.lower(), name.lower()):
            return False
        surnames += 1
    return surnames <= 1


def _is_surname(word: str, name: str) -> bool:
    """By its ending, in agreement with the name: «Магазин Марина» is no person."""
    male, female = _MALE_SURNAME.fullmatch(word), _FEMALE_SURNAME.fullmatch(word)
    if male or female:
        if name in _EITHER:
            return True
        feminine = name[-1] in "аяь" and name not in _MALE_IN_A and name != "игорь"
        return bool(female) if feminine else bool(male)
    return _COMMON_SURNAME.fullmatch(word) is not None
