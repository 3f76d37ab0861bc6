"""The seeded world that lives: what people write, what companies answer, how sites fall ill and recover."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor.model import ReplyState
from monitor.standin.load import load_rows
from monitor.standin.reviews import GOOGLE, IRECOMMEND, SOURCES, TWOGIS, YANDEX, SiteCard, SiteReview
from monitor.standin.world import Trouble, World
from tests.history.sites import CUT

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
                self._ill_until[source] = now + timedelta(minutes=1) * 10 ** self._dice.uniform(0, 2.8)
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
        self.world.move(card, review.external_id, timedelta(hours=1) * self._dice.uniform(-5, 5))
        return True
