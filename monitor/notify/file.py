"""Mails as files: for the demo, for tests, and where another program sends them."""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from monitor.errors import TransportError
from monitor.model import Delivery, Message

REASONS = {
    errno.ENOSPC: "нет места на диске",
    errno.EDQUOT: "исчерпана квота на диске",
    errno.EACCES: "нет прав на запись",
    errno.EPERM: "нет прав на запись",
    errno.EROFS: "диск только для чтения",
    errno.ENOTDIR: "на месте папки лежит файл",
    errno.EEXIST: "на месте папки лежит файл",
}


class FileChannel:
    """Writes each message into `folder`, named by `eml_name`; a repeated delivery replaces the same file.

    The files hold reviews and addresses: only their owner may read them.
    """

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def deliver(self, messages: Sequence[Message]) -> Sequence[Delivery]:
        return [self._deliver(message) for message in messages]

    def describe(self) -> str:
        return f"файлы .eml в папке {self._folder}"

    def _deliver(self, message: Message) -> Delivery:
        from monitor.notify.mime import mail

        try:
            content = mail(message, self._sender).as_bytes()
            write(self._folder / eml_name(message.message_id), content)
        except TransportError as error:
            return Delivery(message.message_id, str(error), error.permanent)
        except OSError as error:
            reason = REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
            return Delivery(message.message_id, f"письмо не записать в папку {self._folder}: {reason}")
        return Delivery(message.message_id)


def eml_name(message_id: str) -> str:
    """`alert-1.eml` for `<alert-1@otklik>`."""
    from monitor.notify.mime import identifier

    return f"{identifier(message_id).partition('@')[0]}.eml"


def write(path: Path, content: bytes) -> None:
    """The whole file or none of it, even when the power goes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
