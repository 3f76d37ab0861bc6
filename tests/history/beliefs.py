"""Question 1: is what we hold what the pages showed, in their order and no more?

Every page served is applied by the rules of the product (written here a second time, in a few lines) to what may be
believed of each review. A page that we certainly kept turns one state into the next; one that a killed pass may or may
not have kept leaves both possible. After the pass, what the database holds must be one of the possible states.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from monitor.standin.reviews import SiteReview
from tests.history.evidence import Evidence
from tests.history.holdings import Held
from tests.history.pages import Look
from tests.history.sites import Content, Key, Said, content, face, said


@dataclass(frozen=True, slots=True)
class State:
    """What we may believe of one review: revisions and wordings of the reply since the last comparison (a wording with
    the moment of the page that told it; None: no reply any more), the reply now, and how often in a row it was missed,
    last after how many good reads of the card."""

    news: tuple[Content, ...] = ()
    wordings: tuple[tuple[Said | None, datetime], ...] = ()
    reply: Said | None = None
    misses: int = 0
    missed_in: int = -1


@dataclass(slots=True)
class Belief:
    """Every state that the pages so far allow: more than one where a killed pass may or may not have kept a page.
    `faces`: how the list may have shown it when its own page was read last."""

    revisions: tuple[Content, ...] = ()
    replies: tuple[Said | None, ...] = ()
    states: frozenset[State] = frozenset((State(),))
    faces: frozenset[tuple[object, ...]] = frozenset()
    removed: bool = False
    shown_at: datetime | None = None  # by the last page that was certainly kept
    perhaps_at: datetime | None = None  # by the last page, kept or not

    def next(self, state: State, shown: Content, reply: Said | None, at: datetime, read: int) -> State:
        """The rules: other words or stars are a revision; other words or another state of the reply are a wording;
        a reply is gone when two reads in a row miss it."""
        current = (*self.revisions, *state.news)[-1:]
        news = state.news if current == (shown,) else (*state.news, shown)
        if reply is not None:
            fresh = () if reply == state.reply else ((reply, at),)
            return State(news, state.wordings + fresh, reply)
        if state.reply is None or state.missed_in == read:
            return replace(state, news=news)
        if state.misses + 1 >= 2:
            return State(news, (*state.wordings, (None, at)))
        return replace(state, news=news, misses=state.misses + 1, missed_in=read)

    def allows(self, state: State, held: Held) -> bool:
        """Whether what we hold is this state; a wording cannot have been seen before its page came."""
        wordings = tuple(wording for wording, _ in state.wordings)
        moments = held.replied_at[len(self.replies) :]
        return (
            held.revisions == (*self.revisions, *state.news)
            and held.replies == (*self.replies, *wordings)
            and held.reply == state.reply
            and all(at <= moment for (_, at), moment in zip(state.wordings, moments, strict=True))
        )

    def __str__(self) -> str:
        return "\n".join(
            f"    {(*self.revisions, *state.news)}, replies {(*self.replies, *state.wordings)}" for state in self.states
        )


class Beliefs:
    """Of all reviews."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._of: defaultdict[Key, Belief] = defaultdict(Belief)

    def of(self, key: Key) -> Belief:
        return self._of[key]

    def submitted(self, key: Key) -> None:
        """A person has posted a reply: from here on its misses are counted anew."""
        belief = self._of[key]
        belief.states = frozenset(replace(state, misses=0, missed_in=-1) for state in belief.states)

    def expose(self, look: Look, own_pages: set[str], read: int, *, sure: bool) -> bool:
        """The page as we may or must have taken it in; whether anything on it was certainly news to us. `own_pages`:
        the reviews whose own pages were asked for after it; `read`: how many good reads of the card went before."""
        news = False
        for identity, review in look.shown.items():
            key = look.source, identity
            belief = self._of[key]
            cut = face(look.source, review, look.at) if look.own is None else None
            if cut is not None:
                self._face_shown(key, cut, read=identity in own_pages, sure=sure)
            else:
                self._evidence.looks[key].append((look, sure))
                news |= self._whole_shown(belief, look, review, read, sure=sure)
            belief.perhaps_at = look.at
            if sure:
                belief.shown_at = look.at
        return news

    def _face_shown(self, key: Key, cut: tuple[object, ...], *, read: bool, sure: bool) -> None:
        belief = self._of[key]
        if read:
            belief.faces = frozenset((cut,)) if sure else belief.faces | {cut}
        elif sure and (cut not in belief.faces or belief.removed):
            self._evidence.fail(key, "the list shows it differently, and nobody looked at its own page")

    def _whole_shown(self, belief: Belief, look: Look, review: SiteReview, read: int, *, sure: bool) -> bool:
        shown = content(look.source, review)
        reply = said(look.source, review, look.at, self._evidence.world.moderation)
        steps = {state: belief.next(state, shown, reply, look.at, read) for state in belief.states}
        changed = all((new.news, new.reply) != (old.news, old.reply) for old, new in steps.items())
        stepped = frozenset(steps.values())
        news = changed and not (stepped & belief.states)
        belief.states = stepped if sure and not look.unchanged else stepped | belief.states
        return news or belief.removed

    def compare(self, key: Key, held: Held | None) -> None:
        """What we hold after a pass against what the pages allow."""
        belief = self._of[key]
        if held is None:
            possible = frozenset(state for state in belief.states if not belief.revisions and not state.news)
        else:
            possible = frozenset(state for state in belief.states if belief.allows(state, held))
        if not possible:
            ours = held and (held.revisions, held.replies, held.replied_at)
            self._evidence.fail(key, f"we hold {ours}\n  the pages allow\n{belief}")
        belief.states = frozenset(replace(state, news=(), wordings=()) for state in possible)
        if held is not None:
            self._nothing_rewritten(key, held)
            belief.revisions, belief.replies = held.revisions, held.replies

    def _nothing_rewritten(self, key: Key, held: Held) -> None:
        evidence, before = self._evidence, self._evidence.before.held.get(key)
        if before is None:
            if held.first_seen_at < evidence.truth.lives[key][0].at:
                evidence.fail(key, f"first seen at {held.first_seen_at}, before it was written")
        elif before.revisions != held.revisions[: len(before.revisions)]:
            evidence.fail(key, "an old revision was rewritten")
        known = len(before.replies) if before else 0
        if before and (before.replies, before.replied_at) != (held.replies[:known], held.replied_at[:known]):
            evidence.fail(key, "an old wording of the reply, or its moment, was rewritten")
        if any(moment > evidence.now for moment in held.replied_at):
            evidence.fail(key, f"a wording of the reply is said to be of {held.replied_at[-1]}: that is to come")
        for said_before, said_now in pairwise(held.replies[max(known - 1, 0) :]):
            if said_now is None:
                evidence.seen["replies gone"] += 1
            elif said_before is not None:
                evidence.seen["replies worded anew or moderated"] += 1
