"""Reads one card: page after page until nothing new is to be expected, each page stored as soon as it is read."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.decide import TURN, Intent, Touch, decide_page, sudden_zero
from monitor.errors import AddressRefused, FetchError, OtklikError, PageTooLarge, RobotsDenied, Unreachable
from monitor.jobs.keys import Keys, NoToken
from monitor.jobs.ledger import BLOCKED, EMPTIED, UNAVAILABLE, UNREACHABLE, Ended, Ledger, Watched
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
    Unauthorised,
    Unavailable,
)
from monitor.seams import Clock, SampleBook, Session, Source
from monitor.store.intake import Progress
from monitor.store.sqlite import Store

__all__ = ["KINDS", "FailedRead", "Fetch", "Read", "Turn", "Watched"]

CURSOR_PATIENCE = 3
"""After so many failures in a row an unfinished read starts over: its cursor may have expired."""

LOOK_AGAIN = timedelta(days=30)
LOOKS = 3
"""How old the last look at a review's own page may grow; how many such pages a complete read adds to a list page."""

CONDITIONS = (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
"""Header of a request → what it repeats of an earlier answer."""

LONGEST_VALIDATOR = 256


@dataclass(frozen=True, slots=True)
class Emptied:
    """A card that had reviews shows none at all: rather the site's mistake than everybody's change of mind."""

    reason: str = (
        "на карточке вдруг нет ни одного отзыва, хотя они были: ничего не меняем, прочитаем ещё раз; "
        "проверьте карточку на сайте"
    )


KINDS: Mapping[type[object], str] = {
    Blocked: BLOCKED,
    LayoutChanged: "layout_changed",
    Gone: "gone",
    Unavailable: UNAVAILABLE,
    Unauthorised: "unauthorised",
    Emptied: EMPTIED,
    Unreachable: UNREACHABLE,
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
    """What became of a card's turn. `left`: its time ran out; the card stays due and the read goes on there."""

    changes: Changes
    failure: FailedRead | None = None
    left: bool = False

    @property
    def turned_away(self) -> bool:
        """The site refuses us, or our key: its other cards need not be asked in this pass. A refusal closes the site
        for longer; a key may be wrong for one card alone (Google), so that each has a pause of its own."""
        return self.failure is not None and self.failure.error in (BLOCKED, KINDS[Unauthorised])


@dataclass(frozen=True, slots=True)
class Turn:
    """How long a card may be read: at leisure until `ends`, `TURN` requests in any case, none that begins after
    `until`, when the pass is over."""

    ends: datetime
    until: datetime

    def is_over(self, now: datetime, requests: int) -> bool:
        return now >= self.until or (now >= self.ends and requests >= TURN)


class _Stopped(Exception):
    """The read ends here; `failure` None: out of time. `page` is the one that could not be read."""

    def __init__(self, failure: Failure | Emptied | None, page: Page | None = None) -> None:
        super().__init__()
        self.failure = failure
        self.page = page


class Fetch:
    """One per pass: access tokens live as long as it does."""

    def __init__(
        self,
        *,
        store: Store,
        session: Session,
        clock: Clock,
        watched: Mapping[str, Watched],
        cards: Mapping[tuple[str, str], Card],
        full_read: timedelta,
        samples: SampleBook,
    ) -> None:
        self.store = store
        self.full_read = full_read
        self.ledger = Ledger(store, session)
        self._keys = Keys(session, clock)
        self._clock = clock
        self._watched = watched
        self._cards = cards
        self._samples = samples

    def run(self, listing_id: int, site: str, turn: Turn) -> Read:
        """Reads the card until its end, until a whole page brings nothing new, or until its turn is over. A refusal
        closes `site`."""
        listing = self.store.listings.get(listing_id)
        watched = self._watched[listing.source]
        card = self._cards[listing.source, listing.external_id]
        reading = _Reading(self, listing, watched, card, turn)
        failure: Failure | Emptied | FetchError
        page: Page | None = None
        try:
            reading.run()
        except _Stopped as stopped:
            if stopped.failure is None:
                self.ledger.paused(listing, self._clock.now(), news=reading.changes.new > 0)
                return Read(reading.changes, left=True)
            failure, page = stopped.failure, stopped.page
        except FetchError as error:
            failure = error
        except OtklikError:
            raise  # the store's own trouble: not this card's fault, and the next one would fare no better
        except Exception as error:  # noqa: BLE001 - a mistake of ours with one card must not stop the others
            failure = _Stumbled(_where(error))
        else:
            return Read(reading.changes)
        return Read(reading.changes, self._failed(listing, watched, site, failure, page))

    def probe(self, card: Card, source: Source) -> str:
        """Reads the card's first page and stores nothing; why it could not be read, or "". Raises FetchError."""
        try:
            page = self.get(source.request(card, None), source)
        except _Stopped as stopped:
            return stopped.failure.reason if stopped.failure else ""
        outcome = source.parse(page, card, None)
        return "" if isinstance(outcome, Parsed) else outcome.reason

    def _failed(
        self,
        listing: ListingState,
        watched: Watched,
        site: str,
        failure: Failure | Emptied | FetchError,
        page: Page | None,
    ) -> FailedRead:
        kind = KINDS.get(type(failure), "internal")
        message = str(failure) if isinstance(failure, FetchError) else failure.reason
        if isinstance(failure, LayoutChanged) and page is not None:
            sample = self._samples.keep(listing.source, page)
            message = f"{message.rstrip('.')}. Образец страницы: {sample}" if sample else message
        retry_at = self.ledger.failed(
            listing,
            watched,
            site,
            self._clock.now(),
            kind=kind,
            message=message,
            asked_for=failure.retry_after if isinstance(failure, Blocked | Unavailable) else None,
        )
        return FailedRead(listing.name, kind, message, retry_at)

    # --- what a reading needs -----------------------------------------------------------------------

    def now(self) -> datetime:
        return self._clock.now()

    def get(self, request: PageRequest, source: Source) -> Page:
        """One page; `_Stopped` where it needs a token and none was given."""
        try:
            return self._keys.send(request, source)
        except NoToken as refused:
            raise _Stopped(refused.outcome) from None


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

    def __init__(self, job: Fetch, listing: ListingState, watched: Watched, card: Card, turn: Turn) -> None:
        self._job = job
        self._listing = listing
        self._watched = watched
        self._source = watched.source
        self._card = card
        self._turn = turn
        now = job.now()
        complete = listing.last_complete_at
        self._incremental = complete is not None and now - job.full_read < complete <= now and not listing.suspects
        resumed = listing.cursor is not None and listing.error_count < CURSOR_PATIENCE
        self._resumed = resumed
        self._cursor = listing.cursor if resumed else None
        self._started = None if resumed else now
        self._since = listing.last_good_at or _NEVER
        self._seen = listing.read_seen if resumed else 0
        self._requests = 0
        self._stored = False
        self._conditional = False
        # Of the page being read: reviews that need no more deciding, and whether anything on it was news.
        self._settled: set[str] = set()
        self._looks = 0
        self._news = False
        self.changes = Changes()

    def run(self) -> None:
        while True:
            page = self._page()
            parsed = self._parsed(page)
            if parsed is None:
                self._job.ledger.succeeded(self._listing, self._watched, self._job.now())
                return
            if self._store_page(page, parsed):
                return
            self._cursor = parsed.next
            self._stop_when_late()

    def _store_page(self, page: Page, parsed: Parsed) -> bool:
        """Decides and stores a page, and the end of the read with it where it ends there. Whether it does."""
        known = self._job.store.intake.known(self._listing.id, (review.external_id for review in parsed.reviews))
        self._news = any(self._is_news(stored) for stored in known.values())
        reviews = [review for listed in parsed.reviews if (review := self._whole(listed, known)) is not None]
        undecided = [review for review in reviews if review.external_id not in self._settled]
        intents = decide_page(known, undecided, self._since)
        last = parsed.next is None
        self._news |= any(not isinstance(intent, Touch) for intent in intents)
        # An empty page proves nothing; a whole page of known, unchanged reviews ends an everyday read.
        over = last or (self._incremental and bool(reviews) and not self._news)
        self._seen += len({review.external_id for review in reviews})
        if last and sudden_zero(self._seen, self._job.store.intake.held(self._listing.id)):
            raise _Stopped(Emptied())
        progress = Progress(
            seen=tuple(review.external_id for review in reviews),
            started=self._started,
            etag=_validator(page, "etag"),
            last_modified=_validator(page, "last-modified"),
            cursor=None if over else parsed.next,
            ended=last,
            complete=last and not parsed.ceiling,
            declared_total=parsed.declared_total,
        )
        with self._job.store.write():
            self._apply(intents, progress)
            if over:
                # With the last page or not at all: a read that is over and not known to be would count twice.
                ended = Ended(parsed.ceiling) if last else None
                now, news = self._job.now(), self.changes.new > 0
                self._job.ledger.succeeded(
                    self._listing, self._watched, now, resumed=self._resumed, news=news, ended=ended
                )
        self._started = None
        return over

    def _is_news(self, stored: StoredReview) -> bool:
        """Whether a review we hold came or changed since the card was last read well: a read that was cut short had
        stored it, and what stands behind it may be new, too."""
        good = self._listing.last_good_at
        return stored.changed_at is not None and (good is None or stored.changed_at > good)

    def _page(self) -> Page:
        request = self._source.request(self._card, self._cursor)
        conditions = self._conditions()
        self._conditional = bool(conditions)
        if conditions:
            request = replace(request, headers={**request.headers, **conditions})
        return self._get(request)

    def _get(self, request: PageRequest) -> Page:
        self._requests += 1
        return self._job.get(request, self._source)

    def _conditions(self) -> Mapping[str, str]:
        """Asks for the first page only if it changed since the last read that began with it came to its end; not
        where reviews must be looked at even so."""
        listing = self._listing
        if self._started is None or not self._incremental or listing.cursor is not None:
            return {}
        found = {header: value for header, name in CONDITIONS if (value := getattr(listing, name))}
        return found if found and not self._job.store.intake.in_doubt(listing.id, self._watched.rules) else {}

    def _parsed(self, page: Page) -> Parsed | None:
        """What the page says; None: it did not change, as we had asked."""
        if page.status == 304 and self._conditional:
            return None
        outcome = self._source.parse(page, self._card, self._cursor)
        if not isinstance(outcome, Parsed):
            raise _Stopped(outcome, page)
        if outcome.next is not None and outcome.next == self._cursor:
            raise _Stopped(LayoutChanged("площадка снова и снова отдаёт одну и ту же страницу"), page)
        self._settled = set()
        self._looks = 0
        return outcome

    def _whole(self, listed: FetchedReview, known: Mapping[str, StoredReview]) -> FetchedReview | None:
        """The review with its whole text. One that had to be read from its own page is stored at once: at 20 s
        a page, a card's first page may take longer than a pass has."""
        stored = known.get(listed.external_id)
        if listed.detail is None or (stored is not None and stored.forgotten):
            return listed
        if stored is not None and stored.mark == listed.mark and not self._needs_a_look(stored):
            self._settled.add(listed.external_id)  # unchanged since its page was read: nothing to decide
            return listed
        self._stop_when_late()
        page = self._get(listed.detail)
        whole = self._source.parse_detail(page, self._card, listed)
        if isinstance(whole, Gone):
            return None  # taken down between the list and now
        if not isinstance(whole, FetchedReview):
            assert not isinstance(whole, Parsed), "parse_detail never answers with a list"
            raise _Stopped(whole, page)
        whole = replace(whole, mark=listed.mark)
        intents = decide_page(known, [whole], self._since)
        self._news |= any(not isinstance(intent, Touch) for intent in intents)
        with self._job.store.write():
            self._apply(intents, None)
            self._job.store.intake.looked(self._listing.id, listed.external_id, self._job.now())
        self._settled.add(listed.external_id)
        return whole

    def _needs_a_look(self, stored: StoredReview) -> bool:
        """Whether a review's own page is read although the list shows it unchanged: something is in doubt, or it is
        time: what an author rewrote behind the cut, and a replaced answer, show nowhere else. A few a page and
        complete read, so that a card with hundreds of them is gone through over days."""
        if stored.removed or stored.awaited or stored.reply_misses > 0:
            return True
        old = stored.looked_at is None or self._job.now() - stored.looked_at >= LOOK_AGAIN
        if self._incremental or not old or self._looks >= LOOKS:
            return False
        self._looks += 1
        return True

    def _apply(self, intents: tuple[Intent, ...], progress: Progress | None) -> None:
        now, rules = self._job.now(), self._watched.rules
        self.changes += self._job.store.intake.apply(self._listing.id, intents, progress, rules, now)
        self._stored = True

    def _stop_when_late(self) -> None:
        """Every turn gets somewhere, however short: where nothing was stored yet, it goes on."""
        if self._stored and self._turn.is_over(self._job.now(), self._requests):
            raise _Stopped(None)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _validator(page: Page, header: str) -> str | None:
    """What may be sent back to ask whether the page changed; None: nothing of use."""
    value = page.headers.get(header, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_VALIDATOR else None
