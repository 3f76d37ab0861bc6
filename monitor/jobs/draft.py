"""Writes the draft of every ticket that has a verdict and no words of a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from monitor.log import Event, Log
from monitor.model import TicketState
from monitor.seams import Clock, Responder
from monitor.store.connection import Row
from monitor.store.rows import verdict_from
from monitor.store.sqlite import Store
from responders.types import Brand, Draft, Fault, Situation
from sentiment.types import Tone, Verdict

Groups = Mapping[int, Mapping[int, tuple[str, ...]]]
"""What we say to the same words on several cards, as `Links.said` has it."""

BATCH = 100
HISTORY = 200
"""How many of our latest replies on a card a draft must not repeat."""


BASIS = (
    "state", "revision", "text", "draft_author", "tone", "flagged", "uncertain", "conflict", "fault", "measure",
)  # fmt: skip
"""What a draft rests on."""


class WriteDrafts:
    """`digest` names the templates in force; `responder` is loaded when the first ticket needs it."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        digest: str,
        responder: Callable[[], Responder],
        brand: Brand,
        titles: Mapping[str, str],
        log: Log,
    ) -> None:
        self._store = store
        self._clock = clock
        self._digest = digest
        self._responder = responder
        self._brand = brand
        self._titles = titles
        self._log = log

    def run(self) -> bool:
        """One batch; whether there was work."""
        due = self._store.tickets.due_for_draft(self._digest, BATCH)
        if not due:
            return False
        responder = self._responder()
        histories: dict[tuple[str, str], list[str]] = {}
        groups = self._store.links.said(row["leader"] for row in due)
        earlier = self._store.tickets.earlier(due)
        drafts = []
        for row in due:
            card = (row["source"], row["card_id"])
            if card not in histories:
                histories[card] = self._store.tickets.recent_drafts(*card, limit=HISTORY)
            draft = self._draft(responder, row, histories[card], groups, earlier) if _wanted(row) else None
            drafts.append((row, draft))
            if draft is not None:
                histories[card] = [*histories[card], draft.text][-HISTORY:]
                if row["leader"] in groups:
                    groups[row["leader"]][row["review_id"]] += (draft.text,)
        now = self._clock.now()
        with self._store.write():
            for row, draft in drafts:
                self._keep(row, draft, now)
        return True

    def _keep(self, row: Row, draft: Draft | None, now: datetime) -> None:
        """Stores a draft unless somebody was faster: a person with words of his own or with another opinion of the
        review, an edit, an erasure."""
        current = self._store.tickets.view(row["id"])
        if any(current[name] != row[name] for name in BASIS):
            return
        if draft is not None:
            self._store.tickets.add_draft(row["id"], draft, revision=row["revision"], author=None, now=now)
        self._store.tickets.mark_drafted(row["id"], self._digest)

    def _draft(
        self, responder: Responder, row: Row, recent: Sequence[str], groups: Groups, earlier: Mapping[int, int]
    ) -> Draft | None:
        others = tuple(text for text in recent if text != row["draft_text"])
        try:
            return responder.draft(situation(row, self._brand, self._titles, others, groups=groups, earlier=earlier))
        except Exception as error:  # noqa: BLE001 - one review that breaks a template must not stop the line
            self._log.say(Event.JOB_FAILED, job="draft", ticket=row["id"], error=type(error).__name__)
            return None


UNJUDGED = Verdict(Tone.NEUTRAL, None, False, True, False, (), (), ())
"""What is known of a review that was not analysed, or could not be."""


def _said_elsewhere(groups: Groups, row: Row) -> tuple[str, ...]:
    """What we say to the same words on other cards."""
    group = groups.get(row["leader"], {})
    return tuple(text for review, texts in group.items() if review != row["review_id"] for text in texts)


def situation(
    row: Row,
    brand: Brand,
    titles: Mapping[str, str],
    recent: tuple[str, ...],
    *,
    groups: Groups,
    earlier: Mapping[int, int],
) -> Situation:
    """What a reply to this ticket (a row of `Tickets.view`) is about; `earlier` as `Tickets.earlier` has it."""
    return Situation(
        key=f"{row['source']}/{row['external_id']}",
        source=row["source"],
        place=titles.get(row["place"], ""),
        brand=brand,
        stars=row["stars"],
        text=row["text"],
        author=row["author"],
        verdict=verdict_from(row) or UNJUDGED,
        recent=recent,
        elsewhere=_said_elsewhere(groups, row),
        fault=Fault(row["fault"]),
        measure=row["measure"],
        earlier=earlier.get(row["review_id"], 0),
    )


def _wanted(row: Row) -> bool:
    """Whether a draft would help: not where a person has written, nor where nobody can answer praise."""
    if row["draft_author"] is not None:
        return False
    return row["state"] != TicketState.UNANSWERABLE or bool(row["flagged"] or row["uncertain"])
