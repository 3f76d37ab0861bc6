"""How reading goes: health in words, what is wrong and what to do, card by card; and asking for a card at once.

address → Ask → Reading, Reports, health → Live → the page, or its live part alone
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qsl, urlencode
from zlib import crc32

from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor import health, reading, wording
from monitor.accounts import Account, Deed, Permission
from monitor.desk import conditions
from monitor.desk.conditions import (
    MOST_TROUBLES,
    OVERALL,
    TONES,
    Line,
    Trouble,
    checks,
    keyless,
    lines,
    may_look_after,
    sentence,
    troubles,
    upcoming,
)
from monitor.desk.context import Desk
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.rows import iso
from monitor.desk.samples import Kept, kept
from monitor.desk.visit import LAST_PAGE, Visit, number_in
from monitor.errors import NotFound
from monitor.health import Check
from monitor.model import ListingState
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT
from monitor.reading import CardReport, Obstacle
from monitor.store.listings import Held

SOURCES = "/sources"

PAGE = 50
"""Cards."""

DONE: Mapping[str, str] = {
    "hastened": "{card}: прочитаем в ближайший проход.",
    Obstacle.DUE: "{card}: уже на очереди, прочитаем в ближайший проход.",
    Obstacle.REFUSED: "{card}: сайт нам отказал, снова спросим {until}. Если спросить раньше, отказ продлится.",
    Obstacle.WAIT: "{card}: сайт просил подождать, снова спросим {until}.",
    Obstacle.KEYLESS: "{card}: нет ключа этого сайта, без него карточку не прочитать.",
}
"""What came of asking for a card, by the key in the address."""

NO_PASSES = "Но проходы сейчас не идут: см. «Проходы»."


@dataclass(frozen=True, slots=True)
class Ask:
    """Which cards: of a place, in a state (a key of `reading.STATES`), "" for any; the page counts from 1."""

    place: str = ""
    state: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: str) -> Self:
        """Of an address, whoever wrote it."""
        try:
            given = dict(reversed(parse_qsl(query, max_num_fields=20)))
        except ValueError:
            given = {}
        state, page = given.get("state", ""), given.get("page", "")
        return cls(
            given.get("place", "")[:NAME_LIMIT],
            state if state in reading.STATES else "",
            number_in(page, LAST_PAGE) or 1,
        )

    def address(self, **more: str) -> str:
        pairs = {"place": self.place, "state": self.state, "page": str(self.page) if self.page > 1 else "", **more}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{SOURCES}?{query}" if query else SOURCES


@dataclass(frozen=True, slots=True)
class Count:
    """A part of the cards, and its address; `here`: it is what is looked at."""

    title: str
    number: int
    tone: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A card. `name`: place and site; `causes`: alarms that concern it, by number and in a word; `reviews`: how many we
    hold of those declared; `good` None: never read; `keyless`: no pass can read it."""

    id: int
    name: str
    place: str
    site: str
    card: str
    tone: str
    word: str
    causes: tuple[tuple[int, str], ...]
    good: Moment | None
    reviews: str
    remarks: tuple[str, ...]
    next: Moment
    keyless: bool


@dataclass(frozen=True, slots=True)
class Live:
    """What changes by itself. `more` troubles are not in `troubles`. `told`: what came of asking for a card, `refused`
    where it is not read at once."""

    etag: str
    tone: str
    overall: str
    lines: tuple[Line, ...]
    troubles: tuple[Trouble, ...]
    more: int
    slow: tuple[str, ...]
    counts: tuple[Count, ...]
    rows: tuple[Row, ...]
    before: str
    after: str
    samples: tuple[Kept, ...]
    told: str
    refused: bool


def sources(desk: Desk, visit: Visit) -> Response:
    ask = Ask.read(visit.request.url.query)
    tag = _tag(desk, visit, ask)
    if visit.wants_fragment and not visit.query("done") and tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag})
    live = _live(desk, visit, ask, tag)
    name = "sources_live" if visit.wants_fragment else "sources"
    page = desk.pages.text(
        name,
        visit=visit,
        live=live,
        ask=ask,
        places=_places(desk, visit.account),
        may=visit.account.may(Permission.OPERATE),
    )
    return HTMLResponse(page, headers={"ETag": tag})


def _tag(desk: Desk, visit: Visit, ask: Ask) -> str:
    """Of what the page shows: it tells times to the minute, and reads are written down pass by pass."""
    store = desk.store
    parts = (
        ask,
        visit.account,
        visit.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        [(alarm.id, alarm.message) for alarm in store.alarms.open()],
        store.passes.last_finished(),
    )
    return f'W/"{crc32(repr(parts).encode()):08x}"'


def _live(desk: Desk, visit: Visit, ask: Ask, tag: str) -> Live:
    cards = list(desk.application.reading.cards(visit.now, visit.account.places))
    found = checks(desk, visit)
    samples = kept(desk, visit, {card.listing.source for card in cards})
    shown = _ordered(card for card in cards if ask.place in ("", card.listing.place))
    chosen = [card for card in shown if ask.state in ("", card.state)]
    first = PAGE * (ask.page - 1)
    worst = health.worst(found)
    wrong = tuple(troubles(desk, visit, cards, samples))
    told, refused = _told(desk, visit, cards, found)
    return Live(
        etag=tag,
        tone=TONES[worst],
        overall=OVERALL[worst],
        lines=tuple(lines(visit, found, cards)),
        troubles=wrong[:MOST_TROUBLES],
        more=max(len(wrong) - MOST_TROUBLES, 0),
        slow=tuple(capitalised(line) for line in reading.slow_hosts(cards)),
        counts=tuple(_counts(ask, shown)),
        rows=tuple(_rows(desk, visit, chosen[first : first + PAGE], {trouble.id for trouble in wrong[:MOST_TROUBLES]})),
        before=replace(ask, page=ask.page - 1).address() if ask.page > 1 else "",
        after=replace(ask, page=ask.page + 1).address() if len(chosen) > first + PAGE else "",
        samples=samples,
        told=told,
        refused=refused,
    )


def _places(desk: Desk, account: Account) -> list[tuple[str, str]]:
    titles = desk.application.titles.items()
    return [(place, title) for place, title in titles if account.places is None or place in account.places]


# --- cards --------------------------------------------------------------------------------------------


def _ordered(cards: Iterator[CardReport]) -> list[CardReport]:
    """The worst first, then by their names."""
    states = list(reading.STATES)
    return sorted(cards, key=lambda card: (states.index(card.state), card.place_title, card.source_title))


def _counts(ask: Ask, cards: Sequence[CardReport]) -> Iterator[Count]:
    """All cards, and those of each state that there is."""
    yield Count("Все карточки", len(cards), "", Ask(ask.place).address(), here=not ask.state)
    numbers = Counter(card.state for card in cards)
    for state, word in reading.STATES.items():
        if numbers[state] or ask.state == state:
            address = Ask(ask.place, state).address()
            yield Count(capitalised(word), numbers[state], TONES[state], address, here=ask.state == state)


def _rows(desk: Desk, visit: Visit, shown: Sequence[CardReport], told: Collection[int]) -> Iterator[Row]:
    """`told`: alarms that stand above them."""
    alike = Counter((card.place, card.source) for card in desk.application.cards.values())
    held, without = desk.application.reading.held(shown), keyless(desk)
    may = may_look_after(visit.account)
    for card in shown:
        listing = card.listing
        several = alike[listing.place, listing.source] > 1
        yield Row(
            id=listing.id,
            name=_name(card),
            place=wording.one_line(card.place_title, NAME_LIMIT),
            site=card.source_title,
            card=wording.one_line(listing.external_id, NAME_LIMIT) if several else "",
            tone=TONES[card.state],
            word=reading.STATES[card.state],
            causes=tuple(cause for cause in _causes(card) if cause[0] in told),
            good=moment(desk, visit, listing.last_good_at, listing.place) if listing.last_good_at else None,
            reviews=_reviews(card, held[listing.id]),
            remarks=tuple(_remarks(card, held[listing.id], told, visit.now, may=may)),
            next=Moment(iso(card.next_check_at), upcoming(desk, visit, card.next_check_at, listing.place)),
            keyless=listing.source in without,
        )


def _causes(card: CardReport) -> Iterator[tuple[int, str]]:
    """Why it is not read, or what else is wrong. Of a site that fails now and then, cards that are read have none."""
    for alarm in card.alarms:
        if card.error and alarm.message == card.error[1]:
            yield alarm.id, "Почему"
        elif alarm.listing_id is not None or card.error:
            yield alarm.id, capitalised(wording.ALARMS[alarm.kind])


def _name(card: CardReport) -> str:
    return f"{wording.one_line(card.place_title, NAME_LIMIT)}, {card.source_title}"


def _reviews(card: CardReport, held: Held) -> str:
    declared = card.listing.declared_total
    shown = wording.thousands(held.shown)
    return shown if declared is None else f"{shown} из {wording.thousands(declared)}"


def _remarks(card: CardReport, held: Held, told: Collection[int], now: datetime, *, may: bool) -> Iterator[str]:
    """`may`: the reader looks after the server."""
    for alarm in card.alarms:
        if alarm.id not in told and alarm.listing_id is not None:
            yield conditions.told(sentence(reading.alarm_told(alarm, now)), may=may)
    for remark in reading.unalarming(card):
        yield conditions.told(sentence(remark), may=may)
    if held.brought:
        yield f"Ещё {wording.counted(held.brought, 'отзыв', 'отзыва', 'отзывов')} — только из файлов."


# --- a card at once -----------------------------------------------------------------------------------


def hasten(desk: Desk, visit: Visit) -> Response:
    """Makes a card due, unless its site wants to be left alone."""
    ask = Ask.read(visit.form["back"])
    with desk.store.write():
        listing = _listing(desk, visit, visit.number("listing"))
        against = desk.application.reading.hasten(listing, visit.now)
        if against is None:
            desk.store.accounts.record(
                Deed.CARD_HASTENED,
                actor=visit.account.login,
                what=f"{listing.name} {listing.external_id}",
                now=visit.now,
                address=visit.address,
            )
    done = "hastened" if against is None else str(against.obstacle)
    return RedirectResponse(f"{ask.address(done=done, card=str(listing.id))}#card-{listing.id}", 303)


def _listing(desk: Desk, visit: Visit, number: int) -> ListingState:
    """A card that the visitor may see. Raises NotFound."""
    listing = desk.store.listings.find(number)
    if listing is None or not visit.account.may(Permission.READ, listing.place):
        raise NotFound("no such card, or of another place")
    return listing


def _told(desk: Desk, visit: Visit, cards: Sequence[CardReport], found: Sequence[Check]) -> tuple[str, bool]:
    """What came of asking for a card, and whether it is not read at once; "" when nobody asked."""
    key, number = visit.query("done"), visit.query("card")
    card = next((card for card in cards if str(card.listing.id) == number), None)
    if card is None or key not in DONE:
        return "", False
    against = desk.application.reading.hindrance(card.listing, visit.now)
    until = against.until if against and against.until else card.next_check_at
    told = DONE[key].format(card=_name(card), until=moment(desk, visit, until, card.listing.place).told)
    waits = key in ("hastened", Obstacle.DUE)
    stopped = waits and any(check.name == health.PASSES and check.status == "broken" for check in found)
    return f"{told} {NO_PASSES}" if stopped else told, stopped or not waits


PAGES = (
    Page("/sources", sources, Permission.READ),
    Page("/sources/{listing:int}/check", hasten, Permission.OPERATE, ("POST",)),
)
