"""What people are told: a ticket as a row of the queue, what is wrong with reading, alerts and the mails about them.

Times are aware UTC, texts strangers' words, as in `monitor.model`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor import wording
from monitor.gestures import Gesture
from monitor.model import Label, Precision, TicketState
from monitor.numbers import Cohort, Summary, Trend
from monitor.talk import DisputeState
from responders.types import Draft, Fault
from sentiment.types import Risk, Theme, Verdict


class Standing(StrEnum):
    """How a ticket stands against its deadline."""

    OK = "ok"
    WARNED = "warned"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class SameReview:
    """The ticket of the same person's same words on another card; `source_title` is that site's name for people,
    `place` the card's place."""

    ticket: int
    state: TicketState
    source: str
    source_title: str
    place: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything a person needs to act on it: a row of the queue, the heart of a mail.

    `place` is the id from config.yaml, `place_title` its name for people, `source_title` the site's.
    `standing` and `due_at` are None without a deadline (backlog, unanswerable). `verdict` is None until
    the analysis ran, `draft` until one was written. `draft_author` names the person who edited it. `label`
    is what a person said of these words; the verdict follows it. `fault` and `measure` as in `Ticket`.
    `gestures`: what the author is offered in private, oldest first; never part of a reply. `acknowledged_by`: who said
    that they know; no alarm rings then. `draft_number` tells this wording from those before and after it, None without
    one. `dispute`: how a complaint to the site stands, None without one. `themes_by_hand` and
    `dangers_by_hand`: what a person said of themes and dangers of these words, whether each is there; the verdict
    follows. `erased`: name, words and addresses are gone for good; `closed_by_erasing`: until then it waited.
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
    acknowledged_by: str | None = None
    draft_number: int | None = None
    dispute: DisputeState | None = None
    themes_by_hand: Mapping[Theme, bool] = field(default_factory=dict)
    dangers_by_hand: Mapping[Risk, bool] = field(default_factory=dict)
    erased: bool = False
    closed_by_erasing: bool = False

    @property
    def told(self) -> str:
        """Its state in words."""
        return wording.ERASED if self.closed_by_erasing else wording.STATES[self.state]


class AlertKind(StrEnum):
    """What a mail is about.

    DEADLINE: one ticket is warned or late. WARNINGS: the batched 80 % warnings of the 24 h target.
    OVERDUE: more breaches at once than `escalation.collapse_over`, in one mail. DANGER: a review holds
    a danger. UNANSWERABLE: negative reviews on sites where a company cannot answer. INTAKE: reviews are not
    read, or not all of them. DIGEST: yesterday in numbers, WEEKLY: the last seven days. ENTRY: a link that sets a
    password, ACCOUNT: something was done to an account.
    """

    DEADLINE = "deadline"
    WARNINGS = "warnings"
    OVERDUE = "overdue"
    DANGER = "danger"
    UNANSWERABLE = "unanswerable"
    INTAKE = "intake"
    DIGEST = "digest"
    WEEKLY = "weekly"
    ENTRY = "entry"
    ACCOUNT = "account"


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
class Bar:
    """One day of a digest's chart: the reviews first seen on it that were answered in time or late, or wait. `rate`: of
    those first seen in the seven days that end with it the share that was answered, 0 to 1; None where there were
    none."""

    day: date
    in_time: int
    late: int
    waiting: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Concern:
    """What `otklik health` does not call fine and no alarm tells: `title` for people, `word` for how it stands, `gist`
    why."""

    title: str
    word: str
    gist: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """What a DIGEST or a WEEKLY tells of the days from `first` to `last`. `span`: their numbers, `before`: those of the
    week before, None of a DIGEST and where nobody watched then. `recent`: the cohorts of the seven days that end with
    `last`, oldest first. `rising`: the themes of these seven days that rise; None where no card has been watched for
    long enough to tell. `falling`: those of a WEEKLY that fell, `Trend.before` being the week before. `places` and
    `sites`: names for people, by id. `alarms`: what is wrong with reading now, `urgent`: the most overdue tickets, the
    longest first. `proven_at`: when a trial alarm arrived last, None if none ever did. `concerns`: what else is not as
    it should be now."""

    first: date
    last: date
    span: Summary
    before: Summary | None
    recent: tuple[Cohort, ...]
    bars: tuple[Bar, ...]
    rising: tuple[Trend, ...] | None
    falling: tuple[Trend, ...]
    places: Mapping[str, str]
    sites: Mapping[str, str]
    alarms: tuple[AlarmView, ...] = ()
    urgent: tuple[TicketView, ...] = ()
    proven_at: datetime | None = None
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """Whose account an ENTRY or an ACCOUNT is about. `link` sets a password until `until`: "" and None in an ACCOUNT.
    `address`: from where it was asked for or done, "" where nobody knows; `detail`: what became what."""

    login: str
    name: str
    timezone: str
    link: str = ""
    until: datetime | None = None
    address: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a notification says, before it is rendered. `level` as in `sla.Level` for DEADLINE, the last day of a DIGEST
    or WEEKLY, `accounts.Invited` of an ENTRY, `accounts.Notice` of an ACCOUNT, else "". An alert is about tickets,
    INTAKE about alarms instead, digests about `digest`, the last two about `account`. `role`: why the recipient hears
    of it, as `Ladder.why` tells."""

    kind: AlertKind
    level: str
    recipient: str
    message_id: str
    tickets: tuple[TicketView, ...]
    created_at: datetime
    alarms: tuple[AlarmView, ...] = ()
    digest: DigestView | None = None
    thread: str = ""
    references: tuple[str, ...] = ()
    role: str = ""
    account: AccountView | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An inline picture of an HTML mail, which shows it as `<img src="cid:NAME">`; the name is made like an address.
    `alt` says the same in words."""

    name: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered notification. `subject` is one line without control characters. `thread` begins the thread of its
    ticket and `references` are the mails of that thread so far, all Message-IDs; "" and () where it stands alone.
    `data` tells programs what the words tell people (`notify.payload`)."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str
    at: datetime
    pictures: tuple[Picture, ...] = ()
    thread: str = ""
    references: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: `error` is None when the channel accepted it."""

    message_id: str
    error: str | None = None
    permanent: bool = False
