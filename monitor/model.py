"""The words of the trade: what a site said, what we keep, what an answer needs.

Times are aware UTC. Texts come from strangers: they are data, never markup, SQL or templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from responders.types import Fault
from sentiment.types import Tone


class Precision(StrEnum):
    """How exactly a site tells when a review was posted."""

    EXACT = "exact"
    DAY = "day"
    APPROXIMATE = "approximate"
    UNKNOWN = "unknown"


class Answerable(StrEnum):
    """Which reviews of a site a company can answer."""

    ALL = "all"
    TEXT = "text"
    REPRESENTATIVE = "representative"
    NO = "no"


class TicketState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    REMOVED = "removed"
    UNANSWERABLE = "unanswerable"


WAITING_STATES = (TicketState.OPEN, TicketState.APPROVED)
"""States in which the team's clock runs."""


class Origin(StrEnum):
    """Where we know a review from. FILE: only from `import`; no read of the card has shown it yet."""

    SITE = "site"
    FILE = "file"


class ReplyState(StrEnum):
    PUBLISHED = "published"
    PENDING = "pending"
    REJECTED = "rejected"


# --- what a site said -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """The owner's answer as the site shows it. `at` is None where the site does not date it."""

    text: str
    at: datetime | None = None
    state: ReplyState = ReplyState.PUBLISHED


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request a source wants made. `url`, `form` and `content` may hold a key or people's words: they are never
    logged; `label` is.

    `form` makes it a POST of a form, `content` (its type stands in `headers`) a POST of these bytes; `method` says
    otherwise (PUT, DELETE). What is no GET is never redirected. `bearer`: send the listing's access token.
    """

    url: str = field(repr=False)
    label: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    bearer: bool = False
    method: str = ""
    content: bytes | None = field(default=None, repr=False)

    @property
    def verb(self) -> str:
        """The HTTP method it is sent with."""
        return self.method or ("GET" if self.form is None and self.content is None else "POST")


@dataclass(frozen=True, slots=True)
class Page:
    """What came back. Header names are lower case; `url` is the final one after redirects; `at` when it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FetchedReview:
    """One review as one page tells it.

    `stars` 1 to 5, None where the author gave none. `mark` digests what a list page shows of a
    review whose text it cuts: as long as it stays the same, the review's own page need not be
    read again. `detail` asks for that page. `reply_known` is False where this page cannot tell
    whether the owner answered; `reply` is then None and means nothing.
    """

    external_id: str
    stars: int | None
    text: str
    author: str
    posted_at: datetime | None
    posted_precision: Precision
    url: str
    reply: Reply | None = None
    reply_known: bool = True
    mark: str = ""
    detail: PageRequest | None = None

    @property
    def digest(self) -> str:
        """Changes when the author's words or stars change; not with likes, photos or our reply."""
        return content_digest(self.stars, self.text)


def content_digest(stars: int | None, text: str) -> str:
    return sha256(f"{stars}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


# The outcome of one page: exactly one of these.


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page that was understood. No reviews here means: really none.

    `next` is the cursor of the following page (None: this was the last); it holds no secret.
    `declared_total` is the number of reviews the site itself claims. `ceiling`: the site shows no
    more than this many, so the last page proves nothing about older reviews. `shown`: how many
    reviews the page itself says it holds. `unrated`: how many of them come from elsewhere, without stars.
    """

    reviews: tuple[FetchedReview, ...]
    next: str | None = None
    declared_total: int | None = None
    ceiling: bool = False
    shown: int | None = None
    unrated: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one field on a page: `found` of `of` reviews have it (for "cards": reviews read of those the
    page itself says it holds). `share` is the least share of a healthy page, `ok` whether this one passes."""

    field: str
    found: int
    of: int
    share: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """The site refuses us: captcha, 403, 429, 507, 521. `retry_after` is what the site itself asked for."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LayoutChanged:
    """The page is not what it used to be; nothing of it is stored."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The card does not exist (any more), or not under this id."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The site is ill (5xx, an empty answer, a half one): nothing learned, try later."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """The credentials are not accepted."""

    reason: str


Outcome = Parsed | Blocked | LayoutChanged | Gone | Unavailable | Unauthorised
Failure = Blocked | LayoutChanged | Gone | Unavailable | Unauthorised


# The outcome of posting a reply or deleting it: exactly one of these, or a failure as above.


@dataclass(frozen=True, slots=True)
class Published:
    """The site took it. `reply` is what it holds now; None: it told nothing of that, or there is no reply any more."""

    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The site does not take this reply, now or later."""

    reason: str


PublishOutcome = Published | Refused | Failure


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; its text never leaves memory."""

    value: str = field(repr=False)
    expires_at: datetime


# --- what we keep -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A place's card on one site, as config.yaml lists it: enough to build requests.

    `id` is the external id; `params` holds what else a source needs (Google: account, location).
    """

    place: str
    source: str
    id: str
    timezone: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How people and logs call it: `lenina/yandex_maps`."""
        return f"{self.place}/{self.source}"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What config.yaml and the environment say about a source.

    `base_url` replaces the site's own address (a stand-in or a proxy), without a trailing slash; "" keeps it.
    `secrets` maps an option of `Source.env_options` without its `_env` (`key`) to the value found.
    """

    base_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class StoredReview:
    """What we hold of a review, as far as deciding needs it. `awaited`: a person has posted a reply that the site
    has not shown yet; `clock_began`: when the ticket's present clock did. `absences` and `reply_misses` count the
    consecutive good reads that did not show the review, or the reply. `changed_at`: when we first saw it as it is now
    (None: its words were erased); `last_seen_at`: when a page last showed it; `looked_at`: when its own page was read,
    where the list cuts texts."""

    id: int
    external_id: str
    digest: str
    mark: str
    revision: int
    stars: int | None = None
    looked_at: datetime | None = None
    reply: Reply | None = None
    reply_misses: int = 0
    awaited: bool = False
    clock_began: datetime | None = None
    absences: int = 0
    removed: bool = False
    forgotten: bool = False
    changed_at: datetime | None = None
    last_seen_at: datetime | None = None
    posted_precision: Precision = Precision.EXACT


class Target(StrEnum):
    """Which promise holds. UNCLASSIFIED: no verdict yet, so the stricter promise stands in."""

    UNCLASSIFIED = "unclassified"
    NEGATIVE = "negative"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The duty to answer one review.

    `started_at` is where the team's clock began, `armed_at` when the present deadline was set (the levels are
    counted between `armed_at` and `due_at`), `level` the last level told about this deadline. `met` is None
    while the clock runs, then whether the answer was in time (None too without a deadline). `fault` is what a person
    said of who is to blame, `measure` what was done about it, or "". The deadline follows from the promise for
    `target` (`reopened`: the one for replies refused or lost), counted from `started_at` and never before `floor_at`,
    by the promises that `policy` names. `acknowledged_by`: who said that they know. `answered_at` and `answered_met`:
    the first answer, which nothing that comes later undoes.
    """

    id: int
    review_id: int
    state: TicketState
    backlog: bool
    target: Target
    started_at: datetime
    armed_at: datetime
    due_at: datetime | None
    level: str
    next_change_at: datetime | None
    assignee: str | None
    met: bool | None
    closed_at: datetime | None
    fault: Fault = Fault.UNCONFIRMED
    measure: str = ""
    floor_at: datetime | None = None
    reopened: bool = False
    policy: str = ""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    answered_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What people said of one wording of a review, and who said which, last at `made_at`. `tone` None: left to the
    analysis; `complaint` None: not said."""

    tone: Tone | None
    complaint: bool | None
    tone_by: str | None
    complaint_by: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ListingState:
    """What we know of reading one card. `cursor` is where an unfinished read goes on; `read_started_at`
    and `read_seen` (reviews so far) describe that read; `complete_seen` and `complete_declared` the last
    one that reached the end. `error_*` tell of the failures since the last good
    read, `failing_since` of the first of them. `suspects` is how many reviews the last complete read did not show,
    not yet taken for removed. `etag` and `last_modified` are the first page's, for asking whether it changed.
    `usual_gap`: how many reviews fewer than declared complete reads show; `wide_gaps` how many in a row showed
    notably fewer. `silent_at`: having no new review until then is out of the ordinary."""

    id: int
    place: str
    source: str
    external_id: str
    next_check_at: datetime
    first_success_at: datetime | None
    enforce_from: datetime | None
    imported_at: datetime | None
    cursor: str | None
    read_started_at: datetime | None
    read_seen: int
    last_good_at: datetime | None
    last_complete_at: datetime | None
    complete_seen: int | None
    complete_declared: int | None
    declared_total: int | None
    suspects: int
    error_count: int
    error_message: str | None
    error_kind: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    failing_since: datetime | None = None
    silent_at: datetime | None = None
    usual_gap: int | None = None
    wide_gaps: int = 0

    @property
    def name(self) -> str:
        return f"{self.place}/{self.source}"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What reading a source cost: `requests` sent (robots.txt, redirects and tokens too), `bytes` of bodies as they
    came over the wire, answers that a page was `unchanged` (304)."""

    requests: int = 0
    bytes: int = 0
    unchanged: int = 0

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(self.requests + other.requests, self.bytes + other.bytes, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What manners toward a host need to remember between passes. `robots` is robots.txt as it was read ("" when the
    site has none), None when it has not been read; it holds until `robots_until`. `asked_at`: when the last request
    for a page went out. `waits`: source → until when the site asked to be left alone."""

    robots: str | None = None
    robots_until: datetime | None = None
    asked_at: datetime | None = None
    waits: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step did, for the report of a pass."""

    new: int = 0
    edited: int = 0
    vanished: int = 0
    opened: int = 0
    closed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.new + other.new,
            self.edited + other.edited,
            self.vanished + other.vanished,
            self.opened + other.opened,
            self.closed + other.closed,
        )
