"""What part of the queue somebody looks at: as the address of a page, as the store's filters, in words; and the views
that people keep under a name."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Account, Permission
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.visit import LAST_PAGE, Visit, number_in
from monitor.errors import Conflict, NotFound, UsageError
from monitor.model import WAITING_STATES, TicketState
from monitor.notify.render import capitalised
from monitor.store.filters import LONGEST_CURSOR, Cursor, Filters, Group

QUEUE = "/queue"
TODAY = "/today"

LONGEST_WORDS = 200
"""Characters of a search."""

LONGEST_ID = 100
LONGEST_NAME = 40
"""Characters of a saved view's name: it stands in a button."""

MOST_VIEWS = 20
"""Of one account: they are all shown."""

MOST_PARAMETERS = 50

PAGE = 50
"""Tickets."""

CHIP = 40
"""Characters of a condition."""

DONE: Mapping[str, str] = {
    "taken": "Отзыв записан на Вас.",
    "approved": "Ответ одобрен. Осталось опубликовать его на сайте.",
    "dismissed": "Отзыв закрыт без ответа.",
    "kept": "Вид сохранён.",
    "unkept": "Вид удалён.",
}
"""What has just been done, by its key in the address."""

ALL = "all"

STATES: Mapping[str, tuple[TicketState, ...]] = {
    "": WAITING_STATES,
    **{state.value: (state,) for state in TicketState},
    ALL: tuple(TicketState),
}
"""What may be asked of a ticket's state; "" for what waits."""

STATE_TITLES: Mapping[str, str] = {
    "": "ждут ответа",
    **wording.STATES,
    TicketState.OPEN: "ответ ещё не одобрен",
    ALL: "любое",
}
"""How a choice of states is told: «ждёт ответа» of one ticket would pass here for all that wait."""

FLAGS: Mapping[str, str] = {
    "overdue": "просрочены",
    "soon": "срок близко",
    "danger": "опасные",
    "mine": "мои",
    "free": "никем не взяты",
    "backlog": "накопились до подключения",
}
"""What is asked by yes or no, as chips say it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the queue; "" means any. `words` are searched for; `after` is the end of the page before."""

    words: str = ""
    place: str = ""
    source: str = ""
    tone: str = ""
    theme: str = ""
    state: str = ""
    overdue: bool = False
    soon: bool = False
    danger: bool = False
    mine: bool = False
    free: bool = False
    backlog: bool = False
    after: str = ""

    @classmethod
    def read(cls, query: str) -> Self:
        """Of an address, whoever wrote it: what nobody could ask is left out."""
        given = _given(query)
        flags = {name: True for name in FLAGS if given.get(name) == "1"}
        return cls(
            words=" ".join(wording.visible(given.get("q", "")).split())[:LONGEST_WORDS],
            place=wording.visible(given.get("place", ""))[:LONGEST_ID],
            source=wording.visible(given.get("source", ""))[:LONGEST_ID],
            tone=_one_of(given.get("tone", ""), wording.TONES),
            theme=_one_of(given.get("theme", ""), wording.THEMES),
            state=_one_of(given.get("state", ""), STATES),
            after=given.get("after", "")[:LONGEST_CURSOR],
            **flags,
        )

    def query(self) -> str:
        """As it stands in an address; the same question always the same text."""
        pairs = [("q" if field.name == "words" else field.name, getattr(self, field.name)) for field in fields(self)]
        return urlencode([(name, "1" if value is True else value) for name, value in pairs if value])

    def address(self, **changes: str | bool) -> str:
        """Of the page that shows this, or this with changes; from its beginning unless `after` is among them."""
        query = replace(self, **{"after": "", **changes}).query()  # type: ignore[arg-type]  # names are checked at run time
        return f"{QUEUE}?{query}" if query else QUEUE

    @property
    def begun(self) -> Self:
        """The same from its beginning."""
        return replace(self, after="")

    @property
    def is_plain(self) -> bool:
        """Whether this is the whole queue, the backlog apart."""
        return self.begun == Ask()

    def filters(self, desk: Desk, account: Account, now: datetime) -> Filters:
        """For the store, with what the account may see."""
        return Filters(
            states=STATES[self.state],
            place=self.place or None,
            source=self.source or None,
            tone=self.tone or None,
            assignee=account.login if self.mine else None,
            limit=PAGE,
            places=account.places,
            theme=self.theme or None,
            overdue=self.overdue,
            soon=self.soon,
            dangerous=True if self.danger else None,
            backlog=True if self.backlog else False if self.is_plain or self.free else None,
            unassigned=self.free,
            lemmas=desk.application.searching.lemmas(self.words) if self.words else None,
            after=Cursor.read(self.after),
            now=now,
            dangers_first=True,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """The view of a day: its beginning, or one group of it in full; the page counts from 1."""

    group: Group | None = None
    page: int = 1

    @classmethod
    def read(cls, query: str) -> Self:
        """Of an address, whoever wrote it."""
        given = _given(query)
        group, page = _one_of(given.get("group", ""), list(Group)), given.get("page", "")
        if not group:
            return cls()
        return cls(Group(group), number_in(page, LAST_PAGE) or 1)

    @classmethod
    def back(cls, address: str) -> Self | None:
        """None for the address of no such view."""
        path, _, query = address.partition("?")
        return cls.read(query) if path == TODAY else None

    @property
    def address(self) -> str:
        pairs = {"group": self.group or "", "page": str(self.page) if self.page > 1 else ""}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{TODAY}?{query}" if query else TODAY


def _given(query: str) -> dict[str, str]:
    """What an address asks, whoever wrote it; of a name that stands there twice the first value."""
    try:
        return dict(reversed(parse_qsl(query, max_num_fields=MOST_PARAMETERS)))
    except ValueError:
        return {}


def _one_of(value: str, known: Container[str]) -> str:
    return value if value in known else ""


# --- in words ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition; `without` is the address of the queue without it."""

    word: str
    without: str


@dataclass(frozen=True, slots=True)
class Select:
    """`worded`: what may be chosen are words of ours, no names. `gone`: what is chosen is not there (any more)."""

    name: str
    title: str
    worded: bool
    chosen: str
    options: tuple[tuple[str, str], ...]
    gone: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The head of the queue. `kept`: what a search keeps of the other conditions; `flags`: name, title, whether."""

    words: str
    query: str
    kept: tuple[tuple[str, str], ...]
    selects: tuple[Select, ...]
    flags: tuple[tuple[str, str, bool], ...]
    chips: tuple[Chip, ...]


def asked(ask: Ask, desk: Desk, account: Account) -> Asked:
    """What is asked, and what may be."""
    selects = tuple(selections(ask, desk, account))
    return Asked(
        words=ask.words,
        query=ask.query(),
        kept=tuple(pair for pair in parse_qsl(ask.begun.query()) if pair[0] != "q"),
        selects=selects,
        flags=tuple((name, capitalised(title), getattr(ask, name)) for name, title in FLAGS.items()),
        chips=tuple(_chips(ask, selects)),
    )


def selections(ask: Ask, desk: Desk, account: Account) -> Iterator[Select]:
    config, sources = desk.application.config, desk.application.sources
    places = [place for place in config.places if account.places is None or place.id in account.places]
    sites = dict.fromkeys(listing.source for place in places for listing in place.listings)
    titles = {site: sources[site].title for site in sites if site in sources}
    for name, title, worded, options in (
        ("place", "Точка", False, {"": "Все", **{place.id: place.title for place in places}}),
        ("source", "Площадка", False, {"": "Все", **titles}),
        ("tone", "Тон", True, {"": "любой", **wording.TONES}),
        ("theme", "Тема", True, {"": "любая", **wording.THEMES}),
        ("state", "Состояние", True, STATE_TITLES),
    ):
        chosen = getattr(ask, name)
        gone = {} if chosen in options else {chosen: chosen}  # a place of before, in a view that was kept
        yield Select(name, title, worded, chosen, tuple({**options, **gone}.items()), bool(gone))


def _chips(ask: Ask, selects: Iterable[Select]) -> Iterator[Chip]:
    if ask.words:
        yield Chip(f"«{wording.one_line(ask.words, CHIP)}»", ask.address(words=""))
    for select in selects:
        if select.chosen:
            told = dict(select.options)[select.chosen]
            yield Chip(f"{select.title}: {wording.one_line(told, CHIP)}", ask.address(**{select.name: ""}))
    for name, title in FLAGS.items():
        if getattr(ask, name):
            yield Chip(capitalised(title), ask.address(**{name: False}))


# --- kept under a name --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view; `here`: it is what is looked at."""

    id: int
    name: str
    address: str
    here: bool


def kept(desk: Desk, account: Account, ask: Ask) -> tuple[Kept, ...]:
    """The views of the account. They are read anew, because what may be asked changes."""
    saved = [(view.id, view.name, Ask.read(view.query)) for view in desk.store.views.list(account.id)]
    return tuple(Kept(number, name, of.address(), of == ask.begun) for number, name, of in saved)


def save(desk: Desk, visit: Visit) -> Response:
    """What is looked at now, under a name; one of that name is replaced."""
    name = " ".join(wording.visible(visit.form["name"]).split())[:LONGEST_NAME]
    ask = Ask.read(visit.form["query"]).begun
    if not name:
        raise UsageError("у вида должно быть название")
    views, account = desk.store.views, visit.account
    names = [view.name for view in views.list(account.id)]
    if name not in names and len(names) >= MOST_VIEWS:
        raise Conflict(f"сохранено уже {wording.counted(MOST_VIEWS, 'вид', 'вида', 'видов')}: удалите лишний")
    views.save(account.id, name, ask.query())
    return done(ask.query(), "kept")


def delete(desk: Desk, visit: Visit) -> Response:
    """One of their own."""
    if not desk.store.views.delete(visit.account.id, visit.number("view")):
        raise NotFound("no such view of theirs")
    return done(visit.form["back"], "unkept")


def done(back: str, what: str, anchor: str = "") -> Response:
    """Back to the list that they came from: a view of the day, or else what they asked of the queue. `what`: a key of
    `DONE`."""
    day, ask = Day.back(back), Ask.read(back)
    address = ask.address(after=ask.after) if day is None else day.address
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}done={what}{anchor}", 303)


PAGES = (
    Page("/views", save, Permission.SELF, ("POST",)),
    Page("/views/{view:int}/delete", delete, Permission.SELF, ("POST",)),
)
