"""The books in force, and what a change of one would make of its text. Pure: what is set at the desk is passed in.

A book's `value` is what is set for it at the desk, None for nothing. Of a kind of reply and of the things it is the
whole file; of other books the lists that differ, and the others go on following the files beneath.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256
from itertools import takewhile, zip_longest

from monitor.editing.books import LAYOUT, Book, books
from responders import amend
from responders.amend import OFF, TEXT, Lists, Row
from responders.draft import Responder
from responders.files import SHIPPED, STORED, ReplyTemplateError, Source
from responders.untrusted import MOST_ROWS


class Origin(StrEnum):
    """Whose wording holds."""

    DESK = "desk"
    OWN = "own"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that two states of a book have in different words, or only one of them. `at` and `number`: which of its
    list it is in the earlier and in the later one, from 1."""

    list: str
    at: int | None
    number: int | None
    before: Row | None
    after: Row | None


class Shelf:
    """The books of a business. `responder` writes by them; `stored`: what is set at the desk, by name."""

    def __init__(self, responder: Responder, sector: str, stored: Mapping[str, str]) -> None:
        self.responder = responder
        self.sector = sector
        self.stored = stored
        library = responder.library
        self.books = books(sector, lambda name: next(library.sources(name), None) is not None)
        self._broken = {error.file: error for error in responder.problems(sector)}

    def find(self, book_id: str) -> Book | None:
        return next((book for book in self.books if book.id == book_id), None)

    def broken(self, book: Book) -> ReplyTemplateError | None:
        """Why what is set at the desk for it does not hold."""
        return self._broken.get(STORED / book.name)

    def origin(self, book: Book, name: str = "") -> Origin:
        """Whose the book is, or one of its lists."""
        for source in self._sources(book, self.stored.get(book.name)):
            if source.file in self._broken or (name and not book.whole and name not in _rows(source)):
                continue
            if not source.trusted:
                return Origin.DESK
            return Origin.SHIPPED if source.file.is_relative_to(SHIPPED) else Origin.OWN
        return Origin.SHIPPED

    def beneath(self, book: Book) -> Origin:
        """Whose would be read, were nothing set at the desk."""
        return Origin.SHIPPED if self._first(book, None).file.is_relative_to(SHIPPED) else Origin.OWN

    def lists(self, book: Book, value: str | None) -> Lists:
        """As they hold, or would, when that is set. Raises ReplyTemplateError."""
        own = STORED / book.name
        sound = [each for each in self._sources(book, value) if each.file == own or each.file not in self._broken]
        if not book.by_row:
            return {LAYOUT: ({TEXT: sound[0].read()},)}
        if book.whole:
            return _rows(sound[0])
        found: Lists = {}
        for source in reversed(sound):
            found |= _rows(source)
        return found

    def references(self, book: Book, value: str | None) -> Mapping[str, amend.Value]:
        """What the book takes from elsewhere: `greetings: warm`. Raises ReplyTemplateError."""
        if not (book.whole and book.by_row):
            return {}
        source = self._first(book, value)
        return amend.references(source.read(), trusted=source.trusted)

    def text(self, book: Book, value: str | None) -> str:
        """The book as one text: what is set, else the file in force; all of its lists in any case. Raises
        ReplyTemplateError."""
        first = self._first(book, value)
        text = first.read()
        if value is not None or book.whole:
            return text
        lists = self.lists(book, None)
        return text if _rows(first) == lists else amend.written(lists, {})

    def _first(self, book: Book, value: str | None) -> Source:
        """The wordings that go before the others: what is set, else the first that are sound."""
        own = STORED / book.name
        return next(each for each in self._sources(book, value) if each.file == own or each.file not in self._broken)

    def shipped(self, book: Book) -> str:
        """The text that came with the program; "" for a book that did not."""
        found = (source for source in self._sources(book, None) if source.file.is_relative_to(SHIPPED))
        return next((source.read() for source in found), "")

    def sound(self, book: Book) -> str | None:
        """What is set for it, where that holds."""
        return None if self.broken(book) else self.stored.get(book.name)

    def stamp(self, book: Book, value: str | None) -> str:
        """Changes with the book, whoever changes it: a form tells which one it was made of."""
        return sha256(repr(self.lists(book, value)).encode("utf-8", "replace")).hexdigest()[:16]

    def amended(self, book: Book, value: str | None, name: str, number: int | None, row: Row) -> str:
        """The value with one row in other words; number None: with one more. Raises ReplyTemplateError, LookupError
        where there is no such list or row, or they are not changed one by one."""
        if not book.by_row:
            raise LookupError(name)
        if book.whole:
            source = self._first(book, value)
            return amend.amended(source.read(), name, number, row, trusted=source.trusted)
        text = value or ""
        if not text.strip() or name not in amend.rows(text):
            beneath = (source for source in self._sources(book, None) if source.file not in self._broken)
            origin = next((other for other in beneath if name in _rows(other)), None)
            if origin is None:
                raise LookupError(name)
            text = amend.adopted(text, origin.read(), name, trusted=origin.trusted)
        return amend.amended(text, name, number, row)

    def rebased(self, book: Book, base: str | None, mine: str | None, theirs: str | None) -> str | None:
        """What makes of `theirs` the changes that led from `base` to `mine`; None where they touch the same phrases, or
        more than phrases."""
        if mine is None or self.references(book, mine) != self.references(book, base):
            return None
        value, now = theirs, self.lists(book, theirs)
        for change in differences(self.lists(book, base), self.lists(book, mine)):
            rows = now.get(change.list, ())
            if change.after is None:
                return None
            if change.before is not None and (change.at is None or rows[change.at - 1 : change.at] != (change.before,)):
                return None
            try:
                value = self.amended(book, value, change.list, change.at, change.after)
            except LookupError:
                return None
        return value

    def _sources(self, book: Book, value: str | None) -> Iterator[Source]:
        """The wordings of the book with that value, the ones that go before first."""
        if value is not None:
            yield Source(STORED / book.name, value)
        names = [book.name]
        if self.sector and book.name.startswith(f"{self.sector}/"):
            names.append(book.name.removeprefix(f"{self.sector}/"))
        for name in names:
            for source in self.responder.library.sources(name):
                if source.file != STORED / book.name:
                    yield source


def _rows(source: Source) -> Lists:
    return amend.rows(source.read(), trusted=source.trusted)


def differences(before: Lists, after: Lists) -> tuple[Difference, ...]:
    """In the order of the lists and of their rows."""
    found: list[Difference] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, ()), after.get(name, ())
        if old == new:
            continue
        found += [
            _difference(name, old, new, *pair) for pair in _unlike([*map(amend.line, old)], [*map(amend.line, new)])
        ]
    return tuple(found)


def _unlike(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Indexes of lines that took each other's place, None where a line took or left none."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    changes: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    if max(len(old), len(new)) <= MOST_ROWS:
        changes = SequenceMatcher(None, _once_each(old), _once_each(new), autojunk=False).get_opcodes()
    for kind, old_from, old_to, new_from, new_to in changes:
        pairs = zip_longest(range(old_from, old_to), range(new_from, new_to)) if kind != "equal" else ()
        for one, other in pairs:
            if one is None or other is None or old[one] != new[other]:
                yield None if one is None else head + one, None if other is None else head + other


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _once_each(lines: Sequence[str]) -> list[tuple[str, int]]:
    """The first of its kind, the second, …: equal lines would be matched each with each."""
    seen = Counter[str]()
    numbered = []
    for line in lines:
        numbered.append((line, seen[line]))
        seen[line] += 1
    return numbered


def _difference(name: str, old: Sequence[Row], new: Sequence[Row], one: int | None, other: int | None) -> Difference:
    return Difference(
        name,
        None if one is None else one + 1,
        None if other is None else other + 1,
        None if one is None else old[one],
        None if other is None else new[other],
    )


def is_off(row: Row | None) -> bool:
    return row is not None and row.get(OFF) == "true"


def words(row: Row) -> str:
    """What a row says: the phrase, or how a thing is called."""
    return str(row.get(TEXT) or row.get("topic") or "")
