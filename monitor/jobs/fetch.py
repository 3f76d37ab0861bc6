"""Reads one card: page after page until nothing new is to be expected, each page stored as soon as it is read."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.decide import Intent, Touch, decide_page, next_check, retry_pause, sudden_zero
from monitor.errors import AddressRefused, FetchError, OtklikError, PageTooLarge, RobotsDenied, Unreachable
from monitor.model import (
    Blocked,
    Card,
    Changes,
    Failure,
    FetchedReview,
    Gone,
    LayoutChanged,
    ListingState,
    Page,
    PageRequest,
    Parsed,
    StoredReview,
    Token,
    Unauthorised,
    Unavailable,
)
from monitor.seams import Clock, Session, Source
from monitor.store.intake import Progress, Rules
from monitor.store.sqlite import Store

CURSOR_PATIENCE = 3
"""After so many failures in a row an unfinished read starts over: its cursor may have expired."""

KINDS: Mapping[type[object], str] = {
    Blocked: "blocked",
    LayoutChanged: "layout_changed",
    Gone: "gone",
    Unavailable: "unavailable",
    Unauthorised: "unauthorised",
    Unreachable: "unreachable",
    PageTooLarge: "page_too_large",
    RobotsDenied: "robots_denied",
    AddressRefused: "address_refused",
}


@dataclass(frozen=True, slots=True)
class FailedRead:
    """Why a card could not be read, for the report of the pass. `message` is Russian, for a person."""

    listing: str
    error: str
    message: str
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one card. `left`: the pass ran out of time; the card stays due and the read goes on there."""

    changes: Changes
    failure: FailedRead | None = None
    left: bool = False

    @property
    def refused(self) -> bool:
        """The site as a whole turned us away: its other cards need not be asked now."""
        return self.failure is not None and self.failure.error == KINDS[Blocked]


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as configured: how it speaks, what its reviews are owed and how often its cards are read."""

    source: Source
    rules: Rules
    every: timedelta


class _Stopped(Exception):
    """The read ends here; `failure` None: out of time."""

    def __init__(self, failure: Failure | None) -> None:
        super().__init__()
        self.failure = failure


class Fetch:
    """One per pass: access tokens live as long as it does and are never stored."""

    def __init__(
        self,
        *,
        store: Store,
        session: Session,
        clock: Clock,
        watched: Mapping[str, Watched],
        cards: Mapping[tuple[str, str], Card],
        full_read: timedelta,
    ) -> None:
        self._store = store
        self._session = session
        self._clock = clock
        self._watched = watched
        self._cards = cards
        self._full_read = full_read
        self._tokens: dict[str, Token] = {}

    def run(self, listing: ListingState, until: datetime) -> Read:
        """Reads the card until its end, until a whole page brings nothing new, or until `until`."""
        watched = self._watched[listing.source]
        reading = _Reading(self, listing, watched, self._cards[listing.source, listing.external_id], until)
        failure: Failure | FetchError
        try:
            reading.run()
        except _Stopped as stopped:
            if stopped.failure is None:
                return Read(reading.changes, left=True)
            failure = stopped.failure
        except FetchError as error:
            failure = error
        except OtklikError:
            raise  # the store's own trouble: not this card's fault, and the next one would fare no better
        except Exception as error:  # noqa: BLE001 - a mistake of ours with one card must not stop the others
            failure = _Stumbled(_where(error))
        else:
            now = self._clock.now()
            self._store.listings.succeeded(listing.id, now, now + watched.every)
            return Read(reading.changes)
        return Read(reading.changes, self._failed(listing, failure, watched))

    def probe(self, card: Card, source: Source) -> str:
        """Reads the card's first page and stores nothing; why it could not be read, or "". Raises FetchError."""
        try:
            page = self.get(source.request(card, None), source)
        except _Stopped as stopped:
            return stopped.failure.reason if stopped.failure else ""
        outcome = source.parse(page, card, None)
        return "" if isinstance(outcome, Parsed) else outcome.reason

    def _failed(self, listing: ListingState, failure: Failure | FetchError, watched: Watched) -> FailedRead:
        now = self._clock.now()
        asked_for = failure.retry_after if isinstance(failure, Blocked | Unavailable) else None
        hiccup = isinstance(failure, Unreachable | Unavailable)
        retry_at = next_check(now, retry_pause(listing.error_count + 1, watched.every, hiccup=hiccup), asked_for)
        message = str(failure) if isinstance(failure, FetchError) else failure.reason
        failed = FailedRead(listing.name, KINDS.get(type(failure), "internal"), message, retry_at)
        self._store.listings.failed(listing.id, kind=failed.error, message=message, now=now, retry_at=retry_at)
        return failed

    # --- what a reading needs -----------------------------------------------------------------------

    def now(self) -> datetime:
        return self._clock.now()

    @property
    def store(self) -> Store:
        return self._store

    @property
    def full_read(self) -> timedelta:
        return self._full_read

    def get(self, request: PageRequest, source: Source) -> Page:
        """One page, with the access token the request asks for; a token that ran out is renewed once."""
        token = self._token(source) if request.bearer else None
        page = self._session.send(request, source=source.name, token=token)
        if request.bearer and page.status == 401:
            self._tokens.pop(source.name, None)
            page = self._session.send(request, source=source.name, token=self._token(source))
        return page

    def _token(self, source: Source) -> Token | None:
        token = self._tokens.get(source.name)
        if token is not None and token.expires_at > self._clock.now():
            return token
        request = source.token_request()
        if request is None:
            return None
        answer = source.parse_token(self._session.send(request, source=source.name))
        if not isinstance(answer, Token):
            raise _Stopped(answer)
        self._tokens[source.name] = answer
        return answer


class _Stumbled(FetchError):
    """The program itself failed on this card."""


def _where(error: Exception) -> str:
    """What went wrong and where, without the data it went wrong with."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"ошибка в программе ({type(error).__name__}, {Path(frame.filename).name}:{frame.lineno}); сообщите нам о ней"
    )


class _Reading:
    """One card being read."""

    def __init__(self, job: Fetch, listing: ListingState, watched: Watched, card: Card, until: datetime) -> None:
        self._job = job
        self._listing = listing
        self._source = watched.source
        self._rules = watched.rules
        self._card = card
        self._until = until
        self._incremental = False
        # Of the page being read: reviews that need no more deciding, and whether anything on it was news.
        self._settled: set[str] = set()
        self._news = False
        self.changes = Changes()

    def run(self) -> None:
        cursor = self._begin()
        while True:
            page = self._parsed(cursor)
            known = self._job.store.intake.known(self._listing.id, (review.external_id for review in page.reviews))
            reviews = [review for listed in page.reviews if (review := self._whole(listed, known)) is not None]
            intents = decide_page(known, (review for review in reviews if review.external_id not in self._settled))
            last = page.next is None
            self._news |= any(not isinstance(intent, Touch) for intent in intents)
            # An empty page proves nothing; a whole page of known, unchanged reviews ends an everyday read.
            enough = last or (self._incremental and bool(reviews) and not self._news)
            if last:
                self._refuse_sudden_zero(len(reviews))
            self._apply(
                intents,
                Progress(
                    seen=tuple(review.external_id for review in reviews),
                    cursor=None if enough else page.next,
                    ended=last,
                    complete=last and not page.ceiling,
                    one_page=cursor is None,
                    declared_total=page.declared_total,
                ),
            )
            if enough:
                return
            cursor = page.next
            self._stop_when_late()

    def _begin(self) -> str | None:
        """Where to start: at the page at which an earlier read was interrupted, else at the first."""
        listing, now = self._listing, self._job.now()
        complete = listing.last_complete_at
        self._incremental = complete is not None and now - complete < self._job.full_read and not listing.suspects
        if listing.cursor is not None and listing.error_count < CURSOR_PATIENCE:
            return listing.cursor
        self._job.store.intake.begin_read(listing.id, now)
        return None

    def _parsed(self, cursor: str | None) -> Parsed:
        page = self._job.get(self._source.request(self._card, cursor), self._source)
        outcome = self._source.parse(page, self._card, cursor)
        if not isinstance(outcome, Parsed):
            raise _Stopped(outcome)
        if outcome.next is not None and outcome.next == cursor:
            raise _Stopped(LayoutChanged("площадка снова и снова отдаёт одну и ту же страницу"))
        self._settled = set()
        self._news = False
        return outcome

    def _refuse_sudden_zero(self, on_last_page: int) -> None:
        listing = self._job.store.listings.get(self._listing.id)
        if sudden_zero(listing.read_seen + on_last_page, self._job.store.intake.held(listing.id)):
            raise _Stopped(
                Unavailable(
                    "на карточке вдруг нет ни одного отзыва, хотя они были: ничего не меняем, прочитаем ещё раз; "
                    "проверьте карточку на сайте"
                )
            )

    def _whole(self, listed: FetchedReview, known: Mapping[str, StoredReview]) -> FetchedReview | None:
        """The review with its whole text. One that had to be read from its own page is stored at once: at 20 s
        a page, a card's first page may take longer than a pass has."""
        stored = known.get(listed.external_id)
        if listed.detail is None or (stored is not None and stored.forgotten):
            return listed
        if stored is not None and stored.mark == listed.mark and not _needs_a_look(stored):
            self._settled.add(listed.external_id)  # unchanged since its page was read: nothing to decide
            return listed
        self._stop_when_late()
        page = self._job.get(listed.detail, self._source)
        whole = self._source.parse_detail(page, self._card, listed)
        if isinstance(whole, Gone):
            return None  # taken down between the list and now
        if not isinstance(whole, FetchedReview):
            assert not isinstance(whole, Parsed), "parse_detail never answers with a list"
            raise _Stopped(whole)
        whole = replace(whole, mark=listed.mark)
        intents = decide_page(known, [whole])
        self._news |= any(not isinstance(intent, Touch) for intent in intents)
        self._apply(intents, None)
        self._settled.add(listed.external_id)
        return whole

    def _apply(self, intents: tuple[Intent, ...], progress: Progress | None) -> None:
        now = self._job.now()
        self.changes += self._job.store.intake.apply(self._listing.id, intents, progress, self._rules, now)

    def _stop_when_late(self) -> None:
        if self._job.now() >= self._until:
            raise _Stopped(None)


def _needs_a_look(stored: StoredReview) -> bool:
    """Whether a review's own page is read although the list shows it unchanged."""
    return stored.removed or stored.awaited or stored.reply_misses > 0
