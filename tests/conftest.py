"""What every test may ask for."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings

from monitor.cli.main import main
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.rig import NOON, Rig

# A busy machine is no failure: properties are about answers, not about how fast they come.
settings.register_profile("otklik", deadline=None)
settings.load_profile("otklik")

REQUIRED = frozenset(filter(None, os.environ.get("OTKLIK_REQUIRE", "").split(",")))


def missing(name: str, reason: str) -> None:
    """Skips with the reason, or fails where CI requires `name`."""
    if name in REQUIRED:
        pytest.fail(f"OTKLIK_REQUIRE names {name}, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of captures and labelled data beside the project."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        missing("shared", f"there is no {folder.name}/ beside the project: captures and labelled data are not at hand")
    return folder


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in's secrets, as an administrator would export them."""
    for name, value in STAND_IN_ENV.items():
        monkeypatch.setenv(name, value)


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Otklik = Callable[..., Result]


@pytest.fixture
def otklik(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Otklik:
    """Runs `otklik ARGS…` in an empty folder, in this process. `stdin`: a text, bytes, or None when it is closed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OTKLIK_CONFIG", raising=False)
    monkeypatch.setenv("OTKLIK_USER", "anna")

    def run(*arguments: object, stdin: str | bytes | None = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["otklik", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", _stream(stdin))
        code = 0
        try:
            with mock.patch.dict(os.environ):  # what a command sets ends with its process
                main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


def _stream(stdin: str | bytes | None) -> io.TextIOBase | None:
    if isinstance(stdin, bytes):
        return io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii")  # as in the locale C: it must not matter
    return None if stdin is None else io.StringIO(stdin)


@pytest.fixture
def cafe(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """A database with the demo's café, one pass old; `config.yaml` beside it."""
    rig = Rig(tmp_path, World.demo(NOON))
    rig.run()
    yield rig
    rig.app.close()
