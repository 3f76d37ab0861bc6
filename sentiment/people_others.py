"""Whose name it is, if nobody's of the business: the author's, a guest's, a street's, a brand's, a title's."""

import re
from functools import lru_cache

from sentiment.business import Business
from sentiment.naming import Called
from sentiment.people_text import SENTENCE_END, begins_sentence, capital, gap, key
from sentiment.people_words import people_words
from sentiment.rules import Review
from sentiment.text import normalise

QUOTES = {"«": "»", "“": "”", "„": "“", '"': '"'}
LONGEST_TITLE = 40
"""Characters between quotation marks that still make a title."""
FAMILY_REACH = 3
LAST_WORDS = 2
"""At most so many stand behind a signature."""
_SENTENCE = re.compile(r"[.!?\n]")
_SEVERAL = re.compile(r"[,.!?]")


class Others:
    """Those named in a review who are none of the business, as far as it has been read."""

    def __init__(self, review: Review, author: str, business: Business) -> None:
        self._review = review
        self._lists = people_words().lists
        self._author = frozenset(normalise(word) for word in re.findall(r"\w+", author))
        self._brands = _nominatives(business.names) | _nominatives(business.competitors)
        self._found: set[str] = set()

    def holds(self, called: Called) -> bool:
        """Whether he was found to be one of them before."""
        return not self._found.isdisjoint(called.keys)

    def takes(self, called: Called, *, cued: bool, thanked: bool) -> bool:
        """Whether he is one of them; `cued`: something beside the name speaks for one of the business."""
        taken = (
            (not thanked and not self._brands.isdisjoint(called.keys))
            or called.keys[-1] in self._lists["famous"]
            or self._by_words_before(called, cued=cued)
            or self._by_word_behind(called, cued=cued)
            or self.of_family(called.first)
            or self.in_title(called.first)
            or self._signs(called)
        )
        if taken:
            self._found.add(called.keys[0])
        return taken

    def _by_words_before(self, called: Called, *, cued: bool) -> bool:
        review, lists, place = self._review, self._lists, called.first
        if place and _SENTENCE.search(gap(review, place - 1)):
            return False
        close, farther = key(review, place - 1), key(review, place - 2)
        return (
            (close in lists["ours"] and not cued)
            or close in lists["things"]
            or close in lists["self"]
            or close in lists["place"]
            or (close in lists["named"] and farther in lists["self"])
            or (close == "и" and self._found_as(farther))
            or (close in ("с", "со") and (farther in lists["company"] or farther in lists["kin"]))
        )

    def _found_as(self, form: str) -> bool:
        return any(item.nominative in self._found for item in people_words().names.get(form, ()))

    def _by_word_behind(self, called: Called, *, cued: bool) -> bool:
        """«Жене отказали», «Марина, жена»."""
        behind = key(self._review, called.last)
        if called.case in ("datv", "accs") and not cued and behind.endswith("ли"):
            return True
        return behind in self._lists["kin"] and "," in gap(self._review, called.last - 1)

    def of_family(self, place: int) -> bool:
        """«мой муж Сергей», «сынок наш Мирон», «моя Катюша»."""
        review, nearest = self._review, place - 1
        for at in range(nearest, max(nearest - FAMILY_REACH, -1), -1):
            between, before = gap(review, at), review.tokens[at].key
            if SENTENCE_END.search(between) or (at < nearest and between.strip()):
                return False
            if before in self._lists["kin"] and (at == nearest or before not in people_words().anyone):
                return True
            if before in self._lists["mine"] and at == nearest:
                return True
        return False

    def in_title(self, place: int) -> bool:
        """Inside the quotation marks of a title: «Анна Павлова»."""
        text, start = self._review.text, self._review.tokens[place].start
        for mark, closing in QUOTES.items():
            opened = text.rfind(mark, max(start - LONGEST_TITLE, 0), start)
            if opened < 0 or closing in text[opened + 1 : start]:
                continue
            closed = text.find(closing, start, opened + LONGEST_TITLE)
            if closed > 0 and not _SEVERAL.search(text, opened + 1, closed):
                return True
        return False

    def _signs(self, called: Called) -> bool:
        """«С уважением, Ольга», «… Ольга, Казань» at the end of the text; anywhere alone for the author's own name."""
        review, tokens, place = self._review, self._review.tokens, called.first
        if called.case != "nomn":
            return False
        before = key(review, place - 1)
        if before in self._lists["signed"]:
            return True
        if len(tokens) - called.last > LAST_WORDS:
            return False
        if not self._author.isdisjoint(called.keys) and before not in self._lists["thanks_datv"]:
            return True
        behind = range(called.last, len(tokens))
        return (
            place > 0
            and begins_sentence(review, place)
            and all(capital(review, at) or tokens[at].key == "и" or not tokens[at].is_word for at in behind)
        )


@lru_cache(maxsize=64)
def _nominatives(names: tuple[str, ...]) -> frozenset[str]:
    """The words of the names, as a person's keys would be."""
    known = people_words().names
    found = (normalise(word) for name in names for word in re.findall(r"\w+", name))
    return frozenset(item for word in found for item in ({form.nominative for form in known.get(word, ())} or {word}))
