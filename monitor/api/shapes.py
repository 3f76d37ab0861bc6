"""What answers hold, for the document: `monitor.contract` makes them, and a test compares the two."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from monitor.alerts import AlarmKind, Standing
from monitor.gestures import GestureState
from monitor.model import Precision, ReplyState, TicketState
from monitor.talk import DisputeState
from responders.types import Fault
from sentiment.types import Intent, Risk, Theme, Tone

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-21T12:00:00.000000Z"])]
Seconds = Annotated[float, Field(description="Seconds.")]


class ThemeMention(BaseModel):
    theme: Theme
    tone: Tone
    quote: str
    of: str | None = Field(None, description="Of `quality`: food, goods or work; left out where it is not known.")


class RiskMention(BaseModel):
    risk: Risk
    quote: str


class Evidence(BaseModel):
    phrase: str
    weight: float = Field(description="Above 0 it pulls towards negative.")


class Person(BaseModel):
    role: str
    name: str
    dative: str
    tone: Tone
    quote: str


class IntentMention(BaseModel):
    intent: Intent
    quote: str


class LintFinding(BaseModel):
    """A finding of the linter. `message` is Russian: for whoever mends the reply."""

    rule: str
    severity: Literal["error", "warning", "hint"]
    message: str


class Draft(BaseModel):
    number: int | None = Field(description="Grows with every wording.")
    text: str
    template: str
    warnings: list[LintFinding]
    author: str | None = Field(description="Who wrote or approved these words; null: Отклик itself.")
    stale: bool = Field(description="The review was changed since.")
    reason: str
    similarity: float


class Correction(BaseModel):
    tone: Tone | None
    complaint: bool | None
    by: str | None
    at: Moment


class Gesture(BaseModel):
    gesture: int
    what: str
    amount: int = Field(description="Roubles.")
    state: GestureState
    by: str
    at: Moment
    decided_by: str | None
    decided_at: Moment | None
    withdrawn_by: str | None
    withdrawn_at: Moment | None


class Ticket(BaseModel):
    """As `otklik queue list --json` has it."""

    ticket: int
    review: int
    state: TicketState
    sla: Standing | None = Field(description="null: no deadline.")
    due_at: Moment | None
    backlog: bool
    place: str
    source: str
    stars: int | None
    author: str
    text: str
    posted_at: Moment | None
    posted_precision: Precision
    first_seen_at: Moment
    revision: int = Field(description="Grows with every edit of the review.")
    tone: Tone | None = Field(description="null: not yet analysed.")
    flagged: bool | None
    uncertain: bool | None
    conflict: bool | None
    themes: list[ThemeMention]
    risks: list[RiskMention]
    evidence: list[Evidence]
    people: list[Person]
    intents: list[IntentMention]
    tone_by: str | None
    correction: Correction | None
    themes_by_hand: dict[str, bool]
    dangers_by_hand: dict[str, bool]
    dispute: DisputeState | None
    fault: Fault
    measure: str
    draft: Draft | None
    gestures: list[Gesture]
    assignee: str | None
    acknowledged_by: str | None
    url: str
    reply_url: str
    same_as: list[int] = Field(description="Tickets of the same words on other cards.")


class Revision(BaseModel):
    revision: int
    stars: int | None
    text: str
    seen_at: Moment


class Shown(BaseModel):
    """An answer that the site showed; text null: it was gone."""

    text: str | None
    at: Moment | None
    state: ReplyState | None
    seen_at: Moment


class Note(BaseModel):
    author: str
    at: Moment
    text: str


class Dispute(BaseModel):
    state: DisputeState
    by: str
    at: Moment
    why: str


class Happening(BaseModel):
    kind: str
    at: Moment
    actor: str = Field(description='A login, `api:` and the name of a token, or "" for the worker.')
    was: str
    became: str
    why: str


class WholeTicket(Ticket):
    """As `otklik queue show --json` has it."""

    revisions: list[Revision]
    replies: list[Shown]
    notes: list[Note]
    disputes: list[Dispute]
    events: list[Happening]


class Tickets(BaseModel):
    tickets: list[Ticket]
    next: str | None = Field(description="`cursor` of the next page; null: nothing follows.")


class Reply(BaseModel):
    text: str
    at: Moment | None


class Review(BaseModel):
    """As `otklik export` has it."""

    review: int
    place: str
    source: str
    external_id: str
    stars: int | None
    author: str
    text: str
    posted_at: Moment | None
    posted_precision: Precision
    first_seen_at: Moment
    revision: int
    removed_at: Moment | None
    reply: Reply | None
    tone: Tone | None
    themes: list[ThemeMention]
    risks: list[RiskMention]
    url: str
    same_as: int | None = Field(description="The first review of the same words.")


class Reviews(BaseModel):
    reviews: list[Review]
    erased: list[int] = Field(
        description="With `changed_since`: reviews of which nothing may be kept, erased or at other places by now."
    )
    next: str | None = Field(description="`cursor` of the next page; null: nothing follows.")
    sync: str = Field(description="For `changed_since` of a later request.")


# --- numbers ---------------------------------------------------------------------------------------


class Span(BaseModel):
    count: int
    median: Seconds | None
    p90: Seconds | None


class DatedSpan(Span):
    by_day: int = Field(description="How many are known to the day only.")


class Counted(BaseModel):
    """The reviews first seen in a period, and what has become of them until now."""

    came: int
    answerable: int
    answered: int
    rate: float | None
    in_time: int
    late: int
    beforehand: int = Field(description="An answer was there when we first saw the review.")
    waiting: int
    dropped: int
    backlog: int
    unanswerable: int
    needless: int
    withdrawn: int
    negative: int
    neutral: int
    positive: int
    starred: int
    average: float | None


class Bucket(Counted):
    since: Moment
    until: Moment


class Answers(BaseModel):
    count: int
    in_time: int
    late: int
    backlog: int
    beforehand: int = Field(description="They were there when we first saw the review.")
    team: Span
    working: Span | None
    customer: DatedSpan


class Compliance(BaseModel):
    due: int
    met: int
    late: int
    missed: int
    share: float | None


class OfPeriod(BaseModel):
    reviews: Counted
    answers: Answers
    compliance: Compliance
    intake_lag: Span


class Before(OfPeriod):
    since: Moment
    until: Moment


class Standings(BaseModel):
    open: int
    overdue: int
    oldest_overdue: Moment | None
    oldest_ticket: int | None
    backlog: int
    unanswerable: int


class Figures(OfPeriod):
    now: Standings


class Rise(BaseModel):
    theme: Theme
    count: int
    before: float
    chance: float
    rises: bool
    tickets: list[int]


class Numbers(BaseModel):
    """As `otklik stats --json` has it."""

    since: Moment
    until: Moment
    zone: str
    place: str | None
    source: str | None
    assignee: str | None
    at: Moment
    total: Figures
    previous: Before | None
    step: Literal["day", "week"]
    cohorts: list[Bucket]
    themes: list[Rise] | None
    places: dict[str, Figures]
    sources: dict[str, Figures]
    assignees: dict[str, Figures]


# --- what a webhook posts --------------------------------------------------------------------------


class AlarmTicket(BaseModel):
    """Keys and values of Ticket."""

    ticket: int
    state: TicketState
    sla: Standing | None
    due_at: Moment | None
    place: str
    place_title: str
    source: str
    stars: int | None
    tone: Tone | None
    themes: list[ThemeMention]
    risks: list[RiskMention]
    assignee: str | None
    url: str
    reply_url: str


class SiteAlarm(BaseModel):
    """What is wrong with reading a site."""

    alarm: int
    kind: AlarmKind
    source: str
    listing: str | None
    place: str | None
    message: str
    raised_at: Moment
    retry_at: Moment | None


class WebhookMessage(BaseModel):
    """What is posted to the address of a channel. `tickets` and `alarms` list at most 200, `total` counts all."""

    version: Literal[1]
    id: str
    recipient: str
    at: Moment
    subject: str
    text: str
    kind: str = Field(description="What it is about: deadline, danger, overdue, intake, test and so on.")
    level: str
    raised_at: Moment
    total: int
    tickets: list[AlarmTicket]
    alarms: list[SiteAlarm]
