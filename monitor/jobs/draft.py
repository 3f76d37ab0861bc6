"""Writes the draft of every ticket that has a verdict and no words of a person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.log import Event, Log
from monitor.model import TicketState
from monitor.seams import Clock, Responder
from monitor.store.connection import Row
from monitor.store.rows import verdict_from
from monitor.store.sqlite import Store
from monitor.tickets import Happening
from responders.editions import concerns, same_basis
from responders.types import Brand, Draft, Fault, Finding, Situation
from sentiment.types import Tone, Verdict

Groups = Mapping[int, Mapping[int, tuple[str, ...]]]
"""What we say to the same words on several cards, as `Links.said` has it."""

BATCH = 100
PAID_BATCH = 5
"""Where every draft is paid for: what a killed process had written and not stored is lost."""
HISTORY = 200
"""How many of our latest replies on a card a draft must not repeat."""


BASIS = (
    "state", "revision", "text", "draft_author", "tone", "flagged", "uncertain", "conflict", "fault", "measure",
)  # fmt: skip
"""What a draft rests on."""
_AT_HAND = (*BASIS, "draft_number", "drafted_with", "assignee")
"""What says besides whether it is still for us to write."""

REWORDED = "черновик написан заново: изменились фразы ответов"
RESET = "черновик написан заново: изменились фразы или настройки ответов"
"""Why, in the ticket's history."""


class WriteDrafts:
    """The drafts of one pass, at most `batch` in a transaction. `edition` tells by which wordings they are written
    (`responders.editions`); `responder` is loaded when the first ticket needs it, `spare` when the responder fails.

    Who has a draft keeps it unless another edition concerns it; who has taken the ticket keeps it in any case."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        edition: str,
        responder: Callable[[], Responder],
        spare: Callable[[], Responder],
        brand: Brand,
        titles: Mapping[str, str],
        log: Log,
        batch: int = BATCH,
    ) -> None:
        self._store = store
        self._clock = clock
        self._edition = edition
        self._responder = responder
        self._spare = spare
        self._brand = brand
        self._titles = titles
        self._log = log
        self._batch = batch
        self._failed: set[int] = set()
        self._histories: dict[tuple[str, str], dict[int, str]] = {}

    def run(self) -> bool:
        """One batch; whether there was work. A ticket that no draft could be written for waits for another pass."""
        due = self._store.tickets.due_for_draft(self._edition, BATCH, without=self._failed)
        if not due:
            self._histories.clear()  # until there is work again, people may have written
            return False
        unwritten, drafts = list[Row](), list[tuple[Row, Draft | None]]()
        for row in due:
            if self._is_unwritten(row):
                unwritten.append(row)
            else:
                drafts.append((row, None))
        if unwritten:
            drafts += self._written(unwritten[: self._batch])
        now = self._clock.now()
        with self._store.write():
            for row, draft in drafts:
                self._keep(row, draft, now)
        return True

    def _is_unwritten(self, row: Row) -> bool:
        """Whether a draft is wanted and missing, or of before."""
        return wanted(row) and (
            row["draft_text"] is None or concerns(row["drafted_with"], self._edition, row["draft_template"])
        )

    def _written(self, due: Sequence[Row]) -> Iterator[tuple[Row, Draft]]:
        responder = self._responder()
        groups = self._store.links.said(row["leader"] for row in due)
        earlier = self._store.tickets.earlier(due)
        for row in due:
            draft = self._draft(responder, row, groups, earlier)
            if draft is None:
                self._failed.add(row["id"])
                continue
            yield row, draft
            self._remember(row, draft.text)
            if row["leader"] in groups:
                groups[row["leader"]][row["review_id"]] += (draft.text,)

    def _keep(self, row: Row, draft: Draft | None, now: datetime) -> None:
        """Stores a draft unless somebody was faster: a person with words of his own or with another opinion of the
        review, whoever has taken the ticket, an edit, an erasure. What says the same as before is no other draft."""
        current = self._store.tickets.view(row["id"])
        if any(current[name] != row[name] for name in _AT_HAND):
            self._histories.pop(_card(row), None)
            return
        if draft is not None and (draft.text, row["revision"]) == (row["draft_text"], row["draft_revision"]):
            self._store.tickets.review_draft(row["id"], draft)
        elif draft is not None:
            self._store.tickets.add_draft(row["id"], draft, revision=row["revision"], author=None, now=now)
            if row["draft_text"] is not None and row["drafted_with"]:
                self._tell(row, now)
        self._store.tickets.mark_drafted(row["id"], self._edition)

    def _tell(self, row: Row, now: datetime) -> None:
        """In the ticket's history: nothing about the review has changed."""
        why = REWORDED if same_basis(row["drafted_with"], self._edition) else RESET
        event = Happening("edited", now, was=row["state"], became=row["state"], why=why)
        self._store.tickets.record(row["review_id"], row["id"], event)

    def _history(self, row: Row) -> dict[int, str]:
        """`Tickets.recent_drafts` of the row's card with what this pass has written since: one more than HISTORY, for
        a ticket's own does not count."""
        card = _card(row)
        if card not in self._histories:
            self._histories[card] = self._store.tickets.recent_drafts(*card, limit=HISTORY + 1)
        return self._histories[card]

    def _remember(self, row: Row, text: str) -> None:
        history = self._history(row)
        history.pop(row["id"], None)
        history[row["id"]] = text
        if len(history) > HISTORY + 1:
            del history[next(iter(history))]

    def _draft(self, responder: Responder, row: Row, groups: Groups, earlier: Mapping[int, int]) -> Draft | None:
        """None when not even the shipped templates serve."""
        others = tuple(text for ticket, text in self._history(row).items() if ticket != row["id"])[-HISTORY:]

        def by(one: Responder) -> Draft:
            return one.draft(situation(row, self._brand, self._titles, others, groups=groups, earlier=earlier))

        try:
            return by(responder)
        except Exception as error:  # noqa: BLE001 - one review that breaks a template must not stop the line
            why = self._told(row, error)
        try:
            draft = by(self._spare())
        except Exception as error:  # noqa: BLE001 - nor one that breaks every template
            self._told(row, error)
            return None
        return replace(draft, warnings=(Finding("broken_template", "warning", why), *draft.warnings))

    def _told(self, row: Row, error: Exception) -> str:
        """Logs it; the same for whoever reads the draft."""
        name = type(error).__name__
        self._log.say(Event.JOB_FAILED, job="draft", ticket=row["id"], error=name)
        return f"Черновик по Вашим шаблонам не получился (ошибка {name}), взят поставляемый: `otklik templates check`"


def _card(row: Row) -> tuple[str, str]:
    return row["source"], row["card_id"]


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


def wanted(row: Row) -> bool:
    """Whether a draft would help: not where a person has written, nor where nobody can answer praise."""
    if row["draft_author"] is not None:
        return False
    return row["state"] != TicketState.UNANSWERABLE or bool(row["flagged"] or row["uncertain"])
