"""SMTP with an end to everything: smtplib times single reads, so that a server that drips a byte at a time, or talks
on and on, would hold a pass for ever."""

import io
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

STEP_TIMEOUTS = 3
"""A step (connecting and logging in; one mail) may take this many timeouts."""

STEP_BYTES = 1 << 16
"""What a server may say in one step; a real one needs a few hundred bytes."""

RECORD = 1 << 14
"""Bytes of one TLS record: a socket's timeout holds for one, not for all that `sendall` is given."""


class Misconduct(smtplib.SMTPServerDisconnected):
    """We hung up on a server that does not keep to SMTP. The message says why, in Russian."""


class Conversation(smtplib.SMTP):
    """Connects at once, and encrypted when `tls` is given; `timeout` is in seconds.

    Connecting is the first step and `begin` starts another. Whatever outlives its step raises what smtplib raises for
    a silent server: SMTPServerDisconnected or OSError, with a TimeoutError as itself or its context.
    """

    def __init__(self, host: str, port: int, *, timeout: float, tls: ssl.SSLContext | None = None) -> None:
        self.timeout = timeout
        self._tls = tls
        self.begin()
        super().__init__(host, port, timeout=timeout)

    def begin(self) -> None:
        self._ends_at = time.monotonic() + STEP_TIMEOUTS * self.timeout
        self._heard = 0

    def left(self) -> float:
        """Seconds that the next read or write may take. Raises TimeoutError when the step is over."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self.timeout)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        """smtplib's seam. A name may have many addresses; the step has to do for all of them."""
        connection = self._connected(host, port)
        if self._tls is None:
            return connection
        connection.settimeout(self.left())
        return self._tls.wrap_socket(connection, server_hostname=host)

    def _connected(self, host: str, port: int) -> socket.socket:
        *others, last = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in others:
            with suppress(OSError):
                return socket.create_connection((address, port), self.left())
        return socket.create_connection((last, port), self.left())

    def send(self, s: "ReadableBuffer | str") -> None:
        content = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(content), RECORD):
            if self.sock is not None:
                self.sock.settimeout(self.left())
            super().send(content[start : start + RECORD])

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Ear(self))
        try:
            code, said = super().getreply()
        except smtplib.SMTPResponseException:  # a line too long for smtplib
            code, said = -1, b""
        if not 200 <= code <= 599:
            self.close()
            raise Misconduct("ответы сервера не похожи на SMTP") from None
        return code, said

    def hear(self, buffer: "WriteableBuffer") -> int:
        """Reads what the server says next."""
        if self.sock is None:
            return 0
        self.sock.settimeout(self.left())
        count = self.sock.recv_into(buffer)
        self._heard += count
        if self._heard > STEP_BYTES:
            raise Misconduct("сервер говорит без конца")
        return count


class _Ear(io.RawIOBase):
    """Where smtplib reads lines from; unlike a socket's own file it asks the conversation before every read."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        return self._conversation.hear(buffer)
