"""The mail server and the printing of mails: what was handed over, what became of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.alerts import Alert, Delivery, Message


class Fate(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was printed. `reviews`: external id → the deadline it speaks of."""

    message_id: str
    kind: str
    level: str
    recipient: str
    reviews: Mapping[str, datetime | None]

    def __str__(self) -> str:
        return f"{self.kind} {self.level} to {self.recipient} about {', '.join(sorted(self.reviews))}"


@dataclass(slots=True)
class Post:
    """Renderer and channel in one. `down`: the server refuses for now; `later`, `never`: it refuses these recipients.
    `seam` is called before a mail is printed, before it is taken and after it was ("render", "deliver", "accepted")."""

    down: bool = False
    later: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)
    seam: Callable[[str], None] = lambda _: None
    tried: list[tuple[Letter, Fate]] = field(default_factory=list)
    _printed: dict[str, Letter] = field(default_factory=dict)

    def render(self, alert: Alert, *, now: datetime) -> Message:
        self.seam("render")
        reviews = {view.external_id: view.due_at for view in alert.tickets}
        letter = Letter(alert.message_id, alert.kind.value, alert.level, alert.recipient, reviews)
        self._printed[alert.message_id] = letter
        return Message(alert.message_id, alert.recipient, "alarm", "", "", now)

    def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
        for message in messages:
            self.seam("deliver")
            fate = self.fate(message.recipient)
            self.tried.append((self._printed[message.message_id], fate))
            if fate is Fate.ACCEPTED:
                self.seam("accepted")
                yield Delivery(message.message_id)
            else:
                yield Delivery(message.message_id, "no", permanent=fate is Fate.NEVER)

    def describe(self) -> str:
        return "в никуда"

    def fate(self, recipient: str) -> Fate:
        """What becomes of a mail handed over now."""
        if recipient in self.never and not self.down:
            return Fate.NEVER
        return Fate.LATER if self.down or recipient in self.later else Fate.ACCEPTED

    def collected(self) -> list[tuple[Letter, Fate]]:
        """What was tried since the last time."""
        tried, self.tried = self.tried, []
        return tried
