"""What a site's pages let a reader see of one review, and what its list hides: pure functions of the truth."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.model import ReplyState
from monitor.sources.reading import compose
from monitor.standin import otzovik
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, SOURCES, YANDEX, SiteReview
from monitor.standin.world import What

Key = tuple[str, str]
"""(source, external id): five cards, one on each site."""

Content = tuple[str, int | None]
"""What makes a revision: the words, their white space aside, and the stars."""

Said = tuple[str, str]
"""A reply: its words and its state."""

CUT = (OTZOVIK, IRECOMMEND)
"""Sites whose list cuts texts: the whole review stands on its own page."""

MOVES: Mapping[str, frozenset[What]] = {
    source: frozenset(
        (What.HIDDEN, What.RESTORED, What.PINNED, What.UNPINNED, What.MOVED)
        + ((What.EDITED, What.TOUCHED) if source in (YANDEX, GOOGLE) else ())
    )
    for source in SOURCES
}
"""What shifts a site's list in such a way that a reader of several pages may step over a review."""


def plain(text: str) -> str:
    """The words alone: white space is no edit."""
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
