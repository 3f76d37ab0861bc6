"""Phrase books: YAML files of wordings, each a small Jinja template, read with the line of every phrase.

    thanks.yaml          greetings: warm          a list of shared.yaml by name
                         openings: [phrase, …]    one of each list makes a reply, joined by reply.txt.j2
                         short_without: [middles] lists left out when the review is a few words long
    themes/waiting.yaml  praise, complaint, apology: what is said of a theme; risks.yaml, asks.yaml likewise by list
    topics.yaml          topics: the things that reviews name, as rows (`Topic`)
    a phrase             "Спасибо, {{ name }}!"  or  {text: "Ждём Вас!", sectors: [food], registers: [warm], kinds: […]}
                         {text: "Ура!", off: true}: kept, and not said

A phrase that uses a fact (`FACTS`) serves only where the fact is known, and is then preferred
to the general ones, as is one of the `kinds` that the review speaks of; so every list needs general phrases for every
register. Sandboxed and strict; templates come from the owner's files, never from a review. Those set at the desk are
held to `untrusted` besides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2
import yaml
from jinja2 import meta
from jinja2.sandbox import SandboxedEnvironment

from responders import untrusted
from responders.files import ReplyTemplateError, Source
from responders.types import Register
from sentiment.types import Theme

FACTS = frozenset({"name", "phone", "email", "card", "topic", "liked", "about", "person", "measure", "emoji"})
"""Known in some situations only: first name, contacts that may be printed, a card with a phone, the thing that the
author names («десерты», «понравились», «о десертах»), whom to thank («Марине»), what was done, an emoji."""

VARIABLES = FACTS | {"reach", "business", "place", "sector", "stars", "signature"}
"""What a phrase may use; `reach` only in contacts and asks, `stars` is a number or none, `place` may be empty."""

PARTS = ("greetings", "openings", "middles", "contacts", "closings")
THEME_LISTS = frozenset({"praise", "complaint", "apology"})
LAYOUT_VARIABLES = VARIABLES - {"reach"} | {"greeting", "opening", "middle", "contact", "closing"}
LAYOUT_NEEDS = frozenset({"opening", "middle"})

_FRAME_KEYS = frozenset(PARTS) | {"short_without", "measures"}
_CHOOSERS = frozenset({"sectors", "registers", "kinds"})
_OFF = "off"
_NUMBERS = {"masculine": "понравился", "feminine": "понравилась", "neuter": "понравилось", "plural": "понравились"}
_JINJA = re.compile(r"\{[{%#]")
_WORD = re.compile(r"\w+(?:-\w+)*")
_MOST_REMEMBERED = 65_536
_SLOT = re.compile(r"\{\{ *(\w+) *\}\}")
_ENVIRONMENT = SandboxedEnvironment(
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # replies are plain text; whoever shows one in HTML escapes it there
    keep_trailing_newline=False,
)
_RENDER_ERRORS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


Slots = tuple[str, ...]
"""Text, name of a value, text, name of a value, …, text."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`number` is its place in the list, from 1: the variant an operator can look up. It serves in any sector or
    register, and whatever is said of the theme, where it names none.

    A phrase without Jinja is its own text, one with mere slots is what stands between them (`Slots`): most are, and
    Jinja would take ten times as long.
    """

    file: Path
    line: int
    number: int
    template: "jinja2.Template | Slots | str"
    facts: frozenset[str]
    sectors: frozenset[str] = frozenset()
    registers: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def general(self, given: Set[str]) -> bool:
        """Whether it serves anywhere, whatever is known beside the facts `given`."""
        return not (self.facts - given or self.sectors or self.kinds)

    def render(self, values: Mapping[str, object]) -> str:
        """One line of text. Raises ReplyTemplateError."""
        if isinstance(self.template, str):
            return self.template
        if isinstance(self.template, tuple):
            try:
                return "".join([str(values[part]) if at % 2 else part for at, part in enumerate(self.template)])
            except KeyError as name:
                raise ReplyTemplateError(self.file, self.line, f"{name} здесь неизвестно") from None
        return render(self.template, values, self.file, self.line)


Lists = Mapping[str, tuple[Phrase, ...]]


@dataclass(frozen=True, slots=True)
class Book:
    """One file: its lists, the references to lists of shared.yaml, the lists a short review goes without."""

    file: Path
    lists: Lists
    references: Mapping[str, tuple[str, int]]
    short_without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topic:
    """A thing that reviews name: `topic` («десерты»), how it `liked` agrees («понравились»), `about` («о десертах»).
    `words` recognise it in the author's clause, among what is said of `themes` and, where given, of `kinds`."""

    words: re.Pattern[str]
    topic: str
    about: str
    liked: str
    themes: frozenset[str]
    kinds: frozenset[str]
    sectors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """reply.txt.j2."""

    file: Path
    template: jinja2.Template

    def render(self, values: Mapping[str, object]) -> str:
        """The whole reply. Raises ReplyTemplateError."""
        return render(self.template, values, self.file, 1)


def render(template: jinja2.Template, values: Mapping[str, object], file: Path, line: int) -> str:
    try:
        return template.render(values)
    except _RENDER_ERRORS as error:
        raise ReplyTemplateError(file, line, f"шаблон не выполняется: {error}") from error


def read_layout(source: Source) -> Layout:
    """Raises ReplyTemplateError."""
    template, used = _compile(source.read(), source, 1, LAYOUT_VARIABLES)
    if missing := sorted(LAYOUT_NEEDS - used):
        raise source.error(None, f"в шаблоне нет частей {', '.join(missing)}: без них ответ ни о чём")
    return Layout(source.file, template)


def read_frame(source: Source) -> Book:
    """A frame's wordings: at least `openings`. Raises ReplyTemplateError."""
    book = _read_book(source, allowed=_FRAME_KEYS)
    if "openings" not in book.lists and "openings" not in book.references:
        raise source.error(None, "нет списка openings: с чего начинается ответ")
    return book


def read_lists(source: Source, allowed: frozenset[str] | None = None) -> Lists:
    """Nothing but lists, only of the `allowed` names where these are given. Raises ReplyTemplateError."""
    return _read_book(source, allowed=allowed).lists


class Topics:
    """The rows of topics.yaml, found by the words of a clause."""

    def __init__(self, rows: Sequence[Topic]) -> None:
        self.rows = tuple(rows)
        self._of_word: dict[str, tuple[int, ...]] = {}

    def named(self, text: str) -> list[Topic]:
        """Those that the text names, in the order of the table."""
        found: set[int] = set()
        for word in _WORD.findall(text.lower().replace("ё", "е")):
            found.update(self._numbers(word))
        return [self.rows[number] for number in sorted(found)]

    def _numbers(self, word: str) -> tuple[int, ...]:
        known = self._of_word.get(word)
        if known is None:
            known = tuple(number for number, row in enumerate(self.rows) if row.words.fullmatch(word))
            if len(self._of_word) >= _MOST_REMEMBERED:
                self._of_word.clear()
            self._of_word[word] = known
        return known


def read_topics(source: Source) -> Topics:
    """The rows under `topics`. Raises ReplyTemplateError."""
    rows: list[Topic] = []
    for key, line, node in entries(source):
        if key != "topics" or not isinstance(node, yaml.SequenceNode):
            raise source.error(line, "ожидался один список: topics")
        _check_rows(node, source)
        rows += (found for row in node.value if (found := _topic(row, source)) is not None)
    return Topics(rows)


def _topic(node: yaml.Node, source: Source) -> Topic | None:
    """None for one that is switched off."""
    fields = _fields(node, source, {"words", "topic", "about", "number", "themes", "kinds", "sectors", _OFF})
    texts = {key: value.value for key, value in fields.items() if isinstance(value, yaml.ScalarNode)}
    try:
        words, topic, about, liked = texts["words"], texts["topic"], texts["about"], _NUMBERS[texts["number"]]
        themes = frozenset(_strings(fields["themes"], source))
    except KeyError as missing:
        raise source.error(_line(node), f"у предмета нет поля {missing} или оно не годится") from None
    if not themes or (unknown := themes - set(Theme)):
        wrong = f"неизвестно: {', '.join(sorted(unknown))}" if themes else "не названа ни одна"
        raise source.error(_line(node), f"themes: {wrong}; бывает: {', '.join(Theme)}")
    kinds, sectors = (
        frozenset(_strings(fields[key], source)) if key in fields else frozenset[str]() for key in ("kinds", "sectors")
    )
    if _is_off(fields, source):
        return None
    return Topic(_any_of(words), topic, about, liked, themes, kinds, sectors)


def _any_of(words: str) -> re.Pattern[str]:
    """`десерт* торт`: any word that begins so, and this word alone."""
    every = (re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in words.split())
    return re.compile("|".join(every))


def _read_book(source: Source, allowed: frozenset[str] | None) -> Book:
    lists: dict[str, tuple[Phrase, ...]] = {}
    references: dict[str, tuple[str, int]] = {}
    short_without: frozenset[str] = frozenset()
    for key, line, node in entries(source):
        if allowed is not None and key not in allowed:
            raise source.error(line, f"неизвестный список {key}; бывают: {', '.join(sorted(allowed))}")
        if key == "short_without":
            short_without = frozenset(_strings(node, source))
        elif isinstance(node, yaml.ScalarNode):
            references[key] = (node.value, line)
        else:
            lists[key] = _phrases(node, source, key)
    return Book(source.file, lists, references, short_without)


def entries(source: Source) -> Iterator[tuple[str, int, yaml.Node]]:
    """Key, its line and its value, of a YAML mapping. Raises ReplyTemplateError."""
    return entries_of(source.read(), source)


def entries_of(text: str, source: Source) -> Iterator[tuple[str, int, yaml.Node]]:
    """The same of what was read from there."""
    try:
        if not source.trusted:
            untrusted.check_yaml(text, _Loader)
        root = yaml.compose(text, Loader=_Loader)
    except untrusted.Refused as refused:
        raise source.error(refused.line, refused.message) from refused
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise source.error(line, f"ошибка YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise source.error(None, f"ошибка YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise source.error(1, "ожидались списки фраз: «openings:» и ниже строки с «- »")
    seen: set[str] = set()
    for key, value in root.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            raise source.error(line, "имя списка должно быть словом и стоять в файле один раз")
        seen.add(key.value)
        yield key.value, line, value


def _phrases(node: yaml.Node, source: Source, key: str) -> tuple[Phrase, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise source.error(_line(node), f"{key}: ожидался список фраз")
    _check_rows(node, source)
    found = (_phrase(item, source, number) for number, item in enumerate(node.value, start=1))
    phrases = tuple(phrase for phrase in found if phrase is not None)
    given = {"measure"} if key == "measures" else set[str]()  # said only where it is known
    for register in Register:
        if not any(phrase.general(given) and register in (phrase.registers or Register) for phrase in phrases):
            raise source.error(
                _line(node),
                f"{key}: для речи {register} нужна хотя бы одна общая фраза: без sectors, kinds и без "
                f"{', '.join(sorted(FACTS))}",
            )
    return phrases


def _check_rows(node: yaml.SequenceNode, source: Source) -> None:
    if source.trusted:
        return
    try:
        untrusted.check_rows(node.value)
    except untrusted.Refused as refused:
        raise source.error(refused.line, refused.message) from refused


def _phrase(node: yaml.Node, source: Source, number: int) -> Phrase | None:
    """None for one that is switched off."""
    text, off, chosen = node, False, dict.fromkeys(_CHOOSERS, frozenset[str]())
    if isinstance(node, yaml.MappingNode):
        fields = _fields(node, source, {"text", _OFF} | _CHOOSERS)
        if "text" not in fields:
            raise source.error(_line(node), "фраза — строка или {text: строка, sectors: [список]}")
        text, off = fields.pop("text"), _is_off(fields, source)
        chosen |= {key: frozenset(_strings(value, source)) for key, value in fields.items() if key != _OFF}
    if unknown := chosen["registers"] - set(Register):
        raise source.error(
            _line(node), f"registers: неизвестно {', '.join(sorted(unknown))}; бывает: {', '.join(Register)}"
        )
    if not isinstance(text, yaml.ScalarNode) or not text.value.strip():
        raise source.error(_line(node), "фраза должна быть непустой строкой")
    if off:
        return None
    # A block scalar's text starts on the line after its mark.
    line = _line(text) + (1 if text.style in ("|", ">") else 0)
    said = text.value.strip()
    if not _JINJA.search(said):
        return Phrase(source.file, line, number, said, frozenset(), **chosen)
    template, variables = _compile(said, source, line, VARIABLES)
    slots = tuple(_SLOT.split(said))
    simple = not any(_JINJA.search(part) for part in slots[::2])
    return Phrase(source.file, line, number, slots if simple else template, variables & FACTS, **chosen)


def _is_off(fields: Mapping[str, yaml.Node], source: Source) -> bool:
    node = fields.get(_OFF)
    if node is None:
        return False
    if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
        raise source.error(_line(node), f"{_OFF}: бывает true или false")
    return str(node.value) == "true"


def _fields(node: yaml.Node, source: Source, allowed: Set[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise source.error(_line(node), "ожидались поля в фигурных скобках")
    fields = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if len(fields) < len(node.value):
        raise source.error(_line(node), "поле названо дважды")
    if unknown := fields.keys() - allowed:
        known = ", ".join(sorted(allowed))
        raise source.error(_line(node), f"неизвестно: {', '.join(sorted(unknown))}; бывает: {known}")
    return fields


def _strings(node: yaml.Node, source: Source) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        raise source.error(_line(node), "ожидался список слов в квадратных скобках")
    return tuple(item.value for item in node.value)


def _compile(text: str, source: Source, line: int, allowed: frozenset[str]) -> tuple[jinja2.Template, frozenset[str]]:
    try:
        if not source.trusted:
            untrusted.check_length(text)
        tree = _ENVIRONMENT.parse(text)
        if not source.trusted:
            untrusted.check_template(tree, is_layout=allowed is LAYOUT_VARIABLES)
        used = frozenset(meta.find_undeclared_variables(tree))
        template = _template(text)
    except untrusted.Refused as refused:
        raise source.error(line + (refused.line or 1) - 1, refused.message) from refused
    except jinja2.TemplateSyntaxError as error:
        raise source.error(line + error.lineno - 1, f"ошибка Jinja: {error.message}") from error
    except (jinja2.TemplateError, RecursionError, SyntaxError) as error:
        raise source.error(line, f"ошибка Jinja: {error}") from error
    if unknown := used - allowed:
        names = ", ".join(sorted(unknown))
        raise source.error(line, f"неизвестно: {names}; можно: {', '.join(sorted(allowed))}")
    return template, used


@lru_cache(maxsize=8192)
def _template(text: str) -> jinja2.Template:
    """Compiled once: who changes one phrase at the desk leaves the others of its book as they are."""
    return _ENVIRONMENT.from_string(text)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
