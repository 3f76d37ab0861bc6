# A method of the Source protocol gets the same arguments on every site, needed there or not.
"""What all sites have in common: a reading that stops becomes its outcome; most lists tell all and need no token."""

from abc import ABC, abstractmethod

from monitor.model import Card, FetchedReview, Outcome, Page, PageRequest, Parsed, Token, Unauthorised, Unavailable
from monitor.sources.reading import Stop


class Site(ABC):
    """The part of `monitor.seams.Source` that does not differ."""

    def parse(self, page: Page, card: Card, cursor: str | None) -> Outcome:
        try:
            return self._read(page, card, cursor)
        except Stop as stop:
            return stop.outcome

    def parse_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview | Outcome:
        try:
            return self._read_detail(page, listed)
        except Stop as stop:
            return stop.outcome

    def token_request(self) -> PageRequest | None:
        return None

    def parse_token(self, page: Page) -> Token | Unauthorised | Unavailable:
        return Unavailable("Этому сайту ключ доступа не нужен.")

    @abstractmethod
    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        """The list page at `cursor`; raises `Stop` where it cannot be read whole."""

    def _read_detail(self, page: Page, listed: FetchedReview) -> FetchedReview:
        """The review's own page; raises `Stop`. Lists that tell everything never ask for one."""
        return listed
