"""A seeded life of five cards, our reading of it, and an oracle that compares the two.

    Life      what happens on the sites and in the office: between passes, and in the middle of reads
    Recorder  every page a site really showed us, with the reviews as they stood at that moment
    Oracle    from the sites' own log and those pages: what we must hold, what we may hold, what nobody could know
    Run       the loop: gap, people, pass (some are killed), comparison; at the end a calm, and everything must agree

The oracle asks three questions after every pass. Is what we hold what the pages showed, in their order and no more?
Did the reader look at enough: complete reads that are complete, everyday reads that stop only where nothing is new?
Do tickets follow? At the end each line of the sites' log is either in our history, or one of the things that a
reader cannot know, each kind by a rule of its own; anything else raises `Mismatch` with seed, day, card and story.
"""

import random
import re
import sqlite3
import sys
import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from monitor.clock import from_iso
from monitor.errors import Conflict
from monitor.model import Page, PageRequest, ReplyState, Token, Traffic
from monitor.sources.reading import compose
from monitor.standin import otzovik
from monitor.standin.load import load_rows
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, SOURCES, TWOGIS, YANDEX, SiteCard, SiteReview
from monitor.standin.world import Happened, Trouble, What, World
from tests.rig import NOON, DirectSession, Rig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CUT = (OTZOVIK, IRECOMMEND)
"""Sites whose list cuts texts: the whole review stands on its own page."""
FULL_READ = DAY
"""The default of `http.full_read`: a card is read to its end at least so often."""


class Mismatch(AssertionError):
    """Our history is not the sites', and no rule explains it."""


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


# --- the truth ----------------------------------------------------------------------------------

Content = tuple[str, int | None]
"""What makes a revision: the words, their white space aside, and the stars."""

Said = tuple[str, str]
"""A reply: its words and its state."""


def plain(text: str) -> str:
    return " ".join(text.split())


def content(source: str, review: SiteReview) -> Content:
    if source in CUT:
        points = (", ".join(part.splitlines()) for part in (review.pros, review.cons))
        return plain(compose(review.title, review.text, *points)), review.stars
    return plain(review.text), review.stars


def said(source: str, review: SiteReview, at: datetime, moderation: timedelta) -> Said | None:
    """The reply as the site shows it to us at that moment."""
    reply = review.shown_reply if source == GOOGLE else review.public_reply
    if reply is None or source == IRECOMMEND:
        return None
    state = reply.state
    if state is ReplyState.PENDING and reply.at is not None and at >= reply.at + moderation:
        state = ReplyState.PUBLISHED
    return plain(reply.text), state.value


def face(source: str, review: SiteReview, at: datetime) -> tuple[object, ...] | None:
    """What a list shows of a review whose whole text stands on its own page only; None where the list tells all."""
    if source == IRECOMMEND:
        return review.title, plain(review.text)[:200], review.stars
    if source == OTZOVIK:
        line, remarks = otzovik.teaser(review), sum(1 for _ in otzovik.comments(review, at))
        if remarks or line.endswith("..."):
            return review.title, line, review.pros, review.cons, review.stars, remarks
    return None


def listed(source: str, review: SiteReview) -> bool:
    """Яндекс lists no ratings without text."""
    return not review.hidden and (source != YANDEX or bool(review.text))


MOVES: Mapping[str, frozenset[What]] = {
    source: frozenset(
        (What.HIDDEN, What.RESTORED, What.PINNED, What.UNPINNED, What.MOVED)
        + ((What.EDITED, What.TOUCHED) if source in (YANDEX, GOOGLE) else ())
    )
    for source in SOURCES
}
"""What shifts a site's list in such a way that a reader of several pages may step over a review."""

Key = tuple[str, str]
"""(source, external id): five cards, one on each site."""


class Truth:
    """The world's log, by review."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read = 0
        self.lives: defaultdict[Key, list[Happened]] = defaultdict(list)
        self._moves: defaultdict[str, list[datetime]] = defaultdict(list)

    def follow(self) -> None:
        for entry in self._world.log[self._read :]:
            if entry.new is not None:
                self.lives[entry.source, entry.new.external_id].append(entry)
                if entry.what in MOVES[entry.source]:
                    self._moves[entry.source].append(entry.at)
        self._read = len(self._world.log)

    def moves(self, source: str, start: datetime, end: datetime) -> int:
        return sum(start <= at <= end for at in self._moves[source])

    def at(self, key: Key, moment: datetime) -> SiteReview | None:
        life = self.lives[key]
        place = bisect_right(life, moment, key=lambda entry: entry.at)
        return life[place - 1].new if place else None

    def listed_throughout(self, key: Key, start: datetime, end: datetime) -> bool:
        states = [self.at(key, start)] + [entry.new for entry in self.lives[key] if start < entry.at <= end]
        return all(review is not None and listed(key[0], review) for review in states)

    def absent_throughout(self, key: Key, start: datetime, end: datetime) -> bool:
        states = [self.at(key, start)] + [entry.new for entry in self.lives[key] if start < entry.at <= end]
        return all(review is None or not listed(key[0], review) for review in states)

    def of(self, source: str) -> Iterator[Key]:
        return (key for key in self.lives if key[0] == source)


# --- what the sites showed us ---------------------------------------------------------------------

_IDS: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r'"reviewId": "([^"]+)"'),
    TWOGIS: re.compile(r'\{"id": "(\d+)", "region_id"'),
    GOOGLE: re.compile(r'"reviewId": "([^"]+)"'),
    OTZOVIK: re.compile(r'class="review-title" itemprop="name" href="/review_(\d+)\.html"'),
    IRECOMMEND: re.compile(r'reviews-list-item teaser-item" data-type="1" data-nid="(\d+)"'),
}
_FOLLOWS: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r'"page": (\d+), "totalPages": (?!\1,)(?!0,)'),
    TWOGIS: re.compile(r'"next_link": "'),
    GOOGLE: re.compile(r'"nextPageToken": "'),
    OTZOVIK: re.compile(r'class="pager-item next'),
}
_LATER_PAGE: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r"[?&]page=(?!1\b)\d"),
    TWOGIS: re.compile(r"[?&](offset=(?!0\b)|offset_date=)"),
    GOOGLE: re.compile(r"[?&]pageToken="),
    OTZOVIK: re.compile(r"/reviews/[^/]+/\d+/"),
    IRECOMMEND: re.compile(r"[?&]page=[1-9]"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One answer. `own`: the review whose own page was asked for; else it is a list page with `shown`. `read` counts
    the reads of a card: each begins at the first page. `unchanged`: the site said so instead of sending the page."""

    at: datetime
    source: str
    url: str
    read: int
    own: str | None
    first: bool
    last: bool
    shown: Mapping[str, SiteReview]
    intact: bool
    unchanged: bool


class Recorder:
    """A Session that asks another one and keeps what the site showed. `before` runs ahead of every request."""

    def __init__(self, inner: DirectSession, world: World, clock: Callable[[], datetime]) -> None:
        self.before: Callable[[], None] = lambda: None
        self.looks: list[Look] = []
        self.asking = ""
        self.kept: dict[str, str] = {}
        self._inner = inner
        self._world = world
        self._clock = clock
        self._reads: Counter[str] = Counter()

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        self._inner.before = self.before
        self.asking = source
        page = self._inner.send(request, source=source, token=token)
        if not request.form:
            self._keep(request.url, page, source)
        return page

    def traffic(self) -> Mapping[str, Traffic]:
        return self._inner.traffic()

    def close(self) -> None:
        self._inner.close()

    def _keep(self, url: str, page: Page, source: str) -> None:
        trouble = self._world.trouble.get(source)
        card = self._world.card(source)
        own = self._own(url, source, card)
        first = own is None and not _LATER_PAGE[source].search(url)
        self._reads[source] += first
        body = self.kept.get(url, "") if page.status == 304 else page.body.decode("utf-8", "replace")
        intact = trouble is None and (page.status in (200, 304) or (own is not None and page.status == 404))
        shown: dict[str, SiteReview] = {}
        if intact and page.status != 404:
            self.kept[url] = body
            identities = [own] if own else list(dict.fromkeys(_IDS[source].findall(body)))
            shown = {identity: self._world.review(card, identity) for identity in identities}
        self.looks.append(
            Look(
                self._clock(),
                source,
                url,
                self._reads[source],
                own,
                first,
                not self._follows(source, body, shown, card),
                shown,
                intact,
                page.status == 304,
            )
        )

    def _own(self, url: str, source: str, card: SiteCard) -> str | None:
        if source == OTZOVIK:
            found = re.search(r"/review_(\d+)\.html", url)
            return found[1] if found else None
        if source == IRECOMMEND:
            slug = re.search(r"/content/([^/?]+)", url)
            named = slug[1] if slug else ""
            return next((each.external_id for each in self._world.all_reviews(card) if each.slug == named), None)
        return None

    def _follows(self, source: str, body: str, shown: Mapping[str, SiteReview], card: SiteCard) -> bool:
        """Whether the page says that there is another one behind it."""
        if source == IRECOMMEND:
            numbers = {int(number) for number in re.findall(r"[?&;]page=(\d+)", body)}
            oldest = min((review.posted_at for review in shown.values()), default=None)
            return bool(numbers) and any(
                listed(source, review) and oldest is not None and review.posted_at < oldest
                for review in self._world.all_reviews(card)
            )
        return bool(_FOLLOWS[source].search(body))


# --- what we hold -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """One review of ours, as the database tells it."""

    id: int
    first_seen_at: datetime
    last_seen_at: datetime
    removed_at: datetime | None
    reply: Said | None
    revisions: tuple[Content, ...]
    seen_at: tuple[datetime, ...]
    ticket: str | None
    events: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    held: Mapping[Key, Held]
    listings: Mapping[str, Mapping[str, Any]]


def snapshot(database: Path) -> Snapshot:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        revisions: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
        for row in connection.execute("SELECT * FROM revision ORDER BY review_id, number"):
            revisions[row["review_id"]].append(row)
        events: defaultdict[int, list[tuple[str, datetime]]] = defaultdict(list)
        for row in connection.execute("SELECT review_id, kind, at FROM event ORDER BY id"):
            events[row["review_id"]].append((row["kind"], from_iso(row["at"])))
        query = """SELECT r.*, l.source, t.state AS ticket FROM review r JOIN listing l ON l.id = r.listing_id
            LEFT JOIN ticket t ON t.review_id = r.id"""
        held = {(row["source"], row["external_id"]): _held(row, revisions, events) for row in connection.execute(query)}
        listings = {row["source"]: dict(row) for row in connection.execute("SELECT * FROM listing")}
    return Snapshot(held, listings)


def _held(
    row: sqlite3.Row,
    revisions: Mapping[int, Sequence[sqlite3.Row]],
    events: Mapping[int, Sequence[tuple[str, datetime]]],
) -> Held:
    own = revisions[row["id"]]
    assert [each["number"] for each in own] == list(range(1, len(own) + 1)), "revisions count from 1"
    assert (own[-1]["text"], own[-1]["stars"]) == (row["text"], row["stars"]), "the last revision is the review"
    reply = None if row["reply_text"] is None else (plain(row["reply_text"]), row["reply_state"])
    return Held(
        id=row["id"],
        first_seen_at=from_iso(row["first_seen_at"]),
        last_seen_at=from_iso(row["last_seen_at"]),
        removed_at=None if row["removed_at"] is None else from_iso(row["removed_at"]),
        reply=reply,
        revisions=tuple((plain(each["text"]), each["stars"]) for each in own),
        seen_at=tuple(from_iso(each["seen_at"]) for each in own),
        ticket=row["ticket"],
        events=tuple(events[row["id"]]),
    )


# --- the oracle -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """What we may believe of one review: revisions since the last comparison, the reply, and how often in a row it
    was missed, last after how many good reads of the card."""

    news: tuple[Content, ...] = ()
    reply: Said | None = None
    misses: int = 0
    missed_in: int = -1


@dataclass(slots=True)
class Belief:
    """Every state that the pages so far allow: more than one where a killed pass may or may not have kept a page."""

    revisions: tuple[Content, ...] = ()
    states: frozenset[State] = frozenset((State(),))
    faces: frozenset[tuple[object, ...]] = frozenset()
    removed: bool = False
    shown_at: datetime | None = None  # by the last page that was certainly kept
    perhaps_at: datetime | None = None  # by the last page, kept or not

    @property
    def known(self) -> bool:
        return bool(self.revisions) or all(state.news for state in self.states)


@dataclass(frozen=True, slots=True)
class Complete:
    """A read to the end of a card, from its first page to its last. `calm`: nothing moved meanwhile."""

    start: datetime
    end: datetime
    exposed: frozenset[str]
    calm: bool
    gap: int


@dataclass(frozen=True, slots=True)
class PassLog:
    """What became of one pass. `read`: the sources whose card was read without a failure."""

    start: datetime
    end: datetime
    killed: bool
    read: frozenset[str]
    looked: frozenset[str]


class Oracle:
    """`check` after every pass, `reckon` at the end. `differences` counts what a reader could not know."""

    def __init__(self, world: World, seed: int, begins: datetime) -> None:
        self.world = world
        self.truth = Truth(world)
        self.differences: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        """What really happened: so that a run that proves nothing is noticed."""
        self.completes: defaultdict[str, list[Complete]] = defaultdict(list)
        self.passes: list[PassLog] = []
        self._seed = seed
        self._begins = begins
        self._beliefs: defaultdict[Key, Belief] = defaultdict(Belief)
        self._chain: defaultdict[str, list[Look]] = defaultdict(list)
        self._good: Counter[str] = Counter()
        self._before = Snapshot({}, {})
        self._looks: defaultdict[Key, list[tuple[Look, bool]]] = defaultdict(list)
        self._replies: defaultdict[Key, list[tuple[datetime, Said | None]]] = defaultdict(list)
        self._absences: defaultdict[Key, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        self._now = begins

    def check(self, start: datetime, now: datetime, looks: Sequence[Look], after: Snapshot, *, killed: bool) -> None:
        """Everything that can be said after one pass. Raises Mismatch."""
        self.truth.follow()
        self._now = now
        by_source: defaultdict[str, list[Look]] = defaultdict(list)
        for look in looks:
            by_source[look.source].append(look)
        read = frozenset(source for source in SOURCES if self._moved("last_good_at", source, after))
        self.passes.append(PassLog(start, now, killed, read, frozenset(by_source)))
        for source, own in by_source.items():
            self._read(source, own, after, succeeded=source in read)
        for key in after.held.keys() - self.truth.lives.keys():
            self._fail(key, "we hold a review that never existed")
        for key in self.truth.lives:
            self._compare(key, after.held.get(key))
        for source in by_source:
            self._removals(source, after)
        for key, held in after.held.items():
            if not killed:
                self._ticket(key, held)
        self._before = after

    def submitted(self, key: Key) -> None:
        """A person has posted a reply: from here on its misses are counted anew."""
        belief = self._beliefs[key]
        belief.states = frozenset(replace(state, misses=0, missed_in=-1) for state in belief.states)

    def _moved(self, column: str, source: str, after: Snapshot) -> bool:
        before = self._before.listings.get(source, {}).get(column)
        now: str | None = after.listings.get(source, {}).get(column)
        return now is not None and now != before

    # --- one card in one pass -----------------------------------------------------------------------

    def _read(self, source: str, looks: Sequence[Look], after: Snapshot, *, succeeded: bool) -> None:
        complete = self._moved("last_complete_at", source, after)
        last_list: Look | None = None
        news = False
        for number, look in enumerate(looks):
            if look.first:
                self._chain[source].clear()
            if not look.intact:
                self.seen["bad answers"] += 1
                continue
            rest = looks[number + 1 :]
            again = any(later.url == look.url for later in rest)  # its turn was over before the page was done
            sure = not again and (succeeded or complete or self._was_kept(look, rest, after))
            own_pages = self._own_pages(looks, number)
            changed = self._exposed(look, own_pages, sure=sure)
            if look.own is None:
                last_list, news = look, changed
                self.seen["later pages"] += not look.first
                if sure:
                    self._chain[source].append(look)
            else:
                news |= changed
        if complete:
            self._completed(source)
        elif succeeded:
            self._stopped_rightly(source, last_list, after, news=news)
        if complete or succeeded:
            self._newcomers(source, after)
            self._good[source] += 1
        if after.listings[source]["cursor"] is not None:
            self.seen["interrupted reads"] += 1
        elif (succeeded or complete) and looks and looks[0].own is None and not looks[0].first:
            self.seen["resumed reads"] += 1

    def _was_kept(self, look: Look, rest: Sequence[Look], after: Snapshot) -> bool:
        """Whether a page of a read that did not end well was certainly stored: another one was asked for after it, or
        we say so ourselves."""
        if look.own is not None:
            return any(later.own != look.own for later in rest)
        if any(later.own is None and later.url != look.url for later in rest):
            return True
        rows = [after.held.get((look.source, identity)) for identity in look.shown]
        return bool(rows) and all(row is not None and row.last_seen_at >= look.at for row in rows)

    @staticmethod
    def _own_pages(looks: Sequence[Look], number: int) -> set[str]:
        """Reviews whose own pages were asked for before the next list page."""
        pages = set()
        for look in looks[number + 1 :]:
            if look.own is not None:
                pages.add(look.own)
            elif look.url != looks[number].url:  # the same page again: its turn was over, and it has another one
                break
        return pages

    def _exposed(self, look: Look, own_pages: set[str], *, sure: bool) -> bool:
        """The page as we may or must have taken it in; whether anything on it was certainly news to us."""
        news = False
        for identity, review in look.shown.items():
            key = look.source, identity
            belief = self._beliefs[key]
            cut = face(look.source, review, look.at) if look.own is None else None
            if cut is not None:
                self._face_shown(key, belief, cut, read=identity in own_pages, sure=sure)
            else:
                self._looks[key].append((look, sure))
                news |= self._whole_shown(key, belief, look, review, sure=sure)
            belief.perhaps_at = look.at
            if sure:
                belief.shown_at = look.at
        return news

    def _face_shown(self, key: Key, belief: Belief, cut: tuple[object, ...], *, read: bool, sure: bool) -> None:
        if read:
            belief.faces = frozenset((cut,)) if sure else belief.faces | {cut}
        elif sure and (cut not in belief.faces or belief.removed):
            self._fail(key, "the list shows it differently, and nobody looked at its own page")

    def _whole_shown(self, key: Key, belief: Belief, look: Look, review: SiteReview, *, sure: bool) -> bool:
        source = look.source
        now_said = said(source, review, look.at, self.world.moderation)
        stepped = frozenset(
            self._step(belief, state, content(source, review), now_said, self._good[source]) for state in belief.states
        )
        was_news = all(
            (state.news, state.reply) != (before.news, before.reply)
            for state, before in zip(stepped, belief.states, strict=False)
        )
        news = was_news and not (stepped & belief.states)
        belief.states = stepped if sure and not look.unchanged else stepped | belief.states
        return news or belief.removed

    def _step(self, belief: Belief, state: State, shown: Content, reply: Said | None, read: int) -> State:
        """The rules: other words or stars are a revision; a reply is gone when two reads in a row miss it."""
        current = (*belief.revisions, *state.news)[-1:]
        news = state.news if current == (shown,) else (*state.news, shown)
        if reply is not None:
            return State(news, reply)
        if state.reply is None or state.missed_in == read:
            return replace(state, news=news)
        if state.misses + 1 >= 2:
            return State(news)
        return State(news, state.reply, state.misses + 1, read)

    # --- enough of it? --------------------------------------------------------------------------------

    def _completed(self, source: str) -> None:
        """We say that the card was read to its end: was it, and from its first page on?"""
        chain = self._chain[source]
        if not chain or not chain[0].first or not chain[-1].last:
            self._fail((source, ""), "a read is called complete that did not go from the first page to the last")
        start, end = chain[0].at, chain[-1].at
        exposed = frozenset(identity for look in chain for identity in look.shown)
        moves = self.truth.moves(source, start, end)
        there = [key for key in self.truth.of(source) if self.truth.listed_throughout(key, start, end)]
        missed = [key for key in there if key[1] not in exposed]
        if len(missed) > moves:
            self._fail(missed[0], f"a complete read from {start} stepped over it, though {moves} reviews moved")
        self.differences["stepped over while the list moved"] += len(missed)
        self.completes[source].append(
            Complete(start, end, exposed, calm=not moves, gap=self._declared(source, end) - len(exposed))
        )
        self.seen["complete reads"] += 1
        self.seen["complete reads of several pages"] += len(chain) > 1

    def _declared(self, source: str, at: datetime) -> int:
        states = [self.truth.at(key, at) for key in self.truth.of(source)]
        everything = source == YANDEX and self.world.counts_ratings
        return sum(
            review is not None and (not review.hidden if everything else listed(source, review)) for review in states
        )

    def _stopped_rightly(self, source: str, last: Look | None, after: Snapshot, *, news: bool) -> None:
        """An everyday read stops only on a whole page of known, unchanged reviews, and only for a day."""
        if last is None:
            self._fail((source, ""), "a card counts as read, and no list page was asked for")
        if after.listings[source]["cursor"] is not None:
            self._fail((source, ""), "a card counts as read, and its read is not at its end")
        completes = self.completes[source]
        if not completes or last.at - completes[-1].end > FULL_READ + HOUR:
            self._fail((source, ""), "no complete read for more than a day, and an everyday read was thought enough")
        if news and not last.last:
            self._fail((source, ""), "an everyday read stopped on a page that had news")
        self.seen["everyday reads"] += 1
        self.seen["pages that had not changed"] += last.unchanged

    def _newcomers(self, source: str, after: Snapshot) -> None:
        """Whoever wrote before a good read began stands near the top, and was seen."""
        start, end = self._chain[source][0].at, self._chain[source][-1].at
        for key in self.truth.of(source):
            written = self.truth.lives[key][0].at
            if key not in after.held and self.truth.listed_throughout(key, written, end) and written < start:
                if any(key[1] in read.exposed for read in self.completes[source]) or not self.truth.moves(
                    source, start, end
                ):
                    self._fail(key, f"written before the good read of {start}, and we do not know it")
                self.differences["new, and stepped over while the list moved"] += 1

    # --- what we hold ----------------------------------------------------------------------------------

    def _compare(self, key: Key, held: Held | None) -> None:
        belief = self._beliefs[key]
        actual = ((), None) if held is None else (held.revisions, held.reply)
        possible = frozenset(
            state for state in belief.states if ((*belief.revisions, *state.news), state.reply) == actual
        )
        if not possible:
            expected = [((*belief.revisions, *state.news), state.reply) for state in belief.states]
            self._fail(key, f"we hold {actual}\n  the pages allow {expected}")
        belief.states = frozenset(replace(state, news=()) for state in possible)
        belief.revisions = actual[0]
        if held is None:
            return
        before = self._before.held.get(key)
        if before is None and held.first_seen_at < self.truth.lives[key][0].at:
            self._fail(key, f"first seen at {held.first_seen_at}, before it was written")
        if before is not None and before.revisions != held.revisions[: len(before.revisions)]:
            self._fail(key, "an old revision was rewritten")
        if before is None or before.reply != held.reply:
            self._replies[key].append((self._now, held.reply))

    def _removals(self, source: str, after: Snapshot) -> None:
        completes = self.completes[source]
        for key in self.truth.of(source):
            held, belief = after.held.get(key), self._beliefs[key]
            if held is None:
                continue
            removed = held.removed_at is not None
            if removed and not belief.removed:
                self._removal_proven(key, held, belief)
            elif belief.removed and not removed:
                self._absences[key][-1] = (self._absences[key][-1][0], self._now)
                self.seen["returns"] += 1
                self._told(key, held, "returned")
            if removed and belief.shown_at is not None and held.removed_at and belief.shown_at > held.removed_at:
                self._fail(key, f"removed since {held.removed_at}, though a page showed it at {belief.shown_at}")
            belief.removed = removed
            since = belief.perhaps_at or self._begins
            proofs = self._proofs(key, [read for read in completes if read.start > since])
            if proofs >= 2 and not removed:
                self._fail(key, f"{proofs} complete reads in a row did not show it, and it does not count as removed")

    def _removal_proven(self, key: Key, held: Held, belief: Belief) -> None:
        since = belief.shown_at or self._begins
        missed = [read for read in self.completes[key[0]] if read.end > since and key[1] not in read.exposed]
        if len(missed) < 2:
            self._fail(key, f"counts as removed after {len(missed)} complete read(s) without it")
        review = self.truth.at(key, missed[-1].end)
        if review is not None and listed(key[0], review):
            if any(read.calm for read in missed[-2:]):
                self._fail(key, "counts as removed, and the site shows it")
            self.differences["taken for removed: stepped over twice while the list moved"] += 1
        self.seen["removals"] += 1
        self._absences[key].append((self._now, None))
        self._told(key, held, "removed", "vanished")

    def _told(self, key: Key, held: Held, *kinds: str) -> None:
        """Whether the change stands in the review's history as well."""
        before = self._before.held.get(key)
        lines = held.events[len(before.events) if before else 0 :]
        if not any(kind in kinds for kind, _ in lines):
            self._fail(key, f"{' or '.join(kinds)}, and its history says nothing of it: {lines}")

    def _proofs(self, key: Key, completes: Sequence[Complete]) -> int:
        """How many of these complete reads certainly proved that the review is not there."""
        gaps = {read.start: before.gap for before, read in pairwise(self.completes[key[0]])}
        return sum(
            key[1] not in read.exposed
            and self.truth.absent_throughout(key, read.start, read.end)
            and read.calm
            and read.gap <= gaps.get(read.start, read.gap)
            for read in completes
        )

    def _ticket(self, key: Key, held: Held) -> None:
        waiting = held.ticket in ("open", "approved")
        if held.removed_at is not None and (waiting or held.ticket == "unanswerable"):
            self._fail(key, f"it is gone, and its ticket is {held.ticket}")
        if held.removed_at is None and held.ticket == "removed":
            self._fail(key, "it is there, and its ticket is closed as removed")
        published = held.reply is not None and held.reply[1] == ReplyState.PUBLISHED
        last = next((kind for kind, _ in reversed(held.events) if kind in _TURNS), "")
        if published and waiting and last in ("answered", "confirmed"):
            self._fail(key, "its answer is known, and its ticket waits for one")
        if held.reply is None and held.ticket == "answered" and held.removed_at is None:
            self._fail(key, "its answer is gone, and its ticket is closed as answered")
        if held.ticket is None and held.reply is None and held.removed_at is None:
            self._fail(key, "it has no answer and no ticket")

    # --- the reckoning ------------------------------------------------------------------------------------

    def reckon(self, after: Snapshot) -> None:
        """Every line of the sites' log: in our history, or out of any reader's sight by a rule."""
        for key in self.truth.lives:
            held = after.held.get(key)
            if held is not None:
                self._nothing_invented(key, held)
            for start, end, shown in self._spells(key, content):
                self._account("words", key, start, end, self._recorded(held, shown, start, end))
            for start, end, now_said in self._spells(key, self._says):
                if now_said is not None:
                    self._account("reply", key, start, end, self._believed(key, now_said, start, end))
            self._account_absences(key, held)
            self._agree(key, held)

    def _agree(self, key: Key, held: Held | None) -> None:
        """After a calm of some days nothing may be left to say."""
        source, review = key[0], self.world.review(self.world.card(key[0]), key[1])
        if not listed(source, review):
            if held is not None and held.removed_at is None:
                self._fail(key, "it is gone for days, and does not count as removed")
            return
        if held is None or held.removed_at is not None:
            self._fail(key, "it is there, and we do not know")
        told = content(source, review), said(source, review, self._now, self.world.moderation)
        if (held.revisions[-1], held.reply) != told and source not in CUT:
            self._fail(key, f"in the end we hold {held.revisions[-1]}, {held.reply}; the site shows {told}")

    def _believed(self, key: Key, reply: Said, start: datetime, end: datetime | None) -> bool:
        beliefs = self._replies[key]
        for number, (at, belief) in enumerate(beliefs):
            until = beliefs[number + 1][0] if number + 1 < len(beliefs) else None
            # What a pass brought is known here at its end: up to an hour later.
            overlaps = (end is None or at <= end + HOUR) and (until is None or until > start)
            if belief is not None and belief[0] == reply[0] and overlaps:
                return True
        return False

    def _nothing_invented(self, key: Key, held: Held) -> None:
        """Each revision was on the site when we say we saw it, and the first one not before the review was written."""
        spells = list(self._spells(key, content))
        for shown, at in zip(held.revisions, held.seen_at, strict=True):
            # A list page is stored when the own pages of its reviews have been read: up to a pass later.
            if not any(
                shown == true and start <= at and (end is None or at <= end + HOUR) for start, end, true in spells
            ):
                self._fail(key, f"revision {shown} of {at} never stood there then")

    def _says(self, source: str, review: SiteReview) -> Said | None:
        return said(source, review, self._now, self.world.moderation)

    def _spells(
        self, key: Key, value: Callable[[str, SiteReview], Any]
    ) -> Iterator[tuple[datetime, datetime | None, Any]]:
        """The times during which the site listed the review with the same value."""
        start, current = None, None
        for entry in self.truth.lives[key]:
            assert entry.new is not None
            visible = listed(key[0], entry.new)
            new = value(key[0], entry.new) if visible else None
            if start is not None and (not visible or new != current):
                yield start, entry.at, current
                start = None
            if visible and start is None:
                start, current = entry.at, new
        if start is not None:
            yield start, None, current

    @staticmethod
    def _recorded(held: Held | None, shown: Content, start: datetime, end: datetime | None) -> bool:
        """Whether it became a revision then, or was the words we had already."""
        if held is None:
            return False
        for number, at in enumerate(held.seen_at):
            until = held.seen_at[number + 1] if number + 1 < len(held.seen_at) else None
            overlaps = (end is None or at <= end + HOUR) and (until is None or until > start)
            if held.revisions[number] == shown and overlaps:
                return True
        return False

    def _account(self, what: str, key: Key, start: datetime, end: datetime | None, recorded: bool) -> None:
        if recorded:
            self.seen[f"{what} recorded"] += 1
            return
        reason = self._reason(what, key, start, end or self._now)
        if end is None and reason != _CUT:
            self._fail(key, f"its {what} since {start} are not in our history: {reason}")
        self.differences[f"{what}: {reason}"] += 1

    def _reason(self, what: str, key: Key, start: datetime, end: datetime) -> str:
        """Why nobody could know. Raises Mismatch where somebody could."""
        looks = [(look, sure) for look, sure in self._looks[key] if start <= look.at <= end]
        if any(sure and not look.unchanged for look, sure in looks):
            self._fail(key, f"a page showed its {what} between {start} and {end}, and we do not have them")
        if looks:
            return "seen only by a pass that was killed or broke off"
        source = key[0]
        passes = [entry for entry in self.passes if entry.end >= start and entry.start <= end]
        if not passes:
            return "there and gone between two passes"
        good = [entry for entry in passes if source in entry.read]
        if not good:
            return "there and gone while the site was not asked, refused or was broken, or passes were killed"
        whole = [read for read in self.completes[source] if start <= read.start and read.end <= end]
        if not whole:
            return "there and gone between two complete reads"
        if all(key[1] not in read.exposed for read in whole):
            return "stepped over while the list moved"
        if source in CUT:
            return _CUT
        self._fail(key, f"its {what} between {start} and {end} are missing, and no rule explains it")

    def _account_absences(self, key: Key, held: Held | None) -> None:
        gone: datetime | None = None
        for entry in self.truth.lives[key]:
            assert entry.new is not None
            visible = listed(key[0], entry.new)
            if not visible and gone is None and entry.what is not What.ADDED:
                gone = entry.at
            elif visible and gone is not None:
                self._account_absence(key, held, gone, entry.at)
                gone = None
        if gone is not None:
            self._account_absence(key, held, gone, self._now)

    def _account_absence(self, key: Key, held: Held | None, start: datetime, end: datetime) -> None:
        if held is None or held.first_seen_at > end:
            self.differences["removed: before we knew it"] += 1
            return
        if any(since <= end + HOUR and (until is None or until >= start) for since, until in self._absences[key]):
            self.seen["absences recorded"] += 1
            return
        whole = [read for read in self.completes[key[0]] if start <= read.start and read.end <= end]
        if self._proofs(key, whole) >= 2:
            self._fail(
                key, f"absent from {start} to {end}, through {len(whole)} complete reads, and not in our history"
            )
        self.differences["removed: for fewer than two complete reads that prove it"] += 1

    # --- failing ---------------------------------------------------------------------------------------------

    def _fail(self, key: Key, why: str) -> NoReturn:
        day = (self._now - self._begins) / DAY
        lines = [f"seed {self._seed}, day {day:.2f}, {key[0]} {key[1]}: {why}", "the site:"]
        for entry in self.truth.lives.get(key, ()):
            assert entry.new is not None
            reply = entry.new.reply
            shown = f"{entry.new.stars}* {entry.new.text[:70]!r}" + (f" reply {reply.text[:40]!r}" if reply else "")
            lines.append(f"  {entry.at:%m-%d %H:%M:%S} {entry.what:<14} {shown}")
        lines.append("pages that showed it whole (* = certainly kept):")
        lines += [
            f"  {look.at:%m-%d %H:%M:%S} read {look.read}{' own page' if look.own else ''}{' *' if sure else ''}"
            for look, sure in self._looks[key][-12:]
        ]
        lines.append("complete reads of the card:")
        lines += [
            f"  {read.start:%m-%d %H:%M:%S}–{read.end:%H:%M:%S} {'calm' if read.calm else 'moved'} gap {read.gap}"
            f" {'with' if key[1] in read.exposed else 'without'} it"
            for read in self.completes[key[0]][-6:]
        ]
        lines.append(f"before this pass: {self._before.held.get(key)}")
        lines.append("passes:")
        lines += [
            f"  {entry.start:%m-%d %H:%M:%S}–{entry.end:%H:%M:%S}{' killed' if entry.killed else ''}"
            f"{' asked' if key[0] in entry.looked else ''}{' read' if key[0] in entry.read else ''}"
            for entry in self.passes[-8:]
        ]
        raise Mismatch("\n".join(lines))


_CUT = "the list shows no difference: it cuts texts and only counts comments"
_TURNS = ("opened", "reopened", "revised", "answered", "confirmed", "returned", "reply_gone")


# --- what happens -------------------------------------------------------------------------------------

_TROUBLES = (
    *(Trouble.CAPTCHA, Trouble.CAPTCHA_200, Trouble.RATE_LIMITED, Trouble.RATE_LIMITED_BARE, Trouble.FORBIDDEN),
    *(Trouble.SERVER_ERROR, Trouble.EMPTY, Trouble.TRUNCATED, Trouble.CHANGED_MARKUP, Trouble.GONE),
    Trouble.UNAUTHORISED,
)


class Life:
    """Chance, seeded: what people write, what companies answer, what sites do."""

    def __init__(self, world: World, dice: random.Random, clock: Callable[[], datetime], seed: int) -> None:
        self.world = world
        self.done: Counter[str] = Counter()
        self._dice = dice
        self._clock = clock
        self._rows = load_rows(1_000_000, seed)
        self._ill_until: dict[str, datetime] = {}
        self._changes: Mapping[Callable[[SiteCard], bool], int] = {
            self._add: 30,
            self._edit: 18,
            self._edit_tail: 4,
            self._touch: 4,
            self._like: 4,
            self._hide: 10,
            self._restore: 9,
            self._reply: 14,
            self._reword: 5,
            self._remove_reply: 5,
            self._flicker: 10,
            self._pin: 4,
            self._move: 5,
            self._add_words: 4,
        }

    def begin(self, reviews: int) -> None:
        """What stands on each card before we look for the first time."""
        now = self._clock()
        for card in self.world.cards():
            for number in range(reviews):
                self._write(card, now - timedelta(days=1 + 3 * (reviews - number), minutes=self._dice.randrange(600)))
            for _ in range(reviews // 3):
                self._reply(card)

    def happen(self, card: SiteCard) -> None:
        """One change on that card, if it finds something to change."""
        self.world.now = self._clock()
        (change,) = self._dice.choices(list(self._changes), list(self._changes.values()))
        if change(card):
            self.done[change.__name__.strip("_")] += 1

    def weather(self, chance: float) -> None:
        """Sites fall ill for minutes or hours, and recover."""
        now = self.world.now = self._clock()
        for source in SOURCES:
            if source in self._ill_until and now >= self._ill_until[source]:
                del self._ill_until[source]
                self.world.afflict(source, None)
            elif source not in self._ill_until and self._dice.random() < chance:
                trouble = self._dice.choice(_TROUBLES)
                self._ill_until[source] = now + MINUTE * 10 ** self._dice.uniform(0, 2.8)
                self.world.afflict(source, trouble)
                self.done[f"trouble {trouble}"] += 1

    def calm(self) -> None:
        """All sites are well, and show every reply."""
        self._ill_until.clear()
        self.world.now = self._clock()
        for source in SOURCES:
            self.world.afflict(source, None)
        for card in self.world.cards():
            for review in self.world.all_reviews(card):
                if review.reply_withheld:
                    self.world.withhold_reply(card, review.external_id, withheld=False)

    # --- one kind of change each ---------------------------------------------------------------------

    def _pick(self, card: SiteCard, test: Callable[[SiteReview], bool]) -> SiteReview | None:
        """One of the reviews that pass; recent ones three times as often as all."""
        found = [review for review in self.world.all_reviews(card) if test(review)]
        if found and self._dice.random() < 0.75:
            found = found[-10:]
        return self._dice.choice(found) if found else None

    def _text(self) -> str:
        words = self._dice.choice((1, 1, 2, 4))
        return " ".join(next(self._rows)["text"] for _ in range(words))

    def _write(self, card: SiteCard, at: datetime) -> SiteReview:
        row = next(self._rows)
        wordless = card.source not in CUT and self._dice.random() < 0.1
        starless = not wordless and card.source not in CUT and self._dice.random() < 0.05
        return self.world.add(
            card,
            text="" if wordless else self._text(),
            stars=None if starless else row["stars"],
            author=row["author"],
            title=row["title"] if card.source in CUT else "",
            posted_at=at,
        )

    def _add(self, card: SiteCard) -> bool:
        self._write(card, self._clock())
        return True

    def _edit(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: bool(review.text) and not review.hidden)
        if review is None:
            return False
        text = self._text() if self._dice.random() < 0.7 else None
        stars = self._dice.randint(1, 5) if text is None or self._dice.random() < 0.3 else review.stars
        self.world.edit(card, review.external_id, text=text, stars=stars)
        return True

    def _edit_tail(self, card: SiteCard) -> bool:
        """The end of a long text, which lists do not show."""
        review = self._pick(card, lambda review: len(review.text) > 300 and not review.hidden)
        if review is None:
            return False
        self.world.edit(card, review.external_id, text=f"{review.text} И ещё раз об этом: {self._dice.random()}")
        return True

    def _add_words(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: not review.text and not review.hidden)
        if review is None:
            return False
        self.world.edit(card, review.external_id, text=self._text())
        return True

    def _touch(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: not review.hidden)
        return review is not None and bool(self.world.touch(card, review.external_id))

    def _like(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: not review.hidden)
        return review is not None and bool(self.world.like(card, review.external_id, review.likes + 1))

    def _hide(self, card: SiteCard) -> bool:
        everything = self.world.all_reviews(card)
        if sum(review.hidden for review in everything) > len(everything) // 4:
            return False
        review = self._pick(card, lambda review: not review.hidden)
        return review is not None and bool(self.world.hide(card, review.external_id))

    def _restore(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: review.hidden)
        return review is not None and bool(self.world.restore(card, review.external_id))

    def _reply(self, card: SiteCard) -> bool:
        review = self._pick(
            card, lambda review: review.reply is None and (bool(review.text) or card.source not in (TWOGIS, YANDEX))
        )
        if review is None or card.source == IRECOMMEND:
            return False
        state = ReplyState.PUBLISHED
        if card.source == GOOGLE:
            state = self._dice.choice((ReplyState.PUBLISHED, ReplyState.PENDING, ReplyState.REJECTED))
        text = f"Спасибо за отзыв! {self._dice.randrange(10**6)}"
        self.world.reply(card, review.external_id, text, state=state)
        return True

    def _reword(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: review.reply is not None)
        if review is None:
            return False
        self.world.reply(card, review.external_id, f"Ещё раз спасибо! {self._dice.randrange(10**6)}")
        return True

    def _remove_reply(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: review.reply is not None)
        return review is not None and bool(self.world.remove_reply(card, review.external_id))

    def _flicker(self, card: SiteCard) -> bool:
        """A reply that pages leave out for a while, or the end of that."""
        review = self._pick(card, lambda review: review.reply_withheld)
        review = review or self._pick(card, lambda review: review.reply is not None)
        if review is None:
            return False
        self.world.withhold_reply(card, review.external_id, withheld=not review.reply_withheld)
        return True

    def _pin(self, card: SiteCard) -> bool:
        if card.source not in (YANDEX, TWOGIS):
            return False
        pinned = next((review for review in self.world.all_reviews(card) if review.pinned), None)
        if pinned is not None:
            self.world.pin(card, pinned.external_id, pinned=False)
        review = self._dice.choice(self.world.all_reviews(card))
        return bool(self.world.pin(card, review.external_id))

    def _move(self, card: SiteCard) -> bool:
        review = self._pick(card, lambda review: not review.hidden)
        if review is None or card.source != YANDEX:
            return False
        self.world.move(card, review.external_id, HOUR * self._dice.uniform(-5, 5))
        return True


# --- kill -9 ----------------------------------------------------------------------------------------------

_OURS = ("/monitor/store/", "/monitor/jobs/", "/monitor/engine.py", "/monitor/decide.py", "/monitor/notify/file.py")


@contextmanager
def killed_at(crossing: int, *, reader: bool) -> Iterator[Callable[[], bool]]:
    """Ends whatever runs inside at the `crossing`-th line of ours that the reading thread (or the main one) is about
    to run, and the other threads at their next line: files are then as after `kill -9`. Yields whether it has."""
    left, dead = crossing, False

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left, dead
        if event == "call" and not any(part in frame.f_code.co_filename for part in _OURS):
            return None
        if event == "line":
            if (threading.current_thread() is not threading.main_thread()) == reader:
                left -= 1
            if dead or left == 0:
                dead = True
                raise Killed
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield lambda: dead
    finally:
        sys.settrace(before)
        threading.settrace(before)


# --- the run --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Summary:
    """`done`: what happened on the sites; `seen`: what the reading met; `differences`: what nobody could know."""

    done: Counter[str]
    seen: Counter[str]
    differences: Counter[str]
    reviews: int
    passes: int
    killed: int

    def __str__(self) -> str:
        lines = [f"{self.passes} passes ({self.killed} killed), {self.reviews} reviews"]
        for title, counts in (
            ("on the sites", self.done),
            ("while reading", self.seen),
            ("what a reader cannot know", self.differences),
        ):
            lines.append(f"{title}:")
            lines += [f"  {count:6}  {name}" for name, count in sorted(counts.items()) if count]
        return "\n".join(lines)


_GAPS = tuple(HOUR * hours for hours in (0.3, 3, 7, 10, 14, 19))
"""Between two passes: irregular, so that some everyday reads are due and some whole ones."""
_LOADED = frozenset(("analyser", "responder", "renderer"))


@dataclass(slots=True)
class Run:
    """`days` of virtual time from `seed` in `folder`. `reviews`: how many each card begins with; `pace`: changes a day
    on all cards together; `slow`: so many times longer gaps between passes."""

    folder: Path
    seed: int
    days: int
    reviews: int = 12
    pace: float = 14.0
    slow: float = 1.0
    rig: Rig = field(init=False)
    life: Life = field(init=False)
    oracle: Oracle = field(init=False)
    _dice: random.Random = field(init=False)
    _recorder: Recorder = field(init=False)
    _killed: int = 0

    def go(self) -> Summary:
        """Raises Mismatch."""
        self._prepare()
        clock = self.rig.clock
        ends = clock.now() + self.days * DAY
        while clock.now() < ends:
            self._wait(self.slow * self._dice.choice(_GAPS))
            self._pass()
            if self._dice.random() < 0.3:
                self._people()
            if self._dice.random() < 0.1:
                self._restart()
        self._calm()
        self._mails()
        problems = self.rig.app.store.problems()
        assert problems == [], problems
        self.rig.app.close()
        oracle = self.oracle
        return Summary(
            self.life.done,
            oracle.seen,
            oracle.differences,
            len(self._snapshot().held),
            len(oracle.passes),
            self._killed,
        )

    def _prepare(self) -> None:
        self._dice = random.Random(self.seed)
        world = World(NOON)
        world.counts_ratings = True
        self.rig = Rig(self.folder, world)
        clock = self.rig.clock
        self.life = Life(world, self._dice, clock.now, self.seed)
        self.life.begin(self.reviews)
        self.oracle = Oracle(world, self.seed, clock.now())
        self._recorder = Recorder(self.rig.session, world, clock.now)
        self.rig.session = self._recorder  # type: ignore[assignment]  # a Session too, and all that a rig asks of it
        self.rig.restart()

    def _restart(self) -> None:
        """A new process with the same files. What only reads files that never change is not loaded anew: it is most of
        the time, and holds nothing of ours."""
        loaded = {name: value for name, value in vars(self.rig.app).items() if name in _LOADED}
        self.rig.restart()
        vars(self.rig.app).update(loaded)

    def _snapshot(self) -> Snapshot:
        return snapshot(self.rig.app.config.database)

    def _wait(self, gap: timedelta) -> None:
        """Time passes, and things happen in it."""
        clock = self.rig.clock
        until = clock.now() + gap
        while True:
            step = DAY * self._dice.expovariate(self.pace)
            if clock.now() + step >= until:
                clock.advance(until - clock.now())
                break
            clock.advance(step)
            self.life.happen(self._dice.choice(self.life.world.cards()))
        self.life.weather(gap / (8 * DAY))

    def _between_pages(self) -> None:
        """Ahead of every request: it took some seconds, and the world did not wait."""
        self.rig.clock.advance(timedelta(seconds=self._dice.uniform(1, 12)))
        if self._dice.random() < 0.06:
            cards = self.life.world.cards()
            own = self.life.world.card(self._recorder.asking)
            self.life.happen(own if self._dice.random() < 0.7 else self._dice.choice(cards))
            self.rig.clock.advance(timedelta(seconds=1))
        if self._dice.random() < 0.02:
            self.life.weather(0.15)

    def _pass(self) -> None:
        start = self.rig.clock.now()
        self._recorder.looks.clear()
        self._recorder.before = self._between_pages
        kill = self._dice.random()
        killed = False
        try:
            if kill < 0.12:
                with killed_at(int(10 ** self._dice.uniform(1, 3.7)), reader=self._dice.random() < 0.7) as dead:
                    self.rig.run()
                    killed = dead()
            elif kill < 0.17:
                self._die_asking(self._dice.randint(1, 12))
                self.rig.run()
            else:
                self.rig.run()
        except Killed:
            killed = True
        if killed:
            self._killed += 1
            self._restart()
        now = self.rig.clock.now()
        self.oracle.check(start, now, self._recorder.looks, self._snapshot(), killed=killed)

    def _die_asking(self, requests: int) -> None:
        """Killed while waiting for an answer."""

        def before() -> None:
            nonlocal requests
            requests -= 1
            if requests <= 0:
                raise Killed
            self._between_pages()

        self._recorder.before = before

    def _people(self) -> None:
        """What the team does between two passes."""
        queue = self.rig.queue()
        actions = self.rig.app.actions("anna")
        for view in self._dice.sample(queue, min(len(queue), 3)):
            choice = self._dice.random()
            card = self.life.world.card(view.source)
            try:
                if choice < 0.5:
                    if choice < 0.35 and view.source != IRECOMMEND:  # the others only say that they have posted it
                        self.life.world.now = self.rig.clock.now()
                        self.life.world.reply(card, view.external_id, f"Отвечаем: {view.ticket}")
                    actions.submitted(view.ticket)
                    self.oracle.submitted((view.source, view.external_id))
                    self.life.done["submitted by a person"] += 1
                elif choice < 0.7:
                    actions.dismiss(view.ticket, "other")
                else:
                    actions.take(view.ticket)
            except Conflict:
                continue

    def _calm(self) -> None:
        """Some days without any change: whatever can be known is known after them."""
        self.life.calm()
        for _ in range(10):
            self.rig.clock.advance(13 * HOUR)
            self._recorder.looks.clear()
            self._recorder.before = lambda: self.rig.clock.advance(timedelta(seconds=2))
            start = self.rig.clock.now()
            self.rig.run()
            now = self.rig.clock.now()
            self.oracle.check(start, now, self._recorder.looks, self._snapshot(), killed=False)
        self.oracle.reckon(self._snapshot())

    def _mails(self) -> None:
        """Each alert went out once: as many names as mails, and as many mails as the outbox says."""
        names = [str(message_from_bytes(path.read_bytes())["message-id"]) for path in self.rig.mails()]
        assert len(names) == len(set(names)), "a Message-ID stands on two mails"
        with closing(sqlite3.connect(self.rig.app.config.database)) as connection:
            sent = {name for (name,) in connection.execute("SELECT message_id FROM notification WHERE state = 'sent'")}
        assert set(names) >= sent, "a mail counts as sent and is not there"
