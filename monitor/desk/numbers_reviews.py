"""The reviews behind a number: how many and which, in words; each with the way to its ticket.

address → Selection → Numbers.reviews → Excerpts → rows → the page
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.clock import optional_moment
from monitor.desk import numbers_selection as selections
from monitor.desk import rows
from monitor.desk.context import Desk
from monitor.desk.numbers_ask import NUMBERS, Known, given, zone_of
from monitor.desk.numbers_selection import REVIEWS
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.model import WAITING_STATES, Precision, TicketState
from monitor.notify.views import NAME_LIMIT, link
from monitor.numbers import Of, Selection
from monitor.store.connection import Row as Stored
from monitor.store.filters import LONGEST_CURSOR

PAGE = 50

MOST_IN_XLSX = 100_000
"""Reviews: nobody gets a byte of a workbook before it is complete, and whoever stands between waits for a minute."""

EXCERPT, BEFORE = 300, 100
"""Characters of a review, and of what stands before the words for which it was selected."""


@dataclass(frozen=True, slots=True)
class Row:
    """A review. `said` as told by `said`; `href` "" where there is nowhere to go; `outside`: it leads to the site."""

    stars: str
    stars_said: str
    about: str
    said: tuple[str, str, str]
    state: str
    tone: str
    answered: str
    href: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """`what`: of what there are `total`. `back`: the numbers of the same days. `files`: of all of them, `whole`: as a
    workbook, too."""

    total: int
    what: tuple[str, ...]
    rows: tuple[Row, ...]
    first: str
    next: str
    back: str
    files: str
    whole: bool


def reviews(desk: Desk, visit: Visit) -> Response:
    known, query = Known.to(desk, visit.account), visit.request.url.query
    selection = selections.read(query, known, visit.account, zone_of(desk), visit.now)
    after = given(query).get("after", "")[:LONGEST_CURSOR]
    behind = desk.store.numbers.reviews(selection, visit.now, after=after, limit=PAGE)
    address, back = selections.address(selection), selections.around(selection)
    shelf = Shelf(
        total=behind.total,
        what=selections.in_words(selection, known, visit.now),
        rows=tuple(_row(desk, known, found, selection, visit.now) for found in desk.store.excerpts.of(behind.reviews)),
        first=address if after else "",
        next=f"{address}&after={behind.after}" if behind.after else "",
        back=back,
        files=address.removeprefix(REVIEWS),
        whole=behind.total <= MOST_IN_XLSX,
    )
    return desk.pages.show("numbers_reviews", visit=visit, shelf=shelf, period=back.removeprefix(NUMBERS))


def _row(desk: Desk, known: Known, found: Stored, selection: Selection, now: datetime) -> Row:
    zone = desk.application.zone(found["place"]).key
    url, ticket, stars = link(found["url"]), found["ticket"], found["stars"]
    answered = optional_moment(found["answered_at"])
    return Row(
        stars=wording.stars(stars),
        stars_said="без оценки" if stars is None else f"оценка {stars} из 5",
        about=" · ".join(_about(known, found, zone, now)),
        said=said(found, selection),
        state=state(found, now),
        tone=_tone(found, now),
        answered=""
        if answered is None or selection.of is not Of.ANSWERED
        else f"ответили {wording.moment(answered, zone, now)}",
        href=url if ticket is None else rows.address(ticket),
        outside=ticket is None,
    )


def _about(known: Known, found: Stored, zone: str, now: datetime) -> Iterator[str]:
    yield known.places.get(found["place"], found["place"])
    yield known.sources.get(found["source"], found["source"])
    yield "имя автора стёрто" if found["forgotten_at"] else _author(found)
    yield wording.posted(optional_moment(found["posted_at"]), Precision(found["posted_precision"]), zone, now)


def _author(found: Stored) -> str:
    return wording.one_line(found["author"], NAME_LIMIT) or "автор не назвался"


def said(found: Stored, selection: Selection) -> tuple[str, str, str]:
    """The review, or what of it fits: its words up to those for which it was selected, these, and what follows. Where
    nobody knows which they are, the last two are ""."""
    text = " ".join(wording.visible(found["text"]).split())
    for quote in _quotes(found, selection):
        words = " ".join(wording.visible(quote).split())
        at = text.find(words)
        if words and at >= 0:
            start = 0 if at <= BEFORE else text.find(" ", at - BEFORE, at) + 1 or at
            after = "" if len(words) > EXCERPT else _rest(text, at + len(words))
            return f"{'…' if start else ''}{text[start:at]}", wording.one_line(words, EXCERPT), after
    return wording.one_line(text, EXCERPT) or _wordless(found), "", ""


def _rest(text: str, start: int) -> str:
    shown = wording.one_line(text[start:], EXCERPT)
    return f" {shown}" if text[start : start + 1] == " " else shown


def _wordless(found: Stored) -> str:
    return "Текст стёрт" if found["forgotten_at"] else "Оценка без текста"


def _quotes(found: Stored, selection: Selection) -> Iterator[str]:
    for theme, tone, quote, *_ in json.loads(found["themes"] or "[]"):
        if theme == selection.theme and selection.theme_tone in (None, tone):
            yield quote
    for risk, quote, *_ in json.loads(found["risks"] or "[]"):
        if risk == selection.risk:
            yield quote
    for job, name, *_, tone, quote in json.loads(found["people"] or "[]"):
        if f"{job}:{name}" == selection.person and selection.person_tone in (None, tone):
            yield quote


def state(found: Stored, now: datetime) -> str:
    """What became of it, in a few words."""
    if found["state"] is None:
        return "ответ уже был" if found["reply_text"] is not None else "ответа не было"
    if found["closed_by_erasing"]:
        return wording.ERASED
    due = optional_moment(found["due_at"])
    if found["state"] in WAITING_STATES and due is not None and due <= now:
        return "просрочен"
    met = {1: ", вовремя", 0: ", с опозданием"}.get(found["answered_met"], "")
    answered = found["state"] in (TicketState.SUBMITTED, TicketState.ANSWERED)
    return wording.STATES[found["state"]] + (met if answered else "")


def _tone(found: Stored, now: datetime) -> str:
    due = optional_moment(found["due_at"])
    if found["state"] in WAITING_STATES:
        return "late" if due is not None and due <= now else "soon"
    if found["state"] in rows.STATE_TONES:
        return "soon" if found["answered_met"] == 0 else "good"
    return ""


PAGES = (Page(REVIEWS, reviews, Permission.NUMBERS),)
