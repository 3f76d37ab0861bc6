"""Links in mails that let their reader act on a ticket without logging in: made and checked. Pure.

    PUBLIC_URL/a/TOKEN        TOKEN = base64url(what it is for + HMAC-SHA256 of that)

A token is for one action on one ticket, in the name of whom the mail went to, until a moment. It can be used again:
what it does is done once only. Whoever holds it may act, so it stands in no log.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from struct import Struct

from monitor.alerts import TicketView

SHORTEST_SECRET = 32
"""Characters: with one mail in hand, a shorter secret can be guessed at leisure."""

LONGEST_RECIPIENT = 254
"""Bytes; an address is never longer."""

_PURPOSE = b"otklik: links in mails, 1"
_VERSION = 1
_HEAD = Struct(">BBQQ16s")
"""Version, action, ticket, the second it expires, the ticket's identity; the recipient follows."""

_MAC = sha256().digest_size
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,500}")


class Action(StrEnum):
    """What a link is for: to say that one knows, to take the ticket, to say that the reply was posted."""

    ACKNOWLEDGE = "acknowledge"
    TAKE = "take"
    SUBMITTED = "submitted"


_CODES: Mapping[Action, int] = {Action.ACKNOWLEDGE: 1, Action.TAKE: 2, Action.SUBMITTED: 3}
"""They stand in links that are out: never given to another action."""

LABELS: Mapping[Action, str] = {
    Action.ACKNOWLEDGE: "Знаю, займусь",
    Action.TAKE: "Беру себе",
    Action.SUBMITTED: "Ответ отправлен",
}
"""What the button says, in a mail and on the page it opens."""

COMMANDS: Mapping[Action, str] = {Action.ACKNOWLEDGE: "ack", Action.TAKE: "take", Action.SUBMITTED: "submitted"}
"""What does the same: `otklik queue COMMAND 12`."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a token of ours allows. `recipient`: an address, or `channel:NAME`."""

    action: Action
    ticket: int
    identity: bytes
    recipient: str
    expires_at: datetime

    def is_for(self, view: TicketView) -> bool:
        """Whether that is still the ticket it was made for: after a backup was restored its number may be another's."""
        return hmac.compare_digest(self.identity, identity(view))


@dataclass(frozen=True, slots=True)
class Expired:
    """A token of ours whose time is over."""

    action: Action
    ticket: int


def identity(view: TicketView) -> bytes:
    """The review itself, whatever number its ticket has: 16 bytes."""
    return sha256("\0".join((view.source, view.place, view.external_id)).encode(errors="surrogatepass")).digest()[:16]


class Invitations:
    """`secret`: at least SHORTEST_SECRET characters. `names`: address → what the config calls that person. `login`:
    (address, name) → the login under which they act at the desk, "" for whoever has none."""

    def __init__(
        self,
        secret: str,
        *,
        public_url: str,
        lifetime: timedelta,
        names: Mapping[str, str],
        login: Callable[[str, str], str] = lambda _address, _name: "",
    ) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
        # A key of its own: what else the secret may sign some day is no link, and a link nothing else.
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
        self._public_url = public_url
        self._lifetime = lifetime
        self._names = {address.casefold(): name for address, name in names.items()}
        self._login = login

    def name(self, recipient: str) -> str:
        """The person's where it is known, a channel's, else the address."""
        return self._names.get(recipient.casefold()) or recipient.removeprefix("channel:")

    def actor(self, recipient: str) -> str:
        """Who acts by a link that was sent there: a login, else the name."""
        name = self.name(recipient)
        return self._login(recipient, name) or name

    def address(self, action: Action, view: TicketView, recipient: str, now: datetime) -> str:
        """The link for whoever reads the mail to `recipient`. Raises ValueError for one that is no address."""
        to = recipient.encode()
        if not 0 < len(to) <= LONGEST_RECIPIENT:
            raise ValueError(f"a recipient must have 1 to {LONGEST_RECIPIENT} bytes")
        expires = int((now + self._lifetime).timestamp())
        told = _HEAD.pack(_VERSION, _CODES[action], view.ticket, expires, identity(view)) + to
        return f"{self._public_url}/a/{_armoured(told + self._seal(told))}"

    def read(self, token: str, now: datetime) -> Invitation | Expired | None:
        """What the token is for; None when it is not ours, whatever is wrong with it."""
        raw = _unarmoured(token)
        told, seal = raw[:-_MAC], raw[-_MAC:]
        if len(told) <= _HEAD.size or not hmac.compare_digest(seal, self._seal(told)):
            return None
        version, code, ticket, expires, identity_ = _HEAD.unpack_from(told)
        action = next((action for action, known in _CODES.items() if known == code), None)
        if version != _VERSION or action is None:
            return None
        expires_at = datetime.fromtimestamp(expires, UTC)
        if now >= expires_at:
            return Expired(action, ticket)
        return Invitation(action, ticket, identity_, told[_HEAD.size :].decode(), expires_at)

    def _seal(self, told: bytes) -> bytes:
        return hmac.digest(self._key, told, "sha256")


def _armoured(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unarmoured(token: str) -> bytes:
    """b"" for anything that we would not have written exactly so: one token, one spelling."""
    if not _TOKEN.fullmatch(token) or len(token) % 4 == 1:
        return b""
    raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return raw if _armoured(raw) == token else b""
