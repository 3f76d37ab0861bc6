"""Writes the draft of every ticket that has a verdict and no words of a person."""

from collections.abc import Callable, Mapping
from typing import Protocol

from monitor.errors import Conflict
from monitor.log import Event, Log
from monitor.model import TicketState
from monitor.seams import Clock
from monitor.store.connection import Row
from monitor.store.rows import verdict_from
from monitor.store.sqlite import Store
from responders.types import Brand, Draft, Situation

BATCH = 100
HISTORY = 50
"""How many of our latest replies on a card a draft must not repeat."""


class Responder(Protocol):
    def draft(self, situation: Situation) -> Draft: ...


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
        drafts = []
        for row in due:
            card = (row["source"], row["card_id"])
            if card not in histories:
                histories[card] = self._store.tickets.recent_drafts(*card, limit=HISTORY)
            draft = self._draft(responder, row, histories[card]) if _wanted(row) else None
            drafts.append((row, draft))
            if draft is not None:
                histories[card] = [*histories[card], draft.text][-HISTORY:]
        now = self._clock.now()
        with self._store.write():
            for row, draft in drafts:
                if draft is not None:
                    self._store.tickets.add_draft(row["id"], draft, revision=row["revision"], author=None, now=now)
                self._store.tickets.mark_drafted(row["id"], self._digest)
        return True

    def _draft(self, responder: Responder, row: Row, recent: list[str]) -> Draft | None:
        others = tuple(text for text in recent if text != row["draft_text"])
        try:
            return responder.draft(situation(row, self._brand, self._titles, others))
        except Exception as error:  # noqa: BLE001 - one review that breaks a template must not stop the line
            self._log.say(Event.JOB_FAILED, job="draft", ticket=row["id"], error=type(error).__name__)
            return None


def situation(row: Row, brand: Brand, titles: Mapping[str, str], recent: tuple[str, ...]) -> Situation:
    """What a reply to this ticket (a row of `Tickets.view`) is about."""
    verdict = verdict_from(row)
    if verdict is None:
        raise Conflict(f"ticket {row['id']} has not been analysed yet: run a pass first")
    return Situation(
        key=f"{row['source']}/{row['external_id']}",
        source=row["source"],
        place=titles.get(row["place"], ""),
        brand=brand,
        stars=row["stars"],
        text=row["text"],
        author=row["author"],
        verdict=verdict,
        recent=recent,
    )


def _wanted(row: Row) -> bool:
    """Whether a draft would help: not where a person has written, nor where nobody can answer praise."""
    if row["draft_author"] is not None:
        return False
    return row["state"] != TicketState.UNANSWERABLE or bool(row["flagged"] or row["uncertain"])
