"""Messages as signed JSON to an address of the owner's: a CRM, a task tracker, a robot.

The body, version 1 (times are UTC, as everywhere in Отклик):

    {"version": 1, "id": "3f…@example.ru", "recipient": "channel:crm", "at": "2026-11-21T12:00:00.000000Z",
     "subject": "…", "text": "…",                                     as the mail has them
     "kind": "deadline", "level": "breach", "raised_at": "…",         kinds: `alerts.AlertKind`, and "test"
     "total": 1,                                                      so many are meant; at most 200 are listed
     "tickets": [{"ticket": 12, "state": "open", "sla": "breached", "due_at": "…" or null,
                  "place": "lenina", "place_title": "…", "source": "yandex_maps", "stars": 1 or null,
                  "tone": "negative" or null, "themes": [{"theme", "tone", "quote"}],
                  "risks": [{"risk", "quote"}], "assignee": "…" or null, "url": "…", "reply_url": "…"}],
     "alarms": [{"alarm": 3, "kind": "blocked", "source": "…", "listing": "…" or null, "place": "…" or null,
                 "message": "…", "raised_at": "…", "retry_at": "…" or null}]}

Headers: `Otklik-Signature: t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body" in hex>` and `Idempotency-Key`, which is
the id: the same message may come twice, when we die before your answer has reached us. Answer 2xx when you have it;
401, 403, 404, 405 (a person can mend these), 408, 425, 429 and 5xx are tried again, any other answer is final. `verify`
is what a receiver in Python needs: copy it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from monitor.alerts import Delivery, Message
from monitor.clock import to_iso
from monitor.config_channels import WEBHOOK
from monitor.errors import FetchError
from monitor.model import Page, PageRequest
from monitor.notify.mime import encodable, identifier
from monitor.notify.router import NOT_SENT
from monitor.seams import Clock, Session

VERSION = 1

AGAIN = frozenset({401, 403, 404, 405, 408, 425, 429})
"""Refusals of the moment, as is every 5xx, and those of a key or an address that a person can set right: nothing is
lost until then."""

ADVICE = {
    401: "проверьте ключ подписи",
    403: "проверьте ключ подписи",
    404: "проверьте адрес в config.yaml",
    405: "проверьте адрес в config.yaml",
    410: "проверьте адрес в config.yaml",
}


class WebhookChannel:
    """`name` as in config.yaml, `key` signs. The session keeps the waits that a Retry-After asks for, and refuses to
    follow a redirect with what it posts."""

    def __init__(self, name: str, address: str, *, key: str, session: Callable[[], Session], clock: Clock) -> None:
        self._name = name
        self._address = address
        self._key = key
        self._session = session
        self._clock = clock

    def describe(self) -> str:
        return f"канал {self._name} (вебхук, {self._host})"

    def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
        """One result per message, in order, each as soon as it is known. When there is no connection, the rest waits,
        too."""
        broken = ""
        for message in messages:
            if broken:
                yield Delivery(message.message_id, f"{broken}; {NOT_SENT}")
                continue
            try:
                page = self._session().send(self._request(message), source=WEBHOOK)
            except FetchError as error:
                broken = f"канал {self._name}: {error}"
                yield Delivery(message.message_id, broken)
            else:
                yield self._delivery(message, page)

    @property
    def _host(self) -> str:
        return urlsplit(self._address).netloc

    def _request(self, message: Message) -> PageRequest:
        content = body(message)
        at = int(self._clock.now().timestamp())
        return PageRequest(
            self._address,
            f"канал {self._name}",
            headers={
                "Content-Type": "application/json",
                "Otklik-Signature": signature(self._key, content, at),
                "Idempotency-Key": identifier(message.message_id),
            },
            method="POST",
            content=content,
        )

    def _delivery(self, message: Message, page: Page) -> Delivery:
        status = page.status
        if 200 <= status < 300:
            return Delivery(message.message_id)
        final = 400 <= status < 500 and status not in AGAIN
        advice = f"; {ADVICE[status]}" if status in ADVICE else ""
        return Delivery(
            message.message_id, f"канал {self._name}: {self._host} ответил {status}{advice}", permanent=final
        )


def body(message: Message) -> bytes:
    """UTF-8, the same bytes for the same message."""
    told = {
        "version": VERSION,
        "id": identifier(message.message_id),
        "recipient": message.recipient,
        "at": to_iso(message.at),
        "subject": message.subject,
        "text": message.text,
        **message.data,
    }
    return encodable(json.dumps(told, ensure_ascii=False)).encode()


def signature(key: str, content: bytes, at: int) -> str:
    """The header's value; `at` in seconds since 1970."""
    digest = hmac.new(key.encode(), f"{at}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def verify(secret: str, header: str, content: bytes, now: float, tolerance: float = 300) -> bool:
    """Whether these bytes came from whoever knows the secret, less than `tolerance` seconds before or after `now`
    (seconds since 1970). `header` is the value of Otklik-Signature."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) < 12 and given.isascii()):
        return False
    expected = hmac.new(secret.encode(), at.encode() + b"." + content, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given) and abs(now - int(at)) <= tolerance
