"""How phrases are shown: rows with what they are for, changes side by side, what speaks against them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor import wording
from monitor.desk.answer import SEVERITIES
from monitor.desk.compare import Part, Parts, compare
from monitor.editing.books import KIND_TITLES, NUMBERS, SECTORS, Book
from monitor.editing.rehearsal import Example, Said
from monitor.editing.shelf import Difference, is_off, words
from monitor.editing.troubles import Trouble
from monitor.notify.render import capitalised
from responders.amend import Row, Value
from responders.platforms import platform
from responders.types import Register

_SLOT = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
_LACKING = re.compile(r"(\w+): для речи (\w+) нужна")
_GENITIVES: Mapping[str, str] = {"warm": "тёплой", "neutral": "нейтральной", "formal": "официальной"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a phrase: words, or what stands for some."""

    text: str
    slot: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list. `only`: what it is for, where it is not for everything; `aside`: how a thing is recognised."""

    number: int
    pieces: tuple[Piece, ...]
    only: tuple[str, ...]
    off: bool
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A row before and after; None: it is not there. The parts that differ are marked in both where they are alike."""

    title: str
    number: int
    before: Parts | None
    after: Parts | None
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """What speaks against saving: a class of style, a word, where it is, why."""

    tone: str
    word: str
    where: str
    message: str
    why: str
    quote: str


@dataclass(frozen=True, slots=True)
class Remark:
    tone: str
    word: str
    message: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply to an invented review, before and after. `same`: not a word is different."""

    title: str
    stars: str
    site: str
    review: str
    before: Parts
    after: Parts
    remarks: tuple[Remark, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Speech:
    """Replies in a register; `ours`: in which the business speaks."""

    title: str
    ours: bool
    shown: tuple[Shown, ...]


def line(number: int, row: Row) -> Line:
    aside = ""
    if "topic" in row:
        aside = f"{row.get('about', '')} · {NUMBERS.get(str(row.get('number', '')), '').partition(':')[0]}"
    return Line(number, pieces(words(row)), tuple(only(row)), is_off(row), aside)


def pieces(text: str) -> tuple[Piece, ...]:
    found = (part for part in _SLOT.split(wording.visible(text)) if part)
    return tuple(Piece(part, part.startswith("{")) for part in found)


def only(row: Row) -> Iterator[str]:
    """What it is for: «тёплая речь», «очередь», «магазины»."""
    registers = _all(row.get("registers", ()))
    if registers:
        yield f"{' и '.join(wording.REGISTERS[one] for one in Register if one in registers)} речь"
    for name, titles in (("themes", wording.THEMES), ("kinds", KIND_TITLES), ("sectors", SECTORS)):
        if found := _all(row.get(name, ())):
            told = ", ".join(titles.get(one, one) for one in found)
            yield f"сферы: {told}" if name == "sectors" else told


def changed(book: Book, changes: Iterable[Difference]) -> tuple[Changed, ...]:
    return tuple(_changed(book, one) for one in changes)


def _changed(book: Book, one: Difference) -> Changed:
    before, after = one.before, one.after
    old, new = ("" if row is None else _sentence(row) for row in (before, after))
    marked = (compare(old, new) if old and new else None) or ((Part(old, own=False),), (Part(new, own=False),))
    return Changed(
        title=book.list_title(one.list),
        number=one.number or one.at or 0,
        before=None if before is None else marked[0],
        after=None if after is None else marked[1],
        only_before=() if before is None else tuple(_state(before)),
        only_after=() if after is None else tuple(_state(after)),
    )


def _sentence(row: Row) -> str:
    told = [words(row)]
    told += [str(row[name]) for name in ("about", "words") if row.get(name)]
    return wording.visible(" · ".join(told))


def _state(row: Row) -> Iterator[str]:
    if is_off(row):
        yield "выключена"
    yield from only(row)


def against(book: Book, troubles: Sequence[Trouble]) -> tuple[Against, ...]:
    return tuple(_against(book, trouble) for trouble in troubles)


def _against(book: Book, trouble: Trouble) -> Against:
    tone, word, *_ = SEVERITIES[trouble.severity]
    where = ""
    if trouble.list:
        where = f"{book.list_title(trouble.list)}, строка {trouble.number}"
    elif trouble.line:
        where = f"Строка текста {trouble.line}"
    elif trouble.review:
        where = f"В ответе на выдуманный отзыв «{trouble.review}»"
    quote = wording.one_line(trouble.text, 300)
    return Against(tone, word, where, _plainly(book, trouble.message), trouble.why, quote)


def _plainly(book: Book, message: str) -> str:
    """What the loader says, for whoever sees no file."""
    if (found := _LACKING.search(message)) is None:
        return f"{capitalised(wording.visible(message)).rstrip('.')}."
    title, speech = book.list_title(found[1]), _GENITIVES.get(found[2], found[2])
    return (
        f"В списке «{title}» не остаётся ни одной общей фразы для {speech} речи. Нужна хотя бы одна без ограничений и "
        "без слов в фигурных скобках, которые известны не всегда: добавьте её или снимите с какой-нибудь ограничение."
    )


def speeches(examples: Iterable[Example], ours: Register) -> tuple[Speech, ...]:
    """Ours first."""
    found: dict[Register, list[Shown]] = {}
    for example in examples:
        found.setdefault(example.register, []).append(_shown(example))
    order = sorted(found, key=lambda register: (register is not ours, list(Register).index(register)))
    return tuple(
        Speech(f"{capitalised(wording.REGISTERS[register])} речь", register is ours, tuple(found[register]))
        for register in order
    )


def _shown(example: Example) -> Shown:
    about, before, after = example.situation, example.before, example.after
    marked = compare(before.text, after.text)
    if marked is None:
        marked = (Part(before.text, own=False),), (Part(after.text, own=False),)
    return Shown(
        example.title,
        wording.stars(about.stars),
        platform(about.source).title,
        wording.visible(about.text).strip() or "Без слов",
        *marked,
        tuple(_remarks(after, before)),
        before.text == after.text,
    )


def _remarks(after: Said, before: Said) -> Iterator[Remark]:
    """What the linter says of the reply as it would be."""
    known = {note.rule for note in before.notes}
    for note in after.notes:
        tone, word, *_ = SEVERITIES[note.severity]
        again = " Так было и раньше." if note.rule in known else ""
        yield Remark(tone, word, f"{note.message}{again}", note.explanation)


def _all(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
