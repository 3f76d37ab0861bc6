"""What colleagues tell each other about a ticket, and what becomes of a complaint about its review."""

from monitor import tickets as life
from monitor import wording
from monitor.actions.base import Base, Personal
from monitor.errors import Conflict, UsageError
from monitor.talk import FOLLOWS, LONGEST_NOTE, LONGEST_WHY, Dispute, DisputeState


class Talk(Base):
    """Anybody may speak, whoever has taken the ticket. Nothing here moves a deadline."""

    def note(self, ticket_id: int, text: str) -> None:
        """A note for colleagues. Sent twice in a row by mistake, it is kept once."""
        words = wording.visible(text).strip()
        if not words:
            raise UsageError("заметка пуста")
        if len(words) > LONGEST_NOTE:
            raise UsageError(f"заметка длиннее {wording.thousands(LONGEST_NOTE)} знаков; сократите её")
        with self._transaction():
            ticket = self._at_hand("note", ticket_id, force=True)
            latest = next(iter(self._store.talk.notes(ticket_id)[-1:]), None)
            if latest is not None and (latest.author, latest.text) == (self._actor, words):
                return
            now = self._clock.now()
            self._store.talk.add_note(ticket_id, words, author=self._actor, now=now)
            self._tell(ticket, life.Happening("noted", now))

    def dispute(self, ticket_id: int, state: DisputeState, why: str = "") -> None:
        """The actor has complained about the review to its site, or knows the outcome. Said again without new words, it
        changes nothing. `why`: one line, "" for none."""
        words = " ".join(wording.visible(why).split())
        if len(words) > LONGEST_WHY:
            raise UsageError(f"пояснение длиннее {LONGEST_WHY} знаков; сократите его", hint=" (--why)")
        with self._transaction():
            ticket = self._at_hand("dispute", ticket_id, force=True)
            latest = next(iter(self._store.talk.disputes(ticket_id)[-1:]), None)
            if latest is not None and latest.state is state and words in ("", latest.why):
                return
            was = None if latest is None else latest.state
            if state not in FOLLOWS[was]:
                raise _out_of_order(ticket_id, latest, state)
            now = self._clock.now()
            self._store.talk.add_dispute(ticket_id, state, why=words, actor=self._actor, now=now)
            self._tell(ticket, life.Happening("dispute", now, was=was or "", became=state))


def _out_of_order(ticket_id: int, latest: Dispute | None, state: DisputeState) -> Conflict:
    hint = f" (`queue dispute {ticket_id} filed`)"
    if latest is None:
        return Conflict(f"жалобу на отзыв № {ticket_id} не подавали: сначала отметьте, что она подана", hint=hint)
    stands = wording.DISPUTES[latest.state]
    if latest.state is state:
        return Personal(
            f"отзыв № {ticket_id}: «{stands}» уже отмечено ({{}}); Ваше пояснение не записано, добавьте его заметкой",
            latest.actor,
            hint=f" (`queue note {ticket_id}`)",
        )
    return Conflict(
        f"отзыв № {ticket_id}: {stands}. Если подали новую жалобу, сначала отметьте, что она подана", hint=hint
    )
