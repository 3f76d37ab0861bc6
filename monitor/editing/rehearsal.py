"""Replies that say the changed phrases of a book, beside those that say the old ones.

To invented reviews, each made so that it says the phrase: of its list nothing else may be drawn.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from monitor.editing.books import Book, Sort
from monitor.editing.reply import Case, Note, notes
from monitor.editing.shelf import Difference, is_off
from responders.amend import Row, Value
from responders.choose import Frame, choose
from responders.compose import compose, typeset
from responders.draft import Responder
from responders.kit import Kit
from responders.phrasebook import Phrase, Topics
from responders.points import LISTS, Point, find
from responders.pools import fitting, known, places, ways
from responders.samples import SAMPLES, situations
from responders.types import Brand, Register, Situation
from sentiment.types import Evidence, Theme, ThemeMention, Tone, Verdict

EXAMPLES = 3
"""Reviews for each register, where one phrase has changed."""
MOST_SHOWN = 6
"""Changed phrases that are shown in replies, in each register with one review, where several have."""
SITES = ("yandex_maps", "google_business", "twogis", "otzovik")
"""Between them they take contacts, forbid them, and show a card."""

_AUTHOR = "Анна К."


@dataclass(frozen=True, slots=True)
class Change:
    """Who writes by the book as it is, and who by the book as it would be. `place`: the title that replies name."""

    before: Responder
    after: Responder
    book: Book
    brand: Brand
    place: str


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An invented review, and the reply to it before and after the change."""

    register: Register
    title: str
    situation: Situation
    before: Said
    after: Said


# --- the replies --------------------------------------------------------------------------------------------


def examples(change: Change, phrase: Difference, most: int = EXAMPLES) -> tuple[Example, ...]:
    """At most so many for each register in which the phrase may be said."""
    if change.book.sort is Sort.TOPICS:
        found = _of_thing(change, phrase)
    elif change.book.sort is Sort.LAYOUT:
        found = _of_layout(change)
    else:
        found = _Rehearsal(change, phrase).examples()
    told: Counter[Register] = Counter()
    kept = []
    for example in found:
        if told[example.register] < most:
            told[example.register] += 1
            kept.append(example)
    return tuple(kept)


class _Rehearsal:
    """Of one changed phrase."""

    def __init__(self, change: Change, phrase: Difference) -> None:
        self._before, self._after = change.before, change.after
        self._book, self._list = change.book, phrase.list
        self._brand, self._place = change.brand, change.place
        self._old = self._phrase(change.before, phrase.at, phrase.before)
        self._new = self._phrase(change.after, phrase.number, phrase.after)

    def examples(self) -> Iterator[Example]:
        phrase = self._new or self._old
        if phrase is None or (phrase.sectors and self._brand.sector not in phrase.sectors):
            return
        for register in Register:
            if not phrase.registers or register in phrase.registers:
                yield from self._in(replace(self._brand, register=register), phrase)

    def _in(self, brand: Brand, phrase: Phrase) -> Iterator[Example]:
        scenes = list(islice(self._scenes(brand, phrase), EXAMPLES))
        seen: set[str] = set()
        for turn in range(EXAMPLES):  # the same review again: the rest of the reply differs
            for title, frame, about, points in scenes:
                example = self._example(title, frame, replace(about, key=f"{about.key}/{turn}"), points)
                if example.after.text not in seen:
                    seen.add(example.after.text)
                    yield example
            if len(seen) >= EXAMPLES:
                return

    def _example(self, title: str, frame: Frame, about: Situation, points: Sequence[Point]) -> Example:
        texts = []
        for responder, phrase in ((self._before, self._old), (self._after, self._new)):
            facts = responder.facts(about, frame)
            kit = self._narrowed(responder.library.kit(frame, about.brand.sector), phrase)
            if phrase is None or not self._is_said(kit, phrase, about, facts, points):
                kit = responder.library.kit(frame, about.brand.sector)
            texts.append(compose(kit, about, facts, points).text)
        before, after = (_said(text, about) for text in texts)
        return Example(about.brand.register, title, about, before, after)

    def _scenes(self, brand: Brand, phrase: Phrase) -> Iterator[tuple[str, Frame, Situation, Sequence[Point]]]:
        """Reviews in whose replies the phrase may stand: as they are, else with what it needs to be known."""
        responder = self._after if self._new is not None else self._before
        found = [(sample.name, replace(about, place=self._place)) for sample, about in
                 zip(SAMPLES, situations(brand), strict=True) if self._suits(about)]  # fmt: skip
        if self._book.sort is Sort.THEME:
            # Of the theme where any is, or the reply has nothing to do with the review.
            theme = self._book.theme
            spoken = [(title, about) for title, about in found if any(m.theme is theme for m in about.verdict.themes)]
            found = spoken or found
        for forced in (False, True):
            any_told = False
            for title, about in found:
                frame = choose(about).frame
                kit = self._narrowed(responder.library.kit(frame, brand.sector), phrase)
                scene = next(self._staged(responder, kit, frame, phrase, about, forced=forced), None)
                if scene is not None:
                    any_told = True
                    yield title, frame, *scene
            if any_told:
                return

    def _staged(
        self, responder: Responder, kit: Kit, frame: Frame, phrase: Phrase, about: Situation, *, forced: bool
    ) -> Iterator[tuple[Situation, Sequence[Point]]]:
        for source in dict.fromkeys((about.source, *SITES)):
            for author in dict.fromkeys((about.author, _AUTHOR)):
                scene = replace(about, source=source, author=author)
                points: Sequence[Point] = find(scene, frame, kit.common.topics)
                if forced:
                    points = tuple(self._points(frame, phrase, kit.common.topics))
                    verdict = scene.verdict if points else replace(scene.verdict, themes=(), intents=(), people=())
                    scene = replace(scene, verdict=verdict)
                if self._is_said(kit, phrase, scene, responder.facts(scene, frame), points):
                    yield scene, points

    def _facts(self, topics: Topics) -> dict[str, str]:
        """A thing that the theme knows, and somebody to thank."""
        rows = [row for row in topics.rows if self._book.theme in row.themes]
        here = [row for row in rows if not row.sectors or self._brand.sector in row.sectors]
        named = next(iter(here or rows), None)
        found = {} if named is None else {"about": named.about, "topic": named.topic, "liked": named.liked}
        return found | {"person": "мастеру Марине"}

    def _points(self, frame: Frame, phrase: Phrase, topics: Topics) -> Iterator[Point]:
        if self._book.sort is Sort.THEME and LISTS.get(frame, ("", ""))[1] == self._list:
            facts = {fact: value for fact, value in self._facts(topics).items() if fact in phrase.facts}
            yield Point(self._book.theme, self._list, phrase.kinds, facts)

    def _is_said(
        self, kit: Kit, phrase: Phrase, about: Situation, facts: dict[str, str], points: Sequence[Point]
    ) -> bool:
        if self._book.sort is Sort.SHARED and self._list == "reach":
            if not any(phrase in group for group in ways(kit, about, facts.keys())):
                return False
            return typeset(phrase.render(known(about, facts))) in compose(kit, about, facts, points).text
        spoken = places(kit, about, facts, points)
        return any(phrase in group for place in spoken for group in fitting(place, facts.keys(), about))

    def _suits(self, about: Situation) -> bool:
        frame = choose(about).frame
        match self._book.sort:
            case Sort.FRAME:
                return frame is self._book.frame
            case Sort.THEME:
                return LISTS.get(frame, ("", ""))[1] == self._list
            case Sort.RISKS:
                return any(mention.risk == self._list for mention in about.verdict.risks)
            case _:
                return True

    # --- the phrase in its list ---------------------------------------------------------------------------

    def _phrase(self, responder: Responder, number: int | None, row: Row | None) -> Phrase | None:
        if row is None or is_off(row):
            return None
        frame = self._book.frame if self._book.sort is Sort.FRAME else Frame.THANKS
        found = self._list_of(responder.library.kit(frame, self._brand.sector))
        return next((phrase for phrase in found if phrase.number == number), None)

    def _list_of(self, kit: Kit) -> tuple[Phrase, ...]:
        match self._book.sort:
            case Sort.FRAME:
                return kit.book.lists.get(self._list, ())
            case Sort.THEME:
                return kit.common.themes[self._book.theme].get(self._list, ())
            case Sort.RISKS:
                return kit.common.risks.get(self._list, ())
            case Sort.ASKS:
                return kit.common.asks.get(self._list, ())
            case _:
                return kit.common.shared.get(self._list, ())

    def _narrowed(self, kit: Kit, phrase: Phrase | None) -> Kit:
        """With this phrase alone in its list."""
        if phrase is None:
            return kit
        alone, common = {self._list: (phrase,)}, kit.common
        match self._book.sort:
            case Sort.FRAME:
                return replace(kit, book=replace(kit.book, lists={**kit.book.lists, **alone}))
            case Sort.THEME:
                theme = self._book.theme
                themes = {**common.themes, theme: {**common.themes[theme], **alone}}
                return replace(kit, common=replace(common, themes=themes))
            case Sort.RISKS:
                return replace(kit, common=replace(common, risks={**common.risks, **alone}))
            case Sort.ASKS:
                return replace(kit, common=replace(common, asks={**common.asks, **alone}))
            case _:
                return replace(kit, common=replace(common, shared={**common.shared, **alone}))


# --- things -------------------------------------------------------------------------------------------------


def _of_thing(change: Change, thing: Difference) -> Iterator[Example]:
    """Praise of it, with replies that name it where one does."""
    row = thing.before if thing.after is None or is_off(thing.after) else thing.after
    if row is None:
        return
    names = [str(row.get(key, "")) for key in ("topic", "about")]
    responder = change.before if row is thing.before else change.after
    for register in Register:
        told = 0
        for turn in range(8 * EXAMPLES):
            about = _praise(row, replace(change.brand, register=register), change.place, turn)
            if told < EXAMPLES and any(name and name in responder.draft(about).text for name in names):
                told += 1
                before, after = (_said(one.draft(about).text, about) for one in (change.before, change.after))
                yield Example(register, "Похвала предмету", about, before, after)


def _praise(row: Row, brand: Brand, place: str, turn: int) -> Situation:
    first = (str(row.get("words", "")).split() or [""])[0].removesuffix("*")
    quote, themes = f"Очень порадовало: {first}", [theme for theme in Theme if theme in _words(row.get("themes", ()))]
    kind = next((f".{kind}" for kind in _words(row.get("kinds", ()))), "")
    mentions = tuple(ThemeMention(theme, Tone.POSITIVE, quote, "", f"{theme}{kind}") for theme in themes[:1])
    verdict = Verdict(Tone.POSITIVE, None, False, False, False, mentions, (), (Evidence(quote, -1.0),))
    text = f"{quote}. Спасибо, придём ещё."
    return Situation(f"thing/{turn}", SITES[0], place, brand, 5, text, _AUTHOR, verdict)


# --- the order of the parts ---------------------------------------------------------------------------------


def _of_layout(change: Change) -> Iterator[Example]:
    """Whole replies, those that change before the others."""
    for register in Register:
        found = [
            Example(register, sample.name, about, *(_said(one.draft(about).text, about) for one in _both(change)))
            for sample, about in zip(SAMPLES, situations(replace(change.brand, register=register)), strict=True)
        ]
        yield from sorted(found, key=lambda example: example.before.text == example.after.text)


def _both(change: Change) -> tuple[Responder, Responder]:
    return change.before, change.after


def _said(text: str, about: Situation) -> Said:
    return Said(text, notes(text, Case(about)))


def _words(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
