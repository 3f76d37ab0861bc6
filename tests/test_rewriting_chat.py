"""A real server as the rewriter: what it gets, what of its answer is taken, every way it can fail."""

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ConfigError
from monitor.rewriting.chat import LARGEST_ANSWER, ChatRewriter
from responders.rewriter import Prompt, RewriteError
from tests.session_rig import SECRET, Site, serving
from tests.test_responders_choose import situation
from tests.test_session_wire import self_signed

ABOUT = situation(2, "Суп холодный", author="Анна К.")
MUTE = situation(None, "", author="")
PATH = "/v1/chat/completions"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def rewriter(base_url: str, *, key: str = SECRET, timeout: float = 5) -> ChatRewriter:
    limit = timedelta(seconds=timeout)
    return ChatRewriter(base_url, model="редактор-1", key=lambda: key, timeout=limit, prompt=Prompt())


def failure(asked: ChatRewriter) -> str:
    with pytest.raises(RewriteError) as caught:
        asked.rewrite("Спасибо!", ABOUT)
    assert SECRET not in str(caught.value)
    assert "Суп" not in str(caught.value)
    return str(caught.value)


def says(content: object) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


def test_the_server_gets_the_instruction_the_draft_and_the_key(site: Site) -> None:
    site.page(PATH, says("Большое спасибо!"))
    assert rewriter(site.url("/v1")).rewrite("Спасибо!", MUTE) == "Большое спасибо!"
    (seen,) = site.seen
    assert (seen.method, seen.path) == ("POST", PATH)
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert headers["content-type"] == "application/json"
    assert "cookie" not in headers
    body = json.loads(seen.body)
    assert body["model"] == "редактор-1"
    system, user = body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"] == "Черновик:\n<<<\nСпасибо!\n>>>"


def test_without_a_key_none_is_sent(site: Site) -> None:
    site.page(PATH, says("Спасибо"))
    rewriter(site.url("/v1"), key="").rewrite("Спасибо!", MUTE)
    assert "authorization" not in {name.lower() for name in site.seen[0].headers}


def test_a_review_that_may_leave_stands_in_the_message(site: Site) -> None:
    site.page(PATH, says("Спасибо"))
    rewriter(site.url("/v1")).rewrite("Спасибо!", ABOUT)
    words = json.loads(site.seen[0].body)["messages"][1]["content"]
    assert "Суп холодный" in words
    assert "Анна К." in words


@pytest.mark.parametrize(
    ("status", "told"),
    [(500, "код 500"), (404, "код 404"), (429, "код 429"), (401, "ключ не принят"), (204, "код 204")],
)
def test_another_status_is_a_failure_with_its_number(site: Site, status: int, told: str) -> None:
    site.page(PATH, b"", status=status)
    assert told in failure(rewriter(site.url("/v1")))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}",
        b'{"choices": []}', b'{"choices": [{}]}', b'{"choices": 7}', b"\xff", b"[" * 100_000,
        says(None), says(["a"]), says({"a": 1}),
    ],
)  # fmt: skip
def test_nonsense_is_no_answer(site: Site, body: bytes) -> None:
    site.page(PATH, body)
    assert failure(rewriter(site.url("/v1"))) == "сервер ответил не так, как отвечают серверы чата"


def test_a_redirect_is_not_followed(site: Site) -> None:
    with serving() as other:
        other.page(PATH, says("Спасибо"))
        for status in (301, 302, 307, 308):
            site.page(PATH, b"", status=status, Location=other.url(PATH))
            assert "переадресует" in failure(rewriter(site.url("/v1")))
        assert other.seen == []


def test_an_answer_has_a_largest_size(site: Site) -> None:
    site.page(PATH, says("я" * LARGEST_ANSWER))
    assert "больше 256 КиБ" in failure(rewriter(site.url("/v1")))


def test_a_server_that_falls_silent_is_given_up(site: Site) -> None:
    site.raw(PATH, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"{", every=2)
    assert "не ответил за 0.2 с" in failure(rewriter(site.url("/v1"), timeout=0.2))


def test_nobody_at_the_address(site: Site) -> None:
    with serving() as gone:
        address = gone.url("/v1")
    assert "не удалось соединиться" in failure(rewriter(address))


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context: ssl.SSLContext = self_signed(tmp_path)
    with serving(context) as secure:
        secure.page(PATH, says("Спасибо"))
        assert "сертификат" in failure(rewriter(f"https://localhost:{secure.port}/v1"))
        assert secure.seen == []


def test_a_missing_key_is_a_failure_that_names_the_variable() -> None:
    def missing() -> str:
        raise ConfigError("set the environment variable LLM_KEY", path="rewriter.key_env")

    asked: Any = ChatRewriter(
        "http://127.0.0.1:9/v1", model="m", key=missing, timeout=timedelta(seconds=1), prompt=Prompt()
    )
    assert "LLM_KEY" in failure(asked)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_of_the_environment_gets_nothing(site: Site, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page(PATH, says("Спасибо"))
    with serving() as proxy:
        monkeypatch.setenv(variable, proxy.url())
        assert rewriter(site.url("/v1")).rewrite("Спасибо!", MUTE) == "Спасибо"
        assert proxy.seen == []
