"""The page of a ticket: the review on one side, the reply on the other, and what the script asks for while a person
writes.

GET /t/12?from=QUERY          the page; for the script, the line that changes by itself
POST /t/12/lint, /t/12/swaps  what is wrong with a reply that nobody saved; other wordings of it
"""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from monitor import wording
from monitor.accounts import Permission
from monitor.alerts import TicketView
from monitor.desk.along import Way, neighbours
from monitor.desk.answer import LONGEST, check, exchanges, reply, too_long
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.panels import panels
from monitor.desk.rows import Eyes, iso, rows
from monitor.desk.sheet import People, knows, past, review, standing
from monitor.desk.told import DONE, Given, Refused
from monitor.desk.visit import Visit, number_in
from monitor.errors import UsageError
from monitor.notify.views import NAME_LIMIT


@dataclass(frozen=True, slots=True)
class News:
    """What is told at the top: that something was done to another ticket, with the address of its page."""

    sentence: str
    href: str


def show(desk: Desk, visit: Visit) -> Response:
    if visit.wants_fragment:
        view = desk.reports.ticket(visit.number("ticket"), visit.now)
        changing = _now(desk, visit, view, Way.of(visit), People.of(desk, visit))
        return HTMLResponse(desk.pages.text("ticket_now", visit=visit, **changing))
    return page(desk, visit)


def page(
    desk: Desk,
    visit: Visit,
    *,
    typed: str | None = None,
    refused: Refused | None = None,
    exchanging: bool = False,
    status: int = 200,
) -> HTMLResponse:
    """`typed`: a reply that nobody saved; `refused`: why what was asked for was not done."""
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    people, way = People.of(desk, visit), Way.of(visit)
    done = DONE.get(visit.query("done")) if refused is None and not visit.is_post else None
    conflict = None if refused is None else refused.conflict
    news, gone = _news(visit, way), past(desk, visit, view, people)
    text = desk.pages.text(
        "ticket",
        visit=visit,
        view=view,
        author="Имя автора стёрто" if view.erased else wording.one_line(view.author, NAME_LIMIT) or "Автор не назвался",
        about=_about(view, visit.now),
        review=review(desk, visit, view, people),
        past=gone,
        standing=standing(view, gone.lines),
        reply=reply(desk, visit, view, people, typed=typed, conflict=conflict, exchanging=exchanging),
        erased=view.erased,
        along=neighbours(desk, visit, way, view.ticket),
        news=news,
        done=done if news is None else None,
        refused=refused,
        given=Given(refused, visit.form),
        **_now(desk, visit, view, way, people),
    )
    return HTMLResponse(text, status)


def _now(desk: Desk, visit: Visit, view: TicketView, way: Way, people: People) -> dict[str, object]:
    """What changes while a person looks: the time left, the state, whose hand is on it."""
    eyes = Eyes(visit.account.login, visit.account.places, {}, visit.now, way.to)
    return {
        "row": rows([view], eyes, {view.ticket: ""})[0],
        "panels": panels(desk, visit, view, people),
        "known": knows(known) if (known := people(view.acknowledged_by)) else "",
        "stamp": f"{view.state} {view.revision} {view.draft_number or 0}",
        "way": way,
        "now": iso(visit.now),
    }


def _about(view: TicketView, now: datetime) -> str:
    """`Яндекс Карты · «Ромашка» на Ленина · вчера в 18:20`."""
    site, place = (wording.one_line(name, NAME_LIMIT) for name in (view.source_title, view.place_title or view.place))
    return f"{site} · {place} · {wording.posted(view.posted_at, view.posted_precision, view.timezone, now)}"


def _news(visit: Visit, way: Way) -> News | None:
    """Of the ticket before this one."""
    done, of = DONE.get(visit.query("done")), number_in(visit.query("of"))
    if done is None or not done.onward or of is None:
        return None
    return News(f"№{wording.GLUE}{of}: {done.onward}.", way.to(of))


# --- while a person writes -------------------------------------------------------------------------------


def lint(desk: Desk, visit: Visit) -> Response:
    """What is wrong with the words in the editor, how long they are: for the script a part of the page."""
    text = visit.form["text"]
    if not visit.wants_fragment:
        return page(desk, visit, typed=text)
    if len(text) > LONGEST:
        return PlainTextResponse(desk.pages.sentence(too_long(text)), 413)
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    return desk.pages.show("ticket_lint", visit=visit, checked=check(desk, visit, view, text))


def swaps(desk: Desk, visit: Visit) -> Response:
    """Other wordings of the words in the editor: for the script a part of the page."""
    text, ticket = visit.form["text"], visit.number("ticket")
    try:
        if not visit.wants_fragment:
            return page(desk, visit, typed=text, exchanging=True)
        found = tuple(exchanges(desk, ticket, text))
    except UsageError as error:
        sentence = desk.pages.sentence(error)
        if visit.wants_fragment:
            return PlainTextResponse(sentence, 413)
        return page(desk, visit, typed=text, refused=Refused("swaps", sentence), status=413)
    return desk.pages.show("ticket_swaps", visit=visit, ticket=ticket, exchanges=found)


PAGES = (
    Page("/t/{ticket:int}", show, Permission.READ),
    Page("/t/{ticket:int}/lint", lint, Permission.READ, ("POST",)),
    Page("/t/{ticket:int}/swaps", swaps, Permission.READ, ("POST",)),
)
