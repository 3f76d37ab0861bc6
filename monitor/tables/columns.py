"""What a column holds, told by its heading: a table of synonyms, Russian and English."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """What a row can tell of a review."""

    PLACE = "place"
    SOURCE = "source"
    CARD = "card"
    ID = "id"
    STARS = "stars"
    TITLE = "title"
    TEXT = "text"
    PROS = "pros"
    CONS = "cons"
    AUTHOR = "author"
    POSTED = "posted"
    PRECISION = "precision"
    URL = "url"
    REPLY = "reply"
    REPLY_AT = "reply_at"
    REMOVED = "removed"


NEEDED = (Field.TEXT, Field.PROS, Field.CONS, Field.STARS)
"""Without one of these columns a table holds no reviews."""

# Of several columns that may be the same field, the one named first here is it.
SYNONYMS: Mapping[Field, tuple[str, ...]] = {
    Field.PLACE: (
        "точка", "филиал", "место", "заведение", "локация", "адрес точки", "адрес филиала", "адрес", "организация",
        "place", "branch", "place id", "location name", "store", "company",
    ),
    Field.SOURCE: (
        "площадка", "источник", "сайт", "платформа", "сервис", "источник отзыва",
        "source", "platform", "site", "provider", "origin",
    ),
    Field.CARD: (
        "карточка", "id карточки", "номер карточки", "ид карточки", "id организации", "id филиала",
        "card", "card id", "listing", "listing id", "external listing id", "firm id", "org id", "branch id",
        "location id",
    ),
    Field.ID: (
        "id отзыва", "ид отзыва", "номер отзыва", "идентификатор отзыва", "код отзыва",
        "external id", "review id", "reviewid", "id", "ид", "идентификатор", "uid", "uuid",
    ),
    Field.STARS: (
        "оценка", "оценка отзыва", "рейтинг отзыва", "звезды", "звезд", "количество звезд", "рейтинг", "балл", "баллы",
        "stars", "star rating", "starrating", "rating", "review rating", "score", "rating value", "mark",
    ),
    Field.TITLE: ("заголовок", "заголовок отзыва", "тема", "title", "review title", "headline", "subject"),
    Field.TEXT: (
        "текст", "текст отзыва", "отзыв", "содержание", "текст комментария", "комментарий", "сообщение",
        "text", "review text", "review body", "reviewbody", "content", "body", "review", "comment", "comments",
        "message", "feedback",
    ),
    Field.PROS: ("достоинства", "плюсы", "понравилось", "что понравилось", "преимущества", "pros", "advantages"),
    Field.CONS: ("недостатки", "минусы", "не понравилось", "что не понравилось", "cons", "disadvantages"),
    Field.AUTHOR: (
        "автор", "автор отзыва", "имя автора", "имя", "имя пользователя", "пользователь", "клиент", "фио", "ник",
        "author", "author name", "reviewer", "reviewer name", "reviewer displayname", "user name", "username", "name",
        "user", "customer",
    ),
    Field.POSTED: (
        "дата отзыва", "дата публикации", "дата публикации отзыва", "дата создания", "дата и время", "опубликован",
        "опубликовано", "дата", "создан", "время", "когда",
        "posted at", "posted", "published at", "published", "date published", "datepublished", "date created",
        "created at", "created", "createtime", "create time", "publication date", "date", "review date", "review time",
        "datetime", "time", "timestamp",
    ),
    Field.PRECISION: ("posted precision",),
    Field.URL: (
        "ссылка на отзыв", "ссылка", "url отзыва", "адрес отзыва", "url", "link", "review url", "review link", "href",
    ),
    Field.REPLY: (
        "ответ", "текст ответа", "ответ компании", "ответ организации", "ответ владельца", "ответ представителя",
        "официальный ответ", "наш ответ", "комментарий компании", "комментарий организации", "комментарий владельца",
        "reply text", "reply", "response", "response text", "owner reply", "owner response", "owner answer", "answer",
        "answer text", "reviewreply comment", "official answer text",
    ),
    Field.REPLY_AT: (
        "дата ответа", "дата публикации ответа", "время ответа",
        "reply at", "reply date", "replied at", "response date", "answer date", "owner reply date",
        "owner answer date", "reviewreply updatetime", "official answer date created",
    ),
    Field.REMOVED: ("removed at", "удален", "дата удаления"),
}  # fmt: skip

_RANKS: Mapping[str, tuple[Field, int]] = {
    name: (field, rank) for field, names in SYNONYMS.items() for rank, name in enumerate(names)
}

# `otklik export`: what only it writes, and what of it an import has no use for.
_EXPORT = frozenset({"review", "external id", "first seen at", "posted precision"})
_DERIVED = frozenset({"ticket", "review", "first seen at", "revision", "tone", "themes", "risks", "same as"})

_TEN = re.compile(r"из\s*10\b|/\s*10\b|\b(?:0|1)\s*(?:-|–|—|до|to)\s*10\b|\b10\s*-?\s*балл|out of 10\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|\b(?:из|out of)\s*(?:5|10)\b|/\s*(?:5|10)\b|\b[01]\s*(?:-|–|—|до|to)\s*(?:5|10)\b",
    re.IGNORECASE,
)
"""What stands beside a name: a remark, the scale."""

_APART = re.compile(r"[\W_]+")
LONGEST_HEADING = 80


@dataclass(frozen=True, slots=True)
class Columns:
    """`places`: field → index of its column. `names`: the headings as they stand. `ignored`: those nobody uses.
    `ten`: stars are on a scale to 10. `exported`: written by `otklik export`."""

    places: Mapping[Field, int]
    names: tuple[str, ...]
    ignored: tuple[str, ...]
    ten: bool
    exported: bool

    @property
    def headings(self) -> dict[Field, str]:
        """The heading of each field, as it stands."""
        return {field: self.names[index].strip() for field, index in self.places.items()}

    @property
    def useful(self) -> bool:
        return any(field in self.places for field in NEEDED)


def plain(heading: str) -> str:
    """A heading as the synonyms are written: «Оценка (из 10)» → «оценка»."""
    words = _ASIDE.sub(" ", heading[:LONGEST_HEADING]).casefold().replace("ё", "е")
    return _APART.sub(" ", words).strip()


def recognise(headings: Sequence[str]) -> Columns:
    """Which column is which. Of two with the same heading the first counts."""
    best: dict[Field, tuple[int, int]] = {}
    spelled = [plain(heading) for heading in headings]
    for index, name in enumerate(spelled):
        if name in _RANKS:
            field, rank = _RANKS[name]
            best[field] = min(best.get(field, (rank, index)), (rank, index))
    places = {field: index for field, (_, index) in best.items()}
    exported = set(spelled) >= _EXPORT
    if not exported:
        places.pop(Field.PRECISION, None)
    taken = set(places.values())
    ignored = tuple(
        heading.strip()
        for index, (heading, name) in enumerate(zip(headings, spelled, strict=True))
        if heading.strip() and index not in taken and not (exported and name in _DERIVED)
    )
    stars = headings[places[Field.STARS]] if Field.STARS in places else ""
    return Columns(places, tuple(headings), ignored, bool(_TEN.search(stars)), exported)


def is_heading(row: Sequence[str]) -> bool:
    """Whether every cell that says something names a column we know."""
    named = [plain(cell) in _RANKS for cell in row if cell.strip()]
    return bool(named) and all(named)


def most_useful(candidates: Iterable[tuple[int, Columns]]) -> tuple[int, Columns] | None:
    """Of the first lines of a sheet, the one that names most fields; None where none names a text or stars."""
    useful = [(index, columns) for index, columns in candidates if columns.useful]
    return max(useful, key=lambda found: (len(found[1].places), -found[0]), default=None)
