"""What the worker says about itself: every event, one line each, on standard error.

    2026-11-21T19:00:07Z INFO listing.failed pass=12 listing=lenina/yandex_maps error=Unreachable message="..."

A line holds keys and values and nothing a stranger wrote: no review's text and no author's name at any
level, no secret, no query string, and no character that could begin a second line.
"""

import logging
import re
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TextIO

from monitor.clock import to_iso
from monitor.errors import OtklikError

_LOGGER = logging.getLogger("otklik")


class Event(Enum):
    """Everything that can be logged: its name and its level."""

    PASS_STARTED = ("pass.started", logging.INFO)
    PASS_FINISHED = ("pass.finished", logging.INFO)
    PASS_REFUSED = ("pass.refused", logging.INFO)
    WORKER_STARTED = ("worker.started", logging.INFO)
    WORKER_STOPPING = ("worker.stopping", logging.INFO)
    JOB_FAILED = ("job.failed", logging.ERROR)
    LISTING_READ = ("listing.read", logging.INFO)
    LISTING_FAILED = ("listing.failed", logging.INFO)
    TICKET_BREACHED = ("ticket.breached", logging.INFO)
    CANARY_RELEASED = ("canary.released", logging.INFO)
    DEADLINES_MOVED = ("deadlines.moved", logging.INFO)
    ALARM_RAISED = ("alarm.raised", logging.INFO)
    ALARM_RESOLVED = ("alarm.resolved", logging.INFO)
    NOTIFICATION_SENT = ("notification.sent", logging.INFO)
    NOTIFICATION_FAILED = ("notification.failed", logging.ERROR)
    NOTIFICATIONS_WAIT = ("notifications.wait", logging.INFO)
    PING_FAILED = ("ping.failed", logging.ERROR)
    REWRITER_LEFT_ALONE = ("rewriter.left_alone", logging.INFO)
    RETENTION_PURGED = ("retention.purged", logging.INFO)
    REVIEWS_FORGOTTEN = ("reviews.forgotten", logging.INFO)
    DESK_ANSWERED = ("desk.answered", logging.INFO)
    DESK_ACTED = ("desk.acted", logging.INFO)
    DESK_FAILED = ("desk.failed", logging.ERROR)

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def level(self) -> int:
        return self.value[1]


class Log:
    """Says events with the context it is bound to: `Log().bind(pass_id=12).say(Event.PASS_STARTED, listings=5)`."""

    def __init__(self, context: Mapping[str, object] | None = None) -> None:
        self._context = dict(context or {})

    def bind(self, **context: object) -> "Log":
        """The same log with more context; the context of this one stays as it is."""
        return Log({**self._context, **context})

    def say(self, event: Event, **fields: object) -> None:
        """Logs one event. Costs next to nothing when its level is off."""
        if _LOGGER.isEnabledFor(event.level):
            _LOGGER.log(event.level, "%s", line(event.title, {**self._context, **fields}))


def configure(verbose: bool, stream: TextIO | None = None) -> None:
    """Sends log lines to standard error: trouble only, with `verbose` everything. Calling again replaces.

    Quiet by default, because cron sends a mail about every line.

    Other libraries speak only from WARNING up: httpx would log whole addresses, keys included.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter())
    _LOGGER.setLevel(logging.INFO if verbose else logging.WARNING)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for old in [known for known in root.handlers if isinstance(known.formatter, _Formatter)]:
        root.removeHandler(old)
    root.addHandler(handler)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        if record.name == _LOGGER.name:
            return f"{moment} {record.levelname} {record.getMessage()}"
        fields: dict[str, object] = {"logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            fields["error"] = record.exc_info[1]
        return f"{moment} {record.levelname} {line('library', fields)}"


# --- one line ---------------------------------------------------------------------------------

LONGEST = 400
"""Characters of one value."""

_PLAIN = re.compile(r"[\w.,:/@+-]+")
_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#\"'<>]*@)?([^\s?#\"'<>]*)([?#][^\s\"'<>]*)?", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.IGNORECASE)
_SECRET_KEY = re.compile(r"(^|_)(key|token|secret|password|authorization|cookie)$")
_PERSONAL_KEYS = frozenset(
    {"text", "author", "reply", "draft", "quote", "phrase", "evidence", "body", "subject", "people", "dative"}
)


def line(title: str, fields: Mapping[str, object]) -> str:
    """`title key=value key="a value"`: one printable line whatever the values hold; None is left out.

    A key written `pass_id` or `class_` is for the reader `pass_id` and `class`.
    """
    pairs = [f"{key.rstrip('_')}={_value(key, value)}" for key, value in _spread(fields) if value is not None]
    return " ".join([title, *pairs])


def _spread(fields: Mapping[str, object]) -> list[tuple[str, object]]:
    """An error becomes its kind, and only a message of ours goes along: others may hold anything."""
    pairs: list[tuple[str, object]] = []
    for key, value in fields.items():
        if isinstance(value, BaseException):
            pairs.append((key, type(value).__name__))
            pairs.append(("message", str(value) if isinstance(value, OtklikError) else None))
        else:
            pairs.append((key, value))
    return pairs


def _value(key: str, value: object) -> str:
    if _SECRET_KEY.search(key):
        return "[secret]"
    if key in _PERSONAL_KEYS and not isinstance(value, int):  # a number is an id or a count
        return "[personal]"
    text = redacted(_plain(value))
    short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return short if _PLAIN.fullmatch(short) else f'"{escaped(short)}"'


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.3f}s"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def redacted(text: str) -> str:
    """Without the name, password, query and fragment of any address, and without credentials."""
    without_queries = _ADDRESS.sub(lambda found: found[1] + found[2] + ("?[…]" if found[3] else ""), text)
    return _CREDENTIALS.sub(r"\1 [secret]", without_queries)


def escaped(text: str) -> str:
    """Quotes, backslashes and everything unprintable as escapes; Russian letters stay."""
    return "".join(_escape(character) for character in text)


def _escape(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
