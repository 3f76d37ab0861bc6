"""What the sites showed us: every answer to a request, with the reviews on it as they stood at that moment."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Page, PageRequest, Token, Traffic
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, TWOGIS, YANDEX, SiteCard, SiteReview
from monitor.standin.world import World
from tests.history.sites import listed
from tests.rig import DirectSession

# These look for marks of the stand-in's pages, on purpose not with the parsers that are under test.
_IDS: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r'"reviewId": "([^"]+)"'),
    TWOGIS: re.compile(r'\{"id": "(\d+)", "region_id"'),
    GOOGLE: re.compile(r'"reviewId": "([^"]+)"'),
    OTZOVIK: re.compile(r'class="review-title" itemprop="name" href="/review_(\d+)\.html"'),
    IRECOMMEND: re.compile(r'reviews-list-item teaser-item" data-type="1" data-nid="(\d+)"'),
}
"""Which reviews a page holds, in its order."""
_FOLLOWS: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r'"page": (\d+), "totalPages": (?!\1,)(?!0,)'),
    TWOGIS: re.compile(r'"next_link": "'),
    GOOGLE: re.compile(r'"nextPageToken": "'),
    OTZOVIK: re.compile(r'class="pager-item next'),
}
"""Whether a page says that another one is behind it; iRecommend's pager needs more than a pattern."""
_LATER_PAGE: Mapping[str, re.Pattern[str]] = {
    YANDEX: re.compile(r"[?&]page=(?!1\b)\d"),
    TWOGIS: re.compile(r"[?&](offset=(?!0\b)|offset_date=)"),
    GOOGLE: re.compile(r"[?&]pageToken="),
    OTZOVIK: re.compile(r"/reviews/[^/]+/\d+/"),
    IRECOMMEND: re.compile(r"[?&]page=[1-9]"),
}
"""Which addresses are not a list's first page."""


@dataclass(frozen=True, slots=True)
class Look:
    """One answer. `own`: the review whose own page was asked for; else it is a list page with `shown`. `read` counts
    the reads of a card: each begins at the first page. `first`, `last`: of the list. `intact`: a good answer, not what
    an ill site sends. `unchanged`: the site said so instead of sending the page."""

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
    """A Session that asks another one and keeps what the site showed in `looks`. `before` runs ahead of every request;
    `asking` is the source of the one under way; `hindered`: the sources that had trouble when asked for a token."""

    def __init__(self, inner: DirectSession, world: World, clock: Callable[[], datetime]) -> None:
        self.before: Callable[[], None] = lambda: None
        self.looks: list[Look] = []
        self.hindered: set[str] = set()
        self.asking = ""
        self._inner = inner
        self._world = world
        self._clock = clock
        self._reads: Counter[str] = Counter()
        self._bodies: dict[str, str] = {}  # of each address: what an answer "not changed" speaks of

    def forget(self) -> None:
        """Before the next pass."""
        self.looks.clear()
        self.hindered.clear()

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        self._inner.before = self.before
        self.asking = source
        page = self._inner.send(request, source=source, token=token)
        if not request.form:
            self._keep(request.url, page, source)
        elif page.status != 200 or source in self._world.trouble:
            self.hindered.add(source)
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
        body = self._bodies.get(url, "") if page.status == 304 else page.body.decode("utf-8", "replace")
        intact = trouble is None and (page.status in (200, 304) or (own is not None and page.status == 404))
        shown: dict[str, SiteReview] = {}
        if intact and page.status != 404:
            self._bodies[url] = body
            identities = [own] if own else list(dict.fromkeys(_IDS[source].findall(body)))
            shown = {identity: self._world.review(card, identity) for identity in identities}
        self.looks.append(
            Look(
                at=self._clock(),
                source=source,
                url=url,
                read=self._reads[source],
                own=own,
                first=first,
                last=not self._follows(source, body, shown, card),
                shown=shown,
                intact=intact,
                unchanged=page.status == 304,
            )
        )

    def _own(self, url: str, source: str, card: SiteCard) -> str | None:
        """The review whose own page has that address; None: it is a list page."""
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
