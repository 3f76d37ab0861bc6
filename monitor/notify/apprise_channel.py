"""Short messages through Apprise: Telegram, and whatever else an address names. Apprise is an extra, and loads with the
first message."""

import html
import logging
import threading
import warnings
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.alerts import Delivery, Message
from monitor.errors import TransportError
from monitor.notify.router import NOT_SENT

if TYPE_CHECKING:
    from apprise import Apprise

EXTRA = "pip install 'otklik[channels]'"

NO_EXTRA = f"Apprise не установлен: {EXTRA}"
NO_SERVICE = "адрес не похож ни на один из тех, что знает Apprise"
REFUSED = "сообщение не принято: проверьте адрес и открывается ли сам сервис с этого сервера"

TEXT_LIMIT = 3500
"""Characters, the subject's among them: Telegram takes 4096."""

MORE = "…\n\nПоказано начало. Всё целиком: otklik queue list"

DEADLINE = timedelta(seconds=30)
"""For one message: Apprise knows a hundred services, and not each of them gives up in time."""


class AppriseChannel:
    """`name` as in config.yaml; `url` is a secret, and stands in no result. It should lead to one chat: where it names
    several and one of them refuses, the others get the message again."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        deadline: timedelta = DEADLINE,
    ) -> None:
        self._name = name
        self._url = url
        self._deadline = deadline.total_seconds()

    def describe(self) -> str:
        return f"канал {self._name} (Apprise)"

    def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
        """One result per message, in order, each as soon as it is known; never raises. What fails is tried again:
        Apprise tells nothing of why."""
        broken = ""
        for message in messages:
            if broken:
                yield Delivery(message.message_id, self._failure(f"{broken}; {NOT_SENT}"))
                continue
            try:
                self._send(message)
                yield Delivery(message.message_id)
            except TimeoutError:
                broken = f"сервис не уложился в {self._deadline:g} с"
                yield Delivery(message.message_id, self._failure(broken))
            except TransportError as error:
                yield Delivery(message.message_id, self._failure(str(error)))

    def _failure(self, problem: str) -> str:
        return f"канал {self._name}: {problem}"

    @cached_property
    def _service(self) -> "Apprise":
        return service(self._url)

    def _send(self, message: Message) -> None:
        """Raises TransportError, or TimeoutError when the service had its time; it may still come to an end then."""
        made = self._service
        accepted: list[bool] = []

        def notify() -> None:
            from apprise import NotifyFormat

            accepted.append(
                bool(made.notify(title=message.subject, body=short(message), body_format=NotifyFormat.TEXT))
            )

        def guarded() -> None:
            try:
                notify()
            except Exception:  # noqa: BLE001 - a service of somebody else's: whatever it raises may hold the address
                accepted.append(False)

        thread = threading.Thread(target=guarded, name=f"channel-{self._name}", daemon=True)
        thread.start()
        thread.join(self._deadline)
        if not accepted:
            raise TimeoutError
        if not accepted[0]:
            raise TransportError(REFUSED, permanent=False)


def service(url: str) -> "Apprise":
    """What Apprise makes of the address. Raises TransportError when it is not installed, or makes nothing of it."""
    try:
        from apprise import Apprise, AppriseAsset
    except ImportError:
        raise TransportError(NO_EXTRA, permanent=False) from None
    for library in ("apprise", "urllib3", "requests"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)  # their words may hold the address
    asset = AppriseAsset(app_id="otklik", app_desc="otklik", app_url="", async_mode=False)
    made = Apprise(asset=asset)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks through all its services, and some of them grow old
            one = Apprise.instantiate(url, asset=asset)
    except Exception:  # noqa: BLE001 - a service of somebody else's: whatever it raises may hold the address
        one = None
    if one is None or not made.add(one):
        raise TransportError(NO_SERVICE, permanent=False)
    return made


def short(message: Message) -> str:
    """The mail's text as far as a messenger takes it; the subject, which stands above, is not said again."""
    left = TEXT_LIMIT - weight(message.subject)
    text = message.text.strip().removeprefix(message.subject).strip()
    if weight(text) <= left:
        return text
    left -= weight(MORE)
    end = 0
    for end, character in enumerate(text):  # noqa: B007 - where it stops is the answer
        left -= weight(character)
        if left < 0:
            break
    return text[:end].rstrip() + MORE


def weight(text: str) -> int:
    """Characters as services count them: UTF-16, and `&` as `&amp;`."""
    return len(html.escape(text).encode("utf-16-le", "replace")) // 2
