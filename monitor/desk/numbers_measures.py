"""What was done about complaints, and whether it helped: measures are noted, judged by the numbers, withdrawn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Account, Deed, Permission
from monitor.actions.replying import LONGEST_MEASURE
from monitor.charts import NARROW, WIDE, Picture
from monitor.desk import rows
from monitor.desk.context import Desk
from monitor.desk.drawn import drawn
from monitor.desk.numbers_ask import NUMBERS, Known, zone_of
from monitor.desk.numbers_effects import ABOUT, Days, Told, counted, course, pair, told
from monitor.desk.numbers_pictures import Figure
from monitor.desk.page import Page
from monitor.desk.sheet import People
from monitor.desk.visit import Visit, number_in
from monitor.errors import NotFound
from monitor.notify.render import capitalised
from monitor.store.measures import Measure, Said

MEASURES = f"{NUMBERS}/measures"

PAGE = 10
"""Measures of a page: each asks for the numbers of sixteen weeks."""

SUGGESTED = 5

FIRST_DAY = date(2000, 1, 1)

EVERYWHERE = "Все точки"
ERASED = "Слова стёрты вместе с отзывом"

DONE: Mapping[str, str] = {
    "noted": "Мера записана.",
    "withdrawn": "Мера снята: больше она здесь не показывается.",
    "over": "Эту меру уже сняли.",
}
"""What was done, by the word in the address."""

PICTURES: Mapping[str, Callable[[Days, int], Picture]] = {"pair": pair, "course": course}
"""By the name in the address: before and after, week by week."""


@dataclass(frozen=True, slots=True)
class Card:
    """A measure. `ticket`: number and address of the review about which it was first said, None where there is none or
    it is of another place. `figures` () where there is nothing to compare."""

    id: int
    what: str
    about: str
    place: str
    day: str
    who: str
    ticket: tuple[int, str] | None
    told: Told
    spans: tuple[str, str]
    figures: tuple[Figure, ...]
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """What was said about a review and is not noted yet. `note`: the address of the form with it."""

    ticket: int
    address: str
    what: str
    place: str
    day: str
    note: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The form. `complaint`: what is wrong with it, or ""; `ticket` "" where it did not begin with a review."""

    what: str = ""
    theme: str = ""
    place: str = ""
    day: str = ""
    ticket: str = ""
    complaint: str = ""


class _Room:
    """Who asks, and what they may see. Days are those of all numbers."""

    def __init__(self, desk: Desk, visit: Visit) -> None:
        self.desk = desk
        self.visit = visit
        self.account: Account = visit.account
        self.known = Known.to(desk, visit.account)
        self.people = People.of(desk, visit)
        self.zone = zone_of(desk)
        self.today = visit.now.astimezone(ZoneInfo(self.zone)).date()

    def place(self, place: str | None) -> str:
        if place is None:
            return EVERYWHERE if self.account.places is None else "Все точки, здесь — Ваши"
        return self.known.places.get(place, place)

    def day(self, day: date) -> str:
        return wording.date_told(day, self.today)

    def local(self, said: Said) -> date:
        """The day on which it was said."""
        return said.at.astimezone(ZoneInfo(self.zone)).date()

    def counted(self, measure: Measure) -> Days | None:
        numbers, account = self.desk.store.numbers, self.account
        return counted(numbers, measure, account.places, self.zone, self.visit.now)

    def may_change(self, measure: Measure) -> bool:
        """What holds everywhere is for those who see everything."""
        return measure.place is not None or self.account.places is None


# --- the page -----------------------------------------------------------------------------------


def measures(desk: Desk, visit: Visit) -> Response:
    room = _Room(desk, visit)
    return _note(room) if visit.is_post else _page(room, _prefilled(room))


def _page(room: _Room, filled: Filled, status: int = 200) -> Response:
    desk, places = room.desk, room.account.places
    held = desk.store.measures.held(PAGE + 1, places=places, before=_before(room))
    shown = held[:PAGE]
    return desk.pages.show(
        "numbers_measures",
        status,
        visit=room.visit,
        notice=DONE.get(room.visit.query("done"), ""),
        cards=[_card(room, measure) for measure in shown],
        older=f"{MEASURES}?before={shown[-1].id}" if len(held) > PAGE else "",
        newest="" if _before(room) is None else MEASURES,
        hints=[_hint(room, said) for said in desk.store.measures.suggested(SUGGESTED, places)],
        filled=filled,
        themes=[(theme, capitalised(title)) for theme, title in wording.THEMES.items()],
        places=list(_choices(room)),
        today=room.today.isoformat(),
        longest=LONGEST_MEASURE,
    )


def _before(room: _Room) -> Measure | None:
    """The last one of the page before."""
    number = number_in(room.visit.query("before"))
    return None if number is None else room.desk.store.measures.get(number, room.account.places)


def _choices(room: _Room) -> Iterator[tuple[str, str]]:
    if room.account.places is None:
        yield "", EVERYWHERE
    yield from room.known.places.items()


def _prefilled(room: _Room) -> Filled:
    """With what somebody said about a review, where the address names one."""
    said = _said(room, room.visit.query("ticket"))
    usual = next((place for place, _ in _choices(room)), "")
    if said is None:
        return Filled(place=usual, day=room.today.isoformat())
    theme = next(iter(said.themes), "")
    return Filled(said.what, theme, said.place, room.local(said).isoformat(), str(said.ticket))


def _said(room: _Room, ticket: str) -> Said | None:
    number = number_in(ticket)
    return None if number is None else room.desk.store.measures.said(number, room.account.places)


def _hint(room: _Room, said: Said) -> Hint:
    return Hint(
        ticket=said.ticket,
        address=rows.address(said.ticket),
        what=wording.one_line(said.what, LONGEST_MEASURE),
        place=room.place(said.place),
        day=room.day(room.local(said)),
        note=f"{MEASURES}?ticket={said.ticket}#note",
    )


def _card(room: _Room, measure: Measure) -> Card:
    days = room.counted(measure)
    result = told(days, measure, room.today)
    shown = days if result.sides else None
    return Card(
        id=measure.id,
        what=wording.one_line(measure.what, LONGEST_MEASURE) or ERASED,
        about=ABOUT.get(measure.theme, measure.theme),
        place=room.place(measure.place),
        day=room.day(measure.day),
        who=room.people(measure.noted_by),
        ticket=_ticket(room, measure),
        told=result,
        spans=("", "") if shown is None else _spans(room, shown),
        figures=() if shown is None else tuple(_figure(measure, name, shown) for name in PICTURES),
        may_withdraw=room.may_change(measure),
    )


def _ticket(room: _Room, measure: Measure) -> tuple[int, str] | None:
    if measure.ticket is None:
        return None
    place = room.desk.store.tickets.place_of(measure.ticket)
    return (measure.ticket, rows.address(measure.ticket)) if room.account.may(Permission.READ, place) else None


def _spans(room: _Room, days: Days) -> tuple[str, str]:
    window = days.windows
    firsts, length = (window.before, window.day), timedelta(days=window.days - 1)
    before, after = (wording.between(first, first + length, room.today) for first in firsts)
    return before, after


def _figure(measure: Measure, name: str, days: Days) -> Figure:
    wide, narrow = (PICTURES[name](days, width) for width in (WIDE, NARROW))
    path = f"{MEASURES}/{measure.id}/{name}.svg"
    return Figure(
        wide.alt, path, (wide.width, wide.height), f"{path}?narrow=1", (narrow.width, narrow.height), grid=None
    )


def picture(desk: Desk, visit: Visit) -> Response:
    room, name = _Room(desk, visit), str(visit.request.path_params["name"])
    measure = _found(room)
    days = room.counted(measure)
    if name not in PICTURES or days is None:
        raise NotFound("no such picture")
    return drawn(PICTURES[name](days, NARROW if visit.query("narrow") else WIDE))


def _found(room: _Room) -> Measure:
    """Raises NotFound where they must not see it, or there is none."""
    measure = room.desk.store.measures.get(room.visit.number("measure"), room.account.places)
    if measure is None:
        raise NotFound("no such measure, or of another place")
    return measure


# --- what can be done ---------------------------------------------------------------------------


def _note(room: _Room) -> Response:
    desk, visit, form = room.desk, room.visit, room.visit.form
    filled = Filled(form["what"].strip(), form["theme"], form["place"], form["day"].strip(), form["ticket"])
    day = _day(filled.day)
    if complaint := _wrong(room, filled, day):
        return _page(room, replace(filled, complaint=complaint), 400)
    assert day is not None  # else there was a complaint
    said = _said(room, filled.ticket)
    with desk.store.write():
        number = desk.store.measures.note(
            filled.what,
            filled.theme,
            day,
            place=filled.place or None,
            ticket=None if said is None else said.ticket,
            actor=visit.account.login,
            now=visit.now,
        )
        _record(desk, visit, Deed.MEASURE_NOTED, number)
    return RedirectResponse(f"{MEASURES}?done=noted#m{number}", 303)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == len("2026-11-01") else None
    except ValueError:
        return None


def _wrong(room: _Room, filled: Filled, day: date | None) -> str:
    """What is wrong with the form, as a sentence; "" for nothing."""
    if not filled.what:
        return "Напишите, что сделали."
    if len(filled.what) > LONGEST_MEASURE:
        return f"Слов слишком много: уложитесь в {wording.counted(LONGEST_MEASURE, 'знак', 'знака', 'знаков')}."
    if not wording.is_plain(filled.what):
        return "Напишите в одну строку, без невидимых знаков."
    if filled.theme not in wording.THEMES:
        return "Выберите, на что жаловались."
    if filled.place not in dict(_choices(room)):
        return "Выберите точку."
    if day is None or day < FIRST_DAY:
        return "Укажите день, с которого мера действует."
    return "Этот день ещё не настал: запишите меру, когда она начнёт действовать." if day > room.today else ""


def withdraw(desk: Desk, visit: Visit) -> Response:
    room = _Room(desk, visit)
    measure = _found(room)
    if not room.may_change(measure):
        told = "Эта мера записана для всех точек. Снять её может тот, кому видны все."
        return desk.pages.problem(403, "Недостаточно прав", told, visit=visit)
    with desk.store.write():
        done = desk.store.measures.withdraw(measure.id, actor=visit.account.login, now=visit.now)
        if done:
            _record(desk, visit, Deed.MEASURE_WITHDRAWN, measure.id)
    return RedirectResponse(f"{MEASURES}?done={'withdrawn' if done else 'over'}", 303)


def _record(desk: Desk, visit: Visit, deed: Deed, number: int) -> None:
    """By its number alone: what erases a measure's words does not reach the audit log."""
    actor = visit.account.login
    desk.store.accounts.record(deed, actor=actor, what=f"№ {number}", now=visit.now, address=visit.address)


PAGES = (
    Page(MEASURES, measures, Permission.NUMBERS, ("GET", "POST")),
    Page(f"{MEASURES}/{{measure:int}}/{{name}}.svg", picture, Permission.NUMBERS),
    Page(f"{MEASURES}/{{measure:int}}/withdraw", withdraw, Permission.NUMBERS, ("POST",)),
)
