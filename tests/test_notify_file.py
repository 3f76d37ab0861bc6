"""Mails as files: whole, once, and clear errors when the disk fails."""

import errno
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Delivery
from monitor.errors import StoreError
from monitor.notify.file import FileChannel, eml_name, erase
from tests.test_notify_mime import MESSAGE, SENDER


def deliver(folder: Path, *ids: str) -> Sequence[Delivery]:
    return list(FileChannel(folder, sender=SENDER).deliver([replace(MESSAGE, message_id=name) for name in ids]))


def test_a_message_becomes_a_file_named_after_its_id(tmp_path: Path) -> None:
    assert deliver(tmp_path / "outbox", "<alert-1.support@otklik>") == [Delivery("<alert-1.support@otklik>")]
    file = tmp_path / "outbox" / "alert-1.support.eml"
    assert b"Message-ID: <alert-1.support@otklik>" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_repeated_delivery_replaces_the_same_file(tmp_path: Path) -> None:
    for _ in range(2):
        deliver(tmp_path, "<a@otklik>", "<b@otklik>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.eml", "b.eml"]


@pytest.mark.parametrize(
    "message_id", ["<../../etc/passwd@x>", "<.hidden@x>", "<a/b@x>", "<@x>", "<я@x>", "<" + "a" * 500 + "@x>"]
)
def test_no_id_leads_out_of_the_folder(tmp_path: Path, message_id: str) -> None:
    folder = tmp_path / "outbox"
    assert deliver(folder, message_id)[0].error is None
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [folder]


@given(st.text(), st.text())
def test_ids_that_are_no_names_are_safe_and_do_not_collide(one: str, other: str) -> None:
    names = [eml_name(f"<{text} @x>") for text in (one, other)]
    assert all(name.isascii() and "/" not in name and not name.startswith(".") for name in names)
    assert (names[0] == names[1]) is (one == other)


def test_a_file_in_the_folders_place_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("")
    (delivery,) = deliver(tmp_path / "outbox", "<a@x>")
    assert delivery.error is not None
    assert "на месте папки лежит файл" in delivery.error
    assert not delivery.permanent


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "нет места на диске"), (errno.EACCES, "нет прав на запись"), (errno.EIO, "error")],
)
def test_a_failing_disk_leaves_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    (delivery,) = deliver(tmp_path, "<a@x>")
    assert delivery.error is not None
    assert reason in delivery.error
    assert not delivery.permanent
    assert list(tmp_path.iterdir()) == []


def test_one_bad_address_does_not_hold_the_others(tmp_path: Path) -> None:
    bad = replace(MESSAGE, message_id="<bad@x>", recipient="nobody")
    good = replace(MESSAGE, message_id="<good@x>")
    first, second = FileChannel(tmp_path, sender=SENDER).deliver([bad, good])
    assert first.permanent
    assert second.error is None


def test_it_says_where_the_mails_go(tmp_path: Path) -> None:
    assert FileChannel(tmp_path, sender=SENDER).describe() == f"файлы .eml в папке {tmp_path}"


# --- erasing -----------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_erasing_takes_the_named_mails_and_no_others(tmp_path: Path) -> None:
    deliver(tmp_path, "<a@otklik>", "<b@otklik>", "<ab@otklik>")
    (tmp_path / "notes.txt").write_text("")
    assert erase(tmp_path, ["<a@otklik>", "<never-written@otklik>"]) == 1
    assert names(tmp_path) == ["ab.eml", "b.eml", "notes.txt"]
    assert erase(tmp_path, ["<a@otklik>"]) == 0


def test_erasing_takes_what_a_killed_process_left_of_a_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(tmp_path, "<a.1@otklik>")
    assert names(tmp_path) == [f".a.1.eml.{os.getpid()}"]
    assert erase(tmp_path, ["<a@otklik>", "<1@otklik>"]) == 0
    assert len(names(tmp_path)) == 1
    assert erase(tmp_path, ["<a.1@otklik>"]) == 0
    assert names(tmp_path) == []


def test_erasing_where_no_mail_was_ever_written_is_nothing(tmp_path: Path) -> None:
    assert erase(tmp_path / "outbox", ["<a@otklik>"]) == 0
    assert erase(tmp_path, []) == 0


@pytest.mark.parametrize("message_id", ["<../../secret@x>", "<../secret@x>", "<@x>", "<.secret@x>", "<*@x>"])
def test_erasing_never_leaves_the_folder(tmp_path: Path, message_id: str) -> None:
    folder = tmp_path / "outbox"
    deliver(folder, message_id, "<other@otklik>")
    (tmp_path / "secret.eml").write_text("")
    assert erase(folder, [message_id]) == 1
    assert names(folder) == ["other.eml"]
    assert (tmp_path / "secret.eml").exists()


def test_a_mail_that_cannot_be_erased_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.eml").mkdir()  # a folder in its place: even root cannot unlink it
    with pytest.raises(StoreError, match="письма не стереть из папки"):
        erase(tmp_path, ["<a@otklik>"])
