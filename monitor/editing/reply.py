"""While a person writes a reply: what the linter says, how much of the limit is used, other wordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor import gesture_leaks, wording
from monitor.gestures import Gesture
from responders import lint
from responders.lint import ERROR, HINT, WARNING, Remark, reply_size
from responders.platforms import platform
from responders.types import Finding, Situation

_ORDER = (ERROR, WARNING, HINT)
_UNITS = {"characters": "знаков", "bytes": "байт"}


class Case(NamedTuple):
    """What a reply is written to, and which gestures it must not tell."""

    situation: Situation
    gestures: Sequence[Gesture] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What is wrong with a reply. `message`: what, and what to do; `explanation`: why the rule exists; both Russian
    sentences. `span`: character offsets in the reply, None where all of it is meant."""

    rule: str
    severity: str
    message: str
    explanation: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Counter:
    """How much of a site's limit a reply takes, in the site's `unit` («знаков», «байт»). `hard`: the site refuses more;
    else it is what people still read. `label`: all of it for people."""

    characters: int
    used: int
    limit: int | None
    unit: str
    over: bool
    hard: bool
    label: str


def remarks(reply: str, case: Case) -> tuple[Remark, ...]:
    """Of the linter and of what the ticket's gestures forbid, the gravest first."""
    about = case.situation
    told = gesture_leaks.remarks(reply, case.gestures, source=about.source, review=about.text)
    return tuple(sorted((*told, *lint.remarks(reply, about)), key=lambda found: _ORDER.index(found.severity)))


def notes(reply: str, case: Case) -> tuple[Note, ...]:
    return tuple(
        Note(found.rule, found.severity, f"{found.what}. {found.advice}", found.why, found.span)
        for found in remarks(reply, case)
    )


def findings(reply: str, case: Case) -> tuple[Finding, ...]:
    return tuple(found.finding for found in remarks(reply, case))


def counters(source: str, text: str) -> Counter:
    """`source`: the site's id."""
    limit = platform(source).limit
    most = limit.soft if limit.hard is None else limit.hard
    used, unit = reply_size(text, limit), _UNITS[limit.unit]
    label = f"{wording.thousands(used)} из {wording.thousands(most)} {unit}" if most is not None else ""
    if limit.unit == "bytes" or most is None:
        letters = wording.plural(len(text), "знак", "знака", "знаков")
        label = " · ".join(filter(None, (f"{wording.thousands(len(text))} {letters}", label)))
    return Counter(len(text), used, most, unit, most is not None and used > most, limit.hard is not None, label)
