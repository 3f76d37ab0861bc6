"""config.yaml as sections and entries that know their dotted path and line, and collect what is wrong.

The text is only composed to nodes, never constructed: no tag can run anything, a date stays the
text that stands there, and every key has its line. Aliases are refused, so that no file can be
larger than it looks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from monitor.config_values import hint, shown
from monitor.errors import ConfigError

T = TypeVar("T")

LARGEST = 1024 * 1024
DEEPEST = 12
"""Levels of nesting; the schema needs six."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times faster."""

_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = {f"{_CORE}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "map", "seq")}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from that stands in no line of the file: a setting of the desk."""

    kind: str
    name: str
    by: str
    at: datetime

    def __str__(self) -> str:
        return f"set at the desk by {self.by}, {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where values stand, by dotted path: in a line of `file`, or at the desk."""

    file: str
    lines: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def origin(self, path: str) -> Origin | None:
        """Who set at the desk what stands at `path`, or at its nearest parent; None for what the file says."""
        return self.origins.get(self._nearest(path))

    def error(self, path: str, message: str) -> ConfigError:
        """An error at `path`, with its line or that of its nearest parent, or with who set that at the desk."""
        nearest = self._nearest(path)
        if (origin := self.origins.get(nearest)) is not None:
            return ConfigError(f"{message} ({origin})", path=path)
        return ConfigError(message, path=path, line=self.lines.get(nearest), file=self.file)

    def _nearest(self, path: str) -> str:
        while path and path not in self.lines and path not in self.origins:
            path = path.rpartition(".")[0]
        return path


@dataclass(slots=True)
class Document:
    """One file, and what the desk set before it: `lines` and `origins` map dotted paths to where they stand, `problems`
    is filled while it is read."""

    file: str
    lines: dict[str, int] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    problems: list[ConfigError] = field(default_factory=list)

    @property
    def whereabouts(self) -> Whereabouts:
        return Whereabouts(self.file, self.lines, self.origins)

    def error(self, path: str, message: str) -> ConfigError:
        return self.whereabouts.error(path, message)

    def refuse(self, path: str, message: str) -> None:
        self.problems.append(self.error(path, message))

    def survey(self, node: yaml.Node, path: str = "") -> None:
        """Notes the line of everything below `path`; refuses foreign tags, repeated keys and keys that are no word."""
        if node.tag not in _PLAIN_TAGS:
            tag = shown(node.tag.removeprefix(_CORE))
            self.refuse(path, f"the tag {tag} is not supported: write a plain value")
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                below = _join(path, str(index))
                self._note(below, item.start_mark)
                self.survey(item, below)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode) or key.tag == f"{_CORE}merge":
                    message = "a key must be one word; `<<` and `?` are not supported: write the keys out"
                    raise ConfigError(message, path=path, line=key.start_mark.line + 1, file=self.file)
                below = _join(path, key.value)
                if below in self.lines and not isinstance(key.start_mark, Origin):
                    message = f"stands twice, first in line {self.lines[below]}: keep one"
                    line = key.start_mark.line + 1
                    self.problems.append(ConfigError(message, path=below, line=line, file=self.file))
                else:
                    self._note(below, key.start_mark)
                    self.survey(value, below)

    def _note(self, path: str, mark: Any) -> None:
        """`mark`: where the YAML reader saw it, or the Origin that `config_overlay` has put there."""
        if isinstance(mark, Origin):
            self.origins[path] = mark
        else:
            self.lines[path] = mark.line + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file."""

    document: Document
    path: str
    node: yaml.Node

    @property
    def empty(self) -> bool:
        """Whether nothing stands there (`key:` and no more)."""
        return self.node.tag == f"{_CORE}null"

    def refuse(self, message: str) -> None:
        self.document.refuse(self.path, message)

    def value(self, parse: Callable[[str], T], default: T) -> T:
        """What `parse` makes of the text; `default` after a refusal."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse(f"must be one value, not a {_kind(self.node)}")
        elif self.empty:
            self.refuse("is empty: write a value or remove the key")
        else:
            try:
                return parse(self.node.value)
            except ValueError as error:
                self.refuse(str(error))
        return default

    def section(self) -> "Section":
        """Its keys. A value of another kind is refused and reads as a section that is not there."""
        if isinstance(self.node, yaml.MappingNode):
            entries: dict[str, Entry] = {}
            for key, value in self.node.value:
                entries.setdefault(key.value, Entry(self.document, _join(self.path, key.value), value))
            return Section(self.document, self.path, entries)
        if self.empty:
            return Section(self.document, self.path, {})
        self.refuse(f"must hold keys (`key: value`), not a {_kind(self.node)}")
        return Section(self.document, self.path, {}, there=False)

    def entries(self) -> "list[Entry]":
        """Its items; a single value is a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [Entry(self.document, f"{self.path}.{index}", node) for index, node in enumerate(self.node.value)]
        if isinstance(self.node, yaml.ScalarNode):
            return [] if self.empty else [self]
        self.refuse("must be a list, not keys")
        return []

    @property
    def is_section(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)


@dataclass(frozen=True, slots=True)
class Section:
    """Keys and their values. `there` is False after a refusal, and then nothing is missed in it."""

    document: Document
    path: str
    entries: dict[str, Entry]
    there: bool = True

    def refuse(self, key: str, message: str) -> None:
        self.document.refuse(_join(self.path, key), message)

    def allow(self, *names: str, also: str = "(?!)") -> None:
        """Refuses every key that is neither one of `names` nor matches `also`."""
        for key, entry in self.entries.items():
            if key in names or re.fullmatch(also, key):
                continue
            if f"{key}_env" in names or re.fullmatch(also, f"{key}_env"):
                entry.refuse(f"unknown key: secrets do not belong here; write `{key}_env:` with a variable's name")
            else:
                entry.refuse(f"unknown key; {hint(key, names)}")

    def read(self, key: str, parse: Callable[[str], T], default: T, *, example: str = "") -> T:
        """The value at `key`. With an `example` the key is required; without one `default` stands in."""
        entry = self.entries.get(key)
        if entry is not None:
            return entry.value(parse, default)
        self._miss(key, example)
        return default

    def section(self, key: str, *, example: str = "") -> "Section":
        entry = self.entries.get(key)
        if entry is not None:
            return entry.section()
        self._miss(key, example)
        return Section(self.document, _join(self.path, key), {}, there=not example)

    def items(self, key: str, *, example: str = "") -> list[Entry]:
        """The list at `key`; with an `example` it is required and must not be empty."""
        entry = self.entries.get(key)
        if entry is None:
            self._miss(key, example)
            return []
        found = entry.entries()
        if not found and example and not entry.is_section:
            entry.refuse(f"is empty: write at least one, such as `{example}`")
        return found

    def _miss(self, key: str, example: str) -> None:
        if example and self.there:
            self.refuse(key, f"is missing: add `{key}: {example}`")


def read_document(node: yaml.MappingNode, file: str) -> tuple[Document, Section]:
    """The keys of a composed file. Raises ConfigError when they cannot be keys of ours at all."""
    document = Document(file)
    document.survey(node)
    return document, Entry(document, "", node).section()


def compose(text: str, file: str) -> yaml.MappingNode:
    """The file's text as nodes. Raises ConfigError when it is no YAML, or one that no config could be."""
    if found := _FORBIDDEN.search(text):
        raise ConfigError(
            f"holds a control character (U+{ord(found[0]):04X}): remove it",
            line=text.count("\n", 0, found.start()) + 1,
            file=file,
        )
    try:
        _check_shape(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from None
    if node is None:
        raise ConfigError("is empty: run `otklik init` to write one", file=file)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("must hold keys such as `business:`", line=node.start_mark.line + 1, file=file)
    return node


def _check_shape(text: str, file: str) -> None:
    """Refuses what would make composing dangerous: libyaml's composer overflows the stack when nested too deeply."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ConfigError("is nested too deeply", line=line, file=file)
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError("aliases (*) are not supported: write the value out", line=line, file=file)


def read_text(path: Path) -> str:
    """What stands in the file. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        message = (
            f"there is no such file in {path.absolute().parent}: run `otklik init` to write one, or name it with -c"
        )
        raise ConfigError(message, file=path.name) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a possible file name"
        raise ConfigError(f"cannot be read: {reason}", file=shown(path.name).strip("'")) from None
    if len(raw) > LARGEST:
        raise ConfigError(f"is larger than {LARGEST // 1024} KiB: this is no configuration", file=path.name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8: save the file as UTF-8", line=line, file=path.name) from None


def _syntax_error(error: yaml.YAMLError, text: str, file: str) -> ConfigError:
    """PyYAML's complaint without its excerpt of the file, which might show a secret."""
    mark = getattr(error, "problem_mark", None)
    line = None if mark is None else mark.line + 1
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    written = text.split("\n")[line - 1] if line is not None and line <= text.count("\n") + 1 else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        advice = "indent with spaces, not with tabs"
    elif "undefined alias" in problem:
        advice = "put a text that starts with * or & into quotes"
    else:
        advice = "check the indentation, and put texts that hold `: `, ` #` or quotes into quotes"
    return ConfigError(f"is not valid YAML here ({problem}): {advice}", line=line, file=file)


def _join(path: str, key: str) -> str:
    """A dotted path that is one printable line whatever stands in the key."""
    name = key if key.isprintable() and 0 < len(key) <= 60 else shown(key)
    return f"{path}.{name}" if path else name


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "group of keys"
    return "list" if isinstance(node, yaml.SequenceNode) else "single value"
