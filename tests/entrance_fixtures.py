"""Fixtures of the entrance's tests, which name this module in `pytest_plugins`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from tests.entrance_rig import PUBLIC, SECRET, opened
from tests.rig import NOON, Rig


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a café before its first pass."""
    folder = tmp_path_factory.mktemp("entrance")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(folder, World.demo(NOON))
        assert rig.app.store.tickets
        rig.app.close()
    return folder


@pytest.fixture
def rig(empty: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """At 127.0.0.1, without a `desk:` in the config."""
    yield from opened(empty, tmp_path)


@pytest.fixture
def public(empty: Path, tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Behind a proxy with TLS."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    yield from opened(empty, tmp_path, PUBLIC)
