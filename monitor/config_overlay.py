"""What people set at the desk, laid over the nodes of config.yaml before anything is checked: every check and every
type of the file then holds for it, too.

    calendar       office            → calendars.office
    person         anna              → escalation.people.anna
    sla_calendar   negative          → sla.calendar.negative                     which calendar counts a promise
    sla_calendar   lenina/negative   → places.N.sla.calendar.negative
    hears          owner             → escalation.owner                          who hears of what, in which role
    hears          lenina/owner      → places.N.escalation.owner

A value is what would stand there in the file, as JSON. Settings of other kinds are somebody else's.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import yaml

from monitor import wording
from monitor.config_file import DEEPEST, Origin
from monitor.config_sla import PROMISES

CALENDAR, PERSON, SLA_CALENDAR, HEARS = "calendar", "person", "sla_calendar", "hears"
KINDS = (CALENDAR, PERSON, SLA_CALENDAR, HEARS)
PHRASES = "phrases"
"""A kind that is no part of config.yaml: wordings of replies, by their path below `replies/`."""

HEARERS = ("support", "lead", "owner", "admin")
"""Roles that somebody may be put into; `admin` only everywhere."""

LONGEST_NAME = 100

_CORE = "tag:yaml.org,2002:"


class Setting(Protocol):
    """One state of a setting, as `store.settings` keeps it. `value` None: what the file says holds."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str | None: ...
    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...


class Misplaced(ValueError):
    """A setting that belongs nowhere in this file; the message says why."""


def at_place(place: str, what: str) -> str:
    """The name of a setting of a place; "" is everywhere."""
    return f"{place}/{what}" if place else what


def split(name: str) -> tuple[str, str]:
    """The place and the rest of a name made by `at_place`."""
    place, _, what = name.rpartition("/")
    return place, what


def origin_of(setting: Setting) -> Origin:
    by = wording.one_line(setting.by, LONGEST_NAME) or "nobody known"
    return Origin(setting.kind, setting.name, by, setting.at)


def lay(root: yaml.MappingNode, settings: Sequence[Setting]) -> Iterator[tuple[Setting, str]]:
    """Puts each into the file's nodes, before what stands there; those that cannot be put anywhere, and why not."""
    for setting in settings:
        if setting.kind not in KINDS or setting.value is None:
            continue
        origin = origin_of(setting)
        try:
            _put(root, _path(root, setting), _node(_parsed(setting.value), origin), origin)
        except Misplaced as error:
            yield setting, str(error)


def _parsed(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise Misplaced("its value is not JSON") from None


def _path(root: yaml.MappingNode, setting: Setting) -> list[str]:
    """The keys down to where it stands; a number for a place."""
    name = setting.name
    if setting.kind == CALENDAR:
        return ["calendars", name]
    if setting.kind == PERSON:
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise Misplaced("nobody can be called so")
        return ["escalation", "people", name]
    place, what = split(name)
    below = [] if not place else ["places", str(_place(root, place))]
    if setting.kind == SLA_CALENDAR and what in PROMISES:
        return [*below, "sla", "calendar", what]
    if setting.kind == HEARS and what in (HEARERS[:-1] if place else HEARERS):
        return [*below, "escalation", what]
    raise Misplaced(f"there is nothing called {what!r} to set")


def _place(root: yaml.MappingNode, wanted: str) -> int:
    places = _at(root, "places")
    for number, place in enumerate(places.value if isinstance(places, yaml.SequenceNode) else ()):
        found = _at(place, "id") if isinstance(place, yaml.MappingNode) else None
        if isinstance(found, yaml.ScalarNode) and found.value == wanted:
            return number
    raise Misplaced(f"there is no place {wanted!r} in the file any more")


def _at(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _put(root: yaml.MappingNode, path: Sequence[str], value: yaml.Node, origin: Origin) -> None:
    node: yaml.Node = root
    for key in path[:-1]:
        node = _child(node, key)
    if not isinstance(node, yaml.MappingNode):
        raise Misplaced("the file holds something else there")
    stands = [index for index, (name, _) in enumerate(node.value) if name.value == path[-1]]
    pair = (_scalar(path[-1], origin), value)
    if stands:
        node.value[stands[0]] = pair
    else:
        node.value.append(pair)


def _child(node: yaml.Node, key: str) -> yaml.Node:
    """What stands at a key, as keys: made where nothing stands, spelled out where one calendar is written for all."""
    if isinstance(node, yaml.SequenceNode) and key.isdecimal():
        item: yaml.Node = node.value[int(key)]
        return item
    if not isinstance(node, yaml.MappingNode):
        raise Misplaced("the file holds something else there")
    for index, (name, value) in enumerate(node.value):
        if name.value == key:
            if isinstance(value, yaml.ScalarNode):
                node.value[index] = (name, _spelled_out(key, value))
            found: yaml.Node = node.value[index][1]
            return found
    made = _mapping([], node.start_mark)
    node.value.append((_scalar(key, node.start_mark), made))
    return made


def _spelled_out(key: str, value: yaml.ScalarNode) -> yaml.MappingNode:
    """Keys instead of nothing, or of the one calendar of all promises."""
    if value.tag == f"{_CORE}null":
        return _mapping([], value.start_mark)
    if key != "calendar":
        raise Misplaced("the file holds something else there")
    return _mapping([(_scalar(promise, value.start_mark), value) for promise in PROMISES], value.start_mark)


def _node(value: object, origin: Origin, depth: int = 0) -> yaml.Node:
    """JSON as nodes whose mark is the desk. The schema reads texts, whatever JSON calls them."""
    if depth > DEEPEST:
        raise Misplaced("its value is nested too deeply")
    if isinstance(value, dict):
        return _mapping([(_scalar(key, origin), _node(item, origin, depth + 1)) for key, item in value.items()], origin)
    if isinstance(value, list):
        mark: Any = origin
        return yaml.SequenceNode(f"{_CORE}seq", [_node(item, origin, depth + 1) for item in value], mark, mark)
    if value is None:
        return _scalar("", origin, "null")
    return _scalar(str(value).lower() if isinstance(value, bool) else str(value), origin)


# A node's mark tells where it was seen. Ours hold an Origin instead: what reads them asks which it is.


def _scalar(text: str, mark: Any, kind: str = "str") -> yaml.ScalarNode:
    return yaml.ScalarNode(f"{_CORE}{kind}", text, mark, mark)


def _mapping(pairs: list[tuple[yaml.Node, yaml.Node]], mark: Any) -> yaml.MappingNode:
    return yaml.MappingNode(f"{_CORE}map", pairs, mark, mark)
