"""A server that speaks the chat protocol of OpenAI: POST {base_url}/chat/completions.

Over `monitor.session.wire`: verified TLS, no redirects, no cookies, no proxies of the environment, deadlines, a size
cap. The owner named the server, so addresses inside the network are fine.
"""

import json
import time
from collections.abc import Callable
from datetime import timedelta

from monitor.errors import ConfigError, FetchError
from responders.rewriter import Prompt, RewriteError
from responders.types import Situation

LARGEST_ANSWER = 256 << 10
"""Bytes."""


class ChatRewriter:
    """`key` answers the bearer token, "" for none, and may raise ConfigError. `timeout` holds for connecting and for
    each silence; a whole exchange may take three."""

    def __init__(
        self, base_url: str, *, model: str, key: Callable[[], str], timeout: timedelta, prompt: Prompt
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = key
        self._timeout = timeout.total_seconds()
        self._prompt = prompt

    def rewrite(self, draft_text: str, situation: Situation) -> str:
        """Raises RewriteError."""
        messages = [
            {"role": "system", "content": self._prompt.instruction(situation)},
            {"role": "user", "content": self._prompt.message(draft_text, situation)},
        ]
        body = json.dumps({"model": self._model, "messages": messages, "stream": False}).encode()
        return _content(self._post(body))

    def _post(self, body: bytes) -> bytes:
        import httpx

        from monitor.session.addresses import resolve
        from monitor.session.redirects import host_of
        from monitor.session.wire import Wire

        url = httpx.URL(f"{self._base_url}/chat/completions")
        headers = self._headers(url.netloc.decode("ascii"))
        host = host_of(url)
        wire = Wire(
            host,
            secure=url.scheme == "https",
            timeout=self._timeout,
            allow_loopback=True,
            allow_inside=True,
            resolve=resolve,
            monotonic=time.monotonic,
        )
        try:
            answer = wire.exchange(url, headers, None, LARGEST_ANSWER, content=body)
        finally:
            wire.close()
        if isinstance(answer, FetchError):
            raise RewriteError(str(answer)) from None
        if answer.status != 200:
            raise RewriteError(f"{host}: {_refusal(answer.status)}")
        return answer.body

    def _headers(self, netloc: str) -> dict[str, str]:
        try:
            key = self._key()
        except ConfigError as error:
            raise RewriteError(str(error)) from None
        return {
            "host": netloc,
            "user-agent": "otklik",
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "gzip",
            **({"authorization": f"Bearer {key}"} if key else {}),
        }


def _refusal(status: int) -> str:
    if status in (401, 403):
        return f"ключ не принят (код {status})"
    return "переадресует; черновик дальше не передаём" if 300 <= status < 400 else f"код {status}"


def _content(body: bytes) -> str:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        content = None
    if not isinstance(content, str):
        raise RewriteError("сервер ответил не так, как отвечают серверы чата")
    return content
