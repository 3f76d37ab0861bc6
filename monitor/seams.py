"""Every protocol of ours on one page: what may be replaced, and by what kind of thing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts import Alert, Delivery, Message
from monitor.model import (
    Answerable,
    Card,
    FetchedReview,
    Finding,
    HostMemory,
    Outcome,
    Page,
    PageRequest,
    PublishOutcome,
    Token,
    Traffic,
    Unauthorised,
    Unavailable,
)
from responders.types import Draft, Situation
from sentiment.types import Verdict


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""


class Source(Protocol):
    """How one site speaks: builds requests and reads pages; touches nothing.

    `every` and `pace` are the defaults for a real site: how often a card is looked at, and the
    least time between two requests to its host. `obeys_robots` is False only for an API the
    owner holds a key to. `env_options` names the options in config.yaml that name environment
    variables with this source's secrets (`key_env`); `card_fields` the keys a listing must have;
    `card_is_address`: a card's id is the whole address of its page. `publishes`: the site takes replies from programs,
    at most `edits_a_minute` per card (posted, replaced or deleted).
    """

    name: str
    title: str
    base_url: str
    answerable: Answerable
    every: timedelta
    pace: timedelta
    obeys_robots: bool
    env_options: tuple[str, ...]
    card_fields: tuple[str, ...]
    card_is_address: bool
    publishes: bool
    edits_a_minute: int

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        """The page at `cursor`; None is the first, newest reviews first."""

    def parse(self, page: Page, card: Card, cursor: str | None) -> Outcome:
        """What that page says."""

    def inspect(self, page: Page, card: Card, cursor: str | None) -> tuple[Outcome, tuple[Finding, ...]]:
        """The same, and what was found of each field: also where too little of one is why the outcome is
        LayoutChanged. () where the page could not be read far enough to count."""

    def parse_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview | Outcome:
        """The whole review from its own page; `listed` is what the list page told. Never `Parsed`."""

    def token_request(self) -> PageRequest | None:
        """How to get an access token; None where none is needed."""

    def parse_token(self, page: Page) -> Token | Unauthorised | Unavailable:
        """The token in the answer."""

    def review_url(self, card: Card, external_id: str) -> str:
        """Where a person sees the review (or the nearest page to it)."""

    def reply_url(self, card: Card, external_id: str) -> str:
        """Where a person writes the reply; the review's page where the site has no cabinet."""

    def publish_request(self, card: Card, external_id: str, text: str) -> PageRequest:
        """Posts the reply, or replaces it; the same text again changes nothing. Raises UsageError where the site takes
        none from programs."""

    def retract_request(self, card: Card, external_id: str) -> PageRequest:
        """Deletes the reply. Raises UsageError as `publish_request` does."""

    def parse_published(self, page: Page) -> PublishOutcome:
        """What the site answered to either. A reason tells a person what to do: nobody repeats it by itself."""


class Session(Protocol):
    """The only way to the network."""

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        """Fetches one page at the pace its host is owed. Raises FetchError when no page could be had;
        any HTTP status is a page."""

    def traffic(self) -> Mapping[str, Traffic]:
        """What was sent since the last call, by source."""

    def close(self) -> None: ...


class HostBook(Protocol):
    """What a session remembers of hosts from one pass to the next: no robots.txt is asked for anew, and no pace
    forgotten, because cron started another process."""

    def recall(self, host: str) -> HostMemory | None: ...

    def remember(self, host: str, memory: HostMemory) -> None: ...


class SampleBook(Protocol):
    """Pages that could not be read, kept for whoever mends the source."""

    def keep(self, source: str, page: Page) -> str:
        """Saves the page without personal data; the file's name relative to the database's folder, "" when enough of
        that site are kept. Never raises: a sample is a help, no duty."""


class Channel(Protocol):
    """Delivers notifications."""

    def deliver(self, messages: Sequence[Message]) -> Iterable[Delivery]:
        """One result per message, in order, each as soon as it is known. Never raises for a message's own failure."""

    def describe(self) -> str:
        """Where the messages go, for a person (Russian)."""


class Renderer(Protocol):
    """Makes a mail of an alert. Raises OtklikError when it cannot."""

    def render(self, alert: Alert, *, now: datetime) -> Message: ...


class Analyser(Protocol):
    """Judges one review: any text, 1 to 5 stars or None. `author`: who signs, and is not one of the staff."""

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict: ...


class Responder(Protocol):
    """Drafts the reply to one review."""

    def draft(self, situation: Situation) -> Draft: ...
