"""Where in the queue a ticket stands, so that work goes on without going back to the list. Nothing is remembered: the
address of the page carries the query of the queue as `from`."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from monitor.desk.context import Desk
from monitor.desk.rows import address
from monitor.desk.views import Ask
from monitor.desk.visit import Visit

FROM = "from"
"""The field, and the name in an address."""


@dataclass(frozen=True, slots=True)
class Way:
    """The part of the queue that somebody works through, None when they came from elsewhere."""

    ask: Ask | None

    @classmethod
    def of(cls, visit: Visit) -> "Way":
        """From the form, else from the address."""
        if FROM in visit.form:
            return cls(Ask.read(visit.form[FROM]))
        return cls(Ask.read(visit.query(FROM)) if FROM in visit.request.query_params else None)

    @property
    def query(self) -> str:
        """Of the queue; "" for all of it."""
        return "" if self.ask is None else self.ask.query()

    @property
    def back(self) -> str:
        """Where the list is."""
        ask = self.ask or Ask()
        return ask.address(after=ask.after)

    def to(self, ticket: int, end: str = "", **told: str | int) -> str:
        """The page of a ticket on this way, or one below it; `told`: what has just been done."""
        pairs = [(name, str(value)) for name, value in told.items()]
        if self.ask is not None:
            pairs.append((FROM, self.query))
        path = f"{address(ticket)}/{end}" if end else address(ticket)
        return f"{path}?{urlencode(pairs)}" if pairs else path


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Tickets before and after one; None where there is none."""

    before: int | None
    after: int | None


def neighbours(desk: Desk, visit: Visit, way: Way, ticket: int) -> Neighbours:
    """Of a ticket that is not in the list any more, the list's first is what comes next. The pages of the list are
    those of the queue: behind the last of a page comes the first of the following one."""
    filters = (way.ask or Ask()).filters(desk, visit.account, visit.now)
    found = desk.store.tickets.page(filters)
    if ticket not in found.tickets:
        return Neighbours(None, _first(found.tickets))
    at = found.tickets.index(ticket)
    before = found.tickets[at - 1] if at else None
    if at + 1 < len(found.tickets):
        return Neighbours(before, found.tickets[at + 1])
    if found.after is None:
        return Neighbours(before, None)
    following = desk.store.tickets.page(filters._replace(after=found.after, limit=1))
    return Neighbours(before, _first(following.tickets))


def _first(tickets: Sequence[int]) -> int | None:
    return tickets[0] if tickets else None
