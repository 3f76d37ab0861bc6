"""A reply goes to the site through its own API, and comes back: each asks first, and shows what the site would get.

GET /t/12/publish: the words, what speaks against them → POST: sent · GET /t/12/retract → POST: taken back
"""

from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from monitor import wording
from monitor.accounts import Permission
from monitor.alerts import TicketView
from monitor.desk.along import Way, neighbours
from monitor.desk.answer import seen
from monitor.desk.context import Desk
from monitor.desk.doing import done
from monitor.desk.page import Page
from monitor.desk.told import why
from monitor.desk.visit import Visit
from monitor.errors import ConfigError, Conflict, FetchError, UsageError
from monitor.jobs.publish import Publish
from monitor.model import ReplyState
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT, where


@dataclass(frozen=True, slots=True)
class Question:
    """`against`: why the words must not be sent as they are; `overrules`: the visitor may send them all the same."""

    text: str
    base: int
    against: str
    overrules: bool


def publish(desk: Desk, visit: Visit) -> Response:
    if not visit.is_post:
        return _ask_to_publish(desk, visit)
    way, ticket = Way.of(visit), visit.number("ticket")
    onward = neighbours(desk, visit, way, ticket).after if way.ask is not None else None
    try:
        state = _post(desk, visit, _publisher(desk, visit))
    except (Conflict, UsageError, FetchError) as error:
        return _ask_to_publish(desk, visit, _sentence(desk, visit, error), _status(error))
    return done(way, ticket, "pending" if state is ReplyState.PENDING else "published", onward)


def _post(desk: Desk, visit: Visit, publisher: Publish) -> ReplyState:
    """Sends the words that they saw, and no others. Sending our draft makes it theirs, under another number: that it
    is sent once more, because nobody answered or by a second click, is no change."""
    ticket, base = visit.number("ticket"), seen(visit, "base")
    force = bool(visit.form["force"]) and _overrules(desk, visit)
    text = publisher.offer(ticket, force=force)
    if (base, text) not in {(draft.number, draft.text) for draft in desk.store.dossier.drafts(ticket, 2)}:
        raise Conflict("ответ с тех пор изменился; прочитайте его ещё раз, прежде чем публиковать")
    return publisher.post(ticket, text, force=force).state


def retract(desk: Desk, visit: Visit) -> Response:
    if not visit.is_post:
        return _ask_to_retract(desk, visit)
    try:
        _must_stand(desk, visit)
        _publisher(desk, visit).retract(visit.number("ticket"))
    except (Conflict, UsageError, FetchError) as error:
        return _ask_to_retract(desk, visit, _sentence(desk, visit, error), _status(error))
    return done(Way.of(visit), visit.number("ticket"), "retracted")


def _must_stand(desk: Desk, visit: Visit) -> None:
    """Raises Conflict where, as far as we know, the site shows no answer that we could take back: a second click."""
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    source = desk.application.sources.get(view.source)
    if source is not None and source.publishes and not _on_site(desk, view):
        raise Conflict("ответа на площадке уже нет, снимать нечего")


def _on_site(desk: Desk, view: TicketView) -> str:
    """The answer that the site shows, "" for none."""
    replies = desk.store.tickets.wordings(view.review)["replies"]
    return wording.visible((replies[-1]["text"] or "") if replies else "").strip()


def _publisher(desk: Desk, visit: Visit) -> Publish:
    return desk.application.publisher(visit.account.login)


def _overrules(desk: Desk, visit: Visit) -> bool:
    place = desk.store.tickets.place_of(visit.number("ticket"))
    return visit.account.may(Permission.FORCE, place)


def _sentence(desk: Desk, visit: Visit, error: Conflict | UsageError | FetchError) -> str:
    if isinstance(error, ConfigError):
        return "Ключи площадки не заданы. Попросите администратора: чего не хватает, покажет команда otklik check."
    if isinstance(error, FetchError):
        reason = error.message.removeprefix(f"отзыв № {visit.number('ticket')}: ")
        return f"Не получилось. {capitalised(reason).rstrip('.')}."
    return why(desk, visit, error)


def _status(error: Exception) -> int:
    return 409 if isinstance(error, Conflict) else 502 if isinstance(error, FetchError) else 400


def _ask_to_publish(desk: Desk, visit: Visit, refusal: str = "", status: int = 200) -> HTMLResponse:
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    question = _question(desk, visit, view)
    return _show(desk, visit, view, status, retracting=False, question=question, refusal=refusal)


def _question(desk: Desk, visit: Visit, view: TicketView) -> Question:
    publisher, text = _publisher(desk, visit), "" if view.draft is None else view.draft.text
    against, overrules = "", False
    try:
        publisher.offer(view.ticket)
    except Conflict as conflict:
        against, overrules = why(desk, visit, conflict), _overrules(desk, visit) and _is_sent(publisher, view.ticket)
    return Question(wording.visible(text).strip(), view.draft_number or 0, against, overrules)


def _is_sent(publisher: Publish, ticket: int) -> bool:
    """Whether whoever insists may send it."""
    try:
        publisher.offer(ticket, force=True)
    except Conflict:
        return False
    return True


def _ask_to_retract(desk: Desk, visit: Visit, refusal: str = "", status: int = 200) -> HTMLResponse:
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    return _show(desk, visit, view, status, retracting=True, question=None, refusal=refusal)


def _show(
    desk: Desk,
    visit: Visit,
    view: TicketView,
    status: int,
    *,
    retracting: bool,
    question: Question | None,
    refusal: str,
) -> HTMLResponse:
    return desk.pages.show(
        "ticket_publish",
        status,
        visit=visit,
        view=view,
        stars=wording.stars(view.stars),
        author=wording.one_line(view.author, NAME_LIMIT) or "автор не назвался",
        review=wording.visible(view.text).strip(),
        place=wording.one_line(view.place_title or view.place, NAME_LIMIT),
        on_site=where(view.source, view.source_title),
        standing=_on_site(desk, view),
        retracting=retracting,
        question=question,
        refusal=refusal,
        way=Way.of(visit),
    )


PAGES = (
    Page("/t/{ticket:int}/publish", publish, Permission.ACT, ("GET", "POST")),
    Page("/t/{ticket:int}/retract", retract, Permission.ACT, ("GET", "POST")),
)
