"""What systemd hears of the worker, over a real socket; and that the units call commands that exist."""

import re
import shlex
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli.main import cli
from monitor.config import Http
from monitor.runners import systemd

UNITS = sorted((Path(__file__).parent.parent / "deploy").glob("otklik*"))


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(path)
        ear.settimeout(5)
        yield path, ear


def test_systemd_hears_that_the_worker_lives(listener: tuple[str, socket.socket]) -> None:
    path, ear = listener
    assert systemd.tell(systemd.READY, path)
    assert systemd.tell(systemd.ALIVE, path)
    assert [ear.recv(64), ear.recv(64)] == [b"READY=1", b"WATCHDOG=1"]


def test_an_abstract_socket_is_found_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(b"\0otklik-test-notify")
        ear.settimeout(5)
        assert systemd.tell(systemd.ALIVE, "@otklik-test-notify")
        assert ear.recv(64) == b"WATCHDOG=1"


def test_without_systemd_nobody_is_told_and_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.tell(systemd.READY)
    assert not systemd.tell(systemd.READY, str(tmp_path / "nobody"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: str(unit.name))
def test_every_unit_calls_a_command_of_ours_and_says_where_it_belongs(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert f"/etc/systemd/system/{unit.name}" in text
    for line in re.findall(r"^ExecStart=(.*)$", text, re.M):
        program, option, config, command = shlex.split(line)
        assert (Path(program).name, option, Path(config).name) == ("otklik", "-c", "config.yaml")
        assert command in cli.list_commands(None)  # type: ignore[arg-type]  # it needs no context
    if unit.suffix == ".timer":
        assert (unit.with_suffix(".service")).exists()


def test_the_units_are_there() -> None:
    assert {unit.suffix for unit in UNITS} == {".service", ".timer"}


def test_a_worker_that_is_stopped_may_finish_its_pass() -> None:
    text = next(unit for unit in UNITS if unit.name == "otklik.service").read_text(encoding="utf-8")
    (minutes,) = re.findall(r"^TimeoutStopSec=(\d+)min$", text, re.M)
    assert timedelta(minutes=int(minutes)) > Http().pass_budget
