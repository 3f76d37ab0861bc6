"""The one object that the desk asks."""

from collections.abc import Callable, Sequence
from typing import Protocol

from monitor.alerts import TicketView
from monitor.editing import reply, review
from monitor.editing.reply import Case, Counter, Note
from monitor.editing.review import Segment
from responders.types import Finding, Situation, Swap


class Wordings(Protocol):
    """Who knows the phrase book: `responders.draft.Responder`."""

    def swaps(
        self, text: str, situation: Situation, check: Callable[[str], Sequence[Finding]] | None = None
    ) -> tuple[Swap, ...]: ...

    def warm(self, sector: str) -> None: ...


class Editing:
    """What the editor of a reply shows; changes nothing, and several threads may ask at once. `case` reads what a
    ticket's reply is about; `wordings` is asked for when first needed. All spans are character offsets."""

    def __init__(self, *, case: Callable[[int], Case], wordings: Callable[[], Wordings], sector: str) -> None:
        self._case = case
        self._wordings = wordings
        self._sector = sector

    def warm(self) -> None:
        """Loads now, in one thread, what the first visitor would wait a second for."""
        self._wordings().warm(self._sector)

    def lint(self, ticket_id: int, text: str) -> tuple[Note, ...]:
        """What is wrong with a reply, the gravest first. Raises NotFound."""
        return reply.notes(text, self._case(ticket_id))

    def swaps(self, ticket_id: int, text: str) -> tuple[Swap, ...]:
        """Other wordings of the sentences that are of the phrase book, in their order. Raises NotFound."""
        case = self._case(ticket_id)
        return self._wordings().swaps(text, case.situation, lambda changed: reply.findings(changed, case))

    def counters(self, source: str, text: str) -> Counter:
        """How much of a site's limit a reply takes."""
        return reply.counters(source, text)

    def marks(self, view: TicketView) -> tuple[Segment, ...]:
        """The review's text in pieces, with what each was noticed for."""
        return review.marks(view)

    def why(self, view: TicketView) -> str:
        """Why the review was flagged, in Russian; "" where it was not."""
        return review.why(view)

    def key_sentence(self, view: TicketView) -> str:
        """The part of the review that tells most, in one line."""
        return review.key_sentence(view)
