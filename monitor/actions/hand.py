"""In whose hands a ticket is, and who knows of it."""

from dataclasses import replace
from datetime import datetime

from monitor import tickets as life
from monitor.accounts import Permission
from monitor.actions.base import LONGEST_NAME, Base, Personal
from monitor.config_values import shown
from monitor.errors import UsageError
from monitor.model import Ticket


class Hand(Base):
    def take(self, ticket_id: int, over: str | None = None) -> None:
        """Puts the actor's name on the ticket. `over`: out of the hands of the colleague whose name the actor saw on
        it. Raises Conflict when it is another's."""

        def step(ticket: Ticket, now: datetime) -> life.Step:
            if over and ticket.assignee not in (None, over, self._actor):
                words = f"отзывом № {ticket_id} занимается уже не {{}}, а {{}}; посмотрите его ещё раз"
                raise Personal(words, over, str(ticket.assignee))
            return self._handed(ticket, self._actor, "taken", now)

        self._act("take", ticket_id, step, force=bool(over))

    def assign(self, ticket_id: int, to: str) -> None:
        """Gives the ticket to a colleague, whoever has it. Where people have accounts, it must be one of them who may
        act at the ticket's place, or somebody whom the config knows."""
        name = self._colleague(ticket_id, to.strip())
        kind = "taken" if name == self._actor else "assigned"
        self._act("assign", ticket_id, lambda ticket, now: self._handed(ticket, name, kind, now), force=True)

    def _colleague(self, ticket_id: int, name: str) -> str:
        """The name under which they act."""
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UsageError(f"не сказано, кому передать: имя — одна строка не длиннее {LONGEST_NAME} знаков")
        account = self._store.accounts.find(name)
        if account is None:
            if name not in self._colleagues and self._store.accounts.all():
                raise UsageError(f"{shown(name)}: такого сотрудника нет", hint="; кто есть: `otklik user list`")
            return name
        if not account.may(Permission.ACT, self._store.tickets.place_of(ticket_id)):
            words = f"{{}} не работает с отзывами этой точки; передайте отзыв № {ticket_id} другому"
            raise Personal(words, account.login)
        return account.login

    def release(self, ticket_id: int, *, force: bool = False) -> None:
        """Takes the name off again; another person's only with `force`."""
        self._act("release", ticket_id, lambda ticket, now: self._handed(ticket, None, "released", now), force=force)

    def acknowledge(self, ticket_id: int) -> None:
        """The actor knows of it: no more alarms until the deadline moves. Anybody may say so, whoever has taken it."""
        self._act("acknowledge", ticket_id, lambda ticket, now: life.acknowledged(ticket, now, self._actor), force=True)

    def _handed(self, ticket: Ticket, name: str | None, kind: str, now: datetime) -> life.Step:
        if ticket.assignee == name:
            return life.Step(ticket, ())
        event = life.Happening(kind, now, was=ticket.assignee or "", became=name or "")
        return life.Step(replace(ticket, assignee=name), (event,))
