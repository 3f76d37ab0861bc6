"""Mails as files: for the demo, for tests, and where another program sends them."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from monitor.alerts import Delivery, Message
from monitor.errors import StoreError, TransportError

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

    def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
        """One result per message, in order, each as soon as it is known; never raises."""
        return (self._deliver(message) for message in messages)

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
            return Delivery(message.message_id, f"письмо не записать в папку {self._folder}: {reason(error)}")
        return Delivery(message.message_id)


def eml_name(message_id: str) -> str:
    """`alert-1.eml` for `<alert-1@otklik>`."""
    from monitor.notify.mime import identifier

    return f"{identifier(message_id).partition('@')[0]}.eml"


def erase(folder: Path, message_ids: Iterable[str]) -> int:
    """Deletes the mails with these ids from a file outbox, and what a killed process left of them; how many mails
    there were. Raises StoreError when one cannot be deleted."""
    names = {eml_name(message_id) for message_id in message_ids}
    if not names or not folder.is_dir():
        return 0
    erased = 0
    try:
        for path in folder.iterdir():
            if path.name in names or unfinished_name(path.name) in names:
                path.unlink(missing_ok=True)
                erased += path.name in names
    except OSError as error:
        raise StoreError(f"письма не стереть из папки {folder}: {reason(error)}; повторите, когда исправите") from error
    return erased


def present(folder: Path, message_ids: Iterable[str]) -> list[str]:
    """The files of those mails that lie in a file outbox."""
    return sorted(name for name in {eml_name(message_id) for message_id in message_ids} if (folder / name).is_file())


def unfinished(path: Path) -> Path:
    """Where a mail grows before it gets its name."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def unfinished_name(name: str) -> str:
    """`alert-1.eml` for `.alert-1.eml.4711`, "" for other names."""
    return name[1:].rpartition(".")[0] if name.startswith(".") else ""


def reason(error: OSError) -> str:
    return REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def write(path: Path, content: bytes) -> None:
    """The whole file or none of it, even when the power goes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    growing = unfinished(path)
    try:
        with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        growing.replace(path)
    except OSError:
        with suppress(OSError):
            growing.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
