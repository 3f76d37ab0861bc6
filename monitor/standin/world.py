"""The truth behind the stand-in sites: who wrote what where, what was answered, and what is broken today.

Every change goes through a method of `World`; renderers see immutable snapshots.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from importlib.resources import files
from itertools import count
from typing import Any

import yaml

from monitor.errors import NotFound
from monitor.model import Reply, ReplyState
from monitor.standin import reviews as words
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.load import load_rows
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, TWOGIS, YANDEX, SiteCard, SiteReview

_LENINA = "«Ромашка» на Ленина"
LENINA = (
    SiteCard("lenina", _LENINA, YANDEX, "82071161567"),
    SiteCard("lenina", _LENINA, TWOGIS, "563478234508453"),
    SiteCard("lenina", _LENINA, GOOGLE, "2", account="1"),
    SiteCard("lenina", _LENINA, OTZOVIK, "primer_kompanii_russia_moscow"),
    SiteCard("lenina", _LENINA, IRECOMMEND, "primer-kompanii"),
)
"""The five cards of the place that the example config.yaml lists."""


class Trouble(StrEnum):
    """What can be wrong with a site; each site answers in its own way where it has one."""

    CAPTCHA = "captcha"  # Яндекс redirects to it, Otzovik sends 507, iRecommend 521, the two APIs a page with 403
    CAPTCHA_200 = "captcha_200"  # the same page, as if it were a good answer
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After
    RATE_LIMITED_BARE = "rate_limited_bare"  # 429 without
    FORBIDDEN = "forbidden"  # 403
    SERVER_ERROR = "server_error"  # 500
    EMPTY = "empty"  # 200 without a body
    TRUNCATED = "truncated"  # 200 with the first half of the body, honestly declared
    CHANGED_MARKUP = "changed_markup"  # 200, the same content under other names
    GONE = "gone"  # 404
    UNAUTHORISED = "unauthorised"  # Google: access tokens expire at once, one time; elsewhere 403 as for a wrong key
    SLOW = "slow"  # a good answer, after `World.slow`


class What(StrEnum):
    """What can happen on a site."""

    ADDED = "added"
    EDITED = "edited"
    TOUCHED = "touched"  # saved again without a change: only the site's "updated" time moves
    HIDDEN = "hidden"
    RESTORED = "restored"
    REPLIED = "replied"
    REPLY_REMOVED = "reply_removed"
    REPLY_WITHHELD = "reply_withheld"
    REPLY_BACK = "reply_back"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    LIKED = "liked"
    MOVED = "moved"  # the site lists it elsewhere
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the world's log. `old` and `new` are the review before and after; of a trouble neither."""

    at: datetime
    what: What
    source: str
    card: SiteCard | None = None
    old: SiteReview | None = None
    new: SiteReview | None = None
    trouble: Trouble | None = None


class Keep(Enum):
    """Says that an edit leaves a value as it is, where None is a value of its own."""

    KEEP = "keep"


@dataclass(frozen=True)
class Order:
    """How a list page sorts and which reviews it shows. A constant of a site: results are kept per order."""

    key: Callable[[SiteReview], Any]
    reverse: bool = False
    shown: Callable[[SiteReview], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Figures:
    """`average` is None as long as nobody gave stars; `count` is all visible reviews, `with_text` those with words."""

    count: int
    with_text: int
    average: float | None


@dataclass
class _Shelf:
    reviews: dict[str, SiteReview] = field(default_factory=dict)
    listed: dict[Order, tuple[SiteReview, ...]] = field(default_factory=dict)
    figures: Figures | None = None


class World:
    """`now` is the moment ages count from, and the time of changes that name none."""

    def __init__(self, now: datetime, cards: Iterable[SiteCard] = LENINA) -> None:
        self.now = now
        self.trouble: dict[str, Trouble] = {}
        self.log: list[Happened] = []
        """Everything that happened, in order."""
        self.slow = timedelta(minutes=1)
        self.moderation = timedelta(minutes=1)
        """How long Google keeps a reply sent through its API waiting."""
        self.edits_a_minute = 10
        """How many replies Google lets its API post or delete on one card."""
        self.robots = "User-agent: *\nAllow: /\n"
        self.credentials = dict(STAND_IN_ENV)
        self.counts_ratings = False
        """Whether Яндекс declares more reviews than it lists: ratings without text too."""
        self.moved: dict[str, str] = {}
        """Яндекс Карты: id of a merged card → the id it redirects to."""
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._edits: defaultdict[SiteCard, deque[datetime]] = defaultdict(deque)
        self._tokens: set[str] = set()
        self._token_numbers = count(1)
        self._slugs: dict[str, str] = {}
        self._suffixes: defaultdict[str, Iterator[int]] = defaultdict(count)
        self._homes: dict[tuple[str, str], SiteCard] = {}
        self._shelves: dict[SiteCard, _Shelf] = {card: _Shelf() for card in cards}
        self._cards = {(card.source, card.id): card for card in self._shelves}

    @classmethod
    def demo(cls, now: datetime) -> "World":
        """The café of the example config with its invented reviews, as old as `data/reviews.yaml` says."""
        text = files("monitor.standin").joinpath("data/reviews.yaml").read_text(encoding="utf-8")
        return cls.from_rows(now, yaml.safe_load(text))

    @classmethod
    def from_rows(cls, now: datetime, rows: Iterable[Mapping[str, Any]]) -> "World":
        """The cards of `lenina` with `rows` as in `data/reviews.yaml`; the oldest gets the lowest id."""
        world = cls(now)
        for row in sorted(rows, key=lambda row: words.age(row["age"]), reverse=True):
            world.add_row(world.card(row["source"]), row, now - words.age(row["age"]))
        return world

    @classmethod
    def sized(cls, now: datetime, *, places: int, reviews: int, seed: int = 0) -> "World":
        """A load world: `places` with a card on each site, `reviews` altogether, dealt to the cards in turn.

        The newest is a minute old, the oldest half a year.
        """
        cards = [card for index in range(places) for card in _place_cards(index)]
        world = cls(now, cards)
        step = timedelta(days=180) / max(reviews, 1)
        for index, row in enumerate(load_rows(reviews, seed)):
            world.add_row(cards[index % len(cards)], row, now - timedelta(minutes=1) - step * (reviews - 1 - index))
        return world

    # --- what there is ------------------------------------------------------------------------

    def cards(self) -> tuple[SiteCard, ...]:
        return tuple(self._shelves)

    def card(self, source: str, card_id: str | None = None) -> SiteCard:
        """The card with that id; without one the first of that source. Raises NotFound."""
        found = (card for card in self._shelves if card.source == source and card_id in (None, card.id))
        for card in found:
            return card
        raise NotFound(f"the stand-in has no card {card_id or ''} on {source or 'an unnamed site'}")

    def find_card(self, source: str, card_id: str) -> SiteCard | None:
        return self._cards.get((source, card_id))

    def all_reviews(self, card: SiteCard) -> tuple[SiteReview, ...]:
        """Hidden ones too, in the order they were written."""
        with self._lock:
            return tuple(self._shelves[card].reviews.values())

    def review(self, card: SiteCard, external_id: str) -> SiteReview:
        """Also a hidden one. Raises NotFound."""
        with self._lock:
            review = self._shelves[card].reviews.get(external_id)
        if review is None:
            raise NotFound(f"the stand-in has no review {external_id} on {card.source} {card.id}")
        return review

    def find_review(self, source: str, external_id: str) -> tuple[SiteCard, SiteReview] | None:
        """A visible review of a site by its id alone."""
        with self._lock:
            card = self._homes.get((source, external_id))
            if card is None:
                return None
            review = self.review(card, external_id)
            return None if review.hidden else (card, review)

    def find_slug(self, slug: str) -> tuple[SiteCard, SiteReview] | None:
        """A visible iRecommend review by its address."""
        with self._lock:
            external_id = self._slugs.get(slug)
            return self.find_review(IRECOMMEND, external_id) if external_id else None

    def listed(self, card: SiteCard, order: Order) -> tuple[SiteReview, ...]:
        """The visible reviews that `order` shows, sorted; sorted once per change."""
        with self._lock:
            shelf = self._shelves[card]
            if order not in shelf.listed:
                shown = (review for review in shelf.reviews.values() if not review.hidden and order.shown(review))
                shelf.listed[order] = tuple(sorted(shown, key=order.key, reverse=order.reverse))
            return shelf.listed[order]

    def figures(self, card: SiteCard) -> Figures:
        with self._lock:
            shelf = self._shelves[card]
            if shelf.figures is None:
                visible = [review for review in shelf.reviews.values() if not review.hidden]
                stars = [review.stars for review in visible if review.stars is not None]
                average = sum(stars) / len(stars) if stars else None
                shelf.figures = Figures(len(visible), sum(bool(review.text) for review in visible), average)
            return shelf.figures

    # --- what happens -------------------------------------------------------------------------

    def add(
        self,
        card: SiteCard,
        *,
        text: str,
        stars: int | None,
        author: str = "Гость",
        title: str = "",
        pros: str = "",
        cons: str = "",
        likes: int = 0,
        posted_at: datetime | None = None,
        reply: Reply | None = None,
        translation: str = "",
    ) -> SiteReview:
        """A new review. `posted_at` defaults to `now`."""
        with self._lock:
            sequence = next(self._numbers)
            review = SiteReview(
                external_id=words.external_id(card, sequence),
                number=sequence,
                author=author,
                stars=stars,
                text=text,
                posted_at=posted_at or self.now,
                title=title,
                pros=pros,
                cons=cons,
                likes=likes,
                reply=reply,
                translation=translation,
            )
            if card.source == IRECOMMEND:
                review = replace(review, slug=self._new_slug(review))
            self._homes[card.source, review.external_id] = card
            return self._keep(card, review, What.ADDED, self.now)

    def add_row(self, card: SiteCard, row: Mapping[str, Any], posted_at: datetime) -> SiteReview:
        """A review as `data/reviews.yaml` writes it, a fraction of a second before `posted_at`."""
        fraction = timedelta(microseconds=words.number(card.id, row["text"], row["author"]) % 1_000_000)
        posted_at -= fraction
        reply = words.reply_from_row(row.get("reply"), posted_at)
        return self.add(
            card,
            text=row["text"],
            stars=row["stars"],
            author=row["author"],
            title=row.get("title") or "",
            pros=_lines(row.get("pros")),
            cons=_lines(row.get("cons")),
            likes=row.get("likes") or 0,
            posted_at=posted_at,
            reply=reply if reply and reply.at and reply.at <= self.now else None,
            translation=row.get("translation") or "",
        )

    def edit(
        self,
        card: SiteCard,
        external_id: str,
        *,
        text: str | None = None,
        stars: int | Keep | None = Keep.KEEP,
        title: str | None = None,
        at: datetime | None = None,
    ) -> SiteReview:
        """The author rewrites a review: what is not named stays."""
        with self._lock:
            old = self.review(card, external_id)
            new = replace(
                old,
                text=old.text if text is None else text,
                stars=old.stars if isinstance(stars, Keep) else stars,
                title=old.title if title is None else title,
                edited_at=at or self.now,
            )
            return self._keep(card, new, What.EDITED, new.updated_at)

    def touch(self, card: SiteCard, external_id: str, at: datetime | None = None) -> SiteReview:
        """The author saves the review again as it was: its "updated" time moves, nothing else does."""
        return self._change(What.TOUCHED, card, external_id, at, edited_at=at or self.now)

    def hide(self, card: SiteCard, external_id: str, at: datetime | None = None) -> SiteReview:
        """The site takes a review down."""
        return self._change(What.HIDDEN, card, external_id, at, hidden=True)

    def restore(self, card: SiteCard, external_id: str, at: datetime | None = None) -> SiteReview:
        return self._change(What.RESTORED, card, external_id, at, hidden=False)

    def pin(self, card: SiteCard, external_id: str, *, pinned: bool = True, at: datetime | None = None) -> SiteReview:
        """The company has the review put first, however old it is, or lets it go again."""
        return self._change(What.PINNED if pinned else What.UNPINNED, card, external_id, at, pinned=pinned)

    def like(self, card: SiteCard, external_id: str, likes: int, at: datetime | None = None) -> SiteReview:
        return self._change(What.LIKED, card, external_id, at, likes=likes)

    def move(self, card: SiteCard, external_id: str, lag: timedelta, at: datetime | None = None) -> SiteReview:
        """Яндекс lists the review from now on as if it were so much older (or younger, below zero)."""
        return self._change(What.MOVED, card, external_id, at, lag=lag)

    def reply(
        self,
        card: SiteCard,
        external_id: str,
        text: str,
        at: datetime | None = None,
        state: ReplyState = ReplyState.PUBLISHED,
    ) -> SiteReview:
        """The owner's reply; a second one replaces the first."""
        return self._change(What.REPLIED, card, external_id, at, reply=Reply(text, at or self.now, state))

    def remove_reply(self, card: SiteCard, external_id: str, at: datetime | None = None) -> SiteReview:
        return self._change(What.REPLY_REMOVED, card, external_id, at, reply=None)

    def withhold_reply(
        self, card: SiteCard, external_id: str, *, withheld: bool = True, at: datetime | None = None
    ) -> SiteReview:
        """Pages come without the reply, until it is withheld no more."""
        what = What.REPLY_WITHHELD if withheld else What.REPLY_BACK
        return self._change(what, card, external_id, at, reply_withheld=withheld)

    def afflict(self, source: str, trouble: Trouble | None, at: datetime | None = None) -> None:
        """From now on something is wrong with a site; None: it is well again."""
        with self._lock:
            if trouble is None:
                self.trouble.pop(source, None)
            else:
                self.trouble[source] = trouble
            self.log.append(Happened(at or self.now, What.TROUBLE, source, trouble=trouble))

    def may_edit(self, card: SiteCard, at: datetime) -> bool:
        """Whether Google's quota of edits allows one more on that card; it counts from now on."""
        with self._lock:
            edits = self._edits[card]
            while edits and edits[0] <= at - timedelta(minutes=1):
                edits.popleft()
            if len(edits) >= self.edits_a_minute:
                return False
            edits.append(at)
            return True

    # --- Google's access tokens ---------------------------------------------------------------

    def issue_token(self) -> str:
        with self._lock:
            token = f"ya29.stand-in-{next(self._token_numbers):04}"
            self._tokens.add(token)
            return token

    def accepts_token(self, token: str) -> bool:
        with self._lock:
            return token in self._tokens

    def expire_tokens(self) -> None:
        """Every access token issued so far stops working."""
        with self._lock:
            self._tokens.clear()

    # --- inside -------------------------------------------------------------------------------

    def _change(self, what: What, card: SiteCard, external_id: str, at: datetime | None, **values: Any) -> SiteReview:
        with self._lock:
            return self._keep(card, replace(self.review(card, external_id), **values), what, at or self.now)

    def _keep(self, card: SiteCard, review: SiteReview, what: What, at: datetime) -> SiteReview:
        shelf = self._shelves[card]
        self.log.append(Happened(at, what, card.source, card, shelf.reviews.get(review.external_id), review))
        shelf.reviews[review.external_id] = review
        shelf.listed.clear()
        shelf.figures = None
        return review

    def _new_slug(self, review: SiteReview) -> str:
        """Addresses of objects and reviews share one namespace; a taken one gets `-0`, `-1`…"""
        wished = slug = words.transliterate(review.title)
        while slug in self._slugs or (IRECOMMEND, slug) in self._cards:
            slug = f"{wished}-{next(self._suffixes[wished])}"
        self._slugs[slug] = review.external_id
        return slug


def _lines(value: str | list[str] | None) -> str:
    """Pros and cons as one point per line, from a text or a list."""
    return "\n".join(value) if isinstance(value, list) else value or ""


def _place_cards(index: int) -> tuple[SiteCard, ...]:
    """The five cards of the load world's place `index`; place 0 is that of the example config."""
    if index == 0:
        return LENINA
    place = f"place-{index + 1}"
    title = f"«Ромашка» № {index + 1}"
    return (
        SiteCard(place, title, YANDEX, str(82_071_161_567 + 7919 * index)),
        SiteCard(place, title, TWOGIS, str(563_478_234_508_453 + 104_729 * index)),
        SiteCard(place, title, GOOGLE, str(2 + index), account="1"),
        SiteCard(place, title, OTZOVIK, f"primer_kompanii_{index + 1}_russia_moscow"),
        SiteCard(place, title, IRECOMMEND, f"primer-kompanii-{index + 1}"),
    )
