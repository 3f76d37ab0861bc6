"""What all sites have in common: a reading that stops becomes its outcome; most lists tell all and need no token."""

from abc import ABC, abstractmethod
from dataclasses import replace

from monitor.dates import is_finer
from monitor.errors import UsageError
from monitor.model import (
    Card,
    FetchedReview,
    Finding,
    LayoutChanged,
    Outcome,
    Page,
    PageRequest,
    Parsed,
    PublishOutcome,
    Refused,
    Token,
    Unauthorised,
    Unavailable,
)
from monitor.sources.healthy import Healthy, complaint, detail_findings, findings
from monitor.sources.reading import Stop, changed

_BY_HAND = "Этот сайт не принимает ответы от программ: на отзыв отвечает человек."


class Site(ABC):
    """The part of `monitor.seams.Source` that does not differ. `healthy`: what the site's pages hold when they are read
    right; a page that holds less is a changed layout."""

    healthy = Healthy()

    card_is_address = False
    publishes = False
    edits_a_minute = 0

    def parse(self, page: Page, card: Card, cursor: str | None) -> Outcome:
        return self.inspect(page, card, cursor)[0]

    def inspect(self, page: Page, card: Card, cursor: str | None) -> tuple[Outcome, tuple[Finding, ...]]:
        try:
            parsed = self._read(page, card, cursor)
        except Stop as stop:
            return (self._unlike(stop.what) if stop.what else stop.outcome), ()
        told = findings(parsed, self.healthy)
        lacking = complaint(told)
        return (self._unlike(lacking) if lacking else parsed), told

    def parse_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview | Outcome:
        return self.inspect_detail(page, card, listed)[0]

    def inspect_detail(
        self, page: Page, card: Card, listed: FetchedReview
    ) -> tuple[FetchedReview | Outcome, tuple[Finding, ...]]:
        """What `parse_detail` answers, and what was found of each field on the page."""
        try:
            own = self._read_detail(page, card, listed)
        except Stop as stop:
            return stop.outcome, ()
        told = detail_findings(own, self.healthy)
        lacking = complaint(told)
        return (changed(lacking) if lacking else _completed(own, listed)), told

    def token_request(self) -> PageRequest | None:
        return None

    def parse_token(self, page: Page) -> Token | Unauthorised | Unavailable:
        return Unavailable("Этому сайту ключ доступа не нужен.")

    def publish_request(self, card: Card, external_id: str, text: str) -> PageRequest:
        raise UsageError(_BY_HAND)

    def retract_request(self, card: Card, external_id: str) -> PageRequest:
        raise UsageError(_BY_HAND)

    def parse_published(self, page: Page) -> PublishOutcome:
        return Refused(_BY_HAND)

    def _unlike(self, what: str) -> LayoutChanged:
        """How it is told that a list page is not as it should be; `what` as in `reading.changed`."""
        return changed(what)

    @abstractmethod
    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        """The list page at `cursor`; raises `Stop` where it cannot be read whole."""

    def _read_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview:
        """`listed` as its own page tells it, without what that page does not tell; raises `Stop`. Lists that tell
        everything never ask for one."""
        return listed


def _completed(own: FetchedReview, listed: FetchedReview) -> FetchedReview:
    """A review as its own page tells it, with what only the list told."""
    dated = listed if is_finer(listed.posted_precision, own.posted_precision) else own
    return replace(
        own,
        stars=own.stars or listed.stars,
        author=own.author or listed.author,
        posted_at=dated.posted_at,
        posted_precision=dated.posted_precision,
        detail=None,
    )
