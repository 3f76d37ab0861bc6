"""How a review speaks of somebody it calls, and with which words.

By what the lexicon finds in his clause, in the rest of the sentence, in a next one that goes on about him; a little
against the stars is not believed. Where nothing is said of him the stars speak, or the text as a whole.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sentiment import quoting
from sentiment.model import Reading
from sentiment.naming import Called
from sentiment.people_search import Mention
from sentiment.people_words import people_words
from sentiment.rules import Review
from sentiment.types import Tone

CLEAR_PULL = 0.35
"""As in `themes`: clauses that pull less say nothing."""
CLEAR = 1.5
"""What the lexicon must find in somebody's own clause to be believed against the stars."""
VERY_CLEAR = 2.5
"""The same behind that clause, where something else may be meant."""
SURE = 0.6
"""From this probability on, a text without stars is taken for praise or blame of those it names."""
FARTHEST = 80
"""Tokens after a name that may still speak of him."""
LONGEST_QUOTE = 160


class Judgement(NamedTuple):
    """`said`: the tone is that of words about him; `loudness`: how strong they are."""

    tone: Tone | None
    quote: str
    said: bool = False
    loudness: float = 0.0


class _Stretch(NamedTuple):
    """Tokens that may speak of him; against the stars they must say as much as `clear`."""

    first: int
    last: int
    clear: float


class Judge(NamedTuple):
    """Of everybody in one review; `stars` as in `Analyser.analyse`."""

    review: Review
    reading: Reading
    stars: int | None

    def judgement(self, number: int, found: Sequence[Mention]) -> Judgement:
        """Of one of the mentions, given all of them."""
        mention, (begin, end) = found[number], _heard(number, found, self.review)
        said = self._by_words(mention.called, begin, end)
        if mention.thanked and (said is None or said.tone is not Tone.NEGATIVE):
            praise = said or Judgement(None, _quote(mention.called, self.review))
            return praise._replace(tone=Tone.POSITIVE, said=True)
        return said or Judgement(self._by_the_whole(mention.called, begin, end), _quote(mention.called, self.review))

    def _by_words(self, called: Called, begin: int, end: int) -> Judgement | None:
        """By the nearest words that say something of him."""
        weights = self.reading.weights
        whole = sum(weights[begin:end])
        for first, last, clear in _stretches(called, begin, end, self.review):
            balance = sum(weights[first:last])
            clearly = min(abs(balance), whole if balance > 0 else -whole) >= clear
            if balance and (clearly or not self._against_the_stars(balance)):
                told = next(place for place in range(first, last) if weights[place])
                tone = Tone.POSITIVE if balance > 0 else Tone.NEGATIVE
                return Judgement(tone, _quote(called, self.review, told), said=True, loudness=abs(balance))
        return None

    def _against_the_stars(self, balance: float) -> bool:
        return self.stars is not None and self.stars != 3 and (balance > 0) != (self.stars > 3)

    def _by_the_whole(self, called: Called, begin: int, end: int) -> Tone | None:
        """By the stars, else by what the model hears in his clause, else in the text."""
        if not (called.name or called.case == "nomn"):
            return None
        if self.stars is not None and self.stars != 3:
            return Tone.POSITIVE if self.stars > 3 else Tone.NEGATIVE
        clause = self.review.clauses[self.review.clause_of(called.first)]
        pull = sum(self.reading.pull[begin : max(min(clause.last, end), called.last)])
        if abs(pull) >= CLEAR_PULL:
            return Tone.POSITIVE if pull < 0 else Tone.NEGATIVE
        if self.reading.probabilities.positive >= SURE:
            return Tone.POSITIVE
        return Tone.NEGATIVE if self.reading.probabilities.negative >= SURE else None


def _heard(number: int, found: Sequence[Mention], review: Review) -> tuple[int, int]:
    """The tokens that may speak of somebody: from the clause of his name, or the name before it there, to the next."""
    called = found[number].called
    begin = review.clauses[review.clause_of(called.first)].first
    if number and found[number - 1].called.last > begin:
        begin = called.first
    end = min(len(review.tokens), called.last + FARTHEST)
    if number + 1 < len(found):
        following = found[number + 1].called.first
        clause = review.clauses[review.clause_of(following)].first
        end = min(end, clause if clause > called.last else following)
    return begin, end


def _stretches(called: Called, begin: int, end: int, review: Review) -> Iterator[_Stretch]:
    """Where to look, the nearest first: his clause, the rest of the sentence, the next sentence."""
    clause = review.clauses[review.clause_of(called.first)].last
    yield _Stretch(begin, max(min(clause, end), called.last), CLEAR)
    sentence = max(clause, min(review.sentence_tokens(called.first)[1], end))
    if sentence > clause:
        yield _Stretch(clause, sentence, VERY_CLEAR)
    if sentence < end and _goes_on(review, sentence):
        yield _Stretch(sentence, min(review.sentence_tokens(sentence)[1], end), VERY_CLEAR)


def _goes_on(review: Review, place: int) -> bool:
    """Whether the sentence that begins there goes on about somebody: «Она …», «Внимательная …»."""
    words = people_words()
    return any(
        token.key in words.lists["goes_on"] or token.key.startswith(words.stems["of_people"])
        for token in review.tokens[place : place + 2]
    )


def _quote(called: Called, review: Review, told: int = 0) -> str:
    """Verbatim, from his clause to that of the token `told`, unless this is too long."""
    clause = review.clauses[review.clause_of(called.first)]
    last = review.clauses[review.clause_of(max(told, called.first))]
    last = last if last.end - clause.start <= LONGEST_QUOTE else clause
    span = quoting.whole(review.text, review.tokens, review.clauses, clause.first, last.last)
    return quoting.quote(review.text, review.tokens, *span)
