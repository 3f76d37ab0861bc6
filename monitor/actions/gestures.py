"""What an author is offered in private: proposed, agreed to, taken back."""

from datetime import datetime

from monitor import gestures, wording
from monitor import tickets as life
from monitor.actions.base import Base, Personal
from monitor.config_gestures import EXAMPLE, GestureLimits
from monitor.errors import Conflict, UsageError
from monitor.gestures import Decision, Gesture, GestureState
from monitor.model import Ticket


class Gestures(Base):
    def gesture(self, ticket_id: int, what: str, amount: int, *, seen: int | None = None) -> Decision:
        """The actor wants to offer the author something in private that costs us `amount` roubles: agreed at once
        within the actor's limit, else it waits for an owner. Raises UsageError above what the margin allows. `seen`:
        the newest gesture that the actor saw, 0 for none; offered twice by mistake is offered once, and a colleague's
        newer one is a Conflict. None asks nothing."""
        limits, words = self._limits(), what.strip()
        if problem := gestures.wrong_words(words):
            raise UsageError(problem, hint=" (--what)")
        if amount < 1:
            raise UsageError("во сколько рублей обойдётся жест? Нужно целое число больше нуля", hint=": --amount 300")
        with self._transaction():
            ticket, now = self._at_hand("gesture", ticket_id), self._clock.now()
            if self._store.privacy.is_erased(ticket.review_id):
                raise Conflict(f"данные отзыва № {ticket_id} стёрты: предложить жест некому")
            held = self._store.gestures.of(ticket_id)
            if seen is not None and held and held[-1].id != seen:
                return self._offered_already(held[-1], words, amount)
            if any(earlier.state is GestureState.PROPOSED for earlier in held):
                raise Conflict(
                    f"у отзыва № {ticket_id} уже есть жест, который ждёт владельца; сначала решите о нём или уберите "
                    "его",
                    hint=f" (`queue gesture {ticket_id}` с --agree, --decline или --withdraw)",
                )
            decision = gestures.decide(
                limits, amount, self._actor, gestures.given(held), by_role=self._decides_gestures
            )
            if decision.state is None:
                raise UsageError(f"отзыв № {ticket_id}: {decision.reason}")
            self._store.gestures.add(ticket_id, words, amount, decision.state, actor=self._actor, now=now)
            self._tell_of_gesture(ticket, "", decision.state, amount, now)
        return decision

    def _offered_already(self, newest: Gesture, what: str, amount: int) -> Decision:
        """Where it is what the actor offers once more. Raises Conflict where it is another one."""
        same = (newest.proposed_by, newest.what, newest.amount) == (self._actor, what, amount)
        if same and newest.state in gestures.LIVE:
            return Decision(newest.state, "")
        raise Conflict(f"по отзыву № {newest.ticket} только что предложили другой жест; посмотрите, нужен ли ещё один")

    def gesture_decide(self, ticket_id: int, agree: bool, *, seen: int | None = None) -> None:
        """An owner agrees to the gesture that waits, or declines it. The limits are those of today. `seen`: which one
        the actor means; Conflict where another waits by now."""
        limits = self._limits()
        if not self._owns(limits):
            who = f" ({', '.join('{}' for _ in limits.owners)})" if limits.owners else ""
            hint = "" if limits.owners else ": впишите логины в gestures.owners"
            words = f"решать о жестах сверх лимита может только владелец{who}, а не {{}}"
            raise Personal(words, *limits.owners, self._actor, hint=hint)
        with self._transaction():
            ticket = self._at_hand("gesture" if agree else "ungesture", ticket_id, force=True)
            held = self._store.gestures.of(ticket_id)
            waiting = next((one for one in held if one.state is GestureState.PROPOSED), None)
            if waiting is None or seen not in (None, waiting.id):
                raise Conflict(f"у отзыва № {ticket_id} нет жеста, который ждёт решения")
            decision = gestures.decide(
                limits, waiting.amount, self._actor, gestures.given(held), by_role=self._decides_gestures
            )
            if agree and decision.state is None:
                raise Conflict(f"отзыв № {ticket_id}: {decision.reason}")
            self._settle(ticket, waiting, GestureState.AGREED if agree else GestureState.DECLINED)

    def gesture_withdraw(self, ticket_id: int, *, seen: int | None = None) -> None:
        """Whoever proposed it, or an owner, takes the latest gesture back; it no longer counts, but stays in the
        ledger. `seen`: which one the actor means; Conflict where it is not the latest any more."""
        limits = self._limits()
        with self._transaction():
            ticket = self._at_hand("ungesture", ticket_id, force=True)
            live = [one for one in self._store.gestures.of(ticket_id) if one.state in gestures.LIVE]
            if not live:
                raise Conflict(f"у отзыва № {ticket_id} нет жеста, который можно отозвать")
            if seen not in (None, live[-1].id):
                raise Conflict(f"жесты по отзыву № {ticket_id} с тех пор изменились; посмотрите их ещё раз")
            author = live[-1].proposed_by
            if self._actor != author and not self._owns(limits):
                raise Personal("отозвать жест может только тот, кто его предложил ({}), или владелец", author)
            self._settle(ticket, live[-1], GestureState.WITHDRAWN)

    def _limits(self) -> GestureLimits:
        if self._gesture_limits is None:
            raise UsageError(f"жесты не настроены: добавьте в config.yaml раздел `{EXAMPLE}` со своими числами")
        return self._gesture_limits

    def _owns(self, limits: GestureLimits) -> bool:
        """Whether the actor decides above the operators' limit: by role, or by name in the config."""
        return self._decides_gestures or self._actor in limits.owners

    def _settle(self, ticket: Ticket, gesture: Gesture, state: GestureState) -> None:
        now = self._clock.now()
        self._store.gestures.settle(gesture, state, actor=self._actor, now=now)
        self._tell_of_gesture(ticket, gesture.state, state, gesture.amount, now)

    def _tell_of_gesture(self, ticket: Ticket, was: str, became: str, amount: int, now: datetime) -> None:
        """The history holds the amount; the words stand in the ledger alone."""
        self._tell(ticket, life.Happening("gesture", now, was=was, became=became, why=wording.roubles(amount)))
