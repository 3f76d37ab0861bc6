"""One channel out of many: each message goes where its recipient says."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import timedelta

from monitor.alerts import Delivery, Message
from monitor.config_channels import channel_of
from monitor.errors import ConfigError, TransportError
from monitor.seams import Channel

BATCH_TIME = timedelta(seconds=60)
"""A channel that takes longer for a batch gets the rest of it with the next one: the pass has more to do."""

NOT_SENT = "до этого сообщения очередь не дошла"


class Router:
    """`makers`: e-mail under "" and the channels of config.yaml, each made with its first message. One that cannot be
    made, because its secret is missing, fails what is meant for it and nothing else."""

    def __init__(
        self, makers: Mapping[str, Callable[[], Channel]], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._makers = makers
        self._monotonic = monotonic
        self._made: dict[str, Channel] = {}

    def deliver(self, messages: Sequence[Message]) -> Generator[Delivery, None, None]:
        """One result per message, in order, each as soon as it is known. Every channel gets its messages as one batch,
        whatever stands between them."""
        batches: dict[str, list[Message]] = {}
        for message in messages:
            batches.setdefault(channel_of(message.recipient), []).append(message)
        results = {name: self._deliver(name, batch) for name, batch in batches.items()}
        try:
            for message in messages:
                yield next(results[channel_of(message.recipient)])
        finally:
            for result in results.values():
                result.close()

    def describe(self) -> str:
        """Where mails go."""
        return self.at("").describe()

    def at(self, recipient: str) -> Channel:
        """The channel that serves a recipient. Raises TransportError when nobody described it, ConfigError when its
        secret is missing."""
        name = channel_of(recipient)
        if name not in self._makers:
            raise TransportError(f"канала {name} больше нет в config.yaml (channels)", permanent=True)
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def _deliver(self, name: str, messages: Sequence[Message]) -> Generator[Delivery, None, None]:
        try:
            channel = self.at(messages[0].recipient)
        except TransportError as error:
            yield from (Delivery(message.message_id, str(error), error.permanent) for message in messages)
        except ConfigError as error:
            who = f"канал {name}" if name else "почта"
            problem = f"{who}: нет секрета, который называет {error.path}; проверьте: otklik check"
            yield from (Delivery(message.message_id, problem) for message in messages)
        else:
            if not name:
                yield from channel.deliver(messages)
                return
            until = self._monotonic() + BATCH_TIME.total_seconds()
            results = iter(channel.deliver(messages))
            for message in messages:
                late = self._monotonic() >= until
                yield Delivery(message.message_id, f"канал {name}: {NOT_SENT}") if late else next(results)
