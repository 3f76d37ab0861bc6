"""Whether the reply speaks for the right business: its brand, its branch."""

import re
from collections.abc import Iterator

from responders.lint.rule import ERROR, WARNING, Find, Hit, Rule, has_any, lowered, quoted
from responders.similarity import normal
from responders.types import Situation

_NAMED = r"[«\"“]([^»\"”\n]{2,60})[»\"”]"
_SIGNED = re.compile(
    rf"(?:\bс уважением,?|\bваш[аи]?|\bкоманда|\bколлектив|\bадминистрация"
    rf"|\bсотрудники)(?:\s{{1,3}}[а-я]{{3,15}}){{0,3}}\s{{1,3}}{_NAMED}",
)
_OURS = re.compile(
    r"\b(?:в|у|нашего|нашем|нашей|наше|наш|наша|нашу|выбрали|посетили|ждем вас в|отзыв о|визит в)\s{1,3}"
    r"(?:наш\w{1,3}\s{1,3})?(?:кафе|ресторан|бар|магазин|салон|клиник|отел|гостиниц|студи|центр|компани|сет"
    r"|автосервис|пекарн"
    rf"|кофейн|аптек|школ|фирм|банк)\w{{0,3}}\s{{1,3}}{_NAMED}",
)
_STEM = 4


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in normal(text).split() if len(word) >= 3)


def _foreign(expression: re.Pattern[str], what: str) -> Find:
    def find(reply: str, situation: Situation) -> Iterator[Hit]:
        found = list(expression.finditer(lowered(reply))) if has_any(reply, '«"“') else []
        if not found:
            return
        brand = situation.brand
        own = _stems(
            " ".join((brand.name, brand.signature, situation.place, situation.text, *brand.also, *brand.places))
        )
        for match in found:
            if not _stems(match[1]) & own:
                yield f"{what}: {quoted(reply[slice(*match.span())])}", match.span()

    return find


def _other_branch(reply: str, situation: Situation) -> Iterator[Hit]:
    here = normal(situation.place)
    if not here:
        return
    said = lowered(reply)
    theirs = normal(situation.text)
    for title in situation.brand.places:
        other = normal(title)
        at = said.find(lowered(title).strip())
        # A title inside ours («Ромашка» in «Ромашка на Мира») names nobody else.
        if (
            at >= 0
            and other
            and other not in here
            and other not in theirs
            and other not in normal(situation.brand.name)
        ):
            yield f"Другой филиал: {quoted(title)}, а отзыв о {quoted(situation.place)}", (at, at + len(title.strip()))


RULES = (
    Rule(
        "wrong_brand",
        ERROR,
        _foreign(_SIGNED, "Подписано чужим именем"),
        "Такой компании нет в business.name, business.brands и places: похоже на ответ, взятый из другого места.",
        "Подпишитесь своим именем.",
    ),
    Rule(
        "wrong_brand",
        WARNING,
        _foreign(_OURS, "Чужое название"),
        "Такого имени нет в business.name, business.brands, places и в отзыве.",
        "Проверьте название.",
    ),
    Rule(
        "wrong_branch",
        WARNING,
        _other_branch,
        "Карточка принадлежит одному филиалу, и ответ читают его гости.",
        "Назовите тот филиал, о котором отзыв.",
    ),
)
