"""Wordings from a form: they may hold anything, so they are looked at before anything is made of them.

YAML is walked by its events, for libyaml's own composer falls over where lists are nested deeply enough; a phrase may
hold slots and conditions on them and nothing else, for Jinja computes constants while it compiles: `{{ 10 ** 9 ** 9 }}`
would never come back. What is left costs time and room in proportion to its length.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import yaml
from jinja2 import nodes

LONGEST = 60_000
"""Characters of a book; the longest shipped one has 50,000."""
LONGEST_PHRASE = 1_000
MOST_NODES = 10_000
"""Words of YAML: phrases, keys, names of registers."""
DEEPEST = 5
"""A book: the lists, a list, a phrase with its fields, the words of a field."""
MOST_ROWS = 500
"""Of a list; the longest shipped one, of things, has 321."""
MOST_PARTS, DEEPEST_PARTS = 100, 10
"""Of a phrase, as Jinja takes it apart."""

SLOTS_AND_CONDITIONS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr, nodes.Const,
    nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip
IN_PHRASES = "во фразе могут быть только слова в {{ }} и условия {% if %} о них"
IN_LAYOUTS = "в шаблоне могут быть только части в {{ }}, условия {% if %} о них, select и join"

LAYOUT_FILTERS = frozenset({"select", "join"})
"""What the shipped layout does with the parts of a reply."""

_OPENS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSES = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


class Refused(Exception):
    """Why a text is not taken, for people. `line` counts from 1; None: all of it."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def check_length(text: str) -> None:
    """Raises Refused."""
    if len(text) > LONGEST:
        raise Refused(None, f"текст длиннее {LONGEST} знаков")


def check_yaml(text: str, loader: Any) -> None:
    """`loader`: whose events are walked. Raises Refused, or yaml.YAMLError where it is no YAML."""
    check_length(text)
    depth = count = 0
    for event in yaml.parse(text, Loader=loader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Refused(line, "якоря и ссылки YAML (& и *) здесь не нужны: фразу с такими знаками возьмите в кавычки")
        if getattr(event, "tag", None) is not None:
            raise Refused(line, "метки YAML (!) здесь не нужны: фразу с таким знаком возьмите в кавычки")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_PHRASE:
            raise Refused(line, f"фраза длиннее {LONGEST_PHRASE} знаков")
        count += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > DEEPEST or count > MOST_NODES:
            raise Refused(line, "слишком много вложенных скобок" if depth > DEEPEST else "слишком много фраз")


def check_rows(rows: Sequence[yaml.Node]) -> None:
    """Of a list. Raises Refused: who reads or compares a book shall not wait for what nobody wrote by hand."""
    if len(rows) > MOST_ROWS:
        raise Refused(_line(rows[MOST_ROWS]), f"в списке больше {MOST_ROWS} строк")
    seen: set[Hashable] = set()
    for row in rows:
        said = _said(row)
        if said in seen:
            raise Refused(_line(row), "такая строка в этом списке уже есть")
        seen.add(said)


def _said(node: yaml.Node) -> Hashable:
    """Equal for rows that say the same."""
    if isinstance(node, yaml.MappingNode):
        fields = frozenset((_said(key), _said(value)) for key, value in node.value)
        return next(iter(fields))[1] if {key for key, _ in fields} == {"text"} else fields
    return tuple(map(_said, node.value)) if isinstance(node, yaml.SequenceNode) else str(node.value).strip()


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def check_template(tree: nodes.Template, *, is_layout: bool = False) -> None:
    """Raises Refused for whatever is neither a slot nor a condition on slots. Which slots there are, is not asked here,
    but for the one name that Jinja gives itself."""
    allowed = SLOTS_AND_CONDITIONS + ((nodes.List, nodes.Filter) if is_layout else ())
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST_PARTS:
            raise Refused(node.lineno, "слишком сложное условие")
        if not isinstance(node, allowed) or (isinstance(node, nodes.Filter) and node.name not in LAYOUT_FILTERS):
            raise Refused(node.lineno, IN_LAYOUTS if is_layout else IN_PHRASES)
        if isinstance(node, nodes.Name) and node.name == "self":
            raise Refused(node.lineno, "неизвестно: self")
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
