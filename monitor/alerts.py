"""What people are told: a ticket as a row of the queue, what is wrong with reading, alerts and the mails about them.

Times are aware UTC, texts strangers' words, as in `monitor.model`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.gestures import Gesture
from monitor.model import Label, Precision, TicketState
from responders.types import Draft, Fault
from sentiment.types import Verdict


class Standing(StrEnum):
    """How a ticket stands against its deadline."""

    OK = "ok"
    WARNED = "warned"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class SameReview:
    """The ticket of the same person's same words on another card; `source_title` is that site's name for people."""

    ticket: int
    state: TicketState
    source: str
    source_title: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything a person needs to act on it: a row of the queue, the heart of a mail.

    `place` is the id from config.yaml, `place_title` its name for people, `source_title` the site's.
    `standing` and `due_at` are None without a deadline (backlog, unanswerable). `verdict` is None until
    the analysis ran, `draft` until one was written. `draft_author` names the person who edited it. `label`
    is what a person said of these words; the verdict follows it. `fault` and `measure` as in `Ticket`.
    `gestures`: what the author is offered in private, oldest first; never part of a reply.
    """

    ticket: int
    review: int
    state: TicketState
    standing: Standing | None
    due_at: datetime | None
    backlog: bool
    place: str
    place_title: str
    timezone: str
    source: str
    source_title: str
    external_id: str
    stars: int | None
    author: str
    text: str
    posted_at: datetime | None
    posted_precision: Precision
    first_seen_at: datetime
    revision: int
    verdict: Verdict | None
    draft: Draft | None
    draft_author: str | None
    draft_stale: bool
    assignee: str | None
    url: str
    reply_url: str
    same_as: tuple[SameReview, ...] = ()
    label: Label | None = None
    fault: Fault = Fault.UNCONFIRMED
    measure: str = ""
    gestures: tuple[Gesture, ...] = ()


class AlertKind(StrEnum):
    """What a mail is about.

    DEADLINE: one ticket is warned or late. WARNINGS: the batched 80 % warnings of the 24 h target.
    OVERDUE: more breaches at once than `escalation.collapse_over`, in one mail. DANGER: a review holds
    a danger. UNANSWERABLE: negative reviews on sites where a company cannot answer. INTAKE: reviews are not
    read, or not all of them.
    """

    DEADLINE = "deadline"
    WARNINGS = "warnings"
    OVERDUE = "overdue"
    DANGER = "danger"
    UNANSWERABLE = "unanswerable"
    INTAKE = "intake"


class AlarmKind(StrEnum):
    """What can be wrong with reading. Of a whole site: BLOCKED (it refuses us), UNAUTHORISED (our key), LAYOUT_CHANGED,
    UNREACHABLE (for long). Of one card: GONE, EMPTIED (it suddenly shows no review), GAP (fewer reviews than the site
    declares, and ever fewer), SILENT (no new review for much longer than ever)."""

    BLOCKED = "blocked"
    UNAUTHORISED = "unauthorised"
    LAYOUT_CHANGED = "layout_changed"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    EMPTIED = "emptied"
    GAP = "gap"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong, from `raised_at` to `resolved_at` (None: still). `listing` is the card's name
    (`lenina/yandex_maps`) and `listing_id` its row, None where the whole site is meant; `place` its place's id.
    `message` is Russian: what happened and what to do."""

    id: int
    kind: AlarmKind
    source: str
    listing: str | None
    listing_id: int | None
    place: str | None
    message: str
    raised_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """A card that an alarm concerns: `lenina/yandex_maps`, its place's name for people, when it was last read well."""

    name: str
    place_title: str
    last_good_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm with everything a person needs to act on it: `cards` it concerns, `retry_at` when the first of them is
    read again (None: no card is), `variables` the environment variables that hold the site's secrets."""

    alarm: Alarm
    source_title: str
    timezone: str
    cards: tuple[AlarmCard, ...]
    retry_at: datetime | None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """What a notification says, before it is rendered. `level` as in `sla.Level` for DEADLINE, else "". An alert is
    about tickets, INTAKE about alarms instead."""

    kind: AlertKind
    level: str
    recipient: str
    message_id: str
    tickets: tuple[TicketView, ...]
    created_at: datetime
    alarms: tuple[AlarmView, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered notification. `subject` is one line without control characters."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: `error` is None when the channel accepted it."""

    message_id: str
    error: str | None = None
    permanent: bool = False
