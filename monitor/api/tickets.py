"""GET: tickets, and one of them."""

from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from monitor.accounts import Permission
from monitor.api.asked import TicketQuery
from monitor.api.calls import HIGHEST, Call, reading
from monitor.api.doing import ticket_answer
from monitor.api.problems import Refusal
from monitor.api.tags import dumped, shown, tag_of
from monitor.contract.tickets import ticket_json
from monitor.model import WAITING_STATES, TicketState
from monitor.store.filters import Cursor, Filters

Number = Annotated[int, Path(json_schema_extra={"minimum": 1, "maximum": HIGHEST})]


async def list_tickets(request: Request, query: Annotated[TicketQuery, Query()]) -> Response:
    """Earliest deadline first, the backlog after them, closed ones last. A ticket that stays where it is stands on one
    page alone, whatever happens to others meanwhile."""
    return await reading(request, lambda call: _page(call, query))


def _page(call: Call, query: TicketQuery) -> Response:
    application = call.application
    after = Cursor.read(query.cursor) if query.cursor else None
    if query.cursor and after is None:
        raise Refusal("invalid", errors=[mistake("query.cursor", "is none of ours", "cursor")])
    filters = Filters(
        states=_states(query.state),
        place=query.place,
        source=query.source,
        tone=query.tone,
        assignee=query.assignee,
        limit=query.limit,
        places=call.token.places,
        theme=query.theme,
        overdue=bool(query.overdue),
        dangerous=query.dangerous,
        unassigned=bool(query.unassigned),
        lemmas=None if query.q is None else application.searching.lemmas(query.q),
        after=after,
        now=call.now,
    )
    page = call.store.tickets.page(filters)
    views = application.reports.tickets(page.tickets, call.now)
    told = [ticket_json(call.seen(view)) for view in views]
    body = dumped({"tickets": told, "next": None if page.after is None else str(page.after)})
    return shown(call.request, body, tag_of(body))


def _states(name: str | None) -> tuple[TicketState, ...]:
    if name is None:
        return WAITING_STATES
    return tuple(TicketState) if name == "all" else (TicketState(name),)


async def get_ticket(request: Request, ticket: Number) -> Response:
    """With its history: earlier wordings of the review, answers that the site showed, notes, complaints, events."""
    return await reading(request, lambda call: _ticket(call, ticket))


def _ticket(call: Call, ticket: int) -> Response:
    answer = ticket_answer(call, call.check_ticket(ticket, Permission.READ))
    return shown(call.request, answer.body, answer.tag)


def mistake(where: str, message: str, code: str) -> dict[str, str]:
    return {"where": where, "message": message, "code": code}
