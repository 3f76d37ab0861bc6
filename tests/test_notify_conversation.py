"""Mail servers that would hold a pass for ever: bare sockets that drip, chatter, or answer in no known tongue."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.notify.conversation import STEP_BYTES, Conversation
from tests.test_notify_smtp import channel, messages, outcome

Behaviour = Callable[[socket.socket], None]

SHORT = timedelta(seconds=0.05)
SLOW = "сервер не уложился в отведённое время, см. mail.timeout"
ENDLESS = "сервер говорит без конца"
FOREIGN = "ответы сервера не похожи на SMTP"


@contextmanager
def behaving(behave: Behaviour) -> Iterator[int]:
    """A server for one connection, on a free port."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.join(timeout=10)
            assert not server.is_alive(), "nobody hung up on this server"


def dripping(*drops: bytes) -> Behaviour:
    """The first drop at once, the last one again and again, until the other side hangs up."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(drops[0])
        connection.settimeout(0.01)
        while True:
            try:
                if not connection.recv(1 << 16):
                    return
            except TimeoutError:
                connection.sendall(drops[-1])

    return behave


def chattering(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"250-and another thing\r\n" * 1000)


def saying(answer: bytes) -> Behaviour:
    """One answer, then listening until the other side hangs up."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(answer)
        while connection.recv(1 << 16):
            pass

    return behave


def polite_until(command: bytes, behave: Behaviour, ok: bytes = b"250 OK\r\n") -> Behaviour:
    """A mail server up to the first line that starts with `command`; what it does then is `behave`."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 ready\r\n")
        with connection.makefile("rb") as lines:
            in_mail = False
            for line in lines:
                if line.startswith(command):
                    behave(connection)
                    return
                if line == b"data\r\n":
                    in_mail = True
                    connection.sendall(b"354 go on\r\n")
                elif not in_mail or line == b".\r\n":
                    in_mail = False
                    connection.sendall(ok)

    return serve


STAGES: Mapping[str, Callable[[Behaviour], Behaviour]] = {
    "greeting": lambda behave: behave,
    "ehlo": lambda behave: polite_until(b"ehlo", behave),
    "sender": lambda behave: polite_until(b"mail", behave),
    "recipient": lambda behave: polite_until(b"rcpt", behave),
    "data": lambda behave: polite_until(b"data", behave),
    "end of the mail": lambda behave: polite_until(b".\r\n", behave),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("drops", [(b"2",), (b"250-\r\n",)], ids=["bytes", "lines"])
def test_a_server_that_drips_is_given_up(stage: str, drops: tuple[bytes, ...]) -> None:
    with behaving(STAGES[stage](dripping(*drops))) as port:
        deliveries = list(channel(port, timeout=SHORT).deliver(messages("a@example.ru", "b@example.ru")))
    assert outcome(deliveries) == ["later", "later"]
    assert SLOW in (deliveries[0].error or "")


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_talks_without_end_is_given_up(stage: str) -> None:
    with behaving(STAGES[stage](chattering)) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru")))
    assert outcome(deliveries) == ["later", "later"]
    assert ENDLESS in (deliveries[0].error or "")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"000 OK\r\n", b"-25 OK\r\n", b"\r\n", b"250 " + b"y" * STEP_BYTES],
    ids=["http", "zero", "negative", "empty", "a line without end"],
)
def test_an_answer_that_is_not_smtp_is_no_acceptance_and_no_refusal(stage: str, answer: bytes) -> None:
    with behaving(STAGES[stage](saying(answer))) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru")))
    assert outcome(deliveries) == ["later", "later"]
    assert FOREIGN in (deliveries[0].error or "")


def test_a_server_that_drips_its_part_of_the_handshake_is_given_up() -> None:
    with behaving(dripping(b"\x16\x03\x03\x40\x00", b"\x00")) as port:
        deliveries = list(channel(port, tls="implicit", timeout=SHORT).deliver(messages("a@example.ru")))
    assert outcome(deliveries) == ["later"]
    assert SLOW in (deliveries[0].error or "")


def test_a_server_that_never_reads_the_mail_is_given_up() -> None:
    given_up = threading.Event()

    def deaf(connection: socket.socket) -> None:
        connection.sendall(b"354 go on\r\n")
        given_up.wait(timeout=10)

    long = [replace(message, text="ы" * 3_000_000) for message in messages("a@example.ru")]
    with behaving(polite_until(b"data", deaf)) as port:
        deliveries = list(channel(port, timeout=timedelta(seconds=0.2)).deliver(long))
        given_up.set()
    assert outcome(deliveries) == ["later"]
    assert SLOW in (deliveries[0].error or "")


def test_a_server_that_will_not_greet_can_be_mended() -> None:
    with behaving(polite_until(b"ehlo", saying(b"550 no\r\n550 no\r\n221 bye\r\n"))) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru")))
    assert outcome(deliveries) == ["later"]
    assert "сервер не стал разговаривать (ответ 550)" in (deliveries[0].error or "")


def test_what_was_sent_before_the_server_fell_ill_stays_sent() -> None:
    with behaving(polite_until(b"rcpt TO:<b@example.ru>", dripping(b"2"))) as port:
        server = channel(port, timeout=timedelta(seconds=0.2))
        deliveries = list(server.deliver(messages("a@example.ru", "b@example.ru", "c@example.ru")))
    assert outcome(deliveries) == ["sent", "later", "later"]
    assert "очередь не дошла" in (deliveries[2].error or "")


def test_every_mail_has_a_limit_of_its_own() -> None:
    """What a talkative server says about three mails is more than a step allows, about one it is not."""
    with behaving(polite_until(b"quit", saying(b"221 bye\r\n"), ok=b"250-well\r\n" * 1500 + b"250 OK\r\n")) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru", "c@example.ru")))
    assert outcome(deliveries) == ["sent", "sent", "sent"]


def test_a_dead_address_of_a_server_does_not_hide_a_living_one(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def two_addresses(host: str, port: int, *args: int, **kwargs: int) -> list[Any]:
        if host != "mail.example.ru":
            return list(real(host, port, *args, **kwargs))
        return [*real("127.0.0.2", port, *args, **kwargs), *real("127.0.0.1", port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    with behaving(polite_until(b"quit", saying(b"221 bye\r\n"))) as port:
        client = Conversation("mail.example.ru", port, timeout=5)
        client.quit()
    assert client.sock is None
