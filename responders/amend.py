"""One phrase of a book changed, the rest of its text as it was: comments, order, quotes.

rows      the lists of a text, row by row, as they stand there; nothing is checked but that it is a book
where     which row a line of it belongs to
amended   the text with one row in other words, or with one more
adopted   the text with a list that it had not, as another text has it

A row is a phrase, or in topics.yaml a thing that reviews name: its fields by name. Where a text is laid out in a way
that cannot be amended, it is written anew, without its comments. A text is `trusted` where it is of a file, which may
have anchors and more than a form may hold (`untrusted`); what is made of it is held to those bounds.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from responders.files import STORED, ReplyTemplateError, Source
from responders.phrasebook import entries_of

Value = str | tuple[str, ...]
Row = Mapping[str, Value]
"""`{"text": "Спасибо!", "registers": ("warm",), "off": "true"}`."""

TEXT, OFF = "text", "off"
FIELDS = (TEXT, "words", "topic", "about", "number", "themes", "kinds", "sectors", "registers", OFF)
"""In the order in which they are written."""
_QUOTED = frozenset({TEXT, "words", "topic", "about"})

Lists = dict[str, tuple[Row, ...]]


def rows(text: str, *, trusted: bool = False) -> Lists:
    """The lists of phrases or things; what merely names a list of another book is none. Raises ReplyTemplateError."""
    return dict(_rows(text, trusted))


@lru_cache(maxsize=256)
def _rows(text: str, trusted: bool) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    return tuple((key, tuple(map(_row, node.value))) for key, node in _lists(text, trusted).items())


def where(text: str, at: int) -> tuple[str, int] | None:
    """The list and the number of its row that stands in that line, from 1; None where none does."""
    try:
        lists = _lists(text)
    except ReplyTemplateError:
        return None
    for name, node in lists.items():
        for number, row in enumerate(node.value, start=1):
            if row.start_mark.line + 1 <= at <= row.start_mark.line + 1 + text[slice(*_place(text, row))].count("\n"):
                return name, number
    return None


def references(text: str, *, trusted: bool = False) -> dict[str, Value]:
    """What is no list of phrases: `greetings: warm`, `short_without: [closings]`. Raises ReplyTemplateError."""
    lists = _lists(text, trusted)
    return {key: _value(node) for key, _, node in _entries(text, trusted) if key not in lists}


def amended(text: str, name: str, number: int | None, row: Row, *, trusted: bool = False) -> str:
    """With the row of that number in its list, from 1, in the words of `row`; None adds one. Raises
    ReplyTemplateError, LookupError for a list or a row that is not there."""
    expected = rows(text, trusted=trusted)
    found = list(expected[name])
    if number is None:
        found.append(row)
    elif not 1 <= number <= len(found):
        raise LookupError(number)
    else:
        found[number - 1] = row
    expected[name] = tuple(found)
    return _sound(_spliced(text, name, number, row, trusted), expected, references(text, trusted=trusted))


def adopted(text: str, other: str, name: str, *, trusted: bool = False) -> str:
    """With the list as the `other` text has it; `trusted`: that one. Raises ReplyTemplateError, LookupError where that
    has none."""
    node, expected = _lists(other, trusted)[name], rows(text) if text.strip() else {}
    expected[name] = tuple(map(_row, node.value))
    body = other[slice(*_place(other, node))]
    snippet = f"{name}: {body}" if node.flow_style else f"{name}:\n{' ' * node.start_mark.column}{body}"
    others = references(text) if text.strip() else {}
    return _sound(f"{text.rstrip()}\n\n{snippet}\n".lstrip("\n"), expected, others)


def written(lists: Mapping[str, Sequence[Row]], others: Mapping[str, Value]) -> str:
    """A book as we write it."""
    lines = [f"{key}: {_flow(value)}\n" for key, value in others.items()]
    for key, found in lists.items():
        lines += ["\n" if lines else "", f"{key}:\n", *(f"  - {line(row)}\n" for row in found)]
    return "".join(lines)


def line(row: Row) -> str:
    """A row in YAML."""
    if row.keys() == {TEXT}:
        return _quoted(str(row[TEXT]))
    fields = ((name, row[name]) for name in FIELDS if row.get(name))
    return (
        "{"
        + ", ".join(f"{name}: {_quoted(str(value)) if name in _QUOTED else _flow(value)}" for name, value in fields)
        + "}"
    )


def _sound(made: str, expected: Lists, others: dict[str, Value]) -> str:
    """What was made of a text where it says what it should, else the whole anew."""
    try:
        if rows(made) == expected and references(made) == others:
            return made
    except ReplyTemplateError:
        pass
    return written(expected, others)


def _spliced(text: str, name: str, number: int | None, row: Row, trusted: bool) -> str:
    node = _lists(text, trusted)[name]
    if number is not None:
        begins, ends = _place(text, node.value[number - 1])
        return text[:begins] + line(row) + text[ends:]
    if node.flow_style or not node.value:
        ends = node.end_mark.index - 1
        return f"{text[:ends]}{', ' if node.value else ''}{line(row)}{text[ends:]}"
    _, ends = _place(text, node.value[-1])
    ends = text.find("\n", ends) if "\n" in text[ends:] else len(text)  # behind a comment in the same line
    return f"{text[:ends]}\n{' ' * node.start_mark.column}- {line(row)}{text[ends:]}"


def _place(text: str, node: yaml.Node) -> tuple[int, int]:
    """What is laid out in lines ends, for YAML, where the next thing begins."""
    begins, ends = node.start_mark.index, node.end_mark.index
    return begins, begins + len(text[begins:ends].rstrip())


def _lists(text: str, trusted: bool = False) -> dict[str, yaml.SequenceNode]:
    found = _entries(text, trusted)
    return {key: node for key, _, node in found if isinstance(node, yaml.SequenceNode) and key != "short_without"}


@lru_cache(maxsize=16)
def _entries(text: str, trusted: bool) -> tuple[tuple[str, int, yaml.Node], ...]:
    return tuple(entries_of(text, Source(STORED, None if trusted else text)))


def _row(node: yaml.Node) -> Row:
    if not isinstance(node, yaml.MappingNode):
        return {TEXT: _value(node)}
    found = {str(key.value): _value(value) for key, value in node.value}
    return {name: value for name, value in found.items() if value and (name, value) != (OFF, "false")}


def _value(node: yaml.Node) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return tuple(str(item.value) for item in node.value)
    return str(node.value).strip()


def _flow(value: Value) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
