"""Posts a reply through the site's own API, and takes it back.

    posting (an event) | PUT | posted + submitted (one transaction)

Killed before the request: the ticket waits on. Killed behind it: the next read shows our words and closes the ticket.
The same request again changes nothing on the site, so that repeating the command is always safe.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from monitor import sla, wording
from monitor import tickets as life
from monitor.actions import Faulty, Lint, check_hand, claim, errors_in_words, named
from monitor.errors import Conflict, FetchError, Unreachable
from monitor.jobs.keys import Keys, NoToken
from monitor.model import WAITING_STATES, Card, PageRequest, Published, Reply, ReplyState, TicketState
from monitor.seams import Clock, Session, Source
from monitor.store.connection import Row
from monitor.store.imports import FILE_ID
from monitor.store.publishing import POSTING, RETRACTING
from monitor.store.rows import reply_from
from monitor.store.sqlite import Store
from responders.types import Finding

STATES_TO_POST = (TicketState.OPEN, TicketState.APPROVED, TicketState.SUBMITTED, TicketState.ANSWERED)
"""From SUBMITTED on it is an edit of the reply that stands there."""

MINUTE = timedelta(minutes=1)

_AGAIN = "Повторите: двух ответов не будет"


class Publish:
    """What `actor` may send. `reader` makes a source with its secrets, `reply_page` tells where a person would post by
    hand, `lint` checks a reply as for drafts."""

    def __init__(
        self,
        *,
        store: Store,
        session: Callable[[], Session],
        clock: Clock,
        policies: sla.Policies,
        sources: Mapping[str, Source],
        reader: Callable[[str], Source],
        cards: Mapping[tuple[str, str], Card],
        reply_page: Callable[[int], str],
        lint: Lint,
        actor: str,
    ) -> None:
        self._store = store
        self._session = session
        self._clock = clock
        self._policies = policies
        self._sources = sources
        self._reader = reader
        self._cards = cards
        self._reply_page = reply_page
        self._lint = lint
        self._actor = named(actor)
        self._keys: Keys | None = None

    def offer(self, ticket_id: int, *, force: bool = False) -> str:
        """The words that `post` would send. Raises Conflict where they must not be sent; `force`: although the review
        changed since they were written, the linter finds an error, or the site has refused them before."""
        row, _ = self._at_hand(ticket_id)
        text = _words(row)
        self._check_words(row, self._lint(ticket_id, text), force)
        return text

    def post(self, ticket_id: int, text: str, *, force: bool = False) -> Reply:
        """Sends the words that `offer` showed: a first reply, or another one in its place. What the site holds now.
        Raises Conflict where that must not be, FetchError where the site did not take it."""
        findings = tuple(self._lint(ticket_id, text))
        with self._store.write():
            row, card = self._at_hand(ticket_id)
            if _words(row) != text:
                raise Conflict(f"черновик к отзыву № {ticket_id} только что изменился; посмотрите его ещё раз")
            self._check_words(row, findings, force)
            source, now = self._reader(row["source"]), self._clock.now()
            self._check_pace(row, source, now)
            if row["draft_author"] is None:
                claim(self._store, row, findings, actor=self._actor, now=now)
            self._note(row, POSTING, now)
        published = self._send(row, source, source.publish_request(card, row["external_id"], text))
        if published.reply is None:
            raise self._failure(row, f"{source.title}: площадка не сказала, что приняла ответ. {_AGAIN}")
        self._accepted(ticket_id, text, published.reply)
        return published.reply

    def retract(self, ticket_id: int) -> None:
        """Deletes the reply on the site; the ticket waits for another one. Raises as `post` does."""
        with self._store.write():
            row, card = self._at_hand(ticket_id, retracting=True)
            source, now = self._reader(row["source"]), self._clock.now()
            self._check_pace(row, source, now)
            self._note(row, RETRACTING, now)
        self._send(row, source, source.retract_request(card, row["external_id"]))
        with self._store.write():
            ticket, now = self._store.tickets.get(ticket_id), self._clock.now()
            self._store.publishing.gone(ticket.review_id, now)
            retracted = life.Happening("retracted", now)
            step = life.Step(ticket, (retracted,))
            if ticket.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
                policy = self._policies.of(row["place"])
                again = life.reopened(ticket, now, policy, why="ответ сняли с площадки")
                step = life.Step(again.ticket, (retracted, *again.events))
            self._store.tickets.save(ticket, step, actor=self._actor)

    # --- what must not be sent ----------------------------------------------------------------------

    def _at_hand(self, ticket_id: int, *, retracting: bool = False) -> tuple[Row, Card]:
        """The ticket's view and its card. Raises Conflict where the site, its state or another person's hand forbids
        it."""
        row, ticket = self._store.tickets.view(ticket_id), self._store.tickets.get(ticket_id)
        if ticket.state not in STATES_TO_POST:
            hint = f": `queue reopen {ticket_id}`" if ticket.state is TicketState.DISMISSED else ""
            what = "снять ответ" if retracting else "отправить ответ"
            raise Conflict(f"отзыв № {ticket_id}: {wording.STATES[ticket.state]}; {what} нельзя", hint=hint)
        check_hand(ticket, self._actor)
        source = self._sources.get(row["source"])
        if source is None or not source.publishes:
            raise self._by_hand(row, source, retracting)
        card = self._cards.get((row["source"], row["card_id"]))
        if card is None:
            raise Conflict(f"отзыв № {ticket_id}: его карточки больше нет в config.yaml, обратиться к площадке нельзя")
        if row["external_id"].startswith(FILE_ID):
            raise Conflict(
                f"отзыв № {ticket_id} известен только из файла: его номера на площадке мы не знаем. "
                f"Ответьте вручную: {self._reply_page(ticket_id)}"
            )
        return row, card

    def _by_hand(self, row: Row, source: Source | None, retracting: bool) -> Conflict:
        number, page = row["id"], self._reply_page(row["id"])
        title = source.title if source else row["source"]
        if retracting:
            how, hint = f"Снимите ответ здесь: {page} — и откройте отзыв снова", f": `queue reopen {number}`"
        else:
            how = f"Скопируйте ответ, вставьте его здесь: {page} — и отметьте, что отправили"
            hint = f": `queue copy {number}`, `queue submitted {number}`"
        return Conflict(f"{title} не принимает ответы от программ. {how}", hint=hint)

    def _check_words(self, row: Row, findings: Sequence[Finding], force: bool) -> None:
        number, held = row["id"], reply_from(row)
        errors = errors_in_words(findings)
        if any(finding.rule == "too_long" and finding.severity == "error" for finding in findings):
            hint = f": `queue edit {number}`"
            raise Faulty(f"отзыв № {number}: {errors}. Такой ответ площадка не примет", findings, hint=hint)
        if force:
            return
        if row["draft_revision"] != row["revision"]:
            raise Conflict(
                f"отзыв № {number} изменился после того, как написан черновик. Обновите ответ",
                hint=f" (`queue draft {number}` или `queue edit {number}`) или отправьте этот с --force",
            )
        if errors:
            told = f"отзыв № {number}: {errors}. Исправьте ответ"
            raise Faulty(told, findings, hint=" или отправьте его с --force")
        if held is not None and held.state is ReplyState.REJECTED and held.text.split() == row["draft_text"].split():
            raise Conflict(
                f"отзыв № {number}: площадка уже отклонила этот самый ответ. Исправьте его",
                hint=f" (`queue edit {number}`) или отправьте с --force",
            )

    def _check_pace(self, row: Row, source: Source, now: datetime) -> None:
        """The site allows so many edits a minute on one card, whichever process sends them."""
        edits = self._store.publishing.edits(row["source"], row["card_id"], now - MINUTE, now)
        if len(edits) >= source.edits_a_minute:
            wait = edits[-source.edits_a_minute] + MINUTE - now
            seconds = wording.counted(max(math.ceil(wait.total_seconds()), 1), "секунду", "секунды", "секунд")
            most = wording.counted(source.edits_a_minute, "правки", "правок", "правок")
            raise Conflict(
                f"{source.title}: на одной карточке — не больше {most} в минуту. Ничего не отправлено; "
                f"повторите через {seconds}"
            )

    # --- sending ------------------------------------------------------------------------------------

    def _send(self, row: Row, source: Source, request: PageRequest) -> Published:
        """What the site accepted. Raises FetchError, and tells the history why."""
        if self._keys is None:
            self._keys = Keys(self._session(), self._clock)
        try:
            outcome = source.parse_published(self._keys.send(request, source))
        except NoToken as refused:
            raise self._failure(row, refused.outcome.reason) from None
        except FetchError as error:
            again = f". {_AGAIN}" if isinstance(error, Unreachable) else ""
            raise self._failure(row, f"{error}{again}") from error
        if not isinstance(outcome, Published):
            raise self._failure(row, outcome.reason)
        return outcome

    def _failure(self, row: Row, why: str) -> FetchError:
        reason = why.rstrip(".")
        with self._store.write():
            self._note(row, "publish_failed", self._clock.now(), reason)
        return FetchError(f"отзыв № {row['id']}: {reason}")

    def _note(self, row: Row, kind: str, now: datetime, why: str = "") -> None:
        event = life.Happening(kind, now, why=why)
        self._store.tickets.record(row["review_id"], row["id"], event, self._actor)

    def _accepted(self, ticket_id: int, text: str, reply: Reply) -> None:
        """The site holds the reply: the clock stops at its own time of it. A read that was faster has closed the ticket
        already."""
        with self._store.write():
            row, ticket = self._store.tickets.view(ticket_id), self._store.tickets.get(ticket_id)
            now, before = self._clock.now(), reply_from(row)
            at = reply.at if reply.at is not None and ticket.started_at <= reply.at <= now else now
            posted = life.Happening("posted", at, why=_told(text, reply, before))
            if ticket.state not in WAITING_STATES:
                self._store.tickets.save(ticket, life.Step(ticket, (posted,)), actor=self._actor)
                return
            step = life.submitted(ticket, at)
            step = life.Step(step.ticket, (posted, *step.events))
            if before is not None and _is_up(before, text) and reply.state is ReplyState.PUBLISHED:
                # The last read has shown these very words: no later one would tell anything new.
                policy = self._policies.of(row["place"])
                seen = life.reply_seen(step.ticket, reply, now, policy, ours=True)
                step = life.Step(seen.ticket, (*step.events, *seen.events))
            self._store.tickets.save(ticket, step, actor=self._actor)


def _words(row: Row) -> str:
    """What stands in the draft. Raises Conflict where there is none."""
    text: str | None = row["draft_text"]
    if not text:
        hint = f": `queue edit {row['id']}`"
        raise Conflict(f"у отзыва № {row['id']} ещё нет черновика; напишите ответ", hint=hint)
    return text


def _is_up(reply: Reply, text: str) -> bool:
    return reply.state is ReplyState.PUBLISHED and reply.text.split() == text.split()


def _told(text: str, reply: Reply, before: Reply | None) -> str:
    replaced = before is not None and before.text.split() != text.split()
    notes = ("вместо прежнего" if replaced else "", "на проверке" if reply.state is ReplyState.PENDING else "")
    return ", ".join(filter(None, notes))
