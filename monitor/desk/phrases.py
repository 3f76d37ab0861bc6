"""The phrases of replies: which books there are, what stands in each, and the forms by which they are changed.

/settings/phrases → /settings/phrases/thanks → …/phrase or …/text → …/preview → …/save
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.config_overlay import PHRASES
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.phrases_told import Line, line
from monitor.desk.settings import check_whole, is_whole
from monitor.desk.visit import Visit, number_in
from monitor.editing.books import KIND_TITLES, KINDS, NUMBERS, ORDER, SECTORS, WITHOUT, Book, Slot, Sort, slots
from monitor.editing.shelf import Origin, Shelf
from monitor.errors import NotFound
from monitor.store.settings import Setting
from responders.amend import Lists, Row, Value
from responders.files import ReplyTemplateError
from responders.types import Register
from responders.untrusted import LONGEST_PHRASE
from sentiment.types import Theme

ROOM = "/settings/phrases"

ORIGINS: Mapping[Origin, tuple[str, str]] = {
    Origin.DESK: ("info", "изменено здесь"),
    Origin.OWN: ("", "свой файл"),
    Origin.SHIPPED: ("", "исходные фразы"),
}
"""Whose wording holds: a class of style, words."""
AS_SHIPPED: Mapping[Sort, str] = {Sort.TOPICS: "исходные предметы", Sort.LAYOUT: "исходный порядок"}
"""Of books that hold no phrases."""

FOLLOWS = (
    "Черновики, которых касается правка, Отклик перепишет в ближайший проход. "
    "Ответы, которые взяты в работу, исправлены или одобрены, не изменятся."
)
DONE: Mapping[str, str] = {
    "saved": f"Сохранено. {FOLLOWS}",
    "returned": f"Прежние фразы возвращены. {FOLLOWS}",
    "same": "Ничего не изменилось: так и было.",
}

TIPS = (
    "Одна мысль, одно предложение. Рядом встанут фразы из других списков, поэтому не здоровайтесь и не прощайтесь там, "
    "где для этого есть свой список.",
    "«Вы», «Вам» и «Ваш» с большой буквы.",
    "Обещайте только то, что точно сделаете: «передадим», «проверим», «обсудим».",
    "Чем больше разных фраз в списке, тем реже ответы повторяются: пяти мало, десяти достаточно.",
)


@dataclass(frozen=True, slots=True)
class Spine:
    """A book in the list of all. `own`: a file of the user's; `broken`: what was set here does not hold."""

    id: str
    title: str
    phrases: str
    tone: str
    origin: str
    own: bool
    changed: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """A list of a book. `origin`: "" where it is the book's. `elsewhere`: the book and the title of a list that it
    refers to."""

    name: str
    title: str
    origin: tuple[str, str]
    lines: tuple[Line, ...]
    elsewhere: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Fields:
    """A form for one row, as it is filled in. `number` 0: a new one. `stamp`: of what it was made."""

    list: str
    title: str
    number: int
    values: Mapping[str, str]
    choices: Mapping[str, tuple[Choice, ...]]
    off: bool
    slots: tuple[Slot, ...]
    stamp: str
    tips: Sequence[str] = TIPS


def shelf(desk: Desk) -> Shelf:
    """The books in force."""
    application = desk.application
    wordings = application.wordings
    return Shelf(wordings.responder, application.config.business.sector, wordings.stored)


@dataclass(frozen=True, slots=True)
class Opened:
    """A book that somebody has before them. `latest`: what is set for it or was taken back last, None for nothing
    ever."""

    desk: Desk
    visit: Visit
    shelf: Shelf
    book: Book
    latest: Setting | None

    @property
    def state(self) -> int:
        """By which forms tell what they were made of; 0 for nothing ever."""
        return 0 if self.latest is None else self.latest.id

    @property
    def value(self) -> str | None:
        """What is set for it and holds."""
        return self.shelf.sound(self.book)

    @property
    def rows(self) -> Lists:
        """As they hold."""
        return self.shelf.lists(self.book, self.value)

    @property
    def stamp(self) -> str:
        return self.shelf.stamp(self.book, self.value)

    def show(self, page: str, status: int = 200, **values: object) -> Response:
        """`whole`: whether the visitor may change what every place says."""
        whole = is_whole(self.visit.account)
        return self.desk.pages.show(
            page, status, visit=self.visit, book=self.book, seen=self.state, whole=whole, **values
        )


def opened(desk: Desk, visit: Visit) -> Opened:
    """The book of the address. Raises NotFound."""
    books = shelf(desk)
    book = books.find(visit.request.path_params["book"])
    if book is None:
        raise NotFound("there is no such book")
    return Opened(desk, visit, books, book, desk.store.settings.latest(PHRASES, book.name))


def opened_to_change(desk: Desk, visit: Visit) -> Opened:
    """Every place speaks by the same phrases. Raises NotFound, UsageError for whoever does not see all places."""
    at = opened(desk, visit)
    check_whole(visit.account)
    return at


# --- all books ----------------------------------------------------------------------------------------------


def overview(desk: Desk, visit: Visit) -> Response:
    books = shelf(desk)
    current = desk.store.settings.current(PHRASES)
    groups = [
        (group.value, [_spine(desk, visit, books, book, current.get(book.name)) for book in members])
        for group, members in groupby(books.books, key=lambda book: book.group)
    ]
    speech = wording.REGISTERS[desk.application.brand.register]
    return desk.pages.show("phrases", visit=visit, groups=groups, speech=speech, whole=is_whole(visit.account))


def _spine(desk: Desk, visit: Visit, books: Shelf, book: Book, setting: Setting | None) -> Spine:
    whose = books.origin(book)
    tone, origin = ORIGINS[whose]
    who, at = (None, None) if setting is None else when(desk, visit, setting)
    number = sum(map(len, books.lists(book, books.sound(book)).values()))
    counted = wording.counted(number, "фраза", "фразы", "фраз")
    if book.sort is Sort.TOPICS:
        counted = wording.counted(number, "предмет", "предмета", "предметов")
    elif book.sort is Sort.LAYOUT:
        counted = "шаблон"
    return Spine(
        book.id,
        book.title,
        counted,
        tone,
        origin,
        whose is Origin.OWN,
        f"{who}, {at.told}" if at else "",
        books.broken(book) is not None,
    )


# --- one book -----------------------------------------------------------------------------------------------


def book(desk: Desk, visit: Visit) -> Response:
    at = opened(desk, visit)
    setting, broken = at.latest, at.shelf.broken(at.book)
    references = at.shelf.references(at.book, at.value)
    short = references.get("short_without", ())
    return at.show(
        "phrases_book",
        chapters=list(_chapters(at, references)),
        origin=_whose(at.book, at.shelf.origin(at.book)),
        changed=None if setting is None or setting.value is None else when(desk, visit, setting),
        short=[WITHOUT.get(name, name) for name in (short if isinstance(short, tuple) else ())],
        broken="" if broken is None else f"{f'строка {broken.line}: ' if broken.line else ''}{broken.gist}",
        stamp=at.stamp,
        done=DONE.get(visit.query("done"), ""),
    )


def _whose(book: Book, origin: Origin) -> tuple[str, str]:
    tone, words = ORIGINS[origin]
    return tone, words if origin is not Origin.SHIPPED else AS_SHIPPED.get(book.sort, words)


def _chapters(at: Opened, references: Mapping[str, Value]) -> Iterator[Chapter]:
    lists, book = at.rows, at.book
    shared = next(other for other in at.shelf.books if other.sort is Sort.SHARED)
    for name in dict.fromkeys((*(name for name in book.lists if name in lists or name in references), *lists)):
        title = book.list_title(name)
        if name in lists:
            origin = ("", "") if book.whole else ORIGINS[at.shelf.origin(book, name)]
            lines = tuple(line(number, row) for number, row in enumerate(lists[name], start=1))
            yield Chapter(name, title, origin, lines)
        else:
            other = str(references[name])
            yield Chapter(name, title, ("", ""), (), (f"{shared.id}#{other}", shared.list_title(other)))


def when(desk: Desk, visit: Visit, setting: Setting) -> tuple[str, Moment]:
    """Who changed it, and at what time."""
    account = desk.store.accounts.find(setting.by)
    return setting.by if account is None else account.name, moment(desk, visit, setting.at)


# --- forms --------------------------------------------------------------------------------------------------


def phrase(desk: Desk, visit: Visit) -> Response:
    """`?list=openings&number=3`; without a number, a new one."""
    at = opened_to_change(desk, visit)
    name, number = visit.query("list"), number_in(visit.query("number")) or 0
    rows = at.rows.get(name)
    if rows is None or number > len(rows) or not at.book.by_row:
        raise NotFound("there is no such phrase")
    return phrase_form(at, fields(at, name, number, rows[number - 1] if number else {}))


def phrase_form(at: Opened, fields: Fields, *, complaint: str = "", status: int = 200) -> Response:
    return at.show("phrases_phrase", status, fields=fields, complaint=complaint, longest=LONGEST_PHRASE)


def fields(at: Opened, name: str, number: int, row: Row) -> Fields:
    """The form for a row, filled in with it."""
    things = at.book.sort is Sort.TOPICS
    texts = ("words", "topic", "about") if things else ("text",)
    return Fields(
        list=name,
        title=at.book.list_title(name),
        number=number,
        values={key: wording.visible(str(row.get(key, ""))) for key in texts},
        choices={key: tuple(_choices(key, titles, row)) for key, titles in choices(at.book).items()},
        off="off" in row,
        slots=() if things else slots(at.book, name, at.desk.application.brand, place(at)),
        stamp=at.stamp,
    )


def choices(book: Book) -> Mapping[str, Mapping[str, str]]:
    """What a row of the book may be restricted to: field → value → title."""
    found: dict[str, Mapping[str, str]] = {}
    if book.sort is Sort.TOPICS:
        found["number"] = NUMBERS
        found["themes"] = {theme.value: wording.THEMES[theme] for theme in Theme}
        found["kinds"] = {kind: KIND_TITLES[kind] for kind in KINDS[Theme.QUALITY]}
    else:
        found["registers"] = {register.value: wording.REGISTERS[register] for register in Register}
        if book.sort is Sort.THEME:
            found["kinds"] = KINDS[book.theme]
    return found | {"sectors": SECTORS}


def _choices(key: str, titles: Mapping[str, str], row: Row) -> Iterator[Choice]:
    """What stands in the row and nobody has a name for stays a choice."""
    chosen = row.get(key, ())
    values = (chosen,) if isinstance(chosen, str) else chosen
    for value in dict.fromkeys((*titles, *values)):
        yield Choice(value, titles.get(value, value), value in values)


def place(at: Opened) -> str:
    """The title that trial replies name: of a place that the visitor may see."""
    own, titles = at.visit.account.places, at.desk.application.titles
    return next((title for each, title in titles.items() if own is None or each in own), "")


def text(desk: Desk, visit: Visit) -> Response:
    """The whole book in YAML: to change, or for whoever does not see all places to read."""
    at = opened(desk, visit)
    try:
        words = at.shelf.text(at.book, None if at.latest is None else at.latest.value)
    except ReplyTemplateError as error:
        return text_form(at, "", complaint=error.message)
    return text_form(at, words)


def text_form(at: Opened, words: str, *, complaint: str = "", status: int = 200) -> Response:
    return at.show("phrases_text", status, words=words, complaint=complaint, order=ORDER)


PAGES = (
    Page(ROOM, overview, Permission.WORDINGS),
    Page(f"{ROOM}/{{book}}", book, Permission.WORDINGS),
    Page(f"{ROOM}/{{book}}/phrase", phrase, Permission.WORDINGS),
    Page(f"{ROOM}/{{book}}/text", text, Permission.WORDINGS),
)
