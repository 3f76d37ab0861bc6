"""What a review speaks of and in which tone: rules over words, the rows are `data/rules/themes/*.toml`.

A theme is named with the tone of what is said around it, so «вкусно, но долго» praises the quality and blames the
waiting. What happens at a competitor's or happened long ago is no theme.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sentiment import rules, scope
from sentiment.business import Business
from sentiment.model import Reading
from sentiment.rules import Hit, Review, Rules
from sentiment.text import CONTRASTS
from sentiment.types import Theme, ThemeMention, Tone

CLEAR = 0.35
"""A clause whose words weigh nothing and pull less than this says nothing by itself."""
LOUD = 0.7
"""The pull that makes an opinion, where no word of the clause weighs anything."""
OF_WEIGHTS, OF_PULL, OF_SENTENCE, OF_REVIEW, OF_STARS = 0.8, 1.0, 0.3, 2.0, 0.7
"""What the clause's words by the lexicon, by the model, its sentence, the whole text, and each star from three on say
of a mention's tone: chosen on synthetic reviews and the gold set's develop part, where the scale is flat."""
CLEARLY = 1.5
"""In a review with a «но», a clause whose words weigh so much speaks for itself."""
OWN = 0.5
"""A clause that says so much by its own words is not outvoted by the stars and the rest of the text."""
BARELY = 0.3
"""A clause that praises less than this does not praise what is a burden by itself."""
FIXED = 2.0
"""How loud a rule is that has a tone of its own."""
DOUBTFUL = 0.5
"""Less than this is no tone, where nothing is said around the word."""
OVERHEARD = 0.7
"""Of the louder tone of a theme; the other one is not told below that."""
OF_PEOPLE_AND_WAYS = frozenset({Theme.WAITING, Theme.STAFF, Theme.PAYMENT, Theme.DECEIT, Theme.DELIVERY, Theme.BOOKING})
"""Who blames these outright does not speak of the dish or the thing that it was about: «кофе ждали час»."""


class Mention(NamedTuple):
    """A rule's hit, the number of its clause, what it says (> 0 blames), and whether the clause says anything."""

    hit: Hit[Theme]
    clause: int
    score: float
    said: bool

    @property
    def tone(self) -> Tone:
        if self.hit.rule.tone is not None:
            return self.hit.rule.tone
        if abs(self.score) < DOUBTFUL and not self.said:
            return Tone.NEUTRAL
        return Tone.NEGATIVE if self.score > 0 else Tone.POSITIVE


class Themes:
    """The shipped rules and those of the business, compiled."""

    def __init__(self, business: Business) -> None:
        self._rules = Rules([*rules.load("themes", Theme), *business.rules()])
        self._of = business.of

    def find(self, review: Review, reading: Reading, stars: int | None) -> tuple[ThemeMention, ...]:
        """Every theme once per tone, in the order of the text, with the clause that says it loudest, verbatim.
        Where one rule says the tone outright, the others of its clause are not asked."""
        mentions = self._without_mere_things(_without_objects(list(self.mentions(review, reading, stars))))
        outright = {(*self._about(mention), mention.clause) for mention in mentions if mention.hit.rule.tone}
        found: dict[tuple[Theme, str], dict[Tone, Mention]] = {}
        for mention in mentions:
            about = self._about(mention)
            if not mention.hit.rule.tone and (*about, mention.clause) in outright:
                continue
            tones = found.setdefault(about, {})
            known = tones.get(mention.tone)
            if known is None or abs(mention.score) > abs(known.score):
                tones[mention.tone] = mention
        return tuple(
            ThemeMention(theme, mention.tone, review.quote(mention.clause), of, mention.hit.rule.name)
            for (theme, of), tones in found.items()
            for mention in _heard(tones)
        )

    def _without_mere_things(self, mentions: Sequence[Mention]) -> Sequence[Mention]:
        """Things are mostly named where something else was eaten or done: they count where they are named most. What
        is done counts where less is eaten, or where a word for it says how."""
        counts = Counter(of for theme, of in map(self._about, mentions) if theme is Theme.QUALITY and of)
        mere: set[str] = set()
        if counts["goods"] <= max((count for of, count in counts.items() if of != "goods"), default=0):
            mere.add("goods")
        silent = {"work"} if counts["food"] > counts["work"] else set()
        return [
            mention
            for mention in mentions
            if mention.hit.rule.says is not Theme.QUALITY
            or self._about(mention)[1] not in mere | (silent if mention.hit.rule.tone is None else set())
        ]

    def _about(self, mention: Mention) -> tuple[Theme, str]:
        rule = mention.hit.rule
        return rule.says, rule.of or (self._of if rule.says is Theme.QUALITY else "")

    def mentions(self, review: Review, reading: Reading, stars: int | None) -> Iterator[Mention]:
        """Every rule that finds a theme, in the order of the text."""
        about = _about(reading, stars)
        contrasts = any(token.key in CONTRASTS for token in review.tokens)
        remarks: dict[int, _Remark] = {}
        for hit in self._rules.find(review):
            rule = hit.rule
            if rule.negated == "silent" and rule.tone is not None and scope.negated(review, hit.first):
                continue
            if scope.elsewhere(review, hit.first):
                continue
            number = review.clause_of(hit.first)
            if rule.tone is not None:
                yield Mention(hit, number, _outright(rule.tone, about), said=True)
                continue
            if number not in remarks:
                remarks[number] = _remark(review, number, reading, about, contrasts=contrasts)
            remark = remarks[number]
            if remark.opinion or not rule.opinion:
                burdens = rule.burden and remark.score < 0 and remark.own > -BARELY
                yield Mention(hit, number, OWN if burdens else remark.score, remark.said or burdens)


def _without_objects(mentions: Sequence[Mention]) -> Sequence[Mention]:
    """Without the dishes and things that a clause only names while it blames something else outright."""
    outright = {
        mention.clause
        for mention in mentions
        if mention.hit.rule.tone is Tone.NEGATIVE and mention.hit.rule.says in OF_PEOPLE_AND_WAYS
    }
    return [
        mention
        for mention in mentions
        if mention.clause not in outright
        or mention.hit.rule.says is not Theme.QUALITY
        or mention.hit.rule.tone is not None
        or not mention.hit.rule.opinion
    ]


def _heard(tones: Mapping[Tone, Mention]) -> Iterator[Mention]:
    """Of one theme: what is said outright or loud enough beside the loudest; neutral only where nothing else is."""
    loudest = max(abs(mention.score) for mention in tones.values())
    for tone, mention in tones.items():
        heard = mention.hit.rule.tone is not None or abs(mention.score) >= OVERHEARD * loudest
        if len(tones) == 1 or (tone is not Tone.NEUTRAL and heard):
            yield mention


def _about(reading: Reading, stars: int | None) -> float:
    """What the whole review says, > 0 blames."""
    of = reading.probabilities
    said = OF_REVIEW * (of.negative - of.positive)
    return said if stars is None else said - OF_STARS * (stars - 3)


def _outright(tone: Tone, about: float) -> float:
    """The score of a rule that says the tone itself; the rest of the review may only make it louder."""
    return FIXED + max(about, 0.0) if tone is Tone.NEGATIVE else -FIXED + min(about, 0.0)


class _Remark(NamedTuple):
    """What a clause says: > 0 blames, `own` by its own words alone; whether that is anything, and whether it is an
    opinion."""

    score: float
    own: float
    said: bool
    opinion: bool


def _remark(review: Review, number: int, reading: Reading, about: float, *, contrasts: bool) -> _Remark:
    clause = review.clauses[number]
    balance = sum(reading.weights[clause.first : clause.last])
    pull = sum(reading.pull[clause.first : clause.last])
    first, last = review.sentence_tokens(clause.first)
    sentence = sum(reading.pull[first:last])
    score = own = OF_PULL * math.tanh(pull) - OF_WEIGHTS * math.tanh(balance / 2)
    if not contrasts or abs(balance) < CLEARLY:
        score += OF_SENTENCE * math.tanh(sentence) + about
    if abs(own) >= OWN and own * score < 0:
        score = own
    said, opinion = (bool(balance) or abs(pull) >= least for least in (CLEAR, LOUD))
    return _Remark(score, own, said, opinion)
