"""config.yaml written anew from its nodes: the same values in the same order, with a comment where the desk set one."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import yaml

from monitor.config_file import Origin

_PLAIN = re.compile(r"[\w/+«](?:[\w ./@+«»-]*[\w./@+«»-])?")
_NULLS = ("null", "~", "")

MASK = "***"


class Masked:
    """What a key's mark is where its value is told in part."""

    def __str__(self) -> str:
        return "masked: the address has more, which may be a secret"


Remark = Origin | Masked | None
"""What is said beside a value."""


def masked(node: yaml.MappingNode, above: tuple[str, ...] = ()) -> yaml.MappingNode:
    """The same without what may be a secret: of webhooks' addresses all but the host, for many hold their secret in the
    path. Not to work by: nothing can be posted there."""
    pairs = []
    for key, value in node.value:
        name, told, path = key, value, (*above, key.value)
        if isinstance(value, yaml.MappingNode):
            told = masked(value, path)
        elif path[:1] == ("channels",) and path[2:] == ("webhook",) and (short := _short(value.value)) != value.value:
            mark: Any = Masked()
            name = yaml.ScalarNode(key.tag, key.value, mark, mark)
            told = yaml.ScalarNode(value.tag, short, value.start_mark, value.end_mark)
        pairs.append((name, told))
    return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)


def _short(address: str) -> str:
    """Of a webhook that has been checked."""
    parts = urlsplit(address)
    _, at, host = parts.netloc.rpartition("@")
    path = f"/{MASK}" if parts.path.strip("/") else parts.path
    query = f"?{MASK}" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{f'{MASK}@' if at else ''}{host}{path}{query}"


def written(node: yaml.MappingNode, section: str = "") -> Iterator[str]:
    """Lines; `section`: only what stands at that key of the file."""
    pairs = [(key, value) for key, value in node.value if section in ("", key.value)]
    yield from _keys(pairs, "", None)


def plain(node: yaml.Node) -> object:
    """The values as JSON has them, every single one as its text."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return None if _is_null(node) else node.value


def _keys(pairs: list[tuple[yaml.Node, yaml.Node]], indent: str, above: Remark) -> Iterator[str]:
    for key, value in pairs:
        origin = _origin(key)
        remark = f"  # {origin}" if origin and origin != above else ""
        head = f"{indent}{_scalar(key)}:"
        if isinstance(value, yaml.MappingNode) and value.value:
            yield head + remark
            yield from _keys(value.value, f"{indent}  ", origin)
        elif isinstance(value, yaml.SequenceNode) and any(isinstance(item, yaml.MappingNode) for item in value.value):
            yield head + remark
            for item in value.value:
                yield from _item(item, f"{indent}  ", origin)
        else:
            short = _flow(value)
            yield f"{head}{' ' if short else ''}{short}{remark}"


def _item(node: yaml.Node, indent: str, above: Remark) -> Iterator[str]:
    """Of a list, its first key on the line of the dash."""
    if not isinstance(node, yaml.MappingNode) or not node.value:
        yield f"{indent}- {_flow(node)}"
        return
    first, *rest = _keys(node.value, f"{indent}  ", above)
    yield f"{indent}- {first.lstrip()}"
    yield from rest


def _flow(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(value)}" for key, value in node.value) + "}"
    if isinstance(node, yaml.SequenceNode):
        return "[" + ", ".join(_flow(item) for item in node.value) + "]"
    return "" if _is_null(node) else _scalar(node)


def _scalar(node: yaml.Node) -> str:
    """A text that reads as itself, wherever it stands."""
    text: str = node.value
    if _PLAIN.fullmatch(text) and text.lower() not in _NULLS and text.isprintable():
        return text
    escaped = (character if _is_safe(character) else f"\\U{ord(character):08x}" for character in text)
    return f'"{"".join(escaped)}"'


def _is_safe(character: str) -> bool:
    return character.isprintable() and character not in '"\\'


def _is_null(node: yaml.Node) -> bool:
    return node.tag.endswith(":null")


def _origin(node: yaml.Node) -> Remark:
    mark: object = node.start_mark
    return mark if isinstance(mark, Origin | Masked) else None
