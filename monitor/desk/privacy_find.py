"""Whose data is asked for: reviews found by a name, a number or an address, and what there is about each of them.

What is found goes through a form and comes back from strangers' hands: numbers that do not belong to what is asked for,
or to places of the visitor, are dropped, and `stamp` tells whether all is as it was shown.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor import erasing, wording
from monitor.clock import optional_moment
from monitor.desk.context import Desk
from monitor.desk.rows import address
from monitor.desk.visit import Visit, number_in
from monitor.erasing import COUNTED, Forms
from monitor.notify.views import NAME_LIMIT, link
from monitor.store.authors import same_name, tells_apart
from monitor.store.connection import Row
from monitor.store.privacy import KeptView

PAGE = 100
"""Reviews that are shown, and may be chosen one by one; a form has room for no more than twice as many."""

MOST_SPELLINGS = 10
MOST_MENTIONS = 10

TEXT_LIMIT = 300

_NUMBER = re.compile(r"(?:отзыв\s*)?(?:№|#|n)?\s*([0-9]{1,19})", re.IGNORECASE)
_TICKET = re.compile(r"/t/([0-9]{1,19})(?:[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. `author`: every review under that name; `seeds`: these reviews, and those of the same
    author. `chosen`: which of what is found they mean, None for all of it."""

    author: str = ""
    seeds: tuple[int, ...] = ()
    chosen: tuple[int, ...] | None = None

    @classmethod
    def read(cls, visit: Visit) -> "Asked":
        """As the form of a page brings it back."""
        form = visit.form
        chosen = None if form["all"] else tuple(_numbers(form.all("review")))
        return cls(form["author"], tuple(_numbers(form.all("seed"))), chosen)


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` of `Authors.found`, all that the question finds; `chosen` of them. `counts`: review → table → how much.
    `views` of the queue that look for one of the authors."""

    asked: Asked
    rows: tuple[Row, ...]
    chosen: tuple[Row, ...]
    counts: dict[int, Counter[str]]
    views: tuple[KeptView, ...]

    @property
    def ids(self) -> list[int]:
        """Of those that are meant."""
        return [row["id"] for row in self.chosen]

    @property
    def name(self) -> str:
        """Whose they are, as it is written there; "" where nobody signed."""
        return next((row["author"] for row in self.rows if row["author"]), self.asked.author)

    @property
    def whole(self) -> bool:
        """Whether all of it is meant, and too much to choose from."""
        return len(self.rows) > PAGE and self.asked.chosen is None

    @property
    def stamp(self) -> str:
        """Changes with everything that is shown of what is found."""
        return erasing.stamp(self.rows, self.counts, self.views)

    def total(self, rows: Iterable[Row], forms: Forms = COUNTED) -> list[str]:
        """`2 отзыва`, `3 черновика` …"""
        return erasing.total(list(rows), self.counts, forms)


def sought(desk: Desk, visit: Visit, words: str) -> Asked | None:
    """What was typed: the number of a review as the desk has it, an address of its page here or on its site, else a
    name. `chosen` is what is safe to mean. None for the address of a page with reviews of several people."""
    places, authors = visit.account.places, desk.store.authors
    if "://" in words and (at := authors.at(words, places)):
        whose = {same_name(row["author"]) for row in authors.found(at, places)}
        if len(at) > 1 and not (len(whose) == 1 and all(map(tells_apart, whose))):
            return None
        return Asked(seeds=tuple(at[:1]), chosen=tuple(at))
    if (number := _NUMBER.fullmatch(words)) or (number := _TICKET.search(words)):
        ticket = number_in(number[1])
        review = None if ticket is None else authors.of_ticket(ticket)
        if review is not None and authors.found([review], places):
            return Asked(seeds=(review,), chosen=(review,))
    return Asked(author=words, chosen=None if tells_apart(words) else ())


def find(desk: Desk, visit: Visit, asked: Asked) -> Found:
    """At places of the visitor."""
    places, authors = visit.account.places, desk.store.authors
    seeds = authors.found(asked.seeds, places)
    names = {asked.author} if asked.author else {row["author"] for row in seeds if tells_apart(row["author"])}
    ids = {row["id"] for row in seeds}
    for name in names:
        ids.update(authors.under(name, places))
    rows = authors.found(sorted(ids), places)
    meant = None if asked.chosen is None else set(asked.chosen)
    chosen = tuple(row for row in rows if meant is None or row["id"] in meant)
    views = desk.store.privacy.views({row["author"] for row in rows}, places)
    return Found(asked, tuple(rows), chosen, desk.store.kept.counts(row["id"] for row in rows), tuple(views))


# --- as people see it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """A review that was found. `chosen`: it is meant; `about`: what there is beside it."""

    id: int
    ticket: int | None
    href: str
    url: str
    chosen: bool
    title: str
    author: str
    stars: str
    text: str
    state: str
    about: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What else may be about the same person. `weak`: the name tells nobody apart. `alike`: other spellings with the
    number of their reviews; `mentions`: reviews whose words hold the name, how they are called and address ("" without
    one), `more` of them are not named; `many`: so many hold its words that they were not looked through."""

    weak: bool
    alike: tuple[tuple[str, int], ...]
    same_words: tuple[Item, ...]
    mentions: tuple[tuple[str, str], ...]
    more: int
    many: bool


def items(desk: Desk, visit: Visit, found: Found) -> tuple[Item, ...]:
    """The first of them, those that are meant before others."""
    meant = {row["id"] for row in found.chosen}
    rows = sorted(found.rows, key=lambda row: row["id"] not in meant)
    return tuple(_item(desk, visit, row, found.counts, row["id"] in meant) for row in rows[:PAGE])


def _item(desk: Desk, visit: Visit, row: Row, counts: dict[int, Counter[str]], chosen: bool) -> Item:
    application = desk.application
    site, title = application.sources.get(row["source"]), application.titles.get(row["place"], row["place"])
    posted = wording.posted(
        optional_moment(row["posted_at"]), row["posted_precision"], str(application.zone(row["place"])), visit.now
    )
    names = (site.title if site else row["source"], title, posted)
    return Item(
        id=row["id"],
        ticket=row["ticket"],
        href="" if row["ticket"] is None else address(row["ticket"]),
        url=link(row["url"]),
        chosen=chosen,
        title=" · ".join(wording.one_line(name, NAME_LIMIT) for name in names),
        author=wording.one_line(row["author"], NAME_LIMIT) or "Автор не назвался",
        stars=wording.stars(row["stars"]),
        text=wording.one_line(row["text"], TEXT_LIMIT) or "Без текста",
        state=wording.STATES.get(row["state"], "") if row["state"] else "отвечен до нас",
        about=", ".join(erasing.beside(counts.get(row["id"], Counter()))),
    )


def hints(desk: Desk, visit: Visit, found: Found) -> Hints:
    places, authors, name, called = visit.account.places, desk.store.authors, found.name, desk.application.names
    weak = bool(name) and not tells_apart(name)
    ids = [row["id"] for row in found.rows]
    same = authors.found(authors.same_words(found.rows, places), places)
    mentioned = authors.mentioned(name, ids, places) if name else []
    shown = authors.found((mentioned or [])[:MOST_MENTIONS], places)
    return Hints(
        weak=weak,
        alike=tuple(authors.alike(name, MOST_SPELLINGS, places)) if name else (),
        same_words=tuple(_item(desk, visit, row, {}, False) for row in same),
        mentions=tuple((called.called(row), "" if row["ticket"] is None else address(row["ticket"])) for row in shown),
        more=max(len(mentioned or ()) - MOST_MENTIONS, 0),
        many=mentioned is None,
    )


def _numbers(values: Iterable[str]) -> Iterator[int]:
    """Those that may be numbers of reviews, each once."""
    return iter(dict.fromkeys(number for value in values if (number := number_in(value)) is not None))
